/* draft - a reply in the making, kept until it is sent */
#include "desk/draft.h"

int
draft_get(struct store *s, const char *person, const char *conversation,
    char **ret_text, int64_t *ret_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT text, updated_ms FROM draft WHERE person = :person"
	    " AND conversation = :conversation");
	bool found;
	int code;

	bind_text(&q, ":person", person);
	bind_text(&q, ":conversation", conversation);
	found = step(&q);
	if (found) {
		*ret_text = column_copy(&q, 0);
		*ret_ms = column_int(&q, 1);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

int
draft_keep(struct store *s, const char *person, const char *conversation,
    const char *text, int64_t at_ms)
{
	struct query q;
	int code;

	if (*text == '\0') {
		code = draft_drop(s, person, conversation);
		return code < 0 ? code : 0;
	}
	q = query(store_desk(s),
	    "INSERT INTO draft (person, conversation, text, updated_ms)"
	    " VALUES (:person, :conversation, :text, :at)"
	    " ON CONFLICT DO UPDATE SET text = :text, updated_ms = :at"
	    " WHERE text <> :text");
	bind_text(&q, ":person", person);
	bind_text(&q, ":conversation", conversation);
	bind_text(&q, ":text", text);
	bind_int(&q, ":at", at_ms);
	step(&q);
	return done(&q);
}

int
draft_drop(struct store *s, const char *person, const char *conversation)
{
	struct query q = query(store_desk(s),
	    "DELETE FROM draft WHERE person = :person"
	    " AND conversation = :conversation");
	int code;

	bind_text(&q, ":person", person);
	bind_text(&q, ":conversation", conversation);
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(s)) > 0;
}

int
draft_sent(struct store *s, const char *person, const char *conversation,
    const char *text)
{
	struct query q = query(store_desk(s),
	    "DELETE FROM draft WHERE person = :person"
	    " AND conversation = :conversation AND text = :text");

	bind_text(&q, ":person", person);
	bind_text(&q, ":conversation", conversation);
	bind_text(&q, ":text", text);
	step(&q);
	return done(&q);
}
