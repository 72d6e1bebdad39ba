/*
 * jsonl - lines in, lines out, flushed when one would wait
 *
 * Part of the frame of a command: may print to stderr, never exits. One read,
 * all whole lines of it, one write: what was put is written when jsonl_next()
 * would otherwise wait for input, when PUT_MAX bytes are held, and at the end.
 */
#ifndef BASE_JSONL_H
#define BASE_JSONL_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX_BYTES (64 * 1024)	    /* an event */
#define QUERY_MAX_BYTES (1024 * 1024)	    /* a question with its vector */
#define BODY_MAX_BYTES (3 * 1024 * 1024)    /* a webhook body */
#define INGEST_MAX_BYTES (64 * 1024 * 1024) /* a line of kb-ingest --jsonl */

struct jsonl;

/*
 * Read lines of at most max bytes from in (-1: none) and write to out (-1:
 * none). name is what errors call the input, "stdin". Neither is closed.
 */
struct jsonl *jsonl_new(int in, int out, const char *name, size_t max);
void jsonl_free(struct jsonl *l);

/* Empty lines are lines from now on, and not left out. */
void jsonl_give_empty(struct jsonl *l);

enum { JSONL_LINE = 1, JSONL_WAIT = 0, JSONL_END = -1 };

/*
 * The next line without its LF, NUL-terminated, good until the next call.
 * A line over max is named on stderr, counted by jsonl_bad() and left out.
 * Empty lines are left out silently, but for jsonl_give_empty(). JSONL_WAIT: no
 * whole line is held, read with jsonl_fill(). JSONL_END: no more.
 */
int jsonl_next(struct jsonl *l, char **ret, size_t *ret_len);

/* One read(2); may wait. 1, 0 at the end of input, ERR_IO. */
int jsonl_fill(struct jsonl *l);

/* Flush, then lines as they come: JSONL_LINE, JSONL_END or an ERR. */
int jsonl_wait(struct jsonl *l, char **ret, size_t *ret_len);

/* The number of the line last returned, from 1. */
long jsonl_lineno(const struct jsonl *l);

/* Say "NAME: stdin:12: why" and count the line as bad. */
void jsonl_complain(struct jsonl *l, const char *why);
long jsonl_bad(const struct jsonl *l);

/* Hold a line for output; LF is added. ERR_IO once a write has failed. */
int jsonl_put(struct jsonl *l, const char *line, size_t len);

/* Write what is held. ERR_IO with the reason. */
int jsonl_flush(struct jsonl *l);

#endif
