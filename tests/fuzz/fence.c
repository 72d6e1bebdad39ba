/* fuzz: what others wrote cannot close its fence, is UTF-8 and does not grow
 * beyond measure; and a prompt of it keeps its marks */
#include <stdlib.h>
#include <string.h>

#include "ai/fence.h"
#include "ai/provider.h"
#include "base/utf8.h"
#include "fuzz.h"

static size_t
count(const char *text, const char *mark)
{
	size_t n = 0;

	for (text = strstr(text, mark); text != NULL;
	     text = strstr(text + 1, mark))
		n++;
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b = BUF_INIT(0);
	char *text = xstrndup((const char *)data, size);
	struct kb_hit hit = { .title = text, .section = text, .text = text };
	struct kb_hits hits = { &hit, 1 };
	struct profile p = { .kind = PROVIDER_ANTHROPIC,
		.provider = "anthropic",
		.max_tokens = 100,
		.context_tokens = 4000 };
	struct provider_ask ask = { .profile = &p,
		.question = text,
		.hits = &hits };
	struct provider_request r;
	json_t *body = NULL;
	const char *user;

	fence_data(&b, text, size);
	if (b.len > 0 &&
	    (strstr(b.data, "<<") != NULL || strstr(b.data, ">>") != NULL ||
		strstr(b.data, "<>") != NULL || strchr(b.data, 27) != NULL ||
		!utf8_valid(b.data, b.len) || b.len > 3 * size))
		abort();
	provider_request(&ask, &r);
	if (json_object_parse(r.body, strlen(r.body), &body) < 0)
		abort();
	user = json_str(body, "messages/0/content");
	if (user == NULL || count(user, "<<") != 2 + 2 * r.passages)
		abort();
	json_decref(body);
	provider_request_release(&r);
	buf_release(&b);
	free(text);
	return 0;
}
