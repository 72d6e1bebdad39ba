/* fuzz: a robots.txt, and behind a NUL a path to ask about */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "kb/robots.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const uint8_t *nul = size > 0 ? memchr(data, '\0', size) : NULL;
	size_t len = nul != NULL ? (size_t)(nul - data) : size;
	struct robots *r = robots_parse(text, len, "frontdesk");
	char *path = nul != NULL ? xstrndup(text + len + 1, size - len - 1) :
				   xstrdup("/a/b.php?c=d");

	robots_allow(r, path);
	robots_delay_ms(r);
	for (size_t i = 0; robots_sitemap(r, i) != NULL; i++)
		;
	robots_free(r);
	free(path);
	return 0;
}
