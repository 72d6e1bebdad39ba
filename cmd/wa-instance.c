/*
 * wa-instance - the WhatsApp numbers of the business: set up, watch, check
 *
 * What an instance is stands in the settings; how it is, in the store; its
 * token is sealed in auth.db and never printed. Settings are written first:
 * if the store then refuses, the file is put back as it was.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/instance.h"
#include "desk/person.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "net/addr.h"
#include "store/log.h"
#include "wa/check.h"
#include "wa/graph.h"
#include "wa/reconcile.h"

#define CHANGES_MAX 64
#define PROGRESS_MS 2000
#define WATCH_MS 10000 /* looked at without a bell, for what is not rung */

static const char *store_flag;
static bool as_json, as_plain, watch, yes, forget, settle;
static const char *since = "7d";
static const char *account_id, *app_id, *kind, *phone, *phone_number_id,
    *token_file;
static struct cli_list unset;

static const struct cli_option common[] = { { 'S', "store", "STORE", CLI_TEXT,
						&store_flag,
						"directory of the store" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" }, CLI_END };

static const struct cli_option add_options[] = {
	{ 0, "account-id", "ID", CLI_TEXT, &account_id,
	    "the WhatsApp Business Account" },
	{ 0, "app-id", "ID", CLI_TEXT, &app_id, "the app of the provider" },
	{ 0, "kind", "KIND", CLI_TEXT, &kind, "cloud or link" },
	{ 0, "phone", "NUMBER", CLI_TEXT, &phone, "the number as displayed" },
	{ 0, "phone-number-id", "ID", CLI_TEXT, &phone_number_id,
	    "the provider's id of the number" },
	{ 0, "token-file", "FILE", CLI_TEXT, &token_file,
	    "seal the access token in FILE; -: standard input" },
	CLI_END
};

static const struct cli_option check_options[] = {
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated lines" },
	CLI_END
};

static const struct cli_option list_options[] = {
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	{ 0, "watch", NULL, CLI_FLAG, &watch, "again whenever it changes" },
	CLI_END
};

static const struct cli_option reconcile_options[] = {
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	{ 0, "settle", NULL, CLI_FLAG, &settle,
	    "do what the history tells, as if webhooks had" },
	{ 0, "since", "TIME", CLI_TEXT, &since,
	    "pass over what is older; a time, or 2d" },
	CLI_END
};

static const struct cli_option set_options[] = {
	{ 'u', "unset", "KEY", CLI_LIST, &unset, "as if it were not set" },
	CLI_END
};

static const struct cli_option token_options[] = {
	{ 0, "forget", NULL, CLI_FLAG, &forget, "forget the token instead" },
	CLI_END
};

static const struct cli_option rm_options[] = {
	{ 'y', "yes", NULL, CLI_FLAG, &yes, "cancel what is queued" }, CLI_END
};

/* A person's command on the open store. */
struct deed {
	struct store *store;
	struct conf *conf;
	char *self;
	struct act act;
};

static void
deed_open(struct deed *d, unsigned flags, enum permission need)
{
	memset(d, 0, sizeof(*d));
	cli_need(store_open(store_flag, flags, &d->store));
	cli_need(person_self(d->store, need, &d->self));
	cli_need(conf_open(&d->conf));
}

static void
deed_close(struct deed *d)
{
	conf_close(d->conf);
	free(d->self);
	store_close(d->store);
}

static int
deed_begin(struct deed *d)
{
	int code = store_begin(d->store);

	if (code == 0)
		act_person(&d->act, d->store, d->self);
	return code;
}

/* Commit, or undo if code is an ERR, and print the events. */
static int
deed_end(struct deed *d, int code)
{
	char *line;
	size_t i;

	if (code < 0)
		store_rollback(d->store);
	else
		code = store_commit(d->store);
	for (i = 0; code == 0 && as_json && i < d->act.nmade; i++) {
		line = event_line(d->act.made[i]);
		puts(line);
		free(line);
	}
	act_release(&d->act);
	return code;
}

static char *
section_of(const char *name)
{
	return xformat("instance %s", name);
}

static bool
is_set_up(const struct conf *c, const char *section)
{
	const struct conf_entry *e;
	size_t i;

	for (i = 0; (e = conf_entry(c, i)) != NULL; i++)
		if (strcmp(e->section, section) == 0)
			return true;
	return false;
}

/* The instance must be one of the settings or of the store. */
static void
need_instance(struct deed *d, const char *name)
{
	char *section = section_of(name);
	struct instance *i = NULL;

	if (!is_set_up(d->conf, section))
		if (instance_get(d->store, name, &i) < 0 || i->removed)
			cli_die(ERR_NOINPUT,
			    "no instance '%s': wa-instance list shows them",
			    name);
	instance_free(i);
	free(section);
}

/* --- settings --- */

struct changes {
	struct conf_change list[CHANGES_MAX];
	size_t count;
	json_t *names;
	char *section;
	char *path;
};

static void
changes_init(struct changes *c, const char *name)
{
	memset(c, 0, sizeof(*c));
	c->section = section_of(name);
	c->names = json_array();
	cli_need(conf_target(NULL, false, &c->path));
}

static void
changes_release(struct changes *c)
{
	json_decref(c->names);
	free(c->section);
	free(c->path);
}

static void
change(struct changes *c, const char *key, const char *value)
{
	int code;

	if (c->count == CHANGES_MAX)
		cli_die(ERR_USAGE, "more than %d settings", CHANGES_MAX);
	if (strcmp(key, "token") == 0)
		cli_die(ERR_USAGE,
		    "a token is no setting: wa-instance token NAME < FILE");
	if (setting_find(c->section, key) == NULL) {
		setting_check(c->section, key, "", NULL);
		cli_die(ERR_USAGE, "%s: %s", key, err_reason());
	}
	if (value != NULL && strcmp(key, "webhook") == 0 &&
	    strncmp(value, "http://", 7) == 0 && !addr_url_is_private(value))
		cli_die(ERR_DATA,
		    "webhook: WhatsApp posts to https:// only: "
		    "frontdesk-setup(7), the proxy");
	code =
	    value != NULL ? setting_check(c->section, key, value, c->path) : 0;
	if (code < 0)
		cli_die(code, "%s: %s", key, err_reason());
	c->list[c->count].section = c->section;
	c->list[c->count].key = key;
	c->list[c->count++].value = value;
	json_array_append_new(c->names, json_string(key));
}

/* KEY=VALUE; the argument is cut up. */
static void
change_arg(struct cli *cli, struct changes *c, const struct conf *conf,
    char *arg)
{
	char *eq = strchr(arg, '=');
	const char *old;

	if (eq == NULL || eq == arg)
		cli_usage(cli, "'%s' is not KEY=VALUE", arg);
	*eq = '\0';
	old = conf_get(conf, c->section, arg);
	if (old == NULL || strcmp(old, eq + 1) != 0)
		change(c, arg, eq + 1);
}

/* Another file may have the last word. */
static void
warn_overruled(const struct conf *now, const struct changes *c)
{
	const struct conf_entry *e;
	const char *value;
	size_t i;

	for (i = 0; i < c->count; i++) {
		value = c->list[i].value;
		e = conf_find(now, c->section, c->list[i].key);
		if (e != NULL &&
		    (value == NULL || strcmp(e->value, value) != 0))
			cli_warn("%s:%d sets %s too, and has the last word",
			    e->file, e->line, e->key);
	}
}

/* What settings_check says of one section. */
struct faults {
	const char *section;
	char *first;
};

static void
take_fault(void *ctx, const char *text)
{
	struct faults *f = ctx;
	char *of = xformat(": %s.", f->section);

	if (f->first == NULL && strstr(text, of) != NULL)
		f->first = xstrdup(text);
	free(of);
}

/* Whether the section is right as a whole: what it names is there. */
static int
check_section(const struct conf *now, const char *section)
{
	struct faults f = { section, NULL };
	int code = 0;

	settings_check(now, take_fault, &f);
	if (f.first != NULL)
		code = err_set(ERR_CONFIG, "%s", f.first);
	free(f.first);
	return code;
}

/*
 * Write the settings, take them over into the store and tell it by fn, whole
 * or not at all.
 */
static int
apply(struct deed *d, struct changes *c, const char *name,
    int (*fn)(struct deed *d, struct changes *c, const char *name))
{
	char *before = NULL, *reason;
	struct conf *now = NULL;
	int code = conf_write(c->path, c->list, c->count, &before);

	if (code < 0)
		return code;
	code = conf_open(&now);
	if (code == 0)
		code = check_section(now, c->section);
	if (code == 0)
		code = deed_begin(d);
	if (code == 0) {
		code = instances_sync(d->store, now);
		if (code == 0)
			code = fn(d, c, name);
		code = deed_end(d, code);
	}
	if (code == 0)
		warn_overruled(now, c);
	else {
		reason = xstrdup(err_reason());
		if (conf_restore(c->path, before) < 0)
			cli_warn("%s", err_reason());
		err_set(code, "%s", reason);
		free(reason);
	}
	conf_close(now);
	free(before);
	return code;
}

static int
tell_added(struct deed *d, struct changes *c, const char *name)
{
	(void)c;
	return instance_added(&d->act, name);
}

static int
tell_changed(struct deed *d, struct changes *c, const char *name)
{
	return instance_changed(&d->act, name, json_incref(c->names));
}

/* --- tokens --- */

/* A token of one line, from standard input or a file; secret_free ends it. */
static char *
read_token(const char *path)
{
	static char text[SECRET_MAX_BYTES + 2];
	char *token;
	size_t len = cli_secret("access token", path, text, sizeof(text));

	if (secret_line(text, len, &token) < 0)
		cli_die(ERR_DATA, "that is no access token: %s", err_reason());
	return token;
}

/* Keys are made by whoever may: root, or the owner of a personal store. */
static int
seal(struct deed *d, const char *name, const char *token)
{
	char *secret = graph_secret(name);
	int code = secret_keys(d->store);

	if (code == 0 || code == ERR_DENIED)
		code = secret_put(d->store, secret, token);
	free(secret);
	return code;
}

static int
tell_token(struct deed *d, const char *name)
{
	int code = deed_begin(d);

	if (code < 0)
		return code;
	return deed_end(d,
	    instance_changed(&d->act, name, json_pack("[s]", "token")));
}

static void
warn_token_file(const struct deed *d, const char *name)
{
	char *section = section_of(name);
	const struct conf_entry *e = conf_find(d->conf, section, "token_file");

	if (e != NULL)
		cli_warn("%s:%d sets token_file, and that one counts: "
			 "wa-instance set %s --unset token_file",
		    e->file, e->line, name);
	free(section);
}

static int
run_token(struct cli *cli)
{
	struct deed d;
	char *token = NULL, *secret;
	const char *name;
	int code;

	cli_args(cli, 1, 1);
	name = cli->args[0];
	deed_open(&d, STORE_WRITE, MAY_ADMIN);
	need_instance(&d, name);
	if (forget) {
		secret = graph_secret(name);
		code = secret_remove(d.store, secret);
		free(secret);
	} else {
		token = read_token(NULL);
		code = seal(&d, name, token);
		secret_free(token);
	}
	if (code == 0)
		code = tell_token(&d, name);
	if (code == 0 && !forget)
		warn_token_file(&d, name);
	deed_close(&d);
	return code;
}

static int
run_keys(struct cli *cli)
{
	struct store *s = NULL;
	int code;

	cli_args(cli, 0, 0);
	cli_need(store_open(store_flag, STORE_WRITE, &s));
	code = secret_keys(s);
	store_close(s);
	return code;
}

/* --- add, set, rm --- */

static int
run_add(struct cli *cli)
{
	const struct conf_entry *e;
	struct changes c;
	struct deed d;
	char *token = NULL;
	const char *name;
	int code, i;
	size_t n;

	cli_args(cli, 1, CHANGES_MAX);
	name = cli->args[0];
	deed_open(&d, STORE_WRITE, MAY_ADMIN);
	changes_init(&c, name);
	if (setting_check(c.section, "kind", "cloud", NULL) < 0)
		cli_die(ERR_DATA, "%s", err_reason());
	if (is_set_up(d.conf, c.section))
		cli_die(ERR_DATA, "'%s' is there already", name);
	change(&c, "kind", kind != NULL ? kind : "cloud");
	if (phone_number_id != NULL)
		change(&c, "phone_number_id", phone_number_id);
	if (account_id != NULL)
		change(&c, "account_id", account_id);
	if (app_id != NULL)
		change(&c, "app_id", app_id);
	if (phone != NULL)
		change(&c, "phone", phone);
	for (i = 1; i < cli->nargs; i++)
		change_arg(cli, &c, d.conf, cli->args[i]);
	for (n = 0; n < c.count; n++)
		if (strcmp(c.list[n].key, "phone_number_id") == 0)
			phone_number_id = c.list[n].value;
	if (phone_number_id == NULL && strcmp(c.list[0].value, "cloud") == 0)
		cli_usage(cli, "which number? --phone-number-id");
	for (n = 0; (e = conf_entry(d.conf, n)) != NULL; n++)
		if (phone_number_id != NULL &&
		    str_starts(e->section, "instance ") &&
		    strcmp(e->key, "phone_number_id") == 0 &&
		    strcmp(e->value, phone_number_id) == 0)
			cli_die(ERR_DATA, "%s:%d: that number is [%s] already",
			    e->file, e->line, e->section);
	if (token_file != NULL)
		token = read_token(token_file);
	code = apply(&d, &c, name, tell_added);
	if (code == 0 && token != NULL) {
		code = seal(&d, name, token);
		if (code == 0)
			code = tell_token(&d, name);
		if (code < 0)
			cli_warn("%s was added, but without its token", name);
	}
	secret_free(token);
	changes_release(&c);
	deed_close(&d);
	return code;
}

static int
run_set(struct cli *cli)
{
	struct changes c;
	struct deed d;
	const char *name;
	int code = 0, i;
	size_t n;

	cli_args(cli, 1, CHANGES_MAX);
	if (cli->nargs == 1 && unset.count == 0)
		cli_usage(cli, "nothing to set");
	name = cli->args[0];
	deed_open(&d, STORE_WRITE, MAY_ADMIN);
	need_instance(&d, name);
	changes_init(&c, name);
	for (i = 1; i < cli->nargs; i++)
		change_arg(cli, &c, d.conf, cli->args[i]);
	for (n = 0; n < unset.count; n++)
		if (setting_find(c.section, unset.items[n]) == NULL ||
		    conf_get(d.conf, c.section, unset.items[n]) != NULL)
			change(&c, unset.items[n], NULL);
	if (c.count > 0)
		code = apply(&d, &c, name, tell_changed);
	changes_release(&c);
	deed_close(&d);
	return code;
}

/* Take the section out of every file that has it. */
static int
cut_settings(const struct conf *conf, const char *section)
{
	const struct conf_change cut = { section, NULL, NULL };
	const char *const *files = conf_files(conf);
	const struct conf_entry *e;
	int code = 0;
	size_t i;

	for (; files != NULL && *files != NULL && code == 0; files++) {
		for (i = 0; (e = conf_entry(conf, i)) != NULL; i++)
			if (strcmp(e->file, *files) == 0 &&
			    strcmp(e->section, section) == 0)
				break;
		if (e != NULL)
			code = conf_write(*files, &cut, 1, NULL);
	}
	return code;
}

static int
run_rm(struct cli *cli)
{
	struct deed d;
	char *section, *secret;
	const char *name;
	int64_t queued = 0;
	int code, n = 1;

	cli_args(cli, 1, 1);
	name = cli->args[0];
	deed_open(&d, STORE_WRITE, MAY_ADMIN);
	need_instance(&d, name);
	cli_need(instance_queued(d.store, name, &queued));
	if (queued > 0 && !yes) {
		cli_warn("%lld message%s queued in %s; --yes cancels %s",
		    (long long)queued, queued == 1 ? " is" : "s are", name,
		    queued == 1 ? "it" : "them");
		deed_close(&d);
		return ERR_NO;
	}
	section = section_of(name);
	code = cut_settings(d.conf, section);
	free(section);
	if (code == 0)
		code = deed_begin(&d);
	if (code == 0) {
		code = instance_remove(&d.act, name);
		code = deed_end(&d, code == ERR_NOINPUT ? 0 : code);
	}
	while (code == 0 && n > 0 && (code = deed_begin(&d)) == 0) {
		n = instance_cancel(&d.act, name);
		code = deed_end(&d, n < 0 ? n : 0);
	}
	if (code == 0) {
		secret = graph_secret(name);
		code = secret_remove(d.store, secret);
		free(secret);
	}
	deed_close(&d);
	return code;
}

static int
run_restart(struct cli *cli)
{
	struct deed d;
	int code;

	cli_args(cli, 1, 1);
	deed_open(&d, STORE_WRITE, MAY_ADMIN);
	need_instance(&d, cli->args[0]);
	code = deed_begin(&d);
	if (code == 0)
		code = instances_sync(d.store, d.conf);
	if (code == 0)
		code = instance_restart(&d.act, cli->args[0]);
	code = deed_end(&d, code);
	deed_close(&d);
	return code;
}

static int
run_qr(struct cli *cli)
{
	struct deed d;
	char *section;
	const char *is;

	cli_args(cli, 1, 1);
	deed_open(&d, STORE_READ, MAY_ADMIN);
	need_instance(&d, cli->args[0]);
	section = section_of(cli->args[0]);
	is = setting_text(d.conf, section, "kind");
	free(section);
	if (is == NULL || strcmp(is, "link") != 0)
		cli_die(ERR_DATA,
		    "%s is a number of the Cloud API, which has no QR code: "
		    "wa-instance check %s",
		    cli->args[0], cli->args[0]);
	cli_die(ERR_UNAVAILABLE,
	    "%s: linked devices are not part of this version: no program "
	    "holds its session, so there is no code to scan",
	    cli->args[0]);
}

/* --- looking --- */

/* "2026-11-23T10:00:00.000Z" as how long ago, for people. */
static const char *
ago(const json_t *o, const char *key, char ret[TIME_TEXT_BYTES])
{
	const char *text = json_str(o, key);
	int64_t ms;

	if (text == NULL)
		return "-";
	if (as_plain || time_parse(text, &ms) < 0)
		return text;
	ms = now_ms() - ms;
	return duration_text(ms > 0 ? ms : 0, ret);
}

static void
cell(struct cli_table *t, const json_t *o, const char *key)
{
	cli_table_cell(t, "%s", json_str_or(o, key, as_plain ? "" : "-"));
}

static void
print_list(const json_t *list)
{
	static const char *const headers[] = { "NAME", "KIND", "PHONE", "STATE",
		"FOR", "SEEN", "QUALITY", "LIMIT", "REASON", NULL };
	struct cli_table *t = cli_table_new(headers, as_plain);
	char text[TIME_TEXT_BYTES];
	const json_t *o;
	size_t i;

	json_array_foreach(list, i, o) {
		cell(t, o, "instance");
		cell(t, o, "kind");
		cell(t, o, "phone");
		cell(t, o, "state");
		cli_table_cell(t, "%s", ago(o, "since", text));
		cli_table_cell(t, "%s", ago(o, "seen", text));
		cell(t, o, "quality");
		cell(t, o, "messaging_limit");
		cli_table_cell(t, "%s",
		    json_bool_or(o, "known", false) ?
			json_str_or(o, "reason", "") :
			"not in the settings");
	}
	cli_table_end(t);
}

/* Those of now that are not so in before; last seen alone is no news. */
static json_t *
news(const json_t *now, const json_t *before)
{
	json_t *ret = json_array(), *o, *old, *a, *b;
	bool same;
	size_t i, k;

	json_array_foreach(now, i, o) {
		same = false;
		json_array_foreach(before, k, old) {
			a = json_copy(o);
			b = json_copy(old);
			json_object_del(a, "seen");
			json_object_del(b, "seen");
			same = same || json_equal(a, b);
			json_decref(a);
			json_decref(b);
		}
		if (!same)
			json_array_append(ret, o);
	}
	return ret;
}

static void
show_list(const json_t *list)
{
	const json_t *o;
	size_t i;

	if (!as_json) {
		print_list(list);
		return;
	}
	json_array_foreach(list, i, o)
		cli_json(o);
}

/* On a terminal the whole list is drawn anew; elsewhere what changed comes as
 * further lines. Until a signal ends it. */
static int
watch_list(struct store *s)
{
	bool terminal = isatty(1) && !as_json && !as_plain;
	json_t *before = json_array(), *now = NULL, *some;
	char *bell = store_run_path(s, "desk.bell");
	struct pollfd fd = { .events = POLLIN };
	int code = bell_open(bell, &fd.fd);

	free(bell);
	if (!terminal && !as_json)
		as_plain = true;
	while (code == 0) {
		bell_clear(fd.fd);
		code = instances_json(s, &now);
		if (code < 0)
			break;
		if (terminal) {
			fputs("\033[H\033[J", stdout);
			print_list(now);
		} else {
			some = news(now, before);
			if (json_array_size(some) > 0)
				show_list(some);
			json_decref(some);
		}
		if (fflush(stdout) != 0 || ferror(stdout))
			code = err_errno(ERR_IO, "standard output");
		json_decref(before);
		before = now;
		if (code == 0)
			poll(&fd, 1, WATCH_MS);
	}
	json_decref(before);
	return code;
}

static int
run_list(struct cli *cli)
{
	json_t *list = NULL;
	struct deed d;
	int code;

	cli_args(cli, 0, 0);
	deed_open(&d, STORE_READ, MAY_READ);
	if (watch)
		code = watch_list(d.store);
	else {
		code = instances_json(d.store, &list);
		if (code == 0)
			show_list(list);
		json_decref(list);
	}
	deed_close(&d);
	return code;
}

/* What is set, in the order of the page. */
static const char *const keys[] = { "kind", "phone_number_id", "account_id",
	"phone", "app_id", "webhook", "url", "api_version", "token_file", "ai",
	"hours", "sla", "language", "quiet", "quiet_max", "profile", "welcome",
	"auto_reply", "after_resolve", "read_receipts", "typing", "ignore",
	"rate", NULL };

static json_t *
settings_of(const struct conf *c, const char *section)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; keys[i] != NULL; i++)
		json_object_set_new(o, keys[i],
		    json_text_new(setting_text(c, section, keys[i])));
	return o;
}

/* Where its token is: "sealed", "token_file", or null. */
static void
put_token(struct deed *d, const char *name, const json_t *set, json_t *o)
{
	char *secret = graph_secret(name), stamp[TIME_TEXT_BYTES];
	int64_t since_ms;

	json_object_set_new(o, "token", json_null());
	if (json_str(set, "token_file") != NULL)
		json_put(o, "token", "token_file");
	else if (secret_since(d->store, secret, NULL, &since_ms) == 0) {
		json_put(o, "token", "sealed");
		json_put(o, "token_since", time_text(since_ms, stamp));
	}
	free(secret);
}

static void
print_pairs(const json_t *o, const char *const *skip)
{
	const char *key, *text;
	json_t *value;
	char *shown;

	json_object_foreach((json_t *)o, key, value) {
		if (str_in(key, skip) || json_is_null(value) ||
		    json_is_object(value))
			continue;
		text = json_is_string(value) ? json_string_value(value) :
		    json_is_true(value)	     ? "yes" :
					       "no";
		shown = utf8_show(text, false);
		printf("%-16s %s\n", key, shown);
		free(shown);
	}
}

static int
run_show(struct cli *cli)
{
	static const char *const twice[] = { "kind", "phone_number_id",
		"account_id", "known", NULL };
	static const char *const none[] = { NULL };
	json_t *o = NULL, *set;
	struct deed d;
	char *section;
	int code;

	cli_args(cli, 1, 1);
	deed_open(&d, STORE_READ, MAY_READ);
	need_instance(&d, cli->args[0]);
	section = section_of(cli->args[0]);
	set = settings_of(d.conf, section);
	free(section);
	code = instance_json(d.store, cli->args[0], &o);
	/* Written into the file by hand, and nothing has run since. */
	if (code == ERR_NOINPUT) {
		o = json_pack("{ss, ss}", "instance", cli->args[0], "state",
		    "connecting");
		code = 0;
	}
	if (code == 0) {
		put_token(&d, cli->args[0], set, o);
		json_object_set(o, "settings", set);
		if (as_json)
			cli_json(o);
		else {
			print_pairs(o, twice);
			putchar('\n');
			print_pairs(set, none);
		}
	}
	json_decref(o);
	json_decref(set);
	deed_close(&d);
	return code;
}

/* --- checking --- */

static void
print_rows(const json_t *rows)
{
	const char *result, *remedy;
	char *what;
	const json_t *o;
	size_t i;

	json_array_foreach(rows, i, o) {
		if (as_json) {
			cli_json(o);
			continue;
		}
		result = json_str_or(o, "result", "");
		remedy = json_str_or(o, "remedy", "");
		what = utf8_show(json_str_or(o, "what", ""), false);
		if (as_plain)
			printf("%s\t%s\t%s\t%s\n", result,
			    json_str_or(o, "check", ""), what, remedy);
		else
			printf("%-8s %-13s %s\n", result,
			    json_str_or(o, "check", ""), what);
		if (!as_plain && *remedy != '\0')
			printf("%22s -> %s\n", "", remedy);
		free(what);
	}
}

/* What the check found, as the desk's state of the instance. */
static int
tell_check(struct deed *d, const char *name, const struct check *c)
{
	json_t *is = NULL;
	const char *was;
	int code = instance_note(&d->act, name, c->facts);

	if (code == 0 && c->answered && !c->down)
		code = instance_seen(d->store, name, now_ms());
	if (code == 0)
		code = instance_json(d->store, name, &is);
	if (code < 0)
		return code;
	was = json_str_or(is, "state", "");
	if (c->stops[0] != '\0')
		code = instance_state(&d->act, name, "error", c->stops);
	else if (c->down && c->answered)
		code = 0; /* it is there, and wa-send knows more */
	else if (c->down)
		code = instance_state(&d->act, name, "disconnected",
		    "the provider cannot be reached");
	else if (!c->answered)
		code = 0;
	else if (strcmp(was, "error") == 0 || strcmp(was, "disconnected") == 0)
		/* wa-send tries at once, and knows. */
		code = instance_state(&d->act, name, "connecting",
		    "a check found nothing that stops it");
	else if (strcmp(was, "connecting") == 0 && c->faults == 0)
		code = instance_state(&d->act, name, "connected", NULL);
	json_decref(is);
	return code;
}

static int
run_check(struct cli *cli)
{
	struct check c;
	struct deed d;
	bool faulty, down, denied, answered;
	int code;

	cli_args(cli, 1, 1);
	deed_open(&d, STORE_WRITE, MAY_ADMIN);
	need_instance(&d, cli->args[0]);
	cli_need(instances_load(d.store, d.conf));
	code = check_instance(d.store, d.conf, cli->args[0], &c);
	if (code == 0)
		print_rows(c.rows);
	if (code == 0 && (code = deed_begin(&d)) == 0) {
		code = tell_check(&d, cli->args[0], &c);
		as_json = false; /* the rows are what was asked for */
		code = deed_end(&d, code);
	}
	down = c.down;
	answered = c.answered;
	denied = c.denied;
	faulty = c.faults > 0;
	check_release(&c);
	deed_close(&d);
	if (code == 0 && down)
		code = err_set(ERR_UNAVAILABLE, "%s",
		    answered ? "the provider gave no answer to go by" :
			       "the provider cannot be reached");
	if (code == 0 && denied)
		code = err_set(ERR_DENIED, "root alone can open the token");
	return code < 0 ? code : faulty ? ERR_NO : 0;
}

/* --- the provider's history --- */

static void
progress(int64_t entries)
{
	static int64_t started_ms;

	if (started_ms == 0)
		started_ms = mono_ms();
	if (isatty(2) && mono_ms() - started_ms > PROGRESS_MS)
		fprintf(stderr, "\r%lld messages", (long long)entries);
}

static const char *
words_of(const json_t *row)
{
	const char *what = json_str_or(row, "difference", "");

	if (json_bool_or(row, "settled", false))
		return "settled";
	if (strcmp(what, "missing") == 0)
		return "never reached us";
	if (strcmp(what, "status") == 0)
		return "status never reached us";
	if (strcmp(what, "waiting") == 0)
		return "in the inbox, not read yet";
	if (strcmp(what, "held") == 0)
		return json_str(row, "wamid") != NULL ?
		    "held, and in the history" :
		    "held, and not surely in the history";
	return "not in the history";
}

static void
print_differences(const json_t *rows)
{
	static const char *const headers[] = { "DIFFERENCE", "CONVERSATION",
		"STATUS", "TIME", "WEBHOOK", "WHY", "MESSAGE", NULL };
	struct cli_table *t;
	json_t *o;
	size_t i;

	if (as_json) {
		json_array_foreach((json_t *)rows, i, o) {
			json_object_del(o, "steps");
			cli_json(o);
		}
		return;
	}
	t = cli_table_new(headers, as_plain);
	json_array_foreach((json_t *)rows, i, o) {
		cli_table_cell(t, "%s",
		    as_plain ? json_str_or(o, "difference", "") : words_of(o));
		cell(t, o, "conversation");
		cell(t, o, "status");
		cell(t, o, "time");
		cell(t, o, "webhook");
		cell(t, o, "why");
		cli_table_cell(t, "%s",
		    json_str_or(o, "message", json_str_or(o, "wamid", "")));
	}
	if (json_array_size(rows) > 0 || as_plain)
		cli_table_end(t);
}

static int
tell_settled(struct deed *d, const char *name, size_t count)
{
	int code = deed_begin(d);

	if (code < 0)
		return code;
	code = act_audit(&d->act, "instance.reconcile", name,
	    json_pack("{sI}", "settled", (json_int_t)count));
	return deed_end(d, code);
}

/* What waits in the inbox is on its way, and nothing is lost. */
static size_t
count_waiting(const json_t *rows)
{
	const json_t *row;
	size_t i, n = 0;

	json_array_foreach(rows, i, row)
		n += strcmp(json_str_or(row, "difference", ""), "waiting") == 0;
	return n;
}

static int
run_reconcile(struct cli *cli)
{
	struct reconcile_options o = { .progress = progress };
	json_t *rows = NULL;
	struct deed d;
	size_t settled = 0, left;
	int code;

	cli_args(cli, 1, 1);
	o.name = cli->args[0];
	cli_need(since_parse(since, &o.since_ms));
	deed_open(&d, STORE_WRITE, MAY_ADMIN);
	need_instance(&d, o.name);
	cli_need(setting_duration(d.conf, "wa", "timeout", &o.timeout_ms));
	code = reconcile_read(d.store, d.conf, &o, &rows);
	if (code == 0 && settle)
		code =
		    reconcile_settle(d.store, d.conf, o.name, rows, &settled);
	if (code == 0 && settled > 0)
		code = tell_settled(&d, o.name, settled);
	left = json_array_size(rows) - settled - count_waiting(rows);
	if (code == 0)
		print_differences(rows);
	json_decref(rows);
	deed_close(&d);
	return code < 0 ? code : left > 0 ? ERR_NO : 0;
}

static const struct cli_verb verbs[] = { { "add", "NAME [KEY=VALUE ...]",
					     "add an instance", add_options,
					     run_add },
	{ "check", "NAME", "find what is wrong with a set-up", check_options,
	    run_check },
	{ "keys", "", "make the keys that tokens are sealed to", NULL,
	    run_keys },
	{ "list", "", "list the instances and how they are", list_options,
	    run_list },
	{ "qr", "NAME", "print the code that links a device", NULL, run_qr },
	{ "reconcile", "NAME", "compare with the provider's message history",
	    reconcile_options, run_reconcile },
	{ "restart", "NAME", "try one anew that has stopped", NULL,
	    run_restart },
	{ "rm", "NAME", "take an instance off the desk", rm_options, run_rm },
	{ "set", "NAME [KEY=VALUE ...]", "change settings of an instance",
	    set_options, run_set },
	{ "show", "NAME", "show all of one instance", NULL, run_show },
	{ "token", "NAME", "seal the access token on standard input",
	    token_options, run_token },
	{ NULL, NULL, NULL, NULL, NULL } };

static const struct cli_spec spec = {
	.name = "wa-instance",
	.summary = "the WhatsApp numbers of the business",
	.args = "",
	.options = common,
	.verbs = verbs,
	.examples = "  wa-instance add sales --phone-number-id 106540352242922 "
		    "--token-file -\n"
		    "  wa-instance list --watch\n"
		    "  wa-instance set sales ai=off hours=shop\n",
};

int
main(int argc, char *argv[])
{
	secret_guard();
	return cli_main(&spec, argc, argv);
}
