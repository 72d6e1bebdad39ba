/*
 * question - texts of customers, grouped by their words
 *
 * Holds: the words of a text are sorted from the rarest to the most frequent
 * of all texts once questions_group() has ranked them. Two texts that share
 * half of the words of each then share one within the first
 * n - ceil(n / 2) + 1 words of both; only those are looked up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libstemmer.h>
#include <utf8proc.h>

#include "base/str.h"
#include "base/utf8.h"
#include "report/question.h"

#define WORDS_MAX 48	     /* of a text */
#define SHOWN_CHARACTERS 160 /* of the text that stands for a group */
#define STEMMERS_MAX 16
#define NUMBER_DIGITS 3 /* from so many on a number is masked */

/* Words that carry no question, folded; sorted within a language only. */
static const char *const small_words[] = {
	/* English */
	"a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "but",
	"by", "can", "could", "did", "do", "does", "for", "from", "get", "good",
	"had", "has", "have", "hello", "help", "hey", "hi", "how", "i", "if",
	"in", "is", "it", "just", "know", "like", "may", "me", "morning", "my",
	"need", "of", "ok", "okay", "on", "or", "our", "please", "question",
	"so", "some", "thank", "thanks", "that", "the", "there", "this", "to",
	"us", "want", "was", "we", "what", "when", "where", "which", "who",
	"will", "with", "would", "yes", "you", "your",
	/* German */
	"aber", "als", "auch", "auf", "aus", "bei", "bin", "bitte", "danke",
	"das", "dass", "dem", "den", "der", "die", "du", "ein", "eine", "einen",
	"einer", "einem", "er", "es", "frage", "fur", "gibt", "guten", "hab",
	"habe", "haben", "hallo", "hat", "ich", "ihr", "ihre", "im", "ist",
	"ja", "kann", "konnen", "man", "mein", "meine", "meinen", "meiner",
	"mich", "mir", "mit", "mochte", "nach", "noch", "nur", "oder", "sie",
	"sind", "tag", "uber", "um", "und", "uns", "von", "wann", "war", "was",
	"wenn", "wer", "wie", "wir", "wird", "wo", "zu", "zum", "zur",
	/* Spanish, Portuguese */
	"al", "buenas", "buenos", "com", "como", "con", "cual", "cuando", "da",
	"de", "del", "dias", "do", "donde", "e", "el", "em", "en", "es", "esta",
	"eu", "favor", "gracias", "hay", "hola", "la", "las", "lo", "los",
	"mas", "me", "meu", "mi", "minha", "no", "obrigado", "o", "ola", "onde",
	"os", "para", "pero", "por", "puedo", "que", "quiero", "se", "si",
	"son", "su", "tengo", "um", "uma", "un", "una", "y", "yo",
	/* French, Italian */
	"au", "aux", "avec", "avez", "bonjour", "c", "ce", "che", "ci", "ciao",
	"come", "comment", "d", "dans", "des", "di", "du", "est", "et",
	"grazie", "il", "j", "je", "l", "le", "les", "ma", "mes", "moi", "mon",
	"nous", "ou", "par", "pas", "per", "plait", "pour", "pouvez", "puis",
	"quand", "que", "quel", "quelle", "qui", "s", "salut", "sono", "sur",
	"t", "un", "une", "vos", "votre", "vous", NULL
};

struct word {
	char *text;
	int64_t texts; /* that hold it */
	size_t rank;   /* 0: the rarest */
};

struct text {
	char *shown;
	size_t *words; /* numbers; once ranked, ranks in order */
	size_t nwords;
	size_t conversation; /* the number of its id as a word */
	bool handed;
};

/* Texts with the same words. */
struct same {
	size_t first, count; /* in texts, sorted */
	size_t leader;	     /* in sames; its own place: it leads */
};

/* Places of sames, growing. */
struct places {
	size_t *at;
	size_t count, cap;
};

struct stemmer {
	char language[8];
	struct sb_stemmer *stem; /* NULL: none for it */
};

struct questions {
	struct word *words;
	size_t nwords, cwords;
	size_t nsmall; /* the first words are the small ones */
	size_t *slots; /* word + 1; 0: empty */
	size_t nslots;
	struct text *texts;
	size_t ntexts, ctexts;
	int64_t all, counted;
	struct stemmer stemmers[STEMMERS_MAX];
	size_t nstemmers;
	struct question_group *groups;
	size_t ngroups;
};

void
questions_free(struct questions *q)
{
	if (q == NULL)
		return;
	for (size_t i = 0; i < q->nwords; i++)
		free(q->words[i].text);
	for (size_t i = 0; i < q->ntexts; i++) {
		free(q->texts[i].shown);
		free(q->texts[i].words);
	}
	for (size_t i = 0; i < q->nstemmers; i++)
		sb_stemmer_delete(q->stemmers[i].stem);
	for (size_t i = 0; i < q->ngroups; i++)
		free(q->groups[i].text);
	free(q->groups);
	free(q->words);
	free(q->slots);
	free(q->texts);
	free(q);
}

static size_t
hash(const char *s, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

static void
slots_grow(struct questions *q)
{
	size_t n = 2 * q->nslots;
	size_t *slots = xcalloc(n, sizeof(*slots));

	for (size_t i = 0; i < q->nwords; i++) {
		const char *t = q->words[i].text;
		size_t at = hash(t, strlen(t)) & (n - 1);

		while (slots[at] != 0)
			at = (at + 1) & (n - 1);
		slots[at] = i + 1;
	}
	free(q->slots);
	q->slots = slots;
	q->nslots = n;
}

/* The number of a word, the same for the same word. */
static size_t
word_number(struct questions *q, const char *s, size_t len)
{
	size_t at;

	if (2 * q->nwords >= q->nslots)
		slots_grow(q);
	at = hash(s, len) & (q->nslots - 1);
	while (q->slots[at] != 0) {
		const char *t = q->words[q->slots[at] - 1].text;

		if (strncmp(t, s, len) == 0 && t[len] == '\0')
			return q->slots[at] - 1;
		at = (at + 1) & (q->nslots - 1);
	}
	if (q->nwords == q->cwords) {
		q->cwords = q->cwords == 0 ? 256 : 2 * q->cwords;
		q->words = xrealloc(q->words, q->cwords * sizeof(*q->words));
	}
	q->words[q->nwords] = (struct word){ xstrndup(s, len), 0, 0 };
	q->slots[at] = ++q->nwords;
	return q->nwords - 1;
}

struct questions *
questions_new(void)
{
	struct questions *q = xcalloc(1, sizeof(*q));

	q->nslots = 1024;
	q->slots = xcalloc(q->nslots, sizeof(*q->slots));
	for (size_t i = 0; small_words[i] != NULL; i++)
		word_number(q, small_words[i], strlen(small_words[i]));
	q->nsmall = q->nwords;
	return q;
}

/* The stemmer of a language tag, "de-AT" as "de"; NULL if there is none. */
static struct sb_stemmer *
stemmer(struct questions *q, const char *language)
{
	char name[8] = "";
	struct stemmer *s;

	if (language == NULL)
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(language, "-_"),
	    language);
	for (size_t i = 0; i < q->nstemmers; i++)
		if (strcmp(q->stemmers[i].language, name) == 0)
			return q->stemmers[i].stem;
	if (q->nstemmers == STEMMERS_MAX)
		return NULL;
	s = &q->stemmers[q->nstemmers++];
	snprintf(s->language, sizeof(s->language), "%s", name);
	s->stem = sb_stemmer_new(name, NULL);
	return s->stem;
}

/* Add the word to the set unless it is there. */
static void
set_add(size_t *set, size_t *n, size_t word)
{
	for (size_t i = 0; i < *n; i++)
		if (set[i] == word)
			return;
	if (*n < WORDS_MAX)
		set[(*n)++] = word;
}

/* The words of a text, into set, without repeats. */
static size_t
text_words(struct questions *q, const char *text, struct sb_stemmer *stem,
    size_t set[WORDS_MAX])
{
	char *folded = utf8_fold(text, strlen(text));
	const char *p = folded, *end = folded + strlen(folded);
	size_t n = 0;

	while (p < end) {
		const char *from = p, *next = p;
		const char *word;
		size_t word_len, number;

		while (next < end && utf8_is_word(utf8_next(&next, end)))
			p = next;
		word_len = (size_t)(p - from);
		if (word_len == 0) {
			p = next; /* what stands between words */
			continue;
		}
		number = word_number(q, from, word_len);
		if (number < q->nsmall)
			continue;
		if (stem != NULL) {
			word = (const char *)sb_stemmer_stem(stem,
			    (const sb_symbol *)from, (int)word_len);
			word_len = (size_t)sb_stemmer_length(stem);
			if (word != NULL && word_len > 0)
				number = word_number(q, word, word_len);
		}
		set_add(set, &n, number);
	}
	free(folded);
	return n;
}

static bool
is_digit(uint32_t c)
{
	return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ND;
}

static bool
is_space(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
	    utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ZS;
}

/* The bytes of the word at p and the digits in it. */
static size_t
word_span(const char *p, const char *end, int *ret_digits)
{
	const char *next = p, *last = p;

	*ret_digits = 0;
	while (next < end) {
		uint32_t c = utf8_next(&next, end);

		if (!utf8_is_word(c))
			break;
		*ret_digits += is_digit(c);
		last = next;
	}
	return (size_t)(last - p);
}

/* What stands between the parts of a number: at most three characters. */
static const char *
join_span(const char *p, const char *end)
{
	for (int i = 0; i < 3 && p < end; i++) {
		const char *next = p;
		uint32_t c = utf8_next(&next, end);

		if (!is_space(c) && (c > 127 || !strchr(".,-/():+", (int)c)))
			break;
		p = next;
	}
	return p;
}

/* The bytes of the number at p, parts and all; 0 if it has few digits. */
static size_t
number_span(const char *p, const char *end)
{
	const char *at = p, *last = p;
	int digits = 0, here;
	size_t n;

	while ((n = word_span(at, end, &here)) > 0 && here > 0) {
		digits += here;
		last = at + n;
		at = join_span(last, end);
		if (at == last)
			break;
	}
	return digits >= NUMBER_DIGITS ? (size_t)(last - p) : 0;
}

/* The bytes up to the next space. */
static size_t
token_span(const char *p, const char *end)
{
	const char *next = p, *last = p;

	while (next < end && !is_space(utf8_next(&next, end)))
		last = next;
	return (size_t)(last - p);
}

/* What to write for a token instead of it; NULL: itself. */
static const char *
token_mask(const char *token, size_t len)
{
	const char *at = memchr(token, '@', len);

	if (memmem(token, len, "://", 3) != NULL ||
	    (len > 4 && strncasecmp(token, "www.", 4) == 0))
		return "[link]";
	if (at == NULL || at + 1 >= token + len)
		return NULL;
	return at == token ? "[name]" : "[e-mail]";
}

/* The text with the masks in it, or without what they stand for. */
static char *
mask_text(const char *text, bool show)
{
	const char *p = text, *end = text + strlen(text);
	struct buf b = BUF_INIT(0);
	bool in_token = false, in_word = false;

	while (p < end) {
		const char *next = p;
		uint32_t c = utf8_next(&next, end);
		const char *mask = NULL;
		size_t n = 0;

		if (!in_token && !is_space(c)) {
			n = token_span(p, end);
			mask = token_mask(p, n);
		}
		if (mask == NULL && !in_word && utf8_is_word(c) &&
		    (n = number_span(p, end)) > 0)
			mask = "[number]";
		if (mask != NULL) {
			if (b.len > 0 && b.data[b.len - 1] == '+')
				b.data[--b.len] = '\0';
			buf_adds(&b, show ? mask : " ");
			next = p + n;
		} else if (c < 32 || c == 127) {
			buf_addc(&b, ' ');
		} else {
			buf_add(&b, p, (size_t)(next - p));
		}
		in_word = mask != NULL || utf8_is_word(c);
		in_token = !is_space(c);
		p = next;
	}
	return buf_detach(&b);
}

char *
question_mask(const char *text)
{
	return mask_text(text, true);
}

/* The first characters of text, with an ellipsis if that is not all. */
static char *
shorten(char *text)
{
	const char *p = text, *end = text + strlen(text);
	char *cut;

	for (int i = 0; i < SHOWN_CHARACTERS && p < end; i++)
		utf8_next(&p, end);
	if (p == end)
		return text;
	cut = xformat("%.*s\xe2\x80\xa6", (int)(p - text), text);
	free(text);
	return cut;
}

void
questions_add(struct questions *q, const char *conversation,
    const char *language, const char *text, bool handed)
{
	size_t set[WORDS_MAX], n, len = strlen(text);
	char *head, *plain;
	struct text *t;

	q->all++;
	if (q->ntexts == QUESTIONS_MAX)
		return;
	head = xstrndup(text, utf8_cut(text, len, QUESTION_MAX_BYTES));
	plain = mask_text(head, false);
	n = text_words(q, plain, stemmer(q, language), set);
	free(plain);
	if (n == 0) {
		free(head);
		return;
	}
	q->counted++;
	if (q->ntexts == q->ctexts) {
		q->ctexts = q->ctexts == 0 ? 256 : 2 * q->ctexts;
		q->texts = xrealloc(q->texts, q->ctexts * sizeof(*q->texts));
	}
	t = &q->texts[q->ntexts++];
	t->conversation = word_number(q, conversation, strlen(conversation));
	t->handed = handed;
	t->nwords = n;
	t->words = xmalloc(n * sizeof(*set));
	memcpy(t->words, set, n * sizeof(*set));
	for (size_t i = 0; i < n; i++)
		q->words[set[i]].texts++;
	t->shown = shorten(question_mask(head));
	free(head);
}

static int
by_number(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

/* Rarest first. */
static int
by_rarity(const void *a, const void *b)
{
	const struct word *x = *(struct word *const *)a;
	const struct word *y = *(struct word *const *)b;

	if (x->texts != y->texts)
		return x->texts < y->texts ? -1 : 1;
	return strcmp(x->text, y->text);
}

static int
compare_words(const struct text *x, const struct text *y)
{
	if (x->nwords != y->nwords)
		return x->nwords < y->nwords ? -1 : 1;
	for (size_t i = 0; i < x->nwords; i++)
		if (x->words[i] != y->words[i])
			return x->words[i] < y->words[i] ? -1 : 1;
	return 0;
}

/* Same words together; within them the shortest text first: it is shown. */
static int
by_words(const void *a, const void *b)
{
	const struct text *x = a, *y = b;
	int order = compare_words(x, y);
	size_t m, n;

	if (order != 0)
		return order;
	m = strlen(x->shown);
	n = strlen(y->shown);
	return m != n ? (m < n ? -1 : 1) : strcmp(x->shown, y->shown);
}

/* Rank the words and sort the texts. */
static void
rank_words(struct questions *q)
{
	struct word **order = xcalloc(q->nwords, sizeof(*order));

	for (size_t i = 0; i < q->nwords; i++)
		order[i] = &q->words[i];
	qsort(order, q->nwords, sizeof(*order), by_rarity);
	for (size_t i = 0; i < q->nwords; i++)
		order[i]->rank = i;
	free(order);
	for (size_t i = 0; i < q->ntexts; i++) {
		struct text *t = &q->texts[i];

		for (size_t w = 0; w < t->nwords; w++)
			t->words[w] = q->words[t->words[w]].rank;
		qsort(t->words, t->nwords, sizeof(*t->words), by_number);
	}
	if (q->ntexts > 0)
		qsort(q->texts, q->ntexts, sizeof(*q->texts), by_words);
}

static int
by_size(const void *a, const void *b)
{
	const struct same *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static size_t
words_shared(const struct text *a, const struct text *b)
{
	size_t i = 0, j = 0, n = 0;

	while (i < a->nwords && j < b->nwords) {
		if (a->words[i] == b->words[j]) {
			n++;
			i++;
			j++;
		} else if (a->words[i] < b->words[j]) {
			i++;
		} else {
			j++;
		}
	}
	return n;
}

/* How many of the rarest words two near texts must have one in common of. */
static size_t
prefix(const struct text *t)
{
	return t->nwords - (t->nwords + 1) / 2 + 1;
}

static void
places_add(struct places *p, size_t place)
{
	if (p->count == p->cap) {
		p->cap = p->cap == 0 ? 4 : 2 * p->cap;
		p->at = xrealloc(p->at, p->cap * sizeof(*p->at));
	}
	p->at[p->count++] = place;
}

/* The leader nearest to same i, or i itself. */
static size_t
find_leader(const struct questions *q, const struct same *sames, size_t i,
    const struct places *index)
{
	const struct text *t = &q->texts[sames[i].first];
	size_t best = i, best_shared = 0, best_all = 1;

	for (size_t w = 0; w < prefix(t); w++) {
		const struct places *p = &index[t->words[w]];

		for (size_t k = 0; k < p->count; k++) {
			const struct text *l = &q->texts[sames[p->at[k]].first];
			size_t shared = words_shared(t, l);
			size_t all = t->nwords + l->nwords - shared;

			if (2 * shared < all)
				continue;
			if (shared * best_all > best_shared * all ||
			    (shared * best_all == best_shared * all &&
				p->at[k] < best)) {
				best = p->at[k];
				best_shared = shared;
				best_all = all;
			}
		}
	}
	return best;
}

static int
by_messages(const void *a, const void *b)
{
	const struct question_group *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* Add what is in the texts of one same to its leader's group. */
static void
group_add(struct questions *q, const struct same *s, struct question_group *g,
    struct places *customers)
{
	for (size_t i = s->first; i < s->first + s->count; i++) {
		g->messages++;
		g->handed += q->texts[i].handed;
		places_add(customers, q->texts[i].conversation);
	}
}

/* How many different ones there are. */
static int64_t
distinct(struct places *p)
{
	int64_t n = 0;

	if (p->count > 0)
		qsort(p->at, p->count, sizeof(*p->at), by_number);
	for (size_t i = 0; i < p->count; i++)
		n += i == 0 || p->at[i] != p->at[i - 1];
	return n;
}

/* A group of each leader's sames; those of one customer only are left out. */
static void
make_groups(struct questions *q, const struct same *sames, size_t nsames)
{
	struct question_group *g = xcalloc(nsames + 1, sizeof(*g));
	struct places *customers = xcalloc(nsames + 1, sizeof(*customers));

	for (size_t i = 0; i < nsames; i++)
		group_add(q, &sames[i], &g[sames[i].leader],
		    &customers[sames[i].leader]);
	for (size_t i = 0; i < nsames; i++) {
		g[i].customers = distinct(&customers[i]);
		free(customers[i].at);
		if (g[i].customers < 2)
			continue;
		g[q->ngroups] = g[i];
		g[q->ngroups++].text = xstrdup(q->texts[sames[i].first].shown);
	}
	free(customers);
	qsort(g, q->ngroups, sizeof(*g), by_messages);
	q->groups = g;
}

void
questions_group(struct questions *q)
{
	struct same *sames = xcalloc(q->ntexts + 1, sizeof(*sames));
	struct places *index;
	size_t nsames = 0;

	rank_words(q);
	for (size_t i = 0; i < q->ntexts; i++) {
		if (i == 0 ||
		    compare_words(&q->texts[i - 1], &q->texts[i]) != 0)
			sames[nsames++].first = i;
		sames[nsames - 1].count++;
	}
	if (nsames > 0)
		qsort(sames, nsames, sizeof(*sames), by_size);
	index = xcalloc(q->nwords + 1, sizeof(*index));
	for (size_t i = 0; i < nsames; i++) {
		const struct text *t = &q->texts[sames[i].first];

		sames[i].leader = find_leader(q, sames, i, index);
		if (sames[i].leader == i)
			for (size_t w = 0; w < prefix(t); w++)
				places_add(&index[t->words[w]], i);
	}
	make_groups(q, sames, nsames);
	for (size_t i = 0; i < q->nwords; i++)
		free(index[i].at);
	free(index);
	free(sames);
}

const struct question_group *
questions_groups(const struct questions *q, size_t *ret_count)
{
	*ret_count = q->ngroups;
	return q->groups;
}

int64_t
questions_counted(const struct questions *q)
{
	return q->counted;
}

int64_t
questions_all(const struct questions *q)
{
	return q->all;
}
