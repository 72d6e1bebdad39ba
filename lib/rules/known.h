/*
 * known - whether what rules name is known on this desk
 *
 * rules_advise() with the people, teams, channels and intents there are.
 */
#ifndef RULES_KNOWN_H
#define RULES_KNOWN_H

#include "rules/setup.h"

/*
 * Told by say(ctx, "rule NAME: ..."). Without a store people, teams and
 * channels are not looked for, and intents are not where a model was named,
 * whose they are. 0 or an ERR.
 */
int known_advise(const struct setup *s,
    void (*say)(void *ctx, const char *text), void *ctx);

#endif
