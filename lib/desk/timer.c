/* timer - what is due in conversations without anybody writing */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/timer.h"
#include "store/log.h"

/* As the index of schema 15 has it. */
#define IDLE_SINCE_SQL \
	"max(coalesce(last_in_ms, opened_ms), coalesce(last_out_ms, 0))"

struct due {
	char conversation[SHORT_ID_BYTES];
	char contact[SHORT_ID_BYTES];
	char *instance;
	int64_t since_ms;
	int64_t after_ms;
	int64_t due_ms;
	bool over; /* a snooze that something else has ended */
	/* Of a promise: what, and by which policy. */
	char target[16]; /* "": none */
	char *policy;
	int64_t ended_ms; /* 0: it runs */
};

int64_t
timer_since(const struct conversation *c, const char *name)
{
	int64_t in_ms = c->last_in_ms != 0 ? c->last_in_ms : c->opened_ms;

	if (strcmp(name, "idle") == 0)
		return in_ms > c->last_out_ms ? in_ms : c->last_out_ms;
	if (strcmp(name, "waiting") == 0)
		return c->waiting_ms;
	return strcmp(name, "window") == 0 ? c->last_in_ms : 0;
}

static void
mark_key(const struct timer *t, char ret[64])
{
	snprintf(ret, 64, "timer:%s:%lld", t->name, (long long)t->after_ms);
}

/* Since when this timer is asked for; from now on if it never was. */
static int
known_since(struct store *s, const struct timer *t, int64_t now_ms,
    int64_t *ret_ms)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO mark (key, time_ms) VALUES (:key, :now)"
	    " ON CONFLICT DO UPDATE SET time_ms = min(time_ms, :now)"
	    " RETURNING time_ms");
	char key[64];

	mark_key(t, key);
	bind_text(&q, ":key", key);
	bind_int(&q, ":now", now_ms);
	*ret_ms = now_ms;
	if (step(&q))
		*ret_ms = column_int(&q, 0);
	return done(&q);
}

/* One that was seen when nothing had to be written. */
static int
known_already(struct store *s, const struct timer *t, int64_t now_ms,
    int64_t *ret_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT time_ms FROM mark WHERE key = :key AND time_ms <= :now");
	char key[64];
	int code;

	mark_key(t, key);
	bind_text(&q, ":key", key);
	bind_int(&q, ":now", now_ms);
	*ret_ms = 0;
	if (step(&q))
		*ret_ms = column_int(&q, 0);
	code = done(&q);
	if (code < 0 || *ret_ms != 0)
		return code;
	code = store_begin(s);
	if (code < 0)
		return code;
	code = known_since(s, t, now_ms, ret_ms);
	if (code < 0) {
		store_rollback(s);
		return code;
	}
	return store_commit(s);
}

/* What is due: the statement of each timer, by its index: the store has many
 * conversations, and few of them are due. */
static struct query
due_query(struct store *s, const char *name)
{
	if (strcmp(name, "idle") == 0)
		return query(store_desk(s),
		    "SELECT id, contact, instance, " IDLE_SINCE_SQL " AS since"
		    " FROM conversation c INDEXED BY conversation_idle"
		    " WHERE status IN ('open', 'resolved')"
		    " AND merged_into IS NULL AND " IDLE_SINCE_SQL " >= :from"
		    " AND " IDLE_SINCE_SQL " <= :until"
		    " AND (:closed OR status = 'open')"
		    " AND NOT EXISTS (SELECT 1 FROM timer t"
		    "  WHERE t.conversation = c.id AND t.timer = :timer"
		    "  AND t.after_ms = :after"
		    "  AND t.since_ms >= " IDLE_SINCE_SQL ")"
		    " ORDER BY since, id LIMIT :rows");
	if (strcmp(name, "waiting") == 0)
		return query(store_desk(s),
		    "SELECT id, contact, instance, waiting_ms"
		    " FROM conversation c INDEXED BY conversation_waiting"
		    " WHERE waiting_ms IS NOT NULL"
		    " AND waiting_ms >= :from AND waiting_ms <= :until"
		    " AND status IN ('open', 'resolved')"
		    " AND merged_into IS NULL"
		    " AND (:closed OR status = 'open')"
		    " AND NOT EXISTS (SELECT 1 FROM timer t"
		    "  WHERE t.conversation = c.id AND t.timer = :timer"
		    "  AND t.after_ms = :after AND t.since_ms >= waiting_ms)"
		    " ORDER BY waiting_ms, id LIMIT :rows");
	return query(store_desk(s),
	    "SELECT id, contact, instance, last_in_ms"
	    " FROM conversation c INDEXED BY conversation_window"
	    " WHERE status IN ('open', 'resolved')"
	    " AND merged_into IS NULL AND last_in_ms >= :from"
	    " AND last_in_ms <= :until AND (:closed OR status = 'open')"
	    " AND NOT EXISTS (SELECT 1 FROM timer t"
	    "  WHERE t.conversation = c.id AND t.timer = :timer"
	    "  AND t.after_ms = :after AND t.since_ms >= last_in_ms)"
	    " ORDER BY last_in_ms, id LIMIT :rows");
}

/* How long after its beginning it is due. */
static int64_t
delay(const struct timer *t)
{
	if (strcmp(t->name, "window") != 0)
		return t->after_ms;
	return t->window_ms > t->after_ms ? t->window_ms - t->after_ms : 0;
}

static int
read_due(struct store *s, const struct timer *t, int64_t from_ms,
    int64_t until_ms, struct due *list, size_t *ret_count)
{
	struct query q = due_query(s, t->name);
	size_t n = 0;

	bind_int(&q, ":from", from_ms - delay(t));
	bind_int(&q, ":until", until_ms - delay(t));
	bind_int(&q, ":closed", t->closed);
	bind_text(&q, ":timer", t->name);
	bind_int(&q, ":after", t->after_ms);
	bind_int(&q, ":rows", DB_BATCH_ROWS);
	while (step(&q) && n < DB_BATCH_ROWS) {
		snprintf(list[n].conversation, SHORT_ID_BYTES, "%s",
		    column_text(&q, 0));
		snprintf(list[n].contact, SHORT_ID_BYTES, "%s",
		    column_text(&q, 1));
		list[n].instance = column_copy(&q, 2);
		list[n].since_ms = column_int(&q, 3);
		list[n].after_ms = t->after_ms;
		list[n].due_ms = list[n].since_ms + delay(t);
		list[n].target[0] = '\0';
		list[n++].policy = NULL;
	}
	*ret_count = n;
	return done(&q);
}

/* timer.fired. Its id is of what it is about: written twice it is one. */
static int
emit(struct store *s, const char *name, const struct due *d, const char *writer,
    int64_t now_ms)
{
	char subject[32], text[TIME_TEXT_BYTES], after[24], since[24], due[24];
	json_t *data = json_object();
	struct event *e;
	int code;

	json_put(data, "timer", name);
	json_put(data, "conversation", d->conversation);
	json_put(data, "contact", d->contact);
	json_put(data, "instance", d->instance);
	json_put_int(data, "after_ms", d->after_ms);
	json_put(data, "since", time_text(d->since_ms, text));
	json_put(data, "due", time_text(d->due_ms, text));
	if (d->target[0] != '\0') {
		json_put(data, "target", d->target);
		json_put(data, "policy", d->policy);
		if (d->ended_ms != 0)
			json_put(data, "ended", time_text(d->ended_ms, text));
	}
	e = event_new(NULL, "timer.fired", NULL,
	    conversation_subject(d->conversation, subject), now_ms, data);
	snprintf(after, sizeof(after), "%lld", (long long)d->after_ms);
	snprintf(since, sizeof(since), "%lld", (long long)d->since_ms);
	snprintf(due, sizeof(due), "%lld", (long long)d->due_ms);
	if (d->target[0] != '\0')
		id_ulid(e->id, d->due_ms - d->after_ms, writer, "timer",
		    d->conversation, name, after, since, d->target, due, NULL);
	else
		id_ulid(e->id, d->due_ms, writer, "timer", d->conversation,
		    name, after, since, NULL);
	code = log_append(s, e, writer, NULL);
	event_free(e);
	return code;
}

static int
remember(struct store *s, const char *name, const struct due *d)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO timer (conversation, timer, after_ms, since_ms)"
	    " VALUES (:id, :timer, :after, :since)"
	    " ON CONFLICT DO UPDATE SET since_ms = :since");

	bind_text(&q, ":id", d->conversation);
	bind_text(&q, ":timer", name);
	bind_int(&q, ":after", d->after_ms);
	bind_int(&q, ":since", d->since_ms);
	step(&q);
	return done(&q);
}

static void
due_free(struct due *list, size_t n)
{
	while (n-- > 0) {
		free(list[n].instance);
		free(list[n].policy);
	}
}

/* Those of a batch that are due in the transaction, too. */
static int
fire_batch(struct store *s, const struct timer *t, int64_t from_ms,
    const char *writer, int64_t now_ms, size_t *ret_count)
{
	struct due list[DB_BATCH_ROWS];
	size_t n = 0, i;
	int code = store_begin(s);

	*ret_count = 0;
	if (code < 0)
		return code;
	code = read_due(s, t, from_ms, now_ms, list, &n);
	for (i = 0; i < n && code == 0; i++) {
		code = emit(s, t->name, &list[i], writer, now_ms);
		if (code == 0)
			code = remember(s, t->name, &list[i]);
	}
	due_free(list, n);
	if (code < 0) {
		store_rollback(s);
		return code;
	}
	*ret_count = n;
	return store_commit(s);
}

int
timer_fire(struct store *s, const struct timer *t, const char *writer,
    int64_t now_ms, int64_t far_ms)
{
	struct due list[DB_BATCH_ROWS];
	int64_t known_ms;
	size_t n;
	int code = known_already(s, t, now_ms, &known_ms), all = 0;

	if (code < 0)
		return code;
	if (known_ms > far_ms)
		far_ms = known_ms;
	/* Most often nothing is due, and no turn at writing is waited for. */
	for (;;) {
		code = read_due(s, t, far_ms, now_ms, list, &n);
		due_free(list, n);
		if (code < 0 || n == 0)
			return code < 0 ? code : all;
		code = fire_batch(s, t, far_ms, writer, now_ms, &n);
		if (code < 0)
			return code;
		all += (int)n;
	}
}

int
timer_forget(struct store *s, const struct timer *keep, size_t n)
{
	json_t *list = json_array();
	struct query q;
	char key[64], *kept;
	size_t i;
	bool any;
	int code;

	for (i = 0; i < n; i++) {
		mark_key(&keep[i], key);
		json_array_append_new(list, json_text_new(key));
	}
	kept = json_text(list);
	json_decref(list);
	q = query(store_desk(s),
	    "SELECT 1 FROM mark WHERE key > 'timer:' AND key < 'timer;'"
	    " AND key NOT IN (SELECT value FROM json_each(:kept)) LIMIT 1");
	bind_text(&q, ":kept", kept);
	any = step(&q);
	code = done(&q);
	if (code == 0 && any && (code = store_begin(s)) == 0) {
		q = query(store_desk(s),
		    "DELETE FROM mark WHERE key > 'timer:' AND key < 'timer;'"
		    " AND key NOT IN (SELECT value FROM json_each(:kept))");
		bind_text(&q, ":kept", kept);
		step(&q);
		code = done(&q);
		if (code == 0)
			code = store_commit(s);
		else
			store_rollback(s);
	}
	free(kept);
	return code;
}

static int
read_snoozes(struct store *s, int64_t now_ms, struct due *list,
    size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    "SELECT c.id, c.contact, c.instance, z.since_ms, z.until_ms,"
	    " c.status <> 'snoozed' OR c.merged_into IS NOT NULL"
	    " FROM snooze z JOIN conversation c ON c.id = z.conversation"
	    " WHERE z.until_ms <= :now ORDER BY z.until_ms, c.id LIMIT :rows");
	size_t n = 0;

	bind_int(&q, ":now", now_ms);
	bind_int(&q, ":rows", DB_BATCH_ROWS);
	while (step(&q) && n < DB_BATCH_ROWS) {
		snprintf(list[n].conversation, SHORT_ID_BYTES, "%s",
		    column_text(&q, 0));
		snprintf(list[n].contact, SHORT_ID_BYTES, "%s",
		    column_text(&q, 1));
		list[n].instance = column_copy(&q, 2);
		list[n].since_ms = column_int(&q, 3);
		list[n].due_ms = column_int(&q, 4);
		list[n].after_ms = list[n].due_ms - list[n].since_ms;
		list[n].over = column_int(&q, 5) != 0;
		list[n].target[0] = '\0';
		list[n++].policy = NULL;
	}
	*ret_count = n;
	return done(&q);
}

/* Nobody asks a second time: what has fired is over. */
static int
forget_snooze(struct store *s, const struct due *d)
{
	struct query q = query(store_desk(s),
	    "DELETE FROM snooze WHERE conversation = :id"
	    " AND since_ms = :since");

	bind_text(&q, ":id", d->conversation);
	bind_int(&q, ":since", d->since_ms);
	step(&q);
	return done(&q);
}

int
timer_fire_snoozes(struct store *s, const char *writer, int64_t now_ms)
{
	struct due list[DB_BATCH_ROWS];
	size_t n, i;
	int code = read_snoozes(s, now_ms, list, &n);

	due_free(list, n);
	if (code < 0 || n == 0)
		return code;
	code = store_begin(s);
	if (code < 0)
		return code;
	code = read_snoozes(s, now_ms, list, &n);
	for (i = 0; i < n && code == 0; i++) {
		if (!list[i].over)
			code = emit(s, "snooze", &list[i], writer, now_ms);
		if (code == 0)
			code = forget_snooze(s, &list[i]);
	}
	due_free(list, n);
	if (code < 0) {
		store_rollback(s);
		return code;
	}
	code = store_commit(s);
	return code < 0 ? code : (int)n;
}

/* Which promises nobody was told of. */
struct untold {
	int64_t span_ms; /* due within it; 0: missed */
	int64_t far_ms;	 /* missed, and ended since then; 0: those that run */
};

/* The words behind the indexes are those of schema 20. */
#define PROMISE_SQL(by)                                         \
	"SELECT c.id, c.contact, c.instance, k.since_ms,"       \
	" k.due_ms, k.target, k.policy, k.ended_ms"             \
	" FROM sla_clock k INDEXED BY " by " JOIN conversation" \
	" c ON c.id = k.conversation WHERE"                     \
	" (k.told_ms IS NULL OR k.told_ms > 0)"

static struct query
promises_query(struct store *s, const struct untold *u, int64_t now_ms)
{
	struct query q;

	if (u->far_ms != 0) {
		q = query(store_desk(s),
		    PROMISE_SQL(
			"sla_clock_ended") " AND k.ended_ms IS NOT NULL"
					   " AND k.ended_ms >= :far AND k.due_ms < k.ended_ms"
					   " ORDER BY k.ended_ms LIMIT :rows");
		bind_int(&q, ":far", u->far_ms);
		return q;
	}
	q = query(store_desk(s),
	    PROMISE_SQL(
		"sla_clock_due") " AND k.ended_ms IS NULL"
				 " AND k.due_ms IS NOT NULL"
				 " AND k.due_ms <= :until AND (:span = 0 OR k.due_ms > :now)"
				 " AND (k.told_ms IS NULL OR k.told_ms > :span)"
				 " ORDER BY k.due_ms LIMIT :rows");
	bind_int(&q, ":now", now_ms);
	bind_int(&q, ":until", now_ms + u->span_ms);
	bind_int(&q, ":span", u->span_ms);
	return q;
}

static int
read_promises(struct store *s, const struct untold *u, int64_t now_ms,
    struct due *list, size_t *ret_count)
{
	struct query q = promises_query(s, u, now_ms);
	size_t n = 0;

	bind_int(&q, ":rows", DB_BATCH_ROWS);
	while (step(&q) && n < DB_BATCH_ROWS) {
		snprintf(list[n].conversation, SHORT_ID_BYTES, "%s",
		    column_text(&q, 0));
		snprintf(list[n].contact, SHORT_ID_BYTES, "%s",
		    column_text(&q, 1));
		list[n].instance = column_copy(&q, 2);
		list[n].since_ms = column_int(&q, 3);
		list[n].due_ms = column_int(&q, 4);
		list[n].after_ms = u->span_ms;
		snprintf(list[n].target, sizeof(list[n].target), "%s",
		    column_text(&q, 5));
		list[n].policy = column_copy(&q, 6);
		list[n++].ended_ms = column_int(&q, 7);
	}
	*ret_count = n;
	return done(&q);
}

static int
promise_told(struct store *s, const struct due *d)
{
	struct query q = query(store_desk(s),
	    "UPDATE sla_clock SET told_ms = :span WHERE conversation = :id"
	    " AND target = :target AND since_ms = :since");

	bind_int(&q, ":span", d->after_ms);
	bind_text(&q, ":id", d->conversation);
	bind_text(&q, ":target", d->target);
	bind_int(&q, ":since", d->since_ms);
	step(&q);
	return done(&q);
}

/* Some of one span: how many, or an ERR. */
static int
fire_promises(struct store *s, const struct untold *u, const char *writer,
    int64_t now_ms)
{
	struct due list[DB_BATCH_ROWS];
	size_t n, i;
	int code = read_promises(s, u, now_ms, list, &n);

	due_free(list, n);
	if (code < 0 || n == 0)
		return code;
	code = store_begin(s);
	if (code < 0)
		return code;
	code = read_promises(s, u, now_ms, list, &n);
	for (i = 0; i < n && code == 0; i++) {
		code = emit(s, "sla", &list[i], writer, now_ms);
		if (code == 0)
			code = promise_told(s, &list[i]);
	}
	due_free(list, n);
	if (code < 0) {
		store_rollback(s);
		return code;
	}
	code = store_commit(s);
	return code < 0 ? code : (int)n;
}

int
timer_fire_sla(struct store *s, const int64_t *spans_ms, size_t n,
    const char *writer, int64_t now_ms, int64_t far_ms)
{
	struct untold u;
	size_t i;
	int code, all = 0;

	for (i = 0; i <= n + 1; i++) {
		u = (struct untold){ .span_ms = i < n ? spans_ms[i] : 0,
			.far_ms = i > n ? far_ms : 0 };
		do {
			code = fire_promises(s, &u, writer, now_ms);
			if (code < 0)
				return code;
			all += code;
		} while (code > 0);
	}
	return all;
}
