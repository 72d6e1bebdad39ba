/* shape - part of send.h: content in the Cloud API's shape, long texts in
 * parts */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/media.h"
#include "wa/send.h"

#define INTERACTIVE_MAX 30 /* products over all sections of a list */

/* The object of the kind: content itself, or its member of that name. */
static const json_t *
content_of(const struct message *m, const char *type)
{
	const json_t *part = json_object_get(m->content, m->kind);

	if (part == NULL)
		part = json_object_get(m->content, type);
	return part != NULL ? part : m->content;
}

static const char *
type_of(const char *kind)
{
	static const char *const same[] = { "audio", "contacts", "document",
		"image", "interactive", "location", "reaction", "sticker",
		"template", "text", "video", NULL };

	if (strcmp(kind, "voice") == 0)
		return "audio";
	if (strcmp(kind, "flow") == 0)
		return "interactive";
	for (size_t i = 0; same[i] != NULL; i++)
		if (strcmp(kind, same[i]) == 0)
			return same[i];
	return NULL;
}

/* A number becomes its digits, as the description wants coordinates. */
static void
put_decimal(json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);
	char digits[64];
	size_t len;

	if (!json_is_number(value))
		return;
	len = (size_t)snprintf(digits, sizeof(digits), "%.8f",
	    json_number_value(value));
	while (len > 0 && digits[len - 1] == '0')
		digits[--len] = '\0';
	if (len > 0 && digits[len - 1] == '.')
		digits[--len] = '\0';
	json_object_set_new(o, key, json_string(digits));
}

static void
shape_location(json_t *o)
{
	put_decimal(o, "latitude");
	put_decimal(o, "longitude");
}

/* A word in small letters, as the description spells it. */
static void
put_small(json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	char *small;

	if (text == NULL)
		return;
	small = xstrdup(text);
	for (char *p = small; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	json_object_set_new(o, key, json_string(small));
	free(small);
}

static void
shape_components(json_t *list)
{
	json_t *c, *p, *part;
	size_t i, k;
	char digits[24];

	json_array_foreach(list, i, c) {
		put_small(c, "type");
		put_small(c, "sub_type");
		part = json_object_get(c, "index");
		if (json_is_integer(part)) {
			snprintf(digits, sizeof(digits), "%lld",
			    (long long)json_integer_value(part));
			json_object_set_new(c, "index", json_string(digits));
		}
		json_array_foreach(json_object_get(c, "parameters"), k, p)
			shape_location(json_object_get(p, "location"));
		json_array_foreach(json_object_get(c, "cards"), k, p)
			shape_components(json_object_get(p, "components"));
	}
}

/* A name has a part beside the one that is shown, or it is refused. */
static void
shape_contacts(json_t *list)
{
	json_t *c, *name;
	size_t i;

	json_array_foreach(list, i, c) {
		name = json_object_get(c, "name");
		if (json_object_size(name) == 1 &&
		    json_str_or(name, "formatted_name", "")[0] != '\0')
			json_put(name, "first_name",
			    json_str(name, "formatted_name"));
	}
}

static void
shape_template(json_t *o)
{
	json_t *language = json_object_get(o, "language");

	if (json_is_string(language))
		json_object_set_new(o, "language",
		    json_pack("{sO}", "code", language));
	language = json_object_get(o, "language");
	if (json_is_object(language) &&
	    json_object_get(language, "policy") == NULL)
		json_put(language, "policy", "deterministic");
	shape_components(json_object_get(o, "components"));
}

/* Whether buttons want the room of a list. */
static bool
wants_list(const json_t *buttons)
{
	const char *title;
	const json_t *b;
	size_t i;

	if (json_array_size(buttons) > LIMIT_BUTTONS)
		return true;
	json_array_foreach(buttons, i, b) {
		title = json_str(b, "reply/title");
		if (title != NULL && utf8_length(title) > LIMIT_BUTTON_CHARS &&
		    utf8_length(title) <= LIMIT_ROW_CHARS)
			return true;
	}
	return false;
}

static int
buttons_to_list(json_t *o, const char *options)
{
	const json_t *buttons = json_at(o, "action/buttons"), *b;
	const char *header = json_str(o, "header/type");
	json_t *rows, *row;
	size_t n = json_array_size(buttons), i;

	if (n > LIMIT_ROWS)
		return err_set(ERR_DATA,
		    "interactive.action.buttons: %zu entries, the most is %d",
		    n, LIMIT_ROWS);
	if (header != NULL && strcmp(header, "text") != 0)
		return err_set(ERR_DATA,
		    "interactive.action.buttons: %zu entries, the most is %d "
		    "below a header that is no text",
		    n, LIMIT_BUTTONS);
	rows = json_array();
	json_array_foreach(buttons, i, b) {
		row = json_object();
		json_put(row, "id", json_str(b, "reply/id"));
		json_put(row, "title", json_str(b, "reply/title"));
		json_array_append_new(rows, row);
	}
	json_object_set_new(o, "type", json_string("list"));
	json_object_set_new(o, "action",
	    json_pack("{ss s[{so}]}", "button", options, "sections", "rows",
		rows));
	return 0;
}

static int
shape_interactive(json_t *o, const struct message *m, const char *options)
{
	const char *type;
	json_t *b;
	size_t i;

	if (strcmp(m->kind, "flow") == 0 && json_object_get(o, "type") == NULL)
		json_object_set_new(o, "type", json_string("flow"));
	if (json_object_get(o, "body") == NULL && m->text != NULL &&
	    *m->text != '\0')
		json_object_set_new(o, "body",
		    json_pack("{so}", "text", json_text_new(m->text)));
	type = json_str(o, "type");
	if (type == NULL || strcmp(type, "button") != 0)
		return 0;
	json_array_foreach(json_at(o, "action/buttons"), i, b)
		if (json_is_object(b) && json_object_get(b, "type") == NULL)
			json_object_set_new(b, "type", json_string("reply"));
	return wants_list(json_at(o, "action/buttons")) ?
	    buttons_to_list(o, options != NULL ? options : "Options") :
	    0;
}

/* What the rows of the table cannot say. */

static bool
is_address(const char *url)
{
	if (!str_starts(url, "https://") && !str_starts(url, "http://"))
		return false;
	for (; *url != '\0'; url++)
		if ((unsigned char)*url <= ' ' || *url == 0x7f)
			return false;
	return true;
}

/* One of id and link, and the link an address. */
static int
check_medium(const char *where, const json_t *o)
{
	const char *id = json_str(o, "id"), *link = json_str(o, "link");

	if ((id != NULL) == (link != NULL))
		return err_set(ERR_DATA, "%s: wants an id or a link, one",
		    where);
	if (link != NULL && !is_address(link))
		return err_set(ERR_DATA, "%s.link: is no address of http",
		    where);
	return 0;
}

/* Values of key in a list must differ. */
static int
check_unique(const char *where, const json_t *list, const char *path)
{
	const char *a, *b;

	for (size_t i = 0; i < json_array_size(list); i++)
		for (size_t k = 0; k < i; k++) {
			a = json_str(json_array_get(list, i), path);
			b = json_str(json_array_get(list, k), path);
			if (a != NULL && b != NULL && strcmp(a, b) == 0)
				return err_set(ERR_DATA,
				    "%s: entries %zu and %zu are the same",
				    where, k, i);
		}
	return 0;
}

/* Ids that are told back when they are tapped. */
static int
check_ids(const char *where, const json_t *list, const char *path)
{
	const char *id;

	for (size_t i = 0; i < json_array_size(list); i++) {
		id = json_str_or(json_array_get(list, i), path, "");
		if (*id == ' ' || str_ends(id, " "))
			return err_set(ERR_DATA,
			    "%s[%zu]: the id begins or ends with a blank",
			    where, i);
	}
	return check_unique(where, list, path);
}

#define FIELDS 8

/* What each type of interactive message is made of. A field after a ? may be
 * left out. */
static const struct interactive {
	const char *type, *name; /* action.name; NULL: none */
	bool body, header, footer;
	const char *action[FIELDS];	/* fields of action */
	const char *parameters[FIELDS]; /* of action.parameters */
} interactives[] = {
	{ "button", NULL, true, true, true, { "buttons" }, { NULL } },
	{ "list", NULL, true, true, true, { "button", "sections" }, { NULL } },
	{ "flow", "flow", true, true, true, { "name", "parameters" },
	    { "flow_message_version", "flow_cta", "?flow_id", "?flow_name",
		"?mode", "?flow_token", "?flow_action",
		"?flow_action_payload" } },
	{ "product", NULL, false, false, true,
	    { "catalog_id", "product_retailer_id" }, { NULL } },
	{ "product_list", NULL, true, true, true, { "catalog_id", "sections" },
	    { NULL } },
	{ "catalog_message", "catalog_message", true, false, true,
	    { "name", "?parameters" }, { "?thumbnail_product_retailer_id" } },
	{ "call_permission_request", "call_permission_request", false, false,
	    false, { "name" }, { NULL } },
	{ "cta_url", "cta_url", true, true, true, { "name", "parameters" },
	    { "display_text", "url" } },
	{ "location_request_message", "send_location", true, false, false,
	    { "name" }, { NULL } },
	{ "address_message", "address_message", true, true, true,
	    { "name", "parameters" },
	    { "country", "?values", "?saved_addresses",
		"?validation_errors" } },
	{ "voice_call", "voice_call", true, true, true,
	    { "name", "?parameters" },
	    { "?display_text", "?ttl_minutes", "?payload" } },
	{ "request_contact_info", "request_contact_info", true, false, false,
	    { "name" }, { NULL } },
};

/* Whether o has the fields that are named, and no others. */
static int
check_fields(const struct interactive *t, const char *where, const json_t *o,
    const char *const fields[FIELDS])
{
	const char *key;
	json_t *value;
	size_t i;

	for (i = 0; i < FIELDS && fields[i] != NULL; i++)
		if (fields[i][0] != '?' &&
		    json_object_get(o, fields[i]) == NULL)
			return err_set(ERR_DATA, "%s.%s: is missing", where,
			    fields[i]);
	json_object_foreach((json_t *)o, key, value) {
		bool known = false;

		for (i = 0; i < FIELDS && fields[i] != NULL; i++)
			known |=
			    strcmp(fields[i] + (fields[i][0] == '?'), key) == 0;
		if (!known)
			return err_set(ERR_DATA,
			    "%s.%s: a %s message takes none", where, key,
			    t->type);
	}
	return 0;
}

static int
check_header(const struct interactive *t, const json_t *o)
{
	const json_t *header = json_object_get(o, "header");
	const char *type = json_str(header, "type");
	size_t most = 2; /* the type, and what it is of */
	char where[64];

	if (header == NULL)
		return strcmp(t->type, "product_list") == 0 ?
		    err_set(ERR_DATA, "interactive.header: is missing") :
		    0;
	if (!t->header)
		return err_set(ERR_DATA,
		    "interactive.header: a %s message takes none", t->type);
	if (strcmp(type, "text") != 0 &&
	    (strcmp(t->type, "list") == 0 ||
		strcmp(t->type, "product_list") == 0))
		return err_set(ERR_DATA,
		    "interactive.header.type: a %s takes text only", t->type);
	snprintf(where, sizeof(where), "interactive.header.%.20s", type);
	if (json_object_get(header, type) == NULL)
		return err_set(ERR_DATA, "%s: is missing", where);
	if (strcmp(type, "text") == 0 &&
	    json_object_get(header, "sub_text") != NULL)
		most++;
	if (json_object_size(header) > most)
		return err_set(ERR_DATA,
		    "interactive.header: has more than its %s", type);
	return strcmp(type, "text") == 0 ?
	    0 :
	    check_medium(where, json_object_get(header, type));
}

static int
check_sections(const json_t *sections, const char *rows)
{
	size_t total = 0,
	       most = strcmp(rows, "rows") == 0 ? LIMIT_ROWS : INTERACTIVE_MAX;
	json_t *all = json_array(), *s, *list;
	size_t i;
	int code = 0;

	json_array_foreach((json_t *)sections, i, s) {
		list = json_object_get(s, rows);
		if (list == NULL && code == 0)
			code = err_set(ERR_DATA,
			    "interactive.action.sections[%zu].%s: is missing",
			    i, rows);
		if (code == 0 && json_array_size(sections) > 1 &&
		    json_str_or(s, "title", "")[0] == '\0')
			code = err_set(ERR_DATA,
			    "interactive.action.sections[%zu].title: is "
			    "missing",
			    i);
		total += json_array_size(list);
		json_array_extend(all, list);
	}
	if (code == 0 && total > most)
		code = err_set(ERR_DATA,
		    "interactive.action.sections: %zu entries in all, the most "
		    "is %zu",
		    total, most);
	if (code == 0 && strcmp(rows, "rows") == 0)
		code = check_ids("interactive.action.sections.rows", all, "id");
	else if (code == 0)
		code = check_unique("interactive.action.sections.product_items",
		    all, "product_retailer_id");
	json_decref(all);
	return code;
}

static int
check_action(const struct interactive *t, const json_t *o)
{
	const json_t *action = json_object_get(o, "action"),
		     *parameters = json_object_get(action, "parameters");
	const char *name = json_str(action, "name");
	int code = check_fields(t, "interactive.action", action, t->action);

	if (code < 0)
		return code;
	if (t->name != NULL && strcmp(name, t->name) != 0)
		return err_set(ERR_DATA, "interactive.action.name: is not %s",
		    t->name);
	return parameters == NULL ?
	    0 :
	    check_fields(t, "interactive.action.parameters", parameters,
		t->parameters);
}

/* One way to name it, and a payload only where it opens a screen. */
static int
check_flow(const json_t *p)
{
	const json_t *payload = json_object_get(p, "flow_action_payload"),
		     *data = json_object_get(payload, "data");

	if ((json_str(p, "flow_id") != NULL) ==
	    (json_str(p, "flow_name") != NULL))
		return err_set(ERR_DATA,
		    "interactive.action.parameters: wants a flow_id or a "
		    "flow_name, one");
	if (payload != NULL &&
	    strcmp(json_str_or(p, "flow_action", "navigate"), "navigate") != 0)
		return err_set(ERR_DATA,
		    "interactive.action.parameters.flow_action_payload: is for "
		    "flow_action navigate only");
	if (payload != NULL && json_str(payload, "screen") == NULL)
		return err_set(ERR_DATA,
		    "interactive.action.parameters.flow_action_payload.screen: "
		    "is missing");
	if (data != NULL && json_object_size(data) == 0)
		return err_set(ERR_DATA,
		    "interactive.action.parameters.flow_action_payload.data: "
		    "is empty; leave it out");
	return 0;
}

static int
check_interactive(const json_t *o)
{
	const char *type = json_str(o, "type"), *url;
	const json_t *action = json_object_get(o, "action");
	const struct interactive *t = NULL;
	int code;

	for (size_t i = 0; i < sizeof(interactives) / sizeof(*t); i++)
		if (strcmp(interactives[i].type, type) == 0)
			t = &interactives[i];
	if (t == NULL)
		return err_set(ERR_DATA, "interactive.type: cannot be sent");
	if (t->body && json_object_get(o, "body") == NULL)
		return err_set(ERR_DATA, "interactive.body.text: is missing");
	if (!t->footer && json_object_get(o, "footer") != NULL)
		return err_set(ERR_DATA,
		    "interactive.footer: a %s message takes none", t->type);
	code = check_header(t, o);
	if (code == 0)
		code = check_action(t, o);
	if (code < 0)
		return code;
	if (strcmp(type, "button") == 0) {
		code = check_ids("interactive.action.buttons",
		    json_object_get(action, "buttons"), "reply/id");
		if (code == 0)
			code = check_unique("interactive.action.buttons",
			    json_object_get(action, "buttons"), "reply/title");
	} else if (strcmp(type, "list") == 0) {
		code =
		    check_sections(json_object_get(action, "sections"), "rows");
	} else if (strcmp(type, "product_list") == 0) {
		code = check_sections(json_object_get(action, "sections"),
		    "product_items");
	} else if (strcmp(type, "cta_url") == 0) {
		url = json_str(action, "parameters/url");
		if (!is_address(url))
			code = err_set(ERR_DATA,
			    "interactive.action.parameters.url: is no address "
			    "of http");
	} else if (strcmp(type, "flow") == 0) {
		code = check_flow(json_object_get(action, "parameters"));
	}
	return code;
}

/* The provider refuses what would break the layout of the template. */
static bool
is_one_line(const char *text)
{
	return strpbrk(text, "\n\r\t") == NULL && strstr(text, "     ") == NULL;
}

static int
check_parameters(const char *where, const json_t *list)
{
	static const char *const media[] = { "image", "video", "document",
		NULL };
	const char *type;
	char inner[160];
	const json_t *p;
	size_t i;
	int code;

	json_array_foreach((json_t *)list, i, p) {
		type = json_str(p, "type");
		if (json_object_get(p, type) == NULL)
			return err_set(ERR_DATA,
			    "%s.parameters[%zu].%s: is missing", where, i,
			    type);
		snprintf(inner, sizeof(inner), "%s.parameters[%zu].%s", where,
		    i, type);
		if (str_in(type, media) &&
		    (code = check_medium(inner, json_object_get(p, type))) < 0)
			return code;
		if (strcmp(type, "text") == 0 &&
		    !is_one_line(json_str(p, "text")))
			return err_set(ERR_DATA,
			    "%s: has a new line, a tab or more than 4 blanks "
			    "in a row",
			    inner);
	}
	return 0;
}

/* What the button of a template is filled with. */
static int
check_button(const char *where, const json_t *c)
{
	static const struct {
		const char *sub_type, *parameter;
	} rows[] = {
		{ "quick_reply", "payload" },
		{ "url", "text" },
	};
	const char *sub_type = json_str(c, "sub_type"),
		   *index = json_str(c, "index");
	const json_t *list = json_object_get(c, "parameters"), *p;
	size_t i, k;

	if (sub_type == NULL)
		return err_set(ERR_DATA, "%s.sub_type: is missing", where);
	if (index == NULL || *index < '0' || *index > '9')
		return err_set(ERR_DATA, "%s.index: is no digit", where);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(sub_type, rows[i].sub_type) != 0)
			continue;
		if (list == NULL)
			return err_set(ERR_DATA, "%s.parameters: is missing",
			    where);
		json_array_foreach((json_t *)list, k, p)
			if (strcmp(json_str(p, "type"), rows[i].parameter) != 0)
				return err_set(ERR_DATA,
				    "%s.parameters[%zu].type: is not %s", where,
				    k, rows[i].parameter);
	}
	return 0;
}

static int
check_components(const json_t *list)
{
	const char *type, *index;
	const json_t *c, *card;
	char where[64];
	size_t i, k;
	int code = 0;

	json_array_foreach((json_t *)list, i, c) {
		snprintf(where, sizeof(where), "template.components[%zu]", i);
		type = json_str(c, "type");
		index = json_str(c, "index");
		if (strcmp(type, "button") == 0) {
			if ((code = check_button(where, c)) < 0)
				return code;
		} else if (index != NULL || json_str(c, "sub_type") != NULL) {
			return err_set(ERR_DATA,
			    "%s: only buttons have an index and a sub_type",
			    where);
		}
		code =
		    check_parameters(where, json_object_get(c, "parameters"));
		json_array_foreach(json_object_get(c, "cards"), k, card)
			if (code == 0)
				code = check_components(
				    json_object_get(card, "components"));
		if (code < 0)
			return code;
	}
	return 0;
}

static int
check_template(const json_t *o)
{
	const char *name = json_str(o, "name");

	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") !=
	    strlen(name))
		return err_set(ERR_DATA,
		    "template.name: has more than small letters, digits and _");
	return check_components(json_object_get(o, "components"));
}

/* The length in bytes of what is one character to a reader. */
static size_t
grapheme(const char *text, size_t len)
{
	utf8proc_int32_t state = 0;
	const char *p = text, *end = text + len, *before;
	uint32_t last = utf8_next(&p, end), c;

	for (;;) {
		before = p;
		c = utf8_next(&p, end);
		if (before == end ||
		    utf8proc_grapheme_break_stateful((utf8proc_int32_t)last,
			(utf8proc_int32_t)c, &state))
			return (size_t)(before - text);
		last = c;
	}
}

static bool
is_blank(uint32_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == 0xa0 ||
	    c == 0x3000 || c == 0x2028 || c == 0x2029;
}

/* Where the blanks at the end of text begin, in bytes. */
static size_t
blanks_at(const char *text, size_t len)
{
	const char *q;
	size_t end = len;

	while (end > 0) {
		q = text + utf8_cut(text, len, end - 1);
		if (!is_blank(utf8_next(&q, text + len)))
			break;
		end = utf8_cut(text, len, end - 1);
	}
	return end;
}

static int
check_more(const char *type, const json_t *o)
{
	static const char *const media[] = { "image", "video", "document",
		"audio", "sticker", NULL };
	const char *emoji;

	if (str_in(type, media))
		return check_medium(type, o);
	if (strcmp(type, "interactive") == 0)
		return check_interactive(o);
	if (strcmp(type, "template") == 0)
		return check_template(o);
	if (strcmp(type, "reaction") == 0) {
		emoji = json_str(o, "emoji");
		if (*emoji != '\0' &&
		    grapheme(emoji, strlen(emoji)) != strlen(emoji))
			return err_set(ERR_DATA,
			    "reaction.emoji: is more than one emoji");
	}
	return 0;
}

/* Fill in what the text says, and what is spelled another way. */
static int
normalise(json_t *o, const struct message *m, const char *type,
    const char *options)
{
	static const char *const captioned[] = { "image", "video", "document",
		NULL };

	if (str_in(type, captioned) && json_object_get(o, "caption") == NULL &&
	    m->text != NULL && *m->text != '\0')
		json_put(o, "caption", m->text);
	if (strcmp(m->kind, "voice") == 0)
		json_object_set_new(o, "voice", json_true());
	if (strcmp(type, "location") == 0)
		shape_location(o);
	if (strcmp(type, "template") == 0)
		shape_template(o);
	if (strcmp(type, "interactive") == 0)
		return shape_interactive(o, m, options);
	return 0;
}

/* The text of a message that has no place for one would be lost. */
static int
check_text_placed(const struct message *m, const char *type)
{
	static const struct {
		const char *type, *what;
	} without[] = {
		{ "audio", "a sound" },
		{ "sticker", "a sticker" },
		{ "location", "a location" },
		{ "contacts", "a contact" },
	};

	if (m->text == NULL || *m->text == '\0')
		return 0;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if (strcmp(type, without[i].type) == 0)
			return err_set(ERR_DATA,
			    "%s: %s has no caption: send the text as a "
			    "message of its own",
			    type, without[i].what);
	return 0;
}

int
send_shape(const struct message *m, const char *options, const char **ret_type,
    json_t **ret_object)
{
	const char *type = type_of(m->kind);
	const json_t *content;
	json_t *o;
	int code;

	if (type == NULL)
		return err_set(ERR_DATA, "type: this kind cannot be sent");
	code = check_text_placed(m, type);
	if (code < 0)
		return code;
	content = content_of(m, type);
	if (strcmp(type, "text") == 0) {
		if (m->text == NULL || blanks_at(m->text, strlen(m->text)) == 0)
			return err_set(ERR_DATA, "text.body: is empty");
		o = json_object();
		json_put(o, "body", m->text);
		json_put_new(o, "preview_url",
		    json_boolean(json_bool_or(content, "preview_url", false)));
	} else if (content == NULL) {
		return err_set(ERR_DATA, "%s: is missing", type);
	} else {
		o = json_deep_copy(content);
	}
	if (strcmp(type, "contacts") == 0)
		shape_contacts(o);
	code = json_is_object(o) ? normalise(o, m, type, options) : 0;
	if (code == 0)
		code = limits_check(type, o);
	if (code == 0)
		code = check_more(type, o);
	if (code < 0) {
		json_decref(o);
		return code;
	}
	*ret_type = type;
	*ret_object = o;
	return 0;
}

int
send_resolve(json_t *content,
    int (*id_of)(void *ctx, const char *reference, char ret[128]), void *ctx)
{
	const char *reference = json_str(content, "media"), *key;
	char id[128];
	json_t *value;
	void *next;
	size_t i;
	int code = 1;

	if (reference != NULL && str_starts(reference, MEDIA_PREFIX)) {
		code = id_of(ctx, reference + strlen(MEDIA_PREFIX), id);
		if (code != 1)
			return code;
		json_object_del(content, "media");
		json_object_set_new(content, "id", json_string(id));
	}
	json_object_foreach_safe(content, next, key, value) {
		code = send_resolve(value, id_of, ctx);
		if (code != 1)
			return code;
	}
	json_array_foreach(content, i, value) {
		code = send_resolve(value, id_of, ctx);
		if (code != 1)
			return code;
	}
	return 1;
}

static int
any_id(void *ctx, const char *reference, char ret[128])
{
	(void)ctx, (void)reference;
	snprintf(ret, 128, "0");
	return 1;
}

static int
check_one(const struct message *m, const char *kind, char *text,
    json_t *content, const char *options)
{
	struct message one = *m;
	const char *type;
	json_t *o = NULL;
	int code;

	one.kind = (char *)kind;
	one.text = text;
	one.content = json_deep_copy(content);
	send_resolve(one.content, any_id, NULL);
	code = send_shape(&one, options, &type, &o);
	json_decref(o);
	json_decref(one.content);
	return code;
}

int
send_check(const struct message *m, const char *options)
{
	struct send_part *parts = NULL;
	size_t n = send_parts(m, &parts), i;
	int code = 0;

	if (n == 0)
		return check_one(m, m->kind, m->text, m->content, options);
	for (i = 0; i < n && code == 0; i++)
		code = check_one(m, parts[i].kind, parts[i].text,
		    parts[i].content, options);
	send_parts_free(parts, n);
	return code;
}

/* --- long texts --- */

/* Ends a sentence if a blank follows; those in the second list in any case. */
static bool
ends_sentence(uint32_t c, bool blank_next)
{
	static const uint32_t with[] = { '.', '!', '?', 0x2026, 0x61f, 0x6d4,
		0x964, 0x965, 0x589, 0x1362, 0 },
			      any[] = { 0x3002, 0xff01, 0xff1f, 0 };
	size_t i;

	for (i = 0; any[i] != 0; i++)
		if (c == any[i])
			return true;
	for (i = 0; with[i] != 0; i++)
		if (c == with[i])
			return blank_next;
	return false;
}

/*
 * Where a part of text ends, in bytes: after least and not after most
 * characters, at the best place there is. text is longer than most.
 */
static size_t
cut(const char *text, size_t len, size_t least, size_t most)
{
	/* Ends of paragraphs, lines, sentences, words, graphemes. */
	size_t best[5] = { 0 }, at = 0, n = 0, i, g, next_len;
	const char *p;
	uint32_t c = 0, next;

	while (at < len) {
		g = grapheme(text + at, len - at);
		for (p = text + at, i = 0; p < text + at + g; i++)
			c = utf8_next(&p, text + at + g);
		if (n + i > most)
			break;
		n += i;
		at += g;
		/* Rather too early than inside of one. */
		best[4] = at;
		if (n < least)
			continue;
		p = text + at;
		next = utf8_next(&p, text + len);
		next_len = (size_t)(p - text) - at;
		if (is_blank(next) || is_blank(c))
			best[3] = at;
		if (ends_sentence(c, is_blank(next)))
			best[2] = at;
		if (next == '\n' || c == '\n')
			best[1] = at;
		if (next == '\n' && text[at + next_len] == '\n')
			best[0] = at;
	}
	for (i = 0; i < 5; i++)
		if (best[i] > 0)
			return best[i];
	/* One heap of marks upon marks: between two of them, then. */
	for (p = text, n = 0; n < most && p < text + len; n++)
		utf8_next(&p, text + len);
	return (size_t)(p - text);
}

/* Without blanks at its ends; NULL if nothing is left. */
static char *
trimmed(const char *text, size_t len, bool front)
{
	size_t end = blanks_at(text, len);
	const char *p = text, *q;

	while (front && p < text + end) {
		q = p;
		if (!is_blank(utf8_next(&q, text + end)))
			break;
		p = q;
	}
	end -= (size_t)(p - text);
	return end > 0 ? xstrndup(p, end) : NULL;
}

static void
add_part(struct send_part **parts, size_t *n, const char *kind,
    const char *text, size_t len, bool front)
{
	char *piece = trimmed(text, len, front);

	if (piece == NULL)
		return;
	*parts = xrealloc(*parts, (*n + 1) * sizeof(**parts));
	(*parts)[(*n)++] = (struct send_part){ kind, piece, NULL };
}

/* The characters of the first len bytes. */
static size_t
characters(const char *text, size_t len)
{
	const char *p = text;
	size_t n;

	for (n = 0; p < text + len; n++)
		utf8_next(&p, text + len);
	return n;
}

/*
 * Text in parts of at most LIMIT_TEXT_CHARS, the last one of at most last.
 * Blanks at its end go first: were they all that is left for the last part,
 * the one before would be last and too long for that.
 */
static void
split(const char *text, size_t last, struct send_part **parts, size_t *n)
{
	size_t len = blanks_at(text, strlen(text)), most, least, to;
	size_t left = characters(text, len);
	bool front = false;

	while (left > last) {
		most =
		    left - 1 < LIMIT_TEXT_CHARS ? left - 1 : LIMIT_TEXT_CHARS;
		least = left > most + last ? most / 2 : left - last;
		if (least < most / 2 && left > LIMIT_TEXT_CHARS)
			least = most / 2;
		to = cut(text, len, least, most);
		add_part(parts, n, "text", text, to, front);
		front = true;
		text += to;
		len -= to;
		left = characters(text, len);
	}
	add_part(parts, n, "text", text, len, front);
}

size_t
send_parts(const struct message *m, struct send_part **ret)
{
	const char *type = type_of(m->kind), *body = m->text;
	const json_t *content = type != NULL ? content_of(m, type) : NULL;
	bool interactive = type != NULL && strcmp(type, "interactive") == 0;
	size_t most = interactive ? LIMIT_BODY_CHARS : LIMIT_TEXT_CHARS, n = 0;
	struct send_part *parts = NULL, *last;

	if (interactive && json_str(content, "body/text") != NULL)
		body = json_str(content, "body/text");
	if (body == NULL || type == NULL || utf8_length(body) <= most ||
	    (!interactive && strcmp(type, "text") != 0))
		return 0;
	split(body, most, &parts, &n);
	if (n == 0) /* nothing but blanks */
		return 0;
	last = &parts[n - 1];
	if (interactive) {
		last->kind = m->kind;
		last->content = json_deep_copy(content);
		json_object_set_new(last->content, "body",
		    json_pack("{so}", "text", json_text_new(last->text)));
	} else if (m->content != NULL) {
		for (size_t i = 0; i < n; i++)
			parts[i].content = json_deep_copy(m->content);
	}
	*ret = parts;
	return n;
}

void
send_parts_free(struct send_part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(parts[i].text);
		json_decref(parts[i].content);
	}
	free(parts);
}
