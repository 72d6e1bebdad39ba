/*
 * page - what a crawler wants to know of a page of HTML
 *
 * libxml2 calls for each tag as it reads; no tree is made, so how deep a page
 * is nested costs nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>

#include "base/str.h"
#include "kb/html.h"
#include "kb/page.h"

#define READ_MAX_BYTES (4 << 20) /* links behind that are not seen */

struct reader {
	struct page *page;
	const char *agent;
	bool in_title;
};

/* The value of an attribute, borrowed; NULL: none. */
static const char *
attribute(const xmlChar **atts, const char *name)
{
	size_t i;

	for (i = 0; atts != NULL && atts[i] != NULL; i += 2)
		if (strcasecmp((const char *)atts[i], name) == 0)
			return (const char *)atts[i + 1];
	return NULL;
}

/* Whether a list of words, between blanks or commas, has word. */
static bool
has_word(const char *list, const char *word)
{
	size_t n;

	for (; list != NULL && *list != '\0'; list += n) {
		list += strspn(list, " \t\r\n\f,");
		n = strcspn(list, " \t\r\n\f,");
		if (n == strlen(word) && strncasecmp(list, word, n) == 0)
			return true;
	}
	return false;
}

static void
obey(struct page *p, const char *words)
{
	if (has_word(words, "noindex") || has_word(words, "none"))
		p->noindex = true;
	if (has_word(words, "nofollow") || has_word(words, "none"))
		p->nofollow = true;
}

void
page_obey(struct page *p, const char *directive, const char *agent)
{
	const char *colon = strchr(directive, ':');
	size_t len = strlen(agent);

	/* "otherbot: noindex"; but "unavailable_after: ..." is a directive. */
	if (colon == NULL || strcspn(directive, ",") < strcspn(directive, ":"))
		obey(p, directive);
	else if ((size_t)(colon - directive) == len &&
	    strncasecmp(directive, agent, len) == 0)
		obey(p, colon + 1);
}

static void
add_link(struct page *p, const char *href)
{
	if (href == NULL || *href == '\0' || *href == '#' ||
	    p->count == PAGE_LINKS_MAX)
		return;
	if (p->count % 64 == 0)
		p->link = xrealloc(p->link, (p->count + 64) * sizeof(*p->link));
	p->link[p->count++] = xstrdup(href);
}

static void
on_meta(struct reader *r, const xmlChar **atts)
{
	const char *name = attribute(atts, "name");
	const char *equiv = attribute(atts, "http-equiv");
	const char *content = attribute(atts, "content"), *url;
	size_t n;

	if (content == NULL)
		return;
	if (name != NULL &&
	    (strcasecmp(name, "robots") == 0 ||
		strcasecmp(name, r->agent) == 0))
		obey(r->page, content);
	if (equiv == NULL || strcasecmp(equiv, "refresh") != 0 ||
	    r->page->refresh != NULL ||
	    (url = strcasestr(content, "url=")) == NULL)
		return;
	url += 4;
	if (*url == '"' || *url == '\'') {
		n = strcspn(url + 1, *url == '"' ? "\"" : "'");
		r->page->refresh = xstrndup(url + 1, n);
	} else
		r->page->refresh = xstrdup(url);
}

static void
on_link(struct page *p, const xmlChar **atts)
{
	const char *rel = attribute(atts, "rel");
	const char *href = attribute(atts, "href");
	const char *type = attribute(atts, "type");

	if (rel == NULL || href == NULL)
		return;
	if (has_word(rel, "canonical") && p->canonical == NULL)
		p->canonical = xstrdup(href);
	else if (has_word(rel, "next") || has_word(rel, "prev") ||
	    (has_word(rel, "alternate") &&
		(type == NULL || strcasecmp(type, "text/html") == 0)))
		add_link(p, href);
}

static void
add_frame(struct page *p, const char *name, const xmlChar **atts)
{
	p->has_frames |= strcasecmp(name, "frame") == 0;
	add_link(p, attribute(atts, "src"));
}

static void
on_start(void *ctx, const xmlChar *tag, const xmlChar **atts)
{
	struct reader *r = ctx;
	const char *name = (const char *)tag;

	if (strcasecmp(name, "a") == 0 || strcasecmp(name, "area") == 0) {
		if (!has_word(attribute(atts, "rel"), "nofollow"))
			add_link(r->page, attribute(atts, "href"));
	} else if (strcasecmp(name, "frame") == 0 ||
	    strcasecmp(name, "iframe") == 0)
		add_frame(r->page, name, atts);
	else if (strcasecmp(name, "link") == 0)
		on_link(r->page, atts);
	else if (strcasecmp(name, "meta") == 0)
		on_meta(r, atts);
	else if (strcasecmp(name, "base") == 0 && r->page->base == NULL)
		r->page->base = xstrdup(attribute(atts, "href"));
	else if (strcasecmp(name, "title") == 0)
		r->in_title = true;
}

static void
on_end(void *ctx, const xmlChar *tag)
{
	struct reader *r = ctx;

	r->in_title &= strcasecmp((const char *)tag, "title") != 0;
}

/* Those of scripts are told otherwise. */
static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct reader *r = ctx;
	int i;

	for (i = 0; i < len && !r->in_title; i++)
		r->page->text_bytes += strchr(" \t\r\n", text[i]) == NULL;
}

void
page_read(const char *text, size_t len, const char *agent, struct page *ret)
{
	struct reader r = { .page = ret, .agent = agent };
	htmlSAXHandler sax = { .startElement = on_start,
		.endElement = on_end,
		.characters = on_text };
	htmlParserCtxt *ctxt;
	const char *nul;
	char *thinned;

	memset(ret, 0, sizeof(*ret));
	if (len > READ_MAX_BYTES)
		len = READ_MAX_BYTES;
	/* A NUL would end it for libxml2. */
	nul = memchr(text, '\0', len);
	if (nul != NULL)
		len = (size_t)(nul - text);
	if ((thinned = html_thinned(text, len, &len)) != NULL)
		text = thinned;
	ctxt = htmlCreatePushParserCtxt(&sax, &r, NULL, 0, NULL,
	    XML_CHAR_ENCODING_UTF8);
	if (ctxt == NULL) {
		free(thinned);
		return;
	}
	htmlCtxtUseOptions(ctxt,
	    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	htmlParseChunk(ctxt, text, (int)len, 1);
	if (ctxt->myDoc != NULL)
		xmlFreeDoc(ctxt->myDoc);
	htmlFreeParserCtxt(ctxt);
	free(thinned);
}

void
page_release(struct page *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->link[i]);
	free(p->link);
	free(p->base);
	free(p->canonical);
	free(p->refresh);
	memset(p, 0, sizeof(*p));
}
