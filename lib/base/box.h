/*
 * box - run what nobody vouches for in a child that can do next to nothing
 *
 * The child gets no descriptor but /dev/null, or what box_give() says, as its
 * input and a pipe as its output, an environment of PATH and LANG, a process group of its own, no
 * capability, no name of a user that matters where we are root, and limits on
 * processor time, time, memory, output, files and processes. Two locks of the
 * kernel, each alone enough to be started, hold the rest:
 *
 * seccomp	a list of the system calls that are allowed; all others answer
 *		EPERM, also those of kernels to come. A list of what is denied
 *		would be shorter and out of date with the next kernel. There is
 *		no socket, no signal to anybody, no ptrace, no mount, no timer
 *		that could be taken back, no page that is both written and
 *		executed, no way out of the process group; and no fork where
 *		there is no program to run.
 * Landlock	files: what a program of the system is loaded from (/usr/lib,
 *		/usr/share, fonts) may be read, a folder of its own written,
 *		the listed programs executed, nothing else opened.
 *
 * Of files that are open, where there is a folder, rights and times can be
 * changed, but for the bits that make another user of who runs it: of those in
 * the folder, and of a listed program or file where the user owns it. By name
 * they cannot, for Landlock does not say of which file.
 *
 * Without Landlock nothing can be opened at all, so that no program can be run
 * and no folder be given: then box_new() of such a box fails. Without seccomp
 * the network is closed as far as Landlock closes it (TCP, from Linux 6.7).
 * Names, sizes and times of files can be asked for in either: no lock of the
 * kernel's hides them from a process without privilege.
 *
 * When the child ends or a limit is passed, its whole process group is killed:
 * nothing of it runs on. When the caller dies, so does the child.
 *
 * Not for programs with threads. Times in milliseconds, sizes in bytes.
 */
#ifndef BASE_BOX_H
#define BASE_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum {
	BOX_SECCOMP = 1,
	BOX_LANDLOCK = 2,
};

/* What box_new() copies. The limits are > 0. */
struct box_plan {
	int64_t cpu_ms; /* of it and what box_program() runs, together */
	int64_t wall_ms;
	int64_t memory_bytes; /* of each process, what it is born with too */
	int64_t output_bytes;
	int64_t file_bytes; /* of each file in folder */
	/* Absolute paths that may be executed, NULL-ended; those that are not
	 * there are left out. NULL: none. */
	const char *const *programs;
	const char *folder; /* NULL: it may write nowhere */
	bool is_unsafe;	    /* run also where no lock holds */
	unsigned without;   /* locks that are not to be used, for tests */
};

/* How it ended. */
enum box_why {
	BOX_ENDED,  /* by itself; value: its exit status */
	BOX_SIGNAL, /* by a signal, as one that crashes; value: which */
	BOX_CPU,    /* it passed a limit */
	BOX_WALL,
	BOX_OUTPUT,
};
struct box_end {
	enum box_why why;
	int value;
	int64_t memory_bytes; /* the most it had, of one process */
	int64_t cpu_ms;
};

struct box;

/*
 * ERR_UNAVAILABLE when the kernel has neither lock and plan is not is_unsafe,
 * or has no Landlock for programs or a folder.
 */
int box_new(const struct box_plan *plan, struct box **ret);
void box_free(struct box *b);

/* The locks that hold: BOX_SECCOMP | BOX_LANDLOCK. */
unsigned box_locks(const struct box *b);

/* Other limits from now on; programs and folder stay. */
void box_limit(struct box *b, const struct box_plan *plan);

/*
 * What box_run() next gives the programs within that are run on these bytes: a
 * file of them, for there are programs that look for the end of it first, and
 * in a box nobody can make one. NULL: none. ERR_IO when it cannot be made.
 */
int box_give(struct box *b, const char *bytes, size_t len);

/*
 * Run fn(ctx) in a child; what it returns is the exit status. What it writes
 * to its standard output is added to out. 0 when it was run, however it ended;
 * ERR_IO when it could not be.
 */
int box_run(struct box *b, int (*fn)(void *ctx), void *ctx, struct buf *out,
    struct box_end *ret);

/* 0, or ERR_DATA and the end in words: "took more than 10 s". */
int box_verdict(const struct box *b, const struct box_end *end);

/*
 * Inside a box: run the program argv[0], a path that is allowed, give it len
 * bytes as its input, a pipe unless they are those of box_give(), and add its
 * output, as far as it goes into out, to out.
 * It lives no longer than its caller, and when it took the processor time that
 * was left, the box ends. *ret_status: as of waitpid(2). ERR_IO when it could
 * not be run at all.
 */
int box_program(const char *const argv[], const char *in, size_t len,
    struct buf *out, int *ret_status);

#endif
