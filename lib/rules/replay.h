/*
 * replay - what other rules would have decided, from the log alone
 *
 * The log is read from its beginning; the state of each conversation is made
 * of its events. Up to a time all is as it was. From then on what rules did is
 * left out, and two sets of rules decide in its place, each in a world of its
 * own where only its own decisions count; what people, customers and the AI
 * did happens in both. A message is decided upon where it was routed. Whom a
 * team's conversation was dealt to is known for what the present rules did, and
 * for others where they deal the same at the same event. A pause of the AI ends
 * in the world that has it, by the times of the messages. Told is where the
 * worlds differ in the end; what was merged is told as what goes on.
 *
 * No table of today is looked at but for the words of messages and, if a rule
 * asks for it, the names of contacts; no clock either. Values of attributes
 * stand in no log: those that rules set are known, others are not.
 */
#ifndef RULES_REPLAY_H
#define RULES_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "rules/rules.h"
#include "store/store.h"

struct replay {
	const struct rules *now, *then;
	int64_t since_ms;
	/* Hours by name; NULL: those of the instance. 1, 0 or an ERR. */
	int (*open)(void *ctx, const char *instance, const char *hours,
	    int64_t at_ms);
	int (*open_between)(void *ctx, const char *instance, const char *hours,
	    int64_t from_ms, int64_t to_ms);
	/* The day of a time by the clock of the desk. */
	int64_t (*day)(void *ctx, int64_t at_ms);
	/* The language of a text. */
	const char *(*language)(void *ctx, const char *text);
	/* When an instance opens next: 1, or 0 if it has no hours or none that
	 * come soon, or an ERR. */
	int (*opens)(void *ctx, const char *instance, int64_t at_ms,
	    int64_t *ret_ms);
	/* Whether the settings have the AI answer a message; owned: it has the
	 * conversation, first: of which this is the first since it was opened;
	 * else whether it takes up what it was kept out of. 1, 0 or an ERR. */
	int (*answers)(void *ctx, struct store *s, const char *instance,
	    const char *contact, const char *text, int64_t at_ms, bool owned,
	    bool first);
	/* What cannot be known, in words. */
	void (*warn)(void *ctx, const char *text);
	/* A difference: conversation, field (owner, tags, priority, status,
	 * replies), now and new. Borrowed. */
	void (*tell)(void *ctx, const json_t *line);
	void *ctx;
};

/* How many conversations differ, or an ERR. By id, so that the same log tells
 * the same again. */
int rules_replay(struct store *s, const struct replay *r);

#endif
