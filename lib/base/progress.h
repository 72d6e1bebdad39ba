/*
 * progress - one line on a terminal that says how far a long run is
 *
 * Done and all, speed, time left and what is at work, drawn anew at most ten
 * times a second and as wide as the terminal is by then. On anything but a
 * terminal nothing is drawn. Part of the frame of a command: prints.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdint.h>

struct progress;

/* Draw on fd; NULL, which all others take, if it is no terminal. */
struct progress *progress_new(int fd);

/* How many there are, and their bytes; 0: not known. */
void progress_total(struct progress *p, int64_t count, int64_t bytes);

/* What is at work from now on; all that was before is done. It is shown, not
 * obeyed. */
void progress_at(struct progress *p, const char *name, int64_t bytes);

/* The same line in words of the caller's own, for what has no names or no end
 * in sight: from two seconds on, at most twice a second. */
void progress_words(struct progress *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Take the line away, so that others can write; it is drawn again. */
void progress_clear(struct progress *p);

/* Take the line away for good. */
void progress_free(struct progress *p);

#endif
