/* writer - paragraphs, lists and tables as office documents tell them */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "kb/writer.h"

#define NAME_MAX_BYTES 80 /* of a column */
#define GRID_COLUMNS_MAX 16384
#define TITLES_MAX 4	   /* rows of one cell over a table */
#define BOLD_MAX_BYTES 120 /* of a heading that is known by being bold */

/* --- tables --- */

void
grid_row(struct grid *g)
{
	if ((g->rows & (g->rows - 1)) == 0)
		g->row = xrealloc(g->row,
		    (g->rows ? 2 * g->rows : 1) * sizeof(*g->row));
	g->row[g->rows++] = g->count;
	g->column = 0;
}

static const char *
cell_text(const struct grid *g, size_t i)
{
	return g->text.data + g->cell[i].at;
}

static size_t
row_end(const struct grid *g, size_t row)
{
	return row + 1 < g->rows ? g->row[row + 1] : g->count;
}

/* The cell of a row at a column; NULL: there is none. */
static const char *
cell_at(const struct grid *g, size_t row, unsigned column)
{
	size_t i;

	for (i = g->row[row]; i < row_end(g, row); i++)
		if (g->cell[i].column == column)
			return cell_text(g, i);
	return NULL;
}

void
grid_cell(struct grid *g, const char *text, size_t len, int columns, int down,
    bool is_head, bool is_bold)
{
	struct cell *c;
	char *kept = NULL;

	if (g->rows == 0)
		grid_row(g);
	if (g->column >= GRID_COLUMNS_MAX)
		return;
	if (down == 0) {
		text = g->rows > 1 ?
		    cell_at(g, g->rows - 2, (unsigned)g->column) :
		    NULL;
		kept = xstrdup(text != NULL ? text : "");
		text = kept;
		len = strlen(text);
	}
	if ((g->count & (g->count - 1)) == 0)
		g->cell = xrealloc(g->cell,
		    (g->count ? 2 * g->count : 1) * sizeof(*g->cell));
	c = &g->cell[g->count++];
	c->at = g->text.len;
	c->column = (uint16_t)g->column;
	c->columns = (uint16_t)(columns < 1 ? 1 :
		columns > 1000		    ? 1000 :
					      columns);
	c->down = (uint16_t)(down < 1 ? 1 : down > 1000 ? 1000 : down);
	c->is_head = is_head;
	c->is_bold = is_bold;
	c->is_title = false;
	while (len > 0 && strchr(" \t\r\n", *text) != NULL)
		text++, len--;
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	buf_add(&g->text, text, len);
	buf_add(&g->text, "", 1);
	g->column += c->columns;
	free(kept);
}

void
grid_title(struct grid *g, const char *text, size_t len, int level)
{
	grid_row(g);
	grid_cell(g, text, len, 1, 1, false, false);
	g->cell[g->count - 1].is_title = true;
	g->cell[g->count - 1].level = (uint8_t)level;
}

void
grid_skip(struct grid *g, size_t n)
{
	if (g->rows == 0)
		grid_row(g);
	g->column =
	    n > GRID_COLUMNS_MAX - g->column ? GRID_COLUMNS_MAX : g->column + n;
}

/* Cells of a row that hold something. */
static size_t
filled(const struct grid *g, size_t row)
{
	size_t i, n = 0;

	for (i = g->row[row]; i < row_end(g, row); i++)
		n += cell_text(g, i)[0] != '\0';
	return n;
}

/* Mostly digits: a number, a date, a price. */
static bool
is_number(const char *text)
{
	size_t digits = 0, letters = 0;

	for (; *text != '\0'; text++) {
		digits += isdigit((unsigned char)*text) != 0;
		letters += isalpha((unsigned char)*text) != 0 ||
		    (unsigned char)*text >= 0xc3;
	}
	return digits > 0 && digits >= letters;
}

/* Whether the first cell of a row is a label of what is beside it: bold where
 * that is not, or the one with a colon at its end. */
static bool
has_label(const struct grid *g, size_t row)
{
	size_t i = g->row[row], n;
	const char *text = cell_text(g, i);
	bool colon, bold = g->cell[i].is_bold;

	n = strlen(text);
	colon = n > 0 && text[n - 1] == ':';
	for (i++; i < row_end(g, row) && (colon || bold); i++) {
		text = cell_text(g, i);
		n = strlen(text);
		colon &= n == 0 || text[n - 1] != ':';
		bold &= n == 0 || !g->cell[i].is_bold;
	}
	return colon || bold;
}

/*
 * Whether row names the columns. It may when its cells are short and of words;
 * it does when it is set bold over rows that are not, or, all its cells being
 * different, when it is marked, or when numbers stand below its words, or, where
 * nothing above does (may_guess), when there are three columns and more. Below
 * names of groups (is_below) they may come again.
 */
static bool
names_columns(const struct grid *g, size_t row, size_t to, bool has_names,
    bool may_guess, bool is_below)
{
	size_t i, k, end = row_end(g, row), n = filled(g, row), below = 0, r;
	bool all_bold = true, all_heads = true, some_bold = false;
	bool longer = false, twice = false;
	size_t values = 0;
	const char *text;

	if (n < 2 || row + 1 >= to || row_end(g, row) == g->row[row])
		return false;
	for (i = g->row[row]; i < end; i++) {
		text = cell_text(g, i);
		if (*text == '\0')
			continue;
		if (strlen(text) > NAME_MAX_BYTES || is_number(text))
			return false;
		for (k = g->row[row]; k < i && !is_below; k++)
			twice |= strcmp(cell_text(g, k), text) == 0;
		all_bold &= g->cell[i].is_bold;
		all_heads &= g->cell[i].is_head;
	}
	/* Those of the groups that reach down beside them are names, too. */
	for (i = is_below ? g->row[row - 1] : end; is_below && i < g->row[row];
	     i++)
		n += g->cell[i].down > 1 && cell_text(g, i)[0] != '\0';
	for (r = row + 1; r < to && r < row + 20; r++) {
		longer |= filled(g, r) > n + 1;
		for (i = g->row[r]; i < row_end(g, r); i++) {
			/* The first column may be bold all the way down. */
			some_bold |= g->cell[i].column > 0 &&
			    g->cell[i].is_bold && *cell_text(g, i) != '\0';
			text = cell_text(g, i);
			values += g->cell[i].column > 0 && *text != '\0';
			below += g->cell[i].column > 0 && is_number(text) &&
			    cell_at(g, row, g->cell[i].column) != NULL;
		}
	}
	if (all_bold && !some_bold)
		return true;
	if (twice || (!is_below && has_label(g, row) && !all_heads))
		return false;
	/* Of two columns, a number here and there is a value like others. */
	if (n == 2 && 2 * below < values)
		below = 0;
	/* A row longer than its names has none, unless they look like them. */
	return !longer &&
	    (all_heads || below > 0 || (may_guess && (has_names || n >= 3)));
}

void
grid_release(struct grid *g)
{
	buf_release(&g->text);
	free(g->cell);
	free(g->row);
	memset(g, 0, sizeof(*g));
}

void
grid_reach(struct grid *g, size_t row, unsigned column, int columns, int down)
{
	size_t i;

	if (row >= g->rows || columns < 1 || down < 1)
		return;
	for (i = g->row[row]; i < row_end(g, row); i++)
		if (g->cell[i].column == column) {
			g->cell[i].columns =
			    (uint16_t)(columns > 1000 ? 1000 : columns);
			g->cell[i].down = (uint16_t)(down > 1000 ? 1000 : down);
		}
}

/* Columns that hold something in rows [from, to), at most 3 are counted. */
static size_t
columns_in_use(const struct grid *g, size_t from, size_t to)
{
	unsigned seen[3] = { 0 };
	size_t i, k, n = 0, end = to > from ? row_end(g, to - 1) : 0;

	for (i = to > from ? g->row[from] : 0; i < end && n < 3; i++) {
		if (cell_text(g, i)[0] == '\0')
			continue;
		for (k = 0; k < n && seen[k] != g->cell[i].column; k++)
			;
		if (k == n)
			seen[n++] = g->cell[i].column;
	}
	return n;
}

static void
put_row(struct grid *g, struct rows *rows, size_t row, bool is_head,
    unsigned first)
{
	size_t i;
	unsigned at = first;

	for (i = g->row[row]; i < row_end(g, row); i++) {
		struct cell *c = &g->cell[i];

		if (c->column < at) /* or another one is over it */
			continue;
		/* Rows that reach down fill their places by themselves. */
		for (; at < c->column; at++)
			if (at - first >= rows->nspans ||
			    rows->spans[at - first].left == 0)
				rows_cell(rows, "", is_head, 1, 1);
		rows_cell(rows, cell_text(g, i), is_head, c->columns, c->down);
		at = (unsigned)c->column + c->columns;
	}
}

static void
put_alone(const struct grid *g, size_t row, struct blocks *b)
{
	const char *text;
	size_t i;

	for (i = g->row[row]; i < row_end(g, row); i++) {
		text = cell_text(g, i);
		blocks_add(b, BLOCK_PARAGRAPH, 0, text, strlen(text));
	}
}

static bool
is_title(const struct grid *g, size_t row)
{
	return row_end(g, row) > g->row[row] && g->cell[g->row[row]].is_title;
}

/* What stands between rows, which go on below. */
static void
put_title(const struct grid *g, size_t row, struct rows *rows, struct blocks *b)
{
	const struct cell *c = &g->cell[g->row[row]];
	const char *text = cell_text(g, g->row[row]);

	rows_flush(rows, b);
	blocks_add(b, c->level > 0 ? BLOCK_HEADING : BLOCK_PARAGRAPH, c->level,
	    text, strlen(text));
}

/* The rows of names that hold until others come. */
struct names {
	size_t row, rows;
	bool is;
	unsigned first, last; /* columns of its table */
};

/* The columns that rows [row, to) hold something in. */
static void
reach_of(const struct grid *g, size_t row, size_t to, unsigned *ret_first,
    unsigned *ret_last)
{
	size_t i;

	*ret_first = UINT16_MAX;
	*ret_last = 0;
	for (i = g->row[row]; i < row_end(g, to - 1); i++) {
		unsigned column = g->cell[i].column;

		if (cell_text(g, i)[0] == '\0')
			continue;
		if (column < *ret_first)
			*ret_first = column;
		if (column > *ret_last)
			*ret_last = column;
	}
}

/* Whether two rows say the same in the same columns. */
static bool
is_same_row(const struct grid *g, size_t one, size_t other)
{
	size_t i, k = g->row[other];

	for (i = g->row[one]; i < row_end(g, one); i++) {
		if (cell_text(g, i)[0] == '\0')
			continue;
		while (k < row_end(g, other) && cell_text(g, k)[0] == '\0')
			k++;
		if (k == row_end(g, other) ||
		    g->cell[i].column != g->cell[k].column ||
		    strcmp(cell_text(g, i), cell_text(g, k)) != 0)
			return false;
		k++;
	}
	return filled(g, one) == filled(g, other);
}

/* How many columns the widest cell of a row is over, of those to last. */
static unsigned
spread_of(const struct grid *g, size_t row, unsigned last)
{
	unsigned most = 1;
	size_t i;

	for (i = g->row[row]; i < row_end(g, row); i++) {
		const struct cell *c = &g->cell[i];
		unsigned n = c->column + c->columns > last ?
		    last + 1 - c->column :
		    c->columns;

		if (c->column <= last && cell_text(g, i)[0] != '\0' && n > most)
			most = n;
	}
	return most;
}

/* Whether a row stands alone, as a title over all columns does; a name over
 * some of them does not. */
static bool
is_alone(const struct grid *g, size_t row, size_t to)
{
	unsigned first, last, spread;

	if (filled(g, row) > 1)
		return false;
	reach_of(g, row, to, &first, &last);
	spread = spread_of(g, row, last);
	return spread == 1 || spread > last - first;
}

/* Whether a row says some of its words twice. */
static bool
has_doubles(const struct grid *g, size_t row)
{
	size_t i, k;

	for (i = g->row[row]; i < row_end(g, row) && i < g->row[row] + 64; i++)
		for (k = g->row[row]; k < i; k++)
			if (cell_text(g, i)[0] != '\0' &&
			    strcmp(cell_text(g, i), cell_text(g, k)) == 0)
				return true;
	return false;
}

/*
 * Where a row with gaps is over one whose names come again, and nothing is
 * merged, each of its cells is over the columns up to the next one.
 */
static void
spread_groups(struct grid *g, size_t row, unsigned last)
{
	size_t i, k, end = row_end(g, row);

	if (filled(g, row) < 2 || filled(g, row) >= filled(g, row + 1) ||
	    spread_of(g, row, last) > 1 || !has_doubles(g, row + 1))
		return;
	for (i = g->row[row]; i < end; i++) {
		unsigned next;

		for (k = i + 1; k < end && cell_text(g, k)[0] == '\0';)
			k++;
		next = k < end ? g->cell[k].column : last + 1;
		if (cell_text(g, i)[0] != '\0' && next > g->cell[i].column &&
		    cell_at(g, row + 1, next - 1) != NULL)
			g->cell[i].columns =
			    (uint16_t)(next - g->cell[i].column);
	}
}

/* Whether a row has names over several columns each, which the row below names
 * one by one: what is over one column alone has no other name below. */
static bool
has_groups(const struct grid *g, size_t row, unsigned last)
{
	const char *below;
	size_t i;

	for (i = g->row[row]; i < row_end(g, row); i++) {
		if (cell_text(g, i)[0] == '\0' || g->cell[i].columns > 1)
			continue;
		below = cell_at(g, row + 1, g->cell[i].column);
		if (below != NULL && *below != '\0' &&
		    strcmp(below, cell_text(g, i)) != 0)
			return false;
	}
	return spread_of(g, row, last) > 1;
}

/* How many rows from row on name the columns to last: 0, 1 or 2. */
static size_t
rows_of_names(struct grid *g, size_t row, size_t to, unsigned last,
    bool has_names, bool may_guess)
{
	if (g->no_names)
		return 0;
	if (row + 2 < to &&
	    names_columns(g, row + 1, to, has_names, may_guess, true)) {
		spread_groups(g, row, last);
		if (has_groups(g, row, last))
			return 2;
	}
	return names_columns(g, row, to, has_names, may_guess, false) ? 1 : 0;
}

/* Rows [row, row + n) as names. */
static void
put_names(struct grid *g, struct rows *rows, size_t row, size_t n,
    unsigned first)
{
	for (; n > 0; row++, n--) {
		put_row(g, rows, row, true, first);
		rows_next(rows);
	}
}

/*
 * Rows [row, to) as a table. Without names of its own in the columns of the
 * one above, as behind a blank row, it has its names.
 */
static void
put_range(struct grid *g, size_t row, size_t to, struct blocks *b,
    bool has_names, struct names *names)
{
	struct rows rows = { 0 };
	unsigned first, last;
	size_t heads, i;
	bool same;

	/* What stands alone above is said before: one row, or a few over names. */
	for (heads = row;
	     heads < to && heads < row + TITLES_MAX && is_alone(g, heads, to);
	     heads++)
		;
	if (heads > row + 1 && heads < to && !g->no_names &&
	    names_columns(g, heads, to, has_names, true, false))
		while (row < heads)
			put_alone(g, row++, b);
	while (row < to && columns_in_use(g, row, to) > 1 &&
	    is_alone(g, row, to) && !(row + 1 < to && filled(g, row + 1) <= 1))
		put_alone(g, row++, b);
	if (columns_in_use(g, row, to) <= 1) {
		for (; row < to; row++)
			put_alone(g, row, b);
		return;
	}
	reach_of(g, row, to, &first, &last);
	same = !g->no_names && names->is && first == names->first &&
	    last == names->last;
	for (i = 0; same && i < names->rows && row < to &&
	     is_same_row(g, row, names->row + i);
	     i++)
		row++;
	if (row == to)
		return;
	heads = rows_of_names(g, row, to, last, has_names, !same);
	if (heads > 0)
		*names = (struct names){ row, heads, true, first, last };
	else if (same)
		put_names(g, &rows, names->row, names->rows, first);
	put_names(g, &rows, row, heads, first);
	for (row += heads; row < to && !b->full; row++) {
		if (is_title(g, row)) {
			put_title(g, row, &rows, b);
			continue;
		}
		put_row(g, &rows, row, false, first);
		rows_next(&rows);
		if (rows.out.len > b->max)
			b->full = true;
	}
	rows_end(&rows, b);
}

bool
grid_has_names(const struct grid *g)
{
	return g->rows > 1 && !g->no_names &&
	    names_columns(g, 0, g->rows, false, false, false);
}

const char *
grid_name(const struct grid *g, unsigned column)
{
	const char *name = g->rows > 0 ? cell_at(g, 0, column) : NULL;

	return name != NULL ? name : "";
}

void
grid_end(struct grid *g, struct blocks *b, bool has_names)
{
	struct names names = { 0 };

	if (g->rows > 0)
		put_range(g, 0, g->rows, b, has_names, &names);
	grid_release(g);
}

/* --- lists side by side --- */

#define MOSTLY_PERCENT 70
#define LISTS_COLUMNS_MAX 12
#define LISTS_ROWS_MAX 1000

/* What is in a column below the first row: 'n' numbers, 't' words; else 0. */
static char
kind_of_column(const struct grid *g, unsigned column)
{
	size_t row, filled_cells = 0, numbers = 0;
	const char *text;

	for (row = 1; row < g->rows; row++) {
		text = cell_at(g, row, column);
		if (text == NULL || *text == '\0')
			continue;
		filled_cells++;
		numbers += is_number(text);
	}
	if (filled_cells == 0)
		return 0;
	if (numbers * 100 >= filled_cells * MOSTLY_PERCENT)
		return 'n';
	return (filled_cells - numbers) * 100 >= filled_cells * MOSTLY_PERCENT ?
	    't' :
	    0;
}

/* Whether columns of words and numbers come again after so many. */
static bool
comes_again(const char *kind, size_t columns, size_t each)
{
	bool numbers = false;
	size_t c;

	if (columns % each != 0 || kind[0] != 't')
		return false;
	for (c = 0; c < columns; c++) {
		if (kind[c] == 0 || kind[c] != kind[c % each])
			return false;
		numbers |= kind[c] == 'n';
	}
	return numbers;
}

/* Whether the first row has a title over each list. */
static bool
has_titles(const struct grid *g, size_t columns, size_t each)
{
	size_t c;

	for (c = 0; c < columns; c++)
		if ((*grid_name(g, (unsigned)c) != '\0') != (c % each == 0))
			return false;
	return true;
}

/* Whether the first row has the same names over each list. */
static bool
has_same_names(const struct grid *g, size_t columns, size_t each)
{
	const char *name;
	size_t c;

	for (c = 0; c < columns; c++) {
		name = grid_name(g, (unsigned)c);
		if (*name == '\0' || is_number(name) ||
		    strcmp(name, grid_name(g, (unsigned)(c % each))) != 0)
			return false;
	}
	return true;
}

size_t
grid_lists(const struct grid *g, size_t columns)
{
	char kind[LISTS_COLUMNS_MAX];
	size_t each, c;

	if (columns > LISTS_COLUMNS_MAX || g->rows > LISTS_ROWS_MAX ||
	    g->rows < 3)
		return 0;
	for (c = 0; c < columns; c++)
		kind[c] = kind_of_column(g, (unsigned)c);
	for (each = 2; each <= columns / 2; each++)
		if (comes_again(kind, columns, each) &&
		    (has_titles(g, columns, each) ||
			has_same_names(g, columns, each)))
			return each;
	return 0;
}

/* The columns of a list from `first` on, as a table. */
static void
put_list(const struct grid *g, struct blocks *b, size_t first, size_t each,
    bool has_names)
{
	struct grid list = { 0 };
	const char *text;
	size_t row, c;

	for (row = has_names ? 0 : 1; row < g->rows; row++) {
		grid_row(&list);
		for (c = first; c < first + each; c++) {
			text = cell_at(g, row, (unsigned)c);
			if (text == NULL)
				text = "";
			grid_cell(&list, text, strlen(text), 1, 1, row == 0,
			    false);
		}
	}
	grid_end(&list, b, has_names);
}

void
grid_end_lists(struct grid *g, struct blocks *b, size_t columns, size_t each,
    int level)
{
	bool titles = has_titles(g, columns, each);
	const char *title;
	size_t c;

	for (c = 0; c < columns; c += each) {
		title = grid_name(g, (unsigned)c);
		if (titles)
			blocks_add(b,
			    level > 0 ? BLOCK_HEADING : BLOCK_PARAGRAPH, level,
			    title, strlen(title));
		put_list(g, b, c, each, !titles);
	}
	grid_release(g);
}

void
grid_end_sheet(struct grid *g, struct blocks *b, bool has_names)
{
	size_t from = 0, row;
	struct names names = { 0 };

	for (row = 0; row <= g->rows; row++) {
		if (row < g->rows && filled(g, row) > 0)
			continue;
		if (row > from)
			put_range(g, from, row, b, has_names, &names);
		from = row + 1;
	}
	grid_release(g);
}

/* --- the writer --- */

static void
flush_list(struct writer *w)
{
	int page = w->b->page;

	w->b->page = w->list_page;
	if (w->list.len > 0)
		blocks_add(w->b, BLOCK_LIST, 0, w->list.data, w->list.len);
	w->b->page = page;
	buf_reset(&w->list);
	if (w->code.len > 0)
		blocks_add(w->b, BLOCK_CODE, 0, w->code.data, w->code.len);
	buf_reset(&w->code);
}

static void
flush_notes(struct writer *w)
{
	const char *p, *end;

	if (w->notes.len == 0 || w->table_depth > 0)
		return;
	flush_list(w);
	end = w->notes.data + w->notes.len;
	for (p = w->notes.data; p < end; p += strlen(p) + 1)
		blocks_add(w->b, BLOCK_PARAGRAPH, 0, p, strlen(p));
	buf_reset(&w->notes);
}

static bool
is_empty(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", *text) != NULL)
		text++, len--;
	return len == 0;
}

static bool
too_much(struct writer *w, size_t len)
{
	if (w->cell.len + w->grid.text.len + w->list.len + w->code.len +
		w->notes.len + len >
	    w->b->max)
		w->b->full = true;
	return w->b->full;
}

/* Text of a cell, one line. */
static void
add_to_cell(struct writer *w, const char *text, size_t len)
{
	if (w->cell.len > 0)
		buf_addc(&w->cell, ' ');
	buf_add(&w->cell, text, len);
}

void
writer_heading(struct writer *w, int level, const char *text, size_t len)
{
	if (is_empty(text, len) || too_much(w, len))
		return;
	if (w->table_depth > 0) {
		add_to_cell(w, text, len);
		return;
	}
	flush_list(w);
	blocks_add(w->b, BLOCK_HEADING,
	    level < 0	  ? 1 :
		level > 6 ? 6 :
			    level,
	    text, len);
	flush_notes(w);
}

void
writer_flush(struct writer *w)
{
	flush_list(w);
	flush_notes(w);
}

void
writer_paragraph(struct writer *w, const char *text, size_t len)
{
	if (!is_empty(text, len) && !too_much(w, len)) {
		if (w->table_depth > 0)
			add_to_cell(w, text, len);
		else {
			flush_list(w);
			blocks_add(w->b, BLOCK_PARAGRAPH, 0, text, len);
		}
	}
	flush_notes(w);
}

void
writer_prose(struct writer *w, const char *text, size_t len, size_t bold)
{
	bool is_sentence = len > 0 && strchr(".:!?;,", text[len - 1]) != NULL;

	if (w->table_depth == 0 && bold >= len && len < BOLD_MAX_BYTES &&
	    !is_sentence)
		writer_heading(w, 0, text, len);
	else
		writer_paragraph(w, text, len);
}

void
writer_code(struct writer *w, const char *text, size_t len)
{
	if (w->table_depth > 0) {
		writer_paragraph(w, text, len);
		return;
	}
	if (is_empty(text, len) || too_much(w, len))
		return;
	if (w->list.len > 0)
		flush_list(w);
	if (w->code.len > 0)
		buf_addc(&w->code, '\n');
	buf_add(&w->code, text, len);
	flush_notes(w);
}

void
writer_item(struct writer *w, int depth, const char *label, const char *text,
    size_t len)
{
	size_t i;

	if (is_empty(text, len) || too_much(w, len))
		return;
	if (w->table_depth > 0) {
		if (label != NULL)
			add_to_cell(w, label, strlen(label));
		add_to_cell(w, text, len);
		return;
	}
	if (w->code.len > 0)
		flush_list(w);
	if (w->list.len > 0)
		buf_addc(&w->list, '\n');
	else
		w->list_page = w->b->page;
	if (depth > 1)
		buf_adds(&w->list, "  ");
	buf_addf(&w->list, "%s ", label != NULL && *label ? label : "-");
	for (i = 0; i < len; i++)
		buf_addc(&w->list, text[i] == '\n' ? ' ' : text[i]);
	flush_notes(w);
}

void
writer_more(struct writer *w, const char *text, size_t len)
{
	size_t i;

	if (w->table_depth > 0 || w->list.len == 0) {
		writer_paragraph(w, text, len);
		return;
	}
	if (is_empty(text, len) || too_much(w, len))
		return;
	buf_addc(&w->list, ' ');
	for (i = 0; i < len; i++)
		buf_addc(&w->list, text[i] == '\n' ? ' ' : text[i]);
	flush_notes(w);
}

void
writer_note(struct writer *w, const char *text, size_t len)
{
	if (is_empty(text, len) || too_much(w, len))
		return;
	buf_add(&w->notes, text, len);
	buf_add(&w->notes, "", 1);
}

void
writer_table(struct writer *w)
{
	if (w->table_depth++ == 0) {
		flush_list(w);
		buf_reset(&w->cell);
	}
}

void
writer_row(struct writer *w)
{
	if (w->table_depth == 1)
		grid_row(&w->grid);
}

void
writer_cell_end(struct writer *w, int columns, int down, bool is_head,
    bool is_bold)
{
	if (w->table_depth != 1)
		return;
	if (++w->cells > CELLS_MAX) {
		w->b->full = true;
		return;
	}
	grid_cell(&w->grid, w->cell.data != NULL ? w->cell.data : "",
	    w->cell.len, columns, down, is_head, is_bold);
	buf_reset(&w->cell);
}

void
writer_table_end(struct writer *w, bool has_names)
{
	if (w->table_depth == 0 || --w->table_depth > 0)
		return;
	if (w->cell.len > 0)
		writer_paragraph(w, w->cell.data, w->cell.len);
	buf_reset(&w->cell);
	grid_end(&w->grid, w->b, has_names);
	flush_notes(w);
}

int
writer_end(struct writer *w)
{
	while (w->table_depth > 0)
		writer_table_end(w, false);
	flush_list(w);
	flush_notes(w);
	buf_release(&w->list);
	buf_release(&w->code);
	buf_release(&w->cell);
	buf_release(&w->notes);
	grid_release(&w->grid);
	return w->cells > CELLS_MAX ?
	    err_set(ERR_DATA, "has more than %d cells", CELLS_MAX) :
	    0;
}

/* --- numbers of lists --- */

static void
roman(int n, bool upper, char ret[32])
{
	static const struct {
		int n;
		const char *text;
	} parts[] = { { 1000, "m" }, { 900, "cm" }, { 500, "d" }, { 400, "cd" },
		{ 100, "c" }, { 90, "xc" }, { 50, "l" }, { 40, "xl" },
		{ 10, "x" }, { 9, "ix" }, { 5, "v" }, { 4, "iv" }, { 1, "i" } };
	struct buf out = BUF_INIT(31);
	size_t i;
	char *p;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		for (; n >= parts[i].n && !out.failed; n -= parts[i].n)
			buf_adds(&out, parts[i].text);
	snprintf(ret, 32, "%s", out.data != NULL ? out.data : "");
	for (p = ret; upper && *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	buf_release(&out);
}

void
number_label(const char *style, int n, char ret[32])
{
	bool upper =
	    strcmp(style, "upperLetter") == 0 || strcmp(style, "A") == 0;

	if (n > 0 && n < 5000 &&
	    (strcmp(style, "lowerRoman") == 0 || strcmp(style, "i") == 0))
		roman(n, false, ret);
	else if (n > 0 && n < 5000 &&
	    (strcmp(style, "upperRoman") == 0 || strcmp(style, "I") == 0))
		roman(n, true, ret);
	else if (n > 0 && n <= 26 &&
	    (upper || strcmp(style, "lowerLetter") == 0 ||
		strcmp(style, "a") == 0))
		snprintf(ret, 32, "%c", (upper ? 'A' : 'a') + n - 1);
	else if (strcmp(style, "decimalZero") == 0)
		snprintf(ret, 32, "%02d", n);
	else
		snprintf(ret, 32, "%d", n);
}
