/*
 * rewrite - a question in context made whole by a model, held to what was said
 *
 * Pure text, no network: the words to ask a model with, and what of its answer
 * may be searched with. The turns are data: they stand between markers and
 * cannot end them. The model's text is not trusted: one that is empty, long, in
 * another language, or has numbers, links, names or mostly words that nobody
 * said gives way to the rules (ai/standalone.h).
 *
 * The model answers with one JSON object, {"question": "..."}.
 */
#ifndef AI_REWRITE_H
#define AI_REWRITE_H

#include "ai/standalone.h"

#define REWRITE_MAX_BYTES 400 /* of a question that a model makes */

struct rewrite_request {
	char *system; /* ours alone: nothing of the conversation is in it */
	char *user;
};

/* language: a tag, or NULL: not known. End with rewrite_request_release(). */
void rewrite_request_make(const struct standalone_turn *turns, size_t n,
    const char *question, const char *language, struct rewrite_request *ret);
void rewrite_request_release(struct rewrite_request *r);

enum rewrite_fault {
	REWRITE_KEPT,	/* none: the text is the model's */
	REWRITE_EMPTY,	/* no answer, or no words in it */
	REWRITE_FORMAT, /* not the object that was asked for */
	REWRITE_LONG,
	REWRITE_LANGUAGE, /* another than the customer's */
	REWRITE_NUMBER,	  /* one that nobody said */
	REWRITE_LINK,
	REWRITE_NAME,
	REWRITE_STRANGE /* most of its words were never said */
};

/*
 * The text to search with: the model's, of the answer said (NULL: it gave
 * none), or that of the rules, and why in *ret. The caller frees.
 */
char *rewrite_read(const char *said, const struct standalone_turn *turns,
    size_t n, const char *question, struct kb *kb, enum rewrite_fault *ret);

/* "number", for records. */
const char *rewrite_fault_name(enum rewrite_fault fault);

#endif
