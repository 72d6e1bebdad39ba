/* claims - words and numbers of scripts without blanks */
#include <string.h>

#include "ground/reader.h"
#include "base/utf8.h"

static bool
is_kana(uint32_t c)
{
	return c >= 0x30a1 && c <= 0x30fc;
}

/* Whether one of the signs of a pair is a particle, or the ending of a word:
 * what stands beside it is no word with it. */
static bool
is_of_grammar(const char *p, const char *end)
{
	static const uint32_t signs[] = { 0x7684, 0x4e86, 0x662f, 0x5417,
		0x5462, 0x60a8, 0x4f60, 0x6211, 0x4eec, 0x8bf7, 0x4f1a, 0x5c31,
		0x4e5f, 0x90fd, 0x5728, 0x548c, 0x4e0e, 0x8981, 0x628a, 0x88ab,
		0x5427, 0x8fd9, 0x90a3, 0x5f97, 0x7740, 0x8fc7 };
	size_t i;

	while (p < end) {
		uint32_t c = utf8_next(&p, end);

		if (c >= 0x3041 && c <= 0x3096)
			return true;
		for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
			if (signs[i] == c)
				return true;
	}
	return false;
}

/* A run of signs without blanks: known pieces, and pairs of the rest. */
static void
add_piece(struct reader *r, const char *at, const char *end, bool is_known)
{
	struct claim_word *w;
	const char *q, *next;
	int i, n;

	if (is_known) {
		w = reader_word(r, at, (size_t)(end - at));
		w->is_sign = true;
		reader_know(r, w);
		r->gap = GAP_JOINED;
		return;
	}
	q = at;
	n = analyse_grams(utf8_next(&q, end));
	for (q = at; q < end;) {
		next = q;
		for (i = 0; i < n && next < end; i++)
			utf8_next(&next, end);
		if (i < n && q > at)
			break;
		w = reader_word(r, q, (size_t)(next - q));
		w->is_sign = true;
		reader_know(r, w);
		/* Only what is known as a whole means something. */
		w->means = 0;
		w->concept = w->place = 0;
		w->is_weak |= is_of_grammar(q, next);
		r->gap = GAP_JOINED;
		utf8_next(&q, end);
	}
}

static size_t
known_at(const struct reader *r, const char *p, const char *end)
{
	char folded[FOLDED_MAX_BYTES];
	const char *to[LEXICON_SIGNS], *q = p;
	size_t n = 0, len;

	while (n < LEXICON_SIGNS && q < end) {
		utf8_next(&q, end);
		to[n++] = q;
	}
	while (n > 0) {
		len = reader_fold(p, (size_t)(to[n - 1] - p), folded);
		if (meanings_find(r->meanings, r->language, folded, len) !=
		    NULL)
			return (size_t)(to[n - 1] - p);
		n--;
	}
	return 0;
}

static int
sign_value(uint32_t c)
{
	static const uint32_t signs[] = { 0x96f6, 0x4e00, 0x4e8c, 0x4e09,
		0x56db, 0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d };
	int i;

	for (i = 0; i < 10; i++)
		if (signs[i] == c)
			return i;
	return c == 0x4e24 ? 2 : -1; /* two of something */
}

/* The bytes of such a number at p that counts something, and its value. */
static size_t
sign_number(const struct reader *r, const char *p, const char *end, double *ret)
{
	double all = 0, one = -1;
	const char *q = p, *next;
	size_t n;
	int v;

	for (; q < end; q = next) {
		uint32_t c;

		next = q;
		c = utf8_next(&next, end);
		v = sign_value(c);
		if (v >= 0)
			one = one > 0 ? one * 10 + v : v;
		else if (c == 0x5341 || c == 0x767e || c == 0x5343) {
			all += (one < 0 ? 1 : one) *
			    (c == 0x5341	? 10 :
				    c == 0x767e ? 100 :
						  1000);
			one = -1;
		} else
			break;
	}
	if (q == p)
		return 0;
	*ret = all + (one > 0 ? one : 0);
	/* Signs of numbers are parts of many words: a unit must follow. */
	n = known_at(r, q, end);
	if (n > 0) {
		const struct meaning *m =
		    meanings_find(r->meanings, r->language, q, n);

		for (; m != NULL; m = meanings_next(r->meanings, m))
			if (m->kind == MEANING_UNIT ||
			    m->kind == MEANING_OCLOCK)
				return (size_t)(q - p);
	}
	return 0;
}

static bool
is_ordinal(const struct reader *r, const char *p)
{
	static const char before[] = "\u7b2c";
	const size_t n = sizeof(before) - 1;

	return p >= r->c->plain + n && memcmp(p - n, before, n) == 0;
}

void
reader_signs(struct reader *r)
{
	const char *p = r->p, *stop = p, *from, *q;
	double value;
	uint32_t c;
	size_t n;
	int grams = 0;

	/* All of one script; letters of katakana stay together. */
	while (stop < r->end) {
		q = stop;
		c = utf8_next(&q, r->end);
		if (!utf8_is_word(c) || analyse_grams(c) == 0 ||
		    (grams != 0 && analyse_grams(c) != grams))
			break;
		grams = analyse_grams(c);
		stop = q;
	}
	for (from = p; p < stop;) {
		struct claim_word *w;
		struct claim *claim;

		/* The second day is no two days. */
		n = is_ordinal(r, p) ? 0 : sign_number(r, p, stop, &value);
		if (n > 0) {
			if (from < p)
				add_piece(r, from, p, false);
			w = reader_word(r, p, n);
			w->is_sign = true;
			claim = reader_claim(r, CLAIM_NUMBER, r->c->nwords - 1);
			claim->value = claim->other = value;
			from = p += n;
			r->gap = GAP_JOINED;
			continue;
		}
		q = p;
		if (is_kana(utf8_next(&q, stop))) {
			while (q < stop) {
				const char *next = q;

				if (!is_kana(utf8_next(&next, stop)))
					break;
				q = next;
			}
			if (from < p)
				add_piece(r, from, p, false);
			add_piece(r, p, q, true);
			r->c->word[r->c->nwords - 1].is_kana =
			    q - p > 6; /* three letters and more */
			from = p = q;
			continue;
		}
		n = known_at(r, p, stop);
		if (n > 0) {
			if (from < p)
				add_piece(r, from, p, false);
			add_piece(r, p, p + n, true);
			from = p += n;
		} else
			utf8_next(&p, stop);
	}
	if (from < stop)
		add_piece(r, from, stop, false);
	r->p = stop;
}
