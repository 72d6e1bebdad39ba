/*
 * kb-search - a question to ranked passages
 *
 * With a QUESTION one answer; without, a converter of JSON Lines: each
 * {"id","query"} comes out with its "hits". Never connects anywhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/person.h"
#include "kb/search.h"
#include "store/store.h"

static bool explain;
static int64_t limit = KB_LIMIT_DEFAULT;
static const char *since, *store_flag;
static struct cli_list collections, documents, languages, sources;
static int64_t since_ms;

static const struct cli_option options[] = { { 'S', "store", "STORE", CLI_TEXT,
						 &store_flag,
						 "directory of the store" },
	{ 'n', "limit", "N", CLI_NUMBER, &limit, "at most N hits a question" },
	{ 0, "collection", "NAME", CLI_LIST, &collections,
	    "only documents of this collection; may be repeated" },
	{ 0, "document", "ID", CLI_LIST, &documents,
	    "only this document; may be repeated" },
	{ 0, "explain", NULL, CLI_FLAG, &explain,
	    "say how each score came about" },
	{ 0, "language", "TAG", CLI_LIST, &languages,
	    "only passages in this language; may be repeated" },
	{ 0, "since", "TIME", CLI_TEXT, &since,
	    "only documents that changed since: a time, or 7d for so long ago" },
	{ 0, "source", "SOURCE", CLI_LIST, &sources,
	    "only documents of this source, or that begin so: help/ or help*" },
	CLI_END };

static const struct cli_spec spec = {
	.name = "kb-search",
	.summary = "find the passages that answer a question",
	.args = "[QUESTION]",
	.options = options,
	.examples = "  kb-search -n 3 \"where is my parcel\"\n"
		    "  kb-search <questions.jsonl | jq -c '.hits[0].title'\n",
};

static json_t *
hit_json(const struct kb_hit *h)
{
	json_t *o = json_object();
	json_t *range = json_array(), *pages;

	json_put_int(o, "rank", h->rank);
	/* Four decimals are all that means anything, and the same everywhere. */
	json_object_set_new(o, "score",
	    json_real((double)(int64_t)(h->score * 10000 + 0.5) / 10000));
	json_put(o, "document", h->document);
	json_put(o, "title", h->title);
	json_put(o, "source", h->source);
	json_put(o, "collection", h->collection);
	json_put(o, "section", h->section);
	json_put(o, "passage", h->passage);
	json_put(o, "language", h->language);
	json_array_append_new(range, json_integer(h->start));
	json_array_append_new(range, json_integer(h->end));
	json_put_new(o, "range", range);
	if (h->page > 0) {
		pages = json_array();
		json_array_append_new(pages, json_integer(h->page));
		json_array_append_new(pages, json_integer(h->page_end));
		json_put_new(o, "pages", pages);
	}
	json_put(o, "text", h->text);
	json_put(o, "explain", h->explain);
	return o;
}

static int
search(struct kb *kb, const char *text, struct kb_hits **ret)
{
	struct kb_query q = { .text = text,
		.collections = collections.count ? collections.items : NULL,
		.documents = documents.count ? documents.items : NULL,
		.languages = languages.count ? languages.items : NULL,
		.sources = sources.count ? sources.items : NULL,
		.since_ms = since_ms,
		.limit = (int)limit,
		.explain = explain };

	return kb_search(kb, &q, ret);
}

/* One question: a line a hit; ERR_NO if there is none. */
static int
answer(struct kb *kb, const char *text, struct jsonl *out)
{
	struct kb_hits *hits = NULL;
	int code = search(kb, text, &hits);
	json_t *object;
	size_t i;
	char *line;

	if (code < 0)
		return code;
	for (i = 0; i < hits->count && code == 0; i++) {
		object = hit_json(&hits->hit[i]);
		line = json_text(object);
		code = jsonl_put(out, line, strlen(line));
		free(line);
		json_decref(object);
	}
	if (code == 0 && hits->count == 0)
		code = ERR_NO;
	kb_hits_free(hits);
	return code;
}

/* A line {"query"}: the same with "hits". */
static int
convert(struct kb *kb, struct jsonl *lines, const char *line, size_t len)
{
	struct kb_hits *hits = NULL;
	json_t *object = NULL, *array;
	const char *text;
	size_t i;
	char *out;
	int code;

	if (json_lenient(line, len, &object) < 0) {
		jsonl_complain(lines, err_reason());
		return 0;
	}
	text = json_str(object, "query");
	if (text == NULL) {
		jsonl_complain(lines, "query is missing or not a string");
		json_decref(object);
		return 0;
	}
	code = search(kb, text, &hits);
	if (code == 0) {
		array = json_array();
		for (i = 0; i < hits->count; i++)
			json_array_append_new(array, hit_json(&hits->hit[i]));
		json_object_set_new(object, "hits", array);
		out = json_text(object);
		code = jsonl_put(lines, out, strlen(out));
		free(out);
	}
	kb_hits_free(hits);
	json_decref(object);
	return code;
}

static int
convert_all(struct kb *kb, struct jsonl *lines)
{
	char *line;
	size_t len;
	int code = 0, got;

	while ((got = jsonl_wait(lines, &line, &len)) == JSONL_LINE)
		if ((code = convert(kb, lines, line, len)) < 0)
			return code;
	if (got != JSONL_END)
		return got;
	return jsonl_bad(lines) > 0 ? ERR_DATA : 0;
}

/* A list of --collection a --collection b as search takes it. */
static void
end_list(struct cli_list *list)
{
	list->items =
	    xrealloc(list->items, (list->count + 1) * sizeof(*list->items));
	list->items[list->count] = NULL;
}

/*
 * Who searches a store that is not their own must be somebody on the desk. One's
 * own is not looked into for that, which would take half of the time.
 */
static int
may_read(struct store *searched)
{
	struct store *s = NULL;
	struct stat st;
	char *self = NULL;
	int code;

	if (stat(store_dir(searched), &st) == 0 && st.st_uid == getuid())
		return 0;
	code = store_open_dir(store_dir(searched), STORE_READ, &s);
	if (code == 0)
		code = person_self(s, MAY_READ, &self);
	free(self);
	store_close(s);
	return code;
}

static int64_t
read_since(const struct cli *cli)
{
	int64_t ms = 0;

	if (since_parse(since, &ms) < 0)
		cli_usage(cli,
		    "--since: '%s' is no time (2026-11-22, 7d for so long ago)",
		    since);
	/* 0 stands for none. */
	return ms > 0 ? ms : 1;
}

int
main(int argc, char *argv[])
{
	struct cli cli;
	struct store *store = NULL;
	struct jsonl *lines;
	struct kb *kb = NULL;
	struct db *db = NULL;
	long bad;
	int code;

	cli_open(&cli, &spec, argc, argv);
	if (cli.nargs > 1)
		cli_usage(&cli, "unexpected argument '%s': quote the question",
		    cli.args[1]);
	if (limit < 1 || limit > KB_LIMIT_MAX)
		cli_usage(&cli, "-n takes 1 to %d", KB_LIMIT_MAX);
	end_list(&collections);
	end_list(&documents);
	end_list(&languages);
	end_list(&sources);
	if (since != NULL)
		since_ms = read_since(&cli);
	cli_need(store_open(store_flag, STORE_KB, &store));
	cli_need(may_read(store));
	cli_need(store_kb(store, &db));
	cli_need(kb_open(db, &kb));
	lines = jsonl_new(cli.nargs == 0 ? STDIN_FILENO : -1, STDOUT_FILENO,
	    "stdin", LINE_MAX_BYTES);
	if (cli.nargs == 1)
		code = answer(kb, cli.args[0], lines);
	else
		code = convert_all(kb, lines);
	bad = jsonl_bad(lines);
	if (jsonl_flush(lines) < 0)
		code = ERR_IO;
	jsonl_free(lines);
	kb_close(kb);
	store_close(store);
	/* They were named as they came. */
	if (code == ERR_DATA && bad > 0)
		err_set(ERR_DATA, "bad lines left out: %ld", bad);
	cli_exit(code);
}
