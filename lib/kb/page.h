/*
 * page - what a crawler wants to know of a page of HTML
 *
 * Its links, and what it says of itself to machines. The text is none of its
 * business (see kb/extract.h). Nothing is fetched.
 */
#ifndef KB_PAGE_H
#define KB_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#define PAGE_LINKS_MAX 20000

struct page {
	bool noindex, nofollow; /* <meta name=robots>, or by our own name */
	char *base;		/* <base href>, as it stands; NULL: none */
	char *canonical;	/* <link rel=canonical>; NULL: none */
	char *refresh;		/* where <meta http-equiv=refresh> leads */
	bool has_frames;	/* it is made of other pages */
	size_t text_bytes;	/* of its text, but blanks; about */
	char **link;		/* as they stand, in order */
	size_t count;
};

/* Read len bytes of UTF-8, for the crawler agent. End with page_release(). */
void page_read(const char *text, size_t len, const char *agent,
    struct page *ret);
void page_release(struct page *p);

/*
 * Add what a robots directive ("noindex, nofollow", "frontdesk: none") says,
 * as from a header.
 */
void page_obey(struct page *p, const char *directive, const char *agent);

#endif
