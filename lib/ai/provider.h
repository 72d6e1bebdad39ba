/*
 * provider - a question and passages as a model's request, and its answer back
 *
 * Pure text: no network here. The passages and the customer's words are data:
 * they stand between markers, and whatever looks like a marker inside them is
 * taken apart. Customer and passages never come into the system's words.
 *
 * The model answers with one JSON object, {"action": "answer" | "hand_over",
 * "text": ..., "sources": [1, 3]}, so that what is said and what is to be done
 * are apart.
 *
 * Protocols: OpenAI's chat completions and Anthropic's messages, as their
 * public references describe them.
 */
#ifndef AI_PROVIDER_H
#define AI_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "ai/profile.h"
#include "desk/conversation.h"
#include "kb/search.h"

/* The request's body, and a hash of all that was put in; caller frees. */
char *provider_request(const struct profile *p, const char *question,
    const struct kb_hits *hits, const struct turn *turns, size_t nturns,
    const char *language, char ret_hash[HASH_HEX_BYTES]);

struct provider_answer {
	bool hand_over; /* the model would rather have a person answer */
	char *text;	/* NULL with hand_over */
	int *sources;	/* numbers of passages from 1; may be NULL */
	size_t nsources;
	int64_t tokens_in, tokens_out; /* 0: not told */
};

/*
 * The answer in a provider's response of status 200. ERR_DATA: no answer in
 * it, or none that may be sent.
 */
int provider_parse(const struct profile *p, const char *body, size_t len,
    struct provider_answer *ret);
void provider_release(struct provider_answer *a);

#endif
