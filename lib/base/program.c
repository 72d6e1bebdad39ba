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
#define NOT_FOUND 127		       /* status of one that could not be run */
#define NOT_BEGUN 126 /* the same, where it could not be confined */
#define FOLDER "/tmp/frontdesk-box-XXXXXX"
#define ENVIRONMENT_MAX 16

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
program_child(const char *store, const struct buf *in, int64_t wall_ms,
    int (*fn)(void *ctx), void *ctx, struct buf *out, struct program_end *end)
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

/* --- programs --- */

static int
exec_in_child(void *ctx)
{
	/* Nothing of the service's, such as where its secrets are. */
	char *environment[ENVIRONMENT_MAX + 3] = {
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL
	};
	const struct program *p = ctx;
	size_t i;

	for (i = 0; p->environment != NULL && p->environment[i] != NULL &&
	     i < ENVIRONMENT_MAX;
	     i++)
		environment[i + 2] = p->environment[i];
	lseek(STDIN_FILENO, 0, SEEK_SET);
	execve(p->argv[0], p->argv, environment);
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
	char folder[] = FOLDER;
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
		code =
		    box_run(b, exec_in_child, (void *)(uintptr_t)p, out, &how);
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
	int code;

	out->max = (size_t)p->output_bytes;
	code = p->is_boxed ?
	    run_boxed(p, in, out, &end) :
	    program_child(p->store, in, p->wall_ms, exec_in_child,
		(void *)(uintptr_t)p, out, &end);
	if (code < 0)
		return code;
	end.unrun = !end.late && !end.full && WIFEXITED(end.status) &&
	    (WEXITSTATUS(end.status) == NOT_FOUND ||
		WEXITSTATUS(end.status) == NOT_BEGUN);
	*ret = end;
	return 0;
}
