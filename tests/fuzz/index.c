/*
 * fuzz: an index with a damaged blob: an error, or what can be found
 *
 * The first bytes say which blob; the rest takes its place, or that of its
 * bytes from some point on. Then it is searched, read in full, changed and
 * merged, and all of it is undone.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "fuzz.h"
#include "kb/search.h"
#include "kb/segment.h"

#define ROWS 64

/* What may be damaged, in an order that does not change. */
static const struct {
	const char *rows; /* its ids */
	const char *get, *put;
} blobs[] = {
	{ "SELECT id FROM segment_blob ORDER BY id LIMIT 64",
	    "SELECT data FROM segment_blob WHERE id = :id",
	    "UPDATE segment_blob SET data = :data WHERE id = :id" },
	{ "SELECT id FROM segment ORDER BY id LIMIT 64",
	    "SELECT rows FROM segment WHERE id = :id",
	    "UPDATE segment SET rows = :data WHERE id = :id" },
	/* Words that stand in many passages, by their number of them. */
	{ "SELECT max(df) FROM segment_term WHERE data IS NOT NULL"
	  " GROUP BY term ORDER BY max(df) DESC, term LIMIT 64",
	    "SELECT data FROM segment_term WHERE df = :id"
	    " AND data IS NOT NULL",
	    "UPDATE segment_term SET data = :data WHERE df = :id"
	    " AND data IS NOT NULL" },
};

static size_t
read_ids(struct db *db, const char *sql, int64_t *ret)
{
	struct query q = query(db, sql);
	size_t n = 0;

	while (n < ROWS && step(&q))
		ret[n++] = column_int(&q, 0);
	if (done(&q) < 0)
		abort();
	return n;
}

static int
on_posting(void *ctx, const char *term, size_t len, int64_t row, unsigned tf)
{
	*(size_t *)ctx += len + (size_t)row + tf + (size_t)*term;
	return 0;
}

static void
use(struct db *db, struct kb *kb)
{
	static const char *const questions[] = { "parcel number 7",
		"customrs in town3", "el paquete llega", "section way" };
	static const int64_t rows[] = { 1, 2, 40, 1000 };
	struct kb_hits *hits;
	struct segments s;
	size_t i, sum = 0;

	for (i = 0; i < 4; i++) {
		struct kb_query q = { .text = questions[i], .limit = 3 };

		if (kb_search(kb, &q, &hits) == 0)
			kb_hits_free(hits);
	}
	if (segments_read(db, &s) == 0) {
		for (i = 0; i < s.count; i++)
			segment_each(db, &s.segment[i], on_posting, &sum);
		segments_release(&s);
	}
	segment_forget(db, rows, 4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct db *db;
	static struct kb *kb;
	int64_t ids[ROWS];
	size_t kind, n;

	if (db == NULL) {
		db = base_new(300);
		if (kb_open(db, &kb) < 0)
			abort();
	}
	if (size < 5)
		return 0;
	kind = data[0] % 3;
	n = read_ids(db, blobs[kind].rows, ids);
	if (n == 0 || db_begin(db) < 0)
		abort();
	base_damage(db, blobs[kind].get, blobs[kind].put, ids[data[1] % n],
	    data + 2, size - 2);
	use(db, kb);
	db_rollback(db);
	return 0;
}
