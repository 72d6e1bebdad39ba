/*
 * extract_markdown - CommonMark by libcmark, and the pipe tables it leaves
 */
#include <stdlib.h>
#include <string.h>

#include <cmark.h>

#include "base/err.h"
#include "kb/block.h"
#include "kb/link.h"

#define NOTE_LABEL_MAX_BYTES 64

struct reader {
	struct blocks *b;
	const char *source;
	size_t *line_at; /* where line i (from 1) begins; one more at the end */
	size_t lines;
	struct buf text; /* of the paragraph or heading at work */
	size_t link_at;	 /* where the words of the link at work begin in it */
	struct buf list; /* of the outermost list */
	int list_depth;
	int item_paragraphs; /* of the item at work */
	int numbers[32];     /* next number of the lists around; 0: bullets */
};

static const char *
line_text(const struct reader *r, int line, size_t *len)
{
	size_t at = r->line_at[line], next = r->line_at[line + 1];

	while (next > at && strchr("\r\n", r->source[next - 1]) != NULL)
		next--;
	*len = next - at;
	return r->source + at;
}

/* A paragraph whose second line is a rule of pipes is a table. */
static bool
take_table(struct reader *r, cmark_node *node)
{
	int first = cmark_node_get_start_line(node), last, i;
	struct rows rows = { 0 };
	const char *line;
	size_t len;

	last = cmark_node_get_end_line(node);
	if (first < 1 || last <= first || (size_t)last > r->lines)
		return false;
	line = line_text(r, first + 1, &len);
	if (pipe_line(line, len) != 2)
		return false;
	for (i = first; i <= last; i++) {
		line = line_text(r, i, &len);
		if (i != first + 1)
			pipe_cells(&rows, line, len, i == first);
	}
	rows_end(&rows, r->b);
	return true;
}

/* Nothing in it but strong words: a heading in all but name. */
static bool
is_strong_alone(cmark_node *paragraph)
{
	cmark_node *child = cmark_node_first_child(paragraph);

	return child != NULL && cmark_node_next(child) == NULL &&
	    cmark_node_get_type(child) == CMARK_NODE_STRONG;
}

static void
item_begin(struct reader *r)
{
	int *number = &r->numbers[r->list_depth < 31 ? r->list_depth : 31];

	if (r->list.len > 0)
		buf_addc(&r->list, '\n');
	if (r->list_depth > 1)
		buf_adds(&r->list, "  ");
	if (*number > 0)
		buf_addf(&r->list, "%d. ", (*number)++);
	else
		buf_adds(&r->list, "- ");
	r->item_paragraphs = 0;
}

static void
item_text(struct reader *r, const char *text, size_t len, bool code)
{
	size_t i;

	if (code)
		buf_adds(&r->list, "\n    ");
	else if (r->item_paragraphs > 0)
		buf_addc(&r->list, ' ');
	while (code && len > 0 && text[len - 1] == '\n')
		len--;
	for (i = 0; i < len; i++) {
		buf_addc(&r->list, text[i] == '\n' && !code ? ' ' : text[i]);
		if (code && text[i] == '\n')
			buf_adds(&r->list, "    ");
	}
	r->item_paragraphs++;
}

static void
on_list(struct reader *r, cmark_node *node, bool enter)
{
	if (enter) {
		r->list_depth++;
		r->numbers[r->list_depth < 31 ? r->list_depth : 31] =
		    cmark_node_get_list_type(node) == CMARK_ORDERED_LIST ?
		    cmark_node_get_list_start(node) :
		    0;
		return;
	}
	if (--r->list_depth == 0) {
		blocks_add(r->b, BLOCK_LIST, 0, r->list.data, r->list.len);
		buf_reset(&r->list);
	}
}

/* "Fees {#fees}", as generators of sites have it, is "Fees". */
static void
cut_attributes(struct buf *text)
{
	char *open = text->len > 0 && text->data[text->len - 1] == '}' ?
	    strrchr(text->data, '{') :
	    NULL;

	if (open == NULL || open == text->data ||
	    strchr("#.:", open[1]) == NULL)
		return;
	while (open > text->data && open[-1] == ' ')
		open--;
	*open = '\0';
	text->len = (size_t)(open - text->data);
}

static void
on_text_block(struct reader *r, cmark_node *node)
{
	bool heading = cmark_node_get_type(node) == CMARK_NODE_HEADING;
	int level = heading ? cmark_node_get_heading_level(node) : 0;

	if (r->list_depth > 0)
		item_text(r, r->text.data, r->text.len, false);
	else if (heading) {
		cut_attributes(&r->text);
		blocks_add(r->b, BLOCK_HEADING, level, r->text.data,
		    r->text.len);
		if (level == 1 && r->b->text->title == NULL)
			r->b->text->title = xstrdup(r->text.data);
	} else if (is_strong_alone(node) && r->text.len < 120)
		blocks_add(r->b, BLOCK_HEADING, 0, r->text.data, r->text.len);
	else if (!take_table(r, node))
		blocks_add(r->b, BLOCK_PARAGRAPH, 0, r->text.data, r->text.len);
	buf_reset(&r->text);
}

/* The address of a link behind words such as "here", but in headings. */
static void
on_link(struct reader *r, cmark_node *node, bool enter)
{
	const char *url = cmark_node_get_url(node);
	cmark_node *in = cmark_node_parent(node);
	char *told;

	if (enter) {
		r->link_at = r->text.len;
		return;
	}
	if (url == NULL || cmark_node_get_type(in) == CMARK_NODE_HEADING ||
	    r->text.len < r->link_at)
		return;
	told = link_told(r->text.data != NULL ? r->text.data + r->link_at : "",
	    r->text.len - r->link_at, url, r->b->url);
	if (told != NULL)
		buf_adds(&r->text, told);
	free(told);
}

static void
visit(struct reader *r, cmark_node *node, bool enter)
{
	const char *literal;

	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_LIST:
		on_list(r, node, enter);
		break;
	case CMARK_NODE_ITEM:
		if (enter)
			item_begin(r);
		break;
	case CMARK_NODE_PARAGRAPH:
	case CMARK_NODE_HEADING:
		if (!enter)
			on_text_block(r, node);
		break;
	case CMARK_NODE_TEXT:
	case CMARK_NODE_CODE:
		literal = cmark_node_get_literal(node);
		buf_adds(&r->text, literal != NULL ? literal : "");
		break;
	case CMARK_NODE_LINK:
		on_link(r, node, enter);
		break;
	case CMARK_NODE_SOFTBREAK:
	case CMARK_NODE_LINEBREAK:
		buf_addc(&r->text, ' ');
		break;
	case CMARK_NODE_CODE_BLOCK:
		literal = cmark_node_get_literal(node);
		if (literal == NULL)
			break;
		if (r->list_depth > 0)
			item_text(r, literal, strlen(literal), true);
		else
			blocks_add(r->b, BLOCK_CODE, 0, literal,
			    strlen(literal));
		break;
	case CMARK_NODE_HTML_BLOCK:
		literal = cmark_node_get_literal(node);
		if (literal != NULL && r->list_depth == 0)
			extract_html(literal, strlen(literal), r->b);
		break;
	default:
		break;
	}
}

/* "---\ntitle: ...\n---\n" before the text: its bytes. */
static size_t
front_matter(const char *text, size_t len, struct blocks *b)
{
	const char *p, *end, *nl, *value;
	char **ret;
	size_t n;

	if (len < 8 || strncmp(text, "---\n", 4) != 0)
		return 0;
	end = memmem(text + 3, len - 3, "\n---\n", 5);
	if (end == NULL)
		return 0;
	for (p = text + 4; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end + 1 - p));
		if (strncmp(p, "title:", 6) == 0)
			ret = &b->text->title, value = p + 6;
		else if (strncmp(p, "lang:", 5) == 0)
			ret = &b->text->language, value = p + 5;
		else if (strncmp(p, "language:", 9) == 0)
			ret = &b->text->language, value = p + 9;
		else
			continue;
		while (value < nl && strchr(" \t\"'", *value) != NULL)
			value++;
		n = (size_t)(nl - value);
		while (n > 0 && strchr(" \t\r\"'", value[n - 1]) != NULL)
			n--;
		free(*ret);
		*ret = xstrndup(value, n);
	}
	return (size_t)(end + 5 - text);
}

/* --- notes, which the parser does not know --- */

/* Bytes of "[^label]" at p; 0: there is none. */
static size_t
note_mark(const char *p, const char *end)
{
	size_t n = 2;

	if (end - p < 4 || p[0] != '[' || p[1] != '^')
		return 0;
	while (p + n < end && n < NOTE_LABEL_MAX_BYTES &&
	    strchr(" \t\n[]", p[n]) == NULL)
		n++;
	return p + n < end && p[n] == ']' && n > 2 ? n + 1 : 0;
}

/* The marks that lines begin with and a colon is behind, each with it. */
static void
find_notes(const char *text, size_t len, struct buf *notes)
{
	const char *line = text, *end = text + len, *nl;
	size_t n;

	for (; line < end; line = nl + 1) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (nl == NULL)
			nl = end;
		n = note_mark(line, nl);
		if (n > 0 && line[n] == ':')
			buf_add(notes, line, n + 1);
	}
}

static bool
is_noted(const struct buf *notes, const char *mark, size_t n)
{
	const char *p = notes->data, *end = p + notes->len;

	while ((p = memmem(p, (size_t)(end - p), mark, n)) != NULL) {
		if (p[n] == ':')
			return true;
		p += n;
	}
	return false;
}

/* A line with its marks taken out, and of a note as a paragraph. */
static void
put_without_marks(struct buf *out, const char *line, const char *nl,
    const struct buf *notes)
{
	const char *p = line;
	size_t n = note_mark(p, nl);
	bool in_code = false;

	if (n > 0 && p[n] == ':') {
		buf_addc(out, '\n');
		for (p += n + 1; p < nl && (*p == ' ' || *p == '\t'); p++)
			;
	}
	while (p < nl) {
		in_code ^= *p == '`';
		n = *p == '[' && !in_code ? note_mark(p, nl) : 0;
		if (n > 0 && is_noted(notes, p, n))
			p += n;
		else
			buf_addc(out, *p++);
	}
}

/* The text with its notes as paragraphs and without marks; the caller frees. */
static char *
without_marks(const char *text, size_t len, const struct buf *notes,
    size_t *ret_len)
{
	struct buf out = BUF_INIT(0);
	const char *line = text, *end = text + len, *nl, *p;
	bool fenced = false;

	for (; line < end; line = nl + 1) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (nl == NULL)
			nl = end;
		for (p = line; p < nl && *p == ' '; p++)
			;
		if (nl - p >= 3 &&
		    (strncmp(p, "```", 3) == 0 || strncmp(p, "~~~", 3) == 0))
			fenced = !fenced;
		if (fenced)
			buf_add(&out, line, (size_t)(nl - line));
		else
			put_without_marks(&out, line, nl, notes);
		if (nl < end)
			buf_addc(&out, '\n');
	}
	*ret_len = out.len;
	return buf_detach(&out);
}

int
extract_markdown(const char *text, size_t len, struct blocks *b)
{
	struct reader r = { .b = b };
	struct buf notes = BUF_INIT(0);
	char *changed = NULL;
	cmark_event_type event;
	cmark_node *root, *node;
	cmark_iter *iter;
	size_t skip = front_matter(text, len, b), i;

	text += skip;
	len -= skip;
	find_notes(text, len, &notes);
	if (notes.len > 0)
		text = changed = without_marks(text, len, &notes, &len);
	buf_release(&notes);
	r.source = text;
	for (i = 0; i < len; i++)
		r.lines += text[i] == '\n';
	r.line_at = xmalloc((r.lines + 3) * sizeof(*r.line_at));
	r.line_at[1] = 0;
	for (i = 0, r.lines = 1; i < len; i++)
		if (text[i] == '\n')
			r.line_at[++r.lines] = i + 1;
	r.line_at[r.lines + 1] = len;
	root = cmark_parse_document(text, len, CMARK_OPT_DEFAULT);
	if (root == NULL) {
		free(r.line_at);
		free(changed);
		return err_set(ERR_DATA, "not readable as Markdown");
	}
	iter = cmark_iter_new(root);
	while (
	    (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE && !b->full) {
		node = cmark_iter_get_node(iter);
		/* Leaves are entered and not left. */
		visit(&r, node, event == CMARK_EVENT_ENTER);
	}
	cmark_iter_free(iter);
	cmark_node_free(root);
	buf_release(&r.text);
	buf_release(&r.list);
	free(r.line_at);
	free(changed);
	return 0;
}
