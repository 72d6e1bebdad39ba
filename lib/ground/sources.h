/*
 * sources - all that an answer may be taken from, read and indexed by words
 */
#ifndef GROUND_SOURCES_H
#define GROUND_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ground/claims.h"
#include "ground/ground.h"
#include "ground/kept.h"

enum role { ROLE_TEXT, ROLE_HEADING, ROLE_TOLD, ROLE_ASKED, ROLE_ALLOWED };

/* Where a term stands: a bit a source, and one for each of the others. */
#define BIT_TOLD 60
#define BIT_ASKED 61
#define BIT_ALLOWED 62
#define BITS_SOURCES ((UINT64_C(1) << BIT_TOLD) - 1)
#define SOURCES_BITS_MAX 60

/* A word is found as itself, by its meaning, by how it begins or ends. */
enum {
	TERM_EXACT,
	TERM_STEM,
	TERM_CONCEPT,
	TERM_PLACE,
	TERM_BEGIN,
	TERM_END,
	TERMS
};

struct terms {
	uint32_t id[TERMS]; /* from 1; 0: none, or in no source */
};

struct reading {
	/* As kept_text has them. */
	struct claims c;
	uint32_t *beside;
	size_t *beside_at;
	uint16_t *days;
	bool is_kept;	     /* they are not ours to end */
	struct terms *terms; /* of each word */
	enum role role;
	int source; /* -1: none */
};

/* Whether it says what is so: of a passage, or as the desk has told it. */
static inline bool
reading_is_passage(const struct reading *r)
{
	return r->role == ROLE_TEXT || r->role == ROLE_TOLD;
}

struct sources {
	struct reading *reading;
	size_t count, cap;
	struct term *table;
	size_t slots, nterms;
	uint64_t *where; /* of each term: bits */
	size_t where_cap;
};

/* What reads, and what was read before. */
struct sources_by {
	const struct meanings *meanings;
	struct analyser *analyser;
	struct kept *kept;
};

/* Good until the next sources_read with the same kept. */
void sources_read(struct sources *s, const struct sources_by *by,
    const struct ground_input *in, const char *language);
void sources_release(struct sources *s);

/* The terms of a word of another text; ids are 0 where no source has it. */
struct terms sources_find(const struct sources *s, const struct claim_word *w);

/* Where a word of such a group stands: bits. */
uint64_t sources_like(const struct sources *s, int64_t group);

/* How well it is found, 0 to 1, and where; 0 bits: nowhere. */
double sources_where(const struct sources *s, const struct terms *t,
    uint64_t *ret_where);

#endif
