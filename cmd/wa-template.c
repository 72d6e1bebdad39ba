/*
 * wa-template - the message templates of the business: what is approved, and
 * what it looks like when it is filled
 *
 * The provider's list is kept in the store by sync; webhooks change it in
 * between. Everything but sync, create and rm works from what is kept and
 * never connects anywhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/instance.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "wa/graph.h"
#include "wa/template.h"

#define PAGE 100      /* templates a call */
#define PAGES_MAX 100 /* 250 templates an account are usual, 6,000 the most */
#define FILE_MAX_BYTES (1024 * 1024)

static const char *store_flag, *instance, *account, *language, *category,
    *status, *header, *header_example, *body, *footer;
static bool as_json, as_plain, all, usable, dry_run, yes;
static struct graph_options place_options;
static struct cli_list params, button_values, buttons, examples, card_values;
static const char *expires;
static int64_t timeout_ms = 30 * 1000;

static const struct cli_option common[] = { { 'S', "store", "STORE", CLI_TEXT,
						&store_flag,
						"directory of the store" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" }, CLI_END };

#define CALL_OPTIONS                                                        \
	{ 'i', "instance", "NAME", CLI_TEXT, &instance,                     \
		"the instance whose account it is" },                       \
	    { 0, "timeout", "DURATION", CLI_DURATION, &timeout_ms,          \
		    "give up on the provider after" },                      \
	    { 0, "token-file", "FILE", CLI_TEXT, &place_options.token_file, \
		    "the access token" },                                   \
	{                                                                   \
		0, "url", "URL", CLI_TEXT, &place_options.url,              \
		    "the provider's address"                                \
	}

#define LANGUAGE_OPTION                                           \
	{                                                         \
		'l', "language", "LANGUAGE", CLI_TEXT, &language, \
		    "one as en_US or es"                          \
	}

#define ACCOUNT_OPTION                                        \
	{                                                     \
		0, "account", "ID", CLI_TEXT, &account,       \
		    "of this WhatsApp Business Account alone" \
	}

static const struct cli_option sync_options[] = { CALL_OPTIONS, CLI_END };

static const struct cli_option list_options[] = { ACCOUNT_OPTION,
	{ 'a', "all", NULL, CLI_FLAG, &all, "also those that are gone" },
	{ 'c', "category", "CATEGORY", CLI_TEXT, &category,
	    "marketing, utility or authentication" },
	LANGUAGE_OPTION,
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	{ 's', "status", "STATUS", CLI_TEXT, &status,
	    "approved, pending, rejected, paused, ..." },
	{ 'u', "usable", NULL, CLI_FLAG, &usable, "that may be sent now" },
	CLI_END };

static const struct cli_option preview_options[] = { ACCOUNT_OPTION,
	{ 'b', "button", "VALUE", CLI_LIST, &button_values,
	    "for a button: end of its url, code; again for the next" },
	{ 'H', "header", "VALUE", CLI_TEXT, &header,
	    "for the header: text, id:ID, a link, or a place" },
	{ 0, "card", "VALUE", CLI_LIST, &card_values,
	    "for the cards: header, body, buttons of each, in order" },
	{ 0, "expires", "TIME", CLI_TEXT, &expires,
	    "when the offer ends: 2026-12-24T18:00:00Z" },
	LANGUAGE_OPTION,
	{ 'p', "param", "VALUE", CLI_LIST, &params,
	    "for the body, in order; NAME=VALUE where it has names" },
	CLI_END };

static const struct cli_option show_options[] = { ACCOUNT_OPTION,
	LANGUAGE_OPTION, CLI_END };

static const struct cli_option create_options[] = { CALL_OPTIONS,
	{ 0, "body", "TEXT", CLI_TEXT, &body, "the text, with {{1}}, {{2}}" },
	{ 'b', "button", "TEXT", CLI_LIST, &buttons,
	    "a quick reply, or TEXT=URL; again for the next" },
	{ 'c', "category", "CATEGORY", CLI_TEXT, &category,
	    "marketing, utility or authentication" },
	{ 0, "dry-run", NULL, CLI_FLAG, &dry_run,
	    "check it, print the request, ask nobody" },
	{ 0, "example", "VALUE", CLI_LIST, &examples,
	    "for a parameter of the body; again for the next" },
	{ 0, "footer", "TEXT", CLI_TEXT, &footer, "the line below" },
	{ 0, "header", "TEXT", CLI_TEXT, &header, "the line above" },
	{ 0, "header-example", "VALUE", CLI_TEXT, &header_example,
	    "for the parameter of the header" },
	LANGUAGE_OPTION, CLI_END };

static const struct cli_option rm_options[] = { CALL_OPTIONS, LANGUAGE_OPTION,
	{ 'y', "yes", NULL, CLI_FLAG, &yes, "do not ask" }, CLI_END };

static struct store *
open_store(unsigned flags, enum permission need, char **ret_self)
{
	struct store *s = NULL;

	cli_need(store_open(store_flag, flags, &s));
	cli_need(person_self(s, need, ret_self));
	return s;
}

/* "approved" as "APPROVED". The caller frees; NULL stays NULL. */
static char *
upper(const char *word)
{
	char *copy = xstrdup(word);

	for (char *c = copy; c != NULL && *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return copy;
}

/* What needs a provider: settings, one instance, its place. */
struct caller {
	struct conf *conf;
	struct store *store;
	struct http *http;
	char *self;
};

static void
caller_open(struct caller *c, enum permission need)
{
	struct http_limits limits = { .total_ms = timeout_ms,
		.max_bytes = 16 * 1024 * 1024 };

	cli_need(conf_open(&c->conf));
	c->store = open_store(STORE_WRITE, need, &c->self);
	cli_need(instances_load(c->store, c->conf));
	cli_need(http_new(&limits, &c->http));
}

static void
caller_close(struct caller *c)
{
	http_free(c->http);
	store_close(c->store);
	conf_close(c->conf);
	free(c->self);
}

/* The names of the cloud instances, NULL-ended; caller frees all. */
static char **
cloud_instances(struct store *s)
{
	struct query q = query(store_desk(s),
	    "SELECT name FROM instance WHERE kind = 'cloud' AND known"
	    " ORDER BY name");
	char **names = xcalloc(1, sizeof(*names));
	size_t n = 0;

	while (step(&q)) {
		names = xrealloc(names, (n + 2) * sizeof(*names));
		names[n++] = column_copy(&q, 0);
		names[n] = NULL;
	}
	cli_need(done(&q));
	return names;
}

static void
names_free(char **names)
{
	for (size_t i = 0; names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

/* The place of the instance that is meant, or of the only one. */
static void
find_place(struct cli *cli, struct caller *c, struct graph_place *p)
{
	char **names = cloud_instances(c->store);

	if (instance == NULL && names[0] != NULL && names[1] != NULL)
		cli_usage(cli,
		    "there are several instances: say which by "
		    "--instance");
	if (instance == NULL && names[0] == NULL)
		cli_die(ERR_CONFIG,
		    "no instance is set up: add [instance "
		    "NAME] to frontdesk.conf");
	if (instance != NULL && !str_in(instance, (const char *const *)names))
		cli_die(ERR_NOINPUT, "no instance '%s'", instance);
	if (graph_place(c->conf, c->store,
		instance != NULL ? instance : names[0], &place_options, p) < 0)
		cli_die(ERR_CONFIG, "%s: %s",
		    instance != NULL ? instance : names[0], err_reason());
	if (p->account == NULL)
		cli_die(ERR_CONFIG, "%s: no account_id is set",
		    instance != NULL ? instance : names[0]);
	names_free(names);
}

/* Commit and print the events, or undo; the status. */
static int
end(struct act *a, int code)
{
	char *line;
	size_t i;

	if (code < 0)
		store_rollback(a->store);
	else
		code = store_commit(a->store);
	for (i = 0; code == 0 && as_json && i < a->nmade; i++) {
		line = event_line(a->made[i]);
		printf("%s\n", line);
		free(line);
	}
	act_release(a);
	return code;
}

static void
print_json(json_t *o)
{
	cli_json(o);
	json_decref(o);
}

/* --- sync --- */

/* Add a page to list; *after: where the next one begins, NULL if there is none.
 * What is no page at all must not look like an account without templates. */
static int
read_page(const json_t *page, json_t *list, char **after)
{
	const json_t *data = json_object_get(page, "data");
	const char *next = json_str(page, "paging/cursors/after");

	*after = NULL;
	if (!json_is_array(data) ||
	    (json_at(page, "paging/next") != NULL && next == NULL))
		return err_set(ERR_DATA,
		    "the provider's answer is no list of templates");
	json_array_extend(list, (json_t *)data);
	if (json_at(page, "paging/next") != NULL)
		*after = xstrdup(next);
	return 0;
}

/* All pages of an account's list: an array, or NULL with the reason said. */
static json_t *
fetch(struct caller *c, const struct graph_place *p, int *ret_code)
{
	json_t *list = json_array();
	char *after = NULL, *path;
	struct graph_answer a;
	int pages = 0, code = 0;

	do {
		path = xformat("%s/message_templates?limit=%d&fields=id,name,"
			       "language,status,category,components,"
			       "quality_score,rejected_reason,"
			       "parameter_format%s%s",
		    p->account, PAGE, after != NULL ? "&after=" : "",
		    after != NULL ? after : "");
		code = graph_call(c->http, p, "GET", path, NULL, NULL, &a);
		free(path);
		free(after);
		after = NULL;
		if (code == 0)
			code = read_page(a.root, list, &after);
		graph_answer_release(&a);
	} while (code == 0 && after != NULL && ++pages < PAGES_MAX);
	if (code == 0 && after != NULL)
		code = err_set(ERR_DATA,
		    "the provider lists more than %d templates",
		    PAGE * PAGES_MAX);
	free(after);
	if (code == 0)
		return list;
	json_decref(list);
	*ret_code = code;
	return NULL;
}

static int
sync_account(struct caller *c, const struct graph_place *p)
{
	struct act a;
	json_t *list, *t;
	size_t changed, i;
	int code = 0;

	list = fetch(c, p, &code);
	if (list == NULL)
		return code;
	code = store_begin(c->store);
	if (code < 0) {
		json_decref(list);
		return code;
	}
	act_person(&a, c->store, c->self);
	json_array_foreach(list, i, t)
		if (code >= 0)
			code = template_put(&a, p->account, t);
	/* Only after the whole list: a part of it says nothing of the rest. */
	if (code >= 0)
		code = templates_gone(&a, p->account);
	changed = a.nmade;
	code = end(&a, code < 0 ? code : 0);
	if (code == 0 && !as_json)
		cli_warn("account %s: %zu template%s, %zu changed", p->account,
		    json_array_size(list),
		    json_array_size(list) == 1 ? "" : "s", changed);
	json_decref(list);
	return code;
}

static int
run_sync(struct cli *cli)
{
	struct caller c;
	struct graph_place p;
	char **names, *seen[64];
	const char *only[2] = { instance, NULL };
	const char *const *list;
	size_t i, k, n = 0;
	int code = 0, one;

	cli_args(cli, 0, 0);
	caller_open(&c, MAY_ADMIN);
	names = cloud_instances(c.store);
	if (instance != NULL && !str_in(instance, (const char *const *)names))
		cli_die(ERR_NOINPUT, "no instance '%s'", instance);
	if (instance == NULL && names[0] == NULL)
		cli_die(ERR_CONFIG,
		    "no instance is set up: add [instance "
		    "NAME] to frontdesk.conf");
	list = instance != NULL ? only : (const char *const *)names;
	for (i = 0; list[i] != NULL; i++) {
		const char *name = list[i];

		one = graph_place(c.conf, c.store, name, &place_options, &p);
		if (one == 0 && p.account == NULL) {
			graph_place_release(&p);
			one = err_set(ERR_CONFIG, "no account_id is set");
		}
		if (one < 0) {
			cli_warn("%s: %s", name, err_reason());
			code = one;
			continue;
		}
		/* Numbers of one account share its templates. */
		for (k = 0; k < n && strcmp(seen[k], p.account) != 0; k++)
			;
		if (k == n) {
			if (n < sizeof(seen) / sizeof(seen[0]))
				seen[n++] = xstrdup(p.account);
			one = sync_account(&c, &p);
			if (one < 0) {
				cli_warn("%s: %s", name, err_reason());
				code = one;
			}
		}
		graph_place_release(&p);
	}
	while (n > 0)
		free(seen[--n]);
	names_free(names);
	caller_close(&c);
	if (code < 0) { /* said already */
		fflush(stdout);
		exit(err_status(code));
	}
	return 0;
}

/* --- what is kept --- */

static json_t *
template_json(const struct template *t, bool whole)
{
	json_t *o = json_object();
	char time[TIME_TEXT_BYTES];

	json_put(o, "account", t->account);
	json_put(o, "name", t->name);
	json_put(o, "language", t->language);
	json_put(o, "id", t->id);
	json_put(o, "status", t->status);
	json_put(o, "category", t->category);
	json_put(o, "quality", t->quality);
	json_put(o, "reason", t->reason);
	json_object_set_new(o, "usable", json_boolean(template_is_usable(t)));
	json_put(o, "synced", time_text(t->synced_ms, time));
	if (t->removed_ms != 0)
		json_put(o, "removed", time_text(t->removed_ms, time));
	if (whole) {
		json_put(o, "parameter_format",
		    t->named ? "NAMED" : "POSITIONAL");
		json_object_set(o, "components", t->components);
	}
	return o;
}

static int
run_list(struct cli *cli)
{
	static const char *const headers[] = { "NAME", "LANGUAGE", "STATUS",
		"CATEGORY", "QUALITY", "ACCOUNT", NULL },
				 *const statuses[] = { "APPROVED", "PENDING",
					 "REJECTED", "PAUSED", "DISABLED",
					 "IN_APPEAL", "PENDING_DELETION",
					 "DELETED", "LIMIT_EXCEEDED",
					 "ARCHIVED", NULL },
				 *const categories[] = { "MARKETING", "UTILITY",
					 "AUTHENTICATION", NULL };
	char *self = NULL, *want_status = upper(status),
	     *want_category = upper(category);
	struct template **list = NULL;
	struct cli_table *table = NULL;
	struct store *s;
	size_t n = 0, i;

	cli_args(cli, 0, 0);
	if (want_status != NULL && !str_in(want_status, statuses))
		cli_usage(cli,
		    "--status %s: none of approved, pending, "
		    "rejected, paused, disabled, in_appeal, "
		    "pending_deletion, deleted, limit_exceeded, archived",
		    status);
	if (want_category != NULL && !str_in(want_category, categories))
		cli_usage(cli,
		    "--category %s: none of marketing, utility, "
		    "authentication",
		    category);
	s = open_store(STORE_READ, MAY_READ, &self);
	cli_need(templates_list(s, account, &list, &n));
	if (!as_json)
		table = cli_table_new(headers, as_plain);
	for (i = 0; i < n; i++) {
		const struct template *t = list[i];
		const char *none = as_plain ? "" : "-";

		if ((t->removed_ms != 0 && !all) ||
		    (usable && !template_is_usable(t)) ||
		    (want_status != NULL &&
			strcmp(t->status, want_status) != 0) ||
		    (want_category != NULL &&
			strcmp(t->category, want_category) != 0) ||
		    (language != NULL && strcmp(t->language, language) != 0))
			continue;
		if (as_json) {
			print_json(template_json(t, false));
			continue;
		}
		cli_table_cell(table, "%s", t->name);
		cli_table_cell(table, "%s", t->language);
		cli_table_cell(table, "%s",
		    t->removed_ms != 0 ? "gone" : t->status);
		cli_table_cell(table, "%s", t->category);
		cli_table_cell(table, "%s",
		    t->quality != NULL ? t->quality : none);
		cli_table_cell(table, "%s", t->account);
	}
	if (table != NULL)
		cli_table_end(table);
	templates_free(list, n);
	free(want_status);
	free(want_category);
	free(self);
	store_close(s);
	return 0;
}

/* Text of the provider: shown, not obeyed. */
static void
print_shown(const char *text, const char *before, const char *after)
{
	char *shown;

	if (text == NULL)
		return;
	shown = utf8_show(text, true);
	printf("%s%s%s\n", before, shown, after);
	free(shown);
}

static void
print_components(const json_t *components)
{
	json_t *c, *b, *card;
	size_t i, k;

	json_array_foreach((json_t *)components, i, c) {
		printf("\n%s", json_str_or(c, "type", "?"));
		if (json_str(c, "format") != NULL)
			printf(" %s", json_str(c, "format"));
		printf("\n");
		print_shown(json_str(c, "text"), "", "");
		print_shown(json_str(c, "limited_time_offer/text"), "", "");
		json_array_foreach(json_object_get(c, "buttons"), k, b) {
			printf("%-14s", json_str_or(b, "type", "?"));
			print_shown(json_str(b, "text"), "", "");
			print_shown(json_str(b, "url"), "              ", "");
		}
		json_array_foreach(json_object_get(c, "cards"), k, card) {
			printf("\n--- card %zu\n", k + 1);
			print_components(json_object_get(card, "components"));
		}
	}
}

static int
run_show(struct cli *cli)
{
	struct template *t = NULL;
	struct store *s;
	char *self = NULL;

	cli_args(cli, 1, 1);
	s = open_store(STORE_READ, MAY_READ, &self);
	cli_need(template_get(s, account, cli->args[0], language, &t));
	if (as_json)
		print_json(template_json(t, true));
	else {
		printf("name      %s\nlanguage  %s\naccount   %s\n"
		       "status    %s%s\ncategory  %s\nquality   %s\n",
		    t->name, t->language, t->account,
		    t->removed_ms != 0 ? "gone, was " : "", t->status,
		    t->category, t->quality != NULL ? t->quality : "-");
		if (t->reason != NULL)
			print_shown(t->reason, "reason    ", "");
		print_components(t->components);
	}
	template_free(t);
	free(self);
	store_close(s);
	return 0;
}

/* A template, or a card of one, as the customer will see it. */
static void
print_filled(const json_t *shown)
{
	const json_t *offer = json_object_get(shown, "offer");
	json_t *b;
	size_t i;

	if (json_str(shown, "header") != NULL)
		print_shown(json_str(shown, "header"), "", "\n");
	if (offer != NULL) {
		print_shown(json_str(offer, "text"), "", "");
		print_shown(json_str(offer, "expires"), "until ", "");
		printf("\n");
	}
	print_shown(json_str(shown, "body"), "", "");
	if (json_bool_or(shown, "asks_to_call", false))
		printf("\n[asks whether the business may call]\n");
	if (json_str(shown, "footer") != NULL)
		print_shown(json_str(shown, "footer"), "\n", "");
	json_array_foreach(json_object_get(shown, "buttons"), i, b) {
		char *text = utf8_show(json_str_or(b, "text",
					   json_str_or(b, "type", "")),
			 false),
		     *value = utf8_show(json_str_or(b, "value", ""), false);

		printf("%s[ %s%s%s ]\n", i == 0 ? "\n" : "", text,
		    *value != '\0' ? ": " : "", value);
		free(text);
		free(value);
	}
}

static int
run_preview(struct cli *cli)
{
	struct template_params p = { .body = params.items,
		.nbody = params.count,
		.header = header,
		.buttons = button_values.items,
		.nbuttons = button_values.count,
		.cards = card_values.items,
		.ncards = card_values.count };
	struct template *t = NULL;
	json_t *shown = NULL, *object = NULL, *card;
	struct store *s;
	char *self = NULL;
	size_t i;
	int code;

	cli_args(cli, 1, 1);
	if (expires != NULL && time_parse(expires, &p.expires_ms) < 0)
		cli_usage(cli,
		    "--expires %s: no time as "
		    "2026-12-24T18:00:00Z",
		    expires);
	s = open_store(STORE_READ, MAY_READ, &self);
	cli_need(template_get(s, account, cli->args[0], language, &t));
	code = template_fill(t, &p, &shown, &object);
	if (code < 0)
		cli_die(code, "%s (%s): %s", t->name, t->language,
		    err_reason());
	if (!template_is_usable(t))
		cli_warn("%s (%s) may not be sent: it is %s", t->name,
		    t->language, t->removed_ms != 0 ? "gone" : t->status);
	if (as_json) {
		json_put_new(shown, "template", object);
		print_json(shown);
	} else {
		print_filled(shown);
		json_array_foreach(json_object_get(shown, "cards"), i, card) {
			printf("\n--- card %zu\n\n", i + 1);
			print_filled(card);
		}
		json_decref(shown);
		json_decref(object);
	}
	template_free(t);
	free(self);
	store_close(s);
	return 0;
}

/* --- changes at the provider --- */

/* What the options say, as the provider wants it. */
static json_t *
body_of_options(const char *name)
{
	json_t *o = json_object(), *list = json_array(), *c, *values, *b;
	char *upper_category = upper(category);
	const char *equals;
	size_t i;

	json_put(o, "name", name);
	json_put(o, "language", language);
	json_put(o, "category", upper_category);
	free(upper_category);
	if (header != NULL) {
		c = json_pack("{ss,ss}", "type", "HEADER", "format", "TEXT");
		json_put(c, "text", header);
		if (header_example != NULL)
			json_put_new(c, "example",
			    json_pack("{s[o]}", "header_text",
				json_text_new(header_example)));
		json_array_append_new(list, c);
	}
	c = json_pack("{ss}", "type", "BODY");
	json_put(c, "text", body);
	if (examples.count > 0) {
		values = json_array();
		for (i = 0; i < examples.count; i++)
			json_array_append_new(values,
			    json_text_new(examples.items[i]));
		json_put_new(c, "example",
		    json_pack("{s[o]}", "body_text", values));
	}
	json_array_append_new(list, c);
	if (footer != NULL) {
		c = json_pack("{ss}", "type", "FOOTER");
		json_put(c, "text", footer);
		json_array_append_new(list, c);
	}
	if (buttons.count > 0) {
		values = json_array();
		for (i = 0; i < buttons.count; i++) {
			equals = strstr(buttons.items[i], "=https://");
			if (equals == NULL && strchr(buttons.items[i], '='))
				cli_die(ERR_DATA,
				    "--button %s: a URL begins with https://; "
				    "a quick reply with = comes in a FILE",
				    buttons.items[i]);
			b = json_object();
			json_put(b, "type",
			    equals != NULL ? "URL" : "QUICK_REPLY");
			if (equals != NULL) {
				char *text = xstrndup(buttons.items[i],
				    (size_t)(equals - buttons.items[i]));

				json_put(b, "text", text);
				json_put(b, "url", equals + 1);
				free(text);
			} else
				json_put(b, "text", buttons.items[i]);
			json_array_append_new(values, b);
		}
		json_array_append_new(list,
		    json_pack("{ss,so}", "type", "BUTTONS", "buttons", values));
	}
	json_put_new(o, "components", list);
	return o;
}

/* FILE, or - for stdin. */
static json_t *
body_of_file(const char *path)
{
	char *text = NULL;
	size_t len = 0;
	json_t *o = NULL;

	cli_need(file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path,
	    FILE_MAX_BYTES, &text, &len));
	if (json_object_parse(text, len, &o) < 0)
		cli_die(ERR_DATA, "%s: %s", path, err_reason());
	free(text);
	return o;
}

static int
run_create(struct cli *cli)
{
	struct caller c;
	struct graph_place p;
	struct graph_answer answer;
	struct act a;
	json_t *o;
	char *path;
	int code;

	cli_args(cli, 1, 1);
	if (body == NULL &&
	    (header != NULL || footer != NULL || buttons.count > 0 ||
		examples.count > 0))
		cli_usage(cli, "a template is a FILE, or NAME and --body");
	if (header_example != NULL && header == NULL)
		cli_usage(cli, "--header-example goes with --header");
	o = body != NULL ? body_of_options(cli->args[0]) :
			   body_of_file(cli->args[0]);
	if (body == NULL && language != NULL)
		json_put(o, "language", language);
	if (template_check(o) < 0)
		cli_die(ERR_DATA, "%s: %s", cli->args[0], err_reason());
	if (dry_run) {
		print_json(o);
		return 0;
	}
	caller_open(&c, MAY_ADMIN);
	find_place(cli, &c, &p);
	path = xformat("%s/message_templates", p.account);
	code = graph_call(c.http, &p, "POST", path, o, NULL, &answer);
	free(path);
	if (code < 0)
		cli_die(code, "%s", err_reason());
	/* What the provider made of it: its category may be another one. */
	json_put(o, "id", json_str(answer.root, "id"));
	json_put(o, "status", json_str_or(answer.root, "status", "PENDING"));
	if (json_str(answer.root, "category") != NULL)
		json_put(o, "category", json_str(answer.root, "category"));
	cli_need(store_begin(c.store));
	act_person(&a, c.store, c.self);
	code = template_put(&a, p.account, o);
	if (code >= 0)
		code = act_audit(&a, "template.create", json_str(o, "name"),
		    json_pack("{ss,ss}", "account", p.account, "language",
			json_str(o, "language")));
	code = end(&a, code < 0 ? code : 0);
	if (code == 0 && !as_json)
		printf("%s (%s) is %s\n", json_str(o, "name"),
		    json_str(o, "language"), json_str(o, "status"));
	json_decref(o);
	graph_answer_release(&answer);
	graph_place_release(&p);
	caller_close(&c);
	return code;
}

static int
run_rm(struct cli *cli)
{
	struct caller c;
	struct graph_place p;
	struct graph_answer answer;
	struct template *t = NULL;
	struct act a;
	char *path;
	int code;

	cli_args(cli, 1, 1);
	caller_open(&c, MAY_ADMIN);
	find_place(cli, &c, &p);
	code = template_get(c.store, p.account, cli->args[0], language, &t);
	if (code == ERR_USAGE && language == NULL)
		code = 0; /* all its languages go */
	cli_need(code);
	if (!yes)
		cli_usage(cli,
		    "its name cannot be used again for 30 days: "
		    "say --yes");
	if (language != NULL && t->id == NULL)
		cli_die(ERR_DATA,
		    "%s (%s): its id is not known; "
		    "wa-template sync fetches it",
		    t->name, t->language);
	path = language != NULL ?
	    xformat("%s/message_templates?name=%s&hsm_id=%s", p.account,
		cli->args[0], t->id) :
	    xformat("%s/message_templates?name=%s", p.account, cli->args[0]);
	code = graph_call(c.http, &p, "DELETE", path, NULL, NULL, &answer);
	free(path);
	if (code < 0)
		cli_die(code, "%s", err_reason());
	cli_need(store_begin(c.store));
	act_person(&a, c.store, c.self);
	code = template_gone(&a, p.account, cli->args[0], language);
	if (code >= 0)
		code = act_audit(&a, "template.rm", cli->args[0],
		    json_pack("{ss}", "account", p.account));
	code = end(&a, code < 0 ? code : 0);
	graph_answer_release(&answer);
	graph_place_release(&p);
	template_free(t);
	caller_close(&c);
	return code;
}

static const struct cli_verb verbs[] = { { "create", "FILE | NAME",
					     "submit a template for approval",
					     create_options, run_create },
	{ "list", "", "list the templates", list_options, run_list },
	{ "preview", "NAME", "what the customer will see", preview_options,
	    run_preview },
	{ "rm", "NAME", "delete a template at the provider", rm_options,
	    run_rm },
	{ "show", "NAME", "show one template", show_options, run_show },
	{ "sync", "", "fetch what the provider lists", sync_options, run_sync },
	{ NULL, NULL, NULL, NULL, NULL } };

static const struct cli_spec spec = { "wa-template",
	"message templates of the business", "", common, verbs,
	"  wa-template sync\n"
	"  wa-template list --usable\n"
	"  wa-template preview order_update -p Ana -p 123\n" };

int
main(int argc, char *argv[])
{
	return cli_main(&spec, argc, argv);
}
