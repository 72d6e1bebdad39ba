/* reply - the stage that answers: question, passages, answer, or a person */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ai/answer.h"
#include "ai/personal.h"
#include "ai/quirk.h"
#include "ai/reply.h"
#include "ai/why.h"
#include "base/err.h"
#include "base/language.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/message.h"
#include "desk/note.h"
#include "desk/settings.h"
#include "desk/speech.h"
#include "store/stage.h"
#include "wa/survey.h"

#define MAX_AGE_MS 3600000
#define ATTEMPTS_MAX 3
#define BACKOFF_MS 500 /* doubled at each attempt, at most BACKOFF_MAX_MS */
#define BACKOFF_MAX_MS 5000
#define RETRY_AFTER_MAX_MS 30000
#define ERROR_MAX_BYTES 200
#define NOTE_QUESTION_MAX_BYTES 500
#define NOTE_DRAFT_MAX_BYTES 2000
/* Of a model's reason that is told in events; a longer one is a story. */
#define REASON_MAX_BYTES 80
#define HANDED "the model handed over"
/* How often words of a voice note are looked for; the service is told. */
#define HEARD_MS (stage_options.follow ? 5000 : 200)

/* When an answer was begun: a job that is tried again has no more time. */
struct begun {
	int64_t job, at_ms; /* monotonic */
};

struct context {
	const struct conf *conf;
	const struct pool_options *pool_options;
	struct pool *pool;   /* made at the first call of a model */
	struct zone *zone;   /* of the desk: days of limits begin by it */
	struct spend *spend; /* made with the first answer */
	struct begun *begun;
	size_t nbegun;
};

/* One question on its way. */
struct work {
	struct stage *stage;
	struct job *job;
	char conversation[SHORT_ID_BYTES];
	char *instance, *contact;
	int64_t owner_rev;
	int64_t turns;	   /* of what was said before that are looked at */
	int64_t said;	   /* answers of the AI since it was opened */
	size_t unheard;	   /* voice notes of the question without words */
	int64_t spoken_ms; /* when the last came whose words may come yet */
	struct answer answer;
};

static void
work_free(void *own)
{
	struct work *w = own;

	if (w == NULL)
		return;
	free(w->instance);
	free(w->contact);
	answer_release(&w->answer);
	free(w);
}

/* The set-up that answers, or would have; NULL: none was opened. */
static const struct profile *
profile_of(const struct work *w)
{
	return w->answer.nchain > 0 ? &w->answer.chain[w->answer.by].profile :
				      NULL;
}

/* --- times --- */

static int64_t
deadline_of(struct context *ctx, const struct work *w, int64_t job)
{
	int64_t now = mono_ms(), at = now;
	size_t i;

	for (i = 0; i < ctx->nbegun; i++)
		if (ctx->begun[i].job == job)
			at = ctx->begun[i].at_ms;
	if (at == now) {
		ctx->begun = xrealloc(ctx->begun,
		    (ctx->nbegun + 1) * sizeof(*ctx->begun));
		ctx->begun[ctx->nbegun].job = job;
		ctx->begun[ctx->nbegun++].at_ms = now;
	}
	return at + w->answer.chain[0].profile.deadline_ms;
}

static void
forget_begun(struct context *ctx, int64_t job)
{
	size_t i;

	for (i = 0; i < ctx->nbegun; i++)
		if (ctx->begun[i].job == job)
			ctx->begun[i--] = ctx->begun[--ctx->nbegun];
}

/* Longer each time. */
static int64_t
backoff_ms(int attempt)
{
	int64_t wait = (int64_t)BACKOFF_MS << (attempt < 8 ? attempt : 8);

	return wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS;
}

/* Wait and ask again: as told if told. */
static int64_t
again_in(const struct work *w, int attempt)
{
	int64_t wait = backoff_ms(attempt);

	if (w->answer.retry_ms > wait)
		wait = w->answer.retry_ms < RETRY_AFTER_MAX_MS ?
		    w->answer.retry_ms :
		    RETRY_AFTER_MAX_MS;
	return wait;
}

/* --- the stage --- */

/* Whether somebody waits there for whom nothing is under way: 1, 0 or an ERR. */
static int
is_waiting(struct store *s, const struct conversation *c)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM job WHERE stage = 'ai-reply' AND key = :id"
	    " AND lease_until_ms IS NULL");
	int found, code;

	bind_text(&q, ":id", c->id);
	found = step(&q);
	code = done(&q);
	return code < 0 ? code : !found && c->waiting_ms != 0;
}

/* A person gave it back to the AI. What the customer wrote last may have been
 * declined while the person had it. */
static int
take_released(struct stage *st, const struct conversation *c,
    struct job_wish *ret)
{
	struct store *s = stage_store(st);
	int code = message_allowed(s, c, "ai", 0);

	if (code == 0)
		code = is_waiting(s, c);
	if (code != 1)
		return code == ERR_NO ? 0 : code;
	ret->key = xstrdup(c->id);
	ret->merge = true;
	return 1;
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	struct context *ctx = stage_ctx(st);
	const char *conversation = event_subject(e, "conversation"),
		   *kind = json_str_or(e->data, "kind", "text");
	struct conversation *c = NULL;
	char *section;
	int code;

	if (conversation == NULL || !json_bool_or(e->data, "ai", true))
		return 0;
	/* It may have become one with another since. */
	code = conversation_get(stage_store(st), conversation, &c);
	if (code < 0 && code != ERR_NOINPUT)
		return code;
	if (c != NULL && strcmp(e->type, "conversation.released") == 0) {
		code = take_released(st, c, ret);
		conversation_free(c);
		return code;
	}
	if (strcmp(e->type, "message.routed") != 0) {
		code = stage_hurry(st, c != NULL ? c->id : conversation);
		conversation_free(c);
		return code;
	}
	ret->key = xstrdup(c != NULL ? c->id : conversation);
	conversation_free(c);
	ret->merge = true;
	section =
	    xformat("instance %s", json_str_or(e->data, "instance", "default"));
	code = setting_duration(ctx->conf, section, "quiet", &ret->quiet_ms);
	if (code == 0)
		code = setting_duration(ctx->conf, section, "quiet_max",
		    &ret->quiet_max_ms);
	free(section);
	/* A tap on a button is a whole sentence: nothing more will come. */
	if (strcmp(kind, "interactive") == 0 || strcmp(kind, "button") == 0)
		ret->quiet_ms = 0;
	return code < 0 ? code : 1;
}

static int
decline(struct act *a, const struct work *w, const char *reason)
{
	const struct profile *p = profile_of(w);
	char subject[32], event[ULID_BYTES];
	json_t *data = json_object();
	int code;

	json_put(data, "conversation", w->conversation);
	json_put(data, "instance", w->instance);
	json_put(data, "reason", reason);
	json_put(data, "provider", p != NULL ? p->provider : NULL);
	json_put(data, "profile", p != NULL ? p->name : NULL);
	if (w->answer.sources != NULL)
		json_object_set(data, "sources", w->answer.sources);
	act_next_id(a, "reply.declined", event);
	code = act_emit(a, "reply.declined",
	    conversation_subject(w->conversation, subject), data, NULL);
	/* What was looked up, or asked of a model, is kept for --why. */
	if (code == 0 && w->answer.nchain > 0 && w->answer.started_ms > 0 &&
	    w->answer.outcome != ANSWER_CHAT)
		code = why_keep(a->store, &w->answer, event, a->cause);
	return code;
}

/* It may not answer: err says why. What nobody would answer then, as people talk
 * to the customer in another conversation, is theirs, too. */
static int
step_aside(struct act *a, const struct work *w)
{
	const char *reason = err_reason();
	bool elsewhere = strcmp(reason, "elsewhere") == 0;
	int code = decline(a, w, reason);

	if (code < 0 || !elsewhere)
		return code;
	return conversation_escalate(a, w->conversation,
	    "people talk to the customer in another conversation");
}

/* What the person who takes it should know: the model's words, or ours. */
static char *
note_text(const struct work *w, const char *reason)
{
	const struct answer *r = &w->answer;
	struct buf b = BUF_INIT(0);
	const char *title;
	json_t *source;
	size_t i, shown = 0;

	buf_addf(&b, "AI: handed over: %s.", reason);
	if (r->summary != NULL)
		buf_addf(&b, "\n%s", r->summary);
	else if (r->question != NULL && *r->question != '\0')
		buf_addf(&b, "\nAsked: %.*s",
		    (int)utf8_cut(r->question, strlen(r->question),
			NOTE_QUESTION_MAX_BYTES),
		    r->question);
	json_array_foreach(r->sources, i, source) {
		title = json_str(source, "section");
		if (title == NULL || *title == '\0')
			title = json_str(source, "title");
		if (title != NULL && shown < 3)
			buf_addf(&b, "%s%s",
			    shown++ == 0 ? "\nLooked at: " : "; ", title);
	}
	if (r->failed != NULL)
		buf_addf(&b, "\nTools that failed: %s", r->failed);
	if (r->language != NULL && strcmp(r->language, "und") != 0 &&
	    (r->summary == NULL || strstr(r->summary, "Language: ") == NULL))
		buf_addf(&b, "\nLanguage: %s", r->language);
	if (r->chat == SMALLTALK_ANGRY)
		buf_adds(&b, "\nMood: angry");
	if (r->held != NULL)
		buf_addf(&b, "\nNot sent, and checked by nobody (%s):\n%.*s",
		    r->held_why,
		    (int)utf8_cut(r->held, strlen(r->held),
			NOTE_DRAFT_MAX_BYTES),
		    r->held);
	return buf_detach(&b);
}

/* As told in events, which have nothing personal in them: a model's reason if
 * it is a few words that name nobody. */
static const char *
reason_told(struct store *s, const struct work *w, const char *reason)
{
	char *name;
	const char *names[2] = { NULL, NULL };
	json_t *found;
	bool fits;

	if (!w->answer.handed)
		return reason;
	if (strlen(reason) > REASON_MAX_BYTES || strchr(reason, '\n') != NULL)
		return HANDED;
	names[0] = name = contact_name(s, w->contact);
	found = personal_find(reason, names);
	fits = json_array_size(found) == 0;
	json_decref(found);
	free(name);
	return fits ? reason : HANDED;
}

/* The customer is told, and a person is asked and told what it is about. */
static int
hand_over(struct act *a, const struct conf *conf, const struct work *w,
    const char *reply, const char *reason)
{
	const char *text = reply_text(conf, reply, w->answer.language);
	struct message_out m = { .conversation = w->conversation,
		.author = "system",
		.kind = "text",
		.text = text };
	char *note = note_text(w, reason);
	int code = conversation_escalate(a, w->conversation,
	    reason_told(a->store, w, reason));

	if (code == 0)
		code = note_add(a, w->conversation, note);
	if (code == 0 && text != NULL && *text != '\0')
		code = message_queue(a, &m, NULL);
	free(note);
	return code == ERR_NO ? 0 : code;
}

/* The message of a job that came of one, if it is still of the conversation:
 * most jobs did, and need no look into the log. Returns 1, 0 or an ERR. */
static int
lone_id(struct stage *st, const struct job *j, const char *conversation,
    const char **ret)
{
	const char *message = json_str(j->event->data, "message");
	struct query q;

	if (strcmp(j->cause, j->last) != 0 ||
	    strcmp(j->event->type, "message.routed") != 0 || message == NULL)
		return 0;
	q = query(store_desk(stage_store(st)),
	    "SELECT 1 FROM message WHERE id = :message"
	    " AND conversation = :conversation");
	bind_text(&q, ":message", message);
	bind_text(&q, ":conversation", conversation);
	*ret = message;
	return any_row(&q);
}

/* The ids of the messages this job answers: those routed from its first
 * cause to its last; where a person gave the conversation back, from the first
 * that nobody has answered. */
static int
burst_ids(struct stage *st, const struct job *j, const char *conversation,
    char (**ret)[ULID_BYTES], size_t *ret_count)
{
	char(*ids)[ULID_BYTES] = NULL;
	const char *message;
	size_t n = 0;
	struct query q;
	int code = lone_id(st, j, conversation, &message);

	if (code < 0)
		return code;
	if (code == 1) {
		ids = xmalloc(sizeof(*ids));
		snprintf(ids[0], ULID_BYTES, "%s", message);
		*ret = ids;
		*ret_count = 1;
		return 0;
	}
	/* Part of it may have come before two conversations became one, and
	 * part of it be another person's since. */
	q = query(store_desk(stage_store(st)),
	    CONVERSATION_ABOUT_SQL
	    "SELECT data ->> 'message' FROM about"
	    " WHERE type = 'message.routed'"
	    " AND seq BETWEEN coalesce((SELECT min(o.seq) FROM event f"
	    "  CROSS JOIN conversation c ON c.id = :id"
	    "  CROSS JOIN message m ON m.conversation = c.id"
	    "   AND m.direction = 'in' AND (m.wa_ms >= c.waiting_ms"
	    "    OR m.stored_ms >= c.waiting_ms)"
	    "  CROSS JOIN about o ON o.type = 'message.routed'"
	    "   AND o.data ->> 'message' = m.id"
	    "  WHERE f.id = :first AND f.type = 'conversation.released'),"
	    "  (SELECT seq FROM event WHERE id = :first))"
	    " AND (SELECT seq FROM event WHERE id = :last) ORDER BY seq");
	bind_text(&q, ":id", conversation);
	bind_text(&q, ":first", j->cause);
	bind_text(&q, ":last", j->last);
	while (step(&q)) {
		if (column_null(&q, 0))
			continue;
		ids = xrealloc(ids, (n + 1) * sizeof(*ids));
		snprintf(ids[n++], ULID_BYTES, "%s", column_text(&q, 0));
	}
	code = done(&q);
	if (code < 0) {
		free(ids);
		return code;
	}
	*ret = ids;
	*ret_count = n;
	return 0;
}

/* Part turns into the question and what was said before it. */
static void
gather(struct work *w, struct turn *turns, size_t n, char (*ids)[ULID_BYTES],
    size_t nids)
{
	struct buf question = BUF_INIT(0);
	size_t i, k, kept = 0, stand = 0;
	bool asked;

	for (i = 0; i < n; i++) {
		asked = false;
		for (k = 0; k < nids && !asked; k++)
			asked = strcmp(turns[i].id, ids[k]) == 0;
		if (!asked) {
			struct turn swap = turns[kept];

			turns[kept++] = turns[i];
			turns[i] = swap;
			continue;
		}
		if (turns[i].revoked)
			continue;
		stand++;
		if (turns[i].text == NULL) {
			w->unheard += speech_kind(turns[i].kind);
			continue;
		}
		if (question.len > 0)
			buf_addc(&question, '\n');
		buf_adds(&question, turns[i].text);
	}
	w->answer.question = buf_detach(&question);
	w->answer.taken_back = kept < n && stand == 0;
	/* The asked ones are behind `kept` now; end them. */
	for (i = kept; i < n; i++) {
		free(turns[i].direction);
		free(turns[i].kind);
		free(turns[i].author);
		free(turns[i].status);
		free(turns[i].text);
		json_decref(turns[i].content);
	}
	w->answer.turns = turns;
	w->answer.nturns = kept;
}

/* When the last of ids came whose words may come yet; 0: none. */
static int
find_spoken(struct stage *st, char (*ids)[ULID_BYTES], size_t n, int64_t *ret)
{
	int64_t at_ms;
	size_t i;
	int code = 0;

	for (i = 0; i < n && code >= 0; i++) {
		code = speech_pending(stage_store(st), ids[i], &at_ms);
		if (code == 1 && at_ms > *ret)
			*ret = at_ms;
	}
	return code < 0 ? code : 0;
}

static int
read_question(struct stage *st, struct job *j, struct work *w)
{
	char(*ids)[ULID_BYTES] = NULL;
	struct turn *turns = NULL;
	size_t nids = 0, n = 0;
	int code = burst_ids(st, j, w->conversation, &ids, &nids);

	if (code == 0)
		code = conversation_turns(stage_store(st), w->conversation,
		    (int)(w->turns + (int64_t)nids), true,
		    nids > 0 ? ids[nids - 1] : NULL, &turns, &n);
	if (code == 0)
		gather(w, turns, n, ids, nids);
	if (code == 0 && w->unheard > 0)
		code = find_spoken(st, ids, nids, &w->spoken_ms);
	free(ids);
	return code;
}

static struct work *
work_new(struct stage *st, struct job *j, const struct conversation *c)
{
	struct context *ctx = stage_ctx(st);
	struct work *w = xcalloc(1, sizeof(*w));
	const char *language = json_str(j->event->data, "language");

	w->stage = st;
	w->job = j;
	memcpy(w->conversation, c->id, sizeof(w->conversation));
	w->instance = xstrdup(c->instance);
	w->contact = xstrdup(c->contact);
	w->owner_rev = c->owner_rev;
	if (language == NULL || strcmp(language, "und") == 0)
		language = c->language;
	w->answer.language = xstrdup(language);
	w->answer.conf = ctx->conf;
	w->answer.store = stage_store(st);
	if (ctx->spend == NULL)
		ctx->spend = spend_new(stage_store(st), ctx->zone, false);
	w->answer.spend = ctx->spend;
	w->answer.job = j->id;
	w->answer.customer = w->contact;
	w->answer.pool = &ctx->pool;
	w->answer.pool_options = ctx->pool_options;
	return w;
}

/* The set-up of the instance: outside of its hours perhaps another one. */
static int
instance_profile(const struct conf *conf, const char *instance, int64_t at_ms,
    const char **ret)
{
	char *section = xformat("instance %s", instance);
	const char *closed = setting_text(conf, section, "profile_closed"),
		   *hours = setting_text(conf, section, "hours");
	int open = closed != NULL && hours != NULL ?
	    hours_open(conf, hours, at_ms) :
	    1;

	*ret = open ? setting_text(conf, section, "profile") : closed;
	free(section);
	return open < 0 ? open : 0;
}

/* Who answers: as the message was routed, else as a rule or a person chose for
 * the conversation, else as the instance says. */
static int
choose_chain(struct context *ctx, struct work *w, const struct event *e,
    const struct conversation *c)
{
	const char *name = json_str(e->data, "profile");
	int code = 0;

	if (name == NULL)
		name = c->profile;
	if (name == NULL)
		code =
		    instance_profile(ctx->conf, c->instance, e->time_ms, &name);
	if (code == 0)
		code = answer_chain(&w->answer, name);
	return code;
}

/* For whoever shows the customer that an answer is being written. */
static int
tell_started(struct act *a, const struct conversation *c)
{
	json_t *data = json_object();
	char subject[32];

	json_put(data, "conversation", c->id);
	json_put(data, "contact", c->contact);
	json_put(data, "instance", c->instance);
	return act_emit(a, "reply.started",
	    conversation_subject(c->id, subject), data, NULL);
}

/* --- limits --- */

/* How often the AI has answered since the conversation was opened. */
static int
count_said(struct store *s, const struct conversation *c, int64_t *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*) FROM message WHERE conversation = :id"
	    " AND author = 'ai' AND stored_ms >= :opened"
	    " AND status NOT IN ('cancelled', 'failed')");

	bind_text(&q, ":id", c->id);
	bind_int(&q, ":opened", c->reopened_ms);
	*ret = step(&q) ? column_int(&q, 0) : 0;
	return done(&q);
}

static int
tell_limit(struct act *a, const struct profile *p, const char *why)
{
	json_t *data = json_object();

	json_put(data, "what", "ai_limit");
	json_put(data, "severity", "warning");
	json_put(data, "about", p->name);
	json_put(data, "reason", why);
	return act_emit(a, "health.alert", NULL, data, NULL);
}

/* Who was passed over for a limit: people are told, once in its period. */
static int
tell_limits(struct act *a, struct work *w)
{
	const struct answer_profile *p;
	size_t i;
	int code = 0;

	for (i = 0; i < w->answer.nchain && code == 0; i++) {
		p = &w->answer.chain[i];
		if (!p->spent)
			continue;
		code = spend_tell(w->answer.spend, &p->profile, &p->hold);
		if (code == 1)
			code = tell_limit(a, &p->profile, p->spent_why);
	}
	return code;
}

/* What was learnt of the models. */
static int
keep_quirks(struct store *s, const struct work *w)
{
	const struct answer_profile *p;
	size_t i;
	int code = 0;

	for (i = 0; i < w->answer.nchain && code == 0; i++) {
		p = &w->answer.chain[i];
		if (p->quirks_new)
			code = quirk_put(s, p->profile.url, p->profile.model,
			    &p->quirks);
	}
	return code;
}

/* --- voice notes --- */

/* Put it off while somebody listens to what was said: 1; 0: go on; or an
 * ERR. */
static int
wait_for_words(struct stage *st, struct job *j, const struct work *w)
{
	const struct conf *conf = w->answer.conf;
	int64_t by_ms = w->spoken_ms, now = now_ms(), deadline_ms;
	int code;

	/* Nobody writes into a dry run's copy of the store. */
	if (w->spoken_ms == 0 || stage_is_dry(st) || !speech_wanted(conf))
		return 0;
	code = setting_duration(conf, "transcribe", "deadline", &deadline_ms);
	if (code < 0)
		return code;
	/* Both were down: then it counts from when work on it began. */
	if (stage_options.follow && j->first_ms > by_ms)
		by_ms = j->first_ms;
	by_ms += deadline_ms;
	if (now >= by_ms)
		return 0;
	stage_wait(st, j, now + HEARD_MS < by_ms ? now + HEARD_MS : by_ms);
	return 1;
}

/* Nothing that was said is passed over: what was not heard is for a person. */
static void
mind_unheard(struct work *w)
{
	struct answer *r = &w->answer;

	if (w->unheard == 0 || !speech_wanted(r->conf))
		return;
	switch (r->outcome) {
	case ANSWER_SAID:
		r->in_part = true;
		break;
	case ANSWER_ASKED:
	case ANSWER_CHAT:
	case ANSWER_RESOLVED:
	case ANSWER_UNREADABLE:
		r->outcome = ANSWER_UNREADABLE;
		r->reply = "unheard";
		free(r->reason);
		r->reason = xstrdup("a voice note that was not heard");
		break;
	case ANSWER_NONE:
	case ANSWER_FAILED:
	case ANSWER_AGAIN:
	case ANSWER_TAKEN_BACK:
		break;
	}
}

/* --- an answer --- */

/* What ends it before anything is looked up: BEGIN_CLOSED; else BEGIN_START,
 * or an ERR. */
static int
begin_work(struct stage *st, struct job *j, struct work *w, struct act *a,
    const struct conversation *c)
{
	struct context *ctx = stage_ctx(st);
	int code = message_allowed(stage_store(st), c, "ai", 0);

	if (code == ERR_NO) {
		code = step_aside(a, w);
		return code < 0 ? code : BEGIN_CLOSED;
	}
	if (code < 0)
		return code;
	if (j->late) {
		code = decline(a, w, "too old");
		if (code == 0)
			code = hand_over(a, ctx->conf, w, "holding",
			    "not answered in time");
		return code < 0 ? code : BEGIN_CLOSED;
	}
	if (choose_chain(ctx, w, j->event, c) < 0) {
		stage_failed(st, "%s", err_reason());
		code = decline(a, w, "the profile cannot be used");
		if (code == 0)
			code = hand_over(a, ctx->conf, w, "failed",
			    "the AI's profile cannot be used");
		return code < 0 ? code : BEGIN_CLOSED;
	}
	w->turns = w->answer.chain[0].profile.turns;
	code = read_question(st, j, w);
	/* Somebody wants it so: no fault, and announced as none. */
	if (code == 0 && !w->answer.taken_back &&
	    !w->answer.chain[0].profile.enabled) {
		code = decline(a, w, "the set-up is switched off");
		if (code == 0)
			code = hand_over(a, ctx->conf, w, "holding",
			    "the set-up is switched off");
		return code < 0 ? code : BEGIN_CLOSED;
	}
	if (code == 0)
		code = wait_for_words(st, j, w);
	if (code != 0)
		return code < 0 ? code : BEGIN_START;
	code = count_said(stage_store(st), c, &w->said);
	if (code == 0 && !w->answer.taken_back &&
	    w->said >= w->answer.chain[0].profile.max_turns) {
		code = decline(a, w, "it has answered often enough");
		if (code == 0)
			code = hand_over(a, ctx->conf, w, "holding",
			    "the AI has answered often enough");
		return code < 0 ? code : BEGIN_CLOSED;
	}
	w->answer.deadline_ms = deadline_of(ctx, w, j->id);
	w->answer.last_try = j->attempt >= ATTEMPTS_MAX;
	w->answer.backoff_ms = backoff_ms(j->attempt);
	if (code == 0 && j->attempt == 1)
		code = tell_started(a, c);
	return code < 0 ? code : BEGIN_START;
}

static int
begin(struct stage *st, struct job *j)
{
	struct conversation *c = NULL;
	struct work *w;
	struct act a;
	int code;

	code = conversation_get(stage_store(st),
	    event_subject(j->event, "conversation"), &c);
	if (code < 0)
		return code;
	j->own = w = work_new(st, j, c);
	act_stage(&a, st, j->event, "ai");
	code = begin_work(st, j, w, &a, c);
	conversation_free(c);
	return code;
}

static void
on_done(void *arg)
{
	struct work *w = arg;

	stage_finish(w->stage, w->job);
}

static int
start(struct stage *st, struct job *j)
{
	struct work *w = j->own;

	w->answer.conversation = w->conversation;
	w->answer.cause = j->cause;
	w->answer.last = j->event->id;
	w->answer.done = on_done;
	w->answer.arg = w;
	/* Not in the transaction that began it: others wait to write. */
	if (answer_keys(&w->answer, "ai-reply") < 0)
		stage_failed(st, "%s", err_reason());
	if (answer_start(&w->answer) == 0)
		stage_finish(st, j);
	return 0;
}

/* What to say to small talk; NULL or "": nothing. */
static const char *
chat_text(const struct conf *conf, enum smalltalk kind, const char *language)
{
	const char *name = smalltalk_reply(kind);

	return name != NULL ? reply_text(conf, name, language) : NULL;
}

/* Back to small talk: no answer, so no draft; nothing to look up. */
static int
chat_back(struct act *a, const struct conf *conf, const struct work *w)
{
	const char *text = chat_text(conf, w->answer.chat, w->answer.language);
	struct message_out m = { .conversation = w->conversation,
		.author = "ai",
		.kind = "text",
		.text = text,
		.owner_rev = w->owner_rev };

	if (text == NULL || *text == '\0')
		return decline(a, w, "small talk");
	return message_queue(a, &m, NULL);
}

/* The answer, and the first time how a person is reached. The caller frees. */
static char *
said_text(const struct conf *conf, const struct work *w)
{
	const char *human =
	    w->said == 0 ? reply_text(conf, "human", w->answer.language) : NULL;

	return human != NULL && *human != '\0' ?
	    xformat("%s\n\n%s", w->answer.text, human) :
	    xstrdup(w->answer.text);
}

/* With the answer goes that a person sees to the rest: the AI may not speak any
 * more then, for people own it. */
static int
draft_in_part(struct act *a, const struct conf *conf, const struct work *w,
    char message[ULID_BYTES])
{
	const char *rest = reply_text(conf, "rest", w->answer.language);
	char *both = rest != NULL && *rest != '\0' ?
	    xformat("%s\n\n%s", w->answer.text, rest) :
	    xstrdup(w->answer.text);
	struct message_out m = { .conversation = w->conversation,
		.author = "system",
		.kind = "text",
		.text = both };
	char *note = note_text(w, "part of it is not answered");
	int code = decline(a, w, "part of it is not answered");

	if (code == 0)
		code = conversation_escalate(a, w->conversation,
		    "part of it is not answered");
	if (code == 0)
		code = note_add(a, w->conversation, note);
	if (code == 0)
		code = message_queue(a, &m, message);
	free(both);
	free(note);
	return code;
}

/* Nothing is left to do: resolved, and how was it? */
static int
conclude(struct act *a, const struct conf *conf, const struct work *w)
{
	int code = conversation_resolve(a, w->conversation);

	if (code == 0)
		code = survey_ask(a, conf, w->conversation, false);
	return code < 0 ? code : 0;
}

static int
draft(struct act *a, const struct conf *conf, const struct work *w,
    const struct conversation *c)
{
	struct message_out m = { .conversation = w->conversation,
		.author = "ai",
		.kind = "text",
		.owner_rev = w->owner_rev };
	char message[ULID_BYTES], *text;
	int code;

	act_next_id(a, "message.queued", message);
	code = why_drafted(a, &w->answer, c, message);
	if (code == 0 && w->answer.in_part)
		code = draft_in_part(a, conf, w, message);
	else if (code == 0) {
		text = said_text(conf, w);
		m.text = text;
		code = message_queue(a, &m, message);
		free(text);
	}
	if (code == 0)
		code = why_keep(a->store, &w->answer, message, a->cause);
	if (code == 0 && w->answer.outcome == ANSWER_RESOLVED)
		code = conclude(a, conf, w);
	return code;
}

/* Nothing is left to do, and the model has no words for it: ours. */
static int
part(struct act *a, const struct conf *conf, struct work *w,
    const struct conversation *c)
{
	if (w->answer.text == NULL)
		w->answer.text =
		    xstrdup(reply_text(conf, "thanks", w->answer.language));
	if (w->answer.text == NULL || *w->answer.text == '\0')
		return conclude(a, conf, w);
	return draft(a, conf, w, c);
}

/* Whether what was asked is still as it was read: 1; or the customer has
 * changed some of it since, or, *ret_gone, taken all of it back: 0. */
static int
is_as_asked(struct stage *st, struct job *j, const struct work *w,
    bool *ret_gone)
{
	struct work *now = xcalloc(1, sizeof(*now));
	int code;

	memcpy(now->conversation, w->conversation, sizeof(now->conversation));
	now->turns = w->turns;
	code = read_question(st, j, now);
	if (code == 0) {
		*ret_gone = now->answer.taken_back;
		code = strcmp(now->answer.question, w->answer.question) == 0;
	}
	work_free(now);
	return code;
}

/* No answer: people are asked. */
static int
give_up(struct act *a, const struct conf *conf, const struct work *w)
{
	const struct answer *r = &w->answer;
	const char *reply = "failed", *reason = "the AI provider failed";
	int code = decline(a, w, r->reason);

	if (r->outcome == ANSWER_NONE) {
		reply = "no_answer";
		/* What was held, and what a model wanted, is told as that. */
		reason = r->reason;
		if (profile_of(w)->kind == PROVIDER_EXTRACTIVE)
			reason = r->by > 0 ? "the AI provider failed, and the "
					     "documents have no answer" :
					     "no answer in the documents";
		if (r->handed && r->its_reason != NULL) {
			reply = "holding";
			reason = r->its_reason;
		}
	} else if (r->outcome == ANSWER_UNREADABLE) {
		reply = "unsupported";
		reason = "a message without text";
	}
	if (r->reply != NULL) {
		reply = r->reply;
		reason = r->reason;
	}
	return code < 0 ? code : hand_over(a, conf, w, reply, reason);
}

/* Put what came of it into the conversation, which the AI owns still. */
static int
put_outcome(struct act *a, const struct conf *conf, struct work *w,
    const struct conversation *c)
{
	switch (w->answer.outcome) {
	case ANSWER_SAID:
	case ANSWER_ASKED:
		return draft(a, conf, w, c);
	case ANSWER_RESOLVED:
		return part(a, conf, w, c);
	case ANSWER_CHAT:
		return chat_back(a, conf, w);
	case ANSWER_TAKEN_BACK:
		return decline(a, w, w->answer.reason);
	case ANSWER_NONE:
	case ANSWER_FAILED:
	case ANSWER_AGAIN:
	case ANSWER_UNREADABLE:
		break;
	}
	return give_up(a, conf, w);
}

/* The job may go on with what has changed meanwhile: 1, it is put off. */
static int
look_again(struct stage *st, struct job *j, struct work *w,
    const struct conversation *c)
{
	bool gone = false;
	int code;

	/* It goes on in another one, with more in it than was read. */
	if (strcmp(c->id, w->conversation) != 0 &&
	    message_allowed(stage_store(st), c, "ai", 0) == 0) {
		stage_retry(st, j, now_ms());
		return 1;
	}
	/* A model takes its time: what was taken back meanwhile gets no answer,
	 * and what reads otherwise now is asked anew. */
	code = is_as_asked(st, j, w, &gone);
	if (code == 0 && !gone) {
		stage_retry(st, j, now_ms());
		return 1;
	}
	if (code >= 0 && gone && w->answer.outcome != ANSWER_TAKEN_BACK) {
		w->answer.outcome = ANSWER_TAKEN_BACK;
		free(w->answer.reason);
		w->answer.reason = xstrdup("taken back");
	}
	return code < 0 ? code : 0;
}

static int
finish(struct stage *st, struct job *j)
{
	struct context *ctx = stage_ctx(st);
	struct work *w = j->own;
	struct conversation *c = NULL;
	struct act a;
	int code;

	act_stage(&a, st, j->event, "ai");
	code = answer_settle(&w->answer);
	if (code == 0)
		code = tell_limits(&a, w);
	if (code == 0)
		code = keep_quirks(stage_store(st), w);
	if (code < 0)
		return code;
	if (w->answer.failed != NULL)
		stage_failed(st, "tool %.*s", ERROR_MAX_BYTES,
		    w->answer.failed);
	if (w->answer.outcome == ANSWER_AGAIN ||
	    w->answer.outcome == ANSWER_FAILED)
		stage_failed(st, "%.*s", ERROR_MAX_BYTES, w->answer.reason);
	if (w->answer.outcome == ANSWER_AGAIN) {
		stage_retry(st, j, now_ms() + again_in(w, j->attempt));
		return 0;
	}
	code = conversation_get(stage_store(st), w->conversation, &c);
	if (code == 0)
		code = look_again(st, j, w, c);
	if (code != 0) {
		conversation_free(c);
		return code < 0 ? code : 0;
	}
	/* The second look at the owner: people may have come meanwhile. */
	code = message_allowed(stage_store(st), c, "ai", w->owner_rev);
	if (code == ERR_NO)
		code = step_aside(&a, w);
	else if (code == 0) {
		mind_unheard(w);
		code = put_outcome(&a, ctx->conf, w, c);
	}
	if (code == 0)
		forget_begun(ctx, j->id);
	conversation_free(c);
	return code;
}

static int
wait_all(struct stage *st, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct context *ctx = stage_ctx(st);

	if (pool_busy(ctx->pool) == 0) {
		poll(fds, (nfds_t)nfds, timeout_ms);
		return 0;
	}
	return pool_wait(ctx->pool, fds, nfds, timeout_ms);
}

/* A folder that is not there is told before anything is done. */
static int
pool_early(const struct pool_options *o, struct pool **ret)
{
	return o->record != NULL || o->replay != NULL ? pool_new(o, ret) : 0;
}

int
reply_run(const struct conf *c, const struct pool_options *o)
{
	static const char *const types[] = { "conversation.released",
		"message.routed", "message.transcribed", "transcription.failed",
		NULL };
	static const struct stage_def def = {
		.name = "ai-reply",
		.types = types,
		.max_age_ms = MAX_AGE_MS,
		.join = desk_join,
		.import = desk_import,
		.take = take,
		.begin = begin,
		.start = start,
		.finish = finish,
		.wait = wait_all,
		.drop = work_free,
		.reload_check = settings_readable,
	};
	struct context ctx = { .conf = c, .pool_options = o };
	int code = zone_open(setting_text(c, "desk", "zone"), &ctx.zone);

	if (code == 0 && stage_options.max_age_ms < 0)
		code = setting_duration(c, "ai", "max_age",
		    &stage_options.max_age_ms);
	if (code == 0)
		code = pool_early(o, &ctx.pool);
	if (code == 0)
		code = stage_run(&def, &ctx);
	pool_free(ctx.pool);
	spend_free(ctx.spend);
	zone_close(ctx.zone);
	free(ctx.begun);
	return code;
}

/* --- one question --- */

static json_t *
told(const struct answer *r)
{
	const struct answer_profile *by = &r->chain[r->by];
	json_t *o = json_object();

	json_put(o, "question", r->question);
	json_object_set_new(o, "answer",
	    r->text != NULL ? json_text_new(r->text) : json_null());
	json_put(o, "action", why_action(r->outcome));
	/* Whoever asks here may read their own words. */
	json_put(o, "reason",
	    r->missing != NULL	      ? r->missing :
		r->its_reason != NULL ? r->its_reason :
					r->reason);
	json_put(o, "summary", r->summary);
	json_put(o, "search", r->search);
	json_put(o, "provider", by->profile.provider);
	json_put(o, "model", by->profile.model);
	json_put(o, "profile", by->profile.name);
	json_put(o, "revision", by->profile.revision);
	json_object_set(o, "sources", r->sources);
	if (r->tried != NULL)
		json_object_set(o, "tools", r->tried);
	if (json_array_size(r->checks) > 0)
		json_object_set(o, "checks", r->checks);
	why_put_cost(o, r);
	json_put_int(o, "took_ms", r->took_ms);
	return o;
}

static void
on_asked(void *arg)
{
	bool *done = arg;

	*done = true;
}

/* What a question that is asked by hand comes to. */
static int
asked(const struct answer *r)
{
	switch (r->outcome) {
	case ANSWER_SAID:
	case ANSWER_ASKED:
	case ANSWER_RESOLVED:
	case ANSWER_CHAT:
		return 0;
	case ANSWER_NONE:
	case ANSWER_UNREADABLE:
	case ANSWER_TAKEN_BACK:
		return err_set(ERR_NO, "%s", r->reason);
	case ANSWER_FAILED:
	case ANSWER_AGAIN:
		break;
	}
	return r->service != NULL ?
	    err_set(ERR_UNAVAILABLE, "%s: %s", r->reason, r->service) :
	    err_set(ERR_UNAVAILABLE, "%s", r->reason);
}

/* The last conversation of a contact, as it would be shown to the model. */
static int
contact_turns(struct store *s, const char *contact, struct answer *a)
{
	struct query q = query(store_desk(s),
	    "SELECT id FROM conversation WHERE contact = :contact"
	    " AND merged_into IS NULL ORDER BY reopened_ms DESC LIMIT 1");
	char id[SHORT_ID_BYTES] = "";
	int code;

	bind_text(&q, ":contact", contact);
	if (step(&q))
		snprintf(id, sizeof(id), "%s", column_text(&q, 0));
	code = done(&q);
	if (code == 0 && id[0] == '\0')
		code = err_set(ERR_NOINPUT, "no conversation of contact %s",
		    contact);
	if (code == 0)
		code = conversation_turns(s, id, (int)a->chain[0].profile.turns,
		    true, NULL, &a->turns, &a->nturns);
	return code;
}

/* Where and by what what is asked by hand is counted: as an evaluation. */
struct asked_for {
	struct store *store;
	struct zone *zone;
};

/* Whoever may only look cannot have it counted, nor can a copy in memory. */
static int
count_asked(const struct conf *c, struct answer *a, struct asked_for *ret)
{
	const char *dir = store_dir(a->store);
	bool costs = false;
	char *desk;
	size_t i;
	int code = 0;

	for (i = 0; i < a->nchain; i++)
		costs |= a->chain[i].profile.kind != PROVIDER_EXTRACTIVE;
	desk = xformat("%s/desk.db", dir);
	if (costs && *dir != '\0' && a->pool_options->replay == NULL &&
	    access(desk, W_OK) == 0)
		code = store_open_dir(dir, STORE_WRITE, &ret->store);
	free(desk);
	if (code == 0 && ret->store != NULL)
		code = zone_open(setting_text(c, "desk", "zone"), &ret->zone);
	if (code == 0 && ret->store != NULL)
		a->spend = spend_new(ret->store, ret->zone, true);
	return code;
}

int
reply_ask(const struct conf *c, struct store *s, const struct reply_question *q,
    const struct pool_options *o, json_t **ret)
{
	struct pool *pool = NULL;
	bool done = false;
	struct answer a = { .conf = c,
		.store = s,
		.pool = &pool,
		.pool_options = o,
		.contact = q->contact,
		.customer = q->contact,
		.by_hand = true,
		.last_try = true,
		.done = on_asked,
		.arg = &done };
	struct asked_for count = { NULL, NULL };
	const char *chat;
	int code = pool_early(o, &pool);

	if (code == 0)
		code = answer_chain(&a, q->profile);
	if (code == 0)
		code = answer_keys(&a, "wa-instance");
	if (code == 0)
		code = count_asked(c, &a, &count);
	if (code < 0)
		goto out;
	a.question = xstrdup(q->text);
	a.language = xstrdup(language_detect(q->text, strlen(q->text)));
	if (q->contact != NULL)
		code = contact_turns(s, q->contact, &a);
	if (code < 0)
		goto out;
	a.deadline_ms = mono_ms() + a.chain[0].profile.deadline_ms;
	if (answer_start(&a) == 1)
		while (!done && code == 0)
			code = pool_wait(pool, NULL, 0, 1000);
	if (code == 0)
		code = answer_settle_now(&a);
	if (code < 0)
		goto out;
	if (a.outcome == ANSWER_CHAT) {
		chat = chat_text(c, a.chat, a.language);
		a.text = xstrdup(chat);
		if (chat == NULL)
			a.reason = xstrdup("small talk");
	} else if (a.in_part)
		a.reason = xstrdup("part of it is not answered");
	code = asked(&a);
	if (code == 0 || code == ERR_NO)
		*ret = told(&a);
out:
	answer_release(&a);
	pool_free(pool);
	spend_free(a.spend);
	zone_close(count.zone);
	store_close(count.store);
	return code;
}
