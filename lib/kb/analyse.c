/* analyse - text to the words that are compared */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libstemmer.h>

#include "base/eight.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/analyse.h"
#include "kb/endings.h"

/* Powers of two. A question needs few stems, an ingest many: 1.5 MiB. */
#define CACHE_SLOTS_MIN 128
#define CACHE_SLOTS_MAX 16384
#define APOSTROPHE 0x2019

static const struct {
	const char *tag;
	const char *stemmer;
} stemmers[] = {
	{ "en", "english" },
	{ "es", "spanish" },
	{ "pt", "portuguese" },
	{ "fr", "french" },
	{ "de", "german" },
	{ "it", "italian" },
	{ "nl", "dutch" },
	{ "ca", "catalan" },
	{ "sv", "swedish" },
	{ "da", "danish" },
	{ "no", "norwegian" },
	{ "fi", "finnish" },
	{ "ro", "romanian" },
	{ "hu", "hungarian" },
	{ "id", "indonesian" },
	{ "hi", "hindi" },
	{ "ar", "arabic" },
	{ "ru", "russian" },
	{ "el", "greek" },
	{ "ta", "tamil" },
	{ "hy", "armenian" },
};
#define STEMMERS (sizeof(stemmers) / sizeof(stemmers[0]))

struct slot {
	uint8_t language; /* its place in stemmers, from 1; 0: free */
	uint8_t word_len, stem_len;
	char word[KB_WORD_MAX_BYTES];
	char stem[KB_STEM_MAX_BYTES];
};

struct analyser {
	struct sb_stemmer *open[STEMMERS];
	struct slot *cache;
	size_t slots;
	size_t stemmed; /* into this cache */
	char once[KB_STEM_MAX_BYTES];
};

struct analyser *
analyser_new(void)
{
	struct analyser *a = xcalloc(1, sizeof(*a));

	a->slots = CACHE_SLOTS_MIN;
	a->cache = xcalloc(a->slots, sizeof(*a->cache));
	return a;
}

/* A larger, empty one: soon it is full again. */
static void
grow(struct analyser *a)
{
	free(a->cache);
	a->slots *= 4;
	if (a->slots > CACHE_SLOTS_MAX)
		a->slots = CACHE_SLOTS_MAX;
	a->cache = xcalloc(a->slots, sizeof(*a->cache));
	a->stemmed = 0;
}

void
analyser_free(struct analyser *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < STEMMERS; i++)
		if (a->open[i] != NULL)
			sb_stemmer_delete(a->open[i]);
	free(a->cache);
	free(a);
}

struct stemming
analyse_stemming(const char *language)
{
	struct stemming by = { 0, language_plain(language) };

	/* Once a word at times, so that calls count. */
	for (; by.stemmer < STEMMERS; by.stemmer++)
		if (stemmers[by.stemmer].tag[0] == by.language[0] &&
		    strcmp(stemmers[by.stemmer].tag, by.language) == 0)
			break;
	return by;
}

bool
analyse_cuts_endings(const char *language)
{
	/* Indonesian, Arabic and Tamil take beginnings off, German writes ae
	 * for a with dots. */
	static const char *const others[] = { "id", "ar", "ta", "de", NULL };

	return !str_in(language_plain(language), others);
}

/* --- endings --- */

static bool
ends(const char *word, size_t len, const char *ending)
{
	size_t n = strlen(ending);

	return len > n + 1 && memcmp(word + len - n, ending, n) == 0;
}

/* Whether a vowel of Russian stands before end; letters are two bytes here. */
static bool
behind_vowel(const char *word, const char *end)
{
	static const char vowels[] = "аеиоуыэюя";
	size_t i;

	for (i = 0; end - word >= 2 && vowels[i] != '\0'; i += 2)
		if (memcmp(end - 2, vowels + i, 2) == 0)
			return true;
	return false;
}

/* The last letter of an adjective lost its mark: ends in -ыи what was -ый. Of a
 * noun's -ии and -ий one stem is made. */
static void
restore_short_i(char *word, size_t len)
{
	if (ends(word, len, "и") && behind_vowel(word, word + len - 2))
		memcpy(word + len - 2, "й", 2);
}

/*
 * Endings that a stemmer knows only with the accents that folding took, and
 * those of plurals and forms that it leaves: as they stand in a folded word, and
 * what it is given instead. The longer of two comes first.
 */
static const struct {
	const char *tag, *from, *to;
} given[] = {
	{ "es", "ion", "ión" },
	{ "es", "ais", "áis" },
	{ "es", "eis", "éis" },
	{ "pt", "cao", "ção" },
	{ "pt", "coes", "ção" },
	{ "pt", "oes", "ao" },
	{ "pt", "aes", "ao" },
	{ "pt", "iveis", "ivel" },
	{ "pt", "ais", "al" },
	{ "pt", "eis", "el" },
	{ "pt", "ois", "ol" },
	{ "pt", "uis", "ul" },
	{ "pt", "ens", "em" },
	{ "pt", "ins", "im" },
	{ "pt", "ons", "om" },
	{ "pt", "uns", "um" },
	{ "fr", "ee", "ée" },
	{ "fr", "ees", "ées" },
	{ "fr", "ye", "yé" },
	{ "fr", "yes", "yés" },
	{ "ca", "cio", "ció" },
	{ "ro", "tie", "ţie" },
	{ "ro", "tia", "ţia" },
	{ "ro", "tii", "ţii" },
	{ "ro", "tiile", "ţiile" },
	{ "ro", "tiilor", "ţiilor" },
	{ "hu", "bol", "ból" },
	{ "hu", "rol", "ról" },
	{ "hu", "tol", "tól" },
	{ "hu", "ert", "ért" },
	{ "nl", "ijzen", "ijs" },
	{ "nl", "izen", "is" },
	{ "nl", "ieven", "ief" },
	{ "nl", "ijven", "ijf" },
};

/* The word as its stemmer wants it: also German ae, oe, ue as the vowels they
 * stand for, and Russian with its й. */
static size_t
restore(const char *tag, const char *word, size_t len, char *out)
{
	size_t i, n = 0, cut;

	if (strcmp(tag, "de") == 0) {
		for (i = 0; i < len; i++) {
			out[n++] = word[i];
			if (i > 0 && i + 1 < len && word[i + 1] == 'e' &&
			    strchr("aou", word[i]) != NULL &&
			    strchr("aeiouq", word[i - 1]) == NULL)
				i++;
		}
		return n;
	}
	memcpy(out, word, len);
	if (strcmp(tag, "ru") == 0)
		restore_short_i(out, len);
	for (i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (*given[i].tag == *tag && strcmp(given[i].tag, tag) == 0 &&
		    ends(word, len, given[i].from)) {
			cut = len - strlen(given[i].from);
			n = strlen(given[i].to);
			memcpy(out + cut, given[i].to, n);
			return cut + n;
		}
	return len;
}

/* Take the accents off a stem, which may have got one back. */
static size_t
unaccent(const char *stem, size_t len, char *out)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if ((unsigned char)stem[i] == 0xc3 && i + 1 < len) {
			switch ((unsigned char)stem[i + 1]) {
			case 0xb3: /* o acute */
			case 0xb5: /* o tilde */
				out[n++] = 'o', i++;
				continue;
			case 0xa7: /* c cedilla */
				out[n++] = 'c', i++;
				continue;
			case 0xa9: /* e acute */
				out[n++] = 'e', i++;
				continue;
			case 0xa1: /* a acute */
			case 0xa3: /* a tilde */
				out[n++] = 'a', i++;
				continue;
			default:
				break;
			}
		}
		if ((unsigned char)stem[i] == 0xc5 && i + 1 < len &&
		    (unsigned char)stem[i + 1] == 0xa3) { /* t cedilla */
			out[n++] = 't', i++;
			continue;
		}
		out[n++] = stem[i];
	}
	return n;
}

/* --- stems --- */

static uint32_t
hash(const char *word, size_t len, size_t language)
{
	uint32_t h = 2166136261u ^ (uint32_t)(language * 2654435761u);
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * 16777619u;
	return h ^ h >> 15;
}

/*
 * What stemmer which makes of word; NULL: nothing is left, or there is no such
 * stemmer, and a stem is a word. Good until the next call.
 */
static const char *
stem_by(struct analyser *a, size_t which, const char *word, size_t len,
    size_t *ret_len)
{
	char prepared[KB_WORD_MAX_BYTES + 8];
	const sb_symbol *stem;
	size_t n;

	if (a->open[which] == NULL)
		a->open[which] =
		    sb_stemmer_new(stemmers[which].stemmer, "UTF_8");
	if (a->open[which] == NULL)
		return NULL;
	n = restore(stemmers[which].tag, word, len, prepared);
	stem = sb_stemmer_stem(a->open[which], (const sb_symbol *)prepared,
	    (int)n);
	n = (size_t)sb_stemmer_length(a->open[which]);
	if (stem == NULL || n == 0)
		return NULL;
	*ret_len = n <= KB_STEM_MAX_BYTES ?
	    n :
	    utf8_cut((const char *)stem, n, KB_STEM_MAX_BYTES);
	return (const char *)stem;
}

/* The length of a word that is cut, and whether it can have an ending: numbers
 * and words of two letters are as they are. */
static bool
has_ending(const char *word, size_t *len)
{
	if (*len > KB_WORD_MAX_BYTES)
		*len = utf8_cut(word, *len, KB_WORD_MAX_BYTES);
	return *len > 2 && (word[0] < '0' || word[0] > '9');
}

const char *
analyse_stem(struct analyser *a, const char *word, size_t len,
    const char *language, size_t *ret_len)
{
	struct stemming by = analyse_stemming(language);

	return analyse_stem_by(a, &by, word, len, ret_len);
}

const char *
analyse_stem_by(struct analyser *a, const struct stemming *by, const char *word,
    size_t len, size_t *ret_len)
{
	size_t which = by->stemmer, n;
	char copy[KB_WORD_MAX_BYTES];
	const char *stem;
	struct slot *s;
	uint32_t h;
	bool has = has_ending(word, &len);

	*ret_len = len;
	if (!has)
		return word;
	if (which == STEMMERS) {
		*ret_len = endings_cut(word, len, by->language);
		return word;
	}
	h = hash(word, len, which);
	s = &a->cache[h & (a->slots - 1)];
	if (s->language == which + 1 && s->word_len == len &&
	    memcmp(s->word, word, len) == 0) {
		*ret_len = s->stem_len;
		return s->stem;
	}
	stem = stem_by(a, which, word, len, &n);
	if (stem == NULL)
		return word;
	if (++a->stemmed > 4 * a->slots && a->slots < CACHE_SLOTS_MAX) {
		/* word may be what the last call returned: a stem in there. */
		memcpy(copy, word, len);
		word = copy;
		grow(a);
		s = &a->cache[h & (a->slots - 1)];
	}
	s->language = (uint8_t)(which + 1);
	s->word_len = (uint8_t)len;
	memcpy(s->word, word, len);
	s->stem_len = (uint8_t)unaccent(stem, n, s->stem);
	*ret_len = s->stem_len;
	return s->stem;
}

const char *
analyse_stem_once(struct analyser *a, const char *word, size_t len,
    const char *language, size_t *ret_len)
{
	struct stemming by = analyse_stemming(language);
	size_t n;
	const char *stem;
	bool has = has_ending(word, &len);

	*ret_len = len;
	if (!has)
		return word;
	if (by.stemmer == STEMMERS) {
		*ret_len = endings_cut(word, len, by.language);
		return word;
	}
	stem = stem_by(a, by.stemmer, word, len, &n);
	if (stem == NULL)
		return word;
	*ret_len = unaccent(stem, n, a->once);
	return a->once;
}

bool
analyse_has_stems(const char *language)
{
	struct stemming by = analyse_stemming(language);

	return by.stemmer < STEMMERS || endings_known(by.language);
}

/* --- words --- */

int
analyse_grams(uint32_t c)
{
	if (c < 0xe00)
		return 0;
	if ((c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) ||
	    (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3134f))
		return 2;
	if ((c >= 0xe00 && c <= 0xeff) || (c >= 0x1000 && c <= 0x109f) ||
	    (c >= 0x1780 && c <= 0x17ff))
		return 3;
	return 0;
}

/* A run of such letters: overlapping groups of n, and single signs. */
static void
each_gram(const char *run, size_t len, int n, word_fn each, void *ctx)
{
	const char *p = run, *q, *end = run + len;
	int i;

	while (p < end) {
		q = p;
		utf8_next(&q, end);
		if (n == 2)
			each(ctx, p, (size_t)(q - p));
		for (i = 1; i < n && q < end; i++)
			utf8_next(&q, end);
		if (i == n && (i > 1 || q < end))
			each(ctx, p, (size_t)(q - p));
		else if (n == 3 && p == run)
			each(ctx, p, (size_t)(end - p)); /* a short run */
		utf8_next(&p, end);
	}
}

/* Words of folded, which ends in NUL, of any script. */
static void
each_word_of_any(const char *folded, word_fn each, void *ctx)
{
	const char *p = folded, *end = folded + strlen(folded);
	const char *start = NULL, *at;
	bool apostrophe = false;
	int kind, now = 0;
	uint32_t c;
	size_t n;

	for (;;) {
		at = p;
		c = p < end && !((unsigned char)*p & 0x80) ?
		    (uint32_t)(unsigned char)*p++ :
		    utf8_next(&p, end);
		kind = c != 0 && utf8_is_word(c) ? analyse_grams(c) : -1;
		if (start != NULL && kind != now) {
			n = (size_t)(at - start);
			/* What an apostrophe cuts off ("it's", "l'eau") says
			 * nothing by itself. */
			if (now > 0)
				each_gram(start, n, now, each, ctx);
			else if (n > 2 ||
			    (!apostrophe && c != '\'' && c != APOSTROPHE))
				each(ctx, start,
				    n > KB_WORD_MAX_BYTES ?
					utf8_cut(start, n, KB_WORD_MAX_BYTES) :
					n);
			start = NULL;
		}
		if (c == 0)
			break;
		if (kind >= 0 && start == NULL) {
			start = at;
			now = kind;
		} else if (kind < 0)
			apostrophe = c == '\'' || c == APOSTROPHE;
	}
}

/* 1 for what stands in words, of ASCII: digits and small letters. */
static const unsigned char plain_word[128] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0 };

/* The same, and for plain ASCII several times as fast. */
static void
each_word(const char *folded, word_fn each, void *ctx)
{
	const char *p = folded, *start;
	bool after = false; /* an apostrophe stands before the word */
	size_t n;

	p += utf8_plain_length(p, strlen(p));
	if (*p != '\0') {
		each_word_of_any(folded, each, ctx);
		return;
	}
	for (p = folded; *p != '\0';) {
		if (!plain_word[(unsigned char)*p]) {
			after = *p++ == '\'';
			continue;
		}
		for (start = p++; plain_word[(unsigned char)*p]; p++)
			;
		n = (size_t)(p - start);
		if (n > 2 || (!after && *p != '\''))
			each(ctx, start,
			    n > KB_WORD_MAX_BYTES ? KB_WORD_MAX_BYTES : n);
		after = false;
	}
}

/* Which of 64 bytes of folded ASCII, the last of them may be behind its end,
 * stand in words. */
static uint64_t
word_bits(const char *p)
{
	uint64_t eight, bits = 0;
	int i;

	for (i = 0; i < 64; i += 8) {
		eight = eight_at(p + i);
		bits |= (uint64_t)eight_bits(eight_within(eight, 'a', 'z') |
			    eight_within(eight, '0', '9'))
		    << i;
	}
	return bits;
}

size_t
analyse_plain_words(const char *text, size_t len, struct buf *folded,
    struct buf *words)
{
	struct plain_word *w;
	const char *p;
	uint64_t bits, before, first, behind; /* of words: all bytes; the first
					       * ones, and those behind them */
	size_t i, at, start = 0, n = 0;
	bool is_in = false;

	buf_reset(folded);
	memset(buf_room(folded, len + 64) + len, 0, 64);
	utf8_fold_plain(folded, text, len);
	buf_reset(words);
	w = (struct plain_word *)(void *)buf_room(words,
	    (len / 2 + 1) * sizeof(*w));
	p = folded->data;
	for (i = 0; i <= len; i += 64) {
		bits = word_bits(p + i);
		before = bits << 1 | is_in;
		first = bits & ~before;
		behind = ~bits & before;
		if (is_in && behind == 0)
			continue;
		for (;;) {
			if (!is_in) {
				if (first == 0)
					break;
				start = i + (size_t)__builtin_ctzll(first);
				first &= first - 1;
			}
			is_in = behind == 0;
			if (is_in)
				break;
			at = i + (size_t)__builtin_ctzll(behind);
			behind &= behind - 1;
			if (at - start < 3 &&
			    (p[at] == '\'' ||
				(start > 0 && p[start - 1] == '\'')))
				continue;
			w[n++] = (struct plain_word){ (uint32_t)start,
				(uint32_t)(at - start) };
		}
	}
	words->len = n * sizeof(*w);
	return n;
}

void
analyse_words(const char *text, size_t len, word_fn each, void *ctx)
{
	char *folded = utf8_fold(text, len);

	each_word(folded, each, ctx);
	free(folded);
}

bool
analyse_keeps_marks(const char *language)
{
	return strcmp(language_plain(language), "vi") == 0;
}

void
analyse_text(const char *text, size_t len, const char *language, word_fn each,
    void *ctx)
{
	char *folded = analyse_keeps_marks(language) ?
	    utf8_fold_case(text, len) :
	    utf8_fold(text, len);

	each_word(folded, each, ctx);
	free(folded);
}

struct stems {
	struct analyser *a;
	struct stemming by;
	word_fn each;
	void *ctx;
};

static void
stem_word(void *ctx, const char *word, size_t len)
{
	struct stems *s = ctx;
	size_t n;
	const char *stem = analyse_stem_by(s->a, &s->by, word, len, &n);

	s->each(s->ctx, stem, n);
}

void
analyse_stems(struct analyser *a, const char *text, size_t len,
    const char *language, word_fn each, void *ctx)
{
	struct stems s = { a, analyse_stemming(language), each, ctx };

	analyse_text(text, len, language, stem_word, &s);
}

static void
add_stem(void *ctx, const char *stem, size_t len)
{
	struct buf *out = ctx;

	if (out->len > 0)
		buf_addc(out, ' ');
	buf_add(out, stem, len);
}

void
analyse(struct analyser *a, const char *text, size_t len, const char *language,
    struct buf *ret)
{
	analyse_stems(a, text, len, language, add_stem, ret);
}
