/* fuzz: a page in any charset to its links */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "kb/block.h"
#include "kb/page.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const charsets[] = { NULL, "utf-8", "iso-8859-1",
		"shift_jis", "utf-16", "iso-2022-jp", "utf-7", "none" };
	struct page p;
	size_t len;
	char *text;

	if (size == 0)
		return 0;
	text = text_utf8((const char *)data + 1, size - 1,
	    charsets[data[0] % 8], data[0] & 8, &len);
	if (!utf8_valid(text, len))
		abort();
	page_read(text, len, "frontdesk", &p);
	page_obey(&p, text, "frontdesk");
	page_release(&p);
	free(text);
	return 0;
}
