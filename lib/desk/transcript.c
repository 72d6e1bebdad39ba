/* transcript - a conversation as people read it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/contact.h"
#include "desk/draft.h"
#include "desk/listing.h"
#include "desk/media.h"
#include "desk/message.h"
#include "desk/parts.h"
#include "desk/reach.h"
#include "desk/sla.h"
#include "desk/snooze.h"
#include "desk/speech.h"
#include "desk/transcript.h"
#include "desk/typist.h"

#define WHO_COLUMNS 14	 /* of the column of names */
#define CLOCK_COLUMNS 7	 /* "10:00  " */
#define GIST_COLUMNS 50	 /* of what a quotation shows */
#define DRAFT_COLUMNS 60 /* of a draft in the head */
#define SOURCES_SHOWN 3	 /* of an answer; conv show --json has all */
#define HOUR_MS INT64_C(3600000)
#define INDENT (CLOCK_COLUMNS + WHO_COLUMNS + 2)
#define TEXT_COLUMNS_MIN 20 /* narrower: not worth wrapping */

/* A row of message. */
struct said {
	char id[ULID_BYTES];
	char *direction, *kind, *author, *status, *text, *wamid, *quoted;
	json_t *content;
	int64_t wa_ms;
	int64_t at_ms, seq; /* its place, as in PLACES; seq 0: not known */
	bool erased;
	const struct said *edit; /* the newest edit of it */
	/* What the customer, and we, last thought of it. */
	const struct said *reaction, *our_reaction;
	const struct said *revoked;
	bool hung; /* under the message it is about */
};

/* An event of the conversation that is no message. */
struct done_thing {
	char *text; /* "anna took it" */
	int64_t time_ms;
	int64_t at_ms, seq; /* its place */
};

struct history {
	const char *conversation, *instance;
	struct said *said;
	size_t nsaid;
	struct done_thing *things;
	size_t nthings;
};

static void
history_release(struct history *h)
{
	struct said *m;
	size_t i;

	for (i = 0; i < h->nsaid; i++) {
		m = &h->said[i];
		free(m->direction);
		free(m->kind);
		free(m->author);
		free(m->status);
		free(m->text);
		free(m->wamid);
		free(m->quoted);
		json_decref(m->content);
	}
	free(h->said);
	for (i = 0; i < h->nthings; i++)
		free(h->things[i].text);
	free(h->things);
}

char *
customer_name(struct store *s, const char *contact)
{
	static const char *const kinds[] = { "username", "phone", "bsuid",
		"lid", "parent_bsuid", "group", "other", NULL };
	char *name = contact_name(s, contact);
	size_t i;

	for (i = 0; name == NULL && kinds[i] != NULL; i++)
		name = contact_alias(s, contact, kinds[i]);
	return name != NULL ? name : xstrdup(contact);
}

/* What a message without text is about, where its kind says so. */
static const char *
detail(const char *kind, const json_t *content)
{
	static const struct {
		const char *kind, *path;
	} places[] = {
		{ "document", "document/filename" },
		{ "location", "location/name" },
		{ "location", "location/address" },
		/* What we send may be bare. */
		{ "location", "name" },
		{ "location", "address" },
		{ "contacts", "contacts/0/name/formatted_name" },
		{ "interactive", "interactive/body/text" },
		{ "interactive", "body/text" },
		{ "unsupported", "errors/0/title" },
	};
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(kind, places[i].kind) == 0 &&
		    (text = json_str(content, places[i].path)) != NULL &&
		    *text != '\0')
			return text;
	return NULL;
}

/* "order_ready (en): Ana, 7" of a template that we send. */
static char *
template_gist(const json_t *content)
{
	const json_t *t = json_object_get(content, "template"), *c, *p;
	const char *language, *value, *sep = ": ";
	struct buf b = BUF_INIT(0);
	size_t i, k;

	if (t == NULL)
		t = content;
	if (json_str(t, "name") == NULL)
		return NULL;
	buf_adds(&b, json_str(t, "name"));
	language = json_str_or(t, "language/code", json_str(t, "language"));
	if (language != NULL)
		buf_addf(&b, " (%s)", language);
	json_array_foreach(json_object_get(t, "components"), i, c)
		json_array_foreach(json_object_get(c, "parameters"), k, p) {
			value = json_str_or(p, "text",
			    json_str_or(p, "coupon_code",
				json_str(p, "payload")));
			if (value == NULL)
				continue;
			buf_addf(&b, "%s%s", sep, value);
			sep = ", ";
		}
	return buf_detach(&b);
}

char *
message_gist(const char *kind, const char *text, const json_t *content)
{
	const char *more;
	char *ret, *gist;

	if (strcmp(kind, "text") == 0)
		return xstrdup(text != NULL ? text : "");
	if (strcmp(kind, "reaction") == 0)
		return text != NULL && *text != '\0' ?
		    xformat("reacted %s", text) :
		    xstrdup("took a reaction back");
	if (text != NULL && *text != '\0')
		return xformat("[%s] %s", kind, text);
	if (strcmp(kind, "template") == 0 &&
	    (gist = template_gist(content)) != NULL) {
		ret = xformat("[%s] %s", kind, gist);
		free(gist);
		return ret;
	}
	more = detail(kind, content);
	if (more != NULL)
		return xformat("[%s] %s", kind, more);
	return xformat("[%s]", kind);
}

/*
 * Providers count in seconds and we in milliseconds: inside a second it is the
 * order of arrival that tells what came first.
 */
#define PLACES                                                      \
	CONVERSATION_ABOUT_SQL                                      \
	", place AS (SELECT id AS event, seq, type, time_ms, data," \
	" max(time_ms) OVER (PARTITION BY time_ms / 1000"           \
	"  ORDER BY seq) AS at_ms FROM about)"

static int
read_said(struct store *s, const char *id, int last, struct history *h)
{
	struct query q = query(store_desk(s),
	    PLACES
	    " SELECT * FROM (SELECT m.id, direction, kind, author, status,"
	    " text, wamid, quoted, content, wa_ms, erased,"
	    " CASE WHEN at_ms / 1000 = wa_ms / 1000 THEN at_ms ELSE wa_ms END"
	    "  AS at, seq, kind NOT IN ('reaction', 'edit', 'revoke') AS counts,"
	    /* What is about a message is none of the last n. */
	    " sum(kind NOT IN ('reaction', 'edit', 'revoke')) OVER (ORDER BY"
	    "  CASE WHEN at_ms / 1000 = wa_ms / 1000 THEN at_ms ELSE wa_ms END"
	    "  DESC, seq DESC, m.id DESC) AS nth"
	    " FROM message m LEFT JOIN place ON event = m.id"
	    " WHERE conversation = :id)"
	    " WHERE :n < 0 OR nth - counts < :n"
	    " ORDER BY at, seq, id");
	struct said *m;
	const char *text;

	bind_text(&q, ":id", id);
	bind_int(&q, ":n", last > 0 ? last : -1);
	while (step(&q)) {
		h->said = xrealloc(h->said, (h->nsaid + 1) * sizeof(*h->said));
		m = &h->said[h->nsaid++];
		memset(m, 0, sizeof(*m));
		snprintf(m->id, sizeof(m->id), "%s", column_text(&q, 0));
		m->direction = column_copy(&q, 1);
		m->kind = column_copy(&q, 2);
		m->author = column_copy(&q, 3);
		m->status = column_copy(&q, 4);
		m->text = column_copy(&q, 5);
		m->wamid = column_copy(&q, 6);
		m->quoted = column_copy(&q, 7);
		text = column_text(&q, 8);
		if (text != NULL)
			json_object_parse(text, strlen(text), &m->content);
		m->wa_ms = column_int(&q, 9);
		m->erased = column_int(&q, 10) != 0;
		m->at_ms = column_int(&q, 11);
		m->seq = column_int(&q, 12);
	}
	return done(&q);
}

static struct said *
by_wamid(const struct history *h, const char *wamid)
{
	size_t i;

	if (wamid == NULL)
		return NULL;
	for (i = h->nsaid; i-- > 0;)
		if (h->said[i].wamid != NULL &&
		    strcmp(h->said[i].wamid, wamid) == 0)
			return &h->said[i];
	return NULL;
}

static bool
by_customer(const struct said *m)
{
	return strcmp(m->direction, "in") == 0;
}

/* Edits, revocations and reactions are rows of their own: hang them on what
 * they name. Only who wrote it can change it. */
static void
hang(struct history *h)
{
	struct said *about, *m;
	size_t i;

	for (i = 0; i < h->nsaid; i++) {
		m = &h->said[i];
		if (strcmp(m->kind, "edit") != 0 &&
		    strcmp(m->kind, "revoke") != 0 &&
		    strcmp(m->kind, "reaction") != 0)
			continue;
		about = by_wamid(h, m->quoted);
		if (about == NULL)
			continue;
		if (m->kind[2] == 'a') {
			m->hung = true;
			if (by_customer(m))
				about->reaction = m;
			else
				about->our_reaction = m;
		} else if (by_customer(m) == by_customer(about)) {
			m->hung = true;
			if (m->kind[0] == 'e')
				about->edit = m;
			else
				about->revoked = m;
		}
	}
}

/* "anna" of "user:anna". */
static const char *
actor_name(const char *actor)
{
	if (actor == NULL)
		return "system";
	return str_starts(actor, "user:") ? actor + strlen("user:") : actor;
}

/* "anna snoozed it until ..."; without a time where there is none. */
static char *
until_text(const char *actor, const char *what, const char *until)
{
	char clock[64];
	int64_t ms;

	if (until == NULL || time_parse(until, &ms) < 0)
		return xformat("%s %s", actor, what);
	time_local(ms, "%Y-%m-%d %H:%M %Z", clock, sizeof(clock));
	return xformat("%s %s until %s", actor, what, clock);
}

/* Why the AI said nothing, in words: some reasons are names for programs. */
static const char *
declined_text(const char *reason)
{
	if (strcmp(reason, "owner") == 0)
		return "people have it";
	if (strcmp(reason, "elsewhere") == 0)
		return "people talk to the customer in another conversation";
	if (strcmp(reason, "status") == 0)
		return "the conversation is not open";
	if (strcmp(reason, "owner_rev") == 0)
		return "a person took it over meanwhile";
	return reason;
}

/* What an event of the conversation says to people; NULL: nothing. */
static char *
thing_text(const char *type, const json_t *data)
{
	const char *actor = actor_name(json_str(data, "actor")),
		   *assignee = json_str(data, "assignee"),
		   *team = json_str(data, "team"),
		   *reason = json_str(data, "reason");

	if (strcmp(type, "conversation.paused") == 0)
		return until_text(actor, "keeps the AI out of it",
		    json_str(data, "until"));
	if (strcmp(type, "conversation.snoozed") == 0)
		return until_text(actor, "snoozed it", json_str(data, "until"));
	if (strcmp(type, "reply.declined") == 0)
		return xformat("the AI has no answer%s%s",
		    reason != NULL ? ": " : "",
		    reason != NULL ? declined_text(reason) : "");
	if (str_starts(type, "conversation."))
		type += strlen("conversation.");
	if (strcmp(type, "rated") == 0)
		return xformat("the customer rated it %d of 5",
		    (int)json_int_or(data, "rating", 0));
	if (strcmp(type, "commented") == 0)
		return xstrdup("the customer said why");
	if (strcmp(type, "opened") == 0)
		return xstrdup("opened");
	if (strcmp(type, "reopened") == 0)
		return xformat("%s reopened it", actor);
	if (strcmp(type, "assigned") == 0)
		return xformat("%s assigned it to %s%s", actor,
		    assignee != NULL ? "" : "team ",
		    assignee != NULL ? assignee :
			team != NULL ? team :
				       "nobody");
	if (strcmp(type, "taken") == 0)
		return xformat("%s took it", actor);
	if (strcmp(type, "released") == 0)
		return xformat("%s gave it back to the %s", actor,
		    json_str_or(data, "owner", "queue"));
	if (strcmp(type, "escalated") == 0)
		return xformat("%s handed it to people%s%s", actor,
		    reason != NULL ? ": " : "", reason != NULL ? reason : "");
	if (strcmp(type, "awaited") == 0)
		return xformat("%s is awaited%s%s",
		    assignee != NULL ? assignee : "a person",
		    reason != NULL ? ": " : "", reason != NULL ? reason : "");
	if (strcmp(type, "resolved") == 0)
		return xformat("%s resolved it", actor);
	if (strcmp(type, "archived") == 0)
		return xformat("%s archived it", actor);
	if (strcmp(type, "merged") == 0)
		return xformat("%s joined another conversation to it", actor);
	if (strcmp(type, "tagged") == 0)
		return xformat("%s added the tag %s", actor,
		    json_str_or(data, "tag", "?"));
	if (strcmp(type, "untagged") == 0)
		return xformat("%s took off the tag %s", actor,
		    json_str_or(data, "tag", "?"));
	if (strcmp(type, "prioritised") == 0)
		return xformat("%s set the priority to %s", actor,
		    json_str_or(data, "priority", "?"));
	/* A note is a message of its own; of any other, its verb. */
	return strcmp(type, "noted") == 0 ? NULL :
					    xformat("%s %s it", actor, type);
}

static int
read_things(struct store *s, const char *id, int64_t from_ms, struct history *h)
{
	struct query q = query(store_desk(s),
	    PLACES
	    " SELECT type, time_ms, data, at_ms, seq FROM place"
	    " WHERE (type LIKE 'conversation.%' OR type = 'reply.declined')"
	    "  AND time_ms >= :from ORDER BY at_ms, seq");
	char *text;
	const char *data_text;
	json_t *data;

	bind_text(&q, ":id", id);
	bind_int(&q, ":from", from_ms);
	while (step(&q)) {
		data_text = column_text(&q, 2);
		data = NULL;
		if (json_object_parse(data_text, strlen(data_text), &data) < 0)
			continue;
		text = thing_text(column_text(&q, 0), data);
		json_decref(data);
		if (text == NULL)
			continue;
		h->things =
		    xrealloc(h->things, (h->nthings + 1) * sizeof(*h->things));
		h->things[h->nthings].text = text;
		h->things[h->nthings].at_ms = column_int(&q, 3);
		h->things[h->nthings].seq = column_int(&q, 4);
		h->things[h->nthings++].time_ms = column_int(&q, 1);
	}
	return done(&q);
}

static void
add_on(struct buf *b, const struct transcript_style *style, const char *code)
{
	if (style->colour)
		buf_adds(b, code);
}

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

/* At most columns of text, cut at a character. Caller frees. */
static char *
narrowed(const char *text, size_t columns)
{
	char *cut = xstrdup(text);
	size_t len = strlen(cut);

	if (utf8_width(cut) <= columns)
		return cut;
	while (len > 0 && utf8_width(cut) + 1 > columns) {
		len = utf8_cut(cut, len, len - 1);
		cut[len] = '\0';
	}
	text = cut;
	cut = xformat("%s\xe2\x80\xa6", text);
	free((char *)text);
	return cut;
}

static void
indent(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addc(b, ' ');
}

/* The length of text that fits columns, cut behind a space if there is one. */
static size_t
fitting(const char *text, size_t len, size_t columns)
{
	/* No line needs more bytes than that; so a long text stays cheap. */
	size_t fit = utf8_cut(text, len, columns * 8), space;
	char *copy = xstrndup(text, fit);

	while (fit > 0 && utf8_width(copy) > columns) {
		fit = utf8_cut(copy, fit, fit - 1);
		copy[fit] = '\0';
	}
	free(copy);
	if (fit == len || fit == 0)
		return len;
	for (space = fit; space > 0 && text[space] != ' '; space--)
		;
	return space > 0 ? space : fit;
}

/* Add text; every line but the first begins under the first. Ends in LF. */
static void
add_wrapped(struct buf *b, const struct transcript_style *style,
    const char *text)
{
	size_t columns = 0, len, fit;
	const char *end;
	bool first = true;

	if (style->width >= INDENT + TEXT_COLUMNS_MIN)
		columns = (size_t)style->width - INDENT;
	for (;;) {
		end = strchr(text, '\n');
		len = end != NULL ? (size_t)(end - text) : strlen(text);
		do {
			fit = columns > 0 ? fitting(text, len, columns) : len;
			if (!first && fit > 0)
				indent(b, INDENT);
			buf_add(b, text, fit);
			buf_addc(b, '\n');
			first = false;
			while (fit < len && text[fit] == ' ')
				fit++;
			text += fit;
			len -= fit;
		} while (len > 0);
		if (end == NULL)
			break;
		text = end + 1;
	}
}

static void
add_clock(struct buf *b, const struct transcript_style *style, int64_t ms)
{
	char clock[16];

	time_local(ms, "%H:%M", clock, sizeof(clock));
	add_on(b, style, DIM);
	buf_adds(b, clock);
	add_on(b, style, PLAIN);
	buf_adds(b, "  ");
}

/* A line under a message that says something about it. */
static void
add_about(struct buf *b, const struct transcript_style *style, const char *text)
{
	char *shown = utf8_show(text, false);

	indent(b, INDENT);
	add_on(b, style, DIM);
	add_wrapped(b, style, shown);
	add_on(b, style, PLAIN);
	free(shown);
}

/* "✓✓ delivered"; the words are for those who cannot see the marks. */
static const char *
ticks(const char *status)
{
	static const char *const marks[][2] = {
		{ "queued", "\xe2\x80\xa6 queued" },
		{ "sending", "\xe2\x80\xa6 sending" },
		{ "accepted", "\xe2\x9c\x93 accepted" },
		{ "sent", "\xe2\x9c\x93 sent" },
		{ "delivered", "\xe2\x9c\x93\xe2\x9c\x93 delivered" },
		{ "read", "\xe2\x9c\x93\xe2\x9c\x93 read" },
		{ "played", "\xe2\x9c\x93\xe2\x9c\x93 played" },
		{ "failed", "\xe2\x9c\x97 failed" },
		{ "held",
		    "? held: the provider has not said what became of it" },
		{ "cancelled", "\xe2\x9c\x97 cancelled" },
	};
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strcmp(status, marks[i][0]) == 0)
			return marks[i][1];
	return status;
}

/* Why a message failed or was cancelled, from its event; NULL if unknown.
 * "the title (131009): what the provider says of it". */
static char *
why(struct store *s, const char *conversation, const struct said *m)
{
	struct query q = query(store_desk(s),
	    CONVERSATION_ABOUT_SQL
	    "SELECT json_extract(data, '$.reason'),"
	    " json_extract(data, '$.errors[0].title'),"
	    " json_extract(data, '$.errors[0].code'),"
	    " coalesce(json_extract(data, '$.errors[0].details'),"
	    "  json_extract(data, '$.errors[0].error_data.details')) FROM about"
	    " WHERE type IN ('message.failed', 'message.cancelled',"
	    "  'message.held') AND data ->> 'message' = :message"
	    " ORDER BY seq DESC LIMIT 1");
	const char *title, *code, *details;
	struct buf b = BUF_INIT(0);

	bind_text(&q, ":id", conversation);
	bind_text(&q, ":message", m->id);
	if (step(&q)) {
		title = column_text(&q, 0);
		code = column_text(&q, 2);
		details = column_text(&q, 3);
		if (title == NULL)
			title = column_text(&q, 1);
		if (title != NULL)
			buf_adds(&b, title);
		if (code != NULL)
			buf_addf(&b, title != NULL ? " (%s)" : "%s", code);
		if (details != NULL && *details != '\0' &&
		    (title == NULL || strcmp(details, title) != 0))
			buf_addf(&b, "%s%s", b.len > 0 ? ": " : "", details);
	}
	done(&q);
	return b.len > 0 ? buf_detach(&b) : NULL;
}

/* What should have reached the customer and did not, as far as is known. */
static const char *const bad[] = { "failed", "cancelled", "held", NULL };

static void
add_status(struct store *s, const struct history *h, const struct said *m,
    const struct transcript_style *style, struct buf *b)
{
	char *reason =
		 str_in(m->status, bad) ? why(s, h->conversation, m) : NULL,
	     *text = xformat("%s%s%s", ticks(m->status),
		 reason != NULL ? ": " : "", reason != NULL ? reason : "");

	add_about(b, style, text);
	free(text);
	free(reason);
}

/* What an AI's answer quotes, by document and section; the same section may
 * have given several passages. */
static int
add_sources(struct store *s, const struct said *m,
    const struct transcript_style *style, struct buf *b)
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(json_extract(value, '$.title'), '') AS title,"
	    " coalesce(json_extract(value, '$.section'), '') AS section"
	    " FROM reply, json_each(reply.sources) WHERE message = :id"
	    " AND json_extract(value, '$.quoted')"
	    " GROUP BY title, section ORDER BY min(key) LIMIT :n");
	const char *title, *section;
	char *text;

	bind_text(&q, ":id", m->id);
	bind_int(&q, ":n", SOURCES_SHOWN);
	while (step(&q)) {
		title = column_text(&q, 0);
		section = column_text(&q, 1);
		text = xformat("from %s%s%s", title,
		    *title != '\0' && *section != '\0' ? ": " : "", section);
		add_about(b, style, text);
		free(text);
	}
	return done(&q);
}

/* What is quoted, also if it stands outside of what is shown. NULL: nobody
 * knows. The caller frees. */
static char *
quoted_gist(struct store *s, const struct history *h, const struct said *m)
{
	const struct said *about = by_wamid(h, m->quoted);
	struct message *other = NULL;
	char *gist = NULL;

	if (about != NULL)
		return about->erased ?
		    NULL :
		    message_gist(about->kind, about->text, about->content);
	if (m->quoted == NULL ||
	    message_by_wamid(s, h->instance, m->quoted, &other) < 0)
		return NULL;
	if (other->text != NULL || other->content != NULL)
		gist = message_gist(other->kind, other->text, other->content);
	message_free(other);
	return gist;
}

static void
add_quoted(struct store *s, const struct history *h, const struct said *m,
    const struct transcript_style *style, struct buf *b)
{
	char *gist = quoted_gist(s, h, m), *cut, *text;

	if (gist == NULL)
		return;
	cut = narrowed(gist, GIST_COLUMNS);
	text = xformat("to: %s", cut);
	add_about(b, style, text);
	free(text);
	free(cut);
	free(gist);
}

/* How it came to be said: passed on, from an ad, about a product. */
static void
add_context(const struct said *m, const struct transcript_style *style,
    struct buf *b)
{
	const json_t *ad = json_at(m->content, "referral"),
		     *product = json_at(m->content, "context/referred_product");
	const char *headline, *url;
	char *text;

	if (json_bool_or(m->content, "context/frequently_forwarded", false))
		add_about(b, style, "forwarded many times");
	else if (json_bool_or(m->content, "context/forwarded", false))
		add_about(b, style, "forwarded");
	if (json_is_object(ad)) {
		headline = json_str_or(ad, "headline",
		    json_str_or(ad, "source_id", "?"));
		url = json_str(ad, "source_url");
		text = xformat("from the %s: %s%s%s%s",
		    json_str_or(ad, "source_type", "ad"), headline,
		    url != NULL ? " (" : "", url != NULL ? url : "",
		    url != NULL ? ")" : "");
		add_about(b, style, text);
		free(text);
	}
	if (json_is_object(product)) {
		text = xformat("about the product %s of the catalogue %s",
		    json_str_or(product, "product_retailer_id", "?"),
		    json_str_or(product, "catalog_id", "?"));
		add_about(b, style, text);
		free(text);
	}
}

/* In a group the customer is one of many: who spoke stands in the content. */
static const char *
member(const struct said *m, const char *customer)
{
	static const char *const places[] = { "name", "from", "from_user_id",
		NULL };
	const char *who;
	size_t i;

	if (json_str(m->content, "from") == NULL &&
	    json_str(m->content, "from_user_id") == NULL)
		return customer;
	for (i = 0; places[i] != NULL; i++) {
		who = json_str(m->content, places[i]);
		if (who != NULL && *who != '\0')
			return who;
	}
	return customer;
}

/* A reaction that was not taken back. */
static void
add_reaction(const struct said *r, const char *who,
    const struct transcript_style *style, struct buf *b)
{
	char *text;

	if (r == NULL || r->text == NULL || *r->text == '\0')
		return;
	text = xformat("%s (%s)", r->text, who);
	add_about(b, style, text);
	free(text);
}

/* Who says it: the customer, ai, rule, a colleague, the phone. */
static char *
speaker(const struct said *m, const char *customer)
{
	if (strcmp(m->direction, "in") == 0)
		return xstrdup(member(m, customer));
	if (strcmp(m->direction, "echo") == 0)
		return xstrdup("(phone)");
	if (strcmp(m->direction, "note") == 0)
		return xformat("note %s", actor_name(m->author));
	return xstrdup(actor_name(m->author));
}

static void
add_who(struct buf *b, const struct transcript_style *style, const char *who,
    bool ours)
{
	char *shown = utf8_show(who, false),
	     *cut = narrowed(shown, WHO_COLUMNS);

	add_on(b, style, ours ? DIM : BOLD);
	buf_adds(b, cut);
	add_on(b, style, PLAIN);
	indent(b, WHO_COLUMNS - utf8_width(cut) + 2);
	free(cut);
	free(shown);
}

/* What is kept of its picture, voice or file, or why it is not. */
static int
add_media(struct store *s, const struct said *m,
    const struct transcript_style *style, struct buf *b)
{
	struct media *media = NULL;
	const char *announced;
	char *text;
	int code;

	if (m->erased)
		return 0;
	code = media_get(s, m->id, &media);
	if (code < 0)
		return code == ERR_NOINPUT ? 0 : code;
	text = media->sha256 != NULL ?
	    xformat("%s, %lld bytes: conv media %s", media->mime,
		(long long)media->bytes, m->id) :
	    xformat("could not be fetched: %s", media->reason);
	add_about(b, style, text);
	free(text);
	announced = media->mime != NULL ?
	    message_announced(m->kind, m->content, media->mime) :
	    NULL;
	if (announced != NULL) {
		text = xformat("take care: it was sent as %s, and is no such "
			       "thing by its bytes",
		    announced);
		add_about(b, style, text);
		free(text);
	}
	media_free(media);
	return 0;
}

/* Who wrote down what was said in it, or why nobody did. */
static void
add_heard(const char *model, const char *reason,
    const struct transcript_style *style, struct buf *b)
{
	char *text = NULL;

	if (reason != NULL)
		text = xformat("not heard: %s", reason);
	else if (model != NULL)
		text = xformat("as %s heard it", model);
	if (text != NULL)
		add_about(b, style, text);
	free(text);
}

/* What it holds that is no text: a place, numbers, an order. */
static void
add_parts(const struct said *m, const struct transcript_style *style,
    struct buf *b)
{
	struct buf lines = BUF_INIT(0);
	char *line, *end;

	if (m->erased)
		return;
	message_parts(m->kind, m->content, &lines);
	for (line = lines.data; line != NULL && *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		add_about(b, style, line);
	}
	buf_release(&lines);
}

/* Whether what it changes is here, shown or not: it may be older than what is
 * shown. */
static bool
is_held(struct store *s, const struct history *h, const struct said *edit)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM message WHERE instance = :instance"
	    " AND wamid = :quoted");
	bool held;

	bind_text(&q, ":instance", h->instance);
	bind_text(&q, ":quoted", edit->quoted);
	held = step(&q);
	done(&q);
	return held;
}

static int
add_said(struct store *s, const struct history *h, const struct said *m,
    const char *customer, const struct transcript_style *style, struct buf *b)
{
	const struct said *now = m->edit != NULL ? m->edit : m;
	char *who, *gist, *shown;
	char *heard = NULL, *reason = NULL, *model = NULL;
	int code = 0;

	if (m->hung || strcmp(m->kind, "revoke") == 0)
		return 0;
	if (strcmp(m->kind, "edit") == 0 && is_held(s, h, m))
		return 0;
	add_clock(b, style, m->wa_ms);
	who = speaker(m, customer);
	add_who(b, style, who, strcmp(m->direction, "in") != 0);
	free(who);
	if (speech_kind(m->kind) && !m->erased)
		code = speech_get(s, m->id, &heard, &reason, &model);
	gist = m->erased ?
	    xstrdup("(erased)") :
	    message_gist(m->kind, now->text != NULL ? now->text : heard,
		m->content);
	shown = utf8_show(gist, true);
	add_wrapped(b, style, shown);
	free(shown);
	if (strcmp(m->kind, "edit") == 0)
		add_about(b, style, "edited; what it was before is not here");
	if (m->edit != NULL && !m->erased) {
		free(gist);
		gist = xformat("edited; before: %s",
		    m->text != NULL ? m->text : "");
		add_about(b, style, gist);
	}
	free(gist);
	if (m->revoked != NULL)
		add_about(b, style,
		    by_customer(m->revoked) ? "deleted by the customer" :
					      "deleted on the phone");
	add_parts(m, style, b);
	if (code == 0)
		code = add_media(s, m, style, b);
	add_heard(model, reason, style, b);
	free(heard);
	free(reason);
	free(model);
	add_context(m, style, b);
	add_quoted(s, h, m, style, b);
	if (m->reaction != NULL)
		add_reaction(m->reaction, member(m->reaction, customer), style,
		    b);
	add_reaction(m->our_reaction, "us", style, b);
	if (m->our_reaction != NULL && m->our_reaction->status != NULL &&
	    str_in(m->our_reaction->status, bad))
		add_status(s, h, m->our_reaction, style, b);
	if (code == 0 && strcmp(m->direction, "out") == 0 &&
	    m->status != NULL) {
		code = add_sources(s, m, style, b);
		add_status(s, h, m, style, b);
	}
	return code;
}

static void
add_thing(const struct done_thing *t, const struct transcript_style *style,
    struct buf *b)
{
	char *shown = utf8_show(t->text, false);

	add_clock(b, style, t->time_ms);
	indent(b, WHO_COLUMNS);
	buf_adds(b, "- ");
	add_wrapped(b, style, shown);
	free(shown);
}

static void
add_day(struct buf *b, const struct transcript_style *style, int64_t ms,
    char last[32])
{
	char day[32];

	time_local(ms, "%a %e %b %Y", day, sizeof(day));
	if (strcmp(day, last) == 0)
		return;
	memcpy(last, day, sizeof(day));
	buf_addc(b, '\n');
	add_on(b, style, BOLD);
	buf_adds(b, day);
	add_on(b, style, PLAIN);
	buf_addc(b, '\n');
}

/* At the same instant what a customer says leads to a deed, and a deed such as
 * taking leads to what we say. */
static bool
comes_first(const struct said *m, const struct done_thing *t)
{
	if (m->at_ms != t->at_ms)
		return m->at_ms < t->at_ms;
	if (m->seq != 0 && (m->wa_ms != m->at_ms || t->time_ms != t->at_ms))
		return m->seq < t->seq;
	return strcmp(m->direction, "in") == 0 ||
	    strcmp(m->direction, "echo") == 0;
}

/* What was last told of a message or an event. */
struct told_item {
	char key[ULID_BYTES];
	char *text;
};

static struct told_item *
told_find(struct transcript_told *told, const char *key)
{
	size_t i;

	/* What changes is new, nearly always. */
	for (i = told->count; i-- > 0;)
		if (strcmp(told->items[i].key, key) == 0)
			return &told->items[i];
	return NULL;
}

static bool
has_line(const char *text, const char *line, size_t len)
{
	const char *end;

	for (; *text != '\0'; text = end + 1) {
		end = strchr(text, '\n');
		if (end == NULL)
			return false;
		if ((size_t)(end - text) == len && memcmp(text, line, len) == 0)
			return true;
	}
	return false;
}

/* The lines that a block has now and had not. */
static void
add_changes(struct buf *b, const struct transcript_style *style, int64_t at_ms,
    const char *before, const char *now)
{
	const char *end, *first;

	for (; (end = strchr(now, '\n')) != NULL; now = end + 1) {
		if (has_line(before, now, (size_t)(end - now)))
			continue;
		add_clock(b, style, at_ms);
		indent(b, WHO_COLUMNS);
		buf_adds(b, "~ ");
		for (first = now; *first == ' '; first++)
			;
		buf_add(b, first, (size_t)(end - first) + 1);
	}
}

/* One message or event, as a block of lines, goes out if that is news. */
static void
tell_block(struct transcript_told *told, const char *key, int64_t ms,
    const struct transcript_style *style, int64_t as_of_ms,
    const struct buf *block, struct buf *ret)
{
	const char *text = block->data != NULL ? block->data : "";
	struct told_item *item = told_find(told, key);

	if (item == NULL) {
		told->items = xrealloc(told->items,
		    (told->count + 1) * sizeof(*told->items));
		item = &told->items[told->count++];
		snprintf(item->key, sizeof(item->key), "%s", key);
		item->text = xstrdup(text);
		if (*text != '\0') {
			add_day(ret, style, ms, told->day);
			buf_adds(ret, text);
		}
	} else if (strcmp(item->text, text) != 0) {
		add_day(ret, style, as_of_ms, told->day);
		add_changes(ret, style, as_of_ms, item->text, text);
		free(item->text);
		item->text = xstrdup(text);
	}
}

/* The next of two sorted lists, into a block of its own. */
static int
next_block(struct store *s, const struct history *h, const char *customer,
    const struct transcript_style *style, size_t *i, size_t *j, char *key,
    int64_t *ms, struct buf *block)
{
	const struct done_thing *t;
	const struct said *m;

	if (*j < h->nthings &&
	    (*i == h->nsaid || !comes_first(&h->said[*i], &h->things[*j]))) {
		t = &h->things[(*j)++];
		snprintf(key, ULID_BYTES, "%lld", (long long)t->seq);
		*ms = t->time_ms;
		add_thing(t, style, block);
		return 0;
	}
	m = &h->said[(*i)++];
	snprintf(key, ULID_BYTES, "%s", m->id);
	*ms = m->wa_ms;
	return add_said(s, h, m, customer, style, block);
}

int64_t
transcript_length(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*) FROM message WHERE conversation = :id"
	    " AND kind NOT IN ('reaction', 'edit', 'revoke')");
	int64_t n = 0;

	bind_text(&q, ":id", id);
	if (step(&q))
		n = column_int(&q, 0);
	done(&q);
	return n;
}

static int
read_history(struct store *s, const struct conversation *c,
    const struct transcript_style *style, struct history *h)
{
	int code;

	memset(h, 0, sizeof(*h));
	h->conversation = c->id;
	h->instance = c->instance;
	code = read_said(s, c->id, style->last, h);
	if (code == 0)
		code = read_things(s, c->id,
		    style->last > 0 && h->nsaid > 0 ? h->said[0].wa_ms :
						      INT64_MIN,
		    h);
	hang(h);
	return code;
}

int
transcript_news(struct store *s, const struct conversation *c,
    const struct transcript_style *style, int64_t as_of_ms,
    struct transcript_told *told, struct buf *ret)
{
	struct history h;
	struct buf block = BUF_INIT(0);
	char *customer = customer_name(s, c->contact), key[ULID_BYTES];
	size_t i = 0, j = 0;
	int64_t ms;
	int code;

	code = read_history(s, c, style, &h);
	while (code == 0 && (i < h.nsaid || j < h.nthings)) {
		buf_reset(&block);
		code = next_block(s, &h, customer, style, &i, &j, key, &ms,
		    &block);
		if (code == 0)
			tell_block(told, key, ms, style, as_of_ms, &block, ret);
	}
	buf_release(&block);
	history_release(&h);
	free(customer);
	return code;
}

void
transcript_told_release(struct transcript_told *told)
{
	size_t i;

	for (i = 0; i < told->count; i++)
		free(told->items[i].text);
	free(told->items);
	memset(told, 0, sizeof(*told));
}

int
transcript_body(struct store *s, const struct conversation *c,
    const struct transcript_style *style, struct buf *ret)
{
	struct history h;
	struct buf block = BUF_INIT(0);
	char *customer = customer_name(s, c->contact), key[ULID_BYTES];
	char day[32] = "";
	size_t i = 0, j = 0;
	int64_t ms;
	int code;

	code = read_history(s, c, style, &h);
	while (code == 0 && (i < h.nsaid || j < h.nthings)) {
		buf_reset(&block);
		code = next_block(s, &h, customer, style, &i, &j, key, &ms,
		    &block);
		if (block.len == 0)
			continue;
		add_day(ret, style, ms, day);
		buf_add(ret, block.data, block.len);
	}
	buf_release(&block);
	history_release(&h);
	free(customer);
	return code;
}

static void
add_field(struct buf *b, const char *name, const char *value)
{
	char *shown;

	if (value == NULL || *value == '\0')
		return;
	shown = utf8_show(value, false);
	buf_addf(b, "  %-10s %s\n", name, shown);
	free(shown);
}

/* "Mara Weiss, +49..., mara.w" */
static char *
contact_line(struct store *s, const char *contact)
{
	static const char *const kinds[] = { "phone", "username", "bsuid",
		"lid", "parent_bsuid", "group", "other", NULL };
	struct buf b = BUF_INIT(0);
	char *value = contact_name(s, contact);
	size_t i;

	if (value != NULL)
		buf_adds(&b, value);
	free(value);
	for (i = 0; kinds[i] != NULL; i++) {
		value = contact_alias(s, contact, kinds[i]);
		if (value != NULL)
			buf_addf(&b, "%s%s%s", b.len > 0 ? ", " : "",
			    strcmp(kinds[i], "group") == 0     ? "group " :
				strcmp(kinds[i], "other") == 0 ? "unknown id " :
								 "",
			    value);
		free(value);
	}
	if (b.len == 0)
		buf_adds(&b, contact);
	return buf_detach(&b);
}

static char *
owner_line(const struct conversation *c)
{
	if (strcmp(c->owner, "user") == 0)
		return xformat("%s, priority %s",
		    c->assignee != NULL ? c->assignee : "the phone",
		    c->priority);
	return xformat("%s%s%s, priority %s", c->owner,
	    c->team != NULL ? ", team " : "", c->team != NULL ? c->team : "",
	    c->priority);
}

/* "4 of 5: quick and kind", "asked, no answer yet"; NULL: nobody asked. */
static char *
rating_line(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "SELECT coalesce(y.rating, 0), m.text FROM survey y"
	    " LEFT JOIN message m ON m.id = y.comment"
	    " WHERE y.conversation = :id");
	const char *words;
	char *line = NULL;
	int rating;

	bind_text(&q, ":id", id);
	if (step(&q)) {
		rating = (int)column_int(&q, 0);
		words = column_text(&q, 1);
		line = rating == 0 ? xstrdup("asked, no answer yet") :
		    words == NULL  ? xformat("%d of 5", rating) :
				     xformat("%d of 5: %s", rating, words);
	}
	done(&q);
	return line;
}

/* What is being written there, as of at_ms. */
static int
add_writing(struct store *s, const struct conversation *c, const char *self,
    int64_t at_ms, struct buf *ret)
{
	char *names = typist_names(s, c->id, self, at_ms), *text = NULL, *shown,
	     *value, time[TIME_TEXT_BYTES];
	int64_t ms = 0;
	int code = draft_get(s, self, c->id, &text, &ms);

	if (*names != '\0')
		add_field(ret, "writing", names);
	free(names);
	if (code != 1)
		return code;
	shown = utf8_show(text, false);
	free(text);
	text = listed_cut(shown, DRAFT_COLUMNS);
	value = xformat("of yours, %s ago: %s", duration_text(at_ms - ms, time),
	    text);
	add_field(ret, "draft", value);
	free(value);
	free(text);
	free(shown);
	return 0;
}

/* What is promised and until when. NULL: nothing runs. Caller frees. */
static char *
promise_line(struct store *s, const char *id, int64_t at_ms)
{
	struct sla_due due;
	const char *hours, *left;
	char *line = NULL, time[TIME_TEXT_BYTES], clock[64];

	if (sla_due(s, id, at_ms, &due) < 0 || due.target[0] == '\0') {
		free(due.policy);
		return NULL;
	}
	time_local(due.due_ms, "%Y-%m-%d %H:%M %Z", clock, sizeof(clock));
	hours = due.by_hours ? " of opening hours" : "";
	left = due.by_hours ? sla_hours_text(due.left_ms, time) :
			      duration_text(due.left_ms, time);
	if (due.due_ms == 0)
		line = xformat("%s: %s rests", due.policy, due.target);
	else if (!due.missed)
		line = xformat("%s: %s due in %s%s, %s", due.policy, due.target,
		    left, hours, clock);
	else
		line = xformat("%s: %s missed %s%s ago, %s", due.policy,
		    due.target, left, hours, clock);
	free(due.policy);
	return line;
}

int
transcript_head(struct store *s, const struct conversation *c,
    const struct transcript_style *style, int64_t at_ms, struct buf *ret)
{
	char *value, *why, time[TIME_TEXT_BYTES], clock[64];
	int64_t since_ms = 0, left_ms;

	add_on(ret, style, BOLD);
	buf_addf(ret, "conversation %s", c->id);
	add_on(ret, style, PLAIN);
	buf_addf(ret, "  %s", c->status);
	if (snooze_until(s, c->id, &since_ms) == 1) {
		time_local(since_ms, "%Y-%m-%d %H:%M %Z", clock, sizeof(clock));
		buf_addf(ret, " until %s", clock);
	}
	buf_addc(ret, '\n');
	value = contact_line(s, c->contact);
	add_field(ret, "contact", value);
	free(value);
	value = reach_trouble(s, c->contact, &since_ms);
	if (value != NULL) {
		time_local(since_ms, "%Y-%m-%d %H:%M %Z", clock, sizeof(clock));
		why = xformat("not since %s: %s", clock, value);
		add_field(ret, "reached", why);
		free(why);
		free(value);
	}
	add_field(ret, "instance", c->instance);
	value = owner_line(c);
	add_field(ret, "owner", value);
	free(value);
	value = conversation_tags(s, c->id);
	add_field(ret, "tags", value);
	free(value);
	add_field(ret, "language", c->language);
	value = rating_line(s, c->id);
	add_field(ret, "rated", value);
	free(value);
	time_local(c->opened_ms, "%Y-%m-%d %H:%M %Z", clock, sizeof(clock));
	add_field(ret, "opened", clock);
	if (c->waiting_ms != 0)
		add_field(ret, "waiting",
		    duration_text(at_ms - c->waiting_ms, time));
	if (style->self != NULL &&
	    add_writing(s, c, style->self, at_ms, ret) < 0)
		return ERR_IO;
	value = promise_line(s, c->id, at_ms);
	add_field(ret, "promised", value);
	free(value);
	if (c->last_in_ms == 0)
		return 0;
	left_ms = conversation_window(c, style->window_ms, at_ms);
	if (left_ms > 0)
		value =
		    xformat("open for %s more", duration_text(left_ms, time));
	else if (style->window_ms % HOUR_MS == 0)
		value = xformat("shut: %lld hours have passed since the "
				"customer's last message",
		    (long long)(style->window_ms / HOUR_MS));
	else
		value = xformat("shut: %s have passed since the customer's "
				"last message",
		    duration_text(style->window_ms, time));
	add_field(ret, "window", value);
	free(value);
	return 0;
}
