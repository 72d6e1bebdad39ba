/*
 * sim - a WhatsApp on loopback
 *
 * The server's thread only hands requests over; everything else happens on
 * the thread of sim_run, in the order the requests came, so nothing here needs
 * a lock but the queue between the two.
 *
 *	errors, fault, body, check	pure: codes, misbehaviour, webhooks out,
 *					what a message must look like
 *	facts, people, history, media, template
 *					the state of the numbers
 *	wire, api, call, number, account, send
 *					calls in, answers out
 *	hook				webhooks out
 *	script				what customers do
 *
 * A struct sim is one provider: one account, one app, one or more numbers. The
 * files of this room share it; a command sees sim_open, sim_run, sim_close and
 * sim_convert.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

/* From the command line; strings live as long as the sim. NULL: none. */
struct sim_options {
	const char *listen_at, *port_file, *webhook, *secret_file, *token_file;
	const char *record_file, *fault, *state_file, *skew, *duplicate;
	const char *phone_number_id, *account_id, *app_id, *phone;
	int64_t delay_ms;      /* before each answer */
	int64_t status_ms;     /* between sent, delivered and read */
	int64_t until_idle_ms; /* -1: run until told to stop */
	int64_t give_up_ms;    /* on a webhook */
	int64_t hook_delay_ms; /* before a webhook is posted */
	int64_t batch;	       /* changes in a webhook, at most */
	int64_t seed;	       /* -1: none */
	int64_t window_ms, media_ms, approve_ms; /* times of the rules */
	int64_t pair_ms; /* one message in, to a customer; -1: unset */
	int64_t burst;	 /* messages that may borrow from later */
	int64_t rate;	 /* messages a second; -1: unset */
	int64_t speed;	 /* the clock of the rules runs so many times faster */
	bool no_status, strict, shuffle;
};

struct sim;

/*
 * Read the files, listen, say so on stdout. out is where the lines of what
 * happens go, in where customers' lines come from. An ERR.
 */
int sim_open(const struct sim_options *o, int in, int out, struct sim **ret);

/* Until *stop, or idle. 0, ERR_DATA or ERR_UNAVAILABLE for what was left out
 * on the way, another ERR for what ended it. */
int sim_run(struct sim *s, volatile sig_atomic_t *stop);

/* Safe in a signal handler: the loop looks at *stop. */
void sim_wake(struct sim *s);

/* NULL is allowed. */
void sim_close(struct sim *s);

/* Customers' lines in, the bodies of their webhooks out; nothing else. */
int sim_convert(const struct sim_options *o, int in, int out);

#endif
