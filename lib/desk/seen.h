/*
 * seen - what each person of the desk has looked at
 *
 * A conversation is unread for who has not seen the customer's last message, or
 * what they have made of one since.
 * How far they have seen is a place in the log: providers count in seconds,
 * and two messages may be of one.
 */
#ifndef DESK_SEEN_H
#define DESK_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* For SQL: that an event e is news to who has not seen it. */
#define NEWS_SQL                                                \
	"(e.type = 'message.received' OR (e.type ="             \
	" 'message.edited' AND EXISTS (SELECT 1 FROM message m" \
	" WHERE m.id = e.id AND m.direction = 'in')))"

/* For SQL: that conversation c is unread by the person of this parameter. What
 * was merged into it is told of under its own name. */
#define UNREAD_SQL(person)                                                   \
	"EXISTS (SELECT 1 FROM conversation w JOIN event e"                  \
	" ON e.subject = 'conversation/' || w.id"                            \
	" WHERE w.id IN (SELECT c.id UNION ALL SELECT o.id"                  \
	"  FROM conversation o WHERE o.merged_into = c.id)"                  \
	" AND e.seq > coalesce((SELECT seq FROM seen WHERE person = " person \
	"  AND conversation = c.id), 0) AND " NEWS_SQL ")"

/* Up to where the person has seen it; 0: never looked. */
int64_t seen_until(struct store *s, const char *person,
    const char *conversation);

bool seen_unread(struct store *s, const char *person, const char *conversation);

/* The person has looked, and saw the log up to seq. In a transaction. */
int seen_mark(struct store *s, const char *person, const char *conversation,
    int64_t seq);

#endif
