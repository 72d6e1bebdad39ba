/* boilerplate - lines that a document has on most of its pages, or a site */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kb/boilerplate.h"

#define LINE_MAX_BYTES 400  /* a longer one says something of its own */
#define DROPPED_MAX 1000    /* different lines that are remembered */
#define LINES_MAX (1 << 20) /* that are counted */

struct line_counts {
	struct counted {
		char *line;
		size_t pages, last; /* last: the page counted last, from 1 */
	} * slot;
	size_t size, count;
	bool is_exact;
};

struct line_counts *
line_counts_new(bool is_exact)
{
	struct line_counts *c = xcalloc(1, sizeof(*c));

	c->is_exact = is_exact;
	c->size = 1024;
	c->slot = xcalloc(c->size, sizeof(*c->slot));
	return c;
}

void
line_counts_free(struct line_counts *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->size; i++)
		free(c->slot[i].line);
	free(c->slot);
	free(c);
}

/* As lines are compared; NULL: too long, or nothing. The caller frees. */
static char *
key_of(const char *line, size_t len, bool is_exact)
{
	struct buf out = BUF_INIT(0);
	size_t i;

	/* The mark of an item is not the line's. */
	while (len > 0 && strchr(" -", *line) != NULL)
		line++, len--;
	if (len == 0 || len > LINE_MAX_BYTES)
		return NULL;
	for (i = 0; i < len; i++) {
		if (!is_exact && isdigit((unsigned char)line[i])) {
			if (out.len == 0 || out.data[out.len - 1] != '#')
				buf_addc(&out, '#');
		} else if (strchr(" \t\n", line[i]) != NULL) {
			if (out.len > 0 && out.data[out.len - 1] != ' ')
				buf_addc(&out, ' ');
		} else
			buf_addc(&out, line[i]);
	}
	return buf_detach(&out);
}

static struct counted *
find(const struct line_counts *c, const char *key)
{
	size_t h = 14695981039346656037UL, at;
	const char *p;

	for (p = key; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211UL;
	for (at = h & (c->size - 1); c->slot[at].line != NULL;
	     at = (at + 1) & (c->size - 1))
		if (strcmp(c->slot[at].line, key) == 0)
			break;
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
		if (old[i].line != NULL)
			*find(c, old[i].line) = old[i];
	free(old);
}

static void
count_line(struct line_counts *c, const char *line, size_t len, size_t page)
{
	char *key = key_of(line, len, c->is_exact);
	struct counted *at;

	if (key == NULL)
		return;
	at = find(c, key);
	if (at->line != NULL) {
		at->pages += at->last != page + 1;
		at->last = page + 1;
		free(key);
		return;
	}
	if (c->count == LINES_MAX) {
		free(key);
		return;
	}
	*at = (struct counted){ key, 1, page + 1 };
	if (++c->count * 2 > c->size)
		grow(c);
}

static bool
is_common(const struct line_counts *c, const char *line, size_t len,
    size_t pages)
{
	char *key =
	    pages >= BOILERPLATE_PAGES ? key_of(line, len, c->is_exact) : NULL;
	struct counted *at;
	bool is;

	if (key == NULL)
		return false;
	at = find(c, key);
	is = at->line != NULL && at->pages * 100 > pages * BOILERPLATE_PERCENT;
	free(key);
	return is;
}

void
line_counts_add(struct line_counts *c, const char *line, size_t page)
{
	count_line(c, line, strlen(line), page);
}

bool
line_counts_is_common(const struct line_counts *c, const char *line,
    size_t pages)
{
	return is_common(c, line, strlen(line), pages);
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

void
kb_text_drop(struct kb_text *t, const char *line)
{
	char *key = key_of(line, strlen(line), false);
	size_t i;

	for (i = 0; key != NULL && i < t->ndropped; i++) {
		char *other = key_of(t->dropped[i].line,
		    strlen(t->dropped[i].line), false);
		bool same = other != NULL && strcmp(key, other) == 0;

		free(other);
		if (same) {
			t->dropped[i].count++;
			free(key);
			return;
		}
	}
	free(key);
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
boilerplate_count(struct line_counts *c, const struct kb_text *t, size_t page)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		count_block(c, &t->block[i], page);
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
			free(t->block[i].text);
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
	c = line_counts_new(false);
	for (i = 0; i < t->count; i++)
		count_block(c, &t->block[i], (size_t)t->block[i].page);
	boilerplate_drop(c, t, pages);
	line_counts_free(c);
}
