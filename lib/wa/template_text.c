/* template_text - parameters of a template's text: checked and filled */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "wa/template.h"

/* A component that takes nothing; the provider writes it small and large. */
#define ASKS_TO_CALL "CALL_PERMISSION_REQUEST"
#define PARAMS_MAX 64
#define NAME_MAX_BYTES 64 /* of a parameter */

/* --- parameters in a text --- */

/*
 * The next {{name}} in text: its place, its end and the name without blanks.
 * false: no more. A brace that never closes is text.
 */
static bool
next_param(const char *text, const char **ret_at, const char **ret_end,
    char ret_name[NAME_MAX_BYTES])
{
	const char *end;
	size_t len;

	for (; (text = strstr(text, "{{")) != NULL; text += 2) {
		*ret_at = text;
		end = strstr(text, "}}");
		if (end == NULL)
			return false;
		text += 2;
		text += strspn(text, " ");
		len = strcspn(text, " }");
		if (len == 0 || len >= NAME_MAX_BYTES ||
		    text + len + strspn(text + len, " ") != end) {
			text -= 2;
			continue;
		}
		memcpy(ret_name, text, len);
		ret_name[len] = '\0';
		*ret_end = end + 2;
		return true;
	}
	return false;
}

static bool
is_number(const char *name)
{
	return name[strspn(name, "0123456789")] == '\0';
}

/* The different parameters of a text, in order; how many. */
static size_t
params_of(const char *text, char names[PARAMS_MAX][NAME_MAX_BYTES])
{
	const char *at, *end;
	char name[NAME_MAX_BYTES];
	size_t n = 0, i;

	while (text != NULL && next_param(text, &at, &end, name)) {
		for (i = 0; i < n && strcmp(names[i], name) != 0; i++)
			;
		if (i == n && n < PARAMS_MAX)
			memcpy(names[n++], name, sizeof(name));
		text = end;
	}
	return n;
}

/* --- creating --- */

static int
too_long(const char *field, const char *text, size_t max)
{
	if (utf8_length(text) <= max)
		return 0;
	return err_set(ERR_DATA, "%s is longer than %zu characters", field,
	    max);
}

/* {{1}} to {{n}} without a gap, or names of small letters. */
static int
check_params(const char *field, const char *text, bool named, size_t max)
{
	char names[PARAMS_MAX][NAME_MAX_BYTES], want[16];
	size_t n = params_of(text, names), i, k;

	if (n > max)
		return err_set(ERR_DATA, "%s has more than %zu parameter%s",
		    field, max, max == 1 ? "" : "s");
	for (i = 0; i < n; i++) {
		if (named) {
			if (!islower((unsigned char)names[i][0]) ||
			    names[i][strspn(names[i],
				"abcdefghijklmnopqrstuvwxyz0123456789_")] !=
				'\0')
				return err_set(ERR_DATA,
				    "%s: {{%s}} is no name of small letters, "
				    "digits and underscores",
				    field, names[i]);
			continue;
		}
		if (!is_number(names[i]))
			return err_set(ERR_DATA,
			    "%s: {{%s}} has a name, but parameter_format is "
			    "not NAMED",
			    field, names[i]);
		snprintf(want, sizeof(want), "%zu", i + 1);
		for (k = 0; k < n && strcmp(names[k], want) != 0; k++)
			;
		if (k == n)
			return err_set(ERR_DATA, "%s: {{%s}} is missing", field,
			    want);
	}
	return 0;
}

static int
check_body(const json_t *c, bool named)
{
	const char *text = json_str(c, "text"), *at, *end;
	char name[NAME_MAX_BYTES];
	size_t n, given;
	json_t *examples;
	char names[PARAMS_MAX][NAME_MAX_BYTES];
	int code;

	if (text == NULL || *text == '\0')
		return err_set(ERR_DATA, "BODY has no text");
	code = too_long("BODY", text, TEMPLATE_BODY_MAX);
	if (code == 0)
		code = check_params("BODY", text, named, PARAMS_MAX);
	if (code < 0)
		return code;
	n = params_of(text, names);
	if (n == 0)
		return json_object_get(c, "example") == NULL ?
		    0 :
		    err_set(ERR_DATA, "BODY has no parameter but an example");
	if (next_param(text, &at, &end, name) && at == text)
		return err_set(ERR_DATA, "BODY begins with a parameter");
	for (at = text; next_param(at, &at, &end, name); at = end)
		if (*end == '\0')
			return err_set(ERR_DATA, "BODY ends with a parameter");
	examples = named ? json_at(c, "example/body_text_named_params") :
			   json_at(c, "example/body_text/0");
	given = json_array_size(examples);
	if (given != n)
		return err_set(ERR_DATA,
		    "BODY has %zu parameter%s and %zu example%s", n,
		    n == 1 ? "" : "s", given, given == 1 ? "" : "s");
	return 0;
}

/* Whether a text has one of the pictures that stand for a character. */
static bool
has_emoji(const char *text)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = { { 0x20e3, 0x20e3 }, { 0x2300, 0x23ff },
		{ 0x2600, 0x27bf }, { 0x2b00, 0x2bff }, { 0xfe0f, 0xfe0f },
		{ 0x1f000, 0x1faff } };
	const char *end = text + strlen(text);
	uint32_t c;

	while (text < end) {
		c = utf8_next(&text, end);
		for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
			if (c >= ranges[i].first && c <= ranges[i].last)
				return true;
	}
	return false;
}

static int
check_header(const json_t *c, bool named)
{
	static const char *const formats[] = { "TEXT", "IMAGE", "VIDEO",
		"DOCUMENT", "LOCATION", NULL };
	const char *format = json_str(c, "format"), *text = json_str(c, "text");
	int code;

	if (format == NULL || !str_in(format, formats))
		return err_set(ERR_DATA,
		    "HEADER: format is none of TEXT IMAGE VIDEO DOCUMENT "
		    "LOCATION");
	if (strcmp(format, "TEXT") != 0) {
		if (strcmp(format, "LOCATION") != 0 &&
		    json_array_size(json_at(c, "example/header_handle")) == 0)
			return err_set(ERR_DATA,
			    "HEADER has no example (header_handle)");
		return 0;
	}
	if (text == NULL || *text == '\0')
		return err_set(ERR_DATA, "HEADER has no text");
	code = too_long("HEADER", text, TEMPLATE_HEADER_MAX);
	if (code == 0)
		code = check_params("HEADER", text, named, 1);
	if (code < 0)
		return code;
	if (strpbrk(text, "\n*") != NULL || has_emoji(text))
		return err_set(ERR_DATA,
		    "HEADER has a new line, an asterisk or an emoji");
	if (strstr(text, "{{") == NULL)
		return json_object_get(c, "example") == NULL ?
		    0 :
		    err_set(ERR_DATA, "HEADER has no parameter but an example");
	if (json_array_size(json_at(c,
		named ? "example/header_text_named_params" :
			"example/header_text")) != 1)
		return err_set(ERR_DATA,
		    "HEADER has a parameter and no example");
	return 0;
}

static int
check_footer(const json_t *c)
{
	const char *text = json_str(c, "text");

	if (text == NULL || *text == '\0')
		return err_set(ERR_DATA, "FOOTER has no text");
	if (strstr(text, "{{") != NULL)
		return err_set(ERR_DATA, "FOOTER takes no parameter");
	return too_long("FOOTER", text, TEMPLATE_FOOTER_MAX);
}

static int
check_button(const json_t *b)
{
	static const char *const types[] = { "CATALOG", "COPY_CODE", "FLOW",
		"MPM", "OTP", "PHONE_NUMBER", "QUICK_REPLY", "SPM", "URL",
		"VOICE_CALL", NULL };
	const char *type = json_str(b, "type"), *text = json_str(b, "text"),
		   *url = json_str(b, "url"), *code_text;
	int code = 0;

	if (type == NULL || !str_in(type, types))
		return err_set(ERR_DATA, "a button's type is not known");
	if (strcmp(type, "COPY_CODE") == 0) {
		code_text = json_str(b, "example/0");
		if (code_text == NULL)
			code_text = json_str(b, "example");
		if (code_text == NULL)
			return err_set(ERR_DATA,
			    "a COPY_CODE button has no example");
		return too_long("the code of a button", code_text,
		    TEMPLATE_CODE_MAX);
	}
	if (strcmp(type, "OTP") == 0)
		return 0;
	if (text == NULL || *text == '\0')
		return err_set(ERR_DATA, "a button has no text");
	code = too_long("a button's text", text, TEMPLATE_BUTTON_MAX);
	if (code == 0 && strcmp(type, "URL") == 0) {
		if (url == NULL || !str_starts(url, "https://"))
			return err_set(ERR_DATA,
			    "a URL button wants a url of https");
		code = too_long("a button's url", url, TEMPLATE_URL_MAX);
		if (code == 0)
			code = check_params("a button's url", url, false, 1);
		if (code == 0 && strstr(url, "{{") != NULL &&
		    json_array_size(json_at(b, "example")) == 0)
			return err_set(ERR_DATA,
			    "a URL button with a parameter has no example");
	}
	if (code == 0 && strcmp(type, "PHONE_NUMBER") == 0 &&
	    json_str(b, "phone_number") == NULL)
		return err_set(ERR_DATA,
		    "a PHONE_NUMBER button has no phone_number");
	return code;
}

static int
check_buttons(const json_t *c)
{
	json_t *buttons = json_object_get(c, "buttons"), *b;
	size_t groups = 0, i;
	bool quick = false, is_quick;
	int code = 0;

	if (json_array_size(buttons) == 0)
		return err_set(ERR_DATA, "BUTTONS holds no button");
	if (json_array_size(buttons) > TEMPLATE_BUTTONS_MAX)
		return err_set(ERR_DATA, "more than %d buttons",
		    TEMPLATE_BUTTONS_MAX);
	json_array_foreach(buttons, i, b) {
		is_quick =
		    strcmp(json_str_or(b, "type", ""), "QUICK_REPLY") == 0;
		groups += i == 0 || is_quick != quick;
		quick = is_quick;
		if (code == 0)
			code = check_button(b);
	}
	if (code == 0 && groups > 2)
		return err_set(ERR_DATA,
		    "BUTTONS: quick replies and others are mixed; each kind "
		    "stands together");
	return code;
}

/* As en, fil, en_US. */
static bool
is_language(const char *code)
{
	size_t n = strspn(code, "abcdefghijklmnopqrstuvwxyz"), region;

	if (n != 2 && n != 3)
		return false;
	code += n;
	if (*code == '\0')
		return true;
	region = strspn(code + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return *code == '_' && code[1 + region] == '\0' &&
	    (region == 2 || region == 3);
}

int
template_check(const json_t *body)
{
	static const char *const categories[] = { "AUTHENTICATION", "MARKETING",
		"UTILITY", NULL };
	const char *name = json_str(body, "name"),
		   *language = json_str(body, "language"),
		   *category = json_str(body, "category"), *type;
	bool named = strcmp(json_str_or(body, "parameter_format", ""),
			 "NAMED") == 0,
	     authentication, has_body = false;
	json_t *components = json_object_get(body, "components"), *c;
	const char *seen[8] = { NULL };
	size_t i, n = 0;
	int code = 0;

	if (name == NULL || *name == '\0' ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
		return err_set(ERR_DATA,
		    "name: small letters, digits and underscores are wanted");
	if (strlen(name) > TEMPLATE_NAME_MAX)
		return err_set(ERR_DATA, "name is longer than %d characters",
		    TEMPLATE_NAME_MAX);
	if (language == NULL || !is_language(language))
		return err_set(ERR_DATA,
		    "language: one as en or en_US is wanted");
	if (category == NULL || !str_in(category, categories))
		return err_set(ERR_DATA,
		    "category is none of AUTHENTICATION MARKETING UTILITY");
	authentication = strcmp(category, "AUTHENTICATION") == 0;
	json_array_foreach(components, i, c) {
		type = json_str_or(c, "type", "");
		if (str_in(type, seen))
			return err_set(ERR_DATA, "two components %s", type);
		if (n + 1 < sizeof(seen) / sizeof(seen[0]))
			seen[n++] = type;
		if (strcmp(type, "BODY") == 0) {
			has_body = true;
			/* The provider writes the body of a code itself. */
			if (!authentication)
				code = check_body(c, named);
			else if (json_object_get(c, "text") != NULL)
				code = err_set(ERR_DATA,
				    "BODY of an AUTHENTICATION template has "
				    "no text: the provider writes it");
		} else if (strcmp(type, "HEADER") == 0)
			code = check_header(c, named);
		else if (strcmp(type, "FOOTER") == 0)
			code = authentication ? 0 : check_footer(c);
		else if (strcmp(type, "BUTTONS") == 0)
			code = check_buttons(c);
		else if (strcmp(type, "CAROUSEL") != 0 &&
		    strcmp(type, "LIMITED_TIME_OFFER") != 0 &&
		    strcasecmp(type, ASKS_TO_CALL) != 0)
			code = err_set(ERR_DATA,
			    "component %zu has a type that is not known",
			    i + 1);
		if (code < 0)
			return code;
	}
	if (!has_body)
		return err_set(ERR_DATA, "there is no BODY");
	return 0;
}

/* --- filling --- */

/* The filling of one template. */
struct filling {
	const struct template *t;
	const struct template_params *p;
	json_t *shown, *components;
	size_t used_body, used_buttons, used_cards;
	bool used_header, used_expires;
	int code;
};

/* The first one counts. */
static void __attribute__((format(printf, 2, 3)))
fault(struct filling *f, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	if (f->code < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	f->code = err_set(ERR_DATA, "%s", why);
}

/* The value of a parameter of the body, NULL with a fault if there is none. */
static const char *
body_value(struct filling *f, const char *name)
{
	size_t i, len = strlen(name);

	if (!f->t->named) {
		i = (size_t)strtoul(name, NULL, 10);
		if (i >= 1 && i <= f->p->nbody)
			return f->p->body[i - 1];
	} else
		for (i = 0; i < f->p->nbody; i++)
			if (strncmp(f->p->body[i], name, len) == 0 &&
			    f->p->body[i][len] == '=')
				return f->p->body[i] + len + 1;
	fault(f, "the body's {{%s}} has no value", name);
	return NULL;
}

/* The provider refuses them: a line end, a tab, more than four blanks. */
static void
check_value(struct filling *f, const char *where, const char *value)
{
	if (*value == '\0')
		fault(f, "a value of the %s is empty", where);
	else if (strpbrk(value, "\n\t") != NULL ||
	    strstr(value, "     ") != NULL)
		fault(f,
		    "a value of the %s has a line end, a tab or more "
		    "than four blanks in a row",
		    where);
}

static json_t *
text_param(const char *value, const char *name)
{
	json_t *o = json_object();

	json_put(o, "type", "text");
	json_put(o, "parameter_name", name);
	json_put_new(o, "text", json_text_new(value));
	return o;
}

static void
add_component(struct filling *f, const char *type, json_t *parameters)
{
	json_t *c = json_object();

	json_put(c, "type", type);
	json_put_new(c, "parameters", parameters);
	json_array_append_new(f->components, c);
}

/* One for codes that was made here is not told its words before a sync. */
static const char *
body_text(const struct template *t, const json_t *c)
{
	return json_str_or(c, "text",
	    strcmp(t->category, "AUTHENTICATION") == 0 ? "{{1}}" : "");
}

static void
fill_body(struct filling *f, const json_t *c)
{
	const char *text = body_text(f->t, c), *at, *end, *value;
	char names[PARAMS_MAX][NAME_MAX_BYTES], name[NAME_MAX_BYTES];
	size_t n = params_of(text, names), i;
	struct buf b = BUF_INIT(0);
	json_t *parameters = json_array();
	char number[24], *filled;

	while (next_param(text, &at, &end, name)) {
		buf_add(&b, text, (size_t)(at - text));
		value = body_value(f, name);
		buf_adds(&b, value != NULL ? value : "");
		text = end;
	}
	buf_adds(&b, text);
	filled = buf_detach(&b);
	if (utf8_length(filled) > TEMPLATE_BODY_MAX)
		fault(f, "the filled body is longer than %d characters",
		    TEMPLATE_BODY_MAX);
	json_put(f->shown, "body", filled);
	free(filled);
	/* In the order of the numbers, or of the names in the text. */
	for (i = 0; i < n && f->code == 0; i++) {
		snprintf(number, sizeof(number), "%zu", i + 1);
		value = body_value(f, f->t->named ? names[i] : number);
		if (value == NULL)
			break;
		check_value(f, "body", value);
		json_array_append_new(parameters,
		    text_param(value, f->t->named ? names[i] : NULL));
	}
	f->used_body = n;
	if (n > 0)
		add_component(f, "body", parameters);
	else
		json_decref(parameters);
}

/* A medium by the provider's id ("id:123") or by a link. */
static json_t *
medium(const char *kind, const char *where)
{
	json_t *o = json_object(), *m = json_object();

	if (str_starts(where, "id:"))
		json_put(m, "id", where + 3);
	else
		json_put(m, "link", where);
	json_put(o, "type", kind);
	json_put_new(o, kind, m);
	return o;
}

/* "52.5,13.4,Name,Address" */
static json_t *
place(struct filling *f, const char *value)
{
	json_t *o = json_object(), *l = json_object();
	char *copy = xstrdup(value), *save = NULL;
	static const char *const keys[] = { "latitude", "longitude", "name",
		"address" };
	char *part = strtok_r(copy, ",", &save);
	size_t i;

	for (i = 0; part != NULL && i < 4; i++) {
		json_put(l, keys[i], part);
		part = strtok_r(NULL, i < 2 ? "," : "\n", &save);
	}
	if (i < 2)
		fault(f,
		    "the header wants LATITUDE,LONGITUDE[,NAME"
		    "[,ADDRESS]]");
	free(copy);
	json_put(o, "type", "location");
	json_put_new(o, "location", l);
	return o;
}

static void
fill_header(struct filling *f, const json_t *c)
{
	const char *format = json_str_or(c, "format", "TEXT"),
		   *text = json_str_or(c, "text", ""), *at = text, *end = text;
	/* A GIF goes by the API for marketing messages, not by this one. */
	static const char *const fillable[] = { "TEXT", "IMAGE", "VIDEO",
		"DOCUMENT", "LOCATION", NULL };
	const char *value = f->p->header;
	char name[NAME_MAX_BYTES], kind[16], *filled;
	json_t *parameter = NULL;
	size_t i;

	if (strcmp(format, "TEXT") == 0 && !next_param(text, &at, &end, name)) {
		json_put(f->shown, "header", text);
		return;
	}
	f->used_header = true;
	if (!str_in(format, fillable)) {
		fault(f, "a header %s is filled by hand only", format);
		return;
	}
	if (value == NULL) {
		if (strcmp(format, "TEXT") == 0)
			fault(f, "the header's {{%s}} has no value", name);
		else
			fault(f, "the header wants its %s", format);
		return;
	}
	if (strcmp(format, "TEXT") == 0) {
		check_value(f, "header", value);
		filled =
		    xformat("%.*s%s%s", (int)(at - text), text, value, end);
		json_put(f->shown, "header", filled);
		free(filled);
		parameter = text_param(value, f->t->named ? name : NULL);
	} else if (strcmp(format, "LOCATION") == 0) {
		json_put(f->shown, "header", value);
		parameter = place(f, value);
	} else {
		for (i = 0; format[i] != '\0' && i + 1 < sizeof(kind); i++)
			kind[i] = (char)tolower((unsigned char)format[i]);
		kind[i] = '\0';
		filled = xformat("[%s]", kind);
		json_put(f->shown, "header", filled);
		free(filled);
		parameter = medium(kind, value);
	}
	add_component(f, "header", json_pack("[o]", parameter));
}

static void
add_button(struct filling *f, size_t index, const char *sub_type,
    json_t *parameter)
{
	json_t *c = json_object();
	char text[24];

	snprintf(text, sizeof(text), "%zu", index);
	json_put(c, "type", "button");
	json_put(c, "sub_type", sub_type);
	json_put(c, "index", text);
	json_put_new(c, "parameters", json_pack("[o]", parameter));
	json_array_append_new(f->components, c);
}

/* The value for a button that needs one; NULL with a fault. */
static const char *
button_value(struct filling *f, const char *what)
{
	if (f->used_buttons < f->p->nbuttons)
		return f->p->buttons[f->used_buttons++];
	fault(f, "a button wants its %s", what);
	return NULL;
}

static void
fill_button(struct filling *f, const json_t *b, size_t index, json_t *shown)
{
	const char *type = json_str_or(b, "type", ""),
		   *url = json_str_or(b, "url", ""), *value, *at, *end;
	char name[NAME_MAX_BYTES], *filled;
	json_t *o;

	json_put(shown, "type", type);
	json_put(shown, "text", json_str(b, "text"));
	if (strcmp(type, "URL") == 0 && next_param(url, &at, &end, name)) {
		/* The provider has put the code into its own link. */
		value = strcmp(f->t->category, "AUTHENTICATION") == 0 &&
			f->p->nbuttons == 0 && f->p->nbody > 0 ?
		    f->p->body[0] :
		    button_value(f, "part of the url");
		if (value == NULL)
			return;
		filled = xformat("%.*s%s%s", (int)(at - url), url, value, end);
		json_put(shown, "value", filled);
		free(filled);
		add_button(f, index, "url", text_param(value, NULL));
	} else if (strcmp(type, "URL") == 0) {
		json_put(shown, "value", url);
	} else if (strcmp(type, "COPY_CODE") == 0) {
		value = button_value(f, "code");
		if (value == NULL)
			return;
		if (utf8_length(value) > TEMPLATE_CODE_MAX)
			fault(f, "the code is longer than %d characters",
			    TEMPLATE_CODE_MAX);
		json_put(shown, "value", value);
		o = json_object();
		json_put(o, "type", "coupon_code");
		json_put(o, "coupon_code", value);
		add_button(f, index, "copy_code", o);
	} else if (strcmp(type, "OTP") == 0) {
		/* The code is that of the body. */
		value = f->p->nbody > 0 ? f->p->body[0] : "";
		json_put(shown, "value", value);
		add_button(f, index, "url", text_param(value, NULL));
	} else if (strcmp(type, "PHONE_NUMBER") == 0) {
		json_put(shown, "value", json_str(b, "phone_number"));
	} else if (strcmp(type, "FLOW") == 0) {
		o = json_object();
		json_put(o, "type", "action");
		json_put_new(o, "action", json_object());
		add_button(f, index, "flow", o);
	} else if (strcmp(type, "MPM") == 0) {
		fault(f,
		    "a button MPM wants sections of products: it is filled by "
		    "hand only");
	}
}

static void
fill_buttons(struct filling *f, const json_t *c)
{
	json_t *list = json_array(), *b, *shown;
	size_t i;

	json_array_foreach(json_object_get(c, "buttons"), i, b) {
		shown = json_object();
		fill_button(f, b, i, shown);
		json_array_append_new(list, shown);
	}
	json_put_new(f->shown, "buttons", list);
}

/* An offer that ends: when, where the template wants that. */
static void
fill_offer(struct filling *f, const json_t *c)
{
	json_t *o = json_object(), *p;
	char time[TIME_TEXT_BYTES];

	json_put(o, "text", json_str(c, "limited_time_offer/text"));
	if (json_bool_or(c, "limited_time_offer/has_expiration", false)) {
		f->used_expires = true;
		if (f->p->expires_ms <= 0)
			fault(f, "the offer wants the time it ends");
		json_put(o, "expires", time_text(f->p->expires_ms, time));
		p = json_pack("{s{sI}}", "limited_time_offer",
		    "expiration_time_ms", (json_int_t)f->p->expires_ms);
		json_put(p, "type", "limited_time_offer");
		add_component(f, "limited_time_offer", json_pack("[o]", p));
	}
	json_put_new(f->shown, "offer", o);
}

/* How many values the buttons of a component take. */
static size_t
buttons_take(const json_t *c)
{
	char name[NAME_MAX_BYTES];
	const char *at, *end;
	size_t i, n = 0;
	json_t *b;

	json_array_foreach(json_object_get(c, "buttons"), i, b)
		n += strcmp(json_str_or(b, "type", ""), "COPY_CODE") == 0 ||
		    (strcmp(json_str_or(b, "type", ""), "URL") == 0 &&
			next_param(json_str_or(b, "url", ""), &at, &end, name));
	return n;
}

/* Whether a header takes a value. */
static bool
header_takes(const json_t *c)
{
	char name[NAME_MAX_BYTES];
	const char *at, *end;

	return strcmp(json_str_or(c, "format", "TEXT"), "TEXT") != 0 ||
	    next_param(json_str_or(c, "text", ""), &at, &end, name);
}

static void fill_components(struct filling *f, const json_t *components);

/* The next n values of the cards; fewer if there are no more. */
static const char *const *
card_values(struct filling *f, size_t n, size_t *ret_count)
{
	const char *const *values = f->p->cards + f->used_cards;
	size_t left = f->p->ncards - f->used_cards;

	*ret_count = n < left ? n : left;
	f->used_cards += *ret_count;
	return values;
}

/* One card, as a template of its own with the values that it takes. */
static void
fill_card(struct filling *f, const json_t *card, size_t index)
{
	static const char *const parts[] = { "HEADER", "BODY", "BUTTONS" };
	struct template_params p = { .header = NULL };
	struct filling own = { .t = f->t, .p = &p };
	char names[PARAMS_MAX][NAME_MAX_BYTES];
	const char *const *value;
	size_t i, k, n;
	json_t *c, *list = json_object_get(card, "components"), *shown;

	for (k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
		json_array_foreach(list, i, c) {
			if (strcmp(json_str_or(c, "type", ""), parts[k]) != 0)
				continue;
			if (k == 0 && header_takes(c)) {
				value = card_values(f, 1, &n);
				p.header = n > 0 ? value[0] : NULL;
			} else if (k == 1)
				p.body = card_values(f,
				    params_of(json_str_or(c, "text", ""),
					names),
				    &p.nbody);
			else if (k == 2)
				p.buttons = card_values(f, buttons_take(c),
				    &p.nbuttons);
		}
	own.shown = json_object();
	own.components = json_array();
	fill_components(&own, list);
	if (own.code < 0)
		fault(f, "card %zu: %s", index + 1, err_reason());
	shown = json_object_get(f->shown, "cards");
	json_array_append_new(shown, own.shown);
	json_array_append_new(json_object_get(json_array_get(f->components,
						  json_array_size(
						      f->components) -
						      1),
				  "cards"),
	    json_pack("{sI so}", "card_index", (json_int_t)index, "components",
		own.components));
}

static void
fill_carousel(struct filling *f, const json_t *c)
{
	json_t *card, *o = json_object();
	size_t i;

	json_put(o, "type", "carousel");
	json_put_new(o, "cards", json_array());
	json_array_append_new(f->components, o);
	json_put_new(f->shown, "cards", json_array());
	json_array_foreach(json_object_get(c, "cards"), i, card)
		fill_card(f, card, i);
}

static void
fill_components(struct filling *f, const json_t *components)
{
	const char *type;
	size_t i;
	json_t *c;

	json_array_foreach((json_t *)components, i, c) {
		type = json_str_or(c, "type", "");
		if (strcmp(type, "HEADER") == 0)
			fill_header(f, c);
		else if (strcmp(type, "BODY") == 0)
			fill_body(f, c);
		else if (strcmp(type, "FOOTER") == 0)
			json_put(f->shown, "footer", json_str(c, "text"));
		else if (strcmp(type, "BUTTONS") == 0)
			fill_buttons(f, c);
		else if (strcmp(type, "CAROUSEL") == 0)
			fill_carousel(f, c);
		else if (strcmp(type, "LIMITED_TIME_OFFER") == 0)
			fill_offer(f, c);
		else if (strcasecmp(type, ASKS_TO_CALL) == 0)
			json_put_new(f->shown, "asks_to_call", json_true());
		else
			fault(f,
			    "a template with a component %s is "
			    "filled by hand only",
			    type);
	}
}

static void
check_all_used(struct filling *f)
{
	if (f->p->nbody > f->used_body)
		fault(f, "%zu values for a body of %zu parameter%s",
		    f->p->nbody, f->used_body, f->used_body == 1 ? "" : "s");
	if (f->p->header != NULL && !f->used_header)
		fault(f, "the header takes no value");
	if (f->p->nbuttons > f->used_buttons)
		fault(f, "%zu values for buttons that take %zu", f->p->nbuttons,
		    f->used_buttons);
	if (f->p->ncards > f->used_cards)
		fault(f, "%zu values for cards that take %zu", f->p->ncards,
		    f->used_cards);
	if (f->p->expires_ms != 0 && !f->used_expires)
		fault(f, "there is no offer that ends");
}

int
template_fill(const struct template *t, const struct template_params *p,
    json_t **ret_shown, json_t **ret_object)
{
	struct filling f = { .t = t, .p = p };
	json_t *object;

	f.shown = json_object();
	f.components = json_array();
	fill_components(&f, t->components);
	check_all_used(&f);
	object = json_object();
	json_put(object, "name", t->name);
	json_put_new(object, "language",
	    json_pack("{ss}", "code", t->language));
	if (json_array_size(f.components) > 0)
		json_object_set(object, "components", f.components);
	json_decref(f.components);
	if (f.code < 0) {
		json_decref(f.shown);
		json_decref(object);
		return f.code;
	}
	*ret_shown = f.shown;
	*ret_object = object;
	return 0;
}

/* How many parameters an object has for its header or body. */
static size_t
given(const json_t *object, const char *type)
{
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(object, "components"), i, c)
		if (strcasecmp(json_str_or(c, "type", ""), type) == 0)
			return json_array_size(
			    json_object_get(c, "parameters"));
	return 0;
}

int
template_fits(const struct template *t, const json_t *object)
{
	char names[PARAMS_MAX][NAME_MAX_BYTES];
	const char *type;
	size_t i, wanted, has;
	json_t *c;

	json_array_foreach(t->components, i, c) {
		type = json_str_or(c, "type", "");
		if (strcmp(type, "BODY") != 0 && strcmp(type, "HEADER") != 0)
			continue;
		wanted = params_of(strcmp(type, "BODY") == 0 ?
			body_text(t, c) :
			json_str_or(c, "text", ""),
		    names);
		if (strcmp(type, "HEADER") == 0 &&
		    strcmp(json_str_or(c, "format", "TEXT"), "TEXT") != 0)
			wanted = 1; /* its medium or place */
		has = given(object, type);
		if (has != wanted)
			return err_set(ERR_DATA,
			    "its %s takes %zu parameter%s, and there %s %zu",
			    strcmp(type, "BODY") == 0 ? "body" : "header",
			    wanted, wanted == 1 ? "" : "s",
			    has == 1 ? "is" : "are", has);
	}
	return 0;
}
