/*
 * check - what the prices and limits of an answer are counted by
 *
 * "100 requests per minute" is not 100 per hour, nor is the daily limit that of
 * a month. An answer may leave out what a number is counted by; what it says
 * has to be said by a source of the number.
 */
#include "ground/check.h"

/* Those who pay, whatever they are called. */
#define PEOPLE (RATE_PERSON | RATE_USER)

static uint16_t
in_sentence(const struct claims *c, const struct claim *n)
{
	struct span of = check_span(&c->sentence[n->sentence]);

	return claims_rates_in(c, of.from, of.to, false);
}

static uint16_t
adverbs_beside(const struct claims *c, const struct claim *n)
{
	struct span of = { n->word, n->word };

	while (of.from > 0 &&
	    c->word[of.from - 1].clause == c->word[n->word].clause)
		of.from--;
	of = check_clause(c, of.from);
	return claims_rates_in(c, of.from, of.to, true);
}

/* What a number of a source is counted by; "daily" anywhere in its sentence
 * counts where nothing stands beside it. */
static uint16_t
rates_of(const struct reading *r, const struct claim *n)
{
	uint16_t rates = n->rates;

	if ((rates & RATES_OF_TIME) == 0)
		rates |= in_sentence(&r->c, n) & RATES_OF_TIME;
	if (rates & PEOPLE)
		rates |= PEOPLE;
	return rates;
}

/* What is told in all of a source, in its headings too: "prices per night". */
static uint16_t
rates_around(const struct check *k, const struct reading *r)
{
	uint16_t rates = claims_rates_in(&r->c, 0, r->c.nwords, false);
	size_t i;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *h = &k->s->reading[i];

		if (h->role == ROLE_HEADING && h->source == r->source)
			rates |= claims_rates_in(&h->c, 0, h->c.nwords, false);
	}
	return rates;
}

/* Whether a source's number may be counted as the answer's is. */
static bool
holds(const struct check *k, const struct reading *r, const struct claim *d,
    uint16_t rates, bool money)
{
	uint16_t there = rates_of(r, d);

	if ((rates & ~there) == 0)
		return true;
	/* Nothing is said beside it: only of a price that says a lot. */
	return there == 0 && (!money || (rates & ~rates_around(k, r)) == 0);
}

bool
check_rates(const struct check *k, const struct claim *c)
{
	uint16_t rates = c->rates, loose = 0;
	bool any = false;
	size_t i, n;

	if (c->kind != CLAIM_NUMBER || c->is_article)
		return false;
	/* "the monthly limit is 5,000": where a source has another time */
	if ((rates & RATES_OF_TIME) == 0)
		loose = adverbs_beside(&k->a, c);
	if (rates == 0 && loose == 0)
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (r->role == ROLE_HEADING || r->role == ROLE_ASKED)
			continue;
		for (n = 0; n < r->c.nclaims; n++) {
			const struct claim *d = &r->c.claim[n];
			uint16_t times;

			if (d->kind != CLAIM_NUMBER || !claim_same(c, d))
				continue;
			any = true;
			times = rates_of(r, d) & RATES_OF_TIME;
			if (holds(k, r, d, rates, claim_is_money(c)) &&
			    (times == 0 || (loose & ~times) == 0))
				return false;
		}
	}
	return any;
}
