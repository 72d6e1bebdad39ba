/* chrome - what a page has around its text: menus, notices, what is not shown */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kb/chrome.h"
#include "kb/chunk.h"
#include "kb/stylesheet.h"

#define HEADING_WITHIN 40  /* nodes below one that is named by it */
#define LOOK_NODES 2000	   /* below one whose text is measured */
#define NAME_MAX_BYTES 200 /* of what names what is below it */
#define CLIMB_MAX 4	   /* elements around a button alone */
#define BESIDE_MAX 8	   /* nodes between two that are side by side */
#define BUTTON_WORDS 3	   /* at least, of what a button alone unfolds */
#define PAGE_WORDS 40	   /* below a title, at least, of a page's text */
#define FORM_WORDS 60	   /* a form with fewer asks for an address */
#define SLUG_BETWEEN " \t\r\n-_"

struct chrome {
	const xmlNode *root;
	bool is_book;
	struct stylesheet *sheet;
	struct control {
		const char *id; /* of what it shows */
		xmlNode *node;
	} * control;
	size_t controls;
};

static const char *const never[] = { "script", "style", "nav", "noscript",
	"template", "svg", "math", "iframe", "select", "textarea", "object",
	"head", "canvas", "audio", "video", "dialog", "datalist", "option",
	"progress", "meter", "output", "del", "s", "strike", NULL };

/* --- looking around --- */

/* Whether it is one of the classes that say what it is, and not how a page
 * around it is laid out: "site no-sidebar". */
static bool
has_class(const char *value, const char *const *words)
{
	static const char *const layouts[] = { "no-", "has-", "with-",
		"without-", "category-", "tag-", "term-", NULL };
	const char *p = value;
	size_t i, n;
	bool has = false;

	for (; p != NULL && *p != '\0' && !has; p += n) {
		p += strspn(p, " \t\n");
		n = strcspn(p, " \t\n");
		for (i = 0; layouts[i] != NULL; i++)
			if (strncasecmp(p, layouts[i], strlen(layouts[i])) == 0)
				break;
		has = layouts[i] == NULL && html_has_word_in(p, n, words);
	}
	return has;
}

/* Whether one of the classes of a value, between blanks, is in the list. */
static bool
is_of_class(const char *value, const char *const *list)
{
	const char *p;
	size_t i, n;

	for (p = value; p != NULL && *p != '\0'; p += n) {
		p += strspn(p, " \t\r\n");
		n = strcspn(p, " \t\r\n");
		for (i = 0; list[i] != NULL; i++)
			if (strlen(list[i]) == n &&
			    strncasecmp(p, list[i], n) == 0)
				return true;
	}
	return false;
}

static bool
is_text(const xmlNode *n)
{
	return n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE;
}

static size_t
solid(const xmlNode *n)
{
	const char *p = (const char *)n->content;
	size_t count = 0;

	for (; is_text(n) && p != NULL && *p != '\0'; p++)
		count += strchr(" \t\r\n", *p) == NULL;
	return count;
}

/* What is below a node, as far as it is looked at. */
struct measure {
	size_t text, links; /* bytes, without blanks */
	size_t fields;	    /* to write into */
};

static bool
is_field(const xmlNode *n)
{
	const char *type = html_attribute(n, "type");

	return html_is(n, "textarea") ||
	    (html_is(n, "input") &&
		(type == NULL || html_value_is(type, "text") ||
		    html_value_is(type, "email") ||
		    html_value_is(type, "tel") ||
		    html_value_is(type, "search") ||
		    html_value_is(type, "password")));
}

static struct measure
measured(xmlNode *n)
{
	struct measure m = { 0 };
	xmlNode *at = n->children, *link_end = NULL;
	bool in_link = false;
	size_t seen = 0, len;

	while (at != NULL && seen++ < LOOK_NODES) {
		if (at == link_end)
			in_link = false;
		if (!in_link && html_is(at, "a")) {
			in_link = true;
			link_end = html_next_over(n, at);
		}
		len = solid(at);
		m.text += len;
		m.links += in_link ? len : 0;
		m.fields += is_field(at);
		at = html_is_one_of(at, never) ? html_next_over(n, at) :
						 html_next(n, at);
	}
	return m;
}

char *
chrome_text(xmlNode *n, size_t max)
{
	static const char *const apart[] = { "br", "p", "li", "div", NULL };
	struct buf out = BUF_INIT(max);
	xmlNode *at = n->children;

	while (at != NULL && !out.failed) {
		if (is_text(at))
			buf_adds(&out, (const char *)at->content);
		else if (at->type == XML_ENTITY_REF_NODE ||
		    html_is_one_of(at, apart))
			buf_addc(&out, ' ');
		at = html_is_one_of(at, never) || html_is(at, "button") ?
		    html_next_over(n, at) :
		    html_next(n, at);
	}
	return buf_detach(&out);
}

/* Whether it has text that runs, and not links to go elsewhere. */
static bool
has_running_text(xmlNode *n)
{
	struct measure m = measured(n);

	return m.text > 0 && m.links * 2 <= m.text;
}

/* Whether n holds what the page is about: a frame around it may be named by
 * what else it has, as "sidebar-right" is. */
static bool
holds_page(xmlNode *n)
{
	xmlNode *at = n->children;
	bool has_title = false;
	size_t seen, words = 0;
	char *text;

	for (seen = 0; at != NULL && seen < LOOK_NODES; seen++) {
		if (html_is(at, "main"))
			return true;
		has_title |= html_is(at, "h1");
		at = html_is_one_of(at, never) ? html_next_over(n, at) :
						 html_next(n, at);
	}
	if (has_title && has_running_text(n)) {
		text = chrome_text(n, PAGE_WORDS * 20);
		words = passage_words(text, strlen(text));
		free(text);
	}
	return words >= PAGE_WORDS;
}

/* The element beside n, past what is not seen; NULL: there is text between,
 * or none. */
static xmlNode *
beside(const xmlNode *n, bool is_below)
{
	static const char *const unseen[] = { "input", "br", "hr", "script",
		"style", "template", NULL };
	xmlNode *at = is_below ? n->next : n->prev;
	size_t seen;

	for (seen = 0; at != NULL && seen < BESIDE_MAX; seen++) {
		if (solid(at) > 0)
			return NULL;
		if (at->type == XML_ELEMENT_NODE && !html_is_one_of(at, unseen))
			return at;
		at = is_below ? at->next : at->prev;
	}
	return NULL;
}

/* Whether nothing is beside n in what it is in. */
static bool
is_alone(const xmlNode *n)
{
	const xmlNode *at = n;
	size_t seen;

	for (seen = 0; at->prev != NULL && seen < BESIDE_MAX; seen++)
		at = at->prev;
	for (seen = 0; at != NULL && seen < 2 * BESIDE_MAX; seen++) {
		if (solid(at) > 0 ||
		    (at != n && at->type == XML_ELEMENT_NODE &&
			solid(at->children != NULL ? at->children : at) > 0))
			return false;
		at = at->next;
	}
	return at == NULL;
}

/* --- what unfolds --- */

static bool
is_tab(const xmlNode *n)
{
	return html_value_is(html_attribute(n, "role"), "tab");
}

/* Whether it is there to be clicked on. */
static bool
is_control(const xmlNode *n)
{
	const char *role;

	if (html_is(n, "button") || html_is(n, "label"))
		return true;
	if (n->properties == NULL)
		return false;
	role = html_attribute(n, "role");
	return html_value_is(role, "button") || html_value_is(role, "tab") ||
	    html_attribute(n, "aria-controls") != NULL ||
	    html_attribute(n, "aria-expanded") != NULL ||
	    html_attribute(n, "data-toggle") != NULL ||
	    html_attribute(n, "data-bs-toggle") != NULL;
}

/* The id of what a control shows; NULL: it tells none. */
static const char *
target_of(const xmlNode *n)
{
	static const char *const names[] = { "aria-controls", "data-bs-target",
		"data-target", "href", NULL };
	const char *value;
	size_t i;

	for (i = 0; names[i] != NULL; i++) {
		value = html_attribute(n, names[i]);
		if (value == NULL || *value == '\0')
			continue;
		if (*value == '#' && value[1] != '\0')
			return value + 1;
		if (i == 0)
			return value;
	}
	return NULL;
}

static int
by_id(const void *a, const void *b)
{
	const struct control *x = a, *y = b;

	return strcmp(x->id, y->id);
}

/* The first control that shows n; NULL: none does. */
static xmlNode *
control_of(const struct chrome *c, const xmlNode *n)
{
	struct control key = { .id = html_attribute(n, "id") }, *found;

	if (key.id == NULL || c->controls == 0)
		return NULL;
	found = bsearch(&key, c->control, c->controls, sizeof(key), by_id);
	while (
	    found != NULL && found > c->control && by_id(found - 1, &key) == 0)
		found--;
	return found != NULL ? found->node : NULL;
}

struct chrome *
chrome_new(xmlNode *top, const xmlNode *root, bool is_book)
{
	struct chrome *c = xcalloc(1, sizeof(*c));
	const char *id;
	xmlNode *n;

	c->root = root;
	c->is_book = is_book;
	c->sheet = stylesheet_new(top);
	for (n = top; n != NULL; n = html_next(top, n)) {
		id = target_of(n);
		if (id == NULL)
			continue;
		if ((c->controls & (c->controls - 1)) == 0)
			c->control = xrealloc(c->control,
			    (c->controls ? 2 * c->controls : 1) *
				sizeof(*c->control));
		c->control[c->controls++] = (struct control){ id, n };
	}
	if (c->controls > 0)
		qsort(c->control, c->controls, sizeof(*c->control), by_id);
	return c;
}

void
chrome_free(struct chrome *c)
{
	if (c == NULL)
		return;
	stylesheet_free(c->sheet);
	free(c->control);
	free(c);
}

/* Whether classes of its own hide it; those that hide it on some screens only,
 * or what is too long of it, do not. */
static bool
is_hidden_by_class(const char *class)
{
	static const char *const hides[] = { "hidden", "is-hidden",
		"visually-hidden", "d-none", NULL };
	static const char *const shows[] = { "block", "inline", "flex", "grid",
		"table", "contents", NULL };
	const char *p;
	size_t n;

	if (!is_of_class(class, hides))
		return false;
	for (p = class; *p != '\0'; p += n) {
		p += strspn(p, " \t\r\n");
		n = strcspn(p, " \t\r\n");
		char *one = xstrndup(p, n);
		const char *colon = strrchr(one, ':');
		bool is = (colon != NULL && html_has_word(colon + 1, shows)) ||
		    (str_starts(one, "d-") && html_has_word(one, shows));

		free(one);
		if (is)
			return false;
	}
	return true;
}

/* Whether its styles hide it: its own, or else those of the page; those may
 * hide all of the page until a script has run. */
static bool
is_hidden_by_style(const struct chrome *c, xmlNode *n)
{
	enum stylesheet_says own = stylesheet_says(html_attribute(n, "style"));

	return own == STYLE_HIDES ||
	    (own == STYLE_SAYS_NOTHING && stylesheet_hides(c->sheet, n) &&
		!holds_page(n));
}

/* Whether it is not shown, at first. */
static bool
is_unseen(const struct chrome *c, xmlNode *n)
{
	if (n->properties == NULL)
		return false;
	return html_attribute(n, "hidden") != NULL ||
	    html_value_is(html_attribute(n, "aria-hidden"), "true") ||
	    is_hidden_by_class(html_attribute(n, "class")) ||
	    is_hidden_by_style(c, n);
}

/* How sure it is that n, with what is in it, is what one clicks on to have the
 * next one unfolded: 0 not, 1 a button, which may do anything else, 2 it is. */
static int
is_question(xmlNode *n)
{
	static const char *const classes[] = { "question", "accordion",
		"toggle", "trigger", "faq", "collapsible", "collapse",
		"expander", NULL };
	struct buf text = BUF_INIT(NAME_MAX_BYTES);
	xmlNode *at;
	size_t seen = 0, len;
	int sure = 0;

	for (at = n; at != NULL && seen++ < HEADING_WITHIN && sure < 2;
	     at = html_next(n, at)) {
		if (is_text(at))
			buf_adds(&text, (const char *)at->content);
		else if (html_is_heading(at) || html_is(at, "summary") ||
		    html_is(at, "dt") || is_tab(at) ||
		    html_attribute(at, "aria-expanded") != NULL ||
		    html_attribute(at, "aria-controls") != NULL ||
		    has_class(html_attribute(at, "class"), classes))
			sure = 2;
		else if (is_control(at) && (at == n || is_alone(at)))
			sure = 1;
	}
	len = text.len;
	while (len > 0 && strchr(" \t\r\n", text.data[len - 1]) != NULL)
		len--;
	if (text.failed)
		sure = 0;
	else if (len > 0 &&
	    (text.data[len - 1] == '?' ||
		(len >= 3 &&
		    memcmp(text.data + len - 3, "\xef\xbc\x9f", 3) == 0) ||
		(len >= 2 && memcmp(text.data + len - 2, "\xd8\x9f", 2) == 0)))
		sure = 2;
	buf_release(&text);
	return sure;
}

/* Whether it is by its class or role what something unfolds. */
static bool
is_panel(const xmlNode *n)
{
	static const char *const classes[] = { "answer", "answers", "accordion",
		"collapse", "collapsible", "panel", "tab", "tabs", "tabpanel",
		"toggle", "faq", "details", "expand", "expandable", "spoiler",
		"unfold", NULL };
	static const char *const roles[] = { "tabpanel", "region", NULL };

	return has_class(html_attribute(n, "class"), classes) ||
	    html_has_word(html_attribute(n, "role"), roles) ||
	    html_value_is(html_attribute(n, "hidden"), "until-found");
}

/* Whether it is not shown, but told that it was done or went wrong. */
static bool
is_notice(const xmlNode *n)
{
	static const char *const words[] = { "tooltip", "toast", "snackbar",
		"error", "errors", "success", "loading", "loader", "spinner",
		"overlay", "lightbox", "offcanvas", "drawer", "template",
		"preheader", "dropdown", NULL };
	static const char *const roles[] = { "tooltip", "status", "alert",
		"listbox", "log", "progressbar", NULL };

	return has_class(html_attribute(n, "class"), words) ||
	    html_has_word(html_attribute(n, "role"), roles);
}

/* Whether what is not shown is text that somebody may have shown. */
static bool
unfolds(const struct chrome *c, xmlNode *n)
{
	static const char *const blocks[] = { "p", "div", "section", "article",
		"ul", "ol", "dl", "dd", "table", "blockquote", "li", "tr",
		NULL };
	xmlNode *above;
	char *text;
	size_t words;
	int sure;

	if (is_notice(n) || !has_running_text(n))
		return false;
	if (html_is(n, "dd") || is_panel(n) || control_of(c, n) != NULL)
		return true;
	above = beside(n, false);
	sure =
	    above != NULL && html_is_one_of(n, blocks) ? is_question(above) : 0;
	if (sure != 1)
		return sure == 2;
	text = chrome_text(n, NAME_MAX_BYTES);
	words = passage_words(text, strlen(text));
	free(text);
	return words >= BUTTON_WORDS;
}

/* What a control, alone in some elements or not, is right above of and shows;
 * NULL: nothing. */
static xmlNode *
shown_below(const struct chrome *c, xmlNode *n)
{
	xmlNode *at = n, *below;
	size_t i;

	for (i = 0; i < CLIMB_MAX; i++) {
		below = beside(at, true);
		if (below != NULL && at != NULL &&
		    (control_of(c, below) == n || is_panel(below) ||
			is_unseen(c, below)))
			return (is_unseen(c, below) ? unfolds(c, below) :
						      !is_notice(below) &&
					   has_running_text(below)) ?
			    below :
			    NULL;
		if (below != NULL || !is_alone(at) || at->parent == NULL ||
		    at->parent == c->root)
			return NULL;
		at = at->parent;
	}
	return NULL;
}

bool
chrome_is_name(const struct chrome *c, xmlNode *n)
{
	return n->type == XML_ELEMENT_NODE && is_control(n) &&
	    shown_below(c, n) != NULL;
}

xmlNode *
chrome_panel(const struct chrome *c, xmlNode *n)
{
	xmlNode *at = n, *panel;
	size_t seen;

	for (seen = 0; at != NULL && seen < HEADING_WITHIN; seen++) {
		if (is_control(at) && (panel = shown_below(c, at)) != NULL)
			return panel;
		at = html_next(n, at);
	}
	panel = shown_below(c, n);
	return panel != NULL && is_unseen(c, panel) ? panel : NULL;
}

/* The heading among the first nodes below n; NULL: there is none. */
static xmlNode *
heading_within(xmlNode *n)
{
	xmlNode *at = n->children;
	size_t seen;

	for (seen = 0; at != NULL && seen < HEADING_WITHIN; seen++) {
		if (html_is_heading(at) || html_is(at, "summary"))
			return at;
		at = html_next(n, at);
	}
	return NULL;
}

char *
chrome_name(const struct chrome *c, xmlNode *n)
{
	xmlNode *tab;

	if (n->type != XML_ELEMENT_NODE || n->properties == NULL ||
	    c->controls == 0 || !is_panel(n) ||
	    (tab = control_of(c, n)) == NULL || !is_tab(tab) ||
	    html_is_heading(tab) || heading_within(tab) != NULL ||
	    heading_within(n) != NULL || shown_below(c, tab) == n)
		return NULL;
	return chrome_text(tab, NAME_MAX_BYTES);
}

/* --- what is none of the text --- */

/* The number of a note, in the text or behind the note: a word to nobody. */
static bool
is_note_mark(const xmlNode *n)
{
	static const char *const roles[] = { "noteref", "backlink", NULL };
	static const char *const classes[] = { "footnote", NULL };

	return html_is(n, "a") &&
	    (html_has_word(html_attribute(n, "role"), roles) ||
		html_has_word(html_attribute(n, "epub:type"), roles) ||
		html_has_word(html_attribute(n, "class"), classes));
}

/* Whether text is one sign that is no letter or digit, such as that of a
 * paragraph; icons have no meaning of their own. */
static bool
is_one_sign(const char *text)
{
	const char *p = text, *end = text + strlen(text);
	size_t signs = 0;
	uint32_t c;

	while ((c = utf8_next(&p, end)) != 0) {
		if (c == ' ' || c == '\n' || c == '\t' || c == '\r' ||
		    c == 0xa0 || c == 0x200b || c == 0xfe0f || c == 0xfe0e)
			continue;
		signs++;
		if (c < 0x80 ? isalnum((int)c) :
			       (c >= 0xc0 && c < 0x2000) ||
			    (c >= 0x2e80 && c < 0xe000) ||
			    (c >= 0xf900 && c < 0x1f000))
			return false;
	}
	return signs == 1;
}

/* The link to a place of the page that stands beside its name. */
static bool
is_anchor(const xmlNode *n, bool in_heading)
{
	static const char *const classes[] = { "headerlink", "anchor",
		"anchorjs", "permalink", "hash", "headinglink", NULL };
	const char *href = html_attribute(n, "href"), *class;
	const xmlNode *at;
	char *text;
	bool is;

	if (!html_is(n, "a") || href == NULL || strchr(href, '#') == NULL)
		return false;
	class = html_attribute(n, "class");
	if (*href != '#' && !html_has_word(class, classes))
		return false;
	text = chrome_text((xmlNode *)(uintptr_t)n, NAME_MAX_BYTES);
	is = is_one_sign(text);
	free(text);
	if (is || !in_heading || !html_has_word(class, classes))
		return is;
	/* With words, where it is not all of the heading. */
	for (at = n->prev; at != NULL; at = at->prev)
		if (solid(at) > 0)
			return true;
	for (at = n->next; at != NULL; at = at->next)
		if (solid(at) > 0)
			return true;
	return false;
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
is_named_by_heading(xmlNode *n, const char *id)
{
	xmlNode *heading = heading_within(n);
	xmlChar *text;
	bool is;

	if (heading == NULL)
		return false;
	text = xmlNodeGetContent(heading);
	is = text != NULL && is_slug_of(id, (const char *)text);
	xmlFree(text);
	return is;
}

/* Whether a form asks for something, and is not what a page stands in. */
static bool
is_form_to_fill(xmlNode *n, const struct chrome_around *around)
{
	static const char *const page[] = { "main", "article", "header",
		"footer", "nav", "h1", NULL };
	struct measure m;
	xmlNode *at;
	char *text;
	size_t words;
	size_t seen = 0;

	if (around->main > 0)
		return false;
	m = measured(n);
	if (m.fields == 0)
		return false;
	for (at = n->children; at != NULL && seen++ < LOOK_NODES;
	     at = html_next(n, at))
		if (html_is_one_of(at, page))
			return false;
	text = chrome_text(n, FORM_WORDS * 20);
	words = passage_words(text, strlen(text));
	free(text);
	return words < FORM_WORDS;
}

/* What is beside the text is a part of it within <main>, but for links. */
static bool
is_aside(xmlNode *n, const struct chrome_around *around)
{
	return (html_is(n, "aside") ||
		   html_value_is(html_attribute(n, "role"), "complementary")) &&
	    (around->main == 0 || !has_running_text(n));
}

/* Whether it is one of the parts of a form or of a window, which have no text
 * but where they are the names of what they show. */
static bool
is_part_to_click(const struct chrome *c, xmlNode *n,
    const struct chrome_around *around)
{
	if (around->heading > 0)
		return false;
	if (html_is(n, "button") || is_tab(n))
		return !html_is_heading(n) && heading_within(n) == NULL &&
		    !chrome_is_name(c, n);
	if (html_is(n, "label") || html_is(n, "legend"))
		return around->form > 0 && !chrome_is_name(c, n);
	return false;
}

static bool
is_named_so(xmlNode *n)
{
	static const char *const roles[] = { "navigation", "banner",
		"contentinfo", "search", "dialog", "alertdialog", "menu",
		"menubar", NULL };
	static const char *const words[] = { "cookie", "cookies", "consent",
		"gdpr", "navbar", "nav", "navigation", "navheader", "navfooter",
		"breadcrumb", "breadcrumbs", "sidebar", "menu", "toc", "footer",
		"skip", "share", "sharedaddy", "sharethis", "addtoany",
		"addthis", "social", "newsletter", "subscribe", "advert", "ads",
		"popup", "modal", "pagination", "related", "relatedposts",
		"editsection", "commentform", "respond", NULL };
	/* Who wrote it when, and how many liked it. */
	static const char *const meta[] = { "article-author", "article-meta",
		"article-votes", "author-bio", "author-box", "byline",
		"entry-meta", "meta-group", "post-author", "post-meta", NULL };
	const char *class = html_attribute(n, "class");
	const char *id = html_attribute(n, "id");

	if (html_has_word(html_attribute(n, "role"), roles) ||
	    is_of_class(class, meta))
		return true;
	return (has_class(class, words) ||
		   (html_has_word(id, words) && !is_named_by_heading(n, id))) &&
	    !holds_page(n);
}

bool
chrome_hides(const struct chrome *c, xmlNode *n)
{
	return html_is_one_of(n, never) || (is_unseen(c, n) && !unfolds(c, n));
}

bool
chrome_has(const struct chrome *c, xmlNode *n,
    const struct chrome_around *around)
{
	if (c->is_book || html_is_one_of(n, never))
		return is_note_mark(n) || chrome_hides(c, n);
	/* Within an article it is the article's. */
	if (html_is(n, "header"))
		return around->main + around->section == 0;
	if (html_is(n, "footer"))
		return true;
	if (n == c->root || html_is(n, "body") || html_is(n, "html"))
		return false;
	if (chrome_hides(c, n))
		return true;
	/* A heading may well be about cookies. */
	if (html_is_heading(n))
		return false;
	if (n->properties == NULL)
		return is_aside(n, around) ||
		    (html_is(n, "form") && is_form_to_fill(n, around)) ||
		    is_part_to_click(c, n, around);
	return is_note_mark(n) || is_anchor(n, around->heading > 0) ||
	    is_named_so(n) || is_aside(n, around) ||
	    (html_is(n, "form") && is_form_to_fill(n, around)) ||
	    is_part_to_click(c, n, around);
}
