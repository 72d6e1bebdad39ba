/*
 * check - blunt contradictions
 *
 * "There is a lift" where a passage says "there is no lift": one word is all
 * that both have, too little for clauses to be laid side by side as
 * check_sense.c does. Here the word that says no, only or except is looked at
 * together with what it is said of.
 */
#include <string.h>

#include "ground/check.h"
#include "ground/reader.h"
#include "base/str.h"

#define REACH 4		    /* words from "no" to what it is said of */
#define EXCEPT_REACH 5	    /* words that are excepted, or all that is meant */
#define AFFIXED_MIN_BYTES 3 /* of a word that "un" stands before */
#define THING_MIN 1	    /* weight of a word that names a thing */

/* What one clause of a source says of the marked words of the answer. */
struct view {
	const struct check *k;
	struct span of; /* of the answer: what is marked */
	const struct reading *r;
	struct span in;
};

/* "n'avons": the verb of a no */
static bool
is_no_verb(const struct claims *c, const struct claim_word *w)
{
	return strcmp(c->language, "fr") == 0 && w->len > 2 &&
	    strncasecmp(c->plain + w->at, "n'", 2) == 0;
}

static bool
is_thing(const struct claims *c, const struct claim_word *w)
{
	return w->claim == 0 && !w->is_common &&
	    check_weight_of(w) >= THING_MIN && w->pair[0] == 0 && !w->is_weak &&
	    !is_no_verb(c, w) &&
	    (!c->has_plain || !w->is_plain || w->concept != 0) &&
	    !claim_word_is(w, MEANING_GRATIS) &&
	    !claim_word_is(w, MEANING_NEED) &&
	    !claim_word_is(w, MEANING_SOLE) &&
	    !claim_word_is(w, MEANING_EXCEPT) &&
	    !claim_word_is(w, MEANING_EACH) && !claim_word_is(w, MEANING_ALL);
}

/* The answer's word that a word of the source is, SIZE_MAX: none. */
static size_t
own_of(const struct view *v, size_t word)
{
	unsigned m = check_marked(v->k, &v->r->terms[word]);

	return m == 0 ? SIZE_MAX : v->of.from + m - 1;
}

/* Whether some thing of the source's span is named in the answer's. */
static bool
shares_thing(const struct view *v, struct span in)
{
	size_t i;

	for (i = in.from; i < in.to; i++)
		if (own_of(v, i) != SIZE_MAX &&
		    !v->k->a.word[own_of(v, i)].is_common &&
		    is_thing(&v->r->c, &v->r->c.word[i]))
			return true;
	return false;
}

/* Whether the answer names all that a source's clause names. */
static bool
names_all(const struct view *v)
{
	size_t i;

	for (i = v->in.from; i < v->in.to; i++)
		if (v->r->c.word[i].claim != 0 ||
		    (is_thing(&v->r->c, &v->r->c.word[i]) &&
			own_of(v, i) == SIZE_MAX))
			return false;
	return true;
}

/* "no lift": the no, and what stands between that says nothing. */
static bool
is_no_of(const struct view *v, size_t word)
{
	const struct claims *c = &v->r->c;
	size_t i;

	for (i = word; i > v->in.from && i + REACH > word; i--) {
		if (claim_word_is(&c->word[i - 1], MEANING_NOT))
			return true;
		if (is_thing(c, &c->word[i - 1]))
			return false;
	}
	return false;
}

/* Where verbs come last what says no stands behind. */
static bool
is_denied_behind(const struct view *v, size_t word)
{
	static const char *const last[] = { "tr", "ja", "hi", "ru", NULL };

	for (word++; str_in(v->r->c.language, last) && word < v->in.to; word++)
		if (claim_word_is(&v->r->c.word[word], MEANING_NOT))
			return true;
	return false;
}

/* "Your PIN stays the same": an opposite of what the answer says of it. */
static int64_t
opposite_in(const struct view *v)
{
	const struct claims *a = &v->k->a;
	size_t i, n;

	for (i = v->of.from; i < v->of.to; i++)
		for (n = v->in.from; n < v->in.to; n++) {
			const struct claim_word *w = &v->r->c.word[n];

			if (a->word[i].pair[0] != 0 &&
			    (w->pair[0] == -a->word[i].pair[0] ||
				w->pair[1] == -a->word[i].pair[0]))
				return a->word[i].pair[0];
		}
	return 0;
}

enum stand { SAYS_NOTHING, SAYS_IT, SAYS_NO };

/* Whether a clause denies the thing that own is, or says it. */
static enum stand
stand_of(const struct view *v, size_t own, bool answer_says_no)
{
	const struct claims *c = &v->r->c;
	size_t i;

	for (i = v->in.from; i < v->in.to && own_of(v, i) != own; i++)
		;
	if (i == v->in.to)
		return SAYS_NOTHING;
	/* "doesn't change" is "stays the same" */
	if (opposite_in(v) != 0)
		return check_says_no(c, v->in) == answer_says_no &&
			names_all(v) ?
		    SAYS_NO :
		    SAYS_IT;
	if (!answer_says_no && (is_no_of(v, i) || is_denied_behind(v, i)) &&
	    !check_says(c, v->in, MEANING_LACK) &&
	    !check_says(c, v->in, MEANING_GRATIS) &&
	    !check_says(c, v->in, MEANING_EVEN) && names_all(v))
		return SAYS_NO;
	return SAYS_IT;
}

/* Call look on all clauses of the sources until it is true. */
static bool
any_clause(const struct check *k, struct span of,
    bool (*look)(const struct view *v, void *data), void *data)
{
	struct view v = { k, of, NULL, { 0, 0 } };
	size_t i, w;

	for (i = 0; i < k->s->count; i++) {
		v.r = &k->s->reading[i];
		if (!reading_is_passage(v.r))
			continue;
		for (w = 0; w < v.r->c.nwords; w = v.in.to) {
			v.in = check_clause(&v.r->c, w);
			if (look(&v, data))
				return true;
		}
	}
	return false;
}

struct flat {
	size_t own;
	bool answer_says_no, denied;
};

/* Whether a clause says it; one that denies it is kept in mind. */
static bool
says_it(const struct view *v, void *data)
{
	struct flat *f = data;
	enum stand stand = stand_of(v, f->own, f->answer_says_no);

	f->denied |= stand == SAYS_NO;
	return stand == SAYS_IT;
}

/* A thing that the sources do nothing but deny. */
static bool
is_flatly_denied(const struct check *k, struct span of, bool answer_says_no)
{
	struct flat f = { 0, answer_says_no, false };

	for (f.own = of.from; f.own < of.to; f.own++) {
		f.denied = false;
		if (k->weight[f.own] > 0 &&
		    is_thing(&k->a, &k->a.word[f.own]) &&
		    !any_clause(k, of, says_it, &f) && f.denied)
			return true;
	}
	return false;
}

/* --- except and only --- */

/* What is excepted, or all that is meant, by the word at word. */
static struct span
meant_by(const struct claims *c, struct span sentence, size_t word)
{
	static const char *const behind[] = { "tr", "ja", "hi", NULL };
	struct span in = { word + 1, word + 1 };

	if (str_in(c->language, behind)) {
		in.from = in.to = word;
		while (in.from > sentence.from && in.from + REACH > word &&
		    !(c->word[in.from].gap & GAP_COMMA))
			in.from--;
		return in;
	}
	while (in.to < sentence.to && in.to <= word + EXCEPT_REACH &&
	    !(in.to > word + 1 && (c->word[in.to].gap & GAP_COMMA)))
		in.to++;
	/* "guests only" */
	if (in.to == in.from && in.from > sentence.from + 1)
		in = (struct span){ word - 1, word };
	return in;
}

/* Whether the answer names what a span of a source does. */
static bool
names(const struct view *v, struct span in)
{
	size_t i, n;

	for (i = in.from; i < in.to; i++) {
		uint32_t claim = v->r->c.word[i].claim;

		for (n = v->of.from; claim != 0 && n < v->of.to; n++)
			if (v->k->a.word[n].claim != 0 &&
			    claim_same(&v->k->a
					    .claim[v->k->a.word[n].claim - 1],
				&v->r->c.claim[claim - 1]))
				return true;
	}
	return shares_thing(v, in);
}

/* The rest of a sentence, before and behind what is meant. */
static bool
shares_rest(const struct view *v, struct span sentence, struct span meant)
{
	return shares_thing(v, (struct span){ sentence.from, meant.from }) ||
	    shares_thing(v, (struct span){ meant.to, sentence.to });
}

/* "Breakfast is included on Sundays" of "included except on Sundays" */
static bool
breaks_except(const struct view *v, struct span sentence, size_t word,
    bool answer_says_no)
{
	struct span meant = meant_by(&v->r->c, sentence, word);
	unsigned no = check_says_no(&v->r->c, v->in);

	/* The word is "bad" itself. */
	if (claim_word_is(&v->r->c.word[word], MEANING_BAD))
		no ^= 1;
	return names(v, meant) && shares_rest(v, sentence, meant) &&
	    (no == 1) == answer_says_no;
}

/*
 * "in the Silver plan" of "only in the Gold plan": a thing of the sources that
 * the sentence does not have.
 */
static bool
names_another(const struct view *v, struct span sentence)
{
	const struct claims *a = &v->k->a;
	size_t i, n;

	for (i = v->of.from; i < v->of.to; i++) {
		if (!is_thing(a, &a->word[i]) || !a->word[i].is_capital ||
		    a->word[i].is_first || (v->k->where[i] & BITS_SOURCES) == 0)
			continue;
		for (n = sentence.from; n < sentence.to; n++)
			if (own_of(v, n) == i)
				break;
		if (n == sentence.to)
			return true;
	}
	return false;
}

/* Whether what is meant has a name, and the answer does not have it. */
static bool
leaves_name_out(const struct view *v, struct span meant)
{
	const struct claims *c = &v->r->c;
	size_t i;

	for (i = meant.from; i < meant.to; i++)
		if (is_thing(c, &c->word[i]) && c->word[i].is_capital &&
		    own_of(v, i) == SIZE_MAX)
			return true;
	return false;
}

/* "for everybody" of "only for guests" */
static bool
breaks_only(const struct view *v, struct span sentence, size_t word,
    bool answer_says_no)
{
	struct span meant = meant_by(&v->r->c, sentence, word);

	if (answer_says_no || !shares_rest(v, sentence, meant))
		return false;
	/* "Everyone who swims" has what only swimmers may: it may stand far
	 * behind. */
	return check_says(&v->k->a, v->of, MEANING_EACH) ?
	    !names(v, meant) &&
		!names(v, (struct span){ meant.from, sentence.to }) :
	    leaves_name_out(v, meant) && names_another(v, sentence);
}

static bool
breaks(const struct view *v, void *data)
{
	const bool *answer_says_no = data;
	size_t i;

	for (i = v->in.from; i < v->in.to; i++) {
		const struct claim_word *w = &v->r->c.word[i];
		struct span sentence =
		    check_span(&v->r->c.sentence[w->sentence]);

		if (claim_word_is(w, MEANING_EXCEPT) &&
		    breaks_except(v, sentence, i, *answer_says_no))
			return true;
		if (claim_word_is(w, MEANING_SOLE) &&
		    breaks_only(v, sentence, i, *answer_says_no))
			return true;
	}
	return false;
}

/* --- unheated --- */

/* What languages put before a word to say its contrary, folded. */
static const struct {
	const char *language, *affix;
} affixes[] = {
	{ "en", "un" },
	{ "de", "un" },
	{ "nl", "on" },
	{ "pl", "nie" },
	{ "ru", "\u043d\u0435" },
};

struct turned {
	uint32_t term; /* of the word with the affix, or without */
	bool answer_says_no;
};

static bool
says_turned(const struct view *v, void *data)
{
	const struct turned *t = data;
	size_t i;

	for (i = v->in.from; i < v->in.to; i++)
		if (v->r->terms[i].id[TERM_EXACT] == t->term)
			/* "open from May on, heated": of the pool before */
			return shares_thing(v,
				   check_span(
				       &v->r->c.sentence[v->r->c.word[i]
							     .sentence])) &&
			    (check_says_no(&v->r->c, v->in) == 1) ==
			    t->answer_says_no;
	return false;
}

static uint32_t
term_of(const struct check *k, const char *word, size_t len)
{
	struct claim_word w = { .exact = reader_hash(word, len) };

	return sources_find(k->s, &w).id[TERM_EXACT];
}

/* "unheated" of what a source calls heated, and "heated" of "unheated". */
static bool
is_turned(const struct check *k, struct span of, bool answer_says_no)
{
	struct turned t = { 0, answer_says_no };
	char word[2 * FOLDED_MAX_BYTES];
	size_t i, a, n, len;

	for (a = 0; a < sizeof(affixes) / sizeof(affixes[0]); a++) {
		if (strcmp(affixes[a].language, k->a.language) != 0)
			continue;
		n = strlen(affixes[a].affix);
		memcpy(word, affixes[a].affix, n);
		for (i = of.from; i < of.to; i++) {
			const struct claim_word *w = &k->a.word[i];

			/* As a source has it it is no contrary. */
			if (w->claim != 0 || w->is_common ||
			    k->terms[i].id[TERM_EXACT] != 0)
				continue;
			len = reader_fold(k->a.plain + w->at, w->len, word + n);
			t.term = term_of(k, word, n + len);
			if (t.term == 0 && len > n + AFFIXED_MIN_BYTES &&
			    memcmp(word + n, word, n) == 0)
				t.term = term_of(k, word + 2 * n, len - n);
			if (t.term != 0 && any_clause(k, of, says_turned, &t))
				return true;
		}
	}
	return false;
}

enum ground_reason
check_blunt(struct check *k, struct span of)
{
	bool found, no = check_says_no(&k->a, of) == 1;

	if (k->is_translated || check_says(&k->a, of, MEANING_EXCEPT) ||
	    check_says(&k->a, of, MEANING_SOLE) ||
	    check_says(&k->a, of, MEANING_WHEN))
		return GROUND_SUPPORTED;
	check_mark(k, of, true);
	found = is_flatly_denied(k, of, no) || any_clause(k, of, breaks, &no) ||
	    is_turned(k, of, no);
	check_mark(k, of, false);
	return found ? GROUND_NEGATION : GROUND_SUPPORTED;
}
