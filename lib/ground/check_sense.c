/* check - contraries and promises in an answer */
#include <stdlib.h>
#include <string.h>

#include "ground/check.h"
#include "base/str.h"

/* Tuned on two thirds of tests/data/ground, see tests/unit-ground.c. */
#define ALIGNED_MIN 0.6	       /* of a clause's words: it is about the same */
#define ALIGNED_WORDS_MIN 1.25 /* weight below which nothing is compared */
#define ALIGNED_NEAR 0.88      /* of the best: as good */
#define CONTAINED_SHARE 0.75   /* of its words */
#define CONTAINED_MIN 1.4      /* weight of a clause that is contradicted */
#define CLEAR_MIN 0.3	       /* weight of a word that tells clauses apart */
#define AGREES_NEAR 0.75       /* of the clause that says the contrary */

/* Of a day says most whether it is open: it tells the day apart. */
static double
claim_weight(const struct claim *c)
{
	return c->kind == CLAIM_WEEKDAY ? 2 : 1;
}

/* "I'm afraid not:" answers; it is no word of what follows. */
static bool
is_by_itself(const struct claims *c, size_t word)
{
	const struct claim_sentence *s;
	struct span clause = { word, word };

	while (clause.from > 0 &&
	    c->word[clause.from - 1].clause == c->word[word].clause)
		clause.from--;
	clause = check_clause(c, clause.from);
	s = &c->sentence[c->word[word].sentence];
	if (s->is_row || clause.from != s->word ||
	    clause.to >= s->word + s->nwords)
		return false;
	for (; clause.from < clause.to; clause.from++)
		if (c->word[clause.from].claim != 0 ||
		    (check_weight_of(&c->word[clause.from]) > 0 &&
			!c->word[clause.from].is_plain))
			return false;
	return true;
}

bool
check_says(const struct claims *c, struct span span, enum meaning_kind kind)
{
	size_t i;

	for (i = span.from; i < span.to; i++)
		if (claim_word_is(&c->word[i], kind))
			return true;
	return false;
}

/* Whether one time of the day is named, and no second. */
static bool
says_hour(const struct claims *c, struct span span)
{
	size_t i, n = 0;

	for (i = span.from; i < span.to; i++)
		n += c->word[i].claim != 0 &&
		    c->claim[c->word[i].claim - 1].word == i &&
		    (c->claim[c->word[i].claim - 1].kind == CLAIM_TIME ||
			c->claim[c->word[i].claim - 1].unit ==
			    meanings_value("h", 1));
	return n == 1;
}

unsigned
check_says_no(const struct claims *c, struct span span)
{
	unsigned no = 0, bad = 0;
	bool until = says_hour(c, span);
	size_t i;

	for (i = span.from; i < span.to; i++) {
		const struct claim_word *w = &c->word[i];

		/* "Closes at 6" is "open until 6". */
		if (until && (w->mode & MODE_SHUT))
			continue;
		/* "No, we do not": an answer, not a word of the clause */
		if (claim_word_is(w, MEANING_NOT) && !is_by_itself(c, i))
			no = 1;
		if (claim_word_is(w, MEANING_BAD) ||
		    ((w->mode & MODE_BAN) && !claim_word_is(w, MEANING_NOT)))
			bad++;
	}
	return no ^ (bad & 1);
}

/* "costs extra" is "not included" */
bool
check_is_priced(const struct claims *a, struct span of, const struct claims *c,
    struct span in)
{
	return check_says(a, of, MEANING_NEED) &&
	    !check_says(a, of, MEANING_GRATIS) &&
	    check_says(c, in, MEANING_NOT) && check_says(c, in, MEANING_GRATIS);
}

/* "You pay nothing" is "free of charge". */
static bool
is_unpriced(const struct claims *a, struct span of, const struct claims *c,
    struct span in)
{
	size_t i;

	if (!check_says(a, of, MEANING_NOT) ||
	    check_says(a, of, MEANING_GRATIS) ||
	    !check_says(c, in, MEANING_GRATIS) ||
	    check_says(c, in, MEANING_NOT))
		return false;
	for (i = of.from; i < of.to; i++)
		if (a->word[i].claim != 0 &&
		    claim_is_money(&a->claim[a->word[i].claim - 1]) &&
		    !check_is_threshold(a, &a->claim[a->word[i].claim - 1]))
			return false;
	for (i = of.from; i < of.to; i++)
		if (a->word[i].concept == meanings_value("cost", 4) ||
		    a->word[i].concept == meanings_value("pay", 3) ||
		    claim_word_is(&a->word[i], MEANING_NEED))
			return true;
	return false;
}

/* "Not for guests" and "except guests", "members only": a no of part of what is
 * named cannot be counted. */
static bool
is_partly(const struct claims *c, struct span of)
{
	return check_says(c, of, MEANING_ONLY) ||
	    check_says(c, of, MEANING_EXCEPT) ||
	    check_says(c, of, MEANING_SOLE);
}

/* How well marked words (from a span of the answer) are in a source's span. */
static void
align(const struct check *k, struct span of, struct aligned *a)
{
	uint64_t seen[4] = { 0 };
	double all = 0, own;
	size_t i;
	unsigned m;

	a->score = 0;
	for (i = a->span.from; i < a->span.to; i++) {
		own = check_weight_of(&a->r->c.word[i]);
		all += own;
		m = check_marked(k, &a->r->terms[i]);
		if (m == 0 || (seen[m / 64 & 3] & UINT64_C(1) << m % 64))
			continue;
		seen[m / 64 & 3] |= UINT64_C(1) << m % 64;
		a->score +=
		    k->weight[of.from + m - 1] * k->found[of.from + m - 1];
	}
	/* Numbers that are the same hold clauses together as words do. */
	for (i = of.from; i < of.to; i++) {
		uint32_t claim = k->a.word[i].claim;
		size_t n;

		if (claim == 0 || k->a.claim[claim - 1].word != i)
			continue;
		for (n = a->span.from; n < a->span.to; n++)
			if (a->r->c.word[n].claim != 0 &&
			    claim_same(&k->a.claim[claim - 1],
				&a->r->c.claim[a->r->c.word[n].claim - 1])) {
				own = claim_weight(&k->a.claim[claim - 1]);
				a->score += own;
				all += own;
				break;
			}
	}
	a->fit = a->score + 0.35 * a->score / (all > 0.5 ? all : 0.5);
}

static bool
is_pair(const struct claims *c, struct span span, int64_t pair)
{
	size_t i;

	for (i = span.from; i < span.to; i++)
		if (c->word[i].pair[0] == pair || c->word[i].pair[1] == pair)
			return true;
	return false;
}

/* An opposite in the answer of what the source's clause says. */
static bool
is_opposite(const struct check *k, struct span of, const struct aligned *a)
{
	const struct claims *c = &k->a;
	size_t i;
	int n;

	for (i = of.from; i < of.to; i++)
		for (n = 0; n < 2; n++) {
			int64_t pair = c->word[i].pair[n];

			if (pair != 0 && !is_pair(c, of, -pair) &&
			    is_pair(&a->r->c, a->span, -pair) &&
			    !is_pair(&a->r->c, a->span, pair))
				return true;
		}
	return false;
}

static double
clause_weight(const struct check *k, struct span of)
{
	double all = check_total(k, of);
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (k->a.word[i].claim != 0 &&
		    k->a.claim[k->a.word[i].claim - 1].word == i)
			all +=
			    claim_weight(&k->a.claim[k->a.word[i].claim - 1]);
	return all;
}

/* Whether all of a source's clause is in the answer's, the word no aside. */
static bool
is_contained(const struct check *k, const struct aligned *a)
{
	double all = 0, here = 0, own;
	bool denied = false;
	size_t i, words = 0;

	for (i = a->span.from; i < a->span.to; i++) {
		const struct claim_word *w = &a->r->c.word[i];

		if (w->claim != 0)
			return false;
		own = check_weight_of(w);
		/* What the no is said of: "papers that did not come" */
		if (denied && own > 0) {
			denied = false;
			if (check_marked(k, &a->r->terms[i]) == 0)
				return false;
		}
		denied |= claim_word_is(w, MEANING_NOT);
		all += own;
		if (own > 0 && check_marked(k, &a->r->terms[i]) != 0) {
			here += own;
			words++;
		}
	}
	return words >= 2 && all >= CONTAINED_MIN &&
	    here >= CONTAINED_SHARE * all;
}

static bool
is_joint(const struct claim_word *w)
{
	return claim_word_is(w, MEANING_AND) || claim_word_is(w, MEANING_BUT);
}

/* Whether a clause of a source has nothing that the answer does not have. */
static bool
is_all_said(const struct check *k, const struct aligned *a)
{
	const struct claims *c = &a->r->c;
	bool any = false;
	size_t i;

	/* One that goes on from the other, or that the other goes on from. */
	if (k->is_translated)
		return false;
	if (!is_joint(&c->word[a->span.from]) &&
	    !(a->span.to < c->nwords && is_joint(&c->word[a->span.to])))
		return false;
	for (i = a->span.from; i < a->span.to; i++) {
		const struct claim_word *w = &c->word[i];

		if (w->claim != 0)
			return false;
		if (check_weight_of(w) < CLEAR_MIN)
			continue;
		if (check_marked(k, &a->r->terms[i]) == 0)
			return false;
		any |= check_weight_of(w) >= 1;
	}
	return any;
}

/* Whether of a source's sentence some clause that is meant says no or not. */
static bool
some_clause_says(struct check *k, struct span of, const struct aligned *whole,
    unsigned no)
{
	struct aligned part = *whole;
	double most[2] = { 0, 0 };
	unsigned here;
	bool said = false;
	size_t w;

	check_mark(k, of, true);
	for (w = whole->span.from; w < whole->span.to; w = part.span.to) {
		part.span = check_clause(&whole->r->c, w);
		align(k, of, &part);
		here = check_says_no(&whole->r->c, part.span);
		if (part.score > most[here])
			most[here] = part.score;
		said |= here == no && is_all_said(k, &part);
	}
	check_mark(k, of, false);
	/* "The fee holds a place and is not paid back": of the fee, too. */
	if (said)
		return true;
	/* "Cards are valid and cannot be returned": the thing is named once. */
	return most[no] >= AGREES_NEAR * most[!no];
}

/*
 * Hold a span of the answer against all clauses and sentences of the sources.
 * What is as near as the nearest counts: one of them that agrees is enough.
 */
static enum ground_reason
compare(struct check *k, struct span of, struct aligned *ret_best)
{
	double all = clause_weight(k, of);
	struct aligned *at = NULL;
	size_t n = 0, cap = 0, i, w, s;
	bool agrees = false, opposite = true, any = false;
	bool one = check_clause(&k->a, of.from).to >= of.to;
	bool contained[2] = { false, false };
	bool whole_sentence;
	bool is_part = is_partly(&k->a, of);
	unsigned no = check_says_no(&k->a, of);

	memset(ret_best, 0, sizeof(*ret_best));
	check_mark(k, of, true);
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r))
			continue;
		for (s = 0; s < r->c.nsentences; s++) {
			struct span whole = check_span(&r->c.sentence[s]);

			for (w = whole.from; w <= whole.to;) {
				if (n == cap) {
					cap = cap != 0 ? 2 * cap : 64;
					at = xrealloc(at, cap * sizeof(*at));
				}
				at[n].r = r;
				if (w == whole.to) {
					at[n].span = whole;
					w++;
				} else {
					at[n].span = check_clause(&r->c, w);
					w = at[n].span.to;
					if (at[n].span.from == whole.from &&
					    at[n].span.to == whole.to)
						w++;
				}
				align(k, of, &at[n]);
				if (at[n].fit > ret_best->fit)
					*ret_best = at[n];
				if (one && !k->is_translated &&
				    is_contained(k, &at[n]) &&
				    !is_opposite(k, of, &at[n]) &&
				    !is_unpriced(&k->a, of, &r->c, at[n].span))
					contained[check_says_no(&r->c,
					    at[n].span)] = true;
				n++;
			}
		}
	}
	check_mark(k, of, false);
	if (all >= ALIGNED_WORDS_MIN && ret_best->score >= ALIGNED_MIN * all &&
	    ret_best->score >= ALIGNED_WORDS_MIN)
		for (i = 0; i < n; i++) {
			if (at[i].fit < ALIGNED_NEAR * ret_best->fit)
				continue;
			any = true;
			whole_sentence =
			    check_clause(&at[i].r->c, at[i].span.from).to <
			    at[i].span.to;
			/* "only if it is" is "not unless it is". */
			agrees |= is_part != is_partly(&at[i].r->c, at[i].span);
			agrees |=
			    is_unpriced(&k->a, of, &at[i].r->c, at[i].span) ||
			    is_unpriced(&at[i].r->c, at[i].span, &k->a, of);
			agrees |= whole_sentence ?
			    some_clause_says(k, of, &at[i], no) :
			    check_says_no(&at[i].r->c, at[i].span) == no;
			agrees |=
			    check_is_priced(&k->a, of, &at[i].r->c, at[i].span);
			/* "does not change" is "stays the same". */
			agrees |= is_opposite(k, of, &at[i]) &&
			    check_says_no(&at[i].r->c, at[i].span) != no;
			opposite &= is_opposite(k, of, &at[i]) &&
			    check_says_no(&at[i].r->c, at[i].span) == no;
		}
	free(at);
	/* All that a source says no of, and yes of other things besides. */
	if (contained[!no] && !contained[no])
		return GROUND_NEGATION;
	if (!any)
		return GROUND_SUPPORTED;
	return !agrees ? GROUND_NEGATION :
	    opposite   ? GROUND_OPPOSITE :
			 GROUND_SUPPORTED;
}

/* "If it is not fetched, we sell it": what is not fetched is sold. */
static bool
follows_if_not(const struct claims *c, struct span of, struct span whole)
{
	struct span in;
	size_t w;

	for (w = whole.from; w < of.from; w = in.to) {
		in = check_clause(c, w);
		if (claim_word_is(&c->word[in.from], MEANING_IF) &&
		    check_says_no(c, in) == 1 && in.to <= of.from &&
		    check_says_no(c, of) == 0)
			return true;
	}
	return false;
}

enum ground_reason
check_contrary(struct check *k, struct span whole, struct aligned *ret_best)
{
	enum ground_reason reason;
	struct aligned best;
	size_t w;

	reason = compare(k, whole, ret_best);
	if (check_clause(&k->a, whole.from).to >= whole.to)
		return reason;
	reason = GROUND_SUPPORTED;
	for (w = whole.from; w < whole.to && reason == GROUND_SUPPORTED;) {
		struct span of = check_clause(&k->a, w);

		/* "No," and the like are of no clause. */
		if (clause_weight(k, of) == 0) {
			w = of.to;
			continue;
		}
		/* "The fee (50 euros) is not paid back" */
		while (of.to < whole.to && (k->a.word[of.to].gap & GAP_OTHER))
			of.to = check_clause(&k->a, of.to).to;
		/* What is too thin to compare goes with what follows. */
		while (clause_weight(k, of) < ALIGNED_WORDS_MIN &&
		    of.to < whole.to) {
			/* "There is no deposit, it costs 5 euros": of each its
			 * own, see check_denied(). */
			if (k->a.has_plain && check_says_no(&k->a, of) == 1)
				of.from = of.to;
			of.to = check_clause(&k->a, of.to).to;
		}
		if (clause_weight(k, of) >= ALIGNED_WORDS_MIN)
			reason = compare(k, of, &best);
		/* "Wear parts, for example chains, are not covered"; "you may,
		 * but without flash" */
		if (reason == GROUND_NEGATION && of.to < whole.to &&
		    (!claim_word_is(&k->a.word[of.to], MEANING_BUT) ||
			check_says(&k->a, check_clause(&k->a, of.to),
			    MEANING_LACK))) {
			of.to = check_clause(&k->a, of.to).to;
			reason = compare(k, of, &best);
		}
		if (reason == GROUND_NEGATION &&
		    follows_if_not(&k->a, of, whole))
			reason = compare(k, whole, &best);
		w = of.to;
	}
	return reason;
}

/* --- promises --- */

bool
check_means(const struct check *k, struct span span, enum meaning_kind kind)
{
	size_t i;

	for (i = span.from; i < span.to; i++)
		if (claim_word_is(&k->a.word[i], kind))
			return true;
	return false;
}

/* Whether a word of this kind is in the source's span as well. */
static bool
is_there(struct check *k, struct span span, enum meaning_kind kind,
    const struct aligned *a)
{
	bool found = false;
	size_t i, n;
	int t;

	for (i = span.from; i < span.to && !found; i++) {
		if (!claim_word_is(&k->a.word[i], kind))
			continue;
		for (n = a->span.from; a->r != NULL && n < a->span.to; n++)
			for (t = 0; t <= TERM_CONCEPT; t++)
				found |= k->terms[i].id[t] != 0 &&
				    k->terms[i].id[t] == a->r->terms[n].id[t];
	}
	return found;
}

/* Whether all words of this kind are in some source. */
static bool
is_anywhere(const struct check *k, struct span span, enum meaning_kind kind)
{
	size_t i;

	for (i = span.from; i < span.to; i++)
		if (claim_word_is(&k->a.word[i], kind) &&
		    (k->where[i] & (BITS_SOURCES | UINT64_C(1) << BIT_TOLD)) ==
			0)
			return false;
	return true;
}

/* "guaranteed" is more than a guarantee that is in the source; "we do not
 * guarantee" is less. */
static bool
is_new_promise(const struct check *k, struct span span)
{
	struct span of = { span.from, span.from };
	bool no = false;
	size_t i;

	for (i = span.from; i < span.to; i++) {
		if (i == of.to) {
			of = check_clause(&k->a, i);
			no = check_says_no(&k->a, of) == 1;
		}
		if (claim_word_is(&k->a.word[i], MEANING_PROMISE) && !no &&
		    (k->terms[i].id[TERM_EXACT] == 0 ||
			/* "we guarantee": the word is the second */
			(k->a.word[i].is_common && i + 1 < span.to &&
			    k->terms[i + 1].id[TERM_EXACT] == 0)))
			return true;
	}
	return false;
}

enum ground_reason
check_promises(struct check *k, struct span span, const struct aligned *best)
{
	bool soon = check_means(k, span, MEANING_SOON) &&
	    !is_anywhere(k, span, MEANING_SOON);

	if (check_deeds(k, span))
		return GROUND_DEED;
	if (is_new_promise(k, span))
		return GROUND_PROMISE;
	if (check_means(k, span, MEANING_WILL) &&
	    check_means(k, span, MEANING_GIVE) &&
	    (!is_there(k, span, MEANING_GIVE, best) || soon))
		return GROUND_PROMISE;
	if (soon && check_means(k, span, MEANING_GIVE))
		return GROUND_PROMISE;
	if (check_means(k, span, MEANING_MATE) &&
	    ((check_means(k, span, MEANING_CALL) &&
		 !is_anywhere(k, span, MEANING_CALL)) ||
		soon))
		return GROUND_PROMISE;
	return GROUND_SUPPORTED;
}
