/* fuzz: the response of a model, as it comes in: an answer that can be sent, or
 * none with a reason, and the same however it is cut */
#include <stdlib.h>
#include <string.h>

#include "ai/provider.h"
#include "base/utf8.h"
#include "fuzz.h"

static struct provider_answer
read_in(const struct provider_ask *ask, int status, const uint8_t *data,
    size_t size, size_t piece)
{
	struct provider_reader *r = provider_reader_new(ask);
	struct provider_answer a;
	size_t n;

	for (; size > 0; data += n, size -= n) {
		n = size < piece ? size : piece;
		if (provider_feed(r, data, n) != 0)
			break;
	}
	provider_end(r, status, -1, &a);
	provider_reader_free(r);
	return a;
}

static void
check(const struct provider_answer *a)
{
	size_t i;

	if (a->text != NULL &&
	    (*a->text == '\0' || !utf8_valid(a->text, strlen(a->text))))
		abort();
	for (i = 0; i < a->nsources; i++)
		if (a->sources[i] <= 0)
			abort();
	if (a->outcome == PROVIDER_ANSWERED && a->action == ACTION_ASK &&
	    a->text == NULL)
		abort();
	for (i = 0; i < a->ncalls; i++)
		if (a->calls[i].id == NULL || a->calls[i].name == NULL ||
		    !json_is_object(a->calls[i].arguments))
			abort();
	if (a->outcome == PROVIDER_TOOLS && a->ncalls == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 200, 0, 400, 422, 429, 500, 200 };
	struct provider_tool tool = { "order_status", "Where it is.", NULL };
	struct profile p = { .kind = PROVIDER_OPENAI,
		.provider = "openai",
		.stream = true,
		.has_temperature = true,
		.max_tokens = 100,
		.context_tokens = 1000 };
	struct provider_ask ask = { .profile = &p,
		.question = "?",
		.tools = &tool,
		.ntools = 1 };
	struct provider_answer one, two;
	int status;

	if (size < 1)
		return 0;
	if (data[0] & 1)
		p.kind = PROVIDER_ANTHROPIC;
	if (data[0] & 2)
		p.format = FORMAT_TEXT;
	ask.task = (enum provider_task)(data[0] >> 2 & 3) % 3;
	status = statuses[data[0] >> 4 & 7];
	one = read_in(&ask, status, data + 1, size - 1, size);
	two = read_in(&ask, status, data + 1, size - 1, 1 + data[0] % 7);
	check(&one);
	if (one.outcome != two.outcome ||
	    strcmp(one.text != NULL ? one.text : "",
		two.text != NULL ? two.text : "") != 0)
		abort();
	provider_answer_release(&one);
	provider_answer_release(&two);
	return 0;
}
