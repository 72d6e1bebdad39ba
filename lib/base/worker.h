/*
 * worker - one thread beside ours, for work that need not be waited for
 *
 * Jobs are run one after the other: those that were put first, in the order
 * they came, then the others. A job is its caller's and is left alone until it
 * is done, and so is all that it works on. The thread begins with the first
 * job; where none can be had, jobs are run at once. No signal of others ends
 * up there.
 */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include <stdbool.h>

struct worker;

struct worker_job {
	void (*run)(struct worker_job *job);
	struct worker_job *next;
	bool is_done; /* read it by worker_wait() */
};

struct worker *worker_new(void);
void worker_free(struct worker *w); /* all jobs are run before; NULL allowed */

void worker_put_first(struct worker *w, struct worker_job *job);
void worker_put(struct worker *w, struct worker_job *job);

/* Run job here if its turn has not come: whoever calls would wait for it. It
 * must get on beside any other. */
void worker_help(struct worker *w, struct worker_job *job);

/* Wait until job, or all of them, are done. */
void worker_wait(struct worker *w, struct worker_job *job);
void worker_drain(struct worker *w);

#endif
