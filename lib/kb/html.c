/* html - the tree that libxml2 makes of a page, looked at */
#include <string.h>
#include <strings.h>

#include "kb/html.h"

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
html_has_word(const char *value, const char *const *words)
{
	size_t i, n;
	const char *p;

	for (p = value; p != NULL && *p != '\0'; p += n) {
		p += strspn(p, WORD_BETWEEN);
		n = strcspn(p, WORD_BETWEEN);
		for (i = 0; words[i] != NULL; i++)
			if (strlen(words[i]) == n &&
			    strncasecmp(p, words[i], n) == 0)
				return true;
	}
	return false;
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
