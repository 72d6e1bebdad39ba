/*
 * watch - the list of conversations as it changes, for eyes and for programs
 *
 * Woken by the bell of the store and by nothing else; once a minute it looks
 * at the clock, for how long people wait.
 */
#ifndef DESK_WATCH_H
#define DESK_WATCH_H

#include "base/str.h"
#include "desk/listing.h"

/* What the one who watches may do, by functions of the command: each opens the
 * store to write by itself. They return 0 or an ERR with its reason. */
struct watch_deeds {
	/* take, resolve: on the conversation of that id. */
	int (*act)(void *ctx, const char *verb, const char *id);
	/* Let the person answer it; the terminal is as it was before. */
	int (*answer)(void *ctx, const char *id);
	/* The conversation as text, lines of at most so many columns; the
	 * person has seen it then. */
	int (*show)(void *ctx, struct store *s, const char *id, int columns,
	    struct buf *ret);
	void *ctx;
};

/* On a terminal, until q. */
int watch_screen(struct store *s, const struct listing_filter *f,
    const char *self, const struct watch_deeds *deeds);

/*
 * On stdout as JSON Lines: the list as it is, then each change. Field "change"
 * is present, new, changed or gone. Until a signal, or the reader has gone.
 */
int watch_lines(struct store *s, const struct listing_filter *f,
    const char *self);

#endif
