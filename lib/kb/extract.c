/* extract - bytes of a document to its text, in blocks */
#include <stdlib.h>
#include <string.h>

#include "base/eight.h"
#include "base/err.h"
#include "base/utf8.h"
#include "kb/block.h"
#include "kb/boilerplate.h"
#include "kb/office.h"
#include "kb/record.h"
#include "kb/tool.h"
#include "kb/type.h"

#define TITLE_MAX_BYTES 300

const char *const kb_type_names[] = { "text", "markdown", "html", "pdf", "docx",
	"pptx", "xlsx", "odt", "odp", "ods", "epub", "rtf", "csv", "eml", "msg",
	"doc", "xls", "ppt", "xml", "json", "image", "zip" };
const size_t kb_type_count = sizeof(kb_type_names) / sizeof(kb_type_names[0]);

int
kb_block_page(const struct kb_block *b, size_t at)
{
	size_t n = b->turns;

	while (n > 0 && b->turn[n - 1].at > at)
		n--;
	return n > 0 ? b->turn[n - 1].page : b->page;
}

void
kb_block_turn(struct kb_block *b, size_t at, int page)
{
	if ((b->turns & (b->turns - 1)) == 0)
		b->turn = xrealloc(b->turn,
		    (b->turns ? 2 * b->turns : 1) * sizeof(*b->turn));
	b->turn[b->turns++] = (struct kb_turn){ at, page };
}

void
kb_block_release(struct kb_block *b)
{
	free(b->text);
	free(b->turn);
}

void
kb_text_release(struct kb_text *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		kb_block_release(&t->block[i]);
	free(t->block);
	for (i = 0; i < t->ndropped; i++)
		free(t->dropped[i].line);
	free(t->dropped);
	for (i = 0; i < t->members; i++) {
		free(t->member[i].name);
		free(t->member[i].bytes);
	}
	free(t->member);
	free(t->title);
	free(t->language);
	memset(t, 0, sizeof(*t));
}

/* Blanks folded, cut at a character; NULL if nothing is left. Frees text. */
static char *
clean_title(char *text)
{
	struct kb_text scratch = { 0 };
	struct blocks b = { .text = &scratch, .max = SIZE_MAX };
	char *result = NULL;

	if (text == NULL)
		return NULL;
	blocks_add(&b, BLOCK_PARAGRAPH, 0, text, strlen(text));
	if (scratch.count > 0)
		result = xstrndup(scratch.block[0].text,
		    utf8_cut(scratch.block[0].text,
			strlen(scratch.block[0].text), TITLE_MAX_BYTES));
	kb_text_release(&scratch);
	free(text);
	return result;
}

void
kb_text_member(struct kb_text *t, const char *name, const char *bytes,
    size_t len)
{
	if ((t->members & (t->members - 1)) == 0)
		t->member = xrealloc(t->member,
		    (t->members ? 2 * t->members : 1) * sizeof(*t->member));
	t->member[t->members].name = utf8_mend(name, strlen(name));
	t->member[t->members].bytes = xstrndup(bytes, len);
	t->member[t->members++].len = len;
}

/* The members of an archive that may be documents. */
static int
take_members(struct container *c, struct blocks *b)
{
	const char *name, *slash;
	size_t i, len, total = 0;
	char *bytes;
	int code = 0;

	for (i = 0; code == 0 && i < container_count(c); i++) {
		name = container_name(c, i);
		slash = strrchr(name, '/');
		/* As in folders; and what a Macintosh puts beside them. */
		if ((slash != NULL ? slash[1] : *name) == '.' ||
		    str_starts(name, "__MACOSX/") || !kb_name_is_document(name))
			continue;
		code = container_load(c, name, b->max - total, &bytes, &len);
		if (code < 0)
			break;
		total += len;
		kb_text_member(b->text, name, bytes, len);
		free(bytes);
	}
	if (code == 0 && b->text->members == 0)
		code = err_set(ERR_DATA, "is a zip archive without documents");
	return code;
}

/* Most want no password, and those that do are not opened with none. */
static int
read_pdf(const char *bytes, size_t len, const char *password, struct blocks *b)
{
	int code = extract_pdf(bytes, len, NULL, b);

	return code == ERR_DATA && password != NULL && b->text->count == 0 ?
	    extract_pdf(bytes, len, password, b) :
	    code;
}

static int
read_bytes(const char *bytes, size_t len, const char *password,
    const struct told *told, struct blocks *b)
{
	switch (told->type) {
	case KB_TEXT_PDF:
		return read_pdf(bytes, len, password, b);
	case KB_TEXT_DOCX:
		return extract_docx(told->container, told->part, b);
	case KB_TEXT_PPTX:
		return extract_pptx(told->container, told->part, b);
	case KB_TEXT_XLSX:
		return extract_xlsx(told->container, told->part, b);
	case KB_TEXT_ODT:
	case KB_TEXT_ODP:
	case KB_TEXT_ODS:
		return extract_odt(told->container, b);
	case KB_TEXT_EPUB:
		return extract_epub(told->container, b);
	case KB_TEXT_ZIP:
		return take_members(told->container, b);
	case KB_TEXT_RTF:
		return extract_rtf(bytes, len, b);
	case KB_TEXT_MSG:
		return extract_msg(bytes, len, b);
	case KB_TEXT_DOC:
		return extract_doc(bytes, len, b);
	case KB_TEXT_XLS:
		return extract_xls(bytes, len, b);
	case KB_TEXT_PPT:
		return extract_ppt(bytes, len, b);
	default:
		return extract_image(bytes, len, b);
	}
}

static int
read_text(const char *bytes, size_t len, const char *name, struct told *told,
    struct blocks *b)
{
	bool is_page = false;
	size_t text_len, i, k;
	char *text = text_utf8(bytes, len, NULL, true, &text_len);
	int code;

	/* Markdown and lists are read by lines; one kind of end is enough. */
	for (i = k = 0; i < text_len; i++)
		if (text[i] != '\r')
			text[k++] = text[i];
		else if (i + 1 == text_len || text[i + 1] != '\n')
			text[k++] = '\n';
	text[text_len = k] = '\0';
	type_of_text(text, text_len, name, told);
	switch (told->type) {
	case KB_TEXT_HTML:
		code = extract_html(text, text_len, b);
		break;
	case KB_TEXT_MARKDOWN:
		code = extract_markdown(text, text_len, b);
		break;
	case KB_TEXT_CSV:
		code = extract_csv(text, text_len, told->delimiter, b);
		break;
	case KB_TEXT_EML:
		/* Each of its parts has a charset of its own. */
		code = extract_eml(bytes, len, b, &is_page);
		if (is_page)
			told->type = KB_TEXT_HTML;
		break;
	case KB_TEXT_ODT:
	case KB_TEXT_ODP:
	case KB_TEXT_ODS:
		code = extract_flat_odt(text, text_len, b);
		break;
	case KB_TEXT_XML:
		code = extract_xml(text, text_len, b);
		break;
	case KB_TEXT_JSON:
		code = extract_json(text, text_len, b);
		if (code != ERR_NO)
			break;
		told->type = KB_TEXT_PLAIN;
		/* fallthrough */
	default:
		code = extract_plain(text, text_len, b);
	}
	free(text);
	return code;
}

int
kb_extract_protected(const char *bytes, size_t len, const char *name,
    const char *password, size_t output_max_bytes, struct kb_text *ret)
{
	struct kb_text t = { 0 };
	struct blocks b = { .text = &t, .max = output_max_bytes, .url = name };
	struct told told = { 0 };
	int code = type_of_bytes(bytes, len, &told);

	if (code == 1)
		code = read_bytes(bytes, len, password, &told, &b);
	else if (code == 0)
		code = read_text(bytes, len, name, &told, &b);
	t.type = told.type;
	told_release(&told);
	t.title = clean_title(t.title);
	t.language = clean_title(t.language);
	if (code == 0 && t.type != KB_TEXT_PDF)
		boilerplate_of_pages(&t);
	if (code == 0 && b.full)
		code = err_set(ERR_DATA, "has more than %zu MiB of text",
		    output_max_bytes >> 20);
	if (code == 0 && t.count == 0 && t.members == 0)
		code = err_set(ERR_DATA, "has no text");
	if (code < 0)
		kb_text_release(&t);
	else
		*ret = t;
	return code;
}

bool
kb_is_plain(const char *text, size_t len, const char *name)
{
	struct told told = { .container = NULL };
	bool is_plain;
	size_t i;

	/* Other formats that are text to the eye, and all that is not. */
	if (!utf8_valid(text, len) || len < 2 || *text == '%' || *text == '{' ||
	    memcmp(text, "PK", 2) == 0)
		return false;
	for (i = 0; i < len; i++) {
		/* Most lines are long, and without such signs. */
		while (i + 8 < len && eight_below(eight_at(text + i), ' ') == 0)
			i += 8;
		if ((unsigned char)text[i] < ' ' &&
		    memchr("\t\n\r", text[i], 3) == NULL)
			return false;
	}
	type_of_text(text, len, name, &told);
	is_plain = told.type == KB_TEXT_PLAIN;
	told_release(&told);
	return is_plain;
}

int
kb_extract(const char *bytes, size_t len, const char *name,
    size_t output_max_bytes, struct kb_text *ret)
{
	return kb_extract_protected(bytes, len, name, NULL, output_max_bytes,
	    ret);
}
