/*
 * instance - the WhatsApp numbers of the business
 *
 * Instances are declared in frontdesk.conf, [instance NAME]; a number that a
 * webhook names and nobody declared is kept under its phone_number_id, with
 * the AI off, so that nothing is dropped.
 */
#ifndef DESK_INSTANCE_H
#define DESK_INSTANCE_H

#include <stdbool.h>

#include "base/conf.h"
#include "store/store.h"

struct instance {
	char *name;
	char *kind;	       /* cloud or link */
	char *phone_number_id; /* NULL: none */
	char *account_id;      /* NULL: none */
	char *phone;	       /* NULL: not known */
	bool ai;
	bool known;
	bool after_resolve_new; /* after a resolve a new conversation begins */
	char *ignored;		/* words of groups, status, channels */
};

/* Whether what is written in a place (groups, status, channels) is left out. */
bool instance_ignores(const struct instance *i, const char *place);

void instance_free(struct instance *i);

/* By name; ERR_NOINPUT. */
int instance_get(struct store *s, const char *name, struct instance **ret);

/* By the provider's id; made as unknown if it is new (in a transaction). */
int instance_for(struct store *s, const char *phone_number_id,
    const char *account_id, const char *phone, struct instance **ret);

/* By name, made if it is new (in a transaction). */
int instance_need(struct store *s, const char *name, struct instance **ret);

/* Take over the [instance NAME] sections (in a transaction). ERR_CONFIG. */
int instances_sync(struct store *s, const struct conf *c);

/* The same in a transaction of its own, and only if something differs. */
int instances_load(struct store *s, const struct conf *c);

#endif
