/*
 * hanzi - Chinese words in the other of the two ways to write them
 *
 * Taiwan and Hong Kong write signs (時間) that elsewhere are simpler (时间). Those
 * that customers use most are known.
 */
#ifndef KB_HANZI_H
#define KB_HANZI_H

#include <stdbool.h>

#include "kb/analyse.h"

/* The word with simple signs for the others, or, if it has none of these, the
 * other way round; false: it is the same in both. */
bool hanzi_other(const char *word, char ret[KB_WORD_MAX_BYTES + 1]);

#endif
