/* status - is the desk well: stages, cursors, jobs, held messages, disk */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/status.h"
#include "store/inbox.h"

#define WAL_LIMIT_BYTES (256LL * 1024 * 1024)
#define DISK_LIMIT_PERCENT 5
#define SLOW_FILE_MAX (1024 * 1024)

static void problem(json_t *status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
problem(json_t *status, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(json_object_get(status, "problems"),
	    json_text_new(text));
}

/* Whether a process holds the slot: its lock cannot be had. */
static bool
slot_held(struct store *s, const char *slot)
{
	char *path = store_run_path(s, slot);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	free(path);
	return held;
}

static json_t *
stage_of(json_t *status, const char *name)
{
	json_t *stages = json_object_get(status, "stages"), *o;
	size_t i;

	json_array_foreach(stages, i, o)
		if (strcmp(json_str_or(o, "name", ""), name) == 0)
			return o;
	o = json_object();
	json_put(o, "name", name);
	json_object_set_new(o, "up", json_false());
	json_array_append_new(stages, o);
	return o;
}

static int
workers(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "SELECT stage, slot, since_ms, failures, failed_ms, failed_why"
	    " FROM worker ORDER BY stage, slot");
	char stamp[TIME_TEXT_BYTES];
	json_t *o;

	while (step(&q)) {
		o = stage_of(status, column_text(&q, 0));
		if (slot_held(s, column_text(&q, 1))) {
			json_object_set_new(o, "up", json_true());
			json_put(o, "since",
			    time_text(column_int(&q, 2), stamp));
		}
		if (!column_null(&q, 4) &&
		    now_ms() - column_int(&q, 4) < 3600000) {
			json_put_int(o, "failures", column_int(&q, 3));
			json_put(o, "last_failure", column_text(&q, 5));
		}
	}
	return done(&q);
}

static int
cursors(struct store *s, json_t *status, int64_t limit_ms)
{
	/* The inbox's reader has places of another kind: see inbox_lag(). */
	struct query q = query(store_desk(s),
	    "SELECT name, (SELECT count(*) FROM event WHERE seq > c.seq),"
	    " (SELECT time_ms FROM event WHERE seq > c.seq"
	    "  ORDER BY seq LIMIT 1), updated_ms,"
	    " EXISTS (SELECT 1 FROM worker w WHERE w.stage = c.name)"
	    " FROM cursor c WHERE name <> 'wa-recv'");
	int64_t lag, since;
	json_t *o;

	while (step(&q)) {
		o = stage_of(status, column_text(&q, 0));
		json_put_int(o, "lag_events", column_int(&q, 1));
		/* Waiting since it came, or since the cursor last moved: an
		 * event may carry an old time of its own. */
		since = column_null(&q, 2) ? now_ms() : column_int(&q, 2);
		if (since < column_int(&q, 3))
			since = column_int(&q, 3);
		lag = column_int(&q, 1) > 0 ? now_ms() - since : 0;
		json_put_int(o, "lag_ms", lag > 0 ? lag : 0);
		if (lag > limit_ms && column_int(&q, 4) != 0)
			problem(status, "%s is %lld s behind",
			    column_text(&q, 0), (long long)(lag / 1000));
	}
	return done(&q);
}

/* Bodies that wait to become events; nothing for whoever may not see them. */
static int
inbox_lag(struct store *s, json_t *status, int64_t limit_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT seq FROM cursor WHERE name = 'wa-recv'");
	int64_t place = 0, count = 0, oldest_ms = 0, lag = 0;
	struct inbox *in = NULL;
	bool followed;
	json_t *o;
	int code;

	followed = step(&q);
	if (followed)
		place = column_int(&q, 0);
	code = done(&q);
	if (code < 0 || *store_dir(s) == '\0')
		return code;
	if (inbox_open(store_dir(s), false, &in) < 0 ||
	    inbox_after(in, place, &count, &oldest_ms) < 0) {
		followed = false;
		count = 0;
	}
	inbox_close(in);
	if (!followed && count == 0)
		return 0;
	o = stage_of(status, "wa-recv");
	if (count > 0)
		lag = now_ms() - oldest_ms;
	json_put_int(o, "lag_events", count);
	json_put_int(o, "lag_ms", lag > 0 ? lag : 0);
	if (lag > limit_ms)
		problem(status, "wa-recv --follow is %lld s behind",
		    (long long)(lag / 1000));
	return 0;
}

static int
jobs(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "SELECT stage, count(*), min(first_ms), sum(deadline_ms < :now)"
	    " FROM job GROUP BY stage");
	json_t *o;

	bind_int(&q, ":now", now_ms());
	while (step(&q)) {
		o = stage_of(status, column_text(&q, 0));
		json_put_int(o, "open_jobs", column_int(&q, 1));
		json_put_int(o, "oldest_job_ms", now_ms() - column_int(&q, 2));
		json_put_int(o, "late_jobs", column_int(&q, 3));
		if (column_int(&q, 3) > 0)
			problem(status, "%s: %lld jobs past their deadline",
			    column_text(&q, 0), (long long)column_int(&q, 3));
	}
	return done(&q);
}

static int
held(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "SELECT id, conversation, attempt_ms FROM message"
	    " WHERE direction = 'out' AND status = 'held'"
	    " AND status IN ('queued', 'sending', 'held')" /* its index */
	    " ORDER BY attempt_ms LIMIT 100");
	json_t *list = json_array(), *o;
	int code;

	while (step(&q)) {
		o = json_object();
		json_put(o, "message", column_text(&q, 0));
		json_put(o, "conversation", column_text(&q, 1));
		json_put_int(o, "age_ms", now_ms() - column_int(&q, 2));
		json_array_append_new(list, o);
	}
	code = done(&q);
	if (json_array_size(list) > 0)
		problem(status,
		    "%zu messages are held: nobody knows whether they arrived",
		    json_array_size(list));
	json_object_set_new(status, "held", list);
	return code;
}

static int
waiting(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*), coalesce(min(waiting_ms), 0) FROM conversation"
	    " WHERE status = 'open' AND owner = 'queue'"
	    " AND waiting_ms IS NOT NULL");

	if (step(&q)) {
		json_put_int(status, "waiting_for_people", column_int(&q, 0));
		if (column_int(&q, 0) > 0)
			json_put_int(status, "longest_wait_ms",
			    now_ms() - column_int(&q, 1));
	}
	return done(&q);
}

/* The worst turn at the writer lock today, from the file of slow ones. */
static void
slow_turn(struct store *s, json_t *status)
{
	char *path = xformat("%s/desk.db-slow", store_dir(s)), *text = NULL,
	     *line, *save = NULL, today[TIME_TEXT_BYTES], name[32];
	long long ms, worst = 0;
	int pid;
	json_t *o;

	time_text(now_ms(), today);
	if (file_read(path, SLOW_FILE_MAX, &text, NULL) == 0)
		for (line = strtok_r(text, "\n", &save); line != NULL;
		     line = strtok_r(NULL, "\n", &save)) {
			if (strncmp(line, today, 10) != 0 ||
			    sscanf(line, "%*s %31s %d %lld", name, &pid, &ms) !=
				3 ||
			    ms <= worst)
				continue;
			worst = ms;
			o = json_object();
			json_put(o, "program", name);
			json_put_int(o, "pid", pid);
			json_put_int(o, "held_ms", ms);
			json_object_set_new(status, "slowest_turn_today", o);
		}
	free(text);
	free(path);
}

static void
space(struct store *s, json_t *status)
{
	struct statvfs v;
	int64_t wal = db_wal_bytes(store_desk(s));
	int percent;

	json_put_int(status, "wal_bytes", wal);
	if (wal > WAL_LIMIT_BYTES)
		problem(status,
		    "the write-ahead log is %lld MiB: a reader holds it back",
		    (long long)(wal / 1024 / 1024));
	if (statvfs(store_dir(s), &v) < 0 || v.f_blocks == 0)
		return;
	percent = (int)(100 * v.f_bavail / v.f_blocks);
	json_put_int(status, "disk_free_bytes",
	    (int64_t)v.f_bavail * (int64_t)v.f_frsize);
	json_put_int(status, "disk_free_percent", percent);
	if (percent < DISK_LIMIT_PERCENT)
		problem(status, "the disk has %d %% left", percent);
}

/* A stage that was up once and whose every slot is free now is down. */
static void
down(json_t *status)
{
	json_t *o;
	size_t i;

	json_array_foreach(json_object_get(status, "stages"), i, o)
		if (!json_bool_or(o, "up", false) &&
		    json_int_or(o, "open_jobs", 0) +
			    json_int_or(o, "lag_events", 0) >
			0 &&
		    json_object_get(o, "was_up") != NULL)
			problem(status, "%s is down and has work",
			    json_str(o, "name"));
}

int
desk_status(struct store *s, int64_t lag_limit_ms, json_t **ret)
{
	json_t *status = json_object(), *o;
	size_t i;
	int code;

	json_put(status, "store", store_dir(s));
	json_object_set_new(status, "stages", json_array());
	json_object_set_new(status, "problems", json_array());
	code = workers(s, status);
	json_array_foreach(json_object_get(status, "stages"), i, o)
		json_object_set_new(o, "was_up", json_true());
	if (code == 0)
		code = cursors(s, status, lag_limit_ms);
	if (code == 0)
		code = inbox_lag(s, status, lag_limit_ms);
	if (code == 0)
		code = jobs(s, status);
	if (code == 0)
		code = held(s, status);
	if (code == 0)
		code = waiting(s, status);
	if (code < 0) {
		json_decref(status);
		return code;
	}
	slow_turn(s, status);
	space(s, status);
	down(status);
	json_array_foreach(json_object_get(status, "stages"), i, o)
		json_object_del(o, "was_up");
	*ret = status;
	return 0;
}
