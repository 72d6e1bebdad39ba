/*
 * desk-config - get, set and check settings
 *
 * Works on files alone, so that it helps where no store is or one is broken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "desk/settings.h"

static bool as_json, as_plain, all, origin, for_system;
static const char *file;

static const struct cli_option common[] = {
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" },
	CLI_END,
};

#define FILE_OPTION                                         \
	{                                                   \
		0, "file", "FILE", CLI_TEXT, &file,         \
		    "this file instead of the usual places" \
	}

static const struct cli_option get_options[] = {
	FILE_OPTION,
	{ 0, "origin", NULL, CLI_FLAG, &origin, "also where it is set" },
	CLI_END,
};
static const struct cli_option list_options[] = {
	{ 'a', "all", NULL, CLI_FLAG, &all, "also what is not set" },
	FILE_OPTION,
	{ 0, "origin", NULL, CLI_FLAG, &origin, "also where each is set" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	CLI_END,
};
static const struct cli_option edit_options[] = {
	FILE_OPTION,
	{ 0, "system", NULL, CLI_FLAG, &for_system,
	    "in /etc/frontdesk/frontdesk.conf" },
	CLI_END,
};

static void
say(void *ctx, const char *text)
{
	(void)ctx;
	cli_warn("%s", text);
}

static struct conf *
open_conf(void)
{
	struct conf *c = NULL;

	cli_need(file != NULL ? conf_open_file(file, &c) : conf_open(&c));
	return c;
}

/* "instance sales.ai": the last dot divides. */
static void
split(const struct cli *cli, const char *name, char **ret_section,
    const char **ret_key)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL)
		cli_usage(cli,
		    "'%s' is not SECTION.KEY, as in inbox.keep or "
		    "\"instance sales.ai\"",
		    name);
	*ret_section = xstrndup(name, (size_t)(dot - name));
	*ret_key = dot + 1;
}

/* The row of a setting; 64 if there is none. */
static const struct setting *
need(const struct cli *cli, const char *section, const char *key)
{
	const struct setting *s = setting_find(section, key);

	if (s == NULL) {
		setting_check(section, key, "", NULL);
		cli_usage(cli, "%s.%s: %s", section, key, err_reason());
	}
	return s;
}

/* A setting as it holds; "FILE:LINE" or "built in", or "" if it is not set. */
struct shown {
	char *section;
	const char *key;
	const char *value; /* NULL: not set */
	char *origin;
	const char *help;
};

static void
look(const struct conf *c, const char *section, const char *key,
    const struct setting *s, struct shown *ret)
{
	const struct conf_entry *e = conf_find(c, section, key);

	ret->section = xstrdup(section);
	ret->key = key;
	ret->value = setting_text(c, section, key);
	ret->help = s->help;
	if (e != NULL)
		ret->origin = xformat("%s:%d", e->file, e->line);
	else
		ret->origin = xstrdup(ret->value != NULL ? "built in" : "");
}

static void
shown_release(struct shown *s)
{
	free(s->section);
	free(s->origin);
}

static void
print_json(const struct shown *s)
{
	json_t *o = json_object();

	json_put(o, "section", s->section);
	json_put(o, "key", s->key);
	json_put_new(o, "value", json_text_new(s->value));
	json_put(o, "origin", s->origin);
	json_put(o, "help", s->help);
	cli_json(o);
	json_decref(o);
}

static int
get(struct cli *cli)
{
	const struct setting *s;
	struct conf *c;
	struct shown shown;
	const char *key;
	char *section;
	bool is_set;

	cli_args(cli, 1, 1);
	split(cli, cli->args[0], &section, &key);
	s = need(cli, section, key);
	c = open_conf();
	look(c, section, key, s, &shown);
	is_set = shown.value != NULL;
	if (as_json)
		print_json(&shown);
	else if (is_set && origin)
		printf("%s\t%s\n", shown.value, shown.origin);
	else if (is_set)
		printf("%s\n", shown.value);
	shown_release(&shown);
	free(section);
	conf_close(c);
	return is_set ? 0 : err_set(ERR_NO, "not set");
}

/* What list prints to, and which part of the settings it is asked for. */
struct listing {
	const struct conf *conf;
	const char *only; /* a section, "hours", or SECTION.KEY; NULL: all */
	struct cli_table *table;
	size_t count;
};

static bool
wanted(const char *only, const char *section, const char *key)
{
	size_t len = only != NULL ? strlen(only) : 0;

	if (only == NULL || strcmp(only, section) == 0)
		return true;
	if (strncmp(section, only, len) == 0 && section[len] == ' ')
		return true;
	len = strlen(section);
	return strncmp(only, section, len) == 0 && only[len] == '.' &&
	    strcmp(only + len + 1, key) == 0;
}

static void
list_one(struct listing *l, const char *section, const char *key,
    const struct setting *s)
{
	struct shown shown;

	if (!wanted(l->only, section, key))
		return;
	look(l->conf, section, key, s, &shown);
	if (shown.value == NULL && !all) {
		shown_release(&shown);
		return;
	}
	l->count++;
	if (as_json)
		print_json(&shown);
	else {
		cli_table_cell(l->table, "%s.%s", section, key);
		if (origin)
			cli_table_cell(l->table, "%s", shown.origin);
		cli_table_cell(l->table, "%s",
		    shown.value != NULL ? shown.value : "");
		if (all)
			cli_table_cell(l->table, "%s", shown.help);
	}
	shown_release(&shown);
}

/* The rows of a section, in the order of the table. */
static void
list_section(struct listing *l, const char *pattern, const char *section)
{
	const struct setting *s;
	const struct conf_entry *e;
	size_t i, j;

	for (i = 0; i < settings_count; i++) {
		s = &settings[i];
		if (strcmp(s->section, pattern) != 0)
			continue;
		if (s->kind != SET_HOURS && strcmp(s->key, "*") != 0) {
			list_one(l, section, s->key, s);
			continue;
		}
		/* Keys of which there are many: those that are there. */
		for (j = 0; (e = conf_entry(l->conf, j)) != NULL; j++)
			if (strcmp(e->section, section) == 0 &&
			    setting_find(section, e->key) == s)
				list_one(l, section, e->key, s);
	}
}

/* "*" at the end of a key stands for the tag of a language. */
static char *
shown_key(const char *key)
{
	size_t len = strlen(key);

	return str_ends(key, "*") ?
	    xformat("%.*sLANGUAGE", (int)(len - 1), key) :
	    xstrdup(key);
}

/* All sections "KIND NAME" that are there; with --all KIND NAME itself. */
static void
list_named(struct listing *l, const char *pattern)
{
	size_t len = strlen(pattern) - 1, i, j;
	const struct conf_entry *e, *earlier;
	char *name, *key;

	for (i = 0; (e = conf_entry(l->conf, i)) != NULL; i++) {
		if (strncmp(e->section, pattern, len) != 0)
			continue;
		for (j = 0; (earlier = conf_entry(l->conf, j)) != e; j++)
			if (strcmp(earlier->section, e->section) == 0)
				break;
		if (earlier == e)
			list_section(l, pattern, e->section);
	}
	if (!all)
		return;
	name = xformat("%.*sNAME", (int)len, pattern);
	for (i = 0; i < settings_count; i++)
		if (strcmp(settings[i].section, pattern) == 0) {
			key = shown_key(settings[i].key);
			list_one(l, name, key, &settings[i]);
			free(key);
		}
	free(name);
}

static int
list(struct cli *cli)
{
	static const char *const headers[2][2][5] = {
		{ { "SETTING", "VALUE", NULL },
		    { "SETTING", "VALUE", "MEANING", NULL } },
		{ { "SETTING", "FROM", "VALUE", NULL },
		    { "SETTING", "FROM", "VALUE", "MEANING", NULL } },
	};
	struct listing l = { .only = NULL };
	struct conf *c;
	size_t i, j;

	cli_args(cli, 0, 1);
	if (cli->nargs == 1)
		l.only = cli->args[0];
	l.conf = c = open_conf();
	if (!as_json)
		l.table = cli_table_new(headers[origin][all], as_plain);
	for (i = 0; i < settings_count; i++) {
		for (j = 0; j < i; j++)
			if (strcmp(settings[j].section, settings[i].section) ==
			    0)
				break;
		if (j < i) /* its section has been listed */
			continue;
		if (str_ends(settings[i].section, " *"))
			list_named(&l, settings[i].section);
		else
			list_section(&l, settings[i].section,
			    settings[i].section);
	}
	if (l.table != NULL)
		cli_table_end(l.table);
	conf_close(c);
	return l.count > 0 || l.only == NULL ?
	    0 :
	    err_set(ERR_NO, "nothing is set there");
}

/* Secrets that everybody on the machine may read are none. */
static bool
check_secrets(const struct conf *c)
{
	const struct conf_entry *e;
	const struct setting *s;
	struct stat st;
	bool good = true;
	char *path;
	size_t i;

	for (i = 0; (e = conf_entry(c, i)) != NULL; i++) {
		s = setting_find(e->section, e->key);
		if (s == NULL || s->kind != SET_FILE ||
		    !(str_ends(e->key, "key_file") ||
			str_ends(e->key, "token_file") ||
			str_ends(e->key, "secrets_file")))
			continue;
		path = setting_path(c, e->section, e->key);
		if (path != NULL && stat(path, &st) == 0 &&
		    S_ISREG(st.st_mode) && (st.st_mode & S_IROTH) != 0) {
			cli_warn("%s:%d: %s.%s: everybody may read %s (chmod "
				 "o-r)",
			    e->file, e->line, e->section, e->key, path);
			good = false;
		}
		free(path);
	}
	return good;
}

/* A reply that cannot be said as it stands, whoever says it. */
static bool
check_replies(const struct conf *c)
{
	const struct conf_entry *e;
	bool good = true;
	size_t i;

	for (i = 0; (e = conf_entry(c, i)) != NULL; i++) {
		if (!str_starts(e->section, "reply ") ||
		    reply_check(e->key, e->value) == 0)
			continue;
		cli_warn("%s:%d: %s.%s: %s", e->file, e->line, e->section,
		    e->key, err_reason());
		good = false;
	}
	return good;
}

static int
check(struct cli *cli)
{
	struct conf *c = NULL;
	int code, settled;

	cli_args(cli, 0, 1);
	if (cli->nargs == 1)
		file = cli->args[0];
	code = conf_read(file, say, NULL, &c);
	if (c == NULL)
		return code; /* nothing could be read */
	settled = settings_check(c, say, NULL);
	if (!check_secrets(c))
		settled = ERR_CONFIG;
	if (!check_replies(c))
		settled = ERR_CONFIG;
	conf_close(c);
	if (code == 0)
		code = settled;
	if (code < 0) /* all has been said */
		exit(err_status(code));
	return 0;
}

/* An id that another section has cannot be had: where all can be read. */
static int
check_clash(const char *section, const char *key, const char *value)
{
	struct conf *c = NULL;
	int code = file != NULL ? conf_open_file(file, &c) : conf_open(&c);

	code = code == 0 ? setting_clash(c, section, key, value) : 0;
	conf_close(c);
	return code;
}

/* Say if another file has the last word. */
static void
warn_overruled(const char *section, const char *key, const char *value)
{
	const struct conf_entry *e;
	struct conf *c = NULL;

	if (file != NULL)
		return;
	if (conf_open(&c) < 0) {
		cli_warn("%s", err_reason());
		return;
	}
	e = conf_find(c, section, key);
	if (e != NULL && (value == NULL || strcmp(e->value, value) != 0))
		cli_warn("%s:%d sets it too, and has the last word", e->file,
		    e->line);
	conf_close(c);
}

/* The file a section has beside the settings, if it has one; takes path. */
static char *
own_file(char *path, const char *section)
{
	char *own = conf_section_path(path, section);

	if (own == NULL || access(own, F_OK) < 0) {
		free(own);
		return path;
	}
	free(path);
	return own;
}

static int
edit(struct cli *cli, const char *name, const char *value)
{
	struct conf_change change = { .value = value };
	char *section, *path = NULL;
	int code = 0;

	cli_need(conf_target(file, for_system, &path));
	split(cli, name, &section, &change.key);
	change.section = section;
	if (file == NULL)
		path = own_file(path, section);
	if (value != NULL) { /* what is in a file may go, whatever it is */
		need(cli, section, change.key);
		code = setting_check(section, change.key, value, path);
		if (code == 0)
			code = check_clash(section, change.key, value);
	}
	if (code < 0) {
		cli_warn("%s: %s", name, err_reason());
		exit(err_status(code));
	}
	code = conf_write(path, &change, 1, NULL);
	if (code == 0)
		warn_overruled(section, change.key, value);
	free(path);
	free(section);
	return code;
}

static int
set(struct cli *cli)
{
	cli_args(cli, 2, 2);
	return edit(cli, cli->args[0], cli->args[1]);
}

static int
unset(struct cli *cli)
{
	cli_args(cli, 1, 1);
	return edit(cli, cli->args[0], NULL);
}

static const struct cli_verb verbs[] = {
	{ "check", "[FILE]", "name every error in the settings", NULL, check },
	{ "get", "SECTION.KEY", "print the value that holds", get_options,
	    get },
	{ "list", "[SECTION[.KEY]]", "print all that hold", list_options,
	    list },
	{ "set", "SECTION.KEY VALUE", "write a value to a file", edit_options,
	    set },
	{ "unset", "SECTION.KEY", "take a setting out of a file", edit_options,
	    unset },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const struct cli_spec spec = {
	.name = "desk-config",
	.summary = "get, set and check settings",
	.args = "",
	.options = common,
	.verbs = verbs,
	.examples = "  desk-config list --origin\n"
		    "  desk-config set \"instance sales.ai\" off\n"
		    "  desk-config check /etc/frontdesk/frontdesk.conf\n",
};

int
main(int argc, char *argv[])
{
	return cli_main(&spec, argc, argv);
}
