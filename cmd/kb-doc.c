/*
 * kb-doc - the documents of the knowledge base: list, show, edit, remove
 *
 * What changes the base waits for its turn, as kb-ingest does.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ai/review.h"
#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/act.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "kb/catalog.h"
#include "kb/index.h"

#define TITLE_MAX_BYTES 1000
#define CARDS 256
#define ID_LINE_MAX 1024
#define REVIEWS 64

static const char *store_flag, *title, *description, *collection, *question,
    *answer, *since;
static bool as_json, as_plain, as_ids, passages, dropped, yes;
static int64_t limit;
static struct cli_list collections, languages, origins, sources, states;

static const struct cli_option common[] = { { 'S', "store", "STORE", CLI_TEXT,
						&store_flag,
						"directory of the store" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" }, CLI_END };

static const struct cli_option list_options[] = {
	{ 0, "collection", "NAME", CLI_LIST, &collections,
	    "only of this collection; may be repeated" },
	{ 0, "ids", NULL, CLI_FLAG, &as_ids, "print ids only" },
	{ 0, "language", "TAG", CLI_LIST, &languages,
	    "only in this language; may be repeated" },
	{ 0, "origin", "WORD", CLI_LIST, &origins,
	    "only what came so: manual, drive, web; may be repeated" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	{ 0, "source", "SOURCE", CLI_LIST, &sources,
	    "only of this source, or that begin so: help/ or help*" },
	{ 0, "state", "STATE", CLI_LIST, &states,
	    "only in this state, or stalled; may be repeated" },
	CLI_END
};

static const struct cli_option show_options[] = {
	{ 0, "dropped", NULL, CLI_FLAG, &dropped,
	    "print the lines that were left out of it" },
	{ 0, "passages", NULL, CLI_FLAG, &passages, "print its passages" },
	CLI_END
};

static const struct cli_option edit_options[] = {
	{ 0, "collection", "NAME", CLI_TEXT, &collection,
	    "the group of documents it belongs to" },
	{ 0, "description", "TEXT", CLI_TEXT, &description,
	    "what it is, \"\" for what its source says" },
	{ 0, "title", "TEXT", CLI_TEXT, &title,
	    "what it is called, \"\" for what it says itself" },
	CLI_END
};

static const struct cli_option review_options[] = {
	{ 0, "answer", "TEXT", CLI_TEXT, &answer,
	    "approve: with this for an answer" },
	{ 0, "collection", "NAME", CLI_TEXT, &collection,
	    "approve: the group of documents it goes to" },
	{ 0, "ids", NULL, CLI_FLAG, &as_ids, "print ids only" },
	{ 'n', "limit", "N", CLI_NUMBER, &limit, "at most N" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	{ 0, "question", "TEXT", CLI_TEXT, &question,
	    "approve: with this for a question" },
	{ 0, "since", "TIME", CLI_TEXT, &since,
	    "collect: what was resolved since a time, or 30d" },
	{ 0, "state", "STATE", CLI_LIST, &states,
	    "only proposed, approved, rejected, removed or erased; may be "
	    "repeated" },
	{ 'y', "yes", NULL, CLI_FLAG, &yes,
	    "approve: also what looks personal" },
	CLI_END
};

static const struct cli_option rm_options[] = {
	{ 0, "collection", "NAME", CLI_LIST, &collections,
	    "all of this collection; may be repeated" },
	{ 0, "source", "SOURCE", CLI_LIST, &sources,
	    "all of this source, or that begin so: help/ or help*" },
	{ 'y', "yes", NULL, CLI_FLAG, &yes, "more than one, without asking" },
	CLI_END
};

static const struct cli_option status_options[] = {
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated" }, CLI_END
};

/* --- the store --- */

static struct store *
open_store(unsigned flags, enum permission need, char **ret_self,
    struct db **ret_kb)
{
	struct store *s = NULL;

	cli_need(store_open(store_flag, flags, &s));
	cli_need(person_self(s, need, ret_self));
	cli_need(store_kb(s, ret_kb));
	return s;
}

static void
say_waiting(void)
{
	cli_warn("waiting for the kb-ingest that is at work");
}

/* The turn to change the base; a descriptor. Whoever waits is told why. */
static int
take_turn(struct store *s)
{
	int fd = -1, code = kb_ingest_begin(s, false, &fd);

	if (code == ERR_BUSY) {
		say_waiting();
		code = kb_ingest_begin(s, true, &fd);
	}
	cli_need(code);
	return fd;
}

/* What a person did to documents. */
static int
audit(struct store *s, const char *self, const char *action, char *const *ids,
    size_t n)
{
	int code = store_begin(s);
	char *object;
	struct act a;
	size_t i;

	if (code < 0)
		return code;
	act_person(&a, s, self);
	for (i = 0; i < n && code == 0; i++) {
		object = xformat("document/%s", ids[i]);
		code = act_audit(&a, action, object, NULL);
		free(object);
	}
	if (code == 0)
		code = store_commit(s);
	store_rollback(s);
	act_release(&a);
	return code;
}

/* A list as the catalog takes it. */
static const char *const *
list_of(struct cli_list *list)
{
	if (list->count == 0)
		return NULL;
	list->items =
	    xrealloc(list->items, (list->count + 1) * sizeof(*list->items));
	list->items[list->count] = NULL;
	return list->items;
}

/* Who waits for vectors of the model that is set. */
static int
read_waiting(struct db *kb, struct kb_waiting *ret)
{
	struct conf *conf = NULL;
	const char *prefix = NULL;
	int64_t dimensions = 0, patience_ms = 0;
	int code = conf_open(&conf);

	*ret = (struct kb_waiting){ NULL, 0, 0 };
	if (code == 0)
		code = setting_int(conf, "embed", "dimensions", &dimensions);
	if (code == 0)
		code = setting_duration(conf, "kb", "embedding", &patience_ms);
	if (code == 0) {
		prefix = setting_text(conf, "embed", "passage_prefix");
		code = kb_waiting(kb, setting_text(conf, "embed", "model"),
		    prefix != NULL ? prefix : "", (size_t)dimensions,
		    patience_ms, ret);
	}
	conf_close(conf);
	return code;
}

static int
get_card(struct db *kb, const char *id, struct kb_card **ret)
{
	const char *ids[] = { id, NULL };
	struct kb_waiting waiting;
	struct kb_choice choice = { .ids = ids, .waiting = &waiting };
	size_t n = 0;
	int code = read_waiting(kb, &waiting);

	if (code == 0)
		code = kb_cards(kb, &choice, NULL, now_ms(), 1, ret, &n);
	kb_waiting_release(&waiting);
	if (code == 0 && n == 0) {
		kb_cards_free(*ret, n);
		*ret = NULL;
		code = err_set(ERR_NOINPUT, "no document %s", id);
	}
	return code;
}

/* --- printing --- */

static void
print_json(json_t *o)
{
	cli_json(o);
	json_decref(o);
}

static void
put_time(json_t *o, const char *key, int64_t ms)
{
	char text[TIME_TEXT_BYTES];

	if (ms > 0)
		json_put(o, key, time_text(ms, text));
}

static json_t *
card_json(const struct kb_card *c)
{
	json_t *o = json_object();

	json_put(o, "document", c->id);
	json_put(o, "source", c->source);
	json_put(o, "collection", c->collection);
	json_put(o, "ingested_into", c->home);
	json_put(o, "origin", c->origin);
	json_put(o, "url", c->url);
	json_put(o, "title", c->title);
	if (c->title != NULL && c->own_title != NULL &&
	    strcmp(c->title, c->own_title) != 0)
		json_put(o, "own_title", c->own_title);
	json_put(o, "description", c->description);
	json_put(o, "language", c->language);
	json_put(o, "type", c->type);
	json_put(o, "state", c->state);
	if (c->is_stalled)
		json_object_set_new(o, "stalled", json_true());
	put_time(o, "since", c->since_ms);
	put_time(o, "deadline", c->deadline_ms);
	json_put(o, "reason", c->reason);
	if (c->failed_page > 0)
		json_put_int(o, "page", c->failed_page);
	json_put_int(o, "passages", c->passages);
	json_put_int(o, "bytes", c->bytes);
	put_time(o, "modified", c->modified_ms);
	put_time(o, "changed", c->changed_ms);
	return o;
}

static const char *
shown_state(const struct kb_card *c)
{
	return c->is_stalled ? "stalled" : c->state;
}

static void
print_card(struct cli_table *t, const struct kb_card *c)
{
	const char *none = as_plain ? "" : "-";

	if (as_json) {
		print_json(card_json(c));
		return;
	}
	if (as_ids) {
		puts(c->id);
		return;
	}
	cli_table_cell(t, "%s", shown_state(c));
	cli_table_cell(t, "%s", c->id);
	cli_table_cell(t, "%s", c->origin);
	cli_table_cell(t, "%s", c->collection);
	cli_table_cell(t, "%" PRId64, c->passages);
	cli_table_cell(t, "%s", c->language != NULL ? c->language : none);
	cli_table_cell(t, "%s", c->title != NULL ? c->title : none);
	cli_table_cell(t, "%s", c->source);
}

static void
check_states(struct cli *cli)
{
	static const char *const known[] = { "queued", "extracting", "indexing",
		"embedding", "ready", "failed", "stalled", NULL };
	size_t i, k;

	for (i = 0; i < states.count; i++) {
		for (k = 0; known[k] != NULL &&
		     strcmp(known[k], states.items[i]) != 0;)
			k++;
		if (known[k] == NULL)
			cli_usage(cli,
			    "--state: '%s' is none of queued, extracting,"
			    " indexing, embedding, ready, failed, stalled",
			    states.items[i]);
	}
}

static int
run_list(struct cli *cli)
{
	static const char *const headers[] = { "STATE", "DOCUMENT", "ORIGIN",
		"COLLECTION", "PASSAGES", "LANGUAGE", "TITLE", "SOURCE", NULL };
	struct kb_choice choice = { .collections = list_of(&collections),
		.sources = list_of(&sources),
		.origins = list_of(&origins),
		.states = list_of(&states),
		.languages = list_of(&languages) };
	struct kb_card *cards = NULL, *next = NULL;
	struct kb_waiting waiting;
	struct cli_table *t = NULL;
	struct store *s;
	struct db *kb;
	char *self = NULL;
	size_t n = 0, more = 0, i;
	int code;

	cli_args(cli, 0, 0);
	check_states(cli);
	s = open_store(STORE_READ, MAY_READ, &self, &kb);
	if (!as_json && !as_ids)
		t = cli_table_new(headers, as_plain);
	code = read_waiting(kb, &waiting);
	choice.waiting = &waiting;
	if (code == 0)
		code = kb_cards(kb, &choice, NULL, now_ms(), CARDS, &cards, &n);
	while (code == 0 && n > 0) {
		for (i = 0; i < n; i++)
			print_card(t, &cards[i]);
		code = kb_cards(kb, &choice, &cards[n - 1], now_ms(), CARDS,
		    &next, &more);
		kb_cards_free(cards, n);
		cards = code == 0 ? next : NULL;
		n = code == 0 ? more : 0;
	}
	kb_cards_free(cards, n);
	kb_waiting_release(&waiting);
	if (t != NULL)
		cli_table_end(t);
	free(self);
	store_close(s);
	return code;
}

/* --- one document --- */

static int
print_piece(void *ctx, const struct kb_piece *p)
{
	json_t *o, *pair;
	char *text;

	(void)ctx;
	if (as_json) {
		o = json_object();
		json_put(o, "passage", p->id);
		json_put_int(o, "ordinal", p->ordinal);
		json_put(o, "section", p->section);
		json_put(o, "language", p->language);
		pair = json_array();
		json_array_append_new(pair, json_integer(p->start));
		json_array_append_new(pair, json_integer(p->end));
		json_put_new(o, "range", pair);
		if (p->page > 0) {
			pair = json_array();
			json_array_append_new(pair, json_integer(p->page));
			json_array_append_new(pair, json_integer(p->page_end));
			json_put_new(o, "pages", pair);
		}
		json_put_int(o, "places", p->places);
		json_put(o, "text", p->text);
		print_json(o);
		return 0;
	}
	text = utf8_show(p->section, false);
	printf("\n%" PRId64 "  %s%s%s", p->ordinal, p->id,
	    *text != '\0' ? "  " : "", text);
	free(text);
	if (p->page > 0)
		printf(p->page == p->page_end ? "  (page %d)" :
						"  (pages %d to %d)",
		    p->page, p->page_end);
	if (p->places > 1)
		printf("  (in %" PRId64 " places)", p->places);
	text = utf8_show(p->text, true);
	printf("\n%s\n", text);
	free(text);
	return 0;
}

static int
print_dropped(void *ctx, const char *line, int64_t count)
{
	json_t *o;
	char *text;

	(void)ctx;
	if (as_json) {
		o = json_object();
		json_put(o, "line", line);
		json_put_int(o, "count", count);
		print_json(o);
		return 0;
	}
	text = utf8_show(line, false);
	printf("%" PRId64 "\t%s\n", count, text);
	free(text);
	return 0;
}

static void
print_fact(const char *name, const char *value)
{
	char *shown;

	if (value == NULL)
		return;
	shown = utf8_show(value, false);
	printf("%-12s %s\n", name, shown);
	free(shown);
}

static void
print_fact_time(const char *name, int64_t ms)
{
	char text[TIME_TEXT_BYTES];

	if (ms > 0)
		print_fact(name, time_text(ms, text));
}

static void
print_all(const struct kb_card *c)
{
	print_fact("document", c->id);
	print_fact("title", c->title);
	if (c->title != NULL && c->own_title != NULL &&
	    strcmp(c->title, c->own_title) != 0)
		print_fact("own title", c->own_title);
	print_fact("description", c->description);
	print_fact("source", c->source);
	print_fact("url", c->url);
	print_fact("origin", c->origin);
	print_fact("collection", c->collection);
	print_fact("moved from", c->home);
	print_fact("language", c->language);
	print_fact("type", c->type);
	print_fact("state", shown_state(c));
	print_fact_time("since", c->since_ms);
	print_fact_time("deadline", c->deadline_ms);
	print_fact("reason", c->reason);
	if (c->failed_page > 0)
		printf("%-12s %d\n", "page", c->failed_page);
	printf("%-12s %" PRId64 "\n%-12s %" PRId64 "\n", "passages",
	    c->passages, "bytes", c->bytes);
	print_fact_time("modified", c->modified_ms);
	print_fact_time("changed", c->changed_ms);
}

static int
run_show(struct cli *cli)
{
	struct kb_card *c = NULL;
	struct store *s;
	struct db *kb;
	char *self = NULL;
	int code;

	cli_args(cli, 1, 1);
	if (passages && dropped)
		cli_usage(cli, "either --passages or --dropped");
	s = open_store(STORE_READ, MAY_READ, &self, &kb);
	code = get_card(kb, cli->args[0], &c);
	if (code == 0 && dropped)
		code = kb_dropped_lines(kb, c->id, print_dropped, NULL);
	else if (code == 0 && passages)
		code = kb_pieces(kb, c->id, print_piece, NULL);
	else if (code == 0 && as_json)
		print_json(card_json(c));
	else if (code == 0)
		print_all(c);
	kb_cards_free(c, c != NULL);
	free(self);
	store_close(s);
	return code;
}

static int
run_edit(struct cli *cli)
{
	struct kb_edit edit = { title, description, collection };
	struct kb_card *c = NULL;
	struct store *s;
	struct db *kb;
	char *self = NULL;
	int code, fd;

	cli_args(cli, 1, 1);
	if (title == NULL && description == NULL && collection == NULL)
		cli_usage(cli, "nothing to change");
	if (collection != NULL && !utf8_is_line(collection))
		cli_usage(cli,
		    "--collection needs a name, without control characters");
	if (title != NULL && *title != '\0' &&
	    (!utf8_is_line(title) || strlen(title) > TITLE_MAX_BYTES))
		cli_usage(cli, "--title is one line of at most %d bytes",
		    TITLE_MAX_BYTES);
	if ((title != NULL && !utf8_valid(title, strlen(title))) ||
	    (description != NULL &&
		!utf8_valid(description, strlen(description))) ||
	    (collection != NULL && !utf8_valid(collection, strlen(collection))))
		cli_usage(cli, "that is not UTF-8");
	s = open_store(STORE_WRITE, MAY_ADMIN, &self, &kb);
	fd = take_turn(s);
	code = kb_change(s, cli->args[0], &edit, now_ms());
	if (code == 0)
		code = audit(s, self, "document.edit", cli->args, 1);
	if (code == 0 && as_json) {
		code = get_card(kb, cli->args[0], &c);
		if (code == 0)
			print_json(card_json(c));
		kb_cards_free(c, c != NULL);
	}
	close(fd);
	free(self);
	store_close(s);
	return code;
}

/* --- many documents --- */

struct ids {
	char **id;
	size_t count;
};

static void
add_id(struct ids *l, const char *id)
{
	l->id = xrealloc(l->id, (l->count + 1) * sizeof(*l->id));
	l->id[l->count++] = xstrdup(id);
}

/* Ids on standard input, one a line. */
static void
read_ids(struct ids *l)
{
	char line[ID_LINE_MAX];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, " \t\r\n")] = '\0';
		if (*line != '\0')
			add_id(l, line);
	}
	if (ferror(stdin))
		cli_die(ERR_IO, "standard input");
}

static int
choose_ids(struct db *kb, const struct kb_choice *choice, struct ids *l)
{
	struct kb_card *cards = NULL, *next = NULL;
	size_t n = 0, more = 0, i;
	int code = kb_cards(kb, choice, NULL, now_ms(), CARDS, &cards, &n);

	while (code == 0 && n > 0) {
		for (i = 0; i < n; i++)
			add_id(l, cards[i].id);
		code = kb_cards(kb, choice, &cards[n - 1], now_ms(), CARDS,
		    &next, &more);
		kb_cards_free(cards, n);
		cards = code == 0 ? next : NULL;
		n = code == 0 ? more : 0;
	}
	kb_cards_free(cards, n);
	return code;
}

static void
free_ids(struct ids *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		free(l->id[i]);
	free(l->id);
}

/* Some at once; what is not there is named and counted. */
static int
remove_some(struct store *s, struct db *kb, const char *self, char *const *ids,
    size_t n, long *missing)
{
	struct kb_card *cards[DB_BATCH_ROWS];
	char *there[DB_BATCH_ROWS];
	size_t count = 0, i;
	json_t *o;
	int code = 0;

	for (i = 0; i < n && code == 0; i++) {
		code = get_card(kb, ids[i], &cards[count]);
		if (code == 0)
			there[count++] = ids[i];
		else if (code == ERR_NOINPUT) {
			cli_warn("%s", err_reason());
			++*missing;
			code = 0;
		}
	}
	if (code == 0 && count > 0)
		code = kb_remove_some(s, there, count, now_ms());
	if (code == 0 && count > 0)
		code = audit(s, self, "document.rm", there, count);
	for (i = 0; i < count; i++) {
		if (code == 0 && as_json) {
			o = json_object();
			json_put(o, "document", there[i]);
			json_put(o, "source", cards[i]->source);
			json_put(o, "collection", cards[i]->collection);
			json_put(o, "state", "removed");
			print_json(o);
		}
		kb_cards_free(cards[i], 1);
	}
	return code;
}

static int
run_rm(struct cli *cli)
{
	struct kb_choice choice = { .collections = list_of(&collections),
		.sources = list_of(&sources) };
	bool by_choice = choice.collections != NULL || choice.sources != NULL;
	struct ids l = { NULL, 0 };
	struct store *s;
	struct db *kb;
	char *self = NULL;
	size_t i;
	long missing = 0;
	int code = 0, fd;

	if (by_choice && cli->nargs > 0)
		cli_usage(cli, "either IDs, or --collection and --source");
	if (!by_choice && cli->nargs == 0 && isatty(STDIN_FILENO))
		cli_usage(cli, "which documents?");
	s = open_store(STORE_WRITE, MAY_ADMIN, &self, &kb);
	for (i = 0; i < (size_t)cli->nargs; i++)
		add_id(&l, cli->args[i]);
	if (by_choice)
		cli_need(choose_ids(kb, &choice, &l));
	else if (cli->nargs == 0)
		read_ids(&l);
	if (l.count > 1 && !yes && isatty(STDIN_FILENO))
		cli_usage(cli, "%zu documents: --yes removes them", l.count);
	fd = take_turn(s);
	for (i = 0; i < l.count && code == 0; i += DB_BATCH_ROWS)
		code = remove_some(s, kb, self, l.id + i,
		    l.count - i < DB_BATCH_ROWS ? l.count - i : DB_BATCH_ROWS,
		    &missing);
	close(fd);
	free_ids(&l);
	free(self);
	store_close(s);
	if (code == 0 && missing > 0)
		exit(fflush(stdout) == 0 ? err_status(ERR_NOINPUT) :
					   err_status(ERR_IO));
	return code;
}

static int
run_reindex(struct cli *cli)
{
	struct store *s;
	struct db *kb;
	char *self = NULL;
	bool anew = false;
	int code, i, fd = -1;

	s = open_store(STORE_WRITE, MAY_ADMIN, &self, &kb);
	code = kb_mend_begin(s, false, &anew, &fd);
	if (code == ERR_BUSY) {
		say_waiting();
		code = kb_mend_begin(s, true, &anew, &fd);
	}
	/* Where all was made there is nothing left to do. */
	if (code == 0 && cli->nargs == 0 && !anew)
		code = kb_reindex(kb, NULL, &anew);
	for (i = 0; i < cli->nargs && code == 0; i++)
		code = kb_reindex(kb, cli->args[i], &anew);
	if (code == 0 && anew)
		cli_warn("the search index was damaged: it is made anew, from "
			 "all passages");
	if (fd >= 0)
		close(fd);
	free(self);
	store_close(s);
	return code;
}

/* --- status --- */

static void
print_number(const char *name, int64_t n)
{
	printf(as_plain ? "%s\t%" PRId64 "\n" : "%-14s %" PRId64 "\n", name, n);
}

static void
print_words(const char *name, const char *words)
{
	printf(as_plain ? "%s\t%s\n" : "%-14s %s\n", name, words);
}

/* What would do the base good, NULL: nothing. */
static const char *
advice(const struct kb_state_count *n)
{
	if (n->stale > 0)
		return "kb-doc reindex";
	if (n->dead > n->texts / 4 || n->free_bytes > n->file_bytes / 4)
		return "frontdesk maintain";
	return NULL;
}

static json_t *
run_json(const struct kb_run *run)
{
	json_t *o = json_object();

	put_time(o, "began", run->began_ms);
	put_time(o, "ended", run->ended_ms);
	json_put_int(o, "ready", run->ready);
	json_put_int(o, "unchanged", run->same);
	json_put_int(o, "failed", run->failed);
	json_put_int(o, "removed", run->removed);
	return o;
}

static void
print_status_json(const struct kb_state_count *n, const struct kb_run *run)
{
	json_t *o = json_object(), *states_o = json_object();

	json_put_int(states_o, "queued", n->queued);
	json_put_int(states_o, "extracting", n->extracting);
	json_put_int(states_o, "indexing", n->indexing);
	json_put_int(states_o, "embedding", n->embedding);
	json_put_int(states_o, "ready", n->ready);
	json_put_int(states_o, "failed", n->failed);
	json_put_new(o, "states", states_o);
	json_put_int(o, "stalled", n->stalled);
	json_put_int(o, "documents", n->documents);
	json_put_int(o, "passages", n->passages);
	json_put_int(o, "texts", n->texts);
	json_put_int(o, "file_bytes", n->file_bytes);
	json_put_int(o, "free_bytes", n->free_bytes);
	json_put_int(o, "index_bytes", n->index_bytes);
	json_put_int(o, "dead", n->dead);
	if (run != NULL)
		json_put_new(o, "last_ingest", run_json(run));
	json_put(o, "advice", advice(n));
	print_json(o);
}

static void
print_status(const struct kb_state_count *n, const struct kb_run *run)
{
	char stamp[TIME_TEXT_BYTES], *words;

	print_number("queued", n->queued);
	print_number("extracting", n->extracting);
	print_number("indexing", n->indexing);
	print_number("embedding", n->embedding);
	print_number("ready", n->ready);
	print_number("failed", n->failed);
	print_number("stalled", n->stalled);
	print_number("passages", n->passages);
	print_number("texts", n->texts);
	print_number("file bytes", n->file_bytes);
	print_number("free bytes", n->free_bytes);
	print_number("index bytes", n->index_bytes);
	print_number("dead", n->dead);
	if (run != NULL) {
		words = xformat("%s%s: %" PRId64 " ready, %" PRId64
				" unchanged, %" PRId64 " failed, %" PRId64
				" removed",
		    time_text(run->ended_ms > 0 ? run->ended_ms : run->began_ms,
			stamp),
		    run->ended_ms > 0 ? "" : " begun, not ended", run->ready,
		    run->same, run->failed, run->removed);
		print_words("last ingest", words);
		free(words);
	}
	if (advice(n) != NULL)
		print_words("advice", advice(n));
}

static int
name_troubles(struct db *kb, const struct kb_waiting *waiting)
{
	static const char *const troubled[] = { "failed", "stalled", NULL };
	struct kb_choice choice = { .waiting = waiting, .states = troubled };
	struct kb_card *cards = NULL;
	size_t n = 0, i;
	char *source;
	int code = kb_cards(kb, &choice, NULL, now_ms(), CARDS, &cards, &n);

	for (i = 0; i < n; i++) {
		source = utf8_show(cards[i].source, false);
		cli_warn("%s %s: %s: %s", cards[i].id, source,
		    shown_state(&cards[i]),
		    cards[i].reason != NULL ? cards[i].reason : "");
		free(source);
	}
	kb_cards_free(cards, n);
	return code;
}

static int
run_status(struct cli *cli)
{
	struct kb_state_count n = { 0 };
	struct kb_waiting waiting;
	struct kb_run run;
	struct store *s;
	struct db *kb;
	char *self = NULL;
	int code, has_run = 0;

	cli_args(cli, 0, 0);
	s = open_store(STORE_READ, MAY_READ, &self, &kb);
	code = read_waiting(kb, &waiting);
	if (code == 0)
		code = kb_state_count(kb, &waiting, now_ms(), &n);
	if (code == 0)
		code = has_run = kb_run_get(kb, &run);
	if (code >= 0 && as_json)
		print_status_json(&n, has_run ? &run : NULL);
	else if (code >= 0)
		print_status(&n, has_run ? &run : NULL);
	if (code >= 0)
		code = name_troubles(kb, &waiting);
	kb_waiting_release(&waiting);
	free(self);
	store_close(s);
	if (code == 0 && n.failed + n.stalled > 0)
		code = ERR_NO;
	return code;
}

/* --- review --- */

/* As it is shown: what was erased is nothing else any more. */
static const char *
shown_review(struct store *s, const struct review *r)
{
	const char *state = r->question == NULL ? "erased" : review_state(s, r);

	if (state == NULL)
		cli_need(ERR_IO);
	return state;
}

static bool
is_wanted(const char *state)
{
	size_t i;

	if (states.count == 0)
		return strcmp(state, "proposed") == 0;
	for (i = 0; i < states.count; i++)
		if (strcmp(state, states.items[i]) == 0)
			return true;
	return false;
}

static void
check_review_states(struct cli *cli)
{
	static const char *const known[] = { "proposed", "approved", "rejected",
		"removed", "erased", NULL };
	size_t i;

	for (i = 0; i < states.count; i++)
		if (!str_in(states.items[i], known))
			cli_usage(cli,
			    "--state: '%s' is none of proposed, approved,"
			    " rejected, removed, erased",
			    states.items[i]);
}

static json_t *
personal_of(struct store *s, const struct review *r)
{
	return r->question == NULL ?
	    json_array() :
	    review_personal(s, r, r->question, r->answer);
}

static json_t *
review_json(struct store *s, const struct review *r)
{
	json_t *o = json_object();

	json_put(o, "review", r->id);
	json_put(o, "state", shown_review(s, r));
	if (*r->conversation != '\0')
		json_put(o, "conversation", r->conversation);
	json_put(o, "question", r->question);
	json_put(o, "answer", r->answer);
	json_put(o, "language", r->language);
	json_put_int(o, "times", r->times);
	json_put_new(o, "personal", personal_of(s, r));
	put_time(o, "proposed", r->created_ms);
	put_time(o, "decided", r->decided_ms);
	json_put(o, "by", r->decided_by);
	json_put(o, "collection", r->collection);
	json_put(o, "document", r->document);
	return o;
}

static void
print_review(struct cli_table *t, struct store *s, const struct review *r)
{
	const char *none = as_plain ? "" : "-";
	json_t *found;

	if (as_json) {
		print_json(review_json(s, r));
		return;
	}
	if (as_ids) {
		puts(r->id);
		return;
	}
	found = personal_of(s, r);
	cli_table_cell(t, "%s", shown_review(s, r));
	cli_table_cell(t, "%s", r->id);
	cli_table_cell(t, "%" PRId64, r->times);
	cli_table_cell(t, "%s", r->language);
	cli_table_cell(t, "%s", json_array_size(found) > 0 ? "yes" : "no");
	cli_table_cell(t, "%s", r->question != NULL ? r->question : none);
	cli_table_cell(t, "%s", r->answer != NULL ? r->answer : none);
	json_decref(found);
}

static int
list_reviews(struct cli *cli)
{
	static const char *const headers[] = { "STATE", "REVIEW", "TIMES",
		"LANGUAGE", "PERSONAL", "QUESTION", "ANSWER", NULL };
	/* Without an option only that part of the table is read. */
	const char *stored = states.count == 0 ? "proposed" : NULL;
	struct review *list = NULL, *next = NULL;
	struct cli_table *t = NULL;
	struct store *s;
	struct db *kb;
	char *self = NULL;
	size_t n = 0, more = 0, i;
	int64_t left = limit > 0 ? limit : INT64_MAX;
	int code;

	check_review_states(cli);
	s = open_store(STORE_READ, MAY_READ, &self, &kb);
	if (!as_json && !as_ids)
		t = cli_table_new(headers, as_plain);
	code = review_list(s, stored, NULL, REVIEWS, &list, &n);
	while (code == 0 && n > 0 && left > 0) {
		for (i = 0; i < n && left > 0; i++)
			if (is_wanted(shown_review(s, &list[i]))) {
				print_review(t, s, &list[i]);
				left--;
			}
		code =
		    review_list(s, stored, &list[n - 1], REVIEWS, &next, &more);
		reviews_free(list, n);
		list = code == 0 ? next : NULL;
		n = code == 0 ? more : 0;
	}
	reviews_free(list, n);
	if (t != NULL)
		cli_table_end(t);
	free(self);
	store_close(s);
	return code;
}

static void
print_text_of(const char *name, const char *text)
{
	char *shown = utf8_show(text != NULL ? text : "(erased)", true);

	printf("\n%s\n%s\n", name, shown);
	free(shown);
}

static void
show_review(struct store *s, const struct review *r)
{
	json_t *found, *one;
	char *words;
	size_t i;

	print_fact("review", r->id);
	print_fact("state", shown_review(s, r));
	if (*r->conversation != '\0')
		print_fact("conversation", r->conversation);
	print_fact("language", r->language);
	printf("%-12s %" PRId64 "\n", "times", r->times);
	print_fact_time("proposed", r->created_ms);
	print_fact_time("decided", r->decided_ms);
	print_fact("by", r->decided_by);
	print_fact("collection", r->collection);
	print_fact("document", r->document);
	found = personal_of(s, r);
	json_array_foreach(found, i, one) {
		words = xformat("%s (%s)", json_str_or(one, "text", ""),
		    json_str_or(one, "what", ""));
		print_fact("personal?", words);
		free(words);
	}
	json_decref(found);
	print_text_of("question", r->question);
	print_text_of("answer", r->answer);
}

static int
run_review_show(struct cli *cli)
{
	struct review *r = NULL;
	struct store *s;
	struct db *kb;
	char *self = NULL;
	int code;

	cli_args(cli, 2, 2);
	s = open_store(STORE_READ, MAY_READ, &self, &kb);
	code = review_get(s, cli->args[1], &r);
	if (code == 0 && as_json)
		print_json(review_json(s, r));
	else if (code == 0)
		show_review(s, r);
	reviews_free(r, r != NULL);
	free(self);
	store_close(s);
	return code;
}

/* What may tell who somebody is was looked at by whoever says --yes. */
static int
check_personal(struct store *s, const struct review *r)
{
	const char *q = question != NULL ? question : r->question;
	const char *a = answer != NULL ? answer : r->answer;
	json_t *found, *one;
	size_t i, n;
	char *text;

	if (q == NULL || a == NULL || yes)
		return 0;
	found = review_personal(s, r, q, a);
	n = json_array_size(found);
	json_array_foreach(found, i, one) {
		text = utf8_show(json_str_or(one, "text", ""), false);
		cli_warn("%s: personal? %s (%s)", r->id, text,
		    json_str_or(one, "what", ""));
		free(text);
	}
	json_decref(found);
	if (n == 0)
		return 0;
	return err_set(ERR_DATA,
	    "%s: change it with --question and --answer, or say --yes", r->id);
}

static int
approve_one(struct store *s, const char *self, const char *id)
{
	struct review_edit edit = { question, answer, collection };
	struct review *r = NULL;
	const char *state;
	int code = review_get(s, id, &r);

	/* One that is a document already stays as it is. */
	if (code == 0) {
		state = review_state(s, r);
		if (state == NULL)
			code = ERR_IO;
		else if (strcmp(state, "approved") != 0)
			code = check_personal(s, r);
	}
	if (code == 0)
		code = review_approve(s, self, id, &edit);
	reviews_free(r, r != NULL);
	return code;
}

static void
check_texts(struct cli *cli)
{
	const char *const texts[] = { question, answer, collection };
	const char *const names[] = { "question", "answer", "collection" };
	size_t i;

	for (i = 0; i < 3; i++) {
		if (texts[i] == NULL)
			continue;
		if (!utf8_valid(texts[i], strlen(texts[i])))
			cli_usage(cli, "--%s is not UTF-8", names[i]);
		if (texts[i][strspn(texts[i], " \t\r\n")] == '\0')
			cli_usage(cli, "--%s is empty", names[i]);
	}
	/* It is a title, and a name in lists. */
	if ((question != NULL && strpbrk(question, "\r\n\t") != NULL) ||
	    (collection != NULL && strpbrk(collection, "\r\n\t") != NULL))
		cli_usage(cli, "--question and --collection are of one line");
	if ((question != NULL || answer != NULL) && cli->nargs > 2)
		cli_usage(cli, "--question and --answer are of one ID");
}

/* Decide on each; the first that cannot be ends with its status, when the
 * others are done. */
static int
decide(struct cli *cli,
    int (*fn)(struct store *s, const char *self, const char *id))
{
	struct review *r = NULL;
	struct store *s;
	struct db *kb;
	char *self = NULL;
	int code = 0, got, i;

	cli_args(cli, 2, INT_MAX);
	s = open_store(STORE_WRITE, MAY_ADMIN, &self, &kb);
	/* Whoever waits is told why. */
	if (fn == approve_one)
		close(take_turn(s));
	for (i = 1; i < cli->nargs; i++) {
		got = fn(s, self, cli->args[i]);
		if (got < 0) {
			cli_warn("%s", err_reason());
			code = code == 0 ? got : code;
		} else if (as_json) {
			cli_need(review_get(s, cli->args[i], &r));
			print_json(review_json(s, r));
			reviews_free(r, 1);
		}
	}
	free(self);
	store_close(s);
	/* Each was named. */
	if (code < 0)
		exit(fflush(stdout) == 0 ? err_status(code) :
					   err_status(ERR_IO));
	return 0;
}

static int
run_review_collect(struct cli *cli)
{
	struct review_count n = { 0 };
	struct store *s;
	struct db *kb;
	char *self = NULL;
	int64_t since_ms = 0;
	json_t *o;
	int code;

	cli_args(cli, 1, 1);
	s = open_store(STORE_WRITE, MAY_WRITE, &self, &kb);
	if (since != NULL)
		cli_need(since_parse(since, &since_ms));
	code = review_collect(s, since_ms, &n);
	if (code == 0 && as_json) {
		o = json_object();
		json_put_int(o, "conversations", n.conversations);
		json_put_int(o, "answers", n.answers);
		json_put_int(o, "proposed", n.proposed);
		json_put_int(o, "same", n.same);
		json_put_int(o, "known", n.known);
		json_put_int(o, "empty", n.empty);
		print_json(o);
	} else if (code == 0)
		printf("%" PRId64 " proposed of %" PRId64 " answers: %" PRId64
		       " given before, %" PRId64 " in the documents, %" PRId64
		       " without content\n",
		    n.proposed, n.answers, n.same, n.known, n.empty);
	free(self);
	store_close(s);
	return code;
}

static int
run_review(struct cli *cli)
{
	const char *what = cli->nargs > 0 ? cli->args[0] : "list";
	bool approves = strcmp(what, "approve") == 0;
	bool lists = cli->nargs == 0;

	if (!approves &&
	    (question != NULL || answer != NULL || collection != NULL || yes))
		cli_usage(cli,
		    "--answer, --collection, --question and --yes go with "
		    "approve");
	if (!lists && (as_ids || as_plain || limit > 0 || states.count > 0))
		cli_usage(cli,
		    "--ids, --limit, --plain and --state go with no word");
	if (since != NULL && strcmp(what, "collect") != 0)
		cli_usage(cli, "--since goes with collect");
	if (lists)
		return list_reviews(cli);
	if (approves) {
		check_texts(cli);
		return decide(cli, approve_one);
	}
	if (strcmp(what, "reject") == 0)
		return decide(cli, review_reject);
	if (strcmp(what, "show") == 0)
		return run_review_show(cli);
	if (strcmp(what, "collect") == 0)
		return run_review_collect(cli);
	cli_usage(cli, "'%s' is none of approve, collect, reject, show", what);
}

static const struct cli_verb verbs[] = {
	{ "edit", "ID", "change what people call it", edit_options, run_edit },
	{ "list", "", "list the documents", list_options, run_list },
	{ "reindex", "[ID ...]", "make the index of them anew", NULL,
	    run_reindex },
	{ "review", "[approve | collect | reject | show] [ID ...]",
	    "what people answered, to be made documents", review_options,
	    run_review },
	{ "rm", "[ID ...]", "take documents out, without ID those on stdin",
	    rm_options, run_rm },
	{ "show", "ID", "show all there is about one", show_options, run_show },
	{ "status", "", "count states, name what failed", status_options,
	    run_status },
	{ NULL, NULL, NULL, NULL, NULL }
};

static const struct cli_spec spec = { "kb-doc",
	"the documents of the knowledge base", "", common, verbs,
	"  kb-doc list --state failed\n"
	"  kb-doc edit c1hd2rhs --title 'Delivery and returns'\n"
	"  kb-doc list --source old/ --ids | kb-doc rm\n"
	"  kb-doc review\n"
	"  kb-doc review approve 7mq0sd2k --question 'How long to Norway?'\n" };

int
main(int argc, char *argv[])
{
	return cli_main(&spec, argc, argv);
}
