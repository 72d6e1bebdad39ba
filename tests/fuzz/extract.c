/* fuzz: a document of any kind to its text and its passages */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "kb/boilerplate.h"
#include "kb/chunk.h"
#include "kb/tool.h"

#define OUTPUT_MAX (1 << 20)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { NULL, "a.md", "a.html", "a.txt" };
	struct kb_passages p;
	struct kb_text t;

	if (size == 0)
		return 0;
	tool_none(); /* what catdoc takes half a minute for is no finding */
	if (kb_extract((const char *)data + 1, size - 1, names[data[0] % 4],
		OUTPUT_MAX, &t) < 0)
		return 0;
	for (size_t i = 0; i < t.count; i++)
		if (!utf8_valid(t.block[i].text, strlen(t.block[i].text)))
			abort();
	boilerplate_of_pages(&t);
	kb_chunk(&t, NULL, &p);
	for (size_t i = 0; i < p.count; i++)
		if (!utf8_valid(p.passage[i].text, strlen(p.passage[i].text)) ||
		    p.passage[i].start > p.passage[i].end)
			abort();
	kb_passages_release(&p);
	kb_text_release(&t);
	return 0;
}
