/* html - the tree that libxml2 makes of a page, looked at */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "kb/html.h"

#define ATTRIBUTES_MAX 2000 /* of a tag */
#define WORD_BETWEEN " \t\r\n-_"

/* Whether a is b, which is small; the first letter mostly says no. */
static bool
is_name(const xmlChar *a, const char *b)
{
	return (*a | 32) == *b && strcasecmp((const char *)a, b) == 0;
}

bool
html_is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && is_name(n->name, name);
}

bool
html_is_one_of(const xmlNode *n, const char *const *names)
{
	size_t i;

	for (i = 0; n->type == XML_ELEMENT_NODE && names[i] != NULL; i++)
		if (is_name(n->name, names[i]))
			return true;
	return false;
}

bool
html_is_heading(const xmlNode *n)
{
	return n->type == XML_ELEMENT_NODE &&
	    (n->name[0] == 'h' || n->name[0] == 'H') && n->name[1] >= '1' &&
	    n->name[1] <= '6' && n->name[2] == '\0';
}

const char *
html_attribute(const xmlNode *n, const char *name)
{
	const xmlAttr *a;

	if (n->type != XML_ELEMENT_NODE)
		return NULL;
	for (a = n->properties; a != NULL; a = a->next)
		if (is_name(a->name, name))
			return a->children != NULL &&
				a->children->content != NULL ?
			    (const char *)a->children->content :
			    "";
	return NULL;
}

bool
html_value_is(const char *value, const char *word)
{
	return value != NULL && strcasecmp(value, word) == 0;
}

bool
html_has_word_in(const char *value, size_t len, const char *const *words)
{
	const char *p = value, *end = value + len;
	size_t i, n;

	for (; p < end; p += n) {
		while (p < end && strchr(WORD_BETWEEN, *p) != NULL)
			p++;
		for (n = 0; p + n < end && strchr(WORD_BETWEEN, p[n]) == NULL;)
			n++;
		for (i = 0; n > 0 && words[i] != NULL; i++)
			if ((*p | 32) == *words[i] && strlen(words[i]) == n &&
			    strncasecmp(p, words[i], n) == 0)
				return true;
	}
	return false;
}

bool
html_has_word(const char *value, const char *const *words)
{
	return value != NULL && html_has_word_in(value, strlen(value), words);
}

xmlNode *
html_next_over(const xmlNode *root, xmlNode *n)
{
	while (n != NULL && n != root) {
		if (n->next != NULL)
			return n->next;
		n = n->parent;
	}
	return NULL;
}

xmlNode *
html_next(const xmlNode *root, xmlNode *n)
{
	return n->children != NULL && n->type == XML_ELEMENT_NODE ?
	    n->children :
	    html_next_over(root, n);
}

/* --- before it is a tree --- */

static bool
is_name_byte(char c)
{
	return strchr(" \t\r\n<>=\"'/", c) == NULL;
}

/* The end of the attribute of a tag at p: of its value, or of its name. */
static const char *
attribute_end(const char *p, const char *end)
{
	const char *close;

	while (p < end && is_name_byte(*p))
		p++;
	if (p == end || *p != '=')
		return p;
	if (++p < end && (*p == '"' || *p == '\'')) {
		close = memchr(p + 1, *p, (size_t)(end - p - 1));
		return close != NULL ? close + 1 : end;
	}
	while (
	    p < end && strchr(" \t\r\n", *p) == NULL && *p != '<' && *p != '>')
		p++;
	return p;
}

/* Where the tag at p has as many attributes as it may; NULL: it has not. */
static const char *
crowd_in(const char *p, const char *end)
{
	size_t count = 0;

	for (p++; p < end && is_name_byte(*p); p++)
		;
	while (p < end && *p != '<' && *p != '>')
		if (!is_name_byte(*p))
			p++;
		else if (count++ == ATTRIBUTES_MAX)
			return p;
		else
			p = attribute_end(p, end);
	return NULL;
}

char *
html_thinned(const char *text, size_t len, size_t *ret_len)
{
	const char *p = text, *end = text + len, *from = text, *crowd, *next;
	struct buf out = BUF_INIT(0);

	if (len < ATTRIBUTES_MAX)
		return NULL;
	for (; (p = memchr(p, '<', (size_t)(end - p))) != NULL; p++) {
		/* What is short has not so many, wherever it ends. */
		next = memchr(p + 1, '<', (size_t)(end - p - 1));
		if ((next != NULL ? next : end) - p < 2 * ATTRIBUTES_MAX)
			continue;
		crowd = crowd_in(p, end);
		if (crowd == NULL)
			continue;
		buf_add(&out, from, (size_t)(crowd - from));
		for (p = crowd; p < end && *p != '<' && *p != '>';)
			p = is_name_byte(*p) ? attribute_end(p, end) : p + 1;
		from = p;
		if (p == end)
			break;
	}
	if (from == text)
		return NULL;
	buf_add(&out, from, (size_t)(end - from));
	*ret_len = out.len;
	return buf_detach(&out);
}
