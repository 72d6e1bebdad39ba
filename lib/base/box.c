/* box - run what nobody vouches for in a child that can do next to nothing */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <link.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/box.h"
#include "base/err.h"
#include "base/time.h"

#define FILES_MAX 64
#define PROCESSES_MAX 32
#define LATE_BYTES (8 << 20) /* of libraries, that are first needed later */
#define TICKS_MS 500 /* the kernel ends by ticks, and tells finer times */
#define NOBODY 65534
#define CPU_SPENT 124 /* status of a child whose programs took all of it */
#define NOT_BOXED 125 /* status of a child whose locks did not close */

/* RLIMIT_AS cannot hold where a sanitizer reserves terabytes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

struct box {
	struct box_plan plan; /* of programs, whether there are any */
	unsigned locks;
	struct sock_fprog filter; /* filter NULL: none */
	int ruleset;		  /* -1: none */
	const char *given;	  /* of box_give() */
	int given_fd;		  /* -1: none */
};

/* What box_program() needs to know, in the child. */
static struct {
	int64_t cpu_ms, memory_bytes;
	const char *given; /* what standard input is a file of; NULL: none */
} inside;

/* --- the list of system calls --- */

/* What any program needs that reads, computes and writes. */
static const char *const calls[] = { "access", "arch_prctl", "brk",
	"clock_getres", "clock_gettime", "clock_nanosleep", "close",
	"close_range", "dup", "dup2", "dup3", "exit", "exit_group", "faccessat",
	"faccessat2", "fadvise64", "fstat", "fstatfs", "futex", "getcpu",
	"getcwd", "getdents64", "getegid", "geteuid", "getgid", "getgroups",
	"getpgid", "getpgrp", "getpid", "getppid", "getrandom", "getresgid",
	"getresuid", "getrlimit", "getrusage", "getsid", "gettid",
	"gettimeofday", "getuid", "get_robust_list", "lseek", "lstat",
	"madvise", "membarrier", "mremap", "munmap", "nanosleep", "newfstatat",
	"pipe", "pipe2", "poll", "ppoll", "pread64", "preadv", "pselect6",
	"pwrite64", "pwritev", "read", "readlink", "readlinkat", "readv",
	"restart_syscall", "riscv_flush_icache", "rseq", "rt_sigaction",
	"rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend",
	"rt_sigtimedwait", "sched_getaffinity", "sched_getparam",
	"sched_getscheduler", "sched_get_priority_max",
	"sched_get_priority_min", "sched_yield", "select", "set_robust_list",
	"set_tid_address", "sigaltstack", "stat", "statfs", "statx", "sysinfo",
	"time", "times", "umask", "uname", "wait4", "waitid", "write", "writev",
	NULL };

/* What changes the files of a folder; Landlock says which folder. */
static const char *const folder_calls[] = { "chdir", "creat", "fallocate",
	"fchdir", "fdatasync", "fsync", "ftruncate", "mkdir", "mkdirat",
	"rename", "renameat", "renameat2", "rmdir", "truncate", "unlink",
	"unlinkat", NULL };

/* Programs that keep more than bytes look for these and go on without. */
static const char *const extra_calls[] = { "fgetxattr", "flistxattr",
	"fremovexattr", "fsetxattr", "getxattr", "lgetxattr", "listxattr",
	"llistxattr", "lremovexattr", "lsetxattr", "removexattr", "setxattr",
	NULL };

/* The C library tries these first and has another way where they are not. */
static const char *const absent[] = { "clone3", "openat2", NULL };

static int
allow_all(scmp_filter_ctx f, const char *const *names, uint32_t action)
{
	int n, code = 0;

	for (; *names != NULL && code == 0; names++) {
		n = seccomp_syscall_resolve_name(*names);
		if (n != __NR_SCMP_ERROR && n >= 0)
			code = seccomp_rule_add(f, action, n, 0);
	}
	return code;
}

/* Allow a call where its argument, counted from 0, is value under mask. */
static int
allow_when(scmp_filter_ctx f, const char *name, unsigned argument,
    uint64_t mask, uint64_t value)
{
	int n = seccomp_syscall_resolve_name(name);
	struct scmp_arg_cmp c = { .arg = argument,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = mask,
		.datum_b = value };

	if (n == __NR_SCMP_ERROR || n < 0)
		return 0;
	return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, n, 1, &c);
}

static int
allow_values(scmp_filter_ctx f, const char *name, unsigned argument,
    const unsigned *values, size_t count)
{
	int code = 0;

	for (; count > 0 && code == 0; count--)
		code = allow_when(f, name, argument, UINT32_MAX, *values++);
	return code;
}

/*
 * What a box with a folder may do to its files. Landlock knows nothing of rights
 * and times, and by name they could be those of any file of the user's: they can
 * be changed of a file that is open, which Landlock has let be opened.
 */
static int
allow_folder(scmp_filter_ctx f)
{
	static const char *const open_calls[] = { "open", "openat", NULL };
	const uint64_t special = S_ISUID | S_ISGID | S_ISVTX;
	int code = allow_all(f, open_calls, SCMP_ACT_ALLOW);

	code |= allow_all(f, folder_calls, SCMP_ACT_ALLOW);
	code |= allow_all(f, extra_calls, SCMP_ACT_ERRNO(EOPNOTSUPP));
	code |= allow_when(f, "fchmod", 1, special, 0);
	code |= allow_when(f, "utimensat", 1, UINT64_MAX, 0);
	return code;
}

static int
write_list(scmp_filter_ctx f, const struct box_plan *plan, bool may_open)
{
	static const unsigned fcntls[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,
		F_SETFD, F_GETFL, F_SETFL };
	static const unsigned ioctls[] = { TCGETS, FIOCLEX, FIONREAD };
	static const unsigned prctls[] = { PR_SET_PDEATHSIG, PR_SET_NAME };
	const uint64_t writes = O_ACCMODE | O_CREAT | O_TRUNC;
	/* A new process may be in no other place of the tree than below. */
	const uint64_t apart = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
	    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
	    CLONE_PARENT | CLONE_PTRACE | CLONE_UNTRACED;
	static const char *const program_calls[] = { "execve", "fork", "vfork",
		NULL };
	int code = allow_all(f, calls, SCMP_ACT_ALLOW);

	code |= allow_all(f, absent, SCMP_ACT_ERRNO(ENOSYS));
	code |= allow_when(f, "mmap", 2, PROT_EXEC, 0);
	code |= allow_when(f, "mmap", 2, PROT_WRITE | PROT_EXEC, PROT_EXEC);
	code |= allow_when(f, "mprotect", 2, PROT_EXEC, 0);
	code |= allow_when(f, "prlimit64", 0, UINT32_MAX, 0);
	code |= allow_values(f, "fcntl", 1, fcntls,
	    sizeof(fcntls) / sizeof(fcntls[0]));
	code |= allow_values(f, "ioctl", 1, ioctls,
	    sizeof(ioctls) / sizeof(ioctls[0]));
	code |= allow_values(f, "prctl", 0, prctls,
	    sizeof(prctls) / sizeof(prctls[0]));
	if (may_open && plan->folder != NULL)
		code |= allow_folder(f);
	else if (may_open) {
		code |= allow_when(f, "open", 1, writes, O_RDONLY);
		code |= allow_when(f, "openat", 2, writes, O_RDONLY);
	}
	if (plan->programs != NULL) {
		code |= allow_all(f, program_calls, SCMP_ACT_ALLOW);
		code |= allow_when(f, "clone", 0, apart, 0);
	}
	return code;
}

static int
make_filter(const struct box_plan *plan, bool may_open, struct sock_fprog *ret)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int fd = memfd_create("filter", MFD_CLOEXEC), code = -1;
	struct stat st;
	void *code_bytes = NULL;

	if (f == NULL || fd < 0)
		goto out;
	seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (write_list(f, plan, may_open) != 0 ||
	    seccomp_export_bpf(f, fd) != 0 || fstat(fd, &st) < 0 ||
	    st.st_size <= 0)
		goto out;
	code_bytes = xmalloc((size_t)st.st_size);
	if (pread(fd, code_bytes, (size_t)st.st_size, 0) != st.st_size)
		goto out;
	ret->filter = code_bytes;
	ret->len =
	    (unsigned short)((size_t)st.st_size / sizeof(struct sock_filter));
	code_bytes = NULL;
	code = 0;
out:
	free(code_bytes);
	if (fd >= 0)
		close(fd);
	if (f != NULL)
		seccomp_release(f);
	return code;
}

/* --- the files --- */

/* As of Linux 6.12; the headers here know less than the kernel may. */
struct ruleset {
	uint64_t files;
	uint64_t net;
	uint64_t scoped;
};
#define EXECUTE UINT64_C(1)
#define WRITE_FILE (UINT64_C(1) << 1)
#define READ_FILE (UINT64_C(1) << 2)
#define READ_DIR (UINT64_C(1) << 3)
#define REMOVE_DIR (UINT64_C(1) << 4)
#define REMOVE_FILE (UINT64_C(1) << 5)
#define MAKE_DIR (UINT64_C(1) << 7)
#define MAKE_REG (UINT64_C(1) << 8)
#define REFER (UINT64_C(1) << 13)     /* version 2 */
#define TRUNCATE (UINT64_C(1) << 14)  /* version 3 */
#define IOCTL_DEV (UINT64_C(1) << 15) /* version 5 */

/* What programs of the system are loaded from and made with. */
static const char *const readable[] = { "/usr/lib", "/usr/lib64", "/usr/lib32",
	"/usr/libexec", "/usr/share", "/usr/local/lib", "/usr/local/share",
	"/lib", "/lib64", "/lib32", "/etc/ld.so.cache", "/etc/ld.so.conf",
	"/etc/ld.so.conf.d", "/etc/fonts", "/var/cache/fontconfig",
	"/etc/catdocrc", "/etc/localtime", "/dev/urandom", NULL };

static int
permit(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC), code = -1;

	if (fd < 0)
		return -1;
	/* A right of folders on a file is an error. */
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &=
		    EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE;
	rule.parent_fd = fd;
	code = (int)syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(fd);
	return code;
}

/* The path of the loader of programs, which a program is begun with. */
static int
find_loader(struct dl_phdr_info *info, size_t size, void *ret)
{
	int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*(const char **)ret = (const char *)(info->dlpi_addr +
			    info->dlpi_phdr[i].p_vaddr);
	return 1; /* the first is ourselves */
}

static int
make_ruleset(const struct box_plan *plan)
{
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION),
	    fd, bits, code = 0;
	struct ruleset r = { 0 };
	uint64_t all;
	size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8, i;
	const char *loader = NULL;

	if (version < 1)
		return -1;
	bits = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
	r.files = all = (UINT64_C(1) << bits) - 1;
	if (version >= 4)
		r.net = 3; /* bind and connect of TCP, to no port */
	if (version >= 6)
		r.scoped = 3; /* abstract sockets and signals */
	fd = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	for (i = 0; readable[i] != NULL; i++)
		permit(fd, readable[i], READ_FILE | READ_DIR);
	permit(fd, "/dev/null", READ_FILE | WRITE_FILE);
	if (plan->programs != NULL) {
		dl_iterate_phdr(find_loader, &loader);
		if (loader != NULL)
			permit(fd, loader, EXECUTE | READ_FILE);
		for (i = 0; plan->programs[i] != NULL; i++)
			permit(fd, plan->programs[i], EXECUTE | READ_FILE);
	}
	if (plan->folder != NULL)
		code = permit(fd, plan->folder,
		    all &
			(WRITE_FILE | READ_FILE | READ_DIR | REMOVE_DIR |
			    REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER |
			    TRUNCATE));
	if (code < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* --- in the child --- */

static void
cap(int what, rlim_t max)
{
	struct rlimit limit = { max, max }, now;

	if (getrlimit(what, &now) == 0 && now.rlim_max < max)
		limit.rlim_cur = limit.rlim_max = now.rlim_max;
	setrlimit(what, &limit);
}

#ifndef SANITIZED
/* The part of our address space that stands for no memory yet, in bytes: the
 * libraries' and what the program has reserved. */
static int64_t
empty_space(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[64] = "", *end;
	int64_t size, resident;
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

	if (fd >= 0)
		close(fd);
	size = strtoll(text, &end, 10);
	resident = strtoll(end, NULL, 10);
	return n > 0 && size > resident ?
	    (size - resident) * sysconf(_SC_PAGESIZE) :
	    0;
}
#endif

static void
set_limits(const struct box_plan *plan)
{
	struct itimerval timer = { .it_value = { .tv_sec = plan->cpu_ms / 1000,
				       .tv_usec =
					   plan->cpu_ms % 1000 * 1000 } };
	struct sysinfo machine;
	struct rlimit limit;

	inside.cpu_ms = plan->cpu_ms;
	inside.memory_bytes = plan->memory_bytes;
	cap(RLIMIT_CORE, 0);
	cap(RLIMIT_MEMLOCK, 0);
	cap(RLIMIT_MSGQUEUE, 0);
	cap(RLIMIT_NOFILE, FILES_MAX);
	cap(RLIMIT_FSIZE, plan->folder != NULL ? (rlim_t)plan->file_bytes : 0);
	/*
	 * It counts all processes of the user, of whom there may be as many as
	 * the machine has.
	 */
	if (plan->programs == NULL)
		cap(RLIMIT_NPROC, 0);
	else if (sysinfo(&machine) == 0)
		cap(RLIMIT_NPROC, (rlim_t)machine.procs + PROCESSES_MAX);
	/* To the millisecond by the timer, which the filter keeps; and where
	 * somebody learned to catch its signal, to the second. */
	setitimer(ITIMER_PROF, &timer, NULL);
	limit.rlim_cur = (rlim_t)((plan->cpu_ms + 999) / 1000);
	limit.rlim_max = limit.rlim_cur + 1;
	setrlimit(RLIMIT_CPU, &limit);
#ifndef SANITIZED
	cap(RLIMIT_AS,
	    (rlim_t)(plan->memory_bytes + empty_space() - LATE_BYTES));
#endif
}

/* Become nobody where we are root, and never anybody again. */
static int
drop_powers(const struct box_plan *plan)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2] = { { 0 }, { 0 } };
	struct __user_cap_data_struct now[2] = { { 0 }, { 0 } };

	if (geteuid() == 0) {
		if (plan->folder != NULL &&
		    chown(plan->folder, NOBODY, NOBODY) < 0)
			return -1;
		/* In a namespace that has no such user, root is nobody much;
		 * what it has, the next call takes. */
		if ((setgroups(0, NULL) < 0 ||
			setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
			setresuid(NOBODY, NOBODY, NOBODY) < 0) &&
		    errno != EINVAL && errno != EPERM)
			return -1;
	} else if (getegid() != getgid() &&
	    setresgid(getgid(), getgid(), getgid()) < 0)
		return -1;
	/* Who has none may not even be allowed to say so. */
	if (syscall(SYS_capget, &header, now) == 0 &&
	    (now[0].effective | now[0].permitted | now[0].inheritable |
		now[1].effective | now[1].permitted | now[1].inheritable) == 0)
		return 0;
	return (int)syscall(SYS_capset, &header, none);
}

/* What is to be closed, is closed: the locks that hold, -1 on failure. */
static int
close_box(const struct box *b, pid_t parent)
{
	static char *environment[] = { "PATH=/usr/bin:/bin", "LANG=C.UTF-8",
		NULL };
	unsigned locks = 0;
	sigset_t none;
	int i, fd;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	environ = environment;
	umask(077);
	if (chdir(b->plan.folder != NULL ? b->plan.folder : "/") < 0 &&
	    chdir("/") < 0)
		return -1;
	/* When memory is short, this is what can be spared. */
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "1000", 4) < 0)
			errno = 0; /* then not */
		close(fd);
	}
	set_limits(&b->plan);
	if (drop_powers(&b->plan) < 0)
		return -1;
	/* After the change of user, which would undo it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return -1;
	prctl(PR_SET_DUMPABLE, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	if (b->ruleset >= 0 &&
	    syscall(SYS_landlock_restrict_self, b->ruleset, 0) == 0)
		locks |= BOX_LANDLOCK;
	close_range(3, ~0U, 0);
	if (b->filter.filter != NULL &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &b->filter) == 0)
		locks |= BOX_SECCOMP;
	return (int)locks;
}

/* --- outside --- */

/* The locks that close in a child of b: a child is asked. */
static int
try_locks(const struct box *b)
{
	pid_t parent = getpid(), pid = fork();
	int status = 0, locks;

	if (pid == 0) {
		locks = close_box(b, parent);
		_exit(locks < 0 ? NOT_BOXED : locks);
	}
	if (pid < 0)
		return err_errno(ERR_IO, "fork");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) != NOT_BOXED ?
	    WEXITSTATUS(status) :
	    0;
}

int
box_give(struct box *b, const char *bytes, size_t len)
{
	if (b->given_fd >= 0)
		close(b->given_fd);
	b->given = NULL;
	b->given_fd = -1;
	if (bytes == NULL)
		return 0;
	b->given_fd = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (b->given_fd < 0 || write_all(b->given_fd, bytes, len) < 0 ||
	    fcntl(b->given_fd, F_ADD_SEALS,
		F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return err_errno(ERR_IO, "memfd");
	b->given = bytes;
	return 0;
}

void
box_limit(struct box *b, const struct box_plan *plan)
{
	b->plan.cpu_ms = plan->cpu_ms;
	b->plan.wall_ms = plan->wall_ms;
	b->plan.memory_bytes = plan->memory_bytes;
	b->plan.output_bytes = plan->output_bytes;
	b->plan.file_bytes = plan->file_bytes;
}

unsigned
box_locks(const struct box *b)
{
	return b->locks;
}

void
box_free(struct box *b)
{
	if (b == NULL)
		return;
	if (b->ruleset >= 0)
		close(b->ruleset);
	box_give(b, NULL, 0);
	free(b->filter.filter);
	free((char *)(uintptr_t)b->plan.folder);
	free(b);
}

int
box_new(const struct box_plan *plan, struct box **ret)
{
	struct box *b = xcalloc(1, sizeof(*b));
	bool wants_files = plan->programs != NULL || plan->folder != NULL;
	int locks, code = 0;

	b->plan = *plan;
	b->plan.folder = xstrdup(plan->folder);
	b->given_fd = -1;
	b->ruleset = plan->without & BOX_LANDLOCK ? -1 : make_ruleset(plan);
	locks = 0;
	if (b->ruleset >= 0 && (locks = try_locks(b)) >= 0 &&
	    (locks & BOX_LANDLOCK) == 0) {
		close(b->ruleset);
		b->ruleset = -1;
	}
	if (locks >= 0 && (plan->without & BOX_SECCOMP) == 0) {
		/* What no lock can hold to some files, opens none. */
		if (make_filter(plan, b->ruleset >= 0 || plan->is_unsafe,
			&b->filter) == 0)
			locks = try_locks(b);
		if (locks >= 0 && (locks & BOX_SECCOMP) == 0) {
			free(b->filter.filter);
			b->filter.filter = NULL;
		}
	}
	b->locks = locks > 0 ? (unsigned)locks : 0;
	if (locks < 0)
		code = locks;
	else if (locks == 0 && !plan->is_unsafe)
		code = err_set(ERR_UNAVAILABLE,
		    "this kernel gives neither seccomp nor Landlock to hold it");
	else if (wants_files && (locks & BOX_LANDLOCK) == 0 && !plan->is_unsafe)
		code = err_set(ERR_UNAVAILABLE,
		    "this kernel gives no Landlock to run a program in");
	if (code < 0) {
		box_free(b);
		return code;
	}
	*ret = b;
	return 0;
}

static _Noreturn void
child(const struct box *b, pid_t parent, int out, int (*fn)(void *), void *ctx)
{
	int null = open("/dev/null", O_RDWR), in = b->given_fd, locks;
	struct box own = *b;

	/* Out of the way of 0, 1 and 2, should they be closed. */
	if (b->ruleset >= 0 && b->ruleset < 3)
		own.ruleset = fcntl(b->ruleset, F_DUPFD_CLOEXEC, 3);
	if (out < 3)
		out = fcntl(out, F_DUPFD_CLOEXEC, 3);
	if (in >= 0 && in < 3)
		in = fcntl(in, F_DUPFD_CLOEXEC, 3);
	inside.given = b->given;
	if (null < 0 || dup2(in >= 0 ? in : null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(NOT_BOXED);
	locks = close_box(&own, parent);
	if (locks < 0 || (unsigned)locks != b->locks)
		_exit(NOT_BOXED);
	_exit(fn(ctx));
}

/* Read what there is; false at the end. */
static bool
gather(int fd, struct buf *out, size_t *left, bool *full)
{
	char piece[65536];
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return false;
	if ((size_t)n > *left) {
		*full = true;
		n = (ssize_t)*left;
	}
	buf_add(out, piece, (size_t)n);
	*left -= (size_t)n;
	return true;
}

/* Until the child has ended, or a limit is passed, which is said in *end. */
static void
watch(const struct box *b, int pidfd, int fd, struct buf *out,
    struct box_end *end)
{
	int64_t until = mono_ms() + b->plan.wall_ms, left_ms;
	size_t left = (size_t)b->plan.output_bytes;
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN } };
	bool full = false;

	while (end->why == BOX_ENDED && p[1].revents == 0) {
		left_ms = until - mono_ms();
		if (left_ms <= 0) {
			end->why = BOX_WALL;
			break;
		}
		if (poll(p, 2, left_ms < INT_MAX ? (int)left_ms : INT_MAX) <= 0)
			continue;
		if (p[0].revents != 0 && !gather(fd, out, &left, &full))
			p[0].fd = -1; /* closed, and still running perhaps */
		if (full)
			end->why = BOX_OUTPUT;
	}
	/* What it wrote before it ended is in the pipe. */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (end->why == BOX_ENDED && p[0].fd >= 0) {
		size_t before = left;

		if (!gather(fd, out, &left, &full) || before == left)
			p[0].fd = -1;
		if (full)
			end->why = BOX_OUTPUT;
	}
}

static int64_t
cpu_of(const struct rusage *used)
{
	return (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * INT64_C(1000) +
	    (used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1000;
}

/* How it ended, if no limit of ours was passed. */
static void
conclude(const struct box *b, int status, const struct rusage *used,
    struct box_end *end)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	end->memory_bytes = (int64_t)used->ru_maxrss << 10;
	end->cpu_ms = cpu_of(used);
	if (end->why != BOX_ENDED)
		return;
	if (sig == SIGPROF || sig == SIGXCPU ||
	    (sig == SIGKILL && end->cpu_ms + TICKS_MS >= b->plan.cpu_ms) ||
	    (sig == 0 && WEXITSTATUS(status) == CPU_SPENT))
		end->why = BOX_CPU;
	else if (sig != 0)
		end->why = BOX_SIGNAL;
	end->value = sig != 0 ? sig : WEXITSTATUS(status);
}

int
box_run(struct box *b, int (*fn)(void *ctx), void *ctx, struct buf *out,
    struct box_end *ret)
{
	struct box_end end = { .why = BOX_ENDED };
	pid_t parent = getpid(), pid;
	struct rusage used = { .ru_maxrss = 0 };
	int fds[2], pidfd, status = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(ERR_IO, "pipe");
	pid = fork();
	if (pid == 0)
		child(b, parent, fds[1], fn, ctx);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err_errno(ERR_IO, "fork");
	}
	setpgid(pid, pid); /* whoever of us is first */
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		status = err_errno(ERR_IO, "pidfd_open");
		kill(-pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(fds[0]);
		return status;
	}
	watch(b, pidfd, fds[0], out, &end);
	close(fds[0]);
	close(pidfd);
	/* Before it is waited for: until then the number is its own. */
	kill(-pid, SIGKILL);
	while (wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
		;
	/* Its own children came to us, if we are who orphans come to. */
	while (waitpid(-pid, NULL, 0) > 0 || errno == EINTR)
		;
	conclude(b, status, &used, &end);
	if (end.why == BOX_ENDED && end.value == NOT_BOXED)
		return err_set(ERR_IO, "the box of a child did not close");
	*ret = end;
	return 0;
}

int
box_verdict(const struct box *b, const struct box_end *end)
{
	switch (end->why) {
	case BOX_CPU:
		return err_set(ERR_DATA,
		    "took more than %g s of processor time",
		    (double)b->plan.cpu_ms / 1000);
	case BOX_WALL:
		return err_set(ERR_DATA, "took more than %g s",
		    (double)b->plan.wall_ms / 1000);
	case BOX_OUTPUT:
		return err_set(ERR_DATA, "wrote more than %lld MiB",
		    (long long)b->plan.output_bytes >> 20);
	case BOX_SIGNAL:
		return err_set(ERR_DATA, "was ended by signal %d (%s)",
		    end->value, strsignal(end->value));
	default:
		break;
	}
	if (end->value == 0)
		return 0;
	return err_set(ERR_DATA, "ended with status %d", end->value);
}

/* --- a program inside --- */

/* Of the processor time of the box, what is left for it and its programs.
 * Outside of one, where tests call what else is called inside, there is enough. */
static int64_t
cpu_left(int64_t *ret_own)
{
	struct rusage own, programs;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &programs);
	*ret_own = cpu_of(&own);
	if (inside.cpu_ms == 0)
		return INT64_MAX;
	return inside.cpu_ms - *ret_own - cpu_of(&programs);
}

static void
limit_cpu(int64_t ms)
{
	cap(RLIMIT_CPU, (rlim_t)((ms + 999) / 1000));
}

static _Noreturn void
run_program(const char *const argv[], int in, int out, pid_t parent)
{
	int64_t own_ms;

	/* It has no reserves of its own that would not count as memory. */
	if (inside.cpu_ms > 0) {
		cap(RLIMIT_AS, (rlim_t)inside.memory_bytes);
		limit_cpu(cpu_left(&own_ms));
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0)
		_exit(NOT_BOXED);
	close_range(3, ~0U, 0);
	execve(argv[0], (char *const *)(uintptr_t)argv, environ);
	_exit(NOT_BOXED);
}

/* Both at once: who only writes waits forever for one who waits to write. */
static void
feed(int in, int out, const char *data, size_t len, struct buf *ret)
{
	struct pollfd p[2] = { { .fd = in, .events = POLLOUT },
		{ .fd = out, .events = POLLIN } };
	char piece[16384];
	ssize_t n;

	if (in >= 0)
		fcntl(in, F_SETFL, O_NONBLOCK);
	while (p[1].fd >= 0 && !ret->failed) {
		if (len == 0 && p[0].fd >= 0) {
			close(in);
			p[0].fd = -1;
		}
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[0].fd >= 0 && p[0].revents != 0) {
			n = write(in, data, len);
			if (n > 0)
				data += n, len -= (size_t)n;
			else if (n < 0 && errno != EAGAIN && errno != EINTR)
				len = 0; /* it reads no more */
		}
		if (p[1].revents != 0) {
			n = read(out, piece, sizeof(piece));
			if (n > 0)
				buf_add(ret, piece, (size_t)n);
			else if (n == 0 || errno != EINTR)
				p[1].fd = -1;
		}
	}
	if (p[0].fd >= 0)
		close(in);
	close(out);
}

int
box_program(const char *const argv[], const char *in, size_t len,
    struct buf *out, int *ret_status)
{
	struct sigaction old, ignore = { .sa_handler = SIG_IGN };
	int to[2] = { -1, -1 }, from[2], status = 0;
	pid_t parent = getpid(), pid;
	int64_t own_ms, left_ms = cpu_left(&own_ms);
	bool is_file = in != NULL && in == inside.given;

	if (left_ms <= 0)
		_exit(CPU_SPENT);
	if (is_file && lseek(STDIN_FILENO, 0, SEEK_SET) < 0)
		return err_errno(ERR_IO, "lseek");
	if (!is_file && pipe(to) < 0)
		return err_errno(ERR_IO, "pipe");
	if (pipe(from) < 0) {
		if (!is_file) {
			close(to[0]);
			close(to[1]);
		}
		return err_errno(ERR_IO, "pipe");
	}
	pid = fork();
	if (pid == 0)
		run_program(argv, is_file ? STDIN_FILENO : to[0], from[1],
		    parent);
	if (!is_file)
		close(to[0]);
	close(from[1]);
	if (pid < 0) {
		if (!is_file)
			close(to[1]);
		close(from[0]);
		return err_errno(ERR_IO, "%s: fork", argv[0]);
	}
	sigaction(SIGPIPE, &ignore, &old);
	feed(to[1], from[0], in, len, out);
	sigaction(SIGPIPE, &old, NULL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	left_ms = cpu_left(&own_ms);
	if (left_ms <= 0 ||
	    (WIFSIGNALED(status) &&
		(WTERMSIG(status) == SIGXCPU ||
		    (WTERMSIG(status) == SIGKILL && left_ms <= TICKS_MS))))
		_exit(CPU_SPENT);
	if (inside.cpu_ms > 0)
		limit_cpu(own_ms + left_ms);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_BOXED)
		return err_set(ERR_IO, "%s: cannot be run", argv[0]);
	*ret_status = status;
	return 0;
}
