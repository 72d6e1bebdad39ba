/*
 * wa-send - deliver queued messages to the provider
 *
 * Holds: a message is posted only after its attempt was marked (status
 * sending) in a committed transaction, and a message that is found marked
 * with no outcome is never posted again: its fate is unknown, so it is held.
 * Only an outcome that says "not taken" makes it queued again.
 *
 * Only a person's --retry, and [wa] unknown = resend, post such a one again.
 *
 * What is believed of a queued row is its conversation. Recipient, instance,
 * owner and window are looked up by it at the moment of sending.
 *
 * The job of a message sends all parts of it, one after the other; which one
 * is next is read from their rows, so a crash between two changes nothing.
 * Read receipts and typing have jobs of their own, under other keys: they
 * never hold up a message.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/instance.h"
#include "desk/message.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "net/http.h"
#include "store/stage.h"
#include "wa/graph.h"
#include "wa/outbox.h"
#include "wa/send.h"

#define DOWN_TRIES 5 /* stdin form: then it gives up on the provider */
#define LOOK_LEAST_MS 1000
#define PACE_MS 20 /* a number's messages go in such beats */
#define HELD_BATCH 32
#define TEMPLATES_TOLD 10
#define AI_STAGE "ai-reply"

/* A place in the number's pace that a job has been given. */
struct slot {
	int64_t job, due_ms;
};

enum receipts { RECEIPTS_NEVER, RECEIPTS_VIEW, RECEIPTS_REPLY, RECEIPTS_AI };

/* What is known of an instance while this process runs. */
struct line {
	struct line *next;
	char *name;
	bool looked; /* url and token were looked up */
	struct graph_place place;
	char *url; /* NULL: it cannot send; why says so */
	char why[256];
	int64_t until_ms; /* nothing is sent before */
	int downs;	  /* in a row: not reached */
	bool stopped;	  /* by an account error; probed after until_ms */
	bool probing;
	bool fine; /* this process knows that the log ends well for it */
	enum receipts receipts;
	bool typing;
	int64_t rate;	    /* messages a second */
	int64_t even_us;    /* monotonic: when its bucket is empty again */
	struct slot *slots; /* given out, by time; from first on */
	size_t first, nslots;
};

struct sender {
	struct conf *conf;
	struct http *http;
	struct line *lines;
	struct send_patience patience;
	int64_t window_ms, hold_ms, give_up_ms, probe_ms, resend_ms;
	int64_t pair_every_ms, pair_burst, typing_every_ms, typing_most_ms;
	bool resend; /* what is unknown is posted again */
	bool dry;    /* --dry-run or a scratch store: nothing is sent */
	bool looked; /* dry is known */
	int code;    /* stdin form: why it gave up; 0 */
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

static struct graph_options place_options;
static int64_t hold_ms = -1;
static bool list_failed, list_held, as_json, as_plain;
static struct cli_list retries;

static const struct cli_option options[] = {
	{ 0, "hold", "DURATION", CLI_DURATION, &hold_ms,
	    "tell people of a message whose fate is unknown after" },
	{ 0, "json", NULL, CLI_FLAG, &as_json,
	    "with --list-*, --retry: print JSON Lines" },
	{ 0, "list-failed", NULL, CLI_FLAG, &list_failed,
	    "list what failed, and exit" },
	{ 0, "list-held", NULL, CLI_FLAG, &list_held,
	    "list what is held, its fate unknown, and exit" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain,
	    "with --list-*: tab-separated, no header" },
	{ 0, "retry", "MESSAGE", CLI_LIST, &retries,
	    "have a failed or held message sent again, and exit" },
	STAGE_JOB_OPTIONS, STAGE_OPTIONS,
	{ 0, "token-file", "FILE", CLI_TEXT, &place_options.token_file,
	    "the access token, for every instance" },
	{ 0, "url", "URL", CLI_TEXT, &place_options.url,
	    "the provider's address, for every instance" },
	CLI_END
};

static const struct cli_spec spec = { .name = "wa-send",
	.summary = "deliver queued messages to the provider",
	.args = "",
	.options = options,
	.examples = "wa-send --follow --token-file token\n"
		    "wa-send --dry-run < events.jsonl\n"
		    "wa-send --list-failed" };

/* Instances. */

static void
line_reset(struct line *l)
{
	graph_place_release(&l->place);
	free(l->url);
	l->url = NULL;
}

static void
line_look_up(struct sender *w, struct store *s, struct line *l)
{
	line_reset(l);
	l->looked = true;
	if (graph_place(w->conf, s, l->name, &place_options, &l->place) < 0)
		snprintf(l->why, sizeof l->why, "%s", err_reason());
	else
		l->url = graph_url(&l->place, "%s/messages", l->place.number);
}

/* The settings of an instance, checked when the program began. */
static void
line_set(const struct conf *c, struct line *l)
{
	static const char *const words[] = { "never", "view", "reply", "ai" };
	char *section = xformat("instance %s", l->name);
	const char *receipts = setting_text(c, section, "read_receipts");

	l->receipts = RECEIPTS_AI;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], receipts) == 0)
			l->receipts = (enum receipts)i;
	if (setting_bool(c, section, "typing", &l->typing) < 0)
		l->typing = true;
	if (setting_int(c, section, "rate", &l->rate) < 0 || l->rate < 1)
		l->rate = 80;
	free(section);
}

static struct line *
line_for(struct sender *w, const char *name)
{
	struct line *l;

	for (l = w->lines; l != NULL; l = l->next)
		if (strcmp(l->name, name) == 0)
			return l;
	l = xcalloc(1, sizeof *l);
	l->name = xstrdup(name);
	l->next = w->lines;
	w->lines = l;
	line_set(w->conf, l);
	return l;
}

/* Events. */

static json_t *
data_of(const struct message *m)
{
	json_t *data = json_object();

	json_put(data, "message", m->id);
	json_put(data, "conversation", m->conversation);
	json_put(data, "contact", m->contact);
	json_put(data, "instance", m->instance);
	json_put(data, "kind", m->kind);
	return data;
}

/* An event of message m. Takes data. */
static int
tell(struct stage *st, const struct job *j, const struct message *m,
    const char *type, json_t *data)
{
	char subject[32];

	return stage_emit(st, j->event, type,
	    conversation_subject(m->conversation, subject), data, NULL);
}

static int
escalate(struct stage *st, const struct job *j, const struct message *m,
    const char *reason)
{
	struct act act;
	int code;

	act_stage(&act, st, j->event, "system");
	code = conversation_escalate(&act, m->conversation, reason);
	act_release(&act);
	return code;
}

/* The message will not go out, by our own decision. */
static int
cancel(struct stage *st, const struct job *j, const struct message *m,
    const char *reason)
{
	json_t *templates = NULL;
	json_t *data;
	int code = message_climb(stage_store(st), m->id, "cancelled");

	if (code >= 0)
		code = message_unsaid(stage_store(st), m->id);
	if (code < 0)
		return code;
	data = data_of(m);
	json_put(data, "reason", reason);
	if (strcmp(reason, "window") == 0)
		templates = outbox_templates(stage_store(st), m->instance,
		    TEMPLATES_TOLD);
	json_put_new(data, "templates", templates);
	return tell(st, j, m, "message.cancelled", data);
}

/* What is left of a message's parts goes nowhere either. */
static int
cancel_rest(struct stage *st, const struct job *j, const char *reason)
{
	struct message *m = NULL;
	char id[ULID_BYTES];
	int code;

	while ((code = outbox_next(stage_store(st),
		    json_str(j->event->data, "message"), id)) == 1) {
		code = message_get(stage_store(st), id, &m);
		if (code == 0)
			code = cancel(st, j, m, reason);
		message_free(m);
		m = NULL;
		if (code < 0)
			break;
	}
	return code;
}

/* Nobody knows whether it went out. */
static int
hold(struct stage *st, const struct job *j, const struct message *m,
    const char *reason)
{
	json_t *data;
	int code = message_climb(stage_store(st), m->id, "held");

	if (code <= 0) /* a status has settled it already */
		return code;
	code = outbox_why(stage_store(st), m->id, reason);
	if (code < 0)
		return code;
	data = data_of(m);
	json_put(data, "reason", reason);
	return tell(st, j, m, "message.held", data);
}

/* The provider refused it, or would. error: NULL if it was not asked. */
static int
fail(struct stage *st, const struct job *j, const struct message *m,
    const struct wa_error *error, const char *why)
{
	struct outgoing kept;
	json_t *data, *about;
	int code = message_climb(stage_store(st), m->id, "failed");

	if (code <= 0) /* a status has said so, or that it arrived */
		return code;
	code = message_unsaid(stage_store(st), m->id);
	if (code < 0)
		return code;
	data = data_of(m);
	code = outbox_get(stage_store(st), m->id, &kept);
	if (code == 0)
		code = outbox_why(stage_store(st), m->id,
		    error != NULL ? error->title : why);
	if (code < 0) {
		json_decref(data);
		return code;
	}
	if (kept.resent > 0)
		json_put_int(data, "resent", kept.resent);
	if (error != NULL) {
		about = wa_error_json(error);
	} else {
		about = json_object();
		json_put(about, "title", why);
		json_put(about, "class", wa_class_name(WA_REQUEST));
	}
	json_put(data, "status", "failed");
	json_put_new(data, "errors", json_pack("[o]", about));
	code = tell(st, j, m, "message.failed", data);
	/* Its author may be a program: somebody should know. */
	if (code == 0)
		code = escalate(st, j, m, "a message could not be sent");
	/* Half of a text would be worse than none. */
	return code == 0 ? cancel_rest(st, j, "part") : code;
}

/* Stages of a job. */

static const char *
message_of(const struct event *e)
{
	return json_str(e->data, "message");
}

/*
 * Whether the store forbids sending. Asked at the first event: the store is
 * the stage's and not open before.
 */
static void
look(struct sender *w, struct stage *st)
{
	if (!w->looked)
		w->dry = stage_is_dry(st) || store_is_scratch(stage_store(st));
	w->looked = true;
}

/*
 * The message of an event and its conversation, which alone says who the
 * recipient is and by which instance. 1, 0 if it is no message of ours or was
 * erased, or an ERR.
 */
static int
load(struct stage *st, const struct event *e, struct message **ret_m,
    struct conversation **ret_c)
{
	struct message *m = NULL;
	struct conversation *c = NULL;
	int code;

	look(stage_ctx(st), st);
	if (message_of(e) == NULL)
		return 0;
	code = message_get(stage_store(st), message_of(e), &m);
	if (code == 0 && strcmp(m->direction, "out") == 0)
		code = conversation_get(stage_store(st), m->conversation, &c);
	if (code < 0 || c == NULL) {
		message_free(m);
		return code == ERR_NOINPUT ? 0 : code;
	}
	free(m->instance);
	free(m->contact);
	m->instance = xstrdup(c->instance);
	m->contact = xstrdup(c->contact);
	*ret_m = m;
	*ret_c = c;
	return 1;
}

/* A status says that what was accepted has failed: never silence. */
static int
take_failed(struct stage *st, const struct event *e, const struct message *m)
{
	struct act act;
	int code;

	/* A reason: a person has settled it, and needs not be told. */
	if (m->status == NULL || strcmp(m->status, "failed") != 0 ||
	    json_str(e->data, "reason") != NULL ||
	    (e->stage != NULL && strcmp(e->stage, "wa-send") == 0))
		return 0;
	code = message_unsaid(stage_store(st), m->id);
	if (code < 0)
		return code;
	act_stage(&act, st, e, "system");
	code = conversation_escalate(&act, m->conversation,
	    "a message could not be delivered");
	act_release(&act);
	return code;
}

/* Whether the customer may see that something was read, or is written. */
static bool
is_receipt(struct sender *w, const struct event *e, const char *instance)
{
	struct line *l = line_for(w, instance);

	if (w->dry)
		return false;
	if (strcmp(e->type, "message.viewed") == 0)
		return l->receipts == RECEIPTS_VIEW;
	return l->receipts == RECEIPTS_AI;
}

static bool
is_about_reading(const struct event *e)
{
	return strcmp(e->type, "reply.started") == 0 ||
	    strcmp(e->type, "message.viewed") == 0;
}

/* A receipt is work of its own, so that no message waits for it. */
static int
take_receipt(struct stage *st, const struct event *e, struct job_wish *ret)
{
	const char *id = json_str(e->data, "conversation");
	struct conversation *c = NULL;
	int code;

	look(stage_ctx(st), st);
	if (id == NULL)
		return 0;
	code = conversation_get(stage_store(st), id, &c);
	if (code < 0)
		return code == ERR_NOINPUT ? 0 : code;
	code = is_receipt(stage_ctx(st), e, c->instance);
	if (code)
		ret->key = xformat("read/%s/%s", c->instance, c->contact);
	conversation_free(c);
	return code;
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	struct message *m = NULL;
	struct conversation *c = NULL;
	int code;

	if (is_about_reading(e))
		return take_receipt(st, e, ret);
	/* A further part goes out with the first. */
	if (json_str(e->data, "part_of") != NULL)
		return 0;
	code = load(st, e, &m, &c);
	if (code == 1 && strcmp(e->type, "message.failed") == 0) {
		code = take_failed(st, e, m);
	} else if (code == 1) {
		ret->key = xformat("%s/%s", m->instance, m->contact);
		code = outbox_split(st, e, m);
		code = code < 0 ? code : 1;
	}
	message_free(m);
	conversation_free(c);
	return code;
}

static void
drop(void *own)
{
	struct sending *g = own;

	message_free(g->message);
	free(g->address);
	free(g);
}

/* Why m may not go out in c: NULL if it may. */
static const char *
forbidden(struct stage *st, const struct job *j, const struct message *m,
    const struct conversation *c, const struct outgoing *kept)
{
	struct sender *w = stage_ctx(st);
	const char *author =
	    kept->retried_by[0] != '\0' ? kept->retried_by : m->author;

	if (message_allowed(c, author, m->owner_rev) < 0)
		return err_reason();
	/* What was refused for the time being fails in its own way. */
	if (j->late && kept->tried_ms == 0)
		return "age";
	if (strcmp(m->kind, "template") != 0 &&
	    stage_now_ms(st) - c->last_in_ms > w->window_ms)
		return "window";
	return NULL;
}

/* Whom the customer does not want to hear, or may not: the same. */
static int
unwanted(struct stage *st, const struct message *m, const char **ret)
{
	struct store *s = stage_store(st);
	const json_t *t = json_object_get(m->content, "template");
	const char *language;
	int code = outbox_blocked(s, m->contact);

	if (code == 1)
		*ret = "blocked";
	if (code != 0 || strcmp(m->kind, "template") != 0)
		return code < 0 ? code : 0;
	t = t != NULL ? t : m->content;
	language = json_str(t, "language");
	if (language == NULL)
		language = json_str(t, "language/code");
	code =
	    outbox_is_marketing(s, m->instance, json_str(t, "name"), language);
	if (code == 1)
		code = outbox_opted_out(s, m->contact);
	if (code == 1)
		*ret = "opted_out";
	return code < 0 ? code : 0;
}

static int
cancelled(struct stage *st, const struct job *j, const struct message *m,
    const char *reason)
{
	int code = cancel(st, j, m, reason);

	/* Its owner knows of the rest. */
	if (code == 0 && strcmp(reason, "age") == 0)
		code = escalate(st, j, m, "not sent in time");
	else if (code == 0 && strcmp(reason, "window") == 0)
		code = escalate(st, j, m, "the 24 hour window is shut");
	if (code == 0)
		code = cancel_rest(st, j, reason);
	return code < 0 ? code : BEGIN_CLOSED;
}

static int
failed(struct stage *st, const struct job *j, const struct message *m,
    const char *why)
{
	int code = fail(st, j, m, NULL, why);

	return code < 0 ? code : BEGIN_CLOSED;
}

/* What waits for an instance looks again, also after a restart: not all the
 * time, for there may be thousands of them. */
static int64_t
look_ms(const struct sender *w)
{
	int64_t ms = w->probe_ms / 20;

	return ms < LOOK_LEAST_MS || !stage_options.follow ? LOOK_LEAST_MS : ms;
}

/* The job's place in the pace of the number: now (0), or when. */
static int64_t
place_in_line(struct line *l, int64_t job)
{
	int64_t now_us = mono_us(), each_us = 1000000 / l->rate,
		room_us = each_us * (1 + l->rate / 20), due_us, due_ms;

	/* A twentieth slower than the provider's count, a twentieth at once:
	 * in no second more than the rate. */
	each_us += each_us / 19;
	for (size_t i = l->first; i < l->nslots; i++) {
		if (l->slots[i].job != job)
			continue;
		if (l->slots[i].due_ms > mono_ms())
			return l->slots[i].due_ms - mono_ms();
		l->slots[i].job = 0;
		while (l->first < l->nslots && l->slots[l->first].job == 0)
			l->first++;
		return 0;
	}
	if (l->even_us < now_us)
		l->even_us = now_us;
	due_us = l->even_us - room_us;
	l->even_us += each_us;
	if (due_us <= now_us)
		return 0;
	if (l->first == l->nslots)
		l->first = l->nslots = 0;
	/* Several at a time: each time costs a transaction. */
	due_ms = ((due_us / 1000) / PACE_MS + 1) * PACE_MS;
	l->slots = xrealloc(l->slots, (l->nslots + 1) * sizeof *l->slots);
	l->slots[l->nslots++] = (struct slot){ job, due_ms };
	return due_ms - mono_ms();
}

/*
 * Whether the instance can send now and the recipient can take it; else the
 * job waits. 1, 0 or an ERR.
 */
static int
is_ready(struct stage *st, struct job *j, struct line *l, bool *ret_probe)
{
	struct sender *w = stage_ctx(st);
	int64_t now = now_ms(), wait_ms, again_ms = 0;
	int code;

	if (l->until_ms > now || (l->stopped && l->probing)) {
		stage_retry(st, j,
		    l->until_ms > now && l->until_ms < now + look_ms(w) ?
			l->until_ms :
			now + look_ms(w));
		return 0;
	}
	wait_ms = place_in_line(l, j->id);
	if (wait_ms > 0) {
		stage_retry(st, j, now + wait_ms);
		return 0;
	}
	code = outbox_pace(stage_store(st), j->key, now, w->pair_every_ms,
	    w->pair_burst, &again_ms);
	if (code == 0)
		stage_retry(st, j, again_ms);
	if (code == 1 && l->stopped)
		l->probing = *ret_probe = true;
	return code;
}

/* A medium of ours has the provider's id once wa-media has uploaded it. */
struct lookup {
	struct store *store;
	const char *instance;
};

static int
media_id(void *ctx, const char *sha256, char ret[128])
{
	struct lookup *l = ctx;

	return outbox_media_id(l->store, l->instance, sha256, ret);
}

/* What an answer says to the customer about what they wrote. */
static int
note_read(struct stage *st, struct sending *g, const struct conversation *c)
{
	int code;

	if (g->line->receipts != RECEIPTS_REPLY &&
	    g->line->receipts != RECEIPTS_AI)
		return 0;
	if (strcmp(g->message->author, "ai") != 0 &&
	    !str_starts(g->message->author, "user:"))
		return 0;
	code = outbox_unread(stage_store(st), c->id, now_ms(), g->read_id,
	    g->read_wamid);
	if (code == 1)
		code = outbox_read(stage_store(st), g->read_id, now_ms());
	if (code != 1)
		g->read_id[0] = '\0';
	return code < 0 ? code : 0;
}

/* Whether it has been refused for as long as it may be. */
static bool
is_given_up(const struct sender *w, const struct job *j,
    const struct outgoing *kept)
{
	return kept->tried_ms != 0 &&
	    (j->late || now_ms() - kept->tried_ms > w->give_up_ms);
}

/* Its content as it is sent. 1, 0 if a medium is not there yet, or an ERR. */
static int
ready_content(struct stage *st, struct message *m)
{
	struct lookup l = { stage_store(st), m->instance };

	if (((struct sender *)stage_ctx(st))->dry || m->content == NULL)
		return 1;
	return send_resolve(m->content, media_id, &l);
}

static int
wait_for_media(struct stage *st, struct job *j, const struct message *m)
{
	struct sender *w = stage_ctx(st);

	if (j->late || now_ms() - j->first_ms > w->give_up_ms)
		return failed(st, j, m, "media: was not uploaded in time");
	stage_retry(st, j, now_ms() + look_ms(w));
	return BEGIN_START;
}

/* The attempt is marked, and what start needs is put together. */
static int
commit_to(struct stage *st, struct job *j, struct message *m,
    const struct conversation *c, struct sending *g)
{
	int code = outbox_mark(stage_store(st), m->id);

	g->message = m;
	if (code == 0 && !g->sender->dry)
		code = note_read(st, g, c);
	if (code < 0) {
		g->message = NULL;
		return code;
	}
	m->attempt++;
	j->own = g;
	return BEGIN_START;
}

static int
begin_queued(struct stage *st, struct job *j, struct message *m,
    struct conversation *c)
{
	struct sender *w = stage_ctx(st);
	struct sending g = { .sender = w, .stage = st, .job = j }, *own;
	const char *reason;
	int code = outbox_get(stage_store(st), m->id, &g.kept);

	if (code < 0)
		return code;
	g.line = line_for(w, c->instance);
	if (strcmp(m->kind, "interactive") == 0)
		g.options = outbox_options(w->conf, c->language);
	reason = forbidden(st, j, m, c, &g.kept);
	if (reason == NULL && (code = unwanted(st, m, &reason)) < 0)
		return code;
	if (reason != NULL)
		return cancelled(st, j, m, reason);
	if (is_given_up(w, j, &g.kept))
		return failed(st, j, m, "given up: refused for too long");
	if (send_check(m, g.options) < 0)
		return failed(st, j, m, err_reason());
	code = ready_content(st, m);
	if (code == 0)
		return wait_for_media(st, j, m);
	if (code == 1)
		code = contact_address(stage_store(st), c->contact, &g.kind,
		    &g.address);
	if (code == ERR_NOINPUT && w->dry) {
		g.kind = "bsuid";
		g.address = xstrdup("");
	} else if (code == ERR_NOINPUT) {
		return failed(st, j, m, "the customer has no address");
	} else if (code < 0) {
		return code;
	}
	code = w->dry ? 1 : is_ready(st, j, g.line, &g.probe);
	if (code != 1) {
		free(g.address);
		return code < 0 ? code : BEGIN_START;
	}
	own = xmalloc(sizeof *own);
	*own = g;
	code = commit_to(st, j, m, c, own);
	if (code < 0)
		drop(own);
	return code;
}

/* Marked by a process that is gone: nobody knows whether it went out. */
static int
begin_marked(struct stage *st, struct job *j, const struct message *m)
{
	struct sender *w = stage_ctx(st);
	int code;

	if (!w->resend)
		return hold(st, j, m, "interrupted");
	code = outbox_resend(stage_store(st), m->id);
	if (code == 0)
		stage_retry(st, j, m->attempt_ms + w->resend_ms);
	return code < 0 ? code : 1;
}

/*
 * The next part from id on that is to be sent, with the conversation's own
 * ids. first is taken if it is that.
 */
static int
next_part(struct stage *st, const char *id, const struct conversation *c,
    struct message **first, struct message **ret)
{
	char next[ULID_BYTES];
	int code = outbox_next(stage_store(st), id, next);

	if (code != 1)
		return code;
	if (*first != NULL && strcmp((*first)->id, next) == 0) {
		*ret = *first;
		*first = NULL;
		return 1;
	}
	code = message_get(stage_store(st), next, ret);
	if (code < 0)
		return code;
	free((*ret)->instance);
	free((*ret)->contact);
	(*ret)->instance = xstrdup(c->instance);
	(*ret)->contact = xstrdup(c->contact);
	return 1;
}

static int
begin_message(struct stage *st, struct job *j)
{
	struct message *first = NULL, *m = NULL;
	struct conversation *c = NULL;
	const char *id = message_of(j->event);
	int code = load(st, j->event, &first, &c), what = BEGIN_CLOSED;

	while (code == 1 && (code = next_part(st, id, c, &first, &m)) == 1) {
		if (strcmp(m->status, "sending") == 0) {
			code = begin_marked(st, j, m);
			message_free(m);
			m = NULL;
			if (code == 1) { /* it waits for a status first */
				what = BEGIN_START;
				break;
			}
			code = code < 0 ? code : 1;
			continue;
		}
		code = begin_queued(st, j, m, c);
		if (code >= 0) {
			what = code;
			code = 0;
		}
		if (j->own == NULL)
			message_free(m);
		break;
	}
	conversation_free(c);
	message_free(first);
	return code < 0 ? code : what;
}

/* Whether the AI is at work on a conversation: 1, 0 or an ERR. */
static int
is_answering(struct store *s, const char *conversation)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM job WHERE stage = '" AI_STAGE "' AND key = :key"
	    " AND attempt > 0 LIMIT 1");
	int found, code;

	bind_text(&q, ":key", conversation);
	found = step(&q);
	code = done(&q);
	return code < 0 ? code : found;
}

static bool
may_type(const struct sender *w, const struct line *l, const struct event *e)
{
	return l->typing && strcmp(e->type, "reply.started") == 0 &&
	    now_ms() - e->time_ms < w->typing_most_ms;
}

/* Read receipt and typing. Where the instance does not send, there is none. */
static int
begin_receipt(struct stage *st, struct job *j)
{
	struct sender *w = stage_ctx(st);
	struct store *s = stage_store(st);
	struct conversation *c = NULL;
	struct sending *g;
	int code, news = 0;

	code =
	    conversation_get(s, json_str(j->event->data, "conversation"), &c);
	if (code < 0)
		return code == ERR_NOINPUT ? BEGIN_CLOSED : code;
	g = j->own = xcalloc(1, sizeof *g);
	g->sender = w;
	g->stage = st;
	g->job = j;
	g->line = line_for(w, c->instance);
	if (may_type(w, g->line, j->event)) {
		code = is_answering(s, c->id);
		g->typing = code == 1;
	}
	if (code >= 0)
		code = outbox_unread(s, c->id, now_ms(), g->read_id,
		    g->read_wamid);
	conversation_free(c);
	if (code == 1)
		code = news = outbox_read(s, g->read_id, now_ms());
	else if (code == 0)
		return BEGIN_CLOSED;
	if (code < 0)
		return code;
	if ((!news && !g->typing) || g->line->stopped ||
	    g->line->until_ms > now_ms())
		return BEGIN_CLOSED;
	return BEGIN_START;
}

static int
begin(struct stage *st, struct job *j)
{
	return is_about_reading(j->event) ? begin_receipt(st, j) :
					    begin_message(st, j);
}

static void
on_answer(void *arg, const struct http_result *r)
{
	struct sending *g = arg;
	struct send_attempt a = { g->message->id, g->message->attempt,
		g->kept.passing };

	fault("wa-send.posted");
	send_judge(r, &a, &g->sender->patience, &g->outcome);
	stage_finish(g->stage, g->job);
}

static void
on_receipt(void *arg, const struct http_result *r)
{
	struct sending *g = arg;

	g->seen = r->class == HTTP_ANSWERED && r->status / 100 == 2;
	stage_finish(g->stage, g->job);
}

/* A receipt that goes along with a message: whatever becomes of it. */
static void
on_nothing(void *arg, const struct http_result *r)
{
	(void)arg, (void)r;
}

/* Post to the instance's messages. Takes body. */
static int
post(struct sending *g, json_t *body, http_done answer, void *arg)
{
	struct http_request r = { .url = g->line->url,
		.bearer = g->line->place.token };
	char *text = json_text(body);
	int code;

	json_decref(body);
	r.body = text;
	code = http_post(g->sender->http, &r, answer, arg);
	free(text);
	return code;
}

static int
start_receipt(struct sending *g)
{
	if (g->line->url == NULL ||
	    post(g, send_seen_request(g->read_wamid, g->typing), on_receipt,
		g) < 0)
		stage_finish(g->stage, g->job);
	return 0;
}

static int
start(struct stage *st, struct job *j)
{
	struct sending *g = j->own;
	int code = 0;

	if (g->sender->dry) {
		g->outcome.verdict = SEND_ACCEPTED;
		send_dry_wamid(g->message->id, g->outcome.wamid);
		stage_finish(st, j);
		return 0;
	}
	/* The token may be a new one by now. */
	if (!g->line->looked || g->probe)
		line_look_up(g->sender, stage_store(st), g->line);
	if (g->message == NULL)
		return start_receipt(g);
	if (g->line->url == NULL) {
		code = ERR_CONFIG;
		snprintf(g->outcome.why, sizeof g->outcome.why, "%s",
		    g->line->why);
	} else {
		if (g->read_id[0] != '\0')
			post(g, send_seen_request(g->read_wamid, false),
			    on_nothing, NULL);
		code = post(g,
		    send_request(g->message, g->options, g->kind, g->address),
		    on_answer, g);
		if (code < 0)
			snprintf(g->outcome.why, sizeof g->outcome.why, "%s",
			    err_reason());
	}
	if (code < 0) {
		g->outcome.verdict = SEND_STOP;
		stage_finish(st, j);
	}
	return 0;
}

/* Again at due_ms, the message queued as before. */
static int
put_back(struct stage *st, struct job *j, const struct sending *g,
    int64_t due_ms)
{
	int code = outbox_unmark(stage_store(st), g->message->id, &g->outcome);

	if (code == 0)
		stage_retry(st, j, due_ms);
	return code;
}

static int
instance_says(struct stage *st, const struct job *j, const struct line *l,
    const char *type, const struct send_outcome *o)
{
	json_t *data = json_object(), *about;
	char *subject = xformat("instance/%s", l->name);
	int code;

	json_put(data, "instance", l->name);
	if (o != NULL) {
		about = o->error.http != 0 ? wa_error_json(&o->error) :
					     json_object();
		if (o->error.http == 0)
			json_put(about, "title", o->why);
		json_put_new(data, "error", about);
	}
	code = stage_emit(st, j->event, type, subject, data, NULL);
	free(subject);
	return code;
}

/* Whether the last the log says of the instance is an error: 1, 0, an ERR. */
static int
was_stopped(struct store *s, const struct line *l)
{
	struct query q = query(store_desk(s),
	    "SELECT type = 'instance.error' FROM event"
	    " WHERE subject = :subject AND type IN ('instance.connected',"
	    "  'instance.error') ORDER BY seq DESC LIMIT 1");
	char *subject = xformat("instance/%s", l->name);
	int stopped = 0, code;

	bind_text(&q, ":subject", subject);
	if (step(&q))
		stopped = (int)column_int(&q, 0);
	code = done(&q);
	free(subject);
	return code < 0 ? code : stopped;
}

/* The exact call, its token left out: a dry run's record. */
static int
tell_request(struct stage *st, const struct job *j, const struct sending *g)
{
	const struct message *m = g->message;
	char *section = xformat("instance %s", m->instance), *path;
	const char *number = NULL, *url = place_options.url;
	struct instance *i = NULL;
	json_t *data = json_object();

	number = setting_text(g->sender->conf, section, "phone_number_id");
	if (number == NULL &&
	    instance_get(stage_store(st), m->instance, &i) == 0)
		number = i->phone_number_id;
	if (url == NULL)
		url = setting_text(g->sender->conf, section, "url");
	path = xformat("/%s/%s/messages",
	    setting_text(g->sender->conf, section, "api_version"),
	    number != NULL ? number : "PHONE_NUMBER_ID");
	json_put(data, "message", m->id);
	json_put(data, "conversation", m->conversation);
	json_put(data, "instance", m->instance);
	json_put(data, "method", "POST");
	json_put(data, "url", url);
	json_put(data, "path", path);
	json_put_new(data, "headers",
	    json_pack("{ssss}", "Content-Type", "application/json",
		"User-Agent", "frontdesk/" FRONTDESK_VERSION));
	json_put_new(data, "body",
	    send_request(m, g->options, g->kind, g->address));
	free(path);
	free(section);
	instance_free(i);
	return tell(st, j, m, "request.previewed", data);
}

static int
accepted(struct stage *st, struct job *j, struct sending *g)
{
	struct message *m = g->message;
	struct line *l = g->line;
	json_t *data;
	int code = stage_is_dry(st) ? tell_request(st, j, g) : 0;

	if (code < 0)
		return code;
	data = data_of(m);
	json_put(data, "status", "accepted");
	json_put_int(data, "attempt", m->attempt);
	if (g->kept.resent > 0)
		json_put_int(data, "resent", g->kept.resent);
	code = message_name(stage_store(st), m->id, g->outcome.wamid);
	if (code == 0)
		code = message_climb(stage_store(st), m->id, "accepted");
	if (code < 0) {
		json_decref(data);
		return code;
	}
	code = tell(st, j, m, "message.accepted", data);
	if (code == 0 && !l->fine) {
		code = was_stopped(stage_store(st), l);
		if (code == 1)
			code =
			    instance_says(st, j, l, "instance.connected", NULL);
		l->fine = code == 0;
	}
	if (l->stopped)
		l->until_ms = 0;
	l->stopped = false;
	l->downs = 0;
	return code;
}

/* Not taken: wait, this recipient or the whole number. */
static int
try_again(struct stage *st, struct job *j, struct sending *g)
{
	const struct send_outcome *o = &g->outcome;
	struct line *l = g->line;
	int64_t due_ms = now_ms() + o->wait_ms;

	if (o->whole && due_ms > l->until_ms)
		l->until_ms = due_ms;
	l->downs = o->sent ? 0 : l->downs + 1;
	if (l->downs > 0)
		snprintf(l->why, sizeof l->why, "%s", o->why);
	stage_failed(st, "instance %s: %s: again in %lld ms", l->name, o->why,
	    (long long)o->wait_ms);
	return put_back(st, j, g, due_ms);
}

/* An alert for people: an instance sends nothing any more. */
static int
alert(struct stage *st, const struct job *j, const struct line *l)
{
	json_t *data = json_object();

	json_put(data, "what", "instance_stopped");
	json_put(data, "severity", "critical");
	json_put(data, "instance", l->name);
	json_put(data, "reason", l->why);
	return stage_emit(st, j->event, "health.alert", NULL, data, NULL);
}

/* Token, permission, payment: nothing of this instance goes out. */
static int
stop_instance(struct stage *st, struct job *j, struct sending *g)
{
	struct line *l = g->line;
	bool news = !l->stopped;
	int code = 0;

	snprintf(l->why, sizeof l->why, "%s", g->outcome.why);
	l->stopped = true;
	l->fine = false;
	l->until_ms = now_ms() + g->sender->probe_ms;
	stage_failed(st, "instance %s: stopped: %s", l->name, g->outcome.why);
	if (news)
		code = instance_says(st, j, l, "instance.error", &g->outcome);
	if (code == 0 && news)
		code = alert(st, j, l);
	if (code == 0)
		code = put_back(st, j, g, now_ms() + look_ms(g->sender));
	return code;
}

/* Held, or posted once more after a while that a status may settle it in. */
static int
unknown(struct stage *st, struct job *j, struct sending *g)
{
	const struct message *m = g->message;
	int code;

	if (!g->sender->resend) {
		stage_failed(st, "message %s: held: %s", m->id, g->outcome.why);
		return hold(st, j, m, g->outcome.why);
	}
	stage_failed(st, "message %s: may have arrived, again in %lld ms: %s",
	    m->id, (long long)g->sender->resend_ms, g->outcome.why);
	code = outbox_resend(stage_store(st), m->id);
	if (code == 0)
		code = outbox_why(stage_store(st), m->id, g->outcome.why);
	if (code == 0)
		stage_retry(st, j, now_ms() + g->sender->resend_ms);
	return code;
}

/* A receipt is tried twice at most; typing shows again while the AI works. */
static int
finish_receipt(struct stage *st, struct job *j, struct sending *g)
{
	struct query q;
	int code = 0;

	if (!g->seen) {
		q = query(store_desk(stage_store(st)),
		    "DELETE FROM mark WHERE key = 'read:' || :id");
		bind_text(&q, ":id", g->read_id);
		step(&q);
		code = done(&q);
		if (code == 0 && j->attempt == 1)
			stage_retry(st, j, now_ms() + 1000);
		return code;
	}
	if (!g->typing || !stage_options.follow ||
	    now_ms() + g->sender->typing_every_ms >
		j->event->time_ms + g->sender->typing_most_ms)
		return 0;
	code = is_answering(stage_store(st),
	    json_str(j->event->data, "conversation"));
	if (code == 1)
		stage_retry(st, j, now_ms() + g->sender->typing_every_ms);
	return code < 0 ? code : 0;
}

/* The next part of a text goes on at once. */
static int
go_on(struct stage *st, struct job *j, const struct sending *g)
{
	char id[ULID_BYTES];
	int code = outbox_next(stage_store(st), g->message->id, id);

	if (code == 1 && strcmp(id, g->message->id) != 0)
		stage_retry(st, j, now_ms());
	return code < 0 ? code : 0;
}

static int
finish(struct stage *st, struct job *j)
{
	struct sending *g = j->own;
	int code = err_set(ERR_BUG, "an outcome of no kind");

	if (g->message == NULL)
		return finish_receipt(st, j, g);
	if (g->probe)
		g->line->probing = false;
	switch (g->outcome.verdict) {
	case SEND_ACCEPTED:
		code = accepted(st, j, g);
		break;
	case SEND_UNKNOWN:
		code = unknown(st, j, g);
		break;
	case SEND_AGAIN:
		return try_again(st, j, g);
	case SEND_FAILED:
		stage_failed(st, "message %s: refused: %d %s", g->message->id,
		    g->outcome.error.code, g->outcome.why);
		code = fail(st, j, g->message, &g->outcome.error, NULL);
		break;
	case SEND_STOP:
		return stop_instance(st, j, g);
	}
	return code < 0 || g->kept.part == 0 ? code : go_on(st, j, g);
}

/*
 * The stdin form, at the end of its input: nobody waits for better days. What
 * was read is in the store and stays queued.
 */
static void
give_up(struct sender *w)
{
	struct line *l;

	for (l = w->lines; l != NULL; l = l->next)
		if (l->stopped || l->downs >= DOWN_TRIES)
			break;
	if (l == NULL || http_busy(w->http) > 0 || w->code < 0)
		return;
	w->code = ERR_UNAVAILABLE;
	log_warnx("instance %s: %s; what was not sent stays queued", l->name,
	    l->why);
	kill(getpid(), SIGTERM);
}

static int
wait_for(struct stage *st, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct sender *w = stage_ctx(st);

	/* Signals alone are waited for: the input has ended. */
	if (!stage_options.follow && nfds == 1)
		give_up(w);
	return http_wait(w->http, fds, nfds, timeout_ms);
}

/* Held messages. */

/* Tell people of one held message, once. */
static int
escalate_held(struct store *s, const char *id, const char *conversation)
{
	struct event *cause = NULL;
	struct act act;
	struct query q;
	char *key = xformat("held:%s", id);
	int code = store_begin(s);

	if (code < 0) {
		free(key);
		return code;
	}
	q = query(store_desk(s),
	    "INSERT INTO mark (key, time_ms) VALUES (:key, :now)"
	    " ON CONFLICT DO NOTHING");
	bind_text(&q, ":key", key);
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	free(key);
	if (code == 0 && db_changes(store_desk(s)) > 0) {
		code = message_unsaid(s, id); /* the mark makes it so */
		if (code < 0) {
			store_rollback(s);
			return code;
		}
		/* Its id is that of the event that queued it. */
		if (log_get(s, id, &cause) < 0)
			cause = NULL;
		act_program(&act, s, "wa-send", cause, "system");
		code = conversation_escalate(&act, conversation,
		    "delivery unknown");
		act_release(&act);
		event_free(cause);
	}
	if (code < 0) {
		store_rollback(s);
		return code;
	}
	return store_commit(s);
}

static int
tick(struct stage *st)
{
	struct sender *w = stage_ctx(st);
	struct store *s = stage_store(st);
	/* The list is there for the index, which is of these alone. */
	struct query q = query(store_desk(s),
	    "SELECT id, conversation FROM message WHERE direction = 'out'"
	    " AND status IN ('queued', 'sending', 'held')"
	    " AND status = 'held' AND attempt_ms <= :before"
	    " AND NOT EXISTS (SELECT 1 FROM mark"
	    "  WHERE key = 'held:' || message.id) LIMIT :max");
	char *ids[HELD_BATCH], *conversations[HELD_BATCH];
	size_t n = 0;
	int code;

	bind_int(&q, ":before", now_ms() - w->hold_ms);
	bind_int(&q, ":max", HELD_BATCH);
	while (step(&q) && n < HELD_BATCH) {
		ids[n] = column_copy(&q, 0);
		conversations[n++] = column_copy(&q, 1);
	}
	code = done(&q);
	for (size_t i = 0; i < n; i++) {
		if (code == 0)
			code = escalate_held(s, ids[i], conversations[i]);
		free(ids[i]);
		free(conversations[i]);
	}
	return code;
}

static const char *const types[] = { "message.failed", "message.queued",
	"message.retried", "message.viewed", "reply.started", NULL };

static struct stage_def def = {
	.name = "wa-send",
	.types = types,
	.join = desk_join,
	.import = desk_import,
	.lean = true,
	.take = take,
	.begin = begin,
	.start = start,
	.finish = finish,
	.wait = wait_for,
	.drop = drop,
	.tick = tick,
	.reload_check = settings_readable,
};

/* Lists, and a person's decision. */

static struct cli_table *table;

static void
list_row(void *ctx, const struct outbox_row *r)
{
	char time[TIME_TEXT_BYTES];
	json_t *o;
	char *line;

	(void)ctx;
	if (as_json) {
		o = json_object();
		json_put(o, "message", r->id);
		json_put(o, "time", time_text(r->attempt_ms, time));
		json_put(o, "conversation", r->conversation);
		json_put(o, "instance", r->instance);
		json_put(o, "kind", r->kind);
		json_put(o, "author", r->author);
		json_put_int(o, "attempt", r->attempt);
		json_put(o, "reason", r->why);
		line = json_text(o);
		printf("%s\n", line);
		free(line);
		json_decref(o);
		return;
	}
	cli_table_cell(table, "%s", r->id);
	cli_table_cell(table, "%s", time_text(r->attempt_ms, time));
	cli_table_cell(table, "%s", r->conversation);
	cli_table_cell(table, "%s", r->instance);
	cli_table_cell(table, "%s", r->kind);
	cli_table_cell(table, "%s", r->author != NULL ? r->author : "");
	cli_table_cell(table, "%d", r->attempt);
	cli_table_cell(table, "%s", r->why != NULL ? r->why : "");
}

static int
list(const char *status)
{
	static const char *const headers[] = { "MESSAGE", "TIME",
		"CONVERSATION", "INSTANCE", "KIND", "AUTHOR", "TRIES", "REASON",
		NULL };
	struct store *s = NULL;
	char *self = NULL;
	int code;

	cli_need(store_open(stage_options.store, STORE_READ, &s));
	cli_need(person_self(s, MAY_READ, &self));
	if (!as_json)
		table = cli_table_new(headers, as_plain);
	code = outbox_list(s, status, list_row, NULL);
	if (table != NULL)
		cli_table_end(table);
	free(self);
	store_close(s);
	return code;
}

/* All of them or none. */
static int
retry(struct cli *cli)
{
	struct store *s = NULL;
	struct person *p = NULL;
	struct act act;
	char *self = NULL, *line;
	int code;

	cli_need(store_open(stage_options.store, STORE_WRITE, &s));
	cli_need(person_self(s, MAY_WRITE, &self));
	if (person_get(s, self, &p) == ERR_NOINPUT)
		cli_die(ERR_DENIED,
		    "%s is no person of this desk; an admin adds you: "
		    "desk-user add NAME --account ACCOUNT",
		    self);
	person_free(p);
	for (size_t i = 0; i < retries.count; i++)
		if (!id_is_ulid(retries.items[i]))
			cli_usage(cli, "--retry %s: no id of a message",
			    retries.items[i]);
	code = store_begin(s);
	act_person(&act, s, self);
	for (size_t i = 0; i < retries.count && code == 0; i++)
		code = outbox_retry(&act, retries.items[i]);
	if (code < 0)
		store_rollback(s);
	else
		code = store_commit(s);
	for (size_t i = 0; i < act.nmade && code == 0 && as_json; i++) {
		line = event_line(act.made[i]);
		printf("%s\n", line);
		free(line);
	}
	act_release(&act);
	free(self);
	store_close(s);
	if (code == ERR_NO) /* the answer no is said, too: a person asked */
		cli_warn("%s", err_reason());
	return code;
}

static void
read_settings(struct sender *w, struct http_limits *limits)
{
	const struct conf *c = w->conf;
	int64_t n;

	cli_need(setting_duration(c, "wa", "window", &w->window_ms));
	cli_need(setting_duration(c, "wa", "hold", &w->hold_ms));
	cli_need(setting_duration(c, "wa", "max_age", &def.max_age_ms));
	cli_need(setting_duration(c, "wa", "timeout", &limits->total_ms));
	cli_need(setting_duration(c, "wa", "resend", &w->resend_ms));
	cli_need(setting_duration(c, "wa", "give_up", &w->give_up_ms));
	cli_need(setting_duration(c, "wa", "probe", &w->probe_ms));
	cli_need(setting_duration(c, "wa", "pair_every", &w->pair_every_ms));
	cli_need(setting_int(c, "wa", "pair_burst", &w->pair_burst));
	cli_need(
	    setting_duration(c, "wa", "typing_every", &w->typing_every_ms));
	cli_need(setting_duration(c, "wa", "typing_most", &w->typing_most_ms));
	cli_need(setting_duration(c, "wa", "retry", &w->patience.first_ms));
	cli_need(setting_duration(c, "wa", "retry_most", &w->patience.most_ms));
	cli_need(setting_duration(c, "wa", "pair_wait", &w->patience.pair_ms));
	cli_need(setting_int(c, "wa", "tries", &n));
	w->patience.tries = (int)n;
	cli_need(setting_int(c, "wa", "jitter", &n));
	w->patience.jitter = (int)n;
	w->resend = strcmp(setting_text(c, "wa", "unknown"), "resend") == 0;
}

int
main(int argc, char *argv[])
{
	struct cli cli;
	struct sender w = { 0 };
	struct http_limits limits = { 0 };
	int code;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (list_failed + list_held + (retries.count > 0) > 1)
		cli_usage(&cli,
		    "--list-failed, --list-held, --retry: one of "
		    "them");
	if (list_failed || list_held)
		cli_exit(list(list_held ? "held" : "failed"));
	if (retries.count > 0)
		cli_exit(retry(&cli));
	cli_need(conf_open(&w.conf));
	read_settings(&w, &limits);
	if (hold_ms >= 0)
		w.hold_ms = hold_ms;
	if (place_options.url != NULL &&
	    (http_url_check(place_options.url) < 0 ||
		!graph_is_safe(place_options.url)))
		cli_usage(&cli, "--url %s: not an address of https",
		    place_options.url);
	if (place_options.token_file != NULL &&
	    access(place_options.token_file, R_OK) != 0)
		cli_need(
		    err_errno(ERR_NOINPUT, "%s", place_options.token_file));
	/* Some more are marked already, so that no place stands empty while
	 * the store is written to. */
	limits.max_flight =
	    stage_options.jobs < 10000 ? (int)stage_options.jobs : 10000;
	stage_options.jobs += stage_options.jobs / 2;
	cli_need(http_new(&limits, &w.http));
	code = stage_run(&def, &w);
	http_free(w.http);
	while (w.lines != NULL) {
		struct line *next = w.lines->next;

		line_reset(w.lines);
		free(w.lines->slots);
		free(w.lines->name);
		free(w.lines);
		w.lines = next;
	}
	conf_close(w.conf);
	if (code == 0 && w.code < 0) /* said already */
		return err_status(w.code);
	cli_exit(code);
}
