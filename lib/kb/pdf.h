/*
 * pdf - the pages of a PDF, by poppler's GLib library
 *
 * It is loaded when it is first needed: it brings some thirty others, which
 * take longer to load than most documents to read. A password stays in memory,
 * which is why no program is run: what is given to one can be seen by all.
 */
#ifndef KB_PDF_H
#define KB_PDF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct pdf;

/* How lines of text stand on a page. */
enum pdf_turn {
	PDF_UPRIGHT,
	PDF_DOWN, /* a quarter turned: read from top to bottom; so are
			     lines of Chinese or Japanese, from the right */
	PDF_UPSIDE_DOWN,
	PDF_UP,	    /* read from bottom to top */
	PDF_ASLANT, /* as a stamp over a page */
	PDF_TURNS
};

/* Text as it stands on a line, in one font, in units of 1/108 inch: the page
 * turned so that the line is upright. */
struct pdf_piece {
	enum pdf_turn turn;
	int left, top, width, height, size;
	size_t at, len; /* of the text that is told with it */
	bool is_bold;
	bool before, after; /* a blank at its ends */
	int blank;	    /* the widest within; 0: it is one word */
};

/* Once for a process and its children. ERR_DATA, which says what to install. */
int pdf_load(void);

/* len bytes that outlive *ret. ERR_DATA: they cannot be read, and why. */
int pdf_open(const char *bytes, size_t len, const char *password,
    struct pdf **ret);
void pdf_close(struct pdf *p); /* NULL is allowed */

int pdf_pages(const struct pdf *p);

void pdf_page_size(struct pdf *p, int n, int *ret_width, int *ret_height);

/*
 * Tell the pieces of page n, from 0, to fn, their text added to out, until it
 * returns false.
 */
void pdf_page(struct pdf *p, int n, struct buf *out,
    bool (*fn)(void *ctx, const struct pdf_piece *piece), void *ctx);

/* The page as a picture in PNG, for one to read it; false: it cannot be. */
bool pdf_picture(struct pdf *p, int n, struct buf *out);

#endif
