/*
 * ai-profile - the set-ups of the AI: list, show, check, switch
 *
 * A set-up stands in the settings; this program shows what comes of it and
 * changes single lines of it. Keys are sealed in auth.db and never printed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ai/budget.h"
#include "ai/profile.h"
#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "desk/act.h"
#include "desk/person.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "kb/search.h"

#define REVISION_SHOWN 12 /* characters, for people */
#define NAMES_MAX 1024

static const char *store_flag;
static bool as_json, as_plain, closed, forget, transcriber;

static const struct cli_option common[] = {
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" }, CLI_END
};

static const struct cli_option list_options[] = {
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	CLI_END
};

static const struct cli_option key_options[] = {
	{ 0, "forget", NULL, CLI_FLAG, &forget, "forget the key instead" },
	{ 0, "transcribe", NULL, CLI_FLAG, &transcriber,
	    "the key of [transcribe], for ai-transcribe alone" },
	{ 'S', "store", "STORE", CLI_TEXT, &store_flag,
	    "directory of the store" },
	CLI_END
};

static const struct cli_option use_options[] = {
	{ 0, "closed", NULL, CLI_FLAG, &closed,
	    "outside of the instance's hours only" },
	CLI_END
};

/* From here on without the group that a service's store lends: the files the
 * settings name are the person's. */
static void
own_rights(void)
{
	if (setegid(getgid()) < 0)
		cli_die(ERR_DENIED, "%s", strerror(errno));
}

static struct conf *
own_settings(void)
{
	struct conf *c;

	own_rights();
	cli_need(conf_open(&c));
	return c;
}

static void
names_free(char **names)
{
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

static void
need_profile(const struct conf *c, const char *name)
{
	const char *near;
	char **names;

	if (profile_exists(c, name))
		return;
	if (profile_missing(c, name, ERR_NOINPUT) == ERR_CONFIG)
		cli_exit(ERR_CONFIG);
	names = profile_names(c);
	near = str_nearest(name, (const char *const *)names);
	err_set(ERR_NOINPUT, "there is no profile %s%s%s%s", name,
	    near != NULL ? ", did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	names_free(names);
	cli_need(ERR_NOINPUT);
}

/* The instances that have chosen a profile by key, with blanks between. */
static char *
used_by(const struct conf *c, const char *name, const char *key)
{
	struct buf b = BUF_INIT(0);
	const struct conf_entry *e;
	const char *chosen;
	char *last = NULL;
	size_t i;

	for (i = 0; (e = conf_entry(c, i)) != NULL; i++) {
		if (!str_starts(e->section, "instance ") ||
		    (last != NULL && strcmp(last, e->section) == 0))
			continue;
		free(last);
		last = xstrdup(e->section);
		/* A section that stands in several files is told once. */
		if (conf_find(c, e->section, e->key) != e)
			continue;
		chosen = setting_text(c, e->section, key);
		if (strcmp(name, PROFILE_DEFAULT) == 0 ?
			strcmp(key, "profile") != 0 || chosen != NULL :
			chosen == NULL || strcmp(chosen, name) != 0)
			continue;
		buf_addf(&b, "%s%s", b.len > 0 ? " " : "",
		    e->section + strlen("instance "));
	}
	free(last);
	return buf_detach(&b);
}

/* A fault of [ai] is one of all that inherit it, and told once. */
static void
say(void *ctx, const char *text)
{
	static char **told;
	static size_t n;
	size_t i;

	(void)ctx;
	for (i = 0; i < n; i++)
		if (strcmp(told[i], text) == 0)
			return;
	told = xrealloc(told, (n + 1) * sizeof(*told));
	told[n++] = xstrdup(text);
	cli_warn("%s", text);
}

/* --- looking --- */

/* A profile, its key left out: no program that shows it has a use for that. */
static int
look(const struct conf *c, const char *name, struct profile *ret)
{
	struct profile p;

	if (profile_open(c, name, &p) < 0)
		return ERR_CONFIG;
	if (profile_key(c, NULL, NULL, &p) < 0) {
		profile_release(&p);
		return ERR_CONFIG;
	}
	*ret = p;
	return 0;
}

static json_t *
object_of(const struct conf *c, const char *name)
{
	struct profile p = { .name = NULL };
	char *by = used_by(c, name, "profile"),
	     *by_closed = used_by(c, name, "profile_closed"), *section;
	json_t *o = json_object();
	bool enabled = true;
	int code = look(c, name, &p);

	section = xformat("profile %s", name);
	if (code < 0 && strcmp(name, PROFILE_DEFAULT) != 0 &&
	    !profile_exists(c, name))
		enabled = false;
	else if (strcmp(name, PROFILE_DEFAULT) != 0)
		setting_bool(c, section, "enabled", &enabled);
	json_put(o, "profile", name);
	json_put_new(o, "enabled", json_boolean(enabled));
	if (code == 0) {
		json_put(o, "provider", p.provider);
		json_put(o, "model", p.model);
		json_put(o, "revision", p.revision);
	} else
		json_put(o, "fault", err_reason());
	json_put(o, "description",
	    strcmp(name, PROFILE_DEFAULT) != 0 ?
		setting_text(c, section, "description") :
		NULL);
	json_put(o, "instances", by);
	json_put(o, "instances_closed", by_closed);
	free(section);
	free(by);
	free(by_closed);
	profile_release(&p);
	return o;
}

/* Who has chosen it, and who for the hours it is closed in. */
static void
cell_instances(struct cli_table *t, const json_t *o, const char *none)
{
	const char *by = json_str_or(o, "instances", ""),
		   *closed_by = json_str_or(o, "instances_closed", "");

	if (*closed_by != '\0')
		cli_table_cell(t, "%s%sclosed: %s", by, *by != '\0' ? ", " : "",
		    closed_by);
	else
		cli_table_cell(t, "%s", *by != '\0' ? by : none);
}

/* Those there are, and behind them those whose file is broken. */
static char **
names_listed(const struct conf *c)
{
	char **names = profile_names(c);
	const struct conf_fault *f;
	const char *name;
	size_t i, n = 0;

	while (names[n] != NULL)
		n++;
	for (i = 0; (f = conf_fault(c, i)) != NULL; i++) {
		if (!str_starts(f->section, "profile "))
			continue;
		name = f->section + strlen("profile ");
		if (!conf_is_name(name) || profile_exists(c, name) ||
		    str_in(name, (const char *const *)names))
			continue;
		names = xrealloc(names, (n + 2) * sizeof(*names));
		names[n++] = xstrdup(name);
		names[n] = NULL;
	}
	return names;
}

static int
run_list(struct cli *cli)
{
	static const char *const headers[] = { "NAME", "ENABLED", "PROVIDER",
		"MODEL", "REVISION", "INSTANCES", "DESCRIPTION", NULL };
	struct cli_table *t = NULL;
	struct conf *c;
	const char *none = as_plain ? "" : "-";
	char **names;
	json_t *o;
	size_t i;

	cli_args(cli, 0, 0);
	c = own_settings();
	conf_faults(c, "profile", say, NULL);
	profile_reserved(c, say, NULL);
	names = names_listed(c);
	if (!as_json)
		t = cli_table_new(headers, as_plain);
	for (i = 0; names[i] != NULL; i++) {
		o = object_of(c, names[i]);
		if (as_json)
			cli_json(o);
		else {
			cli_table_cell(t, "%s", names[i]);
			cli_table_cell(t, "%s",
			    json_str(o, "fault") != NULL	 ? "broken" :
				json_bool_or(o, "enabled", true) ? "on" :
								   "off");
			cli_table_cell(t, "%s",
			    json_str_or(o, "provider", none));
			cli_table_cell(t, "%s", json_str_or(o, "model", none));
			cli_table_cell(t, "%.*s",
			    as_plain ? 64 : REVISION_SHOWN,
			    json_str_or(o, "revision", none));
			cell_instances(t, o, none);
			cli_table_cell(t, "%s",
			    json_str_or(o, "fault",
				json_str_or(o, "description", none)));
		}
		json_decref(o);
	}
	if (t != NULL)
		cli_table_end(t);
	names_free(names);
	conf_close(c);
	return 0;
}

static char *
origin(const struct profile_setting *s)
{
	if (s->file == NULL)
		return xstrdup("built in");
	return s->line > 0 ? xformat("%s:%d", s->file, s->line) :
			     xstrdup(s->file);
}

static void
show_json(void *ctx, const struct profile_setting *s)
{
	json_t *o = json_object();
	char *from = origin(s);

	json_put(o, "value", s->value);
	json_put(o, "origin", from);
	json_put(o, "reaches", s->reaches);
	json_object_set_new(ctx, s->key, o);
	free(from);
}

static void
show_row(void *ctx, const struct profile_setting *s)
{
	char *from = origin(s);

	cli_table_cell(ctx, "%s", s->key);
	cli_table_cell(ctx, "%s", s->value);
	cli_table_cell(ctx, "%s", s->reaches);
	cli_table_cell(ctx, "%s", from);
	free(from);
}

static int
run_show(struct cli *cli)
{
	static const char *const headers[] = { "SETTING", "VALUE", "REACHES",
		"FROM", NULL };
	const char *name;
	struct profile p = { .name = NULL };
	struct cli_table *t;
	struct conf *c;
	json_t *o, *rows;

	cli_args(cli, 0, 1);
	name = cli->nargs > 0 ? cli->args[0] : PROFILE_DEFAULT;
	c = own_settings();
	need_profile(c, name);
	cli_need(look(c, name, &p));
	if (as_json) {
		o = object_of(c, name);
		json_put(o, "url", p.url);
		json_put(o, "prompt", p.prompt);
		rows = json_object();
		profile_each(c, name, show_json, rows);
		json_put_new(o, "settings", rows);
		cli_json(o);
		json_decref(o);
	} else {
		t = cli_table_new(headers, as_plain);
		profile_each(c, name, show_row, t);
		if (p.url != NULL) {
			cli_table_cell(t, "request");
			cli_table_cell(t, "%s", p.url);
			cli_table_cell(t, "where requests go");
			cli_table_cell(t, "%s", as_plain ? "" : "-");
		}
		cli_table_cell(t, "revision");
		cli_table_cell(t, "%s", p.revision);
		cli_table_cell(t, "--why of ai-reply");
		cli_table_cell(t, "%s", as_plain ? "" : "-");
		cli_table_end(t);
	}
	profile_release(&p);
	conf_close(c);
	return 0;
}

/* --- checking --- */

/* Faults of the values of one section, as desk-config check names them. */
struct picked {
	char *section;
	int faults;
};

static void
say_picked(void *ctx, const char *text)
{
	struct picked *p = ctx;

	if (strstr(text, p->section) == NULL)
		return;
	say(NULL, text);
	p->faults++;
}

/* It may be filled yet, so it is no fault: but nothing is answered from it. */
static void
check_collections(const struct profile *p)
{
	const char **there = NULL;
	struct store *s = NULL;
	struct db *db;
	char *dir = NULL;
	size_t i;

	if (p->collections.count == 0 || store_find(NULL, &dir) < 0)
		return;
	free(dir);
	if (store_open(NULL, STORE_READ, &s) == 0 && store_kb(s, &db) == 0)
		there = kb_collections(db);
	for (i = 0; there != NULL && i < p->collections.count; i++)
		if (!str_in(p->collections.item[i], there))
			cli_warn("%s: there is no collection %s yet", p->name,
			    p->collections.item[i]);
	for (i = 0; there != NULL && there[i] != NULL; i++)
		free((void *)(uintptr_t)there[i]);
	free(there);
	store_close(s);
}

static int
check_one(const struct conf *c, const char *name)
{
	struct profile p;
	struct picked k = { .faults = 0 };
	bool is_default = strcmp(name, PROFILE_DEFAULT) == 0;
	int code, never = 0;

	k.section =
	    is_default ? xstrdup(": ai.") : xformat(": profile %s.", name);
	settings_check(c, say_picked, &k);
	free(k.section);
	code = profile_check(c, name, say, NULL);
	/* What only shows when it is read: a prompt that is no text, ... */
	if (code == 0 && k.faults == 0) {
		code = look(c, name, &p);
		if (code == 0) {
			never = budget_check(c, &p, say, NULL);
			check_collections(&p);
			profile_release(&p);
		} else
			say(NULL, err_reason());
	}
	return code < 0 || k.faults > 0 || never > 0 ? ERR_CONFIG : 0;
}

/* What was said while the settings were read. */
struct said {
	char **text;
	size_t count;
};

static void
keep(void *ctx, const char *text)
{
	struct said *k = ctx;

	k->text = xrealloc(k->text, (k->count + 1) * sizeof(*k->text));
	k->text[k->count++] = xstrdup(text);
}

/* Whether a fault is of another set-up than those that are checked (NULL: all
 * of them are), or of a tool, which ai-tool check tells. */
static bool
is_of_others(const struct conf *c, const char *text, char *const *names)
{
	const struct conf_fault *f;
	size_t i;
	char *whole;
	bool same = false;

	for (i = 0; !same && (f = conf_fault(c, i)) != NULL; i++) {
		whole = xformat("%s: %s", f->file, f->why);
		same = strcmp(whole, text) == 0;
		free(whole);
	}
	if (!same)
		return false;
	if (!str_starts(f->section, "profile "))
		return true;
	if (names == NULL)
		return false;
	return !str_in(f->section + strlen("profile "),
	    (const char *const *)names);
}

/* All that can be read, what is wrong with it told. */
static int
checked_settings(char *const *names, struct conf **ret)
{
	struct said k = { .text = NULL };
	struct conf *c = NULL;
	size_t i;
	int code, worst = 0;

	own_rights();
	code = conf_read(NULL, keep, &k, &c);
	if (c == NULL)
		cli_exit(code);
	for (i = 0; i < k.count; i++) {
		if (!is_of_others(c, k.text[i], names)) {
			say(NULL, k.text[i]);
			worst = ERR_CONFIG;
		}
		free(k.text[i]);
	}
	free(k.text);
	*ret = c;
	return worst;
}

static int
run_check(struct cli *cli)
{
	struct conf *c;
	char **names = NULL;
	int code, i;

	cli_args(cli, 0, NAMES_MAX);
	code = checked_settings(cli->nargs > 0 ? cli->args : NULL, &c);
	if (cli->nargs == 0) {
		names = profile_names(c);
		if (profile_reserved(c, say, NULL) > 0)
			code = ERR_CONFIG;
	}
	for (i = 0; i < cli->nargs || (names != NULL && names[i] != NULL);
	     i++) {
		const char *name = names != NULL ? names[i] : cli->args[i];

		/* With its file told as what it is. */
		if (!profile_exists(c, name) &&
		    profile_missing(c, name, ERR_NOINPUT) == ERR_CONFIG)
			continue;
		need_profile(c, name);
		if (check_one(c, name) < 0)
			code = ERR_CONFIG;
	}
	if (names != NULL)
		names_free(names);
	conf_close(c);
	if (code < 0) /* each has been told */
		exit(err_status(ERR_CONFIG));
	return 0;
}

/* --- switching --- */

/* The file that a change of section.key belongs into: the one that says it
 * now, the profile's own, else the usual one. The caller frees. */
static char *
target(const struct conf *c, const char *section, const char *key)
{
	const struct conf_entry *e = conf_find(c, section, key);
	char *path, *own;
	size_t i;

	if (e != NULL)
		return xstrdup(e->file);
	for (i = 0; (e = conf_entry(c, i)) != NULL; i++) {
		own = strcmp(e->section, section) == 0 ?
		    conf_file_section(e->file) :
		    NULL;
		free(own);
		if (own != NULL)
			return xstrdup(e->file);
	}
	for (i = 0; (e = conf_entry(c, i)) != NULL; i++)
		if (strcmp(e->section, section) == 0)
			return xstrdup(e->file);
	cli_need(conf_target(NULL, false, &path));
	return path;
}

/* Make one change, or take it back where the settings are broken by it. */
static int
change(const struct conf *c, const char *section, const char *key,
    const char *value)
{
	const struct conf_change one = { section, key, value };
	char *path, *before = NULL, *reason;
	struct conf *now = NULL;
	const char *is;
	int code;

	if (value == NULL && conf_find(c, section, key) == NULL)
		return 0;
	path = target(c, section, key);
	code = conf_write(path, &one, 1, &before);
	if (code == 0 && (code = conf_open(&now)) < 0) {
		reason = xstrdup(err_reason());
		if (conf_restore(path, before) < 0)
			cli_warn("%s", err_reason());
		err_set(code, "%s", reason);
		free(reason);
	} else if (code == 0) {
		is = conf_get(now, section, key);
		if (value == NULL ? is != NULL :
				    is == NULL || strcmp(is, value) != 0)
			cli_warn("another file sets %s.%s too, and has the "
				 "last word: desk-config get --origin '%s.%s'",
			    section, key, section, key);
	}
	conf_close(now);
	free(before);
	free(path);
	return code;
}

static int
enable(struct cli *cli, const char *value)
{
	struct conf *c;
	char *section;
	int code;

	cli_args(cli, 1, 1);
	if (strcmp(cli->args[0], PROFILE_DEFAULT) == 0)
		cli_die(ERR_DATA,
		    "[ai] is always there; an instance with ai=off has none");
	c = own_settings();
	need_profile(c, cli->args[0]);
	section = xformat("profile %s", cli->args[0]);
	code = change(c, section, "enabled", value);
	free(section);
	conf_close(c);
	return code;
}

static int
run_enable(struct cli *cli)
{
	return enable(cli, "on");
}

/* Said, for whoever switches it off may not know who uses it. */
static void
tell_users(const char *name)
{
	struct conf *c = own_settings();
	char *by = used_by(c, name, "profile"),
	     *by_closed = used_by(c, name, "profile_closed");

	if (*by != '\0')
		cli_warn("%s is chosen by %s: people answer there now", name,
		    by);
	if (*by_closed != '\0')
		cli_warn("%s is chosen for closed hours by %s: people answer "
			 "there now",
		    name, by_closed);
	free(by);
	free(by_closed);
	conf_close(c);
}

static int
run_disable(struct cli *cli)
{
	int code = enable(cli, "off");

	if (code == 0)
		tell_users(cli->args[0]);
	return code;
}

static int
run_use(struct cli *cli)
{
	const char *name, *key = closed ? "profile_closed" : "profile";
	struct profile p = { .enabled = true };
	struct conf *c;
	char *section;
	bool is_default;
	int i, code = 0;

	cli_args(cli, 2, NAMES_MAX);
	name = cli->args[0];
	is_default = strcmp(name, PROFILE_DEFAULT) == 0;
	c = own_settings();
	need_profile(c, name);
	/* What cannot answer is not switched to. */
	cli_need(profile_check(c, name, NULL, NULL));
	cli_need(look(c, name, &p));
	if (!p.enabled)
		cli_die(ERR_CONFIG, "%s is off: ai-profile enable %s", name,
		    name);
	profile_release(&p);
	for (i = 1; i < cli->nargs && code == 0; i++) {
		section = xformat("instance %s", cli->args[i]);
		if (!conf_has(c, section))
			cli_die(ERR_NOINPUT, "there is no [%s]", section);
		if (closed && conf_get(c, section, "hours") == NULL)
			cli_warn("%s has no hours, so it is never closed",
			    cli->args[i]);
		code = change(c, section, key, is_default ? NULL : name);
		free(section);
	}
	conf_close(c);
	return code;
}

/* --- keys --- */

static int
keep_key(struct store *s, const char *secret)
{
	static char text[SECRET_MAX_BYTES + 2];
	size_t len = cli_secret("key", NULL, text, sizeof(text));
	char *key;
	int code;

	if (secret_line(text, len, &key) < 0)
		cli_die(ERR_DATA, "that is no key: %s", err_reason());
	/* Made by whoever may: root, or the owner of a personal store. */
	code = secret_keys(s);
	if (code == 0 || code == ERR_DENIED)
		code = secret_put(s, secret, key);
	secret_free(key);
	return code;
}

static int
run_key(struct cli *cli)
{
	const struct conf_entry *e;
	const char *name;
	struct store *s = NULL;
	struct conf *c;
	struct act a;
	char *self, *secret, *section;
	int code;

	cli_args(cli, 0, transcriber ? 0 : 1);
	name = cli->nargs > 0 ? cli->args[0] : PROFILE_DEFAULT;
	cli_need(conf_open(&c));
	if (!transcriber)
		need_profile(c, name);
	cli_need(store_open(store_flag, STORE_WRITE, &s));
	cli_need(person_self(s, MAY_ADMIN, &self));
	secret =
	    transcriber ? xstrdup(SECRET_TRANSCRIBE) : profile_secret(name);
	code = forget ? secret_remove(s, secret) : keep_key(s, secret);
	if (code == 0)
		code = db_begin(store_desk(s));
	if (code == 0) {
		act_person(&a, s, self);
		code = act_audit(&a,
		    forget ? "profile.key_forgotten" : "profile.key_sealed",
		    secret, NULL);
		code = code < 0 ? code : db_commit(store_desk(s));
		act_release(&a);
	}
	section = transcriber		       ? xstrdup("transcribe") :
	    strcmp(name, PROFILE_DEFAULT) == 0 ? xstrdup("ai") :
						 xformat("profile %s", name);
	e = conf_find(c, section, "key_file");
	if (code == 0 && !forget && e != NULL)
		cli_warn("%s:%d sets key_file, and that one counts: "
			 "desk-config unset '%s.key_file'",
		    e->file, e->line, section);
	free(section);
	free(secret);
	free(self);
	store_close(s);
	conf_close(c);
	return code;
}

static const struct cli_verb verbs[] = { { "check", "[NAME ...]",
					     "name every fault of the set-ups",
					     NULL, run_check },
	{ "disable", "NAME", "where it is chosen, people answer", NULL,
	    run_disable },
	{ "enable", "NAME", "it may be used again", NULL, run_enable },
	{ "key", "[NAME]", "seal the provider's key on standard input",
	    key_options, run_key },
	{ "list", "", "list the set-ups, and who uses them", list_options,
	    run_list },
	{ "show", "[NAME]", "show what holds, and whom it reaches",
	    list_options, run_show },
	{ "use", "NAME INSTANCE ...", "let it answer for instances",
	    use_options, run_use },
	{ NULL, NULL, NULL, NULL, NULL } };

static const struct cli_spec spec = {
	.name = "ai-profile",
	.summary = "the set-ups of the AI",
	.args = "",
	.options = common,
	.verbs = verbs,
	.examples = "  ai-profile list\n"
		    "  ai-profile show careful\n"
		    "  ai-profile use careful sales --closed\n"
		    "  ai-profile key careful <key\n",
};

int
main(int argc, char *argv[])
{
	secret_guard();
	return cli_main(&spec, argc, argv);
}
