/*
 * check - the ends of ranges
 *
 * From May to September is not from September to May; what takes 7 to 10 days
 * is not there within 7, and who opens at 9 and closes at 2 is not open until 9.
 */
#include "ground/check.h"

#define BEFORE 3 /* words between "within" and its number */
#define BEHIND 3 /* "10 days at the earliest" */

enum end { NO_END, LAST, FIRST };

static enum end
end_of_word(const struct claim_word *w)
{
	if (claim_word_is(w, MEANING_UPTO) || claim_word_is(w, MEANING_MOST))
		return LAST;
	if (claim_word_is(w, MEANING_SINCE) || claim_word_is(w, MEANING_LEAST))
		return FIRST;
	return NO_END;
}

/* Which end of a time a number is told to be, by the words beside it. */
static enum end
end_told(const struct claims *c, const struct claim *n)
{
	enum end end = NO_END;
	size_t i;

	for (i = n->word; i > 0 && i + BEFORE > n->word && end == NO_END &&
	     c->word[i - 1].clause == c->word[n->word].clause &&
	     c->word[i - 1].claim == 0;
	     i--)
		end = end_of_word(&c->word[i - 1]);
	for (i = n->last + 1; i < c->nwords && i <= n->last + BEHIND &&
	     end == NO_END && c->word[i].clause == c->word[n->word].clause &&
	     c->word[i].claim == 0;
	     i++)
		if (c->word[i].gap == GAP_BLANK)
			end = end_of_word(&c->word[i]);
	return end;
}

static bool
is_range(const struct claim *from, const struct claim *until,
    const struct claims *b, const struct claim *d)
{
	return d->until != 0 && claim_same(from, d) &&
	    claim_same(until, &b->claim[d->until - 1]);
}

/* A range that the sources have the other way round alone. */
static bool
is_turned(const struct check *k, const struct claim *c)
{
	const struct claim *until = &k->a.claim[c->until - 1];
	bool turned = false;
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++) {
			if (is_range(c, until, &r->c, &r->c.claim[n]))
				return false;
			turned |= is_range(until, c, &r->c, &r->c.claim[n]);
		}
	}
	return turned;
}

/* "2 or 3 days" names both. */
static bool
has_other_end(const struct check *k, const struct claim *c,
    const struct claims *b, const struct claim *d)
{
	const struct claim *other =
	    &b->claim[(d->until != 0 ? d->until : d->from) - 1];
	size_t i;

	for (i = 0; i < k->a.nclaims; i++)
		if (k->a.claim[i].sentence == c->sentence &&
		    claim_same(&k->a.claim[i], other))
			return true;
	return false;
}

static bool
is_of_time(const struct claim *c)
{
	return check_is_time(c) || c->kind == CLAIM_TIME ||
	    c->kind == CLAIM_DATE;
}

/* Days and longer: "at 16 h" is no time that something takes. */
static bool
lasts(const struct claim *c)
{
	return check_is_time(c) && c->unit != meanings_value("h", 1) &&
	    c->unit != meanings_value("min", 3);
}

bool
check_ends(const struct check *k, const struct claim *c)
{
	struct span of = check_span(&k->a.sentence[c->sentence]);
	bool any = false;
	enum end end;
	size_t i, n;

	if (c->kind >= CLAIM_WEEKDAY || c->kind == CLAIM_DIGITS ||
	    c->is_article)
		return false;
	if (c->until != 0)
		return is_turned(k, c);
	if (c->from != 0 || check_means(k, of, MEANING_NOT) ||
	    check_means(k, of, MEANING_BAD))
		return false;
	end = end_told(&k->a, c);
	if (!lasts(c) && (end == NO_END || !is_of_time(c)))
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++) {
			const struct claim *d = &r->c.claim[n];

			if (!claim_same(c, d))
				continue;
			any = true;
			if ((d->until == 0 && d->from == 0) ||
			    (end == LAST && d->from != 0) ||
			    (end == FIRST && d->until != 0) ||
			    has_other_end(k, c, &r->c, d))
				return false;
		}
	}
	return any;
}
