/* type - what a document is, by its bytes */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <magic.h>

#include "base/err.h"
#include "base/str.h"
#include "kb/block.h"
#include "kb/compound.h"
#include "kb/office.h"
#include "kb/type.h"

#define JSON_DEPTH 32
#define SENTENCE_BLANKS 4 /* or signs of scripts without blanks */
#define SENTENCES_LEAST 2
#define LOOK_BYTES 4096

/* --- names --- */

static const char *
extension(const char *name)
{
	const char *slash = name != NULL ? strrchr(name, '/') : NULL, *dot;

	if (name == NULL)
		return "";
	dot = strrchr(slash != NULL ? slash : name, '.');
	return dot != NULL ? dot + 1 : "";
}

static bool
is_any(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcasecmp(s, *list) == 0)
			return true;
	return false;
}

static const char *const markdown_names[] = { "md", "markdown", "mdown", "mkd",
	NULL };
static const char *const html_names[] = { "html", "htm", "xhtml", NULL };
static const char *const text_names[] = { "txt", "text", "asc", NULL };

static const char *const csv_names[] = { "csv", "tsv", "tab", NULL };
static const char *const other_names[] = { "pdf", "docx", "docm", "dotx", "odt",
	"ott", "pptx", "pptm", "ppsx", "odp", "otp", "xlsx", "xlsm", "ods",
	"ots", "fodt", "fodp", "fods", "epub", "rtf", "eml", "mht", "mhtml",
	"msg", "doc", "xls", "ppt", "tif", "tiff", "zip", NULL };
static const char *const letter_names[] = { "eml", "mht", "mhtml", NULL };
static const char *const xml_names[] = { "xml", "rss", "atom", "fodt", "fodp",
	"fods", NULL };

bool
kb_name_is_document(const char *name)
{
	const char *e = extension(name), *slash = strrchr(name, '/');

	return is_any(e, markdown_names) || is_any(e, html_names) ||
	    is_any(e, text_names) || is_any(e, csv_names) ||
	    is_any(e, other_names) ||
	    strcmp(slash != NULL ? slash + 1 : name, "README") == 0;
}

static const char *const json_names[] = { "json", "jsonl", "ndjson", NULL };
static const char *const feed_names[] = { "xml", "rss", "atom", NULL };

bool
kb_name_may_be_document(const char *name)
{
	const char *e = extension(name);

	return is_any(e, json_names) || is_any(e, feed_names);
}

/* Whether the first element of XML is that of a feed. */
static bool
is_feed(const char *bytes, size_t len)
{
	static const char *const roots[] = { "rss", "feed", "RDF", "rdf:RDF",
		NULL };
	const char *p = bytes, *end = bytes + len;
	size_t n;
	char name[16];

	while (
	    (p = memchr(p, '<', (size_t)(end - p))) != NULL && end - ++p > 16) {
		if (*p == '?' || *p == '!')
			continue;
		for (n = 0;
		     n + 1 < sizeof(name) && strchr(" \t\r\n/>", p[n]) == NULL;
		     n++)
			name[n] = p[n];
		name[n] = '\0';
		return is_any(name, roots);
	}
	return false;
}

/* Values of JSON that are sentences, within objects of lists; lines of it are
 * such a list, too. */
static size_t
sentences_in_lists(const char *p, const char *end)
{
	char stack[JSON_DEPTH] = "";
	size_t depth = 0, blanks, tops = 0, result = 0, lone = 0;
	bool is_value = false;

	for (; p < end; p++) {
		if (*p == '[' || *p == '{') {
			if (depth == JSON_DEPTH)
				break;
			tops += depth == 0;
			stack[depth++] = *p;
		} else if ((*p == ']' || *p == '}') && depth > 0)
			depth--;
		else if (*p == '"') {
			for (blanks = 0, p++; p < end && *p != '"'; p++) {
				blanks +=
				    *p == ' ' || (unsigned char)*p >= 0xe3;
				p += *p == '\\';
			}
			if (p >= end)
				break;
			if (is_value && blanks >= SENTENCE_BLANKS &&
			    depth > 0 && stack[depth - 1] == '{')
				++*(memchr(stack, '[', depth) != NULL ?
					&result :
					&lone);
		}
		if (strchr(" \t\r\n", *p) == NULL)
			is_value = *p == ':';
	}
	return tops > 1 ? result + lone : result;
}

bool
kb_look_is_document(const char *name, const char *bytes, size_t len)
{
	const char *e = extension(name);

	if (is_any(e, json_names))
		return sentences_in_lists(bytes, bytes + len) >=
		    SENTENCES_LEAST;
	return is_any(e, feed_names) && is_feed(bytes, len);
}

static bool
looks_html(const char *text, size_t len)
{
	static const char *const tags[] = { "<html", "<head", "<body",
		"<!doctype html", "<div", "<p>", "<h1", "<table", "<article",
		"<main", "<section", "<meta ", "<link ", "<script", "<style",
		NULL };
	size_t look = len < LOOK_BYTES ? len : LOOK_BYTES, i, k;
	const char *p = text, *end = text + look;

	while (p < end && strchr(" \t\r\n", *p) != NULL)
		p++;
	if (p == end || *p != '<')
		return false;
	for (; p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL; p++)
		for (i = 0; tags[i] != NULL; i++) {
			k = strlen(tags[i]);
			if ((size_t)(end - p) >= k &&
			    strncasecmp(p, tags[i], k) == 0)
				return true;
		}
	return false;
}

/* Whether something is marked as HTML does. */
static bool
has_tag(const char *text, size_t len)
{
	const char *p = text, *end = memrchr(text, '>', len);

	for (; end != NULL && p < end &&
	     (p = memchr(p, '<', (size_t)(end - p))) != NULL;
	     p++)
		if (isalpha((unsigned char)p[1]) || p[1] == '/' || p[1] == '!')
			return true;
	return false;
}

/* Whether sign is somewhere, and one of these right behind it. Most text has
 * few of such signs, and memchr() passes by all else at once. */
static bool
has_behind(const char *text, size_t len, char sign, const char *const *behind)
{
	const char *p = text, *end = text + len;
	size_t i, n;

	for (; (p = memchr(p, sign, (size_t)(end - p))) != NULL; p++)
		for (i = 0; behind[i] != NULL; i++) {
			n = strlen(behind[i]);
			if ((size_t)(end - p) > n &&
			    memcmp(p + 1, behind[i], n) == 0)
				return true;
		}
	return false;
}

static bool
looks_markdown(const char *text, size_t len)
{
	static const char *const lines[] = { "# ", "## ", "```", NULL },
				 *const links[] = { "(", NULL };
	size_t look = len < LOOK_BYTES ? len : LOOK_BYTES;

	return (len > 2 && text[0] == '#' && strchr("# ", text[1]) != NULL) ||
	    has_behind(text, look, '\n', lines) ||
	    has_behind(text, look, ']', links);
}

/*
 * A letter begins with lines of "Name: value"; two of these names, or one
 * where the file is called so.
 */
static bool
looks_letter(const char *text, size_t len, const char *name)
{
	static const char *const heads[] = { "From:", "Date:", "Subject:",
		"Message-ID:", "MIME-Version:", "Received:", "Return-Path:",
		"Delivered-To:", "To:", NULL };
	const char *p = text, *end = text + (len < 65536 ? len : 65536), *nl;
	size_t known = 0, i, n;
	bool has_parts = false;

	if (len > 5 && strncmp(text, "From ", 5) == 0) /* of a mailbox */
		p = memchr(text, '\n', len) != NULL ?
		    (const char *)memchr(text, '\n', len) + 1 :
		    text;
	for (; p < end && *p != '\n'; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			break;
		if (*p == ' ' || *p == '\t')
			continue; /* goes on with the one above */
		for (n = 0; p + n < nl &&
		     (isalnum((unsigned char)p[n]) || p[n] == '-');
		     n++)
			;
		if (n == 0 || p[n] != ':')
			return false;
		for (i = 0; heads[i] != NULL; i++)
			known +=
			    strncasecmp(p, heads[i], strlen(heads[i])) == 0;
		has_parts |=
		    strncasecmp(p, "Content-Type: multipart/", 24) == 0;
	}
	return known >=
	    (has_parts || is_any(extension(name), letter_names) ? 1 : 3);
}

/* The name of the outermost element of XML and where it ends; 0 bytes: it is
 * none, or not told to be. */
static size_t
root_of(const char *text, size_t len, bool is_named_so, const char **ret)
{
	const char *p = text, *end = text + len;
	bool is_xml = is_named_so;
	size_t n;

	for (;;) {
		while (p < end && strchr(" \t\n", *p) != NULL)
			p++;
		if (end - p < 4 || *p != '<')
			return 0;
		is_xml |= strncmp(p, "<?xml", 5) == 0;
		if (strncmp(p, "<!--", 4) == 0) {
			p = memmem(p, (size_t)(end - p), "-->", 3);
			if (p == NULL)
				return 0;
			p += 3;
			continue;
		}
		if (p[1] != '?' && p[1] != '!')
			break;
		/* Of a document type the parts stand in brackets. */
		n = strcspn(p, "[>");
		if (n < (size_t)(end - p) && p[n] == '[' && p[1] == '!') {
			p = memmem(p, (size_t)(end - p), "]", 1);
			if (p == NULL)
				return 0;
			n = strcspn(p, ">");
		}
		p += n;
		if (p < end)
			p++;
	}
	n = strcspn(p + 1, " \t\n/>");
	*ret = p + 1;
	return is_xml && (isalpha((unsigned char)p[1]) || p[1] == '_') ? n : 0;
}

/* Whether text is XML, of which kind. */
static bool
is_xml(const char *text, size_t len, const char *name, enum kb_type *ret)
{
	static const struct {
		const char *mime;
		enum kb_type type;
	} flat[] = { { "opendocument.text\"", KB_TEXT_ODT },
		{ "opendocument.presentation\"", KB_TEXT_ODP },
		{ "opendocument.spreadsheet\"", KB_TEXT_ODS } };
	const char *root;
	size_t n = root_of(text, len, is_any(extension(name), xml_names),
		   &root),
	       i;

	if (n == 0 || (n == 4 && strncasecmp(root, "html", 4) == 0))
		return false;
	*ret = KB_TEXT_XML;
	if (n == 15 && strncmp(root, "office:document", n) == 0)
		for (i = 0; i < sizeof(flat) / sizeof(flat[0]); i++)
			if (memmem(root, strcspn(root, ">"), flat[i].mime,
				strlen(flat[i].mime)) != NULL)
				*ret = flat[i].type;
	return true;
}

/* Whether text begins as JSON does; its reader is sure. */
static bool
looks_json(const char *text, const char *name)
{
	static const char *const names[] = { "json", "jsonl", "ndjson",
		"geojson", NULL };
	const char *p = text + strspn(text, " \t\n");

	if (*p != '{' && *p != '[')
		return false;
	if (is_any(extension(name), names))
		return true;
	p++;
	p += strspn(p, " \t\n[{");
	return *p == '"';
}

void
type_of_text(const char *text, size_t len, const char *name, struct told *ret)
{
	const char *e = extension(name);

	ret->type = KB_TEXT_PLAIN;
	if (!is_any(e, markdown_names) && is_xml(text, len, name, &ret->type))
		return;
	if (looks_html(text, len) && !is_any(e, markdown_names))
		ret->type = KB_TEXT_HTML;
	else if (is_any(e, html_names) && has_tag(text, len))
		ret->type = KB_TEXT_HTML;
	else if (is_any(e, markdown_names))
		ret->type = KB_TEXT_MARKDOWN;
	else if (!is_any(e, html_names) && looks_letter(text, len, name))
		ret->type = KB_TEXT_EML;
	else if (!is_any(e, html_names) && !is_any(e, text_names) &&
	    looks_json(text, name))
		ret->type = KB_TEXT_JSON;
	else if (!is_any(e, html_names) && !is_any(e, text_names) &&
	    (ret->delimiter = csv_delimiter(text, len, is_any(e, csv_names))) !=
		'\0')
		ret->type = KB_TEXT_CSV;
	else if (!is_any(e, html_names) && !is_any(e, text_names) &&
	    looks_markdown(text, len))
		ret->type = KB_TEXT_MARKDOWN;
}

/* --- containers --- */

enum { T_OVERRIDE = 1 };
static struct xml_words words = { .list = (const char *const[]){ "Override",
				      NULL } };

static void
on_override(void *ctx, int id, const char **atts)
{
	static const struct {
		const char *content;
		enum kb_type type;
	} parts[] = { { "wordprocessingml.document.main+xml", KB_TEXT_DOCX },
		{ "wordprocessingml.template.main+xml", KB_TEXT_DOCX },
		{ "word.document.macroEnabled.main+xml", KB_TEXT_DOCX },
		{ "presentationml.presentation.main+xml", KB_TEXT_PPTX },
		{ "presentationml.slideshow.main+xml", KB_TEXT_PPTX },
		{ "presentationml.template.main+xml", KB_TEXT_PPTX },
		{ "powerpoint.presentation.macroEnabled.main+xml",
		    KB_TEXT_PPTX },
		{ "spreadsheetml.sheet.main+xml", KB_TEXT_XLSX },
		{ "spreadsheetml.template.main+xml", KB_TEXT_XLSX },
		{ "excel.sheet.macroEnabled.main+xml", KB_TEXT_XLSX } };
	struct told *t = ctx;
	const char *type = xml_attr(atts, "ContentType");
	const char *part = xml_attr(atts, "PartName");
	size_t i;

	if (id != T_OVERRIDE || type == NULL || part == NULL || t->part != NULL)
		return;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (str_ends(type, parts[i].content)) {
			t->type = parts[i].type;
			t->part = part_beside("", part);
		}
}

static void
no_end(void *ctx, int id)
{
	(void)ctx, (void)id;
}

static int
type_of_container(struct told *t)
{
	static const struct {
		const char *mime;
		enum kb_type type;
	} types[] = {
		{ "application/vnd.oasis.opendocument.text", KB_TEXT_ODT },
		{ "application/vnd.oasis.opendocument.presentation",
		    KB_TEXT_ODP },
		{ "application/vnd.oasis.opendocument.spreadsheet",
		    KB_TEXT_ODS },
		{ "application/epub+zip", KB_TEXT_EPUB },
	};
	struct xml x = { .words = &words,
		.start = on_override,
		.end = no_end,
		.ctx = t };
	char *mime = NULL;
	size_t len, i;
	int code;

	t->type = KB_TEXT_ZIP;
	if (container_load(t->container, "mimetype", 200, &mime, &len) == 0)
		for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			if (str_starts(mime, types[i].mime))
				t->type = types[i].type;
	free(mime);
	if (t->type != KB_TEXT_ZIP ||
	    !container_has(t->container, "[Content_Types].xml"))
		return 1;
	code = xml_read(&x, t->container, "[Content_Types].xml");
	if (code == 0 && t->part == NULL)
		code = err_set(ERR_DATA,
		    "is an office document of a kind that is not read");
	return code < 0 ? code : 1;
}

/* Whether a compound file has a stream or folder of this name. */
static bool
has_stream(const char *bytes, size_t len, const char *name)
{
	char wide[64];
	size_t n = 0;

	for (; *name != '\0' && n + 1 < sizeof(wide); name++) {
		wide[n++] = *name;
		wide[n++] = '\0';
	}
	return memmem(bytes, len, wide, n) != NULL;
}

/* Whether it is a letter of Outlook, which may have any of the others within:
 * so its outermost folder alone is looked at. */
static bool
is_letter(const char *bytes, size_t len)
{
	char name[COMPOUND_NAME_BYTES];
	struct compound *c;
	bool is = false;
	size_t entry;

	if (!has_stream(bytes, len, "__properties_version1.0") ||
	    compound_open(bytes, len, &c) < 0)
		return false;
	while (!is && (entry = compound_next(c, COMPOUND_ROOT)) != 0) {
		compound_name(c, entry, name);
		is = strcmp(name, "__properties_version1.0") == 0;
	}
	compound_close(c);
	return is;
}

static int
type_of_compound(const char *bytes, size_t len, struct told *t)
{
	if (is_letter(bytes, len)) {
		t->type = KB_TEXT_MSG;
		return 1;
	}
	if (has_stream(bytes, len, "EncryptedPackage"))
		return err_set(ERR_DATA,
		    "is protected by a password; save it without one");
	if (has_stream(bytes, len, "WordDocument"))
		t->type = KB_TEXT_DOC;
	else if (has_stream(bytes, len, "PowerPoint Document"))
		t->type = KB_TEXT_PPT;
	else if (has_stream(bytes, len, "Workbook") ||
	    has_stream(bytes, len, "Book"))
		t->type = KB_TEXT_XLS;
	else
		return err_set(ERR_DATA,
		    "is an old office document of a kind that is not read");
	return 1;
}

/* What libmagic calls bytes that we do not read; the caller frees. */
static char *
described(const char *bytes, size_t len)
{
	magic_t m = magic_open(MAGIC_NONE);
	const char *told;
	char *words_of = NULL;

	if (m != NULL && magic_load(m, NULL) == 0 &&
	    (told = magic_buffer(m, bytes, len)) != NULL)
		words_of = xstrndup(told, strcspn(told, ",\n"));
	if (m != NULL)
		magic_close(m);
	if (words_of != NULL &&
	    (strcmp(words_of, "data") == 0 || strstr(words_of, "text"))) {
		free(words_of);
		words_of = NULL;
	}
	return words_of;
}

static bool
is_picture(const char *bytes, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
	} images[] = { { "\211PNG", 4 }, { "\377\330\377", 3 }, { "GIF8", 4 },
		{ "II*\0", 4 }, { "MM\0*", 4 } };
	size_t i;

	for (i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		if (len >= images[i].len &&
		    memcmp(bytes, images[i].magic, images[i].len) == 0)
			return true;
	return false;
}

bool
type_may_be_text(const char *bytes, size_t len)
{
	size_t look = len < LOOK_BYTES ? len : LOOK_BYTES;

	return !is_picture(bytes, len) &&
	    (memchr(bytes, '\0', look) == NULL || text_is_wide(bytes, len));
}

int
type_of_bytes(const char *bytes, size_t len, struct told *ret)
{
	char *what;
	int code;

	/* Some writers put a few lines before the PDF. */
	if (memmem(bytes, len < 1024 ? len : 1024, "%PDF-", 5) != NULL) {
		ret->type = KB_TEXT_PDF;
		return 1;
	}
	if (len > 5 && memcmp(bytes, "{\\rtf", 5) == 0) {
		ret->type = KB_TEXT_RTF;
		return 1;
	}
	if (len > 4 &&
	    (memcmp(bytes, "PK\3\4", 4) == 0 ||
		memcmp(bytes, "PK\5\6", 4) == 0)) {
		code = container_open(bytes, len, &ret->container);
		return code < 0 ? code : type_of_container(ret);
	}
	if (len > 512 && memcmp(bytes, "\320\317\021\340", 4) == 0)
		return type_of_compound(bytes, len, ret);
	if (is_picture(bytes, len)) {
		ret->type = KB_TEXT_IMAGE;
		return 1;
	}
	if (type_may_be_text(bytes, len))
		return 0;
	what = described(bytes, len);
	code = err_set(ERR_DATA, "is %s, not text",
	    what != NULL ? what : "binary");
	free(what);
	return code;
}

void
told_release(struct told *t)
{
	container_close(t->container);
	free(t->part);
	memset(t, 0, sizeof(*t));
}
