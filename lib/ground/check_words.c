/* check - the words of an answer and what they weigh */
#include <stdlib.h>
#include <string.h>

#include "ground/check.h"
#include "base/str.h"

/* Tuned on two thirds of tests/data/ground, see tests/unit-ground.c. */
#define LIKE_FOUND 0.7	 /* a word of a group that a source has */
#define UNTRANSLATED 0.1 /* weight of words of another language */

/* How acts are told and prices counted, not what they are. */
#define TELLING                                                    \
	(MEANING_BIT(MEANING_DID) | MEANING_BIT(MEANING_DONE) |    \
	    MEANING_BIT(MEANING_IS) | MEANING_BIT(MEANING_YOUR) |  \
	    MEANING_BIT(MEANING_WHEN) | MEANING_BIT(MEANING_PER) | \
	    MEANING_BIT(MEANING_RATE) | MEANING_BIT(MEANING_COURTEOUS))

/* What of a text carries its sense; numbers are held against it elsewhere. */
double
check_weight_of(const struct claim_word *w)
{
	if (w->claim != 0)
		return 0;
	if (w->concept != 0 || w->place != 0)
		return 1;
	if (claim_word_is(w, MEANING_POLITE) || w->exact == 0)
		return 0;
	if (claim_word_is(w, MEANING_NOT) || claim_word_is(w, MEANING_UNIT) ||
	    claim_word_is(w, MEANING_TO) || claim_word_is(w, MEANING_AND) ||
	    claim_word_is(w, MEANING_BUT) || claim_word_is(w, MEANING_AM) ||
	    claim_word_is(w, MEANING_PM) || claim_word_is(w, MEANING_OCLOCK) ||
	    w->is_common)
		return 0;
	if (w->is_sign && (w->means & ~TELLING) == 0 && !w->is_kana)
		return w->len <= 3 || w->is_weak ||
			claim_word_is(w, MEANING_COURTEOUS) ?
		    0.1 :
		    0.4;
	if (w->pair[0] != 0 || claim_word_is(w, MEANING_BAD))
		return 0.4;
	if (w->is_weak)
		return w->is_named ? 1 : 0.4;
	return w->len <= 2 ? 0.2 : 1;
}

/* Where a word stands that says the same. */
static uint64_t
where_like(const struct check *k, const struct claim_word *w)
{
	uint64_t where = 0;
	size_t i;

	for (i = 0; i < CLAIM_LIKE_MAX && w->like[i] != 0; i++)
		where |= sources_like(k->s, w->like[i]);
	return where;
}

void
check_weigh(struct check *k)
{
	const struct claim_word free_word = { .concept =
						  meanings_value("free", 4) };
	size_t i, n = k->a.nwords;
	bool is_free;

	k->terms = xcalloc(n + 1, sizeof(*k->terms));
	k->weight = xcalloc(n + 1, sizeof(*k->weight));
	k->found = xcalloc(n + 1, sizeof(*k->found));
	k->where = xcalloc(n + 1, sizeof(*k->where));
	k->mark = xcalloc(k->s->nterms + 2, 1);
	is_free = sources_find(k->s, &free_word).id[TERM_CONCEPT] != 0;
	for (i = 0; i < n; i++) {
		k->terms[i] = sources_find(k->s, &k->a.word[i]);
		k->weight[i] = check_weight_of(&k->a.word[i]);
		k->found[i] = sources_where(k->s, &k->terms[i], &k->where[i]);
		if (k->found[i] < LIKE_FOUND && k->weight[i] > 0) {
			uint64_t where = where_like(k, &k->a.word[i]);

			k->where[i] |= where;
			if (where != 0)
				k->found[i] = LIKE_FOUND;
		}
		/* "You need not pay" of what is free */
		if (k->found[i] == 0 && is_free && k->weight[i] > 0 &&
		    (k->a.word[i].concept == meanings_value("pay", 3) ||
			k->a.word[i].concept == meanings_value("cost", 4)))
			k->found[i] = LIKE_FOUND;
		/* A word of another language cannot be there. */
		if (k->is_translated && k->found[i] == 0 &&
		    k->a.word[i].concept == 0 && k->weight[i] > UNTRANSLATED)
			k->weight[i] = UNTRANSLATED;
	}
}

bool
check_same_word(const struct check *k, size_t word, const struct reading *r,
    size_t at)
{
	const struct terms *t = &k->terms[word], *u = &r->terms[at];
	int i;

	if (k->a.word[word].is_sign != r->c.word[at].is_sign)
		return false;
	for (i = 0; i <= TERM_PLACE; i++)
		if (t->id[i] != 0 && t->id[i] == u->id[i])
			return true;
	return !k->a.word[word].is_sign &&
	    claim_words_alike(&k->a.word[word], &r->c.word[at]);
}

void
check_mark(struct check *k, struct span span, bool set)
{
	size_t i;
	int t;

	for (i = span.from; i < span.to && i - span.from < 250; i++)
		if (k->weight[i] > 0)
			for (t = 0; t < TERMS; t++)
				if (k->terms[i].id[t] != 0)
					k->mark[k->terms[i].id[t]] = set ?
					    (uint8_t)(i - span.from + 1) :
					    0;
}

/* Which marked word of the answer a word of a source is, from 1; 0: none. */
unsigned
check_marked(const struct check *k, const struct terms *t)
{
	int i;

	for (i = 0; i < TERMS; i++)
		if (t->id[i] != 0 && k->mark[t->id[i]] != 0)
			return k->mark[t->id[i]];
	return 0;
}

struct span
check_span(const struct claim_sentence *s)
{
	return (struct span){ s->word, s->word + s->nwords };
}

/* The clause that begins at a word. */
struct span
check_clause(const struct claims *c, size_t word)
{
	size_t to = word;

	while (to < c->nwords && c->word[to].clause == c->word[word].clause)
		to++;
	return (struct span){ word, to };
}

double
check_total(const struct check *k, struct span span)
{
	double all = 0;
	size_t i;

	for (i = span.from; i < span.to; i++)
		all += k->weight[i];
	return all;
}

bool
check_is_one_of(const struct claim_word *w, const char *const *concepts)
{
	for (; *concepts != NULL; concepts++)
		if (w->concept == meanings_value(*concepts, strlen(*concepts)))
			return true;
	return false;
}

bool
check_said(const struct check *k, const struct claim *c, bool asked)
{
	const struct reading *r;
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		r = &k->s->reading[i];
		if ((r->role == ROLE_ASKED) != asked)
			continue;
		for (n = 0; n < r->c.nclaims; n++)
			if (claim_same(c, &r->c.claim[n]))
				return true;
	}
	return false;
}
