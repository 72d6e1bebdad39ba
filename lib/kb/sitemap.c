/* sitemap - the addresses a site lists of itself */
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlreader.h>
#include <zlib.h>

#include "base/err.h"
#include "base/str.h"
#include "kb/sitemap.h"

#define PIECE 65536

static int
too_large(size_t most)
{
	return err_set(ERR_DATA, "is larger than %zu MiB", most >> 20);
}

/* What was told of one, of at most most. */
struct told {
	sitemap_fn fn;
	void *ctx;
	long count, most;
};

static void
tell(struct told *t, const char *url, bool is_sitemap)
{
	if (t->count++ < t->most)
		t->fn(t->ctx, url, is_sitemap);
}

/* Unpack gzip, several parts after one another too; the caller frees. */
static int
unpack(const char *bytes, size_t len, size_t most, char **ret, size_t *ret_len)
{
	struct buf out = BUF_INIT(most);
	z_stream z = { .avail_in = (uInt)len };
	int got = Z_OK, code = 0;

	z.next_in = (Bytef *)(uintptr_t)bytes;
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return err_set(ERR_DATA, "cannot be unpacked");
	while (got == Z_OK && !out.failed) {
		char piece[PIECE];

		z.next_out = (Bytef *)piece;
		z.avail_out = PIECE;
		got = inflate(&z, Z_NO_FLUSH);
		buf_add(&out, piece, PIECE - z.avail_out);
		if (got == Z_STREAM_END && z.avail_in > 0)
			got = inflateReset(&z);
	}
	inflateEnd(&z);
	if (out.failed)
		code = too_large(most);
	else if (got != Z_STREAM_END)
		code = err_set(ERR_DATA, "its gzip is damaged");
	if (code < 0) {
		buf_release(&out);
		return code;
	}
	*ret_len = out.len;
	*ret = buf_detach(&out);
	return 0;
}

static int
read_lines(const char *text, size_t len, struct told *t)
{
	const char *p = text, *end = text + len;
	char *line;
	size_t n;

	while (p < end && t->count <= t->most) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));

		n = lf != NULL ? (size_t)(lf - p) : (size_t)(end - p);
		line = xstrndup(p, n);
		if (str_starts(str_trim(line), "http"))
			tell(t, str_trim(line), false);
		free(line);
		p += n + 1;
	}
	return t->count > 0 ? 0 : err_set(ERR_DATA, "is no sitemap");
}

/* The address within <loc> of <url> or <sitemap>. */
static int
read_xml(const char *text, size_t len, struct told *t)
{
	xmlTextReader *reader = xmlReaderForMemory(text, (int)len, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_NOERROR |
		XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
	bool in_url = false, in_sitemap = false, in_loc = false;
	struct buf loc = BUF_INIT(8192);
	long roots = 0;
	int code = 0, got = -1;

	if (reader == NULL)
		return err_set(ERR_DATA, "is no sitemap");
	while (t->count <= t->most && (got = xmlTextReaderRead(reader)) == 1) {
		int type = xmlTextReaderNodeType(reader);
		const char *name =
		    (const char *)xmlTextReaderConstLocalName(reader);
		const char *value =
		    (const char *)xmlTextReaderConstValue(reader);
		bool begins = type == XML_READER_TYPE_ELEMENT;

		if (begins || type == XML_READER_TYPE_END_ELEMENT) {
			roots += strcmp(name, "urlset") == 0 ||
			    strcmp(name, "sitemapindex") == 0;
			if (strcmp(name, "url") == 0)
				in_url = begins;
			else if (strcmp(name, "sitemap") == 0)
				in_sitemap = begins;
			else if (strcmp(name, "loc") == 0 &&
			    (in_url || in_sitemap)) {
				in_loc = begins;
				if (!begins && loc.len > 0 && !loc.failed &&
				    *str_trim(loc.data) != '\0')
					tell(t, str_trim(loc.data), in_sitemap);
				buf_reset(&loc);
				loc.failed = false;
			}
		} else if (in_loc && value != NULL)
			buf_adds(&loc, value);
	}
	if (roots == 0)
		code = err_set(ERR_DATA, "is no sitemap");
	else if (got < 0)
		code = err_set(ERR_DATA, "its XML is damaged");
	buf_release(&loc);
	xmlFreeTextReader(reader);
	return code;
}

int
sitemap_read(const char *bytes, size_t len, struct sitemap_room *room,
    sitemap_fn fn, void *ctx)
{
	size_t most =
	    room->bytes < SITEMAP_MAX_BYTES ? room->bytes : SITEMAP_MAX_BYTES;
	struct told t = { .fn = fn,
		.ctx = ctx,
		.most = room->urls < SITEMAP_MAX_URLS ? room->urls :
							SITEMAP_MAX_URLS };
	char *unpacked = NULL;
	const char *p;
	int code = 0;

	if (len >= 2 && memcmp(bytes, "\037\213", 2) == 0) {
		code = unpack(bytes, len, most, &unpacked, &len);
		bytes = unpacked;
	}
	/* One that is left off has cost as much as one that is not. */
	if (code < 0) {
		room->bytes -= most;
		return code;
	}
	if (len > most)
		code = too_large(most);
	room->bytes -= len < most ? len : most;
	p = bytes;
	if (len >= 3 && memcmp(p, "\357\273\277", 3) == 0)
		p += 3;
	while (p < bytes + len && strchr(" \t\r\n", *p) != NULL && *p != '\0')
		p++;
	if (code == 0 && p < bytes + len && *p == '<')
		code = read_xml(p, len - (size_t)(p - bytes), &t);
	else if (code == 0)
		code = read_lines(p, len - (size_t)(p - bytes), &t);
	if (code == 0 && t.count > t.most)
		code =
		    err_set(ERR_DATA, "lists more than %ld addresses", t.most);
	room->urls -= t.count < t.most ? t.count : t.most;
	free(unpacked);
	return code;
}
