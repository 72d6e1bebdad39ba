/* check - room A or room B: what tells things apart by a letter or a number */
#include <string.h>

#include "ground/check.h"

#define LABEL_MAX_BYTES 4

static bool
is_letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The bytes of "A", "X5", "B12" at a word; 0: it is a unit, a pronoun, what a
 * text begins with, or longer. */
static size_t
label_length(const struct claims *c, size_t i)
{
	const struct claim_word *w = &c->word[i];
	const char *p = c->plain + w->at, *end = c->plain + c->len;
	bool digits = false;
	size_t len;

	if (!is_letter(*p) ||
	    (i > 0 && w->at == c->word[i - 1].at + c->word[i - 1].len))
		return 0;
	for (len = 1; p + len < end &&
	     (is_digit(p[len]) || is_letter(p[len]) ||
		 (p[len] >= 'a' && p[len] <= 'z') || (p[len] & 0x80));
	     len++) {
		if (!is_digit(p[len]) && !is_letter(p[len]))
			return 0;
		digits |= is_digit(p[len]);
	}
	if (len > LABEL_MAX_BYTES || (len > 1 && !digits) ||
	    (len == 1 && (w->claim != 0 || w->is_first || *p == 'I')))
		return 0;
	return len;
}

static bool
is_same_label(const struct claims *a, size_t i, const struct claims *b,
    size_t j)
{
	size_t len = label_length(a, i);

	return len == label_length(b, j) &&
	    memcmp(a->plain + a->word[i].at, b->plain + b->word[j].at, len) ==
	    0;
}

/* Another number than a claim's own, and no part of a label. */
static bool
is_other_number(const struct claims *c, const struct claim *claim, size_t i)
{
	const struct claim *d;

	if (c->word[i].claim == 0 || label_length(c, i) > 0)
		return false;
	d = &c->claim[c->word[i].claim - 1];
	return d != claim && claim_alike(claim, d);
}

/* The label that a claim is told of: the last before it in its sentence, else
 * the first behind it; SIZE_MAX: it has none. */
static size_t
label_of(const struct claims *c, const struct claim *claim)
{
	const struct claim_sentence *s = &c->sentence[claim->sentence];
	size_t i, end = s->word + s->nwords;

	for (i = claim->word; i > s->word; i--)
		if (label_length(c, i - 1) > 0)
			return i - 1;
	for (i = claim->last + 1; i < end; i++)
		if (label_length(c, i) > 0)
			return i;
	return SIZE_MAX;
}

/* Whether a claim of a source is told of a label: "rooms A and B cost 80 euros"
 * tells of two; or of none, and so of any. */
static bool
is_told_of(const struct claims *c, const struct claim *claim,
    const struct claims *a, size_t label)
{
	const struct claim_sentence *s = &c->sentence[claim->sentence];
	size_t other = label_of(c, claim), i = claim->word;

	if (other == SIZE_MAX || is_same_label(a, label, c, other))
		return true;
	for (; i > s->word && !is_other_number(c, claim, i - 1); i--)
		if (is_same_label(a, label, c, i - 1))
			return true;
	return false;
}

/* The number of something else that stands before a claim in its clause: "of
 * 12 months" before a price; NULL: there is none. */
static const struct claim *
count_before(const struct claims *c, const struct claim *claim)
{
	size_t i = claim->word;
	const struct claim *n;

	for (; i > 0 && c->word[i - 1].clause == c->word[claim->word].clause;
	     i--) {
		if (c->word[i - 1].claim == 0)
			continue;
		n = &c->claim[c->word[i - 1].claim - 1];
		if (n->kind == CLAIM_NUMBER && !n->is_article)
			return claim_alike(n, claim) ? NULL : n;
	}
	return NULL;
}

/* The price of the cheese of 12 months told of that of 24, which has its own. */
static bool
is_of_other_count(const struct check *k, const struct claim *claim)
{
	const struct claim *own = count_before(&k->a, claim), *other;
	bool differs = false, known = false;
	size_t i, n;

	for (i = 0; own != NULL && i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;

		for (n = 0;
		     reading_is_passage(&k->s->reading[i]) && n < c->nclaims;
		     n++) {
			bool same = claim_same(claim, &c->claim[n]);

			if (!same && !claim_alike(claim, &c->claim[n]))
				continue;
			other = count_before(c, &c->claim[n]);
			if (other == NULL || !claim_alike(own, other)) {
				if (same)
					return false;
			} else if (!claim_same(own, other))
				differs |= same;
			else if (same)
				return false;
			else
				known = true;
		}
	}
	return differs && known;
}

bool
check_label(const struct check *k, const struct claim *claim)
{
	const struct reading *r;
	size_t label =
		   claim->kind == CLAIM_NUMBER || claim->kind == CLAIM_TIME ?
	    label_of(&k->a, claim) :
	    SIZE_MAX,
	       i, n;
	bool differs = false;

	if (claim->kind == CLAIM_NUMBER && is_of_other_count(k, claim))
		return true;
	for (i = 0; label != SIZE_MAX && i < k->s->count; i++) {
		r = &k->s->reading[i];
		if (!reading_is_passage(r))
			continue;
		for (n = 0; n < r->c.nclaims; n++) {
			if (!claim_same(claim, &r->c.claim[n]))
				continue;
			if (is_told_of(&r->c, &r->c.claim[n], &k->a, label))
				return false;
			differs = true;
		}
	}
	return differs;
}
