/*
 * endings - light stemming for languages without a Snowball stemmer that serves
 *
 * The longest known ending is taken off, if enough of the word is left. That
 * is less than a stemmer does, and takes the same from texts and questions.
 */
#ifndef KB_ENDINGS_H
#define KB_ENDINGS_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of a folded word that are left; len where nothing is to be cut. */
size_t endings_cut(const char *word, size_t len, const char *language);

/* Whether there are any of language. */
bool endings_known(const char *language);

#endif
