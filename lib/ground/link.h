/*
 * link - links and mail addresses as they stand in a text, in one form
 */
#ifndef GROUND_LINK_H
#define GROUND_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link {
	bool is_mail;
	bool is_hidden; /* holds signs that cannot be seen */
	bool is_host;	/* no path, no query */
	uint64_t text;	/* a hash of host, path and query as compared */
	uint64_t host;
};

/*
 * The bytes of the link that begins at p, 0 if none does. With or without a
 * scheme; a bare host only under a top-level domain that is known here. Not
 * compared: http or https, www., case of the host, a slash at the end, what
 * only tracks readers.
 */
size_t link_at(const char *p, const char *end, struct link *ret);

/* A copy of text with blanks in place of its links, addresses and telephone
 * numbers; the caller frees. */
char *link_left_out(const char *text);

/* Whether it has one. */
bool link_any(const char *text);

/* Whether a word is a top-level domain, as in "example dot com". */
bool link_is_domain(const char *word, size_t len);

#endif
