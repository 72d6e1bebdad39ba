/*
 * slips - the words that a slip of the pen may have made one word of
 *
 * One letter left out, put in, put for another, or two that change places.
 * What was meant is read as a whole: an ending with a slip in it is none that a
 * stemmer knows, and the index has stems.
 */
#ifndef KB_SLIPS_H
#define KB_SLIPS_H

#include <stdbool.h>
#include <stddef.h>

/* What happened to the word that was meant. */
enum slip {
	SLIP_LEFT_OUT,
	SLIP_PUT_IN,
	SLIP_OTHER,
	SLIP_SWAPPED,
	SLIP_DOUBLED, /* one of two letters that are the same, or once more */
};

/* is_first: its first letter is another than that of the slip. */
typedef void (*slip_fn)(void *ctx, const char *word, size_t len, enum slip slip,
    bool is_first);

/* Call each for all words of the alphabet of language that a slip can have made
 * word of, which is folded; none if it is of another alphabet. */
void slips_each(const char *word, const char *language, slip_fn each,
    void *ctx);

#endif
