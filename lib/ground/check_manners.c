/*
 * check - what is said for manners' sake, and tells nothing of a business
 *
 * Thanks, regret, greetings and goodbyes are made of words that are listed. A
 * greeting has a name besides; a wish may be for anything, as long as nothing
 * in it could be a claim.
 */
#include <string.h>

#include "ground/check.h"
#include "base/str.h"

#define ONE_SIGN 3    /* bytes of a word of one sign, which says little */
#define NAME_WORDS 3  /* of somebody who is greeted */
#define WISH_WORDS 6  /* that are not listed, of what is wished */
#define WISH_WITHIN 3 /* words that stand before or behind its verb */

/* What may be a claim, whatever words stand around it. */
#define TELLS                                                       \
	(MEANING_BIT(MEANING_YES) | MEANING_BIT(MEANING_PROMISE) |  \
	    MEANING_BIT(MEANING_DONE) | MEANING_BIT(MEANING_DEED) | \
	    MEANING_BIT(MEANING_GIVE) | MEANING_BIT(MEANING_MATE) | \
	    MEANING_BIT(MEANING_CALL) | MEANING_BIT(MEANING_GRATIS))
#define TELLS_MORE                                                     \
	(TELLS | MEANING_BIT(MEANING_NOT) | MEANING_BIT(MEANING_BAD) | \
	    MEANING_BIT(MEANING_NEED) | MEANING_BIT(MEANING_ONLY) |    \
	    MEANING_BIT(MEANING_LACK) | MEANING_BIT(MEANING_EXCEPT) |  \
	    MEANING_BIT(MEANING_SOLE) | MEANING_BIT(MEANING_EACH))

static bool
is_of(const struct claim_word *w, const char *group)
{
	int64_t value = meanings_value(group, strlen(group));
	size_t i;

	for (i = 0; i < CLAIM_LIKE_MAX && w->like[i] != 0; i++)
		if (w->like[i] == value)
			return true;
	return false;
}

static bool
is_number(const struct check *k, const struct claim_word *w)
{
	return w->claim != 0 && !k->a.claim[w->claim - 1].is_article;
}

/* A word that is nothing but polite. */
static bool
is_manners(const struct check *k, const struct claim_word *w)
{
	bool listed = claim_word_is(w, MEANING_COURTEOUS);

	/* "Grazie mille", "bonne fin de semaine" */
	if (!listed && (is_number(k, w) || (w->means & TELLS) != 0))
		return false;
	return listed || claim_word_is(w, MEANING_POLITE) || w->is_common ||
	    (w->is_sign && w->len <= ONE_SIGN);
}

/* --- names in greetings --- */

static bool
has_capitals(const char *language)
{
	static const char *const without[] = { "hi", "ar", "fa", "he", NULL };

	return !str_in(language, without);
}

static bool
may_be_name(const struct check *k, const struct claim_word *w)
{
	return w->claim == 0 && w->exact != 0 && !w->is_sign &&
	    (w->means & TELLS_MORE) == 0 &&
	    (w->is_capital || !has_capitals(k->a.language));
}

/* Where what stands between commas ends. */
static size_t
part_end(const struct check *k, size_t from, size_t to)
{
	size_t i = from + 1;

	while (i < to &&
	    !(k->a.word[i].gap &
		(GAP_COMMA | GAP_COLON | GAP_DASH | GAP_OTHER)))
		i++;
	return i;
}

/* A part that is a name alone, and maybe a title: "Frau Berger" */
static bool
is_name_alone(const struct check *k, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++)
		if (!is_of(&k->a.word[i], "titled") &&
		    !may_be_name(k, &k->a.word[i]))
			return false;
	return to > from && to - from <= NAME_WORDS;
}

size_t
check_greeting(const struct check *k, struct span span)
{
	struct span of = span;
	size_t i, to, names = 0;
	bool greets = false;

	if (of.from == of.to)
		return of.from;
	to = part_end(k, of.from, of.to);
	for (i = of.from; i < to; i++) {
		const struct claim_word *w = &k->a.word[i];

		if (is_of(w, "greets"))
			greets = true;
		else if (!greets)
			return of.from;
		else if (!is_of(w, "titled") && !is_manners(k, w)) {
			if (!may_be_name(k, w) || ++names > NAME_WORDS)
				return of.from;
		}
	}
	/* "Hola, Marek" */
	if (names == 0 && to < of.to) {
		i = part_end(k, to, of.to);
		if (is_name_alone(k, to, i))
			to = i;
	}
	return to;
}

/* --- wishes --- */

/* "We wish you a free night": what a business gives */
static bool
is_offer(const struct claim_word *w)
{
	static const char *const names[] = { "free", "refund", "discount",
		"voucher", "gift", "pay", "cost", NULL };

	return check_is_one_of(w, names);
}

static bool
is_wish(const struct check *k, struct span of)
{
	size_t i, words = 0;
	bool wishes = false;

	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &k->a.word[i];

		wishes |=
		    (i < of.from + WISH_WITHIN || i + WISH_WITHIN >= of.to) &&
		    is_of(w, "wishes");
		if (is_number(k, w) ||
		    (!claim_word_is(w, MEANING_COURTEOUS) &&
			((w->means & TELLS_MORE) != 0 || is_offer(w))))
			return false;
		words += !is_manners(k, w);
	}
	return wishes && words <= WISH_WORDS;
}

/* The same in signs, where the wish comes first and no blank parts words. */
static bool
is_wish_in_signs(const struct check *k, struct span of)
{
	static const char wish[] = "\u795d";
	const struct claim_word *w = &k->a.word[of.from];
	size_t i;

	if (strcmp(k->a.language, "zh") != 0 ||
	    strncmp(k->a.plain + w->at, wish, sizeof(wish) - 1) != 0)
		return false;
	for (i = of.from; i < of.to; i++)
		if (is_number(k, &k->a.word[i]) ||
		    (k->a.word[i].means & TELLS_MORE) != 0 ||
		    (k->a.word[i].gap & GAP_COMMA))
			return false;
	return true;
}

bool
check_courteous(const struct check *k, struct span span)
{
	struct span of = span;
	size_t i, to;
	bool any = false, greets;

	to = check_greeting(k, of);
	greets = to > of.from;
	of.from = to;
	if (of.from == of.to)
		return greets;
	if (is_wish(k, of) || is_wish_in_signs(k, of))
		return true;
	for (i = of.from; i < of.to; i = to) {
		to = part_end(k, i, of.to);
		/* "You are welcome, Marek" */
		if (any && is_name_alone(k, i, to) && to == of.to)
			return true;
		for (; i < to; i++) {
			if (!is_manners(k, &k->a.word[i]))
				return false;
			any |= claim_word_is(&k->a.word[i], MEANING_COURTEOUS);
		}
	}
	return any || greets;
}
