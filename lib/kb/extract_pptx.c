/*
 * extract_pptx - the text of a PowerPoint presentation (Office Open XML)
 *
 * Slides in their order, each a page and a section under its title; then its
 * text, tables and diagrams, and the speaker's notes. Hidden slides, dates,
 * footers and numbers of slides are left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "kb/boilerplate.h"
#include "kb/office.h"
#include "kb/writer.h"

#define SLIDES_MAX 5000
#define NUMBERED_MAX_BYTES 16 /* "Page 3 of" beside the number of a slide */

enum {
	P_SLDID = 1,
	P_SLD,
	P_SP,
	P_PH,
	P_P,
	P_PPR,
	P_BUNONE,
	P_BUCHAR,
	P_BUAUTONUM,
	P_R,
	P_FLD,
	P_T,
	P_BR,
	P_TBL,
	P_TBLPR,
	P_TR,
	P_TC,
	P_FALLBACK,
	P_RPR,
	P_CNVPR,
	P_TXBODY,
};
static struct xml_words words = {
	.list = (const char *const[]){ "sldId", "sld", "sp", "ph", "p", "pPr",
	    "buNone", "buChar", "buAutoNum", "r", "fld", "t", "br", "tbl",
	    "tblPr", "tr", "tc", "Fallback", "rPr", "cNvPr", "txBody", NULL }
};

enum shape { OTHER, TITLE, BODY, SUBTITLE, LEFT_OUT };

struct reader {
	struct blocks *b;
	struct writer w;
	struct xml x;
	char **ids; /* of relations, of the slides */
	size_t count;
	enum { TITLES, TEXT, NOTES, DIAGRAM } pass;
	enum shape shape;
	struct buf text, title;
	bool in_text, in_fld, in_body, is_hidden, has_names;
	int level, bullet; /* 0: as the shape has it, 1: yes, -1: no */
	int number[10];	   /* of the items of each level */
	bool is_numbered, was_numbered[10];
	bool has_page; /* the paragraph has the number of the slide */
	char style[40];
	bool bold, all_bold;
	int columns, down;
};

static void
list_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;
	const char *rid;

	if (id != P_SLDID || r->count == SLIDES_MAX)
		return;
	rid = xml_attr_relation(atts);
	if (rid == NULL)
		return;
	if ((r->count & (r->count - 1)) == 0)
		r->ids = xrealloc(r->ids,
		    (r->count ? 2 * r->count : 1) * sizeof(*r->ids));
	r->ids[r->count++] = xstrdup(rid);
}

static void
list_end(void *ctx, int id)
{
	(void)ctx, (void)id;
}

static enum shape
shape_of(const char *type)
{
	static const char *const left[] = { "dt", "ftr", "sldNum", "hdr",
		"sldImg", NULL };

	if (type == NULL || strcmp(type, "body") == 0 ||
	    strcmp(type, "obj") == 0)
		return BODY;
	if (strcmp(type, "title") == 0 || strcmp(type, "ctrTitle") == 0)
		return TITLE;
	if (strcmp(type, "subTitle") == 0)
		return SUBTITLE;
	return str_in(type, left) ? LEFT_OUT : OTHER;
}

/* Whether the shape at work is of what this pass is about. */
static bool
is_wanted(const struct reader *r)
{
	switch (r->pass) {
	case TITLES:
		return r->shape == TITLE;
	case NOTES:
		return r->shape == BODY;
	default:
		return r->shape != TITLE && r->shape != LEFT_OUT;
	}
}

static void
slide_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;
	const char *type;

	switch (id) {
	case P_SLD:
		r->is_hidden = xml_is_off(xml_attr(atts, "show"));
		r->x.stop = r->is_hidden;
		break;
	case P_SP:
		r->shape = OTHER;
		break;
	case P_CNVPR:
		/* Shapes that are not shown. */
		if (xml_attr(atts, "hidden") != NULL &&
		    !xml_is_off(xml_attr(atts, "hidden")))
			r->shape = LEFT_OUT;
		break;
	case P_PH:
		if (r->shape != LEFT_OUT)
			r->shape = shape_of(xml_attr(atts, "type"));
		break;
	case P_TXBODY:
		memset(r->number, 0, sizeof(r->number));
		break;
	case P_P:
		buf_reset(&r->text);
		r->level = r->bullet = 0;
		r->is_numbered = r->has_page = false;
		r->all_bold = true;
		break;
	case P_PPR:
		r->level = xml_attr_int(atts, "lvl", 0, 8, 0);
		break;
	case P_BUNONE:
		r->bullet = -1;
		break;
	case P_BUCHAR:
		r->bullet = 1;
		break;
	case P_BUAUTONUM:
		r->bullet = 1;
		r->is_numbered = true;
		type = xml_attr(atts, "type");
		snprintf(r->style, sizeof(r->style), "%s",
		    type != NULL ? type : "arabicPeriod");
		if (r->number[r->level] == 0)
			r->number[r->level] =
			    xml_attr_int(atts, "startAt", 1, 32767, 1) - 1;
		break;
	case P_R:
		r->bold = false;
		break;
	case P_RPR:
		type = xml_attr(atts, "b");
		r->bold = type != NULL && !xml_is_off(type);
		break;
	case P_FLD:
		type = xml_attr(atts, "type");
		if (type != NULL &&
		    (strcmp(type, "slidenum") == 0 ||
			str_starts(type, "datetime"))) {
			r->x.skip = true;
			r->has_page |= strcmp(type, "slidenum") == 0;
		}
		break;
	case P_T:
		r->in_text = true;
		break;
	case P_BR:
		buf_addc(&r->text, ' ');
		break;
	case P_FALLBACK:
		r->x.skip = true;
		break;
	case P_TBL:
		if (r->pass == TITLES || r->pass == NOTES) {
			r->x.skip = true;
			break;
		}
		r->shape = OTHER;
		r->has_names = false;
		writer_table(&r->w);
		break;
	case P_TBLPR:
		type = xml_attr(atts, "firstRow");
		r->has_names = type != NULL && !xml_is_off(type);
		break;
	case P_TR:
		writer_row(&r->w);
		break;
	case P_TC:
		r->columns = xml_attr_int(atts, "gridSpan", 1, 1000, 1);
		r->down = 1;
		type = xml_attr(atts, "vMerge");
		if (type != NULL && !xml_is_off(type))
			r->down = 0;
		type = xml_attr(atts, "hMerge");
		if (type != NULL && !xml_is_off(type))
			r->columns = 0;
		break;
	}
	if (r->b->full)
		r->x.stop = true;
}

/* A text box that does what a placeholder for the number of slides is for. */
static bool
is_page_number(const struct reader *r)
{
	if (r->pass != TEXT || r->shape != OTHER || r->w.table_depth > 0)
		return false;
	return (r->has_page && r->text.len <= NUMBERED_MAX_BYTES) ||
	    page_number_of(r->text.data, r->text.len) == r->b->page;
}

static void
paragraph(struct reader *r)
{
	const char *text = r->text.data;
	size_t len = r->text.len;
	char label[40];
	bool item;
	int i;

	if (len == 0 || !is_wanted(r) || is_page_number(r))
		return;
	if (r->pass == TITLES) {
		if (r->title.len > 0)
			buf_addc(&r->title, ' ');
		buf_add(&r->title, text, len);
		return;
	}
	item = r->pass == DIAGRAM ||
	    (r->pass == TEXT && r->bullet >= 0 &&
		(r->bullet > 0 || r->shape == BODY));
	for (i = r->level + 1; i < 10; i++)
		r->number[i] = 0;
	if (!item) {
		writer_paragraph(&r->w, text, len);
		return;
	}
	if (r->is_numbered) {
		char n[32];

		number_label(str_starts(r->style, "alphaLc") ? "lowerLetter" :
			str_starts(r->style, "alphaUc")	     ? "upperLetter" :
			str_starts(r->style, "romanLc")	     ? "lowerRoman" :
			str_starts(r->style, "romanUc")	     ? "upperRoman" :
							       "decimal",
		    ++r->number[r->level], n);
		snprintf(label, sizeof(label), "%s%s", n,
		    strstr(r->style, "Paren") != NULL ? ")" : ".");
	} else
		r->number[r->level] = 0;
	writer_item(&r->w, r->level + 1, r->is_numbered ? label : NULL, text,
	    len);
}

static void
slide_end(void *ctx, int id)
{
	struct reader *r = ctx;

	switch (id) {
	case P_T:
		r->in_text = false;
		break;
	case P_P:
		paragraph(r);
		break;
	case P_SP:
		r->shape = OTHER;
		break;
	case P_TC:
		if (r->columns > 0)
			writer_cell_end(&r->w, r->columns, r->down, false,
			    r->all_bold);
		break;
	case P_TBL:
		writer_table_end(&r->w, r->has_names);
		break;
	}
}

static void
slide_text(void *ctx, const char *text, size_t len)
{
	struct reader *r = ctx;

	if (!r->in_text)
		return;
	if (r->text.len + len > r->b->max) {
		r->b->full = r->x.stop = true;
		return;
	}
	if (!r->bold)
		r->all_bold = false;
	buf_add(&r->text, text, len);
}

static int
read_part(struct reader *r, struct container *c, const char *part, int pass)
{
	int code;

	r->pass = pass;
	r->shape = pass == DIAGRAM ? OTHER : LEFT_OUT;
	r->in_text = false;
	r->x = (struct xml){ .words = &words,
		.start = slide_start,
		.end = slide_end,
		.text = slide_text,
		.ctx = r };
	if (pass == TEXT)
		r->shape = OTHER;
	code = xml_read(&r->x, c, part);
	while (r->w.table_depth > 0)
		writer_table_end(&r->w, false);
	return code == ERR_NO ? 0 : code;
}

static int
take_slide(struct reader *r, struct container *c, const char *part, int number)
{
	struct relations rels = { 0 };
	const char *notes;
	size_t i, from;
	int code;

	r->b->page = number;
	buf_reset(&r->title);
	r->is_hidden = false;
	code = read_part(r, c, part, TITLES);
	if (code < 0 || r->is_hidden)
		return code;
	/* What it says is not of the slide before. */
	if (r->title.len == 0)
		blocks_break(r->b);
	else
		writer_heading(&r->w, 1, r->title.data, r->title.len);
	from = r->b->text->count;
	code = read_part(r, c, part, TEXT);
	if (code == 0)
		code = relations_read(c, part, &rels);
	for (i = 0; code == 0 && i < rels.count; i++)
		if (!rels.item[i].is_outside &&
		    strcmp(rels.item[i].type, "diagramData") == 0)
			code = read_part(r, c, rels.item[i].target, DIAGRAM);
	notes = relations_by_type(&rels, "notesSlide");
	if (code == 0 && notes != NULL)
		code = read_part(r, c, notes, NOTES);
	relations_release(&rels);
	writer_flush(&r->w);
	if (r->b->text->count == from)
		blocks_unbreak(r->b);
	return code;
}

int
extract_pptx(struct container *c, const char *part, struct blocks *b)
{
	struct reader r = { .b = b, .w = { .b = b } };
	struct relations rels = { 0 };
	const char *target;
	int code, ended;
	size_t i;

	office_properties(c, "docProps/core.xml", b->text);
	r.x = (struct xml){ .words = &words,
		.start = list_start,
		.end = list_end,
		.ctx = &r };
	code = xml_read(&r.x, c, part);
	if (code == 0)
		code = relations_read(c, part, &rels);
	for (i = 0; code == 0 && i < r.count && !b->full; i++) {
		target = relations_by_id(&rels, r.ids[i]);
		if (target != NULL)
			code = take_slide(&r, c, target, (int)i + 1);
	}
	ended = writer_end(&r.w);
	b->page = 0;
	relations_release(&rels);
	for (i = 0; i < r.count; i++)
		free(r.ids[i]);
	free(r.ids);
	buf_release(&r.text);
	buf_release(&r.title);
	return code < 0 ? code : ended;
}
