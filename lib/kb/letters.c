/*
 * letters - those of a page of a PDF, the page turned for lines that are
 *
 * The library tells where each letter stands, and nothing of how: that is told
 * by where a line goes on from letter to letter.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "kb/letters.h"

#define ASLANT_LETTERS 4 /* at least */
#define ASLANT_STEPS 2	 /* at least: one may be of a raised word */
#define ASLANT_GAP 0.6	 /* between letters at most, in sizes */
#define ASLANT_STEP 3	 /* of a few letters at once at most, in sizes */
#define SCRAP_LETTERS 4	 /* of a line of those that are in disorder at most */
#define SCRAPS_MAX 400	 /* letters of such lines on a page */
#define TOUCHING 0.3	 /* letters are no further apart, in sizes */

bool
letter_is_break(const struct letter *l)
{
	return *l->c == '\n' || *l->c == '\f' || *l->c == '\r';
}

bool
letter_is_blank(const struct letter *l)
{
	return *l->c == ' ' || *l->c == '\t' ||
	    strncmp(l->c, "\xc2\xa0", 2) == 0;
}

static bool
is_sign(const struct letter *l)
{
	return !letter_is_break(l) && !letter_is_blank(l);
}

/* How much two ranges have in common, as a part of the smaller. */
static double
overlap(double a1, double a2, double b1, double b2)
{
	double least = fmin(a2 - a1, b2 - b1);

	return least > 0 ? (fmin(a2, b2) - fmax(a1, b1)) / least : 0;
}

/* Where letter b goes on behind a; false: it is not near it. */
static bool
way_to(const struct letter *a, const struct letter *b, double far,
    enum pdf_turn *ret)
{
	const PopplerRectangle *p = a->at, *q = b->at;
	double max = far * a->size;

	if (overlap(p->y1, p->y2, q->y1, q->y2) > 0.5) {
		if (fabs(q->x1 - p->x2) <= max)
			return *ret = PDF_UPRIGHT, true;
		if (fabs(q->x2 - p->x1) <= max)
			return *ret = PDF_UPSIDE_DOWN, true;
	}
	if (overlap(p->x1, p->x2, q->x1, q->x2) > 0.5) {
		if (fabs(q->y1 - p->y2) <= max)
			return *ret = PDF_DOWN, true;
		if (fabs(q->y2 - p->y1) <= max)
			return *ret = PDF_UP, true;
	}
	return false;
}

/* The place of a letter once the page is turned so that it is upright. */
static PopplerRectangle
turned_place(const PopplerRectangle *at, enum pdf_turn turn,
    const PopplerRectangle *page)
{
	switch (turn) {
	case PDF_DOWN:
		return (PopplerRectangle){ at->y1, page->x2 - at->x2, at->y2,
			page->x2 - at->x1 };
	case PDF_UPSIDE_DOWN:
		return (PopplerRectangle){ page->x2 - at->x2, page->y2 - at->y2,
			page->x2 - at->x1, page->y2 - at->y1 };
	case PDF_UP:
		return (PopplerRectangle){ page->y2 - at->y2, at->x1,
			page->y2 - at->y1, at->x2 };
	default:
		return *at;
	}
}

/* Letters of a line, from one end of it to the other. */
struct stretch {
	size_t from, to;
	bool is_told; /* how it stands */
	enum pdf_turn turn;
	const PopplerRectangle *first, *last; /* places; NULL: of no letter */
};

/* What most letters of a line say. */
static void
look_at(const struct letters *l, struct stretch *s)
{
	size_t votes[PDF_TURNS] = { 0 }, i, all = 0, before = SIZE_MAX;
	enum pdf_turn turn;

	for (i = s->from; i < s->to; i++) {
		if (!is_sign(&l->item[i]) || l->item[i].turn != PDF_UPRIGHT) {
			before = SIZE_MAX;
			continue;
		}
		if (s->first == NULL)
			s->first = l->item[i].at;
		s->last = l->item[i].at;
		if (before != SIZE_MAX &&
		    way_to(&l->item[before], &l->item[i], TOUCHING, &turn)) {
			votes[turn]++;
			all++;
		}
		before = i;
	}
	for (turn = PDF_UPRIGHT; turn < PDF_ASLANT; turn++)
		if (all > 0 && 2 * votes[turn] > all) {
			s->is_told = true;
			s->turn = turn;
		}
}

static double
far_from(const struct stretch *s, const PopplerRectangle *at)
{
	return hypot(s->last->x1 - at->x1, s->last->y1 - at->y1);
}

/* A line of single letters stands as the nearer of those told next to it. */
static void
guess_others(struct stretch *s, size_t n)
{
	const struct stretch *before = NULL, *behind;
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (s[i].is_told)
			before = &s[i];
		if (s[i].is_told || s[i].first == NULL)
			continue;
		for (k = i + 1; k < n && k < i + 50 && !s[k].is_told; k++)
			;
		behind = k < n && s[k].is_told ? &s[k] : NULL;
		if (before != NULL &&
		    (behind == NULL ||
			far_from(before, s[i].first) <
			    far_from(behind, s[i].first)))
			s[i].turn = before->turn;
		else if (behind != NULL)
			s[i].turn = behind->turn;
	}
}

static void
turn_letter(struct letters *l, size_t i, enum pdf_turn turn,
    const PopplerRectangle *page)
{
	struct letter *k = &l->item[i];

	l->turned[i] = turned_place(k->at, turn, page);
	/* Of blanks between turned words the library knows no place. */
	if (!is_sign(k))
		l->turned[i].x2 = l->turned[i].x1;
	k->at = &l->turned[i];
	k->turn = turn;
}

/* A letter as it stands in one way: from one place on it to another, and beside
 * what others are. */
struct scrap {
	double start, end, aside;
	size_t item;
	size_t line, of; /* the first letter of its line, and how many it has */
};

static int
by_start(const void *a, const void *b)
{
	const struct scrap *p = a, *q = b;

	if (p->start != q->start)
		return p->start < q->start ? -1 : 1;
	return p->item < q->item ? -1 : p->item > q->item;
}

static struct scrap
scrap_of(const PopplerRectangle *at, enum pdf_turn way)
{
	if (way == PDF_UPRIGHT)
		return (struct scrap){ at->x1, at->x2, at->y1, 0, 0, 0 };
	if (way == PDF_UP)
		return (struct scrap){ -at->y2, -at->y1, at->x1, 0, 0, 0 };
	return (struct scrap){ at->y1, at->y2, at->x1, 0, 0, 0 };
}

/* Letters of lines that have hardly any, in one way; how many. */
static size_t
find_scraps(const struct letters *l, enum pdf_turn way, struct scrap *ret)
{
	size_t i, k, of, n = 0;

	for (i = 0; i < l->count; i = k + 1) {
		for (k = i, of = 0;
		     k < l->count && !letter_is_break(&l->item[k]); k++)
			of += is_sign(&l->item[k]);
		if (of > SCRAP_LETTERS)
			continue;
		if (n + of > SCRAPS_MAX)
			return 0;
		for (size_t c = i; c < k; c++) {
			if (!is_sign(&l->item[c]))
				continue;
			ret[n] = scrap_of(l->item[c].at, way);
			ret[n].item = c;
			ret[n].line = i;
			ret[n++].of = of;
		}
	}
	return n;
}

/* Whether all letters of the lines that those of a chain are of are in it. */
static bool
are_whole(const struct scrap *s, const size_t *chain, size_t letters)
{
	size_t i, k, same;

	for (i = 0; i < letters; i++) {
		for (k = same = 0; k < letters; k++)
			same += s[chain[k]].line == s[chain[i]].line;
		if (same < s[chain[i]].of)
			return false;
	}
	return true;
}

/* The letter that goes on behind s[i], on the side that others did; n: none. */
static size_t
next_aslant(const struct letters *l, const struct scrap *s, size_t n, size_t i,
    enum pdf_turn way, double side)
{
	const struct letter *a = &l->item[s[i].item], *b;
	double gap, aside, best = HUGE_VAL;
	size_t k, found = n;

	for (k = i + 1; k < n; k++) {
		b = &l->item[s[k].item];
		gap = s[k].start - s[i].end;
		aside = s[k].aside - s[i].aside;
		if (gap > ASLANT_GAP * a->size)
			break;
		/* Sideways they are read to the right, as the others are. */
		if (gap < -TOUCHING * a->size || b->turn != PDF_UPRIGHT ||
		    (way != PDF_UPRIGHT && aside < 0) ||
		    fabs(a->size - b->size) > 0.1 || aside * side < 0 ||
		    fabs(aside) > ASLANT_STEP * a->size ||
		    fabs(gap) + fabs(aside) / 4 >= best)
			continue;
		best = fabs(gap) + fabs(aside) / 4;
		found = k;
	}
	return found;
}

/* The letters aslant from s[i] on, their places in chain; how many. */
static size_t
follow_aslant(const struct letters *l, const struct scrap *s, size_t n,
    size_t i, enum pdf_turn way, size_t *chain)
{
	double side = 0, aside;
	size_t letters = 0, steps = 0, k;

	for (k = i; k < n; k = next_aslant(l, s, n, i, way, side)) {
		aside = s[k].aside - s[i].aside;
		if (fabs(aside) >= 0.05 * l->item[s[k].item].size) {
			side = aside;
			steps++;
		}
		chain[letters++] = k;
		i = k;
	}
	return letters >= ASLANT_LETTERS && steps >= ASLANT_STEPS &&
		are_whole(s, chain, letters) ?
	    letters :
	    0;
}

/* Have the letters of a chain stand on one line. */
static void
set_aslant(struct letters *l, const struct scrap *s, const size_t *chain,
    size_t letters, enum pdf_turn way, const PopplerRectangle *page)
{
	PopplerRectangle first = { 0 };
	size_t i, k;

	for (i = 0; i < letters; i++) {
		k = s[chain[i]].item;
		turn_letter(l, k, way, page);
		l->item[k].turn = PDF_ASLANT;
		if (i == 0)
			first = l->turned[k];
		l->turned[k].y1 = first.y1;
		l->turned[k].y2 = first.y2;
	}
}

/* The letters that stand aslant in one way, or how many there would be. */
static size_t
take_aslant(struct letters *l, enum pdf_turn way, const PopplerRectangle *page,
    bool count)
{
	struct scrap *s = xmalloc(SCRAPS_MAX * sizeof(*s));
	size_t *chain = xmalloc(SCRAPS_MAX * sizeof(*chain));
	size_t n = find_scraps(l, way, s), i, letters, most = 0;

	qsort(s, n, sizeof(*s), by_start);
	for (i = 0; i < n; i++) {
		if (l->item[s[i].item].turn != PDF_UPRIGHT)
			continue;
		letters = follow_aslant(l, s, n, i, way, chain);
		if (letters > most)
			most = letters;
		if (!count)
			set_aslant(l, s, chain, letters, way, page);
	}
	free(chain);
	free(s);
	return most;
}

/*
 * Text that stands aslant, as a stamp, is many lines of a letter or two for the
 * library, in any order: each begins where another ends, a step beside it.
 */
static void
find_aslant(struct letters *l, const PopplerRectangle *page)
{
	static const enum pdf_turn ways[] = { PDF_UPRIGHT, PDF_UP, PDF_DOWN };
	enum pdf_turn best = PDF_UPRIGHT;
	size_t i, n, most = 0;

	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		n = take_aslant(l, ways[i], page, true);
		if (n > most) {
			most = n;
			best = ways[i];
		}
	}
	if (most > 0)
		take_aslant(l, best, page, false);
}

void
letters_turn(struct letters *l, const PopplerRectangle *page)
{
	struct stretch *s = xcalloc(l->count + 1, sizeof(*s));
	size_t i, k, n = 0;

	l->turned = xcalloc(l->count + 1, sizeof(*l->turned));
	find_aslant(l, page);
	for (i = 0; i < l->count; i = k + 1) {
		for (k = i; k < l->count && !letter_is_break(&l->item[k]); k++)
			;
		s[n] = (struct stretch){ .from = i, .to = k };
		look_at(l, &s[n++]);
	}
	guess_others(s, n);
	for (i = 0; i < n; i++)
		for (k = s[i].from; s[i].turn != PDF_UPRIGHT && k < s[i].to;
		     k++)
			if (l->item[k].turn == PDF_UPRIGHT)
				turn_letter(l, k, s[i].turn, page);
	free(s);
}
