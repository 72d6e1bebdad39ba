/* program - run a program of somebody else's, ended with all it began */
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

#include "base/box.h"
#include "base/confine.h"
#include "base/err.h"
#include "base/program.h"
#include "base/time.h"

#define MEMORY_BYTES (INT64_C(1) << 30)
#define FILE_BYTES (INT64_C(16) << 20) /* each that a program writes */
#define NOT_RUN 126 /* status of a child that could run none */
#define FOLDER "/tmp/frontdesk-box-XXXXXX"
#define ENVIRONMENT_MAX 16

/* Shared with the child of program_run(), which sets it where there was nothing
 * to be run: a status says so of a script whose last command is missing, too. */
static int *is_not_run;

static int
tell_not_run(void)
{
	if (is_not_run != NULL)
		*is_not_run = 1;
	return NOT_RUN;
}

/* --- a child that is not in a box --- */

static void
limit(int what, rlim_t most)
{
	struct rlimit r = { most, most };

	setrlimit((__rlimit_resource_t)what, &r);
}

/* What it may still do: all but see the store, and become somebody else. */
static void
give_up(const struct program *p)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, 256);
	limit(RLIMIT_FSIZE, (rlim_t)FILE_BYTES);
	if (p->is_trusted)
		return;
	if (p->store != NULL && confine(p->store, NULL) < 0)
		_exit(tell_not_run());
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static _Noreturn void
be_child(const struct program *p, int in, int out, pid_t parent,
    int (*fn)(void *ctx), void *ctx)
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
		_exit(tell_not_run());
	close_range(3, ~0U, 0);
	give_up(p);
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
gather(int fd, int pidfd, int64_t until_ms, struct buf *out,
    struct program_end *end)
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

int
program_child(const struct program *p, const struct buf *in,
    int (*fn)(void *ctx), void *ctx, struct buf *out, struct program_end *ret)
{
	pid_t parent = getpid(), pid;
	int fds[2], given = -1, pidfd;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (in != NULL) {
		given = memfd_create("input", MFD_CLOEXEC);
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
		be_child(p, given, fds[1], parent, fn, ctx);
	close(fds[1]);
	if (given >= 0)
		close(given);
	if (pid < 0) {
		close(fds[0]);
		return err_errno(ERR_IO, "fork");
	}
	setpgid(pid, pid); /* whoever of us is first */
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	gather(fds[0], pidfd, mono_ms() + p->wall_ms, out, ret);
	close(fds[0]);
	if (pidfd >= 0)
		close(pidfd);
	/* Before it is waited for: until then the number is its own. */
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	while (waitpid(pid, &ret->status, 0) < 0 && errno == EINTR)
		;
	end_orphans();
	return 0;
}

/* --- programs --- */

struct executed {
	const struct program *p;
	char *folder; /* TMPDIR=...; NULL: none */
};

static int
exec_in_child(void *ctx)
{
	/* Nothing of the service's, such as where its secrets are. */
	char *environment[ENVIRONMENT_MAX + 4] = {
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL
	};
	const struct executed *x = ctx;
	const struct program *p = x->p;
	sigset_t none;
	size_t n = 2, i;

	if (x->folder != NULL)
		environment[n++] = x->folder;
	for (i = 0; p->environment != NULL && p->environment[i] != NULL &&
	     i < ENVIRONMENT_MAX;
	     i++)
		environment[n++] = p->environment[i];
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	lseek(STDIN_FILENO, 0, SEEK_SET);
	execve(p->argv[0], p->argv, environment);
	return tell_not_run();
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
programs_of(const struct program *p)
{
	static const char *const usual[] = { "/usr/bin", "/bin",
		"/usr/local/bin", NULL };
	const char **list;
	size_t n = 0, i, k = 0;

	while (p->files != NULL && p->files[n] != NULL)
		n++;
	list = xcalloc(n + 5, sizeof(*list));
	for (i = 0; usual[i] != NULL; i++)
		list[k++] = usual[i];
	list[k++] = p->argv[0];
	for (i = 0; i < n; i++)
		list[k++] = p->files[i];
	return list;
}

static int
run_boxed(const struct program *p, const struct buf *in, struct buf *out,
    struct program_end *end)
{
	char variable[] = "TMPDIR=" FOLDER,
	     *folder = variable + strlen("TMPDIR=");
	struct executed x = { .p = p, .folder = variable };
	const char **programs = programs_of(p);
	struct box_plan plan = { .cpu_ms = p->wall_ms,
		.wall_ms = p->wall_ms,
		.memory_bytes = MEMORY_BYTES,
		.output_bytes = p->output_bytes,
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
		code = box_run(b, exec_in_child, &x, out, &how);
	box_free(b);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(programs);
	end->late = how.why == BOX_WALL || how.why == BOX_CPU;
	end->full = how.why == BOX_OUTPUT;
	end->status = how.why == BOX_SIGNAL ? how.value : how.value << 8;
	return code;
}

int
program_run(const struct program *p, const struct buf *in, struct buf *out,
    struct program_end *ret)
{
	struct program_end end = { .late = false };
	struct executed x = { .p = p };
	int code;

	is_not_run = mmap(NULL, sizeof(*is_not_run), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (is_not_run == MAP_FAILED) {
		is_not_run = NULL;
		return err_errno(ERR_IO, "mmap");
	}
	out->max = (size_t)p->output_bytes;
	code = p->is_boxed ? run_boxed(p, in, out, &end) :
			     program_child(p, in, exec_in_child, &x, out, &end);
	end.unrun = *is_not_run != 0;
	munmap(is_not_run, sizeof(*is_not_run));
	is_not_run = NULL;
	if (code == 0)
		*ret = end;
	return code;
}

/* --- runs that go on beside us --- */

struct run {
	int fd;
	pid_t pid;
	struct program_report report;
	size_t got; /* bytes of it */
	void (*done)(void *arg, const struct program_report *report);
	void *arg;
};

struct programs {
	struct run *runs;
	size_t count;
};

struct programs *
programs_new(void)
{
	return xcalloc(1, sizeof(struct programs));
}

/* The runner: one program, then what became of it. It holds nothing of ours
 * but the way back, so that no lock outlives us. */
static _Noreturn void
be_runner(const struct program *p, const struct buf *in, int fd, pid_t parent)
{
	struct program_report report = { .lost = false };
	struct buf out = BUF_INIT(0);
	int64_t began_ms = mono_ms();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || dup2(fd, 3) < 0)
		_exit(NOT_RUN);
	close_range(4, ~0U, 0);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	if (program_run(p, in, &out, &report.end) < 0) {
		report.end.unrun = true;
		snprintf(report.why, sizeof(report.why), "%s", err_reason());
	}
	report.took_ms = mono_ms() - began_ms;
	report.output_bytes = (int64_t)out.len;
	(void)!write_all(3, &report, sizeof(report));
	_exit(0);
}

int
programs_start(struct programs *ps, const struct program *p,
    const struct buf *in,
    void (*done)(void *arg, const struct program_report *report), void *arg)
{
	struct run r = { .done = done, .arg = arg };
	pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(ERR_IO, "pipe");
	r.pid = fork();
	if (r.pid == 0)
		be_runner(p, in, fds[1], parent);
	close(fds[1]);
	if (r.pid < 0) {
		close(fds[0]);
		return err_errno(ERR_IO, "fork");
	}
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	r.fd = fds[0];
	ps->runs = xrealloc(ps->runs, (ps->count + 1) * sizeof(*ps->runs));
	ps->runs[ps->count++] = r;
	return 0;
}

/* Whether it has ended, its report whole or lost. */
static bool
has_ended(struct run *r)
{
	ssize_t n;

	do {
		n = read(r->fd, (char *)&r->report + r->got,
		    sizeof(r->report) - r->got);
		if (n > 0)
			r->got += (size_t)n;
	} while (
	    (n > 0 && r->got < sizeof(r->report)) || (n < 0 && errno == EINTR));
	if (n < 0 && errno == EAGAIN)
		return false;
	if (r->got < sizeof(r->report))
		r->report = (struct program_report){ .lost = true };
	return true;
}

static void
put_down(struct run *r)
{
	close(r->fd);
	kill(r->pid, SIGKILL);
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int
programs_wait(struct programs *ps, struct pollfd *fds, int nfds, int timeout_ms)
{
	size_t n = (size_t)nfds + ps->count, i;
	struct pollfd *all = xcalloc(n + 1, sizeof(*all));
	struct run ended;
	int code = 0;

	if (nfds > 0)
		memcpy(all, fds, (size_t)nfds * sizeof(*all));
	for (i = 0; i < ps->count; i++)
		all[(size_t)nfds + i] =
		    (struct pollfd){ .fd = ps->runs[i].fd, .events = POLLIN };
	if (poll(all, n, timeout_ms) < 0 && errno != EINTR)
		code = err_errno(ERR_IO, "poll");
	if (nfds > 0 && code == 0)
		memcpy(fds, all, (size_t)nfds * sizeof(*all));
	free(all);
	for (i = 0; i < ps->count && code == 0;) {
		if (!has_ended(&ps->runs[i])) {
			i++;
			continue;
		}
		ended = ps->runs[i];
		ps->runs[i] = ps->runs[--ps->count];
		put_down(&ended);
		ended.done(ended.arg, &ended.report);
	}
	return code;
}

void
programs_free(struct programs *ps)
{
	size_t i;

	for (i = 0; ps != NULL && i < ps->count; i++)
		put_down(&ps->runs[i]);
	if (ps != NULL)
		free(ps->runs);
	free(ps);
}
