/*
 * bidi - text that runs from right to left, as it was written
 *
 * A page has letters where they are seen, from left to right. This is the way
 * back, by FriBidi, which is loaded with the reader of PDFs, see kb/pdf.h.
 */
#ifndef KB_BIDI_H
#define KB_BIDI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Once for a process and its children. ERR_DATA, which says what to install. */
int bidi_load(void);

/* Letters that run to the right and to the left; numbers are neither. */
void bidi_count(const char *text, size_t len, size_t *right, size_t *left);

/*
 * Add to out the line of text that is seen as len bytes of UTF-8, in the order
 * it is read; to_left: its paragraph runs to the left. Without the library,
 * and where nothing runs to the left, it is added as it is.
 */
void bidi_read(const char *text, size_t len, bool to_left, struct buf *out);

#endif
