/*
 * zone - the clock on the wall of a named time zone
 *
 * Reads the system's zone files (TZif, RFC 8536), so that several zones can be
 * used at once and the process keeps its own.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdint.h>

struct zone;

struct wall {
	int64_t day;  /* days since 1970-01-01 */
	int second;   /* of the day, from 0 */
	int weekday;  /* 0 for Monday */
	int offset_s; /* east of UTC */
};

/* "Europe/Berlin", "UTC". ERR_CONFIG if there is no such zone, with the name that
 * may be meant. */
int zone_open(const char *name, struct zone **ret);
void zone_close(struct zone *z);

void zone_wall(const struct zone *z, int64_t at_ms, struct wall *ret);

/* The first moment after from_ms, and before until_ms, at most a day later, at
 * which its offset is another one; until_ms if there is none. */
int64_t zone_change(const struct zone *z, int64_t from_ms, int64_t until_ms);

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
int64_t date_days(int year, int month, int day);

/* The date of a day. */
void days_date(int64_t days, int *ret_year, int *ret_month, int *ret_day);

#endif
