/* time - wall clock, monotonic clock, RFC 3339, durations */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/time.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)

int64_t
now_ms(void)
{
	static int64_t fixed = -2;
	const char *text;
	struct timespec t;

	if (fixed == -2) {
		text = secure_getenv("FRONTDESK_NOW");
		if (text == NULL || time_parse(text, &fixed) < 0)
			fixed = -1;
	}
	if (fixed >= 0)
		return fixed;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
mono_ms(void)
{
	return mono_us() / 1000;
}

const char *
time_text(int64_t ms, char ret[TIME_TEXT_BYTES])
{
	int64_t rest = ms % 1000;
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	if (rest < 0) {
		rest += 1000;
		s--;
	}
	if (gmtime_r(&s, &tm) == NULL || tm.tm_year > 8099) {
		s = 0;
		gmtime_r(&s, &tm);
	}
	n = strftime(ret, TIME_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret + n, TIME_TEXT_BYTES - n, ".%03dZ", (int)rest);
	return ret;
}

int
time_parse(const char *text, int64_t *ret_ms)
{
	struct tm tm = { 0 };
	const char *p = strptime(text, "%Y-%m-%d", &tm), *q;
	int64_t ms = 0, scale = 100, zone = 0;
	int hours, minutes, n = 0;
	char sign;

	if (p == NULL)
		goto bad;
	if (*p == 'T' || *p == 't' || *p == ' ') {
		q = strptime(p + 1, "%H:%M:%S", &tm);
		if (q == NULL)
			goto bad;
		p = q;
		if (*p == '.') {
			if (!isdigit((unsigned char)p[1]))
				goto bad;
			for (p++; isdigit((unsigned char)*p); p++, scale /= 10)
				ms += (*p - '0') * scale;
		}
		if (*p == 'Z' || *p == 'z')
			p++;
		else if (sscanf(p, "%c%2d:%2d%n", &sign, &hours, &minutes,
			     &n) == 3 &&
		    n == 6 && (sign == '+' || sign == '-') && hours < 24 &&
		    hours >= 0 && minutes < 60 && minutes >= 0) {
			zone = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
			p += n;
		} else
			goto bad;
	}
	if (*p != '\0')
		goto bad;
	*ret_ms = (int64_t)timegm(&tm) * 1000 - zone * 60000 + ms;
	return 0;
bad:
	return err_set(ERR_DATA,
	    "'%s' is not a time (2026-11-22 or 2026-11-22T10:00:00Z)", text);
}

int
duration_parse(const char *text, int64_t *ret_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "min", 60000 },
		{ "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
		{ "w", 604800000 } };
	const char *p = text;
	int64_t total = 0, n;
	char *end;
	size_t i, len;

	if (*p == '\0')
		goto bad;
	while (*p != '\0') {
		if (!isdigit((unsigned char)*p))
			goto bad;
		n = strtoll(p, &end, 10);
		p = end;
		for (len = 0; isalpha((unsigned char)p[len]); len++)
			;
		for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (strlen(units[i].unit) == len &&
			    strncmp(p, units[i].unit, len) == 0)
				break;
		if (i == sizeof(units) / sizeof(units[0]) || n > 3000000000LL)
			goto bad;
		total += n * units[i].ms;
		p += len;
	}
	*ret_ms = total;
	return 0;
bad:
	return err_set(ERR_DATA,
	    "'%s' is not a duration (250ms, 90s, 15m, 2h, 7d)", text);
}

const char *
duration_text(int64_t ms, char ret[TIME_TEXT_BYTES])
{
	if (ms < 1000)
		snprintf(ret, TIME_TEXT_BYTES, "%lld ms", (long long)ms);
	else if (ms < 120000)
		snprintf(ret, TIME_TEXT_BYTES, "%lld s",
		    (long long)(ms / 1000));
	else if (ms < 7200000)
		snprintf(ret, TIME_TEXT_BYTES, "%lld min",
		    (long long)(ms / 60000));
	else if (ms < 172800000)
		snprintf(ret, TIME_TEXT_BYTES, "%lld h",
		    (long long)(ms / 3600000));
	else
		snprintf(ret, TIME_TEXT_BYTES, "%lld d",
		    (long long)(ms / 86400000));
	return ret;
}

int
since_parse(const char *text, int64_t *ret_ms)
{
	int64_t ms;

	if (duration_parse(text, &ms) == 0) {
		*ret_ms = now_ms() - ms;
		return 0;
	}
	if (time_parse(text, ret_ms) == 0)
		return 0;
	return err_set(ERR_DATA,
	    "'%s' is neither a time (2026-11-22T10:00:00Z) nor a duration (7d)",
	    text);
}

void
time_local(int64_t ms, const char *format, char *ret, size_t size)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(ret, size, format, &tm) == 0)
		snprintf(ret, size, "?");
}

/* When the clock of TZ shows hour and minute, so many days after that of day, in
 * summer time or not; *ret_shows: it does show them then. */
static int64_t
clock_on(const struct tm *day, int days, int hour, int minute, int is_dst,
    bool *ret_shows)
{
	struct tm tm = { .tm_year = day->tm_year,
		.tm_mon = day->tm_mon,
		.tm_mday = day->tm_mday + days,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_isdst = is_dst },
		  shown;
	time_t t = mktime(&tm);

	localtime_r(&t, &shown);
	*ret_shows = shown.tm_hour == hour && shown.tm_min == minute;
	return (int64_t)t * 1000;
}

/* The next time that the clock of TZ shows hour and minute: of an hour that comes
 * twice each, of one that is left out when it would be there in winter time. */
static int64_t
next_clock(int hour, int minute, int64_t at_ms)
{
	time_t now = (time_t)(at_ms / 1000);
	int64_t winter, summer, best = 0;
	bool in_winter, in_summer;
	struct tm day;
	int days;

	localtime_r(&now, &day);
	for (days = 0; days < 3 && best <= at_ms; days++) {
		winter = clock_on(&day, days, hour, minute, 0, &in_winter);
		summer = clock_on(&day, days, hour, minute, 1, &in_summer);
		best = in_summer && (!in_winter || summer > at_ms) ? summer :
								     winter;
	}
	return best;
}

int
time_ahead(const char *text, int64_t at_ms, int64_t *ret_ms)
{
	int hour, minute, end = 0;
	int64_t ms;

	if (duration_parse(text, &ms) == 0)
		ms += at_ms;
	else if (sscanf(text, "%2d:%2d%n", &hour, &minute, &end) == 2 &&
	    text[end] == '\0' && hour >= 0 && hour < 24 && minute >= 0 &&
	    minute < 60)
		ms = next_clock(hour, minute, at_ms);
	else if (strchr(text, 'T') == NULL || time_parse(text, &ms) < 0)
		return err_set(ERR_DATA,
		    "'%s': a duration (3h, 2d), a time of the day (09:30), or "
		    "a date and time (2026-12-01T09:30:00Z)",
		    text);
	if (ms <= at_ms)
		return err_set(ERR_DATA, "'%s' is over", text);
	*ret_ms = ms;
	return 0;
}
