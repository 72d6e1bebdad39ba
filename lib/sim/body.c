/* sim.c - what a pretended WhatsApp says */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "wa/sim.h"

/* {"object", "entry": [{"id", "changes": [{"value", "field"}]}]} */
static json_t *
body_of(const struct sim_number *n, json_t *parts)
{
	json_t *metadata = json_object();
	json_t *value = json_object();
	json_t *change = json_object();
	json_t *entry = json_object();
	json_t *body = json_object();

	json_put(metadata, "display_phone_number", n->phone);
	json_put(metadata, "phone_number_id", n->phone_number_id);
	json_put(value, "messaging_product", "whatsapp");
	json_put_new(value, "metadata", metadata);
	json_object_update(value, parts);
	json_decref(parts);
	json_put_new(change, "value", value);
	json_put(change, "field", "messages");
	json_put(entry, "id", n->account_id);
	json_put_new(entry, "changes", json_pack("[o]", change));
	json_put(body, "object", "whatsapp_business_account");
	json_put_new(body, "entry", json_pack("[o]", entry));
	return body;
}

static void
put_seconds(json_t *o, const char *key, int64_t at_ms)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)(at_ms / 1000));
	json_put(o, key, text);
}

/* Files of customers: what stands at the id can be fetched from wa-sim. */
static void
fill_media(json_t *media, const char *id)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof hash,
	    sodium_base64_VARIANT_ORIGINAL)];
	char *bytes;

	if (json_str(media, "id") == NULL) {
		char *made = xformat("media-%s", id);

		json_put(media, "id", made);
		free(made);
	}
	if (json_str(media, "mime_type") == NULL)
		json_put(media, "mime_type", "application/octet-stream");
	if (json_str(media, "sha256") == NULL) {
		bytes = xformat("wa-sim %s\n", json_str(media, "id"));
		crypto_hash_sha256(hash, (unsigned char *)bytes, strlen(bytes));
		free(bytes);
		json_put(media, "sha256",
		    sodium_bin2base64(text, sizeof text, hash, sizeof hash,
			sodium_base64_VARIANT_ORIGINAL));
	}
}

int
sim_message(const struct sim_number *n, const json_t *line, const char *id,
    int64_t at_ms, json_t **ret, char ret_id[128])
{
	static const char *const ours[] = { "name", "username", "user_id",
		"text", NULL };
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
	part = json_at(line, "text");
	if (json_is_string(part))
		json_put_new(message, "text", json_pack("{sO}", "body", part));
	else if (part != NULL)
		json_put_new(message, "text", json_deep_copy(part));
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
	value = json_object();
	json_put_new(value, "contacts", json_pack("[o]", contact));
	json_put_new(value, "messages", json_pack("[o]", message));
	*ret = body_of(n, value);
	return 0;
}

json_t *
sim_status(const struct sim_number *n, const struct sim_sent *m,
    const char *status, const struct wa_error_code *error, int64_t at_ms)
{
	json_t *s = json_object(), *value = json_object();

	json_put(s, "id", m->wamid);
	json_put(s, "status", status);
	put_seconds(s, "timestamp", at_ms);
	json_put(s,
	    strchr(m->to, '.') != NULL ? "recipient_user_id" : "recipient_id",
	    m->to);
	json_put(s, "biz_opaque_callback_data", m->opaque);
	if (error != NULL)
		json_put_new(s, "errors",
		    json_pack("[{si ss ss s{ss}}]", "code", error->code,
			"title", error->title, "message", error->title,
			"error_data", "details", error->title));
	else
		json_put_new(s, "pricing",
		    json_pack("{sb ss ss ss}", "billable", 0, "pricing_model",
			"PMP", "category", "service", "type",
			"free_customer_service"));
	json_put_new(value, "statuses", json_pack("[o]", s));
	return body_of(n, value);
}

json_t *
sim_error(int code, const char *title, const char *details, uint64_t call)
{
	char trace[SHORT_ID_BYTES], number[24];
	json_t *e = json_object();
	char *words = xformat("(#%d) %s", code, title);

	snprintf(number, sizeof number, "%llu", (unsigned long long)call);
	id_short(trace, "fbtrace", number, NULL);
	json_put(e, "message", words);
	json_put(e, "type", "OAuthException");
	json_put_int(e, "code", code);
	if (details != NULL)
		json_put_new(e, "error_data",
		    json_pack("{ss ss}", "messaging_product", "whatsapp",
			"details", details));
	json_put(e, "fbtrace_id", trace);
	free(words);
	return json_pack("{so}", "error", e);
}

/* Faults. */

struct rule {
	struct sim_fault fault;
	char *name;
	double chance;	      /* 0: not by chance */
	uint64_t every;	      /* 0: not each n-th */
	uint64_t first, last; /* 0: any call */
};

struct sim_faults {
	uint64_t seed;
	struct rule *rules;
	size_t count;
};

static const struct {
	const char *name;
	struct sim_fault fault;
} named[] = {
	{ "500", { NULL, SIM_REFUSE, 500, 131000, 0 } },
	{ "503", { NULL, SIM_REFUSE, 503, 131016, 0 } },
	{ "429", { NULL, SIM_REFUSE, 429, 130429, 1 } },
	{ "reset-after-read", { NULL, SIM_RESET, 0, 0, 0 } },
	{ "drop", { NULL, SIM_DROP, 0, 0, 0 } },
	{ "hang", { NULL, SIM_HANG, 0, 0, 0 } },
	{ "garbled", { NULL, SIM_GARBLE, 0, 0, 0 } },
	{ "early", { NULL, SIM_EARLY, 0, 0, 0 } },
	{ "undelivered", { NULL, SIM_UNDELIVERED, 0, 131026, 0 } },
};

static int
parse_what(const char *text, struct rule *r)
{
	const struct wa_error_code *known;
	int64_t code;

	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (strcmp(text, named[i].name) == 0) {
			r->fault = named[i].fault;
			return 0;
		}
	if (str_int(text, 0, 9999999, &code) < 0)
		return err_set(ERR_USAGE, "no fault is called '%s'", text);
	known = wa_error_find((int)code);
	r->fault.act = SIM_REFUSE;
	r->fault.code = (int)code;
	r->fault.http = known != NULL ? known->http : 400;
	return 0;
}

static int
parse_when(const char *text, struct rule *r)
{
	char *end;
	int64_t n;

	if (text[0] == '#') {
		r->first = strtoull(text + 1, &end, 10);
		r->last = *end == '-' ? strtoull(end + 1, &end, 10) : r->first;
		if (*end == '\0' && r->first > 0 && r->last >= r->first)
			return 0;
	} else if (str_starts(text, "1/")) {
		if (str_int(text + 2, 1, INT32_MAX, &n) == 0) {
			r->every = (uint64_t)n;
			return 0;
		}
	} else {
		r->chance = strtod(text, &end) / 100;
		if (end != text && strcmp(end, "%") == 0 && r->chance > 0 &&
		    r->chance <= 1)
			return 0;
	}
	return err_set(ERR_USAGE, "'%s' is not 5%%, 1/3, #2 or #2-4", text);
}

static int
parse_rule(const char *text, struct rule *r)
{
	char *copy = xstrdup(text), *when, *seconds;
	int64_t n = 0;
	int code = 0;

	if ((when = strchr(copy, ':')) != NULL) {
		*when++ = '\0';
		code = parse_when(when, r);
	}
	if ((seconds = strchr(copy, '=')) != NULL)
		*seconds++ = '\0';
	if (code == 0)
		code = parse_what(copy, r);
	if (code == 0 && seconds != NULL) {
		code = str_int(seconds, 0, 86400, &n);
		r->fault.retry_after_s = (int)n;
	}
	r->name = copy;
	return code;
}

int
sim_faults_parse(const char *spec, uint64_t seed, struct sim_faults **ret)
{
	struct sim_faults *f = xcalloc(1, sizeof *f);
	char *copy = xstrdup(spec), *rest = copy, *item;
	int code = 0;

	f->seed = seed;
	if (strcmp(spec, "none") == 0)
		*copy = '\0';
	while (code == 0 && (item = strsep(&rest, ",")) != NULL) {
		if (*item == '\0')
			continue;
		f->rules =
		    xrealloc(f->rules, (f->count + 1) * sizeof *f->rules);
		memset(&f->rules[f->count], 0, sizeof *f->rules);
		code = parse_rule(item, &f->rules[f->count++]);
	}
	for (size_t i = 0; i < f->count; i++)
		f->rules[i].fault.name = f->rules[i].name;
	free(copy);
	if (code < 0) {
		sim_faults_free(f);
		return err_set(ERR_USAGE, "%s", err_reason());
	}
	*ret = f;
	return 0;
}

void
sim_faults_free(struct sim_faults *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->count; i++)
		free(f->rules[i].name);
	free(f->rules);
	free(f);
}

/* In [0, 1), the same for the same seed, call and rule. */
static double
chance(uint64_t seed, uint64_t call, uint64_t rule)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15u + call * 0xbf58476d1ce4e5b9u +
	    rule * 0x94d049bb133111ebu;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	x ^= x >> 31;
	return (double)(x >> 11) / 9007199254740992.0;
}

const struct sim_fault *
sim_fault_draw(const struct sim_faults *f, uint64_t call)
{
	for (size_t i = 0; f != NULL && i < f->count; i++) {
		const struct rule *r = &f->rules[i];

		if (r->chance > 0 && chance(f->seed, call, i) >= r->chance)
			continue;
		if (r->every > 0 && call % r->every != 0)
			continue;
		if (r->first > 0 && (call < r->first || call > r->last))
			continue;
		return &r->fault;
	}
	return NULL;
}
