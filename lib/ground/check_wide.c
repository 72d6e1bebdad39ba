/*
 * check - all for some, always for at times, included for charged
 *
 * For languages in which no more is known than such words. What a source says of
 * "rooms on the top floor" or "only members" holds not of all rooms and not of
 * everybody; what has a price of its own is not included; and "at least" is no
 * "at most". Each time a source has to show it, and none may say as the answer
 * does.
 */
#include "ground/check.h"
#include "base/str.h"

#define BESIDE 3      /* words from "all" or "included" to what it is said of */
#define THING_MIN 0.7 /* weight of a word that names a thing */
#define WORDS_MAX 48  /* of a clause that is looked at */

static const char *const verbs_last[] = { "tr", "hi", "zh", "ja", NULL };

static bool
says_mode(const struct claims *c, struct span of, unsigned modes)
{
	for (; of.from < of.to; of.from++)
		if (c->word[of.from].mode & modes)
			return true;
	return false;
}

static bool
says_any(const struct claims *c, struct span of, uint64_t means)
{
	for (; of.from < of.to; of.from++)
		if (c->word[of.from].means & means)
			return true;
	return false;
}

static bool
is_thing(const struct claim_word *w)
{
	if (w->claim != 0 || w->is_common || w->mode != 0 ||
	    claim_word_is(w, MEANING_POLITE) || claim_word_is(w, MEANING_YES) ||
	    claim_word_is(w, MEANING_NOT) || claim_word_is(w, MEANING_YOUR) ||
	    claim_word_is(w, MEANING_SOLE) || claim_word_is(w, MEANING_ALL) ||
	    claim_word_is(w, MEANING_EVER) || claim_word_is(w, MEANING_EACH))
		return false;
	return w->is_sign ? w->len > 3 : check_weight_of(w) >= THING_MIN;
}

static size_t
place_of(const struct check *k, size_t word, const struct reading *r,
    struct span in)
{
	for (; in.from < in.to; in.from++)
		if (check_same_word(k, word, r, in.from))
			return in.from;
	return SIZE_MAX;
}

/* The answer's word that a word of a source is; SIZE_MAX: none. */
static size_t
own_of(const struct check *k, struct span of, const struct reading *r,
    size_t at)
{
	for (; of.from < of.to; of.from++)
		if (check_same_word(k, of.from, r, at))
			return of.from;
	return SIZE_MAX;
}

/* --- all --- */

/* What "all" is said of; SIZE_MAX: of everybody. */
static size_t
noun_of(const struct check *k, struct span of, size_t all)
{
	size_t i;

	for (i = all + 1; i < of.to && i <= all + BESIDE; i++)
		if (is_thing(&k->a.word[i]))
			return i;
	return SIZE_MAX;
}

/* Whether a clause has all things of the answer's; noun is what "all" is of. */
static bool
has_things(const struct check *k, struct span of, const struct reading *r,
    struct span in, size_t noun)
{
	size_t i, n = 0;

	for (i = of.from; i < of.to; i++) {
		/* "all clients", whom no source names: everybody */
		if (!is_thing(&k->a.word[i]) || (i == noun && k->found[i] == 0))
			continue;
		if (place_of(k, i, r, in) == SIZE_MAX)
			return false;
		n++;
	}
	return n > 0;
}

/*
 * "Rooms on the top floor have": a thing of the source's own between what is
 * told of and what is told, or right before it.
 */
static bool
is_part(const struct check *k, struct span of, const struct reading *r,
    struct span in, size_t noun)
{
	size_t at = place_of(k, noun, r, in), i, own = SIZE_MAX;

	for (i = in.from; i < at && str_in(r->c.language, verbs_last); i++)
		if (is_thing(&r->c.word[i]) && own_of(k, of, r, i) == SIZE_MAX)
			return true;

	for (i = at + 1; i < in.to; i++) {
		const struct claim_word *w = &r->c.word[i];

		if (claim_word_is(w, MEANING_IS) ||
		    claim_word_is(w, MEANING_AND) || (w->gap & GAP_COMMA) ||
		    w->claim != 0)
			break;
		if (!is_thing(w))
			continue;
		if (own_of(k, of, r, i) != SIZE_MAX) {
			if (own != SIZE_MAX)
				return true;
			break;
		}
		own = i;
	}
	return false;
}

/* Whether what a clause is told of is named before all else, and not in the
 * answer: "members may". */
static bool
is_of_some(const struct check *k, struct span of, const struct reading *r,
    struct span in)
{
	size_t i;

	for (i = in.from; i < in.to && !is_thing(&r->c.word[i]); i++)
		;
	return i < in.to && own_of(k, of, r, i) == SIZE_MAX &&
	    !claim_word_is(&r->c.word[i], MEANING_RATE) &&
	    !claim_word_is(&r->c.word[i], MEANING_BUT);
}

#define OF_SOME                                                  \
	(MEANING_BIT(MEANING_SOLE) | MEANING_BIT(MEANING_ONLY) | \
	    MEANING_BIT(MEANING_EXCEPT))

static bool
says_all(const struct claims *c, struct span in, unsigned modes)
{
	return says_mode(c, in, modes) ||
	    says_any(c, in,
		MEANING_BIT(MEANING_ALL) | MEANING_BIT(MEANING_EVER) |
		    MEANING_BIT(MEANING_EACH));
}

static bool
is_in_answer(const struct check *k, const struct claim *c)
{
	size_t i;

	for (i = 0; i < k->a.nclaims; i++)
		if (claim_same(c, &k->a.claim[i]))
			return true;
	return false;
}

/* Whether a clause of a source names days that the answer does not name. */
static bool
has_days(const struct check *k, const struct claims *c, struct span in)
{
	for (; in.from < in.to; in.from++) {
		uint32_t claim = c->word[in.from].claim;

		if (claim != 0 &&
		    (c->claim[claim - 1].kind == CLAIM_WEEKDAY ||
			c->claim[claim - 1].kind == CLAIM_DATE) &&
		    !is_in_answer(k, &c->claim[claim - 1]))
			return true;
	}
	return false;
}

/* "Free until 10 days before", "from 80 euros on": a number that bounds what is
 * said, and that the answer leaves out. */
static bool
has_bound(const struct check *k, const struct claims *c, struct span in)
{
	static const uint64_t bounds = MEANING_BIT(MEANING_UPTO) |
	    MEANING_BIT(MEANING_FROM) | MEANING_BIT(MEANING_LEAST) |
	    MEANING_BIT(MEANING_MOST) | MEANING_BIT(MEANING_TILL);
	size_t i, n;

	for (i = in.from; i < in.to; i++) {
		const struct claim *d = c->word[i].claim == 0 ?
		    NULL :
		    &c->claim[c->word[i].claim - 1];

		if (d == NULL || d->word != i || d->kind != CLAIM_NUMBER ||
		    is_in_answer(k, d))
			continue;
		for (n = i > in.from + BESIDE ? i - BESIDE : in.from;
		     n < in.to && n <= d->last + 1; n++)
			if ((c->word[n].means & bounds) != 0 ||
			    c->word[n].pair[0] != 0)
				return true;
	}
	return false;
}

/* Whether a clause of a source says of some what the answer says of all. */
static bool
is_less(const struct check *k, struct span of, const struct reading *r,
    struct span in, size_t all, size_t noun)
{
	bool ever = (k->a.word[all].mode & MODE_EVER) != 0;

	if (says_any(&r->c, in, OF_SOME) || has_bound(k, &r->c, in))
		return true;
	if (ever)
		return has_days(k, &r->c, in);
	if (noun == SIZE_MAX || k->found[noun] == 0)
		return is_of_some(k, of, r, in);
	return is_part(k, of, r, in, noun);
}

/* "All rooms", "everybody", "always" where the sources have less alone. */
static bool
is_wider(const struct check *k, struct span of, size_t all)
{
	size_t noun = noun_of(k, of, all), i, w;
	bool less = false;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];
		struct span in;

		for (w = 0; reading_is_passage(r) && w < r->c.nwords;
		     w = in.to) {
			in = check_clause(&r->c, w);
			if (in.to - in.from > WORDS_MAX ||
			    !has_things(k, of, r, in, noun))
				continue;
			if (says_all(&r->c, in, MODE_ALL | MODE_EVER) ||
			    !is_less(k, of, r, in, all, noun))
				return false;
			less = true;
		}
	}
	return less;
}

/* --- included --- */

/* What is included: behind the word, or before it. */
static size_t
included_by(const struct check *k, struct span of, size_t with)
{
	size_t i;

	for (i = with + 1; i < of.to && i <= with + BESIDE &&
	     k->a.word[i].claim == 0 && !(k->a.word[i].gap & GAP_COMMA);
	     i++)
		if (is_thing(&k->a.word[i]))
			return i;
	for (i = with;
	     i > of.from && i + BESIDE > with && k->a.word[i - 1].claim == 0;
	     i--)
		if (is_thing(&k->a.word[i - 1]))
			return i - 1;
	return SIZE_MAX;
}

static bool
has_money(const struct claims *c, struct span in)
{
	for (; in.from < in.to; in.from++)
		if (c->word[in.from].claim != 0 &&
		    claim_is_money(&c->claim[c->word[in.from].claim - 1]))
			return true;
	return false;
}

/* Whether a clause begins with a thing, which then is what has the price. */
static bool
begins_with(const struct check *k, size_t word, const struct reading *r,
    struct span in)
{
	for (; in.from < in.to; in.from++)
		if (is_thing(&r->c.word[in.from]) ||
		    r->c.word[in.from].claim != 0)
			return check_same_word(k, word, r, in.from);
	return false;
}

/* A clause of a passage that names a word of the answer, at at. */
struct naming {
	size_t source, next; /* and the word behind it */
	const struct reading *r;
	struct span in;
	size_t at;
};

/* The first one, of n that is zero, and those behind it; false: no more. */
static bool
next_naming(const struct check *k, size_t word, struct naming *n)
{
	for (; n->source < k->s->count; n->source++, n->next = 0) {
		n->r = &k->s->reading[n->source];
		while (reading_is_passage(n->r) && n->next < n->r->c.nwords) {
			n->in = check_clause(&n->r->c, n->next);
			n->next = n->in.to;
			n->at = place_of(k, word, n->r, n->in);
			if (n->at != SIZE_MAX)
				return true;
		}
	}
	return false;
}

/* Whether the sources give a price for it or say no of it, and never that it is
 * included. */
static bool
is_charged(const struct check *k, size_t word)
{
	struct naming n = { .at = 0 };
	bool charged = false;

	while (next_naming(k, word, &n)) {
		const struct claims *c = &n.r->c;

		if (says_mode(c, n.in, MODE_WITH) ||
		    says_any(c, n.in, MEANING_BIT(MEANING_GRATIS))) {
			if (!says_any(c, n.in, MEANING_BIT(MEANING_NOT)))
				return false;
			charged = true;
		} else if (has_money(c, n.in) &&
		    begins_with(k, word, n.r, n.in))
			charged = true;
	}
	return charged;
}

/* Whether a clause asks for something or tells what a thing costs. */
static bool
is_of_price(const struct claims *c, struct span in)
{
	static const char *const names[] = { "cost", "pay", NULL };

	if (has_money(c, in) ||
	    says_any(c, in,
		MEANING_BIT(MEANING_NOT) | MEANING_BIT(MEANING_NEED)))
		return true;
	for (; in.from < in.to; in.from++)
		if (check_is_one_of(&c->word[in.from], names))
			return true;
	return false;
}

/* Whether the price of a source's clause, if it has one, is that of the
 * answer's. */
static bool
may_be_price(const struct check *k, struct span of, const struct claims *c,
    struct span in)
{
	size_t i, n;

	if (!has_money(&k->a, of) || !has_money(c, in))
		return true;
	for (i = of.from; i < of.to; i++)
		for (n = in.from; k->a.word[i].claim != 0 && n < in.to; n++)
			if (c->word[n].claim != 0 &&
			    claim_same(&k->a.claim[k->a.word[i].claim - 1],
				&c->claim[c->word[n].claim - 1]))
				return true;
	return false;
}

/* Whether the passages name a thing, and nowhere as included, free, or what
 * something comes with. A list may have the word at its beginning. */
static bool
is_told_apart(const struct check *k, struct span of, size_t word)
{
	struct naming n = { .at = 0 };
	bool named = false;
	struct span whole;

	for (; next_naming(k, word, &n); named = true) {
		const struct claims *c = &n.r->c;

		/* "29 euros including shoes", where another price is told */
		if (!may_be_price(k, of, c, n.in))
			continue;
		whole = check_span(&c->sentence[c->word[n.at].sentence]);
		if (says_mode(c, n.in, MODE_WITH) ||
		    says_any(c, n.in,
			MEANING_BIT(MEANING_GRATIS) |
			    MEANING_BIT(MEANING_WITH)) ||
		    ((says_mode(c, whole, MODE_WITH) ||
			 says_any(c, whole, MEANING_BIT(MEANING_GRATIS))) &&
			!is_of_price(c, n.in)))
			return false;
	}
	return named;
}

static bool
is_at_extra_cost(const struct claims *c, struct span in)
{
	const int64_t extra = -meanings_value("free", 4);

	for (; in.from < in.to; in.from++)
		if (c->word[in.from].pair[0] == extra ||
		    c->word[in.from].pair[1] == extra)
			return true;
	return false;
}

/* Whether the sources tell a thing as included, and nowhere as one with a
 * price. */
static bool
is_included(const struct check *k, size_t word)
{
	struct naming n = { .at = 0 };
	bool included = false;

	while (next_naming(k, word, &n)) {
		const struct claims *c = &n.r->c;

		if (has_money(c, n.in) || is_at_extra_cost(c, n.in) ||
		    says_any(c, n.in, MEANING_BIT(MEANING_NOT)))
			return false;
		included |= says_mode(c, n.in, MODE_WITH);
	}
	return included;
}

/* "Helmets cost extra", where they are included. */
static bool
is_wrongly_charged(const struct check *k, struct span of)
{
	size_t i;

	if (has_money(&k->a, of) || !is_at_extra_cost(&k->a, of) ||
	    says_any(&k->a, of, MEANING_BIT(MEANING_GRATIS)))
		return false;
	for (i = of.from; i < of.to; i++)
		if (is_thing(&k->a.word[i]) && is_included(k, i))
			return true;
	return false;
}

/* --- at least and at most --- */

static unsigned
end_before(const struct claims *c, const struct claim *n)
{
	unsigned modes = 0;
	size_t i;

	for (i = n->word; i > 0 && i + BESIDE > n->word && modes == 0 &&
	     c->word[i - 1].clause == c->word[n->word].clause &&
	     c->word[i - 1].claim == 0;
	     i--) {
		const struct claim_word *w = &c->word[i - 1];

		modes = w->mode & (MODE_LEAST | MODE_MOST);
		if (modes == 0 && claim_word_is(w, MEANING_UPTO))
			modes = MODE_MOST;
	}
	return modes == (MODE_LEAST | MODE_MOST) ? 0 : modes;
}

/* "At least 2 days before" is "until 2 days before": of a time only what ends its
 * clause is a length. */
static bool
is_length(const struct claims *c, const struct claim *n)
{
	/* Where verbs come last they stand behind it. */
	return !check_is_time(n) || str_in(c->language, verbs_last) ||
	    n->last + 1 >= c->nwords ||
	    c->word[n->last + 1].clause != c->word[n->last].clause;
}

/* "At least 3" where all that the sources say is "up to 3". */
static bool
is_other_end(const struct check *k, const struct claim *c)
{
	unsigned own = end_before(&k->a, c), other;
	bool any = false;
	size_t i, n;

	if (c->kind != CLAIM_NUMBER || c->until != 0 || c->from != 0 ||
	    own == 0 || !is_length(&k->a, c))
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++) {
			if (!claim_same(c, &r->c.claim[n]))
				continue;
			other = end_before(&r->c, &r->c.claim[n]);
			if (!is_length(&r->c, &r->c.claim[n]) || other == 0 ||
			    other == own)
				return false;
			any = true;
		}
	}
	return any;
}

enum ground_reason
check_wide(const struct check *k, struct span of)
{
	bool no = says_any(&k->a, of,
	    MEANING_BIT(MEANING_NOT) | MEANING_BIT(MEANING_BAD));
	size_t i, what;

	if (k->is_translated || of.to - of.from > WORDS_MAX)
		return GROUND_SUPPORTED;
	if (!no && is_wrongly_charged(k, of))
		return GROUND_NEGATION;
	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &k->a.word[i];

		if (w->claim != 0 && k->a.claim[w->claim - 1].word == i &&
		    !no && is_other_end(k, &k->a.claim[w->claim - 1]))
			return GROUND_OPPOSITE;
		if (no || (i > of.from && claim_word_is(w - 1, MEANING_PER)))
			continue;
		/* What everybody has to is no more than some may. */
		if ((w->mode & (MODE_ALL | MODE_EVER)) &&
		    !(w->mode & MODE_COND) &&
		    !(claim_word_is(w, MEANING_EACH) &&
			says_mode(&k->a, of, MODE_NEED | MODE_MUST)) &&
		    !says_any(&k->a, of, OF_SOME) && !has_money(&k->a, of) &&
		    is_wider(k, of, i))
			return GROUND_WIDER;
		if (w->mode & MODE_WITH) {
			what = included_by(k, of, i);
			if (what == SIZE_MAX)
				continue;
			if (is_charged(k, what))
				return GROUND_NEGATION;
			if (k->a.has_plain && is_told_apart(k, of, what))
				return GROUND_ADDED;
		}
	}
	return GROUND_SUPPORTED;
}
