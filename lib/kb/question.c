/* question - what a question asks for: concepts, their weight, their forms */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/language.h"
#include "base/utf8.h"
#include "kb/dictionary.h"
#include "kb/hanzi.h"
#include "kb/inside.h"
#include "kb/joined.h"
#include "kb/marks.h"
#include "kb/phrases.h"
#include "kb/retrieve.h"
#include "kb/slips.h"
#include "kb/terms.h"

#define SYNONYM_STRENGTH 0.8
#define PARTS_STRENGTH 0.85 /* a phrase's words, but not together */
#define TYPO_STRENGTH 0.8
#define BOLD_STRENGTH 0.65	/* of a guess that is bold */
#define SLIP_MIN_BYTES 4	/* of a word that may be one of a phrase */
#define OTHER_WORD_STRENGTH 0.2 /* where the slip is a word, too */
#define KIN_STRENGTH 0.85
#define LONGER_STRENGTH 0.8
#define SPLIT_STRENGTH 0.95
#define SPLIT_PART_BYTES 16
#define FIRST_STRENGTH 0.7 /* of a first part: it says what kind */
#define FOREIGN_LOOKS 64
#define JOINT_MAX 2
#define LONGER_TERMS 500   /* that begin with a word */
#define PART_PASSAGES 2000 /* all words of so many are soon looked at */
#define RARE_STRENGTH 0.95
#define OTHER_VERB_STRENGTH 0.5 /* schicken, of zurückschicken */
#define HANZI_STRENGTH 0.95	/* in the other way to write Chinese */
#define MARKS_STRENGTH 0.9	/* of what is as asked but for its marks */
#define UNSURE_STRENGTH 0.95
#define UNSURE_MIN_BYTES 3    /* of a stem, its last letter left out */
#define UNSURE_ENDING_BYTES 8 /* behind it */
#define UNSURE_TERMS 2000     /* that begin so */
#define RARE_DF 2 /* times the passages there are: some are replaced */
#define KIN_MIN_BYTES 4
#define PART_MIN_BYTES 5
#define COMMON_WEIGHT 0.15
#define CONTEXT_WEIGHT 0.3
#define WEAK_WEIGHT 0.6
#define WEAK_NEED 0.4
#define DF_SLOTS_MIN 64 /* a question asks for few words */
#define DF_SLOTS_MAX 2048
#define UNSURE "und" /* the tag of a passage that is too short to tell */
#define GAP_MAX 3    /* words within "send it back" */

#define LETTERS 5    /* in a row, of a word */
#define SURE_BYTES 5 /* of a stem: its first three are the word's */

/* The first two bytes of a word as one number. */
static unsigned
begin_of(const char *word, size_t len)
{
	return len < 2 ?
	    (unsigned char)word[0] :
	    (unsigned char)word[0] | (unsigned)(unsigned char)word[1] << 8;
}

/* The first three, as one of a few. */
static unsigned
long_begin_of(const char *word)
{
	return (begin_of(word, 2) * 31u + (unsigned char)word[2]) % BEGINS;
}

static bool
has_bit(const uint64_t *bits, unsigned i)
{
	return bits[i / 64] >> i % 64 & 1;
}

static void
set_bit(uint64_t *bits, unsigned i)
{
	bits[i / 64] |= UINT64_C(1) << i % 64;
}

struct slot {
	uint32_t hash;
	int concept; /* -1: free */
	int form;
	int part; /* the n-th word of the question's own phrase; -1: a form */
	const char *stems;
	size_t len; /* of them: the part, or all of the form */
};

/* --- word lists --- */

static bool
has_language(const struct kb *kb, const char *language)
{
	char **l;

	for (l = kb->languages; *l != NULL; l++)
		if (strcmp(*l, language) == 0)
			return true;
	return false;
}

/* The same of rare ones too. */
static bool
has_texts_in(const struct kb *kb, const char *language)
{
	size_t i;

	for (i = 0; i < kb->rares; i++)
		if (strcmp(kb->rare[i].tag, language) == 0)
			return true;
	return has_language(kb, language);
}

const char *
kb_one_language(const struct kb *kb)
{
	return kb->rares == 0 && kb->languages[0] != NULL &&
		kb->languages[1] == NULL ?
	    kb->languages[0] :
	    NULL;
}

void
kb_load_words(struct kb *kb)
{
	char **l;

	kb_free_words(kb);
	for (l = kb->languages; *l != NULL; l++)
		kb->lists |= wordlist_bit(*l);
}

void
kb_free_words(struct kb *kb)
{
	free(kb->df);
	kb->df = NULL;
	kb->dfs = kb->df_count = 0;
	spelling_free(kb->spelling);
	kb->spelling = NULL;
	kb->lists = kb->asked = 0;
}

/* The languages whose common and weak words are used. */
static uint32_t
used(const struct kb *kb)
{
	return kb->lists | kb->asked;
}

static bool
has_list(const struct kb *kb, const char *language)
{
	return (wordlist_bit(language) & used(kb) &
		   wordlist_common.languages) != 0;
}

static bool
is_weak_in(struct kb *kb, const char *word, const char *language)
{
	uint32_t bit = wordlist_bit(language) & used(kb);
	const char *stem;
	size_t len;

	if (bit == 0)
		return false;
	stem = analyse_stem(kb->analyser, word, strlen(word), language, &len);
	return (wordlist_find(&wordlist_weak, stem, len) & bit) != 0;
}

bool
kb_is_common(const struct kb *kb, const char *word, const char *language)
{
	uint32_t in =
	    used(kb) & wordlist_find(&wordlist_common, word, strlen(word));
	char **l;

	if (in == 0)
		return false;
	if (language != NULL && has_list(kb, language))
		return (in & wordlist_bit(language)) != 0;
	for (l = kb->languages; *l != NULL; l++)
		if ((in & wordlist_bit(*l)) != 0)
			return true;
	return false;
}

bool
kb_is_weak(struct kb *kb, const char *word)
{
	char **l;

	for (l = kb->languages; *l != NULL; l++)
		if (is_weak_in(kb, word, *l))
			return true;
	return false;
}

/* Whose phrases cut a question. */
struct cutting {
	const struct kb *kb;
	const char *const *languages; /* the first that knows one decides */
};

static enum phrase_kind
kind_of(const void *ctx, const char *at, size_t len)
{
	const struct cutting *c = ctx;
	const char *const *l;
	uint32_t common =
	    used(c->kb) & wordlist_find(&wordlist_common_phrases, at, len);
	uint32_t kept =
	    c->kb->lists & wordlist_find(&wordlist_synonym_phrases, at, len);

	for (l = c->languages; (common | kept) != 0 && *l != NULL; l++) {
		if ((common & wordlist_bit(*l)) != 0)
			return PHRASE_COMMON;
		if ((kept & wordlist_bit(*l)) != 0)
			return PHRASE_KEPT;
	}
	return PHRASE_UNKNOWN;
}

/* The text of a question, cut by the phrases of the languages. */
static char *
cut_text(const struct kb *kb, const char *const *languages, const char *text)
{
	struct cutting c = { kb, languages };
	struct phrases p = { .kind = kind_of, .ctx = &c };

	if ((wordlist_common_phrases.languages & used(kb)) != 0 ||
	    (wordlist_synonym_phrases.languages & kb->lists) != 0)
		p.longest = wordlist_phrase_letters;
	return phrases_cut(&p, text,
	    utf8_cut(text, strlen(text), KB_QUESTION_MAX_BYTES));
}

/* --- the words of a question --- */

struct words {
	char *word[CONCEPTS_MAX];
	char *marked[CONCEPTS_MAX]; /* with the marks that folding takes off */
	bool taken[CONCEPTS_MAX];   /* by a phrase that began before */
	size_t count, marks;
	bool has_marks;	      /* in any of them */
	const char *language; /* what is asked in, or NULL: any of the base */
	/* What passages may be in whose language is not sure, or NULL: there
	 * are none of them. */
	const char **unsure;
};

static void
add_word(void *ctx, const char *word, size_t len)
{
	struct words *w = ctx;

	if (w->count >= CONCEPTS_MAX)
		return;
	w->word[w->count++] = xstrndup(word, len);
}

static void
add_marked(void *ctx, const char *word, size_t len)
{
	struct words *w = ctx;

	if (w->marks < CONCEPTS_MAX)
		w->marked[w->marks++] = xstrndup(word, len);
}

/* The words of text, folded, and with their marks. */
static void
read_words(struct words *w, const char *text, size_t len)
{
	size_t i;

	analyse_words(text, len, add_word, w);
	analyse_text(text, len, "vi", add_marked, w);
	/* Marks part no words; but what is not sure is not relied upon. */
	for (i = 0; i < w->count; i++)
		if (w->marks != w->count || w->marked[i] == NULL) {
			free(w->marked[i]);
			w->marked[i] = xstrdup(w->word[i]);
		}
	for (; i < w->marks; i++) {
		free(w->marked[i]);
		w->marked[i] = NULL;
	}
	for (i = 0; i < w->count; i++)
		w->has_marks |= strcmp(w->word[i], w->marked[i]) != 0;
}

/* Whether word i is common: Vietnamese ones by their marks, or without any. */
static bool
is_common(const struct kb *kb, const struct words *w, size_t i)
{
	if (kb_is_common(kb, w->word[i], w->language) ||
	    kb_is_common(kb, w->marked[i], w->language))
		return true;
	return !w->has_marks &&
	    (w->language == NULL || analyse_keeps_marks(w->language)) &&
	    (wordlist_find(&wordlist_bare, w->word[i], strlen(w->word[i])) &
		used(kb)) != 0;
}

static bool
is_weak(struct kb *kb, const struct words *w, size_t i)
{
	const char *asked = w->language;

	/* A tent is none of the Portuguese who try. */
	if (asked != NULL &&
	    (wordlist_bit(asked) & used(kb) & wordlist_weak.languages) != 0)
		return is_weak_in(kb, w->word[i], asked) ||
		    is_weak_in(kb, w->marked[i], asked);
	return kb_is_weak(kb, w->word[i]) || kb_is_weak(kb, w->marked[i]);
}

static void
words_release(struct words *w)
{
	size_t i;

	for (i = 0; i < w->count; i++) {
		free(w->word[i]);
		free(w->marked[i]);
	}
	free(w->unsure);
}

/* Remembered, for headings ask for the same words again and again. */
struct df {
	char term[KB_WORD_MAX_BYTES + 8];
	int64_t df;
};

/* The slot of a term: of a larger, empty table, once this one is full. */
static struct df *
df_slot(struct kb *kb, const char *stem, size_t len)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)stem[i]) * 16777619u;
	if (kb->df == NULL ||
	    (kb->df_count > kb->dfs && kb->dfs < DF_SLOTS_MAX)) {
		free(kb->df);
		kb->dfs = kb->df == NULL ? DF_SLOTS_MIN : DF_SLOTS_MAX;
		kb->df = xcalloc(kb->dfs, sizeof(*kb->df));
		kb->df_count = 0;
	}
	return &kb->df[h % kb->dfs];
}

static int
df_of(struct kb *kb, const char *stem, size_t len, int64_t *ret)
{
	struct df *d = df_slot(kb, stem, len);
	int code;

	if (len > 0 && len < sizeof(d->term) && d->term[len] == '\0' &&
	    strncmp(d->term, stem, len) == 0) {
		*ret = d->df;
		return 0;
	}
	*ret = 0;
	code = segments_df(kb->db, &kb->segments, stem, len, ret);
	if (code == 0 && len < sizeof(d->term)) {
		memcpy(d->term, stem, len);
		d->term[len] = '\0';
		d->df = *ret;
		kb->df_count++;
	}
	return code;
}

/* What is known of a word may be of a moment when there were more passages. */
static double
idf_of(double n, double df)
{
	if (df > n)
		df = n;
	return log(1 + (n - df + 0.5) / (df + 0.5));
}

double
kb_idf(struct kb *kb, const char *stem, size_t len)
{
	double n = (double)kb->passages;
	int64_t df;

	if (df_of(kb, stem, len, &df) < 0)
		df = 0;
	return idf_of(n, (double)df);
}

/* df of a form: of its rarest word. */
static int
form_df(struct kb *kb, struct form *f)
{
	const char *p, *end;
	int64_t df;
	int code;

	f->df = INT64_MAX;
	for (p = f->stems; *p != '\0'; p = *end ? end + 1 : end) {
		end = p + strcspn(p, " ");
		code = df_of(kb, p, (size_t)(end - p), &df);
		if (code < 0)
			return code;
		if (df < f->df)
			f->df = df;
	}
	return 0;
}

static bool
has_form(const struct concept *c, const char *stems)
{
	size_t i;

	for (i = 0; i < c->forms; i++)
		if (strcmp(c->form[i].stems, stems) == 0)
			return true;
	return false;
}

/* Add a form unless the concept has it, then keep the better strength; it is
 * looked for in all languages. */
static int
add_form(struct kb *kb, struct concept *c, const char *stems, double strength)
{
	const char *p;
	struct form *f;
	size_t i;

	for (i = 0; i < c->forms; i++)
		if (strcmp(c->form[i].stems, stems) == 0) {
			f = &c->form[i];
			if (strength > f->strength)
				f->strength = strength;
			f->languages = 0;
			return f->df > 0 ? 0 : form_df(kb, f);
		}
	c->form = xrealloc(c->form, (c->forms + 1) * sizeof(*c->form));
	f = &c->form[c->forms++];
	f->stems = xstrdup(stems);
	f->strength = strength;
	f->is_unsure = f->is_part = false;
	f->languages = 0;
	f->words = 1;
	for (p = stems; *p != '\0'; p++)
		f->words += *p == ' ';
	return form_df(kb, f);
}

static bool
is_known(const struct concept *c)
{
	size_t i;

	for (i = 0; i < c->forms; i++)
		if (c->form[i].df > 0)
			return true;
	return false;
}

/* --- what a stemmer does not know --- */

/* The same of a part of its word. */
static int
add_part(struct kb *kb, struct concept *c, const char *stem, double strength)
{
	size_t before = c->forms;
	int code = add_form(kb, c, stem, strength);

	if (c->forms > before)
		c->form[before].is_part = true;
	return code;
}

static int
add_if_known(struct kb *kb, struct concept *c, const char *stem,
    double strength)
{
	int64_t df;
	int code = df_of(kb, stem, strlen(stem), &df);

	return code == 0 && df > 0 ? add_form(kb, c, stem, strength) : code;
}

/* A vowel, or two, of stem in place of another: devuelv is devolv. */
static int
add_vowel(struct kb *kb, struct concept *c, const char *stem, const char *from,
    const char *to)
{
	const char *at = NULL, *p;
	char *other;
	int code;

	/* The last one: that is where Spanish verbs change. */
	for (p = stem; (p = strstr(p, from)) != NULL; p++)
		at = p;
	if (at == NULL || at == stem)
		return 0;
	other =
	    xformat("%.*s%s%s", (int)(at - stem), stem, to, at + strlen(from));
	code = add_if_known(kb, c, other, KIN_STRENGTH);
	free(other);
	return code;
}

/* The stem of a part of a word, in copy, and its passages. */
static int
part_df(struct kb *kb, const char *part, size_t len, const char *language,
    char copy[KB_STEM_MAX_BYTES + 1], int64_t *ret_df)
{
	const char *stem =
	    analyse_stem(kb->analyser, part, len, language, &len);

	snprintf(copy, KB_STEM_MAX_BYTES + 1, "%.*s", (int)len, stem);
	return df_of(kb, copy, strlen(copy), ret_df);
}

/* Nouns of verbs: Löschung, of löschen. */
static const struct {
	const char *language, *noun, *verb;
} verb_nouns[] = {
	{ "de", "ung", "en" },
	{ "nl", "ing", "en" },
};

/* The verb that a word, or its end, is the noun of; NULL: none. The caller frees. */
static char *
verb_of(const char *word, size_t len, const char *language)
{
	size_t i, n;

	for (i = 0; i < sizeof(verb_nouns) / sizeof(verb_nouns[0]); i++) {
		n = strlen(verb_nouns[i].noun);
		if (strcmp(language, verb_nouns[i].language) == 0 &&
		    len >= PART_MIN_BYTES + n &&
		    memcmp(word + len - n, verb_nouns[i].noun, n) == 0)
			return xformat("%.*s%s", (int)(len - n), word,
			    verb_nouns[i].verb);
	}
	return NULL;
}

/* The stem of a noun's verb, in copy, and its passages; 0: it is of none. */
static int
verb_df(struct kb *kb, const char *noun, size_t len, const char *language,
    char copy[KB_STEM_MAX_BYTES + 1], int64_t *ret_df)
{
	char *verb = verb_of(noun, len, language);
	int code = 0;

	*ret_df = 0;
	if (verb != NULL)
		code = part_df(kb, verb, strlen(verb), language, copy, ret_df);
	free(verb);
	return code;
}

/* Where a word is parted, and what is known of its parts. */
struct split {
	char first[KB_STEM_MAX_BYTES + 1], last[KB_STEM_MAX_BYTES + 1];
	bool has_first, has_last; /* some passage has it */
};

/*
 * The last part of a word, from byte i on: a word of the base or of the language.
 * 1, 0 or an ERR.
 */
static int
look_at_last(struct kb *kb, const char *part, size_t len, const char *language,
    struct split *ret)
{
	int64_t df;
	int code = part_df(kb, part, len, language, ret->last, &df);

	if (code == 0 && df == 0)
		code = verb_df(kb, part, len, language, ret->last, &df);
	if (code < 0)
		return code;
	ret->has_last = df > 0;
	return df > 0 || dictionary_has(language, part, len);
}

static bool
is_common_part(const struct kb *kb, const char *part, size_t len,
    const char *language)
{
	char *word = xstrndup(part, len);
	bool is = kb_is_common(kb, word, language);

	free(word);
	return is;
}

/* The same of the first part, without up to two letters that join them:
 * Kündigung-s-frist, Kunde-n-konto. */
static int
look_at_first(struct kb *kb, const char *word, size_t len, size_t least,
    const char *language, struct split *ret)
{
	bool is_word = false;
	size_t joint;
	int64_t df = 0;
	int code = 0;

	for (joint = 0; joint <= JOINT_MAX && len >= joint + least &&
	     (word[len - joint] & 0xc0) != 0x80 && df == 0 && code == 0;
	     joint++) {
		if (is_common_part(kb, word, len - joint, language))
			continue;
		code =
		    part_df(kb, word, len - joint, language, ret->first, &df);
		is_word |= dictionary_has(language, word, len - joint);
	}
	if (code < 0)
		return code;
	ret->has_first = df > 0;
	return df > 0 || is_word;
}

/*
 * The parts of a word that is made of several: a Zahnreinigung is a Reinigung,
 * and has to do with a Zahn. Only for a word that no passage has. Both are words
 * where the words of the language are known, for Gebühren are no Uhren; of such
 * places that one is taken of which the base has most, then the longest last
 * part.
 */
static int
find_split(struct kb *kb, const char *word, const char *language,
    struct split *best)
{
	bool knows = dictionary_knows(language);
	size_t n = strlen(word), least, i;
	struct split s;
	int worth, most = 0, first, last;

	memset(best, 0, sizeof(*best));
	least = knows ? DICTIONARY_MIN_LETTERS : PART_MIN_BYTES;
	for (i = 3; i + least <= n; i++) {
		if ((word[i] & 0xc0) == 0x80)
			continue;
		last = look_at_last(kb, word + i, n - i, language, &s);
		if (last < 0)
			return last;
		if (knows && last == 0)
			continue;
		first =
		    look_at_first(kb, word, i, knows ? 3 : least, language, &s);
		if (first < 0)
			return first;
		if (knows ? first == 0 : !s.has_last)
			continue;
		worth = 2 * s.has_last + s.has_first;
		if (worth > most) {
			most = worth;
			*best = s;
		}
	}
	return 0;
}

static int
add_parts(struct kb *kb, struct concept *c, const char *language)
{
	struct split s;
	int code = find_split(kb, c->word, language, &s);

	if (code == 0 && s.has_last)
		code = add_part(kb, c, s.last, KIN_STRENGTH);
	if (code == 0 && s.has_first)
		code = add_part(kb, c, s.first, FIRST_STRENGTH);
	return code;
}

/* Autos keep their s, which is cut behind other letters than a vowel. */
static int
add_plural(struct kb *kb, struct concept *c, const char *language)
{
	size_t len = strlen(c->word);
	char *other;
	int code;

	if (strcmp(language, "de") != 0 || len < PART_MIN_BYTES - 1)
		return 0;
	if (c->word[len - 1] == 's' && strchr("aiou", c->word[len - 2]) != NULL)
		other = xstrndup(c->word, len - 1);
	else if (strchr("aiou", c->word[len - 1]) != NULL)
		other = xformat("%ss", c->word);
	else
		return 0;
	code = add_if_known(kb, c, other, 1);
	free(other);
	return code;
}

/* Forms that a language has and its stemmer does not know. */
static int
add_kin(struct kb *kb, struct concept *c, const char *language)
{
	char verb[KB_STEM_MAX_BYTES + 1];
	size_t i, forms = c->forms;
	int64_t df = 0;
	int code = 0;

	for (i = 0; i < forms && strcmp(language, "es") == 0 && code == 0;
	     i++) {
		char *stem = xstrdup(c->form[i].stems);

		if (strlen(stem) >= KIN_MIN_BYTES) {
			code = add_vowel(kb, c, stem, "ue", "o");
			if (code == 0)
				code = add_vowel(kb, c, stem, "ie", "e");
			if (code == 0 && strstr(stem, "ue") == NULL)
				code = add_vowel(kb, c, stem, "o", "ue");
			if (code == 0 && strstr(stem, "ie") == NULL)
				code = add_vowel(kb, c, stem, "e", "ie");
		}
		free(stem);
	}
	if (code == 0)
		code = add_plural(kb, c, language);
	if (code == 0 && !is_known(c))
		code =
		    verb_df(kb, c->word, strlen(c->word), language, verb, &df);
	if (code == 0 && df > 0)
		code = add_form(kb, c, verb, KIN_STRENGTH);
	if (code == 0 && joined_in(language) && !is_known(c))
		code = add_parts(kb, c, language);
	return code;
}

/* --- synonyms --- */

/* A phrase's words, by their places in the question. */
struct phrase {
	size_t place[FORM_WORDS_MAX];
	size_t words;
	bool is_opening; /* "do you take": it names no thing */
};

static const char *
stems_of(const struct synonym *entry)
{
	return wordlist_text + entry->at;
}

/* Whether an entry is of a language of the base. */
static bool
is_used(const struct kb *kb, const struct synonym *entry)
{
	return (kb->lists >> entry->language & 1) != 0;
}

/*
 * The words of entry from word i on, under the given language: in a row, or
 * two with a few between ("send it back"). words is 0 if they are not there.
 */
static struct phrase
entry_at(struct kb *kb, const struct words *w, size_t i,
    const struct synonym *entry, const char *language)
{
	struct phrase none = { .words = 0 };
	struct phrase p = { .words = 0, .is_opening = entry->is_opening };
	const char *e = stems_of(entry), *stem;
	size_t at = i, len, stem_len;
	bool is_pair = strchr(strchr(e, ' ') + 1, ' ') == NULL;

	if (entry->is_opening && i > 0)
		return none;
	for (; *e != '\0'; e += len + (e[len] == ' ')) {
		len = strcspn(e, " ");
		for (;; at++) {
			if (at >= w->count || p.words == FORM_WORDS_MAX)
				return none;
			stem = analyse_stem(kb->analyser, w->word[at],
			    strlen(w->word[at]), language, &stem_len);
			if (stem_len == len && memcmp(stem, e, len) == 0 &&
			    !w->taken[at])
				break;
			if (p.words == 0 || !is_pair || at - i > GAP_MAX)
				return none;
		}
		p.place[p.words++] = at++;
	}
	return p;
}

/* The longest phrase with synonyms that begins at word i, else the word. Of
 * several the first in the lists. */
static struct phrase
phrase_at(struct kb *kb, const struct words *w, size_t i)
{
	struct phrase best = { .place = { i }, .words = 1 }, p;
	const struct synonym *entry, *best_entry = NULL;
	char stem[KB_WORD_MAX_BYTES + 8];
	const char *s;
	size_t k, len;
	char **l;

	for (l = kb->languages; *l != NULL; l++) {
		s = analyse_stem(kb->analyser, w->word[i], strlen(w->word[i]),
		    *l, &len);
		memcpy(stem, s, len);
		for (k = synonyms_from(stem, len); k < synonyms_count; k++) {
			entry = &synonyms[synonyms_sorted[k]];
			s = stems_of(entry);
			if (strncmp(s, stem, len) != 0 ||
			    (s[len] != ' ' && s[len] != '\0'))
				break;
			if (s[len] == '\0' || !is_used(kb, entry))
				continue;
			p = entry_at(kb, w, i, entry, *l);
			if (p.words > best.words ||
			    (p.words == best.words && entry < best_entry)) {
				best = p;
				best_entry = entry;
			}
		}
	}
	return best;
}

/* A word that is none, and what it may be in a phrase. */
struct meant {
	struct kb *kb;
	struct words *w;
	size_t place;
	const char *language;
	bool is_found;
};

static bool
covers(const struct phrase *p, size_t place)
{
	size_t k;

	for (k = 0; k < p->words; k++)
		if (p->place[k] == place)
			return p->words > 1;
	return false;
}

static void
try_in_phrase(void *ctx, const char *word, size_t len, enum slip slip,
    bool is_first)
{
	struct meant *m = ctx;
	char *was = m->w->word[m->place], *copy;
	struct phrase here, before;

	if (m->is_found || is_first || len > KB_WORD_MAX_BYTES)
		return;
	copy = xstrndup(word, len);
	if (kb_is_common(m->kb, copy, m->language)) {
		m->w->word[m->place] = copy;
		here = phrase_at(m->kb, m->w, m->place);
		/* Two that change places make a name of no common word. */
		m->is_found = slip == SLIP_SWAPPED || covers(&here, m->place);
		if (!m->is_found && m->place > 0) {
			before = phrase_at(m->kb, m->w, m->place - 1);
			m->is_found = covers(&before, m->place);
		}
	}
	if (m->is_found) {
		free(was);
		free(m->w->marked[m->place]);
		m->w->marked[m->place] = xstrdup(copy);
	} else {
		m->w->word[m->place] = was;
		free(copy);
	}
}

/* Whether no passage and no list has word i, and it may be a slip. */
static int
is_unheard_of(struct kb *kb, const struct words *w, size_t i,
    const char *language)
{
	char stem[KB_STEM_MAX_BYTES + 1];
	size_t len = strlen(w->word[i]);
	int64_t df = 0;
	int code;

	if (len < SLIP_MIN_BYTES || is_common(kb, w, i) || is_weak(kb, w, i) ||
	    dictionary_has(language, w->word[i], len))
		return 0;
	code = part_df(kb, w->word[i], len, language, stem, &df);
	return code < 0 ? code : df == 0;
}

/* "How mutch" is "how much", and "waht" what: no passage has either, and the
 * words beside it, or which slip it is, tell. 0 or an ERR. */
static int
mend_asking(struct kb *kb, struct words *w, const char *language)
{
	struct meant m = { .kb = kb, .w = w, .language = language };
	int code = 0;

	for (m.place = 0; m.place < w->count && code >= 0; m.place++) {
		code = is_unheard_of(kb, w, m.place, language);
		m.is_found = false;
		if (code > 0)
			slips_each(w->word[m.place], language, try_in_phrase,
			    &m);
	}
	return code < 0 ? code : 0;
}

/* An entry that is a form of a concept. */
struct match {
	const struct synonym *entry;
	size_t form;
};

static int
by_entry(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	return (x->entry > y->entry) - (x->entry < y->entry);
}

/* The entries that are forms of c, from the first on, as they stand in the
 * lists; freed by the caller. */
static struct match *
matches_of(const struct kb *kb, const struct concept *c, size_t first,
    size_t *ret)
{
	struct match *match = NULL;
	const struct synonym *entry;
	size_t f, k, n = 0;

	for (f = first; f < c->forms; f++)
		for (k = synonyms_from(c->form[f].stems,
			 strlen(c->form[f].stems));
		     k < synonyms_count; k++) {
			entry = &synonyms[synonyms_sorted[k]];
			if (strcmp(stems_of(entry), c->form[f].stems) != 0)
				break;
			if (!is_used(kb, entry))
				continue;
			match = xrealloc(match, (n + 1) * sizeof(*match));
			match[n++] = (struct match){ entry, f };
		}
	if (n > 1)
		qsort(match, n, sizeof(*match), by_entry);
	*ret = n;
	return match;
}

/* Of the forms from the first on. */
static int
add_synonyms(struct kb *kb, struct concept *c, size_t first)
{
	struct match *match;
	const struct synonym *entry, *end;
	size_t i, n;
	int code = 0;

	/* Of these forms only: a synonym's synonym is another word. */
	match = matches_of(kb, c, first, &n);
	for (i = 0; i < n; i++) {
		entry = synonyms + synonyms_group[match[i].entry->group];
		end = synonyms + synonyms_group[match[i].entry->group + 1];
		for (; entry < end && code == 0; entry++)
			if (!entry->is_opening)
				code = add_form(kb, c, stems_of(entry),
				    SYNONYM_STRENGTH *
					c->form[match[i].form].strength);
	}
	free(match);
	return code;
}

/* --- concepts --- */

static void
weigh(const struct kb *kb, struct concept *c)
{
	double n = (double)kb->passages, df = 0;
	size_t i;

	c->is_known = is_known(c);
	/* Its own forms count; a synonym's only where it has none. */
	for (i = 0; i < c->forms; i++)
		if (c->form[i].strength == 1 && (double)c->form[i].df > df)
			df = (double)c->form[i].df;
	for (i = 0; df == 0 && i < c->forms; i++)
		if ((double)c->form[i].df > df)
			df = (double)c->form[i].df;
	c->idf = idf_of(n, df);
	/* "What time": no passage need answer in its words. */
	c->need = c->is_opening ? 0 : c->is_weak ? WEAK_NEED * c->idf : c->idf;
	c->weight = c->is_weak ? WEAK_WEIGHT * c->idf : c->idf;
	if (c->is_common)
		c->weight *= COMMON_WEIGHT;
	if (c->is_context)
		c->weight *= CONTEXT_WEIGHT;
}

/*
 * What the rare languages of the base make of a word. A stem that stands in
 * more passages than such a language has is another language's word.
 */
static int
add_rare_forms(struct kb *kb, const struct words *w, size_t place,
    struct concept *c)
{
	char stem[KB_WORD_MAX_BYTES + 8];
	const char *own, *p;
	int64_t df = 0;
	size_t i, len;
	int code = 0;

	for (i = 0; i < kb->rares && code == 0; i++) {
		own = analyse_keeps_marks(kb->rare[i].tag) ? w->marked[place] :
							     w->word[place];
		p = analyse_stem(kb->analyser, own, strlen(own),
		    kb->rare[i].tag, &len);
		snprintf(stem, sizeof(stem), "%.*s", (int)len, p);
		if (has_form(c, stem))
			continue;
		code = df_of(kb, stem, strlen(stem), &df);
		if (code == 0 && df > 0 && df <= RARE_DF * kb->rare[i].passages)
			code = add_form(kb, c, stem, RARE_STRENGTH);
	}
	return code;
}

/* --- in texts whose language is not sure --- */

/* Whether some passages were too short to tell, and are read unstemmed. */
static bool
has_unsure(const struct kb *kb)
{
	size_t i;

	for (i = 0; i < kb->rares; i++)
		if (strcmp(kb->rare[i].tag, UNSURE) == 0)
			return true;
	return has_language(kb, UNSURE);
}

/*
 * The languages such passages are read in, NULL-ended: the one that is asked
 * in, or else those of the other passages, or those that are written most. The
 * caller frees the list.
 */
static const char **
unsure_languages(const struct kb *kb, const char *asked)
{
	static const char *const most[] = { "en", "es", "pt", "fr", "de", "it",
		"nl", "id" };
	const size_t n_most = sizeof(most) / sizeof(most[0]);
	const char **ret;
	char **l;
	size_t n = 0, i;

	for (l = kb->languages; *l != NULL; l++)
		n++;
	ret = xcalloc(n + kb->rares + n_most + 1, sizeof(*ret));
	n = 0;
	/* Languages that have nothing to do with it find other words. */
	if (asked != NULL && strcmp(asked, UNSURE) != 0) {
		ret[0] = asked;
		return ret;
	}
	for (l = kb->languages; *l != NULL; l++)
		if (strcmp(*l, UNSURE) != 0)
			ret[n++] = *l;
	if (n > 0)
		return ret;
	for (i = 0; i < kb->rares; i++)
		if (strcmp(kb->rare[i].tag, UNSURE) != 0)
			ret[n++] = kb->rare[i].tag;
	if (n == 0)
		memcpy(ret, most, sizeof(most));
	return ret;
}

/* A word that is looked for as texts have it, in any ending. */
struct unsure {
	struct kb *kb;
	struct concept *c;
	int64_t most; /* passages it may be in */
	const char *language;
	char stem[KB_WORD_MAX_BYTES + 8];
	size_t len;
	int code;
};

static void
take_unsure(void *ctx, const char *term, size_t len)
{
	struct unsure *u = ctx;
	const char *stem;
	int64_t df = 0;
	size_t n;

	if (u->code < 0 || len > u->len + UNSURE_ENDING_BYTES)
		return;
	stem = analyse_stem(u->kb->analyser, term, len, u->language, &n);
	if (n != u->len || memcmp(stem, u->stem, n) != 0 ||
	    has_form(u->c, term))
		return;
	u->code = df_of(u->kb, term, len, &df);
	if (u->code < 0 || df > u->most)
		return;
	u->code = add_form(u->kb, u->c, term, UNSURE_STRENGTH);
	u->c->form[u->c->forms - 1].is_unsure = true;
}

/*
 * The words of the index that have the stem of c's word in one of languages: a
 * passage that is read unstemmed has "batteries", and no stem of "battery".
 */
static int
add_unsure(struct kb *kb, struct concept *c, const char *const *languages)
{
	struct unsure u = { .kb = kb, .c = c, .most = INT64_MAX };
	const char *stem;
	size_t i, begin;
	int code = 0;

	for (i = 0; i < kb->rares; i++)
		if (strcmp(kb->rare[i].tag, UNSURE) == 0)
			u.most = RARE_DF * kb->rare[i].passages;
	for (; *languages != NULL && code == 0; languages++) {
		u.language = *languages;
		stem = analyse_stem(kb->analyser, c->word, strlen(c->word),
		    u.language, &u.len);
		memcpy(u.stem, stem, u.len);
		/* The last letter of a stem may be another than the word's:
		 * batteri. */
		begin = utf8_cut(u.stem, u.len, u.len - 1);
		if (begin < UNSURE_MIN_BYTES)
			begin = u.len;
		if (begin >= UNSURE_MIN_BYTES)
			code = terms_from(kb->db, &kb->segments, u.stem, begin,
			    UNSURE_TERMS, take_unsure, &u);
		if (code == 0)
			code = u.code;
	}
	return code;
}

/* --- marks that were left out --- */

#define MARKED "vi" /* the language whose texts are compared with their marks */

struct marking {
	struct kb *kb;
	struct concept *c;
	int code;
};

static void
take_marked(void *ctx, const char *word, size_t len)
{
	struct marking *m = ctx;
	char *stem = xstrndup(word, len);

	if (m->code == 0)
		m->code = add_if_known(m->kb, m->c, stem, MARKS_STRENGTH);
	free(stem);
}

/*
 * A question without any marks, as phones type them, finds the words of texts
 * that have them; and one with marks finds texts that were typed so. A question
 * that may be in another language is asked in that, unless no text knows the
 * word.
 */
static int
add_marks(struct kb *kb, const struct words *w, size_t place, struct concept *c)
{
	struct marking m = { kb, c, 0 };
	bool is_asked = w->language != NULL && analyse_keeps_marks(w->language);

	if (!has_texts_in(kb, MARKED) ||
	    (!is_asked && kb_one_language(kb) == NULL && is_known(c)))
		return 0;
	if (w->has_marks)
		return add_if_known(kb, c, w->word[place], MARKS_STRENGTH);
	marks_each(w->word[place], take_marked, &m);
	return m.code;
}

/* A Chinese word as it is written elsewhere. */
static int
add_hanzi(struct kb *kb, struct concept *c)
{
	char other[KB_WORD_MAX_BYTES + 1];

	return hanzi_other(c->word, other) ?
	    add_if_known(kb, c, other, HANZI_STRENGTH) :
	    0;
}

/* --- whose stems they are --- */

/* The bit of a language of a base; 0: it is none of the first 32. */
static uint32_t
language_bit(char *const *languages, const char *language)
{
	size_t i;

	for (i = 0; languages[i] != NULL && i < 32; i++)
		if (strcmp(languages[i], language_plain(language)) == 0)
			return UINT32_C(1) << i;
	return 0;
}

/* What the i-th language of the base makes of c's word. */
static int
add_stems(struct kb *kb, struct concept *c, const char *stems, size_t i)
{
	uint32_t bit = i < 32 ? UINT32_C(1) << i : 0;
	size_t k;
	int code;

	for (k = 0; k < c->forms; k++)
		if (strcmp(c->form[k].stems, stems) == 0) {
			c->form[k].languages |= bit;
			return 0;
		}
	code = add_form(kb, c, stems, 1);
	c->form[k].languages = bit;
	return code;
}

/* Whether the stem is one of the language of a passage: 1, 0 or an ERR. */
static int
is_own(struct kb *kb, const struct form *f, int64_t row)
{
	struct query q =
	    query(kb->db, "SELECT language FROM passage WHERE row = :row");
	uint32_t bit = 0;
	int code;

	bind_int(&q, ":row", row);
	if (step(&q))
		bit = language_bit(kb->languages, column_text(&q, 0));
	code = done(&q);
	return code < 0 ? code : bit == 0 || (f->languages & bit) != 0;
}

/*
 * Whether a stem that some passage has is in those of its languages alone where
 * it is no stem of the word: Turkish leaves "auf" of German "aufladen". Of many
 * passages the first are looked at. 1, 0 or an ERR.
 */
static int
is_foreign(struct kb *kb, const struct form *f)
{
	const struct retrieve_word word = { f->stems, strlen(f->stems), 1 };
	struct retrieved some[FOREIGN_LOOKS];
	size_t n = 0, i;
	int code = retrieve(kb->db, &kb->segments, &word, 1, NULL,
		FOREIGN_LOOKS, 0, some, &n),
	    own = 0;

	for (i = 0; i < n && code == 0 && own == 0; i++)
		own = is_own(kb, f, some[i].row);
	if (code < 0 || own < 0)
		return code < 0 ? code : own;
	return n > 0 && own == 0;
}

/* What no passage of its languages has is not known, though others have it. A
 * stem that is the word itself, or that of the language asked in, is believed. */
static int
drop_foreign(struct kb *kb, struct concept *c, const char *language)
{
	uint32_t asked =
	    language != NULL ? language_bit(kb->languages, language) : 0;
	struct form *f;
	int foreign;

	for (f = c->form; f < c->form + c->forms; f++)
		if (f->df > 0 &&
		    (f->languages == 0 || (f->languages & asked) != 0 ||
			strcmp(f->stems, c->word) == 0))
			return 0;
	for (f = c->form; f < c->form + c->forms; f++) {
		if (f->df == 0 || f->words > 1)
			continue;
		foreign = is_foreign(kb, f);
		if (foreign < 0)
			return foreign;
		if (foreign == 1)
			f->df = 0;
	}
	return 0;
}

/* The concept of a phrase, in every language of the base. */
static int
make_concept(struct kb *kb, const struct words *w, const struct phrase *p,
    struct concept *c)
{
	struct buf stems = BUF_INIT(0), word = BUF_INIT(0);
	const char *own;
	size_t k, len;
	const char *stem;
	int code = 0;
	char **l;

	memset(c, 0, sizeof(*c));
	for (k = 0; k < p->words; k++) {
		if (k > 0)
			buf_addc(&word, ' ');
		buf_adds(&word, w->word[p->place[k]]);
	}
	c->word = buf_detach(&word);
	for (k = 0; k < p->words; k++)
		c->is_thing |= !is_common(kb, w, p->place[k]) &&
		    !is_weak(kb, w, p->place[k]);
	c->is_common = p->words == 1 && is_common(kb, w, p->place[0]);
	/* A customer's own numbers are seldom in the documents. */
	c->is_weak = p->is_opening ||
	    (p->words == 1 &&
		(is_weak(kb, w, p->place[0]) ||
		    c->word[strspn(c->word, "0123456789")] == '\0'));
	for (l = kb->languages; *l != NULL && code == 0; l++) {
		buf_reset(&stems);
		for (k = 0; k < p->words; k++) {
			own = analyse_keeps_marks(*l) ? w->marked[p->place[k]] :
							w->word[p->place[k]];
			stem = analyse_stem(kb->analyser, own, strlen(own), *l,
			    &len);
			if (k > 0)
				buf_addc(&stems, ' ');
			buf_add(&stems, stem, len);
		}
		code =
		    add_stems(kb, c, stems.data, (size_t)(l - kb->languages));
	}
	if (p->words == 1 && code == 0 && !c->is_common &&
	    kb->languages[0] != NULL && kb->languages[1] != NULL)
		code = drop_foreign(kb, c, w->language);
	if (c->forms == 0 && code == 0)
		code = add_form(kb, c, c->word, 1);
	buf_release(&stems);
	if (p->words == 1 && code == 0)
		code = add_rare_forms(kb, w, p->place[0], c);
	if (p->words == 1 && code == 0 && !c->is_common)
		code = add_marks(kb, w, p->place[0], c);
	if (p->words == 1 && code == 0 && !c->is_common)
		code = add_hanzi(kb, c);
	if (p->words == 1 && code == 0 && w->unsure != NULL && !c->is_common)
		code = add_unsure(kb, c, w->unsure);
	for (l = kb->languages; *l != NULL && code == 0; l++)
		if (p->words == 1 && !c->is_common)
			code = add_kin(kb, c, *l);
	if (code == 0)
		code = add_synonyms(kb, c, 0);
	c->is_opening = p->is_opening;
	weigh(kb, c);
	return code;
}

/* --- what a word was meant to be --- */

static bool
may_be_misspelt(const struct concept *c)
{
	size_t i;

	/* Other passages may have what is but like the words of unsure ones. */
	for (i = 0; i < c->forms; i++)
		if (c->form[i].df > 0 && !c->form[i].is_unsure &&
		    !c->form[i].is_part)
			return false;
	return !c->is_common && !c->is_weak && strchr(c->word, ' ') == NULL;
}

/* Whether it is made of words that are there. */
static bool
has_parts(const struct concept *c)
{
	size_t i;

	for (i = 0; i < c->forms; i++)
		if (c->form[i].is_part)
			return true;
	return false;
}

/* What was meant is not what the parts of a slip are. */
static void
drop_parts(struct concept *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->forms; i++)
		if (c->form[i].is_part)
			free(c->form[i].stems);
		else
			c->form[n++] = c->form[i];
	c->forms = n;
}

/* Its stems in those of languages that join words, each once; the caller
 * frees them. */
static void
find_parts(struct kb *kb, struct misspelt *m, const char *const *languages)
{
	const char *stem;
	size_t len, i;

	for (; *languages != NULL && m->parts < SPELLING_PARTS_MAX;
	     languages++) {
		if (!joined_in(*languages))
			continue;
		stem = analyse_stem(kb->analyser, m->word, strlen(m->word),
		    *languages, &len);
		for (i = 0; i < m->parts; i++)
			if (strlen(m->part[i]) == len &&
			    memcmp(m->part[i], stem, len) == 0)
				break;
		if (i == m->parts)
			m->part[m->parts++] = xstrndup(stem, len);
	}
}

static void
free_parts(struct misspelt *m)
{
	while (m->parts > 0)
		free(m->part[--m->parts]);
}

/* Long words that begin as a part does. */
struct begun {
	struct joined part;
	struct longer *longer;
};

static void
take_begun(void *ctx, const char *term, size_t len)
{
	struct begun *b = ctx;

	if (joined_has(&b->part, term, len))
		longer_keep(b->longer, term, len);
}

/* Those that have it elsewhere stand anywhere in the index. */
static int
find_begun(struct kb *kb, struct misspelt *m)
{
	struct begun b = { .longer = &m->longer };
	size_t i;
	int code = 0;

	for (i = 0; i < m->parts && code == 0; i++) {
		joined_part(&b.part, m->word, m->part[i]);
		if (b.part.word_len > 0)
			code = terms_from(kb->db, &kb->segments, b.part.word,
			    b.part.word_len, LONGER_TERMS, take_begun, &b);
	}
	return code;
}

/* What was found for c's word, as more forms; is_right: it is a word by itself,
 * and a slip only if another was meant. */
static int
add_found(struct kb *kb, struct concept *c, const struct misspelt *m,
    const char *language, bool is_right)
{
	size_t i, forms;
	int code = 0;

	for (i = 0; i < m->longer.count && code == 0; i++)
		code = add_form(kb, c, m->longer.word[i], LONGER_STRENGTH);
	if (m->nearest != NULL && code == 0 &&
	    !(is_right && kb_is_common(kb, m->nearest, language))) {
		drop_parts(c);
		forms = c->forms;
		c->meant = xstrdup(m->nearest);
		code = add_form(kb, c, m->nearest,
		    is_right	   ? OTHER_WORD_STRENGTH :
			m->is_bold ? BOLD_STRENGTH :
				     TYPO_STRENGTH);
		if (code == 0)
			code = add_synonyms(kb, c, forms);
	}
	weigh(kb, c);
	return code;
}

/* Whether one of languages has the word. */
static bool
is_word(struct kb *kb, const char *const *languages, const char *word)
{
	size_t len = strlen(word), n;
	const char *stem;

	for (; *languages != NULL; languages++) {
		stem = analyse_stem(kb->analyser, word, len, *languages, &n);
		if (dictionary_has(*languages, word, len) ||
		    dictionary_has_stem(*languages, stem, n))
			return true;
	}
	return false;
}

/*
 * Words among the concepts from first on that the base does not know: the word
 * of it that is nearest to each. In languages that join words the long ones that
 * have one as a part; of a word that is known, in a large base, only those that
 * begin so, for the others are found by looking at all words there are.
 */
static int
add_nearest(struct kb *kb, struct question *q, size_t first)
{
	struct misspelt m[CONCEPTS_MAX];
	struct concept *of[CONCEPTS_MAX], *c;
	const char *one[] = { q->language, NULL };
	const char *const *languages = q->language != NULL &&
		strcmp(q->language, UNSURE) != 0 &&
		has_language(kb, q->language) ?
	    one :
	    kb_languages(kb);
	bool all = kb->passages <= PART_PASSAGES;
	const struct form *f;
	size_t n = 0, i, k;
	int code = 0;

	for (k = first; k < q->count; k++) {
		c = &q->concept[k];
		if (c->is_common || c->is_weak || strchr(c->word, ' ') != NULL)
			continue;
		m[n] = (struct misspelt){ .word = c->word,
			.is_known = !may_be_misspelt(c),
			.is_joined = has_parts(c) };
		find_parts(kb, &m[n], languages);
		if (m[n].is_known && m[n].parts == 0)
			continue;
		all |= !m[n].is_known;
		for (f = c->form;
		     f < c->form + c->forms && m[n].stems < SPELLING_FORMS_MAX;
		     f++)
			if (f->words == 1 && f->strength == 1)
				m[n].stem[m[n].stems++] = f->stems;
		of[n++] = c;
	}
	if (n == 0)
		return 0;
	if (kb->spelling == NULL)
		kb->spelling =
		    spelling_new(kb->db, &kb->segments, kb->analyser);
	if (all)
		code = spelling_nearest(kb->spelling, m, n, languages);
	for (i = 0; i < n && !all && code == 0; i++)
		code = find_begun(kb, &m[i]);
	for (i = 0; i < n; i++) {
		if (code == 0)
			code = add_found(kb, of[i], &m[i], q->language,
			    is_word(kb, languages, of[i]->word));
		free(m[i].nearest);
		free_parts(&m[i]);
		longer_release(&m[i].longer);
	}
	return code;
}

/* --- words that texts part, or join --- */

/* Whether some passage has the word itself. */
static bool
is_there(const struct concept *c)
{
	size_t i;

	for (i = 0; i < c->forms; i++)
		if (c->form[i].strength == 1 && c->form[i].df > 0)
			return true;
	return false;
}

/* Whether a part of a word is one: of numbers no single digit is. */
static int
is_part(struct kb *kb, const char *part, size_t len, const char *language)
{
	char stem[KB_STEM_MAX_BYTES + 1];
	int64_t df = 0;
	int code;

	if (len > SPLIT_PART_BYTES || (len == 1 && *part <= '9'))
		return 0;
	code = part_df(kb, part, len, language, stem, &df);
	return code < 0 ? code : df > 0;
}

/*
 * The word as texts have it that part it, by a hyphen or a blank: x-rays, E-4021
 * and 0800 555 0199; two words, of one with digits as few as can be.
 */
static int
add_split(struct kb *kb, struct concept *c, const char *language)
{
	const char *word = c->word;
	size_t n = strlen(word), i, k, most, len;
	size_t parts[KB_WORD_MAX_BYTES + 1], from[KB_WORD_MAX_BYTES + 1];
	struct buf stems = BUF_INIT(0), copy = BUF_INIT(0);
	const char *stem;
	int code = 0;

	most = strpbrk(word, "0123456789") != NULL ? FORM_WORDS_MAX : 2;
	if (n > KB_WORD_MAX_BYTES || phrases_is_one(word, n))
		return 0;
	for (i = 1; i <= n; i++)
		parts[i] = most + 1;
	parts[0] = 0;
	for (i = 0; i < n && code >= 0; i++)
		for (k = n; k > i && parts[i] < most && code >= 0; k--) {
			if ((word[k] & 0xc0) == 0x80 ||
			    parts[i] + 1 >= parts[k] || k - i == n ||
			    (k < n && parts[i] + 1 == most))
				continue;
			code = is_part(kb, word + i, k - i, language);
			if (code > 0) {
				parts[k] = parts[i] + 1;
				from[k] = i;
			}
		}
	if (code < 0 || parts[n] > most)
		return code < 0 ? code : 0;
	/* From the last part on. */
	for (k = n; k > 0; k = from[k]) {
		stem = analyse_stem(kb->analyser, word + from[k], k - from[k],
		    language, &len);
		buf_reset(&copy);
		buf_add(&copy, stem, len);
		if (stems.len > 0)
			buf_addf(&copy, " %s", stems.data);
		buf_reset(&stems);
		buf_adds(&stems, copy.data);
	}
	code = add_form(kb, c, stems.data, SPLIT_STRENGTH);
	buf_release(&stems);
	buf_release(&copy);
	return code;
}

/* The word that a text makes of two, for those of them it does not have. */
static int
add_pair(struct kb *kb, struct concept *c, struct concept *next,
    const char *language)
{
	char stem[KB_STEM_MAX_BYTES + 1];
	char *word = xformat("%s%s", c->word, next->word);
	int64_t df = 0;
	int code = strpbrk(word, " ") == NULL ?
	    part_df(kb, word, strlen(word), language, stem, &df) :
	    0;

	if (code == 0 && df > 0 && !is_there(c))
		code = add_form(kb, c, stem, SPLIT_STRENGTH);
	if (code == 0 && df > 0 && !is_there(next))
		code = add_form(kb, next, stem, SPLIT_STRENGTH);
	free(word);
	return code;
}

/* The concepts from first on, as texts may have them that part or join words
 * otherwise than the question does. */
static int
add_joints(struct kb *kb, struct question *q, size_t first)
{
	struct concept *c, *end;
	bool here, next;
	char **l;
	int code = 0;

	if (first >= q->count)
		return 0;
	end = q->concept + q->count;
	for (c = q->concept + first; c < end; c++) {
		here = is_there(c);
		next = c + 1 == end || is_there(c + 1);
		for (l = kb->languages; *l != NULL && code == 0; l++) {
			if (!here && !c->is_common &&
			    strchr(c->word, ' ') == NULL)
				code = add_split(kb, c, *l);
			if (code == 0 && !(here && next) && c + 1 < end)
				code = add_pair(kb, c, c + 1, *l);
		}
		if (!here)
			weigh(kb, c);
		if (!next)
			weigh(kb, c + 1);
		if (code < 0)
			break;
	}
	return code;
}

/* What German and Dutch verbs put at the end of a clause: "schicke ich zurück". */
static bool
is_verb_end(const char *word, const char *language)
{
	static const char *const de[] = { "ab", "an", "auf", "aus", "bei",
		"durch", "ein", "frei", "her", "hin", "los", "mit", "nach",
		"um", "vor", "weg", "weiter", "zu", "zuruck", "zurueck",
		"zusammen", NULL };
	static const char *const nl[] = { "aan", "af", "bij", "door", "in",
		"mee", "na", "om", "op", "terug", "toe", "uit", "voor", "weg",
		NULL };

	return (strcmp(language, "de") == 0 && str_in(word, de)) ||
	    (strcmp(language, "nl") == 0 && str_in(word, nl));
}

/* Leave out the forms from the first on, if no passage has any; whether one
 * does. */
static bool
keep_known(struct concept *c, size_t first)
{
	size_t i;

	for (i = first; i < c->forms; i++)
		if (c->form[i].df > 0)
			return true;
	while (c->forms > first)
		free(c->form[--c->forms].stems);
	return false;
}

/* The whole verb as more forms of the part that c is; whether it is known. */
static int
add_verb(struct kb *kb, struct concept *c, const char *end,
    const char *language, bool *ret_known)
{
	char *verb = xformat("%s%s", end, c->word);
	size_t forms = c->forms, len, i;
	const char *stem =
	    analyse_stem(kb->analyser, verb, strlen(verb), language, &len);
	char *whole = xstrndup(stem, len);
	int code = add_form(kb, c, whole, 1);

	free(whole);
	free(verb);
	if (code == 0)
		code = add_synonyms(kb, c, forms);
	*ret_known = keep_known(c, forms);
	/* Its other part alone is another verb. */
	for (i = 0; *ret_known && i < forms; i++)
		c->form[i].strength *= OTHER_VERB_STRENGTH;
	weigh(kb, c);
	return code;
}

/*
 * The last word of a question as the beginning of its verb, which is any that a
 * passage has with it, or has a synonym of: of "schicke ich es zurück"
 * zurückschicken.
 */
static int
join_verb(struct kb *kb, struct question *q, size_t first,
    const struct words *w, const char *language)
{
	const char *end = w->count > 1 ? w->word[w->count - 1] : "";
	struct concept *c, *last = NULL;
	bool is_verb = false, is_any = false;
	int code = 0;

	if (language == NULL || !is_verb_end(end, language))
		return 0;
	for (c = q->concept + first; c < q->concept + q->count && code == 0;
	     c++) {
		if (strcmp(c->word, end) == 0)
			last = c;
		else if (!c->is_common && strchr(c->word, ' ') == NULL)
			code = add_verb(kb, c, end, language, &is_verb);
		is_any |= is_verb;
	}
	if (is_any && last != NULL) {
		last->is_common = true;
		weigh(kb, last);
	}
	return code;
}

static bool
has_concept(const struct question *q, const char *word)
{
	size_t i;

	for (i = 0; i < q->count; i++)
		if (strcmp(q->concept[i].word, word) == 0)
			return true;
	return false;
}

static bool
all_are_things(struct kb *kb, const struct words *w, const struct phrase *p)
{
	size_t k;

	for (k = 0; k < p->words; k++)
		if (is_common(kb, w, p->place[k]) ||
		    is_weak(kb, w, p->place[k]))
			return false;
	return true;
}

static void
concept_release(struct concept *c)
{
	size_t i;

	for (i = 0; i < c->forms; i++)
		free(c->form[i].stems);
	free(c->form);
	free(c->word);
	free(c->meant);
}

/* language: what it is asked in, if there are lists of it; or NULL. */
static int
add_text(struct kb *kb, struct question *q, const char *text,
    const char *language, bool context)
{
	const char *one[] = { language, NULL };
	const char *const *l;
	struct words w = { .language = language };
	struct concept c;
	struct phrase p;
	size_t i, k, first = q->count;
	char *cut;
	int code = 0;

	if (has_unsure(kb))
		w.unsure = unsure_languages(kb, q->language);
	cut = cut_text(kb, language != NULL ? one : kb_languages(kb), text);
	read_words(&w, cut, strlen(cut));
	free(cut);
	for (l = language != NULL ? one : kb_languages(kb);
	     *l != NULL && code == 0; l++)
		code = mend_asking(kb, &w, *l);
	for (i = 0; i < w.count && q->count < CONCEPTS_MAX && code == 0; i++) {
		if (w.taken[i])
			continue;
		p = phrase_at(kb, &w, i);
		code = make_concept(kb, &w, &p, &c);
		/* No text has the phrase, nor what it stands for: its words
		 * may be there, or be meant for some that are. "Cost" alone
		 * is not what "how much does it cost" asks. */
		if (p.words > 1 && !c.is_known && all_are_things(kb, &w, &p) &&
		    code == 0) {
			concept_release(&c);
			p = (struct phrase){ .place = { i }, .words = 1 };
			code = make_concept(kb, &w, &p, &c);
		}
		for (k = 0; k < p.words; k++)
			w.taken[p.place[k]] = true;
		c.is_context = context;
		weigh(kb, &c);
		q->concept =
		    xrealloc(q->concept, (q->count + 1) * sizeof(*q->concept));
		q->concept[q->count] = c;
		if (has_concept(q, c.word) || (context && c.is_common)) {
			concept_release(&c);
			continue;
		}
		q->count++;
	}
	if (code == 0)
		code = join_verb(kb, q, first, &w,
		    language != NULL	    ? language :
			q->language != NULL ? q->language :
					      kb_one_language(kb));
	if (code == 0)
		code = add_nearest(kb, q, first);
	if (code == 0)
		code = add_joints(kb, q, first);
	words_release(&w);
	return code;
}

/* --- finding --- */

static uint32_t
hash(const char *stem, size_t len)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)stem[i]) * 16777619u;
	return h;
}

static void
add_slot(struct question *q, const char *stem, size_t concept, size_t form,
    int part)
{
	uint32_t h = hash(stem, strcspn(stem, " "));
	size_t at = h;

	while (q->slots[at & (q->nslots - 1)].concept >= 0)
		at++;
	q->slots[at & (q->nslots - 1)] =
	    (struct slot){ h, (int)concept, (int)form, part, stem,
		    part >= 0 ? strcspn(stem, " ") : strlen(stem) };
}

static void
index_forms(struct question *q)
{
	size_t i, k, n = 0, size = 64;
	const struct form *f;
	const char *stem;
	int part;

	for (i = 0; i < q->count; i++)
		for (k = 0; k < q->concept[i].forms; k++)
	n += 1 + q->concept[i].form[k].words;
	while (size < 2 * n)
		size *= 2;
	q->slots = xcalloc(size, sizeof(*q->slots));
	q->nslots = size;
	for (i = 0; i < size; i++)
	q->slots[i].concept = -1;
	for (i = 0; i < q->count; i++)
		for (k = 0; k < q->concept[i].forms; k++) {
			f = &q->concept[i].form[k];
			add_slot(q, f->stems, i, k, -1);
			if (f->words == 1 || f->strength < 1)
				continue;
			stem = f->stems;
			for (part = 0; *stem != '\0'; part++) {
				add_slot(q, stem, i, k, part);
				stem += strcspn(stem, " ");
				stem += *stem == ' ';
			}
		}
}

/* A stem of a text, one space behind it. */
struct kept {
	uint32_t place; /* in words */
	uint32_t at, len;
};

/* Find q's concepts in n stems of a text of language; kept is NULL if none. */
static void
find(const struct question *q, const char *language, const char *stems,
    const struct kept *kept, size_t n_kept, struct found *found)
{
	bool is_unsure = strcmp(language, UNSURE) == 0;
	const uint32_t bit = language_bit(q->languages, language);
	const struct kept *k;
	const char *p;
	size_t i, j, n;
	int place;
	const struct slot *s;
	const struct form *form;
	struct found *f;
	uint32_t h;
	double strength;
	int last[CONCEPTS_MAX];

	for (i = 0; i < q->count; i++) {
		found[i] = (struct found){ .first = -1 };
		last[i] = -2;
	}
	for (j = 0; j < n_kept; j++) {
		k = &kept[j];
		p = stems + k->at;
		place = (int)k->place;
		h = hash(p, k->len);
		for (i = h;; i++) {
			s = &q->slots[i & (q->nslots - 1)];
			if (s->concept < 0)
				break;
			if (s->hash != h)
				continue;
			form = &q->concept[s->concept].form[s->form];
			if ((form->is_unsure && !is_unsure) ||
			    (form->languages != 0 && bit != 0 &&
				(form->languages & bit) == 0))
				continue;
			if (strncmp(p, s->stems, s->len) != 0 ||
			    (p[s->len] != ' ' && p[s->len] != '\0'))
				continue;
			if (s->part >= 0) {
				found[s->concept].parts |= 1u << s->part;
				continue;
			}
			strength = form->strength;
			f = &found[s->concept];
			f->tf += strength;
			if (strength > f->strength)
				f->strength = strength;
			if (f->first < 0)
				f->first = place;
			last[s->concept] = place;
			if (s->concept > 0 && last[s->concept - 1] == place - 1)
				found[s->concept - 1].pairs++;
		}
	}
	for (i = 0; i < q->count; i++) {
		n = q->concept[i].forms > 0 ? q->concept[i].form[0].words : 1;
		if (n > 1 && found[i].parts == (1u << n) - 1 &&
		    found[i].strength < PARTS_STRENGTH) {
			found[i].strength = PARTS_STRENGTH;
			found[i].tf += PARTS_STRENGTH;
		}
	}
}

/* --- in a text that is not analysed yet --- */

static size_t
letters_slot(uint32_t h)
{
	return h & (LETTERS_SLOTS - 1);
}

/* The number of each group goes on from the one before: the next letter comes
 * in, and the first, which is LETTER to the power of LETTERS by now, goes. */
#define LETTER 2654435761u
#define FIRST_LETTER (LETTER * LETTER * LETTER * LETTER * LETTER)
_Static_assert(LETTERS == 5, "so often FIRST_LETTER has LETTER");

static uint32_t
plain_letters(const char *word)
{
	uint32_t h = 0;
	size_t i;

	for (i = 0; i < LETTERS; i++)
		h = (h + (unsigned char)word[i]) * LETTER;
	return h ^ h >> 16;
}

/* word has at least LETTERS bytes, of which not all are ASCII. */
static inline void
each_letters(const char *word, size_t len,
    void (*each)(void *ctx, uint32_t hash), void *ctx)
{
	uint32_t c[KB_WORD_MAX_BYTES], h = 0;
	const char *p = word, *end = word + len;
	size_t n = 0, i;

	while (p < end && n < KB_WORD_MAX_BYTES)
		c[n++] = utf8_next(&p, end);
	for (i = 0; i < n; i++) {
		h = (h + c[i]) * LETTER;
		if (i + 1 < LETTERS)
			continue;
		each(ctx, h ^ h >> 16);
		h -= FIRST_LETTER * c[i + 1 - LETTERS];
	}
}

/* Two letters as one of a few; of plain ones no two pairs are one. */
static unsigned
pair_of(const char *p)
{
	return ((unsigned char)p[0] & 31u) << 5 | ((unsigned char)p[1] & 31u);
}

struct adding {
	struct question *q;
	size_t concept;
};

static void
add_letters(void *ctx, uint32_t h)
{
	struct adding *a = ctx;
	struct question *q = a->q;
	size_t at = letters_slot(h);

	if (q->nletters == LETTERS_MAX)
		return;
	q->letters[q->nletters] = (struct letters){ .hash = h,
		.concept = (uint16_t)a->concept,
		.next = q->letters_at[at] };
	q->letters_at[at] = (uint16_t)++q->nletters;
	q->concept[a->concept].letters++;
}

static void
index_letters(struct question *q)
{
	struct adding a = { q, 0 };
	const struct concept *c;
	size_t i, k;

	for (i = 0; i < q->count; i++) {
		c = &q->concept[i];
		if (c->is_common || strchr(c->word, ' ') != NULL ||
		    strlen(c->word) < LETTERS)
			continue;
		a.concept = i;
		each_letters(c->word, strlen(c->word), add_letters, &a);
		for (k = 1; c->word[k] != '\0'; k++)
			set_bit(q->pairs, pair_of(c->word + k - 1));
	}
	/* Stemmers that take only endings off: what begins otherwise than any
	 * form is not one. */
	for (i = 0; i < q->count; i++)
		for (k = 0; k < q->concept[i].forms; k++) {
			const char *p = q->concept[i].form[k].stems;
			size_t len;

			for (; *p != '\0'; p += len + (p[len] == ' ')) {
				len = strcspn(p, " ");
				if (len < SURE_BYTES)
					set_bit(q->begins, begin_of(p, len));
				else
					set_bit(q->begins_long,
					    long_begin_of(p));
			}
		}
}

/*
 * What is kept of a text: the stems that may be of a form, with one that is none
 * ("_") for those in between, and where all but these stand.
 */
struct reading {
	struct kb *kb;
	const struct question *q;
	struct stemming by;
	bool cuts_endings;
	struct buf *stems, *kept;
	size_t words;
	bool is_between; /* the last one kept is none */
	struct finding *letters;
};

static inline bool
may_be_form(const struct question *q, const char *word, size_t len)
{
	return has_bit(q->begins, begin_of(word, len)) ||
	    (len > 2 && has_bit(q->begins_long, long_begin_of(word)));
}

/* Room for len bytes behind what b has; most often it is there. */
static inline char *
room(struct buf *b, size_t len)
{
	return b->cap - b->len > len ? b->data + b->len : buf_room(b, len);
}

static void
keep_stem(struct reading *r, const char *stem, size_t len)
{
	struct kept k = { (uint32_t)r->words, (uint32_t)r->stems->len,
		(uint32_t)len };
	char *to = room(r->stems, len + 1);

	memcpy(to, stem, len);
	memcpy(to + len, " ", 2);
	r->stems->len += len + 1;
	memcpy(room(r->kept, sizeof(k)), &k, sizeof(k));
	r->kept->len += sizeof(k);
}

static void
keep_none(struct reading *r)
{
	memcpy(room(r->stems, 2), "_ ", 3);
	r->stems->len += 2;
}

static void
see_letters(void *ctx, uint32_t h)
{
	struct reading *r = ctx;
	const struct letters *l;
	size_t at;

	for (at = r->q->letters_at[letters_slot(h)]; at != 0; at = l->next) {
		l = &r->q->letters[at - 1];
		if (l->hash == h)
			r->letters->seen[at - 1] = true;
	}
}

/* Whether it is a form or not is told by its stem, if it may be one. */
static inline void
keep_word(struct reading *r, const char *word, size_t len)
{
	size_t n;
	const char *stem;

	if (!r->cuts_endings || may_be_form(r->q, word, len)) {
		stem = analyse_stem_by(r->kb->analyser, &r->by, word, len, &n);
		keep_stem(r, stem, n);
		r->is_between = false;
	} else if (!r->is_between) {
		keep_none(r);
		r->is_between = true;
	}
	r->words++;
}

static void
read_word(void *ctx, const char *word, size_t len)
{
	struct reading *r = ctx;

	keep_word(r, word, len);
	if (r->letters != NULL && r->q->nletters > 0 && len >= LETTERS)
		each_letters(word, len, see_letters, r);
}

/* The same for all words of a text of ASCII, which most are: several times as
 * fast. */
static void
read_plain(struct reading *r, const char *text, size_t len)
{
	struct kb *kb = r->kb;
	const bool wants_letters = r->letters != NULL && r->q->nletters > 0;
	size_t n = analyse_plain_words(text, len, &kb->folded, &kb->words), i;
	const struct plain_word *w =
	    (const struct plain_word *)(const void *)kb->words.data;
	const char *p, *end;

	for (i = 0; i < n; i++) {
		p = kb->folded.data + w[i].at;
		end = p +
		    (w[i].len < KB_WORD_MAX_BYTES ? w[i].len :
						    KB_WORD_MAX_BYTES);
		keep_word(r, p, (size_t)(end - p));
		if (!wants_letters)
			continue;
		for (; p + LETTERS <= end; p++)
			if (has_bit(r->q->pairs, pair_of(p)))
				see_letters(r, plain_letters(p));
	}
}

void
question_find_word(struct kb *kb, const struct question *q, const char *word,
    size_t len, const char *language, struct found *found)
{
	struct kept one = { 0, 0, 0 };
	char copy[KB_WORD_MAX_BYTES + 9];
	const char *stem = "";
	size_t n = 0;

	/* What is no plain word may be several. */
	if (utf8_plain_length(word, len) < len) {
		question_find_text(kb, q, word, len, language, found);
		return;
	}
	if (!analyse_cuts_endings(language) || may_be_form(q, word, len))
		stem = analyse_stem(kb->analyser, word, len, language, &n);
	memcpy(copy, stem, n);
	copy[n] = '\0';
	one.len = (uint32_t)n;
	find(q, language, copy, &one, n > 0, found);
}

size_t
question_find_text(struct kb *kb, const struct question *q, const char *text,
    size_t len, const char *language, struct found *found)
{
	return question_find_all(kb, q, text, len, language, found, NULL);
}

size_t
question_find_all(struct kb *kb, const struct question *q, const char *text,
    size_t len, const char *language, struct found *found,
    struct finding *letters)
{
	struct reading r = { .kb = kb,
		.q = q,
		.by = analyse_stemming(language),
		.cuts_endings = analyse_cuts_endings(language),
		.stems = &kb->stems,
		.kept = &kb->kept,
		.letters = letters };

	buf_reset(r.stems);
	buf_reset(r.kept);
	if (utf8_plain_length(text, len) == len)
		read_plain(&r, text, len);
	else
		analyse_text(text, len, language, read_word, &r);
	find(q, language, r.stems->data,
	    (const struct kept *)(const void *)r.kept->data,
	    r.kept->len / sizeof(struct kept), found);
	return r.words;
}

double
question_letters(const struct question *q, const struct finding *letters)
{
	double sum = 0, all = 0, weight;
	const struct concept *c;
	size_t i;

	for (i = 0; i < q->nletters; i++) {
		c = &q->concept[q->letters[i].concept];
		weight = c->weight / c->letters;
		all += weight;
		if (letters->seen[i])
			sum += weight;
	}
	return all > 0 ? sum / all : 0;
}

double
question_coverage(const struct question *q, const struct found *found)
{
	double sum = 0;
	size_t i;

	if (q->weight <= 0)
		return 0;
	for (i = 0; i < q->count; i++)
		if (!q->concept[i].is_common && !q->concept[i].is_context)
	sum += q->concept[i].need * found[i].strength;
	return sum / q->weight;
}

/* Put language, if it is a rare one, among those of the base for one question;
 * where it was put, or NULL. */
static char **
add_rare(struct kb *kb, const char *language)
{
	char **end;
	size_t i;

	for (i = 0; i < kb->rares; i++)
		if (strcmp(kb->rare[i].tag, language) == 0) {
			for (end = kb->languages; *end != NULL; end++)
				;
			*end = kb->rare[i].tag;
			return end;
		}
	return NULL;
}

/*
 * The language whose lists decide on the words of a question in language, or
 * NULL for all of the base. Hindi in Latin letters is asked in of bases in Hindi and in English.
 */
static const char *
asked_in(struct kb *kb, const char *language)
{
	/* Not those of the questions before: each is read as if it were alone. */
	kb->asked = 0;
	if (!has_texts_in(kb, language) && strcmp(language, "hi-Latn") != 0 &&
	    !has_language(kb, UNSURE))
		return NULL;
	kb->asked = wordlist_bit(language);
	return has_list(kb, language) ? language : NULL;
}

int
question_parse(struct kb *kb, const char *text, const char *const *context,
    struct question **ret)
{
	struct question *q = xcalloc(1, sizeof(*q));
	int code = kb_refresh(kb);
	const char *language = NULL;
	char **more = NULL;
	size_t i;

	if (code == 0) {
		q->languages = kb->languages;
		language = kb_one_language(kb);
		if (language == NULL || strcmp(language, "hi") == 0 ||
		    strcmp(language, UNSURE) == 0)
			q->language = language =
			    language_detect(text, strlen(text));
		more = add_rare(kb, language);
		language = asked_in(kb, language);
		code = add_text(kb, q, text, language, false);
	}
	for (i = 0; code == 0 && context != NULL && context[i] != NULL; i++)
		code = add_text(kb, q, context[i], language, true);
	if (more != NULL)
		*more = NULL;
	if (code < 0) {
		question_free(q);
		return code;
	}
	for (i = 0; i < q->count; i++)
		if (!q->concept[i].is_common && !q->concept[i].is_context)
	q->weight += q->concept[i].need;
	q->rarest = log(1 + 2 * ((double)kb->passages + 0.5));
	index_forms(q);
	index_letters(q);
	*ret = q;
	return 0;
}

void
question_free(struct question *q)
{
	size_t i;

	if (q == NULL)
		return;
	for (i = 0; i < q->count; i++)
		concept_release(&q->concept[i]);
	free(q->concept);
	free(q->slots);
	free(q);
}
