/*
 * extract_eml - the text of a letter, by gmime
 *
 * A page that a browser saved with its pictures is one without a letter: that
 * page is read alone. Else the subject is the title; then who wrote it and when, and the text: of
 * alternatives the plain one, unless it is empty. Files that are attached
 * become members, each a document of its own.
 */
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "base/err.h"
#include "base/utf8.h"
#include "kb/block.h"

#define PARTS_MAX 1000
#define DEPTH_MAX 20 /* of parts within parts */

struct reader {
	struct blocks *b;
	int parts, depth;
	size_t member_bytes;
};

/* The bytes of a part, decoded; the caller unrefs. */
static GByteArray *
content_of(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *bytes = g_byte_array_new();

	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), bytes);
	if (content != NULL)
		g_mime_data_wrapper_write_to_stream(content, stream);
	g_object_unref(stream);
	return bytes;
}

int
extract_letter(char *text, size_t len, bool is_html, struct blocks *b)
{
	size_t i, k;
	char *mark;

	for (i = k = 0; i < len; i++)
		if (text[i] != '\r')
			text[k++] = text[i];
	text[k] = '\0';
	if (is_html)
		return k > 0 ? extract_html(text, k, b) : 0;
	mark = strstr(text, "\n-- \n");
	return extract_plain(text, mark != NULL ? (size_t)(mark - text) : k, b);
}

static int
take_text(struct reader *r, GMimePart *part)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *charset =
	    g_mime_content_type_get_parameter(type, "charset");
	GByteArray *bytes = content_of(part);
	size_t len = 0;
	char *text;
	int code;

	text = text_utf8((const char *)bytes->data, bytes->len, charset, true,
	    &len);
	g_byte_array_unref(bytes);
	code = extract_letter(text, len,
	    g_mime_content_type_is_type(type, "text", "html"), r->b);
	free(text);
	return code;
}

static bool
is_attached(GMimeObject *o)
{
	GMimeContentDisposition *d = g_mime_object_get_content_disposition(o);

	return d != NULL && g_mime_content_disposition_is_attachment(d);
}

static int
take_attachment(struct reader *r, GMimePart *part)
{
	const char *name = g_mime_part_get_filename(part);
	GByteArray *bytes;

	if (name == NULL || *name == '\0')
		return 0;
	bytes = content_of(part);
	r->member_bytes += bytes->len;
	if (r->member_bytes <= r->b->max)
		kb_text_member(r->b->text, name, (const char *)bytes->data,
		    bytes->len);
	g_byte_array_unref(bytes);
	return 0;
}

static bool
is_type(GMimeObject *o, const char *type, const char *sub)
{
	return g_mime_content_type_is_type(g_mime_object_get_content_type(o),
	    type, sub);
}

static bool
is_blank(GMimePart *part)
{
	GByteArray *bytes = content_of(part);
	bool blank = true;
	guint i;

	for (i = 0; i < bytes->len && blank; i++)
		blank = strchr(" \t\r\n", bytes->data[i]) != NULL &&
		    bytes->data[i] != '\0';
	g_byte_array_unref(bytes);
	return blank;
}

/* The one of alternatives that is read. */
static GMimeObject *
best_of(GMimeMultipart *multipart)
{
	GMimeObject *best = NULL, *o;
	int i, n = g_mime_multipart_get_count(multipart);

	for (i = 0; i < n; i++) {
		o = g_mime_multipart_get_part(multipart, i);
		if (GMIME_IS_PART(o) && is_type(o, "text", "plain") &&
		    !is_blank(GMIME_PART(o)))
			return o;
		if (GMIME_IS_MULTIPART(o) || is_type(o, "text", "html"))
			best = o;
	}
	return best != NULL || n == 0 ? best :
					g_mime_multipart_get_part(multipart, 0);
}

/* Depth is limited, so is the recursion. */
static int
take_object(struct reader *r, GMimeObject *o)
{
	GMimeMessage *inner;
	int i, n, code = 0;

	if (o == NULL || r->depth == DEPTH_MAX || r->parts++ == PARTS_MAX)
		return 0;
	r->depth++;
	if (GMIME_IS_MULTIPART(o)) {
		GMimeMultipart *m = GMIME_MULTIPART(o);

		n = g_mime_multipart_get_count(m);
		if (is_type(o, "multipart", "alternative"))
			code = take_object(r, best_of(m));
		else
			for (i = 0; i < n && code == 0; i++)
				code = take_object(r,
				    g_mime_multipart_get_part(m, i));
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));
		if (inner != NULL) {
			const char *subject = g_mime_message_get_subject(inner);

			if (subject != NULL)
				blocks_add(r->b, BLOCK_HEADING, 2, subject,
				    strlen(subject));
			code =
			    take_object(r, g_mime_message_get_mime_part(inner));
		}
	} else if (GMIME_IS_PART(o)) {
		if (is_attached(o) || !is_type(o, "text", "*"))
			code = take_attachment(r, GMIME_PART(o));
		else if (is_type(o, "text", "plain") ||
		    is_type(o, "text", "html"))
			code = take_text(r, GMIME_PART(o));
	}
	r->depth--;
	return code;
}

/* The page that a browser saved as o, which says where it was; NULL: it is a
 * letter. */
static GMimePart *
saved_page(GMimeObject *o)
{
	GMimeObject *part;
	int i, n;

	if (o == NULL || !GMIME_IS_MULTIPART(o) ||
	    !is_type(o, "multipart", "related"))
		return NULL;
	n = g_mime_multipart_get_count(GMIME_MULTIPART(o));
	for (i = 0; i < n && i < PARTS_MAX; i++) {
		part = g_mime_multipart_get_part(GMIME_MULTIPART(o), i);
		if (GMIME_IS_PART(part) && is_type(part, "text", "html"))
			return g_mime_object_get_header(part,
				   "Content-Location") != NULL ?
			    GMIME_PART(part) :
			    NULL;
	}
	return NULL;
}

/* "From: ...; Date: ..." */
static void
take_head(struct reader *r, GMimeMessage *m)
{
	struct buf out = BUF_INIT(4096);
	InternetAddressList *from = g_mime_message_get_from(m);
	GDateTime *date = g_mime_message_get_date(m);
	char *text = from != NULL ?
	    internet_address_list_to_string(from, NULL, FALSE) :
	    NULL;

	if (text != NULL && *text != '\0')
		buf_addf(&out, "From: %s", text);
	g_free(text);
	text = date != NULL ? g_date_time_format(date, "%Y-%m-%d") : NULL;
	if (text != NULL)
		buf_addf(&out, "%sDate: %s", out.len > 0 ? "; " : "", text);
	g_free(text);
	if (out.len > 0)
		blocks_add(r->b, BLOCK_PARAGRAPH, 0, out.data, out.len);
	buf_release(&out);
}

/* Of a letter with its subject and who wrote it. */
static int
take_letter(struct reader *r, GMimeMessage *m)
{
	struct blocks *b = r->b;
	const char *subject = g_mime_message_get_subject(m);
	int code;

	if (subject != NULL && *subject != '\0') {
		char *clean = utf8_mend(subject, strlen(subject));

		blocks_add(b, BLOCK_HEADING, 1, clean, strlen(clean));
		free(b->text->title);
		b->text->title = clean;
	}
	take_head(r, m);
	code = take_object(r, g_mime_message_get_mime_part(m));
	if (b->text->title != NULL && subject == NULL) {
		free(b->text->title);
		b->text->title = NULL;
	}
	return code;
}

int
extract_eml(const char *bytes, size_t len, struct blocks *b, bool *ret_page)
{
	struct reader r = { .b = b };
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *m;
	GMimePart *page;
	int code;

	g_mime_init();
	stream = g_mime_stream_mem_new_with_buffer(bytes, len);
	parser = g_mime_parser_new_with_stream(stream);
	m = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	if (m == NULL)
		return err_set(ERR_DATA, "is a damaged letter");
	page = saved_page(g_mime_message_get_mime_part(m));
	*ret_page = page != NULL;
	code = page != NULL ? take_text(&r, page) : take_letter(&r, m);
	g_object_unref(m);
	return code;
}
