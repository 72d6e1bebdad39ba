/*
 * terms - the words of the index that begin alike
 *
 * The index keeps words in order, so those that begin as a word does stand
 * together: few are read to find which of them are the word in another ending,
 * or longer words made of it.
 */
#ifndef KB_TERMS_H
#define KB_TERMS_H

#include "kb/segment.h"

typedef void (*term_fn)(void *ctx, const char *term, size_t len);

/*
 * Call each(ctx, term, len) for words that begin with the len bytes at begin,
 * at most max of each segment; one that stands in two comes twice.
 */
int terms_from(struct db *db, const struct segments *s, const char *begin,
    size_t len, size_t max, term_fn each, void *ctx);

#endif
