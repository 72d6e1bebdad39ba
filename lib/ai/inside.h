/*
 * inside - what the parts of ai/provider.h share; for them alone
 */
#ifndef AI_INSIDE_H
#define AI_INSIDE_H

#include "ai/provider.h"

/* --- what a request holds: both sides of it decide by this --- */

struct plan {
	bool openai; /* chat completions, else messages */
	bool temperature, top_p, reasoning, stream, stream_usage, tools;
	/* "max_completion_tokens", else "max_tokens" */
	bool completion_tokens;
	bool no_system;		    /* its words go with the customer's */
	enum profile_format format; /* not FORMAT_AUTO */
};

/* An answer in the form of a tool's arguments: FORMAT_JSON of messages. */
#define ANSWER_TOOL "give_answer"

void plan_make(const struct provider_ask *ask, struct plan *ret);

/* --- the form of an answer --- */

/* Its JSON Schema, within what all providers take: every property required,
 * none besides, no limits. The caller ends it. */
json_t *form_schema(enum provider_task task);

/* A name for it, and the same in words, for a prompt. */
const char *form_name(enum provider_task task);
const char *form_words(enum provider_task task);

/*
 * Read what a model said: the one object of the form in it, alone or within
 * words and fences. With plain, words without any object are an answer, too, of
 * the sources they name as [1]. Fills action, text, sources, reason, summary,
 * holds and outcome: ANSWERED, or MISSHAPEN with why.
 */
void form_read(enum provider_task task, const char *text, bool plain,
    struct provider_answer *ret);

/* --- words --- */

struct prompt {
	char *system;
	json_t *messages; /* array of role (user, assistant) and content; the
			     first and the last are the user's */
	size_t passages;  /* that it shows */
};

void prompt_make(const struct provider_ask *ask, struct prompt *ret);
void prompt_release(struct prompt *p);

/* The result of a tool as data, cut to what a prompt has room for. The caller
 * frees. */
char *prompt_result(const struct provider_ask *ask, const char *result);

/* --- refusals --- */

/* What an error says, with status, or 200 where it stands in an answer. error
 * is the whole body, NULL if it is no JSON. Sets outcome, quirks and why. */
void refusal_read(const struct provider_ask *ask, int status,
    const json_t *error, struct provider_answer *ret);

#endif
