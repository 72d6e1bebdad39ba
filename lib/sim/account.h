/*
 * account - calls of the account, of the app and of its token
 */
#ifndef SIM_ACCOUNT_H
#define SIM_ACCOUNT_H

#include "sim/call.h"

struct sim_reply sim_account_call(struct sim_call *c);
struct sim_reply sim_app_call(struct sim_call *c);
struct sim_reply sim_debug_token(struct sim_call *c);

/* A template as the API tells it. A new reference. */
json_t *sim_template_json(const json_t *t);

#endif
