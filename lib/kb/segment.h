/*
 * segment - the search index: packed lists in segments that are written once
 *
 * A segment holds the words of passages that were read together. It is
 * written in short transactions that nobody sees, and searched from a last
 * tiny one on. What is deleted gets a bit; segments of like size are merged
 * into one without it, in the same two steps. Words weigh by their field.
 *
 * Whether a passage can be found is not said here but by the version of its
 * document: what is found here is looked up there. Holds: a passage of the
 * version that is found is in one searched segment, and not dead; a passage
 * that is not dead has its row. One process at a time writes or merges (the
 * turn of kb_ingest_begin); others may delete.
 *
 * Errors: base/err.h; ERR_DATA for blobs that are damaged.
 */
#ifndef KB_SEGMENT_H
#define KB_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/worker.h"
#include "kb/postings.h"
#include "store/db.h"

/* Lists of segment_blob that are of passages or words, not of one word. */
enum {
	SEGMENT_LENGTHS,  /* a byte a passage: postings_length_code() */
	SEGMENT_DEAD,	  /* a bit a passage; a piece that is not there: none */
	SEGMENT_SPELLING, /* words to look for slips in, see segment_spelling */
	SEGMENT_LISTS = 16
};
#define SEGMENT_LENGTHS_PIECE 32768 /* passages, a byte each */
#define SEGMENT_DEAD_PIECE 32768    /* passages, a bit each */

/* The id of a row of segment_blob. */
int64_t segment_blob_id(int64_t segment, int64_t list, int64_t piece);

/* Numbers from local on are rows from row on. */
struct segment_run {
	uint32_t local;
	int64_t row;
};

struct segment {
	int64_t id;
	uint32_t passages, dead;
	double words;
	int64_t first_row, last_row;
	struct segment_run *run;
	size_t runs;
};

struct lookup;

/* The segments that are searched. */
struct segments {
	struct segment *segment;
	size_t count;
	int64_t passages;	 /* that are not dead */
	double average;		 /* words in one */
	bool has_gap;		 /* not all that there is, see segment_gap */
	struct lookup **lookups; /* the last ones, see segments_find() */
};

int segments_read(struct db *db, struct segments *ret);
void segments_release(struct segments *s);

int64_t segment_row(const struct segment *s, uint32_t local);
bool segment_local(const struct segment *s, int64_t row, uint32_t *ret);

/* --- writing --- */

struct segment_writer;

struct segment_writer *segment_writer_new(void);
void segment_writer_free(struct segment_writer *w);

/* A passage begins; rows must rise. Then its words, each with its weight. */
void segment_writer_passage(struct segment_writer *w, int64_t row);
void segment_writer_word(struct segment_writer *w, const char *stem, size_t len,
    unsigned weight);

/* The same for who remembers the numbers of words, which are good until what
 * was given is written. */
uint32_t segment_writer_term(struct segment_writer *w, const char *stem,
    size_t len);
void segment_writer_count(struct segment_writer *w, uint32_t term,
    unsigned weight);
/* One that will be counted soon: its memory is asked for. */
void segment_writer_soon(const struct segment_writer *w, uint32_t term);

size_t segment_writer_passages(const struct segment_writer *w);
size_t segment_writer_bytes(const struct segment_writer *w); /* of memory */

/*
 * Write what was given as one segment, searched from then on, and begin anew.
 * Nothing given: nothing written. gap_to, if above 0: rows up to there are no
 * gap any more. worker, which may be NULL, packs while rows are written.
 */
int segment_writer_write(struct segment_writer *w, struct db *db,
    int64_t gap_to, struct worker *worker);

/* In a transaction: these n passages are gone; rows that are in no segment are
 * no error. */
int segment_forget(struct db *db, const int64_t *rows, size_t n);

/* Merge what is due: segments of like size, or half dead. */
int segment_merge(struct db *db);

/* Merge all that have dead passages, so that no word of them is left. */
int segment_compact(struct db *db);

/* Delete segments that a crash left unfinished, or merged. */
int segment_sweep(struct db *db);

/* --- reading --- */

/* Where a word stands in a segment. Inline lists are copied. */
struct segment_list {
	size_t df;    /* 0: nowhere */
	int64_t list; /* -1: short, data holds it */
	char *data;
	size_t len;
};
/* In the i-th segment. Who has asked segments_df() for the word a moment ago
 * does not ask the file again: a segment's lists do not change. */
int segments_find(struct db *db, const struct segments *s, size_t i,
    const char *term, size_t len, struct segment_list *ret);

/* Passages of all segments a word stands in: an estimate where some are dead, at
 * least 1 if it may stand in any that is not, never more than there are. */
int segments_df(struct db *db, const struct segments *s, const char *term,
    size_t len, int64_t *ret);

/* A blob, NUL after it; the caller frees. *ret is NULL if it is not there. */
int segment_blob(struct db *db, int64_t id, char **ret, size_t *ret_len);

/* The same for many in a moment: they come without a statement each. In a
 * snapshot, which the first of them takes and the close ends, if there is none.
 */
struct segment_blobs {
	struct db *db;
	sqlite3_blob *blob; /* NULL at first */
};
int segment_blobs_read(struct segment_blobs *b, int64_t id, char **ret,
    size_t *ret_len);
void segment_blobs_close(struct segment_blobs *b);

/*
 * The words of a segment that are alphabetic and long enough to be misspelt,
 * in order, to each(ctx, word, len, signature). See spelling_signature().
 */
typedef void (
    *spelling_fn)(void *ctx, const char *word, size_t len, uint32_t signature);
int segment_spelling(struct db *db, int64_t segment, spelling_fn each,
    void *ctx);

/* A bit for each letter of a word: one slip changes at most two bits. */
uint32_t spelling_signature(const char *word, size_t len);
#define SPELLING_MIN 4 /* characters */

/*
 * All postings of a segment to each(ctx, term, len, row, tf), dead ones left
 * out, words in order: for checks.
 */
typedef int (*posting_fn)(void *ctx, const char *term, size_t len, int64_t row,
    unsigned tf);
int segment_each(struct db *db, const struct segment *s, posting_fn each,
    void *ctx);

/* The same of what a writer was given and has not written. */
int segment_writer_each(struct segment_writer *w, posting_fn each, void *ctx);

#endif
