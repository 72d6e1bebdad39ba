/*
 * extract_epub - the text of an electronic book
 *
 * Its chapters in the order of reading, each as a page of HTML; the table of
 * contents is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "kb/office.h"

#define ITEMS_MAX 5000
#define CHAPTER_MAX_BYTES (32 << 20)

enum { E_ROOTFILE = 1, E_ITEM, E_ITEMREF, E_TITLE, E_LANGUAGE, E_ALGORITHM };
static struct xml_words words = { .list = (const char *const[]){ "rootfile",
				      "item", "itemref", "title", "language",
				      "EncryptionMethod", NULL } };

struct reader {
	struct kb_text *t;
	struct xml x;
	char *package;
	struct item {
		char *id, *path;
		bool is_text;
	} * item;
	size_t items;
	size_t *spine;
	size_t count;
	int id;
	struct buf text;
	bool is_locked;
};

static void
on_start(void *ctx, int id, const char **atts)
{
	struct reader *r = ctx;
	const char *name = xml_attr(atts, "id"), *value;
	size_t i;

	buf_reset(&r->text);
	r->id = id;
	switch (id) {
	case E_ROOTFILE:
		if (r->package == NULL)
			r->package = xstrdup(xml_attr(atts, "full-path"));
		break;
	case E_ITEM:
		value = xml_attr(atts, "href");
		if (name == NULL || value == NULL || r->items == ITEMS_MAX)
			return;
		if ((r->items & (r->items - 1)) == 0)
			r->item = xrealloc(r->item,
			    (r->items ? 2 * r->items : 1) * sizeof(*r->item));
		r->item[r->items].id = xstrdup(name);
		r->item[r->items].path = part_beside(r->package, value);
		value = xml_attr(atts, "media-type");
		r->item[r->items].is_text =
		    value != NULL && strstr(value, "html") != NULL;
		value = xml_attr(atts, "properties");
		if (value != NULL && strstr(value, "nav") != NULL)
			r->item[r->items].is_text = false;
		r->items++;
		break;
	case E_ITEMREF:
		value = xml_attr(atts, "idref");
		for (i = 0; value != NULL && i < r->items; i++)
			if (strcmp(r->item[i].id, value) == 0 &&
			    r->item[i].is_text && r->count < ITEMS_MAX) {
				if ((r->count & (r->count - 1)) == 0)
					r->spine = xrealloc(r->spine,
					    (r->count ? 2 * r->count : 1) *
						sizeof(*r->spine));
				r->spine[r->count++] = i;
				break;
			}
		break;
	case E_ALGORITHM:
		/* Fonts are hidden by methods of their own. */
		value = xml_attr(atts, "Algorithm");
		if (value != NULL && strstr(value, "font") == NULL &&
		    strstr(value, "obfuscation") == NULL)
			r->is_locked = true;
		break;
	}
}

static void
on_end(void *ctx, int id)
{
	struct reader *r = ctx;

	if (id == E_TITLE && r->t->title == NULL && r->text.len > 0)
		r->t->title = xstrdup(r->text.data);
	if (id == E_LANGUAGE && r->t->language == NULL && r->text.len > 0)
		r->t->language = xstrdup(r->text.data);
	r->id = 0;
}

static void
on_text(void *ctx, const char *text, size_t len)
{
	struct reader *r = ctx;

	if (r->id == E_TITLE || r->id == E_LANGUAGE)
		buf_add(&r->text, text, len);
}

/* "a%20b.xhtml#c" is "a b.xhtml", in place. */
static void
unescape(char *path)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = path, *high, *low;
	char *to = path;

	for (; *p != '\0' && *p != '#'; p++) {
		high = p[0] == '%' && p[1] != '\0' ?
		    strchr(digits, p[1] | 0x20) :
		    NULL;
		low = high != NULL && p[2] != '\0' ?
		    strchr(digits, p[2] | 0x20) :
		    NULL;
		if (low != NULL) {
			*to++ = (char)((high - digits) * 16 + (low - digits));
			p += 2;
		} else
			*to++ = *p;
	}
	*to = '\0';
}

static int
take_chapter(struct container *c, char *path, struct blocks *b)
{
	char *bytes = NULL, *text;
	size_t len = 0;
	int code = container_load(c, path, CHAPTER_MAX_BYTES, &bytes, &len);

	if (code == ERR_NO) {
		unescape(path);
		code = container_load(c, path, CHAPTER_MAX_BYTES, &bytes, &len);
	}
	if (code == ERR_NO)
		code = err_set(ERR_DATA, "has no chapter %s, which it names",
		    path);
	if (code < 0)
		return code;
	text = text_utf8(bytes, len, NULL, true, &len);
	free(bytes);
	code = len > 0 ? extract_html(text, len, b) : 0;
	free(text);
	return code;
}

int
extract_epub(struct container *c, struct blocks *b)
{
	struct reader r = { .t = b->text, .text = BUF_INIT(1000) };
	char *title;
	size_t i;
	int code;

	r.x = (struct xml){ .words = &words,
		.start = on_start,
		.end = on_end,
		.text = on_text,
		.ctx = &r };
	code = xml_read(&r.x, c, "META-INF/container.xml");
	if (code == 0 && r.package == NULL)
		code = ERR_NO;
	if (code == 0)
		code = xml_read(&r.x, c, r.package);
	if (code == ERR_NO)
		code = err_set(ERR_DATA, "is a book without a table of parts");
	if (code == 0 && container_has(c, "META-INF/encryption.xml"))
		code = xml_read(&r.x, c, "META-INF/encryption.xml");
	if (code == 0 && r.is_locked)
		code = err_set(ERR_DATA,
		    "is locked by its publisher and cannot be read");
	/* The chapters' own titles are not the book's. */
	title = b->text->title;
	b->is_book = true;
	for (i = 0; code == 0 && i < r.count && !b->full; i++)
		code = take_chapter(c, r.item[r.spine[i]].path, b);
	if (title != NULL && b->text->title != title) {
		free(b->text->title);
		b->text->title = title;
	}
	for (i = 0; i < r.items; i++) {
		free(r.item[i].id);
		free(r.item[i].path);
	}
	free(r.item);
	free(r.spine);
	free(r.package);
	buf_release(&r.text);
	return code;
}
