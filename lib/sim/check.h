/*
 * check - whether the body of POST messages is what the Cloud API takes
 *
 * Written from Meta's published description of the API and its limits. What
 * the description does not know is refused. Pure.
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include <stdbool.h>

#include "base/json.h"

#define SIM_DETAILS 256

/* 0, or a code of Meta's with what is wrong. strict: phone numbers must look
 * like some. */
int sim_check_message(const json_t *m, bool strict, char details[SIM_DETAILS]);

/* The same of {"status": "read", ...}. */
int sim_check_read(const json_t *m, char details[SIM_DETAILS]);

/* The same of the body of block_users. */
int sim_check_block(const json_t *m, char details[SIM_DETAILS]);

#endif
