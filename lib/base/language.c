/*
 * language - which language a text is in, also a short one
 *
 * A word that stands in the lists of k languages counts 1/k for each of them,
 * so "de" says little and "aber" says all. Lists are folded (no accents), for
 * hurried writers leave accents out; accents that were written count apart.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/language.h"
#include "base/language_words.h"
#include "base/str.h"
#include "base/utf8.h"

#define LOOK_BYTES (16 * 1024)
#define SURE_SCORE 0.85	  /* about one word that is one language's own */
#define SURE_RATIO 1.25	  /* the best against the second best */
#define SURE_SHARE 0.12	  /* of the words of a long text */
#define KNOWN_MIN 2	  /* words, to tell by what all of them are of */
#define CERTAIN_SCORE 1.7 /* about two words of it, and no word of another */
#define CERTAIN_RATIO 2.5
#define WORD_MAX_BYTES LANGUAGE_WORD_BYTES
#define LISTS_MAX LANGUAGE_WORD_LISTS_MAX
#define LETTERS_MAX 128 /* that only some languages have */

/* Letters of Latin script that only some languages have. */
static const struct {
	const char *letters; /* UTF-8, small */
	const char *tags;
	double weight;
} letters[] = {
	{ "ñ¿¡", "es", 0.9 },
	{ "ãõ", "pt", 0.9 },
	{ "ß", "de", 0.9 },
	{ "äü", "de sv fi hu tr", 0.3 },
	{ "ö", "de sv fi hu tr", 0.3 },
	{ "å", "sv da no", 0.5 },
	{ "æø", "da no", 0.6 },
	{ "ùêèûœ", "fr", 0.4 },
	{ "ì", "it", 0.8 },
	{ "ò", "it ca", 0.5 },
	{ "à", "fr it ca pt", 0.25 },
	{ "ç", "fr pt ca tr", 0.25 },
	{ "íóú", "es pt", 0.3 },
	{ "é", "fr es pt", 0.15 },
	{ "á", "es pt hu cs", 0.2 },
	{ "ąęłńśźż", "pl", 0.9 },
	{ "řůěť", "cs", 0.9 },
	{ "žšč", "cs", 0.4 },
	{ "őű", "hu", 0.9 },
	{ "țșăţ", "ro", 0.8 },
	{ "ğış", "tr", 0.8 },
	{ "ơưđ", "vi", 0.9 },
};

/* Endings that tell, of words of six bytes or more (folded). */
static const struct {
	const char *ending;
	const char *tags;
	double weight;
} endings[] = {
	{ "cion", "es", 0.6 },
	{ "ciones", "es", 0.6 },
	{ "cao", "pt", 0.6 },
	{ "coes", "pt", 0.6 },
	{ "zione", "it", 0.6 },
	{ "zioni", "it", 0.6 },
	{ "ing", "en", 0.4 },
	{ "ness", "en", 0.4 },
	{ "ght", "en", 0.4 },
	{ "ung", "de", 0.4 },
	{ "lich", "de", 0.5 },
	{ "keit", "de", 0.5 },
	{ "schaft", "de", 0.5 },
	{ "eux", "fr", 0.5 },
	{ "ement", "fr en", 0.2 },
	{ "heid", "nl", 0.5 },
	{ "lijk", "nl", 0.5 },
	{ "ando", "es pt it", 0.2 },
	{ "iendo", "es", 0.5 },
	{ "mente", "es pt it", 0.2 },
	{ "dade", "pt", 0.5 },
	{ "idad", "es", 0.5 },
	{ "ados", "es pt", 0.2 },
	{ "lar\xc4\xb1", "tr", 0.5 },
	{ "leri", "tr", 0.4 },
	{ "nya", "id", 0.5 },
	{ "inen", "fi", 0.6 },
	{ "iset", "fi", 0.6 },
	{ "issa", "fi it", 0.3 },
	{ "assa", "fi it", 0.2 },
	{ "essa", "fi it", 0.2 },
	{ "lla", "fi", 0.2 },
	{ "lle", "fi", 0.3 },
	{ "ista", "fi es it", 0.2 },
	{ "iin", "fi", 0.5 },
	{ "taan", "fi", 0.5 },
	{ "sti", "fi", 0.2 },
	{ "ksi", "fi", 0.5 },
	{ "uksen", "fi", 0.6 },
	{ "hed", "da", 0.5 },
	{ "erne", "da", 0.5 },
	{ "ede", "da no", 0.2 },
	{ "else", "da no", 0.3 },
	{ "elser", "da no", 0.5 },
	{ "heten", "sv no", 0.5 },
	{ "orna", "sv", 0.5 },
	{ "arna", "sv", 0.5 },
	{ "ningen", "sv no da", 0.2 },
	{ "asok", "hu", 0.4 },
	{ "esek", "hu", 0.4 },
	{ "nak", "hu", 0.4 },
	{ "nek", "hu", 0.4 },
	{ "ban", "hu", 0.2 },
	{ "ben", "hu", 0.2 },
	{ "sagot", "hu", 0.5 },
	{ "seget", "hu", 0.5 },
	{ "asi", "hu", 0.2 },
	{ "owych", "pl", 0.6 },
	{ "nych", "pl", 0.5 },
	{ "nego", "pl", 0.5 },
	{ "nosc", "pl", 0.6 },
	{ "enie", "pl", 0.4 },
	{ "anie", "pl", 0.4 },
};

/* What tables_make() makes of letters and endings; bit i: list i. */
struct letter {
	uint32_t c;
	uint32_t langs;
	double weight;
};
static struct letter letter_table[LETTERS_MAX];
static size_t letter_count;
static uint32_t ending_langs[sizeof(endings) / sizeof(endings[0])];
/* Those with each last byte, by their number from 1; 0 ends a row. */
static uint8_t ends_so[UINT8_MAX + 1];
static uint8_t ends_too[sizeof(endings) / sizeof(endings[0]) + 1];
static uint32_t alike_langs, shared_langs;

static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

/* The languages whose lists have a word. */
static uint32_t
langs_with(const char *word, size_t len)
{
	const struct language_word *w;
	size_t i;

	if (len >= WORD_MAX_BYTES)
		return 0;
	for (i = language_word_slot(word, len);; i++) {
		w = &language_words[i % LANGUAGE_WORD_SLOTS];
		if (w->languages == 0 ||
		    (w->word[len] == '\0' && memcmp(w->word, word, len) == 0))
			return w->languages;
	}
}

/* Written so much alike that the better one is taken, be it by chance, where all
 * others are far behind: to answer in it is better than in none. */
static const char alike[] = "da no";

/* Not in Latin letters, and with others in the same. */
static const char *const cyrillic[] = { "ru", "uk", "bg", NULL };
static const char *const arabic[] = { "ar", "fa", "ur", NULL };
static const char *const persian[] = { "fa", "ur", NULL };
static const char *const devanagari[] = { "hi", "mr", NULL };
static const char shared[] = "ru uk bg ar fa ur hi mr";

/* The set of the languages named in tags. */
static uint32_t
langs_of(const char *tags)
{
	uint32_t langs = 0;
	size_t i, len;

	for (; *tags != '\0'; tags += len + (tags[len] == ' ')) {
		len = strcspn(tags, " ");
		for (i = 0; i < language_word_lists; i++)
			if (*language_word_tags[i] == *tags &&
			    strncmp(language_word_tags[i], tags, len) == 0 &&
			    language_word_tags[i][len] == '\0')
				langs |= UINT32_C(1) << i;
	}
	return langs;
}

static void
tables_make(void)
{
	const char *p, *end;
	size_t i;
	unsigned char last;

	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		p = letters[i].letters;
		for (end = p + strlen(p);
		     p < end && letter_count < LETTERS_MAX;)
			letter_table[letter_count++] =
			    (struct letter){ utf8_next(&p, end),
				    langs_of(letters[i].tags),
				    letters[i].weight };
	}
	alike_langs = langs_of(alike);
	shared_langs = langs_of(shared);
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		p = endings[i].ending;
		ending_langs[i] = langs_of(endings[i].tags);
		last = (unsigned char)p[strlen(p) - 1];
		ends_too[i + 1] = ends_so[last];
		ends_so[last] = (uint8_t)(i + 1);
	}
}

/* Add weight to each of a set of languages. */
static void
credit(double *scores, uint32_t langs, double weight)
{
	for (; langs != 0; langs &= langs - 1)
		scores[__builtin_ctz(langs)] += weight;
}

/* How many a word leaves to choose from: those that are alike are one. */
static int
told_apart(uint32_t langs)
{
	uint32_t same = langs & alike_langs;

	return __builtin_popcount(langs & ~same) + (same != 0);
}

/* What the words of a text say. */
struct tally {
	double scores[LISTS_MAX];
	size_t has[LISTS_MAX]; /* words that stand in its list */
	size_t words, known;
	uint32_t all; /* whose lists have every one that is known */
};

static void
credit_word(struct tally *t, const char *word, size_t len)
{
	double *scores = t->scores, weight;
	uint32_t langs = langs_with(word, len);
	size_t i, n;

	t->words++;
	if (langs != 0) {
		t->all &= langs;
		weight = 1.0 / told_apart(langs);
		if (len == 1)
			weight /= 2;
		credit(scores, langs, weight);
		t->known++;
		for (; langs != 0; langs &= langs - 1)
			t->has[__builtin_ctz(langs)]++;
		return;
	}
	if (len < 6)
		return;
	for (i = ends_so[(unsigned char)word[len - 1]]; i > 0;
	     i = ends_too[i]) {
		n = strlen(endings[i - 1].ending);
		if (memcmp(word + len - n, endings[i - 1].ending, n) == 0)
			credit(scores, ending_langs[i - 1],
			    endings[i - 1].weight);
	}
}

static void
credit_letter(double *scores, uint32_t c)
{
	size_t i;

	if (c >= 0x1ea0 && c <= 0x1ef9) { /* two marks on one letter */
		credit(scores, langs_of("vi"), 0.9);
		return;
	}
	/* Capitals of Latin-1 and Latin Extended-A, near enough. */
	if (c >= 0xc0 && c <= 0xde && c != 0xd7)
		c += 32;
	else if (c >= 0x100 && c <= 0x137 && c % 2 == 0 && c != 0x130)
		c++;
	else if (c >= 0x14a && c <= 0x177 && c % 2 == 0)
		c++;
	for (i = 0; i < letter_count; i++)
		if (letter_table[i].c == c)
			credit(scores, letter_table[i].langs,
			    letter_table[i].weight);
}

/* Addresses of the web and of mail are in no language. */
static void
blank_addresses(char *text)
{
	size_t len = strlen(text);

	/* Most texts have none. */
	if (memchr(text, '@', len) == NULL &&
	    memmem(text, len, "://", 3) == NULL &&
	    memmem(text, len, "www.", 4) == NULL)
		return;
	for (; *text != '\0'; text += len) {
		len = strcspn(text, " \t\r\n");
		if (memmem(text, len, "://", 3) != NULL ||
		    memmem(text, len, "www.", 4) != NULL ||
		    memchr(text, '@', len) != NULL)
			memset(text, ' ', len);
		len += strspn(text + len, " \t\r\n");
	}
}

static bool
is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* How sure one can be of a text's language. */
enum certainty { UNSURE, LIKELY, CERTAIN };

/* Tally the letters and the words of text. */
static void
read_words(const char *text, size_t len, struct tally *t)
{
	const char *p = text, *start = NULL, *end = text + len, *at;
	char *folded;
	uint32_t c;

	while (p < end)
		if ((unsigned char)*p < 128)
			p++;
		else
			credit_letter(t->scores, utf8_next(&p, end));
	folded = utf8_fold(text, len);
	blank_addresses(folded);
	p = folded;
	end = folded + strlen(folded);
	for (;;) {
		/* Most words are these letters and a blank behind them. */
		for (at = p; is_letter(*p); p++)
			;
		if (start == NULL && p > at)
			start = at;
		at = p;
		c = utf8_next(&p, end);
		if (c != 0 && utf8_is_word(c)) {
			if (start == NULL)
				start = at;
			continue;
		}
		/* Numbers are in no language. */
		if (start != NULL &&
		    strspn(start, "0123456789") < (size_t)(at - start))
			credit_word(t, start, (size_t)(at - start));
		start = NULL;
		if (c == 0)
			break;
	}
	free(folded);
}

/* Those of langs that the tally speaks most for, and next; LISTS_MAX: none of
 * them. */
struct leader {
	size_t best;
	double score, second;
};

static struct leader
leader_of(const struct tally *t, uint32_t langs)
{
	struct leader l = { LISTS_MAX, 0, 0 };
	uint32_t left, alike_best;
	size_t i;

	for (left = langs; left != 0; left &= left - 1) {
		i = (size_t)__builtin_ctz(left);
		if (t->scores[i] > l.score)
			l = (struct leader){ i, t->scores[i], 0 };
	}
	if (l.best == LISTS_MAX)
		return l;
	alike_best = alike_langs >> l.best & 1 ? alike_langs : 0;
	left = langs & ~alike_best & ~(UINT32_C(1) << l.best);
	for (; left != 0; left &= left - 1) {
		i = (size_t)__builtin_ctz(left);
		if (t->scores[i] > l.second)
			l.second = t->scores[i];
	}
	return l;
}

/* Whether some words are known, half of all at least, and one list alone has all
 * of them. */
static bool
is_alone(const struct tally *t, size_t list)
{
	return t->known >= KNOWN_MIN && 2 * t->known >= t->words &&
	    t->all == UINT32_C(1) << list;
}

static const char *
detect_latin(const char *text, size_t len, enum certainty *ret)
{
	struct tally t = { .all = UINT32_MAX };
	struct leader l;

	*ret = UNSURE;
	pthread_once(&tables_once, tables_make);
	read_words(text, len, &t);
	l = leader_of(&t, ~shared_langs);
	if (l.best == LISTS_MAX || l.score < SURE_RATIO * l.second ||
	    l.score < SURE_SHARE * (double)t.words)
		return "und";
	/* One word of its own among more of others' is a loan. */
	if (2 * t.has[l.best] < t.known)
		return "und";
	/* A lone shared word still tells when nothing speaks against it, and
	 * words that no other language has all of. */
	if (l.score < SURE_SCORE &&
	    (l.score < 0.4 || l.second > 0.2 || t.words > 4) &&
	    !is_alone(&t, l.best))
		return "und";
	*ret = l.score >= CERTAIN_SCORE && l.score >= CERTAIN_RATIO * l.second ?
	    CERTAIN :
	    LIKELY;
	return language_word_tags[l.best];
}

/* The one of tags that the words of text speak for, or else the first. */
static const char *
detect_among(const char *text, size_t len, const char *const *tags)
{
	struct tally t = { .all = UINT32_MAX };
	struct leader l;
	uint32_t langs = 0;
	size_t i;

	pthread_once(&tables_once, tables_make);
	read_words(text, len, &t);
	for (i = 0; tags[i] != NULL; i++)
		langs |= langs_of(tags[i]);
	l = leader_of(&t, langs);
	return l.best == LISTS_MAX || l.score < SURE_RATIO * l.second ?
	    tags[0] :
	    language_word_tags[l.best];
}

/* What a code point's script says; NULL: Latin, or nothing. */
enum script {
	NONE,
	LATIN,
	CYRILLIC,
	ARABIC,
	DEVANAGARI,
	HAN,
	KANA,
	HANGUL,
	GREEK,
	HEBREW,
	ARMENIAN,
	GEORGIAN,
	ETHIOPIC,
	BENGALI,
	GURMUKHI,
	GUJARATI,
	ODIA,
	TAMIL,
	TELUGU,
	KANNADA,
	MALAYALAM,
	SINHALA,
	THAI,
	LAO,
	MYANMAR,
	KHMER,
	SCRIPTS
};

static const struct {
	uint32_t first, last;
	enum script script;
} ranges[] = {
	{ 'A', 'Z', LATIN },
	{ 'a', 'z', LATIN },
	{ 0xaa, 0x24f, LATIN },
	{ 0x370, 0x3ff, GREEK },
	{ 0x400, 0x52f, CYRILLIC },
	{ 0x530, 0x58f, ARMENIAN },
	{ 0x5d0, 0x5f4, HEBREW },
	{ 0x620, 0x6ff, ARABIC },
	{ 0x750, 0x77f, ARABIC },
	{ 0x900, 0x97f, DEVANAGARI },
	{ 0x980, 0x9ff, BENGALI },
	{ 0xa00, 0xa7f, GURMUKHI },
	{ 0xa80, 0xaff, GUJARATI },
	{ 0xb00, 0xb7f, ODIA },
	{ 0xb80, 0xbff, TAMIL },
	{ 0xc00, 0xc7f, TELUGU },
	{ 0xc80, 0xcff, KANNADA },
	{ 0xd00, 0xd7f, MALAYALAM },
	{ 0xd80, 0xdff, SINHALA },
	{ 0xe00, 0xe7f, THAI },
	{ 0xe80, 0xeff, LAO },
	{ 0x1000, 0x109f, MYANMAR },
	{ 0x10a0, 0x10ff, GEORGIAN },
	{ 0x1100, 0x11ff, HANGUL },
	{ 0x1200, 0x139f, ETHIOPIC },
	{ 0x1780, 0x17ff, KHMER },
	{ 0x1e00, 0x1eff, LATIN },
	{ 0x1f00, 0x1fff, GREEK },
	{ 0x3040, 0x30ff, KANA },
	{ 0x3400, 0x4dbf, HAN },
	{ 0x4e00, 0x9fff, HAN },
	{ 0xac00, 0xd7af, HANGUL },
	{ 0xf900, 0xfaff, HAN },
	{ 0xfb50, 0xfdff, ARABIC },
	{ 0xfe70, 0xfefe, ARABIC },
	{ 0x20000, 0x3134f, HAN },
};

static const char *const script_tags[SCRIPTS] = {
	[GREEK] = "el",
	[HEBREW] = "he",
	[ARMENIAN] = "hy",
	[GEORGIAN] = "ka",
	[ETHIOPIC] = "am",
	[BENGALI] = "bn",
	[GURMUKHI] = "pa",
	[GUJARATI] = "gu",
	[ODIA] = "or",
	[TAMIL] = "ta",
	[TELUGU] = "te",
	[KANNADA] = "kn",
	[MALAYALAM] = "ml",
	[SINHALA] = "si",
	[THAI] = "th",
	[LAO] = "lo",
	[MYANMAR] = "my",
	[KHMER] = "km",
	[HANGUL] = "ko",
	[KANA] = "ja",
};

static enum script
script_of(uint32_t c)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]), mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (c < ranges[mid].first)
			high = mid;
		else if (c > ranges[mid].last)
			low = mid + 1;
		else
			return c == 0xd7 || c == 0xf7 ? NONE :
							ranges[mid].script;
	}
	return NONE;
}

/* How often a letter of set is in text. */
static size_t
count_of(const char *text, size_t len, const char *set)
{
	const char *p = text, *end = text + len, *q, *set_end;
	uint32_t c, d;
	size_t n = 0;

	set_end = set + strlen(set);
	while ((c = utf8_next(&p, end)) != 0)
		for (q = set; (d = utf8_next(&q, set_end)) != 0;)
			n += c == d;
	return n;
}

static bool
has(const char *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word)) != NULL;
}

static const char *
detect(const char *text, size_t len, enum certainty *ret)
{
	size_t counts[SCRIPTS] = { 0 };
	size_t i, best = NONE, total = 0, most;
	const char *p, *end;

	*ret = UNSURE;
	len = utf8_cut(text, len, LOOK_BYTES);
	len = strnlen(text, len);
	end = text + len;
	for (p = text; p < end;)
		if ((unsigned char)*p < 128)
			counts[is_letter(*p++) ? LATIN : NONE]++;
		else
			counts[script_of(utf8_next(&p, end))]++;
	/* A sign of Han is a word, a letter is a fifth of one. */
	counts[HAN] *= 4;
	counts[KANA] *= 2;
	counts[HANGUL] *= 2;
	counts[NONE] = 0;
	for (i = 0; i < SCRIPTS; i++) {
		total += counts[i];
		if (counts[i] > counts[best])
			best = i;
	}
	most = counts[best];
	/* Japanese is written in both: neither alone need be most of it. */
	if (counts[HAN] + counts[KANA] > most && counts[KANA] > 0) {
		best = HAN;
		most = counts[HAN] + counts[KANA];
	}
	if (total == 0 || most * 5 < total * 2)
		return "und";
	*ret = CERTAIN;
	switch (best) {
	case LATIN:
		return detect_latin(text, len, ret);
	case HAN:
	case KANA:
		/* Japanese has some kana in every sentence. */
		return counts[KANA] * 10 >= counts[HAN] ? "ja" : "zh";
	case CYRILLIC:
		if (count_of(text, len, "іїєґІЇЄҐ") > 0)
			return "uk";
		if (count_of(text, len, "ыэёЫЭЁ") == 0 &&
		    count_of(text, len, "ъЪ") * 40 > counts[CYRILLIC])
			return "bg";
		if (count_of(text, len, "ыэёЫЭЁ") > 0)
			return "ru";
		return detect_among(text, len, cyrillic);
	case ARABIC:
		if (count_of(text, len, "ٹڈڑںےہھ") > 0)
			return "ur";
		return detect_among(text, len,
		    count_of(text, len, "پچژگکی") > 0 ? persian : arabic);
	case DEVANAGARI:
		if (count_of(text, len, "ळ") > 0 || has(text, len, "आहे") ||
		    has(text, len, "नाही"))
			return "mr";
		return detect_among(text, len, devanagari);
	default:
		return script_tags[best];
	}
}

const char *
language_detect(const char *text, size_t len)
{
	enum certainty certainty;

	return detect(text, len, &certainty);
}

const char *
language_certain(const char *text, size_t len)
{
	enum certainty certainty;
	const char *tag = detect(text, len, &certainty);

	return certainty == CERTAIN ? tag : "und";
}

#define TAG_MAX_BYTES 35
#define SUBTAG_MAX_BYTES 8
_Static_assert(TAG_MAX_BYTES < LANGUAGE_TAG_BYTES, "a tag and NUL");

bool
language_tag_valid(const char *tag, size_t len)
{
	size_t i = 0, from;

	while (i < len && is_letter(tag[i]))
		i++;
	if (i < 2 || i > 3 || len > TAG_MAX_BYTES)
		return false;
	while (i < len) {
		if (tag[i++] != '-')
			return false;
		for (from = i; i < len &&
		     (is_letter(tag[i]) || (tag[i] >= '0' && tag[i] <= '9'));
		     i++)
			;
		if (i == from || i - from > SUBTAG_MAX_BYTES)
			return false;
	}
	return true;
}

void
language_tag_write(const char *tag, char ret[LANGUAGE_TAG_BYTES])
{
	size_t i, from = 0, n;

	snprintf(ret, LANGUAGE_TAG_BYTES, "%s", tag);
	for (i = 0; ret[i] != '\0'; i++)
		if (ret[i] >= 'A' && ret[i] <= 'Z')
			ret[i] = (char)(ret[i] | 32);
	/* A region has capitals, a script one. */
	for (; ret[from] != '\0'; from += n + (ret[from + n] == '-')) {
		n = strcspn(ret + from, "-");
		for (i = 0;
		     from > 0 && (n == 2 || n == 4) && i < (n == 2 ? 2 : 1);
		     i++)
			if (is_letter(ret[from + i]))
				ret[from + i] = (char)(ret[from + i] & ~32);
	}
}

bool
language_in_range(const char *tag, const char *range)
{
	size_t n = strlen(range);

	return strncasecmp(tag, range, n) == 0 &&
	    (tag[n] == '\0' || tag[n] == '-');
}

const char *
language_plain(const char *tag)
{
	/* Those that begin as another does come before it. */
	static const char *const more[] = { "hi-Latn", "zh", "ja", NULL };
	const char *p;
	size_t i;

	/* Nearly all are of two letters. */
	if (tag[0] == '\0' || tag[1] == '\0' || tag[2] == '\0' ||
	    strchr(tag, '-') == NULL)
		return tag;
	for (i = 0; more[i] != NULL; i++)
		if (language_in_range(tag, more[i]))
			return more[i];
	for (i = 0; i < language_word_lists; i++)
		if (language_in_range(tag, language_word_tags[i]))
			return language_word_tags[i];
	for (i = 0; i < SCRIPTS; i++) {
		p = script_tags[i];
		if (p != NULL && language_in_range(tag, p))
			return p;
	}
	return tag;
}

/* The codes of two letters of ISO 639. */
static const char codes[] =
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch "
    "co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga "
    "gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja "
    "jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv "
    "mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or "
    "os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq "
    "sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve "
    "vi vo wa wo xh yi yo za zh zu ";

/* What people write instead: a country, a name, codes of three letters. */
static const struct {
	const char *wrong, *right;
} meant[] = { { "jp", "ja" }, { "cn", "zh" }, { "gr", "el" }, { "dk", "da" },
	{ "cz", "cs" }, { "ua", "uk" }, { "gb", "en" }, { "us", "en" },
	{ "at", "de" }, { "vn", "vi" }, { "rs", "sr" }, { "ir", "fa" },
	{ "mx", "es" }, { "iw", "he" }, { "in", "id" }, { "eng", "en" },
	{ "spa", "es" }, { "deu", "de" }, { "ger", "de" }, { "fra", "fr" },
	{ "fre", "fr" }, { "ita", "it" }, { "por", "pt" }, { "nld", "nl" },
	{ "dut", "nl" }, { "pol", "pl" }, { "tur", "tr" }, { "rus", "ru" },
	{ "ara", "ar" }, { "hin", "hi" }, { "jpn", "ja" }, { "zho", "zh" },
	{ "chi", "zh" }, { "kor", "ko" }, { "ind", "id" }, { "swe", "sv" },
	{ "english", "en" }, { "spanish", "es" }, { "espanol", "es" },
	{ "castellano", "es" }, { "german", "de" }, { "deutsch", "de" },
	{ "french", "fr" }, { "francais", "fr" }, { "italian", "it" },
	{ "italiano", "it" }, { "dutch", "nl" }, { "polish", "pl" },
	{ "polski", "pl" }, { "turkish", "tr" }, { "turkce", "tr" },
	{ "russian", "ru" }, { "arabic", "ar" }, { "hindi", "hi" },
	{ "japanese", "ja" }, { "chinese", "zh" }, { "korean", "ko" },
	{ "swedish", "sv" }, { "svenska", "sv" }, { "catalan", "ca" } };
#define NMEANT (sizeof(meant) / sizeof(meant[0]))

/* The beginning of a tag in lower case; "" if it is too long for one. */
static void
first_part(const char *tag, size_t len, char ret[16])
{
	size_t i, n = 0;

	while (n < len && tag[n] != '-')
		n++;
	n = n < 16 ? n : 0;
	for (i = 0; i < n; i++)
		ret[i] = (char)(tag[i] | 0x20);
	ret[n] = '\0';
}

const char *
language_meant(const char *tag, size_t len)
{
	char part[16];
	size_t i;

	first_part(tag, len, part);
	for (i = 0; i < NMEANT; i++)
		if (strcmp(part, meant[i].wrong) == 0)
			return meant[i].right;
	return NULL;
}

bool
language_known(const char *tag, size_t len)
{
	char part[16];
	const char *p;

	first_part(tag, len, part);
	if (strlen(part) == 3)
		return language_meant(tag, len) == NULL;
	if (strlen(part) != 2)
		return false;
	for (p = codes; *p != '\0'; p += 3)
		if (p[0] == part[0] && p[1] == part[1])
			return true;
	return false;
}

static bool
is_told(const char *tag)
{
	size_t i;

	if (language_in_range(tag, "zh") || language_in_range(tag, "ja"))
		return true;
	for (i = 0; i < language_word_lists; i++)
		if (language_in_range(tag, language_word_tags[i]))
			return true;
	for (i = 0; i < SCRIPTS; i++)
		if (script_tags[i] != NULL &&
		    language_in_range(tag, script_tags[i]))
			return true;
	return false;
}

bool
language_may_be(const char *told, const char *tag)
{
	/* Short texts of the two may be the same. */
	static const char *const near[][2] = { { "da", "no" }, { "da", "sv" },
		{ "no", "sv" }, { "ru", "bg" }, { "ru", "uk" }, { "hi", "mr" },
		{ "ar", "fa" }, { "fa", "ur" }, { "ar", "ur" },
		{ "es", "ca" } };
	char a[16], b[16];
	size_t i;

	if (!is_told(tag))
		return true;
	first_part(told, strlen(told), a);
	first_part(tag, strlen(tag), b);
	for (i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		if ((strcmp(a, near[i][0]) == 0 &&
			strcmp(b, near[i][1]) == 0) ||
		    (strcmp(a, near[i][1]) == 0 && strcmp(b, near[i][0]) == 0))
			return true;
	return strcmp(a, b) == 0;
}
