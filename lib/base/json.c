/* json - JSON values: looking into them and making them */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"

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
	size_t len;

	if (text == NULL)
		return json_null();
	len = strlen(text);
	/* jansson looks at each byte by itself. */
	value = utf8_plain_length(text, len) == len ?
	    json_stringn_nocheck(text, len) :
	    json_stringn(text, len);
	if (value == NULL) {
		mended = utf8_mend(text, len);
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
