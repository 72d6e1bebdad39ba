/*
 * check - who does what
 *
 * "You send us the code" where a source says that we send it, "bring your own
 * towels" where they are provided. Only what is surely told: the one who does
 * it beside the verb, or the words for bringing and having.
 */
#include <string.h>

#include "ground/check.h"
#include "base/str.h"

#define NONE SIZE_MAX

static bool
has(const struct claims *c, struct span of, int64_t group)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (claim_word_like(&c->word[i], group))
			return true;
	return false;
}

static bool
has_no(const struct claims *c, struct span of)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (claim_word_is(&c->word[i], MEANING_NOT) ||
		    claim_word_is(&c->word[i], MEANING_BAD))
			return true;
	return false;
}

/* The words of a clause that are in another one, the one at but aside. */
static bool
shares(const struct check *k, struct span of, size_t but,
    const struct reading *r, struct span in)
{
	size_t i, n;

	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &k->a.word[i];

		if (i == but || k->weight[i] < 1 || w->claim != 0)
			continue;
		for (n = in.from; n < in.to; n++)
			if (w->stem != 0 && w->stem == r->c.word[n].stem)
				return true;
	}
	return false;
}

static bool
may_do(const struct claim_word *w)
{
	return w->claim == 0 && !w->is_common && !w->is_sign && w->stem != 0;
}

/* The verb of the one who does it at a word: "we send", "senden wir". What one
 * can do is no matter of who does it, "you can rent it" from us who rent it. */
static size_t
verb_of(const struct claims *c, struct span of, size_t i)
{
	static const char *const turned[] = { "de", "nl", NULL };
	const struct claim_word *w = &c->word[i];

	/* "sie" is they, "Sie" you. */
	if (strcmp(c->language, "de") == 0 && w->len == 3 && !w->is_capital &&
	    claim_word_like(w, meanings_value("you", 3)))
		return NONE;
	if (i + 1 < of.to && may_do(w + 1) && !w[1].is_capital)
		return i + 1;
	if (str_in(c->language, turned))
		return i > of.from && may_do(w - 1) &&
			(!w[-1].is_capital || w[-1].is_first) ?
		    i - 1 :
		    NONE;
	return NONE;
}

/* "envoyons", "envoyez" */
static size_t
french_root(const char *text, size_t len)
{
	if (len > 5 && memcmp(text + len - 3, "ons", 3) == 0)
		return len - 3;
	return len > 4 && memcmp(text + len - 2, "ez", 2) == 0 ? len - 2 : len;
}

static bool
is_same_verb(const struct claims *a, size_t verb, const struct claims *b,
    size_t other)
{
	const struct claim_word *w = &a->word[verb], *v = &b->word[other];
	const char *one = a->plain + w->at, *two = b->plain + v->at;
	size_t n;

	if (w->stem == v->stem)
		return true;
	if (strcmp(a->language, "fr") != 0)
		return false;
	n = french_root(one, w->len);
	return n == french_root(two, v->len) && memcmp(one, two, n) == 0;
}

struct who {
	bool same, other;
};

/* Who does it in the sources. */
static struct who
find_who(const struct check *k, struct span of, size_t verb, int64_t who,
    int64_t other)
{
	struct who found = { false, false };
	size_t i, n, w;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];
		struct span in;

		if (!reading_is_passage(r))
			continue;
		for (w = 0; w < r->c.nwords; w = in.to) {
			in = check_clause(&r->c, w);
			for (n = in.from; n < in.to; n++) {
				const struct claim_word *s = &r->c.word[n];
				bool is_same = claim_word_like(s, who);
				size_t v;

				if (!is_same && !claim_word_like(s, other))
					continue;
				v = verb_of(&r->c, in, n);
				if (v == NONE ||
				    !is_same_verb(&k->a, verb, &r->c, v))
					continue;
				if (is_same)
					found.same = true;
				else if (shares(k, of, verb, r, in))
					found.other = true;
			}
		}
	}
	return found;
}

static bool
is_done_by_other(const struct check *k, struct span of)
{
	int64_t we = meanings_value("we", 2), you = meanings_value("you", 3);
	struct who found;
	size_t i, verb;

	for (i = of.from; i < of.to; i++) {
		const struct claim_word *w = &k->a.word[i];
		bool ours = claim_word_like(w, we);

		if (!ours && !claim_word_like(w, you))
			continue;
		verb = verb_of(&k->a, of, i);
		if (verb == NONE)
			continue;
		found = find_who(k, of, verb, ours ? we : you, ours ? you : we);
		if (found.other && !found.same)
			return true;
	}
	return false;
}

/* Of a thing that is to be brought, whether all sources say it is there; or the
 * other way round. */
static bool
is_brought(const struct check *k, struct span of, int64_t said, int64_t other)
{
	bool found = false;
	size_t i, w;

	if (!has(&k->a, of, said) || has(&k->a, of, other))
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];
		struct span in;

		if (!reading_is_passage(r))
			continue;
		for (w = 0; w < r->c.nwords; w = in.to) {
			in = check_clause(&r->c, w);
			if (!shares(k, of, NONE, r, in))
				continue;
			if (has(&r->c, in, said) || has_no(&r->c, in))
				return false;
			found |= has(&r->c, in, other);
		}
	}
	return found;
}

bool
check_who(const struct check *k, struct span span)
{
	int64_t bring = meanings_value("bringing", 8),
		there = meanings_value("provided", 8);
	struct span of;
	size_t w;

	if (k->is_translated)
		return false;
	for (w = span.from; w < span.to; w = of.to) {
		of = check_clause(&k->a, w);
		if (has_no(&k->a, of))
			continue;
		if (is_done_by_other(k, of) ||
		    is_brought(k, of, bring, there) ||
		    is_brought(k, of, there, bring))
			return true;
	}
	return false;
}
