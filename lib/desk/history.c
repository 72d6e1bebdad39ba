/* history - all conversations of a customer, one behind the other */
#include <stdlib.h>

#include "base/err.h"
#include "base/time.h"
#include "desk/conversation.h"
#include "desk/history.h"
#include "desk/listing.h"
#include "desk/record.h"

/* "conversation 7k3...  resolved  sales  2026-11-23", above its transcript. */
static void
add_title(struct buf *b, const struct conversation *c)
{
	char day[TIME_TEXT_BYTES];

	time_local(c->opened_ms, "%Y-%m-%d", day, sizeof(day));
	buf_addf(b, "conversation %s  %s  %s  opened %s\n", c->id, c->status,
	    c->instance, day);
}

/* One of the conversations of a customer, the last messages of it. */
static int
add_one(struct store *s, const char *id, const struct transcript_style *as,
    bool as_events, int64_t *left, struct buf *ret)
{
	struct transcript_style style = *as;
	struct conversation *c = NULL;
	int64_t seq = 0, before;
	int code = conversation_get(s, id, &c);

	if (code == 0 && as_events && *left < INT32_MAX)
		code = record_last(s, c->id, *left, &seq);
	if (code == 0 && as_events)
		do {
			before = seq;
			code = record_events(s, c->id, &seq, ret);
		} while (code == 0 && seq != before);
	else if (code == 0) {
		style.last = *left < INT32_MAX ? (int)*left : 0;
		add_title(ret, c);
		code = transcript_body(s, c, &style, ret);
		buf_addc(ret, '\n');
	}
	if (code == 0 && *left < INT32_MAX)
		*left -= transcript_length(s, c->id);
	conversation_free(c);
	return code;
}

/* From the newest back until there are enough, told in the order they were. */
int
history_add(struct store *s, const char *text,
    const struct transcript_style *style, int64_t max, bool as_events,
    struct buf *ret)
{
	struct listing_filter filter = { .sort = SORT_OPENED };
	struct listing_key *keys = NULL;
	struct buf *texts;
	char *contacts = NULL;
	int64_t left = max > 0 ? max : INT32_MAX;
	size_t n = 0, i;
	int code = listing_contacts(s, text, &contacts);

	if (code < 0)
		return code;
	filter.contacts = contacts;
	code = listing_keys(s, &filter, now_ms(), &keys, &n);
	texts = xcalloc(n + 1, sizeof(*texts));
	for (i = 0; code == 0 && i < n && left > 0; i++)
		code =
		    add_one(s, keys[i].id, style, as_events, &left, &texts[i]);
	while (n-- > 0) {
		if (code == 0 && texts[n].len > 0)
			buf_add(ret, texts[n].data, texts[n].len);
		buf_release(&texts[n]);
	}
	free(texts);
	free(keys);
	free(contacts);
	return code;
}
