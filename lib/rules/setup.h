/*
 * setup - settings and rules as they were read together
 *
 * What a program that applies rules reads before it can begin, and once more
 * when it is told to. Whoever works by one holds a use of it, so that work that
 * is under way ends by the rules it began with.
 *
 * Borrowed: whatever is const here lives as long as the set-up; the strings of
 * struct setup_places are the caller's and outlive it.
 */
#ifndef RULES_SETUP_H
#define RULES_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/json.h"
#include "base/zone.h"
#include "desk/hours.h"
#include "label/label.h"
#include "rules/rules.h"

/* Where things are; each NULL: the usual place. */
struct setup_places {
	const char *rules; /* file: those that hold, see setup_rules() */
	const char *model; /* file of intents */
	const char *store; /* as -S has it: the model of intents is in it */
	bool follow;	   /* messages may wait for a model's label */
	/* What is wrong with rules, and odd about a model, is told here. */
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

struct setup {
	int uses;   /* by setup_hold() and setup_load() */
	bool known; /* the store has the instances, as its user sets */
	struct conf *conf;
	struct rules *rules;
	struct labeller *labeller; /* NULL: no rule asks, or none did yet */
	int64_t label_wait_ms; /* that a message waits for a model's label; 0:
				* it does not */
	struct zone *zone;     /* of the desk: days begin by it */
	struct hours **hours;
	char **hours_names;
	size_t nhours;
	struct setup_places at;
};

/*
 * *ret has one use. An ERR of what cannot be read; *ret_said if ERR_CONFIG has
 * been told by say already.
 */
int setup_load(const struct setup_places *at, struct setup **ret,
    bool *ret_said);

/* One use more, and one less: freed with the last. NULL may be dropped. */
struct setup *setup_hold(struct setup *s);
void setup_drop(struct setup *s);

/*
 * The rules of the file at given; NULL: those that hold, of the settings, else
 * of a file named rules beside them, else those built in. End *ret with
 * rules_free(). Errors as rules_open() has and tells them.
 */
int setup_rules(const struct conf *c, const char *given,
    void (*say)(void *ctx, const char *text), void *ctx, struct rules **ret);

/* Hours by name, or the instance's (NULL: it has none and is always open):
 * 0, or ERR_CONFIG if there are none of that name. */
int setup_hours(const struct setup *s, const char *instance, const char *name,
    const struct hours **ret);

/* The language of a text, NULL for none, if it is one that the desk's customers
 * write, else "und". */
const char *setup_language(const struct setup *s, const char *text);

/* What the text is about and how it is meant, where a rule asks; else NULL. A
 * new reference. */
json_t *setup_labels(struct setup *s, const char *text);

/* What struct replay and struct filter ask; ctx is the set-up. */
int setup_was_open(void *setup, const char *instance, const char *hours,
    int64_t at_ms);
int setup_was_open_between(void *setup, const char *instance, const char *hours,
    int64_t from_ms, int64_t to_ms);
int setup_opens(void *setup, const char *instance, int64_t at_ms,
    int64_t *ret_ms);
int setup_answers(void *setup, struct store *s, const char *instance,
    const char *contact, const char *text, int64_t at_ms, bool owned,
    bool first);
int64_t setup_day(void *setup, int64_t at_ms);
const char *setup_language_then(void *setup, const char *text);

#endif
