/*
 * claims - a text as sentences, words, and what in it can be wrong
 *
 * Numbers, times, dates, days of the week, links, addresses, telephone numbers
 * and codes are read the way people of any of the languages write them: digits
 * of all scripts, separators of each locale, number words, units before and
 * behind, ranges. Two texts that say the same give equal claims.
 */
#ifndef GROUND_CLAIMS_H
#define GROUND_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ground/meanings.h"
#include "kb/analyse.h"

enum claim_kind {
	CLAIM_NUMBER,  /* value, unit */
	CLAIM_DIGITS,  /* a telephone number, an account: text */
	CLAIM_TIME,    /* value: minutes of the day */
	CLAIM_DATE,    /* day (0: the month alone), month, year (0: none) */
	CLAIM_WEEKDAY, /* days: bits, Monday is 2 */
	CLAIM_LINK,    /* text: host and path */
	CLAIM_MAIL,    /* text */
	CLAIM_CODE,    /* letters and digits: text */
	CLAIM_PART,    /* nothing by itself: the year of a date */
};

struct claim {
	uint8_t kind;	 /* enum claim_kind */
	bool is_word;	 /* a number in letters */
	bool is_hidden;	 /* a link with signs that cannot be seen */
	bool is_loose;	 /* a time without am or pm: may be either */
	bool is_world;	 /* a telephone number with its country */
	bool is_cell;	 /* of a table */
	bool is_working; /* days on which people work */
	bool is_article; /* "a year": a source of 12 months, and no claim */
	bool is_swapped; /* a date whose day and month may be one another */
	uint8_t day, month;
	uint16_t year;
	uint16_t days;
	double value;
	double other;	   /* "1.299" is two numbers; the same if it is one */
	int64_t unit;	   /* 0: none that is known */
	int64_t per;	   /* of a price: a night, an hour; 0 */
	uint16_t rates;	   /* all that it is counted by: bits, see below */
	uint32_t at, len;  /* in the reading's plain text */
	uint32_t word;	   /* its first */
	uint32_t last;	   /* its last word */
	uint32_t sentence; /* that it stands in */
	uint32_t until;	   /* the claim that ends its range, from 1; 0 */
	uint32_t from;	   /* and the one that begins it */
	uint64_t text;	   /* a hash; 0: none */
	uint64_t host;	   /* of a link */
	char digits[24];   /* of CLAIM_DIGITS, the last */
	bool is_host;	   /* a link without a path */
};

/* What prices and limits are counted by. Those of time come first. */
enum claim_rate {
	RATE_S = 1,
	RATE_MIN = 2,
	RATE_H = 4,
	RATE_D = 8, /* and a night */
	RATE_WK = 16,
	RATE_MO = 32,
	RATE_Y = 64,
	RATE_PERSON = 128,
	RATE_USER = 256,
	RATE_ROOM = 512,
	RATE_STAY = 1024,
	RATE_ORDER = 2048,
	RATE_ITEM = 4096,
};
#define RATES_OF_TIME (RATE_PERSON - 1)

#define CLAIM_LIKE_MAX 10

/* What stands before a word. */
enum gap {
	GAP_COMMA = 1,
	GAP_DASH = 2,
	GAP_POINT = 4,
	GAP_COLON = 8,
	GAP_OTHER = 16, /* brackets, bars, slashes */
	GAP_BLANK = 32,
	GAP_JOINED = 64, /* nothing at all, in scripts without blanks */
};

/* Flags of words; MEANING_BIT() for what the meanings say. */
struct claim_word {
	uint32_t at, len;     /* in the reading's plain text */
	uint32_t exact, stem; /* hashes of what it is folded; 0 for digits */
	uint32_t begin, end;  /* of its first and last letters; 0: short */
	int64_t concept;      /* 0: none */
	int64_t place;	      /* 0: none */
	int64_t event;	      /* that a period runs from; 0: none */
	int64_t pair[2];      /* opposites; 0: none */
	uint64_t means;	      /* bits of enum meaning_kind */
	uint32_t sentence;    /* from 0 */
	uint32_t clause;      /* from 0, on through all sentences */
	uint32_t ands;	      /* words that are "and" before it */
	uint32_t claim;	      /* that it is of, from 1; 0: none */
	uint32_t next;	      /* the word from here on that is of one */
	uint16_t days;	      /* with MEANING_WEEKDAY or MEANING_BRIEF */
	uint8_t month;	      /* with MEANING_MONTH */
	uint16_t rate;	      /* bits: with MEANING_UNIT and MEANING_RATE */
	uint16_t mode;	      /* bits of enum meaning_mode */
	uint8_t gap;	      /* bits of enum gap: what stands before it */
	float number;	      /* of MEANING_NUMBER, _MEASURE, _CLOCK, _OFFSET */
	int64_t unit;	      /* with MEANING_UNIT or _MEASURE */
	int64_t like[CLAIM_LIKE_MAX]; /* groups of words; 0: no more */
	uint64_t likes; /* a bit of each: two words without one in common
				 have no group in common */
	bool is_capital;
	bool is_mixed;	/* capitals within: iPhone, USB */
	bool is_named;	/* a capital where no grammar asks for one */
	bool is_first;	/* of its sentence, or where titles begin */
	bool is_common; /* function words */
	bool is_weak;
	bool is_plain; /* adds nothing to what is said */
	bool is_sign;  /* of a script without blanks, or part of one */
	bool is_kana;
};

struct claim_sentence {
	uint32_t at, len;      /* in the text as it was given */
	uint32_t word, nwords; /* its first word */
	bool is_question;
	bool is_row; /* of a table */
};

struct claims {
	char *plain;   /* the text as it is read */
	uint32_t *was; /* where each byte of it was */
	size_t len;
	const char *language;
	struct claim_word *word;
	size_t nwords, words_cap;
	struct claim *claim;
	size_t nclaims, claims_cap;
	struct claim_sentence *sentence;
	size_t nsentences, sentences_cap;
	uint32_t clauses;
	bool has_plain; /* words that add nothing are known of its language */
};

/*
 * Read text of language ("und" if unsure). Nothing is borrowed of text. End
 * with claims_release().
 */
void claims_read(struct claims *ret, const struct meanings *meanings,
    struct analyser *analyser, const char *text, size_t len,
    const char *language);
void claims_release(struct claims *c);

static inline bool
claim_word_is(const struct claim_word *w, enum meaning_kind kind)
{
	return (w->means & MEANING_BIT(kind)) != 0;
}

/* Whether a word may be said for those of a group. */
static inline bool
claim_word_like(const struct claim_word *w, int64_t group)
{
	size_t i;

	for (i = 0; i < CLAIM_LIKE_MAX && w->like[i] != 0; i++)
		if (w->like[i] == group)
			return true;
	return false;
}

/* Whether two words may be said for one another. */
static inline bool
claim_words_alike(const struct claim_word *a, const struct claim_word *b)
{
	size_t i;

	if ((a->likes & b->likes) == 0)
		return false;
	for (i = 0; i < CLAIM_LIKE_MAX && a->like[i] != 0; i++)
		if (claim_word_like(b, a->like[i]))
			return true;
	return false;
}

/* Whether both say the same; b may say more. */
bool claim_same(const struct claim *a, const struct claim *b);

/* Whether a is a round number for b: 1 kg for 980 g. */
bool claim_is_about(const struct claim *a, const struct claim *b);

/* "two ways": a small number in letters that counts what is told here. */
bool claim_is_soft(const struct claim *c);

/* Add b to a if it counts the same in a smaller unit, and is less than one of
 * a's. */
bool claim_add(struct claim *a, const struct claim *b);

/* The bit of a unit of time or of another thing; 0: nothing is counted by it. */
uint16_t claim_rate_of(int64_t value);

/* What words tell numbers to be counted by: "daily", and if not adverbs alone
 * "per night". */
uint16_t claims_rates_in(const struct claims *c, size_t from, size_t to,
    bool adverbs);

/* Whether it is a sum of money. */
bool claim_is_money(const struct claim *c);

/* Whether two units count the same thing: hours and days, kg and g. */
bool claim_alike(const struct claim *a, const struct claim *b);

#endif
