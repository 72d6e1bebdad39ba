/*
 * profile - an AI set-up: what [profile NAME] says over what [ai] says
 *
 * A set-up may be a section of the settings or a file of its own,
 * profiles.d/NAME.conf, with its prompt in NAME.md; see base/conf.h. What it
 * does not say is [ai]'s, but the model, address and key of [ai] only where the
 * provider and, for the key, the address are those of [ai]: no provider is
 * shown the key of another one.
 *
 * No setting is for nothing: one that a set-up makes and that neither its
 * provider nor the desk has a use for is an error.
 */
#ifndef AI_PROFILE_H
#define AI_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/id.h"
#include "store/store.h"

#define PROFILE_DEFAULT "default" /* the name of [ai] alone */
#define PROFILE_NAMES_MAX 32	  /* of a list: collections, tools, ... */

enum provider {
	PROVIDER_EXTRACTIVE,
	PROVIDER_OPENAI,
	PROVIDER_AZURE,
	PROVIDER_ANTHROPIC,
};

/* How long an answer is, as the prompt says it, in words. */
enum profile_length { LENGTH_SHORT, LENGTH_MEDIUM, LENGTH_LONG };

/* How a model is held to the form of an answer. */
enum profile_format {
	FORMAT_AUTO,   /* a schema; where that is refused JSON, then text */
	FORMAT_SCHEMA, /* a JSON Schema in the request */
	FORMAT_JSON,   /* any JSON object */
	FORMAT_TEXT,   /* by the prompt alone */
};

enum profile_rewrite { REWRITE_OFF, REWRITE_RULES, REWRITE_MODEL };

/* NULL-ended; all are the profile's. */
struct profile_list {
	char *item[PROFILE_NAMES_MAX + 1];
	size_t count;
};

struct profile {
	char *name;
	/* Of all below but the key, the prompt included: the same settings have
	 * the same one on every machine. */
	char revision[HASH_HEX_BYTES];
	bool enabled;
	enum provider kind;
	const char *provider; /* its name, as in the settings */

	const char *model;	 /* NULL with extractive only */
	const char *api_version; /* azure; NULL: its v1 interface */
	char *url;		 /* where requests go, whole; NULL: none */
	char *key;		 /* secret_free() ends it; NULL: none */
	bool has_temperature, has_top_p;
	double temperature, top_p;
	int64_t max_tokens;
	const char *reasoning; /* NULL: as the model does by itself */
	bool stream;
	enum profile_format format;

	char *prompt;	      /* the business's own words; NULL: none */
	const char *business; /* name of the business; NULL */
	const char *voice, *tone, *guardrails, *hand_over; /* NULL: none */
	const char *languages; /* NULL: the customer's */
	enum profile_length length;

	int64_t passages, turns, context_tokens;
	double min_score;
	struct profile_list collections, sources; /* none: all */
	enum profile_rewrite rewrite;
	bool strict, judge;
	bool contact_name; /* the model is told the customer's first name */
	int64_t retries_ungrounded;
	struct profile_list allow, tools, fallback;

	int64_t max_turns, timeout_ms, deadline_ms, parallel, rate;
	/* Of a million tokens, in millionths of the currency; -1: not set */
	int64_t price_in, price_out;
	int64_t tokens_per_conversation, tokens_per_day, tokens_per_month;
	/* In millionths of the currency; -1: no limit, as above. */
	int64_t cost_per_conversation, cost_per_day, cost_per_month;
	/* Of evaluations, apart from those. */
	int64_t eval_tokens_per_day, eval_cost_per_day;
};

/*
 * Resolve a profile, but for its key; name NULL or "" is [ai] alone. Strings
 * that are const are borrowed from c. A profile that is not enabled opens, too.
 * ERR_CONFIG.
 */
int profile_open(const struct conf *c, const char *name, struct profile *ret);

/*
 * Open its key, which takes as long as all the rest: from key_file, else from
 * what is sealed in the store for reader (s NULL: none is), else from the file
 * key-NAME or key-PROVIDER in $CREDENTIALS_DIRECTORY. ERR_CONFIG.
 */
int profile_key(const struct conf *c, struct store *s, const char *reader,
    struct profile *p);
void profile_release(struct profile *p);

/* Say that there is no such profile, or what is wrong with its file: returns
 * code, or ERR_CONFIG for a file. */
int profile_missing(const struct conf *c, const char *name, int code);

/* The language of an answer: that of the customer (NULL or "und": not known) if
 * it is allowed, as the list says it, else the first that is; NULL: the
 * customer's. The caller frees. */
char *profile_language(const struct profile *p, const char *asked);

/* Whether a text that language_detect() says is in a language may be an answer. */
bool profile_speaks(const struct profile *p, const char *language);

/* The set-up "extractive" that stands in for another one: it looks where that
 * one looks. */
void profile_extractive(const struct profile *of, struct profile *ret);

/* The name under which the key of a profile is sealed; the caller frees. */
char *profile_secret(const char *name);

/* The names of all there are, "default" first, NULL-ended; the caller frees
 * each, and all. */
char **profile_names(const struct conf *c);
bool profile_exists(const struct conf *c, const char *name);

/* Complain by say(ctx, "FILE:LINE: ...") of what is set under a name that is
 * built in, "default" or "extractive", and so is never looked at. How many. */
int profile_reserved(const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx);

/* A setting of a profile, and whom it reaches. */
struct profile_setting {
	const char *key;
	const char *value;
	const char *file;    /* NULL: built in */
	int line;	     /* 0: the file itself */
	const char *reaches; /* "the model's temperature", "prompt", ... */
};

/*
 * Call fn for each setting of a profile that reaches somebody and has a value,
 * in the order of frontdesk.conf(5).
 */
void profile_each(const struct conf *c, const char *name,
    void (*fn)(void *ctx, const struct profile_setting *s), void *ctx);

/*
 * Complain of every fault of a profile by say(ctx, "FILE:LINE: ..."): settings
 * that reach nobody, files that are missing, fallbacks and tools that are not
 * there. The values themselves are checked by settings_check. 0 or ERR_CONFIG.
 * One that names a tool that is not there opens all the same, without it.
 */
int profile_check(const struct conf *c, const char *name,
    void (*say)(void *ctx, const char *text), void *ctx);

/*
 * Put an amount of money, given in millionths, as text: "0.0125".
 */
char *money_text(int64_t millionths, char ret[32]);

#endif
