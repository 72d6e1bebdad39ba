/*
 * feed - documents from elsewhere to kb-ingest, a batch at a time
 *
 * Who fetches has the network and not the store; kb-ingest has the store. A
 * helper process, made before the fetching begins, runs kb-ingest --jsonl for
 * each batch, so that other ingests get their turn in between and the fetching
 * process can give up the store for good (base/confine.h).
 *
 * Lines are held until feed_flush(), or until there are many. Each line with a
 * source is answered once, in any case: by kb-ingest, or as failed when it
 * ended without an answer.
 */
#ifndef KB_FEED_H
#define KB_FEED_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

#define FEED_HOLD_LINES 256
#define FEED_HOLD_BYTES (8 << 20)

struct feed;

struct feed_options {
	const char *store;	/* directory */
	const char *collection; /* of lines that name none */
	const char *files;	/* directory of files lines name; NULL: none */
};

/*
 * Told what kb-ingest says of a source: its line (see kb-ingest(1)), with
 * source, state and what the line had that is not known there.
 */
typedef void (*feed_fn)(void *ctx, const json_t *answer);

/*
 * Begin: one empty batch tells whether the store can be worked on, which may
 * wait for another ingest to end. An ERR as kb-ingest has it, which has said
 * why on stderr. Call it before there are threads.
 */
int feed_open(const struct feed_options *o, feed_fn each, void *ctx,
    struct feed **ret);

/* Add a line, whose reference is taken. */
void feed_put(struct feed *f, json_t *line);

/* Send off what is held. */
void feed_flush(struct feed *f);

/* Hold lines until feed_flush(), however many, for what one run of kb-ingest
 * has to see together. */
void feed_hold(struct feed *f, bool hold);

/* Lines without an answer, and whether there are so many bytes of them that
 * the feeder should wait. */
long feed_waiting(const struct feed *f);
bool feed_full(const struct feed *f);
/* When the oldest line that is held came, mono_ms(); 0: none is. */
int64_t feed_since_ms(const struct feed *f);

/* What to poll(2) for; then feed_work(), which calls back. ERR as of the
 * batch that ended: what is not a document's own failure. */
void feed_fds(struct feed *f, struct pollfd fds[2]);
int feed_work(struct feed *f);

/* Flush, and work until all is answered. */
int feed_drain(struct feed *f);

/* End; what is not answered never will be. NULL is allowed. */
void feed_close(struct feed *f);

#endif
