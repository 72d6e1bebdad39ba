/*
 * sender - the stage that delivers queued messages to the provider
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
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/consent.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/instance.h"
#include "desk/media.h"
#include "desk/message.h"
#include "desk/settings.h"
#include "wa/sender.h"
#include "wa/sending.h"

#define DOWN_TRIES 5  /* stdin form: then it gives up on the provider */
#define DOWN_MS 10000 /* not reached for so long: disconnected */
#define LOOK_LEAST_MS 50
#define LOOK_ONCE_MS 1000 /* at most, where the end is waited for */
#define HELD_BATCH 32

struct line *
sender_line(struct sender *w, const char *name)
{
	struct line *l;

	for (l = w->lines; l != NULL; l = l->next)
		if (strcmp(l->name, name) == 0)
			return l;
	l = line_new(w->conf, name);
	l->next = w->lines;
	w->lines = l;
	return l;
}

static const char *
message_of(const struct event *e)
{
	return json_str(e->data, "message");
}

/*
 * Whether the store forbids sending. Asked at the first event: the store is
 * the stage's and not open before.
 */
void
sender_look(struct sender *w, struct stage *st)
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

	sender_look(stage_ctx(st), st);
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
	/* A reason: a person has settled it, and needs not be told. */
	if (m->status == NULL || strcmp(m->status, "failed") != 0 ||
	    json_str(e->data, "reason") != NULL ||
	    (e->stage != NULL && strcmp(e->stage, "wa-send") == 0))
		return 0;
	return verdict_undelivered(st, e, m);
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
	l = sender_line(w, name);
	w->stale = true;
	l->looked = l->stopped = false;
	l->recalled = true;
	l->unknowns = 0;
	l->until_ms = l->told_ms = 0;
	return instance_hurry(stage_store(st), name);
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	struct message *m = NULL;
	struct conversation *c = NULL;
	char next[ULID_BYTES];
	int code;

	if (str_starts(e->type, "instance."))
		return take_instance(st, e);
	if (receipt_is(e))
		return receipt_take(st, e, ret);
	/* A further part goes out with the first. */
	if (json_str(e->data, "part_of") != NULL)
		return 0;
	code = load(st, e, &m, &c);
	if (code == 1 && strcmp(e->type, "message.failed") == 0) {
		code = take_failed(st, e, m);
	} else if (code == 1) {
		code = outbox_split(st, e, m);
		/* A long log is read from its start: what has its outcome
		 * costs no job. */
		if (code >= 0)
			code = outbox_next(stage_store(st), m->id, next);
		if (code == 1)
			ret->key = xformat("%s/%s", m->instance, m->contact);
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

/* Why m may not go out in c, in *ret: NULL if it may. 0 or an ERR. */
static int
forbidden(struct stage *st, const struct job *j, const struct message *m,
    const struct conversation *c, const struct outgoing *kept, const char **ret)
{
	struct sender *w = stage_ctx(st);
	const char *author =
	    kept->retried_by[0] != '\0' ? kept->retried_by : m->author;
	int code = message_allowed(stage_store(st), c, author, m->owner_rev);

	*ret = NULL;
	if (code == ERR_NO)
		*ret = err_reason();
	else if (code < 0)
		return code;
	/* What was refused for the time being fails in its own way. */
	else if (j->late && kept->tried_ms == 0)
		*ret = "age";
	else if (strcmp(m->kind, "template") != 0 &&
	    conversation_window(c, w->window_ms, stage_now_ms(st)) <= 0)
		*ret = "window";
	return 0;
}

/* Whom the customer does not want to hear, or may not: the same. */
static int
unwanted(struct stage *st, const struct message *m, const char **ret)
{
	struct store *s = stage_store(st);
	const json_t *t = json_object_get(m->content, "template");
	const char *language;
	int code = contact_blocked(s, m->contact);

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
		code = contact_opted_out(s, m->contact);
	if (code == 1)
		*ret = "opted_out";
	return code < 0 ? code : 0;
}

/* The AI's answer to what the customer took back, while none of it is out:
 * nobody waits for it. What was refused for the time being is not out. What a
 * person says goes, and half of a text that is out is made whole. 0 or an ERR.
 */
static int
is_pointless(struct stage *st, const struct job *j, const struct message *m,
    const struct outgoing *kept, const char **ret)
{
	int code;

	if (strcmp(m->author, "ai") != 0 || kept->retried_by[0] != '\0' ||
	    strcmp(m->status, "queued") != 0 || kept->part > 1 ||
	    j->event->cause[0] == '\0')
		return 0;
	code = outbox_taken_back(stage_store(st), j->event->cause, m);
	if (code == 1)
		*ret = "taken_back";
	return code < 0 ? code : 0;
}

static int
cancelled(struct stage *st, const struct job *j, const struct message *m,
    const char *reason)
{
	int code = verdict_cancel(st, j, m, reason);

	/* Its owner knows of the rest. */
	if (code == 0 && strcmp(reason, "age") == 0)
		code = verdict_escalate(st, j, m, "not sent in time");
	else if (code == 0 && strcmp(reason, "window") == 0)
		code = verdict_escalate(st, j, m, "the 24 hour window is shut");
	if (code == 0)
		code = verdict_cancel_rest(st, j, reason);
	return code < 0 ? code : BEGIN_CLOSED;
}

static int
failed(struct stage *st, const struct job *j, const struct message *m,
    const char *why)
{
	int code = verdict_fail(st, j, m, NULL, why);

	return code < 0 ? code : BEGIN_CLOSED;
}

/* What waits for an instance looks again, also after a restart: not all the
 * time, for there may be thousands of them. */
static int64_t
look_ms(const struct sender *w)
{
	int64_t ms = w->probe_ms / 20;

	if ((!stage_options.follow || stage_options.once) && ms > LOOK_ONCE_MS)
		return LOOK_ONCE_MS;
	return ms < LOOK_LEAST_MS ? LOOK_LEAST_MS : ms;
}

/* Until when it may be refused; what was not refused has no such time. */
static int64_t
give_up_at(const struct sender *w, const struct job *j,
    const struct outgoing *kept)
{
	int64_t at_ms = kept->tried_ms + w->give_up_ms;

	if (kept->tried_ms == 0)
		return INT64_MAX;
	if (stage_options.follow && j->deadline_ms < at_ms)
		return j->deadline_ms;
	return at_ms;
}

/* Whether it has been refused for as long as it may be. */
static bool
is_given_up(const struct sender *w, const struct job *j,
    const struct outgoing *kept)
{
	return kept->tried_ms != 0 &&
	    (j->late || now_ms() >= give_up_at(w, j, kept));
}

/* Again at due_ms, and not after it is given up: then it fails, and the next
 * one goes. */
static void
wait_until(struct stage *st, struct job *j, const struct outgoing *kept,
    int64_t due_ms)
{
	int64_t most_ms = give_up_at(stage_ctx(st), j, kept);

	stage_retry(st, j, due_ms < most_ms ? due_ms : most_ms);
}

/*
 * Whether the instance can send now and the recipient can take it; else the
 * job waits. 1, 0 or an ERR.
 */
static int
is_ready(struct stage *st, struct job *j, struct line *l,
    const struct outgoing *kept, bool *ret_probe)
{
	struct sender *w = stage_ctx(st);
	int64_t now = now_ms(), wait_ms, again_ms = 0;
	int code;

	/* One that had stopped before this process began is tried with one
	 * message, not with all that wait. */
	if (!l->recalled) {
		l->recalled = true;
		code = verdict_was_stopped(stage_store(st), l);
		if (code < 0)
			return code;
		l->stopped = code == 1;
	}
	if (l->until_ms > now || (l->stopped && l->probing)) {
		/* All at the same times, so that they can be called. */
		l->look_ms = (now / look_ms(w) + 1) * look_ms(w);
		if (l->until_ms > now && l->until_ms < l->look_ms)
			l->look_ms = l->until_ms;
		wait_until(st, j, kept, l->look_ms);
		return 0;
	}
	wait_ms = line_place(l, j->id);
	if (wait_ms > 0) {
		wait_until(st, j, kept, now + wait_ms);
		return 0;
	}
	code = outbox_pace(stage_store(st), j->key, now, w->pair_every_ms,
	    w->pair_burst, &again_ms);
	if (code == 0)
		wait_until(st, j, kept, again_ms);
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

/* Its content as it is sent; a dry run waits for no upload. 1, 0 if a medium
 * is not there yet, ERR_DATA if it never can be, or an ERR. */
static int
ready_content(struct stage *st, struct message *m)
{
	struct lookup l = { stage_store(st), m->instance };
	int code;

	if (m->content == NULL)
		return 1;
	if (!((struct sender *)stage_ctx(st))->dry)
		return send_resolve(m->content, media_id, &l);
	code = outbox_has_media(stage_store(st), m->content);
	return code < 0 ? code : 1;
}

static int
wait_for_media(struct stage *st, struct job *j, const struct message *m)
{
	struct sender *w = stage_ctx(st);
	struct media *known = NULL;
	int64_t again;
	int code = outbox_has_media(stage_store(st), m->content);

	/* Nobody could upload it, ever. */
	if (code < 0)
		return code == ERR_DATA ? failed(st, j, m, err_reason()) : code;
	code = media_get(stage_store(st), m->id, &known);
	/* wa-media has said that it never will be. */
	if (code == 0 && known->sha256 == NULL)
		code = failed(st, j, m, "media: could not be uploaded");
	else if (code == 0)
		code = ERR_NOINPUT;
	media_free(known);
	if (code != ERR_NOINPUT)
		return code;
	if (j->late || now_ms() - j->first_ms > w->give_up_ms)
		return failed(st, j, m, "media: was not uploaded in time");
	/* Nobody wakes us when it is there: look as often as has been waited,
	 * so that it waits at most once more as long. */
	again = now_ms() - j->first_ms;
	if (again < LOOK_LEAST_MS)
		again = LOOK_LEAST_MS;
	if (again > look_ms(w))
		again = look_ms(w);
	stage_retry(st, j, now_ms() + again);
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
		code = receipt_note(st, g, c);
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
	g.line = sender_line(w, c->instance);
	if (strcmp(m->kind, "interactive") == 0)
		g.options = outbox_options(w->conf, c->language);
	if ((code = forbidden(st, j, m, c, &g.kept, &reason)) < 0)
		return code;
	if (reason == NULL && (code = unwanted(st, m, &reason)) < 0)
		return code;
	if (reason == NULL &&
	    (code = is_pointless(st, j, m, &g.kept, &reason)) < 0)
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
	if (code == ERR_DATA)
		return failed(st, j, m, err_reason());
	if (code == 1)
		code = contact_address(stage_store(st), c->contact, &g.kind,
		    &g.address);
	if (code == ERR_NOINPUT) {
		return failed(st, j, m, "the customer has no address");
	} else if (code < 0) {
		return code;
	} else if (send_check_address(m, g.kind, g.address) < 0) {
		free(g.address);
		return failed(st, j, m, err_reason());
	}
	code = w->dry ? 1 : is_ready(st, j, g.line, &g.kept, &g.probe);
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
		return verdict_hold(st, j, m, "interrupted");
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

static int
begin(struct stage *st, struct job *j)
{
	return receipt_is(j->event) ? receipt_begin(st, j) :
				      begin_message(st, j);
}

static void
on_answer(void *arg, const struct http_result *r)
{
	struct sending *g = arg;
	const struct message *m = g->message;
	const json_t *medium = media_object(m->kind, m->content);
	struct send_attempt a = { m->id, m->attempt, g->kept.passing,
		json_str(medium != NULL ? medium : m->content, "id") != NULL };

	fault("wa-send.posted");
	send_judge(r, &a, &g->sender->patience, &g->outcome);
	stage_finish(g->stage, g->job);
}

/* A receipt that goes along with a message: whatever becomes of it. */
static void
on_nothing(void *arg, const struct http_result *r)
{
	(void)arg, (void)r;
}

int
sending_post(struct sending *g, json_t *body, http_done answer, void *arg)
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

/* What is posted. A text that does not say whether its link is shown follows
 * the settings. NULL: nothing is better than a part of it. */
static json_t *
request_of(const struct sending *g)
{
	struct message m = *g->message;
	bool preview = g->sender->preview && strcmp(m.kind, "text") == 0 &&
	    m.text != NULL &&
	    (strstr(m.text, "http://") != NULL ||
		strstr(m.text, "https://") != NULL) &&
	    json_at(m.content, "preview_url") == NULL &&
	    json_at(m.content, "text/preview_url") == NULL;
	json_t *body;

	if (preview)
		m.content = json_pack("{sb}", "preview_url", 1);
	body = send_request(&m, g->options, g->kind, g->address);
	if (preview)
		json_decref(m.content);
	return body;
}

/* By the settings as they are now; if they are broken, as they were. */
static void
look_up(struct stage *st, struct sending *g)
{
	struct sender *w = g->sender;
	struct conf *c = NULL;

	if (w->stale && settings_readable() == 0 && conf_open(&c) == 0) {
		conf_close(w->read);
		w->read = c;
	}
	w->stale = false;
	line_look_up(g->line, w->read != NULL ? w->read : w->conf,
	    stage_store(st), w->place);
}

static int
start(struct stage *st, struct job *j)
{
	struct sending *g = j->own;
	json_t *body;
	int code = 0;

	if (g->sender->dry) {
		g->outcome.verdict = SEND_ACCEPTED;
		send_dry_wamid(g->message->id, g->outcome.wamid);
		stage_finish(st, j);
		return 0;
	}
	/* The token may be a new one by now. */
	if (!g->line->looked || g->probe)
		look_up(st, g);
	if (g->message == NULL)
		return receipt_start(g);
	body = request_of(g);
	if (body == NULL) { /* nothing is better than a part of it */
		g->outcome.verdict = SEND_FAILED;
		snprintf(g->outcome.why, sizeof g->outcome.why, "%s",
		    err_reason());
		stage_finish(st, j);
		return 0;
	}
	if (g->line->url == NULL) {
		code = ERR_CONFIG;
		json_decref(body);
		snprintf(g->outcome.why, sizeof g->outcome.why, "%s",
		    g->line->why);
	} else {
		if (g->read_id[0] != '\0')
			sending_post(g, send_seen_request(g->read_wamid, false),
			    on_nothing, NULL);
		code = sending_post(g, body, on_answer, g);
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

/* The exact call, its token left out: a dry run's record. */
static int
tell_request(struct stage *st, const struct job *j, const struct sending *g)
{
	const struct message *m = g->message;
	char *section = xformat("instance %s", m->instance), *path;
	const char *number = NULL, *url = g->sender->place->url;
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
	json_put_new(data, "body", request_of(g));
	free(path);
	free(section);
	instance_free(i);
	return verdict_tell(st, j, m, "request.previewed", data);
}

/* It works again: what waits for that need not wait to look. */
static int
call_waiting(struct stage *st, const struct line *l)
{
	/* '0' is the character behind '/'. */
	struct query q = query(store_desk(stage_store(st)),
	    "UPDATE job SET due_ms = :now WHERE stage = 'wa-send'"
	    " AND due_ms = :look AND lease_until_ms IS NULL"
	    " AND key >= :name || '/' AND key < :name || '0'");

	bind_int(&q, ":now", now_ms());
	bind_int(&q, ":look", l->look_ms);
	bind_text(&q, ":name", l->name);
	step(&q);
	return done(&q);
}

/* It was taken: all is well, which is told now and then. */
static int
is_well(struct stage *st, const struct job *j, struct line *l)
{
	int code;

	l->down_ms = 0;
	if (l->told_ms != 0 && mono_ms() - l->told_ms < INSTANCE_SEEN_MS)
		return 0;
	code = verdict_instance(st, j, l, "connected", NULL);
	if (code == 0)
		code = instance_seen(stage_store(st), l->name, now_ms());
	if (code == 0)
		l->told_ms = mono_ms();
	return code;
}

/* The provider knows the customer by another number than was written to (it
 * changed, or is spelled another way): they will write from that one. */
static int
learn_number(struct stage *st, const struct job *j, const struct sending *g)
{
	struct alias phone = { "phone", g->outcome.wa_id };
	struct sighting seen = { .instance = g->message->instance,
		.aliases = &phone,
		.count = 1,
		.contact = g->message->contact,
		.at_ms = now_ms() };
	char id[SHORT_ID_BYTES];
	enum contact_news news;
	struct deeds made = { 0 };
	struct act act;
	int code;

	if (phone.value[0] == '\0' || strcmp(g->kind, "phone") != 0 ||
	    strcmp(phone.value, g->address) == 0)
		return 0;
	code = contact_see(stage_store(st), &seen, &made, id, &news);
	if (code == 0 && made.count > 0) {
		act_stage(&act, st, j->event, "system");
		code = deeds_announce(&act, &made);
		act_release(&act);
	}
	deeds_free(&made);
	return code;
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
	data = verdict_data(m);
	json_put(data, "status", "accepted");
	json_put_int(data, "attempt", m->attempt);
	if (g->kept.resent > 0)
		json_put_int(data, "resent", g->kept.resent);
	if (g->outcome.pending[0] != '\0')
		json_put(data, "message_status", g->outcome.pending);
	code = message_name(stage_store(st), m->id, g->outcome.wamid);
	if (code == 0)
		code = message_climb(stage_store(st), m->id, "accepted");
	if (code < 0) {
		json_decref(data);
		return code;
	}
	code = verdict_tell(st, j, m, "message.accepted", data);
	if (code == 0 && !g->sender->dry)
		code = verdict_template_works(st, j, m);
	if (code == 0)
		code = verdict_early(st, j, m);
	if (code == 0 && !g->sender->dry)
		code = learn_number(st, j, g);
	if (code == 0 && !g->sender->dry)
		code = is_well(st, j, l);
	if (code == 0 && l->stopped)
		code = call_waiting(st, l);
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
	int64_t due_ms, most_ms;
	int code = outbox_unmark(stage_store(st), g->message->id, o);

	if (code == 0)
		code = outbox_get(stage_store(st), g->message->id, &g->kept);
	if (code < 0)
		return code;
	most_ms = give_up_at(g->sender, j, &g->kept) - now_ms();
	if (most_ms < 0)
		most_ms = 0;
	due_ms = now_ms() + (o->wait_ms < most_ms ? o->wait_ms : most_ms);
	/* The number, too: the next one finds out how it is by then. */
	if (o->whole && due_ms > l->until_ms)
		l->until_ms = due_ms;
	l->downs = o->sent ? 0 : l->downs + 1;
	if (o->sent && l->stopped) { /* it is the account no more */
		l->stopped = false;
		code = is_well(st, j, l);
	}
	if (l->downs > 0)
		snprintf(l->why, sizeof l->why, "%s", o->why);
	stage_failed(st, "instance %s: %s: again in %lld ms", l->name, o->why,
	    (long long)(due_ms - now_ms()));
	if (l->downs == 0)
		l->down_ms = 0;
	else if (l->down_ms == 0)
		l->down_ms = mono_ms();
	else if (mono_ms() - l->down_ms >= DOWN_MS) {
		l->told_ms = 0;
		code = verdict_instance(st, j, l, "disconnected", NULL);
	}
	if (code >= 0)
		stage_retry(st, j, due_ms);
	return code < 0 ? code : 0;
}

/* Token, permission, payment: nothing of this instance goes out. */
static int
stop_instance(struct stage *st, struct job *j, struct sending *g)
{
	struct line *l = g->line;
	/* What the provider says of it: "a permission is missing" alone does
	 * not tell which. */
	const char *details = g->outcome.error.details;
	bool news = !l->stopped;
	int code = 0;

	snprintf(l->why, sizeof l->why, "%s", g->outcome.why);
	l->stopped = true;
	l->told_ms = 0;
	l->until_ms = now_ms() + g->sender->probe_ms;
	stage_failed(st, "instance %s: stopped: %s%s%s", l->name,
	    g->outcome.why, details[0] != '\0' ? ": " : "", details);
	code = verdict_instance(st, j, l, "error", &g->outcome);
	if (code == 0 && news)
		code = verdict_alert(st, j, l);
	if (code == 0)
		code = put_back(st, j, g, now_ms() + look_ms(g->sender));
	return code;
}

/*
 * Whoever answers for the provider does not know what it does, or nobody
 * answers what was sent: a whole queue must not go that way, message by
 * message. From now on one at a time tries.
 */
static int
brake(struct stage *st, struct job *j, struct sending *g)
{
	struct line *l = g->line;
	bool news = !l->stopped;
	int code;

	if (++l->unknowns < g->sender->unknown_most && news)
		return 0;
	l->until_ms = now_ms() + g->sender->probe_ms;
	if (!news)
		return 0;
	l->stopped = true;
	l->told_ms = 0;
	snprintf(l->why, sizeof l->why, OUTCOME_UNKNOWN "%.200s",
	    g->outcome.why);
	stage_failed(st,
	    "instance %s: %d outcomes in a row are not known: one "
	    "message at a time tries",
	    l->name, l->unknowns);
	code = verdict_instance(st, j, l, "disconnected", NULL);
	return code < 0 ? code : verdict_alert(st, j, l);
}

/* Held, or posted once more after a while that a status may settle it in. */
static int
unknown(struct stage *st, struct job *j, struct sending *g)
{
	const struct message *m = g->message;
	int code;

	if (!g->sender->resend) {
		stage_failed(st, "message %s: held: %s", m->id, g->outcome.why);
		return verdict_hold(st, j, m, g->outcome.why);
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
	bool known;
	int code = err_set(ERR_BUG, "an outcome of no kind");

	if (g->message == NULL)
		return receipt_finish(st, j, g);
	if (g->probe)
		g->line->probing = false;
	known = g->outcome.verdict != SEND_UNKNOWN &&
	    (g->outcome.verdict != SEND_AGAIN || g->outcome.sent);
	if (known)
		g->line->unknowns = 0;
	switch (g->outcome.verdict) {
	case SEND_ACCEPTED:
		code = accepted(st, j, g);
		break;
	case SEND_UNKNOWN:
		code = unknown(st, j, g);
		if (code >= 0)
			code = brake(st, j, g);
		break;
	case SEND_AGAIN:
		return try_again(st, j, g);
	case SEND_FAILED:
		stage_failed(st, "message %s: refused: %d %s", g->message->id,
		    g->outcome.error.code, g->outcome.why);
		code = verdict_fail(st, j, g->message,
		    g->outcome.error.http != 0 ? &g->outcome.error : NULL,
		    g->outcome.why);
		/* It is this message and not the account. */
		if (code == 0 && g->line->stopped && !g->sender->dry) {
			g->line->stopped = false;
			g->line->until_ms = 0;
			code = is_well(st, j, g->line);
		}
		break;
	case SEND_STOP:
		return stop_instance(st, j, g);
	}
	return code < 0 || g->kept.part == 0 ? code : go_on(st, j, g);
}

static bool
is_given_up_on(const struct line *l)
{
	return l->stopped || l->downs >= DOWN_TRIES;
}

/* Whether a job of an instance waits that is well, or not known yet: 1, 0. */
static int
has_hope(struct stage *st, struct sender *w)
{
	struct query q = query(store_desk(stage_store(st)),
	    "SELECT DISTINCT substr(k, 1, instr(k, '/') - 1) FROM (SELECT"
	    " iif(key GLOB 'read/*/*', substr(key, 6), key) AS k FROM job"
	    " WHERE stage = 'wa-send')");
	int hope = 0, code;

	while (step(&q))
		hope |= !is_given_up_on(sender_line(w, column_text(&q, 0)));
	code = done(&q);
	return code < 0 ? code : hope;
}

/*
 * The stdin form at the end of its input, and --once: nobody waits for better
 * days. What was read is in the store and stays queued.
 */
static void
give_up(struct stage *st, struct sender *w)
{
	struct line *l;

	for (l = w->lines; l != NULL; l = l->next)
		if (is_given_up_on(l))
			break;
	if (l == NULL || http_busy(w->http) > 0 || w->code < 0 ||
	    (stage_options.follow && has_hope(st, w) != 0))
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
	if (stage_options.follow ? stage_options.once && nfds == 2 : nfds == 1)
		give_up(st, w);
	return http_wait(w->http, fds, nfds, timeout_ms);
}

/* Held messages. */

/* Tell people of one held message, once. */
static int
escalate_held(struct store *s, const char *id)
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
		/* Its id is that of the event that queued it. */
		if (log_get(s, id, &cause) < 0)
			cause = NULL;
		act_program(&act, s, "wa-send", cause, "system");
		code = message_missed(&act, id, "delivery unknown");
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
	    "SELECT id FROM message WHERE direction = 'out'"
	    " AND status IN ('queued', 'sending', 'held')"
	    " AND status = 'held' AND attempt_ms <= :before"
	    " AND NOT EXISTS (SELECT 1 FROM mark"
	    "  WHERE key = 'held:' || message.id) LIMIT :max");
	char *ids[HELD_BATCH];
	size_t n = 0;
	int code;

	bind_int(&q, ":before", now_ms() - w->hold_ms);
	bind_int(&q, ":max", HELD_BATCH);
	while (step(&q) && n < HELD_BATCH)
		ids[n++] = column_copy(&q, 0);
	code = done(&q);
	for (size_t i = 0; i < n; i++) {
		if (code == 0)
			code = escalate_held(s, ids[i]);
		free(ids[i]);
	}
	return code;
}

static const char *const types[] = { "instance.changed", "instance.connecting",
	"instance.removed", "message.failed", "message.queued",
	"message.retried", "message.viewed", "presence.typing", "reply.started",
	NULL };

static struct stage_def def = {
	.name = "wa-send",
	.types = types,
	.join = desk_join,
	.import = desk_import,
	.lean = true,
	.from_start = true,
	.take = take,
	.begin = begin,
	.start = start,
	.finish = finish,
	.wait = wait_for,
	.drop = drop,
	.tick = tick,
	.reload_check = settings_readable,
};

/* Those of [wa]. */
static int
read_settings(struct sender *w, struct http_limits *limits)
{
	const struct {
		const char *key;
		int64_t *ret;
		bool number;
	} all[] = {
		{ "window", &w->window_ms, false },
		{ "hold", &w->hold_ms, false },
		{ "max_age", &def.max_age_ms, false },
		{ "timeout", &limits->total_ms, false },
		{ "resend", &w->resend_ms, false },
		{ "give_up", &w->give_up_ms, false },
		{ "probe", &w->probe_ms, false },
		{ "pair_every", &w->pair_every_ms, false },
		{ "pair_burst", &w->pair_burst, true },
		{ "typing_every", &w->typing_every_ms, false },
		{ "typing_most", &w->typing_most_ms, false },
		{ "retry", &w->patience.first_ms, false },
		{ "retry_most", &w->patience.most_ms, false },
		{ "pair_wait", &w->patience.pair_ms, false },
		{ "tries", &w->tries, true },
		{ "jitter", &w->jitter, true },
		{ "unknown_most", &w->unknown_most, true },
	};
	int code = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all && code == 0; i++)
		code = all[i].number ?
		    setting_int(w->conf, "wa", all[i].key, all[i].ret) :
		    setting_duration(w->conf, "wa", all[i].key, all[i].ret);
	w->patience.tries = (int)w->tries;
	w->patience.jitter = (int)w->jitter;
	w->resend =
	    strcmp(setting_text(w->conf, "wa", "unknown"), "resend") == 0;
	if (code == 0)
		code = setting_bool(w->conf, "wa", "link_preview", &w->preview);
	return code;
}

int
sender_run(const struct conf *c, const struct graph_options *place,
    int64_t hold_ms)
{
	struct sender w = { .conf = c, .place = place };
	struct http_limits limits = { 0 };
	struct line *next;
	int code = read_settings(&w, &limits);

	if (code < 0)
		return code;
	if (hold_ms >= 0)
		w.hold_ms = hold_ms;
	/* Some more are marked already, so that no place stands empty while
	 * the store is written to. */
	limits.max_flight =
	    stage_options.jobs < 10000 ? (int)stage_options.jobs : 10000;
	stage_options.jobs += stage_options.jobs / 2;
	code = http_new(&limits, &w.http);
	if (code < 0)
		return code;
	code = stage_run(&def, &w);
	http_free(w.http);
	conf_close(w.read);
	while (w.lines != NULL) {
		next = w.lines->next;
		line_free(w.lines);
		w.lines = next;
	}
	/* Why it gave up was said when it did. */
	return code == 0 && w.code < 0 ? SENDER_GAVE_UP : code;
}
