/*
 * snooze - a conversation that rests until a time
 *
 * It keeps its owner and is open again when the time has come (route --follow
 * sees to it), when the customer writes, or when somebody takes it up.
 */
#ifndef DESK_SNOOZE_H
#define DESK_SNOOZE_H

#include "desk/act.h"

/* Rest until then, in a transaction; nothing for one that is not open. */
int conversation_snooze(struct act *a, const char *id, int64_t until_ms);

/* Open again, if it rests, in a transaction. */
int conversation_wake(struct act *a, const char *id);

/* 1 with *ret_ms, until when a conversation rests; 0: it does not; or an ERR. */
int snooze_until(struct store *s, const char *id, int64_t *ret_ms);

#endif
