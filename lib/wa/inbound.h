/*
 * inbound - what a webhook says, done to the desk: rows and events
 *
 * Doing an item again does nothing: an event's id is the ULID of the
 * provider's time and of (instance, wamid, kind); of (instance, wamid, status)
 * for statuses; of the hash of what it was made of where the provider gives no
 * id. So ids do not depend on what came first, and a body may come as often as
 * the provider likes. Where it gives no time either, the id's time is the UTC
 * day of reception, so that the same trouble on another day is told again; a
 * message without a valid time has the time 0 in its id.
 *
 * Who came first shows in conversation.opened, .reopened, .taken and in
 * contact.changed (their cause), and nowhere else.
 */
#ifndef WA_INBOUND_H
#define WA_INBOUND_H

#include "store/log.h"
#include "store/store.h"
#include "wa/webhook.h"

#define INBOUND_WRITER "wa-recv"

/*
 * Do one item, in a transaction. ret_id is the event it stands for, whether
 * it was there before or not; what that caused is in log_caused().
 */
int inbound_apply(struct store *s, const struct webhook_item *it,
    int64_t received_ms, char ret_id[ULID_BYTES]);

#endif
