/* act - a deed: who does it, because of what, and the events it leaves */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/act.h"
#include "desk/event.h"

void
act_stage(struct act *a, struct stage *st, const struct event *cause,
    const char *actor)
{
	memset(a, 0, sizeof(*a));
	a->store = stage_store(st);
	a->stage = st;
	a->cause = cause;
	a->actor = actor;
	a->now_ms = stage_now_ms(st);
}

void
act_program(struct act *a, struct store *s, const char *writer,
    const struct event *cause, const char *actor)
{
	memset(a, 0, sizeof(*a));
	a->store = s;
	a->cause = cause;
	a->actor = actor;
	a->writer = writer;
	a->now_ms = now_ms();
}

void
act_person(struct act *a, struct store *s, const char *person)
{
	act_program(a, s, "person", NULL, NULL);
	a->actor = xformat("user:%s", person);
}

char *
act_lines(const struct act *a)
{
	struct buf lines = BUF_INIT(0);
	char *line;
	size_t i;

	for (i = 0; i < a->nmade; i++) {
		line = event_line(a->made[i]);
		buf_addf(&lines, "%s\n", line);
		free(line);
	}
	return lines.len > 0 ? buf_detach(&lines) : xstrdup("");
}

void
act_release(struct act *a)
{
	size_t i;

	for (i = 0; i < a->nmade; i++)
		event_free(a->made[i]);
	free(a->made);
	if (a->writer != NULL && strcmp(a->writer, "person") == 0)
		free((char *)a->actor);
	memset(a, 0, sizeof(*a));
}

/* Without a stage. A cause makes the id repeatable; a person's will is new
 * each time, so the clock, the process and the ordinal are part of it. */
static void
derive(struct act *a, const char *type, char ret[ULID_BYTES])
{
	char ordinal[64];

	if (a->cause != NULL) {
		snprintf(ordinal, sizeof(ordinal), "%d", a->ordinal);
		id_ulid(ret, id_time_ms(a->cause->id), a->writer, a->cause->id,
		    type, ordinal, NULL);
	} else {
		snprintf(ordinal, sizeof(ordinal), "%lld.%d.%d",
		    (long long)mono_us(), (int)getpid(), a->ordinal);
		id_ulid(ret, a->now_ms, a->writer, type, ordinal, NULL);
	}
}

void
act_next_id(struct act *a, const char *type, char ret[ULID_BYTES])
{
	if (a->stage != NULL) {
		stage_next_id(a->stage, a->cause, type, ret);
		return;
	}
	/* The clock moves on: an id that was asked for is the next one used. */
	if (a->cause == NULL) {
		if (a->next[0] == '\0')
			derive(a, type, a->next);
		memcpy(ret, a->next, ULID_BYTES);
	} else
		derive(a, type, ret);
}

int
act_emit(struct act *a, const char *type, const char *subject, json_t *data,
    const struct event **ret)
{
	struct event *e;
	int code;

	if (a->stage != NULL)
		return stage_emit(a->stage, a->cause, type, subject, data, ret);
	e = event_new(a->cause, type, NULL, subject, a->now_ms, data);
	if (e->depth > EVENT_DEPTH_MAX) {
		event_free(e);
		return err_set(ERR_BUG, "causes chained deeper than %d",
		    EVENT_DEPTH_MAX);
	}
	act_next_id(a, type, e->id);
	a->next[0] = '\0';
	a->ordinal++;
	code = log_append(a->store, e, a->writer, NULL);
	if (code == 0)
		code = desk_join(a->store, e);
	if (code < 0) {
		event_free(e);
		return code;
	}
	a->made = xrealloc(a->made, (a->nmade + 1) * sizeof(*a->made));
	a->made[a->nmade++] = e;
	if (ret != NULL)
		*ret = e;
	return 0;
}

int
act_audit(struct act *a, const char *action, const char *object, json_t *detail)
{
	struct query q = query(store_desk(a->store),
	    "INSERT INTO audit (time_ms, actor, uid, action, object, detail)"
	    " VALUES (:now, :actor, :uid, :action, :object, :detail)");
	char *text = detail != NULL ? json_text(detail) : NULL;
	int code;

	bind_int(&q, ":now", a->now_ms);
	bind_text(&q, ":actor", a->actor);
	bind_int(&q, ":uid", getuid());
	bind_text(&q, ":action", action);
	bind_text(&q, ":object", object);
	bind_text(&q, ":detail", text);
	step(&q);
	code = done(&q);
	free(text);
	json_decref(detail);
	return code;
}
