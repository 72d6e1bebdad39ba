/* block - what the readers of each type build a kb_text with */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "kb/block.h"
#include "kb/chunk.h"

#define COLUMNS_MAX 64
#define ROOM_MAX 65536 /* bytes, taken ahead for a block */

/* Characters that are not seen, and so could say what the reader does not
 * see: zero widths, direction marks, tags, variation selectors. */
static bool
is_invisible(uint32_t c)
{
	return (c < 32 && c != '\n' && c != '\t') || c == 127 ||
	    (c >= 0x80 && c < 0xa0) || c == 0xad || c == 0x34f || c == 0x61c ||
	    c == 0x180e || c == 0x200b || c == 0x200e || c == 0x200f ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
	    (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

static bool
is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == 0xa0 || c == 0x3000 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f;
}

/* The letters that a sign of print is for: "fi"; NULL: it is none. */
static const char *
ligature(uint32_t c)
{
	static const char *const letters[] = { "ff", "fi", "fl", "ffi", "ffl",
		"ſt", "st" };

	return c >= 0xfb00 && c <= 0xfb06 ? letters[c - 0xfb00] : NULL;
}

/* Whether c is a sign of ASCII, no blank. */
static bool
is_seen(char c)
{
	return c > ' ' && c < 127;
}

/* Places in a text that is made, in order. */
struct places {
	size_t *at;
	size_t count;
};

static void
push_place(struct places *s, size_t at)
{
	if ((s->count & (s->count - 1)) == 0)
		s->at = xrealloc(s->at,
		    (s->count ? 2 * s->count : 1) * sizeof(*s->at));
	s->at[s->count++] = at;
}

/* One line: blanks folded, ends trimmed; code keeps its blanks. turns: where
 * pages begin. */
static void
clean_line(struct buf *out, const char *line, size_t len, bool keep,
    struct places *turns)
{
	const char *p = line, *start, *end = line + len;
	size_t from = out->len;
	bool gap = false;
	uint32_t c;

	for (;;) {
		/* Words of ASCII, which most are, in one piece with the blank
		 * between two of them. */
		for (start = p; p < end &&
		     (is_seen(*p) ||
			 (*p == ' ' && p > start && p + 1 < end &&
			     is_seen(p[1])));
		     p++)
			;
		if (p > start) {
			if (gap && out->len > from)
				buf_addc(out, ' ');
			gap = false;
			buf_add(out, start, (size_t)(p - start));
		}
		start = p;
		if ((c = utf8_next(&p, end)) == 0)
			break;
		if (c == '\f')
			push_place(turns, out->len);
		if (is_invisible(c))
			continue;
		if (keep || !is_blank(c)) {
			if (gap && out->len > from)
				buf_addc(out, ' ');
			gap = false;
			if (c == 0xfffd)
				buf_adds(out, "\xef\xbf\xbd");
			else if (ligature(c) != NULL)
				buf_adds(out, ligature(c));
			else
				buf_add(out, start, (size_t)(p - start));
		} else
			gap = true;
	}
	while (keep && out->len > from &&
	    (out->data[out->len - 1] == ' ' || out->data[out->len - 1] == '\t'))
		out->data[--out->len] = '\0';
}

/* A block of text from `from` on, which it owns; turns of all of it. */
static void
push_block(struct blocks *b, enum kb_block_kind kind, int level, char *text,
    size_t from, const struct places *turns)
{
	struct kb_text *t = b->text;
	size_t i, end = from + strlen(text);
	struct kb_block *k;

	if ((t->count & (t->count - 1)) == 0)
		t->block = xrealloc(t->block,
		    (t->count ? 2 * t->count : 1) * sizeof(*t->block));
	k = &t->block[t->count++];
	*k = (struct kb_block){ .kind = kind,
		.level = level,
		.page = b->page,
		.text = text };
	for (i = 0; b->page > 0 && i < turns->count && turns->at[i] < end; i++)
		if (turns->at[i] <= from)
			k->page++;
		else
			kb_block_turn(k, turns->at[i] - from,
			    b->page + (int)i + 1);
}

/* What is before the line's beginning is a paragraph of its own. */
static size_t
push_lines(struct blocks *b, const char *text, size_t from, size_t to,
    const struct places *turns)
{
	size_t end = to;

	while (end > from && text[end - 1] == ' ')
		end--;
	push_block(b, BLOCK_PARAGRAPH, 0, xstrndup(text + from, end - from),
	    from, turns);
	return to;
}

/*
 * A sentence that no passage has room for, as verses or what is no sentence at
 * all, would be cut at a blank: so it is cut where a line of it ends, into
 * about even parts. Returns where in text the last paragraph begins.
 */
static size_t
cut_at_lines(struct blocks *b, const char *text, size_t len,
    const struct places *lines, const struct places *turns)
{
	size_t at, n, k = 0, last, from = 0, all, words, more, next, part;

	for (at = 0; at < len; at += n) {
		n = sentence_length(text + at, len - at);
		all = passage_words(text + at, n);
		if (all <= KB_PASSAGE_WORDS_MAX)
			continue;
		part = all / ((all + KB_PASSAGE_WORDS - 1) / KB_PASSAGE_WORDS);
		while (k < lines->count && lines->at[k] <= at)
			k++;
		for (last = at, words = 0; last < at + n; last = next) {
			next = k < lines->count && lines->at[k] < at + n ?
			    lines->at[k++] :
			    at + n;
			more = passage_words(text + last, next - last);
			if (words > 0 && words + more / 2 > part) {
				from = push_lines(b, text, from, last, turns);
				words = 0;
			}
			words += more;
		}
	}
	return from;
}

void
blocks_break(struct blocks *b)
{
	if (!b->full && b->text->count > 0) {
		push_block(b, BLOCK_HEADING, 1, xstrdup(""), 0,
		    &(struct places){ NULL, 0 });
		b->level = 1;
	}
}

void
blocks_unbreak(struct blocks *b)
{
	struct kb_text *t = b->text;

	if (t->count > 0 && *t->block[t->count - 1].text == '\0')
		kb_block_release(&t->block[--t->count]);
}

static int
heading_level(struct blocks *b, int level)
{
	if (level > 0)
		return b->level = level;
	return b->level == 0 ? 2 : b->level < 6 ? b->level + 1 : 6;
}

void
blocks_add(struct blocks *b, enum kb_block_kind kind, int level,
    const char *text, size_t len)
{
	struct buf out = BUF_INIT(0);
	struct places lines = { NULL, 0 }, turns = { NULL, 0 };
	const char *line = text, *end, *nl;
	size_t from, indent;

	if (b->full || len == 0)
		return;
	end = text + len;
	/* Nearly all of a text is kept. */
	buf_room(&out, len < ROOM_MAX ? len : ROOM_MAX);
	for (; line < end; line = nl + 1) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (nl == NULL)
			nl = end;
		from = out.len;
		indent = 0;
		if (out.len > 0)
			buf_addc(&out,
			    kind == BLOCK_PARAGRAPH || kind == BLOCK_HEADING ?
				' ' :
				'\n');
		if (kind == BLOCK_LIST)
			while (line + indent < nl && line[indent] == ' ')
				buf_add(&out, " ", 1), indent++;
		size_t before = out.len;

		clean_line(&out, line + indent, (size_t)(nl - line) - indent,
		    kind == BLOCK_CODE, &turns);
		if (out.len == before && out.data != NULL) {
			out.len = from; /* an empty line goes */
			out.data[from] = '\0';
		} else if (kind == BLOCK_PARAGRAPH && before > 0)
			push_place(&lines, before);
	}
	if (b->bytes + out.len > b->max)
		b->full = true;
	else if (out.len > 0) {
		b->bytes += out.len;
		if (kind == BLOCK_HEADING)
			level = heading_level(b, level);
		from = lines.count > 0 ?
		    cut_at_lines(b, out.data, out.len, &lines, &turns) :
		    0;
		push_block(b, kind, level,
		    from > 0 ? xstrndup(out.data + from, out.len - from) :
			       buf_detach(&out),
		    from, &turns);
	}
	free(lines.at);
	free(turns.at);
	buf_release(&out);
}

/* --- tables --- */

static void
put_cell(struct rows *r, const char *text)
{
	const char *name = r->column < r->nnames ? r->names[r->column] : "";

	r->column++;
	if (*text == '\0')
		return;
	/* A label is of the cell behind it. */
	if (r->cells++ > 0)
		buf_adds(&r->line,
		    r->line.data[r->line.len - 1] == ':' ? " " : "; ");
	/* The first column without a name of its own names the row. */
	if (*name != '\0')
		buf_addf(&r->line, "%s: ", name);
	buf_adds(&r->line, text);
}

/* Cells that reach down from rows above. */
static void
put_spans(struct rows *r)
{
	while (r->column < r->nspans && r->spans[r->column].left > 0) {
		r->spans[r->column].left--;
		put_cell(r, r->spans[r->column].text);
	}
}

void
rows_cell(struct rows *r, const char *text, bool is_head, int columns, int down)
{
	struct buf clean = BUF_INIT(0);
	const char *p;
	size_t at;

	for (p = text; *p != '\0'; p++)
		buf_addc(&clean, *p == '\n' ? ' ' : *p);
	text = clean.data != NULL ? clean.data : "";
	while (*text == ' ')
		text++;
	at = clean.len;
	while (at > 0 && clean.data + at > text && clean.data[at - 1] == ' ')
		clean.data[--at] = '\0';
	if (r->cells == 0 && r->column == 0)
		r->heads = true;
	if (!is_head)
		r->heads = false;
	put_spans(r);
	if (r->column >= COLUMNS_MAX) {
		buf_release(&clean);
		return;
	}
	r->spread |= is_head && (columns > 1 || down > 1);
	at = r->column;
	/* Until the row has ended we do not know whether it names columns;
	 * keep the cells in spans, which has a place for each. */
	put_cell(r, text);
	for (; columns > 0 && at < COLUMNS_MAX; columns--, at++) {
		if (at >= r->nspans) {
			r->spans =
			    xrealloc(r->spans, (at + 1) * sizeof(*r->spans));
			while (r->nspans <= at)
				r->spans[r->nspans++] =
				    (struct span){ 0, NULL };
		}
		free(r->spans[at].text);
		/* A name is that of all its columns, a value stands once. */
		r->spans[at].text =
		    xstrdup(is_head || at + 1 == r->column ? text : "");
		r->spans[at].left =
		    down > 1 ? (down < 1000 ? down - 1 : 999) : 0;
	}
	r->column = at;
	buf_release(&clean);
}

/* The names of the columns, of a row or of one more below it. */
static void
take_names(struct rows *r)
{
	size_t i, n;

	if (r->column > r->nnames) {
		r->names = xrealloc(r->names, r->column * sizeof(*r->names));
		while (r->nnames < r->column)
			r->names[r->nnames++] = xstrdup("");
	}
	for (i = 0; i < r->column; i++) {
		const char *more = i < r->nspans && r->spans[i].text != NULL ?
		    r->spans[i].text :
		    "";
		char *name = *r->names[i] == '\0' ?
		    xstrdup(more) :
		    *more == '\0' || strcmp(more, r->names[i]) == 0 ?
		    xstrdup(r->names[i]) :
		    xformat("%s %s", r->names[i], more);

		n = strlen(name);
		while (n > 0 && name[n - 1] == ':')
			name[--n] = '\0';
		free(r->names[i]);
		r->names[i] = name;
	}
}

void
rows_next(struct rows *r)
{
	put_spans(r);
	/* Names below such as span several columns or rows are names, too. */
	if (r->heads && r->column > 1 &&
	    (r->nnames == 0 || (r->was_spread && r->out.len == 0))) {
		take_names(r);
		r->was_spread = r->spread;
	} else if (r->line.len > 0) {
		buf_add(&r->out, r->line.data, r->line.len);
		buf_addc(&r->out, '\n');
	}
	r->spread = false;
	buf_reset(&r->line);
	r->column = r->cells = 0;
}

void
rows_flush(struct rows *r, struct blocks *b)
{
	if (r->column > 0)
		rows_next(r);
	if (r->out.len > 0)
		blocks_add(b, BLOCK_ROWS, 0, r->out.data, r->out.len);
	buf_reset(&r->out);
}

void
rows_end(struct rows *r, struct blocks *b)
{
	size_t i;

	rows_flush(r, b);
	buf_release(&r->out);
	buf_release(&r->line);
	for (i = 0; i < r->nnames; i++)
		free(r->names[i]);
	free(r->names);
	for (i = 0; i < r->nspans; i++)
		free(r->spans[i].text);
	free(r->spans);
	memset(r, 0, sizeof(*r));
}

/* --- tables as Markdown writes them --- */

int
pipe_line(const char *line, size_t len)
{
	size_t i, pipes = 0, dashes = 0, others = 0, empty = 0;

	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	for (i = 0; i < len; i++)
		if (line[i] == '|' && (i == 0 || line[i - 1] != '\\')) {
			/* One may stand before the first cell. */
			empty += dashes == 0 && pipes > 0;
			pipes++;
			dashes = 0;
		} else if (line[i] == '-')
			dashes++;
		else if (line[i] != ' ' && line[i] != '\t' && line[i] != ':')
			others++;
	if (pipes == 0)
		return 0;
	/* And one behind the last. */
	empty += dashes == 0 && (line[len - 1] != '|' || pipes == 1);
	return others == 0 && empty == 0 ? 2 : 1;
}

void
pipe_cells(struct rows *r, const char *line, size_t len, bool heads)
{
	struct buf cell = BUF_INIT(0);
	size_t i = 0;

	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	if (i < len && line[i] == '|')
		i++;
	while (len > i && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	if (len > i && line[len - 1] == '|' && line[len - 2] != '\\')
		len--;
	for (; i <= len; i++) {
		if (i < len && line[i] == '\\' && i + 1 < len &&
		    line[i + 1] == '|')
			buf_addc(&cell, line[++i]);
		else if (i == len || line[i] == '|') {
			rows_cell(r, cell.data != NULL ? cell.data : "", heads,
			    1, 1);
			buf_reset(&cell);
		} else if (line[i] != '*' && line[i] != '`')
			buf_addc(&cell, line[i]);
	}
	rows_next(r);
	buf_release(&cell);
}
