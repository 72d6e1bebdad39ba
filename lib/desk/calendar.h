/*
 * calendar - when a file of iCalendar says that nobody is there
 *
 * RFC 5545, read by libical, which is loaded when the first such file is met:
 * no other program carries it. An event that takes whole days shuts these days,
 * whether it says busy or free, as calendars of public holidays say free; one
 * with times shuts from its begin to its end unless it says free. What is
 * cancelled does not count. Days are those from CALENDAR_FROM to CALENDAR_UNTIL,
 * by the file alone and not by today, so that it says the same whenever it is
 * read.
 */
#ifndef DESK_CALENDAR_H
#define DESK_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/zone.h"

#define CALENDAR_FROM 2020  /* the first year */
#define CALENDAR_UNTIL 2050 /* the year behind the last */

/* Minutes on the wall of the zone since 1970-01-01; whole: days as such. */
struct span {
	int64_t from, until;
	bool whole;
};

/* Whether a file is one, by how its text begins or else by its name. */
bool calendar_is(const char *path, const char *text);

/*
 * The spans of a file, in the order they begin; the caller frees *ret. What
 * names no zone goes by zone. ERR_CONFIG for one that cannot be read, after
 * telling each fault by say(ctx, "FILE:LINE: why"); say NULL: at the first.
 */
int calendar_read(const char *path, const char *text, const struct zone *zone,
    void (*say)(void *ctx, const char *text), void *ctx, struct span **ret,
    size_t *ret_count);

#endif
