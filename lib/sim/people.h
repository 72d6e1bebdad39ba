/*
 * people - customers, by any of their names, and what may be sent to them
 *
 * A customer belongs to one number of the business. Who writes with a phone
 * number and a business-scoped id is one person from then on.
 */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include "sim/core.h"

/* The customer a number knows by id; made if there is none. */
struct sim_customer *sim_customer_for(struct sim *s, const char *number,
    const char *id);

/* The same; NULL if there is none. */
struct sim_customer *sim_customer_find(const struct sim *s, const char *number,
    const char *id);

/* Who a line of input is from: either or both of his ids. */
struct sim_customer *sim_customer_of(struct sim *s, const char *number,
    const char *wa_id, const char *user_id);

/* He has one more name. */
void sim_customer_alias(struct sim *s, struct sim_customer *c, const char *id);

/* What he said opens the window. */
void sim_customer_wrote(struct sim *s, struct sim_customer *c);

/* Whether free text may go to c now. */
bool sim_window_open(const struct sim *s, const struct sim_customer *c);

/* Take one message's room of the customer; false: there is none. */
bool sim_pair_take(struct sim *s, struct sim_customer *c);

/* The same of the number. */
bool sim_rate_take(struct sim *s, const json_t *number);

void sim_people_free(struct sim *s);

#endif
