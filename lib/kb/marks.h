/*
 * marks - the Vietnamese words that one typed without its marks may be
 *
 * Phones leave them out: "doi tra" for "đổi trả". A word of a text is one
 * syllable, and of the marks that its letters can take few make a syllable.
 */
#ifndef KB_MARKS_H
#define KB_MARKS_H

#include <stddef.h>

#include "kb/analyse.h"

/* Call each(ctx, word, len) for each way to put marks on a folded word; none if it
 * is no syllable of Vietnamese. */
void marks_each(const char *word, word_fn each, void *ctx);

#endif
