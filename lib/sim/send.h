/*
 * send - POST messages: the rules of the provider, and what it does then
 */
#ifndef SIM_SEND_H
#define SIM_SEND_H

#include "sim/wire.h"

/*
 * Take or refuse message m of a number; f is the fault of this call or NULL.
 * wamid is "" if it was not taken.
 */
struct sim_reply sim_send(struct sim *s, const json_t *number, const json_t *m,
    const struct sim_fault *f, char wamid[64]);

/* The same of a read receipt, with or without "typing". */
struct sim_reply sim_send_read(struct sim *s, const json_t *number,
    const json_t *m);

/* What a call that meets f is answered, if it is not taken. */
struct sim_reply sim_fault_reply(struct sim *s, const struct sim_fault *f,
    const char *who);

/* Say that a fault happened. */
void sim_fault_tell(struct sim *s, const struct sim_fault *f, const char *who);

/* Whether a call that meets f is done all the same. */
bool sim_fault_taken(const struct sim_fault *f);

/* The answer r of a call that was done, as f spoils it. */
void sim_fault_spoil(struct sim_reply *r, const struct sim_fault *f);

#endif
