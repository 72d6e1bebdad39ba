/*
 * fuzz: a question of any bytes, and what was said before, to its passages
 *
 * Behind a NUL stands the line before. Scores fall, and nothing is found
 * twice.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "kb/search.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct db *db;
	static struct kb *kb;
	const char *context[2] = { NULL, NULL };
	struct kb_query q = { .context = context, .limit = 5, .explain = true };
	struct kb_hits *hits = NULL;
	char *all, *text;
	size_t i, cut;

	if (kb == NULL) {
		db = base_new(60);
		if (kb_open(db, &kb) < 0)
			abort();
	}
	all = xmalloc(size + 1);
	if (size > 0)
		memcpy(all, data, size);
	all[size] = '\0';
	cut = strlen(all);
	text = utf8_mend(all, cut);
	q.text = text;
	if (cut < size)
		context[0] = utf8_mend(all + cut + 1, size - cut - 1);
	if (kb_search(kb, &q, &hits) == 0) {
		for (i = 0; i < hits->count; i++)
			if (!isfinite(hits->hit[i].score) ||
			    hits->hit[i].rank != (int)i + 1 ||
			    (i > 0 &&
				(hits->hit[i].score > hits->hit[i - 1].score ||
				    hits->hit[i].row == hits->hit[i - 1].row)))
				abort();
		kb_hits_free(hits);
	}
	free((char *)context[0]);
	free(text);
	free(all);
	return 0;
}
