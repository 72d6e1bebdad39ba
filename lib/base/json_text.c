/*
 * json_text - from text to JSON values and back
 *
 * One pass over the bytes; jansson holds the values, its own reader and
 * writer are not used. A string without escapes goes from the text into its
 * value, any other one by way of room.
 *
 * Holds: in value(), object() and array() a ret of NULL means: look, but
 * build nothing. What fails has left why and where in the reader.
 */
#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define NUMBER_BYTES 64		   /* longer ones take memory of their own */
#define LINE_BYTES 500		   /* most lines have fewer */

struct reader {
	const char *p, *end;
	bool lenient;
	struct buf room; /* the string at hand, if it is not as in the text */
	const char *why; /* NULL: nested too deep */
	const char *where;
	/* Of an object that is only looked at: what is looked for. */
	struct json_wanted *wanted;
	size_t nwanted;
	const char *outer; /* the outermost key at hand */
	size_t outer_len;
	bool within; /* something is wanted in its value */
};

/* A string as it was read: good until the next one is. */
struct text {
	const char *data;
	size_t len;
	bool mended; /* in room: it had escapes or was no UTF-8 */
};

static int
fail(struct reader *r, const char *where, const char *why)
{
	r->where = where;
	r->why = why;
	return -1;
}

static void
space(struct reader *r)
{
	while (r->p < r->end &&
	    (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
		r->p++;
}

/* Whether the next byte is c; if so it is passed. */
static bool
take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* --- strings --- */

/* Bytes side by side; below 0: not ASCII. */
typedef signed char block __attribute__((vector_size(16)));

/*
 * How many bytes from p on stand for themselves and need no second look: no
 * quote, no backslash, no control character, ASCII. A comparison of blocks
 * gives -1 in each place where it holds.
 */
static inline size_t
run(const char *p, size_t len)
{
	uint64_t half[2];
	size_t n = 0;
	signed char c;
	block b;

	for (; n + sizeof(b) <= len; n += sizeof(b)) {
		memcpy(&b, p + n, sizeof(b));
		b = (b < ' ') | (b == '"') | (b == '\\');
		memcpy(half, &b, sizeof(half));
		if (half[0] != 0)
			return n +
			    (size_t)__builtin_ctzll(le64toh(half[0])) / 8;
		if (half[1] != 0)
			return n + 8 +
			    (size_t)__builtin_ctzll(le64toh(half[1])) / 8;
	}
	for (; n < len; n++) {
		c = (signed char)p[n];
		if (c < ' ' || c == '"' || c == '\\')
			break;
	}
	return n;
}

static int
hex4(const struct reader *r, const char *p)
{
	int n = 0, i;

	if (r->end - p < 4)
		return -1;
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

static void
add_character(struct buf *b, uint32_t c)
{
	char s[4];

	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 63));
		buf_add(b, s, 2);
	} else if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 63));
		s[2] = (char)(0x80 | (c & 63));
		buf_add(b, s, 3);
	} else {
		s[0] = (char)(0xf0 | c >> 18);
		s[1] = (char)(0x80 | (c >> 12 & 63));
		s[2] = (char)(0x80 | (c >> 6 & 63));
		s[3] = (char)(0x80 | (c & 63));
		buf_add(b, s, 4);
	}
}

/* Behind the u of an escape. What no string may hold becomes U+FFFD. */
static int
escaped_character(struct reader *r)
{
	int c = hex4(r, r->p), low;

	if (c < 0)
		return fail(r, r->p, "four hexadecimal digits expected");
	r->p += 4;
	if (c >= 0xd800 && c < 0xdc00 && r->end - r->p >= 6 &&
	    r->p[0] == '\\' && r->p[1] == 'u') {
		low = hex4(r, r->p + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			r->p += 6;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	if (c == 0 || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	add_character(&r->room, (uint32_t)c);
	return 0;
}

/* At a backslash. */
static int
escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;

	r->p++;
	if (take(r, 'u'))
		return escaped_character(r);
	found = r->p < r->end && *r->p != '\0' ? strchr(from, *r->p) : NULL;
	if (found == NULL)
		return fail(r, r->p, "no such escape");
	r->p++;
	buf_addc(&r->room, to[found - from]);
	return 0;
}

/* At the opening quote. */
static int
string(struct reader *r, struct text *ret)
{
	const char *from, *open = r->p;
	unsigned char c;
	size_t n;

	buf_reset(&r->room);
	ret->mended = false;
	for (from = ++r->p;;) {
		r->p += run(r->p, (size_t)(r->end - r->p));
		if (r->p == r->end)
			return fail(r, open, "a string that does not end");
		c = (unsigned char)*r->p;
		if (c == '"')
			break;
		if (c >= 128) {
			n = utf8_character(r->p, r->end);
			if (n > 0) {
				r->p += n;
				continue;
			}
			if (!r->lenient)
				return fail(r, r->p, "not UTF-8");
		} else if (c != '\\' && !(c == '\0' && r->lenient))
			return fail(r, r->p, "a control character");
		ret->mended = true;
		buf_add(&r->room, from, (size_t)(r->p - from));
		if (c != '\\') {
			buf_adds(&r->room, REPLACEMENT);
			r->p++;
		} else if (escape(r) < 0)
			return -1;
		from = r->p;
	}
	if (ret->mended) {
		buf_add(&r->room, from, (size_t)(r->p - from));
		ret->data = r->room.data;
		ret->len = r->room.len;
	} else {
		ret->data = from;
		ret->len = (size_t)(r->p - from);
	}
	r->p++;
	return 0;
}

/* --- numbers --- */

static bool
digits(struct reader *r)
{
	const char *from = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p > from;
}

/* The digits of an integer, counted down: there is one more below zero. */
static bool
integer(const char *p, const char *end, json_int_t *ret)
{
	bool negative = *p == '-';
	json_int_t n = 0;

	for (p += negative; p < end; p++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, *p - '0', &n))
			return false;
	if (!negative && __builtin_sub_overflow((json_int_t)0, n, &n))
		return false;
	*ret = n;
	return true;
}

static bool
real(const char *p, size_t len, double *ret)
{
	char room[NUMBER_BYTES], *copy = room;
	double n;

	if (len < sizeof(room)) {
		memcpy(room, p, len);
		room[len] = '\0';
	} else
		copy = xstrndup(p, len);
	n = strtod(copy, NULL);
	if (copy != room)
		free(copy);
	if (isinf(n))
		return false;
	*ret = n;
	return true;
}

static int
number(struct reader *r, json_t **ret)
{
	const char *from = r->p;
	bool whole = true;
	json_int_t n;
	double d;
	size_t len;

	take(r, '-');
	if (!take(r, '0') && !digits(r))
		return fail(r, r->p, "a value expected");
	if (take(r, '.')) {
		whole = false;
		if (!digits(r))
			return fail(r, r->p, "a digit expected");
	}
	if (take(r, 'e') || take(r, 'E')) {
		whole = false;
		if (!take(r, '+'))
			take(r, '-');
		if (!digits(r))
			return fail(r, r->p, "a digit expected");
	}
	if (ret == NULL)
		return 0;
	len = (size_t)(r->p - from);
	/* What no number here can hold stays as its digits. */
	if (whole)
		*ret = integer(from, r->p, &n) ?
		    json_integer(n) :
		    json_stringn_nocheck(from, len);
	else
		*ret = real(from, len, &d) ? json_real(d) :
					     json_stringn_nocheck(from, len);
	return 0;
}

/* --- values --- */

static int value(struct reader *r, int level, json_t **ret);

static int
word(struct reader *r, const char *text, size_t len)
{
	if ((size_t)(r->end - r->p) < len || memcmp(r->p, text, len) != 0)
		return fail(r, r->p, "a value expected");
	r->p += len;
	return 0;
}

static bool
is_name(const char *name, const char *data, size_t len)
{
	return name[0] == data[0] && strncmp(name, data, len) == 0 &&
	    name[len] == '\0';
}

/* At a key of the outermost object. */
static void
enter(struct reader *r, const struct text *key)
{
	size_t i;

	r->outer = key->data;
	r->outer_len = key->len;
	r->within = false;
	for (i = 0; i < r->nwanted && !r->within; i++)
		r->within = r->wanted[i].outer != NULL &&
		    is_name(r->wanted[i].outer, key->data, key->len);
}

/* What is wanted under key; NULL: nothing. */
static struct json_wanted *
wanted_here(const struct reader *r, int level, const struct text *key)
{
	struct json_wanted *w;

	for (w = r->wanted; w < r->wanted + r->nwanted; w++)
		if ((w->outer != NULL) == (level == 1) &&
		    is_name(w->key, key->data, key->len) &&
		    (level == 0 || is_name(w->outer, r->outer, r->outer_len)))
			return w;
	return NULL;
}

/* A string that is wanted; of two or none plain it is not sure. */
static int
wanted_string(struct reader *r, struct json_wanted *w)
{
	struct text t;

	if (w->text != NULL || r->p == r->end || *r->p != '"')
		return fail(r, r->p, "not one plain string");
	if (string(r, &t) < 0)
		return -1;
	if (t.mended)
		return fail(r, r->p, "no plain string");
	w->text = t.data;
	w->len = t.len;
	return 0;
}

/* A key with its value, into o unless it is NULL. */
static int
member(struct reader *r, int level, json_t *o)
{
	const char *start = r->p;
	json_t *child = NULL;
	char *own = NULL;
	struct text key;
	size_t size;
	struct json_wanted *w = NULL;
	int code;

	if (r->p == r->end || *r->p != '"')
		return fail(r, r->p, "a key expected");
	if (string(r, &key) < 0)
		return -1;
	if (level == 0 ? r->nwanted > 0 : level == 1 && r->within) {
		/* An escaped key may be anything, what is wanted too. */
		if (key.mended)
			return fail(r, start, "no plain key");
		if (level == 0)
			enter(r, &key);
		w = wanted_here(r, level, &key);
	}
	space(r);
	if (!take(r, ':'))
		return fail(r, r->p, "a colon expected");
	space(r);
	if (o == NULL)
		return w != NULL ? wanted_string(r, w) :
				   value(r, level + 1, NULL);
	if (key.mended)
		key.data = own = xstrndup(key.data, key.len);
	code = value(r, level + 1, &child);
	if (code == 0) {
		size = json_object_size(o);
		if (json_object_setn_new_nocheck(o, key.data, key.len, child) <
		    0)
			code = fail(r, start, "no memory");
		else if (!r->lenient && json_object_size(o) == size)
			code = fail(r, start, "a key for the second time");
	}
	free(own);
	return code;
}

/* At the opening bracket. */
static int
object(struct reader *r, int level, json_t **ret)
{
	json_t *o = ret != NULL ? json_object() : NULL;

	r->p++;
	space(r);
	if (!take(r, '}')) {
		do {
			space(r);
			if (member(r, level, o) < 0)
				goto out;
			space(r);
		} while (take(r, ','));
		if (!take(r, '}')) {
			fail(r, r->p, "a comma or } expected");
			goto out;
		}
	}
	if (ret != NULL)
		*ret = o;
	return 0;
out:
	json_decref(o);
	return -1;
}

static int
array(struct reader *r, int level, json_t **ret)
{
	json_t *a = ret != NULL ? json_array() : NULL, *child = NULL;

	r->p++;
	space(r);
	if (!take(r, ']')) {
		do {
			space(r);
			if (value(r, level + 1, a != NULL ? &child : NULL) < 0)
				goto out;
			if (a != NULL && json_array_append_new(a, child) < 0) {
				fail(r, r->p, "no memory");
				goto out;
			}
			space(r);
		} while (take(r, ','));
		if (!take(r, ']')) {
			fail(r, r->p, "a comma or ] expected");
			goto out;
		}
	}
	if (ret != NULL)
		*ret = a;
	return 0;
out:
	json_decref(a);
	return -1;
}

static int
value(struct reader *r, int level, json_t **ret)
{
	struct text t;
	json_t *v = NULL;
	int code;

	if (level > JSON_DEPTH_MAX)
		return fail(r, r->p, NULL);
	switch (r->p < r->end ? *r->p : '\0') {
	case '{':
		code = object(r, level, ret != NULL ? &v : NULL);
		break;
	case '[':
		code = array(r, level, ret != NULL ? &v : NULL);
		break;
	case '"':
		code = string(r, &t);
		if (code == 0 && ret != NULL)
			v = json_stringn_nocheck(t.data, t.len);
		break;
	case 't':
		code = word(r, "true", 4);
		v = json_true();
		break;
	case 'f':
		code = word(r, "false", 5);
		v = json_false();
		break;
	case 'n':
		code = word(r, "null", 4);
		v = json_null();
		break;
	default:
		code = number(r, ret != NULL ? &v : NULL);
	}
	if (code < 0 || ret == NULL)
		return code;
	if (v == NULL)
		return fail(r, r->p, "no memory");
	*ret = v;
	return 0;
}

static int
read_text(const char *text, size_t len, bool lenient, json_t **ret)
{
	struct reader r = { .p = text, .end = text + len, .lenient = lenient };
	json_t *v = NULL;
	int code;

	space(&r);
	code = value(&r, 0, &v);
	space(&r);
	if (code == 0 && r.p < r.end) {
		json_decref(v);
		code = fail(&r, r.p, "something behind the value");
	}
	buf_release(&r.room);
	if (code == 0)
		*ret = v;
	else if (r.why != NULL)
		return err_set(ERR_DATA, "not JSON: %s at byte %zu", r.why,
		    (size_t)(r.where - text) + 1);
	else
		return err_set(ERR_DATA, "nested deeper than %d levels",
		    JSON_DEPTH_MAX);
	return 0;
}

int
json_value_parse(const char *text, size_t len, json_t **ret)
{
	return read_text(text, len, false, ret);
}

static int
read_object(const char *text, size_t len, bool lenient, json_t **ret)
{
	json_t *v;
	int code = read_text(text, len, lenient, &v);

	if (code < 0)
		return code;
	if (!json_is_object(v)) {
		json_decref(v);
		return err_set(ERR_DATA, "not a JSON object");
	}
	*ret = v;
	return 0;
}

int
json_object_parse(const char *text, size_t len, json_t **ret)
{
	return read_object(text, len, false, ret);
}

int
json_lenient(const char *text, size_t len, json_t **ret)
{
	return read_object(text, len, true, ret);
}

bool
json_scan(const char *text, size_t len, struct json_wanted *wanted,
    size_t count)
{
	struct reader r = { .p = text,
		.end = text + len,
		.wanted = wanted,
		.nwanted = count };
	bool sure;
	size_t i;

	for (i = 0; i < count; i++)
		wanted[i].text = NULL;
	space(&r);
	sure = r.p < r.end && *r.p == '{' && value(&r, 0, NULL) == 0;
	space(&r);
	buf_release(&r.room);
	return sure && r.p == r.end;
}

bool
json_type_scan(const char *text, size_t len, const char **ret_type,
    size_t *ret_len)
{
	struct json_wanted w = { .key = "type" };

	if (!json_scan(text, len, &w, 1) || w.text == NULL)
		return false;
	*ret_type = w.text;
	*ret_len = w.len;
	return true;
}

/* --- writing --- */

static void
write_string(struct buf *b, const char *p, size_t len)
{
	const char *end = p + len, *from = p;
	unsigned char c;

	buf_addc(b, '"');
	while (p < end) {
		p += run(p, (size_t)(end - p));
		if (p == end)
			break;
		c = (unsigned char)*p++;
		if (c >= 128)
			continue;
		buf_add(b, from, (size_t)(p - 1 - from));
		from = p;
		switch (c) {
		case '"':
			buf_add(b, "\\\"", 2);
			break;
		case '\\':
			buf_add(b, "\\\\", 2);
			break;
		case '\b':
			buf_add(b, "\\b", 2);
			break;
		case '\f':
			buf_add(b, "\\f", 2);
			break;
		case '\n':
			buf_add(b, "\\n", 2);
			break;
		case '\r':
			buf_add(b, "\\r", 2);
			break;
		case '\t':
			buf_add(b, "\\t", 2);
			break;
		default:
			buf_addf(b, "\\u%04X", (unsigned)c);
		}
	}
	buf_add(b, from, (size_t)(end - from));
	buf_addc(b, '"');
}

static void
write_integer(struct buf *b, json_int_t n)
{
	char digit[24], *p = digit + sizeof(digit);
	uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (n < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(digit + sizeof(digit) - p));
}

static void
write_real(struct buf *b, const json_t *v)
{
	char digit[NUMBER_BYTES];
	size_t len = json_dumpb(v, digit, sizeof(digit),
	    JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);

	buf_add(b, digit, len);
}

static void
write_array(struct buf *b, const json_t *v)
{
	size_t i;
	json_t *child;

	buf_addc(b, '[');
	json_array_foreach(v, i, child) {
		if (i > 0)
			buf_addc(b, ',');
		json_write(b, child);
	}
	buf_addc(b, ']');
}

static void
write_object(struct buf *b, json_t *v)
{
	void *at = json_object_iter(v);
	const char *separator = "{";

	if (at == NULL)
		buf_addc(b, '{');
	for (; at != NULL; at = json_object_iter_next(v, at)) {
		buf_add(b, separator, 1);
		separator = ",";
		write_string(b, json_object_iter_key(at),
		    json_object_iter_key_len(at));
		buf_addc(b, ':');
		json_write(b, json_object_iter_value(at));
	}
	buf_addc(b, '}');
}

void
json_write(struct buf *b, const json_t *v)
{
	switch (v != NULL ? json_typeof(v) : JSON_NULL) {
	case JSON_OBJECT:
		write_object(b, (json_t *)v);
		break;
	case JSON_ARRAY:
		write_array(b, v);
		break;
	case JSON_STRING:
		write_string(b, json_string_value(v), json_string_length(v));
		break;
	case JSON_INTEGER:
		write_integer(b, json_integer_value(v));
		break;
	case JSON_REAL:
		write_real(b, v);
		break;
	case JSON_TRUE:
		buf_add(b, "true", 4);
		break;
	case JSON_FALSE:
		buf_add(b, "false", 5);
		break;
	case JSON_NULL:
		buf_add(b, "null", 4);
		break;
	}
}

static void
add_key(struct buf *b, const char *key)
{
	buf_addc(b, b->len == 0 ? '{' : ',');
	buf_addc(b, '"');
	buf_adds(b, key);
	buf_add(b, "\":", 2);
}

void
json_add(struct buf *b, const char *key, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;
	char *mended = NULL;

	if (len == 0)
		return;
	if (utf8_plain_length(text, len) < len && !utf8_valid(text, len)) {
		mended = utf8_mend(text, len);
		text = mended;
		len = strlen(text);
	}
	add_key(b, key);
	write_string(b, text, len);
	free(mended);
}

void
json_add_int(struct buf *b, const char *key, int64_t number)
{
	add_key(b, key);
	write_integer(b, number);
}

void
json_end(struct buf *b)
{
	buf_adds(b, b->len == 0 ? "{}" : "}");
}

char *
json_text(const json_t *v)
{
	struct buf b = BUF_INIT(0);

	buf_room(&b, LINE_BYTES);
	json_write(&b, v);
	return buf_detach(&b);
}
