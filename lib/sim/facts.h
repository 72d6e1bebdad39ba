/*
 * facts - what is true of the app, its token, the account and its numbers
 *
 * One JSON object, as in --state and POST /sim/state:
 *
 *	app		id, name, secret, live
 *	token		valid, expires_at, data_access_expires_at, scopes
 *	account		id, name, subscribed, restricted, blocked, payment,
 *			override_callback_uri
 *	numbers		one or more, each as the API tells it, and registered,
 *			testers (null, or who alone may be written to)
 *	webhook		url, fields, active, verify_token
 *	templates	as the API tells them
 *	opted_out, unreachable	customers
 *	other_ids		by number: the wa_id it is answered with
 *	as_status	codes that a status tells, not the answer
 *	history_received	received messages are in the history
 */
#ifndef SIM_FACTS_H
#define SIM_FACTS_H

#include "sim/core.h"

/* The defaults, as the options have it; then --state. ERR_CONFIG. */
int sim_facts_open(struct sim *s);

/*
 * Change what patch names: objects member by member, all else as a whole.
 * "number" stands for the first of numbers; "wrote" is a list of customers
 * whose windows open now, and is not kept. ERR_DATA names what it does not
 * know; nothing is changed then.
 */
int sim_facts_merge(struct sim *s, const json_t *patch);

/* The keys webhooks are signed with: app.secret, else that of the options. */
int sim_facts_keys(struct sim *s);

/* All but secrets. A new reference. */
json_t *sim_facts_shown(const struct sim *s);

/* A number by its id; NULL: none. The first, if id is NULL. Borrowed. */
const json_t *sim_facts_number(const struct sim *s, const char *id);

/* As webhooks name it. Good until the facts change. */
struct sim_number sim_facts_names(const struct sim *s, const json_t *number);

/* Where webhooks go; NULL: nowhere. */
const char *sim_facts_hook(const struct sim *s);

/* Why a webhook of this field is not posted; NULL: it is. */
const char *sim_facts_deaf(const struct sim *s, const char *field);

/* Whether id is in the list of that name. */
bool sim_facts_listed(const struct sim *s, const char *list, const char *id);

/* Whether the token may do what needs scope. */
bool sim_facts_scope(const struct sim *s, const char *scope);

#endif
