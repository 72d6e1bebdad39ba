/* verdict - part of sending.h: what becomes of a message, as rows and events */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "desk/conversation.h"
#include "desk/instance.h"
#include "desk/message.h"
#include "desk/reach.h"
#include "wa/early.h"
#include "wa/sending.h"

#define TEMPLATES_TOLD 10

json_t *
verdict_data(const struct message *m)
{
	json_t *data = json_object();

	json_put(data, "message", m->id);
	json_put(data, "conversation", m->conversation);
	json_put(data, "contact", m->contact);
	json_put(data, "instance", m->instance);
	json_put(data, "kind", m->kind);
	return data;
}

int
verdict_tell(struct stage *st, const struct job *j, const struct message *m,
    const char *type, json_t *data)
{
	char subject[32];

	return stage_emit(st, j->event, type,
	    conversation_subject(m->conversation, subject), data, NULL);
}

int
verdict_escalate(struct stage *st, const struct job *j, const struct message *m,
    const char *reason)
{
	struct act act;
	int code;

	act_stage(&act, st, j->event, "system");
	code = message_missed(&act, m->id, reason);
	act_release(&act);
	return code;
}

int
verdict_cancel(struct stage *st, const struct job *j, const struct message *m,
    const char *reason)
{
	json_t *templates = NULL;
	json_t *data;
	int code = message_climb(stage_store(st), m->id, "cancelled");

	if (code >= 0)
		code = message_unsaid(stage_store(st), m->id);
	if (code < 0)
		return code;
	data = verdict_data(m);
	json_put(data, "reason", reason);
	if (strcmp(reason, "window") == 0)
		templates = outbox_templates(stage_store(st), m->instance,
		    TEMPLATES_TOLD);
	json_put_new(data, "templates", templates);
	return verdict_tell(st, j, m, "message.cancelled", data);
}

int
verdict_cancel_rest(struct stage *st, const struct job *j, const char *reason)
{
	struct message *m = NULL;
	char id[ULID_BYTES];
	int code;

	while ((code = outbox_next(stage_store(st),
		    json_str(j->event->data, "message"), id)) == 1) {
		code = message_get(stage_store(st), id, &m);
		if (code == 0)
			code = verdict_cancel(st, j, m, reason);
		message_free(m);
		m = NULL;
		if (code < 0)
			break;
	}
	return code;
}

int
verdict_hold(struct stage *st, const struct job *j, const struct message *m,
    const char *reason)
{
	json_t *data;
	int code = message_climb(stage_store(st), m->id, "held");

	if (code <= 0) /* a status has settled it already */
		return code;
	code = outbox_why(stage_store(st), m->id, reason);
	if (code < 0)
		return code;
	data = verdict_data(m);
	json_put(data, "reason", reason);
	return verdict_tell(st, j, m, "message.held", data);
}

/* --- templates --- */

static const struct {
	int code;
	const char *what, *severity;
} template_alerts[] = {
	{ 132001, "template_missing", "warning" },
	{ 132015, "template_paused", "warning" },
	{ 132016, "template_disabled", "critical" },
};

/* The object of a template message, which may stand under its kind's name. */
static const json_t *
template_of(const struct message *m)
{
	const json_t *t = json_object_get(m->content, "template");

	return t != NULL ? t : m->content;
}

/* The mark of an alert; the caller frees. */
static char *
alert_key(const struct message *m, const char *what)
{
	const json_t *t = template_of(m);
	const char *language = json_str(t, "language");

	if (language == NULL)
		language = json_str_or(t, "language/code", "");
	return xformat("%s:%s:%s:%s", what, m->instance,
	    json_str_or(t, "name", ""), language);
}

static json_t *
alert_data(const struct message *m, const char *what)
{
	json_t *data = json_object();

	json_put(data, "what", what);
	json_put(data, "about", json_str(template_of(m), "name"));
	json_put(data, "instance", m->instance);
	return data;
}

int
verdict_template(struct stage *st, const struct event *cause,
    const struct message *m, int code)
{
	const size_t n = sizeof(template_alerts) / sizeof(*template_alerts);
	struct query q;
	json_t *data;
	char *key;
	size_t i;
	int ret;

	for (i = 0; i < n && template_alerts[i].code != code; i++)
		;
	if (i == n || strcmp(m->kind, "template") != 0)
		return 0;
	key = alert_key(m, template_alerts[i].what);
	q = query(store_desk(stage_store(st)),
	    "INSERT INTO mark (key, time_ms) VALUES (:key, :now)"
	    " ON CONFLICT DO NOTHING");
	bind_text(&q, ":key", key);
	bind_int(&q, ":now", stage_now_ms(st));
	step(&q);
	ret = done(&q);
	free(key);
	if (ret < 0 || db_changes(store_desk(stage_store(st))) == 0)
		return ret;
	data = alert_data(m, template_alerts[i].what);
	json_put(data, "severity", template_alerts[i].severity);
	json_put(data, "reason", wa_error_find(code)->title);
	return stage_emit(st, cause, "health.alert", NULL, data, NULL);
}

int
verdict_template_works(struct stage *st, const struct job *j,
    const struct message *m)
{
	struct db *desk = store_desk(stage_store(st));
	struct query q;
	char *key;
	size_t i;
	int code = 0;

	if (strcmp(m->kind, "template") != 0)
		return 0;
	for (i = 0; i < sizeof(template_alerts) / sizeof(*template_alerts) &&
	     code == 0;
	     i++) {
		key = alert_key(m, template_alerts[i].what);
		q = query(desk, "DELETE FROM mark WHERE key = :key");
		bind_text(&q, ":key", key);
		step(&q);
		code = done(&q);
		free(key);
		if (code == 0 && db_changes(desk) > 0)
			code = stage_emit(st, j->event, "health.cleared", NULL,
			    alert_data(m, template_alerts[i].what), NULL);
	}
	return code;
}

/* The code a status gave for the failure of a message; 0: none. */
static int
told_code(struct store *s, const char *id, int *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(json_extract(t.data, '$.errors[0].code'), 0)"
	    " FROM message m JOIN message_status t ON t.instance = m.instance"
	    "  AND t.wamid = m.wamid AND t.status = 'failed'"
	    " WHERE m.id = :id");

	bind_text(&q, ":id", id);
	*ret = step(&q) ? (int)column_int(&q, 0) : 0;
	return done(&q);
}

int
verdict_undelivered(struct stage *st, const struct event *cause,
    const struct message *m)
{
	struct act act;
	int why = 0, code;

	act_stage(&act, st, cause, "system");
	code = message_missed(&act, m->id, "a message could not be delivered");
	act_release(&act);
	if (code == 0)
		code = told_code(stage_store(st), m->id, &why);
	return code < 0 ? code : verdict_template(st, cause, m, why);
}

int
verdict_early(struct stage *st, const struct job *j, const struct message *m)
{
	struct act act;
	int code;

	act_stage(&act, st, j->event, "system");
	code = early_tell(&act, m->id);
	act_release(&act);
	return code == 1 ? verdict_undelivered(st, j->event, m) : code;
}

/* The error says more of the customer than of the message. */
static int
lost(struct stage *st, const struct job *j, const struct message *m,
    const char *why)
{
	struct act act;
	int code;

	act_stage(&act, st, j->event, "system");
	code = reach_lost(&act, m->contact, why);
	act_release(&act);
	return code;
}

int
verdict_fail(struct stage *st, const struct job *j, const struct message *m,
    const struct wa_error *error, const char *why)
{
	struct outgoing kept;
	json_t *data, *about;
	int code = message_climb(stage_store(st), m->id, "failed");

	if (code <= 0) /* a status has said so, or that it arrived */
		return code;
	code = message_unsaid(stage_store(st), m->id);
	if (code < 0)
		return code;
	data = verdict_data(m);
	code = outbox_get(stage_store(st), m->id, &kept);
	if (code == 0)
		code = outbox_why(stage_store(st), m->id,
		    error != NULL ? error->title : why);
	if (code < 0) {
		json_decref(data);
		return code;
	}
	if (kept.resent > 0)
		json_put_int(data, "resent", kept.resent);
	if (error != NULL) {
		about = wa_error_json(error);
	} else {
		about = json_object();
		json_put(about, "title", why);
		json_put(about, "class", wa_class_name(WA_REQUEST));
	}
	json_put(data, "status", "failed");
	json_put_new(data, "errors", json_pack("[o]", about));
	code = verdict_tell(st, j, m, "message.failed", data);
	/* Its author may be a program: somebody should know. */
	if (code == 0)
		code =
		    verdict_escalate(st, j, m, "a message could not be sent");
	if (code == 0 && error != NULL && wa_error_class(error) == WA_RECIPIENT)
		code = lost(st, j, m, error->title);
	if (code == 0 && error != NULL && error->has_code)
		code = verdict_template(st, j->event, m, error->code);
	/* Half of a text would be worse than none. */
	return code == 0 ? verdict_cancel_rest(st, j, "part") : code;
}

int
verdict_instance(struct stage *st, const struct job *j, const struct line *l,
    const char *state, const struct send_outcome *o)
{
	struct act act;
	int code;

	act_stage(&act, st, j->event, "system");
	if (o != NULL)
		code = instance_trouble(&act, l->name, l->why,
		    o->error.http != 0 ? wa_error_json(&o->error) : NULL);
	else
		code = instance_state(&act, l->name, state,
		    strcmp(state, "connected") == 0 ? NULL : l->why);
	act_release(&act);
	return code;
}

int
verdict_was_stopped(struct store *s, const struct line *l)
{
	struct query q = query(store_desk(s),
	    "SELECT state = 'error' OR (state = 'disconnected'"
	    "  AND reason GLOB '" OUTCOME_UNKNOWN "*')"
	    " FROM instance WHERE name = :name");
	int stopped = 0, code;

	bind_text(&q, ":name", l->name);
	if (step(&q))
		stopped = (int)column_int(&q, 0);
	code = done(&q);
	return code < 0 ? code : stopped;
}

int
verdict_alert(struct stage *st, const struct job *j, const struct line *l)
{
	json_t *data = json_object();

	json_put(data, "what", "instance_stopped");
	json_put(data, "severity", "critical");
	json_put(data, "instance", l->name);
	json_put(data, "reason", l->why);
	return stage_emit(st, j->event, "health.alert", NULL, data, NULL);
}
