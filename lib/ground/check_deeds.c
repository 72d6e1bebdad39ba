/*
 * check - acts told as done
 *
 * "I have blocked your card", "your cot is booked", "it is on its way": of this
 * customer nobody knows that but who did it. A passage that tells of cards being
 * blocked, or how, is no source of it; one that tells it as done is, and so is
 * what the desk has said before, the results of tools among it. What a passage
 * tells of everybody ("refunds are made within 10 days") tells no act.
 */
#include <string.h>

#include "ground/check.h"
#include "base/str.h"

#define REACH 5	      /* words between "I have" and what was done */
#define STATE_REACH 4 /* words between "is" and what it is */
#define NONE SIZE_MAX
#define ROLE_BIT(role) (1u << (role))

static bool
is_language(const struct claims *c, const char *const *list)
{
	return str_in(c->language, list);
}

static bool
says_before(const struct claims *c, size_t from, size_t to,
    enum meaning_kind kind)
{
	for (; from < to; from++)
		if (claim_word_is(&c->word[from], kind))
			return true;
	return false;
}

/* "once it was sent", "I have not sent it" */
static bool
is_open(const struct claims *c, size_t from, size_t told, size_t deed)
{
	return says_before(c, from, told, MEANING_WHEN) ||
	    says_before(c, from, deed, MEANING_NOT);
}

/* What was done, behind "I have"; where verbs come last, before it as well. */
static size_t
deed_beside(const struct claims *c, struct span of, size_t did)
{
	static const char *const apart[] = { "de", "nl", NULL };
	static const char *const last[] = { "de", "nl", "hi", "ja", "zh",
		NULL };
	size_t reach = is_language(c, apart) ? of.to : REACH, i;

	for (i = did; i < of.to && i <= did + reach; i++)
		if (claim_word_is(&c->word[i], MEANING_DEED))
			return i;
	for (i = did; is_language(c, last) && i > of.from && i + REACH > did;
	     i--)
		if (claim_word_is(&c->word[i - 1], MEANING_DEED))
			return i - 1;
	return NONE;
}

static bool
has_is(const struct claims *c, struct span of, size_t state)
{
	static const char *const apart[] = { "de", "nl", NULL };
	/* These have no word for it. */
	static const char *const without[] = { "ru", "id", NULL };
	size_t i;

	if (is_language(c, without))
		return true;
	for (i = state; i > of.from && i + STATE_REACH > state; i--) {
		const struct claim_word *w = &c->word[i - 1];

		if (claim_word_is(w, MEANING_IS))
			return true;
		if (!w->is_common && !w->is_plain && !is_language(c, apart))
			break;
	}
	return false;
}

/* "Your cot is booked.", and nothing that makes it a rule: no number, no
 * condition, nothing more behind it. */
static bool
is_bare(const struct claims *c, struct span of, struct span whole, size_t state)
{
	size_t i;

	if (says_before(c, whole.from, whole.to, MEANING_WHEN))
		return false;
	for (i = of.from; i < of.to; i++)
		if (c->word[i].claim != 0 ||
		    (i > state && check_weight_of(&c->word[i]) > 0 &&
			!c->word[i].is_plain &&
			!claim_word_is(&c->word[i], MEANING_YOUR) &&
			!claim_word_is(&c->word[i - 1], MEANING_YOUR) &&
			!claim_word_is(&c->word[i], MEANING_SOON)))
			return false;
	return true;
}

/*
 * The word of a clause that tells an act as done: *ret_did is what makes it so.
 */
static size_t
find_deed(const struct claims *c, struct span of, struct span whole,
    size_t *ret_did)
{
	size_t i, deed;

	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &c->word[i];

		*ret_did = i;
		if (claim_word_is(w, MEANING_DONE) &&
		    !is_open(c, of.from, i, i))
			return i;
		if (claim_word_is(w, MEANING_DID)) {
			deed = deed_beside(c, of, i);
			if (deed != NONE && !is_open(c, of.from, i, deed))
				return deed;
		}
		if (claim_word_is(w, MEANING_STATE) &&
		    says_before(c, of.from, of.to, MEANING_YOUR) &&
		    has_is(c, of, i) && is_bare(c, of, whole, i) &&
		    !is_open(c, of.from, i, i))
			return i;
	}
	return NONE;
}

static bool
is_same(const struct claim_word *a, const struct claim_word *b)
{
	/* "on" of "on its way" is a word of many phrases. */
	if (claim_word_is(a, MEANING_DONE) != claim_word_is(b, MEANING_DONE) &&
	    !claim_word_is(b, MEANING_DEED))
		return false;
	return a->stem != 0 && a->stem == b->stem;
}

/* Of what the desk said: in other words, too. */
static bool
is_alike(const struct claim_word *a, const struct claim_word *b)
{
	return (a->concept != 0 && a->concept == b->concept) ||
	    claim_words_alike(a, b);
}

/*
 * Whether a clause of a source tells it as done. What the desk said may say so
 * as tables do, "sent: 3 May", but not what can be done, or cannot.
 */
static bool
is_told(const struct reading *r, struct span of, struct span whole,
    const struct claim_word *deed)
{
	size_t i, did, told = find_deed(&r->c, of, whole, &did);
	bool no = says_before(&r->c, of.from, of.to, MEANING_NOT);

	/* "Was it sent?" asks. */
	if (told != NONE && did == of.from && r->role == ROLE_ASKED)
		return false;
	if (told == NONE && (r->role != ROLE_TOLD || no))
		return false;
	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &r->c.word[i];

		if (told != NONE && is_same(w, deed))
			return true;
		if (r->role == ROLE_TOLD &&
		    (is_same(w, deed) || is_alike(w, deed)) &&
		    !(i > of.from && claim_word_is(w - 1, MEANING_LEAD)))
			return true;
	}
	return false;
}

/* Whether a reading of one of the roles, bits, tells it. */
static bool
is_stated(const struct check *k, const struct claim_word *deed, unsigned roles)
{
	struct span whole, of;
	size_t i, s, w;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!(roles & ROLE_BIT(r->role)))
			continue;
		for (s = 0; s < r->c.nsentences; s++) {
			whole = check_span(&r->c.sentence[s]);
			for (w = whole.from; w < whole.to; w = of.to) {
				of = check_clause(&r->c, w);
				if (is_told(r, of, whole, deed))
					return true;
			}
		}
	}
	return false;
}

/* "I am sorry that your tent was sent torn": the customer has told it. */
static bool
is_repeated(const struct check *k, struct span span, size_t did,
    const struct claim_word *deed)
{
	return !claim_word_is(&k->a.word[did], MEANING_WHO) &&
	    check_means(k, span, MEANING_POLITE) &&
	    is_stated(k, deed, ROLE_BIT(ROLE_ASKED));
}

bool
check_deeds(const struct check *k, struct span span)
{
	size_t w, deed, did;
	struct span of;

	for (w = span.from; w < span.to; w = of.to) {
		of = check_clause(&k->a, w);
		deed = find_deed(&k->a, of, span, &did);
		if (deed == NONE)
			continue;
		/* "I cancelled" is one phrase, told by its second word. */
		if (claim_word_is(&k->a.word[deed], MEANING_DONE) &&
		    deed + 1 < of.to &&
		    claim_word_is(&k->a.word[deed + 1], MEANING_DEED))
			deed++;
		if (!is_stated(k, &k->a.word[deed],
			ROLE_BIT(ROLE_TEXT) | ROLE_BIT(ROLE_TOLD)) &&
		    !is_repeated(k, span, did, &k->a.word[deed]))
			return true;
	}
	return false;
}
