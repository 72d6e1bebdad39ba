/*
 * check - names of people that the sources do not have so
 *
 * Behind a title or a first name any word with a capital is a name, "Long" and
 * "Best" too. And who is named has to be named of the same thing.
 */
#include <string.h>

#include "ground/check.h"
#include "base/str.h"

#define SURNAME_STEM 4	 /* bytes that all forms of a name have */
#define SURNAME_ENDING 3 /* and others */
#define OTHER_MIN 1	 /* weight that a clause of another name shares */
#define OWN_SHARE 0.5	 /* of that, in the clauses of the name itself */

/* --- first names and titles --- */

/* Whether a word has no other meaning than being a name. */
static bool
is_bare_name(const struct claim_word *w)
{
	return w->is_capital && w->claim == 0 && w->means == 0 &&
	    !w->is_common && !w->is_weak && !w->is_plain && w->like[0] == 0;
}

/* Whether two words are the same name, in whatever form the language has. */
static bool
is_form_of(const struct check *k, const struct claim_word *w,
    const struct claims *c, const struct claim_word *v)
{
	static const char *const inflects[] = { "pl", "ru", "uk", "tr", NULL };
	const char *a = k->a.plain + w->at, *b = c->plain + v->at;
	size_t same = 0, n = w->len, m = v->len;

	if (w->exact == v->exact)
		return true;
	while (same < n && same < m && a[same] == b[same])
		same++;
	if (str_in(k->language, inflects))
		return same >= SURNAME_STEM && same + SURNAME_ENDING >= m;
	/* "Harcourt's" */
	return same == (n < m ? n : m) && (n < m ? m - n : n - m) <= 3 &&
	    strchr("s'\xe2", n < m ? b[same] : a[same]) != NULL;
}

static bool
is_titled_before(const struct check *k, size_t word)
{
	int64_t title = meanings_value("titled", 6);
	const struct claim_word *w = &k->a.word[word];
	size_t i;

	if (word == 0 || w[-1].sentence != w->sentence ||
	    (w->gap & (GAP_COMMA | GAP_COLON | GAP_DASH | GAP_OTHER)))
		return false;
	for (i = 0; i < CLAIM_LIKE_MAX && w[-1].like[i] != 0; i++)
		if (w[-1].like[i] == title)
			return true;
	return false;
}

/* Behind a title: a word that no source has as a name. */
static bool
is_new_surname(const struct check *k, size_t word)
{
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;

		for (n = 0; n < c->nwords; n++)
			if (is_form_of(k, &k->a.word[word], c, &c->word[n]))
				return false;
	}
	return true;
}

/* Behind a first name that a source has with another surname alone. */
static bool
is_other_surname(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];
	bool other = false;
	size_t i, n;

	if (word == 0 || w[-1].sentence != w->sentence || w->gap != GAP_BLANK ||
	    !w[-1].is_capital)
		return false;
	for (i = 0; i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;

		for (n = 0; n + 1 < c->nwords; n++) {
			const struct claim_word *v = &c->word[n + 1];

			if (c->word[n].exact != w[-1].exact ||
			    v->sentence != c->word[n].sentence)
				continue;
			if (is_form_of(k, w, c, v))
				return false;
			other |= is_bare_name(&c->word[n]) && is_bare_name(v) &&
			    v->gap == GAP_BLANK && !v->is_first;
		}
	}
	return other;
}

bool
check_surname(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];

	if (!w->is_capital || w->is_first || w->claim != 0 || w->len < 3 ||
	    !check_has_case(k->language) || w->is_sign || k->is_translated)
		return false;
	return (is_titled_before(k, word) && is_new_surname(k, word)) ||
	    is_other_surname(k, word);
}

/* --- who does what --- */

/* Weight of the words that a clause of a source shares, names aside. */
static double
shared(const struct check *k, struct span of, const struct reading *r,
    struct span in)
{
	double all = 0;
	size_t i;
	unsigned m;

	for (i = in.from; i < in.to; i++) {
		m = check_marked(k, &r->terms[i]);
		if (m != 0 && !is_bare_name(&k->a.word[of.from + m - 1]))
			all += k->weight[of.from + m - 1];
	}
	return all;
}

static bool has_name(const struct check *k, size_t word, const struct claims *c,
    struct span in);

/* Whether a clause of a source has another name of the answer's clause: they
 * are named together there, too. */
static bool
has_both(const struct check *k, struct span of, size_t word,
    const struct claims *c, struct span in)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (i + 1 != word && i != word && i != word + 1 &&
		    is_bare_name(&k->a.word[i]) && has_name(k, i, c, in))
			return has_name(k, word, c, in);
	return false;
}

static bool
has_name(const struct check *k, size_t word, const struct claims *c,
    struct span in)
{
	size_t i;

	for (i = in.from; i < in.to; i++)
		if (is_form_of(k, &k->a.word[word], c, &c->word[i]))
			return true;
	return false;
}

/* Another name in a clause of a source, that the answer's does not have. */
static bool
has_another(const struct check *k, struct span of, const struct claims *c,
    struct span in)
{
	size_t i, n;

	for (i = in.from; i < in.to; i++) {
		if (!is_bare_name(&c->word[i]))
			continue;
		for (n = of.from; n < of.to; n++)
			if (is_form_of(k, &k->a.word[n], c, &c->word[i]))
				break;
		if (n == of.to)
			return true;
	}
	return false;
}

/* The name of a business or a place, of which all is told. */
static bool
is_in_heading(const struct check *k, size_t word)
{
	size_t i;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r) &&
		    has_name(k, word, &r->c, (struct span){ 0, r->c.nwords }))
			return true;
	}
	return false;
}

/* Whether what is said of the name at word the sources say of another alone. */
static bool
is_of_another(const struct check *k, struct span of, size_t word)
{
	double own = 0, other = 0, here;
	size_t i, w;
	struct span in;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r))
			continue;
		for (w = 0; w < r->c.nwords; w = in.to) {
			in = check_clause(&r->c, w);
			if (has_both(k, of, word, &r->c, in))
				return false;
			here = shared(k, of, r, in);
			if (has_name(k, word, &r->c, in) ||
			    !has_another(k, of, &r->c, in))
				own = here > own ? here : own;
			else
				other = here > other ? here : other;
		}
	}
	return other >= OTHER_MIN && own <= OWN_SHARE * other;
}

size_t
check_other_name(struct check *k, struct span span)
{
	size_t i, w, found = SIZE_MAX;
	struct span of;

	/* Other words that begin with a capital have to be known; German writes
	 * all nouns so. */
	if (!k->a.has_plain || !check_has_case(k->language) ||
	    k->is_translated || strcmp(k->language, "de") == 0)
		return SIZE_MAX;
	for (w = span.from; w < span.to && found == SIZE_MAX; w = of.to) {
		of = check_clause(&k->a, w);
		check_mark(k, of, true);
		for (i = of.from; i < of.to && found == SIZE_MAX; i++)
			if (is_bare_name(&k->a.word[i]) &&
			    k->terms[i].id[TERM_EXACT] != 0 &&
			    (k->where[i] & BITS_SOURCES) != 0 &&
			    !is_in_heading(k, i) && is_of_another(k, of, i))
				found = i;
		check_mark(k, of, false);
	}
	return found;
}
