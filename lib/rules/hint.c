/*
 * hint - what must stand in a text for an expression to match
 *
 * An expression is dear, and most texts have none of its words. So it is read
 * once for letters that each match must have: a list of literals of which one
 * at least is in every text that it matches. They are looked for folded, all
 * those of all expressions in one pass. Where the expression has something
 * that is not understood here, or too little that is sure, there is no hint
 * and it always runs.
 *
 * Only Latin letters, digits and blanks count: to these, folding does nothing
 * but take off case and accents, so that what stands side by side still does.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "rules/own.h"

#define LITERAL_MIN 3 /* bytes; less is in every text */
#define LITERALS_MAX 256
#define DEPTH_MAX 64

/* Literals of which one must be there; count 0: nothing is known. */
struct hints {
	struct names names;
};

struct reader {
	const char *p;
	int depth;
	bool lost; /* something that is not understood */
};

static struct hints read_alternatives(struct reader *r);

static void
hints_release(struct hints *h)
{
	names_release(&h->names);
}

/* The length of the shortest, by which they are worth something. */
static size_t
worth(const struct hints *h)
{
	size_t least = 0, len, i;

	for (i = 0; i < h->names.count; i++) {
		len = strlen(h->names.items[i]);
		if (i == 0 || len < least)
			least = len;
	}
	return least >= LITERAL_MIN ? least : 0;
}

/* Take b if it is worth more than best; one of them goes. */
static void
keep_better(struct hints *best, struct hints *b)
{
	struct hints worse;

	if (worth(b) > worth(best) ||
	    (worth(b) == worth(best) && worth(b) > 0 &&
		b->names.count < best->names.count)) {
		worse = *best;
		*best = *b;
	} else
		worse = *b;
	hints_release(&worse);
	memset(b, 0, sizeof(*b));
}

/* A run of letters is over. */
static void
end_run(struct hints *best, struct buf *run)
{
	struct hints one = { { NULL, 0 } };

	if (run->len > 0)
		names_add(&one.names, run->data);
	buf_reset(run);
	keep_better(best, &one);
}

/* Whether folding does nothing to a character but take off case and accents. */
static bool
is_plain(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == ' ' ||
	    (c >= 0xc0 && c < 0x250 && c != 0xd7 && c != 0xf7);
}

/* A character folded; NULL if it is not plain. Caller frees. */
static char *
folded(const char *at, size_t len)
{
	const char *p = at;

	return is_plain(utf8_next(&p, at + len)) ? utf8_fold(at, len) : NULL;
}

/* What may follow: how often at least, 0, 1 or more; it is skipped. */
static int
read_quantifier(struct reader *r, bool *ret_there)
{
	int least = 1;
	const char *q;

	*ret_there = true;
	if (*r->p == '*' || *r->p == '?')
		least = 0;
	else if (*r->p == '{' && r->p[1] >= '0' && r->p[1] <= '9') {
		q = r->p + 1 + strspn(r->p + 1, "0123456789,");
		if (*q != '}') {
			*ret_there = false;
			return 1;
		}
		least = r->p[1] != '0';
		r->p = q;
	} else if (*r->p == '{' && (r->p[1] == ',' || r->p[1] == ' ')) {
		r->lost = true; /* it depends on the library's age */
		return 0;
	} else if (*r->p != '+') {
		*ret_there = false;
		return 1;
	}
	r->p++;
	if (*r->p == '?' || *r->p == '+')
		r->p++;
	return least;
}

/* Behind a class that r is in front of. *ret: what all its members fold to;
 * NULL if they do not. Caller frees. */
static void
read_class(struct reader *r, char **ret)
{
	char *one = NULL, *fold;
	bool mixed = false, first = true;
	const char *end = r->p + strlen(r->p);
	size_t len;

	r->p++;
	if (*r->p == '^') {
		mixed = true;
		r->p++;
	}
	for (; *r->p != '\0' && (first || *r->p != ']'); first = false) {
		if (*r->p == '\\' && r->p[1] != '\0') {
			mixed = true;
			r->p++;
		} else if (*r->p == '[' && strchr(":.=", r->p[1]) != NULL &&
		    r->p[1] != '\0') {
			r->lost = true; /* a class in it */
			break;
		}
		len = utf8_character(r->p, end);
		if (len == 0)
			break;
		fold = mixed ? NULL : folded(r->p, len);
		mixed |=
		    fold == NULL || (one != NULL && strcmp(one, fold) != 0);
		if (one == NULL)
			one = fold;
		else
			free(fold);
		r->p += len;
	}
	if (*r->p == ']')
		r->p++;
	else
		r->lost = true;
	if (mixed) {
		free(one);
		one = NULL;
	}
	*ret = one;
}

/* What kind of group begins at r, which goes behind its head. */
enum group { GROUP, LOOK };

static enum group
read_group_head(struct reader *r)
{
	const char *q;

	r->p++;
	if (*r->p == '*') {
		r->lost = true;
		return GROUP;
	}
	if (*r->p != '?')
		return GROUP;
	r->p++;
	if (*r->p == ':' || *r->p == '>' || *r->p == '|') {
		r->p++;
		return GROUP;
	}
	if (*r->p == '=' || *r->p == '!') {
		r->p++;
		return LOOK;
	}
	if (*r->p == '<' && (r->p[1] == '=' || r->p[1] == '!')) {
		r->p += 2;
		return LOOK;
	}
	q = strchr(r->p, '>');
	if ((*r->p == '<' || (*r->p == 'P' && r->p[1] == '<')) && q != NULL) {
		r->p = q + 1;
		return GROUP;
	}
	r->lost = true; /* options, conditions, recursion, comments */
	return GROUP;
}

/* A group and what follows it. What is ahead or behind has no width, and may
 * say what must not be there: it tells nothing. */
static void
read_group(struct reader *r, struct hints *best, struct buf *run)
{
	enum group kind = read_group_head(r);
	struct hints inner = { { NULL, 0 } };
	bool quantified;
	int least;

	if (++r->depth > DEPTH_MAX)
		r->lost = true;
	if (!r->lost)
		inner = read_alternatives(r);
	r->depth--;
	if (*r->p == ')')
		r->p++;
	else
		r->lost = true;
	least = read_quantifier(r, &quantified);
	if (kind == LOOK || least == 0)
		hints_release(&inner);
	if (kind == GROUP)
		end_run(best, run);
	if (kind == GROUP && least > 0)
		keep_better(best, &inner);
}

/* An escape: false if it takes up room in the text. */
static bool
read_escape(struct reader *r)
{
	char c = r->p[1];

	if (c == '\0' || strchr("bBAZzG", c) != NULL) {
		r->p += c == '\0' ? 1 : 2;
		return true;
	}
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z')) {
		if (strchr("dDsSwWhHvVRXnrtfea", c) == NULL)
			r->lost = true;
		r->p += 2;
	} else {
		r->p++; /* the sign itself */
		r->p += utf8_character(r->p, r->p + strlen(r->p));
	}
	return false;
}

/* Letters that stand one behind the other. one is taken; NULL: none. */
static void
read_on(struct reader *r, char *one, struct hints *best, struct buf *run)
{
	bool quantified;
	int least = read_quantifier(r, &quantified);

	if (one != NULL && least > 0)
		buf_adds(run, one);
	if (one == NULL || quantified)
		end_run(best, run);
	free(one);
}

static void
read_one(struct reader *r, struct hints *best, struct buf *run)
{
	const char *at = r->p;
	size_t len;
	char *one = NULL;

	switch (*r->p) {
	case '(':
		read_group(r, best, run);
		return;
	case '[':
		read_class(r, &one);
		break;
	case '\\':
		if (read_escape(r))
			return;
		break;
	case '^':
	case '$':
		r->p++;
		return;
	case '.':
		r->p++;
		break;
	default:
		len = utf8_character(at, at + strlen(at));
		one = folded(at, len);
		r->p += len > 0 ? len : 1;
		break;
	}
	read_on(r, one, best, run);
}

static struct hints
read_sequence(struct reader *r)
{
	struct hints best = { { NULL, 0 } };
	struct buf run = BUF_INIT(0);

	while (!r->lost && *r->p != '\0' && *r->p != '|' && *r->p != ')')
		read_one(r, &best, &run);
	end_run(&best, &run);
	buf_release(&run);
	return best;
}

static struct hints
read_alternatives(struct reader *r)
{
	struct hints all = { { NULL, 0 } }, one;
	bool known = true;
	size_t i;

	for (;;) {
		one = read_sequence(r);
		known &= worth(&one) > 0;
		for (i = 0; i < one.names.count; i++)
			names_add(&all.names, one.names.items[i]);
		hints_release(&one);
		if (r->lost || *r->p != '|')
			break;
		r->p++;
	}
	if (!known || all.names.count > LITERALS_MAX)
		hints_release(&all);
	return all;
}

void
hints_of(const struct pattern *p, struct names *ret)
{
	struct reader r = { .p = p->source };
	struct hints h;

	ret->items = NULL;
	ret->count = 0;
	if (strchr(p->flags, 'x') != NULL)
		return;
	h = read_alternatives(&r);
	if (r.lost || *r.p != '\0' || worth(&h) == 0)
		hints_release(&h);
	*ret = h.names;
}
