/*
 * effect - what rules want done, done to one event's conversation
 *
 * In the transaction that the event is decided in. What rules name and is not
 * there any more is told by stage_failed() and left undone: the rest of the
 * rules is no worse for it. Nothing is taken from a person, and nothing said
 * where only people write.
 */
#ifndef RULES_EFFECT_H
#define RULES_EFFECT_H

#include <stdbool.h>
#include <stddef.h>

#include "desk/act.h"
#include "rules/facts.h"
#include "rules/rules.h"

/*
 * The effects of r from *from on, up to the first of a kind that is not before
 * end: they stand in the order of kinds. *from moves on. 0 or an ERR.
 */
int effect_apply(struct work *w, struct act *a, const struct rules_result *r,
    size_t *from, enum rules_effect_kind end);

/* Say text, or else the reply of that name, to the customer of w; nothing where
 * both are NULL, or there is no such reply. 0 or an ERR. */
int effect_reply(struct work *w, struct act *a, const char *name,
    const char *text);

/* Whether nobody but people writes: it has an owner who is one, was handed over
 * to them, or several read it. w has a conversation. */
bool effect_only_people(const struct work *w);

#endif
