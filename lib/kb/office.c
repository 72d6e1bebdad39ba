/* office - what the readers of office documents share */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "kb/office.h"

#define RELATIONS_MAX 20000
#define PROPERTY_MAX_BYTES 1000

char *
part_beside(const char *part, const char *target)
{
	struct buf out = BUF_INIT(8192);
	const char *slash = strrchr(part, '/'), *p, *end;
	size_t n;

	if (*target == '/')
		target++;
	else if (slash != NULL)
		buf_add(&out, part, (size_t)(slash - part) + 1);
	for (p = target; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = p + strcspn(p, "/");
		n = (size_t)(end - p);
		if (n == 2 && strncmp(p, "..", 2) == 0) {
			/* One folder up; above the top there is none. */
			if (out.len > 0)
				out.data[--out.len] = '\0';
			while (out.len > 0 && out.data[out.len - 1] != '/')
				out.data[--out.len] = '\0';
		} else if (n > 0 && !(n == 1 && *p == '.')) {
			buf_add(&out, p, n);
			if (*end == '/')
				buf_addc(&out, '/');
		}
	}
	return buf_detach(&out);
}

/* --- relations --- */

enum { R_RELATIONSHIP = 1 };
static struct xml_words relation_words = { .list = (const char *const[]){
					       "Relationship", NULL } };

struct relation_reader {
	struct relations *r;
	const char *part;
};

static void
relation_start(void *ctx, int id, const char **atts)
{
	struct relation_reader *reader = ctx;
	struct relations *r = reader->r;
	const char *rid = xml_attr(atts, "Id"), *type = xml_attr(atts, "Type");
	const char *target = xml_attr(atts, "Target");
	const char *mode = xml_attr(atts, "TargetMode"), *slash;
	bool is_outside = mode != NULL && strcmp(mode, "External") == 0;

	if (id != R_RELATIONSHIP || rid == NULL || target == NULL ||
	    r->count == RELATIONS_MAX)
		return;
	if ((r->count & (r->count - 1)) == 0)
		r->item = xrealloc(r->item,
		    (r->count ? 2 * r->count : 1) * sizeof(*r->item));
	slash = type != NULL ? strrchr(type, '/') : NULL;
	r->item[r->count].id = xstrdup(rid);
	r->item[r->count].type = xstrdup(slash != NULL ? slash + 1 : "");
	r->item[r->count].is_outside = is_outside;
	r->item[r->count++].target =
	    is_outside ? xstrdup(target) : part_beside(reader->part, target);
}

static void
no_end(void *ctx, int id)
{
	(void)ctx, (void)id;
}

int
relations_read(struct container *c, const char *part, struct relations *ret)
{
	struct relation_reader reader = { .r = ret, .part = part };
	struct xml x = { .words = &relation_words,
		.start = relation_start,
		.end = no_end,
		.ctx = &reader };
	const char *slash = strrchr(part, '/');
	int dir = slash != NULL ? (int)(slash - part) + 1 : 0, code;
	char *name = xformat("%.*s_rels/%s.rels", dir, part, part + dir);

	memset(ret, 0, sizeof(*ret));
	code = xml_read(&x, c, name);
	free(name);
	if (code == ERR_NO)
		return 0;
	if (code < 0)
		relations_release(ret);
	return code;
}

const char *
relations_by_id(const struct relations *r, const char *id)
{
	size_t i;

	for (i = 0; id != NULL && i < r->count; i++)
		if (!r->item[i].is_outside && strcmp(r->item[i].id, id) == 0)
			return r->item[i].target;
	return NULL;
}

const char *
relations_address(const struct relations *r, const char *id)
{
	size_t i;

	for (i = 0; id != NULL && i < r->count; i++)
		if (r->item[i].is_outside && strcmp(r->item[i].id, id) == 0)
			return r->item[i].target;
	return NULL;
}

const char *
relations_by_type(const struct relations *r, const char *type)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (!r->item[i].is_outside &&
		    strcmp(r->item[i].type, type) == 0)
			return r->item[i].target;
	return NULL;
}

void
relations_release(struct relations *r)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		free(r->item[i].id);
		free(r->item[i].type);
		free(r->item[i].target);
	}
	free(r->item);
	memset(r, 0, sizeof(*r));
}

/* --- properties --- */

enum { P_TITLE = 1, P_LANGUAGE };
static struct xml_words property_words = { .list = (const char *const[]){
					       "title", "language", NULL } };

struct property_reader {
	int id;
	struct buf text;
	struct kb_text *t;
};

static void
property_start(void *ctx, int id, const char **atts)
{
	struct property_reader *r = ctx;

	(void)atts;
	r->id = id;
	buf_reset(&r->text);
}

static void
property_end(void *ctx, int id)
{
	struct property_reader *r = ctx;
	const char *text = r->text.data != NULL ? r->text.data : "";

	/* Names of files that a printer driver or an editor left. */
	if (id == P_TITLE && r->t->title == NULL && *text != '\0' &&
	    !str_starts(text, "Microsoft ") && strchr(text, '\\') == NULL)
		r->t->title = xstrdup(text);
	if (id == P_LANGUAGE && r->t->language == NULL && *text != '\0')
		r->t->language = xstrdup(text);
	r->id = 0;
}

static void
property_text(void *ctx, const char *text, size_t len)
{
	struct property_reader *r = ctx;

	if (r->id != 0)
		buf_add(&r->text, text, len);
}

/* Of a part of c, or without one of text. */
static void
read_properties(struct container *c, const char *part, const char *text,
    size_t len, struct kb_text *t)
{
	struct property_reader r = { .t = t,
		.text = BUF_INIT(PROPERTY_MAX_BYTES) };
	struct xml x = { .words = &property_words,
		.start = property_start,
		.end = property_end,
		.text = property_text,
		.ctx = &r };

	/* A document is none the worse for having none that can be read. */
	if (c != NULL)
		xml_read(&x, c, part);
	else
		xml_parse(&x, text, len, part);
	buf_release(&r.text);
}

void
office_properties(struct container *c, const char *part, struct kb_text *t)
{
	read_properties(c, part, NULL, 0, t);
}

void
office_properties_of(const char *text, size_t len, struct kb_text *t)
{
	read_properties(NULL, "its properties", text, len, t);
}
