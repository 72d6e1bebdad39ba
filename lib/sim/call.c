/* call.c - a call: its parameters, its pages, and who makes it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/str.h"
#include "base/time.h"
#include "sim/call.h"
#include "sim/errors.h"
#include "sim/facts.h"

#define PAGE 25
#define PAGE_MOST 100

bool
sim_is_method(const struct sim_call *c, const char *method)
{
	return strcmp(c->method, method) == 0;
}

const char *
sim_param(const struct sim_call *c, const char *name)
{
	const char *v = request_query(c->q, name);

	if (v == NULL)
		v = json_str(c->params, name);
	if (v == NULL)
		v = json_str(c->body, name);
	return v;
}

int64_t
sim_param_int(const struct sim_call *c, const char *name, int64_t or,
    int64_t max)
{
	const char *v = sim_param(c, name);
	int64_t n;

	if (v == NULL || str_int(v, 1, INT64_MAX, &n) < 0)
		return or ;
	return n < max ? n : max;
}

struct sim_reply
sim_refuse(const struct sim_call *c, int code, const char *details)
{
	return sim_reply_error(c->s, code, 0, details);
}

struct sim_reply
sim_no_call(const struct sim_call *c)
{
	return sim_reply_error(c->s, SIM_PARAMETER, 33,
	    "no such object, or no such call of it");
}

struct sim_reply
sim_success(void)
{
	return sim_reply_json(200, json_pack("{sb}", "success", 1));
}

/* application/x-www-form-urlencoded. */

static char *
unescape(const char *text, size_t len)
{
	struct buf b = BUF_INIT(0);

	for (size_t i = 0; i < len; i++)
		if (text[i] == '%' && i + 2 < len &&
		    hex_digit(text[i + 1]) >= 0 &&
		    hex_digit(text[i + 2]) >= 0) {
			buf_addc(&b,
			    (char)(hex_digit(text[i + 1]) * 16 +
				hex_digit(text[i + 2])));
			i += 2;
		} else {
			buf_addc(&b, (char)(text[i] == '+' ? ' ' : text[i]));
		}
	return buf_detach(&b);
}

json_t *
sim_form_plain(const char *text, size_t len)
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

json_t *
sim_pick(const json_t *o, const char *fields, char ret_name[64])
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

struct sim_reply
sim_picked(const struct sim_call *c, json_t *o)
{
	char name[64], *details;
	json_t *got = sim_pick(o, sim_param(c, "fields"), name);
	struct sim_reply r;

	json_decref(o);
	if (got != NULL)
		return sim_reply_json(200, got);
	details = xformat("there is no field '%s'", name);
	r = sim_refuse(c, SIM_PARAMETER, details);
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

struct sim_reply
sim_paged(const struct sim_call *c, json_t *list)
{
	int64_t limit = sim_param_int(c, "limit", PAGE, PAGE_MOST), from = 0;
	int64_t size = (int64_t)json_array_size(list), i, to;
	json_t *data = json_array(), *paging = json_object();
	char before[64], after[64], *url;

	if (sim_param(c, "after") != NULL)
		from = cursor_at(sim_param(c, "after")) + 1;
	else if (sim_param(c, "before") != NULL)
		from = cursor_at(sim_param(c, "before")) - limit;
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

bool
sim_is_app_token(const struct sim *s, const char *token)
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

bool
sim_is_expired(const struct sim *s)
{
	int64_t at = json_int_or(s->facts, "token/expires_at", 0);

	return at > 0 && now_ms() / 1000 >= at;
}

int
sim_authorize(struct sim_call *c, int *ret_subcode)
{
	struct sim *s = c->s;
	const char *token = bearer(c->q);

	*ret_subcode = 0;
	c->app = token != NULL && sim_is_app_token(s, token);
	if (c->app)
		return 0;
	if (token == NULL && s->token == NULL &&
	    request_header(c->q, "Authorization") == NULL && !s->o->strict)
		token = ""; /* any will do, none too */
	if (token == NULL)
		return SIM_TOKEN;
	if (s->token != NULL && strcmp(token, s->token) != 0)
		return SIM_TOKEN;
	if (sim_is_expired(s)) {
		*ret_subcode = 463;
		return SIM_TOKEN;
	}
	if (!json_bool_or(s->facts, "token/valid", true)) {
		*ret_subcode = 460;
		return SIM_TOKEN;
	}
	return 0;
}

bool
sim_may(const struct sim_call *c, bool manage)
{
	return c->app ||
	    sim_facts_scope(c->s,
		manage ? "whatsapp_business_management" :
			 "whatsapp_business_messaging");
}
