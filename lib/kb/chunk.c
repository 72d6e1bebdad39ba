/* chunk - a document's blocks cut into passages that read alone */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/chunk.h"

#define UNIT_MAX_BYTES 16384 /* a longer sentence or line is cut */
#define WORD_MAX_BYTES 40    /* of a word on average, all languages */
#define DEPTH_MAX 7	     /* h1 to h6, and none */
#define SURE_WORDS 12	     /* fewer say little about their language */
#define LANGUAGE_BYTES 8192  /* enough of a document to tell its language */

/* --- sentences --- */

/* Words before a full stop that does not end a sentence. */
static const char *const abbreviations[] = { "e.g", "i.e", "eg", "ie", "etc",
	"vs", "cf", "approx", "mr", "mrs", "ms", "dr", "prof", "st", "nr",
	"fig", "ca", "p.ej", "ej", "sr", "sra", "ud", "uds", "z.b", "bzw",
	"d.h", "usw", "inc", "ltd", "co", "tel", "av", "incl", "excl", "a.m",
	"p.m", NULL };

static bool
is_abbreviation(const char *text, size_t dot)
{
	size_t i = dot, n;
	const char *const *a;

	while (i > 0 &&
	    (isalnum((unsigned char)text[i - 1]) || text[i - 1] == '.' ||
		(text[i - 1] & 0x80)))
		i--;
	n = dot - i;
	if (n == 1 && isupper((unsigned char)text[i]))
		return true; /* an initial */
	for (a = abbreviations; *a != NULL; a++)
		if (strlen(*a) == n && strncasecmp(*a, text + i, n) == 0)
			return true;
	return false;
}

size_t
sentence_length(const char *text, size_t len)
{
	const char *p = text, *end = text + len, *at, *q;
	uint32_t c, d;

	while (at = p, (c = utf8_next(&p, end)) != 0) {
		/* These end one whatever follows. */
		if (c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0x0964)
			goto ends;
		if (c != '.' && c != '!' && c != '?' && c != 0x61f &&
		    c != 0x2026)
			continue;
		/* Marks and brackets that close belong to it. */
		while (p < end &&
		    (strchr(".!?\"')]", *p) != NULL || str_starts(p, "”") ||
			str_starts(p, "»")))
			p += (*p & 0x80) ? ((unsigned char)*p == 0xc2 ? 2 : 3) :
					   1;
		if (p < end && *p != ' ' && *p != '\n')
			continue;
		if (c == '.' && is_abbreviation(text, (size_t)(at - text)))
			continue;
		for (q = p; q < end && (*q == ' ' || *q == '\n');)
			q++;
		d = 0;
		if (q < end) {
			const char *r = q;

			d = utf8_next(&r, end);
		}
		/* A small letter goes on with the sentence. */
		if (d < 128 && islower((int)d))
			continue;
		goto ends;
	}
	return len;
ends:
	while (p < end && (*p == ' ' || *p == '\n'))
		p++;
	return (size_t)(p - text);
}

/* --- passages --- */

struct cutter {
	struct kb_passages *out;
	const char *language; /* forced, or NULL */
	char *headings[DEPTH_MAX];
	char *title;
	struct buf text, shape;
	size_t words;
	int64_t start, end;
	int page, page_end, block_page;
	int64_t at; /* characters of the document before the next block */
};

static size_t
count_words(const char *text, size_t len)
{
	size_t n = 0, i, letters = 0;
	const char *p = text, *end = text + len;
	bool blank = true, wide = false;
	uint32_t c;

	for (i = 0; i < len; i++) {
		n += blank && text[i] != ' ' && text[i] != '\n';
		blank = text[i] == ' ' || text[i] == '\n';
		wide |= (unsigned char)text[i] >= 0xe0;
	}
	/* Scripts that write no blanks: about two letters a word. */
	while (wide && (c = utf8_next(&p, end)) != 0)
		letters +=
		    (c >= 0xe00 && c < 0xe80) || (c >= 0x3040 && c < 0xac00);
	n += letters / 2;
	/* What has no blanks at all is cut nevertheless. */
	return n > len / WORD_MAX_BYTES ? n : len / WORD_MAX_BYTES;
}

static int64_t
characters(const char *text, size_t len)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static char *
section_path(const struct cutter *c)
{
	struct buf path = BUF_INIT(0);
	int i;

	for (i = 1; i < DEPTH_MAX; i++) {
		if (c->headings[i] == NULL)
			continue;
		/* The title of the document needs no second naming. */
		if (path.len == 0 && c->title != NULL &&
		    strcmp(c->title, c->headings[i]) == 0)
			continue;
		if (path.len > 0)
			buf_adds(&path, KB_SECTION_SEPARATOR);
		buf_adds(&path, c->headings[i]);
	}
	return buf_detach(&path);
}

static void
passage_end(struct cutter *c)
{
	struct kb_passages *out = c->out;
	struct kb_passage *p;

	if (c->text.len == 0)
		return;
	if ((out->count & (out->count - 1)) == 0)
		out->passage = xrealloc(out->passage,
		    (out->count ? 2 * out->count : 1) * sizeof(*p));
	p = &out->passage[out->count++];
	p->section = section_path(c);
	p->language = c->language;
	if (p->language == NULL && c->words >= SURE_WORDS)
		p->language = language_detect(c->text.data, c->text.len);
	p->start = c->start;
	p->end = c->end;
	p->page = c->page;
	p->page_end = c->page_end;
	p->text = buf_detach(&c->text);
	p->shape = buf_detach(&c->shape);
	c->words = 0;
}

/* A piece of a block, of which before characters came earlier. */
static void
put(struct cutter *c, char kind, const char *text, size_t len, int64_t before)
{
	while (len > 0 && strchr(" \n", text[len - 1]) != NULL)
		len--;
	if (len == 0)
		return;
	if (c->text.len > 0)
		buf_adds(&c->text, "\n\n");
	else
		c->start = c->at + before, c->page = c->block_page;
	buf_add(&c->text, text, len);
	buf_addc(&c->shape, kind);
	c->words += count_words(text, len);
	c->end = c->at + before + characters(text, len);
	c->page_end = c->block_page;
}

/* The length of the first unit of a block that may stand alone. */
static size_t
unit_length(char kind, const char *text, size_t len)
{
	const char *nl;
	size_t at;

	len = utf8_cut(text, len, UNIT_MAX_BYTES);
	if (kind == BLOCK_PARAGRAPH)
		return sentence_length(text, len);
	for (at = 0; at < len;) {
		nl = memchr(text + at, '\n', len - at);
		if (nl == NULL)
			return len;
		at = (size_t)(nl - text) + 1;
		/* What is indented belongs to the item above. */
		if (kind != BLOCK_LIST || at >= len || text[at] != ' ')
			break;
	}
	return at < len ? at : len;
}

/* Cut a block that is too long for a passage between its units. */
static void
put_long(struct cutter *c, char kind, const char *text, size_t len)
{
	size_t from = 0, at = 0, unit, words = 0, w;
	int64_t before = 0; /* characters before from */

	while (at < len) {
		unit = unit_length(kind, text + at, len - at);
		w = count_words(text + at, unit);
		if (at > from && c->words + words + w > KB_PASSAGE_WORDS) {
			put(c, kind, text + from, at - from, before);
			passage_end(c);
			before += characters(text + from, at - from);
			from = at;
			words = 0;
		}
		words += w;
		at += unit;
	}
	put(c, kind, text + from, len - from, before);
}

static void
put_block(struct cutter *c, const struct kb_block *b)
{
	size_t len = strlen(b->text), words = count_words(b->text, len);
	bool whole = b->kind != BLOCK_PARAGRAPH;
	bool introduced = c->text.len > 0 &&
	    c->shape.data[c->shape.len - 1] == BLOCK_PARAGRAPH &&
	    c->text.data[c->text.len - 1] == ':';
	size_t most = whole ? KB_PASSAGE_WORDS_MAX : KB_PASSAGE_WORDS;
	int page = c->page_end;

	/* A list goes with the line before it that ends in a colon. */
	if (c->words > 0 && c->words + words > KB_PASSAGE_WORDS &&
	    !(introduced && c->words + words <= KB_PASSAGE_WORDS_MAX) &&
	    !(!whole && c->words < KB_PASSAGE_WORDS / 3)) {
		char *intro = NULL, *last;

		if (introduced && whole) {
			/* Take the line along. */
			last = memrchr(c->text.data, '\n', c->text.len);
			if (last != NULL) {
				intro = xstrdup(last + 1);
				c->text.len = (size_t)(last - c->text.data) - 1;
				c->text.data[c->text.len] = '\0';
				c->shape.data[--c->shape.len] = '\0';
			}
		}
		if (intro != NULL || !introduced)
			passage_end(c);
		if (intro != NULL) {
			c->block_page = page;
			put(c, BLOCK_PARAGRAPH, intro, strlen(intro),
			    -characters(intro, strlen(intro)) - 2);
			free(intro);
		}
	}
	c->block_page = b->page;
	if (c->words + words > most + KB_PASSAGE_WORDS / 3)
		put_long(c, (char)b->kind, b->text, len);
	else
		put(c, (char)b->kind, b->text, len, 0);
	c->at += characters(b->text, len) + 2;
}

static void
put_heading(struct cutter *c, const struct kb_block *b)
{
	int level = b->level, i;

	passage_end(c);
	for (i = level; i < DEPTH_MAX; i++) {
		free(c->headings[i]);
		c->headings[i] = NULL;
	}
	c->headings[level] = xstrdup(b->text);
	c->at += characters(b->text, strlen(b->text)) + 2;
}

/* The language most of the text is in. */
static const char *
main_language(const struct kb_text *doc)
{
	struct buf sample = BUF_INIT(0);
	const char *language;
	size_t i;

	for (i = 0; i < doc->count && sample.len < LANGUAGE_BYTES; i++)
		if (doc->block[i].kind != BLOCK_CODE) {
			buf_adds(&sample, doc->block[i].text);
			buf_addc(&sample, '\n');
		}
	language =
	    language_detect(sample.data != NULL ? sample.data : "", sample.len);
	buf_release(&sample);
	return language;
}

void
kb_chunk(const struct kb_text *doc, const char *language,
    struct kb_passages *ret)
{
	struct cutter c = { .out = ret, .language = language };
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->language = language != NULL ? language : main_language(doc);
	c.title = doc->title;
	for (i = 0; i < doc->count; i++)
		if (doc->block[i].kind == BLOCK_HEADING)
			put_heading(&c, &doc->block[i]);
		else
			put_block(&c, &doc->block[i]);
	passage_end(&c);
	for (i = 0; i < DEPTH_MAX; i++)
		free(c.headings[i]);
	buf_release(&c.text);
	buf_release(&c.shape);
	for (i = 0; i < ret->count; i++)
		if (ret->passage[i].language == NULL ||
		    strcmp(ret->passage[i].language, "und") == 0)
			ret->passage[i].language = ret->language;
}

void
kb_passages_release(struct kb_passages *p)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		free(p->passage[i].section);
		free(p->passage[i].text);
		free(p->passage[i].shape);
	}
	free(p->passage);
	free(p->name);
	memset(p, 0, sizeof(*p));
}
