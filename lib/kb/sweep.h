/*
 * sweep - rows that are not wanted any more go, in turns
 *
 * For lib/kb alone. There may be a hundred thousand of them, and others want to
 * write meanwhile: each transaction takes what fits in one turn.
 */
#ifndef KB_SWEEP_H
#define KB_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

/* What else belongs to rows that go, in their transaction. */
typedef int (*sweep_fn)(struct db *kb, const int64_t *rows, size_t n);

/*
 * Delete the rows that find gives (a SELECT of their ids with a LIMIT, :document
 * bound unless NULL), each by del, which takes :row, until it gives none.
 * forget: NULL for nothing.
 */
int sweep_rows(struct db *kb, const char *find, const char *del,
    const char *document, sweep_fn forget);

#endif
