/* seen - what each person of the desk has looked at */
#include "desk/seen.h"

int64_t
seen_until(struct store *s, const char *person, const char *conversation)
{
	struct query q = query(store_desk(s),
	    "SELECT seq FROM seen WHERE person = :person"
	    " AND conversation = :id");
	int64_t seq = 0;

	bind_text(&q, ":id", conversation);
	bind_text(&q, ":person", person);
	if (step(&q))
		seq = column_int(&q, 0);
	done(&q);
	return seq;
}

bool
seen_unread(struct store *s, const char *person, const char *conversation)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM conversation c WHERE c.id = :id"
	    " AND " UNREAD_SQL(":person"));
	bool unread;

	bind_text(&q, ":id", conversation);
	bind_text(&q, ":person", person);
	unread = step(&q);
	done(&q);
	return unread;
}

int
seen_mark(struct store *s, const char *person, const char *conversation,
    int64_t seq)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO seen (person, conversation, seq)"
	    " VALUES (:person, :conversation, :seq)"
	    " ON CONFLICT DO UPDATE SET seq = excluded.seq"
	    " WHERE excluded.seq > seq");

	bind_text(&q, ":person", person);
	bind_text(&q, ":conversation", conversation);
	bind_int(&q, ":seq", seq);
	step(&q);
	return done(&q);
}
