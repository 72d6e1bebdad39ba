/*
 * block - what the readers of each type build a kb_text with
 *
 * For lib/kb/extract*.c; of tables also for ai/outgoing.c. Text is cleaned as it is added: blanks are
 * folded (but in code), invisible characters go, bytes are mended to UTF-8.
 */
#ifndef KB_BLOCK_H
#define KB_BLOCK_H

#include "base/str.h"
#include "kb/extract.h"

struct blocks {
	struct kb_text *text;
	size_t bytes, max;
	bool full;	 /* max was passed: the rest is left out */
	int page;	 /* of what is added, from 1; 0: there are none */
	int level;	 /* of the last heading that the document calls one */
	const char *url; /* where the document is; NULL: not known */
	bool is_book;	 /* pages of HTML are its chapters */
};

/*
 * Add a block; empty text is left out. A heading of level 0 is one by its looks
 * alone: it is below the last one that the document calls a heading, and so is
 * the next of its kind. Lists and rows keep their lines; of a
 * paragraph they become blanks, and tell where to cut a sentence that is longer
 * than a passage: it is several paragraphs then. Where there are pages, a form
 * feed within text begins the next.
 */
void blocks_add(struct blocks *b, enum kb_block_kind kind, int level,
    const char *text, size_t len);

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
	size_t cells;	 /* filled, in this row */
	bool heads;	 /* the row is one of names */
	bool spread;	 /* of several columns or rows, some of them */
	bool was_spread; /* those of the last row of names */
	struct span {
		int left; /* rows below that still have the text */
		char *text;
	} * spans;
	size_t nspans;
};
void rows_cell(struct rows *r, const char *text, bool is_head, int columns,
    int down);
void rows_next(struct rows *r);
void rows_flush(struct rows *r, struct blocks *b); /* adds; the names stay */
void rows_end(struct rows *r, struct blocks *b);   /* adds and empties */

/* End all sections, by a heading without text; and do not, where nothing came
 * behind it. */
void blocks_break(struct blocks *b);
void blocks_unbreak(struct blocks *b);
/* Note that a line was left out, as it is on most pages. */
#define blocks_drop(b, line) kb_text_drop((b)->text, (line))

/* Add a file within the document. */
void kb_text_member(struct kb_text *t, const char *name, const char *bytes,
    size_t len);

/*
 * A UTF-8 copy of bytes in whatever they are written in: by the mark at their
 * beginning, what is told of them (NULL: nothing) or a page declares
 * (may_declare) if that may be so, or how they look. The caller frees.
 */
char *text_utf8(const char *bytes, size_t len, const char *told,
    bool may_declare, size_t *ret_len);
/* Of bytes in a charset; NULL: it is not known. */
char *text_from(const char *bytes, size_t len, const char *charset,
    size_t *ret_len);
/* The charset of names, a line each, that are none of UTF-8: what an archive
 * of an older program has; NULL: none that is known. */
const char *text_names_charset(const char *names, size_t len);
/* Whether bytes with zeros among them are text in UTF-16. */
bool text_is_wide(const char *bytes, size_t len);

/* What parts the values of a table of text; '\0': it is none. is_named: the
 * name of the file says that it is one. */
char csv_delimiter(const char *text, size_t len, bool is_named);

/* The readers; those of office documents are in kb/office.h and kb/tool.h. */
int extract_pdf(const char *bytes, size_t len, const char *password,
    struct blocks *b);
int extract_rtf(const char *bytes, size_t len, struct blocks *b);
int extract_csv(const char *text, size_t len, char delimiter, struct blocks *b);
/* ret_page: whether it is no letter but a page that a browser saved as one. */
int extract_eml(const char *bytes, size_t len, struct blocks *b,
    bool *ret_page);
/* Of Outlook, by itself, with what is attached. */
int extract_msg(const char *bytes, size_t len, struct blocks *b);
/* The text of a letter, changed: what is below the mark of a signature goes. */
int extract_letter(char *text, size_t len, bool is_html, struct blocks *b);
int extract_plain(const char *text, size_t len, struct blocks *b);
int extract_markdown(const char *text, size_t len, struct blocks *b);
int extract_html(const char *text, size_t len, struct blocks *b);

/* A line that looks like "| a | b |": 1, the line below names: "|---|": 2. */
int pipe_line(const char *line, size_t len);
/* The cells of one such line to r, and rows_next(). */
void pipe_cells(struct rows *r, const char *line, size_t len, bool heads);

#endif
