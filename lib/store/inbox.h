/*
 * inbox - raw webhook bodies as they came, a file a day
 *
 * wa-recv commits a body here before it answers 200; everything else is
 * derived from it later. A body's place is YYYYMMDD * INBOX_DAY + seq, so one
 * number says how far a reader has come, across the files of many days.
 *
 * The day is the UTC day of reception. It never goes back: a writer whose
 * clock was set back stays in the newest file there is. A reader leaves a day
 * for the next one only after it held the writer lock of the old file: whoever
 * writes looks at the day again once it has the lock, so nothing can come
 * behind a reader that has gone on.
 *
 * Needs no desk.db: the listener writes here and nowhere else.
 */
#ifndef STORE_INBOX_H
#define STORE_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INBOX_DAY INT64_C(10000000000)

struct inbox;

struct inbox_body {
	int64_t place; /* set by inbox_put */
	int64_t received_ms;
	const char *remote;  /* NULL: not known */
	const char *headers; /* a JSON object */
	const void *body;
	size_t len;
};

/*
 * The inbox of the store in dir, one a thread; "" is one that keeps nothing.
 * Files are opened as they are needed. Without write only inbox_read, _last
 * and _after work.
 */
int inbox_open(const char *dir, bool write, struct inbox **ret);
void inbox_close(struct inbox *in); /* NULL is allowed */

/*
 * Keep bodies, all or none, in one transaction: they are on the disk when this
 * returns 0. ERR_IO when the disk is full; the next call tries afresh.
 */
int inbox_put(struct inbox *in, struct inbox_body *bodies, size_t count);

/*
 * The bodies after place, in order, at most max and about INBOX_READ_BYTES.
 * *ret_count 0 at the end. *ret is one block of memory, freed by free().
 */
#define INBOX_READ_BYTES (4 * 1024 * 1024)
int inbox_read(struct inbox *in, int64_t after, int max,
    struct inbox_body **ret, size_t *ret_count);

/* The place of the newest body, 0 if there is none. */
int inbox_last(struct inbox *in, int64_t *ret_place);

/* How many bodies are after place, and when the oldest of them came (0). */
int inbox_after(struct inbox *in, int64_t place, int64_t *ret_count,
    int64_t *ret_oldest_ms);

/* The place before everything of the UTC day of time_ms. */
int64_t inbox_day_place(int64_t time_ms);

/*
 * Remove the files of days that ended keep_days ago and that a reader at
 * passed has left behind. *ret_removed (may be NULL) counts them.
 */
int inbox_expire(struct inbox *in, int64_t keep_days, int64_t passed,
    int64_t at_ms, int *ret_removed);

/* The bell that rings after each commit; the caller frees. */
char *inbox_bell(const char *dir);

#endif
