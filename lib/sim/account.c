/* account.c - calls of the account, of the app and of its token */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sim/account.h"
#include "sim/errors.h"
#include "sim/facts.h"
#include "sim/number.h"
#include "sim/template.h"

/* The subscription: the address of the webhook is asked for a challenge. */

struct handshake {
	struct sim *s;
	struct request *q;
	json_t *patch; /* of the facts, when it is answered right */
	char challenge[24];
};

static void
on_challenge(void *arg, const struct http_result *r)
{
	struct handshake *h = arg;
	struct request *before = h->s->pending;
	struct sim_reply reply;

	h->s->flying--;
	if (before == h->q) {
		h->s->pending = request_next(h->q);
	} else {
		while (request_next(before) != h->q)
			before = request_next(before);
		request_set_next(before, request_next(h->q));
	}
	if (r->class == HTTP_ANSWERED && r->status == 200 &&
	    strncmp(r->body, h->challenge, strlen(h->challenge)) == 0 &&
	    r->body_len <= strlen(h->challenge) + 1) {
		sim_facts_merge(h->s, h->patch);
		reply = sim_success();
	} else {
		reply = sim_reply_error(h->s, 2200, 0,
		    "the callback did not answer the challenge");
	}
	sim_wire_answer(h->s, h->q, reply);
	json_decref(h->patch);
	free(h);
}

/* Takes patch. */
static struct sim_reply
shake_hands(struct sim_call *c, const char *url, const char *token,
    json_t *patch)
{
	struct handshake *h = xcalloc(1, sizeof *h);
	struct sim_reply r = { .pending = true };
	struct http_request ask = { .redirects = 0 };
	char *escaped, *whole;
	struct buf b = BUF_INIT(0);

	for (const char *p = token; *p != '\0'; p++)
		if (isalnum((unsigned char)*p))
			buf_addc(&b, *p);
		else
			buf_addf(&b, "%%%02X", (unsigned char)*p);
	escaped = buf_detach(&b);
	sim_new_number(c->s, h->challenge);
	whole = xformat("%s%chub.mode=subscribe&hub.challenge=%s"
			"&hub.verify_token=%s",
	    url, strchr(url, '?') != NULL ? '&' : '?', h->challenge, escaped);
	h->s = c->s;
	h->q = c->q;
	h->patch = patch;
	ask.url = whole;
	c->s->flying++;
	if (http_get(c->s->http, &ask, on_challenge, h) < 0) {
		c->s->flying--;
		json_decref(patch);
		free(h);
		r = sim_refuse(c, SIM_PARAMETER, "callback_url is no URL");
	} else {
		request_set_next(c->q, c->s->pending);
		c->s->pending = c->q;
	}
	free(escaped);
	free(whole);
	return r;
}

/* The app. */

static json_t *
split(const char *words)
{
	json_t *list = json_array();
	size_t len;

	for (; *words != '\0'; words += len + (words[len] == ',')) {
		len = strcspn(words, ",");
		if (len > 0)
			json_array_append_new(list, json_stringn(words, len));
	}
	return list;
}

static struct sim_reply
subscriptions(struct sim_call *c)
{
	const json_t *hook = json_object_get(c->s->facts, "webhook");
	const char *url, *token, *fields;
	json_t *data, *list, *o, *v;
	size_t i;

	if (!c->app)
		return sim_refuse(c, 15,
		    "this call needs the app's access token");
	if (sim_is_method(c, "POST")) {
		url = sim_param(c, "callback_url");
		token = sim_param(c, "verify_token");
		fields = sim_param(c, "fields");
		if (url == NULL || token == NULL)
			return sim_refuse(c, SIM_PARAMETER,
			    "callback_url and verify_token are required");
		o = json_pack("{ss sb}", "url", url, "active", 1);
		if (fields != NULL)
			json_put_new(o, "fields", split(fields));
		return shake_hands(c, url, token,
		    json_pack("{so}", "webhook", o));
	}
	if (sim_is_method(c, "DELETE")) {
		json_object_set_new((json_t *)hook, "active", json_false());
		return sim_success();
	}
	data = json_array();
	if (json_str(hook, "url") != NULL) {
		list = json_array();
		json_array_foreach(json_object_get(hook, "fields"), i, v)
			json_array_append_new(list,
			    json_pack("{sO ss}", "name", v, "version",
				c->version));
		o = json_pack("{ss so so}", "object",
		    "whatsapp_business_account", "active",
		    json_boolean(json_bool_or(hook, "active", true)), "fields",
		    list);
		json_put(o, "callback_url", json_str(hook, "url"));
		json_array_append_new(data, o);
	}
	return sim_reply_json(200, json_pack("{so}", "data", data));
}

struct sim_reply
sim_app_call(struct sim_call *c)
{
	if (strcmp(c->edge, "subscriptions") == 0)
		return subscriptions(c);
	if (*c->edge == '\0' && sim_is_method(c, "GET"))
		return sim_picked(c,
		    json_pack("{ss ss ss}", "id",
			json_str_or(c->s->facts, "app/id", ""), "name",
			json_str_or(c->s->facts, "app/name", ""), "link",
			"http://127.0.0.1/"));
	return sim_no_call(c);
}

struct sim_reply
sim_debug_token(struct sim_call *c)
{
	const char *input = sim_param(c, "input_token");
	const json_t *f = c->s->facts;
	json_t *data;
	bool ours, app;

	if (input == NULL)
		return sim_refuse(c, SIM_PARAMETER, "input_token is required");
	app = sim_is_app_token(c->s, input);
	ours = app || c->s->token == NULL || strcmp(input, c->s->token) == 0;
	data = json_object();
	if (!ours) {
		json_put_new(data, "error",
		    json_pack("{si ss}", "code", SIM_TOKEN, "message",
			"the token cannot be read"));
		json_put_new(data, "is_valid", json_false());
		json_put_new(data, "scopes", json_array());
		return sim_reply_json(200, json_pack("{so}", "data", data));
	}
	json_put(data, "app_id", json_str(f, "app/id"));
	json_put(data, "type", app ? "APP" : "SYSTEM_USER");
	json_put(data, "application", json_str(f, "app/name"));
	json_put_int(data, "data_access_expires_at",
	    json_int_or(f, "token/data_access_expires_at", 0));
	json_put_int(data, "expires_at",
	    app ? 0 : json_int_or(f, "token/expires_at", 0));
	json_put_new(data, "is_valid",
	    json_boolean(app ||
		(json_bool_or(f, "token/valid", true) &&
		    !sim_is_expired(c->s))));
	if (!app && sim_is_expired(c->s))
		json_put_new(data, "error",
		    json_pack("{si ss si}", "code", SIM_TOKEN, "message",
			"the token has expired", "subcode", 463));
	json_put_new(data, "scopes",
	    app ? json_array() : json_deep_copy(json_at(f, "token/scopes")));
	json_put(data, "user_id", "900000000000001");
	return sim_reply_json(200, json_pack("{so}", "data", data));
}

/* The account. */

static struct sim_reply
subscribed_apps(struct sim_call *c)
{
	json_t *account = json_object_get(c->s->facts, "account");
	const char *url = sim_param(c, "override_callback_uri");
	json_t *data, *o;

	if (sim_is_method(c, "POST")) {
		if (url != NULL)
			return shake_hands(c, url,
			    sim_param(c, "verify_token") != NULL ?
				sim_param(c, "verify_token") :
				"",
			    json_pack("{s{sb ss}}", "account", "subscribed", 1,
				"override_callback_uri", url));
		json_object_set_new(account, "subscribed", json_true());
		json_object_del(account, "override_callback_uri");
		return sim_success();
	}
	if (sim_is_method(c, "DELETE")) {
		json_object_set_new(account, "subscribed", json_false());
		json_object_del(account, "override_callback_uri");
		return sim_success();
	}
	data = json_array();
	if (json_bool_or(account, "subscribed", true)) {
		o = json_pack("{s{ss ss ss}}", "whatsapp_business_api_data",
		    "id", json_str_or(c->s->facts, "app/id", ""), "name",
		    json_str_or(c->s->facts, "app/name", ""), "link",
		    "http://127.0.0.1/");
		json_put(o, "override_callback_uri",
		    json_str(account, "override_callback_uri"));
		json_array_append_new(data, o);
	}
	return sim_reply_json(200, json_pack("{so}", "data", data));
}

static struct sim_reply
phone_numbers(struct sim_call *c)
{
	json_t *list = json_array(), *n, *o, *got;
	char name[64];
	size_t i;

	json_array_foreach(json_object_get(c->s->facts, "numbers"), i, n) {
		o = sim_number_json(c->s, n);
		got = sim_pick(o, sim_param(c, "fields"), name);
		json_decref(o);
		if (got == NULL) {
			json_decref(list);
			return sim_refuse(c, SIM_PARAMETER,
			    "there is no such field");
		}
		json_array_append_new(list, got);
	}
	return sim_paged(c, list);
}

json_t *
sim_template_json(const json_t *t)
{
	json_t *o = json_deep_copy(t);

	json_object_del(o, "sim_due_ms");
	return o;
}

static bool
fits(const struct sim_call *c, const json_t *t, const char *field)
{
	const char *want = sim_param(c, field);

	return want == NULL || strcasecmp(json_str_or(t, field, ""), want) == 0;
}

static struct sim_reply
template_list(struct sim_call *c)
{
	json_t *list = json_array(), *t, *o, *got;
	char name[64];
	size_t i;

	json_array_foreach(json_object_get(c->s->facts, "templates"), i, t) {
		if (!fits(c, t, "name") || !fits(c, t, "status") ||
		    !fits(c, t, "language") || !fits(c, t, "category"))
			continue;
		o = sim_template_json(t);
		/* Of these some templates have none. */
		if (json_object_get(o, "quality_score") == NULL)
			json_put_new(o, "quality_score",
			    json_pack("{ss}", "score", "UNKNOWN"));
		if (json_object_get(o, "rejected_reason") == NULL)
			json_put(o, "rejected_reason", "NONE");
		if (json_object_get(o, "parameter_format") == NULL)
			json_put(o, "parameter_format", "POSITIONAL");
		got = sim_pick(o, sim_param(c, "fields"), name);
		json_decref(o);
		if (got == NULL) {
			json_decref(list);
			return sim_refuse(c, SIM_PARAMETER,
			    "there is no such field");
		}
		json_array_append_new(list, got);
	}
	return sim_paged(c, list);
}

static struct sim_reply
template_make(struct sim_call *c)
{
	char details[256];
	const json_t *old;

	if (c->body == NULL)
		return sim_refuse(c, SIM_PARAMETER,
		    "the body is no JSON object");
	if (sim_template_wrong(c->body, details) != NULL)
		return sim_reply_error(c->s, SIM_PARAMETER, 2388043, details);
	old = sim_template_find(c->s, json_str_or(c->body, "name", ""),
	    json_str(c->body, "language"));
	if (old != NULL)
		return sim_reply_error(c->s, SIM_PARAMETER, 2388024,
		    "there is one of this name in this language");
	if (sim_template_is_dropped(c->s, c->body))
		return sim_reply_error(c->s, SIM_PARAMETER, 2388023,
		    "its name in this language was deleted and is free again "
		    "after 30 days");
	return sim_reply_json(200,
	    json_pack("{ss ss ss}", "id", sim_template_add(c->s, c->body),
		"status", "PENDING", "category",
		json_str_or(c->body, "category", "")));
}

static struct sim_reply
template_drop(struct sim_call *c)
{
	json_t *list = json_object_get(c->s->facts, "templates");
	const char *name = sim_param(c, "name"), *id = sim_param(c, "hsm_id");
	bool found = false;

	if (name == NULL)
		return sim_refuse(c, SIM_PARAMETER, "name is required");
	for (size_t i = json_array_size(list); i-- > 0;) {
		const json_t *t = json_array_get(list, i);

		if (strcmp(json_str_or(t, "name", ""), name) != 0 ||
		    (id != NULL && strcmp(json_str_or(t, "id", ""), id) != 0))
			continue;
		sim_template_drop(c->s, i);
		found = true;
	}
	return found ? sim_success() :
		       sim_reply_error(c->s, SIM_PARAMETER, 2593002,
			   "there is no template of this name");
}

struct sim_reply
sim_account_call(struct sim_call *c)
{
	const json_t *a = json_object_get(c->s->facts, "account");

	if (!sim_may(c, true))
		return sim_refuse(c, SIM_NO_SCOPE,
		    "whatsapp_business_management is missing");
	if (strcmp(c->edge, "subscribed_apps") == 0)
		return subscribed_apps(c);
	if (strcmp(c->edge, "phone_numbers") == 0 && sim_is_method(c, "GET"))
		return phone_numbers(c);
	if (strcmp(c->edge, "message_templates") == 0)
		return sim_is_method(c, "POST") ? template_make(c) :
		    sim_is_method(c, "DELETE")	? template_drop(c) :
						  template_list(c);
	if (*c->edge == '\0' && sim_is_method(c, "GET"))
		return sim_picked(c,
		    json_pack("{ss ss ss ss ss}", "id",
			json_str_or(a, "id", ""), "name",
			json_str_or(a, "name", ""), "currency", "EUR",
			"timezone_id", "1", "account_review_status",
			"APPROVED"));
	return sim_no_call(c);
}
