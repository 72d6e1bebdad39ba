/* survey - asking the customer how it was, and reading what they answer */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/consent.h"
#include "desk/conversation.h"
#include "desk/message.h"
#include "desk/settings.h"
#include "wa/asking.h"
#include "wa/compose.h"
#include "wa/survey.h"
#include "wa/template.h"

#define RATINGS 5
#define UNHAPPY 2      /* who rates so low is answered */
#define ROW_ID "rate-" /* and the rating */
#define ANSWER_MS (24 * INT64_C(3600000))
#define COMMENT_MS (10 * INT64_C(60000))
#define STAR "★"

/* --- asking --- */

/* Whether there is somebody to ask, and they were answered: 1, 0 or an ERR. */
static int
may_ask(struct store *s, const struct conversation *c)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM contact k WHERE k.id = :contact"
	    " AND k.kind IS NOT 'group' AND NOT EXISTS"
	    " (SELECT 1 FROM survey WHERE conversation = :id)");
	int may, code;

	bind_text(&q, ":contact", c->contact);
	bind_text(&q, ":id", c->id);
	may = step(&q);
	code = done(&q);
	if (code < 0 || !may || c->last_out_ms == 0)
		return code;
	code = contact_blocked(s, c->contact);
	if (code == 0)
		code = contact_opted_out(s, c->contact);
	return code < 0 ? code : !code;
}

/* The best first, as people are used to. */
static json_t *
list_of(const char *text, const char *button)
{
	json_t *rows = json_array(), *action, *ret = NULL;
	struct buf title;
	char id[16], *shown;
	int n, i;

	for (n = RATINGS; n > 0; n--) {
		title = (struct buf)BUF_INIT(0);
		buf_addf(&title, "%d ", n);
		for (i = 0; i < n; i++)
			buf_adds(&title, STAR);
		shown = buf_detach(&title);
		snprintf(id, sizeof(id), ROW_ID "%d", n);
		json_array_append_new(rows,
		    json_pack("{ssso}", "id", id, "title",
			json_text_new(shown)));
		free(shown);
	}
	action = json_pack("{sos[{so}]}", "button", json_text_new(button),
	    "sections", "rows", rows);
	if (compose_list(text, action, &ret) < 0)
		ret = NULL;
	json_decref(action);
	return ret;
}

/* The template of the setting; 1, or 0 if it cannot be sent. */
static int
template_of(struct store *s, const struct conf *conf,
    const struct conversation *c, const char *name, json_t **ret)
{
	struct template_params none = { .body = NULL };
	struct template *t = NULL;
	json_t *shown = NULL;
	char *account = NULL;
	int code = template_account(s, c->instance, &account);

	if (code == 1)
		code = template_for(s, account, name, c->language,
		    setting_text(conf, "desk", "language"), &t);
	if (code == 0 && t != NULL && template_is_usable(t))
		code = template_fill(t, &none, &shown, ret) == 0;
	template_free(t);
	json_decref(shown);
	free(account);
	return code == ERR_NOINPUT || code == ERR_USAGE ? 0 : code;
}

/* What asks, as the window is: 1, 0 for nothing, or an ERR. */
static int
question(struct act *a, const struct conf *conf, const struct conversation *c,
    const char *section, struct message_out *m, json_t **ret_content)
{
	const char *name;
	int64_t window_ms = 0;
	int code = setting_duration(conf, "wa", "window", &window_ms);

	if (code < 0)
		return code;
	if (conversation_window(c, window_ms, a->now_ms) > 0) {
		m->kind = "interactive";
		m->text = reply_text(conf, "survey", c->language);
		if (m->text == NULL || *m->text == '\0')
			return 0;
		*ret_content =
		    list_of(m->text, reply_text(conf, "options", c->language));
		return *ret_content != NULL;
	}
	name = setting_text(conf, section, "survey_template");
	if (name == NULL)
		return 0;
	m->kind = "template";
	return template_of(a->store, conf, c, name, ret_content);
}

static int
asked(struct act *a, const char *conversation, const char *message)
{
	struct query q = query(store_desk(a->store),
	    "INSERT INTO survey (conversation, message, asked_ms)"
	    " VALUES (:conversation, :message, :now)");

	bind_text(&q, ":conversation", conversation);
	bind_text(&q, ":message", message);
	bind_int(&q, ":now", a->now_ms);
	step(&q);
	return done(&q);
}

int
survey_ask(struct act *a, const struct conf *conf, const char *conversation,
    bool anyway)
{
	struct message_out m = { .author = "system" };
	struct conversation *c = NULL;
	json_t *content = NULL;
	char *section = NULL, message[ULID_BYTES];
	bool wanted = anyway;
	int code = conversation_get(a->store, conversation, &c);

	if (code < 0)
		return code;
	section = xformat("instance %s", c->instance);
	if (!anyway)
		code = setting_bool(conf, section, "survey", &wanted);
	if (code == 0 && wanted)
		code = may_ask(a->store, c);
	if (code == 1)
		code = question(a, conf, c, section, &m, &content);
	if (code == 1) {
		m.conversation = c->id;
		m.content = content;
		m.owner_rev = c->owner_rev;
		code = message_queue(a, &m, message);
		if (code == 0)
			code = asked(a, c->id, message);
		code = code == ERR_NO ? 0 : code < 0 ? code : 1;
	}
	json_decref(content);
	free(section);
	conversation_free(c);
	return code;
}

/* --- reading --- */

/* The digit that a character is, of whatever script; -1. */
static int
digit_of(uint32_t c)
{
	/* The zeros: ASCII, Arabic-Indic, Persian, Devanagari, Bengali, full
	 * width. */
	static const uint32_t zeros[] = { '0', 0x660, 0x6f0, 0x966, 0x9e6,
		0xff10 };
	size_t i;

	for (i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (c >= zeros[i] && c <= zeros[i] + 9)
			return (int)(c - zeros[i]);
	return -1;
}

static bool
is_star(uint32_t c)
{
	return c == 0x2605 || c == 0x2b50 || c == 0x1f31f;
}

/* 1 to 5 if text is that and nothing else: "4", "4/5", "4.", a keycap, stars,
 * "4 ★"; else 0. */
static int
bare_rating(const char *text)
{
	const char *p = text, *end = text + strlen(text);
	int rating = 0, stars = 0, digit;
	bool rest = false;
	uint32_t c;

	while (*p != '\0') {
		c = utf8_next(&p, end);
		digit = digit_of(c);
		if (c == ' ' || c == '\n' || c == 0xfe0f || c == 0x20e3)
			continue;
		if (is_star(c))
			stars++;
		else if (c == '/' && rating != 0 && !rest && *p == '5') {
			rest = true;
			p++;
		} else if ((c == '.' || c == '!') && (rating || stars))
			rest = true;
		else if (digit >= 1 && digit <= RATINGS && rating == 0 &&
		    stars == 0)
			rating = digit;
		else
			return 0;
	}
	if (rating != 0 && stars != 0)
		return stars == rating || stars == 1 ? rating : 0;
	return rating != 0 ? rating : stars <= RATINGS ? stars : 0;
}

/* What was chosen from our list; 0 if it is nothing of it. */
static int
chosen_rating(const json_t *content)
{
	static const char *const paths[] = { "list_reply/id", "button_reply/id",
		"interactive/list_reply/id", "interactive/button_reply/id",
		NULL };
	const char *id = NULL;
	size_t i;

	for (i = 0; id == NULL && paths[i] != NULL; i++)
		id = json_str(content, paths[i]);
	if (id == NULL || !str_starts(id, ROW_ID) || id[sizeof(ROW_ID)] != '\0')
		return 0;
	return bare_rating(id + strlen(ROW_ID));
}

/* The question the customer has not answered yet. */
struct open_survey {
	char conversation[SHORT_ID_BYTES];
	bool quoted; /* by what they say now */
	bool behind; /* nothing was said since */
};

/* 1, 0 if there is none, or an ERR. */
static int
find_open(struct store *s, const struct survey_said *said,
    struct open_survey *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT y.conversation, m.wamid IS NOT NULL AND m.wamid IS :quoted,"
	    " NOT EXISTS (SELECT 1 FROM message o"
	    "  WHERE o.conversation = y.conversation AND o.id <> y.message"
	    "  AND o.direction <> 'note' AND o.kind NOT IN (" NO_TURN_SQL ")"
	    "  AND o.wa_ms >= y.asked_ms - 1000 AND o.stored_ms >= y.asked_ms)"
	    " FROM conversation c CROSS JOIN survey y ON y.conversation = c.id"
	    " LEFT JOIN message m ON m.id = y.message"
	    " WHERE c.contact = :contact AND c.instance = :instance"
	    " AND y.rating IS NULL AND y.asked_ms > :at - :day"
	    " AND y.asked_ms <= :at + 1000"
	    " ORDER BY y.asked_ms DESC LIMIT 1");
	int found, code;

	bind_text(&q, ":quoted", said->quoted);
	bind_text(&q, ":contact", said->contact);
	bind_text(&q, ":instance", said->instance);
	bind_int(&q, ":at", said->at_ms);
	bind_int(&q, ":day", ANSWER_MS);
	found = step(&q);
	if (found) {
		snprintf(ret->conversation, SHORT_ID_BYTES, "%s",
		    column_text(&q, 0));
		ret->quoted = column_int(&q, 1) != 0;
		ret->behind = column_int(&q, 2) != 0;
	}
	code = done(&q);
	return code < 0 ? code : found;
}

/* That somebody of ours has answered, in a message o. */
#define ANSWERS_SQL                                      \
	"(o.direction = 'echo' OR (o.direction = 'out'"  \
	" AND o.kind <> 'reaction' AND (o.author = 'ai'" \
	"  OR o.author LIKE 'user:%')))"

/* What was rated just now, has no comment unless that is no matter, and is still
 * put away, or was opened again for the rating; what is said once somebody has
 * answered is no comment any more. */
static int
find_rated(struct store *s, const struct survey_said *said, bool commented,
    struct survey_answer *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT y.conversation,"
	    " c.status IN ('resolved', 'archived') AS closed,"
	    " y.rating <= :unhappy"
	    " FROM conversation c"
	    " CROSS JOIN survey y ON y.conversation = c.id"
	    " WHERE c.contact = :contact AND c.instance = :instance"
	    " AND y.rating IS NOT NULL"
	    " AND (y.comment IS NULL OR :commented)"
	    " AND y.rated_ms > :since AND (:commented OR NOT EXISTS (SELECT 1"
	    "  FROM message o JOIN message r ON r.id = y.answer"
	    "  WHERE o.conversation IN (SELECT id FROM conversation"
	    "   WHERE contact = c.contact AND instance = c.instance)"
	    "  AND o.stored_ms > r.stored_ms"
	    "  AND " ANSWERS_SQL "))"
	    " AND (closed OR (NOT :commented"
	    "  AND c.reopened_ms = y.rated_ms))"
	    " ORDER BY y.rated_ms DESC LIMIT 1");
	int found, code;

	bind_text(&q, ":contact", said->contact);
	bind_text(&q, ":instance", said->instance);
	bind_int(&q, ":since", said->at_ms - COMMENT_MS);
	bind_int(&q, ":commented", commented);
	bind_int(&q, ":unhappy", UNHAPPY);
	found = step(&q);
	if (found) {
		snprintf(ret->conversation, SHORT_ID_BYTES, "%s",
		    column_text(&q, 0));
		ret->waits = !commented &&
		    (column_int(&q, 1) == 0 || column_int(&q, 2) != 0);
	}
	code = done(&q);
	return code < 0 ? code : found;
}

int
survey_read(struct store *s, const struct survey_said *said,
    struct survey_answer *ret)
{
	struct open_survey open;
	bool chosen = strcmp(said->kind, "interactive") == 0,
	     words = strcmp(said->kind, "text") == 0 && said->text != NULL;
	int rating, code;

	ret->waits = false;
	if (!chosen && !words && strcmp(said->kind, "button") != 0)
		return 0;
	rating = chosen	       ? chosen_rating(said->content) :
	    said->text != NULL ? bare_rating(said->text) :
				 0;
	if (rating != 0) {
		code = find_open(s, said, &open);
		if (code < 0)
			return code;
		if (code == 1 && (chosen || open.quoted || open.behind)) {
			memcpy(ret->conversation, open.conversation,
			    SHORT_ID_BYTES);
			ret->rating = rating;
			return 1;
		}
		/* A row that is tapped twice, or another one behind it. */
		ret->rating = SURVEY_AGAIN;
		if (code == 0 && chosen)
			return find_rated(s, said, true, ret);
	}
	if (!words)
		return 0;
	ret->rating = 0;
	code = find_rated(s, said, false, ret);
	/* Whoever asks something wants an answer. Few messages are behind a
	 * rating, and what they say is looked at last. */
	if (code == 1 && asking_is(said->text)) {
		ret->waits = false;
		code = 0;
	}
	return code;
}

int
survey_comment(struct store *s, const char *message, char **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT text FROM message WHERE id = :id AND kind = 'rating'");
	int code;

	*ret = NULL;
	bind_text(&q, ":id", message);
	if (step(&q))
		*ret = column_copy(&q, 0);
	code = done(&q);
	return code < 0 ? code : *ret != NULL;
}

int
survey_keep(struct act *a, const struct survey_answer *answer,
    const char *message)
{
	struct query q = query(store_desk(a->store),
	    answer->rating != 0 ?
		"UPDATE survey SET rating = :rating, rated_ms = :now,"
		" answer = :message WHERE conversation = :id" :
		"UPDATE survey SET comment = :message"
		" WHERE conversation = :id");
	json_t *more = json_object();
	int code;

	bind_text(&q, ":id", answer->conversation);
	bind_text(&q, ":message", message);
	if (answer->rating != 0) {
		bind_int(&q, ":rating", answer->rating);
		bind_int(&q, ":now", a->now_ms);
		json_put_int(more, "rating", answer->rating);
	}
	json_put(more, "message", message);
	step(&q);
	code = done(&q);
	if (code < 0) {
		json_decref(more);
		return code;
	}
	return conversation_tell_more(a, answer->conversation,
	    answer->rating != 0 ? "conversation.rated" :
				  "conversation.commented",
	    more);
}
