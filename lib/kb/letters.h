/*
 * letters - those of a page of a PDF, the page turned for lines that are
 *
 * For kb/pdf.c. Places are in points, from the top left of the page.
 */
#ifndef KB_LETTERS_H
#define KB_LETTERS_H

#include <stdbool.h>
#include <stddef.h>

#include <poppler.h>

#include "kb/pdf.h"

struct letter {
	const char *c; /* its bytes, in the text the library gave */
	size_t len;
	enum pdf_turn turn;
	const PopplerRectangle *at; /* as it is with the page turned */
	double size;
	bool is_bold;
	size_t run; /* letters from here that run to the left; else 0 */
};

struct mark { /* that was lost */
	char text[5];
	PopplerRectangle at;
};

struct letters {
	struct letter *item;
	size_t count;
	struct mark *lost;
	size_t nlost;
	PopplerRectangle *turned; /* places of those that are */
};

bool letter_is_break(const struct letter *l); /* the end of a line */
bool letter_is_blank(const struct letter *l);

/* Turn the page for each line that is not upright: how it stands is noted with
 * its letters, and where they stand then. Once, before they are read. */
void letters_turn(struct letters *l, const PopplerRectangle *page);

#endif
