/* lex - a rule file as tokens */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "rules/lex.h"

#define ERRORS_MAX 100

/* In characters. */
static int
distance(const char *from, const char *to)
{
	char *between = xstrndup(from, (size_t)(to - from));
	int n = (int)utf8_length(between);

	free(between);
	return n;
}

int
column_of(const struct parser *p, const char *at)
{
	return distance(p->line_start, at) + 1;
}

/* Of what comes next; a line may be long, so each part of it is counted once. */
static int
column_here(struct parser *p)
{
	if (p->column_at == NULL || p->column_at < p->line_start) {
		p->column_at = p->line_start;
		p->column = 1;
	}
	p->column += distance(p->column_at, p->p);
	p->column_at = p->p;
	return p->column;
}

static int
tell(struct build *b, const char *file, int line, int column, const char *fmt,
    va_list ap)
{
	char *why = NULL, *whole;

	if (vasprintf(&why, fmt, ap) < 0)
		why = xstrdup("out of memory");
	whole = xformat("%s:%d:%d: %s", file, line, column, why);
	if (++b->errors <= ERRORS_MAX) {
		err_set(ERR_CONFIG, "%s", whole);
		if (b->say != NULL)
			b->say(b->ctx, whole);
	}
	free(whole);
	free(why);
	return ERR_CONFIG;
}

int
fail_in(struct build *b, const char *file, int line, int column,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(b, file, line, column, fmt, ap);
	va_end(ap);
	return ERR_CONFIG;
}

int
fail_at(struct parser *p, int line, int column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(p->b, p->file, line != 0 ? line : p->at_line,
	    line != 0 ? column : p->at_column, fmt, ap);
	va_end(ap);
	return ERR_CONFIG;
}

static void
newline(struct parser *p)
{
	p->p++;
	p->line++;
	p->line_start = p->p;
}

/* White space, comments and line ends behind a backslash. */
static void
skip_space(struct parser *p)
{
	const char *q;

	for (;;) {
		p->p += strspn(p->p, " \t\r");
		if (*p->p == '#') {
			p->p += strcspn(p->p, "\n");
			return;
		}
		if (*p->p != '\\')
			return;
		q = p->p + 1 + strspn(p->p + 1, " \t\r");
		if (*q != '\n')
			return;
		p->p = q;
		newline(p);
	}
}

static enum token
lex_string(struct parser *p)
{
	for (p->p++; *p->p != '"'; p->p++) {
		if (*p->p == '\0' || *p->p == '\n') {
			fail(p, "the closing \" is missing");
			return T_BAD;
		}
		if (*p->p != '\\') {
			buf_addc(&p->text, *p->p);
			continue;
		}
		p->p++;
		if (*p->p == 'n')
			buf_addc(&p->text, '\n');
		else if (*p->p == '"' || *p->p == '\\')
			buf_addc(&p->text, *p->p);
		else {
			fail_at(p, p->line, column_of(p, p->p - 1),
			    "in \"...\" a backslash stands before \", \\ or n "
			    "only");
			return T_BAD;
		}
	}
	p->p++;
	return T_STRING;
}

static enum token
lex_regex(struct parser *p)
{
	size_t n = 0;

	p->at = ++p->p;
	for (; *p->p != '/'; p->p++) {
		if (*p->p == '\\' && p->p[1] != '\0' && p->p[1] != '\n')
			buf_addc(&p->text, *p->p++);
		if (*p->p == '\0' || *p->p == '\n') {
			fail(p, "the closing / is missing");
			return T_BAD;
		}
		buf_addc(&p->text, *p->p);
	}
	memset(p->flags, 0, sizeof(p->flags));
	for (p->p++; *p->p >= 'a' && *p->p <= 'z'; p->p++) {
		if (strchr("cimsx", *p->p) == NULL) {
			fail_at(p, p->line, column_of(p, p->p),
			    "no flag %c: c (case counts), i, m, s, x", *p->p);
			return T_BAD;
		}
		if (*p->p != 'i' && strchr(p->flags, *p->p) == NULL)
			p->flags[n++] = *p->p;
	}
	return T_REGEX;
}

/* What ends a word: where there are parentheses, the end of one does, too. */
static const char *
word_ends(const struct parser *p)
{
	return p->grouped ? " \t\r\n,\")" : " \t\r\n,\"";
}

static enum token
lex_word(struct parser *p)
{
	enum token token = *p->p == '$' ? T_SET : T_WORD;
	const char *start;

	p->at = p->p;
	start = p->p += token == T_SET;
	p->p += strcspn(p->p, word_ends(p));
	if (p->p == start && token == T_SET) {
		fail(p, "the name of a set is missing");
		return T_BAD;
	}
	buf_add(&p->text, start, (size_t)(p->p - start));
	return token;
}

void
next(struct parser *p)
{
	buf_reset(&p->text);
	skip_space(p);
	p->at_line = p->line;
	p->at_column = column_here(p);
	switch (*p->p) {
	case '\0':
		p->token = T_END;
		return;
	case '\n':
		newline(p);
		p->token = T_EOL;
		return;
	case ',':
		p->p++;
		p->token = T_COMMA;
		return;
	case '"':
		p->token = lex_string(p);
		return;
	case '/':
		p->token = lex_regex(p);
		return;
	}
	if (*p->p == ')' && p->grouped) {
		p->p++;
		p->token = T_CLOSE;
		return;
	}
	p->token = lex_word(p);
}

const char *
text(const struct parser *p)
{
	return p->text.data != NULL ? p->text.data : "";
}

bool
at_word(const struct parser *p, const char *word)
{
	return p->token == T_WORD && strcmp(text(p), word) == 0;
}

bool
at_end(const struct parser *p)
{
	return p->token == T_EOL || p->token == T_END;
}

bool
word_follows(const struct parser *p, const char *word)
{
	struct parser ahead = *p;
	size_t len;

	skip_space(&ahead);
	len = strcspn(ahead.p, word_ends(&ahead));
	return len == strlen(word) && strncmp(ahead.p, word, len) == 0;
}

void
skip_rule(struct parser *p)
{
	p->open = 0;
	p->grouped = false;
	while (!at_end(p)) {
		if (p->token == T_BAD) {
			p->p += strcspn(p->p, "\n");
			p->token = T_WORD;
		}
		next(p);
	}
}

bool
take_open(struct parser *p)
{
	if (p->token != T_WORD || *text(p) != '(')
		return false;
	p->p = p->at + 1;
	p->open++;
	p->grouped = true;
	next(p);
	return true;
}

void
split_word(struct parser *p, size_t len)
{
	p->p = p->at + len;
	p->text.data[len] = '\0';
	p->text.len = len;
}

/* What the token is, for "found X". */
static char *
found(const struct parser *p)
{
	switch (p->token) {
	case T_END:
	case T_EOL:
		return xstrdup("the end of the rule");
	case T_COMMA:
		return xstrdup("a comma");
	case T_CLOSE:
		return xstrdup("')'");
	case T_STRING:
		return xformat("\"%s\"", text(p));
	case T_REGEX:
		return xformat("/%s/", text(p));
	case T_SET:
		return xformat("$%s", text(p));
	default:
		return xformat("'%s'", text(p));
	}
}

/* A word in the quotes of a word processor. */
static bool
at_curly(const struct parser *p)
{
	static const char *const quotes[] = { "\u201c", "\u201d", "\u201e",
		"\u201f", "\u2018", "\u2019", "\u201a", "\u00ab", "\u00bb",
		NULL };
	size_t i;

	for (i = 0; p->token == T_WORD && quotes[i] != NULL; i++)
		if (str_starts(text(p), quotes[i]))
			return true;
	return false;
}

int
fail_found(struct parser *p, const char *wanted)
{
	char *what;

	if (p->token == T_BAD)
		return ERR_CONFIG; /* told already */
	what = found(p);
	fail(p, "%s, found %s%s", wanted, what,
	    at_curly(p) ? " (a quote here is a plain \")" : "");
	free(what);
	return ERR_CONFIG;
}
