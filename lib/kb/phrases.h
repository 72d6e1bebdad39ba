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

enum phrase_kind { PHRASE_UNKNOWN, PHRASE_COMMON, PHRASE_KEPT };

/* What the folded letters at at are as one phrase: nothing known, common, or
 * one with synonyms. */
typedef enum phrase_kind (
    *phrase_fn)(const void *ctx, const char *at, size_t len);

struct phrases {
	phrase_fn kind;
	const void *ctx;
	size_t longest; /* in letters; 0: none are known */
};

/* Whether text, folded, is in a script without blanks. */
bool phrases_is_one(const char *text, size_t len);

/*
 * The text as it is to be read: folded and cut by the phrases, or a copy if it
 * has no such script. The caller frees.
 */
char *phrases_cut(const struct phrases *p, const char *text, size_t len);

#endif
