/* toolcall - have a tool run, by who talks to the model: start, poll, read */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ai/toolcall.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

#define ANSWER_MAX_BYTES (1024 * 1024)
#define TIMEOUT_MS 120000
#define PROGRAM "ai-tool"

struct tool_call {
	int fd;	   /* -1: it is over */
	pid_t pid; /* of a child; 0: none */
	char *request;
	size_t sent, len;
	struct buf answer;
	int64_t until_ms;
	char *record; /* file for the result; NULL: none, or it is written */
	struct tool_result result;
};

/* --- in a folder --- */

/* For whom, which tool and with what: the same call has the same file. */
static char *
exchange_file(const char *dir, const struct tool_request *r)
{
	char *arguments = r->arguments != NULL ?
	    json_dumps(r->arguments, JSON_COMPACT | JSON_SORT_KEYS) :
	    xstrdup("");
	char *text =
	    xformat("%s\n%s\n%s\n%s", r->contact != NULL ? r->contact : "",
		r->pending != NULL ? r->pending : "",
		r->tool != NULL ? r->tool : "", arguments);
	char hash[HASH_HEX_BYTES];

	hash_hex(hash, text, strlen(text));
	free(arguments);
	free(text);
	return xformat("%s/tool-%s.json", dir, hash);
}

/* What cannot be written spoils no answer; replay says that it is missing. */
static void
keep(struct tool_call *c)
{
	json_t *o;
	char *text;

	if (c->record == NULL)
		return;
	o = tool_result_json(&c->result);
	text = json_text(o);
	file_put(c->record, text, strlen(text), 0600);
	free(text);
	json_decref(o);
	free(c->record);
	c->record = NULL;
}

static void
play(struct tool_call *c, const char *dir, const struct tool_request *r)
{
	char *path = exchange_file(dir, r), *text = NULL;
	size_t len = 0;

	if (file_read(path, ANSWER_MAX_BYTES, &text, &len) < 0)
		tool_result_fail(&c->result, "unavailable",
		    "no such call was recorded");
	else if (tool_result_parse(text, len, &c->result) < 0)
		tool_result_fail(&c->result, "unavailable",
		    "what was recorded of this call is damaged");
	free(text);
	free(path);
}

/* --- its end --- */

static void
over(struct tool_call *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	c->pid = 0;
}

static void
fail(struct tool_call *c, const char *class, bool undone, const char *why)
{
	over(c);
	tool_result_release(&c->result);
	tool_result_fail(&c->result, class, "%s", why);
	c->result.undone = undone;
	keep(c);
}

/* --- the service --- */

static char *
request_line(const struct tool_request *r)
{
	json_t *o = json_object();
	char *text, *line;

	json_put(o, "conversation", r->conversation);
	json_put(o, "cause", r->cause);
	if (r->pending != NULL)
		json_put(o, "pending", r->pending);
	else {
		json_put(o, "tool", r->tool);
		json_object_set(o, "arguments",
		    (json_t *)(uintptr_t)r->arguments);
	}
	text = json_text(o);
	line = xformat("%s\n", text);
	free(text);
	json_decref(o);
	return line;
}

static void
reach(struct tool_call *c, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(a.sun_path)) {
		fail(c, "unavailable", true,
		    "the path of its socket is too long");
		return;
	}
	memcpy(a.sun_path, path, strlen(path) + 1);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		fail(c, "unavailable", true, strerror(errno));
	else if (connect(c->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		/* A full queue of connections is no error of anybody's. */
		fail(c, errno == EAGAIN ? "busy" : "unavailable", true,
		    errno == ENOENT || errno == ECONNREFUSED ?
			"ai-tool is not there" :
			strerror(errno));
}

/* --- a child of ours --- */

static char *
beside_us(void)
{
	char path[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		return xstrdup(PROGRAM);
	path[n] = '\0';
	slash = strrchr(path, '/');
	*slash = '\0';
	return xformat("%s/" PROGRAM, path);
}

static _Noreturn void
be_child(const char *program, const char *const args[], int fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || dup2(fd, STDIN_FILENO) < 0 ||
	    dup2(fd, STDOUT_FILENO) < 0)
		_exit(70);
	close_range(3, ~0U, 0);
	execv(program, (char *const *)(uintptr_t)args);
	_exit(70);
}

/* The arguments go to its standard input, where nobody else sees them. */
static void
start_child(struct tool_call *c, const struct tool_call_options *o,
    const struct tool_request *r)
{
	const char *args[12] = { PROGRAM, "run", "--json", "--try" };
	char *program = beside_us();
	pid_t parent = getpid();
	int fds[2] = { -1, -1 }, n = 4;

	if (o->store != NULL) {
		args[n++] = "--store";
		args[n++] = o->store;
	}
	if (r->contact != NULL) {
		args[n++] = "--as";
		args[n++] = r->contact;
	}
	args[n++] = "--";
	args[n++] = r->tool;
	args[n++] = "-";
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		fail(c, "unavailable", true, strerror(errno));
	else {
		c->pid = fork();
		if (c->pid == 0)
			be_child(program, args, fds[1], parent);
		close(fds[1]);
		c->fd = fds[0];
		fcntl(c->fd, F_SETFL, O_NONBLOCK);
		if (c->pid < 0) {
			c->pid = 0;
			fail(c, "unavailable", true, strerror(errno));
		}
	}
	free(program);
}

struct tool_call *
tool_call_start(const struct tool_call_options *o, const struct tool_request *r)
{
	struct tool_call *c = xcalloc(1, sizeof(*c));
	char *text;

	c->fd = -1;
	c->answer = (struct buf)BUF_INIT(ANSWER_MAX_BYTES);
	c->until_ms =
	    mono_ms() + (o->timeout_ms > 0 ? o->timeout_ms : TIMEOUT_MS);
	if (o->replay != NULL) {
		play(c, o->replay, r);
		return c;
	}
	if (o->record != NULL)
		c->record = exchange_file(o->record, r);
	if (o->socket != NULL) {
		c->request = request_line(r);
		reach(c, o->socket);
	} else if (o->in_child && r->pending == NULL) {
		text = json_text(r->arguments);
		c->request = xformat("%s\n", text);
		free(text);
		start_child(c, o, r);
	} else
		fail(c, "off", true, "tools are not run here");
	c->len = c->request != NULL ? strlen(c->request) : 0;
	if (c->fd >= 0)
		tool_call_work(c);
	return c;
}

/* --- on its way --- */

int
tool_call_fd(const struct tool_call *c)
{
	return c->fd;
}

short
tool_call_events(const struct tool_call *c)
{
	return c->sent < c->len ? POLLOUT : POLLIN;
}

int64_t
tool_call_wait_ms(const struct tool_call *c)
{
	int64_t left_ms = c->until_ms - mono_ms();

	return c->fd < 0 || left_ms < 0 ? 0 : left_ms;
}

/* True if there is no more to send now. */
static bool
send_on(struct tool_call *c)
{
	ssize_t n;

	while (c->sent < c->len) {
		n = send(c->fd, c->request + c->sent, c->len - c->sent,
		    MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			/* What it said before it closed is read. */
			return errno != EAGAIN;
		c->sent += (size_t)n;
	}
	shutdown(c->fd, SHUT_WR);
	return true;
}

static void
conclude(struct tool_call *c)
{
	const char *lf = c->answer.data != NULL ?
	    memchr(c->answer.data, '\n', c->answer.len) :
	    NULL;

	if (lf == NULL && c->answer.len == 0)
		/* So the socket unit says that there are too many; and so does
		 * one that was killed. Asking again is safe in either case. */
		fail(c, "busy", false, "ai-tool went without an answer");
	else if (lf == NULL ||
	    tool_result_parse(c->answer.data, (size_t)(lf - c->answer.data),
		&c->result) < 0)
		fail(c, "unknown", false, "ai-tool does not answer as one");
	else {
		over(c);
		keep(c);
	}
}

bool
tool_call_work(struct tool_call *c)
{
	char piece[16384];
	ssize_t n;

	if (c->fd < 0)
		return true;
	if (mono_ms() >= c->until_ms) {
		fail(c, "timeout", false,
		    "ai-tool did not answer in time; it may have been done all "
		    "the same");
		return true;
	}
	if (!send_on(c))
		return false;
	for (;;) {
		n = read(c->fd, piece, sizeof(piece));
		if (n > 0) {
			buf_add(&c->answer, piece, (size_t)n);
			if (c->answer.failed) {
				fail(c, "unknown", false,
				    "ai-tool does not answer as one");
				return true;
			}
			if (memchr(piece, '\n', (size_t)n) == NULL)
				continue;
		} else if (n < 0 && errno == EINTR)
			continue;
		else if (n < 0 && errno == EAGAIN)
			return false;
		conclude(c);
		return true;
	}
}

const struct tool_result *
tool_call_result(const struct tool_call *c)
{
	return &c->result;
}

void
tool_call_free(struct tool_call *c)
{
	if (c == NULL)
		return;
	over(c);
	tool_result_release(&c->result);
	buf_release(&c->answer);
	free(c->request);
	free(c->record);
	free(c);
}

/* --- for the model --- */

char *
tool_call_words(const struct tool_result *r)
{
	if (r->ok)
		return xstrdup(r->text);
	return xformat("There is no result (%s): %s.", r->class, r->reason);
}

void
tool_offer(const struct tools *t, struct provider_tool *ret)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		ret[i] = (struct provider_tool){ t->tool[i].name,
			t->tool[i].description, t->tool[i].schema };
}
