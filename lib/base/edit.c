/* edit - change one setting in the text of a file, and nothing else */
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"

/* Lines [from, to) of a text. */
struct span {
	size_t from, to;
};

struct place {
	struct span *hits; /* where the setting stands now */
	size_t nhits;
	size_t behind; /* a new one is put here */
	bool has_section;
	bool has_hint; /* behind is that of a commented-out one */
};

/* A line without white space around it. */
static const char *
trimmed(const char *line, size_t len, size_t *ret_len)
{
	const char *end = line + len;

	while (line < end && strchr(" \t\r\n", *line) != NULL)
		line++;
	while (end > line && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	*ret_len = (size_t)(end - line);
	return line;
}

/* Whether line is "key = ...". */
static bool
sets(const char *line, size_t len, const char *key)
{
	const char *eq = memchr(line, '=', len), *name;
	size_t n;

	if (eq == NULL)
		return false;
	name = trimmed(line, (size_t)(eq - line), &n);
	return n == strlen(key) && strncmp(name, key, n) == 0;
}

static size_t
line_end(const char *text, size_t at)
{
	const char *lf = strchr(text + at, '\n');

	return lf != NULL ? (size_t)(lf - text) + 1 : at + strlen(text + at);
}

static void
find(const char *text, const char *section, const char *key, struct place *p)
{
	const char *line, *name;
	size_t at, end, first, len, n;
	bool inside = false;

	at = str_starts(text, "\xef\xbb\xbf") ? 3 : 0;
	for (; text[at] != '\0'; at = end) {
		first = at;
		end = line_end(text, at);
		line = trimmed(text + at, end - at, &len);
		if (len == 0)
			continue;
		if (*line == '[') {
			name = memchr(line, ']', len);
			if (name != line + len - 1) /* none: as conf has it */
				continue;
			name = trimmed(line + 1, len - 2, &n);
			inside = n == strlen(section) &&
			    strncmp(name, section, n) == 0;
			if (inside) {
				p->has_section = true;
				p->has_hint = false;
				p->behind = end;
			}
			continue;
		}
		if (*line == '#' || *line == ';') {
			if (inside && sets(line + 1, len - 1, key)) {
				p->behind = end;
				p->has_hint = true;
			}
			continue;
		}
		if (*line == '=' || memchr(line, '=', len) == NULL)
			continue; /* no setting: nothing goes on */
		while (line[len - 1] == '\\' && text[end] != '\0') {
			at = end;
			end = line_end(text, at);
			if (trimmed(text + at, end - at, &n) == NULL || n == 0)
				break;
			line = trimmed(text + at, end - at, &len);
		}
		if (!inside)
			continue;
		if (!p->has_hint)
			p->behind = end;
		line = trimmed(text + first, end - first, &len);
		if (!sets(line, len, key))
			continue;
		p->hits = xrealloc(p->hits, (p->nhits + 1) * sizeof(*p->hits));
		p->hits[p->nhits].from = first;
		p->hits[p->nhits++].to = end;
	}
}

static int
check(const char *value)
{
	size_t len;

	for (;; value += len + 1) {
		len = strcspn(value, "\n");
		if (len > 0 && value[len - 1] == '\\')
			return err_set(ERR_DATA,
			    "a line of the value ends in a backslash");
		if (len > 0 &&
		    (strchr(" \t", value[0]) != NULL ||
			strchr(" \t", value[len - 1]) != NULL))
			return err_set(ERR_DATA,
			    "a line of the value begins or ends with a space");
		if (value[len] == '\0')
			return 0;
	}
}

static void
write_setting(struct buf *to, const char *key, const char *value)
{
	buf_addf(to, "%s =", key);
	if (*value != '\0')
		buf_addc(to, ' ');
	for (; *value != '\0'; value++)
		if (*value == '\n')
			buf_adds(to, " \\\n\t");
		else
			buf_addc(to, *value);
	buf_addc(to, '\n');
}

static void
copy(struct buf *to, const char *text, size_t from, size_t until)
{
	buf_add(to, text + from, until - from);
}

/* End the last line of b, also where a backslash would draw on the next. */
static void
end_line(struct buf *b)
{
	size_t i = b->len;

	if (i > 0 && b->data[i - 1] != '\n')
		buf_addc(b, '\n');
	else if (i > 0)
		i--;
	while (i > 0 && strchr(" \t\r", b->data[i - 1]) != NULL)
		i--;
	if (i > 0 && b->data[i - 1] == '\\')
		buf_addc(b, '\n');
}

/* Take out of b, from at on, the header before at if nothing but white space
 * stands between it and at, and between at and the next header. */
static void
drop_empty_section(struct buf *b, size_t at)
{
	size_t from = at, until = at + strspn(b->data + at, " \t\r\n");

	if (b->data[until] != '\0' && b->data[until] != '[')
		return;
	while (from > 0 && strchr(" \t\r\n", b->data[from - 1]) != NULL)
		from--;
	while (from > 0 && b->data[from - 1] != '\n')
		from--;
	if (b->data[from + strspn(b->data + from, " \t")] != '[')
		return;
	/* At the end of the file the empty lines before it go, too. */
	while (b->data[until] == '\0' && from > 1 &&
	    b->data[from - 1] == '\n' && b->data[from - 2] == '\n')
		from--;
	memmove(b->data + from, b->data + until, b->len - until + 1);
	b->len -= until - from;
}

int
conf_edit(const char *text, const char *section, const char *key,
    const char *value, char **ret)
{
	struct place p = { .hits = NULL };
	struct buf b = BUF_INIT(0);
	size_t at = 0, last, i;

	if (value != NULL && check(value) < 0)
		return ERR_DATA;
	find(text, section, key, &p);
	/* The last one counts: it is changed, or all are taken out. */
	for (i = 0; i < p.nhits; i++) {
		if (value != NULL && i + 1 < p.nhits)
			continue;
		copy(&b, text, at, p.hits[i].from);
		if (value != NULL)
			write_setting(&b, key, value);
		at = p.hits[i].to;
	}
	if (value != NULL && p.nhits == 0 && p.has_section) {
		copy(&b, text, 0, p.behind);
		end_line(&b);
		write_setting(&b, key, value);
		at = p.behind;
	}
	last = b.len;
	copy(&b, text, at, strlen(text));
	if (value == NULL && p.nhits > 0 && b.len > 0)
		drop_empty_section(&b, last);
	if (value != NULL && p.nhits == 0 && !p.has_section) {
		end_line(&b);
		buf_addf(&b, "%s[%s]\n", b.len > 0 ? "\n" : "", section);
		write_setting(&b, key, value);
	}
	free(p.hits);
	*ret = buf_detach(&b);
	return 0;
}
