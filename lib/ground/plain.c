/* plain - a text with the digits, dashes, quotes and blanks of ASCII */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "ground/plain.h"
#include "base/str.h"
#include "base/utf8.h"

#define SIGN_MAX 8 /* letters that a sign stands for */

/* The zero of each script that has digits of its own, ten in a row. */
static const uint32_t zeros[] = { 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66,
	0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
	0x1040, 0x17e0, 0x1810, 0xa8d0, 0xff10 };

static int
digit_of(uint32_t c)
{
	size_t i;

	for (i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (c >= zeros[i] && c < zeros[i] + 10)
			return (int)(c - zeros[i]);
	return -1;
}

/* Circled digits that have no compatibility form: the first of each row, and
 * its value. */
static const struct {
	uint32_t first;
	int count, value;
} circled[] = { { 0x24eb, 10, 11 }, { 0x24f5, 10, 1 }, { 0x24ff, 1, 0 },
	{ 0x2776, 10, 1 }, { 0x2780, 10, 1 }, { 0x278a, 10, 1 } };

/* The value of a sign that stands for a number: 𝟗, ⑨, ⑴, ²; else -1. */
static int
sign_value(uint32_t c)
{
	utf8proc_int32_t to[SIGN_MAX];
	utf8proc_ssize_t n, k;
	size_t i;
	int v = -1, boundary = 0;

	if (c < 0xb2 || (c >= 0x250 && c < 0x2070))
		return -1;
	for (i = 0; i < sizeof(circled) / sizeof(circled[0]); i++)
		if (c >= circled[i].first &&
		    c < circled[i].first + (uint32_t)circled[i].count)
			return circled[i].value + (int)(c - circled[i].first);
	n = utf8proc_decompose_char((utf8proc_int32_t)c, to, SIGN_MAX,
	    UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, &boundary);
	for (k = 0; k < n && k < SIGN_MAX; k++) {
		if (to[k] >= '0' && to[k] <= '9')
			v = (v < 0 ? 0 : v * 10) + (int)(to[k] - '0');
		else if (to[k] != '(' && to[k] != ')' && to[k] != '.')
			return -1;
	}
	return v;
}

/* m², km³: no number stands raised behind a letter. */
static bool
is_raised(uint32_t c)
{
	return c == 0xb2 || c == 0xb3 || c == 0xb9 ||
	    (c >= 0x2070 && c <= 0x2079) || (c >= 0x2080 && c <= 0x2089);
}

/*
 * Write the number that a sign stands for to out, at most as many bytes as the
 * sign has; 0 if it is none. One by itself that is in a circle or in brackets
 * marks an item of a list, and is one in brackets here.
 */
static size_t
put_sign(uint32_t c, const char *next, const char *end, const char *start,
    char *out)
{
	bool alone =
	    (c >= 0x2460 && c <= 0x24ff) || (c >= 0x2776 && c <= 0x2793);
	const char *p = next;
	int v = sign_value(c);
	char last = out > start ? out[-1] : ' ';

	if (v < 0 ||
	    (is_raised(c) && last > ' ' && !(last >= '0' && last <= '9')))
		return 0;
	if (v > 9) {
		out[0] = (char)('0' + v / 10);
		out[1] = (char)('0' + v % 10);
		return 2;
	}
	alone = alone && !(last >= '0' && last <= '9') &&
	    !(p < end && sign_value(utf8_next(&p, end)) >= 0);
	if (alone) {
		out[0] = '(';
		out[1] = (char)('0' + v);
		out[2] = ')';
		return 3;
	}
	out[0] = (char)('0' + v);
	return 1;
}

/* What ASCII writes for it; 0: nothing. */
static char
ascii_of(uint32_t c)
{
	if (utf8_narrow(c) != c)
		return (char)utf8_narrow(c);
	if (c >= 0x2010 && c <= 0x2015)
		return '-';
	if (c >= 0x2000 && c <= 0x200a)
		return ' ';
	switch (c) {
	case 0xa0:
	case 0x202f:
	case 0x205f:
	case 0x3000:
		return ' ';
	case 0x2212:
	case 0x301c:
		return '-';
	case 0x2018:
	case 0x2019:
	case 0x2bc:
	case 0xb4:
		return '\'';
	case 0x201c:
	case 0x201d:
	case 0x201e:
	case 0xab:
	case 0xbb:
	case 0x300c:
	case 0x300d:
	case 0x300e:
	case 0x300f:
		return '"';
	case 0x60c:
	case 0x3001:
	case 0x66c:
		return ',';
	case 0x61b:
		return ';';
	case 0x61f:
		return '?';
	case 0x66a:
		return '%';
	case 0x66b:
		return '.';
	case 0x2022:
	case 0x25cf:
	case 0xb7:
		return '*';
	case 0x3002:
	case 0xff61:
	case 0x964:
	case 0x965:
	case 0x6d4:
		return PLAIN_STOP;
	default:
		return 0;
	}
}

char *
plain_text(const char *text, size_t len, size_t *ret_len, uint32_t **ret_was)
{
	const char *p = text, *end = text + len, *from;
	char *out = xrealloc(NULL, len + 1);
	uint32_t *was = xrealloc(NULL, (len + 1) * sizeof(*was)), c;
	size_t n = 0, i;
	int digit;
	char a;

	while (p < end) {
		from = p;
		if ((unsigned char)*p < 128) {
			a = *p++;
			/* Ours alone. */
			if (a == PLAIN_HIDDEN || a == PLAIN_STOP || a == '\0')
				a = ' ';
		} else {
			c = utf8_next(&p, end);
			digit = digit_of(c);
			a = digit >= 0 ? (char)('0' + digit) : ascii_of(c);
			if (utf8_is_unseen(c)) {
				if (n == 0 || out[n - 1] <= ' ' ||
				    (out[n - 1] & 0x80) || p >= end ||
				    (unsigned char)*p <= ' ' || (*p & 0x80))
					continue;
				a = PLAIN_HIDDEN;
			}
			/* A sign has no fewer bytes than what it stands for. */
			i = a != 0 ? 0 : put_sign(c, p, end, out, out + n);
			if (i > 0) {
				for (; i > 0; i--)
					was[n++] = (uint32_t)(from - text);
				continue;
			}
		}
		if (a != 0) {
			out[n] = a;
			was[n++] = (uint32_t)(from - text);
			continue;
		}
		for (i = 0; from + i < p; i++) {
			out[n] = from[i];
			was[n++] = (uint32_t)(from - text + (ptrdiff_t)i);
		}
	}
	out[n] = '\0';
	was[n] = (uint32_t)len;
	*ret_len = n;
	*ret_was = was;
	return out;
}
