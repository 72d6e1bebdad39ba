/*
 * letter - a mail of plain text, as sendmail -t takes it
 *
 * Headers are made by gmime: encoded words where they are needed, folded, and
 * nothing that is put into one can begin another.
 */
#ifndef DESK_LETTER_H
#define DESK_LETTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct letter {
	const char *from;      /* an address, mail_valid() */
	const char *from_name; /* NULL: none */
	char *const *to;       /* addresses, NULL-ended */
	const char *subject;
	const char *id;	    /* its name: the same for the same notice */
	const char *thread; /* what it is about: letters of it stand together;
			     * NULL: alone */
	int64_t time_ms;
	const char *body; /* UTF-8 */
};

/* The whole of it, added to to. */
void letter_write(const struct letter *l, struct buf *to);

#endif
