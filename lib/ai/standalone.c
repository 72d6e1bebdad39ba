/*
 * standalone - a question that leans on what was said before, made whole
 *
 * The turns are read from the oldest on, and each makes the topic of the next:
 * words with an age, 0 for those of the last question as it was understood. So
 * a thing is carried over several turns, and what was replaced ("and to
 * Norway?") does not come back.
 */
#include <stdlib.h>
#include <string.h>

#include "ai/numbered.h"
#include "ai/smalltalk.h"
#include "ai/standalone.h"
#include "ai/topic.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ground/meanings.h"
#include "kb/question.h"

#define ANSWER_WORDS 4	/* to a question of ours */
#define OPEN_THINGS 2	/* a warranty, spare parts */
#define NUMBER_DIGITS 6 /* of a number in a name */

static enum standalone_cause
cause_of(struct reader *r, const struct said *q, const struct said *ours,
    struct words *chosen_words, bool *ret_sure)
{
	const char *back = ours != NULL ? said_asked_back(ours->text) : NULL,
		   *at;
	size_t link = lexicon_at(&q->all, q->all.text, LEXICON_LINK), len,
	       n = strlen(q->all.text);

	*ret_sure = true;
	if (q->words.count == 0 && n == 0)
		return STANDALONE_NONE;
	if (said_correction(q) != NULL) {
		*ret_sure = q->things == 0 || !said_has_kind(q, ASKING);
		return STANDALONE_CORRECTION;
	}
	if (ours != NULL && said_choice(r, q, ours, chosen_words))
		return STANDALONE_CHOICE;
	if (back != NULL && lexicon_at(&q->all, q->all.text, LEXICON_YES) > 0)
		return STANDALONE_YES;
	if (back != NULL && !q->asks && q->words.count <= ANSWER_WORDS &&
	    !said_has_kind(q, ASKING))
		return STANDALONE_ANSWER;
	if (lexicon_find(&q->all, q->all.text, LEXICON_SAME, &len) != NULL)
		return STANDALONE_SAME;
	at = lexicon_find(&q->all, q->all.text, LEXICON_END, &len);
	if (link > 0 || (at != NULL && at[len] == '\0')) {
		*ret_sure = q->things == 0 || !said_has_kind(q, ASKING);
		return STANDALONE_LINK;
	}
	if (q->things == 0)
		return STANDALONE_BARE;
	*ret_sure = false;
	at = said_pronoun(q);
	if (at != NULL && (q->things <= 1 || !said_names_before(q, at)))
		return STANDALONE_PRONOUN;
	if (q->words.count <= FRAGMENT_WORDS && !said_has_kind(q, ASKING))
		return STANDALONE_FRAGMENT;
	return q->things <= OPEN_THINGS ? STANDALONE_OPEN : STANDALONE_NONE;
}

/* Words of q before the first comma, if all it names there was the topic. */
static size_t
rejected(const struct said *q, const struct words *topic)
{
	const char *p = q->text, *comma = strchr(p, ',');
	size_t n = 0, len;

	if (comma == NULL)
		return 0;
	for (; (len = said_next_run(&p)) > 0 && p < comma; p += len, n++)
		if (n < q->words.count && q->words.word[n].kind == THING &&
		    !words_have(topic, q->words.word[n].folded))
			return 0;
	return n < q->words.count ? n : 0;
}

/* Drop "no, I mean" and "not the tent," from q: they are not asked for. What
 * is left of its folded words; the caller frees. */
static char *
take_correction(struct said *q, const struct words *topic)
{
	const char *at = said_correction(q);
	size_t n = rejected(q, topic), i, skip;
	struct word *w;
	char *before, *rest;

	for (i = 0, skip = 0; i < n; i++)
		skip += strcspn(q->all.text + skip, " ") + 1;
	if (q->all.text + skip > at)
		at = q->all.text + skip;
	before = xstrndup(q->all.text, (size_t)(at - q->all.text));
	for (i = 0; i < q->words.count; i++) {
		w = &q->words.word[i];
		if (strstr(before, w->folded) == NULL)
			continue;
		q->things -= w->kind == THING;
		w->kind = IDLE;
	}
	free(before);
	rest = xstrdup(at + strspn(at, " "));
	if (*rest == '\0') {
		free(rest);
		rest = xstrdup(q->text);
	}
	return rest;
}

/* Whether the documents are all in languages other than this: words of it that
 * ask ("cuesta") find nothing there and only blur what the things find. */
static bool
is_foreign(struct kb *kb, const char *language)
{
	const char *const *in = kb != NULL ? kb_languages(kb) : NULL;
	size_t i;

	if (in == NULL || in[0] == NULL || strcmp(language, "und") == 0)
		return false;
	for (i = 0; in[i] != NULL; i++)
		if (strcmp(in[i], language) == 0 || strcmp(in[i], "und") == 0)
			return false;
	return true;
}

/* A word of another language is looked for in the documents. */
struct wanted {
	struct kb *kb;
	char *word; /* the one they have; NULL so far */
};

static bool
is_in_documents(void *ctx, const char *word)
{
	struct wanted *w = ctx;
	struct question *q = NULL;
	bool known;
	size_t i;

	if (question_parse(w->kb, word, NULL, &q) < 0)
		return false;
	known = q->count > 0;
	for (i = 0; i < q->count; i++)
	known &= q->concept[i].is_known;
	question_free(q);
	if (known)
		w->word = xstrdup(word);
	return known;
}

/* The language that was spoken before, where q is in another one and documents
 * are in it; NULL: no change. */
static const char *
changed_from(const struct reader *r, const struct said *q)
{
	const char *const *in = r->kb != NULL ? kb_languages(r->kb) : NULL;
	size_t i;

	if (in == NULL || strcmp(r->language, "und") == 0 ||
	    language_may_be(q->language, r->language))
		return NULL;
	for (i = 0; in[i] != NULL; i++)
		if (strcmp(in[i], r->language) == 0)
			return r->language;
	return NULL;
}

/* "A night", "per": what a price is counted by. */
static bool
counts_by(const struct meanings *l, int language, const struct word *w)
{
	const struct meaning *m =
	    meanings_find(l, language, w->folded, strlen(w->folded));

	while (m != NULL && m->kind != MEANING_UNIT && m->kind != MEANING_PER)
		m = meanings_next(l, m);
	return m != NULL;
}

/* What it is about, or what is asked of it; a price is told by its sum. */
static bool
may_be_told(const struct said *q, const struct word *w)
{
	struct lexicon_text one = q->all;

	one.text = w->folded;
	return w->kind == THING || w->kind == WEAK ||
	    (w->kind == ATTRIBUTE &&
		lexicon_at(&one, w->folded, LEXICON_PRICE) == 0);
}

/*
 * After a change of language the documents that were talked of have none of the
 * new words: what both languages have a word for is told in that of before.
 * True if anything was.
 */
static bool
translate(struct reader *r, struct said *q)
{
	static struct meanings *meanings;
	const char *to = changed_from(r, q);
	struct wanted wanted = { r->kb, NULL };
	struct word *w;
	bool any = false;
	size_t i;
	int from;

	if (to == NULL)
		return false;
	if (meanings == NULL)
		meanings = meanings_new();
	from = meanings_language(meanings, q->language);
	for (i = 0; i < q->words.count; i++) {
		w = &q->words.word[i];
		if (from == 0 || !may_be_told(q, w))
			continue;
		if (counts_by(meanings, from, w)) {
			q->things -= w->kind == THING;
			w->kind = IDLE;
			any = true;
			continue;
		}
		if (!meanings_translate(meanings, from, w->folded,
			strlen(w->folded), to, is_in_documents, &wanted))
			continue;
		word_release(w);
		w->text = wanted.word;
		w->folded = xstrdup(w->text);
		w->language = to;
		q->things += w->kind != THING;
		w->kind = THING;
		any = true;
	}
	return any;
}

/* What q asks, without words that say nothing of it in the other language; with
 * what is asked of it ("how much") or not. The caller frees. */
static char *
words_of(const struct said *q, bool asked)
{
	struct buf b = BUF_INIT(0);
	const struct word *w;
	size_t i;

	buf_adds(&b, "");
	for (i = 0; i < q->words.count; i++) {
		w = &q->words.word[i];
		if (w->kind == THING ||
		    (asked && (w->kind == ASKING || w->kind == ATTRIBUTE)))
			buf_addf(&b, "%s%s", b.len > 0 ? " " : "", w->text);
	}
	return buf_detach(&b);
}

/* One question of the customer after ours (NULL: nothing was said between).
 * Changes the topic; the text to search with. */
static char *
take(struct reader *r, struct words *topic, const struct said *ours,
    struct said *q, struct standalone_why *why)
{
	struct words choice = { NULL, 0 };
	struct said back;
	bool sure, leans;
	char *text, *own;
	const char *asked;
	size_t i;

	why->cause = cause_of(r, q, ours, &choice, &sure);
	why->carried = why->own = NULL;
	/* What stands alone finds its own documents, if there are any. */
	if ((is_foreign(r->kb, q->language) ||
		(why->cause != STANDALONE_NONE &&
		    why->cause <= STANDALONE_PRONOUN)) &&
	    translate(r, q)) {
		why->own = words_of(q, true);
		own = words_of(q, false);
	} else if (why->cause == STANDALONE_CORRECTION) {
		own = take_correction(q, topic);
		why->own = xstrdup(own);
	} else
		own = xstrdup(q->text);
	if (why->cause == STANDALONE_CHOICE) {
		topic_replace(topic);
		for (i = 0; i < choice.count; i++)
			words_copy(topic, &choice.word[i], 0);
	} else if (why->cause == STANDALONE_YES ||
	    why->cause == STANDALONE_ANSWER) {
		asked = said_asked_back(ours->text);
		said_read(r, asked, &back);
		/* An offer says what it is about. */
		if (why->cause == STANDALONE_YES && back.things > 0)
			topic_replace(topic);
		topic_add_ours(topic, &back, why->cause == STANDALONE_YES);
		said_release(&back);
	} else if (why->cause != STANDALONE_NONE && ours != NULL)
		topic_add_ours(topic, ours, false);
	leans = why->cause != STANDALONE_NONE &&
	    topic_carry(r, q, topic, why->cause, sure);
	if (leans)
		why->carried = topic_carried(topic, q);
	if (why->carried == NULL || *why->carried == '\0') {
		free(why->carried);
		why->carried = xstrdup("");
		text = xstrdup(leans || why->own != NULL ? own : q->text);
	} else if (q->things == 0 && is_foreign(r->kb, q->language))
		text = xstrdup(why->carried);
	else
		text = xformat("%s %s", why->carried, own);
	if (!leans) {
		why->cause = STANDALONE_NONE;
		if (!is_foreign(r->kb, q->language)) {
			free(why->own);
			why->own = NULL;
		}
	}
	free(own);
	topic_advance(topic, q);
	words_release(&choice);
	return text;
}

/* The number that is all q says, "45" of "and the 45?" and of "der 45er"; the
 * caller frees. NULL: it says more, or none. */
static char *
number_of(const struct said *q)
{
	const struct word *w = NULL;
	size_t i, len;

	for (i = 0; i < q->words.count; i++) {
		if (q->words.word[i].kind == IDLE)
			continue;
		if (w != NULL)
			return NULL;
		w = &q->words.word[i];
	}
	len = w != NULL ? strspn(w->folded, "0123456789") : 0;
	if (len == 0 || len > NUMBER_DIGITS ||
	    (w->folded[len] != '\0' && strcmp(w->folded + len, "er") != 0))
		return NULL;
	return xstrndup(w->folded, len);
}

/* What q asks if it is about another one of the name with a number that was
 * asked about last; the caller frees. NULL: it is not. */
static char *
other_number(struct reader *r, const char *last, const struct said *ours,
    const struct said *q)
{
	struct words choice = { NULL, 0 };
	char *number = last != NULL ? number_of(q) : NULL, *text = NULL;

	/* A number may also say which of a list of ours is meant. */
	if (number != NULL &&
	    (ours == NULL ||
		(said_asked_back(ours->text) == NULL &&
		    !said_choice(r, q, ours, &choice))))
		text = numbered_replace(last, number);
	words_release(&choice);
	free(number);
	return text;
}

/* Whether a turn asks for nothing, and is no yes to a question of ours. */
static bool
is_chat(const struct said *q, const struct said *ours)
{
	enum smalltalk kind = smalltalk_of(q->text);

	/* After a list or a question one digit says enough. */
	if (kind == SMALLTALK_NONE || (kind == SMALLTALK_STRAY && ours != NULL))
		return false;
	return ours == NULL || said_asked_back(ours->text) == NULL ||
	    lexicon_at(&q->all, q->all.text, LEXICON_YES) == 0;
}

static char *
cut_turn(const char *text)
{
	return utf8_mend(text,
	    utf8_cut(text, strlen(text), STANDALONE_TURN_MAX_BYTES));
}

char *
standalone_question(const struct standalone_turn *turns, size_t n,
    const char *question, struct kb *kb, struct standalone_why *ret)
{
	struct reader r = { analyser_new(), kb, "und", NULL };
	struct standalone_why why = { STANDALONE_NONE, NULL, NULL };
	struct words topic = { NULL, 0 };
	struct said ours = { .text = NULL }, q;
	char *text = NULL, *ours_text = NULL, *turn, *last = NULL, *other;
	size_t i = n > STANDALONE_TURNS_MAX ? n - STANDALONE_TURNS_MAX : 0;
	bool has_ours = false, is_other = false;

	for (; i <= n; i++) {
		if (i < n && turns[i].text == NULL)
			continue;
		if (i < n && turns[i].is_ours) {
			if (has_ours)
				said_release(&ours);
			free(ours_text);
			ours_text = cut_turn(turns[i].text);
			said_read(&r, ours_text, &ours);
			has_ours = true;
			continue;
		}
		turn = cut_turn(i < n ? turns[i].text : question);
		said_read(&r, turn, &q);
		other = other_number(&r, last, has_ours ? &ours : NULL, &q);
		is_other = other != NULL;
		if (is_other) {
			/* As if it had been said whole. */
			said_release(&q);
			free(turn);
			turn = other;
			said_read(&r, turn, &q);
		}
		if (is_chat(&q, has_ours ? &ours : NULL))
			why.cause = STANDALONE_NONE;
		else {
			free(text);
			standalone_why_release(&why);
			r.ours = has_ours ? ours.text : NULL;
			text =
			    take(&r, &topic, has_ours ? &ours : NULL, &q, &why);
			if (strcmp(q.language, "und") != 0)
				r.language = q.language;
			free(last);
			last = xstrdup(turn);
		}
		said_release(&q);
		free(turn);
		if (has_ours)
			said_release(&ours);
		has_ours = false;
	}
	if (is_other && why.cause == STANDALONE_NONE)
		why.cause = STANDALONE_NUMBER;
	free(last);
	free(ours_text);
	words_release(&topic);
	analyser_free(r.analyser);
	/* As it came, whole. */
	if (why.cause == STANDALONE_NONE && why.own == NULL) {
		free(text);
		standalone_why_release(&why);
		text = xstrdup(question);
		why.carried = xstrdup("");
	}
	if (ret != NULL)
		*ret = why;
	else
		standalone_why_release(&why);
	return text;
}

void
standalone_why_release(struct standalone_why *why)
{
	free(why->carried);
	free(why->own);
	why->carried = why->own = NULL;
}

const char *
standalone_cause_name(enum standalone_cause cause)
{
	static const char *const names[] = { "none", "yes", "answer",
		"correction", "choice", "number", "same", "link", "bare",
		"pronoun", "fragment", "open" };

	return names[cause];
}
