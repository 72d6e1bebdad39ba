/* parts - what a message asks, apart */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/parts.h"
#include "base/language.h"
#include "base/str.h"
#include "kb/analyse.h"

#define WORD_BYTES 24
#define WORDS_MAX 200 /* of a line; it is not cut behind them */
#define TAIL_WORDS 3  /* "and Spain", "and the Balearic islands" */
#define NAME_WORDS 3  /* a line of so few words names what it asks for */

/* All folded, as analyse_words() makes them. */

/* And the languages in which it is one; und: also where none can be told. */
static const struct {
	const char *word, *languages;
} links[] = { { "and", "en und" }, { "also", "en und" }, { "plus", "en" },
	{ "y", "es und" }, { "e", "es pt it" }, { "tambien", "es und" },
	{ "ademas", "es und" }, { "und", "de und" }, { "auch", "de und" },
	{ "et", "fr und" }, { "aussi", "fr und" }, { "tambem", "pt und" },
	{ "ed", "it" }, { "anche", "it und" }, { "en", "nl" },
	{ "ook", "nl und" } };

/* The first word of a question. */
static const char *const starts[] = { /* en */ "what", "whats", "when", "where",
	"wheres", "who", "which", "why", "how", "hows", "can", "could", "may",
	"do", "does", "did", "is", "are", "will", "would", "should",
	/* es */ "que", "cual", "cuales", "cuando", "cuanto", "cuanta",
	"cuantos", "cuantas", "como", "donde", "quien", "puedo", "puede",
	"pueden", "podria", "hay", "tienen", "teneis", "hacen",
	/* de */ "was", "wann", "wo", "wer", "welche", "welcher", "welches",
	"warum", "wie", "kann", "konnen", "gibt", "ist", "sind", "habt",
	"haben", "darf", "wird", "werden",
	/* fr */ "quoi", "quel", "quelle", "quels", "quelles", "quand",
	"combien", "comment", "qui", "pourquoi", "est", "puis", "peut",
	"pouvez", "avez", "faites",
	/* pt */ "qual", "quais", "quando", "quanto", "quanta", "quantos",
	"quantas", "onde", "quem", "posso", "pode", "podem", "ha", "tem",
	/* it */ "che", "cosa", "quale", "quali", "quanti", "quante", "come",
	"dove", "chi", "perche", "puo", "potete", "avete", "fate",
	/* nl */ "wat", "wanneer", "waar", "wie", "welke", "welk", "waarom",
	"hoe", "kan", "kunnen", "mag", "zijn", "hebben", "heeft", NULL };

/* The first word of what can only be said after something else. */
static const char *const leans[] = { /* en */ "to", "for", "from", "in", "on",
	"with", "by", "at", "of", "about", "into", "the",
	/* es */ "a", "para", "desde", "en", "con", "por", "al", "del", "de",
	"el", "la", "los", "las", "hacia",
	/* de */ "nach", "fur", "von", "mit", "aus", "an", "zu", "bei", "auf",
	"zum", "zur", "der", "die", "das", "den", "dem",
	/* fr */ "pour", "avec", "vers", "au", "aux", "depuis", "dans", "chez",
	"le", "les", "des", "du",
	/* pt */ "em", "com", "ao", "do", "da", "no", "na", "os", "as",
	/* it */ "per", "dal", "di", "il", "lo", "gli",
	/* nl */ "naar", "voor", "van", "met", "uit", "op", "het", NULL };

/* "What about" in its kinds. */
static const char *const abouts[] = { "what about", "how about", "que hay de",
	"que hay del", "que tal", "que pasa con", "que pasa si", "was ist mit",
	"wie ist es mit", "wie sieht es mit", "wie steht es mit", "quid de",
	"quid du", "en est il de", "en est il du", "quanto a", "quanto ao",
	"che mi dite di", "come funziona per", "hoe zit het met", "wat met",
	NULL };

struct word {
	size_t at; /* its first byte in the line */
	char text[WORD_BYTES];
	bool ends; /* a sentence */
};

struct line {
	struct word word[WORDS_MAX];
	size_t count;
};

static bool
is_in(const char *const *list, const char *word)
{
	size_t i;

	for (i = 0; list[i] != NULL; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

static void
take_first(void *ctx, const char *word, size_t len)
{
	struct word *w = ctx;

	if (w->text[0] == '\0' && len < sizeof(w->text)) {
		memcpy(w->text, word, len);
		w->text[len] = '\0';
	}
}

static void
read_words(const char *text, struct line *l)
{
	const char *p = text;
	struct word *w;
	size_t len;

	l->count = 0;
	for (p += strspn(p, " \t\r\n"); *p != '\0' && l->count < WORDS_MAX;
	     p += strspn(p, " \t\r\n")) {
		len = strcspn(p, " \t\r\n");
		w = &l->word[l->count];
		memset(w, 0, sizeof(*w));
		w->at = (size_t)(p - text);
		w->ends = strchr(".!;", p[len - 1]) != NULL;
		analyse_words(p, len, take_first, w);
		/* Italian is and Portuguese it is are no "and". */
		if (strcmp(w->text, "e") == 0 && strchr("eE", *p) == NULL)
			snprintf(w->text, sizeof(w->text), "è");
		if (w->text[0] != '\0')
			l->count++;
		p += len;
	}
}

static bool
is_about(const struct line *l, size_t at)
{
	const char *p;
	size_t i, k, len;

	for (i = 0; abouts[i] != NULL; i++) {
		p = abouts[i];
		for (k = at; k < l->count && *p != '\0'; k++) {
			len = strcspn(p, " ");
			if (strlen(l->word[k].text) != len ||
			    strncmp(l->word[k].text, p, len) != 0)
				break;
			p += len + (p[len] == ' ');
		}
		if (*p == '\0')
			return true;
	}
	return false;
}

static bool
is_link(const char *word, const char *language)
{
	size_t len = strcspn(language, "-"), i, n;
	const char *p;

	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (strcmp(links[i].word, word) != 0)
			continue;
		for (p = links[i].languages; *p != '\0';
		     p += n + (p[n] == ' ')) {
			n = strcspn(p, " ");
			if (n == len && strncmp(p, language, n) == 0)
				return true;
		}
	}
	return false;
}

/* Whether a part begins at word i of l; *ret_tail: no more than a tail. */
static bool
is_cut(const struct line *l, size_t i, const char *language, bool *ret_tail)
{
	const char *next;

	*ret_tail = false;
	if (l->word[i - 1].ends && is_in(starts, l->word[i].text))
		return true;
	/* One word before it is no question: "when and where", and, without
	 * its accent, "qual e". */
	if (i == 1 || !is_link(l->word[i].text, language) || i + 1 == l->count)
		return false;
	next = l->word[i + 1].text;
	if (is_about(l, i + 1) || is_in(starts, next) || is_in(leans, next))
		return true;
	*ret_tail = l->count - i - 1 <= TAIL_WORDS;
	return *ret_tail;
}

static void
add_part(struct parts *p, const char *text, size_t len, bool is_tail,
    const char *language)
{
	struct part *part;
	struct line l;
	char *copy = xstrndup(text, len), *both;
	size_t first = 0;
	bool begins;

	read_words(copy, &l);
	if (l.count == 0 && strchr(copy, '?') == NULL) {
		free(copy);
		return;
	}
	if (p->count == PARTS_MAX) {
		part = &p->part[p->count - 1];
		both = xformat("%s\n%s", part->text, copy);
		free(part->text);
		free(copy);
		part->text = both;
		return;
	}
	part = &p->part[p->count++];
	memset(part, 0, sizeof(*part));
	part->text = copy;
	part->is_tail = is_tail;
	while (first + 1 < l.count && is_link(l.word[first].text, language))
		first++;
	begins = l.count > 0 && is_in(starts, l.word[first].text);
	if (l.count == 0)
		;
	else if (is_about(&l, first))
		part->follows = true;
	else if (!begins)
		part->follows = is_tail || first > 0 ||
		    is_in(leans, l.word[0].text) || l.count == 1;
	part->asks = strchr(copy, '?') != NULL || begins || part->follows ||
	    l.count <= NAME_WORDS;
	/* "can I bring back" is not all that is asked, if more comes. */
	if (p->count > 1 && !begins && first == 0) {
		const struct part *before = part - 1;
		const char *end = before->text + strlen(before->text);

		read_words(before->text, &l);
		part->goes_on = before->goes_on ||
		    (l.count > 0 && is_in(starts, l.word[0].text));
		if (strpbrk(before->text, "?") != NULL ||
		    (end > before->text && strchr(".!;", end[-1]) != NULL))
			part->goes_on = false;
	}
}

/* One line, or as much of it as a question mark ends. */
static void
add_line(struct parts *p, const char *text, size_t len)
{
	char *all = xstrndup(text, len), *line;
	const char *rest, *language;
	enum smalltalk kind;
	struct line l;
	size_t from = 0, i;
	bool is_tail = false, next_tail;

	if (all[strspn(all, " \t\r")] == '\0') {
		free(all);
		return;
	}
	kind = smalltalk_of(all);
	if (kind != SMALLTALK_NONE) {
		if (kind > p->chat)
			p->chat = kind;
		free(all);
		return;
	}
	rest = smalltalk_skip(all, &len);
	line = xstrndup(rest, len);
	free(all);
	language = language_detect(line, len);
	read_words(line, &l);
	for (i = 1; i < l.count; i++) {
		if (!is_cut(&l, i, language, &next_tail))
			continue;
		add_part(p, line + from, l.word[i].at - from, is_tail,
		    language);
		from = l.word[i].at;
		is_tail = next_tail;
	}
	add_part(p, line + from, len - from, is_tail, language);
	free(line);
}

void
parts_split(const char *text, struct parts *ret)
{
	const char *p = text, *end;

	memset(ret, 0, sizeof(*ret));
	for (; *p != '\0'; p = end) {
		end = p + strcspn(p, "\n?");
		end += strspn(end, "\n?");
		add_line(ret, p,
		    (size_t)(end - p) - (end > p && end[-1] == '\n'));
	}
}

void
parts_release(struct parts *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		free(p->part[i].text);
	p->count = 0;
}

char *
parts_text(const struct parts *p, size_t from, size_t to)
{
	struct buf text = BUF_INIT(0);
	size_t i;

	for (i = from; i < to; i++) {
		if (i > from)
			buf_addc(&text, '\n');
		buf_adds(&text, p->part[i].text);
	}
	return buf_detach(&text);
}
