/* message - what was said, both ways, and the ladder of what we sent */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/consent.h"
#include "desk/conversation.h"
#include "desk/message.h"
#include "desk/sla.h"

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

/* NO_TURN_SQL, for C. */
static bool
is_turn(const char *kind)
{
	static const char *const not [] = { "reaction", "system", "edit",
		"revoke", "history", "rating", NULL };

	return !str_in(kind, not );
}

/* Of a conversation: when we said the last; which messages m wait for an answer
 * to them, and since when. */
#define LAST_OUT_SQL "coalesce(last_out_ms, 0)"
#define OPEN_SQL UNANSWERED_SQL(LAST_OUT_SQL)
#define OPEN_MS_SQL ASKED_SQL(LAST_OUT_SQL)

/* The customer's last words, and since when they wait. */
static int
heard(struct store *s, const struct message_in *m)
{
	struct query q;
	int blocked = contact_blocked(s, m->contact);

	if (blocked < 0)
		return blocked;
	q = query(store_desk(s),
	    "UPDATE conversation SET"
	    " last_in_ms = max(coalesce(last_in_ms, 0), :at),"
	    " waiting_ms = iif(:blocked, waiting_ms, coalesce("
	    "  (SELECT min(coalesce(waiting_ms, " OPEN_MS_SQL "), " OPEN_MS_SQL
	    "  ) FROM message m WHERE m.id = :message AND " OPEN_SQL "),"
	    "  waiting_ms)) WHERE id = :id");

	bind_text(&q, ":id", m->conversation);
	bind_text(&q, ":message", m->id);
	bind_int(&q, ":at", m->wa_ms);
	bind_int(&q, ":blocked", blocked);
	step(&q);
	return done(&q);
}

/* The same once something was said at :at. */
#define LAST_OUT_NOW_SQL "max(" LAST_OUT_SQL ", :at)"
#define LEFT_SQL UNANSWERED_SQL(LAST_OUT_NOW_SQL)
#define LEFT_MS_SQL ASKED_SQL(LAST_OUT_NOW_SQL)

static int
spoke(struct store *s, const char *conversation, int64_t at_ms)
{
	/* Nobody waits but those who wrote after it. */
	struct query q = query(store_desk(s),
	    "UPDATE conversation SET"
	    " waiting_ms = iif(status IN ('resolved', 'archived'), NULL,"
	    "  (SELECT min(" LEFT_MS_SQL ") FROM message m"
	    "  WHERE m.conversation = :id AND " LEFT_SQL ")),"
	    " last_out_ms = " LAST_OUT_NOW_SQL
	    " WHERE id = :id AND (waiting_ms IS NOT NULL"
	    "  OR :at > " LAST_OUT_SQL ")");

	bind_text(&q, ":id", conversation);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

/* Words that were taken back wait for no answer. */
static int
took_back(struct store *s, const char *conversation)
{
	struct query q = query(store_desk(s),
	    "UPDATE conversation SET waiting_ms ="
	    " (SELECT min(" OPEN_MS_SQL ") FROM message m"
	    "  WHERE m.conversation = :id AND m.wa_ms >= reopened_ms"
	    "  AND " OPEN_SQL ")"
	    " WHERE id = :id AND waiting_ms IS NOT NULL AND NOT EXISTS"
	    " (SELECT 1 FROM " MISSED_SQL " WHERE m.conversation = :id"
	    "  AND k.time_ms > " LAST_OUT_SQL ")");

	bind_text(&q, ":id", conversation);
	step(&q);
	return done(&q);
}

/* Whether the customer of a conversation is blocked: 1, 0 or an ERR. */
static int
is_blocked(struct store *s, const char *conversation)
{
	struct query q = query(store_desk(s),
	    "SELECT contact FROM conversation WHERE id = :id");
	char contact[SHORT_ID_BYTES] = "";
	int code;

	bind_text(&q, ":id", conversation);
	if (step(&q))
		snprintf(contact, sizeof(contact), "%s", column_text(&q, 0));
	code = done(&q);
	return code < 0 ? code : contact_blocked(s, contact);
}

/* The same where all that was said is looked at. */
#define SAID_BY_ALL_SQL SAID_SQL("m.author = 'ai' OR m.author LIKE 'user:%'")
#define SAID_MS_SQL "coalesce((SELECT ms FROM said), 0)"
#define ALL_LEFT_SQL UNANSWERED_SQL(SAID_MS_SQL)
#define ALL_LEFT_MS_SQL ASKED_SQL(SAID_MS_SQL)

int
message_reckon(struct store *s, const char *conversation)
{
	struct query q;
	int code, blocked = is_blocked(s, conversation);

	if (blocked < 0)
		return blocked;
	q = query(store_desk(s),
	    "WITH c AS (SELECT * FROM conversation WHERE id = :id),"
	    " said AS (SELECT max(m.wa_ms) AS ms FROM message m, c"
	    "  WHERE m.conversation = c.id AND"
	    "  " SAID_BY_ALL_SQL ")"
	    "UPDATE conversation SET last_out_ms = (SELECT ms FROM said),"
	    " waiting_ms = iif(:blocked"
	    "  OR status IN ('resolved', 'archived'), NULL,"
	    "  (SELECT min(ms) FROM (SELECT " ALL_LEFT_MS_SQL " AS ms"
	    "  FROM message m, c WHERE m.conversation = c.id"
	    "  AND m.wa_ms >= c.reopened_ms"
	    "  AND " ALL_LEFT_SQL " UNION ALL"
	    "  SELECT k.time_ms FROM c CROSS JOIN " MISSED_SQL
	    "  WHERE m.conversation = c.id AND k.time_ms >= c.reopened_ms"
	    "  AND k.time_ms > " SAID_MS_SQL ")))"
	    " WHERE id = :id");

	bind_text(&q, ":id", conversation);
	bind_int(&q, ":blocked", blocked);
	step(&q);
	code = done(&q);
	return code < 0 ? code : sla_reckon(s, conversation, now_ms());
}

/* The conversation a message is in. */
static int
place_of(struct store *s, const char *id, char ret[SHORT_ID_BYTES])
{
	struct query q = query(store_desk(s),
	    "SELECT conversation FROM message WHERE id = :id");

	ret[0] = '\0';
	bind_text(&q, ":id", id);
	if (step(&q))
		snprintf(ret, SHORT_ID_BYTES, "%s", column_text(&q, 0));
	return done(&q);
}

int
message_unsaid(struct store *s, const char *id)
{
	char conversation[SHORT_ID_BYTES];
	int code = place_of(s, id, conversation);

	return code < 0 ? code : message_reckon(s, conversation);
}

/* Mark a message by sql: 1 with where it is, 0 if it is so already, or an ERR. */
static int
mark(struct act *a, const char *sql, const char *id,
    char ret_conversation[SHORT_ID_BYTES])
{
	struct query q = query(store_desk(a->store), sql);
	int code;

	bind_text(&q, ":id", id);
	bind_int(&q, ":now", a->now_ms);
	step(&q);
	code = done(&q);
	if (code < 0 || db_changes(store_desk(a->store)) == 0)
		return code;
	code = place_of(a->store, id, ret_conversation);
	return code < 0 ? code : 1;
}

int
message_asks(struct act *a, const char *id)
{
	char conversation[SHORT_ID_BYTES];
	int code = mark(a,
	    "INSERT INTO mark (key, time_ms) SELECT 'asks:' || id, :now"
	    " FROM message WHERE id = :id AND kind IN ('edit', 'rating')"
	    " ON CONFLICT DO NOTHING",
	    id, conversation);

	return code == 1 ? message_reckon(a->store, conversation) : code;
}

/* Whether people were asked about another message there, and nobody has even
 * tried to write since. */
static int
is_awaited(struct store *s, const char *conversation, const char *id)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM conversation c CROSS JOIN " MISSED_SQL
	    " WHERE c.id = :conversation AND m.conversation = c.id"
	    " AND m.id <> :id AND k.time_ms >= c.reopened_ms"
	    " AND k.time_ms > (SELECT coalesce(max(o.wa_ms), 0) FROM message o"
	    "  WHERE o.conversation = c.id AND (o.direction = 'echo' OR"
	    "   (o.direction = 'out' AND o.author LIKE 'user:%'))) LIMIT 1");

	bind_text(&q, ":conversation", conversation);
	bind_text(&q, ":id", id);
	return any_row(&q);
}

int
message_missed(struct act *a, const char *id, const char *reason)
{
	char conversation[SHORT_ID_BYTES];
	int code = mark(a,
	    "INSERT INTO mark (key, time_ms) SELECT 'missed:' || :id, :now"
	    /* Whom a survey does not reach waits for nothing. */
	    " WHERE NOT EXISTS (SELECT 1 FROM survey WHERE message = :id)"
	    " ON CONFLICT DO NOTHING",
	    id, conversation);

	if (code != 1)
		return code;
	/* Whoever resolved it took the customer for answered. */
	code = conversation_reopen(a, conversation);
	if (code == 0)
		code = message_reckon(a->store, conversation);
	if (code == 0)
		code = is_awaited(a->store, conversation, id);
	return code < 0 ?
	    code :
	    conversation_await(a, conversation, reason, code == 0);
}

/* What was said about it before it came, wherever that was put. Asked first:
 * there is hardly ever anything, and a change costs. */
static int
adopt_remarks(struct store *s, const struct message_in *m, bool *ret_found)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM message WHERE instance = :instance"
	    " AND quoted = :wamid AND kind IN ('edit', 'reaction', 'revoke')");
	bool found;
	int code;

	bind_text(&q, ":instance", m->instance);
	bind_text(&q, ":wamid", m->wamid);
	found = step(&q);
	code = done(&q);
	*ret_found = found;
	if (code < 0 || !found)
		return code;
	/* As conversation_moved(), of each that has some. */
	q = query(store_desk(s),
	    "INSERT INTO mark (key, time_ms)"
	    " SELECT DISTINCT 'moved:' || :conversation || ':' || conversation,"
	    " :at FROM message WHERE instance = :instance AND quoted = :wamid"
	    " AND kind IN ('edit', 'reaction', 'revoke')"
	    " AND contact = :contact AND conversation <> :conversation"
	    " ON CONFLICT DO NOTHING");
	bind_text(&q, ":conversation", m->conversation);
	bind_text(&q, ":instance", m->instance);
	bind_text(&q, ":wamid", m->wamid);
	bind_text(&q, ":contact", m->contact);
	bind_int(&q, ":at", m->wa_ms);
	step(&q);
	code = done(&q);
	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "UPDATE message SET conversation = :conversation"
	    " WHERE instance = :instance AND quoted = :wamid"
	    " AND kind IN ('edit', 'reaction', 'revoke')"
	    " AND contact = :contact AND conversation <> :conversation");
	bind_text(&q, ":conversation", m->conversation);
	bind_text(&q, ":instance", m->instance);
	bind_text(&q, ":wamid", m->wamid);
	bind_text(&q, ":contact", m->contact);
	step(&q);
	return done(&q);
}

/* Content is an object: what is a list in the API (contacts) stands under the
 * name of its kind. The caller frees; NULL stays NULL. */
static char *
content_text(const char *kind, const json_t *content)
{
	json_t *o;
	char *text;

	if (content == NULL)
		return NULL;
	if (!json_is_array(content))
		return json_text(content);
	o = json_object();
	json_object_set(o, kind, (json_t *)content);
	text = json_text(o);
	json_decref(o);
	return text;
}

/* What a reaction says and about what, which its content has for the wire. */
static void
read_reaction(const char *kind, const json_t *content, const char **text,
    const char **quoted)
{
	const json_t *r = json_object_get(content, "reaction");
	const char *emoji;

	if (strcmp(kind, "reaction") != 0)
		return;
	if (r == NULL)
		r = content;
	emoji = json_str(r, "emoji");
	if (*text == NULL && emoji != NULL && *emoji != '\0')
		*text = emoji;
	if (*quoted == NULL)
		*quoted = json_str(r, "message_id");
}

int
message_store(struct store *s, const struct message_in *m)
{
	const char *text = m->text, *quoted = m->quoted;
	struct query q = query(store_desk(s),
	    "INSERT INTO message (id, instance, conversation, contact,"
	    " direction, kind, wamid, wa_ms, stored_ms, quoted, text, content,"
	    " sender)"
	    " VALUES (:id, :instance, :conversation, :contact, :direction,"
	    " :kind, :wamid, :wa_ms, :now, :quoted, :text, :content, :sender)"
	    " ON CONFLICT DO NOTHING");
	char *content = content_text(m->kind, m->content);
	bool remarks = false;
	int code;

	read_reaction(m->kind, m->content, &text, &quoted);
	bind_text(&q, ":id", m->id);
	bind_text(&q, ":instance", m->instance);
	bind_text(&q, ":conversation", m->conversation);
	bind_text(&q, ":contact", m->contact);
	bind_text(&q, ":direction", m->direction);
	bind_text(&q, ":kind", m->kind);
	bind_text(&q, ":wamid", m->wamid);
	bind_int(&q, ":wa_ms", m->wa_ms);
	bind_int(&q, ":now", now_ms());
	bind_text(&q, ":quoted", quoted);
	bind_text(&q, ":text", text);
	bind_text(&q, ":content", content);
	bind_text(&q, ":sender", m->sender);
	step(&q);
	code = done(&q);
	free(content);
	if (code < 0)
		return code;
	if (db_changes(store_desk(s)) == 0)
		return 0;
	if (m->wamid != NULL && (code = adopt_remarks(s, m, &remarks)) < 0)
		return code;
	if (strcmp(m->direction, "in") == 0 && is_turn(m->kind)) {
		code = heard(s, m);
		if (code == 0 && remarks)
			code = took_back(s, m->conversation);
	} else if (strcmp(m->direction, "in") == 0 &&
	    strcmp(m->kind, "revoke") == 0)
		code = took_back(s, m->conversation);
	else if (strcmp(m->direction, "echo") == 0)
		code = spoke(s, m->conversation, m->wa_ms);
	if (code == 0)
		code = sla_reckon(s, m->conversation, now_ms());
	return code < 0 ? code : 1;
}

/* ERR_NO if people talk to the customer in another conversation. */
static int
is_talked_over(struct store *s, const struct conversation *c)
{
	int code = conversation_elsewhere(s, c, WITH_PEOPLE, NULL);

	return code == 1 ? err_set(ERR_NO, "elsewhere") : code;
}

int
message_allowed(struct store *s, const struct conversation *c,
    const char *author, int64_t owner_rev)
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
		return is_talked_over(s, c);
	}
	/* A rule or the system: one holding message, never over a person,
	 * unless it was what gave them the conversation. */
	if (strcmp(c->owner, "user") == 0)
		return owner_rev != c->owner_rev ? err_set(ERR_NO, "owner") : 0;
	return is_talked_over(s, c);
}

static int
insert_out(struct act *a, const struct message_out *m,
    const struct conversation *c, const char *id)
{
	const char *text = m->text, *quoted = m->quoted;
	struct query q = query(store_desk(a->store),
	    "INSERT INTO message (id, instance, conversation, contact,"
	    " direction, kind, wa_ms, stored_ms, author, status, owner_rev,"
	    " quoted, text, content)"
	    " VALUES (:id, :instance, :conversation, :contact, 'out', :kind,"
	    " :now, :now, :author, 'queued', :owner_rev, :quoted, :text,"
	    " :content)");
	char *content = content_text(m->kind, m->content);
	int code;

	read_reaction(m->kind, m->content, &text, &quoted);
	bind_text(&q, ":id", id);
	bind_text(&q, ":instance", c->instance);
	bind_text(&q, ":conversation", c->id);
	bind_text(&q, ":contact", c->contact);
	bind_text(&q, ":kind", m->kind);
	bind_int(&q, ":now", a->now_ms);
	bind_text(&q, ":author", m->author);
	bind_int(&q, ":owner_rev", c->owner_rev);
	bind_text(&q, ":quoted", quoted);
	bind_text(&q, ":text", text);
	bind_text(&q, ":content", content);
	step(&q);
	code = done(&q);
	free(content);
	return code;
}

/* Whether nobody asked for it: it is because of no message, and nothing of
 * theirs is unanswered. */
static bool
is_unasked(const struct act *a, const struct conversation *c)
{
	const char *type = a->cause != NULL ? a->cause->type : "";

	if (strcmp(type, "timer.fired") == 0)
		return true;
	return !str_starts(type, "message.") && c->last_in_ms <= c->last_out_ms;
}

/* Whether the customer may be written to by author: 0, or ERR_NO. */
static int
is_wanted(struct act *a, const struct conversation *c, const char *author)
{
	bool person = str_starts(author, "user:");
	int code = contact_blocked(a->store, c->contact);

	if (code == 1)
		return err_set(ERR_NO,
		    person ? "the customer is blocked; desk-contact unblock "
			     "comes first" :
			     "blocked");
	if (code == 0 && !person && is_unasked(a, c))
		code = contact_opted_out(a->store, c->contact);
	return code == 1 ? err_set(ERR_NO, "opted_out") : code;
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
	code = is_wanted(a, c, m->author);
	if (code == 0)
		code = message_allowed(a->store, c, m->author, m->owner_rev);
	/* Whoever answers now knows that nobody knew. */
	if (code == 0 && str_starts(m->author, "user:") && is_turn(m->kind))
		code = message_settle(a, c->id);
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
	if (code == 0 && is_turn(m->kind) &&
	    (strcmp(m->author, "ai") == 0 || str_starts(m->author, "user:")))
		code = spoke(a->store, c->id, a->now_ms);
	if (code == 0)
		code = sla_reckon(a->store, c->id, a->now_ms);
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
	/* It was said after all: whom it answered does not wait. */
	if (code == 0 && from < 0 && to >= 0)
		code = message_unsaid(s, id);
	return code < 0 ? code : 1;
}

/* One held message becomes a failed one. */
static int
settle(struct act *a, const char *id)
{
	struct message *m = NULL;
	char subject[32];
	json_t *data;
	int code = message_climb(a->store, id, "failed");

	if (code <= 0)
		return code;
	code = message_unsaid(a->store, id);
	if (code == 0)
		code = message_get(a->store, id, &m);
	if (code < 0)
		return code;
	data = json_object();
	json_put(data, "message", id);
	json_put(data, "conversation", m->conversation);
	json_put(data, "contact", m->contact);
	json_put(data, "instance", m->instance);
	json_put(data, "kind", m->kind);
	json_put(data, "status", "failed");
	json_put(data, "reason", "settled by a person");
	code = act_emit(a, "message.failed",
	    conversation_subject(m->conversation, subject), data, NULL);
	message_free(m);
	return code;
}

int
message_settle(struct act *a, const char *conversation)
{
	/* The list is there for the index, which is of these alone. */
	struct query q = query(store_desk(a->store),
	    "SELECT id FROM message WHERE direction = 'out'"
	    " AND status IN ('queued', 'sending', 'held')"
	    " AND status = 'held' AND conversation = :conversation"
	    " AND attempt_ms <= :now ORDER BY id");
	char(*ids)[ULID_BYTES] = NULL;
	size_t n = 0, i;
	int code;

	bind_text(&q, ":conversation", conversation);
	bind_int(&q, ":now", a->now_ms);
	while (step(&q)) {
		ids = xrealloc(ids, (n + 1) * sizeof(*ids));
		snprintf(ids[n++], ULID_BYTES, "%s", column_text(&q, 0));
	}
	code = done(&q);
	for (i = 0; i < n && code == 0; i++)
		code = settle(a, ids[i]);
	free(ids);
	return code;
}

static int
status_insert(struct store *s, const struct message_told *t, const char *id)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO message_status"
	    " (instance, wamid, status, wa_ms, message, data)"
	    " VALUES (:instance, :wamid, :status, :wa_ms, :message, :data)"
	    " ON CONFLICT DO NOTHING");
	char *data = t->data != NULL ? json_text(t->data) : NULL;
	int code;

	bind_text(&q, ":instance", t->instance);
	bind_text(&q, ":wamid", t->wamid);
	bind_text(&q, ":status", t->status);
	bind_int(&q, ":wa_ms", t->wa_ms);
	bind_text(&q, ":message", *id != '\0' ? id : NULL);
	bind_text(&q, ":data", data);
	step(&q);
	code = done(&q);
	free(data);
	return code < 0 ? code : db_changes(store_desk(s)) > 0;
}

/* The id of our message that sql finds, "" if none. */
static int
find_ours(struct store *s, const char *sql, const char *instance,
    const char *value, char ret_id[ULID_BYTES])
{
	struct query q = query(store_desk(s), sql);

	ret_id[0] = '\0';
	bind_text(&q, ":instance", instance);
	bind_text(&q, ":value", value);
	if (step(&q))
		snprintf(ret_id, ULID_BYTES, "%s", column_text(&q, 0));
	return done(&q);
}

/* Only steps of the ladder and failed move a message. */
static int
climb_told(struct store *s, const char *id, const char *status)
{
	if (message_step(status) < 0 && strcmp(status, "failed") != 0)
		return 0;
	return message_climb(s, id, status);
}

int
message_status_store(struct store *s, const struct message_told *t,
    char ret_message[ULID_BYTES])
{
	int code, is_new;

	code = find_ours(s,
	    "SELECT id FROM message WHERE instance = :instance"
	    " AND wamid = :value AND direction = 'out'",
	    t->instance, t->wamid, ret_message);
	if (code == 0 && ret_message[0] == '\0' && t->tracker != NULL) {
		code = find_ours(s,
		    "SELECT id FROM message WHERE id = :value"
		    " AND instance = :instance AND direction = 'out'",
		    t->instance, t->tracker, ret_message);
		if (code == 0 && ret_message[0] != '\0')
			code = message_name(s, ret_message, t->wamid);
	}
	if (code < 0)
		return code;
	is_new = status_insert(s, t, ret_message);
	if (is_new == 1 && ret_message[0] != '\0') {
		code = climb_told(s, ret_message, t->status);
		if (code < 0)
			return code;
	}
	return is_new;
}

int
message_name(struct store *s, const char *id, const char *wamid)
{
	struct query q = query(store_desk(s),
	    "UPDATE OR IGNORE message SET wamid = :wamid"
	    " WHERE id = :id AND direction = 'out' AND wamid IS NULL");

	bind_text(&q, ":id", id);
	bind_text(&q, ":wamid", wamid);
	step(&q);
	return done(&q);
}

/* What waits under the wamid of message id, by time and then by place. */
static int
early_list(struct store *s, const char *id, struct message_early **ret,
    size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    "SELECT t.status, t.wa_ms, t.data FROM message m"
	    " JOIN message_status t ON t.instance = m.instance"
	    "  AND t.wamid = m.wamid AND t.message IS NULL"
	    " WHERE m.id = :id AND m.direction = 'out' ORDER BY t.wa_ms,"
	    " CASE t.status WHEN 'sent' THEN 1 WHEN 'delivered' THEN 2"
	    "  WHEN 'read' THEN 3 ELSE 4 END, t.status");
	struct message_early *e;
	const char *data;

	*ret = NULL;
	*ret_count = 0;
	bind_text(&q, ":id", id);
	while (step(&q)) {
		*ret = xrealloc(*ret, (*ret_count + 1) * sizeof(**ret));
		e = &(*ret)[(*ret_count)++];
		memset(e, 0, sizeof(*e));
		snprintf(e->status, sizeof(e->status), "%s",
		    column_text(&q, 0));
		e->wa_ms = column_int(&q, 1);
		data = column_text(&q, 2);
		if (data != NULL &&
		    json_value_parse(data, strlen(data), &e->data) < 0)
			e->data = NULL;
	}
	return done(&q);
}

int
message_adopt(struct store *s, const char *id, struct message_early **ret,
    size_t *ret_count)
{
	struct query q;
	size_t i;
	int code = early_list(s, id, ret, ret_count);

	if (code < 0 || *ret_count == 0)
		return code;
	q = query(store_desk(s),
	    "UPDATE message_status SET message = :id"
	    " WHERE (instance, wamid) ="
	    "  (SELECT instance, wamid FROM message WHERE id = :id)"
	    " AND message IS NULL");
	bind_text(&q, ":id", id);
	step(&q);
	code = done(&q);
	for (i = 0; i < *ret_count && code >= 0; i++)
		code = climb_told(s, id, (*ret)[i].status);
	return code < 0 ? code : 0;
}

void
message_early_free(struct message_early *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_decref(list[i].data);
	free(list);
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

#define COLUMNS                                                        \
	"id, instance, conversation, contact, direction, kind, wamid," \
	" author, status, quoted, text, content, wa_ms, stored_ms,"    \
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
