/* facts.c - what is true of the app, its token, the account and its numbers */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "sim/facts.h"
#include "sim/people.h"
#include "sim/template.h"

#define STATE_MAX_BYTES (4 * 1024 * 1024)

static json_t *
number_defaults(const char *id, const char *phone)
{
	return json_pack("{ss ss ss ss ss ss ss ss s{ss} ss ss ss sb sb sn ss}",
	    "id", id, "display_phone_number", phone, "verified_name", "wa-sim",
	    "quality_rating", "GREEN", "status", "CONNECTED", "name_status",
	    "APPROVED", "code_verification_status", "VERIFIED", "platform_type",
	    "CLOUD_API", "throughput", "level", "STANDARD",
	    "messaging_limit_tier", "TIER_1K", "account_mode", "LIVE",
	    "can_send_message", "AVAILABLE", "is_official_business_account", 0,
	    "registered", 1, "testers", "pin", "000000");
}

static json_t *
defaults(const struct sim_options *o)
{
	json_t *webhook = json_pack("{s[ss] sb}", "fields", "messages",
	    "message_template_status_update", "active", 1);
	json_t *f = json_object();

	json_put(webhook, "url", o->webhook);
	json_put_new(f, "app",
	    json_pack("{ss ss sb}", "id", o->app_id, "name", "wa-sim", "live",
		1));
	json_put_new(f, "token",
	    json_pack("{sb si si s[ss]}", "valid", 1, "expires_at", 0,
		"data_access_expires_at", 0, "scopes",
		"whatsapp_business_messaging", "whatsapp_business_management"));
	json_put_new(f, "account",
	    json_pack("{ss ss sb sb sb sb}", "id", o->account_id, "name",
		"wa-sim", "subscribed", 1, "restricted", 0, "blocked", 0,
		"payment", 1));
	json_put_new(f, "numbers",
	    json_pack("[o]", number_defaults(o->phone_number_id, o->phone)));
	json_put_new(f, "webhook", webhook);
	json_put_new(f, "templates", json_array());
	json_put_new(f, "opted_out", json_array());
	json_put_new(f, "unreachable", json_array());
	json_put_new(f, "other_ids", json_object());
	json_put_new(f, "as_status",
	    json_pack("[iii]", 131026, 131049, 131050));
	json_put_new(f, "history_received", json_true());
	return f;
}

/* Members of patch into o; what is an object in both, likewise. */
static void
merge(json_t *o, const json_t *patch)
{
	const char *key;
	json_t *value, *old;

	json_object_foreach((json_t *)patch, key, value) {
		old = json_object_get(o, key);
		if (json_is_object(old) && json_is_object(value))
			merge(old, value);
		else
			json_object_set_new(o, key, json_deep_copy(value));
	}
}

/* Numbers that lack members get the usual ones. */
static int
take_numbers(const struct sim *s, json_t *f, const json_t *numbers)
{
	json_t *all = json_array(), *whole;
	size_t i;
	json_t *n;

	json_array_foreach((json_t *)numbers, i, n) {
		if (json_str(n, "id") == NULL && i > 0) {
			json_decref(all);
			return err_set(ERR_DATA, "numbers[%zu] has no id", i);
		}
		whole = number_defaults(s->o->phone_number_id, s->o->phone);
		merge(whole, n);
		json_array_append_new(all, whole);
	}
	if (json_array_size(all) == 0) {
		json_decref(all);
		return err_set(ERR_DATA, "numbers: none");
	}
	json_object_set_new(f, "numbers", all);
	return 0;
}

/* Who wrote, though not here: their windows are open from now. */
static int
take_wrote(struct sim *s, const json_t *f, const json_t *ids)
{
	const char *number = json_str_or(f, "numbers/0/id", "");
	size_t i;
	json_t *v;

	if (!json_is_array(ids))
		return err_set(ERR_DATA, "wrote: no list");
	json_array_foreach((json_t *)ids, i, v)
		if (json_is_string(v))
			sim_customer_wrote(s,
			    sim_customer_for(s, number, json_string_value(v)));
	return 0;
}

int
sim_facts_merge(struct sim *s, const json_t *patch)
{
	json_t *f = json_deep_copy(s->facts);
	const char *key;
	json_t *value, *old;
	int code = 0;

	json_object_foreach((json_t *)patch, key, value) {
		old = json_object_get(f, key);
		if (strcmp(key, "number") == 0 && json_is_object(value)) {
			merge(json_at(f, "numbers/0"), value);
		} else if (strcmp(key, "wrote") == 0) {
			code = take_wrote(s, f, value);
		} else if (old == NULL ||
		    json_typeof(old) != json_typeof(value)) {
			if (!json_is_boolean(old) || !json_is_boolean(value)) {
				code = err_set(ERR_DATA,
				    "%s: not known, or of another type", key);
				break;
			}
			json_object_set(f, key, value);
		} else if (strcmp(key, "numbers") == 0) {
			code = take_numbers(s, f, value);
		} else if (json_is_object(old)) {
			merge(old, value);
		} else {
			json_object_set_new(f, key, json_deep_copy(value));
		}
		if (code == 0 && strcmp(key, "templates") == 0)
			code = sim_templates_complete(s,
			    json_object_get(f, "templates"));
		if (code < 0)
			break;
	}
	if (code < 0) {
		json_decref(f);
		return code;
	}
	json_decref(s->facts);
	s->facts = f;
	return 0;
}

int
sim_facts_open(struct sim *s)
{
	json_t *patch;
	char *text;
	size_t len;
	int code;

	s->facts = defaults(s->o);
	if (s->o->state_file == NULL)
		return 0;
	code = file_read(s->o->state_file, STATE_MAX_BYTES, &text, &len);
	if (code < 0)
		return code;
	code = json_object_parse(text, len, &patch);
	free(text);
	if (code == 0) {
		code = sim_facts_merge(s, patch);
		json_decref(patch);
	}
	if (code < 0) {
		text = xstrdup(err_reason());
		code = err_set(ERR_CONFIG, "%s: %s", s->o->state_file, text);
		free(text);
	}
	return code;
}

int
sim_facts_keys(struct sim *s)
{
	const char *secret = json_str(s->facts, "app/secret");

	signature_keys_free(s->keys);
	s->keys = signature_keys_new();
	if (secret == NULL)
		secret = s->secret;
	return secret != NULL ? signature_keys_add(s->keys, secret) : 0;
}

json_t *
sim_facts_shown(const struct sim *s)
{
	json_t *f = json_deep_copy(s->facts), *n;
	size_t i;

	json_object_del(json_object_get(f, "app"), "secret");
	json_object_del(json_object_get(f, "webhook"), "verify_token");
	json_array_foreach(json_object_get(f, "numbers"), i, n)
		json_object_del(n, "pin");
	return f;
}

const json_t *
sim_facts_number(const struct sim *s, const char *id)
{
	size_t i;
	json_t *n;

	json_array_foreach(json_object_get(s->facts, "numbers"), i, n)
		if (id == NULL || strcmp(json_str_or(n, "id", ""), id) == 0)
			return n;
	return NULL;
}

struct sim_number
sim_facts_names(const struct sim *s, const json_t *number)
{
	return (struct sim_number){ json_str_or(number, "id", ""),
		json_str_or(s->facts, "account/id", ""),
		json_str_or(number, "display_phone_number", "") };
}

const char *
sim_facts_hook(const struct sim *s)
{
	const char *url = json_str(s->facts, "account/override_callback_uri");

	if (url == NULL || *url == '\0')
		url = json_str(s->facts, "webhook/url");
	return url != NULL && *url != '\0' ? url : NULL;
}

const char *
sim_facts_deaf(const struct sim *s, const char *field)
{
	size_t i;
	json_t *f;

	if (sim_facts_hook(s) == NULL)
		return "no webhook URL is set";
	if (!json_bool_or(s->facts, "account/subscribed", true))
		return "no app is subscribed to the account";
	if (!json_bool_or(s->facts, "webhook/active", true))
		return "the subscription is not active";
	if (!json_bool_or(s->facts, "app/live", true))
		return "the app is not live";
	if (field == NULL)
		return NULL;
	json_array_foreach(json_at(s->facts, "webhook/fields"), i, f)
		if (json_is_string(f) &&
		    strcmp(json_string_value(f), field) == 0)
			return NULL;
	return "the field is not ticked";
}

bool
sim_facts_listed(const struct sim *s, const char *list, const char *id)
{
	size_t i;
	json_t *v;

	if (id == NULL)
		return false;
	json_array_foreach(json_object_get(s->facts, list), i, v)
		if (json_is_string(v) && strcmp(json_string_value(v), id) == 0)
			return true;
	return false;
}

bool
sim_facts_scope(const struct sim *s, const char *scope)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_at(s->facts, "token/scopes"), i, v)
		if (json_is_string(v) &&
		    strcmp(json_string_value(v), scope) == 0)
			return true;
	return false;
}
