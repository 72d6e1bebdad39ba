/* record - all that is kept of a conversation, to be taken elsewhere */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "desk/event.h"
#include "desk/listing.h"
#include "desk/message.h"
#include "desk/record.h"
#include "desk/speech.h"

#define PAGE_EVENTS 256
#define PAGE_MESSAGES 256

/* All that was heard in a voice note. */
static void
put_heard(struct store *s, const char *id, json_t *data)
{
	char *text = NULL, *reason = NULL, *model = NULL;

	if (speech_get(s, id, &text, &reason, &model) == 0)
		json_put(data, "text", text);
	free(text);
	free(reason);
	free(model);
}

/* The line of an event with its whole text, however long. */
static int
add_event(struct store *s, struct event *e, struct buf *ret)
{
	const char *id = json_str(e->data, "message");
	struct message *m = NULL;
	char *line, *text;
	json_t *object = NULL;
	int code = desk_join(s, e);

	if (code < 0)
		return code;
	line = event_line(e);
	if (id != NULL && json_object_parse(line, strlen(line), &object) == 0 &&
	    json_bool_or(object, "data/truncated", false) &&
	    message_get(s, id, &m) == 0) {
		json_object_del(json_object_get(object, "data"), "truncated");
		/* One that was heard has its text elsewhere. */
		if (m->text != NULL ||
		    strcmp(e->type, "message.transcribed") != 0)
			json_put(json_object_get(object, "data"), "text",
			    m->text);
		else
			put_heard(s, id, json_object_get(object, "data"));
		if (m->content != NULL)
			json_object_set(json_object_get(object, "data"),
			    "content", m->content);
		text = json_text(object);
		free(line);
		line = text;
	}
	buf_adds(ret, line);
	buf_addc(ret, '\n');
	free(line);
	message_free(m);
	json_decref(object);
	return 0;
}

int
record_events(struct store *s, const char *id, int64_t *seq, struct buf *ret)
{
	struct event **events = NULL;
	int64_t next = *seq;
	size_t n, i;
	int code = conversation_log(s, id, *seq, PAGE_EVENTS, NULL, &events, &n,
	    &next);

	if (code < 0)
		return code;
	for (i = 0; i < n; i++) {
		if (code == 0)
			code = add_event(s, events[i], ret);
		event_free(events[i]);
	}
	free(events);
	if (code == 0)
		*seq = next;
	return code;
}

int
record_last(struct store *s, const char *id, int64_t n, int64_t *ret_seq)
{
	struct query q = query(store_desk(s),
	    "SELECT e.seq - 1 FROM message m JOIN event e ON e.id = m.id"
	    " WHERE m.conversation = :id"
	    " AND m.kind NOT IN ('reaction', 'edit', 'revoke')"
	    " ORDER BY e.seq DESC LIMIT 1 OFFSET :n");
	int64_t seq = 0;
	int code;

	bind_text(&q, ":id", id);
	bind_int(&q, ":n", n - 1);
	if (step(&q))
		seq = column_int(&q, 0);
	code = done(&q);
	if (code == 0)
		*ret_seq = seq;
	return code;
}

static void
add_object(struct buf *b, json_t *o)
{
	json_write(b, o);
	buf_addc(b, '\n');
	json_decref(o);
}

static void
put_time(json_t *o, const char *key, int64_t ms)
{
	char time[TIME_TEXT_BYTES];

	if (ms != 0)
		json_put(o, key, time_text(ms, time));
}

/* Each name the contact goes or went by. */
static int
add_contact(struct store *s, const char *contact, struct buf *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT ct.id, ct.instance, ct.name, ct.language, ct.kind,"
	    " a.kind, a.value, a.since_ms, a.left_ms FROM contact ct"
	    " LEFT JOIN contact_alias a ON a.contact = ct.id"
	    " WHERE ct.id = :id ORDER BY a.since_ms, a.kind, a.value");
	json_t *o = NULL, *names = json_array(), *name;

	bind_text(&q, ":id", contact);
	while (step(&q)) {
		if (o == NULL) {
			o = json_object();
			json_put(o, "record", "contact");
			json_put(o, "contact", column_text(&q, 0));
			json_put(o, "instance", column_text(&q, 1));
			json_put(o, "name", column_text(&q, 2));
			json_put(o, "language", column_text(&q, 3));
			json_put(o, "kind", column_text(&q, 4));
		}
		if (column_text(&q, 5) == NULL)
			continue;
		name = json_object();
		json_put(name, "kind", column_text(&q, 5));
		json_put(name, "value", column_text(&q, 6));
		put_time(name, "since", column_int(&q, 7));
		put_time(name, "left", column_int(&q, 8));
		json_array_append_new(names, name);
	}
	if (o != NULL) {
		json_object_set_new(o, "names", names);
		add_object(ret, o);
	} else
		json_decref(names);
	return done(&q);
}

/* The ladder of a message of ours. */
static int
put_ladder(struct store *s, const char *message, json_t *o)
{
	struct query q = query(store_desk(s),
	    "SELECT st.status, st.wa_ms, st.data FROM message m"
	    " JOIN message_status st ON st.instance = m.instance"
	    " AND st.wamid = m.wamid WHERE m.id = :id ORDER BY st.wa_ms");
	json_t *list = json_array(), *one, *data;
	const char *text;

	bind_text(&q, ":id", message);
	while (step(&q)) {
		one = json_object();
		json_put(one, "status", column_text(&q, 0));
		put_time(one, "time", column_int(&q, 1));
		text = column_text(&q, 2);
		if (text != NULL &&
		    json_object_parse(text, strlen(text), &data) == 0)
			json_object_set_new(one, "data", data);
		json_array_append_new(list, one);
	}
	if (json_array_size(list) > 0)
		json_object_set(o, "statuses", list);
	json_decref(list);
	return done(&q);
}

static void
put_json(json_t *o, const char *key, const char *text)
{
	json_t *value;

	if (text != NULL && json_value_parse(text, strlen(text), &value) == 0)
		json_object_set_new(o, key, value);
}

/* The provider's clock knows seconds only: the log's order decides then. */
#define MESSAGE_SQL                                                          \
	"SELECT m.id, m.direction, m.kind, m.wamid, m.wa_ms, m.stored_ms,"   \
	" m.author, m.status, m.why, m.quoted, m.text, m.content, m.erased," \
	" md.sha256, md.reason, mf.mime, mf.bytes, t.text, t.reason,"        \
	" t.language, r.provider, r.model, r.profile, r.sources,"            \
	" coalesce(e.seq, 0) AS seq"                                         \
	" FROM message m LEFT JOIN media md ON md.message = m.id"            \
	" LEFT JOIN media_file mf ON mf.sha256 = md.sha256"                  \
	" LEFT JOIN transcript t ON t.message = m.id"                        \
	" LEFT JOIN reply r ON r.message = m.id"                             \
	" LEFT JOIN event e ON e.id = m.id"                                  \
	" WHERE m.conversation = :id AND m.wa_ms >= :wa_ms"                  \
	" AND (m.wa_ms, coalesce(e.seq, 0), m.id) > (:wa_ms, :seq, :after)"  \
	" ORDER BY m.wa_ms, seq, m.id LIMIT :max"

static json_t *
message_object(struct query *q)
{
	static const char *const names[] = { "message", "direction", "kind",
		"wamid" };
	json_t *o = json_object(), *part;
	size_t i;

	json_put(o, "record", "message");
	for (i = 0; i < 4; i++)
		json_put(o, names[i], column_text(q, (int)i));
	put_time(o, "time", column_int(q, 4));
	put_time(o, "stored", column_int(q, 5));
	json_put(o, "author", column_text(q, 6));
	json_put(o, "status", column_text(q, 7));
	json_put(o, "why", column_text(q, 8));
	json_put(o, "quoted", column_text(q, 9));
	json_object_set_new(o, "text", json_text_new(column_text(q, 10)));
	put_json(o, "content", column_text(q, 11));
	if (column_int(q, 12) != 0)
		json_object_set_new(o, "erased", json_true());
	if (column_text(q, 13) != NULL || column_text(q, 14) != NULL) {
		part = json_object();
		json_put(part, "sha256", column_text(q, 13));
		json_put(part, "reason", column_text(q, 14));
		json_put(part, "mime", column_text(q, 15));
		if (column_text(q, 16) != NULL)
			json_put_int(part, "bytes", column_int(q, 16));
		json_object_set_new(o, "media", part);
	}
	if (column_text(q, 17) != NULL || column_text(q, 18) != NULL) {
		part = json_object();
		json_put(part, "text", column_text(q, 17));
		json_put(part, "reason", column_text(q, 18));
		json_put(part, "language", column_text(q, 19));
		json_object_set_new(o, "transcript", part);
	}
	if (column_text(q, 20) != NULL) {
		part = json_object();
		json_put(part, "provider", column_text(q, 20));
		json_put(part, "model", column_text(q, 21));
		json_put(part, "profile", column_text(q, 22));
		put_json(part, "sources", column_text(q, 23));
		json_object_set_new(o, "reply", part);
	}
	return o;
}

/* Where the next page of messages begins. */
struct place {
	int64_t wa_ms, seq;
	char id[ULID_BYTES];
};

/* A page of messages; 1 if there may be more. */
static int
add_messages(struct store *s, const char *id, struct place *after,
    struct buf *ret)
{
	struct query q = query(store_desk(s), MESSAGE_SQL);
	json_t *page[PAGE_MESSAGES];
	size_t n = 0, i;
	int code;

	bind_text(&q, ":id", id);
	bind_int(&q, ":wa_ms", after->wa_ms);
	bind_int(&q, ":seq", after->seq);
	bind_text(&q, ":after", after->id);
	bind_int(&q, ":max", PAGE_MESSAGES);
	while (n < PAGE_MESSAGES && step(&q)) {
		page[n++] = message_object(&q);
		after->wa_ms = column_int(&q, 4);
		after->seq = column_int(&q, 24);
		snprintf(after->id, sizeof(after->id), "%s",
		    column_text(&q, 0));
	}
	code = done(&q);
	for (i = 0; i < n; i++) {
		if (code == 0)
			code = put_ladder(s, json_str(page[i], "message"),
			    page[i]);
		add_object(ret, page[i]);
	}
	return code < 0 ? code : n == PAGE_MESSAGES;
}

int
record_lines(struct store *s, const char *id, struct buf *ret)
{
	struct place after = { INT64_MIN, INT64_MIN, "" };
	struct listed l;
	int64_t seq = 0, before;
	json_t *o, *clocks = NULL;
	int code = listed_get(s, id, LISTED_NAMES | LISTED_ADDRESS, NULL, &l);

	if (code < 0)
		return code;
	o = listed_json(&l);
	json_put(o, "record", "conversation");
	json_object_del(o, "unread");
	code = sla_clocks_json(s, l.id, now_ms(), &clocks);
	if (code == 0)
		json_put_new(o, "promises", clocks);
	add_object(ret, o);
	if (code == 0)
		code = add_contact(s, l.contact, ret);
	listed_release(&l);
	if (code == 0)
		do
			code = add_messages(s, id, &after, ret);
		while (code == 1);
	if (code == 0)
		do {
			before = seq;
			code = record_events(s, id, &seq, ret);
		} while (code == 0 && seq != before);
	return code;
}

/* --- a page --- */

void
record_page_begin(struct buf *ret)
{
	buf_adds(ret,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<title>Conversations</title>\n"
	    "<style>\nbody { margin: 2em auto; max-width: 60em; }\n"
	    "pre { white-space: pre-wrap; unicode-bidi: plaintext; "
	    "font-size: 1rem; }\n</style>\n</head>\n<body>\n");
}

void
record_page_end(struct buf *ret)
{
	buf_adds(ret, "</body>\n</html>\n");
}

/* Whatever it is, it is text. */
static void
add_escaped(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '"':
			buf_adds(b, "&quot;");
			break;
		case '\'':
			buf_adds(b, "&#39;");
			break;
		default:
			buf_addc(b, *text);
		}
}

int
record_page(struct store *s, const struct conversation *c,
    const struct transcript_style *style, int64_t at_ms, struct buf *ret)
{
	struct buf text = BUF_INIT(0);
	int code = transcript_head(s, c, style, at_ms, &text);

	if (code == 0)
		code = transcript_body(s, c, style, &text);
	if (code == 0) {
		buf_addf(ret,
		    "<article id=\"%s\">\n<h1>Conversation %s</h1>\n"
		    "<pre dir=\"auto\">",
		    c->id, c->id);
		add_escaped(ret, text.data);
		buf_adds(ret, "</pre>\n</article>\n");
	}
	buf_release(&text);
	return code;
}
