/*
 * script - what customers do: lines of JSON
 */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include "sim/core.h"

/*
 * A customer's line, from the input (files: it may name files) or by HTTP.
 * ret_id: the message's id, "" if it has none. ERR_DATA, ERR_NOINPUT.
 */
int sim_script_say(struct sim *s, json_t *line, bool files, char ret_id[128]);

/* Take the lines that are there, as long as none says to wait. */
void sim_script_input(struct sim *s);

/* Whether input is held back by a wait. */
bool sim_script_waits(struct sim *s);

/* A line of input, in words of its own. As above. */
int sim_script_line(struct sim *s, const char *text, size_t len);

#endif
