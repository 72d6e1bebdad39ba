/* spelling - the word of the base that a misspelt one was meant to be */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/spelling.h"

#define LETTERS_MAX 48
#define ONE_SLIP_MIN 4 /* letters of the shorter word */
#define TWO_SLIPS_MIN 8
#define WORD_MIN 5 /* shorter words are other words too easily */
#define SLIPS_MAX 2
#define NONE 99

struct word {
	uint32_t signature;
	uint32_t at; /* in text */
	uint8_t len;
};

struct spelling {
	struct db *db;
	const struct segments *segments;
	/* All words, from the second question on: the first one costs less
	 * without. */
	bool asked, kept;
	struct word *word;
	size_t count, cap;
	struct buf text;
};

struct spelling *
spelling_new(struct db *db, const struct segments *segments)
{
	struct spelling *s = xcalloc(1, sizeof(*s));

	s->db = db;
	s->segments = segments;
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
			add_try(t, word, word_len - len, true);
	}
	for (i = 0; i < n; i++)
		add_try(t, stems[i], strlen(stems[i]), false);
}

struct nearest {
	struct tries t;
	bool is_other; /* of a stem that is there: no mistake */
	char *word;
	int least;
	int64_t df;
};

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
	struct letters l;
	int64_t df = 0;
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
		if (d == 0 && t->is_cut[k]) {
			n->is_other = true;
			return;
		}
		/* A wrong first letter is rarer than any other. */
		if (d > 0 && d < NONE)
			d = 2 * d + (l.c[0] != t->l[k].c[0]);
		if (d > 0 && d < now)
			now = d;
	}
	if (now == NONE || now > n->least)
		return;
	all->code = segments_df(all->s->db, all->s->segments, word, len, &df);
	if (now < n->least || df > n->df) {
		n->least = now;
		n->df = df;
		free(n->word);
		n->word = xstrndup(word, len);
	}
}

static void
consider(void *ctx, const char *word, size_t len, uint32_t signature)
{
	struct looking *all = ctx;
	struct nearest *n;

	for (n = all->nearest; n < all->nearest + all->count; n++)
		if (may_be_near(&n->t, len, signature) && !n->is_other &&
		    all->code == 0)
			compare(all, n, word, len, signature);
}

/* False: it has nothing to be looked for by. */
static bool
look_for(const struct misspelt *m, struct nearest *n)
{
	size_t i;

	if (utf8_length(m->word) < WORD_MIN ||
	    strpbrk(m->word, "0123456789") != NULL)
		return false;
	add_tries(&n->t, m->word, m->stem, m->stems);
	n->t.any = 0;
	n->t.every = UINT32_MAX;
	n->t.shortest = SIZE_MAX;
	n->t.longest = 0;
	for (i = 0; i < n->t.count; i++) {
		n->t.every &= n->t.l[i].signature;
		n->t.any |= n->t.l[i].signature;
		if (n->t.l[i].n < n->t.shortest)
			n->t.shortest = n->t.l[i].n;
		if (n->t.l[i].n > n->t.longest)
			n->t.longest = n->t.l[i].n;
	}
	n->is_other = false;
	n->word = NULL;
	n->least = NONE;
	n->df = 0;
	return n->t.count > 0;
}

int
spelling_nearest(struct spelling *s, struct misspelt *words, size_t n)
{
	struct nearest *nearest = xmalloc(n * sizeof(*nearest));
	struct misspelt **of = xcalloc(n, sizeof(struct misspelt *));
	struct looking all = { s, nearest, 0, 0 };
	size_t i;
	int code = 0;

	for (i = 0; i < n; i++) {
		words[i].nearest = NULL;
		if (look_for(&words[i], &nearest[all.count]))
			of[all.count++] = &words[i];
	}
	if (all.count > 0)
		code = each_word(s, consider, &all);
	if (code == 0)
		code = all.code;
	for (i = 0; i < all.count; i++) {
		if (code == 0 && !nearest[i].is_other)
			of[i]->nearest = nearest[i].word;
		else
			free(nearest[i].word);
	}
	free(of);
	free(nearest);
	return code;
}
