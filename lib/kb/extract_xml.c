/*
 * extract_xml - the text of XML of any kind
 *
 * An element with words of its own is a paragraph with all that is in it. One
 * whose parts are all short of parts is a record, named by them and by
 * attributes. What is called a title begins a section.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/err.h"
#include "kb/html.h"
#include "kb/record.h"

#define ENTITY_MAX_BYTES 1000
#define LOOK_BYTES 1000
#define KIN_MAX 200 /* nodes in one, of what is told as a record */

struct reader {
	struct records records;
	struct blocks *b;
	int code;
};

static const char *
name_of(const xmlNode *n)
{
	return (const char *)n->name;
}

/* What an entity that the document declares stands for; "" where that is more
 * than words, for then it may be without end. */
static const char *
entity_text(const xmlNode *n)
{
	const xmlEntity *e = xmlGetDocEntity(n->doc, n->name);
	const char *text = e != NULL && e->content != NULL &&
		e->etype == XML_INTERNAL_GENERAL_ENTITY ?
	    (const char *)e->content :
	    "";

	return strlen(text) <= ENTITY_MAX_BYTES && strpbrk(text, "<&") == NULL ?
	    text :
	    "";
}

/* All the text below n; the caller frees. */
static char *
text_of(const struct blocks *b, xmlNode *n)
{
	struct buf out = BUF_INIT(b->max + 1);
	xmlNode *at = n->children;

	while (at != NULL && !out.failed) {
		if (at->type == XML_ENTITY_REF_NODE)
			buf_adds(&out, entity_text(at));
		else if (at->type == XML_TEXT_NODE ||
		    at->type == XML_CDATA_SECTION_NODE)
			buf_adds(&out, (const char *)at->content);
		at = html_next(n, at);
	}
	return buf_detach(&out);
}

static bool
has_words(const xmlNode *n)
{
	const xmlNode *at;

	for (at = n->children; at != NULL; at = at->next)
		if (at->type != XML_ELEMENT_NODE && at->type != XML_PI_NODE &&
		    at->type != XML_COMMENT_NODE &&
		    (at->type == XML_ENTITY_REF_NODE ||
			at->content[strspn((const char *)at->content,
			    " \t\r\n")] != '\0'))
			return true;
	return false;
}

/* Those that name a part of the document or how it looks say nothing. */
static bool
is_said(const xmlAttr *a)
{
	static const char *const unsaid[] = { "id", "class", "style", "lang",
		"space", "schemaLocation", "noNamespaceSchemaLocation",
		"version", NULL };
	size_t i;

	for (i = 0; unsaid[i] != NULL; i++)
		if (strcasecmp((const char *)a->name, unsaid[i]) == 0)
			return false;
	return a->children != NULL && a->children->content != NULL;
}

static size_t
attributes_of(const xmlNode *n)
{
	const xmlAttr *a;
	size_t count = 0;

	for (a = n->properties; a != NULL; a = a->next)
		count += is_said(a);
	return count;
}

static bool
is_leaf(xmlNode *n)
{
	return xmlFirstElementChild(n) == NULL;
}

/* Whether the parts of n are those of a text, and not values by their names:
 * paragraphs, text with marks in it, or several of one kind. */
static bool
is_text(xmlNode *n)
{
	static const char *const names[] = { "p", "para", "simpara",
		"paragraph", "l", "li", "head", "listitem", "programlisting",
		"screen", "h1", "h2", "h3", "h4", "h5", "h6", NULL };
	xmlNode *at, *first = xmlFirstElementChild(n);
	bool differ = false;
	size_t leaves = 0;

	for (at = first; at != NULL; at = xmlNextElementSibling(at)) {
		if (str_in(name_of(at), names) ||
		    (has_words(at) && !is_leaf(at)))
			return true;
		leaves +=
		    is_leaf(at) && has_words(at) && attributes_of(at) == 0;
		differ |= strcmp(name_of(at), name_of(first)) != 0;
	}
	return !differ && leaves > 1;
}

/* A value of a part, "price: 199", or of what a part has, "price unit: kg". */
static void
put(struct reader *r, const char *part, const xmlChar *name,
    const xmlChar *value)
{
	char *both = name == NULL ? xstrdup(part) :
	    part == NULL	  ? xstrdup((const char *)name) :
				    xformat("%s %s", part, (const char *)name);

	if (value != NULL)
		records_put(&r->records, both, (const char *)value);
	free(both);
}

static void
put_attributes(struct reader *r, const char *part, const xmlNode *n)
{
	const xmlAttr *a;

	for (a = n->properties; a != NULL; a = a->next)
		if (is_said(a))
			put(r, part, a->name, a->children->content);
}

static void
put_leaf(struct reader *r, const char *outer, const char *name, xmlNode *n)
{
	char *part =
	    outer == NULL ? xstrdup(name) : xformat("%s %s", outer, name);
	char *text = has_words(n) ? text_of(r->b, n) : NULL;

	put(r, part, NULL, (const xmlChar *)text);
	put_attributes(r, text != NULL || outer != NULL ? part : NULL, n);
	free(text);
	free(part);
}

/* Whether n, one of a kind and without a title, has parts that have none: they
 * are told with what n is a part of. */
static bool
is_flat(xmlNode *n)
{
	xmlNode *at;
	size_t seen = 0;

	for (at = n->parent->children; at != NULL; at = at->next)
		if (++seen > KIN_MAX ||
		    (at != n && at->type == XML_ELEMENT_NODE &&
			strcmp(name_of(at), name_of(n)) == 0))
			return false;
	for (at = xmlFirstElementChild(n); at != NULL;
	     at = xmlNextElementSibling(at))
		if (!is_leaf(at) || record_is_title(name_of(at)))
			return false;
	return !is_leaf(n) && !has_words(n) && !is_text(n);
}

/* What is told of n by its attributes and by the parts that have none. */
static void
take_record(struct reader *r, xmlNode *n, int depth)
{
	xmlNode *at, *part;

	if (depth > 1)
		put_attributes(r, NULL, n);
	for (at = xmlFirstElementChild(n); at != NULL;
	     at = xmlNextElementSibling(at)) {
		if (is_leaf(at))
			put_leaf(r, NULL, name_of(at), at);
		else if (depth > 1 && is_flat(at))
			for (part = xmlFirstElementChild(at); part != NULL;
			     part = xmlNextElementSibling(part))
				put_leaf(r, name_of(at), name_of(part), part);
	}
	r->code = records_next(&r->records, depth);
}

/* All the text of n. */
static void
take_text(struct reader *r, xmlNode *n, int depth)
{
	char *text = text_of(r->b, n);

	records_flush(&r->records);
	if (record_is_title(name_of(n)) &&
	    strcasecmp(name_of(n), "name") != 0 &&
	    xmlFirstElementChild(n->parent) == n) {
		if (depth == 1 && r->b->text->title == NULL)
			r->b->text->title = xstrdup(text);
		blocks_add(r->b, BLOCK_HEADING, depth < 6 ? depth : 6, text,
		    strlen(text));
	} else
		blocks_add(r->b, BLOCK_PARAGRAPH, 0, text, strlen(text));
	free(text);
}

/* The parser takes nothing deeper than 256. */
static void
take(struct reader *r, xmlNode *n, int depth)
{
	xmlNode *at;
	bool by_name;

	if (r->b->full || r->code < 0)
		return;
	if (has_words(n)) {
		take_text(r, n, depth > 1 ? depth - 1 : 1);
		return;
	}
	by_name = !is_text(n);
	if (by_name)
		take_record(r, n, depth);
	for (at = xmlFirstElementChild(n); at != NULL;
	     at = xmlNextElementSibling(at))
		if (!by_name || !(is_leaf(at) || (depth > 1 && is_flat(at))))
			take(r, at, depth + 1);
}

int
extract_xml(const char *text, size_t len, struct blocks *b)
{
	static const char office[] = "<?mso-application";
	struct reader r = { .b = b, .records = { .b = b } };
	const xmlError *error;
	xmlParserCtxt *parser;
	xmlDoc *doc;
	xmlNode *root;

	if (len > INT32_MAX / 2)
		return err_set(ERR_DATA, "too long for XML");
	if (memmem(text, len < LOOK_BYTES ? len : LOOK_BYTES, office,
		strlen(office)) != NULL)
		return err_set(ERR_DATA,
		    "is an office document as XML of 2003; save it anew");
	parser = xmlNewParserCtxt();
	if (parser == NULL)
		return err_set(ERR_DATA, "not readable as XML");
	doc = xmlCtxtReadMemory(parser, text, (int)len, NULL, "UTF-8",
	    XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET |
		XML_PARSE_COMPACT | XML_PARSE_NOCDATA);
	root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	if (root == NULL) {
		error = xmlCtxtGetLastError(parser);
		r.code = err_set(ERR_DATA, "is damaged, at line %d of its XML",
		    error != NULL ? error->line : 1);
	} else
		take(&r, root, 1);
	records_end(&r.records);
	xmlFreeDoc(doc);
	xmlFreeParserCtxt(parser);
	return r.code;
}
