/*
 * extract_rtf - the text of a Rich Text Format document
 *
 * Groups are kept on a stack of limited depth, nothing is recursive. Read are
 * paragraphs with headings by their style or outline level, lists by the
 * text of their numbers, tables, footnotes and text boxes; left out are page
 * headers, comments, pictures, hidden and deleted text.
 */
#include <ctype.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "kb/link.h"
#include "kb/writer.h"

#define GROUPS_MAX 1000
#define FONTS_MAX 4096
#define STYLES_MAX 4096
#define WORD_MAX_BYTES 32
#define HEADING_MAX_BYTES 120

enum destination { BODY, SKIP, FONTS, STYLES, TITLE, NUMBER, FOOTNOTE, FIELD };

struct group {
	enum destination to;
	int fallback; /* characters behind \u */
	int font;
	bool hidden, bold;
	size_t link_at; /* where words of a field begin in the text, and 1 */
};

struct reader {
	struct blocks *b;
	struct writer w;
	struct group *group;
	int depth;
	struct group now;
	struct buf text, number, note, name, title;
	struct buf code; /* of the last field */
	struct buf raw;	 /* bytes in the charset of the font */
	int raw_page;
	size_t bold;
	int page;	  /* the document's code page */
	int *font_page;	  /* code page by number of font, 0: the document's */
	int *style_level; /* heading by number of style, 0: none */
	int font_at, style_at, style, outline;
	int list_level;
	bool in_table, has_row;
	int skip;      /* characters that stand for the \u before */
	uint32_t high; /* the first half of a pair */
	iconv_t cd;
	int cd_page;
};

static int
page_of_charset(int charset)
{
	switch (charset) {
	case 77:
		return 10000;
	case 128:
		return 932;
	case 129:
		return 949;
	case 134:
		return 936;
	case 136:
		return 950;
	case 161:
		return 1253;
	case 162:
		return 1254;
	case 163:
		return 1258;
	case 177:
		return 1255;
	case 178:
		return 1256;
	case 186:
		return 1257;
	case 204:
		return 1251;
	case 222:
		return 874;
	case 238:
		return 1250;
	default:
		return 0;
	}
}

static struct buf *
target(struct reader *r)
{
	switch (r->now.to) {
	case SKIP:
		return NULL;
	case FONTS:
	case STYLES:
		return &r->name;
	case TITLE:
		return &r->title;
	case NUMBER:
		return &r->number;
	case FOOTNOTE:
		return &r->note;
	case FIELD:
		return &r->code;
	default:
		return r->now.hidden ? NULL : &r->text;
	}
}

static void
put(struct reader *r, const char *text, size_t len)
{
	struct buf *to = target(r);

	if (to == NULL)
		return;
	if (to->len + len > r->b->max) {
		r->b->full = true;
		return;
	}
	buf_add(to, text, len);
	if (to == &r->text && (r->now.bold || strspn(text, " ") >= len))
		r->bold += len;
}

/* Bytes of a charset that have gathered. */
static void
flush_raw(struct reader *r)
{
	char name[24], out[4096], *in = r->raw.data, *to;
	size_t left = r->raw.len, room;

	if (left == 0)
		return;
	if (r->cd_page != r->raw_page) {
		if (r->cd != (iconv_t)-1)
			iconv_close(r->cd);
		snprintf(name, sizeof(name),
		    r->raw_page == 10000 ? "MACINTOSH" : "CP%d", r->raw_page);
		r->cd = iconv_open("UTF-8", name);
		if (r->cd == (iconv_t)-1)
			r->cd = iconv_open("UTF-8", "WINDOWS-1252");
		r->cd_page = r->raw_page;
	}
	while (r->cd != (iconv_t)-1 && left > 0) {
		to = out;
		room = sizeof(out);
		if (iconv(r->cd, &in, &left, &to, &room) == (size_t)-1 &&
		    left > 0 && room > 8) {
			in++, left--;
			*to++ = '?', room--;
		}
		put(r, out, sizeof(out) - room);
	}
	iconv(r->cd, NULL, NULL, NULL, NULL);
	buf_reset(&r->raw);
}

static void
put_byte(struct reader *r, char c)
{
	int page = r->now.font >= 0 && r->now.font < FONTS_MAX ?
	    r->font_page[r->now.font] :
	    0;

	if (page == 0)
		page = r->page;
	if (r->skip > 0) {
		r->skip--;
		return;
	}
	if (r->raw.len > 0 && r->raw_page != page)
		flush_raw(r);
	r->raw_page = page;
	buf_addc(&r->raw, c);
	if (r->raw.len > 60000)
		flush_raw(r);
}

static void
put_unicode(struct reader *r, uint32_t c)
{
	char out[4];
	size_t n = 0;

	if (c >= 0xd800 && c < 0xdc00) {
		r->high = c;
		return;
	}
	if (c >= 0xdc00 && c < 0xe000) {
		if (r->high == 0)
			return;
		c = 0x10000 + ((r->high - 0xd800) << 10) + (c - 0xdc00);
	}
	r->high = 0;
	if (c < 0x80)
		out[n++] = (char)c;
	else if (c < 0x800) {
		out[n++] = (char)(0xc0 | c >> 6);
		out[n++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		out[n++] = (char)(0xe0 | c >> 12);
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		out[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		out[n++] = (char)(0xf0 | c >> 18);
		out[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		out[n++] = (char)(0x80 | (c & 0x3f));
	}
	if (c != 0)
		put(r, out, n);
}

/* --- paragraphs --- */

static bool
ends_sentence(const struct buf *b)
{
	return b->len > 0 && strchr(".:!?;,", b->data[b->len - 1]) != NULL;
}

static void
close_table(struct reader *r)
{
	if (r->w.table_depth > 0) {
		writer_table_end(&r->w, false);
		r->has_row = false;
	}
}

static void
take_cell_text(struct reader *r)
{
	if (r->w.table_depth == 0)
		writer_table(&r->w);
	if (!r->has_row) {
		writer_row(&r->w);
		r->has_row = true;
	}
	writer_paragraph(&r->w, r->text.data != NULL ? r->text.data : "",
	    r->text.len);
}

/* A number as it stands in the text of a list: "1.", "a)"; NULL: a bullet. */
static const char *
label(struct reader *r)
{
	char *p = str_trim(r->number.data);

	for (; *p != '\0'; p++)
		if (isalnum((unsigned char)*p))
			return str_trim(r->number.data);
	return NULL;
}

/*
 * A bullet or number that was typed, or written as text by who has no lists:
 * it becomes that of the list; the bytes of it.
 */
static size_t
typed_marker(struct reader *r)
{
	static const char *const bullets[] = { "\xe2\x80\xa2 ", "\xe2\x80\x93 ",
		"\xc2\xb7 ", "- ", NULL };
	const char *text = r->text.data != NULL ? r->text.data : "";
	size_t i, n = 0;

	for (i = 0; bullets[i] != NULL; i++)
		if (str_starts(text, bullets[i])) {
			buf_adds(&r->number, "-");
			return strlen(bullets[i]);
		}
	while (n < 3 && isdigit((unsigned char)text[n]))
		n++;
	if (n == 0 || (text[n] != '.' && text[n] != ')') ||
	    text[n + 1] != ' ' || text[n + 2] == '\0')
		return 0;
	buf_add(&r->number, text, n + 1);
	return n + 2;
}

static void
paragraph_end(struct reader *r)
{
	const char *text, *number;
	int level = r->outline >= 0		   ? r->outline + 1 :
	    r->style >= 0 && r->style < STYLES_MAX ? r->style_level[r->style] :
						     0;
	struct buf out = BUF_INIT(0);
	size_t skip = 0;

	flush_raw(r);
	if (r->in_table)
		take_cell_text(r);
	else {
		close_table(r);
		if (r->number.len == 0 && level == 0)
			skip = typed_marker(r);
		text = r->text.data != NULL ? r->text.data + skip : "";
		number = r->number.len > 0 ? label(r) : NULL;
		if (level > 0 && level <= 9) {
			if (number != NULL)
				buf_addf(&out, "%s ", number);
			buf_add(&out, text, r->text.len);
			writer_heading(&r->w, level, out.data, out.len);
			if (level == 1 && r->b->text->title == NULL &&
			    r->text.len > 0 && r->text.len < 300)
				r->b->text->title = xstrdup(text);
		} else if (r->number.len > 0)
			writer_item(&r->w, r->list_level + 1, number, text,
			    r->text.len - skip);
		else if (r->text.len > 0 && r->bold >= r->text.len &&
		    r->text.len < HEADING_MAX_BYTES && !ends_sentence(&r->text))
			writer_heading(&r->w, 0, text, r->text.len);
		else
			writer_paragraph(&r->w, text, r->text.len);
	}
	buf_release(&out);
	buf_reset(&r->text);
	buf_reset(&r->number);
	r->bold = 0;
}

static void
cell_end(struct reader *r)
{
	flush_raw(r);
	take_cell_text(r);
	writer_cell_end(&r->w, 1, 1, false,
	    r->text.len > 0 && r->bold >= r->text.len);
	buf_reset(&r->text);
	buf_reset(&r->number);
	r->bold = 0;
}

/* --- control words --- */

static const char *const left_out[] = { "colortbl", "info", "pict", "object",
	"header", "headerl", "headerr", "headerf", "footer", "footerl",
	"footerr", "footerf", "annotation", "atnid", "atnauthor", "xe", "tc",
	"datafield", "themedata", "colorschememapping", "latentstyles",
	"datastore", "listtable", "listoverridetable", "rsidtbl", "generator",
	"filetbl", "revtbl", "nonshppict", "pgdsctbl", "pnseclvl", "bkmkstart",
	"bkmkend", "sp", "sn", "sv", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc",
	"xmlnstbl", "mmathPr", NULL };

static void
name_end(struct reader *r)
{
	char *name = r->name.data, *p;
	int level = 0;

	if (r->now.to != STYLES || name == NULL || r->style_at < 0 ||
	    r->style_at >= STYLES_MAX)
		return;
	name = str_trim(name);
	p = strchr(name, ';');
	if (p != NULL)
		*p = '\0';
	if (strncasecmp(name, "heading ", 8) == 0 &&
	    isdigit((unsigned char)name[8]))
		level = name[8] - '0';
	else if (strcasecmp(name, "title") == 0)
		level = 1;
	r->style_level[r->style_at] = level;
	r->style_at = -1; /* the list of all ends, too */
}

static void
push(struct reader *r)
{
	r->group[r->depth++] = r->now;
}

/* The address of a link behind words such as "here", which begin at a byte of
 * the text and are what a field shows. */
static void
end_link(struct reader *r, size_t at)
{
	char *href = r->code.data != NULL ? link_of_field(r->code.data) : NULL;
	char *told = NULL;

	if (href != NULL && r->now.to == BODY && at <= r->text.len)
		told = link_told(r->text.data != NULL ? r->text.data + at : "",
		    r->text.len - at, href, NULL);
	if (told != NULL)
		put(r, told, strlen(told));
	free(told);
	free(href);
}

static void
pop(struct reader *r)
{
	enum destination was = r->now.to;
	size_t link_at = r->now.link_at;

	flush_raw(r);
	if (was == STYLES || was == FONTS)
		name_end(r);
	r->now = r->group[--r->depth];
	if (link_at > 0 && r->now.link_at != link_at)
		end_link(r, link_at - 1);
	if (was == FOOTNOTE && r->now.to != FOOTNOTE) {
		writer_note(&r->w, r->note.data != NULL ? r->note.data : "",
		    r->note.len);
		buf_reset(&r->note);
	}
	if (was == STYLES || was == FONTS)
		buf_reset(&r->name);
	r->skip = 0;
}

static bool
is_character(struct reader *r, const char *w)
{
	static const struct {
		const char *word;
		uint32_t c;
	} words[] = { { "tab", ' ' }, { "line", '\n' }, { "emdash", 0x2014 },
		{ "endash", 0x2013 }, { "bullet", 0x2022 },
		{ "lquote", 0x2018 }, { "rquote", 0x2019 },
		{ "ldblquote", 0x201c }, { "rdblquote", 0x201d },
		{ "emspace", ' ' }, { "enspace", ' ' } };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, w) == 0) {
			flush_raw(r);
			put_unicode(r, words[i].c);
			return true;
		}
	return false;
}

/* Words that begin a destination. */
static bool
begins(struct reader *r, const char *w)
{
	if (str_in(w, left_out))
		r->now.to = SKIP;
	else if (strcmp(w, "fonttbl") == 0)
		r->now.to = FONTS;
	else if (strcmp(w, "stylesheet") == 0)
		r->now.to = STYLES;
	else if (strcmp(w, "fldinst") == 0) {
		r->now.to = FIELD;
		buf_reset(&r->code);
	} else if (strcmp(w, "title") == 0 && r->depth <= 3)
		r->now.to = TITLE;
	else if (r->now.to == SKIP)
		return false;
	else if (strcmp(w, "pntext") == 0 || strcmp(w, "listtext") == 0) {
		r->now.to = NUMBER;
		buf_reset(&r->number);
	} else if (strcmp(w, "footnote") == 0)
		r->now.to = FOOTNOTE;
	else
		return false;
	return true;
}

static void
in_tables_of_names(struct reader *r, const char *w, bool has, int n)
{
	if (strcmp(w, "f") == 0 && has)
		r->font_at = n;
	else if (strcmp(w, "fcharset") == 0 && r->font_at >= 0 &&
	    r->font_at < FONTS_MAX)
		r->font_page[r->font_at] = page_of_charset(n);
	else if (strcmp(w, "s") == 0 && has)
		r->style_at = n;
	else if ((strcmp(w, "cs") == 0 || strcmp(w, "ds") == 0 ||
		     strcmp(w, "ts") == 0) &&
	    has)
		r->style_at = -1;
}

static void
word(struct reader *r, const char *w, bool has, int n)
{
	if (begins(r, w))
		return;
	if (strcmp(w, "fldrslt") == 0) {
		flush_raw(r);
		r->now.link_at = r->text.len + 1;
		return;
	}
	if (strcmp(w, "u") == 0 && has) {
		flush_raw(r);
		put_unicode(r, n < 0 ? (uint32_t)(n + 65536) : (uint32_t)n);
		r->skip = r->now.fallback;
		return;
	}
	if (strcmp(w, "uc") == 0)
		r->now.fallback = n < 0 ? 0 : n > 100 ? 100 : n;
	else if (strcmp(w, "ansicpg") == 0 && n > 0)
		r->page = n;
	else if (strcmp(w, "mac") == 0)
		r->page = 10000;
	else if (strcmp(w, "pc") == 0)
		r->page = 437;
	else if (r->now.to == FONTS || r->now.to == STYLES) {
		in_tables_of_names(r, w, has, n);
		return;
	}
	if (r->now.to == SKIP || r->now.to == TITLE)
		return;
	if (is_character(r, w))
		return;
	if (strcmp(w, "f") == 0) {
		flush_raw(r);
		r->now.font = n;
	} else if (strcmp(w, "plain") == 0)
		r->now.hidden = r->now.bold = false;
	else if (strcmp(w, "b") == 0) {
		flush_raw(r);
		r->now.bold = !has || n != 0;
	} else if (strcmp(w, "v") == 0 || strcmp(w, "deleted") == 0) {
		flush_raw(r);
		r->now.hidden = !has || n != 0;
	}
	if (r->now.to == FOOTNOTE) {
		if (strcmp(w, "par") == 0) {
			flush_raw(r);
			put(r, " ", 1);
		}
		return;
	}
	if (strcmp(w, "par") == 0 || strcmp(w, "sect") == 0)
		paragraph_end(r);
	else if (strcmp(w, "page") == 0 || strcmp(w, "column") == 0)
		put_byte(r, ' ');
	else if (r->now.to == NUMBER)
		; /* it is set as a paragraph of its own, within one */
	else if (strcmp(w, "pard") == 0) {
		r->style = r->outline = -1;
		r->in_table = false;
		r->list_level = 0;
	} else if (strcmp(w, "intbl") == 0)
		r->in_table = true;
	else if (strcmp(w, "cell") == 0)
		cell_end(r);
	else if (strcmp(w, "nestcell") == 0)
		put_byte(r, ' ');
	else if (strcmp(w, "row") == 0)
		r->has_row = false;
	else if (strcmp(w, "s") == 0 && has)
		r->style = n;
	else if (strcmp(w, "outlinelevel") == 0 && has && n < 9)
		r->outline = n;
	else if (strcmp(w, "ilvl") == 0 && has && n >= 0 && n < 9)
		r->list_level = n;
}

/* What is behind a backslash at p; returns the byte behind. */
static const char *
control(struct reader *r, const char *p, const char *end)
{
	char w[WORD_MAX_BYTES + 1];
	size_t n = 0;
	int number = 0, sign = 1;
	bool has = false;

	if (p == end)
		return p;
	if (!isalpha((unsigned char)*p)) {
		switch (*p) {
		case '\'':
			if (end - p > 2 && hex_digit(p[1]) >= 0 &&
			    hex_digit(p[2]) >= 0) {
				put_byte(r,
				    (char)(hex_digit(p[1]) * 16 +
					hex_digit(p[2])));
				return p + 3;
			}
			break;
		case '*':
			/* What is marked so may be left out by who does not
			 * know it; these are known. */
			for (n = 0; p + 2 + n < end && n < WORD_MAX_BYTES &&
			     p[1] == '\\' && isalpha((unsigned char)p[2 + n]);
			     n++)
				w[n] = p[2 + n];
			w[n] = '\0';
			if (strcmp(w, "shppict") != 0 &&
			    strcmp(w, "shpinst") != 0 &&
			    strcmp(w, "shptxt") != 0 && strcmp(w, "pn") != 0 &&
			    strcmp(w, "listtext") != 0 &&
			    strcmp(w, "pntext") != 0 &&
			    strcmp(w, "footnote") != 0 &&
			    strcmp(w, "cs") != 0 && strcmp(w, "hyphen") != 0)
				r->now.to = SKIP;
			if (strcmp(w, "pn") == 0)
				r->now.to = SKIP;
			break;
		case '~':
			flush_raw(r);
			put(r, " ", 1);
			break;
		case '_':
			flush_raw(r);
			put(r, "-", 1);
			break;
		case '\n':
		case '\r':
			word(r, "par", false, 0);
			break;
		case '{':
		case '}':
		case '\\':
			put_byte(r, *p);
			break;
		}
		return p + 1;
	}
	while (p < end && isalpha((unsigned char)*p)) {
		if (n < WORD_MAX_BYTES)
			w[n++] = *p;
		p++;
	}
	w[n] = '\0';
	if (p < end && *p == '-' && p + 1 < end &&
	    isdigit((unsigned char)p[1])) {
		sign = -1;
		p++;
	}
	for (; p < end && isdigit((unsigned char)*p); p++) {
		has = true;
		if (number < 100000000)
			number = number * 10 + *p - '0';
	}
	if (p < end && *p == ' ')
		p++;
	/* Bytes that are no text at all. */
	if (strcmp(w, "bin") == 0 && has)
		return number < end - p ? p + number : end;
	word(r, w, has, sign * number);
	return p;
}

int
extract_rtf(const char *bytes, size_t len, struct blocks *b)
{
	struct reader r = { .b = b,
		.w = { .b = b },
		.page = 1252,
		.font_at = -1,
		.style_at = -1,
		.style = -1,
		.outline = -1,
		.cd = (iconv_t)-1,
		.now = { .fallback = 1, .font = -1 } };
	const char *p = bytes, *end = bytes + len;
	int code = 0, ended;

	r.group = xmalloc(GROUPS_MAX * sizeof(*r.group));
	r.font_page = xcalloc(FONTS_MAX, sizeof(*r.font_page));
	r.style_level = xcalloc(STYLES_MAX, sizeof(*r.style_level));
	while (p < end && code == 0 && !b->full) {
		switch (*p) {
		case '{':
			if (r.depth == GROUPS_MAX)
				code = err_set(ERR_DATA, "is nested too deep");
			else {
				flush_raw(&r);
				push(&r);
			}
			p++;
			break;
		case '}':
			if (r.depth > 0)
				pop(&r);
			p++;
			break;
		case '\\':
			p = control(&r, p + 1, end);
			break;
		case '\r':
		case '\n':
		case '\0':
			p++;
			break;
		default:
			put_byte(&r, *p++);
		}
	}
	if (code == 0) {
		flush_raw(&r);
		if (r.text.len > 0)
			paragraph_end(&r);
	}
	ended = writer_end(&r.w);
	if (r.title.len > 0) {
		free(b->text->title);
		b->text->title = xstrdup(r.title.data);
	}
	if (r.cd != (iconv_t)-1)
		iconv_close(r.cd);
	buf_release(&r.text);
	buf_release(&r.number);
	buf_release(&r.note);
	buf_release(&r.name);
	buf_release(&r.title);
	buf_release(&r.raw);
	buf_release(&r.code);
	free(r.group);
	free(r.font_page);
	free(r.style_level);
	return code < 0 ? code : ended;
}
