/* json - JSON values, by way of jansson */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"

/* jansson itself stops at 2,048 levels; every consumer behind us stops sooner. */
static int
depth(const json_t *value, int level)
{
	const char *key;
	json_t *child;
	size_t i;

	if (level > JSON_DEPTH_MAX)
		return -1;
	if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, child)
			if (depth(child, level + 1) < 0)
				return -1;
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, child)
			if (depth(child, level + 1) < 0)
				return -1;
	}
	return 0;
}

static int
parse(const char *text, size_t len, size_t flags, json_t **ret)
{
	json_error_t e;
	json_t *value = json_loadb(text, len, flags, &e);

	if (value == NULL)
		return err_set(ERR_DATA, "not JSON: %s at byte %d", e.text,
		    e.position);
	if (depth(value, 0) < 0) {
		json_decref(value);
		return err_set(ERR_DATA, "nested deeper than %d levels",
		    JSON_DEPTH_MAX);
	}
	*ret = value;
	return 0;
}

int
json_value_parse(const char *text, size_t len, json_t **ret)
{
	return parse(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, ret);
}

static int
object_only(json_t *value, json_t **ret)
{
	if (!json_is_object(value)) {
		json_decref(value);
		return err_set(ERR_DATA, "not a JSON object");
	}
	*ret = value;
	return 0;
}

static int
hex4(const char *p)
{
	int n = 0, i;

	for (i = 0; i < 4; i++) {
		n <<= 4;
		if (p[i] >= '0' && p[i] <= '9')
			n |= p[i] - '0';
		else if ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'f')
			n |= (p[i] | 32) - 'a' + 10;
		else
			return -1;
	}
	return n;
}

/* Replace escapes no string may hold: lone surrogates and \u0000. */
static char *
mend_escapes(char *text, size_t len)
{
	size_t i;
	int a, b;

	for (i = 0; i + 5 < len; i++) {
		if (text[i] != '\\')
			continue;
		if (text[i + 1] != 'u') {
			i++;
			continue;
		}
		a = hex4(text + i + 2);
		if (a >= 0xd800 && a < 0xdc00 && i + 11 < len &&
		    text[i + 6] == '\\' && text[i + 7] == 'u') {
			b = hex4(text + i + 8);
			if (b >= 0xdc00 && b < 0xe000) {
				i += 11;
				continue;
			}
		}
		if (a == 0 || (a >= 0xd800 && a < 0xe000))
			memcpy(text + i + 2, "fffd", 4);
		i += 5;
	}
	return text;
}

/* The end of the string that opens at i. */
static size_t
string_end(const char *text, size_t len, size_t i)
{
	for (i++; i < len && text[i] != '"'; i++)
		if (text[i] == '\\')
			i++;
	return i;
}

/* Whether the library can hold the number at text, len long. */
static bool
number_fits(const char *text, size_t len)
{
	return len <= 18 && memchr(text, 'e', len) == NULL &&
	    memchr(text, 'E', len) == NULL;
}

/*
 * What the library cannot hold though it is JSON: numbers of any size become
 * strings of their digits, and escapes of NUL and of lone surrogates U+FFFD.
 */
static char *
mend_values(const char *text, size_t len)
{
	struct buf b = BUF_INIT(0);
	size_t i = 0, end, n;
	char *escapes;

	while (i < len) {
		if (text[i] == '"') {
			end = string_end(text, len, i);
			n = (end < len ? end + 1 : len) - i;
			escapes = mend_escapes(xstrndup(text + i, n), n);
			buf_add(&b, escapes, n);
			free(escapes);
			i += n;
			continue;
		}
		n = 0;
		while (i + n < len && strchr("+-.0123456789eE", text[i + n]))
			n++;
		/* "true" and "false" end in an e of their own. */
		if (n > 0 &&
		    (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) &&
		    !number_fits(text + i, n)) {
			buf_addc(&b, '"');
			buf_add(&b, text + i, n);
			buf_addc(&b, '"');
			i += n;
			continue;
		}
		if (n == 0)
			n = 1;
		buf_add(&b, text + i, n);
		i += n;
	}
	return buf_detach(&b);
}

/* The same object again, with the values mended that stopped the parser. */
static int
parse_mended(const char *text, size_t len, size_t flags, json_t **ret)
{
	char *mended = mend_values(text, len);
	int code = parse(mended, strlen(mended), flags, ret);

	free(mended);
	return code;
}

int
json_object_parse(const char *text, size_t len, json_t **ret)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
	json_t *value;
	char *reason;
	int code = parse(text, len, flags, &value);

	if (code < 0) {
		/* The first reason is about what the sender wrote. */
		reason = xstrdup(err_reason());
		code =
		    utf8_valid(text, len) && memchr(text, '\0', len) == NULL ?
		    parse_mended(text, len, flags, &value) :
		    ERR_DATA;
		if (code < 0)
			err_set(ERR_DATA, "%s", reason);
		free(reason);
	}
	return code < 0 ? code : object_only(value, ret);
}

int
json_lenient(const char *text, size_t len, json_t **ret)
{
	json_t *value;
	char *mended;
	int code;

	code = parse(text, len, JSON_DECODE_ANY, &value);
	if (code < 0) {
		mended = utf8_mend(text, len);
		code = parse_mended(mended, strlen(mended), JSON_DECODE_ANY,
		    &value);
		free(mended);
	}
	return code < 0 ? code : object_only(value, ret);
}

char *
json_text(const json_t *value)
{
	char *text;

	if (value == NULL)
		return xstrdup("null");
	text = json_dumps(value,
	    JSON_COMPACT | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
	return text != NULL ? text : xstrdup("null");
}

json_t *
json_at(const json_t *value, const char *path)
{
	char key[128], *end;
	const char *slash;
	size_t len;
	long place;

	while (value != NULL && *path != '\0') {
		slash = strchr(path, '/');
		len = slash != NULL ? (size_t)(slash - path) : strlen(path);
		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		path += len + (slash != NULL);
		if (json_is_array(value)) {
			place = strtol(key, &end, 10);
			value = *end == '\0' && place >= 0 ?
			    json_array_get(value, (size_t)place) :
			    NULL;
		} else
			value = json_object_get(value, key);
	}
	return (json_t *)value;
}

const char *
json_str(const json_t *value, const char *path)
{
	return json_string_value(json_at(value, path));
}

const char *
json_str_or(const json_t *value, const char *path, const char * or)
{
	const char *s = json_str(value, path);

	return s != NULL ? s : or ;
}

int64_t
json_int_or(const json_t *value, const char *path, int64_t or)
{
	const json_t *found = json_at(value, path);
	int64_t n;

	if (json_is_integer(found))
		return json_integer_value(found);
	if (json_is_real(found) && json_real_value(found) > -9e18 &&
	    json_real_value(found) < 9e18)
		return (int64_t)json_real_value(found);
	if (json_is_string(found) &&
	    str_int(json_string_value(found), INT64_MIN, INT64_MAX, &n) == 0)
		return n;
	return or ;
}

bool
json_bool_or(const json_t *value, const char *path, bool or)
{
	const json_t *found = json_at(value, path);

	return json_is_boolean(found) ? json_is_true(found) : or ;
}

json_t *
json_text_new(const char *text)
{
	json_t *value;
	char *mended;

	if (text == NULL)
		return json_null();
	value = json_string(text);
	if (value == NULL) {
		mended = utf8_mend(text, strlen(text));
		value = json_string(mended);
		free(mended);
	}
	return value;
}

void
json_put(json_t *object, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		json_object_set_new(object, key, json_text_new(text));
}

void
json_put_int(json_t *object, const char *key, int64_t number)
{
	json_object_set_new(object, key, json_integer(number));
}

void
json_put_new(json_t *object, const char *key, json_t *value)
{
	if (value != NULL)
		json_object_set_new(object, key, value);
}
