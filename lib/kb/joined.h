/*
 * joined - long words that are made of others: Versandkosten, Parkplatz
 *
 * German and its neighbours write them without a blank. Which words a long one
 * is made of no list says; a word that is asked for is a part of it if it
 * begins or ends it, or is long enough not to stand in it by chance.
 */
#ifndef KB_JOINED_H
#define KB_JOINED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kb/analyse.h"

/* Whether a language joins words so. */
bool joined_in(const char *language);

/* What is looked for in long words. */
struct joined {
	uint32_t signature; /* of what all of them have; UINT32_MAX: none can */
	char word[KB_WORD_MAX_BYTES + 1]; /* how it begins one */
	char stem[KB_STEM_MAX_BYTES + 1]; /* and ends one, as stems do */
	size_t word_len, stem_len;
	size_t stem_letters;
};

/* The shortest words that have a part: they say least beside it. */
#define LONGER_MAX 12
struct longer {
	char *word[LONGER_MAX];
	size_t count;
};

/* Of a folded word and its stem. */
void joined_part(struct joined *j, const char *word, const char *stem);

/* Whether a stem of the index is of a word that has it as a part. */
bool joined_has(const struct joined *j, const char *stem, size_t len);

/* Add a word to l, unless those it has are shorter. */
void longer_keep(struct longer *l, const char *word, size_t len);
void longer_release(struct longer *l);

#endif
