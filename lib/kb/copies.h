/*
 * copies - a text that stands in several places is kept and indexed once
 *
 * The same text (white space apart) of the same language and shape under the
 * same title and section is one row of passage, whose own place is one of
 * them; the others are rows of passage_copy. Under another heading it answers
 * another question, and has a row of its own: a search prints it once. Holds, after each transaction: the place of a passage is of a
 * version that is found if any of its places is; then the passage is. The
 * words of its title and section in the index may be those of an older place
 * until kb_reword().
 *
 * All but copies_also() needs the turn of kb_ingest_begin. Errors: base/err.h.
 */
#ifndef KB_COPIES_H
#define KB_COPIES_H

#include "kb/analyse.h"
#include "kb/chunk.h"
#include "store/db.h"

#define COPIES_HASH_BYTES KB_SAME_BYTES

/* KB_SAME_TEXT_BYTES of the text, then of title, which may be NULL, and
 * section. */
void copies_hash(const struct kb_passage *p, const char *title,
    unsigned char ret[COPIES_HASH_BYTES]);

/* The passage of that hash, whatever version it is of; 0: there is none. */
int copies_find(struct db *kb, const unsigned char hash[COPIES_HASH_BYTES],
    int64_t *ret_row);

/* In a transaction: p stands in that version of a document too. */
int copies_add(struct db *kb, int64_t row, const char *id, const char *document,
    int64_t version, int64_t ordinal, const struct kb_passage *p);

/*
 * In the transaction in which another version of document is found from now on
 * (or none): passages that stood in the older one pass to the next of their
 * places. title_was: of the older one.
 */
int copies_settle(struct db *kb, const char *document, int64_t version,
    const char *title_was);

/* Delete places in versions that are not found; document may be NULL: all. */
int copies_sweep(struct db *kb, const char *document);

/* Delete those of documents that are being taken out. */
int copies_sweep_gone(struct db *kb);

/* Make the words of stale passages anew. a may be NULL. */
int kb_reword(struct db *kb, struct analyser *a);

#endif
