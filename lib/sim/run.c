/* run.c - opening, the loop, closing */
#include <sys/eventfd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "base/time.h"
#include "sim/api.h"
#include "sim/core.h"
#include "sim/facts.h"
#include "sim/history.h"
#include "sim/hook.h"
#include "sim/media.h"
#include "sim/people.h"
#include "sim/script.h"
#include "sim/template.h"
#include "sim/wire.h"

#define CONNECTIONS_MAX 2048
#define IDLE_MS (10 * 60 * 1000)

int64_t
sim_clock(const struct sim *s)
{
	return mono_ms() * s->o->speed;
}

double
sim_random(struct sim *s)
{
	return sim_chance((uint64_t)s->o->seed, ++s->draws, 99);
}

void
sim_new_id(struct sim *s, char ret[64], const char *what)
{
	char n[24], id[ULID_BYTES];

	snprintf(n, sizeof n, "%llu", (unsigned long long)++s->messages);
	id_ulid(id, now_ms(), "wa-sim", s->run, what, n, NULL);
	snprintf(ret, 64, "wamid.SIM%s", id);
}

void
sim_new_number(struct sim *s, char ret[24])
{
	char hash[HASH_HEX_BYTES], *text;

	text = xformat("%s %llu", s->run, (unsigned long long)++s->draws);
	hash_hex(hash, text, strlen(text));
	free(text);
	hash[12] = '\0';
	snprintf(ret, 24, "1%015llu", strtoull(hash, NULL, 16));
}

json_t *
sim_news(const char *type)
{
	json_t *o = json_object();
	char text[TIME_TEXT_BYTES];

	json_put(o, "type", type);
	json_put(o, "time", time_text(now_ms(), text));
	return o;
}

void
sim_tell(struct sim *s, json_t *o)
{
	char *line = json_text(o);

	if (jsonl_put(s->io, line, strlen(line)) < 0)
		sim_fail(s, ERR_IO);
	free(line);
	json_decref(o);
}

void
sim_fail(struct sim *s, int code)
{
	if (s->failed != 0)
		return;
	s->failed = code;
	snprintf(s->why, sizeof s->why, "%s", err_reason());
}

void
sim_wake(struct sim *s)
{
	uint64_t one = 1;

	if (s != NULL)
		(void)!write(s->wake_fd, &one, sizeof one);
}

/* On the server's thread. */
static void
on_request(struct request *q, void *ctx)
{
	struct sim *s = ctx;

	request_hold(q);
	request_set_next(q, NULL);
	pthread_mutex_lock(&s->lock);
	if (s->asked != NULL)
		request_set_next(s->asked_end, q);
	else
		s->asked = q;
	s->asked_end = q;
	pthread_mutex_unlock(&s->lock);
	sim_wake(s);
}

static void
take_requests(struct sim *s)
{
	struct request *q, *next;

	pthread_mutex_lock(&s->lock);
	q = s->asked;
	s->asked = NULL;
	s->asked_end = NULL;
	pthread_mutex_unlock(&s->lock);
	for (; q != NULL; q = next) {
		next = request_next(q);
		sim_api(s, q);
	}
}

/* "-90s", "5m": the clock of the Date header. */
static int
parse_skew(const char *text, int64_t *ret_ms)
{
	bool minus = text[0] == '-';
	int code = duration_parse(text + (minus || text[0] == '+'), ret_ms);

	if (code < 0)
		return err_set(ERR_USAGE, "--skew %s: %s", text, err_reason());
	if (minus)
		*ret_ms = -*ret_ms;
	return 0;
}

static int
open_files(struct sim *s)
{
	const struct sim_options *o = s->o;
	int code;

	if (o->secret_file != NULL &&
	    (code = file_secret(o->secret_file, &s->secret)) < 0)
		return code;
	if ((code = sim_facts_keys(s)) < 0)
		return code;
	if (o->token_file != NULL &&
	    (code = file_secret(o->token_file, &s->token)) < 0)
		return code;
	if (o->record_file == NULL)
		return 0;
	s->record_fd = open(o->record_file,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return s->record_fd < 0 ? err_errno(ERR_CREATE, "%s", o->record_file) :
				  0;
}

static int
open_net(struct sim *s)
{
	struct listen_options l = listen_defaults;
	char *text;
	int code;

	code = http_new(&(struct http_limits){ .max_flight = 64,
			    .total_ms = 20 * 1000,
			    .agent = "facebookexternalua" },
	    &s->http);
	if (code < 0)
		return code;
	l.idle_ms = IDLE_MS;
	l.body_max_bytes = SIM_UPLOAD_MAX + 1024 * 1024;
	l.held_max_bytes = 4ULL * l.body_max_bytes;
	l.connections_max = CONNECTIONS_MAX;
	code = listen_open(s->o->listen_at, &l, on_request, s, &s->listener);
	if (code < 0 || s->o->port_file == NULL)
		return code;
	text = xformat("%d\n", listen_port(s->listener));
	code = file_put(s->o->port_file, text, strlen(text), 0644);
	free(text);
	return code;
}

/* All that --bodies needs, too. */
static int
prepare(const struct sim_options *o, int in, int out, struct sim *s)
{
	int code = 0;

	s->o = o;
	s->record_fd = -1;
	s->wake_fd = -1;
	s->room = -1;
	s->input_open = true;
	pthread_mutex_init(&s->lock, NULL);
	s->io = jsonl_new(in, out, "stdin", BODY_MAX_BYTES);
	if (o->seed >= 0)
		snprintf(s->run, sizeof s->run, "%lld", (long long)o->seed);
	else
		snprintf(s->run, sizeof s->run, "%lld.%d", (long long)mono_us(),
		    (int)getpid());
	if (o->skew != NULL)
		code = parse_skew(o->skew, &s->skew_ms);
	if (code == 0 && o->duplicate != NULL)
		code = sim_percent(o->duplicate, &s->duplicate);
	if (code == 0)
		code =
		    sim_faults_parse(o->fault, (uint64_t)o->seed, &s->faults);
	if (code == 0)
		code = sim_facts_open(s);
	return code;
}

int
sim_open(const struct sim_options *o, int in, int out, struct sim **ret)
{
	struct sim *s = xcalloc(1, sizeof *s);
	json_t *news;
	int code = prepare(o, in, out, s);

	if (code == 0)
		code = open_files(s);
	if (code == 0 &&
	    (s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
		code = err_errno(ERR_IO, "eventfd");
	if (code == 0)
		code = open_net(s);
	if (code < 0) {
		sim_close(s);
		return code;
	}
	news = sim_news("listening");
	json_put(news, "address", listen_address(s->listener));
	sim_tell(s, news);
	*ret = s;
	return 0;
}

static bool
idle(const struct sim *s)
{
	return s->o->until_idle_ms >= 0 && !s->input_open &&
	    sim_hook_open(s) == 0 && s->nanswers == 0 &&
	    mono_ms() - s->active_ms >= s->o->until_idle_ms;
}

static int
sleep_ms(struct sim *s)
{
	int64_t now = mono_ms(), at = now + 60 * 1000;
	int64_t end = sim_templates_due(s); /* may post: asked first */

	if (end < at)
		at = end;
	if (sim_hook_next(s) < at)
		at = sim_hook_next(s);
	if (sim_wire_next(s) < at)
		at = sim_wire_next(s);
	if (s->wait_ms > 0 && s->wait_ms < at)
		at = s->wait_ms;
	end = s->active_ms + s->o->until_idle_ms;
	if (s->o->until_idle_ms >= 0 && !s->input_open && end > now && end < at)
		at = end;
	return at > now ? (int)(at - now) : 0;
}

static int
turn(struct sim *s)
{
	struct pollfd fds[2] = { { .fd = s->wake_fd, .events = POLLIN },
		{ .fd = 0, .events = POLLIN } };
	bool reading = s->input_open && !sim_script_waits(s);
	uint64_t n;
	int code;

	if ((code = jsonl_flush(s->io)) < 0 ||
	    (code = http_wait(s->http, fds, reading ? 2 : 1, sleep_ms(s))) < 0)
		return code;
	if (fds[0].revents != 0)
		(void)!read(s->wake_fd, &n, sizeof n);
	if (reading && fds[1].revents != 0 && (code = jsonl_fill(s->io)) < 0)
		return code;
	take_requests(s);
	sim_script_input(s);
	sim_wire_due(s, mono_ms());
	sim_hook_due(s);
	if (s->failed != 0)
		return err_set(s->failed, "%s", s->why);
	return 0;
}

int
sim_run(struct sim *s, volatile sig_atomic_t *stop)
{
	int code = 0;

	s->active_ms = mono_ms();
	while (code >= 0 && !*stop && !idle(s))
		code = turn(s);
	if (code >= 0)
		code = jsonl_flush(s->io);
	if (code == 0 && jsonl_bad(s->io) > 0)
		code = err_set(ERR_DATA, "bad lines left out: %ld",
		    jsonl_bad(s->io));
	if (code == 0 && s->dropped > 0)
		code = err_set(ERR_UNAVAILABLE, "webhooks not taken: %llu",
		    (unsigned long long)s->dropped);
	return code;
}

/* Answer what is held, so that the server can end. */
static void
drain(struct sim *s)
{
	struct request *q;

	take_requests(s);
	while ((q = s->pending) != NULL) {
		s->pending = request_next(q);
		request_drop(q);
	}
	sim_wire_due(s, INT64_MAX);
	listen_drain(s->listener, 500);
	take_requests(s);
	sim_wire_due(s, INT64_MAX);
}

void
sim_close(struct sim *s)
{
	if (s == NULL)
		return;
	if (s->listener != NULL)
		drain(s);
	listen_close(s->listener);
	http_free(s->http);
	signature_keys_free(s->keys);
	sim_faults_free(s->faults);
	sim_history_free(s);
	sim_media_free(s);
	sim_people_free(s);
	json_decref(s->facts);
	free(s->heap);
	free(s->ready);
	free(s->answers);
	free(s->token);
	free(s->secret);
	if (s->record_fd >= 0)
		close(s->record_fd);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	jsonl_free(s->io);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int
sim_convert(const struct sim_options *o, int in, int out)
{
	struct sim *s = xcalloc(1, sizeof *s);
	char *line;
	size_t len;
	int code, got = JSONL_END;

	s->convert = true;
	code = prepare(o, in, out, s);
	while (
	    code == 0 && (got = jsonl_wait(s->io, &line, &len)) == JSONL_LINE)
		if (sim_script_line(s, line, len) < 0)
			jsonl_complain(s->io, err_reason());
	if (code == 0)
		code = got == JSONL_END ? jsonl_flush(s->io) : got;
	if (code == 0 && jsonl_bad(s->io) > 0)
		code = err_set(ERR_DATA, "bad lines left out: %ld",
		    jsonl_bad(s->io));
	sim_close(s);
	return code;
}
