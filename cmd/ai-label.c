/*
 * ai-label - ask a model what messages are about and how they are meant
 *
 * A stage that waits. Whatever happens here holds no message up: one that
 * cannot be labelled goes on as it is, and is answered by rules without labels.
 *
 * Holds: a label is kept in the transaction that says so, once for each message
 * and set-up. A call may be made twice after a crash, which costs money and
 * changes nothing.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/budget.h"
#include "ai/pool.h"
#include "ai/profile.h"
#include "ai/provider.h"
#include "ai/quirk.h"
#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/labelled.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "label/examples.h"
#include "label/label.h"
#include "store/stage.h"

#define MAX_AGE_MS (INT64_C(3600) * 1000)
#define BACKOFF_MOST_MS (60 * 1000)
#define TEXT_MAX_BYTES 8192 /* of a message that the model is shown */
#define INTENTS_MAX_BYTES 24000
#define EXAMPLES_SHOWN 3
#define EXAMPLE_MAX_BYTES 200
#define EVIDENCE_WORDS 4
#define MONEY_MS 250	 /* a limit is looked at again */
#define OTHERWISE_MOST 8 /* ways of asking that a model may not take */
#define NONE "none"

struct labelling {
	struct conf *conf;
	struct zone *zone;
	struct examples examples; /* of the desk's intents; none: empty */
	char *intents;		  /* for the model */
	const char *name;	  /* of the set-up; NULL: nobody labels */
	struct profile profile;
	struct budget budget; /* of it */
	bool open;	      /* profile is */
	struct pool *pool;
	int64_t deadline_ms, retries, retry_ms;
};

/* The work of a job. */
struct work {
	struct labelling *l;
	struct stage *stage;
	struct job *job;
	char message[ULID_BYTES];
	char *text;
	struct provider_ask ask;
	struct provider_request request;
	struct provider_reader *reader;
	struct provider_answer answer;
	struct pool_result result;
	struct budget_hold hold;
	int otherwise;
	bool answered;
};

static const struct cli_option options[] = { STAGE_JOB_OPTIONS, STAGE_OPTIONS,
	CLI_END };

static const struct cli_spec spec = { .name = "ai-label",
	.summary = "ask a model what messages are about",
	.args = "",
	.options = options,
	.examples = "  ai-label --follow\n"
		    "  desk-events --since 1d | ai-label -q\n" };

static void
drop(void *own)
{
	struct work *w = own;

	provider_request_release(&w->request);
	provider_reader_free(w->reader);
	provider_answer_release(&w->answer);
	free(w->text);
	free(w);
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	const struct labelling *l = stage_ctx(st);
	const char *id = json_str(e->data, "message");
	int code = l->name != NULL && id != NULL ?
	    labelled_wanted(stage_store(st), id) :
	    0;

	if (code == 1)
		ret->key = xstrdup(id);
	return code;
}

/* The set-up, with the key that this program may read. */
static int
open_with_key(const struct labelling *l, struct store *s, struct profile *ret)
{
	int code = profile_open(l->conf, l->name, ret);

	if (code == 0) {
		code = profile_key(l->conf, s, "ai-label", ret);
		if (code < 0)
			profile_release(ret);
	}
	return code;
}

static int
open_profile(struct labelling *l, struct store *s)
{
	int code = 0;

	if (!l->open)
		code = open_with_key(l, s, &l->profile);
	if (code == 0 && !l->open)
		budget_of(&l->profile, false, &l->budget);
	if (code == 0)
		l->open = true;
	if (code == 0 && l->profile.kind == PROVIDER_EXTRACTIVE)
		return err_set(ERR_CONFIG,
		    "label.profile: the set-up %s asks no model",
		    l->profile.name);
	return code;
}

/* How long the work of a job may still be tried. What is read from a file is
 * not late by the clock of the wall. */
static int64_t
left_ms(const struct labelling *l, const struct job *j)
{
	return stage_options.follow ? j->first_ms + l->deadline_ms - now_ms() :
				      l->deadline_ms;
}

/* Why nothing is asked; NULL: it is. */
static const char *
obstacle(struct stage *st, const struct job *j)
{
	const struct labelling *l = stage_ctx(st);

	/* A copy of the store has no key. */
	if (stage_is_dry(st) || store_is_scratch(stage_store(st)))
		return "";
	if (j->late)
		return "too old";
	return j->attempt > 1 && left_ms(l, j) < 0 ? "not in time" : NULL;
}

static void
make_ask(struct work *w)
{
	struct labelling *l = w->l;

	w->ask.profile = &l->profile;
	w->ask.task = TASK_LABEL;
	w->ask.question = w->text;
	w->ask.intents = l->intents;
}

/* In the transaction that begins it: what it may cost is set aside. 0,
 * BUDGET_LATER, ERR_NO or another ERR. */
static int
set_aside(struct stage *st, struct work *w)
{
	struct labelling *l = w->l;
	const struct budget_amount nothing = { 0, 0 };
	int64_t in;

	if (!budget_is_limited(&l->budget))
		return 0;
	provider_request(&w->ask, &w->request);
	in = w->request.tokens_in;
	provider_request_release(&w->request);
	return budget_aside(stage_store(st), &l->budget, l->zone, now_ms(),
	    &w->hold, nothing,
	    budget_amount(&l->profile, budget_most_in(in),
		l->profile.max_tokens));
}

static int
begin(struct stage *st, struct job *j)
{
	struct labelling *l = stage_ctx(st);
	const char *id = json_str(j->event->data, "message"),
		   *text = json_str(j->event->data, "text"), *why;
	struct work *w;
	int code = id != NULL ? labelled_wanted(stage_store(st), id) : 0;

	if (code <= 0 || text == NULL)
		return code < 0 ? code : BEGIN_CLOSED;
	why = obstacle(st, j);
	if (why != NULL) {
		if (*why != '\0')
			stage_failed(st, "message %s: %s", id, why);
		return BEGIN_CLOSED;
	}
	if (open_profile(l, stage_store(st)) < 0) {
		stage_failed(st, "message %s: %s", id, err_reason());
		return BEGIN_CLOSED;
	}
	code = labelled_has(stage_store(st), id, l->profile.model,
	    l->profile.revision);
	if (code != 0)
		return code < 0 ? code : BEGIN_CLOSED;
	w = xcalloc(1, sizeof(*w));
	w->l = l;
	w->stage = st;
	w->job = j;
	snprintf(w->message, sizeof(w->message), "%s", id);
	w->hold.job = j->id;
	snprintf(w->hold.conversation, sizeof(w->hold.conversation), "%s",
	    json_str_or(j->event->data, "conversation", ""));
	w->text = xstrndup(text, utf8_cut(text, strlen(text), TEXT_MAX_BYTES));
	make_ask(w);
	code = quirk_get(stage_store(st), l->profile.url, l->profile.model,
	    &w->ask.quirks);
	if (code == 0)
		code = set_aside(st, w);
	if (code == BUDGET_LATER && left_ms(l, j) > 0) {
		stage_wait(st, j, now_ms() + MONEY_MS);
		j->own = w;
		return BEGIN_START;
	}
	if (code == BUDGET_LATER || code == ERR_NO) {
		stage_failed(st, "message %s: %s", id, err_reason());
		drop(w);
		return BEGIN_CLOSED;
	}
	if (code < 0) {
		drop(w);
		return code;
	}
	j->own = w;
	return BEGIN_START;
}

/* --- the waiting --- */

static void ask_model(struct work *w);

static void
end(struct work *w, enum provider_outcome outcome, const char *why)
{
	provider_answer_release(&w->answer);
	memset(&w->answer, 0, sizeof(w->answer));
	w->answer.outcome = outcome;
	w->answer.tokens_in = w->answer.tokens_out = -1;
	w->answer.retry_after_ms = -1;
	snprintf(w->answer.why, sizeof(w->answer.why), "%s", why);
	stage_finish(w->stage, w->job);
}

static void
on_answer(void *arg, const struct pool_result *r)
{
	struct work *w = arg;

	fault("ai-label.answered");
	provider_answer_release(&w->answer);
	provider_end(w->reader, r->status, r->retry_after_ms, &w->answer);
	w->result = *r;
	w->result.why = NULL;
	if (r->status == 0 && w->answer.why[0] == '\0')
		snprintf(w->answer.why, sizeof(w->answer.why), "%s: %s",
		    w->l->profile.provider, r->why != NULL ? r->why : "");
	pool_tell(w->l->pool, &w->l->profile,
	    w->answer.outcome == PROVIDER_BROKEN && !r->late);
	w->answered = !r->unsent;
	if (w->answer.outcome == PROVIDER_QUIRK &&
	    ++w->otherwise < OTHERWISE_MOST) {
		w->ask.quirks = w->answer.quirks;
		ask_model(w);
		return;
	}
	stage_finish(w->stage, w->job);
}

static void
ask_model(struct work *w)
{
	struct labelling *l = w->l;
	int64_t total_ms = left_ms(l, w->job) < l->profile.timeout_ms ?
	    left_ms(l, w->job) :
	    l->profile.timeout_ms;
	struct pool_call c = { .profile = &l->profile,
		.request = &w->request,
		.deadline_ms = mono_ms() + (total_ms > 1 ? total_ms : 1),
		.done = on_answer,
		.arg = w };

	provider_request_release(&w->request);
	provider_reader_free(w->reader);
	provider_request(&w->ask, &w->request);
	c.reader = w->reader = provider_reader_new(&w->ask);
	if (pool_ask(l->pool, &c) < 0)
		end(w, PROVIDER_WRONG, err_reason());
}

static int
start(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	struct labelling *l = w->l;

	(void)st;
	if (pool_dead_ms(l->pool, &l->profile) > 0)
		end(w, PROVIDER_BROKEN, "the provider has failed too often");
	else
		ask_model(w);
	return 0;
}

/* --- the outcome --- */

/* The name as the desk has it; NULL: it has none such. */
static const char *
intent_named(const struct labelling *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->examples.nintents; i++)
		if (strcmp(l->examples.names[i], name) == 0)
			return l->examples.names[i];
	return NULL;
}

/* A model may name one feeling and count another; then nobody is sure of
 * either. */
static void
put_feeling(const json_t *o, struct labelled *ret)
{
	double n = json_number_value(json_at(o, "sentiment"));
	const char *name = json_str_or(o, "sentiment_label", "neutral");

	if ((strcmp(name, "positive") == 0 && n > 0) ||
	    (strcmp(name, "negative") == 0 && n < 0) ||
	    (strcmp(name, "neutral") == 0 && n > -0.5 && n < 0.5)) {
		ret->feeling = name;
		ret->sentiment = n;
		return;
	}
	ret->feeling = "neutral";
	ret->sentiment = 0;
}

/* Words that are in the message: a model may make others up. */
static json_t *
evidence_in(const struct work *w)
{
	const json_t *said = json_at(w->answer.labels, "evidence");
	char *words = utf8_words(w->text), *one;
	json_t *array = json_array();
	const char *text;
	size_t i;

	for (i = 0; i < json_array_size(said) &&
	     json_array_size(array) < EVIDENCE_WORDS;
	     i++) {
		text = json_string_value(json_array_get(said, i));
		if (text == NULL)
			continue;
		one = utf8_words(text);
		if (strlen(one) > 1 && strstr(words, one) != NULL)
			json_array_append_new(array, json_text_new(text));
		free(one);
	}
	free(words);
	return array;
}

static int
labelled(struct stage *st, const struct job *j, const struct work *w)
{
	struct labelling *l = w->l;
	const json_t *o = w->answer.labels;
	json_t *evidence = evidence_in(w), *data;
	struct labelled label = { .intent = intent_named(l,
				      json_str_or(o, "intent", NONE)),
		.score = json_number_value(json_at(o, "intent_score")),
		.evidence = evidence,
		.model = l->profile.model,
		.revision = l->profile.revision };
	const char *conversation = json_str(j->event->data, "conversation");
	char subject[32];
	int code;

	put_feeling(o, &label);
	code = labelled_put(stage_store(st), w->message, &label);
	json_decref(evidence);
	if (code < 0 || conversation == NULL)
		return code;
	data = json_object();
	json_put(data, "message", w->message);
	json_put(data, "conversation", conversation);
	json_put(data, "contact", json_str(j->event->data, "contact"));
	json_put(data, "instance", json_str(j->event->data, "instance"));
	json_put_new(data, "intent", json_text_new(label.intent));
	json_put_new(data, "intent_score", json_real(label.score));
	json_put_new(data, "sentiment", json_real(label.sentiment));
	json_put(data, "sentiment_label", label.feeling);
	json_put(data, "by", "model");
	json_put(data, "provider", l->profile.provider);
	json_put(data, "model", l->profile.model);
	json_put(data, "profile", l->profile.name);
	json_put(data, "revision", l->profile.revision);
	json_put_int(data, "took_ms", w->result.took_ms);
	return stage_emit(st, j->event, "message.labelled",
	    conversation_subject(conversation, subject), data, NULL);
}

/* What was set aside gives way to what it cost: as told, else as estimated
 * where a call may have been made. */
static int
settle(struct stage *st, struct work *w)
{
	const struct provider_answer *a = &w->answer;
	const struct labelling *l = w->l;
	const struct profile *p = &l->profile;
	int64_t in = a->tokens_in, out = a->tokens_out;
	int code;

	if (in < 0 && out < 0 && w->answered &&
	    (w->result.status == 200 || w->result.status == 0)) {
		in = w->request.tokens_in;
		out = p->max_tokens;
	}
	code = budget_settle(stage_store(st), &l->budget, l->zone, now_ms(),
	    &w->hold, budget_amount(p, in > 0 ? in : 0, out > 0 ? out : 0));
	if (code == 0 && w->otherwise > 0)
		code = quirk_put(stage_store(st), p->url, p->model,
		    &w->ask.quirks);
	return code;
}

/* How long until the next try; -1: there is none. */
static int64_t
again_in(const struct job *j, const struct work *w)
{
	const struct labelling *l = w->l;
	int64_t wait = l->retry_ms;
	int i;

	if (j->attempt > l->retries ||
	    (w->answer.outcome != PROVIDER_BUSY &&
		w->answer.outcome != PROVIDER_BROKEN))
		return -1;
	for (i = 1; i < j->attempt && wait < BACKOFF_MOST_MS; i++)
		wait *= 2;
	if (wait > BACKOFF_MOST_MS)
		wait = BACKOFF_MOST_MS;
	if (w->answer.retry_after_ms >= 0)
		wait = w->answer.retry_after_ms;
	return wait <= left_ms(l, j) ? wait : -1;
}

/* A key that was refused may have been replaced meanwhile. */
static void
read_key_again(struct labelling *l, struct store *s)
{
	struct profile fresh;

	if (pool_busy(l->pool) > 0 || open_with_key(l, s, &fresh) < 0)
		return;
	profile_release(&l->profile);
	l->profile = fresh;
	budget_of(&l->profile, false, &l->budget);
}

static int
finish(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	int64_t wait;
	int code = settle(st, w);

	if (code < 0)
		return code;
	if (w->answer.outcome == PROVIDER_KEY)
		read_key_again(w->l, stage_store(st));
	/* It may have been erased while it was read. */
	code = labelled_wanted(stage_store(st), w->message);
	if (code <= 0)
		return code;
	if (w->answer.outcome == PROVIDER_ANSWERED && w->answer.labels != NULL)
		return labelled(st, j, w);
	wait = again_in(j, w);
	if (wait >= 0) {
		stage_failed(st, "message %s: %s: again in %lld ms", w->message,
		    w->answer.why, (long long)wait);
		stage_retry(st, j, now_ms() + wait);
		return 0;
	}
	stage_failed(st, "message %s: %s", w->message, w->answer.why);
	return 0;
}

static int
wait_for(struct stage *st, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct labelling *l = stage_ctx(st);

	return pool_wait(l->pool, fds, nfds, timeout_ms);
}

static const char *const types[] = { "message.received", NULL };

static const struct stage_def def = {
	.name = "ai-label",
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

/* --- set up --- */

static void
say(void *ctx, const char *text)
{
	(void)ctx;
	log_warnx("%s", text);
}

/* Each intent with its first examples, so that the model knows what is meant. */
static char *
describe(const struct examples *e)
{
	struct buf b = BUF_INIT(INTENTS_MAX_BYTES);
	size_t i, j = 0, shown;
	const char *text;

	for (i = 0; i < e->nintents; i++) {
		buf_addf(&b, "%s:", e->names[i]);
		for (shown = 0; j < e->count && e->items[j].intent == i; j++) {
			text = e->items[j].text;
			if (shown++ < EXAMPLES_SHOWN)
				buf_addf(&b, " \"%.*s\"",
				    (int)utf8_cut(text, strlen(text),
					EXAMPLE_MAX_BYTES),
				    text);
		}
		buf_addc(&b, '\n');
	}
	return buf_detach(&b);
}

static void
set_up(struct labelling *l)
{
	struct pool_options o = { 0 };
	struct label_places at = { .conf = NULL };
	char *folder;

	cli_need(conf_open(&l->conf));
	at.conf = l->conf;
	l->name = setting_text(l->conf, "label", "profile");
	if (l->name != NULL && *l->name == '\0')
		l->name = NULL;
	cli_need(
	    setting_duration(l->conf, "label", "deadline", &l->deadline_ms));
	cli_need(setting_duration(l->conf, "label", "retry", &l->retry_ms));
	cli_need(setting_int(l->conf, "label", "retries", &l->retries));
	cli_need(zone_open(setting_text(l->conf, "desk", "zone"), &l->zone));
	if (l->name == NULL && stage_options.follow)
		log_info("nobody labels: label.profile is not set");
	else if (l->name == NULL)
		cli_warn("nobody labels: set label.profile");
	if (l->name != NULL && !profile_exists(l->conf, l->name))
		cli_die(ERR_CONFIG, "label.profile: there is no set-up %s",
		    l->name);
	folder = label_folder(&at);
	if (folder != NULL &&
	    examples_read(folder, say, NULL, &l->examples) < 0)
		log_warnx("%s", err_reason());
	free(folder);
	l->intents = describe(&l->examples);
	cli_need(pool_new(&o, &l->pool));
}

int
main(int argc, char *argv[])
{
	struct labelling l = { .conf = NULL };
	struct cli cli;
	int code;

	secret_guard();
	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (stage_options.follow)
		cli_hold_hangup();
	set_up(&l);
	code = stage_run(&def, &l);
	pool_free(l.pool);
	if (l.open)
		profile_release(&l.profile);
	examples_release(&l.examples);
	zone_close(l.zone);
	free(l.intents);
	conf_close(l.conf);
	cli_exit(code);
}
