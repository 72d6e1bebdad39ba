/*
 * make - the system's word lists as the file of kb/dictionary.h: make FOLDER
 *
 * Runs while frontdesk is built, and is not installed. A list that is not there
 * is left out. Words are folded as those of questions are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/analyse.h"
#include "kb/dictionary.h"

#define LIST_MAX_BYTES (64 << 20)
#define PLACE_WORDS 8
#define LISTS_MAX 16

/* Lists of a few hundred thousand words; some that have each form of each verb
 * are ten times as long. */
static const struct {
	const char *language, *file;
	bool stems; /* words have one form */
} files[] = {
	{ "ca", "catalan", false },
	{ "da", "danish", false },
	{ "de", "ngerman", false },
	{ "en", "american-english", false },
	{ "en", "british-english", false },
	{ "es", "spanish", true },
	{ "fr", "french", false },
	{ "it", "italian", false },
	{ "nl", "dutch", false },
	{ "pt", "brazilian", false },
	{ "pt", "portuguese", false },
	{ "sv", "swedish", true },
};
#define FILES (sizeof(files) / sizeof(*files))

struct words {
	const char *language;
	struct analyser *analyser; /* for stems; NULL: none are wanted */
	uint64_t *hash;
	size_t count, cap;
};

/* What a line has: a list has lines of two words, too. */
struct line {
	char word[KB_WORD_MAX_BYTES + 1];
	size_t words;
};

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "share/dictionary/make: %s: %s\n", what, why);
	exit(EX_DATAERR);
}

static void
take_word(void *ctx, const char *word, size_t len)
{
	struct line *l = ctx;

	l->words++;
	snprintf(l->word, sizeof(l->word), "%.*s", (int)len, word);
}

static void
add_hash(struct words *w, uint64_t hash)
{
	if (w->count == w->cap) {
		w->cap = w->cap > 0 ? 2 * w->cap : 1 << 16;
		w->hash = xrealloc(w->hash, w->cap * sizeof(*w->hash));
	}
	w->hash[w->count++] = hash;
}

static void
add_line(struct words *w, const char *text, size_t len)
{
	struct line l = { .words = 0 };
	const char *stem;
	size_t n;

	analyse_words(text, len, take_word, &l);
	if (l.words != 1 || utf8_length(l.word) < DICTIONARY_MIN_LETTERS)
		return;
	add_hash(w, dictionary_hash(l.word, strlen(l.word)));
	if (w->analyser == NULL)
		return;
	stem = analyse_stem_once(w->analyser, l.word, strlen(l.word),
	    w->language, &n);
	if (n >= DICTIONARY_MIN_LETTERS)
		add_hash(w, dictionary_hash(stem, n) ^ DICTIONARY_STEM);
}

/* A list in Latin-1 as UTF-8. */
static char *
from_latin1(const char *text, size_t *len)
{
	struct buf out = BUF_INIT(0);
	unsigned char c;
	size_t i;

	for (i = 0; i < *len; i++) {
		c = (unsigned char)text[i];
		if (c >= 0x80)
			buf_addc(&out, (char)(0xc0 | c >> 6));
		buf_addc(&out, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
	}
	*len = out.len;
	return buf_detach(&out);
}

static void
read_list(struct words *w, const char *path)
{
	char *text = NULL, *other;
	const char *p, *end;
	size_t len, n;

	if (file_read(path, LIST_MAX_BYTES, &text, &len) < 0)
		return;
	if (!utf8_valid(text, len)) {
		other = from_latin1(text, &len);
		free(text);
		text = other;
	}
	for (p = text, end = text + len; p < end; p += n + 1) {
		n = strcspn(p, "\n");
		add_line(w, p, n);
	}
	free(text);
}

static int
by_hash(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return a < b ? -1 : a > b;
}

static void
sort_words(struct words *w)
{
	size_t i, n = 0;

	qsort(w->hash, w->count, sizeof(*w->hash), by_hash);
	for (i = 0; i < w->count; i++)
		if (n == 0 || w->hash[i] != w->hash[n - 1])
			w->hash[n++] = w->hash[i];
	w->count = n;
}

static void
put(const void *data, size_t len)
{
	if (fwrite(data, 1, len, stdout) != len)
		fail("output", "cannot be written");
}

static void
put_list(const struct words *w, uint32_t bits)
{
	const uint16_t pad = 0;
	uint16_t print;
	uint32_t place, start;
	size_t i;

	for (i = place = 0; place <= UINT32_C(1) << bits; place++) {
		while (i < w->count && w->hash[i] >> (64 - bits) < place)
			i++;
		start = (uint32_t)i;
		put(&start, sizeof(start));
	}
	for (i = 0; i < w->count; i++) {
		print = (uint16_t)w->hash[i];
		put(&print, sizeof(print));
	}
	if (w->count % 2 != 0)
		put(&pad, sizeof(pad));
}

static uint32_t
bits_for(size_t words)
{
	uint32_t bits = 1;

	while ((size_t)PLACE_WORDS << bits < words)
		bits++;
	return bits;
}

static void
put_all(const struct words *w, size_t n)
{
	struct dictionary_head head = { (uint32_t)n };
	struct dictionary_list list[LISTS_MAX];
	size_t at = sizeof(head) + n * sizeof(*list), i;

	for (i = 0; i < n; i++) {
		list[i] =
		    (struct dictionary_list){ .bits = bits_for(w[i].count),
			    .starts = (uint32_t)at };
		snprintf(list[i].language, sizeof(list[i].language), "%s",
		    w[i].language);
		at += ((UINT32_C(1) << list[i].bits) + 1) * sizeof(uint32_t);
		list[i].prints = (uint32_t)at;
		at += (w[i].count + w[i].count % 2) * sizeof(uint16_t);
	}
	put(&head, sizeof(head));
	put(list, n * sizeof(*list));
	for (i = 0; i < n; i++)
		put_list(&w[i], list[i].bits);
}

int
main(int argc, char *argv[])
{
	struct analyser *analyser = analyser_new();
	struct words w[LISTS_MAX];
	size_t n = 0, i;
	char *path;

	if (argc != 2)
		fail("usage", "make FOLDER");
	memset(w, 0, sizeof(w));
	for (i = 0; i < FILES; i++) {
		path = xformat("%s/%s", argv[1], files[i].file);
		if (w[n].language != NULL &&
		    strcmp(w[n].language, files[i].language) != 0 &&
		    w[n].count > 0)
			n++;
		w[n].language = files[i].language;
		w[n].analyser = files[i].stems ? analyser : NULL;
		read_list(&w[n], path);
		free(path);
	}
	n += w[n].count > 0;
	for (i = 0; i < n; i++)
		sort_words(&w[i]);
	put_all(w, n);
	for (i = 0; i < n; i++)
		free(w[i].hash);
	analyser_free(analyser);
	if (fflush(stdout) != 0)
		fail("output", "cannot be written");
	return 0;
}
