/*
 * reach - customers the provider says it cannot reach
 *
 * An error of the class recipient (the number has no WhatsApp, an old version,
 * a changed identity) says something about the customer, not only about the
 * message: it is noted until something reaches them or they write. Sending is
 * tried all the same, for a person may know better; conv show tells it.
 *
 * Changes are events contact.changed, written only when something changed.
 * Errors: base/err.h.
 */
#ifndef DESK_REACH_H
#define DESK_REACH_H

#include <stdint.h>

#include "desk/act.h"

/* Nothing reaches this contact; why in words without personal data. In a
 * transaction. */
int reach_lost(struct act *a, const char *contact, const char *why);

/* They wrote, or something was delivered. In a transaction. */
int reach_found(struct act *a, const char *contact);

/* Why, copied, and since when (UTC ms); NULL: nothing is known against it. */
char *reach_trouble(struct store *s, const char *contact,
    int64_t *ret_since_ms);

#endif
