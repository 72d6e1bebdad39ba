/* budget - what AI set-ups may spend: set aside before, settled after */
#include <stdio.h>
#include <string.h>

#include "ai/budget.h"
#include "base/err.h"
#include "base/time.h"
#include "store/db.h"

struct amount {
	int64_t tokens, cost;
};

/* One limit: of tokens or of money, in a period. */
struct limit {
	const char *words, *period;
	int64_t tokens, cost; /* the most; -1: any */
};

int64_t
budget_cost(const struct profile *p, int64_t tokens_in, int64_t tokens_out)
{
	if (p->price_in < 0 || p->price_out < 0)
		return -1;
	/* Rounded up: a limit is not passed by many small calls. */
	return (tokens_in * p->price_in + tokens_out * p->price_out + 999999) /
	    1000000;
}

void
budget_day(const struct zone *zone, int64_t at_ms, char ret_day[16],
    char ret_month[16])
{
	struct wall w;
	int year, month, day;

	zone_wall(zone, at_ms, &w);
	days_date(w.day, &year, &month, &day);
	snprintf(ret_day, 16, "%04d-%02d-%02d", year % 10000, month % 100,
	    day % 100);
	snprintf(ret_month, 16, "%04d-%02d", year % 10000, month % 100);
}

static int
spent(struct store *s, const char *profile, const char *period,
    struct amount *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT tokens, cost FROM ai_spent"
	    " WHERE profile = :profile AND period = :period");

	ret->tokens = ret->cost = 0;
	bind_text(&q, ":profile", profile);
	bind_text(&q, ":period", period);
	if (step(&q)) {
		ret->tokens = column_int(&q, 0);
		ret->cost = column_int(&q, 1);
	}
	return done(&q);
}

static int
add(struct store *s, const char *profile, const char *period,
    const struct amount *a)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO ai_spent (profile, period, tokens, cost)"
	    " VALUES (:profile, :period, :tokens, :cost)"
	    " ON CONFLICT (profile, period) DO UPDATE"
	    " SET tokens = tokens + excluded.tokens,"
	    " cost = cost + excluded.cost");

	bind_text(&q, ":profile", profile);
	bind_text(&q, ":period", period);
	bind_int(&q, ":tokens", a->tokens);
	bind_int(&q, ":cost", a->cost);
	step(&q);
	return done(&q);
}

/* To the day, the month and the conversation. */
static int
add_all(struct store *s, const char *profile, const char *day,
    const char *month, const char *conversation, const struct amount *a)
{
	char period[40];
	int code = add(s, profile, day, a);

	snprintf(period, sizeof(period), "conversation/%s", conversation);
	if (code == 0)
		code = add(s, profile, month, a);
	return code < 0 ? code : add(s, profile, period, a);
}

/* The first time that the limit of a period is met: 1, 0 or an ERR. */
static int
mark_told(struct store *s, const char *profile, const char *period)
{
	struct query q = query(store_desk(s),
	    "UPDATE ai_spent SET told_ms = :now WHERE profile = :profile"
	    " AND period = :period AND told_ms IS NULL");
	int code;

	bind_text(&q, ":profile", profile);
	bind_text(&q, ":period", period);
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(s)) > 0;
}

/* Whether a limit allows more: 1, 0 with the reason, or an ERR. */
static int
allows(struct store *s, const char *profile, const struct limit *l,
    const struct amount *more)
{
	struct amount is;
	int code;

	if (l->tokens < 0 && l->cost < 0)
		return 1;
	code = spent(s, profile, l->period, &is);
	if (code < 0)
		return code;
	if (l->tokens >= 0 && is.tokens + more->tokens > l->tokens) {
		err_set(ERR_NO, "the tokens of the %s are spent", l->words);
		return 0;
	}
	if (l->cost >= 0 && is.cost + more->cost > l->cost) {
		err_set(ERR_NO, "the money of the %s is spent", l->words);
		return 0;
	}
	return 1;
}

int
budget_aside(struct store *s, const struct profile *p, const struct zone *zone,
    int64_t at_ms, int64_t job, const char *conversation, int64_t tokens_in,
    int64_t tokens_out, bool *ret_news)
{
	struct amount more = { tokens_in + tokens_out,
		budget_cost(p, tokens_in, tokens_out) };
	char day[16], month[16], of[40];
	struct limit limits[] = {
		{ "conversation", of, p->tokens_per_conversation,
		    p->cost_per_conversation },
		{ "day", day, p->tokens_per_day, p->cost_per_day },
		{ "month", month, p->tokens_per_month, p->cost_per_month },
	};
	struct query q;
	size_t i;
	int code = 1, news;

	if (ret_news != NULL)
		*ret_news = false;
	if (more.cost < 0)
		more.cost = 0;
	budget_day(zone, at_ms, day, month);
	snprintf(of, sizeof(of), "conversation/%s", conversation);
	for (i = 0; i < 3 && code == 1; i++) {
		code = allows(s, p->name, &limits[i], &more);
		if (code != 0)
			continue;
		news = i > 0 ? mark_told(s, p->name, limits[i].period) : 0;
		if (news < 0)
			return news;
		if (ret_news != NULL)
			*ret_news = news == 1;
		return ERR_NO; /* the reason is set */
	}
	if (code < 0)
		return code;
	code = add_all(s, p->name, day, month, conversation, &more);
	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "INSERT INTO ai_aside (job, profile, conversation, day, month,"
	    " tokens, cost) VALUES (:job, :profile, :conversation, :day,"
	    " :month, :tokens, :cost) ON CONFLICT (job, profile) DO UPDATE"
	    " SET conversation = excluded.conversation, day = excluded.day,"
	    " month = excluded.month, tokens = excluded.tokens,"
	    " cost = excluded.cost");
	bind_int(&q, ":job", job);
	bind_text(&q, ":profile", p->name);
	bind_text(&q, ":conversation", conversation);
	bind_text(&q, ":day", day);
	bind_text(&q, ":month", month);
	bind_int(&q, ":tokens", more.tokens);
	bind_int(&q, ":cost", more.cost);
	step(&q);
	return done(&q);
}

int
budget_settle(struct store *s, const struct profile *p, int64_t job,
    int64_t tokens_in, int64_t tokens_out)
{
	struct query q = query(store_desk(s),
	    "DELETE FROM ai_aside WHERE job = :job AND profile = :profile"
	    " RETURNING conversation, day, month, tokens, cost");
	int64_t cost = budget_cost(p, tokens_in, tokens_out);
	struct amount change = { 0, 0 };
	char conversation[SHORT_ID_BYTES] = "", day[16] = "", month[16] = "";
	int code;

	bind_int(&q, ":job", job);
	bind_text(&q, ":profile", p->name);
	if (step(&q)) {
		snprintf(conversation, sizeof(conversation), "%s",
		    column_text(&q, 0));
		snprintf(day, sizeof(day), "%s", column_text(&q, 1));
		snprintf(month, sizeof(month), "%s", column_text(&q, 2));
		change.tokens = tokens_in + tokens_out - column_int(&q, 3);
		change.cost = (cost > 0 ? cost : 0) - column_int(&q, 4);
	}
	code = done(&q);
	if (code < 0 || day[0] == '\0')
		return code;
	return add_all(s, p->name, day, month, conversation, &change);
}
