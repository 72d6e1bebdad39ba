/* tool - what the AI may have done: declarations */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ai/jsonschema.h"
#include "ai/tool.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/settings.h"
#include "net/http.h"

#define SECTION "tool "
#define SCHEMA_MAX_BYTES 65536

static const struct {
	const char *name;
	enum tool_identity bit;
} identities[] = {
	{ "contact", TOOL_CONTACT },
	{ "conversation", TOOL_CONVERSATION },
	{ "name", TOOL_PROFILE_NAME },
	{ "phone", TOOL_PHONE },
};
#define NIDENTITIES (sizeof(identities) / sizeof(identities[0]))

/* --- names --- */

static char *
section_of(const char *name)
{
	return xformat(SECTION "%s", name);
}

bool
tool_exists(const struct conf *c, const char *name)
{
	char *section = section_of(name);
	bool found = conf_has(c, section);

	free(section);
	return found;
}

int
tool_missing(const struct conf *c, const char *name, int code)
{
	char *section = section_of(name);

	code = conf_missing(c, section, code);
	free(section);
	return code;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **
tool_names(const struct conf *c)
{
	char **names = xcalloc(1, sizeof(*names));
	const struct conf_entry *e;
	size_t i, n = 0;

	for (i = 0; (e = conf_entry(c, i)) != NULL; i++) {
		if (!str_starts(e->section, SECTION) ||
		    str_in(e->section + strlen(SECTION),
			(const char *const *)names))
			continue;
		names = xrealloc(names, (n + 2) * sizeof(*names));
		names[n++] = xstrdup(e->section + strlen(SECTION));
		names[n] = NULL;
	}
	qsort(names, n, sizeof(*names), by_name);
	return names;
}

void
tool_names_free(char **names)
{
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

/* --- one declaration --- */

struct resolve {
	const struct conf *c;
	char *section;
	void (*say)(void *ctx, const char *text);
	void *ctx;
	int code;
};

static void
complain(struct resolve *r, const char *key, const char *why)
{
	const struct conf_entry *e = conf_find(r->c, r->section, key);
	size_t i;
	char *text;

	/* What is missing is missing where the rest stands. */
	for (i = 0; e == NULL && conf_entry(r->c, i) != NULL; i++)
		if (strcmp(conf_entry(r->c, i)->section, r->section) == 0)
			e = conf_entry(r->c, i);
	if (e != NULL && strcmp(e->key, key) == 0 && e->line > 0)
		text = xformat("%s:%d: %s.%s: %s", e->file, e->line, r->section,
		    key, why);
	else
		text = xformat("%s: %s.%s: %s", e != NULL ? e->file : "?",
		    r->section, key, why);
	r->code = err_set(ERR_CONFIG, "%s", text);
	if (r->say != NULL)
		r->say(r->ctx, text);
	free(text);
}

static const char *
text_of(const struct resolve *r, const char *key)
{
	const char *value = setting_text(r->c, r->section, key);

	return value != NULL && *value != '\0' ? value : NULL;
}

static void
read_command(struct resolve *r, struct tool *t)
{
	const char *command = text_of(r, "command"), *files;
	char *path;
	size_t i;

	if (command == NULL)
		return;
	if (!str_words(command, &t->command) || t->command[0] == NULL)
		complain(r, "command", "wants words; a \" that does not end?");
	if (t->command[0] != NULL) {
		path =
		    setting_beside(r->c, r->section, "command", t->command[0]);
		free(t->command[0]);
		t->command[0] = path;
		if (access(path, X_OK) < 0) {
			err_errno(0, "%s", path);
			complain(r, "command", err_reason());
		}
	}
	files = text_of(r, "files");
	if (!str_words(files != NULL ? files : "", &t->files))
		complain(r, "files", "wants paths; a \" that does not end?");
	for (i = 0; t->files[i] != NULL; i++) {
		path = setting_beside(r->c, r->section, "files", t->files[i]);
		free(t->files[i]);
		t->files[i] = path;
		if (access(path, F_OK) < 0) {
			err_errno(0, "%s", path);
			complain(r, "files", err_reason());
		}
	}
}

static bool
is_object_schema(const json_t *schema)
{
	const char *type = json_str(schema, "type");

	return type != NULL && strcmp(type, "object") == 0;
}

/* A schema is closed where it does not say: a model that makes up an argument
 * is told so. */
static void
read_schema(struct resolve *r, struct tool *t)
{
	const char *text = text_of(r, "schema"), *name;
	const char *key = text != NULL ? "schema" : "schema_file";
	char *path = setting_path(r->c, r->section, "schema_file"),
	     *content = NULL;
	size_t len = text != NULL ? strlen(text) : 0;
	json_t *schema = NULL, *value;
	int code = 0;

	if (text != NULL && path != NULL)
		complain(r, "schema", "schema_file is set, too: one of them");
	if (text == NULL && path != NULL) {
		code =
		    file_read_regular(path, SCHEMA_MAX_BYTES, &content, &len);
		text = content;
	}
	if (code == 0 && text != NULL)
		code = json_object_parse(text, len, &schema);
	if (code == 0 && schema != NULL)
		code = jsonschema_check(schema);
	if (code == 0 && schema != NULL && !is_object_schema(schema))
		code = err_set(ERR_CONFIG, "type: wants \"object\"");
	if (code < 0)
		complain(r, key, err_reason());
	json_object_foreach(json_object_get(schema, "properties"), name, value)
		if (str_starts(name, TOOL_OWN))
			complain(r, key,
			    "arguments that begin with " TOOL_OWN
			    " are the desk's: see identity");
	if (code < 0 || schema == NULL) {
		json_decref(schema);
		schema = json_object();
		json_put(schema, "type", "object");
	}
	if (json_object_get(schema, "properties") == NULL)
		json_put_new(schema, "properties", json_object());
	if (json_object_get(schema, "additionalProperties") == NULL)
		json_put_new(schema, "additionalProperties", json_false());
	t->schema = schema;
	free(content);
	free(path);
}

static void
read_identity(struct resolve *r, struct tool *t)
{
	const char *text = text_of(r, "identity");
	char **words;
	size_t i, k;

	if (text == NULL)
		return;
	str_words(text, &words);
	for (i = 0; words[i] != NULL; i++)
		for (k = 0; k < NIDENTITIES; k++)
			if (strcmp(words[i], identities[k].name) == 0)
				t->identity |= identities[k].bit;
	tool_names_free(words);
}

/* The next {NAME} of text from p on: where it begins, and its name's bytes. */
static const char *
next_place(const char *p, size_t *ret_len)
{
	while ((p = strchr(p, '{')) != NULL) {
		*ret_len = strcspn(p + 1, "{}");
		if (p[1 + *ret_len] == '}' && *ret_len > 0)
			return p;
		p++;
	}
	return NULL;
}

static bool
is_required(const json_t *schema, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(schema, "required"), i, item)
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	return false;
}

static bool
is_own(const struct tool *t, const char *name)
{
	size_t i;

	for (i = 0; i < NIDENTITIES; i++)
		if ((t->identity & identities[i].bit) != 0 &&
		    str_starts(name, TOOL_OWN) &&
		    strcmp(name + strlen(TOOL_OWN), identities[i].name) == 0)
			return true;
	return false;
}

/* Each place of a text is an argument that is always there. */
static void
check_places(struct resolve *r, const struct tool *t, const char *key,
    const char *text, bool own)
{
	const char *p = text;
	char *name, *why;
	size_t len;

	for (; (p = next_place(p, &len)) != NULL; p += len + 2) {
		name = xstrndup(p + 1, len);
		why = NULL;
		if (own && is_own(t, name))
			;
		else if (json_object_get(json_object_get(t->schema,
					     "properties"),
			     name) == NULL)
			why =
			    xformat("{%s} is no argument of its schema", name);
		else if (!is_required(t->schema, name))
			why =
			    xformat("{%s} is not required by its schema", name);
		if (why != NULL)
			complain(r, key, why);
		free(why);
		free(name);
	}
}

static void
check_url(struct resolve *r, const struct tool *t)
{
	struct buf b = BUF_INIT(0);
	const char *p = t->url, *at, *host = strstr(t->url, "://");
	size_t len;

	host = host != NULL ? host + 3 : t->url;
	host += strcspn(host, "/?#");
	for (; (at = next_place(p, &len)) != NULL; p = at + len + 2) {
		if (at < host)
			complain(r, "url",
			    "an argument in the host: whom it calls is the "
			    "desk's to say");
		buf_add(&b, p, (size_t)(at - p));
		buf_addc(&b, 'x');
	}
	buf_adds(&b, p);
	if (http_url_check(b.data) < 0)
		complain(r, "url", err_reason());
	buf_release(&b);
	check_places(r, t, "url", t->url, true);
}

/* Whom a setting is for that this kind of tool has no use for. */
static void
check_kind(struct resolve *r, const struct tool *t)
{
	static const char *const http[] = { "method", "headers_file", NULL };
	static const char *const command[] = { "files", NULL };
	const char *const *none = t->url != NULL ? command : http;
	size_t i;

	if ((t->url == NULL) == (t->command == NULL)) {
		complain(r, t->url != NULL ? "url" : "command",
		    "wants a url or a command, one of them");
		return;
	}
	for (i = 0; none[i] != NULL; i++)
		if (conf_get(r->c, r->section, none[i]) != NULL)
			complain(r, none[i],
			    t->url != NULL ? "is for a command" :
					     "is for a url");
}

static void
check_name(struct resolve *r, const char *name)
{
	size_t len = strlen(name);

	if (len > TOOL_NAME_MAX_BYTES ||
	    strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_-") != len)
		complain(r, "description",
		    "providers take names of at most 64 letters, digits, - "
		    "and _");
}

static void
check_whole(struct resolve *r, struct tool *t)
{
	check_name(r, t->name);
	if (t->description == NULL)
		complain(r, "description",
		    "is missing: the model knows a tool by it");
	check_kind(r, t);
	if (t->url != NULL)
		check_url(r, t);
	if (t->confirm && t->question == NULL)
		complain(r, "question", "is missing: confirm asks it");
	if (!t->confirm && t->question != NULL)
		complain(r, "question", "is never asked: confirm is off");
	if (t->question != NULL)
		check_places(r, t, "question", t->question, false);
}

/* The values themselves are of their kinds. */
static void
check_values(struct resolve *r)
{
	const struct conf_entry *e;
	size_t i;

	for (i = 0; (e = conf_entry(r->c, i)) != NULL; i++)
		if (strcmp(e->section, r->section) == 0 &&
		    setting_check(e->section, e->key, e->value, e->file) < 0)
			complain(r, e->key, err_reason());
}

static int
resolve(struct resolve *r, const char *name, struct tool *t)
{
	char *text;

	*t = (struct tool){ .name = xstrdup(name) };
	r->section = section_of(name);
	check_values(r);
	if (r->code < 0)
		return r->code; /* what they mean cannot be said */
	t->description = text_of(r, "description");
	t->url = text_of(r, "url");
	t->question = text_of(r, "question");
	t->headers_file = setting_path(r->c, r->section, "headers_file");
	text = xformat("%s", setting_text(r->c, r->section, "method"));
	t->is_post = strcmp(text, "POST") == 0;
	free(text);
	setting_bool(r->c, r->section, "enabled", &t->enabled);
	setting_bool(r->c, r->section, "private", &t->is_private);
	setting_bool(r->c, r->section, "confirm", &t->confirm);
	setting_bool(r->c, r->section, "repeatable", &t->repeatable);
	setting_bool(r->c, r->section, "links", &t->links);
	setting_duration(r->c, r->section, "timeout", &t->timeout_ms);
	setting_int(r->c, r->section, "max_bytes", &t->max_bytes);
	read_identity(r, t);
	read_schema(r, t);
	read_command(r, t);
	check_whole(r, t);
	if (t->url != NULL && !t->is_post)
		t->repeatable = true;
	return r->code;
}

/* The first fault is the one that is told. */
static void
keep_first(void *ctx, const char *text)
{
	char **first = ctx;

	if (*first == NULL)
		*first = xstrdup(text);
}

int
tool_open(const struct conf *c, const char *name, struct tool *ret)
{
	char *first = NULL;
	struct resolve r = { .c = c, .say = keep_first, .ctx = &first };
	struct tool t;
	int code;

	if (!tool_exists(c, name))
		return tool_missing(c, name, ERR_NOINPUT) == ERR_CONFIG ?
		    ERR_CONFIG :
		    ERR_NOINPUT;
	code = resolve(&r, name, &t);
	free(r.section);
	if (code == 0)
		*ret = t;
	else {
		tool_release(&t);
		code = err_set(ERR_CONFIG, "%s", first);
	}
	free(first);
	return code;
}

int
tool_check(const struct conf *c, const char *name,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct resolve r = { .c = c, .say = say, .ctx = ctx };
	struct tool t;
	int code = resolve(&r, name, &t);

	free(r.section);
	tool_release(&t);
	return code;
}

void
tool_release(struct tool *t)
{
	tool_names_free(t->command);
	tool_names_free(t->files);
	json_decref(t->schema);
	free(t->headers_file);
	free(t->name);
	*t = (struct tool){ .name = NULL };
}

void
tools_open(const struct conf *c, const char *const *names,
    void (*say)(void *ctx, const char *text), void *ctx, struct tools *ret)
{
	struct tool t;
	char *text;
	size_t i;

	*ret = (struct tools){ .count = 0 };
	for (i = 0; names[i] != NULL; i++) {
		if (tool_open(c, names[i], &t) < 0) {
			text = xstrdup(err_reason());
			if (say != NULL)
				say(ctx, text);
			free(text);
			continue;
		}
		if (!t.enabled) {
			tool_release(&t);
			continue;
		}
		ret->tool =
		    xrealloc(ret->tool, (ret->count + 1) * sizeof(*ret->tool));
		ret->tool[ret->count++] = t;
	}
}

void
tools_release(struct tools *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		tool_release(&t->tool[i]);
	free(t->tool);
	*t = (struct tools){ .count = 0 };
}

/* --- arguments --- */

int
tool_arguments(const struct tool *t, const json_t *arguments)
{
	const char *name;
	json_t *value;
	char *text;
	size_t len;

	json_object_foreach((json_t *)(uintptr_t)arguments, name, value)
		if (str_starts(name, TOOL_OWN))
			return err_set(ERR_DATA,
			    TOOL_OWN "... is the desk's to say: leave it out");
	text = json_text(arguments);
	len = strlen(text);
	free(text);
	if (len > TOOL_ARGUMENTS_MAX_BYTES)
		return err_set(ERR_DATA, "they are longer than %d bytes",
		    TOOL_ARGUMENTS_MAX_BYTES);
	return jsonschema_validate(t->schema, arguments);
}

int
tool_identify(const struct tool *t, const json_t *arguments,
    const json_t *identity, json_t **ret)
{
	json_t *all = json_deep_copy(arguments);
	const char *value;
	char *name;
	size_t i;

	for (i = 0; i < NIDENTITIES; i++) {
		if ((t->identity & identities[i].bit) == 0)
			continue;
		value = json_str(identity, identities[i].name);
		if (value == NULL) {
			json_decref(all);
			return err_set(ERR_DATA,
			    "the customer's %s is not known",
			    identities[i].name);
		}
		name = xformat(TOOL_OWN "%s", identities[i].name);
		json_put(all, name, value);
		free(name);
	}
	*ret = all;
	return 0;
}

/* An argument as text; the caller frees. */
static char *
plain(const json_t *value)
{
	return json_is_string(value) ? xstrdup(json_string_value(value)) :
				       json_text(value);
}

char *
tool_question(const struct conf *c, const struct tool *t,
    const json_t *arguments, const char *language)
{
	struct buf b = BUF_INIT(0);
	char *own = xformat("tool-%s", t->name), *name, *value, *shown;
	const char *p = reply_text(c, own, language != NULL ? language : "und"),
		   *at;
	size_t len;

	free(own);
	if (p == NULL || *p == '\0')
		p = t->question != NULL ? t->question : "";
	for (; (at = next_place(p, &len)) != NULL; p = at + len + 2) {
		buf_add(&b, p, (size_t)(at - p));
		name = xstrndup(at + 1, len);
		if (json_object_get(arguments, name) != NULL) {
			value = plain(json_object_get(arguments, name));
			shown = utf8_plain(value);
			buf_adds(&b, shown);
			free(shown);
			free(value);
		}
		free(name);
	}
	buf_adds(&b, p);
	return buf_detach(&b);
}

/* All but what may stand anywhere in an address. */
static void
escape(struct buf *b, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	for (; *p != '\0'; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~",
			*p) != NULL)
			buf_addc(b, (char)*p);
		else
			buf_addf(b, "%%%02X", *p);
}

static int
fill(const struct tool *t, const char *at, size_t len, const json_t *arguments,
    struct buf *b)
{
	char *name = xstrndup(at + 1, len), *value;
	const char *query = strchr(t->url, '?');
	int code = 0;

	value = plain(json_object_get(arguments, name));
	/* As a part of a path these are steps through it, escaped or not. */
	if ((query == NULL || at < query) &&
	    (*value == '\0' || strcmp(value, ".") == 0 ||
		strcmp(value, "..") == 0 || strpbrk(value, "/\\") != NULL))
		code =
		    err_set(ERR_DATA, "%s: cannot be part of an address", name);
	escape(b, value);
	free(value);
	free(name);
	return code;
}

static bool
has_place(const char *url, const char *name)
{
	const char *p = url;
	size_t len;

	for (; (p = next_place(p, &len)) != NULL; p += len + 2)
		if (strlen(name) == len && strncmp(p + 1, name, len) == 0)
			return true;
	return false;
}

int
tool_url(const struct tool *t, const json_t *arguments, char **ret)
{
	struct buf b = BUF_INIT(0);
	const char *p = t->url, *at, *name;
	json_t *value;
	char *text;
	size_t len;
	int code = 0;

	for (; (at = next_place(p, &len)) != NULL && code == 0;
	     p = at + len + 2) {
		buf_add(&b, p, (size_t)(at - p));
		code = fill(t, at, len, arguments, &b);
	}
	buf_adds(&b, p);
	/* Of a GET, the rest is asked behind it. */
	json_object_foreach((json_t *)(uintptr_t)arguments, name, value) {
		if (t->is_post || has_place(t->url, name) || code < 0)
			continue;
		buf_addc(&b, strchr(b.data, '?') == NULL ? '?' : '&');
		escape(&b, name);
		buf_addc(&b, '=');
		text = plain(value);
		escape(&b, text);
		free(text);
	}
	if (code == 0)
		*ret = buf_detach(&b);
	buf_release(&b);
	return code;
}

/* --- results --- */

void
tool_result_release(struct tool_result *r)
{
	free(r->text);
	free(r->reason);
	free(r->pending);
	*r = (struct tool_result){ .ok = false };
}

void
tool_result_fail(struct tool_result *r, const char *class, const char *fmt, ...)
{
	char *words = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&words, fmt, ap) < 0)
		words = xstrdup("");
	va_end(ap);
	*r = (struct tool_result){ .class = class, .reason = words };
}

/* A class that was read is one of these. */
static const char *const classes[] = { "arguments", "identity", "confirm",
	"refused", "off", "denied", "busy", "failed", "timeout", "unavailable",
	"unknown", NULL };

json_t *
tool_result_json(const struct tool_result *r)
{
	json_t *o = json_object();

	json_put_new(o, "ok", json_boolean(r->ok));
	if (!r->ok) {
		json_put(o, "class", r->class);
		json_put(o, "reason", r->reason);
	}
	if (r->ok)
		json_put_new(o, "text",
		    json_text_new(r->text != NULL ? r->text : ""));
	else
		json_put(o, "question", r->text);
	json_put(o, "pending", r->pending);
	if (r->truncated)
		json_put_new(o, "truncated", json_true());
	if (r->again)
		json_put_new(o, "again", json_true());
	if (r->undone)
		json_put_new(o, "undone", json_true());
	json_put_int(o, "took_ms", r->took_ms);
	return o;
}

int
tool_result_parse(const char *line, size_t len, struct tool_result *ret)
{
	struct tool_result r = { .ok = false };
	const char *class;
	json_t *o;
	size_t i;
	int code = json_object_parse(line, len, &o);

	if (code < 0)
		return code;
	class = json_str(o, "class");
	r.ok = json_bool_or(o, "ok", false);
	for (i = 0; class != NULL && classes[i] != NULL; i++)
		if (strcmp(class, classes[i]) == 0)
			r.class = classes[i];
	if (!json_is_boolean(json_object_get(o, "ok")) ||
	    (r.ok && json_str(o, "text") == NULL) ||
	    (!r.ok && r.class == NULL)) {
		json_decref(o);
		return err_set(ERR_DATA, "it is no answer of ai-tool");
	}
	r.text = xstrdup(json_str(o, r.ok ? "text" : "question"));
	r.reason = r.ok ? NULL : xstrdup(json_str_or(o, "reason", ""));
	r.pending = xstrdup(json_str(o, "pending"));
	r.truncated = json_bool_or(o, "truncated", false);
	r.again = json_bool_or(o, "again", false);
	r.undone = json_bool_or(o, "undone", false);
	r.took_ms = json_int_or(o, "took_ms", 0);
	json_decref(o);
	*ret = r;
	return 0;
}
