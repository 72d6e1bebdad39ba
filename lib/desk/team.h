/*
 * team - people who share the work, and whose turn it is
 *
 * Whoever is to get a conversation is chosen in the transaction that gives it
 * to them, so that many programs at once still deal evenly and nobody gets more
 * than they can hold. Left out are those who have left, are away or offline,
 * may not answer, or have as many open conversations as their capacity. If that
 * leaves nobody it waits, and is dealt in the same way by the transaction that
 * makes room: somebody comes online, is done with one or may have more.
 *
 * round robin	who was given one the longest ago; so everybody in turn, and
 *		who comes back does not catch up
 * least loaded	who has the fewest open; of several, as above
 */
#ifndef DESK_TEAM_H
#define DESK_TEAM_H

#include <stddef.h>
#include <stdint.h>

#include "desk/act.h"

#define TEAM_NAME_MAX 64

enum team_how { TEAM_ROUND_ROBIN, TEAM_LEAST_LOADED };

struct team_member {
	char *person;
	char *availability;
	int64_t open;	  /* conversations they have */
	int64_t capacity; /* 0: any number */
};

struct team {
	char *name;
	struct team_member *members; /* by name */
	size_t nmembers;
};

/* By name; ERR_NOINPUT. */
int team_get(struct store *s, const char *name, struct team **ret);
void team_free(struct team *t);

/* Their names, sorted; each and the list are the caller's. */
int team_names(struct store *s, char ***ret, size_t *ret_count);

/*
 * Changes, in a transaction, with events team.* and an audit row; nothing,
 * without an event, if it already is so. ERR_DATA for a name that cannot be or
 * a person who may not answer.
 */
int team_add(struct act *a, const char *name, const char *const *people,
    size_t count);
/* Those people, or with none the team itself: what waits in its queue stays
 * there under its name. */
int team_remove(struct act *a, const char *name, const char *const *people,
    size_t count);

/*
 * Who of the team gets the conversation, in a transaction: 1 with a copy of the
 * name, 0 if nobody is free, or an ERR; ERR_NOINPUT if there is no such team.
 * It is their turn that is taken.
 */
int team_choose(struct act *a, const char *team, enum team_how how,
    const char *conversation, char **ret_person);

/* Give it to whom team_choose() says: 1, or 0 if nobody is free and it waits in
 * the team's queue until team_deal() finds somebody. */
int team_assign(struct act *a, const char *id, const char *team,
    enum team_how how);

#define TEAM_DEAL_MAX 16 /* in one transaction: others write, too */

/*
 * person may be given more than before (online, room, a new team): deal what
 * waits in the queues of their teams, in a transaction, as it was to be dealt,
 * the most urgent and then the longest waiting first. Not only they may be
 * given some. Returns how many: with TEAM_DEAL_MAX more may wait, for another
 * transaction; or an ERR.
 */
int team_deal(struct act *a, const char *person);

/* The rest of it, in transactions of its own, for a person's command; self as
 * person_self() gives it. told (NULL: nobody) sees what each made. */
int team_deal_rest(struct store *s, const char *self, const char *person,
    void (*told)(const struct act *a));

#endif
