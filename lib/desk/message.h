/*
 * message - what was said, both ways, and the ladder of what we sent
 *
 * queued < sending < accepted < sent < delivered < read < played; beside the
 * ladder: failed, held (outcome unknown), cancelled. A status never goes back,
 * and may come before the call that made the message has returned.
 */
#ifndef DESK_MESSAGE_H
#define DESK_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "desk/act.h"

#define MESSAGE_TEXT_MAX_BYTES 16384 /* in an event; the whole is in the row */

/* A message to store; text and content as the customer sent them. */
struct message_in {
	const char *id; /* ULID */
	const char *instance;
	const char *conversation;
	const char *contact;
	const char *direction; /* in or echo */
	const char *kind;
	const char *wamid; /* NULL: none */
	int64_t wa_ms;
	const char *quoted;    /* wamid; NULL */
	const char *text;      /* NULL: none */
	const json_t *content; /* NULL: none */
	const char *sender;    /* as contact_sender() makes it; NULL: none */
};

/* Kinds that are no turn of the customer, for SQL: nothing waits for an
 * answer to them. */
#define NO_TURN_SQL                                         \
	"'reaction', 'system', 'edit', 'revoke', 'history'" \
	", 'rating'"

/* For SQL: that a message m, which is no turn, asks for people all the same:
 * message_asks() says so. */
#define ASKS_SQL                                                         \
	"(m.kind IN ('edit', 'rating') AND EXISTS (SELECT 1 FROM mark a" \
	" WHERE a.key = 'asks:' || m.id))"

/* Whether the customer took the message m back, or that which m is an edit of;
 * the list is there for the index. */
#define TAKEN_BACK_SQL                                                  \
	"EXISTS (SELECT 1 FROM message r WHERE r.instance = m.instance" \
	" AND r.quoted = iif(m.kind = 'edit', m.quoted, m.wamid)"       \
	" AND r.kind IN ('edit', 'reaction', 'revoke')"                 \
	" AND +r.kind = 'revoke' AND r.contact = m.contact"             \
	" AND r.direction = 'in')"

/*
 * For SQL: a message m of the customer's that waits for an answer, where the
 * last one was said at out; and since when. What came in after the answer was
 * written waits, whatever time the provider gave it (in whole seconds, and some
 * of them before it is here): nobody had read it. Who answers by the phone has
 * read what is older there. A provider's last attempt comes a week late.
 */
#define UNANSWERED_SQL(out)                                                \
	"m.direction = 'in'"                                               \
	" AND (m.kind NOT IN (" NO_TURN_SQL ") OR " ASKS_SQL ")"           \
	" AND m.wa_ms > " out " - 604800000"                               \
	" AND max(m.wa_ms, m.stored_ms) > " out " AND (m.wa_ms > " out     \
	" OR NOT EXISTS (SELECT 1 FROM message p"                          \
	"  WHERE p.conversation = m.conversation AND p.wa_ms >= m.wa_ms"   \
	"  AND p.direction = 'echo' AND p.kind NOT IN (" NO_TURN_SQL ")))" \
	" AND NOT " TAKEN_BACK_SQL
#define ASKED_SQL(out) "max(m.wa_ms, " out " + 1)"

/* For SQL: a message e about m, by whoever said m; the list is there for the
 * index. What kind it is is asked with a + before it: else each row would look
 * it up in the list. */
#define REMARK_SQL                                       \
	"e.instance = m.instance AND e.quoted = m.wamid" \
	" AND e.kind IN ('edit', 'reaction', 'revoke')"  \
	" AND e.contact = m.contact"                     \
	" AND (e.direction = 'in') = (m.direction = 'in')"

/* For SQL: the text of the newest edit of a message m, NULL without one, and
 * whether there is one. Inside a second of the provider's clock the log's order
 * decides. */
#define EDIT_TEXT_SQL                                                      \
	"(SELECT e.text FROM message e LEFT JOIN event ev ON ev.id = e.id" \
	" WHERE " REMARK_SQL " AND +e.kind = 'edit'"                       \
	" ORDER BY e.wa_ms DESC, ev.seq DESC LIMIT 1)"
#define EDITED_SQL                        \
	"EXISTS (SELECT 1 FROM message e" \
	" WHERE " REMARK_SQL " AND +e.kind = 'edit')"

/* For SQL: whether whoever said m deleted it. */
#define DELETED_SQL                       \
	"EXISTS (SELECT 1 FROM message e" \
	" WHERE " REMARK_SQL " AND +e.kind = 'revoke')"

/* For SQL: what a message m says now: as it was edited last, or as it was
 * heard if it is a voice note. */
#define TEXT_NOW_SQL                          \
	"coalesce(" EDIT_TEXT_SQL ", m.text," \
	" (SELECT t.text FROM transcript t WHERE t.message = m.id))"

/* For SQL: a message m that somebody of ours said to the customer, and that has
 * not failed; author: which of those that are written here. */
#define SAID_SQL(author)                                             \
	"(m.direction = 'echo' OR (m.direction = 'out'"              \
	" AND m.status NOT IN ('cancelled', 'failed')"               \
	" AND NOT (m.status = 'held' AND EXISTS (SELECT 1 FROM mark" \
	"  WHERE key = 'held:' || m.id)) AND m.kind <> 'reaction'"   \
	" AND (" author ")))"

/*
 * Keep m, in a transaction. 1 if it is new, 0 if (instance, wamid) or the id
 * is there already. If it is a customer's turn (direction in, not a reaction)
 * the conversation's window and waiting clock are set.
 */
int message_store(struct store *s, const struct message_in *m);

/* What is to be sent. */
struct message_out {
	const char *conversation;
	const char *author; /* ai, rule, system, user:NAME */
	const char *kind;   /* text */
	const char *text;
	const json_t *content; /* NULL: none */
	const char *quoted;    /* wamid it replies to; NULL */
	int64_t owner_rev;     /* as the author saw it; 0: as it is now */
};

/*
 * Queue a message: row and message.queued, in a transaction. ERR_NO if the
 * author may not write: the AI where the owner is not ai or owner_rev is
 * older; a rule or the system where a person has taken it; anybody where the
 * customer is blocked, and all but people what nobody asked for where they have
 * opted out. ret_id may be NULL.
 */
int message_queue(struct act *a, const struct message_out *m,
    char ret_id[ULID_BYTES]);

/* Whether author may write in a conversation as it stands: 0, ERR_NO with why in
 * err, or another ERR. Nothing but people write to a customer whom a person
 * talks to in another conversation at the same instance. */
struct conversation;
int message_allowed(struct store *s, const struct conversation *c,
    const char *author, int64_t owner_rev);

/*
 * Move a message up the ladder; 1 if it moved, 0 if it stood there or above.
 * failed counts from any step below delivered; held and cancelled only from
 * queued and sending.
 */
int message_climb(struct store *s, const char *id, const char *status);

/*
 * A person has looked after the conversation: what is held there is failed,
 * with a message.failed of reason "settled by a person" each, so that nobody
 * is asked about it any more. A status that says it arrived still counts. In a
 * transaction.
 */
int message_settle(struct act *a, const char *conversation);

/*
 * What became of a message changed after it was queued: the clocks of its
 * conversation are set anew from what was said. One that is cancelled, failed,
 * or held and given to people (mark held:ID) says nothing, so whom it answered
 * waits again. In a transaction.
 */
int message_unsaid(struct store *s, const char *id);

/*
 * People are asked about a message that did not go out: the conversation is
 * open again if it was resolved, escalated, or its owner is told, and it is
 * awaited until somebody speaks there, whatever was said in between. Once for each message, until it is
 * tried again. In a transaction.
 */
int message_missed(struct act *a, const char *id, const char *reason);

/* For SQL: messages m that people were asked about by the mark k, and that
 * nothing has become of since. */
#define MISSED_SQL                                                         \
	"message m CROSS JOIN mark k ON k.key = 'missed:' || m.id"         \
	" AND m.direction = 'out' AND m.status IN ('cancelled', 'failed'," \
	" 'held')"

/* The same of all that was said in a conversation. */
int message_reckon(struct store *s, const char *conversation);

/* Somebody was handed a conversation for an edit or a rating of the customer's,
 * message id: it waits for an answer as a message does, unless there was one
 * since. In a transaction. */
int message_asks(struct act *a, const char *id);

/* Place of a status on the ladder, from 0; -1 if it is beside it. */
int message_step(const char *status);

/* What the provider told of a message of ours. */
struct message_told {
	const char *instance;
	const char *wamid;
	const char *status;
	int64_t wa_ms;
	const json_t *data;  /* errors, pricing; NULL: none */
	const char *tracker; /* the message's id, if it came back; NULL */
};

/*
 * Keep a status and let its message climb, in a transaction. 1 if it is new, 0
 * if it was told before. ret_message is the id of the message, "" while nobody
 * knows whose wamid this is: then it waits for message_adopt().
 */
int message_status_store(struct store *s, const struct message_told *t,
    char ret_message[ULID_BYTES]);

/*
 * The provider calls our message id wamid: keep it, in a transaction. The
 * first wamid stays. What was told of it before waits for message_adopt().
 */
int message_name(struct store *s, const char *id, const char *wamid);

/* A status that came before anybody knew whose wamid it is of. */
struct message_early {
	char status[16];
	int64_t wa_ms;
	json_t *data; /* as of struct message_told; NULL: none */
};

/*
 * What was told early of a message that has its wamid now is the message's
 * own, and it climbs by that: each once, by the provider's time. In a
 * transaction. *ret is malloc'd.
 */
int message_adopt(struct store *s, const char *id, struct message_early **ret,
    size_t *ret_count);
void message_early_free(struct message_early *list, size_t count);

struct message {
	char id[ULID_BYTES];
	char *instance, *conversation, *contact, *direction, *kind;
	char *wamid, *author, *status, *quoted, *text; /* NULL: none */
	json_t *content;			       /* NULL: none */
	int64_t wa_ms, stored_ms, owner_rev, attempt_ms;
	int attempt;
};
int message_get(struct store *s, const char *id, struct message **ret);
int message_by_wamid(struct store *s, const char *instance, const char *wamid,
    struct message **ret);
void message_free(struct message *m);

#endif
