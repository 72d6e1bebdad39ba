/*
 * extractive - an answer in the documents' own words, without a model
 *
 * For each of the best passages the chance that it is of the section that
 * answers is told from a few marks, by logistic regression; the likeliest is
 * quoted if its chance is good enough, or there is no answer. The words to
 * quote are chosen by how much of the question each sentence, item or row
 * holds.
 */
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "ai/extractive.h"
#include "ai/lexicon.h"
#include "ai/numbered.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/chunk.h"
#include "kb/question.h"

#define LOOK_AT 12     /* passages */
#define LOOK_DEPTH 200 /* passages that are ranked to find them */
#define SENTENCES_MAX 3
#define UNITS_MAX 400	 /* of a passage; the rest is not looked at */
#define FOLLOW_FROM 0.2	 /* chance, of what goes on from what was said */
#define MISSING_MOST 0.5 /* so many missing: something beside it */
#define FOLLOW_MISSING_MOST 0.67
#define TITLE_COUNTS 0.8   /* a word found in the title alone */
#define GAP_MAX 8.0	   /* in score; a wider one says no more */
#define EVIDENCE_WORDS 4.0 /* as rare as can be; more say no more */
#define CARRIED_LEAST 0.5  /* share in what is quoted */
#define PRICED_LEAST 0.45  /* share of the things whose price is asked for */
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
	double chance;	 /* that it is of the section that answers */
	double coverage; /* share of the question in title, headings, body */
	double heading;	 /* share of the question in the headings */
	double things;	 /* share of what it asks about, without what of it */
	bool has_word;	 /* of the question, not only a number */
	bool is_other;	 /* about another thing of a name than is asked for */
	struct found *headings;
	struct unit *unit;
	size_t units;
};

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

/* Whether it is one of the things that are asked about, and not what of them. */
static bool
is_asked_about(const struct question *q, const struct concept *c)
{
	return names(c) && !is_number(c->word) &&
	    !is_listed(q, c, LEXICON_ASKING, LEXICON_ATTRIBUTE) &&
	    !is_listed(q, c, LEXICON_PRICE, LEXICON_GETTING);
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

static void
look(struct kb *kb, const struct question *q, const struct kb_hit *hit,
    struct view *v)
{
	struct found *title = xcalloc(q->count + 1, sizeof(*title));
	double all = 0, own = 0, things = 0, strength, best, words;
	size_t i, k, asks = 0, missing = 0;

	memset(v, 0, sizeof(*v));
	v->hit = hit;
	v->headings = xcalloc(q->count + 1, sizeof(*v->headings));
	question_find_text(kb, q, hit->title, strlen(hit->title), hit->language,
	    title);
	question_find_text(kb, q, hit->section, strlen(hit->section),
	    hit->language, v->headings);
	split_units(kb, q, v);
	for (i = 0; i < q->count; i++) {
		if (q->concept[i].is_common)
			continue;
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
		if (is_asked_about(q, &q->concept[i])) {
			things += q->concept[i].need;
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
	    "y en leur leurs son sa ses puis ensuite sinon aussi mais si apres "
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

static bool
stands_alone(const struct view *v, size_t k)
{
	char *text = xstrndup(v->unit[k].text, v->unit[k].len), *words, *p;
	const char *list = NULL, *articles = NULL;
	bool alone;
	size_t i, len;

	for (i = 0; i < sizeof(going_on) / sizeof(going_on[0]); i++)
		if (str_starts(v->hit->language, going_on[i].language)) {
			list = going_on[i].words;
			articles = going_on[i].articles;
		}
	words = utf8_words(text);
	free(text);
	alone =
	    list != NULL && (articles == NULL || begins_with(words, articles));
	for (p = words; alone && p[1] != '\0'; p += len) {
		len = strcspn(p + 1, " ") + 1;
		text = xstrndup(p, len + 1);
		alone = strstr(list, text) == NULL;
		free(text);
	}
	free(words);
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

/* The concept that says most of which thing is asked about, and no heading has;
 * q->count: none does. */
static size_t
key_in_text(const struct question *q, const struct view *v)
{
	size_t best = q->count, i;

	for (i = 0; i < q->count; i++)
		if (names(&q->concept[i]) && v->headings[i].strength == 0 &&
		    (best == q->count ||
			q->concept[i].need > q->concept[best].need))
			best = i;
	return best;
}

/* Whether a sentence with a figure has all that the section says of the thing:
 * others beside it are about other things. */
static bool
says_all(const struct question *q, const struct view *v, size_t at)
{
	size_t i, k;

	if (!has_digit(&v->unit[at]))
		return false;
	for (i = 0; i < q->count; i++)
		for (k = 0; names(&q->concept[i]) && k < v->units; k++)
			if (v->headings[i].strength == 0 &&
			    v->unit[k].found[i].strength >
				v->unit[at].found[i].strength + 1e-9)
				return false;
	return true;
}

/* Whether a sentence beside the one that says all has figures of other things;
 * not where either goes on from the other. */
static bool
is_beside(const struct question *q, const struct view *v, size_t all, size_t k)
{
	bool lacks = false;
	size_t i;

	for (i = 0; i < q->count; i++)
		lacks |= names(&q->concept[i]) &&
		    v->headings[i].strength == 0 &&
		    v->unit[all].found[i].strength > 0 &&
		    v->unit[k].found[i].strength == 0;
	return lacks && has_digit(&v->unit[k]) && stands_alone(v, k);
}

/* Of sentences from *from to *to the one that says all, if one does: "how much"
 * is found with each price, and the thing says which. */
static bool
narrow(const struct question *q, const struct view *v, size_t key, size_t *from,
    size_t *to)
{
	size_t k;

	for (k = *from; key < q->count && k < *to; k++)
		if (v->unit[k].found[key].strength > 0 && says_all(q, v, k)) {
			*from = k;
			*to = k + 1;
			return true;
		}
	return false;
}

/* Up to three sentences in a row, or the blocks they lead to. */
static void
quote_sentences(struct buf *out, const struct question *q, const struct view *v,
    bool from_top)
{
	size_t from, to, best_from = 0, best_to = 1, k;
	double weight, best = -1;
	bool alone;
	size_t key = key_in_text(q, v), all;

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
	alone = !from_top && narrow(q, v, key, &best_from, &best_to);
	all = best_from;
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
	size_t key = key_in_text(q, v), from = 0, to = v->units;

	return v->heading >= HEADING_TELLS && !narrow(q, v, key, &from, &to);
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

/* Whether v is about what is asked about: without any of it, or with less than
 * half where a price is asked for, it tells of something else. */
static bool
is_about(const struct view *v, bool priced)
{
	return v->things >= PRICED_LEAST || (!priced && v->things > 0);
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
		    is_about(&views[i], priced) &&
		    (best == NULL || views[i].chance > best->chance))
			best = &views[i];
	}
	if (best != NULL && best->chance >= least)
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

/* As extractive_answer(), by the bars of choose(). */
static int
answer_from(double least, double missing, struct kb *kb, const char *question,
    const char *const *context, const struct kb_query *filter,
    struct extract_answer *ret)
{
	struct kb_query want = { .text = NULL };
	struct extract_answer a = { .text = NULL };
	struct view views[LOOK_AT];
	const struct view *best = NULL;
	struct question *q = NULL;
	struct kb_hits *hits = NULL;
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
	if (code < 0)
		goto out;
	if (q->weight <= 0)
		a.refusal = xstrdup("it names nothing to look for");
	else {
		for (n = 0; n < hits->count; n++)
			look(kb, q, &hits->hit[n], &views[n]);
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
	question_free(q);
	kb_hits_free(hits);
	return code;
}

int
extractive_answer(struct kb *kb, const char *question,
    const char *const *context, const struct kb_query *filter,
    struct extract_answer *ret)
{
	return answer_from(EXTRACT_FROM, MISSING_MOST, kb, question, context,
	    filter, ret);
}

int
extractive_follow(struct kb *kb, const char *question,
    const struct kb_query *filter, struct extract_answer *ret)
{
	return answer_from(FOLLOW_FROM, FOLLOW_MISSING_MOST, kb, question, NULL,
	    filter, ret);
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
