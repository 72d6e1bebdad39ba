/*
 * near - which words of a sentence a number is told of
 *
 * Of several numbers of one kind in a sentence each word goes to the nearest;
 * the end of a clause parts more than words do, "from ... to" is one.
 */
#ifndef GROUND_NEAR_H
#define GROUND_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ground/claims.h"

#define NEAR_WORDS 30 /* what is farther away is beside nothing */

/* Once a text is read, before the calls below. */
void near_index(struct claims *c);

/* Whether a word of the claim's sentence is beside it. */
bool near_is_local(const struct claims *c, size_t word, size_t claim);

/* The first word that may be, and the one after the last. */
void near_span(const struct claims *c, size_t claim, size_t *ret_from,
    size_t *ret_to);

/* Whether the days of a claim are excepted: "all days but Mondays". */
bool near_is_excepted(const struct claims *c, size_t claim);

/* The same in "every day but Monday" alone. */
bool near_is_all_but(const struct claims *c, size_t claim);

/* The days that a claim of some names: all of its range, and where it excepts
 * them all others. */
uint16_t near_days_told(const struct claims *c, size_t claim);

/* The days a claim is told for, of the nearest that are named; 0: none. */
uint16_t near_days(const struct claims *c, size_t claim);

#endif
