/* features - a text as the classifier of intents sees it */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "label/features.h"

#define WORDS_MAX 512
#define GRAM_LEAST 2
#define GRAM_MOST 5
#define WORD_CHARACTERS_MAX 40 /* of a longer word no more runs are taken */
#define EDGE '\x02'

struct maker {
	struct features *f;
	size_t cap, words_cap;
};

static uint64_t
hash(uint64_t h, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)p[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* Bits of FNV's low end are weak: features are looked up by them. */
static uint64_t
mixed(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

static void
add(struct maker *m, uint64_t h, size_t word, int block, int letters)
{
	struct features *f = m->f;

	if (f->count == m->cap) {
		m->cap = m->cap == 0 ? 256 : 2 * m->cap;
		f->items = xrealloc(f->items, m->cap * sizeof(*f->items));
	}
	f->items[f->count++] = (struct feature){ .key = mixed(h),
		.count = 1,
		.word = (uint16_t)word,
		.block = (uint8_t)block,
		.letters = (uint8_t)letters };
}

static uint64_t
basis(int kind)
{
	return UINT64_C(0xcbf29ce484222325) ^ (uint64_t)kind * 0x9e3779b9;
}

/* Letters of a script without blanks in a group, 0 for others. */
static bool
is_unspaced(uint32_t c)
{
	return (c >= 0xe00 && c <= 0xeff) || (c >= 0x1000 && c <= 0x109f) ||
	    (c >= 0x1780 && c <= 0x17ff) || (c >= 0x3040 && c <= 0x30ff) ||
	    (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
	    (c >= 0x20000 && c <= 0x3134f);
}

/* All runs of two to five characters of a word with its edges. */
static void
add_grams(struct maker *m, const char *word, size_t len, size_t index)
{
	char edged[WORD_CHARACTERS_MAX * 4 + 2];
	size_t at[WORD_CHARACTERS_MAX + 3], n = 0, i, size = 0;
	const char *p = word, *end = word + len, *next;
	int letters;

	at[n++] = size;
	edged[size++] = EDGE;
	while (p < end && n <= WORD_CHARACTERS_MAX) {
		next = p;
		utf8_next(&next, end);
		at[n++] = size;
		memcpy(edged + size, p, (size_t)(next - p));
		size += (size_t)(next - p);
		p = next;
	}
	at[n++] = size;
	edged[size++] = EDGE;
	at[n] = size;
	for (letters = GRAM_LEAST; letters <= GRAM_MOST; letters++)
		for (i = 0; i + (size_t)letters <= n; i++)
			add(m,
			    hash(basis(3), edged + at[i],
				at[i + (size_t)letters] - at[i]),
			    index, FEATURE_GRAMS, letters);
}

static void
add_word(struct maker *m, const char *word, size_t len)
{
	struct features *f = m->f;
	const struct feature_word *before;
	size_t index = f->nwords;
	uint64_t h;

	if (index == WORDS_MAX)
		return;
	if (index == m->words_cap) {
		m->words_cap = m->words_cap == 0 ? 32 : 2 * m->words_cap;
		f->words = xrealloc(f->words, m->words_cap * sizeof(*f->words));
	}
	f->words[index].at = (uint32_t)(word - f->folded);
	f->words[index].len = (uint32_t)len;
	f->nwords++;
	add(m, hash(basis(1), word, len), index, FEATURE_WORDS, 0);
	if (index > 0) {
		before = &f->words[index - 1];
		h = hash(basis(2), f->folded + before->at, before->len);
		h = hash(h, " ", 1);
		add(m, hash(h, word, len), index, FEATURE_WORDS, 0);
		f->items[f->count - 1].pair = true;
	}
}

/* Signs, and runs of them as pieces of words. */
static void
add_signs(struct maker *m, const char *run, size_t len)
{
	const char *p = run, *end = run + len, *q;
	uint64_t h;
	int letters;

	while (p < end) {
		q = p;
		utf8_next(&q, end);
		add_word(m, p, (size_t)(q - p));
		h = hash(basis(3), p, (size_t)(q - p));
		for (letters = 2; letters <= 4 && q < end; letters++) {
			const char *from = q;

			utf8_next(&q, end);
			h = hash(h, from, (size_t)(q - from));
			add(m, h, m->f->nwords - 1, FEATURE_GRAMS, letters + 1);
		}
		utf8_next(&p, end);
	}
}

/* Order numbers, dates and amounts differ in each message. */
static void
level_digits(char *folded)
{
	for (; *folded != '\0'; folded++)
		if (*folded >= '0' && *folded <= '9')
			*folded = '0';
}

static void
add_text(struct maker *m)
{
	const char *p = m->f->folded, *end = p + strlen(p), *start = NULL, *at;
	int kind, now = 0;
	uint32_t c;

	for (;;) {
		at = p;
		c = p < end ? utf8_next(&p, end) : 0;
		kind = c == 0 || !utf8_is_word(c) ? 0 : is_unspaced(c) ? 2 : 1;
		if (start != NULL && kind != now) {
			if (now == 2)
				add_signs(m, start, (size_t)(at - start));
			else {
				add_word(m, start, (size_t)(at - start));
				if (m->f->nwords < WORDS_MAX)
					add_grams(m, start,
					    (size_t)(at - start),
					    m->f->nwords - 1);
			}
			start = NULL;
		}
		if (c == 0)
			break;
		now = kind;
		if (kind != 0 && start == NULL)
			start = at;
	}
}

static int
by_key(const void *a, const void *b)
{
	const struct feature *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->word > y->word) - (x->word < y->word);
}

static void
count_each_once(struct features *f)
{
	size_t i, n = 0;

	qsort(f->items, f->count, sizeof(*f->items), by_key);
	for (i = 0; i < f->count; i++)
		if (n > 0 && f->items[n - 1].key == f->items[i].key)
			f->items[n - 1].count++;
		else
			f->items[n++] = f->items[i];
	f->count = n;
}

void
features_of(const char *text, size_t len, struct features *ret)
{
	struct maker m = { .f = ret };

	memset(ret, 0, sizeof(*ret));
	if (len > FEATURES_TEXT_MAX)
		len = utf8_cut(text, len, FEATURES_TEXT_MAX);
	ret->folded = utf8_fold_learnt(text, len);
	level_digits(ret->folded);
	add_text(&m);
	if (ret->count > 0)
		count_each_once(ret);
}

void
features_release(struct features *f)
{
	free(f->folded);
	free(f->words);
	free(f->items);
	memset(f, 0, sizeof(*f));
}
