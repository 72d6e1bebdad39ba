/*
 * search - a question to the passages that answer it, best first
 *
 * FTS5 gives the candidates: passages with any of the question's forms, by
 * its own BM25 with weighted columns. They are ranked again here, for FTS5
 * knows words and we know concepts: a synonym counts once and less, and so
 * does a word that every question has. The score is a weighted sum of features
 * (kb/search.h), most of them of the innermost heading: in help pages that is
 * the question or its subject.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/language.h"
#include "base/utf8.h"
#include "kb/chunk.h"
#include "kb/inside.h"

#define CANDIDATES 200
#define K1 1.2
#define B_BODY 0.75
#define B_HEAD 0.3

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

/*
 * Fitted (softmax regression, no weight below 0) on questions about two sets
 * of documents, a FAQ and a shop's help pages, to put a passage of the right
 * section first.
 */
static const double feature_weights[KB_FEATURES] = {
	[KB_WORDS] = 6.4,
	[KB_COVERAGE] = 4.4,
	[KB_HEADING] = 4.5,
	[KB_HEADING_ASKED] = 0, /* all of it in KB_HEADING */
	[KB_HEADING_COMMON] = 2.3,
	[KB_HEADING_PAIRS] = 0.9,
	[KB_BODY_PAIRS] = 2.4,
	[KB_LANGUAGE] = 2.0,
};
static const char *const feature_names[KB_FEATURES] = {
	[KB_WORDS] = "words",
	[KB_COVERAGE] = "coverage",
	[KB_HEADING] = "heading",
	[KB_HEADING_ASKED] = "asked",
	[KB_HEADING_COMMON] = "common",
	[KB_HEADING_PAIRS] = "heading-pairs",
	[KB_BODY_PAIRS] = "body-pairs",
	[KB_LANGUAGE] = "language",
};

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
};

struct candidates {
	struct candidate *c;
	size_t count;
};

/*
 * The question as FTS5 reads it: forms with OR between, in quotes. What a weak
 * word stands for finds much and says little: it is left to the ranking.
 */
static char *
match_text(const struct question *q, bool common)
{
	struct buf out = BUF_INIT(0);
	const struct concept *c;
	bool names = false;
	size_t i, k;

	for (i = 0; i < q->count; i++)
	names |= !q->concept[i].is_common && !q->concept[i].is_weak &&
	    q->concept[i].is_known;
	for (i = 0; i < q->count; i++) {
		c = &q->concept[i];
		if (c->is_common && !common)
			continue;
		for (k = 0; k < c->forms; k++) {
			if (c->form[k].df == 0 ||
			    (names && c->is_weak && c->form[k].strength < 1))
				continue;
			/* Stems are letters and digits: nothing to escape. */
			buf_addf(&out, "%s\"%s\"", out.len > 0 ? " OR " : "",
			    c->form[k].stems);
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
	    " p.page, p.page_end,"
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
		c->hit.page = (int)column_int(&q, 12);
		c->hit.page_end = (int)column_int(&q, 13);
		c->title = column_copy(&q, 14);
		c->section = column_copy(&q, 15);
		c->body = column_copy(&q, 16);
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

/* Two words of the question that are found next to each other, in order. */
static double
pairs(const struct question *q, const struct found *in)
{
	double sum = 0, all = 0, weight;
	size_t i;
	int gap;

	for (i = 0; i + 1 < q->count; i++) {
		if (q->concept[i].is_context || q->concept[i + 1].is_context)
			continue;
		weight = (q->concept[i].weight + q->concept[i + 1].weight) / 2;
		all += weight;
		if (in[i].first < 0 || in[i + 1].first < 0)
			continue;
		gap = in[i + 1].first - in[i].first;
		if (gap >= -2 && gap <= 2)
			sum += gap > 0 ? weight : 0.7 * weight;
	}
	return all > 0 ? sum / all : 0;
}

/* The share of the words every question has that stand there too. */
static double
common_share(const struct question *q, const struct found *in)
{
	double sum = 0, all = 0;
	size_t i;

	for (i = 0; i < q->count; i++) {
		if (!q->concept[i].is_common)
			continue;
		all += q->concept[i].idf;
		sum += q->concept[i].idf * in[i].strength;
	}
	return all > 0 ? sum / all : 0;
}

/* The weight of a heading's content words, and of those the question has. */
struct heading {
	struct kb *kb;
	const struct question *q;
	const char *language;
	const struct found *found; /* in the whole heading */
	double words, asked;
};

/* The strength of a phrase that the heading has and a stem is a word of. */
static double
in_phrase(const struct heading *h, const char *stem, size_t len)
{
	const struct form *f;
	const char *p;
	size_t i, k, n;

	for (i = 0; i < h->q->count; i++)
		for (k = 0; k < h->q->concept[i].forms; k++) {
			f = &h->q->concept[i].form[k];
			if (f->words == 1 || f->strength > h->found[i].strength)
				continue;
			for (p = f->stems; *p != '\0'; p += n + (p[n] == ' ')) {
				n = strcspn(p, " ");
				if (n == len && memcmp(p, stem, n) == 0)
					return f->strength;
			}
		}
	return 0;
}

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
	if (best == 0)
		best = in_phrase(h, stem, n);
	weight = kb_idf(h->kb, stem, n);
	if (kb_is_weak(h->kb, copy))
		weight *= 0.5;
	h->words += weight;
	h->asked += weight * best;
}

static const char *
leaf_of(const struct kb_hit *h)
{
	const char *leaf = h->section, *next;

	while ((next = strstr(leaf, KB_SECTION_SEPARATOR)) != NULL)
		leaf = next + strlen(KB_SECTION_SEPARATOR);
	return *leaf != '\0' ? leaf : h->title;
}

/*
 * Found weight as a share of the question's own: what was said before helps,
 * and is not missed.
 */
static double
own_share(const struct question *q, double found)
{
	double all = 0;
	size_t i;

	for (i = 0; i < q->count; i++)
		if (!q->concept[i].is_context)
	all += q->concept[i].weight;
	return found < all ? found / all : all > 0;
}

/* The share of q's weight in ranking that is found. */
static double
share_of(const struct question *q, const struct found *in)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < q->count; i++)
	sum += q->concept[i].weight * in[i].strength;
	return own_share(q, sum);
}

/* BM25 of the most there can be; any is the best of the fields. */
static double
words_score(const struct question *q, const struct candidate *c,
    const double *weights, const double *average, struct found *any)
{
	const struct found *found;
	double sum = 0, tf, norm, b;
	size_t i, f;

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
		sum += q->concept[i].weight * any[i].strength * tf / (tf + K1);
	}
	return own_share(q, sum);
}

static void
score(struct kb *kb, const struct question *q, const char *language,
    struct candidate *c, const double *weights, const double *average)
{
	struct found any[CONCEPTS_MAX], leaf[CONCEPTS_MAX];
	struct heading h = { .kb = kb,
		.q = q,
		.language = c->hit.language,
		.found = leaf };
	const char *heading = leaf_of(&c->hit);
	double *x = c->hit.feature, recall, precision;
	size_t f;

	question_find_text(kb, q, heading, strlen(heading), c->hit.language,
	    leaf);
	analyse_words(heading, strlen(heading), heading_word, &h);
	recall = share_of(q, leaf);
	precision = h.words > 0 ? h.asked / h.words : 0;
	x[KB_WORDS] = words_score(q, c, weights, average, any);
	x[KB_COVERAGE] = question_coverage(q, any);
	x[KB_HEADING] = recall + precision > 0 ?
	    2 * recall * precision / (recall + precision) :
	    0;
	x[KB_HEADING_ASKED] = precision;
	x[KB_HEADING_COMMON] = common_share(q, leaf);
	x[KB_HEADING_PAIRS] = pairs(q, leaf);
	x[KB_BODY_PAIRS] = pairs(q, c->found + KB_BODY * q->count);
	x[KB_LANGUAGE] = strcmp(language, c->hit.language) == 0;
	c->hit.score = 0;
	for (f = 0; f < KB_FEATURES; f++)
		c->hit.score += feature_weights[f] * x[f];
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

	for (f = 0; f < KB_FEATURES; f++)
		buf_addf(&out, "%s %.2f%s", feature_names[f], c->hit.feature[f],
		    f + 1 < KB_FEATURES ? " " : ":");
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
	const char *language = language_detect(w.text, strlen(w.text));
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
			score(kb, q, language, &l.c[i], w.weights, average);
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
