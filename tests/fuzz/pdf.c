/* fuzz: what pdftohtml says of the pages of a PDF, to text */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "kb/block.h"

#define OUTPUT_MAX (1 << 20)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kb_text t = { 0 };
	struct blocks b = { .text = &t, .max = OUTPUT_MAX };
	char *xml = xmalloc(size + 1);
	size_t i;

	if (size > 0)
		memcpy(xml, data, size);
	xml[size] = '\0';
	extract_pdf_xml(xml, size, &b);
	for (i = 0; i < t.count; i++)
		if (!utf8_valid(t.block[i].text, strlen(t.block[i].text)))
			abort();
	kb_text_release(&t);
	free(xml);
	return 0;
}
