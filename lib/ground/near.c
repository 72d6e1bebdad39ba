/* near - which words of a sentence a number is told of */
#include "ground/near.h"
#include "base/str.h"

#define CLAUSE_APART 10 /* words that a clause's end counts as */
#define AND_APART 3	/* and an "and" */
#define EXCEPT_BESIDE 3 /* words from "except" to a day */
#define ALL_DAYS 0xfe
#define BRACKET_ANDS 2 /* that a bracket counts as */

/* "Between 3 and 5": the word between the ends of a range. */
static bool
is_in_range(const struct claims *c, size_t word)
{
	uint32_t first;

	if (word == 0 || word + 1 >= c->nwords)
		return false;
	first = c->word[word - 1].claim;
	return first != 0 && c->claim[first - 1].until != 0 &&
	    c->claim[first - 1].until == c->word[word + 1].claim;
}

void
near_index(struct claims *c)
{
	uint32_t ands = 0, next = (uint32_t)c->nwords;
	size_t i;

	for (i = c->nwords; i-- > 0;) {
		if (c->word[i].claim != 0)
			next = (uint32_t)i;
		c->word[i].next = next;
	}
	for (i = 0; i < c->nwords; i++) {
		/* "14 euros (children 7 euros)" */
		if (c->word[i].gap & GAP_OTHER)
			ands += BRACKET_ANDS;
		c->word[i].ands = ands;
		if (claim_word_is(&c->word[i], MEANING_AND) &&
		    !(claim_word_is(&c->word[i], MEANING_TO) &&
			is_in_range(c, i)))
			ands++;
	}
	for (i = 0; i < c->nclaims; i++)
		if (c->claim[i].until != 0)
			c->claim[c->claim[i].until - 1].from = (uint32_t)i + 1;
}

static size_t
apart(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

static size_t
distance_one(const struct claims *c, size_t word, const struct claim *claim)
{
	const struct claim_word *w = &c->word[word],
				*own = &c->word[claim->word];
	size_t far = apart(w->clause, own->clause) * CLAUSE_APART +
	    apart(w->ands, own->ands) * AND_APART;

	if (word < claim->word)
		return claim->word - word + far;
	return (word > claim->last ? word - claim->last : 0) + far;
}

/* Of a range it is the nearer end that counts. */
static size_t
distance(const struct claims *c, size_t word, const struct claim *claim)
{
	size_t here = distance_one(c, word, claim), other = here;

	if (claim->until != 0)
		other = distance_one(c, word, &c->claim[claim->until - 1]);
	else if (claim->from != 0)
		other = distance_one(c, word, &c->claim[claim->from - 1]);
	return other < here ? other : here;
}

static void
window(const struct claims *c, size_t word, uint32_t sentence, size_t *ret_from,
    size_t *ret_to)
{
	const struct claim_sentence *s = &c->sentence[sentence];
	size_t end = s->word + s->nwords;

	*ret_from = word > s->word + NEAR_WORDS ? word - NEAR_WORDS : s->word;
	*ret_to = word + NEAR_WORDS < end ? word + NEAR_WORDS + 1 : end;
}

void
near_span(const struct claims *c, size_t claim, size_t *ret_from,
    size_t *ret_to)
{
	window(c, c->claim[claim].word, c->claim[claim].sentence, ret_from,
	    ret_to);
}

/* The word of a claim that follows the one at i. */
static size_t
next_claim(const struct claims *c, size_t i)
{
	return i + 1 < c->nwords ? c->word[i + 1].next : c->nwords;
}

/* The first of a range stands for both. */
static size_t
group_of(const struct claims *c, size_t claim)
{
	return c->claim[claim].from != 0 ? c->claim[claim].from - 1 : claim;
}

bool
near_is_local(const struct claims *c, size_t word, size_t claim)
{
	const struct claim *own = &c->claim[claim], *other;
	size_t mine = distance(c, word, own), group = group_of(c, claim), from,
	       to, i, n;

	window(c, word, own->sentence, &from, &to);
	for (i = c->word[from].next; i < to; i = next_claim(c, i)) {
		n = c->word[i].claim - 1;
		other = &c->claim[n];
		if (n != claim && distance(c, word, other) < mine &&
		    group_of(c, n) != group && claim_alike(own, other))
			return false;
	}
	return true;
}

bool
near_is_all_but(const struct claims *c, size_t claim)
{
	size_t word = c->claim[group_of(c, claim)].word;

	return word > 1 && claim_word_is(&c->word[word - 1], MEANING_BUT) &&
	    c->word[word - 2].sentence == c->word[word].sentence &&
	    ((c->word[word - 2].rate & RATE_D) != 0 ||
		c->word[word - 2].unit == meanings_value("d", 1));
}

bool
near_is_excepted(const struct claims *c, size_t claim)
{
	/* It stands behind where verbs come last. */
	static const char *const behind[] = { "tr", "ja", "hi", NULL };
	bool is_behind = str_in(c->language, behind);
	size_t word = c->claim[group_of(c, claim)].word, i, at;

	if (near_is_all_but(c, claim))
		return true;
	for (i = 1; i <= EXCEPT_BESIDE; i++) {
		if (!is_behind && i > word)
			return false;
		at = is_behind ? word + i : word - i;
		if (at >= c->nwords ||
		    c->word[at].sentence != c->word[word].sentence)
			return false;
		if (claim_word_is(&c->word[at], MEANING_EXCEPT))
			return true;
	}
	return false;
}

uint16_t
near_days_told(const struct claims *c, size_t claim)
{
	uint16_t days = c->claim[group_of(c, claim)].days;

	return near_is_excepted(c, claim) ? (uint16_t)(ALL_DAYS & ~days) : days;
}

uint16_t
near_days(const struct claims *c, size_t claim)
{
	size_t best = SIZE_MAX, here, from, to, i;
	const struct claim *day;
	uint16_t days = 0;

	near_span(c, claim, &from, &to);
	for (i = c->word[from].next; i < to; i = next_claim(c, i)) {
		day = &c->claim[c->word[i].claim - 1];
		if (day->kind != CLAIM_WEEKDAY)
			continue;
		here = distance(c, i, &c->claim[claim]);
		if (here < best) {
			best = here;
			days = near_days_told(c, c->word[i].claim - 1);
		} else if (here == best)
			days |= near_days_told(c, c->word[i].claim - 1);
	}
	return days;
}
