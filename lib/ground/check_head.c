/*
 * check - which of several things a number is told of
 *
 * Names share their parts: camera, action camera and video camera; a deposit
 * and a price are both of the kayak. Words in common are not enough then. Held
 * against the passages is what tells their things apart: the word that stands
 * before or behind the one they share, and whether it is a deposit; and a word
 * that has a number of its own, and nowhere the one that is told of it.
 */
#include <string.h>

#include "ground/check.h"
#include "ground/near.h"
#include "base/str.h"

#define THING_MIN 1   /* weight of a word that names a thing */
#define FOUND_MIN 0.8 /* of a word, and not of how it begins alone */
#define FOR_BEHIND 4  /* words from "deposit" to what it is of */
#define PAIR_MIN 2    /* times that two words make a name */
#define SIGNS_MIN 0.4 /* weight of two signs that may be of a name */
#define PART_MIN 4    /* letters of a word that another one has in it */

/* To cost, to pay and to open are said of all things. */
static bool
is_of_all(const struct claim_word *w)
{
	static const char *const names[] = { "cost", "pay", "open", NULL };

	return check_is_one_of(w, names);
}

/* Things have a concept or a place at most, and no other meaning. */
#define OF_THINGS                                                    \
	(MEANING_BIT(MEANING_CONCEPT) | MEANING_BIT(MEANING_PLACE) | \
	    MEANING_BIT(MEANING_EVENT) | MEANING_BIT(MEANING_RATE) | \
	    MEANING_BIT(MEANING_GIVE) | MEANING_BIT(MEANING_DEED) |  \
	    MEANING_BIT(MEANING_STATE))

static bool
names_something(const struct claim_word *w)
{
	return w->claim == 0 && !w->is_sign && !w->is_common && !w->is_weak &&
	    w->mode == 0 && w->pair[0] == 0 && (w->means & ~OF_THINGS) == 0 &&
	    !is_of_all(w) && check_weight_of(w) >= THING_MIN;
}

static bool
is_thing(const struct claim_word *w)
{
	return names_something(w) && !w->is_plain;
}

static bool
is_deposit(const struct claim_word *w)
{
	return w->concept == meanings_value("deposit", 7);
}

static bool
is_same_term(const struct terms *a, const struct terms *b)
{
	int i;

	for (i = 0; i <= TERM_PLACE; i++)
		if (a->id[i] != 0 && a->id[i] == b->id[i])
			return true;
	return false;
}

static bool
begins_alike(const struct terms *a, const struct terms *b)
{
	return a->id[TERM_BEGIN] != 0 && a->id[TERM_BEGIN] == b->id[TERM_BEGIN];
}

/* Whether the answer's sentence or a question has a word of a source. */
static bool
is_said(const struct check *k, struct span of, const struct reading *r,
    size_t word)
{
	size_t i, n;

	for (i = of.from; i < of.to; i++)
		if (check_same_word(k, i, r, word) ||
		    begins_alike(&k->terms[i], &r->terms[word]))
			return true;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *q = &k->s->reading[i];

		for (n = 0; q->role == ROLE_ASKED && n < q->c.nwords; n++)
			if (is_same_term(&q->terms[n], &r->terms[word]) ||
			    claim_words_alike(&q->c.word[n], &r->c.word[word]))
				return true;
	}
	return false;
}

/* Days and years are not counted in one another, and tell how long all the
 * same. */
static bool
is_alike(const struct claim *a, const struct claim *b)
{
	return claim_alike(a, b) || (check_is_time(a) && check_is_time(b));
}

/* Call look on all claims of the passages that are same as c, or those that are
 * only alike, until it is true. */
static bool
any_claim(const struct check *k, const struct claim *c, bool same,
    bool (*look)(const struct check *k, const struct reading *r, size_t claim,
	void *data),
    void *data)
{
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++)
			if (claim_same(c, &r->c.claim[n]) == same &&
			    (same || is_alike(c, &r->c.claim[n])) &&
			    look(k, r, n, data))
				return true;
	}
	return false;
}

/* --- names that share a word --- */

/* The word that makes a name of one: before it, or joined by a hyphen. */
static size_t
before(const struct claims *c, size_t word)
{
	const struct claim_word *w = &c->word[word];

	if (word == 0 || w[-1].sentence != w->sentence || w[-1].claim != 0)
		return SIZE_MAX;
	if (w->gap == GAP_DASH)
		return word - 1;
	return w->gap == GAP_BLANK && !w[-1].is_common && w[-1].means == 0 &&
		w[-1].mode == 0 && w[-1].clause == w->clause &&
		!is_of_all(&w[-1]) ?
	    word - 1 :
	    SIZE_MAX;
}

/* The same where adjectives stand behind. */
static size_t
behind(const struct claims *c, size_t word)
{
	static const char *const last[] = { "es", "fr", "pt", "it", "ar", "id",
		NULL };
	const struct claim_word *w = &c->word[word];

	if (!str_in(c->language, last) || word + 1 >= c->nwords)
		return SIZE_MAX;
	return w[1].clause == w->clause && w[1].gap == GAP_BLANK &&
		!w[1].is_common && w[1].claim == 0 && w[1].means == 0 &&
		w[1].mode == 0 && !is_of_all(&w[1]) ?
	    word + 1 :
	    SIZE_MAX;
}

struct name {
	size_t word;	/* of the answer, that names share */
	struct span of; /* its sentence */
	size_t (*other)(const struct claims *c, size_t word);
	size_t own;    /* what makes a name of it in the answer; SIZE_MAX */
	bool is_other; /* one is told of another name */
	bool is_same;  /* one is told of this one, or of any */
};

/* How often two words of a reading stand so in the passages. */
static size_t
count_pairs(const struct check *k, const struct name *name,
    const struct terms *shared, const struct terms *own)
{
	size_t i, n, at, count = 0;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; r->role == ROLE_TEXT && n < r->c.nwords; n++) {
			if (!is_same_term(&r->terms[n], shared))
				continue;
			at = name->other(&r->c, n);
			count += own == NULL ?
			    at == SIZE_MAX :
			    at != SIZE_MAX && is_same_term(&r->terms[at], own);
		}
	}
	return count;
}

/* What a claim that is the same is told of. */
static bool
look_at_name(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	struct name *name = data;
	const struct terms *shared = &k->terms[name->word];
	size_t i, word, at;

	for (i = r->beside_at[claim]; i < r->beside_at[claim + 1]; i++) {
		word = r->beside[i];
		if (!is_same_term(&r->terms[word], shared))
			continue;
		at = name->other(&r->c, word);
		if (at == SIZE_MAX && name->own != SIZE_MAX)
			name->is_other = true;
		else if (at == SIZE_MAX || is_said(k, name->of, r, at) ||
		    (name->other == behind && name->own == SIZE_MAX &&
			count_pairs(k, name, shared, &r->terms[at]) < PAIR_MIN))
			name->is_same = true;
		else
			name->is_other = true;
	}
	return name->is_same;
}

/* Whether a word stands beside another number of the passages as the answer has
 * it: with the same name, or with none. */
static bool
look_at_own(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	struct name *name = data;
	size_t i, at;

	for (i = r->beside_at[claim]; i < r->beside_at[claim + 1]; i++) {
		if (!is_same_term(&r->terms[r->beside[i]],
			&k->terms[name->word]))
			continue;
		at = name->other(&r->c, r->beside[i]);
		if (name->own == SIZE_MAX ? at == SIZE_MAX :
					    at != SIZE_MAX &&
			    is_same_term(&r->terms[at], &k->terms[name->own]))
			return true;
	}
	return false;
}

static bool
is_of_other_name(const struct check *k, const struct claim *c, size_t word,
    size_t (*other)(const struct claims *c, size_t word))
{
	struct name name = { word, { 0, k->a.nwords }, other,
		other(&k->a, word), false, false };

	any_claim(k, c, true, look_at_name, &name);
	return name.is_other && !name.is_same &&
	    any_claim(k, c, false, look_at_own, &name);
}

/* --- a word with a number of its own --- */

struct subject {
	const struct terms *terms;
};

static bool
is_beside(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	const struct subject *s = data;
	size_t i;

	(void)k;
	for (i = r->beside_at[claim]; i < r->beside_at[claim + 1]; i++)
		if (is_same_term(&r->terms[r->beside[i]], s->terms))
			return true;
	return false;
}

/* Whether the sentence before a claim's has a word, and no such number. */
static bool
is_just_before(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	const struct subject *s = data;
	const struct claim *c = &r->c.claim[claim];
	struct span in;
	size_t i;

	(void)k;
	if (c->sentence == 0)
		return false;
	in = check_span(&r->c.sentence[c->sentence - 1]);
	for (i = 0; i < r->c.nclaims; i++)
		if (r->c.claim[i].sentence + 1 == c->sentence &&
		    claim_alike(&r->c.claim[i], c))
			return false;
	for (i = in.from; i < in.to; i++)
		if (is_same_term(&r->terms[i], s->terms))
			return true;
	return false;
}

static bool
is_in_sentence(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	const struct subject *s = data;
	struct span in = check_span(&r->c.sentence[r->c.claim[claim].sentence]);

	(void)k;
	for (; in.from < in.to; in.from++)
		if (is_same_term(&r->terms[in.from], s->terms))
			return true;
	return false;
}

/* Any claim will do. */
static bool
is_there(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	(void)k, (void)r, (void)claim, (void)data;
	return true;
}

static bool
has_own_number(const struct check *k, const struct claim *c, size_t word)
{
	struct subject s = { &k->terms[word] };

	return !is_deposit(&k->a.word[word]) &&
	    !check_tells_of(k, c, s.terms) &&
	    any_claim(k, c, true, is_there, NULL) &&
	    any_claim(k, c, false, is_beside, &s) &&
	    !any_claim(k, c, true, is_just_before, &s);
}

/* Whether a clause of a source has another number of the answer's sentence: "34
 * euros for 12", where for 8 it is less. */
static bool
has_another(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	const struct claim *c = data, *d = &r->c.claim[claim];
	size_t i, n;

	for (i = 0; i < r->c.nclaims; i++) {
		const struct claim *e = &r->c.claim[i];

		if (i == claim ||
		    r->c.word[e->word].clause != r->c.word[d->word].clause)
			continue;
		for (n = 0; n < k->a.nclaims; n++)
			if (&k->a.claim[n] != c && !k->a.claim[n].is_article &&
			    k->a.claim[n].sentence == c->sentence &&
			    claim_same(&k->a.claim[n], e))
				return true;
	}
	return false;
}

/* Whether a word of the answer's is told of this number alone, so that it is
 * known what the number is of. */
static bool
is_known_by(const struct check *k, const struct claim *c, size_t word)
{
	struct subject s = { &k->terms[word] };
	const struct claim_word *w = &k->a.word[word];

	return is_thing(w) && !is_deposit(w) &&
	    any_claim(k, c, true, is_beside, &s) &&
	    !any_claim(k, c, false, is_beside, &s);
}

/* "Entrance costs 8 euros, for pupils 5": whether a word is beside another
 * number of a sentence than this one, and not in its first clause, which may be
 * told of the rest as well. */
static bool
is_set_apart(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	const struct subject *s = data;
	const struct claim *c = &r->c.claim[claim];
	struct span in = check_span(&r->c.sentence[c->sentence]);
	size_t i, w;

	(void)k;
	for (i = 0; i < r->c.nclaims; i++) {
		const struct claim *d = &r->c.claim[i];

		if (d->sentence != c->sentence || d == c ||
		    !claim_alike(c, d) || claim_same(c, d) ||
		    r->c.word[d->word].clause == r->c.word[in.from].clause)
			continue;
		for (w = r->beside_at[i]; w < r->beside_at[i + 1]; w++)
			if (is_same_term(&r->terms[r->beside[w]], s->terms) &&
			    r->c.word[r->beside[w]].clause ==
				r->c.word[d->word].clause)
				return true;
	}
	return false;
}

/* Whether a word is not what a number is of, though another word is. */
static bool
is_contrasted(const struct check *k, const struct claim *c, size_t word)
{
	struct subject s = { &k->terms[word] };

	return any_claim(k, c, true, is_set_apart, &s) ||
	    (check_is_deposit(&k->a, (size_t)(c - k->a.claim)) &&
		!any_claim(k, c, true, is_in_sentence, &s));
}

/* --- a deposit --- */

/* Whether a claim is of a deposit; that of a list may be, and may not. */
enum role_of { ROLE_NO, ROLE_MAYBE, ROLE_YES };

static enum role_of
role_of(const struct claims *c, size_t claim)
{
	struct span in = check_span(&c->sentence[c->claim[claim].sentence]);
	enum role_of role = ROLE_NO;
	size_t i;

	for (i = in.from; i < in.to; i++) {
		if (!is_deposit(&c->word[i]))
			continue;
		if (near_is_local(c, i, claim))
			return ROLE_YES;
		if (i < c->claim[claim].word)
			role = ROLE_MAYBE;
	}
	return role;
}

bool
check_is_deposit(const struct claims *c, size_t claim)
{
	return role_of(c, claim) == ROLE_YES;
}

static bool
may_be_deposit(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	(void)k, (void)data;
	return role_of(&r->c, claim) != ROLE_NO;
}

static bool
may_be_price(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	(void)k, (void)data;
	return role_of(&r->c, claim) != ROLE_YES;
}

static bool
says_deposit(const struct claims *c)
{
	size_t i;

	for (i = 0; i < c->nwords; i++)
		if (is_deposit(&c->word[i]))
			return true;
	return false;
}

/* "The deposit for a helmet" of what is one for boots: what it is of stands in
 * the passages, and never with that number. */
static bool
is_of_another(const struct check *k, const struct claim *c, size_t deposit)
{
	const struct claim_word *w = &k->a.word[deposit];
	size_t i;

	for (i = deposit + 1; i < k->a.nwords && i <= deposit + FOR_BEHIND &&
	     k->a.word[i].clause == w->clause && k->a.word[i].claim == 0;
	     i++)
		if (is_thing(&k->a.word[i]) &&
		    (k->where[i] & BITS_SOURCES) != 0 &&
		    k->found[i] > FOUND_MIN &&
		    !check_tells_of(k, c, &k->terms[i]))
			return true;
	return false;
}

/* A deposit told as a price, or a price as a deposit. */
static bool
is_other_role(const struct check *k, const struct claim *c)
{
	bool asked = false, own = false;
	struct span of = check_span(&k->a.sentence[c->sentence]);
	size_t i;

	for (i = 0; i < k->s->count; i++)
		asked |= k->s->reading[i].role == ROLE_ASKED &&
		    says_deposit(&k->s->reading[i].c);
	for (i = of.from; i < of.to; i++) {
		if (!is_deposit(&k->a.word[i]) ||
		    !near_is_local(&k->a, i, (size_t)(c - k->a.claim)))
			continue;
		own = true;
		if (is_of_another(k, c, i))
			return true;
	}
	if (own)
		return !any_claim(k, c, true, may_be_deposit, NULL) &&
		    any_claim(k, c, true, is_there, NULL) &&
		    any_claim(k, c, false, may_be_deposit, NULL);
	return !asked && !says_deposit(&k->a) &&
	    any_claim(k, c, true, is_there, NULL) &&
	    !any_claim(k, c, true, may_be_price, NULL);
}

/* --- a number that the customer named --- */

static bool
is_about_it(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	struct span all = { 0, k->a.nwords };
	size_t i, n = 0;

	(void)data;
	for (i = r->beside_at[claim]; i < r->beside_at[claim + 1]; i++) {
		if (!is_thing(&r->c.word[r->beside[i]]))
			continue;
		n++;
		if (is_said(k, all, r, r->beside[i]))
			return true;
	}
	return n == 0;
}

/* "You get 5 percent off", on the customer's word, of season tickets alone. */
static bool
is_of_nothing(const struct check *k, const struct claim *c)
{
	struct span of = check_span(&k->a.sentence[c->sentence]);

	return check_said(k, c, true) && check_says_no(&k->a, of) == 0 &&
	    !any_claim(k, c, true, is_about_it, NULL);
}

/* --- another thing than the one that was asked about --- */

/* In scripts without blanks, two signs of a name. */
static bool
is_part_of_name(const struct claim_word *w)
{
	return w->claim == 0 && w->is_sign && !w->is_common && !w->is_weak &&
	    w->mode == 0 && w->pair[0] == 0 && (w->means & ~OF_THINGS) == 0 &&
	    !is_of_all(w) && check_weight_of(w) >= SIGNS_MIN;
}

/* Whether a word of the answer has one of the question in it, but for an ending:
 * a handcart is one of the carts. */
static bool
is_kind_of(const struct claims *a, size_t word, const struct claims *q,
    size_t asked)
{
	const struct claim_word *w = &a->word[word], *v = &q->word[asked];
	size_t len = v->len - (v->len > PART_MIN && !v->is_sign), i;

	for (i = 0; len >= PART_MIN && i + len <= w->len; i++)
		if (strncasecmp(a->plain + w->at + i, q->plain + v->at, len) ==
		    0)
			return true;
	return false;
}

/* Whether the answer names a thing of the question, or has a number of it. */
static bool
is_answered(const struct check *k, const struct reading *q, size_t asked)
{
	size_t i;

	for (i = 0; i < k->a.nwords; i++)
		if (is_same_term(&k->terms[i], &q->terms[asked]) ||
		    claim_words_alike(&k->a.word[i], &q->c.word[asked]) ||
		    is_kind_of(&k->a, i, &q->c, asked))
			return true;
	for (i = 0; i < k->a.nclaims; i++)
		if (check_tells_of(k, &k->a.claim[i], &q->terms[asked]))
			return true;
	return false;
}

static bool
is_asked(const struct check *k, size_t word)
{
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *q = &k->s->reading[i];

		for (n = 0; q->role == ROLE_ASKED && n < q->c.nwords; n++)
			if (is_same_term(&q->terms[n], &k->terms[word]) ||
			    claim_words_alike(&q->c.word[n],
				&k->a.word[word]) ||
			    is_kind_of(&k->a, word, &q->c, n))
				return true;
	}
	return false;
}

struct wanted {
	const struct claim *told;    /* of the answer */
	const struct reading *asked; /* the question */
	size_t word;		     /* its thing */
};

/* Whether the sentence of the answer's number names a thing that the number is
 * told of, and this number here is not: one that was asked about, or not. */
static bool
tells_of_another(const struct check *k, const struct claim *c,
    const struct reading *r, size_t claim, bool asked)
{
	struct span of = check_span(&k->a.sentence[c->sentence]);
	size_t i;

	for (i = of.from; i < of.to; i++) {
		struct subject s = { &k->terms[i] };

		if ((names_something(&k->a.word[i]) ||
			is_part_of_name(&k->a.word[i])) &&
		    is_asked(k, i) == asked &&
		    !is_in_sentence(k, r, claim, &s) &&
		    any_claim(k, c, true, is_beside, &s))
			return true;
	}
	return false;
}

/* Whether a number of the passages is of the thing that was asked about and of
 * all else in the question that the answer's number is of. */
static bool
is_wanted(const struct check *k, const struct reading *r, size_t claim,
    void *data)
{
	const struct wanted *w = data;
	const struct claims *q = &w->asked->c;
	struct subject s = { &w->asked->terms[w->word] };
	size_t i, shared = 0;

	if (!is_beside(k, r, claim, &s) ||
	    tells_of_another(k, w->told, r, claim, true))
		return false;
	for (i = 0; i < q->nwords; i++) {
		s.terms = &w->asked->terms[i];
		if (!(is_thing(&q->word[i]) || is_part_of_name(&q->word[i])) ||
		    !check_tells_of(k, w->told, s.terms))
			continue;
		if (!is_in_sentence(k, r, claim, &s))
			return false;
		shared += is_beside(k, r, claim, &s);
	}
	return shared > 0 || tells_of_another(k, w->told, r, claim, false);
}

bool
check_other_thing(const struct check *k, const struct claim *c)
{
	struct wanted w = { c, NULL, 0 };
	size_t i;

	if (c->is_article || k->is_translated ||
	    (c->kind != CLAIM_TIME &&
		(c->kind != CLAIM_NUMBER || c->unit == 0)) ||
	    check_says_no(&k->a, (struct span){ 0, k->a.nwords }) != 0)
		return false;
	for (i = 0; i < k->s->count && w.asked == NULL; i++)
		if (k->s->reading[i].role == ROLE_ASKED)
			w.asked = &k->s->reading[i];
	for (; w.asked != NULL && w.word < w.asked->c.nwords; w.word++)
		if ((is_thing(&w.asked->c.word[w.word]) ||
			is_part_of_name(&w.asked->c.word[w.word])) &&
		    any_claim(k, c, false, is_wanted, &w) &&
		    !is_answered(k, w.asked, w.word))
			return true;
	return false;
}

bool
check_head(const struct check *k, const struct claim *c)
{
	size_t claim = (size_t)(c - k->a.claim), i;
	struct span of;
	bool known;

	if (c->kind != CLAIM_NUMBER || c->unit == 0 || c->is_article ||
	    k->is_translated)
		return false;
	if (claim_is_money(c) && is_other_role(k, c))
		return true;
	if ((claim_is_money(c) || c->unit == meanings_value("pct", 3)) &&
	    is_of_nothing(k, c))
		return true;
	near_span(&k->a, claim, &of.from, &of.to);
	known = any_claim(k, c, true, has_another, (void *)(uintptr_t)c) ||
	    check_is_deposit(&k->a, claim);
	for (i = of.from; i < of.to && !known; i++)
		known = near_is_local(&k->a, i, claim) && is_known_by(k, c, i);
	for (i = of.from; i < of.to; i++)
		if (is_thing(&k->a.word[i]) &&
		    k->a.word[i].clause == k->a.word[c->word].clause &&
		    near_is_local(&k->a, i, claim) &&
		    (((!known || is_contrasted(k, c, i)) &&
			 has_own_number(k, c, i)) ||
			is_of_other_name(k, c, i, before) ||
			is_of_other_name(k, c, i, behind)))
			return true;
	return false;
}
