/* pool - the calls to model providers of one thread */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "ai/pool.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/secret.h"
#include "net/http.h"

#define MAX_FLIGHT 512
#define BREAKER_FAILURES 5
#define BREAKER_OPEN_MS 15000
#define TRIAL_PARTS 8 /* of that time, until a trial is asked about */
#define ANSWER_MAX_BYTES (4 * 1024 * 1024)
#define MINUTE_MS 60000

/* An address that models are asked at. */
struct place {
	char *url;
	int flight;	    /* calls under way */
	int failures;	    /* in a row */
	int64_t dead_until; /* monotonic; 0: it is not */
	bool trying;	    /* a call tries whether it is back */
	int64_t next_ms;    /* when the next call may begin, by its rate */
	struct place *next;
};

struct call {
	struct pool *pool;
	struct place *place;
	struct pool_call ask;
	char hash[HASH_HEX_BYTES]; /* of address and body */
	struct buf heard;	   /* with record: the answer's bytes */
	int64_t begin_ms;	   /* not before, by the rate of its place */
	int64_t started_ms;	   /* 0: it waits for its turn */
	bool over;
	struct call *next;
};

struct side {
	struct pool_side is;
	struct side *next;
};

#define SIDES_MAX 256 /* that are polled at a time */

struct pool {
	struct side *sides;
	struct http *http; /* NULL: replay */
	char *record, *replay;
	int breaker_failures;
	int64_t breaker_open_ms;
	struct place *places;
	struct call *waiting, **waiting_end;
	struct call *played; /* with replay: to be told of by pool_wait */
	int busy;
};

/* Make it unless it is there; what could not be kept is told at once. */
static int
record_folder(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(ERR_CREATE, "%s", path);
	if (stat(path, &st) < 0)
		return err_errno(ERR_CREATE, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(ERR_CREATE,
		    "%s: not a folder, so nothing can be recorded there", path);
	return access(path, W_OK | X_OK) < 0 ?
	    err_errno(ERR_CREATE, "%s", path) :
	    0;
}

int
pool_new(const struct pool_options *o, struct pool **ret)
{
	struct pool *p = xcalloc(1, sizeof(*p));
	struct http_limits limits = {
		.max_flight = o->max_flight > 0 ? o->max_flight : MAX_FLIGHT,
		.max_bytes = ANSWER_MAX_BYTES,
	};
	struct stat st;
	int code = 0;

	p->waiting_end = &p->waiting;
	p->breaker_failures =
	    o->breaker_failures > 0 ? o->breaker_failures : BREAKER_FAILURES;
	p->breaker_open_ms =
	    o->breaker_open_ms > 0 ? o->breaker_open_ms : BREAKER_OPEN_MS;
	p->record = xstrdup(o->record);
	p->replay = xstrdup(o->replay);
	if (p->replay != NULL &&
	    (stat(p->replay, &st) < 0 || !S_ISDIR(st.st_mode)))
		code = err_set(ERR_NOINPUT,
		    "%s: no folder of recorded exchanges", p->replay);
	else if (p->record != NULL)
		code = record_folder(p->record);
	if (code == 0 && p->replay == NULL)
		code = http_new(&limits, &p->http);
	if (code < 0) {
		pool_free(p);
		return code;
	}
	*ret = p;
	return 0;
}

static void
call_free(struct call *c)
{
	buf_release(&c->heard);
	free(c);
}

void
pool_free(struct pool *p)
{
	struct place *place;
	struct side *side;
	struct call *c;

	if (p == NULL)
		return;
	http_free(p->http);
	while ((side = p->sides) != NULL) {
		p->sides = side->next;
		free(side);
	}
	while ((c = p->waiting) != NULL) {
		p->waiting = c->next;
		call_free(c);
	}
	while ((c = p->played) != NULL) {
		p->played = c->next;
		call_free(c);
	}
	while ((place = p->places) != NULL) {
		p->places = place->next;
		free(place->url);
		free(place);
	}
	free(p->record);
	free(p->replay);
	free(p);
}

static struct place *
place_of(struct pool *p, const char *url)
{
	struct place *place;

	for (place = p->places; place != NULL; place = place->next)
		if (strcmp(place->url, url) == 0)
			return place;
	place = xcalloc(1, sizeof(*place));
	place->url = xstrdup(url);
	place->next = p->places;
	p->places = place;
	return place;
}

/* --- the breaker --- */

int64_t
pool_dead_ms(struct pool *p, const struct profile *profile)
{
	const struct place *place = place_of(p, profile->url);
	int64_t now = mono_ms();

	if (place->dead_until == 0)
		return 0;
	if (place->dead_until > now)
		return place->dead_until - now;
	/* One call finds out whether it is well again: it is soon known. */
	return place->trying ? p->breaker_open_ms / TRIAL_PARTS : 0;
}

void
pool_tell(struct pool *p, const struct profile *profile, bool failed)
{
	struct place *place = place_of(p, profile->url);

	place->trying = false;
	if (!failed) {
		place->failures = 0;
		place->dead_until = 0;
	} else if (++place->failures >= p->breaker_failures)
		place->dead_until = mono_ms() + p->breaker_open_ms;
}

/* --- recording --- */

/* What an exchange is filed under: the address and all that was sent. */
static void
name_exchange(struct call *c)
{
	char *text = xformat("%s\n%s", c->place->url, c->ask.request->body);

	hash_hex(c->hash, text, strlen(text));
	free(text);
}

static void
record(const struct call *c, const struct pool_result *r)
{
	json_t *o = json_object(), *request = NULL;
	const char *body = c->ask.request->body,
		   *heard = c->heard.data != NULL ? c->heard.data : "";
	char *path, *text;

	json_put(o, "url", c->place->url);
	if (json_value_parse(body, strlen(body), &request) == 0)
		json_put_new(o, "request", request);
	json_put_int(o, "status", r->status);
	json_put_int(o, "retry_after_ms", r->retry_after_ms);
	json_put(o, "why", r->why);
	if (utf8_valid(heard, c->heard.len))
		json_put(o, "response", heard);
	else {
		text = xmalloc(2 * c->heard.len + 1);
		sodium_bin2hex(text, 2 * c->heard.len + 1,
		    (const unsigned char *)heard, c->heard.len);
		json_put(o, "response_hex", text);
		free(text);
	}
	path = xformat("%s/%s.json", c->pool->record, c->hash);
	text = json_text(o);
	/* A recording that fails spoils no answer; replay says what is missing.
	 */
	file_put(path, text, strlen(text), 0600);
	free(text);
	free(path);
	json_decref(o);
}

static void
play(struct call *c)
{
	char *path = xformat("%s/%s.json", c->pool->replay, c->hash), *text;
	unsigned char *bytes = NULL;
	struct pool_result r = { .retry_after_ms = -1,
		.why = "no such exchange was recorded",
		.unsent = true };
	json_t *o = NULL;
	const char *heard;
	size_t len = 0;

	if (file_read(path, 2 * ANSWER_MAX_BYTES, &text, &len) == 0) {
		r.why = "what was recorded of this exchange is damaged";
		if (json_object_parse(text, len, &o) == 0 &&
		    json_is_integer(json_object_get(o, "status"))) {
			heard = json_str(o, "response");
			len = heard != NULL ? strlen(heard) : 0;
			if (heard == NULL) {
				heard = json_str_or(o, "response_hex", "");
				bytes = xmalloc(strlen(heard) / 2 + 1);
				sodium_hex2bin(bytes, strlen(heard) / 2, heard,
				    strlen(heard), NULL, &len, NULL);
				heard = (const char *)bytes;
			}
			r.status = (int)json_int_or(o, "status", 0);
			r.retry_after_ms = json_int_or(o, "retry_after_ms", -1);
			r.why = json_str(o, "why");
			r.unsent = false;
			provider_feed(c->ask.reader, heard, len);
		}
		free(text);
	}
	c->pool->busy--;
	c->ask.done(c->ask.arg, &r);
	free(bytes);
	json_decref(o);
	free(path);
	call_free(c);
}

const char *
pool_record(const struct pool *p)
{
	return p->record;
}

const char *
pool_replay(const struct pool *p)
{
	return p->replay;
}

/* --- calls --- */

static int
take_bytes(void *arg, const void *data, size_t len)
{
	struct call *c = arg;
	int got;

	if (c->pool->record != NULL)
		buf_add(&c->heard, data, len);
	got = provider_feed(c->ask.reader, data, len);
	return got > 0 ? HTTP_ENOUGH : got;
}

static void start_waiting(struct pool *p);

static void
told(void *arg, const struct http_result *h)
{
	struct call *c = arg;
	struct pool *p = c->pool;
	struct pool_result r = { .status = h->status,
		.retry_after_ms = h->retry_after_ms,
		.took_ms = mono_ms() - c->started_ms,
		.why = h->why,
		.unsent = h->class == HTTP_NOT_SENT };

	/* What is no 2xx did not go to the sink. */
	if (h->status >= 300 && h->body_len > 0)
		take_bytes(c, h->body, h->body_len);
	if (h->class != HTTP_ANSWERED && h->status < 300)
		r.status = 0;
	if (p->record != NULL)
		record(c, &r);
	c->place->flight--;
	p->busy--;
	/* The next one goes before this answer is looked at, which takes a
	 * while; but for a failure, of which the breaker is to know first. */
	if (r.status >= 200 && r.status < 300)
		start_waiting(p);
	c->ask.done(c->ask.arg, &r);
	call_free(c);
	start_waiting(p);
}

static int
start(struct call *c)
{
	const struct provider_request *request = c->ask.request;
	const char *headers[6] = { NULL };
	char *key = provider_key_header(c->ask.profile);
	int64_t left = c->ask.deadline_ms - mono_ms();
	struct http_request r = { .url = c->place->url,
		.headers = headers,
		.body = request->body,
		.sink = take_bytes,
		.sink_max_bytes = ANSWER_MAX_BYTES,
		.total_ms = left < c->ask.profile->timeout_ms ?
		    left :
		    c->ask.profile->timeout_ms,
		.packed = true,
		.repeatable = true };
	size_t n;
	int code;

	for (n = 0; request->headers[n] != NULL; n++)
		headers[n] = request->headers[n];
	headers[n] = key;
	if (r.total_ms < 1)
		r.total_ms = 1;
	c->started_ms = mono_ms();
	code = http_post(c->pool->http, &r, told, c);
	secret_free(key);
	if (code == 0)
		c->place->flight++;
	return code;
}

static bool
may_start(const struct call *c, int64_t now)
{
	return c->place->flight < c->ask.profile->parallel &&
	    c->begin_ms <= now;
}

/* Tell a call that waited, and takes no place any more, that it failed. */
static void
give_up(struct call *c, const char *why, bool late)
{
	struct pool_result r = { .retry_after_ms = -1,
		.why = why,
		.late = late,
		.unsent = true };

	c->pool->busy--;
	c->ask.done(c->ask.arg, &r);
	call_free(c);
}

/* Start what may go, in order; give up what has waited for too long. */
static void
start_waiting(struct pool *p)
{
	struct call **at = &p->waiting, *c;
	int64_t now = mono_ms();

	while ((c = *at) != NULL) {
		if (c->ask.deadline_ms > now && !may_start(c, now)) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		if (*at == NULL)
			p->waiting_end = at;
		c->next = NULL;
		if (c->ask.deadline_ms <= now)
			give_up(c, "its turn did not come in time", true);
		else if (start(c) < 0)
			give_up(c, err_reason(), false);
		/* The callback may have asked for more: begin anew. */
		at = &p->waiting;
	}
}

int
pool_ask(struct pool *p, const struct pool_call *ask)
{
	struct call *c = xcalloc(1, sizeof(*c));
	int64_t now = mono_ms();
	int code = 0;

	c->pool = p;
	c->ask = *ask;
	c->place = place_of(p, ask->profile->url);
	name_exchange(c);
	if (p->replay != NULL) {
		c->next = p->played;
		p->played = c;
		p->busy++;
		return 0;
	}
	if (c->place->dead_until != 0)
		c->place->trying = true;
	c->begin_ms = now;
	if (ask->profile->rate > 0) {
		if (c->place->next_ms > now)
			c->begin_ms = c->place->next_ms;
		c->place->next_ms =
		    c->begin_ms + MINUTE_MS / ask->profile->rate;
	}
	if (p->waiting == NULL && may_start(c, now))
		code = start(c);
	else {
		*p->waiting_end = c;
		p->waiting_end = &c->next;
	}
	if (code < 0) {
		call_free(c);
		return code;
	}
	p->busy++;
	return 0;
}

int
pool_busy(const struct pool *p)
{
	return p != NULL ? p->busy : 0;
}

/* How long until a call that waits may start or is given up; -1: none waits. */
static int64_t
next_turn(const struct pool *p)
{
	int64_t now = mono_ms(), at = INT64_MAX;
	const struct call *c;

	for (c = p->waiting; c != NULL; c = c->next) {
		if (c->place->flight < c->ask.profile->parallel &&
		    c->begin_ms < at)
			at = c->begin_ms;
		if (c->ask.deadline_ms < at)
			at = c->ask.deadline_ms;
	}
	return at == INT64_MAX ? -1 : at > now ? at - now : 0;
}

/* --- what else is waited for --- */

void
pool_aside(struct pool *p, const struct pool_side *is)
{
	struct side *side = xcalloc(1, sizeof(*side));

	side->is = *is;
	side->next = p->sides;
	p->sides = side;
	p->busy++;
}

/* The longest that all of them can be left alone; -1: there are none. */
static int64_t
sides_wait(const struct pool *p)
{
	const struct side *s;
	int64_t wait, least = -1;

	for (s = p->sides; s != NULL; s = s->next) {
		wait = s->is.wait_ms(s->is.arg);
		if (least < 0 || wait < least)
			least = wait < 0 ? 0 : wait;
	}
	return least;
}

/* Each has its turn; who is over is told of it, and forgotten before. */
static void
work_sides(struct pool *p)
{
	struct side **at = &p->sides, *s, *over = NULL;

	while ((s = *at) != NULL) {
		if (!s->is.work(s->is.arg)) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		s->next = over;
		over = s;
	}
	while ((s = over) != NULL) {
		over = s->next;
		p->busy--;
		s->is.done(s->is.arg);
		free(s);
	}
}

/* The caller's descriptors and those of the sides, polled together. */
static int
wait_on(struct pool *p, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct pollfd all[SIDES_MAX + 16];
	int64_t wait = sides_wait(p);
	const struct side *s;
	int n = 0, i, code = 0;

	if (wait >= 0 && (timeout_ms < 0 || wait < timeout_ms))
		timeout_ms = (int)wait;
	for (i = 0; i < nfds && i < 16; i++)
		all[n++] = fds[i];
	for (s = p->sides; s != NULL && n < SIDES_MAX + 16; s = s->next)
		all[n++] = (struct pollfd){ .fd = s->is.fd(s->is.arg),
			.events = s->is.events(s->is.arg) };
	if (p->http != NULL)
		code = http_wait(p->http, all, n, timeout_ms);
	else if (n > 0 || timeout_ms != 0)
		poll(all, (nfds_t)n, timeout_ms);
	for (i = 0; i < nfds && i < 16; i++)
		fds[i].revents = all[i].revents;
	work_sides(p);
	return code;
}

int
pool_wait(struct pool *p, struct pollfd *fds, int nfds, int timeout_ms)
{
	int64_t turn;
	struct call *c;
	int code;

	if (p->played != NULL) {
		c = p->played;
		p->played = c->next;
		play(c);
		timeout_ms = 0;
	}
	if (p->http == NULL)
		return wait_on(p, fds, nfds, timeout_ms);
	turn = next_turn(p);
	if (turn >= 0 && (timeout_ms < 0 || turn < timeout_ms))
		timeout_ms = (int)turn;
	code = wait_on(p, fds, nfds, timeout_ms);
	start_waiting(p);
	return code;
}
