/*
 * log - events: the line, the row, the log
 *
 * An event is a CloudEvents 1.0 object on one line. Its row in desk.db holds
 * ids and facts; the personal fields of its data (text, names, numbers) are
 * taken out when it is stored and joined again by a function of lib/desk
 * (event_join_fn) when it is printed. frontdesk-events(7) is the manual.
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/json.h"
#include "store/store.h"

#define EVENT_DEPTH_MAX 16

struct event {
	int64_t seq; /* 0: not in the log */
	char id[ULID_BYTES];
	char *type;
	char *source;  /* "/desk" if it had none */
	char *subject; /* NULL: none */
	int64_t time_ms;
	char cause[ULID_BYTES]; /* "": none */
	int depth;
	char *stage;   /* who wrote it; NULL: imported */
	json_t *data;  /* object */
	json_t *extra; /* fields we do not know; NULL: none */
};

/*
 * An event from a line. What a hand-typed line leaves out is filled in: id
 * from the line itself, so that the same line is the same event; time from the
 * clock; specversion, source. ERR_DATA.
 */
int event_parse(const char *line, size_t len, struct event **ret);

/* An event caused by another (NULL: by nothing). Takes data. */
struct event *event_new(const struct event *cause, const char *type,
    const char *source, const char *subject, int64_t time_ms, json_t *data);

void event_free(struct event *e);
struct event *event_copy(const struct event *e);

/* Its line without LF, personal fields included; the caller frees. */
char *event_line(const struct event *e);

/* "17" of subject "conversation/17" if its kind is kind; else NULL. */
const char *event_subject(const struct event *e, const char *kind);

/*
 * Append to the log, in a transaction of desk.db; sets e->seq. An id that is
 * there already is left as it is: *ret_new tells (may be NULL). The personal
 * fields are left out of the row, not out of e.
 */
int log_append(struct store *s, struct event *e, const char *stage,
    bool *ret_new);

/*
 * An event that is a row and nothing else: the desk's own, without a cause. data
 * is a JSON object that is none of a person's; the caller frees it.
 */
struct log_row {
	char id[ULID_BYTES];
	char type[32];
	char subject[32];
	int64_t time_ms;
	char *data;
};

/*
 * The same for one row or LOG_APPEND_SOME in one statement, in this order,
 * where nobody asks for their places.
 */
#define LOG_APPEND_SOME 8
int log_append_some(struct store *s, const struct log_row *rows, size_t n,
    const char *stage);

/* Whether field of data is personal and never in a row. */
bool log_is_personal(const char *type, const char *field);

/* Fill in the personal fields of e's data from the store. */
typedef int (*event_join_fn)(struct store *s, struct event *e);

/* The event with id as stored (not joined); ERR_NOINPUT if there is none. */
int log_get(struct store *s, const char *id, struct event **ret);

/* What stage wrote because of the event id, in order; *ret is malloc'd. */
int log_caused(struct store *s, const char *id, const char *stage,
    struct event ***ret, size_t *ret_count);

/*
 * The events after seq, at most max, in order, of the given types (NULL: all;
 * "message." stands for all that begin so). *ret_seq is the seq of the last
 * row looked at: where to go on. Free each and the array.
 */
int log_read(struct store *s, int64_t after, int max, const char *const *types,
    struct event ***ret, size_t *ret_count, int64_t *ret_seq);

/* Of the events whose seq stands in a JSON array, those of types, in order. */
int log_read_these(struct store *s, const char *seqs, const char *const *types,
    struct event ***ret, size_t *ret_count);

/* The seq of the newest event, 0 if there is none. */
int log_last(struct store *s, int64_t *ret);

/* The seq after which come all events with time_ms >= since. */
int log_since(struct store *s, int64_t since_ms, int64_t *ret);

/* Watch a bell file. The fd becomes readable when it was rung. */
int bell_open(const char *path, int *ret_fd);
/* Empty the fd. */
void bell_clear(int fd);

#endif
