/*
 * search - a question to the passages that answer it, best first
 *
 * The index gives the candidates: passages with any of the question's forms,
 * by BM25 over words that weigh by their field. They are ranked again here,
 * for the index knows words and we know concepts: a synonym counts once and
 * less, and so does a word that every question has. The score is a weighted
 * sum of features (kb/search.h), many of them of the innermost heading: in
 * help pages that is the question or its subject.
 *
 * Filters name documents; where they leave few passages the index is told
 * which, and where they leave many, what it finds is looked at.
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
#include "kb/retrieve.h"
#include "kb/vector.h"

#define K1 1.2
#define B_BODY 0.75
#define B_HEAD 0.3
#define COMMON_IN_INDEX 0.5 /* words that every question has, for candidates */
#define COMMON_IN_WORDS 0.4 /* the same in texts of any kind */
#define WEAK_IN_WORDS .9
#define LANGUAGE_PASSAGES 50 /* of a language that questions are taken under */
/* A page of the cache that is new costs more than the page's reading. */
#define FIRST_CACHE_KIB 128
#define CACHE_KIB 32000
/*
 * Of the sample's questions, with vectors that were as good as words, far worse
 * and far better: better than ranks (reciprocal, k = 60) at each of them.
 */
#define MEANING 3.0
#define OTHER_WORD .7 /* of a heading: its idf, of the most there is */
#define MANY 8	      /* places of texts to a text that is wanted, at most */
#define FEW 0.2	      /* share of all passages that filters leave, to be told */

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
 * For texts of any kind: chosen on questions about five sets of help pages and
 * on first sentences to be joined with the rest of their text. What is sure of
 * headings that are written as questions, and of all words being found, harms
 * where texts are long and questions are claims.
 *
 * For help pages: fitted (softmax regression, no weight below 0) on questions
 * about two sets of documents, a FAQ and a shop's help pages, to put a passage
 * of the right section first.
 */
static const double feature_weights[KB_RANKINGS][KB_FEATURES] = {
	[KB_RANK_TEXTS] = {
	    [KB_WORDS] = 6.4,
	    [KB_COVERAGE] = 0.7,
	    [KB_HEADING] = 1.2,
	    [KB_HEADING_ASKED] = 0, /* all of it in KB_HEADING */
	    [KB_HEADING_COMMON] = 0.5,
	    [KB_HEADING_PAIRS] = 0.5,
	    [KB_BODY_PAIRS] = 0.3,
	    [KB_LANGUAGE] = 1.0,
	    [KB_PHRASE] = 1.2,
	    [KB_LETTERS] = 0.6,
	    [KB_MEANING] = MEANING,
	},
	[KB_RANK_PAGES] = {
	    [KB_WORDS] = 6.4,
	    [KB_COVERAGE] = 4.4,
	    [KB_HEADING] = 4.5,
	    [KB_HEADING_ASKED] = 0,
	    [KB_HEADING_COMMON] = 2.3,
	    [KB_HEADING_PAIRS] = 0.9,
	    [KB_BODY_PAIRS] = 2.4,
	    [KB_LANGUAGE] = 2.0,
	    [KB_PHRASE] = 1.0,
	    [KB_LETTERS] = 1.0,
	    [KB_MEANING] = MEANING,
	},
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
	[KB_PHRASE] = "phrase",
	[KB_LETTERS] = "letters",
	[KB_MEANING] = "meaning",
};

static void
set_cache(struct kb *kb, int kib)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%d", kib);
	sqlite3_exec(db_handle(kb->db), sql, NULL, NULL, NULL);
}

int
kb_open(struct db *db, struct kb **ret)
{
	struct kb *kb = xcalloc(1, sizeof(*kb));
	bool begun;
	int code;

	kb->db = db;
	kb->data_version = -1;
	kb->cache_kib = CACHE_KIB;
	kb->analyser = analyser_new();
	set_cache(kb, FIRST_CACHE_KIB);
	begun = begin(kb);
	code = kb_refresh(kb);
	end(kb, begun);
	if (code < 0)
		kb_close(kb);
	else
		*ret = kb;
	return code;
}

void
kb_cache_kib(struct kb *kb, int kib)
{
	kb->cache_kib = kib;
}

static void
free_languages(struct kb *kb)
{
	char **l;
	size_t i;

	for (l = kb->languages; l != NULL && *l != NULL; l++)
		free(*l);
	free(kb->languages);
	kb->languages = NULL;
	for (i = 0; i < kb->rares; i++)
		free(kb->rare[i].tag);
	free(kb->rare);
	kb->rare = NULL;
	kb->rares = 0;
}

void
kb_close(struct kb *kb)
{
	if (kb == NULL)
		return;
	kb_free_words(kb);
	segments_release(&kb->segments);
	free_languages(kb);
	analyser_free(kb->analyser);
	buf_release(&kb->stems);
	buf_release(&kb->kept);
	buf_release(&kb->folded);
	buf_release(&kb->words);
	free(kb);
}

const char *const *
kb_languages(struct kb *kb)
{
	return (const char *const *)kb->languages;
}

/* The first language from from on, NULL if there is none, and its passages:
 * as many as there are, or enough. */
static int
read_language(struct kb *kb, const char *from, int64_t enough, char **ret,
    int64_t *ret_passages)
{
	struct query q = query(kb->db,
	    "SELECT language FROM passage WHERE language >= :from"
	    " ORDER BY language LIMIT :enough");
	char *tag = NULL;
	int64_t n = 0;

	bind_text(&q, ":from", from);
	bind_int(&q, ":enough", enough);
	while (step(&q) && (n == 0 || strcmp(tag, column_text(&q, 0)) == 0)) {
		if (n++ == 0)
			tag = column_copy(&q, 0);
	}
	*ret = tag;
	*ret_passages = n;
	return done(&q);
}

/* So many passages more in the language of tag, wherever it is spoken. */
static void
add_language(struct kb *kb, const char *tag, int64_t passages)
{
	size_t i;

	tag = language_plain(tag);
	for (i = 0; i < kb->rares; i++)
		if (strcmp(kb->rare[i].tag, tag) == 0) {
			kb->rare[i].passages += passages;
			return;
		}
	kb->rare = xrealloc(kb->rare, (kb->rares + 1) * sizeof(*kb->rare));
	kb->rare[kb->rares++] =
	    (struct rare_language){ xstrdup(tag), passages };
}

static int
read_languages(struct kb *kb)
{
	int64_t enough = kb->passages / 100, few;
	char *from = xstrdup(""), *tag = NULL;
	size_t i, n = 0, rares = 0;
	int code = 0;

	if (enough > LANGUAGE_PASSAGES)
		enough = LANGUAGE_PASSAGES;
	if (enough < 1)
		enough = 1;
	free_languages(kb);
	while ((code = read_language(kb, from, enough, &tag, &few)) == 0 &&
	    tag != NULL) {
		add_language(kb, tag, few);
		free(from);
		from = xformat("%s\001", tag);
		free(tag);
	}
	free(tag);
	free(from);
	/* Room for one more is left behind the end. */
	kb->languages = xcalloc(kb->rares + 2, sizeof(*kb->languages));
	for (i = 0; i < kb->rares; i++)
		if (kb->rare[i].passages >= enough)
			kb->languages[n++] = kb->rare[i].tag;
		else
			kb->rare[rares++] = kb->rare[i];
	kb->rares = rares;
	return code;
}

/* The tags of passages that one of ranges has, as a JSON array. */
static int
read_tags(struct kb *kb, const char *const *ranges, char **ret)
{
	json_t *array = json_array();
	char *from = xstrdup(""), *tag = NULL;
	const char *const *r;
	int64_t few;
	int code;

	while ((code = read_language(kb, from, 1, &tag, &few)) == 0 &&
	    tag != NULL) {
		for (r = ranges; *r != NULL && !language_in_range(tag, *r); r++)
			;
		if (*r != NULL)
			json_array_append_new(array, json_text_new(tag));
		free(from);
		from = xformat("%s\001", tag);
		free(tag);
	}
	free(tag);
	free(from);
	*ret = json_text(array);
	json_decref(array);
	return code;
}

static int
read_number(struct kb *kb, const char *sql, int64_t *ret)
{
	struct query q = query(kb->db, sql);

	if (step(&q))
		*ret = column_int(&q, 0);
	return done(&q);
}

/* Whether words stand in the same segments, whatever has died in them. */
static bool
same_segments(const struct segments *a, const struct segments *b)
{
	size_t i;

	for (i = 0; i < a->count && i < b->count; i++)
		if (a->segment[i].id != b->segment[i].id)
			return false;
	return a->count == b->count && a->count > 0;
}

int
kb_refresh(struct kb *kb)
{
	int own = sqlite3_total_changes(db_handle(kb->db));
	struct segments all;
	bool same;
	int64_t version = 0;
	int code = read_number(kb, "PRAGMA data_version", &version);

	/* data_version tells of others' changes only. */
	if (code < 0 || (version == kb->data_version && own == kb->own_changes))
		return code;
	code = segments_read(kb->db, &all);
	if (code < 0)
		return code;
	/* While documents are read there are many commits, and few segments:
	 * what is known of words stays good. */
	same = kb->data_version != -1 && same_segments(&all, &kb->segments);
	if (!same) {
		kb_free_words(kb);
		kb->data_version = -1;
	}
	segments_release(&kb->segments);
	kb->segments = all;
	kb->passages = all.passages;
	if (all.has_gap)
		return err_set(ERR_CONFIG,
		    "%s: the search index is not built yet: run frontdesk "
		    "upgrade",
		    db_path(kb->db));
	code = same ? 0 : read_languages(kb);
	if (code == 0) {
		if (!same)
			kb_load_words(kb);
		kb->data_version = version;
		kb->own_changes = own;
	}
	return code;
}

/* --- candidates --- */

struct candidate {
	struct kb_hit hit;
	bool has_same;
	unsigned char same[KB_SAME_BYTES]; /* see copies_hash() */
	size_t lengths[KB_FIELDS];	   /* words */
	struct found *found;		   /* a row a field */
	struct finding letters;
};

struct candidates {
	struct candidate *c;
	size_t count;
};

/* Words for the index, each once, its weights added up. */
struct index_words {
	struct retrieve_word *w;
	size_t count;
};

static void
add_index_word(struct index_words *l, const char *term, size_t len,
    double weight)
{
	size_t i;

	if (weight <= 0)
		return;
	for (i = 0; i < l->count; i++)
		if (l->w[i].len == len &&
		    memcmp(l->w[i].term, term, len) == 0) {
			/* Two forms of one concept, or a word in two. */
			if ((float)weight > l->w[i].weight)
				l->w[i].weight = (float)weight;
			return;
		}
	if ((l->count & (l->count - 1)) == 0)
		l->w = xrealloc(l->w,
		    (l->count > 0 ? 2 * l->count : 1) * sizeof(*l->w));
	l->w[l->count++] = (struct retrieve_word){ term, len, (float)weight };
}

/*
 * The question as the index takes it: the words of all forms. What a weak word
 * stands for finds much and says little: it is left to the ranking. Terms are
 * borrowed of q.
 */
static void
index_words(const struct question *q, struct index_words *ret)
{
	const struct concept *c;
	const struct form *f;
	bool names = false;
	double weight;
	const char *p;
	size_t i, k, n;

	for (i = 0; i < q->count; i++)
	names |= !q->concept[i].is_common && !q->concept[i].is_weak &&
	    q->concept[i].is_known;
	for (i = 0; i < q->count; i++) {
		c = &q->concept[i];
		weight = c->is_common ? COMMON_IN_INDEX * c->idf : c->weight;
		for (k = 0; k < c->forms; k++) {
			f = &c->form[k];
			if (f->df == 0 ||
			    (names && c->is_weak && f->strength < 1))
				continue;
			for (p = f->stems; *p != '\0'; p += n + (p[n] == ' ')) {
				n = strcspn(p, " ");
				add_index_word(ret, p, n,
				    weight * f->strength / (double)f->words);
			}
		}
	}
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

/* Filters as the statements take them, and what they leave. */
struct filters {
	bool any;
	char *collections, *documents, *languages, *sources;
	int64_t since_ms;
	bool few; /* rows is all they leave */
	int64_t *row;
	size_t rows;
};

/* Of document d. */
#define DOCUMENT_FILTERS                                            \
	" AND (:collections IS NULL OR d.collection IN"             \
	"  (SELECT value FROM json_each(:collections)))"            \
	" AND (:documents IS NULL OR d.id IN"                       \
	"  (SELECT value FROM json_each(:documents)))"              \
	" AND (:sources IS NULL OR EXISTS (SELECT 1"                \
	"  FROM json_each(:sources) WHERE value = d.source OR ("    \
	"  substr(value, -1) IN ('/', '*') AND substr(d.source, 1," \
	"  length(rtrim(value, '*'))) = rtrim(value, '*'))))"       \
	" AND d.changed_ms >= :since"
/* Of passage p. */
#define LANGUAGE_FILTER                             \
	" AND (:languages IS NULL OR p.language IN" \
	"  (SELECT value FROM json_each(:languages)))"

static void
bind_filters(struct query *q, const struct filters *f)
{
	bind_text(q, ":collections", f->collections);
	bind_text(q, ":documents", f->documents);
	bind_text(q, ":languages", f->languages);
	bind_text(q, ":sources", f->sources);
	bind_int(q, ":since", f->since_ms);
}

static void
filters_release(struct filters *f)
{
	free(f->collections);
	free(f->documents);
	free(f->languages);
	free(f->sources);
	free(f->row);
}

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int
read_filters(struct kb *kb, const struct kb_query *want, struct filters *f)
{
	struct query q;
	int64_t left = 0;
	size_t cap = 0;
	int code;

	memset(f, 0, sizeof(*f));
	f->collections = list_text(want->collections);
	f->documents = list_text(want->documents);
	f->sources = list_text(want->sources);
	f->since_ms = want->since_ms > 0 ? want->since_ms : INT64_MIN;
	f->any = f->collections != NULL || f->documents != NULL ||
	    want->languages != NULL || f->sources != NULL || want->since_ms > 0;
	if (!f->any)
		return 0;
	if (want->languages != NULL &&
	    (code = read_tags(kb, want->languages, &f->languages)) < 0)
		return code;
	if (f->languages == NULL) {
		q = query(kb->db,
		    "SELECT coalesce(sum(d.passages), 0) FROM document d"
		    " WHERE d.version > 0" DOCUMENT_FILTERS
		    " AND :languages IS NULL");
		bind_filters(&q, f);
		if (step(&q))
			left = column_int(&q, 0);
		if ((code = done(&q)) < 0)
			return code;
		if ((double)left > FEW * (double)kb->passages &&
		    left > KB_DEPTH_PAGES)
			return 0;
	}
	f->few = true;
	q = query(kb->db,
	    "SELECT p.row FROM document d JOIN passage p"
	    " ON p.document = d.id AND p.version = d.version"
	    " WHERE d.version > 0" DOCUMENT_FILTERS LANGUAGE_FILTER
	    " UNION SELECT p.row FROM document d JOIN passage_copy c"
	    " ON c.document = d.id AND c.version = d.version"
	    " JOIN passage p ON p.row = c.row"
	    " WHERE d.version > 0" DOCUMENT_FILTERS LANGUAGE_FILTER);
	bind_filters(&q, f);
	while (step(&q)) {
		if (f->rows == cap) {
			cap = cap > 0 ? 2 * cap : 256;
			f->row = xrealloc(f->row, cap * sizeof(*f->row));
		}
		f->row[f->rows++] = column_int(&q, 0);
	}
	if (f->rows > 0)
		qsort(f->row, f->rows, sizeof(*f->row), by_number);
	return done(&q);
}

#define CANDIDATE_COLUMNS                                \
	" d.id, d.collection, d.title, d.source, d.url," \
	" p.language, p.text, p.shape, p.same FROM "
#define CANDIDATE                                                                           \
	"SELECT p.id, p.section, p.start, p.\"end\", p.page, p.page_end," CANDIDATE_COLUMNS \
	"passage p"                                                                         \
	" JOIN document d ON d.id = p.document AND d.version = p.version"

/* The passage of a row at a place of it (columns 0 to 5 of the statement). */
static int
take_candidates(struct query *q, int64_t row, struct candidates *ret)
{
	const void *same;
	size_t len;
	struct candidate *c;

	while (step(q)) {
		if ((ret->count & (ret->count - 1)) == 0)
			ret->c = xrealloc(ret->c,
			    (ret->count ? 2 * ret->count : 1) *
				sizeof(*ret->c));
		c = &ret->c[ret->count++];
		memset(c, 0, sizeof(*c));
		c->hit.row = row;
		c->hit.passage = column_copy(q, 0);
		c->hit.section = column_copy(q, 1);
		c->hit.start = column_int(q, 2);
		c->hit.end = column_int(q, 3);
		c->hit.page = (int)column_int(q, 4);
		c->hit.page_end = (int)column_int(q, 5);
		c->hit.document = column_copy(q, 6);
		c->hit.collection = column_copy(q, 7);
		c->hit.title = column_copy(q, 8);
		c->hit.source = column_copy(q, 9);
		c->hit.url = column_copy(q, 10);
		c->hit.language = column_copy(q, 11);
		c->hit.text = column_copy(q, 12);
		c->hit.shape = column_copy(q, 13);
		same = column_blob(q, 14, &len);
		c->has_same = len == KB_SAME_BYTES;
		if (c->has_same)
			memcpy(c->same, same, KB_SAME_BYTES);
	}
	return done(q);
}

/* The passage of a row, if its version is the one that is found, and filters
 * let it through; by a copy, if not by its own place. */
static int
read_candidate(struct kb *kb, int64_t row, const struct filters *f,
    struct candidates *ret)
{
	size_t before = ret->count;
	struct query q = f->any ?
	    query(kb->db,
		CANDIDATE
		" WHERE p.row = :row" DOCUMENT_FILTERS LANGUAGE_FILTER) :
	    query(kb->db, CANDIDATE " WHERE p.row = :row");
	int code;

	bind_int(&q, ":row", row);
	if (f->any)
		bind_filters(&q, f);
	code = take_candidates(&q, row, ret);
	if (code < 0 || ret->count > before || !f->any)
		return code;
	q = query(kb->db,
	    "SELECT c.id, c.section, c.start, c.\"end\", c.page, c.page_end," CANDIDATE_COLUMNS
	    "passage_copy c JOIN passage p ON p.row = c.row"
	    " JOIN document d ON d.id = c.document AND d.version = c.version"
	    " WHERE c.row = :row" DOCUMENT_FILTERS LANGUAGE_FILTER
	    " ORDER BY c.copy LIMIT 1");
	bind_int(&q, ":row", row);
	bind_filters(&q, f);
	return take_candidates(&q, row, ret);
}

/* The hashes that begin as that of c's text does. */
static void
bind_same_text(struct query *q, const struct candidate *c,
    unsigned char first[KB_SAME_BYTES], unsigned char last[KB_SAME_BYTES])
{
	memset(first, 0, KB_SAME_BYTES);
	memset(last, 0xff, KB_SAME_BYTES);
	if (c->has_same) {
		memcpy(first, c->same, KB_SAME_TEXT_BYTES);
		memcpy(last, c->same, KB_SAME_TEXT_BYTES);
	} else
		first[0] = 0xff, last[0] = 0; /* none */
	bind_blob(q, ":first", first, KB_SAME_BYTES);
	bind_blob(q, ":last", last, KB_SAME_BYTES);
}

/* Whether the text of c stands in more than one place: most do not. */
static int
has_copies(struct kb *kb, const struct candidate *c, int64_t row)
{
	unsigned char first[KB_SAME_BYTES], last[KB_SAME_BYTES];
	struct query q = query(kb->db,
	    "SELECT 1 FROM passage_copy WHERE row = :row UNION ALL"
	    " SELECT 1 FROM passage WHERE same BETWEEN :first AND :last"
	    " AND row <> :row LIMIT 1");
	bool any;

	bind_same_text(&q, c, first, last);
	bind_int(&q, ":row", row);
	any = step(&q);
	return done(&q) < 0 ? q.code : any;
}

/* The other places of a hit, those under the same heading first. */
static int
read_also(struct kb *kb, const struct filters *f, const struct candidate *c,
    struct kb_hit *h)
{
	unsigned char first[KB_SAME_BYTES], last[KB_SAME_BYTES];
	struct kb_also *a;
	struct query q;
	int code = has_copies(kb, c, h->row);

	if (code <= 0)
		return code;
	q = query(kb->db,
	    "SELECT d.id, d.title, d.source, x.section, d.url FROM place x"
	    " JOIN passage p ON p.row = x.row"
	    " JOIN document d ON d.id = x.document AND d.version = x.version"
	    " WHERE x.row IN (SELECT :row UNION SELECT row FROM passage"
	    "  WHERE same BETWEEN :first AND :last)"
	    " AND NOT (x.document = :document AND x.start = :start)" DOCUMENT_FILTERS
		LANGUAGE_FILTER
	    " ORDER BY x.row <> :row, x.row, x.copy LIMIT :max");
	bind_same_text(&q, c, first, last);
	bind_int(&q, ":row", h->row);
	bind_text(&q, ":document", h->document);
	bind_int(&q, ":start", h->start);
	bind_int(&q, ":max", KB_ALSO_MAX);
	bind_filters(&q, f);
	while (step(&q)) {
		h->also = xrealloc(h->also, (h->nalso + 1) * sizeof(*h->also));
		a = &h->also[h->nalso++];
		a->document = column_copy(&q, 0);
		a->title = column_copy(&q, 1);
		a->source = column_copy(&q, 2);
		a->section = column_copy(&q, 3);
		a->url = column_copy(&q, 4);
	}
	return done(&q);
}

/*
 * The nearest max passages to the question's vector, as far as they are no
 * candidates yet, and how near each candidate is. Nothing without vectors of
 * its model.
 */
static int
near_candidates(struct kb *kb, const struct kb_query *want,
    const struct filters *f, size_t max, struct candidates *ret)
{
	const struct retrieve_rows rows = { f->row, f->rows };
	struct vector_model m = { 0 };
	struct retrieved *near = NULL;
	size_t k = max, n = 0, i = 0, c, before = ret->count;
	float *v = NULL, score, least;
	int code = vector_searched(kb->db, &m);

	if (code == 1 && strcmp(m.name, want->model) == 0) {
		v = xmalloc(want->dimensions * sizeof(*v));
		memcpy(v, want->vector, want->dimensions * sizeof(*v));
		if (want->dimensions != m.dimensions)
			code = err_set(ERR_USAGE,
			    "the vector has %zu numbers, those of %s have %zu",
			    want->dimensions, m.name, m.dimensions);
		else if (vector_normalise(v, m.dimensions) < 0)
			code = err_set(ERR_USAGE, "the vector is %s",
			    err_reason());
		else
			code = 0;
	}
	while (code == 0 && v != NULL) {
		free(near);
		near = xcalloc(k, sizeof(*near));
		code = vector_search(kb->db, &m, v, f->few ? &rows : NULL, k, 0,
		    near, &n);
		for (; i < n && ret->count < before + max && code == 0; i++) {
			for (c = 0;
			     c < ret->count && ret->c[c].hit.row != near[i].row;
			     c++)
				;
			if (c == ret->count)
				code = read_candidate(kb, near[i].row, f, ret);
		}
		/* Filters may have left most of them out. */
		if (i >= max || n < k || f->few || !f->any)
			break;
		k *= 4;
	}
	for (c = 0; c < ret->count && code >= 0 && n > 0; c++) {
		code = vector_cosine(kb->db, &m, v, ret->c[c].hit.row, &score);
		least = near[(n < max ? n : max) - 1].score;
		if (code == 1 && score > least)
			ret->c[c].hit.feature[KB_MEANING] =
			    (double)(score - least) /
			    (double)(near[0].score - least);
		else if (code == 1 && score >= least && n == 1)
			ret->c[c].hit.feature[KB_MEANING] = 1;
	}
	free(near);
	free(v);
	vector_model_release(&m);
	return code < 0 ? code : 0;
}

static bool
is_same_text(const struct candidate *a, const struct candidate *b)
{
	return a->has_same && b->has_same &&
	    memcmp(a->same, b->same, KB_SAME_TEXT_BYTES) == 0;
}

/* Whether one of the first n has the text of c, under another heading. */
static bool
is_told(const struct candidate *all, size_t n, const struct candidate *c)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (is_same_text(&all[i], c))
			return true;
	return false;
}

/*
 * The first candidates, of max texts. The index may find passages that are not
 * found any more or not yet, or that filters leave out, or one text under many
 * headings: then it is asked for more.
 */
static int
read_candidates(struct kb *kb, const struct filters *f,
    const struct index_words *words, size_t max, struct candidates *ret)
{
	struct retrieved *found = NULL;
	size_t k = max, n = 0, i = 0, texts = 0, before;
	int code = 0;
	struct retrieve_rows rows = { f->row, f->rows };

	while (code == 0 && words->count > 0) {
		free(found);
		found = xcalloc(k, sizeof(*found));
		n = 0;
		code = retrieve(kb->db, &kb->segments, words->w, words->count,
		    f->few ? &rows : NULL, k, 0, found, &n);
		/* The first ones are the same as before. */
		for (; i < n && texts < max && ret->count < MANY * max &&
		     code == 0;
		     i++) {
			before = ret->count;
			code = read_candidate(kb, found[i].row, f, ret);
			if (ret->count > before &&
			    !is_told(ret->c, before, &ret->c[before]))
				texts++;
		}
		if (texts >= max || ret->count >= MANY * max || n < k)
			break;
		k *= 4;
	}
	free(found);
	return code;
}

static void
hit_release(struct kb_hit *h)
{
	size_t i;

	free(h->passage);
	free(h->document);
	free(h->collection);
	free(h->title);
	free(h->source);
	free(h->url);
	free(h->section);
	free(h->language);
	free(h->text);
	free(h->shape);
	free(h->explain);
	for (i = 0; i < h->nalso; i++) {
		free(h->also[i].document);
		free(h->also[i].title);
		free(h->also[i].source);
		free(h->also[i].section);
		free(h->also[i].url);
	}
	free(h->also);
}

static void
candidates_release(struct candidates *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		hit_release(&l->c[i].hit);
		free(l->c[i].found);
	}
	free(l->c);
}

/* --- ranking --- */

static void
find_all(struct kb *kb, const struct question *q, struct candidates *l,
    double average[])
{
	size_t i, f;
	struct candidate *c;

	for (f = 0; f < KB_FIELDS; f++)
		average[f] = 1;
	for (i = 0; i < l->count; i++) {
		const char *text[KB_FIELDS] = { l->c[i].hit.title,
			l->c[i].hit.section, l->c[i].hit.text };

		c = &l->c[i];
		c->found = xcalloc(KB_FIELDS * q->count, sizeof(*c->found));
		for (f = 0; f < KB_FIELDS; f++) {
			c->lengths[f] = question_find_all(kb, q,
			    text[f] != NULL ? text[f] : "",
			    text[f] != NULL ? strlen(text[f]) : 0,
			    c->hit.language, c->found + f * q->count,
			    &c->letters);
			average[f] += (double)c->lengths[f];
		}
	}
	for (f = 0; f < KB_FIELDS && l->count > 0; f++)
		average[f] /= (double)l->count;
}

/* Words in a row as asked, in any field: BM25 of the most there can be. */
static double
phrase_score(const struct question *q, const struct candidate *c,
    const double *weights)
{
	double sum = 0, all = 0, weight, tf;
	size_t i, f;

	for (i = 0; i + 1 < q->count; i++) {
		if (q->concept[i].is_context || q->concept[i + 1].is_context)
			continue;
		weight = q->concept[i].weight + q->concept[i + 1].weight;
		all += weight;
		tf = 0;
		for (f = 0; f < KB_FIELDS; f++)
			tf += weights[f] * c->found[f * q->count + i].pairs;
		sum += weight * tf / (tf + K1);
	}
	return all > 0 ? sum / all : 0;
}

/* No other word than those every question has. */
static bool
is_beside(const struct question *q, const struct candidate *c)
{
	const struct found *found;
	size_t i, f;

	for (i = 0; i < q->count; i++)
		for (f = 0; f < KB_FIELDS && !q->concept[i].is_common; f++) {
			found = &c->found[f * q->count + i];
			if (found->strength > 0 || found->parts > 0)
				return false;
		}
	return true;
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
	enum kb_ranking ranking;
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
	const struct concept *concept = NULL;
	char copy[KB_WORD_MAX_BYTES + 1];
	double best = 0, weight;
	const char *stem;
	size_t i, n;

	if (len > KB_WORD_MAX_BYTES || (*word >= '0' && *word <= '9'))
		return;
	memcpy(copy, word, len);
	copy[len] = '\0';
	if (kb_is_common(h->kb, copy, h->language))
		return;
	question_find_word(h->kb, h->q, copy, len, h->language, found);
	for (i = 0; i < h->q->count; i++)
		if (found[i].strength > best || found[i].parts > 0) {
			best = found[i].parts > 0 ? 1 : found[i].strength;
			concept = &h->q->concept[i];
		}
	stem = analyse_stem(h->kb->analyser, copy, len, h->language, &n);
	if (best == 0)
		best = in_phrase(h, stem, n);
	/* How rare each word is would be many look-ups more. */
	weight = h->ranking == KB_RANK_PAGES ? kb_idf(h->kb, stem, n) :
	    concept != NULL		     ? concept->idf :
					       OTHER_WORD * h->q->rarest;
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

/*
 * What a word weighs where nothing but words is looked at. What every question
 * has ("when", "not") still tells one text from another.
 */
static double
plain_weight(const struct concept *c, enum kb_ranking ranking)
{
	if (ranking == KB_RANK_PAGES || c->is_context)
		return c->weight;
	return c->is_common ? COMMON_IN_WORDS * c->idf :
	    c->is_weak	    ? WEAK_IN_WORDS * c->idf :
			      c->weight;
}

/* BM25 of the most there can be; any is the best of the fields. */
static double
words_score(const struct question *q, const struct candidate *c,
    enum kb_ranking ranking, const double *weights, const double *average,
    struct found *any)
{
	const struct found *found;
	double sum = 0, all = 0, tf, norm, b;
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
		sum += plain_weight(&q->concept[i], ranking) * any[i].strength *
		    tf / (tf + K1);
		if (!q->concept[i].is_context)
			all += plain_weight(&q->concept[i], ranking);
	}
	return sum < all ? sum / all : all > 0;
}

/* Unless both are known and differ, they are the same. */
static bool
is_of(const char *asked, const char *language)
{
	return strcmp(asked, language_plain(language)) == 0 ||
	    strcmp(asked, "und") == 0 || strcmp(language, "und") == 0;
}

/* The most that score_heading() adds. */
static double
heading_most(enum kb_ranking ranking)
{
	const double *w = feature_weights[ranking];

	return w[KB_HEADING] + w[KB_HEADING_ASKED] + w[KB_HEADING_COMMON] +
	    w[KB_HEADING_PAIRS];
}

static void
add_up(struct candidate *c, enum kb_ranking ranking)
{
	size_t f;

	c->hit.score = 0;
	for (f = 0; f < KB_FEATURES; f++)
		c->hit.score += feature_weights[ranking][f] * c->hit.feature[f];
	c->hit.words = c->hit.score -
	    feature_weights[ranking][KB_MEANING] * c->hit.feature[KB_MEANING];
}

/* What the innermost heading adds: each of its words is looked up. */
static void
score_heading(struct kb *kb, const struct question *q, struct candidate *c,
    enum kb_ranking ranking)
{
	struct found leaf[CONCEPTS_MAX];
	struct heading h = { .kb = kb,
		.ranking = ranking,
		.q = q,
		.language = c->hit.language,
		.found = leaf };
	const char *heading = leaf_of(&c->hit);
	double *x = c->hit.feature, recall, precision;
	bool has_any = false;
	size_t i;

	question_find_text(kb, q, heading, strlen(heading), c->hit.language,
	    leaf);
	/* Without a word of the question it says nothing of it. */
	for (i = 0; i < q->count; i++)
		has_any |= leaf[i].strength > 0 || leaf[i].parts > 0;
	if (!has_any)
		return;
	analyse_words(heading, strlen(heading), heading_word, &h);
	recall = share_of(q, leaf);
	precision = h.words > 0 ? h.asked / h.words : 0;
	x[KB_HEADING] = recall + precision > 0 ?
	    2 * recall * precision / (recall + precision) :
	    0;
	x[KB_HEADING_ASKED] = precision;
	x[KB_HEADING_COMMON] = common_share(q, leaf);
	x[KB_HEADING_PAIRS] = pairs(q, leaf);
	add_up(c, ranking);
}

/* All but what the heading adds. */
static void
score_words(const struct question *q, const char *language, struct candidate *c,
    enum kb_ranking ranking, const double *weights, const double *average)
{
	struct found any[CONCEPTS_MAX];
	double *x = c->hit.feature;

	x[KB_WORDS] = words_score(q, c, ranking, weights, average, any);
	x[KB_COVERAGE] = question_coverage(q, any);
	x[KB_BODY_PAIRS] = pairs(q, c->found + KB_BODY * q->count);
	x[KB_LANGUAGE] = ranking == KB_RANK_PAGES ?
	    strcmp(language, language_plain(c->hit.language)) == 0 :
	    is_of(language, c->hit.language);
	x[KB_PHRASE] = phrase_score(q, c, weights);
	x[KB_LETTERS] = question_letters(q, &c->letters);
	add_up(c, ranking);
}

static int
by_score(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->hit.score != y->hit.score)
		return x->hit.score < y->hit.score ? 1 : -1;
	return x->hit.row < y->hit.row ? -1 : x->hit.row > y->hit.row;
}

/* What each feature is and weighs, then the words. */
static char *
explain(const struct question *q, const struct candidate *c,
    enum kb_ranking ranking)
{
	static const char *const names[] = { "title", "section", "body" };
	struct buf out = BUF_INIT(0);
	size_t i, f;

	for (f = 0; f < KB_FEATURES; f++)
		buf_addf(&out, "%s %.2f*%g%s", feature_names[f],
		    c->hit.feature[f], feature_weights[ranking][f],
		    f + 1 < KB_FEATURES ? " " : ":");
	for (i = 0; i < q->count; i++) {
		buf_addf(&out, " %s", q->concept[i].word);
		if (q->concept[i].meant != NULL)
			buf_addf(&out, "~%s", q->concept[i].meant);
		buf_addf(&out, "(%.2f", q->concept[i].weight);
		for (f = 0; f < KB_FIELDS; f++)
			if (c->found[f * q->count + i].tf > 0)
				buf_addf(&out, " %s %.1f", names[f],
				    c->found[f * q->count + i].tf);
		buf_adds(&out, q->concept[i].is_known ? ")" : " unknown)");
	}
	return buf_detach(&out);
}

/* The language of a question; of no matter where texts are of one alone. */
static const char *
language_of(const struct kb *kb, const struct question *q,
    const struct kb_query *query)
{
	const char *one =
	    query->ranking == KB_RANK_TEXTS ? kb_one_language(kb) : NULL;

	if (one != NULL)
		return one;
	return q->language != NULL ?
	    q->language :
	    language_detect(query->text, strlen(query->text));
}

static int
ranked(struct kb *kb, const struct kb_query *query, struct kb_hits **ret)
{
	struct candidates l = { NULL, 0 };
	struct kb_query w = *query;
	struct question *q = NULL;
	struct kb_hits *hits;
	double average[KB_FIELDS];
	struct index_words words = { NULL, 0 };
	struct filters filters;
	const char *language;
	bool asks = false;
	double last = 0;
	size_t i, f, n;
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
	language = language_of(kb, q, &w);
	index_words(q, &words);
	if (w.depth <= 0)
		w.depth = w.ranking == KB_RANK_PAGES ? KB_DEPTH_PAGES :
						       w.limit + KB_DEPTH_MORE;
	/* The last of many are put in order too, and some that come in. */
	if (w.depth < w.limit + KB_DEPTH_MORE)
		w.depth = w.limit + KB_DEPTH_MORE;
	code = read_filters(kb, &w, &filters);
	if (code == 0)
		code =
		    read_candidates(kb, &filters, &words, (size_t)w.depth, &l);
	if (code == 0 && w.vector != NULL)
		code = near_candidates(kb, &w, &filters, (size_t)w.depth, &l);
	free(words.w);
	if (code == 0) {
		find_all(kb, q, &l, average);
		/* Common words alone are better than nothing, and no answer
		 * where the question says more. */
		for (i = 0; i < q->count; i++)
		asks |= !q->concept[i].is_common && q->concept[i].is_known;
		for (i = n = 0; i < l.count; i++) {
			if (asks && l.c[i].hit.feature[KB_MEANING] <= 0 &&
			    is_beside(q, &l.c[i])) {
				hit_release(&l.c[i].hit);
				free(l.c[i].found);
				continue;
			}
			score_words(q, language, &l.c[i], w.ranking, w.weights,
			    average);
			l.c[n++] = l.c[i];
		}
		l.count = n;
		if (l.count > 0)
			qsort(l.c, l.count, sizeof(*l.c), by_score);
		/* The first ones, and then what a heading can lift above the
		 * last of them. */
		for (i = 0; i < l.count && i < (size_t)w.limit; i++) {
			score_heading(kb, q, &l.c[i], w.ranking);
			if (i == 0 || l.c[i].hit.score < last)
				last = l.c[i].hit.score;
		}
		last -= heading_most(w.ranking);
		for (; i < l.count && l.c[i].hit.score >= last; i++)
			score_heading(kb, q, &l.c[i], w.ranking);
		if (l.count > 0)
			qsort(l.c, l.count, sizeof(*l.c), by_score);
		hits = xcalloc(1, sizeof(*hits));
		hits->hit = xcalloc((size_t)w.limit, sizeof(*hits->hit));
		for (i = 0; i < l.count && hits->count < (size_t)w.limit; i++) {
			if (is_told(l.c, i, &l.c[i]))
				continue;
			l.c[i].hit.rank = (int)hits->count + 1;
			if (w.explain)
				l.c[i].hit.explain =
				    explain(q, &l.c[i], w.ranking);
			hits->hit[hits->count++] = l.c[i].hit;
			memset(&l.c[i].hit, 0, sizeof(l.c[i].hit));
			if (code == 0)
				code = read_also(kb, &filters, &l.c[i],
				    &hits->hit[hits->count - 1]);
		}
		if (code == 0)
			*ret = hits;
		else
			kb_hits_free(hits);
	}
	filters_release(&filters);
	candidates_release(&l);
	question_free(q);
	return code;
}

int
kb_search(struct kb *kb, const struct kb_query *query, struct kb_hits **ret)
{
	bool begun;
	int code;

	/* Pages that one question reads are read by the next one too. */
	if (kb->questions++ == 1)
		set_cache(kb, kb->cache_kib);
	begun = begin(kb);
	code = ranked(kb, query, ret);
	end(kb, begun);
	return code;
}

/* --- the rest --- */

/* An array of the ids in hits, as statements take it; the caller frees. */
static char *
ids_of(const struct kb_hits *hits, bool documents)
{
	json_t *array = json_array();
	char *text;
	size_t i;

	for (i = 0; i < hits->count; i++)
		json_array_append_new(array,
		    json_text_new(documents ? hits->hit[i].document :
					      hits->hit[i].passage));
	text = json_text(array);
	json_decref(array);
	return text;
}

static void
take_rest(struct query *q, struct kb_hits *ret)
{
	struct kb_hit *h = &ret->hit[ret->count++];

	h->row = column_int(q, 0);
	h->passage = column_copy(q, 1);
	h->document = column_copy(q, 2);
	h->collection = column_copy(q, 3);
	h->title = column_copy(q, 4);
	h->source = column_copy(q, 5);
	h->url = column_copy(q, 6);
	h->section = column_copy(q, 7);
	h->language = column_copy(q, 8);
	h->start = column_int(q, 9);
	h->end = column_int(q, 10);
	h->text = column_copy(q, 11);
	h->shape = column_copy(q, 12);
}

/* Which of them where there are too many. */
enum rest { REST_ALL, REST_OF_HITS, REST_FIRST };

/* 1: there are more than are wanted. */
static int
read_rest(struct kb *kb, const struct filters *f, const struct kb_hits *hits,
    enum rest which, struct kb_hits *ret)
{
	struct query q = query(kb->db,
	    "SELECT p.row, p.id, d.id, d.collection, coalesce(d.title, ''),"
	    " d.source, d.url, p.section, p.language, p.start, p.\"end\","
	    " p.text, p.shape FROM document d JOIN passage p"
	    " ON p.document = d.id AND p.version = d.version"
	    " WHERE d.version > 0" DOCUMENT_FILTERS LANGUAGE_FILTER
	    " AND p.id NOT IN (SELECT value FROM json_each(:passages))"
	    " AND (:which <> 1 OR d.id IN"
	    "  (SELECT value FROM json_each(:of)))"
	    " AND (:which <> 2 OR p.ordinal = 1)"
	    " ORDER BY d.id IN (SELECT value FROM json_each(:of)) DESC,"
	    " d.id, p.ordinal LIMIT :most");
	char *passages = ids_of(hits, false), *of = ids_of(hits, true);
	bool more = false;
	int code;

	bind_filters(&q, f);
	bind_text(&q, ":passages", passages);
	bind_text(&q, ":of", of);
	bind_int(&q, ":which", which);
	bind_int(&q, ":most", KB_REST_MAX + 1);
	while (step(&q)) {
		more = ret->count == KB_REST_MAX;
		if (!more)
			take_rest(&q, ret);
	}
	code = done(&q);
	free(passages);
	free(of);
	return code < 0 ? code : more;
}

static void
hits_empty(struct kb_hits *hits)
{
	while (hits->count > 0)
		hit_release(&hits->hit[--hits->count]);
}

int
kb_rest(struct kb *kb, const struct kb_query *query, const struct kb_hits *hits,
    struct kb_hits **ret)
{
	struct kb_hits *rest = xcalloc(1, sizeof(*rest));
	struct filters filters;
	bool begun = begin(kb);
	int code = read_filters(kb, query, &filters);

	rest->hit = xcalloc(KB_REST_MAX, sizeof(*rest->hit));
	if (code == 0)
		code = read_rest(kb, &filters, hits, REST_ALL, rest);
	if (code == 1) {
		hits_empty(rest);
		code = read_rest(kb, &filters, hits,
		    hits->count > 0 ? REST_OF_HITS : REST_FIRST, rest);
	}
	filters_release(&filters);
	end(kb, begun);
	if (code < 0) {
		kb_hits_free(rest);
		return code;
	}
	*ret = rest;
	return 0;
}

void
kb_hits_move(struct kb_hits *hits, struct kb_hits *from, size_t i)
{
	struct kb_hit *h = &hits->hit[hits->count++];

	*h = from->hit[i];
	h->rank = (int)hits->count;
	memset(&from->hit[i], 0, sizeof(from->hit[i]));
}

void
kb_hits_cut(struct kb_hits *hits, double least)
{
	while (hits->count > 0 && hits->hit[hits->count - 1].confidence < least)
		hit_release(&hits->hit[--hits->count]);
}

void
kb_hits_keep(struct kb_hits *hits, size_t n)
{
	while (hits->count > n)
		hit_release(&hits->hit[--hits->count]);
}

const char **
kb_collections(struct db *db)
{
	struct query q = query(db,
	    "SELECT DISTINCT collection FROM document ORDER BY collection");
	const char **ret = xcalloc(1, sizeof(*ret));
	size_t n = 0;

	while (step(&q)) {
		ret = xrealloc(ret, (n + 2) * sizeof(*ret));
		ret[n++] = column_copy(&q, 0);
		ret[n] = NULL;
	}
	done(&q);
	return ret;
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
