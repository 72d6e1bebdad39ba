/*
 * sse - events out of a stream of bytes (text/event-stream)
 *
 * As the HTML standard has them, chapter "Server-sent events": lines end with
 * CR, LF or both, an empty one ends an event, a colon begins a comment, the
 * lines of data of one event are joined by LF. Bytes may come in any pieces,
 * also in the middle of a character. Names of events longer than
 * SSE_EVENT_BYTES - 1 are cut; the fields id and retry mean nothing here.
 *
 * An event without an empty line behind it did not come whole and is not told;
 * sse_end() makes one exception, for servers that close behind their last line.
 */
#ifndef AI_SSE_H
#define AI_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define SSE_EVENT_BYTES 32

/* Told an event: its name ("" if it has none) and data, NUL-terminated, good
 * during the call. Anything but 0 ends the feeding. */
typedef int (
    *sse_told)(void *arg, const char *event, const char *data, size_t len);

struct sse {
	sse_told told;
	void *arg;
	struct buf line, data;
	char event[SSE_EVENT_BYTES];
	bool has_data, after_cr, begun;
};

/* A line or the data of an event may have max_bytes. Ends with sse_release().
 */
void sse_init(struct sse *s, size_t max_bytes, sse_told told, void *arg);
void sse_release(struct sse *s);

/* 0, what told() said if not 0, or -1 for more than max_bytes. */
int sse_feed(struct sse *s, const void *bytes, size_t len);

/* No more bytes come: tell the event that is there if its last line is
 * whole. */
int sse_end(struct sse *s);

#endif
