/*
 * history - what became of each message, as GET message_history tells it
 */
#ifndef SIM_HISTORY_H
#define SIM_HISTORY_H

#include "sim/core.h"

#define SIM_EVENTS 8

enum sim_told { SIM_PENDING, SIM_TOLD, SIM_RETRYING, SIM_NOT_TOLD };

struct sim_event {
	char id[24];
	const char *status; /* SENT DELIVERED READ FAILED DELETED */
	int64_t at_ms;
	enum sim_told told; /* whether the webhook arrived */
	char *uri;	    /* NULL: it went nowhere */
	char why[96];	    /* it did not: why */
};

struct sim_entry {
	char id[24];
	char *wamid, *number;
	bool incoming;
	struct sim_event *events; /* SIM_EVENTS at most */
	int nevents;
};

/* A new entry; it belongs to the history. */
struct sim_entry *sim_history_add(struct sim *s, const char *wamid,
    const char *number, bool incoming);

/*
 * A new event of e (status of a webhook or of the history); its place, or -1
 * if there is no room.
 */
int sim_history_event(struct sim *s, struct sim_entry *e, const char *status);

/* The webhook of an event of e arrived or did not; at -1: nothing to note. */
void sim_history_told(struct sim *s, struct sim_entry *e, int at,
    enum sim_told told, const char *why);

/* NULL: no such message. */
struct sim_entry *sim_history_find(const struct sim *s, const char *wamid);

/* As the API shows it; with its events if they are asked for. A new reference.
 */
json_t *sim_history_json(const struct sim *s, const struct sim_entry *e,
    bool events);
json_t *sim_history_events(const struct sim *s, const struct sim_entry *e);

void sim_history_free(struct sim *s);

#endif
