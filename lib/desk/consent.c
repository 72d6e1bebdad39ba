/* consent - who may be written to, and who is not listened to */
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "desk/consent.h"
#include "desk/contact.h"
#include "desk/sla.h"

/* A contact and those that were merged into it, as the log names them. */
#define THEIR_SUBJECTS                                          \
	"subject IN (SELECT 'contact/' || :id UNION ALL SELECT" \
	" 'contact/' || id FROM contact WHERE merged_into = :id)"

/* Whether the last the log says of a contact is the first of two things. */
static int
last_said(struct store *s, const char *sql, const char *contact)
{
	struct query q = query(store_desk(s), sql);
	int is = 0, code;

	bind_text(&q, ":id", contact);
	if (step(&q))
		is = column_int(&q, 0) != 0;
	code = done(&q);
	return code < 0 ? code : is;
}

int
contact_opted_out(struct store *s, const char *contact)
{
	return last_said(s,
	    "SELECT type = 'contact.opted_out' FROM event"
	    " WHERE " THEIR_SUBJECTS " AND (type = 'contact.opted_out'"
	    "  OR (type = 'contact.changed'"
	    "   AND json_extract(data, '$.change') = 'opted_in'))"
	    " ORDER BY time_ms DESC, seq DESC LIMIT 1",
	    contact);
}

int
contact_blocked(struct store *s, const char *contact)
{
	return last_said(s,
	    "SELECT coalesce(json_extract(data, '$.blocked'), 1) FROM event"
	    " WHERE " THEIR_SUBJECTS " AND type = 'contact.blocked'"
	    " ORDER BY time_ms DESC, seq DESC LIMIT 1",
	    contact);
}

/* Its instance stands in each event of a contact. Takes data. */
static int
tell(struct act *a, const char *type, const char *contact, json_t *data)
{
	struct query q = query(store_desk(a->store),
	    "SELECT instance FROM contact WHERE id = :id");
	char *subject = xformat("contact/%s", contact);
	int code;

	json_put(data, "contact", contact);
	json_put(data, "actor", a->actor);
	bind_text(&q, ":id", contact);
	if (step(&q))
		json_put(data, "instance", column_text(&q, 0));
	code = done(&q);
	if (code == 0)
		code = act_emit(a, type, subject, data, NULL);
	else
		json_decref(data);
	free(subject);
	return code;
}

int
contact_opt(struct act *a, const char *contact, bool out)
{
	char id[SHORT_ID_BYTES];
	json_t *data;
	int code = contact_resolve(a->store, contact, id);

	if (code == 0)
		code = contact_opted_out(a->store, id);
	if (code < 0 || (code == 1) == out)
		return code < 0 ? code : 0;
	data = json_object();
	if (!out)
		json_put(data, "change", "opted_in");
	return tell(a, out ? "contact.opted_out" : "contact.changed", id, data);
}

/* Nobody waits for an answer that will not come. */
static int
stop_waiting(struct act *a, const char *contact)
{
	struct query q = query(store_desk(a->store),
	    "UPDATE conversation SET waiting_ms = NULL,"
	    " owner_rev = owner_rev + 1 WHERE contact = :id");

	bind_text(&q, ":id", contact);
	step(&q);
	return done(&q);
}

int
contact_block(struct act *a, const char *contact, bool blocked)
{
	char id[SHORT_ID_BYTES];
	json_t *data;
	int code = contact_resolve(a->store, contact, id);

	if (code == 0)
		code = contact_blocked(a->store, id);
	if (code < 0 || (code == 1) == blocked)
		return code < 0 ? code : 0;
	code = blocked ? stop_waiting(a, id) : 0;
	if (code < 0)
		return code;
	data = json_object();
	json_object_set_new(data, "blocked", json_boolean(blocked));
	code = tell(a, "contact.blocked", id, data);
	return code < 0 ? code : sla_contact_changed(a->store, id, a->now_ms);
}
