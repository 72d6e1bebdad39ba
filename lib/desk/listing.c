/* listing - which conversations there are, in what order, a line of each */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/contact.h"
#include "desk/conversation.h"
#include "desk/instance.h"
#include "desk/listing.h"
#include "desk/message.h"
#include "desk/transcript.h"
#include "desk/typist.h"

int
listing_sort_named(const char *name, enum listing_sort *ret)
{
	static const char *const names[] = { "wait", "last", "opened",
		"priority", "due", NULL };
	int i;

	for (i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0) {
			*ret = (enum listing_sort)i;
			return 0;
		}
	return err_set(ERR_USAGE,
	    "no order is named '%s': wait, last, opened, priority or due",
	    name);
}

/* ["open","snoozed"] of "open,snoozed", NULL of NULL. Caller frees. */
static char *
words_json(const char *list)
{
	json_t *a;
	char *copy, *word, *rest, *text;

	if (list == NULL)
		return NULL;
	a = json_array();
	rest = copy = xstrdup(list);
	while ((word = strsep(&rest, ",")) != NULL)
		json_array_append_new(a, json_text_new(word));
	text = json_text(a);
	free(copy);
	json_decref(a);
	return text;
}

/* The tags that are asked for, each once. */
static char *
tags_json(const struct listing_filter *f, int64_t *ret_count)
{
	json_t *a = json_array();
	char *text;
	size_t i, j;

	for (i = 0; i < f->ntags; i++) {
		for (j = 0; j < i; j++)
			if (strcmp(f->tags[i], f->tags[j]) == 0)
				break;
		if (j == i)
			json_array_append_new(a, json_text_new(f->tags[i]));
	}
	*ret_count = (int64_t)json_array_size(a);
	text = json_text(a);
	json_decref(a);
	return text;
}

static void
bind_words(struct query *q, const char *name, const char *list)
{
	char *json = words_json(list);

	bind_text(q, name, json);
	free(json);
}

#define KEYS_SQL                                                         \
	"SELECT c.id, coalesce(c.waiting_ms, 0),"                        \
	" max(coalesce(c.last_in_ms, 0), coalesce(c.last_out_ms, 0)),"   \
	" c.opened_ms, CASE c.priority WHEN 'urgent' THEN 0 WHEN 'high'" \
	"  THEN 1 WHEN 'medium' THEN 2 ELSE 3 END,"                      \
	" coalesce(c.due_ms, 0)"                                         \
	" FROM conversation c WHERE c.merged_into IS NULL" LISTING_FILTER_SQL

#define KEYS_OF_STATUSES_SQL \
	KEYS_SQL " AND c.status IN (SELECT value FROM json_each(:statuses))"
#define KEYS_OF_CONTACTS_SQL        \
	KEYS_SQL LISTING_STATUS_SQL \
	    " AND c.contact IN (SELECT value FROM json_each(:contacts))"

void
listing_bind(struct query *q, const struct listing_filter *f, int64_t at_ms,
    bool with_statuses)
{
	int64_t ntags;
	char *tags = tags_json(f, &ntags);

	if (with_statuses)
		bind_words(q, ":statuses", f->statuses);
	bind_words(q, ":owners", f->owners);
	bind_words(q, ":priorities", f->priorities);
	bind_words(q, ":instances", f->instances);
	bind_words(q, ":teams", f->teams);
	bind_words(q, ":languages", f->languages);
	bind_words(q, ":promises", f->promises);
	bind_int(q, ":now", at_ms);
	bind_text(q, ":assignee", f->assignee);
	bind_text(q, ":contacts", f->contacts);
	bind_int(q, ":waiting", f->waiting);
	if (f->waiting_over_ms > 0)
		bind_int(q, ":before", at_ms - f->waiting_over_ms);
	else
		bind_null(q, ":before");
	bind_text(q, ":tags", tags);
	bind_int(q, ":ntags", ntags);
	bind_text(q, ":unread_of", f->unread_of);
	free(tags);
}

static int
up(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_wait(const struct listing_key *a, const struct listing_key *b)
{
	int order = up(a->waiting_ms == 0, b->waiting_ms == 0);

	if (order == 0 && a->waiting_ms != 0)
		order = up(a->rank, b->rank);
	if (order == 0)
		order = a->waiting_ms != 0 ? up(a->waiting_ms, b->waiting_ms) :
					     up(b->last_ms, a->last_ms);
	return order;
}

static int
compare(const void *one, const void *other, void *filter)
{
	const struct listing_key *a = one, *b = other;
	const struct listing_filter *f = filter;
	int order = 0;

	switch (f->sort) {
	case SORT_WAIT:
		order = compare_wait(a, b);
		break;
	case SORT_LAST:
		order = up(b->last_ms, a->last_ms);
		break;
	case SORT_OPENED:
		order = up(b->opened_ms, a->opened_ms);
		break;
	case SORT_DUE:
		order = up(a->due_ms == 0, b->due_ms == 0);
		if (order == 0)
			order = up(a->due_ms, b->due_ms);
		if (order == 0)
			order = compare_wait(a, b);
		break;
	case SORT_PRIORITY:
		order = up(a->rank, b->rank);
		if (order == 0)
			order = compare_wait(a, b);
		break;
	}
	if (order == 0)
		order = strcmp(a->id, b->id);
	return f->reverse ? -order : order;
}

int
listing_keys(struct store *s, const struct listing_filter *f, int64_t at_ms,
    struct listing_key **ret, size_t *ret_count)
{
	/* What a list behind OR cannot be asked by: an index. */
	const char *sql = f->contacts != NULL ? KEYS_OF_CONTACTS_SQL :
	    f->statuses != NULL		      ? KEYS_OF_STATUSES_SQL :
						KEYS_SQL;
	struct query q = query(store_desk(s), sql);
	struct listing_key *keys = NULL, *k;
	size_t n = 0, room = 0;
	int code;

	listing_bind(&q, f, at_ms, f->statuses != NULL || f->contacts != NULL);
	while (step(&q)) {
		if (n == room) {
			room = room * 2 + 64;
			keys = xrealloc(keys, room * sizeof(*keys));
		}
		k = &keys[n++];
		snprintf(k->id, sizeof(k->id), "%s", column_text(&q, 0));
		k->waiting_ms = column_int(&q, 1);
		k->last_ms = column_int(&q, 2);
		k->opened_ms = column_int(&q, 3);
		k->rank = (int)column_int(&q, 4);
		k->due_ms = column_int(&q, 5);
	}
	code = done(&q);
	if (code < 0) {
		free(keys);
		return code;
	}
	/* Thousands of rows lie all over the file: what one of them has read the
	 * next one finds. A limit, not a need. */
	if (n > LISTING_PAGE)
		db_exec(store_desk(s), "PRAGMA cache_size = -65536");
	if (n > 0)
		qsort_r(keys, n, sizeof(*keys), compare, (void *)f);
	*ret = keys;
	*ret_count = f->max > 0 && (size_t)f->max < n ? (size_t)f->max : n;
	return 0;
}

int
listing_instances(struct store *s, const char *names)
{
	struct instance *i = NULL;
	char *copy = xstrdup(names), *word, *rest = copy;
	int code = 0;

	while (code == 0 && (word = strsep(&rest, ",")) != NULL) {
		code = instance_get(s, word, &i);
		if (code == ERR_NOINPUT)
			code = err_set(code, "no instance is named '%s'", word);
		instance_free(i);
		i = NULL;
	}
	free(copy);
	return code;
}

int
listing_check(const char *name, const char *list)
{
	static const char *const statuses[] = { "open", "snoozed", "resolved",
		"archived", "all", NULL };
	static const char *const owners[] = { "ai", "queue", "user", NULL };
	static const char *const priorities[] = { "low", "medium", "high",
		"urgent", NULL };
	static const char *const promises[] = { "missed", "due", NULL };
	const char *const *known = strcmp(name, "status") == 0 ? statuses :
	    strcmp(name, "owner") == 0			       ? owners :
	    strcmp(name, "sla") == 0			       ? promises :
								 priorities;
	char *copy, *word, *rest;
	int code = 0;

	if (list == NULL)
		return 0;
	rest = copy = xstrdup(list);
	while (code == 0 && (word = strsep(&rest, ",")) != NULL)
		if (!str_in(word, known))
			code = err_set(ERR_USAGE, "%s: unknown word '%s'", name,
			    word);
	free(copy);
	return code;
}

static int
narrow_by(struct store *s, const char *key, char *value, const char *self,
    struct listing_filter *f, struct listing_words *w)
{
	if (value == NULL) {
		if (strcmp(key, "unread") == 0)
			f->unread_of = self;
		else if (strcmp(key, "waiting") == 0)
			f->waiting = true;
		else if (strcmp(key, "mine") == 0)
			f->assignee = self;
		else
			return err_set(ERR_USAGE,
			    "no filter is '%s': unread, waiting, mine, "
			    "owner=queue, ...",
			    key);
		return 0;
	}
	if (strcmp(key, "assignee") == 0)
		f->assignee = strcmp(value, "me") == 0 ? self : value;
	else if (strcmp(key, "instance") == 0)
		f->instances = value;
	else if (strcmp(key, "language") == 0)
		f->languages = value;
	else if (strcmp(key, "owner") == 0)
		f->owners = value;
	else if (strcmp(key, "priority") == 0)
		f->priorities = value;
	else if (strcmp(key, "status") == 0)
		f->statuses = strcmp(value, "all") == 0 ? NULL : value;
	else if (strcmp(key, "sla") == 0)
		f->promises = value;
	else if (strcmp(key, "team") == 0)
		f->teams = value;
	else if (strcmp(key, "waiting-over") == 0)
		return duration_parse(value, &f->waiting_over_ms);
	else if (strcmp(key, "contact") == 0 && w->contacts == NULL)
		return listing_contacts(s, value, &w->contacts);
	else if (strcmp(key, "tag") == 0 && f->ntags < 8)
		w->tags[f->ntags++] = value;
	else
		return err_set(ERR_USAGE, "no filter is '%s'", key);
	return 0;
}

int
listing_narrow(struct store *s, const char *words, const char *self,
    struct listing_filter *f, struct listing_words *ret)
{
	struct listing_words w = { .text = xstrdup(words) };
	char *rest = w.text, *word, *value;
	size_t before = f->ntags;
	int code = 0;

	f->ntags = 0;
	while (code == 0 && (word = strsep(&rest, " ")) != NULL) {
		if (*word == '\0')
			continue;
		value = strchr(word, '=');
		if (value != NULL)
			*value++ = '\0';
		code = narrow_by(s, word, value, self, f, &w);
	}
	if (code == 0)
		code = listing_check("status", f->statuses);
	if (code == 0)
		code = listing_check("owner", f->owners);
	if (code == 0)
		code = listing_check("priority", f->priorities);
	if (code == 0)
		code = listing_check("sla", f->promises);
	if (code == 0 && f->instances != NULL)
		code = listing_instances(s, f->instances);
	if (code < 0) {
		listing_words_release(&w);
		return code;
	}
	*ret = w;
	if (ret->contacts != NULL)
		f->contacts = ret->contacts;
	if (f->ntags > 0)
		f->tags = (const char *const *)ret->tags;
	else
		f->ntags = before;
	return 0;
}

void
listing_words_release(struct listing_words *w)
{
	free(w->text);
	free(w->contacts);
	memset(w, 0, sizeof(*w));
}

/* The contacts a statement finds by :text, as JSON. */
static int
found_contacts(struct store *s, const char *sql, const char *text, json_t *ids)
{
	struct query q = query(store_desk(s), sql);

	bind_text(&q, ":text", text);
	while (step(&q))
		json_array_append_new(ids, json_text_new(column_text(&q, 0)));
	return done(&q);
}

/* "+49 1701 111-111" as an alias has it. Caller frees. */
static char *
as_alias(const char *text)
{
	char *bare = xstrdup(text), *to = bare;
	const char *p;

	if (text[strspn(text, "+0123456789 ()-./")] != '\0')
		return bare;
	for (p = text; *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			*to++ = *p;
	*to = '\0';
	return bare;
}

#define BY_ID_SQL \
	"SELECT coalesce(merged_into, id) FROM contact WHERE id = :text"
/* By all instances and kinds, so that the table's key is of use. */
#define BY_ALIAS_SQL                                                  \
	"SELECT DISTINCT a.contact FROM instance i JOIN held_alias a" \
	" ON a.instance = i.name AND a.kind IN ('phone', 'username'," \
	"  'bsuid', 'lid', 'parent_bsuid', 'group', 'other')"         \
	" AND a.value = :text"
#define BY_NAME_SQL                                                \
	"SELECT id FROM contact WHERE name = :text COLLATE NOCASE" \
	" AND merged_into IS NULL"

int
listing_contacts(struct store *s, const char *text, char **ret)
{
	static const char *const by[] = { BY_ID_SQL, BY_ALIAS_SQL,
		BY_NAME_SQL };
	char id[SHORT_ID_BYTES], *alias = as_alias(text);
	struct conversation *c = NULL;
	json_t *ids = json_array();
	int code = 0;
	size_t i;

	for (i = 0; code == 0 && i < 3 && json_array_size(ids) == 0; i++)
		code = found_contacts(s, by[i], i == 1 ? alias : text, ids);
	if (code == 0 && json_array_size(ids) == 0) {
		code = conversation_named(s, text, id);
		if (code == 0)
			code = conversation_get(s, id, &c);
		if (code == 0)
			json_array_append_new(ids, json_text_new(c->contact));
		else if (code == ERR_NOINPUT)
			code = err_set(code, "no contact or conversation %s",
			    text);
	}
	if (code == 0)
		*ret = json_text(ids);
	conversation_free(c);
	json_decref(ids);
	free(alias);
	return code;
}

/* What counts as the last words: no notes of ours, nothing about another one.
 * Not as a list: SQLite makes a table of it, each time. */
#define LAST_WORDS_SQL                                                \
	"direction <> 'note' AND kind <> 'edit' AND kind <> 'revoke'" \
	" AND kind <> 'reaction'"

/* Inside a second of the provider the order of arrival tells what came last. */
static int
find_last(struct store *s, const char *id, char ret[ULID_BYTES])
{
	struct query q = query(store_desk(s),
	    "SELECT l.id FROM message l LEFT JOIN event e ON e.id = l.id"
	    " WHERE l.conversation = :id AND " LAST_WORDS_SQL
	    " ORDER BY l.wa_ms DESC, e.seq DESC LIMIT 1");

	bind_text(&q, ":id", id);
	ret[0] = '\0';
	if (step(&q))
		snprintf(ret, ULID_BYTES, "%s", column_text(&q, 0));
	return done(&q);
}

/* The newest of all if no other is of its instant: by an index alone. */
static int
find_newest(struct store *s, const char *id, char ret[ULID_BYTES])
{
	struct query q = query(store_desk(s),
	    "SELECT id, wa_ms FROM message WHERE conversation = :id"
	    " ORDER BY wa_ms DESC LIMIT 2");
	int64_t ms;

	bind_text(&q, ":id", id);
	ret[0] = '\0';
	if (step(&q)) {
		snprintf(ret, ULID_BYTES, "%s", column_text(&q, 0));
		ms = column_int(&q, 1);
		if (step(&q) && column_int(&q, 1) == ms)
			ret[0] = '\0';
	}
	return done(&q);
}

static int
read_message(struct store *s, const char *message, struct listed *l)
{
	struct query q = query(store_desk(s),
	    "SELECT direction, kind, " TEXT_NOW_SQL ", status, " EDITED_SQL
	    ", " DELETED_SQL
	    " FROM message m WHERE id = :id AND " LAST_WORDS_SQL);

	bind_text(&q, ":id", message);
	if (step(&q)) {
		l->direction = column_copy(&q, 0);
		l->kind = column_copy(&q, 1);
		l->text = column_copy(&q, 2);
		l->sent = column_copy(&q, 3);
		l->is_edited = column_int(&q, 4) != 0;
		l->is_deleted = column_int(&q, 5) != 0;
	}
	return done(&q);
}

static int
read_last(struct store *s, struct listed *l)
{
	char message[ULID_BYTES];
	int code = find_newest(s, l->id, message);

	if (code == 0 && message[0] != '\0')
		code = read_message(s, message, l);
	if (code < 0 || l->kind != NULL)
		return code;
	code = find_last(s, l->id, message);
	return code < 0 ? code : read_message(s, message, l);
}

/* What the customer said last, who waits and got words of ours that answer
 * nothing, such as an automatic reply. */
static int
read_asked(struct store *s, struct listed *l)
{
	struct query q = query(store_desk(s),
	    "SELECT m.kind, " TEXT_NOW_SQL ", " EDITED_SQL ", " DELETED_SQL
	    " FROM message m WHERE m.conversation = :id"
	    " AND m.direction = 'in' AND " LAST_WORDS_SQL
	    " ORDER BY m.wa_ms DESC, m.stored_ms DESC LIMIT 1");

	bind_text(&q, ":id", l->id);
	if (step(&q)) {
		l->asked_kind = column_copy(&q, 0);
		l->asked = column_copy(&q, 1);
		l->is_asked_edited = column_int(&q, 2) != 0;
		l->is_asked_deleted = column_int(&q, 3) != 0;
	}
	return done(&q);
}

static int
read_row(struct store *s, const char *id, struct listed *l, bool *ret_group)
{
	struct query q = query(store_desk(s),
	    "SELECT c.id, c.status, c.owner, c.assignee, c.team, c.priority,"
	    " c.instance, c.contact, ct.name, c.language, ct.kind,"
	    " c.waiting_ms, max(coalesce(c.last_in_ms, 0),"
	    " coalesce(c.last_out_ms, 0)), c.opened_ms"
	    " FROM conversation c JOIN contact ct ON ct.id = c.contact"
	    " WHERE c.id = :id AND c.merged_into IS NULL");
	char **texts[] = { &l->id, &l->status, &l->owner, &l->assignee,
		&l->team, &l->priority, &l->instance, &l->contact, &l->name,
		&l->language };
	bool found;
	int i, code;

	bind_text(&q, ":id", id);
	found = step(&q);
	if (found) {
		for (i = 0; i < 10; i++)
			*texts[i] = column_copy(&q, i);
		*ret_group = strcmp(column_text(&q, 10), "group") == 0;
		l->waiting_ms = column_int(&q, 11);
		l->last_ms = column_int(&q, 12);
		l->opened_ms = column_int(&q, 13);
	}
	code = done(&q);
	if (code == 0 && !found)
		code = err_set(ERR_NOINPUT, "no conversation %s", id);
	return code;
}

/* Of each kind the name that the contact took last. All in one look, and not
 * sorted by SQLite, which makes a table to do so. */
static int
read_aliases(struct store *s, struct listed *l)
{
	struct query q = query(store_desk(s),
	    "SELECT kind, value, since_ms FROM held_alias"
	    " WHERE contact = :contact");
	char **places[] = { &l->phone, &l->username, &l->group };
	static const char *const kinds[] = { "phone", "username", "group" };
	int64_t since[3] = { 0 };
	int i;

	bind_text(&q, ":contact", l->contact);
	while (step(&q))
		for (i = 0; i < 3; i++) {
			if (strcmp(column_text(&q, 0), kinds[i]) != 0 ||
			    (*places[i] != NULL &&
				column_int(&q, 2) <= since[i]))
				continue;
			free(*places[i]);
			*places[i] = column_copy(&q, 1);
			since[i] = column_int(&q, 2);
		}
	return done(&q);
}

static char *
address_of(struct store *s, const char *contact)
{
	char *value = NULL, *text;
	const char *kind;

	if (contact_address(s, contact, &kind, &value) < 0)
		return NULL;
	text = xformat("%s:%s", kind, value);
	free(value);
	return text;
}

unsigned
listed_writers(struct store *s)
{
	return typist_next(s, now_ms()) != 0 ? LISTED_WRITERS : 0;
}

/* Before the last words: whose they are, and whether they went out. */
static const char *
whose(const struct listed *l)
{
	if (l->direction == NULL || strcmp(l->direction, "in") == 0)
		return "";
	if (l->sent != NULL &&
	    (strcmp(l->sent, "failed") == 0 ||
		strcmp(l->sent, "cancelled") == 0))
		return "! ";
	return l->sent != NULL && strcmp(l->sent, "held") == 0 ? "? " : "> ";
}

int
listed_get(struct store *s, const char *id, unsigned parts, const char *self,
    struct listed *ret)
{
	struct listed l;
	bool group = false;
	int code;

	memset(&l, 0, sizeof(l));
	code = read_row(s, id, &l, &group);
	if (code == 0)
		code = sla_due(s, id, now_ms(), &l.due);
	if (code == 0)
		code = read_last(s, &l);
	if (code == 0 && l.waiting_ms != 0 && strcmp(whose(&l), "> ") == 0)
		code = read_asked(s, &l);
	/* Names are read where they are shown. */
	if (code == 0 && (parts & LISTED_NAMES || l.name == NULL || group))
		code = read_aliases(s, &l);
	if (code < 0) {
		listed_release(&l);
		return code;
	}
	if (parts & LISTED_NAMES)
		l.tags = conversation_tags(s, l.id);
	if (parts & LISTED_ADDRESS)
		l.address = address_of(s, l.contact);
	if (parts & LISTED_UNREAD)
		l.unread = seen_unread(s, self, l.id);
	if (parts & LISTED_WRITERS)
		l.writers = typist_names(s, l.id, self, now_ms());
	*ret = l;
	return 0;
}

void
listed_release(struct listed *l)
{
	char *texts[] = { l->id, l->status, l->owner, l->priority, l->instance,
		l->contact, l->assignee, l->team, l->name, l->phone,
		l->username, l->language, l->tags, l->direction, l->kind,
		l->text, l->asked_kind, l->asked, l->sent, l->group, l->address,
		l->writers, l->due.policy };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	memset(l, 0, sizeof(*l));
}

static json_t *
time_json(int64_t ms)
{
	char time[TIME_TEXT_BYTES];

	return ms != 0 ? json_string(time_text(ms, time)) : json_null();
}

/* Comma-separated words as an array; NULL: none. */
static json_t *
words_array(const char *words)
{
	json_t *list = json_array();
	char *copy = xstrdup(words != NULL ? words : ""), *word, *rest = copy;

	while ((word = strsep(&rest, ",")) != NULL)
		if (*word != '\0')
			json_array_append_new(list, json_text_new(word));
	free(copy);
	return list;
}

json_t *
listed_json(const struct listed *l)
{
	json_t *o = json_object();

	json_put(o, "conversation", l->id);
	json_put(o, "status", l->status);
	json_put(o, "owner", l->owner);
	json_object_set_new(o, "assignee", json_text_new(l->assignee));
	json_object_set_new(o, "team", json_text_new(l->team));
	json_put(o, "priority", l->priority);
	json_put(o, "instance", l->instance);
	json_put(o, "contact", l->contact);
	json_object_set_new(o, "name", json_text_new(l->name));
	json_object_set_new(o, "phone", json_text_new(l->phone));
	json_object_set_new(o, "username", json_text_new(l->username));
	json_object_set_new(o, "address", json_text_new(l->address));
	json_object_set_new(o, "language", json_text_new(l->language));
	json_object_set_new(o, "tags", words_array(l->tags));
	json_object_set_new(o, "opened", time_json(l->opened_ms));
	json_object_set_new(o, "last", time_json(l->last_ms));
	json_object_set_new(o, "waiting_since", time_json(l->waiting_ms));
	json_object_set_new(o, "sla", json_text_new(l->due.policy));
	json_object_set_new(o, "due_for",
	    l->due.target[0] != '\0' ? json_text_new(l->due.target) :
				       json_null());
	json_object_set_new(o, "due", time_json(l->due.due_ms));
	json_object_set_new(o, "text", json_text_new(l->text));
	json_object_set_new(o, "text_status", json_text_new(l->sent));
	json_object_set_new(o, "text_edited", json_boolean(l->is_edited));
	json_object_set_new(o, "text_deleted", json_boolean(l->is_deleted));
	json_object_set_new(o, "unread", json_boolean(l->unread));
	json_object_set_new(o, "writing", words_array(l->writers));
	return o;
}

const char *
listed_age(int64_t since_ms, int64_t at_ms, char ret[TIME_TEXT_BYTES])
{
	int64_t ms = at_ms - since_ms;

	if (since_ms == 0)
		return "-";
	return ms < 1000 ? "0 s" : duration_text(ms, ret);
}

const char *
listed_due(const struct sla_due *due, char ret[TIME_TEXT_BYTES])
{
	char text[TIME_TEXT_BYTES];
	const char *left;

	if (due->due_ms == 0)
		return "-";
	left = due->by_hours	 ? sla_hours_text(due->left_ms, text) :
	    due->left_ms >= 1000 ? duration_text(due->left_ms, text) :
				   "0 s";
	snprintf(ret, TIME_TEXT_BYTES, "%s%.*s%s",
	    due->missed || due->by_hours ? "" : "in ", TIME_TEXT_BYTES - 9,
	    left,
	    due->missed	      ? " late" :
		due->by_hours ? " open" :
				"");
	return ret;
}

char *
listed_state(const struct listed *l)
{
	if (strcmp(l->status, "open") != 0)
		return xstrdup(l->status);
	if (strcmp(l->owner, "user") == 0)
		return xstrdup(l->assignee != NULL ? l->assignee : "phone");
	if (strcmp(l->owner, "queue") == 0 && l->team != NULL)
		return xformat("queue:%s", l->team);
	return xstrdup(l->owner);
}

char *
listed_cut(const char *text, size_t columns)
{
	/* No line needs more bytes than that; so a long text stays cheap. */
	size_t len = strlen(text), fit = utf8_cut(text, len, columns * 8 + 8);
	char *head = xstrndup(text, fit), *c = utf8_show(head, false), *ret;

	free(head);
	if (fit == len && utf8_width(c) <= columns)
		return c;
	for (len = strlen(c); len > 0 && utf8_width(c) >= columns;) {
		len = utf8_cut(c, len, len - 1);
		c[len] = '\0';
	}
	ret = xformat("%s\xe2\x80\xa6", c);
	free(c);
	return ret;
}

char *
listed_customer(const struct listed *l, size_t columns)
{
	const char *who = l->name != NULL ? l->name :
	    l->username != NULL		  ? l->username :
	    l->phone != NULL		  ? l->phone :
	    l->group != NULL		  ? l->group :
					    l->contact;
	char *label = xformat("%s%s", l->group != NULL ? "group " : "", who),
	     *ret = listed_cut(label, columns);

	free(label);
	return ret;
}

char *
listed_gist(const struct listed *l)
{
	bool asked = l->asked_kind != NULL;
	const char *by = asked ? "" : whose(l), *mark = "";
	char *gist, *ret;

	if (asked)
		gist = message_gist(l->asked_kind, l->asked, NULL);
	else if (l->kind != NULL)
		gist = message_gist(l->kind, l->text, NULL);
	else
		gist = xstrdup("");
	if (asked ? l->is_asked_deleted : l->is_deleted)
		mark = LISTED_DELETED;
	else if (asked ? l->is_asked_edited : l->is_edited)
		mark = LISTED_EDITED;

	if (l->writers != NULL && *l->writers != '\0')
		ret =
		    xformat("[%s writing] %s%s%s", l->writers, by, gist, mark);
	else
		ret = xformat("%s%s%s", by, gist, mark);
	free(gist);
	return ret;
}
