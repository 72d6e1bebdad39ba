/*
 * stage - the frame every stage stands in
 *
 * A stage copies the events it reads and adds its own. The frame owns what all
 * stages share: reading and copying lines, --follow, --dry-run, transactions,
 * cursors, jobs, derived ids, exit statuses. A stage is a table of options, a
 * struct stage_def and a few functions.
 *
 * Two kinds of stage:
 *
 *   - one that never waits has `handle`: it is called in the transaction that
 *     also holds its output events and the cursor.
 *   - one that waits for the world has `take`, which turns an event into a
 *     job, then for each job that is due `begin` (in the transaction that
 *     leases it), `start` (outside: the waiting) and, once stage_finish() was
 *     called for it, `finish` (in the transaction that closes it).
 *
 * One with `handle` may have `take` and `begin` besides: an event that take
 * makes a job of is put off, until begin says BEGIN_HANDLE.
 *
 * stdin form and --follow run the same code: only where events come from and
 * whether copies go out differs. The same event again has one effect; its
 * lines are read back from the log.
 *
 * Clocks: --follow runs on the wall clock. In stdin form quiet windows run on
 * the time of the events and the end of input closes them; a dry run or a
 * scratch store runs on the time of the events altogether, so that old traffic
 * is judged as of then and a replay is byte for byte the same.
 *
 * A worker's slot is a lock file in run/ that it holds: leases of a slot whose
 * lock can be had belonged to a dead process and are given back at once.
 *
 * Kill points (base/fault.h), S being the stage's name:
 *	S.before-commit, S.after-commit		events taken in (or handled)
 *	S.begin.before-commit, S.begin.after-commit
 *	S.worked				answered, nothing recorded
 *	S.finish.before-commit, S.finish.after-commit
 */
#ifndef STORE_STAGE_H
#define STORE_STAGE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cli.h"
#include "store/log.h"

struct stage;

/* Options every stage has; put STAGE_OPTIONS at the end of the table. */
struct stage_options {
	bool quiet;	    /* -q: no copies */
	const char *store;  /* -S */
	bool follow;	    /* --follow */
	bool dry_run;	    /* --dry-run */
	const char *cursor; /* --cursor; default: the stage's name */
	const char *from;   /* --from start|end|SEQ for a new cursor */
	int64_t jobs;	    /* -j: in flight at most */
	int64_t poll_ms;    /* --poll: safety net behind the bell */
	int64_t lease_ms;   /* --lease */
	int64_t max_age_ms; /* --max-age; -1: the stage's own default */
	bool once;	    /* --once: follow to the end, then exit */
};
extern struct stage_options stage_options;

#define STAGE_OPTIONS                                                        \
	{ 'S', "store", "STORE", CLI_TEXT, &stage_options.store,             \
		"directory of the store" },                                  \
	    { 'q', "quiet", NULL, CLI_FLAG, &stage_options.quiet,            \
		    "print own lines only, no copies" },                     \
	    { 0, "cursor", "NAME", CLI_TEXT, &stage_options.cursor,          \
		    "with --follow: name of the cursor" },                   \
	    { 0, "dry-run", NULL, CLI_FLAG, &stage_options.dry_run,          \
		    "same lines, no change" },                               \
	    { 0, "follow", NULL, CLI_FLAG, &stage_options.follow,            \
		    "read the event log, write to it" },                     \
	    { 0, "from", "WHERE", CLI_TEXT, &stage_options.from,             \
		    "where a new cursor begins: start, end or a number" },   \
	    { 0, "once", NULL, CLI_FLAG, &stage_options.once,                \
		    "with --follow: stop when nothing is left to do" },      \
	{                                                                    \
		0, "poll", "DURATION", CLI_DURATION, &stage_options.poll_ms, \
		    "with --follow: look at least this often"                \
	}

/* Options of stages that wait, besides. */
#define STAGE_JOB_OPTIONS                                                    \
	{ 'j', "jobs", "N", CLI_COUNT, &stage_options.jobs,                  \
		"at most N in flight" },                                     \
	    { 0, "lease", "DURATION", CLI_DURATION, &stage_options.lease_ms, \
		    "take over another process's work after" },              \
	{                                                                    \
		0, "max-age", "DURATION", CLI_DURATION,                      \
		    &stage_options.max_age_ms, "older work goes to a person" \
	}

/* A piece of work of a stage that waits. */
struct job {
	int64_t id;		/* 0 until the frame has stored it */
	char *key;		/* one at a time for each key, in order */
	char cause[ULID_BYTES]; /* the event that opened it */
	char last[ULID_BYTES];	/* the event that was added last */
	int64_t first_ms;	/* when it was opened */
	int64_t due_ms;
	int64_t deadline_ms;
	int attempt;	     /* 1 the first time it is begun; waits count not */
	bool late;	     /* past its deadline: give it to a person */
	struct event *event; /* last, joined */
	void *own;	     /* the stage's; freed by its `drop` */
};

/* What take wants of an event. */
struct job_wish {
	char *key;	  /* malloc'd; the frame frees it */
	int64_t quiet_ms; /* begin this long after the last one of its key */
	int64_t quiet_max_ms; /* but at most this long after the first */
	bool merge;	      /* one job for all that wait under a key */
};

/* What begin answers. */
enum begin {
	BEGIN_START,  /* go on with start */
	BEGIN_CLOSED, /* done in this transaction: close the job */
	BEGIN_HANDLE, /* call handle as if the event came now, and close it */
};

struct stage_def {
	const char *name;
	const char *const *types; /* types it acts on; NULL-ended */
	int64_t max_age_ms;	  /* default of --max-age; 0: none */
	bool from_start;	  /* a new cursor begins at the start */
	event_join_fn join;
	/*
	 * Bring an event of a foreign line into the store, before it is logged,
	 * in the transaction: make contact, conversation and message of what it
	 * says. It may fill in e->data and e->subject.
	 */
	int (*import)(struct store *s, struct event *e);

	/* One that never waits. prepare: outside of any transaction, for work
	 * on text; its result comes back as prepared and is freed by drop. */
	void *(*prepare)(struct stage *st, const struct event *e);
	int (*handle)(struct stage *st, const struct event *e, void *prepared);

	/* One that waits. lean: its jobs need nothing personal of their event,
	 * which is then not joined for them. */
	bool lean;
	int (*take)(struct stage *st, const struct event *e,
	    struct job_wish *ret); /* 1: a job, 0: not ours, or an ERR */
	int (*begin)(struct stage *st, struct job *j); /* enum begin or ERR */
	int (*start)(struct stage *st, struct job *j);
	int (*finish)(struct stage *st, struct job *j);
	/* The event loop of what is waited for: poll fds and own ones. NULL:
	 * poll(2). Without fds and time: what was started may go. Returns 0 or
	 * ERR. */
	int (*wait)(struct stage *st, struct pollfd *fds, int nfds,
	    int timeout_ms);
	void (*drop)(void *own);
	/*
	 * --follow: whether the settings could be read now. With it, SIGHUP
	 * means: end what is under way and start anew with them, if they can.
	 * NULL: SIGHUP is the program's own business.
	 */
	int (*reload_check)(void);
	/* Called about once a --poll by --follow, outside a transaction. How
	 * many events it has written, or an ERR. */
	int (*tick)(struct stage *st);
};

/*
 * Run to the end of input, or with --follow until SIGTERM. ctx is for
 * stage_ctx(). Returns 0, ERR_DATA if a line was bad, or the error that ended
 * the run.
 */
int stage_run(const struct stage_def *def, void *ctx);

struct store *stage_store(struct stage *st);
void *stage_ctx(struct stage *st);
bool stage_is_dry(const struct stage *st);
/* The clock of the stage: now, or in stdin form never before the event's. */
int64_t stage_now_ms(const struct stage *st);

/*
 * Emit an event caused by cause (in the transaction): its id is derived from
 * the stage, the cause, the type and how many of this type the cause has had.
 * It is logged and, after the commit, printed. Takes data. The event returned
 * belongs to the stage, good until the transaction ends.
 */
int stage_emit(struct stage *st, const struct event *cause, const char *type,
    const char *subject, json_t *data, const struct event **ret);

/*
 * The id stage_emit would give next for (cause, type): for rows that are
 * written before their event.
 */
void stage_next_id(struct stage *st, const struct event *cause,
    const char *type, char ret[ULID_BYTES]);

/* The work of j is over: finish may be called. From start or wait. */
void stage_finish(struct stage *st, struct job *j);

/* In finish or begin: not done, try again at due_ms. */
void stage_retry(struct stage *st, struct job *j, int64_t due_ms);

/* The same where nothing was tried: what it needs is not there yet. Until it is
 * tried, more of its key may join it. */
void stage_wait(struct stage *st, struct job *j, int64_t due_ms);

/* What the job under key waits for may be there: begin it now. From take
 * or handle. */
int stage_hurry(struct stage *st, const char *key);

/* A failure worth counting in frontdesk status; why without personal data. */
void stage_failed(struct stage *st, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
