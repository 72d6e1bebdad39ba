/*
 * check - a yes to what lies beyond a limit
 *
 * "Children from 8 on can join" has a limit: asked of a son of 6, "yes, he can
 * join" is false, however many of its words the passage has. The number that the
 * customer names is held against the limits that passages set for the same: for
 * what is asked, and for what is free if the answer calls it so.
 */
#include <string.h>

#include "ground/check.h"
#include "base/str.h"

#define BESIDE 3    /* words between a number and "from" or "under" */
#define SAME_MIN 1  /* weight of a word that question and passage share */
#define IN_CLAUSE 4 /* times what one elsewhere in the sentence counts */
#define ANY_CLAUSE SIZE_MAX
#define SAME_SIGNS_MIN 4 /* bytes of such a word, in scripts without blanks */
#define ASKED_MAX 8	 /* numbers of a question */
#define LIMIT_WORDS_MAX 200 /* of a question or sentence that are looked at */

enum limit { NO_LIMIT, LEAST, MOST, UNDER };

/* What a yes is held against. */
struct asked {
	const struct reading *q;
	const struct claim *n;
	bool is_age;
	bool is_of_child;
	bool is_free; /* what the answer says */
};

static enum limit
limit_of_word(const struct claims *c, const struct claim_word *w,
    bool is_before)
{
	/* Where this is said behind a number, that is within. */
	static const char *const inclusive[] = { "zh", "ja", NULL };
	const int64_t amount = meanings_value("amount", 6);
	int64_t pair = w->pair[0] == amount || w->pair[0] == -amount ?
	    w->pair[0] :
	    w->pair[1];

	if (pair == -amount)
		return str_in(c->language, inclusive) ? MOST : UNDER;
	if (pair == amount || (w->mode & MODE_LEAST))
		return LEAST;
	if ((w->mode & MODE_MOST) || claim_word_is(w, MEANING_MOST))
		return MOST;
	if (claim_word_is(w, MEANING_LEAST))
		return LEAST;
	if (!is_before)
		return NO_LIMIT;
	if (claim_word_is(w, MEANING_UPTO))
		return MOST;
	if (claim_word_is(w, MEANING_SINCE) || claim_word_is(w, MEANING_FROM))
		return LEAST;
	return NO_LIMIT;
}

/* The limit that a number of a passage is. */
static enum limit
limit_of(const struct claims *c, const struct claim *n)
{
	enum limit limit = NO_LIMIT;
	size_t i;

	if (n->until != 0)
		return LEAST;
	for (i = n->last + 1;
	     i < c->nwords && i <= n->last + BESIDE && limit == NO_LIMIT &&
	     c->word[i].clause == c->word[n->word].clause &&
	     c->word[i].claim == 0;
	     i++)
		limit = limit_of_word(c, &c->word[i], false);
	for (i = n->word; i > 0 && i + BESIDE > n->word && limit == NO_LIMIT &&
	     c->word[i - 1].clause == c->word[n->word].clause &&
	     c->word[i - 1].claim == 0;
	     i--)
		limit = limit_of_word(c, &c->word[i - 1], true);
	return limit;
}

static bool
is_years(const struct claim *n)
{
	return n->unit == meanings_value("y", 1);
}

static bool
is_child(const struct claim_word *w)
{
	return w->concept == meanings_value("child", 5);
}

static bool
is_same(const struct terms *a, const struct terms *b)
{
	int i;

	for (i = 0; i <= TERM_CONCEPT; i++)
		if (a->id[i] != 0 && a->id[i] == b->id[i])
			return true;
	return false;
}

static bool
is_thing(const struct claim_word *w)
{
	if (w->claim != 0 || w->pair[0] != 0 || is_child(w) ||
	    (w->mode & MODE_MAY) || claim_word_is(w, MEANING_UNIT))
		return false;
	return check_weight_of(w) >= SAME_MIN ||
	    (w->is_sign && w->len >= SAME_SIGNS_MIN);
}

static bool
has_word(const struct claims *c, const struct terms *terms,
    const struct terms *of)
{
	size_t i;

	for (i = 0; i < c->nwords && i < LIMIT_WORDS_MAX; i++)
		if (is_thing(&c->word[i]) && is_same(&terms[i], of))
			return true;
	return false;
}

/* How much a sentence has of what was asked, or is answered; words of another
 * clause than this count less. */
static int
score_of(const struct check *k, const struct asked *a, const struct reading *r,
    size_t sentence, size_t clause)
{
	struct span in = check_span(&r->c.sentence[sentence]);
	int score = 0;
	size_t i;

	for (i = in.from; i < in.to && i < in.from + LIMIT_WORDS_MAX; i++)
		if (is_thing(&r->c.word[i]) &&
		    (has_word(&a->q->c, a->q->terms, &r->terms[i]) ||
			has_word(&k->a, k->terms, &r->terms[i])))
			score += clause == ANY_CLAUSE ||
				r->c.word[i].clause == clause ?
			    IN_CLAUSE :
			    1;
	return score;
}

/* A number with nothing behind it that it could count. */
static bool
is_bare(const struct claims *c, const struct claim *n)
{
	size_t next = n->last + 1;

	return n->unit == 0 && !n->is_word &&
	    (next >= c->nwords ||
		c->word[next].clause != c->word[n->word].clause);
}

/* "Children under 9": their age, where nothing is counted. */
static bool
is_of_children(const struct claims *c, const struct claim *n)
{
	size_t i;

	if (n->unit != 0 || n->is_word)
		return false;
	for (i = n->word; i > 0 && i + BESIDE > n->word; i--)
		if (is_child(&c->word[i - 1]))
			return true;
	return is_bare(c, n);
}

/* Whether a number is counted by the same word as the one that was asked. */
static bool
is_same_count(const struct asked *a, const struct reading *r,
    const struct claim *n)
{
	size_t own = a->n->last + 1, other = n->last + 1;

	return own < a->q->c.nwords && other < r->c.nwords &&
	    is_same(&a->q->terms[own], &r->terms[other]);
}

static bool
is_limit_of(const struct asked *a, const struct reading *r,
    const struct claim *n)
{
	struct span in = check_span(&r->c.sentence[n->sentence]);

	if (n->kind != CLAIM_NUMBER || n->from != 0 ||
	    (check_is_time(n) && !is_years(n)) ||
	    check_says(&r->c, in, MEANING_NOT) ||
	    check_says(&r->c, check_clause(&r->c, n->word), MEANING_GRATIS) !=
		a->is_free ||
	    limit_of(&r->c, n) == NO_LIMIT)
		return false;
	if (is_years(n) || (a->is_of_child && is_of_children(&r->c, n)))
		return a->is_age;
	return a->n->unit != 0 ? a->n->unit == n->unit :
				 n->unit == 0 && is_same_count(a, r, n);
}

static bool
is_outside(const struct asked *a, const struct claims *c, const struct claim *n)
{
	double value = a->n->value;
	enum limit limit = limit_of(c, n);

	if (n->until != 0 && value > c->claim[n->until - 1].value)
		return true;
	return limit == LEAST ? value < n->value :
	    limit == MOST     ? value > n->value :
				value >= n->value;
}

static bool
has_limit(const struct asked *a, const struct reading *r, size_t sentence)
{
	size_t i;

	for (i = 0; i < r->c.nclaims; i++)
		if (r->c.claim[i].sentence == sentence &&
		    is_limit_of(a, r, &r->c.claim[i]))
			return true;
	return false;
}

/* Whether a sentence without such a limit tells more of what was asked. */
static bool
is_told_without(const struct check *k, const struct asked *a, int score)
{
	size_t i, s;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (s = 0; reading_is_passage(r) && s < r->c.nsentences; s++)
			if (score_of(k, a, r, s, ANY_CLAUSE) > score &&
			    !has_limit(a, r, s))
				return true;
	}
	return false;
}

/* Whether the passages set limits for what was asked, and the number is within
 * none of those that are told nearest to it. */
static bool
is_beyond(const struct check *k, const struct asked *a)
{
	/* The age of a child is one, whatever it is to do. */
	int best = a->is_of_child ? -1 : IN_CLAUSE / 2, score;
	bool beyond = false;
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++) {
			const struct claim *c = &r->c.claim[n];

			if (!is_limit_of(a, r, c))
				continue;
			score = score_of(k, a, r, c->sentence,
			    r->c.word[c->word].clause);
			if (score > best)
				beyond = is_outside(a, &r->c, c);
			else if (score == best)
				beyond &= is_outside(a, &r->c, c);
			if (score > best)
				best = score;
		}
	}
	return beyond && !is_told_without(k, a, best);
}

/* "My son is 6", "6 years", "with 6": of what has no other unit. */
static bool
is_age(const struct asked *a)
{
	if (a->n->unit != 0 || a->n->is_word)
		return is_years(a->n);
	return a->is_of_child || is_bare(&a->q->c, a->n);
}

static bool
is_yes(const struct check *k, struct span of)
{
	bool yes = check_means(k, of, MEANING_YES) ||
	    check_means(k, of, MEANING_GRATIS);

	for (; of.from < of.to; of.from++)
		yes |= (k->a.word[of.from].mode & MODE_MAY) != 0;
	return yes;
}

/* Whether the answer has a number of its own: it may be the limit. */
static bool
tells_number(const struct check *k)
{
	size_t i;

	for (i = 0; i < k->a.nclaims; i++)
		if (k->a.claim[i].kind == CLAIM_NUMBER &&
		    !k->a.claim[i].is_article &&
		    !check_said(k, &k->a.claim[i], true))
			return true;
	return false;
}

bool
check_limit(const struct check *k, struct span of)
{
	struct span all = { 0, k->a.nwords };
	struct asked a = { .is_free = check_means(k, all, MEANING_GRATIS) };
	bool beyond = false;
	size_t i;

	if (k->is_translated || !is_yes(k, of) ||
	    check_means(k, all, MEANING_BAD) ||
	    check_says_no(&k->a, all) != 0 || tells_number(k))
		return false;
	for (i = 0; i < k->s->count && a.q == NULL; i++)
		if (k->s->reading[i].role == ROLE_ASKED)
			a.q = &k->s->reading[i];
	if (a.q == NULL)
		return false;
	for (i = 0; i < a.q->c.nwords; i++)
		a.is_of_child |= is_child(&a.q->c.word[i]);
	for (i = 0; i < a.q->c.nclaims && i < ASKED_MAX && !beyond; i++) {
		a.n = &a.q->c.claim[i];
		if (a.n->kind != CLAIM_NUMBER || a.n->is_article)
			continue;
		a.is_age = is_age(&a);
		beyond = is_beyond(k, &a);
	}
	return beyond;
}
