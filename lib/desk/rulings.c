/* rulings - rules as they stood when they fired, kept for whoever asks later */
#include "desk/rulings.h"

int
ruling_known(struct store *s, const char *id)
{
	struct query q =
	    query(store_desk(s), "SELECT 1 FROM rule_revision WHERE id = :id");
	int known, code;

	bind_text(&q, ":id", id);
	known = step(&q) ? 1 : 0;
	code = done(&q);
	return code < 0 ? code : known;
}

int
ruling_keep(struct store *s, const struct ruling *r)
{
	struct query q = query(store_desk(s),
	    "INSERT OR IGNORE INTO rule_revision (id, rule, place, text,"
	    " since_seq) VALUES (:id, :rule, :place, :text,"
	    " (SELECT coalesce(max(seq), 0) FROM event))");

	bind_text(&q, ":id", r->id);
	bind_text(&q, ":rule", r->rule);
	bind_text(&q, ":place", r->place);
	bind_text(&q, ":text", r->text);
	step(&q);
	return done(&q);
}

static int
tell_one(struct store *s, const char *id, json_t *list)
{
	struct query q = query(store_desk(s),
	    "SELECT rule, place, text FROM rule_revision WHERE id = :id");
	json_t *o;

	bind_text(&q, ":id", id);
	if (step(&q)) {
		o = json_object();
		json_put(o, "rule", column_text(&q, 0));
		json_put(o, "place", column_text(&q, 1));
		json_put(o, "text", column_text(&q, 2));
		json_array_append_new(list, o);
	}
	return done(&q);
}

int
rulings_tell(struct store *s, const json_t *ids, json_t **ret)
{
	json_t *list = json_array();
	const json_t *id;
	size_t i;
	int code = 0;

	json_array_foreach(ids, i, id)
		if (code == 0 && json_is_string(id))
			code = tell_one(s, json_string_value(id), list);
	if (code < 0)
		json_decref(list);
	else
		*ret = list;
	return code;
}

int
rulings_sweep(struct store *s)
{
	/* The first event looked at is the one it was kept with, unless that
	 * is gone; only what nothing has any more is looked for to the end. */
	return db_exec(store_desk(s),
	    "DELETE FROM rule_revision AS r WHERE NOT EXISTS ("
	    "  SELECT 1 FROM event e WHERE e.seq > r.since_seq"
	    "  AND (e.data ->> 'rule_revision' = r.id OR EXISTS ("
	    "   SELECT 1 FROM json_each(e.data, '$.rule_revisions') j"
	    "   WHERE j.value = r.id)))"
	    " AND NOT EXISTS (SELECT 1 FROM reply p,"
	    "  json_each(p.rules, '$.rule_revisions') j"
	    "  WHERE j.value = r.id)");
}
