/*
 * pairs - what customers asked and a person answered, out of a conversation
 *
 * A person is who replied by a command of ours or typed on the phone. All that
 * they say until the customer writes again is one answer; templates and what
 * never went out are no part of it. The question is what the customer wrote
 * last before it, a line for each message. What the desk said in between (a
 * holding message, an AI's answer that a person had to mend) is passed over.
 */
#ifndef AI_PAIRS_H
#define AI_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/conversation.h"

#define PAIRS_TURNS_MAX 1000 /* of a conversation, the newest */

/* Good during the call. */
struct pair {
	const char *question, *answer;
	const struct turn *asked, *said; /* where each begins */
	const struct turn *before;	 /* what was said before the question */
	size_t nbefore;			 /* notes and what says nothing too */
};
typedef int (*pair_fn)(void *ctx, const struct pair *p);

/* Whether a turn is part of what was said: it has text, was not taken back,
 * and is no note. */
bool turn_is_said(const struct turn *t);

/* The pairs of n turns, oldest first. What fn returns below 0 ends it. */
int pairs_each(const struct turn *turns, size_t n, pair_fn fn, void *ctx);

/* The same of a conversation. */
int pairs_of(struct store *s, const char *conversation, pair_fn fn, void *ctx);

/* The same of all conversations in which people wrote since a time, and of
 * their answers since then only. */
int pairs_since(struct store *s, int64_t since_ms, pair_fn fn, void *ctx);

#endif
