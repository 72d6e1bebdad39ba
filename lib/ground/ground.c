/*
 * ground - whether an answer says only what stands in its sources
 *
 * What a passage says in the same words is passed. Else the order matters: what is surely false (a link, a number, a name) is looked
 * for first, what depends on the words around it later, and how many of the
 * words are there at all comes last.
 */
#include <stdlib.h>
#include <string.h>

#include "ground/check.h"
#include "base/err.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"

/* Tuned on two thirds of tests/data/ground, see tests/unit-ground.c. */
#define SUPPORT_MIN 0.34      /* of a sentence's words */
#define FOREIGN_WORDS 3	      /* that say something */
#define SUPPORT_WORDS_MIN 1.2 /* weight that says anything at all */
#define VERBATIM_MIN_WORDS 3
#define FEW_BYTES 80   /* of a text whose language is not told for sure */
#define OFFER_MAX 0.6  /* of words that a source has as well */
#define SUPPORT_FACT 1 /* weight of a number or a day that is there */

struct grounder {
	struct meanings *meanings;
	struct analyser *analyser;
	struct kept *kept;
};

struct grounder *
grounder_new(void)
{
	struct grounder *g = xcalloc(1, sizeof(*g));

	g->meanings = meanings_new();
	g->analyser = analyser_new();
	g->kept = kept_new();
	return g;
}

void
grounder_free(struct grounder *g)
{
	if (g == NULL)
		return;
	meanings_free(g->meanings);
	analyser_free(g->analyser);
	kept_free(g->kept);
	free(g);
}

bool
ground_is_fact(enum ground_reason reason)
{
	switch (reason) {
	case GROUND_SUPPORTED:
	case GROUND_NEGATION:
	case GROUND_OPPOSITE:
	case GROUND_UNRELATED:
	case GROUND_ADDED:
	case GROUND_WIDER:
	case GROUND_CONDITION:
		return false;
	default:
		return true;
	}
}

const char *
ground_reason_text(enum ground_reason reason)
{
	switch (reason) {
	case GROUND_SUPPORTED:
		return "supported";
	case GROUND_NUMBER:
		return "a number that is in no source";
	case GROUND_UNIT:
		return "a number that counts something else in the source";
	case GROUND_TIME:
		return "a time that is in no source";
	case GROUND_DATE:
		return "a date or day that is in no source";
	case GROUND_LINK:
		return "a link that is in no source";
	case GROUND_CONTACT:
		return "a telephone number, address or account that is in no "
		       "source";
	case GROUND_CODE:
		return "a code that is in no source";
	case GROUND_NAME:
		return "a name that is in no source";
	case GROUND_SWAPPED:
		return "a number that the source gives for something else";
	case GROUND_NEGATION:
		return "the contrary of what the source says";
	case GROUND_OPPOSITE:
		return "an opposite of what the source says";
	case GROUND_PROMISE:
		return "a promise that no source makes";
	case GROUND_DEED:
		return "an act told as done";
	case GROUND_UNRELATED:
		return "a sentence whose words are in no source";
	case GROUND_TOO_MANY:
		return "more numbers than an answer has";
	case GROUND_ADDED:
		return "something that no source names";
	case GROUND_WIDER:
		return "more than the source says, of all or of all times";
	case GROUND_CONDITION:
		return "a condition of the source that is left out";
	}
	return "";
}

/* --- a sentence --- */

/* The passage that has most of the words, and the share that is anywhere. */
static double
support(const struct check *k, struct span span, size_t facts, int *ret_source,
    double *ret_asked)
{
	double by_source[SOURCES_BITS_MAX] = { 0 }, all = 0, best = 0, any = 0,
	       asked = 0, here;
	size_t i;
	int b;

	for (i = span.from; i < span.to; i++) {
		/* A word that adds nothing need not be anywhere. */
		if (k->a.word[i].is_plain && k->found[i] == 0 &&
		    !k->is_translated)
			continue;
		here = k->weight[i] * k->found[i];
		all += k->weight[i];
		if (k->weight[i] == 0 || k->where[i] == 0)
			continue;
		for (b = 0; b < SOURCES_BITS_MAX; b++)
			if (k->where[i] & UINT64_C(1) << b)
				by_source[b] += here;
		if (k->where[i] & UINT64_C(1) << BIT_ASKED)
			asked += here;
		any += here;
	}
	/* Numbers and days were found, or it would not come to this. */
	all += SUPPORT_FACT * (double)facts;
	any += SUPPORT_FACT * (double)facts;
	*ret_source = -1;
	for (b = 0; b < SOURCES_BITS_MAX; b++)
		if (by_source[b] > best) {
			best = by_source[b];
			*ret_source = b;
		}
	best += SUPPORT_FACT * (double)facts;
	*ret_asked = all > 0 ? asked / all : 0;
	/* What is spread over passages says less. */
	return all > 0 ? (best + 0.6 * (any - best)) / all : 1;
}

static size_t
count_claims(const struct check *k, size_t sentence)
{
	size_t i, n = 0;

	for (i = 0; i < k->a.nclaims; i++)
		n += k->a.claim[i].sentence == sentence &&
		    !k->a.claim[i].is_article;
	return n;
}

/*
 * Of a sentence in another language than its sources: two things that none of
 * them knows, or words enough to say something and nothing that is known.
 */
static bool
is_foreign(const struct check *k, struct span span, size_t facts)
{
	size_t known = 0, unknown = 0, words = 0, i;

	for (i = span.from; i < span.to; i++) {
		const struct claim_word *w = &k->a.word[i];

		if (k->weight[i] == 0)
			continue;
		/* A group of signs is half a word or less. */
		words += w->is_sign ? 1 : 3;
		if (w->concept != 0 && k->terms[i].id[TERM_CONCEPT] == 0)
			unknown++;
		else if (k->found[i] > 0)
			known++;
	}
	if (facts == 0 && known == 0 && words >= 3 * FOREIGN_WORDS)
		return true;
	return unknown >= 2 && unknown > 2 * known;
}

/* What a sentence says besides what words are held against words for. */
static enum ground_reason
check_more(struct check *k, struct span span, const struct aligned *best,
    struct ground_claim *ret)
{
	enum ground_reason reason = GROUND_SUPPORTED;
	struct span of = { 0, 0 };
	size_t w;

	for (w = span.from; w < span.to && reason == GROUND_SUPPORTED;
	     w = of.to) {
		of = check_clause(&k->a, w);
		reason = check_costs(k, span, of);
		if (reason == GROUND_SUPPORTED)
			reason = check_denied(k, of);
		if (reason == GROUND_SUPPORTED)
			reason = check_affirmed(k, span, of);
		if (reason == GROUND_SUPPORTED)
			reason = check_blunt(k, of);
		if (reason == GROUND_SUPPORTED && check_flip(k, of))
			reason = GROUND_NEGATION;
		if (reason == GROUND_SUPPORTED)
			reason = check_wide(k, of);
		if (reason == GROUND_SUPPORTED)
			reason = check_week(k, of);
		if (reason == GROUND_SUPPORTED && check_more_than(k, of))
			reason = GROUND_OPPOSITE;
		if (reason == GROUND_SUPPORTED &&
		    (check_condition(k, of) || check_notice(k, of) ||
			check_limit(k, of)))
			reason = GROUND_CONDITION;
	}
	if (reason == GROUND_SUPPORTED && check_new_condition(k, span)) {
		reason = GROUND_ADDED;
		of = span;
	}
	if (reason == GROUND_SUPPORTED)
		reason = check_added(k, span, best, &of);
	if (reason != GROUND_SUPPORTED) {
		const struct claim_word *last = &k->a.word[of.to - 1];

		ret->at = k->a.was[k->a.word[of.from].at];
		ret->at_len = k->a.was[last->at + last->len] - ret->at;
	}
	return reason;
}

/* "I see that your tent is torn": says so, and answers nothing. */
static bool
is_polite(const struct check *k, struct span span)
{
	size_t i;

	for (i = span.from; i < span.to; i++)
		if (claim_word_is(&k->a.word[i], MEANING_YES))
			return false;
	return check_means(k, span, MEANING_POLITE);
}

/*
 * What a sentence tells. "You get a refund tomorrow, which order is it?" asks
 * in its last clause alone; a question in one clause tells nothing.
 */
static struct span
told_in(const struct check *k, const struct claim_sentence *s)
{
	struct span span = check_span(s);
	uint32_t last = k->a.word[span.to - 1].clause;

	if (!s->is_question)
		return span;
	while (span.to > span.from && k->a.word[span.to - 1].clause == last)
		span.to--;
	return span;
}

static bool
is_before(const struct claim_word *w)
{
	return claim_word_is(w, MEANING_YES) ||
	    (claim_word_is(w, MEANING_POLITE) &&
		!claim_word_is(w, MEANING_WHO)) ||
	    claim_word_is(w, MEANING_AND) || claim_word_is(w, MEANING_BUT);
}

/* Of a question what it tells before it asks. */
static enum ground_reason
check_told(struct check *k, struct span span, struct ground_claim *ret)
{
	struct aligned best;
	enum ground_reason reason;
	size_t i, w;

	for (w = span.from; w < span.to; w = span.from) {
		struct span of = check_clause(&k->a, w);

		span.from = of.to;
		/* "If you want to send it back, ..." tells nothing, nor does a
		 * clause that begins as questions do. */
		i = of.from;
		while (i < of.to && is_before(&k->a.word[i]))
			i++;
		if (i == of.to || !claim_word_is(&k->a.word[i], MEANING_WHO))
			continue;
		reason = check_contrary(k, of, &best);
		if (reason == GROUND_SUPPORTED)
			reason = check_more(k, of, &best, ret);
		if (reason != GROUND_SUPPORTED)
			return reason;
	}
	return GROUND_SUPPORTED;
}

/* Whether two sentences are the same words with the same marks between. */
static bool
is_same_sentence(const struct claims *a, struct span of, const struct claims *b,
    struct span in)
{
	size_t i;

	if (of.to - of.from != in.to - in.from)
		return false;
	for (i = 0; i < of.to - of.from; i++) {
		const struct claim_word *w = &a->word[of.from + i],
					*v = &b->word[in.from + i];

		if (w->len != v->len ||
		    (i > 0 && ((w->gap ^ v->gap) & ~GAP_BLANK) != 0) ||
		    strncasecmp(a->plain + w->at, b->plain + v->at, w->len) !=
			0)
			return false;
	}
	return true;
}

/* The source that a sentence stands in word for word; -1: none. */
static int
find_verbatim(const struct check *k, struct span span)
{
	size_t i, s;

	if (span.to - span.from < VERBATIM_MIN_WORDS)
		return -1;
	for (i = 0; i < k->s->count; i++) {
		const struct reading *r = &k->s->reading[i];

		for (s = 0; r->role == ROLE_TEXT && s < r->c.nsentences; s++)
			if (is_same_sentence(&k->a, span, &r->c,
				check_span(&r->c.sentence[s])))
				return r->source;
	}
	return -1;
}

static void
check_sentence(struct check *k, size_t sentence, struct ground_claim *ret)
{
	const struct claim_sentence *s = &k->a.sentence[sentence];
	struct span span = check_span(s);
	struct aligned best;
	enum ground_reason contrary;
	size_t facts = count_claims(k, sentence);
	double asked, all = check_total(k, span);

	ret->start = s->at;
	ret->len = s->len;
	ret->source = s->is_question ? -1 : find_verbatim(k, span);
	ret->reason = check_thing(k, sentence, ret);
	if (ret->source >= 0 || ret->reason != GROUND_SUPPORTED) {
		ret->support = ret->source >= 0;
		return;
	}
	if (!s->is_question && check_courteous(k, span)) {
		ret->need = GROUND_COURTESY;
		ret->source = -1;
		return;
	}
	if (check_greeting(k, span) < span.to)
		span.from = check_greeting(k, span);
	ret->support = support(k, span, facts, &ret->source, &asked);
	ret->reason = check_facts(k, sentence, ret);
	if (ret->reason != GROUND_SUPPORTED)
		return;
	contrary = check_contrary(k, span, &best);
	if (contrary == GROUND_SUPPORTED && check_who(k, span))
		contrary = GROUND_OPPOSITE;
	ret->reason = check_promises(k, told_in(k, s), &best);
	if (ret->reason == GROUND_SUPPORTED && s->is_question)
		ret->reason = check_told(k, told_in(k, s), ret);
	if (ret->reason != GROUND_SUPPORTED)
		return;
	if (s->is_question && facts == 0)
		ret->need = GROUND_QUESTION;
	else if (check_means(k, span, MEANING_MATE) && facts == 0 &&
	    (ret->support < OFFER_MAX || all < SUPPORT_WORDS_MIN))
		ret->need = GROUND_OFFER;
	else if (all < SUPPORT_WORDS_MIN && facts == 0 &&
	    !(check_things(k, span) && !k->is_translated))
		ret->need = GROUND_COURTESY;
	else if (asked >= 0.7 && ret->support < SUPPORT_MIN)
		ret->need = GROUND_REPEATED;
	if (ret->need == GROUND_COURTESY && k->is_translated &&
	    is_foreign(k, span, facts))
		ret->need = GROUND_CLAIM;
	if (ret->need == GROUND_CLAIM || ret->need == GROUND_COURTESY)
		ret->reason = contrary;
	if (ret->reason == GROUND_SUPPORTED &&
	    (ret->need == GROUND_COURTESY || ret->need == GROUND_REPEATED) &&
	    !is_polite(k, span))
		ret->reason = check_more(k, span, &best, ret);
	if (ret->need != GROUND_CLAIM) {
		ret->source = -1;
		return;
	}
	if (ret->reason == GROUND_SUPPORTED &&
	    (k->is_translated ?
		    is_foreign(k, span, facts) :
		    all >= SUPPORT_WORDS_MIN && ret->support < SUPPORT_MIN))
		ret->reason = GROUND_UNRELATED;
	if (ret->reason == GROUND_SUPPORTED)
		ret->reason = check_more(k, span, &best, ret);
}

/* --- the whole --- */

static bool
is_translated(const struct sources *s, const char *language)
{
	bool any = false;
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct reading *r = &s->reading[i];

		if (!reading_is_passage(r))
			continue;
		if (strcmp(r->c.language, language) == 0)
			return false;
		any = true;
	}
	return any;
}

/* A few words may be told as those of a language that is near: what is asked
 * and answered from in another one is likelier in that. */
static bool
is_likelier(const char *answer, const char *tag, const char *wanted,
    const struct ground_input *in)
{
	const char *text;

	if (wanted == NULL || strlen(answer) > FEW_BYTES ||
	    strncmp(tag, wanted, 2) == 0 || in->nsources == 0)
		return false;
	text = in->source[0].text;
	return strncmp(language_detect(text, strlen(text)), wanted, 2) == 0;
}

/* A model told to answer in es-MX answers in es. */
static const char *
language_of(const char *answer, const struct ground_input *in)
{
	const char *wanted = in->language;
	const char *tag = language_detect(answer, strlen(answer));
	static const char *const known[] = { "en", "es", "pt", "fr", "de", "it",
		"nl", "pl", "tr", "id", "vi", "hi", "ar", "zh", "ja", "ko",
		"ru", "uk", NULL };
	size_t i;

	/* Of a few words it may be any: that of the sources then. */
	for (i = 0;
	     strcmp(tag, "und") == 0 && wanted == NULL && i < in->nsources; i++)
		tag = language_detect(in->source[i].text,
		    strlen(in->source[i].text));
	if (strcmp(tag, "und") != 0 && !is_likelier(answer, tag, wanted, in))
		return tag;
	for (i = 0; wanted != NULL && known[i] != NULL; i++)
		if (strncmp(known[i], wanted, 2) == 0 &&
		    (wanted[2] == '\0' || wanted[2] == '-'))
			return known[i];
	return strcmp(tag, "und") == 0 ? "en" : tag;
}

static void
explain(const struct check *k, const char *answer, struct ground_verdict *v)
{
	size_t i;

	(void)k;
	for (i = 0; i < v->nclaims; i++) {
		const struct ground_claim *c = &v->claim[i];
		bool part = c->at_len > 0;

		if (c->reason == GROUND_SUPPORTED)
			continue;
		v->is_supported = false;
		v->reason = ground_reason_text(c->reason);
		v->why = xformat("sentence %zu: %s: \"%.*s\"", i + 1, v->reason,
		    (int)(part ? c->at_len : c->len),
		    answer + (part ? c->at : c->start));
		return;
	}
	v->is_supported = true;
	v->reason = ground_reason_text(GROUND_SUPPORTED);
	v->why = xstrdup(v->reason);
}

int
ground_check(struct grounder *g, const struct ground_input *in,
    const char *answer, struct ground_verdict *ret)
{
	const struct sources_by by = { g->meanings, g->analyser, g->kept };
	struct check k = { 0 };
	struct sources s;
	size_t len = strlen(answer), i;

	if (!utf8_valid(answer, len))
		return err_set(ERR_DATA, "the answer is not UTF-8");
	k.language = language_of(answer, in);
	sources_read(&s, &by, in, k.language);
	claims_read(&k.a, g->meanings, g->analyser, answer, len, k.language);
	if (in->called != NULL)
		check_called(&k.a, in->called);
	k.s = &s;
	k.is_translated = is_translated(&s, k.language);
	check_weigh(&k);
	memset(ret, 0, sizeof(*ret));
	ret->is_translated = k.is_translated;
	ret->nclaims = k.a.nsentences;
	ret->claim = xcalloc(ret->nclaims + 1, sizeof(*ret->claim));
	for (i = 0; i < ret->nclaims; i++)
		check_sentence(&k, i, &ret->claim[i]);
	explain(&k, answer, ret);
	claims_release(&k.a);
	free(k.terms);
	free(k.weight);
	free(k.found);
	free(k.where);
	free(k.mark);
	sources_release(&s);
	return 0;
}

void
ground_release(struct ground_verdict *v)
{
	free(v->claim);
	free(v->why);
	memset(v, 0, sizeof(*v));
}
