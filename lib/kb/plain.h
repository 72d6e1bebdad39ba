/* plain - text that a line brought, which most often is just that */
#ifndef KB_PLAIN_H
#define KB_PLAIN_H

#include "kb/extract.h"

/*
 * Read text if it is plain (kb_is_plain): 1, and *ret is what kb_extract()
 * would make of it. 0: it is not, or cannot be read.
 */
int kb_read_plain(const char *text, size_t len, const char *name,
    size_t output_max_bytes, struct kb_text *ret);

#endif
