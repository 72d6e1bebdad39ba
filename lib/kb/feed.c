/*
 * feed - documents from elsewhere to kb-ingest, a batch at a time
 *
 * To the helper go lines, and an empty line behind each batch. From it come
 * the lines of kb-ingest, whose output is the helper's own, and behind each
 * batch {"feed":STATUS}.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "kb/feed.h"

#define PIECE 65536
#define ANSWER_MAX (4 << 20)

struct feed {
	feed_fn each;
	void *ctx;
	pid_t pid;
	int to, from;
	struct buf held;    /* not sent off */
	struct buf sending; /* sent off */
	struct buf answer;
	size_t sent;
	long nheld, batches; /* batches without their end */
	int64_t since_ms;
	bool hold;
	json_t *waiting; /* source: batch it is in, answers to come */
	long batch;	 /* the one that is held */
	long ended;	 /* the last that ended */
	int code;
};

/* --- the helper process --- */

struct helper {
	const struct feed_options *o;
	char *program;
	pid_t child;
	int child_in;
};

/* kb-ingest beside this program. */
static char *
sibling(const char *name)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return xstrdup(name);
	path[n] = '\0';
	slash = strrchr(path, '/');
	*slash = '\0';
	return xformat("%s/%s", path, name);
}

static void
start_child(struct helper *h)
{
	const char *args[12] = { "kb-ingest", "--jsonl", "-S", h->o->store,
		"--collection", h->o->collection };
	int n = 6, fds[2];

	h->child_in = -1;
	if (h->o->files != NULL) {
		args[n++] = "--files";
		args[n++] = h->o->files;
	}
	args[n] = NULL;
	if (pipe2(fds, O_CLOEXEC) < 0)
		_exit(74);
	h->child = fork();
	if (h->child < 0)
		_exit(74);
	if (h->child == 0) {
		dup2(fds[0], STDIN_FILENO);
		execv(h->program, (char **)(uintptr_t)args);
		_exit(70);
	}
	close(fds[0]);
	h->child_in = fds[1];
}

static void
end_child(struct helper *h)
{
	int status = 0, code;
	char *line;

	close(h->child_in);
	while (waitpid(h->child, &status, 0) < 0 && errno == EINTR)
		;
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 70;
	h->child = 0;
	line = xformat("{\"feed\":%d}\n", code);
	if (write_all(STDOUT_FILENO, line, strlen(line)) < 0)
		_exit(74);
	free(line);
}

/* Pass on; a child that ended early reads no more, and that is no trouble. */
static void
pass(const struct helper *h, const char *data, size_t len)
{
	if (len > 0 && write_all(h->child_in, data, len) < 0 && errno != EPIPE)
		_exit(74);
}

static _Noreturn void
help(const struct feed_options *o)
{
	struct helper h = { .o = o, .child_in = -1 };
	char piece[PIECE];
	bool at_start = true;
	ssize_t n;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	h.program = sibling("kb-ingest");
	while ((n = read(STDIN_FILENO, piece, sizeof(piece))) != 0) {
		const char *p = piece, *end = piece + n, *lf;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		while (p < end) {
			if (h.child == 0)
				start_child(&h);
			if (at_start && *p == '\n') {
				end_child(&h);
				p++;
				continue;
			}
			lf = memchr(p, '\n', (size_t)(end - p));
			at_start = lf != NULL;
			lf = lf != NULL ? lf + 1 : end;
			pass(&h, p, (size_t)(lf - p));
			p = lf;
		}
	}
	if (h.child != 0) { /* the batch was cut off: what is whole goes in */
		close(h.child_in);
		waitpid(h.child, NULL, 0);
	}
	_exit(0);
}

/* --- the feeder --- */

static int
start_helper(struct feed *f, const struct feed_options *o)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0)
		return err_errno(ERR_IO, "pipe");
	if (pipe2(out, O_CLOEXEC) < 0) {
		close(in[0]);
		close(in[1]);
		return err_errno(ERR_IO, "pipe");
	}
	f->pid = fork();
	if (f->pid == 0) {
		setpgid(0, 0); /* ^C is the feeder's to handle */
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[0]);
		close(in[1]); /* or its input would never end */
		close(out[0]);
		close(out[1]);
		help(o);
	}
	close(in[0]);
	close(out[1]);
	f->to = in[1];
	f->from = out[0];
	if (f->pid < 0)
		return err_errno(ERR_IO, "fork");
	fcntl(f->to, F_SETFL, O_NONBLOCK);
	fcntl(f->from, F_SETFL, O_NONBLOCK);
	return 0;
}

int
feed_open(const struct feed_options *o, feed_fn each, void *ctx,
    struct feed **ret)
{
	struct feed *f = xcalloc(1, sizeof(*f));
	int code;

	f->each = each;
	f->ctx = ctx;
	f->to = f->from = -1;
	f->batch = 1;
	f->waiting = json_object();
	f->held = f->sending = (struct buf)BUF_INIT(0);
	f->answer = (struct buf)BUF_INIT(0);
	signal(SIGPIPE, SIG_IGN);
	code = start_helper(f, o);
	if (code == 0) {
		f->nheld = 1; /* an empty batch */
		code = feed_drain(f);
	}
	if (code < 0) {
		feed_close(f);
		return code;
	}
	*ret = f;
	return 0;
}

void
feed_put(struct feed *f, json_t *line)
{
	const char *source = json_str(line, "source");

	if (source != NULL)
		json_object_set_new(f->waiting, source, json_integer(f->batch));
	json_write(&f->held, line);
	buf_addc(&f->held, '\n');
	json_decref(line);
	if (f->nheld++ == 0)
		f->since_ms = mono_ms();
	if (!f->hold &&
	    (f->nheld >= FEED_HOLD_LINES || f->held.len >= FEED_HOLD_BYTES))
		feed_flush(f);
}

void
feed_hold(struct feed *f, bool hold)
{
	f->hold = hold;
}

void
feed_flush(struct feed *f)
{
	if (f->nheld == 0)
		return;
	if (f->held.len > 0)
		buf_add(&f->sending, f->held.data, f->held.len);
	buf_addc(&f->sending, '\n');
	buf_reset(&f->held);
	f->nheld = 0;
	f->since_ms = 0;
	f->batches++;
	f->batch++;
}

long
feed_waiting(const struct feed *f)
{
	return (long)json_object_size(f->waiting);
}

bool
feed_full(const struct feed *f)
{
	return f->sending.len - f->sent > FEED_HOLD_BYTES;
}

int64_t
feed_since_ms(const struct feed *f)
{
	return f->since_ms;
}

void
feed_fds(struct feed *f, struct pollfd fds[2])
{
	fds[0] = (struct pollfd){ .fd = f->from, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = f->sending.len > f->sent ? f->to : -1,
		.events = POLLOUT };
}

/* What the batch that ended has not answered failed with it. */
static void
fail_batch(struct feed *f)
{
	json_t *left = json_object(), *value, *answer;
	const char *source;

	json_object_foreach(f->waiting, source, value)
		if (json_integer_value(value) <= f->ended)
			json_object_set(left, source, value);
	json_object_foreach(left, source, value) {
		answer = json_object();
		json_put(answer, "source", source);
		json_put(answer, "state", "failed");
		json_put(answer, "reason", "kb-ingest ended before it");
		json_object_del(f->waiting, source);
		f->each(f->ctx, answer);
		json_decref(answer);
	}
	json_decref(left);
}

static void
take_answer(struct feed *f, const char *line, size_t len)
{
	json_t *o = NULL;
	const char *source;
	int64_t status;

	if (json_object_parse(line, len, &o) < 0)
		return;
	status = json_int_or(o, "feed", -1);
	source = json_str(o, "source");
	if (status >= 0 && source == NULL) {
		f->batches--;
		f->ended++;
		/* 65: each document that failed was told of. */
		if (status != 0 && status != -ERR_DATA && f->code == 0)
			f->code = err_set(-(int)status,
			    "kb-ingest ended with %d", (int)status);
		fail_batch(f);
	} else if (source != NULL) {
		json_object_del(f->waiting, source);
		f->each(f->ctx, o);
	}
	json_decref(o);
}

static void
send_some(struct feed *f)
{
	ssize_t n;

	while (f->sending.len > f->sent) {
		n = write(f->to, f->sending.data + f->sent,
		    f->sending.len - f->sent);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return; /* full, or gone: then reading tells */
		f->sent += (size_t)n;
	}
	buf_reset(&f->sending);
	f->sent = 0;
}

static int
read_some(struct feed *f)
{
	char piece[PIECE], *lf;
	ssize_t n;

	while ((n = read(f->from, piece, sizeof(piece))) > 0) {
		buf_add(&f->answer, piece, (size_t)n);
		while ((lf = memchr(f->answer.data, '\n', f->answer.len)) !=
		    NULL) {
			size_t len = (size_t)(lf - f->answer.data);

			take_answer(f, f->answer.data, len);
			buf_drop(&f->answer, len + 1);
		}
		if (f->answer.len > ANSWER_MAX)
			return err_set(ERR_BUG, "an answer without an end");
	}
	if (n == 0) {
		f->ended = f->batch;
		f->batches = 0;
		fail_batch(f);
		return err_set(ERR_BUG, "the feeding process ended");
	}
	return 0;
}

int
feed_work(struct feed *f)
{
	int code;

	send_some(f);
	code = read_some(f);
	if (code < 0 && f->code == 0)
		f->code = code;
	return f->code;
}

int
feed_drain(struct feed *f)
{
	struct pollfd fds[2];

	feed_flush(f);
	while (f->batches > 0 && f->code == 0) {
		feed_fds(f, fds);
		poll(fds, 2, 1000);
		feed_work(f);
	}
	return f->code;
}

void
feed_close(struct feed *f)
{
	if (f == NULL)
		return;
	if (f->to >= 0)
		close(f->to);
	if (f->from >= 0)
		close(f->from);
	if (f->pid > 0)
		while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
			;
	buf_release(&f->held);
	buf_release(&f->sending);
	buf_release(&f->answer);
	json_decref(f->waiting);
	free(f);
}
