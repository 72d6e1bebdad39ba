/*
 * reader - what the parts of ground/claims share while a text is read
 *
 * claims.c cuts a text into words and sentences, claims_number.c reads what
 * begins with a digit, claims_sign.c scripts without blanks, and
 * claims_find.c makes claims of what stands together. For them alone.
 */
#ifndef GROUND_READER_H
#define GROUND_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ground/claims.h"

#define FOLDED_MAX_BYTES 120

struct reader {
	struct claims *c;
	const struct meanings *meanings;
	struct analyser *analyser;
	const char *p, *end;
	int language;
	uint32_t bit; /* of the word lists */
	bool splits;  /* at apostrophes: l'eau */
	uint32_t sentence_at;
	uint32_t sentence_word;
	uint8_t gap;
	bool is_first;
	bool is_row;
};

uint32_t reader_hash(const char *word, size_t len);
uint64_t reader_hash_long(const char *word, size_t len);

/* Room for one more of n items. */
void *reader_room(void *items, size_t n, size_t *cap, size_t size);

bool reader_is_digit(char c);
bool reader_is_letter(char c);
bool reader_is_upper(uint32_t c);

/* One more word; claims of a word, which may move all others. */
struct claim_word *reader_word(struct reader *r, const char *at, size_t len);
struct claim *reader_claim(struct reader *r, enum claim_kind kind, size_t word);

/* The word folded, without the apostrophes and points in it. */
size_t reader_fold(const char *word, size_t len, char out[FOLDED_MAX_BYTES]);

/* What a word is, of all lists; and one more meaning of it. */
void reader_know(struct reader *r, struct claim_word *w);
void reader_mean(struct claim_word *w, const struct meanings *l,
    const struct meaning *m);

/* Whether the name of a month begins at p. */
bool reader_month_follows(const struct reader *r, const char *p);

/* Each reads on from r->p. */
void reader_signs(struct reader *r);
void reader_number(struct reader *r);
void reader_code(struct reader *r, const char *stop);

/* The end of a code, letters and digits, that begins at p; NULL if none. */
const char *reader_code_end(const struct reader *r, const char *p);

/* Of all numbers what they are counted by: a night, a person. */
void reader_rates(struct claims *c);

/* All words are there: make claims of what stands together. */
void reader_find(struct reader *r);

#endif
