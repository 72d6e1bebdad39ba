/* team - people who share the work, and whose turn it is */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/conversation.h"
#include "desk/person.h"
#include "desk/team.h"

/* Of a person p: how many they have, but for the conversation :except. */
#define OPEN_SQL                                                         \
	"(SELECT count(*) FROM conversation c WHERE c.assignee = p.name" \
	" AND c.status = 'open' AND c.owner = 'user'"                    \
	" AND c.merged_into IS NULL AND c.id IS NOT :except)"

static bool
name_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= TEAM_NAME_MAX && utf8_is_line(name) &&
	    strpbrk(name, ",@") == NULL;
}

void
team_free(struct team *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->nmembers; i++) {
		free(t->members[i].person);
		free(t->members[i].availability);
	}
	free(t->members);
	free(t->name);
	free(t);
}

/* Whether there is such a team: 1, 0 or an ERR. */
static int
exists(struct store *s, const char *name)
{
	struct query q =
	    query(store_desk(s), "SELECT 1 FROM team WHERE name = :name");

	bind_text(&q, ":name", name);
	return any_row(&q);
}

/* The same, and none is an error. */
static int
need(struct store *s, const char *name)
{
	int code = exists(s, name);

	if (code == 0)
		return err_set(ERR_NOINPUT,
		    "no team is named '%s'; desk-team list has those there are",
		    name);
	return code < 0 ? code : 0;
}

int
team_get(struct store *s, const char *name, struct team **ret)
{
	struct query q;
	struct team *t;
	struct team_member *m;
	int code = need(s, name);

	if (code < 0)
		return code;
	t = xcalloc(1, sizeof(*t));
	t->name = xstrdup(name);
	q = query(store_desk(s),
	    "SELECT p.name, p.availability, coalesce(p.capacity, 0), " OPEN_SQL
	    " FROM team_member m JOIN person p ON p.name = m.person"
	    " WHERE m.team = :name ORDER BY p.name");
	bind_text(&q, ":name", name);
	bind_text(&q, ":except", NULL);
	while (step(&q)) {
		t->members = xrealloc(t->members,
		    (t->nmembers + 1) * sizeof(*t->members));
		m = &t->members[t->nmembers++];
		m->person = column_copy(&q, 0);
		m->availability = column_copy(&q, 1);
		m->capacity = column_int(&q, 2);
		m->open = column_int(&q, 3);
	}
	code = done(&q);
	if (code < 0)
		team_free(t);
	else
		*ret = t;
	return code;
}

int
team_names(struct store *s, char ***ret, size_t *ret_count)
{
	struct query q =
	    query(store_desk(s), "SELECT name FROM team ORDER BY name");
	char **names = NULL;
	size_t n = 0;
	int code;

	while (step(&q)) {
		names = xrealloc(names, (n + 1) * sizeof(*names));
		names[n++] = column_copy(&q, 0);
	}
	code = done(&q);
	if (code < 0) {
		while (n > 0)
			free(names[--n]);
		free(names);
		return code;
	}
	*ret = names;
	*ret_count = n;
	return 0;
}

/* The event, and its facts in the audit. people (NULL: none) is taken. */
static int
record(struct act *a, const char *type, const char *action, const char *name,
    const char *key, json_t *people)
{
	json_t *data = json_object(), *detail = NULL;
	char *subject = xformat("team/%s", name);
	int code;

	json_put(data, "team", name);
	if (people != NULL) {
		json_object_set(data, key, people);
		detail = json_object();
		json_object_set_new(detail, key, people);
	}
	json_put(data, "actor", a->actor);
	code = act_emit(a, type, subject, data, NULL);
	if (code == 0)
		code = act_audit(a, action, name, detail);
	else
		json_decref(detail);
	free(subject);
	return code;
}

/* 1 if they were not in it. */
static int
join(struct act *a, const char *team, const char *person)
{
	struct query q;
	int code = person_answers(a->store, person);

	if (code == 0)
		code = person_row_need(a, person);
	if (code < 0)
		return code;
	q = query(store_desk(a->store),
	    "INSERT INTO team_member (team, person) VALUES (:team, :person)"
	    " ON CONFLICT DO NOTHING");
	bind_text(&q, ":team", team);
	bind_text(&q, ":person", person);
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(a->store)) > 0;
}

/* 1 if they were in it. */
static int
leave(struct act *a, const char *team, const char *person)
{
	struct query q = query(store_desk(a->store),
	    "DELETE FROM team_member WHERE team = :team AND person = :person");
	int code;

	bind_text(&q, ":team", team);
	bind_text(&q, ":person", person);
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(a->store)) > 0;
}

/* A statement about the team of this name. */
static int
run(struct act *a, const char *sql, const char *name)
{
	struct query q = query(store_desk(a->store), sql);

	bind_text(&q, ":name", name);
	if (strstr(sql, ":now") != NULL)
		bind_int(&q, ":now", a->now_ms);
	step(&q);
	return done(&q);
}

int
team_add(struct act *a, const char *name, const char *const *people,
    size_t count)
{
	json_t *added = json_array();
	size_t i;
	int was = exists(a->store, name), code = was < 0 ? was : 0;

	if (was == 0 && !name_valid(name))
		code = err_set(ERR_DATA,
		    "'%s' cannot be a team's name: 1 to %d bytes on one line, "
		    "without , and @",
		    name, TEAM_NAME_MAX);
	if (code == 0 && was == 0)
		code = run(a,
		    "INSERT INTO team (name, created_ms) VALUES (:name, :now)",
		    name);
	for (i = 0; i < count && code >= 0; i++) {
		code = join(a, name, people[i]);
		if (code == 1)
			json_array_append_new(added, json_string(people[i]));
	}
	if (code < 0 || (was == 1 && json_array_size(added) == 0)) {
		json_decref(added);
		return code < 0 ? code : 0;
	}
	json_incref(added);
	code = record(a, was ? "team.changed" : "team.added",
	    was ? "team.join" : "team.add", name, "added", added);
	for (i = 0; was == 1 && code >= 0 && i < json_array_size(added); i++)
		code =
		    team_deal(a, json_string_value(json_array_get(added, i)));
	json_decref(added);
	return code < 0 ? code : 0;
}

int
team_remove(struct act *a, const char *name, const char *const *people,
    size_t count)
{
	json_t *gone;
	size_t i;
	int code = need(a->store, name);

	if (code < 0)
		return code;
	if (count == 0) {
		code =
		    run(a, "DELETE FROM team_member WHERE team = :name", name);
		if (code == 0)
			code =
			    run(a, "DELETE FROM team WHERE name = :name", name);
		return code < 0 ?
		    code :
		    record(a, "team.removed", "team.rm", name, NULL, NULL);
	}
	gone = json_array();
	for (i = 0; i < count && code >= 0; i++) {
		code = leave(a, name, people[i]);
		if (code == 1)
			json_array_append_new(gone, json_string(people[i]));
		else if (code == 0)
			code = err_set(ERR_NOINPUT, "%s is not in team %s",
			    people[i], name);
	}
	if (code < 0) {
		json_decref(gone);
		return code;
	}
	return record(a, "team.changed", "team.leave", name, "removed", gone);
}

/* Their turn is taken: the others come first now. */
static int
take_turn(struct act *a, const char *team, const char *person)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE team_member SET turn ="
	    " (SELECT max(turn) + 1 FROM team_member WHERE team = :team)"
	    " WHERE team = :team AND person = :person");

	bind_text(&q, ":team", team);
	bind_text(&q, ":person", person);
	step(&q);
	return done(&q);
}

int
team_choose(struct act *a, const char *team, enum team_how how,
    const char *conversation, char **ret_person)
{
	struct query q;
	char *person = NULL;
	int code = need(a->store, team);

	if (code < 0)
		return code;
	q = query(store_desk(a->store),
	    "WITH free AS (SELECT p.name, m.turn, p.capacity, " OPEN_SQL
	    "  AS load FROM team_member m JOIN person p ON p.name = m.person"
	    "  WHERE m.team = :team AND p.active AND p.role <> 'viewer'"
	    "  AND p.availability = 'online')"
	    " SELECT name FROM free WHERE capacity IS NULL OR load < capacity"
	    " ORDER BY iif(:least, load, 0), turn, name LIMIT 1");
	bind_text(&q, ":team", team);
	bind_text(&q, ":except", conversation);
	bind_int(&q, ":least", how == TEAM_LEAST_LOADED);
	if (step(&q))
		person = column_copy(&q, 0);
	code = done(&q);
	if (code == 0 && person != NULL)
		code = take_turn(a, team, person);
	if (code < 0 || person == NULL) {
		free(person);
		return code;
	}
	*ret_person = person;
	return 1;
}

/* It is dealt when somebody can have it. */
static int
wait_for_one(struct act *a, const char *id, const char *team, enum team_how how)
{
	struct query q = query(store_desk(a->store),
	    "INSERT INTO team_wait (conversation, team, how, since_ms)"
	    " VALUES (:id, :team, iif(:least, 'least loaded', 'round robin'),"
	    "  :now) ON CONFLICT DO UPDATE SET how = excluded.how");

	bind_text(&q, ":id", id);
	bind_text(&q, ":team", team);
	bind_int(&q, ":least", how == TEAM_LEAST_LOADED);
	bind_int(&q, ":now", a->now_ms);
	step(&q);
	return done(&q);
}

int
team_assign(struct act *a, const char *id, const char *team, enum team_how how)
{
	char *person = NULL;
	int chosen = team_choose(a, team, how, id, &person), code;

	if (chosen < 0)
		return chosen;
	code = conversation_assign(a, id, person, team);
	if (code == 0 && chosen == 0)
		code = wait_for_one(a, id, team, how);
	free(person);
	return code < 0 ? code : chosen;
}

/* What waits in the queue of a team. */
struct waiting {
	char id[SHORT_ID_BYTES];
	char *team;
	enum team_how how;
};

/* Of the teams of a person, in the order in which it is dealt. */
static int
find_waiting(struct store *s, const char *person, struct waiting list[],
    size_t *ret_count)
{
	struct query q = query(store_desk(s),
	    "SELECT w.conversation, w.team, w.how = 'least loaded'"
	    " FROM team_member m JOIN team_wait w ON w.team = m.team"
	    " JOIN conversation c ON c.id = w.conversation"
	    " WHERE m.person = :person AND c.status = 'open'"
	    " ORDER BY CASE c.priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1"
	    "  WHEN 'medium' THEN 2 ELSE 3 END,"
	    " coalesce(c.waiting_ms, w.since_ms), w.since_ms, c.id LIMIT :max");
	size_t n = 0;

	bind_text(&q, ":person", person);
	bind_int(&q, ":max", TEAM_DEAL_MAX);
	while (step(&q)) {
		snprintf(list[n].id, SHORT_ID_BYTES, "%s", column_text(&q, 0));
		list[n].team = column_copy(&q, 1);
		list[n++].how = column_int(&q, 2) != 0 ? TEAM_LEAST_LOADED :
							 TEAM_ROUND_ROBIN;
	}
	*ret_count = n;
	return done(&q);
}

/* Nobody asked for it by name: the desk itself gives it away. 1 if it did. */
static int
deal(struct act *a, const struct waiting *w)
{
	const char *actor = a->actor;
	char *person = NULL;
	json_t *detail;
	int code = team_choose(a, w->team, w->how, w->id, &person);

	if (code == 1) {
		a->actor = "system";
		code = conversation_assign(a, w->id, person, w->team);
		a->actor = actor;
		if (code == 0 && a->stage == NULL) {
			detail = json_object();
			json_put(detail, "assignee", person);
			json_put(detail, "team", w->team);
			code = act_audit(a, "conversation.deal", w->id, detail);
		}
		code = code < 0 ? code : 1;
	}
	free(person);
	return code;
}

int
team_deal(struct act *a, const char *person)
{
	struct waiting list[TEAM_DEAL_MAX];
	const char *full = NULL; /* a team in which nobody is free */
	size_t n = 0, i;
	int dealt = 0, code = find_waiting(a->store, person, list, &n);

	for (i = 0; code >= 0 && i < n; i++) {
		if (full != NULL && strcmp(full, list[i].team) == 0)
			continue;
		code = deal(a, &list[i]);
		if (code == 1)
			dealt++;
		else if (code == 0)
			full = list[i].team;
	}
	for (i = 0; i < n; i++)
		free(list[i].team);
	return code < 0 ? code : dealt;
}

int
team_deal_rest(struct store *s, const char *self, const char *person,
    void (*told)(const struct act *a))
{
	struct act a;
	int dealt, code;

	do {
		code = store_begin(s);
		if (code < 0)
			return code;
		act_person(&a, s, self);
		dealt = team_deal(&a, person);
		if (dealt < 0)
			store_rollback(s);
		else
			code = store_commit(s);
		if (code == 0 && dealt > 0 && told != NULL)
			told(&a);
		act_release(&a);
	} while (code == 0 && dealt == TEAM_DEAL_MAX);
	return code < 0 ? code : dealt < 0 ? dealt : 0;
}
