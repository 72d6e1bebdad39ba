/*
 * instance - the WhatsApp numbers of the business
 *
 * Instances are declared in frontdesk.conf, [instance NAME]; a number that a
 * webhook names and nobody declared is kept under its phone_number_id, with
 * the AI off, so that nothing is dropped. One that is removed keeps its row,
 * is not known any more, and what still comes for it is kept under its name.
 *
 * State is for people and machines:
 *	connecting	set up, and nothing has gone either way since
 *	connected	the provider took a message, or a webhook came
 *	disconnected	the provider cannot be reached, or has let go of it
 *	error		nothing goes out until a person mends something
 * Each change is one event, instance.STATE. What cannot tell whether sending
 * works (a webhook that comes in) ends connecting only.
 */
#ifndef DESK_INSTANCE_H
#define DESK_INSTANCE_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/json.h"
#include "desk/act.h"
#include "store/store.h"

#define INSTANCE_SEEN_MS 5000 /* last seen may be this old */

struct instance {
	char *name;
	char *kind;	       /* cloud or link */
	char *phone_number_id; /* NULL: none */
	char *account_id;      /* NULL: none */
	char *phone;	       /* NULL: not known */
	bool ai;
	bool known;
	bool after_resolve_new; /* after a resolve a new conversation begins */
	char *sla;		/* policy of its conversations; NULL: none */
	char *ignored;		/* words of groups, status, channels */
	bool removed;		/* taken off the desk; its rows are kept */
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

/*
 * The instance of a line that names none: the only one there is, else
 * "default". In a transaction; the caller frees.
 */
int instance_meant(struct store *s, char **ret);

/*
 * The state as it is from now on, with its reason in words (NULL: none), which
 * hold no text, name or number of a customer, and no secret. In a transaction.
 * An event if the state is another one than before; a new reason alone is kept
 * and makes none. Nothing happens to an instance that is not known.
 */
int instance_state(struct act *a, const char *name, const char *state,
    const char *reason);

/* The state error, with what the provider said as the event's error; taken. */
int instance_trouble(struct act *a, const char *name, const char *reason,
    json_t *error);

/* A person has it tried anew: connecting, with its event in any case. */
int instance_restart(struct act *a, const char *name);

/* A successful exchange with the provider, in a transaction; written at most
 * every INSTANCE_SEEN_MS. */
int instance_seen(struct store *s, const char *name, int64_t at_ms);

/* The same for a webhook: 1 if instance_state connected is due now. */
int instance_arrived(struct store *s, const char *name, int64_t at_ms);

/*
 * What the provider says of the number, in a transaction. facts: any of the
 * strings quality, messaging_limit, throughput, number_status, verified_name,
 * name_status, phone (null: not known any more) and the integers
 * token_expires_ms, checked_ms. If one but the last differs, an
 * instance.changed that names what did. facts is not taken.
 */
int instance_note(struct act *a, const char *name, const json_t *facts);

/* Settings or the token of an instance were changed: the event
 * instance.changed with the names of what did (an array, taken), and an audit
 * row, in a transaction. */
int instance_changed(struct act *a, const char *name, json_t *changed);

/* The event instance.added and an audit row for an instance that
 * instances_sync has just taken over. */
int instance_added(struct act *a, const char *name);

/* How many messages of it are queued. */
int instance_queued(struct store *s, const char *name, int64_t *ret);

/*
 * Take it off the desk: the row stays, the AI is off, with event and audit, in
 * a transaction. What is queued is for instance_cancel. ERR_NOINPUT.
 */
int instance_remove(struct act *a, const char *name);

/* Cancel at most DB_BATCH_ROWS queued messages of it, in a transaction; how
 * many, or an ERR. */
int instance_cancel(struct act *a, const char *name);

/* Whether an event instance.* means that sending is to be tried anew: a
 * restart, another token, another way to the provider. */
bool instance_concerns_sending(const struct event *e);

/* Jobs of wa-send and wa-media that wait for this instance are due at once. */
int instance_hurry(struct store *s, const char *name);

/*
 * All of an instance as an object, a new reference: instance, kind,
 * phone_number_id, account_id, phone, known, removed, state, reason, since,
 * seen, quality, messaging_limit, throughput, number_status, verified_name,
 * name_status, token_expires, checked; null where there is none. ERR_NOINPUT.
 */
int instance_json(struct store *s, const char *name, json_t **ret);

/*
 * The same of all that are known or that webhooks come for, by name: an array.
 * One that was removed is among them if something came for it since.
 */
int instances_json(struct store *s, json_t **ret);

#endif
