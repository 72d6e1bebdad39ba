/*
 * db - one SQLite file of the store: statements, transactions, writer lock
 *
 * Holds: between lock() and unlock() this process owns PATH-lock-b, stop
 * signals are blocked, and no other process of ours writes or checkpoints the
 * file. A killed process loses both locks with its descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/time.h"
#include "store/db.h"
#include "store/schema.h"

#define LOCK_WAIT_MS 10000
#define CHECKPOINT_PAGES 1000	   /* 4 MiB of 4 KiB pages */
#define KB_CHECKPOINT_PAGES 4000   /* of 4 KiB: pages written again and again */
#define KB_CHECKPOINT_MOST 32768   /* the same in a large base: 128 MiB */
#define KB_CHECKPOINT_SHARE 8	   /* of the base's pages, in between */
#define INBOX_CHECKPOINT_PAGES 250 /* see checkpoint_if_due */
#define SLOW_TURN_MS 50
#define CHECKPOINT_TRIES 100 /* of db_checkpoint, while somebody reads */
#define CHECKPOINT_PAUSE_MS 20
#define SHRINK_PAGES 32 /* between two looks at the clock */
#define STATEMENTS_MAX 256
#define PLACES_MAX 32	 /* of values in a statement, that are remembered */
#define BUSY_TRIES 20000 /* foreign tools only: ours take the turnstile */

/* "FDSK", so that file(1) and we can tell our files from others'. */
#define APPLICATION_ID 0x4644534b

struct statement {
	const char *origin; /* where sql was when it came: a hint */
	char *sql;
	sqlite3_stmt *stmt;
	bool used;
	/* The names that were bound last, in their order, and their places. */
	const char *name[PLACES_MAX];
	int place[PLACES_MAX];
};

struct db {
	sqlite3 *handle;
	int wal_pages; /* in the log after the last commit of ours */
	char *path;
	enum db_kind kind;
	bool writable, memory;
	bool once; /* the snapshot of DB_ONCE is open */
	int lock_a, lock_b;
	bool in_turn; /* lock b held, transaction open */
	int64_t turn_us;
	sigset_t old_mask;
	int64_t wait_ms;
	char *bell;
	int bell_fd;
	int version; /* user_version this process was opened with */
	struct statement *statements[STATEMENTS_MAX];
	size_t nstatements;
};

static pthread_once_t configured = PTHREAD_ONCE_INIT;
static const char *const kind_names[] = { "desk", "kb", "auth", "inbox" };

static int
sql_error(struct db *db, int rc, const char *what)
{
	int code;

	/* SQLite does not say why. */
	if ((rc & 0xff) == SQLITE_CANTOPEN && !db->memory &&
	    eaccess(db->path, R_OK) < 0 && errno == EACCES)
		return err_errno(ERR_DENIED, "%s", db->path);
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		code = ERR_BUSY;
		break;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
		code = ERR_DENIED;
		break;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
		code = ERR_IO;
		break;
	default:
		code = ERR_BUG;
	}
	return err_set(code, "%s: %s%s%s", db->memory ? "store" : db->path,
	    what, *what ? ": " : "", sqlite3_errmsg(db->handle));
}

/* A short busy handler with jitter: the turnstile keeps our own programs
 * apart, so this meets only foreign tools and recovery after a crash. */
static int
busy(void *arg, int tries)
{
	struct timespec t = { 0, 50000 + (tries * 37 % 14) * 50000 };

	(void)arg;
	if (tries > BUSY_TRIES)
		return 0;
	nanosleep(&t, NULL);
	return 1;
}

/* --- the writer lock --- */

static void
on_alarm(int sig)
{
	(void)sig;
}

static int
alarm_signal(void)
{
	return SIGRTMIN + 3;
}

/* flock that gives up: a timer interrupts it, again and again in case the
 * first signal comes before the wait. */
static int
flock_until(int fd, timer_t timer, int64_t until_us)
{
	struct itimerspec off = { { 0, 0 }, { 0, 0 } }, on;
	int64_t left;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	for (;;) {
		left = until_us - mono_us();
		if (left <= 0)
			return -1;
		on.it_value.tv_sec = left / 1000000;
		on.it_value.tv_nsec = (left % 1000000) * 1000 + 1;
		on.it_interval.tv_sec = 0;
		on.it_interval.tv_nsec = 20000000;
		timer_settime(timer, 0, &on, NULL);
		if (flock(fd, LOCK_EX) == 0) {
			timer_settime(timer, 0, &off, NULL);
			return 0;
		}
		timer_settime(timer, 0, &off, NULL);
		if (errno != EINTR)
			return -1;
	}
}

static void
turn_log(struct db *db, int64_t held_ms)
{
	char stamp[TIME_TEXT_BYTES], line[160], *path, name[32] = "?";
	int fd, n;
	ssize_t w;

	fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		w = read(fd, name, sizeof(name) - 1);
		name[w > 0 ? (size_t)w - 1 : 0] = '\0';
		close(fd);
	}
	/* One appended line: "frontdesk status" shows the day's worst. */
	path = xformat("%s-slow", db->path);
	n = snprintf(line, sizeof(line), "%s %s %d %lld\n",
	    time_text(now_ms(), stamp), name, (int)getpid(),
	    (long long)held_ms);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0660);
	if (fd >= 0) {
		w = write(fd, line, (size_t)n);
		(void)w;
		close(fd);
	}
	free(path);
}

static int
lock(struct db *db)
{
	struct sigevent event;
	struct sigaction action;
	sigset_t stop;
	timer_t timer;
	int64_t until = mono_us() + db->wait_ms * 1000;
	int code = 0;

	if (db->memory)
		return 0;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGHUP);
	sigaddset(&stop, SIGQUIT);
	sigaddset(&stop, SIGTSTP);
	if (flock(db->lock_a, LOCK_EX | LOCK_NB) == 0) {
		if (flock(db->lock_b, LOCK_EX | LOCK_NB) == 0)
			goto got;
	} else if (errno != EWOULDBLOCK)
		return err_errno(ERR_IO, "%s-lock-a", db->path);
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_alarm;
	sigaction(alarm_signal(), &action, NULL);
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_signo = alarm_signal();
	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
		return err_errno(ERR_IO, "timer");
	if (flock_until(db->lock_a, timer, until) < 0 ||
	    flock_until(db->lock_b, timer, until) < 0) {
		flock(db->lock_a, LOCK_UN);
		code = err_set(ERR_BUSY,
		    "%s: no turn to write within %lld ms, try again", db->path,
		    (long long)db->wait_ms);
	}
	timer_delete(timer);
	if (code < 0)
		return code;
got:
	pthread_sigmask(SIG_BLOCK, &stop, &db->old_mask);
	flock(db->lock_a, LOCK_UN);
	db->turn_us = mono_us();
	return 0;
}

static void
unlock(struct db *db)
{
	int64_t held;

	if (db->memory)
		return;
	flock(db->lock_b, LOCK_UN);
	held = (mono_us() - db->turn_us) / 1000;
	pthread_sigmask(SIG_SETMASK, &db->old_mask, NULL);
	if (held > SLOW_TURN_MS)
		turn_log(db, held);
}

/* --- opening --- */

static int
pragma_int(struct db *db, const char *sql, int *ret)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 0 : sql_error(db, rc, sql);
}

static int
run(struct db *db, const char *sql)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sql_error(db, rc, "");
}

static int
schema_newest(enum db_kind kind)
{
	const struct schema_step *s;
	int newest = 0;

	for (s = schema_steps; s->kind != NULL; s++)
		if (strcmp(s->kind, kind_names[kind]) == 0 &&
		    s->number > newest)
			newest = s->number;
	return newest;
}

/* Under the lock: apply the steps the file does not have. */
static int
upgrade(struct db *db, int from)
{
	const struct schema_step *s, *next;
	char *sql;
	/* A step may make a table anew that others refer to: dropping the old
	 * one would take their rows with it. */
	int code = run(db, "PRAGMA foreign_keys = OFF"), to = from;

	while (code == 0) {
		next = NULL;
		for (s = schema_steps; s->kind != NULL; s++)
			if (strcmp(s->kind, kind_names[db->kind]) == 0 &&
			    s->number > to &&
			    (next == NULL || s->number < next->number))
				next = s;
		if ((s = next) == NULL)
			break;
		sql = xformat("BEGIN IMMEDIATE;\n%s\n"
			      "PRAGMA user_version = %d;\n"
			      "PRAGMA application_id = %d;\n",
		    s->sql, s->number, APPLICATION_ID);
		code = run(db, sql);
		free(sql);
		fault("upgrade.before-commit");
		if (code == 0)
			code = run(db, "COMMIT");
		if (code < 0)
			sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
		to = s->number;
	}
	return code == 0 ? run(db, "PRAGMA foreign_keys = ON") : code;
}

static int
open_locks(struct db *db)
{
	char *path;
	int i, fd;

	for (i = 0; i < 2; i++) {
		path = xformat("%s-lock-%c", db->path, 'a' + i);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
		if (fd < 0) {
			err_errno(errno == EACCES ? ERR_DENIED : ERR_IO, "%s",
			    path);
			free(path);
			return errno == EACCES ? ERR_DENIED : ERR_IO;
		}
		free(path);
		*(i == 0 ? &db->lock_a : &db->lock_b) = fd;
	}
	return 0;
}

static int
check_version(struct db *db, unsigned flags)
{
	int newest = schema_newest(db->kind), id = 0, code;

	code = pragma_int(db, "PRAGMA user_version", &db->version);
	if (code == 0)
		code = pragma_int(db, "PRAGMA application_id", &id);
	if (code < 0)
		return code;
	if (db->version > newest)
		return err_set(ERR_CONFIG,
		    "%s: made by a newer frontdesk (schema %d, ours is %d)",
		    db->path, db->version, newest);
	if (db->version != 0 && id != APPLICATION_ID)
		return err_set(ERR_CONFIG, "%s: not a file of frontdesk",
		    db->path);
	if (db->version == newest || (flags & DB_OLDER && db->version > 0))
		return 0;
	if (!(flags & DB_UPGRADE) && !(flags & DB_CREATE && db->version == 0))
		return err_set(ERR_CONFIG,
		    "%s: schema %d is older than this program (%d): run "
		    "frontdesk upgrade",
		    db->path, db->version, newest);
	code = lock(db);
	if (code < 0)
		return code;
	/* Another process may have done it while this one waited. */
	code = pragma_int(db, "PRAGMA user_version", &db->version);
	if (code == 0)
		code = upgrade(db, db->version);
	if (code == 0)
		code = pragma_int(db, "PRAGMA user_version", &db->version);
	unlock(db);
	return code;
}

/* SQLite tells how long the log is after each commit. */
static int
note_wal(void *ctx, sqlite3 *handle, const char *name, int pages)
{
	struct db *db = ctx;

	(void)handle;
	(void)name;
	db->wal_pages = pages;
	return SQLITE_OK;
}

/* Before SQLite is first used: nobody asks how much memory it has, and telling
 * costs a lock at each piece. No file is mapped, for one that a disk cannot
 * read would end the program. */
static void
configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_MMAP_SIZE, (sqlite3_int64)0,
	    (sqlite3_int64)0);
}

/*
 * Without a writer there is nothing to share but that the log is empty: this one
 * reads it for itself, where SQLite would make a file of it for the next to come.
 * Once somebody else is there, that file is used. The caller frees.
 */
static char *
once_uri(const char *path)
{
	struct buf uri = BUF_INIT(0);

	buf_adds(&uri, *path == '/' ? "file://" : "file:");
	for (; *path != '\0'; path++)
		if (strchr("%?#", *path) != NULL)
			buf_addf(&uri, "%%%02X", (unsigned)*path);
		else
			buf_addc(&uri, *path);
	buf_adds(&uri, "?readonly_shm=1");
	return buf_detach(&uri);
}

/* With the snapshot of DB_ONCE, of which false says that there is none to be
 * had in this way. */
static bool
open_once(struct db *db)
{
	char *uri = once_uri(db->path);
	int rc = sqlite3_open_v2(uri, &db->handle,
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);

	free(uri);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->handle, "BEGIN; PRAGMA user_version",
		    NULL, NULL, NULL);
	if (rc == SQLITE_OK) {
		db->once = true;
		return true;
	}
	sqlite3_close_v2(db->handle);
	db->handle = NULL;
	return false;
}

/* The snapshot of DB_ONCE where it is read as others read: a log is there that
 * nobody has the index of. */
static int
hold_once(struct db *db)
{
	int version, code = run(db, "BEGIN DEFERRED");

	if (code == 0) {
		db->once = true;
		code = pragma_int(db, "PRAGMA user_version", &version);
	}
	return code;
}

static int
open_file(struct db *db, unsigned flags)
{
	int mode = SQLITE_OPEN_NOMUTEX |
	    (db->writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
	    (flags & DB_CREATE ? SQLITE_OPEN_CREATE : 0);
	int rc;

	if (flags & DB_ONCE && !db->writable && open_once(db))
		return 0;
	rc = sqlite3_open_v2(db->path, &db->handle, mode, NULL);
	return rc == SQLITE_OK ? 0 : sql_error(db, rc, "");
}

int
db_open(const char *path, enum db_kind kind, unsigned flags, struct db **ret)
{
	struct db *db = xcalloc(1, sizeof(*db));
	const char *wait = secure_getenv("FRONTDESK_LOCK_WAIT");
	int code = 0;
	struct stat st;

	pthread_once(&configured, configure);
	db->kind = kind;
	db->memory = (flags & DB_MEMORY) != 0;
	db->path = xstrdup(db->memory ? ":memory:" : path);
	db->lock_a = db->lock_b = db->bell_fd = -1;
	db->writable =
	    (flags & (DB_WRITE | DB_CREATE | DB_UPGRADE | DB_MEMORY)) != 0;
	db->wait_ms = LOCK_WAIT_MS;
	if (wait != NULL)
		duration_parse(wait, &db->wait_ms);
	if (db->memory)
		flags |= DB_CREATE;
	else if (!(flags & DB_CREATE) && eaccess(path, F_OK) < 0) {
		code = err_errno(errno == EACCES ? ERR_DENIED : ERR_NOINPUT,
		    "%s", path);
		goto fail;
	} else if (!(flags & DB_CREATE) && kind == DB_DESK &&
	    stat(path, &st) == 0 && st.st_size == 0) {
		code = err_set(ERR_NOINPUT, "%s: empty, not a store", path);
		goto fail;
	}
	if (!db->memory && db->writable) {
		code = open_locks(db);
		if (code < 0)
			goto fail;
	}
	/* Made here with our mode, so that the group may write it too. */
	if (!db->memory && flags & DB_CREATE) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);

		if (fd < 0) {
			code =
			    err_errno(errno == EACCES ? ERR_DENIED : ERR_CREATE,
				"%s", path);
			goto fail;
		}
		close(fd);
	}
	code = open_file(db, flags);
	if (code < 0)
		goto fail;
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_handler(db->handle, busy, db);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	    NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	sqlite3_wal_autocheckpoint(db->handle, 0);
	code = run(db, "PRAGMA temp_store = MEMORY");
	if (code == 0 && db->writable)
		code = run(db, "PRAGMA synchronous = FULL");
	/* Documents that are taken out leave no words; see db_shrink(). */
	if (code == 0 && kind == DB_KB && db->writable)
		code = run(db,
		    "PRAGMA secure_delete = ON;"
		    "PRAGMA auto_vacuum = INCREMENTAL");
	/* After wal_autocheckpoint, which has a hook of its own. */
	sqlite3_wal_hook(db->handle, note_wal, db);
	/* journal_mode takes locks of its own: only where it must change. */
	if (code == 0 && !db->memory && flags & DB_CREATE &&
	    (code = lock(db)) == 0) {
		code = run(db, "PRAGMA journal_mode = WAL");
		unlock(db);
	}
	if (code == 0)
		code = check_version(db, flags);
	if (code == 0 && flags & DB_ONCE && !db->writable && !db->once)
		code = hold_once(db);
	if (code < 0)
		goto fail;
	*ret = db;
	return 0;
fail:
	db_close(db);
	return code;
}

void
db_close(struct db *db)
{
	size_t i;

	if (db == NULL)
		return;
	if (db->in_turn)
		db_rollback(db);
	for (i = 0; i < db->nstatements; i++) {
		sqlite3_finalize(db->statements[i]->stmt);
		free(db->statements[i]->sql);
		free(db->statements[i]);
	}
	sqlite3_close_v2(db->handle);
	if (db->lock_a >= 0)
		close(db->lock_a);
	if (db->lock_b >= 0)
		close(db->lock_b);
	if (db->bell_fd >= 0)
		close(db->bell_fd);
	free(db->bell);
	free(db->path);
	free(db);
}

const char *
db_path(const struct db *db)
{
	return db->path;
}

sqlite3 *
db_handle(struct db *db)
{
	return db->handle;
}

void
db_wait_ms(struct db *db, int64_t ms)
{
	db->wait_ms = ms;
}

void
db_bell(struct db *db, const char *path)
{
	free(db->bell);
	db->bell = xstrdup(path);
	if (db->bell_fd >= 0)
		close(db->bell_fd);
	db->bell_fd = -1;
}

int
db_open_bell(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0660);

	/* Whoever made it, with whatever umask: all of the group ring it. */
	if (fd >= 0)
		fchmod(fd, 0660);
	return fd;
}

static void
ring(struct db *db)
{
	ssize_t n;

	if (db->bell == NULL)
		return;
	if (db->bell_fd < 0)
		db->bell_fd = db_open_bell(db->bell);
	if (db->bell_fd >= 0) {
		n = pwrite(db->bell_fd, "!", 1, 0);
		(void)n; /* followers look by themselves now and then */
	}
}

/* --- transactions --- */

int
db_begin(struct db *db)
{
	int code, version = db->version;

	if (!db->writable)
		return err_set(ERR_BUG, "%s: opened for reading", db->path);
	if (db->in_turn)
		return err_set(ERR_BUG, "%s: already writing", db->path);
	code = lock(db);
	if (code < 0)
		return code;
	code = run(db, "BEGIN IMMEDIATE");
	if (code == 0) {
		struct query q = query(db, "PRAGMA user_version");

		if (step(&q))
			version = (int)column_int(&q, 0);
		code = done(&q);
		if (code == 0 && version != db->version)
			code = err_set(ERR_BUSY,
			    "%s: was upgraded, start again", db->path);
		if (code < 0)
			sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	}
	if (code < 0) {
		unlock(db);
		return code;
	}
	if (db->memory)
		db->turn_us = mono_us();
	db->in_turn = true;
	return 0;
}

bool
db_turn_over(const struct db *db)
{
	return mono_us() - db->turn_us >
	    (db->kind == DB_KB ? KB_BATCH_MS : DB_BATCH_MS) * 1000;
}

/*
 * The larger a base, the farther apart are the places that its documents write
 * to, and the more of them have to come together before one page is written
 * for several.
 */
static int
kb_checkpoint_pages(struct db *db)
{
	int pages = 0;

	if (db->wal_pages <= KB_CHECKPOINT_PAGES ||
	    pragma_int(db, "PRAGMA page_count", &pages) < 0 ||
	    pages / KB_CHECKPOINT_SHARE < KB_CHECKPOINT_PAGES)
		return KB_CHECKPOINT_PAGES;
	pages /= KB_CHECKPOINT_SHARE;
	return pages < KB_CHECKPOINT_MOST ? pages : KB_CHECKPOINT_MOST;
}

/*
 * Passive: it never waits, and nobody else may write meanwhile. So whoever
 * comes meanwhile waits for as long as it takes, 6 us a page and two syncs on a
 * fast disk, which is the slowest hundredth of a loaded listener's answers. An
 * inbox only grows, so that nothing is saved by writing its pages later.
 */
static void
checkpoint_if_due(struct db *db)
{
	int pages = db->kind == DB_INBOX ? INBOX_CHECKPOINT_PAGES :
	    db->kind == DB_KB		 ? kb_checkpoint_pages(db) :
					   CHECKPOINT_PAGES;

	/*
	 * By the pages in use: the log's file keeps its size when it begins
	 * again from the front.
	 */
	if (!db->memory && db->wal_pages > pages) {
		fault("checkpoint.before");
		sqlite3_wal_checkpoint_v2(db->handle, NULL,
		    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	}
}

int
db_commit(struct db *db)
{
	int code;

	code = run(db, "COMMIT");
	if (code < 0) {
		db_rollback(db);
		return code;
	}
	db->in_turn = false;
	checkpoint_if_due(db);
	unlock(db);
	ring(db);
	return 0;
}

void
db_rollback(struct db *db)
{
	size_t i;

	if (!db->in_turn)
		return;
	for (i = 0; i < db->nstatements; i++)
		sqlite3_reset(db->statements[i]->stmt);
	sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->in_turn = false;
	unlock(db);
}

int
db_read_begin(struct db *db)
{
	return db->once ? 0 : run(db, "BEGIN DEFERRED");
}

void
db_read_end(struct db *db)
{
	if (!db->once)
		sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL);
}

/* Under the lock: the log into the file, without waiting for readers. */
static int
checkpoint(struct db *db)
{
	int rc;

	sqlite3_busy_handler(db->handle, NULL, NULL);
	rc = sqlite3_wal_checkpoint_v2(db->handle, NULL,
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_handler(db->handle, busy, db);
	return rc;
}

/* The lock is held at the end, where it is 0. */
static int
lock_checkpointed(struct db *db)
{
	struct timespec pause = { 0, CHECKPOINT_PAUSE_MS * 1000000L };
	int code, rc = SQLITE_OK, tries;

	for (tries = 0; tries < CHECKPOINT_TRIES; tries++) {
		code = lock(db);
		if (code < 0)
			return code;
		rc = checkpoint(db);
		if (rc == SQLITE_OK)
			return 0;
		unlock(db);
		if (rc != SQLITE_BUSY)
			break;
		/* Readers are waited for without the lock. */
		nanosleep(&pause, NULL);
	}
	return sql_error(db, rc, "checkpoint");
}

int
db_checkpoint(struct db *db)
{
	int code;

	if (db->memory)
		return 0;
	code = lock_checkpointed(db);
	if (code == 0)
		unlock(db);
	return code;
}

/* Some pages in one turn; *ret_left is how many are unused after it. */
static int
shrink_some(struct db *db, int *ret_left)
{
	char sql[64];
	int code = db_begin(db);

	snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)",
	    SHRINK_PAGES);
	while (code == 0) {
		code = run(db, sql);
		if (code == 0)
			code =
			    pragma_int(db, "PRAGMA freelist_count", ret_left);
		if (*ret_left == 0 || db_turn_over(db))
			break;
	}
	if (code == 0)
		code = db_commit(db);
	db_rollback(db);
	return code;
}

int
db_shrink(struct db *db, int64_t max_bytes)
{
	int unused = 0, pages = 0, size = 0, incremental = 0, before;
	int code = pragma_int(db, "PRAGMA freelist_count", &unused);

	if (code == 0)
		code = pragma_int(db, "PRAGMA page_count", &pages);
	if (code == 0)
		code = pragma_int(db, "PRAGMA page_size", &size);
	if (code == 0)
		code = pragma_int(db, "PRAGMA auto_vacuum", &incremental);
	if (code < 0 || unused == 0 || db->memory)
		return code;
	if (incremental == 2) {
		do {
			before = unused;
			code = shrink_some(db, &unused);
		} while (code == 0 && unused > 0 && unused < before);
		return code;
	}
	if (unused < pages / 4 || (int64_t)pages * size > max_bytes)
		return 0;
	code = lock(db);
	if (code < 0)
		return code;
	code = run(db, "VACUUM");
	unlock(db);
	return code;
}

/* --- what pages hold beside what is in them --- */

/* A file, while it is scrubbed. */
struct scrub {
	sqlite3_file *file;
	int64_t page_bytes, pages, next; /* from 1 */
	int64_t maps; /* pages from one that says who owns which to the next;
			  0: there are none */
	char *page;
	bool changed; /* in this turn */
};

static uint32_t
big_endian(const char *p, int bytes)
{
	uint32_t n = 0;

	for (int i = 0; i < bytes; i++)
		n = n << 8 | (unsigned char)p[i];
	return n;
}

/*
 * Where the unused middle of a page begins and ends, by SQLite's file format:
 * behind the places of its cells, before the first of them. Only pages of trees
 * have one; all others begin with the number of a page, whose first byte is 0.
 */
static bool
find_middle(const struct scrub *s, size_t *ret_begin, size_t *ret_end)
{
	const char *head = s->page + (s->next == 1 ? 100 : 0);
	bool is_leaf = *head == 10 || *head == 13;
	size_t begin, end;

	if (!is_leaf && *head != 2 && *head != 5)
		return false;
	begin = (size_t)(head - s->page) + (is_leaf ? 8 : 12) +
	    2 * (size_t)big_endian(head + 3, 2);
	end = big_endian(head + 5, 2);
	if (end == 0)
		end = 65536;
	if (begin >= end || end > (size_t)s->page_bytes)
		return false;
	while (begin < end && s->page[begin] == '\0')
		begin++;
	*ret_begin = begin;
	*ret_end = end;
	return begin < end;
}

static int
scrub_page(struct scrub *s)
{
	const int64_t offset = (s->next - 1) * s->page_bytes;
	size_t begin, end;
	int rc;

	if (s->maps > 0 && s->next >= 2 && (s->next - 2) % s->maps == 0)
		return SQLITE_OK;
	rc = s->file->pMethods->xRead(s->file, s->page, (int)s->page_bytes,
	    offset);
	if (rc != SQLITE_OK || !find_middle(s, &begin, &end))
		return rc;
	memset(s->page + begin, 0, end - begin);
	s->changed = true;
	return s->file->pMethods->xWrite(s->file, s->page + begin,
	    (int)(end - begin), offset + (int64_t)begin);
}

static int
scrub_some(struct db *db, struct scrub *s)
{
	int code = lock_checkpointed(db), rc = SQLITE_OK, pages = 0;
	char sql[64];

	if (code < 0)
		return code;
	s->changed = false;
	code = pragma_int(db, "PRAGMA page_count", &pages);
	for (s->pages = pages; code == 0 && rc == SQLITE_OK &&
	     s->next <= s->pages && !db_turn_over(db);
	     s->next++)
		rc = scrub_page(s);
	if (code == 0 && rc != SQLITE_OK)
		code = sql_error(db, rc, "scrub");
	if (code == 0 && s->changed) {
		/* Nobody, nor we, writes back what stands in memory: a commit
		 * makes all others read again. */
		sqlite3_db_release_memory(db->handle);
		snprintf(sql, sizeof(sql), "PRAGMA user_version = %d",
		    db->version);
		code = run(db, sql);
	}
	unlock(db);
	return code;
}

int
db_scrub(struct db *db)
{
	struct scrub s = { .next = 1 };
	int code, size = 0, incremental = 0;

	if (db->memory)
		return 0;
	code = pragma_int(db, "PRAGMA page_size", &size);
	if (code == 0)
		code = pragma_int(db, "PRAGMA auto_vacuum", &incremental);
	if (code < 0)
		return code;
	if (sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER,
		&s.file) != SQLITE_OK)
		return err_set(ERR_BUG, "%s: has no file", db->path);
	s.page_bytes = size;
	s.maps = incremental > 0 ? size / 5 + 1 : 0;
	s.page = xmalloc((size_t)size);
	do
		code = scrub_some(db, &s);
	while (code == 0 && s.next <= s.pages);
	if (code == 0 &&
	    s.file->pMethods->xSync(s.file, SQLITE_SYNC_NORMAL) != SQLITE_OK)
		code = err_set(ERR_IO, "%s: cannot be synced", db->path);
	free(s.page);
	return code;
}

int64_t
db_wal_bytes(const struct db *db)
{
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s-wal", db->path);
	return stat(path, &st) == 0 ? st.st_size : 0;
}

int
db_copy(struct db *db, const char *path)
{
	sqlite3_backup *backup;
	sqlite3 *to = NULL;
	int rc, fd;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	if (fd < 0)
		return err_errno(ERR_CREATE, "%s", path);
	close(fd);
	rc = sqlite3_open_v2(path, &to,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		sqlite3_close(to);
		return err_set(ERR_CREATE, "%s: cannot be opened", path);
	}
	/*
	 * All pages in one step: a snapshot, and the copy cannot be restarted
	 * for ever by writers.
	 */
	backup = sqlite3_backup_init(to, "main", db->handle, "main");
	rc = backup == NULL ? sqlite3_errcode(to) : SQLITE_OK;
	if (backup != NULL) {
		while ((rc = sqlite3_backup_step(backup, -1)) == SQLITE_BUSY ||
		    rc == SQLITE_LOCKED)
			sqlite3_sleep(1);
		rc = sqlite3_backup_finish(backup);
	}
	if (rc != SQLITE_OK) {
		err_set(rc == SQLITE_FULL ? ERR_IO : ERR_CREATE, "%s: %s", path,
		    sqlite3_errstr(rc));
		sqlite3_close(to);
		unlink(path);
		return rc == SQLITE_FULL ? ERR_IO : ERR_CREATE;
	}
	sqlite3_close(to);
	return 0;
}

/* --- statements --- */

/* One that is not in use. Nearly always the text is the same literal, so one
 * comparison of bytes is enough. */
static struct statement *
find_statement(struct db *db, const char *sql)
{
	struct statement *s;
	size_t i;

	for (i = 0; i < db->nstatements; i++) {
		s = db->statements[i];
		if (s->origin == sql && !s->used && strcmp(s->sql, sql) == 0)
			return s;
	}
	for (i = 0; i < db->nstatements; i++) {
		s = db->statements[i];
		if (s->origin != sql && !s->used && strcmp(s->sql, sql) == 0)
			return s;
	}
	return NULL;
}

struct query
query(struct db *db, const char *sql)
{
	struct query q = { .db = db };
	struct statement *s = find_statement(db, sql);
	int rc;

	if (s != NULL) {
		s->used = true;
		q.stmt = s->stmt;
		q.kept = s;
		return q;
	}
	rc = sqlite3_prepare_v3(db->handle, sql, -1,
	    db->nstatements < STATEMENTS_MAX ? SQLITE_PREPARE_PERSISTENT : 0,
	    &q.stmt, NULL);
	if (rc != SQLITE_OK) {
		q.code = sql_error(db, rc, sql);
		return q;
	}
	if (db->nstatements < STATEMENTS_MAX) {
		s = xcalloc(1, sizeof(*s));
		db->statements[db->nstatements++] = s;
		s->origin = sql;
		s->sql = xstrdup(sql);
		s->stmt = q.stmt;
		s->used = true;
		q.kept = s;
	}
	return q;
}

/* Names are the same literals in the same order nearly always. */
static int
place(struct query *q, const char *name)
{
	struct statement *s = q->bound < PLACES_MAX ? q->kept : NULL;
	unsigned n = q->bound++;
	int i;

	if (q->code < 0)
		return 0;
	if (s != NULL && s->name[n] == name)
		return s->place[n];
	i = sqlite3_bind_parameter_index(q->stmt, name);
	if (i == 0)
		q->code = err_set(ERR_BUG, "no parameter %s in: %s", name,
		    sqlite3_sql(q->stmt));
	else if (s != NULL) {
		s->name[n] = name;
		s->place[n] = i;
	}
	return i;
}

static void
bound(struct query *q, int rc)
{
	if (rc != SQLITE_OK && q->code == 0)
		q->code = sql_error(q->db, rc, "bind");
}

void
bind_text(struct query *q, const char *name, const char *text)
{
	int i = place(q, name);

	if (i > 0)
		bound(q,
		    text == NULL ? sqlite3_bind_null(q->stmt, i) :
				   sqlite3_bind_text(q->stmt, i, text, -1,
				       SQLITE_TRANSIENT));
}

static void
bind_bytes(struct query *q, const char *name, const char *text, size_t len,
    sqlite3_destructor_type keep)
{
	int i = place(q, name);

	if (i > 0)
		bound(q, sqlite3_bind_text(q->stmt, i, text, (int)len, keep));
}

void
bind_textn(struct query *q, const char *name, const char *text, size_t len)
{
	bind_bytes(q, name, text, len, SQLITE_TRANSIENT);
}

void
bind_lent(struct query *q, const char *name, const char *text, size_t len)
{
	bind_bytes(q, name, text, len, SQLITE_STATIC);
}

void
bind_lent_blob(struct query *q, const char *name, const void *p, size_t len)
{
	int i = place(q, name);

	if (i > 0)
		bound(q,
		    sqlite3_bind_blob64(q->stmt, i, p, len, SQLITE_STATIC));
}

void
bind_int(struct query *q, const char *name, int64_t n)
{
	int i = place(q, name);

	if (i > 0)
		bound(q, sqlite3_bind_int64(q->stmt, i, n));
}

void
bind_real(struct query *q, const char *name, double x)
{
	int i = place(q, name);

	if (i > 0)
		bound(q, sqlite3_bind_double(q->stmt, i, x));
}

void
bind_blob(struct query *q, const char *name, const void *p, size_t len)
{
	int i = place(q, name);

	if (i > 0)
		bound(q,
		    sqlite3_bind_blob64(q->stmt, i, p, len, SQLITE_TRANSIENT));
}

void
bind_null(struct query *q, const char *name)
{
	int i = place(q, name);

	if (i > 0)
		bound(q, sqlite3_bind_null(q->stmt, i));
}

void
bind_int_at(struct query *q, int place, int64_t n)
{
	if (q->code == 0)
		bound(q, sqlite3_bind_int64(q->stmt, place, n));
}

void
bind_lent_at(struct query *q, int place, const char *text, size_t len)
{
	if (q->code == 0)
		bound(q,
		    sqlite3_bind_text(q->stmt, place, text, (int)len,
			SQLITE_STATIC));
}

void
bind_lent_blob_at(struct query *q, int place, const void *p, size_t len)
{
	if (q->code == 0)
		bound(q,
		    sqlite3_bind_blob64(q->stmt, place, p, len, SQLITE_STATIC));
}

bool
step(struct query *q)
{
	int rc;

	if (q->code < 0)
		return false;
	rc = sqlite3_step(q->stmt);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		q->code = sql_error(q->db, rc, "");
	return false;
}

int
done(struct query *q)
{
	if (q->stmt == NULL)
		return q->code;
	if (q->kept == NULL) {
		sqlite3_finalize(q->stmt);
	} else {
		sqlite3_reset(q->stmt);
		sqlite3_clear_bindings(q->stmt);
		q->kept->used = false;
	}
	q->stmt = NULL;
	return q->code;
}

int
any_row(struct query *q)
{
	bool found = step(q);
	int code = done(q);

	return code < 0 ? code : found;
}

int64_t
column_int(struct query *q, int i)
{
	return sqlite3_column_int64(q->stmt, i);
}

double
column_real(struct query *q, int i)
{
	return sqlite3_column_double(q->stmt, i);
}

const char *
column_text(struct query *q, int i)
{
	return (const char *)sqlite3_column_text(q->stmt, i);
}

char *
column_copy(struct query *q, int i)
{
	return xstrdup(column_text(q, i));
}

const void *
column_blob(struct query *q, int i, size_t *ret_len)
{
	const void *p = sqlite3_column_blob(q->stmt, i);

	*ret_len = (size_t)sqlite3_column_bytes(q->stmt, i);
	return p;
}

bool
column_null(struct query *q, int i)
{
	return sqlite3_column_type(q->stmt, i) == SQLITE_NULL;
}

int
db_exec(struct db *db, const char *sql)
{
	return run(db, sql);
}

int
db_changes(struct db *db)
{
	return sqlite3_changes(db->handle);
}

int64_t
db_last_row(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}
