/*
 * rows - conversations as the lines of a list
 *
 * Printed on stdout by base/cli.h, part of the frame of commands that list.
 */
#ifndef DESK_ROWS_H
#define DESK_ROWS_H

#include "desk/listing.h"
#include "store/store.h"

enum rows_form {
	ROWS_TABLE, /* for people: aligned, cut to the terminal */
	ROWS_PLAIN, /* tab-separated, nothing cut, no header */
	ROWS_JSON,  /* an object a line */
	ROWS_IDS,   /* an id a line */
};

/* Columns of a person's name in a table of conversations or of messages. */
#define ROWS_NAME_COLUMNS 16

/*
 * Print those that f wants, in its order, as of now; self is the person who
 * looks. The store is read a page at a time, so that nobody who writes waits
 * for a long list: what is merged meanwhile is told of by the other. 0 or an
 * ERR, also after some were printed.
 */
int rows_print(struct store *s, const struct listing_filter *f,
    enum rows_form form, const char *self);

#endif
