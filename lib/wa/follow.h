/*
 * follow - from kept bodies to events
 *
 * The cursor INBOUND_WRITER of desk.db holds the place of the last body that
 * is done; it moves in the transaction that holds the effects. A body of many
 * messages may take several transactions: doing one again changes nothing, so
 * the cursor moves with the last.
 */
#ifndef WA_FOLLOW_H
#define WA_FOLLOW_H

#include <stdbool.h>

#include "store/inbox.h"
#include "store/store.h"
#include "wa/inbound.h"
#include "wa/webhook.h"

#define FOLLOW_BODIES_MAX 64

/* Bodies taken apart, and what became of them. */
struct batch {
	struct webhook *bodies[FOLLOW_BODIES_MAX];
	int64_t received_ms[FOLLOW_BODIES_MAX];
	int64_t places[FOLLOW_BODIES_MAX]; /* 0: not from the inbox */
	size_t count;
	char (*ids)[ULID_BYTES]; /* an event for each item, in order */
	size_t nids;
};

/*
 * Do all of b in transactions of a turn each. Unless cursor is NULL it is
 * where the reader stands, and moves. ERR_BUSY if another process moved it.
 */
int batch_do(struct store *s, struct batch *b, int64_t *cursor);
void batch_reset(struct batch *b);

struct follow_options {
	const char *store;
	const char *from; /* "start" or a place, for a new cursor */
	int64_t poll_ms;
	bool once;
};

/* Until SIGTERM; with once until nothing is left. */
int follow_run(const struct follow_options *o);

#endif
