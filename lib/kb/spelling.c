/* spelling - the word of the base that a misspelt one was meant to be */
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
#define NONE 99

struct word {
	uint32_t signature;
	uint32_t at; /* in text */
	uint8_t len;
};

struct spelling {
	struct db *db;
	const struct segments *segments;
	struct word *word;
	size_t count, cap;
	struct buf text;
};

static void
add_word(void *ctx, const char *word, size_t len, uint32_t signature)
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

int
spelling_open(struct db *db, const struct segments *segments,
    struct spelling **ret)
{
	struct spelling *s = xcalloc(1, sizeof(*s));
	size_t i;
	int code = 0;

	s->db = db;
	s->segments = segments;
	for (i = 0; i < segments->count && code == 0; i++)
		code =
		    segment_spelling(db, segments->segment[i].id, add_word, s);
	if (code < 0)
		spelling_free(s);
	else
		*ret = s;
	return code;
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

/* The least number of letters to change, add, leave out or swap. */
static int
distance(const struct letters *a, const struct letters *b)
{
	int rows[3][LETTERS_MAX + 2], *before = rows[0], *last = rows[1],
				      *now = rows[2], *spare;
	size_t i, k;

	for (k = 0; k <= b->n; k++)
		last[k] = before[k] = (int)k;
	for (i = 1; i <= a->n; i++) {
		now[0] = (int)i;
		for (k = 1; k <= b->n; k++) {
			now[k] = last[k - 1] + (a->c[i - 1] != b->c[k - 1]);
			if (last[k] + 1 < now[k])
				now[k] = last[k] + 1;
			if (now[k - 1] + 1 < now[k])
				now[k] = now[k - 1] + 1;
			if (i > 1 && k > 1 && a->c[i - 1] == b->c[k - 2] &&
			    a->c[i - 2] == b->c[k - 1] &&
			    before[k - 2] + 1 < now[k])
				now[k] = before[k - 2] + 1;
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b->n];
}

static int
slips(const struct letters *a, const struct letters *b)
{
	size_t shorter = a->n < b->n ? a->n : b->n,
	       longer = a->n + b->n - shorter;
	int d;

	if (longer - shorter > 2)
		return NONE;
	d = distance(a, b);
	if (d == 0 || (d == 1 && shorter >= ONE_SLIP_MIN) ||
	    (d == 2 && shorter >= TWO_SLIPS_MIN))
		return d;
	return NONE;
}

/* What is compared: the word without endings it may have, and its stems. */
#define TRIES_MAX 40
struct tries {
	struct letters l[TRIES_MAX];
	bool is_cut[TRIES_MAX]; /* of an ending */
	size_t count;
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

int
spelling_nearest(struct spelling *s, const char *word, const char *const *stems,
    size_t n, char **ret)
{
	struct tries *t = xcalloc(1, sizeof(*t));
	const struct word *w, *best = NULL;
	const char *text;
	struct letters l;
	int64_t df, best_df = 0;
	int d, least = NONE, now;
	size_t i, k;
	int code = 0;

	*ret = NULL;
	add_tries(t, word, stems, n);
	if (utf8_length(word) < WORD_MIN || strpbrk(word, "0123456789") != NULL)
		t->count = 0;
	for (i = 0; i < s->count && t->count > 0 && code == 0; i++) {
		w = &s->word[i];
		text = s->text.data + w->at;
		l.n = 0;
		now = NONE;
		for (k = 0; k < t->count; k++) {
			if (__builtin_popcount(
				t->l[k].signature ^ w->signature) > 4 ||
			    /* a letter has one to four bytes */
			    w->len + 2u < t->l[k].n ||
			    w->len > 4 * (t->l[k].n + 2))
				continue;
			if (l.n == 0)
				read_letters(text, w->len, &l);
			d = slips(&t->l[k], &l);
			if (d == 0 && t->is_cut[k]) {
				/* No mistake: another word of that stem. */
				free(t);
				return 0;
			}
			/* A wrong first letter is rarer than any other. */
			if (d > 0 && d < NONE)
				d = 2 * d + (l.c[0] != t->l[k].c[0]);
			if (d > 0 && d < now)
				now = d;
		}
		if (now == NONE || now > least)
			continue;
		code = segments_df(s->db, s->segments, text, w->len, &df);
		if (now < least || df > best_df) {
			least = now;
			best_df = df;
			best = w;
		}
	}
	free(t);
	if (code == 0 && best != NULL)
		*ret = xstrndup(s->text.data + best->at, best->len);
	return code;
}
