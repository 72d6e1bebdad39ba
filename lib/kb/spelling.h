/*
 * spelling - the word of the base that a misspelt one was meant to be
 *
 * All words of the index that can be misspelt are looked at, each with a bit
 * for each of its letters: words with other letters than two slips can account
 * for are passed over without being read. Letters are characters, of any
 * alphabet, and the first may be wrong too.
 */
#ifndef KB_SPELLING_H
#define KB_SPELLING_H

#include "kb/segment.h"

#define SPELLING_FORMS_MAX 16

struct spelling;

/* db and s are borrowed. */
struct spelling *spelling_new(struct db *db, const struct segments *s);
void spelling_free(struct spelling *s);

/* A word, folded and unknown, and its stems. */
struct misspelt {
	const char *word;
	const char *stem[SPELLING_FORMS_MAX];
	size_t stems;
	char *nearest;
};

/*
 * Of each of n words the word (a stem) that it or one of its stems is a slip
 * away from, two in a long word: the nearest, a word with the same first letter
 * before others, the commonest among equals. nearest is NULL if there is none,
 * or if it is another ending of a stem that is there; the caller frees.
 */
int spelling_nearest(struct spelling *s, struct misspelt *words, size_t n);

#endif
