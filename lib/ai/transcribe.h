/*
 * transcribe - spoken words to text, through an endpoint as OpenAI's
 *
 * POST URL/audio/transcriptions, a form with file, model, response_format and,
 * where they are set, language and prompt, as OpenAI's published description
 * of its API has it.
 *
 * Reasons are a few fixed words: they hold no key, no text and no words of the
 * endpoint's.
 */
#ifndef AI_TRANSCRIBE_H
#define AI_TRANSCRIBE_H

#include <stdint.h>

#include "ai/budget.h"
#include "base/conf.h"
#include "net/http.h"
#include "store/store.h"

#define TRANSCRIPT_MAX_BYTES 65536 /* of words; more is cut off */

struct transcribe_settings {
	char *url;  /* whole */
	char *host; /* of it, for people */
	const char *model;
	const char *language, *prompt; /* NULL: not told */
	int64_t max_bytes;
	int64_t timeout_ms, deadline_ms, retry_ms;
	int64_t retries, parallel;
	/* In millionths of the currency; -1: not set. */
	int64_t price_minute, cost_per_day, cost_per_month;
};

/* [transcribe] of c, which must outlive ret. ERR_CONFIG. */
int transcribe_settings(const struct conf *c, struct transcribe_settings *ret);
void transcribe_settings_release(struct transcribe_settings *t);

/* The endpoint's key: of key_file, sealed in the store, or a credential; NULL:
 * none is needed. End it with secret_free. ERR_CONFIG. */
int transcribe_key(const struct conf *c, struct store *s, char **ret);

/* What it may spend: an account of its own, for it has a provider and a price
 * of its own. */
void transcribe_budget(const struct transcribe_settings *t, struct budget *ret);

/* What listening to so many bytes costs at most; free without a price. */
struct budget_amount transcribe_most(const struct transcribe_settings *t,
    int64_t bytes);

/* The name a file of this type goes by: endpoints look at its end. announced
 * is what the sender calls it. Either may be NULL. */
const char *transcribe_name(const char *mime, const char *announced);

/* Ask for the words of a file, at most so long. 0, or ERR_CONFIG and done is
 * not called. */
int transcribe_post(struct http *h, const struct transcribe_settings *t,
    const char *key, const char *path, const char *name, int64_t total_ms,
    http_done done, void *arg);

enum transcribe_verdict {
	TRANSCRIBE_HEARD,
	TRANSCRIBE_AGAIN,   /* it failed in passing */
	TRANSCRIBE_LATER,   /* it wants us to come later */
	TRANSCRIBE_KEY,	    /* it does not take the key */
	TRANSCRIBE_REFUSED, /* it will never take this */
};

struct transcribe_answer {
	enum transcribe_verdict verdict;
	const char *reason; /* static; NULL: heard */
	char *text;	    /* NULL: not heard */
	char *language;	    /* NULL: not told */
	int status;	    /* 0: none came */
	int64_t retry_after_ms, took_ms;
	double seconds; /* that it listened to, as it says; -1: it does not */
	bool unsent;	/* it cannot have arrived */
};

/* What the call cost: as the answer says, else most, as it may have been. */
struct budget_amount transcribe_cost(const struct transcribe_settings *t,
    const struct transcribe_answer *a, struct budget_amount most);

/* What came of the call. */
void transcribe_read(const struct http_result *r,
    struct transcribe_answer *ret);
void transcribe_answer_release(struct transcribe_answer *a);

#endif
