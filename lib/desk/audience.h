/*
 * audience - whom the AI answers, and when it comes back
 *
 * The settings of an instance say whom the AI answers: always or by its hours
 * (ai_when), not the contacts of a file (ai_exclude), only who says one of some
 * words (ai_trigger). Where it does not, people are asked. A conversation goes
 * back to the AI by itself in three cases only, each of them said by somebody:
 * the word was missing and is said now, the time it was paused for is over, or
 * no person has done anything in it for as long as ai_resume says.
 */
#ifndef DESK_AUDIENCE_H
#define DESK_AUDIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "desk/conversation.h"
#include "store/store.h"

/* Reasons of conversation.escalated: the AI of the instance is off, the word was
 * missing. */
#define AUDIENCE_OFF "the AI is off"
#define AUDIENCE_NO_WORD "the AI waits for its word"

struct audience {
	const struct conf *conf;
	const struct conversation *conversation;
	const char *text; /* of the customer's message; NULL: none */
	int64_t at_ms;	  /* of the message */
	bool first;	  /* of the conversation since it was opened */
};

/*
 * Whether the AI, which owns the conversation, answers this message: 1, 0 with
 * why in *ret_why (no personal data, not to be freed), or an ERR. ERR_CONFIG
 * for hours or a file that cannot be used.
 */
int audience_is_in(struct store *s, const struct audience *a,
    const char **ret_why);

/*
 * Whether a conversation that people own goes back to the AI with this message:
 * 1 with why, 0 or an ERR. Only for one that audience_is_in() lets in.
 */
int audience_comes_back(struct store *s, const struct audience *a,
    const char **ret_why);

/* Whether conversation.escalated of this reason came of the settings, and not
 * of a rule. */
bool audience_is_reason(const char *reason);

#endif
