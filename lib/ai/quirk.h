/*
 * quirk - what models are known to take otherwise, kept in the store
 *
 * A parameter that a model refused is not sent to it again for a week: a call
 * that fails each time before it works costs each customer a second. Then it is
 * tried anew, for servers are set up otherwise and models get better.
 */
#ifndef AI_QUIRK_H
#define AI_QUIRK_H

#include "ai/provider.h"
#include "store/store.h"

/* What is known of a model at an address and not too old; nothing known is all zero. 0 or an
 * ERR. */
int quirk_get(struct store *s, const char *url, const char *model,
    struct quirks *ret);

/* Keep it, in a transaction of desk.db that the caller has begun. */
int quirk_put(struct store *s, const char *url, const char *model,
    const struct quirks *known);

#endif
