/*
 * check - an answer held against what was asked
 *
 * "It takes 3 to 5 days" is told of what the customer asked about; and what only
 * they named is no source: "Yes, we deliver to Iceland".
 */
#include <stdlib.h>
#include <string.h>

#include "ground/check.h"
#include "ground/near.h"

#define ASKED_MAX 200 /* words of a question that are looked at */
#define SUBJECT_MIN 1 /* weight of a word that a number may be told of */

static bool
is_same_term(const struct terms *a, const struct terms *b)
{
	int i;

	for (i = 0; i < TERMS; i++)
		if (i != TERM_BEGIN && i != TERM_END && a->id[i] != 0 &&
		    a->id[i] == b->id[i])
			return true;
	return false;
}

/* Whether beside a claim of a source, not merely in its sentence. */
static bool
is_beside(const struct reading *r, size_t claim, const struct terms *t)
{
	size_t i;

	for (i = r->beside_at[claim]; i < r->beside_at[claim + 1]; i++)
		if (is_same_term(t, &r->terms[r->beside[i]]))
			return true;
	return false;
}

/* Whether a sentence has another number that may be told of the same. */
static bool
has_sibling(const struct reading *r, size_t claim)
{
	const struct claim *c = &r->c.claim[claim];
	size_t i;

	/* Hours of several days are all of one place. */
	for (i = 0; c->kind == CLAIM_NUMBER && i < r->c.nclaims; i++)
		if (i != claim && r->c.claim[i].sentence == c->sentence &&
		    i + 1 != c->until && i + 1 != c->from &&
		    claim_alike(c, &r->c.claim[i]))
			return true;
	return false;
}

/* Whether a word stands in the sentence of a claim of a source, or above it; of
 * several that are alike in a sentence, beside it. */
static bool
is_about(const struct check *k, const struct reading *r, size_t claim,
    const struct terms *t)
{
	struct span in = check_span(&r->c.sentence[r->c.claim[claim].sentence]);
	size_t i, n;

	if (has_sibling(r, claim)) {
		if (is_beside(r, claim, t))
			return true;
		in.to = in.from;
	}
	for (i = in.from; i < in.to; i++)
		if (is_same_term(t, &r->terms[i]))
			return true;
	for (n = 0; n < k->s->count; n++) {
		const struct reading *h = &k->s->reading[n];

		if (h->role != ROLE_HEADING || h->source != r->source)
			continue;
		for (i = 0; i < h->c.nwords; i++)
			if (is_same_term(t, &h->terms[i]))
				return true;
	}
	return false;
}

bool
check_tells_of(const struct check *k, const struct claim *c,
    const struct terms *t)
{
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++)
			if (claim_same(c, &r->c.claim[n]) &&
			    is_about(k, r, n, t))
				return true;
	}
	return false;
}

static bool
is_subject(const struct claim_word *w)
{
	return w->claim == 0 && check_weight_of(w) >= SUBJECT_MIN &&
	    (w->place != 0 || (w->is_capital && !w->is_first) ||
		(!w->is_plain && w->concept == 0));
}

/* To cost and to pay are told of all things. */
static bool
is_of_all(const struct claim_word *w)
{
	return w->concept == meanings_value("cost", 4) ||
	    w->concept == meanings_value("pay", 3);
}

/* Whether the source's other claim lacks a word that the answer's is told of:
 * one of the question or of the answer's sentence. */
static bool
has_own_subject(const struct check *k, const struct claim *c,
    const struct reading *asked, const struct reading *r, size_t other)
{
	struct span of = check_span(&k->a.sentence[c->sentence]);
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (k->weight[i] > 0 && k->a.word[i].claim == 0 &&
		    !is_of_all(&k->a.word[i]) &&
		    !is_about(k, r, other, &k->terms[i]) &&
		    check_tells_of(k, c, &k->terms[i]))
			return true;
	for (i = 0; i < asked->c.nwords && i < ASKED_MAX; i++)
		if (asked->c.word[i].claim == 0 &&
		    check_weight_of(&asked->c.word[i]) >= SUBJECT_MIN &&
		    !is_of_all(&asked->c.word[i]) &&
		    !is_about(k, r, other, &asked->terms[i]) &&
		    check_tells_of(k, c, &asked->terms[i]))
			return true;
	return false;
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

/* Whether the answer names a word of the question, then it tells of it there. */
static bool
is_named(const struct check *k, const struct claim *c, const struct terms *t)
{
	struct span of = check_span(&k->a.sentence[c->sentence]);
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (is_same_term(t, &k->terms[i]))
			return true;
	return false;
}

/*
 * A number that the sources give for something else than what was asked, where
 * they have one for that: no word of the question or of the answer is of its
 * own.
 */
bool
check_other_subject(const struct check *k, const struct claim *c)
{
	const struct reading *asked = question_of(k);
	size_t q, i, n;

	if (asked == NULL || c->is_article || claim_is_soft(c) ||
	    (c->kind != CLAIM_NUMBER && c->kind != CLAIM_TIME) ||
	    (c->kind == CLAIM_NUMBER && c->unit == 0))
		return false;
	for (q = 0; q < asked->c.nwords && q < ASKED_MAX; q++) {
		if (!is_subject(&asked->c.word[q]) ||
		    is_named(k, c, &asked->terms[q]) ||
		    check_tells_of(k, c, &asked->terms[q]))
			continue;
		for (i = 0; i < k->s->count; i++) {
			const struct reading *r = &k->s->reading[i];

			for (n = 0; reading_is_passage(r) && n < r->c.nclaims;
			     n++)
				if (claim_alike(c, &r->c.claim[n]) &&
				    !claim_same(c, &r->c.claim[n]) &&
				    is_beside(r, n, &asked->terms[q]) &&
				    !has_own_subject(k, c, asked, r, n))
					return true;
		}
	}
	return false;
}

/* --- names that only the customer said --- */

static bool
is_name_in(const struct claims *c, size_t word)
{
	const struct claim_word *w = &c->word[word];

	return w->place != 0 ||
	    (w->is_capital && !w->is_first && w->claim == 0 && w->len > 2 &&
		w->means == 0 && !w->is_common && !w->is_weak && !w->is_plain);
}

/* Whether the passages name places or the like, of which this is none. */
static bool
have_names(const struct check *k)
{
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nwords; n++)
			if (r->c.word[n].place != 0 ||
			    (r->c.has_plain &&
				strcmp(r->c.language, "de") != 0 &&
				is_name_in(&r->c, n)))
				return true;
	}
	return false;
}

/* A name in the question, not by its place in the sentence alone. */
static bool
is_asked_name(const struct check *k, const struct terms *t)
{
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (r->role != ROLE_ASKED)
			continue;
		for (n = 0; n < r->c.nwords; n++)
			if (is_same_term(t, &r->terms[n]) &&
			    is_name_in(&r->c, n))
				return true;
	}
	return false;
}

/*
 * The word of a sentence that says yes of a name which no passage has, and
 * beside none that one has; SIZE_MAX.
 */
size_t
check_own_name(const struct check *k, struct span of)
{
	const uint64_t known =
	    BITS_SOURCES | UINT64_C(1) << BIT_TOLD | UINT64_C(1) << BIT_ALLOWED;
	size_t i, found = SIZE_MAX;

	if (k->is_translated || check_means(k, of, MEANING_NOT) ||
	    check_means(k, of, MEANING_BAD) || !have_names(k))
		return SIZE_MAX;
	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &k->a.word[i];

		if (!w->is_capital || w->claim != 0)
			continue;
		if (w->place != 0 && (k->where[i] & known) != 0)
			return SIZE_MAX;
		if ((k->where[i] & known) == 0 &&
		    (k->where[i] & UINT64_C(1) << BIT_ASKED) != 0 &&
		    (w->place != 0 || !w->is_common) &&
		    !check_short_for(k, i) && is_asked_name(k, &k->terms[i]))
			found = i;
	}
	return found;
}
