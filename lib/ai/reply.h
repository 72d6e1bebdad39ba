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

#include "ai/pool.h"
#include "base/conf.h"
#include "base/json.h"
#include "store/store.h"

/* Run the stage with the options of store/stage.h, asking models as o says. 0
 * or an ERR. */
int reply_run(const struct conf *c, const struct pool_options *o);

/* A question asked by hand. */
struct reply_question {
	const char *text;
	const char *profile; /* NULL: [ai] */
	const char *contact; /* id: after what was said with them; NULL */
};

/*
 * Answer one question without changing anything: *ret is an object with
 * question, answer (null if none), action, reason, provider, model, sources,
 * took_ms. 0, or ERR_NO when there is no answer (*ret is set), or another ERR.
 */
int reply_ask(const struct conf *c, struct store *s,
    const struct reply_question *q, const struct pool_options *o, json_t **ret);

#endif
