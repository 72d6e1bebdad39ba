/*
 * extract_html - the text of a page, without what every page of a site has
 *
 * libxml2 makes the tree; it is walked without recursion, for a page may be
 * nested as deep as it is long. Where there is a <main>, or one <article>,
 * that is the page.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>

#include "base/err.h"
#include "kb/block.h"
#include "kb/chrome.h"
#include "kb/link.h"
#include "kb/writer.h"

#define HEADING_BY_LOOKS 7 /* a level of none */
#define ARTICLE_LOOK_BYTES 65536
#define ARTICLE_SHARE 10 /* a part of the page as small as that is none */
#define HEADING_MAX_BYTES 120
#define CELL_MAX_BYTES 400 /* a cell with more lays out a page */
#define TABLE_COLUMNS_MAX 64
#define LINKS_SHARE 0.8 /* a list of that much link text is a menu */

struct reader {
	struct blocks *b;
	xmlNode *root; /* what is walked */
	struct chrome *chrome;
	struct chrome_around around;
	const char *url; /* of the page; NULL: not known */
	xmlNode *link;	 /* <a>, whose words begin at a byte of text */
	size_t link_at;
	struct buf text; /* of the paragraph at work */
	size_t strong;	 /* bytes of text within <b>, <strong> */
	struct buf list;
	size_t list_links, list_text, items;
	int list_depth;
	int numbers[32];
	bool item_empty;
	int pre, strong_depth, link_depth, heading;
	/* The last heading, where it unfolds its text: what is outside of that
	 * and a heading by its looks is beside it. */
	const xmlNode *panel; /* NULL: it does not */
	int panel_level;
	int name_level; /* of the button at work, as a heading; 0: by its looks */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* --- running text --- */

static void
flush(struct reader *r)
{
	const char *p;
	size_t len = r->text.len, i;

	r->link = NULL;
	p = r->text.data;
	for (i = 0; i < len && is_blank(p[i]); i++)
		;
	if (i == len) {
		buf_reset(&r->text);
		r->strong = 0;
		return;
	}
	p += i;
	len -= i;
	while (len > 0 && is_blank(p[len - 1]))
		len--;
	if (r->list_depth > 0) {
		if (r->item_empty)
			r->item_empty = false;
		else
			buf_adds(&r->list, r->pre ? "\n    " : " ");
		for (i = 0; i < len; i++)
			if (strchr("\r\n", p[i]) == NULL)
				buf_addc(&r->list, p[i]);
			else
				buf_adds(&r->list, r->pre ? "\n    " : " ");
	} else if (r->heading > 0)
		blocks_add(r->b, BLOCK_HEADING, r->heading % HEADING_BY_LOOKS,
		    p, len);
	else if (r->pre > 0)
		blocks_add(r->b, BLOCK_CODE, 0, p, len);
	else if (r->strong >= len && len < HEADING_MAX_BYTES &&
	    p[len - 1] != '.' && p[len - 1] != ':' && p[len - 1] != '!')
		blocks_add(r->b, BLOCK_HEADING, r->name_level, p, len);
	else
		blocks_add(r->b, BLOCK_PARAGRAPH, 0, p, len);
	buf_reset(&r->text);
	r->strong = 0;
}

static void
add_text(struct reader *r, const char *text)
{
	size_t i, len = strlen(text), solid = 0;

	for (i = 0; i < len; i++) {
		/* Only code and <br> keep their lines. */
		if (r->pre == 0 && text[i] != ' ' && is_blank(text[i]))
			buf_addc(&r->text, ' ');
		else
			buf_addc(&r->text, text[i]);
		solid += !is_blank(text[i]);
	}
	if (r->strong_depth > 0)
		r->strong += len;
	if (r->list_depth > 0) {
		r->list_text += solid;
		if (r->link_depth > 0)
			r->list_links += solid;
	}
}

/* --- tables --- */

/* A number from 1 to max in an attribute; 1 if there is none. */
static int
number_of(const xmlNode *n, const char *name, int max)
{
	const char *value = html_attribute(n, name);
	int64_t number;

	if (value == NULL || str_int(value, 1, max, &number) < 0)
		number = 1;
	return (int)number;
}

/* A table of facts has short cells and none within another. */
static bool
is_layout(xmlNode *table)
{
	static const char *const big[] = { "table", "h1", "h2", "h3", "h4",
		"ul", "ol", "pre", NULL };
	size_t len, cells = 0, rows = 0;
	xmlNode *n;
	char *text;

	/* First, for what is nested would make reading the cells slow. */
	for (n = html_next(table, table); n != NULL; n = html_next(table, n))
		if (n->type == XML_ELEMENT_NODE && html_is_one_of(n, big))
			return true;
	for (n = html_next(table, table); n != NULL; n = html_next(table, n)) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		rows += html_is(n, "tr");
		if (!html_is(n, "td") && !html_is(n, "th"))
			continue;
		cells++;
		text = chrome_text(n, CELL_MAX_BYTES + 1);
		len = strlen(text);
		free(text);
		if (len >= CELL_MAX_BYTES)
			return true;
	}
	return rows == 0 || cells <= rows;
}

static bool
is_cell(const xmlNode *n)
{
	return html_is(n, "td") || html_is(n, "th");
}

static bool
is_head(const xmlNode *cell)
{
	return html_is(cell, "th") || html_is(cell->parent->parent, "thead");
}

/* Whether a row says that it is of names. */
static bool
has_heads(xmlNode *table)
{
	xmlNode *n, *cell;
	bool all;

	for (n = table->children; n != NULL; n = html_next(table, n)) {
		if (n->type != XML_ELEMENT_NODE || !html_is(n, "tr"))
			continue;
		all = false;
		for (cell = n->children; cell != NULL; cell = cell->next)
			if (cell->type == XML_ELEMENT_NODE && is_cell(cell)) {
				all = is_head(cell);
				if (!all)
					break;
			}
		if (all)
			return true;
	}
	return false;
}

static bool
is_set_bold(const xmlNode *n)
{
	const char *style = html_attribute(n, "style"), *weight;

	if (html_is(n, "b") || html_is(n, "strong") || html_is(n, "th"))
		return true;
	weight = style != NULL ? strstr(style, "font-weight") : NULL;
	if (weight == NULL)
		return false;
	weight += strcspn(weight, ":");
	weight += strspn(weight, ": ");
	return strncmp(weight, "bold", 4) == 0 ||
	    (*weight >= '6' && *weight <= '9');
}

/* Whether all words of a cell are bold. */
static bool
is_bold(xmlNode *cell)
{
	xmlNode *n, *at;
	bool any = false;

	for (n = cell->children; n != NULL; n = html_next(cell, n)) {
		if (n->type != XML_TEXT_NODE || xmlIsBlankNode(n))
			continue;
		any = true;
		for (at = n->parent; !is_set_bold(at) && at != cell->parent;)
			at = at->parent;
		if (!is_set_bold(at))
			return false;
	}
	return any;
}

/* A table as its cells come, and what of those above reaches into its rows. */
struct table {
	struct rows rows; /* where it says which are names, */
	struct grid grid; /* and where it does not */
	bool says, begun;
	uint16_t left[TABLE_COLUMNS_MAX]; /* rows below that have the cell */
};

static void
skip_reached(struct table *t)
{
	while (
	    t->grid.column < TABLE_COLUMNS_MAX && t->left[t->grid.column] > 0) {
		t->left[t->grid.column]--;
		grid_skip(&t->grid, 1);
	}
}

static void
begin_row(struct table *t)
{
	if (t->says && t->begun)
		rows_next(&t->rows);
	else if (!t->says) {
		for (; t->begun && t->grid.column < TABLE_COLUMNS_MAX;
		     t->grid.column++)
			if (t->left[t->grid.column] > 0)
				t->left[t->grid.column]--;
		grid_row(&t->grid);
	}
	t->begun = true;
}

/* What a link in a cell adds to its words, which begin at a byte of out. */
static void
end_cell_link(const struct reader *r, const xmlNode *link, size_t at,
    struct buf *out)
{
	const char *href = html_attribute(link, "href");
	char *told = href == NULL || out->len < at ?
	    NULL :
	    link_told(out->data != NULL ? out->data + at : "", out->len - at,
		href, r->url);

	if (told != NULL && out->len + strlen(told) <= out->max)
		buf_adds(out, told);
	free(told);
}

/* What is shown of a cell on one line, with the addresses of its links but in
 * one that is a name. The caller frees. */
static char *
cell_text(const struct reader *r, xmlNode *cell)
{
	static const char *const apart[] = { "br", "p", "li", "div", NULL };
	struct buf out = BUF_INIT(2 * CELL_MAX_BYTES);
	xmlNode *n, *link = NULL, *link_end = NULL;
	size_t link_at = 0;

	for (n = chrome_hides(r->chrome, cell) ? NULL : cell->children;
	     n != NULL && !out.failed;) {
		if (link != NULL && n == link_end) {
			end_cell_link(r, link, link_at, &out);
			link = NULL;
		}
		if (n->type == XML_ELEMENT_NODE &&
		    (chrome_hides(r->chrome, n) || html_is(n, "button"))) {
			n = html_next_over(cell, n);
			continue;
		}
		if (n->type == XML_TEXT_NODE ||
		    n->type == XML_CDATA_SECTION_NODE)
			buf_adds(&out, (const char *)n->content);
		else if (n->type == XML_ENTITY_REF_NODE ||
		    html_is_one_of(n, apart))
			buf_addc(&out, ' ');
		else if (link == NULL && html_is(n, "a") && !is_head(cell)) {
			link = n;
			link_end = html_next_over(cell, n);
			link_at = out.len;
		}
		n = html_next(cell, n);
	}
	if (link != NULL && !out.failed)
		end_cell_link(r, link, link_at, &out);
	return buf_detach(&out);
}

static void
take_cell(const struct reader *r, struct table *t, xmlNode *cell)
{
	char *text = cell_text(r, cell);
	int columns = number_of(cell, "colspan", TABLE_COLUMNS_MAX);
	int down = number_of(cell, "rowspan", 1000), i;
	size_t at;

	if (t->says)
		rows_cell(&t->rows, text, is_head(cell), columns, down);
	else {
		skip_reached(t);
		at = t->grid.column;
		for (i = 0; i < columns && at + (size_t)i < TABLE_COLUMNS_MAX;
		     i++)
			t->left[at + (size_t)i] = (uint16_t)(down - 1);
		grid_cell(&t->grid, text, strlen(text), columns, down,
		    is_head(cell), is_bold(cell));
	}
	free(text);
}

static void
take_table(struct reader *r, xmlNode *table)
{
	struct table t = { .says = has_heads(table) };
	xmlNode *n, *next;
	char *text;

	for (n = table->children; n != NULL; n = next) {
		next = html_next(table, n);
		if (n->type != XML_ELEMENT_NODE)
			continue;
		/* A cell that is hidden keeps its column. */
		if (!is_cell(n) && chrome_hides(r->chrome, n))
			next = html_next_over(table, n);
		else if (html_is(n, "tr"))
			begin_row(&t);
		else if (html_is(n, "caption")) {
			text = chrome_text(n, CELL_MAX_BYTES);
			blocks_add(r->b, BLOCK_PARAGRAPH, 0, text,
			    strlen(text));
			free(text);
		} else if (is_cell(n))
			take_cell(r, &t, n);
	}
	if (t.says)
		rows_end(&t.rows, r->b);
	else
		grid_end(&t.grid, r->b, false);
}

/* --- the walk --- */

static const char *const blocks_of_text[] = { "address", "article",
	"blockquote", "body", "caption", "center", "dd", "details", "div", "dl",
	"dt", "fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3",
	"h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
	"section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
	"tr", "ul", NULL };

static int
heading_level(const xmlNode *n)
{
	if (html_is_heading(n))
		return n->name[1] - '0';
	if (html_is(n, "summary"))
		return HEADING_BY_LOOKS;
	return 0;
}

static bool
is_list(const xmlNode *n)
{
	return html_is(n, "ul") || html_is(n, "ol") || html_is(n, "dl");
}

/* What n is in, from here on (1) or no more (-1). */
static void
count_around(struct reader *r, const xmlNode *n, int more)
{
	if (html_is(n, "main") || html_is(n, "article"))
		r->around.main += more;
	else if (html_is(n, "section"))
		r->around.section += more;
	else if (html_is(n, "form"))
		r->around.form += more;
	else if (html_is_heading(n) || html_is(n, "summary") ||
	    html_is(n, "dt"))
		r->around.heading += more;
}

/* The level of a heading by its looks at n; HEADING_BY_LOOKS: below the last. */
static int
level_by_looks(const struct reader *r, const xmlNode *n)
{
	const xmlNode *at;

	if (r->panel == NULL)
		return HEADING_BY_LOOKS;
	for (at = n; at != NULL && at != r->root; at = at->parent)
		if (at == r->panel)
			return HEADING_BY_LOOKS;
	return r->panel_level;
}

/* A tab, or a button that unfolds what is below it, is a heading of that. */
static void
enter_name(struct reader *r, xmlNode *n)
{
	char *name = chrome_name(r->chrome, n);

	if (name != NULL && r->list_depth == 0) {
		flush(r);
		blocks_add(r->b, BLOCK_HEADING,
		    level_by_looks(r, n) % HEADING_BY_LOOKS, name,
		    strlen(name));
	}
	free(name);
	if (r->around.heading > 0 || !chrome_is_name(r->chrome, n))
		return;
	flush(r);
	r->strong_depth++;
	r->name_level = level_by_looks(r, n) % HEADING_BY_LOOKS;
	n->_private = n; /* for leave_name() */
}

static void
leave_name(struct reader *r, xmlNode *n)
{
	if (n->_private == NULL)
		return;
	flush(r);
	r->strong_depth--;
	r->name_level = 0;
}

static void
enter_heading(struct reader *r, xmlNode *n, int level)
{
	if (level != HEADING_BY_LOOKS) {
		r->panel = chrome_panel(r->chrome, n);
		r->panel_level = level;
	} else
		level = level_by_looks(r, n);
	r->heading = level;
}

static void
enter(struct reader *r, xmlNode *n)
{
	int depth, level;

	count_around(r, n, 1);
	if (html_is_one_of(n, blocks_of_text))
		flush(r);
	enter_name(r, n);
	if (is_list(n)) {
		depth = ++r->list_depth < 31 ? r->list_depth : 31;
		r->numbers[depth] =
		    html_is(n, "ol") ? number_of(n, "start", 100000) : 0;
		if (r->list_depth == 1)
			r->list_links = r->list_text = r->items = 0;
	} else if (r->list_depth > 0 &&
	    (html_is(n, "li") || html_is(n, "dt"))) {
		depth = r->list_depth < 31 ? r->list_depth : 31;
		if (r->list.len > 0)
			buf_addc(&r->list, '\n');
		if (r->list_depth > 1)
			buf_adds(&r->list, "  ");
		if (r->numbers[depth] > 0)
			buf_addf(&r->list, "%d. ", r->numbers[depth]++);
		else
			buf_adds(&r->list, "- ");
		r->item_empty = true;
		r->items++;
	} else if (html_is(n, "pre"))
		r->pre++;
	else if (html_is(n, "b") || html_is(n, "strong"))
		r->strong_depth++;
	else if (html_is(n, "a")) {
		r->link_depth++;
		r->link = r->heading == 0 ? n : NULL;
		r->link_at = r->text.len;
	} else if (html_is(n, "br"))
		buf_addc(&r->text, '\n');
	else if (r->list_depth == 0 && (level = heading_level(n)) > 0)
		enter_heading(r, n, level);
}

/* The address of a link behind words such as "here". */
static void
end_link(struct reader *r, const xmlNode *n)
{
	const char *href = html_attribute(n, "href");
	char *told;

	if (r->link != n || href == NULL || r->text.len < r->link_at)
		return;
	r->link = NULL;
	told = link_told(r->text.data != NULL ? r->text.data + r->link_at : "",
	    r->text.len - r->link_at, href, r->url);
	if (told != NULL)
		buf_adds(&r->text, told);
	free(told);
}

static void
leave(struct reader *r, xmlNode *n)
{
	count_around(r, n, -1);
	leave_name(r, n);
	if (html_is(n, "dt") && r->list_depth > 0) {
		while (
		    r->text.len > 0 && is_blank(r->text.data[r->text.len - 1]))
			r->text.len--;
		if (r->text.len > 0 && r->text.data[r->text.len - 1] != ':')
			buf_addc(&r->text, ':');
	}
	if (html_is_one_of(n, blocks_of_text))
		flush(r);
	if (is_list(n)) {
		if (r->list_depth > 0 && --r->list_depth == 0) {
			if (r->items < 3 ||
			    (double)r->list_links <
				LINKS_SHARE * (double)r->list_text)
				blocks_add(r->b, BLOCK_LIST, 0, r->list.data,
				    r->list.len);
			buf_reset(&r->list);
		}
	} else if (html_is(n, "pre"))
		r->pre--;
	else if (html_is(n, "b") || html_is(n, "strong"))
		r->strong_depth--;
	else if (html_is(n, "a")) {
		r->link_depth--;
		end_link(r, n);
	} else if (heading_level(n) > 0)
		r->heading = 0;
}

/* What n itself has to say. Whether to go on with what is below it. */
static bool
visit(struct reader *r, xmlNode *n)
{
	if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
		add_text(r, (const char *)n->content);
	if (n->type != XML_ELEMENT_NODE || chrome_has(r->chrome, n, &r->around))
		return false;
	if (r->list_depth == 0 && html_is(n, "table") && !is_layout(n)) {
		flush(r);
		take_table(r, n);
		return false;
	}
	enter(r, n);
	if (n->children != NULL)
		return true;
	leave(r, n);
	return false;
}

static void
walk(struct reader *r)
{
	xmlNode *n = r->root;

	while (!r->b->full) {
		if (visit(r, n)) {
			n = n->children;
			continue;
		}
		while (n != r->root && n->next == NULL) {
			n = n->parent;
			leave(r, n);
		}
		if (n == r->root)
			break;
		n = n->next;
	}
	flush(r);
}

/* "Returns | The Shop" is "Returns": the site's name goes. */
static void
cut_site(char *title)
{
	static const char *const marks[] = { " | ", " \xe2\x80\x93 ",
		" \xe2\x80\x94 ", " \xc2\xb7 ", NULL };
	char *at, *next;
	size_t i;

	for (i = 0; marks[i] != NULL; i++) {
		at = strstr(title, marks[i]);
		while (at != NULL && (next = strstr(at + 1, marks[i])) != NULL)
			at = next;
		if (at != NULL && at - title >= 6) {
			*at = '\0';
			return;
		}
	}
}

/* Whether an article is what its page is about, and not the only one that is
 * told of beside it. */
static bool
is_most_of(xmlNode *article, xmlNode *body)
{
	char *own = chrome_text(article, ARTICLE_LOOK_BYTES);
	char *all = chrome_text(body, ARTICLE_LOOK_BYTES);
	bool is = strlen(own) * ARTICLE_SHARE >= strlen(all);

	free(own);
	free(all);
	return is && article->children != NULL;
}

/* Where the page says that it is, or else where it was found. */
static const char *
find_url(xmlNode *top, const char *url)
{
	xmlNode *n;

	for (n = top; n != NULL; n = html_next(top, n)) {
		if (html_is(n, "base") && html_attribute(n, "href") != NULL)
			return html_attribute(n, "href");
		if (html_is(n, "link") &&
		    html_value_is(html_attribute(n, "rel"), "canonical") &&
		    html_attribute(n, "href") != NULL)
			url = html_attribute(n, "href");
		if (html_is(n, "body"))
			break;
	}
	return url;
}

/* The element the page's own text is in. */
static xmlNode *
find_root(xmlNode *top, struct kb_text *t)
{
	xmlNode *n, *main = NULL, *article = NULL, *body = NULL;
	size_t articles = 0;

	for (n = top; n != NULL; n = html_next(top, n)) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (html_is(n, "title") && t->title == NULL &&
		    n->parent != NULL && !html_is(n->parent, "svg")) {
			t->title = chrome_text(n, 500);
			cut_site(t->title);
		} else if (html_is(n, "html") && t->language == NULL)
			t->language = xstrdup(html_attribute(n, "lang"));
		else if (html_is(n, "body") && body == NULL)
			body = n;
		else if (html_is(n, "main") && main == NULL)
			main = n;
		else if (html_is(n, "article")) {
			articles++;
			article = n;
		}
	}
	if (main != NULL && main->children != NULL)
		return main;
	if (body == NULL)
		body = top;
	return articles == 1 && is_most_of(article, body) ? article : body;
}

int
extract_html(const char *text, size_t len, struct blocks *b)
{
	char *thinned = NULL;
	struct reader r = { .b = b };
	htmlParserCtxt *parser;
	xmlDoc *doc;
	xmlNode *top;

	if (len > INT32_MAX / 2)
		return err_set(ERR_DATA, "too long for HTML");
	if ((thinned = html_thinned(text, len, &len)) != NULL)
		text = thinned;
	parser = htmlCreateMemoryParserCtxt(text, (int)len);
	if (parser == NULL) {
		free(thinned);
		return err_set(ERR_DATA, "not readable as HTML");
	}
	doc = htmlCtxtReadMemory(parser, text, (int)len, NULL, "UTF-8",
	    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		HTML_PARSE_NONET | HTML_PARSE_COMPACT | (int)XML_PARSE_HUGE);
	htmlFreeParserCtxt(parser);
	free(thinned);
	top = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	if (top == NULL) {
		xmlFreeDoc(doc);
		return err_set(ERR_DATA, "not readable as HTML");
	}
	r.root = find_root(top, b->text);
	r.url = find_url(top, b->url);
	r.chrome = chrome_new(top, r.root, b->is_book);
	walk(&r);
	chrome_free(r.chrome);
	buf_release(&r.text);
	buf_release(&r.list);
	xmlFreeDoc(doc);
	return 0;
}
