/* jsonschema - whether a value is as a JSON Schema says */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "ai/jsonschema.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"

#define DEPTH_MAX 16
#define PATTERN_MAX_BYTES 1000
#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 1000

static const char *const type_names[] = { "object", "array", "string", "number",
	"integer", "boolean", "null", NULL };

/* --- patterns --- */

static pcre2_code *
compile(const char *pattern, int *ret_code)
{
	PCRE2_SIZE at;

	return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY,
	    ret_code, &at, NULL);
}

/* Whether text has a place that is as pattern says; what takes too long is
 * not. */
static bool
matches(const char *pattern, const char *text, size_t len)
{
	int code, got;
	pcre2_code *re = compile(pattern, &code);
	pcre2_match_data *data;
	pcre2_match_context *context;

	if (re == NULL)
		return false;
	data = pcre2_match_data_create(1, NULL);
	context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(context, MATCH_LIMIT);
	pcre2_set_depth_limit(context, DEPTH_LIMIT);
	got = pcre2_match(re, (PCRE2_SPTR)text, len, 0, 0, data, context);
	pcre2_match_context_free(context);
	pcre2_match_data_free(data);
	pcre2_code_free(re);
	return got >= 0;
}

/* --- the schema itself --- */

static int check(const json_t *schema, const char *at, int depth);

static int
fault(const char *at, const char *key, const char *why)
{
	return err_set(ERR_CONFIG, "%s%s%s: %s", at, *at != '\0' ? ": " : "",
	    key, why);
}

static int
check_type(const json_t *value, const char *at)
{
	const char *name = json_string_value(value);
	const json_t *item;
	size_t i;

	if (name != NULL && str_in(name, type_names))
		return 0;
	if (!json_is_array(value) || json_array_size(value) == 0)
		return fault(at, "type", "names no type");
	json_array_foreach(value, i, item)
		if (!json_is_string(item) ||
		    !str_in(json_string_value(item), type_names))
			return fault(at, "type", "names no type");
	return 0;
}

static int
check_pattern(const json_t *value, const char *at)
{
	const char *text = json_string_value(value);
	char words[200];
	pcre2_code *re;
	int code = 0;

	if (text == NULL || strlen(text) > PATTERN_MAX_BYTES)
		return fault(at, "pattern", "wants a text of some length");
	re = compile(text, &code);
	if (re == NULL) {
		pcre2_get_error_message(code, (PCRE2_UCHAR *)words,
		    sizeof(words));
		return fault(at, "pattern", words);
	}
	pcre2_code_free(re);
	return 0;
}

static int
check_names(const json_t *value, const char *at)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(value))
		return fault(at, "required", "wants an array of names");
	json_array_foreach(value, i, item)
		if (!json_is_string(item))
			return fault(at, "required", "wants an array of names");
	return 0;
}

static int
check_properties(const json_t *value, const char *at, int depth)
{
	const char *name;
	json_t *part;
	char *below;
	int code = 0;

	if (!json_is_object(value))
		return fault(at, "properties", "wants an object");
	json_object_foreach((json_t *)(uintptr_t)value, name, part) {
		below = xformat("%s%sproperties/%s", at, *at != '\0' ? "/" : "",
		    name);
		code = check(part, below, depth + 1);
		free(below);
		if (code < 0)
			break;
	}
	return code;
}

static int
check_below(const char *key, const json_t *value, const char *at, int depth)
{
	char *below = xformat("%s%s%s", at, *at != '\0' ? "/" : "", key);
	int code = check(value, below, depth + 1);

	free(below);
	return code;
}

static int
check_word(const char *key, const json_t *value, const char *at, int depth)
{
	static const char *const said[] = { "title", "description", "default",
		"examples", "format", "const", "$schema", "$id", "$comment",
		NULL };
	static const char *const numbers[] = { "minimum", "maximum",
		"exclusiveMinimum", "exclusiveMaximum", NULL };
	static const char *const counts[] = { "minLength", "maxLength",
		"minItems", "maxItems", NULL };

	if (str_in(key, said))
		return 0;
	if (str_in(key, numbers))
		return json_is_number(value) ? 0 :
					       fault(at, key, "wants a number");
	if (strcmp(key, "multipleOf") == 0)
		return json_is_number(value) && json_number_value(value) > 0 ?
		    0 :
		    fault(at, key, "wants a number above 0");
	if (str_in(key, counts))
		return json_is_integer(value) &&
			json_integer_value(value) >= 0 ?
		    0 :
		    fault(at, key, "wants a count");
	if (strcmp(key, "type") == 0)
		return check_type(value, at);
	if (strcmp(key, "enum") == 0)
		return json_array_size(value) > 0 ?
		    0 :
		    fault(at, key, "wants an array of values");
	if (strcmp(key, "required") == 0)
		return check_names(value, at);
	if (strcmp(key, "pattern") == 0)
		return check_pattern(value, at);
	if (strcmp(key, "properties") == 0)
		return check_properties(value, at, depth);
	if (strcmp(key, "additionalProperties") == 0)
		return json_is_boolean(value) ?
		    0 :
		    check_below(key, value, at, depth);
	if (strcmp(key, "items") == 0)
		return check_below(key, value, at, depth);
	return fault(at, key, "is a word of schemas that is not known here");
}

static int
check(const json_t *schema, const char *at, int depth)
{
	const char *key;
	json_t *value;
	int code = 0;

	if (!json_is_object(schema))
		return err_set(ERR_CONFIG, "%s%swants an object", at,
		    *at != '\0' ? ": " : "");
	if (depth > DEPTH_MAX)
		return err_set(ERR_CONFIG, "%s: nested deeper than %d", at,
		    DEPTH_MAX);
	json_object_foreach((json_t *)(uintptr_t)schema, key, value)
		if ((code = check_word(key, value, at, depth)) < 0)
			break;
	return code;
}

int
jsonschema_check(const json_t *schema)
{
	return check(schema, "", 0);
}

/* --- values --- */

static bool
is_whole(const json_t *v)
{
	double x = json_number_value(v);

	return json_is_integer(v) ||
	    (json_is_real(v) && isfinite(x) && floor(x) == x);
}

static bool
is_type(const json_t *v, const char *name)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return strcmp(name, "object") == 0;
	case JSON_ARRAY:
		return strcmp(name, "array") == 0;
	case JSON_STRING:
		return strcmp(name, "string") == 0;
	case JSON_TRUE:
	case JSON_FALSE:
		return strcmp(name, "boolean") == 0;
	case JSON_NULL:
		return strcmp(name, "null") == 0;
	default:
		return strcmp(name, "number") == 0 ||
		    (strcmp(name, "integer") == 0 && is_whole(v));
	}
}

static int
wrong(const char *at, const char *why)
{
	return err_set(ERR_DATA, "%s%s%s", at, *at != '\0' ? ": " : "", why);
}

static int
wrong_number(const char *at, const char *why, double number)
{
	char *text = xformat("%s %.15g", why, number);
	int code = wrong(at, text);

	free(text);
	return code;
}

static int
match_type(const json_t *type, const json_t *v, const char *at)
{
	const json_t *item;
	size_t i;
	char *why;
	int code;

	if (json_is_string(type)) {
		if (is_type(v, json_string_value(type)))
			return 0;
		why = xformat("is no %s", json_string_value(type));
		code = wrong(at, why);
		free(why);
		return code;
	}
	json_array_foreach(type, i, item)
		if (is_type(v, json_string_value(item)))
			return 0;
	return wrong(at, "is of none of the types it may be of");
}

static bool
same(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b) &&
	    json_typeof(a) != json_typeof(b))
		return json_number_value(a) == json_number_value(b);
	return json_equal(a, b) != 0;
}

static int
match_enum(const json_t *schema, const json_t *v, const char *at)
{
	const json_t *all = json_object_get(schema, "enum"),
		     *one = json_object_get(schema, "const"), *item;
	size_t i;

	if (one != NULL && !same(one, v))
		return wrong(at, "is not the value it must be");
	if (all == NULL)
		return 0;
	json_array_foreach(all, i, item)
		if (same(item, v))
			return 0;
	return wrong(at, "is none of the values it may be");
}

static int
match_number(const json_t *schema, const json_t *v, const char *at)
{
	double x = json_number_value(v), ratio;
	const json_t *n;

	if ((n = json_object_get(schema, "minimum")) != NULL &&
	    !(x >= json_number_value(n)))
		return wrong_number(at, "is less than", json_number_value(n));
	if ((n = json_object_get(schema, "maximum")) != NULL &&
	    !(x <= json_number_value(n)))
		return wrong_number(at, "is more than", json_number_value(n));
	if ((n = json_object_get(schema, "exclusiveMinimum")) != NULL &&
	    !(x > json_number_value(n)))
		return wrong_number(at, "is not more than",
		    json_number_value(n));
	if ((n = json_object_get(schema, "exclusiveMaximum")) != NULL &&
	    !(x < json_number_value(n)))
		return wrong_number(at, "is not less than",
		    json_number_value(n));
	if ((n = json_object_get(schema, "multipleOf")) != NULL) {
		ratio = x / json_number_value(n);
		if (fabs(ratio - nearbyint(ratio)) > 1e-9 * fabs(ratio))
			return wrong_number(at, "is no multiple of",
			    json_number_value(n));
	}
	return 0;
}

/* A count, held to the two limits of that name. */
static int
match_count(const json_t *schema, const char *least, const char *most,
    size_t count, const char *what, const char *at)
{
	const json_t *n;
	char *why = NULL;
	int code = 0;

	if ((n = json_object_get(schema, least)) != NULL &&
	    (json_int_t)count < json_integer_value(n))
		why = xformat("has less than %lld %s",
		    (long long)json_integer_value(n), what);
	else if ((n = json_object_get(schema, most)) != NULL &&
	    (json_int_t)count > json_integer_value(n))
		why = xformat("has more than %lld %s",
		    (long long)json_integer_value(n), what);
	if (why != NULL)
		code = wrong(at, why);
	free(why);
	return code;
}

static int
match_string(const json_t *schema, const json_t *v, const char *at)
{
	const char *text = json_string_value(v),
		   *pattern = json_str(schema, "pattern");
	int code = match_count(schema, "minLength", "maxLength",
	    utf8_length(text), "characters", at);

	if (code == 0 && pattern != NULL &&
	    !matches(pattern, text, json_string_length(v)))
		code = wrong(at, "is not of the form that is wanted");
	return code;
}

static int match(const json_t *schema, const json_t *v, const char *at,
    int depth);

static int
match_array(const json_t *schema, const json_t *v, const char *at, int depth)
{
	const json_t *items = json_object_get(schema, "items"), *item;
	size_t i;
	char *below;
	int code = match_count(schema, "minItems", "maxItems",
	    json_array_size(v), "items", at);

	if (items == NULL || code < 0)
		return code;
	json_array_foreach(v, i, item) {
		below = xformat("%s/%zu", at, i);
		code = match(items, item, below, depth + 1);
		free(below);
		if (code < 0)
			break;
	}
	return code;
}

static int
match_member(const json_t *schema, const char *name, const json_t *v,
    const char *at, int depth)
{
	const json_t *part =
	    json_object_get(json_object_get(schema, "properties"), name);
	char *below = xformat("%s%s%s", at, *at != '\0' ? "/" : "", name);
	int code = 0;

	if (part == NULL)
		part = json_object_get(schema, "additionalProperties");
	if (json_is_false(part))
		code = wrong(below, "is no argument there is");
	else if (json_is_object(part))
		code = match(part, v, below, depth + 1);
	free(below);
	return code;
}

static int
match_object(const json_t *schema, const json_t *v, const char *at, int depth)
{
	const json_t *required = json_object_get(schema, "required"), *item;
	const char *name;
	json_t *member;
	char *below;
	size_t i;
	int code = 0;

	json_array_foreach(required, i, item)
		if (json_object_get(v, json_string_value(item)) == NULL) {
			below = xformat("%s%s%s", at, *at != '\0' ? "/" : "",
			    json_string_value(item));
			code = wrong(below, "is missing");
			free(below);
			return code;
		}
	json_object_foreach((json_t *)(uintptr_t)v, name, member)
		if ((code = match_member(schema, name, member, at, depth)) < 0)
			break;
	return code;
}

static int
match(const json_t *schema, const json_t *v, const char *at, int depth)
{
	const json_t *type = json_object_get(schema, "type");
	int code = type != NULL ? match_type(type, v, at) : 0;

	if (code == 0)
		code = match_enum(schema, v, at);
	if (code < 0)
		return code;
	if (json_is_number(v))
		return match_number(schema, v, at);
	if (json_is_string(v))
		return match_string(schema, v, at);
	if (json_is_array(v))
		return match_array(schema, v, at, depth);
	if (json_is_object(v))
		return match_object(schema, v, at, depth);
	return 0;
}

int
jsonschema_validate(const json_t *schema, const json_t *value)
{
	return match(schema, value, "", 0);
}
