/* utf8 - text that is UTF-8, cut at characters, folded, safe to show */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/eight.h"
#include "base/str.h"
#include "base/utf8.h"

uint32_t
utf8_next(const char **p, const char *end)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	if (*p >= end)
		return 0;
	if ((unsigned char)**p < 0x80)
		return (unsigned char)*(*p)++;
	n = utf8proc_iterate((const utf8proc_uint8_t *)*p, end - *p, &c);
	if (n <= 0) {
		++*p;
		return 0xfffd;
	}
	*p += n;
	return (uint32_t)c;
}

size_t
utf8_character(const char *p, const char *end)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t len, i;

	if (p >= end)
		return 0;
	if (u[0] < 0x80)
		return 1;
	len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	if (u[0] < 0xc2 || u[0] > 0xf4 || (size_t)(end - p) < len)
		return 0;
	for (i = 1; i < len; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	/* Too long a form, half of a surrogate pair, past the last one. */
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
	    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return len;
}

/* The bytes from p on that are ASCII and no NUL, in eights: some that are may
 * follow. */
static size_t
ascii_run(const char *p, const char *end)
{
	const uint64_t highs = UINT64_C(0x8080808080808080),
		       ones = UINT64_C(0x0101010101010101);
	const char *from = p;
	uint64_t eight;

	for (; (size_t)(end - p) >= sizeof(eight); p += sizeof(eight)) {
		memcpy(&eight, p, sizeof(eight));
		/* A NUL borrows from the bit above it. */
		if (((eight | (eight - ones)) & highs) != 0)
			break;
	}
	return (size_t)(p - from);
}

bool
utf8_valid(const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	size_t n;

	for (; p < end; p += n) {
		n = ascii_run(p, end);
		if (n == 0)
			n = utf8_character(p, end);
		if (n == 0)
			return false;
	}
	return true;
}

void
utf8_bad_place(const char *text, size_t len, int *ret_line, int *ret_column)
{
	const char *p = text, *end = text + len;
	int line = 1, column = 1;
	size_t n;

	for (; p < end; p += n) {
		n = utf8_character(p, end);
		if (n == 0 || *p == '\0') {
			*ret_line = line;
			*ret_column = column;
			return;
		}
		column = *p == '\n' ? 1 : column + 1;
		line += *p == '\n';
	}
	*ret_line = *ret_column = 0;
}

int
utf8_bad_line(const char *text, size_t len)
{
	int line, column;

	utf8_bad_place(text, len, &line, &column);
	return line;
}

char *
utf8_mend(const char *text, size_t len)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *end = text + len, *from = text;
	size_t n;

	while (p < end) {
		n = ascii_run(p, end);
		if (n == 0 && *p != '\0')
			n = utf8_character(p, end);
		if (n == 0) {
			buf_add(&b, from, (size_t)(p - from));
			buf_adds(&b, "\xef\xbf\xbd");
			from = ++p;
		} else
			p += n;
	}
	buf_add(&b, from, (size_t)(p - from));
	return buf_detach(&b);
}

size_t
utf8_plain_length(const char *text, size_t len)
{
	size_t n = 0;
	uint64_t eight;

	for (; n + sizeof(eight) <= len; n += sizeof(eight)) {
		memcpy(&eight, text + n, sizeof(eight));
		/* One that is 0 borrows, one that is not ASCII has the bit. */
		if (((eight | (eight - EACH_BYTE(1))) & EACH_BYTE(0x80)) != 0)
			break;
	}
	while (n < len && (unsigned char)text[n] < 128 && text[n] != '\0')
		n++;
	return n;
}

size_t
utf8_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

size_t
utf8_length(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Scripts in which marks are accents that a hurried writer leaves out. */
static bool
strips_marks(uint32_t c)
{
	return c < 0x0590 || (c >= 0x0600 && c < 0x0780) ||
	    (c >= 0x1e00 && c < 0x2000);
}

/* The dot of Hindi and Punjabi under letters of borrowed words, which most
 * people leave out. */
static bool
is_nukta(uint32_t c)
{
	return c == 0x93c || c == 0xa3c;
}

static bool
is_mark(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return true;
	default:
		return false;
	}
}

static inline bool
is_ascii_word(uint32_t c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

bool
utf8_is_word(uint32_t c)
{
	if (c < 128)
		return is_ascii_word(c);
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return true;
	default:
		return false;
	}
}

/* What a decimal digit of any script stands for; -1: it is none. */
static int
digit_of(uint32_t c)
{
	/* The first of ten in a row, rising. */
	static const uint32_t zeros[] = { 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6,
		0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
		0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810 };
	size_t i;

	if (c < zeros[0] || c > 0x1819)
		return -1;
	for (i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (c >= zeros[i] && c < zeros[i] + 10)
			return (int)(c - zeros[i]);
	return -1;
}

/* What folding keeps. */
enum marks {
	MARKS_NONE,
	MARKS_LEARNT, /* a nukta, and the stroke of d */
	MARKS_ALL,
};

/* Text of any letters, folded, to out. */
static void
fold_any(struct buf *out, const char *text, size_t len, enum marks keep)
{
	utf8proc_uint8_t *decomposed = NULL, *composed = NULL;
	struct buf b = BUF_INIT(0);
	const char *p, *start, *end;
	char *mended = utf8_mend(text, len);
	uint32_t c, base = 0;
	int digit;

	utf8proc_map((const utf8proc_uint8_t *)mended, 0, &decomposed,
	    UTF8PROC_NULLTERM | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
		UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STABLE);
	if (decomposed == NULL) {
		buf_adds(out, mended);
		free(mended);
		return;
	}
	p = (const char *)decomposed;
	end = p + strlen(p);
	while (start = p, (c = utf8_next(&p, end)) != 0) {
		if (is_mark(c)) {
			if (keep < MARKS_ALL &&
			    (strips_marks(base) ||
				(keep == MARKS_NONE && is_nukta(c))))
				continue;
		} else
			base = c;
		/* Its stroke is a mark that Unicode knows no letter without. */
		if (keep == MARKS_NONE && c == 0x111) {
			buf_addc(&b, 'd');
			continue;
		}
		digit = digit_of(c);
		if (digit >= 0) {
			buf_addc(&b, (char)('0' + digit));
			continue;
		}
		buf_add(&b, start, (size_t)(p - start));
	}
	free(decomposed);
	free(mended);
	mended = buf_detach(&b);
	composed = utf8proc_NFC((const utf8proc_uint8_t *)mended);
	buf_adds(out, composed != NULL ? (const char *)composed : mended);
	free(composed);
	free(mended);
}

/* A to Z have bit 5 set. */
void
utf8_fold_plain(struct buf *out, const char *text, size_t len)
{
	char *to = buf_room(out, len);
	uint64_t eight, from_a, past_z;
	size_t i;

	for (i = 0; i + sizeof(eight) <= len; i += sizeof(eight)) {
		memcpy(&eight, text + i, sizeof(eight));
		from_a = eight + EACH_BYTE(0x80 - 'A');
		past_z = eight + EACH_BYTE(0x80 - 'Z' - 1);
		eight |= (from_a & ~past_z & EACH_BYTE(0x80)) >> 2;
		memcpy(to + i, &eight, sizeof(eight));
	}
	for (; i < len; i++)
		to[i] = text[i] >= 'A' && text[i] <= 'Z' ?
		    (char)(text[i] | 32) :
		    text[i];
	to[len] = '\0';
	out->len += len;
}

/*
 * By words: most are ASCII even where not all are, and no letter changes with
 * one beyond a blank.
 */
static char *
fold(const char *text, size_t len, enum marks keep)
{
	struct buf out = BUF_INIT(0);
	const char *p = text, *end = text + len, *from, *to;

	while (p < end) {
		to = p + utf8_plain_length(p, (size_t)(end - p));
		for (from = to; to < end && from > p && *from != ' '; from--)
			;
		if (from > p)
			utf8_fold_plain(&out, p, (size_t)(from - p));
		for (; to < end && *to != ' '; to++)
			;
		if (to > from)
			fold_any(&out, from, (size_t)(to - from), keep);
		p = to;
	}
	return buf_detach(&out);
}

char *
utf8_fold(const char *text, size_t len)
{
	return fold(text, len, MARKS_NONE);
}

char *
utf8_fold_learnt(const char *text, size_t len)
{
	return fold(text, len, MARKS_LEARNT);
}

char *
utf8_fold_case(const char *text, size_t len)
{
	return fold(text, len, MARKS_ALL);
}

/* How many bytes from p on are ASCII that a terminal shows as it is. */
static size_t
printable(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && *p >= ' ' && *p < 0x7f)
		p++;
	return (size_t)(p - from);
}

/* Also of a line or paragraph in Unicode, at which not all terminals go on. */
static bool
is_line_end(uint32_t c)
{
	return c == '\n' || c == 0x2028 || c == 0x2029;
}

char *
utf8_show(const char *text, bool lines)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *start, *end = text + strlen(text);
	uint32_t c;

	for (;;) {
		start = p;
		p += printable(p, end);
		buf_add(&b, start, (size_t)(p - start));
		start = p;
		c = utf8_next(&p, end);
		if (c == 0)
			break;
		if (is_line_end(c) && lines)
			buf_addc(&b, '\n');
		else if (is_line_end(c) || c == '\r' || c == '\t')
			buf_addc(&b, ' ');
		else if (c < 32 || (c >= 127 && c < 160))
			buf_addf(&b, "\\x%02x", (unsigned)c);
		else if ((c >= 0x202a && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff)
			buf_addf(&b, "\\u{%04x}", (unsigned)c);
		else if (c == 0xfffd)
			buf_adds(&b, "\xef\xbf\xbd");
		else
			buf_add(&b, start, (size_t)(p - start));
	}
	return buf_detach(&b);
}

bool
utf8_is_line(const char *text)
{
	const char *p;

	for (p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return *text != '\0';
}

char *
utf8_plain(const char *text)
{
	struct buf b = BUF_INIT(0);
	const char *p = text, *start, *end = text + strlen(text);
	uint32_t c;

	while (start = p, (c = utf8_next(&p, end)) != 0)
		if (c == '\n' || c == '\t' ||
		    (c >= 32 && (c < 127 || c >= 160)))
			buf_add(&b, start, (size_t)(p - start));
	return buf_detach(&b);
}

size_t
utf8_width(const char *text)
{
	const char *p = text, *end = text + strlen(text);
	size_t width = 0, n;
	uint32_t c;

	for (;;) {
		n = printable(p, end);
		width += n;
		p += n;
		c = utf8_next(&p, end);
		if (c == 0)
			return width;
		width += (size_t)utf8proc_charwidth((utf8proc_int32_t)c);
	}
}

char *
utf8_words_folded(const char *folded)
{
	const char *p = folded, *end = folded + strlen(folded), *start;
	/* A blank before the first word, where there may have been none, and
	 * one behind the last; those between stand for something. */
	char *ret = xmalloc((size_t)(end - folded) + 3), *to = ret;
	bool gap = true;
	uint32_t c;

	while (p < end) {
		start = p;
		c = (unsigned char)*p;
		if (c < 128)
			p++;
		else
			c = utf8_next(&p, end);
		if (c < 128 ? !is_ascii_word(c) : !utf8_is_word(c)) {
			gap = true;
			continue;
		}
		if (gap)
			*to++ = ' ';
		gap = false;
		for (; start < p; start++)
			*to++ = *start;
	}
	*to++ = ' ';
	*to = '\0';
	return ret;
}

char *
utf8_words(const char *text)
{
	char *folded = utf8_fold(text, strlen(text)),
	     *words = utf8_words_folded(folded);

	free(folded);
	return words;
}

/* --- what is not seen --- */

struct range {
	uint32_t first, last;
};

#define IN(ranges, c) in((ranges), sizeof(ranges) / sizeof(*(ranges)), (c))

static bool
in(const struct range *r, size_t n, uint32_t c)
{
	size_t i;

	for (i = 0; i < n && r[i].first <= c; i++)
		if (c <= r[i].last)
			return true;
	return false;
}

bool
utf8_is_break(uint32_t c)
{
	return (c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 ||
	    c == 0x2029;
}

bool
utf8_is_unseen(uint32_t c)
{
	/* Rising, without what breaks a line. */
	static const struct range unseen[] = { { 0x00, 0x08 }, { 0x0e, 0x1f },
		{ 0x7f, 0x84 }, { 0x86, 0x9f }, { 0xad, 0xad },
		{ 0x34f, 0x34f }, { 0x61c, 0x61c }, { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
		{ 0x202a, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff } };

	/* Most of what there is, at once. */
	if (c >= 0xae && c < 0x34f)
		return false;
	return IN(unseen, c);
}

bool
utf8_is_blank(const char *text)
{
	const char *p = text, *end = text + strlen(text);
	uint32_t c;

	while (p < end) {
		c = utf8_next(&p, end);
		/* The last is an empty cell of braille. */
		if (!utf8_is_unseen(c) && !utf8_is_break(c) && c != '\t' &&
		    c != 0x2800 &&
		    utf8proc_category((utf8proc_int32_t)c) !=
			UTF8PROC_CATEGORY_ZS)
			return false;
	}
	return true;
}

/* Emoji, and the selector and the colours that stand behind one. */
static bool
is_emoji(uint32_t c)
{
	return (c >= 0x2190 && c <= 0x2bff) || c == 0xfe0f ||
	    (c >= 0x1f000 && c <= 0x1faff);
}

bool
utf8_joins(uint32_t before, uint32_t after)
{
	/* Arabic to Mongolian, their forms, and the rarer ones of India. */
	static const struct range scripts[] = { { 0x620, 0x1cff },
		{ 0xa840, 0xabff }, { 0xfb50, 0xfdff }, { 0xfe70, 0xfefc },
		{ 0x10a00, 0x11fff }, { 0x1e800, 0x1efff } };
	const utf8proc_property_t *p =
	    utf8proc_get_property((utf8proc_int32_t)before);

	if (is_emoji(before) && is_emoji(after))
		return true;
	/* Behind a sign that takes a vowel away it tells the form of the
	 * letter, at the end of a word, too. */
	return IN(scripts, before) &&
	    (IN(scripts, after) || p->combining_class == 9);
}

uint32_t
utf8_narrow(uint32_t c)
{
	return c >= 0xff01 && c <= 0xff5e ? c - 0xff01 + '!' : c;
}
