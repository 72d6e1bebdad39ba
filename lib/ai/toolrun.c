/* toolrun - one call of a tool, in a child that is ended with all it began */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ai/tool.h"
#include "base/box.h"
#include "base/confine.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "net/http.h"

#define MEMORY_BYTES (INT64_C(1) << 30)
#define FILE_BYTES (INT64_C(16) << 20) /* each that a command writes */
#define HEAD_MAX_BYTES 1024	       /* before the body of a call of HTTP */
#define HEADERS_MAX 32
#define HEADERS_MAX_BYTES 65536
#define GRACE_MS 500 /* for the child of a call to say itself that it is late */
#define NOT_FOUND 127 /* status of a command that could not be run */
#define NOT_BEGUN 126 /* the same, where it could not be confined */
#define FOLDER "/tmp/ai-tool-XXXXXX"
#define CUT "\n[The result is longer; the rest is left out.]"

/* How a child ended. */
struct end {
	bool late, full;
	int status; /* as of waitpid(2), if neither */
};

/* --- a child that is not in a box --- */

static void
limit(int what, rlim_t most)
{
	struct rlimit r = { most, most };

	setrlimit((__rlimit_resource_t)what, &r);
}

/* What it may still do: all but see the store. */
static void
give_up(const char *store)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, 256);
	limit(RLIMIT_FSIZE, (rlim_t)FILE_BYTES);
	if (store != NULL && confine(store, NULL) < 0)
		_exit(NOT_BEGUN);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static _Noreturn void
be_child(const char *store, int in, int out, pid_t parent, int (*fn)(void *ctx),
    void *ctx)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), i;
	sigset_t none;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0 ||
	    dup2(in >= 0 ? in : null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(NOT_BEGUN);
	close_range(3, ~0U, 0);
	give_up(store);
	_exit(fn(ctx));
}

/* Whoever is below us: what a child began came to us when it ended. */
static void
end_orphans(void)
{
	char path[64], text[4096], *p, *end;
	ssize_t n;
	long pid;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children",
	    (int)getpid());
	for (;;) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			break;
		text[n] = '\0';
		for (p = text; (pid = strtol(p, &end, 10)) > 0; p = end)
			kill((pid_t)pid, SIGKILL);
		while (waitpid(-1, NULL, 0) > 0)
			;
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* Take what it writes until it ends, is late, or has written too much. */
static void
gather(int fd, int pidfd, int64_t until_ms, struct buf *out, struct end *end)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN } };
	char piece[16384];
	int64_t left_ms;
	ssize_t n;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (;;) {
		left_ms = until_ms - mono_ms();
		if (left_ms <= 0) {
			end->late = true;
			return;
		}
		if (poll(p, 2, left_ms < 60000 ? (int)left_ms : 60000) <= 0)
			continue;
		do {
			n = p[0].fd >= 0 ? read(fd, piece, sizeof(piece)) : 0;
			if (n > 0)
				buf_add(out, piece, (size_t)n);
			if (out->failed) {
				end->full = true;
				return;
			}
		} while (n > 0);
		if (n == 0)
			p[0].fd = -1; /* closed, and still running perhaps */
		if (p[1].revents != 0 || (n == 0 && pidfd < 0))
			return;
	}
}

/* Run fn in a child; what it writes, up to the most of out, is added to that.
 * ERR_IO when there could be none. */
static int
in_child(const char *store, const struct buf *in, int64_t wall_ms,
    int (*fn)(void *ctx), void *ctx, struct buf *out, struct end *end)
{
	pid_t parent = getpid(), pid;
	int fds[2], given = -1, pidfd;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (in != NULL) {
		given = memfd_create("arguments", MFD_CLOEXEC);
		if (given < 0 || write_all(given, in->data, in->len) < 0 ||
		    lseek(given, 0, SEEK_SET) < 0) {
			close(given);
			return err_errno(ERR_IO, "memfd");
		}
	}
	if (pipe2(fds, O_CLOEXEC) < 0) {
		close(given);
		return err_errno(ERR_IO, "pipe");
	}
	pid = fork();
	if (pid == 0)
		be_child(store, given, fds[1], parent, fn, ctx);
	close(fds[1]);
	if (given >= 0)
		close(given);
	if (pid < 0) {
		close(fds[0]);
		return err_errno(ERR_IO, "fork");
	}
	setpgid(pid, pid); /* whoever of us is first */
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	gather(fds[0], pidfd, mono_ms() + wall_ms, out, end);
	close(fds[0]);
	if (pidfd >= 0)
		close(pidfd);
	/* Before it is waited for: until then the number is its own. */
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	while (waitpid(pid, &end->status, 0) < 0 && errno == EINTR)
		;
	end_orphans();
	return 0;
}

/* --- what came back, as text --- */

/* Text without what a terminal or a prompt would obey, at most max bytes. */
static void
take_text(const char *bytes, size_t len, int64_t max, bool cut,
    struct tool_result *ret)
{
	char *mended = utf8_mend(bytes, len), *text = utf8_plain(mended);
	const char *start;
	size_t all = strlen(text);

	ret->truncated = cut || all > (size_t)max;
	if (all > (size_t)max)
		text[utf8_cut(text, all, (size_t)max)] = '\0';
	start = str_trim(text);
	ret->text =
	    ret->truncated ? xformat("%s%s", start, CUT) : xstrdup(start);
	ret->ok = true;
	free(text);
	free(mended);
}

static void
say_late(const struct tool *t, struct tool_result *ret)
{
	tool_result_fail(ret, "timeout", "it took more than %g s%s",
	    (double)t->timeout_ms / 1000,
	    t->repeatable ? "" : "; it may have been done all the same");
}

/* --- HTTP --- */

struct call {
	const struct tool *t;
	char *url, *body;
	const char *headers[HEADERS_MAX + 2];
	struct buf answer;
	bool cut;
};

static int
on_piece(void *arg, const void *data, size_t len)
{
	struct call *c = arg;

	buf_add(&c->answer, data, len);
	c->cut = c->answer.failed;
	return c->cut ? 1 : 0;
}

/* "S 200", "U words" and so on, and the body behind a line break. */
static void
on_done(void *arg, const struct http_result *r)
{
	struct call *c = arg;
	const char *body = c->answer.data != NULL ? c->answer.data : "";
	char *head;

	if (r->status / 100 == 2 && (r->class == HTTP_ANSWERED || c->cut))
		head = xformat("%c\n", c->cut ? 'C' : 'S');
	else if (r->class == HTTP_ANSWERED)
		head = xformat("F it answered with status %d\n", r->status);
	else if (r->closed)
		head = xformat("N its address is not public\n");
	else
		head = xformat("%c %s\n", r->class == HTTP_NOT_SENT ? 'N' : 'U',
		    r->why);
	(void)!write_all(STDOUT_FILENO, head, strlen(head));
	if (r->status / 100 == 2)
		(void)!write_all(STDOUT_FILENO, body, c->answer.len);
	free(head);
}

static int
call_in_child(void *ctx)
{
	struct call *c = ctx;
	struct http_limits limits = { .max_flight = 1,
		.total_ms = c->t->timeout_ms,
		.connect_ms = c->t->timeout_ms,
		.public_only = !c->t->is_private };
	struct http_request r = { .url = c->url,
		.headers = c->headers,
		.body = c->body,
		.sink = on_piece };
	struct http *h;
	int code;

	signal(SIGPIPE, SIG_IGN);
	c->answer = (struct buf)BUF_INIT((size_t)c->t->max_bytes);
	code = http_new(&limits, &h);
	if (code == 0)
		code = c->t->is_post ? http_post(h, &r, on_done, c) :
				       http_get(h, &r, on_done, c);
	if (code < 0)
		dprintf(STDOUT_FILENO, "N %s\n", err_reason());
	while (code == 0 && http_busy(h) > 0)
		http_wait(h, NULL, 0, 1000);
	return 0;
}

/* The lines of a file of headers; text is cut up, and is theirs. */
static int
read_headers(const struct tool *t, char **text, const char **headers,
    size_t *count)
{
	char *p, *save = NULL, *line;
	int code = file_read(t->headers_file, HEADERS_MAX_BYTES, text, NULL);

	if (code < 0)
		return code;
	for (p = *text; (line = strtok_r(p, "\n", &save)) != NULL; p = NULL) {
		line = str_trim(line);
		if (*line == '\0' || *line == '#')
			continue;
		if (strchr(line, ':') == NULL || *count >= HEADERS_MAX)
			return err_set(ERR_CONFIG,
			    "%s: wants NAME: VALUE lines, at most %d",
			    t->headers_file, HEADERS_MAX);
		headers[(*count)++] = line;
	}
	return 0;
}

static json_t *
without_places(const struct tool *t, const json_t *arguments)
{
	json_t *body = json_object(), *value;
	const char *name;
	char *place;

	json_object_foreach((json_t *)(uintptr_t)arguments, name, value) {
		place = xformat("{%s}", name);
		if (strstr(t->url, place) == NULL)
			json_object_set(body, name, value);
		free(place);
	}
	return body;
}

static void
understand(const struct tool *t, const struct buf *out, const struct end *end,
    struct tool_result *ret)
{
	const char *text = out->data != NULL ? out->data : "";
	const char *lf = memchr(text, '\n', out->len);
	char *why;

	if (end->late) {
		say_late(t, ret);
		return;
	}
	if (out->len == 0 || lf == NULL) {
		tool_result_fail(ret, "failed", "the call broke off");
		return;
	}
	if (*text == 'S' || *text == 'C') {
		take_text(lf + 1, out->len - (size_t)(lf + 1 - text),
		    t->max_bytes, *text == 'C', ret);
		return;
	}
	why = utf8_mend(text + 2 <= lf ? text + 2 : lf,
	    text + 2 <= lf ? (size_t)(lf - text) - 2 : 0);
	if (*text == 'U' && strcmp(why, "no answer in time") == 0)
		say_late(t, ret);
	else if (*text == 'U')
		tool_result_fail(ret, t->repeatable ? "unavailable" : "unknown",
		    "%s%s", why,
		    t->repeatable ? "" :
				    "; it may have been done all the same");
	else
		tool_result_fail(ret, *text == 'F' ? "failed" : "unavailable",
		    "%s", why);
	ret->undone = *text == 'N';
	free(why);
}

static void
run_http(const struct tool *t, const json_t *arguments, const char *store,
    const char *key, struct tool_result *ret)
{
	struct call c = { .t = t };
	struct buf out = BUF_INIT((size_t)t->max_bytes + HEAD_MAX_BYTES);
	struct end end = { .late = false };
	char *file = NULL, *once = NULL;
	json_t *body;
	size_t n = 0;
	int code = tool_url(t, arguments, &c.url);

	if (code == 0 && t->headers_file != NULL)
		code = read_headers(t, &file, c.headers, &n);
	if (code == 0 && key != NULL && t->is_post) {
		once = xformat("Idempotency-Key: %s", key);
		c.headers[n++] = once;
	}
	if (code == 0 && t->is_post) {
		body = without_places(t, arguments);
		c.body = json_text(body);
		json_decref(body);
	}
	if (code == 0)
		code = in_child(store, NULL, t->timeout_ms + GRACE_MS,
		    call_in_child, &c, &out, &end);
	if (code == 0)
		understand(t, &out, &end, ret);
	else {
		tool_result_fail(ret,
		    code == ERR_DATA ? "arguments" : "unavailable", "%s",
		    code == ERR_DATA || code == ERR_IO ?
			err_reason() :
			"its headers cannot be read");
		ret->undone = true;
	}
	if (file != NULL)
		explicit_bzero(file, strlen(file));
	free(file);
	free(once);
	free(c.url);
	free(c.body);
	buf_release(&out);
}

/* --- commands --- */

static int
exec_in_child(void *ctx)
{
	/* Nothing of the service's, such as where its secrets are. */
	static char *environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin",
		"LANG=C.UTF-8", NULL };
	const struct tool *t = ctx;

	lseek(STDIN_FILENO, 0, SEEK_SET);
	execve(t->command[0], t->command, environment);
	return NOT_FOUND;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* Where programs of the system are, what it may read, and itself. */
static const char **
programs_of(const struct tool *t)
{
	static const char *const usual[] = { "/usr/bin", "/bin",
		"/usr/local/bin", NULL };
	const char **list;
	size_t n = 0, i, k = 0;

	while (t->files[n] != NULL)
		n++;
	list = xcalloc(n + 5, sizeof(*list));
	for (i = 0; usual[i] != NULL; i++)
		list[k++] = usual[i];
	list[k++] = t->command[0];
	for (i = 0; i < n; i++)
		list[k++] = t->files[i];
	return list;
}

static int
run_boxed(const struct tool *t, const struct buf *in, struct buf *out,
    struct end *end)
{
	char folder[] = FOLDER;
	const char **programs = programs_of(t);
	struct box_plan plan = { .cpu_ms = t->timeout_ms,
		.wall_ms = t->timeout_ms,
		.memory_bytes = MEMORY_BYTES,
		.output_bytes = t->max_bytes,
		.file_bytes = FILE_BYTES,
		.programs = programs };
	struct box_end how = { .why = BOX_ENDED };
	struct box *b = NULL;
	int code = 0;

	if (mkdtemp(folder) == NULL)
		code = err_errno(ERR_IO, "%s", folder);
	plan.folder = folder;
	if (code == 0)
		code = box_new(&plan, &b);
	if (code == 0)
		code = box_give(b, in->data, in->len);
	if (code == 0)
		code =
		    box_run(b, exec_in_child, (void *)(uintptr_t)t, out, &how);
	box_free(b);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(programs);
	end->late = how.why == BOX_WALL || how.why == BOX_CPU;
	end->full = how.why == BOX_OUTPUT;
	end->status = how.why == BOX_SIGNAL ? how.value : how.value << 8;
	return code;
}

static void
run_command(const struct tool *t, const json_t *arguments, const char *store,
    struct tool_result *ret)
{
	struct buf in = BUF_INIT(0), out = BUF_INIT(0);
	struct end end = { .late = false };
	int code;

	json_write(&in, arguments);
	buf_addc(&in, '\n');
	if (t->is_private) {
		out.max = (size_t)t->max_bytes;
		code = in_child(store, &in, t->timeout_ms, exec_in_child,
		    (void *)(uintptr_t)t, &out, &end);
	} else
		code = run_boxed(t, &in, &out, &end);
	if (code < 0 ||
	    (!end.late && !end.full && WIFEXITED(end.status) &&
		(WEXITSTATUS(end.status) == NOT_FOUND ||
		    WEXITSTATUS(end.status) == NOT_BEGUN))) {
		tool_result_fail(ret, "unavailable", "%s",
		    code < 0 ? err_reason() : "its command cannot be run");
		ret->undone = true;
	} else if (end.late)
		say_late(t, ret);
	else if (end.full || end.status == 0)
		take_text(out.data != NULL ? out.data : "", out.len,
		    t->max_bytes, end.full, ret);
	else if (WIFSIGNALED(end.status))
		tool_result_fail(ret, "failed", "it was ended by signal %d",
		    WTERMSIG(end.status));
	else
		tool_result_fail(ret, "failed", "it ended with status %d",
		    WEXITSTATUS(end.status));
	buf_release(&in);
	buf_release(&out);
}

void
tool_run(const struct tool *t, const json_t *arguments, const char *store,
    const char *key, struct tool_result *ret)
{
	int64_t began_ms = mono_ms();

	*ret = (struct tool_result){ .ok = false };
	if (t->url != NULL)
		run_http(t, arguments, store, key, ret);
	else
		run_command(t, arguments, store, ret);
	ret->took_ms = mono_ms() - began_ms;
}
