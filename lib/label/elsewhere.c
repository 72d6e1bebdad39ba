/* elsewhere - what people say that is about no intent of any desk */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kb/wordlist.h"
#include "label/elsewhere.h"

#define LINE_WORDS_MAX 64

/* A word of the lines, and an intent that has it. */
struct pair {
	uint64_t word;
	size_t intent;
};

struct pairs {
	struct pair *items;
	size_t count, cap;
	bool *small; /* by intent: an example of it is of common words alone */
};

static uint64_t
hash(const char *word, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * UINT64_C(0x100000001b3);
	return h;
}

static int
by_word(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->word != y->word)
		return x->word < y->word ? -1 : 1;
	return (x->intent > y->intent) - (x->intent < y->intent);
}

static bool
is_common(const char *word, size_t len)
{
	return wordlist_find(&wordlist_common, word, len) != 0;
}

/* The words of all examples, each once for an intent. */
static void
pairs_make(const struct examples *e, struct pairs *ret)
{
	size_t i, n = 0, len;
	char *words, *p;
	bool small;

	memset(ret, 0, sizeof(*ret));
	ret->small = xcalloc(e->nintents + 1, sizeof(*ret->small));
	for (i = 0; i < e->count; i++) {
		if (e->items[i].intent == e->nintents)
			continue; /* none.txt */
		words = utf8_words(e->items[i].text);
		small = true;
		for (p = words; *p != '\0'; p += len, p += *p == ' ') {
			len = strcspn(p, " ");
			if (len == 0)
				continue;
			small &= is_common(p, len);
			if (ret->count == ret->cap) {
				ret->cap = ret->cap == 0 ? 256 : 2 * ret->cap;
				ret->items = xrealloc(ret->items,
				    ret->cap * sizeof(*ret->items));
			}
			ret->items[ret->count++] =
			    (struct pair){ .word = hash(p, len),
				    .intent = e->items[i].intent };
		}
		free(words);
		ret->small[e->items[i].intent] |= small;
	}
	if (ret->count == 0)
		return;
	qsort(ret->items, ret->count, sizeof(*ret->items), by_word);
	for (i = 0; i < ret->count; i++)
		if (n == 0 || by_word(&ret->items[n - 1], &ret->items[i]) != 0)
			ret->items[n++] = ret->items[i];
	ret->count = n;
}

static size_t
first_of(const struct pairs *pairs, uint64_t word)
{
	size_t low = 0, high = pairs->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (pairs->items[middle].word < word)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
has(const struct pairs *pairs, uint64_t word, size_t intent)
{
	struct pair want = { .word = word, .intent = intent };

	return pairs->count > 0 &&
	    bsearch(&want, pairs->items, pairs->count, sizeof(want), by_word) !=
	    NULL;
}

/* Whether one intent has all words of a line that say something. Where none of
 * them does it has all words, and is about such: "hello, are you open" does not
 * make a greeting a question for the hours. */
static bool
is_of_one(const struct pairs *pairs, const char *line)
{
	uint64_t words[LINE_WORDS_MAX];
	size_t n = 0, all = 0, len, i, j, intent;
	char *folded = utf8_words(line), *p;
	int common;

	for (common = 0; common < 2 && n == 0; common++)
		for (p = folded; *p != '\0' && n < LINE_WORDS_MAX;
		     p += len, p += *p == ' ') {
			len = strcspn(p, " ");
			if (len == 0)
				continue;
			if (common || !is_common(p, len))
				words[n++] = hash(p, len);
		}
	free(folded);
	if (n == 0)
		return true;
	for (i = first_of(pairs, words[0]);
	     i < pairs->count && pairs->items[i].word == words[0]; i++) {
		intent = pairs->items[i].intent;
		for (all = 0, j = 0; j < n; j++)
			all += has(pairs, words[j], intent);
		if (all == n && (common < 2 || pairs->small[intent]))
			return true;
	}
	return false;
}

static bool
is_among(const char *languages, const char *tag, size_t len)
{
	const char *p = languages;
	size_t n;

	for (; *p != '\0'; p += n, p += *p == ' ') {
		n = strcspn(p, " ");
		if (n >= len && strncmp(p, tag, len) == 0 &&
		    (n == len || p[len] == '-'))
			return true;
	}
	return *languages == '\0';
}

void
elsewhere_for(const struct examples *e, const char *languages,
    struct elsewhere *ret)
{
	const char *p = elsewhere_words, *end;
	size_t cap = 0, len;
	struct pairs pairs;
	bool wanted = false;
	char *line;

	memset(ret, 0, sizeof(*ret));
	pairs_make(e, &pairs);
	for (; *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		len = (size_t)(end - p);
		if (*p == '[')
			wanted = is_among(languages, p + 1, len - 2);
		if (len == 0 || *p == '[' || *p == '#' || !wanted)
			continue;
		line = xstrndup(p, len);
		if (is_of_one(&pairs, line)) {
			free(line);
			continue;
		}
		if (ret->count == cap) {
			cap = cap == 0 ? 64 : 2 * cap;
			ret->lines =
			    xrealloc(ret->lines, cap * sizeof(*ret->lines));
		}
		ret->lines[ret->count++] = line;
	}
	free(pairs.items);
	free(pairs.small);
}

void
elsewhere_release(struct elsewhere *w)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		free(w->lines[i]);
	free(w->lines);
	memset(w, 0, sizeof(*w));
}
