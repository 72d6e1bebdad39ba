/*
 * fence - what others wrote, between marks that it cannot close
 *
 *	<<customer>>
 *	their words
 *	<</customer>>
 *
 * A mark is two angle brackets. Inside, two of them never follow one another,
 * with or without blanks, marks over letters or invisible characters between,
 * nor does what looks like two: of a run the first is left, characters that are
 * two in one become a quotation mark. So do their entities (&lt;). Control
 * characters, direction overrides, tags and other characters that nobody sees
 * are left out; joiners stay where a script needs them.
 */
#ifndef AI_FENCE_H
#define AI_FENCE_H

#include <stddef.h>

#include "base/str.h"

/* Add text as data, at most max bytes of it, cut at a character. */
void fence_data(struct buf *b, const char *text, size_t max);

/* The same on one line: line ends become blanks. */
void fence_line(struct buf *b, const char *text, size_t max);

/* Add text with its marks, each on a line of its own. */
void fence_add(struct buf *b, const char *mark, const char *text, size_t max);

#endif
