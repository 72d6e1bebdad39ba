/*
 * why - what an answer was made with, kept with it and told on request
 *
 * All of it is written down when the answer is queued, so that later changes of
 * prompt, rules, settings or documents change nothing of what is told: a
 * set-up once for each revision, the rest with the message.
 */
#ifndef AI_WHY_H
#define AI_WHY_H

#include "ai/answer.h"
#include "desk/act.h"

/* What an outcome does, in a word: answer, ask, resolve, chat, hand_over; NULL:
 * nothing. */
const char *why_action(enum answer_outcome outcome);

/* Put model calls, tokens and cost of an answer into an object, as far as there
 * are any. */
void why_put_cost(json_t *o, const struct answer *a);

/* Emit reply.drafted for the message that is queued next. */
int why_drafted(struct act *act, const struct answer *a,
    const struct conversation *c, const char *message);

/* Keep what the message was made with, in the transaction that queues it; where
 * there is none to send, with the id of the reply.declined. */
int why_keep(struct store *s, const struct answer *a, const char *message,
    const struct event *cause);

/*
 * What led to an outgoing message, or to none: all that was kept, also of what
 * a hand-over took the place of, and the chain of events back to what came from
 * outside; rules as they stood then. message: of a message that was queued, by
 * a rule too, or of a reply.declined. 0, ERR_NOINPUT for a message that is not
 * known, or another ERR. The caller ends *ret.
 */
int why_told(struct store *s, const char *message, json_t **ret);

#endif
