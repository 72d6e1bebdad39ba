/* contact - customers, known by any of several names at one instance */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "desk/contact.h"

static int
owner_of(struct store *s, const char *instance, const struct alias *alias,
    char ret_id[SHORT_ID_BYTES], int64_t *ret_since)
{
	struct query q = query(store_desk(s),
	    "SELECT contact, since_ms FROM contact_alias"
	    " WHERE instance = :instance AND kind = :kind AND value = :value");
	int found, code;

	bind_text(&q, ":instance", instance);
	bind_text(&q, ":kind", alias->kind);
	bind_text(&q, ":value", alias->value);
	found = step(&q);
	if (found) {
		snprintf(ret_id, SHORT_ID_BYTES, "%s", column_text(&q, 0));
		*ret_since = column_int(&q, 1);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

static int
id_taken(struct store *s, const char *id)
{
	struct query q =
	    query(store_desk(s), "SELECT 1 FROM contact WHERE id = :id");
	int found, code;

	bind_text(&q, ":id", id);
	found = step(&q);
	code = done(&q);
	return code < 0 ? code : found;
}

static int
make(struct store *s, const char *instance, const struct alias *alias,
    const char *name, int64_t at_ms, char ret_id[SHORT_ID_BYTES])
{
	struct query q;
	char again[16] = "";
	int n, code;

	/* 40 bits: two contacts of a large desk may meet; then hash again. */
	for (n = 0;; n++) {
		if (n > 0)
			snprintf(again, sizeof(again), "%d", n);
		id_short(ret_id, "contact", instance, alias->kind, alias->value,
		    again, NULL);
		code = id_taken(s, ret_id);
		if (code <= 0)
			break;
	}
	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "INSERT INTO contact (id, instance, name, created_ms)"
	    " VALUES (:id, :instance, :name, :at)");
	bind_text(&q, ":id", ret_id);
	bind_text(&q, ":instance", instance);
	bind_text(&q, ":name", name);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

static int
add_alias(struct store *s, const char *instance, const char *contact,
    const struct alias *alias, int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO contact_alias (instance, kind, value, contact,"
	    " since_ms) VALUES (:instance, :kind, :value, :contact, :at)"
	    " ON CONFLICT DO UPDATE SET since_ms = :at, contact = :contact"
	    " WHERE iif(contact = :contact, :at < since_ms,"
	    "  kind = 'username' AND :at > since_ms)");
	int code;

	bind_text(&q, ":instance", instance);
	bind_text(&q, ":kind", alias->kind);
	bind_text(&q, ":value", alias->value);
	bind_text(&q, ":contact", contact);
	bind_int(&q, ":at", at_ms);
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(s)) > 0;
}

/* A message that was sent earlier than the one that made the contact. */
static int
known_earlier(struct store *s, const char *contact, int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "UPDATE contact SET created_ms = :at"
	    " WHERE id = :id AND :at < created_ms");

	bind_text(&q, ":id", contact);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

/* A username may be given up and taken by another person: it names somebody
 * only where nothing better does. */
static bool
has_better(const struct alias *aliases, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(aliases[i].kind, "username") != 0 &&
		    aliases[i].value != NULL && *aliases[i].value != '\0')
			return true;
	return false;
}

/* The name last seen counts; a message that carries none changes nothing. */
static int
set_name(struct store *s, const char *contact, const char *name)
{
	struct query q;
	int code;

	if (name == NULL || *name == '\0')
		return 0;
	q = query(store_desk(s),
	    "UPDATE contact SET name = :name"
	    " WHERE id = :id AND name IS NOT :name AND erased = 0");
	bind_text(&q, ":id", contact);
	bind_text(&q, ":name", name);
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(s)) > 0;
}

int
contact_for(struct store *s, const char *instance, const struct alias *aliases,
    size_t count, const char *name, int64_t at_ms, char ret_id[SHORT_ID_BYTES],
    enum contact_news *ret_news)
{
	char id[SHORT_ID_BYTES] = "", owner[8][SHORT_ID_BYTES];
	enum contact_news news = CONTACT_KNOWN;
	const struct alias *first = NULL;
	int64_t since[8], oldest = INT64_MAX;
	bool known[8] = { false }, better = has_better(aliases, count);
	size_t i;
	int code;

	for (i = 0; i < count && i < 8; i++) {
		if (aliases[i].value == NULL || *aliases[i].value == '\0')
			continue;
		if (first == NULL)
			first = &aliases[i];
		code = owner_of(s, instance, &aliases[i], owner[i], &since[i]);
		if (code < 0)
			return code;
		known[i] = code == 1;
		if (code == 1 && since[i] < oldest &&
		    !(better && strcmp(aliases[i].kind, "username") == 0)) {
			oldest = since[i];
			memcpy(id, owner[i], sizeof(id));
		}
	}
	if (first == NULL)
		return err_set(ERR_DATA, "a contact without any address");
	if (id[0] == '\0') {
		code = make(s, instance, first, name, at_ms, id);
		if (code < 0)
			return code;
		news = CONTACT_NEW;
	}
	for (i = 0; i < count && i < 8; i++) {
		if (aliases[i].value == NULL || *aliases[i].value == '\0')
			continue;
		/* By far the commonest: it would not be changed. */
		if (known[i] && at_ms >= since[i] && strcmp(owner[i], id) == 0)
			continue;
		code = add_alias(s, instance, id, &aliases[i], at_ms);
		if (code < 0)
			return code;
		if (code == 1 && known[i] &&
		    (code = known_earlier(s, id, at_ms)) < 0)
			return code;
		if (code == 1 && !known[i] && news == CONTACT_KNOWN)
			news = CONTACT_CHANGED;
	}
	if (news != CONTACT_NEW) {
		code = set_name(s, id, name);
		if (code < 0)
			return code;
		if (code == 1)
			news = CONTACT_CHANGED;
	}
	memcpy(ret_id, id, SHORT_ID_BYTES);
	*ret_news = news;
	return 0;
}

int
contact_learn(struct store *s, const char *instance, const char *contact,
    const struct alias *alias, int64_t at_ms)
{
	if (alias->value == NULL || *alias->value == '\0')
		return 0;
	return add_alias(s, instance, contact, alias, at_ms);
}

char *
contact_alias(struct store *s, const char *contact, const char *kind)
{
	/* The newest: the one the customer uses now. There are few, and
	 * sorting them here costs a table in memory each time. */
	struct query q = query(store_desk(s),
	    "SELECT value, since_ms FROM contact_alias"
	    " WHERE contact = :contact AND kind = :kind");
	char *value = NULL;
	int64_t since_ms = 0, at_ms;

	bind_text(&q, ":contact", contact);
	bind_text(&q, ":kind", kind);
	while (step(&q)) {
		at_ms = column_int(&q, 1);
		if (value != NULL &&
		    (at_ms < since_ms ||
			(at_ms == since_ms &&
			    strcmp(column_text(&q, 0), value) > 0)))
			continue;
		free(value);
		value = column_copy(&q, 0);
		since_ms = at_ms;
	}
	done(&q);
	return value;
}

int
contact_address(struct store *s, const char *contact, const char **ret_kind,
    char **ret_value)
{
	static const char *const kinds[] = { "phone", "bsuid", "parent_bsuid",
		NULL };
	size_t i;
	char *value;

	for (i = 0; kinds[i] != NULL; i++) {
		value = contact_alias(s, contact, kinds[i]);
		if (value != NULL) {
			*ret_kind = kinds[i];
			*ret_value = value;
			return 0;
		}
	}
	return err_set(ERR_NOINPUT, "contact %s has no address", contact);
}

char *
contact_name(struct store *s, const char *contact)
{
	struct query q =
	    query(store_desk(s), "SELECT name FROM contact WHERE id = :id");
	char *name = NULL;

	bind_text(&q, ":id", contact);
	if (step(&q))
		name = column_copy(&q, 0);
	done(&q);
	return name;
}
