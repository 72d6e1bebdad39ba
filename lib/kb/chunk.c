/* chunk - a document's blocks cut into passages that read alone */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/eight.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/chunk.h"

#define SPLIT_WORDS 60	    /* a longer paragraph may be cut in its midst */
#define SPLIT_COST 900	    /* as a passage of 30 words too many */
#define APART_COST 100000   /* to part a list from the line before it */
#define WORD_MAX_BYTES 40   /* of a word on average, all languages */
#define DEPTH_MAX 7	    /* h1 to h6, and none */
#define SURE_WORDS 12	    /* fewer say little about their language */
#define LANGUAGES_MAX 16    /* of one document that are counted */
#define LANGUAGE_BYTES 8192 /* enough of a document to tell its language */

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

/* The bytes of a note's mark at p: "[1]", "[2, 3]", "[*]"; 0: there is none. */
static size_t
note_length(const char *p, const char *end)
{
	size_t n = 1;

	if (p == end || *p != '[')
		return 0;
	while (p + n < end && n < 8 && strchr("0123456789, *", p[n]) != NULL)
		n++;
	return n > 1 && p + n < end && p[n] == ']' ? n + 1 : 0;
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
		p += note_length(p, end);
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

/* What a passage may be cut between: a sentence, an item, a row, a line. */
struct unit {
	const struct kb_block *block;
	const char *text;
	size_t len, words;
	bool is_first;	  /* of its block */
	bool is_led;	  /* the unit before it introduces it */
	uint64_t cost;	  /* of the best way to cut what ends here */
	size_t beginning; /* of the last passage of it */
};

struct cutter {
	struct kb_passages *out;
	const char *language; /* forced, or NULL */
	char *headings[DEPTH_MAX];
	char *title;
	struct unit *unit; /* of the section */
	size_t units, cap;
	struct buf text, shape;
	size_t words;
	int64_t start, end;
	int page, page_end;
	int64_t at; /* characters of the document before the next block */
};

/* Words as far as text was counted. */
struct word_count {
	size_t words, bytes;
	bool in_word;
};

/* Of scripts that write no blanks each sign is a word, as in the index. */
static bool
is_wide(uint32_t c)
{
	return (c >= 0xe00 && c < 0xf00) || (c >= 0x1000 && c < 0x10a0) ||
	    (c >= 0x1780 && c < 0x1800) || (c >= 0x3040 && c < 0xac00) ||
	    (c >= 0xf900 && c < 0xfb00) || (c >= 0x20000 && c < 0x32000);
}

/* What has no blanks at all has words, too. */
static size_t
most_words(const struct word_count *w)
{
	return w->words > w->bytes / WORD_MAX_BYTES ? w->words :
						      w->bytes / WORD_MAX_BYTES;
}

/* One sign more. */
static size_t
count_sign(struct word_count *w, uint32_t c, size_t bytes)
{
	bool blank = c == ' ' || c == '\n', wide = c >= 0xe00 && is_wide(c);

	w->words += wide || (!blank && !w->in_word);
	w->in_word = !blank && !wide;
	w->bytes += bytes;
	return most_words(w);
}

/* Words that begin in the ASCII that text begins with, eight bytes at a time;
 * how many bytes that is. */
static size_t
plain_words(struct word_count *w, const char *text, size_t len)
{
	uint64_t eight, word, before = w->in_word ? 0x80 : 0;
	size_t n = 0;

	for (; n + sizeof(eight) <= len; n += sizeof(eight)) {
		eight = eight_at(text + n);
		if (eight_above_ascii(eight) != 0)
			break;
		word = eight_not(eight, ' ') & eight_not(eight, '\n');
		w->words += eight_count(word & ~(word << 8 | before));
		before = word >> 56;
	}
	w->in_word = before != 0;
	return n;
}

/* As count_sign() has it behind the last one. */
size_t
passage_words(const char *text, size_t len)
{
	struct word_count w = { 0, 0, false };
	const char *p = text, *end = text + len, *at;
	bool is_word, in_word;
	size_t words;
	uint32_t c;

	while (p < end) {
		/* Of ASCII a word is what stands between blanks. */
		at = p;
		p += plain_words(&w, p, (size_t)(end - p));
		w.bytes += (size_t)(p - at);
		words = 0;
		in_word = w.in_word;
		for (at = p; p < end && (unsigned char)*p < 0x80; p++) {
			is_word = *p != ' ' && *p != '\n';
			words += is_word && !in_word;
			in_word = is_word;
		}
		w.words += words;
		w.in_word = in_word;
		w.bytes += (size_t)(p - at);
		at = p;
		if ((c = utf8_next(&p, end)) != 0)
			count_sign(&w, c, (size_t)(p - at));
	}
	return most_words(&w);
}

/*
 * The length of the first part of text, all of it if a passage has room for
 * that: to a line's end, or to a blank, or to the end of a sign with its marks.
 */
static size_t
part_length(const char *text, size_t len)
{
	struct word_count w = { 0, 0, false };
	const char *p = text, *end = text + len, *at;
	size_t sign = 0, blank = 0, line = 0, words, most = 0;
	utf8proc_int32_t state = 0;
	uint32_t c, before = 0;

	while (at = p, (c = utf8_next(&p, end)) != 0) {
		words = count_sign(&w, c, (size_t)(p - at));
		if (words > KB_PASSAGE_WORDS_MAX)
			break;
		if (words > KB_PASSAGE_WORDS && sign > 0)
			continue;
		most = (size_t)(at - text);
		if (before != 0 &&
		    utf8proc_grapheme_break_stateful((utf8proc_int32_t)before,
			(utf8proc_int32_t)c, &state))
			sign = most;
		if (c == '\n')
			line = most + 1;
		else if (c == ' ')
			blank = most + 1;
		before = c;
	}
	if (c == 0)
		return len;
	/* One far back would leave a scrap. */
	if (line > most / 2)
		return line;
	if (blank > most / 2)
		return blank;
	if (sign > 0)
		return sign;
	/* More marks than belong to any sign. */
	return most > 0 ? most : (size_t)(p - text);
}

static int64_t
characters(const char *text, size_t len)
{
	size_t i = utf8_plain_length(text, len);
	int64_t n = (int64_t)i;

	for (; i < len; i++)
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
put(struct cutter *c, const struct kb_block *b, const char *text, size_t len,
    int64_t before)
{
	size_t at = (size_t)(text - b->text);

	while (len > 0 && strchr(" \n", text[len - 1]) != NULL)
		len--;
	if (len == 0)
		return;
	if (c->text.len > 0)
		buf_adds(&c->text, "\n\n");
	else {
		c->start = c->at + before;
		c->page = kb_block_page(b, at);
	}
	buf_add(&c->text, text, len);
	buf_addc(&c->shape, (char)b->kind);
	c->end = c->at + before + characters(text, len);
	c->page_end = kb_block_page(b, at + len - 1);
}

/* The length of the first unit of a block that may stand alone. */
static size_t
unit_length(enum kb_block_kind kind, const char *text, size_t len)
{
	const char *nl;
	size_t at;

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

static void
push_unit(struct cutter *c, const struct kb_block *b, const char *text,
    size_t len, size_t words)
{
	const struct unit *last = c->units > 0 ? &c->unit[c->units - 1] : NULL;
	struct unit u = { .block = b,
		.text = text,
		.len = len,
		.words = words,
		.is_first = text == b->text };

	/* A list goes with the line before it that ends in a colon. */
	u.is_led = u.is_first && b->kind != BLOCK_PARAGRAPH && last != NULL &&
	    last->block->kind == BLOCK_PARAGRAPH &&
	    last->text[last->len - 1] == ':';
	if (c->units == c->cap) {
		c->cap = c->cap > 0 ? 2 * c->cap : 64;
		c->unit = xrealloc(c->unit, c->cap * sizeof(*c->unit));
	}
	c->unit[c->units++] = u;
}

/* One unit, or as many as it takes. */
static void
add_unit(struct cutter *c, const struct kb_block *b, const char *text,
    size_t len)
{
	size_t words = passage_words(text, len), at, part;

	if (words <= KB_PASSAGE_WORDS_MAX) {
		push_unit(c, b, text, len, words);
		return;
	}
	for (at = 0; at < len; at += part) {
		part = part_length(text + at, len - at);
		push_unit(c, b, text + at, part,
		    passage_words(text + at, part));
	}
}

/* The units of b where it is in a section that has to be cut. */
static void
add_block(struct cutter *c, const struct kb_block *b)
{
	size_t len = strlen(b->text), words = passage_words(b->text, len);
	size_t at, n;

	if (words <=
	    (b->kind == BLOCK_PARAGRAPH ? SPLIT_WORDS : KB_PASSAGE_WORDS_MAX)) {
		add_unit(c, b, b->text, len);
		return;
	}
	for (at = 0; at < len; at += n) {
		n = unit_length(b->kind, b->text + at, len - at);
		add_unit(c, b, b->text + at, n);
	}
}

/*
 * Where passages begin: the squares of how far each is from KB_PASSAGE_WORDS
 * are least together, so that they are about even. None has more than
 * KB_PASSAGE_WORDS_MAX, as no unit has.
 */
static void
find_passages(struct cutter *c)
{
	size_t i, k, words;
	uint64_t cost, far;

	for (i = 0; i < c->units; i++) {
		c->unit[i].cost = UINT64_MAX;
		for (k = i, words = 0;; k--) {
			const struct unit *u = &c->unit[k];

			words += u->words;
			if (words > KB_PASSAGE_WORDS_MAX && k < i)
				break;
			far = words > KB_PASSAGE_WORDS ?
			    words - KB_PASSAGE_WORDS :
			    KB_PASSAGE_WORDS - words;
			cost = far * far + (k > 0 ? c->unit[k - 1].cost : 0) +
			    (k > 0 && !u->is_first ? SPLIT_COST : 0) +
			    (u->is_led ? APART_COST : 0);
			if (cost < c->unit[i].cost) {
				c->unit[i].cost = cost;
				c->unit[i].beginning = k;
			}
			if (k == 0)
				break;
		}
	}
}

/* The ways that find_passages() found, from the end. */
static void
mark_beginnings(struct cutter *c, bool *begins)
{
	size_t i;

	for (i = c->units; i > 0; i = c->unit[i - 1].beginning)
		begins[c->unit[i - 1].beginning] = true;
}

static void
put_units(struct cutter *c, const bool *begins)
{
	size_t i, n, len;
	int64_t before = 0;

	for (i = 0; i < c->units; i += n) {
		const struct unit *u = &c->unit[i];

		if (begins[i])
			passage_end(c);
		if (u->is_first)
			before = 0;
		/* As much of the block as is in one passage. */
		c->words += u->words;
		len = u->len;
		for (n = 1; i + n < c->units && !begins[i + n] &&
		     u[n].block == u->block;
		     n++) {
			len += u[n].len;
			c->words += u[n].words;
		}
		put(c, u->block, u->text, len, before);
		before += characters(u->text, len);
		if (i + n == c->units || u[n].is_first)
			c->at += before + 2;
	}
}

/* n blocks between two headings. */
static void
put_section(struct cutter *c, const struct kb_block *b, size_t n)
{
	size_t i, len, words = 0;
	bool *begins;

	for (i = 0; i < n && words <= KB_PASSAGE_WORDS_MAX; i++)
		words += passage_words(b[i].text, strlen(b[i].text));
	if (words <= KB_PASSAGE_WORDS_MAX) {
		for (i = 0; i < n; i++) {
			len = strlen(b[i].text);
			put(c, &b[i], b[i].text, len, 0);
			c->at += characters(b[i].text, len) + 2;
		}
		c->words = words;
	} else {
		c->units = 0;
		for (i = 0; i < n; i++)
			add_block(c, &b[i]);
		find_passages(c);
		begins = xcalloc(c->units + 1, sizeof(*begins));
		mark_beginnings(c, begins);
		put_units(c, begins);
		free(begins);
	}
	passage_end(c);
}

static void
put_heading(struct cutter *c, const struct kb_block *b)
{
	int level = b->level, i;

	for (i = level; i < DEPTH_MAX; i++) {
		free(c->headings[i]);
		c->headings[i] = NULL;
	}
	if (*b->text != '\0')
		c->headings[level] = xstrdup(b->text);
	c->at += characters(b->text, strlen(b->text)) + 2;
}

/* The language of what stands first; passages can be too short to tell. */
static const char *
first_language(const struct kb_text *doc)
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

static bool
is_told(const struct kb_passage *p)
{
	return p->language != NULL && strcmp(p->language, "und") != 0;
}

/* The language most of the text is in: a table of contents, or a licence in
 * English, may stand before it. */
static const char *
main_language(const struct kb_text *doc, const struct kb_passages *p)
{
	struct {
		const char *tag;
		size_t bytes;
	} of[LANGUAGES_MAX];
	size_t i, k, n = 0, best = 0, all = 0, len;

	for (i = 0; i < p->count; i++) {
		if (!is_told(&p->passage[i]))
			continue;
		for (k = 0; k < n; k++)
			if (strcmp(of[k].tag, p->passage[i].language) == 0)
				break;
		if (k == LANGUAGES_MAX)
			continue;
		if (k == n) {
			of[n].tag = p->passage[i].language;
			of[n++].bytes = 0;
		}
		len = strlen(p->passage[i].text);
		of[k].bytes += len;
		all += len;
		if (of[k].bytes > of[best].bytes)
			best = k;
	}
	return n > 0 && of[best].bytes > all / 2 ? of[best].tag :
						   first_language(doc);
}

void
kb_chunk(const struct kb_text *doc, const char *language,
    struct kb_passages *ret)
{
	struct cutter c = { .out = ret, .language = language };
	size_t i, n;

	memset(ret, 0, sizeof(*ret));
	c.title = doc->title;
	for (i = 0; i < doc->count; i += n) {
		for (n = 0; i + n < doc->count &&
		     doc->block[i + n].kind != BLOCK_HEADING;)
			n++;
		if (n > 0)
			put_section(&c, &doc->block[i], n);
		else {
			put_heading(&c, &doc->block[i]);
			n = 1;
		}
	}
	free(c.unit);
	for (i = 0; i < DEPTH_MAX; i++)
		free(c.headings[i]);
	buf_release(&c.text);
	buf_release(&c.shape);
	ret->language = language != NULL ? language : main_language(doc, ret);
	for (i = 0; i < ret->count; i++)
		if (!is_told(&ret->passage[i]))
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
