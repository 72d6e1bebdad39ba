/*
 * lib/kb: vectors and the nearest of them, against measuring all
 *
 * Vectors are drawn as those of texts are: in clusters off the origin, with
 * some directions much wider than others.
 *
 *	unit-vector bench DIRECTORY COUNT DIMENSIONS
 *
 * measures a search in a file of its own, beside a plain scan of rows.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "kb/index.h"
#include "kb/vector.h"

#define CLUSTERS 200
#define BEST 10

static uint64_t dice = 1;

static uint32_t
draw(uint32_t below)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(dice >> 33) % below;
}

/* Normal, near enough. */
static float
normal(void)
{
	float sum = 0;
	int i;

	for (i = 0; i < 6; i++)
		sum += (float)draw(1 << 16) / (1 << 16) - 0.5f;
	return sum * 1.41f;
}

/* Where the clusters are; the same for all of one number of dimensions. */
static float *
new_clusters(size_t d)
{
	float *c = xmalloc(CLUSTERS * d * sizeof(*c)), width;
	size_t i, k;

	dice = 7;
	for (i = 0; i < CLUSTERS; i++)
		for (k = 0; k < d; k++) {
			width = 1 / sqrtf(1 + (float)k / 16);
			c[i * d + k] = width * normal() + (k < 4 ? 1.5f : 0);
		}
	return c;
}

static void
draw_vector(const float *clusters, size_t d, float *ret)
{
	const float *c = clusters + draw(CLUSTERS) * d;
	size_t k;

	for (k = 0; k < d; k++)
		ret[k] = c[k] + 0.7f * normal() / sqrtf(1 + (float)k / 16);
	assert_int_equal(vector_normalise(ret, d), 0);
}

/* A question: near one of them, and not on it. */
static void
draw_question(const float *near, size_t d, float *ret)
{
	size_t k;

	for (k = 0; k < d; k++)
		ret[k] = near[k] +
		    0.6f * normal() / sqrtf((float)d) /
			sqrtf(1 + (float)k / 16);
	assert_int_equal(vector_normalise(ret, d), 0);
}

static void
exec(struct db *db, const char *sql)
{
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(db_exec(db, sql), 0);
	assert_int_equal(db_commit(db), 0);
}

/* A base with n passages, rows 1 to n, of one document. */
static void
fill_base(struct db *db, size_t n)
{
	char *sql;

	exec(db,
	    "INSERT INTO document (id, source, collection, state, title,"
	    " version, passages, changed_ms) VALUES ('d', 'd.md', 'default',"
	    " 'ready', 'D', 1, 1, 1)");
	sql =
	    xformat("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL"
		    " SELECT i + 1 FROM c WHERE i < %zu)"
		    " INSERT INTO passage (row, id, document, version,"
		    " ordinal, section, language, start, \"end\", shape, text)"
		    " SELECT i, 'p' || i, 'd', 1, i, '', 'en', 0, 1, 'p',"
		    " 'text ' || i FROM c",
		n);
	exec(db, sql);
	free(sql);
}

static struct db *
new_base(size_t n)
{
	struct db *db = NULL;

	assert_int_equal(db_open(NULL, DB_KB, DB_MEMORY, &db), 0);
	if (n > 0)
		fill_base(db, n);
	return db;
}

/* Vectors of rows first to last. */
static void
put(struct db *db, const struct vector_model *m, size_t first, size_t last,
    const float *vectors)
{
	struct vector_passage p[64];
	const struct vector_passage *list[64];
	size_t i, n;

	for (; first <= last; first += n) {
		n = last - first + 1 < 64 ? last - first + 1 : 64;
		for (i = 0; i < n; i++) {
			assert_int_equal(vector_read(db, (int64_t)(first + i),
					     &p[i]),
			    1);
			list[i] = &p[i];
		}
		assert_int_equal(vector_put(db, m, list, n,
				     vectors + (first - 1) * m->dimensions),
		    0);
		for (i = 0; i < n; i++)
			vector_passage_release(&p[i]);
	}
}

static float *
new_vectors(const float *clusters, size_t n, size_t d)
{
	float *all = xmalloc(n * d * sizeof(*all));
	size_t i;

	for (i = 0; i < n; i++)
		draw_vector(clusters, d, all + i * d);
	return all;
}

static int
best_first(const void *a, const void *b)
{
	const struct retrieved *x = a, *y = b;

	return x->score > y->score ? -1 : x->score < y->score;
}

/* The best by measuring all, from rows that step apart. */
static void
measure_all(const float *all, size_t n, size_t d, const float *q, size_t step,
    struct retrieved *ret)
{
	struct retrieved *r = xcalloc(n, sizeof(*r));
	size_t i, k, count = 0;

	for (i = 0; i < n; i += step) {
		r[count].row = (int64_t)i + 1;
		for (k = 0; k < d; k++)
			r[count].score += q[k] * all[i * d + k];
		count++;
	}
	qsort(r, count, sizeof(*r), best_first);
	memcpy(ret, r, BEST * sizeof(*ret));
	free(r);
}

static size_t
shared(const struct retrieved *a, const struct retrieved *b, size_t n)
{
	size_t i, k, same = 0;

	for (i = 0; i < BEST; i++)
		for (k = 0; k < n; k++)
			same += a[i].row == b[k].row;
	return same;
}

/* Recall of the best ten over some questions; rows that step apart. */
static double
recall(struct db *db, const struct vector_model *m, const float *all, size_t n,
    size_t questions, size_t step)
{
	struct retrieved want[BEST], got[BEST];
	struct retrieve_rows rows = { NULL, 0 };
	int64_t *row = xcalloc(n, sizeof(*row));
	float *q = xmalloc(m->dimensions * sizeof(*q));
	size_t i, found = 0, count;

	for (i = 0; i < n; i += step)
		row[rows.count++] = (int64_t)i + 1;
	rows.row = row;
	for (i = 0; i < questions; i++) {
		draw_question(all + draw((uint32_t)n) * m->dimensions,
		    m->dimensions, q);
		measure_all(all, n, m->dimensions, q, step, want);
		assert_int_equal(vector_search(db, m, q,
				     step > 1 ? &rows : NULL, BEST, 0, got,
				     &count),
		    0);
		assert_int_equal(count, BEST);
		found += shared(want, got, count);
	}
	free(row);
	free(q);
	return (double)found / (double)(questions * BEST);
}

static void
nearest_of_many(void **state)
{
	static const size_t dimensions[] = { 100, 256, 384 };
	const size_t n = 12000;
	struct vector_model m;
	struct vector_counts c;
	float *clusters, *all;
	struct db *db;
	double r;
	size_t i, d;

	(void)state;
	for (i = 0; i < 3; i++) {
		d = dimensions[i];
		clusters = new_clusters(d);
		all = new_vectors(clusters, n, d);
		db = new_base(n);
		assert_int_equal(vector_new(db, "m", "", d, 1, &m), 0);
		/* Packed twice: the mean is made anew. */
		put(db, &m, 1, 1500, all);
		assert_int_equal(vector_pack(db, &m), 0);
		put(db, &m, 1501, n, all);
		assert_int_equal(vector_pack(db, &m), 0);
		assert_int_equal(vector_count(db, &m, &c), 0);
		assert_int_equal(c.embedded, n);
		r = recall(db, &m, all, n, 40, 1);
		print_message("recall@10 of %zu, %zu dimensions: %.3f\n", n, d,
		    r);
		assert_true(r >= 0.95);
		/* Held to one row in seven, and to one in a hundred. */
		assert_true(recall(db, &m, all, n, 20, 7) >= 0.95);
		assert_true(recall(db, &m, all, n, 20, 100) >= 0.98);
		vector_model_release(&m);
		free(all);
		free(clusters);
		db_close(db);
	}
}

/* How many rows of a table. */
static int64_t
count_of(struct db *db, const char *sql)
{
	struct query q = query(db, sql);
	int64_t n = -1;

	if (step(&q))
		n = column_int(&q, 0);
	assert_int_equal(done(&q), 0);
	return n;
}

/* Some thousand rows go, in turns as a sweep does it: none of them is found,
 * all others are, and nothing of them stays. */
static void
deleted_are_gone(void **state)
{
	const size_t n = 4000, d = 64;
	float *clusters = new_clusters(d), *all = new_vectors(clusters, n, d);
	struct db *db = new_base(n);
	struct retrieved got[BEST];
	struct vector_model m;
	int64_t rows[64], *missing;
	size_t i, k, count;

	(void)state;
	assert_int_equal(vector_new(db, "m", "", d, 1, &m), 0);
	put(db, &m, 1, n, all);
	assert_int_equal(vector_pack(db, &m), 0);
	assert_int_equal(count_of(db, "SELECT count(*) FROM vector_group"), 3);
	/* Nine of ten, and of loose ones too. */
	for (i = 1; i <= n;) {
		for (k = 0; k < 64 && i <= n; i++)
			if (i % 10 != 0)
				rows[k++] = (int64_t)i;
		assert_int_equal(db_begin(db), 0);
		assert_int_equal(vector_forget(db, rows, k), 0);
		assert_int_equal(db_commit(db), 0);
	}
	exec(db, "DELETE FROM passage WHERE row % 10 <> 0");
	assert_int_equal(count_of(db, "SELECT count(*) FROM vector"), n / 10);
	/* No bit of the codes of rows 1 to 9, which are dead, is left. */
	assert_int_equal(count_of(db,
			     "SELECT count(*) FROM vector_code WHERE id = 1"
			     " AND substr(data, 1, 72) = zeroblob(72)"),
	    1);
	for (i = 0; i < 2; i++) {
		for (k = 1; k <= n; k += 10) {
			assert_int_equal(vector_search(db, &m,
					     all + (k - 1) * d, NULL, BEST, 0,
					     got, &count),
			    0);
			assert_int_equal(count, BEST);
			assert_int_equal(got[0].row % 10, 0);
			assert_int_equal(vector_search(db, &m,
					     all + (k + 8) * d, NULL, BEST, 0,
					     got, &count),
			    0);
			assert_int_equal(got[0].row, k + 9);
		}
		/* And the same when half dead groups were dissolved. */
		assert_int_equal(vector_pack(db, &m), 0);
		assert_int_equal(count_of(db,
				     "SELECT count(*) FROM vector_group"),
		    0);
	}
	assert_int_equal(vector_missing(db, &m, &missing, &count), 0);
	assert_int_equal(count, 0);
	free(missing);
	vector_model_release(&m);
	free(all);
	free(clusters);
	db_close(db);
}

/* A model is filled beside the one that is searched. */
static void
models_change_when_complete(void **state)
{
	const size_t n = 1100, d = 32;
	float *clusters = new_clusters(d), *all = new_vectors(clusters, n, d);
	struct db *db = new_base(n);
	struct vector_model a, b, got;
	int64_t *missing;
	size_t count;

	(void)state;
	assert_int_equal(vector_searched(db, &got), 0);
	assert_int_equal(vector_new(db, "a", "", d, 1, &a), 0);
	put(db, &a, 1, n, all);
	assert_int_equal(vector_pack(db, &a), 0);
	assert_int_equal(vector_switch(db, &a), 0);
	assert_int_equal(vector_new(db, "b", "x:", d, 1, &b), 0);
	assert_int_equal(vector_find(db, "b", "", d, &got), 0);
	assert_int_equal(vector_find(db, "b", "x:", d + 1, &got), 0);
	assert_int_equal(vector_find(db, "b", "x:", 0, &got), 1);
	assert_int_equal(got.id, b.id);
	vector_model_release(&got);
	put(db, &b, 1, 900, all);
	assert_int_equal(vector_refuse(db, &b, 950, "no", 1), 0);
	assert_int_equal(vector_missing(db, &b, &missing, &count), 0);
	assert_int_equal(count, n - 901);
	assert_int_equal(missing[0], 901);
	free(missing);
	assert_int_equal(vector_forgive(db, &b), 0);
	assert_int_equal(vector_missing(db, &b, &missing, &count), 0);
	assert_int_equal(count, n - 900);
	free(missing);
	assert_int_equal(vector_searched(db, &got), 1);
	assert_string_equal(got.name, "a");
	vector_model_release(&got);
	put(db, &b, 901, n, all);
	assert_int_equal(vector_switch(db, &b), 0);
	assert_int_equal(vector_searched(db, &got), 1);
	assert_string_equal(got.name, "b");
	vector_model_release(&got);
	/* Nothing of the other is left. */
	assert_int_equal(count_of(db, "SELECT count(*) FROM vector"), n);
	assert_int_equal(count_of(db, "SELECT count(*) FROM vector_loose"), n);
	assert_int_equal(count_of(db,
			     "SELECT (SELECT count(*) FROM vector_group) +"
			     " (SELECT count(*) FROM vector_code) +"
			     " (SELECT count(*) FROM vector_centre)"),
	    0);
	vector_model_release(&a);
	vector_model_release(&b);
	free(all);
	free(clusters);
	db_close(db);
}

static void
replace(struct db *db, struct analyser *a, const char *title, const char *text)
{
	struct kb_text t = { .count = 0 };
	struct kb_passages p = { .count = 0 };
	struct kb_document d;

	assert_int_equal(kb_extract(text, strlen(text), "s.md", 1 << 20, &t),
	    0);
	free(t.title);
	t.title = xstrdup(title);
	kb_chunk(&t, "en", &p);
	kb_document_init(&d, "default", "s.md", text, strlen(text), title,
	    NULL);
	d.title = title;
	assert_int_equal(kb_replace(db, a, &d, &p, 1), 0);
	kb_passages_release(&p);
	kb_text_release(&t);
}

/* Of passages that are found; others go when they are swept. */
#define FOUND_VECTORS                                                                    \
	"SELECT count(*) FROM vector v JOIN passage p ON p.row = (v.id & 1099511627775)" \
	" JOIN document d ON d.id = p.document AND d.version = p.version"

/* A document that comes again keeps the vectors of what is as it was. */
static void
same_text_keeps_its_vector(void **state)
{
	struct analyser *a = analyser_new();
	struct db *db = new_base(0);
	float v[2 * 8] = { 1, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct vector_passage p[2];
	const struct vector_passage *list[2] = { &p[0], &p[1] };
	struct vector_model m;
	int64_t *rows;
	size_t n;
	float score;

	(void)state;
	replace(db, a, "Air", "# One\n\nA zeppelin.\n\n# Two\n\nA balloon.\n");
	assert_int_equal(vector_new(db, "m", "", 8, 1, &m), 0);
	assert_int_equal(vector_missing(db, &m, &rows, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(vector_read(db, rows[0], &p[0]), 1);
	assert_string_equal(p[0].text, "Air > One\nA zeppelin.");
	assert_int_equal(vector_read(db, rows[1], &p[1]), 1);
	assert_int_equal(vector_put(db, &m, list, 2, v), 0);
	free(rows);
	replace(db, a, "Air", "# One\n\nA zeppelin.\n\n# Two\n\nA bird.\n");
	assert_int_equal(vector_missing(db, &m, &rows, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(vector_cosine(db, &m, v,
			     count_of(db,
				 "SELECT max(row) FROM passage"
				 " WHERE text LIKE '%zeppelin%'"),
			     &score),
	    1);
	assert_true(score > 0.99);
	assert_int_equal(count_of(db, "SELECT count(*) FROM vector"), 1);
	free(rows);
	/* Of another title it is another text. */
	replace(db, a, "Sea", "# One\n\nA zeppelin.\n\n# Two\n\nA bird.\n");
	assert_int_equal(vector_missing(db, &m, &rows, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(count_of(db, FOUND_VECTORS), 0);
	free(rows);
	/* What is gone meanwhile is not put. */
	assert_int_equal(vector_put(db, &m, list, 2, v), 0);
	assert_int_equal(count_of(db, FOUND_VECTORS), 0);
	vector_passage_release(&p[0]);
	vector_passage_release(&p[1]);
	vector_model_release(&m);
	db_close(db);
	analyser_free(a);
}

static void
damaged_blobs_are_errors(void **state)
{
	static const char *const harm[] = {
		"UPDATE vector SET data = x'00'",
		"UPDATE vector_code SET data = substr(data, 2)",
		"DELETE FROM vector_code",
		"UPDATE vector_group SET rows = x'0000'",
		"UPDATE vector_group SET rows = x''",
		"UPDATE vector_group SET count = 5000",
		"UPDATE vector_group SET count = 7",
		"DELETE FROM vector_centre",
		"UPDATE vector_centre SET data = x''",
	};
	const size_t n = 1024, d = 32;
	float *clusters = new_clusters(d), *all = new_vectors(clusters, n, d);
	struct retrieved got[BEST];
	struct vector_model m;
	struct db *db;
	size_t i, count;

	(void)state;
	for (i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
		db = new_base(n);
		assert_int_equal(vector_new(db, "m", "", d, 1, &m), 0);
		put(db, &m, 1, n, all);
		assert_int_equal(vector_pack(db, &m), 0);
		exec(db, harm[i]);
		if (vector_search(db, &m, all, NULL, BEST, 0, got, &count) !=
		    ERR_DATA)
			fail_msg("not noticed: %s", harm[i]);
		vector_model_release(&m);
		db_close(db);
	}
	free(all);
	free(clusters);
}

static void
only_numbers_have_a_length(void **state)
{
	float nan[2] = { 1, NAN }, zero[2] = { 0, 0 },
	      big[2] = { 3e38f, 3e38f };

	(void)state;
	assert_int_equal(vector_normalise(nan, 2), ERR_DATA);
	nan[1] = INFINITY;
	assert_int_equal(vector_normalise(nan, 2), ERR_DATA);
	assert_int_equal(vector_normalise(zero, 2), ERR_DATA);
	assert_int_equal(vector_normalise(big, 2), 0);
	assert_true(fabsf(big[0] - 0.7071f) < 1e-4f);
}

/* --- bench --- */

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* One row a vector of floats, all of them read: what a table without an index
 * for it does. */
static double
scan(struct db *db, size_t d, const float *v, size_t n)
{
	struct retrieved *all = xcalloc(n, sizeof(*all));
	double began = now();
	struct query q = query(db, "SELECT row, data FROM plain");
	const float *data;
	size_t i = 0, k, len;
	float sum[8];

	while (step(&q) && i < n) {
		all[i].row = column_int(&q, 0);
		data = column_blob(&q, 1, &len);
		memset(sum, 0, sizeof(sum));
		for (k = 0; k + 8 <= d; k++)
			sum[k % 8] += data[k] * v[k];
		for (k = 0; k < 8; k++)
			all[i].score += sum[k];
		i++;
	}
	done(&q);
	qsort(all, i, sizeof(*all), best_first);
	free(all);
	return now() - began;
}

static int
bench(const char *dir, size_t n, size_t d)
{
	char *path = xformat("%s/kb.db", dir);
	float *clusters = new_clusters(d), *all = new_vectors(clusters, n, d),
	      *q = xmalloc(d * sizeof(*q));
	struct retrieved got[BEST];
	struct vector_model m;
	struct query insert;
	struct db *db = NULL;
	double took[50], plain[5], began, r;
	size_t i, k, count;

	if (n == 0 || d == 0 ||
	    db_open(path, DB_KB, DB_WRITE | DB_CREATE | DB_UPGRADE, &db) < 0)
		return 1;
	fill_base(db, n);
	vector_new(db, "m", "", d, 1, &m);
	began = now();
	put(db, &m, 1, n, all);
	vector_pack(db, &m);
	printf("{\"build_ms\":%.0f", now() - began);
	exec(db, "CREATE TABLE plain (row INTEGER PRIMARY KEY, data BLOB)");
	for (i = 0; i < n;) {
		db_begin(db);
		for (k = 0; k < 1000 && i < n; k++, i++) {
			insert =
			    query(db, "INSERT INTO plain VALUES (:row, :data)");
			bind_int(&insert, ":row", (int64_t)i + 1);
			bind_blob(&insert, ":data", all + i * d,
			    d * sizeof(*all));
			step(&insert);
			done(&insert);
		}
		db_commit(db);
	}
	vector_switch(db, &m);
	db_checkpoint(db);
	db_close(db);
	db_open(path, DB_KB, DB_READ, &db);
	/* As kb_open() has it. */
	sqlite3_exec(db_handle(db), "PRAGMA cache_size = -32000", NULL, NULL,
	    NULL);
	r = recall(db, &m, all, n, 50, 1);
	for (i = 0; i < 50; i++) {
		draw_question(all + draw((uint32_t)n) * d, d, q);
		began = now();
		vector_search(db, &m, q, NULL, BEST, 0, got, &count);
		took[i] = now() - began;
	}
	for (i = 0; i < 5; i++)
		plain[i] = scan(db, d, q, n);
	qsort(took, 50, sizeof(*took), by_size);
	qsort(plain, 5, sizeof(*plain), by_size);
	printf(",\"count\":%zu,\"dimensions\":%zu,\"recall\":%.3f,"
	       "\"p50_ms\":%.3f,\"p98_ms\":%.3f,\"scan_ms\":%.2f}\n",
	    n, d, r, took[25], took[48], plain[2]);
	return 0;
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_numbers_have_a_length),
		cmocka_unit_test(nearest_of_many),
		cmocka_unit_test(deleted_are_gone),
		cmocka_unit_test(models_change_when_complete),
		cmocka_unit_test(same_text_keeps_its_vector),
		cmocka_unit_test(damaged_blobs_are_errors),
	};

	if (argc == 5 && strcmp(argv[1], "bench") == 0)
		return bench(argv[2], (size_t)strtoul(argv[3], NULL, 10),
		    (size_t)strtoul(argv[4], NULL, 10));
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
