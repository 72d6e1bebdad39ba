/*
 * sender - the stage that delivers queued messages to the provider
 */
#ifndef WA_SENDER_H
#define WA_SENDER_H

#include <stdint.h>

#include "base/conf.h"
#include "wa/graph.h"

/* The provider is down or refuses the account, and that was said. */
#define SENDER_GAVE_UP 1

/*
 * Run, as stage_options say. place: where all instances go instead of what is
 * set, checked. hold_ms: -1 for the setting. 0, SENDER_GAVE_UP, or an ERR.
 */
int sender_run(const struct conf *c, const struct graph_options *place,
    int64_t hold_ms);

#endif
