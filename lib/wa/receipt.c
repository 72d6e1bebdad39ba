/* receipt - part of sending.h: what the customer is told of reading and typing */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/conversation.h"
#include "desk/message.h"
#include "desk/typist.h"
#include "wa/sending.h"

#define AI_STAGE "ai-reply"

/* Whether it is about somebody of the desk who writes, and not the AI. */
static bool
is_person_typing(const struct event *e)
{
	return strcmp(e->type, "presence.typing") == 0 &&
	    str_starts(json_str_or(e->data, "actor", ""), "user:");
}

/* Whether the customer may see that something was read, or is written. */
static bool
is_receipt(struct sender *w, const struct event *e, const char *instance)
{
	struct line *l = sender_line(w, instance);

	if (w->dry)
		return false;
	if (strcmp(e->type, "message.viewed") == 0)
		return l->receipts == RECEIPTS_VIEW;
	if (is_person_typing(e))
		return l->typing_people && l->receipts != RECEIPTS_NEVER;
	return l->receipts == RECEIPTS_AI;
}

bool
receipt_is(const struct event *e)
{
	return strcmp(e->type, "reply.started") == 0 ||
	    strcmp(e->type, "message.viewed") == 0 ||
	    strcmp(e->type, "presence.typing") == 0;
}

/* A receipt is work of its own, so that no message waits for it. */
int
receipt_take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	const char *id = json_str(e->data, "conversation");
	struct conversation *c = NULL;
	int code;

	sender_look(stage_ctx(st), st);
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

int
receipt_note(struct stage *st, struct sending *g, const struct conversation *c)
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

/* Whether the AI is at work on a conversation: 1, 0 or an ERR. */
static int
is_answering(struct store *s, const char *conversation)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM job WHERE stage = '" AI_STAGE "' AND key = :key"
	    " AND attempt > 0 LIMIT 1");

	bind_text(&q, ":key", conversation);
	return any_row(&q);
}

/* Whether what began then still goes on: 1, 0 or an ERR. */
static int
is_at_work(struct store *s, const struct event *e)
{
	const char *id = json_str(e->data, "conversation");
	char *names;
	int found;

	if (!is_person_typing(e))
		return is_answering(s, id);
	names = typist_names(s, id, NULL, now_ms());
	found = *names != '\0';
	free(names);
	return found;
}

static bool
may_type(const struct sender *w, const struct line *l, const struct event *e)
{
	bool wanted = is_person_typing(e) ?
	    l->typing_people :
	    l->typing && strcmp(e->type, "reply.started") == 0;

	return wanted && now_ms() - e->time_ms < w->typing_most_ms;
}

/* Read receipt and typing. Where the instance does not send, there is none. */
int
receipt_begin(struct stage *st, struct job *j)
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
	g->line = sender_line(w, c->instance);
	if (may_type(w, g->line, j->event)) {
		code = is_at_work(s, j->event);
		g->typing = code == 1;
	}
	/* A person reads it when they look or answer, not by this. */
	if (code >= 0 && !g->typing && is_person_typing(j->event)) {
		conversation_free(c);
		return BEGIN_CLOSED;
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

static void
on_receipt(void *arg, const struct http_result *r)
{
	struct sending *g = arg;

	g->seen = r->class == HTTP_ANSWERED && r->status / 100 == 2;
	stage_finish(g->stage, g->job);
}

int
receipt_start(struct sending *g)
{
	if (g->line->url == NULL ||
	    sending_post(g, send_seen_request(g->read_wamid, g->typing),
		on_receipt, g) < 0)
		stage_finish(g->stage, g->job);
	return 0;
}

/* A receipt is tried twice at most; typing shows again while it goes on. */
int
receipt_finish(struct stage *st, struct job *j, struct sending *g)
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
	code = is_at_work(stage_store(st), j->event);
	if (code == 1)
		stage_retry(st, j, now_ms() + g->sender->typing_every_ms);
	return code < 0 ? code : 0;
}
