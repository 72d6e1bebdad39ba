/*
 * reply - the stage that answers: question, passages, answer, or a person
 *
 * A message.routed with ai true opens a job for its conversation; what comes
 * within the quiet window joins it, so that a burst is answered once. When the
 * answer is there the owner is checked again in the transaction that queues
 * it. If there is no answer, or the provider failed, the customer is told and
 * a person is asked: never silence.
 */
#ifndef AI_REPLY_H
#define AI_REPLY_H

#include "base/conf.h"
#include "base/json.h"
#include "store/store.h"

/* Run the stage with the options of store/stage.h. 0 or an ERR. */
int reply_run(const struct conf *c);

/*
 * Answer one question without changing anything: *ret is an object with
 * question, answer (null if none), reason, provider, model, sources, took_ms.
 * 0, or ERR_NO when there is no answer (*ret is set), or another ERR.
 */
int reply_ask(const struct conf *c, struct store *s, const char *profile,
    const char *question, json_t **ret);

/* What led to an outgoing message: reply row and chain of causes. */
int reply_why(struct store *s, const char *message, json_t **ret);

#endif
