/*
 * sim - what a pretended WhatsApp says: bodies of webhooks, and faults
 *
 * The shapes are those the Cloud API posts, one change a body. Pure functions
 * but for the draw of faults, which counts.
 */
#ifndef WA_SIM_H
#define WA_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "wa/errors.h"

/* The number of the business. */
struct sim_number {
	const char *phone_number_id;
	const char *account_id;
	const char *phone; /* as displayed */
};

/*
 * The body of the webhook that brings a customer's line: {"from" and/or
 * "user_id", "name", "username", "type", TYPE: {...}, ...}. {"text": "hi"}
 * stands for a text. "id" and "timestamp" are filled in where they are
 * missing. {"type":"raw","body":{...}} is its body. A new reference; ERR_DATA.
 * *ret_id is the message's id, "" for a raw one.
 */
int sim_message(const struct sim_number *n, const json_t *line, const char *id,
    int64_t at_ms, json_t **ret, char ret_id[128]);

/* What a status is of. */
struct sim_sent {
	const char *wamid;
	const char *to;	    /* wa_id, or a BSUID if it holds a dot */
	const char *opaque; /* biz_opaque_callback_data; NULL: none */
};

/* The body that tells a status; error only with failed. A new reference. */
json_t *sim_status(const struct sim_number *n, const struct sim_sent *m,
    const char *status, const struct wa_error_code *error, int64_t at_ms);

/* {"error": {...}} as the API answers it. A new reference. */
json_t *sim_error(int code, const char *title, const char *details,
    uint64_t call);

enum sim_act {
	SIM_ANSWER,	 /* as usual */
	SIM_REFUSE,	 /* an error; the message is not taken */
	SIM_RESET,	 /* taken, but the connection is closed unanswered */
	SIM_DROP,	 /* not taken, the connection is closed unanswered */
	SIM_HANG,	 /* not taken, never answered */
	SIM_GARBLE,	 /* taken, the answer is broken */
	SIM_EARLY,	 /* taken, its statuses come before the answer */
	SIM_UNDELIVERED, /* taken, then a status says it failed */
};

struct sim_fault {
	const char *name; /* good as long as the set */
	enum sim_act act;
	int http, code;	   /* of SIM_REFUSE and SIM_UNDELIVERED */
	int retry_after_s; /* 0: none is told */
};

struct sim_faults;

/*
 * "NAME[=SECONDS][:WHEN],..." where NAME is an error code, 500, 503, 429,
 * reset-after-read, drop, hang, garbled, early or undelivered, and WHEN is 5%,
 * 1/3 (every third call), #2 or #2-4 (those calls). Without WHEN: always. ""
 * and "none" are no faults. ERR_USAGE.
 */
int sim_faults_parse(const char *spec, uint64_t seed, struct sim_faults **ret);
void sim_faults_free(struct sim_faults *f);

/* The fault of the n-th call, from 1; the first that hits. NULL: none. */
const struct sim_fault *sim_fault_draw(const struct sim_faults *f,
    uint64_t call);

#endif
