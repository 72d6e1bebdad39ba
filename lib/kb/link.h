/*
 * link - the address of a link, where its words do not tell it
 *
 * "Send it back here" is of no use to who cannot click on it: the address is
 * told behind such words, "here (https://example.com/returns)", and so are
 * mail addresses and numbers that the words do not have.
 */
#ifndef KB_LINK_H
#define KB_LINK_H

#include <stddef.h>

#define LINK_MAX_BYTES 200 /* a longer address is not told */

/*
 * What to add to text, len bytes that are a link to href: " (address)", or the
 * address where there are no words; NULL: nothing. It is http, https, mailto
 * or tel, without tracking parameters. base: the address of the page, for one
 * that is told from there; NULL: not known. The caller frees.
 */
char *link_told(const char *text, size_t len, const char *href,
    const char *base);

/* The address in the code of a field, HYPERLINK "address", of Word and RTF;
 * NULL: it is none. The caller frees. */
char *link_of_field(const char *code);

#endif
