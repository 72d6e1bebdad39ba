/*
 * act - a deed: who does it, because of what, and the events it leaves
 *
 * Everything in lib/desk that changes the desk takes an act. In a stage the
 * events go out through the frame (derived ids, read back on a repeat); from a
 * person's command they go straight to the log and an audit row is written.
 * All of it happens in a transaction of desk.db that the caller has begun.
 */
#ifndef DESK_ACT_H
#define DESK_ACT_H

#include "store/log.h"
#include "store/stage.h"
#include "store/store.h"

struct act {
	struct store *store;
	struct stage *stage;	   /* NULL: a person's command */
	const struct event *cause; /* NULL: nothing but the person's will */
	const char *actor;	   /* ai, rule, system, customer, user:NAME */
	const char *writer; /* without a stage: the program, for ids and log */
	int64_t now_ms;
	int ordinal;	       /* events written so far, without a stage */
	char next[ULID_BYTES]; /* asked for by act_next_id, not used yet */
	struct event **made;   /* without a stage: the events, for printing */
	size_t nmade;
};

/* In a stage, because of cause. */
void act_stage(struct act *a, struct stage *st, const struct event *cause,
    const char *actor);

/* A person's command; person as person_self() gives it. */
void act_person(struct act *a, struct store *s, const char *person);

/*
 * A program that is no stage (wa-recv, kb-ingest): ids are derived from writer
 * and cause, so the same cause gives the same events; with cause NULL from
 * what the event says and the time.
 */
void act_program(struct act *a, struct store *s, const char *writer,
    const struct event *cause, const char *actor);

/* The lines of the events made, to be printed. The caller frees. */
char *act_lines(const struct act *a);

/* Free what act_person and act_program gathered. */
void act_release(struct act *a);

/* An event of this deed. Takes data. *ret (may be NULL) is borrowed. */
int act_emit(struct act *a, const char *type, const char *subject, json_t *data,
    const struct event **ret);

/* The id the next event of this type gets. */
void act_next_id(struct act *a, const char *type, char ret[ULID_BYTES]);

/* A line of the audit; detail may be NULL (taken). */
int act_audit(struct act *a, const char *action, const char *object,
    json_t *detail);

#endif
