/* said - one turn of a conversation, read: its words, and what it leans with */
#include <stdlib.h>
#include <string.h>

#include "ai/said.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/phrases.h"
#include "kb/wordlist.h"

#define CORRECTED_WORDS 8 /* "not for the tent, for the bag" */
#define ITEMS_MAX 12	  /* of a list of ours */

/* --- words --- */

void
word_release(struct word *w)
{
	free(w->text);
	free(w->folded);
	w->text = w->folded = NULL;
}

void
words_release(struct words *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		word_release(&l->word[i]);
	free(l->word);
	memset(l, 0, sizeof(*l));
}

static struct word *
words_add(struct words *l)
{
	l->word = xrealloc(l->word, (l->count + 1) * sizeof(*l->word));
	memset(&l->word[l->count], 0, sizeof(*l->word));
	return &l->word[l->count++];
}

void
words_copy(struct words *to, const struct word *from, int age)
{
	struct word *w = words_add(to);

	*w = *from;
	w->text = xstrdup(from->text);
	w->folded = xstrdup(from->folded);
	w->age = age;
	w->is_kept = false;
}

bool
words_have(const struct words *l, const char *folded)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (strcmp(l->word[i].folded, folded) == 0)
			return true;
	return false;
}

/* --- reading --- */

static bool
is_common(const char *folded, const char *language)
{
	uint32_t in = wordlist_find(&wordlist_common, folded, strlen(folded)),
		 bit = wordlist_bit(language) & wordlist_common.languages;

	return (in & (bit != 0 ? bit : ~(uint32_t)0)) != 0;
}

static bool
is_weak(struct reader *r, const char *folded, const char *language)
{
	size_t len;
	const char *stem =
	    analyse_stem(r->analyser, folded, strlen(folded), language, &len);

	return (wordlist_find(&wordlist_weak, stem, len) &
		   wordlist_bit(language)) != 0;
}

/* Particles and endings of Japanese: they say nothing. */
static bool
is_hiragana(const char *p)
{
	const char *end = p + strlen(p);
	uint32_t c;

	while (p < end) {
		c = utf8_next(&p, end);
		if (c < 0x3040 || c > 0x309f)
			return false;
	}
	return true;
}

/* Whether a word is of list, or nearly where no blanks part it. */
static bool
is_all_of(const struct lexicon_text *t, enum lexicon_list list)
{
	const char *at;
	size_t all = strlen(t->text), len = 0;

	at = lexicon_find(t, t->text, list, &len);
	if (at == NULL)
		return false;
	return at == t->text ? is_hiragana(at + len) : len + 3 >= all;
}

static enum kind
kind_of(struct reader *r, const struct said *s, char *folded)
{
	static const enum lexicon_list leaning[] = { LEXICON_LINK,
		LEXICON_PRONOUN, LEXICON_POINTER, LEXICON_YES, LEXICON_NO,
		LEXICON_CHOICE, LEXICON_FIRST, LEXICON_SECOND, LEXICON_THIRD,
		LEXICON_FOURTH, LEXICON_LAST, LEXICON_SAME };
	struct lexicon_text one = s->all;
	size_t i;

	one.text = folded;
	if (folded[strspn(folded, "0123456789")] == '\0')
		return WEAK;
	if (is_all_of(&one, LEXICON_ASKING))
		return ASKING;
	if (is_all_of(&one, LEXICON_ATTRIBUTE))
		return ATTRIBUTE;
	/* One letter of Arabic is a word of its own in front of others. */
	if (strcmp(s->language, "ar") != 0)
		for (i = 0; i < sizeof(leaning) / sizeof(leaning[0]); i++)
			if (lexicon_at(&one, folded, leaning[i]) ==
			    strlen(folded))
				return IDLE;
	if (is_common(folded, s->language))
		return IDLE;
	return is_weak(r, folded, s->language) ? WEAK : THING;
}

static enum phrase_kind
phrase_kind_of(const void *ctx, const char *at, size_t len)
{
	const uint32_t *languages = ctx;

	if ((wordlist_find(&wordlist_common_phrases, at, len) & *languages) !=
	    0)
		return PHRASE_COMMON;
	return (wordlist_find(&wordlist_synonym_phrases, at, len) &
		   *languages) != 0 ?
	    PHRASE_KEPT :
	    PHRASE_UNKNOWN;
}

size_t
said_next_run(const char **p)
{
	const char *end = *p + strlen(*p), *q = *p, *from;

	while (q < end) {
		from = q;
		if (utf8_is_word(utf8_next(&q, end))) {
			*p = from;
			while (q < end) {
				from = q;
				if (!utf8_is_word(utf8_next(&q, end))) {
					q = from;
					break;
				}
			}
			return (size_t)(q - *p);
		}
	}
	return 0;
}

static char *
runs_of(const char *text)
{
	struct buf b = BUF_INIT(0);
	char *folded = utf8_fold(text, strlen(text));
	const char *p = folded;
	size_t len;

	for (; (len = said_next_run(&p)) > 0; p += len) {
		if (b.len > 0)
			buf_addc(&b, ' ');
		buf_add(&b, p, len);
	}
	free(folded);
	return buf_detach(&b);
}

/* Whether text, too short to tell its language, begins with the "and" of another
 * than that of the conversation. */
static bool
links_elsewhere(char *text, const char *language)
{
	struct lexicon_text own = { text, { language, NULL, NULL } },
			    any = { text, { NULL, NULL, NULL } };
	char *first = xstrndup(text, strcspn(text, " "));
	bool elsewhere = lexicon_at(&own, text, LEXICON_LINK) == 0 &&
	    lexicon_at(&any, text, LEXICON_LINK) > 0 &&
	    !is_common(first, language);

	free(first);
	return elsewhere;
}

void
said_read(struct reader *r, const char *text, struct said *ret)
{
	uint32_t languages;
	struct phrases cutting = { phrase_kind_of, &languages,
		wordlist_phrase_letters };
	struct word *w;
	const char *p;
	char *cut = NULL;
	size_t len, n = 0;

	memset(ret, 0, sizeof(*ret));
	ret->text = text;
	ret->all.text = runs_of(text);
	ret->language = language_detect(text, strlen(text));
	if (strcmp(ret->language, "und") == 0)
		ret->language = r->language;
	else
		ret->all.languages[n++] = ret->language;
	if (strcmp(r->language, "und") != 0 &&
	    (n > 0 || !links_elsewhere(ret->all.text, r->language)))
		ret->all.languages[n++] = r->language;
	ret->asks = strstr(text, "?") != NULL || strstr(text, "？") != NULL ||
	    strstr(text, "؟") != NULL;
	/* A Chinese "and" is half of a Japanese room. */
	languages =
	    wordlist_bit(ret->language) & wordlist_common_phrases.languages;
	if (languages == 0)
		languages = ~(uint32_t)0;
	p = text;
	if (phrases_is_one(ret->all.text, strlen(ret->all.text)))
		p = cut = phrases_cut(&cutting, text, strlen(text));
	for (; (len = said_next_run(&p)) > 0; p += len) {
		w = words_add(&ret->words);
		w->text = xstrndup(p, len);
		w->folded = utf8_fold(p, len);
		w->language = ret->language;
		w->kind = kind_of(r, ret, w->folded);
		ret->things += w->kind == THING;
	}
	free(cut);
}

void
said_release(struct said *s)
{
	free(s->all.text);
	words_release(&s->words);
}

/* --- what it leans with --- */

bool
said_has_kind(const struct said *s, enum kind kind)
{
	size_t i, len;

	/* What is cut out of a text without blanks is no word of it. */
	if (kind == ASKING && phrases_is_one(s->all.text, strlen(s->all.text)))
		return lexicon_find(&s->all, s->all.text, LEXICON_ASKING,
			   &len) != NULL;
	for (i = 0; i < s->words.count; i++)
		if (s->words.word[i].kind == kind)
			return true;
	return false;
}

/* Whether the word behind at begins a thing of its own. */
static bool
names_next(const struct said *s, const char *at)
{
	size_t i, len;

	at += *at == ' ';
	len = strcspn(at, " ");
	for (i = 0; i < s->words.count; i++)
		if (s->words.word[i].kind == THING &&
		    strlen(s->words.word[i].folded) == len &&
		    strncmp(s->words.word[i].folded, at, len) == 0)
			return true;
	return false;
}

const char *
said_pronoun(const struct said *s)
{
	const char *p = s->all.text, *idle, *at, *pointer;
	size_t len = 0, idle_len = 0, pointer_len = 0;

	for (;; p = at + len) {
		at = lexicon_find(&s->all, p, LEXICON_PRONOUN, &len);
		idle = lexicon_find(&s->all, p, LEXICON_IDLE, &idle_len);
		if (at == NULL || idle == NULL || at < idle ||
		    at >= idle + idle_len)
			break;
		len = (size_t)(idle + idle_len - at);
	}
	pointer =
	    lexicon_find(&s->all, s->all.text, LEXICON_POINTER, &pointer_len);
	if (pointer != NULL && !names_next(s, pointer + pointer_len) &&
	    (at == NULL || pointer < at))
		return pointer;
	return at;
}

bool
said_names_before(const struct said *s, const char *at)
{
	char *before = xstrndup(s->all.text, (size_t)(at - s->all.text));
	bool found = false;
	size_t i;

	for (i = 0; i < s->words.count && !found; i++)
		found = s->words.word[i].kind == THING &&
		    strstr(before, s->words.word[i].folded) != NULL;
	free(before);
	return found;
}

const char *
said_correction(const struct said *s)
{
	size_t len = 0, no = lexicon_at(&s->all, s->all.text, LEXICON_NO);
	const char *at =
	    lexicon_find(&s->all, s->all.text, LEXICON_CORRECTION, &len);

	/* Japanese rejects behind the word: "A ja nakute B". */
	if (at != NULL &&
	    (!said_names_before(s, at) || strcmp(s->language, "ja") == 0))
		return at + len;
	if (no > 0 && s->things > 0 && !said_has_kind(s, ASKING) &&
	    s->words.count <= CORRECTED_WORDS)
		return s->all.text + no;
	return NULL;
}

const char *
said_asked_back(const char *text)
{
	static const char *const ends[] = { "?", "？", "؟", ".", "!", "。",
		"！", "\n", NULL };
	const char *from = text, *p, *rest;
	size_t i;

	for (p = text; *p != '\0'; p++)
		for (i = 0; ends[i] != NULL; i++) {
			if (!str_starts(p, ends[i]))
				continue;
			rest = p + strlen(ends[i]);
			if (said_next_run(&rest) == 0)
				return i < 3 ? from : NULL;
			from = p + strlen(ends[i]);
		}
	return NULL;
}

/* --- lists of ours --- */

struct item {
	const char *text;
	size_t len;
};

static size_t
mark_length(const char *line)
{
	size_t n = strspn(line, " \t"), digits = strspn(line + n, "0123456789");

	if (digits > 0 && digits < 3 &&
	    strchr(".)", line[n + digits]) != NULL && line[n + digits] != '\0')
		return n + digits + 1;
	if ((line[n] == '-' || line[n] == '*') && line[n + 1] == ' ')
		return n + 1;
	return str_starts(line + n, "•") ? n + strlen("•") : 0;
}

/* The marked lines of text; at most ITEMS_MAX. */
static size_t
marked_items(const char *text, struct item *item)
{
	size_t n = 0, mark, len;
	const char *p;

	for (p = text; *p != '\0' && n < ITEMS_MAX;
	     p += len + (p[len] == '\n')) {
		len = strcspn(p, "\n");
		mark = mark_length(p);
		if (mark > 0 && mark < len)
			item[n++] = (struct item){ p + mark, len - mark };
	}
	return n;
}

/* The last comma, or the last "and" behind it, parts the last two. */
static size_t
split_last(const struct said *ours, struct item *last)
{
	const char *p, *end = last->text + last->len;
	struct lexicon_text t = ours->all;
	char *run;
	size_t len;
	bool is_link;

	for (p = last->text; (len = said_next_run(&p)) > 0 && p + len < end;
	     p += len) {
		run = utf8_fold(p, len);
		t.text = run;
		is_link = p > last->text + 1 &&
		    lexicon_at(&t, run, LEXICON_LINK) == strlen(run) &&
		    strcmp(ours->language, "ar") != 0;
		free(run);
		if (is_link) {
			last[1] =
			    (struct item){ p + len, (size_t)(end - p - len) };
			last->len = (size_t)(p - last->text);
			return 2;
		}
	}
	return 1;
}

/* "A, B and C" in the last sentence that has it. */
static size_t
listed_items(const struct said *ours, struct item *item)
{
	const char *text = ours->text, *p, *from = strrchr(text, ':');
	size_t n = 0, len;

	from = from != NULL ? from + 1 : text;
	for (p = from; *p != '\0' && n + 1 < ITEMS_MAX;) {
		len = strcspn(p, ",;\n");
		item[n++] = (struct item){ p, len };
		p += len + (p[len] != '\0');
	}
	if (n == 0 || n + 1 > ITEMS_MAX)
		return n;
	return n - 1 + split_last(ours, &item[n - 1]);
}

static int
ordinal_of(const struct said *q, size_t items)
{
	static const enum lexicon_list lists[] = { LEXICON_FIRST,
		LEXICON_SECOND, LEXICON_THIRD, LEXICON_FOURTH };
	size_t i, len;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]) && i < items; i++)
		if (lexicon_find(&q->all, q->all.text, lists[i], &len) != NULL)
			return (int)i;
	if (lexicon_find(&q->all, q->all.text, LEXICON_LAST, &len) != NULL)
		return (int)items - 1;
	/* A bare number is one of a numbered list. */
	if (q->words.count == 1 && strlen(q->all.text) == 1 &&
	    q->all.text[0] > '0' && (size_t)(q->all.text[0] - '0') <= items)
		return q->all.text[0] - '1';
	return -1;
}

/* The one item that has a word of q, or -1. */
static int
named_item(const struct said *q, const struct item *item, size_t items)
{
	int found = -1;
	size_t i, k;
	char *text;
	bool has;

	for (i = 0; i < items; i++) {
		text = utf8_fold(item[i].text, item[i].len);
		for (k = 0, has = false; k < q->words.count && !has; k++)
			has = q->words.word[k].kind == THING &&
			    strstr(text, q->words.word[k].folded) != NULL;
		free(text);
		if (has && found >= 0)
			return -1;
		if (has)
			found = (int)i;
	}
	return found;
}

bool
said_choice(struct reader *r, const struct said *q, const struct said *ours,
    struct words *ret)
{
	struct item item[ITEMS_MAX + 1];
	size_t items = marked_items(ours->text, item), i, len;
	bool picks;
	struct said s;
	char *text;
	int at;

	if (items < 2)
		items = listed_items(ours, item);
	if (items < 2)
		return false;
	at = ordinal_of(q, items);
	/* "And canvas?" asks on, also where a sentence of ours has the word. */
	picks =
	    lexicon_find(&q->all, q->all.text, LEXICON_CHOICE, &len) != NULL ||
	    said_pronoun(q) != NULL ||
	    (q->words.count <= FRAGMENT_WORDS &&
		lexicon_at(&q->all, q->all.text, LEXICON_LINK) == 0);
	if (at < 0 && picks)
		at = named_item(q, item, items);
	if (at < 0)
		return false;
	text = xstrndup(item[at].text, item[at].len);
	said_read(r, text, &s);
	for (i = 0; i < s.words.count; i++)
		if (s.words.word[i].kind == THING ||
		    s.words.word[i].kind == WEAK)
			words_copy(ret, &s.words.word[i], 0);
	said_release(&s);
	free(text);
	return ret->count > 0;
}
