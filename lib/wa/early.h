/*
 * early - statuses that came before anybody knew whose they are
 *
 * A status may be here before the answer of the call that names its message,
 * and without our id in it. Its event says message: null then, and its row
 * waits. Once the message has its name they are told anew, as if they came
 * now: the same events, of the message.
 */
#ifndef WA_EARLY_H
#define WA_EARLY_H

#include "base/json.h"
#include "desk/act.h"

/*
 * Tell what came early of the message id, which has been named (or not, then
 * there is nothing): it climbs, and a message.STATUS each, in the order of the
 * provider's times. Each is told once. In a transaction. 1 if the message has
 * failed by it, which whoever calls tells to people; 0; or an ERR.
 */
int early_tell(struct act *a, const char *id);

/* What a status says of whether its contact can be reached. facts: of the
 * status, with its errors; NULL: none. In a transaction. */
int early_reach(struct act *a, const char *contact, const char *status,
    const json_t *facts);

#endif
