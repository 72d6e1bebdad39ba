/* claims - what stands together: phrases, clauses, units, ranges, days */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/link.h"
#include "ground/near.h"
#include "ground/numeral.h"
#include "ground/reader.h"
#include "base/str.h"
#include "base/utf8.h"

#define UNTIL_BEHIND 5	   /* words from "not" to "until" */
#define VERB_MIN_BYTES 4   /* of a German verb without its part */
#define GERMAN_MIN_BYTES 8 /* of a number in one word that is in no list */

/* --- phrases --- */

static bool
found_is(const struct meanings *l, const struct meaning *m,
    enum meaning_kind kind)
{
	for (; m != NULL; m = meanings_next(l, m))
		if (m->kind == kind)
			return true;
	return false;
}

/* Words from i on that are one phrase get its meaning at the first. */
static void
read_phrase(struct reader *r, size_t i)
{
	struct claims *c = r->c;
	char phrase[(LEXICON_PHRASE_WORDS + 1) * FOLDED_MAX_BYTES],
	    word[FOLDED_MAX_BYTES];
	const struct meaning *m, *found = NULL;
	struct claim_word *w = &c->word[i];
	const uint64_t no = MEANING_BIT(MEANING_NOT) | MEANING_BIT(MEANING_BAD);
	size_t len, n, k, words = 0, found_len = 0;
	bool is_even, is_gratis, is_amount;

	if (w->is_sign || w->exact == 0)
		return;
	len = reader_fold(c->plain + w->at, w->len, phrase);
	if (!meanings_opens(r->meanings, r->language, phrase, len))
		return;
	for (k = i + 1; k < c->nwords && k < i + LEXICON_PHRASE_WORDS; k++) {
		if (c->word[k].sentence != w->sentence ||
		    (c->word[k].gap & (GAP_COMMA | GAP_COLON)))
			break;
		n = reader_fold(c->plain + c->word[k].at, c->word[k].len, word);
		phrase[len++] = '_';
		memcpy(phrase + len, word, n);
		len += n;
		m = meanings_find(r->meanings, r->language, phrase, len);
		if (m != NULL) {
			found = m;
			found_len = len;
			words = k - i + 1;
		}
	}
	if (found == NULL)
		return;
	/* "'s ochtends" is no second. */
	if (found_is(r->meanings, found, MEANING_AM) ||
	    found_is(r->meanings, found, MEANING_PM))
		w->means &= ~MEANING_BIT(MEANING_UNIT);
	is_amount = found_is(r->meanings, found, MEANING_OFFSET) ||
	    found_is(r->meanings, found, MEANING_MEASURE) ||
	    found_is(r->meanings, found, MEANING_CLOCK);
	if (is_amount)
		w->means &= ~MEANING_BIT(MEANING_NUMBER);
	reader_mean(w, r->meanings, found);
	/* "will not be charged", "no later than": no "no" of the clause */
	is_gratis = found_is(r->meanings, found, MEANING_GRATIS);
	is_even = is_gratis || found_is(r->meanings, found, MEANING_EVEN);
	if (is_even)
		w->means &= ~no;
	/* "free to leave" */
	if (is_even && !is_gratis)
		w->means &= ~MEANING_BIT(MEANING_GRATIS);
	if (is_gratis)
	w->concept = meanings_value("free", 4);
	/* Check-in and check-out have no word in common. */
	if (w->concept != 0) {
		w->exact = w->stem = reader_hash(phrase, found_len);
		w->begin = w->end = 0;
	}
	/* What the others mean is said by the whole: "at least". */
	for (k = i + 1; k < i + words; k++) {
		uint64_t keep = c->word[k].means &
		    (MEANING_BIT(MEANING_CONCEPT) | MEANING_BIT(MEANING_PLACE) |
			MEANING_BIT(MEANING_POLITE) |
			MEANING_BIT(MEANING_DEED) | MEANING_BIT(MEANING_GIVE) |
			MEANING_BIT(MEANING_NOT) | MEANING_BIT(MEANING_IS) |
			MEANING_BIT(MEANING_YOUR) | MEANING_BIT(MEANING_STATE) |
			MEANING_BIT(MEANING_WHEN) | MEANING_BIT(MEANING_RATE) |
			MEANING_BIT(MEANING_COURTEOUS));

		if (is_even)
			keep &= ~no;

		c->word[k].means = keep;
		c->word[k].pair[0] = c->word[k].pair[1] = 0;
		c->word[k].is_plain |= is_even;
		/* "a quarter of an hour" names no thing, nor an hour. */
		if (is_amount)
			c->word[k].exact = c->word[k].stem = 0;
		/* What is not paid is told of nothing else in the clause. */
		if (is_gratis) {
			c->word[k].is_common = true;
			c->word[k].concept = 0;
		}
		if (claim_word_is(w, MEANING_POLITE))
			c->word[k].means |= MEANING_BIT(MEANING_POLITE);
	}
}

/* "pick up": what two words say together, each may be found by. */
static void
read_pair(struct reader *r, size_t i)
{
	struct claim_word *w = &r->c->word[i], *next = w + 1;
	char both[2 * FOLDED_MAX_BYTES + 1];
	int64_t like[CLAIM_LIKE_MAX];
	bool plain = false;
	size_t len, n, k, at;

	if (i + 1 >= r->c->nwords || w->is_sign || next->is_sign ||
	    next->sentence != w->sentence || w->exact == 0 || next->exact == 0)
		return;
	len = reader_fold(r->c->plain + w->at, w->len, both);
	both[len++] = '_';
	len += reader_fold(r->c->plain + next->at, next->len, both + len);
	n = meanings_like(r->meanings, r->language, both, len, like,
	    CLAIM_LIKE_MAX, &plain, &w->mode);
	for (k = 0, at = 0; k < n; k++) {
		while (at < CLAIM_LIKE_MAX && w->like[at] != 0)
			at++;
		if (at < CLAIM_LIKE_MAX)
			w->like[at] = like[k];
	}
	for (k = 0, at = 0; k < n; k++) {
		while (at < CLAIM_LIKE_MAX && next->like[at] != 0)
			at++;
		if (at < CLAIM_LIKE_MAX)
			next->like[at] = like[k];
	}
}

static void
mark_likes(struct claim_word *w)
{
	size_t i;

	for (i = 0; i < CLAIM_LIKE_MAX && w->like[i] != 0; i++)
		w->likes |= UINT64_C(1) << ((uint64_t)w->like[i] % 61);
}

/* --- verbs in two parts --- */

/* Parts that German verbs leave at the end; the longer ones first. */
static const char *const verb_parts[] = { "zuruck", "weiter", "wieder", "aus",
	"auf", "ein", "mit", "vor", "nach", "her", "hin", "weg", "bei", "los",
	"an", "ab", "um", "zu", NULL };

/* Bytes of a verb's form without its ending. */
static size_t
root_len(const char *word, size_t len)
{
	static const char *const endings[] = { "est", "en", "et", "st", "t",
		"e", "n", NULL };
	size_t i, n;

	for (i = 0; endings[i] != NULL; i++) {
		n = strlen(endings[i]);
		if (len >= n + 3 && memcmp(word + len - n, endings[i], n) == 0)
			return len - n;
	}
	return len;
}

static uint32_t
verb_hash(const char *part, const char *verb, size_t len)
{
	char whole[2 * FOLDED_MAX_BYTES];
	int n = snprintf(whole, sizeof(whole), "%s%.*s", part,
	    (int)root_len(verb, len), verb);

	return reader_hash(whole, (size_t)n);
}

/* ausgezahlt, auszuzahlen, auszahlen: the same as "zahlen ... aus" */
static void
read_joined_verb(struct claim_word *w, const char *folded, size_t len)
{
	size_t i, n;

	for (i = 0; verb_parts[i] != NULL; i++) {
		n = strlen(verb_parts[i]);
		if (len < n + VERB_MIN_BYTES ||
		    memcmp(folded, verb_parts[i], n) != 0)
			continue;
		if (len >= n + 2 + VERB_MIN_BYTES &&
		    (memcmp(folded + n, "ge", 2) == 0 ||
			memcmp(folded + n, "zu", 2) == 0))
			w->stem = verb_hash(verb_parts[i], folded + n + 2,
			    len - n - 2);
		else
			w->stem = verb_hash(verb_parts[i], folded + n, len - n);
		return;
	}
}

/* The verb that the part at word i belongs to: the first of its clause. */
static void
read_split_verb(struct claims *c, size_t i, const char *part)
{
	char folded[FOLDED_MAX_BYTES];
	size_t k = i, len;

	while (k > 0 && c->word[k - 1].clause == c->word[i].clause)
		k--;
	for (; k < i; k++) {
		struct claim_word *w = &c->word[k];

		if (w->claim != 0 || w->is_common || w->len < VERB_MIN_BYTES ||
		    /* "Holen Sie es ab" begins with its verb. */
		    (w->is_capital && !(w->is_first && w[1].is_common)))
			continue;
		len = reader_fold(c->plain + w->at, w->len, folded);
		if (root_len(folded, len) == len)
			continue;
		w->stem = verb_hash(part, folded, len);
		return;
	}
}

static bool
has_hour(const struct claims *c, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++)
		if (claim_word_is(&c->word[i], MEANING_OCLOCK) ||
		    (c->word[i].claim != 0 &&
			c->claim[c->word[i].claim - 1].kind == CLAIM_TIME))
			return true;
	return false;
}

/* "machen ... zu" is shut, and no verb that could be told from others. */
static void
read_shut(struct claims *c, size_t i)
{
	size_t k = i;

	while (k > 0 && c->word[k - 1].clause == c->word[i].clause)
		k--;
	/* "um 15 Uhr zu" says when. */
	if (has_hour(c, k, i))
		return;
	for (; k < i; k++)
		if (c->word[k].len >= 4 &&
		    strncmp(c->plain + c->word[k].at, "mach", 4) == 0) {
			c->word[i].means = MEANING_BIT(MEANING_BAD);
			c->word[i].concept = meanings_value("open", 4);
			c->word[i].is_common = false;
			return;
		}
}

static void
find_verbs(struct claims *c)
{
	char folded[FOLDED_MAX_BYTES];
	size_t i, n, len;

	if (strcmp(c->language, "de") != 0)
		return;
	for (i = 0; i < c->nwords; i++) {
		struct claim_word *w = &c->word[i];

		if (w->exact == 0 || w->is_capital || w->is_sign)
			continue;
		len = reader_fold(c->plain + w->at, w->len, folded);
		if (!w->is_common)
			read_joined_verb(w, folded, len);
		if (i + 1 < c->nwords && w[1].clause == w->clause)
			continue;
		for (n = 0; verb_parts[n] != NULL; n++)
			if (strcmp(verb_parts[n], folded) == 0)
				read_split_verb(c, i, verb_parts[n]);
		if (strcmp(folded, "zu") == 0)
			read_shut(c, i);
	}
}

/* --- clauses --- */

/* "valid for 3 years and cannot be exchanged": no is said of the second. */
static bool
is_turn(const struct claims *c, size_t i)
{
	size_t k;

	if (!claim_word_is(&c->word[i], MEANING_AND))
		return false;
	for (k = i + 1; k <= i + 3 && k < c->nwords &&
	     c->word[k].clause == c->word[i].clause;
	     k++) {
		if (claim_word_is(&c->word[k], MEANING_NOT) ||
		    claim_word_is(&c->word[k], MEANING_BAD))
			return true;
		/* "cosmetics and earrings cannot": said of both */
		if (!c->word[k].is_common)
			return false;
	}
	return false;
}

static void
split_clauses(struct claims *c)
{
	uint32_t more = 0, next = 0;
	size_t i;

	for (i = 0; i < c->nwords; i++) {
		/* What is_turn() looks at is not moved yet. */
		next = is_turn(c, i) ? more + 1 : more;
		c->word[i].clause += next;
		if (i + 1 < c->nwords && next != more)
			more = next;
	}
	c->clauses += more;
}

/* --- what stands together --- */

static struct claim *
claim_of(const struct claims *c, size_t word)
{
	return word < c->nwords && c->word[word].claim != 0 ?
	    &c->claim[c->word[word].claim - 1] :
	    NULL;
}

static bool
is_near(const struct claims *c, size_t word, size_t other)
{
	return word < c->nwords && other < c->nwords &&
	    c->word[word].sentence == c->word[other].sentence;
}

static bool
is_bare(const struct claim *n)
{
	return n != NULL && n->kind == CLAIM_NUMBER;
}

static void
stretch(const struct claims *c, struct claim *claim, size_t word)
{
	uint32_t end = c->word[word].at + c->word[word].len;

	if (word < claim->word)
		return;
	if (end > claim->at + claim->len)
		claim->len = end - claim->at;
	if (word > claim->last)
		claim->last = (uint32_t)word;
}

static bool
is_money(int64_t unit)
{
	static const char *const names[] = { "eur", "usd", "gbp", "yen", "inr",
		"rub", "idr", "brl", "aed", "sar", "chf", "pln", "try", "mxn",
		"ct", NULL };
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if (unit == meanings_value(names[i], strlen(names[i])))
			return true;
	return false;
}

bool
claim_is_money(const struct claim *c)
{
	return c->kind == CLAIM_NUMBER && is_money(c->unit);
}

/* "a week", but not "10 euros a week", "per week" */
static bool
is_of_time(const struct claims *c, size_t i)
{
	const struct claim_word *w = &c->word[i];

	if (!is_near(c, i, i + 1) || !claim_word_is(w + 1, MEANING_UNIT) ||
	    is_money(w[1].unit) || w[1].claim != 0 || w[1].len < 3)
		return false;
	return i == 0 || !is_near(c, i, i - 1) ||
	    (w[-1].claim == 0 && !claim_word_is(w - 1, MEANING_UNIT));
}

/* "until a week before": as good as "one week" */
static bool
is_counted(const struct claims *c, size_t i)
{
	const struct claim_word *w = &c->word[i];

	return is_of_time(c, i) && i > 0 && is_near(c, i, i - 1) &&
	    (claim_word_is(w - 1, MEANING_TO) ||
		claim_word_is(w - 1, MEANING_FROM) || w[-1].pair[0] != 0 ||
		claim_word_is(w - 1, MEANING_BOUND));
}

/* The value of a word that is a number; 0: none. */
static double
word_value(const struct claims *c, size_t i)
{
	const struct claim_word *w = &c->word[i];
	char folded[FOLDED_MAX_BYTES];
	size_t len;

	if (w->claim != 0)
		return 0;
	if (claim_word_is(w, MEANING_NUMBER) && w->number > 0)
		return (double)w->number;
	if (strcmp(c->language, "de") != 0 || w->len < GERMAN_MIN_BYTES)
		return 0;
	len = reader_fold(c->plain + w->at, w->len, folded);
	return numeral_of_word(folded, len);
}

static bool
is_joined(const struct claims *c, size_t i)
{
	return (c->word[i].gap & (GAP_COMMA | GAP_COLON | GAP_OTHER)) == 0;
}

/* "two hundred and three hundred" are two: what is behind i is a factor. */
static bool
is_factor_behind(const struct claims *c, size_t i)
{
	double v = is_near(c, i, i + 1) ? word_value(c, i + 1) : 0;

	return v == 100 || v == 1000;
}

/* Of a word that begins no number, but may go on with one: "et un" */
static double
next_value(const struct claims *c, size_t i, bool linked)
{
	double v = word_value(c, i);

	if (v == 0 && linked && c->word[i].claim == 0 &&
	    claim_word_is(&c->word[i], MEANING_ONE))
		return 1;
	return v;
}

/* The words from i on that are one number, its last one in *ret_last. */
static double
read_numeral(const struct claims *c, size_t i, size_t *ret_last)
{
	struct numeral n = { 0, 0 };
	double v;
	size_t k;
	bool linked;

	*ret_last = i;
	if (!numeral_add(&n, c->language, word_value(c, i), false))
		return word_value(c, i);
	for (k = i + 1; is_near(c, i, k) && is_joined(c, k); k++) {
		linked = claim_word_is(&c->word[k], MEANING_AND) &&
		    is_near(c, i, k + 1) && is_joined(c, k + 1);
		k += linked;
		v = next_value(c, k, linked);
		if (v == 0 ||
		    (linked && *c->language != 'p' && is_factor_behind(c, k)) ||
		    !numeral_add(&n, c->language, v, linked))
			break;
		*ret_last = k;
	}
	return numeral_value(&n);
}

/* Whether the number of value v at i goes on with the claim before it. */
static bool
join_factor(const struct claims *c, struct claim *last, size_t last_word,
    size_t i, double v)
{
	const struct claim_word *w = &c->word[i];
	bool times = claim_word_is(w, MEANING_TIMES);

	if (last == NULL || last_word + 1 != i || !is_near(c, last_word, i) ||
	    !is_joined(c, i))
		return false;
	if ((v >= 100 || times) && last->value < v &&
	    (times || !last->is_word || !numeral_knows(c->language)))
		last->value *= v;
	else if (!numeral_knows(c->language) && last->is_word && v < 10 &&
	    last->value >= 20 && last->value < 100 &&
	    fmod(last->value, 10) == 0)
		last->value += v;
	else
		return false;
	last->other = last->value;
	return true;
}

/* "one of us" counts nothing, "one day" does; "a hundred" */
static bool
is_not_counting(const struct claims *c, size_t i)
{
	return !claim_word_is(&c->word[i], MEANING_ONE) &&
	    !(i + 1 < c->nwords &&
		claim_word_is(&c->word[i + 1], MEANING_UNIT) &&
		!is_money(c->word[i + 1].unit));
}

/* twenty four, two hundred and five, 5 ribu */
static void
join_number_words(struct reader *r)
{
	struct claims *c = r->c;
	struct claim *claim, *last = NULL;
	size_t i, k, end, last_word = 0;
	double v;

	for (i = 0; i < c->nwords; i++) {
		struct claim_word *w = &c->word[i];

		if (is_bare(claim_of(c, i))) {
			last = claim_of(c, i);
			last_word = i;
			continue;
		}
		v = word_value(c, i);
		if (v == 0 && w->claim == 0 &&
		    (claim_word_is(w, MEANING_TIMES) ||
			claim_word_is(w, MEANING_ONE)))
			v = (double)w->number;
		/* "a" is a number before what is counted alone. */
		if (v == 0 ||
		    (claim_word_is(w, MEANING_ONE) && !is_of_time(c, i)))
			continue;
		if (join_factor(c, last, last_word, i, v)) {
			w->claim = c->word[last_word].claim;
			stretch(c, last, i);
			last_word = i;
			continue;
		}
		end = i;
		if (word_value(c, i) != 0 && numeral_knows(c->language))
			v = read_numeral(c, i, &end);
		if (v == 1 && is_not_counting(c, i))
			continue;
		claim = reader_claim(r, CLAIM_NUMBER, i);
		claim->value = claim->other = v;
		claim->is_word = true;
		claim->is_article = claim_word_is(w, MEANING_ONE) &&
		    !claim_word_is(w, MEANING_NUMBER) && !is_counted(c, i);
		for (k = i + 1; k <= end; k++) {
			c->word[k].claim = w->claim;
			stretch(c, claim, k);
		}
		last = claim;
		last_word = i = end;
	}
}

/* A sign of money that stands before a number, or 百分之. */
static bool
money_before(const struct claims *c, const struct claim *n)
{
	const struct claim_word *w;

	if (n->word == 0 || !is_near(c, n->word, n->word - 1))
		return false;
	w = &c->word[n->word - 1];
	return (w[1].gap & ~(GAP_BLANK | GAP_POINT | GAP_JOINED)) == 0 &&
	    claim_word_is(w, MEANING_UNIT) && w->claim == 0 &&
	    (is_money(w->unit) || (w->is_sign && w->len == 9));
}

/* "Trailhawk 2 costs €289": the money at k is of the number behind it. */
static bool
is_of_next(const struct claims *c, size_t i, size_t k)
{
	if (!is_money(c->word[k].unit) || !is_near(c, k, k + 1) ||
	    !is_bare(claim_of(c, k + 1)) ||
	    (c->word[k + 1].gap & ~(GAP_BLANK | GAP_JOINED)) != 0)
		return false;
	return k > i + 1 || (c->word[k].gap != 0 && c->word[k + 1].gap == 0);
}

/* The unit of the number at word i: behind it, or money before it. */
static void
find_unit(struct claims *c, size_t i)
{
	struct claim *n = claim_of(c, i);
	size_t k;

	while (i + 1 < c->nwords && c->word[i + 1].claim == c->word[i].claim)
		i++;
	/* "£29 a month": what stands right before it is of it alone. */
	if (money_before(c, n))
		n->unit = c->word[n->word - 1].unit;
	for (k = i + 1; n->unit == 0 && k <= i + 2 && is_near(c, i, k); k++) {
		const struct claim_word *w = &c->word[k];

		if (w->claim != 0 ||
		    (w->gap &
			(GAP_COMMA | GAP_COLON | GAP_OTHER | GAP_POINT)) ||
		    claim_word_is(w, MEANING_TO) ||
		    claim_word_is(w, MEANING_AND))
			break;
		if (claim_word_is(w, MEANING_UNIT)) {
			if (is_of_next(c, i, k))
				break;
			n->unit = w->unit;
			stretch(c, n, k);
			break;
		}
		if (w->is_common && !w->is_sign)
			break;
	}
	if (!is_money(n->unit))
		return;
	for (k = n->last + 1; k <= n->last + 3u && is_near(c, i, k); k++) {
		const struct claim_word *w = &c->word[k];

		if (w->claim != 0 || (w->gap & (GAP_COMMA | GAP_COLON)) ||
		    claim_word_is(w, MEANING_AND) ||
		    claim_word_is(w, MEANING_TO))
			break;
		if (claim_word_is(w, MEANING_UNIT) && !is_money(w->unit)) {
			n->per = w->unit;
			break;
		}
	}
}

/* "fortnight", "half an hour", "12 noon" */
static void
find_measures(struct reader *r)
{
	struct claims *c = r->c;
	struct claim *claim, *before;
	size_t i;

	for (i = 0; i < c->nwords; i++) {
		struct claim_word *w = &c->word[i];
		bool clock = claim_word_is(w, MEANING_CLOCK);

		if (w->claim != 0 ||
		    (!clock && !claim_word_is(w, MEANING_MEASURE)))
			continue;
		before =
		    i > 0 && is_near(c, i, i - 1) ? claim_of(c, i - 1) : NULL;
		if (clock && is_bare(before) && before->value == 12) {
			claim = before;
			w->claim = c->word[i - 1].claim;
			stretch(c, claim, i);
		} else
			claim = reader_claim(r, CLAIM_NUMBER, i);
		claim->kind = clock ? CLAIM_TIME : CLAIM_NUMBER;
		claim->value = claim->other = (double)w->number;
		claim->unit = clock ? 0 : w->unit;
		claim->is_loose = clock && claim->value < 12 * 60.0;
		claim->is_word = true;
	}
}

/* "gluten-free" is without it; "we shut at noon" says when, not that. */
/* "We do not open until 2 pm" says from when on. */
static bool
is_from_when(const struct claims *c, size_t i)
{
	size_t k;

	for (k = i + 1; k + 1 < c->nwords && k <= i + UNTIL_BEHIND &&
	     c->word[k].clause == c->word[i].clause;
	     k++)
		if (claim_word_is(&c->word[k], MEANING_TILL) &&
		    (c->word[k + 1].claim != 0 ||
			(k + 2 < c->nwords && c->word[k + 2].claim != 0)))
			return true;
	return false;
}

static void
find_turns(struct claims *c)
{
	size_t i, k;

	for (i = 0; i < c->nwords; i++) {
		struct claim_word *w = &c->word[i];

		if (claim_word_is(w, MEANING_GRATIS) && i > 0 &&
		    w->gap == GAP_DASH) {
			w->means &= ~MEANING_BIT(MEANING_GRATIS);
			w->means |= MEANING_BIT(MEANING_BAD);
			w->pair[0] = w->pair[1] = 0;
		}
		if (claim_word_is(w, MEANING_NOT) && is_from_when(c, i))
			w->means &= ~MEANING_BIT(MEANING_NOT);
		if (!claim_word_is(w, MEANING_BAD))
			continue;
		for (k = i + 1; k <= i + 3 && is_near(c, i, k); k++) {
			const struct claim *t = claim_of(c, k);

			if (t == NULL)
				continue;
			if ((t->kind == CLAIM_TIME ||
				(t->kind == CLAIM_NUMBER && t->unit == 0)) &&
			    t->until == 0 && t->from == 0)
				w->means &= ~MEANING_BIT(MEANING_BAD);
			break;
		}
	}
}

/* "an hour and 30 minutes" is a number as 90 minutes is. */
static void
join_sums(struct claims *c)
{
	struct claim *a, *b;
	size_t i, k;

	for (i = 0; i < c->nclaims; i++) {
		a = &c->claim[i];
		k = a->last + 1;
		if (a->kind != CLAIM_NUMBER || a->unit == 0 || a->until != 0 ||
		    a->from != 0)
			continue;
		if (k < c->nwords && claim_word_is(&c->word[k], MEANING_AND))
			k++;
		b = claim_of(c, k);
		if (!is_near(c, a->word, k) || b == NULL || b->word != k ||
		    b->kind != CLAIM_NUMBER || b->unit == 0 || b->per != 0 ||
		    b->until != 0 || b->from != 0 || a->per != 0 ||
		    !claim_add(a, b))
			continue;
		stretch(c, a, b->last);
		b->kind = CLAIM_PART;
	}
}

static int
half_of_day(const struct claims *c, size_t word, size_t other, bool before)
{
	const struct claim_word *w;

	if (!is_near(c, word, other))
		return 0;
	w = &c->word[other];
	if (w->claim != 0 || (!before && (w->gap & (GAP_COMMA | GAP_COLON))))
		return 0;
	if (claim_word_is(w, MEANING_PM))
		return 2;
	return claim_word_is(w, MEANING_AM) ? 1 : 0;
}

static bool
is_oclock(const struct claims *c, size_t word, size_t other)
{
	return is_near(c, word, other) && c->word[other].claim == 0 &&
	    claim_word_is(&c->word[other], MEANING_OCLOCK);
}

/* 9 am, 9.30 Uhr, 下午6点 */
static void
find_time(struct claims *c, size_t i)
{
	struct claim *n = claim_of(c, i), *next;
	bool sign, oclock, before;
	double minutes;
	int half;

	if (n->kind == CLAIM_NUMBER &&
	    (n->value >= 25 || n->value != n->other ||
		(n->unit != 0 && n->unit != meanings_value("h", 1))))
		return;
	sign = i > 0 &&
	    (c->word[i - 1].is_sign || strcmp(c->language, "hi") == 0 ||
		strcmp(c->language, "ar") == 0);
	before = i > 0 && is_oclock(c, i, i - 1);
	oclock = before || is_oclock(c, i, i + 1);
	half = half_of_day(c, i, i + 1, false);
	if (half == 0 && oclock && !before)
		half = half_of_day(c, i, i + 2, false);
	if (half == 0 && sign)
		half = half_of_day(c, i, i - 1, true);
	if (half == 0 && sign && before && i > 1)
		half = half_of_day(c, i, i - 2, true);
	if (half == 0 && !oclock)
		return;
	if (n->kind == CLAIM_NUMBER) {
		minutes = floor(n->value) * 60 +
		    round((n->value - floor(n->value)) * 100);
		n->kind = CLAIM_TIME;
		n->value = n->other = minutes;
		n->unit = 0;
		n->is_loose = minutes <= 12 * 60;
	}
	if (half != 0) {
		n->is_loose = false;
		if (half == 2 && n->value < 12 * 60)
			n->value += 12 * 60;
		else if (half == 1 && n->value >= 12 * 60)
			n->value -= 12 * 60;
		n->other = n->value;
	}
	/* 18時30分 */
	next = oclock ? claim_of(c, i + 2) : NULL;
	if (next != NULL && is_bare(next) &&
	    c->word[i + 2].sentence == c->word[i].sentence &&
	    next->value < 60 && c->word[i + 1].is_sign) {
		n->value += next->value;
		n->other = n->value;
		c->word[i + 2].claim = c->word[i].claim;
		next->kind = CLAIM_TIME;
		next->value = next->other = n->value;
		stretch(c, n, i + 2);
	}
}

/* The number that an offset at word i is of, behind or before it. */
static struct claim *
offset_of(const struct claims *c, size_t i)
{
	static const char *const ahead[] = { "en", "de", "nl", "hi", NULL };
	size_t k;

	if (!str_in(c->language, ahead)) {
		k = i > 1 && c->word[i - 1].claim == 0 ? i - 2 : i - 1;
		/* "the hour the eleventh and the half" */
		if (k > 0 && k + 2 == i && c->word[k].claim == 0)
			k--;
		return i > 0 && is_near(c, i, k) ? claim_of(c, k) : NULL;
	}
	for (k = i + 1; k <= i + 2 && is_near(c, i, k); k++)
		if (claim_of(c, k) != NULL)
			return claim_of(c, k);
	return NULL;
}

/* half past six, halb sieben, seis y media */
static void
find_offset(struct claims *c, size_t i)
{
	struct claim *n = offset_of(c, i);
	double minutes = (double)c->word[i].number;

	if (n == NULL || c->word[i].claim != 0)
		return;
	if (n->kind == CLAIM_NUMBER && n->value == floor(n->value) &&
	    n->value <= 24 && !c->word[i].is_sign &&
	    (n->unit == 0 || n->unit == meanings_value("h", 1))) {
		n->kind = CLAIM_TIME;
		n->value *= 60;
		n->unit = 0;
		n->is_loose = n->value <= 12 * 60;
	} else if (n->kind != CLAIM_TIME || fmod(n->value, 60) != 0)
		return;
	n->value += minutes;
	n->other = n->value;
}

/* Of a number of days whether they are those on which people work. */
static void
find_working(struct claims *c)
{
	static int64_t working;
	size_t i, k, end;

	if (working == 0)
		working = meanings_value("working", 7);
	for (i = 0; i < c->nclaims; i++) {
		struct claim *n = &c->claim[i];

		if (n->kind != CLAIM_NUMBER || n->unit == 0)
			continue;
		end = n->last + 2u < c->nwords ? n->last + 2u : c->nwords;
		for (k = n->word; k < end; k++)
			if (c->word[k].concept == working &&
			    c->word[k].sentence == n->sentence)
				n->is_working = true;
	}
	for (i = 0; i < c->nclaims; i++) {
		struct claim *n = &c->claim[i], *other;

		if (n->until == 0)
			continue;
		other = &c->claim[n->until - 1];
		n->is_working |= other->is_working;
		other->is_working = n->is_working;
	}
}

static bool
is_month(const struct claims *c, size_t word, size_t other)
{
	return is_near(c, word, other) && c->word[other].claim == 0 &&
	    claim_word_is(&c->word[other], MEANING_MONTH);
}

static void
set_date(struct claims *c, size_t number, size_t month, size_t year)
{
	struct claim *n = claim_of(c, number), *y = claim_of(c, year);

	n->kind = CLAIM_DATE;
	n->day = (uint8_t)n->value;
	n->month = c->word[month].month;
	n->unit = 0;
	c->word[month].claim = c->word[number].claim;
	if (month < n->word) {
		n->len += n->at - c->word[month].at;
		n->at = c->word[month].at;
	}
	stretch(c, n, month);
	if (is_near(c, number, year) && is_bare(y) && y->value >= 1900 &&
	    y->value < 2200) {
		n->year = (uint16_t)y->value;
		y->kind = CLAIM_PART;
		c->word[year].claim = c->word[number].claim;
		stretch(c, n, year);
	}
}

/* 24. Dezember 2026, December 24th, 24 de diciembre de 2026, 12月24日 */
static void
find_date(struct claims *c, size_t i)
{
	struct claim *n = claim_of(c, i), *day;
	const char *text = c->plain;
	size_t k;

	if (n->value < 1 || n->value > 31 || n->value != floor(n->value) ||
	    n->is_word)
		return;
	/* 月 and 日, which stand in no list: they are units elsewhere */
	if (i + 1 < c->nwords && n->value <= 12 &&
	    (size_t)n->at + n->len + 3 < c->len &&
	    memcmp(text + n->at + n->len, "\u6708", 3) == 0) {
		day = reader_is_digit(text[n->at + n->len + 3]) ?
		    claim_of(c, i + 1) != NULL ? claim_of(c, i + 1) :
						 claim_of(c, i + 2) :
		    NULL;
		n->kind = CLAIM_DATE;
		n->month = (uint8_t)n->value;
		n->unit = 0;
		if (is_bare(day) && day->value <= 31) {
			n->day = (uint8_t)day->value;
			day->kind = CLAIM_DATE;
			day->day = n->day;
			day->month = n->month;
			day->unit = 0;
		}
		return;
	}
	/* "15th of May" */
	for (k = i + 1; k <= i + 3 && is_near(c, i, k); k++) {
		/* "My son is 12, may he" */
		if (c->word[k].gap & GAP_COMMA)
			break;
		if (is_month(c, i, k)) {
			size_t year = k + 1;

			if (year < c->nwords && c->word[year].claim == 0 &&
			    c->word[year].len <= 3)
				year++;
			set_date(c, i, k, year);
			return;
		}
		/* "th", "de", "of" */
		if (c->word[k].claim != 0 || c->word[k].len > 3)
			break;
	}
	if (i > 0 && is_month(c, i, i - 1) && strcmp(c->language, "en") == 0 &&
	    (c->word[i].gap & GAP_COMMA) == 0) {
		k = i + 1;
		if (k < c->nwords && c->word[k].claim == 0 &&
		    c->word[k].len == 2)
			k++;
		set_date(c, i, i - 1, k);
	}
}

/* Numbers with a dash or "to" between share what only one of them has. */
static void
join_range(struct claims *c, size_t i, size_t k)
{
	struct claim *a = claim_of(c, i), *b = claim_of(c, k);

	a->until = c->word[k].claim;
	if (a->kind == CLAIM_NUMBER && b->kind == CLAIM_NUMBER) {
		if (a->unit == 0)
			a->unit = b->unit;
		else if (b->unit == 0)
			b->unit = a->unit;
	}
	if (a->kind == CLAIM_NUMBER && b->kind == CLAIM_TIME &&
	    a->value <= 24 && a->unit == 0) {
		a->kind = CLAIM_TIME;
		a->value = floor(a->value) * 60 +
		    round((a->value - floor(a->value)) * 100);
		a->other = a->value;
		a->is_loose = a->value <= 12 * 60.0;
	} else if (b->kind == CLAIM_NUMBER && a->kind == CLAIM_TIME &&
	    b->value <= 24 && b->unit == 0) {
		b->kind = CLAIM_TIME;
		b->value = floor(b->value) * 60 +
		    round((b->value - floor(b->value)) * 100);
		b->other = b->value;
		b->is_loose = b->value <= 12 * 60.0;
	} else if (a->kind == CLAIM_DATE && b->kind == CLAIM_NUMBER &&
	    b->unit == 0 && b->value <= 31) {
		b->kind = CLAIM_DATE;
		b->day = (uint8_t)b->value;
		b->month = a->month;
	} else if (a->kind == CLAIM_NUMBER && b->kind == CLAIM_DATE &&
	    a->unit == 0 && a->value <= 31) {
		a->kind = CLAIM_DATE;
		a->day = (uint8_t)a->value;
		a->month = b->month;
	}
}

/* "9 € and 5 days": only between bare numbers is "and" from and to. */
static bool
is_list(const struct claims *c, size_t i, size_t last, size_t k)
{
	const struct claim *a = claim_of(c, i);

	if ((c->word[k].gap & GAP_DASH) ||
	    !claim_word_is(&c->word[k - 1], MEANING_AND))
		return false;
	return k != last + 2 || a->unit != 0;
}

static void
find_ranges(struct claims *c)
{
	size_t i, k, last;

	for (i = 0; i < c->nwords; i++) {
		if (claim_of(c, i) == NULL || claim_of(c, i)->kind > CLAIM_DATE)
			continue;
		last = i;
		while (last + 1 < c->nwords &&
		    c->word[last + 1].claim == c->word[i].claim)
			last++;
		/* The unit may stand between: 3 Tage bis 5 Tage. */
		for (k = last + 1; k <= last + 4 && is_near(c, i, k); k++) {
			const struct claim_word *w = &c->word[k];

			if (w->claim != 0) {
				if (c->claim[w->claim - 1].kind <= CLAIM_DATE &&
				    !is_list(c, i, last, k) &&
				    ((w->gap & GAP_DASH) ||
					claim_word_is(w - 1, MEANING_TO) ||
					(k > last + 2 &&
					    (w[-1].len <= 3 ||
						claim_word_is(w - 1,
						    MEANING_OCLOCK)) &&
					    claim_word_is(w - 2, MEANING_TO) &&
					    !claim_word_is(w - 2,
						MEANING_AND))))
					join_range(c, i, k);
				break;
			}
			if (w->gap & (GAP_COMMA | GAP_COLON | GAP_OTHER))
				break;
		}
		i = last;
	}
}

/* --- days of the week --- */

/* A short name is one where days or times stand beside it. */
static bool
is_brief(const struct claims *c, size_t i)
{
	const struct claim_word *w = &c->word[i];
	const struct claim_word *next = i + 1 < c->nwords ? w + 1 : NULL;

	/* "lun-vie" */
	if (!w->is_capital && (unsigned char)c->plain[w->at] < 128)
		return w->len >= 3 &&
		    ((next != NULL && (next->gap & GAP_DASH) &&
			 next->days != 0) ||
			(i > 0 && (w->gap & GAP_DASH) && w[-1].days != 0));
	if (next != NULL && next->sentence == w->sentence &&
	    ((next->claim != 0 &&
		 c->claim[next->claim - 1].kind <= CLAIM_TIME) ||
		((next->gap & (GAP_DASH | GAP_COMMA | GAP_OTHER)) &&
		    next->days != 0)))
		return true;
	/* "Sun: closed" */
	if (next != NULL && next->sentence == w->sentence &&
	    (next->gap & (GAP_COLON | GAP_OTHER)) &&
	    claim_word_is(next, MEANING_BAD))
		return true;
	/* "Sa von 10 bis 15 Uhr" */
	if (i + 2 < c->nwords && w[2].sentence == w->sentence &&
	    w[2].claim != 0 && c->claim[w[2].claim - 1].kind <= CLAIM_TIME)
		return true;
	return i > 0 && w[-1].sentence == w->sentence && w[-1].days != 0 &&
	    w[-1].claim != 0;
}

/* All days from the last of a to the first of b, around the week. */
static uint16_t
days_between(uint16_t a, uint16_t b)
{
	uint16_t all = a;
	int day = 0, i;

	for (i = 1; i <= 7; i++)
		if (a & 1u << i)
			day = i;
	for (i = 0; i < 7 && !(b & 1u << day); i++) {
		day = day % 7 + 1;
		all |= (uint16_t)(1u << day);
	}
	return all | b;
}

/* "A primeira é grátis, a segunda custa 15": the second, and not Monday. */
static bool
is_ordinal(const struct claims *c, size_t i)
{
	char folded[FOLDED_MAX_BYTES];
	size_t k;

	if (strcmp(c->language, "pt") != 0)
		return false;
	/* segunda-feira */
	if (i + 1 < c->nwords && (c->word[i + 1].gap & GAP_DASH))
		return false;
	for (k = i; k > 0 && c->word[k - 1].sentence == c->word[i].sentence;
	     k--) {
		const struct claim_word *w = &c->word[k - 1];

		reader_fold(c->plain + w->at, w->len, folded);
		if (strcmp(folded, "primeira") == 0)
			return true;
	}
	return false;
}

static void
find_days(struct reader *r)
{
	struct claims *c = r->c;
	struct claim *claim, *last = NULL;
	size_t i, last_word = 0;

	for (i = 0; i < c->nwords; i++) {
		struct claim_word *w = &c->word[i];
		bool joins;

		if (w->claim != 0 || w->days == 0 ||
		    (!claim_word_is(w, MEANING_WEEKDAY) && !is_brief(c, i)) ||
		    is_ordinal(c, i))
			continue;
		/* "a", "bis", "al", "من إلى" before a name of two words */
		joins = last != NULL && is_near(c, last_word, i) &&
		    i - last_word <= 3 &&
		    ((w->gap & GAP_DASH && i == last_word + 1) ||
			claim_word_is(w - 1, MEANING_TO) ||
			(i - last_word == 3 &&
			    claim_word_is(w - 2, MEANING_TO) &&
			    !claim_word_is(w - 2, MEANING_AND)));
		joins = joins &&
		    ((w->gap & GAP_DASH) || !claim_word_is(w - 1, MEANING_AND));
		if (joins)
			last->days = days_between(last->days, w->days);
		claim = reader_claim(r, CLAIM_WEEKDAY, i);
		claim->days = w->days;
		if (joins) {
			/* reader_claim() may have moved them all. */
			last = claim_of(c, last_word);
			last->until = w->claim;
			last = NULL;
			continue;
		}
		last = claim;
		last_word = i;
	}
}

/* --- example dot com --- */

static bool
is_dot(const char *p, size_t len)
{
	static const char *const words[] = { "dot", "punkt", "punto", "point",
		"ponto", "punt", "titik", "\u0442\u043e\u0447\u043a\u0430",
		"\u0921\u0949\u091f", "\u0646\u0642\u0637\u0629", NULL };
	static char known[sizeof(words) / sizeof(*words)][FOLDED_MAX_BYTES];
	char folded[FOLDED_MAX_BYTES];
	size_t i;

	for (i = 0; words[i] != NULL && *known[i] == '\0'; i++)
		reader_fold(words[i], strlen(words[i]), known[i]);
	reader_fold(p, len, folded);
	for (i = 0; words[i] != NULL; i++)
		if (strcmp(known[i], folded) == 0)
			return true;
	return false;
}

/* Only what is written around a point in a way that hides it. */
static bool
is_hidden_point(const char *p, const char *end)
{
	const char *point = memchr(p, '.', (size_t)(end - p)), *q;

	if (point == NULL || end - p > 5 || end - p < 2)
		return false;
	for (q = p; q < end; q++)
		if (strchr(" .[](){}", *q) == NULL)
			return false;
	return point > p || point[1] != ' ';
}

static void
find_split_links(struct reader *r)
{
	struct claims *c = r->c;
	struct claim *claim;
	char host[2 * FOLDED_MAX_BYTES + 2];
	size_t i, n, tail;

	for (i = 1; i < c->nwords; i++) {
		const struct claim_word *w = &c->word[i], *before = w - 1;
		const char *at = c->plain + w->at,
			   *from = c->plain + before->at + before->len;

		if (w->is_sign || w->is_capital ||
		    !link_is_domain(at, w->len) || before->is_sign)
			continue;
		if (i > 1 && is_dot(c->plain + before->at, before->len))
			before--;
		else if (!is_hidden_point(from, at))
			continue;
		n = reader_fold(c->plain + before->at, before->len, host);
		host[n++] = '.';
		tail = reader_fold(at, w->len, host + n);
		n += tail;
		if (c->word[i].claim != 0 || before->claim != 0)
			continue;
		claim = reader_claim(r, CLAIM_LINK, i);
		claim->text = claim->host = reader_hash_long(host, n);
		claim->is_hidden = true;
	}
}

/* "May to September": no other word stands so. */
static bool
is_month_between(const struct claims *c, size_t i)
{
	return (i + 2 < c->nwords && is_month(c, i, i + 2) &&
		   claim_word_is(&c->word[i + 1], MEANING_TO)) ||
	    (i > 1 && c->word[i - 2].sentence == c->word[i].sentence &&
		claim_word_is(&c->word[i - 2], MEANING_MONTH) &&
		claim_word_is(&c->word[i - 1], MEANING_TO));
}

void
reader_find(struct reader *r)
{
	struct claims *c = r->c;
	struct claim *n;
	size_t i;

	for (i = 0; i < c->nwords; i++) {
		read_phrase(r, i);
		read_pair(r, i);
	}
	for (i = 0; i < c->nwords; i++)
		mark_likes(&c->word[i]);
	split_clauses(c);
	find_verbs(c);
	join_number_words(r);
	find_measures(r);
	for (i = 0; i < c->nwords; i++) {
		n = claim_of(c, i);
		if (n == NULL || n->word != i)
			continue;
		if (n->kind == CLAIM_NUMBER)
			find_unit(c, i);
		if (n->kind == CLAIM_NUMBER)
			find_date(c, i);
		if (n->kind == CLAIM_NUMBER || n->kind == CLAIM_TIME)
			find_time(c, i);
	}
	for (i = 0; i < c->nwords; i++)
		if (claim_word_is(&c->word[i], MEANING_OFFSET))
			find_offset(c, i);
	for (i = 0; i < c->nwords; i++) {
		/* A month by itself, but not the words may and march. */
		if (c->word[i].claim == 0 &&
		    claim_word_is(&c->word[i], MEANING_MONTH) &&
		    (c->word[i].len > 3 || is_month_between(c, i)) &&
		    !c->word[i].is_sign &&
		    (strcmp(c->language, "en") != 0 ||
			(c->word[i].is_capital && !c->word[i].is_first)) &&
		    (strcmp(c->language, "de") != 0 || c->word[i].is_capital)) {
			n = reader_claim(r, CLAIM_DATE, i);
			n->month = c->word[i].month;
		}
	}
	find_ranges(c);
	reader_rates(c);
	find_working(c);
	for (i = 0; i < c->nclaims; i++)
		c->claim[i].is_cell = c->sentence[c->claim[i].sentence].is_row;
	find_days(r);
	find_split_links(r);
	near_index(c);
	find_turns(c);
	join_sums(c);
}
