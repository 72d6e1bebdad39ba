/*
 * metric - what the report counts: a name, a definition, an SQL text
 *
 * The one home of every number of report(1). The SQL text is what runs, what
 * the page shows and what the test holds to exact results. Each text is run
 * once for each slice of time (an hour, cut at the day's end), so that no read
 * lasts; its parameters are
 *
 *	:from_ms	the slice begins, included
 *	:until_ms	the slice ends, not included
 *	:seq		the last event of the log that counts
 *	:instance	the instance that counts, NULL for all
 *
 * Numbers come from the log: what happened is there, with its time. The rows
 * of message add who wrote it and whether the provider took it.
 */
#ifndef REPORT_METRIC_H
#define REPORT_METRIC_H

#include <stddef.h>

enum metric_kind {
	METRIC_COUNT,	  /* one row: a number */
	METRIC_SHARE,	  /* one row: a number, and of how many */
	METRIC_TIME,	  /* a row each: milliseconds, NULL for not yet */
	METRIC_PROMISES,  /* rows: policy, target, a number, of how many */
	METRIC_QUESTIONS, /* a row each: conversation, language, text, handed */
};

struct metric {
	const char *name; /* also the anchor of its definition */
	const char *title;
	enum metric_kind kind;
	const char *definition; /* sentences, for people */
	const char *sql;
};

/* All of them, in the order of the page; ends with a NULL name. */
extern const struct metric metrics[];

/* The place of the metric in the table; it must be there. */
size_t metric_index(const char *name);

#endif
