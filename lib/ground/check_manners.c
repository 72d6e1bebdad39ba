/*
 * check - what is said for manners' sake, and tells nothing of a business
 *
 * Thanks, regret, greetings and goodbyes are made of words that are listed. A
 * greeting has a name besides; a wish may be for anything, as long as nothing
 * in it could be a claim.
 */
#include <string.h>

#include "ground/check.h"
#include "ground/reader.h"
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
is_number(const struct claims *c, const struct claim_word *w)
{
	return w->claim != 0 && !c->claim[w->claim - 1].is_article;
}

/* A word that is nothing but polite. */
static bool
is_manners(const struct claims *c, const struct claim_word *w)
{
	bool listed = claim_word_is(w, MEANING_COURTEOUS);

	/* "Grazie mille", "bonne fin de semaine" */
	if (!listed && (is_number(c, w) || (w->means & TELLS) != 0))
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
may_be_name(const struct claims *c, const struct claim_word *w)
{
	return w->claim == 0 && w->exact != 0 && !w->is_sign &&
	    (w->means & TELLS_MORE) == 0 &&
	    (w->is_capital || !has_capitals(c->language));
}

/* Where what stands between commas ends. */
static size_t
part_end(const struct claims *c, size_t from, size_t to)
{
	size_t i = from + 1;

	while (i < to &&
	    !(c->word[i].gap & (GAP_COMMA | GAP_COLON | GAP_DASH | GAP_OTHER)))
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
		    !may_be_name(&k->a, &k->a.word[i]))
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
	to = part_end(&k->a, of.from, of.to);
	for (i = of.from; i < to; i++) {
		const struct claim_word *w = &k->a.word[i];

		if (is_of(w, "greets"))
			greets = true;
		else if (!greets)
			return of.from;
		else if (!is_of(w, "titled") && !is_manners(&k->a, w)) {
			if (!may_be_name(&k->a, w) || ++names > NAME_WORDS)
				return of.from;
		}
	}
	/* "Hola, Marek" */
	if (names == 0 && to < of.to) {
		i = part_end(&k->a, to, of.to);
		if (is_name_alone(k, to, i))
			to = i;
	}
	return to;
}

/* --- the customer's own name --- */

#define CALLED_WORDS 6 /* of a name */

/* What of a name is one word of it, as words are folded. */
struct called {
	char word[CALLED_WORDS][FOLDED_MAX_BYTES];
	size_t len[CALLED_WORDS], count;
};

static void
read_called(struct called *n, const char *name)
{
	size_t len;

	n->count = 0;
	while (*name != '\0' && n->count < CALLED_WORDS) {
		len = strcspn(name, " ");
		if (len > 1 && len < FOLDED_MAX_BYTES) {
			n->len[n->count] =
			    reader_fold(name, len, n->word[n->count]);
			n->count++;
		}
		name += len;
		name += strspn(name, " ");
	}
}

static bool
is_called(const struct called *n, const struct claims *c,
    const struct claim_word *w)
{
	char word[FOLDED_MAX_BYTES];
	size_t len = reader_fold(c->plain + w->at, w->len, word), i;

	for (i = 0; i < n->count; i++)
		if (n->len[i] == len && memcmp(n->word[i], word, len) == 0)
			return true;
	return false;
}

/* It says nothing: no name, and no thing. */
static void
forget(struct claim_word *w)
{
	w->means = MEANING_BIT(MEANING_POLITE);
	w->exact = w->stem = w->begin = w->end = 0;
	w->concept = w->place = w->event = 0;
	memset(w->pair, 0, sizeof(w->pair));
	memset(w->like, 0, sizeof(w->like));
	w->likes = 0;
	w->mode = w->rate = 0;
	w->is_capital = w->is_mixed = false;
}

/* What stands between commas, if it is a name and else nothing but manners:
 * "thanks for asking, Marek". */
static void
forget_called(struct claims *c, const struct called *n, struct span part)
{
	bool called = false;
	size_t i;

	for (i = part.from; i < part.to; i++) {
		const struct claim_word *w = &c->word[i];

		if (!is_of(w, "titled") && !is_manners(c, w) &&
		    !claim_word_is(w, MEANING_YES) &&
		    !(may_be_name(c, w) && is_called(n, c, w)))
			return;
	}
	for (i = part.from; i < part.to; i++)
		if (may_be_name(c, &c->word[i]) && is_called(n, c, &c->word[i]))
			called = true;
	for (i = part.from; called && i < part.to; i++)
		if (is_of(&c->word[i], "titled") ||
		    is_called(n, c, &c->word[i]))
			forget(&c->word[i]);
}

/* Where nothing parts words a name has them to itself: 佐藤様. */
static void
forget_signs(struct claims *c, const char *name)
{
	size_t len = strlen(name), at, w;
	const char *p = c->plain;

	while (len > 3 &&
	    (p = memmem(p, c->len - (size_t)(p - c->plain), name, len)) !=
		NULL) {
		at = (size_t)(p - c->plain);
		for (w = 0; w < c->nwords; w++)
			if (c->word[w].is_sign && c->word[w].claim == 0 &&
			    (c->word[w].means & TELLS_MORE) == 0 &&
			    c->word[w].concept == 0 &&
			    c->word[w].at < at + len &&
			    c->word[w].at + c->word[w].len > at)
				forget(&c->word[w]);
		p += len;
	}
}

void
check_called(struct claims *answer, const char *name)
{
	struct called n;
	size_t i, w, to;

	read_called(&n, name);
	for (i = 0; n.count > 0 && i < answer->nsentences; i++) {
		struct span of = check_span(&answer->sentence[i]);

		for (w = of.from; w < of.to; w = to) {
			to = part_end(answer, w, of.to);
			forget_called(answer, &n, (struct span){ w, to });
		}
	}
	forget_signs(answer, name);
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
		if (is_number(&k->a, w) ||
		    (!claim_word_is(w, MEANING_COURTEOUS) &&
			((w->means & TELLS_MORE) != 0 || is_offer(w))))
			return false;
		words += !is_manners(&k->a, w);
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
		if (is_number(&k->a, &k->a.word[i]) ||
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
		to = part_end(&k->a, i, of.to);
		/* "You are welcome, Marek" */
		if (any && is_name_alone(k, i, to) && to == of.to)
			return true;
		for (; i < to; i++) {
			if (!is_manners(&k->a, &k->a.word[i]))
				return false;
			any |= claim_word_is(&k->a.word[i], MEANING_COURTEOUS);
		}
	}
	return any || greets;
}
