/* instance - the WhatsApp numbers of the business */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/instance.h"

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
	" after_resolve = 'new', ignored"

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
	    " phone, ai, known, after_resolve, ignored, created_ms)"
	    " VALUES (:name, :kind, :phone_number_id, :account_id, :phone,"
	    " :ai, :known, :after_resolve, :ignored, :now)"
	    " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind,"
	    " phone_number_id = excluded.phone_number_id,"
	    " account_id = coalesce(excluded.account_id, account_id),"
	    " phone = coalesce(excluded.phone, phone), ai = excluded.ai,"
	    " known = excluded.known, after_resolve = excluded.after_resolve,"
	    " ignored = excluded.ignored");

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
		if (code == 1 && (code = add(s, &i)) < 0)
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
