/*
 * due - the timers that rules ask for, written down as they come due
 *
 * What is due becomes an event by desk/timer.h, which knows no rules; the rules
 * are asked of that event like of any other.
 */
#ifndef RULES_DUE_H
#define RULES_DUE_H

#include <stdbool.h>

#include "rules/setup.h"
#include "store/store.h"

/*
 * Write down what is due by now, in transactions of its own under the name
 * writer: how many events, or an ERR. It is looked for a quarter of an hour
 * back, with far a week, and timers that no rule asks for any more are then
 * forgotten. *ret_woke: whether some conversation has rested for long enough;
 * what became due in it meanwhile is found by another look, far.
 */
int due_fire(struct store *store, const struct setup *s, const char *writer,
    bool far, bool *ret_woke);

#endif
