/*
 * desk-contact - what is known of customers, and whether to write to them
 *
 * Every change is an event with its actor and a row of the audit, in one
 * transaction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "desk/attribute.h"
#include "desk/consent.h"
#include "desk/contact.h"
#include "desk/listing.h"
#include "desk/noted.h"
#include "desk/person.h"
#include "desk/reach.h"

static const char *store_flag;
static bool as_json;

static const struct cli_option common[] = { { 'S', "store", "STORE", CLI_TEXT,
						&store_flag,
						"directory of the store" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" }, CLI_END };

/* The one contact that text means; several are named. */
static int
meant(struct store *s, const char *text, char ret[SHORT_ID_BYTES])
{
	struct buf names = BUF_INIT(0);
	json_t *list = NULL, *id;
	char *ids = NULL, *some;
	size_t i;
	int code = listing_contacts(s,
	    str_starts(text, "contact/") ? text + strlen("contact/") : text,
	    &ids);

	if (code == 0)
		code = json_value_parse(ids, strlen(ids), &list);
	if (code == 0 && json_array_size(list) == 1)
		snprintf(ret, SHORT_ID_BYTES, "%s",
		    json_string_value(json_array_get(list, 0)));
	else if (code == 0) {
		json_array_foreach(list, i, id)
			buf_addf(&names, "%s%s", i > 0 ? ", " : "",
			    json_string_value(id));
		some = buf_detach(&names);
		code =
		    err_set(ERR_USAGE, "'%s' may be %s: say which", text, some);
		free(some);
	}
	json_decref(list);
	free(ids);
	return code;
}

/* --- looking --- */

/* {"phone":["4915..."],"username":["ada"]}: the names they have now. */
static json_t *
names_json(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "SELECT kind, value FROM held_alias WHERE contact = :id"
	    " ORDER BY kind, since_ms, value");
	json_t *o = json_object(), *list;

	bind_text(&q, ":id", id);
	while (step(&q)) {
		list = json_object_get(o, column_text(&q, 0));
		if (list == NULL) {
			list = json_array();
			json_object_set_new(o, column_text(&q, 0), list);
		}
		json_array_append_new(list, json_text_new(column_text(&q, 1)));
	}
	cli_need(done(&q));
	return o;
}

static json_t *
conversations_json(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "SELECT id FROM conversation WHERE contact = :id"
	    " AND merged_into IS NULL ORDER BY number");
	json_t *list = json_array();

	bind_text(&q, ":id", id);
	while (step(&q))
		json_array_append_new(list, json_text_new(column_text(&q, 0)));
	cli_need(done(&q));
	return list;
}

/* The row itself. */
static void
put_row(struct store *s, const char *id, json_t *o)
{
	struct query q = query(store_desk(s),
	    "SELECT instance, name, coalesce(language_set,"
	    "  (SELECT c.language FROM conversation c WHERE c.contact = k.id"
	    "   AND c.language IS NOT NULL ORDER BY c.number DESC LIMIT 1)),"
	    " zone, created_ms FROM contact k WHERE id = :id");
	char since[TIME_TEXT_BYTES];

	bind_text(&q, ":id", id);
	if (step(&q)) {
		json_put(o, "instance", column_text(&q, 0));
		json_object_set_new(o, "name",
		    json_text_new(column_text(&q, 1)));
		json_object_set_new(o, "language",
		    json_text_new(column_text(&q, 2)));
		json_object_set_new(o, "zone",
		    json_text_new(column_text(&q, 3)));
		json_put(o, "since", time_text(column_int(&q, 4), since));
	}
	cli_need(done(&q));
}

static json_t *
contact_json(struct store *s, const char *id)
{
	json_t *o = json_object(), *attributes = NULL;
	char *language = NULL, *zone = NULL, *why;
	int64_t since_ms = 0;
	bool renamed;

	json_put(o, "contact", id);
	put_row(s, id, o);
	cli_need(noted_get(s, id, &renamed, &language, &zone));
	json_object_set_new(o, "renamed", json_boolean(renamed));
	json_object_set_new(o, "language_set", json_boolean(language != NULL));
	json_object_set_new(o, "blocked",
	    json_boolean(cli_need(contact_blocked(s, id))));
	json_object_set_new(o, "opted_out",
	    json_boolean(cli_need(contact_opted_out(s, id))));
	why = reach_trouble(s, id, &since_ms);
	json_object_set_new(o, "unreachable", json_text_new(why));
	json_object_set_new(o, "names", names_json(s, id));
	cli_need(attributes_json(s, id, &attributes));
	json_object_set_new(o, "attributes", attributes);
	json_object_set_new(o, "conversations", conversations_json(s, id));
	free(why);
	free(language);
	free(zone);
	return o;
}

/* A line for people; what is not known is left out. */
static void
field(const char *name, const char *value, const char *remark)
{
	char *shown;

	if (value == NULL)
		return;
	shown = utf8_show(value, false);
	printf("%-12s  %s%s\n", name, shown, remark != NULL ? remark : "");
	free(shown);
}

/* "Europe/Rome", and what their clock says. */
static void
show_zone(const char *name)
{
	struct zone *z = NULL;
	struct wall wall;
	char clock[32];

	if (name == NULL || zone_open(name, &z) < 0) {
		field("zone", name, NULL);
		return;
	}
	zone_wall(z, now_ms(), &wall);
	snprintf(clock, sizeof(clock), ", %02d:%02d there", wall.second / 3600,
	    wall.second / 60 % 60);
	field("zone", name, clock);
	zone_close(z);
}

static void
show_lists(const json_t *o)
{
	const char *key;
	json_t *value, *one;
	size_t i;

	json_object_foreach(json_object_get(o, "names"), key, value)
		json_array_foreach(value, i, one)
			field(key, json_string_value(one), NULL);
	json_object_foreach(json_object_get(o, "attributes"), key, value) {
		char *line = xformat("%s = %s", key, json_string_value(value));

		field("attribute", line, NULL);
		free(line);
	}
	json_array_foreach(json_object_get(o, "conversations"), i, one)
		field("conversation", json_string_value(one), NULL);
}

static void
show(const json_t *o)
{
	field("contact", json_str(o, "contact"), NULL);
	field("name", json_str(o, "name"),
	    json_bool_or(o, "renamed", false) ? ", as named here" : NULL);
	field("instance", json_str(o, "instance"), NULL);
	field("since", json_str(o, "since"), NULL);
	field("language", json_str(o, "language"),
	    json_bool_or(o, "language_set", false) ? ", as said here" : NULL);
	show_zone(json_str(o, "zone"));
	if (json_bool_or(o, "blocked", false))
		field("blocked", "yes: nothing is sent, nobody is told", NULL);
	if (json_bool_or(o, "opted_out", false))
		field("opted out", "yes: nothing unasked for", NULL);
	field("unreachable", json_str(o, "unreachable"), NULL);
	show_lists(o);
}

static int
run_show(struct cli *cli)
{
	struct store *s = NULL;
	char *self = NULL, id[SHORT_ID_BYTES];
	json_t *o;

	cli_args(cli, 1, 1);
	cli_need(store_open(store_flag, STORE_READ, &s));
	cli_need(person_self(s, MAY_READ, &self));
	cli_need(meant(s, cli->args[0], id));
	o = contact_json(s, id);
	if (as_json)
		cli_json(o);
	else
		show(o);
	json_decref(o);
	free(self);
	store_close(s);
	return 0;
}

/* --- changes --- */

typedef int (*change_fn)(struct act *a, const char *id, char *const *args);

static int
change(struct cli *cli, change_fn fn)
{
	struct store *s = NULL;
	struct act a;
	char *self = NULL, *line, *action, id[SHORT_ID_BYTES];
	size_t i;
	int code;

	cli_need(store_open(store_flag, STORE_WRITE, &s));
	cli_need(person_self(s, MAY_WRITE, &self));
	cli_need(meant(s, cli->args[0], id));
	cli_need(store_begin(s));
	act_person(&a, s, self);
	code = fn(&a, id, cli->args + 1);
	if (code == 0 && a.nmade > 0) {
		action = xformat("contact.%s", cli->verb->name);
		code = act_audit(&a, action, id, NULL);
		free(action);
	}
	if (code < 0)
		store_rollback(s);
	else
		code = store_commit(s);
	for (i = 0; code == 0 && as_json && i < a.nmade; i++) {
		line = event_line(a.made[i]);
		printf("%s\n", line);
		free(line);
	}
	act_release(&a);
	free(self);
	store_close(s);
	return code;
}

static int
do_block(struct act *a, const char *id, char *const *args)
{
	(void)args;
	return contact_block(a, id, true);
}

static int
do_unblock(struct act *a, const char *id, char *const *args)
{
	(void)args;
	return contact_block(a, id, false);
}

static int
do_opt_in(struct act *a, const char *id, char *const *args)
{
	(void)args;
	return contact_opt(a, id, false);
}

static int
do_opt_out(struct act *a, const char *id, char *const *args)
{
	(void)args;
	return contact_opt(a, id, true);
}

/* An empty word takes back what was said. */
static const char *
or_none(const char *word)
{
	return *word != '\0' ? word : NULL;
}

static int
do_rename(struct act *a, const char *id, char *const *args)
{
	return contact_call(a, id, or_none(args[0]));
}

static int
do_language(struct act *a, const char *id, char *const *args)
{
	return contact_speaks(a, id, or_none(args[0]));
}

static int
do_zone(struct act *a, const char *id, char *const *args)
{
	return contact_lives(a, id, or_none(args[0]));
}

static int
do_set(struct act *a, const char *id, char *const *args)
{
	return attribute_set(a, id, args[0], args[1]);
}

static int
do_unset(struct act *a, const char *id, char *const *args)
{
	return attribute_set(a, id, args[0], NULL);
}

/* The verbs that change, by name. */
static const struct {
	const char *name;
	change_fn fn;
	int nargs;
} changes[] = {
	{ "block", do_block, 1 },
	{ "language", do_language, 2 },
	{ "opt-in", do_opt_in, 1 },
	{ "opt-out", do_opt_out, 1 },
	{ "rename", do_rename, 2 },
	{ "set", do_set, 3 },
	{ "unblock", do_unblock, 1 },
	{ "unset", do_unset, 2 },
	{ "zone", do_zone, 2 },
};

static int
run_change(struct cli *cli)
{
	size_t i = 0;

	while (strcmp(changes[i].name, cli->verb->name) != 0)
		i++;
	cli_args(cli, changes[i].nargs, changes[i].nargs);
	return change(cli, changes[i].fn);
}

static const struct cli_verb verbs[] = {
	{ "block", "CONTACT", "do not listen to them, and send them nothing",
	    NULL, run_change },
	{ "language", "CONTACT LANGUAGE",
	    "say what they write, \"\" to detect it", NULL, run_change },
	{ "opt-in", "CONTACT", "they may be written to unasked again", NULL,
	    run_change },
	{ "opt-out", "CONTACT", "they want nothing that they did not ask for",
	    NULL, run_change },
	{ "rename", "CONTACT TEXT", "call them so, \"\" for their own name",
	    NULL, run_change },
	{ "set", "CONTACT NAME VALUE", "note something about them", NULL,
	    run_change },
	{ "show", "CONTACT", "show what is known of them", NULL, run_show },
	{ "unblock", "CONTACT", "listen to them again", NULL, run_change },
	{ "unset", "CONTACT NAME", "take what was noted away", NULL,
	    run_change },
	{ "zone", "CONTACT ZONE", "say where they live, \"\" for nowhere known",
	    NULL, run_change },
	{ NULL, NULL, NULL, NULL, NULL }
};

static const struct cli_spec spec = { "desk-contact",
	"what is known of customers, and whether to write to them", "", common,
	verbs,
	"  desk-contact show 491701234567\n"
	"  desk-contact set 7k3 plan premium\n"
	"  desk-contact block 491701234567\n" };

int
main(int argc, char *argv[])
{
	return cli_main(&spec, argc, argv);
}
