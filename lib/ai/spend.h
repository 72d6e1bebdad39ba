/*
 * spend - calls that cost, in their turn: they wait while a limit is taken up
 *
 * Before a call is made its money is asked for here. What a limit does not
 * allow now, but would once answers under way have settled, waits: in order,
 * those of one set-up behind each other. It is looked at anew as soon as
 * something settles in this process, and every SPEND_POLL_MS for what settles
 * in others. One of these is for one thread and one store.
 *
 * Nothing here may be called within a transaction, but spend_settle and
 * spend_tell.
 */
#ifndef AI_SPEND_H
#define AI_SPEND_H

#include "ai/budget.h"
#include "ai/pool.h"

#define SPEND_POLL_MS 100

struct spend;

/* trial: evaluations. zone: whose days and months count. Both are borrowed. */
struct spend *spend_new(struct store *s, const struct zone *zone, bool trial);
/* Those who wait are not told. NULL is allowed. */
void spend_free(struct spend *sp);

/* Where it is counted. */
struct store *spend_store(const struct spend *sp);

/* Whether limits of a set-up are kept here at all. */
bool spend_is_limited(const struct spend *sp, const struct profile *p);

/* A call that is to be paid: the caller's, as long as it waits. */
struct spend_call {
	const struct profile *profile;
	struct budget_hold *hold;
	int64_t spent_in, spent_out;   /* tokens of the calls before it */
	int64_t tokens_in, tokens_out; /* the most of this one */
	int64_t until_ms; /* by the monotonic clock; then it is refused */
	/* 0, ERR_NO with the reason, or another ERR; from pool_wait. */
	void (*done)(void *arg, int code);
	void *arg;
	/* Its own. */
	struct spend_call *next;
	int code;
	char why[120];
};

/* 0, it may be made; 1, done will be called; ERR_NO with the reason, or
 * another ERR. c begins with the fields of its own 0. */
int spend_ask(struct spend *sp, struct pool *pool, struct spend_call *c);

/* Forget c if it waits. */
void spend_cancel(struct spend *sp, struct spend_call *c);

/* What a set-up cost with all its calls; in a transaction. Those who wait are
 * looked at anew after it. */
int spend_settle(struct spend *sp, const struct profile *p,
    struct budget_hold *h, int64_t tokens_in, int64_t tokens_out);

/* Whether people are to be told, once in a period, that h was refused: 1, 0 or
 * an ERR; in a transaction. */
int spend_tell(struct spend *sp, const struct profile *p,
    const struct budget_hold *h);

#endif
