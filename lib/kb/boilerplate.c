/* boilerplate - lines that a document has on most of its pages, or a site */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kb/boilerplate.h"

#define LINE_MAX_BYTES 400  /* a longer one says something of its own */
#define DROPPED_MAX 1000    /* different lines that are remembered */
#define LINES_MAX (1 << 20) /* that are counted */
#define NUMBERS_MAX 4	    /* in a line, each of which may be the page's */
#define PAGE_NUMBER_MAX_BYTES 40

/* Lines are known by a hash, never 0: a store keeps those of its pages. */
struct line_counts {
	struct counted {
		uint64_t key;
		size_t pages, last; /* last: the page counted last, from 1 */
	} * slot;
	size_t size, count;
};

struct line_counts *
line_counts_new(void)
{
	struct line_counts *c = xcalloc(1, sizeof(*c));

	c->size = 1024;
	c->slot = xcalloc(c->size, sizeof(*c->slot));
	return c;
}

void
line_counts_free(struct line_counts *c)
{
	if (c == NULL)
		return;
	free(c->slot);
	free(c);
}

static uint64_t
hash_add(uint64_t h, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)p[i]) * UINT64_C(1099511628211);
	return h;
}

/*
 * As lines are compared: blanks folded, the mark of an item left out. 0: too
 * long, or nothing. Of its numbers the one that begins at byte number (-1:
 * none) is taken as how far it is from that of the page.
 */
static uint64_t
key_of(const char *line, size_t len, ptrdiff_t number, size_t page)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const char *p = line, *end = line + len;
	bool blank = false, any = false;
	char far[32];

	while (p < end && strchr(" -", *p) != NULL)
		p++;
	if (p == end || end - p > LINE_MAX_BYTES)
		return 0;
	for (; p < end; p++) {
		if (strchr(" \t\n", *p) != NULL) {
			blank = any;
			continue;
		}
		if (blank)
			h = hash_add(h, " ", 1);
		blank = false;
		any = true;
		if (p - line == number) {
			snprintf(far, sizeof(far), "\001%ld",
			    strtol(p, NULL, 10) - (long)page);
			h = hash_add(h, far, strlen(far));
			p += strspn(p, "0123456789") - 1;
		} else
			h = hash_add(h, p, 1);
	}
	return !any ? 0 : h != 0 ? h : 1;
}

/* The next number at or after byte from that may be a page's; -1: none. */
static ptrdiff_t
next_number(const char *line, size_t len, size_t from)
{
	size_t i, n;

	for (i = from; i<len; i += n> 0 ? n : 1) {
		for (n = 0; i + n < len && isdigit((unsigned char)line[i + n]);)
			n++;
		if (n > 0 && n <= 5)
			return (ptrdiff_t)i;
	}
	return -1;
}

static struct counted *
find(const struct line_counts *c, uint64_t key)
{
	size_t at;

	for (at = (key ^ key >> 32) & (c->size - 1);
	     c->slot[at].key != 0 && c->slot[at].key != key;
	     at = (at + 1) & (c->size - 1))
		;
	return &c->slot[at];
}

static void
grow(struct line_counts *c)
{
	struct counted *old = c->slot;
	size_t size = c->size, i;

	c->size *= 2;
	c->slot = xcalloc(c->size, sizeof(*c->slot));
	for (i = 0; i < size; i++)
		if (old[i].key != 0)
			*find(c, old[i].key) = old[i];
	free(old);
}

void
line_counts_add(struct line_counts *c, uint64_t key, size_t page)
{
	struct counted *at;

	if (key == 0)
		return;
	at = find(c, key);
	if (at->key != 0) {
		at->pages += at->last != page + 1;
		at->last = page + 1;
		return;
	}
	if (c->count == LINES_MAX)
		return;
	*at = (struct counted){ key, 1, page + 1 };
	if (++c->count * 2 > c->size)
		grow(c);
}

void
line_counts_take(struct line_counts *c, uint64_t key)
{
	struct counted *at = find(c, key);

	if (key != 0 && at->key != 0 && at->pages > 0)
		at->pages--;
}

static void
count_line(struct line_counts *c, const char *line, size_t len, size_t page)
{
	line_counts_add(c, key_of(line, len, -1, 0), page);
}

static bool
is_common_key(const struct line_counts *c, uint64_t key, size_t pages)
{
	return key != 0 &&
	    find(c, key)->pages * 100 > pages * BOILERPLATE_PERCENT;
}

bool
line_counts_is_common_key(const struct line_counts *c, uint64_t key,
    size_t pages)
{
	return pages >= BOILERPLATE_PAGES && is_common_key(c, key, pages);
}

static bool
is_common(const struct line_counts *c, const char *line, size_t len,
    size_t pages)
{
	return pages >= BOILERPLATE_PAGES &&
	    is_common_key(c, key_of(line, len, -1, 0), pages);
}

void
line_counts_line(struct line_counts *c, const char *line, size_t page,
    bool is_edge)
{
	size_t len = strlen(line), i = 0, n;
	ptrdiff_t at;

	count_line(c, line, len, page);
	for (n = 0; is_edge && n < NUMBERS_MAX; n++) {
		if ((at = next_number(line, len, i)) < 0)
			return;
		line_counts_add(c, key_of(line, len, at, page), page);
		i = (size_t)at + strspn(line + at, "0123456789");
	}
}

bool
line_counts_has(const struct line_counts *c, const char *line)
{
	return find(c, key_of(line, strlen(line), -1, 0))->key != 0;
}

bool
line_counts_is_common(const struct line_counts *c, const char *line,
    size_t page, bool is_edge, size_t pages)
{
	size_t len = strlen(line), i = 0, n;
	ptrdiff_t at;

	if (is_common(c, line, len, pages))
		return true;
	for (n = 0; is_edge && n < NUMBERS_MAX; n++) {
		if ((at = next_number(line, len, i)) < 0)
			return false;
		if (pages >= BOILERPLATE_PAGES &&
		    is_common_key(c, key_of(line, len, at, page), pages))
			return true;
		i = (size_t)at + strspn(line + at, "0123456789");
	}
	return false;
}

/* The value of a digit of any script, which are ten in a row; -1: it is none. */
static int
digit_of(uint32_t c)
{
	static const uint32_t zeros[] = { '0', 0x660, 0x6f0, 0x966, 0x9e6,
		0xe50, 0xff10 };
	size_t i;

	for (i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (c >= zeros[i] && c < zeros[i] + 10)
			return (int)(c - zeros[i]);
	return -1;
}

int64_t
page_number_of(const char *line, size_t len)
{
	const char *p = line, *end = line + len;
	int64_t number[2] = { 0, 0 };
	int digits = 0, numbers = 0, d;
	uint32_t c;

	if (len > PAGE_NUMBER_MAX_BYTES)
		return 0;
	while ((c = utf8_next(&p, end)) != 0) {
		d = digit_of(c);
		if (d < 0) {
			if (c != ' ' && c != '-' && c != '/' && c != '|' &&
			    c != 0x2013 && c != 0x2014 && c != 0xa0)
				return 0;
			digits = 0;
			continue;
		}
		if (digits++ == 0 && numbers++ == 2)
			return 0;
		if (digits > 4)
			return 0;
		number[numbers - 1] = number[numbers - 1] * 10 + d;
	}
	return numbers == 2 && number[1] < number[0] ? 0 : number[0];
}

bool
line_has_letters(const char *line)
{
	for (; *line != '\0'; line++)
		if (isalpha((unsigned char)*line) ||
		    (unsigned char)*line >= 0xc3)
			return true;
	return false;
}

/* Whether lines are the same but for their numbers. */
static bool
is_like(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			a += strspn(a, "0123456789");
			b += strspn(b, "0123456789");
		} else if (*a++ != *b++)
			return false;
	}
	return *a == *b;
}

void
kb_text_drop(struct kb_text *t, const char *line)
{
	size_t i;

	for (i = 0; i < t->ndropped; i++)
		if (is_like(line, t->dropped[i].line)) {
			t->dropped[i].count++;
			return;
		}
	if (t->ndropped == DROPPED_MAX)
		return;
	if ((t->ndropped & (t->ndropped - 1)) == 0)
		t->dropped = xrealloc(t->dropped,
		    (t->ndropped ? 2 * t->ndropped : 1) * sizeof(*t->dropped));
	t->dropped[t->ndropped].line = xstrdup(line);
	t->dropped[t->ndropped++].count = 1;
}

/* --- blocks --- */

/* Lists and rows have a line each; what else there is, is one. */
static bool
has_lines(const struct kb_block *b)
{
	return b->kind == BLOCK_LIST || b->kind == BLOCK_ROWS;
}

static void
count_block(struct line_counts *c, const struct kb_block *b, size_t page)
{
	const char *p = b->text, *end;

	if (b->kind == BLOCK_HEADING || b->kind == BLOCK_CODE)
		return;
	if (!has_lines(b)) {
		count_line(c, p, strlen(p), page);
		return;
	}
	for (; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		count_line(c, p, (size_t)(end - p), page);
	}
}

/* Take common lines out of b. Whether nothing is left. */
static bool
drop_lines(const struct line_counts *c, struct kb_text *t, struct kb_block *b,
    size_t pages)
{
	const char *p = b->text, *end;
	struct buf kept = BUF_INIT(0);
	bool dropped = false;
	char *line;

	if (b->kind == BLOCK_HEADING || b->kind == BLOCK_CODE)
		return false;
	if (!has_lines(b)) {
		if (!is_common(c, p, strlen(p), pages))
			return false;
		kb_text_drop(t, p);
		return true;
	}
	for (; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		if (is_common(c, p, (size_t)(end - p), pages)) {
			line = xstrndup(p, (size_t)(end - p));
			kb_text_drop(t, line);
			free(line);
			dropped = true;
		} else {
			if (kept.len > 0)
				buf_addc(&kept, '\n');
			buf_add(&kept, p, (size_t)(end - p));
		}
	}
	if (dropped && kept.len > 0) {
		free(b->text);
		b->text = buf_detach(&kept);
	}
	dropped &= kept.len == 0 && kept.data == NULL;
	buf_release(&kept);
	return dropped;
}

void
boilerplate_keys(const struct kb_text *t, struct line_keys *ret)
{
	struct line_counts *c = line_counts_new();
	size_t i, n = 0;

	for (i = 0; i < t->count; i++)
		count_block(c, &t->block[i], 0);
	ret->key = xcalloc(c->count + 1, sizeof(*ret->key));
	for (i = 0; i < c->size && n < BOILERPLATE_LINES; i++)
		if (c->slot[i].key != 0)
			ret->key[n++] = c->slot[i].key;
	ret->count = n;
	line_counts_free(c);
}

/* Whether t has a line that is not common: a page of nothing else is kept. */
static bool
has_own(const struct line_counts *c, const struct kb_text *t, size_t pages)
{
	const char *p, *end;
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (t->block[i].kind == BLOCK_HEADING)
			continue;
		if (t->block[i].kind == BLOCK_CODE)
			return true;
		for (p = t->block[i].text; *p != '\0';
		     p = *end != '\0' ? end + 1 : end) {
			end = p + strcspn(p, "\n");
			if (!is_common(c, p, (size_t)(end - p), pages))
				return true;
		}
	}
	return false;
}

void
boilerplate_drop(const struct line_counts *c, struct kb_text *t, size_t pages)
{
	size_t i, kept = 0;

	if (pages < BOILERPLATE_PAGES || !has_own(c, t, pages))
		return;
	for (i = 0; i < t->count; i++)
		if (drop_lines(c, t, &t->block[i], pages))
			kb_block_release(&t->block[i]);
		else
			t->block[kept++] = t->block[i];
	t->count = kept;
}

void
boilerplate_of_pages(struct kb_text *t)
{
	struct line_counts *c;
	size_t i, pages = 0;
	int last = 0;

	for (i = 0; i < t->count; i++)
		if (t->block[i].page > last) {
			last = t->block[i].page;
			pages++;
		}
	if (pages < BOILERPLATE_PAGES)
		return;
	c = line_counts_new();
	for (i = 0; i < t->count; i++)
		count_block(c, &t->block[i], (size_t)t->block[i].page);
	boilerplate_drop(c, t, pages);
	line_counts_free(c);
}
