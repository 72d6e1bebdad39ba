/*
 * index - documents into the base, and out of it
 *
 * A new version is built beside the one that is found, in short transactions,
 * and takes its place in one; a crash in between leaves the old one and rows
 * that the next ingest sweeps away. Each change of a document's state is an
 * event of the desk's log: it is written to desk.db after kb.db, and a row
 * says which have not been told yet, so that none is lost and none doubled.
 */
#ifndef KB_INDEX_H
#define KB_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/worker.h"
#include "kb/analyse.h"
#include "kb/chunk.h"
#include "kb/extract.h"
#include "store/store.h"

struct kb_document {
	char id[SHORT_ID_BYTES];
	const char *collection;
	const char *source;
	char fingerprint[HASH_HEX_BYTES];
	const char *title;
	const char *extra;  /* JSON object or NULL */
	const char *origin; /* how it came: manual, drive, web; NULL: manual */
	const char *url;    /* where people read it; NULL: as it was */
	const char *description; /* as its source says; NULL: as it was */
	int64_t modified_ms;	 /* as its source says; 0: as it was */
	int64_t bytes;
	enum kb_type type;
	const struct kb_dropped *dropped; /* lines that were left out */
	size_t ndropped;
	/* What the base has of it, as kb_document_find() has seen it. */
	enum { KB_HELD_UNKNOWN, KB_HELD, KB_HELD_NOT } held;
	int64_t version;    /* the one that is found; 0: none */
	char *edited_title; /* a person's; NULL: none; the caller frees */
};

/*
 * How long a document may be in a state. Then it is stalled: people are told,
 * and the next ingest notes it as failed, if it is not of its documents.
 */
struct kb_patience {
	int64_t queued_ms, extracting_ms, indexing_ms;
};
#define KB_PATIENCE_DEFAULT            \
	{                              \
		3600000, 60000, 600000 \
	}

/*
 * The identity of a document: id, and fingerprint of len bytes read by this
 * version of us with the given title and language (either may be NULL).
 */
void kb_document_init(struct kb_document *d, const char *collection,
    const char *source, const void *bytes, size_t len, const char *title,
    const char *language);

/* What the base says of a document that is ready. */
struct kb_ready {
	char *title, *language, *type;
	int64_t passages;
};
void kb_ready_release(struct kb_ready *r);

/*
 * What the base has of d: the id under which it has it, which people may have
 * moved to another collection, and the version. 1: ready, with this
 * fingerprint, and *ret is set; else 0, or an ERR.
 */
int kb_document_find(struct db *kb, struct kb_document *d,
    struct kb_ready *ret);

/* Let a document be read again when it comes next, though it has not changed.
 */
int kb_reread(struct db *kb, const char *id);
/* 1: it is to be; 0: not, or an ERR. */
int kb_is_reread(struct db *kb, const char *id);

/* d, which is ready, was not read again: keep where it comes from, its url,
 * its description and when it was modified. */
int kb_same(struct db *kb, const struct kb_document *d);

/* Note that these n are about to be read. patience may be NULL, for the
 * default. */
int kb_queue(struct db *kb, const struct kb_document *const *d, size_t n,
    const struct kb_patience *patience, int64_t now_ms);

/* Note that this one, which was queued, is being read. */
int kb_extracting(struct db *kb, const struct kb_document *d,
    const struct kb_patience *patience, int64_t now_ms);

/*
 * Documents whose new versions are found together: writing the index for each
 * would cost more than reading it. Until the flush none of them is found;
 * a crash leaves the older versions.
 */
struct kb_batch;
struct kb_batch *kb_batch_new(struct db *kb, struct analyser *a);
void kb_batch_free(struct kb_batch *b); /* what was not flushed is left */

/* Words are counted by w from now on, which has a from then until the flush. */
void kb_batch_worker(struct kb_batch *b, struct worker *w);

/* Make the names of a document's passages. Nothing of them may change
 * afterwards. What has none when its rows are written gets them then. */
void kb_passages_name(struct kb_passages *passages, const char *document,
    const char *title);

void kb_batch_patience(struct kb_batch *b, const struct kb_patience *patience);
/* Passages, at least one, are taken over; passages->count is 0 afterwards. */
int kb_batch_add(struct kb_batch *b, const struct kb_document *d,
    struct kb_passages *passages, int64_t now_ms);
int kb_batch_flush(struct kb_batch *b, int64_t now_ms);

/* Whether it is large enough, or the first of it has waited long enough. */
bool kb_batch_due(const struct kb_batch *b);

/* Make passages the version of d that is found: a batch of one. */
int kb_replace(struct db *kb, struct analyser *a, const struct kb_document *d,
    struct kb_passages *passages, int64_t now_ms);

/* Note why d could not be read; an older version of it stays. A reason that
 * begins with "page N: " tells the page. */
int kb_fail(struct db *kb, const struct kb_document *d, const char *reason,
    int64_t now_ms);

/*
 * What people change: NULL leaves it, "" gives back what the source says. A
 * title is searched, and the index is made anew for it. Needs the turn of
 * kb_ingest_begin. ERR_NOINPUT; ERR_DATA where the collection has a document
 * of that source.
 */
struct kb_edit {
	const char *title, *description, *collection;
};
int kb_change(struct store *s, const char *id, const struct kb_edit *edit,
    int64_t now_ms);

/*
 * Make the words of a document (NULL: of all) in the index anew, from its
 * passages. Needs the turn of kb_ingest_begin. ERR_NOINPUT. If the index turns
 * out to be damaged all of it is made anew, and *anew is true.
 */
int kb_reindex(struct db *kb, const char *id, bool *anew);

/* The run of ingest: it began, or (ended_ms > 0) ended, with what. */
struct kb_run {
	int64_t began_ms, ended_ms;
	int64_t ready, same, failed, removed; /* documents */
};
int kb_run_put(struct db *kb, const struct kb_run *run);
int kb_run_get(struct db *kb, struct kb_run *ret); /* 1, 0: none yet */

/* Take the document with this id out of the base and tell so. Needs the turn
 * of kb_ingest_begin. ERR_NOINPUT. */
int kb_remove(struct store *s, const char *id, int64_t now_ms);

/* The same of n at once, at most DB_BATCH_ROWS; what is not there is no error.
 */
int kb_remove_some(struct store *s, char *const *ids, size_t n, int64_t now_ms);

/*
 * Take the turn to ingest, one process at a time, and end what a crash left:
 * rows of versions that are not found, documents half removed, words that are
 * not made anew; what is past its deadline has failed. *ret is a descriptor to close at the
 * end. ERR_BUSY if another holds it and !wait.
 */
int kb_ingest_begin(struct store *s, bool wait, int *ret);

/* The same for who mends: a damaged index is made anew, which *anew says. */
int kb_mend_begin(struct store *s, bool wait, bool *anew, int *ret);

/* What kb_ingest_begin sweeps. */
int kb_sweep(struct db *kb);

/* Write the events of changes that have not been told to the log. */
int kb_tell(struct store *s);

/*
 * The same while other work goes on: desk.db is the worker's until the end.
 * That documents are queued is told without a note of it: the note is that
 * they are told to be ready or to have failed, and what a crash leaves is told
 * again, which the log does not mind. So it must have ended before then.
 */
struct kb_teller;
struct kb_teller *kb_teller_new(struct store *s, struct worker *w);
void kb_teller_free(struct kb_teller *t); /* NULL is allowed */

/* Begin to tell of these, which kb_queue() has just taken at now_ms. */
int kb_teller_queued(struct kb_teller *t, const struct kb_document *const *d,
    size_t n, int64_t now_ms);

/* Begin to tell of all that is ready or has failed. */
int kb_teller_ends(struct kb_teller *t);

/* Wait for the end of what was begun. */
int kb_teller_end(struct kb_teller *t);

/* Have b tell of what is ready or has failed as it flushes. */
void kb_batch_teller(struct kb_batch *b, struct kb_teller *t);

#endif
