/*
 * wa-send - deliver queued messages to the provider
 *
 * Holds: a message is posted only after its attempt was marked (status
 * sending) in a committed transaction, and a message that is found marked
 * with no outcome is never posted again: its fate is unknown, so it is held.
 * Only an outcome that says "not taken" makes it queued again.
 *
 * What is believed of a queued row is its conversation. Recipient, instance,
 * owner and window are looked up by it at the moment of sending.
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
#include "desk/secret.h"
#include "desk/settings.h"
#include "net/http.h"
#include "store/stage.h"
#include "wa/graph.h"
#include "wa/send.h"

#define STOPPED_MS (5 * 60 * 1000) /* then one message tries again */
/* What waits for an instance looks again, also after a restart. */
#define LOOK_MS (stage_options.follow ? 15 * 1000 : 1000)
#define DOWN_TRIES 5  /* stdin form: then it gives up on the provider */
#define DOWN_MS 10000 /* not reached for so long: disconnected */
#define HELD_BATCH 32

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
	int64_t down_ms; /* monotonic: not reached since; 0: reached */
	int64_t told_ms; /* the desk was told that it is well; 0: never */
};

struct sender {
	struct conf *conf;
	struct http *http;
	struct line *lines;
	int64_t window_ms, hold_ms;
	bool stale;  /* the settings changed: read them again */
	bool dry;    /* --dry-run or a scratch store: nothing is sent */
	bool looked; /* dry is known */
	int code;    /* stdin form: why it gave up; 0 */
};

/* The work of a job. */
struct sending {
	struct sender *sender;
	struct stage *stage;
	struct job *job;
	struct line *line;
	struct message *message;
	const char *kind; /* of address */
	char *address;
	bool probe;
	struct send_outcome outcome;
};

static struct graph_options place_options = { .reader = "wa-send" };
static int64_t hold_ms = -1;

static const struct cli_option options[] = {
	{ 0, "hold", "DURATION", CLI_DURATION, &hold_ms,
	    "tell people of a message whose fate is unknown after" },
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
		    "wa-send --dry-run < events.jsonl" };

/* Instances. */

static void
line_reset(struct line *l)
{
	graph_place_release(&l->place);
	free(l->url);
	l->url = NULL;
}

/* Settings as they are now; if they are broken, as they were. */
static void
read_again(struct sender *w)
{
	struct conf *c = NULL;

	if (settings_readable() == 0 && conf_open(&c) == 0) {
		conf_close(w->conf);
		w->conf = c;
	}
	w->stale = false;
}

static void
line_look_up(struct sender *w, struct store *s, struct line *l)
{
	line_reset(l);
	if (w->stale)
		read_again(w);
	l->looked = true;
	if (graph_place(w->conf, s, l->name, &place_options, &l->place) < 0)
		snprintf(l->why, sizeof l->why, "%s", err_reason());
	else
		l->url = graph_url(&l->place, "%s/messages", l->place.number);
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
	json_t *data;
	int code = message_climb(stage_store(st), m->id, "cancelled");

	if (code >= 0)
		code = message_unsaid(stage_store(st), m->id);
	if (code < 0)
		return code;
	data = data_of(m);
	json_put(data, "reason", reason);
	return tell(st, j, m, "message.cancelled", data);
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
	data = data_of(m);
	json_put(data, "reason", reason);
	return tell(st, j, m, "message.held", data);
}

/* The provider refused it, or would. error: NULL if it was not asked. */
static int
fail(struct stage *st, const struct job *j, const struct message *m,
    const struct wa_error *error, const char *why)
{
	json_t *data, *about;
	int code = message_climb(stage_store(st), m->id, "failed");

	if (code <= 0) /* a status has said so, or that it arrived */
		return code;
	code = message_unsaid(stage_store(st), m->id);
	if (code < 0)
		return code;
	data = data_of(m);
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
	return code;
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

/* Settings, token or a restart: look again, and try at once. */
static int
take_instance(struct stage *st, const struct event *e)
{
	struct sender *w = stage_ctx(st);
	const char *name = json_str(e->data, "instance");
	struct line *l;

	if (name == NULL || !instance_concerns_sending(e))
		return 0;
	l = line_for(w, name);
	w->stale = true;
	l->looked = l->stopped = false;
	l->until_ms = l->told_ms = 0;
	return instance_hurry(stage_store(st), name);
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	struct message *m = NULL;
	struct conversation *c = NULL;
	int code;

	if (str_starts(e->type, "instance."))
		return take_instance(st, e);
	code = load(st, e, &m, &c);

	if (code == 1 && strcmp(e->type, "message.failed") == 0)
		code = take_failed(st, e, m);
	else if (code == 1)
		ret->key = xformat("%s/%s", m->instance, m->contact);
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

static int
mark(struct store *s, const struct message *m)
{
	struct query q = query(store_desk(s),
	    "UPDATE message SET status = 'sending', attempt = attempt + 1,"
	    " attempt_ms = :now WHERE id = :id");

	bind_int(&q, ":now", now_ms());
	bind_text(&q, ":id", m->id);
	step(&q);
	return done(&q);
}

/* It was not taken: as if the attempt had not been, but for its count. */
static int
unmark(struct store *s, const struct message *m)
{
	struct query q = query(store_desk(s),
	    "UPDATE message SET status = 'queued'"
	    " WHERE id = :id AND status = 'sending'");

	bind_text(&q, ":id", m->id);
	step(&q);
	return done(&q);
}

/* Why m may not go out in c: NULL if it may. */
static const char *
forbidden(struct stage *st, const struct job *j, const struct message *m,
    const struct conversation *c)
{
	struct sender *w = stage_ctx(st);

	if (message_allowed(c, m->author, m->owner_rev) < 0)
		return err_reason();
	if (j->late)
		return "age";
	if (strcmp(m->kind, "template") != 0 &&
	    stage_now_ms(st) - c->last_in_ms > w->window_ms)
		return "window";
	return NULL;
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
	return code < 0 ? code : BEGIN_CLOSED;
}

/* Whether the instance can send now; else the job waits. */
static bool
is_ready(struct stage *st, struct job *j, struct line *l, bool *ret_probe)
{
	int64_t now = now_ms();

	if (l->until_ms > now || (l->stopped && l->probing)) {
		stage_retry(st, j,
		    l->until_ms > now && l->until_ms < now + LOOK_MS ?
			l->until_ms :
			now + LOOK_MS);
		return false;
	}
	if (l->stopped)
		l->probing = *ret_probe = true;
	return true;
}

static int
begin_queued(struct stage *st, struct job *j, struct message *m,
    struct conversation *c)
{
	struct sender *w = stage_ctx(st);
	struct line *l = line_for(w, c->instance);
	const char *reason = forbidden(st, j, m, c), *kind = NULL;
	struct sending *g;
	char *address = NULL;
	bool probe = false;
	int code;

	if (reason != NULL)
		return cancelled(st, j, m, reason);
	if (send_check(m) < 0) {
		code = fail(st, j, m, NULL, err_reason());
		return code < 0 ? code : BEGIN_CLOSED;
	}
	code = contact_address(stage_store(st), c->contact, &kind, &address);
	if (code == ERR_NOINPUT && w->dry) {
		kind = "bsuid";
		address = xstrdup("");
	} else if (code == ERR_NOINPUT) {
		code = fail(st, j, m, NULL, "the customer has no address");
		return code < 0 ? code : BEGIN_CLOSED;
	} else if (code < 0) {
		return code;
	}
	if (!w->dry && !is_ready(st, j, l, &probe)) {
		free(address);
		return BEGIN_START;
	}
	if ((code = mark(stage_store(st), m)) < 0) {
		free(address);
		return code;
	}
	m->attempt++;
	g = xcalloc(1, sizeof *g);
	g->sender = w;
	g->stage = st;
	g->job = j;
	g->line = l;
	g->message = m;
	g->kind = kind;
	g->address = address;
	g->probe = probe;
	j->own = g;
	return BEGIN_START;
}

static int
begin(struct stage *st, struct job *j)
{
	struct message *m = NULL;
	struct conversation *c = NULL;
	int code = load(st, j->event, &m, &c);

	if (code <= 0)
		return code < 0 ? code : BEGIN_CLOSED;
	if (strcmp(m->status, "sending") == 0) {
		/* Marked by a process that is gone. */
		code = hold(st, j, m, "interrupted");
		if (code >= 0)
			code = BEGIN_CLOSED;
	} else if (strcmp(m->status, "queued") != 0) {
		code = BEGIN_CLOSED;
	} else {
		code = begin_queued(st, j, m, c);
	}
	conversation_free(c);
	if (j->own == NULL)
		message_free(m);
	return code;
}

static void
on_answer(void *arg, const struct http_result *r)
{
	struct sending *g = arg;

	fault("wa-send.posted");
	send_judge(r, g->message->attempt, &g->outcome);
	stage_finish(g->stage, g->job);
}

static int
start(struct stage *st, struct job *j)
{
	struct sending *g = j->own;
	struct http_request r = { 0 };
	char *body;
	int code;

	if (g->sender->dry) {
		g->outcome.verdict = SEND_ACCEPTED;
		send_dry_wamid(g->message->id, g->outcome.wamid);
		stage_finish(st, j);
		return 0;
	}
	/* The token may be a new one by now. */
	if (!g->line->looked || g->probe)
		line_look_up(g->sender, stage_store(st), g->line);
	if (g->line->url == NULL) {
		g->outcome.verdict = SEND_STOP;
		snprintf(g->outcome.why, sizeof g->outcome.why, "%s",
		    g->line->why);
		stage_finish(st, j);
		return 0;
	}
	body = send_body(g->message, g->kind, g->address);
	r.url = g->line->url;
	r.bearer = g->line->place.token;
	r.body = body;
	code = http_post(g->sender->http, &r, on_answer, g);
	free(body);
	if (code < 0) {
		g->outcome.verdict = SEND_STOP;
		snprintf(g->outcome.why, sizeof g->outcome.why, "%s",
		    err_reason());
		stage_finish(st, j);
	}
	return 0;
}

/* Again at due_ms, the message queued as before. */
static int
put_back(struct stage *st, struct job *j, const struct message *m,
    int64_t due_ms)
{
	int code = unmark(stage_store(st), m);

	if (code == 0)
		stage_retry(st, j, due_ms);
	return code;
}

/* How the instance is, told to the desk. o: what stopped it; NULL. */
static int
instance_says(struct stage *st, const struct job *j, const struct line *l,
    const char *state, const struct send_outcome *o)
{
	struct act act;
	int code;

	act_stage(&act, st, j->event, "system");
	if (o != NULL)
		code = instance_trouble(&act, l->name, l->why,
		    o->error.http != 0 ? wa_error_json(&o->error) : NULL);
	else
		code = instance_state(&act, l->name, state,
		    strcmp(state, "connected") == 0 ? NULL : l->why);
	act_release(&act);
	return code;
}

/* It was taken: all is well, which is told now and then. */
static int
is_well(struct stage *st, const struct job *j, struct line *l)
{
	int code;

	l->down_ms = 0;
	if (l->told_ms != 0 && mono_ms() - l->told_ms < INSTANCE_SEEN_MS)
		return 0;
	code = instance_says(st, j, l, "connected", NULL);
	if (code == 0)
		code = instance_seen(stage_store(st), l->name, now_ms());
	if (code == 0)
		l->told_ms = mono_ms();
	return code;
}

static int
accepted(struct stage *st, struct job *j, struct sending *g)
{
	struct message *m = g->message;
	struct line *l = g->line;
	json_t *data = data_of(m);
	int code;

	json_put(data, "status", "accepted");
	json_put_int(data, "attempt", m->attempt);
	code = message_name(stage_store(st), m->id, g->outcome.wamid);
	if (code == 0)
		code = message_climb(stage_store(st), m->id, "accepted");
	if (code < 0) {
		json_decref(data);
		return code;
	}
	code = tell(st, j, m, "message.accepted", data);
	if (code == 0 && !g->sender->dry)
		code = is_well(st, j, l);
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
	int code = 0;

	if (o->whole && due_ms > l->until_ms)
		l->until_ms = due_ms;
	l->downs = o->sent ? 0 : l->downs + 1;
	if (l->downs > 0)
		snprintf(l->why, sizeof l->why, "%s", o->why);
	if (l->downs == 0)
		l->down_ms = 0;
	else if (l->down_ms == 0)
		l->down_ms = mono_ms();
	else if (mono_ms() - l->down_ms >= DOWN_MS) {
		l->told_ms = 0;
		code = instance_says(st, j, l, "disconnected", NULL);
	}
	stage_failed(st, "instance %s: %s: again in %lld ms", l->name, o->why,
	    (long long)o->wait_ms);
	return code < 0 ? code : put_back(st, j, g->message, due_ms);
}

/* Token, permission, payment: nothing of this instance goes out. */
static int
stop_instance(struct stage *st, struct job *j, struct sending *g)
{
	struct line *l = g->line;
	int code;

	snprintf(l->why, sizeof l->why, "%s", g->outcome.why);
	l->stopped = true;
	l->told_ms = 0;
	l->until_ms = now_ms() + STOPPED_MS;
	stage_failed(st, "instance %s: stopped: %s", l->name, g->outcome.why);
	code = instance_says(st, j, l, "error", &g->outcome);
	if (code == 0)
		code = put_back(st, j, g->message, now_ms() + LOOK_MS);
	return code;
}

static int
finish(struct stage *st, struct job *j)
{
	struct sending *g = j->own;

	if (g->probe)
		g->line->probing = false;
	switch (g->outcome.verdict) {
	case SEND_ACCEPTED:
		return accepted(st, j, g);
	case SEND_UNKNOWN:
		stage_failed(st, "message %s: held: %s", g->message->id,
		    g->outcome.why);
		return hold(st, j, g->message, g->outcome.why);
	case SEND_AGAIN:
		return try_again(st, j, g);
	case SEND_FAILED:
		stage_failed(st, "message %s: refused: %d %s", g->message->id,
		    g->outcome.error.code, g->outcome.why);
		return fail(st, j, g->message, &g->outcome.error, NULL);
	case SEND_STOP:
		return stop_instance(st, j, g);
	}
	return err_set(ERR_BUG, "an outcome of no kind");
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

static const char *const types[] = { "instance.changed", "instance.connecting",
	"message.failed", "message.queued", NULL };

static struct stage_def def = {
	.name = "wa-send",
	.types = types,
	.join = desk_join,
	.import = desk_import,
	.take = take,
	.begin = begin,
	.start = start,
	.finish = finish,
	.wait = wait_for,
	.drop = drop,
	.tick = tick,
	.reload_check = settings_readable,
};

int
main(int argc, char *argv[])
{
	struct cli cli;
	struct sender w = { 0 };
	struct http_limits limits = { 0 };
	int code;

	secret_guard();
	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (stage_options.follow)
		cli_hold_hangup();
	cli_need(conf_open(&w.conf));
	cli_need(setting_duration(w.conf, "wa", "window", &w.window_ms));
	cli_need(setting_duration(w.conf, "wa", "hold", &w.hold_ms));
	cli_need(setting_duration(w.conf, "wa", "max_age", &def.max_age_ms));
	cli_need(setting_duration(w.conf, "wa", "timeout", &limits.total_ms));
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
	limits.max_flight =
	    stage_options.jobs < 10000 ? (int)stage_options.jobs : 10000;
	cli_need(http_new(&limits, &w.http));
	code = stage_run(&def, &w);
	http_free(w.http);
	while (w.lines != NULL) {
		struct line *next = w.lines->next;

		line_reset(w.lines);
		free(w.lines->name);
		free(w.lines);
		w.lines = next;
	}
	conf_close(w.conf);
	if (code == 0 && w.code < 0) /* said already */
		return err_status(w.code);
	cli_exit(code);
}
