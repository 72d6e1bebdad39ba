/* cursor - how far a named reader has come */
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "store/cursor.h"
#include "store/log.h"

int
cursor_get(struct store *s, const char *name, const char *from,
    int64_t *ret_seq)
{
	struct query q =
	    query(store_desk(s), "SELECT seq FROM cursor WHERE name = :name");
	bool found = false;
	int64_t seq = 0;
	int code;

	bind_text(&q, ":name", name);
	if (step(&q)) {
		found = true;
		seq = column_int(&q, 0);
	}
	code = done(&q);
	if (code < 0)
		return code;
	if (found) {
		*ret_seq = seq;
		return 0;
	}
	if (from == NULL || strcmp(from, "end") == 0)
		code = log_last(s, &seq);
	else if (strcmp(from, "start") == 0)
		seq = 0;
	else
		code = str_int(from, 0, INT64_MAX, &seq);
	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "INSERT INTO cursor (name, seq, start_seq, updated_ms)"
	    " VALUES (:name, :seq, :seq, :now)");
	bind_text(&q, ":name", name);
	bind_int(&q, ":seq", seq);
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	if (code == 0)
		*ret_seq = seq;
	return code;
}

int
cursor_move(struct store *s, const char *name, int64_t old, int64_t seq)
{
	struct query q = query(store_desk(s),
	    "UPDATE cursor SET seq = :seq, updated_ms = :now"
	    " WHERE name = :name AND seq = :old");
	int code;

	bind_text(&q, ":name", name);
	bind_int(&q, ":old", old);
	bind_int(&q, ":seq", seq);
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	if (code == 0 && db_changes(store_desk(s)) != 1)
		code = err_set(ERR_BUSY,
		    "cursor %s was moved by another process", name);
	return code;
}

int
cursor_passed(struct store *s, const char *name, int64_t seq)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM cursor"
	    " WHERE name = :name AND :seq > start_seq AND :seq <= seq");

	bind_text(&q, ":name", name);
	bind_int(&q, ":seq", seq);
	return any_row(&q);
}
