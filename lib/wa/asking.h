/*
 * asking - whether a few words want something
 *
 * Customers on phones leave the question mark out. What begins a clause with a
 * word of asking, or says anywhere that something is wanted, asks. Better too
 * often: what asks is answered, what does not is only kept.
 */
#ifndef WA_ASKING_H
#define WA_ASKING_H

#include <stdbool.h>

/* Whether text, UTF-8, asks for something: in en, es, de, fr, pt, it, nl, id,
 * hi (both scripts), ar, zh, ru, tr, pl, sv, or by a question mark of any
 * script. */
bool asking_is(const char *text);

#endif
