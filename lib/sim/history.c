/* history.c - what became of each message */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "sim/facts.h"
#include "sim/history.h"

#define KEPT 100000 /* messages; then the older half goes */

static void
entry_free(struct sim_entry *e)
{
	for (int n = 0; n < e->nevents; n++)
		free(e->events[n].uri);
	free(e->events);
	free(e->wamid);
	free(e->number);
	free(e);
}

/* Whether webhooks under way, or still to come, point to it. */
static bool
is_open(const struct sim *s, const struct sim_entry *e)
{
	const char *status;

	for (int n = 0; n < e->nevents; n++)
		if (e->events[n].told == SIM_PENDING ||
		    e->events[n].told == SIM_RETRYING)
			return true;
	if (e->incoming || s->o->no_status)
		return false;
	status = e->nevents > 0 ? e->events[e->nevents - 1].status : "";
	return strcmp(status, "READ") != 0 && strcmp(status, "FAILED") != 0;
}

static void
drop_old(struct sim *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->nhistory; i++)
		if (i >= KEPT / 2 || is_open(s, s->history[i]))
			s->history[kept++] = s->history[i];
		else
			entry_free(s->history[i]);
	s->nhistory = kept;
}

struct sim_entry *
sim_history_add(struct sim *s, const char *wamid, const char *number,
    bool incoming)
{
	struct sim_entry *e = xcalloc(1, sizeof *e);

	if (s->nhistory >= KEPT && s->nhistory % (KEPT / 10) == 0)
		drop_old(s);
	sim_new_number(s, e->id);
	e->wamid = xstrdup(wamid);
	e->number = xstrdup(number);
	e->incoming = incoming;
	if ((s->nhistory & (s->nhistory - 1)) == 0)
		s->history = xrealloc(s->history,
		    (s->nhistory > 0 ? 2 * s->nhistory : 1) *
			sizeof(struct sim_entry *));
	s->history[s->nhistory++] = e;
	return e;
}

static const char *
name_of(const char *status)
{
	static const char *const names[] = { "SENT", "DELIVERED", "READ",
		"FAILED", "DELETED", NULL };

	if (strcmp(status, "played") == 0)
		return "READ";
	for (size_t i = 0; names[i] != NULL; i++)
		if (strcasecmp(names[i], status) == 0)
			return names[i];
	return "SENT";
}

int
sim_history_event(struct sim *s, struct sim_entry *e, const char *status)
{
	struct sim_event *v;

	if (e == NULL || e->nevents == SIM_EVENTS)
		return -1;
	e->events =
	    xrealloc(e->events, (size_t)(e->nevents + 1) * sizeof *e->events);
	v = &e->events[e->nevents];
	memset(v, 0, sizeof *v);
	sim_new_number(s, v->id);
	v->status = name_of(status);
	v->at_ms = now_ms();
	v->told = SIM_PENDING;
	v->uri = xstrdup(sim_facts_hook(s));
	return e->nevents++;
}

void
sim_history_told(struct sim *s, struct sim_entry *e, int at, enum sim_told told,
    const char *why)
{
	(void)s;
	if (e == NULL || at < 0)
		return;
	e->events[at].told = told;
	snprintf(e->events[at].why, sizeof e->events[at].why, "%s",
	    why != NULL ? why : "");
}

struct sim_entry *
sim_history_find(const struct sim *s, const char *wamid)
{
	for (size_t i = s->nhistory; i-- > 0;)
		if (strcmp(s->history[i]->wamid, wamid) == 0)
			return s->history[i];
	return NULL;
}

json_t *
sim_history_events(const struct sim *s, const struct sim_entry *e)
{
	static const char *const told[] = { "PENDING", "DELIVERED", "RETRYING",
		"FAILED" };
	json_t *data = json_array(), *o;

	for (int i = 0; i < e->nevents; i++) {
		const struct sim_event *v = &e->events[i];

		o = json_object();
		json_put(o, "id", v->id);
		json_put(o, "delivery_status", v->status);
		json_put(o, "webhook_update_state", told[v->told]);
		json_put_int(o, "timestamp", v->at_ms / 1000);
		json_put_new(o, "application",
		    json_pack("{ss}", "id",
			json_str_or(s->facts, "app/id", "")));
		json_put(o, "webhook_uri", v->uri);
		json_put(o, "error_description", v->why);
		json_array_append_new(data, o);
	}
	return data;
}

json_t *
sim_history_json(const struct sim *s, const struct sim_entry *e, bool events)
{
	json_t *o = json_object();

	json_put(o, "id", e->id);
	json_put(o, "message_id", e->wamid);
	if (events)
		json_put_new(o, "events",
		    json_pack("{so}", "data", sim_history_events(s, e)));
	return o;
}

void
sim_history_free(struct sim *s)
{
	for (size_t i = 0; i < s->nhistory; i++)
		entry_free(s->history[i]);
	free(s->history);
}
