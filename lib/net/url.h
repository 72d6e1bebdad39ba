/*
 * url - addresses of pages, one spelling for each
 *
 * Read by curl's URL API, the code that fetches. Two spellings of one page
 * become the same: case of scheme and host, default ports, dot segments, %7e
 * and ~, other letters percent-encoded, no fragment, and none of the
 * parameters that only say where a visitor came from or who he is.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include <stdbool.h>
#include <stddef.h>

#define URL_MAX_BYTES 2000

/*
 * The one spelling of text, which may be relative to base (NULL: it is not).
 * The caller frees. ERR_DATA: no address of http or https without a password,
 * or too long. ERR_UNAVAILABLE: no curl.
 */
int url_normal(const char *text, const char *base, char **ret);

/* Whether a parameter, "name=value", tells who came from where, or a session. */
bool url_is_tracking(const char *p, size_t len);

/* Text of a path in that spelling, such as a pattern; the caller frees. */
char *url_spell(const char *text);

/* Of a normal one: "https://example.com:8443"; the caller frees. */
char *url_origin(const char *url);

/* Of a normal one: from the "/" behind the host on; borrowed. */
const char *url_path(const char *url);

/* Of a normal one: the bytes of its path, up to the query. */
int url_path_length(const char *url);

#endif
