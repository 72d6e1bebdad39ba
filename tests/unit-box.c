/*
 * base/box: what is tried inside is refused, what grows or hangs is ended
 *
 * unit-box --like FILE... COMMAND runs a command where only the system calls
 * listed in the FILEs are allowed, as the service manager would have it;
 * unit-box --bare COMMAND where the kernel has neither seccomp nor Landlock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/box.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

#define SECONDS INT64_C(1000)
#define MIB (INT64_C(1) << 20)

static char folder[] = "/tmp/unit-box.XXXXXX";
static char *store, *victim, *bell;
static pid_t outside;

/* --- what is tried; true: it worked --- */

static bool
opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool
try_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}
static bool
try_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}
static bool
try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}
static bool
try_socketpair(void)
{
	int fds[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0;
}
/* A port nobody listens on: to be refused by the other side is to get there. */
static bool
try_connect(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 &&
	    (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 ||
		errno == ECONNREFUSED);
}
static bool
try_passwd(void)
{
	return opens("/etc/passwd", O_RDONLY);
}
static bool
try_store(void)
{
	return opens(store, O_RDONLY);
}
static bool
try_store_write(void)
{
	return opens(store, O_RDWR);
}
static bool
try_folder(void)
{
	return opens(folder, O_RDONLY | O_DIRECTORY);
}
static bool
try_create(void)
{
	return opens(xformat("%s/new", folder), O_WRONLY | O_CREAT);
}
static bool
try_tmpfile(void)
{
	return opens("/tmp", O_WRONLY | O_TMPFILE);
}
static bool
try_append(void)
{
	return opens(victim, O_WRONLY | O_APPEND);
}
static bool
try_unlink(void)
{
	return unlink(victim) == 0;
}
static bool
try_rename(void)
{
	return rename(victim, xformat("%s.moved", victim)) == 0;
}
static bool
try_truncate(void)
{
	return truncate(victim, 0) == 0;
}
static bool
try_chmod(void)
{
	return chmod(victim, 0777) == 0;
}
static bool
try_mkdir(void)
{
	return mkdir(xformat("%s/sub", folder), 0700) == 0;
}
static bool
try_symlink(void)
{
	return symlink("/etc/passwd", xformat("%s/link", folder)) == 0;
}
static bool
try_fifo(void)
{
	return mkfifo(xformat("%s/fifo", folder), 0600) == 0;
}
static bool
try_own_memory(void)
{
	return opens("/proc/self/mem", O_RDWR);
}
static bool
try_his_environment(void)
{
	return opens(xformat("/proc/%d/environ", (int)outside), O_RDONLY);
}
static bool
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}
static bool
try_thread(void)
{
	return syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS;
}
static bool
try_shell(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid > 0) {
		waitpid(pid, &status, 0);
		return WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	execl("/bin/sh", "sh", "-c", ":", (char *)NULL);
	if (pid == 0)
		_exit(1);
	return false;
}
static bool
try_trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}
static bool
try_peek(void)
{
	char byte;
	struct iovec to = { &byte, 1 }, from = { folder, 1 };

	return syscall(SYS_process_vm_readv, outside, &to, 1UL, &from, 1UL,
		   0UL) == 1;
}
static bool
try_signal(void)
{
	return kill(outside, 0) == 0;
}
static bool
try_thread_signal(void)
{
	return syscall(SYS_tgkill, outside, outside, SIGCONT) == 0;
}
static bool
try_owner(void)
{
	return fcntl(STDOUT_FILENO, F_SETOWN, outside) == 0;
}
static bool
try_leave_group(void)
{
	return setpgid(0, outside) == 0 || setsid() > 0;
}
static bool
try_his_limits(void)
{
	struct rlimit limit;

	return prlimit(outside, RLIMIT_CPU, NULL, &limit) == 0;
}
static bool
try_more_files(void)
{
	struct rlimit limit = { 4096, 4096 };

	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}
static bool
try_timer(void)
{
	struct itimerval off = { .it_value = { 0, 0 } };

	return setitimer(ITIMER_PROF, &off, NULL) == 0;
}
static bool
try_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1) == 0;
}
static bool
try_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}
static bool
try_memfd(void)
{
	return memfd_create("x", 0) >= 0;
}
static bool
try_ring(void)
{
	char params[256] = "";

	return syscall(SYS_io_uring_setup, 1, params) >= 0;
}
static bool
try_keys(void)
{
	return syscall(SYS_keyctl, 0, -3, 1) >= 0;
}
static bool
try_written_code(void)
{
	return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}
static bool
try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}
static bool
try_root(void)
{
	return setuid(0) == 0 && geteuid() == 0;
}
static bool
try_mount(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL) == 0;
}
static bool
try_chroot(void)
{
	return chroot("/") == 0;
}
static bool
try_terminal(void)
{
	return ioctl(STDOUT_FILENO, TIOCSTI, "x") == 0;
}
static bool
try_descriptors(void)
{
	int i;

	for (i = 3; i < 1024; i++)
		if (fcntl(i, F_GETFD) >= 0)
			return true;
	return false;
}
static bool
try_environment(void)
{
	return getenv("HOME") != NULL || getenv("UNIT_BOX_SECRET") != NULL ||
	    getenv("PATH") == NULL;
}
static bool
try_gigabyte(void)
{
	char *p = malloc((size_t)1 << 30);
	bool had = p != NULL;

	if (had)
		memset(p, 1, (size_t)1 << 30);
	free(p);
	return had;
}
static bool
try_write_file(void)
{
	/* Open already, or as good as: a file that is stdout in the control. */
	return opens(bell, O_WRONLY | O_NONBLOCK);
}

#define ALWAYS 4 /* held by limits alone */

static const struct attempt {
	const char *name;
	bool (*try)(void);
	unsigned held_by; /* locks each of which is enough */
	bool works;	  /* without a box, for an ordinary user */
} attempts[] = {
	{ "a descriptor of its parent", try_descriptors, ALWAYS, true },
	{ "socket of the internet", try_inet, BOX_SECCOMP, true },
	{ "socket of the machine", try_unix, BOX_SECCOMP, true },
	{ "socket of the kernel", try_netlink, BOX_SECCOMP, true },
	{ "pair of sockets", try_socketpair, BOX_SECCOMP, true },
	{ "connection", try_connect, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "reading /etc/passwd", try_passwd, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "reading the store", try_store, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "writing the store", try_store_write, BOX_SECCOMP | BOX_LANDLOCK,
	    true },
	{ "listing a folder", try_folder, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "making a file", try_create, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "a file without a name", try_tmpfile, BOX_SECCOMP | BOX_LANDLOCK,
	    false },
	{ "appending to a file", try_append, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "writing into a pipe of others", try_write_file,
	    BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "changing rights", try_chmod, BOX_SECCOMP, true },
	{ "cutting a file", try_truncate, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "renaming a file", try_rename, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "removing a file", try_unlink, BOX_SECCOMP | BOX_LANDLOCK, false },
	{ "making a folder", try_mkdir, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "making a link", try_symlink, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "making a pipe with a name", try_fifo, BOX_SECCOMP | BOX_LANDLOCK,
	    true },
	{ "its own memory as a file", try_own_memory,
	    BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "the environment of its parent", try_his_environment,
	    BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "another process", try_fork, BOX_SECCOMP, true },
	{ "a thread", try_thread, BOX_SECCOMP, true },
	{ "a shell", try_shell, BOX_SECCOMP | BOX_LANDLOCK, true },
	{ "being traced", try_trace, BOX_SECCOMP, false },
	{ "reading its parent's memory", try_peek, BOX_SECCOMP | ALWAYS,
	    false },
	{ "a signal", try_signal, BOX_SECCOMP, true },
	{ "a signal to a thread", try_thread_signal, BOX_SECCOMP, true },
	{ "signals about a pipe", try_owner, BOX_SECCOMP, true },
	{ "leaving its group", try_leave_group, BOX_SECCOMP, true },
	{ "its parent's limits", try_his_limits, BOX_SECCOMP, false },
	{ "more files", try_more_files, BOX_SECCOMP | ALWAYS, false },
	{ "stopping the clock", try_timer, BOX_SECCOMP, true },
	{ "being looked into", try_dumpable, BOX_SECCOMP, true },
	{ "a file in memory", try_memfd, BOX_SECCOMP, true },
	{ "a ring of calls", try_ring, BOX_SECCOMP, false },
	{ "keys of the kernel", try_keys, BOX_SECCOMP, false },
	{ "memory to write and run", try_written_code, BOX_SECCOMP, false },
	{ "memory written, then run", try_code, BOX_SECCOMP, false },
	{ "root", try_root, BOX_SECCOMP | ALWAYS, false },
	{ "mounting", try_mount, BOX_SECCOMP | ALWAYS, false },
	{ "another root", try_chroot, BOX_SECCOMP | ALWAYS, false },
	{ "typing on a terminal", try_terminal, BOX_SECCOMP, false },
	{ "the environment", try_environment, ALWAYS, false },
	{ "a gigabyte", try_gigabyte, ALWAYS, false },
	/* Last: it makes a root of its own for those behind it. */
	{ "a namespace", try_namespace, BOX_SECCOMP, false },
};
#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

/* Write the names of those that worked. */
static int
try_all(void *ctx)
{
	size_t i;

	(void)ctx;
	dprintf(STDOUT_FILENO, "\n"); /* each name is a line */
	for (i = 0; i < ATTEMPTS; i++) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
		if (attempts[i].try == try_gigabyte)
			continue; /* the limit cannot hold there */
#endif
		if (attempts[i].try())
			dprintf(STDOUT_FILENO, "%s\n", attempts[i].name);
	}
	dprintf(STDOUT_FILENO, "done\n");
	return 0;
}

static const struct box_plan usual = { .cpu_ms = 2 * SECONDS,
	.wall_ms = 20 * SECONDS,
	.memory_bytes = 256 * MIB,
	.output_bytes = MIB,
	.file_bytes = MIB };

static struct box *
box_like(const struct box_plan *plan)
{
	struct box *b = NULL;

	if (box_new(plan, &b) < 0)
		fail_msg("no box: %s", err_reason());
	return b;
}

static void
expect_held(unsigned without, bool with_program)
{
	static const char *const programs[] = { "/usr/bin/cat", NULL };
	struct box_plan plan = usual;
	struct buf out = BUF_INIT(0), want = BUF_INIT(0);
	struct box_end end;
	struct box *b;
	size_t i;

	plan.without = without;
	plan.programs = with_program ? programs : NULL;
	b = box_like(&plan);
	assert_int_equal(box_locks(b), 3 & ~without);
	assert_int_equal(box_run(b, try_all, NULL, &out, &end), 0);
	assert_int_equal(end.why, BOX_ENDED);
	if (without & BOX_SECCOMP) {
		/* What the other lock does not hold may work or not. */
		for (i = 0; i < ATTEMPTS; i++)
			if (attempts[i].held_by & (BOX_LANDLOCK | ALWAYS)) {
				char *line =
				    xformat("\n%s\n", attempts[i].name);

				if (strstr(out.data, line) != NULL)
					fail_msg("not held: %s", line);
				free(line);
			}
		assert_non_null(strstr(out.data, "done\n"));
	} else {
		buf_addc(&want, '\n');
		if (with_program)
			buf_adds(&want, "another process\n");
		buf_adds(&want, "done\n");
		assert_string_equal(out.data, want.data);
	}
	assert_int_equal(access(victim, F_OK), 0);
	buf_release(&out);
	buf_release(&want);
	box_free(b);
}

static void
holds_by_both(void **state)
{
	(void)state;
	expect_held(0, false);
}

static void
holds_without_landlock(void **state)
{
	(void)state;
	expect_held(BOX_LANDLOCK, false);
}

static void
holds_without_seccomp(void **state)
{
	(void)state;
	expect_held(BOX_SECCOMP, false);
}

static void
holds_with_a_program(void **state)
{
	(void)state;
	expect_held(0, true);
}

/* The attempts are real: without a box they work. */
static void
attempts_work_outside(void **state)
{
	int fds[2];
	pid_t pid;
	struct buf out = BUF_INIT(0);
	char piece[4096];
	ssize_t n;
	size_t i;

	(void)state;
	if (getenv("UNIT_BOX_FILTERED") != NULL)
		return; /* whoever filtered us took some of them away */
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		for (i = 0; i < ATTEMPTS; i++)
			if (attempts[i].works && attempts[i].try())
				dprintf(STDOUT_FILENO, "%s\n",
				    attempts[i].name);
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], piece, sizeof(piece))) > 0)
		buf_add(&out, piece, (size_t)n);
	close(fds[0]);
	waitpid(pid, NULL, 0);
	for (i = 0; i < ATTEMPTS; i++)
		if (attempts[i].works &&
		    strstr(out.data, attempts[i].name) == NULL)
			fail_msg("does not work outside: %s", attempts[i].name);
	buf_release(&out);
}

/* --- limits --- */

static void
ignore(int sig)
{
	(void)sig;
}

static int
loop(void *ctx)
{
	volatile uint64_t n = 0;

	if (ctx != NULL) {
		signal(SIGPROF, ignore);
		signal(SIGXCPU, ignore);
	}
	for (;;)
		n++;
	return 0;
}
static int
sleep_long(void *ctx)
{
	(void)ctx;
	for (;;)
		pause(), poll(NULL, 0, 1000);
	return 0;
}
static int
sleep_silent(void *ctx)
{
	close(STDOUT_FILENO);
	return sleep_long(ctx);
}
static int
write_on(void *ctx)
{
	char piece[4096];

	(void)ctx;
	memset(piece, 'x', sizeof(piece));
	while (write(STDOUT_FILENO, piece, sizeof(piece)) > 0)
		;
	return 0;
}
static int
write_exactly(void *ctx)
{
	char piece[4096];
	int64_t n;

	(void)ctx;
	memset(piece, 'x', sizeof(piece));
	for (n = 0; n < usual.output_bytes; n += (int64_t)sizeof(piece))
		if (write_all(STDOUT_FILENO, piece, sizeof(piece)) < 0)
			return 1;
	return 3;
}
static int
crash(void *ctx)
{
	(void)ctx;
	abort();
}

static void
expect_end(int (*fn)(void *), void *ctx, enum box_why why, const char *words)
{
	struct box_plan plan = usual;
	struct buf out = BUF_INIT(0);
	int64_t began = mono_ms();
	struct box_end end;
	struct box *b;

	plan.cpu_ms = 100;
	plan.wall_ms = fn == sleep_long || fn == sleep_silent ? 200 : 60000;
	b = box_like(&plan);
	assert_int_equal(box_run(b, fn, ctx, &out, &end), 0);
	assert_int_equal(end.why, why);
	assert_int_equal(box_verdict(b, &end), ERR_DATA);
	assert_non_null(strstr(err_reason(), words));
	assert_true(out.len <= (size_t)usual.output_bytes);
	assert_in_range(mono_ms() - began, 0, 59000);
	buf_release(&out);
	box_free(b);
}

static void
ends_what_goes_on(void **state)
{
	(void)state;
	expect_end(loop, NULL, BOX_CPU, "0.1 s of processor time");
	expect_end(sleep_long, NULL, BOX_WALL, "took more than 0.2 s");
	expect_end(sleep_silent, NULL, BOX_WALL, "took more than 0.2 s");
	expect_end(write_on, NULL, BOX_OUTPUT, "wrote more than 1 MiB");
	expect_end(write_exactly, NULL, BOX_ENDED, "ended with status 3");
}

/* One who learned to catch the signals is ended a second or two later. */
static void
ends_who_catches_signals(void **state)
{
	(void)state;
	expect_end(loop, folder, BOX_CPU, "of processor time");
}

static void
tells_a_crash(void **state)
{
	(void)state;
	expect_end(crash, NULL, BOX_SIGNAL, "was ended by signal");
}

static int
fork_on(void *ctx)
{
	pid_t pid;

	(void)ctx;
	for (;;) {
		pid = fork();
		if (pid < 0)
			sleep_long(NULL); /* no more can be had */
		dprintf(STDOUT_FILENO, "%d\n", (int)getpid());
	}
	return 0;
}

/* Whether none of the processes whose numbers are in out is there. */
static bool
all_gone(const struct buf *out, size_t *ret_count)
{
	const char *p = out->data;
	char *end;
	long pid;

	*ret_count = 0;
	while (p != NULL && *p != '\0') {
		pid = strtol(p, &end, 10);
		if (end == p)
			break;
		++*ret_count;
		if (pid > 1 && kill((pid_t)pid, 0) == 0)
			return false;
		p = *end == '\n' ? end + 1 : end;
	}
	return true;
}

static const char *const some_programs[] = { "/usr/bin/cat", "/usr/bin/mawk",
	"/usr/bin/tail", "/nowhere/prog", NULL };

static void
ends_a_fork_bomb(void **state)
{
	struct box_plan plan = usual;
	struct buf out = BUF_INIT(0);
	struct box_end end;
	struct box *b;
	size_t count;

	(void)state;
	plan.programs = some_programs;
	plan.wall_ms = 500;
	b = box_like(&plan);
	assert_int_equal(box_run(b, fork_on, NULL, &out, &end), 0);
	assert_true(end.why == BOX_WALL || end.why == BOX_OUTPUT);
	assert_true(all_gone(&out, &count));
	assert_in_range(count, 2, 100000);
	buf_release(&out);
	box_free(b);
}

static int
leave_one_behind(void *ctx)
{
	pid_t pid = fork();

	if (pid == 0)
		sleep_long(ctx);
	dprintf(STDOUT_FILENO, "%d\n", (int)pid);
	return 0;
}

static void
ends_what_is_left_behind(void **state)
{
	struct box_plan plan = usual;
	struct buf out = BUF_INIT(0);
	int64_t began = mono_ms();
	struct box_end end;
	struct box *b;
	size_t count;

	(void)state;
	plan.programs = some_programs;
	b = box_like(&plan);
	assert_int_equal(box_run(b, leave_one_behind, NULL, &out, &end), 0);
	assert_int_equal(end.why, BOX_ENDED);
	assert_true(all_gone(&out, &count));
	assert_int_equal(count, 1);
	assert_in_range(mono_ms() - began, 0, 5000);
	buf_release(&out);
	box_free(b);
}

/* Killed as we are, without a chance to clean up: the box goes too. */
static void
ends_with_its_parent(void **state)
{
	int fds[2];
	pid_t middle, inner = 0;
	char path[64], text[32] = "";
	struct buf out = BUF_INIT(0);
	struct box_end end;
	int i, fd;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	middle = fork();
	if (middle == 0) {
		struct box *b = box_like(&usual);

		if (write(fds[1], "x", 1) == 1)
			box_run(b, sleep_long, NULL, &out, &end);
		_exit(0);
	}
	assert_int_equal(read(fds[0], text, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)middle,
	    (int)middle);
	for (i = 0; i < 500 && inner == 0; i++) {
		poll(NULL, 0, 10);
		fd = open(path, O_RDONLY);
		if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
			inner = (pid_t)strtol(text, NULL, 10);
		if (fd >= 0)
			close(fd);
	}
	assert_true(inner > 0);
	poll(NULL, 0, 100); /* its box is closed by now */
	kill(middle, SIGKILL);
	waitpid(middle, NULL, 0);
	for (i = 0; i < 500 && waitpid(inner, NULL, WNOHANG) == 0; i++)
		poll(NULL, 0, 10);
	assert_int_equal(kill(inner, 0), -1);
	close(fds[0]);
	close(fds[1]);
}

/* --- programs and a folder --- */

static int
copy_by_cat(void *ctx)
{
	static const char *const argv[] = { "/usr/bin/cat", NULL };
	struct buf in = BUF_INIT(0), out = BUF_INIT(0);
	int status = 1, code;

	(void)ctx;
	/* More than pipes hold, so that both ends must be served. */
	while (in.len < 600000)
		buf_addf(&in, "line %zu\n", in.len);
	code = box_program(argv, in.data, in.len, &out, &status);
	return code == 0 && status == 0 && out.len == in.len &&
		memcmp(in.data, out.data, in.len) == 0 ?
	    0 :
	    1;
}

/* What the box was given is a file, from its beginning for each program; other
 * bytes still come by a pipe. */
static int
seek_in_given(void *ctx)
{
	static const char *const tail[] = { "/usr/bin/tail", "-c", "6",
		"/dev/stdin", NULL };
	struct buf out = BUF_INIT(0);
	int status = 1, i;

	signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i < 2; i++)
		if (lseek(STDIN_FILENO, 0, SEEK_END) != 20 ||
		    box_program(tail, ctx, 20, &out, &status) < 0 ||
		    status != 0)
			return 1;
	if (box_program(tail, "piped", 5, &out, &status) < 0 || status != 0)
		return 2;
	if (write(STDIN_FILENO, "x", 1) != -1)
		return 3;
	return out.len == 17 && memcmp(out.data, "456789456789piped", 17) == 0 ?
	    0 :
	    4;
}

static void
gives_a_file(void **state)
{
	static char text[] = "01234567890123456789";
	struct box_plan plan = usual;
	struct buf out = BUF_INIT(0);
	struct box_end end;
	struct box *b;

	(void)state;
	plan.programs = some_programs;
	b = box_like(&plan);
	assert_int_equal(box_give(b, text, 20), 0);
	assert_int_equal(box_run(b, seek_in_given, text, &out, &end), 0);
	assert_int_equal(box_verdict(b, &end), 0);
	/* Taken back, it is bytes like others. */
	assert_int_equal(box_give(b, NULL, 0), 0);
	assert_int_equal(box_run(b, seek_in_given, text, &out, &end), 0);
	assert_int_equal(end.value, 1);
	box_free(b);
	buf_release(&out);
}

/* awk loops for us; the time is that of both together. */
static int
loop_by_awk(void *ctx)
{
	static const char *const argv[] = { "/usr/bin/mawk",
		"BEGIN { for (;;) n++ }", NULL };
	struct buf out = BUF_INIT(0);
	int status;

	(void)ctx;
	box_program(argv, "", 0, &out, &status);
	box_program(argv, "", 0, &out, &status);
	return 0;
}

static int
run_others(void *ctx)
{
	/* By way of the loader a program would be read and not executed. */
	const char *const sh[] = { "/bin/sh", "-c", "echo sh", NULL },
			  *const by_loader[] = { "/lib64/ld-linux-x86-64.so.2",
				  "/bin/sh", "-c", "echo loader", NULL },
			  *const passwd[] = { "/usr/bin/cat", "/etc/passwd",
				  NULL },
			  *const kept[] = { "/usr/bin/cat", store, NULL };
	struct buf out = BUF_INIT(0);
	int status;

	(void)ctx;
	if (box_program(sh, "", 0, &out, &status) == 0)
		return 1;
	box_program(by_loader, "", 0, &out, &status);
	box_program(passwd, "", 0, &out, &status);
	box_program(kept, "", 0, &out, &status);
	return out.len == 0 ? 0 : 2;
}

static int
write_in_folder(void *ctx)
{
	const char *dir = ctx;
	char *link = xformat("%s/out", dir), *big = xformat("%s/big", dir);
	int fd = open(big, O_WRONLY | O_CREAT, 0600);
	char piece[65536] = "";
	size_t n = 0;

	signal(SIGXFSZ, SIG_IGN);
	if (fd < 0 || opens(store, O_RDONLY) || opens(victim, O_WRONLY))
		return 1;
	if (opens(link, O_RDONLY) || opens(link, O_WRONLY))
		return 2;
	while (write(fd, piece, sizeof(piece)) == sizeof(piece))
		n += sizeof(piece);
	return n <= (size_t)usual.file_bytes ? 0 : 3;
}

/* Rights and times: of what is open, and nobody else for it. */
static int
change_in_folder(void *ctx)
{
	const struct timespec past[2] = { { 1, 0 }, { 1, 0 } };
	const char *dir = ctx;
	int fd = open(xformat("%s/mine", dir), O_RDWR | O_CREAT, 0600);
	struct stat st;

	if (fd < 0 || fchmod(fd, 0640) < 0 || futimens(fd, past) < 0 ||
	    fstat(fd, &st) < 0 || (st.st_mode & 07777) != 0640 ||
	    st.st_mtime != 1)
		return 1;
	if (fchmod(fd, 04700) == 0 || fchmod(fd, 02700) == 0 ||
	    fchmod(fd, 01700) == 0)
		return 2;
	if (chmod(victim, 0600) == 0 || try_chmod() ||
	    fchmodat(AT_FDCWD, victim, 0600, 0) == 0 ||
	    utimensat(AT_FDCWD, victim, past, 0) == 0)
		return 3;
	fd = open(victim, O_PATH);
	if (fd >= 0 && (fchmod(fd, 0600) == 0 || futimens(fd, past) == 0))
		return 4;
	return 0;
}

static void
runs_programs(void **state)
{
	struct box_plan plan = usual;
	struct buf out = BUF_INIT(0);
	struct box_end end;
	struct box *b;

	(void)state;
	plan.programs = some_programs;
	b = box_like(&plan);
	assert_int_equal(box_run(b, copy_by_cat, NULL, &out, &end), 0);
	assert_int_equal(box_verdict(b, &end), 0);
	assert_int_equal(box_run(b, run_others, NULL, &out, &end), 0);
	assert_int_equal(box_verdict(b, &end), 0);
	box_free(b);
	plan.cpu_ms = 900;
	b = box_like(&plan);
	assert_int_equal(box_run(b, loop_by_awk, NULL, &out, &end), 0);
	assert_int_equal(end.why, BOX_CPU);
	assert_in_range(end.cpu_ms, 500, 1900);
	box_free(b);
	plan.without = BOX_LANDLOCK;
	assert_int_equal(box_new(&plan, &b), ERR_UNAVAILABLE);
	assert_non_null(strstr(err_reason(), "Landlock"));
	buf_release(&out);
}

static void
writes_in_its_folder(void **state)
{
	struct box_plan plan = usual;
	struct buf out = BUF_INIT(0);
	struct box_end end;
	char *dir = xformat("%s/private", folder),
	     *link = xformat("%s/out", dir);
	struct box *b;

	(void)state;
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(symlink(store, link), 0);
	plan.folder = dir;
	b = box_like(&plan);
	assert_int_equal(box_run(b, write_in_folder, dir, &out, &end), 0);
	assert_int_equal(box_verdict(b, &end), 0);
	assert_int_equal(box_run(b, change_in_folder, dir, &out, &end), 0);
	assert_int_equal(end.value, 0);
	box_free(b);
	buf_release(&out);
	free(dir);
	free(link);
}

static void
refuses_without_locks(void **state)
{
	struct box_plan plan = usual;
	struct buf out = BUF_INIT(0);
	struct box_end end;
	struct box *b = NULL;

	(void)state;
	plan.without = BOX_SECCOMP | BOX_LANDLOCK;
	assert_int_equal(box_new(&plan, &b), ERR_UNAVAILABLE);
	assert_null(b);
	plan.is_unsafe = true;
	b = box_like(&plan);
	assert_int_equal(box_locks(b), 0);
	assert_int_equal(box_run(b, write_exactly, NULL, &out, &end), 0);
	assert_int_equal(end.value, 3);
	assert_int_equal(out.len, usual.output_bytes);
	box_free(b);
	buf_release(&out);
}

/* --- */

static int
begin(void **state)
{
	(void)state;
	outside = getpid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	setenv("UNIT_BOX_SECRET", "x", 1);
	setenv("HOME", "/", 1);
	if (mkdtemp(folder) == NULL)
		return -1;
	/* Open to all, so that it is the box that refuses. */
	chmod(folder, 0777);
	store = xformat("%s/desk.db", folder);
	victim = xformat("%s/victim", folder);
	bell = xformat("%s/bell", folder);
	if (file_put(store, "x", 1, 0666) < 0 ||
	    file_put(victim, "x", 1, 0666) < 0 || mkfifo(bell, 0666) < 0)
		return -1;
	chmod(store, 0666);
	chmod(victim, 0666);
	/* A reader, so that it can be opened for writing. */
	return open(bell, O_RDONLY | O_NONBLOCK) >= 0 ? 0 : -1;
}

static int
remove_all(void **state)
{
	static const char *const names[] = { "desk.db", "victim", "bell",
		"private/big", "private/out", "private", "new", "sub", "link",
		"fifo", "victim.moved", "." };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = xformat("%s/%s", folder, names[i]);

		if (remove(path) < 0)
			rmdir(folder);
		free(path);
	}
	free(store);
	free(victim);
	free(bell);
	return 0;
}

/* What the attempts did outside is undone. */
static int
restore(void **state)
{
	static const char *const names[] = { "new", "sub", "link", "fifo",
		"victim.moved" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = xformat("%s/%s", folder, names[i]);

		remove(path);
		free(path);
	}
	return file_put(victim, "x", 1, 0666) < 0 ? -1 : chmod(victim, 0666);
}

/* --- another kernel, another service manager --- */

static int
run_bare(char *argv[])
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	struct scmp_arg_cmp mode = { 0, SCMP_CMP_EQ, PR_SET_SECCOMP, 0 };
	int n = SCMP_SYS(landlock_create_ruleset);

	if (f == NULL ||
	    seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), n, 0) != 0 ||
	    seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0) !=
		0 ||
	    seccomp_rule_add_array(f, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl),
		1, &mode) != 0 ||
	    seccomp_load(f) != 0)
		return 1;
	execvp(argv[0], argv);
	return 127;
}

static int
run_like(int files, char *argv[])
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	char name[128];
	FILE *list;
	int i, n;

	for (i = 0; i < files; i++) {
		list = fopen(argv[i], "r");
		if (list == NULL)
			return 1;
		while (fscanf(list, "%127s", name) == 1) {
			n = seccomp_syscall_resolve_name(name);
			if (n >= 0)
				seccomp_rule_add(f, SCMP_ACT_ALLOW, n, 0);
		}
		fclose(list);
	}
	if (seccomp_load(f) != 0)
		return 1;
	setenv("UNIT_BOX_FILTERED", "1", 1);
	execvp(argv[files], argv + files);
	return 127;
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_by_both),
		cmocka_unit_test(holds_without_landlock),
		cmocka_unit_test(holds_without_seccomp),
		cmocka_unit_test(holds_with_a_program),
		cmocka_unit_test_teardown(attempts_work_outside, restore),
		cmocka_unit_test(ends_what_goes_on),
		cmocka_unit_test(ends_who_catches_signals),
		cmocka_unit_test(tells_a_crash),
		cmocka_unit_test(ends_a_fork_bomb),
		cmocka_unit_test(ends_what_is_left_behind),
		cmocka_unit_test(ends_with_its_parent),
		cmocka_unit_test(runs_programs),
		cmocka_unit_test(gives_a_file),
		cmocka_unit_test(writes_in_its_folder),
		cmocka_unit_test(refuses_without_locks),
	};

	if (argc > 2 && strcmp(argv[1], "--bare") == 0)
		return run_bare(argv + 2);
	if (argc > 3 && strcmp(argv[1], "--like") == 0)
		return run_like(1, argv + 2);
	return cmocka_run_group_tests(tests, begin, remove_all);
}
