/*
 * propose - what of a person's answer is worth a document, if anything
 *
 * The question is made to stand alone; from the answer goes what says nothing
 * to the next one who asks: greetings, thanks, questions back, what was done
 * for this customer. An answer that the documents give already is none.
 */
#ifndef AI_PROPOSE_H
#define AI_PROPOSE_H

#include "ai/pairs.h"
#include "store/store.h"

#define PROPOSE_QUESTION_MAX_BYTES 500
#define PROPOSE_ANSWER_MAX_BYTES 8000

struct proposer;

/* s must outlive *ret; what is ingested later is not seen. */
int proposer_open(struct store *s, struct proposer **ret);
void proposer_close(struct proposer *p);

enum propose_outcome {
	PROPOSE_PAIR,
	PROPOSE_NO_QUESTION, /* small talk, or no words */
	PROPOSE_NO_ANSWER,   /* says nothing to others */
	PROPOSE_KNOWN,	     /* the documents have it */
};

struct proposal {
	char *question; /* on one line */
	char *answer;
	const char *language; /* of the answer; not ours to free */
};

/* An enum propose_outcome, or an ERR. name: the customer's; NULL: not known.
 * *ret is set with PROPOSE_PAIR only; end it with proposal_release(). */
int propose(struct proposer *p, const struct pair *pair, const char *name,
    struct proposal *ret);
void proposal_release(struct proposal *p);

#endif
