/*
 * extract_xlsx - the text of an Excel workbook (Office Open XML)
 *
 * Each sheet is a section under its name; an empty row parts its tables.
 * Numbers and dates are as their format shows them. Hidden sheets, rows and
 * columns, comments and errors (#N/A) are left out.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "base/err.h"
#include "kb/number.h"
#include "kb/office.h"
#include "kb/writer.h"

#define SHEETS_MAX 1000
#define STRINGS_MAX 4000000
#define FORMATS_MAX 65536
#define MERGES_MAX 100000
#define COLUMNS_MAX 16384
#define NUMBER_MAX_BYTES 64
#define ESCAPE_BYTES 7 /* "_x000D_" */

enum {
	X_SHEET = 1,
	X_WORKBOOKPR,
	X_SI,
	X_T,
	X_RPH,
	X_NUMFMT,
	X_CELLXFS,
	X_XF,
	X_FONTS,
	X_FONT,
	X_B,
	X_COL,
	X_ROW,
	X_C,
	X_V,
	X_IS,
	X_MERGECELL,
	X_SHEETDATA,
};
static struct xml_words words = {
	.list = (const char *const[]){ "sheet", "workbookPr", "si", "t", "rPh",
	    "numFmt", "cellXfs", "xf", "fonts", "font", "b", "col", "row", "c",
	    "v", "is", "mergeCell", "sheetData", NULL }
};

struct reader {
	struct blocks *b;
	struct xml x;
	struct sheet {
		char *name, *id;
	} * sheet;
	size_t sheets;
	bool is_1904;
	/* Shared strings, one behind the other. */
	struct buf strings;
	size_t *string;
	size_t nstrings;
	/* Formats by their number, and those of cells. */
	struct format {
		int id;
		char *code;
	} * format;
	size_t formats;
	struct xf {
		int format, font;
	} * xf;
	size_t xfs;
	bool *bold; /* of fonts */
	size_t fonts;
	bool in_xfs, in_fonts;
	/* The sheet at work. */
	struct grid grid;
	unsigned *row_number; /* of the rows of grid */
	unsigned last_row, column;
	bool hidden_column[COLUMNS_MAX];
	size_t cells, merges;
	char type; /* of the cell: s, i (inline), f (formula's text), b, e, n */
	int style;
	bool in_value, has_cell;
	struct buf value;
};

/* --- the tables of the workbook --- */

static void
book_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;
	const char *name = xml_attr(atts, "name"), *rid;
	const char *state = xml_attr(atts, "state"), *value;

	if (id == X_WORKBOOKPR) {
		value = xml_attr(atts, "date1904");
		r->is_1904 = value != NULL && !xml_is_off(value);
	}
	if (id != X_SHEET || r->sheets == SHEETS_MAX || name == NULL ||
	    (state != NULL && strcmp(state, "visible") != 0))
		return;
	rid = xml_attr_relation(atts);
	if (rid == NULL)
		return;
	if ((r->sheets & (r->sheets - 1)) == 0)
		r->sheet = xrealloc(r->sheet,
		    (r->sheets ? 2 * r->sheets : 1) * sizeof(*r->sheet));
	r->sheet[r->sheets].name = xstrdup(name);
	r->sheet[r->sheets++].id = xstrdup(rid);
}

static void
no_end(void *ctx, int id)
{
	(void)ctx, (void)id;
}

/* The character that "_x000D_" at p stands for; -1: it is no such. */
static int32_t
escaped(const char *p, const char *end)
{
	int32_t c = 0;
	int i;

	if (end - p < ESCAPE_BYTES || p[0] != '_' || p[1] != 'x' || p[6] != '_')
		return -1;
	for (i = 2; i < 6; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return -1;
		c = c * 16 +
		    (isdigit((unsigned char)p[i]) ? p[i] - '0' :
						    (p[i] | 32) - 'a' + 10);
	}
	return c;
}

/* Text as it is meant, in place: Excel writes what XML has no sign for, and
 * what looks like that, as "_x000D_". Its new length. */
static size_t
unescape(char *text, size_t len)
{
	const char *p = text, *end = text + len;
	char *to = text;
	int32_t c, low;

	while (p < end) {
		c = escaped(p, end);
		if (c < 0) {
			*to++ = *p++;
			continue;
		}
		p += ESCAPE_BYTES;
		low = c >= 0xd800 && c < 0xdc00 ? escaped(p, end) : -1;
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			p += ESCAPE_BYTES;
		}
		/* Signs to a machine part words at most; half of a pair is
		 * none. */
		if (c < 0x20 || (c >= 0xd800 && c < 0xe000))
			c = c == '\n' ? '\n' : ' ';
		to += utf8proc_encode_char(c, (utf8proc_uint8_t *)to);
	}
	*to = '\0';
	return (size_t)(to - text);
}

static void
strings_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;

	(void)atts;
	if (id == X_SI) {
		if (r->nstrings == STRINGS_MAX) {
			r->x.stop = true;
			return;
		}
		if ((r->nstrings & (r->nstrings - 1)) == 0)
			r->string = xrealloc(r->string,
			    (r->nstrings ? 2 * r->nstrings : 1) *
				sizeof(*r->string));
		r->string[r->nstrings++] = r->strings.len;
	} else if (id == X_T)
		r->in_value = true;
	else if (id == X_RPH) /* how it is read aloud */
		r->x.skip = true;
}

static void
strings_end(void *ctx, int id)
{
	struct reader *r = ctx;
	size_t at;

	if (id == X_SI && r->nstrings > 0 && !r->strings.failed) {
		at = r->string[r->nstrings - 1];
		if (r->strings.len > at)
			r->strings.len = at +
			    unescape(r->strings.data + at, r->strings.len - at);
		buf_add(&r->strings, "", 1);
	} else if (id == X_T)
		r->in_value = false;
}

static void
strings_text(void *ctx, const char *text, size_t len)
{
	struct reader *r = ctx;

	if (r->in_value && r->nstrings > 0)
		buf_add(&r->strings, text, len);
	if (r->strings.failed)
		r->b->full = r->x.stop = true;
}

static void
styles_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;
	const char *code;

	switch (id) {
	case X_NUMFMT:
		code = xml_attr(atts, "formatCode");
		if (code == NULL || r->formats == FORMATS_MAX)
			return;
		if ((r->formats & (r->formats - 1)) == 0)
			r->format = xrealloc(r->format,
			    (r->formats ? 2 * r->formats : 1) *
				sizeof(*r->format));
		r->format[r->formats].id =
		    xml_attr_int(atts, "numFmtId", 0, INT32_MAX, 0);
		r->format[r->formats++].code = xstrdup(code);
		break;
	case X_CELLXFS:
		r->in_xfs = true;
		break;
	case X_FONTS:
		r->in_fonts = true;
		break;
	case X_FONT:
		if (!r->in_fonts || r->fonts == FORMATS_MAX)
			return;
		if ((r->fonts & (r->fonts - 1)) == 0)
			r->bold = xrealloc(r->bold,
			    (r->fonts ? 2 * r->fonts : 1) * sizeof(*r->bold));
		r->bold[r->fonts++] = false;
		break;
	case X_B:
		if (r->in_fonts && r->fonts > 0)
			r->bold[r->fonts - 1] =
			    !xml_is_off(xml_attr(atts, "val"));
		break;
	case X_XF:
		if (!r->in_xfs || r->xfs == FORMATS_MAX)
			return;
		if ((r->xfs & (r->xfs - 1)) == 0)
			r->xf = xrealloc(r->xf,
			    (r->xfs ? 2 * r->xfs : 1) * sizeof(*r->xf));
		r->xf[r->xfs].font =
		    xml_attr_int(atts, "fontId", 0, INT32_MAX, 0);
		r->xf[r->xfs++].format =
		    xml_attr_int(atts, "numFmtId", 0, INT32_MAX, 0);
		break;
	}
}

static void
styles_end(void *ctx, int id)
{
	struct reader *r = ctx;

	if (id == X_CELLXFS)
		r->in_xfs = false;
	else if (id == X_FONTS)
		r->in_fonts = false;
}

static const char *
format_code(const struct reader *r, int style)
{
	const char *code = NULL;
	size_t i;
	int id;

	if (style < 0 || (size_t)style >= r->xfs)
		return NULL;
	id = r->xf[style].format;
	for (i = 0; i < r->formats; i++)
		if (r->format[i].id == id)
			code = r->format[i].code;
	return code != NULL ? code : number_builtin(id);
}

static bool
is_bold(const struct reader *r, int style)
{
	return style >= 0 && (size_t)style < r->xfs &&
	    (size_t)r->xf[style].font < r->fonts && r->bold[r->xf[style].font];
}

/* --- a sheet --- */

/* "BC12": column from 0 and row from 1; the byte behind, or NULL. */
static const char *
cell_name(const char *p, unsigned *column, unsigned *row)
{
	unsigned c = 0, n = 0;

	for (; isupper((unsigned char)*p) && c < 100000; p++)
		c = c * 26 + (unsigned)(*p - 'A') + 1;
	for (; isdigit((unsigned char)*p) && n < 100000000; p++)
		n = n * 10 + (unsigned)(*p - '0');
	if (c == 0 || n == 0 || c > COLUMNS_MAX)
		return NULL;
	*column = c - 1;
	*row = n;
	return p;
}

static void
new_row(struct reader *r, unsigned number)
{
	size_t n;

	/* One empty row stands for all that are left out. */
	if (r->grid.rows > 0 && number > r->last_row + 1) {
		grid_row(&r->grid);
		n = r->grid.rows;
		if ((n & (n - 1)) == 0 || r->row_number == NULL)
			r->row_number = xrealloc(r->row_number,
			    2 * n * sizeof(*r->row_number));
		r->row_number[n - 1] = 0;
	}
	grid_row(&r->grid);
	n = r->grid.rows;
	if ((n & (n - 1)) == 0)
		r->row_number =
		    xrealloc(r->row_number, 2 * n * sizeof(*r->row_number));
	r->row_number[n - 1] = number;
	r->last_row = number;
	r->column = 0;
}

/* The row of the grid of a number; they rise. */
static size_t
row_of(const struct reader *r, unsigned number)
{
	size_t i, low = 0, high = r->grid.rows, mid;

	while (low < high) {
		mid = (low + high) / 2;
		for (i = mid; i > low && r->row_number[i] == 0; i--)
			;
		if (r->row_number[i] < number)
			low = mid + 1;
		else
			high = i < mid ? i : mid;
	}
	return low < r->grid.rows && r->row_number[low] == number ? low :
								    SIZE_MAX;
}

static void
merge(struct reader *r, const char *ref)
{
	unsigned c1, r1, c2, r2;
	size_t row;

	ref = ref != NULL ? cell_name(ref, &c1, &r1) : NULL;
	if (ref == NULL || *ref != ':' || ++r->merges > MERGES_MAX ||
	    cell_name(ref + 1, &c2, &r2) == NULL || r2 < r1 || c2 < c1)
		return;
	row = row_of(r, r1);
	if (row != SIZE_MAX)
		grid_reach(&r->grid, row, c1, (int)(c2 - c1) + 1,
		    (int)(r2 - r1) + 1);
}

static void
cell_start(struct reader *r, const char **atts)
{
	const char *ref = xml_attr(atts, "r"), *type = xml_attr(atts, "t");
	unsigned row;

	if (ref != NULL)
		cell_name(ref, &r->column, &row);
	r->style = xml_attr_int(atts, "s", 0, INT32_MAX, 0);
	r->type = 'n';
	if (type != NULL && strcmp(type, "inlineStr") == 0)
		r->type = 'i';
	else if (type != NULL && strcmp(type, "str") == 0)
		r->type = 'f';
	else if (type != NULL)
		r->type = *type;
	buf_reset(&r->value);
	r->has_cell = true;
}

static void
sheet_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;
	const char *value;
	int from, to;

	switch (id) {
	case X_COL:
		value = xml_attr(atts, "hidden");
		from = xml_attr_int(atts, "min", 1, COLUMNS_MAX, 1);
		to = xml_attr_int(atts, "max", 1, COLUMNS_MAX, 0);
		for (; value != NULL && !xml_is_off(value) && from <= to;
		     from++)
			r->hidden_column[from - 1] = true;
		break;
	case X_ROW:
		value = xml_attr(atts, "hidden");
		if (value != NULL && !xml_is_off(value)) {
			r->x.skip = true;
			/* It parts nothing. */
			r->last_row = (unsigned)xml_attr_int(atts, "r", 1,
			    100000000, (int)r->last_row + 1);
			break;
		}
		new_row(r,
		    (unsigned)xml_attr_int(atts, "r", 1, 100000000,
			(int)r->last_row + 1));
		break;
	case X_C:
		cell_start(r, atts);
		break;
	case X_V:
		r->in_value = r->has_cell && r->type != 'i';
		break;
	case X_T:
		r->in_value = r->has_cell && r->type == 'i';
		break;
	case X_RPH:
		r->x.skip = true;
		break;
	case X_MERGECELL:
		merge(r, xml_attr(atts, "ref"));
		break;
	}
}

static void
put_value(struct reader *r, const char *text, size_t len)
{
	if (len == 0 || r->column >= COLUMNS_MAX ||
	    r->hidden_column[r->column] || r->grid.rows == 0)
		return;
	if (++r->cells > CELLS_MAX || r->grid.text.len + len > r->b->max) {
		r->b->full = r->x.stop = true;
		return;
	}
	if (r->column > r->grid.column)
		grid_skip(&r->grid, r->column - r->grid.column);
	if (r->column == r->grid.column)
		grid_cell(&r->grid, text, len, 1, 1, false,
		    is_bold(r, r->style));
}

/* A day, or the number of one as a number cell has it. */
static bool
put_date(struct reader *r, const char *text)
{
	const char *code = format_code(r, r->style);
	struct buf shown = BUF_INIT(0);
	bool has_time;
	double number;

	if (!number_of_date(text, r->is_1904, &number))
		return false;
	has_time = number != floor(number);
	if (code == NULL || strcasecmp(code, "General") == 0)
		code = number_builtin(has_time ? NUMBER_TIME : NUMBER_DATE);
	number_format(&shown, number, code, r->is_1904);
	put_value(r, shown.data != NULL ? shown.data : "", shown.len);
	buf_release(&shown);
	return true;
}

static void
cell_end(struct reader *r)
{
	char none[] = "", *v = r->value.data != NULL ? r->value.data : none;
	struct buf shown = BUF_INIT(0);
	char *end;
	double number;
	int64_t i;

	r->has_cell = false;
	switch (r->value.len > 0 ? r->type : 'e') {
	case 's':
		if (str_int(v, 0, (int64_t)r->nstrings - 1, &i) == 0)
			put_value(r, r->strings.data + r->string[i],
			    strlen(r->strings.data + r->string[i]));
		break;
	case 'b':
		put_value(r, *v == '1' ? "TRUE" : "FALSE", *v == '1' ? 4 : 5);
		break;
	case 'e':
		break;
	case 'n':
		number = strtod(v, &end);
		if (*end == '\0' && r->value.len < NUMBER_MAX_BYTES) {
			number_format(&shown, number, format_code(r, r->style),
			    r->is_1904);
			put_value(r, shown.data != NULL ? shown.data : "",
			    shown.len);
			break;
		}
		put_value(r, v, r->value.len);
		break;
	case 'd':
		if (!put_date(r, v))
			put_value(r, v, r->value.len);
		break;
	default:
		put_value(r, v, unescape(v, r->value.len));
	}
	buf_release(&shown);
	r->column++;
}

static void
sheet_end(void *ctx, int id)
{
	struct reader *r = ctx;

	if (id == X_V || id == X_T)
		r->in_value = false;
	else if (id == X_C)
		cell_end(r);
}

static void
sheet_text(void *ctx, const char *text, size_t len)
{
	struct reader *r = ctx;

	if (r->in_value)
		buf_add(&r->value, text, len);
}

static int
read_part(struct reader *r, struct container *c, const char *part,
    void (*start)(void *, int, const char **), void (*end)(void *, int),
    void (*text)(void *, const char *, size_t))
{
	int code;

	r->in_value = r->has_cell = false;
	r->x = (struct xml){ .words = &words,
		.start = start,
		.end = end,
		.text = text,
		.ctx = r };
	code = part != NULL ? xml_read(&r->x, c, part) : 0;
	return code == ERR_NO ? 0 : code;
}

static int
take_sheet(struct reader *r, struct container *c, const char *part,
    const char *name)
{
	int code;

	memset(r->hidden_column, 0, sizeof(r->hidden_column));
	r->last_row = 0;
	code = read_part(r, c, part, sheet_start, sheet_end, sheet_text);
	if (code == 0 && r->grid.count > 0) {
		blocks_add(r->b, BLOCK_HEADING, 1, name, strlen(name));
		grid_end_sheet(&r->grid, r->b, false);
	} else
		grid_release(&r->grid);
	return code;
}

static void
release(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->sheets; i++) {
		free(r->sheet[i].name);
		free(r->sheet[i].id);
	}
	free(r->sheet);
	for (i = 0; i < r->formats; i++)
		free(r->format[i].code);
	free(r->format);
	free(r->xf);
	free(r->bold);
	free(r->string);
	free(r->row_number);
	buf_release(&r->strings);
	buf_release(&r->value);
}

int
extract_xlsx(struct container *c, const char *part, struct blocks *b)
{
	struct reader *r = xcalloc(1, sizeof(*r));
	struct relations rels = { 0 };
	const char *target;
	size_t i;
	int code;

	r->b = b;
	r->strings.max = r->value.max = b->max;
	office_properties(c, "docProps/core.xml", b->text);
	code = read_part(r, c, part, book_start, no_end, NULL);
	if (code == 0)
		code = relations_read(c, part, &rels);
	if (code == 0)
		code =
		    read_part(r, c, relations_by_type(&rels, "sharedStrings"),
			strings_start, strings_end, strings_text);
	/* The last one was cut perhaps. */
	buf_add(&r->strings, "", 1);
	if (code == 0)
		code = read_part(r, c, relations_by_type(&rels, "styles"),
		    styles_start, styles_end, NULL);
	for (i = 0; code == 0 && i < r->sheets && !b->full; i++) {
		target = relations_by_id(&rels, r->sheet[i].id);
		if (target != NULL)
			code = take_sheet(r, c, target, r->sheet[i].name);
	}
	if (code == 0 && r->cells > CELLS_MAX)
		code = err_set(ERR_DATA, "has more than %d cells", CELLS_MAX);
	relations_release(&rels);
	release(r);
	free(r);
	return code;
}
