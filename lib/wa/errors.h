/*
 * errors - what an error code of the Cloud API means and what to do about it
 *
 * The provider answers {"error":{"message","type","code","error_subcode",
 * "is_transient","fbtrace_id","error_data":{"details"}}}; status webhooks
 * carry {"code","title","message","error_data":{"details"}}. Both are read
 * here. An unknown code is final with a 4xx and passing with a 5xx. A known
 * one that is final passes if the provider calls it transient.
 */
#ifndef WA_ERRORS_H
#define WA_ERRORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

enum wa_class {
	WA_SLOW_PAIR, /* too much for this recipient: wait, then again */
	WA_SLOW,      /* too much for this number: all of it waits */
	WA_RETRY,     /* a passing failure: again, a few times */
	WA_POLICY,    /* window shut, opted out, capped: no free text */
	WA_RECIPIENT, /* this customer cannot be reached like this */
	WA_REQUEST,   /* the message is not acceptable: fix it, not repeat */
	WA_ACCOUNT,   /* token, payment, restriction: stop the instance */
};

/* A row of the table. */
struct wa_error_code {
	int code, last; /* a range, both ends in it */
	int http;	/* status it usually comes with */
	enum wa_class class;
	const char *title; /* in our words, fit for a log */
};

extern const struct wa_error_code wa_error_codes[];
extern const size_t wa_error_codes_count;

/* NULL if the code is not in the table. */
const struct wa_error_code *wa_error_find(int code);

/* An error as it came. code 0 with has_code unset: there was none. */
struct wa_error {
	int http;
	bool has_code;
	int code, subcode;
	bool transient, number; /* number: wa_error_to_number() */
	char trace[64];		/* fbtrace_id; "": none */
	char title[128];   /* ours if the code is known, else the provider's */
	char details[512]; /* the provider's, numbers masked; "": none */
};

/*
 * Read the error object of an answer (root: {"error": ...}, may be NULL) or of
 * a webhook (root: the object itself). Free of personal data: runs of five or
 * more digits, and addresses of mail, come out as "#"; a code as "(#131026)"
 * stays.
 */
void wa_error_read(const json_t *root, int http, struct wa_error *ret);

/*
 * The call was addressed to a number of ours. Where the error says that what
 * it was addressed to is not there or not allowed (33, 100 with subcode 33) it
 * is of the account from now on; else nothing changes.
 */
void wa_error_to_number(struct wa_error *e);

enum wa_class wa_error_class(const struct wa_error *e);

/* "slow-pair", "slow", "retry", "policy", "recipient", "request", "account" */
const char *wa_class_name(enum wa_class class);

/* {"code","subcode","title","details","fbtrace_id","http","class"}: what
 * message.failed carries. A new reference. */
json_t *wa_error_json(const struct wa_error *e);

#endif
