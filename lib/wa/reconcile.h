/*
 * reconcile - inbox and outbox held against the provider's message history
 *
 * The history has, for each message of a number, its id and the steps it took,
 * each with whether the webhook of it arrived. It does not say which way a
 * message went, with whom, what was in it, or our own id of it; how far back
 * it goes is not written down either. So a message that is not here is named
 * by its id alone, and a held one is recognised by what its id holds: the
 * number, and by the time. What stands in the raw inbox did reach us, whether it
 * was read yet or not.
 */
#ifndef WA_RECONCILE_H
#define WA_RECONCILE_H

#include <stdint.h>

#include "base/conf.h"
#include "base/json.h"
#include "store/store.h"

struct reconcile_options {
	const char *name;
	int64_t since_ms;   /* older events are passed over */
	int64_t timeout_ms; /* of a call of wa-send */
	/* Called now and then with how many entries were read; NULL. */
	void (*progress)(int64_t entries);
};

/*
 * Read the history and compare. *ret_rows is an array of
 *	{difference: "missing", wamid, status, time, webhook, why}
 *		a message that never reached us (or is another program's)
 *	{difference: "status", message, conversation, wamid, status, time,
 *	    webhook, why}
 *		a status of a message of ours that never reached us
 *	{difference: "held", message, conversation, wamid, status, time}
 *		one whose fate was unknown; wamid null: the history has none
 *		that is surely it
 *	{difference: "unlisted", message, conversation, wamid}
 *		one that was accepted and that the history has not
 *	{difference: "waiting", wamid, status, time, webhook}
 *		what came, and stands in the inbox until wa-recv --follow reads
 *		it; with message and conversation if it is a status of ours
 * ERR_UNAVAILABLE, ERR_DENIED, ERR_CONFIG.
 */
int reconcile_read(struct store *s, const struct conf *c,
    const struct reconcile_options *o, json_t **ret_rows);

/*
 * Do what rows say, as if the webhooks had come: statuses, and those of held
 * messages with a wamid. Doing it again changes nothing. *ret_done counts.
 */
int reconcile_settle(struct store *s, const struct conf *c, const char *name,
    const json_t *rows, size_t *ret_done);

#endif
