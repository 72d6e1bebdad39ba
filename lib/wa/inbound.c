/* inbound - what a webhook says, done to the desk: rows and events */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "desk/act.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/instance.h"
#include "desk/message.h"
#include "desk/reach.h"
#include "wa/early.h"
#include "wa/inbound.h"
#include "wa/survey.h"
#include "wa/standing.h"
#include "wa/template.h"

#define DAY_MS INT64_C(86400000)
/* Who tells how an instance is: not what a body says, so --stdin prints none
 * of it. */
#define INSTANCE_WRITER INBOUND_WRITER ".instance"

/* One item on its way in. */
struct inbound {
	struct store *s;
	const struct webhook_item *it;
	int64_t at_ms; /* the provider's time, else that of reception */
	struct instance *instance; /* NULL: none is named */
	struct deeds made;	   /* contacts merged or split by this */
	const char *type;	   /* of the event; NULL: as the item says */
	const char *kind;	   /* of the message; NULL: as the item says */
	struct survey_answer answer; /* where kind is rating, or it waits */
	char id[ULID_BYTES];
	char contact[SHORT_ID_BYTES];
	char conversation[SHORT_ID_BYTES];
	enum contact_news contact_news;
	enum conversation_news conversation_news;
};

/* Whether the event is there, or the message under another id. */
static int
is_known(struct inbound *in)
{
	struct query q =
	    query(store_desk(in->s), "SELECT 1 FROM event WHERE id = :id");
	int found, code;

	bind_text(&q, ":id", in->id);
	found = step(&q);
	code = done(&q);
	if (code < 0 || found || in->it->wamid == NULL ||
	    in->it->what == WEBHOOK_STATUS ||
	    in->it->what == WEBHOOK_PAST_MEDIA || in->instance == NULL)
		return code < 0 ? code : found;
	q = query(store_desk(in->s),
	    "SELECT id FROM message"
	    " WHERE instance = :instance AND wamid = :wamid");
	bind_text(&q, ":instance", in->instance->name);
	bind_text(&q, ":wamid", in->it->wamid);
	found = step(&q);
	if (found)
		snprintf(in->id, sizeof(in->id), "%s", column_text(&q, 0));
	code = done(&q);
	return code < 0 ? code : found;
}

static void
make_id(struct inbound *in, int64_t received_ms)
{
	const struct webhook_item *it = in->it;
	const char *instance = in->instance != NULL ? in->instance->name : "";

	switch (it->what) {
	case WEBHOOK_MESSAGE:
	case WEBHOOK_SYSTEM:
	case WEBHOOK_ECHO:
	case WEBHOOK_PAST:
		id_ulid(in->id, it->wa_ms, instance,
		    it->wamid != NULL ? it->wamid : it->hash, it->kind, NULL);
		break;
	case WEBHOOK_PAST_MEDIA:
		id_ulid(in->id, it->wa_ms, instance, it->wamid, "media", NULL);
		break;
	case WEBHOOK_STATUS:
		id_ulid(in->id, it->wa_ms, instance, it->wamid, it->status,
		    NULL);
		break;
	default:
		id_ulid(in->id,
		    it->wa_ms > 0 ? it->wa_ms :
				    received_ms - received_ms % DAY_MS,
		    instance, it->account != NULL ? it->account : "", it->hash,
		    it->type, NULL);
	}
}

/* The event, with what every item's event has. Takes data. */
static struct event *
event_of(const struct inbound *in, const char *subject, json_t *data)
{
	const struct webhook_item *it = in->it;
	const char *key;
	json_t *value;
	struct event *e;
	char *source = NULL;

	if (in->instance != NULL) {
		json_put(data, "instance", in->instance->name);
		source = xformat("/instance/%s", in->instance->name);
	} else
		json_put(data, "account", it->account);
	if (it->bad_time || (it->wa_ms > 0 && in->at_ms != it->wa_ms))
		json_object_set_new(data, "untimed", json_true());
	json_object_foreach(it->facts, key, value)
		json_object_set(data, key, value);
	e = event_new(NULL, in->type != NULL ? in->type : it->type, source,
	    subject, in->at_ms, data);
	memcpy(e->id, in->id, sizeof(e->id));
	free(source);
	return e;
}

static int
find_contact(struct inbound *in)
{
	const struct webhook_item *it = in->it;
	struct sighting g = { .instance = in->instance->name,
		.aliases = it->aliases,
		.count = it->naliases,
		.nformer = it->nformer,
		.name = it->name,
		.at_ms = in->at_ms };

	return contact_see(in->s, &g, &in->made, in->contact,
	    &in->contact_news);
}

/* Where the contact goes on talking, as it is; 1, or 0 if there is none. */
static int
last_conversation(struct inbound *in, bool *ret_open)
{
	char status[12] = "";
	int code = conversation_current(in->s, in->instance->name, in->contact,
	    in->conversation, status);

	*ret_open = strcmp(status, "open") == 0;
	return code;
}

/* A talk of the past waits for nobody: it opens when they write again. */
static int
put_to_rest(struct inbound *in)
{
	struct query q = query(store_desk(in->s),
	    "UPDATE conversation SET status = 'resolved', waiting_ms = NULL,"
	    " resolved_ms = :at WHERE id = :id");

	bind_text(&q, ":id", in->conversation);
	bind_int(&q, ":at", in->at_ms);
	step(&q);
	return done(&q);
}

static bool
is_past(const struct webhook_item *it)
{
	return it->what == WEBHOOK_PAST || it->what == WEBHOOK_PAST_MEDIA;
}

/* About another message, and no turn of its own. */
static bool
is_remark(const char *kind)
{
	return strcmp(kind, "reaction") == 0 || strcmp(kind, "edit") == 0 ||
	    strcmp(kind, "revoke") == 0;
}

/* Where the message is that an item is about: 1, or 0 if it is not here. */
static int
conversation_of_quoted(struct inbound *in)
{
	struct query q = query(store_desk(in->s),
	    "SELECT conversation FROM message WHERE instance = :instance"
	    " AND wamid = :wamid AND contact = :contact");
	int found, code;

	bind_text(&q, ":instance", in->instance->name);
	bind_text(&q, ":wamid", in->it->quoted);
	bind_text(&q, ":contact", in->contact);
	found = step(&q);
	if (found)
		snprintf(in->conversation, sizeof(in->conversation), "%s",
		    column_text(&q, 0));
	code = done(&q);
	return code < 0 ? code : found;
}

/* Whether it answers our question how it was: its conversation stays as it is.
 * 1, 0 or an ERR. */
static int
is_rating(struct inbound *in)
{
	const struct survey_said said = { .instance = in->instance->name,
		.contact = in->contact,
		.kind = in->it->kind,
		.text = in->it->text,
		.quoted = in->it->quoted,
		.content = in->it->content,
		.at_ms = in->at_ms };
	int code = survey_read(in->s, &said, &in->answer);

	if (code != 1 || in->answer.waits)
		return code < 0 ? code : 0;
	in->kind = "rating";
	memcpy(in->conversation, in->answer.conversation, SHORT_ID_BYTES);
	return 1;
}

/*
 * The conversation an item belongs to. A turn opens or reopens it; what is no
 * turn only goes where there is one already, or opens the first. A group's
 * belongs to people: nothing automatic answers there.
 */
static int
find_conversation(struct inbound *in)
{
	const struct webhook_item *it = in->it;
	struct instance quiet = *in->instance;
	bool turn = (it->what == WEBHOOK_ECHO && !is_remark(it->kind)) ||
	    strcmp(it->type, "message.received") == 0;
	bool open = false;
	int code;

	in->conversation_news = CONV_KNOWN;
	if (it->what == WEBHOOK_MESSAGE && it->group == NULL) {
		code = is_rating(in);
		if (code != 0)
			return code < 0 ? code : 0;
	}
	if (is_remark(it->kind) && it->quoted != NULL) {
		code = conversation_of_quoted(in);
		if (code != 0)
			return code < 0 ? code : 0;
	}
	if (!turn) {
		code = last_conversation(in, &open);
		if (code < 0 || (code == 0 && it->what == WEBHOOK_SYSTEM))
			return code;
		/* An open one learns that it began earlier. */
		if (code == 1 &&
		    (!open || it->what == WEBHOOK_SYSTEM || is_past(it)))
			return 0;
	}
	if (it->group != NULL)
		quiet.ai = false;
	code = conversation_for(in->s, &quiet, in->contact, in->at_ms,
	    in->conversation, &in->conversation_news);
	if (code == 0 && is_past(it) && in->conversation_news == CONV_OPENED) {
		in->conversation_news = CONV_KNOWN;
		code = put_to_rest(in);
	}
	return code;
}

static int
store_message(struct inbound *in)
{
	const struct webhook_item *it = in->it;
	bool ours = it->what == WEBHOOK_ECHO ||
	    (it->what != WEBHOOK_MESSAGE && it->what != WEBHOOK_SYSTEM &&
		!it->inbound);
	/* Who they are now is whom to answer to. */
	size_t from = it->nformer < it->naliases ? it->nformer : 0;
	char *sender =
	    contact_sender(it->aliases + from, it->naliases - from, it->name);
	struct message_in m = {
		.id = in->id,
		.instance = in->instance->name,
		.conversation = in->conversation,
		.contact = in->contact,
		.direction = ours ? "echo" : "in",
		.kind = it->kind,
		.wamid = it->wamid,
		.wa_ms = in->at_ms,
		.quoted = it->quoted,
		.text = it->text,
		.content = it->content,
		.sender = sender,
	};
	int code;

	if (in->kind != NULL)
		m.kind = in->kind;
	code = message_store(in->s, &m);
	free(sender);
	return code < 0 ? code : 0;
}

static int
contact_changed(struct inbound *in, const struct event *cause)
{
	struct act act;
	char *subject;
	json_t *data;
	int code;

	act_program(&act, in->s, INBOUND_WRITER, cause, "customer");
	act.now_ms = in->at_ms;
	data = json_object();
	json_put(data, "contact", in->contact);
	json_put(data, "instance", in->instance->name);
	json_put(data, "change", "profile");
	subject = xformat("contact/%s", in->contact);
	code = act_emit(&act, "contact.changed", subject, data, NULL);
	free(subject);
	act_release(&act);
	return code;
}

/* What the names in it have made of the contacts. */
static int
announce_contacts(struct inbound *in, const struct event *cause)
{
	struct act act;
	int code;

	if (in->made.count == 0)
		return 0;
	act_program(&act, in->s, INBOUND_WRITER, cause, "system");
	act.now_ms = in->at_ms;
	code = deeds_announce(&act, &in->made);
	act_release(&act);
	return code;
}

static int
keep_rating(struct inbound *in, const struct event *cause)
{
	struct act act;
	int code;

	if (in->answer.rating == SURVEY_AGAIN)
		return 0;
	act_program(&act, in->s, INBOUND_WRITER, cause, "customer");
	act.now_ms = in->at_ms;
	code = survey_keep(&act, &in->answer, in->id);
	act_release(&act);
	return code;
}

/* Each deed of its own, so that an id does not depend on what else was. */
static int
announce(struct inbound *in, const struct event *cause)
{
	struct act act;
	int code;

	act_program(&act, in->s, INBOUND_WRITER, cause,
	    in->it->what == WEBHOOK_ECHO ? "phone" : "customer");
	act.now_ms = in->at_ms;
	code = conversation_announce(&act, in->conversation,
	    in->conversation_news);
	act_release(&act);
	return code;
}

/* The phone has had it since the first of what was typed there. */
static int
taken_earlier(struct inbound *in)
{
	struct query q = query(store_desk(in->s),
	    "UPDATE conversation SET handed_ms = :at"
	    " WHERE id = :id AND assignee IS NULL AND :at < handed_ms");

	bind_text(&q, ":id", in->conversation);
	bind_int(&q, ":at", in->at_ms);
	step(&q);
	return done(&q);
}

/* Somebody at the business types on the phone: the AI keeps out. */
static int
take_over(struct inbound *in, const struct event *cause)
{
	struct conversation *c = NULL;
	struct act act;
	int code = conversation_get(in->s, in->conversation, &c);

	if (code < 0)
		return code;
	if (strcmp(c->owner, "user") != 0) {
		act_program(&act, in->s, INBOUND_WRITER, cause, "phone");
		act.now_ms = in->at_ms;
		code = conversation_take(&act, in->conversation, NULL);
		act_release(&act);
	} else
		code = taken_earlier(in);
	conversation_free(c);
	return code;
}

/* What a message, or the fate of one of ours, says of who can be reached. */
static int
note_reach(struct inbound *in, const struct event *cause)
{
	const struct webhook_item *it = in->it;
	struct act act;
	int code;

	act_program(&act, in->s, INBOUND_WRITER, cause, "system");
	act.now_ms = in->at_ms;
	code = it->what == WEBHOOK_STATUS ?
	    early_reach(&act, in->contact, it->status, it->facts) :
	    reach_found(&act, in->contact);
	act_release(&act);
	return code;
}

/* Our id in this status has named the message: others may have been told
 * without it. */
static int
tell_early(struct inbound *in, const struct event *cause, const char *message)
{
	struct act act;
	int code;

	act_program(&act, in->s, INBOUND_WRITER, cause, "system");
	code = early_tell(&act, message);
	act_release(&act);
	return code < 0 ? code : 0;
}

static int
apply_message(struct inbound *in)
{
	const struct webhook_item *it = in->it;
	struct event *e = NULL;
	char subject[32];
	json_t *data;
	int code;

	code = find_contact(in);
	if (code == 0)
		code = find_conversation(in);
	if (code == 0 && in->conversation[0] != '\0')
		code = store_message(in);
	if (code < 0)
		return code;
	data = json_object();
	if (in->conversation[0] != '\0') {
		json_put(data, "message", in->id);
		json_put(data, "conversation", in->conversation);
		conversation_subject(in->conversation, subject);
	} else
		snprintf(subject, sizeof(subject), "contact/%s", in->contact);
	json_put(data, "contact", in->contact);
	json_put(data, "kind", in->kind != NULL ? in->kind : it->kind);
	json_put(data, "change", it->change);
	if (it->removed)
		json_object_set_new(data, "removed", json_true());
	if (is_past(it))
		json_put(data, "direction", it->inbound ? "in" : "echo");
	e = event_of(in, subject, data);
	code = log_append(in->s, e, INBOUND_WRITER, NULL);
	if (code == 0)
		code = announce_contacts(in, e);
	if (code == 0 && in->conversation_news != CONV_KNOWN)
		code = announce(in, e);
	if (code == 0 && in->contact_news == CONTACT_CHANGED &&
	    it->what != WEBHOOK_SYSTEM)
		code = contact_changed(in, e);
	if (code == 0 && it->what == WEBHOOK_MESSAGE)
		code = note_reach(in, e);
	if (code == 0 && (in->kind != NULL || in->answer.waits))
		code = keep_rating(in, e);
	if (code == 0 && it->what == WEBHOOK_ECHO &&
	    (!is_remark(it->kind) || in->conversation_news == CONV_OPENED))
		code = take_over(in, e);
	event_free(e);
	return code;
}

/* Written where the settings say that nobody looks: facts, and no more. */
static int
apply_ignored(struct inbound *in)
{
	json_t *data = json_object();
	struct event *e;
	int code;

	json_put(data, "kind", in->it->kind);
	json_put(data, "place", in->it->place);
	in->type = "message.ignored";
	e = event_of(in, NULL, data);
	code = log_append(in->s, e, INBOUND_WRITER, NULL);
	event_free(e);
	return code;
}

/* What a message of the past lacked, put where it was told of. 1, or 0 if
 * nothing was told of it yet. */
static int
fill_in(struct inbound *in, char ret_message[ULID_BYTES])
{
	const struct webhook_item *it = in->it;
	struct query q = query(store_desk(in->s),
	    "UPDATE message SET text = coalesce(:text, text),"
	    " content = coalesce(:content, content)"
	    " WHERE instance = :instance AND wamid = :wamid"
	    " AND kind = 'history' RETURNING id, conversation, contact");
	char *content = it->content != NULL ? json_text(it->content) : NULL;
	int found, code;

	bind_text(&q, ":text", it->text);
	bind_text(&q, ":content", content);
	bind_text(&q, ":instance", in->instance->name);
	bind_text(&q, ":wamid", it->wamid);
	found = step(&q);
	if (found) {
		snprintf(ret_message, ULID_BYTES, "%s", column_text(&q, 0));
		snprintf(in->conversation, sizeof(in->conversation), "%s",
		    column_text(&q, 1));
		snprintf(in->contact, sizeof(in->contact), "%s",
		    column_text(&q, 2));
		while (step(&q))
			;
	}
	code = done(&q);
	free(content);
	return code < 0 ? code : found;
}

static int apply_other(struct inbound *in);

static int
apply_past_media(struct inbound *in)
{
	struct webhook_item aside;
	char message[ULID_BYTES], subject[32];
	struct event *e;
	json_t *data;
	int code = fill_in(in, message);

	if (code == 0 && in->it->naliases > 0)
		return apply_message(in);
	if (code == 0) {
		aside = *in->it;
		webhook_item_set_aside(&aside, "no-sender");
		json_object_del(aside.facts, "was");
		in->it = &aside;
		code = apply_other(in);
		in->it = NULL;
		return code;
	}
	if (code < 0)
		return code;
	data = json_object();
	json_put(data, "message", message);
	json_put(data, "conversation", in->conversation);
	json_put(data, "contact", in->contact);
	json_put(data, "kind", in->it->kind);
	json_put(data, "direction", in->it->inbound ? "in" : "echo");
	e = event_of(in, conversation_subject(in->conversation, subject), data);
	code = log_append(in->s, e, INBOUND_WRITER, NULL);
	event_free(e);
	return code;
}

/* What the status tells of the customer's names, where we know whose it is. */
static int
learn_aliases(struct inbound *in)
{
	const struct webhook_item *it = in->it;
	struct sighting g = { .instance = in->instance->name,
		.aliases = it->aliases,
		.count = it->naliases,
		.contact = in->contact,
		.at_ms = in->at_ms };

	/* A group is told of with the names of those who are in it. */
	if (it->naliases == 0 || it->group != NULL)
		return 0;
	return contact_see(in->s, &g, &in->made, in->contact,
	    &in->contact_news);
}

static int
apply_status(struct inbound *in)
{
	const struct webhook_item *it = in->it;
	struct message_told told = {
		.instance = in->instance->name,
		.wamid = it->wamid,
		.status = it->status,
		.wa_ms = in->at_ms,
		.data = it->facts,
		.tracker = it->tracker,
	};
	char message[ULID_BYTES], subject[32];
	struct message *m = NULL;
	struct event *e;
	json_t *data;
	int code;

	code = message_status_store(in->s, &told, message);
	if (code >= 0)
		code = message[0] != '\0' ? message_get(in->s, message, &m) : 0;
	if (code < 0)
		return code;
	data = json_object();
	if (m != NULL) {
		json_put(data, "message", m->id);
		json_put(data, "conversation", m->conversation);
		json_put(data, "contact", m->contact);
		snprintf(in->contact, sizeof(in->contact), "%s", m->contact);
		conversation_subject(m->conversation, subject);
		code = learn_aliases(in);
	} else
		json_object_set_new(data, "message", json_null());
	json_put(data, "status", it->status);
	e = event_of(in, m != NULL ? subject : NULL, data);
	if (code == 0)
		code = log_append(in->s, e, INBOUND_WRITER, NULL);
	if (code == 0)
		code = announce_contacts(in, e);
	if (code == 0 && m != NULL)
		code = note_reach(in, e);
	if (code == 0 && m != NULL && it->tracker != NULL)
		code = tell_early(in, e, m->id);
	event_free(e);
	message_free(m);
	return code;
}

static int
apply_contact(struct inbound *in)
{
	struct event *e;
	char *subject;
	json_t *data;
	int code = find_contact(in);

	if (code < 0)
		return code;
	data = json_object();
	json_put(data, "contact", in->contact);
	json_put(data, "change", in->it->change);
	subject = xformat("contact/%s", in->contact);
	e = event_of(in, subject, data);
	code = log_append(in->s, e, INBOUND_WRITER, NULL);
	if (code == 0)
		code = announce_contacts(in, e);
	event_free(e);
	free(subject);
	return code;
}

/* The instance of a number the provider speaks about. */
static int
find_number(struct inbound *in)
{
	struct query q = query(store_desk(in->s),
	    "SELECT name FROM instance WHERE phone IS NOT NULL AND"
	    " replace(replace(replace(replace(replace(phone, '+', ''), ' ', ''),"
	    "  '-', ''), '(', ''), ')', '') = ltrim(:phone, '+') LIMIT 1");
	char *name = NULL;
	int code;

	bind_text(&q, ":phone", in->it->phone);
	if (step(&q))
		name = column_copy(&q, 0);
	code = done(&q);
	if (code == 0 && name != NULL)
		code = instance_get(in->s, name, &in->instance);
	free(name);
	return code;
}

/* Somebody should look at it, or need not any more. */
static int
health_changed(struct inbound *in, const struct event *cause)
{
	const struct account_alert *a = &in->it->alert;
	struct act act;
	json_t *data;
	int code;

	if (a->what == NULL)
		return 0;
	act_program(&act, in->s, INBOUND_WRITER, cause, "system");
	act.now_ms = in->at_ms;
	data = json_object();
	json_put(data, "what", a->what);
	json_put(data, "severity", a->severity);
	json_put(data, "about", a->about);
	if (in->instance != NULL)
		json_put(data, "instance", in->instance->name);
	json_put(data, "account", in->it->account);
	code = act_emit(&act,
	    a->severity != NULL ? "health.alert" : "health.cleared", NULL, data,
	    NULL);
	act_release(&act);
	return code;
}

static int
apply_other(struct inbound *in)
{
	json_t *data = json_object();
	struct event *e;
	struct act act;
	int code = 0;

	if (in->instance == NULL && in->it->phone != NULL)
		code = find_number(in);
	if (code < 0) {
		json_decref(data);
		return code;
	}

	if (in->it->what == WEBHOOK_UNKNOWN) {
		json_put(data, "reason", in->it->reason);
		json_put(data, "field", in->it->field);
	}
	e = event_of(in, NULL, data);
	if (in->instance != NULL)
		json_put(e->data, "account", in->it->account);
	code = log_append(in->s, e, INBOUND_WRITER, NULL);
	if (code == 0)
		code = health_changed(in, e);
	if (code == 0 && in->it->what == WEBHOOK_CHANGE) {
		act_program(&act, in->s, INSTANCE_WRITER, e, "system");
		act.now_ms = in->at_ms;
		code = standing_apply(&act, in->it->account, in->it->field,
		    json_object_get(in->it->facts, "value"));
		act_release(&act);
	}
	if (code >= 0 && strcmp(in->it->type, "template.changed") == 0 &&
	    in->it->account != NULL && in->it->field != NULL) {
		code = template_told(in->s, in->it->account, in->it->field,
		    json_object_get(in->it->facts, "value"), in->at_ms);
		code = code < 0 ? code : 0;
	}
	event_free(e);
	return code;
}

/* Whether it was written where nobody of this instance looks. */
static bool
is_ignored(const struct inbound *in)
{
	return in->instance != NULL && in->it->place != NULL &&
	    in->it->what != WEBHOOK_CONTACT &&
	    in->it->what != WEBHOOK_UNKNOWN &&
	    instance_ignores(in->instance, in->it->place);
}

/* That a webhook came shows that the provider reaches us. */
static int
arrived(struct inbound *in, int64_t received_ms)
{
	struct event *cause = NULL;
	struct act act;
	int code = instance_arrived(in->s, in->instance->name, received_ms);

	if (code != 1)
		return code;
	code = log_get(in->s, in->id, &cause);
	if (code == 0) {
		act_program(&act, in->s, INSTANCE_WRITER, cause, "system");
		act.now_ms = received_ms;
		code =
		    instance_state(&act, in->instance->name, "connected", NULL);
		act_release(&act);
	}
	event_free(cause);
	return code == ERR_NOINPUT ? 0 : code;
}

int
inbound_apply(struct store *s, const struct webhook_item *it,
    int64_t received_ms, char ret_id[ULID_BYTES])
{
	struct inbound in = { .s = s, .it = it };
	int code = 0;

	/* Nobody writes tomorrow: such a time would hold a window open. */
	in.at_ms = it->wa_ms > 0 && it->wa_ms < received_ms + DAY_MS ?
	    it->wa_ms :
	    received_ms;
	if (it->number_id != NULL)
		code = instance_for(s, it->number_id, it->account, it->number,
		    &in.instance);
	if (code < 0)
		return code;
	make_id(&in, received_ms);
	code = is_known(&in);
	if (code == 0 && is_ignored(&in)) {
		code = apply_ignored(&in);
	} else if (code == 0) {
		switch (it->what) {
		case WEBHOOK_MESSAGE:
		case WEBHOOK_SYSTEM:
		case WEBHOOK_ECHO:
		case WEBHOOK_PAST:
			code = apply_message(&in);
			break;
		case WEBHOOK_PAST_MEDIA:
			code = apply_past_media(&in);
			break;
		case WEBHOOK_STATUS:
			code = apply_status(&in);
			break;
		case WEBHOOK_CONTACT:
			code = apply_contact(&in);
			break;
		default:
			code = apply_other(&in);
		}
		if (code == 0 && in.instance != NULL)
			code = arrived(&in, received_ms);
	}
	instance_free(in.instance);
	deeds_free(&in.made);
	if (code < 0)
		return code;
	memcpy(ret_id, in.id, ULID_BYTES);
	return 0;
}
