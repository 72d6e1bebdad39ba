/*
 * spelling - the word of the base that a misspelt one was meant to be
 *
 * All words of the index that can be misspelt are looked at, each with a bit
 * for each of its letters: words with other letters than two slips can account
 * for are passed over without being read. Letters are characters, of any
 * alphabet, and the first may be wrong too.
 *
 * The index has stems: a slip in an ending leaves a word that no stemmer cuts
 * there. So the words that one slip can have made it of are stemmed, too, and
 * those stems that are far from it are looked up.
 */
#ifndef KB_SPELLING_H
#define KB_SPELLING_H

#include "kb/analyse.h"
#include "kb/joined.h"
#include "kb/segment.h"

#define SPELLING_FORMS_MAX 16
#define SPELLING_PARTS_MAX 4

struct spelling;

/* All are borrowed. */
struct spelling *spelling_new(struct db *db, const struct segments *s,
    struct analyser *a);
void spelling_free(struct spelling *s);

/* A word, folded, and its stems. */
struct misspelt {
	const char *word;
	const char *stem[SPELLING_FORMS_MAX];
	size_t stems;
	bool is_known;	/* no slip: looked for in longer words alone */
	bool is_joined; /* of words that are there: a slip is one at most */
	/* Its stems in languages that join words, as German does: it may be a
	 * part of a longer one. */
	char *part[SPELLING_PARTS_MAX];
	size_t parts;
	char *nearest;
	bool is_bold; /* nearest: more than a slip, or the first letter */
	struct longer longer;
};

/*
 * Of each of n words the word (a stem) that it or one of its stems is a slip
 * away from, two in a long word: the nearest, with two letters that changed
 * places or one that is doubled, or no longer, before other slips, with the same
 * first letter before others; the commonest among equals. A word of four letters
 * may be one of five. is_bold is of what is further than one slip behind the
 * first letter. nearest is NULL if there is none, or if it may be another
 * ending of a stem that is there; the caller frees.
 * languages, NULL-ended, are those of the base. Where the word is a part of
 * longer ones it is no slip: longer has the shortest of them, which the caller
 * frees, too.
 */
int spelling_nearest(struct spelling *s, struct misspelt *words, size_t n,
    const char *const *languages);

#endif
