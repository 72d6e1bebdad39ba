/*
 * pool - the calls to model providers of one thread
 *
 * Each address has its own pace (the profile's parallel and rate) and a
 * breaker: after BREAKER_FAILURES calls in a row that failed by its fault it
 * counts as dead, and for a while nothing is asked of it but one call at a time
 * that tries. Calls over the pace wait here, in order, until their deadline.
 *
 * What was exchanged can be recorded into a folder, a file for each call, and
 * played back from there, without a network and as it was. Files hold what was
 * sent and answered, and no key.
 */
#ifndef AI_POOL_H
#define AI_POOL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "ai/profile.h"
#include "ai/provider.h"

struct pool;

struct pool_options {
	int max_flight;		 /* calls at a time over all addresses [512] */
	const char *record;	 /* folder to write exchanges to; NULL: none */
	const char *replay;	 /* folder to answer from; NULL: the network */
	int breaker_failures;	 /* [5] */
	int64_t breaker_open_ms; /* [15 s] */
};

/* ERR_UNAVAILABLE if there is no HTTP, ERR_NOINPUT, ERR_CREATE for a folder. */
int pool_new(const struct pool_options *o, struct pool **ret);

/* Calls under way are cut off; they are not told. NULL is allowed. */
void pool_free(struct pool *p);

/* The folders of its options, for what else is exchanged; NULL: none. */
const char *pool_record(const struct pool *p);
const char *pool_replay(const struct pool *p);

/* What came of a call; good during the callback. */
struct pool_result {
	int status;		/* 0: no whole answer came */
	int64_t retry_after_ms; /* -1: none */
	int64_t took_ms;
	const char *why; /* with status 0: in words, no personal data */
	bool late;	 /* its deadline came while it waited for its turn */
	bool unsent;	 /* it cannot have arrived: it cost nothing */
};

struct pool_call {
	const struct profile *profile;
	const struct provider_request *request; /* both stay until done */
	struct provider_reader *reader;		/* is fed with the answer */
	int64_t deadline_ms; /* by the monotonic clock; it is given up then */
	/* Called from pool_wait, once. */
	void (*done)(void *arg, const struct pool_result *r);
	void *arg;
};

/* 0, or an ERR and it will not be done. The call is copied. */
int pool_ask(struct pool *p, const struct pool_call *ask);

/* How long an address that counts as dead is left alone still; 0: it is not,
 * or a call may try. */
int64_t pool_dead_ms(struct pool *p, const struct profile *profile);

/* Tell the breaker how a call went, once its answer is understood. */
void pool_tell(struct pool *p, const struct profile *profile, bool failed);

/*
 * Something else that is waited for: pool_wait polls fd for events and calls
 * work(arg) when they come or wait_ms are over; once that is true, done(arg),
 * and it is forgotten. busy as a call. Copied.
 */
struct pool_side {
	int (*fd)(void *arg);
	short (*events)(void *arg);
	int64_t (*wait_ms)(void *arg);
	bool (*work)(void *arg);
	void (*done)(void *arg);
	void *arg;
};
void pool_aside(struct pool *p, const struct pool_side *is);

/* Calls that are not done. */
int pool_busy(const struct pool *p);

/* As http_wait: work until one is done, one of fds is ready or timeout_ms are
 * over. 0 or ERR_IO. */
int pool_wait(struct pool *p, struct pollfd *fds, int nfds, int timeout_ms);

#endif
