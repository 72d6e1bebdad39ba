/* fuzz: texts of customers, masked and grouped */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "report/question.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const languages[] = { NULL, "en", "de-AT", "es",
		"x" };
	struct questions *q = questions_new();
	char *all = utf8_mend((const char *)data, size), *rest = all, *line;
	const struct question_group *g;
	int64_t messages = 0;
	char id[16];
	size_t n = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char *masked = question_mask(line);

		if (!utf8_valid(masked, strlen(masked)))
			abort();
		free(masked);
		snprintf(id, sizeof(id), "c%zu", n % 7);
		questions_add(q, id, languages[n % 5], line, n % 3 == 0);
		n++;
	}
	questions_group(q);
	g = questions_groups(q, &n);
	for (size_t i = 0; i < n; i++) {
		messages += g[i].messages;
		if (g[i].customers < 2 || g[i].handed > g[i].messages)
			abort();
	}
	if (messages > questions_counted(q))
		abort();
	questions_free(q);
	free(all);
	return 0;
}
