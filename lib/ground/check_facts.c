/* check - numbers, dates, links and names of an answer */
#include <stdlib.h>
#include <string.h>

#include "ground/check.h"
#include "ground/near.h"
#include "ground/sound.h"
#include "base/str.h"
#include "base/utf8.h"

/* Tuned on two thirds of tests/data/ground, see tests/unit-ground.c. */
#define SWAPPED_DAY_MIN 1.6 /* the same of days, which stand about a lot */
#define SWAPPED_MIN 0.8	    /* weight that stands beside another number */
#define LOCAL_MAX (2 * NEAR_WORDS + 1) /* words around a number, bits */
#define BOUND_BEFORE 4 /* words between "at least" and its number */
#define EVENT_BEHIND 6 /* words between a period and what it runs from */
#define ABOUT_BEFORE 3 /* words from "about" to its number */
#define SOON_BESIDE 3  /* words between "within" and "an hour" */
#define OWN_MIN 0.3    /* weight of a word that tells numbers apart */
#define CLAIMS_MAX 200 /* numbers, names and links: no message has so many */

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

/* --- numbers, dates, links --- */

/* What a customer says may be repeated, but is no source of prices, and of
 * nothing by which people are reached or paid. */
static bool
may_repeat(const struct claim *c)
{
	switch (c->kind) {
	case CLAIM_LINK:
	case CLAIM_MAIL:
	case CLAIM_DIGITS:
		return false;
	case CLAIM_NUMBER:
		return c->unit == 0 ||
		    !(c->unit == meanings_value("pct", 3) ||
			c->unit == meanings_value("eur", 3) ||
			c->unit == meanings_value("usd", 3) ||
			c->unit == meanings_value("gbp", 3) ||
			c->unit == meanings_value("inr", 3) ||
			c->unit == meanings_value("yen", 3) ||
			c->unit == meanings_value("rub", 3) ||
			c->unit == meanings_value("idr", 3) ||
			c->unit == meanings_value("brl", 3) ||
			c->unit == meanings_value("aed", 3) ||
			c->unit == meanings_value("sar", 3) ||
			c->unit == meanings_value("chf", 3));
	default:
		return true;
	}
}

/* Whether a source counts the thing that stands behind a number as well. */
static bool
is_counted(const struct check *k, const struct claim *c)
{
	const struct claim_word *w;
	size_t i, n;

	if (c->last + 1 >= k->a.nwords)
		return false;
	w = &k->a.word[c->last + 1];
	if (w->sentence != c->sentence || w->is_common || w->stem == 0)
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct claims *s = &k->s->reading[i].c;

		if (k->s->reading[i].role == ROLE_ASKED)
			continue;
		for (n = 0; n < s->nclaims; n++)
			if (s->claim[n].kind == CLAIM_NUMBER &&
			    s->claim[n].last + 1 < s->nwords &&
			    s->word[s->claim[n].last + 1].stem == w->stem)
				return true;
	}
	return false;
}

/* "With 9 years", of somebody's age. */
static bool
is_age(const struct check *k, const struct claim *c)
{
	return c->unit == meanings_value("y", 1) && c->word > 0 &&
	    k->a.word[c->word - 1].sentence == c->sentence &&
	    claim_word_is(&k->a.word[c->word - 1], MEANING_WITH);
}

/* Whether what the customer said is repeated, and not said yes to: "you need
 * not wait 90 days", or beside what a source says of the same. */
static bool
is_repeated(const struct check *k, const struct claim *c)
{
	const struct claim_sentence *s = &k->a.sentence[c->sentence];
	size_t i, n, m;

	if (s->is_question ||
	    (c->kind == CLAIM_NUMBER && c->unit == 0 && !is_counted(k, c)) ||
	    (c->is_word && c->unit == meanings_value("y", 1)))
		return true;
	if ((c->kind != CLAIM_NUMBER && c->kind != CLAIM_TIME) || is_age(k, c))
		return true;
	for (i = s->word; i < s->word + s->nwords; i++)
		if (claim_word_is(&k->a.word[i], MEANING_NOT) ||
		    claim_word_is(&k->a.word[i], MEANING_BAD))
			return true;
	for (i = 0; i < k->a.nclaims; i++) {
		const struct claim *d = &k->a.claim[i];

		if (d == c || d->sentence != c->sentence || !claim_alike(c, d))
			continue;
		for (n = 0; n < k->s->count; n++)
			for (m = 0; k->s->reading[n].role != ROLE_ASKED &&
			     m < k->s->reading[n].c.nclaims;
			     m++)
				if (claim_same(d, &k->s->reading[n].c.claim[m]))
					return true;
	}
	return false;
}

static enum ground_reason
reason_of(const struct claim *c, bool other_unit)
{
	switch (c->kind) {
	case CLAIM_NUMBER:
		return other_unit ? GROUND_UNIT : GROUND_NUMBER;
	case CLAIM_DIGITS:
	case CLAIM_MAIL:
		return GROUND_CONTACT;
	case CLAIM_TIME:
		return GROUND_TIME;
	case CLAIM_DATE:
	case CLAIM_WEEKDAY:
		return GROUND_DATE;
	case CLAIM_LINK:
		return GROUND_LINK;
	default:
		return GROUND_CODE;
	}
}

/* Whether the range that claim begins is one of the reading's, or a part. */
static bool
same_range(const struct claims *a, const struct claim *c,
    const struct claims *b, const struct claim *d)
{
	const struct claim *end = &a->claim[c->until - 1], *last;

	if (d->until == 0)
		return false;
	last = &b->claim[d->until - 1];
	return claim_same(c, d) &&
	    (c->kind == CLAIM_WEEKDAY ? c->days == d->days :
					claim_same(end, last));
}

/* "1 night" for a price that is per night. */
static bool
is_each(const struct check *k, const struct claim *c)
{
	size_t i, n;

	if (c->kind != CLAIM_NUMBER || c->value != 1 || c->unit == 0 ||
	    c->until != 0)
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (r->role != ROLE_TEXT)
			continue;
		for (n = 0; n < r->c.nclaims; n++)
			if (r->c.claim[n].per == c->unit ||
			    (r->c.claim[n].rates & RATES_OF_TIME &
				claim_rate_of(c->unit)) != 0)
				return true;
	}
	return false;
}

/* "not at weekends", where the sources have other days only. */
static bool
is_day_off(const struct check *k, const struct claim *c)
{
	uint32_t clause = k->a.word[c->word].clause;
	bool no = false;
	size_t i, n;

	for (i = 0; i < k->a.nwords; i++)
		no |= k->a.word[i].clause == clause &&
		    (claim_word_is(&k->a.word[i], MEANING_NOT) ||
			claim_word_is(&k->a.word[i], MEANING_BAD));
	for (i = 0; no && i < k->s->count; i++)
		for (n = 0; n < k->s->reading[i].c.nclaims; n++) {
			const struct claim *d = &k->s->reading[i].c.claim[n];

			if (k->s->reading[i].role != ROLE_ASKED &&
			    d->kind == CLAIM_WEEKDAY &&
			    (d->days & c->days) != 0)
				return false;
		}
	return no;
}

static bool
says_about(const struct check *k, const struct claim *c)
{
	int64_t about = meanings_value("about", 5);
	size_t i, n;

	for (i = c->word; i > 0 && i + ABOUT_BEFORE > c->word &&
	     k->a.word[i - 1].sentence == c->sentence;
	     i--)
		for (n = 0; n < CLAIM_LIKE_MAX && k->a.word[i - 1].like[n] != 0;
		     n++)
			if (k->a.word[i - 1].like[n] == about)
				return true;
	return false;
}

/* "about 1 kg", where a source says 980 g; "1 person", where it says a person. */
static bool
is_said_else(const struct check *k, const struct claim *c)
{
	bool about = says_about(k, c), one = c->value == 1 && c->unit == 0;
	size_t i, n;

	if (c->kind != CLAIM_NUMBER || (!about && !one))
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (r->role == ROLE_ASKED)
			continue;
		for (n = 0; about && n < r->c.nclaims; n++)
			if (claim_is_about(c, &r->c.claim[n]))
				return true;
		for (n = 0;
		     one && c->last + 1 < k->a.nwords && n + 1 < r->c.nwords;
		     n++)
			if (claim_word_is(&r->c.word[n], MEANING_ONE) &&
			    k->a.word[c->last + 1].stem != 0 &&
			    r->c.word[n + 1].stem ==
				k->a.word[c->last + 1].stem)
				return true;
	}
	return false;
}

/* "within an hour", "in less than a day": so soon. */
static bool
is_soon(const struct check *k, const struct claim *c)
{
	static const char *const behind[] = { "tr", "hi", NULL };
	const uint64_t bounds =
	    MEANING_BIT(MEANING_UPTO) | MEANING_BIT(MEANING_SOON);
	bool is_behind = str_in(k->language, behind);
	size_t i;

	if (c->unit != meanings_value("min", 3) &&
	    c->unit != meanings_value("h", 1))
		return false;
	for (i = 1; i <= SOON_BESIDE; i++) {
		size_t at = is_behind ? c->last + i : c->word - i;

		if (at >= k->a.nwords || k->a.word[at].sentence != c->sentence)
			return false;
		if (k->a.word[at].means & bounds)
			return true;
	}
	return false;
}

/* "It takes 2 to 3 days, abroad 5 to 7": a bare range has the unit of the one
 * before it in its sentence. */
static bool
is_elided_in(const struct claim *c, const struct claims *s, size_t at)
{
	const struct claim *d = &s->claim[at];
	size_t i;

	if (c->kind != CLAIM_NUMBER || d->kind != CLAIM_NUMBER ||
	    d->unit != 0 || d->value != c->value || !check_is_time(c) ||
	    (d->until == 0 && d->from == 0))
		return false;
	for (i = at; i > 0 && s->claim[i - 1].sentence == d->sentence; i--)
		if (s->claim[i - 1].kind == CLAIM_NUMBER &&
		    s->claim[i - 1].from != 0)
			return s->claim[i - 1].unit == c->unit;
	return false;
}

static enum ground_reason
find_claim(const struct check *k, const struct claim *c)
{
	bool other_unit = false, beside = false, range = false;
	const struct reading *r;
	size_t i, n;

	if (c->is_hidden)
		return reason_of(c, false);
	if (c->is_article && (k->is_translated || !is_soon(k, c)))
		return GROUND_SUPPORTED;
	for (i = 0; i < k->s->count; i++) {
		r = &k->s->reading[i];
		if (r->role == ROLE_ASKED &&
		    (!may_repeat(c) || !is_repeated(k, c)))
			continue;
		for (n = 0; n < r->c.nclaims; n++) {
			const struct claim *d = &r->c.claim[n];

			/* From Monday to Thursday is not to Friday. */
			if (c->kind == CLAIM_WEEKDAY && c->until != 0) {
				if (d->kind == CLAIM_WEEKDAY &&
				    c->days == d->days)
					return GROUND_SUPPORTED;
				if (same_range(&k->a, c, &r->c, d))
					return GROUND_SUPPORTED;
				range = true;
				continue;
			}
			if (claim_same(c, d) || is_elided_in(c, &r->c, n))
				return GROUND_SUPPORTED;
			other_unit |= c->kind == CLAIM_NUMBER &&
			    d->kind == CLAIM_NUMBER && c->value == d->value;
			beside |= c->last + 1 < k->a.nwords &&
			    d->last + 1 < r->c.nwords &&
			    d->kind == CLAIM_NUMBER &&
			    k->a.word[c->last + 1].stem ==
				r->c.word[d->last + 1].stem;
		}
	}
	if (c->kind == CLAIM_WEEKDAY && is_day_off(k, c))
		return GROUND_SUPPORTED;
	if ((claim_is_soft(c) && !beside && !other_unit) || is_each(k, c) ||
	    is_said_else(k, c))
		return GROUND_SUPPORTED;
	return range ? GROUND_DATE : reason_of(c, other_unit);
}

/* --- the same number beside the same things --- */

static uint64_t
bit_of(const struct check *k, const struct terms *t)
{
	unsigned m = check_marked(k, t);

	return m != 0 && m <= LOCAL_MAX ? UINT64_C(1) << (m - 1) : 0;
}

/* Bits of the marked words that stand beside a claim of a source. */
static uint64_t
beside(const struct check *k, const struct reading *r, size_t claim)
{
	uint64_t bits = 0;
	size_t i;

	for (i = r->beside_at[claim]; i < r->beside_at[claim + 1]; i++)
		bits |= bit_of(k, &r->terms[r->beside[i]]);
	return bits;
}

/* The same of the headings of a source, which stand beside all in it. */
static uint64_t
above(const struct check *k, const struct reading *r)
{
	uint64_t bits = 0;
	size_t i, n;

	for (n = 0; n < k->s->count; n++) {
		const struct reading *h = &k->s->reading[n];

		if (h->role != ROLE_HEADING || h->source != r->source)
			continue;
		for (i = 0; i < h->c.nwords; i++)
			bits |= bit_of(k, &h->terms[i]);
	}
	return bits;
}

static double
weight_bits(const struct check *k, size_t from, uint64_t bits)
{
	double all = 0;
	size_t i;

	for (i = 0; i < LOCAL_MAX && from + i < k->a.nwords; i++)
		if (bits & UINT64_C(1) << i)
			all += k->weight[from + i];
	return all;
}

/* To pay and to cost, to open and to close tell no thing from another. */
static bool
is_of_all(const struct claim_word *w)
{
	return w->concept == meanings_value("pay", 3) ||
	    w->concept == meanings_value("cost", 4) ||
	    w->concept == meanings_value("open", 4);
}

/* "32 euros a day, and a helmet comes with it": has a clause and a price of its
 * own. */
static bool
is_priced_apart(const struct check *k, size_t word, size_t claim)
{
	size_t own = k->a.claim[claim].word, i;

	if (k->a.word[word].clause == k->a.word[own].clause)
		return false;
	while (word > 0 && k->a.word[word - 1].clause == k->a.word[word].clause)
		word--;
	for (i = word;
	     i < k->a.nwords && k->a.word[i].clause == k->a.word[word].clause;
	     i++)
		if (claim_word_is(&k->a.word[i], MEANING_GRATIS))
			return true;
	return false;
}

/* Bits of the words beside a claim of the answer. */
static uint64_t
own_words(const struct check *k, size_t claim, struct span span)
{
	uint64_t bits = 0;
	size_t i;

	for (i = span.from; i < span.to && i - span.from < LOCAL_MAX; i++)
		if (k->weight[i] > 0 && k->a.word[i].claim == 0 &&
		    !is_of_all(&k->a.word[i]) &&
		    !is_priced_apart(k, i, claim) &&
		    near_is_local(&k->a, i, claim))
			bits |= UINT64_C(1) << (i - span.from);
	return bits;
}

/* Those that stand beside the same claim somewhere in the sources. */
static bool
same_beside(const struct check *k, const struct claim *c, uint64_t *ret)
{
	bool found = false;
	uint64_t heading;
	size_t i, n;

	*ret = 0;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (r->role == ROLE_ASKED || r->role == ROLE_ALLOWED)
			continue;
		heading = above(k, r);
		for (n = 0; n < r->c.nclaims; n++)
			if (claim_same(c, &r->c.claim[n])) {
				*ret |= beside(k, r, n) | heading;
				found = true;
			}
	}
	return found;
}

static bool
is_other_end(const struct check *k, const struct claim *c,
    const struct claim *d)
{
	uint32_t end = c->until != 0 ? c->until : c->from;

	return end != 0 && claim_same(&k->a.claim[end - 1], d);
}

/* Told of days that a source tells it for: "11 euros, on Tuesdays 7". */
static bool
is_same_day(const struct check *k, size_t claim)
{
	const struct claim *c = &k->a.claim[claim];
	uint16_t days = c->kind < CLAIM_WEEKDAY ? near_days(&k->a, claim) : 0;
	size_t i, n;

	for (i = 0; days != 0 && i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; r->role != ROLE_ASKED && n < r->c.nclaims; n++)
			if ((r->days[n] & days) != 0 &&
			    claim_same(c, &r->c.claim[n]))
				return true;
	}
	return false;
}

/* Whether beside a source's number there is another, and in the answer's
 * sentence one of its kind that is not the same: "for 8" of "for 12 it is 34 euros". */
static bool
tells_apart(const struct check *k, const struct claim *c,
    const struct reading *r, const struct claim *own)
{
	bool other, same;
	size_t i, n;

	for (i = 0; i < r->c.nclaims; i++) {
		const struct claim *d = &r->c.claim[i];

		if (d == own ||
		    r->c.word[d->word].clause != r->c.word[own->word].clause)
			continue;
		other = same = false;
		for (n = 0; n < k->a.nclaims; n++)
			if (k->a.claim[n].sentence == c->sentence &&
			    claim_alike(&k->a.claim[n], d)) {
				other = true;
				same |= claim_same(&k->a.claim[n], d);
			}
		if (other && !same)
			return true;
	}
	return false;
}

/*
 * "A cake for 8 costs 24 euros, for 12 it is 34": the clause of the later
 * number has no word of its own, and is told of what the earlier one is.
 */
static bool
is_of_same(const struct check *k, const struct claim *c,
    const struct reading *r, size_t other)
{
	const struct claim *d = &r->c.claim[other], *own;
	struct span in, of;
	size_t n, i, m;

	for (n = other + 1; n < r->c.nclaims; n++) {
		own = &r->c.claim[n];
		if (own->sentence != d->sentence || !claim_same(c, own) ||
		    r->c.word[own->word].clause == r->c.word[d->word].clause ||
		    tells_apart(k, c, r, own))
			continue;
		of = check_clause(&r->c, own->word);
		while (of.from > 0 &&
		    r->c.word[of.from - 1].clause ==
			r->c.word[own->word].clause)
			of.from--;
		in = check_span(&r->c.sentence[own->sentence]);
		for (i = of.from; i < of.to; i++) {
			if (r->c.word[i].claim != 0 ||
			    check_weight_of(&r->c.word[i]) < OWN_MIN)
				continue;
			for (m = in.from; m < of.from; m++)
				if (r->c.word[m].stem == r->c.word[i].stem)
					break;
			if (m == of.from)
				break;
		}
		if (i == of.to)
			return true;
	}
	return false;
}

/* "For you and the two children it is 31 euros": counts whom a price is for. */
static bool
is_count_of_price(const struct check *k, const struct claim *c)
{
	size_t i;

	for (i = 0; claim_is_soft(c) && i < k->a.nclaims; i++)
		if (k->a.claim[i].sentence == c->sentence &&
		    claim_is_money(&k->a.claim[i]))
			return true;
	return false;
}

/*
 * Whether words of the answer's claim stand beside another one of its kind in
 * a source, and hardly any beside its own.
 */
static bool
is_swapped(struct check *k, size_t claim)
{
	const struct claim *c = &k->a.claim[claim], *d;
	uint64_t local, here, there, heading;
	double most = 0, kept = 0, all;
	struct span span;
	size_t i, n;
	bool found;

	if (c->kind > CLAIM_WEEKDAY || c->is_article || is_each(k, c) ||
	    is_count_of_price(k, c))
		return false;
	near_span(&k->a, claim, &span.from, &span.to);
	local = own_words(k, claim, span);
	if (local == 0)
		return false;
	check_mark(k, span, true);
	found = same_beside(k, c, &here) && !is_same_day(k, claim);
	for (i = 0; found && i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (r->role != ROLE_TEXT)
			continue;
		heading = above(k, r);
		for (n = 0; n < r->c.nclaims; n++) {
			d = &r->c.claim[n];
			/* Of a range both ends are told of the same. */
			if (d->is_article || is_other_end(k, c, d))
				continue;
			/* The same number of other units is no better. */
			if (claim_same(c, d) ||
			    (!claim_alike(c, d) &&
				!(c->kind == d->kind && c->value == d->value)))
				continue;
			if (is_of_same(k, c, r, n))
				continue;
			there = (beside(k, r, n) | heading) & local;
			all = weight_bits(k, span.from, there & ~here);
			if (all <= most)
				continue;
			most = all;
			kept = weight_bits(k, span.from, here & local & ~there);
		}
	}
	check_mark(k, span, false);
	/* Meanings that languages share are few, and stand about as days do. */
	return most >= (c->kind == CLAIM_WEEKDAY || k->is_translated ?
			       SWAPPED_DAY_MIN :
			       SWAPPED_MIN) &&
	    kept < 0.4 * most;
}

/* "The desk costs 45 euros and the chair 32": a bare number that ends its clause
 * behind a thing, and that a source has with the unit of the one before it. */
static bool
is_elided(const struct check *k, const struct claim *c, int64_t unit)
{
	const struct claim_word *w = &k->a.word[c->word];
	struct claim whole = *c;
	size_t i, n;

	if (c->kind != CLAIM_NUMBER || c->unit != 0 || c->is_word ||
	    unit == 0 || c->from != 0 || c->until != 0 || c->word == 0 ||
	    w[-1].sentence != w->sentence || w[-1].is_common ||
	    w[-1].claim != 0 || w->gap != GAP_BLANK ||
	    (c->last + 1 < k->a.nwords &&
		k->a.word[c->last + 1].clause == w->clause &&
		!claim_word_is(&k->a.word[c->last + 1], MEANING_AND)))
		return false;
	whole.unit = unit;
	for (i = 0; i < k->s->count; i++)
		for (n = 0; k->s->reading[i].role == ROLE_TEXT &&
		     n < k->s->reading[i].c.nclaims;
		     n++)
			if (claim_same(&whole, &k->s->reading[i].c.claim[n]))
				return true;
	return false;
}

/* Give such numbers their unit; the first claim that is swapped then, or none:
 * SIZE_MAX. */
static size_t
find_swapped_elided(struct check *k, size_t sentence)
{
	int64_t unit = 0;
	bool any = false;
	size_t i;

	for (i = 0; i < k->a.nclaims; i++) {
		struct claim *c = &k->a.claim[i];

		if (c->sentence != sentence || c->is_article)
			continue;
		if (is_elided(k, c, unit)) {
			c->unit = unit;
			any = true;
		}
		if (c->kind == CLAIM_NUMBER && c->unit != 0)
			unit = c->unit;
	}
	for (i = 0; any && i < k->a.nclaims; i++)
		if (k->a.claim[i].sentence == sentence &&
		    k->a.claim[i].kind != CLAIM_PART && is_swapped(k, i))
			return i;
	return SIZE_MAX;
}

/* Whether a sentence tells of "every day but" one. */
static bool
is_exception(const struct claims *c, uint32_t sentence)
{
	size_t i;

	for (i = 0; i < c->nclaims; i++)
		if (c->claim[i].sentence == sentence &&
		    c->claim[i].kind == CLAIM_WEEKDAY && near_is_all_but(c, i))
			return true;
	return false;
}

/* A time or price that the sources tell for other days only. */
static bool
is_other_day(const struct check *k, size_t claim)
{
	const struct claim *c = &k->a.claim[claim];
	uint16_t days, wanted, all = 0;
	bool found = false, excepts;
	size_t i, n;

	if (c->kind != CLAIM_TIME &&
	    !(c->kind == CLAIM_NUMBER && c->unit == meanings_value("h", 1)))
		return false;
	/* "Every day but Friday" is of all others, not of some. */
	excepts = is_exception(&k->a, c->sentence);
	wanted = near_days(&k->a, claim);
	if (wanted == 0)
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (r->role == ROLE_ASKED)
			continue;
		for (n = 0; n < r->c.nclaims; n++) {
			if (!claim_same(c, &r->c.claim[n]))
				continue;
			found = true;
			days = r->days[n];
			all |= days;
			if (days == 0 ||
			    (excepts ? (wanted & ~all) == 0 :
				       (days & wanted) != 0))
				return false;
		}
	}
	return found;
}

/* --- more or less than it, working days, from when on --- */

enum { LEAST = 1, MOST };

/* Whether the number is one that is not reached, or only reached. */
static int
bound_of(const struct claims *c, const struct claim *n)
{
	size_t i = n->word;

	if (n->from != 0)
		return 0;
	while (i > 0 && i + BOUND_BEFORE > n->word &&
	    c->word[i - 1].sentence == n->sentence) {
		i--;
		if (c->word[i].claim != 0)
			return 0;
		if (claim_word_is(&c->word[i], MEANING_LEAST))
			return LEAST;
		if (claim_word_is(&c->word[i], MEANING_MOST))
			return MOST;
	}
	return 0;
}

bool
check_is_time(const struct claim *c)
{
	static const char *const units[] = { "min", "h", "d", "wk", "mo", "y" };
	size_t i;

	for (i = 0; i < COUNT_OF(units); i++)
		if (c->kind == CLAIM_NUMBER &&
		    c->unit == meanings_value(units[i], strlen(units[i])))
			return true;
	return false;
}

/* What a period runs from: bits of the places of events in a list of them. */
static uint64_t
events_behind(const struct claims *c, const struct claim *n)
{
	static const char *const names[] = { "order", "delivery", "return",
		"dispatch" };
	uint64_t events = 0;
	size_t i, k;

	for (i = n->last + 1; i < c->nwords && i <= n->last + EVENT_BEHIND &&
	     c->word[i].sentence == n->sentence;
	     i++) {
		if (c->word[i].claim != 0 ||
		    (i > n->last + 1 && (c->word[i].gap & GAP_COMMA)))
			break;
		if (!claim_word_is(&c->word[i], MEANING_EVENT))
			continue;
		for (k = 0; k < COUNT_OF(names); k++)
			if (c->word[i].event ==
			    meanings_value(names[k], strlen(names[k])))
				events |= UINT64_C(1) << k;
	}
	/* Only what stands behind "of", "after" and the like. */
	return n->last + 1 < c->nwords && c->word[n->last + 1].is_common ?
	    events :
	    0;
}

/* What an answer says around a number that a source does not say so. */
static enum ground_reason
check_bounds(const struct check *k, const struct claim *c)
{
	struct span of = check_span(&k->a.sentence[c->sentence]);
	uint64_t events = events_behind(&k->a, c), there;
	int bound = bound_of(&k->a, c);
	bool is_bounded = false, is_from = false;
	bool runs = false, any = false, counts = false, same_days = false;
	size_t i, n;

	if (!check_is_time(c) || k->is_translated || c->is_article ||
	    check_means(k, of, MEANING_NOT) || check_means(k, of, MEANING_BAD))
		return GROUND_SUPPORTED;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r))
			continue;
		for (n = 0; n < r->c.nclaims; n++) {
			const struct claim *d = &r->c.claim[n];

			if (!claim_same(c, d))
				continue;
			any = true;
			/* "at least 10" is not the most, "less than 3" not the
			 * least of what a source says. */
			if (bound == LEAST ? d->from == 0 : d->until == 0)
				is_bounded = true;
			if (d->unit == c->unit) {
				counts = true;
				same_days |= d->is_working == c->is_working;
			}
			there = events_behind(&r->c, d);
			runs |= there != 0;
			is_from |= there == 0 || (there & events) != 0;
		}
	}
	if (any && bound != 0 && !is_bounded)
		return GROUND_OPPOSITE;
	if (counts && !same_days && c->unit == meanings_value("d", 1))
		return GROUND_UNIT;
	if (events != 0 && runs && !is_from)
		return GROUND_SWAPPED;
	return GROUND_SUPPORTED;
}

/* --- names --- */

bool
check_has_case(const char *language)
{
	static const char *const without[] = { "hi", "ar", "fa", "ur", "he",
		"zh", "ja", "ko", "th", "mr", NULL };

	return !str_in(language, without);
}

/* German writes all nouns with a capital: a name has no article, and not the
 * ending of a noun that is made of another word. */
static bool
is_german_noun(const struct check *k, size_t word)
{
	static const char *const endings[] = { "ung", "ungen", "heit", "keit",
		"schaft", "tion", "tionen", "chen", "tät", "anz", "enz", "nis",
		"tum", "ling", "ment", "age", "ware", "zeit", "zeiten", "wert",
		"preis", "kosten", "karte", "tag", "tage", "tagen", "weg",
		"seite", "punkt", "teil", "teile", "falls", "fall", NULL };
	static const char *const before[] = { "in", "bei", "von", "nach", "aus",
		"frau", "herr", "herrn", "firma", "marke", "modell", "mit",
		"per", "sind", "oder", "und", "\u00fcber", NULL };
	const struct claim_word *w = &k->a.word[word];
	const char *text = k->a.plain + w->at;
	char *last;
	size_t i, n;
	bool leads;

	for (i = 0; endings[i] != NULL; i++) {
		n = strlen(endings[i]);
		if (w->len > n + 1 &&
		    memcmp(text + w->len - n, endings[i], n) == 0)
			return true;
	}
	if (word == 0 || w[-1].sentence != w->sentence)
		return true;
	last = utf8_fold(k->a.plain + w[-1].at, w[-1].len);
	leads = str_in(last, before);
	free(last);
	return !leads;
}

static bool
is_ascii_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Whether a word reads as a name, and not as one of the language's. */
static bool
is_name(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];
	const struct claim_word *next = word + 1 < k->a.nwords ? w + 1 : NULL;
	const char *text = k->a.plain + w->at;
	bool follows;

	if (w->claim != 0 || w->exact == 0)
		return false;
	if (w->place != 0 && w->means == MEANING_BIT(MEANING_PLACE))
		return w->is_capital || !check_has_case(k->language);
	if (w->means != 0 || w->is_common || w->is_weak)
		return false;
	if (w->is_kana)
		return !k->is_translated;
	if (w->is_sign)
		return false;
	if (!check_has_case(k->language) || strcmp(k->language, "ru") == 0 ||
	    strcmp(k->language, "uk") == 0)
		if (is_ascii_letter(*text))
			return w->len > 2;
	if (!w->is_capital || w->len < 3)
		return false;
	if (w->is_mixed && w->len > 3)
		return true;
	follows = next != NULL && next->sentence == w->sentence &&
	    next->is_capital && next->claim == 0 && !next->is_common;
	if (w->is_first)
		return follows && strcmp(k->language, "de") != 0 &&
		    next->means == 0 && k->found[word + 1] == 0;
	if (strcmp(k->language, "de") == 0)
		return !w->is_plain && !is_german_noun(k, word);
	return true;
}

/*
 * A name that sounds like one of another language: Londres, London. Signs of
 * Han do not tell how they sound: of them only known places are found.
 */
static bool
is_like_one(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];
	const char *text = k->a.plain + w->at;
	char own[SOUND_CONSONANTS + 1], other[SOUND_CONSONANTS + 1];
	size_t i, n;

	if (sound_of(text, w->len, own) == 0)
		return true;
	for (i = 0; i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;
		bool cased = check_has_case(c->language);

		for (n = 0; n < c->nwords; n++) {
			const char *at = c->plain + c->word[n].at;

			if (cased ? !c->word[n].is_capital :
				    c->word[n].is_common)
				continue;
			/* Letters of one alphabet begin alike. */
			if (is_ascii_letter(*at) && is_ascii_letter(*text)) {
				if (c->word[n].len >= 4 && w->len >= 4 &&
				    memcmp(at, text, 3) == 0)
					return true;
				continue;
			}
			sound_of(at, c->word[n].len, other);
			if (sound_alike(own, other))
				return true;
		}
	}
	return false;
}

static bool
is_same_word(const struct claims *a, const struct claim_word *w,
    const struct claims *b, const struct claim_word *v)
{
	if (w->claim != 0 && v->claim != 0)
		return claim_same(&a->claim[w->claim - 1],
		    &b->claim[v->claim - 1]);
	return w->stem != 0 && w->stem == v->stem;
}

/* Somebody's name in signs: before a title, and in no source. */
static bool
is_titled(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];

	return w->is_sign && w->means == 0 && w->len > 3 && w->claim == 0 &&
	    k->found[word] == 0 && word + 1 < k->a.nwords &&
	    w[1].sentence == w->sentence && claim_word_is(w + 1, MEANING_TITLE);
}

/* The word between the same neighbours is another one in a source: where no
 * capitals tell names, that is how a changed one looks. */
static bool
is_replaced(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];
	size_t i, n;

	if (check_has_case(k->language) || w->is_sign || w->is_common ||
	    w->is_weak || w->means != 0 || w->mode != 0 || w->claim != 0 ||
	    word == 0 || word + 1 >= k->a.nwords || k->found[word] > 0 ||
	    w[1].sentence != w->sentence || w[-1].sentence != w->sentence ||
	    w[1].clause != w[-1].clause || w->len < 4)
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;

		for (n = 1; n + 1 < c->nwords; n++)
			if (is_same_word(&k->a, w - 1, c, &c->word[n - 1]) &&
			    is_same_word(&k->a, w + 1, c, &c->word[n + 1]) &&
			    c->word[n].claim == 0 && !c->word[n].is_common &&
			    (c->word[n].means & ~MEANING_BIT(MEANING_PLACE)) ==
				0)
				return true;
	}
	return false;
}

/* "EU" for European Union: the first letters of words with capitals. */
static bool
is_initials(const char *word, size_t len, const struct claims *c, size_t from)
{
	size_t i, n = 0;

	for (i = from; i < c->nwords && n < len; i++) {
		if (c->word[i].sentence != c->word[from].sentence)
			return false;
		if (c->word[i].is_capital) {
			if ((c->plain[c->word[i].at] | 32) != (word[n] | 32))
				return false;
			n++;
		} else if (!c->word[i].is_common)
			return false;
	}
	return n == len;
}

static bool
is_acronym(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (word[i] < 'A' || word[i] > 'Z')
			return false;
	return len >= 2 && len <= 6;
}

/* An acronym of what a source writes out, or the other way round. */
bool
check_short_for(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];
	const char *text = k->a.plain + w->at, *other;
	size_t i, n, from;

	for (i = 0; i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;

		if (k->s->reading[i].role == ROLE_ASKED)
			continue;
		for (n = 0; n < c->nwords; n++) {
			other = c->plain + c->word[n].at;
			if (is_acronym(text, w->len) && c->word[n].is_capital &&
			    is_initials(text, w->len, c, n))
				return true;
			if (!is_acronym(other, c->word[n].len))
				continue;
			for (from = word + 1;
			     from > 0 && from + c->word[n].len > word + 1;
			     from--)
				if (is_initials(other, c->word[n].len, &k->a,
					from - 1))
					return true;
		}
	}
	return false;
}

static bool
is_unknown_name(const struct check *k, size_t word)
{
	const struct terms *t = &k->terms[word];

	if (k->a.word[word].is_capital && check_short_for(k, word))
		return false;
	if (check_surname(k, word))
		return true;
	if (k->a.word[word].place != 0)
		return is_name(k, word) && t->id[TERM_PLACE] == 0 &&
		    t->id[TERM_EXACT] == 0 && t->id[TERM_STEM] == 0;
	if (t->id[TERM_EXACT] != 0 || t->id[TERM_STEM] != 0)
		return false;
	if (is_titled(k, word) || is_replaced(k, word))
		return true;
	if (!is_name(k, word))
		return false;
	/* Nouns of German lean on other words, names do not. */
	if (t->id[TERM_BEGIN] != 0 || t->id[TERM_END] != 0)
		return false;
	return !(k->is_translated && is_like_one(k, word));
}

/* --- a sentence --- */

bool
check_is_threshold(const struct claims *c, const struct claim *n)
{
	size_t i;

	for (i = n->word; i > 0 && i + BOUND_BEFORE > n->word &&
	     c->word[i - 1].sentence == n->sentence &&
	     c->word[i - 1].claim == 0;
	     i--)
		if (claim_word_is(&c->word[i - 1], MEANING_FROM))
			return claim_is_money(n);
	return false;
}

/* Whether a source has the same threshold. */
static bool
is_same_threshold(const struct check *k, const struct claim *c)
{
	size_t i, n;

	if (!check_is_threshold(&k->a, c))
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct claims *s = &k->s->reading[i].c;

		for (n = 0;
		     k->s->reading[i].role == ROLE_TEXT && n < s->nclaims; n++)
			if (claim_same(c, &s->claim[n]) &&
			    check_is_threshold(s, &s->claim[n]))
				return true;
	}
	return false;
}

static void
point_at(const struct check *k, struct ground_claim *ret, size_t at, size_t len)
{
	ret->at = k->a.was[at];
	ret->at_len = k->a.was[at + len] - ret->at;
}

enum ground_reason
check_thing(const struct check *k, size_t sentence, struct ground_claim *ret)
{
	const struct claim *c;
	size_t i;

	for (i = 0; i < k->a.nclaims; i++) {
		c = &k->a.claim[i];
		if (c->sentence != sentence || !check_other_thing(k, c))
			continue;
		point_at(k, ret, c->at, c->len);
		return GROUND_SWAPPED;
	}
	return GROUND_SUPPORTED;
}

enum ground_reason
check_facts(struct check *k, size_t sentence, struct ground_claim *ret)
{
	struct span span = check_span(&k->a.sentence[sentence]);
	enum ground_reason reason;
	size_t i;

	if (k->a.nclaims > CLAIMS_MAX)
		return GROUND_TOO_MANY;
	for (i = 0; i < k->a.nclaims; i++) {
		const struct claim *c = &k->a.claim[i];

		if (c->sentence != sentence || c->kind == CLAIM_PART)
			continue;
		reason = find_claim(k, c);
		if (reason == GROUND_SUPPORTED && is_same_threshold(k, c))
			continue;
		if ((reason == GROUND_NUMBER || reason == GROUND_UNIT) &&
		    (check_sum(k, c) || check_is_factor(k, c)))
			continue;
		if (reason == GROUND_SUPPORTED && check_rates(k, c))
			reason = GROUND_UNIT;
		if (reason == GROUND_UNIT && check_sum(k, c))
			continue;
		if (reason == GROUND_SUPPORTED &&
		    (is_swapped(k, i) || is_other_day(k, i) ||
			check_other_subject(k, c) || check_label(k, c) ||
			check_head(k, c)))
			reason = GROUND_SWAPPED;
		/* What comes out may be the price of another thing. */
		if (reason == GROUND_SWAPPED && check_sum(k, c))
			continue;
		if (reason == GROUND_SUPPORTED)
			reason = check_bounds(k, c);
		/* "For three days", where a repair takes 3 working days */
		if (reason == GROUND_UNIT && check_is_factor(k, c))
			continue;
		if (reason == GROUND_SUPPORTED && check_ends(k, c))
			reason = GROUND_OPPOSITE;
		if (reason != GROUND_SUPPORTED) {
			point_at(k, ret, c->at, c->len);
			return reason;
		}
	}
	i = find_swapped_elided(k, sentence);
	if (i != SIZE_MAX) {
		point_at(k, ret, k->a.claim[i].at, k->a.claim[i].len);
		return GROUND_SWAPPED;
	}
	span.from = check_greeting(k, span);
	for (i = span.from; i < span.to; i++)
		if (is_unknown_name(k, i)) {
			point_at(k, ret, k->a.word[i].at, k->a.word[i].len);
			return GROUND_NAME;
		}
	if (k->a.sentence[sentence].is_question)
		return GROUND_SUPPORTED;
	reason = GROUND_NAME;
	i = check_own_name(k, span);
	if (i == SIZE_MAX) {
		reason = GROUND_SWAPPED;
		i = check_other_name(k, span);
	}
	if (i == SIZE_MAX)
		return GROUND_SUPPORTED;
	point_at(k, ret, k->a.word[i].at, k->a.word[i].len);
	return reason;
}
