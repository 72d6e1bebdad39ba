/* terms - the words of the index that begin alike */
#include <string.h>

#include "kb/terms.h"

static int
each_of(struct db *db, int64_t segment, const char *begin, size_t len,
    size_t max, term_fn each, void *ctx)
{
	struct query q = query(db,
	    "SELECT term FROM segment_term"
	    " WHERE segment = :segment AND term >= :begin"
	    " ORDER BY term LIMIT :max");
	const char *term;

	bind_int(&q, ":segment", segment);
	bind_textn(&q, ":begin", begin, len);
	bind_int(&q, ":max", (int64_t)max);
	while (step(&q)) {
		term = column_text(&q, 0);
		if (strncmp(term, begin, len) != 0)
			break;
		each(ctx, term, strlen(term));
	}
	return done(&q);
}

int
terms_from(struct db *db, const struct segments *s, const char *begin,
    size_t len, size_t max, term_fn each, void *ctx)
{
	size_t i;
	int code = 0;

	for (i = 0; i < s->count && code == 0; i++)
		code =
		    each_of(db, s->segment[i].id, begin, len, max, each, ctx);
	return code;
}
