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
 * The conversation a contact's message belongs to; opened or reopened (as ai,
 * or queue where the instance's AI is off) if need be, without an event.
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

/* Another contact's, in the state and with the owner of like (after a split);
 * without an event. */
int conversation_like(struct store *s, const char *like, const char *contact,
    int64_t at_ms, char ret_id[SHORT_ID_BYTES]);

/* "conversation/ID", the subject of its events; ret of 32 bytes. */
const char *conversation_subject(const char *id, char ret[32]);

/* Changes. Each is nothing, without an event, if it already is so. */
int conversation_escalate(struct act *a, const char *id, const char *reason);
int conversation_take(struct act *a, const char *id, const char *person);
int conversation_assign(struct act *a, const char *id, const char *person,
    const char *team); /* either may be NULL */
int conversation_release(struct act *a, const char *id, bool to_ai);
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

/* As log_read_about() of it and of what was merged into it. */
int conversation_log(struct store *s, const char *id, int64_t after, int max,
    struct event ***ret, size_t *ret_count, int64_t *ret_seq);

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
