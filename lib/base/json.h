/*
 * json - JSON values, by way of jansson
 *
 * The one header that names the JSON library. Values are jansson's (json_t,
 * counted references: json_incref, json_decref); text is read and written by
 * the functions here and nowhere else, so that limits have one home. They are
 * ours and ten times as fast as jansson's, which the tests hold them to.
 *
 * Keys keep their order. A duplicated key is an error in our own lines and is
 * taken as its last value in other people's (json_lenient).
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/str.h"

#define JSON_DEPTH_MAX 64 /* jq 1.6 stops at 256; ours stay below 16 */

/*
 * The one object in text, strict: UTF-8, no duplicate keys, nothing behind.
 * Numbers too large to be held become strings of their digits, and \u0000 and
 * lone surrogates U+FFFD: they are JSON, and no reason to lose a line.
 * The caller ends *ret with json_decref. ERR_DATA says what and where.
 */
int json_object_parse(const char *text, size_t len, json_t **ret);

/*
 * As above for text of other people: bytes that are not UTF-8, lone
 * surrogates and NULs become U+FFFD, of duplicate keys the last one counts.
 */
int json_lenient(const char *text, size_t len, json_t **ret);

/* As json_object_parse(), and any value will do. */
int json_value_parse(const char *text, size_t len, json_t **ret);

/* A member of an object that is looked for: key, or key in outer. */
struct json_wanted {
	const char *outer; /* NULL: not in another */
	const char *key;
	const char *text; /* its string, in the line; NULL: it is not there */
	size_t len;
};

/*
 * Look at the members of an object, some times cheaper than parsing: for most
 * lines that a stage sees it is enough. True if json_object_parse() would take
 * text but for duplicate keys, of which only wanted ones are looked for, and
 * what is wanted are strings or not there, written without escapes, as are the
 * keys beside it. False if it is not, or not plain enough to be sure: then the
 * parser decides.
 */
bool json_scan(const char *text, size_t len, struct json_wanted *wanted,
    size_t count);

/* The same of the member "type", which must be there. */
bool json_type_scan(const char *text, size_t len, const char **ret_type,
    size_t *ret_len);

/* The value on one line, without LF; the caller frees. NULL gives "null". */
char *json_text(const json_t *value);

/* The same at the end of b. */
void json_write(struct buf *b, const json_t *value);

/*
 * An object that is written and never looked at, member by member as json_put()
 * and json_put_int() have it: begun in an empty b by the first, ended by
 * json_end(). Keys are ASCII without marks that JSON escapes, each once.
 */
void json_add(struct buf *b, const char *key, const char *text);
void json_add_int(struct buf *b, const char *key, int64_t number);
void json_end(struct buf *b);

/*
 * Look along a path of keys and array places, "entry/0/id". Borrowed; NULL if
 * it is not there or value is NULL.
 */
json_t *json_at(const json_t *value, const char *path);

/* A string along a path; NULL if absent or not a string. Borrowed. */
const char *json_str(const json_t *value, const char *path);

/* The same with what stands for none. */
const char *json_str_or(const json_t *value, const char *path, const char * or);

/* An integer, also one written as a string of digits. */
int64_t json_int_or(const json_t *value, const char *path, int64_t or);

bool json_bool_or(const json_t *value, const char *path, bool or);

/* Set key unless text is NULL or ""; text must be UTF-8, else it is mended. */
void json_put(json_t *object, const char *key, const char *text);
void json_put_int(json_t *object, const char *key, int64_t number);
/* Takes the reference of value; NULL is left out. */
void json_put_new(json_t *object, const char *key, json_t *value);

/* A new string value of text, mended to UTF-8 if need be; NULL gives null. */
json_t *json_text_new(const char *text);

#endif
