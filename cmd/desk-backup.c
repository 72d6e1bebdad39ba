/*
 * desk-backup - copies of the store: create, verify, restore, list
 *
 * The copying itself is lib/store/backup.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/act.h"
#include "desk/conversation.h"
#include "desk/message.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "store/backup.h"

#define PROGRESS_MS 2000
#define MEGABYTE 1000000

static bool as_json, as_plain, resend;
static int64_t keep = -1; /* not given */
static const char *store_flag;

static const struct cli_option create_options[] = {
	{ 'S', "store", "STORE", CLI_TEXT, &store_flag,
	    "directory of the store" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print an object, not a path" },
	{ 0, "keep", "N", CLI_NUMBER, &keep,
	    "then remove all but the newest N" },
	CLI_END
};

static const struct cli_option restore_options[] = {
	{ 0, "resend", NULL, CLI_FLAG, &resend,
	    "send what was waiting, though it may have gone out" },
	CLI_END
};

static const struct cli_option list_options[] = {
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	CLI_END
};

/* A line on stderr every two seconds, none before. */
static void
progress(void *ctx, const char *file, int64_t done_bytes, int64_t all_bytes)
{
	int64_t *next_ms = ctx;

	if (*next_ms == 0)
		*next_ms = mono_ms() + PROGRESS_MS;
	if (mono_ms() < *next_ms)
		return;
	cli_warn("%lld of %lld MB, %s", (long long)(done_bytes / MEGABYTE),
	    (long long)(all_bytes / MEGABYTE), file);
	*next_ms = mono_ms() + PROGRESS_MS;
}

static void
wrong(void *ctx, const char *what)
{
	(void)ctx;
	cli_warn("%s", what);
}

static json_t *
backup_json(const struct backup *b)
{
	json_t *o = json_object();
	char t[TIME_TEXT_BYTES];

	json_put(o, "backup", b->name);
	json_put(o, "path", b->path);
	json_put_new(o, "whole", json_boolean(b->time_ms >= 0));
	if (b->time_ms >= 0) {
		json_put(o, "time", time_text(b->time_ms, t));
		json_put_int(o, "seq", b->seq);
		json_put_int(o, "files", (int64_t)b->nfiles);
		json_put_int(o, "bytes", b->bytes);
	}
	return o;
}

static void
print_json(const struct backup *b)
{
	json_t *o = backup_json(b);

	cli_json(o);
	json_decref(o);
}

/* The folder of backups: named, else as set; borrowed from cli or conf. */
static const char *
folder(const struct cli *cli, const struct conf *conf)
{
	const char *dir = cli->nargs > 0 ?
	    cli->args[0] :
	    setting_text(conf, "backup", "directory");

	if (dir == NULL)
		cli_usage(cli, "no folder: name one, or set backup.directory");
	return dir;
}

static int
create(struct cli *cli)
{
	int64_t next_ms = 0;
	struct backup_watch watch = { progress, NULL, &next_ms };
	struct backup *b = NULL;
	struct conf *conf = NULL;
	struct store *s = NULL;
	char *person = NULL, *store_dir = NULL;
	const char *dir;
	int code;

	cli_args(cli, 0, 1);
	cli_need(conf_open(&conf));
	dir = folder(cli, conf);
	if (keep < 0)
		cli_need(setting_int(conf, "backup", "keep", &keep));
	cli_need(store_find(store_flag, &store_dir));
	/* An older schema is copied, too: that is what upgrades need. */
	code = store_open_dir(store_dir, STORE_READ, &s);
	/* Whoever can read the files could copy them by other means. */
	if (code == 0 && getuid() != 0)
		code = person_self(s, MAY_ADMIN, &person);
	else if (code == ERR_CONFIG)
		code = 0;
	store_close(s);
	if (code == 0)
		code = backup_create(store_dir, dir, &watch, &b);
	if (code == 0 && as_json)
		print_json(b);
	else if (code == 0)
		puts(b->path);
	if (code == 0 && keep > 0)
		code = backup_rotate(dir, (size_t)keep, NULL);
	backup_free(b);
	free(person);
	free(store_dir);
	conf_close(conf);
	return code;
}

static int
verify(struct cli *cli)
{
	int64_t next_ms = 0;
	struct backup_watch watch = { progress, wrong, &next_ms };
	struct backup *b = NULL;
	int code;

	cli_args(cli, 1, 1);
	code = backup_open(cli->args[0], &b);
	if (code == ERR_DATA) {
		cli_warn("%s", err_reason());
		code = ERR_NO;
	}
	if (code == 0)
		code = backup_verify(b, &watch);
	backup_free(b);
	return code;
}

/*
 * A message that was waiting when the copy was made may have gone out since.
 * It is held, as one whose fate is unknown: nobody is told twice, a person
 * sees it.
 */
static int
hold(struct act *a, const char *id)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE message SET status = 'held',"
	    " attempt_ms = coalesce(attempt_ms, :now) WHERE id = :id");
	struct message *m = NULL;
	char subject[32];
	json_t *data;
	int code;

	bind_text(&q, ":id", id);
	bind_int(&q, ":now", a->now_ms);
	step(&q);
	if ((code = done(&q)) < 0 || (code = message_get(a->store, id, &m)) < 0)
		return code;
	data = json_object();
	json_put(data, "message", m->id);
	json_put(data, "conversation", m->conversation);
	json_put(data, "contact", m->contact);
	json_put(data, "instance", m->instance);
	json_put(data, "kind", m->kind);
	json_put(data, "reason", "restored");
	code = act_emit(a, "message.held",
	    conversation_subject(m->conversation, subject), data, NULL);
	message_free(m);
	return code;
}

/* At most DB_BATCH_ROWS of them in a transaction; *ret_held counts. */
static int
hold_some(struct store *s, int *ret_held)
{
	char id[DB_BATCH_ROWS][ULID_BYTES];
	struct query q = query(store_desk(s),
	    "SELECT id FROM message WHERE direction = 'out'"
	    " AND status IN ('queued', 'sending') LIMIT :n");
	int n = 0, code;
	struct act a;

	bind_int(&q, ":n", DB_BATCH_ROWS);
	while (step(&q) && n < DB_BATCH_ROWS)
		snprintf(id[n++], ULID_BYTES, "%s", column_text(&q, 0));
	code = done(&q);
	if (code < 0 || n == 0 || (code = store_begin(s)) < 0)
		return code;
	act_program(&a, s, "desk-backup", NULL, "system");
	for (int i = 0; i < n && code >= 0; i++)
		code = hold(&a, id[i]);
	if (code >= 0)
		code = store_commit(s);
	else
		store_rollback(s);
	act_release(&a);
	*ret_held = n;
	return code;
}

static int
hold_waiting(void *ctx, const char *gathered)
{
	struct store *s = NULL;
	int held = 0, some, code;

	(void)ctx;
	code = store_open_dir(gathered, STORE_WRITE, &s);
	if (code == ERR_CONFIG) {
		cli_warn("of an older schema: messages that were waiting are "
			 "not held; look at them before wa-send runs");
		return 0;
	}
	while (code == 0) {
		some = 0;
		code = hold_some(s, &some);
		held += some;
		if (some < DB_BATCH_ROWS)
			break;
	}
	if (code == 0 && held > 0) {
		cli_warn("%d message%s waiting %s held: %s may have gone out "
			 "after the copy was made",
		    held, held == 1 ? " that was" : "s that were",
		    held == 1 ? "is" : "are", held == 1 ? "it" : "they");
		code = db_checkpoint(store_desk(s));
	}
	store_close(s);
	return code;
}

static int
restore(struct cli *cli)
{
	int64_t next_ms = 0;
	struct backup_watch watch = { progress, wrong, &next_ms };
	struct backup *b = NULL;
	int code;

	cli_args(cli, 2, 2);
	umask(
	    0007); /* a store is its group's; backups have modes of their own */
	code = backup_open(cli->args[0], &b);
	if (code == 0)
		code = backup_verify(b, &watch);
	if (code == 0)
		code = backup_restore(b, cli->args[1],
		    resend ? NULL : hold_waiting, &watch);
	if (code == ERR_NO) {
		cli_warn("%s; nothing was restored", err_reason());
	} else if (code == ERR_DATA) {
		cli_warn("%s; nothing was restored", err_reason());
		code = ERR_NO;
	}
	backup_free(b);
	return code;
}

static void
print_row(struct cli_table *t, const struct backup *b)
{
	char text[TIME_TEXT_BYTES];

	cli_table_cell(t, "%s", b->name);
	if (b->time_ms < 0) {
		cli_table_cell(t, "damaged");
		for (int i = 0; i < 3; i++)
			cli_table_cell(t, "%s", "");
		return;
	}
	cli_table_cell(t, "%s", time_text(b->time_ms, text));
	cli_table_cell(t, "%lld", (long long)b->seq);
	cli_table_cell(t, "%zu", b->nfiles);
	cli_table_cell(t, "%lld", (long long)b->bytes);
}

static int
list(struct cli *cli)
{
	static const char *const headers[] = { "BACKUP", "TIME", "LAST EVENT",
		"FILES", "BYTES", NULL };
	struct backup **all = NULL;
	struct cli_table *t = NULL;
	struct conf *conf = NULL;
	size_t n = 0;
	int code;

	cli_args(cli, 0, 1);
	cli_need(conf_open(&conf));
	code = backup_list(folder(cli, conf), &all, &n);
	if (code == 0 && !as_json)
		t = cli_table_new(headers, as_plain);
	for (size_t i = 0; i < n; i++) {
		if (as_json)
			print_json(all[i]);
		else
			print_row(t, all[i]);
		backup_free(all[i]);
	}
	if (t != NULL)
		cli_table_end(t);
	free(all);
	conf_close(conf);
	return code;
}

static const struct cli_verb verbs[] = {
	{ "create", "[FOLDER]", "copy the store into a new backup in FOLDER",
	    create_options, create },
	{ "verify", "BACKUP", "say whether a backup is whole and sound", NULL,
	    verify },
	{ "restore", "BACKUP DIR", "make the store DIR of a backup",
	    restore_options, restore },
	{ "list", "[FOLDER]", "the backups in FOLDER, the oldest first",
	    list_options, list },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const struct cli_spec spec = {
	.name = "desk-backup",
	.summary = "copies of the store: create, verify, restore, list",
	.verbs = verbs,
	.examples =
	    "  desk-backup create --keep 14 /var/backups/frontdesk\n"
	    "  desk-backup verify /var/backups/frontdesk/frontdesk-20261123T031500Z\n",
};

int
main(int argc, char *argv[])
{
	return cli_main(&spec, argc, argv);
}
