/*
 * lexicon - the words by which a question leans on what was said before
 *
 * Lists of phrases by language, compared folded (case, accents). A word of a
 * phrase may end in *: any ending will do. Languages without blanks are searched
 * for the phrase itself.
 */
#ifndef AI_LEXICON_H
#define AI_LEXICON_H

#include <stdbool.h>
#include <stddef.h>

enum lexicon_list {
	LEXICON_LINK,	 /* at the start: "and", "what about" */
	LEXICON_END,	 /* at the end, where a language links there */
	LEXICON_SAME,	 /* "same for" */
	LEXICON_PRONOUN, /* stands for a thing, wherever it is */
	LEXICON_POINTER, /* does unless a word of its own follows: "that" */
	LEXICON_IDLE,	 /* pronouns that stand for nothing: "is it possible" */
	LEXICON_ATTRIBUTE, /* asks for a property: of what, is not said */
	LEXICON_PRICE,	   /* those that ask for one: a sum of money will do */
	LEXICON_GETTING,   /* ways to have a thing: "rent", "buy" */
	LEXICON_ASKING,	   /* question words: what is asked of a thing */
	LEXICON_YES,
	LEXICON_NO,
	LEXICON_CORRECTION, /* "I mean" */
	LEXICON_CHOICE,	    /* "one" */
	LEXICON_FIRST,	    /* "first", and so on */
	LEXICON_SECOND,
	LEXICON_THIRD,
	LEXICON_FOURTH,
	LEXICON_LAST,
	LEXICON_LISTS
};

/* Words, folded, one blank between. */
struct lexicon_text {
	char *text;
	const char *languages[3]; /* NULL-ended; none with lists: all are */
};

/* What language has lists. */
bool lexicon_has(const char *language);

/* The bytes of the longest phrase of list that text begins with at at, a place
 * where a word begins; 0 if there is none. */
size_t lexicon_at(const struct lexicon_text *t, const char *at,
    enum lexicon_list list);

/* The first place from from on where one stands, or NULL. */
const char *lexicon_find(const struct lexicon_text *t, const char *from,
    enum lexicon_list list, size_t *ret_len);

#endif
