/*
 * extract_xls - the sheets of an Excel workbook of 1997 to 2003
 *
 * Records of a type, a length and so many bytes, BIFF8: first those of the
 * workbook, with the texts of all cells, then those of each sheet. Read as
 * extract_xlsx.c reads the later kind: numbers and dates as shown, hidden
 * sheets, rows and columns left out.
 */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/err.h"
#include "kb/compound.h"
#include "kb/number.h"
#include "kb/office.h"
#include "kb/writer.h"

#define FORMATS_MAX 4096
#define LOOKS_MAX 65536
#define SHEETS_MAX 1024
#define ROWS_MAX 65536
#define COLUMNS_MAX 256
#define BIFF8 0x600

enum {
	R_FORMULA = 0x06,
	R_EOF = 0x0a,
	R_DATEMODE = 0x22,
	R_FILEPASS = 0x2f,
	R_CONTINUE = 0x3c,
	R_COLINFO = 0x7d,
	R_BOUNDSHEET = 0x85,
	R_MULRK = 0xbd,
	R_XF = 0xe0,
	R_MERGECELLS = 0xe5,
	R_SST = 0xfc,
	R_LABELSST = 0xfd,
	R_NUMBER = 0x203,
	R_LABEL = 0x204,
	R_BOOLERR = 0x205,
	R_STRING = 0x207,
	R_ROW = 0x208,
	R_RK = 0x27e,
	R_FORMAT = 0x41e,
	R_BOF = 0x809,
};

struct sheet {
	char *name;
	uint32_t at;
	bool is_hidden;
};

struct reader {
	struct blocks *b;
	const char *bytes;
	size_t len;
	bool is_1904, is_protected;
	char *format[FORMATS_MAX]; /* by number; NULL: built in */
	uint16_t *look;		   /* the format of each */
	size_t looks;
	struct sheet *sheet;
	size_t sheets;
	struct buf text; /* of the cells, each ended by a NUL */
	size_t *text_at;
	size_t texts;
	/* The sheet at work. */
	struct grid grid;
	uint16_t row_of[ROWS_MAX]; /* the sheet's, of each of the grid */
	bool hidden_row[ROWS_MAX], hidden_column[COLUMNS_MAX];
	int row, formula_row, formula_column; /* -1: none */
	size_t cells;
};

/* A record, and the bytes of a text that goes on in the next. */
struct cursor {
	const char *p, *end, *limit;
};

static bool
record_at(const struct reader *r, size_t at, unsigned *ret_type,
    struct cursor *ret)
{
	size_t n;

	if (at > r->len || r->len - at < 4)
		return false;
	*ret_type = le16(r->bytes + at);
	n = le16(r->bytes + at + 2);
	if (n > r->len - at - 4)
		return false;
	ret->p = r->bytes + at + 4;
	ret->end = ret->p + n;
	ret->limit = r->bytes + r->len;
	return true;
}

/* Into the record behind, which goes on with this one. */
static bool
go_on(struct cursor *c)
{
	size_t n;

	if (c->limit - c->end < 4 || le16(c->end) != R_CONTINUE)
		return false;
	n = le16(c->end + 2);
	if (n > (size_t)(c->limit - c->end) - 4)
		return false;
	c->p = c->end + 4;
	c->end = c->p + n;
	return true;
}

/* Leave out n bytes, over as many records as they take. */
static bool
pass(struct cursor *c, size_t n)
{
	size_t some;

	while (n > 0) {
		if (c->p == c->end && !go_on(c))
			return false;
		some = (size_t)(c->end - c->p);
		some = some < n ? some : n;
		c->p += some;
		n -= some;
	}
	return true;
}

static void
put_unit(struct buf *out, uint32_t c, uint32_t *high)
{
	char utf8[4];

	if (c >= 0xd800 && c < 0xdc00) {
		*high = c;
		return;
	}
	if (c >= 0xdc00 && c < 0xe000) {
		if (*high == 0)
			return;
		c = 0x10000 + ((*high - 0xd800) << 10) + (c - 0xdc00);
	}
	*high = 0;
	if (c == 0)
		return;
	buf_add(out, utf8,
	    (size_t)utf8proc_encode_char((utf8proc_int32_t)c,
		(utf8proc_uint8_t *)utf8));
}

/* n characters, each of a byte or of two as flags say, to out. */
static bool
take_characters(struct cursor *c, size_t n, unsigned flags, struct buf *out)
{
	uint32_t high = 0;
	size_t each;

	for (; n > 0; n--) {
		/* A text that goes on says anew how wide it is. */
		if (c->p == c->end) {
			if (!go_on(c) || c->p == c->end)
				return false;
			flags = (unsigned char)*c->p++;
		}
		each = flags & 1 ? 2 : 1;
		if ((size_t)(c->end - c->p) < each)
			return false;
		put_unit(out, each == 2 ? le16(c->p) : (unsigned char)*c->p,
		    &high);
		c->p += each;
	}
	return true;
}

/* A text with its length before it, of 1 or 2 bytes. */
static bool
take_text(struct cursor *c, int length_bytes, struct buf *out)
{
	size_t n, runs = 0, more = 0;
	unsigned flags;

	if (c->end - c->p < length_bytes + 1)
		return false;
	n = length_bytes == 2 ? le16(c->p) : (unsigned char)*c->p;
	c->p += length_bytes;
	flags = (unsigned char)*c->p++;
	if (flags & 8) {
		if (c->end - c->p < 2)
			return false;
		runs = le16(c->p);
		c->p += 2;
	}
	if (flags & 4) {
		if (c->end - c->p < 4)
			return false;
		more = le32(c->p);
		c->p += 4;
	}
	return take_characters(c, n, flags, out) && pass(c, 4 * runs + more);
}

/* --- the workbook --- */

static void
take_texts(struct reader *r, struct cursor *c)
{
	size_t n;

	if (c->end - c->p < 8 || r->text_at != NULL)
		return;
	n = le32(c->p + 4);
	c->p += 8;
	if (n > r->len / 3)
		n = r->len / 3; /* each takes that much at least */
	r->text_at = xcalloc(n + 1, sizeof(*r->text_at));
	while (r->texts < n && r->text.len <= r->b->max) {
		if (c->p == c->end && !go_on(c))
			break;
		r->text_at[r->texts] = r->text.len;
		if (!take_text(c, 2, &r->text))
			break;
		buf_add(&r->text, "", 1);
		r->texts++;
	}
}

static void
take_sheet(struct reader *r, struct cursor *c)
{
	struct buf name = BUF_INIT(0);
	struct sheet *s;

	/* Charts and macros are none. */
	if (c->end - c->p < 8 || c->p[5] != 0 || r->sheets == SHEETS_MAX)
		return;
	if ((r->sheets & (r->sheets - 1)) == 0)
		r->sheet = xrealloc(r->sheet,
		    (r->sheets ? 2 * r->sheets : 1) * sizeof(*r->sheet));
	s = &r->sheet[r->sheets++];
	s->at = le32(c->p);
	s->is_hidden = (c->p[4] & 3) != 0;
	c->p += 6;
	take_text(c, 1, &name);
	s->name = buf_detach(&name);
}

static void
take_format(struct reader *r, struct cursor *c)
{
	struct buf code = BUF_INIT(0);
	unsigned n;

	if (c->end - c->p < 5 || (n = le16(c->p)) >= FORMATS_MAX)
		return;
	c->p += 2;
	if (take_text(c, 2, &code)) {
		free(r->format[n]);
		r->format[n] = buf_detach(&code);
	}
	buf_release(&code);
}

static void
take_look(struct reader *r, const struct cursor *c)
{
	if (c->end - c->p < 4 || r->looks == LOOKS_MAX)
		return;
	if ((r->looks & (r->looks - 1)) == 0)
		r->look = xrealloc(r->look,
		    (r->looks ? 2 * r->looks : 1) * sizeof(*r->look));
	r->look[r->looks++] = le16(c->p + 2);
}

static int
read_workbook(struct reader *r)
{
	struct cursor c;
	unsigned type;
	size_t at = 0;

	if (!record_at(r, 0, &type, &c) || type != R_BOF || c.end - c.p < 2 ||
	    le16(c.p) != BIFF8)
		return err_set(ERR_DATA,
		    "is an Excel sheet of before 1997; save it anew");
	for (; record_at(r, at, &type, &c) && type != R_EOF;
	     at += 4 + le16(r->bytes + at + 2))
		switch (type) {
		case R_FILEPASS:
			return err_set(ERR_DATA,
			    "is protected by a password; save it without one");
		case R_DATEMODE:
			r->is_1904 = c.end - c.p >= 2 && le16(c.p) == 1;
			break;
		case R_FORMAT:
			take_format(r, &c);
			break;
		case R_XF:
			take_look(r, &c);
			break;
		case R_BOUNDSHEET:
			take_sheet(r, &c);
			break;
		case R_SST:
			take_texts(r, &c);
			break;
		}
	return 0;
}

/* --- a sheet --- */

static void
put_cell(struct reader *r, int row, int column, const char *text, size_t len)
{
	int gap;

	/* They come in order; others are of no document. */
	if (row < r->row || len == 0 || column >= COLUMNS_MAX ||
	    r->hidden_row[row] || r->hidden_column[column] ||
	    (row == r->row && (size_t)column < r->grid.column))
		return;
	if (++r->cells > CELLS_MAX || r->grid.text.len > r->b->max) {
		r->b->full = true;
		return;
	}
	if (row > r->row) {
		/* One empty row parts tables as well as many; a hidden one
		 * does not. */
		for (gap = r->row + 1; gap < row && r->hidden_row[gap]; gap++)
			;
		if (r->row >= 0 && gap < row && r->grid.rows < ROWS_MAX) {
			r->row_of[r->grid.rows] = (uint16_t)(r->row + 1);
			grid_row(&r->grid);
		}
		if (r->grid.rows == ROWS_MAX)
			return;
		r->row_of[r->grid.rows] = (uint16_t)row;
		grid_row(&r->grid);
		r->row = row;
	}
	grid_skip(&r->grid, (size_t)column - r->grid.column);
	grid_cell(&r->grid, text, len, 1, 1, false, false);
}

static void
put_number(struct reader *r, int row, int column, unsigned look, double value)
{
	unsigned f = look < r->looks ? r->look[look] : 0;
	const char *code = f < FORMATS_MAX && r->format[f] != NULL ?
	    r->format[f] :
	    number_builtin((int)f);
	struct buf text = BUF_INIT(0);

	number_format(&text, value, code, r->is_1904);
	put_cell(r, row, column, text.data != NULL ? text.data : "", text.len);
	buf_release(&text);
}

static double
number_at(const char *p)
{
	uint64_t bits = le32(p) | (uint64_t)le32(p + 4) << 32;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* 30 bits of a number, whole or the upper ones, perhaps in hundredths. */
static double
packed_at(const char *p)
{
	uint32_t n = le32(p);
	uint64_t bits = (uint64_t)(n & ~3u) << 32;
	double value;

	if (n & 2)
		value = (double)((int32_t)n >> 2);
	else
		memcpy(&value, &bits, sizeof(value));
	return n & 1 ? value / 100 : value;
}

static void
put_truth(struct reader *r, int row, int column, bool is)
{
	put_cell(r, row, column, is ? "TRUE" : "FALSE", is ? 4 : 5);
}

static void
take_formula(struct reader *r, int row, int column, const struct cursor *c)
{
	const char *result = c->p + 6;

	if (c->end - c->p < 14)
		return;
	if (le16(result + 6) != 0xffff)
		put_number(r, row, column, le16(c->p + 4), number_at(result));
	else if (*result == 0) { /* a text, which comes next */
		r->formula_row = row;
		r->formula_column = column;
	} else if (*result == 1)
		put_truth(r, row, column, result[2] != 0);
}

static void
take_string(struct reader *r, struct cursor *c, int row, int column)
{
	struct buf text = BUF_INIT(0);

	if (row >= 0 && take_text(c, 2, &text) && text.len > 0)
		put_cell(r, row, column, text.data, text.len);
	buf_release(&text);
}

static void
take_cell(struct reader *r, unsigned type, struct cursor *c)
{
	int row = le16(c->p), column = le16(c->p + 2);
	size_t n = (size_t)(c->end - c->p), i;

	switch (type) {
	case R_LABELSST:
		i = n >= 10 ? le32(c->p + 6) : SIZE_MAX;
		if (i < r->texts)
			put_cell(r, row, column, r->text.data + r->text_at[i],
			    strlen(r->text.data + r->text_at[i]));
		break;
	case R_LABEL:
		c->p += 6;
		take_string(r, c, row, column);
		break;
	case R_NUMBER:
		if (n >= 14)
			put_number(r, row, column, le16(c->p + 4),
			    number_at(c->p + 6));
		break;
	case R_RK:
		if (n >= 10)
			put_number(r, row, column, le16(c->p + 4),
			    packed_at(c->p + 6));
		break;
	case R_MULRK:
		for (i = 4; i + 8 <= n; i += 6)
			put_number(r, row, column++, le16(c->p + i),
			    packed_at(c->p + i + 2));
		break;
	case R_BOOLERR:
		if (n >= 8 && c->p[7] == 0)
			put_truth(r, row, column, c->p[6] != 0);
		break;
	case R_FORMULA:
		take_formula(r, row, column, c);
		break;
	case R_ROW:
		if (n >= 13 && (c->p[12] & 0x20) != 0)
			r->hidden_row[row] = true;
		break;
	case R_COLINFO: /* from column row to column column */
		if (n >= 10 && (c->p[8] & 1) != 0)
			for (; row <= column && row < COLUMNS_MAX; row++)
				r->hidden_column[row] = true;
		break;
	}
}

static void
take_merged(struct reader *r, const struct cursor *c)
{
	const char *p = c->p + 2;
	size_t n = le16(c->p), i;

	for (; n > 0 && c->end - p >= 8; n--, p += 8)
		for (i = 0; i < r->grid.rows; i++)
			if (r->row_of[i] == le16(p) && le16(p + 2) >= le16(p) &&
			    le16(p + 6) >= le16(p + 4))
				grid_reach(&r->grid, i, le16(p + 4),
				    le16(p + 6) - le16(p + 4) + 1,
				    le16(p + 2) - le16(p) + 1);
}

static void
read_sheet(struct reader *r, const struct sheet *s)
{
	struct cursor c;
	unsigned type;
	size_t at = s->at, depth = 0;

	memset(r->hidden_row, 0, sizeof(r->hidden_row));
	memset(r->hidden_column, 0, sizeof(r->hidden_column));
	r->row = r->formula_row = -1;
	for (; record_at(r, at, &type, &c) && !r->b->full;
	     at += 4 + le16(r->bytes + at + 2)) {
		/* A chart within has a beginning and an end of its own. */
		if (type == R_BOF)
			depth++;
		else if (type == R_EOF && --depth == 0)
			break;
		if (depth == 0)
			break;
		if (depth > 1)
			continue;
		if (type == R_STRING) {
			take_string(r, &c, r->formula_row, r->formula_column);
			r->formula_row = -1;
		} else if (type == R_MERGECELLS && c.end - c.p >= 2)
			take_merged(r, &c);
		else if (c.end - c.p >= 6)
			take_cell(r, type, &c);
	}
	if (r->grid.count > 0)
		blocks_add(r->b, BLOCK_HEADING, 1, s->name, strlen(s->name));
	grid_end_sheet(&r->grid, r->b, false);
}

int
extract_xls(const char *bytes, size_t len, struct blocks *b)
{
	struct reader *r = xcalloc(1, sizeof(*r));
	char *stream = NULL;
	size_t i;
	int code;

	r->b = b;
	code = compound_load(bytes, len, "Workbook", PART_MAX_BYTES, &stream,
	    &r->len);
	if (code == ERR_NO)
		code = err_set(ERR_DATA,
		    "is an Excel sheet of before 1997; save it anew");
	r->bytes = stream;
	if (code == 0)
		code = read_workbook(r);
	for (i = 0; code == 0 && i < r->sheets && !b->full; i++)
		if (!r->sheet[i].is_hidden)
			read_sheet(r, &r->sheet[i]);
	if (code == 0 && r->cells > CELLS_MAX)
		code = err_set(ERR_DATA, "has more than %d cells", CELLS_MAX);
	for (i = 0; i < r->sheets; i++)
		free(r->sheet[i].name);
	for (i = 0; i < FORMATS_MAX; i++)
		free(r->format[i]);
	free(r->sheet);
	free(r->look);
	free(r->text_at);
	buf_release(&r->text);
	grid_release(&r->grid);
	free(stream);
	free(r);
	return code;
}
