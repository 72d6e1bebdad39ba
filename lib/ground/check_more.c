/*
 * check - more and less of two things
 *
 * "Boots cost more than skis": both have their numbers in the sources, and of
 * those that are counted alike none says so. The number of a thing is the first
 * behind it in its clause; what is free costs nothing.
 */
#include "ground/check.h"

#define WORDS_MAX 48 /* of a clause that is looked at */
#define UNITS_MAX 8  /* that a thing has numbers of */
#define THING_MIN 0.7

struct amount {
	int64_t unit;
	double value;
	bool is_money;
	bool is_unsure; /* the sources have several */
};

struct amounts {
	struct amount amount[UNITS_MAX];
	size_t n;
};

static void
add(struct amounts *a, int64_t unit, double value, bool is_money)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->amount[i].unit == unit ||
		    (is_money && a->amount[i].is_money)) {
			a->amount[i].is_unsure |= a->amount[i].value != value;
			return;
		}
	if (a->n < UNITS_MAX)
		a->amount[a->n++] =
		    (struct amount){ unit, value, is_money, false };
}

static bool
is_thing(const struct claim_word *w)
{
	return w->claim == 0 && !w->is_common && w->mode == 0 &&
	    w->pair[0] == 0 && !claim_word_is(w, MEANING_POLITE) &&
	    check_weight_of(w) >= THING_MIN;
}

static bool
is_same(const struct check *k, size_t word, const struct reading *r, size_t at)
{
	const struct terms *t = &k->terms[word], *u = &r->terms[at];

	return (t->id[TERM_EXACT] != 0 &&
		   t->id[TERM_EXACT] == u->id[TERM_EXACT]) ||
	    (t->id[TERM_STEM] != 0 && t->id[TERM_STEM] == u->id[TERM_STEM]);
}

/* What the clauses that name a thing give for it. */
static void
find_amounts(const struct check *k, size_t word, struct amounts *ret)
{
	size_t i, w, n, m;

	ret->n = 0;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];
		struct span in;

		if (!reading_is_passage(r))
			continue;
		for (w = 0; w < r->c.nwords; w = in.to) {
			struct amounts here = { .n = 0 };

			in = check_clause(&r->c, w);
			for (n = in.from; n < in.to && !is_same(k, word, r, n);
			     n++)
				;
			for (; n < in.to; n++) {
				const struct claim_word *v = &r->c.word[n];
				const struct claim *c;

				if (v->claim == 0) {
					if (claim_word_is(v, MEANING_GRATIS))
						add(&here, 0, 0, true);
					continue;
				}
				c = &r->c.claim[v->claim - 1];
				if (c->word != n || c->kind != CLAIM_NUMBER ||
				    c->unit == 0)
					continue;
				/* The second of a unit is of something else. */
				for (m = 0; m < here.n; m++)
					if (here.amount[m].unit == c->unit)
						break;
				if (m == here.n)
					add(&here, c->unit, c->value,
					    claim_is_money(c));
			}
			for (m = 0; m < here.n; m++)
				add(ret, here.amount[m].unit,
				    here.amount[m].value,
				    here.amount[m].is_money);
		}
	}
}

/* Whether a thing of a span has numbers, one that the other span lacks. */
static bool
amounts_of(const struct check *k, struct span of, struct span other,
    struct amounts *ret)
{
	size_t i, n;

	for (i = of.from; i < of.to; i++) {
		if (!is_thing(&k->a.word[i]))
			continue;
		for (n = other.from; n < other.to; n++)
			if (k->a.word[n].stem == k->a.word[i].stem)
				break;
		if (n < other.to)
			continue;
		find_amounts(k, i, ret);
		if (ret->n > 0)
			return true;
	}
	return false;
}

/* Whether all that both have numbers of says the contrary. */
static bool
is_denied(const struct amounts *a, const struct amounts *b, bool more)
{
	bool any = false;
	size_t i, n;

	for (i = 0; i < a->n; i++)
		for (n = 0; n < b->n; n++) {
			const struct amount *x = &a->amount[i],
					    *y = &b->amount[n];

			if (x->unit != y->unit &&
			    !(x->is_money && y->is_money &&
				(x->unit == 0 || y->unit == 0)))
				continue;
			if (x->is_unsure || y->is_unsure ||
			    (more ? x->value > y->value : x->value < y->value))
				return false;
			any = true;
		}
	return any;
}

bool
check_more_than(const struct check *k, struct span of)
{
	size_t i, more = SIZE_MAX, than = SIZE_MAX;
	struct amounts a, b;
	struct span first, second;

	if (k->is_translated || of.to - of.from > WORDS_MAX)
		return false;
	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &k->a.word[i];

		if (w->claim != 0 || claim_word_is(w, MEANING_NOT))
			return false;
		if (more == SIZE_MAX && (w->mode & (MODE_MORE | MODE_LESS)))
			more = i;
		if (more != SIZE_MAX && (w->mode & MODE_THAN))
			than = i;
	}
	if (than == SIZE_MAX)
		return false;
	first = (struct span){ of.from, more };
	second = (struct span){ than + 1, of.to };
	return amounts_of(k, first, second, &a) &&
	    amounts_of(k, second, first, &b) &&
	    is_denied(&a, &b, (k->a.word[more].mode & MODE_MORE) != 0);
}
