/* fuzz: what a model wrote is UTF-8 behind it, has nothing in it that
 * nobody sees, and does not grow beyond measure */
#include <stdlib.h>
#include <string.h>

#include "ai/outgoing.h"
#include "base/str.h"
#include "base/utf8.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size),
	     *sent = outgoing_text(text), *seen = outgoing_seen(sent);

	if (!utf8_valid(sent, strlen(sent)) || strcmp(sent, seen) != 0 ||
	    strlen(sent) > 40000 + 8 * size)
		abort();
	free(seen);
	free(sent);
	free(text);
	return 0;
}
