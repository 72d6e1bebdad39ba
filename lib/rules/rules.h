/*
 * rules - the rule language: parse, apply, explain, print
 *
 * frontdesk-rules(5) is the manual of the language. One rule a line, every
 * matching rule applies from top to bottom, a later priority, assign, profile
 * or reply replaces an earlier one, stop ends.
 *
 * Rules know no store: they are given facts about a message and answer with
 * effects. Work is in two steps, so that the dear one needs no transaction:
 * rules_read() looks for the words and expressions in a text, rules_apply()
 * decides, with facts that only hold inside the transaction.
 *
 * A struct rules is read only once made and may be shared; a reading belongs
 * to the rules that made it.
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/str.h"

#define RULES_MAX_BYTES (4 * 1024 * 1024) /* of a rule file */
#define RULES_MAX 10000			  /* rules in it */

struct rules;

/*
 * The rules in source; file is what errors call it. Each error is told by
 * say(ctx, "FILE:LINE:COLUMN: why"), then ERR_CONFIG comes back. With c, the
 * names of hours, replies and profiles must be there; NULL: not checked.
 */
int rules_parse(const char *source, const char *file, const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx, struct rules **ret);

/*
 * The same from a file, ERR_NOINPUT; and before its rules those built in, each
 * unless the file has a rule of its name.
 */
int rules_open(const char *path, const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx, struct rules **ret);

void rules_free(struct rules *r);

/* The rules built in, share/rules.default: text, NUL-terminated. */
extern const char rules_default[];

/* Of the file. */
size_t rules_count(const struct rules *r);

/* Eight characters that change when a rule does; not for white space. */
const char *rules_revision(const struct rules *r);

/* The rules as they are understood, one a line, sets first; for each one
 * built in a line of comment. */
void rules_print(const struct rules *r, struct buf *to);

/* What was found in a text. NULL text: nothing is in it. */
struct rules_reading;
struct rules_reading *rules_read(const struct rules *r, const char *text);
void rules_reading_free(struct rules_reading *f);

/* The name of a rule with an expression that was given up because the text
 * made it too costly (it then counts as not found); NULL if none. */
const char *rules_gave_up(const struct rules_reading *f);

/* How often a rule may fire in a conversation. */
enum rules_once {
	ONCE_NO,      /* each time */
	ONCE_OPENING, /* once: until the conversation is opened again */
	ONCE_EVER,    /* once per conversation */
	ONCE_DAY,     /* once per day, by the clock of the desk */
	ONCE_CLOSED,  /* once per closed period */
};

struct rules_facts {
	const char *kind; /* text, image, ... */
	const char *instance;
	const char *language; /* tag; "und" if not known */
	const char *tags;     /* of the conversation, comma-separated */
	const char *priority;
	const char *owner; /* ai, queue, user */

	/* Asked only where a rule needs it; each 1, 0 or an ERR. */
	int (*first)(void *ctx); /* first of a new or reopened conversation */
	int (*open)(void *ctx, const char *hours); /* NULL: the instance's */
	/* Whether a rule has not fired yet; key names the rule, hours (NULL:
	 * the instance's) are those of its closed period. */
	int (*fresh)(void *ctx, const char *key, enum rules_once once,
	    const char *hours);
	/* If not NULL: told of each rule whether it fires, and why (not). */
	void (*why)(void *ctx, const char *rule, bool fires, const char *text);
	void *ctx;
};

enum rules_effect_kind {
	EFFECT_TAG,
	EFFECT_UNTAG,
	EFFECT_PRIORITY,
	EFFECT_PROFILE,
	EFFECT_ESCALATE,    /* value: the reason */
	EFFECT_ASSIGN,	    /* value: a person */
	EFFECT_ASSIGN_TEAM, /* value: a team */
	EFFECT_REPLY,	    /* value: the name of a reply */
	EFFECT_REPLY_TEXT,  /* value: the words themselves */
	EFFECT_NO_AI,
};

struct rules_effect {
	enum rules_effect_kind kind;
	const char *value; /* "" for EFFECT_NO_AI */
	const char *rule;  /* name of the rule */
};

struct rules_mark {
	const char *key;
	enum rules_once once;
};

/*
 * What is to be done. Replaced effects are left out; of several escalations
 * the first gives the reason. Effects come in the order of enum
 * rules_effect_kind, so that replies are written after the owner is settled.
 * Strings belong to the rules.
 */
struct rules_result {
	struct rules_effect *effects;
	size_t count;
	const char **fired; /* names of the rules that fired, in order */
	size_t nfired;
	struct rules_mark *marks; /* to be remembered for `fresh` */
	size_t nmarks;
	bool stopped;
};

/* 0 with *ret, which rules_result_release ends; or the ERR of a callback. */
int rules_apply(const struct rules *r, const struct rules_reading *f,
    const struct rules_facts *facts, struct rules_result *ret);
void rules_result_release(struct rules_result *result);

#endif
