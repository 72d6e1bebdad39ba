/*
 * record - all that is kept of a conversation, to be taken elsewhere
 */
#ifndef DESK_RECORD_H
#define DESK_RECORD_H

#include <stdint.h>

#include "base/str.h"
#include "desk/conversation.h"
#include "desk/transcript.h"

/* A page of its events after *seq, joined, texts whole however long, a line
 * each; *seq moves on, and stays where there are no more. */
int record_events(struct store *s, const char *id, int64_t *seq,
    struct buf *ret);

/* Where the last n messages begin in the log, without reactions and edits: the
 * *seq for record_events() that leaves out what was before; 0 if there are no
 * more than n. */
int record_last(struct store *s, const char *id, int64_t n, int64_t *ret_seq);

/*
 * JSON Lines: an object with "record" that is conversation or contact, one
 * that is message for each of them (its ladder, its medium, what was heard and
 * what led to it with it), and the events as they are.
 */
int record_lines(struct store *s, const char *id, struct buf *ret);

/* The transcript as part of a page that runs nothing and fetches nothing. */
void record_page_begin(struct buf *ret);
int record_page(struct store *s, const struct conversation *c,
    const struct transcript_style *style, int64_t at_ms, struct buf *ret);
void record_page_end(struct buf *ret);

#endif
