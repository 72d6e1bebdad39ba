/*
 * outbox - what the store keeps for sending: attempts, parts, paces, and who
 * must not be written to
 *
 * All of it works in the caller's transaction, but for the lists.
 */
#ifndef WA_OUTBOX_H
#define WA_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "desk/act.h"
#include "desk/message.h"
#include "store/stage.h"
#include "wa/send.h"

/* What is kept of a message beside its row in desk/message.h. */
struct outgoing {
	int part;	  /* from 1; 0: whole */
	int64_t tried_ms; /* 0: not tried, or the tries do not count */
	int passing;
	int resent;
	char retried_by[64]; /* "user:NAME"; "": nobody */
};
int outbox_get(struct store *s, const char *id, struct outgoing *ret);

/* An attempt begins: the message is sending. */
int outbox_mark(struct store *s, const char *id);

/* It was not taken: queued as before, with what the outcome counts. */
int outbox_unmark(struct store *s, const char *id,
    const struct send_outcome *o);

/* Nobody knows, and it is posted again all the same: queued. */
int outbox_resend(struct store *s, const char *id);

/* Why it failed or is held, for people. */
int outbox_why(struct store *s, const char *id, const char *why);

/*
 * If the text of m is too long for one message, make its row the first part
 * and rows of the rest behind it, each with a message.queued because of cause.
 */
int outbox_split(struct stage *st, const struct event *cause,
    const struct message *m);

/*
 * The first of a message's parts, from id on, that is queued or marked; id
 * itself if it is whole. 1, 0 if there is none, or an ERR.
 */
int outbox_next(struct store *s, const char *id, char ret[ULID_BYTES]);

/*
 * A place in a bucket that holds burst messages and gets room for another one
 * each every_ms. 1 if it was taken, else 0 and when to come again.
 */
int outbox_pace(struct store *s, const char *key, int64_t now_ms,
    int64_t every_ms, int64_t burst, int64_t *ret_again_ms);

/* Whether each medium of ours in content is kept in the store: 0, ERR_DATA
 * naming the one that is not, or an ERR. */
int outbox_has_media(struct store *s, const json_t *content);

/*
 * Whether the customer took back what m, an answer of the AI because of the
 * event cause, answers: the message of that event, and all else they wrote
 * between what was said before and m. 1, 0.
 */
int outbox_taken_back(struct store *s, const char *cause,
    const struct message *m);

/* Whether a template is for marketing, as far as the account told: 1, 0. */
int outbox_is_marketing(struct store *s, const char *instance, const char *name,
    const char *language);

/* The names of the templates an instance may use, at most max, as a new array;
 * NULL if none are known. */
json_t *outbox_templates(struct store *s, const char *instance, int max);

/* The id the provider gave to a medium of ours: 1, 0 if there is none yet. */
int outbox_media_id(struct store *s, const char *instance, const char *sha256,
    char ret[128]);

/* "" or the word for the button of a list that options became. */
const char *outbox_options(const struct conf *c, const char *language);

/*
 * A person has a failed or held message posted again, with the parts that were
 * cancelled with it: message.retried, and a row of the audit. ERR_NO if it is
 * neither.
 */
int outbox_retry(struct act *a, const char *id);

/* A row of --list-failed and --list-held; strings of the query. */
struct outbox_row {
	const char *id, *conversation, *instance, *kind, *author, *why;
	int64_t attempt_ms;
	int attempt;
};
/* Each message with that status, the newest first. */
int outbox_list(struct store *s, const char *status,
    void (*each)(void *ctx, const struct outbox_row *row), void *ctx);

/*
 * What a customer wrote last in a conversation: the id and wamid of the
 * message that a read receipt is for. 1, or 0 if there is none: it has no
 * wamid, was imported, or is older than the provider takes.
 */
int outbox_unread(struct store *s, const char *conversation, int64_t now_ms,
    char ret_id[ULID_BYTES], char ret_wamid[256]);
/* A person has looked at it: message.viewed, once a message. 1 or 0. */
struct conversation;
int outbox_viewed(struct act *a, const struct conversation *c);
/* It is read now: 1 if it was not before, else 0. */
int outbox_read(struct store *s, const char *id, int64_t now_ms);

#endif
