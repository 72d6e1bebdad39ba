/* conversation - one customer's talk with the business, and who may answer */
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
#include "desk/team.h"

#define NAMED_MIN 3 /* characters of an id that are enough to name it */

void
conversation_free(struct conversation *c)
{
	if (c == NULL)
		return;
	free(c->instance);
	free(c->assignee);
	free(c->team);
	free(c->language);
	free(c->profile);
	free(c);
}

const char *
conversation_subject(const char *id, char ret[32])
{
	snprintf(ret, 32, "conversation/%s", id);
	return ret;
}

int64_t
conversation_window(const struct conversation *c, int64_t window_ms,
    int64_t at_ms)
{
	if (c->last_in_ms == 0)
		return -at_ms;
	return c->last_in_ms + window_ms - at_ms;
}

int
conversation_get(struct store *s, const char *id, struct conversation **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT id, contact, instance, number, status, owner, owner_rev,"
	    " assignee, team, priority, language, profile, opened_ms,"
	    " reopened_ms, coalesce(last_in_ms, 0), coalesce(last_out_ms, 0),"
	    " coalesce(waiting_ms, 0), coalesce(handed_ms, 0),"
	    " coalesce(resolved_ms, 0) FROM conversation WHERE id ="
	    " (SELECT coalesce(merged_into, id) FROM conversation"
	    "  WHERE id = :id)");
	struct conversation *c = NULL;
	int code;

	bind_text(&q, ":id", id);
	if (step(&q)) {
		c = xcalloc(1, sizeof(*c));
		snprintf(c->id, sizeof(c->id), "%s", column_text(&q, 0));
		snprintf(c->contact, sizeof(c->contact), "%s",
		    column_text(&q, 1));
		c->instance = column_copy(&q, 2);
		c->number = column_int(&q, 3);
		snprintf(c->status, sizeof(c->status), "%s",
		    column_text(&q, 4));
		snprintf(c->owner, sizeof(c->owner), "%s", column_text(&q, 5));
		c->owner_rev = column_int(&q, 6);
		c->assignee = column_copy(&q, 7);
		c->team = column_copy(&q, 8);
		snprintf(c->priority, sizeof(c->priority), "%s",
		    column_text(&q, 9));
		c->language = column_copy(&q, 10);
		c->profile = column_copy(&q, 11);
		c->opened_ms = column_int(&q, 12);
		c->reopened_ms = column_int(&q, 13);
		c->last_in_ms = column_int(&q, 14);
		c->last_out_ms = column_int(&q, 15);
		c->waiting_ms = column_int(&q, 16);
		c->handed_ms = column_int(&q, 17);
		c->resolved_ms = column_int(&q, 18);
	}
	code = done(&q);
	if (code == 0 && c == NULL)
		code = err_set(ERR_NOINPUT, "no conversation %s", id);
	if (code < 0)
		conversation_free(c);
	else
		*ret = c;
	return code;
}

int
conversation_named(struct store *s, const char *text,
    char ret_id[SHORT_ID_BYTES])
{
	struct query q;
	size_t len = strlen(text);
	int n = 0, code;

	if (str_starts(text, "conversation/")) {
		text += strlen("conversation/");
		len = strlen(text);
	}
	if (len < NAMED_MIN || len >= SHORT_ID_BYTES ||
	    strspn(text, "0123456789abcdefghjkmnpqrstvwxyz") != len)
		return err_set(ERR_NOINPUT,
		    "'%s' names no conversation: an id, or its first %d or "
		    "more characters",
		    text, NAMED_MIN);
	/* '~' sorts behind every character of an id. */
	q = query(store_desk(s),
	    "SELECT DISTINCT coalesce(merged_into, id) FROM conversation"
	    " WHERE id >= :text AND id <= :text || '~' LIMIT 2");
	bind_text(&q, ":text", text);
	while (step(&q))
		if (n++ == 0)
			snprintf(ret_id, SHORT_ID_BYTES, "%s",
			    column_text(&q, 0));
	code = done(&q);
	if (code < 0)
		return code;
	if (n == 0)
		return err_set(ERR_NOINPUT, "no conversation %s", text);
	if (n > 1)
		return err_set(ERR_USAGE,
		    "%s is the beginning of several conversations; give more "
		    "of it",
		    text);
	return 0;
}

/* The id of a contact's n-th, which nothing else has. */
static int
new_id(struct store *s, const char *instance, const char *contact,
    int64_t number, char ret_id[SHORT_ID_BYTES])
{
	char nth[24], again[16] = "";
	int n, code;

	snprintf(nth, sizeof(nth), "%lld", (long long)number);
	for (n = 0;; n++) {
		struct conversation *taken = NULL;

		if (n > 0)
			snprintf(again, sizeof(again), "%d", n);
		id_short(ret_id, "conversation", instance, contact, nth, again,
		    NULL);
		code = conversation_get(s, ret_id, &taken);
		conversation_free(taken);
		if (code != 0)
			return code == ERR_NOINPUT ? 0 : code;
	}
}

/* Behind all it has had, those that went on in others too. */
static int
next_number(struct store *s, const char *instance, const char *contact,
    int64_t *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(max(number), 0) + 1 FROM conversation"
	    " WHERE instance = :instance AND contact = :contact");

	bind_text(&q, ":instance", instance);
	bind_text(&q, ":contact", contact);
	if (step(&q))
		*ret = column_int(&q, 0);
	return done(&q);
}

static int
insert(struct store *s, const struct instance *i, const char *contact,
    int64_t at_ms, char ret_id[SHORT_ID_BYTES])
{
	struct query q;
	int64_t number = 1;
	int code = next_number(s, i->name, contact, &number);

	if (code == 0)
		code = new_id(s, i->name, contact, number, ret_id);
	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "INSERT INTO conversation (id, instance, contact, number, status,"
	    " owner, opened_ms, reopened_ms, language)"
	    " VALUES (:id, :instance, :contact, :number, 'open', :owner, :at,"
	    " :at, (SELECT language_set FROM contact WHERE id = :contact))");
	bind_text(&q, ":id", ret_id);
	bind_text(&q, ":instance", i->name);
	bind_text(&q, ":contact", contact);
	bind_int(&q, ":number", number);
	bind_text(&q, ":owner", i->ai ? "ai" : "queue");
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

int
conversation_like(struct store *s, const char *like, const char *contact,
    int64_t at_ms, char ret_id[SHORT_ID_BYTES])
{
	struct conversation *c = NULL;
	struct query q;
	int64_t number = 1;
	int code = conversation_get(s, like, &c);

	if (code == 0)
		code = next_number(s, c->instance, contact, &number);
	if (code == 0)
		code = new_id(s, c->instance, contact, number, ret_id);
	if (code == 0) {
		q = query(store_desk(s),
		    "INSERT INTO conversation (id, instance, contact, number,"
		    " status, owner, assignee, team, priority, language,"
		    " profile, sla, opened_ms, reopened_ms, handed_ms,"
		    " resolved_ms)"
		    " SELECT :id, instance, :contact, :number, status, owner,"
		    " assignee, team, priority, language, profile, sla, :at,"
		    " max(:at, reopened_ms), handed_ms, resolved_ms"
		    " FROM conversation"
		    " WHERE id = :like");
		bind_text(&q, ":id", ret_id);
		bind_text(&q, ":contact", contact);
		bind_int(&q, ":number", number);
		bind_text(&q, ":like", c->id);
		bind_int(&q, ":at", at_ms);
		step(&q);
		code = done(&q);
	}
	conversation_free(c);
	return code;
}

/* As new, but that a pause of the AI that is not over goes on: it was said of
 * the conversation, not of what it was about then. */
static int
reopen(struct store *s, const struct instance *i, const char *id, int64_t at_ms)
{
	struct conversation_handed h;
	struct query q;
	bool paused;
	int code = conversation_handed(s, id, &h);

	if (code < 0)
		return code;
	paused =
	    strcmp(h.type, "conversation.paused") == 0 && at_ms < h.until_ms;
	q = query(store_desk(s),
	    "UPDATE conversation SET status = 'open', owner = :owner,"
	    " owner_rev = owner_rev + 1, assignee = NULL,"
	    " handed_ms = iif(:paused, :handed, NULL),"
	    " resolved_ms = NULL, waiting_ms = NULL, reopened_ms = :at"
	    " WHERE id = :id");
	bind_text(&q, ":id", id);
	bind_text(&q, ":owner", i->ai && !paused ? "ai" : "queue");
	bind_int(&q, ":paused", paused);
	bind_int(&q, ":handed", h.at_ms);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

/* One that was put to rest goes on as it was. */
static int
wake(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "UPDATE conversation SET status = 'open',"
	    " owner_rev = owner_rev + 1 WHERE id = :id");

	bind_text(&q, ":id", id);
	step(&q);
	return done(&q);
}

/* An older message that arrives later moves the opening back, so that the
 * store does not depend on the order of arrival. */
static int
open_earlier(struct store *s, const char *id, int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "UPDATE conversation SET"
	    " reopened_ms = iif(reopened_ms = opened_ms, :at, reopened_ms),"
	    " opened_ms = :at WHERE id = :id AND :at < opened_ms");

	bind_text(&q, ":id", id);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

/* What is in people's hands. */
#define PEOPLES_SQL \
	"(owner = 'user' OR (owner = 'queue' AND handed_ms IS NOT NULL))"

int
conversation_current(struct store *s, const char *instance, const char *contact,
    char ret_id[SHORT_ID_BYTES], char *ret_status)
{
	struct query q = query(store_desk(s),
	    "SELECT id, status, status IN ('open', 'snoozed') AS is_open"
	    " FROM conversation"
	    " WHERE instance = :instance AND contact = :contact"
	    " AND merged_into IS NULL ORDER BY is_open DESC,"
	    " is_open AND owner = 'user' DESC, is_open AND " PEOPLES_SQL
	    " DESC, iif(is_open AND " PEOPLES_SQL ", last_out_ms, 0) DESC,"
	    " number DESC LIMIT 1");
	int found, code;

	bind_text(&q, ":instance", instance);
	bind_text(&q, ":contact", contact);
	found = step(&q);
	if (found) {
		snprintf(ret_id, SHORT_ID_BYTES, "%s", column_text(&q, 0));
		snprintf(ret_status, 12, "%s", column_text(&q, 1));
	}
	code = done(&q);
	return code < 0 ? code : found;
}

int
conversation_elsewhere(struct store *s, const struct conversation *c,
    enum conversation_with with, char *ret_id)
{
	struct query q = query(store_desk(s),
	    "SELECT id FROM conversation"
	    " WHERE instance = :instance AND contact = :contact AND id <> :id"
	    " AND merged_into IS NULL AND status IN ('open', 'snoozed')"
	    " AND (:anybody OR " PEOPLES_SQL ") ORDER BY number DESC LIMIT 1");
	int found, code;

	bind_text(&q, ":instance", c->instance);
	bind_text(&q, ":contact", c->contact);
	bind_text(&q, ":id", c->id);
	bind_int(&q, ":anybody", with == WITH_ANYBODY);
	found = step(&q);
	if (found && ret_id != NULL)
		snprintf(ret_id, SHORT_ID_BYTES, "%s", column_text(&q, 0));
	code = done(&q);
	return code < 0 ? code : found;
}

int
conversation_for(struct store *s, const struct instance *instance,
    const char *contact, int64_t at_ms, char ret_id[SHORT_ID_BYTES],
    enum conversation_news *ret_news)
{
	char id[SHORT_ID_BYTES] = "", status[12] = "";
	int code = conversation_current(s, instance->name, contact, id, status),
	    blocked = 0;

	if (code == 1 && strcmp(status, "open") != 0)
		blocked = contact_blocked(s, contact);
	if (code < 0 || blocked < 0)
		return code < 0 ? code : blocked;
	code = 0;
	if (blocked) {
		*ret_news = CONV_KNOWN;
	} else if (id[0] == '\0' ||
	    (instance->after_resolve_new && strcmp(status, "open") != 0 &&
		strcmp(status, "snoozed") != 0)) {
		code = insert(s, instance, contact, at_ms, id);
		*ret_news = CONV_OPENED;
	} else if (strcmp(status, "open") == 0) {
		code = open_earlier(s, id, at_ms);
		*ret_news = CONV_KNOWN;
	} else if (strcmp(status, "snoozed") == 0) {
		code = wake(s, id);
		*ret_news = CONV_REOPENED;
	} else {
		code = reopen(s, instance, id, at_ms);
		*ret_news = CONV_REOPENED;
	}
	if (code == 0)
		memcpy(ret_id, id, SHORT_ID_BYTES);
	return code;
}

/* The facts every event of a conversation carries. */
static json_t *
facts(const struct conversation *c, const char *actor)
{
	json_t *data = json_object();

	json_put(data, "conversation", c->id);
	json_put(data, "instance", c->instance);
	json_put(data, "contact", c->contact);
	json_put(data, "status", c->status);
	json_put(data, "owner", c->owner);
	json_put_int(data, "owner_rev", c->owner_rev);
	json_put(data, "assignee", c->assignee);
	json_put(data, "team", c->team);
	json_put(data, "actor", actor);
	return data;
}

int
conversation_tell(struct act *a, const char *id, const char *type,
    const char *key, const char *value)
{
	json_t *more = json_object();

	if (key != NULL)
		json_put(more, key, value);
	return conversation_tell_more(a, id, type, more);
}

int
conversation_tell_more(struct act *a, const char *id, const char *type,
    json_t *more)
{
	struct conversation *c = NULL;
	char subject[32];
	json_t *data;
	int code = conversation_get(a->store, id, &c);

	if (code < 0) {
		json_decref(more);
		return code;
	}
	/* Whatever changed, this is where it is told. */
	code = sla_reckon(a->store, c->id, a->now_ms);
	data = facts(c, a->actor);
	json_object_update(data, more);
	json_decref(more);
	if (code < 0)
		json_decref(data);
	else
		code = act_emit(a, type, conversation_subject(c->id, subject),
		    data, NULL);
	conversation_free(c);
	return code;
}

int
conversation_announce(struct act *a, const char *id,
    enum conversation_news news)
{
	if (news == CONV_KNOWN)
		return 0;
	return conversation_tell(a, id,
	    news == CONV_OPENED ? "conversation.opened" :
				  "conversation.reopened",
	    NULL, NULL);
}

/* Give it to owner; a NULL assignee or team takes it away. */
static int
own(struct store *s, const char *id, const char *owner, const char *assignee,
    const char *team, int64_t handed_ms)
{
	struct query q = query(store_desk(s),
	    "UPDATE conversation SET owner = :owner, assignee = :assignee,"
	    " team = :team, owner_rev = owner_rev + 1,"
	    " status = iif(status = 'snoozed', 'open', status),"
	    " handed_ms = CASE WHEN :handed = 0 THEN NULL"
	    " ELSE coalesce(handed_ms, :handed) END WHERE id = :id");

	bind_text(&q, ":id", id);
	bind_text(&q, ":owner", owner);
	bind_text(&q, ":assignee", assignee);
	bind_text(&q, ":team", team);
	bind_int(&q, ":handed", handed_ms);
	step(&q);
	return done(&q);
}

/* Who had it as it was has room for what waits for their teams. */
static int
leave(struct act *a, const struct conversation *was)
{
	int code = 0;

	if (strcmp(was->owner, "user") == 0 && was->assignee != NULL &&
	    strcmp(was->status, "open") == 0)
		code = team_deal(a, was->assignee);
	return code < 0 ? code : 0;
}

int
conversation_handed(struct store *s, const char *id,
    struct conversation_handed *ret)
{
	/* A release to the queue leaves a pause without an end as it was. */
	struct query q = query(store_desk(s),
	    "WITH hand AS (SELECT seq, type, data, time_ms FROM event"
	    " WHERE subject IN (SELECT 'conversation/' || id"
	    "  FROM conversation WHERE id = :id OR merged_into = :id)"
	    " AND type IN ('conversation.escalated', 'conversation.taken',"
	    "  'conversation.assigned', 'conversation.released',"
	    "  'conversation.paused') ORDER BY seq DESC LIMIT 2)"
	    " SELECT type, json_extract(data, '$.reason'),"
	    " json_extract(data, '$.until'), time_ms FROM hand"
	    " ORDER BY iif((SELECT type || json_extract(data, '$.owner')"
	    "  FROM hand ORDER BY seq DESC LIMIT 1)"
	    "  = 'conversation.releasedqueue', type = 'conversation.paused'"
	    "  AND json_extract(data, '$.until') IS NULL, 0) DESC, seq DESC"
	    " LIMIT 1");
	const char *text;
	int code;

	memset(ret, 0, sizeof(*ret));
	bind_text(&q, ":id", id);
	if (step(&q)) {
		snprintf(ret->type, sizeof(ret->type), "%s",
		    column_text(&q, 0));
		text = column_text(&q, 1);
		snprintf(ret->reason, sizeof(ret->reason), "%s",
		    text != NULL ? text : "");
		text = column_text(&q, 2);
		if (text == NULL || time_parse(text, &ret->until_ms) < 0)
			ret->until_ms = INT64_MAX;
		ret->at_ms = column_int(&q, 3);
	}
	code = done(&q);
	return code < 0 ? code : ret->type[0] != '\0';
}

int
conversation_is_paused(struct store *s, const struct conversation *c)
{
	struct conversation_handed h;
	int code;

	if (strcmp(c->owner, "queue") != 0)
		return 0;
	code = conversation_handed(s, c->id, &h);
	if (code != 1)
		return code;
	return strcmp(h.type, "conversation.paused") == 0 &&
	    h.until_ms != INT64_MAX;
}

int
conversation_is_handed_over(struct store *s, const struct conversation *c)
{
	int paused;

	if (strcmp(c->owner, "queue") != 0 || c->handed_ms == 0)
		return 0;
	paused = conversation_is_paused(s, c);
	return paused < 0 ? paused : !paused;
}

int
conversation_escalate(struct act *a, const char *id, const char *reason)
{
	struct conversation *c = NULL;
	bool already;
	int code = conversation_get(a->store, id, &c);

	if (code == 0)
		code = conversation_is_handed_over(a->store, c);
	if (code < 0) {
		conversation_free(c);
		return code;
	}
	/* Nobody but a person takes it from a person. */
	already = code == 1 ||
	    (strcmp(c->owner, "user") == 0 && !str_starts(a->actor, "user:"));
	code = 0;
	if (!already)
		code = own(a->store, c->id, "queue", NULL, c->team, a->now_ms);
	if (!already && code == 0)
		code = conversation_tell(a, id, "conversation.escalated",
		    "reason", reason);
	if (!already && code == 0)
		code = leave(a, c);
	conversation_free(c);
	return code;
}

bool
conversation_is_closed(const struct conversation *c)
{
	return strcmp(c->status, "resolved") == 0 ||
	    strcmp(c->status, "archived") == 0;
}

static int reopen_at(struct act *a, const char *id, int64_t at_ms);

int
conversation_recall(struct act *a, const char *id, const char *reason,
    int64_t at_ms)
{
	struct conversation *c = NULL;
	int code = conversation_get(a->store, id, &c);

	/* Nobody works on it any more: who had it is out of it, and what was
	 * handed over then is none of this time. */
	if (code == 0 && conversation_is_closed(c)) {
		code = own(a->store, c->id, "queue", NULL, c->team, 0);
		if (code == 0)
			code = reopen_at(a, id, at_ms);
	}
	conversation_free(c);
	return code < 0 ? code : conversation_escalate(a, id, reason);
}

int
conversation_await(struct act *a, const char *id, const char *reason, bool tell)
{
	struct conversation *c = NULL;
	struct query q;
	bool kept;
	int code = conversation_get(a->store, id, &c);

	if (code < 0)
		return code;
	kept = strcmp(c->owner, "user") == 0;
	conversation_free(c);
	if (!kept)
		return conversation_escalate(a, id, reason);
	if (!tell)
		return 0;
	q = query(store_desk(a->store),
	    "UPDATE conversation SET status = 'open',"
	    " owner_rev = owner_rev + 1 WHERE id = :id AND status = 'snoozed'");
	bind_text(&q, ":id", id);
	step(&q);
	code = done(&q);
	return code < 0 ?
	    code :
	    conversation_tell(a, id, "conversation.awaited", "reason", reason);
}

int
conversation_take(struct act *a, const char *id, const char *person)
{
	struct conversation *c = NULL;
	bool already;
	int code = conversation_get(a->store, id, &c);

	if (code < 0)
		return code;
	already =
	    strcmp(c->owner, "user") == 0 && str_same(c->assignee, person);
	if (!already)
		code = own(a->store, c->id, "user", person, c->team, a->now_ms);
	if (!already && code == 0)
		code =
		    conversation_tell(a, id, "conversation.taken", NULL, NULL);
	if (!already && code == 0)
		code = leave(a, c);
	conversation_free(c);
	return code;
}

int
conversation_assign(struct act *a, const char *id, const char *person,
    const char *team)
{
	struct conversation *c = NULL;
	bool already;
	int code = conversation_get(a->store, id, &c);

	if (code < 0)
		return code;
	/* A team's conversation waits in the queue for one of its people. */
	already = strcmp(c->owner, person != NULL ? "user" : "queue") == 0 &&
	    str_same(c->assignee, person) && str_same(c->team, team);
	if (!already)
		code = own(a->store, c->id, person != NULL ? "user" : "queue",
		    person, team, a->now_ms);
	if (!already && code == 0)
		code = conversation_tell(a, id, "conversation.assigned", NULL,
		    NULL);
	if (!already && code == 0)
		code = leave(a, c);
	conversation_free(c);
	return code;
}

int
conversation_release(struct act *a, const char *id, bool to_ai)
{
	struct conversation *c = NULL;
	bool already;
	int code = conversation_get(a->store, id, &c);

	if (code < 0)
		return code;
	already = strcmp(c->owner, to_ai ? "ai" : "queue") == 0;
	if (!already)
		code = own(a->store, c->id, to_ai ? "ai" : "queue", NULL,
		    c->team, to_ai ? 0 : a->now_ms);
	if (!already && code == 0)
		code = conversation_tell(a, id, "conversation.released", NULL,
		    NULL);
	if (!already && code == 0)
		code = leave(a, c);
	conversation_free(c);
	return code;
}

int
conversation_pause(struct act *a, const char *id, int64_t until_ms)
{
	struct conversation *c = NULL;
	char until[TIME_TEXT_BYTES];
	int code = conversation_get(a->store, id, &c);

	if (code == 0 && strcmp(c->owner, "ai") == 0)
		code = own(a->store, c->id, "queue", NULL, c->team, a->now_ms);
	conversation_free(c);
	if (code < 0)
		return code;
	return conversation_tell(a, id, "conversation.paused",
	    until_ms != 0 ? "until" : NULL,
	    until_ms != 0 ? time_text(until_ms, until) : NULL);
}

/* Run q, bound; tell what it changed, if it changed anything. */
static int
change(struct act *a, struct query *q, const char *id, const char *type,
    const char *key, const char *value)
{
	int code;

	step(q);
	code = done(q);
	if (code < 0 || db_changes(store_desk(a->store)) == 0)
		return code;
	return conversation_tell(a, id, type, key, value);
}

int
conversation_resolve(struct act *a, const char *id)
{
	struct conversation *was = NULL;
	struct query q;
	int code = conversation_get(a->store, id, &was);

	if (code < 0)
		return code;
	q = query(store_desk(a->store),
	    "UPDATE conversation SET status = 'resolved',"
	    " owner_rev = owner_rev + 1, waiting_ms = NULL,"
	    " resolved_ms = :now"
	    " WHERE id = :id AND status NOT IN ('resolved', 'archived')");
	bind_text(&q, ":id", id);
	bind_int(&q, ":now", a->now_ms);
	step(&q);
	code = done(&q);
	if (code == 0 && db_changes(store_desk(a->store)) > 0) {
		if (str_starts(a->actor, "user:"))
			code = message_settle(a, id);
		if (code >= 0)
			code = conversation_tell(a, id, "conversation.resolved",
			    NULL, NULL);
		if (code == 0)
			code = leave(a, was);
	}
	conversation_free(was);
	return code;
}

int
conversation_archive(struct act *a, const char *id)
{
	struct query q;
	int code = conversation_resolve(a, id);

	if (code < 0)
		return code;
	q = query(store_desk(a->store),
	    "UPDATE conversation SET status = 'archived',"
	    " owner_rev = owner_rev + 1"
	    " WHERE id = :id AND status <> 'archived'");
	bind_text(&q, ":id", id);
	step(&q);
	code = done(&q);
	if (code < 0 || db_changes(store_desk(a->store)) == 0)
		return code;
	if (str_starts(a->actor, "user:") && (code = message_settle(a, id)) < 0)
		return code;
	return conversation_tell(a, id, "conversation.archived", NULL, NULL);
}

static int
reopen_at(struct act *a, const char *id, int64_t at_ms)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE conversation SET status = 'open',"
	    " owner_rev = owner_rev + 1, resolved_ms = NULL,"
	    " reopened_ms = :at"
	    " WHERE id = :id AND status IN ('resolved', 'archived')");

	bind_text(&q, ":id", id);
	bind_int(&q, ":at", at_ms);
	return change(a, &q, id, "conversation.reopened", NULL, NULL);
}

int
conversation_reopen(struct act *a, const char *id)
{
	return reopen_at(a, id, a->now_ms);
}

int
conversation_tag(struct act *a, const char *id, const char *tag)
{
	struct query q = query(store_desk(a->store),
	    "INSERT INTO conversation_tag (conversation, tag)"
	    " VALUES (:id, :tag) ON CONFLICT DO NOTHING");

	bind_text(&q, ":id", id);
	bind_text(&q, ":tag", tag);
	return change(a, &q, id, "conversation.tagged", "tag", tag);
}

int
conversation_untag(struct act *a, const char *id, const char *tag)
{
	struct query q = query(store_desk(a->store),
	    "DELETE FROM conversation_tag"
	    " WHERE conversation = :id AND tag = :tag");

	bind_text(&q, ":id", id);
	bind_text(&q, ":tag", tag);
	return change(a, &q, id, "conversation.untagged", "tag", tag);
}

bool
priority_valid(const char *priority)
{
	static const char *const all[] = { "low", "medium", "high", "urgent",
		NULL };

	return str_in(priority, all);
}

int
conversation_priority(struct act *a, const char *id, const char *priority)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE conversation SET priority = :priority"
	    " WHERE id = :id AND priority <> :priority");

	bind_text(&q, ":id", id);
	bind_text(&q, ":priority", priority);
	return change(a, &q, id, "conversation.prioritised", "priority",
	    priority);
}

static int
set_text(struct store *s, const char *sql, const char *id, const char *value)
{
	struct query q = query(store_desk(s), sql);

	bind_text(&q, ":id", id);
	bind_text(&q, ":value", value);
	step(&q);
	return done(&q);
}

int
conversation_set_language(struct store *s, const char *id, const char *language)
{
	return set_text(s,
	    "UPDATE conversation SET language = :value"
	    " WHERE id = :id AND language IS NOT :value"
	    " AND NOT EXISTS (SELECT 1 FROM contact k"
	    "  WHERE k.id = conversation.contact"
	    "  AND k.language_set IS NOT NULL)",
	    id, language);
}

int
conversation_set_profile(struct store *s, const char *id, const char *profile)
{
	return set_text(s,
	    "UPDATE conversation SET profile = :value"
	    " WHERE id = :id AND profile IS NOT :value",
	    id, profile);
}

/*
 * The places in the log after one, as a JSON array, and up to where that is
 * all there is: of each name it was told under the next max are looked at, so
 * that a page costs the same at the end of a long talk. Caller frees.
 */
static int
log_places(struct store *s, const char *id, int64_t after, int max,
    char **ret_places, int64_t *ret_end)
{
	struct query q = query(store_desk(s),
	    CONVERSATION_WAS_SQL
	    ", next AS (SELECT was.id, e.seq FROM was CROSS JOIN event e"
	    " ON e.seq IN (SELECT n.seq FROM event n"
	    "  WHERE n.subject = 'conversation/' || was.id AND n.seq > :after"
	    "  ORDER BY n.seq LIMIT :max)),"
	    " page AS (SELECT coalesce((SELECT min(seq) FROM (SELECT max(seq)"
	    "  AS seq FROM next GROUP BY id HAVING count(*) = :max)),"
	    "  (SELECT max(seq) FROM next), :after) AS last)"
	    " SELECT last, (SELECT json_group_array(e.seq) FROM next AS was"
	    "  CROSS JOIN event e ON e.seq = was.seq" CONVERSATION_HERE_SQL
	    "  AND e.seq <= last) FROM page");

	bind_text(&q, ":id", id);
	bind_int(&q, ":after", after);
	bind_int(&q, ":max", max);
	if (step(&q)) {
		*ret_end = column_int(&q, 0);
		*ret_places = column_copy(&q, 1);
	}
	return done(&q);
}

int
conversation_log(struct store *s, const char *id, int64_t after, int max,
    const char *const *types, struct event ***ret, size_t *ret_count,
    int64_t *ret_seq)
{
	struct conversation *c = NULL;
	int64_t end = after;
	char *places = NULL;
	int code = conversation_get(s, id, &c);

	if (code == 0)
		code = log_places(s, c->id, after, max, &places, &end);
	if (code == 0)
		code = log_read_these(s, places, types, ret, ret_count);
	if (code == 0)
		*ret_seq = end;
	free(places);
	conversation_free(c);
	return code;
}

int
conversation_moved(struct store *s, const char *from, const char *to,
    int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO mark (key, time_ms)"
	    " VALUES ('moved:' || :to || ':' || :from, :at)"
	    " ON CONFLICT DO NOTHING");

	bind_text(&q, ":from", from);
	bind_text(&q, ":to", to);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

char *
conversation_tags(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "SELECT tag FROM conversation_tag WHERE conversation = :id"
	    " ORDER BY tag");
	struct buf tags = BUF_INIT(0);

	bind_text(&q, ":id", id);
	while (step(&q)) {
		if (tags.len > 0)
			buf_addc(&tags, ',');
		buf_adds(&tags, column_text(&q, 0));
	}
	done(&q);
	return buf_detach(&tags);
}

void
turns_free(struct turn *turns, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		free(turns[i].direction);
		free(turns[i].kind);
		free(turns[i].author);
		free(turns[i].status);
		free(turns[i].text);
		json_decref(turns[i].content);
	}
	free(turns);
}

int
conversation_turns(struct store *s, const char *id, int n, bool current,
    const char *until, struct turn **ret, size_t *ret_count)
{
	/*
	 * An edit or a revocation is a row of its own that names the message
	 * it is about as the quoted one; the newest edit is what counts. The
	 * provider's clock knows seconds only: the log's order decides then.
	 */
	struct query q = query(store_desk(s),
	    "SELECT * FROM (SELECT m.id, m.direction, m.kind, m.author,"
	    " m.status, " TEXT_NOW_SQL ", m.content, m.wa_ms, " EDITED_SQL
	    ", " DELETED_SQL ", v.seq FROM message m JOIN conversation c"
	    " ON c.id = m.conversation LEFT JOIN event v ON v.id = m.id"
	    " WHERE m.conversation = :id"
	    " AND m.kind NOT IN ('edit', 'revoke')"
	    " AND (NOT :current OR m.wa_ms >= c.reopened_ms)"
	    " AND (:until IS NULL OR (m.wa_ms, coalesce(v.seq, 0)) <="
	    "  (SELECT u.wa_ms, coalesce((SELECT seq FROM event"
	    "   WHERE id = u.id), 0) FROM message u WHERE u.id = :until))"
	    " ORDER BY m.wa_ms DESC, v.seq DESC, m.id DESC LIMIT :n)"
	    " ORDER BY wa_ms, seq, id");
	struct turn *turns = NULL, *t;
	const char *text;
	size_t count = 0;
	int code;

	bind_text(&q, ":id", id);
	bind_int(&q, ":n", n);
	bind_int(&q, ":current", current);
	bind_text(&q, ":until", until);
	while (step(&q)) {
		turns = xrealloc(turns, (count + 1) * sizeof(*turns));
		t = &turns[count++];
		memset(t, 0, sizeof(*t));
		snprintf(t->id, sizeof(t->id), "%s", column_text(&q, 0));
		t->direction = column_copy(&q, 1);
		t->kind = column_copy(&q, 2);
		t->author = column_copy(&q, 3);
		t->status = column_copy(&q, 4);
		t->text = column_copy(&q, 5);
		text = column_text(&q, 6);
		if (text != NULL)
			json_object_parse(text, strlen(text), &t->content);
		t->wa_ms = column_int(&q, 7);
		t->edited = column_int(&q, 8) != 0;
		t->revoked = column_int(&q, 9) != 0;
	}
	code = done(&q);
	if (code < 0) {
		turns_free(turns, count);
		return code;
	}
	*ret = turns;
	*ret_count = count;
	return 0;
}
