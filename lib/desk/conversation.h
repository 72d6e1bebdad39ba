/*
 * conversation - one customer's talk with the business, and who may answer
 *
 * owner says who may write to the customer:
 *	ai	the AI (and rules)
 *	queue	nobody but people, and none has it yet: after a hand-over one
 *		holding message went out
 *	user	the assignee; also after somebody typed on the phone
 * owner_rev rises at each change of owner or status; a draft or queued row of
 * the AI with an older one is cancelled. All functions that take an act work
 * in the caller's transaction and leave events.
 */
#ifndef DESK_CONVERSATION_H
#define DESK_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "desk/act.h"
#include "desk/instance.h"

struct conversation {
	char id[SHORT_ID_BYTES];
	char contact[SHORT_ID_BYTES];
	char *instance;
	int64_t number;
	char status[12]; /* open snoozed resolved archived */
	char owner[8];	 /* ai queue user */
	int64_t owner_rev;
	char *assignee;	  /* NULL: none */
	char *team;	  /* NULL: none */
	char priority[8]; /* low medium high urgent */
	char *language;	  /* NULL: not known yet */
	char *profile;	  /* NULL: none */
	int64_t opened_ms, reopened_ms;
	int64_t last_in_ms;  /* 0: never */
	int64_t last_out_ms; /* 0: never */
	int64_t waiting_ms;  /* 0: not waiting */
	int64_t handed_ms;   /* 0: not handed over */
	int64_t resolved_ms; /* 0: not resolved */
};

void conversation_free(struct conversation *c);

/* The one of this id, or that it was merged into: go on with c->id. */
int conversation_get(struct store *s, const char *id,
    struct conversation **ret);

/*
 * The id that text stands for: an id, or the beginning of just one, at least
 * three characters. ERR_NOINPUT if none, ERR_USAGE if several.
 */
int conversation_named(struct store *s, const char *text,
    char ret_id[SHORT_ID_BYTES]);

enum conversation_news { CONV_KNOWN, CONV_OPENED, CONV_REOPENED };

/*
 * The conversation in which a contact goes on talking: of open ones that which
 * a person has, else that which was handed to people, else the newest; where
 * none is open the newest. What the customer sees is one chat: who has answered
 * there hears what comes back. Several are open where an older one was opened
 * again. 1, 0 if there is none, or an ERR; status is of 12 bytes.
 */
int conversation_current(struct store *s, const char *instance,
    const char *contact, char ret_id[SHORT_ID_BYTES], char *ret_status);

/*
 * The conversation a contact's message belongs to; opened or reopened (as ai,
 * or queue where the instance's AI is off or paused) if need be, without an event.
 * What a blocked contact writes opens nothing that there is.
 * After a resolve the instance says whether the last one goes on or a new one
 * begins. The
 * caller emits conversation.opened or .reopened after its message by
 * conversation_announce().
 */
int conversation_for(struct store *s, const struct instance *instance,
    const char *contact, int64_t at_ms, char ret_id[SHORT_ID_BYTES],
    enum conversation_news *ret_news);
int conversation_announce(struct act *a, const char *id,
    enum conversation_news news);

/* Emit type about the conversation as it is now, with one more field (key
 * NULL: none). */
int conversation_tell(struct act *a, const char *id, const char *type,
    const char *key, const char *value);

/* The same with several: more is an object, taken. */
int conversation_tell_more(struct act *a, const char *id, const char *type,
    json_t *more);

/* Another contact's, in the state and with the owner of like (after a split);
 * without an event. */
int conversation_like(struct store *s, const char *like, const char *contact,
    int64_t at_ms, char ret_id[SHORT_ID_BYTES]);

/*
 * How long, from at_ms, the provider goes on taking free texts to the customer,
 * where it takes them for window_ms (the setting wa.window) after what they
 * wrote. 0 or less: shut, for so long. Nobody who never wrote has a window.
 */
int64_t conversation_window(const struct conversation *c, int64_t window_ms,
    int64_t at_ms);

/* "conversation/ID", the subject of its events; ret of 32 bytes. */
const char *conversation_subject(const char *id, char ret[32]);

/* Changes. Each is nothing, without an event, if it already is so. */
int conversation_escalate(struct act *a, const char *id, const char *reason);
/* As that, but what is resolved or archived is open again for it, since what
 * the customer did at at_ms. */
int conversation_recall(struct act *a, const char *id, const char *reason,
    int64_t at_ms);
/* As _escalate, but a person who has it keeps it, and is told if so wanted. */
int conversation_await(struct act *a, const char *id, const char *reason,
    bool tell);
int conversation_take(struct act *a, const char *id, const char *person);
int conversation_assign(struct act *a, const char *id, const char *person,
    const char *team); /* either may be NULL */
int conversation_release(struct act *a, const char *id, bool to_ai);
/* The AI stays out of it until then (0: until it is released to it): what it
 * owns goes to the queue. desk/audience.h has how it comes back. */
int conversation_pause(struct act *a, const char *id, int64_t until_ms);

/* Whether it is resolved or archived. */
bool conversation_is_closed(const struct conversation *c);

/* Another conversation of the customer's at the same instance that is open, and
 * that whoever has: 1, 0 if there is none, or an ERR. ret_id: NULL, or of
 * SHORT_ID_BYTES. */
enum conversation_with {
	WITH_ANYBODY,
	WITH_PEOPLE /* a person, or it was handed to people */
};
int conversation_elsewhere(struct store *s, const struct conversation *c,
    enum conversation_with with, char *ret_id);

/* The last time it changed hands; of what was paused without an end and then
 * released to the queue, the pause, which goes on. */
struct conversation_handed {
	char type[40], reason[64]; /* of the event; a reason may be "" */
	int64_t until_ms;	   /* of a pause; INT64_MAX: without an end */
	int64_t at_ms;
};
/* 1, 0 if it never did, or an ERR. */
int conversation_handed(struct store *s, const char *id,
    struct conversation_handed *ret);

/* Whether people have it for no longer than a pause of the AI: 1, 0 or an
 * ERR. */
int conversation_is_paused(struct store *s, const struct conversation *c);

/* Whether it waits for people, for good: 1, 0 or an ERR. */
int conversation_is_handed_over(struct store *s, const struct conversation *c);
int conversation_resolve(struct act *a, const char *id);
/* Resolved if it was not, and put away. */
int conversation_archive(struct act *a, const char *id);
/* By a person: open again, whoever owned it; its clocks start anew. */
int conversation_reopen(struct act *a, const char *id);
int conversation_tag(struct act *a, const char *id, const char *tag);
int conversation_untag(struct act *a, const char *id, const char *tag);
int conversation_priority(struct act *a, const char *id, const char *priority);
/* Facts without an event of their own. */
int conversation_set_language(struct store *s, const char *id,
    const char *language);
int conversation_set_profile(struct store *s, const char *id,
    const char *profile);

bool priority_valid(const char *priority);

/*
 * The events of a conversation, one that goes on (:id): SQL that begins a
 * statement with the table about (seq, id, type, time_ms, data). An event
 * names where its message was when it was written. What has been merged or
 * split since counts as it is now: what is about a message belongs where the
 * message is, the rest where its conversation went on. Whoever reads the log
 * by conversation reads it by this.
 */
#define CONVERSATION_ABOUT_SQL                                      \
	CONVERSATION_WAS_SQL                                        \
	", about AS (SELECT e.seq, e.id, e.type, e.time_ms, e.data" \
	" FROM was CROSS JOIN event e"                              \
	" ON e.subject = 'conversation/' || was.id" CONVERSATION_HERE_SQL ") "

/* The conversations under which the log may tell of it. */
#define CONVERSATION_WAS_SQL                                                            \
	"WITH RECURSIVE was (id) AS (SELECT :id"                                        \
	" UNION SELECT c.id FROM was"                                                   \
	"  JOIN conversation c ON c.merged_into = was.id"                               \
	" UNION SELECT c.merged_into FROM was JOIN conversation c"                      \
	"  ON c.id = was.id WHERE c.merged_into IS NOT NULL" /* ';' comes behind ':' */ \
	" UNION SELECT substr(k.key, length('moved:' || was.id) + 2) FROM was"          \
	"  JOIN mark k ON k.key > 'moved:' || was.id || ':'"                            \
	"  AND k.key < 'moved:' || was.id || ';')"

/* Of an event e told under was: that it is of this one now. */
#define CONVERSATION_HERE_SQL                                         \
	" LEFT JOIN message m ON m.id = e.data ->> 'message'"         \
	" WHERE coalesce(m.conversation,"                             \
	"  (SELECT coalesce(c.merged_into, c.id) FROM conversation c" \
	"   WHERE c.id = was.id)) = :id"

/* As log_read() of the events of a conversation. */
int conversation_log(struct store *s, const char *id, int64_t after, int max,
    const char *const *types, struct event ***ret, size_t *ret_count,
    int64_t *ret_seq);

/* Some messages are about to go from one conversation to another, in a
 * transaction: the log tells of them under both. */
int conversation_moved(struct store *s, const char *from, const char *to,
    int64_t at_ms);

/* Tags, comma-separated and sorted; caller frees; "" if none. */
char *conversation_tags(struct store *s, const char *id);

/*
 * The n newest messages of a conversation, oldest first, of this reopening
 * only if current; none after the message until, if it is not NULL. Text is the
 * one after edits, or what was heard in a voice note; revoked ones are left out.
 */
struct turn {
	char id[ULID_BYTES];
	char *direction; /* in, out, echo, note */
	char *kind;
	char *author;	 /* NULL for the customer */
	char *status;	 /* NULL for what came in */
	char *text;	 /* NULL: none */
	json_t *content; /* NULL: none */
	int64_t wa_ms;
	bool edited;
	bool revoked;
};
int conversation_turns(struct store *s, const char *id, int n, bool current,
    const char *until, struct turn **ret, size_t *ret_count);
void turns_free(struct turn *turns, size_t count);

#endif
