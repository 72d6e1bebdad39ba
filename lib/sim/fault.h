/*
 * fault - how the pretended provider misbehaves, and when
 *
 * Pure functions: the same seed and call draw the same fault.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdint.h>

enum sim_act {
	/* Not taken. */
	SIM_REFUSE,   /* an error is answered */
	SIM_DROP,     /* the connection is closed unanswered */
	SIM_HANG,     /* never answered */
	SIM_DEAF,     /* as SIM_DROP, and connections are refused a while */
	SIM_REDIRECT, /* sent elsewhere */
	/* Taken. */
	SIM_EARLY,	 /* its statuses come before the answer */
	SIM_UNDELIVERED, /* then a status says it failed */
	SIM_RESET,	 /* the connection is closed unanswered */
	SIM_CUT,	 /* reset in the middle of the answer */
	SIM_HALF,	 /* half of the answer, then the stream ends */
	SIM_GARBLE,	 /* the answer is broken JSON */
	SIM_HTML,	 /* the answer is a page of somebody between */
	SIM_HUGE,	 /* the answer goes on for 100 MB */
	SIM_DRIP,	 /* the answer comes a byte a second */
};

struct sim_fault {
	const char *name; /* good as long as the set */
	enum sim_act act;
	int http, code;	   /* of SIM_REFUSE and SIM_UNDELIVERED */
	int retry_after_s; /* 0: none is told; of SIM_DEAF: how long */
	int as_date;	   /* Retry-After is a date */
};

struct sim_faults;

/*
 * "NAME[=SECONDS][@EDGE][:WHEN],..." where NAME is an error code or a name of
 * wa-sim(1), EDGE the last part of a call's path (default messages, "any" for
 * all), and WHEN is 5%, 1/3 (every third call), #2 or #2-4 (those calls).
 * Without WHEN: always. "" and "none" are no faults. ERR_USAGE.
 */
int sim_faults_parse(const char *spec, uint64_t seed, struct sim_faults **ret);
void sim_faults_free(struct sim_faults *f);

/* The fault of the n-th call, from 1; the first that hits. NULL: none. */
const struct sim_fault *sim_fault_draw(const struct sim_faults *f,
    const char *edge, uint64_t call);

/* In [0, 1), the same for the same three. */
double sim_chance(uint64_t seed, uint64_t call, uint64_t rule);

/* "10%": 0.1. ERR_USAGE. */
int sim_percent(const char *text, double *ret);

#endif
