/*
 * consent - who may be written to, and who is not listened to
 *
 * A customer who has opted out gets nothing that they did not ask for: no
 * marketing, no text or template of a rule or the AI but in answer to a message
 * of theirs, no survey. What a person writes goes out.
 *
 * What a blocked one writes is kept in the conversation there is, and that is
 * all: it opens nothing, nobody waits, no rule and no AI looks at it, and
 * nothing is sent to them by anybody.
 *
 * Both are what the log says last, of whoever was merged into them, too.
 */
#ifndef DESK_CONSENT_H
#define DESK_CONSENT_H

#include <stdbool.h>

#include "desk/act.h"

/* 1, 0 or an ERR. */
int contact_opted_out(struct store *s, const char *contact);
int contact_blocked(struct store *s, const char *contact);

/*
 * Changes, in a transaction, with their events (contact.opted_out,
 * contact.changed, contact.blocked); nothing, without an event, if it already
 * is so.
 */
int contact_opt(struct act *a, const char *contact, bool out);
int contact_block(struct act *a, const char *contact, bool blocked);

#endif
