/* outbox - what the store keeps for sending */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/consent.h"
#include "desk/conversation.h"
#include "desk/media.h"
#include "desk/settings.h"
#include "wa/outbox.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define READ_MAX_AGE_MS (30 * DAY_MS)

int
outbox_get(struct store *s, const char *id, struct outgoing *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(part, 0), coalesce(tried_ms, 0), passing, resent,"
	    " coalesce(retried_by, '') FROM message WHERE id = :id");

	memset(ret, 0, sizeof(*ret));
	bind_text(&q, ":id", id);
	if (step(&q)) {
		ret->part = (int)column_int(&q, 0);
		ret->tried_ms = column_int(&q, 1);
		ret->passing = (int)column_int(&q, 2);
		ret->resent = (int)column_int(&q, 3);
		snprintf(ret->retried_by, sizeof(ret->retried_by), "%s",
		    column_text(&q, 4));
	}
	return done(&q);
}

int
outbox_mark(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "UPDATE message SET status = 'sending', attempt = attempt + 1,"
	    " attempt_ms = :now WHERE id = :id");

	bind_int(&q, ":now", now_ms());
	bind_text(&q, ":id", id);
	step(&q);
	return done(&q);
}

int
outbox_unmark(struct store *s, const char *id, const struct send_outcome *o)
{
	/* Time that the instance was stopped, or nobody answered, is no time
	 * that the message was refused. */
	struct query q = query(store_desk(s),
	    "UPDATE message SET status = 'queued', why = :why,"
	    " passing = passing + :passing,"
	    " tried_ms = iif(:counts, coalesce(tried_ms, attempt_ms), NULL)"
	    " WHERE id = :id AND status = 'sending'");

	bind_text(&q, ":why", o->why);
	bind_int(&q, ":passing", o->passing);
	bind_int(&q, ":counts", o->verdict == SEND_AGAIN && o->sent);
	bind_text(&q, ":id", id);
	step(&q);
	return done(&q);
}

int
outbox_resend(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "UPDATE message SET status = 'queued', resent = resent + 1"
	    " WHERE id = :id AND status = 'sending'");

	bind_text(&q, ":id", id);
	step(&q);
	return done(&q);
}

int
outbox_why(struct store *s, const char *id, const char *why)
{
	struct query q = query(store_desk(s),
	    "UPDATE message SET why = :why WHERE id = :id");

	bind_text(&q, ":why", why);
	bind_text(&q, ":id", id);
	step(&q);
	return done(&q);
}

/* --- parts --- */

static int
put_first(struct store *s, const char *id, const struct send_part *p)
{
	struct query q = query(store_desk(s),
	    "UPDATE message SET part = 1, kind = :kind, text = :text,"
	    " content = :content WHERE id = :id");
	char *content = p->content != NULL ? json_text(p->content) : NULL;
	int code;

	bind_text(&q, ":id", id);
	bind_text(&q, ":kind", p->kind);
	bind_text(&q, ":text", p->text);
	bind_text(&q, ":content", content);
	step(&q);
	code = done(&q);
	free(content);
	return code;
}

/* Everything but what the part is itself comes from the first row. */
static int
put_further(struct store *s, const char *first, int n, const char *id,
    const struct send_part *p)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO message (id, instance, conversation, contact,"
	    " direction, kind, wa_ms, stored_ms, author, status, owner_rev,"
	    " text, content, part_of, part)"
	    " SELECT :id, instance, conversation, contact, direction, :kind,"
	    " wa_ms, stored_ms, author, 'queued', owner_rev, :text, :content,"
	    " :first, :part FROM message WHERE id = :first");
	char *content = p->content != NULL ? json_text(p->content) : NULL;
	int code;

	bind_text(&q, ":id", id);
	bind_text(&q, ":first", first);
	bind_int(&q, ":part", n);
	bind_text(&q, ":kind", p->kind);
	bind_text(&q, ":text", p->text);
	bind_text(&q, ":content", content);
	step(&q);
	code = done(&q);
	free(content);
	return code;
}

static int
tell_part(struct stage *st, const struct event *cause, const struct message *m,
    const char *id, int n, const char *kind)
{
	json_t *data = json_object();
	char subject[32];

	json_put(data, "message", id);
	json_put(data, "conversation", m->conversation);
	json_put(data, "contact", m->contact);
	json_put(data, "instance", m->instance);
	json_put(data, "kind", kind);
	json_put(data, "author", m->author);
	json_put_int(data, "owner_rev", m->owner_rev);
	json_put(data, "part_of", m->id);
	json_put_int(data, "part", n);
	return stage_emit(st, cause, "message.queued",
	    conversation_subject(m->conversation, subject), data, NULL);
}

int
outbox_split(struct stage *st, const struct event *cause,
    const struct message *m)
{
	struct send_part *parts = NULL;
	struct outgoing o;
	char id[ULID_BYTES];
	size_t n, i;
	int code = outbox_get(stage_store(st), m->id, &o);

	if (code < 0 || o.part > 0 || m->attempt > 0 ||
	    strcmp(m->status, "queued") != 0)
		return code;
	n = send_parts(m, &parts);
	for (i = 0; i < n && code == 0; i++) {
		if (i == 0) {
			code = put_first(stage_store(st), m->id, &parts[i]);
			continue;
		}
		stage_next_id(st, cause, "message.queued", id);
		code = put_further(stage_store(st), m->id, (int)i + 1, id,
		    &parts[i]);
		if (code == 0)
			code = tell_part(st, cause, m, id, (int)i + 1,
			    parts[i].kind);
	}
	send_parts_free(parts, n);
	return code;
}

int
outbox_next(struct store *s, const char *id, char ret[ULID_BYTES])
{
	struct query q = query(store_desk(s),
	    "SELECT m.id FROM message m, message me WHERE me.id = :id"
	    " AND m.status IN ('queued', 'sending')"
	    " AND (m.id = me.id OR (m.part_of = coalesce(me.part_of, me.id)"
	    "  AND m.part > me.part)) ORDER BY m.part LIMIT 1");
	int found, code;

	bind_text(&q, ":id", id);
	found = step(&q);
	if (found)
		snprintf(ret, ULID_BYTES, "%s", column_text(&q, 0));
	code = done(&q);
	return code < 0 ? code : found;
}

/* --- paces --- */

int
outbox_pace(struct store *s, const char *key, int64_t now_ms, int64_t every_ms,
    int64_t burst, int64_t *ret_again_ms)
{
	struct query q =
	    query(store_desk(s), "SELECT even_ms FROM pace WHERE key = :key");
	int64_t even = 0, room = every_ms * (burst > 1 ? burst - 1 : 0);
	int code;

	if (every_ms <= 0)
		return 1;
	bind_text(&q, ":key", key);
	if (step(&q))
		even = column_int(&q, 0);
	code = done(&q);
	if (code < 0)
		return code;
	if (even < now_ms)
		even = now_ms;
	/* A clock that was set back must not silence it for good. */
	if (even > now_ms + room + every_ms)
		even = now_ms + room + every_ms;
	if (even - room > now_ms) {
		*ret_again_ms = even - room;
		return 0;
	}
	q = query(store_desk(s),
	    "INSERT INTO pace (key, even_ms) VALUES (:key, :even)"
	    " ON CONFLICT DO UPDATE SET even_ms = :even");
	bind_text(&q, ":key", key);
	bind_int(&q, ":even", even + every_ms);
	step(&q);
	code = done(&q);
	return code < 0 ? code : 1;
}

int
outbox_taken_back(struct store *s, const char *cause, const struct message *m)
{
	/* The message of the cause first, which is hardly ever taken back: the
	 * rest of the conversation is not looked at then. By our clock, for the
	 * provider's has whole seconds only. */
	struct query q = query(store_desk(s),
	    "WITH asked AS MATERIALIZED (SELECT 1 FROM event e"
	    "  JOIN message m ON m.id = json_extract(e.data, '$.message')"
	    "  WHERE e.id = :cause AND m.direction = 'in'"
	    "  AND m.conversation = :conversation AND " TAKEN_BACK_SQL ")"
	    "SELECT 1 FROM asked WHERE NOT EXISTS (SELECT 1 FROM message m"
	    "  WHERE m.conversation = :conversation AND m.direction = 'in'"
	    "  AND m.kind NOT IN (" NO_TURN_SQL ") AND m.stored_ms <= :at"
	    "  AND m.stored_ms > coalesce((SELECT max(o.stored_ms)"
	    "   FROM message o WHERE o.conversation = :conversation"
	    "   AND (o.direction = 'echo' OR (o.direction = 'out'"
	    "    AND o.status NOT IN ('cancelled', 'failed')))"
	    "   AND o.stored_ms < :at), 0)"
	    "  AND NOT " TAKEN_BACK_SQL ")");

	bind_text(&q, ":cause", cause);
	bind_text(&q, ":conversation", m->conversation);
	bind_int(&q, ":at", m->stored_ms);
	return any_row(&q);
}

int
outbox_is_marketing(struct store *s, const char *instance, const char *name,
    const char *language)
{
	struct query q;
	int is = 0, code;

	if (name == NULL)
		return 0;
	q = query(store_desk(s),
	    "SELECT max(t.category = 'MARKETING') FROM template t"
	    " JOIN instance i ON i.account_id = t.account"
	    " WHERE i.name = :instance AND t.name = :name"
	    " AND (:language IS NULL OR t.language = :language)");
	bind_text(&q, ":instance", instance);
	bind_text(&q, ":name", name);
	bind_text(&q, ":language", language);
	if (step(&q))
		is = column_int(&q, 0) != 0;
	code = done(&q);
	return code < 0 ? code : is;
}

json_t *
outbox_templates(struct store *s, const char *instance, int max)
{
	json_t *list = NULL;
	struct query q;

	q = query(store_desk(s),
	    "SELECT DISTINCT t.name FROM template t"
	    " JOIN instance i ON i.account_id = t.account"
	    " WHERE i.name = :instance AND t.status = 'APPROVED'"
	    " AND t.removed_ms IS NULL ORDER BY t.name LIMIT :max");
	bind_text(&q, ":instance", instance);
	bind_int(&q, ":max", max);
	while (step(&q)) {
		if (list == NULL)
			list = json_array();
		json_array_append_new(list, json_text_new(column_text(&q, 0)));
	}
	done(&q);
	return list;
}

int
outbox_media_id(struct store *s, const char *instance, const char *sha256,
    char ret[128])
{
	char *id = NULL;
	int code = media_uploaded(s, instance, sha256, now_ms(), &id);

	if (code == 1)
		snprintf(ret, 128, "%s", id);
	free(id);
	return code;
}

static int
is_kept(void *store, const char *sha256, char ret[128])
{
	char *text = xformat(MEDIA_PREFIX "%s", sha256);
	char digits[SHA256_HEX_BYTES];
	bool is = media_reference(text, digits);
	int code;

	free(text);
	snprintf(ret, 128, "0");
	if (!is)
		return err_set(ERR_DATA,
		    "media: a reference is sha256: and 64 small hex digits");
	code = media_is_kept(store, digits);
	return code != 0 ?
	    code :
	    err_set(ERR_DATA,
		"media: no file " MEDIA_PREFIX "%s is in the store", digits);
}

int
outbox_has_media(struct store *s, const json_t *content)
{
	json_t *copy = json_deep_copy(content);
	int code = copy != NULL ? send_resolve(copy, is_kept, s) : 0;

	json_decref(copy);
	return code < 0 ? code : 0;
}

const char *
outbox_options(const struct conf *c, const char *language)
{
	const char *word = reply_text(c, "options", language);

	if (word == NULL || *word == '\0' ||
	    utf8_length(word) > LIMIT_BUTTON_CHARS)
		return NULL;
	return word;
}

/* --- a person's decision --- */

static int
queue_again(struct act *a, const struct message *m)
{
	/* What failed has a name no more: its next try brings a new one. */
	struct query q = query(store_desk(a->store),
	    "UPDATE message SET status = 'queued', tried_ms = NULL,"
	    " passing = 0, resent = 0, why = NULL, retried_by = :actor,"
	    " wamid = iif(status = 'failed', NULL, wamid)"
	    " WHERE id = :id OR (status = 'cancelled' AND part > "
	    "  (SELECT part FROM message WHERE id = :id) AND part_of ="
	    "  (SELECT coalesce(part_of, id) FROM message WHERE id = :id))");
	int code;

	bind_text(&q, ":id", m->id);
	bind_text(&q, ":actor", a->actor);
	step(&q);
	code = done(&q);
	if (code < 0)
		return code;
	q = query(store_desk(a->store),
	    "DELETE FROM mark WHERE key IN ('held:' || :id,"
	    " 'missed:' || :id)");
	bind_text(&q, ":id", m->id);
	step(&q);
	code = done(&q);
	return code < 0 ? code : message_unsaid(a->store, m->id);
}

int
outbox_retry(struct act *a, const char *id)
{
	struct message *m = NULL;
	char subject[32];
	json_t *data;
	int code = message_get(a->store, id, &m);

	if (code == ERR_NOINPUT)
		return err_set(ERR_NOINPUT, "no message %s", id);
	if (code < 0)
		return code;
	if (m->status == NULL || strcmp(m->direction, "out") != 0)
		code = err_set(ERR_NO, "message %s is none of ours", id);
	else if (strcmp(m->status, "failed") != 0 &&
	    strcmp(m->status, "held") != 0)
		code = err_set(ERR_NO,
		    "message %s is %s: only what failed or is held is sent "
		    "again",
		    id, m->status);
	if (code == 0)
		code = queue_again(a, m);
	if (code == 0) {
		data = json_object();
		json_put(data, "message", m->id);
		json_put(data, "conversation", m->conversation);
		json_put(data, "contact", m->contact);
		json_put(data, "instance", m->instance);
		json_put(data, "kind", m->kind);
		json_put(data, "was", m->status);
		json_put(data, "actor", a->actor);
		code = act_emit(a, "message.retried",
		    conversation_subject(m->conversation, subject), data, NULL);
	}
	if (code == 0)
		code = act_audit(a, "message.retry", m->id,
		    json_pack("{ss}", "was", m->status));
	message_free(m);
	return code;
}

int
outbox_list(struct store *s, const char *status,
    void (*each)(void *ctx, const struct outbox_row *row), void *ctx)
{
	/* The lists are there for the indexes, which are of these alone. */
	static const char failed[] =
	    "SELECT id, conversation, instance, kind, author,"
	    " coalesce((SELECT json_extract(t.data, '$.errors[0].title')"
	    "  FROM message_status t WHERE t.message = message.id"
	    "  AND t.status = 'failed' LIMIT 1), why),"
	    " coalesce(attempt_ms, stored_ms), attempt FROM message"
	    " WHERE direction = 'out' AND status = 'failed'"
	    " ORDER BY 7 DESC, id",
			  held[] =
			      "SELECT id, conversation, instance, kind, author,"
			      " why, coalesce(attempt_ms, stored_ms), attempt"
			      " FROM message WHERE direction = 'out' AND status"
			      " IN ('queued', 'sending', 'held')"
			      " AND status = 'held' ORDER BY 7 DESC, id";
	struct query q =
	    query(store_desk(s), strcmp(status, "held") == 0 ? held : failed);
	struct outbox_row row;

	while (step(&q)) {
		row.id = column_text(&q, 0);
		row.conversation = column_text(&q, 1);
		row.instance = column_text(&q, 2);
		row.kind = column_text(&q, 3);
		row.author = column_text(&q, 4);
		row.why = column_text(&q, 5);
		row.attempt_ms = column_int(&q, 6);
		row.attempt = (int)column_int(&q, 7);
		each(ctx, &row);
	}
	return done(&q);
}

/* --- what was read --- */

int
outbox_unread(struct store *s, const char *conversation, int64_t now_ms,
    char ret_id[ULID_BYTES], char ret_wamid[256])
{
	/* What was imported has another event than message.received. */
	struct query q = query(store_desk(s),
	    "SELECT m.id, m.wamid FROM message m"
	    " JOIN event e ON e.id = m.id AND e.type = 'message.received'"
	    " WHERE m.conversation = :conversation AND m.direction = 'in'"
	    " AND m.kind NOT IN ('reaction', 'system', 'edit', 'revoke',"
	    "  'history') AND m.wamid IS NOT NULL AND m.wa_ms > :oldest"
	    " ORDER BY m.wa_ms DESC, e.seq DESC LIMIT 1");
	int found, code;

	bind_text(&q, ":conversation", conversation);
	bind_int(&q, ":oldest", now_ms - READ_MAX_AGE_MS);
	found = step(&q);
	if (found) {
		snprintf(ret_id, ULID_BYTES, "%s", column_text(&q, 0));
		snprintf(ret_wamid, 256, "%s", column_text(&q, 1));
	}
	code = done(&q);
	return code < 0 ? code : found;
}

/* Set a mark: 1 if it is new, else 0. */
static int
mark(struct store *s, const char *what, const char *id, int64_t now_ms)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO mark (key, time_ms) VALUES (:what || ':' || :id, :now)"
	    " ON CONFLICT DO NOTHING");
	int code;

	bind_text(&q, ":what", what);
	bind_text(&q, ":id", id);
	bind_int(&q, ":now", now_ms);
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(s)) > 0;
}

int
outbox_read(struct store *s, const char *id, int64_t now_ms)
{
	return mark(s, "read", id, now_ms);
}

int
outbox_viewed(struct act *a, const struct conversation *c)
{
	char id[ULID_BYTES], wamid[256], subject[32];
	json_t *data;
	int code = contact_blocked(a->store, c->contact);

	if (code != 0)
		return code < 0 ? code : 0;
	code = outbox_unread(a->store, c->id, a->now_ms, id, wamid);
	if (code == 1)
		code = mark(a->store, "viewed", id, a->now_ms);
	if (code != 1)
		return code;
	data = json_object();
	json_put(data, "message", id);
	json_put(data, "conversation", c->id);
	json_put(data, "contact", c->contact);
	json_put(data, "instance", c->instance);
	json_put(data, "actor", a->actor);
	code = act_emit(a, "message.viewed",
	    conversation_subject(c->id, subject), data, NULL);
	return code < 0 ? code : 1;
}
