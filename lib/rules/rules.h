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
#include <stdint.h>

#include "base/conf.h"
#include "base/str.h"

#define RULES_MAX_BYTES (4 * 1024 * 1024) /* of a rule file */
#define RULES_MAX 10000			  /* rules in it */

struct rules;

/*
 * The rules in source; file is what errors call it. Each error is told by
 * say(ctx, "FILE:LINE:COLUMN: why"), then ERR_CONFIG comes back. With c, the
 * names of hours, replies, profiles, webhooks and commands must be there;
 * NULL: not checked. Other files are not read: to name one is an error.
 */
int rules_parse(const char *source, const char *file, const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx, struct rules **ret);

/*
 * The same from a file and those it includes, ERR_NOINPUT; and before its
 * rules those built in, each unless the file has a rule of its name.
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

/* The rules as they are understood, one a line, sets first, what other files
 * hold in its place; for each one
 * built in a line of comment. */
void rules_print(const struct rules *r, struct buf *to);

/* What a rule is asked of. Its conditions say which; without any that belongs
 * to one of them it is a message. */
enum rules_occasion {
	RULES_MESSAGE = 1 << 0,	 /* of a customer */
	RULES_IDLE = 1 << 1,	 /* timers: nobody has written for so long, */
	RULES_WAITING = 1 << 2,	 /* the customer has waited, */
	RULES_WINDOW = 1 << 3,	 /* free texts are taken for so long yet */
	RULES_ANSWER = 1 << 4,	 /* the AI has answered, or has not */
	RULES_RATING = 1 << 5,	 /* the customer has rated the conversation */
	RULES_INSTANCE = 1 << 6, /* a number of the business is in trouble */
	RULES_SLA = 1 << 7,	 /* what is promised is missed, or due soon */
	RULES_EDIT = 1 << 8	 /* the customer has changed a message */
};

/* Those that come of a timer. */
#define RULES_TIMERS (RULES_IDLE | RULES_WAITING | RULES_WINDOW | RULES_SLA)

/* Those upon which an escalation opens again what is closed. */
#define RULES_RECALLS (RULES_RATING | RULES_EDIT)

/* Who and what there is: each 1, 0 or an ERR; NULL: not known. */
struct rules_known {
	int (*person)(void *ctx, const char *name);
	int (*team)(void *ctx, const char *name);
	int (*notified)(void *ctx, const char *name); /* or a channel */
	int (*intent)(void *ctx, const char *name);
	int64_t window_ms; /* free texts are taken for so long; 0: not known */
	char **unopened;   /* instances without hours, NULL-ended; or NULL */
	void *ctx;
};

/* What the rules of the file say that is no error and can hardly be meant: told
 * by say(ctx, "FILE:LINE:COLUMN: ..."). 0, or the ERR of a callback. */
int rules_advise(const struct rules *r, const struct rules_known *known,
    void (*say)(void *ctx, const char *text), void *ctx);

/* All occasions that some rule is asked of. */
unsigned rules_occasions(const struct rules *r);

/* Whether a rule asks for these labels of a message. */
bool rules_ask_intent(const struct rules *r);
bool rules_ask_sentiment(const struct rules *r);
/* Whether a rule asks for the name of the contact. */
bool rules_ask_name(const struct rules *r);
/* Whether one asks for the language of the text. */
bool rules_ask_language(const struct rules *r);

/* A duration that some rule names; each once. Of RULES_SLA so long before
 * something is due, and never 0. */
struct rules_timer {
	enum rules_occasion occasion;
	int64_t after_ms;
	bool closed; /* a rule looks at conversations that are not open, too */
};
size_t rules_timers(const struct rules *r, const struct rules_timer **ret);

/* The names of all rules in order, those built in first; NULL behind them. */
const char *rules_name(const struct rules *r, size_t i);

/* Where rule i, of that order, begins, "FILE:LINE", and what it says, in one
 * spelling and without its name, behind the sets that it names, a line each,
 * unless it is built in; the caller frees. */
char *rules_place(const struct rules *r, size_t i);
char *rules_text(const struct rules *r, size_t i);

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

/* Facts that are yes or no. */
enum rules_question {
	ASK_NEW,       /* the message has opened the conversation */
	ASK_REOPENED,  /* it has opened it again */
	ASK_OPTED_OUT, /* the customer wants no more messages of some kind */
	ASK_BLOCKED,   /* the customer is blocked */
};

/* Facts that are numbers. */
enum rules_number {
	NUMBER_COUNT,	   /* messages of the customer since the opening */
	NUMBER_CONFIDENCE, /* of the AI in its answer, 0 to 1 */
	NUMBER_RATING,	   /* 1 to 5 */
};

struct rules_facts {
	enum rules_occasion occasion;
	const char *kind; /* text, image, ...; NULL: no message */
	const char *instance;
	const char *language; /* tag; "und" if not known */
	const char *tags;     /* of the conversation, comma-separated */
	const char *priority;
	const char *owner;    /* ai, queue, user */
	const char *status;   /* open, snoozed, resolved, archived */
	const char *team;     /* NULL: none */
	const char *assignee; /* NULL: none */
	const char *contact;  /* id */
	const char *name;     /* of the contact; NULL: not known */
	const char *ad;	      /* that the customer came by: its id, "" if it
			       * has none; NULL: by none */
	int64_t after_ms;     /* of a timer */
	const char *target;   /* of RULES_SLA: first-response, ... */

	/*
	 * Asked only where a rule needs it, each 1, 0 or an ERR. Those that
	 * have a ret: 1 with it set, or 0 where it is not known, and then the
	 * condition does not hold. NULL stands for 0.
	 */
	int (*first)(void *ctx); /* first of a new or reopened conversation */
	int (*open)(void *ctx, const char *hours); /* NULL: the instance's */
	int (*ask)(void *ctx, enum rules_question what);
	int (*number)(void *ctx, enum rules_number what, double *ret);
	int (*attribute)(void *ctx, const char *name, char **ret);
	/* How sure it is that this is what the message is about, 0 to 1. */
	int (*intent)(void *ctx, const char *name, double *ret);
	/* negative, neutral, positive; and -1 to 1. */
	int (*sentiment)(void *ctx, const char **ret_label, double *ret);
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
	EFFECT_SLA,	  /* value: a policy, "none", "default" */
	EFFECT_ATTRIBUTE, /* value: its name; more: what it is from now on */
	EFFECT_AI_ON,
	EFFECT_AI_OFF,
	EFFECT_AI_PAUSE,    /* ms: for so long; 0: until it is released */
	EFFECT_ESCALATE,    /* value: the reason */
	EFFECT_ASSIGN,	    /* value: a person */
	EFFECT_ASSIGN_TEAM, /* value: a team; more: "", "round robin" or "least
			       loaded" */
	EFFECT_REPLY,	    /* value: the name of a reply */
	EFFECT_REPLY_TEXT,  /* value: the words themselves */
	EFFECT_TEMPLATE,    /* value: its name; more: a language or "" */
	EFFECT_SURVEY,
	EFFECT_NOTIFY,	/* value: a person, a team or a channel */
	EFFECT_WEBHOOK, /* value: its name */
	EFFECT_RUN,	/* value: the name of a command */
	EFFECT_SNOOZE,	/* ms: for so long; 0: until the doors open */
	EFFECT_RESOLVE,
	EFFECT_ARCHIVE,
	EFFECT_NO_AI,
};

/* Of several replies to one event the one of most weight is said, whatever the
 * order of the rules; of those alike the last. */
enum rules_weight {
	WEIGHT_PLAIN,
	WEIGHT_HAND_OVER, /* the rule escalates or assigns */
	WEIGHT_OPT_OUT,	  /* the rule is named opt_out */
};

struct rules_effect {
	enum rules_effect_kind kind;
	const char *value; /* "" where there is none */
	const char *more;
	int64_t ms;
	const char *rule; /* name of the rule */
	const char *id;	  /* as struct rules_fired has it */
	enum rules_weight weight;
};

struct rules_fired {
	const char *name;
	const char *id; /* changes with its name, its line and what it says */
	size_t index;	/* as rules_name() has it */
};

struct rules_mark {
	const char *key;
	enum rules_once once;
};

/*
 * What is to be done. Replaced effects are left out; of several escalations
 * the first gives the reason. Where the rule opt_out fired, what other rules
 * say is left out. Effects come in the order of enum
 * rules_effect_kind, so that replies are written after the owner is settled.
 * Strings belong to the rules.
 */
struct rules_result {
	struct rules_effect *effects;
	size_t count;
	struct rules_fired *fired; /* in order */
	size_t nfired;
	struct rules_mark *marks; /* to be remembered for `fresh` */
	size_t nmarks;
	bool stopped;
	bool opt_out; /* nothing is said but what is here */
};

/* 0 with *ret, which rules_result_release ends; or the ERR of a callback. */
int rules_apply(const struct rules *r, const struct rules_reading *f,
    const struct rules_facts *facts, struct rules_result *ret);
void rules_result_release(struct rules_result *result);

/* Whether it hands the conversation over to people. */
bool rules_escalate(const struct rules_result *result);

#endif
