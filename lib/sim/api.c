/*
 * api.c - calls by their paths
 *
 *	/vNN.N/NODE[/EDGE]	the Graph API
 *	/sim/WHAT		the control side, and the bytes of media
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "sim/api.h"
#include "sim/check.h"
#include "sim/errors.h"
#include "sim/facts.h"
#include "sim/history.h"
#include "sim/hook.h"
#include "sim/media.h"
#include "sim/people.h"
#include "sim/script.h"
#include "sim/send.h"
#include "sim/template.h"

#define PAGE 25
#define PAGE_MOST 100
#define BLOCK_MOST 64000

/* A call of the Graph API. */
struct call {
	struct sim *s;
	struct request *q;
	const char *method;
	char *version, *node, *edge;
	const char *bytes;
	size_t len;
	json_t *body;	/* NULL: no JSON object */
	json_t *params; /* of a form; NULL: none */
	bool app;	/* it bears the app's token */
	bool authorized;
	const struct sim_fault *fault;
	char wamid[64];
};

static bool
is_method(const struct call *c, const char *method)
{
	return strcmp(c->method, method) == 0;
}

/* A parameter, from the query, a form or the JSON of the body. NULL: none. */
static const char *
param(const struct call *c, const char *name)
{
	const char *v = request_query(c->q, name);

	if (v == NULL)
		v = json_str(c->params, name);
	if (v == NULL)
		v = json_str(c->body, name);
	return v;
}

static int64_t
param_int(const struct call *c, const char *name, int64_t or, int64_t max)
{
	const char *v = param(c, name);
	int64_t n;

	if (v == NULL || str_int(v, 1, INT64_MAX, &n) < 0)
		return or ;
	return n < max ? n : max;
}

static struct sim_reply
error(const struct call *c, int code, const char *details)
{
	return sim_reply_error(c->s, code, 0, details);
}

static struct sim_reply
unknown(const struct call *c)
{
	return sim_reply_error(c->s, SIM_PARAMETER, 33,
	    "no such object, or no such call of it");
}

static struct sim_reply
success(void)
{
	return sim_reply_json(200, json_pack("{sb}", "success", 1));
}

/* application/x-www-form-urlencoded. */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *
unescape(const char *text, size_t len)
{
	struct buf b = BUF_INIT(0);

	for (size_t i = 0; i < len; i++)
		if (text[i] == '%' && i + 2 < len && hex(text[i + 1]) >= 0 &&
		    hex(text[i + 2]) >= 0) {
			buf_addc(&b,
			    (char)(hex(text[i + 1]) * 16 + hex(text[i + 2])));
			i += 2;
		} else {
			buf_addc(&b, (char)(text[i] == '+' ? ' ' : text[i]));
		}
	return buf_detach(&b);
}

static json_t *
form(const char *text, size_t len)
{
	json_t *o = json_object();
	const char *end = text + len;

	while (text < end) {
		const char *amp = memchr(text, '&', (size_t)(end - text));
		const char *stop = amp != NULL ? amp : end;
		const char *eq = memchr(text, '=', (size_t)(stop - text));

		if (eq != NULL) {
			char *key = unescape(text, (size_t)(eq - text));
			char *value = unescape(eq + 1, (size_t)(stop - eq - 1));

			json_put(o, key, value);
			free(key);
			free(value);
		}
		text = stop + 1;
	}
	return o;
}

/* Fields and pages. */

/*
 * The members of o that ?fields= names; all of them if it names none. A name
 * may carry a list of its own in braces, which is not looked at. NULL if one
 * is not there; *ret_name is it.
 */
static json_t *
pick(const json_t *o, const char *fields, char ret_name[64])
{
	json_t *got, *v;
	int depth = 0;
	size_t len = 0;

	if (fields == NULL || *fields == '\0')
		return json_deep_copy(o);
	got = json_object();
	for (const char *p = fields;; p++) {
		if (*p == '{')
			depth++;
		else if (*p == '}')
			depth--;
		else if (depth == 0 && *p != ',' && *p != '\0' && *p != ' ') {
			if (len < 63)
				ret_name[len++] = *p;
		} else if ((depth == 0 && *p == ',') || *p == '\0') {
			ret_name[len] = '\0';
			len = 0;
			v = json_object_get(o, ret_name);
			if (v == NULL) {
				json_decref(got);
				return NULL;
			}
			json_object_set_new(got, ret_name, json_deep_copy(v));
			if (*p == '\0')
				break;
		}
	}
	if (json_object_get(got, "id") == NULL)
		json_put(got, "id", json_str(o, "id"));
	return got;
}

static struct sim_reply
picked(const struct call *c, json_t *o)
{
	char name[64], *details;
	json_t *got = pick(o, param(c, "fields"), name);
	struct sim_reply r;

	json_decref(o);
	if (got != NULL)
		return sim_reply_json(200, got);
	details = xformat("there is no field '%s'", name);
	r = error(c, SIM_PARAMETER, details);
	free(details);
	return r;
}

static void
cursor(int64_t n, char ret[64])
{
	char text[24];

	snprintf(text, sizeof text, "at:%lld", (long long)n);
	sodium_bin2base64(ret, 64, (unsigned char *)text, strlen(text),
	    sodium_base64_VARIANT_URLSAFE);
}

/* The place a cursor names; -1: none. */
static int64_t
cursor_at(const char *text)
{
	char plain[48];
	size_t len;
	int64_t n;

	if (text == NULL ||
	    sodium_base642bin((unsigned char *)plain, sizeof plain - 1, text,
		strlen(text), NULL, &len, NULL,
		sodium_base64_VARIANT_URLSAFE) != 0)
		return -1;
	plain[len] = '\0';
	if (!str_starts(plain, "at:") ||
	    str_int(plain + 3, 0, INT64_MAX, &n) < 0)
		return -1;
	return n;
}

/* The page of list that limit, after and before ask for. Takes list. */
static struct sim_reply
paged(const struct call *c, json_t *list)
{
	int64_t limit = param_int(c, "limit", PAGE, PAGE_MOST), from = 0;
	int64_t size = (int64_t)json_array_size(list), i, to;
	json_t *data = json_array(), *paging = json_object();
	char before[64], after[64], *url;

	if (param(c, "after") != NULL)
		from = cursor_at(param(c, "after")) + 1;
	else if (param(c, "before") != NULL)
		from = cursor_at(param(c, "before")) - limit;
	if (from < 0)
		from = 0;
	to = from + limit < size ? from + limit : size;
	for (i = from; i < to; i++)
		json_array_append(data, json_array_get(list, (size_t)i));
	json_decref(list);
	if (from < to) {
		cursor(from, before);
		cursor(to - 1, after);
		json_put_new(paging, "cursors",
		    json_pack("{ss ss}", "before", before, "after", after));
		if (to < size) {
			url = xformat("http://%s/%s/%s/%s?limit=%lld&after=%s",
			    listen_address(c->s->listener), c->version, c->node,
			    c->edge, (long long)limit, after);
			json_put(paging, "next", url);
			free(url);
		}
		if (from > 0) {
			url = xformat("http://%s/%s/%s/%s?limit=%lld&before=%s",
			    listen_address(c->s->listener), c->version, c->node,
			    c->edge, (long long)limit, before);
			json_put(paging, "previous", url);
			free(url);
		}
	}
	return sim_reply_json(200,
	    json_pack("{so so}", "data", data, "paging", paging));
}

/* Who calls. */

static bool
is_app_token(const struct sim *s, const char *token)
{
	const char *id = json_str_or(s->facts, "app/id", "");
	size_t len = strlen(id);
	const char *secret = json_str(s->facts, "app/secret");

	if (secret == NULL)
		secret = s->secret;
	return strncmp(token, id, len) == 0 && token[len] == '|' &&
	    (secret == NULL || strcmp(token + len + 1, secret) == 0);
}

static const char *
bearer(const struct request *q)
{
	const char *header = request_header(q, "Authorization");

	if (header != NULL && strncasecmp(header, "Bearer ", 7) == 0)
		return header + 7;
	return header == NULL ? request_query(q, "access_token") : NULL;
}

static bool
is_expired(const struct sim *s)
{
	int64_t at = json_int_or(s->facts, "token/expires_at", 0);

	return at > 0 && now_ms() / 1000 >= at;
}

/* 0, or the code and subcode of a call that may not be made. */
static int
authorize(struct call *c, int *ret_subcode)
{
	struct sim *s = c->s;
	const char *token = bearer(c->q);

	*ret_subcode = 0;
	c->app = token != NULL && is_app_token(s, token);
	if (c->app)
		return 0;
	if (token == NULL && s->token == NULL &&
	    request_header(c->q, "Authorization") == NULL && !s->o->strict)
		token = ""; /* any will do, none too */
	if (token == NULL)
		return SIM_TOKEN;
	if (s->token != NULL && strcmp(token, s->token) != 0)
		return SIM_TOKEN;
	if (is_expired(s)) {
		*ret_subcode = 463;
		return SIM_TOKEN;
	}
	if (!json_bool_or(s->facts, "token/valid", true)) {
		*ret_subcode = 460;
		return SIM_TOKEN;
	}
	return 0;
}

static bool
may(const struct call *c, bool manage)
{
	return c->app ||
	    sim_facts_scope(c->s,
		manage ? "whatsapp_business_management" :
			 "whatsapp_business_messaging");
}

/* A number. */

static struct sim_reply
messages(struct call *c, const json_t *number)
{
	const char *type = request_header(c->q, "Content-Type");

	if (!is_method(c, "POST"))
		return unknown(c);
	if (type == NULL || !str_starts(type, "application/json") ||
	    c->body == NULL)
		return error(c, SIM_PARAMETER,
		    "the body is not a JSON object of its Content-Type");
	if (json_object_get(c->body, "status") != NULL)
		return sim_send_read(c->s, number, c->body);
	return sim_send(c->s, number, c->body, c->fault, c->wamid);
}

static struct sim_reply
upload(struct call *c)
{
	struct sim_form f;
	struct sim_reply r;
	const char *mime, *wrong;
	struct sim_media *m;
	json_t *about;

	if (!is_method(c, "POST"))
		return unknown(c);
	if (sim_form_parse(request_header(c->q, "Content-Type"), c->bytes,
		c->len, &f) < 0) {
		sim_form_release(&f);
		return error(c, SIM_PARAMETER, err_reason());
	}
	mime = f.type[0] != '\0' ? f.type : f.file_type;
	if (strcmp(f.product, "whatsapp") != 0)
		r = error(c, SIM_MISSING, "messaging_product is required");
	else if (f.file == NULL)
		r = error(c, SIM_MISSING, "file is required");
	else if (mime == NULL)
		r = error(c, SIM_MISSING, "type is required");
	else if (f.other != NULL)
		r = error(c, SIM_PARAMETER, "an unexpected field");
	else if (f.file_len == 0)
		r = error(c, SIM_MEDIA, "the file is empty");
	else if ((wrong = sim_media_wrong(NULL, mime, f.file_len)) != NULL)
		r = error(c, SIM_MEDIA, wrong);
	else {
		m = sim_media_add(c->s, NULL, mime, f.file, f.file_len);
		m->uploaded = true;
		r = sim_reply_json(200, json_pack("{ss}", "id", m->id));
	}
	about = json_object();
	json_put(about, "type", mime);
	json_put(about, "file_name", f.file_name);
	json_put_int(about, "file_size", (int64_t)f.file_len);
	json_decref(c->body);
	c->body = about;
	sim_form_release(&f);
	return r;
}

/* A number as the API tells it. */
static json_t *
number_json(const struct sim *s, const json_t *number)
{
	static const char *const hidden[] = { "registered", "testers", "pin",
		"can_send_message", NULL };
	json_t *o = json_deep_copy(number), *hook = json_object();
	const char *can = json_str_or(number, "can_send_message", "AVAILABLE");
	const char *id = json_str_or(number, "id", "");

	for (size_t i = 0; hidden[i] != NULL; i++)
		json_object_del(o, hidden[i]);
	if (!json_bool_or(number, "registered", true)) {
		json_put(o, "status", "DISCONNECTED");
		json_put(o, "platform_type", "NOT_APPLICABLE");
		can = "BLOCKED";
	}
	if (json_bool_or(s->facts, "account/restricted", false) ||
	    json_bool_or(s->facts, "account/blocked", false))
		can = "BLOCKED";
	json_put(hook, "application", json_str(s->facts, "webhook/url"));
	json_put(hook, "whatsapp_business_account",
	    json_str(s->facts, "account/override_callback_uri"));
	json_put_new(o, "webhook_configuration", hook);
	json_put_new(o, "health_status",
	    json_pack("{ss s[{ss ss ss} {ss ss ss} {ss ss ss}]}",
		"can_send_message", can, "entities", "entity_type",
		"PHONE_NUMBER", "id", id, "can_send_message", can,
		"entity_type", "WABA", "id",
		json_str_or(s->facts, "account/id", ""), "can_send_message",
		json_bool_or(s->facts, "account/restricted", false) ?
		    "BLOCKED" :
		    "AVAILABLE",
		"entity_type", "APP", "id", json_str_or(s->facts, "app/id", ""),
		"can_send_message",
		json_bool_or(s->facts, "app/live", true) ? "AVAILABLE" :
							   "LIMITED"));
	return o;
}

static struct sim_reply
number_get(struct call *c, const json_t *number)
{
	static const char usual[] = "id,verified_name,code_verification_status,"
				    "display_phone_number,quality_rating,"
				    "platform_type,throughput,"
				    "webhook_configuration";
	json_t *o = number_json(c->s, number), *few;
	char name[64];

	if (param(c, "fields") != NULL)
		return picked(c, o);
	few = pick(o, usual, name);
	json_decref(o);
	return sim_reply_json(200, few);
}

static struct sim_reply
register_number(struct call *c, const json_t *number, bool on)
{
	const char *pin = param(c, "pin");

	if (!is_method(c, "POST"))
		return unknown(c);
	if (on) {
		if (strcmp(param(c, "messaging_product") != NULL ?
			    param(c, "messaging_product") :
			    "",
			"whatsapp") != 0)
			return error(c, SIM_MISSING,
			    "messaging_product is required");
		if (pin == NULL || strlen(pin) != 6 ||
		    strspn(pin, "0123456789") != 6)
			return error(c, SIM_PARAMETER, "pin must be 6 digits");
		/* 000000: none was set yet. */
		if (strcmp(json_str_or(number, "pin", "000000"), "000000") !=
			0 &&
		    strcmp(json_str_or(number, "pin", ""), pin) != 0)
			return error(c, SIM_PIN, "the PIN is another one");
		json_put((json_t *)number, "pin", pin);
	}
	json_object_set_new((json_t *)number, "registered", json_boolean(on));
	return success();
}

static struct sim_reply
history(struct call *c, const json_t *number)
{
	const char *only = param(c, "message_id");
	const char *fields = param(c, "fields");
	const char *id = json_str_or(number, "id", "");
	bool received = json_bool_or(c->s->facts, "history_received", true);
	bool events = fields == NULL || strstr(fields, "events") != NULL;
	json_t *list = json_array();

	for (size_t i = 0; i < c->s->nhistory; i++) {
		const struct sim_entry *e = c->s->history[i];

		if (strcmp(e->number, id) != 0 || (e->incoming && !received) ||
		    (only != NULL && strcmp(e->wamid, only) != 0))
			continue;
		json_array_append_new(list, sim_history_json(c->s, e, events));
	}
	if (only != NULL && json_array_size(list) == 0) {
		struct sim_reply r =
		    error(c, SIM_PARAMETER, "no message of this message_id");

		json_decref(list);
		r.status = 422;
		return r;
	}
	return paged(c, list);
}

/* Who may be blocked: who wrote within the day. */
static void
block_one(struct call *c, const char *number, const json_t *user, bool block,
    json_t *done, json_t *failed)
{
	const char *input =
	    json_str_or(user, "user", json_str_or(user, "user_id", ""));
	struct sim_customer *who = NULL;
	const char *why = NULL;
	char *digits = xstrdup(input), *to = digits;
	json_t *o = json_object();
	int64_t blocked = 0;

	if (!sim_is_bsuid(input)) {
		for (const char *p = input; *p != '\0'; p++)
			if (isdigit((unsigned char)*p))
				*to++ = *p;
		*to = '\0';
	}
	who = sim_customer_find(c->s, number, digits);
	for (const struct sim_customer *k = c->s->customers; k != NULL;
	     k = k->all)
		blocked += k->blocked;
	if (block && blocked >= BLOCK_MOST)
		why = "the block list is full";
	else if (block &&
	    (who == NULL || who->wrote_ms < 0 ||
		sim_clock(c->s) - who->wrote_ms >= c->s->o->window_ms))
		why = "the user has not written in the last 24 hours";
	else if (!block && (who == NULL || !who->blocked))
		why = "the user is not blocked";
	json_put(o, "input", input);
	json_put(o, sim_is_bsuid(digits) ? "user_id" : "wa_id", digits);
	if (why != NULL) {
		json_put_new(o, "errors",
		    json_pack("[{ss si s{ss}}]", "message", why, "code",
			block && blocked >= BLOCK_MOST ? 139101 : SIM_WINDOW,
			"error_data", "details", why));
		json_array_append_new(failed, o);
	} else {
		who->blocked = block;
		json_array_append_new(done, o);
	}
	free(digits);
}

static struct sim_reply
block_users(struct call *c, const json_t *number)
{
	const char *id = json_str_or(number, "id", "");
	bool block = is_method(c, "POST");
	json_t *done, *failed, *user, *got;
	char details[SIM_DETAILS];
	struct sim_reply r;
	bool some;
	size_t i;
	int code;

	if (is_method(c, "GET")) {
		json_t *list = json_array();

		for (const struct sim_customer *k = c->s->customers; k != NULL;
		     k = k->all) {
			if (!k->blocked || strcmp(k->number, id) != 0)
				continue;
			user = json_object();
			json_put(user, "messaging_product", "whatsapp");
			json_put(user, "wa_id", k->wa_id);
			json_put(user, "user_id", k->user_id);
			json_array_append_new(list, user);
		}
		return paged(c, list);
	}
	if (!block && !is_method(c, "DELETE"))
		return unknown(c);
	if (c->body == NULL)
		return error(c, SIM_PARAMETER, "the body is no JSON object");
	if ((code = sim_check_block(c->body, details)) != 0)
		return error(c, code, details);
	done = json_array();
	failed = json_array();
	json_array_foreach(json_object_get(c->body, "block_users"), i, user)
		block_one(c, id, user, block, done, failed);
	some = json_array_size(failed) > 0;
	got = json_pack("{ss s{so so}}", "messaging_product", "whatsapp",
	    "block_users", block ? "added_users" : "removed_users", done,
	    "failed_users", failed);
	if (some) {
		json_t *e = sim_error(SIM_BLOCK_SOME, 0, NULL, c->s->calls);

		json_object_update(got, e);
		json_decref(e);
	}
	r = sim_reply_json(some ? 400 : 200, got);
	return r;
}

static struct sim_reply
number_call(struct call *c, const json_t *number)
{
	bool management = strcmp(c->edge, "messages") != 0 &&
	    strcmp(c->edge, "media") != 0 &&
	    strcmp(c->edge, "block_users") != 0;

	if (!may(c, management))
		return error(c, SIM_NO_SCOPE,
		    management ? "whatsapp_business_management is missing" :
				 "whatsapp_business_messaging is missing");
	if (strcmp(c->edge, "messages") == 0)
		return messages(c, number);
	if (strcmp(c->edge, "media") == 0)
		return upload(c);
	if (strcmp(c->edge, "block_users") == 0)
		return block_users(c, number);
	if (strcmp(c->edge, "register") == 0)
		return register_number(c, number, true);
	if (strcmp(c->edge, "deregister") == 0)
		return register_number(c, number, false);
	if (strcmp(c->edge, "message_history") == 0 && is_method(c, "GET"))
		return history(c, number);
	if (*c->edge == '\0' && is_method(c, "GET"))
		return number_get(c, number);
	return unknown(c);
}

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
		reply = success();
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
shake_hands(struct call *c, const char *url, const char *token, json_t *patch)
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
		r = error(c, SIM_PARAMETER, "callback_url is no URL");
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
subscriptions(struct call *c)
{
	const json_t *hook = json_object_get(c->s->facts, "webhook");
	const char *url, *token, *fields;
	json_t *data, *list, *o, *v;
	size_t i;

	if (!c->app)
		return error(c, 15, "this call needs the app's access token");
	if (is_method(c, "POST")) {
		url = param(c, "callback_url");
		token = param(c, "verify_token");
		fields = param(c, "fields");
		if (url == NULL || token == NULL)
			return error(c, SIM_PARAMETER,
			    "callback_url and verify_token are required");
		o = json_pack("{ss sb}", "url", url, "active", 1);
		if (fields != NULL)
			json_put_new(o, "fields", split(fields));
		return shake_hands(c, url, token,
		    json_pack("{so}", "webhook", o));
	}
	if (is_method(c, "DELETE")) {
		json_object_set_new((json_t *)hook, "active", json_false());
		return success();
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

static struct sim_reply
app_call(struct call *c)
{
	if (strcmp(c->edge, "subscriptions") == 0)
		return subscriptions(c);
	if (*c->edge == '\0' && is_method(c, "GET"))
		return picked(c,
		    json_pack("{ss ss ss}", "id",
			json_str_or(c->s->facts, "app/id", ""), "name",
			json_str_or(c->s->facts, "app/name", ""), "link",
			"http://127.0.0.1/"));
	return unknown(c);
}

static struct sim_reply
debug_token(struct call *c)
{
	const char *input = param(c, "input_token");
	const json_t *f = c->s->facts;
	json_t *data;
	bool ours, app;

	if (input == NULL)
		return error(c, SIM_PARAMETER, "input_token is required");
	app = is_app_token(c->s, input);
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
		(json_bool_or(f, "token/valid", true) && !is_expired(c->s))));
	if (!app && is_expired(c->s))
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
subscribed_apps(struct call *c)
{
	json_t *account = json_object_get(c->s->facts, "account");
	const char *url = param(c, "override_callback_uri");
	json_t *data, *o;

	if (is_method(c, "POST")) {
		if (url != NULL)
			return shake_hands(c, url,
			    param(c, "verify_token") != NULL ?
				param(c, "verify_token") :
				"",
			    json_pack("{s{sb ss}}", "account", "subscribed", 1,
				"override_callback_uri", url));
		json_object_set_new(account, "subscribed", json_true());
		json_object_del(account, "override_callback_uri");
		return success();
	}
	if (is_method(c, "DELETE")) {
		json_object_set_new(account, "subscribed", json_false());
		json_object_del(account, "override_callback_uri");
		return success();
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
phone_numbers(struct call *c)
{
	json_t *list = json_array(), *n, *o, *got;
	char name[64];
	size_t i;

	json_array_foreach(json_object_get(c->s->facts, "numbers"), i, n) {
		o = number_json(c->s, n);
		got = pick(o, param(c, "fields"), name);
		json_decref(o);
		if (got == NULL) {
			json_decref(list);
			return error(c, SIM_PARAMETER,
			    "there is no such field");
		}
		json_array_append_new(list, got);
	}
	return paged(c, list);
}

static json_t *
template_json(const json_t *t)
{
	json_t *o = json_deep_copy(t);

	json_object_del(o, "sim_due_ms");
	return o;
}

static bool
fits(const struct call *c, const json_t *t, const char *field)
{
	const char *want = param(c, field);

	return want == NULL || strcasecmp(json_str_or(t, field, ""), want) == 0;
}

static struct sim_reply
template_list(struct call *c)
{
	json_t *list = json_array(), *t, *o, *got;
	char name[64];
	size_t i;

	json_array_foreach(json_object_get(c->s->facts, "templates"), i, t) {
		if (!fits(c, t, "name") || !fits(c, t, "status") ||
		    !fits(c, t, "language") || !fits(c, t, "category"))
			continue;
		o = template_json(t);
		/* Of these some templates have none. */
		if (json_object_get(o, "quality_score") == NULL)
			json_put_new(o, "quality_score",
			    json_pack("{ss}", "score", "UNKNOWN"));
		if (json_object_get(o, "rejected_reason") == NULL)
			json_put(o, "rejected_reason", "NONE");
		if (json_object_get(o, "parameter_format") == NULL)
			json_put(o, "parameter_format", "POSITIONAL");
		got = pick(o, param(c, "fields"), name);
		json_decref(o);
		if (got == NULL) {
			json_decref(list);
			return error(c, SIM_PARAMETER,
			    "there is no such field");
		}
		json_array_append_new(list, got);
	}
	return paged(c, list);
}

static struct sim_reply
template_make(struct call *c)
{
	char details[256];
	const json_t *old;

	if (c->body == NULL)
		return error(c, SIM_PARAMETER, "the body is no JSON object");
	if (sim_template_wrong(c->body, details) != NULL)
		return sim_reply_error(c->s, SIM_PARAMETER, 2388043, details);
	old = sim_template_find(c->s, json_str_or(c->body, "name", ""),
	    json_str(c->body, "language"));
	if (old != NULL)
		return sim_reply_error(c->s, SIM_PARAMETER, 2388024,
		    "there is one of this name in this language");
	return sim_reply_json(200,
	    json_pack("{ss ss ss}", "id", sim_template_add(c->s, c->body),
		"status", "PENDING", "category",
		json_str_or(c->body, "category", "")));
}

static struct sim_reply
template_drop(struct call *c)
{
	json_t *list = json_object_get(c->s->facts, "templates");
	const char *name = param(c, "name"), *id = param(c, "hsm_id");
	bool found = false;

	if (name == NULL)
		return error(c, SIM_PARAMETER, "name is required");
	for (size_t i = json_array_size(list); i-- > 0;) {
		const json_t *t = json_array_get(list, i);

		if (strcmp(json_str_or(t, "name", ""), name) != 0 ||
		    (id != NULL && strcmp(json_str_or(t, "id", ""), id) != 0))
			continue;
		json_array_remove(list, i);
		found = true;
	}
	return found ? success() :
		       sim_reply_error(c->s, SIM_PARAMETER, 2593002,
			   "there is no template of this name");
}

static struct sim_reply
account_call(struct call *c)
{
	const json_t *a = json_object_get(c->s->facts, "account");

	if (!may(c, true))
		return error(c, SIM_NO_SCOPE,
		    "whatsapp_business_management is missing");
	if (strcmp(c->edge, "subscribed_apps") == 0)
		return subscribed_apps(c);
	if (strcmp(c->edge, "phone_numbers") == 0 && is_method(c, "GET"))
		return phone_numbers(c);
	if (strcmp(c->edge, "message_templates") == 0)
		return is_method(c, "POST") ? template_make(c) :
		    is_method(c, "DELETE")  ? template_drop(c) :
					      template_list(c);
	if (*c->edge == '\0' && is_method(c, "GET"))
		return picked(c,
		    json_pack("{ss ss ss ss ss}", "id",
			json_str_or(a, "id", ""), "name",
			json_str_or(a, "name", ""), "currency", "EUR",
			"timezone_id", "1", "account_review_status",
			"APPROVED"));
	return unknown(c);
}

/* Media and single objects. */

static struct sim_reply
object_call(struct call *c)
{
	struct sim_media *m = sim_media_find(c->s, c->node);
	size_t i;
	json_t *t;

	if (m != NULL && *c->edge == '\0') {
		if (!may(c, false))
			return error(c, SIM_NO_SCOPE,
			    "whatsapp_business_messaging is missing");
		if (is_method(c, "GET"))
			return sim_reply_json(200, sim_media_json(c->s, m));
		if (is_method(c, "DELETE")) {
			sim_media_remove(c->s, m);
			return success();
		}
	}
	json_array_foreach(json_object_get(c->s->facts, "templates"), i, t)
		if (strcmp(json_str_or(t, "id", ""), c->node) == 0 &&
		    *c->edge == '\0' && is_method(c, "GET"))
			return picked(c, template_json(t));
	for (i = 0; i < c->s->nhistory; i++)
		if (strcmp(c->s->history[i]->id, c->node) == 0 &&
		    strcmp(c->edge, "events") == 0)
			return paged(c,
			    sim_history_events(c->s, c->s->history[i]));
	return unknown(c);
}

static struct sim_reply
graph_call(struct call *c)
{
	const struct sim *s = c->s;
	const json_t *number = sim_facts_number(s, c->node);

	if (strcmp(c->node, "debug_token") == 0 && *c->edge == '\0')
		return debug_token(c);
	if (strcmp(c->node, json_str_or(s->facts, "app/id", "")) == 0)
		return app_call(c);
	if (c->app)
		return sim_reply_error(c->s, SIM_NO_PERMISSION, 0,
		    "not with the app's access token");
	if (number != NULL)
		return number_call(c, number);
	if (strcmp(c->node, json_str_or(s->facts, "account/id", "")) == 0)
		return account_call(c);
	return object_call(c);
}

/* What faults call it: the edge, or what the node is. */
static const char *
edge_name(const struct call *c)
{
	if (strcmp(c->edge, "messages") == 0 && c->body != NULL &&
	    json_object_get(c->body, "status") != NULL)
		return "read";
	if (*c->edge != '\0')
		return c->edge;
	if (strcmp(c->node, "debug_token") == 0)
		return c->node;
	if (sim_facts_number(c->s, c->node) != NULL)
		return "number";
	return sim_media_find(c->s, c->node) != NULL ? "file" : "object";
}

static void
record(struct call *c, const struct sim_reply *r)
{
	struct sim *s = c->s;
	json_t *o;
	char *line, *whole, text[TIME_TEXT_BYTES];

	if (s->record_fd < 0)
		return;
	o = json_object();
	json_put_int(o, "n", (int64_t)s->calls);
	json_put(o, "time", time_text(now_ms(), text));
	json_put(o, "method", c->method);
	json_put(o, "path", request_path(c->q));
	json_put(o, "agent", request_header(c->q, "User-Agent"));
	json_put_new(o, "authorized", json_boolean(c->authorized));
	json_put(o, "fault", c->fault != NULL ? c->fault->name : NULL);
	if (r->text != NULL)
		json_put_int(o, "status", r->status);
	json_put(o, "id", c->wamid);
	if (c->body != NULL)
		json_object_set(o, "body", c->body);
	line = json_text(o);
	whole = xformat("%s\n", line);
	if (write_all(s->record_fd, whole, strlen(whole)) < 0)
		sim_fail(s, err_errno(ERR_IO, "%s", s->o->record_file));
	free(whole);
	free(line);
	json_decref(o);
}

static void
read_body(struct call *c)
{
	const char *type = request_header(c->q, "Content-Type");

	c->bytes = request_body(c->q, &c->len);
	if (c->len == 0)
		return;
	if (type != NULL &&
	    str_starts(type, "application/x-www-form-urlencoded"))
		c->params = form(c->bytes, c->len);
	if ((type == NULL || !str_starts(type, "multipart/")) &&
	    json_object_parse(c->bytes, c->len, &c->body) < 0)
		c->body = NULL;
}

/* Faults of messages are met in sim_send, after the message was looked at. */
static void
graph(struct call *c)
{
	struct sim *s = c->s;
	struct sim_reply r;
	int code, subcode;
	bool sending;

	s->calls++;
	s->active_ms = mono_ms();
	c->method = request_method(c->q);
	code = authorize(c, &subcode);
	c->authorized = code == 0;
	if (code == 0) {
		read_body(c);
		c->fault = sim_fault_draw(s->faults, edge_name(c), s->calls);
	}
	sending = strcmp(edge_name(c), "messages") == 0;
	if (code != 0) {
		r = sim_reply_error(s, code, subcode, NULL);
	} else if (!sending && !sim_fault_taken(c->fault)) {
		r = sim_fault_reply(s, c->fault, NULL);
	} else {
		r = graph_call(c);
		if (!sending && c->fault != NULL && r.status == 200) {
			sim_fault_tell(s, c->fault, NULL);
			sim_fault_spoil(&r, c->fault);
		}
	}
	record(c, &r);
	if (!r.pending)
		sim_wire_answer(s, c->q, r);
	json_decref(c->body);
	json_decref(c->params);
}

/* "/v23.0/NODE/EDGE" in three; false if it is none. */
static bool
graph_path(const char *path, struct call *c)
{
	const char *node, *edge;
	size_t digits;

	if (!str_starts(path, "/v"))
		return false;
	digits = strspn(path + 2, "0123456789.");
	if (digits == 0 || path[2 + digits] != '/')
		return false;
	node = path + 3 + digits;
	edge = node + strcspn(node, "/");
	c->version = xstrndup(path + 1, digits + 1);
	c->node = xstrndup(node, (size_t)(edge - node));
	c->edge = xstrdup(*edge == '/' ? edge + 1 : "");
	return true;
}

/* The control side. */

static struct sim_reply
control_error(int status)
{
	return sim_reply_json(status, json_pack("{ss}", "error", err_reason()));
}

static struct sim_reply
control_message(struct sim *s, const char *text, size_t len)
{
	char id[128] = "";
	json_t *line;
	int code = json_object_parse(text, len, &line);

	if (code == 0) {
		code = sim_script_say(s, line, false, id);
		json_decref(line);
	}
	if (code < 0)
		return control_error(400);
	return sim_reply_json(200, json_pack("{ss}", "id", id));
}

static struct sim_reply
control_fault(struct sim *s, const char *text, size_t len)
{
	char *spec = xstrndup(text, len);
	struct sim_faults *faults;
	int code;

	spec[strcspn(spec, "\n")] = '\0';
	code = sim_faults_parse(spec, (uint64_t)s->o->seed, &faults);
	free(spec);
	if (code < 0)
		return control_error(400);
	sim_faults_free(s->faults);
	s->faults = faults;
	return success();
}

static struct sim_reply
control_state(struct sim *s, const char *text, size_t len)
{
	json_t *patch;
	int code = json_object_parse(text, len, &patch);

	if (code == 0) {
		code = sim_facts_merge(s, patch);
		json_decref(patch);
	}
	return code < 0 ? control_error(400) : success();
}

static struct sim_reply
show_state(const struct sim *s)
{
	json_t *o = json_pack("{sI sI sI sI sI}", "calls", (json_int_t)s->calls,
	    "webhooks_taken", (json_int_t)s->posted, "webhooks_waiting",
	    (json_int_t)sim_hook_open(s), "webhooks_dropped",
	    (json_int_t)s->dropped, "webhooks_lost", (json_int_t)s->lost);
	json_t *facts = sim_facts_shown(s);

	json_object_update(o, facts);
	json_decref(facts);
	return sim_reply_json(200, o);
}

/* The bytes of media: for who bears the token, and not for long. */
static void
download(struct sim *s, struct request *q, const char *id)
{
	struct call c = { .s = s,
		.q = q,
		.method = request_method(q),
		.node = (char *)id,
		.edge = (char *)"download" };
	struct sim_reply r;
	int subcode, code = authorize(&c, &subcode);

	s->calls++;
	s->active_ms = mono_ms();
	c.authorized = code == 0;
	if (code == 0)
		c.fault = sim_fault_draw(s->faults, "download", s->calls);
	if (code != 0) {
		r = sim_reply_error(s, code, subcode, NULL);
	} else if (!sim_fault_taken(c.fault)) {
		r = sim_fault_reply(s, c.fault, NULL);
	} else {
		r = (struct sim_reply){ .status = 200,
			.media =
			    sim_media_at(s, id, request_query(q, "ticket")) };
		if (r.media == NULL) {
			r = sim_reply_error(s, SIM_PARAMETER, 0,
			    "the URL is not good any more");
			r.status = 404;
		} else if (c.fault != NULL) {
			sim_fault_tell(s, c.fault, NULL);
			/* Broken bytes need no more than a text. */
			r.media = NULL;
			r.text = xstrdup("half of a file, and no more of it");
			sim_fault_spoil(&r, c.fault);
		}
	}
	record(&c, &r);
	sim_wire_answer(s, q, r);
}

static struct sim_reply
control(struct sim *s, struct request *q, const char *what)
{
	bool post = strcmp(request_method(q), "POST") == 0;
	size_t len;
	const char *text = request_body(q, &len);

	if (post && strcmp(what, "message") == 0)
		return control_message(s, text, len);
	if (post && strcmp(what, "fault") == 0)
		return control_fault(s, text, len);
	if (post && strcmp(what, "state") == 0)
		return control_state(s, text, len);
	if (!post && strcmp(what, "state") == 0)
		return show_state(s);
	return sim_reply_json(404, json_pack("{ss}", "error", "no such page"));
}

void
sim_api(struct sim *s, struct request *q)
{
	struct call c = { .s = s, .q = q };
	const char *path = request_path(q);
	struct sim_reply r;

	if (str_starts(path, "/sim/media/")) {
		download(s, q, path + 11);
	} else if (str_starts(path, "/sim/")) {
		sim_wire_answer(s, q, control(s, q, path + 5));
	} else if (graph_path(path, &c)) {
		graph(&c);
		free(c.version);
		free(c.node);
		free(c.edge);
	} else {
		r = sim_reply_error(s, 2500, 0, "no such path");
		r.status = 404;
		sim_wire_answer(s, q, r);
	}
}
