/* template.c - message templates */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "sim/errors.h"
#include "sim/hook.h"
#include "sim/template.h"

#define NAME_MAX_CHARS 512
#define BODY_MAX_CHARS 1024
#define HEADER_MAX_CHARS 60
#define BUTTONS_MAX 10
#define BUTTON_MAX_CHARS 25
#define DROPPED_MS (INT64_C(30) * 86400 * 1000) /* a name stays taken */

static bool
is(const json_t *o, const char *path, const char *value)
{
	return strcasecmp(json_str_or(o, path, ""), value) == 0;
}

int
sim_templates_complete(struct sim *s, json_t *list)
{
	char id[24];
	size_t i;
	json_t *t;

	json_array_foreach(list, i, t) {
		if (json_str(t, "name") == NULL)
			return err_set(ERR_DATA, "templates[%zu] has no name",
			    i);
		if (json_str(t, "id") == NULL) {
			sim_new_number(s, id);
			json_put(t, "id", id);
		}
		if (json_str(t, "language") == NULL)
			json_put(t, "language", "en_US");
		if (json_str(t, "status") == NULL)
			json_put(t, "status", "APPROVED");
		if (json_str(t, "category") == NULL)
			json_put(t, "category", "UTILITY");
		if (!json_is_array(json_object_get(t, "components")))
			json_put_new(t, "components", json_array());
	}
	return 0;
}

json_t *
sim_template_find(const struct sim *s, const char *name, const char *language)
{
	size_t i;
	json_t *t;

	json_array_foreach(json_object_get(s->facts, "templates"), i, t)
		if (strcmp(json_str_or(t, "name", ""), name) == 0 &&
		    (language == NULL || is(t, "language", language)))
			return t;
	return NULL;
}

static json_t *
component(const json_t *t, const char *type)
{
	size_t i;
	json_t *c;

	json_array_foreach(json_object_get(t, "components"), i, c)
		if (is(c, "type", type))
			return c;
	return NULL;
}

/* How many different {{...}} there are; names: with no digits only. */
static size_t
holes(const char *text, bool *ret_named)
{
	char seen[32][64];
	size_t n = 0, len, i;
	const char *end;

	*ret_named = false;
	while (text != NULL && (text = strstr(text, "{{")) != NULL) {
		text += 2;
		end = strstr(text, "}}");
		if (end == NULL)
			break;
		len = (size_t)(end - text);
		if (len == 0 || len >= sizeof *seen ||
		    n == sizeof seen / sizeof *seen)
			continue;
		if (!isdigit((unsigned char)*text))
			*ret_named = true;
		for (i = 0; i < n; i++)
			if (strncmp(seen[i], text, len) == 0 &&
			    seen[i][len] == '\0')
				break;
		if (i == n) {
			memcpy(seen[n], text, len);
			seen[n++][len] = '\0';
		}
	}
	return n;
}

/* Making one. */

static const char *
wrong(char details[256], const char *what)
{
	snprintf(details, 256, "%s", what);
	return details;
}

static const char *
buttons_wrong(const json_t *c, char details[256])
{
	static const char *const types[] = { "QUICK_REPLY", "URL",
		"PHONE_NUMBER", "COPY_CODE", "FLOW", "OTP", "CATALOG", "MPM",
		"VOICE_CALL", NULL };
	const json_t *list = json_object_get(c, "buttons");
	size_t i, len, changes = 0;
	json_t *b;

	json_array_foreach((json_t *)list, i, b)
		if (i > 0 &&
		    is(b, "type", "QUICK_REPLY") !=
			is(json_array_get(list, i - 1), "type", "QUICK_REPLY"))
			changes++;
	if (changes > 1)
		return wrong(details,
		    "quick replies and other buttons must be two groups");
	if (json_array_size(list) < 1 || json_array_size(list) > BUTTONS_MAX)
		return wrong(details, "buttons: 1 to 10");
	json_array_foreach((json_t *)list, i, b) {
		len = utf8_length(json_str_or(b, "text", ""));
		if (!str_in(json_str_or(b, "type", ""), types))
			return wrong(details, "a button of unknown type");
		if (len > BUTTON_MAX_CHARS ||
		    (len == 0 && !is(b, "type", "COPY_CODE") &&
			!is(b, "type", "OTP")))
			return wrong(details,
			    "the text of a button: 1 to 25 characters");
		if (is(b, "type", "URL") && json_str(b, "url") == NULL)
			return wrong(details, "a URL button without url");
	}
	return NULL;
}

/* Whether a header's text is more than letters: pictures are mostly of the
 * planes behind the first, or of its blocks of symbols. */
static bool
decorated(const char *text)
{
	const char *p = text;

	for (; *p != '\0'; p++) {
		unsigned char a = (unsigned char)p[0], b = (unsigned char)p[1];

		if (a == '\n' || a == '*' || (a == 0xf0 && b == 0x9f) ||
		    (a == 0xe2 && b >= 0x98 && b <= 0x9e))
			return true;
	}
	return false;
}

/* en, fil, pt_BR. */
static bool
is_language(const char *code)
{
	const char *p = code;

	while (*p >= 'a' && *p <= 'z')
		p++;
	if (p - code < 2 || p - code > 3 || (*p != '\0' && *p != '_'))
		return false;
	if (*p == '\0')
		return true;
	code = ++p;
	while (*p >= 'A' && *p <= 'Z')
		p++;
	return *p == '\0' && p - code >= 2 && p - code <= 3;
}

static const char *
component_wrong(const json_t *t, const json_t *c, char details[256])
{
	static const char *const formats[] = { "TEXT", "IMAGE", "VIDEO",
		"DOCUMENT", "LOCATION", NULL };
	const char *text = json_str(c, "text");
	size_t chars = text != NULL ? utf8_length(text) : 0;
	bool named;

	if (is(c, "type", "BODY")) {
		if (is(t, "category", "AUTHENTICATION"))
			return text == NULL ?
			    NULL :
			    wrong(details, "the body of a code is preset");
		if (chars < 1 || chars > BODY_MAX_CHARS)
			return wrong(details,
			    "the body's text: 1 to 1024 characters");
		if (holes(text, &named) > 0 && json_at(c, "example") == NULL)
			return wrong(details,
			    "a body with variables needs an example");
		if (holes(text, &named) == 0 && json_at(c, "example") != NULL)
			return wrong(details,
			    "an example of a body without variables");
	} else if (is(c, "type", "HEADER")) {
		if (!str_in(json_str_or(c, "format", ""), formats))
			return wrong(details, "a header of unknown format");
		if (is(c, "format", "TEXT") &&
		    (chars < 1 || chars > HEADER_MAX_CHARS))
			return wrong(details,
			    "the header's text: 1 to 60 characters");
		if (is(c, "format", "TEXT") && holes(text, &named) > 1)
			return wrong(details,
			    "the header's text: one variable at most");
		if (is(c, "format", "TEXT") && decorated(text))
			return wrong(details,
			    "the header's text: no new lines, formatting "
			    "characters, emojis or asterisks");
		if (is(c, "format", "TEXT") && holes(text, &named) > 0 &&
		    json_at(c, "example") == NULL)
			return wrong(details,
			    "a header with a variable needs an example");
	} else if (is(c, "type", "FOOTER")) {
		if (!is(t, "category", "AUTHENTICATION") &&
		    (chars < 1 || chars > HEADER_MAX_CHARS))
			return wrong(details,
			    "the footer's text: 1 to 60 characters");
	} else if (is(c, "type", "BUTTONS")) {
		return buttons_wrong(c, details);
	} else if (!is(c, "type", "CAROUSEL") &&
	    !is(c, "type", "LIMITED_TIME_OFFER") &&
	    strcasecmp(json_str_or(c, "type", ""), "call_permission_request") !=
		0) {
		return wrong(details, "a component of unknown type");
	}
	return NULL;
}

const char *
sim_template_wrong(const json_t *t, char details[256])
{
	static const char *const categories[] = { "MARKETING", "UTILITY",
		"AUTHENTICATION", NULL };
	const char *name = json_str_or(t, "name", ""), *bad;
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), i;
	json_t *c;

	if (len == 0 || name[len] != '\0' || len > NAME_MAX_CHARS)
		return wrong(details,
		    "name: 1 to 512 small letters, digits and underscores");
	if (!is_language(json_str_or(t, "language", "")))
		return wrong(details, "language: a code as en or en_US");
	if (!str_in(json_str_or(t, "category", ""), categories))
		return wrong(details,
		    "category: MARKETING, UTILITY or AUTHENTICATION");
	if (component(t, "BODY") == NULL)
		return wrong(details, "components: a BODY is required");
	json_array_foreach(json_object_get(t, "components"), i, c)
		if ((bad = component_wrong(t, c, details)) != NULL)
			return bad;
	return NULL;
}

/* Meta's words, by its page on authentication templates. */
#define CODE_BODY "*{{1}}* is your verification code."
#define CODE_CARE " For your security, do not share this code."
#define CODE_URL "https://www.whatsapp.com/otp/code/?otp_type=%s&code=otp"

/* A template for codes has words and a link that are not its maker's. */
static void
write_code(json_t *t)
{
	const char *kind;
	char *text;
	size_t i;
	int64_t minutes;
	json_t *c, *b;

	json_array_foreach(json_object_get(t, "components"), i, c) {
		if (is(c, "type", "BODY")) {
			json_put(c, "text",
			    json_bool_or(c, "add_security_recommendation",
				false) ?
				CODE_BODY CODE_CARE :
				CODE_BODY);
			json_put_new(c, "example",
			    json_pack("{s[[s]]}", "body_text", "123456"));
		} else if (is(c, "type", "FOOTER") &&
		    (minutes = json_int_or(c, "code_expiration_minutes", 0)) >
			0) {
			text = xformat("This code expires in %lld minutes.",
			    (long long)minutes);
			json_put(c, "text", text);
			free(text);
		}
	}
	c = component(t, "BUTTONS");
	json_array_foreach(json_object_get(c, "buttons"), i, b) {
		if (!is(b, "type", "OTP"))
			continue;
		kind = json_str_or(b, "otp_type", "COPY_CODE");
		text = xformat(CODE_URL "{{1}}", kind);
		json_put(b, "url", text);
		free(text);
		text = xformat(CODE_URL "123456", kind);
		json_put_new(b, "example", json_pack("[s]", text));
		free(text);
		if (json_str(b, "text") == NULL)
			json_put(b, "text", "Copy code");
		json_put(b, "type", "URL");
		json_object_del(b, "otp_type");
	}
}

void
sim_template_drop(struct sim *s, size_t index)
{
	json_t *list = json_object_get(s->facts, "templates"),
	       *gone = json_object_get(s->facts, "sim_dropped");
	const json_t *t = json_array_get(list, index);

	if (gone == NULL) {
		gone = json_array();
		json_put_new(s->facts, "sim_dropped", gone);
	}
	json_array_append_new(gone,
	    json_pack("{ss ss sI}", "name", json_str_or(t, "name", ""),
		"language", json_str_or(t, "language", ""), "until_ms",
		(json_int_t)sim_clock(s) + DROPPED_MS));
	json_array_remove(list, index);
}

bool
sim_template_is_dropped(const struct sim *s, const json_t *t)
{
	size_t i;
	json_t *d;

	json_array_foreach(json_object_get(s->facts, "sim_dropped"), i, d)
		if (is(d, "name", json_str_or(t, "name", "")) &&
		    is(d, "language", json_str_or(t, "language", "")) &&
		    json_int_or(d, "until_ms", 0) > sim_clock(s))
			return true;
	return false;
}

const char *
sim_template_add(struct sim *s, const json_t *t)
{
	static const char *const kept[] = { "name", "language", "category",
		"components", "parameter_format", NULL };
	json_t *o = json_object(), *v;
	char id[24];

	sim_new_number(s, id);
	json_put(o, "id", id);
	for (size_t i = 0; kept[i] != NULL; i++)
		if ((v = json_object_get(t, kept[i])) != NULL)
			json_put_new(o, kept[i], json_deep_copy(v));
	if (is(o, "category", "AUTHENTICATION"))
		write_code(o);
	json_put(o, "status", "PENDING");
	json_put_int(o, "sim_due_ms", sim_clock(s) + s->o->approve_ms);
	json_array_append_new(json_object_get(s->facts, "templates"), o);
	return json_str(o, "id");
}

void
sim_template_status(struct sim *s, json_t *t, const char *status)
{
	json_t *value = json_object();

	json_put(t, "status", status);
	json_object_del(t, "sim_due_ms");
	json_put(value, "event", status);
	json_put_int(value, "message_template_id", json_int_or(t, "id", 0));
	json_put(value, "message_template_name", json_str(t, "name"));
	json_put(value, "message_template_language", json_str(t, "language"));
	json_put(value, "reason", json_str_or(t, "rejected_reason", "NONE"));
	sim_hook_field(s, "message_template_status_update", value);
}

int64_t
sim_templates_due(struct sim *s)
{
	int64_t soonest = INT64_MAX, left;
	size_t i;
	json_t *t;

	json_array_foreach(json_object_get(s->facts, "templates"), i, t) {
		if (json_object_get(t, "sim_due_ms") == NULL)
			continue;
		left = json_int_or(t, "sim_due_ms", 0) - sim_clock(s);
		if (left <= 0)
			sim_template_status(s, t, "APPROVED");
		else if (mono_ms() + left / s->o->speed + 1 < soonest)
			soonest = mono_ms() + left / s->o->speed + 1;
	}
	return soonest;
}

/* Sending one. */

static const json_t *
given(const json_t *object, const char *type, int64_t index)
{
	size_t i;
	json_t *c;

	json_array_foreach(json_object_get(object, "components"), i, c)
		if (is(c, "type", type) &&
		    (index < 0 || json_int_or(c, "index", -1) == index))
			return c;
	return NULL;
}

static int
no_fit(int code, char details[256], const char *what)
{
	snprintf(details, 256, "%s", what);
	return code;
}

/* The parameters of a text with holes. */
static int
text_fits(const json_t *c, const json_t *got, const char *what, size_t most,
    char details[256])
{
	static const char *const types[] = { "text", "currency", "date_time",
		NULL };
	const json_t *list = json_object_get(got, "parameters");
	const char *text = json_str_or(c, "text", ""), *word;
	size_t i, chars = utf8_length(text), want;
	bool named;
	json_t *p;

	want = holes(text, &named);
	if (json_array_size(list) != want) {
		snprintf(details, 256, "%s: %zu parameters, not %zu", what,
		    want, json_array_size(list));
		return SIM_TEMPLATE_COUNT;
	}
	json_array_foreach((json_t *)list, i, p) {
		if (!str_in(json_str_or(p, "type", ""), types))
			return no_fit(SIM_TEMPLATE_FORMAT, details,
			    "a text takes text, currency and date_time");
		word = json_str(p, "parameter_name");
		if (named) {
			char *hole =
			    xformat("{{%s}}", word != NULL ? word : "");
			bool there = strstr(text, hole) != NULL;

			free(hole);
			if (!there)
				return no_fit(SIM_PARAMETER, details,
				    "parameter_name is missing or unknown");
		}
		word = json_str_or(p, "text", "");
		if (strpbrk(word, "\n\t") != NULL ||
		    strstr(word, "     ") != NULL)
			return no_fit(SIM_TEMPLATE_FORMAT, details,
			    "no newline, tab or five spaces in a parameter");
		chars += utf8_length(word);
	}
	if (chars > most)
		return no_fit(SIM_TEMPLATE_LONG, details, what);
	return 0;
}

static int
header_fits(const json_t *c, const json_t *got, char details[256])
{
	const json_t *list = json_object_get(got, "parameters");
	const char *format = json_str_or(c, "format", "TEXT");

	if (strcasecmp(format, "TEXT") == 0)
		return text_fits(c, got, "header", 2 * HEADER_MAX_CHARS,
		    details);
	if (json_array_size(list) != 1)
		return no_fit(SIM_TEMPLATE_COUNT, details,
		    "header: one parameter");
	if (!is(json_array_get(list, 0), "type", format))
		return no_fit(SIM_TEMPLATE_FORMAT, details,
		    "header: a parameter of its format");
	return 0;
}

/* Whether a button takes a parameter, and of which type. */
static const char *
button_wants(const json_t *b)
{
	bool named;

	if (is(b, "type", "URL"))
		return holes(json_str_or(b, "url", ""), &named) > 0 ? "text" :
								      NULL;
	if (is(b, "type", "OTP"))
		return "text";
	if (is(b, "type", "COPY_CODE"))
		return "coupon_code";
	return NULL;
}

static int
buttons_fit(const json_t *c, const json_t *object, char details[256])
{
	static const char *const subs[][2] = { { "QUICK_REPLY", "quick_reply" },
		{ "URL", "url" }, { "OTP", "url" },
		{ "COPY_CODE", "copy_code" }, { "FLOW", "flow" },
		{ "CATALOG", "catalog" }, { "MPM", "mpm" },
		{ "VOICE_CALL", "voice_call" } };
	const json_t *got, *list = json_object_get(c, "buttons");
	const char *want;
	size_t i;
	json_t *b, *p;

	json_array_foreach((json_t *)list, i, b) {
		got = given(object, "button", (int64_t)i);
		want = button_wants(b);
		if (got == NULL && want != NULL)
			return no_fit(SIM_TEMPLATE_COUNT, details,
			    "a button lacks its parameter");
		if (got == NULL)
			continue;
		for (size_t n = 0; n < sizeof subs / sizeof *subs; n++)
			if (is(b, "type", subs[n][0]) &&
			    !is(got, "sub_type", subs[n][1]))
				return no_fit(SIM_TEMPLATE_FORMAT, details,
				    "sub_type is not the button's");
		p = json_array_get(json_object_get(got, "parameters"), 0);
		if (want != NULL && !is(p, "type", want))
			return no_fit(SIM_TEMPLATE_FORMAT, details,
			    "a button's parameter is of another type");
		if (want == NULL && is(b, "type", "URL"))
			return no_fit(SIM_TEMPLATE_COUNT, details,
			    "this button takes no parameter");
	}
	json_array_foreach(json_object_get(object, "components"), i, b)
		if (is(b, "type", "button") &&
		    (size_t)json_int_or(b, "index", 0) >= json_array_size(list))
			return no_fit(SIM_TEMPLATE_FORMAT, details,
			    "there is no button of this index");
	return 0;
}

static int
status_fits(const json_t *t, char details[256])
{
	if (is(t, "status", "APPROVED"))
		return 0;
	if (is(t, "status", "PAUSED"))
		return no_fit(SIM_TEMPLATE_PAUSED, details, "it is paused");
	if (is(t, "status", "DISABLED"))
		return no_fit(SIM_TEMPLATE_DISABLED, details, "it is disabled");
	return no_fit(SIM_TEMPLATE_NONE, details, "it is not approved");
}

int
sim_template_fits(const struct sim *s, const json_t *object, const json_t **ret,
    char details[256])
{
	const json_t *t, *c, *empty = NULL;
	int code;

	*ret = NULL;
	if (json_array_size(json_object_get(s->facts, "templates")) == 0 &&
	    !s->o->strict)
		return 0;
	t = sim_template_find(s, json_str_or(object, "name", ""),
	    json_str_or(object, "language/code", ""));
	if (t == NULL)
		return no_fit(SIM_TEMPLATE_NONE, details,
		    "there is none of this name in this language");
	if ((code = status_fits(t, details)) != 0)
		return code;
	*ret = t;
	if ((c = component(t, "BODY")) != NULL &&
	    !is(t, "category", "AUTHENTICATION") &&
	    (code = text_fits(c, given(object, "body", -1), "body",
		 BODY_MAX_CHARS, details)) != 0)
		return code;
	if ((c = component(t, "HEADER")) != NULL) {
		code = header_fits(c, given(object, "header", -1), details);
		if (code != 0)
			return code;
	} else if (given(object, "header", -1) != NULL) {
		return no_fit(SIM_TEMPLATE_COUNT, details, "it has no header");
	}
	c = component(t, "BUTTONS");
	return buttons_fit(c != NULL ? c : empty, object, details);
}
