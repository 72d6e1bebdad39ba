/*
 * history - all conversations of a customer, one behind the other
 */
#ifndef DESK_HISTORY_H
#define DESK_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "desk/transcript.h"
#include "store/store.h"

/*
 * Add the conversations of whom text names (desk/listing.h, listing_contacts())
 * to ret, the oldest first: as events, a line each, or as a transcript under a
 * title each. So many messages from the end, whichever conversation they are
 * of, 0: all; the last of style does not count. ERR_NOINPUT if it names nobody.
 */
int history_add(struct store *s, const char *text,
    const struct transcript_style *style, int64_t max, bool as_events,
    struct buf *ret);

#endif
