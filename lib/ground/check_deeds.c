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

#define REACH 5		 /* words between "I have" and what was done */
#define STATE_REACH 4	 /* words between "is" and what it is */
#define FORM_MIN_BYTES 5 /* of a word whose ending tells something */
#define BARE_WORDS 3	 /* "Order cancelled." */
#define DOORS (MODE_OPEN | MODE_SHUT | MODE_MAY)
#define NONE SIZE_MAX
#define ROLE_BIT(role) (1u << (role))

static bool
is_language(const struct claims *c, const char *const *list)
{
	return str_in(c->language, list);
}

/* How the languages make the word for what was done, by its letters. */
static const struct {
	const char *language;
	const char *ends[12], *begins[16];
} forms[] = {
	{ "en", { "ed" }, { NULL } },
	{ "de", { "t", "en" },
	    { "ge", "abge", "ange", "aufge", "ausge", "einge", "mitge",
		"nachge", "vorge", "zuge", "zur\u00fcckge", "umge", "weiterge",
		"freige", "losge" } },
	{ "de", { "iert" }, { NULL } },
	{ "nl", { "t", "d", "en" },
	    { "ge", "afge", "aange", "opge", "uitge", "inge", "meege", "nage",
		"voorge", "toege", "terugge", "omge", "doorge", "vrijge",
		"klaarge" } },
	{ "es",
	    { "ado", "ada", "ados", "adas", "ido", "ida", "idos", "idas",
		"uesto", "uelto", "ierto" },
	    { NULL } },
	{ "pt", { "ado", "ada", "ados", "adas", "ido", "ida", "idos", "idas" },
	    { NULL } },
	{ "it",
	    { "ato", "ata", "ati", "ate", "uto", "uta", "ito", "ita", "esso",
		"atto", "etto" },
	    { NULL } },
	{ "fr",
	    { "\u00e9", "\u00e9e", "\u00e9s", "\u00e9es", "is", "ise", "ert",
		"erte", "u", "ue" },
	    { NULL } },
};

/* Verbs that tell by their ending that the speaker has done it, or that it was
 * done. */
static const struct {
	const char *language;
	const char *ends[16];
	const char *not_ends; /* those are of the future */
} past[] = {
	{ "es", { "\u00e9" }, "r\u00e9" },
	{ "pt", { "ei" }, "rei" },
	{ "pl", { "\u0142em", "\u0142am", "li\u015bmy", "\u0142y\u015bmy" },
	    NULL },
	{ "tr",
	    { "d\u0131m", "dim", "dum", "d\u00fcm", "t\u0131m", "tim", "tum",
		"t\u00fcm", "d\u0131k", "dik", "duk", "d\u00fck", "t\u0131k",
		"tik", "tuk", "t\u00fck" },
	    NULL },
	{ "tr",
	    { "ld\u0131", "ldi", "ldu", "ld\u00fc", "nd\u0131", "ndi", "ndu",
		"nd\u00fc" },
	    NULL },
};

static bool
ends_as(const struct claims *c, const struct claim_word *w, const char *end)
{
	size_t n = strlen(end);

	return w->len > n + 1 &&
	    strncasecmp(c->plain + w->at + w->len - n, end, n) == 0;
}

static bool
ends_in(const struct claims *c, const struct claim_word *w,
    const char *const *list, size_t max)
{
	size_t i;

	for (i = 0; i < max && list[i] != NULL; i++)
		if (ends_as(c, w, list[i]))
			return true;
	return false;
}

static bool
begins_in(const struct claims *c, const struct claim_word *w,
    const char *const *list, size_t max)
{
	size_t i, n;

	for (i = 0; i < max && list[i] != NULL; i++) {
		n = strlen(list[i]);
		if (w->len > n + 1 &&
		    strncasecmp(c->plain + w->at, list[i], n) == 0)
			return true;
	}
	return i == 0;
}

/* "I have understood your question" is no act. */
static bool
is_act(const struct claim_word *w)
{
	return w->claim == 0 && !w->is_common && w->len >= FORM_MIN_BYTES &&
	    !claim_word_is(w, MEANING_COURTEOUS) &&
	    !claim_word_is(w, MEANING_POLITE) && (w->mode & DOORS) == 0;
}

/* Whether a word has the form of what was done. */
static bool
is_participle(const struct claims *c, const struct claim_word *w)
{
	size_t i;

	for (i = 0; is_act(w) && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].language, c->language) == 0 &&
		    ends_in(c, w, forms[i].ends, 12) &&
		    begins_in(c, w, forms[i].begins, 16))
			return true;
	return false;
}

static bool
is_past(const struct claims *c, const struct claim_word *w)
{
	size_t i;

	for (i = 0; is_act(w) && i < sizeof(past) / sizeof(past[0]); i++)
		if (strcmp(past[i].language, c->language) == 0 &&
		    ends_in(c, w, past[i].ends, 16) &&
		    (past[i].not_ends == NULL ||
			!ends_as(c, w, past[i].not_ends)))
			return true;
	return false;
}

/* "Randevunuzu": in Turkish the word for your is an ending. */
static bool
is_yours(const struct claims *c, const struct claim_word *w)
{
	static const char *const ends[] = { "n\u0131z", "niz", "nuz",
		"n\u00fcz", "n\u0131z\u0131", "nizi", "nuzu", "n\u00fcz\u00fc",
		NULL };

	return claim_word_is(w, MEANING_YOUR) ||
	    (strcmp(c->language, "tr") == 0 && ends_in(c, w, ends, 9));
}

static bool
says_yours(const struct claims *c, struct span of)
{
	for (; of.from < of.to; of.from++)
		if (is_yours(c, &c->word[of.from]))
			return true;
	return false;
}

/* "He has lost his card" tells of somebody else. */
static bool
is_of_others(const struct claims *c, const struct claim_word *w)
{
	static const char *const others[] = { "ha", "han", "hat", "has", "a",
		NULL };
	size_t i;

	for (i = 0; others[i] != NULL; i++)
		if (w->len == strlen(others[i]) &&
		    strncasecmp(c->plain + w->at, others[i], w->len) == 0)
			return true;
	return false;
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

	bool mine = says_yours(c, of) && !is_of_others(c, &c->word[did]);

	for (i = did; i < of.to && i <= did + reach; i++)
		if (claim_word_is(&c->word[i], MEANING_DEED) ||
		    (mine && i > did && is_participle(c, &c->word[i])))
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

/* "Order cancelled.", "Done, booked!": no verb, and a thing at most. */
static bool
is_notice(const struct claims *c, struct span of, struct span whole)
{
	size_t i;

	if (of.to - of.from > BARE_WORDS || of.to < whole.to)
		return false;
	for (i = of.from; i < of.to; i++)
		if (c->word[i].claim != 0 || c->word[i].mode != 0 ||
		    claim_word_is(&c->word[i], MEANING_NOT) ||
		    claim_word_is(&c->word[i], MEANING_LEAD))
			return false;
	return claim_word_is(&c->word[of.to - 1], MEANING_STATE);
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
		if (is_past(c, w) && says_yours(c, of) &&
		    !is_open(c, of.from, i, i))
			return i;
		if (claim_word_is(w, MEANING_STATE) && i + 1 == of.to &&
		    is_notice(c, of, whole))
			return i;
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
