/*
 * cite - where an answer is from, as the customer reads it and as it is kept
 */
#ifndef AI_CITE_H
#define AI_CITE_H

#include <stdbool.h>

#include "base/json.h"

/*
 * Text with its source under it, in a language ("de"; NULL: English): "Quelle:
 * Delivery", and its address if it is a link. Without a title, or where it has
 * a link or a telephone number, just the text. The caller frees.
 */
char *cite_text(const char *text, const char *language, const char *title,
    const char *source);

/* Whether a title is but the name of the file, and nothing in it says so. */
bool cite_is_name(const char *title, const char *source);

/*
 * Text without the marks by which a model names some of so many passages, which
 * say nothing to a customer: "[1]", "(passage 1, 2)", "【1】", a raised 1,
 * "According to passage 1, ". The caller frees.
 */
char *cite_unmark(const char *text, size_t passages);

/*
 * Text without the lines that cite_text() puts under it, in any language: a
 * model that was shown them writes them, too. The caller frees.
 */
char *cite_left_out(const char *text);

/* A source as events and reply rows have it. */
json_t *cite_new(const char *passage, const char *document, const char *title,
    const char *source, const char *section, double score, bool quoted);

/* Add one to an array, unless its passage is in it. Takes it. */
void cite_add(json_t *sources, json_t *one);

#endif
