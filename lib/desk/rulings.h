/*
 * rulings - rules as they stood when they fired, kept for whoever asks later
 *
 * A rule is known by a short id of its name, its place and its words, which
 * message.routed, rules.fired and action.requested hold: what is edited or
 * deleted since can still be told.
 */
#ifndef DESK_RULINGS_H
#define DESK_RULINGS_H

#include "base/json.h"
#include "store/store.h"

struct ruling {
	const char *id;	   /* of the other three */
	const char *rule;  /* its name */
	const char *place; /* "FILE:LINE" */
	const char *text;
};

/* 1 if it is kept already, 0 or an ERR. */
int ruling_known(struct store *s, const char *id);

/* In the transaction of the event that has its id. 0 or an ERR. */
int ruling_keep(struct store *s, const struct ruling *r);

/*
 * *ret: an object for each of ids, an array of strings, in its order: "rule",
 * "place", "text"; what is not kept is left out. A new reference. 0 or an ERR.
 */
int rulings_tell(struct store *s, const json_t *ids, json_t **ret);

/* Drop what no event and no reply has any more. In a transaction. */
int rulings_sweep(struct store *s);

#endif
