/*
 * body - what a pretended WhatsApp posts: bodies of webhooks
 *
 * The shapes are those of the Cloud API, one change a body. Pure functions.
 * All return a new reference.
 */
#ifndef SIM_BODY_H
#define SIM_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

/* The number of the business. */
struct sim_number {
	const char *phone_number_id;
	const char *account_id;
	const char *phone; /* as displayed */
};

/* {"object", "entry": [{"id", "changes": [{"value", "field"}]}]}. Takes value.
 */
json_t *sim_body(const char *account_id, const char *field, json_t *value);

/*
 * The body of the webhook that brings a customer's line: {"from" and/or
 * "user_id", "name", "username", "type", TYPE: {...}, ...}. {"text": "hi"}
 * stands for a text. "id" and "timestamp" are filled in where they are
 * missing. {"type":"raw","body":{...}} is its body. ERR_DATA. *ret_id is the
 * message's id, "" for a raw one.
 */
int sim_message(const struct sim_number *n, const json_t *line, const char *id,
    int64_t at_ms, json_t **ret, char ret_id[128]);

/* What a status is of. */
struct sim_said {
	const char *wamid;
	const char *to;	      /* wa_id, BSUID or group */
	const char *opaque;   /* biz_opaque_callback_data; NULL: none */
	const char *category; /* of its price; NULL: service */
	bool free;	      /* inside the window */
};

/* The body that tells a status; code only with failed, else 0. */
json_t *sim_status(const struct sim_number *n, const struct sim_said *m,
    const char *status, int code, int64_t at_ms);

/* Whether id is a business-scoped one, "DE.abc" or "DE.ENT.abc". */
bool sim_is_bsuid(const char *id);

/* Base64 of the SHA-256 of bytes; the caller frees. */
char *sim_sha256_base64(const void *data, size_t len);

/* The same in hexadecimal. */
char *sim_sha256_hex(const void *data, size_t len);

#endif
