/* names - names in use of a kind, for a shell to complete */
#include <string.h>

#include "base/err.h"
#include "desk/names.h"

static const struct {
	const char *kind, *sql;
} kinds[] = {
	{ "conversation",
	    "SELECT c.id, coalesce(ct.name, '') FROM conversation c"
	    " JOIN contact ct ON ct.id = c.contact WHERE c.status IN"
	    " ('open', 'snoozed') AND c.merged_into IS NULL" },
	{ "contact",
	    "SELECT id, coalesce(name, '') FROM contact"
	    " WHERE merged_into IS NULL AND erased = 0" },
	{ "instance",
	    "SELECT name, '' FROM instance WHERE removed_ms IS NULL" },
	{ "person",
	    "SELECT name, coalesce(full_name, '') FROM person"
	    " WHERE active UNION ALL SELECT 'me', ''" },
	{ "tag", "SELECT DISTINCT tag, '' FROM conversation_tag" },
	{ "team",
	    "SELECT DISTINCT team, '' FROM conversation"
	    " WHERE team IS NOT NULL UNION SELECT name, '' FROM team" },
};

int
names_each(struct store *s, const char *kind,
    void (*each)(void *ctx, const char *name, const char *of), void *ctx)
{
	struct query q;
	size_t i;

	for (i = 0; strcmp(kinds[i].kind, kind) != 0;)
		if (++i == sizeof(kinds) / sizeof(kinds[0]))
			return err_set(ERR_USAGE, "no names are of kind '%s'",
			    kind);
	q = query(store_desk(s), kinds[i].sql);
	while (step(&q))
		each(ctx, column_text(&q, 0), column_text(&q, 1));
	return done(&q);
}
