/*
 * api - calls of the Graph API and of the control side, by their paths
 */
#ifndef SIM_API_H
#define SIM_API_H

#include "sim/core.h"

/* Answer q, or see to it that it is answered. */
void sim_api(struct sim *s, struct request *q);

#endif
