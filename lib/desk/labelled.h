/*
 * labelled - what a model says a message is about, and how it is meant
 *
 * One label a message; a later one takes its place. The words it rests on are
 * the customer's: what erases the message erases them (a trigger of the
 * schema).
 */
#ifndef DESK_LABELLED_H
#define DESK_LABELLED_H

#include "base/json.h"
#include "store/store.h"

struct labelled {
	const char *intent;	/* NULL: none */
	double score;		/* how sure, 0 to 1 */
	double sentiment;	/* -1 to 1 */
	const char *feeling;	/* negative, neutral, positive */
	const json_t *evidence; /* array of words; NULL: none */
	const char *model, *revision;
};

/* In a transaction. */
int labelled_put(struct store *s, const char *message,
    const struct labelled *l);

/* Whether a message has a label of that model and set-up: 1, 0 or an ERR. */
int labelled_has(struct store *s, const char *message, const char *model,
    const char *revision);

/* Whether there is such a message of a customer with words, not erased: 1, 0
 * or an ERR. */
int labelled_wanted(struct store *s, const char *message);

#endif
