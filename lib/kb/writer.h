/*
 * writer - paragraphs, lists and tables as office documents tell them
 *
 * For the readers lib/kb/extract_*.c. Items of a list gather until something
 * else comes; cells of a table until it ends, for only then can be told
 * whether its first row names the columns. Notes wait for the end of the
 * paragraph or table that refers to them.
 */
#ifndef KB_WRITER_H
#define KB_WRITER_H

#include "kb/block.h"

#define CELLS_MAX 2000000 /* of a document; the rest is an error */

/* Cells of a table as they come, row by row. */
struct grid {
	struct buf text; /* of all cells, each ended by a NUL */
	struct cell {
		size_t at; /* in text */
		uint16_t column, columns, down;
		bool is_head; /* said to name its column */
		bool is_bold;
		bool is_title; /* of the rows below; alone in its row */
		uint8_t level; /* of a title, as a heading; 0: a paragraph */
	} * cell;
	size_t count;
	size_t *row; /* the first cell of each */
	size_t rows;
	size_t column; /* of the next cell */
	bool no_names; /* its first row is as the others */
};

/* Start a row, which the first cell does too where there is none. */
void grid_row(struct grid *g);
/* Append a cell, over columns >= 1 and rows; of 0 rows is one that goes on
 * with what is above it. */
void grid_cell(struct grid *g, const char *text, size_t len, int columns,
    int down, bool is_head, bool is_bold);
/* A row that says what those below are of; the names of columns stay. */
void grid_title(struct grid *g, const char *text, size_t len, int level);
/* Leave n columns empty. */
void grid_skip(struct grid *g, size_t n);
/* Whether its first row names the columns for sure, by how it looks. */
bool grid_has_names(const struct grid *g);
/* The text of a cell of the first row; "": there is none. */
const char *grid_name(const struct grid *g, unsigned column);
/*
 * Add it to b and empty it. Leading rows of one cell are paragraphs before it;
 * a single column is paragraphs. has_names: the first row names the columns,
 * unless it looks like nothing of the kind. So does one more below it that
 * names each of the columns which those of the first are over.
 */
void grid_end(struct grid *g, struct blocks *b, bool has_names);

/* How many columns each of some lists has that stand side by side under titles
 * of their own, or under the same names; 0: it is one table. */
size_t grid_lists(const struct grid *g, size_t columns);
/* Add such lists one after the other and empty it; level: of their titles, as
 * headings; 0: they are paragraphs. */
void grid_end_lists(struct grid *g, struct blocks *b, size_t columns,
    size_t each, int level);

/* The same of a sheet, where an empty row parts one table from another; one
 * in the same columns without names has those above. */
void grid_end_sheet(struct grid *g, struct blocks *b, bool has_names);
void grid_release(struct grid *g);
/* Let the cell of a row at a column reach over columns and rows, which have no
 * cells of their own there. */
void grid_reach(struct grid *g, size_t row, unsigned column, int columns,
    int down);

struct writer {
	struct blocks *b;
	struct buf list;
	int list_page;	 /* it began on */
	struct buf code; /* lines that are kept as they are */
	struct grid grid;
	int table_depth;  /* > 0: cells of a table are gathered */
	struct buf cell;  /* of the cell at work, of the outermost table */
	struct buf notes; /* each ended by a NUL */
	size_t cells;	  /* of all tables; more than CELLS_MAX is an error */
};

void writer_heading(struct writer *w, int level, const char *text, size_t len);
void writer_paragraph(struct writer *w, const char *text, size_t len);
/* A paragraph of which so many bytes are bold; a heading where all of it is, it
 * is short and no sentence. */
void writer_prose(struct writer *w, const char *text, size_t len, size_t bold);
/* depth: from 1. label: "1." or "a)"; NULL for a bullet. */
void writer_item(struct writer *w, int depth, const char *label,
    const char *text, size_t len);
/* One more paragraph of the last item. */
void writer_more(struct writer *w, const char *text, size_t len);
void writer_note(struct writer *w, const char *text, size_t len);
void writer_code(struct writer *w, const char *text, size_t len);

/* Tables within tables are text of their cell. */
void writer_table(struct writer *w);
void writer_row(struct writer *w);
void writer_cell_end(struct writer *w, int columns, int down, bool is_head,
    bool is_bold);
void writer_table_end(struct writer *w, bool has_names);

/* Add what still gathers outside of tables, as at the end of a page. */
void writer_flush(struct writer *w);
/* Add what still gathers, and free. ERR_DATA when a limit was passed. */
int writer_end(struct writer *w);

/* A number in a style of numbering: "decimal", "lowerLetter", "upperRoman"
 * and the like, as text into ret. */
void number_label(const char *style, int n, char ret[32]);

#endif
