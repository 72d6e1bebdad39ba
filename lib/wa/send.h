/*
 * send - a message as the Cloud API wants it, and what its answer means
 *
 * Pure functions: no store, no network. What decides whether a message may go
 * out at all is in wa/outbox.h and cmd/wa-send.c.
 *
 * A message has a kind, a text and a content. Content is the Cloud API's
 * object of the kind, or an object with that object under the kind's name.
 * The text is the body of a text, the caption of a picture, video or document
 * that has none, and the body of an interactive message that has none. Kinds
 * beside those of the API: voice is audio that shows as a voice note, flow an
 * interactive message of that type.
 *
 * A medium of ours stands in content as {"media": "sha256:HEX"} in place of
 * its id, wherever a medium may be; send_resolve() puts the provider's id
 * there once it was uploaded.
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
#include "wa/limits.h"

/*
 * The object of the kind, in the Cloud API's shape and within its limits:
 * numbers that are strings there are made so, and more than three buttons
 * become a list whose button says options (NULL: "Options"). 0 and a new
 * reference and the API's name of its type; ERR_DATA with a reason that names
 * field and limit and holds nothing of the message.
 */
int send_shape(const struct message *m, const char *options,
    const char **ret_type, json_t **ret_object);

/*
 * Whether m can be put like that, all parts of it: 0 or ERR_DATA. A medium
 * that is not uploaded yet is no fault.
 */
int send_check(const struct message *m, const char *options);

/* A text too long for one message, in parts. */
struct send_part {
	const char *kind; /* text, or that of the message */
	char *text;
	json_t *content; /* NULL: none */
};

/*
 * The parts m goes out in: 0 if it is no longer than one message takes, else
 * how many (1 if only blanks were too much); free them by send_parts_free. A part ends with a paragraph, a
 * line, a sentence or a word, never inside of what is one character to a
 * reader. Blanks at the seams go. Buttons are in the last part.
 */
size_t send_parts(const struct message *m, struct send_part **ret);
void send_parts_free(struct send_part *parts, size_t count);

/*
 * Put an id in place of each medium of ours in content. id_of gives that of a
 * reference: 1, 0 if there is none yet, or an ERR. The same comes back: 1 if
 * all are there.
 */
int send_resolve(json_t *content,
    int (*id_of)(void *ctx, const char *reference, char ret[128]), void *ctx);

/*
 * Whether an address can be one (kind phone, bsuid or group), and what is there
 * takes messages like m: 0 or ERR_DATA with a reason that names the field.
 */
int send_check_address(const struct message *m, const char *kind,
    const char *address);

/*
 * The body of the call for a checked message, to a contact's address: kind
 * phone, bsuid or group. Our id goes along as biz_opaque_callback_data and
 * comes back in every status. A new reference; NULL with a reason if the
 * message cannot be put like that after all.
 */
json_t *send_request(const struct message *m, const char *options,
    const char *kind, const char *address);

/* The body that says that a customer's message was read and, if typing, that
 * an answer is being written. A new reference. */
json_t *send_seen_request(const char *wamid, bool typing);

enum send_verdict {
	SEND_ACCEPTED, /* it has a wamid */
	SEND_UNKNOWN,  /* it may have been taken: never again */
	SEND_AGAIN,    /* it was not taken: later */
	SEND_FAILED,   /* it never will be */
	SEND_STOP,     /* nothing of this instance will be: account or token */
};

struct send_outcome {
	enum send_verdict verdict;
	char wamid[256];     /* SEND_ACCEPTED */
	char wa_id[32];	     /* the number it went to; "": not told */
	char pending[64];    /* why it waits at the provider; "": it does not */
	bool sent;	     /* SEND_AGAIN: the provider said so itself */
	bool passing;	     /* SEND_AGAIN: a failure that counts */
	enum wa_class class; /* of error, where the provider answered */
	struct wa_error error; /* http 0: there was no answer */
	char why[256];	       /* for people, without personal data */
	int64_t wait_ms;       /* SEND_AGAIN: at least, from now */
	bool whole;	       /* the wait is for the whole number */
};

/* How patient it is. 0: the default in brackets. */
struct send_patience {
	int64_t first_ms;     /* the first wait, doubled each time [1 s] */
	int64_t most_ms;      /* the longest of them [5 min] */
	int64_t pair_ms;      /* first for one recipient, times four [4 s] */
	int64_t pair_most_ms; /* the longest of those [1 h] */
	int tries;	      /* of a call that fails in passing [5] */
	int jitter;	      /* percent a wait may be longer; 0: none */
};

/* What was tried. */
struct send_attempt {
	const char *id; /* of the message: jitter is derived from it */
	int attempt;	/* from 1 */
	int passing;	/* attempts before that failed in passing */
	bool uploaded;	/* its medium is at the provider already */
};

/*
 * What became of an attempt. A refusal without an error object of the Cloud
 * API came from something between us and it; where that may have passed the
 * call on, the outcome is unknown. The same attempt is judged the same each
 * time: jitter comes of its id and number.
 */
void send_judge(const struct http_result *r, const struct send_attempt *a,
    const struct send_patience *p, struct send_outcome *ret);

/* The id a dry run gives to the message id. */
void send_dry_wamid(const char *id, char ret[64]);

#endif
