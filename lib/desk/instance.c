/* instance - the WhatsApp numbers of the business */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/conversation.h"
#include "desk/instance.h"
#include "desk/message.h"
#include "desk/sla.h"

void
instance_free(struct instance *i)
{
	if (i == NULL)
		return;
	free(i->name);
	free(i->kind);
	free(i->phone_number_id);
	free(i->account_id);
	free(i->phone);
	free(i->ignored);
	free(i->sla);
	free(i);
}

#define IGNORED "status channels" /* where no setting says otherwise */

bool
instance_ignores(const struct instance *i, const char *place)
{
	const char *at = i->ignored;
	size_t len = strlen(place);

	while ((at = strstr(at, place)) != NULL) {
		if ((at == i->ignored || at[-1] == ' ') &&
		    (at[len] == ' ' || at[len] == '\0'))
			return true;
		at += len;
	}
	return false;
}

#define COLUMNS                                                      \
	"name, kind, phone_number_id, account_id, phone, ai, known," \
	" after_resolve = 'new', ignored, removed_ms IS NOT NULL, sla"

static int
row(struct query *q, struct instance **ret)
{
	struct instance *i = NULL;
	int code;

	if (step(q)) {
		i = xcalloc(1, sizeof(*i));
		i->name = column_copy(q, 0);
		i->kind = column_copy(q, 1);
		i->phone_number_id = column_copy(q, 2);
		i->account_id = column_copy(q, 3);
		i->phone = column_copy(q, 4);
		i->ai = column_int(q, 5) != 0;
		i->known = column_int(q, 6) != 0;
		i->after_resolve_new = column_int(q, 7) != 0;
		i->ignored = column_copy(q, 8);
		i->removed = column_int(q, 9) != 0;
		i->sla = column_copy(q, 10);
	}
	code = done(q);
	if (code == 0 && i == NULL)
		code = err_set(ERR_NOINPUT, "no such instance");
	if (code < 0)
		instance_free(i);
	else
		*ret = i;
	return code;
}

int
instance_get(struct store *s, const char *name, struct instance **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT " COLUMNS " FROM instance WHERE name = :name");

	bind_text(&q, ":name", name);
	return row(&q, ret);
}

static int
add(struct store *s, const struct instance *i)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO instance (name, kind, phone_number_id, account_id,"
	    " phone, ai, known, after_resolve, ignored, sla, created_ms)"
	    " VALUES (:name, :kind, :phone_number_id, :account_id, :phone,"
	    " :ai, :known, :after_resolve, :ignored, :sla, :now)"
	    " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind,"
	    " phone_number_id = excluded.phone_number_id,"
	    " account_id = coalesce(excluded.account_id, account_id),"
	    " phone = coalesce(excluded.phone, phone), ai = excluded.ai,"
	    " known = excluded.known, after_resolve = excluded.after_resolve,"
	    " ignored = excluded.ignored, sla = excluded.sla,"
	    " removed_ms = NULL");

	bind_text(&q, ":name", i->name);
	bind_text(&q, ":kind", i->kind);
	bind_text(&q, ":phone_number_id", i->phone_number_id);
	bind_text(&q, ":account_id", i->account_id);
	bind_text(&q, ":phone", i->phone);
	bind_int(&q, ":ai", i->ai);
	bind_int(&q, ":known", i->known);
	bind_text(&q, ":after_resolve",
	    i->after_resolve_new ? "new" : "reopen");
	bind_text(&q, ":ignored", i->ignored != NULL ? i->ignored : IGNORED);
	bind_text(&q, ":sla", i->sla);
	bind_int(&q, ":now", now_ms());
	step(&q);
	return done(&q);
}

int
instance_for(struct store *s, const char *phone_number_id,
    const char *account_id, const char *phone, struct instance **ret)
{
	struct instance new = { .name = (char *)phone_number_id,
		.kind = (char *)"cloud",
		.phone_number_id = (char *)phone_number_id,
		.account_id = (char *)account_id,
		.phone = (char *)phone };
	struct query q = query(store_desk(s),
	    "SELECT " COLUMNS " FROM instance WHERE phone_number_id = :id");
	int code;

	bind_text(&q, ":id", phone_number_id);
	code = row(&q, ret);
	if (code != ERR_NOINPUT)
		return code;
	code = add(s, &new);
	return code < 0 ? code : instance_get(s, phone_number_id, ret);
}

int
instance_need(struct store *s, const char *name, struct instance **ret)
{
	struct instance new = { .name = (char *)name,
		.kind = (char *)"cloud",
		.ai = true,
		.known = true };
	int code = instance_get(s, name, ret);

	if (code != ERR_NOINPUT)
		return code;
	code = add(s, &new);
	return code < 0 ? code : instance_get(s, name, ret);
}

static bool
equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The instance a section declares; borrowed strings. */
static int
declared(const struct conf *c, const char *section, struct instance *i)
{
	const char *kind = conf_get(c, section, "kind"),
		   *after = conf_get(c, section, "after_resolve");

	memset(i, 0, sizeof(*i));
	i->name = (char *)section + strlen("instance ");
	i->kind = (char *)(kind != NULL ? kind : "cloud");
	i->phone_number_id = (char *)conf_get(c, section, "phone_number_id");
	i->account_id = (char *)conf_get(c, section, "account_id");
	i->phone = (char *)conf_get(c, section, "phone");
	i->known = true;
	i->after_resolve_new = after != NULL && strcmp(after, "new") == 0;
	i->ignored = (char *)conf_get(c, section, "ignore");
	i->sla = (char *)conf_get(c, section, "sla");
	return conf_bool(c, section, "ai", true, &i->ai);
}

/* What is kept differs from what is declared: 1, 0 or an ERR. */
static int
differs(struct store *s, const struct instance *want)
{
	struct instance *is = NULL;
	int code = instance_get(s, want->name, &is);

	if (code == ERR_NOINPUT)
		return 1;
	if (code < 0)
		return code;
	code = !equal(is->kind, want->kind) ||
	    !equal(is->phone_number_id, want->phone_number_id) ||
	    (want->account_id && !equal(is->account_id, want->account_id)) ||
	    (want->phone && !equal(is->phone, want->phone)) ||
	    is->ai != want->ai || !is->known ||
	    is->after_resolve_new != want->after_resolve_new ||
	    !equal(is->sla, want->sla) ||
	    !equal(is->ignored,
		want->ignored != NULL ? want->ignored : IGNORED);
	instance_free(is);
	return code;
}

static int
each(struct store *s, const struct conf *c, bool change)
{
	const struct conf_entry *e;
	const char *last = "";
	struct instance i;
	size_t n;
	int code;

	for (n = 0; n < conf_count(c); n++) {
		e = conf_entry(c, n);
		if (!str_starts(e->section, "instance ") ||
		    strcmp(e->section, last) == 0)
			continue;
		last = e->section;
		code = declared(c, e->section, &i);
		if (code == 0)
			code = differs(s, &i);
		if (code < 0)
			return code;
		if (code == 1 && !change)
			return 1;
		/* An unknown number that is declared now keeps its rows under
		 * its old name; new messages come under the new one. */
		if (code == 1 && i.phone_number_id != NULL) {
			struct query q = query(store_desk(s),
			    "UPDATE instance SET phone_number_id = NULL"
			    " WHERE phone_number_id = :id AND name <> :name");

			bind_text(&q, ":id", i.phone_number_id);
			bind_text(&q, ":name", i.name);
			step(&q);
			code = done(&q);
			if (code < 0)
				return code;
			code = 1;
		}
		if (code == 1 && (code = add(s, &i)) == 0)
			code = sla_instance_changed(s, i.name);
		if (code < 0)
			return code;
	}
	return 0;
}

int
instances_sync(struct store *s, const struct conf *c)
{
	return each(s, c, true);
}

int
instances_load(struct store *s, const struct conf *c)
{
	int code = each(s, c, false);

	if (code != 1)
		return code;
	code = store_begin(s);
	if (code < 0)
		return code;
	code = instances_sync(s, c);
	if (code < 0) {
		store_rollback(s);
		return code;
	}
	return store_commit(s);
}

/* Those of the settings, where no program of this store has read them yet. */
static int
sync_once(struct store *s)
{
	static bool read;
	struct conf *c = NULL;
	int code = 0;

	if (read)
		return 0;
	read = true;
	if (conf_open(&c) == 0)
		code = instances_sync(s, c);
	conf_close(c);
	return code;
}

int
instance_meant(struct store *s, char **ret)
{
	struct query q;
	char *name = NULL;
	int code = sync_once(s);

	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "SELECT iif(count(*) = 1, max(name), 'default') FROM instance"
	    " WHERE known AND removed_ms IS NULL");
	if (step(&q))
		name = column_copy(&q, 0);
	code = done(&q);
	if (code < 0)
		free(name);
	else
		*ret = name;
	return code;
}

/* --- state --- */

static char *
subject_of(const char *name)
{
	return xformat("instance/%s", name);
}

/* What every event of an instance has. */
static json_t *
data_of(const struct act *a, const char *name)
{
	json_t *data = json_object();

	json_put(data, "instance", name);
	json_put(data, "actor", a->actor);
	return data;
}

static int
emit(struct act *a, const char *type, const char *name, json_t *data)
{
	char *subject = subject_of(name);
	int code = act_emit(a, type, subject, data, NULL);

	free(subject);
	return code;
}

/* The state that is kept: 1, 0 if the instance is not known, or an ERR. */
static int
state_now(struct store *s, const char *name, char ret_state[16],
    char **ret_reason)
{
	struct query q = query(store_desk(s),
	    "SELECT state, reason FROM instance"
	    " WHERE name = :name AND known AND removed_ms IS NULL");
	int found, code;

	*ret_reason = NULL;
	bind_text(&q, ":name", name);
	found = step(&q);
	if (found) {
		snprintf(ret_state, 16, "%s", column_text(&q, 0));
		*ret_reason = column_copy(&q, 1);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

static int
state_put(struct act *a, const char *name, const char *state,
    const char *reason, bool since)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE instance SET state = :state, reason = :reason,"
	    " state_ms = iif(:since, :now, state_ms) WHERE name = :name");

	bind_text(&q, ":state", state);
	bind_text(&q, ":reason", reason);
	bind_int(&q, ":since", since);
	bind_int(&q, ":now", a->now_ms);
	bind_text(&q, ":name", name);
	step(&q);
	return done(&q);
}

static int
change_state(struct act *a, const char *name, const char *state,
    const char *reason, json_t *error, bool always)
{
	char was[16] = "", *old = NULL, *type;
	int code = state_now(a->store, name, was, &old);
	bool news = strcmp(was, state) != 0;
	json_t *data;

	if (code == 1 && (news || always || !equal(old, reason))) {
		code = state_put(a, name, state, reason, news || always);
		if (code == 0 && (news || always)) {
			data = data_of(a, name);
			json_put(data, "was", was);
			json_put(data, "reason", reason);
			if (error == NULL && strcmp(state, "error") == 0)
				error = json_pack("{ss}", "title",
				    reason != NULL ? reason : "not known");
			json_put_new(data, "error", error);
			error = NULL;
			type = xformat("instance.%s", state);
			code = emit(a, type, name, data);
			free(type);
		}
	}
	json_decref(error);
	free(old);
	return code < 0 ? code : 0;
}

int
instance_state(struct act *a, const char *name, const char *state,
    const char *reason)
{
	return change_state(a, name, state, reason, NULL, false);
}

int
instance_trouble(struct act *a, const char *name, const char *reason,
    json_t *error)
{
	return change_state(a, name, "error", reason, error, false);
}

int
instance_restart(struct act *a, const char *name)
{
	int code = change_state(a, name, "connecting", "restarted", NULL, true);

	return code < 0 ? code : act_audit(a, "instance.restart", name, NULL);
}

int
instance_seen(struct store *s, const char *name, int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "UPDATE instance SET seen_ms = :at WHERE name = :name"
	    " AND (seen_ms IS NULL OR seen_ms <= :at - :every)");

	bind_text(&q, ":name", name);
	bind_int(&q, ":at", at_ms);
	bind_int(&q, ":every", INSTANCE_SEEN_MS);
	step(&q);
	return done(&q);
}

/* coalesce: in a RETURNING of SQLite 3.40 NULL IS NULL is false. */
int
instance_arrived(struct store *s, const char *name, int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "UPDATE instance SET seen_ms = max(:at, coalesce(seen_ms, 0))"
	    " WHERE name = :name AND (seen_ms IS NULL"
	    "  OR seen_ms <= :at - :every OR (known AND state = 'connecting')"
	    "  OR seen_ms <= removed_ms)"
	    " RETURNING known AND coalesce(removed_ms, 0) = 0"
	    "  AND state = 'connecting'");
	bool due;
	int code;

	bind_text(&q, ":name", name);
	bind_int(&q, ":at", at_ms);
	bind_int(&q, ":every", INSTANCE_SEEN_MS);
	due = step(&q) && column_int(&q, 0) != 0;
	while (step(&q))
		;
	code = done(&q);
	return code < 0 ? code : due;
}

/* --- what the provider says --- */

/* In the order of the columns; what is told in the event, or only named. */
static const struct {
	const char *name;
	bool text, told;
} fact_kinds[] = {
	{ "quality", true, true },
	{ "messaging_limit", true, true },
	{ "throughput", true, true },
	{ "number_status", true, true },
	{ "name_status", true, true },
	{ "verified_name", true, false },
	{ "phone", true, false },
	{ "token_expires_ms", false, true },
};
#define FACTS (sizeof(fact_kinds) / sizeof(fact_kinds[0]))

/* One fact to its column: 1 if it differs. The names are our own. */
static int
put_fact(struct store *s, const char *instance, size_t kind,
    const json_t *value)
{
	char *sql = xformat("UPDATE instance SET %s = :value"
			    " WHERE name = :name AND %s IS NOT :value",
	    fact_kinds[kind].name, fact_kinds[kind].name);
	struct query q = query(store_desk(s), sql);
	int code;

	bind_text(&q, ":name", instance);
	if (json_is_string(value))
		bind_text(&q, ":value", json_string_value(value));
	else if (json_is_integer(value))
		bind_int(&q, ":value", json_integer_value(value));
	else
		bind_null(&q, ":value");
	step(&q);
	code = done(&q);
	free(sql);
	return code < 0 ? code : db_changes(store_desk(s)) > 0;
}

static int
put_checked(struct store *s, const char *name, int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "UPDATE instance SET checked_ms = :at WHERE name = :name");

	bind_text(&q, ":name", name);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

int
instance_note(struct act *a, const char *name, const json_t *facts)
{
	json_t *changed = json_array(), *data = data_of(a, name), *value;
	const char *key;
	int code = 0;
	size_t i;

	for (i = 0; i < FACTS && code >= 0; i++) {
		key = fact_kinds[i].name;
		value = json_object_get(facts, key);
		if (value == NULL)
			continue;
		code = put_fact(a->store, name, i, value);
		if (code != 1)
			continue;
		if (strcmp(key, "token_expires_ms") == 0)
			key = "token_expires";
		json_array_append_new(changed, json_string(key));
		if (fact_kinds[i].text && fact_kinds[i].told)
			json_object_set(data, key, value);
	}
	value = json_object_get(facts, "checked_ms");
	if (code >= 0 && value != NULL)
		code = put_checked(a->store, name, json_integer_value(value));
	if (code >= 0 && json_array_size(changed) > 0) {
		json_object_set(data, "changed", changed);
		code = emit(a, "instance.changed", name, json_incref(data));
	}
	json_decref(data);
	json_decref(changed);
	return code < 0 ? code : 0;
}

/* --- deeds of people --- */

int
instance_changed(struct act *a, const char *name, json_t *changed)
{
	json_t *data = data_of(a, name);
	int code;

	json_object_set(data, "changed", changed);
	code = emit(a, "instance.changed", name, data);
	if (code == 0)
		code = act_audit(a, "instance.set", name,
		    json_pack("{sO}", "changed", changed));
	json_decref(changed);
	return code;
}

int
instance_added(struct act *a, const char *name)
{
	struct instance *i = NULL;
	json_t *data;
	int code = instance_get(a->store, name, &i);

	if (code < 0)
		return code;
	data = data_of(a, name);
	json_put(data, "kind", i->kind);
	code = emit(a, "instance.added", name, data);
	if (code == 0)
		code = act_audit(a, "instance.add", name, NULL);
	instance_free(i);
	return code;
}

/* The list is there for the index, which is of these alone. */
#define QUEUED                                                 \
	" FROM message WHERE direction = 'out' AND status IN"  \
	" ('queued', 'sending', 'held') AND status = 'queued'" \
	" AND instance = :name"

int
instance_queued(struct store *s, const char *name, int64_t *ret)
{
	struct query q = query(store_desk(s), "SELECT count(*)" QUEUED);
	int64_t n = 0;
	int code;

	bind_text(&q, ":name", name);
	if (step(&q))
		n = column_int(&q, 0);
	code = done(&q);
	if (code == 0)
		*ret = n;
	return code;
}

int
instance_remove(struct act *a, const char *name)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE instance SET known = 0, ai = 0, removed_ms = :now"
	    " WHERE name = :name AND removed_ms IS NULL AND known");
	int code;

	bind_text(&q, ":name", name);
	bind_int(&q, ":now", a->now_ms);
	step(&q);
	code = done(&q);
	if (code == 0 && db_changes(store_desk(a->store)) == 0)
		code = err_set(ERR_NOINPUT, "no instance '%s'", name);
	if (code == 0)
		code = emit(a, "instance.removed", name, data_of(a, name));
	if (code == 0)
		code = act_audit(a, "instance.rm", name, NULL);
	return code;
}

static int
cancel(struct act *a, const char *id)
{
	struct message *m = NULL;
	char subject[32];
	json_t *data;
	int code = message_get(a->store, id, &m);

	if (code < 0)
		return code;
	code = message_climb(a->store, id, "cancelled");
	if (code >= 0)
		code = message_unsaid(a->store, id);
	if (code == 0) {
		data = json_object();
		json_put(data, "message", m->id);
		json_put(data, "conversation", m->conversation);
		json_put(data, "contact", m->contact);
		json_put(data, "instance", m->instance);
		json_put(data, "kind", m->kind);
		json_put(data, "reason", "removed");
		code = act_emit(a, "message.cancelled",
		    conversation_subject(m->conversation, subject), data, NULL);
	}
	message_free(m);
	return code;
}

int
instance_cancel(struct act *a, const char *name)
{
	struct query q =
	    query(store_desk(a->store), "SELECT id" QUEUED " LIMIT :max");
	char ids[DB_BATCH_ROWS][ULID_BYTES];
	size_t n = 0, i;
	int code;

	bind_text(&q, ":name", name);
	bind_int(&q, ":max", DB_BATCH_ROWS);
	while (step(&q) && n < DB_BATCH_ROWS)
		snprintf(ids[n++], ULID_BYTES, "%s", column_text(&q, 0));
	code = done(&q);
	for (i = 0; i < n && code == 0; i++)
		code = cancel(a, ids[i]);
	return code < 0 ? code : (int)n;
}

bool
instance_concerns_sending(const struct event *e)
{
	static const char *const keys[] = { "token", "token_file", "url",
		"api_version", "phone_number_id", "account_id", NULL };
	const json_t *changed = json_object_get(e->data, "changed"), *key;
	size_t i;

	if (strcmp(e->type, "instance.connecting") == 0 ||
	    strcmp(e->type, "instance.removed") == 0)
		return true;
	json_array_foreach(changed, i, key)
		if (json_is_string(key) && str_in(json_string_value(key), keys))
			return true;
	return false;
}

int
instance_hurry(struct store *s, const char *name)
{
	struct query q = query(store_desk(s),
	    "UPDATE job SET due_ms = :now WHERE stage IN ('wa-send', 'wa-media')"
	    " AND due_ms > :now AND lease_until_ms IS NULL"
	    " AND substr(key, 1, length(:name) + 1) = :name || '/'");

	bind_text(&q, ":name", name);
	bind_int(&q, ":now", now_ms());
	step(&q);
	return done(&q);
}

/* --- looking --- */

#define ALL_COLUMNS                                                      \
	"name, kind, phone_number_id, account_id, phone, state, reason," \
	" quality, messaging_limit, throughput, number_status,"          \
	" verified_name, name_status, coalesce(state_ms, created_ms),"   \
	" seen_ms, token_expires_ms, checked_ms, removed_ms, known"

static void
put_time(json_t *o, const char *key, struct query *q, int column)
{
	char stamp[TIME_TEXT_BYTES];

	json_object_set_new(o, key,
	    column_null(q, column) ?
		json_null() :
		json_string(time_text(column_int(q, column), stamp)));
}

static json_t *
object_of(struct query *q)
{
	static const char *const texts[] = { "instance", "kind",
		"phone_number_id", "account_id", "phone", "state", "reason",
		"quality", "messaging_limit", "throughput", "number_status",
		"verified_name", "name_status", NULL };
	json_t *o = json_object();
	int i;

	for (i = 0; texts[i] != NULL; i++)
		json_object_set_new(o, texts[i],
		    json_text_new(column_text(q, i)));
	put_time(o, "since", q, 13);
	put_time(o, "seen", q, 14);
	if (!column_null(q, 15) && column_int(q, 15) == 0)
		json_put(o, "token_expires", "never");
	else
		put_time(o, "token_expires", q, 15);
	put_time(o, "checked", q, 16);
	put_time(o, "removed", q, 17);
	json_object_set_new(o, "known", json_boolean(column_int(q, 18) != 0));
	return o;
}

int
instance_json(struct store *s, const char *name, json_t **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT " ALL_COLUMNS " FROM instance WHERE name = :name");
	json_t *o = NULL;
	int code;

	bind_text(&q, ":name", name);
	if (step(&q))
		o = object_of(&q);
	code = done(&q);
	if (code == 0 && o == NULL)
		code = err_set(ERR_NOINPUT, "no instance '%s'", name);
	if (code == 0)
		*ret = o;
	else
		json_decref(o);
	return code;
}

int
instances_json(struct store *s, json_t **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT " ALL_COLUMNS " FROM instance"
	    " WHERE (removed_ms IS NULL OR seen_ms > removed_ms)"
	    /* A number that was set up under another name is told of there. */
	    " AND (known OR phone_number_id IS NOT NULL) ORDER BY name");
	json_t *list = json_array();
	int code;

	while (step(&q))
		json_array_append_new(list, object_of(&q));
	code = done(&q);
	if (code == 0)
		*ret = list;
	else
		json_decref(list);
	return code;
}
