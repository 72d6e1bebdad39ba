/* hits - how often each rule has fired, from the log alone */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "rules/hits.h"
#include "store/log.h"

struct hits {
	char *rule;
	int64_t count, last_ms;
};

/* Who is told. */
struct teller {
	void (*tell)(void *ctx, const json_t *line);
	void *ctx;
};

/* A rule that has fired, or could have. */
static void
tell_one(const struct teller *t, const char *rule, int64_t hits,
    int64_t last_ms, bool gone)
{
	json_t *line = json_object();
	char text[TIME_TEXT_BYTES];

	json_put(line, "rule", rule);
	json_put_int(line, "hits", hits);
	if (hits > 0)
		json_put(line, "last", time_text(last_ms, text));
	if (hits == 0)
		json_put_new(line, "dead", json_true());
	if (gone)
		json_put_new(line, "gone", json_true());
	t->tell(t->ctx, line);
	json_decref(line);
}

/*
 * How often each name stands in the log. That of a rule without a label is its
 * line, and means the rule of today only in the file of today.
 */
static int
read_hits(struct store *s, const struct rules *r, int64_t since_ms,
    struct hits **ret, size_t *ret_count)
{
	struct query q;
	struct hits *list = NULL;
	size_t n = 0;
	int64_t seq = 0;
	int code = log_since(s, since_ms, &seq);

	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "SELECT j.value, count(*), max(e.time_ms)"
	    " FROM event e, json_each(e.data, '$.rules') j"
	    " WHERE e.seq > :seq"
	    " AND e.type IN ('message.routed', 'rules.fired')"
	    " AND (e.data ->> 'revision' = :revision"
	    "  OR ltrim(substr(j.value, instr(j.value, ':') + 1),"
	    "   '0123456789') <> '')"
	    " GROUP BY j.value ORDER BY j.value");
	bind_int(&q, ":seq", seq);
	bind_text(&q, ":revision", rules_revision(r));
	while (step(&q)) {
		list = xrealloc(list, (n + 1) * sizeof(*list));
		list[n].rule = column_copy(&q, 0);
		list[n].count = column_int(&q, 1);
		list[n++].last_ms = column_int(&q, 2);
	}
	*ret = list;
	*ret_count = n;
	return done(&q);
}

/* Those of the file in its order, then those that are there no more. */
static void
tell_all(const struct teller *t, const struct rules *r, const struct hits *list,
    size_t n)
{
	const char *name;
	size_t i, j;

	for (i = 0; (name = rules_name(r, i)) != NULL; i++) {
		for (j = 0; j < n && strcmp(list[j].rule, name) != 0; j++)
			;
		tell_one(t, name, j < n ? list[j].count : 0,
		    j < n ? list[j].last_ms : 0, false);
	}
	for (j = 0; j < n; j++) {
		for (i = 0; (name = rules_name(r, i)) != NULL; i++)
			if (strcmp(list[j].rule, name) == 0)
				break;
		if (name == NULL)
			tell_one(t, list[j].rule, list[j].count,
			    list[j].last_ms, true);
	}
}

int
hits_tell(struct store *s, const struct rules *r, int64_t since_ms,
    void (*tell)(void *ctx, const json_t *line), void *ctx)
{
	const struct teller t = { tell, ctx };
	struct hits *list = NULL;
	size_t n = 0;
	int code = read_hits(s, r, since_ms, &list, &n);

	if (code == 0)
		tell_all(&t, r, list, n);
	while (n > 0)
		free(list[--n].rule);
	free(list);
	return code;
}
