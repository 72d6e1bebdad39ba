/*
 * extractor - reads documents where they can do no harm
 *
 * Each document is read in a box of its own, see base/box.h: a child without
 * network, store, files and, but for the types that a program of the system
 * reads, without other programs; what it says about the document is checked
 * before it is believed. One that crashes, loops or grows costs one document.
 *
 * The boxes are made by a small process that holds nothing but the document at
 * hand: one that is forked when the first document comes, or a service on a
 * socket, kb-extract --serve under a user of its own. The same few bytes are
 * spoken with either. One extractor reads documents one after the other, none
 * shares its box with another.
 */
#ifndef KB_EXTRACTOR_H
#define KB_EXTRACTOR_H

#include "kb/extract.h"

enum kb_extractor_how {
	EXTRACTOR_AUTO, /* the socket if somebody listens there */
	EXTRACTOR_CHILD,
	EXTRACTOR_SOCKET,
};
/* As in settings, NULL-ended. */
extern const char *const kb_extractor_names[];

struct extractor;

/*
 * Nothing is begun before the first document. socket: a path, may be NULL with
 * EXTRACTOR_CHILD. is_unsafe: read without a box where there can be none.
 */
struct extractor *extractor_new(enum kb_extractor_how how, const char *socket,
    bool is_unsafe);
void extractor_free(struct extractor *x); /* NULL is allowed */

/* For who has other threads: fn is called before a child is made, and when it
 * returns none of them may be at work until the next document was read. */
void extractor_alone(struct extractor *x, void (*fn)(void *ctx), void *ctx);

/*
 * The text of len bytes, as kb_extract() has it. ERR_DATA: what is wrong with
 * the document, a passed limit and a crash included. ERR_UNAVAILABLE: there is
 * no box to be had, or nobody at the socket.
 */
int extractor_read(struct extractor *x, const char *bytes, size_t len,
    const char *name, const struct kb_limits *limits, struct kb_text *ret);

/* Whether it has a child of its own by now, and no service. */
bool extractor_is_child(const struct extractor *x);

/*
 * Begin to read a document: extractor_read() of the same bytes has it sooner.
 * What cannot be begun is read when its time comes. An answer that nobody wants
 * any more, since the bytes go, has to be dropped.
 */
void extractor_begin(struct extractor *x, const char *bytes, size_t len,
    const char *name, const struct kb_limits *limits);
void extractor_drop(struct extractor *x);

/* Serve one who has documents read by way of in and out, until he goes. */
int extractor_serve(int in, int out, bool is_unsafe);

#endif
