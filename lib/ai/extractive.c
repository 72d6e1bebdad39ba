/*
 * extractive - an answer in the documents' own words, without a model
 *
 * For each of the best passages the chance that it is of the section that
 * answers is told from a few marks, by logistic regression; the likeliest is
 * quoted if its chance is good enough, or there is no answer. The words to
 * quote are chosen by how much of the question each sentence, item or row
 * holds.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "ai/extractive.h"
#include "ai/lexicon.h"
#include "ai/numbered.h"
#include "ai/said.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ground/claims.h"
#include "ground/meanings.h"
#include "kb/chunk.h"
#include "kb/question.h"

#define LOOK_AT 12     /* passages */
#define LOOK_DEPTH 200 /* passages that are ranked to find them */
#define SENTENCES_MAX 3
#define UNITS_MAX 400	 /* of a passage; the rest is not looked at */
#define SOLE_FROM 0.2	 /* chance, of the only section that can answer */
#define ITSELF 0.82	 /* strength of a word, not of what is like it */
#define SOLE_COVERS 0.8	 /* share of the question: synonyms will do */
#define FOLLOW_FROM 0.2	 /* chance, of what goes on from what was said */
#define MISSING_MOST 0.5 /* so many missing: something beside it */
#define FOLLOW_MISSING_MOST 0.67
#define TITLE_COUNTS 0.8   /* a word found in the title alone */
#define GAP_MAX 8.0	   /* in score; a wider one says no more */
#define EVIDENCE_WORDS 4.0 /* as rare as can be; more say no more */
#define CARRIED_LEAST 0.5  /* share in what is quoted */
#define PRICED_LEAST 0.45  /* share of the things whose price is asked for */
#define DAY_STRENGTH 0.8   /* of a day that is in a range that is told */
#define MONDAY 2	   /* bits of days, see ground/claims.h */
#define SUNDAY 128
#define WEEK 254
#define STEM_MIN_BYTES 4
#define SPEAKS_OF_IT 0.1   /* weight, of a sentence that has "costs" */
#define HEADING_TELLS 0.55 /* share in the headings: quote from the top */

/* A sentence, an item or a row. */
struct unit {
	const char *text;
	size_t len;
	size_t block; /* its number in the passage */
	char kind;
	double weight; /* of the question's concepts in it */
	struct found *found;
};

/* What tells whether a passage answers; each about 0 to 1. */
enum mark {
	HEADING,       /* how well the innermost one says the same */
	HEADING_ASKED, /* share of it that is in the question */
	WORDS,	       /* BM25 */
	EVIDENCE,      /* how much is found at all, in rare words */
	MISSING,       /* share of the words that ask that are not found */
	GAP,	       /* in score to another section, as far as all is found */
	MARKS
};

/*
 * Fitted by logistic regression on the passages looked at for questions that
 * two sets of documents, a FAQ and a shop's help pages, answer or do not.
 */
static const double mark_weights[MARKS] = {
	[HEADING] = 1.33,
	[HEADING_ASKED] = 0.99,
	[WORDS] = 5.24,
	[EVIDENCE] = 2.28,
	[MISSING] = -2.18,
	[GAP] = 3.46,
};
#define MARKS_NONE (-4.78) /* the sum with no mark at all */

struct view {
	const struct kb_hit *hit;
	double mark[MARKS];
	double chance;	  /* that it is of the section that answers */
	double coverage;  /* share of the question in title, headings, body */
	double heading;	  /* share of the question in the headings */
	double things;	  /* share of what it asks about, without what of it */
	bool has_word;	  /* of the question, not only a number */
	bool has_thing;	  /* one of those that are asked about */
	bool names_thing; /* one of them by its own name, no part of it */
	bool is_other;	  /* about another thing of a name than is asked for */
	bool is_other_kind; /* the room of "family room", and no family */
	struct found *headings;
	struct unit *unit;
	size_t units;
	/* Of the question's concepts those that the customer asks for now, not
	 * what was said before; NULL: all. Borrowed. */
	const bool *own;
};

static const struct meanings *
words_known(void)
{
	static struct meanings *meanings;

	if (meanings == NULL)
		meanings = meanings_new();
	return meanings;
}

static double
weight_of(const struct question *q, const struct found *found)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < q->count; i++)
	sum += q->concept[i].weight * found[i].strength;
	return sum;
}

static bool
counts(const struct concept *c)
{
	return !c->is_common && !c->is_context;
}

/* Whether it says what is asked about, not what of it. */
static bool
names(const struct concept *c)
{
	return counts(c) && c->is_thing && !c->is_weak;
}

/* Whether a word is digits alone. */
static bool
is_number(const char *word)
{
	return word[strspn(word, "0123456789.,")] == '\0';
}

/* Whether the words of a concept are all of lists: "how much", "cost". */
static bool
is_listed(const struct question *q, const struct concept *c,
    enum lexicon_list one, enum lexicon_list other)
{
	struct lexicon_text t = { .text = c->word,
		.languages = { q->language } };
	const char *p = c->word;
	size_t n, m;

	while (*p != '\0') {
		n = lexicon_at(&t, p, one);
		m = lexicon_at(&t, p, other);
		n = n > m ? n : m;
		if (n == 0)
			return false;
		p += n;
		p += *p == ' ';
	}
	return true;
}

/* Whether it says which thing is asked about, or which of its kind: "lead" of
 * "the lead course". */
static bool
is_told(const struct question *q, const struct concept *c)
{
	return counts(c) && (c->is_thing || (c->is_weak && !c->is_opening)) &&
	    !is_number(c->word) &&
	    !is_listed(q, c, LEXICON_ASKING, LEXICON_ATTRIBUTE) &&
	    !is_listed(q, c, LEXICON_PRICE, LEXICON_GETTING);
}

/* Whether it is one of the things that are asked about, and not what of them. */
static bool
is_asked_about(const struct question *q, const struct concept *c)
{
	return names(c) && is_told(q, c);
}

static bool
asks_a_price(const struct question *q)
{
	struct lexicon_text t = { .languages = { q->language } };
	const char *p;
	size_t i;

	for (i = 0; i < q->count; i++) {
		t.text = q->concept[i].word;
		for (p = t.text; p != NULL && !q->concept[i].is_context;
		     p = strchr(p, ' ')) {
			p += *p == ' ';
			if (lexicon_at(&t, p, LEXICON_PRICE) > 0)
				return true;
		}
	}
	return false;
}

bool
extract_has_money(const char *text)
{
	static const char *const signs[] = { "€", "$", "£", "¥", "₹", "₺", "元",
		"円", "euro", "dollar", "dolar", "pound", "libra", "livre",
		"sterlin", "lira", "rupiah", "रुपये", "रुपए", "ريال", "درهم",
		"دينار", "دراهم", "دنانير", "جنيه", "ليرة", "руб", "reais",
		"real", "peso", "zł", "franc", "frank", "rp", "chf", "eur",
		"usd", "gbp", NULL };
	char *folded = utf8_fold(text, strlen(text)), *sign;
	bool found = false;
	const char *p;
	size_t i;

	for (i = 0; signs[i] != NULL && !found; i++) {
		sign = utf8_fold(signs[i], strlen(signs[i]));
		for (p = strstr(folded, sign); p != NULL && !found;
		     p = strstr(p + 1, sign)) {
			const char *next = p + strlen(sign), *before = p;

			while (before > folded && before[-1] == ' ')
				before--;
			next += strspn(next, " ");
			found = (before > folded &&
				    isdigit((unsigned char)before[-1])) ||
			    isdigit((unsigned char)*next);
		}
		free(sign);
	}
	free(folded);
	return found;
}

/* --- looking at a passage --- */

static void
add_unit(struct kb *kb, const struct question *q, struct view *v,
    const char *text, size_t len, size_t block, char kind)
{
	struct unit *u;

	while (len > 0 && strchr(" \n", text[len - 1]) != NULL)
		len--;
	if (len == 0 || v->units == UNITS_MAX)
		return;
	v->unit = xrealloc(v->unit, (v->units + 1) * sizeof(*v->unit));
	u = &v->unit[v->units++];
	u->text = text;
	u->len = len;
	u->block = block;
	u->kind = kind;
	u->found = xcalloc(q->count + 1, sizeof(*u->found));
	question_find_text(kb, q, text, len, v->hit->language, u->found);
	u->weight = weight_of(q, u->found);
}

/* The bytes of an item: its line and the indented ones below. */
static size_t
item_length(const char *text, size_t len)
{
	size_t at = 0;
	const char *nl;

	while (at < len) {
		nl = memchr(text + at, '\n', len - at);
		if (nl == NULL)
			return len;
		at = (size_t)(nl - text) + 1;
		if (at + 4 > len || strncmp(text + at, "    ", 4) != 0)
			return at;
	}
	return at;
}

static void
split_units(struct kb *kb, const struct question *q, struct view *v)
{
	const char *p = v->hit->text, *end;
	const char *shape = v->hit->shape;
	size_t block, len, n;

	for (block = 0; *p != '\0'; block++) {
		char kind =
		    shape[block] != '\0' ? shape[block] : BLOCK_PARAGRAPH;

		end = strstr(p, "\n\n");
		len = end != NULL ? (size_t)(end - p) : strlen(p);
		while (len > 0) {
			if (kind == BLOCK_PARAGRAPH)
				n = sentence_length(p, len);
			else if (kind == BLOCK_CODE)
				n = len;
			else
				n = item_length(p, len);
			add_unit(kb, q, v, p, n, block, kind);
			p += n;
			len -= n;
		}
		if (end == NULL || shape[block] == '\0')
			break;
		p = end + 2;
	}
}

/* --- days of the week --- */

/* What a folded word means of one kind; NULL: nothing. */
static const struct meaning *
meaning_of(const char *language, const char *word, enum meaning_kind kind)
{
	const struct meanings *l = words_known();
	const struct meaning *m = meanings_find(l,
	    meanings_language(l, language), word, strlen(word));

	while (m != NULL && m->kind != kind)
		m = meanings_next(l, m);
	return m;
}

/* The days of the week that a folded word names, Monday is 2; 0: none. */
static uint16_t
days_of_word(const char *language, const char *word)
{
	const struct meaning *m = meaning_of(language, word, MEANING_WEEKDAY);

	return m != NULL ? (uint16_t)m->value : 0;
}

/* From the first day of one to the last of the other, over Sunday too. */
static uint16_t
days_between(uint16_t from, uint16_t to)
{
	uint16_t day = from & (uint16_t)-from, days = day;

	while ((days & to) != to && days != WEEK) {
		day = day == SUNDAY ? MONDAY : (uint16_t)(day << 1);
		days |= day;
	}
	return days;
}

/* Those that a text tells of: by name, in a range, or all of them ("daily"). */
static uint16_t
days_told(struct analyser *a, const char *language, const char *text,
    size_t len)
{
	const int64_t daily =
	    meanings_value("daily", strlen("daily")) | MEANING_HELD_BIT;
	struct claims c;
	uint16_t days = 0;
	size_t i;

	claims_read(&c, words_known(), a, text, len, language);
	for (i = 0; i < c.nclaims; i++)
		if (c.claim[i].kind == CLAIM_WEEKDAY)
			days |= c.claim[i].until > 0 ?
			    days_between(c.claim[i].days,
				c.claim[c.claim[i].until - 1].days) :
			    c.claim[i].days;
	for (i = 0; i < c.nwords; i++)
		if (claim_word_like(&c.word[i], daily))
			days = WEEK;
	claims_release(&c);
	return days;
}

/* "On Thursdays?" is told by "Tuesday to Friday", and Saturdays by weekends. */
static void
find_days(const struct question *q, struct view *v)
{
	struct analyser *a = NULL;
	struct found *found;
	uint16_t day;
	size_t i, k;

	for (i = 0; i < q->count; i++) {
		day = days_of_word(v->hit->language, q->concept[i].word);
		for (k = 0; day != 0 && k < v->units; k++) {
			found = &v->unit[k].found[i];
			if (a == NULL)
				a = analyser_new();
			if (found->strength > 0 ||
			    (days_told(a, v->hit->language, v->unit[k].text,
				 v->unit[k].len) &
				day) == 0)
				continue;
			found->strength = DAY_STRENGTH;
			v->unit[k].weight = weight_of(q, v->unit[k].found);
		}
	}
	analyser_free(a);
}

/* Whether the word that says which kind stands before the thing. */
static bool
names_kind_before(const char *language)
{
	return str_starts(language, "en") || str_starts(language, "de") ||
	    str_starts(language, "nl");
}

static void
look(struct kb *kb, const struct question *q, const struct kb_hit *hit,
    struct view *v)
{
	struct found *title = xcalloc(q->count + 1, sizeof(*title));
	double all = 0, own = 0, things = 0, strength, best, words;
	bool is_there, lacks_kind = false;
	size_t i, k, asks = 0, missing = 0;

	memset(v, 0, sizeof(*v));
	v->hit = hit;
	v->headings = xcalloc(q->count + 1, sizeof(*v->headings));
	question_find_text(kb, q, hit->title, strlen(hit->title), hit->language,
	    title);
	question_find_text(kb, q, hit->section, strlen(hit->section),
	    hit->language, v->headings);
	split_units(kb, q, v);
	find_days(q, v);
	for (i = 0; i < q->count; i++) {
		if (q->concept[i].is_common) {
			lacks_kind = false;
			continue;
		}
		best = v->headings[i].strength;
		for (k = 0; k < v->units; k++) {
			strength = v->unit[k].found[i].strength;
			if (strength > best)
				best = strength;
		}
		if ((best > 0 || title[i].strength > 0) &&
		    !is_number(q->concept[i].word))
			v->has_word = true;
		if (!counts(&q->concept[i]))
			continue;
		is_there = best > 0 || title[i].strength > 0;
		v->is_other_kind |=
		    is_there && lacks_kind && is_asked_about(q, &q->concept[i]);
		lacks_kind = !is_there && names_kind_before(hit->language) &&
		    is_asked_about(q, &q->concept[i]);
		if (is_asked_about(q, &q->concept[i])) {
			things += q->concept[i].need;
			v->has_thing |= best > 0;
			v->names_thing |= best >= ITSELF;
			v->things += q->concept[i].need *
			    (best > 0 || title[i].strength > 0);
		}
		own += q->concept[i].need * best;
		strength = title[i].strength * TITLE_COUNTS;
		if (strength < best)
			strength = best;
		all += q->concept[i].need * strength;
		if (!q->concept[i].is_weak) {
			asks++;
			missing += strength == 0;
		}
	}
	v->things = things > 0 ? v->things / things : 1;
	v->heading = question_coverage(q, v->headings);
	v->coverage = all / q->weight;
	v->mark[HEADING] = hit->feature[KB_HEADING];
	v->mark[HEADING_ASKED] = hit->feature[KB_HEADING_ASKED];
	v->mark[WORDS] = hit->feature[KB_WORDS];
	words = own / q->rarest;
	v->mark[EVIDENCE] = words < EVIDENCE_WORDS ? words / EVIDENCE_WORDS : 1;
	v->mark[MISSING] = asks > 0 ? (double)missing / (double)asks : 0;
	free(title);
}

static void
view_release(struct view *v)
{
	size_t i;

	for (i = 0; i < v->units; i++)
		free(v->unit[i].found);
	free(v->unit);
	free(v->headings);
}

/* --- choosing words --- */

/* The weight of the concepts in units from to to, each counted once. */
static double
window_weight(const struct question *q, const struct view *v, size_t from,
    size_t to)
{
	double sum = 0, best;
	size_t i, k;

	for (i = 0; i < q->count; i++) {
		best = 0;
		for (k = from; k < to; k++)
			if (v->unit[k].found[i].strength > best)
				best = v->unit[k].found[i].strength;
		sum += q->concept[i].weight * best;
	}
	return sum;
}

static void
add_units(struct buf *out, const struct view *v, size_t from, size_t to)
{
	const struct unit *u;
	size_t k;

	for (k = from; k < to; k++) {
		u = &v->unit[k];
		if (out->len > 0)
			buf_addc(out,
			    u->kind == BLOCK_PARAGRAPH && k > from &&
				    v->unit[k - 1].block == u->block ?
				' ' :
				'\n');
		buf_add(out, u->text, u->len);
	}
}

static size_t
block_begin(const struct view *v, size_t k)
{
	while (k > 0 && v->unit[k - 1].block == v->unit[k].block)
		k--;
	return k;
}

static size_t
block_end(const struct view *v, size_t k)
{
	size_t block = v->unit[k].block;

	while (k < v->units && v->unit[k].block == block)
		k++;
	return k;
}

/* The sentence that introduces a list or table, if it does: ends in ":". */
static bool
introduces(const struct view *v, size_t k)
{
	const struct unit *u = &v->unit[k];

	return u->kind == BLOCK_PARAGRAPH && u->text[u->len - 1] == ':';
}

/* A list whole, or as much of it as may be said, with what introduces it. */
static void
quote_list(struct buf *out, const struct view *v, size_t at)
{
	size_t from = block_begin(v, at), to = block_end(v, at), bytes = 0, k;

	if (from > 0 && introduces(v, from - 1))
		add_units(out, v, from - 1, from);
	for (k = from; k < to; k++) {
		bytes += v->unit[k].len + 1;
		if (bytes > EXTRACT_TEXT_MAX_BYTES)
			break;
	}
	/* Too long: from the item that was asked for. */
	if (k < to && at >= k) {
		from = at;
		k = at + SENTENCES_MAX < to ? at + SENTENCES_MAX : to;
	}
	add_units(out, v, from, k);
}

/* "to France and Spain": the rows of what the best one does not hold. */
static void
add_other_rows(struct buf *out, const struct question *q, const struct view *v,
    size_t at)
{
	size_t from = block_begin(v, at), to = block_end(v, at), i, k, n, row;
	char *copy;

	for (i = 0; i < q->count; i++) {
		if (!counts(&q->concept[i]) || q->concept[i].is_weak ||
		    v->unit[at].found[i].strength > 0 ||
		    v->headings[i].strength > 0)
			continue;
		for (k = from, n = 0, row = at; k < to; k++)
			if (v->unit[k].found[i].strength > 0) {
				n++;
				row = k;
			}
		if (n != 1)
			continue;
		copy = xstrndup(v->unit[row].text, v->unit[row].len);
		if (strstr(out->data, copy) == NULL)
			add_units(out, v, row, row + 1);
		free(copy);
	}
}

/* The rows that hold as much of the question as the best one does. */
static void
quote_rows(struct buf *out, const struct question *q, const struct view *v,
    size_t at)
{
	size_t from = block_begin(v, at), to = block_end(v, at), k, n = 0;
	double most = v->unit[at].weight;

	for (k = from; k < to; k++)
		n += v->unit[k].weight >= most - 1e-9;
	/* None stands out: what is above the table may say more. */
	for (k = from; k < to; k++)
		if (v->unit[k].weight >= most - 1e-9 &&
		    (n <= SENTENCES_MAX || n == to - from) &&
		    out->len + v->unit[k].len < EXTRACT_TEXT_MAX_BYTES)
			add_units(out, v, k, k + 1);
	if (out->len == 0)
		add_units(out, v, at, at + 1);
	add_other_rows(out, q, v, at);
}

/*
 * Words a sentence goes on with from the one before, in languages that have a
 * subject in each sentence: where none of them is in it, it stands alone. In
 * those that can leave it out ("Pesa 15 kilos.") it does so if it begins with
 * an article, too; of others that cannot be told.
 */
static const struct {
	const char *language, *articles, *words;
} going_on[] = {
	{ "en", NULL,
	    " it its they them their this that these those he she his her "
	    "there then here both either neither one ones otherwise also "
	    "instead so but however if after before until later earlier " },
	{ "de", NULL,
	    " er sie es ihn ihm ihr ihre ihren das dies diese dieser dieses "
	    "diesen dann danach davor dort da dabei dafur davon damit dazu "
	    "daran darin darauf sonst auch ausserdem aber falls wenn spater "
	    "fruher beide bis " },
	{ "fr", NULL,
	    " il elle ils elles ce c ca cela cette ces celui celle ceux celles "
	    "y leur leurs son sa ses puis ensuite sinon aussi mais si apres "
	    "avant plus tot tard " },
	{ "es", " el la los las un una ",
	    " este esta esto estos estas ese esa eso esos esas aquel aquella "
	    "ellos ellas ella ello su sus ambos ambas otro otra mismo misma "
	    "tambien ademas pero si entonces luego despues antes sino "
	    "ahi alli aqui " },
	{ "pt", " o a os as um uma ",
	    " este esta isto estes estas esse essa isso esses essas aquele "
	    "aquela ele ela eles elas seu sua seus suas ambos ambas outro outra "
	    "mesmo mesma tambem mas se entao depois antes senao ai ali aqui "
	    "dele dela nele nela " },
	{ "it", " il lo la i gli le un uno una l ",
	    " questo questa questi queste quello quella esso essa essi loro "
	    "suo sua suoi sue entrambi altro altra stesso stessa anche ma se "
	    "allora poi dopo prima altrimenti qui qua li ne ci " },
	{ "nl", NULL,
	    " hij zij ze het dit dat deze die er daar dan daarna daarvoor "
	    "daarvan anders ook maar als later eerder beide "
	    "tot " },
	{ "hi", NULL,
	    " यह ये वह वे वो इसका इसकी इसके इसे इसमें इनका इनकी इनके इन्हें "
	    "उसका उसकी उसके उसे उसमें उनका उनकी उनके उन्हें इस उस इन उन "
	    "वहाँ यहाँ फिर बाद पहले भी लेकिन अगर यदि तो दोनों अन्यथा नहीं " },
	{ "ar", NULL,
	    " هو هي هم هما هذا هذه ذلك تلك هناك هنا ثم بعد بعدها بعد ذلك قبل "
	    "قبلها قبله ايضا لكن ولكن اذا واذا كلاهما منه منها فيه فيها له لها "
	    "عنه عنها معه معها عليه عليها سعره سعرها ثمنه ثمنها والا " },
	{ "id", NULL,
	    " ini itu dia mereka tersebut ia keduanya nya kemudian lalu setelah "
	    "sesudah sebelum juga tapi tetapi namun jika kalau bila selain "
	    "harganya biayanya lamanya ukurannya tarifnya jaminannya " },
	{ "zh", NULL,
	    " 它 它们 他 她 这 這 那 该 該 此 其 之后 之後 以后 以後 之前 以前 "
	    "也 还 還 但 如果 然后 然後 另外 否则 否則 两者 兩者 " },
};

/* Whether the first of words, each between blanks, is one of list. */
static bool
begins_with(const char *words, const char *list)
{
	size_t len = words[0] != '\0' ? strcspn(words + 1, " ") + 2 : 0;
	char *first = xstrndup(words, len);
	bool is = len > 2 && strstr(list, first) != NULL;

	free(first);
	return is;
}

/* Whether the word at at of a sentence is one that goes on in other places
 * only: "Sie" is you, and "das" of "das Pfand" is the. */
static bool
is_of_its_own(const char *language, const char *text, const char *at)
{
	const char *p = at;
	size_t len;

	if (!str_starts(language, "de"))
		return false;
	if (at > text && (str_starts(at, "Sie ") || str_starts(at, "Ihr")))
		return true;
	if (!str_starts(at, "das ") && !str_starts(at, "Das "))
		return false;
	/* Adjectives may stand before the noun. */
	for (p = at + 4; *p >= 'a' && *p <= 'z'; p += len + 1) {
		len = strcspn(p, " ");
		if (p[len] == '\0' || len < 3 || p[len - 1] != 'e')
			return false;
	}
	return *p != '\0' && strchr(" .,(", *p) == NULL;
}

/* Whether a word of text is one of list, each between blanks. Those of signs
 * without blanks are looked for anywhere. */
static bool
has_one_of(const char *language, const char *text, const char *list)
{
	const char *p = text;
	bool has = false, joined = str_starts(language, "zh");
	char *word, *entry;
	size_t len;

	for (; joined && !has && *(list += strspn(list, " ")) != '\0';
	     list += len) {
		len = strcspn(list, " ");
		entry = xstrndup(list, len);
		has = strstr(text, entry) != NULL;
		free(entry);
	}
	for (; !joined && !has && (len = said_next_run(&p)) > 0; p += len) {
		word = utf8_fold(p, len);
		entry = xformat(" %s ", word);
		has = strstr(list, entry) != NULL &&
		    !is_of_its_own(language, text, p);
		free(entry);
		free(word);
	}
	return has;
}

static bool
stands_alone(const struct view *v, size_t k)
{
	char *text = xstrndup(v->unit[k].text, v->unit[k].len), *words;
	const char *list = NULL, *articles = NULL;
	bool alone;
	size_t i;

	for (i = 0; i < sizeof(going_on) / sizeof(going_on[0]); i++)
		if (str_starts(v->hit->language, going_on[i].language)) {
			list = going_on[i].words;
			articles = going_on[i].articles;
		}
	words = utf8_words(text);
	alone = list != NULL &&
	    (articles == NULL || begins_with(words, articles)) &&
	    !has_one_of(v->hit->language, text, list);
	free(words);
	free(text);
	return alone;
}

static bool
has_digit(const struct unit *u)
{
	size_t i;

	for (i = 0; i < u->len; i++)
		if (u->text[i] >= '0' && u->text[i] <= '9')
			return true;
	return false;
}

/* Whether concept i says which thing is asked about, and no heading has it. */
static bool
is_wanted(const struct question *q, const struct view *v, size_t i)
{
	return v->headings[i].strength == 0 &&
	    is_asked_about(q, &q->concept[i]) && (v->own == NULL || v->own[i]);
}

/* Whether the headings have all that is asked about, in words of which the
 * sentences may have some only: "the tour by rail car" under "Tour by steam
 * train". */
static bool
is_all_in_headings(const struct question *q, const struct view *v)
{
	size_t i, n = 0;

	for (i = 0; i < q->count; i++) {
		if (is_wanted(q, v, i))
			return false;
		n += is_told(q, &q->concept[i]);
	}
	return n > 1 && v->own == NULL;
}

/* Whether a sentence must have concept i to say all. */
static bool
must_have(const struct question *q, const struct view *v, size_t i)
{
	return is_wanted(q, v, i) ||
	    (is_told(q, &q->concept[i]) && is_all_in_headings(q, v));
}

/* The concept that says most of which thing is asked about; q->count: none
 * does. */
static size_t
key_in_text(const struct question *q, const struct view *v)
{
	size_t best = q->count, i;

	for (i = 0; i < q->count; i++)
		if (must_have(q, v, i) &&
		    (best == q->count ||
			q->concept[i].need > q->concept[best].need))
			best = i;
	return best;
}

static bool
has_money(const struct unit *u)
{
	char *text = xstrndup(u->text, u->len);
	bool has = extract_has_money(text);

	free(text);
	return has;
}

/* Whether a sentence has the figure that is asked for: where that is a price,
 * a sum of money, if the section has any. */
static bool
has_figure(const struct question *q, const struct view *v, size_t at)
{
	bool any = false;
	size_t k;

	if (!has_digit(&v->unit[at]))
		return false;
	if (!asks_a_price(q) || has_money(&v->unit[at]))
		return true;
	for (k = 0; k < v->units && !any; k++)
		any = has_money(&v->unit[k]);
	return !any;
}

/* Whether a sentence with a figure has all that the section says of the thing:
 * others beside it are about other things. */
static bool
says_all(const struct question *q, const struct view *v, size_t at)
{
	size_t i, k;

	if (v->unit[at].kind != BLOCK_PARAGRAPH || !has_figure(q, v, at))
		return false;
	for (i = 0; i < q->count; i++)
		for (k = 0; must_have(q, v, i) && k < v->units; k++)
			if (v->unit[k].found[i].strength >
			    v->unit[at].found[i].strength + 1e-9)
				return false;
	return true;
}

/* Whether a sentence names a thing that the other does not. */
static bool
has_own_thing(const struct view *v, size_t k, size_t other)
{
	struct reader r = { analyser_new(), NULL, v->hit->language, NULL };
	char *text = xstrndup(v->unit[k].text, v->unit[k].len),
	     *beside = utf8_fold(v->unit[other].text, v->unit[other].len);
	struct said s;
	bool has = false;
	size_t i;

	said_read(&r, text, &s);
	for (i = 0; i < s.words.count && !has; i++)
		has = s.words.word[i].kind == THING &&
		    strstr(beside, s.words.word[i].folded) == NULL;
	said_release(&s);
	analyser_free(r.analyser);
	free(text);
	free(beside);
	return has;
}

/* Whether a sentence has concept i and another one has not. */
static bool
lacks(const struct view *v, size_t has, size_t other, size_t i)
{
	return v->unit[has].found[i].strength > 0 &&
	    v->unit[other].found[i].strength == 0;
}

/* Whether a sentence beside the one that says all has figures of other things;
 * not where either goes on from the other. */
static bool
is_beside(const struct question *q, const struct view *v, size_t all, size_t k)
{
	const struct concept *c;
	bool is_other = false, is_kin = false, is_counted = false;
	size_t i;

	if (!has_digit(&v->unit[k]))
		return false;
	for (i = 0; i < q->count && !is_kin; i++)
		is_kin = is_told(q, &q->concept[i]) &&
		    v->unit[k].found[i].strength > 0;
	/* What the heading names need not be said again, but by those of the
	 * same kind. */
	for (i = 0; i < q->count; i++) {
		c = &q->concept[i];
		is_other |= lacks(v, all, k, i) &&
		    ((names(c) && v->headings[i].strength == 0) ||
			(is_kin && is_told(q, c)));
		is_counted |= lacks(v, all, k, i) && is_kin && counts(c) &&
		    is_number(c->word);
	}
	return (is_counted ||
		   (is_other &&
		       (v->own != NULL || has_own_thing(v, k, all)))) &&
	    stands_alone(v, k);
}

/* What a sentence has of what is asked, beside words that every question has;
 * where a price is asked for one that speaks of it says it rather than another
 * sum. */
static double
asked_weight(const struct question *q, const struct view *v, size_t k)
{
	struct lexicon_text t = { .languages = { v->hit->language } };
	double sum = 0;
	size_t i, len;
	char *text;

	for (i = 0; i < q->count; i++)
		if (counts(&q->concept[i]))
	sum += q->concept[i].weight * v->unit[k].found[i].strength;
	if (asks_a_price(q)) {
		text = xstrndup(v->unit[k].text, v->unit[k].len);
		t.text = utf8_words(text);
		free(text);
		if (lexicon_find(&t, t.text + 1, LEXICON_PRICE, &len) != NULL)
			sum += SPEAKS_OF_IT;
		free(t.text);
	}
	return sum;
}

/* Of the sentences the one that says all, if one does, in *ret: "how much" is
 * found with each price, and the thing says which. */
static bool
narrow(const struct question *q, const struct view *v, size_t key, size_t *ret)
{
	double most = -1, weight;
	size_t k;

	for (k = 0; key < q->count && k < v->units; k++) {
		if (v->unit[k].found[key].strength == 0 || !says_all(q, v, k))
			continue;
		weight = asked_weight(q, v, k);
		if (weight > most + 1e-9) {
			most = weight;
			*ret = k;
		}
	}
	return most >= 0;
}

/* Up to three sentences in a row, or the blocks they lead to. */
static void
quote_sentences(struct buf *out, const struct question *q, const struct view *v,
    bool from_top)
{
	size_t from, to, best_from = 0, best_to = 1, k;
	double weight, best = -1;
	bool alone;
	size_t key = key_in_text(q, v), all = 0;

	for (from = 0; from < v->units; from++) {
		if (v->unit[from].kind != BLOCK_PARAGRAPH)
			continue;
		for (to = from + 1;
		     to <= v->units && to - from <= SENTENCES_MAX; to++) {
			if (v->unit[to - 1].kind != BLOCK_PARAGRAPH)
				break;
			/* What is said first and shortly says it best. */
			weight = window_weight(q, v, from, to) -
			    0.02 * (double)(to - from) - 0.01 * (double)from;
			if (weight > best) {
				best = weight;
				best_from = from;
				best_to = to;
			}
		}
	}
	/* The heading asks the question: its first sentences answer it. */
	if (from_top && best_from < SENTENCES_MAX)
		best_from = 0;
	alone = !from_top && narrow(q, v, key, &all);
	if (alone) {
		best_from = all;
		best_to = all + 1;
	}
	/* A pronoun at the start needs the sentence before; one sentence alone
	 * rarely tells all, so the paragraph goes on while there is room. */
	for (k = best_to; k < v->units && k - best_from < SENTENCES_MAX &&
	     v->unit[k].kind == BLOCK_PARAGRAPH &&
	     (from_top || v->unit[k].block == v->unit[best_to - 1].block) &&
	     !(alone && is_beside(q, v, all, k));
	     k++)
		best_to = k + 1;
	if (best_to - best_from > SENTENCES_MAX)
		best_to = best_from + SENTENCES_MAX;
	while (best_from > 0 && best_to - best_from < SENTENCES_MAX &&
	    v->unit[best_from - 1].kind == BLOCK_PARAGRAPH &&
	    v->unit[best_from - 1].block == v->unit[best_from].block &&
	    !(alone && stands_alone(v, best_from) &&
		is_beside(q, v, all, best_from - 1)))
		best_from--;
	add_units(out, v, best_from, best_to);
	/* "Do it so:" is nothing without what follows. */
	if (introduces(v, best_to - 1) && best_to < v->units) {
		if (v->unit[best_to].kind == BLOCK_PARAGRAPH)
			add_units(out, v, best_to, best_to + 1);
		else if (v->unit[best_to].kind == BLOCK_CODE)
			add_units(out, v, best_to, best_to + 1);
		else {
			struct buf list = BUF_INIT(0);

			for (k = best_to; k < block_end(v, best_to) &&
			     list.len + v->unit[k].len < EXTRACT_TEXT_MAX_BYTES;
			     k++)
				add_units(&list, v, k, k + 1);
			buf_addc(out, '\n');
			if (list.len > 0)
				buf_add(out, list.data, list.len);
			buf_release(&list);
		}
	}
}

/* Whether the heading asks the question, and no sentence says the thing better:
 * of "Prices" the first ones are about something else. */
static bool
heading_tells(const struct question *q, const struct view *v)
{
	size_t key = key_in_text(q, v), all;

	return v->heading >= HEADING_TELLS && !narrow(q, v, key, &all);
}

static char *
quote(const struct question *q, const struct view *v)
{
	struct buf out = BUF_INIT(0);
	bool from_top = heading_tells(q, v);
	size_t at = 0, k;

	for (k = 1; k < v->units; k++)
		if (v->unit[k].weight > v->unit[at].weight + 1e-9)
			at = k;
	/* The heading tells all and the rows or items add nothing: the top. */
	if (from_top && v->unit[at].kind != BLOCK_ROWS)
		at = 0;
	switch (v->unit[at].kind) {
	case BLOCK_LIST:
		quote_list(&out, v, at);
		break;
	case BLOCK_ROWS:
		quote_rows(&out, q, v, at);
		break;
	case BLOCK_CODE:
		if (at > 0 && v->unit[at - 1].kind == BLOCK_PARAGRAPH)
			at--;
		add_units(&out, v, at,
		    at + 2 <= v->units &&
			    v->unit[at + 1 < v->units ? at + 1 : at].kind ==
				BLOCK_CODE ?
			at + 2 :
			at + 1);
		break;
	default:
		quote_sentences(&out, q, v, from_top);
	}
	return buf_detach(&out);
}

/* --- the answer --- */

static bool
same_section(const struct kb_hit *a, const struct kb_hit *b)
{
	return strcmp(a->document, b->document) == 0 &&
	    strcmp(a->section, b->section) == 0;
}

/* The chance of v, one of n. */
static void
judge(const struct view *views, size_t n, struct view *v)
{
	double gap = GAP_MAX, sum = MARKS_NONE;
	size_t i;

	for (i = 0; i < n; i++)
		if (!same_section(views[i].hit, v->hit) &&
		    v->hit->score - views[i].hit->score < gap)
			gap = v->hit->score - views[i].hit->score;
	v->mark[GAP] = v->coverage * gap / GAP_MAX;
	for (i = 0; i < MARKS; i++)
		sum += mark_weights[i] * v->mark[i];
	v->chance = 1 / (1 + exp(-sum));
}

/* What the question asks for and v does not hold, for people. */
static char *
why_not(const struct question *q, const struct view *v)
{
	struct buf missing = BUF_INIT(0);
	double strength;
	char *text;
	size_t i, k;

	for (i = 0; i < q->count; i++) {
		strength = v->headings[i].strength;
		for (k = 0; k < v->units && strength == 0; k++)
			strength = v->unit[k].found[i].strength;
		if (counts(&q->concept[i]) && strength == 0) {
			buf_adds(&missing, missing.len ? ", " : "");
			buf_adds(&missing, q->concept[i].word);
		}
	}
	text = xformat("the best passage has %d per cent of what is asked%s%s",
	    (int)(v->coverage * 100 + 0.5),
	    missing.len > 0 ? "; missing: " : "",
	    missing.len > 0 ? missing.data : "");
	buf_release(&missing);
	return text;
}

/* --- one of several of a name --- */

static bool
is_said_commonly(const struct question *q, const char *name)
{
	size_t i;

	for (i = 0; i < q->count; i++)
		if (q->concept[i].is_common &&
		    strcmp(q->concept[i].word, name) == 0)
			return true;
	return false;
}

/* Mark the views that are about another one of a name than text says. Returns
 * the one that none is about though others are there; NULL: none. The caller
 * frees. */
static char *
mark_others(const struct question *q, const char *text, struct view *views,
    size_t n)
{
	struct numbered named[NUMBERED_MAX];
	size_t count = numbered_find(text, named), i, k;
	unsigned in, all;
	char *whole, *unknown = NULL;

	for (i = 0; i < count; i++) {
		if (is_said_commonly(q, named[i].name))
			continue;
		for (all = 0, k = 0; k < n; k++) {
			whole = xformat("%s\n%s\n%s", views[k].hit->title,
			    views[k].hit->section, views[k].hit->text);
			in = numbered_in(&named[i], whole);
			views[k].is_other |= in == NUMBERED_OTHER;
			all |= in;
			free(whole);
		}
		if (all == NUMBERED_OTHER && unknown == NULL)
			unknown =
			    xformat("%s %s", named[i].name, named[i].number);
	}
	numbered_release(named, count);
	return unknown;
}

/* The same for what was said before, too. NULL, or why there is no answer. */
static char *
find_others(const struct question *q, const char *text,
    const char *const *context, struct view *views, size_t n)
{
	char *unknown, *why = NULL;

	for (; context != NULL && *context != NULL; context++)
		free(mark_others(q, *context, views, n));
	unknown = mark_others(q, text, views, n);
	if (unknown != NULL)
		why = xformat("no passage is about %s, only about others of "
			      "that name",
		    unknown);
	free(unknown);
	return why;
}

/* Whether it asks about several things: "the hut and the deposit", "with
 * breakfast". */
static bool
joins(const struct question *q, const char *language)
{
	struct lexicon_text t = { .languages = { language } };
	bool has = false;
	size_t i;

	for (i = 1; i < q->count && !has; i++) {
		t.text = q->concept[i].word;
		has = lexicon_at(&t, t.text, LEXICON_LINK) == strlen(t.text) ||
		    meaning_of(language, t.text, MEANING_WITH) != NULL;
	}
	return has;
}

/* The length of a number at p, and where the word behind it begins in *ret. */
static size_t
number_before_word(const char *p, const char **ret)
{
	size_t len = strspn(p, "0123456789");

	*ret = p + len + (p[len] == ' ');
	return len;
}

/*
 * Whether v counts by the word behind a number that is asked for, and never by
 * that number: "12 months" and "24 months" are not what costs 36.
 */
static bool
is_of_another_number(const struct question *q, const struct view *v)
{
	const struct concept *number, *by;
	const char *p, *word;
	bool same = false, other = false;
	size_t i, k, len, stem;
	char *text;

	for (i = 0; i + 1 < q->count; i++) {
		number = &q->concept[i];
		by = &q->concept[i + 1];
		stem = strlen(by->word);
		if (!counts(number) || !is_number(number->word) ||
		    by->is_common || stem < STEM_MIN_BYTES)
			continue;
		stem -= stem > STEM_MIN_BYTES;
		for (k = 0; k < v->units; k++) {
			text = utf8_fold(v->unit[k].text, v->unit[k].len);
			for (p = text; *p != '\0'; p += len > 0 ? len : 1) {
				len = number_before_word(p, &word);
				if (len == 0 ||
				    strncmp(word, by->word, stem) != 0)
					continue;
				if (len == strlen(number->word) &&
				    strncmp(p, number->word, len) == 0)
					same = true;
				else
					other = true;
			}
			free(text);
		}
	}
	return other && !same;
}

/* Whether one of the sentences with a figure has all of the things in wanted. */
static bool
is_in_one(const struct question *q, const struct view *v, const bool *wanted)
{
	bool has = false;
	size_t i, k;

	for (k = 0; k < v->units && !has; k++) {
		has = has_digit(&v->unit[k]);
		for (i = 0; i < q->count && has; i++)
			has = !wanted[i] || v->unit[k].found[i].strength > 0;
	}
	return has;
}

/*
 * Whether v has prices of the things that are asked about one by one, and none
 * of all together: the ten classes of salsa, and one of flamenco, are not "ten
 * classes of flamenco".
 */
static bool
is_scattered(const struct question *q, const struct view *v)
{
	bool wanted[CONCEPTS_MAX] = { false }, one[CONCEPTS_MAX];
	size_t i, k, apart = 0;

	if (v->own != NULL || joins(q, v->hit->language))
		return false;
	for (i = 0; i < q->count; i++)
		for (k = 0; k < v->units && !wanted[i]; k++)
			wanted[i] = v->headings[i].strength == 0 &&
			    is_told(q, &q->concept[i]) &&
			    v->unit[k].found[i].strength > 0;
	if (is_in_one(q, v, wanted))
		return false;
	for (i = 0; i < q->count; i++) {
		memset(one, 0, sizeof(one));
		one[i] = true;
		apart += wanted[i] && is_in_one(q, v, one);
	}
	return apart > 1;
}

/* Whether v is about what is asked about: without any of it, or with less than
 * half where a price is asked for, it tells of something else. */
static bool
is_about(const struct question *q, const struct view *v, bool priced)
{
	return priced ? v->things >= PRICED_LEAST && !v->is_other_kind &&
		!is_scattered(q, v) && !is_of_another_number(q, v) :
			v->things > 0;
}

/* Whether v has all that is asked, and no other section has any of the things
 * that are asked about: a smaller chance will do, for few words can have no
 * great one. A price is of the thing itself, not of one like it. */
static bool
is_sole(const struct view *views, size_t n, const struct view *v, bool priced)
{
	size_t i;

	if (v->mark[MISSING] > 0 || v->coverage < SOLE_COVERS ||
	    !(priced ? v->names_thing : v->has_thing))
		return false;
	for (i = 0; i < n; i++)
		if (!same_section(views[i].hit, v->hit) && views[i].has_thing)
			return false;
	return true;
}

/* The view to quote, of a chance of least or more and less than missing of the
 * words, or NULL with *refusal set. */
static const struct view *
choose(const struct question *q, struct view *views, size_t n, double least,
    double missing, char **refusal)
{
	const struct view *best = NULL;
	const bool priced = asks_a_price(q);
	bool has_word = false;
	size_t i;

	if (n == 0) {
		*refusal = xstrdup("no passage has any of its words");
		return NULL;
	}
	for (i = 0; i < n; i++) {
		judge(views, n, &views[i]);
		has_word |= views[i].has_word;
		if (views[i].units > 0 && views[i].has_word &&
		    !views[i].is_other && views[i].mark[MISSING] < missing &&
		    is_about(q, &views[i], priced) &&
		    (best == NULL || views[i].chance > best->chance))
			best = &views[i];
	}
	if (best != NULL &&
	    best->chance >=
		(is_sole(views, n, best, priced) ? SOLE_FROM : least))
		return best;
	*refusal = has_word || views[0].coverage <= 0 ?
	    why_not(q, &views[0]) :
	    xstrdup("the passages have nothing of it but a number");
	return NULL;
}

static void
add_source(struct extract_answer *a, const struct kb_hit *h, bool quoted)
{
	struct extract_source *s = &a->sources[a->nsources++];

	s->passage = xstrdup(h->passage);
	s->document = xstrdup(h->document);
	s->title = xstrdup(h->title);
	s->source = xstrdup(h->source);
	s->section = xstrdup(h->section);
	s->score = h->score;
	s->quoted = quoted;
}

/* Which concepts of q are of own, in *ret, which the caller frees; NULL: none
 * of them says what is asked about. 0 or an ERR. */
static int
find_own(struct kb *kb, const struct question *q, const char *own, bool **ret)
{
	struct question *last = NULL;
	bool *is = xcalloc(q->count + 1, sizeof(*is)), any = false;
	size_t i, k;
	int code = question_parse(kb, own, NULL, &last);

	for (i = 0; code == 0 && i < q->count; i++) {
		for (k = 0; k < last->count && !is[i]; k++)
			is[i] = strcmp(q->concept[i].word,
				    last->concept[k].word) == 0;
		any |= is[i] && is_asked_about(q, &q->concept[i]);
	}
	question_free(last);
	if (!any) {
		free(is);
		is = NULL;
	}
	*ret = is;
	return code;
}

/* As extractive_answer(), by the bars of choose(). */
static int
answer_from(double least, double missing, struct kb *kb, const char *question,
    const char *own, const char *const *context, const struct kb_query *filter,
    struct extract_answer *ret)
{
	struct kb_query want = { .text = NULL };
	struct extract_answer a = { .text = NULL };
	struct view views[LOOK_AT];
	const struct view *best = NULL;
	struct question *q = NULL;
	struct kb_hits *hits = NULL;
	bool *is_own = NULL;
	size_t i, n = 0;
	int code;

	if (filter != NULL)
		want = *filter;
	want.text = question;
	want.context = context;
	want.limit = LOOK_AT;
	want.depth = LOOK_DEPTH;
	want.ranking = KB_RANK_PAGES;
	code = kb_search(kb, &want, &hits);
	if (code == 0)
		code = question_parse(kb, question, context, &q);
	if (code == 0 && own != NULL)
		code = find_own(kb, q, own, &is_own);
	if (code < 0)
		goto out;
	if (q->weight <= 0)
		a.refusal = xstrdup("it names nothing to look for");
	else {
		for (n = 0; n < hits->count; n++) {
			look(kb, q, &hits->hit[n], &views[n]);
			views[n].own = is_own;
		}
		a.refusal = find_others(q, question, context, views, n);
		if (a.refusal == NULL)
			best = choose(q, views, n, least, missing, &a.refusal);
	}
	a.sources = xcalloc(LOOK_AT, sizeof(*a.sources));
	if (best != NULL) {
		a.text = quote(q, best);
		a.title = xstrdup(best->hit->title);
		a.source = xstrdup(best->hit->source);
		a.section = xstrdup(best->hit->section);
		a.language = xstrdup(best->hit->language);
		a.confidence = best->chance;
		a.passage = xstrdup(best->hit->text);
		a.shape = xstrdup(best->hit->shape);
		add_source(&a, best->hit, true);
	}
	for (i = 0; i < hits->count; i++)
		if (best == NULL || &hits->hit[i] != best->hit)
			add_source(&a, &hits->hit[i], false);
	code = best != NULL ? 0 :
			      err_set(ERR_NO, "the documents do not answer it");
	*ret = a;
	for (i = 0; i < n; i++)
		view_release(&views[i]);
out:
	free(is_own);
	question_free(q);
	kb_hits_free(hits);
	return code;
}

int
extractive_answer(struct kb *kb, const char *question,
    const char *const *context, const struct kb_query *filter,
    struct extract_answer *ret)
{
	return answer_from(EXTRACT_FROM, MISSING_MOST, kb, question, NULL,
	    context, filter, ret);
}

int
extractive_whole(struct kb *kb, const char *question, const char *own,
    const struct kb_query *filter, struct extract_answer *ret)
{
	return answer_from(EXTRACT_FROM, MISSING_MOST, kb, question, own, NULL,
	    filter, ret);
}

int
extractive_follow(struct kb *kb, const char *question, const char *own,
    const struct kb_query *filter, struct extract_answer *ret)
{
	return answer_from(FOLLOW_FROM, FOLLOW_MISSING_MOST, kb, question, own,
	    NULL, filter, ret);
}

/* Whether a says more of what is asked for than b: a thing before "how much". */
static bool
says_more(const struct concept *a, const struct concept *b)
{
	if (a->is_thing != b->is_thing)
		return a->is_thing;
	return a->need > b->need;
}

/* The concept that says most of what is asked for; q->count: none does. */
static size_t
key_of(const struct question *q)
{
	size_t best = q->count, i;

	for (i = 0; i < q->count; i++)
		if (counts(&q->concept[i]) && !q->concept[i].is_weak &&
		    (best == q->count ||
			says_more(&q->concept[i], &q -> concept[best])))
			best = i;
	return best;
}

static double
share(struct kb *kb, const struct question *q, const struct extract_answer *a,
    const char *body)
{
	struct found *found = xcalloc(q->count + 1, sizeof(*found));
	char *all = xformat("%s\n\n%s\n\n%s", a->title, a->section, body);
	double sum;

	question_find_text(kb, q, all, strlen(all), a->language, found);
	sum = question_coverage(q, found);
	free(all);
	free(found);
	return sum;
}

int
extractive_touches(struct kb *kb, const char *text,
    const struct extract_answer *a)
{
	struct question *q = NULL;
	struct found *found;
	const struct concept *c;
	char *all;
	size_t i;
	int code = question_parse(kb, text, NULL, &q);

	if (code < 0)
		return code;
	found = xcalloc(q->count + 1, sizeof(*found));
	all = xformat("%s\n\n%s\n\n%s", a->title, a->section, a->passage);
	question_find_text(kb, q, all, strlen(all), a->language, found);
	for (i = 0; i < q->count && code == 0; i++) {
		c = &q->concept[i];
		code = counts(c) && !c->is_weak && c->is_thing &&
		    found[i].strength > 0;
	}
	free(all);
	free(found);
	question_free(q);
	return code;
}

int
extractive_covers(struct kb *kb, const char *text,
    const struct extract_answer *a, struct extract_cover *ret)
{
	struct extract_cover c = { 0, 1, 1, true };
	struct question *q = NULL;
	struct found *found;
	char *all;
	size_t i;
	int code = question_parse(kb, text, NULL, &q);

	if (code < 0)
		return code;
	for (i = 0; i < q->count; i++)
	c.asks += counts(&q->concept[i]) && !q->concept[i].is_weak;
	if (q->weight > 0 && a != NULL) {
		c.quoted = share(kb, q, a, a->text);
		c.passage = share(kb, q, a, a->passage);
	}
	i = key_of(q);
	if (i < q->count && a != NULL) {
		found = xcalloc(q->count, sizeof(*found));
		all = xformat("%s\n\n%s", a->section, a->text);
		question_find_text(kb, q, all, strlen(all), a->language, found);
		c.carried = found[i].strength > 0 &&
		    question_coverage(q, found) >= CARRIED_LEAST;
		free(all);
		free(found);
	}
	question_free(q);
	*ret = c;
	return 0;
}

/* The units of v that have all that q asks for, as far as no heading has it. */
static void
more_units(struct buf *out, const struct question *q, const struct view *v,
    const char *said)
{
	size_t key = key_of(q), i, k, n = 0, last = 0;
	const struct unit *u;
	char *copy;
	bool has;

	for (k = 0; k < v->units; k++) {
		u = &v->unit[k];
		has = u->found[key].strength > 0;
		for (i = 0; i < q->count && has; i++)
		has = !counts(&q->concept[i]) || q->concept[i].is_weak ||
		    u->found[i].strength > 0 || v->headings[i].strength > 0;
		if (!has)
			continue;
		/* A table says it better than the sentence above it. */
		if (n > 0 && v->unit[last].kind != BLOCK_ROWS &&
		    u->kind == BLOCK_ROWS) {
			buf_reset(out);
			n = 0;
		} else if (n > 0 && u->kind != v->unit[last].kind)
			continue;
		copy = xstrndup(u->text, u->len);
		if (strstr(said, copy) == NULL && ++n <= SENTENCES_MAX) {
			add_units(out, v, k, k + 1);
			last = k;
		}
		free(copy);
	}
	/* So many: it is not said which. */
	if (n > SENTENCES_MAX)
		buf_reset(out);
}

int
extractive_more(struct kb *kb, const char *text, struct extract_answer *a)
{
	struct kb_hit hit = { .title = a->title,
		.section = a->section,
		.language = a->language,
		.text = a->passage,
		.shape = a->shape };
	struct buf more = BUF_INIT(0);
	struct question *q = NULL;
	struct view v = { .hit = NULL };
	char *both;
	int code = question_parse(kb, text, NULL, &q);

	if (code < 0)
		return code;
	if (key_of(q) < q->count) {
		look(kb, q, &hit, &v);
		more_units(&more, q, &v, a->text);
		view_release(&v);
	}
	question_free(q);
	if (more.len == 0)
		return err_set(ERR_NO, "its passage says no more of it");
	both =
	    xformat("%s%s%s", a->text, *a->text != '\0' ? "\n" : "", more.data);
	buf_release(&more);
	free(a->text);
	a->text = both;
	return 0;
}

void
extract_release(struct extract_answer *a)
{
	size_t i;

	for (i = 0; i < a->nsources; i++) {
		free(a->sources[i].passage);
		free(a->sources[i].document);
		free(a->sources[i].title);
		free(a->sources[i].source);
		free(a->sources[i].section);
	}
	free(a->sources);
	free(a->text);
	free(a->title);
	free(a->source);
	free(a->section);
	free(a->passage);
	free(a->shape);
	free(a->language);
	free(a->refusal);
	memset(a, 0, sizeof(*a));
}
