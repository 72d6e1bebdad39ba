/* fuzz: a stream of events, whole and cut in two: the same events */
#include <stdlib.h>
#include <string.h>

#include "ai/sse.h"
#include "fuzz.h"

static int
note(void *arg, const char *event, const char *data, size_t len)
{
	struct buf *b = arg;

	if (strlen(event) >= SSE_EVENT_BYTES || data[len] != '\0')
		abort();
	buf_adds(b, event);
	buf_addc(b, '|');
	buf_add(b, data, len);
	buf_addc(b, '\n');
	return 0;
}

static char *
read_all(const uint8_t *data, size_t size, size_t cut)
{
	struct buf b = BUF_INIT(0);
	struct sse s;

	sse_init(&s, 8192, note, &b);
	if (sse_feed(&s, data, cut) == 0 &&
	    sse_feed(&s, data + cut, size - cut) == 0)
		sse_end(&s);
	sse_release(&s);
	return buf_detach(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *one, *two;

	if (size < 1)
		return 0;
	one = read_all(data + 1, size - 1, size - 1);
	two = read_all(data + 1, size - 1, data[0] % size);
	if (strcmp(one, two) != 0)
		abort();
	free(one);
	free(two);
	return 0;
}
