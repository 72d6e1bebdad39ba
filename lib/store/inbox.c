/* inbox - raw webhook bodies as they came, a file a day */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/time.h"
#include "store/db.h"
#include "store/inbox.h"

#define DAY_MS (24 * INT64_C(3600000))
#define NO_DAY INT64_C(99999999) /* after every day */

struct inbox {
	char *dir;
	bool write;
	int64_t day; /* of the file that is open; 0: none */
	struct db *db;
};

static int64_t
day_of(int64_t time_ms)
{
	time_t t = (time_t)(time_ms / 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	return (tm.tm_year + 1900) * INT64_C(10000) + (tm.tm_mon + 1) * 100 +
	    tm.tm_mday;
}

int64_t
inbox_day_place(int64_t time_ms)
{
	return day_of(time_ms) * INBOX_DAY;
}

char *
inbox_bell(const char *dir)
{
	return xformat("%s/run/inbox.bell", dir);
}

int
inbox_open(const char *dir, bool write, struct inbox **ret)
{
	struct inbox *in = xcalloc(1, sizeof(*in));
	char *run;

	in->dir = xstrdup(dir);
	in->write = write;
	if (write && *dir != '\0') {
		run = xformat("%s/run", dir);
		if (mkdir(run, 0770) == 0)
			chmod(run, 0770);
		free(run);
	}
	*ret = in;
	return 0;
}

void
inbox_close(struct inbox *in)
{
	if (in == NULL)
		return;
	db_close(in->db);
	free(in->dir);
	free(in);
}

static void
leave(struct inbox *in)
{
	db_close(in->db);
	in->db = NULL;
	in->day = 0;
}

static char *
file_of(const struct inbox *in, int64_t day)
{
	return xformat("%s/inbox-%08lld.db", in->dir, (long long)day);
}

/* Have the file of day open. */
static int
enter(struct inbox *in, int64_t day, unsigned flags)
{
	char *path, *bell;
	int code;

	if (in->db != NULL && in->day == day)
		return 0;
	leave(in);
	path = file_of(in, day);
	code = db_open(path, DB_INBOX, flags, &in->db);
	free(path);
	if (code < 0) {
		in->db = NULL;
		return code;
	}
	in->day = day;
	bell = inbox_bell(in->dir);
	db_bell(in->db, bell);
	free(bell);
	return 0;
}

/* The writer may have made the file and not yet its table. */
static int
enter_to_read(struct inbox *in, int64_t day)
{
	return enter(in, day, in->write ? DB_WRITE | DB_CREATE : DB_READ);
}

/* "inbox-20261123.db" to its day; 0 for any other name. */
static int64_t
day_named(const char *name)
{
	int64_t day;
	char digits[9];

	if (strlen(name) != strlen("inbox-YYYYMMDD.db") ||
	    !str_starts(name, "inbox-") || !str_ends(name, ".db"))
		return 0;
	memcpy(digits, name + strlen("inbox-"), 8);
	digits[8] = '\0';
	return str_int(digits, 1, NO_DAY, &day) == 0 ? day : 0;
}

/* The first day from `from` that has a file, and the last; NO_DAY, 0: none. */
static int
days(const struct inbox *in, int64_t from, int64_t *ret_first,
    int64_t *ret_last)
{
	int64_t first = NO_DAY, last = 0, day;
	struct dirent *e;
	DIR *d;

	if (*in->dir != '\0') {
		d = opendir(in->dir);
		if (d == NULL)
			return err_errno(errno == EACCES ? ERR_DENIED : ERR_IO,
			    "%s", in->dir);
		while ((e = readdir(d)) != NULL) {
			day = day_named(e->d_name);
			if (day >= from && day != 0 && day < first)
				first = day;
			if (day > last)
				last = day;
		}
		closedir(d);
	}
	if (ret_first != NULL)
		*ret_first = first;
	if (ret_last != NULL)
		*ret_last = last;
	return 0;
}

static int
insert(struct inbox *in, struct inbox_body *b)
{
	struct query q = query(in->db,
	    "INSERT INTO body (received_ms, remote, headers, body)"
	    " VALUES (:received_ms, :remote, :headers, :body)");
	int code;

	bind_int(&q, ":received_ms", b->received_ms);
	bind_text(&q, ":remote", b->remote);
	bind_text(&q, ":headers", b->headers);
	bind_blob(&q, ":body", b->body, b->len);
	step(&q);
	code = done(&q);
	if (code == 0)
		b->place = in->day * INBOX_DAY + db_last_row(in->db);
	return code;
}

/* Begin a transaction in the file of the day. */
static int
begin_today(struct inbox *in)
{
	int64_t newest, today;
	int code;

	if (in->db == NULL) {
		code = days(in, 0, NULL, &newest);
		if (code < 0)
			return code;
	} else
		newest = in->day;
	for (;;) {
		today = day_of(now_ms());
		if (today < newest)
			today = newest;
		code = enter(in, today, DB_WRITE | DB_CREATE);
		if (code == 0)
			code = db_begin(in->db);
		if (code < 0)
			return code;
		/* Midnight may have passed while we waited for our turn. */
		if (day_of(now_ms()) <= today)
			return 0;
		db_rollback(in->db);
	}
}

int
inbox_put(struct inbox *in, struct inbox_body *bodies, size_t count)
{
	size_t i;
	int code;

	if (*in->dir == '\0')
		return 0;
	code = begin_today(in);
	if (code == 0) {
		for (i = 0; i < count && code == 0; i++)
			code = insert(in, &bodies[i]);
		if (code < 0)
			db_rollback(in->db);
		else {
			fault("wa-recv.inbox.before-commit");
			code = db_commit(in->db);
			if (code == 0)
				fault("wa-recv.inbox.after-commit");
		}
	}
	if (code < 0)
		leave(in);
	return code;
}

/* All of a row but the struct itself lies behind the structs, in one block. */
struct gathered {
	struct inbox_body *bodies;
	size_t count;
	struct buf text; /* remote NUL headers NUL body, body after body */
};

static struct inbox_body *
one_block(struct gathered *g)
{
	size_t head = g->count * sizeof(*g->bodies), i;
	struct inbox_body *all = xmalloc(head + g->text.len + 1), *b;
	char *at = (char *)all + head;

	if (g->count > 0)
		memcpy(all, g->bodies, head);
	if (g->text.len > 0)
		memcpy(at, g->text.data, g->text.len);
	for (i = 0; i < g->count; i++) {
		b = &all[i];
		b->remote = at;
		at += strlen(at) + 1;
		b->headers = at;
		at += strlen(at) + 1;
		b->body = at;
		at += b->len + 1;
	}
	return all;
}

static int
read_day(struct inbox *in, int64_t after, int max, struct gathered *g)
{
	struct query q = query(in->db,
	    "SELECT seq, received_ms, coalesce(remote, ''), headers, body"
	    " FROM body WHERE seq > :after ORDER BY seq LIMIT :max");
	struct inbox_body *b;
	const void *body;

	bind_int(&q, ":after",
	    after / INBOX_DAY == in->day ? after % INBOX_DAY : 0);
	bind_int(&q, ":max", max);
	while (g->text.len < INBOX_READ_BYTES && step(&q)) {
		g->bodies =
		    xrealloc(g->bodies, (g->count + 1) * sizeof(*g->bodies));
		b = &g->bodies[g->count++];
		memset(b, 0, sizeof(*b));
		b->place = in->day * INBOX_DAY + column_int(&q, 0);
		b->received_ms = column_int(&q, 1);
		buf_adds(&g->text, column_text(&q, 2));
		buf_addc(&g->text, '\0');
		buf_adds(&g->text, column_text(&q, 3));
		buf_addc(&g->text, '\0');
		body = column_blob(&q, 4, &b->len);
		if (b->len > 0)
			buf_add(&g->text, body, b->len);
		buf_addc(&g->text, '\0');
	}
	return done(&q);
}

/* Whoever writes to the day's file now is waited for; later ones see the day
 * that it is by then. */
static int
seal(struct inbox *in)
{
	int code;

	if (!in->write)
		return 0;
	code = db_begin(in->db);
	if (code == 0)
		db_rollback(in->db);
	return code;
}

int
inbox_read(struct inbox *in, int64_t after, int max, struct inbox_body **ret,
    size_t *ret_count)
{
	struct gathered g = { NULL, 0, BUF_INIT(0) };
	int64_t day = after / INBOX_DAY, next;
	int code;

	code = days(in, day, &day, NULL);
	while (code == 0 && day != NO_DAY) {
		code = enter_to_read(in, day);
		if (code == 0)
			code = read_day(in, after, max, &g);
		if (code < 0 || g.count > 0)
			break;
		code = days(in, day + 1, &next, NULL);
		if (code < 0 || next == NO_DAY)
			break;
		code = seal(in);
		if (code == 0)
			code = read_day(in, after, max, &g);
		if (g.count > 0)
			break;
		day = next;
	}
	if (code < 0) {
		leave(in);
	} else {
		*ret = one_block(&g);
		*ret_count = g.count;
	}
	buf_release(&g.text);
	free(g.bodies);
	return code;
}

int
inbox_last(struct inbox *in, int64_t *ret_place)
{
	int64_t day, seq = 0;
	struct query q;
	int code;

	code = days(in, 0, NULL, &day);
	if (code < 0 || day == 0) {
		if (code == 0)
			*ret_place = 0;
		return code;
	}
	code = enter_to_read(in, day);
	if (code < 0)
		return code;
	q = query(in->db, "SELECT coalesce(max(seq), 0) FROM body");
	if (step(&q))
		seq = column_int(&q, 0);
	code = done(&q);
	if (code == 0)
		*ret_place = day * INBOX_DAY + seq;
	return code;
}

int
inbox_after(struct inbox *in, int64_t place, int64_t *ret_count,
    int64_t *ret_oldest_ms)
{
	int64_t day = place / INBOX_DAY, count = 0, oldest = 0;
	struct query q;
	int code;

	code = days(in, day, &day, NULL);
	while (code == 0 && day != NO_DAY) {
		code = enter_to_read(in, day);
		if (code < 0)
			break;
		q = query(in->db,
		    "SELECT count(*), coalesce(min(received_ms), 0)"
		    " FROM body WHERE seq > :after");
		bind_int(&q, ":after",
		    place / INBOX_DAY == day ? place % INBOX_DAY : 0);
		if (step(&q)) {
			if (column_int(&q, 0) > 0 && oldest == 0)
				oldest = column_int(&q, 1);
			count += column_int(&q, 0);
		}
		code = done(&q);
		if (code == 0)
			code = days(in, day + 1, &day, NULL);
	}
	if (code == 0) {
		*ret_count = count;
		*ret_oldest_ms = oldest;
	}
	return code;
}

int
inbox_expire(struct inbox *in, int64_t keep_days, int64_t passed, int64_t at_ms,
    int *ret_removed)
{
	static const char *const tails[] = { "-wal", "-shm", "-lock-a",
		"-lock-b", "-slow", "" };
	int64_t before = day_of(at_ms - keep_days * DAY_MS), day;
	char *path, *file;
	size_t i;
	int removed = 0, code;

	if (before > passed / INBOX_DAY)
		before = passed / INBOX_DAY;
	for (;;) {
		code = days(in, 0, &day, NULL);
		if (code < 0 || day >= before)
			break;
		if (in->day == day)
			leave(in);
		path = file_of(in, day);
		for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
			file = xformat("%s%s", path, tails[i]);
			if (unlink(file) < 0 && errno != ENOENT)
				code = err_errno(ERR_IO, "%s", file);
			free(file);
		}
		free(path);
		if (code < 0)
			break;
		removed++;
	}
	if (code == 0 && ret_removed != NULL)
		*ret_removed = removed;
	return code;
}
