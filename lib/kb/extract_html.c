/*
 * extract_html - the text of a page, without what every page of a site has
 *
 * libxml2 makes the tree; it is walked without recursion, for a page may be
 * nested as deep as it is long. Where there is a <main>, or one <article>,
 * that is the page.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>

#include "base/err.h"
#include "kb/block.h"

#define HEADING_WITHIN 40 /* nodes below one that is named by it */
#define SLUG_BETWEEN " \t\r\n-_"
#define HEADING_MAX_BYTES 120
#define CELL_MAX_BYTES 400 /* a cell with more lays out a page */
#define LINKS_SHARE 0.8	   /* a list of that much link text is a menu */

struct reader {
	struct blocks *b;
	xmlNode *root;	 /* what is walked */
	struct buf text; /* of the paragraph at work */
	size_t strong;	 /* bytes of text within <b>, <strong> */
	struct buf list;
	size_t list_links, list_text, items;
	int list_depth;
	int numbers[32];
	bool item_empty;
	int pre, strong_depth, link_depth, heading;
};

/* Whether a is b, which is small; the first letter mostly says no. */
static bool
is_name(const xmlChar *a, const char *b)
{
	return (*a | 32) == *b && strcasecmp((const char *)a, b) == 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_element(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && is_name(n->name, name);
}

static bool
is_one_of(const xmlNode *n, const char *const *names)
{
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if (is_name(n->name, names[i]))
			return true;
	return false;
}

static char *
attribute(const xmlNode *n, const char *name)
{
	const xmlAttr *a;

	for (a = n->properties; a != NULL; a = a->next)
		if (is_name(a->name, name) && a->children != NULL &&
		    a->children->content != NULL)
			return xstrdup((const char *)a->children->content);
	return NULL;
}

/* Whether a class or an id has one of the words, between blanks, - or _. */
static bool
has_word(const char *value, const char *const *words)
{
	size_t i, n;
	const char *p;

	for (p = value; p != NULL && *p != '\0'; p += n) {
		p += strspn(p, " \t\n-_");
		n = strcspn(p, " \t\n-_");
		for (i = 0; words[i] != NULL; i++)
			if (strlen(words[i]) == n &&
			    strncasecmp(p, words[i], n) == 0)
				return true;
	}
	return false;
}

/* The same of classes that say what it is, and not how a page around it is laid
 * out: "site no-sidebar". */
static bool
has_class(const char *value, const char *const *words)
{
	static const char *const layouts[] = { "no-", "has-", "with-",
		"without-", NULL };
	const char *p = value;
	char *one;
	size_t i, n;
	bool has = false;

	for (; p != NULL && *p != '\0' && !has; p += n) {
		p += strspn(p, " \t\n");
		n = strcspn(p, " \t\n");
		for (i = 0; layouts[i] != NULL; i++)
			if (strncasecmp(p, layouts[i], strlen(layouts[i])) == 0)
				break;
		if (layouts[i] != NULL)
			continue;
		one = xstrndup(p, n);
		has = has_word(one, words);
		free(one);
	}
	return has;
}

/* The next node in document order, not going down, within root. */
static xmlNode *
next_over(const xmlNode *root, xmlNode *n)
{
	while (n != NULL && n != root) {
		if (n->next != NULL)
			return n->next;
		n = n->parent;
	}
	return NULL;
}

static xmlNode *
next_node(const xmlNode *root, xmlNode *n)
{
	return n->children != NULL && n->type == XML_ELEMENT_NODE ?
	    n->children :
	    next_over(root, n);
}

static const char *const never[] = { "script", "style", "nav", "aside",
	"noscript", "template", "svg", "math", "form", "button", "iframe",
	"select", "textarea", "object", "head", "canvas", "audio", "video",
	"dialog", NULL };

/* Whether its own style says that it is not shown. */
static bool
is_unseen(const xmlNode *n)
{
	char *style = attribute(n, "style"), *p;
	size_t k = 0;
	bool is;

	if (style == NULL)
		return false;
	for (p = style; *p != '\0'; p++)
		if (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r')
			style[k++] = (char)tolower((unsigned char)*p);
	style[k] = '\0';
	p = strstr(style, "display:none");
	/* Of "x-display:none" it is no more than the end. */
	is = p != NULL && (p == style || p[-1] == ';');
	free(style);
	return is;
}

/* What a page has besides its own text. */
/* The number of a note, in the text or behind the note: a word to nobody. */
static bool
is_note_mark(const xmlNode *n, const char *role, const char *class)
{
	static const char *const roles[] = { "noteref", "backlink", NULL };
	static const char *const classes[] = { "footnote", NULL };
	char *type;
	bool is;

	if (!is_element(n, "a"))
		return false;
	type = attribute(n, "epub:type");
	is = has_word(role, roles) || has_word(type, roles) ||
	    has_word(class, classes);
	free(type);
	return is;
}

static bool
is_heading(const xmlNode *n)
{
	return n->type == XML_ELEMENT_NODE &&
	    (n->name[0] == 'h' || n->name[0] == 'H') && n->name[1] >= '1' &&
	    n->name[1] <= '6' && n->name[2] == '\0';
}

static size_t
words_in(const char *text, const char *between)
{
	size_t n = 0;

	for (text += strspn(text, between); *text != '\0'; n++) {
		text += strcspn(text, between);
		text += strspn(text, between);
	}
	return n;
}

/* Whether an id is a heading in short: its words stand there, and are half of
 * those at least; one word is none in short of several. */
static bool
is_slug_of(const char *id, const char *text)
{
	size_t n = words_in(id, SLUG_BETWEEN), all = words_in(text, " \t\r\n");
	const char *p;
	char *word;
	size_t len;
	bool is = n == 1 ? all == 1 : 2 * n >= all;

	for (p = id; *p != '\0' && is; p += len) {
		p += strspn(p, SLUG_BETWEEN);
		len = strcspn(p, SLUG_BETWEEN);
		word = xstrndup(p, len);
		is = strcasestr(text, word) != NULL;
		free(word);
	}
	return is;
}

/* Whether an id was made of the heading below it, as generators of pages do:
 * a section about cookies is no notice of them. */
static bool
is_named_by_heading(const xmlNode *n, const char *id)
{
	const xmlNode *at = n->children;
	xmlChar *text;
	size_t seen;
	bool is;

	for (seen = 0; at != NULL && seen < HEADING_WITHIN; seen++) {
		if (is_heading(at))
			break;
		at = next_node(n, (xmlNode *)(uintptr_t)at);
		if (at == n)
			return false;
	}
	if (id == NULL || at == NULL || !is_heading(at))
		return false;
	text = xmlNodeGetContent(at);
	is = text != NULL && is_slug_of(id, (const char *)text);
	xmlFree(text);
	return is;
}

static bool
is_boilerplate(const struct reader *r, const xmlNode *n)
{
	static const char *const roles[] = { "navigation", "banner",
		"contentinfo", "search", "complementary", "dialog",
		"alertdialog", "menu", "menubar", NULL };
	static const char *const words[] = { "cookie", "cookies", "consent",
		"gdpr", "navbar", "nav", "navigation", "navheader", "navfooter",
		"breadcrumb", "breadcrumbs", "sidebar", "menu", "toc", "footer",
		"skip", "share", "social", "newsletter", "subscribe", "advert",
		"ads", "popup", "modal", "pagination", "related", "hidden",
		NULL };
	const xmlNode *up;
	char *role, *class, *id, *hidden;
	bool is;

	if (is_one_of(n, never) || is_unseen(n))
		return true;
	if (is_element(n, "header") || is_element(n, "footer")) {
		/* Within an article it is the article's. */
		for (up = n->parent; up != NULL; up = up->parent)
			if (up->type == XML_ELEMENT_NODE &&
			    (is_element(up, "article") ||
				is_element(up, "main") ||
				is_element(up, "section")))
				return is_element(n, "footer");
		return true;
	}
	if (n == r->root || is_element(n, "body") || is_element(n, "html"))
		return false;
	role = attribute(n, "role");
	class = attribute(n, "class");
	id = attribute(n, "id");
	hidden = attribute(n, "aria-hidden");
	is = has_word(role, roles) || has_class(class, words) ||
	    (has_word(id, words) && !is_named_by_heading(n, id)) ||
	    (hidden != NULL && strcmp(hidden, "true") == 0);
	is |= is_note_mark(n, role, class);
	/* A heading may well be about cookies. */
	if (is_heading(n))
		is = false;
	free(hidden);
	free(id);
	free(class);
	free(role);
	for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
		if (is_name(a->name, "hidden"))
			is = true;
	return is;
}

/* --- running text --- */

static void
flush(struct reader *r)
{
	const char *p;
	size_t len = r->text.len, i;

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
		blocks_add(r->b, BLOCK_HEADING, r->heading, p, len);
	else if (r->pre > 0)
		blocks_add(r->b, BLOCK_CODE, 0, p, len);
	else if (r->strong >= len && len < HEADING_MAX_BYTES &&
	    p[len - 1] != '.' && p[len - 1] != ':' && p[len - 1] != '!')
		blocks_add(r->b, BLOCK_HEADING, blocks_deeper(r->b), p, len);
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

/* The text below n on one line, at most max bytes; the caller frees. */
static char *
text_of(xmlNode *n, size_t max)
{
	struct buf out = BUF_INIT(max);
	xmlNode *at = n->children;

	while (at != NULL && !out.failed) {
		if (at->type == XML_TEXT_NODE ||
		    at->type == XML_CDATA_SECTION_NODE)
			buf_adds(&out, (const char *)at->content);
		else if (at->type == XML_ENTITY_REF_NODE)
			buf_addc(&out, ' ');
		else if (at->type == XML_ELEMENT_NODE &&
		    (is_element(at, "br") || is_element(at, "p") ||
			is_element(at, "li") || is_element(at, "div")))
			buf_addc(&out, ' ');
		at = at->type == XML_ELEMENT_NODE && is_one_of(at, never) ?
		    next_over(n, at) :
		    next_node(n, at);
	}
	return buf_detach(&out);
}

/* --- tables --- */

/* A number from 1 to max in an attribute; 1 if there is none. */
static int
number_of(const xmlNode *n, const char *name, int max)
{
	char *value = attribute(n, name);
	int64_t number;

	if (value == NULL || str_int(value, 1, max, &number) < 0)
		number = 1;
	free(value);
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
	for (n = next_node(table, table); n != NULL; n = next_node(table, n))
		if (n->type == XML_ELEMENT_NODE && is_one_of(n, big))
			return true;
	for (n = next_node(table, table); n != NULL; n = next_node(table, n)) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		rows += is_element(n, "tr");
		if (!is_element(n, "td") && !is_element(n, "th"))
			continue;
		cells++;
		text = text_of(n, CELL_MAX_BYTES + 1);
		len = strlen(text);
		free(text);
		if (len >= CELL_MAX_BYTES)
			return true;
	}
	return rows == 0 || cells <= rows;
}

static void
take_table(struct reader *r, xmlNode *table)
{
	struct rows rows = { 0 };
	bool begun = false;
	xmlNode *n;
	char *text;

	for (n = table->children; n != NULL; n = next_node(table, n)) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (is_element(n, "tr")) {
			if (begun)
				rows_next(&rows);
			begun = true;
		} else if (is_element(n, "caption")) {
			text = text_of(n, CELL_MAX_BYTES);
			blocks_add(r->b, BLOCK_PARAGRAPH, 0, text,
			    strlen(text));
			free(text);
		} else if (is_element(n, "td") || is_element(n, "th")) {
			text = text_of(n, CELL_MAX_BYTES);
			rows_cell(&rows, text,
			    is_element(n, "th") ||
				is_element(n->parent->parent, "thead"),
			    number_of(n, "colspan", 64),
			    number_of(n, "rowspan", 1000));
			free(text);
		}
	}
	rows_end(&rows, r->b);
}

/* --- the walk --- */

static const char *const blocks_of_text[] = { "address", "article",
	"blockquote", "body", "caption", "center", "dd", "details", "div", "dl",
	"dt", "fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3",
	"h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
	"section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
	"tr", "ul", NULL };

static int
heading_level(const struct reader *r, const xmlNode *n)
{
	if (is_heading(n))
		return n->name[1] - '0';
	if (is_element(n, "summary"))
		return blocks_deeper(r->b);
	return 0;
}

static bool
is_list(const xmlNode *n)
{
	return is_element(n, "ul") || is_element(n, "ol") ||
	    is_element(n, "dl");
}

static void
enter(struct reader *r, xmlNode *n)
{
	int depth, level;

	if (is_one_of(n, blocks_of_text))
		flush(r);
	if (is_list(n)) {
		depth = ++r->list_depth < 31 ? r->list_depth : 31;
		r->numbers[depth] =
		    is_element(n, "ol") ? number_of(n, "start", 100000) : 0;
		if (r->list_depth == 1)
			r->list_links = r->list_text = r->items = 0;
	} else if (r->list_depth > 0 &&
	    (is_element(n, "li") || is_element(n, "dt"))) {
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
	} else if (is_element(n, "pre"))
		r->pre++;
	else if (is_element(n, "b") || is_element(n, "strong"))
		r->strong_depth++;
	else if (is_element(n, "a"))
		r->link_depth++;
	else if (is_element(n, "br"))
		buf_addc(&r->text, '\n');
	else if (r->list_depth == 0 && (level = heading_level(r, n)) > 0)
		r->heading = level;
}

static void
leave(struct reader *r, xmlNode *n)
{
	if (is_element(n, "dt") && r->list_depth > 0) {
		while (
		    r->text.len > 0 && is_blank(r->text.data[r->text.len - 1]))
			r->text.len--;
		if (r->text.len > 0 && r->text.data[r->text.len - 1] != ':')
			buf_addc(&r->text, ':');
	}
	if (is_one_of(n, blocks_of_text))
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
	} else if (is_element(n, "pre"))
		r->pre--;
	else if (is_element(n, "b") || is_element(n, "strong"))
		r->strong_depth--;
	else if (is_element(n, "a"))
		r->link_depth--;
	else if (heading_level(r, n) > 0)
		r->heading = 0;
}

/* What n itself has to say. Whether to go on with what is below it. */
static bool
visit(struct reader *r, xmlNode *n)
{
	if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
		add_text(r, (const char *)n->content);
	if (n->type != XML_ELEMENT_NODE || is_boilerplate(r, n))
		return false;
	if (r->list_depth == 0 && is_element(n, "table") && !is_layout(n)) {
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

/* The element the page's own text is in. */
static xmlNode *
find_root(xmlNode *top, struct kb_text *t)
{
	xmlNode *n, *main = NULL, *article = NULL, *body = NULL;
	size_t articles = 0;

	for (n = top; n != NULL; n = next_node(top, n)) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (is_element(n, "title") && t->title == NULL &&
		    n->parent != NULL && !is_element(n->parent, "svg")) {
			t->title = text_of(n, 500);
			cut_site(t->title);
		} else if (is_element(n, "html") && t->language == NULL)
			t->language = attribute(n, "lang");
		else if (is_element(n, "body") && body == NULL)
			body = n;
		else if (is_element(n, "main") && main == NULL)
			main = n;
		else if (is_element(n, "article")) {
			articles++;
			article = n;
		}
	}
	if (main != NULL && main->children != NULL)
		return main;
	if (articles == 1 && article->children != NULL)
		return article;
	return body != NULL ? body : top;
}

int
extract_html(const char *text, size_t len, struct blocks *b)
{
	struct reader r = { .b = b };
	htmlParserCtxt *parser;
	xmlDoc *doc;
	xmlNode *top;

	if (len > INT32_MAX / 2)
		return err_set(ERR_DATA, "too long for HTML");
	parser = htmlCreateMemoryParserCtxt(text, (int)len);
	if (parser == NULL)
		return err_set(ERR_DATA, "not readable as HTML");
	doc = htmlCtxtReadMemory(parser, text, (int)len, NULL, "UTF-8",
	    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		HTML_PARSE_NONET | HTML_PARSE_COMPACT | (int)XML_PARSE_HUGE);
	htmlFreeParserCtxt(parser);
	top = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	if (top == NULL) {
		xmlFreeDoc(doc);
		return err_set(ERR_DATA, "not readable as HTML");
	}
	r.root = find_root(top, b->text);
	walk(&r);
	buf_release(&r.text);
	buf_release(&r.list);
	xmlFreeDoc(doc);
	return 0;
}
