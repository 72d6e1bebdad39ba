/*
 * typist - who is writing a reply at this moment
 *
 * A process in which somebody writes says so for a while (the setting
 * desk.writing), and again before that is over. So nothing is left of one that
 * was killed: it does not say so again. conversation is one that goes on.
 */
#ifndef DESK_TYPIST_H
#define DESK_TYPIST_H

#include <stdint.h>

#include "desk/act.h"

/*
 * From now on, for lease_ms, person is writing there: presence.typing. The
 * process is told by ret from then on. In a transaction, as the next two.
 */
int typist_begin(struct act *a, const char *conversation, const char *person,
    int64_t lease_ms, char ret_process[ULID_BYTES]);
int typist_go_on(struct act *a, const char *conversation, const char *person,
    int64_t lease_ms, const char *process);
int typist_end(struct act *a, const char *conversation, const char *process);

/*
 * Somebody who is writing there, but for one process (NULL: none is left out):
 * who has been at it for longest. 1 with the name (the caller frees) and since
 * when; 0; or an ERR.
 */
int typist_other(struct store *s, const char *conversation, const char *process,
    int64_t at_ms, char **ret_person, int64_t *ret_since_ms);

/* The names of all who are, but for one person (NULL: none is left out),
 * comma-separated and sorted; "" if nobody is. The caller frees. */
char *typist_names(struct store *s, const char *conversation,
    const char *except_person, int64_t at_ms);

/* When the next of those who are writing anywhere ends, unless they go on; 0 if
 * nobody is. */
int64_t typist_next(struct store *s, int64_t at_ms);

#endif
