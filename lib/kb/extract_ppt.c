/*
 * extract_ppt - the slides of a PowerPoint presentation of 1997 to 2003
 *
 * Records within records. The text of a slide stands in its drawing, or, of
 * its title and body, in a list of the document's to which the drawing refers.
 * Masters are left out; pages of notes come behind the slides.
 */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/err.h"
#include "base/utf8.h"
#include "kb/compound.h"
#include "kb/office.h"
#include "kb/writer.h"

#define DEPTH_MAX 64
#define TEXTS_MAX 100000

enum {
	P_SLIDE = 1006,
	P_NOTES = 1008,
	P_NOTES_ATOM = 1009,
	P_MAIN_MASTER = 1016,
	P_SLIDE_PERSIST = 1011,
	P_HANDOUT = 4041,
	P_OUTLINE_REF = 3998,
	P_TEXT_HEADER = 3999,
	P_TEXT_UNITS = 4000,
	P_TEXT_BYTES = 4008,
	P_SLIDE_LIST = 4080,
};
enum { TITLE = 0, BODY = 1, CENTER_BODY = 5, CENTER_TITLE = 6, HALF_BODY = 7 };
enum { OF_SLIDES = 0 }; /* the instance of a list */

struct outline { /* a text of the list */
	size_t slide, at, len;
	uint32_t kind;
	bool is_wide;
};

struct reader {
	struct blocks *b;
	struct writer w;
	const char *bytes;
	size_t len;
	struct outline *outline;
	size_t outlines;
	uint32_t *id; /* of the slides in the list */
	size_t listed;
	size_t slide;
	bool is_master; /* of notes */
	uint32_t kind;	/* of the next text */
};

static void
put_line(struct reader *r, uint32_t kind, const char *line, size_t len)
{
	/* A lone star stands for a number or a date. */
	if (len == 1 && *line == '*')
		return;
	if (kind == BODY || kind == CENTER_BODY || kind >= HALF_BODY)
		writer_item(&r->w, 1, NULL, line, len);
	else
		writer_paragraph(&r->w, line, len);
}

static void
put_text(struct reader *r, const struct outline *t)
{
	const char *p = r->bytes + t->at, *end = p + t->len, *q, *nl;
	struct buf text = BUF_INIT(0);
	uint32_t c, high = 0;
	char utf8[4];

	for (; p < end; p += t->is_wide ? 2 : 1) {
		if (t->is_wide && end - p < 2)
			break;
		c = t->is_wide ? le16(p) : (unsigned char)*p;
		if (c >= 0xd800 && c < 0xdc00) {
			high = c;
			continue;
		}
		if (c >= 0xdc00 && c < 0xe000) {
			if (high == 0)
				continue;
			c = 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00);
		}
		high = 0;
		/* The end of a paragraph, and of a line of it. */
		c = c == '\r' ? '\n' : c == 0x0b ? ' ' : c;
		if (c != 0)
			buf_add(&text, utf8,
			    (size_t)utf8proc_encode_char((utf8proc_int32_t)c,
				(utf8proc_uint8_t *)utf8));
	}
	q = text.data != NULL ? text.data : "";
	if (t->kind == TITLE || t->kind == CENTER_TITLE)
		writer_heading(&r->w, 1, q, strlen(q));
	else
		for (; *q != '\0'; q = *nl != '\0' ? nl + 1 : nl) {
			nl = q + strcspn(q, "\n");
			put_line(r, t->kind, q, (size_t)(nl - q));
		}
	buf_release(&text);
}

static void
keep_outline(struct reader *r, const struct outline *t)
{
	if (r->outlines == TEXTS_MAX || r->listed == 0)
		return;
	if ((r->outlines & (r->outlines - 1)) == 0)
		r->outline = xrealloc(r->outline,
		    (r->outlines ? 2 * r->outlines : 1) * sizeof(*r->outline));
	r->outline[r->outlines++] = *t;
}

/* The text of the slide at work that is number n in the list. */
static void
put_outline(struct reader *r, uint32_t n)
{
	size_t i;

	for (i = 0; i < r->outlines; i++)
		if (r->outline[i].slide == r->slide && n-- == 0) {
			put_text(r, &r->outline[i]);
			return;
		}
}

/* n bytes at p, of a slide in the list. */
static void
take_slide(struct reader *r, const char *p, size_t n)
{
	if (n < 16 || r->listed == TEXTS_MAX)
		return;
	if ((r->listed & (r->listed - 1)) == 0)
		r->id = xrealloc(r->id,
		    (r->listed ? 2 * r->listed : 1) * sizeof(*r->id));
	r->id[r->listed++] = le32(p + 12);
}

/* The page that the notes are of; there is one for the look of all. */
static void
take_notes(struct reader *r, uint32_t id)
{
	size_t i;

	for (i = 0; i < r->listed && r->id[i] != id; i++)
		;
	r->is_master = id == 0;
	r->b->page = i < r->listed ? (int)i + 1 : 0;
}

/* What is within [at, end); where: the record that tells slides from lists. */
static void
walk(struct reader *r, size_t at, size_t end, unsigned where, int depth)
{
	size_t n;
	unsigned type, first, inner;

	for (; end - at >= 8 && !r->b->full; at += 8 + n) {
		first = le16(r->bytes + at);
		type = le16(r->bytes + at + 2);
		n = le32(r->bytes + at + 4);
		if (n > end - at - 8)
			n = end - at - 8;
		struct outline t = { r->listed, at + 8, n, r->kind,
			type == P_TEXT_UNITS };

		switch (type) {
		case P_MAIN_MASTER:
		case P_HANDOUT:
			continue;
		case P_SLIDE_PERSIST:
			if (where == P_SLIDE_LIST)
				take_slide(r, r->bytes + at + 8, n);
			continue;
		case P_NOTES_ATOM:
			if (where == P_NOTES && n >= 4)
				take_notes(r, le32(r->bytes + at + 8));
			continue;
		case P_TEXT_HEADER:
			r->kind = n >= 4 ? le32(r->bytes + at + 8) : 4;
			continue;
		case P_TEXT_UNITS:
		case P_TEXT_BYTES:
			if (where == P_SLIDE_LIST)
				keep_outline(r, &t);
			else if (where == P_SLIDE ||
			    (where == P_NOTES && !r->is_master))
				put_text(r, &t);
			continue;
		case P_OUTLINE_REF:
			if (where == P_SLIDE && n >= 4)
				put_outline(r, le32(r->bytes + at + 8));
			continue;
		}
		if ((first & 15) != 15 || depth == DEPTH_MAX ||
		    (type == P_SLIDE_LIST && first >> 4 != OF_SLIDES))
			continue;
		inner =
		    type == P_SLIDE || type == P_NOTES || type == P_SLIDE_LIST ?
		    type :
		    where;
		if (type == P_SLIDE)
			r->b->page = (int)++r->slide;
		else if (type == P_NOTES)
			r->is_master = false;
		walk(r, at + 8, at + 8 + n, inner, depth + 1);
		/* A list ends with its slide. */
		if (type == P_SLIDE || type == P_NOTES) {
			writer_table(&r->w);
			writer_table_end(&r->w, false);
		}
	}
}

int
extract_ppt(const char *bytes, size_t len, struct blocks *b)
{
	struct reader r = { .b = b, .w = { .b = b }, .kind = 4 };
	char *stream = NULL;
	int code = compound_load(bytes, len, "PowerPoint Document",
	    PART_MAX_BYTES, &stream, &r.len);

	r.bytes = stream;
	if (code == 0)
		walk(&r, 0, r.len, 0, 0);
	if (code == ERR_NO)
		code = err_set(ERR_DATA, "is a damaged presentation");
	if (writer_end(&r.w) < 0 && code == 0)
		code = ERR_DATA;
	b->page = 0;
	free(r.outline);
	free(r.id);
	free(stream);
	return code;
}
