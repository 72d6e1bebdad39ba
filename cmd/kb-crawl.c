/*
 * kb-crawl - the pages of a web site into the knowledge base
 *
 * This process has the network and gives up the store; kb-ingest, which a
 * helper made beforehand runs, has the store.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/confine.h"
#include "base/err.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/settings.h"
#include "kb/crawl.h"
#include "store/store.h"

static bool allow_private, as_json, dry_run, plain, print, if_due;
static const char *collection, *contact, *name, *prefix, *store_flag, *types;
static int64_t bytes = -1, delay_ms = -1, depth = -1, page_size = -1,
	       pages = -1, retry_ms = -1, timeout_ms = -1;

static const struct cli_option options[] = { { 'S', "store", "STORE", CLI_TEXT,
						 &store_flag,
						 "directory of the store" },
	{ 0, "allow-private", NULL, CLI_FLAG, &allow_private,
	    "crawl addresses that are not public, too" },
	{ 0, "collection", "NAME", CLI_TEXT, &collection,
	    "the group of documents the pages belong to" },
	{ 0, "contact", "ADDRESS", CLI_TEXT, &contact,
	    "page or mail that sites are told to turn to" },
	{ 0, "delay", "DURATION", CLI_DURATION, &delay_ms,
	    "wait between two requests" },
	{ 0, "depth", "N", CLI_NUMBER, &depth,
	    "follow so many links from the start" },
	{ 0, "dry-run", NULL, CLI_FLAG, &dry_run,
	    "fetch and list, put nothing in" },
	{ 0, "if-due", NULL, CLI_FLAG, &if_due,
	    "do nothing before its time has come again" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print a JSON line a page" },
	{ 0, "name", "NAME", CLI_TEXT, &name,
	    "take URL and limits from [crawl NAME]" },
	{ 0, "page-size", "MIB", CLI_NUMBER, &page_size,
	    "largest page or document, unpacked" },
	{ 0, "pages", "N", CLI_NUMBER, &pages, "ask for so many at most" },
	{ 0, "plain", NULL, CLI_FLAG, &plain, "tab-separated, no header" },
	{ 0, "prefix", "PATH", CLI_TEXT, &prefix,
	    "paths begin with this; default: the folder of URL" },
	{ 0, "print", NULL, CLI_FLAG, &print,
	    "print the pages for kb-ingest --jsonl instead" },
	{ 0, "retry", "DURATION", CLI_DURATION, &retry_ms,
	    "first wait after a failure" },
	{ 0, "size", "MIB", CLI_NUMBER, &bytes,
	    "fetch so much at most, unpacked" },
	{ 0, "timeout", "DURATION", CLI_DURATION, &timeout_ms,
	    "give up on a request after" },
	{ 0, "types", "LIST", CLI_TEXT, &types,
	    "kinds of documents to take: html,pdf,docx" },
	CLI_END };

static const struct cli_spec spec = {
	.name = "kb-crawl",
	.summary = "put the pages of a web site into the knowledge base",
	.args = "[URL]",
	.options = options,
	.examples =
	    "  kb-crawl https://www.example.com/help/\n"
	    "  kb-crawl --dry-run --depth 2 https://www.example.com/\n"
	    "  kb-crawl --print https://www.example.com/ >pages.jsonl\n",
};

/* What came of all pages. */
struct tally {
	long ready, same, failed, removed, skipped, errors;
	struct cli_table *table;
	struct progress *progress; /* NULL: no terminal */
	int code;
};

static bool
stop(void *ctx)
{
	(void)ctx;
	return stop_wanted != 0;
}

static void
tick(void *ctx, int64_t asked, int64_t known)
{
	struct tally *t = ctx;

	progress_words(t->progress, "%" PRId64 " pages of %" PRId64 " known",
	    asked, known);
}

static void
say(void *ctx, const char *words)
{
	struct tally *t = ctx;
	char *shown = utf8_show(words, false);

	progress_clear(t->progress);
	cli_warn("%s", shown);
	free(shown);
}

static void
put_text(struct tally *t, const char *text)
{
	if ((fputs(text, stdout) == EOF || putchar('\n') == EOF ||
		fflush(stdout) == EOF) &&
	    t->code == 0)
		t->code = err_errno(ERR_IO, "stdout");
}

static void
put_json(struct tally *t, const json_t *o)
{
	char *line = json_text(o);

	put_text(t, line);
	free(line);
}

static void
put_page(struct tally *t, const struct crawl_page *p)
{
	json_t *o = json_object();
	static const char *const taken[] = { "document", "collection", "title",
		"language", "type", "passages", NULL };

	json_put(o, "url", p->url);
	if (p->status != 0)
		json_put_int(o, "status", p->status);
	json_put(o, "state", p->state);
	for (size_t i = 0; p->answer != NULL && taken[i] != NULL; i++)
		if (json_object_get(p->answer, taken[i]) != NULL)
			json_object_set(o, taken[i],
			    json_object_get(p->answer, taken[i]));
	json_put(o, "reason", p->reason);
	put_json(t, o);
	json_decref(o);
}

static void
count_page(struct tally *t, const char *state)
{
	if (strcmp(state, "ready") == 0 || strcmp(state, "found") == 0)
		t->ready++;
	else if (strcmp(state, "unchanged") == 0)
		t->same++;
	else if (strcmp(state, "failed") == 0)
		t->failed++;
	else if (strcmp(state, "removed") == 0 || strcmp(state, "gone") == 0)
		t->removed++;
	else if (strcmp(state, "error") == 0)
		t->errors++;
	else
		t->skipped++;
}

static void
on_page(void *ctx, const struct crawl_page *p)
{
	struct tally *t = ctx;

	count_page(t, p->state);
	/* kb-ingest names what it could not read itself. */
	if (strcmp(p->state, "error") == 0) {
		progress_clear(t->progress);
		cli_warn("%s: %s", p->url, p->reason);
	}
	if (print)
		return;
	if (as_json) {
		put_page(t, p);
		return;
	}
	cli_table_cell(t->table, "%s", p->state);
	if (p->status != 0)
		cli_table_cell(t->table, "%d", p->status);
	else
		cli_table_cell(t->table, "%s", "");
	cli_table_cell(t->table, "%s", p->url);
	cli_table_cell(t->table, "%s", p->reason != NULL ? p->reason : "");
}

static int
on_line(void *ctx, json_t *line)
{
	struct tally *t = ctx;

	json_put(line, "collection", collection);
	put_json(t, line);
	json_decref(line);
	return t->code;
}

/* For who reads no words: the last line says that not all was seen. */
static void
put_incomplete(struct tally *t, const char *url, const char *why)
{
	json_t *o = json_object();

	json_put(o, "url", url);
	json_put(o, "state", "incomplete");
	json_put(o, "reason", why);
	put_json(t, o);
	json_decref(o);
}

/* --- settings --- */

/* What was not given by a flag, from [crawl NAME] or as is built in. */
static int
read_settings(const struct conf *conf, const char *section,
    struct crawl_options *o)
{
	int64_t n;
	bool open = false;
	int code;

	if ((code = setting_int(conf, section, "depth", &o->depth)) < 0 ||
	    (code = setting_int(conf, section, "pages", &o->pages)) < 0 ||
	    (code = setting_int(conf, section, "size", &o->bytes)) < 0 ||
	    (code = setting_int(conf, section, "page_size", &o->page_bytes)) <
		0 ||
	    (code = setting_int(conf, section, "variants", &o->variants)) < 0 ||
	    (code = setting_duration(conf, section, "delay", &o->delay_ms)) <
		0 ||
	    (code = setting_duration(conf, section, "retry", &o->retry_ms)) <
		0 ||
	    (code = setting_duration(conf, section, "pause", &o->pause_ms)) <
		0 ||
	    (code = setting_duration(conf, section, "timeout",
		 &o->timeout_ms)) < 0 ||
	    (code = setting_bool(conf, section, "private", &open)) < 0)
		return code;
	o->depth = depth >= 0 ? depth : o->depth;
	o->pages = pages >= 0 ? pages : o->pages;
	n = bytes >= 0 ? bytes : o->bytes;
	o->bytes = n << 20;
	n = page_size >= 0 ? page_size : o->page_bytes;
	o->page_bytes = n << 20;
	o->delay_ms = delay_ms >= 0 ? delay_ms : o->delay_ms;
	o->retry_ms = retry_ms >= 0 ? retry_ms : o->retry_ms;
	o->timeout_ms = timeout_ms >= 0 ? timeout_ms : o->timeout_ms;
	o->allow_private = allow_private || open;
	o->types = types != NULL ? types : setting_text(conf, section, "types");
	o->prefix =
	    prefix != NULL ? prefix : setting_text(conf, section, "prefix");
	if (collection == NULL)
		collection = setting_text(conf, section, "collection");
	if (contact == NULL)
		contact = setting_text(conf, section, "contact");
	return 0;
}

static bool
is_due(const struct spool *spool, int64_t every_ms)
{
	/* A timer fires a little early or late. */
	return now_ms() - spool_done_ms(spool) >= every_ms - every_ms / 20;
}

int
main(int argc, char *argv[])
{
	static const char *const headers[] = { "STATE", "STATUS", "URL",
		"REASON", NULL };
	static const struct crawl_hooks hooks = { .page = on_page,
		.line = NULL,
		.say = say,
		.stop = stop,
		.tick = tick };
	struct crawl_hooks own = hooks;
	struct crawl_options o = { .url = NULL };
	struct crawl_summary sum = { .complete = false };
	struct tally t = { .code = 0 };
	struct conf *conf = NULL;
	struct spool *spool = NULL;
	struct crawl *crawl = NULL;
	struct feed *feed = NULL;
	char *section = NULL, *dir = NULL, *key = NULL, *version = NULL;
	char *agent = NULL;
	int64_t every_ms = 0;
	struct cli cli;
	int code;

	cli_open(&cli, &spec, argc, argv);
	if (cli.nargs + (name != NULL) != 1)
		cli_usage(&cli, "a URL is wanted, or --name NAME");
	if (if_due && name == NULL)
		cli_usage(&cli, "--if-due goes with --name");
	if (print + dry_run + if_due > 1)
		cli_usage(&cli,
		    "--print, --dry-run and --if-due exclude "
		    "each other");
	cli_need(conf_open(&conf));
	/* No section can be named "-". */
	section = xformat("crawl %s", name != NULL ? name : "-");
	cli_need(read_settings(name != NULL ? conf : NULL, section, &o));
	o.url = name != NULL ? setting_text(conf, section, "url") : cli.args[0];
	if (o.url == NULL)
		cli_die(ERR_CONFIG, "[%s] has no url", section);
	cli_need(setting_duration(name != NULL ? conf : NULL, section, "every",
	    &every_ms));
	if (contact != NULL && strpbrk(contact, "\r\n()") != NULL)
		cli_usage(&cli, "--contact: no brackets or line ends");
	agent = contact != NULL ?
	    xformat("frontdesk/" FRONTDESK_VERSION " (+%s)", contact) :
	    xstrdup("frontdesk/" FRONTDESK_VERSION);
	o.agent = agent;
	if (print)
		own.line = on_line;
	cli_need(crawl_new(&o, &own, &t, &crawl));

	if (!print) {
		cli_need(store_find(store_flag, &dir));
		key = xformat("%s\n%s", o.url, collection);
		version = crawl_version(&o);
		cli_need(spool_open(dir, "crawl", key, &spool));
		cli_need(spool_load(spool, version));
		if (if_due && !is_due(spool, every_ms))
			exit(0);
	}
	if (!print && !dry_run) {
		struct feed_options fo = { .store = dir,
			.collection = collection };

		code = feed_open(&fo, crawl_answer, crawl, &feed);
		if (code < 0) /* kb-ingest has said why */
			exit(err_status(code));
	}
	if (dir != NULL) {
		const char *const writable[] = { spool_dir(spool), NULL };

		cli_need(confine(dir, writable));
	}
	stop_on_signals();
	t.progress = progress_new(STDERR_FILENO);
	if (!print && !as_json)
		t.table = cli_table_new(headers, plain);
	code = crawl_run(crawl, feed, spool, &sum);
	if (code == 0 && feed != NULL && stop_wanted == 0) {
		spool_set_done(spool, now_ms());
		code = spool_save(spool);
	}
	progress_free(t.progress);
	feed_close(feed);
	if (as_json && !print && sum.why != NULL)
		put_incomplete(&t, o.url, sum.why);
	if (t.table != NULL) {
		cli_table_end(t.table);
		if (!plain && sum.asked > 0)
			printf("%ld %s, %ld unchanged, %ld failed, %ld "
			       "removed, %ld skipped, %ld errors; %s\n",
			    t.ready, dry_run ? "found" : "ready", t.same,
			    t.failed, t.removed, t.skipped, t.errors,
			    sum.complete ? "complete" : "not complete");
	}
	free(sum.why);
	crawl_free(crawl);
	spool_close(spool);
	conf_close(conf);
	free(section);
	free(dir);
	free(key);
	free(version);
	free(agent);
	if (code == 0)
		code = t.code;
	if (code == 0 && stop_wanted != 0)
		cli_exit(err_set(ERR_BUSY,
		    "was interrupted; what is in stays, "
		    "and the next run goes on"));
	if (code == 0 && (t.errors > 0 || t.failed > 0))
		exit(fflush(stdout) == 0 ? err_status(ERR_DATA) :
					   err_status(ERR_IO));
	cli_exit(code);
}
