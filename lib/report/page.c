/*
 * page - the report as one HTML document
 *
 * No script, no address but places in the page itself. Each number stands in a
 * table and leads to its definition; a chart repeats what the table beside it
 * says. Charts are drawn in a space of their own that is stretched to the
 * width there is, so their words stand around them as text and stay readable
 * on a phone.
 */
#include <stdio.h>
#include <string.h>

#include "base/cli.h"
#include "base/time.h"
#include "report/report.h"
#include "report/style.h"

#define GROUPS_SHOWN 20
#define HIGH 1000 /* units of a chart's height */
#define WIDE 30	  /* units of a day's width */

/* A series of a chart: where its numbers come from and how it is drawn. */
struct series {
	const char *metric;
	const char *class;
	const char *label;
};

static void
text(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '"':
			buf_adds(b, "&quot;");
			break;
		default:
			buf_addc(b, *s);
		}
	}
}

/* A count with narrow spaces between thousands. */
static void
count(struct buf *b, int64_t n)
{
	char digits[24];
	size_t len =
	    (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)n);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_adds(b, "\xe2\x80\xaf");
		buf_addc(b, digits[i]);
	}
}

/* A span of time for people; -1 is a dash. */
static void
span(struct buf *b, int64_t ms)
{
	long long s = (long long)((ms + 500) / 1000);

	if (ms < 0)
		buf_adds(b, "\xe2\x80\x93");
	else if (ms < 9950)
		buf_addf(b, "%.1f s", (double)ms / 1000);
	else if (s < 60)
		buf_addf(b, "%lld s", s);
	else if (s < 600 && s % 60 != 0)
		buf_addf(b, "%lld min %lld s", s / 60, s % 60);
	else if (s < 3600)
		buf_addf(b, "%lld min", (s + 30) / 60);
	else if (s < 48 * 3600 && s % 3600 < 60)
		buf_addf(b, "%lld h", s / 3600);
	else if (s < 48 * 3600)
		buf_addf(b, "%lld h %lld min", s / 3600, s % 3600 / 60);
	else
		buf_addf(b, "%.1f d", (double)s / 86400);
}

static void
percent(struct buf *b, const struct cell *c)
{
	if (c->of == 0)
		buf_adds(b, "\xe2\x80\x93");
	else
		buf_addf(b, "%.0f\xe2\x80\xaf%%",
		    100 * (double)c->n / (double)c->of);
}

/* A moment as the zone's clock shows it. */
static void
moment(struct buf *b, const struct report *r, int64_t ms)
{
	char t[TIME_TEXT_BYTES];
	struct wall wall;

	zone_wall(r->zone, ms, &wall);
	time_text(ms + wall.offset_s * INT64_C(1000), t);
	buf_addf(b, "%.10s %.5s", t, t + 11);
}

/* The least of 1, 2, 5, 10, ... or of the clock's round spans from n up. */
static int64_t
round_up(int64_t n, bool is_time)
{
	static const int64_t spans_s[] = { 1, 2, 4, 10, 20, 30, 60, 120, 240,
		600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400 };
	int64_t unit = 2; /* its half is a whole number, too */

	if (is_time) {
		for (size_t i = 0; i < sizeof(spans_s) / sizeof(*spans_s); i++)
			if (n <= spans_s[i] * 1000)
				return spans_s[i] * 1000;
		for (unit = 2; unit * 86400000 < n;)
			unit *= 2;
		return unit * 86400000;
	}
	for (;;) {
		if (n <= unit)
			return unit;
		if (n <= unit * 2)
			return unit * 2;
		if (n <= unit * 5)
			return unit * 5;
		unit *= 10;
	}
}

static void
rect(struct buf *b, const char *class, double x, double width, double from,
    double to)
{
	buf_addf(b,
	    "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
	    "height=\"%.1f\"/>",
	    class, x, HIGH * (1 - to), width, HIGH * (to - from));
}

static const char *
title_of(const char *metric)
{
	return metrics[metric_index(metric)].title;
}

static void
definition_link(struct buf *b, const char *metric, const char *label)
{
	buf_addf(b, "<a href=\"#%s\">", metric);
	text(b, label);
	buf_adds(b, "</a>");
}

/* The frame of a chart up to its first bar; y holds what the axis says. */
static void
chart_open(struct buf *b, const struct report *r, const char *id,
    const char *title, const char *desc, const char *const y[3])
{
	buf_adds(b,
	    "<div class=\"card\"><div class=\"plot\">"
	    "<div class=\"y\" aria-hidden=\"true\">");
	for (int i = 0; i < 3; i++)
		buf_addf(b, "<span>%s</span>", y[i]);
	buf_addf(b,
	    "</div><svg role=\"img\" aria-labelledby=\"%s-t %s-d\" "
	    "viewBox=\"0 0 %zu %d\" preserveAspectRatio=\"none\">"
	    "<title id=\"%s-t\">",
	    id, id, r->ndays * WIDE, HIGH, id);
	text(b, title);
	buf_addf(b, "</title><desc id=\"%s-d\">", id);
	text(b, desc);
	buf_adds(b, " The table beside it holds the numbers.</desc>");
	for (int i = 0; i < 3; i++)
		buf_addf(b,
		    "<line class=\"grid\" x1=\"0\" x2=\"%zu\" y1=\"%d\" "
		    "y2=\"%d\"/>",
		    r->ndays * WIDE, i * HIGH / 2, i * HIGH / 2);
	buf_addc(b, '\n');
}

static void
chart_close(struct buf *b, const struct report *r, const struct series *key,
    size_t nkey)
{
	buf_adds(b, "</svg><div class=\"x\" aria-hidden=\"true\">");
	buf_addf(b, "<span>%s</span>", r->days[0].name);
	if (r->ndays > 4)
		buf_addf(b, "<span>%s</span>",
		    r->days[(r->ndays - 1) / 2].name + 5);
	if (r->ndays > 1)
		buf_addf(b, "<span>%s</span>", r->days[r->ndays - 1].name);
	buf_adds(b, "</div></div><ul class=\"key\">");
	for (size_t i = 0; i < nkey; i++) {
		buf_addf(b,
		    "<li><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\">"
		    "<rect class=\"%s\" width=\"1\" height=\"1\"/></svg>",
		    key[i].class);
		text(b, key[i].label);
		buf_adds(b, "</li>");
	}
	buf_adds(b, "</ul></div>\n");
}

/* The table beside a chart, up to its column heads. */
static void
table_open(struct buf *b, const char *caption)
{
	buf_addf(b,
	    "<div class=\"box\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s, table\"><table><caption>%s</caption><thead><tr>"
	    "<th scope=\"col\">Day</th>",
	    caption, caption);
}

static void
column(struct buf *b, const char *metric, const char *label)
{
	buf_adds(b, "<th scope=\"col\">");
	definition_link(b, metric, label);
	buf_adds(b, "</th>");
}

/* "Mon 23 Nov", with the year where a day of the month comes twice. */
static void
day_label(struct buf *b, const struct report *r, size_t i)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct wall wall;
	int year, month, day;

	zone_wall(r->zone, r->days[i].from_ms, &wall);
	days_date(wall.day, &year, &month, &day);
	buf_addf(b, "<time datetime=\"%s\">%s %d %s", r->days[i].name,
	    days[wall.weekday], day, months[month - 1]);
	if (r->ndays > 360)
		buf_addf(b, " %d", year);
	buf_adds(b, "</time>");
}

/* The day of row i of a table: the newest first, behind them the whole. */
static size_t
row_day(const struct report *r, size_t i)
{
	return i == r->ndays ? i : r->ndays - 1 - i;
}

/* A row's head, of a day, or of the whole. */
static void
row_open(struct buf *b, const struct report *r, size_t i)
{
	if (i == row_day(r, 0))
		buf_adds(b, "</tr></thead><tbody>\n");
	if (i == r->ndays)
		buf_adds(b, "</tbody><tfoot>");
	buf_adds(b, "<tr><th scope=\"row\">");
	if (i == r->ndays)
		buf_adds(b, "All days");
	else
		day_label(b, r, i);
	buf_adds(b, "</th>");
}

static void
table_close(struct buf *b)
{
	buf_adds(b, "</tfoot></table></div>");
}

static const struct series messages[] = {
	{ "messages_in", "in", "from customers" },
	{ "messages_out_ai", "ai", "by the AI" },
	{ "messages_out_automatic", "auto", "automatic" },
	{ "messages_out_people", "people", "by people" },
};

static void
messages_chart(const struct report *r, struct buf *b)
{
	int64_t top = 0;
	char high[24], half[24];

	for (size_t i = 0; i < r->ndays; i++) {
		int64_t in = report_cell(r, "messages_in", i)->n;
		int64_t out = report_cell(r, "messages_out", i)->n;

		top = in > top ? in : top;
		top = out > top ? out : top;
	}
	top = round_up(top, false);
	snprintf(high, sizeof(high), "%lld", (long long)top);
	snprintf(half, sizeof(half), "%lld", (long long)top / 2);
	chart_open(b, r, "c-messages", "Messages per day",
	    "Two bars a day: from customers, and to customers stacked by who "
	    "wrote them.",
	    (const char *const[]){ high, half, "0" });
	for (size_t i = 0; i < r->ndays; i++) {
		double x = (double)i * WIDE, base = 0;
		double max = (double)top;

		buf_addf(b, "<g><title>%s: %lld in, %lld out</title>",
		    r->days[i].name,
		    (long long)report_cell(r, "messages_in", i)->n,
		    (long long)report_cell(r, "messages_out", i)->n);
		rect(b, "in", x + 4, 10, 0,
		    (double)report_cell(r, "messages_in", i)->n / max);
		for (int k = 1; k < 4; k++) {
			double n =
			    (double)report_cell(r, messages[k].metric, i)->n /
			    max;

			if (n > 0)
				rect(b, messages[k].class, x + 15, 10, base,
				    base + n);
			base += n;
		}
		buf_adds(b, "</g>\n");
	}
	chart_close(b, r, messages, 4);
}

static void
messages_section(const struct report *r, struct buf *b)
{
	static const struct series columns[] = {
		{ "messages_in", NULL, "In" },
		{ "messages_out", NULL, "Out" },
		{ "messages_out_ai", NULL, "AI" },
		{ "messages_out_automatic", NULL, "Auto\302\255matic" },
		{ "messages_out_people", NULL, "People" },
		{ "messages_unsent", NULL, "Not sent" },
	};

	buf_adds(b, "<h2>Messages per day</h2>\n<figure>");
	messages_chart(r, b);
	table_open(b, "Messages per day");
	for (size_t k = 0; k < 6; k++)
		column(b, columns[k].metric, columns[k].label);
	for (size_t row = 0; row <= r->ndays; row++) {
		size_t i = row_day(r, row);

		row_open(b, r, i);
		for (size_t k = 0; k < 6; k++) {
			buf_adds(b, "<td>");
			count(b, report_cell(r, columns[k].metric, i)->n);
			buf_adds(b, "</td>");
		}
		buf_adds(b, "</tr>\n");
	}
	table_close(b);
	buf_adds(b, "</figure>\n");
}

static void
time_chart(const struct report *r, struct buf *b, const struct series key[2])
{
	char id[64];
	int64_t top = 0;
	struct buf y[2] = { BUF_INIT(0), BUF_INIT(0) };

	for (size_t i = 0; i < r->ndays; i++) {
		int64_t p90 =
		    cell_percentile(report_cell(r, key[0].metric, i), 90);

		top = p90 > top ? p90 : top;
	}
	top = round_up(top, true);
	snprintf(id, sizeof(id), "c-%s", key[0].metric);
	for (int i = 0; i < 2; i++)
		span(&y[i], i == 0 ? top : top / 2);
	chart_open(b, r, id, title_of(key[0].metric),
	    "A bar a day: up to the median, and paler up to the 90th "
	    "percentile.",
	    (const char *const[]){ y[0].data, y[1].data, "0" });
	for (size_t i = 0; i < r->ndays; i++) {
		const struct cell *c = report_cell(r, key[0].metric, i);
		double x = (double)i * WIDE + 6;
		double median = (double)cell_percentile(c, 50) / (double)top;
		double p90 = (double)cell_percentile(c, 90) / (double)top;

		if (c->n == 0)
			continue;
		buf_addf(b, "<g><title>%s: median ", r->days[i].name);
		span(b, cell_percentile(c, 50));
		buf_adds(b, ", p90 ");
		span(b, cell_percentile(c, 90));
		buf_adds(b, "</title>");
		rect(b, key[1].class, x, WIDE - 12, 0, p90);
		rect(b, key[0].class, x, WIDE - 12, 0, median);
		buf_adds(b, "</g>\n");
	}
	chart_close(b, r, key, 2);
	buf_release(&y[0]);
	buf_release(&y[1]);
}

static void
time_section(const struct report *r, struct buf *b, const struct series key[2],
    const char *answered, const char *open)
{
	const char *metric = key[0].metric;

	buf_addf(b, "<h3>%s</h3>\n<figure>", title_of(metric));
	time_chart(r, b, key);
	table_open(b, title_of(metric));
	column(b, metric, answered);
	column(b, metric, "Median");
	column(b, metric, "p90");
	if (open != NULL)
		column(b, metric, open);
	for (size_t row = 0; row <= r->ndays; row++) {
		size_t i = row_day(r, row);
		const struct cell *c = report_cell(r, metric, i);

		row_open(b, r, i);
		buf_adds(b, "<td>");
		count(b, c->n);
		buf_adds(b, "</td><td>");
		span(b, cell_percentile(c, 50));
		buf_adds(b, "</td><td>");
		span(b, cell_percentile(c, 90));
		if (open != NULL) {
			buf_adds(b, "</td><td>");
			count(b, c->of - c->n);
		}
		buf_adds(b, "</td></tr>\n");
	}
	table_close(b);
	buf_adds(b, "</figure>\n");
}

static void
share_section(const struct report *r, struct buf *b)
{
	static const struct series key[] = {
		{ "answered_by_ai", "ai", "answered by the AI alone" },
		{ "handed_over", "people", "handed over to people" },
		{ "handed_over", "auto", "neither" },
	};

	buf_adds(b, "<h2>Who answered</h2>\n<figure>");
	chart_open(b, r, "c-share", "Who answered",
	    "A full bar for each day with conversations opened: the share "
	    "answered by the AI alone, handed over, and neither.",
	    (const char *const[]){ "100\xe2\x80\xaf%", "50\xe2\x80\xaf%",
		"0" });
	for (size_t i = 0; i < r->ndays; i++) {
		const struct cell *ai = report_cell(r, "answered_by_ai", i);
		const struct cell *to = report_cell(r, "handed_over", i);
		double x = (double)i * WIDE + 4, all = (double)ai->of;
		double a, h;

		if (ai->of == 0)
			continue;
		a = (double)ai->n / all;
		h = a + (double)to->n / all;
		buf_addf(b,
		    "<g><title>%s: %lld opened, %lld by the AI alone, "
		    "%lld handed over</title>",
		    r->days[i].name, (long long)ai->of, (long long)ai->n,
		    (long long)to->n);
		if (ai->n > 0)
			rect(b, "ai", x, WIDE - 8, 0, a);
		if (to->n > 0)
			rect(b, "people", x, WIDE - 8, a, h);
		if (ai->n + to->n < ai->of)
			rect(b, "auto", x, WIDE - 8, h, 1);
		buf_adds(b, "</g>\n");
	}
	chart_close(b, r, key, 3);
	table_open(b, "Who answered");
	column(b, "openings", "Opened");
	column(b, "answered_by_ai", "AI alone");
	column(b, "answered_by_ai", "Share");
	column(b, "handed_over", "Handed over");
	column(b, "handed_over", "Share");
	for (size_t row = 0; row <= r->ndays; row++) {
		size_t i = row_day(r, row);

		row_open(b, r, i);
		buf_adds(b, "<td>");
		count(b, report_cell(r, "openings", i)->n);
		for (size_t k = 0; k < 2; k++) {
			const struct cell *c = report_cell(r, key[k].metric, i);

			buf_adds(b, "</td><td>");
			count(b, c->n);
			buf_adds(b, "</td><td>");
			percent(b, c);
		}
		buf_adds(b, "</td></tr>\n");
	}
	table_close(b);
	buf_adds(b, "</figure>\n");
}

static void
question_row(struct buf *b, const struct question_group *g, int64_t most)
{
	buf_adds(b, "<tr><th scope=\"row\" class=\"words\"><bdi>");
	text(b, g->text);
	buf_adds(b, "</bdi></th><td>");
	count(b, g->messages);
	buf_addf(b,
	    "</td><td class=\"bar\"><svg viewBox=\"0 0 100 10\" "
	    "preserveAspectRatio=\"none\" aria-hidden=\"true\">"
	    "<rect class=\"in\" width=\"%.1f\" height=\"10\"/>"
	    "<rect class=\"people\" width=\"%.1f\" height=\"10\"/></svg>"
	    "</td><td>",
	    100 * (double)g->messages / (double)most,
	    100 * (double)g->handed / (double)most);
	count(b, g->handed);
	buf_adds(b, "</td><td>");
	count(b, g->customers);
	buf_adds(b, "</td></tr>\n");
}

static void
questions_section(const struct report *r, struct buf *b)
{
	size_t n, shown;
	const struct question_group *g = questions_groups(r->questions, &n);

	shown = n < GROUPS_SHOWN ? n : GROUPS_SHOWN;
	buf_adds(b, "<h2>Similar questions</h2>\n<p class=\"soft\">");
	count(b, questions_all(r->questions));
	buf_adds(b,
	    questions_all(r->questions) == 1 ? " text message" :
					       " text messages");
	buf_adds(b, " of customers, ");
	count(b, (int64_t)n);
	buf_adds(b, n == 1 ? " group" : " groups");
	buf_adds(b, " of alike ones that more than one customer wrote");
	if (shown < n)
		buf_addf(b, "; the %zu largest are shown", shown);
	buf_adds(b, ". ");
	definition_link(b, "questions", "How they are grouped");
	buf_adds(b, ".</p>\n");
	if (shown == 0)
		return;
	buf_adds(b,
	    "<div class=\"box\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Similar questions, table\"><table><thead>"
	    "<tr><th scope=\"col\" class=\"words\">Question</th>");
	column(b, "questions", "Messages");
	buf_adds(b, "<th scope=\"col\" class=\"bar\">\xc2\xa0</th>");
	column(b, "questions", "Handed over");
	column(b, "questions", "Customers");
	buf_adds(b, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < shown; i++)
		question_row(b, &g[i], g[0].messages);
	buf_adds(b, "</tbody></table></div>\n");
}

/* Where something was promised. */
static void
promises_section(const struct report *r, struct buf *b)
{
	if (r->npromises == 0)
		return;
	buf_adds(b, "<h2>Promises by policy</h2>\n<p class=\"soft\">");
	definition_link(b, "promises", "What counts");
	buf_adds(b,
	    ".</p>\n<div class=\"box\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Promises by policy, table\"><table><thead>"
	    "<tr><th scope=\"col\" class=\"words\">Promise</th>");
	column(b, "promises", "Met");
	column(b, "promises", "Missed");
	column(b, "promises", "In time");
	buf_adds(b, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < r->npromises; i++) {
		const struct report_promise *p = &r->promises[i];
		const struct cell c = { .n = p->met, .of = p->of };

		buf_adds(b, "<tr><th scope=\"row\" class=\"words\"><bdi>");
		text(b, p->policy);
		buf_adds(b, "</bdi>: ");
		text(b, p->target);
		buf_adds(b, "</th><td>");
		count(b, p->met);
		buf_adds(b, "</td><td>");
		count(b, p->of - p->met);
		buf_adds(b, "</td><td>");
		percent(b, &c);
		buf_adds(b, "</td></tr>\n");
	}
	buf_adds(b, "</tbody></table></div>\n");
}

static void
tile_open(struct buf *b, const char *metric, const char *label,
    const char *colour)
{
	buf_addf(b, "<li style=\"--c:var(--%s)\"><span class=\"label\">",
	    colour);
	text(b, label);
	buf_addf(b, "</span><a href=\"#%s\">", metric);
}

static void
tile_more(struct buf *b)
{
	buf_adds(b, "</a><span class=\"more\">");
}

static void
tile_close(struct buf *b)
{
	buf_adds(b, "</span></li>\n");
}

static void
time_tile(const struct report *r, struct buf *b, const char *metric,
    const char *colour, const char *done, const char *none)
{
	const struct cell *c = report_cell(r, metric, r->ndays);

	tile_open(b, metric, title_of(metric), colour);
	span(b, cell_percentile(c, 50));
	tile_more(b);
	if (c->of == 0) {
		buf_adds(b, none);
	} else {
		buf_adds(b, "median; p90 ");
		span(b, cell_percentile(c, 90));
		buf_adds(b, "<br>");
		count(b, c->n);
		buf_adds(b, " of ");
		count(b, c->of);
		buf_adds(b, done);
	}
	tile_close(b);
}

static void
share_tile(const struct report *r, struct buf *b, const char *metric,
    const char *colour, const char *of)
{
	const struct cell *c = report_cell(r, metric, r->ndays);

	tile_open(b, metric, title_of(metric), colour);
	percent(b, c);
	tile_more(b);
	count(b, c->n);
	buf_adds(b, " of ");
	count(b, c->of);
	buf_adds(b, of);
	tile_close(b);
}

/* Where something was promised. */
static void
promise_tiles(const struct report *r, struct buf *b)
{
	static const char *const metric[] = { "first_response_kept",
		"next_response_kept", "resolution_kept" };

	for (size_t i = 0; i < 3; i++)
		if (report_cell(r, metric[i], r->ndays)->of > 0)
			share_tile(r, b, metric[i], "people", " promised");
}

static void
tiles(const struct report *r, struct buf *b)
{
	size_t whole = r->ndays;

	buf_adds(b, "<ul class=\"tiles\">\n");
	tile_open(b, "messages_in", title_of("messages_in"), "in");
	count(b, report_cell(r, "messages_in", whole)->n);
	tile_more(b);
	count(b, report_cell(r, "openings", whole)->n);
	buf_adds(b,
	    report_cell(r, "openings", whole)->n == 1 ? " opening" :
							" openings");
	tile_close(b);
	tile_open(b, "messages_out", title_of("messages_out"), "in");
	count(b, report_cell(r, "messages_out", whole)->n);
	tile_more(b);
	count(b, report_cell(r, "messages_out_ai", whole)->n);
	buf_adds(b, " by the AI, ");
	count(b, report_cell(r, "messages_out_people", whole)->n);
	buf_adds(b, " by people");
	tile_close(b);
	share_tile(r, b, "answered_by_ai", "ai", " openings");
	time_tile(r, b, "first_answer_ai", "ai", " answered", "nothing asked");
	share_tile(r, b, "handed_over", "people", " openings");
	time_tile(r, b, "first_answer_people", "people", " answered",
	    "no hand-over");
	time_tile(r, b, "resolution", "in", " resolved", "none resolved");
	promise_tiles(r, b);
	buf_adds(b, "</ul>\n");
}

static void
definitions(struct buf *b)
{
	buf_adds(b,
	    "<h2 id=\"definitions\">Definitions</h2>\n<p class=\"soft\">What "
	    "each number means and the SQL that counts it: it runs for each "
	    "hour from <code>:from_ms</code> to <code>:until_ms</code>, over "
	    "the log up to event <code>:seq</code>. Median and p90 are by "
	    "nearest rank over single times, never averages of averages: half "
	    "of them, nine in ten of them, are at most that.</p>\n");
	for (const struct metric *m = metrics; m->name != NULL; m++) {
		buf_addf(b, "<section id=\"%s\"><h3>%s</h3>\n<p>", m->name,
		    m->title);
		text(b, m->definition);
		buf_addf(b,
		    "</p>\n<details><summary>SQL of %s</summary><pre "
		    "tabindex=\"0\"><code>",
		    m->name);
		text(b, m->sql);
		buf_adds(b, "</code></pre></details></section>\n");
	}
}

static void
head(const struct report *r, struct buf *b)
{
	buf_adds(b,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
	buf_addf(b, "<title>Support desk, %s to %s</title>\n<style>\n",
	    r->days[0].name, r->days[r->ndays - 1].name);
	buf_adds(b, report_style);
	buf_adds(b,
	    "</style>\n</head>\n<body>\n<header>\n"
	    "<h1>Support desk</h1>\n<p class=\"soft\">");
	moment(b, r, r->from_ms);
	buf_adds(b, " to ");
	moment(b, r, r->until_ms);
	buf_adds(b, ", ");
	text(b, r->zone_name);
	if (r->instance == NULL) {
		buf_adds(b, ", all numbers");
	} else {
		buf_adds(b, ", number ");
		text(b, r->instance);
	}
	buf_adds(b, "</p>\n</header>\n<main>\n");
}

void
report_page(const struct report *r, struct buf *b)
{
	static const struct series ai[] = {
		{ "first_answer_ai", "ai", "median" },
		{ "first_answer_ai", "pale", "90th percentile" },
	};
	static const struct series people[] = {
		{ "first_answer_people", "people", "median" },
		{ "first_answer_people", "palep", "90th percentile" },
	};
	static const struct series resolution[] = {
		{ "resolution", "in", "median" },
		{ "resolution", "palein", "90th percentile" },
	};

	head(r, b);
	tiles(r, b);
	messages_section(r, b);
	share_section(r, b);
	buf_adds(b,
	    "<h2>How long it took</h2>\n<p class=\"soft\">Three "
	    "clocks, kept apart: the AI's from the customer's message, "
	    "people's from the hand-over, and to the end from the last "
	    "opening.</p>\n");
	time_section(r, b, ai, "Answered", "No answer");
	time_section(r, b, people, "Answered", "No answer");
	time_section(r, b, resolution, "Resolved", NULL);
	promises_section(r, b);
	questions_section(r, b);
	definitions(b);
	buf_adds(b, "</main>\n<footer>\n<p>Made ");
	moment(b, r, r->made_ms);
	buf_addf(b,
	    " from the log up to event %lld by report " FRONTDESK_VERSION
	    ".</p>\n</footer>\n</body>\n</html>\n",
	    (long long)r->seq);
}
