/*
 * goodbye - the last words of a customer: that was all, nothing else, solved
 *
 * Such a text wants no answer and no person. It is one if every word of it
 * belongs to a phrase that says so, to thanks, or to what stands around them,
 * in the languages that language_detect() tells or is given most; one that asks
 * or says anything else besides is none.
 */
#ifndef AI_GOODBYE_H
#define AI_GOODBYE_H

#include <stdbool.h>

bool goodbye_is(const char *text);

/* One of more than a word, to be believed although nobody else has looked at
 * it: "no" may well mean that an answer was no help. */
bool goodbye_is_plain(const char *text);

#endif
