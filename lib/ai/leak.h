/*
 * leak - words to a model that it says to the customer
 *
 * Rules, guardrails and the prompt of a business are for the model alone. A
 * long run of their words in an answer is held back, unless a passage or the
 * customer says it too. What a prompt puts in quotation marks it wants said.
 */
#ifndef AI_LEAK_H
#define AI_LEAK_H

#include <stdbool.h>

/* Whether text has a run of the words of rules that none of known, NULL-ended,
 * has. Case, accents and marks between words do not matter. */
bool leak_found(const char *text, const char *rules, const char *const *known);

#endif
