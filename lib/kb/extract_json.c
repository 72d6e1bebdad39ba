/*
 * extract_json - the text of JSON, one value or one a line
 *
 * What an object says of itself is a record; what it holds besides follows,
 * under its key.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "kb/record.h"

struct reader {
	struct records records;
	struct blocks *b;
	int code;
};

/* A value without parts as text; "" for null. The caller frees. */
static char *
text_of(const json_t *value)
{
	if (json_is_string(value))
		return xstrndup(json_string_value(value),
		    strlen(json_string_value(value)));
	return json_is_null(value) ? xstrdup("") : json_text(value);
}

static bool
is_plain(const json_t *value)
{
	return !json_is_object(value) && !json_is_array(value);
}

static bool
is_list_of_plain(const json_t *value)
{
	size_t i;

	for (i = 0; json_is_array(value) && i < json_array_size(value); i++)
		if (!is_plain(json_array_get(value, i)))
			return false;
	return json_is_array(value);
}

/* Whether it is told within the record of what has it: "address city: Rome". */
static bool
is_flat(json_t *value)
{
	const char *key;
	json_t *part;

	if (!json_is_object(value))
		return is_plain(value) || is_list_of_plain(value);
	json_object_foreach(value, key, part)
		if (!is_plain(part))
			return false;
	return true;
}

static void
put_list(struct reader *r, const char *name, const json_t *list)
{
	struct buf all = BUF_INIT(0);
	char *text;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		text = text_of(json_array_get(list, i));
		if (all.len > 0 && *text != '\0')
			buf_adds(&all, ", ");
		buf_adds(&all, text);
		free(text);
	}
	if (all.len > 0)
		records_put(&r->records, name, all.data);
	buf_release(&all);
}

static void
put_flat(struct reader *r, const char *name, json_t *value)
{
	const char *key;
	json_t *part;
	char *text;

	if (json_is_array(value))
		put_list(r, name, value);
	else if (json_is_object(value))
		json_object_foreach(value, key, part) {
			char *both = xformat("%s %s", name, key);

			put_flat(r, both, part);
			free(both);
		}
	else {
		text = text_of(value);
		records_put(&r->records, name, text);
		free(text);
	}
}

static void take(struct reader *r, json_t *value, int depth);

static void
take_object(struct reader *r, json_t *object, int depth)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
		if (is_flat(value))
			put_flat(r, key, value);
	r->code = records_next(&r->records, depth);
	json_object_foreach(object, key, value) {
		if (is_flat(value) || r->code < 0)
			continue;
		records_flush(&r->records);
		blocks_add(r->b, BLOCK_HEADING, depth < 6 ? depth : 6, key,
		    strlen(key));
		take(r, value, depth + 1);
		records_flush(&r->records);
	}
}

/* No deeper than what is parsed, JSON_DEPTH_MAX. */
static void
take(struct reader *r, json_t *value, int depth)
{
	size_t i;

	if (r->b->full || r->code < 0)
		return;
	if (json_is_object(value))
		take_object(r, value, depth);
	else if (json_is_array(value) && !is_list_of_plain(value))
		for (i = 0; i < json_array_size(value); i++)
			take(r, json_array_get(value, i), depth);
	else {
		put_flat(r, "", value);
		r->code = records_next(&r->records, depth);
	}
}

/* The line at *text, without its end; *text goes on behind it. False: none. */
static bool
next_line(const char **text, const char *end, const char **ret, size_t *ret_len)
{
	const char *nl;

	while (*text < end && strchr(" \t\n", **text) != NULL)
		++*text;
	if (*text == end)
		return false;
	nl = memchr(*text, '\n', (size_t)(end - *text));
	*ret = *text;
	*ret_len = (size_t)((nl != NULL ? nl : end) - *text);
	*text = nl != NULL ? nl + 1 : end;
	return true;
}

/* Whether each line is a value. */
static bool
is_by_line(const char *text, size_t len)
{
	const char *end = text + len, *line;
	json_t *value;

	while (next_line(&text, end, &line, &len)) {
		if (json_value_parse(line, len, &value) < 0)
			return false;
		json_decref(value);
	}
	return true;
}

int
extract_json(const char *text, size_t len, struct blocks *b)
{
	struct reader r = { .b = b, .records = { .b = b } };
	const char *end = text + len, *line;
	json_t *value;

	if (json_value_parse(text, len, &value) == 0) {
		take(&r, value, 1);
		json_decref(value);
	} else if (is_by_line(text, len)) {
		while (next_line(&text, end, &line, &len) &&
		    json_value_parse(line, len, &value) == 0) {
			take(&r, value, 1);
			json_decref(value);
		}
	} else
		r.code = ERR_NO;
	records_end(&r.records);
	return r.code;
}
