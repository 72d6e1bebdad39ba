/*
 * ai-transcribe - write down what customers say in voice notes and audio
 *
 * A spoken message has two parts that come in either order as far as this
 * stage can know: the message, and its file. Whichever is last begins the
 * work; whatever begins it once more finds it done.
 *
 * Holds: words, or the reason why there are none, are kept in the transaction
 * that says so. A call may be made twice after a crash, which costs money and
 * changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ai/budget.h"
#include "ai/transcribe.h"
#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/language.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "base/zone.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/media.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "desk/speech.h"
#include "net/http.h"
#include "store/stage.h"

#define MAX_AGE_MS (INT64_C(24) * 3600 * 1000)
#define BACKOFF_MOST_MS (60 * 1000)
#define CALL_LEAST_MS 100
#define MONEY_MS \
	200 /* how often money that others have set aside is looked for */

struct listener {
	struct conf *conf;
	struct http *http;
	struct transcribe_settings t;
	struct budget budget;
	struct zone *zone; /* of the desk: days of limits begin by it */
	char *key;	   /* NULL: none is needed, or not read yet */
	bool is_key_read;
	bool wanted;
	int64_t until_ms; /* no call before: the endpoint said so */
};

/* The work of a job. */
struct work {
	struct listener *l;
	struct stage *stage;
	struct job *job;
	struct speech_source source;
	struct transcribe_answer answer;
	struct budget_hold hold;
	struct budget_amount most; /* that the call may cost */
};

static const struct cli_option options[] = { STAGE_JOB_OPTIONS, STAGE_OPTIONS,
	CLI_END };

static const struct cli_spec spec = { .name = "ai-transcribe",
	.summary = "write down what voice notes say",
	.args = "",
	.options = options,
	.examples = "  ai-transcribe --follow\n"
		    "  desk-events --since 1d | ai-transcribe -q\n" };

static void
drop(void *own)
{
	struct work *w = own;

	speech_source_release(&w->source);
	transcribe_answer_release(&w->answer);
	free(w);
}

/* The spoken message that an event is about: 1, 0 or an ERR. */
static int
source_of(struct stage *st, const struct event *e, struct speech_source *ret)
{
	const char *id = json_str(e->data, "message");

	return id != NULL ? speech_find(stage_store(st), id, ret) : 0;
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	struct listener *l = stage_ctx(st);
	struct speech_source p = { 0 };
	int code = l->wanted ? source_of(st, e, &p) : 0;

	if (code == 1) {
		/* Its file is not here yet: that will be told too. */
		if (p.settled || (p.sha256[0] == '\0' && !p.lost))
			code = 0;
		else
			ret->key = xstrdup(p.message);
	}
	speech_source_release(&p);
	return code;
}

/* What the events of a message have. */
static json_t *
data_of(const struct speech_source *p)
{
	json_t *data = json_object();

	json_put(data, "message", p->message);
	json_put(data, "conversation", p->conversation);
	json_put(data, "contact", p->contact);
	json_put(data, "instance", p->instance);
	json_put(data, "kind", p->kind);
	return data;
}

/* Takes data. */
static int
tell(struct stage *st, const struct job *j, const struct speech_source *p,
    const char *type, json_t *data)
{
	char subject[32];

	return stage_emit(st, j->event, type,
	    conversation_subject(p->conversation, subject), data, NULL);
}

/* There will be no words, and the message says why. */
static int
unheard(struct stage *st, const struct job *j, const struct speech_source *p,
    const char *reason, int status)
{
	const struct speech heard = { .reason = reason };
	json_t *data;
	int code = speech_put(stage_store(st), p->message, &heard);

	if (code < 0)
		return code;
	data = data_of(p);
	json_put(data, "reason", reason);
	if (status != 0)
		json_put_int(data, "status", status);
	return tell(st, j, p, "transcription.failed", data);
}

/* How long the work of a job may still be tried. What is read from a file is
 * not late by the clock of the wall. */
static int64_t
left_ms(const struct listener *l, const struct job *j)
{
	return stage_options.follow ?
	    j->first_ms + l->t.deadline_ms - now_ms() :
	    l->t.deadline_ms;
}

/* Why nothing is asked; NULL: it is. */
static const char *
obstacle(struct stage *st, const struct job *j, const struct speech_source *p)
{
	const struct listener *l = stage_ctx(st);

	/* A copy of the store has no files and no key. */
	if (stage_is_dry(st) || store_is_scratch(stage_store(st)))
		return "not heard in a dry run";
	if (p->lost)
		return SPEECH_NO_FILE;
	if (j->late)
		return "too old";
	if (p->bytes > l->t.max_bytes)
		return "larger than transcribe.size";
	/* However late, each gets one try: people read it too. */
	if (j->attempt > 1 && left_ms(l, j) < 0)
		return "not in time";
	if (l->until_ms - now_ms() > (left_ms(l, j) > 0 ? left_ms(l, j) : 0))
		return "the endpoint wants us to come later";
	return NULL;
}

/* --- money --- */

/* A limit does not allow the call: people are told of it, once in its
 * period. */
static int
unpaid(struct stage *st, struct job *j, struct work *w, const char *why)
{
	struct listener *l = w->l;
	json_t *data;
	int code = budget_tell(stage_store(st), &l->budget, l->zone, now_ms(),
	    &w->hold);

	if (code == 1) {
		data = json_object();
		json_put(data, "what", "ai_limit");
		json_put(data, "severity", "warning");
		json_put(data, "about", "transcribe");
		json_put(data, "reason", why);
		code =
		    stage_emit(st, j->event, "health.alert", NULL, data, NULL);
	}
	return code < 0 ? code : unheard(st, j, &w->source, why, 0);
}

/* Set aside what the call may cost. 0, go on, or it is put off; 1, it is over;
 * or an ERR. */
static int
pay(struct stage *st, struct job *j, struct work *w)
{
	struct listener *l = w->l;
	const struct budget_amount nothing = { 0, 0 };
	char *why;
	int code;

	if (l->t.price_minute < 0)
		return 0;
	w->hold.job = j->id;
	w->most = transcribe_most(&l->t, w->source.bytes);
	code = budget_aside(stage_store(st), &l->budget, l->zone, now_ms(),
	    &w->hold, nothing, w->most);
	if (code == BUDGET_LATER && left_ms(l, j) > 0) {
		stage_wait(st, j, now_ms() + MONEY_MS);
		return 0;
	}
	if (code != BUDGET_LATER && code != ERR_NO)
		return code;
	why = xstrdup(err_reason());
	code = unpaid(st, j, w, why);
	free(why);
	return code < 0 ? code : 1;
}

static int
begin(struct stage *st, struct job *j)
{
	struct listener *l = stage_ctx(st);
	struct speech_source p = { 0 };
	const char *why;
	struct work *w;
	int code = source_of(st, j->event, &p);

	if (code <= 0 || p.settled || (p.sha256[0] == '\0' && !p.lost)) {
		speech_source_release(&p);
		return code < 0 ? code : BEGIN_CLOSED;
	}
	why = obstacle(st, j, &p);
	if (why != NULL) {
		code = unheard(st, j, &p, why, 0);
		speech_source_release(&p);
		return code < 0 ? code : BEGIN_CLOSED;
	}
	w = xcalloc(1, sizeof(*w));
	w->l = l;
	w->stage = st;
	w->job = j;
	w->source = p;
	j->own = w;
	if (l->until_ms > now_ms()) {
		stage_wait(st, j, l->until_ms);
		return BEGIN_START;
	}
	code = pay(st, j, w);
	return code < 0 ? code : code == 1 ? BEGIN_CLOSED : BEGIN_START;
}

/* --- the waiting --- */

static void
end(struct work *w, enum transcribe_verdict verdict, const char *reason)
{
	w->answer.verdict = verdict;
	w->answer.reason = reason;
	w->answer.unsent = true;
	stage_finish(w->stage, w->job);
}

static void
on_answer(void *arg, const struct http_result *r)
{
	struct work *w = arg;

	fault("ai-transcribe.answered");
	transcribe_read(r, &w->answer);
	stage_finish(w->stage, w->job);
}

/* The key, as it is now if again. 0, 1 if it is another one, or an ERR. */
static int
read_key(struct listener *l, struct store *s, bool again)
{
	char *key = NULL;
	bool changed;
	int code;

	if (l->is_key_read && !again)
		return 0;
	code = transcribe_key(l->conf, s, &key);
	if (code < 0)
		return code;
	changed = l->key == NULL || key == NULL ? l->key != key :
						  strcmp(l->key, key) != 0;
	secret_free(l->key);
	l->key = key;
	l->is_key_read = true;
	return changed;
}

static int
start(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	struct listener *l = w->l;
	char *path = media_path(stage_store(st), w->source.sha256);
	int64_t total_ms = l->t.timeout_ms;

	/* A later try ends by the deadline. */
	if (j->attempt > 1 && left_ms(l, j) < total_ms)
		total_ms = left_ms(l, j) > CALL_LEAST_MS ? left_ms(l, j) :
							   CALL_LEAST_MS;

	if (read_key(l, stage_store(st), false) < 0)
		end(w, TRANSCRIBE_REFUSED, "its key cannot be read");
	else if (access(path, R_OK) < 0)
		end(w, TRANSCRIBE_REFUSED, "the file is not there");
	else if (transcribe_post(l->http, &l->t, l->key, path,
		     transcribe_name(w->source.mime, w->source.announced),
		     total_ms, on_answer, w) < 0)
		end(w, TRANSCRIBE_REFUSED, "the endpoint cannot be asked");
	free(path);
	return 0;
}

/* --- the outcome --- */

/* Of a conversation whose language nobody knows yet. */
static int
keep_language(struct store *s, const char *id, const char *language)
{
	struct conversation *c = NULL;
	int code = conversation_get(s, id, &c);

	if (code == 0 && c->language == NULL)
		code = conversation_set_language(s, c->id, language);
	conversation_free(c);
	return code;
}

static int
heard(struct stage *st, struct job *j, struct work *w)
{
	struct listener *l = w->l;
	const struct transcribe_answer *a = &w->answer;
	const char *language = l->t.language != NULL ? l->t.language :
	    a->language != NULL			     ? a->language :
				  language_detect(a->text, strlen(a->text));
	const struct speech s = { .text = a->text,
		.language = language,
		.provider = l->t.host,
		.model = l->t.model,
		.took_ms = a->took_ms };
	json_t *data;
	int code = speech_put(stage_store(st), w->source.message, &s);

	l->until_ms = 0;
	if (code == 0 && strcmp(language, "und") != 0)
		code = keep_language(stage_store(st), w->source.conversation,
		    language);
	if (code < 0)
		return code;
	data = data_of(&w->source);
	json_put(data, "language", language);
	json_put(data, "provider", l->t.host);
	json_put(data, "model", l->t.model);
	json_put_int(data, "took_ms", a->took_ms);
	return tell(st, j, &w->source, "message.transcribed", data);
}

/* How long until the next try; -1: there is none. */
static int64_t
again_in(struct stage *st, const struct job *j, const struct work *w)
{
	struct listener *l = w->l;
	int64_t wait = l->t.retry_ms;
	int i;

	if (j->attempt > l->t.retries ||
	    w->answer.verdict == TRANSCRIBE_REFUSED)
		return -1;
	/* A key that was changed meanwhile is taken up, once. */
	if (w->answer.verdict == TRANSCRIBE_KEY)
		return j->attempt == 1 &&
			read_key(l, stage_store(st), true) == 1 ?
		    0 :
		    -1;
	for (i = 1; i < j->attempt && wait < BACKOFF_MOST_MS; i++)
		wait *= 2;
	if (wait > BACKOFF_MOST_MS)
		wait = BACKOFF_MOST_MS;
	if (w->answer.retry_after_ms >= 0)
		wait = w->answer.retry_after_ms;
	/* What is said of one call holds for all. */
	if (w->answer.verdict == TRANSCRIBE_LATER &&
	    now_ms() + wait > l->until_ms)
		l->until_ms = now_ms() + wait;
	return wait <= left_ms(l, j) ? wait : -1;
}

/* What the call cost takes the place of what was set aside. */
static int
settle(struct stage *st, struct work *w)
{
	const struct listener *l = w->l;

	return l->t.price_minute < 0 ?
	    0 :
	    budget_settle(stage_store(st), &l->budget, l->zone, now_ms(),
		&w->hold, transcribe_cost(&l->t, &w->answer, w->most));
}

static int
finish(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	struct speech_source now = { 0 };
	int64_t wait;
	int code = settle(st, w);

	if (code < 0)
		return code;
	/* It may have been erased while it was listened to. */
	code = speech_find(stage_store(st), w->source.message, &now);
	if (code == 1)
		code = !now.settled;
	speech_source_release(&now);
	if (code <= 0)
		return code;
	if (w->answer.verdict == TRANSCRIBE_HEARD)
		return heard(st, j, w);
	wait = again_in(st, j, w);
	if (wait >= 0) {
		stage_failed(st, "message %s: %s: again in %lld ms",
		    w->source.message, w->answer.reason, (long long)wait);
		stage_retry(st, j, now_ms() + wait);
		return 0;
	}
	stage_failed(st, "message %s: %s", w->source.message, w->answer.reason);
	return unheard(st, j, &w->source, w->answer.reason, w->answer.status);
}

static int
wait_for(struct stage *st, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct listener *l = stage_ctx(st);

	return http_wait(l->http, fds, nfds, timeout_ms);
}

static const char *const types[] = { "media.failed", "media.stored",
	"message.received", NULL };

static const struct stage_def def = {
	.name = "ai-transcribe",
	.types = types,
	.max_age_ms = MAX_AGE_MS,
	.join = desk_join,
	.import = desk_import,
	.take = take,
	.begin = begin,
	.start = start,
	.finish = finish,
	.wait = wait_for,
	.drop = drop,
	.reload_check = settings_readable,
};

static void
set_up(struct listener *l)
{
	struct http_limits limits = { 0 };

	cli_need(conf_open(&l->conf));
	cli_need(transcribe_settings(l->conf, &l->t));
	transcribe_budget(&l->t, &l->budget);
	cli_need(zone_open(setting_text(l->conf, "desk", "zone"), &l->zone));
	l->wanted = speech_wanted(l->conf);
	if (!l->wanted && stage_options.follow)
		log_info("nobody listens: neither transcribe.url nor "
			 "transcribe.model is set");
	else if (!l->wanted)
		cli_warn("nobody listens: set transcribe.url or "
			 "transcribe.model");
	if (stage_options.jobs > l->t.parallel)
		stage_options.jobs = l->t.parallel;
	limits.max_flight = (int)l->t.parallel;
	limits.total_ms = l->t.timeout_ms;
	cli_need(http_new(&limits, &l->http));
}

int
main(int argc, char *argv[])
{
	struct listener l = { 0 };
	struct cli cli;
	int code;

	secret_guard();
	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (stage_options.follow)
		cli_hold_hangup();
	set_up(&l);
	code = stage_run(&def, &l);
	http_free(l.http);
	secret_free(l.key);
	transcribe_settings_release(&l.t);
	zone_close(l.zone);
	conf_close(l.conf);
	cli_exit(code);
}
