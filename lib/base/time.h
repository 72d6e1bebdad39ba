/*
 * time - wall clock, monotonic clock, RFC 3339, durations
 *
 * Times are int64_t milliseconds since 1970-01-01 UTC in names ending _ms.
 * With FRONTDESK_NOW (RFC 3339) in the environment the wall clock stands still
 * at that time, so that tests have exact results; deadlines use mono_ms().
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT_BYTES 32 /* "2026-11-22T10:00:00.123Z" and room */

int64_t now_ms(void);
int64_t mono_ms(void);
int64_t mono_us(void);

/* RFC 3339 in UTC with milliseconds, into ret; returns ret. */
const char *time_text(int64_t ms, char ret[TIME_TEXT_BYTES]);

/* RFC 3339, any offset, or a date alone (midnight UTC). ERR_DATA. */
int time_parse(const char *text, int64_t *ret_ms);

/* "90s", "15m", "2h", "7d", "250ms", "1h30m"; a bare number is an error. */
int duration_parse(const char *text, int64_t *ret_ms);

/* A time behind at_ms: in how long ("3h", "2d"), the next "09:30" on the clock of
 * TZ, or as time_parse(). ERR_DATA, also if it is over. */
int time_ahead(const char *text, int64_t at_ms, int64_t *ret_ms);

/* On the clock of TZ, as strftime() has it; "?" if it does not fit. */
void time_local(int64_t ms, const char *format, char *ret, size_t size);

/* "3 s", "2 min", "5 h", "7 d": for people. Into ret; returns ret. */
const char *duration_text(int64_t ms, char ret[TIME_TEXT_BYTES]);

/* A time, or a duration before now: what --since takes. */
int since_parse(const char *text, int64_t *ret_ms);

#endif
