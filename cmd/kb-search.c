/*
 * kb-search - a question to ranked passages
 *
 * With a QUESTION one answer; without, a converter of JSON Lines: each
 * {"id","query"} comes out with its "hits". Never connects anywhere.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/person.h"
#include "kb/calibrate.h"
#include "kb/evaluate.h"
#include "kb/search.h"
#include "store/store.h"

static bool calibrate, evaluation, explain, json;
static double least; /* confidence of a hit that is printed */
#define HEAP_BYTES (4 << 20)
#define WARM_BYTES (384 << 10) /* of the heap, which one question writes to */

static int64_t limit = KB_LIMIT_DEFAULT;
static const char *min_score, *since, *store_flag;
static struct cli_list collections, documents, languages, sources;
static int64_t since_ms;
static struct calibration calibration;

static const struct cli_option options[] = { { 'S', "store", "STORE", CLI_TEXT,
						 &store_flag,
						 "directory of the store" },
	{ 'n', "limit", "N", CLI_NUMBER, &limit, "at most N hits a question" },
	{ 0, "calibrate", NULL, CLI_FLAG, &calibrate,
	    "learn from QUESTIONS how likely a hit is an answer" },
	{ 0, "collection", "NAME", CLI_LIST, &collections,
	    "only documents of this collection; may be repeated" },
	{ 0, "document", "ID", CLI_LIST, &documents,
	    "only this document; may be repeated" },
	{ 0, "eval", NULL, CLI_FLAG, &evaluation,
	    "measure the ranking of QUERIES against the judgements of QRELS" },
	{ 0, "explain", NULL, CLI_FLAG, &explain,
	    "say how each score came about" },
	{ 0, "json", NULL, CLI_FLAG, &json,
	    "with --eval and --calibrate: objects instead of a table" },
	{ 0, "language", "TAG", CLI_LIST, &languages,
	    "only passages in this language; may be repeated" },
	{ 0, "min-score", "P", CLI_TEXT, &min_score,
	    "only hits that answer with this likelihood, 0 to 1" },
	{ 0, "since", "TIME", CLI_TEXT, &since,
	    "only documents that changed since: a time, or 7d for so long ago" },
	{ 0, "source", "SOURCE", CLI_LIST, &sources,
	    "only documents of this source, or that begin so: help/ or help*" },
	CLI_END };

static const struct cli_spec spec = {
	.name = "kb-search",
	.summary = "find the passages that answer a question",
	.args = "[QUESTION | QUERIES QRELS | QUESTIONS]",
	.options = options,
	.examples = "  kb-search -n 3 \"where is my parcel\"\n"
		    "  kb-search <questions.jsonl | jq -c '.hits[0].title'\n"
		    "  kb-search --eval queries.tsv qrels.tsv\n",
};

static json_t *
real(double x)
{
	/* Four decimals are all that means anything, and the same everywhere. */
	return json_real((double)(int64_t)(x * 10000 + 0.5) / 10000);
}

static json_t *
also_json(const struct kb_hit *h)
{
	json_t *array = json_array(), *o;
	size_t i;

	for (i = 0; i < h->nalso; i++) {
		o = json_object();
		json_put(o, "document", h->also[i].document);
		json_put(o, "title", h->also[i].title);
		json_put(o, "source", h->also[i].source);
		json_put(o, "section", h->also[i].section);
		json_put(o, "url", h->also[i].url);
		json_array_append_new(array, o);
	}
	return array;
}

static json_t *
hit_json(const struct kb_hit *h)
{
	json_t *o = json_object();
	json_t *range = json_array(), *pages;

	json_put_int(o, "rank", h->rank);
	json_object_set_new(o, "score", real(h->score));
	json_object_set_new(o, "confidence", real(h->confidence));
	json_put(o, "document", h->document);
	json_put(o, "title", h->title);
	json_put(o, "source", h->source);
	json_put(o, "url", h->url);
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
	if (h->nalso > 0)
		json_put_new(o, "also", also_json(h));
	json_put(o, "explain", h->explain);
	return o;
}

/* A question as a vector, as kb-embed made it. */
struct meaning {
	float *vector; /* NULL: none */
	size_t dimensions;
	const char *model;
};

/* Take the vector out of object. ERR_USAGE says what is wrong with it. */
static int
read_meaning(json_t *object, struct meaning *ret)
{
	json_t *array = json_object_get(object, "vector");
	size_t n = json_array_size(array), i;

	memset(ret, 0, sizeof(*ret));
	if (array == NULL || json_is_null(array))
		return 0;
	ret->model = json_str(object, "model");
	if (ret->model == NULL)
		return err_set(ERR_USAGE, "vector is there without its model");
	if (n == 0)
		return err_set(ERR_USAGE, "vector is no array of numbers");
	ret->vector = xmalloc(n * sizeof(*ret->vector));
	ret->dimensions = n;
	for (i = 0; i < n; i++) {
		if (!json_is_number(json_array_get(array, i))) {
			free(ret->vector);
			ret->vector = NULL;
			return err_set(ERR_USAGE,
			    "vector is no array of numbers");
		}
		ret->vector[i] =
		    (float)json_number_value(json_array_get(array, i));
	}
	/* As long as the rest of the line, and of no use behind this. */
	json_object_del(object, "vector");
	return 0;
}

/* At most n hits. in: the collections to search; NULL: those of the options.
 * m NULL: words alone. */
static int
find(struct kb *kb, const char *text, const char *const *in,
    const struct meaning *m, int64_t n, struct kb_hits **ret)
{
	struct kb_query q = { .text = text,
		.vector = m != NULL ? m->vector : NULL,
		.dimensions = m != NULL ? m->dimensions : 0,
		.model = m != NULL ? m->model : NULL,
		.collections = in != NULL ? in :
		    collections.count	  ? collections.items :
					    NULL,
		.documents = documents.count ? documents.items : NULL,
		.languages = languages.count ? languages.items : NULL,
		.sources = sources.count ? sources.items : NULL,
		.since_ms = since_ms,
		.limit = (int)n,
		.explain = explain };

	return kb_search(kb, &q, ret);
}

/* What is printed: with a confidence each, and not below the least. */
static int
search(struct kb *kb, const char *text, const struct meaning *m,
    struct kb_hits **ret)
{
	/* How sure a hit is depends on those behind it, however few are asked
	 * for. */
	int code = find(kb, text, NULL, m,
	    limit < KB_LIMIT_DEFAULT ? KB_LIMIT_DEFAULT : limit, ret);
	struct kb_hits *hits = *ret;

	if (code < 0)
		return code;
	calibrate_apply(&calibration, hits);
	kb_hits_keep(hits, (size_t)limit);
	kb_hits_cut(hits, least);
	return 0;
}

/* One question: a line a hit; ERR_NO if there is none. */
static int
answer(struct kb *kb, const char *text, struct jsonl *out)
{
	struct kb_hits *hits = NULL;
	int code = search(kb, text, NULL, &hits);
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

/*
 * A line, parsed as object, with hits, which is taken; the caller frees. Its
 * bytes stay as they are: a number that is an id may be too long for us. Only
 * one that is no JSON, has hits already or came with a vector, which is for us,
 * is written anew.
 */
static char *
with_hits(const char *line, size_t len, json_t *object, json_t *hits)
{
	bool has_hits = json_object_get(object, "hits") != NULL;
	struct buf out = BUF_INIT(0);
	json_t *strict = NULL;

	if (has_hits || json_object_parse(line, len, &strict) < 0 ||
	    json_object_size(strict) != json_object_size(object)) {
		json_decref(strict);
		json_object_set_new(object, "hits", hits);
		return json_text(object);
	}
	json_decref(strict);
	while (line[len - 1] != '}')
		len--;
	/* It has a query: something is before the comma. */
	buf_add(&out, line, len - 1);
	buf_adds(&out, ",\"hits\":");
	json_write(&out, hits);
	buf_addc(&out, '}');
	json_decref(hits);
	return buf_detach(&out);
}

/* A line {"query"}: the same with "hits". */
static int
convert(struct kb *kb, struct jsonl *lines, const char *line, size_t len)
{
	struct kb_hits *hits = NULL;
	json_t *object = NULL, *array;
	struct meaning meaning;
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
	code = read_meaning(object, &meaning);
	if (code == 0)
		code = search(kb, text, &meaning, &hits);
	free(meaning.vector);
	if (code == ERR_USAGE) {
		jsonl_complain(lines, err_reason());
		json_decref(object);
		return 0;
	}
	if (code == 0) {
		array = json_array();
		for (i = 0; i < hits->count; i++)
			json_array_append_new(array, hit_json(&hits->hit[i]));
		out = with_hits(line, len, object, array);
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

/* --- what the ranking is worth --- */

static void
print_measures(struct jsonl *out, const char *id, const double m[MEASURES],
    int64_t count)
{
	json_t *o = json_object();
	char *line;
	int i;

	json_put(o, "query", id);
	if (count > 0)
		json_put_int(o, "queries", count);
	for (i = 0; i < MEASURES; i++)
		json_object_set_new(o, measure_names[i], real(m[i]));
	line = json_text(o);
	jsonl_put(out, line, strlen(line));
	free(line);
	json_decref(o);
}

/* Ask all questions of a test set and print the means of the measures. */
static int
evaluate_all(struct kb *kb, struct jsonl *out, const char *queries,
    const char *qrels)
{
	double sum[MEASURES] = { 0 }, one[MEASURES];
	struct question_set set;
	struct kb_hits *hits;
	json_t *grades = NULL;
	int64_t count = 0;
	long bad = 0;
	char *line;
	size_t i;
	int code = question_set_read(queries, &set), m;

	if (code < 0)
		return code;
	code = qrels_read(qrels, &grades, &bad);
	for (i = 0; i < set.count && code == 0; i++) {
		const json_t *g = json_object_get(grades, set.line[i].id);

		if (g == NULL)
			continue;
		hits = NULL;
		code = find(kb, set.line[i].text, NULL, NULL, limit, &hits);
		if (code < 0)
			break;
		if (evaluate(hits, g, one) == 1) {
			count++;
			for (m = 0; m < MEASURES; m++)
				sum[m] += one[m];
			if (json)
				print_measures(out, set.line[i].id, one, 0);
		}
		kb_hits_free(hits);
	}
	if (code == 0 && count == 0)
		code = err_set(ERR_DATA,
		    "no question of %s has anything relevant in %s", queries,
		    qrels);
	if (code == 0) {
		for (m = 0; m < MEASURES; m++)
			sum[m] /= (double)count;
		if (json)
			print_measures(out, "all", sum, count);
		line = xformat("queries\t%lld", (long long)count);
		if (!json)
			jsonl_put(out, line, strlen(line));
		free(line);
		for (m = 0; m < MEASURES && !json; m++) {
			line = xformat("%s\t%.4f", measure_titles[m], sum[m]);
			jsonl_put(out, line, strlen(line));
			free(line);
		}
	}
	json_decref(grades);
	bad += set.bad;
	question_set_release(&set);
	if (code == 0 && bad > 0)
		code = err_set(ERR_DATA, "bad lines left out: %ld", bad);
	return code;
}

/* --- how likely a score is an answer --- */

struct lesson {
	struct example *example;
	size_t count;
	size_t silent;	  /* questions without a hit */
	const char **all; /* the collections there are, NULL-ended */
};

/* The best hit of a question, if it has one, as an example. */
static int
learn(struct kb *kb, struct lesson *l, const char *text, const char *const *in,
    bool answers)
{
	struct kb_hits *hits = NULL;
	struct example *e;
	int code = find(kb, text, in, NULL, limit, &hits);

	if (code < 0)
		return code;
	if (hits->count == 0)
		l->silent++;
	else {
		if ((l->count & (l->count - 1)) == 0)
			l->example = xrealloc(l->example,
			    (l->count ? 2 * l->count : 1) * sizeof(*e));
		e = &l->example[l->count];
		calibrate_signs(hits, 0, e->sign);
		e->answers = answers;
		e->fold = (unsigned)(l->count / 2 % CALIBRATE_FOLDS);
		l->count++;
	}
	kb_hits_free(hits);
	return 0;
}

/* A line {"query", and "answerable" or "collection"}. */
static int
learn_line(struct kb *kb, struct lesson *l, struct jsonl *in, const char *line,
    size_t len)
{
	const char *text, *own[2] = { NULL, NULL }, **others;
	const json_t *answerable;
	json_t *object = NULL;
	size_t n = 0, i;
	int code = 0;

	if (json_lenient(line, len, &object) < 0) {
		jsonl_complain(in, err_reason());
		return 0;
	}
	text = json_str(object, "query");
	own[0] = json_str(object, "collection");
	answerable = json_object_get(object, "answerable");
	if (text == NULL || (own[0] == NULL && !json_is_boolean(answerable))) {
		jsonl_complain(in,
		    "not a query with its collection, or with answerable true"
		    " or false");
	} else if (json_is_boolean(answerable)) {
		code = learn(kb, l, text, own[0] != NULL ? own : NULL,
		    json_is_true(answerable));
	} else {
		others = xcalloc(1, sizeof(*others));
		for (i = 0; l->all[i] != NULL; i++)
			if (strcmp(l->all[i], own[0]) != 0) {
				others =
				    xrealloc(others, (n + 2) * sizeof(*others));
				others[n++] = l->all[i];
				others[n] = NULL;
			}
		code = learn(kb, l, text, own, true);
		if (code == 0 && n > 0)
			code = learn(kb, l, text, others, false);
		free(others);
	}
	json_decref(object);
	return code;
}

static void
print_reliability(struct jsonl *out, const struct reliability *r, size_t count)
{
	static const char heads[] = "SAID\tQUESTIONS\tMEAN\tANSWERED";
	json_t *o = json_object(), *bins = json_array(), *bin;
	char *line;
	int b;

	if (!json)
		jsonl_put(out, heads, sizeof(heads) - 1);
	for (b = 0; b < CALIBRATE_BINS; b++) {
		bin = json_object();
		json_object_set_new(bin, "from",
		    real((double)b / CALIBRATE_BINS));
		json_put_int(bin, "count", (int64_t)r->bin[b].count);
		json_object_set_new(bin, "said", real(r->bin[b].said));
		json_object_set_new(bin, "answered", real(r->bin[b].was));
		json_array_append_new(bins, bin);
		if (json)
			continue;
		line = r->bin[b].count == 0 ?
		    xformat("%.1f-%.1f\t0\t-\t-", (double)b / CALIBRATE_BINS,
			(double)(b + 1) / CALIBRATE_BINS) :
		    xformat("%.1f-%.1f\t%zu\t%.2f\t%.2f",
			(double)b / CALIBRATE_BINS,
			(double)(b + 1) / CALIBRATE_BINS, r->bin[b].count,
			r->bin[b].said, r->bin[b].was);
		jsonl_put(out, line, strlen(line));
		free(line);
	}
	json_put_int(o, "examples", (int64_t)count);
	json_object_set_new(o, "brier", real(r->brier));
	json_object_set_new(o, "brier_rate", real(r->brier_rate));
	json_put_new(o, "bins", bins);
	line = json ?
	    json_text(o) :
	    xformat("Brier score %.4f, of always saying the rate %.4f; %zu"
		    " examples",
		r->brier, r->brier_rate, count);
	jsonl_put(out, line, strlen(line));
	free(line);
	json_decref(o);
}

/* Fit the model to a file of questions, say how good it is, and keep it. */
static int
calibrate_all(struct kb *kb, struct db *db, struct jsonl *out, const char *path)
{
	struct lesson l = { .all = kb_collections(db) };
	struct reliability r;
	struct jsonl *in;
	char *line;
	size_t len, i;
	long bad = 0;
	int fd, code = evaluate_lines(path, &in, &fd), got = JSONL_END;

	if (code < 0)
		goto out;
	while (code == 0 && (got = jsonl_wait(in, &line, &len)) == JSONL_LINE)
		code = learn_line(kb, &l, in, line, len);
	if (code == 0 && got != JSONL_END)
		code = got;
	bad = jsonl_bad(in);
	jsonl_free(in);
	close(fd);
	if (code == 0)
		code = calibrate_fit(l.example, l.count, &calibration, &r);
	if (code == ERR_DATA && l.silent > 0) {
		char *why = xstrdup(err_reason());

		err_set(ERR_DATA,
		    "%s; %zu more found nothing and have no score to learn"
		    " from",
		    why, l.silent);
		free(why);
	}
	if (code == 0 && r.brier < r.brier_rate)
		code = calibrate_store(db, &calibration);
	if (code == 0)
		print_reliability(out, &r, l.count);
	if (code == 0 && r.brier >= r.brier_rate)
		code = err_set(ERR_DATA,
		    "not kept: of these questions, always saying the rate of"
		    " answers is as good; give more of them");
out:
	for (i = 0; l.all[i] != NULL; i++)
		free((char *)l.all[i]);
	free(l.all);
	free(l.example);
	if (code == 0 && bad > 0)
		code = err_set(ERR_DATA, "bad lines left out: %ld", bad);
	return code;
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

static double
read_least(const struct cli *cli)
{
	char *end;
	double p = strtod(min_score, &end);

	if (end == min_score || *end != '\0' || !(p >= 0 && p <= 1))
		cli_usage(cli,
		    "--min-score takes a likelihood, 0 to 1, not"
		    " '%s'",
		    min_score);
	return p;
}

static void
check_use(const struct cli *cli)
{
	int most = evaluation ? 2 : 1;

	if (evaluation && calibrate)
		cli_usage(cli, "--eval and --calibrate do not go together");
	if (cli->nargs > most)
		cli_usage(cli, "unexpected argument '%s'%s", cli->args[most],
		    evaluation || calibrate ? "" : ": quote the question");
	if (evaluation && cli->nargs != 2)
		cli_usage(cli, "--eval takes QUERIES and QRELS");
	if (calibrate && cli->nargs != 1)
		cli_usage(cli, "--calibrate takes a file of QUESTIONS");
	if (json && !evaluation && !calibrate)
		cli_usage(cli,
		    "hits are objects always: --json is for --eval"
		    " and --calibrate");
	if (limit < 1 || limit > KB_LIMIT_MAX)
		cli_usage(cli, "-n takes 1 to %d", KB_LIMIT_MAX);
}

/*
 * Make the heap ready for one question. It grows once, not by a page of the
 * base, and gives nothing back before the end; and the pages that will be
 * written to come at one request, not by a fault each: together that is a tenth
 * of the time. A kernel before 5.14 cannot, and lets the faults come.
 */
static void
warm_heap(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	char *p;
	uintptr_t from;

	mallopt(M_TOP_PAD, HEAP_BYTES);
	mallopt(M_TRIM_THRESHOLD, 16 * HEAP_BYTES);
	mallopt(M_MMAP_THRESHOLD, 2 * HEAP_BYTES);
	p = malloc(WARM_BYTES);
	if (p == NULL)
		return;
	from = ((uintptr_t)p + page - 1) & ~(page - 1);
	madvise((void *)from, ((uintptr_t)p + WARM_BYTES - from) & ~(page - 1),
	    MADV_POPULATE_WRITE);
	free(p);
}

int
main(int argc, char *argv[])
{
	/* Left to the end of the process, which gives all back at once. */
	static struct store *store;
	static struct kb *kb;
	struct cli cli;
	struct jsonl *lines;
	struct db *db = NULL;
	unsigned flags = STORE_KB;
	char *self = NULL;
	long bad;
	int code;

	warm_heap();
	cli_open(&cli, &spec, argc, argv);
	check_use(&cli);
	end_list(&collections);
	end_list(&documents);
	end_list(&languages);
	end_list(&sources);
	if (since != NULL)
		since_ms = read_since(&cli);
	if (min_score != NULL)
		least = read_least(&cli);
	if (evaluation && limit == KB_LIMIT_DEFAULT)
		limit = KB_LIMIT_MAX;
	if (calibrate) {
		cli_need(store_open(store_flag, STORE_WRITE, &store));
		cli_need(person_self(store, MAY_ADMIN, &self));
		free(self);
	} else {
		if (cli.nargs == 1)
			flags |= STORE_ONCE;
		cli_need(store_open(store_flag, flags, &store));
		cli_need(may_read(store));
	}
	cli_need(store_kb(store, &db));
	cli_need(kb_open(db, &kb));
	cli_need(calibrate_load(db, &calibration));
	lines = jsonl_new(cli.nargs == 0 ? STDIN_FILENO : -1, STDOUT_FILENO,
	    "stdin", QUERY_MAX_BYTES);
	if (evaluation)
		code = evaluate_all(kb, lines, cli.args[0], cli.args[1]);
	else if (calibrate)
		code = calibrate_all(kb, db, lines, cli.args[0]);
	else if (cli.nargs == 1)
		code = answer(kb, cli.args[0], lines);
	else
		code = convert_all(kb, lines);
	bad = jsonl_bad(lines);
	if (jsonl_flush(lines) < 0)
		code = ERR_IO;
	jsonl_free(lines);
	/* They were named as they came. */
	if (code == ERR_DATA && bad > 0)
		err_set(ERR_DATA, "bad lines left out: %ld", bad);
	cli_exit(code);
}
