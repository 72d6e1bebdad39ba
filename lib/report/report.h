/*
 * report - the numbers of a span of days, and the ways to print them
 *
 * report_gather reads the store in short reads, each far below two seconds,
 * and counts only events up to the one that was last when it began: what is
 * written meanwhile changes nothing. Days are those of a zone, so one may have
 * 23 or 25 hours.
 *
 * Times    milliseconds since 1970-01-01 UTC, spans in milliseconds.
 * Errors   base/err.h. Owned by the report unless it says otherwise.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/zone.h"
#include "report/metric.h"
#include "report/question.h"
#include "store/store.h"

#define REPORT_DAYS_MAX 1830 /* five years */
#define DAY_BYTES 11	     /* "2026-11-23" and a NUL */

/* A number of one day, or of all of them. */
struct cell {
	int64_t n;	/* count; of a share its part; of times the answered */
	int64_t of;	/* of a share the whole; of times all */
	int64_t *times; /* the answered, sorted; n of them */
	size_t cap;
};

struct report_day {
	char name[DAY_BYTES];
	int64_t from_ms, until_ms;
};

/* What a policy has promised, of one target. */
struct report_promise {
	char *policy, *target;
	int64_t met, of;
};

struct report {
	char *zone_name;
	const struct zone *zone; /* the caller's */
	char *instance;		 /* NULL: all */
	int64_t from_ms, until_ms, made_ms;
	int64_t seq; /* the last event that counts */
	struct report_day *days;
	size_t ndays;
	struct cell *cells; /* metric by metric, ndays + 1 each */
	struct questions *questions;
	struct report_promise *promises; /* by policy, then by target */
	size_t npromises;
};

struct report_wish {
	const struct zone *zone;
	const char *zone_name;
	const char *instance; /* NULL: all */
	int64_t from_ms;      /* moved back to the beginning of its day */
	int64_t until_ms;     /* not included */
	int64_t now_ms;
};

/*
 * What --since and --until take: a time, a duration before now, or a date,
 * which is the first moment of that day in zone. ERR_DATA.
 */
int day_parse(const struct zone *zone, const char *text, int64_t *ret_ms);

/* ERR_USAGE if the span is empty or over REPORT_DAYS_MAX. */
int report_gather(struct store *s, const struct report_wish *wish,
    struct report **ret);
void report_free(struct report *r); /* NULL is allowed */

/* The cell of a metric on day i, or of the whole with i = ndays. */
const struct cell *report_cell(const struct report *r, const char *metric,
    size_t day);

/*
 * The p-th percentile of a cell's times, by nearest rank: the smallest of
 * them that at least p in a hundred do not exceed. -1 if there are none.
 */
int64_t cell_percentile(const struct cell *c, int p);

/* The page: one HTML document that needs nothing else. */
void report_page(const struct report *r, struct buf *b);

/* An object for each metric on a line; lines "metric,day,statistic,value". */
void report_json(const struct report *r, struct buf *b);
void report_csv(const struct report *r, struct buf *b);

/* The metrics themselves, an object on a line: definition and SQL. */
void report_definitions(struct buf *b);

#endif
