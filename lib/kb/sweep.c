/* sweep - rows that are not wanted any more go, in turns */
#include "kb/sweep.h"

/* One turn's worth. 1: there may be more. */
static int
sweep_some(struct db *kb, const char *find, const char *del,
    const char *document, sweep_fn forget)
{
	int64_t rows[DB_BATCH_ROWS];
	struct query q = query(kb, find);
	size_t n = 0, i;
	int code;

	if (document != NULL)
		bind_text(&q, ":document", document);
	while (n < DB_BATCH_ROWS && step(&q))
		rows[n++] = column_int(&q, 0);
	code = done(&q);
	if (code < 0 || n == 0)
		return code;
	code = db_begin(kb);
	for (i = 0; i < n && code == 0; i++) {
		q = query(kb, del);
		bind_int(&q, ":row", rows[i]);
		step(&q);
		code = done(&q);
		if (db_turn_over(kb))
			n = i + 1;
	}
	if (code == 0 && forget != NULL)
		code = forget(kb, rows, n);
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code < 0 ? code : 1;
}

int
sweep_rows(struct db *kb, const char *find, const char *del,
    const char *document, sweep_fn forget)
{
	int code;

	while ((code = sweep_some(kb, find, del, document, forget)) > 0)
		;
	return code;
}
