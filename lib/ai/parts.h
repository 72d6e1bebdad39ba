/*
 * parts - what a message asks, apart
 *
 * A message, or several sent in a row with a line end between, is cut into the
 * things it asks: at line ends, question marks and sentences, and before an
 * "and" that leads to a question, a place or a thing of its own. Small talk is
 * left out. English, Spanish, German, French, Portuguese, Italian and Dutch.
 */
#ifndef AI_PARTS_H
#define AI_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "ai/smalltalk.h"

#define PARTS_MAX 16 /* the last one holds what is beyond */

struct part {
	char *text;
	bool asks;    /* it is put as a question, or no more than a name */
	bool follows; /* it leans on what was asked before: "and to Spain?" */
	bool is_tail; /* no more than one more thing: "... and Spain" */
	bool goes_on; /* with the sentence of the part before */
};

struct parts {
	struct part part[PARTS_MAX];
	size_t count;
	enum smalltalk chat; /* what was left out; NONE: nothing */
};

/* Fills *ret, which parts_release() ends. */
void parts_split(const char *text, struct parts *ret);
void parts_release(struct parts *p);

/* Parts from to before to, a line each. The caller frees. */
char *parts_text(const struct parts *p, size_t from, size_t to);

#endif
