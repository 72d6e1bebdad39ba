/*
 * status - is the desk well: stages, cursors, jobs, held messages, disk
 */
#ifndef DESK_STATUS_H
#define DESK_STATUS_H

#include "base/json.h"
#include "store/store.h"

/*
 * An object for people and programs:
 *	stages: [{name, up, since, lag_events, lag_ms, open_jobs,
 *		oldest_job_ms, late_jobs, failures, last_failure}]
 *	held: [{message, conversation, age_ms}], conversations waiting, disk,
 *	wal, slow turn of the day, problems: [words]
 * problems is empty when all is well. lag_limit_ms: how long an event may
 * wait for a stage.
 */
int desk_status(struct store *s, int64_t lag_limit_ms, json_t **ret);

#endif
