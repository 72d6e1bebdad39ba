/*
 * hours - when a place is open: days, times, zone, holidays
 *
 * [hours NAME] read once. A range belongs to the day it begins on, also where
 * it goes past midnight (22:00-02:00). Times are those of the clock on the
 * wall of the zone: an hour that a clock change skips is not there, one that
 * it repeats counts twice.
 */
#ifndef DESK_HOURS_H
#define DESK_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/zone.h"

struct hours;

/* ERR_CONFIG: no such hours, or a value that does not parse. */
int hours_load(const struct conf *c, const char *name, struct hours **ret);
void hours_free(struct hours *h);

/* The zone whose clock they go by; of h. */
const struct zone *hours_zone(const struct hours *h);

/* Open at a time: 1 or 0. */
int hours_at(const struct hours *h, int64_t at_ms);

/*
 * Whether they were open at any moment from one time to another: 1 or 0. So
 * two moments lie in the same closed period if it is 0.
 */
int hours_between(const struct hours *h, int64_t from_ms, int64_t to_ms);

/*
 * Whether each line of a file of holidays can be read: 0, or ERR_CONFIG after
 * telling each fault by say(ctx, "FILE:LINE: why"); NULL: at the first.
 */
int holidays_check(const char *path, void (*say)(void *ctx, const char *text),
    void *ctx);

/* Whether text is ranges of times, or "closed": 0 or ERR_DATA. */
int hours_parse_day(const char *text);

/* The days a key stands for ("mon", "mon-fri", "sat,sun"), bit 0 for Monday;
 * 0 if it is none. */
unsigned hours_days(const char *key);

#endif
