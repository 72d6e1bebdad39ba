/* fuzz: a sitemap, packed or not */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "kb/sitemap.h"

static void
on_url(void *ctx, const char *url, bool is_sitemap)
{
	(void)is_sitemap;
	*(size_t *)ctx += strlen(url);
	if (*url == '\0')
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t total = 0;

	sitemap_read((const char *)data, size, on_url, &total);
	return 0;
}
