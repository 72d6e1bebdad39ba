/*
 * check - sums that are right
 *
 * "Two days come to 28 euros" of 14 euros a day, "skis and boots together 31",
 * "8 pounds more than". A number that stands nowhere is held unless it is just
 * what comes out, of all that the sentence names and of nothing else: where two
 * prices might be meant, or a source has a discount, it is not.
 */
#include <math.h>
#include <string.h>

#include "ground/check.h"
#include "ground/reader.h"
#include "base/str.h"

#define TERMS_MAX 24   /* prices that a sentence may be about */
#define FACTOR_MAX 60  /* days, persons */
#define NAMED_MIN 0.35 /* weight of the words that name a thing */
#define ELSEWHERE 0.5  /* of a word in another clause, or not in the sentence */

/* A price of a source that a sentence may be about. */
struct operand {
	const struct reading *r;
	const struct claim *c;
	double score;	/* weight of its words that the sentence has */
	uint64_t words; /* those, from the sentence's first on */
};

static bool
is_sum(double a, double b)
{
	return fabs(a - b) < 1e-6;
}

/* --- what the sentence is about --- */

static void
add_word(const struct check *k, struct span of, size_t word, struct operand *o)
{
	const struct terms *t = &o->r->terms[word];
	unsigned m = check_marked(k, t);
	const struct claim_word *w;
	uint64_t bit;
	double weight;
	size_t at;

	if (m == 0)
		return;
	at = m - 1;
	w = &k->a.word[at];
	/* To cost and to pay are said of all of them. */
	if (w->claim != 0 || w->concept == meanings_value("cost", 4) ||
	    w->concept == meanings_value("pay", 3))
		return;
	weight = k->weight[at] *
	    (o->r->c.word[word].clause == o->r->c.word[o->c->word].clause ?
		    1 :
		    ELSEWHERE);
	if (at < of.from || at >= of.to || at - of.from >= 64) {
		o->score += ELSEWHERE * weight;
		return;
	}
	bit = UINT64_C(1) << (at - of.from);
	if (o->words & bit)
		return;
	o->words |= bit;
	o->score += weight;
}

/* Half of what the question names, which the answer need not repeat. */
static double
asked_of(const struct check *k, const struct reading *r, size_t claim)
{
	double score = 0;
	size_t i;

	for (i = r->beside_at[claim]; i < r->beside_at[claim + 1]; i++) {
		const struct claim_word *w = &r->c.word[r->beside[i]];
		const struct terms *t = &r->terms[r->beside[i]];

		if (check_marked(k, t) == 0 && t->id[TERM_STEM] != 0 &&
		    w->concept != meanings_value("cost", 4) &&
		    w->concept != meanings_value("pay", 3) &&
		    (k->s->where[t->id[TERM_STEM]] &
			UINT64_C(1) << BIT_ASKED) != 0)
			score += check_weight_of(w) * ELSEWHERE *
			    (w->clause ==
					r->c.word[r->c.claim[claim].word]
					    .clause ?
				    1 :
				    ELSEWHERE);
	}
	return score;
}

/* All prices of this unit in the sources, and what of each is named. */
static size_t
find_operands(struct check *k, struct span of, const struct claim *c,
    struct operand *ret)
{
	const struct span all = { 0, k->a.nwords };
	size_t i, n, w, count = 0;

	check_mark(k, all, true);
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r))
			continue;
		for (n = 0; n < r->c.nclaims; n++) {
			const struct claim *d = &r->c.claim[n];
			struct operand o = { r, d, 0, 0 };

			/* So many deposits are no price. */
			if (d->kind != CLAIM_NUMBER || d->unit != c->unit ||
			    d->is_article || check_is_deposit(&r->c, n))
				continue;
			for (w = r->beside_at[n]; w < r->beside_at[n + 1]; w++)
				add_word(k, of, r->beside[w], &o);
			o.score += asked_of(k, r, n);
			if (o.score == 0)
				continue;
			if (count == TERMS_MAX) {
				check_mark(k, all, false);
				return 0;
			}
			ret[count++] = o;
		}
	}
	check_mark(k, all, false);
	return count;
}

/* Whether a source's word of weight is in the answer's sentence or was asked. */
static bool
is_named(const struct check *k, struct span of, const struct reading *r,
    size_t word)
{
	uint32_t stem = r->terms[word].id[TERM_STEM];

	if (r->c.word[word].claim != 0 || check_weight_of(&r->c.word[word]) < 1)
		return false;
	if (stem != 0 && (k->s->where[stem] & UINT64_C(1) << BIT_ASKED) != 0)
		return true;
	for (; of.from < of.to; of.from++)
		if (check_same_word(k, of.from, r, word))
			return true;
	return false;
}

/* A discount makes of a product something else, where it is for so many, or for
 * what the sentence or the question names. */
static bool
has_discount(const struct check *k, struct span of, const struct reading *r)
{
	size_t i, w;

	for (i = 0; i < r->c.nclaims; i++) {
		const struct claim *d = &r->c.claim[i];
		struct span in = check_span(&r->c.sentence[d->sentence]);

		if (d->unit != meanings_value("pct", 3))
			continue;
		for (w = in.from; w < in.to; w++) {
			const struct claim *n = r->c.word[w].claim == 0 ?
			    NULL :
			    &r->c.claim[r->c.word[w].claim - 1];

			if (is_named(k, of, r, w) ||
			    (n != NULL && n != d && n->kind == CLAIM_NUMBER &&
				!n->is_article))
				return true;
		}
	}
	return false;
}

/* --- so many times --- */

/* Arabic has a form for two of a thing. */
static bool
is_dual(const struct claims *a, const struct claim_word *w)
{
	static const char *const ends[] = { "\u062a\u0627\u0646",
		"\u062a\u064a\u0646", NULL };
	size_t i;

	for (i = 0; strcmp(a->language, "ar") == 0 && ends[i] != NULL; i++)
		if (w->len > 2 * strlen(ends[i]) - 2 && w->claim == 0 &&
		    memcmp(a->plain + w->at + w->len - strlen(ends[i]), ends[i],
			strlen(ends[i])) == 0)
			return true;
	return false;
}

/* "for one day", or counted as the price is */
static bool
is_of_one(const struct claims *a, struct span of, const struct claim *c,
    uint16_t rates)
{
	size_t i;

	if ((c->rates & rates) != 0)
		return true;
	for (i = of.from; i < of.to; i++) {
		const struct claim *n;

		if (a->word[i].claim == 0)
			continue;
		n = &a->claim[a->word[i].claim - 1];
		if (n->kind == CLAIM_NUMBER && n->value == 1 &&
		    (claim_rate_of(n->unit) & rates) != 0)
			return true;
	}
	return false;
}

/* What a price is counted by; in a list the last may say it for all. */
static uint16_t
rates_of(const struct claims *c, const struct claim *d)
{
	uint16_t rates = d->rates | claim_rate_of(d->per);
	size_t i;

	for (i = 0; rates == 0 && i < c->nclaims; i++)
		if (c->claim[i].sentence == d->sentence &&
		    c->claim[i].unit == d->unit)
			rates =
			    c->claim[i].rates | claim_rate_of(c->claim[i].per);
	return rates;
}

/* What a price is counted by: a time, as bits, or a measure; 0: none. */
struct counted_by {
	uint16_t times;
	int64_t per;
};

static struct counted_by
counted_by(const struct claims *c, const struct claim *d)
{
	return (struct counted_by){ rates_of(c, d) & RATES_OF_TIME, d->per };
}

/* Whether a number may say how many: of what a price is counted by, if that is
 * time or a measure. */
static bool
is_factor(const struct claims *a, struct span of, const struct claim *n,
    const struct claim *c, struct counted_by by)
{
	if (n->kind != CLAIM_NUMBER || n->until != 0 || n->from != 0 ||
	    n->value != floor(n->value) || n->value < 2 ||
	    n->value > FACTOR_MAX)
		return false;
	if (check_is_time(n))
		return (claim_rate_of(n->unit) & by.times) != 0;
	/* "3 metres", at so much a metre */
	if (n->unit != 0)
		return n->unit == by.per;
	return by.times == 0 || is_of_one(a, of, c, by.times);
}

/* The product of all that says how many; 0: nothing does, or too much. A number
 * that a source has as well tells of a rule, unless all count. */
static double
factor_of(const struct check *k, const struct claims *a, struct span of,
    const struct claim *c, struct counted_by by, bool all)
{
	double product = 1;
	size_t i;

	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &a->word[i];
		const struct claim *n;

		if (is_dual(a, w))
			product *= 2;
		if (w->claim == 0 || a->claim[w->claim - 1].word != i)
			continue;
		n = &a->claim[w->claim - 1];
		if (n == c || n->kind != CLAIM_NUMBER || n->is_article ||
		    n->unit == c->unit || n->value == 1 ||
		    (!all && check_said(k, n, false)))
			continue;
		if (!is_factor(a, of, n, c, by)) {
			if (all)
				continue;
			return 0;
		}
		product *= n->value;
	}
	return product > 1 ? product : 0;
}

static const struct reading *
question_of(const struct check *k)
{
	size_t i;

	for (i = 0; i < k->s->count; i++)
		if (k->s->reading[i].role == ROLE_ASKED)
			return &k->s->reading[i];
	return NULL;
}

/* Whether an amount is so many times a price: as many as the sentence says, or
 * else the question. */
static bool
is_times(const struct check *k, struct span of, const struct claim *c,
    const struct operand *o, bool *ret_counted)
{
	const struct reading *q = question_of(k);
	struct span asked = { 0, q != NULL ? q->c.nwords : 0 };
	struct counted_by by = counted_by(&o->r->c, o->c);
	double factor[4] = { 0 };
	int i;

	factor[0] = factor_of(k, &k->a, of, c, by, false);
	factor[1] = factor_of(k, &k->a, of, c, by, true);
	if (factor[0] == 0 && factor[1] == 0 && q != NULL) {
		factor[2] = factor_of(k, &q->c, asked, c, by, false);
		factor[3] = factor_of(k, &q->c, asked, c, by, true);
	}
	for (i = 0; i < 4; i++) {
		*ret_counted |= factor[i] > 0;
		if (factor[i] > 0 && is_sum(factor[i] * o->c->value, c->value))
			return true;
	}
	return false;
}

static bool
is_product(const struct check *k, struct span of, const struct claim *c,
    const struct operand *o, size_t count)
{
	double best = 0, other = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		bool counted = false;

		if (is_times(k, of, c, &o[i], &counted)) {
			if (o[i].score > best && !has_discount(k, of, o[i].r))
				best = o[i].score;
		} else if (counted && o[i].score > other)
			other = o[i].score;
	}
	/* Where two prices might be meant it is of neither. */
	return best > other;
}

/* --- "3 x 14 = 42" --- */

static bool
is_times_sign(const struct claims *c, const struct claim_word *w)
{
	static const char *const signs[] = { "x", "X", "mal", "times", "por",
		"fois", "vezes", "volte", "keer", "razy", NULL };
	size_t i;

	for (i = 0; signs[i] != NULL; i++)
		if (strlen(signs[i]) == w->len &&
		    memcmp(c->plain + w->at, signs[i], w->len) == 0)
			return true;
	return false;
}

/* Whether two words, the first of which ends a number, are multiplied: "3 x 14",
 * or with a sign that is no word. */
static size_t
multiplied_by(const struct claims *c, size_t last)
{
	static const char *const marks[] = { "\u00d7", "*", "\u2715", NULL };
	const char *from, *to;
	size_t i;

	if (last + 1 >= c->nwords)
		return SIZE_MAX;
	if (c->word[last + 1].claim == 0)
		return last + 2 < c->nwords && c->word[last + 2].claim != 0 &&
			is_times_sign(c, &c->word[last + 1]) ?
		    last + 2 :
		    SIZE_MAX;
	from = c->plain + c->word[last].at + c->word[last].len;
	to = c->plain + c->word[last + 1].at;
	for (i = 0; marks[i] != NULL && from < to; i++)
		if (memmem(from, (size_t)(to - from), marks[i],
			strlen(marks[i])) != NULL)
			return last + 1;
	return SIZE_MAX;
}

/* As many as were asked for, where the question counts at all. */
static bool
is_asked_many(const struct check *k, const struct claim *n)
{
	const struct reading *q = question_of(k);
	bool any = false;
	size_t i;

	for (i = 0; q != NULL && i < q->c.nclaims; i++) {
		if (q->c.claim[i].kind != CLAIM_NUMBER ||
		    q->c.claim[i].is_article)
			continue;
		any = true;
		if (is_sum(q->c.claim[i].value, n->value))
			return true;
	}
	return !any;
}

/* Whether one of two numbers is the price that is meant. */
static bool
is_best(const struct claim *n, const struct operand *o, size_t count)
{
	double best = 0;
	bool found = false;
	size_t i;

	for (i = 0; i < count; i++)
		if (o[i].score >= best) {
			found = (o[i].score == best && found) ||
			    is_sum(n->value, o[i].c->value);
			best = o[i].score;
		}
	return found;
}

/* The multiplication in a sentence that gives an amount; SIZE_MAX: none. */
static size_t
find_equation(const struct check *k, struct span of, const struct claim *c,
    const struct operand *o, size_t count)
{
	size_t i, to;

	for (i = of.from; i < of.to; i++) {
		const struct claim *n, *m;

		if (k->a.word[i].claim == 0)
			continue;
		n = &k->a.claim[k->a.word[i].claim - 1];
		to = n->word == i ? multiplied_by(&k->a, n->last) : SIZE_MAX;
		if (to >= of.to)
			continue;
		m = &k->a.claim[k->a.word[to].claim - 1];
		if (n == c || m == c || n->kind != CLAIM_NUMBER ||
		    m->kind != CLAIM_NUMBER ||
		    !is_sum(n->value * m->value, c->value))
			continue;
		if ((is_best(m, o, count) && is_asked_many(k, n)) ||
		    (is_best(n, o, count) && is_asked_many(k, m)))
			return i;
	}
	return SIZE_MAX;
}

/* --- one and another --- */

static double
weight_of(const struct check *k, struct span of, uint64_t words)
{
	double all = 0;
	size_t i;

	for (i = of.from; i < of.to && i - of.from < 64; i++)
		if (words & UINT64_C(1) << (i - of.from))
			all += k->weight[i];
	return all;
}

static size_t
first_of(uint64_t words)
{
	size_t i;

	for (i = 0; i < 64 && !(words & UINT64_C(1) << i); i++)
		;
	return i;
}

/* -1 less, 1 more: what a sentence says of the two. */
static int
compares(const struct check *k, struct span of)
{
	int64_t amount = meanings_value("amount", 6);
	int says = 0, n;
	size_t i;

	for (i = of.from; i < of.to; i++)
		for (n = 0; n < 2; n++) {
			if (k->a.word[i].pair[n] == amount)
				says = 1;
			else if (k->a.word[i].pair[n] == -amount)
				says = -1;
		}
	return says;
}

/* All prices that have words of their own in the sentence, and no others. */
static bool
is_of_several(const struct check *k, struct span of, const struct claim *c,
    const struct operand *o, size_t count)
{
	const struct operand *named[TERMS_MAX];
	size_t i, j, n = 0;
	double sum = 0;
	int more;

	for (i = 0; i < count; i++) {
		uint64_t own = o[i].words;

		for (j = 0; j < count; j++)
			if (j != i)
				own &= ~o[j].words;
		if (weight_of(k, of, own) < NAMED_MIN)
			continue;
		if (o[i].c->per != o[0].c->per || has_discount(k, of, o[i].r))
			return false;
		named[n++] = &o[i];
		sum += o[i].c->value;
	}
	if (n < 2)
		return false;
	more = compares(k, of);
	if (more == 0)
		return factor_of(k, &k->a, of, c,
			   counted_by(&named[0]->r->c, named[0]->c),
			   false) == 0 &&
		    is_sum(sum, c->value);
	if (n > 2)
		return false;
	if (first_of(named[0]->words & ~named[1]->words) >
	    first_of(named[1]->words & ~named[0]->words))
		more = -more;
	return is_sum(more * (named[0]->c->value - named[1]->c->value),
	    c->value);
}

static bool
is_same_thing(const struct reading *q, size_t v, const struct reading *r,
    size_t word)
{
	const struct claim_word *w = &r->c.word[word];
	int i;

	if (w->claim != 0 || w->is_common ||
	    w->concept == meanings_value("cost", 4) ||
	    w->concept == meanings_value("pay", 3))
		return false;
	for (i = 0; i <= TERM_PLACE; i++)
		if (q->terms[v].id[i] != 0 &&
		    q->terms[v].id[i] == r->terms[word].id[i])
			return true;
	return false;
}

/* Whether a word of a source stands beside one price of its passages alone. */
static bool
is_of_one_price(const struct check *k, const struct claim *c,
    const struct reading *of, size_t word)
{
	const struct claim *only = NULL;
	size_t i, n, w;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++) {
			const struct claim *d = &r->c.claim[n];

			if (d->unit != c->unit || d->kind != CLAIM_NUMBER ||
			    d->is_article || check_is_deposit(&r->c, n))
				continue;
			for (w = r->beside_at[n]; w < r->beside_at[n + 1]; w++)
				if (is_same_thing(of, word, r, r->beside[w])) {
					if (only != NULL &&
					    !claim_same(only, d))
						return false;
					only = d;
				}
		}
	}
	return only != NULL;
}

/* "Shoes and a harness are 7 euros", of 4 and of 3, though a course has both:
 * two prices, each with a word in its own clause that the other has not. */
static bool
is_of_two(const struct check *k, struct span of, const struct claim *c,
    const struct operand *o, size_t count)
{
	size_t i, j;

	if (!check_means(k, of, MEANING_AND) &&
	    !check_means(k, of, MEANING_WITH))
		return false;
	for (i = 0; i < count; i++)
		for (j = i + 1; j < count; j++)
			if (is_sum(o[i].c->value + o[j].c->value, c->value) &&
			    weight_of(k, of, o[i].words & ~o[j].words) >=
				NAMED_MIN &&
			    weight_of(k, of, o[j].words & ~o[i].words) >=
				NAMED_MIN &&
			    o[i].c->per == o[j].c->per &&
			    !has_discount(k, of, o[i].r) &&
			    !has_discount(k, of, o[j].r))
				return compares(k, of) == 0;
	return false;
}

/* The same of what a question names, where the answer names none: "together that
 * is 49 euros". */
static bool
is_of_several_asked(const struct check *k, const struct claim *c)
{
	const struct reading *q = question_of(k);
	const struct reading *r;
	double sum = 0;
	size_t i, n, w, v, named = 0;

	if (q == NULL)
		return false;
	for (i = 0; i < k->s->count; i++) {
		r = &k->s->reading[i];
		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++) {
			bool own = false;

			if (r->c.claim[n].unit != c->unit ||
			    r->c.claim[n].kind != CLAIM_NUMBER ||
			    r->c.claim[n].is_article ||
			    check_is_deposit(&r->c, n))
				continue;
			for (w = r->beside_at[n]; w < r->beside_at[n + 1]; w++)
				for (v = 0; v < q->c.nwords; v++)
					own |= is_same_thing(q, v, r,
						   r->beside[w]) &&
					    is_of_one_price(k, c, r,
						r->beside[w]);
			if (!own)
				continue;
			if (has_discount(k, (struct span){ 0, 0 }, r))
				return false;
			sum += r->c.claim[n].value;
			named++;
		}
	}
	return named > 1 && is_sum(sum, c->value);
}

/* Whether a number is one of the same money in the sources, though it stands
 * without it: "31 euros: 22 for the skis and 9 for the boots". */
static bool
is_part_of_sum(const struct check *k, const struct claim *d,
    const struct claim *c)
{
	struct claim whole = *d;

	if (d == c || d->kind != CLAIM_NUMBER || d->is_article ||
	    (d->unit != c->unit && (d->unit != 0 || d->is_word)))
		return false;
	whole.unit = c->unit;
	return d->value < c->value && check_said(k, &whole, false);
}

/* "22 euros and 9 euros, 31 together": of what the sentence itself says. */
static bool
is_of_its_own(const struct check *k, struct span of, const struct claim *c)
{
	const struct claim *only = NULL;
	double sum = 0, factor, times = 1;
	size_t i, to, n = 0, bare = 0;

	for (i = of.from; i < of.to; i++) {
		const struct claim *d;

		if (k->a.word[i].claim == 0)
			continue;
		d = &k->a.claim[k->a.word[i].claim - 1];
		if (d->word != i || d == c || d->kind != CLAIM_NUMBER)
			continue;
		if (d->unit == c->unit && !is_part_of_sum(k, d, c))
			return false;
		/* "13 for you and 2 x 9 for the children" */
		to = multiplied_by(&k->a, d->last);
		if (to < of.to &&
		    is_part_of_sum(k, &k->a.claim[k->a.word[to].claim - 1],
			c)) {
			times = d->value;
			continue;
		}
		if (!is_part_of_sum(k, d, c))
			continue;
		only = d;
		sum += times * d->value;
		times = 1;
		bare += d->unit == 0;
		n++;
	}
	if (n == 0)
		return false;
	if (n > 1 && is_sum(sum, c->value))
		return true;
	if (n != 1 || bare > 0 || only > c)
		return false;
	factor = factor_of(k, &k->a, of, c, counted_by(&k->a, only), false);
	return factor > 0 && is_sum(factor * sum, c->value);
}

bool
check_sum(struct check *k, const struct claim *c)
{
	struct span of = check_span(&k->a.sentence[c->sentence]);
	struct operand o[TERMS_MAX];
	size_t count;

	if (c->kind != CLAIM_NUMBER || !claim_is_money(c) || c->until != 0 ||
	    c->from != 0)
		return false;
	if (is_of_its_own(k, of, c))
		return true;
	count = find_operands(k, of, c, o);
	return find_equation(k, of, c, o, count) != SIZE_MAX ||
	    is_product(k, of, c, o, count) ||
	    is_of_several(k, of, c, o, count) ||
	    is_of_two(k, of, c, o, count) || is_of_several_asked(k, c);
}

/* Whether a number has no measure but time, or one that a price is counted by. */
static bool
is_measured_by(const struct claim *c, const struct operand *o, size_t count)
{
	size_t i;

	if (c->unit == 0 || check_is_time(c))
		return true;
	for (i = 0; i < count; i++)
		if (o[i].c->per == c->unit)
			return true;
	return false;
}

bool
check_is_factor(struct check *k, const struct claim *c)
{
	struct span of = check_span(&k->a.sentence[c->sentence]);
	struct operand o[TERMS_MAX];
	size_t i, count;

	if (c->kind != CLAIM_NUMBER || claim_is_money(c))
		return false;
	for (i = 0; i < k->a.nclaims; i++) {
		const struct claim *d = &k->a.claim[i];

		if (d->sentence != c->sentence || !claim_is_money(d))
			continue;
		if (multiplied_by(&k->a, c->last) < of.to &&
		    is_of_its_own(k, of, d))
			return true;
		count = find_operands(k, of, d, o);
		if (!is_measured_by(c, o, count))
			continue;
		if (find_equation(k, of, d, o, count) != SIZE_MAX ||
		    is_product(k, of, d, o, count))
			return true;
	}
	return false;
}
