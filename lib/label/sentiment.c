/* sentiment - how somebody feels who writes a text, from a lexicon of ours */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "label/sentiment.h"

#define SLOTS 32768 /* twice what the lexicon fills, and more */
#define LANGUAGES_MAX 32
#define TOKENS_MAX 1024
#define PHRASE_WORDS 6
#define WORD_BYTES 64
#define REACH_NOT 3	 /* words a negator reaches on */
#define REACH_SUBJECT 8	 /* the same where it is the subject: "none of the" */
#define REACH_NOT_BACK 2 /* and back, where it may stand behind */
#define REACH_HOPED 5
#define TURNED_GOOD (-0.8)  /* praise that is negated is blame */
#define TURNED_BAD (-0.3)   /* and blame a little praise: "not bad" */
#define HOPED_WEIGHT (-2.0) /* what was hoped for and is not */
#define POLITE_WEIGHT 1.0
#define MORE 1.35
#define LESS 0.7
#define LOUD 1.2 /* capitals, letters drawn out */
#define BEFORE_BUT 0.5
#define BEHIND_BUT 1.2
#define ASKED_GOOD 0.35 /* in a question */
#define ASKED_BAD 0.45
#define EXCLAIMED 0.1	/* each ! up to three */
#define OPENING_WORDS 3 /* praise that may be meant otherwise is in these */
#define SURE 1.0	/* a sum below it is neutral */
#define SOFT 12.0	/* sums as a score: sum / sqrt(sum^2 + SOFT) */

enum role {
	ROLE_NOT = 1 << 0,
	ROLE_MORE = 1 << 1,
	ROLE_LESS = 1 << 2,
	ROLE_BUT = 1 << 3,
	ROLE_HOPED = 1 << 4,
	ROLE_AGAIN = 1 << 5,
	ROLE_ASK = 1 << 6,
	ROLE_POLITE = 1 << 7,
	ROLE_MOST = 1 << 8,
	ROLE_NEVER = 1 << 9,
	ROLE_QUESTION = 1 << 10,
};

static const char *const role_names[] = { "not", "more", "less", "but", "hoped",
	"again", "ask", "polite", "most", "never", "question", NULL };

struct entry {
	const char *key; /* words joined by _, * at the end; NULL: free */
	uint8_t language;
	int weight;
	uint16_t roles;
};

struct lexicon {
	struct entry slots[SLOTS];
	struct {
		char tag[12];
		bool after;	    /* a negator may stand behind its word */
	} languages[LANGUAGES_MAX]; /* the first has what all share */
	size_t nlanguages;
	struct buf keys;
	char **owned;
	size_t nowned;
};

/* --- the lexicon --- */

static uint32_t
hash(size_t language, const char *key, size_t len)
{
	uint32_t h = 2166136261u ^ (uint32_t)language * 0x9e3779b9u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)key[i]) * 16777619u;
	return h ^ h >> 15;
}

/* The slot of a key, or the free one where it would be. */
static size_t
slot_of(const struct lexicon *x, size_t language, const char *key, size_t len)
{
	size_t i = hash(language, key, len) % SLOTS;

	while (x->slots[i].key != NULL &&
	    (x->slots[i].language != language ||
		strncmp(x->slots[i].key, key, len) != 0 ||
		x->slots[i].key[len] != '\0'))
		i = (i + 1) % SLOTS;
	return i;
}

static const struct entry *
find(const struct lexicon *x, size_t language, const char *key, size_t len)
{
	size_t i = slot_of(x, language, key, len);

	return x->slots[i].key != NULL ? &x->slots[i] : NULL;
}

/* Turkish has an i without its dot, which many keyboards lack. */
static void
dot_i(char *word)
{
	char *from, *to = word;

	for (from = word; *from != '\0'; from++)
		if (strncmp(from, "ı", 2) == 0) {
			*to++ = 'i';
			from++;
		} else
			*to++ = *from;
	*to = '\0';
}

/* As texts are cut and folded: words joined by _. */
static char *
key_of(const char *word)
{
	size_t len = strlen(word);
	bool open = len > 0 && word[len - 1] == '*';
	char *copy = xstrndup(word, open ? len - 1 : len), *p, *words;
	struct buf b = BUF_INIT(0);

	for (p = copy; *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
	words = utf8_words(copy);
	for (p = words + 1; *p != '\0' && p[1] != '\0'; p++)
		buf_addc(&b, *p == ' ' ? '_' : *p);
	if (b.len == 0) /* an emoji */
		buf_adds(&b, copy);
	dot_i(b.data);
	if (open)
		buf_addc(&b, '*');
	free(words);
	free(copy);
	return buf_detach(&b);
}

static void
add_entry(struct lexicon *x, size_t language, const char *word, int weight,
    unsigned roles)
{
	char *key = key_of(word);
	struct entry *e = &x->slots[slot_of(x, language, key, strlen(key))];

	if (e->key == NULL) {
		x->owned =
		    xrealloc(x->owned, (x->nowned + 1) * sizeof(*x->owned));
		x->owned[x->nowned++] = key;
		e->key = key;
		e->language = (uint8_t)language;
	} else
		free(key);
	if (weight != 0)
		e->weight = weight;
	e->roles |= (uint16_t)roles;
}

static unsigned
role_of(const char *name)
{
	size_t i;

	for (i = 0; role_names[i] != NULL; i++)
		if (strcmp(role_names[i], name) == 0)
			return 1u << i | (1u << i == ROLE_NEVER ? ROLE_NOT : 0);
	return 0;
}

static void
add_line(struct lexicon *x, char *line)
{
	char *tab = strchr(line, '\t'), *word, *next;
	size_t language = x->nlanguages - 1;
	int64_t weight = 0;

	if (tab == NULL)
		return;
	*tab++ = '\0';
	if (strcmp(line, "after") == 0) {
		x->languages[language].after = true;
		return;
	}
	if (str_int(line, -9, 9, &weight) < 0)
		weight = 0;
	for (word = tab; word != NULL && *word != '\0'; word = next) {
		next = strchr(word, ' ');
		if (next != NULL)
			*next++ = '\0';
		if (*word != '\0')
			add_entry(x, language, word, (int)weight,
			    role_of(line));
	}
}

struct lexicon *
lexicon_new(void)
{
	struct lexicon *x = xcalloc(1, sizeof(*x));
	char *text = xstrdup(sentiment_words), *line, *next;

	for (line = text; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (*line == '#' || *line == '\0')
			continue;
		if (*line != '[')
			add_line(x, line);
		else if (x->nlanguages < LANGUAGES_MAX) {
			line[strcspn(line, "]")] = '\0';
			strncpy(x->languages[x->nlanguages++].tag, line + 1,
			    sizeof(x->languages[0].tag) - 1);
		}
	}
	free(text);
	return x;
}

void
lexicon_free(struct lexicon *x)
{
	size_t i;

	if (x == NULL)
		return;
	for (i = 0; i < x->nowned; i++)
		free(x->owned[i]);
	free(x->owned);
	free(x);
}

/* --- a text in pieces --- */

struct token {
	char word[WORD_BYTES]; /* folded; an emoji */
	bool emoji, loud, quoted;
	size_t clause, sentence;
	/* What it is: all of a phrase is its first word's. */
	size_t span; /* words of the phrase; 0: inside of one, or nothing */
	int weight;
	unsigned roles;
	double value; /* what it counts in the end */
};

struct reading {
	const struct lexicon *x;
	struct token *tokens;
	size_t count;
	size_t clause, sentence;
	bool *asked, *questioned; /* by sentence: with "?", by a word */
	size_t exclaimed, language;
	bool all_loud, after;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The bytes of an address or a name (@somebody) at p, which say nothing. */
static size_t
skipped(const char *p, const char *end, bool at_start)
{
	const char *q = p;

	if (!at_start)
		return 0;
	if (!(*p == '@' && p + 1 < end && !is_blank(p[1])) &&
	    strncmp(p, "http://", 7) != 0 && strncmp(p, "https://", 8) != 0 &&
	    strncmp(p, "www.", 4) != 0)
		return 0;
	while (q < end && !is_blank(*q))
		q++;
	return (size_t)(q - p);
}

/* A face of signs as the emoji it stands for, and its bytes. */
static const char *
face(const char *p, const char *end, size_t *ret_len)
{
	static const struct {
		const char *face, *emoji;
	} faces[] = {
		{ ":'(", "😢" },
		{ ":-)", "🙂" },
		{ ":-(", "🙁" },
		{ ":-D", "😀" },
		{ ";-)", "😉" },
		{ ":-/", "😕" },
		{ ":-|", "😐" },
		{ "</3", "💔" },
		{ "<3", "❤" },
		{ ":))", "🙂" },
		{ ":((", "🙁" },
		{ ":)", "🙂" },
		{ ":(", "🙁" },
		{ ":D", "😀" },
		{ "=)", "🙂" },
		{ "=(", "🙁" },
		{ ";)", "😉" },
		{ "xD", "😂" },
		{ "XD", "😂" },
		{ ":/", "😕" },
		{ ":|", "😐" },
		{ ":P", "😋" },
	};
	size_t i, n;

	for (i = 0; i < sizeof(faces) / sizeof(faces[0]); i++) {
		n = strlen(faces[i].face);
		if ((size_t)(end - p) >= n &&
		    strncmp(p, faces[i].face, n) == 0) {
			*ret_len = n;
			return faces[i].emoji;
		}
	}
	return NULL;
}

static struct token *
new_token(struct reading *r)
{
	struct token *t;

	if (r->count == TOKENS_MAX)
		return NULL;
	t = &r->tokens[r->count++];
	memset(t, 0, sizeof(*t));
	t->clause = r->clause;
	t->sentence = r->sentence;
	return t;
}

static void
add_emoji(struct reading *r, const char *p, size_t len)
{
	struct token *t;

	if (len >= WORD_BYTES || find(r->x, 0, p, len) == NULL)
		return;
	t = new_token(r);
	if (t == NULL)
		return;
	memcpy(t->word, p, len);
	t->emoji = true;
}

/* "soooo" as "so": letters that come three times and more come so often. */
static bool
draw_in(const char *from, char *to, size_t most)
{
	const char *p = from, *end = from + strlen(from), *start;
	uint32_t c, last = 0;
	size_t run = 0, n = 0;
	bool drawn = false;

	while ((c = utf8_next(&p, end)) != 0) {
		run = c == last ? run + 1 : 1;
		last = c;
		if (run >= 3)
			drawn = true;
	}
	if (!drawn)
		return false;
	p = from;
	last = 0;
	while (start = p, (c = utf8_next(&p, end)) != 0) {
		run = c == last ? run + 1 : 1;
		last = c;
		if (run > most)
			continue;
		memcpy(to + n, start, (size_t)(p - start));
		n += (size_t)(p - start);
	}
	to[n] = '\0';
	return true;
}

static void
add_word(struct reading *r, const char *p, size_t len)
{
	char cut[WORD_BYTES], drawn[WORD_BYTES], *folded;
	struct token *t;
	size_t i, upper = 0;

	if (len >= WORD_BYTES)
		len = utf8_cut(p, len, WORD_BYTES - 1);
	memcpy(cut, p, len);
	cut[len] = '\0';
	t = new_token(r);
	if (t == NULL)
		return;
	for (i = 0; i < len; i++)
		upper += cut[i] >= 'A' && cut[i] <= 'Z';
	t->loud = upper >= 3 && upper == len;
	folded = utf8_fold(cut, len);
	strncpy(t->word, folded, WORD_BYTES - 1);
	if (utf8_cut(t->word, strlen(t->word), WORD_BYTES - 1) <
	    strlen(t->word))
		t->word[0] = '\0';
	free(folded);
	dot_i(t->word);
	if (draw_in(t->word, drawn, 2)) {
		t->loud = true;
		if (find(r->x, r->language, drawn, strlen(drawn)) == NULL)
			draw_in(t->word, drawn, 1);
		memcpy(t->word, drawn, strlen(drawn) + 1);
	}
}

static void
add_sign(struct reading *r, uint32_t c, const char *p, const char *end)
{
	switch (c) {
	case '?':
	case 0x61f: /* Arabic */
	case 0xff1f:
		r->asked[r->sentence] = true;
		r->clause++;
		if (p < end && *p != '?' && *p != '!' &&
		    r->sentence < TOKENS_MAX)
			r->sentence++;
		break;
	case '!':
	case 0xff01:
		r->exclaimed++;
		r->clause++;
		if (p < end && *p != '!' && *p != '?' &&
		    r->sentence < TOKENS_MAX)
			r->sentence++;
		break;
	case '.':
	case '\n':
	case 0x964: /* Devanagari danda */
	case 0x2026:
		r->clause++;
		if (r->sentence < TOKENS_MAX)
			r->sentence++;
		break;
	case ',':
	case ';':
	case ':':
	case '(':
	case ')':
	case 0x60c: /* Arabic */
	case 0x2013:
	case 0x2014:
		r->clause++;
		break;
	default:
		break;
	}
}

static bool
is_quote(uint32_t c)
{
	return c == '"' || c == 0x201c || c == 0x201d || c == 0x201e ||
	    c == 0xab || c == 0xbb;
}

static void
read_text(struct reading *r, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *at, *word = NULL, *emoji;
	bool is_tag = false, opened = false;
	size_t n, before;
	uint32_t c;

	while (p < end) {
		at = p;
		n = skipped(p, end, p == text || is_blank(p[-1]));
		if (n > 0) {
			p += n;
			continue;
		}
		emoji = face(p, end, &n);
		if (emoji != NULL) {
			add_emoji(r, emoji, strlen(emoji));
			p += n;
			continue;
		}
		c = utf8_next(&p, end);
		if (c == 0)
			break;
		if (!utf8_is_word(c)) {
			if (c == '#')
				is_tag = true;
			else if (c >= 0x2190)
				add_emoji(r, at, (size_t)(p - at));
			if (is_quote(c) && opened && r->count > 0)
				r->tokens[r->count - 1].quoted = true;
			opened = is_quote(c);
			add_sign(r, c, p, end);
			continue;
		}
		word = at;
		before = r->count;
		while (p < end) {
			at = p;
			c = utf8_next(&p, end);
			/* #GreatServiceAgain is three words. */
			if (is_tag && c < 128 && c >= 'A' && c <= 'Z' &&
			    at > word && at[-1] >= 'a' && at[-1] <= 'z') {
				add_word(r, word, (size_t)(at - word));
				word = at;
			}
			if (c == 0 || !utf8_is_word(c)) {
				p = at;
				break;
			}
		}
		add_word(r, word, (size_t)(p - word));
		is_tag = false;
		/* Only one word between quotes is held up by them. */
		opened = opened && r->count == before + 1;
	}
}

/* --- words to meanings --- */

/* A word, or the longest beginning of it, that is in the lexicon. */
static const struct entry *
find_word(const struct lexicon *x, size_t language, const char *key)
{
	char open[PHRASE_WORDS * WORD_BYTES + 2];
	size_t len = strlen(key);
	const struct entry *e = find(x, language, key, len);

	memcpy(open, key, len);
	for (; e == NULL && len >= 2; len--) {
		if (((unsigned char)key[len] & 0xc0) == 0x80)
			continue;
		open[len] = '*';
		e = find(x, language, open, len + 1);
		open[len] = key[len];
	}
	return e;
}

/* Arabic writes "the", "and", "by" and "for" at the beginning of a word. */
static const struct entry *
find_arabic(const struct lexicon *x, size_t language, const char *key)
{
	static const char *const begins[] = { "وال", "بال", "لل", "ال", "و",
		"ب", "ف", NULL };
	const struct entry *e = NULL;
	size_t i;

	for (i = 0; begins[i] != NULL && e == NULL; i++)
		if (str_starts(key, begins[i]) &&
		    strlen(key) >= strlen(begins[i]) + 4)
			e = find_word(x, language, key + strlen(begins[i]));
	return e;
}

/* The longest phrase that begins at i. */
static const struct entry *
find_phrase(const struct reading *r, size_t language, size_t i,
    size_t *ret_words)
{
	char key[PHRASE_WORDS * WORD_BYTES + 2];
	size_t ends[PHRASE_WORDS], n, len = 0, most = 0;
	const struct entry *e;

	for (n = 0; n < PHRASE_WORDS && i + n < r->count; n++) {
		const struct token *t = &r->tokens[i + n];

		if (t->emoji || (n > 0 && t->clause != r->tokens[i].clause))
			break;
		if (n > 0)
			key[len++] = '_';
		memcpy(key + len, t->word, strlen(t->word));
		len += strlen(t->word);
		ends[most++] = len;
	}
	for (n = most; n > 0; n--) {
		key[ends[n - 1]] = '\0';
		e = find_word(r->x, language, key);
		/* What begins a phrase and ends in its first word is none. */
		if (e != NULL && n > 1 && strchr(e->key, '_') == NULL)
			e = NULL;
		if (e == NULL && n == 1 &&
		    strcmp(r->x->languages[language].tag, "ar") == 0)
			e = find_arabic(r->x, language, key);
		if (e != NULL) {
			*ret_words = n;
			return e;
		}
	}
	*ret_words = 1;
	return NULL;
}

/* How much of the text a language of the lexicon knows. */
static double
known(const struct reading *r, size_t language)
{
	const struct entry *e;
	size_t i, n;
	double sum = 0;

	for (i = 0; i < r->count; i += n) {
		n = 1;
		if (r->tokens[i].emoji)
			continue;
		e = find_phrase(r, language, i, &n);
		if (e != NULL)
			sum +=
			    (e->weight != 0 ? 1 : 0.5) + 0.5 * (double)(n - 1);
	}
	return sum;
}

static size_t
language_at(const struct lexicon *x, const char *tag)
{
	const char *plain = language_plain(tag);
	size_t i;

	for (i = 1; i < x->nlanguages; i++)
		if (strcmp(x->languages[i].tag, plain) == 0)
			return i;
	return 0;
}

/* The given one, else the one that knows most of it; 0: none does. */
static size_t
choose_language(const struct reading *r, const char *tag)
{
	size_t i, best = language_at(r->x, tag);
	double most = 0, n;

	if (best != 0)
		return best;
	for (i = 1; i < r->x->nlanguages; i++) {
		n = known(r, i);
		if (n > most) {
			most = n;
			best = i;
		}
	}
	return best;
}

static void
understand(struct reading *r)
{
	const struct entry *e;
	size_t i, j, n;

	for (i = 0; i < r->count; i += n) {
		struct token *t = &r->tokens[i];

		n = 1;
		e = t->emoji	? find(r->x, 0, t->word, strlen(t->word)) :
		    r->language ? find_phrase(r, r->language, i, &n) :
				  NULL;
		t->span = n;
		if (e == NULL)
			continue;
		t->weight = e->weight;
		t->roles = e->roles;
		for (j = 1; j < n; j++)
			t->loud = t->loud || r->tokens[i + j].loud;
	}
}

/* --- what stands around them --- */

static bool
has_role(const struct reading *r, size_t i, unsigned role)
{
	return (r->tokens[i].roles & role) != 0;
}

/* Whether a negator is what the sentence is about: "No one at your shop was". */
static bool
is_subject(const struct reading *r, size_t i)
{
	static const char *const subjects[] = { "none", "nobody", "niemand",
		"keiner", "nadie", "ninguno", "ninguna", "ninguem", "nenhum",
		"nenhuma", "personne", "aucun", "aucune", "nessuno", "nessuna",
		NULL };
	static const char *const before_one[] = { "no", "not", NULL };

	if (!has_role(r, i, ROLE_NOT) || r->tokens[i].weight != 0 ||
	    (i > 0 && r->tokens[i - 1].clause == r->tokens[i].clause &&
		!has_role(r, i - 1, ROLE_BUT)))
		return false;
	return str_in(r->tokens[i].word, subjects) ||
	    (str_in(r->tokens[i].word, before_one) && i + 1 < r->count &&
		strcmp(r->tokens[i + 1].word, "one") == 0);
}

/* Whether a negator stands before a verb of thinking or saying, and so is meant
 * of what is thought: "I don't think it was good". Not "can't say enough". */
static bool
is_raised(const struct reading *r, size_t i)
{
	static const char *const verbs[] = { "think", "say", "call", "believe",
		"consider", "creo", "decir", "digo", "diria", "pienso",
		"parece", "sagen", "behaupten", "finde", "glaube", "denke",
		"pense", "dire", "dirais", "crois", "trouve", "acho", "dizer",
		"diria", "penso", "credo", "trovo", "direi", NULL };
	static const char *const enough[] = { "enough", "genug", "suficiente",
		"bastante", "assez", "abbastanza", "nothing", NULL };
	const struct token *t = &r->tokens[i];
	size_t n;

	if (!has_role(r, i, ROLE_NOT) || t->weight != 0)
		return false;
	for (n = i + 1; n <= i + 3 && n < r->count; n++)
		if (r->tokens[n].clause == t->clause &&
		    str_in(r->tokens[n].word, verbs))
			return n + 1 == r->count ||
			    !str_in(r->tokens[n + 1].word, enough);
	return false;
}

/* Whether a clause goes on with what stands before it: ", dass ...". */
static bool
is_that(const struct reading *r, size_t i)
{
	static const char *const thats[] = { "dass", "das", "that", "que",
		"che", "dat", NULL };

	return str_in(r->tokens[i].word, thats);
}

/* Whether a negator of the clause reaches the token. */
static bool
is_negated(const struct reading *r, size_t i, size_t reach)
{
	size_t clause = r->tokens[i].clause, end, n;

	for (n = 1; n <= REACH_SUBJECT && n <= i; n++) {
		if (r->tokens[i - n].clause != clause && is_that(r, i - n + 1))
			clause = r->tokens[i - n].clause;
		if (r->tokens[i - n].clause != clause ||
		    has_role(r, i - n, ROLE_BUT))
			break;
		if ((n <= reach && has_role(r, i - n, ROLE_NOT) &&
			r->tokens[i - n].weight == 0) ||
		    is_subject(r, i - n) || is_raised(r, i - n))
			return true;
	}
	clause = r->tokens[i].clause;
	if (!r->after)
		return false;
	end = i + r->tokens[i].span;
	for (n = 0; n < REACH_NOT_BACK && end + n < r->count; n++) {
		if (r->tokens[end + n].clause != clause)
			break;
		if (has_role(r, end + n, ROLE_NOT) &&
		    r->tokens[end + n].weight == 0)
			return true;
	}
	return false;
}

static double
strengthened(const struct reading *r, size_t i)
{
	double by = 1;
	size_t n;

	for (n = 1; n <= 2 && n <= i; n++) {
		if (r->tokens[i - n].clause != r->tokens[i].clause)
			break;
		if (has_role(r, i - n, ROLE_MORE))
			by *= MORE;
		else if (has_role(r, i - n, ROLE_LESS))
			by *= LESS;
	}
	if (r->tokens[i].loud && !r->all_loud)
		by *= LOUD;
	return by;
}

/* "Never better", "could not be more happy", "never slept so well". */
static bool
is_most(const struct reading *r, size_t i)
{
	size_t n;

	if (has_role(r, i, ROLE_MOST))
		return true;
	if (i == 0 || r->tokens[i - 1].clause != r->tokens[i].clause)
		return false;
	if (has_role(r, i - 1, ROLE_MOST))
		return true;
	for (n = 2; n <= REACH_NOT && n <= i; n++)
		if (has_role(r, i - n, ROLE_NEVER) &&
		    r->tokens[i - n].clause == r->tokens[i].clause)
			return has_role(r, i - 1, ROLE_MORE);
	return false;
}

/* Phrases that have a negator in them are weighed with it. */
static bool
has_own_not(const struct reading *r, size_t i)
{
	const struct entry *e;
	size_t n;

	for (n = 0; n < r->tokens[i].span && r->tokens[i].span > 1; n++) {
		e = find_word(r->x, r->language, r->tokens[i + n].word);
		if (e != NULL && (e->roles & ROLE_NOT))
			return true;
	}
	return false;
}

static bool
was_before(const struct reading *r, size_t i)
{
	size_t n;

	for (n = 0; n < i; n++)
		if (r->tokens[n].emoji &&
		    strcmp(r->tokens[n].word, r->tokens[i].word) == 0)
			return true;
	return false;
}

/* Whether it asks; "could not be better" does not. */
static bool
is_asking(const struct reading *r, size_t i)
{
	return has_role(r, i, ROLE_ASK) && !is_negated(r, i, REACH_NOT);
}

/* "I'd like a good one": what is asked for is not what there is. */
static bool
is_wished(const struct reading *r, size_t i)
{
	size_t n, clause = r->tokens[i].clause;

	for (n = 1; n <= i && r->tokens[i - n].clause == clause; n++)
		if (is_asking(r, i - n))
			return true;
	if (!r->after)
		return false;
	for (n = i + 1; n < r->count && r->tokens[n].clause == clause; n++)
		if (is_asking(r, n))
			return true;
	return false;
}

/* Many ask without the sign. */
static void
find_questions(struct reading *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (has_role(r, i, ROLE_QUESTION) &&
		    (i == 0 || r->tokens[i - 1].clause != r->tokens[i].clause))
			r->questioned[r->tokens[i].sentence] = true;
}

static void
value_all(struct reading *r)
{
	size_t i, but = 0;
	double v;

	find_questions(r);
	for (i = 0; i < r->count; i++) {
		struct token *t = &r->tokens[i];

		v = (double)t->weight;
		if (has_role(r, i, ROLE_BUT) && v == 0)
			but = i;
		if (t->emoji && was_before(r, i))
			v = 0;
		if (v == 0 && has_role(r, i, ROLE_HOPED) &&
		    is_negated(r, i, REACH_HOPED))
			v = HOPED_WEIGHT;
		else if (v != 0 && !t->emoji) {
			v *= strengthened(r, i);
			if (!has_own_not(r, i) && is_negated(r, i, REACH_NOT) &&
			    !(v > 0 && is_most(r, i)))
				v *= v > 0 ? TURNED_GOOD : TURNED_BAD;
			if (t->quoted && v > 0)
				v = -v;
		}
		if (v != 0 && r->asked[t->sentence] && !t->emoji)
			v *= v > 0 ? ASKED_GOOD : ASKED_BAD;
		else if (v > 0 && !t->emoji &&
		    (r->questioned[t->sentence] || is_wished(r, i)))
			v *= ASKED_GOOD;
		t->value = v;
	}
	for (i = 0; but > 0 && i < r->count; i++)
		if (!r->tokens[i].emoji)
			r->tokens[i].value *= i < but ? BEFORE_BUT : BEHIND_BUT;
}

/*
 * Praise right at the beginning that is taken back: by a complaint behind it
 * with no "but" between, by an "again" where it stands alone, or by eyes that
 * roll.
 */
static bool
is_ironic(const struct reading *r, size_t *ret_until)
{
	static const char *const eyes[] = { "🙄", "🙃", "🤡", "😒", NULL };
	size_t i, first = r->count, words = 0;
	bool praised_alone, bad = false, again = false, rolls = false;

	for (i = 0; i < r->count && first == r->count; i++)
		if (!r->tokens[i].emoji &&
		    (r->tokens[i].value > 0 || has_role(r, i, ROLE_POLITE)))
			first = i;
		else if (r->tokens[i].value < 0 || ++words >= OPENING_WORDS)
			return false;
	if (first == r->count)
		return false;
	praised_alone = first + r->tokens[first].span >= r->count ||
	    r->tokens[first + r->tokens[first].span].clause !=
		r->tokens[first].clause;
	*ret_until = first;
	for (i = first + 1; i < r->count; i++) {
		if (has_role(r, i, ROLE_BUT))
			return false;
		if (r->tokens[i].emoji)
			rolls = rolls || str_in(r->tokens[i].word, eyes);
		else if (r->tokens[i].value < 0)
			bad = true;
		else if (r->tokens[i].value > 0 && !bad && !again)
			*ret_until = i;
		again = again || has_role(r, i, ROLE_AGAIN);
	}
	if (r->tokens[first].value <= 0) /* thanks, for what went wrong */
		return false;
	return rolls || (praised_alone && (bad || again));
}

static double
polite_part(const struct reading *r, bool bad)
{
	size_t i;

	for (i = 0; i < r->sentence + 1 && i <= TOKENS_MAX; i++)
		if (r->asked[i] || r->questioned[i])
			return 0;
	for (i = 0; i < r->count; i++)
		if (is_asking(r, i))
			return 0;
	for (i = 0; i < r->count; i++)
		if (has_role(r, i, ROLE_POLITE) && !bad)
			return POLITE_WEIGHT * strengthened(r, i) * 0.9;
	return 0;
}

/* --- the answer --- */

static void
sum_up(struct reading *r, double *ret_good, double *ret_bad)
{
	size_t i, until = 0;
	bool ironic;
	double polite;

	value_all(r);
	ironic = is_ironic(r, &until);
	*ret_good = *ret_bad = 0;
	for (i = 0; i < r->count; i++) {
		if (ironic && i <= until && r->tokens[i].value > 0)
			r->tokens[i].value *= TURNED_GOOD;
		if (r->tokens[i].value > 0)
			*ret_good += r->tokens[i].value;
		else
			*ret_bad -= r->tokens[i].value;
	}
	if (r->exclaimed > 3)
		r->exclaimed = 3;
	polite = polite_part(r, *ret_bad > 0);
	*ret_good += polite;
	*ret_good *= 1 + EXCLAIMED * (double)r->exclaimed;
	*ret_bad *= 1 + EXCLAIMED * (double)r->exclaimed;
}

static void
find_evidence(const struct reading *r, struct sentiment *s)
{
	bool *taken = xcalloc(r->count + 1, sizeof(*taken));
	struct buf b = BUF_INIT(0);
	size_t i, j, n, best;

	for (n = 0; n < SENTIMENT_EVIDENCE; n++) {
		best = r->count;
		for (i = 0; i < r->count; i++)
			if (!taken[i] && r->tokens[i].value != 0 &&
			    (best == r->count ||
				fabs(r->tokens[i].value) >
				    fabs(r->tokens[best].value)))
				best = i;
		if (best == r->count)
			break;
		taken[best] = true;
		for (j = 0; j < r->tokens[best].span; j++) {
			if (j > 0)
				buf_addc(&b, ' ');
			buf_adds(&b, r->tokens[best + j].word);
		}
		s->evidence[n] = buf_detach(&b);
	}
	free(taken);
}

static void
reading_open(struct reading *r, const struct lexicon *x, const char *text,
    size_t len, const char *language)
{
	size_t i, loud = 0, words = 0;

	memset(r, 0, sizeof(*r));
	if (len > SENTIMENT_TEXT_MAX)
		len = utf8_cut(text, len, SENTIMENT_TEXT_MAX);
	r->x = x;
	r->tokens = xcalloc(TOKENS_MAX, sizeof(*r->tokens));
	r->asked = xcalloc(TOKENS_MAX + 1, sizeof(*r->asked));
	r->questioned = xcalloc(TOKENS_MAX + 1, sizeof(*r->questioned));
	r->language = language_at(x, language);
	read_text(r, text, len);
	r->language = choose_language(r, language);
	r->after = x->languages[r->language].after;
	for (i = 0; i < r->count; i++) {
		words += !r->tokens[i].emoji;
		loud += r->tokens[i].loud;
	}
	r->all_loud = words > 3 && 2 * loud > words;
	understand(r);
}

static void
reading_close(struct reading *r)
{
	free(r->tokens);
	free(r->asked);
	free(r->questioned);
}

void
sentiment_of(const struct lexicon *x, const char *text, size_t len,
    const char *language, struct sentiment *ret)
{
	struct reading r;
	double good, bad, sum;

	memset(ret, 0, sizeof(*ret));
	reading_open(&r, x, text, len, language);
	sum_up(&r, &good, &bad);
	sum = good - bad;
	ret->score = sum / sqrt(sum * sum + SOFT);
	/* One weak word of praise is a fact as often: a new number, quick. */
	ret->label = sum > SURE ? "positive" :
	    sum <= -SURE	? "negative" :
				  "neutral";
	/* How far it is from the border, and how much speaks against it. */
	ret->confidence = sum > -SURE && sum <= SURE ?
	    0.5 + 0.3 * (SURE - fabs(sum)) / SURE :
	    0.5 +
		0.5 * (1 - exp(-(fabs(sum) - SURE) / 2)) * fabs(sum) /
		    (good + bad);
	find_evidence(&r, ret);
	reading_close(&r);
}

void
sentiment_release(struct sentiment *s)
{
	size_t i;

	for (i = 0; i < SENTIMENT_EVIDENCE; i++)
		free(s->evidence[i]);
	memset(s, 0, sizeof(*s));
}

double
sentiment_count(const struct lexicon *x, const char *text, size_t len,
    const char *language)
{
	struct reading r;
	double sum = 0;
	size_t i;

	reading_open(&r, x, text, len, language);
	for (i = 0; i < r.count; i++)
		sum += r.tokens[i].weight;
	reading_close(&r);
	return sum;
}
