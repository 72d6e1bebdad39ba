/*
 * search - questions in one process: ours, and SQLite's FTS5 beside it
 *
 *	search ours STORE <questions	median and slowest hundredth, in us
 *	search build FILE <documents	an FTS5 table of the same; MB/s, bytes
 *	search fts5 FILE <questions
 *	search turns STORE SECONDS	how long a write into the base takes, a turn's
 *					wait and commit, fifty times a second
 *
 * The peer has the words of title and text and BM25 with the title three
 * times, and is asked as we are: any of the words, the ten best.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <sqlite3.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "kb/search.h"
#include "store/store.h"

#define QUESTIONS_MAX 100000

static int64_t times[QUESTIONS_MAX];
static size_t count;

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
print_times(void)
{
	if (count == 0)
		exit(66);
	qsort(times, count, sizeof(*times), by_number);
	printf("{\"count\":%zu,\"p50_us\":%lld,\"p99_us\":%lld}\n", count,
	    (long long)times[count / 2], (long long)times[count * 99 / 100]);
}

/* The next line as an object; NULL at the end. */
static json_t *
next(void)
{
	static char *line;
	static size_t cap;
	json_t *o = NULL;
	ssize_t n = getline(&line, &cap, stdin);

	if (n <= 0)
		return NULL;
	if (json_lenient(line, (size_t)n, &o) < 0) {
		fprintf(stderr, "search: %s\n", err_reason());
		exit(65);
	}
	return o;
}

static int
ours(const char *dir)
{
	struct kb_query q = { .text = NULL };
	struct store *s = NULL;
	struct kb_hits *hits;
	struct kb *kb = NULL;
	struct db *db = NULL;
	int64_t began;
	json_t *o;
	int code = store_open_dir(dir, STORE_KB, &s);

	if (code == 0)
		code = store_kb(s, &db);
	if (code == 0)
		code = kb_open(db, &kb);
	while (code == 0 && count < QUESTIONS_MAX && (o = next()) != NULL) {
		q.text = json_str(o, "query");
		began = mono_us();
		hits = NULL;
		code = kb_search(kb, &q, &hits);
		times[count++] = mono_us() - began;
		kb_hits_free(hits);
		json_decref(o);
	}
	if (code < 0)
		fprintf(stderr, "search: %s\n", err_reason());
	else
		print_times();
	kb_close(kb);
	store_close(s);
	return err_status(code);
}

static int
turns(const char *dir, double seconds)
{
	struct timespec pause = { 0, 20000000 };
	int64_t until = mono_us() + (int64_t)(seconds * 1e6), began;
	struct store *s = NULL;
	struct db *db = NULL;
	int code = store_open_dir(dir, STORE_WRITE, &s);

	if (code == 0)
		code = store_kb(s, &db);
	while (code == 0 && count < QUESTIONS_MAX && mono_us() < until) {
		began = mono_us();
		code = db_begin(db);
		if (code == 0)
			code = db_exec(db,
			    "UPDATE ingest SET began_ms = began_ms");
		if (code == 0)
			code = db_commit(db);
		times[count++] = mono_us() - began;
		nanosleep(&pause, NULL);
	}
	if (code < 0)
		fprintf(stderr, "search: %s\n", err_reason());
	else
		print_times();
	store_close(s);
	return err_status(code);
}

static sqlite3 *
open_peer(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		exit(74);
	sqlite3_exec(db,
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "CREATE VIRTUAL TABLE IF NOT EXISTS t USING fts5 (title, text,"
	    " content = '', tokenize = 'porter unicode61')",
	    NULL, NULL, NULL);
	return db;
}

static int
build(const char *path)
{
	sqlite3 *db = open_peer(path);
	int64_t began = mono_us(), bytes = 0, rows = 0, us;
	sqlite3_stmt *insert;
	const char *text;
	struct stat st;
	json_t *o;

	sqlite3_prepare_v2(db,
	    "INSERT INTO t (rowid, title, text) VALUES (?, ?, ?)", -1, &insert,
	    NULL);
	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	while ((o = next()) != NULL) {
		text = json_str(o, "text");
		bytes += (int64_t)strlen(text);
		sqlite3_bind_int64(insert, 1, ++rows);
		sqlite3_bind_text(insert, 2, json_str(o, "title"), -1,
		    SQLITE_TRANSIENT);
		sqlite3_bind_text(insert, 3, text, -1, SQLITE_TRANSIENT);
		sqlite3_step(insert);
		sqlite3_reset(insert);
		json_decref(o);
		if (rows % 10000 == 0)
			sqlite3_exec(db, "COMMIT; BEGIN", NULL, NULL, NULL);
	}
	sqlite3_finalize(insert);
	sqlite3_exec(db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL,
	    NULL);
	us = mono_us() - began;
	sqlite3_close(db);
	if (stat(path, &st) < 0)
		return 74;
	printf("{\"rows\":%lld,\"bytes_per_second\":%lld,\"bytes\":%lld}\n",
	    (long long)rows, (long long)(bytes * 1000000 / (us + 1)),
	    (long long)st.st_size);
	return 0;
}

static char *
match_of(const char *text)
{
	struct buf b = BUF_INIT(0);
	size_t n;

	for (; *text != '\0'; text += n) {
		for (n = 0; isalnum((unsigned char)text[n]) ||
		     ((unsigned char)text[n] & 0x80);
		     n++)
			;
		if (n > 0)
			buf_addf(&b, "%s\"%.*s\"", b.len > 0 ? " OR " : "",
			    (int)n, text);
		else
			n = 1;
	}
	return buf_detach(&b);
}

static int
fts5(const char *path)
{
	sqlite3 *db = open_peer(path);
	sqlite3_stmt *q;
	int64_t began;
	char *match;
	json_t *o;

	sqlite3_prepare_v2(db,
	    "SELECT rowid FROM t WHERE t MATCH ?"
	    " ORDER BY bm25(t, 3.0, 1.0) LIMIT 10",
	    -1, &q, NULL);
	while (count < QUESTIONS_MAX && (o = next()) != NULL) {
		match = match_of(json_str(o, "query"));
		began = mono_us();
		sqlite3_bind_text(q, 1, match, -1, SQLITE_TRANSIENT);
		while (sqlite3_step(q) == SQLITE_ROW)
			;
		sqlite3_reset(q);
		times[count++] = mono_us() - began;
		free(match);
		json_decref(o);
	}
	sqlite3_finalize(q);
	sqlite3_close(db);
	print_times();
	return 0;
}

int
main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "ours") == 0)
		return ours(argv[2]);
	if (argc == 3 && strcmp(argv[1], "build") == 0)
		return build(argv[2]);
	if (argc == 3 && strcmp(argv[1], "fts5") == 0)
		return fts5(argv[2]);
	if (argc == 4 && strcmp(argv[1], "turns") == 0)
		return turns(argv[2], atof(argv[3]));
	fprintf(stderr,
	    "usage: search ours STORE | build FILE | fts5 FILE |"
	    " turns STORE SECONDS\n");
	return 64;
}
