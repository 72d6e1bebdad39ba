/* limits - what the objects of an outgoing message may hold, field by field */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "wa/limits.h"

#define FIELD_MAX_BYTES 256

#define TEXT(field, min, max, source)                                  \
	{                                                              \
		field, LIMIT_TEXT, false, min, max, NULL, NULL, source \
	}
#define NEED_TEXT(field, min, max, source)                            \
	{                                                             \
		field, LIMIT_TEXT, true, min, max, NULL, NULL, source \
	}
#define WORD(field, words, source)                                  \
	{                                                           \
		field, LIMIT_WORD, false, 0, 0, words, NULL, source \
	}
#define NEED_WORD(field, words, source)                            \
	{                                                          \
		field, LIMIT_WORD, true, 0, 0, words, NULL, source \
	}
#define LIST(field, min, max, source)                                  \
	{                                                              \
		field, LIMIT_LIST, false, min, max, NULL, NULL, source \
	}
#define NEED_LIST(field, min, max, source)                            \
	{                                                             \
		field, LIMIT_LIST, true, min, max, NULL, NULL, source \
	}
#define OBJECT(field, source)                                        \
	{                                                            \
		field, LIMIT_OBJECT, false, 0, 0, NULL, NULL, source \
	}
#define NEED_OBJECT(field, source)                                  \
	{                                                           \
		field, LIMIT_OBJECT, true, 0, 0, NULL, NULL, source \
	}
#define LIKE(field, other, source)                                    \
	{                                                             \
		field, LIMIT_OBJECT, false, 0, 0, NULL, other, source \
	}
#define FREE(field, source)                                        \
	{                                                          \
		field, LIMIT_FREE, false, 0, 0, NULL, NULL, source \
	}
#define BOOL(field, source)                                        \
	{                                                          \
		field, LIMIT_BOOL, false, 0, 0, NULL, NULL, source \
	}
#define INT(field, source)                                        \
	{                                                         \
		field, LIMIT_INT, false, 0, 0, NULL, NULL, source \
	}
#define NEED_DECIMAL(field, most, source)                                     \
	{                                                                     \
		field, LIMIT_DECIMAL, true, -(most), most, NULL, NULL, source \
	}

const struct limit limit_table[] = {
	OBJECT("text", "META TextMessage"),
	NEED_TEXT("text.body", 1, LIMIT_TEXT_CHARS, "DOCS, PEERS"),
	BOOL("text.preview_url", "META TextMessage"),

	/* A medium is an uploaded one (id) or an address (link). */
	OBJECT("media", "META MediaObject"),
	TEXT("media.id", 1, 0, "META MediaObject"),
	TEXT("media.link", 8, 2048, "META MediaObject"),
	OBJECT("captioned", "META MediaObject"),
	TEXT("captioned.id", 1, 0, "META MediaObject"),
	TEXT("captioned.link", 8, 2048, "META MediaObject"),
	TEXT("captioned.caption", 0, LIMIT_BODY_CHARS, "META MediaObject"),
	LIKE("image", "captioned", "META ImageMessage"),
	LIKE("video", "captioned", "META VideoMessage"),
	OBJECT("document", "META DocumentMessage"),
	TEXT("document.id", 1, 0, "META MediaObject"),
	TEXT("document.link", 8, 2048, "META MediaObject"),
	TEXT("document.caption", 0, LIMIT_BODY_CHARS, "META MediaObject"),
	TEXT("document.filename", 1, 240, "META example; DOCS"),
	OBJECT("audio", "META AudioMessage"),
	TEXT("audio.id", 1, 0, "META MediaObject"),
	TEXT("audio.link", 8, 2048, "META MediaObject"),
	BOOL("audio.voice", "DOCS, PEERS"),
	LIKE("sticker", "media", "META StickerMessage"),

	OBJECT("location", "META LocationMessage"),
	NEED_DECIMAL("location.latitude", 90, "META LocationMessage"),
	NEED_DECIMAL("location.longitude", 180, "META LocationMessage"),
	TEXT("location.name", 0, 1000, "META LocationMessage"),
	TEXT("location.address", 0, 1000, "META LocationMessage"),

	OBJECT("reaction", "META ReactionMessage"),
	NEED_TEXT("reaction.message_id", 1, 0, "META ReactionMessage"),
	/* Empty: it is taken off. */
	NEED_TEXT("reaction.emoji", 0, 32, "META ReactionMessage"),

	LIST("contacts", 1, LIMIT_CONTACTS, "DOCS"),
	OBJECT("contacts[]", "META ContactObject"),
	LIST("contacts[].addresses", 0, 0, "META ContactObject"),
	OBJECT("contacts[].addresses[]", "META AddressObject"),
	TEXT("contacts[].addresses[].city", 0, 0, "META AddressObject"),
	TEXT("contacts[].addresses[].country", 0, 0, "META AddressObject"),
	TEXT("contacts[].addresses[].country_code", 0, 0, "META AddressObject"),
	TEXT("contacts[].addresses[].state", 0, 0, "META AddressObject"),
	TEXT("contacts[].addresses[].street", 0, 0, "META AddressObject"),
	TEXT("contacts[].addresses[].type", 0, 0, "DOCS"),
	TEXT("contacts[].addresses[].zip", 0, 0, "META AddressObject"),
	TEXT("contacts[].birthday", 10, 10, "META ContactObject"),
	LIST("contacts[].emails", 0, 0, "META ContactObject"),
	OBJECT("contacts[].emails[]", "META EmailObject"),
	NEED_TEXT("contacts[].emails[].email", 3, 0, "META EmailObject"),
	TEXT("contacts[].emails[].type", 0, 0, "DOCS"),
	NEED_OBJECT("contacts[].name", "META ContactObject; DOCS"),
	NEED_TEXT("contacts[].name.formatted_name", 1, 0, "DOCS"),
	TEXT("contacts[].name.first_name", 0, 0, "META NameObject"),
	TEXT("contacts[].name.last_name", 0, 0, "META NameObject"),
	TEXT("contacts[].name.middle_name", 0, 0, "META NameObject"),
	TEXT("contacts[].name.prefix", 0, 0, "META NameObject"),
	TEXT("contacts[].name.suffix", 0, 0, "META NameObject"),
	OBJECT("contacts[].org", "META OrganizationObject"),
	TEXT("contacts[].org.company", 0, 0, "META OrganizationObject"),
	TEXT("contacts[].org.department", 0, 0, "META OrganizationObject"),
	TEXT("contacts[].org.title", 0, 0, "META OrganizationObject"),
	LIST("contacts[].phones", 0, 0, "META ContactObject"),
	OBJECT("contacts[].phones[]", "META PhoneObject"),
	NEED_TEXT("contacts[].phones[].phone", 1, 0, "META PhoneObject"),
	TEXT("contacts[].phones[].type", 0, 0, "DOCS"),
	TEXT("contacts[].phones[].wa_id", 0, 0, "META PhoneObject"),
	LIST("contacts[].urls", 0, 0, "META ContactObject"),
	OBJECT("contacts[].urls[]", "META UrlObject"),
	NEED_TEXT("contacts[].urls[].url", 1, 0, "META UrlObject"),
	TEXT("contacts[].urls[].type", 0, 0, "DOCS"),

	OBJECT("interactive", "META InteractiveObject"),
	NEED_WORD("interactive.type",
	    "button list flow product product_list catalog_message"
	    " call_permission_request cta_url location_request_message"
	    " address_message voice_call request_contact_info",
	    "META InteractiveObject; DOCS"),
	OBJECT("interactive.header", "META HeaderObject"),
	NEED_WORD("interactive.header.type", "text image video document",
	    "META HeaderObject"),
	TEXT("interactive.header.text", 1, 60, "META HeaderObject"),
	TEXT("interactive.header.sub_text", 0, 60, "META HeaderObject"),
	LIKE("interactive.header.image", "media", "META HeaderObject"),
	LIKE("interactive.header.video", "media", "META HeaderObject"),
	OBJECT("interactive.header.document", "META HeaderObject"),
	TEXT("interactive.header.document.id", 1, 0, "META MediaObject"),
	TEXT("interactive.header.document.link", 8, 2048, "META MediaObject"),
	TEXT("interactive.header.document.filename", 1, 240, "DOCS"),
	OBJECT("interactive.body", "META BodyObject"),
	NEED_TEXT("interactive.body.text", 1, LIMIT_BODY_CHARS,
	    "META BodyObject"),
	OBJECT("interactive.footer", "META FooterObject"),
	NEED_TEXT("interactive.footer.text", 1, 60, "META FooterObject"),
	NEED_OBJECT("interactive.action", "META ActionObject"),
	TEXT("interactive.action.button", 1, 20, "META ActionObject"),
	LIST("interactive.action.buttons", 1, LIMIT_BUTTONS,
	    "META ActionObject"),
	OBJECT("interactive.action.buttons[]", "META ActionObject"),
	NEED_WORD("interactive.action.buttons[].type", "reply",
	    "META ActionObject"),
	NEED_OBJECT("interactive.action.buttons[].reply", "META ActionObject"),
	NEED_TEXT("interactive.action.buttons[].reply.id", 1, 256,
	    "META ActionObject"),
	NEED_TEXT("interactive.action.buttons[].reply.title", 1,
	    LIMIT_BUTTON_CHARS, "META ActionObject"),
	LIST("interactive.action.sections", 1, 10, "META ActionObject"),
	OBJECT("interactive.action.sections[]", "META SectionObject"),
	TEXT("interactive.action.sections[].title", 0, 24,
	    "META SectionObject"),
	LIST("interactive.action.sections[].product_items", 1, 30,
	    "META SectionObject"),
	OBJECT("interactive.action.sections[].product_items[]",
	    "META SectionObject"),
	NEED_TEXT("interactive.action.sections[].product_items[]"
		  ".product_retailer_id",
	    1, 0, "META SectionObject"),
	LIST("interactive.action.sections[].rows", 1, LIMIT_ROWS,
	    "META SectionObject"),
	OBJECT("interactive.action.sections[].rows[]", "META SectionObject"),
	NEED_TEXT("interactive.action.sections[].rows[].id", 1,
	    LIMIT_ROW_ID_CHARS, "META SectionObject"),
	NEED_TEXT("interactive.action.sections[].rows[].title", 1,
	    LIMIT_ROW_CHARS, "META SectionObject"),
	TEXT("interactive.action.sections[].rows[].description", 0, 72,
	    "META SectionObject"),
	TEXT("interactive.action.catalog_id", 1, 0, "META ActionObject"),
	TEXT("interactive.action.product_retailer_id", 1, 0,
	    "META ActionObject"),
	WORD("interactive.action.name",
	    "flow catalog_message call_permission_request cta_url"
	    " send_location address_message voice_call request_contact_info",
	    "META ActionObject; DOCS"),
	OBJECT("interactive.action.parameters", "META ActionObject"),
	TEXT("interactive.action.parameters.thumbnail_product_retailer_id", 1,
	    0, "META ActionObject"),
	WORD("interactive.action.parameters.flow_message_version", "3",
	    "META ActionObject"),
	TEXT("interactive.action.parameters.flow_id", 1, 0,
	    "META ActionObject"),
	TEXT("interactive.action.parameters.flow_name", 1, 0,
	    "META ActionObject"),
	TEXT("interactive.action.parameters.flow_cta", 1, 30,
	    "META ActionObject"),
	WORD("interactive.action.parameters.mode", "draft published",
	    "META ActionObject"),
	TEXT("interactive.action.parameters.flow_token", 1, 0,
	    "META ActionObject"),
	WORD("interactive.action.parameters.flow_action",
	    "navigate data_exchange", "META ActionObject"),
	OBJECT("interactive.action.parameters.flow_action_payload",
	    "META ActionObject"),
	TEXT("interactive.action.parameters.flow_action_payload.screen", 1, 0,
	    "META ActionObject"),
	FREE("interactive.action.parameters.flow_action_payload.data",
	    "META ActionObject"),
	TEXT("interactive.action.parameters.display_text", 1,
	    LIMIT_BUTTON_CHARS, "DOCS, PEERS"),
	TEXT("interactive.action.parameters.url", 8, 2000, "DOCS, PEERS"),
	TEXT("interactive.action.parameters.country", 2, 2, "DOCS"),
	FREE("interactive.action.parameters.values", "DOCS"),
	FREE("interactive.action.parameters.validation_errors", "DOCS"),
	LIST("interactive.action.parameters.saved_addresses", 1, 0, "DOCS"),
	FREE("interactive.action.parameters.saved_addresses[]", "DOCS"),
	INT("interactive.action.parameters.ttl_minutes", "DOCS"),
	TEXT("interactive.action.parameters.payload", 1, 512, "DOCS"),

	OBJECT("template", "META TemplateObject"),
	NEED_TEXT("template.name", 1, 512, "PEERS"),
	NEED_OBJECT("template.language", "META TemplateObject"),
	NEED_TEXT("template.language.code", 2, 15, "META TemplateObject"),
	WORD("template.language.policy", "deterministic",
	    "META TemplateObject"),
	LIST("template.components", 0, 0, "META TemplateObject"),
	OBJECT("template.components[]", "META TemplateComponent"),
	NEED_WORD("template.components[].type",
	    "header body button carousel limited_time_offer order_status",
	    "META TemplateComponent; DOCS"),
	WORD("template.components[].sub_type",
	    "quick_reply url catalog copy_code flow mpm voice_call"
	    " order_details",
	    "META ButtonComponent and examples; DOCS"),
	TEXT("template.components[].index", 1, 1, "META ButtonComponent"),
	LIST("template.components[].parameters", 1, 0, "META"),
	OBJECT("template.components[].parameters[]", "META ParameterObject"),
	NEED_WORD("template.components[].parameters[].type",
	    "text currency date_time image video document location payload"
	    " coupon_code action limited_time_offer product ttl_minutes",
	    "META ParameterObject and examples; DOCS"),
	TEXT("template.components[].parameters[].text", 1, 32768,
	    "META TextParameter"),
	TEXT("template.components[].parameters[].parameter_name", 1, 0,
	    "DOCS, PEERS"),
	OBJECT("template.components[].parameters[].currency",
	    "META CurrencyObject"),
	NEED_TEXT("template.components[].parameters[].currency.fallback_value",
	    1, 0, "META CurrencyObject"),
	NEED_TEXT("template.components[].parameters[].currency.code", 3, 3,
	    "META CurrencyObject"),
	INT("template.components[].parameters[].currency.amount_1000",
	    "META CurrencyObject"),
	OBJECT("template.components[].parameters[].date_time",
	    "META DateTimeObject"),
	NEED_TEXT("template.components[].parameters[].date_time"
		  ".fallback_value",
	    1, 0, "META DateTimeObject"),
	INT("template.components[].parameters[].date_time.day_of_week", "DOCS"),
	INT("template.components[].parameters[].date_time.year", "DOCS"),
	INT("template.components[].parameters[].date_time.month", "DOCS"),
	INT("template.components[].parameters[].date_time.day_of_month",
	    "DOCS"),
	INT("template.components[].parameters[].date_time.hour", "DOCS"),
	INT("template.components[].parameters[].date_time.minute", "DOCS"),
	TEXT("template.components[].parameters[].date_time.calendar", 1, 40,
	    "DOCS"),
	LIKE("template.components[].parameters[].image", "media",
	    "META ImageParameter"),
	LIKE("template.components[].parameters[].video", "media",
	    "META VideoParameter"),
	OBJECT("template.components[].parameters[].document",
	    "META DocumentParameter"),
	TEXT("template.components[].parameters[].document.id", 1, 0,
	    "META MediaObject"),
	TEXT("template.components[].parameters[].document.link", 8, 2048,
	    "META MediaObject"),
	TEXT("template.components[].parameters[].document.filename", 1, 240,
	    "DOCS"),
	LIKE("template.components[].parameters[].location", "location", "DOCS"),
	TEXT("template.components[].parameters[].payload", 1, 256,
	    "META ButtonPayloadParameter; PEERS"),
	TEXT("template.components[].parameters[].coupon_code", 1, 15, "DOCS"),
	OBJECT("template.components[].parameters[].action", "META examples"),
	TEXT("template.components[].parameters[].action"
	     ".thumbnail_product_retailer_id",
	    1, 0, "META examples"),
	TEXT("template.components[].parameters[].action.flow_token", 1, 0,
	    "META examples"),
	FREE("template.components[].parameters[].action.flow_action_data",
	    "META examples"),
	FREE("template.components[].parameters[].action.order_details", "DOCS"),
	LIST("template.components[].parameters[].action.sections", 1, 10,
	    "DOCS"),
	LIKE("template.components[].parameters[].action.sections[]",
	    "interactive.action.sections[]", "DOCS"),
	OBJECT("template.components[].parameters[].limited_time_offer", "DOCS"),
	INT("template.components[].parameters[].limited_time_offer"
	    ".expiration_time_ms",
	    "DOCS"),
	OBJECT("template.components[].parameters[].product", "DOCS"),
	TEXT("template.components[].parameters[].product.catalog_id", 1, 0,
	    "DOCS"),
	TEXT("template.components[].parameters[].product.product_retailer_id",
	    1, 0, "DOCS"),
	INT("template.components[].parameters[].ttl_minutes", "DOCS"),
	LIST("template.components[].cards", 1, 10, "DOCS"),
	OBJECT("template.components[].cards[]", "DOCS"),
	INT("template.components[].cards[].card_index", "DOCS"),
	LIST("template.components[].cards[].components", 1, 0, "DOCS"),
	LIKE("template.components[].cards[].components[]",
	    "template.components[]", "DOCS"),
};
const size_t limit_count = sizeof(limit_table) / sizeof(limit_table[0]);

const struct limit *
limit_find(const char *field)
{
	for (size_t i = 0; i < limit_count; i++)
		if (strcmp(limit_table[i].field, field) == 0)
			return &limit_table[i];
	return NULL;
}

/* The number a decimal string stands for; false if it is none. */
static bool
decimal(const char *text, double *ret)
{
	char *end;

	if (*text == '\0' || strspn(text, "+-.0123456789") != strlen(text))
		return false;
	*ret = strtod(text, &end);
	return *end == '\0';
}

static int
check_text(const char *where, const struct limit *l, const char *text)
{
	size_t n = utf8_length(text);

	if (l->min == l->max && l->max > 0 && n != (size_t)l->max)
		return err_set(ERR_DATA, "%s: %zu characters, not %d", where, n,
		    l->max);
	if (n == 0 && l->min > 0)
		return err_set(ERR_DATA, "%s: is empty", where);
	if (n < (size_t)l->min)
		return err_set(ERR_DATA, "%s: %zu characters, the least is %d",
		    where, n, l->min);
	if (l->max > 0 && n > (size_t)l->max)
		return err_set(ERR_DATA, "%s: %zu characters, the most is %d",
		    where, n, l->max);
	return 0;
}

static bool
is_word(const char *words, const char *text)
{
	size_t len = strlen(text), n;

	for (; *words != '\0'; words += n) {
		words += strspn(words, " ");
		n = strcspn(words, " ");
		if (n == len && memcmp(words, text, n) == 0)
			return true;
	}
	return false;
}

static int check(const char *where, const struct limit *l, const json_t *value,
    int depth);

/* Is the row a field of the object rule, and none further inside? */
static const char *
field_of(const struct limit *l, const char *rule, size_t len)
{
	if (strncmp(l->field, rule, len) != 0 || l->field[len] != '.' ||
	    strpbrk(l->field + len + 1, ".[") != NULL)
		return NULL;
	return l->field + len + 1;
}

static int
check_object(const char *where, const struct limit *l, const json_t *value,
    int depth)
{
	const char *rule = l->like != NULL ? l->like : l->field, *key, *name;
	const struct limit *field;
	char path[FIELD_MAX_BYTES], row[FIELD_MAX_BYTES];
	size_t len = strlen(rule);
	json_t *part;
	int code = 0;

	json_object_foreach((json_t *)value, key, part) {
		/* A name that is none may hold anything: it is not told. */
		snprintf(row, sizeof(row), "%s.%.63s", rule, key);
		field = limit_find(row);
		if (field == NULL)
			return err_set(ERR_DATA,
			    "%s: has a field the Cloud API does not know",
			    where);
		snprintf(path, sizeof(path), "%s.%s", where, key);
		if (code == 0)
			code = check(path, field, part, depth + 1);
		if (code < 0)
			return code;
	}
	for (size_t i = 0; i < limit_count; i++) {
		name = field_of(&limit_table[i], rule, len);
		if (name != NULL && limit_table[i].needed &&
		    json_object_get(value, name) == NULL)
			return err_set(ERR_DATA, "%s.%s: is missing", where,
			    name);
	}
	return 0;
}

static int
check_list(const char *where, const struct limit *l, const json_t *value,
    int depth)
{
	size_t n = json_array_size(value), i;
	char path[FIELD_MAX_BYTES], row[FIELD_MAX_BYTES];
	const struct limit *entry;
	int code = 0;

	if (n < (size_t)l->min)
		return err_set(ERR_DATA, "%s: %zu entries, the least is %d",
		    where, n, l->min);
	if (l->max > 0 && n > (size_t)l->max)
		return err_set(ERR_DATA, "%s: %zu entries, the most is %d",
		    where, n, l->max);
	snprintf(row, sizeof(row), "%s[]", l->field);
	entry = limit_find(row);
	for (i = 0; i < n && code == 0 && entry != NULL; i++) {
		snprintf(path, sizeof(path), "%.200s[%zu]", where, i);
		code = check(path, entry, json_array_get(value, i), depth + 1);
	}
	return code;
}

static int
check(const char *where, const struct limit *l, const json_t *value, int depth)
{
	double number;

	if (depth > JSON_DEPTH_MAX)
		return err_set(ERR_DATA, "%s: too deep", where);
	switch (l->type) {
	case LIMIT_TEXT:
		if (!json_is_string(value))
			return err_set(ERR_DATA, "%s: is not a string", where);
		return check_text(where, l, json_string_value(value));
	case LIMIT_WORD:
		if (!json_is_string(value) ||
		    !is_word(l->words, json_string_value(value)))
			return err_set(ERR_DATA, "%s: is none of: %s", where,
			    l->words);
		return 0;
	case LIMIT_LIST:
		if (!json_is_array(value))
			return err_set(ERR_DATA, "%s: is not a list", where);
		return check_list(where, l, value, depth);
	case LIMIT_OBJECT:
	case LIMIT_FREE:
		if (!json_is_object(value))
			return err_set(ERR_DATA, "%s: is not an object", where);
		return l->type == LIMIT_FREE ?
		    0 :
		    check_object(where, l, value, depth);
	case LIMIT_BOOL:
		return json_is_boolean(value) ?
		    0 :
		    err_set(ERR_DATA, "%s: is not true or false", where);
	case LIMIT_INT:
		return json_is_integer(value) ?
		    0 :
		    err_set(ERR_DATA, "%s: is not a whole number", where);
	case LIMIT_DECIMAL:
		if (!json_is_string(value) ||
		    !decimal(json_string_value(value), &number) ||
		    number < l->min || number > l->max)
			return err_set(ERR_DATA,
			    "%s: is no number from %d to %d", where, l->min,
			    l->max);
		return 0;
	}
	return err_set(ERR_BUG, "a limit of no type");
}

int
limits_check(const char *field, const json_t *value)
{
	const struct limit *l = limit_find(field);

	if (l == NULL)
		return err_set(ERR_DATA, "%s: this kind cannot be sent", field);
	return check(field, l, value, 0);
}
