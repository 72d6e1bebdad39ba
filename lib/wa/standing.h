/*
 * standing - what a webhook about the account or the number means for how an
 * instance is
 *
 * The event account.changed has it all; this is the part that changes state,
 * quality or limits.
 */
#ifndef WA_STANDING_H
#define WA_STANDING_H

#include "base/json.h"
#include "desk/act.h"

/*
 * Do what a change of field says to the instances of an account, in a
 * transaction, because of a's cause. value is the provider's; what is not
 * known in it changes nothing.
 */
int standing_apply(struct act *a, const char *account, const char *field,
    const json_t *value);

#endif
