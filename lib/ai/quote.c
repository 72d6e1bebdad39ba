/* quote - a message answered without a model: each thing it asks, one by one */
#include <stdlib.h>
#include <string.h>

#include "ai/cite.h"
#include "ai/extractive.h"
#include "ai/parts.h"
#include "ai/quote.h"
#include "ai/said.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"

#define ANSWERS_MAX 3 /* to a burst that asks several things */
#define STEM_BYTES 4

/* What a message or a burst asks, part by part, and the answers to it. */
struct asked {
	struct parts parts;
	struct extract_answer answer[ANSWERS_MAX];
	size_t answers;
	bool in_part; /* something is asked that no answer is about */
};

static void
asked_release(struct asked *b)
{
	size_t i;

	parts_release(&b->parts);
	for (i = 0; i < b->answers; i++)
		extract_release(&b->answer[i]);
}

/* One question; an answer that is less sure than wanted is none. */
static int
ask(struct kb *kb, const struct quote_question *q, const char *text,
    const char *const *context, struct extract_answer *ret)
{
	bool follows = q->asked != NULL && strcmp(q->asked, text) != 0;
	int code = follows ?
	    extractive_follow(kb, text, q->asked, q->filter, ret) :
	    q->own != NULL ?
	    extractive_whole(kb, text, q->own, q->filter, ret) :
	    extractive_answer(kb, text, context, q->filter, ret);

	if (code == 0 && ret->confidence < q->min_score) {
		free(ret->text);
		ret->text = NULL;
		code = err_set(ERR_NO, "no passage is sure enough");
	}
	return code;
}

/* Answer part i by itself, with what was said before; 0, ERR_NO or an ERR. */
static int
ask_alone(struct kb *kb, const struct quote_question *q, const struct asked *b,
    size_t i, struct extract_answer *ret)
{
	const char **context;
	size_t n = 0, k;
	int code;

	while (q->before[n] != NULL)
		n++;
	context = xcalloc(n + i + 1, sizeof(*context));
	for (k = 0; k < n; k++)
		context[k] = q->before[k];
	for (k = 0; k < i; k++)
		context[n + k] = b->parts.part[k].text;
	code = ask(kb, q, b->parts.part[i].text, context, ret);
	free(context);
	return code;
}

/* The question that part i leans on: the last one that leans on none. NULL if
 * there is none; the caller frees. */
static char *
asked_before(const struct quote_question *q, const struct asked *b, size_t i)
{
	const char *const *before = q->before;
	struct parts earlier;
	char *found = NULL;
	size_t n = 0, k;

	for (k = i; k > 0 && found == NULL; k--)
		if (!b->parts.part[k - 1].follows)
			found = xstrdup(b->parts.part[k - 1].text);
	while (before[n] != NULL)
		n++;
	while (n > 0 && found == NULL) {
		parts_split(before[--n], &earlier);
		for (k = earlier.count; k > 0 && found == NULL; k--)
			if (!earlier.part[k - 1].follows)
				found = xstrdup(earlier.part[k - 1].text);
		parts_release(&earlier);
	}
	return found;
}

/*
 * "And to Spain?" asks what was asked before about something else. The two are
 * looked up together, and of what is found there only what holds the new one is
 * said; else the new one alone, but nothing that has to do with it only.
 */
static int
ask_following(struct kb *kb, const struct quote_question *q,
    const struct asked *b, size_t i, const char *before,
    struct extract_answer *ret)
{
	const char *text = b->parts.part[i].text;
	struct extract_answer a = { .text = NULL };
	struct extract_cover c;
	char *both = xformat("%s\n%s", before, text);
	int code = ask(kb, q, both, NULL, &a), related = 0;

	free(both);
	if (code == 0) {
		related = extractive_touches(kb, before, &a);
		a.text[0] = '\0';
		code = related > 0 ? extractive_more(kb, text, &a) :
		    related < 0	   ? related :
				     ERR_NO;
	}
	if (code == ERR_NO) {
		extract_release(&a);
		code = ask_alone(kb, q, b, i, &a);
		related = code == 0 ? extractive_touches(kb, before, &a) : 0;
		if (related > 0)
			related = extractive_covers(kb, text, &a, &c) == 0 &&
			    c.carried;
		if (code == 0 && related <= 0)
			code = related < 0 ?
			    related :
			    err_set(ERR_NO, "nothing is about both");
	}
	*ret = a;
	return code;
}

/* The best any of the answers so far does for a part. */
static int
best_cover(struct kb *kb, const char *text, const struct asked *b,
    struct extract_cover *ret)
{
	struct extract_cover c;
	size_t i;
	int code = extractive_covers(kb, text, NULL, ret);

	if (code == 0 && ret->asks > 0) {
		ret->quoted = ret->passage = 0;
		ret->carried = false;
	}
	for (i = 0; i < b->answers && code == 0; i++) {
		code = extractive_covers(kb, text, &b->answer[i], &c);
		if (code == 0 && c.passage > ret->passage)
			ret->passage = c.passage;
		if (code == 0 &&
		    (c.carried > ret->carried ||
			(c.carried == ret->carried &&
			    c.quoted > ret->quoted))) {
			ret->quoted = c.quoted;
			ret->carried = c.carried;
		}
	}
	return code;
}

/* Takes a's contents; a text that is there is not said again. */
static void
add_answer(struct asked *b, struct extract_answer *a)
{
	size_t i;

	for (i = 0; i < b->answers; i++)
		if (strstr(b->answer[i].text, a->text) != NULL) {
			extract_release(a);
			return;
		}
	if (b->answers == ANSWERS_MAX) {
		b->in_part = true;
		extract_release(a);
	} else
		b->answer[b->answers++] = *a;
}

/*
 * One part of several. It is answered if the words that carry it are quoted,
 * not if the passage has them somewhere; else the passage may say more, or it
 * is asked alone. What is told rather than asked, or goes on with a sentence,
 * need not be quoted where the passage is about it.
 */
static int
answer_part(struct kb *kb, const struct quote_question *q, struct asked *b,
    size_t i)
{
	const struct part *part = &b->parts.part[i];
	bool strict = part->asks && !part->goes_on;
	struct extract_cover c;
	struct extract_answer a = { .text = NULL };
	char *before = NULL;
	size_t k;
	int code = best_cover(kb, part->text, b, &c);

	if (code < 0)
		return code;
	if (c.asks == 0 || (c.carried && c.quoted >= EXTRACT_COVERED) ||
	    (!strict && c.asks < 2 && c.passage >= EXTRACT_COVERED))
		return 0;
	for (k = b->answers; part->asks && k > 0; k--) {
		code = extractive_more(kb, part->text, &b->answer[k - 1]);
		if (code != ERR_NO)
			return code;
	}
	if (part->follows)
		before = asked_before(q, b, i);
	code = before != NULL ? ask_following(kb, q, b, i, before, &a) :
				ask_alone(kb, q, b, i, &a);
	free(before);
	if (code == 0) {
		code = extractive_covers(kb, part->text, &a, &c);
		if (code == 0 && (c.carried || !strict)) {
			add_answer(b, &a);
			return 0;
		}
		code = code == 0 ? ERR_NO : code;
	}
	extract_release(&a);
	if (code != ERR_NO)
		return code;
	if (strict || c.passage < EXTRACT_RELATED)
		b->in_part = true;
	return 0;
}

/*
 * The parts of one sentence, from before to: asked as one, for half of a
 * question is another question. Nothing of it is answered if that is not.
 */
static int
answer_sentence(struct kb *kb, const struct quote_question *q, struct asked *b,
    size_t from, size_t to)
{
	struct extract_answer a = { .text = NULL };
	struct extract_cover c;
	char *text = parts_text(&b->parts, from, to);
	int code = best_cover(kb, text, b, &c);

	if (code == 0 && c.asks > 0 && c.passage < EXTRACT_RELATED) {
		code = from == 0 && to == b->parts.count ?
		    ERR_NO :
		    ask(kb, q, text, NULL, &a);
		if (code == 0)
			add_answer(b, &a);
		else
			extract_release(&a);
		if (code == ERR_NO) {
			b->in_part = true;
			from = to;
			code = 0;
		}
	}
	free(text);
	/* One question that was looked up as a whole is answered as one. */
	if (code == 0 && from == 0 && to == b->parts.count && b->answers > 0)
		return 0;
	for (; from < to && code == 0; from++)
		code = answer_part(kb, q, b, from);
	return code;
}

/* Ask all together, then what of it is left alone. Takes whole if found. */
static int
answer_parts(struct kb *kb, const struct quote_question *q, struct asked *b,
    struct extract_answer *whole, bool found)
{
	const struct part *part = b->parts.part;
	struct extract_cover c;
	bool is_about = false;
	size_t i, to;
	int code = 0;

	/* An answer to the mixture that is about none of its parts is none. */
	for (i = 0; found && i < b->parts.count && code == 0; i++) {
		code = extractive_covers(kb, part[i].text, whole, &c);
		if (c.asks > 0 && c.passage >= EXTRACT_COVERED &&
		    (!part[i].follows || i == 0))
			is_about = true;
	}
	if (code == 0 && is_about) {
		add_answer(b, whole);
		memset(whole, 0, sizeof(*whole));
	}
	for (i = 0; i < b->parts.count && code == 0; i = to) {
		for (to = i + 1; to < b->parts.count && part[to].goes_on;)
			to++;
		code = to > i + 1 ? answer_sentence(kb, q, b, i, to) :
				    answer_part(kb, q, b, i);
	}
	return code;
}

static void
add_sources(json_t *sources, const struct extract_answer *a, bool quoted)
{
	const struct extract_source *s;
	size_t i;

	for (i = 0; i < a->nsources; i++) {
		s = &a->sources[i];
		if (s->quoted == quoted)
			cite_add(sources,
			    cite_new(s->passage, s->document, s->title,
				s->source, s->section, s->score, s->quoted));
	}
}

/* What all answers are in; the caller frees. NULL: not one language. */
static char *
language_of(const struct asked *b)
{
	const char *one = b->answer[0].language;
	size_t i;

	for (i = 1; i < b->answers; i++)
		if (strcmp(b->answer[i].language, one) != 0)
			return NULL;
	return strcmp(one, "und") != 0 ? xstrdup(one) : NULL;
}

static void
say_answers(const struct asked *b, struct quote *ret)
{
	struct buf text = BUF_INIT(0);
	const struct extract_answer *a;
	char *one;
	size_t i;

	for (i = 0; i < b->answers; i++) {
		a = &b->answer[i];
		one = cite_text(a->text, a->language, a->title, a->source);
		buf_adds(&text, i > 0 ? "\n\n" : "");
		buf_adds(&text, one);
		free(one);
		add_sources(ret->sources, a, true);
	}
	for (i = 0; i < b->answers; i++)
		add_sources(ret->sources, &b->answer[i], false);
	ret->language = language_of(b);
	ret->in_part = b->in_part;
	ret->text = buf_detach(&text);
}

/* What is asked together: all but what only leans on it, "and to Spain?". */
static char *
text_of(const struct parts *p)
{
	struct buf text = BUF_INIT(0);
	const struct part *part;
	size_t i;

	for (i = 0; i < p->count; i++) {
		part = &p->part[i];
		if (i > 0 && part->follows && !part->is_tail && !part->goes_on)
			continue;
		if (text.len > 0)
			buf_addc(&text, '\n');
		buf_adds(&text, part->text);
	}
	return buf_detach(&text);
}

/* All at once, with what was said before; 0, ERR_NO or an ERR. */
static int
ask_whole(struct kb *kb, const struct quote_question *q, const struct asked *b,
    struct extract_answer *ret)
{
	char *before = NULL, *question;
	int code;

	if (b->parts.count == 1 && b->parts.part[0].follows)
		before = asked_before(q, b, 0);
	if (before != NULL)
		code = ask_following(kb, q, b, 0, before, ret);
	else {
		question = text_of(&b->parts);
		code = ask(kb, q, question, q->before, ret);
		free(question);
	}
	free(before);
	return code;
}

/* "How long are they valid?" is not answered from where nothing of "they"
 * stands. 0, ERR_NO or an ERR. */
static int
check_about(struct kb *kb, const char *about, struct extract_answer *a)
{
	int touches = extractive_touches(kb, about, a);

	if (touches != 0)
		return touches < 0 ? touches : 0;
	free(a->refusal);
	a->refusal = xstrdup("what was found is about something else");
	return err_set(ERR_NO, "%s", a->refusal);
}

/* The words of asked that an answer must hold: not what every question has in
 * its language, nor, where money does for it, what asks for a price (*ret_paid is
 * true then, else as it was). The caller frees. */
static char *
words_to_hold(const char *asked, bool money, bool *ret_paid)
{
	struct reader r = { analyser_new(), NULL, "und", NULL };
	struct lexicon_text one;
	struct buf rest = BUF_INIT(0);
	const struct word *w;
	struct said s;
	size_t i;

	said_read(&r, asked, &s);
	buf_adds(&rest, "");
	for (i = 0; i < s.words.count; i++) {
		w = &s.words.word[i];
		one = s.all;
		one.text = w->folded;
		if (w->kind == IDLE || w->kind == ASKING)
			continue;
		if (money && lexicon_at(&one, w->folded, LEXICON_PRICE) > 0) {
			*ret_paid = true;
			continue;
		}
		buf_addf(&rest, "%s ", w->text);
	}
	said_release(&s);
	analyser_free(r.analyser);
	return buf_detach(&rest);
}

/* Whether two words, folded, are one of number or case: "lock" and "locks",
 * "battery" and "batteries", "libro" and "libri"; not "locks" and "locked". */
static bool
is_form(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t same = 0, least = alen < blen ? alen : blen;

	while (same < least && a[same] == b[same])
		same++;
	if (same == least || (alen == blen && same + 1 == alen))
		return true;
	return alen != blen && same + 1 == least &&
	    (a[same] == 'y' || b[same] == 'y') &&
	    (alen > blen ? a : b)[same] == 'i';
}

/* Whether one word that is asked for stands in text as another kind of word
 * alone: where it has its stem and no form of it. */
static bool
is_another_kind(const char *word, const char *text)
{
	char *asked = utf8_words(word), *words = utf8_words(text);
	const char *one = asked + 1, *p, *end;
	size_t len = strcspn(one, " "), same;
	bool stem = false, form = false;

	for (p = words + 1;
	     one[len] == ' ' && one[len + 1] == '\0' && *p != '\0' && !form;
	     p = end + 1) {
		end = p + strcspn(p, " ");
		for (same = 0; same < len && p[same] == one[same];)
			same++;
		if (same < STEM_BYTES || same + 1 < len)
			continue;
		form = is_form(one, len, p, (size_t)(end - p));
		stem = true;
	}
	free(asked);
	free(words);
	return stem && !form;
}

/* One question, with words of earlier turns in it: "mug and a surfboard" is not
 * answered from where only the mug is. 0, ERR_NO or an ERR. */
static int
ask_rewritten(struct kb *kb, const struct quote_question *q,
    struct extract_answer *ret)
{
	struct extract_cover c;
	struct parts parts;
	bool is_one, is_paid = false, is_other;
	char *own;
	int code;

	parts_split(q->asked, &parts);
	is_one = parts.count == 1;
	parts_release(&parts);
	if (!is_one)
		return err_set(ERR_NO, "it asks several things");
	code = ask(kb, q, q->text, q->before, ret);
	if (code < 0)
		return code;
	own =
	    words_to_hold(q->asked, extract_has_money(ret->passage), &is_paid);
	code = extractive_covers(kb, own, ret, &c);
	is_other = is_another_kind(own, ret->passage);
	free(own);
	if (code < 0)
		return code;
	/* "How long does that take?" has no word to be held. */
	if (c.asks == 0 && !is_paid ? ret->confidence >= EXTRACT_FROM :
				      c.passage >= EXTRACT_COVERED && !is_other)
		return 0;
	free(ret->refusal);
	ret->refusal = xstrdup("what was found is about something else");
	return err_set(ERR_NO, "%s", ret->refusal);
}

enum smalltalk
quote_chat(const char *text)
{
	struct parts p;
	enum smalltalk kind;

	parts_split(text, &p);
	kind = p.count == 0 ? p.chat : SMALLTALK_NONE;
	parts_release(&p);
	return kind;
}

int
quote_answer(struct kb *kb, const struct quote_question *q, struct quote *ret)
{
	struct asked b = { .answers = 0 };
	struct extract_answer whole = { .text = NULL };
	int code;

	memset(ret, 0, sizeof(*ret));
	ret->sources = json_array();
	parts_split(q->text, &b.parts);
	if (q->asked != NULL)
		code = ask_rewritten(kb, q, &whole);
	else
		code = ask_whole(kb, q, &b, &whole);
	if (code == 0 && q->about != NULL)
		code = check_about(kb, q->about, &whole);
	if ((code == 0 || code == ERR_NO) && b.parts.count > 1 &&
	    q->asked == NULL)
		code = answer_parts(kb, q, &b, &whole, code == 0);
	else if (code == 0) {
		add_answer(&b, &whole);
		memset(&whole, 0, sizeof(whole));
	}
	if (code == 0 && b.answers == 0)
		code = ERR_NO;
	if (b.answers > 0 && (code == 0 || code == ERR_NO)) {
		say_answers(&b, ret);
		code = 0;
	} else if (code == ERR_NO) {
		ret->missing = xstrdup(whole.refusal);
		add_sources(ret->sources, &whole, false);
		err_set(ERR_NO, "no passage answers it");
	}
	extract_release(&whole);
	asked_release(&b);
	if (code < 0 && code != ERR_NO)
		quote_release(ret);
	return code;
}

void
quote_release(struct quote *q)
{
	free(q->text);
	free(q->language);
	free(q->missing);
	json_decref(q->sources);
	memset(q, 0, sizeof(*q));
}
