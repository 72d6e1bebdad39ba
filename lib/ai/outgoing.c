/* outgoing - what a model wrote, as a customer may get it */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ai/outgoing.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/block.h"

/* No message is longer by far; looking for the ends of marks takes time that
 * grows faster than a text. */
#define MARKED_MAX_BYTES (32 * 1024)
#define TABLE_MAX_BYTES (32 * 1024) /* each row has all names of columns */
#define DEPTH_MAX 8		    /* of marks within marks */
#define HEADING_MAX 6
#define TICKS_MAX 3 /* of code within a line */

/* --- what nobody sees --- */

static bool
is_right_to_left(uint32_t c)
{
	return (c >= 0x590 && c <= 0x8ff && c != 0x61c) ||
	    (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfefc) ||
	    (c >= 0x10800 && c <= 0x10fff) || (c >= 0x1e800 && c <= 0x1efff);
}

static bool
has_right_to_left(const char *p, const char *end)
{
	while (p < end)
		if (is_right_to_left(utf8_next(&p, end)))
			return true;
	return false;
}

/* Whether a selector of a form stands behind something that has forms. */
static bool
selects(uint32_t c, uint32_t before)
{
	bool is_key =
	    before == '#' || before == '*' || (before >= '0' && before <= '9');

	if (c == 0xfe0e || c == 0xfe0f)
		return is_key || before == 0xa9 || before == 0xae ||
		    (before >= 0x203c && before <= 0x3299) ||
		    (before >= 0x1f000 && before <= 0x1faff);
	/* Forms of names in Japanese and Chinese. */
	if (c >= 0xe0100 && c <= 0xe01ef)
		return (before >= 0x3400 && before <= 0x9fff) ||
		    (before >= 0x20000 && before <= 0x3ffff);
	return c >= 0x180b && c <= 0x180f && before >= 0x1820 &&
	    before <= 0x18af;
}

static bool
is_mark_of_direction(uint32_t c)
{
	return c == 0x200e || c == 0x200f || c == 0x61c;
}

char *
outgoing_seen(const char *text)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *end = text + strlen(text), *at, *look;
	bool rtl = has_right_to_left(text, end), keep;
	uint32_t c, before = 0, after;

	while ((at = p) < end) {
		c = utf8_next(&p, end);
		look = p;
		after = utf8_next(&look, end);
		if (c == '\r' && after == '\n')
			continue;
		if (utf8_is_break(c)) {
			buf_addc(&b, '\n');
			before = '\n';
			continue;
		}
		if (c == 0x200c || c == 0x200d)
			keep = utf8_joins(before,
			    utf8_is_unseen(after) ? 0 : after);
		else if (is_mark_of_direction(c))
			keep = rtl && !is_mark_of_direction(before);
		else
			keep = !utf8_is_unseen(c) || selects(c, before);
		if (!keep)
			continue;
		if (c == 0xfffd)
			buf_adds(&b, "\xef\xbf\xbd"); /* also for a bad byte */
		else
			buf_add(&b, at, (size_t)(p - at));
		before = c;
	}
	return buf_detach(&b);
}

/* --- marks within a line --- */

/* The characters beside p, as far as a mark is concerned. */
static bool
word_before(const char *start, const char *p)
{
	const char *at = p;

	if (p == start)
		return false;
	do
		at--;
	while (at > start && ((unsigned char)*at & 0xc0) == 0x80);
	return utf8_is_word(utf8_next(&at, p));
}

static bool
word_at(const char *p, const char *end)
{
	return p < end && utf8_is_word(utf8_next(&p, end));
}

static bool
is_blank(const char *p, const char *end)
{
	return p >= end || *p == ' ' || *p == '\t';
}

static size_t
run_of(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && p[n] == *p)
		n++;
	return n;
}

/* Where n of the mark c close what begins at p; NULL: nowhere. */
static const char *
closing(const char *p, const char *end, char c, size_t n)
{
	const char *from = p;
	size_t run;

	while (p < end) {
		if (*p == '\\' && p + 1 < end) {
			p += 2;
			continue;
		}
		run = *p == c ? run_of(p, end) : 0;
		if (run == n && p > from && !is_blank(p - 1, end))
			return p;
		p += run > 0 ? run : 1;
	}
	return NULL;
}

static void put_line(struct buf *b, const char *p, const char *end, int depth);

/* A span between marks, with those of WhatsApp, or bare within a word, where it
 * shows none. */
static void
put_span(struct buf *b, const char *p, const char *end, const char *open,
    const char *close, bool bare, int depth)
{
	if (!bare)
		buf_adds(b, open);
	put_line(b, p, end, depth + 1);
	if (!bare)
		buf_adds(b, close);
}

/* "**bold**", "__bold__", "~~struck~~" and "***both***" at p; the bytes of
 * it, or 0. */
static size_t
span(struct buf *b, const char *start, const char *p, const char *end,
    int depth)
{
	size_t n = run_of(p, end);
	const char *close, *open_mark, *close_mark;
	bool within;

	if (n < 2 || n > 3 || (n == 3 && *p == '~') || depth >= DEPTH_MAX ||
	    is_blank(p + n, end))
		return 0;
	close = closing(p + n, end, *p, n);
	if (close == NULL)
		return 0;
	within = word_before(start, p) || word_at(close + n, end);
	/* file__name__ has no marks in it. */
	if (within && *p == '_')
		return 0;
	open_mark = n == 3 ? "*_" : *p == '~' ? "~" : "*";
	close_mark = n == 3 ? "_*" : open_mark;
	put_span(b, p + n, close, open_mark, close_mark, within, depth);
	return (size_t)(close - p) + n;
}

/* Code at p, as it is, with as many ticks as WhatsApp takes; bytes, or 0. */
static size_t
code(struct buf *b, const char *p, const char *end)
{
	size_t n = run_of(p, end), run;
	const char *at = p + n;

	for (; at<end; at += run> 0 ? run : 1) {
		run = *at == '`' ? run_of(at, end) : 0;
		if (run != n)
			continue;
		buf_adds(b, n < TICKS_MAX ? "`" : "```");
		buf_add(b, p + n, (size_t)(at - p) - n);
		buf_adds(b, n < TICKS_MAX ? "`" : "```");
		return (size_t)(at - p) + n;
	}
	/* Left open: no mark at all. */
	buf_add(b, p, n);
	return n;
}

static bool
begins(const char *p, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - p) >= len && strncasecmp(p, with, len) == 0;
}

static bool
is_address(const char *p, const char *end)
{
	return begins(p, end, "https://") || begins(p, end, "http://") ||
	    begins(p, end, "www.") || begins(p, end, "mailto:") ||
	    begins(p, end, "tel:");
}

/* The part of an address that people read. */
static const char *
shown(const char *p, const char *end)
{
	if (begins(p, end, "mailto:"))
		return p + strlen("mailto:");
	return begins(p, end, "tel:") ? p + strlen("tel:") : p;
}

/* Whether a text says the same as its address, but for what nobody types. */
static bool
says(const char *text, size_t len, const char *p, const char *end)
{
	static const char *const left_out[] = { "https://", "http://", "www.",
		NULL };
	size_t i;

	for (i = 0; left_out[i] != NULL; i++) {
		if (begins(text, text + len, left_out[i])) {
			text += strlen(left_out[i]);
			len -= strlen(left_out[i]);
		}
		if (begins(p, end, left_out[i]))
			p += strlen(left_out[i]);
	}
	while (end > p && end[-1] == '/')
		end--;
	while (len > 0 && text[len - 1] == '/')
		len--;
	return len == (size_t)(end - p) && strncasecmp(text, p, len) == 0;
}

/* The end of what p, an opening bracket, opens; NULL: it stays open. */
static const char *
matching(const char *p, const char *end, char open, char close)
{
	int depth = 0;

	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == open)
			depth++;
		else if (*p == close && --depth == 0)
			return p;
	}
	return NULL;
}

/* "[text](address)" at p; its bytes, or 0. */
static size_t
link_at(struct buf *b, const char *p, const char *end, int depth)
{
	const char *text = p + 1, *close = matching(p, end, '[', ']'), *over,
		   *at, *to;
	size_t len;

	if (close == NULL || close + 1 >= end || close[1] != '(' ||
	    depth >= DEPTH_MAX)
		return 0;
	over = matching(close + 1, end, '(', ')');
	if (over == NULL)
		return 0;
	at = close + 2;
	if (at < over && *at == '<')
		at++;
	for (to = at; to < over && strchr(" \t>", *to) == NULL;)
		to++;
	len = (size_t)(close - text);
	/* The mark of a passage is seen to elsewhere, with no address. */
	if (len > 0 && strspn(text, "0123456789, ") >= len)
		buf_addf(b, "[%.*s]", (int)len, text);
	else if (!is_address(at, to))
		put_line(b, text, close, depth + 1);
	else {
		at = shown(at, to);
		if (len > 0 && !says(text, len, at, to)) {
			put_line(b, text, close, depth + 1);
			buf_addf(b, " (%.*s)", (int)(to - at), at);
		} else
			buf_add(b, at, (size_t)(to - at));
	}
	return (size_t)(over - p) + 1;
}

/* "<b>bold</b>" and its like at p; the bytes, or 0. */
static size_t
tagged(struct buf *b, const char *p, const char *end, int depth)
{
	static const struct {
		const char *open, *close, *mark;
	} tags[] = { { "<b>", "</b>", "*" }, { "<strong>", "</strong>", "*" },
		{ "<i>", "</i>", "_" }, { "<em>", "</em>", "_" },
		{ "<s>", "</s>", "~" } };
	const char *in, *at;
	size_t i;

	for (i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		if (!begins(p, end, tags[i].open) || depth >= DEPTH_MAX)
			continue;
		in = p + strlen(tags[i].open);
		for (at = in; at < end && !begins(at, end, tags[i].close);)
			at++;
		if (at >= end || is_blank(in, at))
			return 0;
		put_span(b, in, at, tags[i].mark, tags[i].mark, false, depth);
		return (size_t)(at - p) + strlen(tags[i].close);
	}
	return 0;
}

/* "<https://...>" and "<br>" at p; the bytes, or 0. */
static size_t
angle(struct buf *b, const char *p, const char *end, int depth)
{
	const char *close = memchr(p, '>', (size_t)(end - p)), *at;

	if (close == NULL)
		return 0;
	if (begins(p, end, "<br>") || begins(p, end, "<br/>") ||
	    begins(p, end, "<br />"))
		buf_addc(b, '\n');
	else if (is_address(p + 1, close) &&
	    memchr(p, ' ', (size_t)(close - p)) == NULL) {
		at = shown(p + 1, close);
		buf_add(b, at, (size_t)(close - at));
	} else
		return tagged(b, p, end, depth);
	return (size_t)(close - p) + 1;
}

/* The bytes of an address that stands alone: no mark is in it. */
static size_t
address(const char *p, const char *end)
{
	const char *at = p;

	while (at < end && strchr(" \t<>\"*|()[]", *at) == NULL)
		at++;
	return (size_t)(at - p);
}

static void
put_line(struct buf *b, const char *p, const char *end, int depth)
{
	const char *start = p;
	size_t len;

	while (p < end) {
		len = 0;
		if (*p == '\\' && p + 1 < end && ispunct((unsigned char)p[1])) {
			buf_addc(b, p[1]);
			len = 2;
		} else if (*p == '`')
			len = code(b, p, end);
		else if (*p == '*' || *p == '_' || *p == '~') {
			len = span(b, start, p, end, depth);
			/* All of a run, or its rest would be taken for one. */
			if (len == 0) {
				len = run_of(p, end);
				buf_add(b, p, len);
			}
		} else if (*p == '[')
			len = link_at(b, p, end, depth);
		else if (*p == '!' && p + 1 < end && p[1] == '[') {
			len = link_at(b, p + 1, end, depth);
			len += len > 0;
		} else if (*p == '<')
			len = angle(b, p, end, depth);
		else if ((*p | 32) == 'h' || (*p | 32) == 'w') {
			if (!word_before(start, p) &&
			    (begins(p, end, "https://") ||
				begins(p, end, "http://") ||
				begins(p, end, "www."))) {
				len = address(p, end);
				buf_add(b, p, len);
			}
		}
		if (len == 0) {
			buf_addc(b, *p);
			len = 1;
		}
		p += len;
	}
}

/* --- lines --- */

/* The next line of *p, which moves on, without its end; NULL: none. */
static const char *
next_line(const char **p, const char *end, size_t *ret_len)
{
	const char *line = *p, *nl;

	if (line > end)
		return NULL;
	nl = memchr(line, '\n', (size_t)(end - line));
	if (nl == NULL)
		nl = end;
	*p = nl + 1;
	*ret_len = (size_t)(nl - line);
	while (*ret_len > 0 && strchr(" \t", line[*ret_len - 1]) != NULL)
		--*ret_len;
	return line;
}

static bool
is_fence(const char *line, size_t len)
{
	const char *end = line + len;

	while (line < end && *line == ' ')
		line++;
	return begins(line, end, "```") || begins(line, end, "~~~");
}

/* "---", "* * *", "===": a line between parts, or under a heading. */
static bool
is_rule(const char *line, size_t len)
{
	size_t i, n = 0;
	char c = '\0';

	for (i = 0; i < len; i++) {
		if (line[i] == ' ')
			continue;
		if (strchr("-*_=", line[i]) == NULL ||
		    (c != '\0' && line[i] != c))
			return false;
		c = line[i];
		n++;
	}
	return n >= 3;
}

/* Where the words of a heading begin; NULL: it is none. */
static const char *
heading(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && line[n] == '#')
		n++;
	return n > 0 && n <= HEADING_MAX && n < len && line[n] == ' ' ?
	    line + n + 1 :
	    NULL;
}

/* A bold line; what is bold in it already is so once. */
static void
put_heading(struct buf *b, const char *p, const char *end)
{
	struct buf line = BUF_INIT(0);
	char *text;
	size_t i, n = 0;

	while (end > p && end[-1] == '#')
		end--;
	put_line(&line, p, end, 0);
	text = buf_detach(&line);
	for (i = 0; text[i] != '\0'; i++)
		if (text[i] != '*')
			text[n++] = text[i];
	text[n] = '\0';
	p = str_trim(text);
	if (*p != '\0')
		buf_addf(b, "*%s*\n", p);
	free(text);
}

/* A table from line on, behind which *p then stands: false, it is none. */
static bool
put_table(struct buf *b, const char *line, size_t len, const char **p,
    const char *end)
{
	struct rows rows = { .out = BUF_INIT(TABLE_MAX_BYTES) };
	const char *look = *p, *from = *p, *row;
	size_t row_len;
	bool fits;
	char *out;

	row = next_line(&look, end, &row_len);
	if (row == NULL || pipe_line(line, len) != 1 ||
	    pipe_line(row, row_len) != 2)
		return false;
	pipe_cells(&rows, line, len, true);
	for (*p = look; (row = next_line(&look, end, &row_len)) != NULL &&
	     pipe_line(row, row_len) != 0;
	     *p = look)
		pipe_cells(&rows, row, row_len, false);
	fits = !rows.out.failed;
	out = buf_detach(&rows.out);
	rows_end(&rows, NULL);
	if (fits)
		put_line(b, out, out + strlen(out), 0);
	else
		*p = from;
	free(out);
	return fits;
}

/* A line that is nothing else: its item's mark, then what is in it. */
static void
put_text(struct buf *b, const char *line, size_t len)
{
	const char *p = line, *end = line + len;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (end - p > 1 && strchr("-*+", *p) != NULL && p[1] == ' ') {
		buf_add(b, line, (size_t)(p - line));
		buf_adds(b, "- ");
		for (p += 2; p < end && *p == ' ';)
			p++;
		/* Of a list of what is to be done. */
		if (begins(p, end, "[ ] "))
			p += 4;
		else if (begins(p, end, "[x] ")) {
			buf_adds(b, "\u2713 ");
			p += 4;
		}
	} else
		p = line;
	/* A line may be broken by a backslash at its end. */
	if (end > p && end[-1] == '\\')
		end--;
	put_line(b, p, end, 0);
	buf_addc(b, '\n');
}

/* Two breaks part paragraphs; more are what was left out. */
static char *
without_gaps(char *text)
{
	size_t i, n = 0, breaks = 0;

	for (i = 0; text[i] != '\0'; i++) {
		breaks = text[i] == '\n' ? breaks + 1 : 0;
		if (breaks <= 2)
			text[n++] = text[i];
	}
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return text;
}

char *
outgoing_text(const char *text)
{
	struct buf b = BUF_INIT(0);
	char *seen = outgoing_seen(text), *marked;
	const char *p = seen, *end = seen + strlen(seen), *line, *words;
	size_t len;
	bool in_code = false;

	if (end - seen > MARKED_MAX_BYTES)
		return seen;
	while ((line = next_line(&p, end, &len)) != NULL) {
		if (is_fence(line, len)) {
			in_code = !in_code;
			buf_adds(&b, "```\n");
		} else if (in_code) {
			buf_add(&b, line, len);
			buf_addc(&b, '\n');
		} else if ((words = heading(line, len)) != NULL)
			put_heading(&b, words, line + len);
		else if (!put_table(&b, line, len, &p, end) &&
		    !is_rule(line, len))
			put_text(&b, line, len);
	}
	free(seen);
	/* Without the marks between them others stand side by side. */
	marked = without_gaps(buf_detach(&b));
	seen = outgoing_seen(marked);
	free(marked);
	return seen;
}
