/*
 * filter - lines with what rules make of them, from the line alone
 *
 * No store is looked at. Of a message the words, the kind, the instance, the
 * language and the time are known; what else a rule asks for does not hold, and
 * what may fire once is taken to be the first time.
 */
#ifndef RULES_FILTER_H
#define RULES_FILTER_H

#include <stdint.h>

#include "base/jsonl.h"
#include "rules/rules.h"

struct filter {
	const struct rules *rules;
	/* As replay has them. */
	int (*open)(void *ctx, const char *instance, const char *hours,
	    int64_t at_ms);
	const char *(*language)(void *ctx, const char *text);
	/* An expression of a rule was given up on a line, from 1. */
	void (*gave_up)(void *ctx, const char *rule, long line);
	void *ctx;
};

/*
 * Each line to its end: events that are no message.received as they are, texts
 * and objects with "text", at the top or in "data", with "rules", the names of
 * those that fire, and "tags", which they would set. 0, or ERR_DATA if a line
 * was left out, or another ERR.
 */
int rules_filter(const struct filter *f, struct jsonl *lines);

#endif
