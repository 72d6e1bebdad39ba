/*
 * check - the same said with a no and without
 *
 * "Dogs are welcome" of "dogs are not admitted", "a cap is optional" of "you
 * must wear a cap": few words are the same, so clauses are not compared as
 * check_sense.c does. What is said of a thing is put down as one of three, that
 * it is done or may be, that it has to be, that it is open, each with a no or
 * without. The contrary is said where one clause of a source says so of all
 * that it names, and none says as the answer does.
 */
#include "ground/check.h"

#define THING_MIN 1 /* weight of a word that names a thing */

#define WORDS_MAX 48 /* of a clause; longer ones are not looked at */

enum sort { ACT, DUTY, DOOR };

struct stance {
	enum sort sort;
	bool no;
	bool is_said; /* by a word for it */
};

static bool
is_no_thing(const struct claim_word *w)
{
	return (w->mode & ~MODES_OF_MORE) != 0 ||
	    claim_word_is(w, MEANING_NOT) || claim_word_is(w, MEANING_POLITE) ||
	    claim_word_is(w, MEANING_YES) || claim_word_is(w, MEANING_EACH) ||
	    claim_word_is(w, MEANING_ALL) || claim_word_is(w, MEANING_EVER) ||
	    claim_word_is(w, MEANING_NEED) || claim_word_is(w, MEANING_IS) ||
	    claim_word_is(w, MEANING_YOUR);
}

/* Words that add nothing count where a clause has no others. */
static bool
is_thing(const struct claims *c, const struct claim_word *w, bool plain)
{
	if (w->claim != 0 || w->is_common || is_no_thing(w))
		return false;
	if (w->is_sign)
		return true;
	return check_weight_of(w) >= THING_MIN && !w->is_weak &&
	    (plain || !c->has_plain || !w->is_plain || w->concept != 0);
}

static bool
has_things(const struct claims *c, struct span of, bool plain)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (is_thing(c, &c->word[i], plain))
			return true;
	return false;
}

/* Of part of what they name, or of nothing else. */
#define PARTLY                                                     \
	(MEANING_BIT(MEANING_EXCEPT) | MEANING_BIT(MEANING_SOLE) | \
	    MEANING_BIT(MEANING_ONLY) | MEANING_BIT(MEANING_EVEN))

/* Besides, when or without what. */
#define BOUNDS                                                            \
	(PARTLY | MEANING_BIT(MEANING_LACK) | MEANING_BIT(MEANING_WHEN) | \
	    MEANING_BIT(MEANING_GRATIS) | MEANING_BIT(MEANING_BAD))

static bool
is_bounded(const struct claims *c, struct span of, uint64_t bounds)
{
	size_t i;

	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &c->word[i];

		/* "closed" is bad by itself. */
		if ((w->means & bounds &
			~((w->mode & MODES_OF_STANCE) ?
				MEANING_BIT(MEANING_BAD) :
				0)) != 0)
			return true;
	}
	return false;
}

static struct stance
stance_of(const struct claims *c, struct span of)
{
	unsigned modes = 0;
	bool no = false, bad = false;
	size_t i;

	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &c->word[i];

		modes |= w->mode & MODES_OF_STANCE;
		/* What is one word with its no: it counts once. */
		no |= claim_word_is(w, MEANING_NOT) &&
		    !(w->mode & (MODE_BAN | MODE_SPARE | MODE_SHUT));
		/* "Audio books are excluded" */
		bad |= claim_word_is(w, MEANING_BAD) && w->mode == 0 &&
		    !w->is_common && !claim_word_is(w, MEANING_LACK) &&
		    !claim_word_is(w, MEANING_EXCEPT);
	}
	if (bad && modes == 0)
		no = !no;
	if (modes & (MODE_OPEN | MODE_SHUT))
		return (struct stance){ DOOR, no != ((modes & MODE_SHUT) != 0),
			true };
	if (modes & MODE_BAN)
		return (struct stance){ ACT, !no, true };
	if (modes & MODE_SPARE)
		return (struct stance){ DUTY, !no, true };
	if ((modes & MODE_NEED) || ((modes & MODE_MUST) && !no))
		return (struct stance){ DUTY, no, true };
	return (struct stance){ ACT, no, modes != 0 };
}

/* Whether a span of a source has a word of the answer. */
static bool
has_word(const struct check *k, size_t word, const struct reading *r,
    struct span in)
{
	size_t i;

	for (i = in.from; i < in.to; i++)
		if (check_same_word(k, word, r, i))
			return true;
	return false;
}

static bool
has_claim(const struct claims *c, struct span of, const struct claim *b)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (c->word[i].claim != 0 &&
		    claim_same(b, &c->claim[c->word[i].claim - 1]))
			return true;
	return false;
}

/* Whether all numbers and days of a span of a are in one of b. */
static bool
has_claims_of(const struct claims *b, struct span in, const struct claims *a,
    struct span of)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (a->word[i].claim != 0 &&
		    !a->claim[a->word[i].claim - 1].is_article &&
		    !has_claim(b, in, &a->claim[a->word[i].claim - 1]))
			return false;
	return true;
}

/* "Closes at 6" is "open until 6". */
static bool
has_numbers(const struct claims *c, struct span of)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (c->word[i].claim != 0 &&
		    c->claim[c->word[i].claim - 1].kind < CLAIM_DATE)
			return true;
	return false;
}

static size_t
count_days(const struct claims *c, struct span of)
{
	size_t i, n = 0;

	for (i = of.from; i < of.to; i++)
		n += c->word[i].claim != 0 &&
		    (c->claim[c->word[i].claim - 1].kind == CLAIM_WEEKDAY ||
			c->claim[c->word[i].claim - 1].kind == CLAIM_DATE);
	return n;
}

/* "Does not change" is "stays the same". */
static bool
has_opposite(const struct claims *a, struct span of, const struct claims *b,
    struct span in)
{
	size_t i, n;
	int p, q;

	for (i = of.from; i < of.to; i++)
		for (n = in.from; n < in.to; n++)
			for (p = 0; p < 2 && a->word[i].pair[p] != 0; p++)
				for (q = 0; q < 2; q++)
					if (a->word[i].pair[p] ==
					    -b->word[n].pair[q])
						return true;
	return false;
}

/* What of a clause of the answer a clause of a source has. */
struct shared {
	uint64_t words;	    /* bits of the answer's things */
	size_t own, things; /* how many of the answer's, and it has */
	size_t theirs, all; /* the same of the source's */
	bool has_more;	    /* the answer has more words of weight */
};

static void
share(const struct check *k, struct span of, const struct reading *r,
    struct span in, struct shared *ret)
{
	bool plain = !has_things(&k->a, of, false);
	size_t i, n;

	*ret = (struct shared){ 0 };
	for (i = of.from; i < of.to; i++) {
		bool heavy = k->weight[i] >= THING_MIN &&
		    !is_no_thing(&k->a.word[i]),
		     thing = is_thing(&k->a, &k->a.word[i], plain), here;

		if (!heavy && !thing)
			continue;
		here = has_word(k, i, r, in);
		ret->has_more |= heavy && !here;
		if (!thing || ret->things >= 64)
			continue;
		if (here) {
			ret->words |= UINT64_C(1) << ret->things;
			ret->own++;
		}
		ret->things++;
	}
	for (i = in.from; i < in.to; i++) {
		if (!is_thing(&r->c, &r->c.word[i], plain))
			continue;
		ret->all++;
		for (n = of.from; n < of.to; n++)
			if (check_same_word(k, n, r, i)) {
				ret->theirs++;
				break;
			}
	}
}

/* "Glass and drones are forbidden": of each of them. */
static bool
lists(const struct claims *c, struct span of)
{
	bool ban = false, and = false;

	for (; of.from < of.to; of.from++) {
		ban |= (c->word[of.from].mode & MODE_BAN) != 0;
		and |= claim_word_is(&c->word[of.from], MEANING_AND);
	}
	return ban && and;
}

/* Whether a source's clause is of what the answer's is of. */
static bool
is_of_it(const struct check *k, struct span of, struct stance stance,
    const struct reading *r, struct span in, const struct shared *s)
{
	size_t days = count_days(&r->c, in);
	bool is_list = lists(&r->c, in);

	if (stance.sort == DOOR) {
		/* Of a day, or of a place without one. */
		if (days != count_days(&k->a, of) || has_numbers(&k->a, of) ||
		    has_numbers(&r->c, in) ||
		    !has_claims_of(&r->c, in, &k->a, of))
			return false;
		return s->theirs == s->all && (days > 0 || s->own > 0);
	}
	if (!has_claims_of(&k->a, of, &r->c, in))
		return false;
	if (s->own == 0 || has_opposite(&k->a, of, &r->c, in))
		return false;
	/* A no of all that the answer names, a yes of all that the source does:
	 * either may be of less than the other tells. */
	if (!stance.no)
		return s->theirs == s->all ||
		    (is_list && stance.is_said && !s->has_more);
	/* One word that both have is little, but of "allowed" and the like. */
	return !s->has_more && (s->own > 1 || s->all == 1 || stance.is_said);
}

/* "It is not allowed" is no contrary of "there is none", but of "it is allowed
 * without this". */
static uint64_t
bounds_of(struct stance own, struct stance other)
{
	if (!own.no)
		return BOUNDS;
	return own.is_said && other.is_said ?
	    PARTLY :
	    PARTLY | MEANING_BIT(MEANING_LACK);
}

/* What is found in all clauses: who says the contrary, and who the same. */
struct flip {
	struct stance stance;
	uint64_t contrary, same[64];
	size_t nsame;
	bool any;
};

/* "But not in the huts": a no of what the clause ahead of it tells. */
static bool
is_but_not(const struct claims *c, struct span in)
{
	return in.to > in.from + 1 &&
	    claim_word_is(&c->word[in.from], MEANING_BUT) &&
	    claim_word_is(&c->word[in.from + 1], MEANING_NOT);
}

static void
look_at(const struct check *k, struct span of, const struct reading *r,
    struct span in, bool is_clause, struct flip *f)
{
	struct stance other = stance_of(&r->c, in);
	struct shared s;
	bool agrees;

	if (in.to - in.from > WORDS_MAX)
		return;
	share(k, of, r, in, &s);
	/* What has to be may be. */
	agrees = other.sort != f->stance.sort ? !f->stance.no && !other.no :
						other.no == f->stance.no ||
		is_bounded(&r->c, in, bounds_of(f->stance, other));
	if (!agrees) {
		if (other.sort == f->stance.sort &&
		    is_of_it(k, of, f->stance, r, in, &s)) {
			f->any = true;
			/* It is of both: of dogs, and in huts. */
			if (f->stance.is_said && is_but_not(&r->c, in))
				share(k, of, r,
				    check_span(&r->c.sentence[r->c.word[in.from]
								  .sentence]),
				    &s);
			f->contrary |= s.words;
		}
	} else if (is_clause && f->nsame < 64 &&
	    (s.own > 0 ||
		(f->stance.sort == DOOR && other.sort == DOOR &&
		    has_claims_of(&r->c, in, &k->a, of))))
		f->same[f->nsame++] = s.words;
}

/* Whether a clause says the contrary, and none the same of as much. */
static bool
is_flipped(const struct check *k, struct span of)
{
	struct flip f = { .stance = stance_of(&k->a, of) };
	struct span in, whole;
	size_t i, s, w, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r))
			continue;
		for (s = 0; s < r->c.nsentences; s++) {
			whole = check_span(&r->c.sentence[s]);
			for (w = whole.from; w < whole.to; w = in.to) {
				in = check_clause(&r->c, w);
				/* Who has no discount is named behind it. */
				if (f.stance.no &&
				    is_bounded(&r->c, whole,
					MEANING_BIT(MEANING_EXCEPT)))
					in.to = whole.to;
				look_at(k, of, r, in, true, &f);
			}
			/* "A deposit is taken, you get it back": of both. */
			if (f.stance.no)
				look_at(k, of, r, whole, false, &f);
		}
	}
	for (n = 0; n < f.nsame; n++)
		if ((f.same[n] & f.contrary) == f.contrary)
			return false;
	return f.any;
}

bool
check_flip(const struct check *k, struct span of)
{
	size_t i;
	bool said = false;

	if (k->is_translated || of.to - of.from > WORDS_MAX ||
	    is_bounded(&k->a, of, BOUNDS))
		return false;
	for (i = of.from; i < of.to && !said; i++)
		said = (k->a.word[i].mode & MODES_OF_STANCE) != 0;
	return (said || has_things(&k->a, of, false)) && is_flipped(k, of);
}
