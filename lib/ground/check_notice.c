/*
 * check - a notice that was not kept
 *
 * "Cancelling is free up to 14 days before" sets how long before; asked what 5
 * days before costs, "nothing" is false, and so is "yes" to a change an hour
 * before, where it takes a day. What was asked is held against all passages that
 * set a notice for it.
 */
#include <string.h>

#include "ground/check.h"

#define BESIDE 3    /* words between a time and its "before" */
#define SAME_MIN 1  /* weight of a word that question and passage share */
#define NO_NOTICE 0 /* minutes: none is told */

static const struct {
	const char *unit;
	double minutes;
} lengths[] = {
	{ "min", 1 },
	{ "h", 60 },
	{ "d", 24 * 60 },
	{ "wk", 7 * 24 * 60 },
	{ "mo", 30 * 24 * 60 },
	{ "y", 365 * 24 * 60 },
};

/* "14 days before": how long before, in minutes; NO_NOTICE if it is none. */
static double
notice_of(const struct claims *c, const struct claim *n)
{
	const int64_t before = meanings_value("before", 6);
	size_t i = n->word > BESIDE ? n->word - BESIDE : 0, u;

	if (!check_is_time(n))
		return NO_NOTICE;
	for (; i < c->nwords && i <= n->last + BESIDE; i++)
		if (c->word[i].clause == c->word[n->word].clause &&
		    c->word[i].pair[0] == before)
			break;
	if (i == c->nwords || i > n->last + BESIDE)
		return NO_NOTICE;
	for (u = 0; u < sizeof(lengths) / sizeof(lengths[0]); u++)
		if (n->unit ==
		    meanings_value(lengths[u].unit, strlen(lengths[u].unit)))
			return n->value * lengths[u].minutes;
	return NO_NOTICE;
}

static double
notice_asked(const struct reading *q)
{
	double notice = NO_NOTICE;
	size_t i;

	for (i = 0; i < q->c.nclaims && notice == NO_NOTICE; i++)
		notice = notice_of(&q->c, &q->c.claim[i]);
	return notice;
}

/* Whether a sentence of a passage has a word of the question that is no part of
 * how long before. */
static bool
is_about_it(const struct reading *q, const struct reading *r, struct span in)
{
	size_t i, n;

	for (; in.from < in.to; in.from++)
		for (i = 0; i < q->c.nwords; i++) {
			if (q->c.word[i].claim != 0 ||
			    q->c.word[i].pair[0] != 0 ||
			    check_weight_of(&q->c.word[i]) < SAME_MIN)
				continue;
			for (n = 0; n <= TERM_CONCEPT; n++)
				if (q->terms[i].id[n] != 0 &&
				    q->terms[i].id[n] ==
					r->terms[in.from].id[n])
					return true;
		}
	return false;
}

/* The least notice that the passages set for what was asked; NO_NOTICE. */
static double
notice_set(const struct check *k, const struct reading *q, bool is_free)
{
	double least = NO_NOTICE, notice;
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; r->role == ROLE_TEXT && n < r->c.nclaims; n++) {
			const struct claim *c = &r->c.claim[n];
			struct span in =
			    check_span(&r->c.sentence[c->sentence]);

			notice = notice_of(&r->c, c);
			if (notice == NO_NOTICE ||
			    check_says(&r->c, in, MEANING_GRATIS) != is_free ||
			    !is_about_it(q, r, in))
				continue;
			if (check_says(&r->c, in, MEANING_NOT))
				return NO_NOTICE;
			if (least == NO_NOTICE || notice < least)
				least = notice;
		}
	}
	return least;
}

bool
check_notice(const struct check *k, struct span of)
{
	const struct reading *q = NULL;
	struct span all = { 0, k->a.nwords };
	bool is_free = check_means(k, of, MEANING_GRATIS);
	bool is_yes = check_means(k, of, MEANING_YES);
	double asked, set;
	size_t i;

	for (i = of.from; i < of.to; i++)
		is_yes |= (k->a.word[i].mode & MODE_MAY) != 0;
	for (i = 0; i < k->s->count && q == NULL; i++)
		if (k->s->reading[i].role == ROLE_ASKED)
			q = &k->s->reading[i];
	if (q == NULL || k->is_translated || (!is_free && !is_yes))
		return false;
	asked = notice_asked(q);
	set = asked == NO_NOTICE ? NO_NOTICE : notice_set(k, q, is_free);
	if (set == NO_NOTICE || asked >= set ||
	    check_says(&k->a, all, MEANING_BAD))
		return false;
	/* It may say what notice it takes, or that it is too late. */
	for (i = 0; i < k->a.nclaims; i++)
		if (check_is_time(&k->a.claim[i]) &&
		    !check_said(k, &k->a.claim[i], true))
			return false;
	return is_free || check_says_no(&k->a, all) == 0;
}
