/*
 * html - a page for libxml2, and the tree it makes of it, looked at
 *
 * Names are told whatever their case. What is returned is the tree's.
 */
#ifndef KB_HTML_H
#define KB_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include <libxml/tree.h>

/* Whether n is an element of this name, or of one of a list that ends in
 * NULL. */
bool html_is(const xmlNode *n, const char *name);
bool html_is_one_of(const xmlNode *n, const char *const *names);
/* <h1> to <h6>. */
bool html_is_heading(const xmlNode *n);

/* The value of an attribute, "" where it has none; NULL: it is not there. */
const char *html_attribute(const xmlNode *n, const char *name);
/* Whether a value is this word, whatever its case; NULL is none. */
bool html_value_is(const char *value, const char *word);
/* Whether a value has one of a list of words, between blanks, - and _. */
bool html_has_word(const char *value, const char *const *words);
bool html_has_word_in(const char *value, size_t len, const char *const *words);

/* The next node in document order below root, NULL at the end; and the next
 * that is not below n. */
xmlNode *html_next(const xmlNode *root, xmlNode *n);
xmlNode *html_next_over(const xmlNode *root, xmlNode *n);

/*
 * A page whose tags have at most some attributes each: the parser compares each
 * with all of its tag, which would take long. NULL: they have. The caller
 * frees.
 */
char *html_thinned(const char *text, size_t len, size_t *ret_len);

#endif
