/* claims - what numbers are counted by: a night, a person, daily */
#include <string.h>

#include "ground/reader.h"

#define BEHIND 7      /* words of a number that may tell it */
#define BEFORE 8      /* "per person breakfast costs you 14" */
#define THINGS 2      /* words between a number and "per": 100 requests per */
#define PER_REACH 2   /* "each further day" */
#define MONEY_REACH 3 /* "95 euros the night" */

uint16_t
claim_rate_of(int64_t value)
{
	/* In the order of the bits. */
	static const char *const names[] = { "s", "min", "h", "d", "wk", "mo",
		"y", "person", "user", "room", "stay", "order", "item" };
	static int64_t values[sizeof(names) / sizeof(*names)];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (values[i] == 0)
			values[i] = meanings_value(names[i], strlen(names[i]));
		if (values[i] == value)
			return (uint16_t)(1u << i);
	}
	return 0;
}

/* "daily", which needs no "per" */
static bool
is_adverb(const struct claim_word *w)
{
	return claim_word_is(w, MEANING_RATE) && (w->rate & RATES_OF_TIME) &&
	    !claim_word_is(w, MEANING_UNIT);
}

/* Signs of Chinese and Japanese have their "per" in them. */
static bool
is_whole(const struct claim_word *w)
{
	return is_adverb(w) || (w->is_sign && claim_word_is(w, MEANING_RATE));
}

static bool
is_per(const struct claims *c, size_t i)
{
	const struct claim_word *w = &c->word[i];

	return w->at > 0 && c->plain[w->at - 1] == '/';
}

static bool
is_named(const struct claims *c, size_t i)
{
	const struct claim *n =
	    c->word[i].claim == 0 ? NULL : &c->claim[c->word[i].claim - 1];

	/* "a month" is no number of its own. */
	return n == NULL || n->is_article;
}

/* A price has one time; what else is named is how it is paid: "12 euros a month,
 * billed yearly". */
static uint16_t
add_rate(uint16_t rates, uint16_t more)
{
	if ((rates & RATES_OF_TIME) != 0)
		more &= (uint16_t)~RATES_OF_TIME;
	return rates | more;
}

/* "12 dollars per user and month", "100 requests/minute", "95 euros a night" */
static uint16_t
rates_behind(const struct claims *c, const struct claim *n)
{
	bool money = claim_is_money(n);
	uint16_t rates = 0;
	size_t i, things = 0;
	size_t expects = 0; /* words until what is behind "per" */

	for (i = n->last + 1; i < c->nwords && i <= n->last + BEHIND &&
	     c->word[i].sentence == n->sentence && is_named(c, i);
	     i++) {
		const struct claim_word *w = &c->word[i];

		if ((w->gap & (GAP_COMMA | GAP_COLON)) != 0 ||
		    (rates == 0 && claim_word_is(w, MEANING_AND)))
			break;
		if (is_whole(w) ||
		    (w->rate != 0 &&
			(expects > 0 || is_per(c, i) ||
			    (money && rates == 0 &&
				i <= n->last + MONEY_REACH)))) {
			rates = add_rate(rates, w->rate);
			expects = 0;
		} else if (claim_word_is(w, MEANING_PER) ||
		    (rates != 0 && claim_word_is(w, MEANING_AND)))
			expects = PER_REACH;
		else if (w->is_common) {
			/* "per bike for the order" */
			if (expects < PER_REACH)
				expects = 0;
		} else if (++things > THINGS)
			break;
		else if (expects > 0)
			expects--;
	}
	return rates;
}

/* "per person it costs 14 euros" */
static uint16_t
rates_before(const struct claims *c, const struct claim *n)
{
	uint16_t rates = 0;
	size_t i;

	for (i = n->word; i > 0 && i + BEFORE > n->word &&
	     c->word[i - 1].clause == c->word[n->word].clause &&
	     is_named(c, i - 1);
	     i--) {
		const struct claim_word *w = &c->word[i - 1];

		/* "for each order above 20 euros" */
		if (claim_word_is(w, MEANING_FROM) || w->pair[0] != 0)
			break;
		/* "an order of 20 euros" is one. */
		if (is_whole(w) ||
		    (w->rate != 0 && i > 1 && claim_is_money(n) &&
			w[-1].clause == w->clause &&
			claim_word_is(w - 1, MEANING_PER) &&
			!claim_word_is(w - 1, MEANING_ONE)))
			rates = add_rate(rates, w->rate);
	}
	return rates;
}

uint16_t
claims_rates_in(const struct claims *c, size_t from, size_t to, bool adverbs)
{
	uint16_t rates = 0;
	size_t i;

	for (i = from; i < to; i++) {
		const struct claim_word *w = &c->word[i];

		if (is_adverb(w))
			rates |= w->rate;
		if (adverbs)
			continue;
		if (is_whole(w) || (w->rate != 0 && is_per(c, i)) ||
		    (w->rate != 0 && i > from &&
			claim_word_is(w - 1, MEANING_PER)))
			rates |= w->rate;
	}
	return rates;
}

void
reader_rates(struct claims *c)
{
	size_t i;

	for (i = 0; i < c->nclaims; i++) {
		struct claim *n = &c->claim[i];

		if (n->kind != CLAIM_NUMBER || n->is_article)
			continue;
		n->rates = rates_behind(c, n);
		if (n->rates == 0)
			n->rates = rates_before(c, n);
	}
}
