/* hours - when a place is open: days, times, zone, holidays */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/zone.h"
#include "desk/calendar.h"
#include "desk/hours.h"
#include "desk/settings.h"

#define RANGES_MAX 12 /* in one day */
#define DAY_MIN (24 * 60)
#define MINUTE_MS INT64_C(60000)
#define NEXT_MINUTES (60 * DAY_MIN) /* this far ahead doors are looked for */
#define HOLIDAYS_MAX_BYTES (1024 * 1024)
#define SHUT_MAX_MS (366 * INT64_C(86400000))

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
	char *zone_name;
	struct zone *zone;
	struct day week[7];    /* from Monday */
	struct holiday *dated; /* by days, each once */
	size_t ndated;
	struct holiday *yearly;
	size_t nyearly;
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

static struct holiday *
grow(struct holiday **list, size_t count)
{
	*list = xrealloc(*list, (count + 1) * sizeof(**list));
	return &(*list)[count];
}

/* Where the first dated one at or behind a day stands. */
static size_t
dated_at(const struct hours *h, int64_t days)
{
	size_t from = 0, until = h->ndated, mid;

	while (from < until) {
		mid = from + (until - from) / 2;
		if (h->dated[mid].days < days)
			from = mid + 1;
		else
			until = mid;
	}
	return from;
}

static const struct holiday *
dated_find(const struct hours *h, int64_t days)
{
	size_t i = dated_at(h, days);

	return i < h->ndated && h->dated[i].days == days ? &h->dated[i] : NULL;
}

/* Of two for a day the first counts. */
static void
holiday_add(struct hours *h, const struct holiday *day)
{
	size_t i;

	if (day->yearly) {
		*grow(&h->yearly, h->nyearly) = *day;
		h->nyearly++;
		return;
	}
	if (dated_find(h, day->days) != NULL)
		return;
	i = dated_at(h, day->days);
	grow(&h->dated, h->ndated);
	memmove(&h->dated[i + 1], &h->dated[i],
	    (h->ndated - i) * sizeof(*h->dated));
	h->dated[i] = *day;
	h->ndated++;
}

/* Take minutes of a day, which may go into the next one, out of its ranges. */
static int
day_shut(struct day *d, int64_t from, int64_t until)
{
	struct day left = { .count = 0 };
	const struct range *r;
	size_t i;

	for (i = 0; i < d->count; i++) {
		r = &d->ranges[i];
		if (left.count + 2 > RANGES_MAX)
			return err_set(ERR_DATA,
			    "leaves more than %d times open in one day",
			    RANGES_MAX);
		if (until <= r->from || r->until <= from) {
			left.ranges[left.count++] = *r;
			continue;
		}
		if (r->from < from)
			left.ranges[left.count++] =
			    (struct range){ r->from, (int)from };
		if (until < r->until)
			left.ranges[left.count++] =
			    (struct range){ (int)until, r->until };
	}
	*d = left;
	return 0;
}

static int
weekday_of(int64_t day)
{
	return (int)(((day + 3) % 7 + 7) % 7);
}

/* Days as such close with all that begins on them; times close in the day they
 * are on and in what goes past midnight of the one before. */
static int
span_shut(struct hours *h, const struct span *s)
{
	int64_t first = date_days(CALENDAR_FROM, 1, 1),
		end = date_days(CALENDAR_UNTIL, 1, 1),
		day = s->from / DAY_MIN - (s->whole ? 0 : 1),
		last = (s->until - 1) / DAY_MIN;
	const struct holiday *known;
	struct holiday new;
	int code = 0;

	for (day = day < first ? first : day; day <= last && day < end; day++) {
		known = dated_find(h, day);
		if (known == NULL) {
			new = (struct holiday){ .days = day };
			days_date(day, &(int){ 0 }, &new.month, &new.day);
			new.open = h->week[weekday_of(day)];
		} else
			new = *known;
		if (s->whole)
			new.open.count = 0;
		else
			code = day_shut(&new.open, s->from - day * DAY_MIN,
			    s->until - day * DAY_MIN);
		if (code < 0)
			return code;
		if (known != NULL)
			h->dated[known - h->dated] = new;
		else if (s->whole ||
		    new.open.count != h->week[weekday_of(day)].count ||
		    memcmp(new.open.ranges, h->week[weekday_of(day)].ranges,
			new.open.count * sizeof(struct range)) != 0)
			holiday_add(h, &new);
	}
	return 0;
}

static int
calendar_load(struct hours *h, const char *path, const char *text,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct span *spans = NULL;
	size_t count = 0, i;
	int code = calendar_read(path, text, h->zone, say, ctx, &spans, &count);

	for (i = 0; i < count && code == 0; i++)
		if (span_shut(h, &spans[i]) < 0)
			code =
			    err_set(ERR_CONFIG, "%s: %s", path, err_reason());
	free(spans);
	return code;
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
	if (calendar_is(path, text)) {
		code = calendar_load(h, path, text, say, ctx);
		free(text);
		return code;
	}
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
		holiday_add(h, &day);
	}
	free(text);
	return code;
}

int
holidays_check(const char *path, void (*say)(void *ctx, const char *text),
    void *ctx)
{
	struct hours *h = xcalloc(1, sizeof(*h));
	int code = zone_open("UTC", &h->zone);

	if (code == 0)
		code = holidays_load(h, path, say, ctx);
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
	h->zone_name = xstrdup(setting_text(c, section, "zone"));
	code = zone_open(h->zone_name, &h->zone);
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
	free(h->zone_name);
	free(h->dated);
	free(h->yearly);
	free(h);
}

static const struct day *
day_of(const struct hours *h, int64_t days, int weekday)
{
	const struct holiday *dated = dated_find(h, days);
	const struct day *yearly = NULL;
	int y, m, d;
	size_t i;

	if (dated != NULL)
		return &dated->open;
	if (h->nyearly > 0)
		days_date(days, &y, &m, &d);
	for (i = 0; i < h->nyearly; i++)
		if (h->yearly[i].month == m && h->yearly[i].day == d)
			yearly = &h->yearly[i].open;
	return yearly != NULL ? yearly : &h->week[weekday];
}

static const struct day *
day_numbered(const struct hours *h, int64_t day)
{
	return day_of(h, day, weekday_of(day));
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
		if (meets(day_numbered(h, day),
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

static void
kept_free(void *hours)
{
	hours_free(hours);
}

int
hours_open(const struct conf *c, const char *name, int64_t at_ms)
{
	char *key = xformat("hours %s", name);
	struct hours *h = conf_kept(c, key);
	int code = 0;

	if (h == NULL && (code = hours_load(c, name, &h)) == 0)
		conf_keep(c, key, h, kept_free);
	free(key);
	return code < 0 ? code : hours_at(h, at_ms);
}

/* The first boundary of a range of a day behind a second of another one; ret
 * is left alone if none is nearer. */
static void
nearer(const struct day *d, int64_t days_later, int second, int64_t *ret)
{
	int64_t edges[2];
	size_t i, k;

	for (i = 0; i < d->count; i++) {
		edges[0] = (d->ranges[i].from + days_later * DAY_MIN) * 60;
		edges[1] = (d->ranges[i].until + days_later * DAY_MIN) * 60;
		for (k = 0; k < 2; k++)
			if (edges[k] > second && edges[k] < *ret)
				*ret = edges[k];
	}
}

/* Until when the doors stay as they are at a moment, at most a day: by ranges
 * of this day and the one before, and until the clock is changed. */
static int64_t
same_until(const struct hours *h, int64_t at_ms)
{
	int64_t edge = DAY_MIN * 60;
	struct wall wall;

	zone_wall(h->zone, at_ms, &wall);
	nearer(day_numbered(h, wall.day - 1), -1, wall.second, &edge);
	nearer(day_numbered(h, wall.day), 0, wall.second, &edge);
	at_ms -= (at_ms % 1000 + 1000) % 1000;
	return zone_change(h->zone, at_ms, at_ms + (edge - wall.second) * 1000);
}

int
hours_next(const struct hours *h, int64_t at_ms, int64_t *ret_ms)
{
	int64_t t = at_ms - at_ms % MINUTE_MS,
		end = t + NEXT_MINUTES * MINUTE_MS;

	while (t < end && hours_at(h, t))
		t = same_until(h, t);
	while (t < end && !hours_at(h, t))
		t = same_until(h, t);
	*ret_ms = t;
	return t < end;
}

int64_t
hours_after(const struct hours *h, int64_t from_ms, int64_t open_ms)
{
	int64_t at_ms = from_ms, next_ms, shut_ms = from_ms;

	if (h == NULL || open_ms <= 0)
		return from_ms + open_ms;
	while (at_ms - shut_ms <= SHUT_MAX_MS) {
		next_ms = same_until(h, at_ms);
		if (hours_at(h, at_ms)) {
			if (next_ms - at_ms >= open_ms)
				return at_ms + open_ms;
			open_ms -= next_ms - at_ms;
			shut_ms = next_ms;
		}
		at_ms = next_ms;
	}
	return -1;
}

int64_t
hours_spent(const struct hours *h, int64_t from_ms, int64_t to_ms)
{
	int64_t at_ms = from_ms, next_ms, spent_ms = 0;

	if (h == NULL)
		return to_ms > from_ms ? to_ms - from_ms : 0;
	for (; at_ms < to_ms; at_ms = next_ms) {
		next_ms = same_until(h, at_ms);
		if (next_ms > to_ms)
			next_ms = to_ms;
		if (hours_at(h, at_ms))
			spent_ms += next_ms - at_ms;
	}
	return spent_ms;
}

static json_t *
day_json(const struct day *d)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < d->count; i++)
		json_array_append_new(list,
		    json_pack("[ii]", d->ranges[i].from, d->ranges[i].until));
	return list;
}

static int
day_of_json(const json_t *list, struct day *ret)
{
	const json_t *range;
	size_t i;

	ret->count = 0;
	json_array_foreach(list, i, range) {
		if (i == RANGES_MAX ||
		    json_unpack((json_t *)range, "[ii]", &ret->ranges[i].from,
			&ret->ranges[i].until) < 0)
			return err_set(ERR_BUG, "hours of no known form");
		ret->count++;
	}
	return 0;
}

json_t *
hours_json(const struct hours *h)
{
	json_t *o = json_object(), *week = json_array(), *days = json_array();
	const struct holiday *d;
	size_t i;

	for (i = 0; i < 7; i++)
		json_array_append_new(week, day_json(&h->week[i]));
	for (i = 0; i < h->ndated + h->nyearly; i++) {
		d = i < h->ndated ? &h->dated[i] : &h->yearly[i - h->ndated];
		json_array_append_new(days,
		    json_pack("[Ibiio]", (json_int_t)d->days, d->yearly,
			d->month, d->day, day_json(&d->open)));
	}
	json_put(o, "zone", h->zone_name);
	json_put_new(o, "week", week);
	json_put_new(o, "holidays", days);
	return o;
}

int
hours_of_json(const json_t *o, struct hours **ret)
{
	struct hours *h = xcalloc(1, sizeof(*h));
	const json_t *list = json_at(o, "holidays"), *open = NULL, *entry;
	struct holiday d = { .yearly = false };
	json_int_t days = 0;
	size_t i;
	int yearly = 0, code;

	h->zone_name = xstrdup(json_str_or(o, "zone", ""));
	code = zone_open(h->zone_name, &h->zone);
	for (i = 0; i < 7 && code == 0; i++)
		code = day_of_json(json_array_get(json_at(o, "week"), i),
		    &h->week[i]);
	json_array_foreach(list, i, entry) {
		if (code == 0 &&
		    json_unpack((json_t *)entry, "[Ibiio]", &days, &yearly,
			&d.month, &d.day, &open) < 0)
			code = err_set(ERR_BUG, "holidays of no known form");
		if (code < 0)
			break;
		d.days = days;
		d.yearly = yearly != 0;
		code = day_of_json(open, &d.open);
		holiday_add(h, &d);
	}
	if (code < 0) {
		hours_free(h);
		return code;
	}
	*ret = h;
	return 0;
}
