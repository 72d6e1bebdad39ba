/*
 * make - word lists as the tables of kb/wordlist.h: make KIND.LANGUAGE...
 *
 * Runs while frontdesk is built, and is not installed. It folds and stems by
 * the analyser that later does the same to questions. A line of a list that
 * begins with # is a comment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/analyse.h"
#include "kb/phrases.h"
#include "kb/wordlist.h"

#define LIST_MAX_BYTES (1 << 20)

struct word {
	char *text;
	uint32_t languages;
	size_t at;
};

struct table {
	const char *name; /* in the C text */
	struct word *word;
	size_t count;
	uint32_t languages;
};

enum { COMMON, BARE, WEAK, COMMON_PHRASES, SYNONYM_PHRASES, TABLES };

struct entry {
	char *stems;
	size_t group, at;
	unsigned language;
	bool is_opening;
};

struct lists {
	struct analyser *analyser;
	char *language[WORDLIST_LANGUAGES_MAX]; /* sorted */
	size_t languages;
	struct table table[TABLES];
	struct entry *entry;
	size_t entries, groups;
	size_t letters; /* of the longest phrase */
};

/* The words of one list on their way into a table. */
struct reading {
	struct lists *l;
	int table;
	const char *tag;
	unsigned language; /* its place in l->language */
};

/* --- reading --- */

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "share/kb/make: %s: %s\n", what, why);
	exit(EX_DATAERR);
}

/* A list without its comments; each line ends in a newline. */
static char *
read_list(const char *path)
{
	struct buf out = BUF_INIT(0);
	char *text = NULL, *p, *end;
	size_t len;

	if (file_read(path, LIST_MAX_BYTES, &text, &len) < 0)
		fail(path, err_reason());
	for (p = text; *p != '\0'; p = end + (*end == '\n')) {
		end = p + strcspn(p, "\n");
		if (*p == '#' || p + strspn(p, " \t") == end)
			continue;
		buf_add(&out, p, (size_t)(end - p));
		buf_addc(&out, '\n');
	}
	free(text);
	return buf_detach(&out);
}

static void
add_word(void *ctx, const char *word, size_t len)
{
	struct reading *r = ctx;
	struct table *t = &r->l->table[r->table];

	t->word = xrealloc(t->word, (t->count + 1) * sizeof(*t->word));
	t->word[t->count++] =
	    (struct word){ xstrndup(word, len), UINT32_C(1) << r->language, 0 };
	t->languages |= UINT32_C(1) << r->language;
}

static void
add_stem(void *ctx, const char *word, size_t len)
{
	struct reading *r = ctx;
	size_t n;
	const char *stem = analyse_stem(r->l->analyser, word, len, r->tag, &n);

	add_word(r, stem, n);
}

static void
add_phrase(struct reading *r, int table, const char *folded)
{
	const char *p = folded, *end = folded + strlen(folded);
	struct reading to = *r;
	size_t n;

	for (n = 0; p < end; n++)
		utf8_next(&p, end);
	if (n > r->l->letters)
		r->l->letters = n;
	to.table = table;
	add_word(&to, folded, strlen(folded));
}

/* Words of scripts without blanks are phrases, what is between blanks others. */
static void
read_common(struct reading *r, const char *text)
{
	struct reading bare = *r;
	const char *p, *end;
	char *folded;

	r->table = COMMON;
	bare.table = BARE;
	/* That there is a list, be it of phrases only. */
	r->l->table[COMMON].languages |= UINT32_C(1) << r->language;
	if (!phrases_is_one(text, strlen(text))) {
		analyse_text(text, strlen(text), r->tag, add_word, r);
		if (analyse_keeps_marks(r->tag))
			analyse_words(text, strlen(text), add_word, &bare);
		return;
	}
	for (p = text; *p != '\0'; p = end + (*end != '\0')) {
		end = p + strcspn(p, " \n");
		folded = utf8_fold(p, (size_t)(end - p));
		if (phrases_is_one(folded, strlen(folded)))
			add_phrase(r, COMMON_PHRASES, folded);
		else if (*folded != '\0')
			add_word(r, folded, strlen(folded));
		free(folded);
	}
}

static void
read_weak(struct reading *r, const char *text)
{
	r->table = WEAK;
	analyse_text(text, strlen(text), r->tag, add_stem, r);
}

static void
read_entry(struct reading *r, const char *text, size_t len)
{
	struct buf stems = BUF_INIT(0);
	struct lists *l = r->l;
	char *folded;

	analyse(l->analyser, text, len, r->tag, &stems);
	if (stems.len == 0) {
		buf_release(&stems);
		return;
	}
	l->entry = xrealloc(l->entry, (l->entries + 1) * sizeof(*l->entry));
	l->entry[l->entries++] = (struct entry){ .stems = buf_detach(&stems),
		.group = l->groups,
		.language = r->language,
		.is_opening = *text == '^' };
	if (phrases_is_one(text, len)) {
		folded = utf8_fold(text, len);
		add_phrase(r, SYNONYM_PHRASES, folded);
		free(folded);
	}
}

static void
read_synonyms(struct reading *r, const char *text)
{
	const char *p = text;
	size_t len;

	while (*p != '\0') {
		p += strspn(p, " ");
		len = strcspn(p, ",\n");
		read_entry(r, p, len);
		p += len;
		r->l->groups += *p == '\n';
		p++;
	}
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static const char *
language_of(const char *path)
{
	const char *dot = strchr(base_name(path), '.');

	if (dot == NULL || dot[1] == '\0' ||
	    strlen(dot + 1) >= WORDLIST_TAG_BYTES)
		fail(path, "no KIND.LANGUAGE");
	return dot + 1;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static unsigned
place_of(const struct lists *l, const char *tag)
{
	unsigned i;

	for (i = 0; i < l->languages && strcmp(l->language[i], tag) != 0; i++)
		;
	return i;
}

static void
read_languages(struct lists *l, char *const *paths)
{
	const char *tag;

	for (; *paths != NULL; paths++) {
		tag = language_of(*paths);
		if (place_of(l, tag) < l->languages)
			continue;
		if (l->languages == WORDLIST_LANGUAGES_MAX)
			fail(*paths,
			    "one language too many for 32 bits: widen "
			    "languages in kb/wordlist.h");
		l->language[l->languages++] = xstrdup(tag);
	}
	qsort(l->language, l->languages, sizeof(l->language[0]), by_text);
}

static void
read_file(struct lists *l, const char *path)
{
	static const struct {
		const char *kind;
		void (*read)(struct reading *r, const char *text);
	} kinds[] = { { "common.", read_common }, { "weak.", read_weak },
		{ "synonyms.", read_synonyms } };
	struct reading r = { .l = l, .tag = language_of(path) };
	char *text = read_list(path);
	size_t i, n = sizeof(kinds) / sizeof(kinds[0]);

	r.language = place_of(l, r.tag);
	for (i = 0; i < n; i++)
		if (str_starts(base_name(path), kinds[i].kind))
			break;
	if (i == n)
		fail(path, "neither common, weak nor synonyms");
	kinds[i].read(&r, text);
	free(text);
}

/* --- sorting --- */

static int
by_word(const void *a, const void *b)
{
	return strcmp(((const struct word *)a)->text,
	    ((const struct word *)b)->text);
}

/* Sorted, each word once. */
static void
sort_table(struct table *t)
{
	size_t i, n = 0;

	if (t->count == 0)
		return;
	qsort(t->word, t->count, sizeof(*t->word), by_word);
	for (i = 1; i < t->count; i++)
		if (strcmp(t->word[n].text, t->word[i].text) == 0) {
			t->word[n].languages |= t->word[i].languages;
			free(t->word[i].text);
		} else
			t->word[++n] = t->word[i];
	t->count = n + 1;
}

static int
by_stems(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a;
	const struct entry *y = *(const struct entry *const *)b;
	int order = strcmp(x->stems, y->stems);

	return order != 0 ? order : (x > y) - (x < y);
}

/* --- writing --- */

/* One string more of the text; at is where the next begins. */
static void
put_text(const char *text, size_t *at)
{
	const char *p;

	fputs("\t\"", stdout);
	for (p = text; *p != '\0'; p++) {
		/* Two question marks may be a trigraph. */
		if (strchr("\"\\?", *p) != NULL)
			putchar('\\');
		putchar(*p);
	}
	puts("\\0\"");
	*at += strlen(text) + 1;
}

static void
put_texts(struct lists *l)
{
	size_t i, k, at = 0;

	puts("const char wordlist_text[] =");
	for (i = 0; i < TABLES; i++)
		for (k = 0; k < l->table[i].count; k++) {
			l->table[i].word[k].at = at;
			put_text(l->table[i].word[k].text, &at);
		}
	for (i = 0; i < l->entries; i++) {
		l->entry[i].at = at;
		put_text(l->entry[i].stems, &at);
	}
	puts("\t;");
	if (at > UINT32_MAX)
		fail("the lists", "too much text");
}

static void
put_table(const struct table *t)
{
	size_t i;

	printf("static const struct wordlist_word %s[] = {\n", t->name);
	for (i = 0; i < t->count; i++)
		printf("\t{ %zu, 0x%x },\n", t->word[i].at,
		    (unsigned)t->word[i].languages);
	/* An array has one at least. */
	printf("\t{ 0, 0 }\n};\nconst struct wordlist wordlist_%s = "
	       "{ %s, %zu, 0x%x };\n",
	    t->name, t->name, t->count, (unsigned)t->languages);
}

static void
put_synonyms(const struct lists *l)
{
	const struct entry **sorted =
	    xcalloc(l->entries + 1, sizeof(const struct entry *));
	size_t i, group = 0;

	if (l->entries > UINT16_MAX)
		fail("synonyms", "too many for 16 bits");
	puts("const struct synonym synonyms[] = {");
	for (i = 0; i < l->entries; i++) {
		sorted[i] = &l->entry[i];
		printf("\t{ %zu, %zu, %u, %d },\n", l->entry[i].at,
		    l->entry[i].group, l->entry[i].language,
		    l->entry[i].is_opening);
	}
	printf("\t{ 0, 0, 0, 0 }\n};\n"
	       "const size_t synonyms_count = %zu;\n"
	       "const uint16_t synonyms_group[] = {\n",
	    l->entries);
	for (i = 0; i < l->entries; i++)
		for (; group <= l->entry[i].group; group++)
			printf("\t%zu,\n", i);
	for (; group <= l->groups; group++)
		printf("\t%zu,\n", l->entries);
	puts("};\nconst uint16_t synonyms_sorted[] = {");
	qsort(sorted, l->entries, sizeof(*sorted), by_stems);
	for (i = 0; i < l->entries; i++)
		printf("\t%zu,\n", (size_t)(sorted[i] - l->entry));
	puts("\t0\n};");
	free(sorted);
}

static void
put_all(struct lists *l)
{
	size_t i;

	puts("/* made from share/kb by make.c */\n#include \"kb/wordlist.h\"");
	puts("const char wordlist_language[][WORDLIST_TAG_BYTES] = {");
	for (i = 0; i < l->languages; i++)
		printf("\t\"%s\",\n", l->language[i]);
	printf("\t\"\"\n};\nconst size_t wordlist_languages = %zu;\n"
	       "const size_t wordlist_phrase_letters = %zu;\n",
	    l->languages, l->letters);
	put_texts(l);
	for (i = 0; i < TABLES; i++)
		put_table(&l->table[i]);
	put_synonyms(l);
}

static void
lists_release(struct lists *l)
{
	size_t i, k;

	for (i = 0; i < TABLES; i++) {
		for (k = 0; k < l->table[i].count; k++)
			free(l->table[i].word[k].text);
		free(l->table[i].word);
	}
	for (i = 0; i < l->entries; i++)
		free(l->entry[i].stems);
	free(l->entry);
	for (i = 0; i < l->languages; i++)
		free(l->language[i]);
	analyser_free(l->analyser);
}

int
main(int argc, char *argv[])
{
	struct lists l = { .analyser = analyser_new(),
		.table = { { .name = "common" }, { .name = "bare" },
		    { .name = "weak" }, { .name = "common_phrases" },
		    { .name = "synonym_phrases" } } };
	int i;

	read_languages(&l, argv + 1);
	for (i = 1; i < argc; i++)
		read_file(&l, argv[i]);
	for (i = 0; i < TABLES; i++)
		sort_table(&l.table[i]);
	put_all(&l);
	lists_release(&l);
	if (fflush(stdout) != 0 || ferror(stdout))
		fail("the tables", "cannot be written");
	return 0;
}
