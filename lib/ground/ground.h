/*
 * ground - whether an answer says only what stands in its sources
 *
 * Each sentence of a model's answer is traced to the passage that supports it.
 * No second model: numbers, times, dates, links and names must stand in the
 * sources, with the same unit and beside the same things; what is said must
 * not be the opposite of what the source says; and enough of a sentence's
 * words must be there at all. Promises and deeds ("I have cancelled your
 * order") need a source as well. What needs none: greetings, thanks, questions
 * back, the offer of a colleague.
 *
 * Where answer and sources are in different languages, words do not overlap:
 * then numbers, links, names, and what the words mean in both (ground/meanings.h)
 * are held against the sources, and words are not.
 *
 * Of arithmetic only prices that come out right are let pass: 19.80 for "two
 * parcels" of 9.90 each, where nothing else can be meant.
 *
 * Pure text: no store, no network. It decides alone what may be sent; it never
 * changes a word.
 */
#ifndef GROUND_GROUND_H
#define GROUND_GROUND_H

#include <stdbool.h>
#include <stddef.h>

struct grounder; /* word lists and stems: one a thread, used again and again */

struct grounder *grounder_new(void);
void grounder_free(struct grounder *g);

struct ground_source {
	const char *title, *section; /* NULL: none */
	const char *text;	     /* as the model was shown it */
};

/* Lists of strings end with NULL, or are NULL. */
struct ground_input {
	const struct ground_source *source;
	size_t nsources;
	/* The question and the customer's earlier words. Names and plain
	 * numbers may be repeated; prices, links and addresses may not. */
	const char *const *asked;
	/* What the desk said before: as good as a source. */
	const char *const *told;
	/* What the profile allows: links, numbers, the business's name. */
	const char *const *allowed;
	const char *language; /* of the answer, if known; NULL */
	/* The customer's name as the desk has it, which they may be called by;
	 * NULL. It is no source of anything. */
	const char *called;
};

enum ground_reason {
	GROUND_SUPPORTED,
	GROUND_NUMBER, /* is in no source */
	GROUND_UNIT,   /* the number is there, of another thing */
	GROUND_TIME,
	GROUND_DATE, /* also a day of the week */
	GROUND_LINK,
	GROUND_CONTACT, /* a telephone number, a mail address, an account */
	GROUND_CODE,
	GROUND_NAME,
	GROUND_SWAPPED,	 /* the source says it of something else */
	GROUND_NEGATION, /* the source says the contrary */
	GROUND_OPPOSITE, /* more for less, before for after */
	GROUND_PROMISE,
	GROUND_DEED,	  /* an act that nobody has done */
	GROUND_UNRELATED, /* the words are in no source */
	GROUND_TOO_MANY,  /* numbers: no answer to one question */
	GROUND_ADDED,	  /* a thing that no source names */
	GROUND_WIDER,	  /* all, always: the source says less */
	GROUND_CONDITION, /* of the source, left out */
};

enum ground_need {
	GROUND_CLAIM,	 /* must be in a source */
	GROUND_COURTESY, /* says nothing */
	GROUND_QUESTION, /* asks back */
	GROUND_OFFER,	 /* of a colleague */
	GROUND_REPEATED, /* says what the customer said */
};

/* A sentence of the answer. */
struct ground_claim {
	size_t start, len; /* in the answer */
	int source;	/* its place in the input; -1: none, or none needed */
	double support; /* the share of its words that is there, 0 to 1 */
	enum ground_need need;
	enum ground_reason reason;
	size_t at, at_len; /* in the answer: what is wrong; 0: all of it */
};

struct ground_verdict {
	bool is_supported;
	const char *reason; /* of the first that is not, without any text */
	char *why;	    /* the same with the answer's words, for --why */
	bool is_translated; /* no source is in the answer's language */
	struct ground_claim *claim;
	size_t nclaims;
};

/*
 * Check answer. 0; ERR_DATA if it is not UTF-8. End *ret, which is set on
 * success, with ground_release().
 */
int ground_check(struct grounder *g, const struct ground_input *in,
    const char *answer, struct ground_verdict *ret);
void ground_release(struct ground_verdict *v);

/* Whether it is a fault of a number, a link, a name or a promise, the number of
 * another thing among them, and not one of the words around them. */
bool ground_is_fact(enum ground_reason reason);

/* "a number that is in no source" */
const char *ground_reason_text(enum ground_reason reason);

#endif
