/*
 * extract_pdf - the text of a PDF, in the order it is read
 *
 * poppler tells where on a page each piece of text stands and in what font, see
 * kb/pdf.h; the rest is made of that here: lines of pieces, columns of lines,
 * tables where pieces stand below each other, paragraphs with hyphenated line
 * ends joined, headings by the size of their font or where a short line is
 * bold. A line that comes again on most pages is a page header and dropped, and
 * so is one over them that says which chapter it is.
 * What somebody read off a scan is text that is not seen, and read; pages of a
 * document without any are given to tesseract, if it is there.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/box.h"
#include "base/err.h"
#include "base/utf8.h"
#include "kb/bidi.h"
#include "kb/boilerplate.h"
#include "kb/pdf.h"
#include "kb/tool.h"
#include "kb/writer.h"

#define PIECES_MAX 4000000
#define PAGES_MAX 20000
#define SCANS_MAX 50 /* pages read by tesseract */
#define PICTURE_MAX_BYTES ((size_t)64 << 20)
#define WIDTH_MAX 4096 /* of a page, in its units */
#define COLUMNS_DEEP 3
#define COLUMNS_MAX 8 /* of text, side by side */
#define HEADING_FACTOR 1.15
#define LEADERS 4 /* dots at least that lead to a number; three say something */
#define PAGE_OF_MAX_BYTES 40
#define HEADING_MAX_BYTES 200
#define BOLD_HEADING_MAX_BYTES 100
#define LONG 12	       /* a line of prose at least, in sizes of the font */
#define BESIDE_LINES 4 /* of two columns at least that are not as high */
#define ASIDE_MAX (4 * BOILERPLATE_PAGES)
#define LINES_NEAR 4	     /* lines of columns side by side, above or below */
#define STRETCHED 8	     /* a blank of an even margin at most, in sizes */
#define LOOK_LINES 12	     /* of a table tell whether it is one */
#define LARGE_LETTERS_MAX 20 /* of a page that begin paragraphs */
#define REST_LINES 4   /* of a cell at most, where rows are as near as lines */
#define SMALL_PART 20  /* notes are smaller than the text by that part of it */
#define NOTES_LINES 20 /* of notes as large as the text */
#define UNMARKED_LINES 4
#define TITLE_STEP 3	/* from or to a title among rows at most, in sizes */
#define LISTS_LINES 500 /* side by side; more are read as others */
#define FILLED 0.62	/* of a column's width lines of prose fill on average */

struct page {
	size_t from, to; /* pieces of its upright lines, or else of the most */
	/* Behind those the others, by how they stand: each ends here. */
	size_t turned[PDF_TURNS];
	int number, width, height;
	/* Lines that it has in common with others, before and behind them. */
	struct buf head, foot;
	bool to_left; /* it is read from right to left, and mirrored here */
};

struct line { /* pieces from..to of the order array */
	size_t from, to;
	int left, right, top, bottom, size;
	bool is_bold;
};

struct band { /* a column, of a table or of text: from left to right */
	int left, right;
};

struct reader {
	struct blocks *b;
	struct writer w;
	struct buf text;
	struct pdf_piece *piece;
	size_t pieces;
	struct page *page;
	size_t pages;
	int body;     /* size of most of the text */
	int sizes[5]; /* of headings, largest first */
	size_t nsizes;
	size_t *order; /* of the page at work */
	size_t count;
	bool to_left;  /* it, too */
	bool no_marks; /* of notes: a name or a title is read without */
	/* The paragraph at work. */
	struct buf run;
	char kind; /* p, h or l; 0: none */
	int level, run_page;
	int at_page; /* of the last line */
	int margin;  /* of the region */
	struct line last;
	/* The columns of text that were read last. */
	struct band known[COLUMNS_MAX];
	size_t nknown;
	/* The names of the table that ends what was read. */
	struct {
		int page; /* 0: it is none */
		size_t columns;
		struct band bands[64];
		char *text[64];
	} names;
	/* Lines around pages, which wait for the end of a paragraph. */
	struct {
		int page;
		char *text;
	} aside[ASIDE_MAX];
	size_t nasides;
};

/* --- what is on the pages --- */

static bool
take_piece(void *ctx, const struct pdf_piece *piece)
{
	struct reader *r = ctx;

	if (r->pieces == PIECES_MAX || r->text.len > r->b->max) {
		r->b->full = true;
		return false;
	}
	if ((r->pieces & (r->pieces - 1)) == 0)
		r->piece = xrealloc(r->piece,
		    (r->pieces ? 2 * r->pieces : 1) * sizeof(*r->piece));
	r->piece[r->pieces++] = *piece;
	r->page[r->pages - 1].to = r->pieces;
	return true;
}

/* The pieces of a page by how their lines stand, in the order they came. */
static void
sort_by_turn(struct reader *r, struct page *p)
{
	size_t n = p->to - p->from, i, k = 0, letters[PDF_TURNS] = { 0 };
	struct pdf_piece *sorted = xmalloc((n + 1) * sizeof(*sorted));
	enum pdf_turn turn, main = PDF_UPRIGHT;

	for (i = p->from; i < p->to; i++)
		letters[r->piece[i].turn] += r->piece[i].len;
	for (turn = PDF_DOWN; turn < PDF_TURNS; turn++)
		if (letters[PDF_UPRIGHT] == 0 && letters[turn] > letters[main])
			main = turn;
	for (i = p->from; i < p->to; i++)
		if (r->piece[i].turn == main)
			sorted[k++] = r->piece[i];
	p->to = p->from + k;
	for (turn = PDF_UPRIGHT; turn < PDF_TURNS; turn++) {
		for (i = p->from; turn != main && i < p->from + n; i++)
			if (r->piece[i].turn == turn)
				sorted[k++] = r->piece[i];
		p->turned[turn] = p->from + k;
	}
	memcpy(&r->piece[p->from], sorted, n * sizeof(*sorted));
	free(sorted);
}

/*
 * Where most runs to the left, columns, tables and the ends of lines do: all
 * that is made of them holds once left and right change places.
 */
static int
mirror(struct reader *r, struct page *p)
{
	struct pdf_piece *k;
	size_t right = 0, left = 0, i;
	int edge = 0;

	for (i = p->from; i < p->to; i++) {
		k = &r->piece[i];
		bidi_count(r->text.data + k->at, k->len, &right, &left);
		if (k->left + k->width > edge)
			edge = k->left + k->width;
	}
	p->to_left = left > right;
	for (i = p->from; p->to_left && i < p->to; i++) {
		k = &r->piece[i];
		k->left = edge - k->left - k->width;
	}
	return left > 0 ? bidi_load() : 0;
}

static int
take_pages(struct reader *r, struct pdf *pdf)
{
	int i, n = pdf_pages(pdf), code = 0;

	if (n > PAGES_MAX)
		return err_set(ERR_DATA, "has more than %d pages", PAGES_MAX);
	r->page = xcalloc((size_t)n, sizeof(*r->page));
	for (i = 0; code == 0 && i < n && !r->b->full; i++) {
		r->page[r->pages++] = (struct page){ .from = r->pieces,
			.to = r->pieces,
			.number = i + 1 };
		pdf_page(pdf, i, &r->text, take_piece, r);
		sort_by_turn(r, &r->page[i]);
		pdf_page_size(pdf, i, &r->page[i].width, &r->page[i].height);
		code = mirror(r, &r->page[i]);
	}
	return code;
}

/* --- lines --- */

static const struct pdf_piece *
piece_at(const struct reader *r, size_t i)
{
	return &r->piece[r->order[i]];
}

/* --- marks of notes --- */

/* Whether a piece stands small and high beside another, as a note's mark. */
static bool
is_raised(const struct pdf_piece *p, const struct pdf_piece *beside)
{
	return p->size * 10 <= beside->size * 8 &&
	    5 * (beside->top + beside->height - p->top - p->height) >=
	    beside->size;
}

/* "1", "2, 3" or a sign that stands for a number. */
static bool
is_note_text(const char *text, size_t len)
{
	static const char *const signs[] = { "*", "**", "***", "†", "‡", "§",
		"¶" };
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strlen(signs[i]) == len && memcmp(signs[i], text, len) == 0)
			return true;
	for (i = 0; i < len && strchr("0123456789, ", text[i]) != NULL; i++)
		;
	return i == len && len > 0 && len <= 8 && isdigit((unsigned char)*text);
}

/* Whether n raised digits behind text are of it: a power, or of a unit. */
static bool
is_power(const struct buf *text, const char *digits, size_t n)
{
	static const char *const units[] = { "m", "mm", "cm", "dm", "km", "ft",
		"in", "yd", "mi", "px", NULL };
	const char *p = text->data;
	char word[4] = "";
	size_t end = text->len, i = end;

	while (i > 0 && isdigit((unsigned char)p[i - 1]))
		i--;
	if (i < end) /* 10 to the sixth; a note of another number */
		return end - i == 1 ||
		    (end - i == 2 && strcmp(p + i, "10") == 0);
	while (i > 0 && isalpha((unsigned char)p[i - 1]))
		i--;
	if (end - i == 0 || end - i >= sizeof(word) ||
	    (i > 0 && (p[i - 1] & 0x80)) || n != 1 ||
	    strchr("23", *digits) == NULL)
		return false;
	memcpy(word, p + i, end - i);
	return end - i == 1 || str_in(word, units);
}

/* Whether a text that a price may stand before or behind has a currency at that
 * end: a sign, or its code. */
static bool
has_currency(const char *text, size_t len, bool at_end)
{
	static const char *const codes[] = { "EUR", "USD", "GBP", "CHF", "PLN",
		"SEK", "NOK", "DKK", "CZK", "TRY", "BRL", "MXN", "INR", "Rs.",
		"Rs", "kr", "Kč", "zł", "Ft", "lei", "руб", "грн", "kn" };
	const char *p, *end = text + len;
	size_t i, n;

	while (at_end && len > 0 && text[len - 1] == ' ')
		len--;
	while (!at_end && len > 0 && *text == ' ')
		text++, len--;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		n = strlen(codes[i]);
		if (len >= n &&
		    memcmp(at_end ? text + len - n : text, codes[i], n) == 0)
			return true;
	}
	if (len == 0)
		return false;
	p = at_end ? text + utf8_cut(text, len, len - 1) : text;
	return utf8proc_category((utf8proc_int32_t)utf8_next(&p, end)) ==
	    UTF8PROC_CATEGORY_SC;
}

/* Whether piece i is the raised cents of a price, as in 19 with a small 99. */
static bool
are_cents(const struct reader *r, size_t i, size_t from, size_t to)
{
	const struct pdf_piece *p = piece_at(r, i), *before, *behind;
	const char *text = r->text.data + p->at;
	size_t n;

	if (i == from || p->len != 2 || !isdigit((unsigned char)text[0]) ||
	    !isdigit((unsigned char)text[1]))
		return false;
	before = piece_at(r, i - 1);
	text = r->text.data + before->at;
	for (n = before->len; n > 0 && strchr("0123456789", text[n - 1]); n--)
		;
	if (n == before->len || !is_raised(p, before))
		return false;
	if (n > 0 ? has_currency(text, n, true) :
		    i > from + 1 &&
		    has_currency(r->text.data + piece_at(r, i - 2)->at,
			piece_at(r, i - 2)->len, true))
		return true;
	if (i + 1 == to)
		return false;
	behind = piece_at(r, i + 1);
	return has_currency(r->text.data + behind->at, behind->len, false);
}

/* Whether piece i, of those from `from` to `to` on a line, is a note's mark. */
static bool
is_note(const struct reader *r, size_t i, size_t from, size_t to)
{
	const struct pdf_piece *p = piece_at(r, i);

	return is_note_text(r->text.data + p->at, p->len) &&
	    !are_cents(r, i, from, to) &&
	    ((i > from && is_raised(p, piece_at(r, i - 1))) ||
		(i + 1 < to && is_raised(p, piece_at(r, i + 1))));
}

/* Add such a mark apart from the word it stands behind. */
static void
put_note(const struct reader *r, const struct pdf_piece *p, struct buf *out)
{
	const char *text = r->text.data + p->at;

	if (r->to_left)
		buf_addf(out, " %.*s ", (int)p->len, text);
	else if (out->len == 0 || !is_power(out, text, p->len))
		buf_addf(out, "[%.*s]", (int)p->len, text);
	else
		buf_addf(out,
		    isdigit((unsigned char)out->data[out->len - 1]) ? "^%.*s" :
								      "%.*s",
		    (int)p->len, text);
}

/* --- lines of pieces --- */

static const struct reader *sorting; /* for qsort, which has no context */

static int
by_place(const void *a, const void *b)
{
	const struct pdf_piece *p = &sorting->piece[*(const size_t *)a];
	const struct pdf_piece *q = &sorting->piece[*(const size_t *)b];
	int pm = 2 * p->top + p->height, qm = 2 * q->top + q->height;

	if (pm != qm)
		return pm < qm ? -1 : 1;
	if (p->left != q->left)
		return p->left < q->left ? -1 : 1;
	return p < q ? -1 : p > q;
}

static int
by_left(const void *a, const void *b)
{
	const struct pdf_piece *p = &sorting->piece[*(const size_t *)a];
	const struct pdf_piece *q = &sorting->piece[*(const size_t *)b];

	if (p->left != q->left)
		return p->left < q->left ? -1 : 1;
	return p < q ? -1 : p > q;
}

/* Whether two pieces stand on one line: their middles are near. */
static bool
on_one_line(const struct pdf_piece *p, const struct pdf_piece *q)
{
	int d = (2 * p->top + p->height) - (2 * q->top + q->height);
	int h = p->height < q->height ? p->height : q->height;
	int big = p->height > q->height ? p->height : q->height;

	/* Small raised numbers belong to their line. */
	if (h * 3 < big * 2)
		h = big;
	return abs(d) < h;
}

/* How large a line is, by its pieces. */
static void
measure_line(const struct reader *r, struct line *l)
{
	const struct pdf_piece *p;
	size_t i;

	l->left = l->top = INT32_MAX;
	l->right = l->bottom = l->size = 0;
	l->is_bold = true;
	for (i = l->from; i < l->to; i++) {
		p = piece_at(r, i);
		if (p->left < l->left)
			l->left = p->left;
		if (p->left + p->width > l->right)
			l->right = p->left + p->width;
		if (p->top < l->top)
			l->top = p->top;
		if (p->top + p->height > l->bottom)
			l->bottom = p->top + p->height;
		if (p->size > l->size)
			l->size = p->size;
		/* A note's mark says nothing of its line. */
		l->is_bold &= p->is_bold || is_note(r, i, l->from, l->to);
	}
}

/* The lines of order[from, to), which is sorted into them. */
static struct line *
make_lines(struct reader *r, size_t from, size_t to, size_t *ret_count)
{
	struct line *lines = NULL, *l;
	size_t n = 0, i, k;

	sorting = r;
	qsort(r->order + from, to - from, sizeof(*r->order), by_place);
	for (i = from; i < to; i = k) {
		for (k = i + 1;
		     k < to && on_one_line(piece_at(r, i), piece_at(r, k)); k++)
			;
		qsort(r->order + i, k - i, sizeof(*r->order), by_left);
		if ((n & (n - 1)) == 0)
			lines =
			    xrealloc(lines, (n ? 2 * n : 1) * sizeof(*lines));
		l = &lines[n++];
		*l = (struct line){ .from = i, .to = k };
		measure_line(r, l);
	}
	*ret_count = n;
	return lines;
}

/* The gap between piece i and the one before it on its line. */
static int
gap_before(const struct reader *r, size_t i)
{
	const struct pdf_piece *p = piece_at(r, i - 1), *q = piece_at(r, i);

	return q->left - p->left - p->width;
}

/* Pieces so far apart are cells of a table or lines of two columns. */
static bool
is_wide(const struct reader *r, const struct line *l, size_t i)
{
	return gap_before(r, i) * 10 >= l->size * 8;
}

/* Blanks of a justified line are wider than others, but not so wide. */
static bool
is_cut_at(const struct reader *r, const struct line *l, size_t i)
{
	return gap_before(r, i) >= 2 * l->size;
}

/* Whether a blank stands between piece i and the one before it. Letters that
 * were placed one by one have no gap. */
static bool
is_parted(const struct reader *r, size_t i)
{
	const struct pdf_piece *p = piece_at(r, i);

	return gap_before(r, i) * 8 >= p->size || p->before ||
	    piece_at(r, i - 1)->after;
}

/* --- lines that were stretched to a margin --- */

/* More pieces than words are on a line: no time is spent on it. */
static bool
is_crowded(const struct line *l)
{
	return l->to - l->from > 200;
}

/* Whether two places are the same, as edges of even text are. */
static bool
is_same_edge(const struct reader *r, int a, int b)
{
	return abs(a - b) * 4 <= r->body;
}

/* Whether the words of pieces [from, to) are as far apart as each other. */
static bool
is_stretched(const struct reader *r, const struct line *l, size_t from,
    size_t to)
{
	int least = INT32_MAX, most = 0, gap;
	size_t i;

	for (i = from; i < to; i++) {
		gap = piece_at(r, i)->blank;
		if (gap > 0 && gap < least)
			least = gap;
		if (i == from)
			continue;
		gap = gap_before(r, i);
		/* Another font may begin within a word. */
		if (gap * 8 >= l->size && gap < least)
			least = gap;
		if (gap > most)
			most = gap;
	}
	return most <= STRETCHED * l->size &&
	    most * INT64_C(2) <= least * INT64_C(3) + 2;
}

/* Join the words of a line that stand from left to right, if it was made as
 * wide as the text beside it by wide blanks. */
static void
close_line(struct reader *r, const struct line *l, int left, int right)
{
	const struct pdf_piece *q;
	struct pdf_piece *p;
	size_t i, from = l->from, to;

	while (from < l->to && !is_same_edge(r, piece_at(r, from)->left, left))
		from++;
	for (to = from; to < l->to; to++) {
		q = piece_at(r, to);
		if (is_same_edge(r, q->left + q->width, right))
			break;
	}
	if (to >= l->to || to == from || !is_stretched(r, l, from, to + 1))
		return;
	for (i = from; i < to; i++) {
		p = &r->piece[r->order[i]];
		if (is_parted(r, i + 1))
			p->after = true;
		p->width = piece_at(r, i + 1)->left - p->left;
	}
}

/* The same by each text without wide blanks on line beside. */
static void
close_by(struct reader *r, const struct line *l, const struct line *beside)
{
	const struct pdf_piece *last;
	size_t i, k;
	int left, right;

	for (i = beside->from; i < beside->to; i = k) {
		for (k = i + 1; k < beside->to && !is_wide(r, beside, k); k++)
			;
		last = piece_at(r, k - 1);
		left = piece_at(r, i)->left;
		right = last->left + last->width;
		if (right - left >= LONG * r->body)
			close_line(r, l, left, right);
	}
}

/*
 * Even margins are made by wide blanks, which look like those between columns:
 * once a line as wide is near, they are none. It may be near one such itself.
 */
static void
close_stretched(struct reader *r, size_t from, size_t to)
{
	size_t n, i, k;
	struct line *lines = make_lines(r, from, to, &n);

	for (i = 1; i < n; i++)
		for (k = i; k-- > 0 && k + 2 * LINES_NEAR >= i;)
			if (is_crowded(&lines[i]) || is_crowded(&lines[k]) ||
			    lines[i].top - lines[k].top > 4 * lines[i].size)
				break;
			else
				close_by(r, &lines[i], &lines[k]);
	for (i = n; i-- > 0;)
		for (k = i + 1; k < n && k <= i + 2 * LINES_NEAR; k++)
			if (is_crowded(&lines[i]) || is_crowded(&lines[k]) ||
			    lines[k].top - lines[i].top > 4 * lines[i].size)
				break;
			else
				close_by(r, &lines[i], &lines[k]);
	free(lines);
}

/* --- the lines of a page --- */

/* The lines that pieces [from, to) of a page are in, from top to bottom; the
 * caller frees. */
static struct line *
lines_in(struct reader *r, size_t from, size_t to, size_t *ret_count)
{
	size_t i;

	r->count = to - from;
	for (i = 0; i < r->count; i++)
		r->order[i] = from + i;
	return make_lines(r, 0, r->count, ret_count);
}

/* Those of a page, but of lines that are turned. */
static struct line *
lines_of(struct reader *r, size_t page, size_t *ret_count)
{
	const struct page *p = &r->page[page];

	r->to_left = p->to_left;
	return lines_in(r, p->from, p->to, ret_count);
}

/* --- the text of lines --- */

/* The bytes of a sign of those that lead the eye from a word to a number, as
 * dots; *ret: how many it is. 0: there is none. */
static size_t
leader(const char *text, size_t len, size_t *ret)
{
	static const struct {
		const char *sign;
		size_t count;
	} leaders[] = { { ".", 1 }, { "_", 1 }, { "·", 1 }, { "‥", 2 },
		{ "…", 3 } };
	size_t i, n;

	for (i = 0; i < sizeof(leaders) / sizeof(leaders[0]); i++) {
		n = strlen(leaders[i].sign);
		if (len >= n && memcmp(text, leaders[i].sign, n) == 0) {
			*ret = leaders[i].count;
			return n;
		}
	}
	return 0;
}

/* A row of them, with or without blanks between, is a blank. */
static void
drop_leaders(struct buf *text)
{
	size_t at, end, n, count, all, kept = 0;

	for (at = 0; at < text->len; at = end) {
		for (end = at, all = 0; end < text->len;) {
			n = leader(text->data + end, text->len - end, &count);
			if (n > 0)
				all += count;
			else if (all > 0 && text->data[end] == ' ')
				n = 1;
			else
				break;
			end += n;
		}
		if (all >= LEADERS) {
			text->data[kept++] = ' ';
			continue;
		}
		if (end == at)
			end++;
		memmove(text->data + kept, text->data + at, end - at);
		kept += end - at;
	}
	while (kept > 0 && text->data[kept - 1] == ' ')
		kept--;
	text->len = kept;
	if (text->data != NULL)
		text->data[kept] = '\0';
}

/* Add text to what is read of a line, as it is read. */
static void
put_read(const struct reader *r, const struct buf *seen, struct buf *out)
{
	size_t right = 0, left = 0;

	if (seen->len == 0)
		return;
	bidi_count(seen->data, seen->len, &right, &left);
	bidi_read(seen->data, seen->len, r->to_left || left > right, out);
}

static void
put_pieces(const struct reader *r, size_t from, size_t to, struct buf *out)
{
	struct buf seen = BUF_INIT(0);
	size_t i;

	/* From what is seen on the left. */
	for (i = r->to_left ? to : from; r->to_left ? i-- > from : i < to;
	     i += !r->to_left) {
		const struct pdf_piece *p = piece_at(r, i);

		if (r->to_left ? i + 1 < to && is_parted(r, i + 1) :
				 i > from && is_parted(r, i))
			buf_addc(&seen, ' ');
		if (is_note(r, i, from, to)) {
			if (!r->no_marks)
				put_note(r, p, &seen);
		} else {
			if (!r->to_left && are_cents(r, i, from, to))
				buf_addc(&seen, '.');
			buf_add(&seen, r->text.data + p->at, p->len);
		}
	}
	drop_leaders(&seen);
	put_read(r, &seen, out);
	buf_release(&seen);
}

static size_t
cells_of(const struct reader *r, const struct line *l)
{
	size_t i, n = 1;

	for (i = l->from + 1; i < l->to; i++)
		n += is_wide(r, l, i);
	return n;
}

/* --- fonts --- */

static void
find_sizes(struct reader *r)
{
	size_t weight[256] = { 0 }, i, most = 0;
	int size, k;

	r->nsizes = 0;
	for (i = 0; i < r->pieces; i++) {
		size = r->piece[i].size;
		if (size > 0 && size < 256)
			weight[size] += r->piece[i].len;
	}
	for (k = 1; k < 256; k++)
		if (weight[k] > most) {
			most = weight[k];
			r->body = k;
		}
	for (k = 255; k > r->body * HEADING_FACTOR && r->nsizes < 5; k--)
		/* Sizes that differ by rounding are one. */
		if (weight[k] > 0 &&
		    (r->nsizes == 0 || r->sizes[r->nsizes - 1] > k + 1))
			r->sizes[r->nsizes++] = k;
}

/* The level of a line as a heading; 0: it is none. */
static int
heading_level(const struct reader *r, const struct line *l, size_t bytes,
    char last)
{
	size_t i;

	if (bytes > HEADING_MAX_BYTES)
		return 0;
	if (l->size > r->body * HEADING_FACTOR) {
		for (i = 0; i < r->nsizes; i++)
			if (l->size >= r->sizes[i] - 1)
				return (int)i + 1;
	}
	if (l->is_bold && l->size >= r->body &&
	    bytes <= BOLD_HEADING_MAX_BYTES && strchr(".:;,", last) == NULL)
		return r->nsizes < 5 ? (int)r->nsizes + 1 : 6;
	return 0;
}

/* --- page headers --- */

/*
 * Whether line i of a page may be numbered with it: it is one of the two first
 * or last, and stands apart from what is next to it. Other lines of one form
 * ("Price: 19.90") say something of their page.
 */
static bool
is_apart(const struct line *lines, size_t i, size_t n)
{
	size_t k;

	for (k = i; k < 2 && k + 1 < n; k++)
		if (2 * (lines[k + 1].top - lines[k].bottom) >=
		    3 * lines[i].size)
			return true;
	for (k = i; k + 2 >= n && k > 0; k--)
		if (2 * (lines[k].top - lines[k - 1].bottom) >=
		    3 * lines[i].size)
			return true;
	return false;
}

/* "Page 3 of 9", in any words, of page 3 of 9. */
static bool
is_page_of_all(const char *text, size_t len, size_t page, size_t pages)
{
	uint64_t number[2] = { 0, 0 };
	size_t i, numbers = 0;

	if (len == 0 || len > PAGE_OF_MAX_BYTES ||
	    !isdigit((unsigned char)text[len - 1]))
		return false;
	for (i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			continue;
		if (numbers == 2)
			return false;
		for (; i < len && isdigit((unsigned char)text[i]); i++)
			number[numbers] =
			    number[numbers] * 10 + (uint64_t)(text[i] - '0');
		numbers++;
	}
	return numbers == 2 && number[0] == page && number[1] == pages;
}

static bool begins_table(const struct reader *r, const struct line *lines,
    size_t i, size_t n);

struct repeated {
	struct line_counts *counts;
	/* Headings that stood on a page: one is as good as one on each. */
	struct line_counts *headings;
	bool others; /* there are lines that most pages do not have */
};

/*
 * What a line of a page is: counted, looked at, taken out. A line without
 * letters counts at the edges of a page alone: elsewhere it is a number of a
 * table.
 */
enum repeated_pass {
	PASS_COUNT,
	PASS_LOOK,
	PASS_TAKE,
};

static void
repeated_line(struct reader *r, struct repeated *all, enum repeated_pass pass,
    size_t page, const struct line *lines, size_t i, size_t n,
    const struct buf *text)
{
	bool edge = i < 2 || i + 2 >= n, common;
	bool heading = heading_level(r, &lines[i], text->len,
			   text->data[text->len - 1]) > 0;
	bool numbered = edge && !heading &&
	    (is_apart(lines, i, n) ||
		is_page_of_all(text->data, text->len, page + 1, r->pages));
	size_t k;

	if (!edge && (heading || !line_has_letters(text->data))) {
		all->others = true;
		return;
	}
	if (pass == PASS_COUNT) {
		line_counts_line(all->counts, text->data, page, numbered);
		return;
	}
	common = line_counts_is_common(all->counts, text->data, page, numbered,
	    r->pages);
	all->others |= !common;
	if (pass == PASS_LOOK || !common || begins_table(r, lines, i, n))
		return;
	if (heading && !line_counts_has(all->headings, text->data)) {
		line_counts_line(all->headings, text->data, 0, false);
		return;
	}
	blocks_drop(r->b, text->data);
	for (k = lines[i].from; k < lines[i].to; k++)
		r->piece[r->order[k]].len = 0;
}

static void
repeated_lines(struct reader *r, struct repeated *all, enum repeated_pass pass)
{
	struct buf text = BUF_INIT(0);
	struct line *lines;
	size_t page, n, i;

	for (page = 0; page < r->pages; page++) {
		lines = lines_of(r, page, &n);
		for (i = 0; i < n; i++) {
			buf_reset(&text);
			put_pieces(r, lines[i].from, lines[i].to, &text);
			if (text.len > 0)
				repeated_line(r, all, pass, page, lines, i, n,
				    &text);
		}
		free(lines);
	}
	buf_release(&text);
}

/* Pieces [from, to) without what was taken out, from *kept on. */
static size_t
close_range(struct reader *r, size_t from, size_t to, size_t *kept)
{
	size_t i;

	for (i = from; i < to; i++)
		if (r->piece[i].len > 0)
			r->piece[(*kept)++] = r->piece[i];
	return *kept;
}

/* The pieces without what was taken out. */
static void
close_up(struct reader *r)
{
	size_t page, from, to, turn, kept = 0;

	for (page = 0; page < r->pages; page++) {
		struct page *p = &r->page[page];

		from = p->from;
		to = p->to;
		p->from = kept;
		p->to = close_range(r, from, to, &kept);
		for (turn = 0; turn < PDF_TURNS; turn++) {
			from = to;
			to = p->turned[turn];
			p->turned[turn] = close_range(r, from, to, &kept);
		}
	}
	r->pieces = kept;
}

/* Empty the pieces of what most pages have; close_up() takes them out. */
static void
drop_repeated(struct reader *r)
{
	struct repeated all = { line_counts_new(), line_counts_new(), false };

	repeated_lines(r, &all, PASS_COUNT);
	repeated_lines(r, &all, PASS_LOOK);
	if (all.others)
		repeated_lines(r, &all, PASS_TAKE);
	line_counts_free(all.counts);
	line_counts_free(all.headings);
}

/* --- numbers of pages --- */

/* The number behind the word for a page: "Page 3"; 0: it is not that. */
static int64_t
number_of_word(const char *text, size_t len)
{
	static const char *const words[] = { "Page", "Seite", "S.", "p.",
		"Página", "Pagina", "Pág.", "Pag.", "Sida", "Side", "Strona",
		"Strana", "Sayfa", "Halaman", "Trang", "Страница", "Стр.",
		"Сторінка", "Σελίδα", "صفحة", "صفحه", "עמוד", "पृष्ठ", "หน้า" };
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i]);
		if (len > n + 1 && strncasecmp(words[i], text, n) == 0 &&
		    text[n] == ' ' && isdigit((unsigned char)text[n + 1]))
			return page_number_of(text + n + 1, len - n - 1);
	}
	return 0;
}

/* The lone number at the outer edge of a page, which stands first or last on
 * its line and, where pages are few, apart: its value and piece. 0: there is
 * none. */
static int64_t
edge_number(const struct reader *r, size_t page, const struct line *lines,
    size_t n, size_t *ret_piece)
{
	const struct line *l;
	size_t edge, side, at;
	const struct pdf_piece *p;
	const char *text;
	int64_t value;
	bool of_all;

	for (edge = 0; edge < 2 && n > 0; edge++) {
		l = &lines[edge == 0 ? n - 1 : 0];
		for (side = 0; side < 2; side++) {
			at = side == 0 ? l->to - 1 : l->from;
			p = piece_at(r, at);
			text = r->text.data + p->at;
			of_all =
			    is_page_of_all(text, p->len, page + 1, r->pages);
			value = of_all ? (int64_t)page + 1 :
					 page_number_of(text, p->len);
			if (value == 0)
				value = number_of_word(text, p->len);
			if (value == 0 ||
			    (l->to - l->from > 1 &&
				!is_wide(r, l, side == 0 ? at : at + 1)) ||
			    (l->to - l->from == 1 && n > 1 &&
				r->pages < BOILERPLATE_PAGES &&
				(!of_all || r->pages == 1) &&
				!is_apart(lines, edge == 0 ? n - 1 : 0, n)))
				continue;
			*ret_piece = r->order[at];
			return value;
		}
	}
	return 0;
}

static void
drop_piece(struct reader *r, size_t i)
{
	struct pdf_piece *p = &r->piece[i];
	char *line = xstrndup(r->text.data + p->at, p->len);

	blocks_drop(r->b, line);
	p->len = 0;
	free(line);
}

/* How many pages have the number that page has, counted from where they are. */
static size_t
in_step(const int64_t *value, size_t pages, size_t page)
{
	size_t other, same = 0;

	for (other = 0; other < pages; other++)
		same += value[other] > 0 &&
		    value[other] + (int64_t)page ==
			value[page] + (int64_t)other;
	return same;
}

/* The numbers of pages, and the pieces they are in. */
struct numbers {
	int64_t *value; /* 0: none */
	size_t *piece;
};

static struct numbers
find_numbers(struct reader *r)
{
	struct numbers found = { xcalloc(r->pages, sizeof(*found.value)),
		xcalloc(r->pages, sizeof(*found.piece)) };
	struct line *lines;
	size_t page, n;

	for (page = 0; page < r->pages; page++) {
		lines = lines_of(r, page, &n);
		found.value[page] =
		    edge_number(r, page, lines, n, &found.piece[page]);
		free(lines);
	}
	return found;
}

/*
 * Those that no form of line gave away: they go up from page to page, over most
 * of them. Ends found.
 */
static void
drop_numbers(struct reader *r, struct numbers *found)
{
	size_t page, same;
	bool is_one;

	for (page = 0; page < r->pages; page++) {
		if (found->value[page] == 0 ||
		    r->piece[found->piece[page]].len == 0)
			continue;
		same = in_step(found->value, r->pages, page);
		/* Of one page it can only be the first. */
		is_one = r->pages == 1 ?
		    found->value[page] == 1 :
		    same >= 2 && same * 100 > r->pages * BOILERPLATE_PERCENT;
		if (is_one)
			drop_piece(r, found->piece[page]);
	}
	free(found->value);
	free(found->piece);
	close_up(r);
}

/* --- running heads --- */

#define HEAD_PARTS_MAX 4 /* with wide gaps between them */
#define HEAD_BYTES 8	 /* of what may come again, at least */
#define HEAD_NEAR 3	 /* pages */
#define HEAD_TOP_UNITS 3

/* The first or the last line of a page, if it stands apart and is no heading. */
struct running {
	bool may_be;
	int top;
	size_t from, to; /* pieces of the page, in order */
	char *part[HEAD_PARTS_MAX];
};

static void
put_parts(const struct reader *r, const struct line *l, struct running *ret)
{
	struct buf part = BUF_INIT(0);
	size_t from, to, n = 0;

	for (from = l->from; from < l->to && n < HEAD_PARTS_MAX; from = to) {
		for (to = from + 1; to < l->to && !is_wide(r, l, to); to++)
			;
		buf_reset(&part);
		put_pieces(r, from, to, &part);
		if (part.len >= HEAD_BYTES)
			ret->part[n++] = xstrdup(part.data);
	}
	buf_release(&part);
}

static void
find_running(struct reader *r, size_t page, bool foot, struct running *ret)
{
	struct buf text = BUF_INIT(0);
	const struct line *l, *next;
	struct line *lines;
	size_t n;
	int gap;

	memset(ret, 0, sizeof(*ret));
	lines = lines_of(r, page, &n);
	if (n < 2)
		goto out;
	l = &lines[foot ? n - 1 : 0];
	next = &lines[foot ? n - 2 : 1];
	gap = foot ? l->top - next->bottom : next->top - l->bottom;
	put_pieces(r, l->from, l->to, &text);
	if (text.len == 0 || 2 * gap < l->size || l->size > r->body ||
	    begins_table(r, lines, foot ? n - 1 : 0, n) ||
	    heading_level(r, l, text.len, text.data[text.len - 1]) > 0)
		goto out;
	put_parts(r, l, ret);
	ret->may_be = ret->part[0] != NULL;
	ret->top = l->top;
	ret->from = l->from;
	ret->to = l->to;
out:
	buf_release(&text);
	free(lines);
}

/* Whether two such lines have a part in common, a chapter's name. */
static bool
share_a_part(const struct running *a, const struct running *b)
{
	size_t i, k;

	for (i = 0; i < HEAD_PARTS_MAX && a->part[i] != NULL; i++)
		for (k = 0; k < HEAD_PARTS_MAX && b->part[k] != NULL; k++)
			if (strcmp(a->part[i], b->part[k]) == 0)
				return true;
	return false;
}

static bool
comes_again(const struct running *all, size_t pages, size_t page)
{
	size_t k, from = page > HEAD_NEAR ? page - HEAD_NEAR : 0;

	for (k = from; k < pages && k <= page + HEAD_NEAR; k++)
		if (k != page && all[k].may_be &&
		    abs(all[k].top - all[page].top) <= HEAD_TOP_UNITS &&
		    share_a_part(&all[k], &all[page]))
			return true;
	return false;
}

/* Those of all that stand where most do; how many. */
static size_t
keep_those_in_place(struct running *all, size_t pages)
{
	size_t i, k, same, most = 0;
	int top = 0;

	for (i = 0; i < pages; i++) {
		for (same = k = 0; all[i].may_be && k < pages; k++)
			same += all[k].may_be &&
			    abs(all[k].top - all[i].top) <= HEAD_TOP_UNITS;
		if (same > most) {
			most = same;
			top = all[i].top;
		}
	}
	for (i = 0; i < pages; i++)
		all[i].may_be &= abs(all[i].top - top) <= HEAD_TOP_UNITS;
	return most;
}

/*
 * Lines that stand at one place over or under the text of most pages and say
 * which chapter it is: those of most have a part in common with one nearby.
 * Titles of slides do not, and are headings besides.
 */
static void
drop_running(struct reader *r, bool foot)
{
	struct running *all = xcalloc(r->pages, sizeof(*all));
	size_t page, i, count, again = 0;
	struct buf text = BUF_INIT(0);

	for (page = 0; page < r->pages; page++)
		find_running(r, page, foot, &all[page]);
	count = keep_those_in_place(all, r->pages);
	for (page = 0; page < r->pages; page++)
		again += all[page].may_be && comes_again(all, r->pages, page);
	if (count < BOILERPLATE_PAGES || 2 * count < r->pages ||
	    2 * again < count)
		goto out;
	for (page = 0; page < r->pages; page++) {
		if (!all[page].may_be)
			continue;
		free(lines_of(r, page, &i)); /* the pieces in their order */
		buf_reset(&text);
		put_pieces(r, all[page].from, all[page].to, &text);
		blocks_drop(r->b, text.data);
		for (i = all[page].from; i < all[page].to; i++)
			r->piece[r->order[i]].len = 0;
	}
	close_up(r);
out:
	buf_release(&text);
	for (page = 0; page < r->pages; page++)
		for (i = 0; i < HEAD_PARTS_MAX; i++)
			free(all[page].part[i]);
	free(all);
}

/* --- lines around pages --- */

/* Lines at the edges of a page, from them inwards. */
struct edges {
	struct {
		struct line line;
		char *text; /* NULL: there is none, or it is no such line */
		bool common;
	} at[2][2];
};

static void
find_edges(struct reader *r, size_t page, struct edges *ret)
{
	struct buf text = BUF_INIT(0);
	struct line *lines, *l;
	size_t i, n, k;

	lines = lines_of(r, page, &n);
	for (i = 0; i < 2; i++)
		for (k = 0; k < 2 && 2 * k + i < n; k++) {
			l = &lines[i == 0 ? k : n - 1 - k];
			buf_reset(&text);
			put_pieces(r, l->from, l->to, &text);
			if (text.len == 0 ||
			    begins_table(r, lines, i == 0 ? k : n - 1 - k, n) ||
			    heading_level(r, l, text.len,
				text.data[text.len - 1]) > 0)
				break;
			ret->at[i][k].line = *l;
			ret->at[i][k].text = xstrdup(text.data);
		}
	buf_release(&text);
	free(lines);
}

/* Whether most pages, two at least, have a line of page at the same place. */
static bool
is_common(const struct edges *all, size_t pages, size_t page, size_t i,
    size_t k)
{
	const char *text = all[page].at[i][k].text, *other;
	size_t q, same = 0;

	for (q = 0; q < pages && text != NULL; q++) {
		other = all[q].at[i][k].text;
		same += other != NULL && strcmp(other, text) == 0 &&
		    abs(all[q].at[i][k].line.top -
			all[page].at[i][k].line.top) <= 3;
	}
	return same >= 2 && same * 100 > pages * BOILERPLATE_PERCENT;
}

/* Whether an earlier page has the same line there. */
static bool
was_common(const struct edges *all, size_t page, size_t i, size_t k)
{
	size_t q;

	for (q = 0; q < page; q++)
		if (all[q].at[i][k].common &&
		    strcmp(all[q].at[i][k].text, all[page].at[i][k].text) == 0)
			return true;
	return false;
}

/* What is left of all pages, a blank behind each piece. */
static void
put_rest(const struct reader *r, struct buf *out)
{
	size_t i;

	for (i = 0; i < r->pieces; i++)
		if (r->piece[i].len > 0) {
			buf_add(out, r->text.data + r->piece[i].at,
			    r->piece[i].len);
			buf_addc(out, ' ');
		}
}

/* Whether all words of a line stand in text, too. */
static bool
is_said_in(const char *line, const struct buf *text)
{
	const char *p, *end;
	bool said = text->len > 0;
	char *word;

	for (p = line; said && *p != '\0'; p = end) {
		for (end = p; isalnum((unsigned char)*end) ||
		     (unsigned char)*end >= 0x80;
		     end++)
			;
		if (end == p) {
			end++;
			continue;
		}
		word = xstrndup(p, (size_t)(end - p));
		said = strcasestr(text->data, word) != NULL;
		free(word);
	}
	return said;
}

/* Put the common lines at an edge of a page before or behind it; rest: what
 * stands elsewhere. */
static void
put_edge(struct reader *r, const struct edges *all, size_t page, size_t i,
    const struct buf *rest)
{
	struct page *p = &r->page[page];
	size_t j, k;

	for (j = 0; j < 2; j++) {
		k = i == 0 ? j : 1 - j; /* from top to bottom */
		if (!all[page].at[i][k].common)
			continue;
		if (was_common(all, page, i, k) ||
		    is_said_in(all[page].at[i][k].text, rest))
			kb_text_drop(r->b->text, all[page].at[i][k].text);
		else
			buf_addf(i == 0 ? &p->head : &p->foot, "%s\n",
			    all[page].at[i][k].text);
	}
}

/*
 * Of few pages what most have may be of the text: it stays once, but where its
 * words stand elsewhere, too. It is no part of what goes on from page to page.
 */
static void
set_aside(struct reader *r)
{
	struct edges all[BOILERPLATE_PAGES] = { 0 };
	struct buf rest = BUF_INIT(0);
	size_t page, i, k, n;
	struct line *l;

	for (page = 0; page < r->pages; page++)
		find_edges(r, page, &all[page]);
	for (page = 0; page < r->pages; page++)
		for (i = 0; i < 2; i++)
			for (k = 0; k < 2; k++)
				all[page].at[i][k].common =
				    (k == 0 || all[page].at[i][0].common) &&
				    is_common(all, r->pages, page, i, k);
	for (page = 0; page < r->pages; page++) {
		free(lines_of(r, page, &n)); /* the pieces in their order */
		for (i = 0; i < 4; i++) {
			l = &all[page].at[i / 2][i % 2].line;
			if (all[page].at[i / 2][i % 2].common)
				for (n = l->from; n < l->to; n++)
					r->piece[r->order[n]].len = 0;
		}
	}
	put_rest(r, &rest);
	for (page = 0; page < r->pages; page++)
		for (i = 0; i < 2; i++)
			put_edge(r, all, page, i, &rest);
	for (page = 0; page < r->pages; page++)
		for (i = 0; i < 4; i++)
			free(all[page].at[i / 2][i % 2].text);
	buf_release(&rest);
	close_up(r);
}

static void
put_asides(struct reader *r)
{
	int page = r->b->page;
	size_t i;

	for (i = 0; i < r->nasides; i++) {
		r->b->page = r->aside[i].page;
		writer_paragraph(&r->w, r->aside[i].text,
		    strlen(r->aside[i].text));
		free(r->aside[i].text);
	}
	r->nasides = 0;
	r->b->page = page;
}

/* End the paragraph at work; what stands aside of it waits still. */
static void
run_close(struct reader *r)
{
	int page = r->b->page;

	r->b->page = r->run_page;
	if (r->kind == 'h')
		writer_heading(&r->w, r->level,
		    r->run.data != NULL ? r->run.data : "", r->run.len);
	else if (r->kind == 'p')
		writer_paragraph(&r->w, r->run.data != NULL ? r->run.data : "",
		    r->run.len);
	r->b->page = page;
	r->kind = 0;
	buf_reset(&r->run);
}

static void
run_end(struct reader *r)
{
	run_close(r);
	put_asides(r);
}

/* A paragraph that stands aside of what goes on from page to page. */
static void
set_aside_text(struct reader *r, const char *text, size_t len)
{
	if (r->nasides == ASIDE_MAX)
		run_end(r);
	r->aside[r->nasides].page = r->b->page;
	r->aside[r->nasides++].text = xstrndup(text, len);
}

/* Put each of the lines around a page; what goes on over it comes first. */
static void
put_around(struct reader *r, const struct buf *lines)
{
	const char *p = lines->data, *end;

	for (; p != NULL && *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		set_aside_text(r, p, (size_t)(end - p));
	}
	if (r->kind != 'p' && r->kind != 'l')
		put_asides(r);
}

/* --- large first letters --- */

/* Whether piece p is one letter, as large as several lines. */
static bool
is_large_letter(const struct reader *r, const struct pdf_piece *p)
{
	const char *text = r->text.data + p->at;
	const char *end = text;

	return p->size >= 2 * r->body && p->len <= 4 &&
	    utf8proc_category((utf8proc_int32_t)utf8_next(&end,
		text + p->len)) == UTF8PROC_CATEGORY_LU &&
	    end == text + p->len;
}

/* The first of the lines beside a large letter, which goes on with its word. */
static struct pdf_piece *
beside_letter(struct reader *r, const struct page *page,
    const struct pdf_piece *p)
{
	struct pdf_piece *k, *best = NULL;
	size_t i;

	for (i = page->from; i < page->to; i++) {
		k = &r->piece[i];
		if (k->size <= r->body * HEADING_FACTOR && k->len > 0 &&
		    abs(k->left - p->left - p->width) <= r->body &&
		    k->top + k->height > p->top &&
		    k->top < p->top + p->height &&
		    (best == NULL || k->top < best->top))
			best = k;
	}
	return best;
}

/* A letter at the beginning of a paragraph that is as large as several lines of
 * it begins the word beside it, and no heading. */
static void
join_large_letters(struct reader *r, struct page *page)
{
	struct pdf_piece *p, *k;
	char *word;
	size_t i, n = 0;

	for (i = page->from; i < page->to && n < LARGE_LETTERS_MAX; i++) {
		p = &r->piece[i];
		if (!is_large_letter(r, p))
			continue;
		n++;
		k = beside_letter(r, page, p);
		if (k == NULL)
			continue;
		word = xformat("%.*s%s%.*s", (int)p->len, r->text.data + p->at,
		    k->before ? " " : "", (int)k->len, r->text.data + k->at);
		k->at = r->text.len;
		k->len = strlen(word);
		k->before = false;
		buf_adds(&r->text, word);
		p->len = 0;
		free(word);
	}
}

/* --- lines that are turned --- */

#define TURNED_LINES 3 /* of a note beside a text at most */
#define TURNED_NAMES_MAX 64

/* The text of line l, as one of those that are turned. */
static void
put_turned_line(const struct reader *r, const struct line *l, struct buf *out)
{
	if (out->len > 0)
		buf_addc(out, ' ');
	put_pieces(r, l->from, l->to, out);
}

/* Where a line that is turned stands on its page, as it is seen. */
static struct line
place_on_page(const struct page *p, const struct line *l, enum pdf_turn turn)
{
	struct line at = *l;

	if (turn == PDF_UP) {
		at.left = l->top;
		at.right = l->bottom;
		at.top = p->height - l->right;
		at.bottom = p->height - l->left;
	} else {
		at.left = p->width - l->bottom;
		at.right = p->width - l->top;
		at.top = l->left;
		at.bottom = l->right;
	}
	return at;
}

/* Whether something upright stands just below a place that ends at bottom. */
static bool
has_below(const struct reader *r, const struct page *p, const struct line *at,
    int bottom)
{
	const struct pdf_piece *k;
	size_t i;

	for (i = p->from; i < p->to; i++) {
		k = &r->piece[i];
		if (2 * k->top >= 2 * bottom - at->size &&
		    k->top <= bottom + 2 * at->size &&
		    2 * k->left <= 2 * at->right + at->size &&
		    2 * (k->left + k->width) >= 2 * at->left - at->size)
			return true;
	}
	return false;
}

/* Whether lines that are turned stand side by side over columns of a table;
 * at: their places. */
static bool
are_over_columns(const struct reader *r, const struct page *p,
    const struct line *at, size_t n, int *ret_bottom)
{
	size_t i, over = 0;
	int top = INT32_MIN, least = INT32_MAX, bottom = INT32_MIN;

	for (i = 0; i < n; i++) {
		if (at[i].top > top)
			top = at[i].top;
		if (at[i].bottom < least)
			least = at[i].bottom;
		if (at[i].bottom > bottom)
			bottom = at[i].bottom;
	}
	*ret_bottom = bottom;
	if (n < 2 || n > TURNED_NAMES_MAX || top >= least)
		return false;
	for (i = 0; i < n; i++)
		over += has_below(r, p, &at[i], bottom);
	return over >= 2 && 2 * over >= n;
}

/* Names of narrow columns are turned to find room: they become upright. */
static void
set_names_upright(struct reader *r, struct page *p, enum pdf_turn turn)
{
	size_t n, i, k, from = turn == 0 ? p->to : p->turned[turn - 1];
	struct line *lines = lines_in(r, from, p->turned[turn], &n);
	struct line *at = xmalloc((n + 1) * sizeof(*at));
	struct pdf_piece *piece;
	int bottom;

	for (i = 0; i < n; i++)
		at[i] = place_on_page(p, &lines[i], turn);
	if (are_over_columns(r, p, at, n, &bottom)) {
		for (i = 0; i < n; i++)
			for (k = lines[i].to; k-- > lines[i].from;) {
				piece = &r->piece[r->order[k]];
				piece->before =
				    k > lines[i].from && is_parted(r, k);
				piece->turn = PDF_UPRIGHT;
				piece->left = at[i].left;
				piece->width = at[i].right - at[i].left;
				piece->height = at[i].size;
				piece->top = bottom - at[i].size;
			}
		p->to = p->turned[PDF_TURNS - 1];
		sort_by_turn(r, p);
	}
	free(lines);
	free(at);
}

/* Lines that are turned on most pages, as the name of a form in its margin or a
 * stamp over it, are no text of it; take: take them out, or count them. */
static void
turned_lines(struct reader *r, struct line_counts *counts, bool take)
{
	struct buf text = BUF_INIT(0);
	size_t page, from, to, turn, n, i, k;
	struct line *lines;

	r->to_left = false;
	for (page = 0; page < r->pages; page++) {
		to = r->page[page].to;
		for (turn = 0; turn < PDF_TURNS; turn++) {
			from = to;
			to = r->page[page].turned[turn];
			lines = lines_in(r, from, to, &n);
			for (i = 0; i < n; i++) {
				buf_reset(&text);
				put_turned_line(r, &lines[i], &text);
				if (text.len == 0)
					continue;
				if (!take) {
					line_counts_line(counts, text.data,
					    page, true);
					continue;
				}
				if (!line_counts_is_common(counts, text.data,
					page, true, r->pages))
					continue;
				blocks_drop(r->b, text.data);
				for (k = lines[i].from; k < lines[i].to; k++)
					r->piece[r->order[k]].len = 0;
			}
			free(lines);
		}
	}
	buf_release(&text);
}

static void
drop_turned(struct reader *r)
{
	struct line_counts *counts = line_counts_new();

	turned_lines(r, counts, false);
	turned_lines(r, counts, true);
	line_counts_free(counts);
	close_up(r);
}

/* --- paragraphs --- */

/* Bytes of a bullet or a number before an item; *number: as it stands. */
static size_t
marker(const char *text, size_t len, char number[12])
{
	static const char *const bullets[] = { "•", "–", "—", "◦", "▪", "■",
		"●", "○", "□", "◆", "◇", "❖", "‣", "▶", "►", "▸", "➤", "➢", "→",
		"⇒", "✓", "✔", "✗", "✘", "❑", "❒", "⁃", "∙", "·", "-", "*",
		NULL };
	const char *p = text;
	uint32_t sign;
	size_t i, n = 0;

	number[0] = '\0';
	for (i = 0; bullets[i] != NULL; i++) {
		n = strlen(bullets[i]);
		if (len > n + 1 && strncmp(text, bullets[i], n) == 0 &&
		    text[n] == ' ')
			return n + 1;
	}
	/* A sign of a font of symbols. */
	sign = utf8_next(&p, text + len);
	if (sign >= 0xf020 && sign <= 0xf0ff && p + 1 < text + len && *p == ' ')
		return (size_t)(p + 1 - text);
	for (n = 0; n < len && n < 3 && isdigit((unsigned char)text[n]); n++)
		;
	if (n == 0 && len > 3 && isalpha((unsigned char)text[0]) &&
	    text[1] == ')')
		n = 1;
	if (n == 0 || n + 2 >= len || strchr(".)", text[n]) == NULL ||
	    text[n + 1] != ' ')
		return 0;
	snprintf(number, 12, "%.*s", (int)n + 1, text);
	return n + 2;
}

static bool
is_bullet_alone(const char *text, size_t len)
{
	char padded[16], number[12];

	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (len == 0 || len > 8)
		return false;
	snprintf(padded, sizeof(padded), "%.*s xx", (int)len, text);
	return marker(padded, strlen(padded), number) == len + 1;
}

/* A new line behind what was read of its paragraph; blank: what parts them.
 * turns: how many pages further it stands. */
static void
join(struct buf *out, const char *text, size_t len, char blank, int turns)
{
	size_t n = out->len, dash = 0;
	const char *d = out->data;

	if (n > 1 && d[n - 1] == '-')
		dash = 1;
	else if (n > 2 && memcmp(d + n - 2, "\xc2\xad", 2) == 0)
		dash = 2;
	else if (n > 3 && memcmp(d + n - 3, "\xe2\x80\x90", 3) == 0)
		dash = 3;
	/* A word that was cut goes on with a small letter. */
	if (dash > 0 && n > dash &&
	    (isalpha((unsigned char)d[n - dash - 1]) ||
		(unsigned char)d[n - dash - 1] >= 0x80) &&
	    (islower((unsigned char)*text) || (unsigned char)*text >= 0xc3)) {
		out->len -= dash;
		out->data[out->len] = '\0';
	} else if (n > 0) {
		/* Scripts without blanks are joined without. */
		const char *p = text, *end = text + len;
		uint32_t next = utf8_next(&p, end);

		/* Thai to Burmese, Khmer; then Chinese and Japanese. */
		if (!((next >= 0xe00 && next < 0x10a0) ||
			(next >= 0x1780 && next < 0x1800) ||
			(next >= 0x3000 && next < 0xa000) ||
			(next >= 0xff00 && next < 0xfff0)))
			buf_addc(out, blank);
	}
	while (turns-- > 0)
		buf_addc(out, '\f');
	buf_add(out, text, len);
}

static bool
ends_sentence(const struct buf *b)
{
	static const char *const marks[] = { ".", "!", "?", ":", ";", "。",
		"！", "？", "：", "；", "।", "؟", "؛", "۔", NULL };
	size_t i, n, len = b->len;

	/* The mark of a note behind it. */
	if (len > 0 && b->data[len - 1] == ']')
		for (len--; len > 0 && b->data[len] != '[';)
			len--;
	for (i = 0; marks[i] != NULL; i++) {
		n = strlen(marks[i]);
		if (len >= n && memcmp(b->data + len - n, marks[i], n) == 0)
			return true;
	}
	return false;
}

static utf8proc_category_t
first_of(const struct reader *r, size_t i)
{
	const char *p = r->text.data + piece_at(r, i)->at;
	uint32_t c = utf8_next(&p, p + piece_at(r, i)->len);

	return utf8proc_category((utf8proc_int32_t)c);
}

/* Whether l goes on with the paragraph at work; right: of the region. */
static bool
goes_on(const struct reader *r, const struct line *l, int pitch, int right)
{
	const struct line *k = &r->last;
	int gap = l->top - k->top, em = l->size;

	if (r->kind == 0 || abs(l->size - k->size) > 1)
		return false;
	if (r->at_page != r->b->page || l->top < k->top) {
		/* On the next page or column: a sentence that is not over. */
		return r->kind == 'l' ? !ends_sentence(&r->w.list) &&
			first_of(r, l->from) != UTF8PROC_CATEGORY_LU :
					!ends_sentence(&r->run);
	}
	if (gap * 10 > pitch * 14 && gap * 10 > em * 17)
		return false;
	/* Lines that are set in and end early are items whose bullets are
	 * drawn, verses or code. */
	if (2 * (l->left - r->margin) > 3 * em &&
	    4 * abs(l->left - k->left) < em && k->right + 8 * em < right)
		return false;
	/* A line that ends early, and a sentence, ends the paragraph. */
	if (k->right + 8 * em < right && ends_sentence(&r->run))
		return false;
	if (r->kind == 'p' && l->left > k->left + em && ends_sentence(&r->run))
		return false;
	return true;
}

static void
forget_names(struct reader *r)
{
	size_t c;

	for (c = 0; c < r->names.columns; c++)
		free(r->names.text[c]);
	r->names.columns = 0;
	r->names.page = 0;
}

/* A line of a heading, which may go on with that above it. */
static void
put_heading_line(struct reader *r, const struct line *l, int level)
{
	struct buf text = BUF_INIT(0);

	r->no_marks = true;
	put_pieces(r, l->from, l->to, &text);
	r->no_marks = false;
	if (r->kind == 'h' && r->level == level && l->top > r->last.top &&
	    l->top - r->last.top < 2 * l->size + 2 && r->run_page == r->b->page)
		join(&r->run, text.data, text.len, '\n', 0);
	else {
		run_end(r);
		r->kind = 'h';
		r->level = level;
		r->run_page = r->b->page;
		buf_add(&r->run, text.data, text.len);
	}
	buf_release(&text);
}

static void
put_text_line(struct reader *r, const struct line *l, int pitch, int right)
{
	struct buf text = BUF_INIT(0);
	char number[12];
	size_t skip;
	int level, turns = r->b->page - r->at_page;

	put_pieces(r, l->from, l->to, &text);
	if (text.len == 0)
		goto out;
	forget_names(r);
	skip = marker(text.data, text.len, number);
	level = heading_level(r, l, text.len, text.data[text.len - 1]);
	if (level > 0)
		put_heading_line(r, l, level);
	else if (skip > 0) {
		if (r->kind == 'l')
			run_close(r);
		else
			run_end(r);
		while (r->w.list.len > 0 && turns-- > 0)
			buf_addc(&r->w.list, '\f');
		writer_item(&r->w, 1, number[0] != '\0' ? number : NULL,
		    text.data + skip, text.len - skip);
		r->kind = 'l';
	} else if (r->kind == 'l' && l->left > r->last.left - l->size / 2 &&
	    goes_on(r, l, pitch, right) && r->w.list.len > 0)
		join(&r->w.list, text.data, text.len, ' ', turns);
	else if (r->kind == 'p' && goes_on(r, l, pitch, right))
		join(&r->run, text.data, text.len, '\n', turns);
	else {
		run_end(r);
		r->kind = 'p';
		r->run_page = r->b->page;
		buf_add(&r->run, text.data, text.len);
	}
	r->last = *l;
	r->at_page = r->b->page;
out:
	buf_release(&text);
}

/* --- tables --- */

/* Columns that pieces of lines [from, to) stand in; at most 64. */
static size_t
find_bands(const struct reader *r, const struct line *lines, size_t from,
    size_t to, struct band bands[64])
{
	uint8_t covered[WIDTH_MAX] = { 0 };
	size_t i, k, n = 0;
	int x, a, z;

	for (i = from; i < to; i++)
		for (k = lines[i].from; k < lines[i].to; k++) {
			const struct pdf_piece *p = piece_at(r, k);

			a = p->left < 0 ? 0 : p->left;
			z = p->left + p->width;
			for (x = a; x < z && x < WIDTH_MAX; x++)
				covered[x] = 1;
		}
	for (x = 0; x < WIDTH_MAX && n < 64; x++) {
		if (!covered[x])
			continue;
		for (a = x; x < WIDTH_MAX && covered[x]; x++)
			;
		/* Blanks between words are no columns. */
		if (n > 0 && a - bands[n - 1].right < r->body * 7 / 10)
			bands[n - 1].right = x;
		else
			bands[n++] = (struct band){ a, x };
	}
	return n;
}

static size_t
band_of(const struct band *bands, size_t n, const struct pdf_piece *p)
{
	size_t i;

	for (i = 0; i + 1 < n && p->left >= bands[i].right; i++)
		;
	return i;
}

/* How far line i is below the one before it, in a table. */
static int
step(const struct line *lines, size_t i)
{
	return lines[i].top - lines[i - 1].top;
}

/* Lines of one row are no further apart than those of a paragraph. */
static bool
is_near(const struct line *lines, size_t i)
{
	return step(lines, i) * 2 <= lines[i].size * 3;
}

/* Whether a text begins within a sentence, with a small letter or what closes. */
static bool
begins_within(const struct reader *r, size_t i)
{
	return first_of(r, i) == UTF8PROC_CATEGORY_LL ||
	    strchr(")]", r->text.data[piece_at(r, i)->at]) != NULL;
}

/* Whether a bullet begins piece i; a dash may be that of an amount. */
static bool
begins_with_bullet(const struct reader *r, size_t i)
{
	const struct pdf_piece *p = piece_at(r, i);
	const char *text = r->text.data + p->at;
	char number[12] = "";

	return strchr("-*", *text) == NULL && strncmp(text, "–", 3) != 0 &&
	    strncmp(text, "—", 3) != 0 &&
	    (is_bullet_alone(text, p->len) ||
		marker(text, p->len, number) > 0) &&
	    number[0] == '\0' && !isdigit((unsigned char)*text);
}

/* The width of the first word of piece i, about. */
static int
first_word(const struct reader *r, size_t i)
{
	const struct pdf_piece *p = piece_at(r, i);
	const char *text = r->text.data + p->at;
	const char *end = memchr(text, ' ', p->len);

	return end == NULL ? p->width :
			     p->width * (int)(end - text) / (int)p->len;
}

/* The piece behind the cell that begins with piece k. */
static size_t
cell_end(const struct reader *r, const struct line *l, size_t k)
{
	for (k++; k < l->to && !is_wide(r, l, k); k++)
		;
	return k;
}

/* Whether a line may be the rest of cells above, in any columns but the first:
 * of several cells one begins within a sentence, or with a bullet. */
static bool
is_rest(const struct reader *r, const struct line *lines, size_t i,
    const struct band *bands)
{
	const struct line *l = &lines[i];
	size_t k;

	if (l->left <= bands[0].right || step(lines, i) >= l->size * 17 / 10)
		return false;
	for (k = l->from;
	     k < l->to && !begins_within(r, k) && !begins_with_bullet(r, k);
	     k = cell_end(r, l, k))
		;
	return k < l->to || cells_of(r, l) == 1;
}

/* Whether a bracket is open at the end of the cell that begins line l. */
static bool
is_open(const struct reader *r, const struct line *l)
{
	size_t k, i, end = cell_end(r, l, l->from);
	const struct pdf_piece *p;
	int open = 0;

	for (k = l->from; k < end; k++) {
		p = piece_at(r, k);
		for (i = p->at; i < p->at + p->len; i++)
			open +=
			    (r->text.data[i] == '(') - (r->text.data[i] == ')');
	}
	return open > 0;
}

/*
 * Whether line i of a table that begins at line `from`, as near as rows are,
 * goes on with the first cell of the line above, and with others of it: it has fewer cells than the columns, n, and all
 * begin within a sentence, which those of the row above did not; or its one
 * cell closes a bracket, or begins with a word there was no room for.
 */
static bool
is_rest_of_first(const struct reader *r, const struct line *lines, size_t from,
    size_t i, const struct band *bands, size_t n)
{
	const struct line *l = &lines[i], *above = &lines[i - 1];
	const struct pdf_piece *last;
	size_t k, cells = 0, first = i - 1;

	if (n < 2 || !is_near(lines, i) || l->left >= bands[0].right ||
	    l->is_bold != above->is_bold || above->left >= bands[0].right)
		return false;
	for (k = l->from; k < l->to; k = cell_end(r, l, k)) {
		cells++;
		if (!begins_within(r, k))
			break;
	}
	/* The row may be of some lines already. */
	while (first > from && first + REST_LINES > i &&
	    is_near(lines, first) && cells_of(r, &lines[first]) < n &&
	    begins_within(r, lines[first].from))
		first--;
	if (k == l->to && cells < n && !begins_within(r, lines[first].from))
		return true;
	if (cells > 1 || cells_of(r, l) > 1)
		return false;
	last = piece_at(r, cell_end(r, above, above->from) - 1);
	return is_open(r, above) ||
	    (n > 2 && cells_of(r, above) == n &&
		first_of(r, l->from) == UTF8PROC_CATEGORY_LU &&
		last->left + last->width + first_word(r, l->from) +
			l->size / 3 >
		    bands[1].left - l->size / 2);
}

/* Whether a step is as wide as one between rows whose lines are near apart. */
static bool
is_wider(int wide, int near)
{
	return wide * 4 >= near * 5;
}

/* Whether line i of one cell, in any column, is of the row above: it is nearer
 * than rows are, of those so far (wide) or the next. */
static bool
is_in_row(const struct reader *r, const struct line *lines, size_t i, size_t n,
    int wide)
{
	return is_near(lines, i) &&
	    (is_wider(wide, step(lines, i)) ||
		(i + 1 < n && cells_of(r, &lines[i + 1]) >= 2 &&
		    is_wider(step(lines, i + 1), step(lines, i))));
}

/* Whether the next line is of another column, not quite as high. */
static bool
is_beside(const struct line *lines, size_t i, size_t n)
{
	return i + 1 < n && lines[i + 1].top < lines[i].bottom &&
	    (lines[i + 1].left > lines[i].right ||
		lines[i].left > lines[i + 1].right);
}

/* Whether each cell of a line stands in one column. */
static bool
is_in_columns(const struct reader *r, const struct line *l,
    const struct band *bands, size_t n)
{
	const struct pdf_piece *p;
	size_t k, end, c, over;
	int left, right;

	for (k = l->from; k < l->to; k = end) {
		end = cell_end(r, l, k);
		p = piece_at(r, end - 1);
		left = piece_at(r, k)->left;
		right = p->left + p->width;
		for (c = over = 0; c < n; c++)
			over += left < bands[c].right && right > bands[c].left;
		if (over > 1)
			return false;
	}
	return true;
}

/* Whether line k, behind lines of a table that began at line i, says what those
 * below it are of: it is alone at the left, and they are in the same columns. */
static bool
is_title(const struct reader *r, const struct line *lines, size_t i, size_t k,
    size_t n, const struct band *bands, size_t columns)
{
	const struct line *l = &lines[k], *below = &lines[k + 1];

	return k > i && k + 1 < n && columns >= 2 && cells_of(r, l) == 1 &&
	    first_of(r, l->from) <= UTF8PROC_CATEGORY_LO &&
	    abs(l->left - bands[0].left) <= l->size &&
	    l->right + r->body < bands[1].left &&
	    l->size <= r->body * HEADING_FACTOR &&
	    step(lines, k) <= TITLE_STEP * l->size &&
	    step(lines, k + 1) <= TITLE_STEP * l->size &&
	    cells_of(r, below) >= 2 && cells_of(r, below) <= columns &&
	    abs(below->left - bands[0].left) <= l->size &&
	    is_in_columns(r, below, bands, columns) &&
	    !(below->is_bold && !lines[k - 1].is_bold);
}

/* The line behind the table that begins at line i; i: there is none. */
static size_t
table_end_of(const struct reader *r, const struct line *lines, size_t i,
    size_t n)
{
	struct band bands[64];
	size_t k, rows = 0, columns = 0, now;
	bool title;
	int wide = 0;

	for (k = i; k < n; k++) {
		size_t cells = cells_of(r, &lines[k]);
		bool rest = k > i && columns >= 2 &&
		    (is_rest(r, lines, k, bands) ||
			is_rest_of_first(r, lines, i, k, bands, columns));
		bool inner =
		    k > i && columns >= 2 && is_in_row(r, lines, k, n, wide);

		if (k > i &&
		    lines[k].top - lines[k - 1].bottom > 3 * lines[k].size)
			break;
		/* Or a row begins that its other cells are in the middle of. */
		if (k > i && !inner && columns >= 2 && k + 1 < n)
			inner = is_beside(lines, k, n) ||
			    is_beside(lines, k - 1, n) ||
			    (lines[k].left > bands[0].right &&
				is_near(lines, k + 1) &&
				is_wider(step(lines, k), step(lines, k + 1)) &&
				cells_of(r, &lines[k + 1]) >= 2);
		title = !rest && !inner &&
		    is_title(r, lines, i, k, n, bands, columns);
		if (cells < 2 && !rest && !inner && !title)
			break;
		now = find_bands(r, lines, i, k + 1, bands);
		/* A line that runs over the gaps is none of it. */
		if (now < 2 || (k > i && now < columns && now < 3) ||
		    (cells < 2 && !rest && !title && now < columns))
			break;
		columns = now;
		rows += cells >= 2;
		if (k > i && step(lines, k) > wide)
			wide = step(lines, k);
	}
	if (k < n && k > i)
		columns = find_bands(r, lines, i, k, bands);
	return rows >= 2 && columns >= 2 ? k : i;
}

/* The line behind the table whose first line, i, has one cell: a name in two
 * lines that the others are set low beside, or a cell they are beside in its
 * middle; i: there is none. */
static size_t
low_table_end_of(const struct reader *r, const struct line *lines, size_t i,
    size_t n)
{
	struct band bands[64];
	size_t end, columns;

	if (i + 2 >= n || lines[i].size > r->body * HEADING_FACTOR ||
	    cells_of(r, &lines[i + 1]) < 2 || !is_near(lines, i + 1) ||
	    (i > 0 && !is_wider(step(lines, i), step(lines, i + 1))))
		return i;
	end = table_end_of(r, lines, i + 1, n);
	if (end < i + 3)
		return i;
	columns = find_bands(r, lines, i + 1, end, bands);
	return lines[i].left > bands[0].right &&
		lines[i].right - lines[i].left <
		    bands[columns - 1].right - bands[1].left + r->body &&
		find_bands(r, lines, i, end, bands) >= columns ?
	    end :
	    i;
}

/* Whether line i names the columns of a table just below, as each page of a long
 * one may have it. */
static bool
begins_table(const struct reader *r, const struct line *lines, size_t i,
    size_t n)
{
	struct band bands[64];
	size_t end, columns;

	if (i + 2 >= n || cells_of(r, &lines[i]) < 2 ||
	    step(lines, i + 1) > TITLE_STEP * lines[i].size ||
	    2 * step(lines, i + 1) > 3 * step(lines, i + 2))
		return false;
	end =
	    table_end_of(r, lines, i, n < i + LOOK_LINES ? n : i + LOOK_LINES);
	if (end < i + 3)
		return false;
	columns = find_bands(r, lines, i + 1, end, bands);
	return columns == cells_of(r, &lines[i]) &&
	    find_bands(r, lines, i, end, bands) == columns;
}

static int compare_ints(const void *a, const void *b);

/* Columns that a line has something in. */
static size_t
bands_of(const struct reader *r, const struct line *l, const struct band *bands,
    size_t columns)
{
	bool has[64] = { false };
	size_t i, n = 0;

	for (i = l->from; i < l->to; i++)
		has[band_of(bands, columns, piece_at(r, i))] = true;
	for (i = 0; i < columns; i++)
		n += has[i];
	return n;
}

/* Whether most lines no further than inner below another go on with its row:
 * such lines have fewer cells than the table. */
static bool
are_rests(const struct reader *r, const struct line *lines, size_t from,
    size_t to, const struct band *bands, size_t columns, int inner)
{
	size_t i, all = 0, fewer = 0;

	for (i = from + 1; i < to; i++) {
		if (step(lines, i) > inner ||
		    (lines[i].is_bold && lines[i - 1].is_bold))
			continue;
		all++;
		fewer += bands_of(r, &lines[i], bands, columns) < columns;
	}
	return 3 * fewer >= 2 * all;
}

/*
 * The widest step within a row, where rows stand further apart than the lines
 * of one; 0: they do not, as far as can be told.
 */
static int
step_in_rows(const struct reader *r, const struct line *lines, size_t from,
    size_t to, const struct band *bands, size_t columns)
{
	int *steps = xmalloc((to - from) * sizeof(*steps)), widest = 0;
	size_t i, n = to - from - 1;

	for (i = 0; i < n; i++)
		steps[i] = step(lines, from + 1 + i);
	qsort(steps, n, sizeof(*steps), compare_ints);
	for (i = n; widest == 0 && i-- > 1;)
		if (steps[i - 1] * 2 <= lines[from].size * 3 &&
		    is_wider(steps[i], steps[i - 1]) &&
		    are_rests(r, lines, from, to, bands, columns, steps[i - 1]))
			widest = steps[i - 1];
	free(steps);
	return widest;
}

struct table {
	size_t from, names_to, to; /* lines; those of the names */
	struct band bands[64];
	size_t columns;
	int inner;     /* the widest step within a row; 0: rows are lines */
	bool no_names; /* that can be told whose they are */
	bool goes_on;  /* with that of the page before, and has its names */
	struct buf cell[64];
	bool is_bold[64];
};

static bool
is_title_of(const struct reader *r, const struct line *lines,
    const struct table *t, size_t i)
{
	return is_title(r, lines, t->from, i, t->to, t->bands, t->columns) &&
	    !is_rest_of_first(r, lines, t->from, i, t->bands, t->columns);
}

/* Whether line i goes on with the row of the line before it. */
static bool
in_row(const struct reader *r, const struct table *t, const struct line *lines,
    size_t i)
{
	if (i < t->names_to)
		return true;
	if (t->inner > 0)
		return step(lines, i) <= t->inner;
	return is_rest(r, lines, i, t->bands) ||
	    is_rest_of_first(r, lines, t->from, i, t->bands, t->columns);
}

/* Whether it cannot be told which columns a line of names is of: names that
 * touch are one, and of the others one that stands above none may be of any. */
static bool
are_out_of_place(const struct reader *r, const struct line *l,
    const struct band *bands, size_t columns)
{
	size_t i, c, k;
	const struct pdf_piece *p;
	int left, right;

	if (cells_of(r, l) >= columns)
		return false;
	for (i = l->from; i < l->to; i = k) {
		left = piece_at(r, i)->left;
		for (k = i + 1; k < l->to && !is_wide(r, l, k); k++)
			;
		p = piece_at(r, k - 1);
		right = p->left + p->width;
		for (c = 0; c < columns; c++)
			if (left < bands[c].right && right > bands[c].left)
				break;
		if (c == columns)
			return true;
	}
	return false;
}

/* The lines of the names: those that are near each other, or bold over lines
 * that are not; and the columns of what is below, which the names may be
 * narrower than, or beside. */
static void
measure(const struct reader *r, const struct line *lines, struct table *t)
{
	struct band below[64];
	size_t i, n;

	t->columns = find_bands(r, lines, t->from, t->to, t->bands);
	t->inner = step_in_rows(r, lines, t->from, t->to, t->bands, t->columns);
	t->names_to = t->from + 1;
	for (i = t->from;
	     i < t->to && lines[i].is_bold && !is_title_of(r, lines, t, i); i++)
		;
	if (i > t->from && i < t->to && i < t->from + 4)
		t->names_to = i;
	while (t->inner > 0 && t->names_to + 1 < t->to &&
	    step(lines, t->names_to) <= t->inner &&
	    !is_title_of(r, lines, t, t->names_to))
		t->names_to++;
	n = find_bands(r, lines, t->names_to, t->to, below);
	if (n >= 2 && t->to - t->names_to >= 2 &&
	    below[0].left < t->bands[0].right &&
	    (n > t->columns || n == cells_of(r, &lines[t->from]) ||
		n == cells_of(r, &lines[t->names_to - 1]))) {
		memcpy(t->bands, below, sizeof(below));
		t->columns = n;
	}
	t->no_names = n >= 2 && t->to - t->names_to >= 2 &&
	    t->names_to == t->from + 1 &&
	    are_out_of_place(r, &lines[t->from], below, n);
	if (t->no_names) {
		memcpy(t->bands, below, sizeof(below));
		t->columns = n;
	}
}

/* Add pieces [from, to) to the cell of a column. */
static void
put_cell(struct reader *r, struct table *t, size_t column, size_t from,
    size_t to)
{
	struct buf text = BUF_INIT(0);
	size_t i;

	for (i = from; i < to; i++)
		t->is_bold[column] &=
		    piece_at(r, i)->is_bold || is_note(r, i, from, to);
	put_pieces(r, from, to, &text);
	if (text.len > 0)
		join(&t->cell[column], text.data, text.len, ' ', 0);
	buf_release(&text);
}

/* Whether a name stands over a column: an edge or the middle is the same. */
static bool
is_over(const struct band *b, int left, int right, int near)
{
	return abs(left - b->left) <= near || abs(right - b->right) <= near ||
	    abs(left + right - b->left - b->right) <= 2 * near;
}

/* The columns that a name from left to right is of, *ret_first and those
 * behind it: where it stands above none, those it stands between. */
static size_t
columns_of(const struct table *t, int left, int right, int near,
    size_t *ret_first)
{
	size_t i, first = t->columns, last = 0, next;

	for (i = 0; i < t->columns; i++)
		if (left < t->bands[i].right && right > t->bands[i].left) {
			if (first == t->columns)
				first = i;
			last = i;
		}
	for (next = 0; next < t->columns && t->bands[next].left <= left; next++)
		;
	/* Half of it between two of them, so it is above both. */
	if (next > 0 && next < t->columns &&
	    (first == t->columns ||
		(first == last &&
		    !is_over(&t->bands[first], left, right, near)))) {
		int a = t->bands[next - 1].right, z = t->bands[next].left;

		a = a > left ? a : left;
		z = z < right ? z : right;
		if (2 * (z - a) > right - left) {
			*ret_first = next - 1;
			return 2;
		}
	}
	*ret_first = first < t->columns ? first :
	    next < t->columns		? next :
					  t->columns - 1;
	return first < t->columns ? last - first + 1 : 1;
}

/* A line of the names, which may be above several columns. */
static void
put_names(struct reader *r, struct table *t, const struct line *l)
{
	bool in_order = cells_of(r, l) == t->columns || t->no_names;
	size_t k, end, first, n, next, i, at = 0;
	const struct pdf_piece *p;

	for (k = l->from; k < l->to; k = end, at++) {
		p = piece_at(r, k);
		n = columns_of(t, p->left, p->left + p->width, l->size / 2,
		    &first);
		/* What is no further off than a word, and over the same. */
		for (end = k + 1; end < l->to && !is_wide(r, l, end); end++) {
			p = piece_at(r, end);
			columns_of(t, p->left, p->left + p->width, l->size / 2,
			    &next);
			if (next != first && !in_order)
				break;
		}
		/* One each, wherever it stands. */
		if (in_order)
			first = at, n = 1;
		else if (n > 1 && !l->is_bold)
			n = 1;
		r->no_marks = l->is_bold;
		for (i = 0; i < n; i++)
			put_cell(r, t, first + i, k, end);
		r->no_marks = false;
	}
}

static void
put_values(struct reader *r, struct table *t, const struct line *l)
{
	size_t k, end, c;

	for (k = l->from; k < l->to; k = end) {
		c = band_of(t->bands, t->columns, piece_at(r, k));
		for (end = k + 1; end < l->to &&
		     band_of(t->bands, t->columns, piece_at(r, end)) == c;
		     end++)
			;
		put_cell(r, t, c, k, end);
	}
}

static void
put_row(struct table *t, struct grid *g)
{
	size_t c;

	for (c = 0; c < t->columns && t->cell[c].len == 0; c++)
		;
	if (c == t->columns)
		return; /* behind a title */
	grid_row(g);
	for (c = 0; c < t->columns; c++) {
		grid_cell(g, t->cell[c].data != NULL ? t->cell[c].data : "",
		    t->cell[c].len, 1, 1, false, t->is_bold[c]);
		buf_reset(&t->cell[c]);
		t->is_bold[c] = true;
	}
}

static void
put_title(struct reader *r, const struct line *l, struct grid *g)
{
	struct buf text = BUF_INIT(0);

	r->no_marks = l->is_bold;
	put_pieces(r, l->from, l->to, &text);
	r->no_marks = false;
	if (text.len > 0)
		grid_title(g, text.data, text.len,
		    heading_level(r, l, text.len, text.data[text.len - 1]));
	buf_release(&text);
}

/* --- tables that go on over pages --- */

/* What the columns of the last table are, in case it goes on; is_sure: by names
 * that are bold, or those of the page before. */
static void
keep_names(struct reader *r, const struct table *t, const struct grid *g,
    bool is_sure)
{
	size_t c;

	forget_names(r);
	if (!is_sure || !grid_has_names(g))
		return;
	r->names.page = r->b->page;
	r->names.columns = t->columns;
	memcpy(r->names.bands, t->bands, sizeof(t->bands));
	for (c = 0; c < t->columns; c++)
		r->names.text[c] = xstrdup(grid_name(g, (unsigned)c));
}

/* Whether a table goes on with that of the page before: it is first on its
 * page, in the same columns, and has no names of its own. */
static bool
is_continued(const struct reader *r, const struct line *lines,
    const struct table *t)
{
	const struct band *a, *b;
	size_t c;

	if (r->names.page == 0 || r->names.page + 1 != r->b->page ||
	    r->names.columns != t->columns || lines[t->from].is_bold)
		return false;
	for (c = 0; c < t->columns; c++) {
		a = &r->names.bands[c];
		b = &t->bands[c];
		if (a->left >= b->right || b->left >= a->right)
			return false;
	}
	return true;
}

/* Whether the row at work says what the names do, which stand on each page. */
static bool
are_names_again(const struct reader *r, const struct table *t)
{
	size_t c;

	for (c = 0; c < t->columns; c++)
		if (strcmp(t->cell[c].data != NULL ? t->cell[c].data : "",
			r->names.text[c]) != 0)
			return false;
	return true;
}

/* The names of the table before, where its first row is none. */
static void
put_kept_names(const struct reader *r, const struct table *t, struct grid *g)
{
	size_t c;

	if (are_names_again(r, t))
		return;
	grid_row(g);
	for (c = 0; c < t->columns; c++)
		grid_cell(g, r->names.text[c], strlen(r->names.text[c]), 1, 1,
		    true, true);
}

static void
put_table(struct reader *r, const struct line *lines, size_t from, size_t to)
{
	struct table t = { .from = from, .to = to };
	struct grid g = { 0 };
	bool is_first = true;
	size_t i, c, each;

	run_end(r);
	writer_paragraph(&r->w, "", 0);
	measure(r, lines, &t);
	t.goes_on = is_continued(r, lines, &t);
	if (t.goes_on)
		t.names_to = from + 1;
	g.no_names = t.no_names && !t.goes_on;
	for (c = 0; c < t.columns; c++)
		t.is_bold[c] = true;
	for (i = from; i <= to; i++) {
		if (i == to || (i > from && !in_row(r, &t, lines, i))) {
			if (is_first && t.goes_on)
				put_kept_names(r, &t, &g);
			is_first = false;
			put_row(&t, &g);
		}
		if (i == to)
			break;
		if (i >= t.names_to && is_title_of(r, lines, &t, i)) {
			put_title(r, &lines[i], &g);
			continue;
		}
		if (i < t.names_to && !t.goes_on)
			put_names(r, &t, &lines[i]);
		else
			put_values(r, &t, &lines[i]);
	}
	for (c = 0; c < t.columns; c++)
		buf_release(&t.cell[c]);
	keep_names(r, &t, &g, lines[from].is_bold || t.goes_on);
	/* Lists and paragraphs before it are out. */
	writer_table(&r->w);
	writer_table_end(&r->w, false);
	each = grid_lists(&g, t.columns);
	if (each > 0)
		grid_end_lists(&g, r->b, t.columns, each,
		    heading_level(r, &lines[from], 1, 'x'));
	else
		grid_end(&g, r->b, false);
	memset(&r->last, 0, sizeof(r->last));
}

/* --- regions of a page --- */

static int
compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* How far apart lines are, mostly: those of prose, if there are some. */
static int
pitch_of(const struct reader *r, const struct line *lines, size_t n)
{
	int *gaps, result;
	size_t i, k = 0, pass;

	if (n < 2)
		return 0;
	gaps = xmalloc(n * sizeof(*gaps));
	for (pass = 0; pass < 2 && k < 2; pass++)
		for (i = 1, k = 0; i < n; i++)
			if (lines[i].top > lines[i - 1].top &&
			    (pass == 1 ||
				(cells_of(r, &lines[i]) == 1 &&
				    cells_of(r, &lines[i - 1]) == 1)))
				gaps[k++] = lines[i].top - lines[i - 1].top;
	if (k > 0)
		qsort(gaps, k, sizeof(*gaps), compare_ints);
	/* Well below the middle: items and paragraphs are further apart. */
	result = k > 0 ? gaps[k / 5] : 0;
	free(gaps);
	return result;
}

/* A line, or the parts of it that stand apart in sizes that differ: a name in
 * large letters with an address beside it. */
static void
put_parts_of_line(struct reader *r, const struct line *l, int pitch, int right)
{
	struct line part = *l;
	size_t i, size = 0, last;

	for (i = part.from = l->from; i < l->to; i++) {
		last = size;
		size = (size_t)piece_at(r, i)->size;
		if (i == part.from || !is_cut_at(r, l, i) ||
		    (size <= last * HEADING_FACTOR &&
			last <= size * HEADING_FACTOR))
			continue;
		part.to = i;
		measure_line(r, &part);
		put_text_line(r, &part, pitch, right);
		part.from = i;
	}
	part.to = l->to;
	measure_line(r, &part);
	put_text_line(r, &part, pitch, right);
}

/* --- notes at the foot of a page or of a column --- */

/* Whether a line begins with a raised mark. */
static bool
is_marked(const struct reader *r, const struct line *l)
{
	return is_note(r, l->from, l->from, l->to);
}

static bool
is_small(const struct reader *r, const struct line *l)
{
	return l->size * SMALL_PART <= r->body * (SMALL_PART - 1);
}

/*
 * Where notes may begin that end lines [0, n) of a region: with the first of the
 * small lines there, or with one that begins with a mark and stands apart. n:
 * there are none.
 */
static size_t
notes_of(const struct reader *r, const struct line *lines, size_t n, int pitch)
{
	size_t k = n, i;

	while (k > 0 && is_small(r, &lines[k - 1]))
		k--;
	for (i = k; i < n; i++)
		if (is_marked(r, &lines[i]))
			break;
	/* Small print before the first mark is of the text. */
	if (k < n && i < n && !is_marked(r, &lines[k]) && k == 0)
		k = i;
	for (i = n; k == n && i-- > 1 && i + NOTES_LINES > n;)
		if (is_marked(r, &lines[i]) && !lines[i].is_bold &&
		    (step(lines, i) * 10 > pitch * 14 ||
			step(lines, i) > 4 * lines[i].size))
			return i;
	return k;
}

/* Whether a note of a page before goes on here, as far as can be told. */
static bool
is_note_open(const struct reader *r)
{
	const char *text;

	if (r->nasides == 0 || r->aside[r->nasides - 1].page == r->b->page)
		return false;
	text = r->aside[r->nasides - 1].text;
	/* A view: nothing is added to it. */
	return !ends_sentence(
	    &(struct buf){ .data = r->aside[r->nasides - 1].text,
		.len = strlen(text) });
}

/* Whether the lines from k on, in which notes may begin, are such: the first
 * begins with a mark, or a sentence stands before them that goes on elsewhere,
 * or they go on with a note. */
static bool
are_notes(const struct reader *r, const struct line *lines, size_t k, size_t n)
{
	size_t i;

	if (is_marked(r, &lines[k]))
		return true;
	for (i = k; i < n; i++)
		if (cells_of(r, &lines[i]) > 2)
			return false;
	return is_note_open(r) ||
	    (k > 0 && n - k <= UNMARKED_LINES &&
		((r->kind == 'p' && !ends_sentence(&r->run)) ||
		    (r->kind == 'l' && !ends_sentence(&r->w.list))));
}

/* Where notes of a second column begin; INT32_MAX: there is none. */
static int
second_notes(const struct reader *r, const struct line *lines, size_t from,
    size_t n)
{
	size_t i, k;

	for (i = from; i < n; i++)
		for (k = lines[i].from + 1; k < lines[i].to; k++)
			if (is_wide(r, &lines[i], k) &&
			    is_note(r, k, k, lines[i].to))
				return piece_at(r, k)->left;
	return INT32_MAX;
}

/* Put the notes of lines [from, n) between two places aside. */
static void
put_notes_between(struct reader *r, const struct line *lines, size_t from,
    size_t n, int left, int right)
{
	struct buf note = BUF_INIT(0), text = BUF_INIT(0);
	char number[12];
	size_t i, a, z;

	for (i = from; i < n; i++) {
		for (a = lines[i].from;
		     a < lines[i].to && piece_at(r, a)->left < left; a++)
			;
		for (z = a; z < lines[i].to && piece_at(r, z)->left < right;
		     z++)
			;
		buf_reset(&text);
		put_pieces(r, a, z, &text);
		if (text.len == 0)
			continue;
		if (i == from && !is_note(r, a, a, z) && is_note_open(r)) {
			r->nasides--;
			buf_adds(&note, r->aside[r->nasides].text);
			free(r->aside[r->nasides].text);
		} else if (note.len > 0 &&
		    (is_note(r, a, a, z) || !is_near(lines, i) ||
			marker(text.data, text.len, number) > 0)) {
			set_aside_text(r, note.data, note.len);
			buf_reset(&note);
		}
		join(&note, text.data, text.len, '\n', 0);
	}
	if (note.len > 0)
		set_aside_text(r, note.data, note.len);
	buf_release(&text);
	buf_release(&note);
}

/* Put each note aside, to come behind the paragraph at work. */
static void
put_notes(struct reader *r, const struct line *lines, size_t from, size_t n)
{
	int second = second_notes(r, lines, from, n);

	put_notes_between(r, lines, from, n, INT32_MIN, second);
	if (second < INT32_MAX)
		put_notes_between(r, lines, from, n, second, INT32_MAX);
	if (r->kind != 'p' && r->kind != 'l')
		run_end(r);
}

/* Pieces that are read line by line. */
static void
put_region(struct reader *r, size_t from, size_t to)
{
	size_t n, i, end, cells, notes;
	struct line *lines = make_lines(r, from, to, &n);
	int pitch = pitch_of(r, lines, n), right = 0;
	const struct pdf_piece *first;

	r->margin = INT32_MAX;
	for (i = 0; i < n; i++) {
		if (lines[i].right > right)
			right = lines[i].right;
		if (lines[i].left < r->margin)
			r->margin = lines[i].left;
	}
	notes = notes_of(r, lines, n, pitch);
	for (i = 0; i < n && !r->b->full;) {
		if (i == notes && are_notes(r, lines, i, n)) {
			put_notes(r, lines, i, n);
			break;
		}
		cells = cells_of(r, &lines[i]);
		first = piece_at(r, lines[i].from);
		end = i;
		/* A bullet that stands apart from its item is no cell. */
		if (cells >= 2 &&
		    !(cells == 2 && is_wide(r, &lines[i], lines[i].from + 1) &&
			is_bullet_alone(r->text.data + first->at, first->len)))
			end = table_end_of(r, lines, i, n);
		else if (cells == 1)
			end = low_table_end_of(r, lines, i, n);
		if (end > i + 1) {
			put_table(r, lines, i, end);
			i = end;
		} else
			put_parts_of_line(r, &lines[i++], pitch, right);
	}
	free(lines);
}

/* How much of a column's width its pieces fill, on average. */
static double
filled(const struct reader *r, size_t from, size_t to, int left, int right)
{
	double sum = 0;
	size_t i;

	if (to == from || right <= left)
		return 0;
	for (i = from; i < to; i++)
		sum += (double)piece_at(r, i)->width / (right - left);
	return sum / (double)(to - from);
}

/*
 * The widest stripe in the middle of a region that (nearly) no piece crosses,
 * [*ret_left, *ret_right); false: there is none.
 */
static bool
find_gutter(const struct reader *r, size_t from, size_t to, int *ret_left,
    int *ret_right)
{
	int diff[WIDTH_MAX + 1] = { 0 }, left = WIDTH_MAX, right = 0, x, a, z;
	int depth = 0, most, run = 0, best = 0;
	size_t i;

	for (i = from; i < to; i++) {
		const struct pdf_piece *p = piece_at(r, i);

		a = p->left < 0		    ? 0 :
		    p->left > WIDTH_MAX - 1 ? WIDTH_MAX - 1 :
					      p->left;
		z = p->left + p->width;
		z = z < a ? a : z > WIDTH_MAX ? WIDTH_MAX : z;
		diff[a]++;
		diff[z]--;
		if (a < left)
			left = a;
		if (z > right)
			right = z;
	}
	/* A title above and a line below two columns cross it. */
	most = to - from < 24 ? 2 : (int)((to - from) / 8);
	for (x = 0; x < WIDTH_MAX; x++) {
		depth += diff[x];
		if (depth <= most && x > left + (right - left) / 5 &&
		    x < right - (right - left) / 5) {
			run++;
			/* The one with fewest crossings would be better still;
			 * the widest is as good. */
			if (run > best) {
				best = run;
				*ret_right = x + 1;
			}
		} else
			run = 0;
	}
	*ret_left = *ret_right - best;
	return best * 10 >= r->body * 8;
}

/* Order order[from, to) into left, crossing and right; two places. */
static void
part(struct reader *r, size_t from, size_t to, int left, int right,
    size_t *ret_left_end, size_t *ret_right_begin)
{
	size_t i, l = from, e = to, t;

	for (i = from; i < e;) {
		const struct pdf_piece *p = piece_at(r, i);

		if (p->left + p->width <= left + 2) {
			t = r->order[l];
			r->order[l++] = r->order[i];
			r->order[i++] = t;
		} else if (p->left >= right - 2) {
			t = r->order[--e];
			r->order[e] = r->order[i];
			r->order[i] = t;
		} else
			i++;
	}
	*ret_left_end = l;
	*ret_right_begin = e;
}

static void put_columns(struct reader *r, size_t from, size_t to, int depth);

/* A part of a page between lines that cross the gutter, or such lines. */
struct stripe {
	size_t from, to;
	size_t middle; /* where the right column begins; 0: there are none */
};

/* Whether most of pieces [from, to) stand on a line with one of [with, end). */
static bool
stand_beside(struct reader *r, size_t from, size_t to, size_t with, size_t end)
{
	size_t i, count = to - from, beside = 0;

	sorting = r;
	qsort(r->order + from, to - from, sizeof(*r->order), by_place);
	qsort(r->order + with, end - with, sizeof(*r->order), by_place);
	for (i = from; i < to && with < end;)
		if (on_one_line(piece_at(r, i), piece_at(r, with))) {
			beside++;
			i++;
		} else if (piece_at(r, i)->top < piece_at(r, with)->top)
			i++;
		else
			with++;
	return count > 0 && 4 * beside >= 3 * count;
}

/* Whether the stripe is of two columns, which it is ordered into. */
static void
find_columns(struct reader *r, struct stripe *s, int left, int right)
{
	size_t left_end, right_begin, i;
	int low = WIDTH_MAX, high = 0;

	for (i = s->from; i < s->to; i++) {
		const struct pdf_piece *p = piece_at(r, i);

		if (p->left < low)
			low = p->left;
		if (p->left + p->width > high)
			high = p->left + p->width;
	}
	part(r, s->from, s->to, left, right, &left_end, &right_begin);
	/* Beside each other, and short: cells of a table. */
	if ((left - low < LONG * r->body || high - right < LONG * r->body) &&
	    (stand_beside(r, s->from, left_end, right_begin, s->to) ||
		stand_beside(r, right_begin, s->to, s->from, left_end)))
		return;
	if (left_end - s->from >= 3 && s->to - right_begin >= 2 &&
	    left_end == right_begin &&
	    filled(r, s->from, left_end, low, left) >= FILLED &&
	    filled(r, right_begin, s->to, right, high) >= FILLED * 0.8)
		s->middle = left_end;
}

static size_t
runs_of(const struct reader *r, const struct line *l)
{
	size_t i, n = 1;

	for (i = l->from + 1; i < l->to; i++)
		n += is_cut_at(r, l, i);
	return n;
}

/* Whether line k is no further below than lines of prose, or than the first
 * below a title, are. */
static bool
is_below(const struct line *lines, size_t k)
{
	return step(lines, k) < 2 * lines[k].size ||
	    (step(lines, k) * 2 < 5 * lines[k].size && lines[k - 1].is_bold &&
		!lines[k].is_bold);
}

/* The lines of a column of prose, as far as they tell it from a table's. */
struct column {
	size_t count; /* lines */
	size_t full;  /* of those, as wide as it is, nearly */
	size_t on;    /* that begin within a sentence, behind a full one */
	size_t near;  /* as far below another as most are, or nearly */
	double sum;   /* of their widths */
};

/* What stands in one column of a line. */
struct part_of_line {
	size_t from, to;
	int width;
};

static struct part_of_line
part_in(const struct reader *r, const struct line *l, const struct band *b)
{
	struct part_of_line result = { l->from, l->from, 0 };
	const struct pdf_piece *p;
	size_t i;

	for (i = l->from; i < l->to; i++) {
		p = piece_at(r, i);
		if (p->left >= b->right)
			break;
		if (p->left + p->width <= b->left)
			continue;
		if (result.width == 0)
			result.from = i;
		result.to = i + 1;
		result.width += p->width;
	}
	return result;
}

/* Whether a sentence ends with piece i. */
static bool
ends_there(const struct reader *r, size_t i)
{
	const struct pdf_piece *p = piece_at(r, i);

	/* A view: nothing is added to it. */
	return ends_sentence(
	    &(struct buf){ .data = r->text.data + p->at, .len = p->len });
}

static struct column
measure_column(const struct reader *r, const struct line *lines, size_t from,
    size_t to, const struct band *b)
{
	struct column c = { 0 };
	struct part_of_line now, last = { 0, 0, 0 };
	int least = INT32_MAX, pass, top = 0, wide = b->right - b->left;
	size_t i;

	for (pass = 0; pass < 2; pass++, last.width = 0)
		for (i = from; i < to; i++) {
			now = part_in(r, &lines[i], b);
			if (now.width == 0)
				continue;
			if (pass == 0) {
				if (last.width > 0 &&
				    lines[i].top - top < least)
					least = lines[i].top - top;
			} else {
				c.count++;
				c.sum += now.width;
				c.full += now.width * 5 >= wide * 4;
				if (last.width > 0)
					c.near += lines[i].top - top <=
					    least + least / 8;
				if (last.width * 5 >= wide * 4 &&
				    !ends_there(r, last.to - 1) &&
				    first_of(r, now.from) ==
					UTF8PROC_CATEGORY_LL)
					c.on++;
			}
			last = now;
			top = lines[i].top;
		}
	return c;
}

/* Lines but the first that have a capital letter or a digit first in each of
 * their columns, of which there are two at least: rows of a table. */
static size_t
rows_of(const struct reader *r, const struct line *lines, size_t from,
    size_t to, const struct band *bands, size_t n)
{
	struct part_of_line now;
	utf8proc_category_t first;
	size_t i, c, cells, result = 0;

	for (i = from + 1; i < to; i++) {
		for (c = cells = 0; c < n; c++) {
			now = part_in(r, &lines[i], &bands[c]);
			if (now.width == 0)
				continue;
			first = first_of(r, now.from);
			if (first != UTF8PROC_CATEGORY_LU &&
			    first != UTF8PROC_CATEGORY_ND)
				break;
			cells++;
		}
		result += c == n && cells >= 2;
	}
	return result;
}

/*
 * Whether lines are of columns of prose: these are long, and most lines are
 * full or go on with a sentence of the line above. known: other columns of the
 * document stand there, which were such.
 */
static bool
are_columns(const struct reader *r, const struct line *lines, size_t from,
    size_t to, const struct band *bands, size_t n, bool known)
{
	size_t i, on = 0, steps = 0, least = SIZE_MAX;
	bool even = true, full = true, some = true;
	size_t rows = rows_of(r, lines, from, to, bands, n), all = to - from;
	struct column c;
	int width;

	for (i = 0; i < n; i++) {
		width = bands[i].right - bands[i].left;
		c = measure_column(r, lines, from, to, &bands[i]);
		if (width < LONG * r->body || c.count == 0)
			return false;
		on += c.on;
		steps += c.count - 1;
		if (c.count < least)
			least = c.count;
		even &= c.near * 3 >= (c.count - 1) * 2;
		/* The last of many may have begun just now. */
		if (n > 2 && i + 1 == n && c.count <= 2)
			continue;
		some &= c.count >= 2 &&
		    c.sum >= FILLED * 0.7 * width * (double)c.count;
		full &= c.count >= 2 && 2 * c.full >= c.count &&
		    c.sum >= FILLED * width * (double)c.count;
	}
	if (known && on > 0 && 3 * rows < all)
		return true;
	/* Short ends of a text: but for those its lines run on. */
	if (some && even && 4 * rows < all && on >= 2 && 3 * on >= steps)
		return true;
	/* Cells of a row may stand so, too, but not many lines of them. */
	if (n == 2 && cells_of(r, &lines[from]) == 2)
		return full;
	return full && (n > 2 || least >= BESIDE_LINES) &&
	    (even || (3 * on >= steps && 4 * rows < all));
}

/* Whether columns stand where those did that were read last; they are then as
 * wide as those. */
static bool
are_known(const struct reader *r, struct band *bands, size_t n)
{
	const struct band *k;
	size_t i;

	if (n != r->nknown)
		return false;
	for (i = 0; i < n; i++) {
		k = &r->known[i];
		if (!is_same_edge(r, bands[i].left, k->left) ||
		    bands[i].right > k->right + r->body)
			return false;
	}
	for (i = 0; i < n; i++)
		if (bands[i].right < r->known[i].right)
			bands[i].right = r->known[i].right;
	return true;
}

static bool
are_long(const struct reader *r, const struct band *bands, size_t n)
{
	while (n-- > 0)
		if (bands[n].right - bands[n].left < LONG * r->body)
			return false;
	return true;
}

/* The line behind the columns of prose that begin at line i, and their bands,
 * *ret_n; i: there are none. */
static size_t
columns_end_of(const struct reader *r, const struct line *lines, size_t i,
    size_t n, struct band bands[64], size_t *ret_n)
{
	struct band next[64];
	size_t k, now, columns;
	bool known;

	if (cells_of(r, &lines[i]) < 2 && !is_beside(lines, i, n))
		return i;
	columns = find_bands(r, lines, i, i + 1, bands);
	for (k = i + 1; k < n && is_below(lines, k); k++) {
		now = find_bands(r, lines, i, k + 1, next);
		/* A line that runs over a gap, or one of a table. */
		if (now < columns || now > COLUMNS_MAX ||
		    (now > columns && k > i + LINES_NEAR) ||
		    runs_of(r, &lines[k]) > now)
			break;
		memcpy(bands, next, now * sizeof(*bands));
		columns = now;
		/* By then one line of prose was long. */
		if (k >= i + 3 * LINES_NEAR && !are_long(r, bands, columns))
			return i;
	}
	if (columns < 2 || columns > COLUMNS_MAX)
		return i;
	known = are_known(r, bands, columns);
	if ((k < i + 2 && !known) ||
	    !are_columns(r, lines, i, k, bands, columns, known))
		return i;
	*ret_n = columns;
	return k;
}

/* --- lists side by side --- */

/* A column of items, as far as its lines were read. */
struct items {
	size_t count;
	int left;	/* of their marks */
	int top;	/* of the last line */
	int number;	/* of the last item; 0: they have none */
	bool has_words; /* "- 12.40" alone is no item, but an amount */
};

/* The bands of lines, but a band of bullets alone is one with the next. */
static size_t
bands_of_items(const struct reader *r, const struct line *lines, size_t from,
    size_t to, struct band bands[64])
{
	size_t n = find_bands(r, lines, from, to, bands), i, k, c, kept = 0;
	const struct pdf_piece *p;
	bool only;

	for (c = 0; c < n; c++, kept++) {
		bands[kept] = bands[c];
		for (only = true; only && c + 1 < n;) {
			for (i = from; only && i < to; i++)
				for (k = lines[i].from; k < lines[i].to; k++) {
					p = piece_at(r, k);
					if (p->left >= bands[c].left &&
					    p->left < bands[c].right)
						only &=
						    is_bullet_alone(r->text
									.data +
							    p->at,
							p->len);
				}
			if (only)
				bands[kept].right = bands[++c].right;
		}
	}
	return kept;
}

/* Whether part of line l is the next item of a column. */
static bool
take_item(const struct reader *r, const struct line *l,
    const struct part_of_line *part, struct items *c)
{
	struct buf text = BUF_INIT(0);
	int left = piece_at(r, part->from)->left, number;
	char sign[12];
	size_t skip;
	bool is;

	put_pieces(r, part->from, part->to, &text);
	skip = text.len > 0 ? marker(text.data, text.len, sign) : 0;
	number = skip == 0		  ? 0 :
	    isdigit((unsigned char)*sign) ? (int)strtol(sign, NULL, 10) :
					    (unsigned char)*sign;
	is = skip > 0 &&
	    (c->count == 0 ||
		(number == (c->number > 0 ? c->number + 1 : 0) &&
		    left > c->left - l->size / 2));
	if (is) {
		if (c->count++ == 0)
			c->left = left;
		c->number = number;
		c->top = l->top;
		c->has_words |= !isdigit((unsigned char)text.data[skip]) ||
		    number > 0 ||
		    (*text.data != '-' &&
			strncmp(text.data, "–", strlen("–")) != 0);
	}
	buf_release(&text);
	return is;
}

/* Whether part of line l goes on with the last item of a column. */
static bool
take_rest(const struct reader *r, const struct line *l,
    const struct part_of_line *part, struct items *c)
{
	if (c->count == 0 || (l->top - c->top) * 10 > 17 * l->size ||
	    l->is_bold ||
	    (4 * (piece_at(r, part->from)->left - c->left) < l->size &&
		!begins_within(r, part->from)))
		return false;
	c->top = l->top;
	return true;
}

/* Whether all parts of a line are set as headings are, or are items. */
static bool
are_over_lists(const struct reader *r, const struct line *l,
    const struct band *bands, size_t n)
{
	struct part_of_line part;
	struct items none;
	size_t c;

	for (c = 0; c < n; c++) {
		part = part_in(r, l, &bands[c]);
		none = (struct items){ 0 };
		if (part.width > 0 && !piece_at(r, part.from)->is_bold &&
		    piece_at(r, part.from)->size <= r->body * HEADING_FACTOR &&
		    !take_item(r, l, &part, &none))
			return false;
	}
	return true;
}

/*
 * The first line of what lists that begin with line i stand under: their
 * headings, which may take two lines or have a few between them and the lists,
 * or else one line.
 */
static size_t
lists_begin_of(const struct reader *r, const struct line *lines, size_t i,
    size_t end, size_t n)
{
	struct band bands[64];
	size_t k, first = i, near = i;
	bool over;

	for (k = i; k-- > 0 && k + LINES_NEAR >= first;) {
		if (step(lines, k + 1) > TITLE_STEP * lines[k].size ||
		    bands_of_items(r, lines, k, end, bands) != n)
			break;
		over = are_over_lists(r, &lines[k], bands, n);
		if (cells_of(r, &lines[k]) < (over ? 1 : 2) ||
		    !is_in_columns(r, &lines[k], bands, n) ||
		    (!over && first < i))
			break;
		if (over && cells_of(r, &lines[k]) >= 2)
			first = k;
		near = !over && k + 1 == i ? k : near;
	}
	return first < i ? first : near;
}

/*
 * The line behind lists side by side that begin with line i, an item of each,
 * and their bands, *ret_n; i: there are none. In a table the cells of some
 * column are no items.
 */
static size_t
lists_end_of(const struct reader *r, const struct line *lines, size_t i,
    size_t n, struct band bands[64], size_t *ret_n)
{
	struct items column[COLUMNS_MAX] = { 0 };
	struct band next[64];
	struct part_of_line part;
	size_t k, c, now, columns = 0;

	if (cells_of(r, &lines[i]) < 2)
		return i;
	for (k = i; k < n && k < i + LISTS_LINES; k++) {
		if (k > i &&
		    lines[k].top - lines[k - 1].bottom > 2 * lines[k].size)
			break;
		now = bands_of_items(r, lines, i, k + 1, next);
		if (now < 2 || now > COLUMNS_MAX || (k > i && now != columns))
			break;
		for (c = 0; c < now; c++) {
			part = part_in(r, &lines[k], &next[c]);
			if (part.width > 0 &&
			    !take_item(r, &lines[k], &part, &column[c]) &&
			    !take_rest(r, &lines[k], &part, &column[c]))
				break;
		}
		if (c < now)
			break;
		columns = now;
		memcpy(bands, next, now * sizeof(*bands));
	}
	if (columns < 2)
		return i;
	for (c = now = 0; c < columns; c++) {
		now += column[c].count;
		if (!column[c].has_words)
			return i;
	}
	*ret_n = columns;
	return now > columns ? k : i;
}

/* --- columns --- */

/* Order order[from, to) by its columns; ends[i] is where column i ends. */
static void
part_columns(struct reader *r, size_t from, size_t to, const struct band *bands,
    size_t n, size_t ends[COLUMNS_MAX])
{
	size_t *sorted = xmalloc((to - from) * sizeof(*sorted)), i, c, k = 0;

	for (c = 0; c < n; c++) {
		for (i = from; i < to; i++)
			if (band_of(bands, n, piece_at(r, i)) == c)
				sorted[k++] = r->order[i];
		ends[c] = from + k;
	}
	memcpy(r->order + from, sorted, (to - from) * sizeof(*sorted));
	free(sorted);
}

/* Columns between lines that run over the whole page, as a part of it. */
static bool
put_part_in_columns(struct reader *r, size_t from, size_t to, int depth)
{
	struct band bands[64];
	size_t n, i, end = 0, begin, stop, columns = 0, ends[COLUMNS_MAX];
	struct line *lines = make_lines(r, from, to, &n);
	bool lists = false;

	for (i = 0; i < n; i++) {
		end = columns_end_of(r, lines, i, n, bands, &columns);
		if (end > i)
			break;
		end = lists_end_of(r, lines, i, n, bands, &columns);
		lists = end > i;
		if (lists)
			break;
	}
	if (lists)
		i = lists_begin_of(r, lines, i, end, columns);
	/* Questions over answers in columns, which are too short to tell. */
	for (; !lists && i < n && i > 0; i--)
		if (!lines[i - 1].is_bold || !is_below(lines, i) ||
		    cells_of(r, &lines[i - 1]) < 2 ||
		    find_bands(r, lines, i - 1, end, bands) != columns)
			break;
	if (lists)
		bands_of_items(r, lines, i, end, bands);
	else if (i < n)
		find_bands(r, lines, i, end, bands);
	begin = i < n ? lines[i].from : to;
	stop = i < n ? lines[end - 1].to : to;
	free(lines);
	if (i == n)
		return false;
	if (!lists) {
		r->nknown = columns;
		memcpy(r->known, bands, columns * sizeof(*bands));
	}
	put_columns(r, from, begin, depth);
	part_columns(r, begin, stop, bands, columns, ends);
	for (i = 0; i < columns; i++)
		put_columns(r, i == 0 ? begin : ends[i - 1], ends[i],
		    depth + 1);
	put_columns(r, stop, to, depth + 1);
	return true;
}

/* What is between columns is one region: a table there may cross the gutter with
 * some of its lines. */
static void
put_stripes(struct reader *r, const struct stripe *s, size_t n, int depth)
{
	size_t i, k;

	for (i = 0; i < n; i = k) {
		for (k = i; k < n && s[k].middle == 0; k++)
			;
		if (k > i)
			put_region(r, s[i].from, s[k - 1].to);
		else {
			put_columns(r, s[i].from, s[i].middle, depth + 1);
			put_columns(r, s[i].middle, s[i].to, depth + 1);
			k = i + 1;
		}
	}
}

/* Columns next to each other are read one after the other. */
static void
put_columns(struct reader *r, size_t from, size_t to, int depth)
{
	int left = 0, right = 0, top, k;
	size_t i, begin, n, mark;
	struct line *crossing;
	size_t left_end, right_begin;

	if (depth < COLUMNS_DEEP && to - from >= 4 &&
	    put_part_in_columns(r, from, to, depth))
		return;
	if (depth >= COLUMNS_DEEP || to - from < 8 ||
	    !find_gutter(r, from, to, &left, &right)) {
		put_region(r, from, to);
		return;
	}
	part(r, from, to, left, right, &left_end, &right_begin);
	crossing = make_lines(r, left_end, right_begin, &n);
	/* Stripes between the lines that cross, from top to bottom. */
	sorting = r;
	int *tops = xmalloc((n + 1) * sizeof(*tops));
	struct stripe *stripes = xcalloc(2 * n + 2, sizeof(*stripes)), *s;

	s = stripes;
	for (i = 0; i < n; i++)
		tops[i] = (crossing[i].top + crossing[i].bottom) / 2;
	free(crossing);
	qsort(r->order + from, to - from, sizeof(*r->order), by_place);
	for (i = begin = from, k = 0; (size_t)k <= n; k++) {
		top = (size_t)k < n ? tops[k] : INT32_MAX;
		/* What is above the line, then what is on it. */
		while (i < to &&
		    piece_at(r, i)->top + piece_at(r, i)->height <= top)
			i++;
		*s = (struct stripe){ begin, i, 0 };
		if (i > begin)
			find_columns(r, s++, left, right);
		for (mark = i;
		     (size_t)k < n && i < to && piece_at(r, i)->top <= top; i++)
			;
		/* Lines that cross and follow on each other are one region. */
		while ((size_t)k + 1 < n && i < to &&
		    piece_at(r, i)->top <= tops[k + 1] &&
		    piece_at(r, i)->top + piece_at(r, i)->height > tops[k + 1])
			for (k++; i < to && piece_at(r, i)->top <= tops[k]; i++)
				;
		if (i > mark)
			*s++ = (struct stripe){ mark, i, 0 };
		begin = i;
	}
	put_stripes(r, stripes, (size_t)(s - stripes), depth);
	free(stripes);
	free(tops);
}

/* Pieces whose lines all stand in one direction. */
static void
put_upright(struct reader *r, size_t from, size_t to)
{
	size_t i;

	r->count = to - from;
	for (i = 0; i < r->count; i++)
		r->order[i] = from + i;
	if (r->count == 0)
		return;
	close_stretched(r, 0, r->count);
	put_columns(r, 0, r->count, 0);
}

/* What is turned on a page: beside other text a few lines are a note. */
static void
put_turned(struct reader *r, size_t from, size_t to, bool is_aslant)
{
	struct buf text = BUF_INIT(0);
	size_t n, i;
	struct line *lines = lines_in(r, from, to, &n);

	r->to_left = false;
	if (n > TURNED_LINES && !is_aslant) {
		run_end(r);
		put_upright(r, from, to);
	} else {
		for (i = 0; i < n; i++)
			put_turned_line(r, &lines[i], &text);
		if (text.len > 0)
			set_aside_text(r, text.data, text.len);
	}
	free(lines);
	buf_release(&text);
}

static void
put_page(struct reader *r, const struct page *p)
{
	size_t turn, from, to = p->to;

	r->b->page = p->number;
	put_around(r, &p->head);
	r->to_left = p->to_left;
	put_upright(r, p->from, p->to);
	for (turn = 0; turn < PDF_TURNS; turn++) {
		from = to;
		to = p->turned[turn];
		put_turned(r, from, to, turn == PDF_ASLANT);
	}
	/* An open heading ends with its page. */
	if (r->kind == 'h')
		run_end(r);
	put_around(r, &p->foot);
}

/* --- all of it --- */

/* Pages that are pictures. */
static int
read_scans(struct reader *r, struct pdf *pdf)
{
	size_t i;
	int code = 0;

	if (!tool_is_there("/usr/bin/tesseract"))
		return err_set(ERR_DATA,
		    "is a scan without text; install tesseract-ocr to have it"
		    " read");
	for (i = 0; code == 0 && i < r->pages && i < SCANS_MAX; i++) {
		struct buf picture = BUF_INIT(PICTURE_MAX_BYTES);

		r->b->page = r->page[i].number;
		if (pdf_picture(pdf, (int)i, &picture))
			code = extract_image(picture.data, picture.len, r->b);
		buf_release(&picture);
	}
	return code;
}

static struct reader *
reader_new(struct blocks *b)
{
	struct reader *r = xcalloc(1, sizeof(*r));

	r->b = r->w.b = b;
	return r;
}

static void
reader_free(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->pages; i++) {
		buf_release(&r->page[i].head);
		buf_release(&r->page[i].foot);
	}
	for (i = 0; i < r->nasides; i++)
		free(r->aside[i].text);
	forget_names(r);
	buf_release(&r->text);
	buf_release(&r->run);
	free(r->piece);
	free(r->page);
	free(r->order);
	free(r);
}

/* The pieces of all pages, in the order they are read. */
static void
put_pages(struct reader *r)
{
	struct numbers numbers;
	size_t i, most = 0;

	for (i = 0; i < r->pages; i++)
		if (r->page[i].turned[PDF_TURNS - 1] - r->page[i].from > most)
			most =
			    r->page[i].turned[PDF_TURNS - 1] - r->page[i].from;
	r->order = xmalloc((most + 1) * sizeof(*r->order));
	find_sizes(r);
	for (i = 0; i < r->pages; i++) {
		set_names_upright(r, &r->page[i], PDF_DOWN);
		set_names_upright(r, &r->page[i], PDF_UP);
		join_large_letters(r, &r->page[i]);
	}
	close_up(r);
	if (r->pages >= BOILERPLATE_PAGES) {
		numbers = find_numbers(r);
		drop_repeated(r);
		drop_numbers(r, &numbers);
		drop_running(r, false);
		drop_running(r, true);
		drop_turned(r);
		find_sizes(r); /* of what is left */
	} else {
		numbers = find_numbers(r);
		drop_numbers(r, &numbers);
		set_aside(r);
	}
	for (i = 0; i < r->pages && !r->b->full; i++)
		put_page(r, &r->page[i]);
	run_end(r);
}

/* What there is to be read is put; code is how reading ended so far. */
static int
reader_end(struct reader *r, int code)
{
	struct blocks *b = r->b;
	int ended;

	if (code == 0 && r->pieces > 0)
		put_pages(r);
	ended = writer_end(&r->w);
	b->page = 0;
	reader_free(r);
	return code < 0 ? code : ended;
}

int
extract_pdf(const char *bytes, size_t len, const char *password,
    struct blocks *b)
{
	struct reader *r = reader_new(b);
	struct pdf *pdf = NULL;
	int code = pdf_open(bytes, len, password, &pdf);

	if (code == 0)
		code = take_pages(r, pdf);
	if (code == 0 && r->pages > 0 && r->pieces == 0)
		code = read_scans(r, pdf);
	pdf_close(pdf);
	return reader_end(r, code);
}
