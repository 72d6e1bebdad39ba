/* task - what rules ask others to do, and how it went */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/task.h"
#include "desk/event.h"
#include "desk/person.h"
#include "desk/settings.h"

#define REQUESTED "action.requested"
#define RETRIED "action.retried"
#define FOLDER "commands.d"

const struct task_kind task_webhook = { "webhook", "webhook",
	"webhook.delivered", "webhook.failed" },
		       task_run = { "command", "command", "command.ran",
			       "command.failed" },
		       task_notify = { "notify", "to", "notification.sent",
			       "notification.failed" };

struct task_options task_options;

/* --- one of them --- */

int
task_open(struct store *s, const struct event *e, const struct task_kind *kind,
    struct task *ret)
{
	struct task a = { .kind = kind };
	const char *id;
	int code = 0;

	if (strcmp(json_str_or(e->data, "action", ""), kind->action) != 0)
		return 0;
	a.again = strcmp(e->type, RETRIED) == 0;
	if (a.again) {
		id = json_str(e->data, "request");
		code = id != NULL ? log_get(s, id, &a.request) : ERR_NOINPUT;
		if (code == ERR_NOINPUT)
			return 0;
		if (code < 0)
			return code;
	} else
		a.request = event_copy(e);
	if (strcmp(a.request->type, REQUESTED) != 0) {
		task_release(&a);
		return 0;
	}
	a.id = a.request->id;
	a.name = json_str(a.request->data, "name");
	a.rule = json_str(a.request->data, "rule");
	a.conversation = json_str(a.request->data, "conversation");
	a.instance = json_str(a.request->data, "instance");
	a.message = json_str(a.request->data, "message");
	*ret = a;
	return 1;
}

void
task_release(struct task *a)
{
	event_free(a->request);
	memset(a, 0, sizeof(*a));
}

int
task_take(struct store *s, const struct event *e, const struct task_kind *kind,
    struct job_wish *ret)
{
	struct task a;
	int code = task_open(s, e, kind, &a);

	if (code == 1) {
		ret->key = xstrdup(a.id);
		task_release(&a);
	}
	return code;
}

int
task_settled(struct store *s, const struct task *a, const struct event *e)
{
	/* What failed may be done once more, what was done may not. */
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM event WHERE cause = :event"
	    "  AND type IN (:done, :failed)"
	    " UNION ALL"
	    " SELECT 1 FROM event WHERE cause = :request AND type = :done"
	    " UNION ALL"
	    " SELECT 1 FROM event WHERE subject IS :subject AND type = :done"
	    "  AND EXISTS (SELECT 1 FROM json_each(data, '$.requests')"
	    "   WHERE value = :request)"
	    " UNION ALL"
	    " SELECT 1 FROM event r JOIN event o ON o.cause = r.id"
	    "  WHERE r.subject IS :subject AND r.type = '" RETRIED "'"
	    "  AND json_extract(r.data, '$.request') = :request"
	    "  AND o.type = :done"
	    " LIMIT 1");

	bind_text(&q, ":event", e->id);
	bind_text(&q, ":request", a->id);
	bind_text(&q, ":subject", a->request->subject);
	bind_text(&q, ":done", a->kind->done);
	bind_text(&q, ":failed", a->kind->failed);
	return any_row(&q);
}

int
task_cause(struct store *s, const struct task *a, bool personal,
    struct event **ret)
{
	struct event *e = NULL;
	int code = a->request->cause[0] != '\0' ?
	    log_get(s, a->request->cause, &e) :
	    ERR_NOINPUT;

	if (code == ERR_NOINPUT) {
		e = event_copy(a->request);
		code = 0;
	}
	if (code == 0 && personal)
		code = desk_join(s, e);
	if (code < 0) {
		event_free(e);
		return code;
	}
	*ret = e;
	return 0;
}

int
task_line(struct store *s, const struct task *a, bool personal, char **ret)
{
	struct event *e = NULL;
	int code = task_cause(s, a, personal, &e);

	if (code < 0)
		return code;
	if (e->extra == NULL)
		e->extra = json_object();
	json_put(e->extra, "action", a->name);
	json_put(e->extra, "actionid", a->id);
	json_put(e->extra, "rule", a->rule);
	*ret = event_line(e);
	event_free(e);
	return 0;
}

json_t *
task_outcome(const struct task *a, int attempt)
{
	json_t *data = json_object();

	json_put(data, "request", a->id);
	json_put(data, a->kind->field, a->name);
	json_put(data, "rule", a->rule);
	json_put(data, "conversation", a->conversation);
	json_put(data, "instance", a->instance);
	if (attempt > 0)
		json_put_int(data, "attempt", attempt);
	return data;
}

/* --- names --- */

char **
task_names(const struct conf *c, const char *kind)
{
	char *prefix = xformat("%s ", kind),
	     **names = xcalloc(1, sizeof(*names));
	const char *name;
	size_t i, k, n = 0;

	for (i = 0; i < conf_count(c); i++) {
		if (!str_starts(conf_entry(c, i)->section, prefix))
			continue;
		name = conf_entry(c, i)->section + strlen(prefix);
		for (k = 0; k < n && strcmp(names[k], name) != 0;)
			k++;
		if (k < n)
			continue;
		names = xrealloc(names, (n + 2) * sizeof(*names));
		names[n++] = xstrdup(name);
		names[n] = NULL;
	}
	free(prefix);
	return names;
}

void
task_names_free(char **names)
{
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

int
task_program(const struct conf *c, const char *section, const char *key,
    char ***ret)
{
	const char *text = setting_text(c, section, key);
	char *name, *in_folder;

	if (text == NULL || !str_words(text, ret) || (*ret)[0] == NULL)
		return err_set(ERR_CONFIG,
		    "[%s]: %s: wants words; a \" that does not end?", section,
		    key);
	name = (*ret)[0];
	if (*name != '/') {
		if (strchr(name, '/') != NULL || *name == '.')
			return err_set(ERR_CONFIG,
			    "[%s]: %s: wants a path that begins with /, or a "
			    "name of " FOLDER,
			    section, key);
		in_folder = xformat(FOLDER "/%s", name);
		(*ret)[0] = setting_beside(c, section, key, in_folder);
		free(in_folder);
		free(name);
	}
	if (access((*ret)[0], X_OK) < 0)
		return err_errno(ERR_CONFIG, "[%s]: %s: %s", section, key,
		    (*ret)[0]);
	return 0;
}

int
task_program_runs(const char *section, const char *key, const char *path)
{
	char head[256] = "", *interpreter;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	/* It may be run and not read. */
	if (fd < 0)
		return 0;
	n = read(fd, head, sizeof(head) - 1);
	close(fd);
	if (n >= 4 && memcmp(head, "\177ELF", 4) == 0)
		return 0;
	if (strncmp(head, "#!", 2) != 0)
		return err_set(ERR_CONFIG,
		    "[%s]: %s: %s: is no program, and does not begin with #!",
		    section, key, path);
	interpreter = head + 2 + strspn(head + 2, " \t");
	interpreter[strcspn(interpreter, " \t\r\n")] = '\0';
	if (access(interpreter, X_OK) < 0)
		return err_errno(ERR_CONFIG, "[%s]: %s: %s: #!%s", section, key,
		    path, interpreter);
	return 0;
}

/* --- what people ask --- */

/* Of each request the last outcome, where that is a failure and nobody has
 * asked for it once more since. */
static struct query
failures(struct store *s, const struct task_kind *kind, const char *only)
{
	struct query q = query(store_desk(s),
	    "SELECT request, time_ms, data FROM ("
	    "  SELECT json_extract(data, '$.request') AS request, time_ms, data,"
	    "   type, max(seq) AS seq FROM event"
	    "  WHERE type IN (:done, :failed) OR (type = '" RETRIED "'"
	    "   AND json_extract(data, '$.action') = :action)"
	    "  GROUP BY 1)"
	    " WHERE type = :failed AND request = coalesce(:only, request)"
	    " ORDER BY seq DESC");

	bind_text(&q, ":done", kind->done);
	bind_text(&q, ":failed", kind->failed);
	bind_text(&q, ":action", kind->action);
	bind_text(&q, ":only", only);
	return q;
}

static void
show(struct cli_table *t, const struct task_kind *kind, const char *request,
    int64_t time_ms, json_t *data)
{
	char time[TIME_TEXT_BYTES];

	if (t == NULL) {
		json_put(data, "actionid", request); /* as it is posted */
		json_put(data, "time", time_text(time_ms, time));
		cli_json(data);
		return;
	}
	cli_table_cell(t, "%s", request);
	cli_table_cell(t, "%s", time_text(time_ms, time));
	cli_table_cell(t, "%s", json_str_or(data, kind->field, ""));
	cli_table_cell(t, "%s", json_str_or(data, "rule", ""));
	cli_table_cell(t, "%s", json_str_or(data, "conversation", ""));
	cli_table_cell(t, "%lld", (long long)json_int_or(data, "attempt", 0));
	cli_table_cell(t, "%s", json_str_or(data, "reason", ""));
}

static int
list(const struct task_kind *kind, const char *store)
{
	static const char *const headers[] = { "ACTION", "TIME", "NAME", "RULE",
		"CONVERSATION", "TRIES", "REASON", NULL };
	struct store *s = NULL;
	struct cli_table *t = NULL;
	struct query q;
	const char *text;
	char *self = NULL;
	json_t *data;
	int code;

	cli_need(store_open(store, STORE_READ, &s));
	cli_need(person_self(s, MAY_READ, &self));
	if (!task_options.json)
		t = cli_table_new(headers, task_options.plain);
	q = failures(s, kind, NULL);
	while (step(&q)) {
		text = column_text(&q, 2);
		if (json_object_parse(text, strlen(text), &data) < 0)
			continue;
		show(t, kind, column_text(&q, 0), column_int(&q, 1), data);
		json_decref(data);
	}
	code = done(&q);
	if (t != NULL)
		cli_table_end(t);
	free(self);
	store_close(s);
	return code;
}

static int
once_more(struct act *a, const struct task_kind *kind, const char *id)
{
	struct event *request = NULL;
	struct query q = failures(a->store, kind, id);
	bool found = step(&q);
	json_t *data;
	int code = done(&q);

	if (code < 0)
		return code;
	if (!found)
		return err_set(ERR_NO,
		    "%s is no %s that failed, or it is being tried again", id,
		    kind->action);
	code = log_get(a->store, id, &request);
	if (code < 0)
		return code;
	data = json_object();
	json_put(data, "action", kind->action);
	json_put(data, "request", id);
	json_put(data, "actor", a->actor);
	code = act_emit(a, RETRIED, request->subject, data, NULL);
	if (code == 0)
		code = act_audit(a, "action.retry", id,
		    json_pack("{ss}", "action", kind->action));
	event_free(request);
	return code;
}

/* All of them or none. */
static int
retry(const struct cli *cli, const struct task_kind *kind, const char *store)
{
	const struct cli_list *ids = &task_options.retries;
	struct store *s = NULL;
	struct person *p = NULL;
	struct act act;
	json_t *shown = NULL;
	char *self = NULL, *line;
	size_t i;
	int code;

	for (i = 0; i < ids->count; i++)
		if (!id_is_ulid(ids->items[i]))
			cli_usage(cli, "--retry %s: no id of an action",
			    ids->items[i]);
	cli_need(store_open(store, STORE_WRITE, &s));
	cli_need(person_self(s, MAY_WRITE, &self));
	if (person_get(s, self, &p) == ERR_NOINPUT)
		cli_die(ERR_DENIED,
		    "%s is no person of this desk; an admin adds you: "
		    "desk-user add NAME --account ACCOUNT",
		    self);
	person_free(p);
	code = store_begin(s);
	act_person(&act, s, self);
	for (i = 0; i < ids->count && code == 0; i++)
		code = once_more(&act, kind, ids->items[i]);
	if (code < 0)
		store_rollback(s);
	else
		code = store_commit(s);
	for (i = 0; i < act.nmade && code == 0 && task_options.json; i++) {
		line = event_line(act.made[i]);
		if (json_object_parse(line, strlen(line), &shown) == 0)
			cli_json(shown);
		json_decref(shown);
		shown = NULL;
		free(line);
	}
	act_release(&act);
	free(self);
	store_close(s);
	if (code == ERR_NO) /* the answer no is said, too: a person asked */
		cli_warn("%s", err_reason());
	return code;
}

void
task_command(const struct cli *cli, const struct task_kind *kind,
    const char *store)
{
	const struct task_options *o = &task_options;

	if (o->check + o->list_failed + (o->retries.count > 0) > 1)
		cli_usage(cli, "--check, --list-failed, --retry: one of them");
	if (o->list_failed)
		cli_exit(list(kind, store));
	if (o->retries.count > 0)
		cli_exit(retry(cli, kind, store));
}

int
task_check(const struct conf *c, const char *kind,
    int (*one)(const struct conf *c, const char *name))
{
	char **names = task_names(c, kind);
	int bad = 0;
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if (one(c, names[i]) < 0) {
			cli_warn("%s", err_reason());
			bad++;
		}
	task_names_free(names);
	/* Each was said. */
	return bad > 0 ?
	    err_set(ERR_CONFIG, "%d of [%s NAME] cannot be used", bad, kind) :
	    0;
}
