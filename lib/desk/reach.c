/* reach - customers the provider says it cannot reach */
#include <stdlib.h>

#include "base/str.h"
#include "desk/contact.h"
#include "desk/reach.h"

/* The event of a row that the statement before has changed. */
static int
tell(struct act *a, const char *contact, const char *change, const char *why)
{
	struct query q;
	char *subject;
	json_t *data;
	int code;

	if (sqlite3_changes(db_handle(store_desk(a->store))) == 0)
		return 0;
	data = json_object();
	json_put(data, "contact", contact);
	json_put(data, "change", change);
	json_put(data, "reason", why);
	q = query(store_desk(a->store),
	    "SELECT instance FROM contact WHERE id = :id");
	bind_text(&q, ":id", contact);
	if (step(&q))
		json_put(data, "instance", column_text(&q, 0));
	code = done(&q);
	if (code < 0) {
		json_decref(data);
		return code;
	}
	subject = xformat("contact/%s", contact);
	code = act_emit(a, "contact.changed", subject, data, NULL);
	free(subject);
	return code;
}

int
reach_lost(struct act *a, const char *contact, const char *why)
{
	char id[SHORT_ID_BYTES];
	struct query q;
	int code = contact_resolve(a->store, contact, id);

	if (code < 0)
		return code;
	q = query(store_desk(a->store),
	    "UPDATE contact SET trouble = :why, trouble_ms = :now"
	    " WHERE id = :id AND trouble IS NOT :why");
	bind_text(&q, ":id", id);
	bind_text(&q, ":why", why);
	bind_int(&q, ":now", a->now_ms);
	step(&q);
	code = done(&q);
	return code < 0 ? code : tell(a, id, "unreachable", why);
}

int
reach_found(struct act *a, const char *contact)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE contact SET trouble = NULL, trouble_ms = NULL"
	    " WHERE id = :id AND trouble IS NOT NULL");
	int code;

	bind_text(&q, ":id", contact);
	step(&q);
	code = done(&q);
	return code < 0 ? code : tell(a, contact, "reachable", NULL);
}

char *
reach_trouble(struct store *s, const char *contact, int64_t *ret_since_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT trouble, trouble_ms FROM contact WHERE id = :id");
	char *why = NULL;

	bind_text(&q, ":id", contact);
	if (step(&q) && !column_null(&q, 0)) {
		why = column_copy(&q, 0);
		*ret_since_ms = column_int(&q, 1);
	}
	done(&q);
	return why;
}
