/*
 * extract_msg - the text of a letter of Outlook
 *
 * A compound file: each property of the letter is a stream, called by its
 * number and type; numbers and dates are together in one of their own; what is
 * attached has a folder each, and a letter within it another. The text is told
 * as of other letters, see kb/extract_eml.c: plain, or HTML, or else RTF, which
 * is compressed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/utf8.h"
#include "kb/compound.h"
#include "kb/office.h"

#define DEPTH_MAX 20 /* of letters within letters */
#define ATTACHED_MAX 1000
#define STREAM_PREFIX "__substg1.0_"
#define ATTACHED_PREFIX "__attach_version1.0_"
#define VALUES "__properties_version1.0"

/* Numbers of properties, and types of their values. */
enum {
	M_SUBJECT = 0x0037,
	M_SENT = 0x0039,
	M_FROM = 0x0c1a,
	M_FROM_ADDRESS = 0x0c1f,
	M_FROM_SMTP = 0x5d01,
	M_DELIVERED = 0x0e06,
	M_BODY = 0x1000,
	M_RTF = 0x1009,
	M_HTML = 0x1013,
	M_ATTACHED = 0x3701,
	M_SHORT_NAME = 0x3704,
	M_METHOD = 0x3705,
	M_LONG_NAME = 0x3707,
	M_NAME = 0x3001,
	M_CHARSET = 0x3fde,
	M_CODEPAGE = 0x3ffd,
	M_IS_HIDDEN = 0x7ffe,
};
enum {
	T_FOLDER = 0x000d,
	T_BYTES = 0x001e,
	T_WIDE = 0x001f,
	T_BINARY = 0x0102
};
enum { BY_VALUE = 1, LETTER = 5 };

struct property {
	unsigned number, type;
	size_t entry;
};

/* What one folder has. */
struct folder {
	struct property *item;
	size_t count;
	char *values;
	size_t values_len;
	struct attached {
		unsigned number;
		size_t entry;
	} * attached;
	size_t nattached;
};

struct reader {
	struct blocks *b;
	struct compound *c;
	int attached;
	size_t member_bytes;
};

static void
push_property(struct folder *f, const struct property *p)
{
	if ((f->count & (f->count - 1)) == 0)
		f->item = xrealloc(f->item,
		    (f->count ? 2 * f->count : 1) * sizeof(*f->item));
	f->item[f->count++] = *p;
}

static void
push_attached(struct folder *f, const struct attached *a)
{
	if ((f->nattached & (f->nattached - 1)) == 0)
		f->attached = xrealloc(f->attached,
		    (f->nattached ? 2 * f->nattached : 1) *
			sizeof(*f->attached));
	f->attached[f->nattached++] = *a;
}

static int
by_number(const void *a, const void *b)
{
	const struct attached *x = a, *y = b;

	return x->number != y->number ? (x->number < y->number ? -1 : 1) :
	    x->entry < y->entry	      ? -1 :
					x->entry > y->entry;
}

static void
folder_release(struct folder *f)
{
	free(f->item);
	free(f->values);
	free(f->attached);
}

static int
folder_read(struct reader *r, size_t at, struct folder *ret)
{
	char name[COMPOUND_NAME_BYTES];
	struct property p;
	struct attached a;
	size_t entry;
	int code = 0;

	memset(ret, 0, sizeof(*ret));
	while (code == 0 && (entry = compound_next(r->c, at)) != 0) {
		compound_name(r->c, entry, name);
		p.entry = a.entry = entry;
		if (sscanf(name, ATTACHED_PREFIX "#%8x", &a.number) == 1)
			push_attached(ret, &a);
		else if (strcmp(name, VALUES) == 0 && ret->values == NULL)
			code = compound_read(r->c, entry, 1 << 20, &ret->values,
			    &ret->values_len);
		else if (sscanf(name, STREAM_PREFIX "%4x%4x", &p.number,
			     &p.type) == 2)
			push_property(ret, &p);
	}
	if (ret->nattached > 0)
		qsort(ret->attached, ret->nattached, sizeof(*ret->attached),
		    by_number);
	return code;
}

static size_t
find(const struct folder *f, unsigned number, unsigned type)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (f->item[i].number == number && f->item[i].type == type)
			return f->item[i].entry;
	return 0;
}

/* A value of eight bytes: behind a head that is as long as the folder is high,
 * 16 bytes for each. 0: there is none. */
static int64_t
value_of(const struct folder *f, unsigned number)
{
	size_t at = f->values_len % 16;

	for (; at + 16 <= f->values_len; at += 16)
		if (le16(f->values + at + 2) == number)
			return (int64_t)le32(f->values + at + 8) |
			    (int64_t)((uint64_t)le32(f->values + at + 12)
				<< 32);
	return 0;
}

/* The same of one of four bytes, or two. */
static unsigned
number_of(const struct folder *f, unsigned number)
{
	return (unsigned)(value_of(f, number) & UINT32_MAX);
}

/* Bytes in the charset of a Windows number. */
static char *
text_by_number(const char *bytes, size_t len, unsigned number, size_t *ret_len)
{
	char charset[32];
	char *text;

	if (number == 65001)
		snprintf(charset, sizeof(charset), "UTF-8");
	else if (number == 20866)
		snprintf(charset, sizeof(charset), "KOI8-R");
	else if (number >= 28591 && number <= 28605)
		snprintf(charset, sizeof(charset), "ISO-8859-%u",
		    number - 28590);
	else
		snprintf(charset, sizeof(charset), "CP%u", number);
	text = number > 0 ? text_from(bytes, len, charset, ret_len) : NULL;
	return text != NULL ? text : text_utf8(bytes, len, NULL, true, ret_len);
}

/* A property that is text, NULL: there is none; the caller frees. */
static char *
text_of(struct reader *r, const struct folder *f, unsigned number,
    size_t *ret_len)
{
	size_t entry = find(f, number, T_WIDE), len = 0, i;
	bool wide = entry != 0;
	char *bytes = NULL, *text;

	if (!wide)
		entry = find(f, number, T_BYTES);
	if (entry == 0 ||
	    compound_read(r->c, entry, r->b->max, &bytes, &len) < 0)
		return NULL;
	text = wide ?
	    text_from(bytes, len & ~(size_t)1, "UTF-16LE", ret_len) :
	    text_by_number(bytes, len, number_of(f, M_CODEPAGE), ret_len);
	free(bytes);
	/* Some end with a zero. */
	for (i = 0; text != NULL && i < *ret_len && text[i] != '\0'; i++)
		;
	if (text != NULL)
		text[ *ret_len = i] = '\0';
	return text;
}

static bool
is_blank(const char *text)
{
	return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* --- RTF --- */

#define WINDOW 4096

/* What is in the window before anything is. */
static const char common[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
    "\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New "
    "RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0"
    "\\fs20\\b\\i\\u\\tab\\tx";

struct window {
	char data[WINDOW];
	unsigned at;
	struct buf *out;
};

static void
put_byte(struct window *w, char c)
{
	buf_addc(w->out, c);
	w->data[w->at++ % WINDOW] = c;
}

/* Eight signs a byte of flags: one as it is, or of what was before, its place
 * in the window and its length less two. Its end is at where it is. */
static void
unpack(const char *p, size_t len, struct buf *out)
{
	struct window w = { .at = sizeof(common) - 1, .out = out };
	const char *end = p + len;
	unsigned flags, bit, pair, from, n;

	memset(w.data, ' ', sizeof(w.data));
	memcpy(w.data, common, sizeof(common) - 1);
	while (p < end) {
		flags = (unsigned char)*p++;
		for (bit = 0; bit < 8 && p < end && !out->failed; bit++) {
			if ((flags >> bit & 1) == 0) {
				put_byte(&w, *p++);
				continue;
			}
			if (end - p < 2)
				return;
			pair = (unsigned)(unsigned char)p[0] << 8 |
			    (unsigned char)p[1];
			p += 2;
			from = pair >> 4;
			if (from == w.at % WINDOW)
				return;
			for (n = (pair & 15) + 2; n > 0; n--)
				put_byte(&w, w.data[from++ % WINDOW]);
		}
		if (out->failed)
			return;
	}
}

static int
take_rtf(struct reader *r, const char *bytes, size_t len)
{
	struct buf text = BUF_INIT(r->b->max);
	int code = 0;

	if (len > 16 && memcmp(bytes + 8, "LZFu", 4) == 0)
		unpack(bytes + 16, len - 16, &text);
	else if (len > 16 && memcmp(bytes + 8, "MELA", 4) == 0)
		buf_add(&text, bytes + 16, len - 16);
	if (text.failed)
		r->b->full = true;
	else if (text.len > 5 && memcmp(text.data, "{\\rtf", 5) == 0)
		code = extract_rtf(text.data, text.len, r->b);
	buf_release(&text);
	return code;
}

/* --- the letter --- */

static int
take_bytes(struct reader *r, const struct folder *f, unsigned number)
{
	size_t entry = find(f, number, T_BINARY), len = 0, text_len = 0;
	char *bytes = NULL, *text;
	int code;

	if (entry == 0)
		return 0;
	code = compound_read(r->c, entry, r->b->max, &bytes, &len);
	if (code == 0 && number == M_RTF)
		code = take_rtf(r, bytes, len);
	else if (code == 0) {
		text = text_by_number(bytes, len, number_of(f, M_CHARSET),
		    &text_len);
		code = extract_letter(text, text_len, true, r->b);
		free(text);
	}
	free(bytes);
	return code;
}

static int
take_body(struct reader *r, const struct folder *f)
{
	size_t len = 0, before = r->b->text->count;
	char *text = text_of(r, f, M_BODY, &len);
	int code = 0;

	if (!is_blank(text))
		code = extract_letter(text, len, false, r->b);
	free(text);
	if (code < 0 || r->b->text->count > before)
		return code;
	text = text_of(r, f, M_HTML, &len);
	if (!is_blank(text))
		code = extract_letter(text, len, true, r->b);
	else
		code = take_bytes(r, f, M_HTML);
	free(text);
	if (code == 0 && r->b->text->count == before)
		code = take_bytes(r, f, M_RTF);
	return code;
}

/* "From: ...; Date: ..." */
static void
take_head(struct reader *r, const struct folder *f)
{
	struct buf out = BUF_INIT(4096);
	size_t len;
	char *name = text_of(r, f, M_FROM, &len), day[16];
	char *address = text_of(r, f, M_FROM_SMTP, &len);
	int64_t sent = value_of(f, M_SENT);
	struct tm tm;
	time_t t;

	if (is_blank(address)) {
		free(address);
		address = text_of(r, f, M_FROM_ADDRESS, &len);
	}
	/* Within a house it is a path of its directory. */
	if (!is_blank(address) && strchr(address, '@') == NULL)
		*address = '\0';
	if (!is_blank(name) && !is_blank(address) && strcmp(name, address) != 0)
		buf_addf(&out, "From: %s <%s>", name, address);
	else if (!is_blank(name) || !is_blank(address))
		buf_addf(&out, "From: %s", is_blank(name) ? address : name);
	if (sent == 0)
		sent = value_of(f, M_DELIVERED);
	/* Since 1601, in units of 100 ns. */
	t = (time_t)(sent / 10000000 - INT64_C(11644473600));
	if (sent > 0 && gmtime_r(&t, &tm) != NULL &&
	    strftime(day, sizeof(day), "%Y-%m-%d", &tm) > 0)
		buf_addf(&out, "%sDate: %s", out.len > 0 ? "; " : "", day);
	if (out.len > 0)
		blocks_add(r->b, BLOCK_PARAGRAPH, 0, out.data, out.len);
	buf_release(&out);
	free(name);
	free(address);
}

static int take_letter(struct reader *r, size_t at, int depth);

static void
take_file(struct reader *r, const struct folder *f)
{
	size_t len = 0, i, entry = find(f, M_ATTACHED, T_BINARY);
	static const unsigned names[] = { M_LONG_NAME, M_SHORT_NAME, M_NAME };
	char *name = NULL, *bytes = NULL;

	for (i = 0; i < 3 && is_blank(name); i++) {
		free(name);
		name = text_of(r, f, names[i], &len);
	}
	/* Pictures of the text itself are hidden. */
	if (entry != 0 && !is_blank(name) &&
	    (number_of(f, M_IS_HIDDEN) & 1) == 0 &&
	    compound_read(r->c, entry, r->b->max, &bytes, &len) == 0) {
		r->member_bytes += len;
		if (r->member_bytes <= r->b->max)
			kb_text_member(r->b->text, name, bytes, len);
	}
	free(bytes);
	free(name);
}

static int
take_attached(struct reader *r, size_t at, int depth)
{
	struct folder f;
	size_t inner;
	int code;

	if (r->attached++ == ATTACHED_MAX)
		return 0;
	code = folder_read(r, at, &f);
	inner = find(&f, M_ATTACHED, T_FOLDER);
	if (code == 0 && inner != 0 && number_of(&f, M_METHOD) == LETTER &&
	    compound_is_folder(r->c, inner))
		code = take_letter(r, inner, depth + 1);
	else if (code == 0 && number_of(&f, M_METHOD) == BY_VALUE)
		take_file(r, &f);
	folder_release(&f);
	return code;
}

/* Depth is limited, so is the recursion. */
static int
take_letter(struct reader *r, size_t at, int depth)
{
	struct folder f;
	char *subject;
	size_t len, i;
	int code;

	if (depth == DEPTH_MAX)
		return 0;
	code = folder_read(r, at, &f);
	subject = code == 0 ? text_of(r, &f, M_SUBJECT, &len) : NULL;
	if (!is_blank(subject))
		blocks_add(r->b, BLOCK_HEADING, depth == 0 ? 1 : 2, subject,
		    strlen(subject));
	if (code == 0)
		take_head(r, &f);
	if (code == 0)
		code = take_body(r, &f);
	/* The text may have had a title of its own. */
	if (depth == 0) {
		free(r->b->text->title);
		r->b->text->title = is_blank(subject) ? NULL : xstrdup(subject);
	}
	for (i = 0; code == 0 && i < f.nattached && !r->b->full; i++)
		code = take_attached(r, f.attached[i].entry, depth);
	free(subject);
	folder_release(&f);
	return code;
}

int
extract_msg(const char *bytes, size_t len, struct blocks *b)
{
	struct reader r = { .b = b };
	int code = compound_open(bytes, len, &r.c);

	if (code == 0)
		code = take_letter(&r, COMPOUND_ROOT, 0);
	compound_close(r.c);
	return code;
}
