/*
 * topic - what a conversation is about, and what of it a question carries
 *
 * Words with an age: 0 for those of the last question as it was understood, one
 * more for each question that has left them aside. What of them belongs to a
 * new question, the documents say: the passage that has most of both.
 */
#ifndef AI_TOPIC_H
#define AI_TOPIC_H

#include "ai/said.h"
#include "ai/standalone.h"

/* The words of a reply of ours: for what they name, or as what is asked. */
void topic_add_ours(struct words *topic, const struct said *ours,
    bool as_topic);

/* Things of the topic leave the place to others. */
void topic_replace(struct words *topic);

/* Mark what q carries of the topic; false: nothing, it stands alone. sure:
 * that it leans, else the documents must bear it out. */
bool topic_carry(struct reader *r, const struct said *q, struct words *topic,
    enum standalone_cause cause, bool sure);

/* What is marked and not in q, as text; the caller frees. */
char *topic_carried(const struct words *topic, const struct said *q);

/* Make the topic that of q; what was not carried is of before. */
void topic_advance(struct words *topic, const struct said *q);

#endif
