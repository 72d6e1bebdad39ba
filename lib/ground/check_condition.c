/*
 * check - a condition of a source that an answer leaves out
 *
 * "The deposit is paid back" of "if you cancel a week before, the deposit is
 * paid back". A sentence of a source that sets a condition is taken apart: what
 * has to be so, and what holds then. An answer that says what holds, and neither in it
 * nor in the question anything of what has to be so, says more than the source.
 * So does one that sets a condition of its own: "yes, if you wear a helmet".
 */
#include "ground/check.h"
#include "base/str.h"

#define THING_MIN 0.4	   /* weight of a word that names a thing */
#define NAMED_MIN 1	   /* the same of one that names it by itself */
#define ONLY_BEFORE 2	   /* words from "only" to "with" */
#define WORDS_MAX 48	   /* of a clause that is looked at */
#define MOST 0.75	   /* of an answer's things */
#define MOST_OF_ALL 0.5	   /* where it says always, all or everybody */
#define PART_OF_SOURCE 0.5 /* of what the source says holds */

/* Where verbs come last a condition ends with its word. */
static const char *const verbs_last[] = { "tr", "ja", NULL };

/* What makes a sentence say less than it seems to. */
#define BOUNDS                                                   \
	(MEANING_BIT(MEANING_ONLY) | MEANING_BIT(MEANING_SOLE) | \
	    MEANING_BIT(MEANING_EXCEPT) | MEANING_BIT(MEANING_BUT))

/* All, always, everybody. */
#define OF_ALL                                                  \
	(MEANING_BIT(MEANING_ALL) | MEANING_BIT(MEANING_EVER) | \
	    MEANING_BIT(MEANING_EACH))

static bool
is_thing(const struct claim_word *w)
{
	static const uint64_t none = OF_ALL | BOUNDS |
	    MEANING_BIT(MEANING_POLITE) | MEANING_BIT(MEANING_YES) |
	    MEANING_BIT(MEANING_NOT) | MEANING_BIT(MEANING_UNIT);

	return w->claim == 0 && !w->is_common && (w->means & none) == 0 &&
	    (w->mode & ~(MODE_OPEN | MODE_SHUT)) == 0 &&
	    check_weight_of(w) >= THING_MIN;
}

/* Whether a condition begins with a word: not with "sí," and not with "se" within
 * a clause, as in "se paga", but for "só se". */
static bool
is_condition(const struct claims *c, size_t word)
{
	static const char *const reflexive[] = { "pt", "it", NULL };
	const struct claim_word *w = &c->word[word];

	if (!(w->mode & MODE_COND) ||
	    (word + 1 < c->nwords && (w[1].gap & GAP_COMMA)))
		return false;
	if (w->len > 2 || !str_in(c->language, reflexive))
		return true;
	return word == 0 || w[-1].clause != w->clause ||
	    claim_word_is(w - 1, MEANING_ONLY) ||
	    claim_word_is(w - 1, MEANING_SOLE);
}

static bool
says_condition(const struct claims *c, struct span of)
{
	for (; of.from < of.to; of.from++)
		if (is_condition(c, of.from) ||
		    (c->word[of.from].means & BOUNDS))
			return true;
	return false;
}

/* "Only with prepayment": whether a word begins what a thing is not without. */
static bool
is_company_needed(const struct claims *c, size_t word)
{
	size_t i;

	if (!claim_word_is(&c->word[word], MEANING_WITH))
		return false;
	for (i = word; i > 0 && word - i < ONLY_BEFORE &&
	     c->word[i - 1].clause == c->word[word].clause;
	     i--)
		if (c->word[i - 1].means &
		    (MEANING_BIT(MEANING_ONLY) | MEANING_BIT(MEANING_SOLE)))
			return true;
	return false;
}

/* What a sentence of a source asks for; an empty span: nothing. */
static struct span
find_condition(const struct claims *c, struct span sentence)
{
	struct span none = { sentence.from, sentence.from }, part;
	size_t i;

	for (i = sentence.from; i < sentence.to; i++) {
		if (!is_condition(c, i) && !is_company_needed(c, i))
			continue;
		part = (struct span){ i, i };
		if (str_in(c->language, verbs_last)) {
			while (part.from > sentence.from &&
			    c->word[part.from - 1].clause == c->word[i].clause)
				part.from--;
			part.to = i + 1;
		} else
			part.to = check_clause(c, i).to;
		return part;
	}
	return none;
}

/* Whether a word of the answer is one of a source. */
static bool
is_in(const struct check *k, size_t word, const struct reading *r,
    struct span in, struct span but)
{
	for (; in.from < in.to; in.from++)
		if (!(in.from >= but.from && in.from < but.to) &&
		    check_same_word(k, word, r, in.from))
			return true;
	return false;
}

/* Whether a word of a source is in a span of the answer. */
static bool
is_said(const struct check *k, const struct reading *r, size_t at,
    struct span of)
{
	for (; of.from < of.to; of.from++)
		if (check_same_word(k, of.from, r, at))
			return true;
	return false;
}

/* Whether a question has the word, or a number with the same unit. */
static bool
is_asked(const struct check *k, const struct reading *r, size_t at)
{
	const struct terms *t = &r->terms[at];
	uint32_t claim = r->c.word[at].claim;
	size_t i, n;
	int id;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *q = &k->s->reading[i];

		if (q->role != ROLE_ASKED && q->role != ROLE_TOLD)
			continue;
		for (n = 0; claim != 0 && n < q->c.nclaims; n++)
			if (claim_alike(&q->c.claim[n], &r->c.claim[claim - 1]))
				return true;
		for (n = 0; claim == 0 && n < q->c.nwords; n++) {
			for (id = 0; id <= TERM_PLACE; id++)
				if (t->id[id] != 0 &&
				    t->id[id] == q->terms[n].id[id])
					return true;
			if (claim_words_alike(&r->c.word[at], &q->c.word[n]))
				return true;
		}
	}
	return false;
}

/* Whether the answer or a question has anything of a condition. */
static bool
is_met(const struct check *k, const struct reading *r, struct span part)
{
	struct span all = { 0, k->a.nwords };
	size_t i, things = 0;

	for (i = part.from; i < part.to; i++) {
		const struct claim_word *w = &r->c.word[i];

		if (w->claim != 0 && !r->c.claim[w->claim - 1].is_article) {
			things++;
			if (is_asked(k, r, i))
				return true;
		} else if (is_thing(w)) {
			things++;
			if (is_said(k, r, i, all) || is_asked(k, r, i))
				return true;
		}
	}
	return things == 0;
}

/* Whether the claim of a word, if it is of one, is in a span of a source. */
static bool
has_claim(const struct check *k, size_t word, const struct claims *c,
    struct span in)
{
	uint32_t own = k->a.word[word].claim;

	if (own == 0 || k->a.claim[own - 1].is_article)
		return true;
	for (; in.from < in.to; in.from++)
		if (c->word[in.from].claim != 0 &&
		    claim_same(&k->a.claim[own - 1],
			&c->claim[c->word[in.from].claim - 1]))
			return true;
	return false;
}

/* Where what a condition is of begins: the clause ahead of it, and all before
 * that where it names nothing. */
static size_t
ahead_of(const struct claims *c, struct span in, size_t condition)
{
	size_t from = condition;
	bool named = false;

	while (from > in.from &&
	    (!named || c->word[from - 1].clause == c->word[from].clause)) {
		from--;
		named |= is_thing(&c->word[from]);
	}
	return from;
}

/* Whether the answer says what holds in a sentence of a source, its condition
 * aside: most things of the one are in the other. */
static bool
says_what_holds(const struct check *k, struct span of, const struct reading *r,
    struct span in, struct span part, bool of_all)
{
	double own = 0, own_all = 0, theirs = 0, theirs_all = 0;
	struct span main = in;
	size_t i, things = 0;

	/* What holds stands before the condition, or behind it. */
	if (part.from > in.from && !str_in(r->c.language, verbs_last)) {
		main.to = part.from;
		main.from = ahead_of(&r->c, in, part.from);
	} else
		main.from = part.to;
	if (main.from < main.to && main.from == part.to)
		main = check_clause(&r->c, main.from);
	/* Numbers and days of its own are told of something else. */
	for (i = of.from; i < of.to; i++)
		if (!has_claim(k, i, &r->c, main))
			return false;
	for (i = of.from; i < of.to; i++) {
		if (!is_thing(&k->a.word[i]))
			continue;
		own_all += k->weight[i];
		if (is_in(k, i, r, main, part)) {
			own += k->weight[i];
			things++;
		}
	}
	for (i = main.from; i < main.to; i++) {
		if (!is_thing(&r->c.word[i]))
			continue;
		theirs_all += check_weight_of(&r->c.word[i]);
		if (is_said(k, r, i, of))
			theirs += check_weight_of(&r->c.word[i]);
	}
	return own >= 1 && own >= (of_all ? MOST_OF_ALL : MOST) * own_all &&
	    theirs >= (things > 1 ? PART_OF_SOURCE : 1) * theirs_all &&
	    check_says_no(&r->c, main) == check_says_no(&k->a, of);
}

static bool
says_all(const struct claims *c, struct span of)
{
	for (; of.from < of.to; of.from++)
		if ((c->word[of.from].means & OF_ALL) != 0 ||
		    (c->word[of.from].mode & (MODE_ALL | MODE_EVER)) != 0)
			return true;
	return false;
}

/*
 * Whether a sentence of the sources says what holds, with a condition that is
 * not met, or else without one that would have to be.
 */
static bool
any_sentence(const struct check *k, struct span of, bool dropped, bool of_all)
{
	size_t i, s;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r))
			continue;
		for (s = 0; s < r->c.nsentences; s++) {
			struct span in = check_span(&r->c.sentence[s]),
				    part = find_condition(&r->c, in);

			if (in.to - in.from > WORDS_MAX ||
			    (dropped && part.from == part.to) ||
			    !says_what_holds(k, of, r, in, part, of_all))
				continue;
			if ((part.from < part.to && !is_met(k, r, part)) ==
			    dropped)
				return true;
		}
	}
	return false;
}

bool
check_condition(const struct check *k, struct span of)
{
	struct span all = { 0, k->a.nwords };
	bool of_all;

	if (k->is_translated || of.to - of.from > WORDS_MAX ||
	    says_condition(&k->a, all) || check_says_no(&k->a, of) == 1)
		return false;
	of_all = says_all(&k->a, of);
	return any_sentence(k, of, true, of_all) &&
	    !any_sentence(k, of, false, of_all);
}

/* --- a condition that no source sets --- */

/* What of a sentence would have to be so; and what is told of it then. */
struct unless {
	struct span part, whole;
};

static bool
is_named_thing(const struct claim_word *w)
{
	return is_thing(w) && !w->is_plain && !w->is_weak &&
	    check_weight_of(w) >= NAMED_MIN;
}

/* Whether a question, or the answer's sentence without its condition, has a
 * thing or a number of a source's sentence. */
static bool
is_linked(const struct check *k, const struct unless *u,
    const struct reading *r, struct span in)
{
	struct span ahead = { u->whole.from, u->part.from },
		    rest = { u->part.to, u->whole.to };
	size_t i;

	for (i = in.from; i < in.to; i++) {
		uint32_t claim = r->c.word[i].claim;

		if (claim != 0 ? is_asked(k, r, i) :
				 is_named_thing(&r->c.word[i]) &&
			    (is_asked(k, r, i) || is_said(k, r, i, ahead) ||
				is_said(k, r, i, rest)))
			return true;
	}
	for (i = u->whole.from; i < u->whole.to; i++)
		if (k->a.word[i].claim != 0 &&
		    !k->a.claim[k->a.word[i].claim - 1].is_article &&
		    has_claim(k, i, &r->c, in))
			return true;
	return false;
}

/* Whether some sentence of the sources tells a word with what is told or was
 * asked; *ret_known: some tells it at all. */
static bool
is_told_with(const struct check *k, const struct unless *u, size_t word,
    bool *ret_known)
{
	size_t i, s;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (s = 0; reading_is_passage(r) && s < r->c.nsentences; s++) {
			struct span in = check_span(&r->c.sentence[s]),
				    none = { in.to, in.to };

			if (!is_in(k, word, r, in, none))
				continue;
			*ret_known = true;
			if (is_linked(k, u, r, in))
				return true;
		}
	}
	return false;
}

/* Whether a condition names things, and none that the sources tell of it. */
static bool
is_set_by_none(const struct check *k, const struct unless *u, bool yes)
{
	size_t i, things = 0;
	bool known = false;

	for (i = u->part.from; i < u->part.to; i++) {
		const struct claim_word *w = &k->a.word[i];

		/* So many days before: numbers are held by themselves. */
		if ((w->claim != 0 && !k->a.claim[w->claim - 1].is_article) ||
		    claim_word_is(w, MEANING_POLITE))
			return false;
		if (!is_named_thing(w))
			continue;
		things++;
		if ((k->where[i] & UINT64_C(1) << BIT_ASKED) != 0 ||
		    is_told_with(k, u, i, &known))
			return false;
	}
	return things > 0 && (known || yes);
}

/* "With an adult", "accompanied by": what a yes may hang on. */
static bool
is_company(const struct claim_word *w)
{
	return claim_word_is(w, MEANING_WITH) ||
	    claim_word_like(w, meanings_value("accompany", 9));
}

bool
check_new_condition(const struct check *k, struct span whole)
{
	struct unless u = { { 0, 0 }, whole };
	bool yes = check_says(&k->a, whole, MEANING_YES), may = false;
	size_t i, n;

	if (!k->a.has_plain || k->is_translated ||
	    str_in(k->a.language, verbs_last) ||
	    check_says(&k->a, whole, MEANING_NOT))
		return false;
	for (i = whole.from; i < whole.to; i++)
		may |= (k->a.word[i].mode & MODE_MAY) != 0;
	for (i = whole.from; i < whole.to; i++) {
		if (!is_condition(&k->a, i) &&
		    !(yes && may && is_company(&k->a.word[i])))
			continue;
		n = i;
		u.part = check_clause(&k->a, i);
		/* "With an adult they may": up to what is told. */
		while (!is_condition(&k->a, i) && n < u.part.to &&
		    !(k->a.word[n].mode & MODE_MAY))
			n++;
		if (!is_condition(&k->a, i))
			u.part.to = n;
		if (is_set_by_none(k, &u, yes))
			return true;
	}
	return false;
}
