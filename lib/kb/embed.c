/* embed - texts to vectors, through an endpoint that speaks as OpenAI's does */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/settings.h"
#include "kb/embed.h"
#include "kb/vector.h"
#include "net/http.h"

#define BASE "https://api.openai.com/v1"
#define PATH "/embeddings"
#define CREDENTIAL "key-embed"
#define ANSWER_MAX_BYTES (256 << 20)

/* --- settings --- */

static int
read_key(const struct conf *c, char **ret)
{
	char *path = setting_path(c, "embed", "key_file");
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	int code = 0;

	if (path == NULL && dir != NULL && *dir != '\0') {
		path = xformat("%s/" CREDENTIAL, dir);
		if (access(path, F_OK) != 0) {
			free(path);
			path = NULL;
		}
	}
	if (path != NULL)
		code = file_secret(path, ret);
	if (code == 0 && *ret != NULL && **ret == '\0') {
		free(*ret);
		*ret = NULL;
	}
	free(path);
	return code < 0 ? ERR_CONFIG : 0;
}

int
embed_settings(const struct conf *c, struct embed_settings *ret)
{
	struct embed_settings s = { 0 };
	const struct {
		const char *key;
		int64_t *value;
		bool time;
	} numbers[] = {
		{ "dimensions", &s.dimensions, false },
		{ "batch", &s.batch, false },
		{ "parallel", &s.parallel, false },
		{ "retries", &s.retries, false },
		{ "timeout", &s.timeout_ms, true },
		{ "retry", &s.retry_ms, true },
		{ "retry_most", &s.retry_most_ms, true },
	};
	const char *url = setting_text(c, "embed", "url");
	size_t i;
	int code = 0;

	s.url = http_endpoint(url != NULL ? url : BASE, PATH);
	s.model = setting_text(c, "embed", "model");
	s.passage_prefix = setting_text(c, "embed", "passage_prefix");
	s.query_prefix = setting_text(c, "embed", "query_prefix");
	if (s.passage_prefix == NULL)
		s.passage_prefix = "";
	if (s.query_prefix == NULL)
		s.query_prefix = "";
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && code == 0; i++)
		code = numbers[i].time ?
		    setting_duration(c, "embed", numbers[i].key,
			numbers[i].value) :
		    setting_int(c, "embed", numbers[i].key, numbers[i].value);
	if (code == 0)
		code = read_key(c, &s.key);
	if (code == 0 && (s.model == NULL || *s.model == '\0'))
		code = err_set(ERR_CONFIG,
		    "no model is set: set embed.model, such as "
		    "text-embedding-3-small");
	if (code < 0) {
		embed_settings_release(&s);
		return ERR_CONFIG;
	}
	*ret = s;
	return 0;
}

void
embed_settings_release(struct embed_settings *s)
{
	if (s->key != NULL)
		sodium_memzero(s->key, strlen(s->key));
	free(s->key);
	free(s->url);
	memset(s, 0, sizeof(*s));
}

/* --- lines --- */

char *
embed_request(const struct embed_settings *s, const char *model,
    const char *const *texts, size_t n)
{
	json_t *body = json_object(), *input = json_array();
	char *text;
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(input, json_text_new(texts[i]));
	json_put(body, "model", model);
	json_put_new(body, "input", input);
	json_put(body, "encoding_format", "base64");
	if (s->dimensions > 0)
		json_put_int(body, "dimensions", s->dimensions);
	text = json_text(body);
	json_decref(body);
	return text;
}

/* Floats of base64, little end first. */
static int
from_base64(const char *text, float **ret, size_t *ret_count)
{
	size_t len = strlen(text), got = 0;
	unsigned char *bytes = xmalloc(len / 4 * 3 + 4);
	float *v = NULL;
	uint32_t bits;
	size_t i;

	if (sodium_base642bin(bytes, len / 4 * 3 + 3, text, len, NULL, &got,
		NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    got == 0 || got % sizeof(float) != 0) {
		free(bytes);
		return err_set(ERR_UNAVAILABLE,
		    "the endpoint's answer has an embedding that is not base64 "
		    "of floats");
	}
	*ret_count = got / sizeof(float);
	v = xmalloc(got);
	for (i = 0; i < *ret_count; i++) {
		bits = (uint32_t)bytes[4 * i] |
		    (uint32_t)bytes[4 * i + 1] << 8 |
		    (uint32_t)bytes[4 * i + 2] << 16 |
		    (uint32_t)bytes[4 * i + 3] << 24;
		memcpy(&v[i], &bits, sizeof(bits));
	}
	free(bytes);
	*ret = v;
	return 0;
}

static int
one_embedding(const json_t *value, float **ret, size_t *ret_count)
{
	size_t n = json_array_size(value), i;
	const json_t *x;
	float *v;

	if (json_is_string(value))
		return from_base64(json_string_value(value), ret, ret_count);
	if (n == 0)
		return err_set(ERR_UNAVAILABLE,
		    "the endpoint's answer has no embedding");
	v = xmalloc(n * sizeof(*v));
	for (i = 0; i < n; i++) {
		x = json_array_get(value, i);
		/* null is how some write what is no number. */
		v[i] = json_is_number(x) ? (float)json_number_value(x) : NAN;
	}
	*ret = v;
	*ret_count = n;
	return 0;
}

/* Put the vector of data[i] where its index says. */
static int
place(const json_t *one, size_t i, size_t n, float **all, size_t *dimensions,
    bool *seen)
{
	int64_t at = json_int_or(one, "index", (int64_t)i);
	size_t count = 0;
	float *v = NULL;
	int code = one_embedding(json_at(one, "embedding"), &v, &count);

	if (code == 0 && (at < 0 || (size_t)at >= n || seen[at]))
		code = err_set(ERR_UNAVAILABLE,
		    "the endpoint's answer has a wrong index");
	if (code == 0 && *all == NULL) {
		*dimensions = count;
		if (count > VECTOR_DIMENSIONS_MAX)
			code = err_set(ERR_CONFIG,
			    "the model's vectors have %zu numbers: more than "
			    "%d are not kept, set embed.dimensions",
			    count, VECTOR_DIMENSIONS_MAX);
		else
			*all = xcalloc(n * count, sizeof(**all));
	}
	if (code == 0 && count != *dimensions)
		code = err_set(ERR_UNAVAILABLE,
		    "the endpoint's answer has vectors of %zu and of %zu "
		    "numbers",
		    *dimensions, count);
	if (code == 0) {
		memcpy(*all + (size_t)at * count, v, count * sizeof(*v));
		seen[at] = true;
	}
	free(v);
	return code;
}

int
embed_parse(const char *body, size_t len, size_t n, float **ret,
    size_t *ret_dimensions)
{
	json_t *answer = NULL, *data;
	bool *seen = xcalloc(n + 1, sizeof(*seen));
	float *all = NULL;
	size_t dimensions = 0, i;
	int code = json_lenient(body, len, &answer);

	if (code < 0)
		code = err_set(ERR_UNAVAILABLE,
		    "the endpoint's answer is not JSON");
	data = json_at(answer, "data");
	if (code == 0 && !json_is_array(data))
		code = err_set(ERR_UNAVAILABLE,
		    "the endpoint's answer has no list of data: is embed.url "
		    "right?");
	if (code == 0 && json_array_size(data) != n)
		code = err_set(ERR_UNAVAILABLE,
		    "the endpoint's answer has %zu vectors for %zu texts",
		    json_array_size(data), n);
	for (i = 0; i < n && code == 0; i++)
		code = place(json_array_get(data, i), i, n, &all, &dimensions,
		    seen);
	for (i = 0; i < n && code == 0; i++)
		code = vector_normalise(all + i * dimensions, dimensions);
	json_decref(answer);
	free(seen);
	if (code < 0) {
		free(all);
		return code;
	}
	*ret = all;
	*ret_dimensions = dimensions;
	return 0;
}

/* The endpoint's name for what is wrong, where it is one: its words may hold
 * parts of a key or a text. */
static char *
name_of_error(const char *body, size_t len)
{
	static const char *const paths[] = { "error/code", "error/type", "code",
		"type" };
	json_t *answer = NULL;
	const char *name = NULL;
	char *copy = NULL;
	size_t i;

	if (json_lenient(body, len, &answer) < 0)
		return NULL;
	for (i = 0; i < 4 && copy == NULL; i++) {
		name = json_str(answer, paths[i]);
		if (name != NULL && *name != '\0' && strlen(name) <= 40 &&
		    strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name))
			copy = xstrdup(name);
	}
	json_decref(answer);
	return copy;
}

/* --- calls --- */

/* Texts that go together. */
struct batch {
	struct run *run;
	void **items;
	const char **texts; /* borrowed */
	size_t n;
	int64_t tries;
	int64_t due_ms; /* by mono_ms() */
	bool probe;	/* of ours: whether anything is taken at all */
	struct batch *next;
};

struct run {
	const struct embed_settings *s;
	const struct embed_job *job;
	struct http *http;
	struct batch *waiting; /* in no order: few */
	struct batch *flying_list;
	size_t dimensions;
	size_t size; /* of new batches */
	int flying;
	bool ended;	    /* there is no more */
	bool taken, probed; /* a text was taken; a probe went out */
	int64_t pause_ms;   /* nothing goes out before */
	struct embed_counts counts;
	int code;
	char *reason;
};

static void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	free(b->items);
	free(b->texts);
	free(b);
}

static struct batch *
new_batch(struct run *r, size_t n)
{
	struct batch *b = xcalloc(1, sizeof(*b));

	b->run = r;
	b->items = xcalloc(n + 1, sizeof(*b->items));
	b->texts = xcalloc(n + 1, sizeof(*b->texts));
	b->n = n;
	return b;
}

static void
free_list(struct batch *b)
{
	struct batch *next;

	for (; b != NULL; b = next) {
		next = b->next;
		batch_free(b);
	}
}

static void
wait_with(struct run *r, struct batch *b)
{
	b->next = r->waiting;
	r->waiting = b;
}

/* End it all with the reason that is set. */
static void
fail(struct run *r, int code)
{
	if (r->code < 0)
		return;
	r->code = code;
	r->reason = xstrdup(err_reason());
}

/* Two halves in the place of b. */
static void
halve(struct run *r, struct batch *b)
{
	size_t half = b->n / 2, i;
	struct batch *rest = new_batch(r, b->n - half);

	for (i = half; i < b->n; i++) {
		rest->items[i - half] = b->items[i];
		rest->texts[i - half] = b->texts[i];
	}
	b->n = half;
	b->tries = 0;
	b->due_ms = 0;
	wait_with(r, rest);
	wait_with(r, b);
}

static void
refuse(struct run *r, struct batch *b, const char *reason)
{
	int code = r->job->refused(r->job->ctx, b->items[0], reason);

	r->counts.refused++;
	if (code < 0)
		fail(r, code);
	batch_free(b);
}

/*
 * A batch that is not taken. Alone it is a text at fault, if any other is
 * taken; where none was yet, a word of ours is tried first: a wrong setting
 * must not refuse a whole base, one by one.
 */
static void
not_taken(struct run *r, struct batch *b, const char *reason)
{
	struct batch *probe;

	if (b->probe) {
		err_set(ERR_CONFIG,
		    "the endpoint takes no text at all: %s: look at "
		    "embed.model and embed.dimensions",
		    reason);
		fail(r, ERR_CONFIG);
		batch_free(b);
	} else if (b->n > 1)
		halve(r, b);
	else if (r->taken)
		refuse(r, b, reason);
	else {
		if (!r->probed) {
			r->probed = true;
			probe = new_batch(r, 1);
			probe->texts[0] = "word";
			probe->probe = true;
			wait_with(r, probe);
		}
		b->due_ms = 0; /* after the probe, see next_batch() */
		wait_with(r, b);
	}
}

/* Try b again later, or end it all after as many tries as are set. */
static void
again(struct run *r, struct batch *b, int64_t retry_after_ms, int code,
    const char *reason)
{
	int64_t wait = r->s->retry_ms, now = mono_ms();
	int64_t i;

	if (b->tries >= r->s->retries) {
		err_set(code, "%s", reason);
		fail(r, code);
		batch_free(b);
		return;
	}
	for (i = 0; i < b->tries && wait < r->s->retry_most_ms; i++)
		wait *= 2;
	if (wait > r->s->retry_most_ms)
		wait = r->s->retry_most_ms;
	if (retry_after_ms > r->s->retry_most_ms) {
		err_set(ERR_BUSY, "%s, and wants us to wait for %lld s", reason,
		    (long long)retry_after_ms / 1000);
		fail(r, ERR_BUSY);
		batch_free(b);
		return;
	}
	if (retry_after_ms >= 0)
		wait = retry_after_ms;
	/* What is said of one call holds for all. */
	if (code == ERR_BUSY && now + wait > r->pause_ms)
		r->pause_ms = now + wait;
	b->tries++;
	b->due_ms = now + wait;
	r->counts.retries++;
	wait_with(r, b);
}

static void
have_vectors(struct run *r, struct batch *b, const struct http_result *res)
{
	float *vectors = NULL;
	size_t dimensions = 0;
	char *reason;
	int code =
	    embed_parse(res->body, res->body_len, b->n, &vectors, &dimensions);

	if (code == ERR_DATA || code == ERR_UNAVAILABLE) {
		reason = xstrdup(err_reason());
		if (code == ERR_DATA && b->tries > 0)
			not_taken(r, b, reason);
		else
			again(r, b, -1, ERR_UNAVAILABLE, reason);
		free(reason);
		return;
	}
	if (code == 0 && r->dimensions == 0)
		r->dimensions = dimensions;
	if (code == 0 && dimensions != r->dimensions)
		code = err_set(ERR_CONFIG,
		    "the endpoint's vectors have %zu numbers and %zu are "
		    "wanted: is it another model under the same name? set "
		    "embed.dimensions to begin anew",
		    dimensions, r->dimensions);
	r->taken |= code == 0;
	if (code == 0 && !b->probe) {
		code = r->job->have(r->job->ctx, b->items, b->n, vectors,
		    dimensions);
		r->counts.vectors += (int64_t)b->n;
	}
	if (code < 0)
		fail(r, code);
	free(vectors);
	batch_free(b);
}

/* An answer that is no 2xx. */
static void
bad_status(struct run *r, struct batch *b, const struct http_result *res)
{
	char *name = name_of_error(res->body, res->body_len), *reason;
	int status = res->status, code = 0;

	reason = xformat("the endpoint answered with status %d%s%s", status,
	    name != NULL ? " " : "", name != NULL ? name : "");
	/* Paid for no more: no waiting helps. */
	if (status == 429 && name != NULL &&
	    strcmp(name, "insufficient_quota") == 0)
		code = err_set(ERR_UNAVAILABLE, "%s", reason);
	else if (status == 429)
		again(r, b, res->retry_after_ms, ERR_BUSY, reason);
	else if (status >= 500 || status == 408 || status == 409)
		again(r, b, res->retry_after_ms, ERR_UNAVAILABLE, reason);
	else if (status == 413 && b->n > 1) {
		if (r->size > b->n / 2)
			r->size = b->n / 2;
		halve(r, b);
	} else if (status == 400 || status == 413 || status == 422)
		not_taken(r, b, reason);
	else if (status == 401 || status == 403)
		code = err_set(ERR_CONFIG,
		    "%s: it does not take the key: look at embed.key_file",
		    reason);
	else
		code = err_set(ERR_CONFIG,
		    "%s: look at embed.url and embed.model", reason);
	if (code < 0) {
		fail(r, code);
		batch_free(b);
	}
	free(name);
	free(reason);
}

static void
on_answer(void *arg, const struct http_result *res)
{
	struct batch *b = arg;
	struct run *r = b->run;
	struct batch **at;
	char *reason;

	for (at = &r->flying_list; *at != b; at = &(*at)->next)
		;
	*at = b->next;
	r->flying--;
	if (r->code < 0)
		batch_free(b);
	else if (res->class != HTTP_ANSWERED) {
		reason = xformat("the endpoint: %s", res->why);
		again(r, b, -1, ERR_UNAVAILABLE, reason);
		free(reason);
	} else if (res->status >= 200 && res->status < 300)
		have_vectors(r, b, res);
	else
		bad_status(r, b, res);
}

static int
send_batch(struct run *r, struct batch *b)
{
	struct http_request request = { .url = r->s->url,
		.bearer = r->s->key,
		.total_ms = r->s->timeout_ms,
		.repeatable = true };
	char **texts = xcalloc(b->n + 1, sizeof(*texts)), *body;
	size_t n = b->n, i;
	int code;

	for (i = 0; i < n; i++)
		texts[i] = *r->job->prefix != '\0' ?
		    xformat("%s %s", r->job->prefix, b->texts[i]) :
		    xstrdup(b->texts[i]);
	body =
	    embed_request(r->s, r->job->model, (const char *const *)texts, n);
	request.body = body;
	code = http_post(r->http, &request, on_answer, b);
	if (code == 0) {
		b->next = r->flying_list;
		r->flying_list = b;
		r->flying++;
		r->counts.calls++;
	} else {
		fail(r, code);
		batch_free(b);
	}
	for (i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
	free(body);
	return code;
}

/* A batch whose time has come, or a new one; NULL: none now. *ret_wait is how
 * long the next one has to wait. */
static struct batch *
next_batch(struct run *r, const volatile int *stop, int64_t *ret_wait)
{
	struct batch **at, *b;
	int64_t now = mono_ms(), left;
	/* Until it is known whether anything is taken, no more is asked. */
	bool probing = r->probed && !r->taken;
	int got;

	*ret_wait = -1;
	if (stop != NULL && *stop != 0)
		return NULL;
	if (r->pause_ms > now) {
		*ret_wait = r->pause_ms - now;
		return NULL;
	}
	for (at = &r->waiting; (b = *at) != NULL; at = &b->next) {
		if (probing && !b->probe)
			continue;
		if (b->due_ms <= now) {
			*at = b->next;
			return b;
		}
		left = b->due_ms - now;
		if (*ret_wait < 0 || left < *ret_wait)
			*ret_wait = left;
	}
	if (r->ended || probing)
		return NULL;
	b = new_batch(r, r->size);
	got = r->job->next(r->job->ctx, r->size, b->items, b->texts);
	if (got > 0) {
		b->n = (size_t)got;
		return b;
	}
	batch_free(b);
	r->ended = true;
	if (got < 0)
		fail(r, got);
	return NULL;
}

static void
work(struct run *r, const volatile int *stop)
{
	int64_t wait = -1;
	struct batch *b;
	int code;

	for (;;) {
		while (r->code == 0 && r->flying < r->s->parallel &&
		    (b = next_batch(r, stop, &wait)) != NULL)
			if (send_batch(r, b) < 0)
				break;
		if (r->flying == 0 &&
		    (r->code < 0 || r->waiting == NULL ||
			(stop != NULL && *stop != 0)))
			return;
		/* After an error what is in flight is not waited for. */
		if (r->code < 0)
			return;
		code = http_wait(r->http, NULL, 0,
		    wait < 0 || wait > 1000 ? 1000 : (int)wait);
		if (code < 0)
			fail(r, code);
	}
}

struct embed {
	const struct embed_settings *s;
	struct http *http;
};

int
embed_new(const struct embed_settings *s, struct embed **ret)
{
	struct embed *e;
	int code = http_url_check(s->url);

	if (code < 0)
		return code;
	e = xcalloc(1, sizeof(*e));
	e->s = s;
	*ret = e;
	return 0;
}

void
embed_free(struct embed *e)
{
	if (e == NULL)
		return;
	http_free(e->http);
	free(e);
}

int
embed_run(struct embed *e, const struct embed_job *job,
    const volatile int *stop, struct embed_counts *counts)
{
	struct run r = { .s = e->s,
		.job = job,
		.dimensions = job->dimensions,
		.size = (size_t)e->s->batch };
	int code = 0;

	if (e->http == NULL)
		code = http_new(&(struct http_limits){ .max_flight =
							   (int)e->s->parallel,
				    .total_ms = e->s->timeout_ms,
				    .max_bytes = ANSWER_MAX_BYTES },
		    &e->http);
	if (code < 0)
		return code;
	r.http = e->http;
	work(&r, stop);
	free_list(r.waiting);
	/* What is still in flight must not come back to a run that is over. */
	if (r.flying_list != NULL) {
		http_free(e->http);
		e->http = NULL;
		free_list(r.flying_list);
	}
	if (counts != NULL)
		*counts = r.counts;
	if (r.code < 0)
		err_set(r.code, "%s", r.reason);
	free(r.reason);
	return r.code;
}
