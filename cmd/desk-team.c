/*
 * desk-team - the teams of the desk: who is in them, who is there
 *
 * Every change is an event with its actor and a row of the audit, in one
 * transaction.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/json.h"
#include "desk/person.h"
#include "desk/team.h"

static const char *store_flag;
static bool as_json, as_plain;

static const struct cli_option common[] = { { 'S', "store", "STORE", CLI_TEXT,
						&store_flag,
						"directory of the store" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" }, CLI_END };

static const struct cli_option table_options[] = {
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	CLI_END
};

static struct store *
look(char **ret_self)
{
	struct store *s = NULL;

	cli_need(store_open(store_flag, STORE_READ, &s));
	cli_need(person_self(s, MAY_READ, ret_self));
	return s;
}

static json_t *
member_json(const struct team_member *m)
{
	json_t *o = json_object();

	json_put(o, "user", m->person);
	json_put(o, "availability", m->availability);
	json_put_int(o, "open", m->open);
	json_object_set_new(o, "capacity",
	    m->capacity > 0 ? json_integer(m->capacity) : json_null());
	return o;
}

static void
print_json(const struct team *t)
{
	json_t *o = json_object(), *members = json_array();
	size_t i;

	for (i = 0; i < t->nmembers; i++)
		json_array_append_new(members, member_json(&t->members[i]));
	json_put(o, "team", t->name);
	json_object_set_new(o, "members", members);
	cli_json(o);
	json_decref(o);
}

/* How many of the team could be given one more. */
static size_t
count_free(const struct team *t)
{
	const struct team_member *m;
	size_t i, n = 0;

	for (i = 0; i < t->nmembers; i++) {
		m = &t->members[i];
		if (m->availability[1] == 'n' &&
		    (m->capacity == 0 || m->open < m->capacity))
			n++;
	}
	return n;
}

static int
run_list(struct cli *cli)
{
	static const char *const headers[] = { "TEAM", "PEOPLE", "FREE", NULL };
	struct cli_table *table = NULL;
	struct team *t;
	struct store *s;
	char *self = NULL, **names = NULL;
	size_t n = 0, i;

	cli_args(cli, 0, 0);
	s = look(&self);
	cli_need(team_names(s, &names, &n));
	if (!as_json)
		table = cli_table_new(headers, as_plain);
	for (i = 0; i < n; i++) {
		t = NULL;
		cli_need(team_get(s, names[i], &t));
		if (as_json)
			print_json(t);
		else {
			cli_table_cell(table, "%s", t->name);
			cli_table_cell(table, "%zu", t->nmembers);
			cli_table_cell(table, "%zu", count_free(t));
		}
		team_free(t);
		free(names[i]);
	}
	if (table != NULL)
		cli_table_end(table);
	free(names);
	free(self);
	store_close(s);
	return 0;
}

static int
run_show(struct cli *cli)
{
	static const char *const headers[] = { "PERSON", "AVAILABLE", "OPEN",
		"CAPACITY", NULL };
	struct cli_table *table;
	struct team *t = NULL;
	struct store *s;
	char *self = NULL;
	size_t i;

	cli_args(cli, 1, 1);
	s = look(&self);
	cli_need(team_get(s, cli->args[0], &t));
	if (as_json)
		print_json(t);
	else {
		table = cli_table_new(headers, as_plain);
		for (i = 0; i < t->nmembers; i++) {
			cli_table_cell(table, "%s", t->members[i].person);
			cli_table_cell(table, "%s", t->members[i].availability);
			cli_table_cell(table, "%lld",
			    (long long)t->members[i].open);
			if (t->members[i].capacity > 0)
				cli_table_cell(table, "%lld",
				    (long long)t->members[i].capacity);
			else
				cli_table_cell(table, "%s",
				    as_plain ? "" : "-");
		}
		cli_table_end(table);
	}
	team_free(t);
	free(self);
	store_close(s);
	return 0;
}

static void
print_made(const struct act *a)
{
	char *lines = act_lines(a);

	fputs(lines, stdout);
	free(lines);
}

/* add and rm: the team, then people. */
static int
change(struct cli *cli,
    int (*fn)(struct act *, const char *, const char *const *, size_t))
{
	const char *const *people = (const char *const *)cli->args + 1;
	struct store *s = NULL;
	struct act a;
	char *self = NULL;
	int code, i;

	cli_args(cli, 1, INT32_MAX);
	cli_need(store_open(store_flag, STORE_WRITE, &s));
	cli_need(person_self(s, MAY_ADMIN, &self));
	cli_need(store_begin(s));
	act_person(&a, s, self);
	code = fn(&a, cli->args[0], people, (size_t)cli->nargs - 1);
	if (code < 0)
		store_rollback(s);
	else
		code = store_commit(s);
	if (code == 0 && as_json)
		print_made(&a);
	act_release(&a);
	/* What waits for one like those who joined. */
	for (i = 1; code == 0 && fn == team_add && i < cli->nargs; i++)
		code = team_deal_rest(s, self, cli->args[i],
		    as_json ? print_made : NULL);
	free(self);
	store_close(s);
	return code;
}

static int
run_add(struct cli *cli)
{
	return change(cli, team_add);
}

static int
run_rm(struct cli *cli)
{
	return change(cli, team_remove);
}

static const struct cli_verb verbs[] = { { "add", "TEAM [PERSON ...]",
					     "make a team, or add people to it",
					     NULL, run_add },
	{ "list", "", "list the teams", table_options, run_list },
	{ "rm", "TEAM [PERSON ...]", "take people out of it, or the team away",
	    NULL, run_rm },
	{ "show", "TEAM", "show who is in it, and who is there", table_options,
	    run_show },
	{ NULL, NULL, NULL, NULL, NULL } };

static const struct cli_spec spec = { "desk-team", "teams of people", "",
	common, verbs,
	"  desk-team add returns anna bert\n"
	"  desk-team show returns\n"
	"  desk-team rm returns bert\n" };

int
main(int argc, char *argv[])
{
	return cli_main(&spec, argc, argv);
}
