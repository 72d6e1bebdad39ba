/*
 * corpus - a base of documents that nobody wrote, the same ones for a seed
 *
 *	corpus documents COUNT [SEED]	lines for kb-ingest --jsonl
 *	corpus questions COUNT DOCUMENTS [SEED]
 *					lines for kb-search about such documents
 *
 * Words are as often as in a language: the word of rank r about once in r, and
 * two in five of a text are of the few that say little. The vocabulary grows
 * with the root of the number of documents. A document has a topic, whose words
 * come again and again in it; a question has four to seven of a document's words
 * among those that questions have, eight to twelve words in all.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_A_DOCUMENT 200
#define TOPIC_WORDS 40
#define WORD_BYTES 32

struct dice {
	uint64_t state;
};

static uint64_t
draw(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double
share(struct dice *d)
{
	return (double)(draw(d) >> 11) / 9007199254740992.0;
}

/* The commonest, so that questions and texts have words that all have. */
static const char *const common[] = { "the", "of", "and", "to", "in", "is",
	"for", "that", "it", "with", "on", "as", "be", "this", "by", "are",
	"or", "not", "from", "can", "you", "if", "an", "your", "when", "which",
	"will", "has", "we", "at", "i", "do", "my", "how", "what", "where",
	"find", "does", "why" };
#define COMMON (sizeof(common) / sizeof(common[0]))

static void
word_of_rank(uint64_t rank, char ret[WORD_BYTES])
{
	static const char *const heads[] = { "b", "br", "c", "ch", "d", "f",
		"fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "r",
		"s", "st", "t", "tr", "v", "w" };
	static const char *const tails[] = { "a", "e", "i", "o", "u", "an",
		"ar", "el", "en", "ol", "un" };
	uint64_t n;
	size_t len = 0;

	if (rank < COMMON) {
		snprintf(ret, WORD_BYTES, "%s", common[rank]);
		return;
	}
	ret[0] = '\0';
	for (n = rank - COMMON + 24; n > 0 && len + 8 < WORD_BYTES; n /= 264)
		len += (size_t)snprintf(ret + len, WORD_BYTES - len, "%s%s",
		    heads[n % 24], tails[n / 24 % 11]);
}

/* Log-uniform: the chance of rank r is about 1 / r. */
static uint64_t
any_rank(struct dice *d, double vocabulary)
{
	return (uint64_t)exp(share(d) * log(vocabulary)) - 1;
}

struct document {
	struct dice dice;
	uint64_t topic[TOPIC_WORDS];
	double vocabulary;
};

static void
begin_document(struct document *t, uint64_t seed, uint64_t number)
{
	uint64_t topic;
	struct dice of_topic;
	size_t i;

	t->dice.state = seed * 1000003 + number * 7919 + 1;
	t->vocabulary = 3000 + 1000 * sqrt((double)number + 1);
	draw(&t->dice);
	topic = draw(&t->dice) % (50 + number / 50);
	of_topic.state = seed + topic * 104729;
	for (i = 0; i < TOPIC_WORDS; i++)
		t->topic[i] = 300 + any_rank(&of_topic, t->vocabulary - 300);
}

static void
next_word(struct document *t, char ret[WORD_BYTES])
{
	double s = share(&t->dice);

	if (s < 0.4)
		word_of_rank(any_rank(&t->dice, COMMON), ret);
	else if (s < 0.6)
		word_of_rank(t->topic[draw(&t->dice) % TOPIC_WORDS], ret);
	else
		word_of_rank(any_rank(&t->dice, t->vocabulary), ret);
}

static void
print_document(uint64_t seed, uint64_t number)
{
	struct document t;
	char word[WORD_BYTES];
	size_t i, n, left = 0;

	begin_document(&t, seed, number);
	printf("{\"source\":\"doc/%llu\",\"language\":\"en\",\"title\":\"",
	    (unsigned long long)number);
	for (i = 0; i < 5; i++) {
		word_of_rank(t.topic[i], word);
		printf("%s%s", i > 0 ? " " : "", word);
	}
	printf("\",\"text\":\"");
	n = WORDS_A_DOCUMENT / 2 + draw(&t.dice) % WORDS_A_DOCUMENT;
	for (i = 0; i < n; i++) {
		next_word(&t, word);
		if (left == 0) {
			word[0] = (char)(word[0] & ~32);
			left = 6 + draw(&t.dice) % 14;
		}
		left--;
		printf("%s%s", word, left == 0 || i + 1 == n ? ". " : " ");
	}
	printf("\"}\n");
}

static void
print_question(uint64_t seed, uint64_t number, uint64_t documents)
{
	static const struct {
		const char *begin, *end;
	} forms[] = { { "how can i", "" }, { "why does my", " not" },
		{ "what is the", " for" }, { "when will you", "" },
		{ "where do i find the", "" }, { "is it that", " can" },
		{ "can you", " for me" }, { "do i have to", " if" } };
	struct document t;
	struct dice d = { seed * 31 + number };
	char word[WORD_BYTES];
	size_t form, i, n;

	draw(&d);
	form = draw(&d) % (sizeof(forms) / sizeof(forms[0]));
	begin_document(&t, seed, draw(&d) % documents);
	printf("{\"id\":\"%llu\",\"query\":\"%s", (unsigned long long)number,
	    forms[form].begin);
	n = 4 + draw(&d) % 4;
	for (i = 0; i < n; i++) {
		if (i < 2)
			word_of_rank(t.topic[draw(&d) % TOPIC_WORDS], word);
		else
			next_word(&t, word);
		printf(" %s", word);
	}
	printf("%s\"}\n", forms[form].end);
}

int
main(int argc, char *argv[])
{
	uint64_t count, i, documents, seed;

	if (argc < 3 ||
	    (strcmp(argv[1], "documents") != 0 &&
		(strcmp(argv[1], "questions") != 0 || argc < 4))) {
		fprintf(stderr,
		    "usage: corpus documents COUNT [SEED]\n"
		    "       corpus questions COUNT DOCUMENTS [SEED]\n");
		return 64;
	}
	count = strtoull(argv[2], NULL, 10);
	if (strcmp(argv[1], "documents") == 0) {
		seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
		for (i = 0; i < count; i++)
			print_document(seed, i);
	} else {
		documents = strtoull(argv[3], NULL, 10);
		seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
		for (i = 0; i < count; i++)
			print_question(seed, i, documents > 0 ? documents : 1);
	}
	return fflush(stdout) == 0 ? 0 : 74;
}
