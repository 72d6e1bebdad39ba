/*
 * send - a message as the Cloud API wants it, and what its answer means
 *
 * Pure functions: no store, no network. What decides whether a message may go
 * out at all is in cmd/wa-send.c.
 */
#ifndef WA_SEND_H
#define WA_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "desk/message.h"
#include "net/http.h"
#include "wa/errors.h"

#define SEND_TEXT_MAX_CHARS 4096

/*
 * Whether m can be put as the Cloud API wants it: 0, or ERR_DATA with the
 * reason, which holds nothing of the message.
 */
int send_check(const struct message *m);

/*
 * The body of the call for a checked message, to a contact's address (kind
 * phone or bsuid). Our id goes along as biz_opaque_callback_data and comes back
 * in every status. Caller frees.
 */
char *send_body(const struct message *m, const char *kind, const char *address);

enum send_verdict {
	SEND_ACCEPTED, /* it has a wamid */
	SEND_UNKNOWN,  /* it may have been taken: never again */
	SEND_AGAIN,    /* it was not taken: later */
	SEND_FAILED,   /* it never will be */
	SEND_STOP,     /* nothing of this instance will be: account or token */
};

struct send_outcome {
	enum send_verdict verdict;
	char wamid[256];       /* SEND_ACCEPTED */
	bool sent;	       /* SEND_AGAIN: the provider said so itself */
	enum wa_class class;   /* of error, where the provider answered */
	struct wa_error error; /* http 0: there was no answer */
	char why[256];	       /* for people, without personal data */
	int64_t wait_ms;       /* SEND_AGAIN: at least, from now */
	bool whole;	       /* the wait is for the whole number */
};

/*
 * What became of the attempt-th attempt (from 1). A refusal without an error
 * object of the Cloud API came from something between us and it; where that
 * may have passed the call on, the outcome is unknown.
 */
void send_judge(const struct http_result *r, int attempt,
    struct send_outcome *ret);

/* The id a dry run gives to the message id. */
void send_dry_wamid(const char *id, char ret[64]);

#endif
