/* pdf - the pages of a PDF, by poppler's GLib library */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>
#include <poppler.h>
#include <utf8proc.h>

#include "base/err.h"
#include "base/library.h"
#include "base/utf8.h"
#include "kb/bidi.h"
#include "kb/letters.h"
#include "kb/pdf.h"

#define LIBRARY "libpoppler-glib.so.8"
#define PACKAGE "libpoppler-glib8"
#define UNITS 1.5	  /* a point; so that whole numbers are fine enough */
#define WIDE 0.8	  /* blanks that part pieces, in sizes of the font */
#define PICTURE_DPI 200.0 /* what small letters are read well at */
#define PICTURE_MAX_PIXELS 25e6

/* What is called of the library and of those it brings. */
#define FUNCTIONS                                            \
	FUNCTION(poppler_document_new_from_bytes)            \
	FUNCTION(poppler_document_new_from_stream)           \
	FUNCTION(poppler_document_get_n_pages)               \
	FUNCTION(poppler_document_get_page)                  \
	FUNCTION(poppler_error_quark)                        \
	FUNCTION(poppler_page_get_text_for_area)             \
	FUNCTION(poppler_page_get_text_layout_for_area)      \
	FUNCTION(poppler_page_get_text_attributes_for_area)  \
	FUNCTION(poppler_page_free_text_attributes)          \
	FUNCTION(poppler_page_get_size)                      \
	FUNCTION(poppler_rectangle_free)                     \
	FUNCTION(poppler_page_get_form_field_mapping)        \
	FUNCTION(poppler_page_free_form_field_mapping)       \
	FUNCTION(poppler_form_field_get_field_type)          \
	FUNCTION(poppler_form_field_text_get_text)           \
	FUNCTION(poppler_form_field_text_is_password)        \
	FUNCTION(poppler_form_field_button_get_button_type)  \
	FUNCTION(poppler_form_field_button_get_state)        \
	FUNCTION(poppler_form_field_choice_get_n_items)      \
	FUNCTION(poppler_form_field_choice_is_item_selected) \
	FUNCTION(poppler_form_field_choice_get_item)         \
	FUNCTION(poppler_form_field_choice_get_text)         \
	FUNCTION(poppler_page_get_annot_mapping)             \
	FUNCTION(poppler_page_free_annot_mapping)            \
	FUNCTION(poppler_annot_get_annot_type)               \
	FUNCTION(poppler_annot_get_flags)                    \
	FUNCTION(poppler_annot_get_contents)                 \
	FUNCTION(poppler_page_find_text_with_options)        \
	FUNCTION(poppler_page_render)                        \
	FUNCTION(cairo_create)                               \
	FUNCTION(cairo_destroy)                              \
	FUNCTION(cairo_image_surface_create)                 \
	FUNCTION(cairo_paint)                                \
	FUNCTION(cairo_scale)                                \
	FUNCTION(cairo_set_source_rgb)                       \
	FUNCTION(cairo_surface_destroy)                      \
	FUNCTION(cairo_surface_write_to_png_stream)

#define FUNCTION(name) __typeof__ (&(name))(name);
static struct {
	FUNCTIONS
} call;
#undef FUNCTION
#define FUNCTION(name) #name,
static const char *const names[] = { FUNCTIONS };
#undef FUNCTION

static bool loaded;

struct pdf {
	PopplerDocument *document;
	int pages;
};

int
pdf_load(void)
{
	const char *missing;

	if (loaded)
		return 0;
	missing =
	    library_load(LIBRARY, names, sizeof(names) / sizeof(*names), &call);
	if (missing != NULL && strcmp(missing, LIBRARY) == 0)
		return err_set(ERR_DATA, "is a PDF; install %s to have it read",
		    PACKAGE);
	if (missing != NULL)
		return err_set(ERR_DATA, "cannot be read: %s has no %s",
		    LIBRARY, missing);
	/* Few need it; to whom does, it says so by itself. */
	(void)bidi_load();
	loaded = true;
	return 0;
}

/* --- documents --- */

/* A password is tried in two forms, and of bytes the library has none left for
 * the second; so there it reads a stream. */
static PopplerDocument *
open_document(const char *bytes, size_t len, const char *password,
    GError **error)
{
	GBytes *b = g_bytes_new_static(bytes, len);
	PopplerDocument *document;
	GInputStream *stream;

	if (password == NULL)
		document = call.poppler_document_new_from_bytes(b, NULL, error);
	else {
		stream = g_memory_input_stream_new_from_bytes(b);
		document = call.poppler_document_new_from_stream(stream,
		    (goffset)len, password, NULL, error);
		g_object_unref(stream);
	}
	g_bytes_unref(b);
	return document;
}

int
pdf_open(const char *bytes, size_t len, const char *password, struct pdf **ret)
{
	GError *error = NULL;
	struct pdf *p;
	int code = pdf_load();

	if (code < 0)
		return code;
	p = xcalloc(1, sizeof(*p));
	p->document = open_document(bytes, len, password, &error);
	if (p->document != NULL)
		p->pages = call.poppler_document_get_n_pages(p->document);
	else if (g_error_matches(error, call.poppler_error_quark(),
		     POPPLER_ERROR_ENCRYPTED))
		code = err_set(ERR_DATA,
		    password != NULL ?
			"is protected by another password" :
			"is protected by a password; give it with"
			" --password-file");
	if (code == 0 && p->pages < 1)
		code = err_set(ERR_DATA, "is a damaged PDF");
	g_clear_error(&error);
	if (code < 0)
		pdf_close(p);
	else
		*ret = p;
	return code;
}

void
pdf_close(struct pdf *p)
{
	if (p == NULL)
		return;
	if (p->document != NULL)
		g_object_unref(p->document);
	free(p);
}

int
pdf_pages(const struct pdf *p)
{
	return p->pages;
}

/* --- text --- */

static bool
is_bold_name(const char *font)
{
	static const char *const words[] = { "bold", "black", "heavy", "demi",
		NULL };
	size_t i;

	for (i = 0; font != NULL && words[i] != NULL; i++)
		if (strcasestr(font, words[i]) != NULL)
			return true;
	return false;
}

/* --- letters --- */

#define TO_LEFT 0x202b /* what the library puts around what runs to the left */
#define TO_RIGHT 0x202a
#define POP 0x202c
#define MARKS_MAX 1000 /* of a page, that were lost */
#define NARROW 0.2     /* blanks that are none in scripts without, in sizes */

static void
letters_free(struct letters *l)
{
	free(l->item);
	free(l->lost);
	free(l->turned);
}

static void
reverse(struct letter *l, size_t count)
{
	struct letter keep;
	size_t i;

	for (i = 0; i < count / 2; i++) {
		keep = l[i];
		l[i] = l[count - 1 - i];
		l[count - 1 - i] = keep;
	}
}

/*
 * The library turns about each word that runs to the left, but not the words,
 * nor the places of its letters. So it is undone: all is as it is seen.
 */
static void
letters_of(struct letters *l, const char *text, const PopplerRectangle *at,
    size_t max)
{
	const char *p = text, *c, *end = text + strlen(text);
	size_t outer = 0, inner = 0, i;
	int depth = 0, inside[2] = { 0 };
	uint32_t ch;

	l->item = xcalloc(max + 1, sizeof(*l->item));
	l->lost = xcalloc(MARKS_MAX, sizeof(*l->lost));
	while (p < end && l->count <= max) {
		c = p;
		ch = utf8_next(&p, end);
		if (ch == TO_LEFT || ch == TO_RIGHT) {
			if (depth < 2)
				inside[depth] = (int)ch;
			if (depth == 0)
				outer = l->count;
			else if (depth == 1)
				inner = l->count;
			depth++;
		} else if (ch == POP && depth > 0) {
			depth--;
			i = depth == 0 ? outer : inner;
			/* Within what is turned about, the rest is again. */
			if (depth < 2 && (depth == 1 || inside[0] == TO_LEFT))
				reverse(l->item + i, l->count - i);
			if (depth == 0 && l->count > i)
				l->item[i].run = l->count - i;
		} else if (l->count < max)
			l->item[l->count++] =
			    (struct letter){ .c = c, .len = (size_t)(p - c) };
		else
			break;
	}
	for (i = 0; i < l->count; i++)
		l->item[i].at = &at[i];
}

static void
put_looks(struct letters *l, GList *fonts)
{
	const PopplerTextAttributes *look;
	size_t i;

	for (; fonts != NULL; fonts = fonts->next) {
		look = fonts->data;
		for (i = look->start_index < 0 ? 0 : (size_t)look->start_index;
		     i < l->count && (gint)i <= look->end_index; i++) {
			l->item[i].size = look->font_size;
			l->item[i].is_bold = is_bold_name(look->font_name);
		}
	}
}

static uint32_t
code_of(const struct letter *l)
{
	const char *p = l->c;

	return utf8_next(&p, l->c + l->len);
}

/* Thai to Tibetan, Burmese, Khmer: blanks part sentences there. */
static bool
has_no_blanks(const struct letter *l)
{
	uint32_t c = code_of(l);

	return (c >= 0xe00 && c < 0x10a0) || (c >= 0x1780 && c < 0x1800);
}

/* Scripts whose marks are letters and are placed one by one. */
static bool
has_marks(uint32_t c)
{
	return (c >= 0x900 && c < 0x10a0) || (c >= 0x1780 && c < 0x1800);
}

static bool
is_mark(uint32_t c)
{
	return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_MN;
}

/* Whether c is in the letter, which may be one for many. */
static bool
has(const struct letter *l, uint32_t c)
{
	utf8proc_int32_t parts[8];
	int bound = 0;
	utf8proc_ssize_t n =
	    utf8proc_decompose_char((utf8proc_int32_t)code_of(l), parts, 8,
		UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &bound);

	while (n > 0 && n <= 8)
		if (parts[--n] == (utf8proc_int32_t)c)
			return true;
	return false;
}

/* The letter on its line that a mark belongs behind; the count: there is none,
 * or the mark was not lost. */
static size_t
place_of_mark(const struct letters *l, const PopplerRectangle *at, uint32_t c)
{
	size_t i, best = l->count;
	double middle = (at->y1 + at->y2) / 2;

	for (i = 0; i < l->count; i++) {
		const struct letter *k = &l->item[i];

		if (k->at->y1 > middle || k->at->y2 < middle ||
		    letter_is_break(k) || letter_is_blank(k))
			continue;
		if (k->at->x1 < at->x1 + 0.5 && k->at->x2 > at->x1 - 0.5 &&
		    has(k, c))
			return l->count;
		if (k->at->x1 + k->at->x2 < 2 * at->x1 &&
		    (best == l->count || k->at->x1 >= l->item[best].at->x1))
			best = i;
	}
	if (best < l->count)
		for (; best + 1 < l->count &&
		     is_mark(code_of(&l->item[best + 1]));
		     best++)
			;
	return best;
}

static void
find_mark(struct letters *l, PopplerPage *page, uint32_t c, double height)
{
	struct mark *m;
	char text[5] = "";
	GList *found, *f;
	size_t i;

	utf8proc_encode_char((utf8proc_int32_t)c, (utf8proc_uint8_t *)text);
	found = call.poppler_page_find_text_with_options(page, text,
	    POPPLER_FIND_CASE_SENSITIVE);
	for (f = found; f != NULL && l->nlost < MARKS_MAX; f = f->next) {
		m = &l->lost[l->nlost];
		memcpy(m->text, text, sizeof(text));
		m->at = *(PopplerRectangle *)f->data;
		/* Found is told from below, letters are from above. */
		m->at.y1 = height - ((PopplerRectangle *)f->data)->y2;
		m->at.y2 = height - ((PopplerRectangle *)f->data)->y1;
		i = place_of_mark(l, &m->at, c);
		if (i == l->count)
			continue;
		l->item = xrealloc(l->item, (l->count + 1) * sizeof(*l->item));
		memmove(&l->item[i + 2], &l->item[i + 1],
		    (l->count - i - 1) * sizeof(*l->item));
		l->item[i + 1] = l->item[i];
		l->item[i + 1].c = m->text;
		l->item[i + 1].len = strlen(m->text);
		l->item[i + 1].at = &m->at;
		l->count++;
		l->nlost++;
	}
	for (f = found; f != NULL; f = f->next)
		call.poppler_rectangle_free(f->data);
	g_list_free(found);
}

/*
 * A mark that its font moves off the line begins a line of its own for the
 * library, which then leaves it out, being of no width, though it can find it.
 * So it is asked for all marks of the scripts of the page.
 */
static void
find_marks(struct letters *l, PopplerPage *page)
{
	bool here[0x30] = { false }; /* scripts by 128 characters */
	double width, height = 0;
	uint32_t c;
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (l->item[i].run > 0)
			return;
		c = code_of(&l->item[i]);
		if (has_marks(c))
			here[c >> 7] = true;
	}
	for (c = 0x900; c < 0x1800; c++)
		if (here[c >> 7] && is_mark(c)) {
			if (height == 0)
				call.poppler_page_get_size(page, &width,
				    &height);
			find_mark(l, page, c, height);
		}
}

/* --- pieces --- */

/* A piece as its letters come. */
struct maker {
	struct pdf_piece piece;
	double left, top, right, bottom; /* of it; left > right: it is empty */
	double size;
	bool is_bold, blank, to_left;
	const PopplerRectangle *page;
	struct buf *out;
	bool (*fn)(void *ctx, const struct pdf_piece *piece);
	void *ctx;
	bool stop;
};

static void
begin(struct maker *m)
{
	m->left = m->top = HUGE_VAL;
	m->right = m->bottom = -HUGE_VAL;
	m->piece.at = m->out->len;
	m->piece.before = m->blank;
	m->piece.after = false;
	m->piece.blank = 0;
	m->blank = false;
}

static int
units(double points)
{
	return points > -60000 && points < 60000 ? (int)lrint(points * UNITS) :
						   0;
}

static void
finish(struct maker *m)
{
	struct pdf_piece *p = &m->piece;

	p->len = m->out->len - p->at;
	if (p->len > 0 && m->left <= m->right && !m->stop) {
		p->after = m->blank;
		p->left = units(m->left);
		p->top = units(m->top);
		p->width = units(m->right) - p->left;
		p->height = units(m->bottom) - p->top;
		if (p->width < 1)
			p->width = 1;
		if (p->height < 1)
			p->height = 1;
		p->size = m->size > 0 ? units(m->size) : p->height;
		p->is_bold = m->is_bold;
		/* Gaps tell enough there. */
		if (m->to_left)
			p->before = p->after = false;
		m->stop = !m->fn(m->ctx, p);
	}
	begin(m);
}

static void
widen(PopplerRectangle *r, const PopplerRectangle *by)
{
	if (by->x1 < r->x1)
		r->x1 = by->x1;
	if (by->x2 > r->x2)
		r->x2 = by->x2;
	if (by->y1 < r->y1)
		r->y1 = by->y1;
	if (by->y2 > r->y2)
		r->y2 = by->y2;
}

/* Words that run to the left come after those at their right. */
static void
put_before(struct maker *m, const struct letter *l, size_t n, bool parted)
{
	size_t old = m->out->len - m->piece.at, i;
	char *keep = xstrndup(m->out->data + m->piece.at, old);

	m->out->len = m->piece.at;
	for (i = 0; i < n; i++)
		buf_add(m->out, l[i].c, l[i].len);
	if (parted)
		buf_addc(m->out, ' ');
	buf_add(m->out, keep, old);
	free(keep);
}

static void
put(struct maker *m, const struct letter *l, size_t n,
    const PopplerRectangle *at)
{
	bool first = m->out->len == m->piece.at;
	size_t i;
	int gap;

	gap = units(at->x1 > m->left ? at->x1 - m->right : m->left - at->x2);
	if (!first && m->blank && gap > m->piece.blank)
		m->piece.blank = gap;
	if (!first && at->x2 <= m->left + (at->x2 - at->x1) / 2)
		put_before(m, l, n, (m->left - at->x2) * 8 >= m->size);
	else {
		/* The library has blanks between all words to the left. */
		if (!first &&
		    (m->to_left ? (at->x1 - m->right) * 8 >= m->size :
				  m->blank))
			buf_addc(m->out, ' ');
		else if (m->blank)
			m->piece.before = true;
		for (i = 0; i < n; i++)
			buf_add(m->out, l[i].c, l[i].len);
	}
	m->blank = false;
	if (at->x1 < m->left)
		m->left = at->x1;
	if (at->x2 > m->right)
		m->right = at->x2;
	if (at->y1 < m->top)
		m->top = at->y1;
	if (at->y2 > m->bottom)
		m->bottom = at->y2;
}

/* Whether a letter stands on, and not at another place of the page. */
static bool
goes_on(const struct maker *m, const PopplerRectangle *at, double size,
    bool to_left)
{
	if (m->left > m->right)
		return true; /* the first */
	return at->x1 - m->right < WIDE * size &&
	    (to_left ? m->left - at->x2 < WIDE * size : at->x2 > m->left) &&
	    at->y1 < m->bottom && at->y2 > m->top;
}

/* A letter, or a word that runs to the left; how many letters it was. */
static size_t
take_word(struct maker *m, const struct letter *l)
{
	size_t n = l->run > 0 ? l->run : 1, i;
	PopplerRectangle at = *l->at;

	for (i = 1; i < n; i++)
		widen(&at, l[i].at);
	if (fabs(l->size - m->size) > 0.1 || l->is_bold != m->is_bold ||
	    l->turn != m->piece.turn || !goes_on(m, &at, l->size, l->run > 0))
		finish(m);
	m->size = l->size;
	m->is_bold = l->is_bold;
	m->piece.turn = l->turn;
	m->to_left = l->run > 0;
	put(m, l, n, &at);
	return n;
}

/* A blank that a font or an even margin made, where words have none. */
static bool
is_no_blank(const struct letters *l, size_t i)
{
	const struct letter *k = &l->item[i];

	return i > 0 && i + 1 < l->count && has_no_blanks(k - 1) &&
	    has_no_blanks(k + 1) && k->at->x2 - k->at->x1 < NARROW * k->size;
}

static void
take(struct maker *m, const struct letters *l)
{
	const struct letter *k;
	size_t i;

	begin(m);
	for (i = 0; i < l->count && !m->stop;) {
		k = &l->item[i];
		if (letter_is_break(k)) {
			m->blank = false;
			finish(m);
			i++;
		} else if (letter_is_blank(k) && k->run < 2) {
			if (!is_no_blank(l, i))
				m->blank = true;
			if (k->at->x2 - k->at->x1 >= WIDE * k->size)
				finish(m);
			i++;
		} else
			i += take_word(m, k);
	}
	m->blank = false;
	finish(m);
}

/* --- what was written on a page --- */

#define WRITTEN_SIZE 10.0 /* points, of what does not say */

/* What stands in an area, which is told from below, from its top. */
static void
put_written(struct maker *m, const PopplerRectangle *area, const char *text)
{
	double size = fmin(WRITTEN_SIZE, area->y2 - area->y1);
	double top = m->page->y2 - area->y2;
	struct pdf_piece p = { .turn = PDF_UPRIGHT };
	const char *line = text, *end;

	if (strpbrk(text, "\r\n") == NULL) /* one line is in the middle */
		top += (area->y2 - area->y1 - size) / 2;
	for (; *line != '\0' && !m->stop; line = *end != '\0' ? end + 1 : end) {
		end = line + strcspn(line, "\r\n");
		if (end > line) {
			p.at = m->out->len;
			p.len = (size_t)(end - line);
			p.left = units(area->x1);
			p.top = units(top);
			p.width = units(fmin(area->x2 - area->x1,
			    size / 2 * (double)p.len));
			p.height = p.size = units(size);
			if (p.width < 1)
				p.width = 1;
			if (p.height < 1)
				p.height = p.size = 1;
			buf_add(m->out, line, p.len);
			m->stop = !m->fn(m->ctx, &p);
		}
		top += 1.2 * size;
	}
}

static void
put_choice(struct maker *m, const PopplerRectangle *area, PopplerFormField *f)
{
	struct buf chosen = BUF_INIT(0);
	gint i, n = call.poppler_form_field_choice_get_n_items(f);
	gchar *text = call.poppler_form_field_choice_get_text(f);

	if (text != NULL)
		buf_adds(&chosen, text);
	g_free(text);
	for (i = 0; i < n; i++) {
		if (!call.poppler_form_field_choice_is_item_selected(f, i))
			continue;
		text = call.poppler_form_field_choice_get_item(f, i);
		if (text != NULL)
			buf_addf(&chosen, "%s%s", chosen.len > 0 ? ", " : "",
			    text);
		g_free(text);
	}
	if (chosen.len > 0)
		put_written(m, area, chosen.data);
	buf_release(&chosen);
}

/* A field of a form as it was filled in; what is secret stays so. */
static void
put_field(struct maker *m, const PopplerRectangle *area, PopplerFormField *f)
{
	gchar *text;

	switch (call.poppler_form_field_get_field_type(f)) {
	case POPPLER_FORM_FIELD_TEXT:
		if (call.poppler_form_field_text_is_password(f))
			return;
		text = call.poppler_form_field_text_get_text(f);
		if (text != NULL)
			put_written(m, area, text);
		g_free(text);
		return;
	case POPPLER_FORM_FIELD_CHOICE:
		put_choice(m, area, f);
		return;
	case POPPLER_FORM_FIELD_BUTTON:
		if (call.poppler_form_field_button_get_button_type(f) !=
		    POPPLER_FORM_BUTTON_PUSH)
			put_written(m, area,
			    call.poppler_form_field_button_get_state(f) ? "☒" :
									  "☐");
		return;
	default:
		return;
	}
}

/* The text that somebody wrote onto the page, no comment on it. */
static void
put_annotation(struct maker *m, const PopplerRectangle *area, PopplerAnnot *a)
{
	const int hidden =
	    POPPLER_ANNOT_FLAG_HIDDEN | POPPLER_ANNOT_FLAG_NO_VIEW;
	gchar *text;

	if (call.poppler_annot_get_annot_type(a) != POPPLER_ANNOT_FREE_TEXT ||
	    (call.poppler_annot_get_flags(a) & hidden) != 0)
		return;
	text = call.poppler_annot_get_contents(a);
	if (text != NULL)
		put_written(m, area, text);
	g_free(text);
}

static void
take_written(struct maker *m, PopplerPage *page)
{
	GList *fields = call.poppler_page_get_form_field_mapping(page);
	GList *notes = call.poppler_page_get_annot_mapping(page), *k;

	for (k = fields; k != NULL && !m->stop; k = k->next) {
		PopplerFormFieldMapping *f = k->data;

		put_field(m, &f->area, f->field);
	}
	for (k = notes; k != NULL && !m->stop; k = k->next) {
		PopplerAnnotMapping *a = k->data;

		put_annotation(m, &a->area, a->annot);
	}
	call.poppler_page_free_form_field_mapping(fields);
	call.poppler_page_free_annot_mapping(notes);
}

/* --- pages that are read from right to left --- */

/* Letters of a page that were told: a hash table of where each stands. */
struct seen {
	uint64_t *key; /* 0: free */
	size_t slots, count;
};

static bool
seen_has(const struct seen *s, uint64_t key, size_t *ret_slot)
{
	size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20);

	for (i &= s->slots - 1; s->key[i] != 0 && s->key[i] != key;)
		i = (i + 1) & (s->slots - 1);
	*ret_slot = i;
	return s->key[i] == key;
}

static void
seen_grow(struct seen *s)
{
	struct seen more = { .slots = s->slots > 0 ? 2 * s->slots : 4096 };
	size_t i, slot;

	more.key = xcalloc(more.slots, sizeof(*more.key));
	for (i = 0; i < s->slots; i++)
		if (s->key[i] != 0 && !seen_has(&more, s->key[i], &slot)) {
			more.key[slot] = s->key[i];
			more.count++;
		}
	free(s->key);
	*s = more;
}

/* Whether it is the first time that this letter stands there. */
static bool
is_new(struct seen *s, const struct letter *l)
{
	uint64_t x = (uint64_t)((int64_t)units(l->at->x1) + (1 << 20));
	uint64_t y = (uint64_t)((int64_t)units(l->at->y1) + (1 << 20)), key;
	size_t slot;

	key = x << 42 | y << 21 | code_of(l) | UINT64_C(1) << 63;
	if (2 * s->count >= s->slots)
		seen_grow(s);
	if (seen_has(s, key, &slot))
		return false;
	s->key[slot] = key;
	s->count++;
	return true;
}

/* Leave what is new, and the ends of lines; runs are as long as what is left
 * of them. */
static void
keep_new(struct letters *l, struct seen *s)
{
	size_t i, k, n, from, kept = 0;

	for (i = 0; i < l->count; i += n) {
		n = l->item[i].run > 0 ? l->item[i].run : 1;
		from = kept;
		for (k = i; k < i + n && k < l->count; k++)
			if (letter_is_break(&l->item[k]) ||
			    is_new(s, &l->item[k])) {
				l->item[kept] = l->item[k];
				l->item[kept++].run = 0;
			}
		if (l->item[i].run > 0 || n > 1)
			n = k - i;
		if (kept > from && n > 1)
			l->item[from].run = kept - from;
	}
	l->count = kept;
}

static bool
runs_to_left(const char *text)
{
	const char *p = text, *end = text + strlen(text);
	uint32_t c;

	while ((c = utf8_next(&p, end)) != 0)
		if (c == TO_LEFT)
			return true;
	return false;
}

/* What is between two corners of a page, less what was seen (NULL: all). */
static void
take_area(struct maker *m, PopplerPage *page, PopplerRectangle area,
    struct seen *seen)
{
	struct letters letters = { 0 };
	PopplerRectangle *at = NULL;
	GList *fonts;
	guint count = 0;
	char *text = call.poppler_page_get_text_for_area(page, &area);

	if (text != NULL && *text != '\0' &&
	    call.poppler_page_get_text_layout_for_area(page, &area, &at,
		&count)) {
		fonts =
		    call.poppler_page_get_text_attributes_for_area(page, &area);
		letters_of(&letters, text, at, count);
		put_looks(&letters, fonts);
		find_marks(&letters, page);
		if (seen != NULL)
			keep_new(&letters, seen);
		letters_turn(&letters, m->page);
		take(m, &letters);
		letters_free(&letters);
		call.poppler_page_free_text_attributes(fonts);
	}
	g_free(at);
	g_free(text);
}

/*
 * The library selects from the block nearest to one point to that nearest to
 * another, in the order of reading. Of a page that is read from right to left
 * no two corners are sure to be near the first and the last, and a browser's
 * tables lose most of it: so several are tried, and each letter is taken once.
 */
static void
take_from_right(struct maker *m, PopplerPage *page, double width, double height)
{
	static const double ends[] = { 0, 0.125, 0.25, 0.375, 0.5, 0.75, 1 };
	struct seen seen = { NULL, 0, 0 };
	PopplerRectangle area;
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]) && !m->stop; i++) {
		area = (PopplerRectangle){ width, 0, ends[i] * width, height };
		take_area(m, page, area, &seen);
	}
	area = (PopplerRectangle){ 0, 0, width, height };
	take_area(m, page, area, &seen);
	free(seen.key);
}

void
pdf_page_size(struct pdf *p, int n, int *ret_width, int *ret_height)
{
	PopplerPage *page = call.poppler_document_get_page(p->document, n);
	double width = 0, height = 0;

	if (page != NULL) {
		call.poppler_page_get_size(page, &width, &height);
		g_object_unref(page);
	}
	*ret_width = units(width);
	*ret_height = units(height);
}

void
pdf_page(struct pdf *p, int n, struct buf *out,
    bool (*fn)(void *ctx, const struct pdf_piece *piece), void *ctx)
{
	PopplerPage *page = call.poppler_document_get_page(p->document, n);
	PopplerRectangle area = { 0, 0, 0, 0 };
	struct maker m = { .page = &area, .out = out, .fn = fn, .ctx = ctx };
	char *text;

	if (page == NULL)
		return;
	call.poppler_page_get_size(page, &area.x2, &area.y2);
	text = call.poppler_page_get_text_for_area(page, &area);
	if (text == NULL || *text == '\0' || runs_to_left(text))
		take_from_right(&m, page, area.x2, area.y2);
	else
		take_area(&m, page, area, NULL);
	take_written(&m, page);
	g_free(text);
	g_object_unref(page);
}

/* --- pictures --- */

static cairo_status_t
keep(void *out, const unsigned char *bytes, unsigned len)
{
	buf_add(out, bytes, len);
	return ((struct buf *)out)->failed ? CAIRO_STATUS_WRITE_ERROR :
					     CAIRO_STATUS_SUCCESS;
}

bool
pdf_picture(struct pdf *p, int n, struct buf *out)
{
	PopplerPage *page = call.poppler_document_get_page(p->document, n);
	double width = 0, height = 0, scale = PICTURE_DPI / 72;
	cairo_surface_t *surface;
	cairo_t *pen;
	bool done;

	if (page == NULL)
		return false;
	call.poppler_page_get_size(page, &width, &height);
	if (width * height * scale * scale > PICTURE_MAX_PIXELS)
		scale = sqrt(PICTURE_MAX_PIXELS / width / height);
	surface = call.cairo_image_surface_create(CAIRO_FORMAT_RGB24,
	    (int)ceil(width * scale), (int)ceil(height * scale));
	pen = call.cairo_create(surface);
	call.cairo_set_source_rgb(pen, 1, 1, 1);
	call.cairo_paint(pen);
	call.cairo_scale(pen, scale, scale);
	call.poppler_page_render(page, pen);
	call.cairo_destroy(pen);
	done = call.cairo_surface_write_to_png_stream(surface, keep, out) ==
	    CAIRO_STATUS_SUCCESS;
	call.cairo_surface_destroy(surface);
	g_object_unref(page);
	return done;
}
