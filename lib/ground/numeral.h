/*
 * numeral - numbers in the words of English, German, Spanish, French and
 * Portuguese
 *
 * The words of a number are added one by one; one that cannot go on with what
 * was read before begins another number.
 */
#ifndef GROUND_NUMERAL_H
#define GROUND_NUMERAL_H

#include <stdbool.h>
#include <stddef.h>

/* All zero before its first word. */
struct numeral {
	double thousands, rest;
};

/* Whether numbers of a language are put together here. */
bool numeral_knows(const char *language);

/* One more word of value v; linked: behind "and". False: it is not of it. */
bool numeral_add(struct numeral *n, const char *language, double v,
    bool linked);
double numeral_value(const struct numeral *n);

/* A German number in one folded word: zweihundertneunundneunzig. 0: none. */
double numeral_of_word(const char *word, size_t len);

#endif
