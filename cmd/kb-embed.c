/*
 * kb-embed - vectors for passages, and for questions
 *
 * Asks an embeddings endpoint for the passages that have no vector yet. With
 * --query a converter of JSON Lines: each {"query"} comes out with its "vector"
 * and "model", as kb-search takes them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/secret.h"
#include "kb/embedding.h"

static bool anyway, as_json, plain, questions, retry, status;
static const char *store_flag;

static const struct cli_option options[] = { { 'S', "store", "STORE", CLI_TEXT,
						 &store_flag,
						 "directory of the store" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print a JSON line" },
	{ 0, "plain", NULL, CLI_FLAG, &plain, "tab-separated, no header" },
	{ 0, "query", NULL, CLI_FLAG, &questions,
	    "add vectors to the questions of standard input" },
	{ 0, "retry", NULL, CLI_FLAG, &retry,
	    "ask again for passages that were refused" },
	{ 0, "status", NULL, CLI_FLAG, &status,
	    "say what has vectors, and ask for none" },
	{ 0, "switch", NULL, CLI_FLAG, &anyway,
	    "let the model be searched though it took so few" },
	CLI_END };

static const struct cli_spec spec = {
	.name = "kb-embed",
	.summary = "ask an embedding model for the vectors of passages",
	.args = "",
	.options = options,
	.examples = "  kb-embed\n"
		    "  kb-embed --status\n"
		    "  kb-embed --query <questions.jsonl | kb-search\n",
};

/* --- status --- */

static const char *const state_names[] = { "filled", "searched", "replaced" };

static void
print_status(const struct vector_model *m, const struct vector_counts *c)
{
	static const char *const headers[] = { "STATE", "MODEL", "DIMENSIONS",
		"PASSAGES", "EMBEDDED", "REFUSED", "MISSING", NULL };
	const char *state = m->id != 0 ? state_names[m->state] : "none",
		   *name = m->name != NULL ? m->name : "-";
	int64_t missing = c->passages - c->embedded - c->refused;
	struct cli_table *t;
	json_t *o;

	if (as_json) {
		o = json_object();
		json_put(o, "state", state);
		json_put(o, "model", m->name);
		if (m->dimensions > 0)
			json_put_int(o, "dimensions", (int64_t)m->dimensions);
		json_put_int(o, "passages", c->passages);
		json_put_int(o, "embedded", c->embedded);
		json_put_int(o, "refused", c->refused);
		json_put_int(o, "missing", missing);
		cli_json(o);
		json_decref(o);
		return;
	}
	t = cli_table_new(headers, plain);
	cli_table_cell(t, "%s", state);
	cli_table_cell(t, "%s", name);
	cli_table_cell(t, "%zu", m->dimensions);
	cli_table_cell(t, "%lld", (long long)c->passages);
	cli_table_cell(t, "%lld", (long long)c->embedded);
	cli_table_cell(t, "%lld", (long long)c->refused);
	cli_table_cell(t, "%lld", (long long)missing);
	cli_table_end(t);
}

/* The model that is searched, and one that is being filled. */
static int
show_status(struct db *db)
{
	struct vector_model *models = NULL, none = { 0 };
	struct vector_counts c;
	size_t n = 0, i;
	int code = vector_models(db, &models, &n);

	for (i = 0; i < n && code == 0; i++) {
		code = vector_count(db, &models[i], &c);
		if (code == 0 && models[i].state != VECTOR_REPLACED)
			print_status(&models[i], &c);
	}
	if (code == 0 && n == 0)
		code = vector_count(db, NULL, &c);
	if (code == 0 && n == 0)
		print_status(&none, &c);
	vector_models_free(models, n);
	return code;
}

/* --- passages --- */

static void
show_progress(void *ctx, int64_t count, int64_t total)
{
	progress_words(ctx, "%lld of %lld passages", (long long)count,
	    (long long)total);
}

static void
name_refused(void *ctx, const struct vector_passage *p, const char *reason)
{
	char *source = utf8_show(p->source, false);

	progress_clear(ctx);
	cli_warn("%s: passage %s is left out: %s", source, p->id, reason);
	free(source);
}

static void
print_result(const struct embed_settings *s, const struct embedding_result *r,
    bool ended)
{
	json_t *o;

	if (as_json) {
		o = json_object();
		json_put(o, "model", s->model);
		if (r->dimensions > 0)
			json_put_int(o, "dimensions", (int64_t)r->dimensions);
		json_put_int(o, "embedded", r->embedded);
		json_put_int(o, "refused", r->refused);
		json_put_int(o, "calls", r->calls);
		json_put_int(o, "retries", r->retries);
		json_object_set_new(o, "switched", json_boolean(r->switched));
		cli_json(o);
		json_decref(o);
	} else if (plain)
		printf("%lld\t%lld\t%zu\t%s\n", (long long)r->embedded,
		    (long long)r->refused, r->dimensions, s->model);
	else
		printf("%lld embedded, %lld refused by %s%s%s\n",
		    (long long)r->embedded, (long long)r->refused, s->model,
		    r->switched ? "; it is searched from now on" : "",
		    ended ? "" : "; the rest is left for the next time");
}

static int
fill(struct store *store, struct db *db, const struct embed_settings *s)
{
	struct progress *p = progress_new(STDERR_FILENO);
	const struct embedding_hooks hooks = { p, show_progress, name_refused };
	struct embedding_result r;
	struct vector_model m;
	int fd = -1, code = vector_turn(store, true, &fd);

	if (code == 0 && retry) {
		code = vector_find(db, s->model, s->passage_prefix,
		    (size_t)s->dimensions, &m);
		if (code == 1) {
			code = vector_forgive(db, &m);
			vector_model_release(&m);
		}
	}
	if (code == 0) {
		/* What is in flight is paid for: it is waited for and kept. */
		stop_on_signals();
		code = embedding_fill(db, s, &hooks, anyway, &stop_wanted, &r);
		progress_clear(p);
		if (code == 0 || r.embedded > 0 || r.refused > 0)
			print_result(s, &r, code == 0 && stop_wanted == 0);
		if (code == 0 && r.refused > 0 && !r.poor)
			code = err_set(ERR_DATA, "passages left out: %lld",
			    (long long)r.refused);
		if (code == 0 && r.poor)
			code = err_set(ERR_DATA,
			    "%s took less than half of what the model that is "
			    "searched has, which stays: mend it and give "
			    "--retry, or --switch if it is meant",
			    s->model);
	}
	progress_free(p);
	if (fd >= 0)
		close(fd);
	return code;
}

/* --- questions --- */

/* Lines that were there together. */
struct ask {
	struct jsonl *lines;
	json_t **object;
	long *lineno;
	size_t count, at, max;
	const char *model;
};

static int
next_questions(void *ctx, size_t max, void **items, const char **texts)
{
	struct ask *a = ctx;
	size_t n = 0;

	for (; n < max && a->at < a->count; a->at++) {
		texts[n] = json_str(a->object[a->at], "query");
		if (*texts[n] != '\0')
			items[n++] = a->object[a->at];
	}
	return (int)n;
}

static int
have_questions(void *ctx, void *const *items, size_t n, const float *vectors,
    size_t dimensions)
{
	struct ask *a = ctx;
	json_t *array;
	char text[32];
	size_t i, k;

	for (i = 0; i < n; i++) {
		array = json_array();
		for (k = 0; k < dimensions; k++) {
			/* Six digits are as good as the model. */
			snprintf(text, sizeof(text), "%.6g",
			    (double)vectors[i * dimensions + k]);
			json_array_append_new(array,
			    json_real(strtod(text, NULL)));
		}
		json_put_new(items[i], "vector", array);
		json_put(items[i], "model", a->model);
	}
	return 0;
}

static int
refused_question(void *ctx, void *item, const char *reason)
{
	(void)ctx;
	(void)item;
	cli_warn("a question is left without a vector: %s", reason);
	return 0;
}

/*
 * Vectors for the lines that are held. Where there are none the lines go
 * through as they came: kb-search goes by the words then.
 */
static int
answer_held(struct ask *a, struct embed *e, const struct embed_job *job)
{
	int code, put = 0;
	size_t i;
	char *line;

	a->at = 0;
	code = embed_run(e, job, NULL, NULL);
	if (code < 0)
		cli_warn("%s: %zu questions are left without a vector",
		    err_reason(), a->count);
	for (i = 0; i < a->count; i++) {
		line = json_text(a->object[i]);
		if (put == 0)
			put = jsonl_put(a->lines, line, strlen(line));
		free(line);
		json_decref(a->object[i]);
	}
	a->count = 0;
	return put < 0 ? put : code;
}

static void
hold(struct ask *a, const char *line, size_t len)
{
	json_t *object = NULL;

	if (json_lenient(line, len, &object) < 0)
		jsonl_complain(a->lines, err_reason());
	else if (json_str(object, "query") == NULL)
		jsonl_complain(a->lines, "query is missing or not a string");
	else {
		a->object[a->count++] = object;
		return;
	}
	json_decref(object);
}

static int
convert(const struct embed_settings *s, const char *model, size_t dimensions)
{
	struct ask a = { .model = model, .max = (size_t)s->batch };
	struct embed_job job = { .ctx = &a,
		.prefix = s->query_prefix,
		.model = model,
		.dimensions = dimensions,
		.next = next_questions,
		.have = have_questions,
		.refused = refused_question };
	struct embed *e = NULL;
	int code = embed_new(s, &e), got = JSONL_WAIT, worst = 0;
	size_t len;
	char *line;

	if (code < 0)
		return code;
	a.lines =
	    jsonl_new(STDIN_FILENO, STDOUT_FILENO, "stdin", QUERY_MAX_BYTES);
	a.object = xcalloc(a.max, sizeof(*a.object));
	while (code != ERR_IO && got != JSONL_END) {
		got = jsonl_next(a.lines, &line, &len);
		if (got == JSONL_LINE)
			hold(&a, line, len);
		if (a.count > 0 && (got != JSONL_LINE || a.count == a.max))
			code = answer_held(&a, e, &job);
		if (code < 0 && (worst == 0 || code == ERR_IO))
			worst = code;
		if (got == JSONL_WAIT && jsonl_flush(a.lines) < 0)
			worst = code = ERR_IO;
		else if (got == JSONL_WAIT && jsonl_fill(a.lines) < 0)
			worst = code = ERR_IO;
	}
	if (jsonl_flush(a.lines) < 0)
		worst = ERR_IO;
	if (worst == 0 && jsonl_bad(a.lines) > 0)
		worst = err_set(ERR_DATA, "bad lines left out: %ld",
		    jsonl_bad(a.lines));
	jsonl_free(a.lines);
	free(a.object);
	embed_free(e);
	return worst;
}

/* Questions are asked of the model that is searched, until another is. */
static int
ask_all(struct embed_settings *s)
{
	struct vector_model m = { 0 };
	struct store *store = NULL;
	struct db *db = NULL;
	int code = store_open(store_flag, STORE_KB, &store);

	if (code == ERR_NOINPUT && store_flag == NULL)
		code = 0;
	else if (code == 0)
		code = store_kb(store, &db);
	if (code == 0 && db != NULL)
		code = vector_searched(db, &m);
	store_close(store);
	if (code == 1 && s->dimensions > 0)
		s->dimensions = (int64_t)m.dimensions;
	if (code >= 0)
		code = convert(s, m.name != NULL ? m.name : s->model,
		    m.dimensions);
	vector_model_release(&m);
	return code;
}

int
main(int argc, char *argv[])
{
	struct cli cli;
	struct embed_settings s = { 0 };
	struct store *store = NULL;
	struct conf *conf = NULL;
	struct db *db = NULL;
	int code;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (questions + retry + status > 1)
		cli_usage(&cli,
		    "--query, --retry and --status exclude each other");
	if (anyway && (questions || status))
		cli_usage(&cli, "--switch goes with embedding");
	if (questions && (as_json || plain))
		cli_usage(&cli, "--query prints the lines it reads");
	secret_guard();
	if (status) {
		cli_need(store_open(store_flag, STORE_KB, &store));
		cli_need(store_kb(store, &db));
		code = show_status(db);
	} else {
		cli_need(conf_open(&conf));
		cli_need(embed_settings(conf, &s));
		if (questions)
			code = ask_all(&s);
		else {
			cli_need(store_open(store_flag, STORE_WRITE | STORE_KB,
			    &store));
			cli_need(store_kb(store, &db));
			code = fill(store, db, &s);
		}
		embed_settings_release(&s);
		conf_close(conf);
	}
	store_close(store);
	cli_exit(code);
}
