/* fuzz: Rich Text Format and CSV to text */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "kb/block.h"

#define OUTPUT_MAX (1 << 20)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kb_text t = { 0 };
	struct blocks b = { .text = &t, .max = OUTPUT_MAX };
	const char *text = (const char *)data + 1;
	char delimiter;
	size_t i;

	if (size == 0)
		return 0;
	if (data[0] % 2 == 0)
		extract_rtf(text, size - 1, &b);
	else {
		delimiter = csv_delimiter(text, size - 1, true);
		extract_csv(text, size - 1, delimiter, &b);
	}
	for (i = 0; i < t.count; i++)
		if (!utf8_valid(t.block[i].text, strlen(t.block[i].text)))
			abort();
	kb_text_release(&t);
	return 0;
}
