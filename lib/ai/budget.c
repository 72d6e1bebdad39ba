/* budget - what the AI may spend: set aside before a call, settled after it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/budget.h"
#include "ai/provider.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "store/db.h"

#define PERIOD_BYTES 48

static const char *const names[] = { "conversation", "day", "month" };

/* --- amounts --- */

int64_t
budget_cost(const struct profile *p, int64_t tokens_in, int64_t tokens_out)
{
	if (p->price_in < 0 || p->price_out < 0)
		return -1;
	/* Rounded up: a limit is not passed by many small calls. */
	return (tokens_in * p->price_in + tokens_out * p->price_out + 999999) /
	    1000000;
}

struct budget_amount
budget_amount(const struct profile *p, int64_t tokens_in, int64_t tokens_out)
{
	int64_t cost = budget_cost(p, tokens_in, tokens_out);

	return (struct budget_amount){ tokens_in + tokens_out,
		cost > 0 ? cost : 0 };
}

/* Half as much again: the estimate is nine tenths of OpenAI's count or more,
 * and models of others make up to a third more of the same text. */
int64_t
budget_most_in(int64_t tokens)
{
	return tokens + (tokens + 1) / 2;
}

void
budget_of(const struct profile *p, bool trial, struct budget *ret)
{
	const struct budget customers = { p->name, false,
		{ p->tokens_per_conversation, p->tokens_per_day,
		    p->tokens_per_month },
		{ p->cost_per_conversation, p->cost_per_day,
		    p->cost_per_month } },
			    trials = { p->name, true,
				    { -1, p->eval_tokens_per_day, -1 },
				    { -1, p->eval_cost_per_day, -1 } };

	*ret = trial ? trials : customers;
}

bool
budget_is_limited(const struct budget *b)
{
	size_t i;

	for (i = 0; i < BUDGET_PERIODS; i++)
		if (b->tokens[i] >= 0 || b->cost[i] >= 0)
			return true;
	return false;
}

/* --- what is spent --- */

/* The key of a period in ai_spent. */
static void
period_key(const struct budget *b, const struct budget_hold *h,
    enum budget_period p, char ret[PERIOD_BYTES])
{
	if (p == BUDGET_CONVERSATION)
		snprintf(ret, PERIOD_BYTES, "conversation/%s", h->conversation);
	else
		snprintf(ret, PERIOD_BYTES, "%s%s", b->trial ? "eval/" : "",
		    p == BUDGET_DAY ? h->day : h->month);
}

static bool
is_none(struct budget_amount a)
{
	return a.tokens == 0 && a.cost == 0;
}

/* All that a piece of work costs is counted where its first call was. */
static void
begin_periods(struct budget_hold *h, const struct zone *zone, int64_t at_ms)
{
	struct wall w;
	int year, month, day;

	if (!is_none(h->spent) || !is_none(h->open))
		return;
	zone_wall(zone, at_ms, &w);
	days_date(w.day, &year, &month, &day);
	snprintf(h->day, sizeof(h->day), "%04d-%02d-%02d", year % 10000,
	    month % 100, day % 100);
	snprintf(h->month, sizeof(h->month), "%04d-%02d", year % 10000,
	    month % 100);
}

static int
spent(struct store *s, const char *name, const char *period,
    struct budget_amount *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT tokens, cost FROM ai_spent"
	    " WHERE profile = :name AND period = :period");

	ret->tokens = ret->cost = 0;
	bind_text(&q, ":name", name);
	bind_text(&q, ":period", period);
	if (step(&q)) {
		ret->tokens = column_int(&q, 0);
		ret->cost = column_int(&q, 1);
	}
	return done(&q);
}

/* What of it others have set aside that are at work still. A job without a
 * lease is nobody's: its process is gone. */
static int
under_way(struct store *s, const struct budget *b, const struct budget_hold *h,
    enum budget_period p, struct budget_amount *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(sum(a.tokens), 0), coalesce(sum(a.cost), 0)"
	    " FROM ai_aside a JOIN job j ON j.id = a.job"
	    " WHERE a.profile = :name AND a.job <> :job"
	    " AND j.lease_until_ms >= :now AND CASE :period"
	    "  WHEN 0 THEN a.conversation = :conversation"
	    "  WHEN 1 THEN a.day = :day ELSE a.month = :month END");

	ret->tokens = ret->cost = 0;
	bind_text(&q, ":name", b->name);
	bind_int(&q, ":job", h->job);
	bind_int(&q, ":now", now_ms());
	bind_int(&q, ":period", p);
	bind_text(&q, ":conversation", h->conversation);
	bind_text(&q, ":day", h->day);
	bind_text(&q, ":month", h->month);
	if (step(&q)) {
		ret->tokens = column_int(&q, 0);
		ret->cost = column_int(&q, 1);
	}
	return done(&q);
}

static int
add(struct store *s, const struct budget *b, const struct budget_hold *h,
    struct budget_amount more)
{
	char period[PERIOD_BYTES];
	struct query q;
	int p, code = 0;

	for (p = 0; p < BUDGET_PERIODS && code == 0; p++) {
		if (p == BUDGET_CONVERSATION && h->conversation[0] == '\0')
			continue;
		period_key(b, h, (enum budget_period)p, period);
		q = query(store_desk(s),
		    "INSERT INTO ai_spent (profile, period, tokens, cost)"
		    " VALUES (:name, :period, :tokens, :cost)"
		    " ON CONFLICT (profile, period) DO UPDATE"
		    " SET tokens = tokens + excluded.tokens,"
		    " cost = cost + excluded.cost");
		bind_text(&q, ":name", b->name);
		bind_text(&q, ":period", period);
		bind_int(&q, ":tokens", more.tokens);
		bind_int(&q, ":cost", more.cost);
		step(&q);
		code = done(&q);
	}
	return code;
}

/* --- limits --- */

/* What does not fit: is it spent, or would this alone be too much? */
static int
too_much(const struct budget *b, enum budget_period p, const char *what,
    bool alone)
{
	return err_set(ERR_NO,
	    alone ? "one call may take more than the %s of the %s%s" :
		    "the %s of the %s%s %s spent",
	    what, names[p], b->trial ? " for evaluations" : "",
	    strcmp(what, "money") == 0 ? "is" : "are");
}

/* Whether the limit of a period allows more: 0, BUDGET_LATER, ERR_NO or an
 * ERR. */
static int
allows(struct store *s, const struct budget *b, const struct budget_hold *h,
    enum budget_period p, struct budget_amount more)
{
	const int64_t tokens = b->tokens[p], cost = b->cost[p];
	struct budget_amount is, others = { 0, 0 };
	char period[PERIOD_BYTES];
	bool by_tokens;
	int code;

	if (tokens < 0 && cost < 0)
		return 0;
	period_key(b, h, p, period);
	code = spent(s, b->name, period, &is);
	if (code < 0)
		return code;
	by_tokens = tokens >= 0 && is.tokens + more.tokens > tokens;
	if (!by_tokens && !(cost >= 0 && is.cost + more.cost > cost))
		return 0;
	code = under_way(s, b, h, p, &others);
	if (code < 0)
		return code;
	is.tokens -= others.tokens;
	is.cost -= others.cost;
	if (tokens >= 0 && is.tokens + more.tokens > tokens)
		return too_much(b, p, "tokens", more.tokens > tokens);
	if (cost >= 0 && is.cost + more.cost > cost)
		return too_much(b, p, "money", more.cost > cost);
	err_set(ERR_NO, "the %s of the %s%s %s set aside for calls under way",
	    by_tokens ? "tokens" : "money", names[p],
	    b->trial ? " for evaluations" : "", by_tokens ? "are" : "is");
	return BUDGET_LATER;
}

/* Of all periods the one that says no, else the one that says later. */
static int
all_allow(struct store *s, const struct budget *b, struct budget_hold *h,
    struct budget_amount more)
{
	char *why = NULL;
	int p, code, ret = 0;

	for (p = 0; p < BUDGET_PERIODS && ret >= 0; p++) {
		if (p == BUDGET_CONVERSATION && h->conversation[0] == '\0')
			continue;
		code = allows(s, b, h, (enum budget_period)p, more);
		if (code == 0)
			continue;
		h->over = (enum budget_period)p;
		ret = code;
		free(why);
		why = xstrdup(err_reason());
	}
	if (ret == BUDGET_LATER)
		err_set(ERR_NO, "%s", why);
	free(why);
	return ret;
}

static int
keep_open(struct store *s, const struct budget *b, const struct budget_hold *h)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO ai_aside (job, profile, conversation, day, month,"
	    " tokens, cost) VALUES (:job, :name, :conversation, :day,"
	    " :month, :tokens, :cost) ON CONFLICT (job, profile) DO UPDATE"
	    " SET conversation = excluded.conversation, day = excluded.day,"
	    " month = excluded.month, tokens = excluded.tokens,"
	    " cost = excluded.cost");

	bind_int(&q, ":job", h->job);
	bind_text(&q, ":name", b->name);
	bind_text(&q, ":conversation", h->conversation);
	bind_text(&q, ":day", h->day);
	bind_text(&q, ":month", h->month);
	bind_int(&q, ":tokens", h->open.tokens);
	bind_int(&q, ":cost", h->open.cost);
	step(&q);
	return done(&q);
}

/* Also what a process that is gone had set aside, for this job or for one that
 * others have closed: the number may be used again. */
static int
drop_open(struct store *s, const struct budget *b, const struct budget_hold *h)
{
	struct query q = query(store_desk(s),
	    "DELETE FROM ai_aside WHERE job = :job AND profile = :name"
	    " OR job NOT IN (SELECT id FROM job)");

	bind_int(&q, ":job", h->job);
	bind_text(&q, ":name", b->name);
	step(&q);
	return done(&q);
}

/* What calls that are over have cost takes the place of what was set aside. */
static int
close_calls(struct store *s, const struct budget *b, struct budget_hold *h,
    struct budget_amount spent)
{
	const struct budget_amount change = { spent.tokens - h->spent.tokens -
		    h->open.tokens,
		spent.cost - h->spent.cost - h->open.cost };
	int code = 0;

	if (!is_none(change))
		code = add(s, b, h, change);
	if (code == 0 && h->job != 0 && !is_none(h->open))
		code = drop_open(s, b, h);
	h->spent = spent;
	h->open = (struct budget_amount){ 0, 0 };
	return code;
}

int
budget_aside(struct store *s, const struct budget *b, const struct zone *zone,
    int64_t at_ms, struct budget_hold *h, struct budget_amount spent,
    struct budget_amount next)
{
	int code;

	begin_periods(h, zone, at_ms);
	code = close_calls(s, b, h, spent);
	if (code == 0)
		code = all_allow(s, b, h, next);
	if (code == 0)
		code = add(s, b, h, next);
	if (code != 0)
		return code;
	h->open = next;
	/* An evaluation has no job that others could see to be under way. */
	return h->job != 0 ? keep_open(s, b, h) : 0;
}

int
budget_settle(struct store *s, const struct budget *b, const struct zone *zone,
    int64_t at_ms, struct budget_hold *h, struct budget_amount spent)
{
	int code;

	begin_periods(h, zone, at_ms);
	code = close_calls(s, b, h, spent);
	if (code == 0 && h->job != 0)
		code = drop_open(s, b, h);
	h->spent = (struct budget_amount){ 0, 0 };
	return code;
}

int
budget_tell(struct store *s, const struct budget *b, const struct zone *zone,
    int64_t at_ms, const struct budget_hold *h)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO ai_spent (profile, period, told_ms)"
	    " VALUES (:name, :period, :now)"
	    " ON CONFLICT (profile, period) DO UPDATE"
	    " SET told_ms = excluded.told_ms WHERE told_ms IS NULL");
	struct budget_hold of = *h;
	char period[PERIOD_BYTES];
	int code;

	/* That of a conversation is its own affair. */
	if (h->over == BUDGET_CONVERSATION)
		return 0;
	begin_periods(&of, zone, at_ms);
	period_key(b, &of, of.over, period);
	bind_text(&q, ":name", b->name);
	bind_text(&q, ":period", period);
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(s)) > 0;
}

/* --- checking --- */

struct check {
	const struct profile *p;
	struct budget_amount least;
	void (*say)(void *ctx, const char *text);
	void *ctx;
	int faults;
};

static void
check_limit(void *ctx, const struct profile_setting *s)
{
	static const struct {
		const char *key;
		bool money;
	} limits[] = {
		{ "tokens_per_conversation", false },
		{ "tokens_per_day", false },
		{ "tokens_per_month", false },
		{ "cost_per_conversation", true },
		{ "cost_per_day", true },
		{ "cost_per_month", true },
		{ "eval_tokens_per_day", false },
		{ "eval_cost_per_day", true },
	};
	struct check *k = ctx;
	char *text, *from, least[32];
	double is = strtod(s->value, NULL);
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (strcmp(s->key, limits[i].key) == 0)
			break;
	if (i == sizeof(limits) / sizeof(*limits) ||
	    is * (limits[i].money ? 1e6 : 1) + 1e-6 >=
		(double)(limits[i].money ? k->least.cost : k->least.tokens))
		return;
	snprintf(least, sizeof(least), "%lld", (long long)k->least.tokens);
	if (limits[i].money)
		money_text(k->least.cost, least);
	from = s->line > 0 ? xformat("%s:%d", s->file, s->line) :
			     xstrdup(s->file != NULL ? s->file : "built in");
	text = xformat("%s: %s of %s: it never allows an answer, for one may "
		       "take %s: raise it, or lower max_tokens",
	    from, s->key, k->p->name, least);
	free(from);
	k->say(k->ctx, text);
	free(text);
	k->faults++;
}

int
budget_check(const struct conf *c, const struct profile *p,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct check k = { .p = p, .say = say, .ctx = ctx };
	const struct provider_ask ask = { .profile = p,
		.task = TASK_ANSWER,
		.question = "?" };
	struct provider_request r;

	if (p->kind == PROVIDER_EXTRACTIVE)
		return 0;
	provider_request(&ask, &r);
	k.least = budget_amount(p, budget_most_in(r.tokens_in), p->max_tokens);
	provider_request_release(&r);
	profile_each(c, p->name, check_limit, &k);
	return k.faults;
}
