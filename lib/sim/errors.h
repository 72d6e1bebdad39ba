/*
 * errors - what the pretended Cloud API answers when it refuses
 *
 * A table of its own: what the programs under test believe of a code is not
 * asked.
 */
#ifndef SIM_ERRORS_H
#define SIM_ERRORS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

/* The codes wa-sim decides on itself. */
enum {
	SIM_UNKNOWN = 1,
	SIM_MANY_CALLS = 4,
	SIM_NO_PERMISSION = 10,
	SIM_PARAMETER = 100,
	SIM_TOKEN = 190,
	SIM_NO_SCOPE = 200,
	SIM_BLOCKED = 368,
	SIM_NO_OBJECT = 803,
	SIM_NUMBER_RATE = 130429,
	SIM_EXPERIMENT = 130472,
	SIM_FAILED = 131000,
	SIM_MISSING = 131008,
	SIM_VALUE = 131009,
	SIM_SELF = 131021,
	SIM_UNDELIVERABLE = 131026,
	SIM_NO_TESTER = 131030,
	SIM_LOCKED = 131031,
	SIM_PAYMENT = 131042,
	SIM_WINDOW = 131047,
	SIM_CAPPED = 131049,
	SIM_OPTED_OUT = 131050,
	SIM_KIND = 131051,
	SIM_MEDIA = 131053,
	SIM_PAIR_RATE = 131056,
	SIM_NEEDS_PHONE = 131062,
	SIM_TEMPLATE_COUNT = 132000,
	SIM_TEMPLATE_NONE = 132001,
	SIM_TEMPLATE_LONG = 132005,
	SIM_TEMPLATE_FORMAT = 132012,
	SIM_TEMPLATE_PAUSED = 132015,
	SIM_TEMPLATE_DISABLED = 132016,
	SIM_UNREGISTERED = 133010,
	SIM_PIN = 133005,
	SIM_BLOCK_SOME = 139100,
};

/* A row of the table. */
struct sim_code {
	int code, last; /* a range, both ends in it */
	int http;
	bool transient;
	const char *title; /* in our words */
};

/* NULL if the code is not in the table. */
const struct sim_code *sim_code_find(int code);

/* The title of a code; "refused" if it is not in the table. */
const char *sim_code_title(int code);

/* The status a code comes with; 400 if it is not in the table. */
int sim_code_http(int code);

/*
 * {"error": {...}} as the API answers it; subcode 0 and details NULL: none.
 * call makes the fbtrace_id. A new reference.
 */
json_t *sim_error(int code, int subcode, const char *details, uint64_t call);

#endif
