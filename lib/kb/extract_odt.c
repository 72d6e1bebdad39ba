/*
 * extract_odt - the text of an OpenDocument text, presentation or spreadsheet
 *
 * One walk for the three, which share their elements. Left out are headers
 * and footers, comments, what tracked changes deleted, hidden text, slides,
 * sheets and rows, tables of contents; cells of a spreadsheet are as shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "kb/boilerplate.h"
#include "kb/link.h"
#include "kb/office.h"
#include "kb/writer.h"

#define STYLES_MAX 20000
#define LEVELS 10
#define STACK_MAX 16	      /* notes and text boxes within each other */
#define NUMBERED_MAX_BYTES 16 /* "Page 3 of" beside the number of a slide */
#define COPIES_MAX 100	      /* of a cell or row that repeats */
#define COLUMNS_MAX 16384

enum {
	O_STYLE = 1,
	O_TEXT_PROPERTIES,
	O_TABLE_PROPERTIES,
	O_DRAWING_PAGE_PROPERTIES,
	O_LIST_STYLE,
	O_LEVEL_NUMBER,
	O_LEVEL_BULLET,
	O_MASTER_STYLES,
	O_SPREADSHEET,
	O_PRESENTATION,
	O_P,
	O_H,
	O_SPAN,
	O_S,
	O_TAB,
	O_LINE_BREAK,
	O_LIST,
	O_LIST_ITEM,
	O_LIST_HEADER,
	O_TABLE,
	O_HEADER_ROWS,
	O_ROW,
	O_CELL,
	O_COVERED,
	O_NOTE_CITATION,
	O_NOTE_BODY,
	O_TEXT_BOX,
	O_FRAME,
	O_CUSTOM_SHAPE,
	O_PAGE,
	O_NOTES,
	O_SECTION,
	O_COLUMN,
	O_LINK,
	O_HIDDEN_PARAGRAPH,
	O_VARIABLE_SET,
	O_USER_FIELD_GET,
	O_SKIP, /* from here on with all below them */
	O_PAGE_NUMBER = O_SKIP + 16,
	O_SKIP_LAST,
};
static struct xml_words words = {
	.list = (const char *const[]){ "style", "text-properties",
	    "table-properties", "drawing-page-properties", "list-style",
	    "list-level-style-number", "list-level-style-bullet",
	    "master-styles", "spreadsheet", "presentation", "p", "h", "span",
	    "s", "tab", "line-break", "list", "list-item", "list-header",
	    "table", "table-header-rows", "table-row", "table-cell",
	    "covered-table-cell", "note-citation", "note-body", "text-box",
	    "frame", "custom-shape", "page", "notes", "section", "table-column",
	    "a", "hidden-paragraph", "variable-set", "user-field-get",
	    "annotation", "tracked-changes", "table-of-content",
	    "illustration-index", "table-index", "object-index", "user-index",
	    "alphabetical-index", "hidden-text", "forms", "ruby-text", "title",
	    "desc", "shapes", "sequence-decls", "date-time", "page-number",
	    "binary-data", NULL }
};

struct style {
	char *name, *parent;
	char family; /* its first letter: p(aragraph), t(ext), ... */
	enum hides { HIDES_AS_PARENT, HIDES, SHOWS } hides;
	bool is_found; /* hides, with those it stands on */
	bool is_bold, is_plain;
	char color[8]; /* of its text: "#rrggbb"; "": as around it */
};

struct list_style {
	char *name;
	struct {
		char format[4], suffix[8], prefix[8];
		int start, shown; /* levels in a label */
		bool is_number;
	} level[LEVELS];
};

struct paragraph {
	struct buf text;
	size_t bold;
	const struct style *style;
	bool is_open, is_hidden;
	bool has_page; /* the number of the page */
};

struct reader {
	struct blocks *b;
	struct writer w;
	struct xml x;
	bool is_sheet, is_slides;
	/* Each on its own, for paragraphs point at them while more come. */
	struct style **style;
	size_t styles;
	struct list_style **list;
	size_t lists;
	struct style *s;
	struct list_style *l;
	/* Paragraphs, the innermost last. */
	struct paragraph p[STACK_MAX];
	struct kept { /* of the list around a text box */
		int depth;
	} kept[STACK_MAX];
	int at;
	struct buf label; /* of an item */
	int note_at;	  /* the place a note's text begins at, 0: none */
	struct buf note;
	struct run_look {
		bool bold, hidden;
		const char *color;
	} span[64];
	int spans;
	int heading; /* level of the <h> at work */
	int depth;   /* of lists */
	const struct list_style *list_at[LEVELS + 1];
	int number[LEVELS + 1];
	bool item_begun[LEVELS + 1], item_labelled[LEVELS + 1];
	int columns, rows, copies;
	bool in_heads, cell_bold, has_names;
	int row_copies;
	/* What a table has done so far whose first row alone has a colour. */
	char row_color[8];
	size_t table_rows;
	bool is_row_apart;
	/* A sheet. */
	struct grid grid;
	struct buf cell;
	char *sheet;
	size_t cells, row_cells;
	bool hidden_column[COLUMNS_MAX];
	size_t column;
	int sheet_depth;
	/* A slide. */
	int page;
	char *page_name;
	size_t page_from; /* its first block */
	bool is_title, in_notes;
	/* The link at work: where its words begin in which paragraph. */
	char *link;
	size_t link_at;
	int link_in;
};

/* --- styles --- */

static struct style *
find_style(const struct reader *r, const char *name, char family)
{
	size_t i;

	/* The last of a name: those of the content come last. */
	for (i = r->styles; name != NULL && i-- > 0;)
		if (r->style[i]->family == family &&
		    strcmp(r->style[i]->name, name) == 0)
			return r->style[i];
	return NULL;
}

static const struct list_style *
find_list(const struct reader *r, const char *name)
{
	size_t i;

	for (i = r->lists; name != NULL && i-- > 0;)
		if (strcmp(r->list[i]->name, name) == 0)
			return r->list[i];
	return NULL;
}

/* Whether a style is named so or stands on one that is. */
static bool
is_style(const struct reader *r, const struct style *s, const char *name)
{
	int steps;

	for (steps = 0; s != NULL && steps < 20; steps++) {
		if (strcmp(s->name, name) == 0)
			return true;
		if (s->parent != NULL && strcmp(s->parent, name) == 0)
			return true;
		s = find_style(r, s->parent, s->family);
	}
	return false;
}

/* Whether a style, or else the nearest it stands on that says so, hides what
 * it is of. Asked once all styles are read. */
static enum hides
style_hides(const struct reader *r, struct style *s)
{
	const struct style *at = s;
	int steps;

	if (s == NULL)
		return HIDES_AS_PARENT;
	for (steps = 0; at != NULL && !s->is_found && steps < 20; steps++) {
		s->hides = at->hides;
		s->is_found = s->hides != HIDES_AS_PARENT;
		at = find_style(r, at->parent, at->family);
	}
	s->is_found = true;
	return s->hides;
}

static void
copy_short(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from != NULL ? from : "");
}

static void
level_start(struct reader *r, int id, const char **atts)
{
	int n = xml_attr_int(atts, "level", 1, LEVELS, 1) - 1;

	if (r->l == NULL)
		return;
	r->l->level[n].is_number = id == O_LEVEL_NUMBER;
	r->l->level[n].start = xml_attr_int(atts, "start-value", 0, 100000, 1);
	r->l->level[n].shown =
	    xml_attr_int(atts, "display-levels", 1, LEVELS, 1);
	copy_short(r->l->level[n].format, sizeof(r->l->level[n].format),
	    xml_attr(atts, "num-format"));
	copy_short(r->l->level[n].suffix, sizeof(r->l->level[n].suffix),
	    xml_attr(atts, "num-suffix"));
	copy_short(r->l->level[n].prefix, sizeof(r->l->level[n].prefix),
	    xml_attr(atts, "num-prefix"));
	/* LibreOffice writes a template beside them: "%1%." */
	if (r->l->level[n].is_number && r->l->level[n].suffix[0] == '\0' &&
	    r->l->level[n].format[0] != '\0')
		copy_short(r->l->level[n].suffix, sizeof(r->l->level[n].suffix),
		    ".");
}

/* Whether id was of a style. */
static bool
style_start(struct reader *r, int id, const char **atts)
{
	const char *name, *value;

	switch (id) {
	case O_STYLE:
		r->s = NULL;
		name = xml_attr(atts, "name");
		if (name == NULL || r->styles == STYLES_MAX)
			return true;
		if ((r->styles & (r->styles - 1)) == 0)
			r->style = xrealloc(r->style,
			    (r->styles ? 2 * r->styles : 1) *
				sizeof(*r->style));
		r->s = r->style[r->styles++] = xcalloc(1, sizeof(*r->s));
		r->s->name = xstrdup(name);
		r->s->parent = xstrdup(xml_attr(atts, "parent-style-name"));
		value = xml_attr(atts, "family");
		r->s->family = '?';
		if (value != NULL)
			r->s->family = strcmp(value, "table") == 0 ? 'T' :
			    strcmp(value, "table-column") == 0	   ? 'c' :
								     *value;
		return true;
	case O_TEXT_PROPERTIES:
		if (r->s == NULL)
			return true;
		value = xml_attr(atts, "font-weight");
		r->s->is_bold = value != NULL && strcmp(value, "bold") == 0;
		r->s->is_plain = value != NULL && strcmp(value, "normal") == 0;
		value = xml_attr(atts, "display");
		if (value != NULL)
			r->s->hides =
			    strcmp(value, "none") == 0 ? HIDES : SHOWS;
		copy_short(r->s->color, sizeof(r->s->color),
		    xml_attr(atts, "color"));
		return true;
	case O_TABLE_PROPERTIES:
		value = xml_attr(atts, "display");
		if (r->s != NULL && value != NULL)
			r->s->hides = xml_is_off(value) ? HIDES : SHOWS;
		return true;
	case O_DRAWING_PAGE_PROPERTIES:
		value = xml_attr(atts, "visibility");
		if (r->s != NULL && value != NULL)
			r->s->hides =
			    strcmp(value, "hidden") == 0 ? HIDES : SHOWS;
		return true;
	case O_LIST_STYLE:
		r->l = NULL;
		name = xml_attr(atts, "name");
		if (name == NULL || r->lists == STYLES_MAX)
			return true;
		if ((r->lists & (r->lists - 1)) == 0)
			r->list = xrealloc(r->list,
			    (r->lists ? 2 * r->lists : 1) * sizeof(*r->list));
		r->l = r->list[r->lists++] = xcalloc(1, sizeof(*r->l));
		r->l->name = xstrdup(name);
		return true;
	case O_LEVEL_NUMBER:
	case O_LEVEL_BULLET:
		level_start(r, id, atts);
		return true;
	}
	return false;
}

/* --- paragraphs and lists --- */

static void
push(struct reader *r)
{
	if (r->at + 1 >= STACK_MAX) {
		r->x.skip = true;
		return;
	}
	r->kept[r->at].depth = r->depth;
	r->at++;
	buf_reset(&r->p[r->at].text);
	r->p[r->at].is_open = false;
	r->depth = 0;
}

static void
pop(struct reader *r)
{
	if (r->at > 0)
		r->at--;
	r->depth = r->kept[r->at].depth;
}

/* The label of the item at work, "" for none; NULL: a bullet. */
static const char *
label_of(struct reader *r)
{
	const struct list_style *l =
	    r->depth <= LEVELS ? r->list_at[r->depth] : NULL;
	int n = r->depth - 1, k, from;
	char one[32];

	if (l == NULL || !l->level[n].is_number)
		return NULL;
	buf_reset(&r->label);
	if (l->level[n].format[0] != '\0') {
		buf_adds(&r->label, l->level[n].prefix);
		from = n - l->level[n].shown + 1;
		for (k = from > 0 ? from : 0; k <= n; k++) {
			number_label(l->level[k].format[0] ?
				l->level[k].format :
				"1",
			    r->number[k + 1], one);
			buf_addf(&r->label, "%s%s", one,
			    k < n ? "." : l->level[n].suffix);
		}
	}
	return r->label.len > 0 ? r->label.data : "";
}

static void
put_item(struct reader *r, const char *text, size_t len)
{
	int d = r->depth < LEVELS ? r->depth : LEVELS;

	if (r->item_labelled[d]) {
		writer_more(&r->w, text, len);
		return;
	}
	writer_item(&r->w, d, label_of(r), text, len);
	r->item_labelled[d] = true;
}

/* A text box of a slide that holds its number. */
static bool
is_page_number(const struct reader *r, const struct paragraph *p)
{
	if (!r->is_slides || r->w.table_depth > 0 || r->depth > 0 ||
	    r->in_notes)
		return false;
	return (p->has_page && p->text.len <= NUMBERED_MAX_BYTES) ||
	    page_number_of(p->text.data, p->text.len) == r->page;
}

static void
paragraph_end(struct reader *r)
{
	struct paragraph *p = &r->p[r->at];
	const char *text = p->text.data != NULL ? p->text.data : "", *label;
	size_t len = p->text.len;
	struct buf out = BUF_INIT(0);
	bool title;

	p->is_open = false;
	if (r->note_at > 0 && r->at >= r->note_at) {
		if (r->note.len > 0 && len > 0)
			buf_addc(&r->note, ' ');
		buf_add(&r->note, text, len);
		return;
	}
	if (r->is_sheet) {
		if (r->cell.len > 0 && len > 0)
			buf_addc(&r->cell, ' ');
		buf_add(&r->cell, text, len);
		return;
	}
	if (len == 0 || is_page_number(r, p)) {
		writer_paragraph(&r->w, "", 0);
		return;
	}
	if (r->w.table_depth > 0)
		r->cell_bold &= p->bold >= len;
	title = r->is_slides && r->is_title && !r->in_notes;
	if (title || r->heading > 0 ||
	    (r->depth == 0 && is_style(r, p->style, "Title"))) {
		if (r->heading > 0 && r->depth > 0 &&
		    (label = label_of(r)) != NULL)
			buf_addf(&out, "%s ", label);
		buf_add(&out, text, len);
		if (!title && r->heading == 0 && r->b->text->title == NULL)
			r->b->text->title = xstrndup(text, len);
		writer_heading(&r->w, r->heading > 0 ? r->heading : 1, out.data,
		    out.len);
	} else if (r->depth > 0 && !r->in_notes)
		put_item(r, text, len);
	else if (is_style(r, p->style, "Preformatted_20_Text"))
		writer_code(&r->w, text, len);
	else
		writer_prose(&r->w, text, len, r->is_slides ? 0 : p->bold);
	buf_release(&out);
	buf_reset(&p->text);
}

/* Text of a table: whether that of the first row has a colour of its own. */
static void
note_color(struct reader *r, const char *color)
{
	if (r->table_rows == 1 && r->row_color[0] == '\0')
		copy_short(r->row_color, sizeof(r->row_color), color);
	r->is_row_apart &= r->row_color[0] != '\0' &&
	    (strcmp(r->row_color, color) == 0) == (r->table_rows == 1);
}

static void
add(struct reader *r, const char *text, size_t len)
{
	struct paragraph *p = &r->p[r->at];
	const struct run_look *s =
	    r->spans > 0 ? &r->span[(r->spans < 64 ? r->spans : 64) - 1] : NULL;

	if (!p->is_open || (s != NULL ? s->hidden : p->is_hidden))
		return;
	if (p->text.len + r->cell.len + r->note.len + len > r->b->max) {
		r->b->full = r->x.stop = true;
		return;
	}
	if ((s != NULL ? s->bold : p->style != NULL && p->style->is_bold) ||
	    strspn(text, " \n") >= len)
		p->bold += len;
	if (r->w.table_depth == 1 && strspn(text, " \n") < len)
		note_color(r,
		    s != NULL && s->color != NULL ? s->color :
			p->style != NULL	  ? p->style->color :
						    "");
	buf_add(&p->text, text, len);
}

/* The address of a link behind words such as "here". */
static void
link_end(struct reader *r)
{
	const struct buf *text = &r->p[r->at].text;
	char *told = NULL;

	if (r->link != NULL && r->link_in == r->at && text->len >= r->link_at)
		told =
		    link_told(text->data != NULL ? text->data + r->link_at : "",
			text->len - r->link_at, r->link, NULL);
	if (told != NULL)
		add(r, told, strlen(told));
	free(told);
	free(r->link);
	r->link = NULL;
}

static void
list_start(struct reader *r, const char **atts)
{
	const char *name = xml_attr(atts, "style-name");
	const char *on = xml_attr(atts, "continue-numbering");
	bool goes_on = (on != NULL && !xml_is_off(on)) ||
	    xml_attr(atts, "continue-list") != NULL;
	int d = ++r->depth;

	if (d > LEVELS)
		return;
	r->list_at[d] = name != NULL ? find_list(r, name) :
	    d > 1		     ? r->list_at[d - 1] :
				       NULL;
	if (!goes_on)
		r->number[d] = r->list_at[d] != NULL ?
		    r->list_at[d]->level[d - 1].start - 1 :
		    0;
	r->item_labelled[d] = true;
}

/* --- tables --- */

static void
cell_start(struct reader *r, int id, const char **atts)
{
	r->copies =
	    xml_attr_int(atts, "number-columns-repeated", 1, INT32_MAX, 1);
	r->columns = xml_attr_int(atts, "number-columns-spanned", 1, 1000, 1);
	r->rows = xml_attr_int(atts, "number-rows-spanned", 1, 1000, 1);
	r->cell_bold = true;
	if (r->is_sheet)
		buf_reset(&r->cell);
	if (id == O_COVERED)
		r->columns = 0;
}

static void
sheet_cell_end(struct reader *r)
{
	int i;
	size_t n = (size_t)r->copies;

	if (r->cell.len == 0) {
		r->column =
		    r->column + n < COLUMNS_MAX ? r->column + n : COLUMNS_MAX;
		return;
	}
	for (i = 0; i < r->copies && i < COPIES_MAX; i++, r->column++) {
		if (r->column >= COLUMNS_MAX || r->hidden_column[r->column])
			continue;
		if (++r->cells > CELLS_MAX ||
		    r->grid.text.len + r->cell.len > r->b->max) {
			r->b->full = r->x.stop = true;
			return;
		}
		if (r->column > r->grid.column)
			grid_skip(&r->grid, r->column - r->grid.column);
		if (r->column == r->grid.column)
			grid_cell(&r->grid, r->cell.data, r->cell.len, 1,
			    r->rows, r->in_heads, false);
		/* What it is over comes as cells that are covered. */
		if (r->columns > 1)
			grid_reach(&r->grid, r->grid.rows - 1,
			    (unsigned)r->column, r->columns, r->rows);
		r->row_cells++;
	}
}

static void
cell_end(struct reader *r)
{
	int i;

	if (r->is_sheet) {
		sheet_cell_end(r);
		return;
	}
	if (r->w.table_depth != 1)
		return;
	/* What a cell beside or above covers. */
	if (r->columns == 0) {
		grid_skip(&r->w.grid, r->w.grid.column > 0 ? 0 : 1);
		buf_reset(&r->w.cell);
		return;
	}
	for (i = 0; i < r->copies && i < COPIES_MAX; i++)
		writer_cell_end(&r->w, r->columns, r->rows, r->in_heads,
		    r->cell_bold);
}

static void
row_start(struct reader *r, const char **atts)
{
	const char *shown = xml_attr(atts, "visibility");

	if (!r->is_sheet) {
		writer_row(&r->w);
		r->table_rows += r->w.table_depth == 1;
		return;
	}
	if (shown != NULL && strcmp(shown, "visible") != 0) {
		r->x.skip = true;
		return;
	}
	r->row_copies =
	    xml_attr_int(atts, "number-rows-repeated", 1, INT32_MAX, 1);
	r->column = r->row_cells = 0;
	/* Of empty rows one is kept, to part tables. */
	if (r->grid.rows < 2 || r->grid.row[r->grid.rows - 2] < r->grid.count)
		grid_row(&r->grid);
	else
		r->grid.column = 0;
}

static void
row_end(struct reader *r)
{
	size_t from, to, i;
	int n;

	if (!r->is_sheet || r->row_cells == 0)
		return;
	from = r->grid.row[r->grid.rows - 1];
	to = r->grid.count;
	for (n = 1; n < r->row_copies && n < COPIES_MAX; n++) {
		grid_row(&r->grid);
		for (i = from; i < to && r->cells++ < CELLS_MAX; i++) {
			char *text =
			    xstrdup(r->grid.text.data + r->grid.cell[i].at);

			grid_skip(&r->grid,
			    r->grid.cell[i].column - r->grid.column);
			grid_cell(&r->grid, text, strlen(text), 1, 1, false,
			    false);
			free(text);
		}
	}
	/* An empty row may follow. */
	if (r->row_cells > 0)
		r->row_cells = 0;
}

static void
table_start(struct reader *r, const char **atts)
{
	struct style *s;

	if (!r->is_sheet) {
		const char *first = xml_attr(atts, "use-first-row-styles");

		writer_table(&r->w);
		if (r->w.table_depth > 1)
			return;
		r->has_names = first != NULL && !xml_is_off(first);
		r->row_color[0] = '\0';
		r->table_rows = 0;
		r->is_row_apart = true;
		return;
	}
	if (r->sheet_depth++ > 0)
		return;
	s = find_style(r, xml_attr(atts, "style-name"), 'T');
	if (style_hides(r, s) == HIDES) {
		r->x.skip = true;
		r->sheet_depth--;
		return;
	}
	free(r->sheet);
	r->sheet = xstrdup(xml_attr(atts, "name"));
	memset(r->hidden_column, 0, sizeof(r->hidden_column));
	r->column = 0;
}

static void
table_end(struct reader *r)
{
	if (!r->is_sheet) {
		/* LibreOffice forgets that the first row of a slide's table
		 * is one of names, but not how it looks. */
		writer_table_end(&r->w,
		    r->has_names || (r->is_row_apart && r->table_rows > 1));
		return;
	}
	if (--r->sheet_depth > 0)
		return;
	if (r->grid.count > 0 && r->sheet != NULL)
		blocks_add(r->b, BLOCK_HEADING, 1, r->sheet, strlen(r->sheet));
	grid_end_sheet(&r->grid, r->b, false);
}

static void
column_start(struct reader *r, const char **atts)
{
	const char *shown = xml_attr(atts, "visibility");
	int n = xml_attr_int(atts, "number-columns-repeated", 1, INT32_MAX, 1);

	for (; n > 0 && r->column < COLUMNS_MAX; n--, r->column++)
		r->hidden_column[r->column] =
		    shown != NULL && strcmp(shown, "visible") != 0;
}

/* --- slides --- */

static void
page_start(struct reader *r, const char **atts)
{
	struct style *s = find_style(r, xml_attr(atts, "style-name"), 'd');

	if (!r->is_slides)
		return;
	r->page++;
	if (style_hides(r, s) == HIDES) {
		r->x.skip = true;
		return;
	}
	r->b->page = r->page;
	r->page_from = r->b->text->count;
	r->in_notes = false;
	free(r->page_name);
	r->page_name = xstrdup(xml_attr(atts, "name"));
}

/* The title comes first, wherever it was drawn. */
static void
page_end(struct reader *r)
{
	struct kb_text *t = r->b->text;
	struct kb_block title;
	size_t i;

	if (!r->is_slides)
		return;
	writer_flush(&r->w);
	for (i = r->page_from; i < t->count; i++)
		if (t->block[i].kind == BLOCK_HEADING)
			break;
	if (i == t->count && i > r->page_from) {
		if (r->page_name != NULL && !str_starts(r->page_name, "page"))
			blocks_add(r->b, BLOCK_HEADING, 1, r->page_name,
			    strlen(r->page_name));
		else
			blocks_break(r->b);
	}
	if (i < t->count) {
		title = t->block[i];
		memmove(&t->block[r->page_from + 1], &t->block[r->page_from],
		    (i - r->page_from) * sizeof(title));
		t->block[r->page_from] = title;
	}
}

static void
frame_start(struct reader *r, const char **atts)
{
	static const char *const left[] = { "header", "footer", "date-time",
		"page-number", "page", NULL };
	const char *class = xml_attr(atts, "class");

	if (!r->is_slides)
		return;
	if (class != NULL && str_in(class, left)) {
		r->x.skip = true;
		return;
	}
	r->is_title = class != NULL && strcmp(class, "title") == 0;
}

/* --- the walk --- */

static void
open_paragraph(struct reader *r, int id, const char **atts)
{
	struct paragraph *p = &r->p[r->at];
	struct style *s;

	buf_reset(&p->text);
	p->bold = 0;
	p->is_open = true;
	p->has_page = false;
	s = find_style(r, xml_attr(atts, "style-name"), 'p');
	p->style = s;
	p->is_hidden = style_hides(r, s) == HIDES;
	r->heading =
	    id == O_H ? xml_attr_int(atts, "outline-level", 1, 10, 1) : 0;
	r->spans = 0;
	if (p->style == NULL && !r->is_slides && !r->is_sheet) {
		static const struct style title = {
			.name = (char *)(uintptr_t) "Title",
			.family = 'p'
		};
		const char *name = xml_attr(atts, "style-name");

		if (name != NULL && strcmp(name, "Title") == 0)
			p->style = &title;
	}
}

static void
span_start(struct reader *r, const char **atts)
{
	struct style *s = find_style(r, xml_attr(atts, "style-name"), 't');
	const struct paragraph *p = &r->p[r->at];
	enum hides hides = style_hides(r, s);
	struct run_look now = { .bold = p->style != NULL && p->style->is_bold,
		.hidden = p->is_hidden };

	if (r->spans > 0 && r->spans <= 64)
		now = r->span[r->spans - 1];
	if (s != NULL) {
		now.bold = (now.bold && !s->is_plain) || s->is_bold;
		if (hides != HIDES_AS_PARENT)
			now.hidden = hides == HIDES;
		if (s->color[0] != '\0')
			now.color = s->color;
	}
	if (r->spans < 64)
		r->span[r->spans] = now;
	r->spans++;
}

static void
on_start(void *ctx, int id, const char **atts)
{
	static const char blanks[] = "                ";
	struct reader *r = ctx;
	const char *value;
	int n, d;

	if (id == 0)
		return;
	if (id == O_PAGE_NUMBER)
		r->p[r->at].has_page = true;
	if (id >= O_SKIP || id == O_MASTER_STYLES || id == O_NOTE_CITATION) {
		r->x.skip = true;
		return;
	}
	if (style_start(r, id, atts))
		return;
	switch (id) {
	case O_SPREADSHEET:
		r->is_sheet = true;
		break;
	case O_PRESENTATION:
		r->is_slides = true;
		break;
	case O_P:
	case O_H:
		open_paragraph(r, id, atts);
		break;
	case O_SPAN:
		span_start(r, atts);
		break;
	case O_LINK:
		free(r->link);
		r->link = xstrdup(xml_attr(atts, "href"));
		r->link_at = r->p[r->at].text.len;
		r->link_in = r->at;
		break;
	case O_S:
		n = xml_attr_int(atts, "c", 1, 16, 1);
		add(r, blanks, (size_t)n);
		break;
	case O_TAB:
		add(r, " ", 1);
		break;
	case O_LINE_BREAK:
		add(r, "\n", 1);
		break;
	case O_LIST:
		list_start(r, atts);
		break;
	case O_LIST_ITEM:
	case O_LIST_HEADER:
		d = r->depth < LEVELS ? r->depth : LEVELS;
		r->item_labelled[d] = id == O_LIST_HEADER;
		if (id == O_LIST_ITEM) {
			n = xml_attr_int(atts, "start-value", 0, 100000, -1);
			r->number[d] = n >= 0 ? n : r->number[d] + 1;
		}
		break;
	case O_TABLE:
		table_start(r, atts);
		break;
	case O_HEADER_ROWS:
		r->in_heads = true;
		break;
	case O_ROW:
		row_start(r, atts);
		break;
	case O_COLUMN:
		if (r->is_sheet)
			column_start(r, atts);
		break;
	case O_CELL:
	case O_COVERED:
		cell_start(r, id, atts);
		break;
	case O_NOTE_BODY:
		if (r->note_at == 0 && r->at + 1 < STACK_MAX) {
			r->note_at = r->at + 1;
			buf_reset(&r->note);
		}
		push(r);
		break;
	case O_TEXT_BOX:
		push(r);
		break;
	case O_FRAME:
	case O_CUSTOM_SHAPE:
		frame_start(r, atts);
		break;
	case O_PAGE:
		page_start(r, atts);
		break;
	case O_NOTES:
		r->in_notes = true;
		break;
	case O_SECTION:
		value = xml_attr(atts, "is-hidden");
		r->x.skip = xml_is_off(xml_attr(atts, "display")) ||
		    (value != NULL && !xml_is_off(value));
		break;
	case O_VARIABLE_SET:
	case O_USER_FIELD_GET:
		r->x.skip = xml_is_off(xml_attr(atts, "display"));
		break;
	case O_HIDDEN_PARAGRAPH:
		/* A field, anywhere in the paragraph that it hides. */
		value = xml_attr(atts, "is-hidden");
		if (value != NULL && !xml_is_off(value)) {
			buf_reset(&r->p[r->at].text);
			r->p[r->at].is_open = false;
		}
		break;
	}
	if (r->b->full)
		r->x.stop = true;
}

static void
on_end(void *ctx, int id)
{
	struct reader *r = ctx;

	switch (id) {
	case O_STYLE:
		r->s = NULL;
		break;
	case O_LIST_STYLE:
		r->l = NULL;
		break;
	case O_P:
	case O_H:
		paragraph_end(r);
		r->heading = 0;
		break;
	case O_SPAN:
		if (r->spans > 0)
			r->spans--;
		break;
	case O_LINK:
		link_end(r);
		break;
	case O_LIST:
		if (r->depth > 0)
			r->depth--;
		break;
	case O_TABLE:
		table_end(r);
		break;
	case O_HEADER_ROWS:
		r->in_heads = false;
		break;
	case O_ROW:
		row_end(r);
		break;
	case O_CELL:
	case O_COVERED:
		cell_end(r);
		break;
	case O_COLUMN:
		break;
	case O_NOTE_BODY:
		if (r->note_at > 0 && r->at == r->note_at) {
			writer_note(&r->w,
			    r->note.data != NULL ? r->note.data : "",
			    r->note.len);
			r->note_at = 0;
		}
		pop(r);
		break;
	case O_TEXT_BOX:
		pop(r);
		break;
	case O_FRAME:
	case O_CUSTOM_SHAPE:
		r->is_title = false;
		break;
	case O_PAGE:
		page_end(r);
		break;
	case O_NOTES:
		r->in_notes = false;
		break;
	}
}

static void
on_text(void *ctx, const char *text, size_t len)
{
	struct reader *r = ctx;

	if (r->p[r->at].is_open)
		add(r, text, len);
}

static bool
is_encrypted(struct container *c)
{
	char *manifest = NULL;
	size_t len;
	bool is = container_load(c, "META-INF/manifest.xml", 1 << 20, &manifest,
		      &len) == 0 &&
	    strstr(manifest, "encryption-data") != NULL;

	free(manifest);
	return is;
}

/* The parts of an archive, one behind the other. */
static int
read_parts(struct reader *r, struct container *c)
{
	int code = 0;

	if (is_encrypted(c))
		code = err_set(ERR_DATA,
		    "is protected by a password; save it without one");
	if (code == 0)
		office_properties(c, "meta.xml", r->b->text);
	if (code == 0 && (code = xml_read(&r->x, c, "styles.xml")) == ERR_NO)
		code = 0;
	if (code == 0)
		code = xml_read(&r->x, c, "content.xml");
	if (code == ERR_NO)
		code = err_set(ERR_DATA, "has no content.xml");
	return code;
}

/* All of it in one. */
static int
read_flat(struct reader *r, const char *text, size_t len)
{
	static const char begin[] = "<office:meta", end[] = "</office:meta>";
	const char *meta = memmem(text, len, begin, strlen(begin)), *behind;

	behind = meta == NULL ?
	    NULL :
	    memmem(meta, len - (size_t)(meta - text), end, strlen(end));
	if (behind != NULL)
		office_properties_of(meta,
		    (size_t)(behind - meta) + strlen(end), r->b->text);
	r->x.charset = "UTF-8";
	return xml_parse(&r->x, text, len, "the document");
}

/* Of an archive, or without one of text. */
static int
extract(struct container *c, const char *text, size_t len, struct blocks *b)
{
	struct reader *r = xcalloc(1, sizeof(*r));
	int code, ended;
	size_t i;

	r->b = r->w.b = b;
	r->x = (struct xml){ .words = &words,
		.start = on_start,
		.end = on_end,
		.text = on_text,
		.ctx = r };
	code = c != NULL ? read_parts(r, c) : read_flat(r, text, len);
	if (r->is_sheet && r->grid.rows > 0)
		grid_end_sheet(&r->grid, b, false);
	ended = writer_end(&r->w);
	if (code == 0 && r->cells > CELLS_MAX)
		code = err_set(ERR_DATA, "has more than %d cells", CELLS_MAX);
	b->page = 0;
	for (i = 0; i < r->styles; i++) {
		free(r->style[i]->name);
		free(r->style[i]->parent);
		free(r->style[i]);
	}
	free(r->style);
	for (i = 0; i < r->lists; i++) {
		free(r->list[i]->name);
		free(r->list[i]);
	}
	free(r->list);
	for (i = 0; i < STACK_MAX; i++)
		buf_release(&r->p[i].text);
	buf_release(&r->label);
	free(r->link);
	buf_release(&r->note);
	buf_release(&r->cell);
	grid_release(&r->grid);
	free(r->sheet);
	free(r->page_name);
	free(r);
	return code < 0 ? code : ended;
}

int
extract_odt(struct container *c, struct blocks *b)
{
	return extract(c, NULL, 0, b);
}

int
extract_flat_odt(const char *text, size_t len, struct blocks *b)
{
	return extract(NULL, text, len, b);
}
