/* parts - what a message holds beside its words, as lines for people */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "desk/media.h"
#include "desk/parts.h"

#define LIST_MOST 20	    /* contacts, items, fields shown; then a count */
#define VALUE_MAX_BYTES 500 /* of a field of a form */
#define FORM_MAX_BYTES (64 * 1024) /* of the answers to a form */
#define UNTIL_MAX_S 253402300800.0 /* the year 10000 */

/* The object of that name in content; what we send may be bare. */
static const json_t *
part(const char *kind, const json_t *content, const char *name)
{
	const json_t *found = json_object_get(content, name);

	if (found == NULL && strcmp(kind, name) == 0)
		found = content;
	return found;
}

/* One line of text, whatever it holds. */
static void
add_line(struct buf *b, char *text)
{
	char *p;

	for (p = text; *p != '\0'; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	buf_addf(b, "%s\n", text);
	free(text);
}

static void
add_more(struct buf *b, size_t count, const char *what)
{
	if (count > LIST_MOST)
		buf_addf(b, "and %zu more %s\n", count - LIST_MOST, what);
}

/* ", value" behind what is there; nothing for none. */
static void
add_value(struct buf *b, const char *separator, const char *value)
{
	if (value != NULL && *value != '\0')
		buf_addf(b, "%s%s", b->len > 0 ? separator : "", value);
}

/* A number of JSON, or one in a string; NAN if it is none. */
static double
number(const json_t *value)
{
	char *end;
	double n;

	if (json_is_number(value))
		return json_number_value(value);
	if (!json_is_string(value) || *json_string_value(value) == '\0')
		return NAN;
	n = strtod(json_string_value(value), &end);
	return *end == '\0' && isfinite(n) ? n : NAN;
}

static void
add_location(const json_t *place, struct buf *b)
{
	double latitude = number(json_object_get(place, "latitude")),
	       longitude = number(json_object_get(place, "longitude"));
	const char *name = json_str_or(place, "name", ""),
		   *address = json_str(place, "address"),
		   *url = json_str(place, "url");

	if (!isnan(latitude) && !isnan(longitude))
		add_line(b, xformat("at %.9g, %.9g", latitude, longitude));
	/* Without a name the address is what the message is called by. */
	if (*name != '\0' && address != NULL && *address != '\0')
		add_line(b, xformat("address: %s", address));
	if (url != NULL && *url != '\0')
		add_line(b, xformat("see %s", url));
}

static void
add_contacts(const json_t *list, struct buf *b)
{
	const json_t *contact, *value;
	struct buf line = BUF_INIT(0);
	size_t i, k;

	json_array_foreach(list, i, contact) {
		if (i == LIST_MOST)
			break;
		add_value(&line, "",
		    json_str_or(contact, "name/formatted_name",
			json_str(contact, "name/first_name")));
		add_value(&line, ", ", json_str(contact, "org/company"));
		json_array_foreach(json_object_get(contact, "phones"), k, value)
			add_value(&line, ", ",
			    json_str_or(value, "phone",
				json_str(value, "wa_id")));
		json_array_foreach(json_object_get(contact, "emails"), k, value)
			add_value(&line, ", ", json_str(value, "email"));
		add_line(b,
		    xformat("contact: %s", line.len > 0 ? line.data : "?"));
		buf_reset(&line);
	}
	buf_release(&line);
	add_more(b, json_array_size(list), "contacts");
}

/* "30", "29.90", "1.125": no more digits than there are. */
static void
add_money(struct buf *b, double amount, const char *currency)
{
	char digits[64];
	size_t len;

	snprintf(digits, sizeof(digits), "%.3f", amount);
	len = strlen(digits);
	if (digits[len - 1] == '0')
		digits[--len] = '\0';
	if (strcmp(digits + len - 3, ".00") == 0)
		digits[len - 3] = '\0';
	buf_addf(b, "%s%s%s", digits, currency != NULL ? " " : "",
	    currency != NULL ? currency : "");
}

static void
add_item(const json_t *item, double count, double price, struct buf *b)
{
	struct buf line = BUF_INIT(0);

	if (!isnan(count))
		buf_addf(&line, "%.10g x ", count);
	buf_adds(&line, json_str_or(item, "product_retailer_id", "?"));
	if (!isnan(price)) {
		buf_adds(&line, ", each ");
		add_money(&line, price, json_str(item, "currency"));
	}
	add_line(b, buf_detach(&line));
}

/* What is in it; a total where all is in one currency. */
static void
add_order(const json_t *order, struct buf *b)
{
	const json_t *list = json_object_get(order, "product_items"), *item;
	const char *currency = NULL, *one;
	bool adds_up = json_array_size(list) > 0;
	double total = 0, count, price;
	struct buf line = BUF_INIT(0);
	size_t i;

	json_array_foreach(list, i, item) {
		count = number(json_object_get(item, "quantity"));
		price = number(json_object_get(item, "item_price"));
		one = json_str_or(item, "currency", "");
		if (i < LIST_MOST)
			add_item(item, count, price, b);
		if (isnan(count) || isnan(price) ||
		    (currency != NULL && strcmp(currency, one) != 0))
			adds_up = false;
		total += count * price;
		currency = one;
	}
	add_more(b, json_array_size(list), "items");
	if (adds_up) {
		buf_adds(&line, "in all ");
		add_money(&line, total, currency);
		add_line(b, buf_detach(&line));
	}
	if (json_str(order, "catalog_id") != NULL)
		add_line(b,
		    xformat("of the catalogue %s",
			json_str(order, "catalog_id")));
}

/* The answers to a form, field by field; what is no object as it came. */
static void
add_form(const json_t *reply, struct buf *b)
{
	const char *text = json_str(reply, "response_json"), *key, *shown;
	json_t *root = NULL, *value;
	char *made;
	size_t n = 0;

	if (text == NULL || *text == '\0')
		return;
	if (strlen(text) > FORM_MAX_BYTES ||
	    json_lenient(text, strlen(text), &root) < 0) {
		add_line(b, xformat("answers: %.*s", VALUE_MAX_BYTES, text));
		return;
	}
	/* The token is ours, and tells a reader nothing. */
	json_object_del(root, "flow_token");
	json_object_foreach(root, key, value) {
		if (n++ == LIST_MOST)
			break;
		made = json_is_string(value) ? NULL : json_text(value);
		shown = made != NULL ? made : json_string_value(value);
		add_line(b,
		    xformat("%s: %.*s%s", key, VALUE_MAX_BYTES, shown,
			strlen(shown) > VALUE_MAX_BYTES ? "\xe2\x80\xa6" : ""));
		free(made);
	}
	add_more(b, json_object_size(root), "fields");
	json_decref(root);
}

/* Whether the business may call, and until when: seconds, by the provider. */
static void
add_call_permission(const json_t *reply, struct buf *b)
{
	const char *response = json_str(reply, "response"), *why = "";
	double until_s = number(json_object_get(reply, "expiration_timestamp"));
	char when[64];
	struct tm tm;
	time_t t;

	if (response == NULL)
		return;
	if (strcmp(json_str_or(reply, "response_source", ""), "automatic") == 0)
		why = "; given by calling the business";
	t = until_s > 0 && until_s < UNTIL_MAX_S ? (time_t)until_s : 0;
	if (strcmp(response, "accept") != 0)
		add_line(b,
		    xformat("calls: %.*s", VALUE_MAX_BYTES,
			strcmp(response, "reject") == 0 ? "rejected" :
							  response));
	else if (json_bool_or(reply, "is_permanent", false))
		add_line(b, xformat("calls: accepted, permanently%s", why));
	else if (t != 0 && localtime_r(&t, &tm) != NULL &&
	    strftime(when, sizeof(when), "%Y-%m-%d %H:%M %Z", &tm) > 0)
		add_line(b,
		    xformat("calls: accepted for a time, until %s%s", when,
			why));
	else
		add_line(b, xformat("calls: accepted for a time%s", why));
}

static void
add_errors(const json_t *list, struct buf *b)
{
	const json_t *error;
	const char *title, *details;
	size_t i;

	json_array_foreach(list, i, error) {
		if (i == LIST_MOST)
			break;
		title = json_str_or(error, "title",
		    json_str_or(error, "message", "no reason given"));
		details = json_str(error, "error_data/details");
		if (details != NULL &&
		    (*details == '\0' || strcmp(details, title) == 0))
			details = NULL;
		add_line(b,
		    xformat("the provider says: %s (%lld)%s%s", title,
			(long long)json_int_or(error, "code", 0),
			details != NULL ? ": " : "",
			details != NULL ? details : ""));
	}
	add_more(b, json_array_size(list), "errors");
}

/* "[Yes] [No]": what the customer may press. */
static void
add_choices(const json_t *list, const char *title, struct buf *line)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		buf_addf(line, "%s[%s]", line->len > 0 ? " " : "",
		    json_str_or(one, title, ""));
}

/* What we offered: buttons, or the rows of a list. */
static void
add_offer(const json_t *o, struct buf *ret)
{
	const json_t *action = json_object_get(o, "action"), *section;
	struct buf line = BUF_INIT(0);
	size_t i;

	add_choices(json_object_get(action, "buttons"), "reply/title", &line);
	json_array_foreach(json_object_get(action, "sections"), i, section)
		add_choices(json_object_get(section, "rows"), "title", &line);
	if (line.len > 0)
		add_line(ret, buf_detach(&line));
	buf_release(&line);
}

void
message_parts(const char *kind, const json_t *content, struct buf *ret)
{
	const json_t *file = part(kind, content, "document");
	const char *name = json_str(file, "filename");

	if (content == NULL)
		return;
	if (name != NULL && *name != '\0')
		add_line(ret, xformat("file: %s", name));
	add_location(part(kind, content, "location"), ret);
	add_contacts(part(kind, content, "contacts"), ret);
	add_order(part(kind, content, "order"), ret);
	add_offer(part(kind, content, "interactive"), ret);
	add_form(json_at(content, "interactive/nfm_reply"), ret);
	add_call_permission(json_at(content,
				"interactive/call_permission_reply"),
	    ret);
	add_errors(json_object_get(content, "errors"), ret);
}

/* --- types --- */

/* What a sender and the bytes may call the same thing. */
static const char *
family(const char *type)
{
	static const struct {
		const char *begins, *family;
	} rows[] = {
		{ "text/", "text" },
		{ "message/", "text" },
		{ "application/json", "text" },
		{ "application/xml", "text" },
		{ "application/rtf", "text" },
		{ "application/csv", "text" },
		{ "image/jpg", "image/jpeg" },
		{ "image/pjpeg", "image/jpeg" },
		{ "audio/mp3", "audio/mpeg" },
		{ "audio/x-mp3", "audio/mpeg" },
		{ "audio/mp4", "mp4" },
		{ "audio/m4a", "mp4" },
		{ "audio/x-m4a", "mp4" },
		{ "video/mp4", "mp4" },
		{ "video/x-m4v", "mp4" },
		{ "video/quicktime", "mp4" },
		{ "audio/3gp", "3gp" },
		{ "video/3gp", "3gp" },
		{ "audio/ogg", "ogg" },
		{ "audio/opus", "ogg" },
		{ "application/ogg", "ogg" },
		{ "audio/aac", "aac" },
		{ "audio/x-hx-aac", "aac" },
		{ "audio/amr", "amr" },
		{ "application/zip", "zip" },
		{ "application/x-zip", "zip" },
		{ "application/epub+zip", "zip" },
		{ "application/vnd.openxmlformats-", "zip" },
		{ "application/vnd.oasis.opendocument.", "zip" },
		{ "application/msword", "ole" },
		{ "application/vnd.ms-", "ole" },
		{ "application/x-ole-storage", "ole" },
		{ "application/cdfv2", "ole" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncasecmp(type, rows[i].begins, strlen(rows[i].begins)) ==
		    0)
			return rows[i].family;
	return type;
}

/* Types whose bytes are always known when they are what they should be. */
static bool
is_telling(const char *type)
{
	return strncasecmp(type, "image/", 6) == 0 ||
	    strncasecmp(type, "video/", 6) == 0 ||
	    strcasecmp(type, "application/pdf") == 0;
}

const char *
message_announced(const char *kind, const json_t *content, const char *mime)
{
	static const char *const nothing = "application/octet-stream";
	const char *told = NULL;
	char *plain, *end;
	bool differs;
	size_t i;

	/* History tells its kind apart. */
	for (i = 0; media_kinds[i] != NULL && told == NULL; i++)
		if (strcmp(kind, media_kinds[i]) == 0 ||
		    strcmp(kind, "history") == 0)
			told = json_str(media_object(media_kinds[i], content),
			    "mime_type");
	if (told == NULL || *told == '\0')
		return NULL;
	plain = xstrdup(told);
	if ((end = strchr(plain, ';')) != NULL)
		*end = '\0';
	str_trim(plain);
	if (strcasecmp(plain, nothing) == 0)
		differs = false;
	else if (strcasecmp(mime, nothing) == 0)
		differs = is_telling(plain);
	else
		differs = strcasecmp(family(plain), family(mime)) != 0;
	free(plain);
	return differs ? told : NULL;
}
