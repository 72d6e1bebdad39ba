/*
 * meanings - what single words mean to the checker of answers
 *
 * Made of share/ground/words, which says what there is. A word is looked for in the
 * section of its language and in the one of all languages.
 */
#ifndef GROUND_MEANINGS_H
#define GROUND_MEANINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char meanings_words[]; /* share/ground/words */

#define LEXICON_PHRASE_WORDS 5 /* of the longest phrase */
#define LEXICON_SIGNS 10       /* letters of the longest word without blanks */

enum meaning_kind {
	MEANING_NUMBER = 1,
	MEANING_UNIT,	 /* value: a hash of its name */
	MEANING_WEEKDAY, /* value: bits, Monday is 2 */
	MEANING_BRIEF,	 /* the same */
	MEANING_MONTH,
	MEANING_AM,
	MEANING_PM,
	MEANING_OCLOCK,
	MEANING_TO,
	MEANING_AND,
	MEANING_BUT,
	MEANING_NOT,
	MEANING_BAD,
	MEANING_PAIR, /* value: a hash of the pair's name, or its negative */
	MEANING_POLITE,
	MEANING_PROMISE,
	MEANING_DID,
	MEANING_DEED,
	MEANING_WILL,
	MEANING_GIVE,
	MEANING_MATE,
	MEANING_CALL,
	MEANING_SOON,
	MEANING_CONCEPT, /* value: a hash of its name */
	MEANING_PLACE,	 /* the same */
	MEANING_TITLE,
	MEANING_GRATIS, /* costs nothing; no "no" of its words counts */
	MEANING_EVEN,	/* says neither yes nor no, though a word of it does */
	MEANING_NEED,
	MEANING_ALL,
	MEANING_EVER,
	MEANING_ONLY,
	MEANING_FROM,  /* so much, a bound */
	MEANING_BOUND, /* within, for: so much time */
	MEANING_ONE,   /* a: one of what follows, where that is counted */
	MEANING_YES,
	MEANING_LEAD, /* a verb follows */
	MEANING_WITH, /* what a thing comes with, or is done by */
	MEANING_IF,
	MEANING_WHO,	 /* begins what is told, not what is asked */
	MEANING_LACK,	 /* without */
	MEANING_TILL,	 /* behind "not": from when on */
	MEANING_TIMES,	 /* dozen: a number, times the one before it */
	MEANING_MEASURE, /* value: a number and its unit, meanings_measure() */
	MEANING_CLOCK,	 /* value: minutes of the day */
	MEANING_LABEL,	 /* a number behind it names one of several */
	MEANING_OFFSET,	 /* minutes to the hour beside it: half past */
	MEANING_EACH,	 /* everybody */
	MEANING_EVENT,	 /* value: a hash of what a period runs from */
	MEANING_LEAST,	 /* so much or more */
	MEANING_MOST,	 /* less than so much */
	MEANING_DONE,	 /* an act told as done, in itself */
	MEANING_YOUR,
	MEANING_IS,    /* before MEANING_STATE */
	MEANING_STATE, /* what a thing of the customer's is when it is done */
	MEANING_WHEN,  /* what is told behind it may be still to come */
	MEANING_PER,
	MEANING_UPTO,  /* before the end of a time */
	MEANING_SINCE, /* before its beginning */
	MEANING_RATE,  /* value: a hash of what is counted by, or of a unit */
	MEANING_COURTEOUS, /* thanks, regret and wishes are made of it */
	MEANING_EXCEPT,	   /* what is said does not hold of what follows */
	MEANING_SOLE,	   /* of nothing but what stands beside it */
	/* These are found by meanings_like() alone, and have no bit. */
	MEANING_PLAIN,
	MEANING_ALIKE, /* value: a hash of its name */
	MEANING_HELD,  /* the same with MEANING_HELD_BIT: a source has to say
			  it, too */
	MEANING_MODE,  /* value: a bit of enum meaning_mode */
};

/* What is said of an act or a place, and its contrary, which is the next bit. */
enum meaning_mode {
	MODE_MAY = 1,
	MODE_BAN = 2,
	MODE_NEED = 4,
	MODE_SPARE = 8,
	MODE_OPEN = 16,
	MODE_SHUT = 32,
	MODE_MUST = 64, /* as MODE_NEED; with a no it is MODE_BAN */
	MODE_ALL = 128,
	MODE_EVER = 256,
	MODE_WITH = 512, /* included */
	MODE_LEAST = 1024,
	MODE_MOST = 2048,
	MODE_MORE = 4096,
	MODE_LESS = 8192,
	MODE_THAN = 16384,
	MODE_COND = 32768, /* a condition follows */
};

#define MODES_OF_STANCE (MODE_ALL - 1)
#define MODES_OF_MORE (MODE_MORE | MODE_LESS | MODE_THAN)
#define MEANING_HELD_BIT (INT64_C(1) << 41) /* of groups of words */
#define MEANING_BIT(kind) (UINT64_C(1) << (kind))
_Static_assert(MEANING_PLAIN <= 64, "kinds before it have a bit");

struct meaning {
	uint8_t kind;  /* enum meaning_kind */
	uint16_t next; /* more of this word: its place from 1; 0: no more */
	int64_t value;
};

struct meanings;

struct meanings *meanings_new(void);
void meanings_free(struct meanings *l);

/* The number of language for the calls below; 0: only what is of all. */
int meanings_language(const struct meanings *l, const char *language);

/*
 * The first meaning of a folded word or phrase ("_" between its words); NULL:
 * it has none. Words that begin as one with * count if the whole does not stand
 * there; what they mean besides is meanings_prefix().
 */
const struct meaning *meanings_find(const struct meanings *l, int language,
    const char *word, size_t len);
const struct meaning *meanings_prefix(const struct meanings *l, int language,
    const char *word, size_t len);
const struct meaning *meanings_next(const struct meanings *l,
    const struct meaning *m);

/*
 * What a folded word, or two with "_" between, may stand for in a paraphrase:
 * the groups of words that say the same, at most max, and whether it adds
 * nothing to what is said; bits of enum meaning_mode are added to *ret_mode.
 * The number of groups.
 */
size_t meanings_like(const struct meanings *l, int language, const char *word,
    size_t len, int64_t *ret, size_t max, bool *ret_plain, uint16_t *ret_mode);

/* Whether the words of language are listed that add nothing. */
bool meanings_has_plain(const struct meanings *l, int language);

/*
 * The words that the language of tag has for the concepts and places that a
 * folded word is of: each is told as it is listed, folded, a beginning without
 * its *, until tell says that it will do (true). Whether one did.
 */
bool meanings_translate(const struct meanings *l, int language,
    const char *word, size_t len, const char *tag,
    bool (*tell)(void *ctx, const char *word), void *ctx);

/* The number of a measure, and its unit in *ret_unit. */
double meanings_measure(int64_t value, int64_t *ret_unit);

/* Whether a phrase of language begins with this word. */
bool meanings_opens(const struct meanings *l, int language, const char *word,
    size_t len);

/* The value a unit, a concept or a place of this name has. */
int64_t meanings_value(const char *name, size_t len);

#endif
