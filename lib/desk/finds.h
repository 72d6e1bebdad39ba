/*
 * finds - messages that hold the words, as the lines of a list
 *
 * Printed on stdout by base/cli.h, part of the frame of commands that list.
 */
#ifndef DESK_FINDS_H
#define DESK_FINDS_H

#include <stddef.h>
#include <stdint.h>

#include "desk/rows.h"
#include "desk/words.h"
#include "store/store.h"

/* What is looked for, and how it is told. All borrowed. */
struct finds {
	const struct question *question;
	const char *const *asked; /* its words, as they were typed */
	size_t nasked;
	const struct listing_filter *filter; /* of their conversations */
	int64_t since_ms;
	int64_t max;	     /* messages; 0: no limit */
	enum rows_form form; /* ROWS_IDS: of conversations, each once */
};

/* Print the newest first: 0, ERR_NO if there are none, or another ERR. */
int finds_print(struct store *s, const struct finds *f);

#endif
