/*
 * desk-user - the people of the desk: names, roles, Unix accounts
 *
 * Every change is an event with its actor and a row of the audit, in one
 * transaction.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/conversation.h"
#include "desk/person.h"
#include "desk/team.h"

static const char *store_flag;
static bool as_json, as_plain, all, yes, active;
static const char *full_name, *role, *account, *mail, *zone;
static int64_t capacity = CAPACITY_AS_IS;

static const struct cli_option common[] = { { 'S', "store", "STORE", CLI_TEXT,
						&store_flag,
						"directory of the store" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" }, CLI_END };

#define PERSON_OPTIONS                                                         \
	{ 0, "account", "ACCOUNT", CLI_TEXT, &account,                         \
		"Unix account, \"\" for none" },                               \
	    { 0, "capacity", "N", CLI_NUMBER, &capacity,                       \
		    "most open conversations to be given, 0 for any number" }, \
	    { 0, "full-name", "TEXT", CLI_TEXT, &full_name,                    \
		    "name as colleagues see it" },                             \
	    { 0, "mail", "ADDRESS", CLI_TEXT, &mail,                           \
		    "where they are told things, \"\" for none" },             \
	    { 0, "role", "ROLE", CLI_TEXT, &role, "admin, agent or viewer" },  \
	{                                                                      \
		0, "zone", "ZONE", CLI_TEXT, &zone,                            \
		    "time zone they are shown times in, \"\" for none"         \
	}

static const struct cli_option add_options[] = { PERSON_OPTIONS, CLI_END };

static const struct cli_option set_options[] = {
	{ 0, "active", NULL, CLI_FLAG, &active, "bring back one who left" },
	PERSON_OPTIONS,
	{ 'y', "yes", NULL, CLI_FLAG, &yes, "even if no admin is left" },
	CLI_END
};

static const struct cli_option list_options[] = {
	{ 'a', "all", NULL, CLI_FLAG, &all, "also those who have left" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	CLI_END
};

static const struct cli_option rm_options[] = {
	{ 'y', "yes", NULL, CLI_FLAG, &yes, "even the last admin" }, CLI_END
};

static struct store *
open_store(unsigned flags)
{
	struct store *s = NULL;

	cli_need(store_open(store_flag, flags, &s));
	return s;
}

/* Who may do what need asks, and a deed of theirs in an open transaction. */
static struct store *
begin(struct act *a, enum permission need, char **ret_self)
{
	struct store *s = open_store(STORE_WRITE);

	cli_need(person_self(s, need, ret_self));
	cli_need(store_begin(s));
	act_person(a, s, *ret_self);
	return s;
}

static void
print_made(const struct act *a)
{
	char *lines = act_lines(a);

	fputs(lines, stdout);
	free(lines);
}

/* Commit, or undo if code is an ERR; print what was done; the status. */
static int
end(struct store *s, struct act *a, char *self, int code)
{
	if (code < 0)
		store_rollback(s);
	else
		code = store_commit(s);
	if (code == 0 && as_json)
		print_made(a);
	act_release(a);
	free(self);
	store_close(s);
	return code;
}

/* What waited for somebody like name, and was too much for one transaction. */
static int
deal_rest(const char *self, const char *name)
{
	struct store *s = open_store(STORE_WRITE);
	int code = team_deal_rest(s, self, name, as_json ? print_made : NULL);

	store_close(s);
	return code;
}

static json_t *
person_json(const struct person *p)
{
	char since[TIME_TEXT_BYTES];
	json_t *o = json_object();

	json_put(o, "user", p->name);
	json_object_set_new(o, "full_name", json_text_new(p->full_name));
	json_put(o, "role", p->role);
	json_object_set_new(o, "account", json_text_new(p->account));
	json_object_set_new(o, "mail", json_text_new(p->mail));
	json_object_set_new(o, "zone", json_text_new(p->zone));
	json_object_set_new(o, "active", json_boolean(p->active));
	json_put(o, "availability", p->availability);
	json_object_set_new(o, "since",
	    p->availability_ms != 0 ?
		json_text_new(time_text(p->availability_ms, since)) :
		json_null());
	json_object_set_new(o, "capacity",
	    p->capacity > 0 ? json_integer(p->capacity) : json_null());
	return o;
}

static void
print_json(const struct person *p)
{
	json_t *o = person_json(p);

	cli_json(o);
	json_decref(o);
}

/* An account that is not on this machine yet is allowed, and named. */
static void
warn_account(void)
{
	if (account != NULL && *account != '\0' && getpwnam(account) == NULL)
		cli_warn("no account '%s' on this machine yet", account);
}

static int
run_add(struct cli *cli)
{
	char *self = NULL;
	struct act a;
	struct store *s;
	struct person p = { .active = true };
	int code;

	cli_args(cli, 1, 1);
	s = begin(&a, MAY_ADMIN, &self);
	p.name = cli->args[0];
	p.full_name = (char *)full_name;
	p.role = (char *)(role != NULL ? role : "agent");
	p.account = (char *)account;
	p.capacity = capacity != CAPACITY_AS_IS ? capacity : 0;
	p.mail = (char *)mail;
	p.zone = (char *)zone;
	code = person_add(&a, &p);
	code = end(s, &a, self, code);
	if (code == 0)
		warn_account();
	return code;
}

/* What stands at the end for scripts. */
static void
list_more(struct cli_table *t, const struct person *p)
{
	cli_table_cell(t, "%s", p->availability);
	if (p->capacity > 0)
		cli_table_cell(t, "%lld", (long long)p->capacity);
	else
		cli_table_cell(t, "%s", "");
}

static int
run_list(struct cli *cli)
{
	static const char *const headers[] = { "NAME", "ROLE", "ACCOUNT",
		"ACTIVE", "AVAILABLE", "FULL NAME", NULL };
	static const char *const plain[] = { "name", "role", "account",
		"active", "full name", "availability", "capacity", NULL };
	struct store *s = open_store(STORE_READ);
	struct person **people = NULL;
	struct cli_table *t = NULL;
	char *self = NULL;
	size_t count = 0, i;

	cli_args(cli, 0, 0);
	cli_need(person_self(s, MAY_READ, &self));
	cli_need(people_list(s, &people, &count));
	if (!as_json)
		t = cli_table_new(as_plain ? plain : headers, as_plain);
	for (i = 0; i < count; i++) {
		if (!people[i]->active && !all)
			continue;
		if (as_json) {
			print_json(people[i]);
			continue;
		}
		cli_table_cell(t, "%s", people[i]->name);
		cli_table_cell(t, "%s", people[i]->role);
		cli_table_cell(t, "%s",
		    people[i]->account != NULL ? people[i]->account :
			as_plain	       ? "" :
						 "-");
		cli_table_cell(t, "%s", people[i]->active ? "yes" : "no");
		if (!as_plain)
			cli_table_cell(t, "%s", people[i]->availability);
		cli_table_cell(t, "%s",
		    people[i]->full_name != NULL ? people[i]->full_name :
			as_plain		 ? "" :
						   "-");
		if (as_plain)
			list_more(t, people[i]);
	}
	if (t != NULL)
		cli_table_end(t);
	people_free(people, count);
	free(self);
	store_close(s);
	return 0;
}

static void
show_more(const struct person *p)
{
	char since[TIME_TEXT_BYTES];

	printf("available  %s", p->availability);
	if (p->availability_ms != 0)
		printf(", since %s", time_text(p->availability_ms, since));
	printf("\ncapacity   ");
	if (p->capacity > 0)
		printf("%lld\n", (long long)p->capacity);
	else
		printf("-\n");
}

static int
run_show(struct cli *cli)
{
	struct store *s = open_store(STORE_READ);
	struct person *p = NULL;
	char *self = NULL, *shown;

	cli_args(cli, 0, 1);
	cli_need(person_self(s, MAY_READ, &self));
	cli_need(person_get(s, cli->nargs > 0 ? cli->args[0] : self, &p));
	if (as_json)
		print_json(p);
	else {
		shown =
		    utf8_show(p->full_name != NULL ? p->full_name : "-", false);
		printf("name       %s\nfull name  %s\nrole       %s\n"
		       "account    %s\nmail       %s\nzone       %s\n"
		       "active     %s\n",
		    p->name, shown, p->role,
		    p->account != NULL ? p->account : "-",
		    p->mail != NULL ? p->mail : "-",
		    p->zone != NULL ? p->zone : "-",
		    p->active ? "yes" : "no, has left");
		free(shown);
		show_more(p);
	}
	person_free(p);
	free(self);
	store_close(s);
	return 0;
}

/* A desk that people share keeps one admin, unless --yes. */
static int
keep_admin(struct store *s, const char *name)
{
	struct person *p = NULL;
	int64_t others = 0;
	bool admin;
	int code;

	code = person_get(s, name, &p);
	if (code < 0 || yes)
		goto out;
	admin = p->active && strcmp(p->role, "admin") == 0;
	code = admins_besides(s, name, &others);
	if (code == 0 && admin && others == 0)
		code = err_set(ERR_NO,
		    "%s is the last admin; --yes does it all the same", name);
	if (code == ERR_NO)
		cli_warn("%s", err_reason());
out:
	person_free(p);
	return code;
}

/* Everybody says which clock they read; all else is the admins' to change. */
static bool
is_own_clock(void)
{
	return zone != NULL && full_name == NULL && role == NULL &&
	    account == NULL && mail == NULL && !active &&
	    capacity == CAPACITY_AS_IS;
}

static void
need_admin(struct store *s)
{
	char *admin = NULL;

	cli_need(person_self(s, MAY_ADMIN, &admin));
	free(admin);
}

/* The open conversations of one, NULL-ended; *ret is malloc'd. */
static int
held_by(struct store *s, const char *name, char ***ret)
{
	struct query q = query(store_desk(s),
	    "SELECT id FROM conversation WHERE assignee = :name"
	    "  AND owner = 'user' AND status IN ('open', 'snoozed')"
	    " ORDER BY id");
	char **ids = xcalloc(1, sizeof(*ids));
	size_t n = 0;

	bind_text(&q, ":name", name);
	while (step(&q)) {
		ids = xrealloc(ids, (n + 2) * sizeof(*ids));
		ids[n++] = column_copy(&q, 0);
		ids[n] = NULL;
	}
	*ret = ids;
	return done(&q);
}

/* Nobody's customer may wait for one who answers none any more. *ret_count:
 * conversations that went back to the queue. */
static int
give_back(struct store *s, struct act *a, const char *name, size_t *ret_count)
{
	char **ids = NULL;
	size_t n = 0, i;
	int code = held_by(s, name, &ids);

	while (code == 0 && ids[n] != NULL)
		code = conversation_release(a, ids[n++], false);
	for (i = 0; ids != NULL && ids[i] != NULL; i++)
		free(ids[i]);
	free(ids);
	*ret_count = n;
	return code;
}

static void
say_given_back(const char *name, size_t n)
{
	if (n > 0)
		cli_warn("%zu of %s's conversations went back to the queue", n,
		    name);
}

static int
run_set(struct cli *cli)
{
	char *self = NULL;
	struct act a;
	struct store *s;
	struct person p = { 0 }, *old = NULL;
	size_t given = 0;
	int code;

	cli_args(cli, 1, 1);
	if (full_name == NULL && role == NULL && account == NULL &&
	    mail == NULL && zone == NULL && !active &&
	    capacity == CAPACITY_AS_IS)
		cli_usage(cli, "nothing to set");
	s = begin(&a, is_own_clock() ? MAY_READ : MAY_ADMIN, &self);
	if (strcmp(cli->args[0], self) != 0)
		need_admin(s);
	p.name = cli->args[0];
	p.full_name = (char *)full_name;
	p.role = (char *)role;
	p.account = (char *)account;
	p.capacity = capacity;
	p.mail = (char *)mail;
	p.zone = (char *)zone;
	code = person_get(s, p.name, &old);
	if (code == 0)
		p.active = old->active || active;
	if (code == 0 && role != NULL && strcmp(role, "admin") != 0)
		code = keep_admin(s, p.name);
	if (code == 0)
		code = person_set(&a, &p);
	if (code == 0 && role != NULL && strcmp(role, "viewer") == 0)
		code = give_back(s, &a, p.name, &given);
	person_free(old);
	code = end(s, &a, xstrdup(self), code);
	if (code == 0)
		say_given_back(p.name, given);
	if (code == 0)
		code = deal_rest(self, p.name);
	if (code == 0)
		warn_account();
	free(self);
	return code;
}

static int
run_rm(struct cli *cli)
{
	char *self = NULL;
	struct act a;
	struct store *s;
	size_t n = 0;
	int code;

	cli_args(cli, 1, 1);
	s = begin(&a, MAY_ADMIN, &self);
	code = keep_admin(s, cli->args[0]);
	if (code == 0)
		code = person_remove(&a, cli->args[0]);
	if (code == 0)
		code = give_back(s, &a, cli->args[0], &n);
	code = end(s, &a, self, code);
	if (code == 0)
		say_given_back(cli->args[0], n);
	return code;
}

/* away, offline, online: everybody for themselves, an admin for others. */
static int
run_available(struct cli *cli)
{
	char *self = NULL;
	struct act a;
	struct store *s = open_store(STORE_WRITE);
	const char *name;
	int code;

	cli_args(cli, 0, 1);
	cli_need(person_self(s, MAY_READ, &self));
	name = cli->nargs > 0 ? cli->args[0] : self;
	if (strcmp(name, self) != 0)
		need_admin(s);
	cli_need(store_begin(s));
	act_person(&a, s, self);
	code = end(s, &a, xstrdup(self),
	    person_available(&a, name, cli->verb->name));
	if (code == 0 && strcmp(cli->verb->name, "online") == 0)
		code = deal_rest(self, name);
	free(self);
	return code;
}

static const struct cli_verb verbs[] = { { "add", "NAME", "add a person",
					     add_options, run_add },
	{ "away", "[PERSON]", "give no conversations for now", NULL,
	    run_available },
	{ "list", "", "list the people", list_options, run_list },
	{ "offline", "[PERSON]", "the same, and not at work", NULL,
	    run_available },
	{ "online", "[PERSON]", "give conversations again", NULL,
	    run_available },
	{ "rm", "NAME", "take a person off the desk", rm_options, run_rm },
	{ "set", "NAME", "change a person", set_options, run_set },
	{ "show", "[NAME]", "show one person, yourself without NAME", NULL,
	    run_show },
	{ NULL, NULL, NULL, NULL, NULL } };

static const struct cli_spec spec = { "desk-user",
	"people, roles and Unix accounts", "", common, verbs,
	"  desk-user add anna --full-name 'Anna Weiss' --role agent "
	"--account anna\n"
	"  desk-user list\n"
	"  desk-user set anna --role admin --capacity 8\n"
	"  desk-user away\n" };

int
main(int argc, char *argv[])
{
	return cli_main(&spec, argc, argv);
}
