/*
 * desk-events - print or follow the event log, or hand it to a program
 *
 * Three ways out, one way in: pages of the log, filtered, joined with what is
 * personal only when a line is made.
 *
 *	print	lines to stdout; with a cursor it moves once they are written
 *	exec	batches to a program's stdin; the cursor moves when it exits 0
 *
 * Holds: the cursor never passes an event that was neither written, nor taken
 * by the program, nor set aside as a dead letter.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/person.h"
#include "store/cursor.h"
#include "store/log.h"

#define PAGE_EVENTS 256
#define BACKOFF_MAX_MS (5 * 60 * 1000)
#define STOP_GRACE_MS (5 * 1000)    /* between TERM and KILL of a child */
#define DEAD_TAIL_BYTES (64 * 1024) /* looked at for the same letter */
#define SIGNALLED 128		    /* a child ended by signal n: 128 + n */
#define STOPPED 256		    /* told to stop before it was taken */

static const char *store_flag, *since, *until, *conversation, *cursor, *from,
    *program;
static struct cli_list types;
static bool follow, forget;
static int64_t last = -1, batch_max = 100, poll_ms = 2000, retries = 5,
	       timeout_ms = 5 * 60 * 1000, backoff_ms = 1000;

static const struct cli_option options[] = {
	{ 0, "backoff", "DURATION", CLI_DURATION, &backoff_ms,
	    "with --exec: first wait before trying again" },
	{ 0, "batch", "N", CLI_NUMBER, &batch_max,
	    "with --exec: at most N events at a time" },
	{ 0, "conversation", "ID", CLI_TEXT, &conversation,
	    "only events of this conversation" },
	{ 0, "cursor", "NAME", CLI_TEXT, &cursor,
	    "go on where NAME stopped, and move it" },
	{ 0, "exec", "PROGRAM", CLI_TEXT, &program,
	    "with --cursor: hand batches to PROGRAM" },
	{ 0, "follow", NULL, CLI_FLAG, &follow, "wait for more" },
	{ 0, "forget", NULL, CLI_FLAG, &forget,
	    "with --cursor: remove the cursor" },
	{ 0, "from", "WHERE", CLI_TEXT, &from,
	    "where a new cursor begins: start, end or a number" },
	{ 'n', "last", "N", CLI_NUMBER, &last, "only the last N" },
	{ 0, "poll", "DURATION", CLI_DURATION, &poll_ms,
	    "with --follow: look at least this often" },
	{ 0, "retries", "N", CLI_NUMBER, &retries,
	    "with --exec: try again N times, then stop" },
	{ 0, "since", "WHEN", CLI_TEXT, &since,
	    "a time, a duration back, a number or an event's id" },
	{ 'S', "store", "STORE", CLI_TEXT, &store_flag,
	    "directory of the store" },
	{ 0, "timeout", "DURATION", CLI_DURATION, &timeout_ms,
	    "with --exec: end PROGRAM after this long" },
	{ 0, "type", "TYPE", CLI_LIST, &types,
	    "only this type; message. for all that begin so" },
	{ 0, "until", "WHEN", CLI_TEXT, &until, "as --since" }, CLI_END
};

static const struct cli_spec spec = { "desk-events", "the event log", "",
	options, NULL,
	"  desk-events --since 1h --type message.\n"
	"  desk-events -n 20 --follow\n"
	"  desk-events --follow --cursor crm --exec ./push-to-crm\n" };

struct feed {
	struct store *store;
	struct jsonl *out;
	const char **types; /* NULL: all */
	char *conversation; /* NULL: all */
	int64_t seq;	    /* events up to here are done */
	int64_t since_ms, until_ms, until_seq;
	int bell, stop; /* descriptors, -1: none */
	char *cursor;	/* as the store names it */
	int lock;	/* held while the cursor is ours */
	bool stopped, finished;
};

/* A page of the log, or what a batch is made of. */
struct page {
	struct event **events;
	size_t count;
	int64_t seq; /* where to go on */
};

static void
page_release(struct page *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		event_free(p->events[i]);
	free(p->events);
	memset(p, 0, sizeof(*p));
}

/* A place in the log: a number, an event's id, a time, a duration back. */
static int
place(struct store *s, const char *text, int64_t *ret_seq, int64_t *ret_ms)
{
	struct event *e = NULL;
	int code;

	if (*text != '\0' && strspn(text, "0123456789") == strlen(text))
		return str_int(text, 0, INT64_MAX, ret_seq);
	if (id_is_ulid(text)) {
		code = log_get(s, text, &e);
		if (code == 0)
			*ret_seq = e->seq;
		event_free(e);
		return code;
	}
	code = since_parse(text, ret_ms);
	return code == ERR_DATA ? err_set(ERR_USAGE, "%s", err_reason()) : code;
}

static bool
wanted(const struct feed *f, const struct event *e)
{
	return e->time_ms >= f->since_ms && e->time_ms < f->until_ms &&
	    e->seq <= f->until_seq;
}

/*
 * Rows of the log after seq. About one conversation they are few, by an index:
 * when they end, everything up to the end of the log has been looked at.
 */
static int
read_rows(struct feed *f, int64_t seq, int max, struct page *p)
{
	int64_t end = seq;
	int code;

	if (f->conversation == NULL)
		return log_read(f->store, seq, max, f->types, &p->events,
		    &p->count, &p->seq);
	code = log_last(f->store, &end);
	if (code == 0)
		code = conversation_log(f->store, f->conversation, seq, max,
		    f->types, &p->events, &p->count, &p->seq);
	if (code == 0 && p->seq == seq && end > seq)
		p->seq = end;
	return code;
}

/* The next events after seq that are wanted; seq == p->seq: none are left. */
static int
read_page(struct feed *f, int64_t seq, int max, struct page *p)
{
	size_t i, kept = 0;
	int code;

	memset(p, 0, sizeof(*p));
	code = read_rows(f, seq, max, p);
	if (code < 0)
		return code;
	for (i = 0; i < p->count; i++)
		if (wanted(f, p->events[i]))
			p->events[kept++] = p->events[i];
		else
			event_free(p->events[i]);
	p->count = kept;
	if (p->seq >= f->until_seq)
		f->finished = true;
	return 0;
}

/*
 * Begin before the last n wanted events: look at a stretch at the end of the
 * log that grows until it holds them.
 */
static int
start_at_last(struct feed *f, int64_t n)
{
	int64_t end = 0, begin, first = f->seq, seq, next,
		stretch = 4 * PAGE_EVENTS, *ring, found;
	struct page p;
	size_t i;
	int code = log_last(f->store, &end);

	if (code < 0)
		return code;
	if (n > end)
		n = end;
	if (n == 0) {
		f->seq = end;
		return 0;
	}
	ring = xcalloc((size_t)n, sizeof(*ring));
	do {
		begin = end - stretch > first ? end - stretch : first;
		found = 0;
		for (seq = begin;; seq = next) {
			code = read_page(f, seq, PAGE_EVENTS, &p);
			if (code < 0)
				break;
			for (i = 0; i < p.count; i++)
				ring[found++ % n] = p.events[i]->seq;
			next = p.seq;
			page_release(&p);
			if (next == seq)
				break;
		}
		stretch *= 4;
	} while (code == 0 && found < n && begin > first);
	if (code == 0)
		f->seq = found >= n ? ring[found % n] - 1 : begin;
	f->finished = false;
	free(ring);
	return code;
}

/* Sleep until the bell, ms have passed, fd is ready, or a stop is wanted. */
static int
sleep_on(struct feed *f, int fd, int64_t ms, bool with_output)
{
	struct pollfd fds[3] = { { f->stop, POLLIN, 0 }, { fd, POLLIN, 0 },
		{ with_output ? STDOUT_FILENO : -1, 0, 0 } };
	int n;

	do
		n = poll(fds, 3, ms > INT32_MAX ? INT32_MAX : (int)ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(ERR_IO, "poll");
	/* Whoever read our output has gone: nothing is left to do. */
	if (fds[0].revents != 0 || fds[2].revents & (POLLERR | POLLHUP))
		f->stopped = true;
	return n > 0 && fds[1].revents != 0;
}

static int
wait_for_more(struct feed *f)
{
	int code = sleep_on(f, f->bell, poll_ms, program == NULL);

	bell_clear(f->bell);
	return code < 0 ? code : 0;
}

static int
move_cursor(struct feed *f, int64_t seq)
{
	int code;

	if (seq == f->seq)
		return 0;
	if (f->cursor != NULL) {
		code = store_begin(f->store);
		if (code < 0)
			return code;
		code = cursor_move(f->store, f->cursor, f->seq, seq);
		if (code < 0) {
			store_rollback(f->store);
			return code;
		}
		code = store_commit(f->store);
		if (code < 0)
			return code;
	}
	f->seq = seq;
	return 0;
}

static void
lines_free(char **lines, size_t n)
{
	size_t i;

	for (i = 0; lines != NULL && i < n; i++)
		free(lines[i]);
	free(lines);
}

/*
 * The lines of events, what is personal joined, under one look at the store:
 * nothing is written and nobody waited for in there. *ret holds n, malloc'd.
 */
static int
joined_lines(struct feed *f, struct event *const *events, size_t n, char ***ret)
{
	struct db *db = store_desk(f->store);
	char **lines = xcalloc(n + 1, sizeof(*lines));
	size_t i;
	int code = db_read_begin(db);

	if (code == 0) {
		for (i = 0; code == 0 && i < n; i++) {
			code = desk_join(f->store, events[i]);
			if (code == 0)
				lines[i] = event_line(events[i]);
		}
		db_read_end(db);
	}
	if (code < 0)
		lines_free(lines, n);
	else
		*ret = lines;
	return code;
}

static int
print_page(struct feed *f, const struct page *p)
{
	char **lines = NULL;
	size_t i;
	int code = 0;

	if (p->count > 0)
		code = joined_lines(f, p->events, p->count, &lines);
	for (i = 0; code == 0 && i < p->count; i++)
		code = jsonl_put(f->out, lines[i], strlen(lines[i]));
	lines_free(lines, p->count);
	/* A cursor waits for the write; a plain listing may gather more. */
	if (code == 0 && f->cursor != NULL)
		code = jsonl_flush(f->out);
	return code;
}

static int
print_events(struct feed *f)
{
	struct page p;
	bool at_end;
	int code = 0;

	while (code == 0 && !f->stopped) {
		code = read_page(f, f->seq, PAGE_EVENTS, &p);
		if (code < 0)
			break;
		at_end = p.seq == f->seq || f->finished;
		code = print_page(f, &p);
		if (code == 0 && at_end)
			code = jsonl_flush(f->out);
		if (code == 0)
			code = move_cursor(f, p.seq);
		page_release(&p);
		if (code == 0 && at_end) {
			if (!follow || f->finished)
				break;
			code = wait_for_more(f);
		}
	}
	return code;
}

/* The lines of events as a file that begins at 0; -1 with *code. */
static int
lines_file(struct feed *f, struct event *const *events, size_t n, int *code)
{
	int fd = memfd_create("events", MFD_CLOEXEC);
	struct buf b = BUF_INIT(0);
	char **lines = NULL;
	size_t i;

	*code = fd < 0 ? err_errno(ERR_IO, "memfd") :
			 joined_lines(f, events, n, &lines);
	for (i = 0; *code == 0 && i < n; i++) {
		buf_adds(&b, lines[i]);
		buf_addc(&b, '\n');
	}
	lines_free(lines, n);
	if (*code == 0 &&
	    (write_all(fd, b.data, b.len) < 0 || lseek(fd, 0, SEEK_SET) < 0))
		*code = err_errno(ERR_IO, "memfd");
	buf_release(&b);
	if (*code < 0 && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Become PROGRAM, as the person who started us and with none of our group. */
static _Noreturn void
become(int input)
{
	sigset_t none;
	gid_t gid = getgid();
	uid_t uid = getuid();

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(input, STDIN_FILENO) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		_exit(err_status(ERR_DENIED));
	execl("/bin/sh", "sh", "-c", program, (char *)NULL);
	_exit(err_status(ERR_NOINPUT));
}

/* Whether the child behind the pidfd ends within the grace. */
static bool
ends(int fd)
{
	struct pollfd end = { fd, POLLIN, 0 };

	return fd >= 0 && poll(&end, 1, STOP_GRACE_MS) > 0;
}

/*
 * Wait for a child: its status, 75 if it had to be ended. When we are to stop
 * it may finish what it has, for a moment.
 */
static int
await_child(struct feed *f, pid_t pid)
{
	int fd = pidfd_open(pid, 0), status = 0, code;
	bool late = false;

	code = fd < 0 ? err_errno(ERR_IO, "pidfd") :
			sleep_on(f, fd, timeout_ms, false);
	if (code <= 0 && !(f->stopped && ends(fd))) {
		late = true;
		if (!f->stopped)
			cli_warn("'%s' did not end within %lld%s", program,
			    (long long)timeout_ms /
				(timeout_ms % 1000 != 0 ? 1 : 1000),
			    timeout_ms % 1000 != 0 ? " ms" : " s");
		kill(-pid, SIGTERM);
		if (!ends(fd))
			kill(-pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (fd >= 0)
		close(fd);
	if (WIFEXITED(status) && (!late || WEXITSTATUS(status) == 0))
		return WEXITSTATUS(status);
	return late ? err_status(ERR_BUSY) : SIGNALLED + WTERMSIG(status);
}

/* Run PROGRAM on events: its status, or an ERR of ours. */
static int
run_once(struct feed *f, struct event *const *events, size_t n)
{
	int code, fd = lines_file(f, events, n, &code);
	pid_t pid;

	if (fd < 0)
		return code;
	pid = fork();
	if (pid == 0)
		become(fd);
	if (pid < 0)
		code = err_errno(ERR_BUSY, "fork");
	else {
		setpgid(pid, pid);
		code = await_child(f, pid);
	}
	close(fd);
	return code;
}

/*
 * Run PROGRAM on events until it has taken them (0) or calls them bad data
 * (65); another status comes back after --retries, STOPPED when we are to
 * stop. 75 with --follow is tried for as long as it takes.
 */
static int
run_until(struct feed *f, struct event *const *events, size_t n)
{
	int64_t wait = backoff_ms, tries;
	int status, code;

	for (tries = 0;; tries++) {
		status = run_once(f, events, n);
		if (status <= 0 || status == err_status(ERR_DATA))
			return status;
		if (f->stopped)
			return STOPPED;
		if (tries >= retries &&
		    !(follow && status == err_status(ERR_BUSY)))
			return status;
		cli_warn("'%s' ended with %d; again in %lld ms", program,
		    status, (long long)wait);
		code = sleep_on(f, -1, wait, false);
		if (code < 0 || f->stopped)
			return code < 0 ? code : STOPPED;
		wait = wait * 2 < BACKOFF_MAX_MS ? wait * 2 : BACKOFF_MAX_MS;
	}
}

static int
give_up(int status)
{
	int code = err_set(-status, "'%s' ended with %d; the cursor %s stays",
	    program, status, cursor);

	if (code == ERR_NO)
		cli_warn("%s", err_reason());
	return code;
}

/* Whether the file's end has the letter already: a crash may have come
 * between writing it and moving the cursor. */
static bool
in_tail(int fd, const char *id)
{
	off_t size = lseek(fd, 0, SEEK_END),
	      at = size > DEAD_TAIL_BYTES ? size - DEAD_TAIL_BYTES : 0;
	char *tail = xmalloc(DEAD_TAIL_BYTES);
	ssize_t n = pread(fd, tail, DEAD_TAIL_BYTES, at);
	bool found = n > 0 && memmem(tail, (size_t)n, id, strlen(id)) != NULL;

	free(tail);
	return found;
}

/*
 * Set an event aside, as the log holds it: without text, names and numbers,
 * so that erasing a person has nothing to do here.
 */
static int
bury(struct feed *f, const char *id)
{
	char *dir = xformat("%s/dead", store_dir(f->store)),
	     *path = xformat("%s/%s.jsonl", dir, cursor), *line, *whole = NULL;
	struct event *bare = NULL;
	int fd = -1, code = log_get(f->store, id, &bare);

	if (code < 0)
		goto out;
	line = event_line(bare);
	whole = xformat("%s\n", line);
	free(line);
	mkdir(dir, 0770);
	fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0660);
	if (fd < 0)
		code = err_errno(ERR_CREATE, "%s", path);
	else if (!in_tail(fd, id) &&
	    (write_all(fd, whole, strlen(whole)) < 0 || fdatasync(fd) < 0))
		code = err_errno(ERR_IO, "%s", path);
	else
		cli_warn("'%s' cannot use event %s: set aside in %s", program,
		    id, path);
out:
	if (fd >= 0)
		close(fd);
	event_free(bare);
	free(whole);
	free(path);
	free(dir);
	return code;
}

/* What comes of the status of a run: 1 if events are done with, 0 if not. */
static int
settle(struct feed *f, int status, const char *id)
{
	int code;

	if (status < 0)
		return status;
	if (status == err_status(ERR_DATA)) {
		code = bury(f, id);
		return code < 0 ? code : 1;
	}
	if (status == STOPPED)
		return 0;
	return status > 0 ? give_up(status) : 1;
}

/* A batch was called bad: one event at a time, to find which. 1 at its end. */
static int
one_by_one(struct feed *f, const struct page *p)
{
	const struct event *e;
	size_t i;
	int code = 1;

	for (i = 0; code > 0 && i < p->count; i++) {
		e = p->events[i];
		if (f->stopped)
			return 0;
		code = settle(f, run_until(f, &p->events[i], 1), e->id);
		if (code > 0) {
			code = move_cursor(f, e->seq);
			code = code < 0 ? code : 1;
		}
	}
	return code;
}

static int
hand_over(struct feed *f, const struct page *p)
{
	int status = p->count > 0 ? run_until(f, p->events, p->count) : 0, code;

	if (status == err_status(ERR_DATA) && p->count > 1)
		code = one_by_one(f, p);
	else
		code = settle(f, status, p->count > 0 ? p->events[0]->id : "");
	return code > 0 ? move_cursor(f, p->seq) : code;
}

/* Wanted events after the cursor, at most --batch. */
static int
read_batch(struct feed *f, struct page *ret)
{
	struct page p;
	int code, room;

	memset(ret, 0, sizeof(*ret));
	ret->seq = f->seq;
	for (;;) {
		room = (int)batch_max - (int)ret->count;
		code = read_page(f, ret->seq,
		    room < PAGE_EVENTS ? room : PAGE_EVENTS, &p);
		if (code < 0) {
			page_release(ret);
			return code;
		}
		if (p.seq == ret->seq) {
			page_release(&p);
			return 0;
		}
		ret->events = xrealloc(ret->events,
		    (ret->count + p.count + 1) * sizeof(*ret->events));
		memcpy(ret->events + ret->count, p.events,
		    p.count * sizeof(*p.events));
		ret->count += p.count;
		ret->seq = p.seq;
		free(p.events);
		if ((int64_t)ret->count >= batch_max)
			return 0;
	}
}

static int
exec_events(struct feed *f)
{
	struct page p;
	int code = 0;

	while (code == 0 && !f->stopped) {
		code = read_batch(f, &p);
		if (code < 0)
			break;
		if (p.seq > f->seq)
			code = hand_over(f, &p);
		else if (follow)
			code = wait_for_more(f);
		else
			f->stopped = true;
		page_release(&p);
	}
	return code;
}

static bool
cursor_name_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 64 && name[0] != '.' &&
	    strspn(name,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

/* Hold the cursor against another desk-events, then see where it stands. */
static int
open_cursor(struct feed *f)
{
	char *name = xformat("desk-events-%s.lock", cursor),
	     *path = store_run_path(f->store, name);
	int code;

	f->cursor = xformat("desk-events/%s", cursor);
	f->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
	if (f->lock < 0)
		code = err_errno(ERR_CREATE, "%s", path);
	else if (fchmod(f->lock, 0660) < 0 && errno != EPERM)
		code = err_errno(ERR_CREATE, "%s", path);
	else if (flock(f->lock, LOCK_EX | LOCK_NB) < 0)
		code = err_set(ERR_BUSY,
		    "another desk-events reads with the cursor %s", cursor);
	else
		code = store_begin(f->store);
	free(path);
	free(name);
	if (code < 0)
		return code;
	code = cursor_get(f->store, f->cursor, from, &f->seq);
	if (code == 0)
		return store_commit(f->store);
	store_rollback(f->store);
	return code;
}

static int
forget_cursor(struct store *s)
{
	char *name = xformat("desk-events/%s", cursor);
	struct query q;
	int code = store_begin(s);

	if (code == 0) {
		q = query(store_desk(s),
		    "DELETE FROM cursor WHERE name = :name");
		bind_text(&q, ":name", name);
		step(&q);
		code = done(&q);
		if (code == 0 && db_changes(store_desk(s)) == 0)
			code = err_set(ERR_NOINPUT, "no cursor is named %s",
			    cursor);
		if (code == 0)
			code = store_commit(s);
		else
			store_rollback(s);
	}
	free(name);
	return code;
}

static int
open_filters(struct feed *f)
{
	char id[SHORT_ID_BYTES];
	int code = 0;
	size_t i;

	f->since_ms = INT64_MIN;
	f->until_ms = INT64_MAX;
	f->until_seq = INT64_MAX;
	if (types.count > 0) {
		f->types = xcalloc(types.count + 1, sizeof(*f->types));
		for (i = 0; i < types.count; i++)
			f->types[i] = types.items[i];
	}
	if (conversation != NULL) {
		code = conversation_named(f->store, conversation, id);
		if (code == 0)
			f->conversation = xstrdup(id);
	}
	if (code == 0 && since != NULL)
		code = place(f->store, since, &f->seq, &f->since_ms);
	if (code == 0 && f->since_ms != INT64_MIN)
		code = log_since(f->store, f->since_ms, &f->seq);
	if (code == 0 && until != NULL)
		code = place(f->store, until, &f->until_seq, &f->until_ms);
	return code;
}

/*
 * The bell; and with a program the stop signals become a descriptor, so that
 * a batch is not cut short. A printing one may be stopped anywhere.
 */
static int
open_waiting(struct feed *f)
{
	sigset_t set;
	char *bell;
	int code = 0;

	if (program != NULL) {
		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigaddset(&set, SIGINT);
		sigaddset(&set, SIGHUP);
		sigprocmask(SIG_BLOCK, &set, NULL);
		f->stop = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
		if (f->stop < 0)
			return err_errno(ERR_IO, "signalfd");
	}
	if (follow) {
		bell = store_run_path(f->store, "desk.bell");
		code = bell_open(bell, &f->bell);
		free(bell);
	}
	return code;
}

/* A type that no event has: nothing would ever come. */
static void
check_type(const struct cli *cli, const char *type)
{
	const char *near;
	size_t i, len = strlen(type);

	for (i = 0; event_types[i] != NULL; i++)
		if (strcmp(event_types[i], type) == 0 ||
		    (str_ends(type, ".") &&
			strncmp(event_types[i], type, len) == 0))
			return;
	near = str_nearest(type, event_types);
	if (near != NULL)
		cli_usage(cli, "no event has the type '%s', did you mean %s?",
		    type, near);
	cli_usage(cli,
	    "no event has the type '%s': frontdesk-events(7) lists them", type);
}

static void
check_use(struct cli *cli)
{
	cli_args(cli, 0, 0);
	for (size_t i = 0; i < types.count; i++)
		check_type(cli, types.items[i]);
	if (cursor == NULL && program != NULL)
		cli_usage(cli, "--exec wants a --cursor");
	if (cursor == NULL && (from != NULL || forget))
		cli_usage(cli, "--%s wants a --cursor",
		    forget ? "forget" : "from");
	if (cursor != NULL && (since != NULL || until != NULL || last >= 0))
		cli_usage(cli,
		    "--cursor says where to begin: leave out "
		    "--since, --until and -n");
	if (cursor != NULL && !cursor_name_valid(cursor))
		cli_usage(cli, "--cursor: '%s' cannot be a name", cursor);
	if (batch_max < 1 || batch_max > 1000)
		cli_usage(cli, "--batch: from 1 to 1000");
	if (poll_ms < 1)
		cli_usage(cli, "--poll: at least 1ms");
}

int
main(int argc, char *argv[])
{
	struct feed f = { .bell = -1, .stop = -1, .lock = -1 };
	struct cli cli;
	char *self = NULL;
	int code;

	cli_open(&cli, &spec, argc, argv);
	check_use(&cli);
	cli_need(store_open(store_flag,
	    cursor != NULL ? STORE_WRITE : STORE_READ, &f.store));
	cli_need(
	    person_self(f.store, cursor != NULL ? MAY_WRITE : MAY_READ, &self));
	if (forget)
		cli_exit(forget_cursor(f.store));
	f.out = jsonl_new(-1, STDOUT_FILENO, "stdin", LINE_MAX_BYTES);
	code = open_filters(&f);
	if (code == 0)
		code = open_waiting(&f);
	if (code == 0 && cursor != NULL)
		code = open_cursor(&f);
	if (code == 0 && last >= 0)
		code = start_at_last(&f, last);
	if (code == 0)
		code = program != NULL ? exec_events(&f) : print_events(&f);
	jsonl_free(f.out);
	free(f.types);
	free(f.conversation);
	free(f.cursor);
	free(self);
	store_close(f.store);
	cli_exit(code);
}
