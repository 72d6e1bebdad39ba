/*
 * event - what the desk knows of events: joining, importing, all their types
 */
#ifndef DESK_EVENT_H
#define DESK_EVENT_H

#include "store/log.h"

/*
 * Every type of event of ours, NULL-ended, sorted. share/schema/event/TYPE.json
 * holds the shape of its data.
 */
extern const char *const event_types[];

/* event_join_fn: text, content, wamid, quoted from message; name, phone and
 * other aliases from contact; null and "erased": true after an erasure.
 * Conversation and contact are those of now, after what was merged or split. */
int desk_join(struct store *s, struct event *e);

/*
 * stage_def.import: a message.received line of somebody's own making gets
 * what it lacks: instance (the only one, else "default"), contact (default: "anonymous"),
 * conversation and message rows. Other types are taken as they are.
 */
int desk_import(struct store *s, struct event *e);

#endif
