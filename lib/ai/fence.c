/* fence - what others wrote, between marks that it cannot close */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "ai/fence.h"
#include "base/utf8.h"

struct range {
	uint32_t first, last;
};

/* One angle bracket, or what looks like one. */
static const struct range angles[] = { { '<', '<' }, { '>', '>' },
	{ 0x2c2, 0x2c3 }, { 0x1433, 0x1433 }, { 0x1438, 0x1438 },
	{ 0x16b2, 0x16b2 }, { 0x2039, 0x203a }, { 0x227a, 0x227b },
	{ 0x22d6, 0x22d7 }, { 0x2329, 0x232a }, { 0x276c, 0x2771 },
	{ 0x27e8, 0x27e9 }, { 0x2991, 0x2992 }, { 0x29fc, 0x29fd },
	{ 0x3008, 0x3009 }, { 0xfe3f, 0xfe40 }, { 0xfe64, 0xfe65 },
	{ 0xff1c, 0xff1c }, { 0xff1e, 0xff1e }, { 0x16f3f, 0x16f3f } };

/* Two in one. */
static const struct range doubles[] = { { 0xab, 0xab }, { 0xbb, 0xbb },
	{ 0x226a, 0x226b }, { 0x22d8, 0x22d9 }, { 0x23e9, 0x23ea },
	{ 0x27ea, 0x27eb }, { 0x2aa1, 0x2aa2 }, { 0x2af7, 0x2af8 },
	{ 0x300a, 0x300b }, { 0xfe3d, 0xfe3e } };

#define IN(ranges, c) in(ranges, sizeof(ranges) / sizeof(*(ranges)), c)

static bool
in(const struct range *r, size_t n, uint32_t c)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (c >= r[i].first && c <= r[i].last)
			return true;
	return false;
}

static bool
is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
	    c == 0x2800 || c == 0x3000;
}

/* Marks that are drawn over or under the character before. */
static bool
is_over(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) ||
	    (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20ff) ||
	    (c >= 0xfe20 && c <= 0xfe2f);
}

/* No joiner parts two brackets. */
static bool
joins(uint32_t before, uint32_t after)
{
	return utf8_joins(before, after) && !IN(angles, before) &&
	    !IN(doubles, before) && !IN(angles, after) && !IN(doubles, after);
}

/* The bytes of an entity that stands for an angle bracket; 0: it is none. */
static size_t
entity(const char *p, const char *end)
{
	static const char *const names[] = { "&lt;", "&gt;", "&#60;", "&#62;",
		"&#x3c;", "&#x3e;", "&laquo;", "&raquo;" };
	size_t i, len;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		len = strlen(names[i]);
		if ((size_t)(end - p) >= len &&
		    strncasecmp(p, names[i], len) == 0)
			return len;
	}
	return 0;
}

/* How many bytes from p on are plain: seen, and nothing else by their looks. */
static size_t
plain(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && *q >= ' ' && *q <= '~' && *q != '<' && *q != '>' &&
	    *q != '&')
		q++;
	return (size_t)(q - p);
}

static void
neutral(struct buf *b, const char *text, size_t max, bool one_line)
{
	const char *p = text, *at,
		   *end = text + utf8_cut(text, strlen(text), max), *look;
	bool angle = false; /* the last one that is seen and no blank is one */
	uint32_t c, before = 0;
	size_t len;

	while ((at = p) < end) {
		len = angle ? 0 : plain(p, end);
		if (len > 0) {
			buf_add(b, p, len);
			p += len;
			before = (unsigned char)p[-1];
			continue;
		}
		len = *p == '&' ? entity(p, end) : 0;
		if (len > 0) {
			if (!angle)
				buf_addc(b, p[1] == 'l' ? '<' : '>');
			angle = true;
			p += len;
			continue;
		}
		c = utf8_next(&p, end);
		look = p;
		if (c == '\r' && p < end && *p == '\n')
			continue;
		if (c == 0x200c || c == 0x200d) {
			if (joins(before, utf8_next(&look, end)))
				buf_add(b, at, (size_t)(p - at));
			continue;
		}
		if (utf8_is_break(c))
			c = '\n';
		/* Nobody sees them; models do. */
		if (utf8_is_unseen(c) || (angle && is_over(c)))
			continue;
		before = c;
		if (IN(angles, c)) {
			if (!angle)
				buf_add(b, at, (size_t)(p - at));
			angle = true;
			continue;
		}
		angle = angle && is_blank(c);
		if (IN(doubles, c))
			buf_addc(b, '"');
		else if (c == '\n')
			buf_addc(b, one_line ? ' ' : '\n');
		else if (c == 0xfffd)
			buf_adds(b, "\xef\xbf\xbd"); /* also for a bad byte */
		else
			buf_add(b, at, (size_t)(p - at));
	}
}

void
fence_data(struct buf *b, const char *text, size_t max)
{
	neutral(b, text, max, false);
}

void
fence_line(struct buf *b, const char *text, size_t max)
{
	neutral(b, text, max, true);
}

void
fence_add(struct buf *b, const char *mark, const char *text, size_t max)
{
	buf_addf(b, "<<%s>>\n", mark);
	neutral(b, text, max, false);
	buf_addf(b, "\n<</%s>>\n", mark);
}
