/*
 * search - a question to the passages that answer it, best first
 *
 * FTS5 gives the candidates: passages with any of the question's forms, by
 * its own BM25 with weighted columns. They are ranked again here, for FTS5
 * knows words and we know concepts: a synonym counts once and less, and so
 * does a word that every question has. On top come pairs of words that stand
 * together as they were asked, and how much of the question was found at all.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "kb/chunk.h"
#include "kb/inside.h"

#define CANDIDATES 200
#define K1 1.2
#define B_BODY 0.75
#define B_HEAD 0.3
#define PAIR_WEIGHT 0.3
#define COVERAGE_WEIGHT 0.5
#define HEADING_WEIGHT 0.8

static const double default_weights
    [KB_FIELDS] = { [KB_TITLE] = 2.0, [KB_SECTION] = 3.0, [KB_BODY] = 1.0 };

/* One snapshot for many statements: each would take and leave the file's locks
 * by itself. True if it is ours to end. */
static bool
begin(struct kb *kb)
{
	return sqlite3_get_autocommit(db_handle(kb->db)) &&
	    db_read_begin(kb->db) == 0;
}

static void
end(struct kb *kb, bool begun)
{
	if (begun)
		db_read_end(kb->db);
}

int
kb_open(struct db *db, struct kb **ret)
{
	struct kb *kb = xcalloc(1, sizeof(*kb));
	bool begun;
	int code;

	kb->db = db;
	kb->data_version = -1;
	kb->analyser = analyser_new();
	begun = begin(kb);
	code = kb_refresh(kb);
	end(kb, begun);
	if (code < 0)
		kb_close(kb);
	else
		*ret = kb;
	return code;
}

static void
free_languages(struct kb *kb)
{
	char **l;

	for (l = kb->languages; l != NULL && *l != NULL; l++)
		free(*l);
	free(kb->languages);
	kb->languages = NULL;
}

void
kb_close(struct kb *kb)
{
	if (kb == NULL)
		return;
	kb_free_words(kb);
	free_languages(kb);
	analyser_free(kb->analyser);
	free(kb);
}

const char *const *
kb_languages(struct kb *kb)
{
	return (const char *const *)kb->languages;
}

static int
read_languages(struct kb *kb)
{
	/* Steps from one language to the next along the index. */
	struct query q = query(kb->db,
	    "WITH RECURSIVE l(tag) AS (SELECT min(language) FROM passage"
	    " UNION ALL SELECT (SELECT min(language) FROM passage"
	    " WHERE language > l.tag) FROM l WHERE l.tag IS NOT NULL)"
	    " SELECT tag FROM l WHERE tag IS NOT NULL");
	size_t n = 0;

	free_languages(kb);
	kb->languages = xcalloc(1, sizeof(*kb->languages));
	while (step(&q)) {
		kb->languages =
		    xrealloc(kb->languages, (n + 2) * sizeof(*kb->languages));
		kb->languages[n++] = column_copy(&q, 0);
		kb->languages[n] = NULL;
	}
	return done(&q);
}

static int
read_number(struct kb *kb, const char *sql, int64_t *ret)
{
	struct query q = query(kb->db, sql);

	if (step(&q))
		*ret = column_int(&q, 0);
	return done(&q);
}

int
kb_refresh(struct kb *kb)
{
	int64_t version = 0;
	int code = read_number(kb, "PRAGMA data_version", &version);

	if (code < 0 || version == kb->data_version)
		return code;
	code = read_number(kb, "SELECT count(*) FROM passage", &kb->passages);
	if (code == 0)
		code = read_languages(kb);
	if (code == 0) {
		kb_load_words(kb);
		kb->data_version = version;
	}
	return code;
}

int
kb_size(struct kb *kb, int64_t *ret_passages, int64_t *ret_documents)
{
	int code = read_number(kb,
	    "SELECT coalesce(sum(passages), 0) FROM document"
	    " WHERE version > 0",
	    ret_passages);

	if (code == 0)
		code = read_number(kb,
		    "SELECT count(*) FROM document WHERE version > 0",
		    ret_documents);
	return code;
}

/* --- candidates --- */

struct candidate {
	struct kb_hit hit;
	char *title, *section, *body; /* stems */
	size_t lengths[KB_FIELDS];    /* words */
	struct found *found;	      /* a row a field */
	double bm25, pairs;
};

struct candidates {
	struct candidate *c;
	size_t count;
};

/* The question as FTS5 reads it: forms with OR between, in quotes. */
static char *
match_text(const struct question *q, bool common)
{
	struct buf out = BUF_INIT(0);
	size_t i, k;

	for (i = 0; i < q->count; i++) {
		if (q->concept[i].is_common && !common)
			continue;
		for (k = 0; k < q->concept[i].forms; k++) {
			if (q->concept[i].form[k].df == 0)
				continue;
			/* Stems are letters and digits: nothing to escape. */
			buf_addf(&out, "%s\"%s\"", out.len > 0 ? " OR " : "",
			    q->concept[i].form[k].stems);
		}
	}
	return buf_detach(&out);
}

/* A list as the JSON array that the statement reads; NULL for all. */
static char *
list_text(const char *const *list)
{
	json_t *array;
	char *text;

	if (list == NULL)
		return NULL;
	array = json_array();
	for (; *list != NULL; list++)
		json_array_append_new(array, json_text_new(*list));
	text = json_text(array);
	json_decref(array);
	return text;
}

static int
read_candidates(struct kb *kb, const struct kb_query *want, const char *match,
    int max, struct candidates *ret)
{
	struct query q = query(kb->db,
	    "SELECT p.row, p.id, d.id, d.collection, d.title, d.source,"
	    " p.section, p.language, p.start, p.\"end\", p.text, p.shape,"
	    " t.title, t.section, t.body"
	    " FROM term_index i JOIN passage p ON p.row = i.rowid"
	    " JOIN document d ON d.id = p.document AND d.version = p.version"
	    " JOIN term t ON t.row = i.rowid"
	    " WHERE term_index MATCH :match"
	    " AND (:collections IS NULL OR d.collection IN"
	    "  (SELECT value FROM json_each(:collections)))"
	    " AND (:documents IS NULL OR d.id IN"
	    "  (SELECT value FROM json_each(:documents)))"
	    " AND (:languages IS NULL OR p.language IN"
	    "  (SELECT value FROM json_each(:languages)))"
	    " ORDER BY bm25(term_index, :title, :section, :body), p.row"
	    " LIMIT :max");
	char *collections = list_text(want->collections);
	char *documents = list_text(want->documents);
	char *languages = list_text(want->languages);
	struct candidate *c;
	int code;

	bind_text(&q, ":match", match);
	bind_text(&q, ":collections", collections);
	bind_text(&q, ":documents", documents);
	bind_text(&q, ":languages", languages);
	bind_real(&q, ":title", want->weights[KB_TITLE]);
	bind_real(&q, ":section", want->weights[KB_SECTION]);
	bind_real(&q, ":body", want->weights[KB_BODY]);
	bind_int(&q, ":max", max);
	while (step(&q)) {
		if ((ret->count & (ret->count - 1)) == 0)
			ret->c = xrealloc(ret->c,
			    (ret->count ? 2 * ret->count : 1) *
				sizeof(*ret->c));
		c = &ret->c[ret->count++];
		memset(c, 0, sizeof(*c));
		c->hit.row = column_int(&q, 0);
		c->hit.passage = column_copy(&q, 1);
		c->hit.document = column_copy(&q, 2);
		c->hit.collection = column_copy(&q, 3);
		c->hit.title = column_copy(&q, 4);
		c->hit.source = column_copy(&q, 5);
		c->hit.section = column_copy(&q, 6);
		c->hit.language = column_copy(&q, 7);
		c->hit.start = column_int(&q, 8);
		c->hit.end = column_int(&q, 9);
		c->hit.text = column_copy(&q, 10);
		c->hit.shape = column_copy(&q, 11);
		c->title = column_copy(&q, 12);
		c->section = column_copy(&q, 13);
		c->body = column_copy(&q, 14);
	}
	code = done(&q);
	free(collections);
	free(documents);
	free(languages);
	return code;
}

static void
hit_release(struct kb_hit *h)
{
	free(h->passage);
	free(h->document);
	free(h->collection);
	free(h->title);
	free(h->source);
	free(h->section);
	free(h->language);
	free(h->text);
	free(h->shape);
	free(h->explain);
}

static void
candidates_release(struct candidates *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		hit_release(&l->c[i].hit);
		free(l->c[i].title);
		free(l->c[i].section);
		free(l->c[i].body);
		free(l->c[i].found);
	}
	free(l->c);
}

/* --- ranking --- */

static void
find_all(const struct question *q, struct candidates *l, double average[])
{
	size_t i, f;
	struct candidate *c;

	for (f = 0; f < KB_FIELDS; f++)
		average[f] = 1;
	for (i = 0; i < l->count; i++) {
		const char *stems[KB_FIELDS] = { l->c[i].title, l->c[i].section,
			l->c[i].body };

		c = &l->c[i];
		c->found = xcalloc(KB_FIELDS * q->count, sizeof(*c->found));
		for (f = 0; f < KB_FIELDS; f++) {
			c->lengths[f] =
			    question_find(q, stems[f], c->found + f * q->count);
			average[f] += (double)c->lengths[f];
		}
	}
	for (f = 0; f < KB_FIELDS && l->count > 0; f++)
		average[f] /= (double)l->count;
}

/* Two concepts of the question that are found next to each other. */
static double
pairs(const struct question *q, const struct found *body)
{
	double sum = 0;
	size_t i;

	for (i = 0; i + 1 < q->count; i++) {
		if (body[i].first < 0 || body[i + 1].first < 0 ||
		    q->concept[i].is_context || q->concept[i + 1].is_context)
			continue;
		if (abs(body[i].first - body[i + 1].first) <= 2)
			sum +=
			    (q->concept[i].weight + q->concept[i + 1].weight) /
			    2;
	}
	return sum;
}

/* The weight of a heading's content words, and of those the question has. */
struct heading {
	struct kb *kb;
	const struct question *q;
	const char *language;
	double words, asked;
};

static void
heading_word(void *ctx, const char *word, size_t len)
{
	struct found found[CONCEPTS_MAX];
	struct heading *h = ctx;
	char copy[KB_WORD_MAX_BYTES + 1];
	double best = 0, weight;
	const char *stem;
	size_t i, n;

	if (len > KB_WORD_MAX_BYTES || (*word >= '0' && *word <= '9'))
		return;
	memcpy(copy, word, len);
	copy[len] = '\0';
	if (kb_is_common(h->kb, copy))
		return;
	question_find_text(h->kb, h->q, copy, len, h->language, found);
	for (i = 0; i < h->q->count; i++)
		if (found[i].strength > best || found[i].parts > 0)
			best = found[i].parts > 0 ? 1 : found[i].strength;
	stem = analyse_stem(h->kb->analyser, copy, len, h->language, &n);
	weight = kb_idf(h->kb, stem, n);
	h->words += weight;
	h->asked += weight * best;
}

/*
 * How well the innermost heading and the question say the same, 0 to 1: the
 * harmonic mean of the share of the question in it and of it in the question.
 */
static double
heading_fit(struct kb *kb, const struct question *q, const struct candidate *c)
{
	const char *leaf = c->hit.section, *next;
	struct heading h = { .kb = kb, .q = q, .language = c->hit.language };
	struct found found[CONCEPTS_MAX];
	double recall, precision;

	while ((next = strstr(leaf, KB_SECTION_SEPARATOR)) != NULL)
		leaf = next + strlen(KB_SECTION_SEPARATOR);
	if (*leaf == '\0')
		leaf = c->hit.title;
	question_find_text(kb, q, leaf, strlen(leaf), c->hit.language, found);
	recall = question_coverage(q, found);
	if (recall <= 0) /* most of them; the words' weights cost most here */
		return 0;
	analyse_words(leaf, strlen(leaf), heading_word, &h);
	precision = h.words > 0 ? h.asked / h.words : 0;
	return recall + precision > 0 ?
	    2 * recall * precision / (recall + precision) :
	    0;
}

static void
score(const struct question *q, struct candidate *c, const double *weights,
    const double *average)
{
	struct found any[CONCEPTS_MAX];
	const struct found *found;
	double tf, norm, b;
	size_t i, f;

	c->bm25 = c->pairs = 0;
	for (i = 0; i < q->count; i++) {
		any[i] = (struct found){ .first = -1 };
		tf = 0;
		for (f = 0; f < KB_FIELDS; f++) {
			found = &c->found[f * q->count + i];
			if (found->tf == 0)
				continue;
			b = f == KB_BODY ? B_BODY : B_HEAD;
			norm = 1 - b + b * (double)c->lengths[f] / average[f];
			tf += weights[f] * found->tf / norm;
			if (found->strength > any[i].strength)
				any[i].strength = found->strength;
		}
		/* However often, a synonym is worth less than the word. */
		c->bm25 += q->concept[i].weight * any[i].strength * tf *
		    (K1 + 1) / (tf + K1);
	}
	for (f = KB_SECTION; f < KB_FIELDS; f++) {
		double p = pairs(q, c->found + f * q->count);

		if (p > c->pairs)
			c->pairs = p;
	}
	c->hit.coverage = question_coverage(q, any);
	c->hit.score = (c->bm25 + PAIR_WEIGHT * c->pairs +
			   HEADING_WEIGHT * c->hit.heading * q->weight) *
	    (1 - COVERAGE_WEIGHT + COVERAGE_WEIGHT * c->hit.coverage);
}

static int
by_score(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->hit.score != y->hit.score)
		return x->hit.score < y->hit.score ? 1 : -1;
	return x->hit.row < y->hit.row ? -1 : x->hit.row > y->hit.row;
}

static char *
explain(const struct question *q, const struct candidate *c)
{
	static const char *const names[] = { "title", "section", "body" };
	struct buf out = BUF_INIT(0);
	size_t i, f;

	buf_addf(&out, "bm25 %.2f pairs %.2f coverage %.2f:", c->bm25, c->pairs,
	    c->hit.coverage);
	for (i = 0; i < q->count; i++) {
		buf_addf(&out, " %s(%.2f", q->concept[i].word,
		    q->concept[i].weight);
		for (f = 0; f < KB_FIELDS; f++)
			if (c->found[f * q->count + i].tf > 0)
				buf_addf(&out, " %s %.1f", names[f],
				    c->found[f * q->count + i].tf);
		buf_adds(&out, q->concept[i].is_known ? ")" : " unknown)");
	}
	return buf_detach(&out);
}

static int
ranked(struct kb *kb, const struct kb_query *query, struct kb_hits **ret)
{
	struct candidates l = { NULL, 0 };
	struct kb_query w = *query;
	struct question *q = NULL;
	struct kb_hits *hits;
	double average[KB_FIELDS];
	char *match;
	size_t i, f;
	int code;

	if (w.limit <= 0)
		w.limit = KB_LIMIT_DEFAULT;
	if (w.limit > KB_LIMIT_MAX)
		w.limit = KB_LIMIT_MAX;
	for (f = 0; f < KB_FIELDS; f++)
		if (w.weights[f] <= 0)
			w.weights[f] = default_weights[f];
	code = question_parse(kb, w.text, w.context, &q);
	if (code < 0)
		return code;
	match = match_text(q, false);
	if (*match == '\0') {
		/* Nothing but common words: better those than nothing. */
		free(match);
		match = match_text(q, true);
	}
	if (*match != '\0')
		code = read_candidates(kb, &w, match,
		    w.limit > CANDIDATES ? w.limit : CANDIDATES, &l);
	free(match);
	if (code == 0) {
		find_all(q, &l, average);
		for (i = 0; i < l.count; i++)
			l.c[i].hit.heading = heading_fit(kb, q, &l.c[i]);
		for (i = 0; i < l.count; i++)
			score(q, &l.c[i], w.weights, average);
		if (l.count > 0)
			qsort(l.c, l.count, sizeof(*l.c), by_score);
		hits = xcalloc(1, sizeof(*hits));
		hits->hit = xcalloc((size_t)w.limit, sizeof(*hits->hit));
		for (i = 0; i < l.count && i < (size_t)w.limit; i++) {
			l.c[i].hit.rank = (int)i + 1;
			if (w.explain)
				l.c[i].hit.explain = explain(q, &l.c[i]);
			hits->hit[hits->count++] = l.c[i].hit;
			memset(&l.c[i].hit, 0, sizeof(l.c[i].hit));
		}
		*ret = hits;
	}
	candidates_release(&l);
	question_free(q);
	return code;
}

int
kb_search(struct kb *kb, const struct kb_query *query, struct kb_hits **ret)
{
	bool begun = begin(kb);
	int code = ranked(kb, query, ret);

	end(kb, begun);
	return code;
}

void
kb_hits_free(struct kb_hits *hits)
{
	size_t i;

	if (hits == NULL)
		return;
	for (i = 0; i < hits->count; i++)
		hit_release(&hits->hit[i]);
	free(hits->hit);
	free(hits);
}
