/* suspect - sentences of a text that speak to a model and not to a reader */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ai/suspect.h"
#include "base/str.h"
#include "base/utf8.h"

#define TAGS 0xe0000 /* characters that stand for ASCII and are not seen */

/*
 * Words, folded, with one blank between; "*" stands for up to four words, and
 * is never the first. A sentence with one of these speaks to a model.
 */
static const char *const turns[] = { "ignore * rules", "ignore * instructions",
	"ignore * above", "ignore * previous", "ignore * passages",
	"disregard * above", "disregard * instructions", "disregard * rules",
	"forget * passages", "forget * instructions", "forget * rules",
	"override * rules", "override * instructions", "override reveal",
	"system prompt", "developer mode", "new instructions", "new task",
	"you are now", "you must say", "instead call", "call the tool",
	"tell the customer", "reveal * prompt", "reveal everything",
	"repeat * instructions", "repeat the password", "as an ai",
	"system repeat", "assistant say",
	/* German, Spanish, French, Portuguese, Italian, Dutch */
	"ignoriere * regeln", "ignoriere * anweisungen", "vergiss * regeln",
	"vergiss * anweisungen", "neue anweisungen", "sage dem kunden",
	"ignora * reglas", "ignora * instrucciones", "olvida * instrucciones",
	"nuevas instrucciones", "dile al cliente", "ignore * instructions",
	"ignorez * regles", "oubliez * instructions", "nouvelles instructions",
	"dis au client", "ignore * regras", "ignore * instrucoes",
	"esqueca * instrucoes", "novas instrucoes", "diga ao cliente",
	"ignora * regole", "ignora * istruzioni", "dimentica * istruzioni",
	"nuove istruzioni", "di al cliente", "negeer * regels",
	"negeer * instructies", "vergeet * instructies", "nieuwe instructies",
	"zeg tegen de klant" };
#define TURNS (sizeof(turns) / sizeof(turns[0]))

/* Those of each two first letters, by their number in turns; NONE ends a row.
 * Most words of a text begin no turn, and are done with at a look. */
#define ROWS 256
#define NONE UINT8_MAX
static uint8_t first[ROWS], next[TURNS];
static pthread_once_t rows_made = PTHREAD_ONCE_INIT;

_Static_assert(TURNS < NONE, "a turn's number is a byte");

static size_t
row_of(const char *word)
{
	return ((unsigned char)word[0] * 31u + (unsigned char)word[1]) % ROWS;
}

static void
make_rows(void)
{
	size_t i, row;

	memset(first, NONE, sizeof(first));
	for (i = TURNS; i-- > 0;) {
		row = row_of(turns[i]);
		next[i] = first[row];
		first[row] = (uint8_t)i;
	}
}

/* As a model may read it: what is not seen is read, what is wide is narrow,
 * what has no width is not there. */
static char *
as_read(const char *text)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *end = text + strlen(text), *start;
	size_t plain;
	uint32_t c;

	while (p < end) {
		plain = utf8_plain_length(p, (size_t)(end - p));
		buf_add(&b, p, plain);
		start = p += plain;
		if (p == end)
			break;
		c = utf8_next(&p, end);
		if (c >= TAGS + ' ' && c <= TAGS + '~')
			buf_addc(&b, (char)(c - TAGS));
		else if (utf8_narrow(c) != c)
			buf_addc(&b, (char)utf8_narrow(c));
		else if (!utf8_is_unseen(c))
			buf_add(&b, start, (size_t)(p - start));
	}
	if (b.data == NULL)
		buf_adds(&b, "");
	return buf_detach(&b);
}

/* Behind the word at p, which ends with a blank. */
static const char *
next_word(const char *p)
{
	const char *blank = strchr(p, ' ');

	return blank != NULL ? blank + 1 : p + strlen(p);
}

/* Whether the words at p begin with those of a turn. */
static bool
begins(const char *p, const char *turn)
{
	size_t len;
	int skip;

	for (; *turn != '\0'; turn += len + (turn[len] == ' ')) {
		len = strcspn(turn, " ");
		if (len == 1 && *turn == '*') {
			turn += 2;
			for (skip = 0; skip <= 4 && *p != '\0'; skip++) {
				if (begins(p, turn))
					return true;
				p = next_word(p);
			}
			return false;
		}
		if (strncmp(p, turn, len) != 0 || p[len] != ' ')
			return false;
		p = next_word(p);
	}
	return true;
}

bool
is_suspect(const char *text)
{
	char *read = as_read(text), *words = utf8_words(read);
	const char *p;
	bool found = false;
	uint8_t i;

	pthread_once(&rows_made, make_rows);
	for (p = words + (*words == ' '); *p != '\0' && !found;
	     p = next_word(p))
		for (i = first[row_of(p)]; i != NONE && !found; i = next[i])
			found = begins(p, turns[i]);
	free(words);
	free(read);
	return found;
}

/* Bytes of the sentence or line that text begins with. */
static size_t
sentence(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0' && text[len] != '\n') {
		if (strchr(".!?", text[len]) != NULL &&
		    (text[len + 1] == ' ' || text[len + 1] == '\n' ||
			text[len + 1] == '\0'))
			return len + 1;
		len++;
	}
	return len + (text[len] == '\n');
}

char *
suspect_left_out(const char *text)
{
	struct buf b = BUF_INIT(0);
	size_t len;
	char *one;

	/* What no words of the whole say, none of a part of it do. */
	if (!is_suspect(text))
		return xstrdup(text);
	for (; *text != '\0'; text += len) {
		len = sentence(text);
		one = xstrndup(text, len);
		if (!is_suspect(one))
			buf_add(&b, text, len);
		free(one);
	}
	if (b.data == NULL)
		buf_adds(&b, "");
	return buf_detach(&b);
}
