/* event - what the desk knows of events: joining, importing, all their types */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/act.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/message.h"

const char *const event_types[] = {
	"account.changed",
	"action.requested",
	"action.retried",
	"command.failed",
	"command.ran",
	"contact.blocked",
	"contact.changed",
	"contact.merged",
	"contact.opted_out",
	"contact.split",
	"conversation.archived",
	"conversation.assigned",
	"conversation.awaited",
	"conversation.commented",
	"conversation.escalated",
	"conversation.merged",
	"conversation.noted",
	"conversation.opened",
	"conversation.paused",
	"conversation.prioritised",
	"conversation.rated",
	"conversation.released",
	"conversation.reopened",
	"conversation.resolved",
	"conversation.sla_set",
	"conversation.snoozed",
	"conversation.tagged",
	"conversation.taken",
	"conversation.untagged",
	"document.failed",
	"document.queued",
	"document.ready",
	"document.removed",
	"health.alert",
	"health.body_unknown",
	"health.cleared",
	"instance.added",
	"instance.changed",
	"instance.connected",
	"instance.connecting",
	"instance.disconnected",
	"instance.error",
	"instance.removed",
	"media.failed",
	"media.stored",
	"message.accepted",
	"message.cancelled",
	"message.deleted",
	"message.delivered",
	"message.echoed",
	"message.edited",
	"message.failed",
	"message.held",
	"message.ignored",
	"message.imported",
	"message.labelled",
	"message.played",
	"message.queued",
	"message.reacted",
	"message.read",
	"message.received",
	"message.retried",
	"message.revoked",
	"message.routed",
	"message.sent",
	"message.transcribed",
	"message.viewed",
	"notification.failed",
	"notification.sent",
	"presence.typing",
	"reply.declined",
	"reply.drafted",
	"reply.started",
	"report.written",
	"rules.fired",
	"team.added",
	"team.changed",
	"team.removed",
	"template.changed",
	"timer.fired",
	"tool.ran",
	"transcription.failed",
	"user.added",
	"user.changed",
	"user.removed",
	"webhook.delivered",
	"webhook.failed",
	NULL,
};

/* The order of joined fields is fixed, so that a line reads back the same. */
static void
join_field(struct event *e, const char *key, const char *text)
{
	json_object_del(e->data, key);
	json_put(e->data, key, text);
}

/* No longer than a name can be, whatever a store of before has. */
static void
join_name(struct event *e, const char *name)
{
	char *cut = NULL;

	if (name != NULL)
		cut = xstrndup(name,
		    utf8_cut(name, strlen(name), CONTACT_NAME_MAX_BYTES));
	join_field(e, "name", cut);
	free(cut);
}

/* Whose it is and where, in a field that the event has. */
static void
join_place(struct event *e, const char *key, const char *id)
{
	if (json_str(e->data, key) != NULL && id != NULL)
		json_put(e->data, key, id);
}

static void
join_conversation(struct event *e, const char *id)
{
	char subject[32];

	join_place(e, "conversation", id);
	if (event_subject(e, "conversation") == NULL ||
	    strcmp(event_subject(e, "conversation"), id) == 0)
		return;
	free(e->subject);
	e->subject = xstrdup(conversation_subject(id, subject));
}

static void
join_text(struct event *e, struct query *q)
{
	const char *content;
	json_t *value;

	json_object_del(e->data, "content");
	join_field(e, "text", column_text(q, 0));
	content = column_text(q, 1);
	if (content != NULL &&
	    json_object_parse(content, strlen(content), &value) == 0)
		json_object_set_new(e->data, "content", value);
	join_field(e, "wamid", column_text(q, 2));
	join_field(e, "quoted", column_text(q, 3));
	if (column_int(q, 4) != 0) {
		json_object_set_new(e->data, "text", json_null());
		json_object_set_new(e->data, "erased", json_true());
	}
}

/* The words that a label rests on are the customer's. */
static int
join_evidence(struct store *s, struct event *e)
{
	struct query q = query(store_desk(s),
	    "SELECT evidence FROM label WHERE message = :id");
	json_t *words = NULL;
	const char *text;

	bind_text(&q, ":id", json_str(e->data, "message"));
	if (step(&q)) {
		text = column_text(&q, 0);
		if (text != NULL)
			json_value_parse(text, strlen(text), &words);
	}
	json_object_del(e->data, "evidence");
	json_put_new(e->data, "evidence", words);
	return done(&q);
}

/* It is where its message is. 1, or 0 if it has none. */
static int
join_message(struct store *s, struct event *e, bool with_text)
{
	/* What was received is printed as it came, whatever was heard since. */
	struct query q = query(store_desk(s),
	    "SELECT coalesce((SELECT t.text FROM transcript t"
	    "  WHERE :heard AND t.message = m.id), text), content, wamid,"
	    " quoted, erased, conversation, contact"
	    " FROM message m WHERE id = :id");
	bool found;
	int code;

	bind_int(&q, ":heard", strcmp(e->type, "message.transcribed") == 0);
	bind_text(&q, ":id", json_str(e->data, "message"));
	found = step(&q);
	if (found) {
		join_conversation(e, column_text(&q, 5));
		join_place(e, "contact", column_text(&q, 6));
		if (with_text)
			join_text(e, &q);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

/* What is about no message is where its conversation went on. */
static int
join_talk(struct store *s, struct event *e, const char *id)
{
	struct query q = query(store_desk(s),
	    "SELECT id, contact FROM conversation WHERE id ="
	    " (SELECT coalesce(merged_into, id) FROM conversation"
	    "  WHERE id = :id)");

	bind_text(&q, ":id", id);
	if (step(&q)) {
		join_conversation(e, column_text(&q, 0));
		join_place(e, "contact", column_text(&q, 1));
	}
	return done(&q);
}

/* The newest name of each kind that a contact has now. */
static int
join_names(struct store *s, struct event *e, const char *id)
{
	static const char *const kinds[] = { "phone", "bsuid", "username",
		NULL };
	struct query q = query(store_desk(s),
	    "SELECT kind, value FROM held_alias WHERE contact = :id"
	    " ORDER BY since_ms DESC, value");
	char *values[3] = { NULL };
	size_t i;
	int code;

	bind_text(&q, ":id", id);
	while (step(&q))
		for (i = 0; kinds[i] != NULL; i++)
			if (values[i] == NULL &&
			    strcmp(column_text(&q, 0), kinds[i]) == 0)
				values[i] = column_copy(&q, 1);
	code = done(&q);
	for (i = 0; kinds[i] != NULL; i++) {
		join_field(e, kinds[i], values[i]);
		free(values[i]);
	}
	return code;
}

static int
join_contact(struct store *s, struct event *e, const char *id)
{
	struct query q = query(store_desk(s),
	    "SELECT name, erased, id FROM contact WHERE id ="
	    " (SELECT coalesce(merged_into, id) FROM contact WHERE id = :id)");
	char now[SHORT_ID_BYTES] = "";
	bool erased = false;
	int code;

	bind_text(&q, ":id", id);
	if (step(&q)) {
		join_name(e, column_text(&q, 0));
		erased = column_int(&q, 1) != 0;
		snprintf(now, sizeof(now), "%s", column_text(&q, 2));
	}
	code = done(&q);
	if (code < 0 || now[0] == '\0')
		return code;
	code = join_names(s, e, now);
	if (code == 0 && erased) {
		json_object_set_new(e->data, "name", json_null());
		json_object_set_new(e->data, "erased", json_true());
	}
	return code;
}

int
desk_join(struct store *s, struct event *e)
{
	const char *message = json_str(e->data, "message"),
		   *talk = event_subject(e, "conversation"), *contact;
	bool said = str_starts(e->type, "message.") ||
	    str_starts(e->type, "reply.") ||
	    strcmp(e->type, "conversation.noted") == 0;
	int code = 0;

	if (message != NULL)
		code = join_message(s, e, said);
	if (code >= 0 && message != NULL &&
	    strcmp(e->type, "message.labelled") == 0)
		code = join_evidence(s, e);
	if (code == 0 && talk != NULL)
		code = join_talk(s, e, talk);
	contact = json_str(e->data, "contact");
	if (code >= 0 && contact != NULL &&
	    (str_starts(e->type, "message.") ||
		str_starts(e->type, "contact.") ||
		str_starts(e->type, "conversation.")))
		code = join_contact(s, e, contact);
	return code < 0 ? code : 0;
}

/* The contact of a foreign line: by its id, by an alias, or made up. */
static int
import_contact(struct store *s, struct event *e, const char *instance,
    char ret_id[SHORT_ID_BYTES])
{
	const char *given = json_str(e->data, "contact");
	struct alias aliases[] = {
		{ "phone", json_str(e->data, "phone") },
		{ "bsuid", json_str(e->data, "bsuid") },
		{ "username", json_str(e->data, "username") },
	};
	const char *talk = event_subject(e, "conversation");
	struct conversation *c = NULL;
	struct query q;
	enum contact_news news;
	size_t i;
	int code;

	/* A conversation that is here knows whom it is with. */
	if (talk == NULL)
		talk = json_str(e->data, "conversation");
	if (talk != NULL && conversation_get(s, talk, &c) == 0) {
		memcpy(ret_id, c->contact, SHORT_ID_BYTES);
		conversation_free(c);
		return 0;
	}
	if (given != NULL && strlen(given) == SHORT_ID_BYTES - 1) {
		code = contact_resolve(s, given, ret_id);
		if (code != ERR_NOINPUT)
			return code;
		memcpy(ret_id, given, SHORT_ID_BYTES);
		/* Another store's contact keeps its id here. */
		q = query(store_desk(s),
		    "INSERT INTO contact (id, instance, name, created_ms)"
		    " VALUES (:id, :instance, :name, :at)");
		bind_text(&q, ":id", given);
		bind_text(&q, ":instance", instance);
		bind_text(&q, ":name", json_str(e->data, "name"));
		bind_int(&q, ":at", e->time_ms);
		step(&q);
		code = done(&q);
		for (i = 0; i < 3 && code == 0; i++) {
			if (aliases[i].value == NULL || !*aliases[i].value)
				continue;
			q = query(store_desk(s),
			    "INSERT INTO contact_alias (instance, kind, value,"
			    " contact, since_ms) VALUES (:instance, :kind,"
			    " :value, :contact, :at) ON CONFLICT DO NOTHING");
			bind_text(&q, ":instance", instance);
			bind_text(&q, ":kind", aliases[i].kind);
			bind_text(&q, ":value", aliases[i].value);
			bind_text(&q, ":contact", given);
			bind_int(&q, ":at", e->time_ms);
			step(&q);
			code = done(&q);
		}
		return code;
	}
	for (i = 0; i < 3; i++)
		if (aliases[i].value != NULL && *aliases[i].value != '\0')
			break;
	if (i == 3)
		aliases[2].value = "anonymous";
	return contact_for(s, instance, aliases, 3, json_str(e->data, "name"),
	    e->time_ms, ret_id, &news);
}

static int
import_conversation(struct store *s, struct event *e,
    const struct instance *instance, const char *contact,
    char ret_id[SHORT_ID_BYTES], enum conversation_news *ret_news)
{
	const char *given = event_subject(e, "conversation");
	struct conversation *c = NULL;
	struct query q;
	int code;

	if (given == NULL)
		given = json_str(e->data, "conversation");
	if (given != NULL && strlen(given) == SHORT_ID_BYTES - 1) {
		memcpy(ret_id, given, SHORT_ID_BYTES);
		code = conversation_get(s, given, &c);
		if (code == 0)
			memcpy(ret_id, c->id, SHORT_ID_BYTES);
		conversation_free(c);
		if (code != ERR_NOINPUT)
			return code;
		q = query(store_desk(s),
		    "INSERT INTO conversation (id, instance, contact, number,"
		    " status, owner, owner_rev, opened_ms, reopened_ms)"
		    " SELECT :id, :instance, :contact,"
		    " coalesce(max(number), 0) + 1, 'open', :owner,"
		    " :owner_rev, :at, :at"
		    " FROM conversation WHERE instance = :instance"
		    " AND contact = :contact");
		bind_text(&q, ":id", given);
		bind_text(&q, ":instance", instance->name);
		bind_text(&q, ":contact", contact);
		bind_text(&q, ":owner",
		    json_str_or(e->data, "owner",
			instance->ai ? "ai" : "queue"));
		bind_int(&q, ":owner_rev",
		    json_int_or(e->data, "owner_rev", 1));
		bind_int(&q, ":at", e->time_ms);
		step(&q);
		return done(&q);
	}
	return conversation_for(s, instance, contact, e->time_ms, ret_id,
	    ret_news);
}

static int
import_message(struct store *s, struct event *e, const char *instance,
    const char *conversation, const char *contact)
{
	const char *given = json_str(e->data, "message");
	bool out = strcmp(e->type, "message.queued") == 0;
	struct message_in m = {
		.id = given != NULL && id_is_ulid(given) ? given : e->id,
		.instance = instance,
		.conversation = conversation,
		.contact = contact,
		.direction = out ? "out" : "in",
		.kind = json_str_or(e->data, "kind", "text"),
		.wamid = json_str(e->data, "wamid"),
		.wa_ms = e->time_ms,
		.quoted = json_str(e->data, "quoted"),
		.text = json_str(e->data, "text"),
		.content = json_object_get(e->data, "content"),
	};
	struct query q;
	int code = message_store(s, &m);

	if (code == 1 && out) {
		q = query(store_desk(s),
		    "UPDATE message SET status = 'queued', author = :author,"
		    " owner_rev = (SELECT owner_rev FROM conversation"
		    "  WHERE id = :conversation) WHERE id = :id");
		bind_text(&q, ":id", m.id);
		bind_text(&q, ":conversation", conversation);
		bind_text(&q, ":author",
		    json_str_or(e->data, "author", "system"));
		step(&q);
		code = done(&q);
		if (code < 0)
			return code;
		/* What is to be answered was said; else no window is open. */
		q = query(store_desk(s),
		    "UPDATE conversation SET last_in_ms ="
		    " coalesce(last_in_ms, :at) WHERE id = :id");
		bind_text(&q, ":id", conversation);
		bind_int(&q, ":at", e->time_ms);
		step(&q);
		code = done(&q);
	}
	if (code < 0)
		return code;
	json_put(e->data, "message", m.id);
	return 0;
}

/* A message says something: words, parts, or the kind of what has none. */
static int
check_said(const struct event *e)
{
	const json_t *text = json_object_get(e->data, "text");

	if (text != NULL && !json_is_string(text) && !json_is_null(text))
		return err_set(ERR_DATA, "data.text is not a string");
	if (text == NULL && json_str(e->data, "message") == NULL &&
	    json_str(e->data, "kind") == NULL &&
	    json_object_get(e->data, "content") == NULL)
		return err_set(ERR_DATA, "data.text is missing");
	return 0;
}

int
desk_import(struct store *s, struct event *e)
{
	static const char *const types[] = { "message.received",
		"message.routed", "message.queued", NULL };
	char contact[SHORT_ID_BYTES], conversation[SHORT_ID_BYTES], subject[32];
	enum conversation_news news = CONV_KNOWN;
	struct instance *instance = NULL;
	struct act act;
	const char *name;
	char *source, *meant = NULL;
	int code;

	if (!str_in(e->type, types))
		return 0;
	code = check_said(e);
	if (code < 0)
		return code;
	name = json_str(e->data, "instance");
	if (name == NULL && str_starts(e->source, "/instance/"))
		name = e->source + strlen("/instance/");
	if (name == NULL || *name == '\0') {
		code = instance_meant(s, &meant);
		if (code < 0)
			return code;
		name = meant;
	}
	code = instance_need(s, name, &instance);
	free(meant);
	if (code == 0)
		code = import_contact(s, e, instance->name, contact);
	if (code == 0)
		code = import_conversation(s, e, instance, contact,
		    conversation, &news);
	if (code == 0)
		code =
		    import_message(s, e, instance->name, conversation, contact);
	if (code == 0) {
		json_put(e->data, "conversation", conversation);
		json_put(e->data, "contact", contact);
		json_put(e->data, "instance", instance->name);
		if (json_str(e->data, "kind") == NULL)
			json_put(e->data, "kind", "text");
		free(e->subject);
		e->subject =
		    xstrdup(conversation_subject(conversation, subject));
		source = xformat("/instance/%s", instance->name);
		free(e->source);
		e->source = source;
	}
	instance_free(instance);
	if (code < 0 || news == CONV_KNOWN)
		return code;
	/* The log has causes before effects. */
	code = log_append(s, e, NULL, NULL);
	if (code == 0) {
		act_program(&act, s, "import", e, "customer");
		code = conversation_announce(&act, conversation, news);
		act_release(&act);
	}
	return code;
}
