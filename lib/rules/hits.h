/*
 * hits - how often each rule has fired, from the log alone
 */
#ifndef RULES_HITS_H
#define RULES_HITS_H

#include <stdint.h>

#include "base/json.h"
#include "rules/rules.h"
#include "store/store.h"

/*
 * One object a rule is told of by tell, borrowed: "rule", "hits" since then,
 * "last", the time of the newest, "dead" where there is none. Those of r come
 * in its order, then, with "gone", those that are there no more. A rule without
 * a label is named by its line and means that of r only where r is what it was.
 * 0 or an ERR.
 */
int hits_tell(struct store *s, const struct rules *r, int64_t since_ms,
    void (*tell)(void *ctx, const json_t *line), void *ctx);

#endif
