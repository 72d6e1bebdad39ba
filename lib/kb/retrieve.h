/*
 * retrieve - the passages with the highest BM25 for weighted words
 *
 * MaxScore over windows of passages: in each window, block maxima split the
 * words into those that can lift a passage into the best so far and the rest;
 * the first are added up, the rest only looked up for what is left. The result
 * is that of adding everything up.
 */
#ifndef KB_RETRIEVE_H
#define KB_RETRIEVE_H

#include "kb/segment.h"

struct retrieve_word {
	const char *term; /* each once */
	size_t len;
	float weight; /* what it adds at most; above 0 */
};

struct retrieved {
	int64_t row;
	float score;
};

/* Rows that may be found, rising. */
struct retrieve_rows {
	const int64_t *row;
	size_t count;
};

enum retrieve_flags {
	RETRIEVE_ALL = 1 << 0, /* pass nothing over: slow, for tests */
};

/*
 * The best k of all, best first, the lower row first among equals; allowed NULL:
 * of all. ret has room for k, *ret_count is how many there are.
 */
int retrieve(struct db *db, const struct segments *all,
    const struct retrieve_word *words, size_t n,
    const struct retrieve_rows *allowed, size_t k, unsigned flags,
    struct retrieved *ret, size_t *ret_count);

#endif
