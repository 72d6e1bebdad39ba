/* topic - what a conversation is about, and what of it a question carries */
#include <stdlib.h>
#include <string.h>

#include "ai/topic.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/phrases.h"
#include "kb/question.h"

#define AGE_MAX 2	   /* in questions; what is older is forgotten */
#define LOOK_AT 10	   /* passages */
#define NAME_STRENGTH 0.9  /* of a form: the word itself */
#define WORD_STRENGTH 0.1  /* or any that means the same */
#define CARRIED_LEAST 0.34 /* of the earlier words, if it is not sure */

/* What a passage is worth that has all of a group of words. */
#define OWN_WORTH 3.0
#define ASKED_WORTH 0.4 /* "how much": many passages have it */
#define TOPIC_WORTH 1.2
#define OLDER_WORTH 0.3
#define OURS_WORTH 0.4
#define HEAD_WORTH 0.6 /* for the innermost heading that has what is asked */
#define HOME_WORTH 0.3 /* it is of the document that was talked of */

/* --- topic --- */

static void
grow_old(struct words *topic)
{
	size_t i, n = 0;

	for (i = 0; i < topic->count; i++) {
		if (++topic->word[i].age > AGE_MAX) {
			word_release(&topic->word[i]);
			continue;
		}
		topic->word[n++] = topic->word[i];
	}
	topic->count = n;
}

static void
add_own(struct words *topic, const struct said *q)
{
	size_t i;

	for (i = 0; i < q->words.count; i++)
		if (q->words.word[i].kind != IDLE)
			words_copy(topic, &q->words.word[i], 0);
}

void
topic_replace(struct words *topic)
{
	size_t i;

	for (i = 0; i < topic->count; i++)
		if (topic->word[i].kind == THING || topic->word[i].kind == WEAK)
			topic->word[i].age++;
}

/* --- what goes together in the documents --- */

/* HEAD has no words: it is OWN once more, as far as the heading has it. */
enum group { OWN, ASKED, TOPIC, OLDER, OURS, HEAD, GROUPS };

static const double worth[GROUPS] = { OWN_WORTH, ASKED_WORTH, TOPIC_WORTH,
	OLDER_WORTH, OURS_WORTH, HEAD_WORTH };

struct match {
	struct kb_hits *hits;
	const struct kb_hit *best;
	double cover[GROUPS];
};

static void
add_word(struct buf *b, const struct word *w)
{
	if (b->len > 0)
		buf_addc(b, ' ');
	buf_adds(b, w->text);
}

static bool
is_topical(const struct word *w)
{
	return w->kind == THING || w->kind == WEAK;
}

static void
group_texts(const struct said *q, const struct words *topic, bool asked,
    struct buf text[GROUPS])
{
	const struct word *w;
	size_t i;

	for (i = 0; i < q->words.count; i++) {
		w = &q->words.word[i];
		if (w->kind != IDLE)
			add_word(&text[w->kind == THING ? OWN : ASKED], w);
	}
	for (i = 0; i < topic->count; i++) {
		w = &topic->word[i];
		if (is_topical(w))
			add_word(&text[w->is_ours   ? OURS :
					 w->age > 0 ? OLDER :
						      TOPIC],
			    w);
		else if (asked && w->age == 0)
			add_word(&text[ASKED], w);
	}
}

static char *
text_of(const struct kb_hit *h)
{
	return xformat("%s\n\n%s\n\n%s", h->title, h->section, h->text);
}

static const char *
innermost(const char *section)
{
	const char *next;

	while ((next = strstr(section, " > ")) != NULL)
		section = next + 3;
	return section;
}

/* The share of each group that h has. */
static void
cover_of(struct kb *kb, struct question *const group[GROUPS],
    const struct kb_hit *h, double cover[GROUPS])
{
	struct found found[CONCEPTS_MAX];
	char *text = text_of(h);
	const char *heading;
	size_t g;

	for (g = 0; g < GROUPS; g++) {
		cover[g] = 0;
		if (group[g] == NULL)
			continue;
		question_find_text(kb, group[g], text, strlen(text),
		    h->language, found);
		cover[g] = question_coverage(group[g], found);
	}
	if (group[OWN] != NULL) {
		heading = innermost(h->section);
		question_find_text(kb, group[OWN], heading, strlen(heading),
		    h->language, found);
		cover[HEAD] = question_coverage(group[OWN], found);
	}
	free(text);
}

/* Of a group as much as any passage has of it is all of it. home, and the
 * heading, count where another thing takes the place of the last. */
static const struct kb_hit *
best_of(const struct kb_hits *hits, double cover[LOOK_AT][GROUPS],
    const char *home, double ret_cover[GROUPS])
{
	double most[GROUPS] = { 0 }, sum, best_sum = -1;
	size_t best = 0, g, i;

	for (i = 0; i < hits->count; i++)
		for (g = 0; g < GROUPS; g++)
			if (cover[i][g] > most[g])
				most[g] = cover[i][g];
	for (i = 0; i < hits->count; i++) {
		for (g = 0, sum = 0; g < GROUPS; g++)
			if (most[g] > 0 && (g != HEAD || home != NULL))
				sum += worth[g] * cover[i][g] / most[g];
		if (home != NULL && strcmp(hits->hit[i].document, home) == 0)
			sum += HOME_WORTH;
		if (sum > best_sum + 1e-9) {
			best_sum = sum;
			best = i;
		}
	}
	if (hits->count == 0)
		return NULL;
	memcpy(ret_cover, cover[best], sizeof(cover[best]));
	return &hits->hit[best];
}

/* A question of words of language. */
static int
parse_words(struct kb *kb, const char *text, const char *language,
    struct question **ret)
{
	char *told;
	int code;

	/* Without kana they would be taken for Chinese. */
	if (strcmp(language, "ja") != 0)
		return question_parse(kb, text, NULL, ret);
	told = xformat("%s です", text);
	code = question_parse(kb, told, NULL, ret);
	free(told);
	return code;
}

/* The passage that has most of all groups. */
static int
match(struct kb *kb, const struct buf text[GROUPS], const char *language,
    const char *home, struct match *ret)
{
	struct question *group[GROUPS] = { NULL };
	struct kb_query want = { .limit = LOOK_AT, .ranking = KB_RANK_PAGES };
	struct buf all = BUF_INIT(0);
	double cover[LOOK_AT][GROUPS];
	size_t g, i;
	int code = 0;

	memset(ret, 0, sizeof(*ret));
	for (g = 0; g < GROUPS && code == 0; g++) {
		if (text[g].len == 0)
			continue;
		buf_add(&all, text[g].data, text[g].len);
		buf_addc(&all, ' ');
		code = parse_words(kb, text[g].data, language, &group[g]);
	}
	want.text = all.data;
	if (code == 0 && all.len > 0)
		code = kb_search(kb, &want, &ret->hits);
	if (code == 0 && ret->hits != NULL) {
		for (i = 0; i < ret->hits->count; i++)
			cover_of(kb, group, &ret->hits->hit[i], cover[i]);
		ret->best = best_of(ret->hits, cover, home, ret->cover);
	}
	for (g = 0; g < GROUPS; g++)
		question_free(group[g]);
	buf_release(&all);
	return code;
}

/* Whether text has the word, or one that means the same (least below 1). */
static bool
has_word(struct kb *kb, const char *text, const char *language,
    const struct word *w, double least)
{
	struct found found[CONCEPTS_MAX];
	struct question *q = NULL;
	bool has;
	size_t i;

	if (parse_words(kb, w->text, w->language, &q) < 0)
		return false;
	question_find_text(kb, q, text, strlen(text), language, found);
	/* A run without blanks is several: half a room is another room. */
	has = q->weight > 0;
	for (i = 0; i < q->count; i++)
	has &= q->concept[i].is_common || found[i].strength >= least;
	question_free(q);
	return has;
}

/* The longest part of p that begins there and is in text. */
static size_t
part_in(const char *text, const char *p, size_t *ret_signs)
{
	const char *end = p + strlen(p), *q = p;
	size_t len = 0;
	char *part;
	bool has = true;

	*ret_signs = 0;
	while (q < end && has) {
		q += utf8_character(q, end);
		part = xstrndup(p, (size_t)(q - p));
		has = strstr(text, part) != NULL;
		free(part);
		if (has) {
			len = (size_t)(q - p);
			++*ret_signs;
		}
	}
	return len;
}

/*
 * Cut a run of signs without blanks to what of it text has: what was one run
 * with the word that was replaced. One sign alone must be in the heading.
 */
static bool
cut_to(struct word *w, const char *text, const char *heading)
{
	char *folded = utf8_fold(text, strlen(text)),
	     *head = utf8_fold(heading, strlen(heading));
	const char *p, *end = w->folded + strlen(w->folded);
	struct buf b = BUF_INIT(0);
	size_t len, signs;

	for (p = w->folded; p < end;) {
		len = part_in(folded, p, &signs);
		if (signs == 1)
			len = part_in(head, p, &signs);
		if (len == 0) {
			p += utf8_character(p, end);
			continue;
		}
		if (b.len > 0)
			buf_addc(&b, ' ');
		buf_add(&b, p, len);
		p += len;
	}
	free(folded);
	free(head);
	if (b.len == 0)
		return false;
	word_release(w);
	w->text = buf_detach(&b);
	w->folded = xstrdup(w->text);
	return true;
}

static bool
is_joined(const struct word *w)
{
	return phrases_is_one(w->folded, strlen(w->folded));
}

/* Whether the innermost heading of h has a thing of the last question. */
static bool
is_headed(struct kb *kb, const struct words *topic, const struct kb_hit *h)
{
	const struct word *w;
	size_t i;

	for (i = 0; i < topic->count; i++) {
		w = &topic->word[i];
		if (w->kind == THING && w->age == 0 && !w->is_ours &&
		    has_word(kb, h->section, h->language, w, NAME_STRENGTH))
			return true;
	}
	return false;
}

/*
 * Mark what of the topic belongs to q. Of the last question's words those that
 * stand with the new ones, of older words and ours only those in the headings:
 * names of things.
 */
static void
keep(struct kb *kb, const struct said *q, struct words *topic,
    const struct kb_hit *best)
{
	char *text = text_of(best),
	     *heading = xformat("%s\n\n%s", best->title, best->section);
	struct word *w;
	const char *where;
	size_t i;

	for (i = 0; i < topic->count; i++) {
		w = &topic->word[i];
		if (!is_topical(w))
			continue;
		where = w->age > 0 || w->is_ours ? heading : text;
		if (w->age == 0 && !w->is_ours && q->things == 0)
			w->is_kept = true;
		else if (w->kind == THING && is_joined(w))
			w->is_kept = cut_to(w, where, heading);
		else if (w->kind == THING)
			w->is_kept = has_word(kb, where, best->language, w,
			    where == heading ? NAME_STRENGTH : WORD_STRENGTH);
	}
	free(text);
	free(heading);
}

/* Without documents: all of the last question. */
static void
keep_last(struct words *topic)
{
	size_t i;

	for (i = 0; i < topic->count; i++)
		topic->word[i].is_kept = topic->word[i].age == 0 &&
		    !topic->word[i].is_ours && is_topical(&topic->word[i]);
}

/* Whether what was asked of one thing is now asked of another. */
static bool
asks_on(const struct said *q, enum standalone_cause cause)
{
	/* "Can you bring them?" is whole but for what "them" is. */
	return cause < STANDALONE_PRONOUN && !said_has_kind(q, ASKING) &&
	    !said_has_kind(q, ATTRIBUTE) &&
	    (cause != STANDALONE_BARE || said_pronoun(q) == NULL ||
		q->words.count <= FRAGMENT_WORDS);
}

static void
keep_asked(const struct said *q, struct words *topic,
    enum standalone_cause cause)
{
	struct word *w;
	size_t i;

	if (!asks_on(q, cause))
		return;
	for (i = 0; i < topic->count; i++) {
		w = &topic->word[i];
		if (w->age == 0 &&
		    (w->kind == ASKING || w->kind == ATTRIBUTE) &&
		    strcmp(w->language, q->language) == 0)
			w->is_kept = true;
	}
}

/* Whether the documents bear out that q leans: no less of its own words is in
 * the best passage with the topic than without, and where only they say that it
 * leans, no less of what is asked. */
static bool
is_borne_out(struct kb *kb, const struct said *q, const struct words *topic,
    enum standalone_cause cause, const struct match *with)
{
	struct buf text[GROUPS] = { BUF_INIT(0) };
	struct words none = { NULL, 0 };
	struct match alone;
	bool out;
	size_t g;

	if (!is_headed(kb, topic, with->best) &&
	    (cause == STANDALONE_OPEN || with->cover[TOPIC] < CARRIED_LEAST))
		return false;
	group_texts(q, &none, false, text);
	out = match(kb, text, q->language, NULL, &alone) == 0 &&
	    with->cover[OWN] >= alone.cover[OWN] - 1e-9 &&
	    (cause != STANDALONE_OPEN ||
		with->cover[ASKED] >= alone.cover[ASKED] - 1e-9);
	kb_hits_free(alone.hits);
	for (g = 0; g < GROUPS; g++)
		buf_release(&text[g]);
	return out;
}

/* The document that the last question is answered from; NULL: none. The caller
 * frees. */
static char *
home_of(struct kb *kb, const struct words *topic, const char *ours)
{
	struct kb_query want = { .limit = 1, .ranking = KB_RANK_PAGES };
	struct kb_hits *hits = NULL;
	struct buf text = BUF_INIT(0);
	char *home = NULL;
	size_t i;

	for (i = 0; i < topic->count; i++)
		if (topic->word[i].age == 0)
			add_word(&text, &topic->word[i]);
	if (ours != NULL) {
		buf_addc(&text, ' ');
		buf_adds(&text, ours);
	}
	want.text = text.data;
	if (text.len > 0 && kb_search(kb, &want, &hits) == 0 && hits->count > 0)
		home = xstrdup(hits->hit[0].document);
	kb_hits_free(hits);
	buf_release(&text);
	return home;
}

/* Whether one of the hits has w in its headings: it tells sections apart. */
static bool
heads_any(struct kb *kb, const struct kb_hits *hits, const struct word *w)
{
	size_t i;

	for (i = 0; i < hits->count; i++)
		if (has_word(kb, hits->hit[i].section, hits->hit[i].language, w,
			WORD_STRENGTH))
			return true;
	return false;
}

/* Whether m has passages of another document in the language of the best: a
 * title tells them apart. */
static bool
has_titles(const struct match *m)
{
	size_t i;

	for (i = 0; i < m->hits->count; i++)
		if (strcmp(m->hits->hit[i].document, m->best->document) != 0 &&
		    strcmp(m->hits->hit[i].language, m->best->language) == 0)
			return true;
	return false;
}

/* The things that its document's title names, as if they had been said. */
static void
add_title(struct reader *r, struct words *topic, const struct match *m)
{
	struct said s;
	size_t i;

	said_read(r, m->best->title, &s);
	for (i = 0; i < s.words.count; i++)
		if (s.words.word[i].kind == THING &&
		    !words_have(topic, s.words.word[i].folded) &&
		    !heads_any(r->kb, m->hits, &s.words.word[i])) {
			words_copy(topic, &s.words.word[i], 0);
			topic->word[topic->count - 1].is_kept = true;
		}
	said_release(&s);
}

bool
topic_carry(struct reader *r, const struct said *q, struct words *topic,
    enum standalone_cause cause, bool sure)
{
	struct buf text[GROUPS] = { BUF_INIT(0) };
	struct match m = { NULL, NULL, { 0 } };
	char *home = NULL;
	bool any = false, replaces;
	size_t i, g;

	/* Another thing of the same kind: its kin are in the same document. */
	replaces = q->things > 0 &&
	    (cause == STANDALONE_LINK || cause == STANDALONE_CORRECTION ||
		cause == STANDALONE_SAME);
	if (r->kb == NULL) {
		if (sure || cause == STANDALONE_PRONOUN)
			keep_last(topic);
	} else {
		if (replaces)
			home = home_of(r->kb, topic, r->ours);
		group_texts(q, topic, asks_on(q, cause), text);
		if (match(r->kb, text, q->language, home, &m) == 0 &&
		    m.best != NULL &&
		    (sure || is_borne_out(r->kb, q, topic, cause, &m))) {
			keep(r->kb, q, topic, m.best);
			if (home != NULL && has_titles(&m) &&
			    strcmp(home, m.best->document) == 0)
				add_title(r, topic, &m);
		} else if (sure && m.best == NULL)
			keep_last(topic);
		kb_hits_free(m.hits);
		for (g = 0; g < GROUPS; g++)
			buf_release(&text[g]);
		free(home);
	}
	for (i = 0; i < topic->count; i++)
		any |= topic->word[i].is_kept;
	if (any || sure)
		keep_asked(q, topic, cause);
	for (i = 0; i < topic->count; i++)
		any |= topic->word[i].is_kept;
	return any;
}

void
topic_add_ours(struct words *topic, const struct said *ours, bool as_topic)
{
	struct word *w;
	size_t i;

	for (i = 0; i < ours->words.count; i++) {
		w = &ours->words.word[i];
		if (w->kind == ATTRIBUTE && !as_topic) {
			if (!words_have(topic, w->folded))
				words_copy(topic, w, 0);
			continue;
		}
		if (w->kind != THING ||
		    (!as_topic && words_have(topic, w->folded)))
			continue;
		words_copy(topic, w, 0);
		topic->word[topic->count - 1].is_ours = !as_topic;
	}
}

/* What was ours and is not kept was of this question only. */
static void
drop_ours(struct words *topic)
{
	size_t i, n = 0;

	for (i = 0; i < topic->count; i++) {
		if (topic->word[i].is_ours && !topic->word[i].is_kept) {
			word_release(&topic->word[i]);
			continue;
		}
		topic->word[n] = topic->word[i];
		topic->word[n++].is_ours = false;
	}
	topic->count = n;
}

void
topic_advance(struct words *topic, const struct said *q)
{
	size_t i;

	drop_ours(topic);
	for (i = 0; i < topic->count; i++)
		topic->word[i].age =
		    topic->word[i].is_kept ? -1 : topic->word[i].age;
	grow_old(topic);
	for (i = 0; i < topic->count; i++)
		topic->word[i].is_kept = false;
	add_own(topic, q);
}

char *
topic_carried(const struct words *topic, const struct said *q)
{
	struct buf b = BUF_INIT(0);
	size_t i, k;

	for (i = 0; i < topic->count; i++) {
		for (k = 0; k < i; k++)
			if (topic->word[k].is_kept &&
			    strcmp(topic->word[k].folded,
				topic->word[i].folded) == 0)
				break;
		if (k == i && topic->word[i].is_kept &&
		    !words_have(&q->words, topic->word[i].folded))
			add_word(&b, &topic->word[i]);
	}
	return buf_detach(&b);
}
