/*
 * language_words - the words that tell a language, as share/language lists them
 *
 * Made by share/language/make, while frontdesk is built, into a table that no
 * program has to fill: open addressing, a free slot ends a search.
 */
#ifndef BASE_LANGUAGE_WORDS_H
#define BASE_LANGUAGE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define LANGUAGE_WORD_BYTES 28	   /* with NUL */
#define LANGUAGE_WORD_SLOTS 16384  /* a third at least is free */
#define LANGUAGE_WORD_LISTS_MAX 32 /* a set of languages is 32 bits */

struct language_word {
	char word[LANGUAGE_WORD_BYTES]; /* folded */
	uint32_t languages;		/* bit i: tag i; 0: a free slot */
};

extern const struct language_word language_words[LANGUAGE_WORD_SLOTS];
extern const char *const language_word_tags[];
extern const size_t language_word_lists;

/* The slot where a search for a word begins. */
static inline size_t
language_word_slot(const char *word, size_t len)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * 16777619u;
	return h % LANGUAGE_WORD_SLOTS;
}

#endif
