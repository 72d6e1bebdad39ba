/*
 * extract_eml - the text of a letter, by gmime
 *
 * Its subject is the title; then who wrote it and when, and the text: of
 * alternatives the plain one, unless it is empty. Files that are attached
 * become members, each a document of its own. The library is loaded when it is
 * first needed: it brings some fifteen others, and few documents are letters.
 */
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "base/err.h"
#include "base/library.h"
#include "base/utf8.h"
#include "kb/block.h"

#define LIBRARY "libgmime-3.0.so.0"
#define PACKAGE "libgmime-3.0-0"

/* What is called of the library and of those it brings. */
#define FUNCTIONS                                          \
	FUNCTION(g_byte_array_new)                         \
	FUNCTION(g_byte_array_unref)                       \
	FUNCTION(g_date_time_format)                       \
	FUNCTION(g_free)                                   \
	FUNCTION(g_mime_content_disposition_is_attachment) \
	FUNCTION(g_mime_content_type_get_parameter)        \
	FUNCTION(g_mime_content_type_is_type)              \
	FUNCTION(g_mime_data_wrapper_write_to_stream)      \
	FUNCTION(g_mime_init)                              \
	FUNCTION(g_mime_message_get_date)                  \
	FUNCTION(g_mime_message_get_from)                  \
	FUNCTION(g_mime_message_get_mime_part)             \
	FUNCTION(g_mime_message_get_subject)               \
	FUNCTION(g_mime_message_part_get_message)          \
	FUNCTION(g_mime_message_part_get_type)             \
	FUNCTION(g_mime_multipart_get_count)               \
	FUNCTION(g_mime_multipart_get_part)                \
	FUNCTION(g_mime_multipart_get_type)                \
	FUNCTION(g_mime_object_get_content_disposition)    \
	FUNCTION(g_mime_object_get_content_type)           \
	FUNCTION(g_mime_parser_construct_message)          \
	FUNCTION(g_mime_parser_new_with_stream)            \
	FUNCTION(g_mime_part_get_content)                  \
	FUNCTION(g_mime_part_get_filename)                 \
	FUNCTION(g_mime_part_get_type)                     \
	FUNCTION(g_mime_stream_mem_new)                    \
	FUNCTION(g_mime_stream_mem_new_with_buffer)        \
	FUNCTION(g_mime_stream_mem_set_byte_array)         \
	FUNCTION(g_object_unref)                           \
	FUNCTION(g_type_check_instance_is_a)               \
	FUNCTION(internet_address_list_to_string)

#define FUNCTION(name) __typeof__ (&(name))(name);
static struct {
	FUNCTIONS
} call;
#undef FUNCTION
#define FUNCTION(name) #name,
static const char *const names[] = { FUNCTIONS };
#undef FUNCTION

#define PARTS_MAX 1000
#define DEPTH_MAX 20 /* of parts within parts */

struct reader {
	struct blocks *b;
	int parts, depth;
	size_t member_bytes;
};

int
eml_load(void)
{
	static bool loaded;
	const char *missing;

	if (loaded)
		return 0;
	missing =
	    library_load(LIBRARY, names, sizeof(names) / sizeof(*names), &call);
	if (missing != NULL && strcmp(missing, LIBRARY) == 0)
		return err_set(ERR_DATA,
		    "is a letter; install %s to have it read", PACKAGE);
	if (missing != NULL)
		return err_set(ERR_DATA, "cannot be read: %s has no %s",
		    LIBRARY, missing);
	loaded = true;
	return 0;
}

static bool
is_a(GMimeObject *o, GType type)
{
	return call.g_type_check_instance_is_a((GTypeInstance *)o, type);
}

/* The bytes of a part, decoded; the caller unrefs. */
static GByteArray *
content_of(GMimePart *part)
{
	GMimeDataWrapper *content = call.g_mime_part_get_content(part);
	GMimeStream *stream = call.g_mime_stream_mem_new();
	GByteArray *bytes = call.g_byte_array_new();

	call.g_mime_stream_mem_set_byte_array((GMimeStreamMem *)stream, bytes);
	if (content != NULL)
		call.g_mime_data_wrapper_write_to_stream(content, stream);
	call.g_object_unref(stream);
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
	    call.g_mime_object_get_content_type((GMimeObject *)part);
	const char *charset =
	    call.g_mime_content_type_get_parameter(type, "charset");
	GByteArray *bytes = content_of(part);
	size_t len = 0;
	char *text = NULL;
	int code;

	if (charset != NULL && bytes->len > 0)
		text = text_from((const char *)bytes->data, bytes->len, charset,
		    &len);
	if (text == NULL)
		text = text_utf8((const char *)bytes->data, bytes->len, true,
		    &len);
	call.g_byte_array_unref(bytes);
	code = extract_letter(text, len,
	    call.g_mime_content_type_is_type(type, "text", "html"), r->b);
	free(text);
	return code;
}

static bool
is_attached(GMimeObject *o)
{
	GMimeContentDisposition *d =
	    call.g_mime_object_get_content_disposition(o);

	return d != NULL && call.g_mime_content_disposition_is_attachment(d);
}

static int
take_attachment(struct reader *r, GMimePart *part)
{
	const char *name = call.g_mime_part_get_filename(part);
	GByteArray *bytes;

	if (name == NULL || *name == '\0')
		return 0;
	bytes = content_of(part);
	r->member_bytes += bytes->len;
	if (r->member_bytes <= r->b->max)
		kb_text_member(r->b->text, name, (const char *)bytes->data,
		    bytes->len);
	call.g_byte_array_unref(bytes);
	return 0;
}

static bool
is_type(GMimeObject *o, const char *type, const char *sub)
{
	return call
	    .g_mime_content_type_is_type(call.g_mime_object_get_content_type(o),
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
	call.g_byte_array_unref(bytes);
	return blank;
}

/* The one of alternatives that is read. */
static GMimeObject *
best_of(GMimeMultipart *multipart)
{
	GMimeObject *best = NULL, *o;
	int i, n = call.g_mime_multipart_get_count(multipart);

	for (i = 0; i < n; i++) {
		o = call.g_mime_multipart_get_part(multipart, i);
		if (is_a(o, call.g_mime_part_get_type()) &&
		    is_type(o, "text", "plain") && !is_blank((GMimePart *)o))
			return o;
		if (is_a(o, call.g_mime_multipart_get_type()) ||
		    is_type(o, "text", "html"))
			best = o;
	}
	return best != NULL || n == 0 ?
	    best :
	    call.g_mime_multipart_get_part(multipart, 0);
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
	if (is_a(o, call.g_mime_multipart_get_type())) {
		GMimeMultipart *m = (GMimeMultipart *)o;

		n = call.g_mime_multipart_get_count(m);
		if (is_type(o, "multipart", "alternative"))
			code = take_object(r, best_of(m));
		else
			for (i = 0; i < n && code == 0; i++)
				code = take_object(r,
				    call.g_mime_multipart_get_part(m, i));
	} else if (is_a(o, call.g_mime_message_part_get_type())) {
		inner =
		    call.g_mime_message_part_get_message((GMimeMessagePart *)o);
		if (inner != NULL) {
			const char *subject =
			    call.g_mime_message_get_subject(inner);

			if (subject != NULL)
				blocks_add(r->b, BLOCK_HEADING, 2, subject,
				    strlen(subject));
			code = take_object(r,
			    call.g_mime_message_get_mime_part(inner));
		}
	} else if (is_a(o, call.g_mime_part_get_type())) {
		if (is_attached(o) || !is_type(o, "text", "*"))
			code = take_attachment(r, (GMimePart *)o);
		else if (is_type(o, "text", "plain") ||
		    is_type(o, "text", "html"))
			code = take_text(r, (GMimePart *)o);
	}
	r->depth--;
	return code;
}

/* "From: ...; Date: ..." */
static void
take_head(struct reader *r, GMimeMessage *m)
{
	struct buf out = BUF_INIT(4096);
	InternetAddressList *from = call.g_mime_message_get_from(m);
	GDateTime *date = call.g_mime_message_get_date(m);
	char *text = from != NULL ?
	    call.internet_address_list_to_string(from, NULL, FALSE) :
	    NULL;

	if (text != NULL && *text != '\0')
		buf_addf(&out, "From: %s", text);
	call.g_free(text);
	text = date != NULL ? call.g_date_time_format(date, "%Y-%m-%d") : NULL;
	if (text != NULL)
		buf_addf(&out, "%sDate: %s", out.len > 0 ? "; " : "", text);
	call.g_free(text);
	if (out.len > 0)
		blocks_add(r->b, BLOCK_PARAGRAPH, 0, out.data, out.len);
	buf_release(&out);
}

int
extract_eml(const char *bytes, size_t len, struct blocks *b)
{
	struct reader r = { .b = b };
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *m;
	const char *subject;
	int code = eml_load();

	if (code < 0)
		return code;
	call.g_mime_init();
	stream = call.g_mime_stream_mem_new_with_buffer(bytes, len);
	parser = call.g_mime_parser_new_with_stream(stream);
	m = call.g_mime_parser_construct_message(parser, NULL);
	call.g_object_unref(parser);
	call.g_object_unref(stream);
	if (m == NULL)
		return err_set(ERR_DATA, "is a damaged letter");
	subject = call.g_mime_message_get_subject(m);
	if (subject != NULL && *subject != '\0') {
		char *clean = utf8_mend(subject, strlen(subject));

		blocks_add(b, BLOCK_HEADING, 1, clean, strlen(clean));
		free(b->text->title);
		b->text->title = clean;
	}
	take_head(&r, m);
	code = take_object(&r, call.g_mime_message_get_mime_part(m));
	if (b->text->title != NULL && subject == NULL) {
		free(b->text->title);
		b->text->title = NULL;
	}
	call.g_object_unref(m);
	return code;
}
