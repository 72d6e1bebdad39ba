/*
 * timer - what is due in conversations without anybody writing
 *
 * A timer that is due becomes an event, timer.fired, once for the time it runs
 * from: idle since the last message of either side, waiting since the customer
 * waits, window since the customer's last message, snooze since it was put to
 * rest, sla since what a promise is about (desk/sla.h). Whoever acts upon it looks at the event and the conversation, at no
 * clock, so that it can be done again from the log alone.
 */
#ifndef DESK_TIMER_H
#define DESK_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/conversation.h"
#include "store/store.h"

struct timer {
	const char *name;  /* idle, waiting, window */
	int64_t after_ms;  /* what the rule says */
	int64_t window_ms; /* of window: how long the provider's is */
	bool closed;	   /* of resolved conversations, too */
};

/* The time a timer of this name runs from, as c is now; 0: it does not run. */
int64_t timer_since(const struct conversation *c, const char *name);

/*
 * Write timer.fired for what is due by now and was not before far_ms, in
 * transactions of its own. A timer never fires for what was due before it was
 * asked for first. writer: the program. How many, or an ERR.
 */
int timer_fire(struct store *s, const struct timer *t, const char *writer,
    int64_t now_ms, int64_t far_ms);

/* Nobody asks for other timers than these any more: when one is asked for again
 * it is new. In a transaction of its own, if there is anything to forget. */
int timer_forget(struct store *s, const struct timer *keep, size_t n);

/*
 * timer_fire() for what is promised: for each of n spans, what is due within it,
 * and what is missed by now; also what was missed and has ended since far_ms,
 * with nobody told. Once for the time it is due at. spans_ms are above 0, the
 * longest first.
 */
int timer_fire_sla(struct store *s, const int64_t *spans_ms, size_t n,
    const char *writer, int64_t now_ms, int64_t far_ms);

/* timer_fire() for conversations that have rested long enough. Some at a time:
 * again until it is 0. */
int timer_fire_snoozes(struct store *s, const char *writer, int64_t now_ms);

#endif
