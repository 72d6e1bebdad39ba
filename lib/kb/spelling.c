/* spelling - the word of the base that a misspelt one was meant to be */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/slips.h"
#include "kb/spelling.h"

#define LETTERS_MAX 48
#define MEANT_SLOTS 2048
#define LOOKED_UP_MAX 1024 /* in one language */
#define ONE_SLIP_MIN 4	   /* letters of the shorter word */
#define TWO_SLIPS_MIN 8
#define WORD_MIN 5  /* shorter words are other words too easily */
#define SHORT_MIN 4 /* but of a word of five the slip may leave four */
#define STEM_MIN 3  /* of a word that was read as a whole */
#define SLIPS_MAX 2
#define NONE 99

/* How far a word is from another: two letters that changed places, or one that
 * is there twice or no longer, are done more easily than the rest, the first
 * letter less; a stem that is compared with a guess at one is less sure. */
#define FAR_ENDING 1 /* what was typed is all that is kept of the word */
#define FAR_EASY 3
#define FAR_SLIP 4
#define FAR_FIRST 1
#define FAR_GUESS 1
#define FAR_SHORT 1

struct word {
	uint32_t signature;
	uint32_t at; /* in text */
	uint8_t len;
};

struct spelling {
	struct db *db;
	const struct segments *segments;
	struct analyser *analyser;
	/* All words, from the second question on: the first one costs less
	 * without. */
	bool asked, kept;
	struct word *word;
	size_t count, cap;
	struct buf text;
};

struct spelling *
spelling_new(struct db *db, const struct segments *segments, struct analyser *a)
{
	struct spelling *s = xcalloc(1, sizeof(*s));

	s->db = db;
	s->segments = segments;
	s->analyser = a;
	return s;
}

void
spelling_free(struct spelling *s)
{
	if (s == NULL)
		return;
	free(s->word);
	buf_release(&s->text);
	free(s);
}

static void
keep_word(void *ctx, const char *word, size_t len, uint32_t signature)
{
	struct spelling *s = ctx;

	if (s->text.len > UINT32_MAX - 256)
		return;
	if (s->count == s->cap) {
		s->cap = s->cap > 0 ? 2 * s->cap : 4096;
		s->word = xrealloc(s->word, s->cap * sizeof(*s->word));
	}
	s->word[s->count++] =
	    (struct word){ signature, (uint32_t)s->text.len, (uint8_t)len };
	buf_add(&s->text, word, len);
}

static int
each_stored(struct spelling *s, spelling_fn each, void *ctx)
{
	size_t i;
	int code = 0;

	for (i = 0; i < s->segments->count && code == 0; i++)
		code = segment_spelling(s->db, s->segments->segment[i].id, each,
		    ctx);
	return code;
}

static int
each_word(struct spelling *s, spelling_fn each, void *ctx)
{
	size_t i;
	int code = 0;

	if (!s->asked) {
		s->asked = true;
		return each_stored(s, each, ctx);
	}
	if (!s->kept) {
		s->count = 0;
		buf_reset(&s->text);
		code = each_stored(s, keep_word, s);
		s->kept = code == 0;
	}
	for (i = 0; i < s->count && code == 0; i++)
		each(ctx, s->text.data + s->word[i].at, s->word[i].len,
		    s->word[i].signature);
	return code;
}

struct letters {
	uint32_t c[LETTERS_MAX];
	size_t n;
	uint32_t signature;
};

static void
read_letters(const char *word, size_t len, struct letters *l)
{
	const char *p = word, *end = word + len;

	for (l->n = 0; l->n < LETTERS_MAX && p < end; l->n++)
		l->c[l->n] = (unsigned char)*p < 128 ?
		    (uint32_t)(unsigned char)*p++ :
		    utf8_next(&p, end);
}

/*
 * The least number of letters to change, add, leave out or swap; above
 * SLIPS_MAX it is not told how many. Cells further from the diagonal than that
 * are above it.
 */
static int
distance(const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
	int rows[3][LETTERS_MAX + 2], *before = rows[0], *last = rows[1],
				      *now = rows[2], *spare, least;
	size_t i, k, from, to;

	for (k = 0; k <= b_len && k <= SLIPS_MAX + 1; k++)
		last[k] = before[k] = (int)k;
	for (i = 1; i <= a_len; i++) {
		from = i > SLIPS_MAX ? i - SLIPS_MAX : 1;
		to = i + SLIPS_MAX < b_len ? i + SLIPS_MAX : b_len;
		now[from - 1] = from == 1 ? (int)i : NONE;
		least = now[from - 1];
		for (k = from; k <= to; k++) {
			now[k] = last[k - 1] + (a[i - 1] != b[k - 1]);
			if (last[k] + 1 < now[k])
				now[k] = last[k] + 1;
			if (now[k - 1] + 1 < now[k])
				now[k] = now[k - 1] + 1;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1] && before[k - 2] + 1 < now[k])
				now[k] = before[k - 2] + 1;
			if (now[k] < least)
				least = now[k];
		}
		if (to + 1 <= b_len)
			now[to + 1] = NONE;
		if (least > SLIPS_MAX)
			return NONE;
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

/* The most slips there may be in a word of that many letters. */
static int
most_slips(size_t letters)
{
	return letters >= TWO_SLIPS_MIN ? 2 : letters >= ONE_SLIP_MIN ? 1 : 0;
}

static int
slips(const struct letters *x, const struct letters *y)
{
	const uint32_t *a = x->c, *b = y->c;
	size_t a_len = x->n, b_len = y->n, shorter, longer;
	int most = most_slips(a_len < b_len ? a_len : b_len), d;

	/* What both begin and end with has no slip. */
	while (a_len > 0 && b_len > 0 && *a == *b)
		a++, b++, a_len--, b_len--;
	while (a_len > 0 && b_len > 0 && a[a_len - 1] == b[b_len - 1])
		a_len--, b_len--;
	shorter = a_len < b_len ? a_len : b_len;
	longer = a_len + b_len - shorter;
	if (longer == 0)
		return 0;
	if (longer - shorter > (size_t)most)
		return NONE;
	if (most > 1)
		d = distance(a, a_len, b, b_len);
	else
		d = longer == 1 ||
			(longer == 2 && shorter == 2 && a[0] == b[1] &&
			    a[1] == b[0]) ?
		    1 :
		    NONE;
	return d <= most ? d : NONE;
}

/* What is compared: the word without endings it may have, and its stems. */
#define TRIES_MAX 40
struct tries {
	struct letters l[TRIES_MAX];
	bool is_cut[TRIES_MAX]; /* of an ending */
	size_t count;
	uint32_t every, any; /* letters of all of them, and of one at least */
	size_t shortest, longest;
};

static void
add_try(struct tries *t, const char *word, size_t len, bool is_cut)
{
	struct letters *l;
	size_t i;

	if (t->count == TRIES_MAX)
		return;
	l = &t->l[t->count];
	read_letters(word, len, l);
	l->signature = spelling_signature(word, len);
	if (l->n + 1 < WORD_MIN)
		return;
	for (i = 0; i < t->count; i++)
		if (t->l[i].n == l->n &&
		    memcmp(t->l[i].c, l->c, l->n * sizeof(*l->c)) == 0)
			return;
	t->is_cut[t->count++] = is_cut;
}

/*
 * A stem lacks the ending, and what is the stem and an ending is no mistake
 * but another word ("printer" is not "print").
 */
static void
add_tries(struct tries *t, const char *word, const char *const *stems, size_t n)
{
	static const char *const endings[] = { "", "s", "e", "y", "es", "ed",
		"er", "a", "o", "as", "os", "en", "ing", "ada", "ado", NULL };
	size_t i, len, word_len = strlen(word);

	t->count = 0;
	for (i = 0; endings[i] != NULL; i++) {
		len = strlen(endings[i]);
		if (len + WORD_MIN - 1 <= word_len &&
		    memcmp(word + word_len - len, endings[i], len) == 0)
			/* A letter that is there twice is a slip. */
			add_try(t, word, word_len - len,
			    len > 0 && word[word_len - len - 1] != *endings[i]);
	}
	for (i = 0; i < n; i++)
		add_try(t, stems[i], strlen(stems[i]), false);
}

/* The nearest word so far. */
struct best {
	char *word;
	int far;
	int64_t df;
};

/* Stems of the words that one slip can have made one of, by their hashes. */
struct meant {
	struct meant_stem {
		uint64_t hash; /* 0: free */
		uint8_t far;
		bool is_easy;
	} * slot;
	size_t slots, count;
};

struct nearest {
	struct misspelt *m;
	struct joined joined[SPELLING_PARTS_MAX];
	struct tries t;
	struct meant meant;
	bool is_short; /* too short to be compared with but these */
	bool
	    is_other; /* of a stem that is there: no mistake, unless an easy one */
	struct best any, easy;
};

static uint64_t
hash_of(const char *stem, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)stem[i]) * UINT64_C(1099511628211);
	return h | 1;
}

/* The slot of a hash, or a free one for it; slots is a power of two. */
static struct meant_stem *
meant_slot(const struct meant *m, uint64_t hash)
{
	size_t i;

	for (i = hash >> 32; m->slot[i & (m->slots - 1)].hash != 0; i++)
		if (m->slot[i & (m->slots - 1)].hash == hash)
			break;
	return &m->slot[i & (m->slots - 1)];
}

static void
grow_meant(struct meant *m)
{
	struct meant old = *m;
	size_t i;

	m->slots = old.slots > 0 ? 2 * old.slots : MEANT_SLOTS;
	m->slot = xcalloc(m->slots, sizeof(*m->slot));
	for (i = 0; i < old.slots; i++)
		if (old.slot[i].hash != 0)
			*meant_slot(m, old.slot[i].hash) = old.slot[i];
	free(old.slot);
}

/* Remember a stem that is so far away; false: it was known, and as near. */
static bool
add_stem(struct meant *m, const char *stem, size_t len, int far, bool is_easy)
{
	struct meant_stem *s;

	if (2 * m->count >= m->slots)
		grow_meant(m);
	s = meant_slot(m, hash_of(stem, len));
	if (s->hash != 0 && s->far <= far)
		return false;
	m->count += s->hash == 0;
	*s = (struct meant_stem){ hash_of(stem, len), (uint8_t)far, is_easy };
	return true;
}

static void
keep_best(struct best *b, const char *word, size_t len, int far, int64_t df)
{
	if (far > b->far || (far == b->far && df < b->df) ||
	    (far == b->far && df == b->df && len <= strlen(b->word)))
		return;
	free(b->word);
	*b = (struct best){ xstrndup(word, len), far, df };
}

/* Keep a word that is so far away, unless one that is nearer is known. */
static int
keep_nearest(struct spelling *s, struct nearest *n, const char *word,
    size_t len, int far, bool is_easy)
{
	int64_t df = 0;
	int code;

	if (far > n->any.far && (!is_easy || far > n->easy.far))
		return 0;
	code = segments_df(s->db, s->segments, word, len, &df);
	if (code < 0 || df == 0)
		return code;
	keep_best(&n->any, word, len, far, df);
	if (is_easy)
		keep_best(&n->easy, word, len, far, df);
	return 0;
}

/* All that are looked for in one reading of the words. */
struct looking {
	struct spelling *s;
	struct nearest *nearest;
	size_t count;
	int code;
};

/* Whether more letters differ than so many slips can change: two each. */
static inline bool
is_far(uint32_t differ, int most)
{
	differ &= differ - 1;
	differ &= differ - 1;
	if (most > 1) {
		differ &= differ - 1;
		differ &= differ - 1;
	}
	return differ != 0;
}

/* Nearly all words end here. A letter has one to four bytes. */
static inline bool
may_be_near(const struct tries *t, size_t len, uint32_t signature)
{
	int most = most_slips(len < t->longest ? len : t->longest);

	return !is_far((signature & ~t->any) | (t->every & ~signature), most) &&
	    len + (size_t)most >= t->shortest &&
	    len <= 4 * (t->longest + (size_t)most);
}

static void
compare(struct looking *all, struct nearest *n, const char *word, size_t len,
    uint32_t signature)
{
	const struct tries *t = &n->t;
	const struct meant_stem *meant = &(struct meant_stem){ 0, NONE, false };
	struct letters l;
	int d, now = NONE;
	size_t k;

	l.n = 0;
	for (k = 0; k < t->count; k++) {
		if (is_far(t->l[k].signature ^ signature,
			most_slips(len < t->l[k].n ? len : t->l[k].n)))
			continue;
		if (l.n == 0)
			read_letters(word, len, &l);
		d = slips(&t->l[k], &l);
		if (d == 0 && t->is_cut[k])
			n->is_other = true;
		if (d == NONE || (d == 0 && k > 0))
			continue;
		d = d == 0 ? FAR_ENDING :
			     FAR_SLIP * d + FAR_GUESS * (k > 0) +
			FAR_FIRST * (l.c[0] != t->l[k].c[0]);
		if (d < now)
			now = d;
	}
	if (n->meant.count > 0)
		meant = meant_slot(&n->meant, hash_of(word, len));
	if (n->is_short && now > FAR_ENDING)
		now = NONE;
	if (meant->hash != 0 && meant->far <= now)
		all->code = keep_nearest(all->s, n, word, len, meant->far,
		    meant->is_easy);
	else if (now < NONE)
		all->code =
		    keep_nearest(all->s, n, word, len, now, now == FAR_ENDING);
}

static void
consider(void *ctx, const char *word, size_t len, uint32_t signature)
{
	struct looking *all = ctx;
	struct nearest *n;
	size_t i;

	for (n = all->nearest; n < all->nearest + all->count; n++) {
		if (may_be_near(&n->t, len, signature) && all->code == 0)
			compare(all, n, word, len, signature);
		for (i = 0; i < n->m->parts; i++)
			if ((n->joined[i].signature & ~signature) == 0 &&
			    joined_has(&n->joined[i], word, len))
				longer_keep(&n->m->longer, word, len);
	}
}

/* On the way through the words that one slip can have made one of. */
struct meaning {
	struct spelling *s;
	struct nearest *n;
	const char *language;
	struct letters own; /* stem of the word as it is */
	size_t looked_up;
	int code;
};

static int
far_of(enum slip slip, bool is_first)
{
	return (slip == SLIP_SWAPPED || slip == SLIP_DOUBLED ? FAR_EASY :
							       FAR_SLIP) +
	    FAR_FIRST * is_first;
}

static void
try_meant(void *ctx, const char *word, size_t len, enum slip slip,
    bool is_first)
{
	struct meaning *m = ctx;
	bool is_easy = slip == SLIP_SWAPPED || slip == SLIP_DOUBLED;
	struct letters l;
	const char *stem;
	size_t n;
	int far;

	/* A short word is another word too easily. */
	if (m->code < 0 ||
	    (m->n->is_short && !is_easy && slip != SLIP_LEFT_OUT))
		return;
	stem = analyse_stem_once(m->s->analyser, word, len, m->language, &n);
	read_letters(stem, n, &l);
	if (l.n < STEM_MIN)
		return;
	far = far_of(slip, is_first) + FAR_SHORT * (l.n + 1 < WORD_MIN);
	if (!add_stem(&m->n->meant, stem, n, far, is_easy))
		return;
	/* What is about as the slip is comes by among all. */
	if (l.n >= SPELLING_MIN && (n == len || slips(&l, &m->own) <= 1))
		return;
	if (m->looked_up++ < LOOKED_UP_MAX)
		m->code = keep_nearest(m->s, m->n, stem, n, far, is_easy);
}

static int
add_meant(struct spelling *s, const char *word, struct nearest *n,
    const char *const *languages)
{
	struct meaning m = { .s = s, .n = n };
	const char *stem;
	size_t len;

	for (; *languages != NULL && m.code == 0; languages++) {
		m.language = *languages;
		stem = analyse_stem(s->analyser, word, strlen(word), *languages,
		    &len);
		read_letters(stem, len, &m.own);
		m.looked_up = 0;
		slips_each(word, *languages, try_meant, &m);
	}
	return m.code;
}

/* False: it has nothing to be looked for by. */
static bool
look_for(struct misspelt *m, struct nearest *n)
{
	bool is_part = false;
	size_t i;

	n->m = m;
	n->is_short = utf8_length(m->word) < WORD_MIN;
	n->is_other = false;
	n->any = n->easy = (struct best){ NULL, NONE, 0 };
	n->meant = (struct meant){ NULL, 0, 0 };
	n->t.count = 0;
	n->t.any = 0;
	n->t.every = UINT32_MAX;
	n->t.shortest = SIZE_MAX;
	n->t.longest = 0;
	for (i = 0; i < m->parts; i++) {
		joined_part(&n->joined[i], m->word, m->part[i]);
		is_part |= n->joined[i].signature != UINT32_MAX;
	}
	if (!m->is_known && utf8_length(m->word) >= SHORT_MIN &&
	    strpbrk(m->word, "0123456789") == NULL)
		add_tries(&n->t, m->word, m->stem, m->stems);
	for (i = 0; i < n->t.count; i++) {
		n->t.every &= n->t.l[i].signature;
		n->t.any |= n->t.l[i].signature;
		if (n->t.l[i].n < n->t.shortest)
			n->t.shortest = n->t.l[i].n;
		if (n->t.l[i].n > n->t.longest)
			n->t.longest = n->t.l[i].n;
	}
	return n->t.count > 0 || is_part;
}

int
spelling_nearest(struct spelling *s, struct misspelt *words, size_t n,
    const char *const *languages)
{
	struct nearest *nearest = xmalloc(n * sizeof(*nearest));
	struct misspelt **of = xcalloc(n, sizeof(struct misspelt *));
	struct looking all = { s, nearest, 0, 0 };
	struct best *best;
	size_t i;
	int code = 0;

	for (i = 0; i < n; i++) {
		words[i].nearest = NULL;
		words[i].is_bold = false;
		words[i].longer.count = 0;
		if (!look_for(&words[i], &nearest[all.count]))
			continue;
		of[all.count++] = &words[i];
		if (code == 0 && nearest[all.count - 1].t.count > 0)
			code = add_meant(s, words[i].word,
			    &nearest[all.count - 1], languages);
	}
	if (all.count > 0 && code == 0)
		code = each_word(s, consider, &all);
	if (code == 0)
		code = all.code;
	for (i = 0; i < all.count; i++) {
		best = nearest[i].is_other ? &nearest[i].easy : &nearest[i].any;
		if (code == 0 && of[i]->longer.count == 0 &&
		    (!of[i]->is_joined || best->far <= FAR_SLIP + FAR_FIRST)) {
			of[i]->nearest = best->word;
			of[i]->is_bold = best->far > FAR_SLIP;
			best->word = NULL;
		}
		free(nearest[i].any.word);
		free(nearest[i].easy.word);
		free(nearest[i].meant.slot);
	}
	free(of);
	free(nearest);
	return code;
}
