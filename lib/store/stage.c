/*
 * stage - the frame every stage stands in
 *
 * Holds: whatever a transaction emitted is in `out` and is printed only after
 * its commit, joined as the store stood at its end; after a rollback it is
 * gone. A job is in `running` from
 * the commit of its lease until its finish or the loss of its lease.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/jsonl.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/str.h"
#include "base/time.h"
#include "store/cursor.h"
#include "store/stage.h"

#define READ_ROWS 256
#define SLOTS_MAX 64
#define TURNS_EACH 4	/* of jobs, between two readings of events */
#define AWAIT_MS 100	/* how often another process's work is looked at */
#define DRAIN_MS 10000	/* --follow: what is under way may end */
#define RELOAD_MS 60000 /* the same, when nobody is in a hurry */
#define ARGS_MAX 256
#define ARGS_MAX_BYTES 65536

struct stage_options stage_options = {
	.jobs = 256,
	.poll_ms = 2000,
	.lease_ms = 120000,
	.max_age_ms = -1,
};

struct running {
	struct job job;
	int64_t lease_until_ms;
	int64_t
	    leases; /* times it was begun, waits included: names the lease */
	bool finished;
	bool retry;
};

/* A line to print after the commit: a copy, or an event to be joined. */
struct out {
	char *raw;
	size_t len;
	struct event *event;
};

struct stage {
	const struct stage_def *def;
	void *ctx;
	struct store *store;
	const struct stage_options *o;
	struct jsonl *io;
	bool waits;	  /* has take: works by jobs */
	bool event_clock; /* dry or scratch stdin form */
	bool at_end;	  /* end of input */
	bool stopping;	  /* SIGTERM */
	int64_t stop_ms;  /* monotonic: drained until then */
	int64_t event_ms; /* latest time of an event taken */
	int64_t job_ms;	  /* event clock: of the job at hand; 0: none */
	bool again;	  /* SIGHUP: to the end, then anew */
	const char *cursor;
	int64_t seq;   /* read up to here */
	int64_t saved; /* the cursor as stored: seq, or before events that are
			* none of ours */
	int bell, signals;
	char slot[64];
	int slot_fd;
	struct out *out;
	size_t nout;
	struct running **running;
	size_t nrunning;
	bool ends, begins; /* what the transaction of jobs does */
	/* Stdin form: events whose work another process has under way. */
	char (*awaited)[ULID_BYTES];
	size_t nawaited;
	int failures;
	char why[256];
	int64_t last_tick_ms;
};

/* One line of input, or one event of the log. */
struct item {
	char *line; /* stdin form: to be copied */
	size_t len;
	struct event *event; /* NULL: only copied */
	void *prepared;
};

struct store *
stage_store(struct stage *st)
{
	return st->store;
}

void *
stage_ctx(struct stage *st)
{
	return st->ctx;
}

bool
stage_is_dry(const struct stage *st)
{
	return st->o->dry_run;
}

int64_t
stage_now_ms(const struct stage *st)
{
	if (st->event_clock && st->job_ms > 0)
		return st->job_ms;
	return st->event_clock && st->event_ms > 0 ? st->event_ms : now_ms();
}

/* --- emitting --- */

/* Forget what is to be printed, but for the first keep lines. */
static void
out_drop(struct stage *st, size_t keep)
{
	while (st->nout > keep) {
		st->nout--;
		free(st->out[st->nout].raw);
		event_free(st->out[st->nout].event);
	}
}

static void
out_add(struct stage *st, char *raw, size_t len, struct event *e)
{
	st->out = xrealloc(st->out, (st->nout + 1) * sizeof(*st->out));
	st->out[st->nout++] = (struct out){ raw, len, e };
}

static int
ordinal(struct stage *st, const char *cause, const char *type, char ret[24])
{
	struct query q = query(store_desk(st->store),
	    "SELECT count(*) FROM event WHERE cause = :cause"
	    " AND stage = :stage AND type = :type");
	int64_t n = 0;
	int code;

	bind_text(&q, ":cause", cause);
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":type", type);
	if (step(&q))
		n = column_int(&q, 0);
	code = done(&q);
	snprintf(ret, 24, "%lld", (long long)n);
	return code;
}

void
stage_next_id(struct stage *st, const struct event *cause, const char *type,
    char ret[ULID_BYTES])
{
	char nth[24] = "0";

	ordinal(st, cause->id, type, nth);
	id_ulid(ret, id_time_ms(cause->id), st->def->name, cause->id, type, nth,
	    NULL);
}

int
stage_emit(struct stage *st, const struct event *cause, const char *type,
    const char *subject, json_t *data, const struct event **ret)
{
	struct event *e =
	    event_new(cause, type, NULL, subject, stage_now_ms(st), data);
	int code;

	if (e->depth > EVENT_DEPTH_MAX) {
		event_free(e);
		return err_set(ERR_DATA, "causes chained deeper than %d",
		    EVENT_DEPTH_MAX);
	}
	stage_next_id(st, cause, type, e->id);
	code = log_append(st->store, e, st->def->name, NULL);
	if (code < 0) {
		event_free(e);
		return code;
	}
	out_add(st, NULL, 0, e);
	if (ret != NULL)
		*ret = e;
	return 0;
}

/* Print again what this stage once wrote because of an event. */
static int
read_back(struct stage *st, const char *id)
{
	struct event **list = NULL;
	size_t n = 0, i;
	int code = log_caused(st->store, id, st->def->name, &list, &n);

	for (i = 0; i < n; i++)
		out_add(st, NULL, 0, list[i]);
	free(list);
	return code;
}

/* --- transactions --- */

static void
point(struct stage *st, const char *where)
{
	char name[96];

	snprintf(name, sizeof(name), "%s.%s", st->def->name, where);
	fault(name);
}

static int
record_failures(struct stage *st)
{
	struct query q;
	int code;

	if (st->failures == 0 || st->slot_fd < 0)
		return 0;
	q = query(store_desk(st->store),
	    "UPDATE worker SET failures = iif(failed_ms / 3600000 ="
	    " :now / 3600000, failures, 0) + :n, failed_ms = :now,"
	    " failed_why = :why WHERE stage = :stage AND slot = :slot");
	bind_int(&q, ":now", now_ms());
	bind_int(&q, ":n", st->failures);
	bind_text(&q, ":why", st->why);
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":slot", st->slot);
	step(&q);
	code = done(&q);
	if (code == 0)
		st->failures = 0;
	return code;
}

/* Events to lines, as the store stands at the end of the transaction. */
static int
render(struct stage *st)
{
	struct out *o;
	size_t i;
	int code;

	for (i = 0; i < st->nout && st->io != NULL; i++) {
		o = &st->out[i];
		if (o->event == NULL)
			continue;
		if (st->def->join != NULL) {
			code = st->def->join(st->store, o->event);
			if (code < 0)
				return code;
		}
		o->raw = event_line(o->event);
		o->len = strlen(o->raw);
	}
	return 0;
}

/* The kill points around a commit: those of events, or those of jobs. */
static void
points(struct stage *st, const char *name, const char *when)
{
	char text[48];

	if (name != NULL) {
		point(st, name);
		return;
	}
	if (st->ends) {
		snprintf(text, sizeof(text), "finish.%s", when);
		point(st, text);
	}
	if (st->begins) {
		snprintf(text, sizeof(text), "begin.%s", when);
		point(st, text);
	}
}

/* before and after: kill points; NULL stands for those of jobs. */
static int
commit(struct stage *st, const char *before, const char *after)
{
	size_t i;
	int code;

	code = record_failures(st);
	if (code == 0)
		code = render(st);
	if (code < 0) {
		store_rollback(st->store);
		goto out;
	}
	points(st, before, "before-commit");
	code = store_commit(st->store);
	if (code < 0)
		goto out;
	points(st, after, "after-commit");
	for (i = 0; i < st->nout && st->io != NULL && code >= 0; i++)
		code = jsonl_put(st->io, st->out[i].raw, st->out[i].len);
out:
	out_drop(st, 0);
	return code;
}

static void
rollback(struct stage *st)
{
	store_rollback(st->store);
	out_drop(st, 0);
}

/* --- taking events in --- */

static bool
acts_on(const struct stage *st, const char *type)
{
	return str_in(type, st->def->types);
}

static int
is_done(struct stage *st, const struct event *e)
{
	/* By what came of it, too: another cursor comes to the same events. */
	struct query q = query(store_desk(st->store),
	    "SELECT 1 FROM done WHERE stage = :stage AND event = :event"
	    " UNION ALL SELECT 1 FROM event"
	    " WHERE cause = :event AND stage = :stage LIMIT 1");
	int found, code;

	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":event", e->id);
	found = step(&q);
	code = done(&q);
	if (code < 0 || found || st->o->follow)
		return code < 0 ? code : found;
	return cursor_passed(st->store, st->cursor, e->seq);
}

static int
mark_done(struct stage *st, const struct event *e)
{
	struct query q = query(store_desk(st->store),
	    "INSERT INTO done (stage, event) VALUES (:stage, :event)"
	    " ON CONFLICT DO NOTHING");

	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":event", e->id);
	step(&q);
	return done(&q);
}

/* The clock of quiet windows: the event's own in stdin form. */
static int64_t
window_of(const struct stage *st, const struct event *e)
{
	return st->o->follow ? now_ms() : e->time_ms;
}

static int64_t
max_age(const struct stage *st)
{
	return st->o->max_age_ms >= 0 ? st->o->max_age_ms : st->def->max_age_ms;
}

/* Add e to the job that waits under its key, if there is one: 1. */
static int
merge_job(struct stage *st, const struct event *e, const struct job_wish *w)
{
	struct query q = query(store_desk(st->store),
	    "UPDATE job SET last_cause = :cause,"
	    " due_ms = min(:now + :quiet, first_ms + :quiet_max)"
	    " WHERE stage = :stage AND key = :key AND lease_until_ms IS NULL"
	    " AND attempt = waits AND holder IS :holder"
	    " AND (holder IS NULL OR due_ms >= :now)");
	int code;

	bind_text(&q, ":cause", e->id);
	bind_int(&q, ":now", window_of(st, e));
	bind_int(&q, ":quiet", w->quiet_ms);
	bind_int(&q, ":quiet_max", w->quiet_max_ms);
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":key", w->key);
	bind_text(&q, ":holder", st->o->follow ? NULL : st->slot);
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(st->store)) > 0;
}

/* 1: there is a job for e, 0: take wants none, or an ERR. */
static int
open_job(struct stage *st, const struct event *e)
{
	struct job_wish w = { NULL, 0, 0, false };
	int64_t now = window_of(st, e), age = max_age(st);
	struct query q;
	int code = st->def->take(st, e, &w);

	if (code <= 0)
		goto out;
	if (w.merge) {
		code = merge_job(st, e, &w);
		if (code != 0)
			goto out;
	}
	q = query(store_desk(st->store),
	    "INSERT INTO job (stage, key, cause, last_cause, first_ms, due_ms,"
	    " deadline_ms, holder) VALUES (:stage, :key, :cause, :cause,"
	    " :now, :due, :deadline, :holder)");
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":key", w.key);
	bind_text(&q, ":cause", e->id);
	bind_int(&q, ":now", now);
	bind_int(&q, ":due", now + w.quiet_ms);
	bind_int(&q, ":deadline", age > 0 ? e->time_ms + age : INT64_MAX);
	/* In stdin form the work is this process's own. */
	bind_text(&q, ":holder", st->o->follow ? NULL : st->slot);
	step(&q);
	code = done(&q);
	if (code == 0)
		code = 1;
out:
	free(w.key);
	return code;
}

/* An open job of an earlier run, cut short, for this event: take it over. */
static int
adopt(struct stage *st, const char *event)
{
	struct query q = query(store_desk(st->store),
	    "UPDATE job SET holder = :slot WHERE stage = :stage"
	    " AND last_cause = :cause AND holder IS NULL");

	bind_text(&q, ":slot", st->slot);
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":cause", event);
	step(&q);
	return done(&q);
}

/* Where the job of an event is. */
enum whereabouts { JOB_GONE, JOB_FREE, JOB_OURS, JOB_ELSEWHERE };

static int
whereabouts(struct stage *st, const char *event)
{
	struct query q = query(store_desk(st->store),
	    "SELECT holder IS NULL, holder = :slot FROM job"
	    " WHERE stage = :stage AND last_cause = :cause");
	int ret = JOB_GONE, code;

	bind_text(&q, ":slot", st->slot);
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":cause", event);
	if (step(&q))
		ret = column_int(&q, 0) ? JOB_FREE :
		    column_int(&q, 1)	? JOB_OURS :
					  JOB_ELSEWHERE;
	code = done(&q);
	return code < 0 ? code : ret;
}

/* What once came of a line, or its work, or (1) it is awaited. */
static int
take_again(struct stage *st, const char *event)
{
	int where = st->waits ? whereabouts(st, event) : JOB_GONE, code;

	if (where < 0)
		return where;
	if (where == JOB_ELSEWHERE)
		return 1;
	code = read_back(st, event);
	if (code == 0 && where == JOB_FREE)
		code = adopt(st, event);
	return code;
}

static void
await(struct stage *st, const char *event)
{
	st->awaited =
	    xrealloc(st->awaited, (st->nawaited + 1) * sizeof(*st->awaited));
	memcpy(st->awaited[st->nawaited++], event, ULID_BYTES);
}

/* One event, in the transaction. */
static int
take_one(struct stage *st, struct item *item)
{
	struct event *e = item->event, *known = NULL;
	int code = 0, was_done;

	/* Here and not where lines are read: how many came in one read must
	 * not matter. */
	if (e->time_ms > st->event_ms)
		st->event_ms = e->time_ms;

	if (!st->o->follow) {
		code = log_get(st->store, e->id, &known);
		if (code == 0) {
			/* The store's word counts, joined as of now. */
			event_free(item->event);
			item->event = e = known;
			if (st->def->join != NULL)
				code = st->def->join(st->store, e);
		} else if (code == ERR_NOINPUT) {
			code = st->def->import != NULL ?
			    st->def->import(st->store, e) :
			    0;
			if (code == 0)
				code = log_append(st->store, e, NULL, NULL);
		}
		if (code < 0)
			return code;
	}
	was_done = is_done(st, e);
	if (was_done < 0)
		return was_done;
	if (was_done && !st->o->follow) {
		code = take_again(st, e->id);
		if (code == 1)
			await(st, e->id);
		return code < 0 ? code : 0;
	}
	if (was_done)
		return 0;
	code = st->waits ? open_job(st, e) : 0;
	if (code == 0 && st->def->handle != NULL)
		code = st->def->handle(st, e, item->prepared);
	if (code >= 0 && !st->o->follow)
		code = mark_done(st, e);
	return code < 0 ? code : 0;
}

/* Prepared once, as any statement of each event is. */
static int
savepoint(struct stage *st, const char *sql)
{
	struct query q = query(store_desk(st->store), sql);

	step(&q);
	return done(&q);
}

/* The same, so that one event that cannot be taken does not undo others. */
static int
guarded(struct stage *st, struct item *item,
    int (*take)(struct stage *st, struct item *item))
{
	size_t kept = st->nout;
	int code = savepoint(st, "SAVEPOINT event"), undo;

	if (code < 0)
		return code;
	code = take(st, item);
	if (code == ERR_DATA) {
		log_warnx("event %s: %s: left out",
		    item->event != NULL ? item->event->id : "?", err_reason());
		undo = db_exec(store_desk(st->store),
		    "ROLLBACK TO event; RELEASE event");
		out_drop(st, kept);
		return undo < 0 ? undo : ERR_DATA;
	}
	if (code < 0)
		return code;
	return savepoint(st, "RELEASE event");
}

static void
item_release(struct stage *st, struct item *item)
{
	free(item->line);
	event_free(item->event);
	if (item->prepared != NULL && st->def->drop != NULL)
		st->def->drop(item->prepared);
	memset(item, 0, sizeof(*item));
}

static void
item_prepare(struct stage *st, struct item *item)
{
	if (st->def->prepare != NULL)
		item->prepared = st->def->prepare(st, item->event);
}

/*
 * A batch of items in as many turns as they need. Returns how many lines were
 * bad, or an ERR. In --follow, last_seq is where the cursor goes in the end.
 */
static int
take_batch(struct stage *st, struct item *items, size_t n, int64_t last_seq)
{
	size_t i = 0;
	int code, bad = 0;
	int64_t to;

	while (i < n) {
		code = store_begin(st->store);
		if (code < 0)
			return code;
		to = last_seq;
		while (i < n) {
			if (items[i].line != NULL && !st->o->quiet) {
				out_add(st, items[i].line, items[i].len, NULL);
				items[i].line = NULL;
			}
			if (items[i].event != NULL) {
				code = guarded(st, &items[i], take_one);
				if (code == ERR_DATA)
					bad++;
				else if (code < 0) {
					rollback(st);
					return code;
				}
			}
			i++;
			if (i < n && db_turn_over(store_desk(st->store))) {
				if (items[i - 1].event != NULL)
					to = items[i - 1].event->seq;
				break;
			}
		}
		if (st->o->follow) {
			code =
			    cursor_move(st->store, st->cursor, st->saved, to);
			if (code < 0) {
				rollback(st);
				return code;
			}
		}
		code = commit(st, "before-commit", "after-commit");
		if (code < 0)
			return code;
		if (st->o->follow)
			st->seq = st->saved = to;
	}
	return bad;
}

/* Lines that hold nothing for us need no transaction. */
static int
copy_batch(struct stage *st, struct item *items, size_t n)
{
	size_t i;
	int code;

	for (i = 0; i < n && !st->o->quiet; i++) {
		code = jsonl_put(st->io, items[i].line, items[i].len);
		if (code < 0)
			return code;
	}
	return 0;
}

/*
 * The event of a line that is for us, or NULL if it is only to be copied.
 * False if it is not even an object: it is named and left out.
 */
static bool
read_line(struct stage *st, const char *line, size_t len, struct event **ret)
{
	json_t *object;
	const char *type;
	size_t type_len;
	char name[64];

	*ret = NULL;
	if (json_type_scan(line, len, &type, &type_len) &&
	    type_len < sizeof(name)) {
		memcpy(name, type, type_len);
		name[type_len] = '\0';
		if (!acts_on(st, name))
			return true;
	}
	if (event_parse(line, len, ret) == 0) {
		if (!acts_on(st, (*ret)->type)) {
			event_free(*ret);
			*ret = NULL;
		}
		return true;
	}
	/* An object that is no event goes through; one that should have been
	 * ours is named. */
	if (json_object_parse(line, len, &object) < 0) {
		jsonl_complain(st->io, err_reason());
		return false;
	}
	if (acts_on(st, json_str_or(object, "type", ""))) {
		event_parse(line, len, ret); /* for its reason */
		jsonl_complain(st->io, err_reason());
	}
	json_decref(object);
	return true;
}

/* Take in what stdin holds already: lines taken, 0 if none, or an ERR. */
static int
intake_stdin(struct stage *st, long *bad)
{
	struct item items[DB_BATCH_ROWS];
	size_t n = 0, i, len;
	bool ours = false;
	char *line;
	int got = JSONL_WAIT, code;

	memset(items, 0, sizeof(items));
	while (n < DB_BATCH_ROWS &&
	    (got = jsonl_next(st->io, &line, &len)) == JSONL_LINE) {
		if (!read_line(st, line, len, &items[n].event))
			continue;
		items[n].line = xstrndup(line, len);
		items[n].len = len;
		if (items[n].event != NULL) {
			ours = true;
			item_prepare(st, &items[n]);
		}
		n++;
	}
	if (n == DB_BATCH_ROWS)
		got = JSONL_LINE;
	if (got == JSONL_END)
		st->at_end = true;
	code = 0;
	if (n > 0)
		code = ours ? take_batch(st, items, n, 0) :
			      copy_batch(st, items, n);
	for (i = 0; i < n; i++)
		item_release(st, &items[i]);
	if (code < 0)
		return code;
	*bad += code;
	return (int)n;
}

/* The same from the log: events seen, 0 if there are none, or an ERR. */
static int
intake_log(struct stage *st)
{
	struct event **list = NULL;
	struct item items[READ_ROWS];
	size_t n = 0, i;
	int64_t last;
	int code;

	code = log_read(st->store, st->seq, READ_ROWS, st->def->types, &list,
	    &n, &last);
	if (code < 0 || last == st->seq) {
		free(list);
		return code;
	}
	if (n == 0) {
		/* Nothing for us: no sync is spent on saying so; the tick
		 * stores it. */
		free(list);
		st->seq = last;
		return 1;
	}
	memset(items, 0, sizeof(items));
	for (i = 0; i < n; i++) {
		items[i].event = list[i];
		if (st->def->join != NULL && code == 0)
			code = st->def->join(st->store, list[i]);
		if (code == 0)
			item_prepare(st, &items[i]);
	}
	if (code == 0) {
		code = take_batch(st, items, n, last);
		if (code == ERR_BUSY) {
			/* Another process of this name went ahead: go on from
			 * where it stands. */
			int again = store_begin(st->store);

			if (again == 0)
				again = cursor_get(st->store, st->cursor, NULL,
				    &st->saved);
			store_rollback(st->store);
			st->seq = st->saved;
			if (again == 0)
				code = 1;
		}
	}
	for (i = 0; i < n; i++)
		item_release(st, &items[i]);
	free(list);
	return code < 0 ? code : 1;
}

/* --- jobs --- */

static void
running_free(struct stage *st, struct running *r)
{
	free(r->job.key);
	event_free(r->job.event);
	if (r->job.own != NULL && st->def->drop != NULL)
		st->def->drop(r->job.own);
	free(r);
}

static void
running_remove(struct stage *st, struct running *r)
{
	size_t i;

	for (i = 0; i < st->nrunning; i++)
		if (st->running[i] == r)
			st->running[i] = st->running[--st->nrunning];
	running_free(st, r);
}

static int
delete_job(struct stage *st, int64_t id)
{
	struct query q =
	    query(store_desk(st->store), "DELETE FROM job WHERE id = :id");

	bind_int(&q, ":id", id);
	step(&q);
	return done(&q);
}

/* Give back the work of processes that are gone: their slot can be locked. */
static int
reclaim(struct stage *st)
{
	struct query q = query(store_desk(st->store),
	    "SELECT DISTINCT holder FROM job"
	    " WHERE stage = :stage AND holder IS NOT NULL AND holder <> :me");
	char *dead[SLOTS_MAX], *path;
	size_t n = 0, i;
	int code, fd, again;

	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":me", st->slot);
	while (step(&q) && n < SLOTS_MAX)
		dead[n++] = column_copy(&q, 0);
	code = done(&q);
	for (i = 0; i < n; i++) {
		path = store_run_path(st->store, dead[i]);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
		if (code == 0 && fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
			code = store_begin(st->store);
			if (code == 0) {
				q = query(store_desk(st->store),
				    "UPDATE job SET holder = NULL,"
				    " lease_until_ms = NULL WHERE"
				    " stage = :stage AND holder = :holder");
				bind_text(&q, ":stage", st->def->name);
				bind_text(&q, ":holder", dead[i]);
				step(&q);
				code = done(&q);
				again = code == 0 ? store_commit(st->store) : 0;
				if (code < 0)
					store_rollback(st->store);
				else
					code = again;
			}
		}
		if (fd >= 0)
			close(fd);
		free(path);
		free(dead[i]);
	}
	return code;
}

/*
 * What another process had under way when it was read here: if that is over,
 * print what came of it; if the process is gone, do it. How many, or an ERR.
 */
static int
look_at_awaited(struct stage *st)
{
	int code = st->nawaited > 0 ? reclaim(st) : 0, n = 0;
	size_t i = 0;

	while (code >= 0 && i < st->nawaited) {
		code = whereabouts(st, st->awaited[i]);
		if (code < 0 || code == JOB_ELSEWHERE) {
			i++;
			continue;
		}
		code = store_begin(st->store);
		if (code < 0)
			break;
		code = take_again(st, st->awaited[i]);
		if (code < 0) {
			rollback(st);
			break;
		}
		if (code == 0) {
			memcpy(st->awaited[i], st->awaited[--st->nawaited],
			    ULID_BYTES);
			n++;
		}
		code = commit(st, "before-commit", "after-commit");
	}
	return code < 0 ? code : n;
}

/*
 * Whose jobs a process may begin: its own; --follow also what nobody has, or
 * had and let go. What stands before a job of its own and is nobody's it does
 * first, or it would wait for ever.
 */
#define MAY_BEGIN_SQL                                              \
	" (j.holder IS :me OR (:follow AND (j.holder IS NULL"      \
	"  OR j.lease_until_ms < :now))"                           \
	" OR (j.holder IS NULL AND EXISTS (SELECT 1 FROM job mine" \
	"  WHERE mine.stage = j.stage AND mine.key = j.key"        \
	"  AND mine.holder IS :me)))"

/* Jobs that may begin now, the head of each key; outside a transaction. */
static int
due_jobs(struct stage *st, int64_t *ids, size_t max, size_t *ret_count)
{
	struct query q = query(store_desk(st->store),
	    "SELECT id FROM job j WHERE stage = :stage"
	    " AND due_ms <= iif(attempt = 0, :window_now, :now)"
	    " AND (lease_until_ms IS NULL OR lease_until_ms < :now)"
	    " AND" MAY_BEGIN_SQL
	    " AND NOT EXISTS (SELECT 1 FROM job k WHERE k.stage = j.stage"
	    "  AND k.key = j.key AND k.id < j.id)"
	    " ORDER BY due_ms, id LIMIT :max");
	size_t n = 0;
	int code;

	bind_text(&q, ":stage", st->def->name);
	bind_int(&q, ":window_now",
	    st->at_end	      ? INT64_MAX :
		st->o->follow ? now_ms() :
				st->event_ms);
	bind_int(&q, ":now", now_ms());
	bind_text(&q, ":me", st->slot);
	bind_int(&q, ":follow", st->o->follow);
	bind_int(&q, ":max", (int64_t)max);
	while (step(&q) && n < max)
		ids[n++] = column_int(&q, 0);
	code = done(&q);
	*ret_count = n;
	return code;
}

/* Lease one job, in the transaction: 1, 0 if another has it, or an ERR. */
static int
lease(struct stage *st, int64_t id, struct running **ret)
{
	struct query q = query(store_desk(st->store),
	    "UPDATE job SET lease_until_ms = :until, holder = :me,"
	    " attempt = attempt + 1 WHERE id = :id"
	    " AND (lease_until_ms IS NULL OR lease_until_ms < :now)"
	    " RETURNING key, cause, last_cause, first_ms, due_ms, deadline_ms,"
	    " attempt, attempt - waits");
	struct running *r = NULL;
	int code;

	bind_int(&q, ":until", now_ms() + st->o->lease_ms);
	bind_text(&q, ":me", st->slot);
	bind_int(&q, ":id", id);
	bind_int(&q, ":now", now_ms());
	if (step(&q)) {
		r = xcalloc(1, sizeof(*r));
		r->lease_until_ms = now_ms() + st->o->lease_ms;
		r->job.id = id;
		r->job.key = column_copy(&q, 0);
		snprintf(r->job.cause, ULID_BYTES, "%s", column_text(&q, 1));
		snprintf(r->job.last, ULID_BYTES, "%s", column_text(&q, 2));
		r->job.first_ms = column_int(&q, 3);
		r->job.due_ms = column_int(&q, 4);
		r->job.deadline_ms = column_int(&q, 5);
		r->leases = column_int(&q, 6);
		r->job.attempt = (int)column_int(&q, 7);
		r->job.late = st->o->follow && now_ms() > r->job.deadline_ms;
		while (step(&q))
			;
	}
	code = done(&q);
	if (code == 0 && r != NULL)
		code = log_get(st->store, r->job.last, &r->job.event);
	if (code == 0 && r != NULL && st->def->join != NULL && !st->def->lean)
		code = st->def->join(st->store, r->job.event);
	if (code < 0 && r != NULL)
		running_free(st, r);
	if (code < 0 || r == NULL)
		return code;
	*ret = r;
	return 1;
}

/* When a job happens on the clock of events: as its window closes, however
 * much was read by then. */
static int64_t
job_clock(const struct running *r)
{
	const struct job *j = &r->job;

	return r->leases <= 1 && j->due_ms > j->event->time_ms ?
	    j->due_ms :
	    j->event->time_ms;
}

static struct running *
running_of(struct stage *st, const struct job *j)
{
	size_t i;

	for (i = 0; i < st->nrunning; i++)
		if (&st->running[i]->job == j)
			return st->running[i];
	return NULL;
}

void
stage_finish(struct stage *st, struct job *j)
{
	struct running *r = running_of(st, j);

	if (r != NULL)
		r->finished = true;
}

static void
put_off(struct stage *st, struct job *j, int64_t due_ms, bool waits)
{
	struct running *r = running_of(st, j);
	struct query q = query(store_desk(st->store),
	    "UPDATE job SET due_ms = :due, lease_until_ms = NULL,"
	    " holder = :holder, waits = waits + :waits WHERE id = :id");

	/* In begin the job is not running yet: r is what begin was given. */
	if (r == NULL)
		r = (struct running *)((char *)j -
		    offsetof(struct running, job));
	r->retry = true;
	bind_int(&q, ":due", due_ms);
	bind_text(&q, ":holder", st->o->follow ? NULL : st->slot);
	bind_int(&q, ":waits", waits);
	bind_int(&q, ":id", j->id);
	step(&q);
	done(&q);
}

void
stage_retry(struct stage *st, struct job *j, int64_t due_ms)
{
	put_off(st, j, due_ms, false);
}

void
stage_wait(struct stage *st, struct job *j, int64_t due_ms)
{
	put_off(st, j, due_ms, true);
}

int
stage_hurry(struct stage *st, const char *key)
{
	struct query q = query(store_desk(st->store),
	    "UPDATE job SET due_ms = :now WHERE stage = :stage AND key = :key"
	    " AND lease_until_ms IS NULL AND waits > 0 AND attempt = waits"
	    " AND due_ms > :now");

	bind_int(&q, ":now", now_ms());
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":key", key);
	step(&q);
	return done(&q);
}

void
stage_failed(struct stage *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(st->why, sizeof(st->why), fmt, ap);
	va_end(ap);
	st->failures++;
	log_warnx("%s", st->why);
}

/* Whether the lease is still ours: 1, 0 or an ERR. */
static int
still_ours(struct stage *st, const struct running *r)
{
	struct query q = query(store_desk(st->store),
	    "SELECT 1 FROM job WHERE id = :id AND holder = :me"
	    " AND attempt = :attempt AND lease_until_ms IS NOT NULL");

	bind_int(&q, ":id", r->job.id);
	bind_text(&q, ":me", st->slot);
	bind_int(&q, ":attempt", r->leases);
	return any_row(&q);
}

/* What one transaction does for jobs: those that end, then those that begin. */
struct turn {
	struct running *ended[DB_BATCH_ROWS], *begun[DB_BATCH_ROWS];
	int64_t due[DB_BATCH_ROWS];
	size_t nended, did, ndue, nleased, nbegun;
};

/* Those whose work is over, and those that may take their places. */
static int
look_for_jobs(struct stage *st, struct turn *t)
{
	size_t i, busy, room;

	for (i = 0; i < st->nrunning && t->nended < DB_BATCH_ROWS; i++)
		if (st->running[i]->finished)
			t->ended[t->nended++] = st->running[i];
	busy = st->nrunning - t->nended;
	if (st->stopping || (int64_t)busy >= st->o->jobs)
		return 0;
	room = (size_t)(st->o->jobs - (int64_t)busy);
	return due_jobs(st, t->due, room < DB_BATCH_ROWS ? room : DB_BATCH_ROWS,
	    &t->ndue);
}

static int
end_job(struct stage *st, struct running *r)
{
	int code = still_ours(st, r);

	if (code == 0)
		log_warnx("job %lld: lease lost, result dropped",
		    (long long)r->job.id);
	if (code != 1)
		return code;
	st->job_ms = job_clock(r);
	code = st->def->finish(st, &r->job);
	st->job_ms = 0;
	if (code >= 0 && !r->retry)
		code = delete_job(st, r->job.id);
	return code;
}

static int
handle_late(struct stage *st, struct item *item)
{
	return st->def->handle(st, item->event, item->prepared);
}

/* What was put off has its turn. The event stays with the job. */
static int
handle_job(struct stage *st, const struct job *j)
{
	struct item item = { .event = j->event };
	int code;

	item_prepare(st, &item);
	code = guarded(st, &item, handle_late);
	item.event = NULL;
	item_release(st, &item);
	return code == ERR_DATA ? 0 : code;
}

static int
begin_job(struct stage *st, struct turn *t, int64_t id)
{
	struct running *r = NULL;
	int code = lease(st, id, &r), what;

	if (code != 1)
		return code;
	t->nleased++;
	st->job_ms = job_clock(r);
	what = st->def->begin(st, &r->job);
	if (what == BEGIN_HANDLE)
		what =
		    (code = handle_job(st, &r->job)) < 0 ? code : BEGIN_CLOSED;
	st->job_ms = 0;
	if (what == BEGIN_START && !r->retry) {
		t->begun[t->nbegun++] = r;
		return 0;
	}
	code = what < 0 ? what : 0;
	if (what == BEGIN_CLOSED)
		code = delete_job(st, id);
	running_free(st, r);
	return code;
}

/* One ends and one begins in its place, as long as the turn lasts. */
static int
change_jobs(struct stage *st, struct turn *t)
{
	size_t ndue = 0;
	int code = 0;

	while (code >= 0 && (t->did < t->nended || ndue < t->ndue)) {
		if (t->did + ndue > 0 && db_turn_over(store_desk(st->store)))
			break;
		if (t->did < t->nended)
			code = end_job(st, t->ended[t->did++]);
		/* Only where a place is free: what has not ended keeps its. */
		if (code >= 0 && ndue < t->ndue &&
		    (int64_t)(st->nrunning - t->did + t->nbegun) < st->o->jobs)
			code = begin_job(st, t, t->due[ndue++]);
	}
	return code;
}

static int
start_jobs(struct stage *st, struct turn *t)
{
	int code = 0;
	size_t i;

	for (i = 0; i < t->nbegun; i++) {
		if (code < 0) {
			running_free(st, t->begun[i]);
			continue;
		}
		st->running = xrealloc(st->running,
		    (st->nrunning + 1) * sizeof(*st->running));
		st->running[st->nrunning++] = t->begun[i];
		code = st->def->start(st, &t->begun[i]->job);
	}
	return code;
}

/* What is under way gets on, and nothing is waited for. */
static int
look_at_work(struct stage *st)
{
	return st->nrunning > 0 && st->def->wait != NULL ?
	    st->def->wait(st, NULL, 0, 0) :
	    0;
}

/*
 * Record what has been worked and begin what is due, in one transaction: with
 * a hundred calls under way a sync for each kind of change would be what they
 * wait for. How many jobs ended and began, or an ERR.
 */
static int
turn_jobs(struct stage *st)
{
	struct turn t = { .nended = 0 };
	int code = look_for_jobs(st, &t);
	size_t i;

	if (code < 0 || t.nended + t.ndue == 0)
		return code;
	if (t.nended > 0)
		point(st, "worked");
	code = store_begin(st->store);
	if (code < 0)
		return code;
	code = change_jobs(st, &t);
	if (code >= 0) {
		st->ends = t.did > 0;
		st->begins = t.nleased > 0;
		code = commit(st, NULL, NULL);
	} else {
		rollback(st);
	}
	if (code < 0) {
		for (i = 0; i < t.nbegun; i++)
			running_free(st, t.begun[i]);
		return code;
	}
	for (i = 0; i < t.did; i++)
		running_remove(st, t.ended[i]);
	code = start_jobs(st, &t);
	/* Let them go before more is looked for. */
	if (code >= 0 && t.nbegun > 0)
		code = look_at_work(st);
	return code < 0 ? code : (int)(t.did + t.nleased);
}

/* Half of a lease has passed: take it anew. */
static int
renew(struct stage *st)
{
	struct query q;
	struct running *r;
	bool any = false;
	size_t i;
	int code;

	for (i = 0; i < st->nrunning; i++)
		any |= st->running[i]->lease_until_ms - now_ms() <
		    st->o->lease_ms / 2;
	if (!any)
		return 0;
	code = store_begin(st->store);
	for (i = 0; i < st->nrunning && code == 0; i++) {
		r = st->running[i];
		q = query(store_desk(st->store),
		    "UPDATE job SET lease_until_ms = :until"
		    " WHERE id = :id AND holder = :me AND attempt = :attempt"
		    " AND lease_until_ms IS NOT NULL");
		bind_int(&q, ":until", now_ms() + st->o->lease_ms);
		bind_int(&q, ":id", r->job.id);
		bind_text(&q, ":me", st->slot);
		bind_int(&q, ":attempt", r->leases);
		step(&q);
		code = done(&q);
		r->lease_until_ms = now_ms() + st->o->lease_ms;
	}
	if (code < 0) {
		store_rollback(st->store);
		return code;
	}
	return store_commit(st->store);
}

/* --- running --- */

/* The first slot nobody holds; its lock is the sign of life. */
static int
take_slot(struct stage *st)
{
	char *path;
	int i, fd;

	if (*store_dir(st->store) == '\0') {
		snprintf(st->slot, sizeof(st->slot), "self");
		return 0;
	}
	for (i = 1; i <= SLOTS_MAX; i++) {
		snprintf(st->slot, sizeof(st->slot), "%s.%d.slot",
		    st->def->name, i);
		path = store_run_path(st->store, st->slot);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
		if (fd < 0) {
			err_errno(errno == EACCES ? ERR_DENIED : ERR_IO, "%s",
			    path);
			free(path);
			return errno == EACCES ? ERR_DENIED : ERR_IO;
		}
		free(path);
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			st->slot_fd = fd;
			return 0;
		}
		close(fd);
	}
	return err_set(ERR_BUSY, "more than %d processes of %s", SLOTS_MAX,
	    st->def->name);
}

/* Nothing of this slot's former holder is under way: it is us now. */
static int
sign_on(struct stage *st)
{
	struct query q;
	int code = store_begin(st->store);

	if (code < 0)
		return code;
	q = query(store_desk(st->store),
	    "UPDATE job SET holder = NULL, lease_until_ms = NULL"
	    " WHERE stage = :stage AND holder = :slot");
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":slot", st->slot);
	step(&q);
	code = done(&q);
	if (code == 0 && st->o->follow) {
		q = query(store_desk(st->store),
		    "INSERT INTO worker (stage, slot, pid, since_ms)"
		    " VALUES (:stage, :slot, :pid, :now)"
		    " ON CONFLICT DO UPDATE SET pid = :pid, since_ms = :now");
		bind_text(&q, ":stage", st->def->name);
		bind_text(&q, ":slot", st->slot);
		bind_int(&q, ":pid", getpid());
		bind_int(&q, ":now", now_ms());
		step(&q);
		code = done(&q);
		if (code == 0)
			code = cursor_get(st->store, st->cursor,
			    st->o->from != NULL	    ? st->o->from :
				st->def->from_start ? "start" :
						      "end",
			    &st->saved);
		st->seq = st->saved;
	}
	if (code < 0) {
		store_rollback(st->store);
		return code;
	}
	return store_commit(st->store);
}

static int
open_signals(bool with_hangup)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (with_hangup)
		sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int
set_up(struct stage *st)
{
	char *bell;
	int code;

	st->signals =
	    open_signals(st->o->follow && st->def->reload_check != NULL);
	code = store_open(st->o->store,
	    st->o->dry_run ? STORE_COPY : STORE_WRITE, &st->store);
	if (code < 0)
		return code;
	st->event_clock =
	    !st->o->follow && (st->o->dry_run || store_is_scratch(st->store));
	code = take_slot(st);
	if (code == 0 && (st->waits || st->o->follow))
		code = sign_on(st);
	if (code == 0 && st->o->follow) {
		bell = store_run_path(st->store, "desk.bell");
		code = bell_open(bell, &st->bell);
		free(bell);
	}
	if (code == 0 && !st->o->follow)
		st->io = jsonl_new(0, 1, "stdin", LINE_MAX_BYTES);
	return code;
}

/* Milliseconds until the next job may begin, at most most. */
static int
until_next(struct stage *st, int64_t most)
{
	struct query q;
	int64_t due = INT64_MAX, left;

	if (!st->waits || (int64_t)st->nrunning >= st->o->jobs)
		return (int)most;
	q = query(store_desk(st->store),
	    "SELECT due_ms FROM job j WHERE stage = :stage"
	    " AND lease_until_ms IS NULL"
	    " AND (:follow OR (attempt > 0 AND" MAY_BEGIN_SQL "))"
	    " AND NOT EXISTS (SELECT 1 FROM job k WHERE k.stage = j.stage"
	    "  AND k.key = j.key AND k.id < j.id) ORDER BY due_ms LIMIT 1");
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":me", st->slot);
	bind_int(&q, ":now", now_ms());
	bind_int(&q, ":follow", st->o->follow);
	if (step(&q))
		due = column_int(&q, 0);
	done(&q);
	if (due == INT64_MAX)
		return (int)most;
	left = due - now_ms();
	return (int)(left < 0 ? 0 : left < most ? left : most);
}

/* Whether work of this process is still open (not only running). */
static int
open_jobs(struct stage *st, bool *ret)
{
	struct query q = query(store_desk(st->store),
	    "SELECT 1 FROM job WHERE stage = :stage"
	    " AND (:follow OR holder = :me) LIMIT 1");
	int code;

	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":me", st->slot);
	bind_int(&q, ":follow", st->o->follow);
	*ret = step(&q);
	code = done(&q);
	return code;
}

static void
take_signals(struct stage *st)
{
	struct signalfd_siginfo info;

	while (read(st->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			if (st->def->reload_check() < 0) {
				log_warnx("%s: going on with the settings as "
					  "they were",
				    err_reason());
				continue;
			}
			log_info("reading the settings again");
			st->again = true;
		} else {
			st->again = false;
			notify("STOPPING=1");
		}
		if (!st->stopping) {
			st->stopping = true;
			st->stop_ms =
			    mono_ms() + (st->again ? RELOAD_MS : DRAIN_MS);
		}
	}
}

/* This program again, with the arguments it was given; registered to happen
 * at exit, when everything has been put down in order. */
static int saved_stdout = -1;

static void
exec_again(void)
{
	char *args[ARGS_MAX + 1], path[PATH_MAX], *text, *p;
	size_t len, n = 0;
	ssize_t got = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (file_read("/proc/self/cmdline", ARGS_MAX_BYTES, &text, &len) < 0)
		return;
	for (p = text; p < text + len && n < ARGS_MAX; p += strlen(p) + 1)
		args[n++] = p;
	args[n] = NULL;
	if (saved_stdout >= 0) /* closed by cli_exit */
		dup2(saved_stdout, 1);
	/* By its own path: a process is named after what is executed. */
	if (got > 0) {
		path[got] = '\0';
		execv(path, args);
	}
	execv("/proc/self/exe", args); /* the file is gone */
	log_warn("cannot start again");
}

/* A clean end is no trouble: status tells it from a crash by this. */
static int
sign_off(struct stage *st)
{
	struct query q;
	int code = store_begin(st->store);

	if (code < 0)
		return code;
	q = query(store_desk(st->store),
	    "UPDATE worker SET pid = 0 WHERE stage = :stage AND slot = :slot");
	bind_text(&q, ":stage", st->def->name);
	bind_text(&q, ":slot", st->slot);
	step(&q);
	code = done(&q);
	if (code < 0) {
		store_rollback(st->store);
		return code;
	}
	return store_commit(st->store);
}

/* Sleep until something may have happened. */
static int
wait_for_news(struct stage *st, int timeout_ms)
{
	struct pollfd fds[2] = { { .fd = st->signals, .events = POLLIN },
		{ .fd = st->o->follow ? st->bell : 0, .events = POLLIN } };
	int n = st->stopping || (!st->o->follow && st->at_end) ? 1 : 2, code;

	if (st->io != NULL) {
		code = jsonl_flush(st->io);
		if (code < 0)
			return code;
	}
	if (st->def->wait != NULL && st->waits)
		code = st->def->wait(st, fds, n, timeout_ms);
	else
		code = poll(fds, (nfds_t)n, timeout_ms) < 0 && errno != EINTR ?
		    err_errno(ERR_IO, "poll") :
		    0;
	if (code < 0)
		return code;
	take_signals(st);
	if (n == 2 && fds[1].revents != 0) {
		if (st->o->follow)
			bell_clear(st->bell);
		else {
			code = jsonl_fill(st->io);
			if (code < 0)
				return code;
		}
	}
	return 0;
}

/* How much there may be to do because of it, or an ERR. */
static int
tick(struct stage *st)
{
	int code = 0, news = 0;

	if (mono_ms() - st->last_tick_ms < st->o->poll_ms)
		return 0;
	st->last_tick_ms = mono_ms();
	if (st->waits)
		code = renew(st);
	if (code == 0 && st->waits && st->o->follow)
		code = reclaim(st);
	if (code == 0 && st->o->follow && st->def->tick != NULL)
		news = code = st->def->tick(st);
	if (code > 0)
		code = 0;
	if (code == 0 &&
	    ((st->failures > 0 && st->slot_fd >= 0) ||
		(st->o->follow && st->seq > st->saved)) &&
	    (code = store_begin(st->store)) == 0) {
		code = record_failures(st);
		if (code == 0 && st->o->follow && st->seq > st->saved) {
			code = cursor_move(st->store, st->cursor, st->saved,
			    st->seq);
			if (code == 0)
				st->saved = st->seq;
		}
		if (code == ERR_BUSY) { /* the next batch sorts it out */
			store_rollback(st->store);
			return news;
		}
		if (code == 0)
			code = store_commit(st->store);
		else
			store_rollback(st->store);
	}
	return code < 0 ? code : news;
}

/*
 * Turns of jobs: how many ended and began, or an ERR. Taking a batch of events
 * in takes longer than a turn, and with much to be read the places for jobs
 * would fill slowly.
 */
static int
turns_jobs(struct stage *st)
{
	int sum = 0, i, n = 1;

	for (i = 0; i < TURNS_EACH && n > 0; i++) {
		n = turn_jobs(st);
		if (n < 0)
			return n;
		sum += n;
	}
	return sum;
}

static int
loop(struct stage *st, long *bad)
{
	bool open, turned = false;
	int code, n, progress;

	for (;;) {
		progress = 0;
		/* Lines can wait for what has been read already; the log has
		 * to be read, for windows close by the clock. */
		if (!st->stopping && (st->o->follow || !turned)) {
			n = st->o->follow ? intake_log(st) :
					    intake_stdin(st, bad);
			if (n < 0)
				return n;
			progress += n;
		}
		if (st->waits) {
			if ((n = turns_jobs(st)) < 0)
				return n;
			turned = n > 0;
			progress += n;
		}
		if (!st->stopping) {
			if ((n = look_at_awaited(st)) < 0)
				return n;
			progress += n;
		}
		code = tick(st);
		if (code < 0)
			return code;
		progress += code;
		if (progress > 0) {
			take_signals(st);
			code = look_at_work(st);
			if (code < 0)
				return code;
			continue;
		}
		if (st->stopping &&
		    (st->nrunning == 0 || mono_ms() > st->stop_ms))
			return 0;
		if ((!st->o->follow && st->at_end) ||
		    (st->o->follow && st->o->once)) {
			/* What was just done may have made something due. */
			st->last_tick_ms = mono_ms() - st->o->poll_ms;
			if ((code = tick(st)) > 0)
				continue;
			if (code < 0 || !st->waits)
				return code;
			code = open_jobs(st, &open);
			if (code < 0 || (!open && st->nawaited == 0))
				return code;
		}
		code = wait_for_news(st,
		    until_next(st,
			st->nawaited > 0 && st->o->poll_ms > AWAIT_MS ?
			    AWAIT_MS :
			    st->o->poll_ms));
		if (code < 0)
			return code;
	}
}

int
stage_run(const struct stage_def *def, void *ctx)
{
	struct stage st = { .def = def,
		.ctx = ctx,
		.o = &stage_options,
		.bell = -1,
		.signals = -1,
		.slot_fd = -1 };
	long bad = 0;
	bool pipe_gone;
	int code;

	st.waits = def->take != NULL;
	st.cursor = st.o->cursor != NULL ? st.o->cursor : def->name;
	code = set_up(&st);
	if (code == 0) {
		if (st.o->follow)
			notify("READY=1");
		code = loop(&st, &bad);
	}
	if (code >= 0 && st.io != NULL)
		code = jsonl_flush(st.io);
	pipe_gone = code == ERR_IO && errno == EPIPE;
	if (code >= 0 && (bad > 0 || (st.io && jsonl_bad(st.io) > 0)))
		code = err_set(ERR_DATA, "bad lines left out: %ld",
		    bad + (st.io != NULL ? jsonl_bad(st.io) : 0));
	if (code >= 0 && st.o->follow && !st.again)
		code = sign_off(&st);
	while (st.nrunning > 0)
		running_remove(&st, st.running[0]);
	free(st.running);
	free(st.awaited);
	out_drop(&st, 0);
	free(st.out);
	jsonl_free(st.io);
	store_close(st.store);
	if (st.bell >= 0)
		close(st.bell);
	if (st.signals >= 0)
		close(st.signals);
	if (st.slot_fd >= 0)
		close(st.slot_fd);
	if (st.again && code >= 0) {
		saved_stdout = fcntl(1, F_DUPFD_CLOEXEC, 3);
		atexit(exec_again);
	}
	if (pipe_gone) { /* as any filter whose reader has left */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return code;
}
