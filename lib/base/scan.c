/* scan - is this line a JSON object, and of what type? without building it */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/scan.h"
#include "base/utf8.h"

struct scan {
	const char *p, *end;
};

static void
space(struct scan *s)
{
	while (s->p < s->end &&
	    (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
		s->p++;
}

static bool
hexadecimal(const char *p)
{
	int i;

	for (i = 0; i < 4; i++)
		if (!((p[i] >= '0' && p[i] <= '9') ||
			((p[i] | 32) >= 'a' && (p[i] | 32) <= 'f')))
			return false;
	return true;
}

/* A string; *ret_plain tells that it has no escape. UTF-8 is checked for the
 * whole line, once. */
static bool
string(struct scan *s, bool *ret_plain)
{
	unsigned char c;

	*ret_plain = true;
	for (s->p++; s->p < s->end; s->p++) {
		c = (unsigned char)*s->p;
		if (c == '"') {
			s->p++;
			return true;
		}
		if (c < 32)
			return false;
		if (c != '\\')
			continue;
		*ret_plain = false;
		if (++s->p == s->end)
			return false;
		if (*s->p == 'u') {
			if (s->end - s->p < 5 || !hexadecimal(s->p + 1))
				return false;
			s->p += 4;
		} else if (strchr("\"\\/bfnrt", *s->p) == NULL)
			return false;
	}
	return false;
}

static bool
digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > from;
}

static bool
number(struct scan *s)
{
	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (!digits(s))
		return false;
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (!digits(s))
			return false;
	}
	if (s->p < s->end && (*s->p | 32) == 'e') {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		return digits(s);
	}
	return true;
}

static bool
word(struct scan *s, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, text, len) != 0)
		return false;
	s->p += len;
	return true;
}

/* A value that holds no others. */
static bool
scalar(struct scan *s)
{
	bool plain;

	switch (*s->p) {
	case '"':
		return string(s, &plain);
	case 't':
		return word(s, "true");
	case 'f':
		return word(s, "false");
	case 'n':
		return word(s, "null");
	default:
		return number(s);
	}
}

/* Behind an opening bracket: its members up to the closing one. */
static bool
members(struct scan *s, char closing, int depth, const char **ret_type,
    size_t *ret_len)
{
	const char *key, *value;
	size_t key_len;
	bool plain, is_type;

	if (depth > JSON_DEPTH_MAX)
		return false;
	space(s);
	if (s->p < s->end && *s->p == closing) {
		s->p++;
		return true;
	}
	for (;;) {
		space(s);
		is_type = false;
		if (closing == '}') {
			key = s->p;
			if (s->p == s->end || *s->p != '"' ||
			    !string(s, &plain))
				return false;
			key_len = (size_t)(s->p - key);
			/* An escaped key may be anything, "type" too. */
			if (!plain && ret_type != NULL)
				return false;
			is_type = ret_type != NULL && key_len == 6 &&
			    memcmp(key, "\"type\"", 6) == 0;
			space(s);
			if (s->p == s->end || *s->p++ != ':')
				return false;
			space(s);
		}
		if (s->p == s->end)
			return false;
		value = s->p;
		if (*s->p == '{' || *s->p == '[') {
			s->p++;
			if (is_type ||
			    !members(s, *value == '{' ? '}' : ']', depth + 1,
				NULL, NULL))
				return false;
		} else if (is_type) {
			if (*value != '"' || *ret_type != NULL ||
			    !string(s, &plain) || !plain)
				return false;
			*ret_type = value + 1;
			*ret_len = (size_t)(s->p - value) - 2;
		} else if (!scalar(s))
			return false;
		space(s);
		if (s->p == s->end)
			return false;
		if (*s->p == closing) {
			s->p++;
			return true;
		}
		if (*s->p++ != ',')
			return false;
	}
}

bool
scan_type(const char *text, size_t len, const char **ret_type, size_t *ret_len)
{
	struct scan s = { text, text + len };
	const char *type = NULL;
	size_t type_len = 0;

	space(&s);
	if (s.p == s.end || *s.p++ != '{' ||
	    !members(&s, '}', 1, &type, &type_len) || type == NULL)
		return false;
	space(&s);
	if (s.p != s.end || !utf8_valid(text, len))
		return false;
	*ret_type = type;
	*ret_len = type_len;
	return true;
}
