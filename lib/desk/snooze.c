/* snooze - a conversation that rests until a time */
#include <string.h>

#include "base/err.h"
#include "base/time.h"
#include "desk/conversation.h"
#include "desk/snooze.h"
#include "desk/team.h"

int
conversation_snooze(struct act *a, const char *id, int64_t until_ms)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE conversation SET status = 'snoozed',"
	    " owner_rev = owner_rev + 1"
	    " WHERE id = :id AND status IN ('open', 'snoozed')");
	struct conversation *c = NULL;
	char until[TIME_TEXT_BYTES];
	int code;

	bind_text(&q, ":id", id);
	step(&q);
	code = done(&q);
	if (code < 0 || db_changes(store_desk(a->store)) == 0)
		return code;
	q = query(store_desk(a->store),
	    "INSERT INTO snooze (conversation, since_ms, until_ms)"
	    " VALUES (:id, :now, :until) ON CONFLICT DO UPDATE"
	    " SET since_ms = :now, until_ms = :until");
	bind_text(&q, ":id", id);
	bind_int(&q, ":now", a->now_ms);
	bind_int(&q, ":until", until_ms);
	step(&q);
	code = done(&q);
	if (code == 0)
		code = conversation_tell(a, id, "conversation.snoozed", "until",
		    time_text(until_ms, until));
	/* While it rests its assignee has room for another one. */
	if (code == 0)
		code = conversation_get(a->store, id, &c);
	if (code == 0 && strcmp(c->owner, "user") == 0 && c->assignee != NULL)
		code = team_deal(a, c->assignee);
	conversation_free(c);
	return code < 0 ? code : 0;
}

int
conversation_wake(struct act *a, const char *id)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE conversation SET status = 'open',"
	    " owner_rev = owner_rev + 1"
	    " WHERE id = :id AND status = 'snoozed'");
	int code;

	bind_text(&q, ":id", id);
	step(&q);
	code = done(&q);
	if (code < 0 || db_changes(store_desk(a->store)) == 0)
		return code;
	return conversation_tell(a, id, "conversation.reopened", NULL, NULL);
}

int
snooze_until(struct store *s, const char *id, int64_t *ret_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT z.until_ms FROM snooze z JOIN conversation c"
	    " ON c.id = z.conversation"
	    " WHERE c.id = :id AND c.status = 'snoozed'");
	int found, code;

	bind_text(&q, ":id", id);
	found = step(&q);
	if (found)
		*ret_ms = column_int(&q, 0);
	code = done(&q);
	return code < 0 ? code : found;
}
