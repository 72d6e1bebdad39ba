/* body.c - what a pretended WhatsApp posts */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/err.h"
#include "base/str.h"
#include "sim/body.h"
#include "sim/errors.h"

json_t *
sim_body(const char *account_id, const char *field, json_t *value)
{
	json_t *change = json_object();
	json_t *entry = json_object();
	json_t *body = json_object();

	json_put_new(change, "value", value);
	json_put(change, "field", field);
	json_put(entry, "id", account_id);
	json_put_new(entry, "changes", json_pack("[o]", change));
	json_put(body, "object", "whatsapp_business_account");
	json_put_new(body, "entry", json_pack("[o]", entry));
	return body;
}

/* A change of the field messages. Takes parts. */
static json_t *
messages_body(const struct sim_number *n, json_t *parts)
{
	json_t *metadata = json_object();
	json_t *value = json_object();

	json_put(metadata, "display_phone_number", n->phone);
	json_put(metadata, "phone_number_id", n->phone_number_id);
	json_put(value, "messaging_product", "whatsapp");
	json_put_new(value, "metadata", metadata);
	json_object_update(value, parts);
	json_decref(parts);
	return sim_body(n->account_id, "messages", value);
}

static void
put_seconds(json_t *o, const char *key, int64_t at_ms)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)(at_ms / 1000));
	json_put(o, key, text);
}

char *
sim_sha256_base64(const void *data, size_t len)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof hash,
	    sodium_base64_VARIANT_ORIGINAL)];

	crypto_hash_sha256(hash, data, len);
	return xstrdup(sodium_bin2base64(text, sizeof text, hash, sizeof hash,
	    sodium_base64_VARIANT_ORIGINAL));
}

char *
sim_sha256_hex(const void *data, size_t len)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[2 * sizeof hash + 1];

	crypto_hash_sha256(hash, data, len);
	return xstrdup(sodium_bin2hex(text, sizeof text, hash, sizeof hash));
}

/* Files nobody gave: what stands at the id can be fetched from wa-sim. */
static void
fill_media(json_t *media, const char *id)
{
	char *text;

	if (json_str(media, "id") == NULL) {
		text = xformat("media-%s", id);
		json_put(media, "id", text);
		free(text);
	}
	if (json_str(media, "mime_type") == NULL)
		json_put(media, "mime_type", "application/octet-stream");
	if (json_str(media, "sha256") == NULL) {
		char *bytes = xformat("wa-sim %s\n", json_str(media, "id"));

		text = sim_sha256_base64(bytes, strlen(bytes));
		json_put(media, "sha256", text);
		free(text);
		free(bytes);
	}
}

static void
put_text(json_t *message, const json_t *line)
{
	json_t *part = json_at(line, "text");

	if (json_is_string(part))
		json_put_new(message, "text", json_pack("{sO}", "body", part));
	else if (part != NULL)
		json_put_new(message, "text", json_deep_copy(part));
}

int
sim_message(const struct sim_number *n, const json_t *line, const char *id,
    int64_t at_ms, json_t **ret, char ret_id[128])
{
	static const char *const ours[] = { "name", "username", "user_id",
		"parent_user_id", "text", "number", NULL };
	static const char *const media[] = { "image", "audio", "video",
		"document", "sticker", NULL };
	const char *from = json_str(line, "from");
	const char *user = json_str(line, "user_id");
	const char *type = json_str(line, "type");
	json_t *message, *contact, *profile, *value, *part;
	const char *key;

	if (type != NULL && strcmp(type, "raw") == 0) {
		if (!json_is_object(json_at(line, "body")))
			return err_set(ERR_DATA, "raw without a body");
		*ret = json_incref(json_at(line, "body"));
		ret_id[0] = '\0';
		return 0;
	}
	if (from == NULL && user == NULL)
		return err_set(ERR_DATA, "nobody it is from");
	if (type == NULL && json_is_string(json_at(line, "text")))
		type = "text";
	if (type == NULL)
		return err_set(ERR_DATA, "no type");

	message = json_object();
	json_put(message, "from", from);
	json_put(message, "from_user_id", user);
	snprintf(ret_id, 128, "%s", json_str_or(line, "id", id));
	json_put(message, "id", ret_id);
	if (json_at(line, "timestamp") == NULL)
		put_seconds(message, "timestamp", at_ms);
	json_object_foreach((json_t *)line, key, part)
		if (!str_in(key, ours) && json_object_get(message, key) == NULL)
			json_object_set_new(message, key, json_deep_copy(part));
	json_put(message, "type", type);
	put_text(message, line);
	if (str_in(type, media) &&
	    json_is_object(part = json_at(message, type)))
		fill_media(part, ret_id);

	profile = json_object();
	json_put(profile, "name", json_str_or(line, "name", "Customer"));
	json_put(profile, "username", json_str(line, "username"));
	contact = json_object();
	json_put_new(contact, "profile", profile);
	json_put(contact, "wa_id", from);
	json_put(contact, "user_id", user);
	json_put(contact, "parent_user_id", json_str(line, "parent_user_id"));
	value = json_object();
	/* What the system says is nobody's: it has no profile. */
	if (strcmp(type, "system") != 0)
		json_put_new(value, "contacts", json_pack("[o]", contact));
	else
		json_decref(contact);
	json_put_new(value, "messages", json_pack("[o]", message));
	*ret = messages_body(n, value);
	return 0;
}

json_t *
sim_status(const struct sim_number *n, const struct sim_said *m,
    const char *status, int code, int64_t at_ms)
{
	json_t *s = json_object(), *value = json_object();
	const char *title = sim_code_title(code);

	json_put(s, "id", m->wamid);
	json_put(s, "status", status);
	put_seconds(s, "timestamp", at_ms);
	json_put(s, sim_is_bsuid(m->to) ? "recipient_user_id" : "recipient_id",
	    m->to);
	json_put(s, "biz_opaque_callback_data", m->opaque);
	if (code != 0)
		json_put_new(s, "errors",
		    json_pack("[{si ss ss s{ss}}]", "code", code, "title",
			title, "message", title, "error_data", "details",
			title));
	else
		json_put_new(s, "pricing",
		    json_pack("{sb ss ss ss}", "billable", m->free ? 0 : 1,
			"pricing_model", "PMP", "category",
			m->category != NULL ? m->category : "service", "type",
			m->free ? "free_customer_service" : "regular"));
	json_put_new(value, "statuses", json_pack("[o]", s));
	return messages_body(n, value);
}

/* Up to 128 letters and digits. */
static bool
is_plain(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]))
		n++;
	return text[n] == '\0' && n >= 1 && n <= 128;
}

bool
sim_is_bsuid(const char *id)
{
	if (!isupper((unsigned char)id[0]) || !isupper((unsigned char)id[1]) ||
	    id[2] != '.')
		return false;
	if (str_starts(id + 3, "ENT."))
		id += 4;
	return is_plain(id + 3);
}
