/* letter - a mail of plain text, as sendmail -t takes it */
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "base/utf8.h"
#include "desk/letter.h"

static const char *
host_of(const struct letter *l)
{
	return strchr(l->from, '@') + 1;
}

static void
address(GMimeMessage *m, const struct letter *l)
{
	InternetAddress *from;
	char *name =
		 l->from_name != NULL ? utf8_show(l->from_name, false) : NULL,
	     *subject = utf8_show(l->subject, false);
	size_t i;

	from = internet_address_mailbox_new(name, l->from);
	internet_address_set_charset(from, "utf-8");
	internet_address_list_add(g_mime_message_get_addresses(m,
				      GMIME_ADDRESS_TYPE_FROM),
	    from);
	g_object_unref(from);
	for (i = 0; l->to[i] != NULL; i++)
		g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_TO, NULL,
		    l->to[i]);
	g_mime_message_set_subject(m, subject, "utf-8");
	free(subject);
	free(name);
}

static void
name(GMimeMessage *m, const struct letter *l)
{
	GDateTime *date = g_date_time_new_from_unix_utc(l->time_ms / 1000);
	char *id = xformat("%s@%s", l->id, host_of(l)), *thread;

	g_mime_message_set_date(m, date);
	g_date_time_unref(date);
	g_mime_message_set_message_id(m, id);
	free(id);
	if (l->thread != NULL) {
		thread = xformat("<%s@%s>", l->thread, host_of(l));
		g_mime_object_set_header(GMIME_OBJECT(m), "References", thread,
		    NULL);
		free(thread);
	}
	/* Nobody's vacation answers it. */
	g_mime_object_set_header(GMIME_OBJECT(m), "Auto-Submitted",
	    "auto-generated", NULL);
}

void
letter_write(const struct letter *l, struct buf *to)
{
	GMimeMessage *m;
	GMimeTextPart *part;
	GMimeStream *stream;
	GMimeDataWrapper *content;
	char *text;

	g_mime_init();
	m = g_mime_message_new(TRUE);
	address(m, l);
	name(m, l);
	/* gmime would choose an older charset where one will do. */
	part = g_mime_text_part_new();
	g_mime_text_part_set_charset(part, "utf-8");
	stream = g_mime_stream_mem_new_with_buffer(l->body, strlen(l->body));
	content = g_mime_data_wrapper_new_with_stream(stream,
	    GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(GMIME_PART(part), content);
	g_object_unref(content);
	g_object_unref(stream);
	g_mime_part_set_content_encoding(GMIME_PART(part),
	    g_mime_part_get_best_content_encoding(GMIME_PART(part),
		GMIME_ENCODING_CONSTRAINT_7BIT));
	g_mime_message_set_mime_part(m, GMIME_OBJECT(part));
	g_object_unref(part);
	text = g_mime_object_to_string(GMIME_OBJECT(m), NULL);
	buf_adds(to, text);
	g_free(text);
	g_object_unref(m);
}
