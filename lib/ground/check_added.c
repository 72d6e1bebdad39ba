/*
 * check - what an answer adds to its sources without a number or a name
 *
 * A model that words a passage anew takes other words for the same things. What
 * is left when those are found, by their stems, the groups of words that say
 * the same, and what begins or ends as they do, is either a word that adds
 * nothing, of which share/ground/words has lists, or a thing of its own: "with
 * insurance", "and a voucher". Where there are no such lists for a language
 * nothing is said of its words.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ground/check.h"
#include "base/str.h"
#include "base/utf8.h"

#define INSIDE_MIN_BYTES 4 /* of a word that is a part of another */
#define KIN_MIN_BYTES 5	   /* that words begin alike with */
#define KIN_SHARE 55	   /* of a hundred of the longer one's */
#define WITH_BEHIND 3	   /* words from "with" to what it is said of */
#define BESIDE_FACTS 0.5   /* of a word beside numbers that are there */
#define PLAIN_SHARE 0.5	   /* of a thing, in a word that adds nothing */
#define ALL_AHEAD 3	   /* words between "all" and what it is said of */
#define BOUND_BEFORE 3	   /* words between "from" and its number */
#define LABEL_MAX 3	   /* words before a colon */
#define NAMES_MIN 0.4	   /* weight of a word that names a thing */
#define FOR_SENTENCE 0.8   /* a clause is nearer than all of its sentence */

#define HERE (BITS_SOURCES | UINT64_C(1) << BIT_TOLD)
#define ALLOWED (HERE | UINT64_C(1) << BIT_ALLOWED)

/* --- words of its own --- */

/* Whether a word is of a kind that is held against the sources elsewhere, or
 * that tells how the others go together. */
static bool
is_of_grammar(const struct claim_word *w)
{
	static const uint64_t kinds = MEANING_BIT(MEANING_NOT) |
	    MEANING_BIT(MEANING_POLITE) | MEANING_BIT(MEANING_UNIT) |
	    MEANING_BIT(MEANING_TO) | MEANING_BIT(MEANING_AND) |
	    MEANING_BIT(MEANING_BUT) | MEANING_BIT(MEANING_AM) |
	    MEANING_BIT(MEANING_PM) | MEANING_BIT(MEANING_OCLOCK) |
	    MEANING_BIT(MEANING_NUMBER) | MEANING_BIT(MEANING_WEEKDAY) |
	    MEANING_BIT(MEANING_MONTH) | MEANING_BIT(MEANING_GRATIS) |
	    MEANING_BIT(MEANING_EVEN) | MEANING_BIT(MEANING_NEED) |
	    MEANING_BIT(MEANING_ALL) | MEANING_BIT(MEANING_EVER) |
	    MEANING_BIT(MEANING_ONLY) | MEANING_BIT(MEANING_MEASURE) |
	    MEANING_BIT(MEANING_CLOCK) | MEANING_BIT(MEANING_OFFSET) |
	    MEANING_BIT(MEANING_MATE) | MEANING_BIT(MEANING_TITLE) |
	    MEANING_BIT(MEANING_BAD) | MEANING_BIT(MEANING_UPTO);

	return (w->means & kinds) != 0;
}

static bool
is_like(const struct check *k, const struct claim_word *w)
{
	size_t i;

	for (i = 0; i < CLAIM_LIKE_MAX && w->like[i] != 0; i++)
		if ((sources_like(k->s, w->like[i]) & ALLOWED) != 0)
			return true;
	return false;
}

/* Whether one of two words begins or ends as the whole other. */
static bool
is_part(const char *a, size_t n, const char *b, size_t m)
{
	if (n > m)
		return is_part(b, m, a, n);
	return n >= INSIDE_MIN_BYTES &&
	    (strncasecmp(a, b, n) == 0 || strncasecmp(a, b + m - n, n) == 0);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

/* Words that begin alike for most of their length: liable, liability. */
static bool
is_kin(const char *a, size_t n, const char *b, size_t m)
{
	size_t same = 0, most = n > m ? n : m;

	while (same < n && same < m && lower(a[same]) == lower(b[same]))
		same++;
	return same >= KIN_MIN_BYTES && 100 * same >= KIN_SHARE * most;
}

/* "textbook" and "books", "Versandkosten" and "Versand" */
static bool
is_made_of(const struct check *k, const struct claim_word *w)
{
	const char *text = k->a.plain + w->at;
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct claims *c = &k->s->reading[i].c;

		if (k->s->reading[i].role == ROLE_ASKED)
			continue;
		for (n = 0; n < c->nwords; n++)
			if (!c->word[n].is_common && !c->word[n].is_sign &&
			    c->word[n].claim == 0 &&
			    (is_part(text, w->len, c->plain + c->word[n].at,
				 c->word[n].len) ||
				is_kin(text, w->len, c->plain + c->word[n].at,
				    c->word[n].len)))
				return true;
	}
	return false;
}

static bool
is_pair_there(const struct check *k, const struct claim_word *w)
{
	size_t i, n;
	int a, b;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (r->role == ROLE_ASKED)
			continue;
		for (n = 0; n < r->c.nwords; n++)
			for (a = 0; a < 2; a++)
				for (b = 0; b < 2 && w->pair[a] != 0; b++)
					if (r->c.word[n].pair[b] ==
						w->pair[a] ||
					    r->c.word[n].pair[b] == -w->pair[a])
						return true;
	}
	return false;
}

/* Known by what is sure: a beginning of five letters is not. */
static bool
is_here(const struct check *k, size_t word)
{
	const struct terms *t = &k->terms[word];
	int i;

	for (i = TERM_EXACT; i <= TERM_PLACE; i++)
		if (t->id[i] != 0 && (k->s->where[t->id[i]] & ALLOWED) != 0)
			return true;
	return false;
}

/* "we arrange", "to salvage": what is done is named by its object. Those who
 * call are another matter. */
static bool
is_verb(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];

	return word > 0 && w[-1].sentence == w->sentence &&
	    claim_word_is(w - 1, MEANING_LEAD) &&
	    !claim_word_is(w, MEANING_CALL) &&
	    !claim_word_is(w, MEANING_GIVE) &&
	    w->concept != meanings_value("lend", 4);
}

/* What a business does for somebody: said of no source, it is a promise. */
static bool
is_done_for(const struct claim_word *w)
{
	static const char *const names[] = { "ship", "refund", "exchange",
		"repair", "pickup", "discount", "voucher", "appointment",
		"gift", "install", "parking", "wash", "lend", NULL };

	return check_is_one_of(w, names);
}

static bool
is_service(const struct claim_word *w)
{
	return claim_word_is(w, MEANING_CALL) ||
	    claim_word_is(w, MEANING_GIVE) || is_done_for(w);
}

/* Found by another word for it; a service by one for that service alone, and
 * not by another meaning of the word. */
static bool
is_known_as(const struct check *k, const struct claim_word *w)
{
	if (is_done_for(w))
		return (sources_like(k->s, w->concept) & ALLOWED) != 0;
	return is_like(k, w);
}

/* German tells nouns by capitals; of other words only what stands before one
 * tells of a thing. */
static bool
is_german_other(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];

	return strcmp(k->language, "de") == 0 &&
	    (!w->is_capital || w->is_first) && !is_service(w) &&
	    !(word + 1 < k->a.nwords && w[1].sentence == w->sentence &&
		w[1].is_capital && w[1].gap == GAP_BLANK);
}

/* "hacemos", "mettez": no thing ends so. */
static bool
ends_as_verb(const struct check *k, const struct claim_word *w)
{
	const char *end = k->a.plain + w->at + w->len;

	return strcmp(k->language, "fr") == 0 ?
	    w->len > 4 && memcmp(end - 2, "ez", 2) == 0 :
	    w->len > 4 && memcmp(end - 3, "mos", 3) == 0;
}

/* In these a thing stands behind an article, a preposition or a number; what
 * stands elsewhere may be any verb. */
static bool
is_romance_other(const struct check *k, size_t word)
{
	static const char *const romance[] = { "es", "fr", "pt", NULL };
	const struct claim_word *w = &k->a.word[word];

	if (!str_in(k->language, romance))
		return false;
	for (; word > 0 && (w->gap & GAP_DASH); w--)
		word--;
	if (ends_as_verb(k, w))
		return true;
	return word == 0 || w[-1].sentence != w->sentence ||
	    !(w[-1].claim != 0 || claim_word_is(w - 1, MEANING_AND) ||
		claim_word_is(w - 1, MEANING_WITH) ||
		claim_word_is(w - 1, MEANING_GRATIS) || (w->gap & GAP_COMMA) ||
		(w[-1].is_common && !claim_word_is(w - 1, MEANING_LEAD)));
}

/* Whoever may be called at a number that a source has calls, not the desk. */
static bool
is_reached(const struct check *k, const struct claim_word *w)
{
	size_t i;

	for (i = 0; claim_word_is(w, MEANING_CALL) && i < k->a.nclaims; i++)
		if (k->a.claim[i].kind == CLAIM_DIGITS &&
		    k->a.claim[i].sentence == w->sentence)
			return true;
	return false;
}

/* "You can pick it up" tells what the customer does, not what the desk does. */
static bool
is_done_by_customer(const struct check *k, const struct claim_word *w)
{
	size_t i;
	bool you = false;

	if (w->concept != meanings_value("pickup", 6))
		return false;
	for (i = 0; i < k->a.nwords; i++) {
		const struct claim_word *v = &k->a.word[i];

		if (v->clause != w->clause)
			continue;
		if (claim_word_like(v, meanings_value("we", 2)))
			return false;
		you |= claim_word_like(v, meanings_value("you", 3));
	}
	return you;
}

/* A word that no source has, in whatever form, and that says something. */
static bool
is_own_word(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];

	if (w->claim != 0 || w->exact == 0 || w->is_sign || w->is_common ||
	    ((w->is_weak || w->is_plain) && !is_service(w)) || w->len < 3 ||
	    is_of_grammar(w))
		return false;
	/* Allowed, due, all, more: those are for checks of their own. */
	if (w->mode != 0 || is_reached(k, w) || is_done_by_customer(k, w))
		return false;
	if (is_here(k, word) || is_known_as(k, w) || is_verb(k, word) ||
	    is_german_other(k, word) || is_romance_other(k, word))
		return false;
	if (w->pair[0] != 0 && is_pair_there(k, w))
		return false;
	if (w->is_capital && check_short_for(k, word))
		return false;
	return !is_made_of(k, w);
}

/* Whether a word is an "and" that is not within a range. */
static bool
is_and(const struct claims *c, size_t word)
{
	return claim_word_is(&c->word[word], MEANING_AND) &&
	    !(word > 0 && word + 1 < c->nwords &&
		c->word[word - 1].claim != 0 && c->word[word + 1].claim != 0);
}

/* What of a clause stands between "and" and "and" around a word. */
static struct span
part_of(const struct claims *c, size_t word)
{
	struct span part = { word, word + 1 };

	while (part.from > 0 &&
	    c->word[part.from - 1].clause == c->word[word].clause &&
	    !is_and(c, part.from - 1))
		part.from--;
	while (part.to < c->nwords &&
	    c->word[part.to].clause == c->word[word].clause &&
	    !is_and(c, part.to))
		part.to++;
	return part;
}

static bool
has_numbers(const struct claims *c, struct span of)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (c->word[i].claim != 0 &&
		    !c->claim[c->word[i].claim - 1].is_article &&
		    !claim_is_soft(&c->claim[c->word[i].claim - 1]))
			return true;
	return false;
}

/* "Delivery time: 5 days": names what is told behind it, and adds nothing. */
static bool
is_label(const struct check *k, struct span span, size_t word)
{
	size_t i;

	for (i = word + 1; i < span.to && i <= span.from + LABEL_MAX; i++)
		if (k->a.word[i].gap & GAP_COLON)
			return has_numbers(&k->a, (struct span){ i, span.to });
	return false;
}

/* The customer's own name or place, which check_facts.c lets pass; or what
 * they asked for, and are told no. */
static bool
is_asked(const struct check *k, size_t word, bool no)
{
	const struct claim_word *w = &k->a.word[word];

	return (k->where[word] & UINT64_C(1) << BIT_ASKED) != 0 &&
	    (no || w->place != 0 || (w->is_capital && !w->is_first));
}

/* --- all for some --- */

static bool
says(const struct claims *c, struct span span, enum meaning_kind kind)
{
	size_t i;

	for (i = span.from; i < span.to; i++)
		if (claim_word_is(&c->word[i], kind))
			return true;
	return false;
}

/* The word that "all" is said of, the first one behind that means a thing. */
static size_t
noun_behind(const struct check *k, size_t word, size_t to)
{
	size_t i;

	for (i = word + 1; i < to && i <= word + ALL_AHEAD; i++)
		if (!k->a.word[i].is_common && k->a.word[i].claim == 0 &&
		    !is_of_grammar(&k->a.word[i]) && k->found[i] > 0)
			return i;
	return 0;
}

/* Whether a source says it of a part: a word before it that the answer leaves
 * out, or "only", "other". */
static bool
is_narrower(const struct check *k, const struct reading *r, size_t at)
{
	const struct claim_word *w = &r->c.word[at];
	struct span clause = { at, at + 1 };

	while (
	    clause.from > 0 && r->c.word[clause.from - 1].clause == w->clause)
		clause.from--;
	while (
	    clause.to < r->c.nwords && r->c.word[clause.to].clause == w->clause)
		clause.to++;
	if (says(&r->c, clause, MEANING_ALL) ||
	    says(&r->c, clause, MEANING_EVER))
		return false;
	if (says(&r->c, clause, MEANING_ONLY) ||
	    says(&r->c, clause, MEANING_NOT))
		return true;
	return at > clause.from && !w[-1].is_common && w[-1].claim == 0 &&
	    !is_of_grammar(&w[-1]) && check_marked(k, &r->terms[at - 1]) == 0;
}

/* "all rooms" where the sources have some of them only. */
static bool
is_wider(struct check *k, struct span span, size_t word,
    const struct aligned *best)
{
	size_t noun = noun_behind(k, word, span.to), i, n;
	bool narrower = false, any = false, near = false;
	const struct claim_word *w;
	unsigned m;

	/* "for every day" counts days. */
	if (noun == 0 ||
	    (word + 1 < span.to &&
		claim_word_is(&k->a.word[word + 1], MEANING_UNIT)))
		return false;
	check_mark(k, span, true);
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r))
			continue;
		for (n = 0; n < r->c.nwords; n++) {
			m = check_marked(k, &r->terms[n]);
			if (m == 0 || span.from + m - 1 != noun)
				continue;
			w = &r->c.word[n];
			/* What is most like the sentence says it best. */
			if (r == best->r && !near &&
			    w->sentence ==
				r->c.word[best->span.from].sentence) {
				near = true;
				narrower = any = false;
			} else if (near &&
			    (r != best->r ||
				w->sentence !=
				    r->c.word[best->span.from].sentence))
				continue;
			if (is_narrower(k, r, n))
				narrower = true;
			else
				any = true;
		}
	}
	check_mark(k, span, false);
	return narrower && !any;
}

/* "always", "at any time", of what a source sets bounds to. */
static bool
is_unbounded(const struct check *k, struct span span, size_t word,
    const struct aligned *best)
{
	size_t i;

	if ((k->where[word] & ALLOWED) != 0 && !k->a.word[word].is_common)
		return false;
	for (i = span.from; i < span.to; i++)
		if (k->a.word[i].claim != 0)
			return false;
	if (best->r == NULL)
		return true;
	return !says(&best->r->c, best->span, MEANING_EVER) &&
	    !says(&best->r->c, best->span, MEANING_ALL);
}

/* "with", "and" before a word, or a comma between things */
static bool
is_joined(const struct check *k, size_t word)
{
	const struct claim_word *w = &k->a.word[word];
	size_t i;

	for (i = word; i > 0 && i + WITH_BEHIND > word; i--) {
		const struct claim_word *before = &k->a.word[i - 1];

		if (before->sentence != w->sentence || before->claim != 0)
			return false;
		if (claim_word_is(before, MEANING_AND) ||
		    claim_word_is(before, MEANING_WITH))
			return true;
		if (k->a.word[i].gap & GAP_COMMA)
			return false;
	}
	return false;
}

/* Whether numbers stand in the part of a sentence that a word is in: what
 * they are told of is held against the sources with them. */
static bool
is_beside_facts(const struct check *k, size_t word)
{
	struct span part = part_of(&k->a, word);
	const struct claim *c;
	size_t i;

	for (i = part.from; i < part.to; i++) {
		if (k->a.word[i].claim == 0)
			continue;
		c = &k->a.claim[k->a.word[i].claim - 1];
		if (!c->is_article && !claim_is_soft(c))
			return true;
	}
	return false;
}

/* Of what is not there less can be promised. */
static bool
is_denied(const struct check *k, size_t word)
{
	return says(&k->a, part_of(&k->a, word), MEANING_NOT);
}

/* --- what a source has to say, too --- */

/* Whether a source says a word of the group, and not only says no of it; of
 * what the desk may always say, too. */
static bool
is_group_said(const struct check *k, int64_t group)
{
	size_t i, n;

	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; r->role != ROLE_ASKED && n < r->c.nwords; n++) {
			struct span part = { n, n };

			if (!claim_word_like(&r->c.word[n], group))
				continue;
			while (part.from > 0 &&
			    r->c.word[part.from - 1].clause ==
				r->c.word[n].clause)
				part.from--;
			part = check_clause(&r->c, part.from);
			if (!says(&r->c, part, MEANING_NOT) &&
			    !says(&r->c, part, MEANING_BAD))
				return true;
		}
	}
	return false;
}

static bool
all_plain_known(const struct check *k)
{
	size_t i;

	for (i = 0; i < k->s->count; i++)
		if (k->s->reading[i].role == ROLE_TEXT &&
		    !k->s->reading[i].c.has_plain)
			return false;
	return true;
}

/* "at 11 in the morning" and "for every day 2 euros" say what the number says. */
static bool
is_part_of_number(const struct claims *c, struct span of, int64_t group)
{
	static const char *const parts[] = { "morning", "afternoon", "evening",
		"daily", NULL };
	size_t i;

	for (i = 0; parts[i] != NULL; i++)
		if ((meanings_value(parts[i], strlen(parts[i])) |
			MEANING_HELD_BIT) == group)
			break;
	if (parts[i] == NULL)
		return false;
	for (i = of.from; i < of.to; i++) {
		const struct claim *n = c->word[i].claim == 0 ?
		    NULL :
		    &c->claim[c->word[i].claim - 1];

		if (n != NULL &&
		    (n->kind == CLAIM_TIME || claim_is_money(n) ||
			(n->kind == CLAIM_NUMBER && n->unit == 0)))
			return true;
	}
	return false;
}

/* "tomorrow", "sold out", "every evening": such words are plain, and may not be
 * added all the same. What was asked with them may be answered with numbers. */
static bool
is_held_added(const struct check *k, size_t word, struct span span)
{
	const struct claim_word *w = &k->a.word[word];
	bool facts = has_numbers(&k->a, span);
	size_t i;

	for (i = 0; i < CLAIM_LIKE_MAX && w->like[i] != 0; i++) {
		if ((w->like[i] & MEANING_HELD_BIT) == 0 ||
		    is_group_said(k, w->like[i]) ||
		    (w->like[i] ==
			    (meanings_value("daily", 5) | MEANING_HELD_BIT) &&
			check_open_daily(k)) ||
		    is_part_of_number(&k->a, span, w->like[i]))
			continue;
		if (!facts ||
		    (sources_like(k->s, w->like[i]) &
			UINT64_C(1) << BIT_ASKED) == 0)
			return true;
	}
	return false;
}

static enum ground_reason
check_held(const struct check *k, struct span span, struct span *ret)
{
	size_t i;

	if ((k->is_translated && (!k->a.has_plain || !all_plain_known(k))) ||
	    says(&k->a, span, MEANING_NOT) || says(&k->a, span, MEANING_BAD))
		return GROUND_SUPPORTED;
	for (i = span.from; i < span.to; i++) {
		*ret = (struct span){ i, i + 1 };
		/* "If it is urgent" says so of nothing. */
		if (k->a.word[i].mode & MODE_COND)
			i = check_clause(&k->a, i).to - 1;
		else if (is_held_added(k, i, span))
			return GROUND_ADDED;
	}
	return GROUND_SUPPORTED;
}

/* "Everybody can rent", where a source says who has to be what for it. */
static bool
is_for_each(const struct check *k, struct span span, const struct aligned *best)
{
	if (!says(&k->a, span, MEANING_EACH) || best->r == NULL ||
	    has_numbers(&k->a, span))
		return false;
	return !says(&best->r->c, best->span, MEANING_EACH) &&
	    !says(&best->r->c, best->span, MEANING_ALL) &&
	    (says(&best->r->c, best->span, MEANING_NEED) ||
		says(&best->r->c, best->span, MEANING_ONLY) ||
		says(&best->r->c, best->span, MEANING_NOT) ||
		says(&best->r->c, best->span, MEANING_LEAST));
}

/* "Yes, zips are covered": a thing that only the customer named. */
static bool
is_said_yes(const struct check *k, size_t word, struct span span)
{
	return (k->where[word] & UINT64_C(1) << BIT_ASKED) != 0 &&
	    says(&k->a, span, MEANING_YES);
}

enum ground_reason
check_added(struct check *k, struct span span, const struct aligned *best,
    struct span *ret)
{
	bool no =
	    says(&k->a, span, MEANING_NOT) || says(&k->a, span, MEANING_BAD);
	double own = 0;
	size_t i;

	if (check_held(k, span, ret) != GROUND_SUPPORTED)
		return GROUND_ADDED;
	if (!k->a.has_plain || k->is_translated)
		return GROUND_SUPPORTED;
	*ret = span;
	if (!no && is_for_each(k, span, best))
		return GROUND_WIDER;
	for (i = span.from; i < span.to; i++) {
		*ret = (struct span){ i, i + 1 };
		if (is_own_word(k, i) && !is_asked(k, i, no) &&
		    !is_label(k, span, i)) {
			own += (is_denied(k, i) ||
				   (is_beside_facts(k, i) && !is_joined(k, i) &&
				       !is_said_yes(k, i, span))) &&
				!is_service(&k->a.word[i]) ?
			    BESIDE_FACTS :
			    1;
			if (own >= 1)
				return GROUND_ADDED;
		}
		if (claim_word_is(&k->a.word[i], MEANING_ALL) && !no &&
		    is_wider(k, span, i, best))
			return GROUND_WIDER;
		/* "siempre que": as long as */
		if (claim_word_is(&k->a.word[i], MEANING_EVER) && !no &&
		    !(k->a.word[i].mode & MODE_COND) &&
		    is_unbounded(k, span, i, best))
			return GROUND_WIDER;
	}
	return GROUND_SUPPORTED;
}

/* --- what costs nothing --- */

static size_t
same_claims(const struct check *k, struct span of, const struct reading *r,
    struct span in)
{
	size_t i, n, same = 0;

	for (i = of.from; i < of.to; i++)
		for (n = in.from; k->a.word[i].claim != 0 && n < in.to; n++)
			if (r->c.word[n].claim != 0 &&
			    claim_same(&k->a.claim[k->a.word[i].claim - 1],
				&r->c.claim[r->c.word[n].claim - 1])) {
				same++;
				break;
			}
	return same;
}

/* Words that tell a thing, not what it costs: found in a source's span. */
static double
overlap(const struct check *k, struct span of, const struct reading *r,
    struct span in)
{
	uint64_t seen[4] = { 0 };
	double all = 0;
	size_t i;
	unsigned m;

	for (i = in.from; i < in.to; i++) {
		const struct claim_word *w = &r->c.word[i];

		m = check_marked(k, &r->terms[i]);
		if (m == 0 || w->claim != 0 ||
		    claim_word_is(w, MEANING_GRATIS) ||
		    claim_word_is(w, MEANING_NEED) ||
		    w->concept == meanings_value("cost", 4) ||
		    w->concept == meanings_value("pay", 3) ||
		    (seen[m / 64 & 3] & UINT64_C(1) << m % 64))
			continue;
		seen[m / 64 & 3] |= UINT64_C(1) << m % 64;
		all += k->weight[of.from + m - 1] *
		    (k->a.word[of.from + m - 1].is_plain ? PLAIN_SHARE : 1);
	}
	return all + (double)same_claims(k, of, r, in);
}

/* "from 60 euros on", "above 60 euros" */
static bool
is_bound(const struct claims *c, size_t word)
{
	size_t i;

	for (i = word; i > 0 && i + BOUND_BEFORE > word; i--)
		if (c->word[i - 1].sentence == c->word[word].sentence &&
		    claim_word_is(&c->word[i - 1], MEANING_FROM))
			return true;
	return false;
}

static bool
has_money(const struct claims *c, struct span span)
{
	size_t i;

	for (i = span.from; i < span.to; i++)
		if (c->word[i].claim != 0 &&
		    claim_is_money(&c->claim[c->word[i].claim - 1]) &&
		    !is_bound(c, i))
			return true;
	return false;
}

/* Something is free from so much on: the answer has to say so. */
static bool
has_condition(const struct check *k, const struct reading *r, struct span in)
{
	size_t i, n;

	for (i = in.from; i < in.to; i++) {
		const struct claim *c;

		if (r->c.word[i].claim == 0)
			continue;
		c = &r->c.claim[r->c.word[i].claim - 1];
		if (!claim_is_money(c) || !is_bound(&r->c, i))
			continue;
		for (n = 0; n < k->a.nclaims; n++)
			if (claim_same(&k->a.claim[n], c))
				break;
		if (n == k->a.nclaims)
			return true;
	}
	return false;
}

struct cost {
	double free, price, other;
	double free_words, price_words; /* the same without numbers */
	bool any_free;
	const struct reading *r; /* where it is free */
	struct span span;
};

static void
look_at(const struct check *k, struct span of, const struct reading *r,
    struct span in, double share, struct cost *ret)
{
	double here = share * overlap(k, of, r, in),
	       words = here - share * (double)same_claims(k, of, r, in);
	bool no = says(&r->c, in, MEANING_NOT);

	if (says(&r->c, in, MEANING_GRATIS) && !no) {
		ret->any_free = true;
		if (has_money(&r->c, in) && words > ret->price_words)
			ret->price_words = words;
		if (words > ret->free_words)
			ret->free_words = words;
		if (here > ret->free) {
			ret->free = here;
			ret->r = r;
			ret->span = check_span(
			    &r->c.sentence[r->c.word[in.from].sentence]);
		}
	} else if (share < 1) {
		/* In a sentence the price may be of another of its things. */
		return;
	} else if (has_money(&r->c, in) ||
	    (!no && says(&r->c, in, MEANING_NEED))) {
		if (here > ret->price)
			ret->price = here;
		if (words > ret->price_words)
			ret->price_words = words;
	} else if (here > ret->other && same_claims(k, of, r, in) > 0)
		ret->other = here;
}

static bool
has_claims(const struct claims *c, struct span of)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (c->word[i].claim != 0)
			return true;
	return false;
}

bool
check_things(const struct check *k, struct span of)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (k->found[i] > 0 &&
		    ((!k->a.word[i].is_plain && !k->a.word[i].is_weak) ||
			is_done_for(&k->a.word[i])) &&
		    (k->where[i] & HERE) != 0 && k->weight[i] >= NAMES_MIN &&
		    !is_of_grammar(&k->a.word[i]))
			return true;
	return false;
}

/* The cells of a row are told of one thing. */
static struct span
clause_or_row(const struct claims *c, size_t word)
{
	const struct claim_sentence *s = &c->sentence[c->word[word].sentence];

	return s->is_row ? check_span(s) : check_clause(c, word);
}

/* Hold what a span names against what is free and what has a price. */
static struct cost
look_for_cost(struct check *k, struct span of)
{
	struct cost cost = { 0 };
	size_t i, s, w;

	check_mark(k, of, true);
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		if (!reading_is_passage(r))
			continue;
		for (s = 0; s < r->c.nsentences; s++) {
			struct span in = check_span(&r->c.sentence[s]), part;

			look_at(k, of, r, in, FOR_SENTENCE, &cost);
			for (w = in.from; w < in.to; w = part.to) {
				part = clause_or_row(&r->c, w);
				look_at(k, of, r, part, 1, &cost);
			}
		}
	}
	check_mark(k, of, false);
	return cost;
}

/* A price of what the sources call free. */
static bool
is_free_in_sources(struct check *k, struct span of)
{
	struct cost cost;

	if (says(&k->a, of, MEANING_GRATIS) || says(&k->a, of, MEANING_FROM) ||
	    !check_things(k, of))
		return false;
	cost = look_for_cost(k, of);
	/* "65 euros, paper included": the price is of both. */
	return cost.free_words > cost.price_words &&
	    (cost.r == NULL || same_claims(k, of, cost.r, cost.span) == 0);
}

/*
 * "free from other countries, too": whether a word of a span stands where a
 * source tells of a price, and nowhere where it is free.
 */
static bool
is_priced_only(struct check *k, struct span of)
{
	size_t i, n, w;

	for (i = of.from; i < of.to; i++) {
		bool free = false, priced = false;

		if (k->weight[i] == 0 || k->a.word[i].claim != 0 ||
		    !(k->a.word[i].place != 0 ||
			(i > of.from &&
			    claim_word_is(&k->a.word[i - 1], MEANING_ONLY))))
			continue;
		check_mark(k, (struct span){ i, i + 1 }, true);
		for (n = 0; n < k->s->count; n++) {
			const struct reading *r = &k->s->reading[n];
			struct span part;

			if (r->role == ROLE_HEADING || r->role == ROLE_ASKED)
				continue;
			for (w = 0; w < r->c.nwords; w = part.to) {
				double here;
				size_t m;

				part = clause_or_row(&r->c, w);
				here = 0;
				for (m = part.from; m < part.to; m++)
					here +=
					    check_marked(k, &r->terms[m]) != 0;
				if (here == 0)
					continue;
				if (says(&r->c, part, MEANING_GRATIS))
					free = true;
				else if (has_money(&r->c, part) ||
				    says(&r->c, part, MEANING_NEED))
					priced = true;
			}
		}
		check_mark(k, (struct span){ i, i + 1 }, false);
		if (priced && !free)
			return true;
	}
	return false;
}

/* Whether what a span calls free has a price where most of it is named. */
static bool
is_free_beside_price(struct check *k, struct span of)
{
	struct cost cost = look_for_cost(k, of);

	return cost.price > cost.free && cost.price > cost.other;
}

enum ground_reason
check_costs(struct check *k, struct span whole, struct span of)
{
	struct cost cost;
	bool thin;

	if (says(&k->a, of, MEANING_NOT))
		return GROUND_SUPPORTED;
	/* Places are known in all languages. */
	if (says(&k->a, of, MEANING_GRATIS) && all_plain_known(k) &&
	    is_priced_only(k, check_things(k, of) ? of : whole))
		return GROUND_NEGATION;
	if (k->is_translated)
		return GROUND_SUPPORTED;
	/* "You can include a card for 2 euros" */
	if (has_money(&k->a, of))
		return is_free_in_sources(k, of) ? GROUND_SWAPPED :
						   GROUND_SUPPORTED;
	if (!says(&k->a, of, MEANING_GRATIS))
		return GROUND_SUPPORTED;
	/* No more is known without words that add nothing. */
	if (!k->a.has_plain)
		return is_free_beside_price(k, of) ? GROUND_NEGATION :
						     GROUND_SUPPORTED;
	thin = (of.from > whole.from || of.to < whole.to) &&
	    !check_things(k, of) && !has_claims(&k->a, of);
	if (thin)
		of = whole;
	cost = look_for_cost(k, of);
	/* What is named elsewhere in the sentence may be another thing. */
	if (thin && cost.free > 0)
		return GROUND_SUPPORTED;
	if (cost.price > cost.free && cost.price > cost.other)
		return GROUND_NEGATION;
	/* "Until a day before it costs nothing": what is later has a price;
	 * "that is free" is of what was told before. */
	if (cost.r == NULL && cost.price == 0 && cost.any_free &&
	    (thin || (!check_things(k, of) && !has_claims(&k->a, of))))
		return GROUND_SUPPORTED;
	if (cost.r == NULL)
		return cost.other > 0 ? GROUND_SUPPORTED : GROUND_ADDED;
	return has_condition(k, cost.r, cost.span) ? GROUND_CONDITION :
						     GROUND_SUPPORTED;
}

/* --- what a source says no of, and of nothing else --- */

/* "Without a card we cannot book" asks for a card. */
static bool
is_no(const struct claims *c, struct span of)
{
	bool lacks = false;
	size_t i;

	for (i = of.from; i < of.to; i++) {
		lacks |= claim_word_is(&c->word[i], MEANING_LACK);
		if (claim_word_is(&c->word[i], MEANING_NOT))
			return !lacks;
	}
	return says(c, of, MEANING_BAD);
}

/* Other words of the answer that are marked and stand in a source's clause. */
static bool
shares_more(const struct check *k, struct span of, const struct reading *r,
    struct span in, size_t word)
{
	size_t i;
	unsigned m;

	for (i = in.from; i < in.to; i++) {
		m = check_marked(k, &r->terms[i]);
		if (m != 0 && of.from + m - 1 != word &&
		    k->weight[of.from + m - 1] >= NAMES_MIN)
			return true;
	}
	return false;
}

static bool
has_days(const struct claims *c, struct span of)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (c->word[i].claim != 0 &&
		    (c->claim[c->word[i].claim - 1].kind == CLAIM_WEEKDAY ||
			c->claim[c->word[i].claim - 1].kind == CLAIM_DATE))
			return true;
	return false;
}

/*
 * "We are open on public holidays": whether all clauses of the sources that
 * have a word say no, and of what the answer says of it, or it says yes.
 */
static bool
is_only_denied(struct check *k, struct span of, size_t word, bool yes)
{
	bool denied = false, any = false;
	size_t i, n, w;

	for (i = 0; i < k->s->count && !any; i++) {
		const struct reading *r = &k->s->reading[i];
		struct span part;

		if (!reading_is_passage(r))
			continue;
		for (w = 0; w < r->c.nwords && !any; w = part.to) {
			bool here = false;

			part = clause_or_row(&r->c, w);
			for (n = part.from; n < part.to; n++)
				here |=
				    of.from + check_marked(k, &r->terms[n]) ==
				    word + 1;
			if (!here)
				continue;
			if (!is_no(&r->c, part) ||
			    check_is_priced(&k->a, of, &r->c, part))
				any = true;
			/* "closed on 25 December" says no of that day. */
			else if (!has_days(&k->a, of) || !has_days(&r->c, part))
				denied |=
				    yes || shares_more(k, of, r, part, word);
		}
	}
	return denied && !any;
}

enum ground_reason
check_affirmed(struct check *k, struct span whole, struct span of)
{
	bool found = false, yes = says(&k->a, whole, MEANING_YES);
	size_t i;

	if (!k->a.has_plain || k->is_translated ||
	    says(&k->a, whole, MEANING_NOT) ||
	    says(&k->a, whole, MEANING_BAD) || says(&k->a, of, MEANING_ONLY) ||
	    says(&k->a, of, MEANING_MOST))
		return GROUND_SUPPORTED;
	check_mark(k, of, true);
	for (i = of.from; i < of.to && !found; i++) {
		const struct claim_word *w = &k->a.word[i];

		if (k->weight[i] < 1 || w->claim != 0 || w->is_weak ||
		    (w->is_plain && w->concept == 0) || is_of_grammar(w) ||
		    w->pair[0] != 0)
			continue;
		found = is_only_denied(k, of, i, yes);
	}
	check_mark(k, of, false);
	return found ? GROUND_NEGATION : GROUND_SUPPORTED;
}

/* --- "there is no deposit" --- */

/* Whether what is denied may be a price: then "free" denies it as well. */
static bool
is_of_cost(const struct claims *c, struct span of)
{
	size_t i;

	for (i = of.from; i < of.to; i++)
		if (c->word[i].concept == meanings_value("cost", 4) ||
		    c->word[i].concept == meanings_value("pay", 3) ||
		    claim_word_is(&c->word[i], MEANING_NEED) ||
		    claim_word_like(&c->word[i], meanings_value("pay", 3)) ||
		    claim_word_like(&c->word[i], meanings_value("price", 5)))
			return true;
	return false;
}

/* Whether no thing of a source's clause is other than the marked ones. */
static bool
is_all_marked(const struct check *k, const struct reading *r, struct span in)
{
	for (; in.from < in.to; in.from++)
		if (check_weight_of(&r->c.word[in.from]) >= NAMES_MIN &&
		    check_marked(k, &r->terms[in.from]) == 0)
			return false;
	return true;
}

/*
 * Whether of the clauses that name most of a span's things none says no, or
 * less than that.
 */
static enum ground_reason
hold_denial(struct check *k, struct span of, bool with_bounds)
{
	double most[2] = { 0, 0 }, here;
	bool no, of_cost = is_of_cost(&k->a, of);
	size_t i, w;

	check_mark(k, of, true);
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];
		struct span part;

		if (!reading_is_passage(r))
			continue;
		for (w = 0; w < r->c.nwords; w = part.to) {
			part = clause_or_row(&r->c, w);
			here = overlap(k, of, r, part);
			no = is_no(&r->c, part) ||
			    (of_cost && says(&r->c, part, MEANING_GRATIS)) ||
			    (with_bounds && says(&r->c, part, MEANING_ONLY));
			/* "It holds your place and is not paid back", "allowed
			 * in the garden, but not in the house" */
			if (no &&
			    (r->c.word[part.from].means &
				(MEANING_BIT(MEANING_AND) |
				    MEANING_BIT(MEANING_BUT))) != 0 &&
			    here >= 1 && is_all_marked(k, r, part))
				here = overlap(k, of, r,
				    (struct span){
					r->c.sentence[r->c.word[part.from]
							  .sentence]
					    .word,
					part.to });
			if (here > most[no])
				most[no] = here;
		}
	}
	check_mark(k, of, false);
	return most[0] > most[1] ? GROUND_NEGATION : GROUND_SUPPORTED;
}

/* "without a receipt", where it is with one in all that a source says. */
static enum ground_reason
check_lacks(struct check *k, struct span of)
{
	struct span things;
	size_t i;

	for (i = of.from; i < of.to; i++) {
		if (!claim_word_is(&k->a.word[i], MEANING_LACK) ||
		    claim_word_is(&k->a.word[i], MEANING_GRATIS))
			continue;
		things.from = i + 1;
		things.to =
		    i + 1 + WITH_BEHIND < of.to ? i + 1 + WITH_BEHIND : of.to;
		if (check_things(k, things))
			return hold_denial(k, things, false);
	}
	return GROUND_SUPPORTED;
}

/*
 * The part of a clause that the no is in; an empty one if it is said of a verb
 * that no source has: "your data will not be touched" denies nothing of them.
 */
static struct span
beside_no(const struct check *k, struct span of)
{
	struct span part;
	size_t i = of.from;

	while (!claim_word_is(&k->a.word[i], MEANING_NOT))
		i++;
	part = part_of(&k->a, i);
	for (i++; i < part.to; i++) {
		const struct claim_word *w = &k->a.word[i];

		if (w->is_common || claim_word_is(w, MEANING_NOT))
			continue;
		if (k->found[i] == 0 && !claim_word_is(w, MEANING_NEED) &&
		    w->claim == 0)
			part.to = part.from;
		break;
	}
	return part;
}

/* Whether days are named, and no passage names any of them. */
static bool
is_of_other_days(const struct check *k, struct span of)
{
	uint16_t days = 0;
	size_t i, n;

	for (i = of.from; i < of.to; i++)
		if (k->a.word[i].claim != 0)
			days |= k->a.claim[k->a.word[i].claim - 1].days;
	for (i = 0; days != 0 && i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (n = 0; reading_is_passage(r) && n < r->c.nclaims; n++)
			if ((r->c.claim[n].days & days) != 0)
				return false;
	}
	return days != 0;
}

/*
 * A clause too short to be compared as others are, that says no of a thing
 * which all sources that name it say yes of.
 */
enum ground_reason
check_denied(struct check *k, struct span of)
{
	if (!k->a.has_plain || k->is_translated ||
	    says(&k->a, of, MEANING_GRATIS) || says(&k->a, of, MEANING_ONLY))
		return GROUND_SUPPORTED;
	if (!says(&k->a, of, MEANING_NOT))
		return check_lacks(k, of);
	/* "Without a card there is no booking" denies no card. */
	if (says(&k->a, of, MEANING_LACK))
		return GROUND_SUPPORTED;
	/* "On Sundays we are not open", of a shop open from Monday on */
	if (is_of_other_days(k, of))
		return GROUND_SUPPORTED;
	of = beside_no(k, of);
	return check_things(k, of) ? hold_denial(k, of, true) :
				     GROUND_SUPPORTED;
}
