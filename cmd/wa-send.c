/*
 * wa-send - deliver queued messages to the provider
 *
 * The stage is lib/wa/sender.h; here are its options, the lists of what did
 * not go out, and a person's decision to try again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/time.h"
#include "desk/person.h"
#include "desk/secret.h"
#include "net/addr.h"
#include "net/http.h"
#include "store/stage.h"
#include "wa/outbox.h"
#include "wa/sender.h"

static struct graph_options place = { .reader = "wa-send" };
static int64_t hold_ms = -1;
static bool list_failed, list_held, as_json, as_plain;
static struct cli_list retries;

static const struct cli_option options[] = {
	{ 0, "hold", "DURATION", CLI_DURATION, &hold_ms,
	    "tell people of a message whose fate is unknown after" },
	{ 0, "json", NULL, CLI_FLAG, &as_json,
	    "with --list-*, --retry: print JSON Lines" },
	{ 0, "list-failed", NULL, CLI_FLAG, &list_failed,
	    "list what failed, and exit" },
	{ 0, "list-held", NULL, CLI_FLAG, &list_held,
	    "list what is held, its fate unknown, and exit" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain,
	    "with --list-*: tab-separated, no header" },
	{ 0, "retry", "MESSAGE", CLI_LIST, &retries,
	    "have a failed or held message sent again, and exit" },
	STAGE_JOB_OPTIONS, STAGE_OPTIONS,
	{ 0, "token-file", "FILE", CLI_TEXT, &place.token_file,
	    "the access token, for every instance" },
	{ 0, "url", "URL", CLI_TEXT, &place.url,
	    "the provider's address, for every instance" },
	CLI_END
};

static const struct cli_spec spec = { .name = "wa-send",
	.summary = "deliver queued messages to the provider",
	.args = "",
	.options = options,
	.examples = "wa-send --follow --token-file token\n"
		    "wa-send --dry-run < events.jsonl\n"
		    "wa-send --list-failed" };

/* Lists, and a person's decision. */

static struct cli_table *table;

static void
list_row(void *ctx, const struct outbox_row *r)
{
	char time[TIME_TEXT_BYTES];
	json_t *o;
	char *line;

	(void)ctx;
	if (as_json) {
		o = json_object();
		json_put(o, "message", r->id);
		json_put(o, "time", time_text(r->attempt_ms, time));
		json_put(o, "conversation", r->conversation);
		json_put(o, "instance", r->instance);
		json_put(o, "kind", r->kind);
		json_put(o, "author", r->author);
		json_put_int(o, "attempt", r->attempt);
		json_put(o, "reason", r->why);
		line = json_text(o);
		printf("%s\n", line);
		free(line);
		json_decref(o);
		return;
	}
	cli_table_cell(table, "%s", r->id);
	cli_table_cell(table, "%s", time_text(r->attempt_ms, time));
	cli_table_cell(table, "%s", r->conversation);
	cli_table_cell(table, "%s", r->instance);
	cli_table_cell(table, "%s", r->kind);
	cli_table_cell(table, "%s", r->author != NULL ? r->author : "");
	cli_table_cell(table, "%d", r->attempt);
	cli_table_cell(table, "%s", r->why != NULL ? r->why : "");
}

static int
list(const char *status)
{
	static const char *const headers[] = { "MESSAGE", "TIME",
		"CONVERSATION", "INSTANCE", "KIND", "AUTHOR", "TRIES", "REASON",
		NULL };
	struct store *s = NULL;
	char *self = NULL;
	int code;

	cli_need(store_open(stage_options.store, STORE_READ, &s));
	cli_need(person_self(s, MAY_READ, &self));
	if (!as_json)
		table = cli_table_new(headers, as_plain);
	code = outbox_list(s, status, list_row, NULL);
	if (table != NULL)
		cli_table_end(table);
	free(self);
	store_close(s);
	return code;
}

/* All of them or none. */
static int
retry(struct cli *cli)
{
	struct store *s = NULL;
	struct person *p = NULL;
	struct act act;
	char *self = NULL, *line;
	int code;

	cli_need(store_open(stage_options.store, STORE_WRITE, &s));
	cli_need(person_self(s, MAY_WRITE, &self));
	if (person_get(s, self, &p) == ERR_NOINPUT)
		cli_die(ERR_DENIED,
		    "%s is no person of this desk; an admin adds you: "
		    "desk-user add NAME --account ACCOUNT",
		    self);
	person_free(p);
	for (size_t i = 0; i < retries.count; i++)
		if (!id_is_ulid(retries.items[i]))
			cli_usage(cli, "--retry %s: no id of a message",
			    retries.items[i]);
	code = store_begin(s);
	act_person(&act, s, self);
	for (size_t i = 0; i < retries.count && code == 0; i++)
		code = outbox_retry(&act, retries.items[i]);
	if (code < 0)
		store_rollback(s);
	else
		code = store_commit(s);
	for (size_t i = 0; i < act.nmade && code == 0 && as_json; i++) {
		line = event_line(act.made[i]);
		printf("%s\n", line);
		free(line);
	}
	act_release(&act);
	free(self);
	store_close(s);
	if (code == ERR_NO) /* the answer no is said, too: a person asked */
		cli_warn("%s", err_reason());
	return code;
}

int
main(int argc, char *argv[])
{
	struct conf *conf = NULL;
	struct cli cli;
	int code;

	secret_guard();
	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (stage_options.follow)
		cli_hold_hangup();
	if (list_failed + list_held + (retries.count > 0) > 1)
		cli_usage(&cli,
		    "--list-failed, --list-held, --retry: one of "
		    "them");
	if (list_failed || list_held)
		cli_exit(list(list_held ? "held" : "failed"));
	if (retries.count > 0)
		cli_exit(retry(&cli));
	cli_need(conf_open(&conf));
	if (place.url != NULL &&
	    (http_url_check(place.url) < 0 || !addr_url_is_private(place.url)))
		cli_usage(&cli, "--url %s: not an address of https", place.url);
	if (place.token_file != NULL && access(place.token_file, R_OK) != 0)
		cli_need(err_errno(ERR_NOINPUT, "%s", place.token_file));
	code = sender_run(conf, &place, hold_ms);
	conf_close(conf);
	if (code == SENDER_GAVE_UP)
		return err_status(ERR_UNAVAILABLE);
	cli_exit(code);
}
