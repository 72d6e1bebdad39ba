/*
 * check.c - whether the body of POST messages is what the Cloud API takes
 *
 * What an object looks like is a table of its members; what a table cannot say
 * (one of two, unique, limits over several places) follows as a function.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "sim/body.h"
#include "sim/check.h"
#include "sim/errors.h"

enum type {
	END,
	STRING, /* min to max characters */
	CHOICE, /* one of the words in of */
	LINK,	/* http or https */
	BOOL,
	INT,
	INDEX,	/* 0 to max, a number or its digits */
	NUMBER, /* or a string of one */
	OBJECT,
	OPEN,  /* an object whose members are not looked at */
	ARRAY, /* of objects; min to max of them */
};

struct shape {
	const char *key;
	enum type type;
	bool need;
	int min, max;
	const char *choices; /* "one two" */
	const struct shape *of;
};

#define NEED true
#define MAY false
/* clang-format off: tables, a member a line. */
#define STR(key, need, min, max)                        \
	{                                               \
		key, STRING, need, min, max, NULL, NULL \
	}
#define ONE_OF(key, need, words)                     \
	{                                            \
		key, CHOICE, need, 0, 0, words, NULL \
	}
#define OBJ(key, need, of)                        \
	{                                         \
		key, OBJECT, need, 0, 0, NULL, of \
	}
#define LIST(key, need, min, max, of)                \
	{                                            \
		key, ARRAY, need, min, max, NULL, of \
	}
#define PLAIN(key, type, need)                    \
	{                                         \
		key, type, need, 0, 0, NULL, NULL \
	}
#define END_SHAPE                                  \
	{                                          \
		NULL, END, false, 0, 0, NULL, NULL \
	}

static const struct shape text_shape[] = { STR("body", NEED, 1, 4096),
	PLAIN("preview_url", BOOL, MAY), END_SHAPE };
static const struct shape image_shape[] = { STR("id", MAY, 1, 512),
	PLAIN("link", LINK, MAY), STR("caption", MAY, 0, 1024), END_SHAPE };
static const struct shape audio_shape[] = { STR("id", MAY, 1, 512),
	PLAIN("link", LINK, MAY), PLAIN("voice", BOOL, MAY), END_SHAPE };
static const struct shape document_shape[] = { STR("id", MAY, 1, 512),
	PLAIN("link", LINK, MAY), STR("caption", MAY, 0, 1024),
	STR("filename", MAY, 1, 240), END_SHAPE };
static const struct shape sticker_shape[] = { STR("id", MAY, 1, 512),
	PLAIN("link", LINK, MAY), END_SHAPE };
static const struct shape location_shape[] = { PLAIN("latitude", NUMBER, NEED),
	PLAIN("longitude", NUMBER, NEED), STR("name", MAY, 0, 1000),
	STR("address", MAY, 0, 1000), END_SHAPE };
static const struct shape reaction_shape[] = { STR("message_id", NEED, 1, 512),
	STR("emoji", NEED, 0, 32), END_SHAPE };

static const struct shape address_shape[] = { STR("city", MAY, 0, 255),
	STR("country", MAY, 0, 255), STR("country_code", MAY, 0, 255),
	STR("state", MAY, 0, 255), STR("street", MAY, 0, 255),
	STR("type", MAY, 0, 255), STR("zip", MAY, 0, 255), END_SHAPE };
static const struct shape email_shape[] = { STR("email", NEED, 1, 255),
	STR("type", MAY, 0, 255), END_SHAPE };
static const struct shape name_shape[] = { STR("formatted_name", NEED, 1, 1024),
	STR("first_name", MAY, 0, 1024), STR("last_name", MAY, 0, 1024),
	STR("middle_name", MAY, 0, 1024), STR("prefix", MAY, 0, 1024),
	STR("suffix", MAY, 0, 1024), END_SHAPE };
static const struct shape org_shape[] = { STR("company", MAY, 0, 255),
	STR("department", MAY, 0, 255), STR("title", MAY, 0, 255), END_SHAPE };
static const struct shape phone_shape[] = { STR("phone", NEED, 1, 255),
	STR("type", MAY, 0, 255), STR("wa_id", MAY, 0, 255), END_SHAPE };
static const struct shape url_shape[] = { STR("url", NEED, 1, 2048),
	STR("type", MAY, 0, 255), END_SHAPE };
static const struct shape contact_shape[] = { OBJ("name", NEED, name_shape),
	STR("birthday", MAY, 10, 10), OBJ("org", MAY, org_shape),
	LIST("addresses", MAY, 0, 100, address_shape),
	LIST("emails", MAY, 0, 100, email_shape),
	LIST("phones", MAY, 0, 100, phone_shape),
	LIST("urls", MAY, 0, 100, url_shape), END_SHAPE };

static const struct shape bare_media_shape[] = { STR("id", MAY, 1, 512),
	PLAIN("link", LINK, MAY), STR("filename", MAY, 1, 240), END_SHAPE };
static const struct shape header_shape[] = { ONE_OF("type", NEED,
						 "text image video document"),
	STR("text", MAY, 1, 60), STR("sub_text", MAY, 1, 60),
	OBJ("image", MAY, bare_media_shape),
	OBJ("video", MAY, bare_media_shape),
	OBJ("document", MAY, bare_media_shape), END_SHAPE };
static const struct shape body_shape[] = { STR("text", NEED, 1, 1024),
	END_SHAPE };
static const struct shape footer_shape[] = { STR("text", NEED, 1, 60),
	END_SHAPE };
static const struct shape reply_shape[] = { STR("id", NEED, 1, 256),
	STR("title", NEED, 1, 20), END_SHAPE };
static const struct shape button_shape[] = { ONE_OF("type", NEED, "reply"),
	OBJ("reply", NEED, reply_shape), END_SHAPE };
static const struct shape buttons_action[] = {
	LIST("buttons", NEED, 1, 3, button_shape), END_SHAPE
};
static const struct shape row_shape[] = { STR("id", NEED, 1, 200),
	STR("title", NEED, 1, 24), STR("description", MAY, 0, 72), END_SHAPE };
static const struct shape section_shape[] = { STR("title", MAY, 1, 24),
	LIST("rows", NEED, 1, 10, row_shape), END_SHAPE };
static const struct shape list_action[] = { STR("button", NEED, 1, 20),
	LIST("sections", NEED, 1, 10, section_shape), END_SHAPE };
static const struct shape url_parameters[] = { STR("display_text", NEED, 1, 20),
	PLAIN("url", LINK, NEED), END_SHAPE };
static const struct shape url_action[] = { ONE_OF("name", NEED, "cta_url"),
	OBJ("parameters", NEED, url_parameters), END_SHAPE };
static const struct shape flow_payload[] = { STR("screen", NEED, 1, 1024),
	PLAIN("data", OPEN, MAY), END_SHAPE };
static const struct shape flow_parameters[] = {
	ONE_OF("flow_message_version", NEED, "3"), STR("flow_id", MAY, 1, 200),
	STR("flow_name", MAY, 1, 200), STR("flow_cta", NEED, 1, 30),
	STR("flow_token", MAY, 1, 1024), ONE_OF("mode", MAY, "draft published"),
	ONE_OF("flow_action", MAY, "navigate data_exchange"),
	OBJ("flow_action_payload", MAY, flow_payload), END_SHAPE
};
static const struct shape flow_action[] = { ONE_OF("name", NEED, "flow"),
	OBJ("parameters", NEED, flow_parameters), END_SHAPE };
static const struct shape location_action[] = {
	ONE_OF("name", NEED, "send_location"), END_SHAPE
};
static const struct shape product_action[] = { STR("catalog_id", NEED, 1, 200),
	STR("product_retailer_id", NEED, 1, 200), END_SHAPE };
static const struct shape item_shape[] = {
	STR("product_retailer_id", NEED, 1, 200), END_SHAPE
};
static const struct shape product_section[] = { STR("title", MAY, 1, 24),
	LIST("product_items", NEED, 1, 30, item_shape), END_SHAPE };
static const struct shape products_action[] = { STR("catalog_id", NEED, 1, 200),
	LIST("sections", NEED, 1, 10, product_section), END_SHAPE };
static const struct shape catalog_parameters[] = {
	STR("thumbnail_product_retailer_id", MAY, 1, 200), END_SHAPE
};
static const struct shape catalog_action[] = { ONE_OF("name", NEED,
						   "catalog_message"),
	OBJ("parameters", MAY, catalog_parameters), END_SHAPE };
static const struct shape call_action[] = {
	ONE_OF("name", NEED, "call_permission_request"), END_SHAPE
};
static const struct shape named_action[] = { ONE_OF("name", NEED,
						 "review_and_pay review_order"),
	PLAIN("parameters", OPEN, MAY), END_SHAPE };
static const struct shape free_shape[] = { END_SHAPE }; /* anything */
static const struct shape address_parameters[] = { STR("country", NEED, 2, 2),
	PLAIN("values", OPEN, MAY), PLAIN("validation_errors", OPEN, MAY),
	LIST("saved_addresses", MAY, 1, 100, free_shape), END_SHAPE };
static const struct shape address_action[] = { ONE_OF("name", NEED,
						   "address_message"),
	OBJ("parameters", NEED, address_parameters), END_SHAPE };
static const struct shape voice_parameters[] = {
	STR("display_text", MAY, 1, 20), PLAIN("ttl_minutes", INT, MAY),
	STR("payload", MAY, 1, 512), END_SHAPE
};
static const struct shape voice_action[] = { ONE_OF("name", NEED, "voice_call"),
	OBJ("parameters", MAY, voice_parameters), END_SHAPE };
static const struct shape contact_action[] = {
	ONE_OF("name", NEED, "request_contact_info"), END_SHAPE
};
static const struct shape interactive_shape[] = {
	{ "type", STRING, NEED, 1, 40, NULL, NULL },
	OBJ("header", MAY, header_shape), OBJ("body", MAY, body_shape),
	OBJ("footer", MAY, footer_shape), PLAIN("action", OPEN, NEED), END_SHAPE
};

static const struct shape language_shape[] = { STR("code", NEED, 2, 20),
	ONE_OF("policy", MAY, "deterministic"), END_SHAPE };
static const struct shape currency_shape[] = { STR("fallback_value", NEED, 1,
						   1024),
	STR("code", NEED, 3, 3), PLAIN("amount_1000", INT, NEED), END_SHAPE };
static const struct shape date_shape[] = { STR("fallback_value", NEED, 1, 1024),
	PLAIN("day_of_week", INT, MAY), PLAIN("year", INT, MAY),
	PLAIN("month", INT, MAY), PLAIN("day_of_month", INT, MAY),
	PLAIN("hour", INT, MAY), PLAIN("minute", INT, MAY),
	STR("calendar", MAY, 1, 40), END_SHAPE };
static const struct shape parameter_shape[] = {
	ONE_OF("type", NEED,
	    "text currency date_time image video document location payload "
	    "coupon_code action limited_time_offer product"),
	STR("parameter_name", MAY, 1, 512), STR("text", MAY, 1, 32768),
	OBJ("currency", MAY, currency_shape), OBJ("date_time", MAY, date_shape),
	OBJ("image", MAY, bare_media_shape),
	OBJ("video", MAY, bare_media_shape),
	OBJ("document", MAY, bare_media_shape),
	OBJ("location", MAY, location_shape), STR("payload", MAY, 1, 256),
	STR("coupon_code", MAY, 1, 20), PLAIN("action", OPEN, MAY),
	PLAIN("limited_time_offer", OPEN, MAY), PLAIN("product", OPEN, MAY),
	END_SHAPE
};
static const struct shape inner_component[] = { ONE_OF("type", NEED,
						    "header body button"),
	ONE_OF("sub_type", MAY, "quick_reply url"),
	{ "index", INDEX, MAY, 0, 9, NULL, NULL },
	LIST("parameters", NEED, 1, 100, parameter_shape), END_SHAPE };
static const struct shape card_shape[] = { { "card_index", INDEX, NEED, 0, 9,
					       NULL, NULL },
	LIST("components", NEED, 1, 10, inner_component), END_SHAPE };
static const struct shape component_shape[] = {
	ONE_OF("type", NEED,
	    "header body button carousel limited_time_offer order_status"),
	ONE_OF("sub_type", MAY,
	    "quick_reply url catalog copy_code flow mpm voice_call "
	    "order_details"),
	{ "index", INDEX, MAY, 0, 9, NULL, NULL },
	LIST("parameters", MAY, 1, 100, parameter_shape),
	LIST("cards", MAY, 1, 10, card_shape), END_SHAPE
};
static const struct shape template_shape[] = { STR("name", NEED, 1, 512),
	OBJ("language", NEED, language_shape),
	LIST("components", MAY, 0, 20, component_shape),
	STR("namespace", MAY, 1, 512), END_SHAPE };

static const struct shape context_shape[] = { STR("message_id", NEED, 1, 512),
	END_SHAPE };
static const struct shape message_shape[] = { ONE_OF("messaging_product", NEED,
						  "whatsapp"),
	ONE_OF("recipient_type", MAY, "individual group"),
	STR("to", MAY, 1, 128), STR("recipient", MAY, 1, 140),
	STR("type", MAY, 1, 40), OBJ("context", MAY, context_shape),
	STR("biz_opaque_callback_data", MAY, 0, 512),
	OBJ("text", MAY, text_shape), OBJ("image", MAY, image_shape),
	OBJ("audio", MAY, audio_shape), OBJ("video", MAY, image_shape),
	OBJ("document", MAY, document_shape),
	OBJ("sticker", MAY, sticker_shape),
	OBJ("location", MAY, location_shape),
	LIST("contacts", MAY, 1, 257, contact_shape),
	OBJ("reaction", MAY, reaction_shape),
	OBJ("interactive", MAY, interactive_shape),
	OBJ("template", MAY, template_shape), END_SHAPE };
static const struct shape typing_shape[] = { ONE_OF("type", NEED, "text"),
	END_SHAPE };
static const struct shape read_shape[] = { ONE_OF("messaging_product", NEED,
					       "whatsapp"),
	ONE_OF("status", NEED, "read"), STR("message_id", NEED, 1, 512),
	OBJ("typing_indicator", MAY, typing_shape), END_SHAPE };
static const struct shape user_shape[] = { STR("user", MAY, 1, 140),
	STR("user_id", MAY, 1, 140), END_SHAPE };
static const struct shape block_shape[] = { ONE_OF("messaging_product", NEED,
						"whatsapp"),
	LIST("block_users", NEED, 1, 1000, user_shape), END_SHAPE };

/* The interactive types, and what the others' tables cannot say of each. */
static const struct {
	const char *type;
	const struct shape *action;
	bool body, header; /* needs a body; may have a header */
} interactives[] = {
	{ "button", buttons_action, true, true },
	{ "list", list_action, true, true },
	{ "cta_url", url_action, true, true },
	{ "flow", flow_action, true, true },
	{ "location_request_message", location_action, true, false },
	{ "product", product_action, false, false },
	{ "product_list", products_action, true, true },
	{ "catalog_message", catalog_action, true, false },
	{ "call_permission_request", call_action, false, false },
	{ "address_message", address_action, true, true },
	{ "order_details", named_action, true, true },
	{ "order_status", named_action, true, true },
	{ "voice_call", voice_action, true, true },
	{ "request_contact_info", contact_action, true, false },
};
/* clang-format on */

/* What is being looked at, for details. */
struct check {
	char *details;
	char path[160];
};

static int bad(struct check *k, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
bad(struct check *k, int code, const char *fmt, ...)
{
	va_list args;
	size_t n = (size_t)snprintf(k->details, SIM_DETAILS, "%s%s", k->path,
	    *k->path != '\0' ? ": " : "");

	va_start(args, fmt);
	if (n < SIM_DETAILS)
		vsnprintf(k->details + n, SIM_DETAILS - n, fmt, args);
	va_end(args);
	return code;
}

static int check_object(struct check *k, const struct shape *shape,
    const json_t *o);

static bool
is_word(const char *words, const char *word)
{
	size_t len = strlen(word);
	const char *at = words;

	while (len > 0 && (at = strstr(at, word)) != NULL) {
		if ((at == words || at[-1] == ' ') &&
		    (at[len] == ' ' || at[len] == '\0'))
			return true;
		at += len;
	}
	return false;
}

static bool
is_number(const json_t *v)
{
	char *end;

	if (json_is_number(v))
		return true;
	if (!json_is_string(v) || json_string_length(v) == 0)
		return false;
	strtod(json_string_value(v), &end);
	return *end == '\0';
}

static bool
is_link(const char *text)
{
	if (!str_starts(text, "http://") && !str_starts(text, "https://"))
		return false;
	while (*text != '\0' && (unsigned char)*text > ' ' && *text != '\177')
		text++;
	return *text == '\0';
}

static int
check_string(struct check *k, const struct shape *s, const json_t *v)
{
	const char *text = json_string_value(v);
	size_t chars;

	if (text == NULL)
		return bad(k, SIM_PARAMETER, "must be a string");
	chars = utf8_length(text);
	if (s->type == CHOICE && !is_word(s->choices, text))
		return bad(k, SIM_VALUE, "must be one of: %s", s->choices);
	if (s->type == LINK && !is_link(text))
		return bad(k, SIM_VALUE, "must be an http or https URL");
	if (s->type == STRING &&
	    (chars < (size_t)s->min || chars > (size_t)s->max))
		return bad(k, SIM_VALUE, "%zu characters; %d to %d are allowed",
		    chars, s->min, s->max);
	return 0;
}

static int
check_array(struct check *k, const struct shape *s, const json_t *v)
{
	size_t i, n = json_array_size(v), len = strlen(k->path);
	json_t *item;
	int code;

	if (!json_is_array(v))
		return bad(k, SIM_PARAMETER, "must be an array");
	if (n < (size_t)s->min || n > (size_t)s->max)
		return bad(k, SIM_VALUE, "%zu items; %d to %d are allowed", n,
		    s->min, s->max);
	json_array_foreach((json_t *)v, i, item) {
		snprintf(k->path + len, sizeof k->path - len, "[%zu]", i);
		if (!json_is_object(item))
			return bad(k, SIM_PARAMETER, "must be an object");
		if ((code = check_object(k, s->of, item)) != 0)
			return code;
	}
	k->path[len] = '\0';
	return 0;
}

static int
check_value(struct check *k, const struct shape *s, const json_t *v)
{
	int64_t n;

	switch (s->type) {
	case STRING:
	case CHOICE:
	case LINK:
		return check_string(k, s, v);
	case BOOL:
		if (!json_is_boolean(v))
			return bad(k, SIM_PARAMETER, "must be a boolean");
		return 0;
	case INT:
		if (!json_is_integer(v))
			return bad(k, SIM_PARAMETER, "must be an integer");
		return 0;
	case INDEX:
		if (!json_is_integer(v) && !json_is_string(v))
			return bad(k, SIM_PARAMETER, "must be an index");
		if (json_is_string(v) &&
		    str_int(json_string_value(v), 0, s->max, &n) < 0)
			return bad(k, SIM_VALUE, "must be 0 to %d", s->max);
		if (json_is_integer(v) &&
		    (json_integer_value(v) < 0 ||
			json_integer_value(v) > s->max))
			return bad(k, SIM_VALUE, "must be 0 to %d", s->max);
		return 0;
	case NUMBER:
		if (!is_number(v))
			return bad(k, SIM_PARAMETER, "must be a number");
		return 0;
	case OBJECT:
		if (!json_is_object(v))
			return bad(k, SIM_PARAMETER, "must be an object");
		return check_object(k, s->of, v);
	case OPEN:
		if (!json_is_object(v))
			return bad(k, SIM_PARAMETER, "must be an object");
		return 0;
	case ARRAY:
		return check_array(k, s, v);
	default:
		return 0;
	}
}

static int
check_object(struct check *k, const struct shape *shape, const json_t *o)
{
	const char *key;
	const struct shape *s;
	size_t len = strlen(k->path);
	json_t *v;
	int code;

	if (shape == free_shape)
		return 0;
	json_object_foreach((json_t *)o, key, v) {
		for (s = shape; s->key != NULL; s++)
			if (strcmp(s->key, key) == 0)
				break;
		if (s->key == NULL)
			return bad(k, SIM_PARAMETER,
			    "unexpected member '%.40s'", key);
	}
	for (s = shape; s->key != NULL; s++) {
		v = json_object_get(o, s->key);
		if (v == NULL && s->need)
			return bad(k, SIM_MISSING, "'%s' is required", s->key);
		if (v == NULL)
			continue;
		snprintf(k->path + len, sizeof k->path - len, "%s%s",
		    len > 0 ? "." : "", s->key);
		if ((code = check_value(k, s, v)) != 0)
			return code;
		k->path[len] = '\0';
	}
	return 0;
}

/* Either id or link, not both. */
static int
check_media(struct check *k, const json_t *o, const char *what)
{
	bool id = json_object_get(o, "id") != NULL;
	bool link = json_object_get(o, "link") != NULL;

	snprintf(k->path, sizeof k->path, "%s", what);
	if (!id && !link)
		return bad(k, SIM_MISSING, "'id' or 'link' is required");
	if (id && link)
		return bad(k, SIM_PARAMETER, "either 'id' or 'link'");
	return 0;
}

/* No two items of a list have the same text at path; no blanks around ids. */
static int
check_unique(struct check *k, const json_t *list, const char *path)
{
	size_t i, j;
	json_t *a, *b;

	json_array_foreach((json_t *)list, i, a) {
		const char *text = json_str_or(a, path, "");
		size_t len = strlen(text);

		if (str_ends(path, "id") && len > 0 &&
		    (text[0] == ' ' || text[len - 1] == ' '))
			return bad(k, SIM_VALUE, "'%s' has blanks around it",
			    path);
		json_array_foreach((json_t *)list, j, b)
			if (j < i &&
			    strcmp(json_str_or(b, path, ""), text) == 0)
				return bad(k, SIM_VALUE,
				    "'%s' must differ from item to item", path);
	}
	return 0;
}

static int
check_sections(struct check *k, const json_t *sections, const char *items,
    size_t most)
{
	json_t *all = json_array(), *section;
	size_t i;
	int code = 0;

	json_array_foreach((json_t *)sections, i, section) {
		json_array_extend(all, json_object_get(section, items));
		if (code == 0 && json_array_size(sections) > 1 &&
		    json_str(section, "title") == NULL)
			code = bad(k, SIM_MISSING,
			    "'title' is required with several sections");
	}
	if (code == 0 && json_array_size(all) > most)
		code = bad(k, SIM_VALUE, "%zu %s in all; %zu are allowed",
		    json_array_size(all), items, most);
	if (code == 0 && strcmp(items, "rows") == 0)
		code = check_unique(k, all, "id");
	json_decref(all);
	return code;
}

static int
check_header(struct check *k, const json_t *i, const char *type)
{
	static const char *const contents[] = { "text", "image", "video",
		"document" };
	const json_t *h = json_object_get(i, "header");
	const char *kind = json_str_or(h, "type", "");
	size_t n;
	bool text_only =
	    strcmp(type, "list") == 0 || strcmp(type, "product_list") == 0;

	snprintf(k->path, sizeof k->path, "interactive.header");
	if (h == NULL)
		return strcmp(type, "product_list") == 0 ?
		    bad(k, SIM_MISSING, "is required") :
		    0;
	if (text_only && strcmp(kind, "text") != 0)
		return bad(k, SIM_VALUE, "must be a text here");
	if (json_object_get(h, kind) == NULL)
		return bad(k, SIM_MISSING, "'%s' is required", kind);
	for (n = 0; n < sizeof contents / sizeof *contents; n++)
		if (strcmp(contents[n], kind) != 0 &&
		    json_object_get(h, contents[n]) != NULL)
			return bad(k, SIM_PARAMETER,
			    "'%s' in a header of type %s", contents[n], kind);
	if (strcmp(kind, "text") == 0)
		return 0;
	return check_media(k, json_object_get(h, kind), "interactive.header");
}

/* A payload goes with navigate, and has data or no member of that name. */
static int
check_flow(struct check *k, const json_t *parameters)
{
	const json_t *payload =
			 json_object_get(parameters, "flow_action_payload"),
		     *data = json_object_get(payload, "data");

	if (payload != NULL &&
	    strcmp(json_str_or(parameters, "flow_action", ""),
		"data_exchange") == 0)
		return bad(k, SIM_PARAMETER,
		    "no flow_action_payload with data_exchange");
	if (data != NULL && json_object_size(data) == 0)
		return bad(k, SIM_VALUE,
		    "flow_action_payload.data must not be empty");
	return 0;
}

static int
check_interactive(struct check *k, const json_t *i)
{
	const char *type = json_str_or(i, "type", "");
	const json_t *action = json_object_get(i, "action");
	size_t n;
	int code;

	for (n = 0; n < sizeof interactives / sizeof *interactives; n++)
		if (strcmp(interactives[n].type, type) == 0)
			break;
	if (n == sizeof interactives / sizeof *interactives)
		return bad(k, SIM_VALUE, "interactive.type is not known");
	snprintf(k->path, sizeof k->path, "interactive.action");
	if ((code = check_object(k, interactives[n].action, action)) != 0)
		return code;
	if (strcmp(type, "button") == 0) {
		const json_t *b = json_object_get(action, "buttons");

		if ((code = check_unique(k, b, "reply/id")) != 0 ||
		    (code = check_unique(k, b, "reply/title")) != 0)
			return code;
	}
	if (strcmp(type, "list") == 0)
		code = check_sections(k, json_object_get(action, "sections"),
		    "rows", 10);
	if (strcmp(type, "product_list") == 0)
		code = check_sections(k, json_object_get(action, "sections"),
		    "product_items", 30);
	if (code != 0)
		return code;
	if (strcmp(type, "flow") == 0 &&
	    (json_at(action, "parameters/flow_id") == NULL) ==
		(json_at(action, "parameters/flow_name") == NULL))
		return bad(k, SIM_PARAMETER, "either flow_id or flow_name");
	if (strcmp(type, "flow") == 0 &&
	    (code = check_flow(k, json_object_get(action, "parameters"))) != 0)
		return code;
	snprintf(k->path, sizeof k->path, "interactive");
	if (interactives[n].body && json_object_get(i, "body") == NULL)
		return bad(k, SIM_MISSING, "'body' is required");
	if (!interactives[n].header && json_object_get(i, "header") != NULL)
		return bad(k, SIM_PARAMETER, "no header with this type");
	return check_header(k, i, type);
}

/* Each parameter has the member its type names. */
static int
check_parameters(struct check *k, const json_t *component)
{
	static const char *const media[] = { "image", "video", "document",
		NULL };
	size_t i;
	json_t *p;
	int code;

	json_array_foreach(json_object_get(component, "parameters"), i, p) {
		const char *type = json_str_or(p, "type", ""), *text;

		snprintf(k->path, sizeof k->path,
		    "template.components.parameters[%zu]", i);
		if (json_object_get(p, type) == NULL)
			return bad(k, SIM_MISSING, "'%s' is required", type);
		if (str_in(type, media) &&
		    (code = check_media(k, json_object_get(p, type),
			 k->path)) != 0)
			return code;
		text = json_str(p, "text");
		if (text != NULL &&
		    (strpbrk(text, "\t\r\n") != NULL ||
			strstr(text, "     ") != NULL))
			return bad(k, SIM_TEMPLATE_FORMAT,
			    "new line, tab or more than 4 spaces in a row");
	}
	return 0;
}

/* The buttons whose parameters are of one kind, which they need. */
static int
check_button(struct check *k, const json_t *c)
{
	const char *sub_type = json_str_or(c, "sub_type", ""), *kind;
	const json_t *list = json_object_get(c, "parameters");
	json_t *p;
	size_t i;

	kind = strcmp(sub_type, "url") == 0	 ? "text" :
	    strcmp(sub_type, "quick_reply") == 0 ? "payload" :
						   NULL;
	if (kind == NULL)
		return 0;
	if (list == NULL)
		return bad(k, SIM_MISSING, "'parameters' is required");
	json_array_foreach((json_t *)list, i, p)
		if (strcmp(json_str_or(p, "type", ""), kind) != 0)
			return bad(k, SIM_VALUE,
			    "a parameter of a %s button is of type %s",
			    sub_type, kind);
	return 0;
}

static int
check_template(struct check *k, const json_t *t)
{
	size_t i;
	json_t *c;
	int code;

	json_array_foreach(json_object_get(t, "components"), i, c) {
		const char *type = json_str_or(c, "type", "");
		bool button = strcmp(type, "button") == 0;

		snprintf(k->path, sizeof k->path, "template.components[%zu]",
		    i);
		if (button && json_object_get(c, "sub_type") == NULL)
			return bad(k, SIM_MISSING, "'sub_type' is required");
		if (button && json_object_get(c, "index") == NULL)
			return bad(k, SIM_MISSING, "'index' is required");
		if (button && (code = check_button(k, c)) != 0)
			return code;
		if (!button &&
		    (json_object_get(c, "sub_type") != NULL ||
			json_object_get(c, "index") != NULL))
			return bad(k, SIM_PARAMETER,
			    "sub_type and index are of buttons");
		if ((strcmp(type, "carousel") == 0) !=
		    (json_object_get(c, "cards") != NULL))
			return bad(k, SIM_MISSING, "'cards' of a carousel");
		if ((code = check_parameters(k, c)) != 0)
			return code;
	}
	return 0;
}

/* Digits, and what people put between them. */
static int
check_phone(struct check *k, const char *to, bool strict)
{
	size_t digits = 0;

	for (const char *p = to; *p != '\0'; p++) {
		if (*p >= '0' && *p <= '9')
			digits++;
		else if (strchr(" -().", *p) == NULL && (*p != '+' || p != to))
			return bad(k, SIM_VALUE, "'to' is no phone number");
	}
	if (digits < (strict ? 7 : 5) || digits > 20)
		return bad(k, SIM_VALUE, "'to' is no phone number");
	return 0;
}

/* Groups take text, media, and templates of these. */
static int
check_group(struct check *k, const json_t *m)
{
	static const char *const kinds[] = { "text", "image", "audio", "video",
		"document", "sticker", "template", NULL };
	size_t i;
	json_t *c;

	if (!str_in(json_str_or(m, "type", "text"), kinds))
		return bad(k, SIM_KIND, "not in a group");
	json_array_foreach(json_at(m, "template/components"), i, c)
		if (strcmp(json_str_or(c, "type", ""), "header") != 0 &&
		    strcmp(json_str_or(c, "type", ""), "body") != 0)
			return bad(k, SIM_KIND, "not in a group");
	return 0;
}

static int
check_recipient(struct check *k, const json_t *m, bool strict)
{
	const char *to = json_str(m, "to"), *user = json_str(m, "recipient");

	if (to == NULL && user == NULL)
		return bad(k, SIM_MISSING, "'to' or 'recipient' is required");
	if (strcmp(json_str_or(m, "recipient_type", ""), "group") == 0)
		return check_group(k, m);
	if (to != NULL)
		return check_phone(k, to, strict);
	if (!sim_is_bsuid(user))
		return bad(k, SIM_VALUE,
		    "'recipient' is no business-scoped user id");
	return 0;
}

/* What only some kinds have to hold. */
static int
check_kind(struct check *k, const json_t *m, const char *type)
{
	static const char *const media[] = { "image", "audio", "video",
		"document", "sticker", NULL };
	const json_t *part = json_object_get(m, type), *c;
	double x;
	size_t i;

	if (strcmp(type, "text") == 0) {
		const char *body = json_str_or(part, "body", "");

		if (body[strspn(body, " \t\r\n")] == '\0')
			return bad(k, SIM_MISSING, "text.body: only blanks");
	}
	if (str_in(type, media))
		return check_media(k, part, type);
	if (strcmp(type, "interactive") == 0)
		return check_interactive(k, part);
	if (strcmp(type, "template") == 0)
		return check_template(k, part);
	if (strcmp(type, "location") == 0)
		for (i = 0; i < 2; i++) {
			c = json_object_get(part, i ? "longitude" : "latitude");
			x = json_is_string(c) ?
			    strtod(json_string_value(c), NULL) :
			    json_number_value(c);
			if (x < (i ? -180 : -90) || x > (i ? 180 : 90))
				return bad(k, SIM_VALUE,
				    "location: not on this planet");
		}
	if (strcmp(type, "contacts") == 0) {
		json_t *one;

		json_array_foreach((json_t *)part, i, one)
			if (json_object_size(json_object_get(one, "name")) < 2)
				return bad(k, SIM_MISSING,
				    "contacts[%zu].name: another part of the "
				    "name is required",
				    i);
	}
	return 0;
}

int
sim_check_message(const json_t *m, bool strict, char details[SIM_DETAILS])
{
	static const char *const kinds[] = { "text", "image", "audio", "video",
		"document", "sticker", "location", "contacts", "reaction",
		"interactive", "template", NULL };
	struct check k = { .details = details };
	const char *type = json_str_or(m, "type", "text");
	const json_t *given = json_object_get(m, "type");
	int code;

	if (json_is_string(given) && !str_in(type, kinds))
		return bad(&k, SIM_KIND, "type '%.40s' is not known", type);
	if ((code = check_object(&k, message_shape, m)) != 0)
		return code;
	k.path[0] = '\0';
	if ((code = check_recipient(&k, m, strict)) != 0)
		return code;
	for (size_t i = 0; kinds[i] != NULL; i++)
		if (strcmp(kinds[i], type) != 0 &&
		    json_object_get(m, kinds[i]) != NULL)
			return bad(&k, SIM_PARAMETER,
			    "'%s' in a message of type %s", kinds[i], type);
	if (json_object_get(m, type) == NULL)
		return bad(&k, SIM_MISSING, "'%s' is required", type);
	return check_kind(&k, m, type);
}

int
sim_check_read(const json_t *m, char details[SIM_DETAILS])
{
	struct check k = { .details = details };

	return check_object(&k, read_shape, m);
}

int
sim_check_block(const json_t *m, char details[SIM_DETAILS])
{
	struct check k = { .details = details };

	return check_object(&k, block_shape, m);
}
