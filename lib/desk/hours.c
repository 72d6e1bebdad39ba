/* hours - when a place is open: days, times, zone, holidays */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/zone.h"
#include "desk/hours.h"
#include "desk/settings.h"

#define RANGES_MAX 12 /* in one day */
#define DAY_MIN (24 * 60)
#define HOLIDAYS_MAX_BYTES (1024 * 1024)

/* Minutes since midnight; until may go into the next day. */
struct range {
	int from, until;
};

struct day {
	struct range ranges[RANGES_MAX];
	size_t count;
};

struct holiday {
	int64_t days; /* since 1970; of the year 0: every year */
	bool yearly;
	int month, day;
	struct day open; /* most often closed */
};

struct hours {
	struct zone *zone;
	struct day week[7]; /* from Monday */
	struct holiday *holidays;
	size_t nholidays;
};

static const char *const day_names[] = { "mon", "tue", "wed", "thu", "fri",
	"sat", "sun", NULL };

static int
day_number(const char *text, size_t len)
{
	int i;

	for (i = 0; i < 7; i++)
		if (len == 3 && strncmp(text, day_names[i], 3) == 0)
			return i;
	return -1;
}

unsigned
hours_days(const char *key)
{
	unsigned days = 0;
	const char *p = key;
	size_t len;
	int from, to;

	for (;;) {
		len = strcspn(p, "-,");
		from = to = day_number(p, len);
		p += len;
		if (*p == '-') {
			p++;
			len = strcspn(p, ",");
			to = day_number(p, len);
			p += len;
		}
		if (from < 0 || to < 0)
			return 0;
		for (;; from = (from + 1) % 7) { /* sat-mon goes round */
			days |= 1u << from;
			if (from == to)
				break;
		}
		if (*p == '\0')
			return days;
		p++;
	}
}

/* "9:30", "24:00" as minutes; -1 if it is none. */
static int
clock_parse(const char *text, size_t len)
{
	char copy[8], after;
	int hour, minute;

	if (len < 4 || len > 5 || strspn(text, "0123456789:") < len)
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (copy[len - 3] != ':' ||
	    sscanf(copy, "%d:%d%c", &hour, &minute, &after) != 2 ||
	    minute > 59 || hour > 24 || (hour == 24 && minute != 0))
		return -1;
	return hour * 60 + minute;
}

static int
day_parse(const char *text, struct day *ret)
{
	const char *white = " \t\r\n", *p = text + strspn(text, " \t\r\n");
	struct day d = { .count = 0 };
	struct range *r;
	size_t len, left, i, j;

	if (strncmp(p, "closed", 6) == 0 &&
	    p[6 + strspn(p + 6, white)] == '\0') {
		*ret = d;
		return 0;
	}
	while (*p != '\0') {
		len = strcspn(p, white);
		left = strcspn(p, "-");
		if (d.count == RANGES_MAX)
			return err_set(ERR_DATA,
			    "more than %d times in one day", RANGES_MAX);
		r = &d.ranges[d.count++];
		if (left < len) {
			r->from = clock_parse(p, left);
			r->until = clock_parse(p + left + 1, len - left - 1);
		}
		if (left >= len || r->from < 0 || r->until < 0 ||
		    r->from == DAY_MIN)
			return err_set(ERR_DATA,
			    "'%.*s' is no range of times such as 09:00-17:30",
			    (int)len, p);
		if (r->until == r->from)
			return err_set(ERR_DATA,
			    "'%.*s' is empty (a whole day is 00:00-24:00)",
			    (int)len, p);
		if (r->until < r->from)
			r->until += DAY_MIN;
		p += len;
		p += strspn(p, white);
	}
	if (d.count == 0)
		return err_set(ERR_DATA,
		    "wants ranges such as 09:00-12:30 13:30-18:00, or closed");
	for (i = 0; i < d.count; i++)
		for (j = i + 1; j < d.count; j++)
			if (d.ranges[i].from < d.ranges[j].until &&
			    d.ranges[j].from < d.ranges[i].until)
				return err_set(ERR_DATA,
				    "two of the times overlap");
	*ret = d;
	return 0;
}

int
hours_parse_day(const char *text)
{
	struct day d;

	return day_parse(text, &d);
}

/* "2026-12-25", "12-25": every year; what follows are other hours. */
static int
holiday_parse(char *line, struct holiday *ret)
{
	struct holiday h = { .yearly = false };
	char *rest = line + strcspn(line, " \t");
	int year = 0, y, m, d;
	char after;

	if (*rest != '\0')
		*rest++ = '\0';
	if (strspn(line, "0123456789-") != strlen(line))
		goto bad;
	if (strlen(line) == 10 &&
	    sscanf(line, "%4d-%2d-%2d%c", &year, &h.month, &h.day, &after) == 3)
		h.yearly = false;
	else if (strlen(line) == 5 &&
	    sscanf(line, "%2d-%2d%c", &h.month, &h.day, &after) == 2)
		h.yearly = true;
	else
		goto bad;
	if (h.month < 1 || h.month > 12 || h.day < 1)
		goto bad;
	h.days = date_days(h.yearly ? 2000 : year, h.month, h.day);
	days_date(h.days, &y, &m, &d);
	if (m != h.month || d != h.day)
		goto bad;
	rest += strspn(rest, " \t\r");
	if (*rest != '\0' && day_parse(rest, &h.open) < 0)
		return ERR_DATA;
	*ret = h;
	return 0;
bad:
	return err_set(ERR_DATA,
	    "'%s' is no date such as 2026-12-25, or 12-25 for every year",
	    line);
}

static int
holidays_load(struct hours *h, const char *path,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	char *text, *line, *next;
	struct holiday day;
	size_t len;
	int number = 0, code = 0;

	if (file_read(path, HOLIDAYS_MAX_BYTES, &text, &len) < 0)
		return err_set(ERR_CONFIG, "%s", err_reason());
	for (line = text; line != NULL && (code == 0 || say != NULL);
	     line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		number++;
		line[strcspn(line, "#\r")] = '\0';
		line += strspn(line, " \t");
		if (*line == '\0')
			continue;
		if (holiday_parse(line, &day) < 0) {
			code = err_set(ERR_CONFIG, "%s:%d: %s", path, number,
			    err_reason());
			if (say != NULL)
				say(ctx, err_reason());
			continue;
		}
		h->holidays = xrealloc(h->holidays,
		    (h->nholidays + 1) * sizeof(*h->holidays));
		h->holidays[h->nholidays++] = day;
	}
	free(text);
	return code;
}

int
holidays_check(const char *path, void (*say)(void *ctx, const char *text),
    void *ctx)
{
	struct hours *h = xcalloc(1, sizeof(*h));
	int code = holidays_load(h, path, say, ctx);

	hours_free(h);
	return code;
}

static int
popcount(unsigned bits)
{
	int n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

int
hours_load(const struct conf *c, const char *name, struct hours **ret)
{
	struct hours *h = xcalloc(1, sizeof(*h));
	const struct conf_entry *e;
	char *section = xformat("hours %s", name), *path = NULL;
	int width[7] = { 0 }, n, i, code;
	bool any = false;
	unsigned days;
	size_t k;

	/* The key that names the fewest days wins: sat beats mon-sun. */
	for (k = 0; c != NULL && (e = conf_entry(c, k)) != NULL; k++) {
		if (strcmp(e->section, section) != 0)
			continue;
		days = hours_days(e->key);
		n = popcount(days);
		for (i = 0; i < 7; i++) {
			if ((days >> i & 1) == 0 ||
			    (width[i] != 0 && width[i] < n))
				continue;
			width[i] = n;
			any = true;
			if (day_parse(e->value, &h->week[i]) < 0) {
				code = err_set(ERR_CONFIG, "%s:%d: %s.%s: %s",
				    e->file, e->line, section, e->key,
				    err_reason());
				goto fail;
			}
		}
	}
	if (!any) {
		code = err_set(ERR_CONFIG,
		    "there are no hours '%s': [hours %s] names no day", name,
		    name);
		goto fail;
	}
	code = zone_open(setting_text(c, section, "zone"), &h->zone);
	if (code < 0)
		goto fail;
	path = setting_path(c, section, "holidays");
	if (path != NULL)
		code = holidays_load(h, path, NULL, NULL);
	if (code < 0)
		goto fail;
	free(path);
	free(section);
	*ret = h;
	return 0;
fail:
	free(path);
	free(section);
	hours_free(h);
	return code;
}

void
hours_free(struct hours *h)
{
	if (h == NULL)
		return;
	zone_close(h->zone);
	free(h->holidays);
	free(h);
}

static const struct day *
day_of(const struct hours *h, int64_t days, int weekday)
{
	const struct day *yearly = NULL;
	int y, m, d;
	size_t i;

	if (h->nholidays > 0)
		days_date(days, &y, &m, &d);
	for (i = 0; i < h->nholidays; i++) {
		if (!h->holidays[i].yearly && h->holidays[i].days == days)
			return &h->holidays[i].open;
		if (h->holidays[i].yearly && h->holidays[i].month == m &&
		    h->holidays[i].day == d)
			yearly = &h->holidays[i].open;
	}
	return yearly != NULL ? yearly : &h->week[weekday];
}

/* Whether a range that begins on a day meets [from, to] of minutes of it. */
static bool
meets(const struct day *d, int64_t from, int64_t to)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (d->ranges[i].from <= to && from < d->ranges[i].until)
			return true;
	return false;
}

int
hours_between(const struct hours *h, int64_t from_ms, int64_t to_ms)
{
	struct wall from, to;
	int64_t day;

	if (to_ms < from_ms)
		return 0;
	zone_wall(h->zone, from_ms, &from);
	zone_wall(h->zone, to_ms, &to);
	if (to.day - from.day > 366) /* whoever is open opens once a year */
		to.day = from.day + 366;
	for (day = from.day - 1; day <= to.day; day++)
		if (meets(day_of(h, day, (int)(((day + 3) % 7 + 7) % 7)),
			from.second / 60 + (from.day - day) * DAY_MIN,
			to.second / 60 + (to.day - day) * DAY_MIN))
			return 1;
	return 0;
}

const struct zone *
hours_zone(const struct hours *h)
{
	return h->zone;
}

int
hours_at(const struct hours *h, int64_t at_ms)
{
	return hours_between(h, at_ms, at_ms);
}

int
hours_open(const struct conf *c, const char *name, int64_t at_ms)
{
	struct hours *h;
	int code = hours_load(c, name, &h);

	if (code < 0)
		return code;
	code = hours_at(h, at_ms);
	hours_free(h);
	return code;
}
