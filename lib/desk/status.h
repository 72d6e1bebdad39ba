/*
 * status - is the desk well: stages, cursors, jobs, held messages, disk
 */
#ifndef DESK_STATUS_H
#define DESK_STATUS_H

#include "base/json.h"
#include "store/store.h"

/* The file in run/ whose lock the listener of webhooks holds while it is up;
 * at a clean end it writes LISTENER_ENDED, and why it could not begin. */
#define LISTENER_SLOT "wa-recv.listen.slot"
#define LISTENER_ENDED "stopped\n" /* what stands in it after a clean end */

/*
 * An object for people and programs:
 *	stages: [{name, state, up, since, lag_events, lag_ms, open_jobs,
 *		oldest_job_ms, late_jobs, failures, last_failure}], state is
 *		up, down (it ended, but not cleanly) or stopped
 *	readers: [{name, up, lag_events, lag_ms}], cursors of desk-events
 *	held: [{message, conversation, age_ms}], for longer than hold_ms;
 *	in_doubt: how many for less
 *	documents: {failed, stalled}, of the knowledge base
 *	conversations waiting, disk, wal, slow turn of the day,
 *	problems: [words]
 * problems is empty when all is well. lag_limit_ms: how long an event may
 * wait for a stage, and a job be open. hold_ms: how long nobody need worry
 * about a message of which nobody knows whether it arrived (wa.hold).
 */
int desk_status(struct store *s, int64_t lag_limit_ms, int64_t hold_ms,
    json_t **ret);

#endif
