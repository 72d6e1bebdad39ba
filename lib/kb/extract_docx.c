/*
 * extract_docx - the text of a Word document (Office Open XML)
 *
 * What is read: paragraphs with their styles, lists with their numbers,
 * tables with merged cells, text boxes, foot- and endnotes behind the
 * paragraph that refers to them. What is not: page headers and footers,
 * comments, deletions that are tracked, hidden text, tables of contents.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "kb/link.h"
#include "kb/office.h"
#include "kb/writer.h"

#define LEVELS 9
#define STYLES_MAX 20000
#define LISTS_MAX 20000
#define NOTES_MAX 20000
#define CODE_MAX_BYTES 2000 /* of a field */
#define FRACTIONS_MAX 16    /* within each other */
#define BOXES_MAX 16	    /* text boxes within each other */

enum {
	W_P = 1,
	W_R,
	W_T,
	W_TAB,
	W_BR,
	W_CR,
	W_PPR,
	W_RPR,
	W_PSTYLE,
	W_NUMID,
	W_ILVL,
	W_OUTLINELVL,
	W_VANISH,
	W_B,
	W_DEL,
	W_MOVEFROM,
	W_TBL,
	W_TR,
	W_TC,
	W_TBLHEADER,
	W_GRIDSPAN,
	W_VMERGE,
	W_TXBXCONTENT,
	W_FALLBACK,
	W_FOOTNOTEREFERENCE,
	W_ENDNOTEREFERENCE,
	W_FOOTNOTE,
	W_ENDNOTE,
	W_STYLE,
	W_NAME,
	W_BASEDON,
	W_ABSTRACTNUM,
	W_NUM,
	W_LVL,
	W_NUMFMT,
	W_LVLTEXT,
	W_START,
	W_ABSTRACTNUMID,
	W_LVLOVERRIDE,
	W_STARTOVERRIDE,
	W_NOBREAKHYPHEN,
	W_SECTPR,
	W_INSTRTEXT,
	W_DELTEXT,
	W_PPRCHANGE,
	W_RPRCHANGE,
	W_RT,
	W_HYPERLINK,
	W_FLDSIMPLE,
	W_FLDCHAR,
	W_RSTYLE,
	W_HIDDEN,
	W_DEN,
};
static struct xml_words words = {
	.list = (const char *const[]){ "p", "r", "t", "tab", "br", "cr", "pPr",
	    "rPr", "pStyle", "numId", "ilvl", "outlineLvl", "vanish", "b",
	    "del", "moveFrom", "tbl", "tr", "tc", "tblHeader", "gridSpan",
	    "vMerge", "txbxContent", "Fallback", "footnoteReference",
	    "endnoteReference", "footnote", "endnote", "style", "name",
	    "basedOn", "abstractNum", "num", "lvl", "numFmt", "lvlText",
	    "start", "abstractNumId", "lvlOverride", "startOverride",
	    "noBreakHyphen", "sectPr", "instrText", "delText", "pPrChange",
	    "rPrChange", "rt", "hyperlink", "fldSimple", "fldChar", "rStyle",
	    "hidden", "den", NULL }
};

/* Whether a style or a run hides its text: it need not say. */
enum hides { HIDES_AS_AROUND, HIDES, SHOWS };

struct style {
	char *id, *name, *based;
	int outline;	 /* 0 to 8; -1: none */
	int list, level; /* -1: none */
	enum hides hides;
};

struct level {
	char format[16];
	char *text; /* "%1.%2." */
	int start;
};

struct list { /* abstractNum */
	int id;
	struct level level[LEVELS];
	int counter[LEVELS];
	bool used[LEVELS];
};

struct number {		     /* num */
	int id, list;	     /* index of it; -1: none */
	int restart[LEVELS]; /* at; -1: no */
};

struct note {
	int id;
	char *text;
};

/* A paragraph at work; one within a text box waits for the one inside. */
struct paragraph {
	struct buf text;
	size_t bold; /* bytes of text that are */
	char *style;
	int list, level, outline;
	/* By its style; of the run at work by the run's and by itself. */
	enum hides hides, style_hides, run_hides;
};

struct reader {
	struct blocks *b;
	struct writer w;
	struct xml x;
	struct style *style;
	size_t styles;
	struct list *list;
	size_t lists;
	struct number *number;
	size_t numbers;
	struct note *note[2]; /* foot, end */
	size_t notes[2];
	struct paragraph p[BOXES_MAX];
	int box;
	bool in_ppr, in_rpr, in_text;
	bool bold;	    /* the run at work */
	bool is_row_hidden; /* the innermost */
	/* The outermost table. */
	int columns, down;
	bool head_row, is_row_begun, cell_bold, has_bold;
	/* While notes, styles or numbering are read. */
	int reading, level, override;
	struct style *s;
	struct list *l;
	struct number *n;
	struct buf note_text;
	int note_id;
	/* Of the main part, and the link at work there: where its words begin
	 * in its paragraph, which is that of a box. */
	struct relations links;
	const char *link;
	size_t link_at;
	int link_box;
	/* Fields within each other, and the code of the outermost. */
	int fields;
	bool in_code;
	struct buf code;
	char *field_link;
	/* Where the parts of fractions within each other begin. */
	size_t part_at[FRACTIONS_MAX];
	int parts;
};

enum { BODY, FOOTNOTES, ENDNOTES };

/* --- styles and numbering --- */

static int
compare_styles(const void *a, const void *b)
{
	return strcmp(((const struct style *)a)->id,
	    ((const struct style *)b)->id);
}

static const struct style *
find_style(const struct reader *r, const char *id)
{
	struct style key = { .id = (char *)(uintptr_t)id };

	return id == NULL || r->styles == 0 ?
	    NULL :
	    bsearch(&key, r->style, r->styles, sizeof(key), compare_styles);
}

static void
styles_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;
	const char *value = xml_attr(atts, "val");

	switch (id) {
	case W_STYLE:
		r->s = NULL;
		value = xml_attr(atts, "styleId");
		if (value == NULL || r->styles == STYLES_MAX)
			return;
		if ((r->styles & (r->styles - 1)) == 0)
			r->style = xrealloc(r->style,
			    (r->styles ? 2 * r->styles : 1) *
				sizeof(*r->style));
		r->s = &r->style[r->styles++];
		*r->s = (struct style){ .id = xstrdup(value),
			.outline = -1,
			.list = -1,
			.level = -1 };
		return;
	case W_PPRCHANGE:
	case W_RPRCHANGE:
		r->x.skip = true;
		return;
	default:
		break;
	}
	if (r->s == NULL || (value == NULL && id != W_VANISH))
		return;
	switch (id) {
	case W_NAME:
		if (r->s->name == NULL)
			r->s->name = xstrdup(value);
		break;
	case W_BASEDON:
		if (r->s->based == NULL)
			r->s->based = xstrdup(value);
		break;
	case W_OUTLINELVL:
		r->s->outline = xml_attr_int(atts, "val", 0, 8, -1);
		break;
	case W_NUMID:
		r->s->list = xml_attr_int(atts, "val", 0, INT32_MAX, -1);
		break;
	case W_ILVL:
		r->s->level = xml_attr_int(atts, "val", 0, LEVELS - 1, -1);
		break;
	case W_VANISH:
		r->s->hides = xml_is_off(value) ? SHOWS : HIDES;
		break;
	}
}

static void
styles_end(void *ctx, int id)
{
	struct reader *r = ctx;

	if (id == W_STYLE)
		r->s = NULL;
}

static void
numbering_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;
	const char *value = xml_attr(atts, "val");
	int i;

	switch (id) {
	case W_ABSTRACTNUM:
		r->l = NULL;
		r->level = -1;
		if (r->lists == LISTS_MAX)
			return;
		if ((r->lists & (r->lists - 1)) == 0)
			r->list = xrealloc(r->list,
			    (r->lists ? 2 * r->lists : 1) * sizeof(*r->list));
		r->l = &r->list[r->lists++];
		memset(r->l, 0, sizeof(*r->l));
		r->l->id =
		    xml_attr_int(atts, "abstractNumId", 0, INT32_MAX, -1);
		break;
	case W_NUM:
		r->n = NULL;
		if (r->numbers == LISTS_MAX)
			return;
		if ((r->numbers & (r->numbers - 1)) == 0)
			r->number = xrealloc(r->number,
			    (r->numbers ? 2 * r->numbers : 1) *
				sizeof(*r->number));
		r->n = &r->number[r->numbers++];
		r->n->id = xml_attr_int(atts, "numId", 0, INT32_MAX, -1);
		r->n->list = -1;
		for (i = 0; i < LEVELS; i++)
			r->n->restart[i] = -1;
		break;
	case W_LVL:
		r->level = xml_attr_int(atts, "ilvl", 0, LEVELS - 1, -1);
		break;
	case W_LVLOVERRIDE:
		r->override = xml_attr_int(atts, "ilvl", 0, LEVELS - 1, -1);
		break;
	case W_STARTOVERRIDE:
		if (r->n != NULL && r->override >= 0)
			r->n->restart[r->override] =
			    xml_attr_int(atts, "val", 0, 1000000, 1);
		break;
	case W_ABSTRACTNUMID:
		if (r->n != NULL) {
			int wanted =
			    xml_attr_int(atts, "val", 0, INT32_MAX, -1);

			for (size_t k = 0; k < r->lists; k++)
				if (r->list[k].id == wanted)
					r->n->list = (int)k;
		}
		break;
	}
	if (r->l == NULL || r->level < 0 || value == NULL)
		return;
	if (id == W_NUMFMT)
		snprintf(r->l->level[r->level].format,
		    sizeof(r->l->level[0].format), "%s", value);
	else if (id == W_LVLTEXT && r->l->level[r->level].text == NULL)
		r->l->level[r->level].text = xstrdup(value);
	else if (id == W_START)
		r->l->level[r->level].start =
		    xml_attr_int(atts, "val", 0, 1000000, 1);
}

static void
numbering_end(void *ctx, int id)
{
	struct reader *r = ctx;

	if (id == W_ABSTRACTNUM)
		r->l = NULL;
	else if (id == W_LVL)
		r->level = -1;
	else if (id == W_NUM)
		r->n = NULL;
}

/* The number before a paragraph of a list at a level, counted on. NULL: a
 * bullet. "" where it has none. */
static const char *
next_label(struct reader *r, int id, int at, char *label, size_t size)
{
	struct number *n = NULL;
	struct list *l;
	const char *p;
	char one[32];
	size_t i, len = 0;
	int k;

	for (i = 0; i < r->numbers && n == NULL; i++)
		if (r->number[i].id == id)
			n = &r->number[i];
	if (n == NULL || n->list < 0)
		return NULL;
	l = &r->list[n->list];
	if (n->restart[at] >= 0) {
		l->counter[at] = n->restart[at];
		n->restart[at] = -1;
	} else if (!l->used[at])
		l->counter[at] = l->level[at].start;
	else
		l->counter[at]++;
	l->used[at] = true;
	for (k = at + 1; k < LEVELS; k++)
		l->used[k] = false;
	if (strcmp(l->level[at].format, "bullet") == 0)
		return NULL;
	label[0] = '\0';
	if (strcmp(l->level[at].format, "none") == 0 ||
	    l->level[at].text == NULL)
		return label;
	for (p = l->level[at].text; *p != '\0' && len + 40 < size; p++)
		if (p[0] == '%' && p[1] >= '1' && p[1] <= '9') {
			k = *++p - '1';
			number_label(l->level[k].format,
			    l->used[k] || k == at ? l->counter[k] :
						    l->level[k].start,
			    one);
			len += (size_t)snprintf(label + len, size - len, "%s",
			    one);
		} else
			label[len++] = *p, label[len] = '\0';
	while (len > 0 && label[len - 1] == ' ')
		label[--len] = '\0';
	return label;
}

/* --- paragraphs --- */

struct look {
	int heading; /* 1 to 6; 0: none */
	bool is_title, is_contents, is_code;
	int list, level;
};

/* "heading 2" and the like: its number, or 0. */
static int
heading_of_name(const char *name)
{
	if (strncasecmp(name, "heading", 7) != 0)
		return 0;
	name += 7;
	while (*name == ' ')
		name++;
	return name[0] >= '1' && name[0] <= '9' && name[1] == '\0' ?
	    name[0] - '0' :
	    0;
}

static void
look_of(const struct reader *r, const struct paragraph *p, struct look *ret)
{
	const struct style *s = find_style(r, p->style);
	int steps = 0;

	memset(ret, 0, sizeof(*ret));
	ret->list = p->list;
	ret->level = p->level;
	if (p->outline >= 0)
		ret->heading = p->outline + 1;
	if (s == NULL && p->style != NULL)
		ret->heading = heading_of_name(p->style);
	/* Styles may stand on one another in a circle. */
	for (; s != NULL && steps < 20; s = find_style(r, s->based), steps++) {
		const char *name = s->name != NULL ? s->name : s->id;

		if (ret->heading == 0 && p->outline < 0)
			ret->heading = s->outline >= 0 ? s->outline + 1 :
							 heading_of_name(name);
		ret->is_title |= strcasecmp(name, "title") == 0;
		ret->is_code |= strcasecmp(name, "Source Code") == 0 ||
		    strcasecmp(name, "Preformatted Text") == 0 ||
		    strcasecmp(name, "HTML Preformatted") == 0;
		if (steps == 0)
			ret->is_contents = strncasecmp(name, "toc ", 4) == 0 ||
			    strncasecmp(name, "contents ", 9) == 0;
		if (ret->list < 0)
			ret->list = s->list;
		if (ret->level < 0)
			ret->level = s->level;
	}
	if (ret->is_title)
		ret->heading = 1;
	if (ret->heading > 6)
		ret->heading = 6;
	if (ret->level < 0)
		ret->level = 0;
}

static void
paragraph_begin(struct reader *r)
{
	struct paragraph *p = &r->p[r->box];

	buf_reset(&p->text);
	free(p->style);
	p->style = NULL;
	p->list = p->level = p->outline = -1;
	p->bold = 0;
	p->hides = p->style_hides = p->run_hides = HIDES_AS_AROUND;
	r->parts = 0;
	r->bold = r->in_rpr = r->in_ppr = r->in_text = false;
}

static void
paragraph_end(struct reader *r)
{
	struct paragraph *p = &r->p[r->box];
	const char *text = p->text.data, *number = NULL;
	size_t len = p->text.len;
	char label[200];
	struct look look;
	struct buf out = BUF_INIT(0);

	if (r->reading != BODY) {
		if (r->note_text.len > 0 && len > 0)
			buf_addc(&r->note_text, ' ');
		buf_add(&r->note_text, text, len);
		buf_reset(&p->text);
		return;
	}
	look_of(r, p, &look);
	if (look.list > 0 && len > 0)
		number =
		    next_label(r, look.list, look.level, label, sizeof(label));
	if (look.is_contents || len == 0) {
		writer_paragraph(&r->w, "", 0);
		buf_reset(&p->text);
		return;
	}
	if (r->w.table_depth > 0)
		r->cell_bold &= p->bold >= len;
	if (look.heading > 0) {
		if (look.list > 0 && number != NULL && *number != '\0')
			buf_addf(&out, "%s ", number);
		buf_add(&out, text, len);
		if (look.is_title && r->b->text->title == NULL)
			r->b->text->title = xstrndup(text, len);
		writer_heading(&r->w, look.heading, out.data, out.len);
	} else if (look.list > 0)
		writer_item(&r->w, look.level + 1, number, text, len);
	else if (look.is_code)
		writer_code(&r->w, text, len);
	else
		writer_prose(&r->w, text, len, p->bold);
	buf_release(&out);
	buf_reset(&p->text);
}

/* What a style says, or else the nearest it is based on that says so. */
static enum hides
style_hides(const struct reader *r, const char *name)
{
	const struct style *s = find_style(r, name);
	int steps;

	/* Styles may stand on one another in a circle. */
	for (steps = 0; s != NULL && steps < 20; steps++) {
		if (s->hides != HIDES_AS_AROUND)
			return s->hides;
		s = find_style(r, s->based);
	}
	return HIDES_AS_AROUND;
}

/*
 * Whether the run at work is hidden: it says, or its style, or that of the
 * paragraph. Of a style that hides in one that hides Word shows the text; that
 * is hardly ever meant, so it is left hidden.
 */
static bool
is_hidden(const struct reader *r)
{
	const struct paragraph *p = &r->p[r->box];
	enum hides hides = p->run_hides;

	if (hides == HIDES_AS_AROUND)
		hides = p->style_hides;
	if (hides == HIDES_AS_AROUND)
		hides = p->hides;
	return hides == HIDES;
}

static void
add(struct reader *r, const char *text, size_t len)
{
	struct paragraph *p = &r->p[r->box];

	if (is_hidden(r))
		return;
	if (p->text.len + len > r->b->max) {
		r->b->full = r->x.stop = true;
		return;
	}
	buf_add(&p->text, text, len);
	if (r->bold || strspn(text, " ") >= len)
		p->bold += len;
}

/* A part of a fraction, which is told on one line: over/under. */
static void
part_start(struct reader *r, bool is_under)
{
	const struct buf *text = &r->p[r->box].text;

	if (is_under)
		add(r, "/", 1);
	/* Two and a half is not 21/2. */
	else if (text->len > 0 &&
	    isdigit((unsigned char)text->data[text->len - 1]))
		add(r, " ", 1);
	if (r->parts < FRACTIONS_MAX)
		r->part_at[r->parts] = r->p[r->box].text.len;
	r->parts++;
}

/* In brackets, if it is more than a number or a name. */
static void
part_end(struct reader *r)
{
	static const char *const signs[] = { " ", "+", "-", "*", "/", "=",
		"\xe2\x88\x92" /* minus */, "\xc3\x97" /* times */, "\xc2\xb7",
		NULL };
	struct buf *text = &r->p[r->box].text;
	size_t at, i;
	char *part;

	if (r->parts == 0 || --r->parts >= FRACTIONS_MAX)
		return;
	at = r->part_at[r->parts];
	for (i = 0; at < text->len && signs[i] != NULL; i++)
		if (strstr(text->data + at, signs[i]) != NULL)
			break;
	if (at >= text->len || signs[i] == NULL)
		return;
	part = xstrdup(text->data + at);
	text->len = at;
	buf_addf(text, "(%s)", part);
	free(part);
}

static void
link_start(struct reader *r, const char **atts)
{
	const char *id = xml_attr_relation(atts);

	r->link = relations_address(&r->links, id);
	r->link_at = r->p[r->box].text.len;
	r->link_box = r->box;
}

/* The address of a link behind words such as "here". */
static void
link_end(struct reader *r)
{
	const struct buf *text = &r->p[r->box].text;
	char *told;

	if (r->link == NULL || r->link_box != r->box || text->len < r->link_at)
		return;
	told = link_told(text->data != NULL ? text->data + r->link_at : "",
	    text->len - r->link_at, r->link, NULL);
	if (told != NULL)
		add(r, told, strlen(told));
	free(told);
	r->link = NULL;
}

/* A link that a field makes of what it shows; code: HYPERLINK "address". */
static void
field_link(struct reader *r, const char *code)
{
	free(r->field_link);
	r->field_link = code != NULL ? link_of_field(code) : NULL;
	r->link = r->field_link;
	r->link_at = r->p[r->box].text.len;
	r->link_box = r->box;
}

/* A mark of a field: its code, then what it shows, stand between such. */
static void
field_mark(struct reader *r, const char *type)
{
	if (type == NULL)
		return;
	if (strcmp(type, "begin") == 0) {
		if (r->fields++ == 0)
			buf_reset(&r->code);
	} else if (strcmp(type, "separate") == 0) {
		if (r->fields == 1)
			field_link(r, r->code.data);
	} else if (r->fields > 0 && --r->fields == 0)
		link_end(r);
}

static void
take_note(struct reader *r, int kind, int id)
{
	size_t i;

	for (i = 0; i < r->notes[kind]; i++)
		if (r->note[kind][i].id == id)
			writer_note(&r->w, r->note[kind][i].text,
			    strlen(r->note[kind][i].text));
}

/* --- the walk --- */

static void
property(struct reader *r, int id, const char **atts)
{
	struct paragraph *p = &r->p[r->box];
	const char *value = xml_attr(atts, "val");

	switch (id) {
	case W_PSTYLE:
		free(p->style);
		p->style = xstrdup(value);
		p->hides = style_hides(r, p->style);
		break;
	case W_NUMID:
		p->list = xml_attr_int(atts, "val", 0, INT32_MAX, -1);
		break;
	case W_ILVL:
		p->level = xml_attr_int(atts, "val", 0, LEVELS - 1, -1);
		break;
	case W_OUTLINELVL:
		/* 9 is text of the body. */
		p->outline = xml_attr_int(atts, "val", 0, 8, -1);
		break;
	case W_VANISH:
		/* Of the paragraph's own properties it is the mark's. */
		if (r->in_rpr && !r->in_ppr)
			p->run_hides = xml_is_off(value) ? SHOWS : HIDES;
		break;
	case W_RSTYLE:
		if (r->in_rpr && !r->in_ppr)
			p->style_hides = style_hides(r, value);
		break;
	case W_HIDDEN:
		r->is_row_hidden = !xml_is_off(value);
		break;
	case W_B:
		if (r->in_rpr && !r->in_ppr)
			r->bold = !xml_is_off(value);
		break;
	case W_GRIDSPAN:
		if (r->w.table_depth == 1)
			r->columns = xml_attr_int(atts, "val", 1, 1000, 1);
		break;
	case W_VMERGE:
		if (r->w.table_depth == 1)
			r->down =
			    value != NULL && strcmp(value, "restart") == 0;
		break;
	case W_TBLHEADER:
		if (r->w.table_depth == 1)
			r->head_row = !xml_is_off(value);
		break;
	}
}

static void
body_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;

	switch (id) {
	case 0:
		break;
	case W_P:
		paragraph_begin(r);
		break;
	case W_R:
		r->p[r->box].style_hides = HIDES_AS_AROUND;
		r->p[r->box].run_hides = HIDES_AS_AROUND;
		r->bold = false;
		break;
	case W_T:
		r->in_text = true;
		break;
	case W_NUM: /* of m:f; lists have theirs in a part of their own */
	case W_DEN:
		part_start(r, id == W_DEN);
		break;
	case W_HYPERLINK:
		link_start(r, atts);
		break;
	case W_FLDSIMPLE:
		field_link(r, xml_attr(atts, "instr"));
		break;
	case W_FLDCHAR:
		field_mark(r, xml_attr(atts, "fldCharType"));
		break;
	case W_INSTRTEXT:
		r->in_code = true;
		break;
	case W_TAB:
		if (!r->in_ppr)
			add(r, " ", 1);
		break;
	case W_BR:
	case W_CR:
		add(r, "\n", 1);
		break;
	case W_NOBREAKHYPHEN:
		add(r, "-", 1);
		break;
	case W_PPR:
		r->in_ppr = true;
		break;
	case W_RPR:
		r->in_rpr = true;
		break;
	case W_DEL:
		/* In the properties of a paragraph or row it is a mark. */
		if (!r->in_ppr)
			r->x.skip = true;
		break;
	case W_MOVEFROM:
	case W_FALLBACK:
	case W_DELTEXT:
	case W_PPRCHANGE:
	case W_RPRCHANGE:
	case W_SECTPR:
	case W_RT:
		r->x.skip = true;
		break;
	case W_TBL:
		writer_table(&r->w);
		break;
	case W_TR:
		if (r->w.table_depth == 1) {
			r->head_row = false;
			r->is_row_begun = false;
		}
		r->is_row_hidden = false;
		break;
	case W_TC:
		r->x.skip = r->is_row_hidden;
		if (r->w.table_depth == 1 && !r->is_row_hidden) {
			if (!r->is_row_begun)
				writer_row(&r->w);
			r->is_row_begun = true;
			r->columns = r->down = 1;
			r->cell_bold = true;
		}
		break;
	case W_TXBXCONTENT:
		if (r->box + 1 < BOXES_MAX && !is_hidden(r)) {
			r->box++;
			paragraph_begin(r);
		} else
			r->x.skip = true;
		break;
	case W_FOOTNOTEREFERENCE:
	case W_ENDNOTEREFERENCE:
		if (r->reading == BODY && !is_hidden(r))
			take_note(r, id == W_ENDNOTEREFERENCE,
			    xml_attr_int(atts, "id", 0, INT32_MAX, -1));
		break;
	case W_FOOTNOTE:
	case W_ENDNOTE:
		r->note_id = xml_attr_int(atts, "id", 0, INT32_MAX, -1);
		/* Lines between text and notes. */
		if (xml_attr(atts, "type") != NULL)
			r->note_id = -1;
		buf_reset(&r->note_text);
		break;
	default:
		property(r, id, atts);
	}
	if (r->b->full)
		r->x.stop = true;
}

static void
keep_note(struct reader *r)
{
	int kind = r->reading == ENDNOTES;
	size_t n = r->notes[kind];

	if (r->note_id < 0 || r->note_text.len == 0 || n == NOTES_MAX)
		return;
	if ((n & (n - 1)) == 0)
		r->note[kind] = xrealloc(r->note[kind],
		    (n ? 2 * n : 1) * sizeof(*r->note[kind]));
	r->note[kind][n].id = r->note_id;
	r->note[kind][n].text = xstrdup(r->note_text.data);
	r->notes[kind]++;
}

static void
body_end(void *ctx, int id)
{
	struct reader *r = ctx;

	switch (id) {
	case W_P:
		paragraph_end(r);
		break;
	case W_T:
		r->in_text = false;
		break;
	case W_INSTRTEXT:
		r->in_code = false;
		break;
	case W_NUM:
	case W_DEN:
		part_end(r);
		break;
	case W_HYPERLINK:
	case W_FLDSIMPLE:
		link_end(r);
		break;
	case W_PPR:
		r->in_ppr = false;
		break;
	case W_RPR:
		r->in_rpr = false;
		break;
	case W_TC:
		writer_cell_end(&r->w, r->columns, r->down, r->head_row,
		    r->cell_bold);
		break;
	case W_TBL:
		writer_table_end(&r->w, false);
		/* The one it stood in was read, so it is shown. */
		r->is_row_hidden = false;
		break;
	case W_TXBXCONTENT:
		if (r->box > 0)
			r->box--;
		r->in_text = r->in_ppr = r->in_rpr = false;
		break;
	case W_FOOTNOTE:
	case W_ENDNOTE:
		keep_note(r);
		break;
	}
}

static void
body_text(void *ctx, const char *text, size_t len)
{
	struct reader *r = ctx;

	if (r->in_code && r->fields == 1 && r->code.len + len < CODE_MAX_BYTES)
		buf_add(&r->code, text, len);
	else if (r->in_text && !r->in_code)
		add(r, text, len);
}

/* A part beside the main one; it need not be there. */
static int
read_part(struct reader *r, struct container *c, const char *main_part,
    const char *name, void (*start)(void *, int, const char **),
    void (*end)(void *, int), void (*text)(void *, const char *, size_t))
{
	char *part = part_beside(main_part, name);
	int code;

	r->x = (struct xml){ .words = &words,
		.start = start,
		.end = end,
		.text = text,
		.ctx = r };
	code = xml_read(&r->x, c, part);
	free(part);
	return code == ERR_NO ? 0 : code;
}

static void
release(struct reader *r)
{
	size_t i, k;

	for (i = 0; i < r->styles; i++) {
		free(r->style[i].id);
		free(r->style[i].name);
		free(r->style[i].based);
	}
	free(r->style);
	for (i = 0; i < r->lists; i++)
		for (k = 0; k < LEVELS; k++)
			free(r->list[i].level[k].text);
	free(r->list);
	free(r->number);
	for (k = 0; k < 2; k++) {
		for (i = 0; i < r->notes[k]; i++)
			free(r->note[k][i].text);
		free(r->note[k]);
	}
	for (i = 0; i < BOXES_MAX; i++) {
		buf_release(&r->p[i].text);
		free(r->p[i].style);
	}
	buf_release(&r->note_text);
	relations_release(&r->links);
	buf_release(&r->code);
	free(r->field_link);
}

int
extract_docx(struct container *c, const char *part, struct blocks *b)
{
	struct reader *r = xcalloc(1, sizeof(*r));
	int code, ended;

	r->b = r->w.b = b;
	r->note_text.max = PART_MAX_BYTES;
	code =
	    read_part(r, c, part, "styles.xml", styles_start, styles_end, NULL);
	if (r->styles > 0)
		qsort(r->style, r->styles, sizeof(*r->style), compare_styles);
	if (code == 0)
		code = read_part(r, c, part, "numbering.xml", numbering_start,
		    numbering_end, NULL);
	r->reading = FOOTNOTES;
	if (code == 0)
		code = read_part(r, c, part, "footnotes.xml", body_start,
		    body_end, body_text);
	r->reading = ENDNOTES;
	if (code == 0)
		code = read_part(r, c, part, "endnotes.xml", body_start,
		    body_end, body_text);
	r->reading = BODY;
	office_properties(c, "docProps/core.xml", b->text);
	/* Its text is none the worse without. */
	relations_read(c, part, &r->links);
	if (code == 0)
		code = read_part(r, c, part,
		    strrchr(part, '/') != NULL ? strrchr(part, '/') + 1 : part,
		    body_start, body_end, body_text);
	ended = writer_end(&r->w);
	release(r);
	free(r);
	return code < 0 ? code : ended;
}
