/*
 * sending - inside of sender.h: its work, what comes of it, receipts
 *
 * For lib/wa/sender.c, verdict.c and receipt.c alone.
 */
#ifndef WA_SENDING_H
#define WA_SENDING_H

#include "net/http.h"
#include "store/stage.h"
#include "wa/line.h"
#include "wa/outbox.h"
#include "wa/send.h"

/* Begins the reason of an instance that is disconnected for that. */
#define OUTCOME_UNKNOWN "nobody knows what comes of its calls: "

struct sender {
	const struct conf *conf;
	struct conf *read; /* where to call, as read again; NULL: conf's */
	bool stale;	   /* the settings changed: read them again */
	const struct graph_options *place;
	struct http *http;
	struct line *lines;
	struct send_patience patience;
	int64_t window_ms, hold_ms, give_up_ms, probe_ms, resend_ms;
	int64_t pair_every_ms, pair_burst, typing_every_ms, typing_most_ms;
	int64_t tries, jitter, unknown_most;
	bool resend;  /* what is unknown is posted again */
	bool preview; /* texts show what their link leads to */
	bool dry;     /* --dry-run or a scratch store: nothing is sent */
	bool looked;  /* dry is known */
	int code;     /* stdin form: why it gave up; 0 */
};

/* The work of a job: a message, or a receipt where message is NULL. */
struct sending {
	struct sender *sender;
	struct stage *stage;
	struct job *job;
	struct line *line;
	struct message *message;
	struct outgoing kept;
	const char *kind; /* of address */
	char *address;
	const char *options; /* the word on a list's button; NULL */
	bool probe;
	struct send_outcome outcome;
	char read_id[ULID_BYTES]; /* what is read by it; "": nothing */
	char read_wamid[256];
	bool typing, seen; /* a receipt's: typing is shown; it was taken */
};

/* sender.c */

/* Whether the store forbids sending; asked at the first event. */
void sender_look(struct sender *w, struct stage *st);
struct line *sender_line(struct sender *w, const char *name);
/* Post to the instance's messages. Takes body. */
int sending_post(struct sending *g, json_t *body, http_done answer, void *arg);

/* verdict.c: what becomes of a message, as rows and events */

json_t *verdict_data(const struct message *m);
/* An event of message m. Takes data. */
int verdict_tell(struct stage *st, const struct job *j, const struct message *m,
    const char *type, json_t *data);
int verdict_escalate(struct stage *st, const struct job *j,
    const struct message *m, const char *reason);
/* The message will not go out, by our own decision. */
int verdict_cancel(struct stage *st, const struct job *j,
    const struct message *m, const char *reason);
/* m failed with that code: an alert for people if its template is missing,
 * paused or disabled, once each until it is taken. */
int verdict_template(struct stage *st, const struct event *cause,
    const struct message *m, int code);
/* m was accepted: its template works, and alerts about it are taken back. */
int verdict_template_works(struct stage *st, const struct job *j,
    const struct message *m);
/* What is left of a message's parts goes nowhere either. */
int verdict_cancel_rest(struct stage *st, const struct job *j,
    const char *reason);
/* Nobody knows whether it went out. */
int verdict_hold(struct stage *st, const struct job *j, const struct message *m,
    const char *reason);
/* A status says that m, which was accepted, has failed: people are told. */
int verdict_undelivered(struct stage *st, const struct event *cause,
    const struct message *m);
/* m has been accepted: what statuses told of it before that is told now. */
int verdict_early(struct stage *st, const struct job *j,
    const struct message *m);
/* The provider refused it, or would. error: NULL if it was not asked. */
int verdict_fail(struct stage *st, const struct job *j, const struct message *m,
    const struct wa_error *error, const char *why);
/* How the instance is, told to the desk: connected, disconnected, or error
 * with o, what stopped it. */
int verdict_instance(struct stage *st, const struct job *j,
    const struct line *l, const char *state, const struct send_outcome *o);
/* Whether the instance is in error: 1, 0, an ERR. */
int verdict_was_stopped(struct store *s, const struct line *l);
/* An alert for people: an instance sends nothing any more. */
int verdict_alert(struct stage *st, const struct job *j, const struct line *l);

/* receipt.c: what the customer is told of reading and typing */

/* Whether an event is about that, and not a message. */
bool receipt_is(const struct event *e);
/* Of a job of its own: as the functions of struct stage_def. */
int receipt_take(struct stage *st, const struct event *e, struct job_wish *ret);
int receipt_begin(struct stage *st, struct job *j);
int receipt_start(struct sending *g);
int receipt_finish(struct stage *st, struct job *j, struct sending *g);
/* What an answer says to the customer about what they wrote. */
int receipt_note(struct stage *st, struct sending *g,
    const struct conversation *c);

#endif
