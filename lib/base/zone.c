/*
 * zone - the clock on the wall of a named time zone
 *
 * A TZif file holds the instants at which the offset changed, and behind them
 * a rule in the manner of POSIX TZ for all later times. Version 1 data (32
 * bits) is skipped; leap seconds, which system clocks do not count, too.
 */
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"
#include "base/zone.h"

#define ZONE_DIR "/usr/share/zoneinfo/"
#define ZONE_MAX_BYTES (256 * 1024)
#define DAY_S 86400

/* A day in a year on which the clock changes, and when. */
struct change {
	char form; /* M: week of a month; J: day 1..365; 0: day 0..365 */
	int month, week, day;
	int second; /* by the wall clock before the change */
};

struct zone {
	size_t count;
	int64_t *at; /* instants, rising */
	int *offset; /* from each instant on */
	int first;   /* before all of them */
	bool has_rule;
	bool has_dst;
	int standard, summer;	  /* offsets of the rule */
	struct change begin, end; /* of the summer time */
};

int64_t
date_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year =
	    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

void
days_date(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = (int)(yoe + era * 400 + (*ret_month <= 2));
}

static bool
leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t
big_endian(const unsigned char *p, int bytes)
{
	uint64_t n = bytes == 8 || p[0] < 128 ? 0 : UINT64_MAX;

	while (bytes-- > 0)
		n = n << 8 | *p++;
	return (int64_t)n;
}

/* A number of the rule in [0, max]; false if there is none. */
static bool
rule_number(const char **p, int max, int *ret)
{
	int n = 0;
	const char *start = *p;

	for (; **p >= '0' && **p <= '9' && n <= max; ++*p)
		n = n * 10 + (**p - '0');
	*ret = n;
	return *p > start && n <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool
rule_time(const char **p, int *ret)
{
	int sign = 1, h, m = 0, s = 0;

	if (**p == '-' || **p == '+')
		sign = *(*p)++ == '-' ? -1 : 1;
	if (!rule_number(p, 167, &h))
		return false;
	if (**p == ':' && (++*p, !rule_number(p, 59, &m)))
		return false;
	if (**p == ':' && (++*p, !rule_number(p, 59, &s)))
		return false;
	*ret = sign * (h * 3600 + m * 60 + s);
	return true;
}

/* The name of an offset: letters, or anything in <>. */
static bool
rule_name(const char **p)
{
	const char *start = *p;

	if (**p == '<') {
		*p += strcspn(*p, ">");
		return *(*p)++ == '>';
	}
	while ((**p | 32) >= 'a' && (**p | 32) <= 'z')
		++*p;
	return *p > start;
}

static bool
rule_change(const char **p, struct change *c)
{
	if (*(*p)++ != ',')
		return false;
	c->form = **p == 'M' || **p == 'J' ? *(*p)++ : '0';
	if (c->form == 'M') {
		if (!rule_number(p, 12, &c->month) || *(*p)++ != '.' ||
		    !rule_number(p, 5, &c->week) || *(*p)++ != '.' ||
		    !rule_number(p, 6, &c->day) || c->month < 1 || c->week < 1)
			return false;
	} else if (!rule_number(p, 365, &c->day))
		return false;
	c->second = 2 * 3600;
	if (**p != '/')
		return true;
	++*p;
	return rule_time(p, &c->second);
}

/* "CET-1CEST,M3.5.0,M10.5.0/3"; offsets in it are west of UTC. */
static bool
rule_parse(struct zone *z, const char *p)
{
	int west;

	if (!rule_name(&p) || !rule_time(&p, &west))
		return false;
	z->standard = -west;
	z->has_rule = true;
	if (*p == '\0')
		return true;
	if (!rule_name(&p))
		return false;
	z->summer = z->standard + 3600;
	if (*p != ',') {
		if (!rule_time(&p, &west))
			return false;
		z->summer = -west;
	}
	z->has_dst = true;
	return rule_change(&p, &z->begin) && rule_change(&p, &z->end) &&
	    *p == '\0';
}

static int
parse(struct zone *z, const unsigned char *p, size_t len)
{
	int64_t isut, isstd, leap, count, types, chars, at;
	const unsigned char *times, *which, *kinds, *end = p + len;
	size_t i;
	int version = 1;
	char *rule;

	for (;;) { /* the data of version 1, then those of 2 and above */
		if (end - p < 44 || memcmp(p, "TZif", 4) != 0)
			return -1;
		if (p[4] == 0)
			return -1; /* version 1 alone: older than 2005 */
		isut = big_endian(p + 20, 4);
		isstd = big_endian(p + 24, 4);
		leap = big_endian(p + 28, 4);
		count = big_endian(p + 32, 4);
		types = big_endian(p + 36, 4);
		chars = big_endian(p + 40, 4);
		p += 44;
		if (isut < 0 || isstd < 0 || leap < 0 || count < 0 ||
		    types < 1 || chars < 0 || count > 100000 || leap > 1000 ||
		    types > 256 || chars > 10000 || isut > 256 || isstd > 256)
			return -1;
		at = version == 1 ? 4 : 8;
		if (end - p < count * (at + 1) + types * 6 + chars +
			leap * (at + 4) + isstd + isut)
			return -1;
		if (version == 2)
			break;
		p += count * (at + 1) + types * 6 + chars + leap * (at + 4) +
		    isstd + isut;
		version = 2;
	}
	times = p;
	which = times + count * 8;
	kinds = which + count;
	z->count = (size_t)count;
	z->at = xcalloc(z->count + 1, sizeof(*z->at));
	z->offset = xcalloc(z->count + 1, sizeof(*z->offset));
	z->first = (int)big_endian(kinds, 4);
	for (i = 0; i < z->count; i++) {
		if (which[i] >= types)
			return -1;
		z->at[i] = big_endian(times + i * 8, 8);
		z->offset[i] = (int)big_endian(kinds + which[i] * 6, 4);
	}
	p = kinds + types * 6 + chars + leap * 12 + isstd + isut;
	if (end - p < 2 || *p != '\n')
		return -1;
	p++;
	len = (size_t)(end - p);
	for (i = 0; i < len && p[i] != '\n'; i++)
		;
	if (i == len)
		return -1;
	if (i == 0)
		return 0;
	rule = xstrndup((const char *)p, i);
	i = rule_parse(z, rule);
	free(rule);
	return i ? 0 : -1;
}

/* The names that the system knows, NULL-ended, and of each the part behind the
 * last '/'; what stands beside the zones is small or has a dot. */
struct known {
	char **names;
	const char **places;
	size_t count;
};

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void
know(struct known *k, const char *name)
{
	const char *slash = strrchr(name, '/');

	k->names = xrealloc(k->names, (k->count + 2) * sizeof(*k->names));
	k->places = xrealloc(k->places, (k->count + 2) * sizeof(*k->places));
	k->names[k->count] = xstrdup(name);
	k->places[k->count] = k->names[k->count];
	if (slash != NULL)
		k->places[k->count] += slash + 1 - name;
	k->count++;
	k->names[k->count] = NULL;
	k->places[k->count] = NULL;
}

static void
known_read(struct known *k)
{
	char *const roots[] = { (char *)ZONE_DIR, NULL };
	FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	FTSENT *e;

	while (walk != NULL && (e = fts_read(walk)) != NULL) {
		if (e->fts_level < 1)
			continue;
		if (e->fts_level == 1 &&
		    (e->fts_name[0] < 'A' || e->fts_name[0] > 'Z'))
			fts_set(walk, e, FTS_SKIP);
		else if (e->fts_info == FTS_F &&
		    strchr(e->fts_name, '.') == NULL)
			know(k, e->fts_path + strlen(ZONE_DIR));
	}
	if (walk != NULL)
		fts_close(walk);
}

static void
known_release(struct known *k)
{
	size_t i;

	for (i = 0; i < k->count; i++)
		free(k->names[i]);
	free(k->names);
	free(k->places);
}

/* Of those in the first region bytes of name, where it is the place, nearly. */
static const char *
near_place(const struct known *k, const char *name, size_t region)
{
	const char **places = xcalloc(k->count + 1, sizeof(*places)), *near;
	const char *ret = NULL;
	size_t i, n = 0;

	for (i = 0; i < k->count; i++)
		if (strncmp(k->names[i], name, region) == 0)
			places[n++] = k->places[i];
	near = str_nearest(name + region, places);
	for (i = 0; near != NULL && i < k->count; i++)
		if (k->places[i] == near)
			ret = k->names[i];
	free(places);
	return ret;
}

/* Which of k is meant by name: in other letters, the place alone or in another
 * part of the world, or mistyped. Borrowed; NULL if none is near. */
static const char *
meant(const struct known *k, const char *name)
{
	const char *slash = strrchr(name, '/'), *near;
	size_t region = slash != NULL ? (size_t)(slash + 1 - name) : 0, i;

	for (i = 0; i < k->count; i++)
		if (strcasecmp(k->names[i], name) == 0)
			return k->names[i];
	for (i = 0; i < k->count; i++)
		if (strcasecmp(k->places[i], name + region) == 0)
			return k->names[i];
	near = near_place(k, name, region);
	return near != NULL ? near : near_place(k, name + region, 0);
}

/* There is no zone of this name: ERR_CONFIG, with the one that may be meant. */
static int
unknown(const char *name)
{
	struct known k = { NULL, NULL, 0 };
	const char *near;

	known_read(&k);
	near = meant(&k, name);
	if (near != NULL)
		err_set(ERR_CONFIG, "'%s' is no time zone, did you mean %s?",
		    name, near);
	else
		err_set(ERR_CONFIG,
		    "'%s' is no time zone that this "
		    "system knows (try Europe/Berlin)",
		    name);
	known_release(&k);
	return ERR_CONFIG;
}

int
zone_open(const char *name, struct zone **ret)
{
	struct zone *z;
	char *path, *data = NULL;
	size_t len;

	if (*name == '\0' || *name == '/' || strstr(name, "..") != NULL)
		return err_set(ERR_CONFIG, "'%s' is no time zone", name);
	if (strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789/_+-") != strlen(name))
		return unknown(name);
	z = xcalloc(1, sizeof(*z));
	if (strcmp(name, "UTC") == 0) { /* also without the system's files */
		*ret = z;
		return 0;
	}
	path = xformat("%s%s", ZONE_DIR, name);
	if (file_read(path, ZONE_MAX_BYTES, &data, &len) < 0 ||
	    parse(z, (unsigned char *)data, len) < 0) {
		free(path);
		free(data);
		zone_close(z);
		return unknown(name);
	}
	free(path);
	free(data);
	*ret = z;
	return 0;
}

void
zone_close(struct zone *z)
{
	if (z == NULL)
		return;
	free(z->at);
	free(z->offset);
	free(z);
}

/* Seconds since 1970 by the wall clock at which c falls in a year. */
static int64_t
change_in(const struct change *c, int year)
{
	int64_t first, next;
	int weekday;

	switch (c->form) {
	case 'J': /* 29 February does not count */
		first = date_days(year, 1, 1) + c->day - 1 +
		    (leap_year(year) && c->day >= 60);
		break;
	case 'M':
		first = date_days(year, c->month, 1);
		next = c->month == 12 ? date_days(year + 1, 1, 1) :
					date_days(year, c->month + 1, 1);
		weekday = (int)(((first + 4) % 7 + 7) % 7); /* 0: Sunday */
		first += (c->day - weekday + 7) % 7 + 7 * (c->week - 1);
		while (first >= next)
			first -= 7;
		break;
	default:
		first = date_days(year, 1, 1) + c->day;
		break;
	}
	return first * DAY_S + c->second;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int
rule_offset(const struct zone *z, int64_t at)
{
	int year, month, day;
	int64_t begin, end;

	if (!z->has_dst)
		return z->standard;
	days_date(floor_div(at + z->standard, DAY_S), &year, &month, &day);
	begin = change_in(&z->begin, year) - z->standard;
	end = change_in(&z->end, year) - z->summer;
	if (begin < end)
		return at >= begin && at < end ? z->summer : z->standard;
	return at >= end && at < begin ? z->standard : z->summer;
}

static int
offset_at(const struct zone *z, int64_t at)
{
	size_t low = 0, high = z->count, mid;

	if (z->count == 0)
		return z->has_rule ? rule_offset(z, at) : z->first;
	if (at < z->at[0])
		return z->first;
	if (at >= z->at[z->count - 1] && z->has_rule)
		return rule_offset(z, at);
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (z->at[mid] <= at)
			low = mid;
		else
			high = mid;
	}
	return z->offset[low];
}

void
zone_wall(const struct zone *z, int64_t at_ms, struct wall *ret)
{
	int64_t at = floor_div(at_ms, 1000), local;

	ret->offset_s = offset_at(z, at);
	local = at + ret->offset_s;
	ret->day = floor_div(local, DAY_S);
	ret->second = (int)(local - ret->day * DAY_S);
	ret->weekday =
	    (int)(((ret->day + 3) % 7 + 7) % 7); /* day 0: Thursday */
}

int64_t
zone_change(const struct zone *z, int64_t from_ms, int64_t until_ms)
{
	int64_t low = floor_div(from_ms, 1000), mid,
		high = floor_div(until_ms - 1, 1000);
	int before = offset_at(z, low);

	if (high <= low || offset_at(z, high) == before)
		return until_ms;
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (offset_at(z, mid) == before)
			low = mid;
		else
			high = mid;
	}
	return high * 1000;
}
