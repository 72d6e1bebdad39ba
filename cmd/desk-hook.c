/*
 * desk-hook - call the webhooks that rules ask for
 *
 * An action.requested with the action webhook is one call of [webhook NAME]: the
 * event that the rule was asked of, signed by the Standard Webhooks, again and
 * again until it is taken or its time is over.
 *
 * Holds: the id that is sent is that of the action, the same at each try, so a
 * call that was made again after a crash is known by it. How it went is one
 * event, in the transaction that closes the job.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/task.h"
#include "desk/event.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "net/addr.h"
#include "net/http.h"
#include "net/webhook.h"
#include "store/stage.h"

#define KIND "webhook"
#define MAX_AGE_MS (INT64_C(7) * 24 * 3600 * 1000)
#define FLIGHT_MAX 64
#define ANSWER_MAX_BYTES 65536 /* nothing is done with it */
#define SECRETS_MAX_BYTES 16384
#define GONE 410
#define TIMES 4	  /* each wait is so much longer */
#define JITTER 20 /* percent by which it differs */

/* A [webhook NAME], as it is set. */
struct hook {
	char *name;
	const char *url;
	char *secret_path;
	char mark[SHORT_ID_BYTES]; /* changes when url does */
	bool is_private;
	int64_t timeout_ms, tries, retry_ms, retry_most_ms, give_up_ms;
	int64_t until_ms; /* no call before: it said so */
	char *fault;	  /* why it cannot be called; NULL: it can */
	struct hook *next;
};

struct caller {
	struct conf *conf;
	struct http *http;
	struct hook *hooks;
};

/* The work of a job. */
struct work {
	struct stage *stage;
	struct job *job;
	struct hook *hook;
	struct task task;
	char *body;
	/* How the call went. */
	bool done, gone;
	int status;
	int64_t retry_after_ms, took_ms;
	char *reason; /* where not done */
};

static const struct cli_option options[] = { TASK_OPTIONS, STAGE_JOB_OPTIONS,
	STAGE_OPTIONS, CLI_END };

static const struct cli_spec spec = { .name = "desk-hook",
	.summary = "call the webhooks that rules ask for",
	.args = "",
	.options = options,
	.examples = "  desk-hook --follow\n"
		    "  desk-hook --list-failed\n"
		    "  desk-hook --retry 01M8E0000000000000000000A1\n" };

/* --- settings --- */

static int
read_numbers(const struct conf *c, const char *section, struct hook *h)
{
	int code = setting_bool(c, section, "private", &h->is_private);

	if (code == 0)
		code = setting_duration(c, section, "timeout", &h->timeout_ms);
	if (code == 0)
		code = setting_int(c, section, "tries", &h->tries);
	if (code == 0)
		code = setting_duration(c, section, "retry", &h->retry_ms);
	if (code == 0)
		code = setting_duration(c, section, "retry_most",
		    &h->retry_most_ms);
	if (code == 0)
		code = setting_duration(c, section, "give_up", &h->give_up_ms);
	return code;
}

/* What is wrong with the whole of it. */
static int
check_hook(const struct hook *h, const char *section)
{
	if (h->url == NULL || *h->url == '\0')
		return err_set(ERR_CONFIG, "[%s]: wants a url", section);
	if (h->secret_path == NULL)
		return err_set(ERR_CONFIG,
		    "[%s]: wants a secret_file: nobody could tell its calls "
		    "from anybody's",
		    section);
	if (http_url_check(h->url) < 0)
		return err_set(ERR_CONFIG, "[%s]: url: %s", section,
		    err_reason());
	if (!h->is_private && !str_starts(h->url, "https://"))
		return err_set(ERR_CONFIG,
		    "[%s]: url: plain http is for addresses that are not "
		    "public (private = on)",
		    section);
	return 0;
}

static void
hook_free(struct hook *h)
{
	free(h->name);
	free(h->secret_path);
	free(h->fault);
	free(h);
}

static int
hook_open(const struct conf *c, const char *name, struct hook **ret)
{
	char *section = xformat(KIND " %s", name);
	struct hook *h = xcalloc(1, sizeof(*h));
	int code = read_numbers(c, section, h);

	h->name = xstrdup(name);
	h->url = setting_text(c, section, "url");
	h->secret_path = setting_path(c, section, "secret_file");
	if (code == 0)
		code = check_hook(h, section);
	if (code == 0)
		id_short(h->mark, KIND, h->url, NULL);
	else
		h->fault = xstrdup(err_reason());
	free(section);
	*ret = h;
	return code;
}

/* Read at each call: a secret that was changed holds from then on. */
static int
read_secrets(const struct hook *h, struct webhook_secrets **ret)
{
	char *text = NULL, *why;
	size_t len = 0;
	int code = file_read(h->secret_path, SECRETS_MAX_BYTES, &text, &len);

	if (code == 0) {
		code = webhook_secrets_parse(text, ret);
		explicit_bzero(text, len);
	}
	free(text);
	if (code < 0) {
		why = xstrdup(err_reason());
		err_set(ERR_CONFIG, "[" KIND " %s]: secret_file: %s", h->name,
		    why);
		free(why);
		return ERR_CONFIG;
	}
	return 0;
}

static int
check_one(const struct conf *c, const char *name)
{
	struct webhook_secrets *s = NULL;
	struct hook *h = NULL;
	int code = hook_open(c, name, &h);

	if (code == 0)
		code = read_secrets(h, &s);
	webhook_secrets_free(s);
	hook_free(h);
	return code;
}

static struct hook *
hook_of(const struct caller *c, const char *name)
{
	struct hook *h = c->hooks;

	while (h != NULL && (name == NULL || strcmp(h->name, name) != 0))
		h = h->next;
	return h;
}

/* --- whether it is called at all --- */

static void
drop(void *own)
{
	struct work *w = own;

	task_release(&w->task);
	free(w->body);
	free(w->reason);
	free(w);
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	return task_take(stage_store(st), e, &task_webhook, ret);
}

/* Its receiver has said that it is gone, at this address: 1, 0 or an ERR. */
static int
is_gone(struct store *s, const struct hook *h)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM webhook_gone"
	    " WHERE webhook = :name AND url_hash = :mark");

	bind_text(&q, ":name", h->name);
	bind_text(&q, ":mark", h->mark);
	return any_row(&q);
}

static int
set_gone(struct store *s, const struct hook *h, bool gone)
{
	struct query q = query(store_desk(s),
	    gone ? "INSERT INTO webhook_gone (webhook, url_hash, since_ms)"
		   " VALUES (:name, :mark, :now) ON CONFLICT (webhook)"
		   " DO UPDATE SET url_hash = :mark, since_ms = :now" :
		   "DELETE FROM webhook_gone WHERE webhook = :name");

	bind_text(&q, ":name", h->name);
	if (gone) {
		bind_text(&q, ":mark", h->mark);
		bind_int(&q, ":now", now_ms());
	}
	step(&q);
	return done(&q);
}

/* Why it is not called; NULL: it is. */
static int
obstacle(struct stage *st, const struct job *j, const struct task *a,
    const struct hook *h, const char **ret)
{
	int code = 0;

	*ret = NULL;
	if (stage_is_dry(st) || store_is_scratch(stage_store(st)))
		*ret = "not called in a dry run";
	else if (h == NULL)
		*ret = "no webhook has this name";
	else if (h->fault != NULL)
		*ret = "its settings are not right: desk-hook --check";
	else if (j->late)
		*ret = "too old";
	else if (!a->again && (code = is_gone(stage_store(st), h)) == 1)
		*ret = "its receiver is gone";
	return code < 0 ? code : 0;
}

/* Takes data. */
static int
tell(struct stage *st, const struct job *j, const struct task *a,
    const char *type, json_t *data)
{
	return stage_emit(st, j->event, type, a->request->subject, data, NULL);
}

static int
not_called(struct stage *st, const struct job *j, const struct task *a,
    const char *why)
{
	json_t *data = task_outcome(a, 0);

	json_put(data, "reason", why);
	return tell(st, j, a, "webhook.failed", data);
}

static int
begin(struct stage *st, struct job *j)
{
	struct task a;
	struct hook *h;
	struct work *w;
	const char *why = NULL;
	int code = task_open(stage_store(st), j->event, &task_webhook, &a);

	if (code <= 0)
		return code < 0 ? code : BEGIN_CLOSED;
	h = hook_of(stage_ctx(st), a.name);
	code = task_settled(stage_store(st), &a, j->event);
	if (code == 0)
		code = obstacle(st, j, &a, h, &why);
	if (code == 0 && why != NULL) {
		code = not_called(st, j, &a, why);
		code = code < 0 ? code : 1;
	}
	if (code != 0) {
		task_release(&a);
		return code < 0 ? code : BEGIN_CLOSED;
	}
	w = xcalloc(1, sizeof(*w));
	w->stage = st;
	w->job = j;
	w->hook = h;
	w->task = a;
	w->retry_after_ms = -1;
	j->own = w;
	if (h->until_ms > now_ms())
		stage_wait(st, j, h->until_ms);
	else
		code = task_line(stage_store(st), &a, true, &w->body);
	return code < 0 ? code : BEGIN_START;
}

/* --- the call --- */

static void
end(struct work *w, const char *reason)
{
	free(w->reason);
	w->reason = xstrdup(reason);
	stage_finish(w->stage, w->job);
}

static void
on_answer(void *arg, const struct http_result *r)
{
	struct work *w = arg;
	char *why = NULL;

	fault("desk-hook.answered");
	w->status = r->status;
	w->took_ms = r->took_ms;
	w->retry_after_ms = r->retry_after_ms;
	/* Whatever becomes of the rest of the answer, it was taken. */
	w->done = r->status / 100 == 2;
	w->gone = r->status == GONE;
	if (!w->done && r->closed)
		why = xstrdup("its address is not public");
	else if (!w->done && r->class == HTTP_ANSWERED)
		why =
		    xformat("its receiver answered with status %d", r->status);
	else if (!w->done)
		why = xstrdup(r->why);
	end(w, why);
	free(why);
}

static int
post(struct work *w, const struct webhook_secrets *secrets)
{
	const struct caller *c = stage_ctx(w->stage);
	const char *list[WEBHOOK_HEADERS + 1] = { NULL };
	char *headers[WEBHOOK_HEADERS];
	struct http_request r = { .url = w->hook->url,
		.headers = list,
		.body = w->body,
		.total_ms = w->hook->timeout_ms,
		.repeatable = true,
		.anywhere = w->hook->is_private };
	size_t i;
	int code;

	webhook_headers(secrets, w->task.id, now_ms() / 1000, w->body,
	    strlen(w->body), headers);
	for (i = 0; i < WEBHOOK_HEADERS; i++)
		list[i] = headers[i];
	code = http_post(c->http, &r, on_answer, w);
	for (i = 0; i < WEBHOOK_HEADERS; i++)
		free(headers[i]);
	return code;
}

static int
start(struct stage *st, struct job *j)
{
	struct webhook_secrets *secrets = NULL;
	struct work *w = j->own;

	(void)st;
	if (read_secrets(w->hook, &secrets) < 0)
		end(w, "its secrets cannot be read");
	else if (post(w, secrets) < 0)
		end(w, "it cannot be called");
	webhook_secrets_free(secrets);
	return 0;
}

/* --- the outcome --- */

/* A wait that differs from that of others, and is the same each time: what
 * failed together shall not come back together. */
static int64_t
spread(int64_t wait_ms, const struct job *j)
{
	char nth[24], id[SHORT_ID_BYTES];
	unsigned n = 0;
	size_t i;

	snprintf(nth, sizeof(nth), "%d", j->attempt);
	id_short(id, j->key, nth, NULL);
	for (i = 0; id[i] != '\0'; i++)
		n = n * 31 + (unsigned char)id[i];
	return wait_ms + wait_ms * (int64_t)(n % (JITTER + 1)) / 100;
}

/* How long until the next try; -1: there is none. */
static int64_t
again_in(const struct job *j, const struct work *w)
{
	struct hook *h = w->hook;
	int64_t wait = h->retry_ms;
	int i;

	if (w->gone || j->attempt >= h->tries)
		return -1;
	for (i = 1; i < j->attempt && wait < h->retry_most_ms; i++)
		wait *= TIMES;
	if (wait > h->retry_most_ms)
		wait = h->retry_most_ms;
	wait = spread(wait, j);
	if (w->retry_after_ms > wait)
		wait = w->retry_after_ms;
	/* What is said of one call holds for all. */
	if (w->retry_after_ms >= 0 &&
	    now_ms() + w->retry_after_ms > h->until_ms)
		h->until_ms = now_ms() + w->retry_after_ms;
	return now_ms() + wait <= j->first_ms + h->give_up_ms ? wait : -1;
}

static int
delivered(struct stage *st, const struct job *j, const struct work *w)
{
	json_t *data;
	int code = set_gone(stage_store(st), w->hook, false);

	if (code < 0)
		return code;
	data = task_outcome(&w->task, j->attempt);
	json_put_int(data, "status", w->status);
	json_put_int(data, "took_ms", w->took_ms);
	return tell(st, j, &w->task, "webhook.delivered", data);
}

static int
finish(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	int64_t wait;
	json_t *data;
	int code = task_settled(stage_store(st), &w->task, j->event);

	if (code != 0)
		return code < 0 ? code : 0;
	if (w->done) {
		w->hook->until_ms = 0;
		return delivered(st, j, w);
	}
	wait = again_in(j, w);
	if (wait >= 0) {
		stage_failed(st, KIND " %s: action %s: %s: again in %lld s",
		    w->hook->name, w->task.id, w->reason,
		    (long long)(wait + 999) / 1000);
		stage_retry(st, j, now_ms() + wait);
		return 0;
	}
	stage_failed(st, KIND " %s: action %s: %s", w->hook->name, w->task.id,
	    w->reason);
	if (w->gone)
		code = set_gone(stage_store(st), w->hook, true);
	if (code < 0)
		return code;
	data = task_outcome(&w->task, j->attempt);
	json_put(data, "reason", w->reason);
	if (w->status != 0)
		json_put_int(data, "status", w->status);
	return tell(st, j, &w->task, "webhook.failed", data);
}

static int
wait_for(struct stage *st, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct caller *c = stage_ctx(st);

	return http_wait(c->http, fds, nfds, timeout_ms);
}

static const char *const types[] = { TASK_TYPES, NULL };

static const struct stage_def def = {
	.name = "desk-hook",
	.types = types,
	.max_age_ms = MAX_AGE_MS,
	.lean = true,
	.import = desk_import,
	.join = desk_join,
	.take = take,
	.begin = begin,
	.start = start,
	.finish = finish,
	.wait = wait_for,
	.drop = drop,
	.reload_check = settings_readable,
};

static void
set_up(struct caller *c)
{
	const struct http_limits limits = { .max_flight = FLIGHT_MAX,
		.max_bytes = ANSWER_MAX_BYTES,
		.public_only = true };
	char **names = task_names(c->conf, KIND);
	struct hook *h;
	size_t i;

	for (i = 0; names[i] != NULL; i++) {
		/* The others can be called all the same. */
		if (hook_open(c->conf, names[i], &h) < 0)
			log_warnx("%s", h->fault);
		h->next = c->hooks;
		c->hooks = h;
	}
	task_names_free(names);
	if (stage_options.jobs > FLIGHT_MAX)
		stage_options.jobs = FLIGHT_MAX;
	cli_need(http_new(&limits, &c->http));
}

int
main(int argc, char *argv[])
{
	struct caller c = { 0 };
	struct hook *h;
	struct cli cli;
	int code;

	secret_guard();
	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	task_command(&cli, &task_webhook, stage_options.store);
	if (stage_options.follow)
		cli_hold_hangup();
	cli_need(conf_open(&c.conf));
	if (task_options.check)
		cli_exit(task_check(c.conf, KIND, check_one));
	set_up(&c);
	code = stage_run(&def, &c);
	http_free(c.http);
	while ((h = c.hooks) != NULL) {
		c.hooks = h->next;
		hook_free(h);
	}
	conf_close(c.conf);
	cli_exit(code);
}
