/*
 * budget - what the AI may spend: set aside before a call, settled after it
 *
 * Before each call of a model the most that it can cost is set aside, in a
 * transaction of its own: the prompt as it is sent, counted with a margin, and
 * the longest answer that was asked for. Calls of one answer come one after the
 * other, and so does the money for them: what those that are over have cost,
 * and the most of the one under way, is set aside, no more. With that many
 * answers in the making cannot pass a limit together. In the end what they
 * cost takes its place.
 *
 * What a process leaves behind stays spent: the call may have been made. It
 * counts as under way only while a living process has the job.
 *
 * Money is in millionths of the currency of the prices. Tokens are those shown
 * and said, together. Functions that take a store run in a transaction of
 * desk.db that the caller has begun.
 */
#ifndef AI_BUDGET_H
#define AI_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "ai/profile.h"
#include "base/id.h"
#include "base/zone.h"
#include "store/store.h"

struct budget_amount {
	int64_t tokens, cost;
};

enum budget_period { BUDGET_CONVERSATION, BUDGET_DAY, BUDGET_MONTH };
#define BUDGET_PERIODS 3

/* Who spends, and the most of it in each period; -1: any. */
struct budget {
	const char *name;
	bool trial; /* an evaluation: counted apart from what customers cost */
	int64_t tokens[BUDGET_PERIODS], cost[BUDGET_PERIODS];
};

/* Of a set-up, for customers or for evaluations. The name is borrowed. */
void budget_of(const struct profile *p, bool trial, struct budget *ret);
bool budget_is_limited(const struct budget *b);

/* What a piece of work has set aside. Begin with all 0 but job and
 * conversation. */
struct budget_hold {
	int64_t job;			   /* job.id; 0: of an evaluation */
	char conversation[SHORT_ID_BYTES]; /* "": of none */
	char day[16], month[16];	   /* that what follows is counted in */
	struct budget_amount spent;	   /* by calls that are over */
	struct budget_amount open;	   /* set aside for the one under way */
	enum budget_period over;	   /* whose limit did not allow more */
};

/* What so many tokens cost with a profile; -1: it has no prices. */
int64_t budget_cost(const struct profile *p, int64_t tokens_in,
    int64_t tokens_out);

/* The same as an amount; without prices it is free. */
struct budget_amount budget_amount(const struct profile *p, int64_t tokens_in,
    int64_t tokens_out);

/* The most that a prompt is billed as, of the tokens it was estimated to be. */
int64_t budget_most_in(int64_t tokens);

#define BUDGET_LATER 1

/*
 * Set aside next for a call; those before it have cost spent in all, which
 * takes the place of what was set aside for them, whatever comes of this. 0;
 * BUDGET_LATER where a limit does not allow it now, and would if all that is
 * under way elsewhere came to nothing; ERR_NO where it does not in any case; or
 * another ERR. The reason of both says which limit.
 */
int budget_aside(struct store *s, const struct budget *b,
    const struct zone *zone, int64_t at_ms, struct budget_hold *h,
    struct budget_amount spent, struct budget_amount next);

/* What it cost in the end instead; h is empty then. */
int budget_settle(struct store *s, const struct budget *b,
    const struct zone *zone, int64_t at_ms, struct budget_hold *h,
    struct budget_amount spent);

/* Whether it is the first time that people are told of h->over in its period:
 * 1, 0 or an ERR. */
int budget_tell(struct store *s, const struct budget *b,
    const struct zone *zone, int64_t at_ms, const struct budget_hold *h);

/*
 * Complain of limits of a set-up that are below the least that is set aside for
 * one answer, by say(ctx, "FILE:LINE: ..."): they never allow any. How many.
 */
int budget_check(const struct conf *c, const struct profile *p,
    void (*say)(void *ctx, const char *text), void *ctx);

#endif
