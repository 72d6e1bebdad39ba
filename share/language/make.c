/*
 * make - word lists as the table of base/language_words.h: make LIST...
 *
 * A list is named by the tag of its language; its words are folded here. Runs
 * while frontdesk is built, and is not installed. A line that begins with # is
 * a comment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/language_words.h"
#include "base/str.h"
#include "base/utf8.h"

#define LIST_MAX_BYTES (1 << 20)
#define BLANKS " \t\n"

static struct language_word table[LANGUAGE_WORD_SLOTS];
static size_t words;

static void
fail(const char *path, const char *why)
{
	fprintf(stderr, "share/language/make: %s: %s\n", path, why);
	exit(EX_DATAERR);
}

static void
add(const char *path, const char *written, uint32_t language)
{
	char *word = utf8_fold(written, strlen(written));
	size_t len = strlen(word), i = language_word_slot(word, len);

	if (len >= LANGUAGE_WORD_BYTES)
		fail(path, word);
	while (table[i].languages != 0 && strcmp(table[i].word, word) != 0)
		i = (i + 1) % LANGUAGE_WORD_SLOTS;
	if (table[i].languages == 0 && ++words > LANGUAGE_WORD_SLOTS / 3 * 2)
		fail(path, "there are too many words");
	memcpy(table[i].word, word, len + 1);
	table[i].languages |= language;
	free(word);
}

static void
read_list(const char *path, uint32_t language)
{
	char *text = NULL, *line, *word, *lines = NULL, *rest = NULL;
	size_t len;

	if (file_read(path, LIST_MAX_BYTES, &text, &len) < 0)
		fail(path, err_reason());
	for (line = strtok_r(text, "\n", &lines); line != NULL;
	     line = strtok_r(NULL, "\n", &lines)) {
		if (*line == '#')
			continue;
		for (word = strtok_r(line, BLANKS, &rest); word != NULL;
		     word = strtok_r(NULL, BLANKS, &rest))
			add(path, word, language);
	}
	free(text);
}

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static void
write_word(const char *word)
{
	const unsigned char *p = (const unsigned char *)word;

	putchar('"');
	for (; *p != '\0'; p++)
		if (*p < 128)
			putchar(*p);
		else
			printf("\\%03o", *p);
	putchar('"');
}

int
main(int argc, char *argv[])
{
	size_t i;
	int l;

	if (argc - 1 > LANGUAGE_WORD_LISTS_MAX)
		fail(argv[argc - 1], "there are too many lists");
	for (l = 1; l < argc; l++)
		read_list(argv[l], UINT32_C(1) << (l - 1));
	puts("/* made by share/language/make from share/language */");
	puts("#include \"base/language_words.h\"\n");
	printf("const size_t language_word_lists = %d;\n", argc - 1);
	puts("const char *const language_word_tags[] = {");
	for (l = 1; l < argc; l++)
		printf("\t\"%s\",\n", name_of(argv[l]));
	puts("};\nconst struct language_word"
	     " language_words[LANGUAGE_WORD_SLOTS] = {");
	for (i = 0; i < LANGUAGE_WORD_SLOTS; i++) {
		if (table[i].languages == 0)
			continue;
		printf("\t[%zu] = { ", i);
		write_word(table[i].word);
		printf(", UINT32_C(%#x) },\n", (unsigned)table[i].languages);
	}
	puts("};");
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : EX_IOERR;
}
