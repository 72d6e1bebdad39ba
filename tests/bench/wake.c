/*
 * wake - from a commit in one process to the row read in another
 *
 *	wake DIR bell|poll COMMITS
 *
 * A writer commits a row every 2 to 8 ms; a reader waits at the bell, or looks
 * every 10 ms as a program without one would. Prints one object: p50_us,
 * p99_us, idle_percent (of a processor, that the waiting reader takes).
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "store/db.h"
#include "store/log.h"

#define COMMITS_MAX 10000
#define POLL_MS 10
#define SAFETY_MS 5000
#define IDLE_MS 5000

static int64_t *committed_us, *read_us; /* shared, by row from 1 */
static volatile int *ready;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "wake: %s: %s\n", what, err_reason());
	_exit(70);
}

/* SQLite calls this when a commit is in the log and visible to all. */
static int
visible(void *ctx, sqlite3 *handle, const char *name, int pages)
{
	(void)handle;
	(void)name;
	(void)pages;
	*(int64_t *)ctx = mono_us();
	return SQLITE_OK;
}

static int64_t
read_rows(struct db *db, int64_t last)
{
	struct query q =
	    query(db, "SELECT seq FROM body WHERE seq > :last ORDER BY seq");

	bind_int(&q, ":last", last);
	while (step(&q)) {
		last = column_int(&q, 0);
		read_us[last] = mono_us();
	}
	if (done(&q) < 0)
		die("read");
	return last;
}

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
wait_once(struct pollfd *fd, int until_ms)
{
	if (fd->fd < 0) {
		poll(NULL, 0, POLL_MS < until_ms ? POLL_MS : until_ms);
		return;
	}
	if (poll(fd, 1, SAFETY_MS < until_ms ? SAFETY_MS : until_ms) > 0)
		bell_clear(fd->fd);
}

static _Noreturn void
reader(const char *path, const char *bell, bool bells, int64_t rows,
    double *ret_idle)
{
	struct pollfd fd = { -1, POLLIN, 0 };
	struct db *db;
	int64_t last = 0, idle_end;
	double cpu;

	if (db_open(path, DB_INBOX, DB_READ, &db) < 0 ||
	    (bells && bell_open(bell, &fd.fd) < 0))
		die("reader");
	*ready = 1;
	while ((last = read_rows(db, last)) < rows)
		wait_once(&fd, SAFETY_MS);
	cpu = cpu_ms();
	idle_end = mono_ms() + IDLE_MS;
	while (mono_ms() < idle_end) {
		wait_once(&fd, (int)(idle_end - mono_ms()));
		read_rows(db, last);
	}
	*ret_idle = (cpu_ms() - cpu) / IDLE_MS * 100;
	db_close(db);
	_exit(0);
}

static void
commit_rows(const char *path, const char *bell, int64_t rows)
{
	int64_t at_us = 0;
	struct db *db;

	if (db_open(path, DB_INBOX, DB_WRITE, &db) < 0)
		die("writer");
	db_bell(db, bell);
	sqlite3_wal_hook(db_handle(db), visible, &at_us);
	for (int64_t i = 1; i <= rows; i++) {
		struct query q;

		usleep((useconds_t)(2000 + i * 7919 % 6000));
		if (db_begin(db) < 0)
			die("begin");
		q = query(db,
		    "INSERT INTO body (received_ms, headers, body)"
		    " VALUES (1, '{}', zeroblob(1000))");
		step(&q);
		if (done(&q) < 0 || db_commit(db) < 0)
			die("commit");
		committed_us[i] = at_us;
	}
	db_close(db);
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int
main(int argc, char *argv[])
{
	char *path, *bell;
	int64_t rows, *took;
	double *idle;
	struct db *db;
	int status;

	if (argc != 4) {
		fprintf(stderr, "usage: wake DIR bell|poll COMMITS\n");
		return 64;
	}
	rows = atoll(argv[3]);
	if (rows < 1 || rows > COMMITS_MAX)
		return 64;
	path = xformat("%s/wake-%s.db", argv[1], argv[2]);
	bell = xformat("%s/wake.bell", argv[1]);
	committed_us = mmap(NULL, sizeof(int64_t) * (COMMITS_MAX * 2 + 4),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (committed_us == MAP_FAILED)
		return 71;
	read_us = committed_us + COMMITS_MAX + 1;
	idle = (double *)(read_us + COMMITS_MAX + 1);
	ready = (int *)(idle + 1);
	if (db_open(path, DB_INBOX, DB_WRITE | DB_CREATE, &db) < 0)
		die(path);
	db_close(db);
	if (fork() == 0)
		reader(path, bell, strcmp(argv[2], "bell") == 0, rows, idle);
	while (!*ready)
		usleep(1000);
	commit_rows(path, bell, rows);
	wait(&status);
	if (status != 0)
		return 70;
	took = xcalloc((size_t)rows, sizeof(*took));
	for (int64_t i = 0; i < rows; i++)
		took[i] = read_us[i + 1] - committed_us[i + 1];
	qsort(took, (size_t)rows, sizeof(*took), by_number);
	printf("{\"p50_us\":%lld,\"p99_us\":%lld,\"idle_percent\":%.4f}\n",
	    (long long)took[(rows - 1) / 2],
	    (long long)took[(rows - 1) * 99 / 100], *idle);
	free(took);
	free(path);
	free(bell);
	return 0;
}
