/*
 * unit-lock - the writer lock under stress: 8 writers, 4 readers, checkpoints
 *
 * Each writer adds rows in small transactions and moves a counter; a reader
 * must never see a counter that does not match the rows. At the end every row
 * is there, no writer starved, and the file is sound. LONG=1 runs longer.
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
#include "store/store.h"

#define WRITERS 8
#define READERS 4
#define FAIR_PERCENT 5 /* nobody starves; make bench has how fair it is */

static char dir[] = "/tmp/unit-lock.XXXXXX";

static int
set_up(void **state)
{
	struct store *s;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(store_create(dir, "personal"), 0);
	assert_int_equal(store_open_dir(dir, STORE_WRITE, &s), 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(db_exec(store_desk(s),
			     "CREATE TABLE stress (writer INTEGER, n INTEGER,"
			     " filler BLOB);"
			     "CREATE TABLE total (n INTEGER);"
			     "INSERT INTO total VALUES (0)"),
	    0);
	assert_int_equal(store_commit(s), 0);
	store_close(s);
	return 0;
}

static int
tear_down(void **state)
{
	char *command = xformat("rm -rf %s", dir);
	int code = system(command); /* a test's own folder */

	(void)state;
	free(command);
	return code;
}

static int
write_until(int me, int64_t until_ms)
{
	struct store *s;
	struct query q;
	int n = 0, rows, i;

	if (store_open_dir(dir, STORE_WRITE, &s) < 0)
		return 1;
	while (mono_ms() < until_ms) {
		if (store_begin(s) < 0)
			return 2;
		/* The first writer takes large turns, the others small ones. */
		rows = me == 0 ? DB_BATCH_ROWS : 1;
		for (i = 0; i < rows; i++) {
			q = query(store_desk(s),
			    "INSERT INTO stress VALUES (:me, :n,"
			    " zeroblob(500))");
			bind_int(&q, ":me", me);
			bind_int(&q, ":n", n++);
			step(&q);
			if (done(&q) < 0)
				return 3;
		}
		q = query(store_desk(s), "UPDATE total SET n = n + :rows");
		bind_int(&q, ":rows", rows);
		step(&q);
		if (done(&q) < 0)
			return 4;
		if (store_commit(s) < 0)
			return 5;
		if (me == 1 && n % 50 == 0) {
			int code = db_checkpoint(store_desk(s));

			if (code < 0 && code != ERR_BUSY) /* readers */
				return 6;
		}
	}
	store_close(s);
	return 0;
}

static int
read_until(int64_t until_ms)
{
	struct store *s;
	struct query q;
	int64_t rows, total;

	if (store_open_dir(dir, STORE_READ, &s) < 0)
		return 1;
	while (mono_ms() < until_ms) {
		q = query(store_desk(s),
		    "SELECT (SELECT count(*) FROM stress),"
		    " (SELECT n FROM total)");
		if (!step(&q))
			return 2;
		rows = column_int(&q, 0);
		total = column_int(&q, 1);
		if (done(&q) < 0)
			return 3;
		if (rows != total)
			return 4;
	}
	store_close(s);
	return 0;
}

static void
writers_take_turns(void **state)
{
	int64_t until = mono_ms() + (getenv("LONG") != NULL ? 60000 : 4000);
	int64_t least = INT64_MAX, most = 0, turns;
	pid_t pids[WRITERS + READERS];
	struct store *s;
	struct query q;
	int i, status, bad = 0;

	(void)state;
	for (i = 0; i < WRITERS + READERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(i < WRITERS ? write_until(i, until) :
					    read_until(until));
	}
	for (i = 0; i < WRITERS + READERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		if (status != 0) {
			printf("# process %d ended with %x\n", i, status);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
	assert_int_equal(store_open_dir(dir, STORE_WRITE, &s), 0);
	for (i = 0; i < WRITERS; i++) {
		q = query(store_desk(s),
		    "SELECT count(*), count(DISTINCT n),"
		    " max(n) FROM stress"
		    " WHERE writer = :i");
		bind_int(&q, ":i", i);
		assert_true(step(&q));
		assert_int_equal(column_int(&q, 0), column_int(&q, 1));
		assert_int_equal(column_int(&q, 0), column_int(&q, 2) + 1);
		turns = column_int(&q, 0) / (i == 0 ? DB_BATCH_ROWS : 1);
		assert_int_equal(done(&q), 0);
		if (i == 1) /* it also waits for the readers */
			continue;
		least = turns < least ? turns : least;
		most = turns > most ? turns : most;
	}
	printf("# turns: least %lld, most %lld\n", (long long)least,
	    (long long)most);
	assert_true(least * 100 >= most * FAIR_PERCENT);
	q = query(store_desk(s), "PRAGMA integrity_check");
	assert_true(step(&q));
	assert_string_equal(column_text(&q, 0), "ok");
	assert_int_equal(done(&q), 0);
	store_close(s);
}

static void
a_killed_writer_frees_its_turn(void **state)
{
	struct store *s;
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		if (store_open_dir(dir, STORE_WRITE, &s) == 0 &&
		    store_begin(s) == 0)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(store_open_dir(dir, STORE_WRITE, &s), 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_commit(s), 0);
	store_close(s);
}

static void
waiting_ends_with_try_again(void **state)
{
	struct store *s, *other;
	int64_t before;
	int fds[2], status;
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (store_open_dir(dir, STORE_WRITE, &other) < 0 ||
		    store_begin(other) < 0 || write(fds[1], "x", 1) != 1)
			_exit(1);
		sleep(30);
		_exit(0);
	}
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(store_open_dir(dir, STORE_WRITE, &s), 0);
	db_wait_ms(store_desk(s), 200);
	before = mono_ms();
	assert_int_equal(store_begin(s), ERR_BUSY);
	assert_true(mono_ms() - before >= 190);
	assert_true(mono_ms() - before < 5000);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_int_equal(store_begin(s), 0);
	store_rollback(s);
	store_close(s);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_writer_frees_its_turn),
		cmocka_unit_test(waiting_ends_with_try_again),
		cmocka_unit_test(writers_take_turns),
	};

	return cmocka_run_group_tests_name("lock", tests, set_up, tear_down);
}
