/*
 * transcript - a conversation as people read it
 *
 * Times are local ones (TZ). Text of customers, documents and models is shown,
 * not obeyed. Order is that of the customer's phone: provider's time, then
 * arrival.
 */
#ifndef DESK_TRANSCRIPT_H
#define DESK_TRANSCRIPT_H

#include <stdbool.h>

#include "base/str.h"
#include "desk/conversation.h"

struct transcript_style {
	int width;	   /* columns to wrap at; 0: lines are left whole */
	bool colour;	   /* escape sequences for bold and dim */
	int last;	   /* only the last so many messages; 0: all */
	int64_t window_ms; /* the setting wa.window */
	const char *self;  /* who looks, to be told who else is writing, and
			      what they wrote themselves; NULL: nobody is */
};

/* Who the customer is: the name, else an address, else the id. Caller frees. */
char *customer_name(struct store *s, const char *contact);

/*
 * "Mara: where is my parcel?" of a message row in one line: what a kind
 * without text is called stands in brackets. text and content may be NULL.
 * Not yet made safe to show. Caller frees.
 */
char *message_gist(const char *kind, const char *text, const json_t *content);

/* The head: who, where, state, tags; waiting and window as of at_ms. */
int transcript_head(struct store *s, const struct conversation *c,
    const struct transcript_style *style, int64_t at_ms, struct buf *ret);

/*
 * As transcript_body(), but only what is new since the last time with the same
 * told (zeroed at first), and of what has changed, such as a tick, the lines
 * that have. as_of_ms stands before those.
 */
struct transcript_told {
	struct told_item *items;
	size_t count;
	char day[32];
};
int transcript_news(struct store *s, const struct conversation *c,
    const struct transcript_style *style, int64_t as_of_ms,
    struct transcript_told *told, struct buf *ret);
void transcript_told_release(struct transcript_told *told);

/* How many messages it has, as -n counts them. */
int64_t transcript_length(struct store *s, const char *id);

/* What was said and done. */
int transcript_body(struct store *s, const struct conversation *c,
    const struct transcript_style *style, struct buf *ret);

#endif
