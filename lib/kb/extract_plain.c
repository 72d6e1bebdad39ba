/*
 * extract_plain - text as people type it: what is a heading, what a list
 *
 * A heading is underlined, or numbered and short, or in capitals, or stands
 * alone and short before a paragraph, or is the question of a "Q:".
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "kb/block.h"
#include "kb/boilerplate.h"

#define HEADING_MAX_BYTES 120
#define TITLE_LINES 30 /* a heading among the first is the title */

struct line {
	const char *text; /* without the indent */
	size_t len;	  /* without blanks at the end */
	size_t indent;
};

static bool
is_empty(const struct line *l)
{
	return l->len == 0;
}

/* The underline of a heading: its level, or 0. */
static int
rule_level(const struct line *l)
{
	size_t i;

	if (l->len < 3 || strchr("=-~^*#_", l->text[0]) == NULL)
		return 0;
	for (i = 1; i < l->len; i++)
		if (l->text[i] != l->text[0])
			return 0;
	return l->text[0] == '=' || l->text[0] == '#' ? 1 : 2;
}

/* The bytes of "- ", "* ", "1. ", "a) "; 0: not an item. *number: its own. */
static size_t
marker(const struct line *l, int *number)
{
	size_t i = 0;

	*number = 0;
	if (l->len > 2 &&
	    (l->text[0] == '-' || l->text[0] == '*' || l->text[0] == '+' ||
		l->text[0] == 'o') &&
	    l->text[1] == ' ')
		return 2;
	if (l->len > 4 && strncmp(l->text, "\xe2\x80\xa2", 3) == 0)
		return 3;
	while (i < l->len && i < 3 && isdigit((unsigned char)l->text[i]))
		*number = *number * 10 + l->text[i++] - '0';
	if (i == 0 && l->len > 3 && islower((unsigned char)l->text[0]) &&
	    l->text[1] == ')')
		return 2;
	if (i > 0 && i + 1 < l->len &&
	    (l->text[i] == '.' || l->text[i] == ')') && l->text[i + 1] == ' ')
		return i + 2;
	return 0;
}

/* The depth of "1.2.3 Words" or "1.2.3. Words"; 0: not numbered so. */
static int
numbered(const struct line *l)
{
	size_t i = 0;
	int depth = 0;

	while (i < l->len && isdigit((unsigned char)l->text[i])) {
		while (i < l->len && isdigit((unsigned char)l->text[i]))
			i++;
		depth++;
		if (i < l->len && l->text[i] == '.')
			i++;
		else
			break;
	}
	if (depth == 0 || i + 1 >= l->len || l->text[i] != ' ')
		return 0;
	return depth;
}

static bool
is_capitals(const struct line *l)
{
	size_t i, capitals = 0;

	for (i = 0; i < l->len; i++) {
		if (islower((unsigned char)l->text[i]))
			return false;
		capitals += isupper((unsigned char)l->text[i]) != 0;
	}
	return capitals >= 3;
}

static bool
ends_sentence(const struct line *l)
{
	static const char *const marks[] = { ".", "!", ";", ",", ":", "。",
		"！", "？", "：", "；", "，", "।", "؟", "؛", NULL };
	size_t i, n;

	for (i = 0; marks[i] != NULL; i++) {
		n = strlen(marks[i]);
		if (l->len >= n &&
		    memcmp(l->text + l->len - n, marks[i], n) == 0)
			return true;
	}
	return false;
}

/* "Q: ", "Question: ", "P: " (pregunta): the bytes of it. */
static size_t
question_mark(const struct line *l)
{
	static const char *const marks[] = { "Q:", "Q.",
		"Question:", "P:", "Pregunta:", "F:", "Frage:", NULL };
	size_t i, n;

	for (i = 0; marks[i] != NULL; i++) {
		n = strlen(marks[i]);
		if (l->len > n + 1 && strncmp(l->text, marks[i], n) == 0 &&
		    l->text[n] == ' ')
			return n + 1;
	}
	return 0;
}

static size_t
answer_mark(const struct line *l)
{
	static const char *const marks[] = { "A:", "A.",
		"Answer:", "R:", "Respuesta:", "Antwort:", NULL };
	size_t i, n;

	for (i = 0; marks[i] != NULL; i++) {
		n = strlen(marks[i]);
		if (l->len > n + 1 && strncmp(l->text, marks[i], n) == 0 &&
		    l->text[n] == ' ')
			return n + 1;
	}
	return 0;
}

static size_t
hashes(const struct line *l)
{
	size_t n = 0;

	while (n < l->len && l->text[n] == '#')
		n++;
	return n <= 6 && n < l->len && l->text[n] == ' ' ? n : 0;
}

/* Of "## Heading", 2; 0: none. A "#word" is a word, and what is set in, or has
 * another of its kind beside it, is a command or a comment. */
static int
hash_level(const struct line *lines, size_t n, size_t i)
{
	if (lines[i].indent > 3 || (i > 0 && hashes(&lines[i - 1]) > 0) ||
	    (i + 1 < n && hashes(&lines[i + 1]) == 1 && hashes(&lines[i]) == 1))
		return 0;
	return (int)hashes(&lines[i]);
}

/* The level of a heading at line i, or 0. *used: lines it takes. */
static int
heading_at(const struct line *lines, size_t n, size_t i, size_t *used)
{
	const struct line *l = &lines[i];
	bool alone = i == 0 || is_empty(&lines[i - 1]);
	size_t k;
	int level, number;

	*used = 1;
	if (l->len > HEADING_MAX_BYTES || rule_level(l) != 0)
		return 0;
	if (i + 1 < n && (level = rule_level(&lines[i + 1])) != 0 &&
	    lines[i + 1].len >= 3 &&
	    (lines[i + 1].text[0] != '*' || lines[i + 1].len >= l->len)) {
		*used = 2;
		return level;
	}
	if ((level = hash_level(lines, n, i)) > 0)
		return level;
	if (question_mark(l) > 0)
		return 3;
	if (!alone || l->indent > 3)
		return 0;
	/* What follows must be a paragraph or a deeper heading. */
	k = i + 1;
	if (k < n && !is_empty(&lines[k])) {
		if (!is_capitals(l) && numbered(l) < 2)
			return 0;
	}
	while (k < n && is_empty(&lines[k]))
		k++;
	if (k == n)
		return 0;
	if ((level = numbered(l)) >= 2 && !ends_sentence(l))
		return level < 6 ? level : 6;
	if (is_capitals(l) && !ends_sentence(l))
		return 1;
	if (marker(l, &number) > 0 && number == 0)
		return 0;
	if (i + 1 < n && is_empty(&lines[i + 1]) && l->len <= 80 &&
	    !ends_sentence(l) && memchr(l->text, '|', l->len) == NULL &&
	    marker(&lines[k], &number) == 0)
		return i == 0 ? 1 : 2;
	return 0;
}

static size_t
split_lines(const char *text, size_t len, struct line **ret)
{
	const char *p = text, *end = text + len, *nl;
	struct line *lines = NULL, *l;
	size_t n = 0, cap = 0;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if (n == cap)
			lines = xrealloc(lines,
			    (cap = cap ? 2 * cap : 64) * sizeof(*lines));
		l = &lines[n++];
		l->text = p;
		l->len = (size_t)(nl - p);
		l->indent = 0;
		while (l->len > 0 && strchr(" \t\r\f", l->text[l->len - 1]))
			l->len--;
		while (l->len > 0 &&
		    (*l->text == ' ' || *l->text == '\t' || *l->text == '\f')) {
			l->indent += *l->text == '\t' ? 8 : 1;
			l->text++;
			l->len--;
		}
	}
	*ret = lines;
	return n;
}

/* A list from line i on; returns the line behind it. */
static size_t
take_list(const struct line *lines, size_t n, size_t i, struct blocks *b)
{
	size_t base = lines[i].indent, skip, k;
	struct buf out = BUF_INIT(0);
	int number;

	for (; i < n; i++) {
		if (is_empty(&lines[i])) {
			/* An empty line between items, or within one. */
			k = i + 1;
			if (k < n && !is_empty(&lines[k]) &&
			    ((lines[k].indent >= base &&
				 marker(&lines[k], &number) > 0) ||
				lines[k].indent > base + 1))
				continue;
			break;
		}
		skip = marker(&lines[i], &number);
		if (skip > 0 && lines[i].indent >= base) {
			if (out.len > 0)
				buf_addc(&out, '\n');
			if (lines[i].indent > base + 1)
				buf_adds(&out, "  ");
			if (number > 0)
				buf_addf(&out, "%d. ", number);
			else
				buf_adds(&out, "- ");
		} else if (lines[i].indent <= base && i > 0 &&
		    is_empty(&lines[i - 1]))
			break;
		else {
			skip = 0;
			buf_addc(&out, ' ');
		}
		buf_add(&out, lines[i].text + skip, lines[i].len - skip);
	}
	blocks_add(b, BLOCK_LIST, 0, out.data, out.len);
	buf_release(&out);
	return i;
}

static size_t
take_pipes(const struct line *lines, size_t n, size_t i, struct blocks *b)
{
	struct rows rows = { 0 };
	size_t first = i;

	for (; i < n && pipe_line(lines[i].text, lines[i].len) > 0; i++)
		if (pipe_line(lines[i].text, lines[i].len) == 1)
			pipe_cells(&rows, lines[i].text, lines[i].len,
			    i == first && i + 1 < n &&
				pipe_line(lines[i + 1].text,
				    lines[i + 1].len) == 2);
	rows_end(&rows, b);
	return i;
}

/* Columns apart by two blanks or a tab: kept as it is. */
static bool
is_columns(const struct line *l)
{
	return memchr(l->text, '\t', l->len) != NULL ||
	    memmem(l->text, l->len, "   ", 3) != NULL;
}

/* The first line of all, where it stands alone and is no sentence: also one that
 * is set to the middle, which is no heading for its place. */
static void
take_title(const struct line *lines, size_t n, struct blocks *b)
{
	const struct line *l;
	size_t i = 0;
	char *title;
	int number;

	if (b->text->title != NULL) /* of an earlier page */
		return;
	while (i < n && is_empty(&lines[i]))
		i++;
	if (i + 1 >= n || !is_empty(&lines[i + 1]))
		return;
	l = &lines[i];
	if (l->len > HEADING_MAX_BYTES || ends_sentence(l) ||
	    rule_level(l) != 0 || hashes(l) > 0 || question_mark(l) > 0 ||
	    marker(l, &number) > 0 || memchr(l->text, '|', l->len) != NULL)
		return;
	title = xstrndup(l->text, l->len);
	if (line_has_letters(title))
		b->text->title = title;
	else
		free(title);
}

int
extract_plain(const char *text, size_t len, struct blocks *b)
{
	struct line *lines;
	size_t n = split_lines(text, len, &lines), i, k, used, skip, columns;
	struct buf out = BUF_INIT(0);
	int level, number;

	take_title(lines, n, b);
	for (i = 0; i < n && !b->full;) {
		if (is_empty(&lines[i]) || rule_level(&lines[i]) != 0) {
			i++;
			continue;
		}
		level = heading_at(lines, n, i, &used);
		if (level > 0) {
			skip = question_mark(&lines[i]);
			if (hash_level(lines, n, i) > 0)
				skip = (size_t)level + 1;
			blocks_add(b, BLOCK_HEADING, level,
			    lines[i].text + skip, lines[i].len - skip);
			if (b->text->title == NULL && level == 1 &&
			    i < TITLE_LINES)
				b->text->title = xstrndup(lines[i].text + skip,
				    lines[i].len - skip);
			i += used;
			continue;
		}
		if (marker(&lines[i], &number) > 0) {
			i = take_list(lines, n, i, b);
			continue;
		}
		if (i + 1 < n && pipe_line(lines[i].text, lines[i].len) &&
		    pipe_line(lines[i + 1].text, lines[i + 1].len)) {
			i = take_pipes(lines, n, i, b);
			continue;
		}
		columns = 0;
		for (k = i; k < n && !is_empty(&lines[k]) &&
		     marker(&lines[k], &number) == 0 &&
		     (k == i || heading_at(lines, n, k, &used) == 0);
		     k++)
			columns += is_columns(&lines[k]);
		buf_reset(&out);
		if (columns * 2 > k - i && k - i > 1) {
			for (; i < k; i++) {
				buf_add(&out, lines[i].text, lines[i].len);
				buf_addc(&out, '\n');
			}
			blocks_add(b, BLOCK_CODE, 0, out.data, out.len);
			continue;
		}
		skip = answer_mark(&lines[i]);
		if (k - i == 1) {
			blocks_add(b, BLOCK_PARAGRAPH, 0, lines[i].text + skip,
			    lines[i].len - skip);
			i++;
			continue;
		}
		for (; i < k; i++, skip = 0) {
			buf_add(&out, lines[i].text + skip,
			    lines[i].len - skip);
			buf_addc(&out, '\n');
		}
		blocks_add(b, BLOCK_PARAGRAPH, 0, out.data, out.len);
	}
	buf_release(&out);
	free(lines);
	return 0;
}
