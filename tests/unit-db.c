/*
 * unit-db - who reads for a moment (DB_ONCE) sees what any reader does
 *
 * Beside nobody, beside a writer of any age, behind one that was killed, and
 * while one writes and moves its log into the file. Writers are processes of
 * their own, for SQLite's locks are a process's.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "store/db.h"

#define SOME 500 /* transactions of a writer beside readers */

static char dir[] = "/tmp/unit-db.XXXXXX";
static char *path;

static int
set_up(void **state)
{
	struct db *db;

	(void)state;
	assert_non_null(mkdtemp(dir));
	/* A name that is none of a file to who reads it as an address. */
	path = xformat("%s/a%%20b?mode=memory#c.db", dir);
	assert_int_equal(db_open(path, DB_KB, DB_WRITE | DB_CREATE, &db), 0);
	assert_int_equal(db_exec(db,
			     "CREATE TABLE one (n INTEGER);"
			     "CREATE TABLE other (n INTEGER);"
			     "INSERT INTO one VALUES (0);"
			     "INSERT INTO other VALUES (0)"),
	    0);
	assert_int_equal(db_checkpoint(db), 0);
	db_close(db);
	return 0;
}

static int
tear_down(void **state)
{
	char *command = xformat("rm -rf %s", dir);
	int code = system(command); /* a test's own folder */

	(void)state;
	free(command);
	free(path);
	return code;
}

static int64_t
read_n(struct db *db, const char *sql)
{
	struct query q = query(db, sql);
	int64_t n = -1;

	if (step(&q))
		n = column_int(&q, 0);
	assert_int_equal(done(&q), 0);
	return n;
}

/* Both numbers, which are the same in every snapshot. */
static int64_t
read_both(struct db *db)
{
	int64_t one = read_n(db, "SELECT n FROM one");

	assert_int_equal(read_n(db, "SELECT n FROM other"), one);
	return one;
}

static int64_t
read_once(void)
{
	struct db *db;
	int64_t n;

	assert_int_equal(db_open(path, DB_KB, DB_READ | DB_ONCE, &db), 0);
	n = read_both(db);
	db_close(db);
	return n;
}

static void
write_n(struct db *db, int64_t n)
{
	struct query q;

	if (db_begin(db) < 0)
		_exit(1);
	q = query(db, "UPDATE one SET n = :n");
	bind_int(&q, ":n", n);
	step(&q);
	if (done(&q) < 0)
		_exit(1);
	q = query(db, "UPDATE other SET n = :n");
	bind_int(&q, ":n", n);
	step(&q);
	if (done(&q) < 0 || db_commit(db) < 0)
		_exit(1);
}

struct writer {
	pid_t pid;
	int go, done;
};

/*
 * A process that opens the file and does write_some() when it is told, and then
 * keeps the file open until it is killed. It begins before this one has the file
 * open: SQLite does not go through a fork.
 */
static struct writer
begin(void (*write_some)(struct db *db))
{
	struct writer w;
	int go[2], done[2];
	struct db *db;
	char c;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	w.pid = fork();
	if (w.pid == 0) {
		close(go[1]);
		if (read(go[0], &c, 1) != 1 ||
		    db_open(path, DB_KB, DB_WRITE, &db) < 0)
			_exit(1);
		write_some(db);
		if (write(done[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(go[0]);
	close(done[1]);
	w.go = go[1];
	w.done = done[0];
	return w;
}

static void
tell(struct writer *w)
{
	char c;

	assert_int_equal(write(w->go, "x", 1), 1);
	assert_int_equal(read(w->done, &c, 1), 1);
	close(w->go);
	close(w->done);
}

static struct writer
beside(void (*write_some)(struct db *db))
{
	struct writer w = begin(write_some);

	tell(&w);
	return w;
}

static void
end(const struct writer *w)
{
	int status;

	kill(w->pid, SIGKILL);
	waitpid(w->pid, &status, 0);
}

static void
write_one(struct db *db)
{
	write_n(db, 1);
}

static void
write_two(struct db *db)
{
	write_n(db, 2);
	write_n(db, 3);
}

static void
write_nothing(struct db *db)
{
	read_n(db, "SELECT n FROM one");
}

static void
sees_what_others_wrote(void **state)
{
	struct writer w;

	(void)state;
	assert_int_equal(read_once(), 0);
	w = beside(write_nothing);
	assert_int_equal(read_once(), 0);
	end(&w);
	/* The first of a log, of which no reader has told anybody. */
	w = beside(write_one);
	assert_int_equal(read_once(), 1);
	end(&w);
	/* Its log is there, and nobody who knows it. */
	assert_int_equal(read_once(), 1);
	w = beside(write_two);
	assert_int_equal(read_once(), 3);
	end(&w);
	assert_int_equal(read_once(), 3);
}

static void
keeps_its_snapshot(void **state)
{
	struct db *db;
	struct writer w = begin(write_one);
	int64_t before;

	(void)state;
	assert_int_equal(db_open(path, DB_KB, DB_READ | DB_ONCE, &db), 0);
	before = read_n(db, "SELECT n FROM one");
	assert_int_not_equal(before, 1);
	tell(&w);
	assert_int_equal(read_n(db, "SELECT n FROM other"), before);
	/* A transaction within it is the same. */
	assert_int_equal(db_read_begin(db), 0);
	assert_int_equal(read_both(db), before);
	db_read_end(db);
	assert_int_equal(read_both(db), before);
	db_close(db);
	assert_int_equal(read_once(), 1);
	end(&w);
}

/* Also of a log whose index is gone, which it makes anew. */
static void
keeps_that_of_a_log(void **state)
{
	char *index = xformat("%s-shm", path);
	struct writer w = beside(write_one);
	struct db *db;
	int64_t before;

	(void)state;
	end(&w);
	assert_int_equal(unlink(index), 0);
	free(index);
	w = begin(write_two);
	assert_int_equal(db_open(path, DB_KB, DB_READ | DB_ONCE, &db), 0);
	before = read_n(db, "SELECT n FROM one");
	assert_int_equal(before, 1);
	tell(&w);
	assert_int_equal(read_n(db, "SELECT n FROM other"), before);
	db_close(db);
	end(&w);
	assert_int_equal(read_once(), 3);
}

static void
never_writes(void **state)
{
	struct db *db;

	(void)state;
	assert_int_equal(db_open(path, DB_KB, DB_READ | DB_ONCE, &db), 0);
	assert_int_equal(db_begin(db), ERR_BUG);
	assert_true(db_exec(db, "UPDATE one SET n = 9") < 0);
	db_close(db);
	assert_int_equal(db_open("/tmp/unit-db.none/kb.db", DB_KB,
			     DB_READ | DB_ONCE, &db),
	    ERR_NOINPUT);
}

/* Rises, and the log goes into the file and is cut off meanwhile. */
static void
reads_beside_a_writer(void **state)
{
	int64_t n, last = 0, seen = 0;
	struct db *db;
	int status, i;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		for (i = 1; i <= SOME; i++) {
			/* Now and then it is the only one, and the first. */
			if (i % 50 == 1 &&
			    db_open(path, DB_KB, DB_WRITE, &db) < 0)
				_exit(1);
			write_n(db, 1000 + i);
			if (i % 7 == 0)
				db_checkpoint(db);
			if (i % 50 == 0)
				db_close(db);
		}
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		n = read_once();
		assert_true(n >= last);
		seen += n > last;
		last = n;
	}
	assert_int_equal(status, 0);
	assert_int_equal(read_once(), 1000 + SOME);
	print_message("%d values of %d seen\n", (int)seen, SOME);
	assert_true(seen > 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_what_others_wrote),
		cmocka_unit_test(keeps_its_snapshot),
		cmocka_unit_test(keeps_that_of_a_log),
		cmocka_unit_test(never_writes),
		cmocka_unit_test(reads_beside_a_writer),
	};

	return cmocka_run_group_tests_name("db", tests, set_up, tear_down);
}
