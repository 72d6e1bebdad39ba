/*
 * merge - two contacts become one, or one two, with all that hangs on them
 *
 * Everything happens in the caller's transaction: aliases, conversations,
 * messages, queued work. What was done is gathered in deeds and told by
 * deeds_announce() once its cause is in the log.
 *
 * Of two contacts the older one goes on. Of their last conversations the
 * newest open one goes on, and the messages of both are in it: the other one
 * is closed, with merged_into. The more human owner wins (user, then queue,
 * then ai), so the AI never writes where a person owned either; what the AI
 * had queued in either goes out only if it still owns both. Where the
 * instance opens a new conversation after each resolve, only open ones are
 * joined.
 *
 * In a split, an answer goes with what it answered: the customer's message that
 * it quotes or that caused it, else the one before it.
 */
#ifndef DESK_MERGE_H
#define DESK_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "desk/act.h"

enum deed_what {
	DEED_CONTACTS_MERGED,	   /* other into one */
	DEED_CONVERSATIONS_MERGED, /* other into one */
	DEED_CONTACT_SPLIT,	   /* other came out of one */
	DEED_OPENED,		   /* conversation one, by a split */
};

struct merge_deed {
	enum deed_what what;
	char one[SHORT_ID_BYTES], other[SHORT_ID_BYTES];
};

struct deeds {
	struct merge_deed *list;
	size_t count;
};

void deeds_free(struct deeds *d);

/* The events of what was done: contact.merged, conversation.merged,
 * contact.split, conversation.opened. */
int deeds_announce(struct act *a, const struct deeds *d);

/* Make one of two contacts of one instance; ret_id is the one that goes on. */
int contact_merge(struct store *s, const char *a, const char *b,
    struct deeds *made, char ret_id[SHORT_ID_BYTES]);

/* Whether a person has said that they are two. 1, 0 or an ERR. */
int contact_are_apart(struct store *s, const char *a, const char *b);

/* A person says so, or takes it back. */
int contact_set_apart(struct store *s, const char *a, const char *b, bool apart,
    int64_t at_ms);

/*
 * Move to another contact the messages that belongs() says are theirs, by the
 * sender and time of each, with the answers to them. Returns how many.
 */
typedef bool (*belongs_fn)(void *ctx, const char *sender, int64_t wa_ms);
int contact_move(struct store *s, const char *from, const char *to,
    belongs_fn belongs, void *ctx, struct deeds *made);

/*
 * A person takes names off a contact: they, and what was written under them,
 * become another contact's, and the two stay apart. aliases are values, or
 * KIND:VALUE. ERR_NOINPUT if one is not a name of the contact, ERR_USAGE if
 * none would be left.
 */
int contact_split(struct store *s, const char *contact,
    const char *const *aliases, size_t count, int64_t at_ms, struct deeds *made,
    char ret_id[SHORT_ID_BYTES]);

#endif
