/* report - the numbers of a span of days */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/time.h"
#include "report/report.h"
#include "store/db.h"
#include "store/log.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define SLICE_MS HOUR_MS /* what one read looks at */

static int64_t
day_number(const struct zone *zone, int64_t ms)
{
	struct wall wall;

	zone_wall(zone, ms, &wall);
	return wall.day;
}

static void
day_name(int64_t number, char ret[DAY_BYTES])
{
	char text[TIME_TEXT_BYTES];

	time_text(number * DAY_MS, text);
	snprintf(ret, DAY_BYTES, "%.10s", text);
}

/* The first moment of day number, known to be within a day and a half. */
static int64_t
first_moment(const struct zone *zone, int64_t number)
{
	int64_t lo = number * DAY_MS - 36 * HOUR_MS;
	int64_t hi = number * DAY_MS + 36 * HOUR_MS;

	while (
	    lo < hi) { /* the first with day_number >= number is in [lo, hi] */
		int64_t mid = lo + (hi - lo) / 2;

		if (day_number(zone, mid) >= number)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

int
day_parse(const struct zone *zone, const char *text, int64_t *ret_ms)
{
	int year, month, day, n = 0;
	int64_t ms;

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &n) != 3 ||
	    n != 10 || text[n] != '\0')
		return since_parse(text, ret_ms);
	if (time_parse(text, &ms) < 0)
		return ERR_DATA;
	*ret_ms = first_moment(zone, date_days(year, month, day));
	return 0;
}

static int
make_days(struct report *r)
{
	int64_t first = day_number(r->zone, r->from_ms);
	int64_t last = day_number(r->zone, r->until_ms - 1);

	if (r->until_ms <= r->from_ms)
		return err_set(ERR_USAGE, "the span ends before it begins");
	if (last - first + 1 > REPORT_DAYS_MAX)
		return err_set(ERR_USAGE, "a span of more than %d days",
		    REPORT_DAYS_MAX);
	r->ndays = (size_t)(last - first + 1);
	r->days = xcalloc(r->ndays, sizeof(*r->days));
	for (size_t i = 0; i < r->ndays; i++) {
		struct report_day *d = &r->days[i];
		int64_t number = first + (int64_t)i;

		day_name(number, d->name);
		d->from_ms = first_moment(r->zone, number);
		d->until_ms = first_moment(r->zone, number + 1);
		if (d->until_ms > r->until_ms)
			d->until_ms = r->until_ms;
	}
	r->from_ms = r->days[0].from_ms;
	return 0;
}

static void
cell_add(struct cell *c, int64_t took_ms)
{
	if ((size_t)c->n == c->cap) {
		c->cap = c->cap == 0 ? 16 : 2 * c->cap;
		c->times = xrealloc(c->times, c->cap * sizeof(*c->times));
	}
	c->times[c->n++] = took_ms;
}

/* The place for a policy and a target, made if there is none. */
static struct report_promise *
promise_for(struct report *r, const char *policy, const char *target)
{
	struct report_promise *p;
	size_t at = 0;
	int order;

	for (; at < r->npromises; at++) {
		p = &r->promises[at];
		order = strcmp(p->policy, policy);
		if (order == 0) /* by the alphabet they are in order of time */
			order = strcmp(p->target, target);
		if (order == 0)
			return p;
		if (order > 0)
			break;
	}
	r->promises =
	    xrealloc(r->promises, (r->npromises + 1) * sizeof(*r->promises));
	p = &r->promises[at];
	memmove(p + 1, p, (r->npromises++ - at) * sizeof(*p));
	*p = (struct report_promise){ .policy = xstrdup(policy),
		.target = xstrdup(target) };
	return p;
}

static void
promise_add(struct report *r, struct query *q, struct cell *day,
    struct cell *whole)
{
	struct report_promise *p =
	    promise_for(r, column_text(q, 0), column_text(q, 1));
	int64_t met = column_int(q, 2), of = column_int(q, 3);

	p->met += met;
	p->of += of;
	day->n += met;
	day->of += of;
	whole->n += met;
	whole->of += of;
}

/* One metric over one slice, into the cell of its day and the whole's. */
static int
count_slice(struct store *s, struct report *r, const struct metric *m,
    struct cell *day, struct cell *whole, int64_t from_ms, int64_t until_ms)
{
	struct query q = query(store_desk(s), m->sql);

	bind_int(&q, ":from_ms", from_ms);
	bind_int(&q, ":until_ms", until_ms);
	bind_int(&q, ":seq", r->seq);
	bind_text(&q, ":instance", r->instance);
	while (step(&q)) {
		switch (m->kind) {
		case METRIC_SHARE:
			day->of += column_int(&q, 1);
			whole->of += column_int(&q, 1);
			/* fallthrough */
		case METRIC_COUNT:
			day->n += column_int(&q, 0);
			whole->n += column_int(&q, 0);
			break;
		case METRIC_TIME:
			day->of++;
			whole->of++;
			if (!column_null(&q, 0)) {
				cell_add(day, column_int(&q, 0));
				cell_add(whole, column_int(&q, 0));
			}
			break;
		case METRIC_PROMISES:
			promise_add(r, &q, day, whole);
			break;
		case METRIC_QUESTIONS:
			day->n++;
			whole->n++;
			questions_add(r->questions, column_text(&q, 0),
			    column_text(&q, 1), column_text(&q, 2),
			    column_int(&q, 3) != 0);
			break;
		}
	}
	return done(&q);
}

/* Move *at on to the next event: 1, or 0 if there is none. */
static int
next_event(struct store *s, const struct report *r, int64_t *at)
{
	struct query q = query(store_desk(s),
	    "SELECT time_ms FROM event WHERE time_ms >= :at"
	    " AND time_ms < :until ORDER BY time_ms LIMIT 1");
	bool found;
	int code;

	bind_int(&q, ":at", *at);
	bind_int(&q, ":until", r->until_ms);
	if ((found = step(&q)))
		*at = column_int(&q, 0);
	code = done(&q);
	return code < 0 ? code : found;
}

static int
count_day(struct store *s, struct report *r, size_t day)
{
	const struct report_day *d = &r->days[day];

	int64_t at = d->from_ms, end;
	int code;

	while ((code = next_event(s, r, &at)) > 0 && at < d->until_ms) {
		end = at + SLICE_MS;
		if (end > d->until_ms)
			end = d->until_ms;
		for (size_t m = 0; metrics[m].name != NULL; m++) {
			struct cell *c = &r->cells[m * (r->ndays + 1)];

			code = count_slice(s, r, &metrics[m], &c[day],
			    &c[r->ndays], at, end);
			if (code < 0)
				return code;
		}
		at = end;
	}
	return code < 0 ? code : 0;
}

static int
by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static size_t
metric_count(void)
{
	size_t n = 0;

	while (metrics[n].name != NULL)
		n++;
	return n;
}

int
report_gather(struct store *s, const struct report_wish *wish,
    struct report **ret)
{
	struct report *r = xcalloc(1, sizeof(*r));
	size_t ncells;
	int code;

	r->zone = wish->zone;
	r->zone_name = xstrdup(wish->zone_name);
	r->instance = xstrdup(wish->instance);
	r->from_ms = wish->from_ms;
	r->until_ms = wish->until_ms;
	r->made_ms = wish->now_ms;
	r->questions = questions_new();
	if ((code = make_days(r)) < 0 || (code = log_last(s, &r->seq)) < 0)
		goto out;
	ncells = metric_count() * (r->ndays + 1);
	r->cells = xcalloc(ncells, sizeof(*r->cells));
	for (size_t day = 0; day < r->ndays && code >= 0; day++)
		code = count_day(s, r, day);
	if (code < 0)
		goto out;
	for (size_t i = 0; i < ncells; i++)
		if (r->cells[i].times != NULL)
			qsort(r->cells[i].times, (size_t)r->cells[i].n,
			    sizeof(int64_t), by_time);
	questions_group(r->questions);
	*ret = r;
	r = NULL;
	code = 0;
out:
	report_free(r);
	return code;
}

void
report_free(struct report *r)
{
	if (r == NULL)
		return;
	if (r->cells != NULL)
		for (size_t i = 0; i < metric_count() * (r->ndays + 1); i++)
			free(r->cells[i].times);
	free(r->cells);
	free(r->days);
	for (size_t i = 0; i < r->npromises; i++) {
		free(r->promises[i].policy);
		free(r->promises[i].target);
	}
	free(r->promises);
	free(r->zone_name);
	free(r->instance);
	questions_free(r->questions);
	free(r);
}

const struct cell *
report_cell(const struct report *r, const char *metric, size_t day)
{
	return &r->cells[metric_index(metric) * (r->ndays + 1) + day];
}

int64_t
cell_percentile(const struct cell *c, int p)
{
	int64_t rank;

	if (c->times == NULL || c->n == 0)
		return -1;
	rank = (c->n * p + 99) / 100;
	return c->times[(rank < 1 ? 1 : rank) - 1];
}
