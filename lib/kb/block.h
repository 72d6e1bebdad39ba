/*
 * block - what the readers of each type build a kb_text with
 *
 * For lib/kb/extract*.c only. Text is cleaned as it is added: blanks are
 * folded (but in code), invisible characters go, bytes are mended to UTF-8.
 */
#ifndef KB_BLOCK_H
#define KB_BLOCK_H

#include "base/str.h"
#include "kb/extract.h"

struct blocks {
	struct kb_text *text;
	size_t bytes, max;
	bool full; /* max was passed: the rest is left out */
	int page;  /* of what is added, from 1; 0: there are none */
};

/* Add a block; empty text is left out. Lists and rows keep their lines. */
void blocks_add(struct blocks *b, enum kb_block_kind kind, int level,
    const char *text, size_t len);

/* The level a heading below the last one has, 2 to 6. */
int blocks_deeper(const struct blocks *b);

/*
 * Rows of a table, gathered cell by cell: the first row with heads names the
 * columns of those below.
 */
struct rows {
	char **names;
	size_t nnames;
	struct buf line;
	struct buf out;
	size_t column;
	size_t cells; /* filled, in this row */
	bool heads;   /* the row is one of names */
	struct span {
		int left; /* rows below that still have the text */
		char *text;
	} * spans;
	size_t nspans;
};
void rows_cell(struct rows *r, const char *text, bool is_head, int columns,
    int down);
void rows_next(struct rows *r);
void rows_end(struct rows *r, struct blocks *b); /* adds and empties */

/* The readers. */
int extract_plain(const char *text, size_t len, struct blocks *b);
int extract_markdown(const char *text, size_t len, struct blocks *b);
int extract_html(const char *text, size_t len, struct blocks *b);

/* A line that looks like "| a | b |": 1, the line below names: "|---|": 2. */
int pipe_line(const char *line, size_t len);
/* The cells of one such line to r, and rows_next(). */
void pipe_cells(struct rows *r, const char *line, size_t len, bool heads);

#endif
