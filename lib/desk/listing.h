/*
 * listing - which conversations there are, in what order, a line of each
 *
 * Two steps, so that a desk with thousands of open conversations answers at
 * once: the keys of all that are wanted, in order, by the conversations' own
 * rows alone; then what people read of those that are shown, a page at a time.
 * No look at the store spans more than a page.
 */
#ifndef DESK_LISTING_H
#define DESK_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/json.h"
#include "base/time.h"
#include "desk/seen.h"
#include "desk/sla.h"
#include "store/store.h"

#define LISTING_PAGE 256 /* read between two writes */

enum listing_sort {
	SORT_WAIT,     /* who waits first, by priority, then who waits longest;
			  the others by what was said last */
	SORT_LAST,     /* what was said last first */
	SORT_OPENED,   /* the newest first */
	SORT_PRIORITY, /* the most urgent first, then as SORT_WAIT */
	SORT_DUE,      /* what is due first, or was missed longest ago; the
			  others behind, as SORT_WAIT */
};

/* The sort of a name: wait, last, opened, priority, due; ERR_USAGE. */
int listing_sort_named(const char *name, enum listing_sort *ret);

/* What is wanted; NULL and 0 stand for all. Words are joined by commas, and
 * any of them will do. */
struct listing_filter {
	const char *statuses, *owners, *priorities, *instances, *teams,
	    *languages;		 /* "pt" is "pt-BR", too */
	const char *assignee;	 /* a person's name */
	const char *unread_of;	 /* what this person has not seen */
	const char *contacts;	 /* a JSON array of contact.id */
	const char *promises;	 /* "missed", "due": not missed yet */
	const char *const *tags; /* all of them */
	size_t ntags;
	bool waiting;		 /* the customer waits */
	int64_t waiting_over_ms; /* for at least so long */
	enum listing_sort sort;
	bool reverse;
	int64_t max; /* 0: no limit */
};

/* For SQL: what of a filter is asked of a conversation c. */
#define LISTING_FILTER_SQL                                                    \
	LISTING_WORD_SQL("c.owner", "owners")                                 \
	LISTING_WORD_SQL("c.priority", "priorities")                          \
	LISTING_WORD_SQL("c.instance", "instances")                           \
	LISTING_WORD_SQL("c.team", "teams")                                   \
	LISTING_WORD_SQL("c.contact", "contacts")                             \
	" AND (:languages IS NULL OR EXISTS"                                  \
	"  (SELECT 1 FROM json_each(:languages) WHERE c.language = value"     \
	"   OR c.language GLOB value || '-*'))"                               \
	" AND (:assignee IS NULL OR c.assignee = :assignee)"                  \
	" AND (:waiting = 0 OR c.waiting_ms IS NOT NULL)"                     \
	" AND (:before IS NULL OR c.waiting_ms <= :before)"                   \
	" AND (:promises IS NULL OR EXISTS"                                   \
	"  (SELECT 1 FROM json_each(:promises) WHERE value ="                 \
	"   CASE WHEN c.due_ms <= :now THEN 'missed'"                         \
	"   WHEN c.due_ms > :now THEN 'due' END))"                            \
	" AND (:ntags = 0 OR :ntags = (SELECT count(*) FROM conversation_tag" \
	"  t WHERE t.conversation = c.id AND t.tag IN"                        \
	"  (SELECT value FROM json_each(:tags))))"                            \
	" AND (:unread_of IS NULL OR " UNREAD_SQL(":unread_of") ")"
/* The list stands behind OR: nobody looks into it where there is none. */
#define LISTING_WORD_SQL(column, name)       \
	" AND (:" name " IS NULL OR " column \
	" IN (SELECT value FROM json_each(:" name ")))"
#define LISTING_STATUS_SQL LISTING_WORD_SQL("c.status", "statuses")
/* The values of these; statuses only if asked for. */
void listing_bind(struct query *q, const struct listing_filter *f,
    int64_t at_ms, bool with_statuses);

struct listing_key {
	char id[SHORT_ID_BYTES];
	int64_t waiting_ms; /* 0: nobody waits */
	int64_t last_ms, opened_ms;
	int64_t due_ms; /* 0: nothing is */
	int rank;	/* of the priority, 0 for urgent */
};

/* Those that are wanted as of at_ms, in order; *ret is malloc'd. */
int listing_keys(struct store *s, const struct listing_filter *f, int64_t at_ms,
    struct listing_key **ret, size_t *ret_count);

/* ERR_NOINPUT if an instance that is asked for is not there: its list would be
 * empty and look as if there were nothing to do. */
int listing_instances(struct store *s, const char *names);

/* ERR_USAGE if a word of a list is none of status, owner, priority or sla, as
 * name says; NULL is fine. */
int listing_check(const char *name, const char *list);

/* What the filter of listing_narrow() borrows. */
struct listing_words {
	char *text, *contacts, *tags[8];
};

/*
 * Narrow f by words as options have them, "owner=queue tag=vip unread mine".
 * ERR_USAGE, ERR_NOINPUT: then there is nothing to release.
 */
int listing_narrow(struct store *s, const char *words, const char *self,
    struct listing_filter *f, struct listing_words *ret);
void listing_words_release(struct listing_words *w);

/*
 * Who is meant by the id of a contact or a conversation, a number or another
 * name of theirs, or what they are called: a JSON array of contact.id, for one
 * person may write to several instances. The caller frees. ERR_NOINPUT.
 */
int listing_contacts(struct store *s, const char *text, char **ret);

/* Behind a text that is no more what it was at first. */
#define LISTED_EDITED " (edited)"
#define LISTED_DELETED " (deleted)"

/* What people read of a conversation. */
struct listed {
	char *id, *status, *owner, *priority, *instance, *contact;
	char *assignee, *team, *name, *phone, *username, *language; /* NULL */
	char *tags; /* comma-separated, sorted */
	int64_t waiting_ms, last_ms, opened_ms;
	struct sla_due due; /* what is promised */
	char *direction, *kind,
	    *text;		  /* of what was said last; NULL: nothing */
	char *asked_kind, *asked; /* what a customer said last who waits, where
				     that is not it; else NULL */
	bool is_edited, is_asked_edited; /* text, asked: no more what it was */
	bool is_deleted, is_asked_deleted; /* by whoever said it */
	char *sent;  /* what became of it, if it is ours; else NULL */
	char *group; /* NULL: one person */
	char *
	    address; /* "phone:4915...", whom an answer goes to; NULL: nobody */
	bool unread;
	char
	    *writers; /* who else than self is writing a reply, comma-separated;
			  "": nobody */
};

enum listed_parts {
	LISTED_NAMES = 1 << 0, /* phone, username, tags, also of who has a
				   name */
	LISTED_ADDRESS = 1 << 1,
	LISTED_UNREAD = 1 << 2, /* by the person self */
	LISTED_WRITERS = 1 << 3,
};

/* LISTED_WRITERS if anybody writes anywhere, else 0: mostly nobody does. */
unsigned listed_writers(struct store *s);

/* ERR_NOINPUT if there is none. End with listed_release(). */
int listed_get(struct store *s, const char *id, unsigned parts,
    const char *self, struct listed *ret);
void listed_release(struct listed *l);

/* The object that conv list --json prints; the caller ends it. */
json_t *listed_json(const struct listed *l);

/* "5 min" since then, "-" for never. Into ret; returns ret. */
const char *listed_age(int64_t since_ms, int64_t at_ms,
    char ret[TIME_TEXT_BYTES]);

/* "in 5 min" it is due, "5 min open" if so much of the policy's opening hours is
 * left, "5 min late" when it was missed, "-" if nothing is. Into ret; returns
 * ret. */
const char *listed_due(const struct sla_due *due, char ret[TIME_TEXT_BYTES]);

/* Who has it, in a word: ai, queue, a team's queue, a person, or its status.
 * The caller frees, here and below. */
char *listed_state(const struct listed *l);

/* Who the customer is, in at most so many columns, safe to show. */
char *listed_customer(const struct listed *l, size_t columns);

/* What was said last, behind a mark of whose it is; not yet safe to show. */
char *listed_gist(const struct listed *l);

/* At most so many columns of text, safe to show on one line. */
char *listed_cut(const char *text, size_t columns);

#endif
