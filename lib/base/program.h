/*
 * program - run a program of somebody else's, ended with all it began
 *
 * In a box (base/box.h) it has no network and no files but those it is told.
 * Outside of one it is kept from the store alone. Either way it has an
 * environment of our own, its input is all there when it begins, there is no
 * shell, and when it ends or its time is over, whatever it began is ended, too.
 *
 * program_run waits. Who has something else to do gives it to a runner, a
 * process for each that waits in our place: see struct programs.
 *
 * Not for programs with threads.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct program {
	char **argv;	    /* an absolute path and its arguments; NULL-ended */
	char **files;	    /* in a box: what it may read besides; NULL: none */
	char **environment; /* besides PATH and LANG: NAME=VALUE; NULL: none */
	const char *store;  /* outside of a box: kept out of here; NULL */
	bool is_boxed;
	/* The system's own: outside of a box it may be set-group-ID, as
	 * sendmail, and is kept from nothing. */
	bool is_trusted;
	int64_t wall_ms;
	int64_t output_bytes;
};

/* How it ended. */
struct program_end {
	bool late;  /* its time was over */
	bool full;  /* it wrote more than output_bytes */
	bool unrun; /* it could not be run, and nothing was done */
	int status; /* as of waitpid(2), if neither late nor full */
};

/* Run p on the input in; what it writes, as far as it may, is added to out.
 * ERR_IO, ERR_UNAVAILABLE where it could not be begun. */
int program_run(const struct program *p, const struct buf *in, struct buf *out,
    struct program_end *ret);

/* The same for fn, in a child of ours, by what p says of store, is_trusted and
 * wall_ms. in NULL: it has none. out has its most. */
int program_child(const struct program *p, const struct buf *in,
    int (*fn)(void *ctx), void *ctx, struct buf *out, struct program_end *ret);

/*
 * Runs that go on beside us, each in a runner that dies with us. Of what they
 * write nothing is kept but how much it was.
 */
struct programs;

struct program_report {
	struct program_end end;
	int64_t took_ms;
	int64_t output_bytes;
	bool lost;     /* the runner ended without a word */
	char why[256]; /* unrun by an ERR: why; "" */
};

struct programs *programs_new(void);
/* What runs is killed and not told of. NULL is allowed. */
void programs_free(struct programs *ps);

/* Begin p, of which nothing is needed afterwards; done is called from
 * programs_wait. ERR_IO when no runner could be had. */
int programs_start(struct programs *ps, const struct program *p,
    const struct buf *in,
    void (*done)(void *arg, const struct program_report *report), void *arg);

/* Work until a run ended, one of fds is ready (its revents are set as by poll)
 * or timeout_ms are over (-1: none). 0 or ERR_IO. */
int programs_wait(struct programs *ps, struct pollfd *fds, int nfds,
    int timeout_ms);

#endif
