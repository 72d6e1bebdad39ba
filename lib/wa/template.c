/* template - message templates: what the provider approved, filled and checked
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "wa/template.h"

void
template_free(struct template *t)
{
	if (t == NULL)
		return;
	free(t->account);
	free(t->name);
	free(t->language);
	free(t->id);
	free(t->status);
	free(t->category);
	free(t->quality);
	free(t->reason);
	json_decref(t->components);
	free(t);
}

void
templates_free(struct template **t, size_t count)
{
	while (count > 0)
		template_free(t[--count]);
	free(t);
}

bool
template_is_usable(const struct template *t)
{
	return t->removed_ms == 0 && strcmp(t->status, "APPROVED") == 0;
}

/* --- kept --- */

#define COLUMNS                                                           \
	"account, name, language, id, status, category, quality, reason," \
	" format = 'NAMED', components, synced_ms, removed_ms"

static struct template *
row(struct query *q)
{
	struct template *t = xcalloc(1, sizeof(*t));
	const char *components;

	t->account = column_copy(q, 0);
	t->name = column_copy(q, 1);
	t->language = column_copy(q, 2);
	t->id = column_copy(q, 3);
	t->status = column_copy(q, 4);
	t->category = column_copy(q, 5);
	t->quality = column_copy(q, 6);
	t->reason = column_copy(q, 7);
	t->named = column_int(q, 8) != 0;
	components = column_text(q, 9);
	if (json_value_parse(components, strlen(components), &t->components) <
	    0)
		t->components = json_array();
	t->synced_ms = column_int(q, 10);
	t->removed_ms = column_int(q, 11);
	return t;
}

static int
rows(struct query *q, struct template ***ret, size_t *ret_count)
{
	struct template **all = NULL;
	size_t n = 0;
	int code;

	while (step(q)) {
		all = xrealloc(all, (n + 1) * sizeof(*all));
		all[n++] = row(q);
	}
	code = done(q);
	if (code < 0) {
		templates_free(all, n);
		return code;
	}
	*ret = all;
	*ret_count = n;
	return 0;
}

int
templates_list(struct store *s, const char *account, struct template ***ret,
    size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    "SELECT " COLUMNS " FROM template"
	    " WHERE account = coalesce(:account, account)"
	    " ORDER BY account, name, language");

	bind_text(&q, ":account", account);
	return rows(&q, ret, ret_count);
}

/* The languages of what was found, to choose from. */
static int
ambiguous(struct template **found, size_t n, const char *name)
{
	struct buf b = BUF_INIT(1024);
	char *list;
	size_t i;

	for (i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", found[i]->language);
	list = buf_detach(&b);
	err_set(ERR_USAGE, "'%s' is there in several languages: %s", name,
	    list);
	free(list);
	return ERR_USAGE;
}

static int
missing(struct store *s, const char *account, const char *name,
    const char *language)
{
	struct template **all = NULL;
	const char **names, *near;
	size_t n = 0, i;
	int code = templates_list(s, account, &all, &n);

	if (code < 0)
		return code;
	names = xcalloc(n + 1, sizeof(*names));
	for (i = 0; i < n; i++)
		names[i] = all[i]->name;
	near = str_nearest(name, names);
	if (near != NULL && strcmp(near, name) == 0)
		err_set(ERR_NOINPUT, "template '%s' is not there in %s", name,
		    language);
	else if (near != NULL)
		err_set(ERR_NOINPUT, "no template '%s', did you mean %s?", name,
		    near);
	else
		err_set(ERR_NOINPUT, "no template '%s'%s", name,
		    n == 0 ? "; wa-template sync fetches them" : "");
	free(names);
	templates_free(all, n);
	return ERR_NOINPUT;
}

/* All of a name, those that are listed first. language NULL: any. */
static int
named(struct store *s, const char *account, const char *name,
    const char *language, struct template ***ret, size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    "SELECT " COLUMNS " FROM template WHERE name = :name"
	    " AND account = coalesce(:account, account)"
	    " AND language = coalesce(:language, language)"
	    " ORDER BY removed_ms IS NOT NULL, account, language");

	bind_text(&q, ":account", account);
	bind_text(&q, ":name", name);
	bind_text(&q, ":language", language);
	return rows(&q, ret, ret_count);
}

static size_t
count_listed(struct template **found, size_t n)
{
	size_t listed = 0;

	while (listed < n && found[listed]->removed_ms == 0)
		listed++;
	return listed;
}

int
template_get(struct store *s, const char *account, const char *name,
    const char *language, struct template **ret)
{
	struct template **found = NULL;
	size_t n = 0, listed;
	int code = named(s, account, name, language, &found, &n);

	listed = count_listed(found, n);
	if (code == 0 && n == 0)
		code = missing(s, account, name, language);
	else if (code == 0 && listed > 1)
		code = ambiguous(found, listed, name);
	if (code == 0) {
		*ret = found[0];
		found[0] = NULL;
	}
	templates_free(found, n);
	return code;
}

/* How well a template's language is that of somebody: 2 the same, 1 a variety
 * of it, or it of the template's; 0 another. */
static int
fit(const char *of, const char *wanted)
{
	size_t n = strcspn(of, "_-");

	if (wanted == NULL || n != strcspn(wanted, "_-") ||
	    strncasecmp(of, wanted, n) != 0)
		return 0;
	return strcasecmp(of, wanted) == 0 ? 2 : 1;
}

int
template_for(struct store *s, const char *account, const char *name,
    const char *language, const char *other, struct template **ret)
{
	struct template **found = NULL;
	size_t n = 0, listed, best = 0, i;
	int code = named(s, account, name, NULL, &found, &n), most = 0, score;

	listed = count_listed(found, n);
	if (code == 0 && n == 0)
		code = missing(s, account, name, NULL);
	for (i = 0; code == 0 && i < listed; i++) {
		score = 3 * fit(found[i]->language, language) +
		    fit(found[i]->language, other);
		if (score > 0 && template_is_usable(found[i]))
			score += 9;
		if (score > most) {
			most = score;
			best = i;
		}
	}
	if (code == 0 && most == 0 && listed > 1)
		code = ambiguous(found, listed, name);
	if (code == 0) {
		*ret = found[best];
		found[best] = NULL;
	}
	templates_free(found, n);
	return code;
}

int
template_account(struct store *s, const char *instance, char **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT account_id FROM instance i WHERE name = :name"
	    " AND EXISTS (SELECT 1 FROM template t"
	    "  WHERE t.account = i.account_id)");
	char *account = NULL;
	int code;

	bind_text(&q, ":name", instance);
	if (step(&q))
		account = column_copy(&q, 0);
	code = done(&q);
	if (code < 0 || account == NULL) {
		free(account);
		return code;
	}
	*ret = account;
	return 1;
}

/* --- changes --- */

/* NULL where the provider says that it does not know. */
static const char *
quality_of(const json_t *listed)
{
	const char *quality = json_str(listed, "quality_score/score");

	return quality != NULL && strcmp(quality, "UNKNOWN") != 0 ? quality :
								    NULL;
}

static int
tell(struct act *a, const char *account, const char *name, const char *language,
    const char *change, const json_t *listed)
{
	static const char *const facts[] = { "status", "category", NULL };
	json_t *data = json_object(), *value = json_object();
	char *subject = xformat("template/%s/%s", name, language);
	size_t i;
	int code;

	json_put(value, "name", name);
	json_put(value, "language", language);
	json_put(value, "change", change);
	for (i = 0; facts[i] != NULL; i++)
		json_put(value, facts[i], json_str(listed, facts[i]));
	json_put(value, "quality", quality_of(listed));
	json_put(data, "field", "message_templates");
	json_put(data, "account", account);
	json_put_new(data, "value", value);
	code = act_emit(a, "template.changed", subject, data, NULL);
	free(subject);
	return code;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
write_row(struct act *a, const char *account, const json_t *listed,
    const char *components)
{
	struct query q = query(store_desk(a->store),
	    "INSERT INTO template (account, name, language, id, status,"
	    " category, quality, reason, format, components, synced_ms)"
	    " VALUES (:account, :name, :language, :id, :status, :category,"
	    " :quality, :reason, :format, :components, :now)"
	    " ON CONFLICT DO UPDATE SET id = coalesce(:id, id),"
	    " status = :status, category = :category,"
	    " quality = coalesce(:quality, quality), reason = :reason,"
	    " format = :format, components = :components,"
	    " synced_ms = :now, removed_ms = NULL");
	const char *reason = json_str(listed, "rejected_reason");

	/* The provider says NONE for none. */
	if (reason != NULL && strcmp(reason, "NONE") == 0)
		reason = NULL;
	bind_text(&q, ":account", account);
	bind_text(&q, ":name", json_str(listed, "name"));
	bind_text(&q, ":language", json_str(listed, "language"));
	bind_text(&q, ":id", json_str(listed, "id"));
	bind_text(&q, ":status", json_str(listed, "status"));
	bind_text(&q, ":category", json_str(listed, "category"));
	bind_text(&q, ":quality", quality_of(listed));
	bind_text(&q, ":reason", reason);
	bind_text(&q, ":format",
	    strcmp(json_str_or(listed, "parameter_format", "POSITIONAL"),
		"NAMED") == 0 ?
		"NAMED" :
		"POSITIONAL");
	bind_text(&q, ":components", components);
	bind_int(&q, ":now", a->now_ms);
	step(&q);
	return done(&q);
}

int
template_put(struct act *a, const char *account, const json_t *listed)
{
	const char *name = json_str(listed, "name"),
		   *language = json_str(listed, "language"), *change = "added",
		   *quality;
	json_t *components = json_object_get(listed, "components");
	struct template *old = NULL;
	char *text;
	int code;

	if (name == NULL || language == NULL ||
	    json_str(listed, "status") == NULL ||
	    json_str(listed, "category") == NULL)
		return err_set(ERR_DATA,
		    "the provider lists a template without name, language, "
		    "status or category");
	code = template_get(a->store, account, name, language, &old);
	if (code < 0 && code != ERR_NOINPUT)
		return code;
	if (old != NULL && old->removed_ms == 0) {
		quality = quality_of(listed);
		change = "changed";
		if (same_text(old->status, json_str(listed, "status")) &&
		    same_text(old->category, json_str(listed, "category")) &&
		    (quality == NULL || same_text(old->quality, quality)) &&
		    (components == NULL ||
			json_equal(old->components, components)))
			change = NULL;
	}
	text = components != NULL ? json_text(components) :
	    old != NULL		  ? json_text(old->components) :
				    xstrdup("[]");
	code = write_row(a, account, listed, text);
	free(text);
	template_free(old);
	if (code < 0 || change == NULL)
		return code;
	code = tell(a, account, name, language, change, listed);
	return code < 0 ? code : 1;
}

static int
mark_gone(struct act *a, const struct template *t)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE template SET removed_ms = :now WHERE account = :account"
	    " AND name = :name AND language = :language");
	int code;

	bind_int(&q, ":now", a->now_ms);
	bind_text(&q, ":account", t->account);
	bind_text(&q, ":name", t->name);
	bind_text(&q, ":language", t->language);
	step(&q);
	code = done(&q);
	if (code == 0)
		code =
		    tell(a, t->account, t->name, t->language, "removed", NULL);
	return code;
}

int
templates_gone(struct act *a, const char *account)
{
	struct template **all = NULL;
	size_t n = 0, i;
	int code = templates_list(a->store, account, &all, &n);

	for (i = 0; code == 0 && i < n; i++)
		if (all[i]->removed_ms == 0 && all[i]->synced_ms < a->now_ms)
			code = mark_gone(a, all[i]);
	templates_free(all, n);
	return code;
}

int
template_gone(struct act *a, const char *account, const char *name,
    const char *language)
{
	struct template **all = NULL;
	size_t n = 0, i;
	int code = templates_list(a->store, account, &all, &n);

	for (i = 0; code == 0 && i < n; i++)
		if (all[i]->removed_ms == 0 &&
		    strcmp(all[i]->name, name) == 0 &&
		    (language == NULL ||
			strcmp(all[i]->language, language) == 0))
			code = mark_gone(a, all[i]);
	templates_free(all, n);
	return code;
}

int
template_told(struct store *s, const char *account, const char *field,
    const json_t *value, int64_t at_ms)
{
	const char *status = NULL, *quality = NULL, *category = NULL,
		   *name = json_str(value, "message_template_name"),
		   *language = json_str(value, "message_template_language"),
		   *reason = NULL;
	struct query q;
	int code;

	if (strcmp(field, "message_template_status_update") == 0) {
		status = json_str(value, "event");
		reason = json_str(value, "reason");
		if (reason != NULL && strcmp(reason, "NONE") == 0)
			reason = NULL;
	} else if (strcmp(field, "message_template_quality_update") == 0)
		quality = json_str(value, "new_quality_score");
	else if (strcmp(field, "template_category_update") == 0)
		category = json_str(value, "new_category");
	if (name == NULL || language == NULL ||
	    (status == NULL && quality == NULL && category == NULL))
		return 0;
	/* An older word than the list is no news; theirs is of a second. */
	q = query(store_desk(s),
	    "UPDATE template SET status = coalesce(:status, status),"
	    " reason = iif(:status IS NULL, reason, :reason),"
	    " quality = coalesce(:quality, quality),"
	    " category = coalesce(:category, category)"
	    " WHERE account = :account AND name = :name"
	    " AND language = :language AND synced_ms / 1000 * 1000 <= :at");
	bind_text(&q, ":status", status);
	bind_text(&q, ":reason", reason);
	bind_text(&q, ":quality", quality);
	bind_text(&q, ":category", category);
	bind_text(&q, ":account", account);
	bind_text(&q, ":name", name);
	bind_text(&q, ":language", language);
	bind_int(&q, ":at", at_ms);
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(s)) > 0;
}
