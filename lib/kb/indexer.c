/* indexer - passages to the words that the index keeps of them */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "kb/indexer.h"
#include "kb/segment.h"

#define BUILD_BYTES (64 << 20)
#define BUILD_ROWS 500 /* read at once: no snapshot lasts long */

#define KEY_WORDS 3
#define KEY_BYTES (KEY_WORDS * 8 - 2) /* of a word; longer ones are few */
#define TABLE_MIN 4096
#define TABLE_MAX (1 << 19) /* 16 MiB: what is more begins anew */
#define LANGUAGES_MAX 64

/*
 * A word as it stands in texts of a language, and the number its stem has in
 * the segment: half a line of the processor's cache, and one look at it is all
 * that most words cost.
 */
struct known {
	uint64_t key[KEY_WORDS]; /* the word, zeros, its length, its language */
	uint32_t term;		 /* from 1; 0: free */
	uint32_t hash;
};

/* A word of the passage at hand. */
struct token {
	uint64_t key[KEY_WORDS];
	uint32_t hash, term; /* term: from 1; 0: it is to be found */
	unsigned weight;
};

struct indexer {
	struct analyser *analyser;
	struct segment_writer *writer;
	const char *language; /* of the passage at hand */
	unsigned tag;	      /* its number; LANGUAGES_MAX: none is left */
	unsigned weight;      /* of the field at hand */
	struct known *known;
	size_t slots, used; /* slots: a power of two */
	struct token *token;
	size_t ntokens, tokens_cap;
	char *languages[LANGUAGES_MAX];
	unsigned nlanguages;
};

struct indexer *
indexer_new(struct analyser *a)
{
	struct indexer *x = xcalloc(1, sizeof(*x));

	x->analyser = a;
	x->writer = segment_writer_new();
	return x;
}

/* The numbers of words are those of a segment. */
static void
forget_words(struct indexer *x)
{
	free(x->known);
	x->known = NULL;
	x->slots = x->used = 0;
}

void
indexer_free(struct indexer *x)
{
	unsigned i;

	if (x == NULL)
		return;
	forget_words(x);
	free(x->token);
	for (i = 0; i < x->nlanguages; i++)
		free(x->languages[i]);
	segment_writer_free(x->writer);
	free(x);
}

static void
set_language(struct indexer *x, const char *language)
{
	x->language = language;
	for (x->tag = 0; x->tag < x->nlanguages; x->tag++)
		if (strcmp(x->languages[x->tag], language) == 0)
			return;
	if (x->nlanguages < LANGUAGES_MAX)
		x->languages[x->nlanguages++] = xstrdup(language);
}

static void
grow_known(struct indexer *x)
{
	struct known *old = x->known;
	size_t slots = x->slots, i, at;

	if (slots == TABLE_MAX) {
		memset(old, 0, slots * sizeof(*old));
		x->used = 0;
		return;
	}

	x->slots = slots > 0 ? 2 * slots : TABLE_MIN;
	x->known = xmalloc_huge(x->slots * sizeof(*x->known));
	memset(x->known, 0, x->slots * sizeof(*x->known));
	for (i = 0; i < slots; i++) {
		if (old[i].term == 0)
			continue;
		at = old[i].hash & (x->slots - 1);
		while (x->known[at].term != 0)
			at = (at + 1) & (x->slots - 1);
		x->known[at] = old[i];
	}
	free(old);
}

static uint32_t
term_of(struct indexer *x, const char *word, size_t len)
{
	size_t n;
	const char *stem =
	    analyse_stem(x->analyser, word, len, x->language, &n);

	return segment_writer_term(x->writer, stem, n);
}

static struct token *
new_token(struct indexer *x)
{
	struct token *t;

	if (x->ntokens == x->tokens_cap) {
		x->tokens_cap = x->tokens_cap > 0 ? 2 * x->tokens_cap : 256;
		x->token =
		    xrealloc(x->token, x->tokens_cap * sizeof(*x->token));
	}
	t = &x->token[x->ntokens++];
	t->weight = x->weight;
	t->term = 0;
	return t;
}

static void
add_word(void *ctx, const char *word, size_t len)
{
	struct indexer *x = ctx;
	struct token *t = new_token(x);
	uint64_t h;

	if (len > KEY_BYTES || x->tag == LANGUAGES_MAX) {
		t->term = term_of(x, word, len) + 1;
		return;
	}
	memset(t->key, 0, sizeof(t->key));
	memcpy(t->key, word, len);
	t->key[KEY_WORDS - 1] |= (uint64_t)len << 48 | (uint64_t)x->tag << 56;
	h = (t->key[0] ^ t->key[1] * UINT64_C(0x9e3779b97f4a7c15) ^
		t->key[2] * UINT64_C(0xc2b2ae3d27d4eb4f)) *
	    UINT64_C(0xff51afd7ed558ccd);
	t->hash = (uint32_t)(h ^ h >> 32);
	__builtin_prefetch(&x->known[t->hash & (x->slots - 1)]);
}

static void
find_term(struct indexer *x, struct token *t)
{
	struct known *k;
	size_t at;

	for (at = t->hash & (x->slots - 1);; at = (at + 1) & (x->slots - 1)) {
		k = &x->known[at];
		if (k->term == 0)
			break;
		if (k->key[0] == t->key[0] && k->key[1] == t->key[1] &&
		    k->key[2] == t->key[2]) {
			t->term = k->term;
			return;
		}
	}
	t->term = term_of(x, (const char *)t->key,
		      (size_t)(t->key[KEY_WORDS - 1] >> 48 & 255)) +
	    1;
	memcpy(k->key, t->key, sizeof(k->key));
	k->hash = t->hash;
	k->term = t->term;
	if (++x->used > x->slots / 4 * (x->slots < TABLE_MAX ? 2 : 3))
		grow_known(x);
}

/*
 * Words are far apart in memory, and waiting for it is most of the work: all
 * words of a passage are asked for before the first of them is used.
 */
static void
count_tokens(struct indexer *x)
{
	size_t i;

	for (i = 0; i < x->ntokens; i++) {
		if (x->token[i].term == 0)
			find_term(x, &x->token[i]);
		segment_writer_soon(x->writer, x->token[i].term - 1);
	}
	for (i = 0; i < x->ntokens; i++)
		segment_writer_count(x->writer, x->token[i].term - 1,
		    x->token[i].weight);
	x->ntokens = 0;
}

static void
add_field(struct indexer *x, const char *text, unsigned weight)
{
	x->weight = weight;
	analyse_text(text, strlen(text), x->language, add_word, x);
}

void
indexer_add(struct indexer *x, int64_t row, const char *title,
    const char *section, const char *text, const char *language)
{
	if (x->slots == 0)
		grow_known(x);
	segment_writer_passage(x->writer, row);
	set_language(x, language);
	add_field(x, title != NULL ? title : "", INDEXER_TITLE);
	add_field(x, section, INDEXER_SECTION);
	add_field(x, text, 1);
	count_tokens(x);
}

size_t
indexer_bytes(const struct indexer *x)
{
	return segment_writer_bytes(x->writer) + x->slots * sizeof(*x->known);
}

int
indexer_write(struct indexer *x, struct db *kb, int64_t gap_to,
    struct worker *worker)
{
	forget_words(x);
	return segment_writer_write(x->writer, kb, gap_to, worker);
}

/* --- after an upgrade --- */

/* Some passages after row *at up to last; *at is the last one then. 0: none. */
static int
add_some(struct db *kb, struct indexer *x, int64_t *at, int64_t last)
{
	struct query q = query(kb,
	    "SELECT p.row, d.title, p.section, p.text, p.language"
	    " FROM passage p LEFT JOIN document d ON d.id = p.document"
	    " WHERE p.row > :at AND p.row <= :last ORDER BY p.row LIMIT :max");
	int n = 0, code;

	bind_int(&q, ":at", *at);
	bind_int(&q, ":last", last);
	bind_int(&q, ":max", BUILD_ROWS);
	while (step(&q)) {
		*at = column_int(&q, 0);
		indexer_add(x, *at, column_text(&q, 1), column_text(&q, 2),
		    column_text(&q, 3), column_text(&q, 4));
		n++;
	}
	code = done(&q);
	return code < 0 ? code : n;
}

static int
find_gap(struct db *kb, int64_t *ret_first, int64_t *ret_last)
{
	struct query q = query(kb,
	    "SELECT first, last FROM segment_gap ORDER BY first LIMIT 1");
	bool found = step(&q);
	int code;

	if (found) {
		*ret_first = column_int(&q, 0);
		*ret_last = column_int(&q, 1);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

int
kb_index_build(struct db *kb)
{
	int64_t first = 0, last = 0, at;
	struct analyser *a = NULL;
	struct indexer *x = NULL;
	int code, got = 0;

	while ((code = find_gap(kb, &first, &last)) == 1) {
		if (a == NULL) {
			a = analyser_new();
			x = indexer_new(a);
		}
		at = first - 1;
		while ((got = add_some(kb, x, &at, last)) > 0 &&
		    indexer_bytes(x) < BUILD_BYTES)
			;
		code = got < 0 ?
		    got :
		    indexer_write(x, kb, got == 0 ? last : at, NULL);
		if (code < 0)
			break;
	}
	if (code == 0 && a != NULL)
		code = segment_merge(kb);
	indexer_free(x);
	analyser_free(a);
	return code;
}

/* --- check --- */

/* What a word's posting must be, folded into one number for all of them: the
 * order of postings is the same on both sides. */
struct sum {
	uint64_t hash;
	size_t count;
};

static int
add_to_sum(void *ctx, const char *term, size_t len, int64_t row, unsigned tf)
{
	struct sum *s = ctx;
	uint64_t h = s->hash;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)term[i]) * UINT64_C(1099511628211);
	h = (h ^ (uint64_t)row) * UINT64_C(1099511628211);
	h = (h ^ tf) * UINT64_C(1099511628211);
	s->hash = h;
	s->count++;
	return 0;
}

static int
add_rows(struct db *kb, struct indexer *x, const struct segment *s,
    size_t *ret_rows)
{
	struct query q = query(kb,
	    "SELECT p.row, d.title, p.section, p.text, p.language"
	    " FROM passage p LEFT JOIN document d ON d.id = p.document"
	    " WHERE p.row BETWEEN :first AND :last ORDER BY p.row");
	uint32_t local;

	*ret_rows = 0;
	bind_int(&q, ":first", s->first_row);
	bind_int(&q, ":last", s->last_row);
	while (step(&q)) {
		if (!segment_local(s, column_int(&q, 0), &local))
			continue;
		indexer_add(x, column_int(&q, 0), column_text(&q, 1),
		    column_text(&q, 2), column_text(&q, 3), column_text(&q, 4));
		++*ret_rows;
	}
	return done(&q);
}

static int
check_segment(struct db *kb, const struct segment *s)
{
	struct analyser *a = analyser_new();
	struct indexer *x = indexer_new(a);
	struct sum want = { 0, 0 }, got = { 0, 0 };
	size_t rows = 0;
	int code = add_rows(kb, x, s, &rows);

	if (code == 0 && rows != s->passages - s->dead)
		code = err_set(ERR_DATA,
		    "segment %lld has %u passages, the base %zu of them",
		    (long long)s->id, (unsigned)(s->passages - s->dead), rows);
	if (code == 0)
		code = segment_writer_each(x->writer, add_to_sum, &want);
	if (code == 0)
		code = segment_each(kb, s, add_to_sum, &got);
	if (code == 0 && (want.hash != got.hash || want.count != got.count))
		code = err_set(ERR_DATA,
		    "segment %lld has other words than its passages",
		    (long long)s->id);
	indexer_free(x);
	analyser_free(a);
	return code;
}

static int
read_one(struct db *kb, const char *sql, int64_t *ret)
{
	struct query q = query(kb, sql);

	if (step(&q))
		*ret = column_int(&q, 0);
	return done(&q);
}

int
kb_check(struct db *kb)
{
	int64_t passages = 0, orphans = 0;
	struct segments all;
	size_t i;
	int code = segments_read(kb, &all);

	if (code < 0)
		return code;
	for (i = 0; i < all.count && code == 0; i++)
		code = check_segment(kb, &all.segment[i]);
	if (code == 0 && all.has_gap)
		code = err_set(ERR_DATA, "not all passages are in the index");
	if (code == 0)
		code = read_one(kb,
		    "SELECT count(*) FROM passage p JOIN document d"
		    " ON d.id = p.document AND d.version = p.version",
		    &passages);
	if (code == 0 && passages > all.passages)
		code = err_set(ERR_DATA,
		    "%lld passages can be found, the index has %lld",
		    (long long)passages, (long long)all.passages);
	if (code == 0)
		code = read_one(kb,
		    "SELECT count(*) FROM segment_term WHERE segment NOT IN"
		    " (SELECT id FROM segment)",
		    &orphans);
	if (code == 0 && orphans > 0)
		code = err_set(ERR_DATA, "words of %lld segments that are not",
		    (long long)orphans);
	segments_release(&all);
	return code;
}
