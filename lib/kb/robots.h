/*
 * robots - what a site lets a crawler fetch, by RFC 9309
 *
 * The groups that name us count together, else those for everyone. The longest
 * rule that matches decides, and of two as long the one that allows. * stands
 * for anything, $ at the end for the end. Paths are compared as they are
 * percent-encoded, in one spelling.
 */
#ifndef KB_ROBOTS_H
#define KB_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROBOTS_MAX_BYTES (512 * 1024) /* what is behind is not read */

struct robots;

/* Read len bytes of a robots.txt for the crawler agent ("frontdesk"). */
struct robots *robots_parse(const char *text, size_t len, const char *agent);

/* One that allows all, or nothing: for a file that is not there or broken. */
struct robots *robots_all(bool allowed);

void robots_free(struct robots *r);

/* Whether a path with its query, percent-encoded, may be fetched. */
bool robots_allow(const struct robots *r, const char *path);

/* Crawl-delay of our group; 0: none. */
int64_t robots_delay_ms(const struct robots *r);

/* The i-th Sitemap line as it stands there; NULL behind the last. Borrowed. */
const char *robots_sitemap(const struct robots *r, size_t i);

#endif
