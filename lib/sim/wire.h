/*
 * wire - answers on their way out: late, never, or broken on the wire
 */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include "sim/core.h"

/* What a call is answered. */
struct sim_reply {
	int status;
	int retry_after_s, as_date;    /* 0: none */
	char *text;		       /* NULL: the connection is closed */
	const char *type;	       /* NULL: application/json */
	const struct sim_media *media; /* the answer is these bytes */
	enum sim_act act;	       /* how it goes wrong; SIM_REFUSE: not */
	int64_t late_ms;
	bool pending; /* somebody else answers, with sim_wire_answer */
};

/* Takes o, and r->text. */
struct sim_reply sim_reply_json(int status, json_t *o);

/* An error of the API. */
struct sim_reply sim_reply_error(struct sim *s, int code, int subcode,
    const char *details);

/* Answer q, or begin to. Takes r.text. */
void sim_wire_answer(struct sim *s, struct request *q, struct sim_reply r);

/* What is due by now; INT64_MAX ends all. */
void sim_wire_due(struct sim *s, int64_t now);

/* When that is; mono ms, INT64_MAX: never. */
int64_t sim_wire_next(const struct sim *s);

/* Refuse connections for a while. */
void sim_wire_deaf(struct sim *s, int64_t for_ms);

#endif
