/*
 * budget - what AI set-ups may spend: set aside before, settled after
 *
 * Before a model is asked the most that it can cost is set aside, in the
 * transaction that begins the answer; with that, many answers in the making
 * cannot pass a limit together. Afterwards what it cost takes its place. What a
 * process leaves behind stays spent: the call may have been made.
 *
 * Tokens are those shown and said, together. Money is in millionths of the
 * currency of the profile's prices. All functions run in a transaction of
 * desk.db that the caller has begun.
 */
#ifndef AI_BUDGET_H
#define AI_BUDGET_H

#include <stdint.h>

#include "ai/profile.h"
#include "base/zone.h"
#include "store/store.h"

/* What so many tokens cost with a profile; -1: it has no prices. */
int64_t budget_cost(const struct profile *p, int64_t tokens_in,
    int64_t tokens_out);

/*
 * Set tokens aside for a job. 0, or ERR_NO where a limit does not allow it, with
 * which ("the tokens of the day are spent") as the reason; *ret_news, which may
 * be NULL, is true the first time in the period that it does not. What the job
 * had set aside with this profile before stays spent.
 */
int budget_aside(struct store *s, const struct profile *p,
    const struct zone *zone, int64_t at_ms, int64_t job,
    const char *conversation, int64_t tokens_in, int64_t tokens_out,
    bool *ret_news);

/* What it cost instead. Nothing if nothing was set aside. */
int budget_settle(struct store *s, const struct profile *p, int64_t job,
    int64_t tokens_in, int64_t tokens_out);

/* The day and the month at a time, "2026-11-26" and "2026-11". */
void budget_day(const struct zone *zone, int64_t at_ms, char ret_day[16],
    char ret_month[16]);

#endif
