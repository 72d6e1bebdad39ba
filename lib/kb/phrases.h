/*
 * phrases - known phrases of scripts without blanks, cut out of a question
 *
 * Chinese, Japanese and Thai become groups of letters, and a question word is
 * five of them, which no passage holds together with what stands beside it.
 * So a question is cut first, by maximum matching: at each place the longest
 * phrase that is known there is taken. One that says nothing is left out; one
 * that has synonyms stands apart from what is around it; and what lies between
 * them becomes groups of letters.
 */
#ifndef KB_PHRASES_H
#define KB_PHRASES_H

#include <stdbool.h>
#include <stddef.h>

#include "kb/wordset.h"

/* All zero is none. */
struct phrases {
	struct wordset set; /* LANGUAGE/-PHRASE is common, +PHRASE is kept */
	size_t longest;	    /* in letters */
};

/* Whether text, folded, is in a script without blanks. */
bool phrases_is_one(const char *text, size_t len);

/* Add the folded phrase of a language, common or with synonyms. */
void phrases_add(struct phrases *p, const char *language, const char *phrase,
    size_t len, bool common);

/*
 * The text as it is to be read: folded and cut by the phrases of the languages
 * (NULL-ended), or a copy if it has no such script. The caller frees.
 */
char *phrases_cut(const struct phrases *p, const char *const *languages,
    const char *text, size_t len);

void phrases_release(struct phrases *p);

#endif
