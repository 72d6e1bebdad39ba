/*
 * webhook - a body of the Cloud API taken apart
 *
 * object / entry[] / changes[] { field, value }; value of "messages" holds
 * messages[], statuses[], errors[], contacts[]. All are arrays, and any of
 * them may hold several.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "wa/webhook.h"

#define OBJECT "whatsapp_business_account"
#define MS_FROM INT64_C(1000000000000) /* at or above: already milliseconds */
#define MS_MAX INT64_C(7258118400000)  /* the year 2200 */
#define VALUE_MAX_BYTES 16384
#define ID_MAX_BYTES 512
#define PHONE_MAX_DIGITS 20
#define BSUID_MAX_CHARS 128
#define FACT_MAX_BYTES 500
#define FACTS_MAX 16	/* of a list: a line of the log has an end */
#define MASKED_DIGITS 7 /* as many in a row may be a number */

/* Where in the body the parser is. */
struct at {
	struct webhook *w;
	const char *account, *field;
	json_t *value;
	int64_t entry_ms;
};

static const char *
text_or_null(const json_t *object, const char *path)
{
	const char *s = json_str(object, path);

	return s != NULL && *s != '\0' ? s : NULL;
}

static const char *
word(const json_t *object, const char *path)
{
	const char *s = json_str(object, path);

	return s != NULL && account_is_word(s) ? s : NULL;
}

static struct webhook_item *
add(const struct at *at, enum webhook_what what, const char *type,
    const json_t *part)
{
	struct webhook *w = at->w;
	struct webhook_item *it;

	w->items = xrealloc(w->items, (w->count + 1) * sizeof(*w->items));
	it = &w->items[w->count++];
	memset(it, 0, sizeof(*it));
	it->what = what;
	it->type = type;
	it->account = at->account;
	it->field = at->field;
	it->number_id = word(at->value, "metadata/phone_number_id");
	it->number = word(at->value, "metadata/display_phone_number");
	it->wa_ms = at->entry_ms;
	it->part = part;
	return it;
}

static struct webhook_item *
last_item(const struct at *at)
{
	return &at->w->items[at->w->count - 1];
}

static void
unknown(const struct at *at, const json_t *part, const char *reason)
{
	add(at, WEBHOOK_UNKNOWN, "health.body_unknown", part)->reason = reason;
}

void
webhook_item_set_aside(struct webhook_item *it, const char *reason)
{
	static const char *const not_told[] = { "forwarded",
		"frequently_forwarded", "referral", "product", NULL };
	size_t i;

	it->what = WEBHOOK_UNKNOWN;
	it->type = "health.body_unknown";
	it->reason = reason;
	for (i = 0; not_told[i] != NULL; i++)
		json_object_del(it->facts, not_told[i]);
}

/* Seconds as a string; some senders use milliseconds or a number. */
static int64_t
time_of(const json_t *part, const char *key, bool *ret_bad)
{
	int64_t t = json_int_or(part, key, 0);

	if (t > 0 && t < MS_FROM)
		t *= 1000;
	if (t > 0 && t < MS_MAX)
		return t;
	*ret_bad = true;
	return 0;
}

static void
take_time(struct webhook_item *it, const json_t *part)
{
	it->wa_ms = time_of(part, "timestamp", &it->bad_time);
}

/* --- whom it is about --- */

/* CC.x or CC.ENT.x: the provider's id of a person at this business. */
static bool
is_bsuid(const char *s, bool *ret_parent)
{
	size_t i;

	if (!isupper((unsigned char)s[0]) || !isupper((unsigned char)s[1]) ||
	    s[2] != '.')
		return false;
	*ret_parent = str_starts(s + 3, "ENT.");
	s += *ret_parent ? 7 : 3;
	for (i = 0; isalnum((unsigned char)s[i]); i++)
		;
	return i > 0 && i <= BSUID_MAX_CHARS && s[i] == '\0';
}

static void
add_alias(struct webhook_item *it, const char *kind, const char *value)
{
	size_t i;

	/* The provider sends empty ones for "none". */
	if (value == NULL || *value == '\0' || strlen(value) > ID_MAX_BYTES)
		return;
	for (i = 0; i < it->naliases; i++)
		if (strcmp(it->aliases[i].kind, kind) == 0 &&
		    strcmp(it->aliases[i].value, value) == 0)
			return;
	if (it->naliases < WEBHOOK_ALIASES_MAX) {
		it->aliases[it->naliases].kind = kind;
		it->aliases[it->naliases++].value = value;
	}
}

/* A string that lives as long as the item does. Takes text. */
static const char *
keep(struct webhook_item *it, char *text)
{
	json_t *value = json_text_new(text);

	free(text);
	if (it->made == NULL)
		it->made = json_array();
	json_array_append_new(it->made, value);
	return json_string_value(value);
}

/* A name at a path, no longer than a name can be; NULL: none. */
static const char *
name_at(struct webhook_item *it, const json_t *object, const char *path)
{
	const char *name = text_or_null(object, path);

	if (name == NULL || strlen(name) <= CONTACT_NAME_MAX_BYTES)
		return name;
	return keep(it,
	    xstrndup(name,
		utf8_cut(name, strlen(name), CONTACT_NAME_MAX_BYTES)));
}

/* The digits of a phone number as people write it: "+49 151 (0) 1"; NULL if
 * it is none. Caller frees. */
static char *
digits_of(const char *value)
{
	struct buf b = BUF_INIT(0);
	const char *p;

	for (p = value + (*value == '+'); *p != '\0'; p++)
		if (isdigit((unsigned char)*p))
			buf_addc(&b, *p);
		else if (strchr(" \t-.()", *p) == NULL)
			break;
	if (*p == '\0' && b.len > 0 && b.len <= PHONE_MAX_DIGITS)
		return buf_detach(&b);
	buf_release(&b);
	return NULL;
}

/* An id the provider gives; kind is what it should be. */
static void
add_user(struct webhook_item *it, const char *kind, const char *value)
{
	bool parent;

	if (value == NULL || *value == '\0')
		return;
	if (!is_bsuid(value, &parent))
		it->odd = it->odd != NULL ? it->odd : value;
	else
		add_alias(it, parent ? "parent_bsuid" : kind, value);
}

/* A phone number stands where a BSUID may stand, too. */
static void
add_person(struct webhook_item *it, const char *value)
{
	char *bare, *digits;

	if (value == NULL || *value == '\0')
		return;
	bare = xstrdup(value);
	if (strcmp(str_trim(bare), value) != 0)
		value = keep(it, xstrdup(str_trim(bare)));
	free(bare);
	digits = digits_of(value);
	if (digits != NULL && strcmp(digits, value) != 0)
		add_alias(it, "phone", keep(it, xstrdup(digits)));
	else if (digits != NULL)
		add_alias(it, "phone", value);
	else if (str_ends(value, "@lid"))
		add_alias(it, "lid", value);
	else
		add_user(it, "bsuid", value);
	free(digits);
}

/* What is about a customer says of which number, and names them. */
static void
need_person(struct webhook_item *it)
{
	/* Beside a good name an odd one tells nothing, and may be many's. */
	if (it->naliases == 0)
		add_alias(it, "other", it->odd);
	if (it->number_id == NULL)
		webhook_item_set_aside(it, "no-number");
	else if (it->naliases == 0)
		webhook_item_set_aside(it, "no-sender");
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && *a != '\0' && strcmp(a, b) == 0;
}

/*
 * The entry of contacts[] that is about a person. The number in it may differ
 * from the sender's (Brazil's ninth digit), so one of one is taken as it is.
 */
static json_t *
contact_of(const struct at *at, const char *list, const char *id,
    const char *user_id)
{
	json_t *contacts = json_object_get(at->value, "contacts"), *c;
	const char *wa_id, *bsuid;
	size_t i;

	json_array_foreach(contacts, i, c) {
		wa_id = json_str(c, "wa_id");
		bsuid = json_str(c, "user_id");
		if (same(id, wa_id) || same(id, bsuid) ||
		    same(user_id, bsuid) ||
		    same(user_id, json_str(c, "parent_user_id")))
			return c;
	}
	if (json_array_size(contacts) == 1 &&
	    json_array_size(json_object_get(at->value, list)) == 1)
		return json_array_get(contacts, 0);
	return NULL;
}

/* All names of the one at `side` ("from" or "to") of a message. */
static void
take_person(const struct at *at, struct webhook_item *it, const json_t *m,
    const char *list, const char *side)
{
	char *user = xformat("%s_user_id", side),
	     *parent = xformat("%s_parent_user_id", side),
	     *lid = xformat("%s_lid", side);
	const char *id = json_str(m, side), *user_id = json_str(m, user);
	json_t *c = contact_of(at, list, id, user_id);

	add_person(it, id);
	add_person(it, json_str(c, "wa_id"));
	add_person(it, user_id);
	add_person(it, json_str(c, "user_id"));
	add_user(it, "parent_bsuid", json_str(m, parent));
	add_user(it, "parent_bsuid", json_str(c, "parent_user_id"));
	add_alias(it, "lid", json_str(m, lid));
	add_alias(it, "lid", json_str(c, "lid"));
	add_alias(it, "username", json_str(c, "profile/username"));
	it->name = name_at(it, c, "profile/name");
	free(user);
	free(parent);
	free(lid);
}

/* --- facts that may stand in a log --- */

/* A copy in which what may be a number is not to be read. */
static json_t *
masked(const char *text)
{
	char *copy =
	    xstrndup(text, utf8_cut(text, strlen(text), FACT_MAX_BYTES));
	size_t i = 0, n;
	json_t *value;

	while (copy[i] != '\0') {
		n = strspn(copy + i, "0123456789");
		if (n >= MASKED_DIGITS)
			memset(copy + i, '*', n);
		i += n > 0 ? n : 1;
	}
	value = json_text_new(copy);
	free(copy);
	return value;
}

static json_t *
error_facts(const json_t *error)
{
	json_t *facts = json_object();
	const char *title = json_str(error, "title"), *details;

	if (title == NULL)
		title = json_str(error, "message");
	details = json_str(error, "error_data/details");
	json_put_int(facts, "code", json_int_or(error, "code", 0));
	if (title != NULL)
		json_put_new(facts, "title", masked(title));
	if (details != NULL)
		json_put_new(facts, "details", masked(details));
	return facts;
}

/* NULL if there are none. */
static json_t *
errors_facts(const json_t *errors)
{
	json_t *list, *error;
	size_t i;

	if (json_array_size(errors) == 0)
		return NULL;
	list = json_array();
	json_array_foreach(errors, i, error)
		if (i < FACTS_MAX)
			json_array_append_new(list, error_facts(error));
	return list;
}

/* What it costs, as far as it is of the kind it should be. */
static json_t *
pricing_facts(const json_t *pricing)
{
	static const char *const words[] = { "pricing_model", "type",
		"category", NULL };
	json_t *facts = json_object(),
	       *billable = json_object_get(pricing, "billable");
	size_t i;

	if (json_is_boolean(billable))
		json_object_set(facts, "billable", billable);
	for (i = 0; words[i] != NULL; i++)
		json_put(facts, words[i], word(pricing, words[i]));
	if (json_object_size(facts) > 0)
		return facts;
	json_decref(facts);
	return NULL;
}

static void
fact_new(struct webhook_item *it, const char *key, json_t *value)
{
	if (value == NULL)
		return;
	if (it->facts == NULL)
		it->facts = json_object();
	json_object_set_new(it->facts, key, value);
}

static void
fact(struct webhook_item *it, const char *key, const char *value)
{
	if (value != NULL && *value != '\0')
		fact_new(it, key, json_text_new(value));
}

/* --- messages --- */

static const char *
kind_of(const json_t *m)
{
	static const char *const kinds[] = { "audio", "button", "contacts",
		"document", "edit", "image", "interactive", "location", "order",
		"reaction", "revoke", "sticker", "system", "text",
		"unsupported", "video", NULL };
	const char *type = json_str(m, "type");
	size_t i;

	if (type == NULL)
		return "unknown";
	if (strcmp(type, "audio") == 0 && json_bool_or(m, "audio/voice", false))
		return "voice";
	if (strcmp(type, "voice") == 0)
		return "voice";
	if (strcmp(type, "interactive") == 0 &&
	    json_at(m, "interactive/nfm_reply") != NULL)
		return "flow";
	for (i = 0; kinds[i] != NULL; i++)
		if (strcmp(type, kinds[i]) == 0)
			return kinds[i];
	return "unknown";
}

/* What a person would say the message says. */
static const char *
text_of(const json_t *m, const char *kind)
{
	static const struct {
		const char *kind, *path;
	} places[] = {
		{ "text", "text/body" },
		{ "image", "image/caption" },
		{ "video", "video/caption" },
		{ "document", "document/caption" },
		{ "button", "button/text" },
		{ "interactive", "interactive/button_reply/title" },
		{ "interactive", "interactive/list_reply/title" },
		{ "flow", "interactive/nfm_reply/body" },
		{ "order", "order/text" },
		{ "system", "system/body" },
		{ "reaction", "reaction/emoji" },
	};
	const json_t *inner;
	const char *text;
	size_t i;

	if (strcmp(kind, "edit") == 0) {
		inner = json_at(m, "edit/message");
		return inner != NULL && strcmp(kind_of(inner), "edit") != 0 ?
		    text_of(inner, kind_of(inner)) :
		    NULL;
	}
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(kind, places[i].kind) == 0 &&
		    (text = text_or_null(m, places[i].path)) != NULL)
			return text;
	return NULL;
}

static const char *
quoted_by(const json_t *m, const char *kind)
{
	if (strcmp(kind, "reaction") == 0)
		return text_or_null(m, "reaction/message_id");
	if (strcmp(kind, "edit") == 0)
		return text_or_null(m, "edit/original_message_id");
	if (strcmp(kind, "revoke") == 0)
		return text_or_null(m, "revoke/original_message_id");
	return text_or_null(m, "context/id");
}

/* All of the message but what has a place of its own. */
static json_t *
content_of(const json_t *m, const char *kind, bool group)
{
	static const char *const placed[] = { "id", "timestamp", "to",
		"to_user_id", "to_parent_user_id", "group_id", "from",
		"from_user_id", "from_parent_user_id", NULL };
	json_t *content = json_copy((json_t *)m);
	/* In a group the sender is not the talk's other side. */
	size_t n = group ? 6 : 9, i;

	for (i = 0; i < n; i++)
		json_object_del(content, placed[i]);
	if (strcmp(kind, "unknown") != 0)
		json_object_del(content, "type");
	if (strcmp(kind, "text") == 0)
		json_object_del(content, "text");
	if (json_object_size(content) == 0) {
		json_decref(content);
		return NULL;
	}
	return content;
}

static const char *
event_of(const char *kind)
{
	if (strcmp(kind, "reaction") == 0)
		return "message.reacted";
	if (strcmp(kind, "edit") == 0)
		return "message.edited";
	if (strcmp(kind, "revoke") == 0)
		return "message.revoked";
	return "message.received";
}

/* How it came to be said, as far as that is no secret of the customer's. */
static void
take_context(struct webhook_item *it, const json_t *m)
{
	static const char *const from[] = { "source_type", "source_id", NULL };
	static const char *const what[] = { "catalog_id", "product_retailer_id",
		NULL };
	json_t *part;
	size_t i;

	if (json_bool_or(m, "context/forwarded", false))
		fact_new(it, "forwarded", json_true());
	if (json_bool_or(m, "context/frequently_forwarded", false))
		fact_new(it, "frequently_forwarded", json_true());
	if (json_is_object(json_at(m, "referral"))) {
		part = json_object();
		for (i = 0; from[i] != NULL; i++)
			json_put(part, from[i],
			    word(json_at(m, "referral"), from[i]));
		fact_new(it, "referral", part);
	}
	if (json_is_object(json_at(m, "context/referred_product"))) {
		part = json_object();
		for (i = 0; what[i] != NULL; i++)
			json_put(part, what[i],
			    word(json_at(m, "context/referred_product"),
				what[i]));
		fact_new(it, "product", part);
	}
}

/* Where many read it: id is of a group, or of who posts. */
static const char *
place_of(const char *id)
{
	if (id == NULL)
		return NULL;
	if (str_ends(id, "@g.us"))
		return "groups";
	if (str_ends(id, "@broadcast"))
		return "status";
	return str_ends(id, "@newsletter") ? "channels" : NULL;
}

static bool
is_said(const char *kind)
{
	static const char *const not [] = { "edit", "reaction", "revoke",
		"system", NULL };

	return !str_in(kind, not );
}

/* The fields all messages have. */
static void
take_message(struct webhook_item *it, const json_t *m)
{
	const char *side = it->what == WEBHOOK_ECHO ? "to" : "from";

	it->wamid = text_or_null(m, "id");
	if (it->wamid != NULL && strlen(it->wamid) > ID_MAX_BYTES)
		it->wamid = NULL;
	it->kind = kind_of(m);
	it->group = word(m, "group_id");
	it->place = place_of(word(m, side));
	if (it->group != NULL)
		it->place = "groups";
	else if (it->place != NULL)
		it->group = word(m, side);
	it->text = text_of(m, it->kind);
	it->quoted = quoted_by(m, it->kind);
	if (it->quoted != NULL && strlen(it->quoted) > ID_MAX_BYTES)
		it->quoted = NULL;
	it->removed = strcmp(it->kind, "reaction") == 0 && it->text == NULL;
	it->content = content_of(m, it->kind, it->group != NULL);
	take_time(it, m);
	if (is_said(it->kind))
		take_context(it, m);
	/* Any kind may come with them: a picture the provider could not load. */
	fact_new(it, "errors", errors_facts(json_object_get(m, "errors")));
}

/* A number or an id of a person changed, or who holds the phone. */
static void
take_system(struct webhook_item *it, const json_t *m)
{
	static const char *const news[] = { "wa_id", "new_wa_id", "user_id",
		"new_user_id", "parent_user_id", NULL };
	const json_t *system = json_object_get(m, "system");
	size_t i;

	it->what = WEBHOOK_SYSTEM;
	it->type = "contact.changed";
	it->change = word(system, "type");
	if (it->change == NULL)
		it->change = "unknown";
	it->nformer = it->naliases;
	for (i = 0; news[i] != NULL; i++)
		add_person(it, json_str(system, news[i]));
	if (it->naliases == it->nformer)
		it->nformer = 0;
}

/* The group is who we talk with; who spoke is content. */
static void
take_group(struct webhook_item *it)
{
	fact(it, "group", it->group);
	if (it->what == WEBHOOK_MESSAGE)
		json_put(it->content, "name", it->name);
	it->naliases = it->nformer = 0;
	it->name = it->odd = NULL;
	add_alias(it, "group", it->group);
}

static void
message(const struct at *at, const json_t *m)
{
	struct webhook_item *it;

	if (!json_is_object(m)) {
		unknown(at, m, "message");
		return;
	}
	it = add(at, WEBHOOK_MESSAGE, NULL, m);
	take_message(it, m);
	it->type = event_of(it->kind);
	take_person(at, it, m, "messages", "from");
	if (it->group != NULL)
		take_group(it);
	else if (strcmp(it->kind, "system") == 0)
		take_system(it, m);
	need_person(it);
}

/* Typed on the phone that the business still uses. */
static void
echo(const struct at *at, const json_t *m)
{
	struct webhook_item *it;

	if (!json_is_object(m)) {
		unknown(at, m, "echo");
		return;
	}
	it = add(at, WEBHOOK_ECHO, "message.echoed", m);
	take_message(it, m);
	take_person(at, it, m, "message_echoes", "to");
	if (it->group != NULL)
		take_group(it);
	need_person(it);
}

static void
past(const struct at *at, const json_t *thread, const json_t *m)
{
	const char *other = text_or_null(thread, "id"),
		   *from = json_str(m, "from");
	struct webhook_item *it;

	if (!json_is_object(m) || other == NULL) {
		unknown(at, m, "history");
		return;
	}
	it = add(at, WEBHOOK_PAST, "message.imported", m);
	take_message(it, m);
	it->inbound = from != NULL && strcmp(from, other) == 0;
	add_person(it, other);
	add_user(it, "bsuid", json_str(thread, "context/user_id"));
	add_alias(it, "username", json_str(thread, "context/username"));
	if (it->place == NULL && (it->place = place_of(other)) != NULL)
		it->group = word(thread, "id");
	if (it->group != NULL)
		take_group(it);
	fact(it, "was", it->kind);
	it->kind = "history";
	need_person(it);
}

/* Whether two are the same number, however written. */
static bool
same_number(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return false;
	for (;; a++, b++) {
		while (*a != '\0' && !isdigit((unsigned char)*a))
			a++;
		while (*b != '\0' && !isdigit((unsigned char)*b))
			b++;
		if (*a != *b || *a == '\0')
			return *a == *b;
	}
}

/* The media of what was told of without it before. Whom we wrote to is not
 * said: the message tells. */
static void
past_media(const struct at *at, const json_t *m)
{
	struct webhook_item *it;

	if (!json_is_object(m)) {
		unknown(at, m, "history");
		return;
	}
	it = add(at, WEBHOOK_PAST_MEDIA, "message.imported", m);
	take_message(it, m);
	it->inbound = !same_number(json_str(m, "from"), it->number);
	take_person(at, it, m, "messages", it->inbound ? "from" : "to");
	if (it->group != NULL)
		take_group(it);
	fact(it, "was", it->kind);
	it->kind = "history";
	if (it->number_id == NULL)
		webhook_item_set_aside(it, "no-number");
	else if (it->wamid == NULL)
		webhook_item_set_aside(it, "history");
}

/* --- statuses --- */

static const char *
status_event(const char *status)
{
	static const char *const types[] = { "message.deleted",
		"message.delivered", "message.failed", "message.played",
		"message.read", "message.sent", NULL };
	size_t i;

	for (i = 0; types[i] != NULL; i++)
		if (strcmp(status, types[i] + strlen("message.")) == 0)
			return types[i];
	return NULL;
}

static void
status(const struct at *at, const json_t *s)
{
	const char *name = text_or_null(s, "status"),
		   *wamid = text_or_null(s, "id");
	struct webhook_item *it;

	if (name == NULL || wamid == NULL || strlen(wamid) > ID_MAX_BYTES ||
	    status_event(name) == NULL) {
		unknown(at, s, "status");
		it = last_item(at);
		take_time(it, s);
		it->bad_time = false;
		fact(it, "status", word(s, "status"));
		return;
	}
	it = add(at, WEBHOOK_STATUS, status_event(name), s);
	it->status = name;
	it->wamid = wamid;
	it->group = word(s, "group_id");
	if (it->group == NULL &&
	    strcmp(json_str_or(s, "recipient_type", ""), "group") == 0)
		it->group = word(s, "recipient_id");
	it->tracker = text_or_null(s, "biz_opaque_callback_data");
	take_time(it, s);
	add_person(it, json_str(s, "recipient_id"));
	add_person(it, json_str(s, "recipient_user_id"));
	add_user(it, "parent_bsuid", json_str(s, "recipient_parent_user_id"));
	fact_new(it, "errors", errors_facts(json_object_get(s, "errors")));
	fact_new(it, "pricing", pricing_facts(json_object_get(s, "pricing")));
	fact(it, "origin", word(s, "conversation/origin/type"));
	if (it->number_id == NULL)
		webhook_item_set_aside(it, "no-number");
}

/* --- the rest --- */

static void
error(const struct at *at, const json_t *e)
{
	struct webhook_item *it = add(at, WEBHOOK_ERROR, "instance.error", e);

	fact_new(it, "error", error_facts(e));
}

static void
contact_item(const struct at *at, const json_t *part, const char *change,
    const char *phone, const char *bsuid)
{
	struct webhook_item *it =
	    add(at, WEBHOOK_CONTACT, "contact.changed", part);

	it->change = change;
	add_person(it, phone);
	add_person(it, bsuid);
}

/* The phone's address book. */
static void
state_sync(const struct at *at, const json_t *s)
{
	const char *action = json_str_or(s, "action", "add");
	struct webhook_item *it;
	bool bad = false;

	contact_item(at, s,
	    strcmp(action, "remove") == 0 ? "unsynced" : "synced",
	    json_str(s, "contact/phone_number"), NULL);
	it = last_item(at);
	it->name = name_at(it, s, "contact/full_name");
	it->wa_ms = time_of(json_object_get(s, "metadata"), "timestamp", &bad);
	need_person(it);
}

static void
preference(const struct at *at, const json_t *p)
{
	const char *wish = json_str_or(p, "value", "");
	bool stop = strcmp(wish, "stop") == 0;
	struct webhook_item *it;

	if ((!stop && strcmp(wish, "resume") != 0) ||
	    (text_or_null(p, "wa_id") == NULL &&
		text_or_null(p, "user_id") == NULL)) {
		unknown(at, p, "user_preferences");
		return;
	}
	contact_item(at, p, stop ? NULL : "opted_in", json_str(p, "wa_id"),
	    json_str(p, "user_id"));
	it = last_item(at);
	if (stop)
		it->type = "contact.opted_out";
	take_time(it, p);
	fact(it, "category", word(p, "category"));
	need_person(it);
}

static void
id_update(const struct at *at, const json_t *u)
{
	struct webhook_item *it;

	contact_item(at, u, "user_changed_user_id", NULL,
	    json_str(u, "user_id/previous"));
	it = last_item(at);
	add_user(it, "parent_bsuid", json_str(u, "parent_user_id/previous"));
	it->nformer = it->naliases;
	add_person(it, json_str(u, "wa_id"));
	add_person(it, json_str(u, "user_id/current"));
	add_user(it, "parent_bsuid", json_str(u, "parent_user_id/current"));
	take_time(it, u);
	need_person(it);
}

/* Fields whose value is about the business and its templates alone. */
static const char *const about_business[] = { "account_alerts",
	"account_review_update", "account_settings_update", "account_update",
	"business_capability_update", "business_status_update", "flows",
	"message_template_components_update", "message_template_quality_update",
	"message_template_status_update", "phone_number_name_update",
	"phone_number_quality_update", "template_category_update",
	"template_correct_category_detection", NULL };

static void
change_item(const struct at *at, const json_t *change)
{
	bool template =
	    at->field != NULL && strstr(at->field, "template") != NULL;
	struct webhook_item *it = add(at, WEBHOOK_CHANGE,
	    template ? "template.changed" : "account.changed", change);
	const char *key;
	json_t *keys, *value;
	char *text;
	size_t len;

	fact(it, "field", at->field);
	account_facts(at->value, it->facts);
	account_judge(at->field, at->value, &it->alert);
	if (at->field != NULL && str_starts(at->field, "phone_number_"))
		it->phone = word(at->value, "display_phone_number");
	if (at->field != NULL && str_in(at->field, about_business)) {
		text = json_text(at->value);
		len = strlen(text);
		free(text);
		if (len <= VALUE_MAX_BYTES) {
			fact_new(it, "value", json_incref(at->value));
			return;
		}
	}
	/* It may be about a person: the raw body has it, a log may not. */
	keys = json_array();
	json_object_foreach(at->value, key, value)
		if (json_array_size(keys) < FACTS_MAX)
			json_array_append_new(keys, masked(key));
	fact_new(it, "keys", keys);
}

/* What became of a group: made, renamed, or who is in it. */
static void
group_item(const struct at *at, const json_t *g)
{
	struct webhook_item *it;

	if (word(g, "group_id") == NULL) {
		unknown(at, g, "groups");
		return;
	}
	it = add(at, WEBHOOK_CONTACT, "contact.changed", g);
	it->change = word(g, "type");
	if (it->change == NULL)
		it->change = "unknown";
	it->place = "groups";
	it->group = word(g, "group_id");
	add_alias(it, "group", it->group);
	it->name = name_at(it, g, "subject");
	take_time(it, g);
	need_person(it);
}

typedef void (*each_fn)(const struct at *at, const json_t *part);

/* Every element of an array of value, if there is one. */
static void
each(const struct at *at, const char *key, each_fn fn)
{
	json_t *list = json_object_get(at->value, key), *part;
	size_t i;

	if (list != NULL && !json_is_array(list) && !json_is_null(list))
		unknown(at, list, key);
	json_array_foreach(list, i, part)
		fn(at, part);
}

static void
history(const struct at *at, const json_t *chunk)
{
	json_t *thread, *m;
	size_t i, k;

	if (json_array_size(json_object_get(chunk, "errors")) > 0) {
		/* The business did not share it, or it failed. */
		json_array_foreach(json_object_get(chunk, "errors"), i, m)
			error(at, m);
		return;
	}
	json_array_foreach(json_object_get(chunk, "threads"), i, thread)
		json_array_foreach(json_object_get(thread, "messages"), k, m)
			past(at, thread, m);
}

static bool
is_field(const struct at *at, const char *name)
{
	return at->field != NULL && strcmp(at->field, name) == 0;
}

static void
change(struct at *at, const json_t *c)
{
	size_t before = at->w->count;

	at->field = word(c, "field");
	at->value = json_object_get(c, "value");
	if (!json_is_object(at->value)) {
		at->value = NULL;
		unknown(at, c, "no-value");
		return;
	}
	if (at->field == NULL || is_field(at, "messages")) {
		each(at, "messages", message);
		each(at, "statuses", status);
	} else if (is_field(at, "smb_message_echoes") ||
	    is_field(at, "message_echoes"))
		each(at, "message_echoes", echo);
	else if (is_field(at, "history")) {
		each(at, "history", history);
		each(at, "messages", past_media);
	} else if (is_field(at, "smb_app_state_sync"))
		each(at, "state_sync", state_sync);
	else if (is_field(at, "user_preferences"))
		each(at, "user_preferences", preference);
	else if (is_field(at, "user_id_update"))
		each(at, "user_id_update", id_update);
	else if (json_is_array(json_object_get(at->value, "groups")))
		each(at, "groups", group_item);
	else
		change_item(at, c);
	each(at, "errors", error);
	if (at->w->count == before)
		unknown(at, c, "nothing-known");
}

static void
entry(struct at *at, const json_t *e)
{
	json_t *changes = json_object_get(e, "changes"), *c;
	bool bad = false;
	size_t i;

	at->account = word(e, "id");
	at->entry_ms = time_of(e, "time", &bad);
	at->field = NULL;
	at->value = NULL;
	if (json_array_size(changes) == 0)
		unknown(at, e, "no-changes");
	json_array_foreach(changes, i, c) {
		at->value = NULL;
		change(at, c);
	}
}

/* Only what has no id of its own is known by its hash. */
static void
hash_item(struct webhook_item *it)
{
	char *text;

	if (it->part == NULL ||
	    (it->wamid != NULL && it->what != WEBHOOK_UNKNOWN))
		return;
	text = json_text(it->part);
	hash_hex(it->hash, text, strlen(text));
	free(text);
}

struct webhook *
webhook_parse(const char *body, size_t len)
{
	struct webhook *w = xcalloc(1, sizeof(*w));
	struct at at = { .w = w };
	json_t *entries, *e;
	const char *object;
	size_t i;

	if (json_lenient(body, len, &w->root) < 0) {
		unknown(&at, NULL, "not-json-object");
		hash_hex(w->items[0].hash, body, len);
		return w;
	}
	object = json_str(w->root, "object");
	if (object == NULL || strcmp(object, OBJECT) != 0) {
		unknown(&at, w->root, "other-object");
		hash_item(&w->items[0]);
		return w;
	}
	entries = json_object_get(w->root, "entry");
	if (json_array_size(entries) == 0)
		unknown(&at, w->root, "no-entry");
	json_array_foreach(entries, i, e)
		entry(&at, e);
	for (i = 0; i < w->count; i++)
		hash_item(&w->items[i]);
	return w;
}

void
webhook_item_failed(struct webhook_item *it)
{
	webhook_item_set_aside(it, "failed");
	it->number_id = NULL;
	hash_item(it);
}

void
webhook_free(struct webhook *w)
{
	size_t i;

	if (w == NULL)
		return;
	for (i = 0; i < w->count; i++) {
		json_decref(w->items[i].content);
		json_decref(w->items[i].made);
		json_decref(w->items[i].facts);
	}
	free(w->items);
	json_decref(w->root);
	free(w);
}
