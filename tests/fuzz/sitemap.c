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
	struct sitemap_room room = { 1 << 20, 1000 };
	size_t total = 0;

	sitemap_read((const char *)data, size, &room, on_url, &total);
	if (room.bytes > 1 << 20 || room.urls < 0 || room.urls > 1000)
		abort();
	return 0;
}
