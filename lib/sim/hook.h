/*
 * hook - webhooks out: signed, posted until they are taken
 *
 * Those of one customer's messages go one after the other, and the statuses of
 * one message one after the other; with --shuffle nothing waits for anything.
 */
#ifndef SIM_HOOK_H
#define SIM_HOOK_H

#include "sim/core.h"

/* A message of the business on its way up. */
struct sim_sent {
	char wamid[64];
	char *to, *opaque, *category;
	struct sim_number number; /* strings of its own */
	struct sim_entry *entry;
	bool free, played;
	int undelivered; /* a code; 0: it will be delivered */
	int step;
};

/* The body of what customer c (NULL: nobody) says, under id. Takes body. */
void sim_hook_said(struct sim *s, json_t *body, struct sim_customer *c,
    struct sim_entry *entry, const char *id);

/* A change of another field, of the account. Takes value. */
void sim_hook_field(struct sim *s, const char *field, json_t *value);

/* A status out of turn, of a message of the business. */
void sim_hook_status(struct sim *s, const struct sim_number *n,
    const struct sim_said *m, const char *status, int code);

/* m has been accepted; what follows belongs to the webhooks. */
void sim_hook_climb(struct sim *s, struct sim_sent *m);

/* Post what is due. */
void sim_hook_due(struct sim *s);

/* When that is; mono ms, INT64_MAX: never. */
int64_t sim_hook_next(const struct sim *s);

/* Webhooks that were not taken yet. */
uint64_t sim_hook_open(const struct sim *s);

#endif
