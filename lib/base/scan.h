/*
 * scan - is this line a JSON object, and of what type? without building it
 *
 * Most lines a stage sees are none of its business: they are copied. For them
 * a scan of the bytes is enough, some ten times cheaper than parsing.
 */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True if text is one JSON object (RFC 8259, UTF-8, at most JSON_DEPTH_MAX
 * deep) with a member "type" that is a string without escapes; *ret_type
 * points into text. False if it is not, or if it is not plain enough to be
 * sure: then json_object_parse() decides. Of two members "type" it is not
 * sure. Duplicate keys elsewhere are not looked for.
 */
bool scan_type(const char *text, size_t len, const char **ret_type,
    size_t *ret_len);

#endif
