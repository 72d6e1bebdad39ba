/*
 * db - one SQLite file of the store: statements, transactions, writer lock
 *
 * Every write goes db_begin .. db_commit. db_begin takes the file's writer
 * lock, a turnstile of two lock files beside it (PATH-lock-a, PATH-lock-b):
 * flock a, flock b, release a; b is held while the transaction works. So
 * writers take turns in the order they came, no checkpoint overlaps a commit
 * (which would lose pages in SQLite before 3.51.3), and a killed process frees
 * its turn. Stop signals are blocked while it is held. Between db_begin and
 * db_commit there is no parsing, no input or output, no fork and no waiting;
 * at most DB_BATCH_ROWS rows or DB_BATCH_MS milliseconds of work. In the
 * knowledge base, where nobody waits but those who ingest, embed and edit, a
 * turn is KB_BATCH_MS: what it costs is a page that is written again.
 *
 * One db a thread. Nothing here prints or exits. Text is UTF-8. Errors are
 * negative (base/err.h); ERR_BUSY means the turn did not come in time.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#define DB_BATCH_ROWS 64
#define DB_BATCH_MS 5
#define KB_BATCH_MS 25

struct db;
struct statement;

enum db_kind { DB_DESK, DB_KB, DB_AUTH, DB_INBOX };

enum db_flags {
	DB_READ = 0,	     /* read only; the file must exist */
	DB_WRITE = 1 << 0,   /* read and write; the file must exist */
	DB_CREATE = 1 << 1,  /* made if missing (with DB_WRITE) */
	DB_UPGRADE = 1 << 2, /* an older schema is brought up to date */
	DB_MEMORY = 1 << 3,  /* a private one in memory; path is ignored */
	DB_OLDER = 1 << 4, /* with DB_READ: an older schema will do (a copy) */
	DB_ONCE = 1 << 5,  /* to read for a moment: one snapshot to the end */
};

/*
 * Open the file at path. ERR_NOINPUT if it is missing, ERR_CONFIG if its
 * schema is older (without DB_UPGRADE) or newer than ours, or it is another
 * program's file.
 */
int db_open(const char *path, enum db_kind kind, unsigned flags,
    struct db **ret);

/* NULL is allowed; an open transaction is undone. */
void db_close(struct db *db);

const char *db_path(const struct db *db);
sqlite3 *db_handle(struct db *db); /* for what this header does not offer */

/* How long db_begin waits for its turn; default 10 s, FRONTDESK_LOCK_WAIT. */
void db_wait_ms(struct db *db, int64_t ms);

/* Begin a write transaction (turnstile, BEGIN IMMEDIATE). */
int db_begin(struct db *db);

/* Whether a batch has used its turn: DB_BATCH_MS or KB_BATCH_MS have passed. */
bool db_turn_over(const struct db *db);

/* Commit, checkpoint if it is due, give up the lock, ring the bell. */
int db_commit(struct db *db);

/* Undo; allowed when no transaction is open. */
void db_rollback(struct db *db);

/* A read snapshot over several statements; at most two seconds. */
int db_read_begin(struct db *db);
void db_read_end(struct db *db);

/*
 * The bell: a file that is touched after each commit, to wake followers
 * (inotify on it). NULL: none is rung. The path is copied.
 */
void db_bell(struct db *db, const char *path);

/* The bell file for writing, made if it is not there; -1: it cannot be. */
int db_open_bell(const char *path);

/* Move pages into the file and cut the log to nothing, under the lock. */
int db_checkpoint(struct db *db);

/*
 * Give the pages that are not used back to the file system, a turn's worth at a
 * time. A file that was not made for that is written anew as a whole, while
 * others wait, if a quarter of it is unused and it has at most max_bytes.
 */
int db_shrink(struct db *db, int64_t max_bytes);

/*
 * Zero what is left of deleted rows in the unused middle of pages: SQLite's
 * secure_delete wipes the row, not the copies that remain where a page's rows
 * were shared out anew. A turn's worth at a time; the whole file is read.
 */
int db_scrub(struct db *db);

/* Bytes of the write-ahead log now; 0 if there is none. */
int64_t db_wal_bytes(const struct db *db);

/* A consistent copy of the whole file at path, which must not exist. */
int db_copy(struct db *db, const char *path);

/*
 * A statement, prepared once and kept by db. The first error of all calls up
 * to done() sticks; ask there.
 *
 *	struct query q = query(db, "SELECT a FROM t WHERE b = :b");
 *	bind_text(&q, ":b", b);
 *	while (step(&q))
 *		use(column_text(&q, 0));
 *	return done(&q);
 */
struct query {
	struct db *db;
	sqlite3_stmt *stmt;
	int code;		/* 0 or the first ERR */
	struct statement *kept; /* NULL: ends with the query */
	unsigned bound;		/* values so far */
};

struct query query(struct db *db, const char *sql);
void bind_text(struct query *q, const char *name,
    const char *text); /* NULL: null */
void bind_textn(struct query *q, const char *name, const char *text,
    size_t len);
/* The same, not copied: it stays until done(). For what is long, or many. */
void bind_lent(struct query *q, const char *name, const char *text, size_t len);
void bind_lent_blob(struct query *q, const char *name, const void *p,
    size_t len);
void bind_int(struct query *q, const char *name, int64_t n);
void bind_real(struct query *q, const char *name, double x);
void bind_blob(struct query *q, const char *name, const void *p, size_t len);
void bind_null(struct query *q, const char *name);
/* By the place of a "?", from 1: for statements that write many rows alike. */
void bind_int_at(struct query *q, int place, int64_t n);
void bind_lent_at(struct query *q, int place, const char *text, size_t len);
void bind_lent_blob_at(struct query *q, int place, const void *p, size_t len);
bool step(struct query *q); /* true: a row is there */
int done(struct query *q);  /* 0 or the first error; the statement is free */
/* step and done at once: 1, a row is there, 0 or an ERR. */
int any_row(struct query *q);

/* Columns of the row; text and blobs are good until the next step(). */
int64_t column_int(struct query *q, int i);
double column_real(struct query *q, int i);
const char *column_text(struct query *q, int i); /* NULL for null */
char *column_copy(struct query *q, int i);	 /* caller frees; NULL */
const void *column_blob(struct query *q, int i, size_t *ret_len);
bool column_null(struct query *q, int i);

/* Run one or more statements without values or rows. */
int db_exec(struct db *db, const char *sql);

/* Rows the last statement changed. */
int db_changes(struct db *db);

/* The integer key of the row inserted last: RETURNING, which makes a table of
 * its own each time, costs as much again as the row. */
int64_t db_last_row(struct db *db);

#endif
