/*
 * cursor - how far a named reader has come
 */
#ifndef STORE_CURSOR_H
#define STORE_CURSOR_H

#include "store/store.h"

/*
 * Where name stands; made if it is new, at from ("start", "end" or a number).
 * In a transaction if it may be new.
 */
int cursor_get(struct store *s, const char *name, const char *from,
    int64_t *ret_seq);

/* From old to seq, in a transaction; ERR_BUSY if another process moved it. */
int cursor_move(struct store *s, const char *name, int64_t old, int64_t seq);

/* Whether reader name has passed seq: 1, 0 or an ERR. No such reader: 0. */
int cursor_passed(struct store *s, const char *name, int64_t seq);

#endif
