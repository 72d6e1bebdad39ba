/* text - the report as lines: JSON and CSV */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "report/report.h"

static const char *const kinds[] = { [METRIC_COUNT] = "count",
	[METRIC_SHARE] = "share",
	[METRIC_TIME] = "time",
	[METRIC_PROMISES] = "promises",
	[METRIC_QUESTIONS] = "groups" };

/* Statistics of a cell by its kind: names and values; -1 is none. */
static size_t
statistics(enum metric_kind kind, const struct cell *c, const char *names[4],
    int64_t values[4])
{
	size_t n = 0;

	names[n] = kind == METRIC_TIME ? "answered" : "count";
	values[n++] = c->n;
	if (kind == METRIC_SHARE || kind == METRIC_TIME ||
	    kind == METRIC_PROMISES) {
		names[n] = "of";
		values[n++] = c->of;
	}
	if (kind == METRIC_TIME) {
		names[n] = "median_ms";
		values[n++] = cell_percentile(c, 50);
		names[n] = "p90_ms";
		values[n++] = cell_percentile(c, 90);
	}
	return n;
}

static void
put_statistics(json_t *object, enum metric_kind kind, const struct cell *c)
{
	const char *names[4];
	int64_t values[4];
	size_t n = statistics(kind, c, names, values);

	for (size_t i = 0; i < n; i++)
		json_put_new(object, names[i],
		    values[i] < 0 ? json_null() : json_integer(values[i]));
}

static json_t *
groups(const struct questions *q)
{
	json_t *list = json_array();
	size_t n;
	const struct question_group *g = questions_groups(q, &n);

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		json_put(o, "text", g[i].text);
		json_put_int(o, "messages", g[i].messages);
		json_put_int(o, "customers", g[i].customers);
		json_put_int(o, "handed_over", g[i].handed);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
policies(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->npromises; i++) {
		const struct report_promise *p = &r->promises[i];
		json_t *o = json_object();

		json_put(o, "policy", p->policy);
		json_put(o, "target", p->target);
		json_put_int(o, "met", p->met);
		json_put_int(o, "missed", p->of - p->met);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
metric_object(const struct report *r, const struct metric *m)
{
	json_t *o = json_object(), *days = json_array();
	char t[TIME_TEXT_BYTES];

	json_put(o, "metric", m->name);
	json_put(o, "title", m->title);
	json_put(o, "kind", kinds[m->kind]);
	json_put(o, "since", time_text(r->from_ms, t));
	json_put(o, "until", time_text(r->until_ms, t));
	json_put(o, "zone", r->zone_name);
	json_put(o, "instance", r->instance);
	json_put_int(o, "seq", r->seq);
	put_statistics(o, m->kind, report_cell(r, m->name, r->ndays));
	for (size_t i = 0; i < r->ndays; i++) {
		json_t *day = json_object();

		json_put(day, "day", r->days[i].name);
		put_statistics(day, m->kind, report_cell(r, m->name, i));
		json_array_append_new(days, day);
	}
	json_put_new(o, "days", days);
	if (m->kind == METRIC_QUESTIONS)
		json_put_new(o, "groups", groups(r->questions));
	if (m->kind == METRIC_PROMISES)
		json_put_new(o, "policies", policies(r));
	return o;
}

void
report_json(const struct report *r, struct buf *b)
{
	for (const struct metric *m = metrics; m->name != NULL; m++) {
		json_t *o = metric_object(r, m);
		char *line = json_text(o);

		buf_adds(b, line);
		buf_addc(b, '\n');
		free(line);
		json_decref(o);
	}
}

void
report_definitions(struct buf *b)
{
	for (const struct metric *m = metrics; m->name != NULL; m++) {
		json_t *o = json_object();
		char *line;

		json_put(o, "metric", m->name);
		json_put(o, "title", m->title);
		json_put(o, "kind", kinds[m->kind]);
		json_put(o, "definition", m->definition);
		json_put(o, "sql", m->sql);
		line = json_text(o);
		buf_adds(b, line);
		buf_addc(b, '\n');
		free(line);
		json_decref(o);
	}
}

/*
 * A field of other people's text: quoted, and with an apostrophe before what a
 * spreadsheet would take for a formula.
 */
static void
field(struct buf *b, const char *text)
{
	buf_addc(b, '"');
	if (strchr("=+-@\t\r", *text) != NULL && *text != '\0')
		buf_addc(b, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_addc(b, '"');
		buf_addc(b, *text);
	}
	buf_addc(b, '"');
}

static void
csv_cell(struct buf *b, const struct metric *m, const char *day,
    const struct cell *c)
{
	const char *names[4];
	int64_t values[4];
	size_t n = statistics(m->kind, c, names, values);

	for (size_t i = 0; i < n; i++) {
		buf_addf(b, "%s,%s,%s,", m->name, day, names[i]);
		if (values[i] >= 0)
			buf_addf(b, "%lld", (long long)values[i]);
		buf_addc(b, '\n');
	}
}

static void
csv_promise(struct buf *b, const struct report_promise *p, const char *what,
    int64_t n)
{
	char *statistic = xformat("%s %s %s", p->policy, p->target, what);

	buf_adds(b, "promises,,");
	field(b, statistic);
	buf_addf(b, ",%lld\n", (long long)n);
	free(statistic);
}

void
report_csv(const struct report *r, struct buf *b)
{
	size_t n;
	const struct question_group *g = questions_groups(r->questions, &n);

	buf_adds(b, "metric,day,statistic,value\n");
	for (const struct metric *m = metrics; m->name != NULL; m++) {
		csv_cell(b, m, "", report_cell(r, m->name, r->ndays));
		for (size_t i = 0; i < r->ndays; i++)
			csv_cell(b, m, r->days[i].name,
			    report_cell(r, m->name, i));
	}
	for (size_t i = 0; i < r->npromises; i++) {
		csv_promise(b, &r->promises[i], "met", r->promises[i].met);
		csv_promise(b, &r->promises[i], "missed",
		    r->promises[i].of - r->promises[i].met);
	}
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, "questions,,");
		field(b, g[i].text);
		buf_addf(b, ",%lld\n", (long long)g[i].messages);
	}
}
