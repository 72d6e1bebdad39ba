/* due - the timers that rules ask for, written down as they come due */
#include <stdlib.h>

#include "base/str.h"
#include "base/time.h"
#include "desk/settings.h"
#include "desk/sla.h"
#include "desk/timer.h"
#include "rules/due.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (24 * 60 * MINUTE_MS)
/* Timers that are due are looked for this far back: what was stored late comes
 * in between, what a service slept through once an hour. */
#define NEAR_MS (15 * MINUTE_MS)
#define FAR_MS (7 * DAY_MS)

/* The timers that rules ask for, but for those of promises; freed by the
 * caller. */
static int
timers_of(const struct setup *s, struct timer **ret, size_t *ret_count)
{
	const struct rules_timer *asked;
	size_t count = rules_timers(s->rules, &asked), i, n = 0;
	struct timer *list = xcalloc(count + 1, sizeof(*list));
	int64_t window_ms = 0;
	int code = setting_duration(s->conf, "wa", "window", &window_ms);

	for (i = 0; i < count; i++) {
		if (asked[i].occasion == RULES_SLA)
			continue;
		list[n].name = asked[i].occasion == RULES_IDLE ? "idle" :
		    asked[i].occasion == RULES_WAITING	       ? "waiting" :
								 "window";
		list[n].after_ms = asked[i].after_ms;
		list[n].window_ms = window_ms;
		list[n++].closed = asked[i].closed;
	}
	*ret = list;
	*ret_count = n;
	return code;
}

static int
longest_first(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* What is promised: reckoned anew where a policy has changed, and told of. */
static int
fire_promises(struct store *store, const struct setup *s, const char *writer,
    int64_t now, int64_t far_ms)
{
	const struct rules_timer *asked;
	size_t count = rules_timers(s->rules, &asked), i, n = 0;
	int64_t *spans = xcalloc(count + 1, sizeof(*spans));
	int code;

	for (i = 0; i < count; i++)
		if (asked[i].occasion == RULES_SLA)
			spans[n++] = asked[i].after_ms;
	qsort(spans, n, sizeof(*spans), longest_first);
	do
		code = sla_renew(store, now);
	while (code > 0);
	if (code == 0)
		code = timer_fire_sla(store, spans, n, writer, now, far_ms);
	free(spans);
	return code;
}

int
due_fire(struct store *store, const struct setup *s, const char *writer,
    bool far, bool *ret_woke)
{
	struct timer *timers;
	int64_t now = now_ms();
	const int64_t far_ms = now - (far ? FAR_MS : NEAR_MS);
	size_t n, i;
	int code = timers_of(s, &timers, &n), got, all = 0;

	if (code >= 0 && far)
		code = timer_forget(store, timers, n);
	for (i = 0; i < n && code >= 0; i++) {
		code = timer_fire(store, &timers[i], writer, now, far_ms);
		all += code > 0 ? code : 0;
	}
	*ret_woke = false;
	for (got = 1; got > 0 && code >= 0; all += got) {
		code = got = timer_fire_snoozes(store, writer, now);
		*ret_woke |= got > 0;
	}
	free(timers);
	if (code >= 0) {
		code = fire_promises(store, s, writer, now, far_ms);
		all += code > 0 ? code : 0;
	}
	return code < 0 ? code : all;
}
