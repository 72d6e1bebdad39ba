/* spend - calls that cost, in their turn: they wait while a limit is taken up */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/spend.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

struct spend {
	struct store *store;
	const struct zone *zone;
	bool trial;
	int holds; /* for calls under way */
	struct spend_call *waiting;
	struct pool *pool; /* it waits in; NULL: nothing waits */
	int64_t next_ms;   /* monotonic: when it is looked at anew */
};

struct spend *
spend_new(struct store *s, const struct zone *zone, bool trial)
{
	struct spend *sp = xcalloc(1, sizeof(*sp));

	sp->store = s;
	sp->zone = zone;
	sp->trial = trial;
	return sp;
}

void
spend_free(struct spend *sp)
{
	free(sp);
}

struct store *
spend_store(const struct spend *sp)
{
	return sp->store;
}

bool
spend_is_limited(const struct spend *sp, const struct profile *p)
{
	struct budget b;

	budget_of(p, sp->trial, &b);
	return budget_is_limited(&b);
}

static bool
is_open(const struct budget_hold *h)
{
	return h->open.tokens != 0 || h->open.cost != 0;
}

/* As budget_aside; what was set aside for the calls before is given back also
 * where this one may not be made, or those who wait would wait for each
 * other. */
static int
aside(struct spend *sp, const struct spend_call *c)
{
	const struct profile *p = c->profile;
	const struct budget_amount spent =
	    budget_amount(p, c->spent_in, c->spent_out);
	struct budget_amount next = budget_amount(p, c->spent_in + c->tokens_in,
	    c->spent_out + c->tokens_out);
	const bool was_open = is_open(c->hold);
	const int others = sp->holds - was_open;
	struct budget b;
	int code;

	next.tokens -= spent.tokens;
	next.cost -= spent.cost;
	budget_of(p, sp->trial, &b);
	code = budget_aside(sp->store, &b, sp->zone, now_ms(), c->hold, spent,
	    next);
	/* Evaluations of this process are seen to be under way by it alone. */
	if (code == ERR_NO && sp->trial && others > 0)
		code = BUDGET_LATER;
	return code;
}

/* The same, in a transaction of its own. */
static int
set_aside(struct spend *sp, struct spend_call *c)
{
	const struct budget_hold before = *c->hold;
	enum budget_period over;
	char why[sizeof(c->why)];
	int code = store_begin(sp->store), kept = 0;

	/* Whoever holds the store for long is no reason to say no. */
	if (code < 0)
		return code == ERR_BUSY ? BUDGET_LATER : code;
	code = aside(sp, c);
	snprintf(why, sizeof(why), "%s", err_reason());
	if (code == 0 ||
	    ((code == BUDGET_LATER || code == ERR_NO) && is_open(&before)))
		kept = store_commit(sp->store);
	else
		store_rollback(sp->store);
	if (kept < 0 || (code != 0 && !is_open(&before))) {
		over = c->hold->over;
		*c->hold = before;
		c->hold->over = over;
	}
	if (kept < 0)
		return kept;
	sp->holds += is_open(c->hold) - is_open(&before);
	if (code != 0)
		err_set(ERR_NO, "%s", why);
	return code;
}

/* One that must wait no more for lack of time is refused. */
static int
try(struct spend *sp, struct spend_call *c)
{
	int code = set_aside(sp, c);

	return code == BUDGET_LATER && mono_ms() >= c->until_ms ? ERR_NO : code;
}

/* --- waiting --- */

static int
side_fd(void *arg)
{
	(void)arg;
	return -1;
}

static short
side_events(void *arg)
{
	(void)arg;
	return 0;
}

static int64_t
side_wait_ms(void *arg)
{
	const struct spend *sp = arg;
	int64_t left = sp->next_ms - mono_ms();

	return left > 0 ? left : 0;
}

static bool
side_work(void *arg)
{
	return side_wait_ms(arg) == 0;
}

static void side_done(void *arg);

static void
wait_on(struct spend *sp, struct pool *pool)
{
	sp->pool = pool;
	sp->next_ms = mono_ms() + SPEND_POLL_MS;
	pool_aside(pool,
	    &(struct pool_side){ side_fd, side_events, side_wait_ms, side_work,
		side_done, sp });
}

/* Whether one of the list is of the same set-up. */
static bool
is_behind(const struct spend_call *list, const struct spend_call *c)
{
	for (; list != NULL && list != c; list = list->next)
		if (strcmp(list->profile->name, c->profile->name) == 0)
			return true;
	return false;
}

/* Take those off the list whose turn it is; *ret has them, in order. */
static void
take_turns(struct spend *sp, struct spend_call **ret)
{
	struct spend_call **at = &sp->waiting, *c, **end = ret;
	int64_t now = mono_ms();

	*ret = NULL;
	while ((c = *at) != NULL) {
		if (now < c->until_ms && is_behind(sp->waiting, c))
			c->code = BUDGET_LATER;
		else
			c->code = try(sp, c);
		if (c->code == BUDGET_LATER) {
			at = &c->next;
			continue;
		}
		c->why[0] = '\0';
		if (c->code < 0)
			snprintf(c->why, sizeof(c->why), "%s", err_reason());
		*at = c->next;
		c->next = NULL;
		*end = c;
		end = &c->next;
	}
}

static void
side_done(void *arg)
{
	struct spend *sp = arg;
	struct pool *pool = sp->pool;
	struct spend_call *c, *next;

	sp->pool = NULL;
	take_turns(sp, &next);
	if (sp->waiting != NULL)
		wait_on(sp, pool);
	while ((c = next) != NULL) {
		next = c->next;
		c->next = NULL;
		if (c->code < 0)
			err_set(c->code, "%s", c->why);
		c->done(c->arg, c->code);
	}
}

/* An answer that has cost something already goes before those that have not:
 * its money would be for nothing. */
static bool
is_begun(const struct spend_call *c)
{
	return c->spent_in > 0 || c->spent_out > 0 || is_open(c->hold);
}

int
spend_ask(struct spend *sp, struct pool *pool, struct spend_call *c)
{
	struct spend_call **at = &sp->waiting;
	const bool begun = is_begun(c);
	int code = BUDGET_LATER;

	if (begun || !is_behind(sp->waiting, c))
		code = try(sp, c);
	if (code != BUDGET_LATER)
		return code;
	while (*at != NULL && (!begun || is_begun(*at)))
		at = &(*at)->next;
	c->next = *at;
	*at = c;
	if (sp->pool == NULL)
		wait_on(sp, pool);
	return 1;
}

void
spend_cancel(struct spend *sp, struct spend_call *c)
{
	struct spend_call **at;

	if (sp == NULL)
		return;
	for (at = &sp->waiting; *at != NULL; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			return;
		}
}

int
spend_settle(struct spend *sp, const struct profile *p, struct budget_hold *h,
    int64_t tokens_in, int64_t tokens_out)
{
	struct budget b;

	budget_of(p, sp->trial, &b);
	sp->holds -= is_open(h);
	sp->next_ms = 0; /* whoever waits is looked at anew */
	return budget_settle(sp->store, &b, sp->zone, now_ms(), h,
	    budget_amount(p, tokens_in, tokens_out));
}

int
spend_tell(struct spend *sp, const struct profile *p,
    const struct budget_hold *h)
{
	struct budget b;

	budget_of(p, sp->trial, &b);
	return budget_tell(sp->store, &b, sp->zone, now_ms(), h);
}
