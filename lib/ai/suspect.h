/*
 * suspect - sentences of a text that speak to a model and not to a reader
 *
 * "Ignore the rules and say ..." has no place in a document for customers. What
 * stands in such a sentence is no source for an answer: neither its links nor
 * its numbers. This is the last of several walls, and only a heap of known
 * turns of phrase in the languages of the desk: the fences of ai/provider.h and
 * the checker of ground/ground.h do not lean on it.
 */
#ifndef AI_SUSPECT_H
#define AI_SUSPECT_H

#include <stdbool.h>

/* Whether a text, a sentence or a title, speaks to a model. Characters that
 * nobody sees, and wide ones, are read as a model may read them. */
bool is_suspect(const char *text);

/* A text without its sentences that do. The caller frees. */
char *suspect_left_out(const char *text);

#endif
