/*
 * number - calls of a number of the business
 */
#ifndef SIM_NUMBER_H
#define SIM_NUMBER_H

#include "sim/call.h"

struct sim_reply sim_number_call(struct sim_call *c, const json_t *number);

/* A number as the API tells it. A new reference. */
json_t *sim_number_json(const struct sim *s, const json_t *number);

#endif
