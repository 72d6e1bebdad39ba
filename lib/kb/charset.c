/* charset - text in whatever it is written in, as UTF-8 */
#include <ctype.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <uchardet.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "kb/block.h"

#define LOOK_BYTES 4096
#define SAMPLE_BYTES (256 << 10) /* enough to tell a charset by */

/* What a label means, where iconv would take it for something smaller. */
static const char *
meant(const char *label)
{
	static const char *const means[][2] = {
		{ "iso-8859-1", "WINDOWS-1252" },
		{ "iso8859-1", "WINDOWS-1252" },
		{ "latin1", "WINDOWS-1252" },
		{ "us-ascii", "WINDOWS-1252" },
		{ "ascii", "WINDOWS-1252" },
		{ "iso-8859-9", "WINDOWS-1254" },
		{ "tis-620", "WINDOWS-874" },
		{ "gb2312", "GB18030" },
		{ "gbk", "GB18030" },
		{ "shift_jis", "CP932" },
		{ "x-sjis", "CP932" },
		{ "euc-kr", "CP949" },
		{ "ks_c_5601-1987", "CP949" },
	};

	for (size_t i = 0; i < sizeof(means) / sizeof(*means); i++)
		if (strcasecmp(label, means[i][0]) == 0)
			return means[i][1];
	return label;
}

/* text_from(); *ret_bad: bytes that mean nothing in it. */
static char *
convert(const char *bytes, size_t len, const char *charset, size_t *ret_len,
    size_t *ret_bad)
{
	iconv_t cd = iconv_open("UTF-8", meant(charset));
	char *out, *to, *in = (char *)(uintptr_t)bytes;
	size_t room, left;

	if (cd == (iconv_t)-1)
		return NULL;
	*ret_bad = 0;
	room = left = len * 3 + 4;
	out = to = xmalloc(room + 1);
	while (len > 0 && iconv(cd, &in, &len, &to, &left) == (size_t)-1) {
		if (left < 4 || len == 0)
			break;
		in++, len--;
		*to++ = '?', left--;
		++*ret_bad;
	}
	iconv_close(cd);
	*ret_len = room - left;
	out[*ret_len] = '\0';
	return out;
}

char *
text_from(const char *bytes, size_t len, const char *charset, size_t *ret_len)
{
	size_t bad;

	return convert(bytes, len, charset, ret_len, &bad);
}

/* Where word is, whatever its case; NULL: nowhere. */
static const char *
find_word(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	for (; (size_t)(end - p) >= n; p++)
		if (strncasecmp(p, word, n) == 0)
			return p;
	return NULL;
}

/* The charset an HTML page names in its first bytes; "" if none. */
static void
declared_charset(const char *bytes, size_t len, char ret[32])
{
	const char *end = bytes + (len < LOOK_BYTES ? len : LOOK_BYTES);
	const char *p = find_word(bytes, end, "charset=");
	size_t n = 0;

	ret[0] = '\0';
	if (p != NULL)
		p += 8;
	else if (len > 5 && memcmp(bytes, "<?xml", 5) == 0 &&
	    (p = find_word(bytes, end, "encoding=")) != NULL)
		p += 9;
	else
		return;
	if (p < end && (*p == '"' || *p == '\''))
		p++;
	while (n < 31 && p < end && strchr("\"' />;?", *p) == NULL && *p > ' ')
		ret[n++] = *p++;
	ret[n] = '\0';
}

/*
 * How much len bytes look like UTF-16 with the high byte first (1) or last
 * (0), in points: letters of few blocks, blanks and ends of lines.
 */
static long
wide_points(const char *bytes, size_t len, int high)
{
	size_t i, look = len < LOOK_BYTES ? len : LOOK_BYTES;
	long points = 0;
	unsigned c;

	for (i = 0; i + 1 < look; i += 2) {
		unsigned char a = (unsigned char)bytes[i];
		unsigned char z = (unsigned char)bytes[i + 1];

		c = high ? (unsigned)a << 8 | z : (unsigned)z << 8 | a;
		if (c == ' ' || c == '\n' || c == '\r' || c == 0x3002 ||
		    c == 0xff0c || c == 0x3001)
			points += 4;
		else if ((c >= ' ' && c < 0x250) || (c >= 0x3040 && c < 0x3100))
			points += 2;
		else if ((c >= 0x370 && c < 0x0a00) ||
		    (c >= 0x2010 && c < 0x2030) ||
		    (c >= 0x4e00 && c < 0x9fff) ||
		    (c >= 0xac00 && c < 0xd7a4) || (c >= 0xff00 && c < 0xff60))
			points += 1;
		else if (c < ' ' || (c >= 0xd800 && c < 0xf900) || c >= 0xfff0)
			points -= 8;
		else
			points -= 1;
	}
	return points;
}

/* The charset of wide characters without a mark of it; NULL: they are not. */
static const char *
wide_charset(const char *bytes, size_t len)
{
	size_t look = len < LOOK_BYTES ? len : LOOK_BYTES, zeros[2] = { 0 }, i;
	long first, last, least = (long)(look / 2);
	bool may_be;

	if (len < 4 || len % 2 != 0)
		return NULL;
	for (i = 0; i < look; i++)
		zeros[i % 2] += bytes[i] == '\0';
	first = wide_points(bytes, len, 1);
	last = wide_points(bytes, len, 0);
	/* Without a zero that makes a letter of a byte, it may be any bytes of
	 * any other charset. */
	may_be = least >= 8 && !utf8_valid(bytes, len);
	if (first > last && first >= least && (zeros[0] > 0 || may_be))
		return "UTF-16BE";
	if (last > first && last >= least && (zeros[1] > 0 || may_be))
		return "UTF-16LE";
	return NULL;
}

/*
 * Whether the bytes above ASCII are letters and marks of Western Europe within
 * words of ASCII letters: what detectors take short texts of for something
 * else.
 */
static bool
is_western(const char *bytes, size_t len)
{
	/* Windows-1252, from 0x80: what a text has now and then. */
	static const char often[] =
	    "\x80\x84\x85\x91\x92\x93\x94\x95\x96\x97\xa0\xa1\xa3\xa7\xa9\xaa"
	    "\xab\xae\xb0\xb7\xba\xbb\xbf\xc0\xc1\xc2\xc4\xc7\xc8\xc9\xca\xcd"
	    "\xd1\xd3\xd4\xd6\xda\xdc\xdf\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8"
	    "\xe9\xea\xeb\xec\xed\xee\xef\xf1\xf2\xf3\xf4\xf5\xf6\xf8\xf9\xfa"
	    "\xfb\xfc";
	size_t i, high = 0, low = 0, pairs = 0;

	for (i = 0; i < len && i < SAMPLE_BYTES; i++) {
		if ((unsigned char)bytes[i] < 0x80) {
			low += isalpha((unsigned char)bytes[i]) != 0;
			continue;
		}
		if (strchr(often, bytes[i]) == NULL)
			return false;
		high++;
		pairs += i > 0 && (unsigned char)bytes[i - 1] >= 0xc0;
	}
	return high * 4 < low && pairs * 4 < high + 4;
}

static size_t
count_of(const char *text, size_t len, char c)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += text[i] == c;
	return n;
}

/*
 * Text in a Japanese charset, if all of its bytes are and a good part of it is
 * kana, which other charsets have none of in its place: of short texts
 * detectors think otherwise. NULL: it is none.
 */
static char *
japanese(const char *bytes, size_t len, size_t *ret_len)
{
	static const char *const charsets[] = { "EUC-JP", "CP932", NULL };
	size_t i, kana, wide;
	const char *p;
	uint32_t c;
	char *out;

	for (i = 0; charsets[i] != NULL; i++) {
		out = text_from(bytes, len, charsets[i], ret_len);
		kana = wide = 0;
		for (p = out;
		     out != NULL && (c = utf8_next(&p, out + *ret_len)) != 0;) {
			if (c >= 0xff61 && c < 0xffa0)
				break; /* half a sign of another's */
			wide += c >= 0x80;
			kana += c >= 0x3041 && c < 0x30ff;
		}
		if (out != NULL && c == 0 && wide >= 4 && kana * 4 >= wide &&
		    count_of(out, *ret_len, '?') == count_of(bytes, len, '?'))
			return out;
		free(out);
	}
	return NULL;
}

/* How well bytes read in a charset are words of Latin letters. */
struct fit {
	size_t good; /* letters above ASCII beside another letter, */
	size_t bad;  /* and what is never there */
};

static struct fit
fit_of(const char *bytes, size_t len, const char *charset)
{
	char *text = text_from(bytes, len, charset, &len);
	const char *p = text, *end = text + len, *next;
	utf8proc_category_t kind, before = UTF8PROC_CATEGORY_ZS, behind;
	struct fit f = { 0 };
	uint32_t c;

	for (; text != NULL && (c = utf8_next(&p, end)) != 0; before = kind) {
		bool is_letter, in_word;

		kind = utf8proc_category((utf8proc_int32_t)c);
		is_letter = kind == UTF8PROC_CATEGORY_LL ||
		    kind == UTF8PROC_CATEGORY_LU;
		if (c < 0x80)
			continue;
		next = p;
		behind =
		    utf8proc_category((utf8proc_int32_t)utf8_next(&next, end));
		in_word = (before == UTF8PROC_CATEGORY_LL ||
			      before == UTF8PROC_CATEGORY_LU) &&
		    (behind == UTF8PROC_CATEGORY_LL ||
			behind == UTF8PROC_CATEGORY_LU);
		/* Dashes and quotes may well stand between letters. */
		if (is_letter && c < 0x180 &&
		    !(kind == UTF8PROC_CATEGORY_LU &&
			before == UTF8PROC_CATEGORY_LL))
			f.good++;
		else if (is_letter || c < 0xa0 ||
		    (in_word && (c < 0x2010 || c > 0x2026)) || c >= 0xe000)
			f.bad++;
	}
	free(text);
	return f;
}

/*
 * The charset of text of Western Europe as Macintoshes or DOS wrote it, which
 * detectors do not look for; NULL: it is none, for it is as good in that of
 * Windows, or bad in these.
 */
static const char *
older_charset(const char *bytes, size_t len)
{
	static const char *const charsets[] = { "MACINTOSH", "CP850" };
	const char *best = NULL;
	size_t i, high = 0, low = 0, most = 0;
	struct fit windows, f;

	len = len < SAMPLE_BYTES ? len : SAMPLE_BYTES;
	for (i = 0; i < len; i++)
		if ((unsigned char)bytes[i] >= 0x80)
			high++;
		else
			low += isalpha((unsigned char)bytes[i]) != 0;
	if (high * 5 >= low * 2)
		return NULL;
	windows = fit_of(bytes, len, "WINDOWS-1252");
	for (i = 0; i < sizeof(charsets) / sizeof(*charsets); i++) {
		f = fit_of(bytes, len, charsets[i]);
		if (f.bad * 20 <= f.good && f.good > most &&
		    (f.good > windows.good || windows.bad * 2 > windows.good)) {
			most = f.good;
			best = charsets[i];
		}
	}
	return best;
}

static char *
detected(const char *bytes, size_t len, size_t *ret_len)
{
	uchardet_t u;
	const char *charset;
	char *out = NULL;

	if ((charset = older_charset(bytes, len)) != NULL)
		return text_from(bytes, len, charset, ret_len);
	if (is_western(bytes, len))
		return text_from(bytes, len, "WINDOWS-1252", ret_len);
	u = uchardet_new();
	uchardet_handle_data(u, bytes, len < SAMPLE_BYTES ? len : SAMPLE_BYTES);
	uchardet_data_end(u);
	charset = uchardet_get_charset(u);
	if (charset != NULL && *charset != '\0' &&
	    strcasecmp(charset, "UTF-8") != 0 &&
	    strcasecmp(charset, "ASCII") != 0)
		out = text_from(bytes, len, charset, ret_len);
	uchardet_delete(u);
	return out;
}

/*
 * How often names read in a charset have what names have not: a sign or a mark
 * above ASCII, a capital behind a small letter, a third Latin letter with an
 * accent in a row, two scripts in a word.
 */
static size_t
oddities(const char *names, size_t len, const char *charset)
{
	char *text = text_from(names, len, charset, &len);
	const char *p = text;
	bool was_small = false, was_cyrillic = false, was_letter = false;
	size_t odd = text == NULL ? SIZE_MAX : 0, accents = 0;
	uint32_t c;

	while (text != NULL && (c = utf8_next(&p, text + len)) != 0) {
		utf8proc_category_t kind =
		    utf8proc_category((utf8proc_int32_t)c);
		bool is_letter = kind >= UTF8PROC_CATEGORY_LU &&
		    kind <= UTF8PROC_CATEGORY_LO;
		bool is_cyrillic = c >= 0x400 && c < 0x530;

		accents = is_letter && c >= 0x80 && c < 0x250 ? accents + 1 : 0;
		if ((c >= 0x80 && !is_letter) || accents > 2)
			odd++;
		else if (c >= 0x80 && was_small && kind == UTF8PROC_CATEGORY_LU)
			odd++;
		else if (was_letter && is_letter && is_cyrillic != was_cyrillic)
			odd++;
		was_small = kind == UTF8PROC_CATEGORY_LL;
		was_letter = is_letter;
		was_cyrillic = is_cyrillic;
	}
	free(text);
	return odd;
}

const char *
text_names_charset(const char *names, size_t len)
{
	/* Of Windows in the west, which writes archives in that of DOS; of
	 * systems where it is the same for all; of Russian DOS. */
	static const char *const often[] = { "CP850", "WINDOWS-1252", "CP866" };
	static const char *const rest[] = { "SHIFT_JIS", "EUC-JP", "GB18030",
		"BIG5", "EUC-KR", "UHC", "WINDOWS-1251", "KOI8-R",
		"WINDOWS-1256", "WINDOWS-1255", "WINDOWS-1253", "CP852" };
	const char *best = often[0], *name;
	size_t least = SIZE_MAX, odd, i;
	uchardet_t u;

	for (i = 0; i < sizeof(often) / sizeof(*often); i++) {
		odd = oddities(names, len, often[i]);
		if (odd < least) {
			least = odd;
			best = often[i];
		}
	}
	if (least == 0)
		return best;
	u = uchardet_new();
	uchardet_handle_data(u, names, len);
	uchardet_data_end(u);
	name = uchardet_get_charset(u);
	for (i = 0; i < sizeof(rest) / sizeof(*rest); i++)
		if (strcasecmp(name, rest[i]) == 0 &&
		    oddities(names, len, rest[i]) < least)
			best = rest[i];
	uchardet_delete(u);
	return best;
}

bool
text_is_wide(const char *bytes, size_t len)
{
	return (len >= 2 &&
		   (memcmp(bytes, "\377\376", 2) == 0 ||
		       memcmp(bytes, "\376\377", 2) == 0)) ||
	    wide_charset(bytes, len) != NULL;
}

/* Whether bytes are UTF-8 but for a slip here and there. */
static bool
is_nearly_utf8(const char *bytes, size_t len)
{
	const char *p = bytes, *end = bytes + len;
	size_t n, wide = 0, bad = 0;

	while (p < end) {
		n = utf8_character(p, end);
		wide += n > 1;
		bad += n == 0 && *p != '\0';
		p += n > 0 ? n : 1;
	}
	return wide > bad * 4;
}

static bool
is_label(const char *label, const char *const *known)
{
	for (; *known != NULL; known++)
		if (strncasecmp(label, *known, strlen(*known)) == 0)
			return true;
	return false;
}

/* What servers and programs say of anything, and any bytes are. */
static bool
is_said_idly(const char *charset)
{
	return strcasecmp(meant(charset), "WINDOWS-1252") == 0;
}

static char *
guessed(const char *bytes, size_t len, size_t *ret_len)
{
	char *out = japanese(bytes, len, ret_len);

	return out != NULL ? out : detected(bytes, len, ret_len);
}

/* Whether it is not of Western Europe, for it makes sense as something else. */
static bool
is_foreign(const char *bytes, size_t len)
{
	size_t odd, n = len < SAMPLE_BYTES ? len : SAMPLE_BYTES;
	char *text;
	bool is;

	if (is_western(bytes, n) || (text = guessed(bytes, n, &n)) == NULL)
		return false;
	odd = oddities(text, n, "UTF-8");
	n = len < SAMPLE_BYTES ? len : SAMPLE_BYTES;
	is = odd * 3 < oddities(bytes, n, "WINDOWS-1252");
	free(text);
	return is;
}

/* Text in the charset that is said of it; NULL: it is none in it. */
static char *
claimed(const char *bytes, size_t len, const char *charset, size_t *ret_len)
{
	static const char *const unicode[] = { "utf-8", "utf8", NULL };
	size_t bad = 0, i, high = 0;
	char *out;

	if (charset == NULL || *charset == '\0' || is_label(charset, unicode) ||
	    (is_said_idly(charset) && is_foreign(bytes, len)))
		return NULL;
	out = convert(bytes, len, charset, ret_len, &bad);
	for (i = 0; i < len; i++)
		high += (unsigned char)bytes[i] >= 0x80;
	if (bad * 50 <= high)
		return out;
	free(out);
	return NULL;
}

/* Text in seven bits a byte, which are valid UTF-8 and yet something else. */
static char *
seven_bits(const char *bytes, size_t len, const char *charset, size_t *ret_len)
{
	static const char *const sets[] = { "iso-2022-", "hz-gb-", "utf-7",
		NULL };
	size_t bad = 0;
	char *out;

	if (charset != NULL && is_label(charset, sets)) {
		out = convert(bytes, len, charset, ret_len, &bad);
		if (bad == 0)
			return out;
		free(out);
	}
	if (memmem(bytes, len, "\033$B", 3) != NULL)
		return text_from(bytes, len, "ISO-2022-JP", ret_len);
	return NULL;
}

char *
text_utf8(const char *bytes, size_t len, const char *told, bool may_declare,
    size_t *ret_len)
{
	char charset[32] = "", *out = NULL;
	const char *wide;

	if (len >= 2 && memcmp(bytes, "\377\376", 2) == 0)
		out = text_from(bytes + 2, len - 2, "UTF-16LE", ret_len);
	else if (len >= 2 && memcmp(bytes, "\376\377", 2) == 0)
		out = text_from(bytes + 2, len - 2, "UTF-16BE", ret_len);
	else if ((wide = wide_charset(bytes, len)) != NULL &&
	    (memchr(bytes, '\0', len) != NULL ||
		(out = japanese(bytes, len, ret_len)) == NULL))
		out = text_from(bytes, len, wide, ret_len);
	if (out != NULL)
		return out;
	if (len >= 3 && memcmp(bytes, "\357\273\277", 3) == 0)
		bytes += 3, len -= 3;
	if (may_declare)
		declared_charset(bytes, len, charset);
	if (utf8_valid(bytes, len)) {
		out = seven_bits(bytes, len, told != NULL ? told : charset,
		    ret_len);
		if (out == NULL) {
			out = xstrndup(bytes, len);
			*ret_len = len;
		}
		return out;
	}
	/* A page knows better than a server that says the same of all. */
	if (charset[0] != '\0' && told != NULL && is_said_idly(told) &&
	    !is_said_idly(charset))
		out = claimed(bytes, len, charset, ret_len);
	if (out == NULL)
		out = claimed(bytes, len, told, ret_len);
	if (out == NULL)
		out = claimed(bytes, len, charset, ret_len);
	if (out == NULL && !is_nearly_utf8(bytes, len) &&
	    (out = guessed(bytes, len, ret_len)) == NULL)
		out = text_from(bytes, len, "WINDOWS-1252", ret_len);
	if (out == NULL) {
		out = utf8_mend(bytes, len);
		*ret_len = strlen(out);
	}
	return out;
}
