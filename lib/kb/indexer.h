/*
 * indexer - passages to the words that the index keeps of them
 *
 * A passage is found by the words of its document's title, of the headings
 * above it and of its own text, each read in the passage's language. The
 * first two weigh more.
 */
#ifndef KB_INDEXER_H
#define KB_INDEXER_H

#include "base/worker.h"
#include "kb/analyse.h"
#include "store/db.h"

#define INDEXER_TITLE 3 /* a word of the title counts as so many */
#define INDEXER_SECTION 2

struct indexer;

struct indexer *indexer_new(struct analyser *a);
void indexer_free(struct indexer *x);

/* Rows must rise. */
void indexer_add(struct indexer *x, int64_t row, const char *title,
    const char *section, const char *text, const char *language);

size_t indexer_bytes(const struct indexer *x); /* of memory */

/* Write what was added as a segment that is searched; see kb/segment.h. */
int indexer_write(struct indexer *x, struct db *kb, int64_t gap_to,
    struct worker *worker);

/*
 * Index passages that are not, after an upgrade. Needs the turn of
 * kb_ingest_begin.
 */
int kb_index_build(struct db *kb);

/* Drop the index, and index all passages. Nothing is found meanwhile. The same
 * turn. */
int kb_index_anew(struct db *kb);

/*
 * Compare the index with the passages, word by word. ERR_DATA says what is
 * wrong. No other process may write meanwhile.
 */
int kb_check(struct db *kb);

#endif
