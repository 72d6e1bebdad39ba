/*
 * sla - what customers are promised: until when they are answered
 *
 * A policy, [sla NAME] of the settings, has up to three targets:
 *	first-response	from the customer's first message since the opening to
 *			the first answer
 *	next-response	from the oldest message that is not answered to the
 *			next answer
 *	resolution	from the opening to the resolving
 * Each runs by a clock of its own (table sla_clock) over all hours, or over
 * those of the policy. The policies are taken over into the store, so that
 * whoever changes a conversation reckons its clocks in the same transaction,
 * and a list, a timer and a report find them there: sla_reckon() makes of the
 * messages and the row of a conversation what its clocks are, and changes
 * nothing the second time.
 *
 * Holds: a conversation has at most one clock of a response, and one of the
 * resolution, that has not ended; conversation.due_ms is the least due_ms of
 * the two.
 */
#ifndef DESK_SLA_H
#define DESK_SLA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/time.h"
#include "desk/act.h"
#include "store/store.h"

#define SLA_NONE "none"	      /* no policy, where one is named */
#define SLA_DEFAULT "default" /* that of the instance */

/* Whether text is a target's name. */
bool sla_is_target(const char *text);

/* Whether a policy may be called so, and not SLA_NONE or SLA_DEFAULT: 0, or
 * ERR_CONFIG. */
int sla_name_check(const char *name);

/*
 * Take over the [sla NAME] sections, in a transaction of its own where there is
 * anything to do; conversations that are not closed are reckoned anew by
 * sla_renew() and whoever changes them. say is told of policies that are gone
 * and were chosen for some. 0 or an ERR.
 */
int sla_load(struct store *s, const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx);

/* The policy that an instance gives has changed: its conversations are
 * reckoned anew. In a transaction. */
int sla_instance_changed(struct store *s, const char *instance);

/* Reckon some conversations that are to be; in a transaction of its own. How
 * many, 0 at the end, or an ERR. */
int sla_renew(struct store *s, int64_t now_ms);

/* The clocks of a conversation, as its messages and its row are now; after
 * each change of them, in its transaction. */
int sla_reckon(struct store *s, const char *conversation, int64_t now_ms);

/* The same of all conversations of a contact that are not closed. */
int sla_contact_changed(struct store *s, const char *contact, int64_t now_ms);

/* Choose a policy, SLA_NONE or SLA_DEFAULT; conversation.sla_set if it was
 * another one. ERR_NOINPUT: there is no such policy. */
int conversation_set_sla(struct act *a, const char *id, const char *policy);

/* Whether the desk has policies: a column of what is due says something. */
bool sla_is_used(struct store *s);

/* What is due next in a conversation. */
struct sla_due {
	char target[16]; /* "": nothing runs */
	char *policy;	 /* NULL: none */
	int64_t due_ms;	 /* 0: it rests, or nothing runs */
	bool missed;
	bool by_hours;	 /* opening hours of the policy count, not all */
	int64_t left_ms; /* that count until due_ms, or since if it is missed */
};
/* As of at_ms. End ret->policy. */
int sla_due(struct store *s, const char *conversation, int64_t at_ms,
    struct sla_due *ret);

/* "5 min", "30 h": so much of opening hours, of which a day is no measure. Into
 * ret; returns ret. */
const char *sla_hours_text(int64_t ms, char ret[TIME_TEXT_BYTES]);

/* Whether a clock of it still runs as it did when a timer was written. */
int sla_runs(struct store *s, const char *conversation, const char *target,
    int64_t since_ms, int64_t due_ms);

/* All its clocks, the oldest first: an array of objects with target, policy,
 * since, due, ended (null: not), met (true, false; null: not known yet). */
int sla_clocks_json(struct store *s, const char *conversation, int64_t now_ms,
    json_t **ret);

#endif
