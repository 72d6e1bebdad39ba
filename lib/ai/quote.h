/*
 * quote - a message answered without a model: each thing it asks, one by one
 *
 * extractive.h answers one question; this cuts a message or a burst into what
 * it asks, answers each part, and says whether something is left unanswered.
 */
#ifndef AI_QUOTE_H
#define AI_QUOTE_H

#include <stdbool.h>

#include "ai/smalltalk.h"
#include "base/json.h"
#include "kb/search.h"

struct quote_question {
	const char *text;	   /* of one message, or several, a line each */
	const char *const *before; /* the customer's earlier words, oldest
				      first, NULL-ended */
	const struct kb_query *filter; /* where to look; NULL: everywhere */
	double min_score; /* least confidence of an answer, 0 to 1 */
	/* What "it" in the text stands for: an answer has to do with it. NULL:
	 * nothing. */
	const char *about;
	/* The customer's words, where text is one question made of them and of
	 * earlier ones: an answer holds these. NULL: text is what they said. */
	const char *asked;
	/* What of text the customer asks for now, of a question in our words,
	 * as "the deposit" of "hut the deposit": the sentence that says it is
	 * quoted. Only with nothing in before. NULL: all of it. */
	const char *own;
};

struct quote {
	char *text;	/* the answers with their sources; NULL: none */
	char *language; /* of all that is quoted; NULL: of several, or unsure */
	bool in_part;	/* something was asked that no answer is about */
	json_t
	    *sources;  /* array: the quoted ones first, then those looked at */
	char *missing; /* without text: why, in words of the question */
};

/* 0, ERR_NO where the documents do not answer it (*ret has sources and
 * missing), or another ERR (nothing in *ret). End with quote_release(). */
int quote_answer(struct kb *kb, const struct quote_question *q,
    struct quote *ret);
void quote_release(struct quote *q);

/* What a message is that asks for nothing: NONE if it does ask. */
enum smalltalk quote_chat(const char *text);

#endif
