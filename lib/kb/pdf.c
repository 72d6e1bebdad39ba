/* pdf - the pages of a PDF, by poppler's GLib library */
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>
#include <poppler.h>

#include "base/err.h"
#include "base/utf8.h"
#include "kb/pdf.h"

#define LIBRARY "libpoppler-glib.so.8"
#define PACKAGE "libpoppler-glib8"
#define UNITS 1.5	  /* a point; so that whole numbers are fine enough */
#define WIDE 0.8	  /* blanks that part pieces, in sizes of the font */
#define PICTURE_DPI 200.0 /* what small letters are read well at */
#define PICTURE_MAX_PIXELS 25e6

/* What is called of the library and of those it brings. */
#define FUNCTIONS                                   \
	FUNCTION(poppler_document_new_from_bytes)   \
	FUNCTION(poppler_document_new_from_stream)  \
	FUNCTION(poppler_document_get_n_pages)      \
	FUNCTION(poppler_document_get_page)         \
	FUNCTION(poppler_error_quark)               \
	FUNCTION(poppler_page_get_text)             \
	FUNCTION(poppler_page_get_text_layout)      \
	FUNCTION(poppler_page_get_text_attributes)  \
	FUNCTION(poppler_page_free_text_attributes) \
	FUNCTION(poppler_page_get_size)             \
	FUNCTION(poppler_page_render)               \
	FUNCTION(cairo_create)                      \
	FUNCTION(cairo_destroy)                     \
	FUNCTION(cairo_image_surface_create)        \
	FUNCTION(cairo_paint)                       \
	FUNCTION(cairo_scale)                       \
	FUNCTION(cairo_set_source_rgb)              \
	FUNCTION(cairo_surface_destroy)             \
	FUNCTION(cairo_surface_write_to_png_stream)

#define FUNCTION(name) __typeof__ (&(name))(name);
static struct {
	FUNCTIONS
} call;
#undef FUNCTION

static bool loaded;

struct pdf {
	PopplerDocument *document;
	int pages;
};

static bool
find(void *library, const char *name, void *ret)
{
	void *found = dlsym(library, name);

	memcpy(ret, &found, sizeof(found));
	return found != NULL;
}

int
pdf_load(void)
{
	void *library;

	if (loaded)
		return 0;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return err_set(ERR_DATA, "is a PDF; install %s to have it read",
		    PACKAGE);
#define FUNCTION(name)                                                       \
	if (!find(library, #name, &call.name))                               \
		return err_set(ERR_DATA, "cannot be read: %s has no " #name, \
		    LIBRARY);
	FUNCTIONS
#undef FUNCTION
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

/* A piece as its letters come. */
struct maker {
	struct pdf_piece piece;
	double left, top, right, bottom; /* of it; left > right: it is empty */
	double size;
	bool is_bold, blank;
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
		m->stop = !m->fn(m->ctx, p);
	}
	begin(m);
}

static void
put(struct maker *m, const char *c, size_t len, const PopplerRectangle *at)
{
	if (m->blank && m->out->len > m->piece.at)
		buf_addc(m->out, ' ');
	else if (m->blank)
		m->piece.before = true;
	m->blank = false;
	buf_add(m->out, c, len);
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
goes_on(const struct maker *m, const PopplerRectangle *at, double size)
{
	return m->left > m->right || /* the first */
	    (at->x1 - m->right < WIDE * size && at->x2 > m->left &&
		at->y1 < m->bottom && at->y2 > m->top);
}

static bool
is_blank(const char *c)
{
	return *c == ' ' || *c == '\t' || strncmp(c, "\xc2\xa0", 2) == 0;
}

/* The letters of a page; fonts: their looks, in order. */
static void
take(struct maker *m, const char *text, const PopplerRectangle *at, guint count,
    GList *fonts)
{
	const char *p = text, *c, *end = text + strlen(text);
	const PopplerTextAttributes *look;
	bool bold = false;
	double size = 0;
	guint i;

	begin(m);
	for (i = 0; p < end && i < count && !m->stop; i++) {
		c = p;
		utf8_next(&p, end);
		look = fonts != NULL ? fonts->data : NULL;
		while (look != NULL && look->end_index < (gint)i) {
			fonts = fonts->next;
			look = fonts != NULL ? fonts->data : NULL;
			size = 0;
		}
		if (look != NULL && size == 0) {
			size = look->font_size;
			bold = is_bold_name(look->font_name);
		}
		if (*c == '\n' || *c == '\f' || *c == '\r') {
			m->blank = false;
			finish(m);
		} else if (is_blank(c)) {
			m->blank = true;
			if (at[i].x2 - at[i].x1 >= WIDE * size)
				finish(m);
		} else {
			if (fabs(size - m->size) > 0.1 || bold != m->is_bold ||
			    !goes_on(m, &at[i], size))
				finish(m);
			m->size = size;
			m->is_bold = bold;
			put(m, c, (size_t)(p - c), &at[i]);
		}
	}
	m->blank = false;
	finish(m);
}

void
pdf_page(struct pdf *p, int n, struct buf *out,
    bool (*fn)(void *ctx, const struct pdf_piece *piece), void *ctx)
{
	struct maker m = { .out = out, .fn = fn, .ctx = ctx };
	PopplerPage *page = call.poppler_document_get_page(p->document, n);
	PopplerRectangle *at = NULL;
	GList *fonts;
	guint count = 0;
	char *text;

	if (page == NULL)
		return;
	text = call.poppler_page_get_text(page);
	if (text != NULL && *text != '\0' &&
	    call.poppler_page_get_text_layout(page, &at, &count)) {
		fonts = call.poppler_page_get_text_attributes(page);
		take(&m, text, at, count, fonts);
		call.poppler_page_free_text_attributes(fonts);
	}
	g_free(at);
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
