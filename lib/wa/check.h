/*
 * check - what is wrong with the set-up of an instance, and what helps
 *
 * Asks the provider, the address of the webhooks and the store. Each thing
 * that is looked at is a row: ok, fault (with one remedy) or unknown (it could
 * not be looked at, and why). What cannot be known because of a fault that has
 * a row already has none of its own, so that one fault is one line.
 */
#ifndef WA_CHECK_H
#define WA_CHECK_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/json.h"
#include "store/store.h"

struct check {
	json_t *rows;  /* [{check, result, what, remedy}] */
	json_t *facts; /* for instance_note */
	size_t faults;
	bool down;	 /* the provider cannot be reached */
	bool answered;	 /* it said something */
	bool denied;	 /* the token is for root alone to open */
	char stops[256]; /* why nothing can go out; "": it can */
};

/* End with check_release. ERR_NOINPUT, ERR_CONFIG, ERR_IO. */
int check_instance(struct store *s, const struct conf *c, const char *name,
    struct check *ret);
void check_release(struct check *c);

#endif
