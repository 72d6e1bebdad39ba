/*
 * account - what the provider says about the business, its numbers and its
 * templates: the facts of it, and whether somebody should look at it
 */
#ifndef WA_ACCOUNT_H
#define WA_ACCOUNT_H

#include <stdbool.h>

#include "base/json.h"

#define ACCOUNT_WORD_MAX_BYTES 128

/* An id or a name out of the provider's own vocabulary: short and plain, so
 * that it may stand in a log. */
bool account_is_word(const char *s);

/*
 * Facts of a change that may stand in a log, as fields of the event's data:
 * words and numbers only, added to facts.
 */
void account_facts(const json_t *value, json_t *facts);

/* Borrowed strings, of value and of the program. */
struct account_alert {
	const char *what;     /* a word of health.alert; NULL: no alert */
	const char *severity; /* warning or critical; NULL: all is well again */
	const char *about;    /* a template, an alert's own type; NULL */
};

/* Whether a change matters, by field and value (frontdesk-events(7) has the
 * list). */
void account_judge(const char *field, const json_t *value,
    struct account_alert *ret);

#endif
