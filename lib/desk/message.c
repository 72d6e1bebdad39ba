/* message - what was said, both ways, and the ladder of what we sent */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/conversation.h"
#include "desk/message.h"

static const char *const ladder[] = { "queued", "sending", "accepted", "sent",
	"delivered", "read", "played" };

#define STEPS ((int)(sizeof(ladder) / sizeof(ladder[0])))
#define STEP_SENDING 1
#define STEP_DELIVERED 4

int
message_step(const char *status)
{
	int i;

	for (i = 0; i < STEPS; i++)
		if (strcmp(status, ladder[i]) == 0)
			return i;
	return -1;
}

/* Kinds that are no turn of the customer: nothing waits for an answer. */
static bool
is_turn(const char *kind)
{
	static const char *const not[] = { "reaction", "system", "edit",
		"revoke", "history", NULL };

	return !str_in(kind, not);
}

/* The customer's last words, and since when they wait. */
static int
heard(struct store *s, const struct message_in *m)
{
	struct query q = query(store_desk(s),
	    "UPDATE conversation SET"
	    " last_in_ms = max(coalesce(last_in_ms, 0), :at),"
	    " waiting_ms = min(coalesce(waiting_ms, :at), :at)"
	    " WHERE id = :id");

	bind_text(&q, ":id", m->conversation);
	bind_int(&q, ":at", m->wa_ms);
	step(&q);
	return done(&q);
}

static int
spoke(struct store *s, const char *conversation, int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "UPDATE conversation SET waiting_ms = NULL,"
	    " last_out_ms = max(coalesce(last_out_ms, 0), :at)"
	    " WHERE id = :id");

	bind_text(&q, ":id", conversation);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

int
message_store(struct store *s, const struct message_in *m)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO message (id, instance, conversation, contact,"
	    " direction, kind, wamid, wa_ms, stored_ms, quoted, text, content)"
	    " VALUES (:id, :instance, :conversation, :contact, :direction,"
	    " :kind, :wamid, :wa_ms, :now, :quoted, :text, :content)"
	    " ON CONFLICT DO NOTHING");
	char *content = m->content != NULL ? json_text(m->content) : NULL;
	int code;

	bind_text(&q, ":id", m->id);
	bind_text(&q, ":instance", m->instance);
	bind_text(&q, ":conversation", m->conversation);
	bind_text(&q, ":contact", m->contact);
	bind_text(&q, ":direction", m->direction);
	bind_text(&q, ":kind", m->kind);
	bind_text(&q, ":wamid", m->wamid);
	bind_int(&q, ":wa_ms", m->wa_ms);
	bind_int(&q, ":now", now_ms());
	bind_text(&q, ":quoted", m->quoted);
	bind_text(&q, ":text", m->text);
	bind_text(&q, ":content", content);
	step(&q);
	code = done(&q);
	free(content);
	if (code < 0)
		return code;
	if (db_changes(store_desk(s)) == 0)
		return 0;
	if (strcmp(m->direction, "in") == 0 && is_turn(m->kind))
		code = heard(s, m);
	else if (strcmp(m->direction, "echo") == 0)
		code = spoke(s, m->conversation, m->wa_ms);
	return code < 0 ? code : 1;
}

int
message_allowed(const struct conversation *c, const char *author,
    int64_t owner_rev)
{
	if (str_starts(author, "user:"))
		return 0;
	if (strcmp(author, "ai") == 0) {
		if (strcmp(c->owner, "ai") != 0)
			return err_set(ERR_NO, "owner");
		if (owner_rev != 0 && owner_rev != c->owner_rev)
			return err_set(ERR_NO, "owner_rev");
		if (strcmp(c->status, "open") != 0)
			return err_set(ERR_NO, "status");
		return 0;
	}
	/* A rule or the system: one holding message, never over a person. */
	if (strcmp(c->owner, "user") == 0)
		return err_set(ERR_NO, "owner");
	return 0;
}

static int
insert_out(struct act *a, const struct message_out *m,
    const struct conversation *c, const char *id)
{
	struct query q = query(store_desk(a->store),
	    "INSERT INTO message (id, instance, conversation, contact,"
	    " direction, kind, wa_ms, stored_ms, author, status, owner_rev,"
	    " quoted, text, content)"
	    " VALUES (:id, :instance, :conversation, :contact, 'out', :kind,"
	    " :now, :now, :author, 'queued', :owner_rev, :quoted, :text,"
	    " :content)");
	char *content = m->content != NULL ? json_text(m->content) : NULL;
	int code;

	bind_text(&q, ":id", id);
	bind_text(&q, ":instance", c->instance);
	bind_text(&q, ":conversation", c->id);
	bind_text(&q, ":contact", c->contact);
	bind_text(&q, ":kind", m->kind);
	bind_int(&q, ":now", a->now_ms);
	bind_text(&q, ":author", m->author);
	bind_int(&q, ":owner_rev", c->owner_rev);
	bind_text(&q, ":quoted", m->quoted);
	bind_text(&q, ":text", m->text);
	bind_text(&q, ":content", content);
	step(&q);
	code = done(&q);
	free(content);
	return code;
}

int
message_queue(struct act *a, const struct message_out *m,
    char ret_id[ULID_BYTES])
{
	struct conversation *c = NULL;
	char id[ULID_BYTES], subject[32];
	json_t *data;
	int code;

	code = conversation_get(a->store, m->conversation, &c);
	if (code < 0)
		return code;
	code = message_allowed(c, m->author, m->owner_rev);
	if (code < 0)
		goto out;
	act_next_id(a, "message.queued", id);
	code = insert_out(a, m, c, id);
	if (code < 0)
		goto out;
	data = json_object();
	json_put(data, "message", id);
	json_put(data, "conversation", c->id);
	json_put(data, "contact", c->contact);
	json_put(data, "instance", c->instance);
	json_put(data, "kind", m->kind);
	json_put(data, "author", m->author);
	json_put_int(data, "owner_rev", c->owner_rev);
	code = act_emit(a, "message.queued",
	    conversation_subject(c->id, subject), data, NULL);
	/* A holding message is no answer: the customer still waits. */
	if (code == 0 && (strcmp(m->author, "ai") == 0 ||
			     str_starts(m->author, "user:")))
		code = spoke(a->store, c->id, a->now_ms);
	if (code == 0 && ret_id != NULL)
		memcpy(ret_id, id, ULID_BYTES);
out:
	conversation_free(c);
	return code;
}

int
message_climb(struct store *s, const char *id, const char *status)
{
	struct query q = query(store_desk(s),
	    "SELECT status FROM message WHERE id = :id AND direction = 'out'");
	char now[16] = "";
	int to = message_step(status), from, code;

	bind_text(&q, ":id", id);
	if (step(&q) && column_text(&q, 0) != NULL)
		snprintf(now, sizeof(now), "%s", column_text(&q, 0));
	code = done(&q);
	if (code < 0 || now[0] == '\0')
		return code;
	from = message_step(now);
	if (to >= 0) {
		/* Held and failed are left behind when the provider says it
		 * arrived after all; cancelled never went out. */
		if (strcmp(now, "cancelled") == 0 || (from >= 0 && to <= from))
			return 0;
		if (strcmp(now, "failed") == 0 && to < STEP_DELIVERED)
			return 0;
	} else if (strcmp(status, "failed") == 0) {
		if (from >= STEP_DELIVERED || strcmp(now, "failed") == 0 ||
		    strcmp(now, "cancelled") == 0)
			return 0;
	} else if (from < 0 || from > STEP_SENDING)
		return 0; /* held, cancelled: only before the provider has it */
	q = query(store_desk(s),
	    "UPDATE message SET status = :status WHERE id = :id");
	bind_text(&q, ":status", status);
	bind_text(&q, ":id", id);
	step(&q);
	code = done(&q);
	return code < 0 ? code : 1;
}

void
message_free(struct message *m)
{
	if (m == NULL)
		return;
	free(m->instance);
	free(m->conversation);
	free(m->contact);
	free(m->direction);
	free(m->kind);
	free(m->wamid);
	free(m->author);
	free(m->status);
	free(m->quoted);
	free(m->text);
	json_decref(m->content);
	free(m);
}

#define COLUMNS                                                             \
	"id, instance, conversation, contact, direction, kind, wamid,"     \
	" author, status, quoted, text, content, wa_ms, stored_ms,"        \
	" coalesce(owner_rev, 0), coalesce(attempt_ms, 0), attempt"

static int
row(struct query *q, struct message **ret)
{
	struct message *m = NULL;
	const char *text;
	int code;

	if (step(q)) {
		m = xcalloc(1, sizeof(*m));
		snprintf(m->id, sizeof(m->id), "%s", column_text(q, 0));
		m->instance = column_copy(q, 1);
		m->conversation = column_copy(q, 2);
		m->contact = column_copy(q, 3);
		m->direction = column_copy(q, 4);
		m->kind = column_copy(q, 5);
		m->wamid = column_copy(q, 6);
		m->author = column_copy(q, 7);
		m->status = column_copy(q, 8);
		m->quoted = column_copy(q, 9);
		m->text = column_copy(q, 10);
		text = column_text(q, 11);
		if (text != NULL)
			json_object_parse(text, strlen(text), &m->content);
		m->wa_ms = column_int(q, 12);
		m->stored_ms = column_int(q, 13);
		m->owner_rev = column_int(q, 14);
		m->attempt_ms = column_int(q, 15);
		m->attempt = (int)column_int(q, 16);
	}
	code = done(q);
	if (code == 0 && m == NULL)
		code = err_set(ERR_NOINPUT, "no such message");
	if (code < 0)
		message_free(m);
	else
		*ret = m;
	return code;
}

int
message_get(struct store *s, const char *id, struct message **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT " COLUMNS " FROM message WHERE id = :id");

	bind_text(&q, ":id", id);
	return row(&q, ret);
}

int
message_by_wamid(struct store *s, const char *instance, const char *wamid,
    struct message **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT " COLUMNS " FROM message"
	    " WHERE instance = :instance AND wamid = :wamid");

	bind_text(&q, ":instance", instance);
	bind_text(&q, ":wamid", wamid);
	return row(&q, ret);
}
