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

#define TERMS_MAX 8    /* prices that a sentence may be about */
#define FACTOR_MAX 60  /* days, persons */
#define NAMED_MIN 0.35 /* weight of the words that name a thing */

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
add_word(const struct check *k, struct span of, const struct terms *t,
    struct operand *o)
{
	unsigned m = check_marked(k, t);
	const struct claim_word *w;
	uint64_t bit;

	if (m == 0 || m > 64)
		return;
	bit = UINT64_C(1) << (m - 1);
	w = &k->a.word[of.from + m - 1];
	/* To cost and to pay are said of all of them. */
	if (o->words & bit || w->claim != 0 ||
	    w->concept == meanings_value("cost", 4) ||
	    w->concept == meanings_value("pay", 3))
		return;
	o->words |= bit;
	o->score += k->weight[of.from + m - 1];
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
		    (k->s->where[t->id[TERM_STEM]] &
			UINT64_C(1) << BIT_ASKED) != 0)
			score += check_weight_of(w) / 2;
	}
	return score;
}

/* All prices of this unit in the sources, and what of each is named. */
static size_t
find_operands(struct check *k, struct span of, const struct claim *c,
    struct operand *ret)
{
	size_t i, n, w, count = 0;

	check_mark(k, of, true);
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r))
			continue;
		for (n = 0; n < r->c.nclaims; n++) {
			const struct claim *d = &r->c.claim[n];
			struct operand o = { r, d, 0, 0 };

			if (d->kind != CLAIM_NUMBER || d->unit != c->unit ||
			    d->is_article)
				continue;
			for (w = r->beside_at[n]; w < r->beside_at[n + 1]; w++)
				add_word(k, of, &r->terms[r->beside[w]], &o);
			o.score += asked_of(k, r, n);
			if (o.score == 0)
				continue;
			if (count == TERMS_MAX) {
				check_mark(k, of, false);
				return 0;
			}
			ret[count++] = o;
		}
	}
	check_mark(k, of, false);
	return count;
}

/* A discount makes of a product something else. */
static bool
has_discount(const struct reading *r)
{
	size_t i;

	for (i = 0; i < r->c.nclaims; i++)
		if (r->c.claim[i].unit == meanings_value("pct", 3))
			return true;
	return false;
}

/* --- so many times --- */

static bool
is_in_sources(const struct check *k, const struct claim *c)
{
	size_t i, n;

	for (i = 0; i < k->s->count; i++)
		for (n = 0; k->s->reading[i].role != ROLE_ASKED &&
		     n < k->s->reading[i].c.nclaims;
		     n++)
			if (claim_same(c, &k->s->reading[i].c.claim[n]))
				return true;
	return false;
}

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

/* Whether a number may say how many: of what a price is counted by, if that is
 * time. */
static bool
is_factor(const struct claims *a, struct span of, const struct claim *n,
    const struct claim *c, const struct claim *d)
{
	uint16_t times = (d->rates | claim_rate_of(d->per)) & RATES_OF_TIME;

	if (n->kind != CLAIM_NUMBER || n->until != 0 || n->from != 0 ||
	    n->value != floor(n->value) || n->value < 2 ||
	    n->value > FACTOR_MAX)
		return false;
	if (check_is_time(n))
		return (claim_rate_of(n->unit) & times) != 0;
	return n->unit == 0 && (times == 0 || is_of_one(a, of, c, times));
}

/* The product of all that says how many; 0: nothing does, or too much. */
static double
factor_of(const struct check *k, const struct claims *a, struct span of,
    const struct claim *c, const struct claim *d)
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
		/* One that a source has as well tells of a rule. */
		if (n == c || n->kind != CLAIM_NUMBER || n->is_article ||
		    n->unit == c->unit || n->value == 1 || is_in_sources(k, n))
			continue;
		if (!is_factor(a, of, n, c, d))
			return 0;
		product *= n->value;
	}
	return product > 1 ? product : 0;
}

static double
factor_asked(const struct check *k, const struct claim *c,
    const struct claim *d)
{
	double product = 0;
	size_t i;

	for (i = 0; i < k->s->count && product == 0; i++)
		if (k->s->reading[i].role == ROLE_ASKED)
			product = factor_of(k, &k->s->reading[i].c,
			    (struct span){ 0, k->s->reading[i].c.nwords }, c,
			    d);
	return product;
}

static bool
is_product(const struct check *k, struct span of, const struct claim *c,
    const struct operand *o, size_t count)
{
	const struct operand *best = NULL;
	double factor;
	size_t i;

	for (i = 0; i < count; i++)
		if (best == NULL || o[i].score > best->score)
			best = &o[i];
	for (i = 0; i < count; i++)
		if (o[i].score == best->score && !claim_same(o[i].c, best->c))
			return false;
	if (best == NULL || has_discount(best->r))
		return false;
	factor = factor_of(k, &k->a, of, c, best->c);
	if (factor == 0)
		factor = factor_asked(k, c, best->c);
	return factor > 0 && is_sum(factor * best->c->value, c->value);
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
		if (o[i].c->per != o[0].c->per || has_discount(o[i].r))
			return false;
		named[n++] = &o[i];
		sum += o[i].c->value;
	}
	if (n < 2)
		return false;
	more = compares(k, of);
	if (more == 0)
		return factor_of(k, &k->a, of, c, named[0]->c) == 0 &&
		    is_sum(sum, c->value);
	if (n > 2)
		return false;
	if (first_of(named[0]->words & ~named[1]->words) >
	    first_of(named[1]->words & ~named[0]->words))
		more = -more;
	return is_sum(more * (named[0]->c->value - named[1]->c->value),
	    c->value);
}

/* "22 euros and 9 euros, 31 together": of what the sentence itself says. */
static bool
is_of_its_own(const struct check *k, struct span of, const struct claim *c)
{
	const struct claim *only = NULL;
	double sum = 0, factor;
	size_t i, n = 0;

	for (i = of.from; i < of.to; i++) {
		const struct claim *d;

		if (k->a.word[i].claim == 0)
			continue;
		d = &k->a.claim[k->a.word[i].claim - 1];
		if (d->word != i || d == c || d->kind != CLAIM_NUMBER ||
		    d->unit != c->unit)
			continue;
		if (d > c || !is_in_sources(k, d))
			return false;
		only = d;
		sum += d->value;
		n++;
	}
	if (n == 0)
		return false;
	factor = factor_of(k, &k->a, of, c, only);
	return n > 1 ? factor == 0 && is_sum(sum, c->value) :
		       factor > 0 && is_sum(factor * sum, c->value);
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
	return is_product(k, of, c, o, count) ||
	    is_of_several(k, of, c, o, count);
}

bool
check_is_factor(struct check *k, const struct claim *c)
{
	struct span of = check_span(&k->a.sentence[c->sentence]);
	struct operand o[TERMS_MAX];
	size_t i, count;

	if (c->kind != CLAIM_NUMBER || (c->unit != 0 && !check_is_time(c)))
		return false;
	for (i = 0; i < k->a.nclaims; i++) {
		const struct claim *d = &k->a.claim[i];

		if (d->sentence != c->sentence || !claim_is_money(d) ||
		    is_in_sources(k, d))
			continue;
		count = find_operands(k, of, d, o);
		if (is_product(k, of, d, o, count))
			return true;
	}
	return false;
}
