/*
 * lib/kb: the search index against an oracle
 *
 * Random bases with deletes, merges and many segments: what is passed over
 * must not change the result, SQLite's FTS5 must match the same passages, and
 * the index must hold the passages' words and no others.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "kb/analyse.h"
#include "kb/index.h"
#include "kb/indexer.h"
#include "kb/postings.h"
#include "kb/retrieve.h"
#include "kb/search.h"
#include "kb/segment.h"

static uint64_t dice = 1;

static uint32_t
draw(uint32_t below)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(dice >> 33) % (below > 0 ? below : 1);
}

/* Words from common to rare, as in a language. */
static uint32_t
any_word(uint32_t words)
{
	return (uint32_t)exp(log(words) * draw(1 << 20) / (1 << 20)) - 1;
}

/* --- lists --- */

static void
round_trip(uint32_t n, uint32_t passages, uint32_t tf_max)
{
	uint32_t *docs = xcalloc(n, sizeof(*docs)), got[POSTINGS_BLOCK], at = 0;
	uint8_t *tfs = xmalloc(n), *lens = xmalloc(passages),
		counts[POSTINGS_BLOCK];
	struct buf head = BUF_INIT(0), data = BUF_INIT(0), cuts = BUF_INIT(0);
	const size_t *cut;
	struct postings_block b;
	struct postings p;
	float k[256], most;
	uint32_t alone[POSTINGS_BLOCK];
	uint8_t some[POSTINGS_BLOCK];
	const uint8_t *from;
	unsigned count, j;
	size_t i, begin, len;
	unsigned piece;
	bool counted;

	for (i = 0; i < passages; i++)
		lens[i] = (uint8_t)draw(200);
	for (i = 0; i < n; i++) {
		/* Leave room for those that follow. */
		docs[i] = at +
		    draw((passages - at - (n - (uint32_t)i)) /
			    (n - (uint32_t)i) +
			1);
		at = docs[i] + 1;
		tfs[i] = (uint8_t)(1 + draw(tf_max));
	}
	postings_k(90, k);
	postings_pack(docs, tfs, n, lens, k, &head, &data, &cuts);
	cut = (const size_t *)(const void *)cuts.data;
	assert_int_equal(postings_open(head.data, head.len, n, passages, &p),
	    0);
	for (i = 0, at = 0; i < p.blocks; i++) {
		postings_block(&p, i, &b);
		for (begin = 0, piece = 1; piece < b.piece; piece++)
			begin += cut[piece - 1];
		from = (const uint8_t *)(b.piece == 0 ? head.data :
							data.data + begin);
		len = b.piece == 0 ? head.len : cut[b.piece - 1];
		assert_int_equal(postings_unpack(&p, i, from, len, got, counts,
				     &count),
		    0);
		assert_int_equal(postings_docs(&p, i, from, len, alone, some,
				     &count, &counted),
		    0);
		assert_memory_equal(alone, got, count * sizeof(*got));
		for (j = 0; j < count; j++)
			assert_int_equal(counts[j],
			    counted ? some[j] : postings_count(&p, i, from, j));
		assert_int_equal(postings_last(&p, i), b.last);
		assert_int_equal(postings_impact(&p, i), b.impact);
		most = 0;
		for (j = 0; j < count; j++, at++) {
			assert_int_equal(got[j], docs[at]);
			assert_int_equal(counts[j], tfs[at]);
			most = fmaxf(most,
			    tfs[at] / (tfs[at] + k[lens[docs[at]]]));
		}
		assert_true(most * 255 <= b.impact);
		assert_true(b.impact <= p.impact);
	}
	assert_int_equal(at, n);
	buf_release(&head);
	buf_release(&data);
	buf_release(&cuts);
	free(docs);
	free(tfs);
	free(lens);
}

static void
lists_come_back(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 127, 128, 129, 255, 256, 1000,
		50000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		round_trip(sizes[i], sizes[i], 1);
		round_trip(sizes[i], 3 * sizes[i] + 7, 3);
		round_trip(sizes[i], 100 * sizes[i], 255);
	}
}

/* A byte changed anywhere: an error or other numbers in their bounds. */
static void
damage_is_noticed(void **state)
{
	enum { N = 700, PASSAGES = 3000 };
	uint32_t docs[N], got[POSTINGS_BLOCK];
	uint8_t tfs[N], lens[PASSAGES], counts[POSTINGS_BLOCK];
	struct buf head = BUF_INIT(0), data = BUF_INIT(0), cuts = BUF_INIT(0);
	struct postings_block b;
	struct postings p;
	unsigned count, j, errors = 0;
	float k[256];
	size_t i, at, len;

	(void)state;
	memset(lens, 50, sizeof(lens));
	for (i = 0; i < N; i++) {
		docs[i] = (uint32_t)(4 * i + draw(4));
		tfs[i] = (uint8_t)(1 + draw(5));
	}
	postings_k(90, k);
	postings_pack(docs, tfs, N, lens, k, &head, &data, &cuts);
	assert_int_equal(data.len, 0);
	for (at = 0; at < 4 * head.len; at++) {
		char was = head.data[at % head.len], *copy;

		len = at % 3 == 0 ? draw((uint32_t)head.len) : head.len;
		head.data[at % head.len] = (char)draw(256);
		/* Of its own size, so that a reader past the end is caught. */
		copy = xmalloc(len + 1);
		copy = xrealloc(copy, len > 0 ? len : 1);
		memcpy(copy, head.data, len);
		head.data[at % head.len] = was;
		if (postings_open(copy, len, N, PASSAGES, &p) < 0) {
			errors++;
			free(copy);
			continue;
		}
		for (i = 0; i < p.blocks; i++) {
			postings_block(&p, i, &b);
			if (postings_unpack(&p, i, (const uint8_t *)copy, len,
				got, counts, &count) < 0) {
				errors++;
				continue;
			}
			for (j = 0; j < count; j++)
				assert_true(got[j] < PASSAGES);
		}
		free(copy);
	}
	assert_true(errors > head.len / 2);
	buf_release(&head);
	buf_release(&data);
	buf_release(&cuts);
}

/* --- retrieval --- */

static struct db *
new_base(void)
{
	struct db *db = NULL;

	assert_int_equal(db_open(NULL, DB_KB, DB_MEMORY, &db), 0);
	return db;
}

static void
write_some(struct db *db, sqlite3 *oracle, int64_t *row, uint32_t n,
    uint32_t words)
{
	struct segment_writer *w = segment_writer_new();
	struct buf text = BUF_INIT(0);
	sqlite3_stmt *insert;
	uint32_t i, k, len;
	char word[16];

	sqlite3_prepare_v2(oracle, "INSERT INTO t (rowid, x) VALUES (?, ?)", -1,
	    &insert, NULL);
	for (i = 0; i < n; i++) {
		*row += 1 + (draw(10) == 0) * draw(5);
		segment_writer_passage(w, *row);
		buf_reset(&text);
		len = 1 + draw(60) * draw(4);
		for (k = 0; k < len; k++) {
			snprintf(word, sizeof(word), "w%u", any_word(words));
			segment_writer_word(w, word, strlen(word), 1);
			buf_addf(&text, "%s ", word);
		}
		sqlite3_bind_int64(insert, 1, *row);
		sqlite3_bind_text(insert, 2, text.data, -1, SQLITE_STATIC);
		sqlite3_step(insert);
		sqlite3_reset(insert);
	}
	sqlite3_finalize(insert);
	assert_int_equal(segment_writer_write(w, db, 0, NULL), 0);
	segment_writer_free(w);
	buf_release(&text);
}

static void
forget_some(struct db *db, sqlite3 *oracle, int64_t last, uint32_t n)
{
	int64_t rows[64];
	char *sql;
	uint32_t i;

	for (i = 0; i < n; i++) {
		rows[i] = 1 + draw((uint32_t)last);
		sql = xformat("DELETE FROM t WHERE rowid = %lld",
		    (long long)rows[i]);
		sqlite3_exec(oracle, sql, NULL, NULL, NULL);
		free(sql);
	}
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(segment_forget(db, rows, n), 0);
	assert_int_equal(db_commit(db), 0);
}

/* Rows that the oracle matches, rising. */
static size_t
oracle_rows(sqlite3 *oracle, const struct retrieve_word *w, size_t n,
    int64_t *rows, size_t max)
{
	struct buf match = BUF_INIT(0);
	sqlite3_stmt *q;
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		buf_addf(&match, "%s\"%s\"", i > 0 ? " OR " : "", w[i].term);
	sqlite3_prepare_v2(oracle,
	    "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rowid", -1, &q, NULL);
	sqlite3_bind_text(q, 1, match.data, -1, SQLITE_STATIC);
	while (sqlite3_step(q) == SQLITE_ROW && count < max)
		rows[count++] = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	buf_release(&match);
	return count;
}

static int
by_row(const void *a, const void *b)
{
	const struct retrieved *x = a, *y = b;

	return x->row < y->row ? -1 : x->row > y->row;
}

#define ROWS_MAX 60000

static void
compare(struct db *db, sqlite3 *oracle, uint32_t words, int64_t last)
{
	static struct retrieved fast[ROWS_MAX], slow[ROWS_MAX];
	static int64_t rows[ROWS_MAX], allowed[ROWS_MAX];
	struct retrieve_rows filter = { allowed, 0 };
	struct retrieve_word w[12];
	char term[12][16];
	struct segments all;
	size_t n = 1 + draw(12), i, k, nfast = 0, nslow = 0, count;
	bool filtered = draw(3) == 0;
	int64_t row;

	assert_int_equal(segments_read(db, &all), 0);
	for (i = 0; i < n; i++) {
		snprintf(term[i], sizeof(term[i]), "w%u",
		    any_word(words) / 12 * 12 + (uint32_t)i);
		w[i] = (struct retrieve_word){ term[i], strlen(term[i]),
			0.1f + (float)draw(1000) / 100 };
	}
	for (row = 1; filtered && row <= last && filter.count < ROWS_MAX; row++)
		if (draw(20) == 0)
			allowed[filter.count++] = row;
	k = draw(4) == 0 ? 1 + draw(1000) : 10;
	assert_int_equal(retrieve(db, &all, w, n, filtered ? &filter : NULL, k,
			     0, fast, &nfast),
	    0);
	assert_int_equal(retrieve(db, &all, w, n, filtered ? &filter : NULL, k,
			     RETRIEVE_ALL, slow, &nslow),
	    0);
	assert_int_equal(nfast, nslow);
	for (i = 0; i < nfast; i++) {
		assert_true(fabsf(fast[i].score - slow[i].score) <=
		    1e-4f * slow[i].score);
		if (i > 0)
			assert_true(fast[i].score <= fast[i - 1].score);
	}
	/* All that match, and nothing else. */
	assert_int_equal(retrieve(db, &all, w, n, NULL, ROWS_MAX, 0, fast,
			     &nfast),
	    0);
	qsort(fast, nfast, sizeof(*fast), by_row);
	count = oracle_rows(oracle, w, n, rows, ROWS_MAX);
	assert_int_equal(nfast, count);
	for (i = 0; i < count; i++)
		assert_int_equal(fast[i].row, rows[i]);
	segments_release(&all);
}

static void
passing_over_changes_nothing(void **state)
{
	sqlite3 *oracle;
	uint32_t round, step, words;
	struct segments all;
	struct db *db;
	int64_t row;

	(void)state;
	for (round = 0; round < 4; round++) {
		dice = round + 1;
		words = round % 2 ? 300 : 5000;
		row = 0;
		db = new_base();
		sqlite3_open(":memory:", &oracle);
		sqlite3_exec(oracle,
		    "CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = 'ascii')",
		    NULL, NULL, NULL);
		for (step = 0; step < 10; step++) {
			write_some(db, oracle, &row,
			    round == 3 ? 3000 : 1 + draw(400), words);
			forget_some(db, oracle, row, 1 + draw(60));
			if (step % 4 == 3)
				assert_int_equal(segment_merge(db), 0);
			for (int i = 0; i < 12; i++)
				compare(db, oracle, words, row);
		}
		assert_int_equal(segment_compact(db), 0);
		assert_int_equal(segments_read(db, &all), 0);
		for (size_t i = 0; i < all.count; i++)
			assert_int_equal(all.segment[i].dead, 0);
		segments_release(&all);
		for (int i = 0; i < 12; i++)
			compare(db, oracle, words, row);
		sqlite3_close(oracle);
		db_close(db);
	}
}

/* --- documents --- */

static void
put(struct db *db, struct analyser *a, const char *source, const char *title,
    const char *text)
{
	struct kb_document d;
	struct kb_passages p;
	struct kb_text t;

	assert_int_equal(kb_extract(text, strlen(text), "a.md", 1 << 20, &t),
	    0);
	kb_chunk(&t, "en", &p);
	kb_document_init(&d, "default", source, text, strlen(text), title,
	    NULL);
	assert_int_equal(kb_replace(db, a, &d, &p, 1), 0);
	kb_passages_release(&p);
	kb_text_release(&t);
}

static size_t
hits_of(struct kb *kb, const char *text)
{
	struct kb_query q = { .text = text };
	struct kb_hits *hits = NULL;
	size_t n;

	assert_int_equal(kb_search(kb, &q, &hits), 0);
	n = hits->count;
	kb_hits_free(hits);
	return n;
}

static void
index_holds_the_passages(void **state)
{
	struct analyser *a = analyser_new();
	struct db *db = new_base();
	struct kb *kb = NULL;
	char source[32];
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		snprintf(source, sizeof(source), "s%d", i % 25);
		put(db, a, source, "Parcels",
		    i % 2 ?
			"# One\n\nA zeppelin flies.\n\n## Two\n\nSlowly.\n" :
			"# One\n\nA balloon is in the air.\n");
		assert_int_equal(kb_check(db), 0);
	}
	assert_int_equal(kb_open(db, &kb), 0);
	assert_true(hits_of(kb, "zeppelin") > 0);
	assert_true(hits_of(kb, "balloon") > 0);
	/* A word less, and the check says so. */
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(
	    db_exec(db, "DELETE FROM segment_term WHERE term = 'zeppelin'"), 0);
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(kb_check(db), ERR_DATA);
	kb_close(kb);
	db_close(db);
	analyser_free(a);
}

/* Damaged blobs are an error of the store's data, not a crash. */
static void
damaged_blobs_are_errors(void **state)
{
	static const char *const harm[] = {
		"UPDATE segment_term SET data = x'' WHERE data IS NOT NULL",
		"UPDATE segment_term SET df = 1000",
		"UPDATE segment_term SET data = randomblob(length(data))",
		"UPDATE segment_term SET list = 99, data = NULL",
		"UPDATE segment_blob SET data = substr(data, 2)",
		"DELETE FROM segment_blob",
		"UPDATE segment SET passages = 100000",
		"UPDATE segment SET rows = x'00'",
	};
	struct analyser *a = analyser_new();
	struct kb_query q = { .text = "zeppelin zepelin balloon air" };
	struct kb_hits *hits;
	struct db *db;
	struct kb *kb;
	size_t i;
	int code;

	(void)state;
	for (i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
		db = new_base();
		put(db, a, "s", "Air", "# One\n\nA zeppelin flies.\n");
		put(db, a, "t", "Air", "# Two\n\nA balloon in the air.\n");
		assert_int_equal(db_begin(db), 0);
		assert_int_equal(db_exec(db, harm[i]), 0);
		assert_int_equal(db_commit(db), 0);
		kb = NULL;
		hits = NULL;
		code = kb_open(db, &kb);
		if (code == 0)
			code = kb_search(kb, &q, &hits);
		assert_true(code == 0 || code == ERR_DATA);
		/* Other bytes may be another list. */
		if (code == 0 && i != 2)
			fail_msg("not noticed: %s", harm[i]);
		kb_hits_free(hits);
		kb_close(kb);
		db_close(db);
	}
	analyser_free(a);
}

/* unit-index STORE: whether the index holds the passages of a store. */
static int
check_store(const char *dir)
{
	struct store *s = NULL;
	struct db *db = NULL;
	int code = store_open_dir(dir, STORE_WRITE, &s);

	if (code == 0)
		code = store_kb(s, &db);
	if (code == 0)
		code = kb_check(db);
	if (code < 0)
		fprintf(stderr, "unit-index: %s\n", err_reason());
	store_close(s);
	return err_status(code);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_come_back),
		cmocka_unit_test(damage_is_noticed),
		cmocka_unit_test(passing_over_changes_nothing),
		cmocka_unit_test(index_holds_the_passages),
		cmocka_unit_test(damaged_blobs_are_errors),
	};

	if (argc == 2)
		return check_store(argv[1]);
	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
