/*
 * fuzz: vectors with a damaged blob: an error, or the nearest of the rest
 *
 * The first bytes say which blob and where the bytes behind them go. Then they
 * are searched, counted, moved and forgotten, and all of it is undone.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "fuzz.h"
#include "kb/vector.h"

#define DIMENSIONS 16
#define PASSAGES 1100

static const struct {
	const char *get, *put;
} blobs[] = {
	{ "SELECT rows FROM vector_group WHERE id = :id",
	    "UPDATE vector_group SET rows = :data WHERE id = :id" },
	{ "SELECT data FROM vector_code WHERE id = :id",
	    "UPDATE vector_code SET data = :data WHERE id = :id" },
	{ "SELECT data FROM vector_centre WHERE id = :id",
	    "UPDATE vector_centre SET data = :data WHERE id = :id" },
	{ "SELECT data FROM vector WHERE id = (1 << 40) + :id",
	    "UPDATE vector SET data = :data WHERE id = (1 << 40) + :id" },
	/* Numbers that belong to blobs. */
	{ "SELECT CAST(count AS BLOB) FROM vector_group WHERE id = :id",
	    "UPDATE vector_group SET count = length(:data),"
	    " dead = length(:data) / 2 WHERE id = :id" },
};

static void
fill(struct db *db, struct vector_model *m)
{
	const struct vector_passage *list[1];
	struct vector_passage p;
	float v[DIMENSIONS];
	unsigned dice = 1;

	if (vector_new(db, "m", "", DIMENSIONS, 1, m) < 0)
		abort();
	for (int64_t row = 1; vector_read(db, row, &p) == 1; row++) {
		for (size_t i = 0; i < DIMENSIONS; i++) {
			dice = dice * 1664525 + 1013904223;
			v[i] = (float)(dice >> 16) / 65536 - 0.5f;
		}
		list[0] = &p;
		if (vector_normalise(v, DIMENSIONS) < 0 ||
		    vector_put(db, m, list, 1, v) < 0)
			abort();
		vector_passage_release(&p);
	}
	if (vector_pack(db, m) < 0 || vector_switch(db, m) < 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t rows[] = { 1, 5, 1000, 1090 },
			     to[] = { 2, 6, 3, 4 };
	static struct vector_model m;
	static struct db *db;
	const struct retrieve_rows allowed = { rows, 4 };
	struct retrieved got[10];
	struct vector_counts counts;
	float v[DIMENSIONS] = { 0.6f, 0.8f };
	size_t kind, n;

	if (db == NULL) {
		db = base_new(PASSAGES);
		fill(db, &m);
	}
	if (size < 5)
		return 0;
	if (db_begin(db) < 0)
		abort();
	kind = data[0] % 5;
	base_damage(db, blobs[kind].get, blobs[kind].put,
	    kind == 3 ? 1 + data[1] : 1, data + 2, size - 2);
	if (vector_search(db, &m, v, NULL, 10, 0, got, &n) == 0 && n > 10)
		abort();
	vector_search(db, &m, v, &allowed, 10, 0, got, &n);
	vector_count(db, &m, &counts);
	vector_move(db, rows, to, 4);
	vector_forget(db, rows, 4);
	db_rollback(db);
	return 0;
}
