/* status - is the desk well: stages, cursors, jobs, held messages, disk */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/message.h"
#include "desk/status.h"
#include "store/inbox.h"

#define WAL_LIMIT_BYTES (256LL * 1024 * 1024)
#define DISK_LIMIT_PERCENT 5
#define SLOW_FILE_MAX (1024 * 1024)
#define STOPPED_SHOWN_MS 86400000LL
#define HELD_SHOWN 100
#define SLOT_MAX_BYTES 4096
#define ALERTS_SHOWN_MS 86400000LL
#define STRANGER_SHOWN_MS (7LL * 86400000)
#define TOKEN_SOON_MS (7LL * 86400000)
#define FOLLOWER "wa-recv --follow"
#define SENDER "wa-send"

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

enum slot { SLOT_NONE, SLOT_FREE, SLOT_HELD };

/* Whether a process holds the slot: its lock cannot be had. What we may not
 * look at is taken for held. */
static enum slot
slot_look(struct store *s, const char *slot, int64_t *ret_since_ms)
{
	char *path = store_run_path(s, slot);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum slot found = SLOT_FREE;
	struct stat st;

	if (fd < 0)
		found = errno == ENOENT ? SLOT_NONE : SLOT_HELD;
	else if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		found = SLOT_HELD;
	if (ret_since_ms != NULL && stat(path, &st) == 0)
		*ret_since_ms = (int64_t)st.st_mtim.tv_sec * 1000 +
		    st.st_mtim.tv_nsec / 1000000;
	if (fd >= 0)
		close(fd);
	free(path);
	return found;
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
	json_put(o, "state", "stopped");
	json_object_set_new(o, "up", json_false());
	json_array_append_new(stages, o);
	return o;
}

static bool
has_stage(const json_t *status, const char *name)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(status, "stages"), i, o)
		if (strcmp(json_str_or(o, "name", ""), name) == 0)
			return true;
	return false;
}

static void
is_up(json_t *stage, int64_t since_ms)
{
	char stamp[TIME_TEXT_BYTES];

	json_put(stage, "state", "up");
	json_object_set_new(stage, "up", json_true());
	json_put(stage, "since", time_text(since_ms, stamp));
}

/* What takes in webhooks, as its lock file tells: it has no store. */
static void
listener(struct store *s, json_t *status)
{
	int64_t since_ms = 0;
	enum slot slot = slot_look(s, LISTENER_SLOT, &since_ms);
	char *path = store_run_path(s, LISTENER_SLOT), *text = NULL;

	if (slot == SLOT_HELD)
		is_up(stage_of(status, "wa-recv"), since_ms);
	else if (slot == SLOT_FREE &&
	    file_read(path, SLOT_MAX_BYTES, &text, NULL) == 0) {
		if (strcmp(text, LISTENER_ENDED) != 0) {
			json_put(stage_of(status, "wa-recv"), "state", "down");
			json_put(stage_of(status, "wa-recv"), "last_failure",
			    str_trim(text));
		} else if (now_ms() - since_ms < STOPPED_SHOWN_MS)
			stage_of(status, "wa-recv"); /* stopped */
	}
	free(text);
	free(path);
}

/* Stages, by the rows of their processes: up while the slot is held; pid is 0
 * after a clean end, and what was killed is of no interest once another began
 * after it. One that was stopped long ago and has left nothing to do is none of
 * ours any more. */
static int
workers(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "WITH w AS (SELECT stage, slot, since_ms, failures, failed_ms,"
	    "  failed_why, pid <> 0 AND NOT EXISTS (SELECT 1 FROM worker n"
	    "   WHERE n.stage = o.stage AND n.since_ms > o.since_ms) AS killed"
	    "  FROM worker o)"
	    " SELECT stage, slot, since_ms, failures, failed_ms, failed_why,"
	    " killed, NOT killed AND max(since_ms, coalesce("
	    "  (SELECT updated_ms FROM cursor WHERE name = stage), 0)) < :old"
	    "  AND NOT EXISTS (SELECT 1 FROM job WHERE job.stage = w.stage)"
	    " FROM w ORDER BY stage, slot");
	const char *name;
	json_t *o;

	bind_int(&q, ":old", now_ms() - STOPPED_SHOWN_MS);
	while (step(&q)) {
		name = column_text(&q, 0);
		if (strcmp(name, "wa-recv") == 0)
			name = FOLLOWER;
		if (slot_look(s, column_text(&q, 1), NULL) == SLOT_HELD)
			is_up(stage_of(status, name), column_int(&q, 2));
		else if (column_int(&q, 7) != 0)
			continue;
		o = stage_of(status, name);
		if (!json_bool_or(o, "up", false) && column_int(&q, 6) != 0)
			json_put(o, "state", "down");
		if (!column_null(&q, 4) &&
		    now_ms() - column_int(&q, 4) < 3600000) {
			json_put_int(o, "failures", column_int(&q, 3));
			json_put(o, "last_failure", column_text(&q, 5));
		}
	}
	return done(&q);
}

/* A place desk-events keeps for somebody: NAME of desk-events/NAME. */
static json_t *
reader_of(struct store *s, json_t *status, const char *name)
{
	char *lock = xformat("desk-events-%s.lock", name);
	json_t *o = json_object();

	json_put(o, "name", name);
	json_object_set_new(o, "up",
	    json_boolean(slot_look(s, lock, NULL) == SLOT_HELD));
	json_array_append_new(json_object_get(status, "readers"), o);
	free(lock);
	return o;
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
	static const char prefix[] = "desk-events/";
	int64_t lag, since;
	const char *name;
	bool watched;
	json_t *o;

	while (step(&q)) {
		name = column_text(&q, 0);
		/* Waiting since it came, or since the cursor last moved: an
		 * event may carry an old time of its own. */
		since = column_null(&q, 2) ? now_ms() : column_int(&q, 2);
		if (since < column_int(&q, 3))
			since = column_int(&q, 3);
		lag = column_int(&q, 1) > 0 ? now_ms() - since : 0;
		watched = column_int(&q, 4) != 0;
		if (watched) {
			/* Stopped long ago and with nothing to do: not shown */
			if (column_int(&q, 1) == 0 && !has_stage(status, name))
				continue;
			o = stage_of(status, name);
		} else {
			if (str_starts(name, prefix))
				name += strlen(prefix);
			o = reader_of(s, status, name);
			/* Whoever is not there is behind by choice. */
			watched = json_bool_or(o, "up", false);
		}
		json_put_int(o, "lag_events", column_int(&q, 1));
		json_put_int(o, "lag_ms", lag > 0 ? lag : 0);
		if (lag > limit_ms && watched)
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
	if (count == 0 && !(followed && has_stage(status, FOLLOWER)))
		return 0;
	o = stage_of(status, FOLLOWER);
	if (count > 0)
		lag = now_ms() - oldest_ms;
	json_put_int(o, "lag_events", count);
	json_put_int(o, "lag_ms", lag > 0 ? lag : 0);
	if (lag > limit_ms)
		problem(status, FOLLOWER " is %lld s behind",
		    (long long)(lag / 1000));
	return 0;
}

static int
jobs(struct store *s, json_t *status, int64_t limit_ms)
{
	/* What is not due yet waits on purpose, unless it was tried before. */
	struct query q = query(store_desk(s),
	    "SELECT stage, count(*), min(first_ms), sum(deadline_ms < :now),"
	    " min(first_ms) FILTER (WHERE due_ms <= :now OR attempt > 0)"
	    " FROM job GROUP BY stage");
	int64_t now = now_ms(), age = 0;
	json_t *o;

	bind_int(&q, ":now", now);
	while (step(&q)) {
		o = stage_of(status, column_text(&q, 0));
		json_put_int(o, "open_jobs", column_int(&q, 1));
		json_put_int(o, "oldest_job_ms", now - column_int(&q, 2));
		json_put_int(o, "late_jobs", column_int(&q, 3));
		if (column_int(&q, 3) > 0)
			problem(status, "%s: %lld job%s past the deadline",
			    column_text(&q, 0), (long long)column_int(&q, 3),
			    column_int(&q, 3) == 1 ? "" : "s");
		age = column_null(&q, 4) ? 0 : now - column_int(&q, 4);
		if (age > limit_ms)
			problem(status, "%s: oldest job open for %lld s",
			    column_text(&q, 0), (long long)(age / 1000));
	}
	return done(&q);
}

/* What is to go out while nothing runs, or ever ran, that would send it. */
static int
unsent(struct store *s, json_t *status, int64_t limit_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*), min(stored_ms) FROM message"
	    " WHERE direction = 'out' AND status = 'queued'"
	    " AND status IN ('queued', 'sending', 'held')"); /* its index */
	bool sends = has_stage(status, SENDER) &&
	    json_bool_or(stage_of(status, SENDER), "up", false);

	if (step(&q) && !sends && column_int(&q, 0) > 0 &&
	    now_ms() - column_int(&q, 1) > limit_ms)
		problem(status,
		    "%lld message%s queued and no " SENDER " runs: " SENDER
		    " --follow, or its service",
		    (long long)column_int(&q, 0),
		    column_int(&q, 0) == 1 ? " is" : "s are");
	return done(&q);
}

static int
held(struct store *s, json_t *status, int64_t hold_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT id, conversation, attempt_ms FROM message"
	    " WHERE direction = 'out' AND status = 'held'"
	    " AND status IN ('queued', 'sending', 'held')" /* its index */
	    " ORDER BY attempt_ms");
	int64_t age, n = 0, in_doubt = 0;
	json_t *list = json_array(), *o;
	int code;

	while (step(&q)) {
		age = now_ms() - column_int(&q, 2);
		if (age < hold_ms) {
			in_doubt++;
			continue;
		}
		if (n++ >= HELD_SHOWN)
			continue;
		o = json_object();
		json_put(o, "message", column_text(&q, 0));
		json_put(o, "conversation", column_text(&q, 1));
		json_put_int(o, "age_ms", age);
		json_array_append_new(list, o);
	}
	code = done(&q);
	if (n > 0)
		problem(status,
		    "%lld message%s held, nobody knows whether %s arrived: "
		    "reply in the conversation, resolve or archive it",
		    (long long)n, n == 1 ? " is" : "s are",
		    n == 1 ? "it" : "they");
	json_object_set_new(status, "held", list);
	json_put_int(status, "in_doubt", in_doubt);
	return code;
}

/* Instances through which nothing goes, each with what helps. */
static int
stopped(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "SELECT name, state, coalesce(reason, 'not known why')"
	    " FROM instance WHERE known AND removed_ms IS NULL"
	    " AND state IN ('error', 'disconnected') ORDER BY name");
	const char *name, *reason;

	while (step(&q)) {
		name = column_text(&q, 0);
		reason = column_text(&q, 2);
		if (strcmp(column_text(&q, 1), "disconnected") == 0)
			problem(status,
			    "instance %s is disconnected: %s: wa-instance "
			    "check %s",
			    name, reason, name);
		else if (strstr(reason, "access token") != NULL)
			problem(status,
			    "instance %s is stopped: %s: wa-instance token %s "
			    "< TOKEN-FILE",
			    name, reason, name);
		else
			problem(status,
			    "instance %s is stopped: %s: wa-instance check %s",
			    name, reason, name);
	}
	return done(&q);
}

/* Tokens that the provider will not take any more, soon. */
static int
expiring(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "SELECT name, token_expires_ms FROM instance"
	    " WHERE known AND removed_ms IS NULL AND state <> 'error'"
	    " AND token_expires_ms > 0 AND token_expires_ms < :soon"
	    " ORDER BY name");
	int64_t now = now_ms(), left;
	char text[TIME_TEXT_BYTES];

	bind_int(&q, ":soon", now + TOKEN_SOON_MS);
	while (step(&q)) {
		left = column_int(&q, 1) - now;
		problem(status,
		    "instance %s: its access token %s%s: wa-instance token %s "
		    "< TOKEN-FILE",
		    column_text(&q, 0),
		    left > 0 ? "expires in " : "has expired",
		    left > 0 ? duration_text(left, text) : "",
		    column_text(&q, 0));
	}
	return done(&q);
}

/* Numbers that webhooks name and the settings do not: the AI is off there. */
static int
strangers(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "SELECT i.name, i.phone_number_id, count(c.id) AS n"
	    " FROM instance i LEFT JOIN conversation c"
	    "  ON c.instance = i.name AND c.status = 'open'"
	    " WHERE i.known = 0 AND i.phone_number_id IS NOT NULL"
	    " AND (i.removed_ms IS NULL OR i.seen_ms > i.removed_ms)"
	    " GROUP BY i.name HAVING n > 0 OR i.seen_ms > :since"
	    " ORDER BY i.name");
	char what[64];
	long long n;

	bind_int(&q, ":since", now_ms() - STRANGER_SHOWN_MS);
	while (step(&q)) {
		n = column_int(&q, 2);
		snprintf(what, sizeof(what),
		    n == 0     ? "webhooks come for it" :
			n == 1 ? "%lld conversation waits" :
				 "%lld conversations wait",
		    n);
		problem(status,
		    "instance %s is not configured: %s: wa-instance add NAME "
		    "--phone-number-id %s",
		    column_text(&q, 0), what, column_text(&q, 1));
	}
	return done(&q);
}

/* What came by webhook and was of no use. */
static int
bodies(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*) FROM event WHERE type = 'health.body_unknown'"
	    " AND time_ms >= :since");

	bind_int(&q, ":since", now_ms() - 3600000);
	if (step(&q) && column_int(&q, 0) > 0)
		problem(status,
		    "%lld webhook bod%s of unknown shape in the last hour: "
		    "desk-events --since 1h --type health.body_unknown",
		    (long long)column_int(&q, 0),
		    column_int(&q, 0) == 1 ? "y" : "ies");
	return done(&q);
}

/* "WHAT of INSTANCE", and about what; alerts of the same words are one. */
static char *
alert_words(struct query *q)
{
	const char *instance = column_text(q, 3), *account = column_text(q, 4),
		   *about = column_text(q, 2);

	return xformat("%s%s%s%s%s", column_text(q, 1),
	    about != NULL ? " " : "", about != NULL ? about : "",
	    instance != NULL	? " of instance " :
		account != NULL ? " of account " :
				  "",
	    instance != NULL	? instance :
		account != NULL ? account :
				  "");
}

/* What the provider warned of in the last day and has not taken back. */
static int
alerts(struct store *s, json_t *status)
{
	/* The list is there for the index, which is of these alone. */
	struct query q = query(store_desk(s),
	    "SELECT type = 'health.alert', json_extract(data, '$.what'),"
	    " json_extract(data, '$.about'), json_extract(data, '$.instance'),"
	    " json_extract(data, '$.account'),"
	    " json_extract(data, '$.severity') FROM event"
	    " WHERE type IN ('health.alert', 'health.cleared')"
	    /* An instance tells by its state how it is now. */
	    " AND json_extract(data, '$.what') <> 'instance_stopped'"
	    " AND time_ms >= :since ORDER BY time_ms, seq");
	json_t *open = json_object(), *severity;
	const char *words;
	char *key;
	int code;

	bind_int(&q, ":since", now_ms() - ALERTS_SHOWN_MS);
	while (step(&q)) {
		key = alert_words(&q);
		if (column_int(&q, 0) != 0)
			json_put(open, key, column_text(&q, 5));
		else
			json_object_del(open, key);
		free(key);
	}
	code = done(&q);
	json_object_foreach(open, words, severity)
		problem(status,
		    "the provider says (%s): %s: desk-events --since 1d --type "
		    "health.alert",
		    json_string_value(severity), words);
	json_decref(open);
	return code;
}

/* Of the queue: where the customer waits, and what was handed to people, as a
 * message that failed before the customer ever wrote is. Of what a person has:
 * where a message of theirs did not go out. */
static int
waiting(struct store *s, json_t *status)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*), coalesce(min(coalesce(waiting_ms, handed_ms)), 0)"
	    " FROM conversation c WHERE status = 'open'"
	    " AND coalesce(waiting_ms, handed_ms) IS NOT NULL"
	    " AND (owner = 'queue' OR (owner = 'user' AND waiting_ms IS NOT NULL"
	    "  AND EXISTS (SELECT 1 FROM " MISSED_SQL
	    "   WHERE m.conversation = c.id AND k.time_ms >= c.reopened_ms"
	    "   AND k.time_ms > coalesce(c.last_out_ms, 0))))");

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

/* Nobody ended it and it is not up. */
static void
down(json_t *status)
{
	const char *why;
	json_t *o;
	size_t i;

	json_array_foreach(json_object_get(status, "stages"), i, o)
		if (strcmp(json_str_or(o, "state", ""), "down") == 0) {
			/* Of the others it is of some work, not of their end.
			 */
			why = strcmp(json_str(o, "name"), "wa-recv") == 0 ?
			    json_str(o, "last_failure") :
			    NULL;
			problem(status, "%s is down%s%s", json_str(o, "name"),
			    why != NULL ? ": " : "", why != NULL ? why : "");
		}
}

/* Documents that people should look at; a base that cannot be read has other
 * troubles, and is not needed by what else is told. */
static void
documents(struct store *s, json_t *status)
{
	struct db *kb;
	struct query q;
	json_t *o;

	if (store_kb(s, &kb) < 0)
		return;
	q = query(kb,
	    "SELECT count(*) FILTER (WHERE state = 'failed'),"
	    " count(*) FILTER (WHERE deadline_ms < :now)"
	    " FROM document WHERE state <> 'ready' AND version >= 0");
	bind_int(&q, ":now", now_ms());
	if (step(&q)) {
		o = json_object();
		json_put_int(o, "failed", column_int(&q, 0));
		json_put_int(o, "stalled", column_int(&q, 1));
		json_object_set_new(status, "documents", o);
	}
	done(&q);
}

int
desk_status(struct store *s, int64_t lag_limit_ms, int64_t hold_ms,
    json_t **ret)
{
	json_t *status = json_object();
	int code;

	json_put(status, "store", store_dir(s));
	json_object_set_new(status, "stages", json_array());
	json_object_set_new(status, "readers", json_array());
	json_object_set_new(status, "problems", json_array());
	listener(s, status);
	code = workers(s, status);
	down(status);
	if (code == 0)
		code = stopped(s, status);
	if (code == 0)
		code = expiring(s, status);
	if (code == 0)
		code = strangers(s, status);
	if (code == 0)
		code = cursors(s, status, lag_limit_ms);
	if (code == 0)
		code = inbox_lag(s, status, lag_limit_ms);
	if (code == 0)
		code = jobs(s, status, lag_limit_ms);
	if (code == 0)
		code = unsent(s, status, lag_limit_ms);
	if (code == 0)
		code = held(s, status, hold_ms);
	if (code == 0)
		code = bodies(s, status);
	if (code == 0)
		code = alerts(s, status);
	if (code == 0)
		code = waiting(s, status);
	if (code < 0) {
		json_decref(status);
		return code;
	}
	documents(s, status);
	slow_turn(s, status);
	space(s, status);
	*ret = status;
	return 0;
}
