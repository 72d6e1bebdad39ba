/*
 * wire.c - answers on their way out
 *
 * A whole answer is the server's to write. A broken one is written here,
 * straight into the socket of the held request, which ends with the
 * connection.
 */
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "sim/errors.h"
#include "sim/media.h"
#include "sim/wire.h"

#define HUGE_BYTES (100LL * 1024 * 1024)
#define HALF_MS 30000 /* how long a half-closed one stays */
#define DRIP_MS 1000
#define FULL_MS 5 /* the other side does not read: look again */
#define HTTP_DATE_BYTES 40

struct sim_answer {
	struct request *request;
	int64_t due_ms; /* INT64_MAX: never */
	struct sim_reply reply;
	char *raw; /* written by ourselves; NULL: by the server */
	size_t raw_len, done;
	int64_t padding; /* blanks still to follow */
	bool shut;
};

struct sim_reply
sim_reply_json(int status, json_t *o)
{
	struct sim_reply r = { .status = status, .text = json_text(o) };

	json_decref(o);
	return r;
}

struct sim_reply
sim_reply_error(struct sim *s, int code, int subcode, const char *details)
{
	return sim_reply_json(sim_code_http(code),
	    sim_error(code, subcode, details, s->calls));
}

static void
http_date(int64_t ms, char ret[HTTP_DATE_BYTES])
{
	time_t at = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(ret, HTTP_DATE_BYTES, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* The whole answer as the server would write it. */
static char *
raw_answer(const struct sim *s, const struct sim_reply *r)
{
	char date[HTTP_DATE_BYTES], length[48] = "";

	http_date(now_ms() + s->skew_ms, date);
	if (r->act != SIM_HUGE)
		snprintf(length, sizeof length, "Content-Length: %zu\r\n",
		    strlen(r->text));
	return xformat("HTTP/1.1 %d OK\r\nDate: %s\r\n"
		       "Content-Type: application/json\r\n%s"
		       "Connection: close\r\n\r\n%s",
	    r->status, date, length, r->text);
}

static bool
is_raw(enum sim_act act)
{
	return act == SIM_CUT || act == SIM_HALF || act == SIM_HUGE ||
	    act == SIM_DRIP;
}

static void
hold(struct sim *s, struct request *q, struct sim_reply r, int64_t due_ms)
{
	struct sim_answer *a;

	s->answers =
	    xrealloc(s->answers, (s->nanswers + 1) * sizeof *s->answers);
	a = &s->answers[s->nanswers++];
	memset(a, 0, sizeof *a);
	a->request = q;
	a->due_ms = due_ms;
	a->reply = r;
	if (!is_raw(r.act) || r.text == NULL)
		return;
	a->raw = raw_answer(s, &r);
	a->raw_len = strlen(a->raw);
	if (r.act == SIM_CUT || r.act == SIM_HALF)
		a->raw_len -= strlen(r.text) / 2;
	if (r.act == SIM_HUGE)
		a->padding = HUGE_BYTES;
}

static void
answer_now(struct sim *s, struct request *q, struct sim_reply *r)
{
	char date[HTTP_DATE_BYTES], text[32];

	if (s->skew_ms != 0) {
		http_date(now_ms() + s->skew_ms, date);
		request_header_set(q, "Date", date);
	}
	if (r->act == SIM_REDIRECT)
		request_header_set(q, "Location", "http://169.254.169.254/");
	request_type(q, r->type != NULL ? r->type : "application/json");
	if (r->media != NULL) {
		request_type(q, r->media->mime);
		request_answer_bytes(q, r->status, r->media->bytes,
		    r->media->len);
	} else if (r->text == NULL) {
		request_drop(q);
	} else {
		if (r->retry_after_s > 0 && r->as_date) {
			http_date(now_ms() + s->skew_ms +
				1000LL * r->retry_after_s,
			    date);
			request_header_set(q, "Retry-After", date);
		} else if (r->retry_after_s > 0) {
			snprintf(text, sizeof text, "%d", r->retry_after_s);
			request_header_set(q, "Retry-After", text);
		}
		request_answer(q, r->status, r->text, 0);
	}
	free(r->text);
}

void
sim_wire_answer(struct sim *s, struct request *q, struct sim_reply r)
{
	int64_t wait_ms = s->o->delay_ms + r.late_ms;

	if (r.act == SIM_HANG)
		hold(s, q, r, INT64_MAX);
	else if (wait_ms > 0 || is_raw(r.act))
		hold(s, q, r, mono_ms() + wait_ms);
	else
		answer_now(s, q, &r);
}

/* Bytes of a into its socket; true: there is nothing more to do with it. */
static bool
push(struct sim_answer *a, const char *data, size_t len, size_t *ret)
{
	ssize_t n = send(request_socket(a->request), data, len,
	    MSG_NOSIGNAL | MSG_DONTWAIT);

	*ret = n > 0 ? (size_t)n : 0;
	return n < 0 && errno != EAGAIN && errno != EINTR;
}

/* A step of a broken answer; true: the connection may go. */
static bool
step(struct sim_answer *a, int64_t now)
{
	static const char blanks[16 * 1024] = { [0 ... 16 * 1024 - 1] = ' ' };
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	size_t n, len = a->raw_len - a->done;
	int fd = request_socket(a->request);

	if (a->shut)
		return true;
	if (a->reply.act == SIM_DRIP && len > 1)
		len = 1;
	if (len > 0) {
		if (push(a, a->raw + a->done, len, &n))
			return true;
		a->done += n;
		a->due_ms =
		    now + (a->reply.act == SIM_DRIP ? DRIP_MS : FULL_MS);
		if (a->done < a->raw_len)
			return false;
	}
	switch (a->reply.act) {
	case SIM_CUT:
		/* Leaving the connection without a word is a reset. */
		(void)connect(fd, &none, sizeof none);
		return true;
	case SIM_HALF:
		shutdown(fd, SHUT_WR);
		a->shut = true;
		a->due_ms = now + HALF_MS;
		return false;
	case SIM_HUGE:
		for (n = 1; a->padding > 0 && n > 0; a->padding -= (int64_t)n)
			if (push(a, blanks, sizeof blanks, &n))
				return true;
		a->due_ms = now + FULL_MS;
		return a->padding <= 0;
	default:
		return true;
	}
}

void
sim_wire_due(struct sim *s, int64_t now)
{
	size_t kept = 0;

	if (s->deaf_until_ms > 0 && now >= s->deaf_until_ms) {
		s->deaf_until_ms = 0;
		if (listen_resume(s->listener) < 0)
			sim_fail(s, ERR_IO);
	}
	for (size_t i = 0; i < s->nanswers; i++) {
		struct sim_answer a = s->answers[i];

		if (a.due_ms > now ||
		    (a.raw != NULL && now != INT64_MAX && !step(&a, now))) {
			s->answers[kept++] = a;
			continue;
		}
		if (a.raw != NULL || a.reply.act == SIM_HANG) {
			free(a.raw);
			free(a.reply.text);
			request_drop(a.request);
		} else {
			answer_now(s, a.request, &a.reply);
		}
	}
	s->nanswers = kept;
}

int64_t
sim_wire_next(const struct sim *s)
{
	int64_t at = s->deaf_until_ms > 0 ? s->deaf_until_ms : INT64_MAX;

	for (size_t i = 0; i < s->nanswers; i++)
		if (s->answers[i].due_ms < at)
			at = s->answers[i].due_ms;
	return at;
}

void
sim_wire_deaf(struct sim *s, int64_t for_ms)
{
	int64_t until_ms = mono_ms() + for_ms;

	if (s->deaf_until_ms == 0 && listen_pause(s->listener) < 0) {
		sim_fail(s, ERR_IO);
		return;
	}
	if (until_ms > s->deaf_until_ms)
		s->deaf_until_ms = until_ms;
}
