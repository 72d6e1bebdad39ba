/*
 * lock - who gets the writer's turn: ours beside SQLite's own waiting
 *
 *	lock DIR turnstile|sqlite SECONDS
 *
 * Three runs of SECONDS each on one file: one writer alone; five flat out; one
 * that commits 64 rows again and again beside four that want one small
 * transaction every 5 ms. Prints one object: alone and five (transactions a
 * second), fairness (the least of the five by the most), wait_max_ms (for a
 * turn, of the five), small_p99_ms and small_max_ms (of the four).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "store/db.h"

#define WRITERS 5
#define WAITS_MAX 4096
#define ROW_BYTES 1000
#define BATCH 64
#define PAUSE_US 5000
#define BUSY_MS 60000

/* What a writer leaves for the parent. */
struct result {
	long transactions;
	int64_t wait_max_us;
	long nwaits;
	int64_t waits_us[WAITS_MAX];
};

static struct result *results; /* shared; one a writer */
static bool own;	       /* the turnstile */
static char *path;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "lock: %s: %s\n", what, err_reason());
	_exit(70);
}

struct writer {
	struct db *db;
	sqlite3 *plain;
};

static void
open_writer(struct writer *w)
{
	if (own) {
		if (db_open(path, DB_INBOX, DB_WRITE, &w->db) < 0)
			die("open");
		db_wait_ms(w->db, BUSY_MS);
		return;
	}
	if (sqlite3_open(path, &w->plain) != SQLITE_OK)
		die("open");
	sqlite3_busy_timeout(w->plain, BUSY_MS);
	sqlite3_exec(w->plain, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
}

static void
plain(struct writer *w, const char *sql)
{
	if (sqlite3_exec(w->plain, sql, NULL, NULL, NULL) != SQLITE_OK) {
		err_set(ERR_BUSY, "%s", sqlite3_errmsg(w->plain));
		die(sql);
	}
}

/* One transaction of rows rows; returns how long its turn took to come. */
static int64_t
transact(struct writer *w, int rows)
{
	static const char sql[] = "INSERT INTO body (received_ms, headers,"
				  " body) VALUES (1, '{}', zeroblob(1000))";
	int64_t began = mono_us(), waited;

	if (own && db_begin(w->db) < 0)
		die("begin");
	if (!own)
		plain(w, "BEGIN IMMEDIATE");
	waited = mono_us() - began;
	for (int i = 0; i < rows; i++) {
		if (own) {
			struct query q = query(w->db, sql);

			step(&q);
			if (done(&q) < 0)
				die("insert");
		} else {
			plain(w, sql);
		}
	}
	if (own && db_commit(w->db) < 0)
		die("commit");
	if (!own)
		plain(w, "COMMIT");
	return waited;
}

static _Noreturn void
writer(struct result *r, int64_t end_us, int rows, int pause_us)
{
	struct writer w = { NULL, NULL };

	open_writer(&w);
	while (mono_us() < end_us) {
		int64_t waited = transact(&w, rows);

		r->transactions++;
		if (waited > r->wait_max_us)
			r->wait_max_us = waited;
		if (r->nwaits < WAITS_MAX)
			r->waits_us[r->nwaits++] = waited;
		if (pause_us > 0)
			usleep((useconds_t)pause_us);
	}
	db_close(w.db);
	sqlite3_close(w.plain);
	_exit(0);
}

/* n writers of the given kind; the first may be another. */
static void
run(int n, double seconds, int first_rows, int first_pause, int rows,
    int pause_us)
{
	int64_t end = mono_us() + (int64_t)(seconds * 1e6);
	int status;

	memset(results, 0, WRITERS * sizeof(*results));
	for (int i = 0; i < n; i++)
		if (fork() == 0)
			writer(&results[i], end, i == 0 ? first_rows : rows,
			    i == 0 ? first_pause : pause_us);
	while (wait(&status) > 0)
		if (status != 0)
			exit(70);
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The p99 and the largest wait of the writers from the second on. */
static void
small_waits(double *ret_p99_ms, double *ret_max_ms)
{
	int64_t *all = xcalloc(WRITERS * WAITS_MAX, sizeof(*all));
	size_t n = 0;

	for (int i = 1; i < WRITERS; i++)
		for (long k = 0; k < results[i].nwaits; k++)
			all[n++] = results[i].waits_us[k];
	*ret_p99_ms = *ret_max_ms = -1;
	if (n > 0) {
		qsort(all, n, sizeof(*all), by_number);
		*ret_p99_ms = (double)all[(n - 1) * 99 / 100] / 1000;
		*ret_max_ms = (double)all[n - 1] / 1000;
	}
	free(all);
}

int
main(int argc, char *argv[])
{
	long five = 0, least = -1, most = 0;
	double seconds, alone, p99, max;
	int64_t wait_max = 0;
	struct db *db;

	if (argc != 4) {
		fprintf(stderr, "usage: lock DIR turnstile|sqlite SECONDS\n");
		return 64;
	}
	own = strcmp(argv[2], "turnstile") == 0;
	seconds = atof(argv[3]);
	path = xformat("%s/lock-%s.db", argv[1], argv[2]);
	if (db_open(path, DB_INBOX, DB_WRITE | DB_CREATE, &db) < 0)
		die(path);
	db_close(db);
	results = mmap(NULL, WRITERS * sizeof(*results), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (results == MAP_FAILED)
		return 71;
	run(1, seconds, 1, 0, 1, 0);
	alone = (double)results[0].transactions / seconds;
	run(WRITERS, seconds, 1, 0, 1, 0);
	for (int i = 0; i < WRITERS; i++) {
		long n = results[i].transactions;

		five += n;
		least = least < 0 || n < least ? n : least;
		most = n > most ? n : most;
		if (results[i].wait_max_us > wait_max)
			wait_max = results[i].wait_max_us;
	}
	run(WRITERS, seconds, BATCH, 0, 1, PAUSE_US);
	small_waits(&p99, &max);
	printf("{\"alone\":%.0f,\"five\":%.0f,\"fairness\":%.2f,"
	       "\"wait_max_ms\":%.1f,\"small_p99_ms\":%.1f,"
	       "\"small_max_ms\":%.1f}\n",
	    alone, (double)five / seconds,
	    most > 0 ? (double)least / (double)most : 0,
	    (double)wait_max / 1000, p99, max);
	free(path);
	return 0;
}
