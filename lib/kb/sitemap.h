/*
 * sitemap - the addresses a site lists of itself
 *
 * A list of pages, or of further sitemaps; XML or an address a line; gzip or
 * not. Other parts of the XML are passed over; no entity is fetched.
 */
#ifndef KB_SITEMAP_H
#define KB_SITEMAP_H

#include <stdbool.h>
#include <stddef.h>

#define SITEMAP_MAX_BYTES (50 << 20) /* unpacked; more is no sitemap */
#define SITEMAP_MAX_URLS 50000

/* What the sitemaps of a site may still take together; less for each. */
struct sitemap_room {
	size_t bytes; /* unpacked */
	long urls;
};
#define SITEMAP_ROOM                                   \
	{                                              \
		4 * (size_t)SITEMAP_MAX_BYTES, 500000L \
	}

/* Told an address as it stands there, and whether it is another sitemap's. */
typedef void (*sitemap_fn)(void *ctx, const char *url, bool is_sitemap);

/* Read one. ERR_DATA says what is wrong, or that there was no room for more;
 * what came before that was told. */
int sitemap_read(const char *bytes, size_t len, struct sitemap_room *room,
    sitemap_fn fn, void *ctx);

#endif
