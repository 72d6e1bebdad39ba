/*
 * filter - lines with what rules make of them, from the line alone
 *
 * A line that is plain is looked at and not parsed, and what is known now is
 * put before its last bracket; any other one is parsed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "rules/filter.h"
#include "rules/own.h"

/* What a line says; text that is borrowed is not NUL-terminated. */
enum said { SAID_TYPE, SAID_TIME, SAID_INSTANCE, SAID_KIND, SAID_TEXT, SAID };

struct message {
	const struct filter *f;
	long line;	  /* from 1 */
	char *said[SAID]; /* NULL: nothing */
};

static void
message_release(struct message *m)
{
	size_t i;

	for (i = 0; i < SAID; i++)
		free(m->said[i]);
}

static int
ask_open(void *ctx, const char *hours)
{
	const struct message *m = ctx;
	int64_t at_ms;

	if (m->said[SAID_TIME] == NULL ||
	    time_parse(m->said[SAID_TIME], &at_ms) < 0)
		at_ms = now_ms();
	return m->f->open(m->f->ctx,
	    m->said[SAID_INSTANCE] != NULL ? m->said[SAID_INSTANCE] : "default",
	    hours, at_ms);
}

static int
always_fresh(void *ctx, const char *key, enum rules_once once,
    const char *hours)
{
	(void)ctx;
	(void)key;
	(void)once;
	(void)hours;
	return 1;
}

/* What comes of it: names of rules, and tags. */
static int
decide(const struct message *m, struct rules_result *ret)
{
	const char *text = m->said[SAID_TEXT];
	struct rules_facts facts = { .occasion = RULES_MESSAGE,
		.kind =
		    m->said[SAID_KIND] != NULL ? m->said[SAID_KIND] : "text",
		.instance = m->said[SAID_INSTANCE],
		.language = "und",
		.open = ask_open,
		.fresh = always_fresh,
		.ctx = (void *)m };
	struct rules_reading *reading = rules_read(m->f->rules, text);
	int code;

	if (text != NULL && rules_ask_language(m->f->rules))
		facts.language = m->f->language(m->f->ctx, text);
	code = rules_apply(m->f->rules, reading, &facts, ret);
	if (rules_gave_up(reading) != NULL)
		m->f->gave_up(m->f->ctx, rules_gave_up(reading), m->line);
	rules_reading_free(reading);
	return code;
}

static json_t *
names_of(const struct rules_result *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->nfired; i++)
		json_array_append_new(list, json_text_new(r->fired[i].name));
	return list;
}

static json_t *
tags_of(const struct rules_result *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->effects[i].kind == EFFECT_TAG)
			json_array_append_new(list,
			    json_text_new(r->effects[i].value));
	return list;
}

/* What is known of it, behind the members of a line. */
static void
add_members(struct buf *to, const struct rules_result *r)
{
	json_t *names, *tags;

	if (r->nfired == 0) {
		buf_adds(to, ",\"rules\":[],\"tags\":[]}");
		return;
	}
	names = names_of(r);
	tags = tags_of(r);
	buf_adds(to, ",\"rules\":");
	json_write(to, names);
	buf_adds(to, ",\"tags\":");
	json_write(to, tags);
	buf_addc(to, '}');
	json_decref(names);
	json_decref(tags);
}

static bool
is_message(const struct message *m)
{
	return m->said[SAID_TYPE] == NULL ||
	    strcmp(m->said[SAID_TYPE], "message.received") == 0;
}

/* A line that is plain enough: 1, 0 if it is not, or an ERR. */
static int
plain_line(const struct filter *f, struct jsonl *lines, const char *line,
    size_t len, struct buf *out)
{
	struct json_wanted w[] = { [SAID_TYPE] = { .key = "type" },
		[SAID_TIME] = { .key = "time" },
		[SAID_INSTANCE] = { .outer = "data", .key = "instance" },
		[SAID_KIND] = { .outer = "data", .key = "kind" },
		[SAID_TEXT] = { .outer = "data", .key = "text" },
		/* As it is told here: not to be said twice. */
		{ .key = "rules" },
		{ .key = "tags" } };
	struct message m = { .f = f, .line = jsonl_lineno(lines) };
	struct rules_result result;
	size_t i;
	int code;

	if (!json_scan(line, len, w, sizeof(w) / sizeof(w[0])) ||
	    w[SAID_TEXT].text == NULL || w[SAID].text != NULL ||
	    w[SAID + 1].text != NULL)
		return 0;
	for (i = 0; i < SAID; i++)
		if (w[i].text != NULL)
			m.said[i] = xstrndup(w[i].text, w[i].len);
	if (is_message(&m)) {
		code = decide(&m, &result);
		if (code == 0) {
			while (line[len - 1] != '}')
				len--;
			buf_reset(out);
			buf_add(out, line, len - 1);
			add_members(out, &result);
			rules_result_release(&result);
			code = jsonl_put(lines, out->data, out->len);
		}
	} else
		code = jsonl_put(lines, line, len);
	message_release(&m);
	return code < 0 ? code : 1;
}

static char *
copied(const json_t *o, const char *path, const char * or)
{
	const char *text = json_str(o, path);

	if (text == NULL && or != NULL)
		text = json_str(o, or);
	return text != NULL ? xstrdup(text) : NULL;
}

static int
any_line(const struct filter *f, struct jsonl *lines, const char *line,
    size_t len, struct buf *out)
{
	struct message m = { .f = f, .line = jsonl_lineno(lines) };
	struct rules_result result;
	json_t *o;
	int code;

	if (*line == '{' && utf8_bad_line(line, len) != 0) {
		jsonl_complain(lines, "not UTF-8, or a NUL is in it");
		return 0;
	}
	if (*line != '{') {
		o = json_object();
		json_put_new(o, "text", json_text_new(line));
	} else if (json_lenient(line, len, &o) < 0) {
		jsonl_complain(lines, err_reason());
		return 0;
	}
	m.said[SAID_TYPE] = copied(o, "type", NULL);
	m.said[SAID_TIME] = copied(o, "time", NULL);
	m.said[SAID_INSTANCE] = copied(o, "data/instance", "instance");
	m.said[SAID_KIND] = copied(o, "data/kind", "kind");
	m.said[SAID_TEXT] = copied(o, "data/text", "text");
	if (is_message(&m)) {
		code = decide(&m, &result);
		if (code == 0) {
			json_object_set_new(o, "rules", names_of(&result));
			json_object_set_new(o, "tags", tags_of(&result));
			rules_result_release(&result);
			buf_reset(out);
			json_write(out, o);
			code = jsonl_put(lines, out->data, out->len);
		}
	} else
		code = jsonl_put(lines, line, len);
	message_release(&m);
	json_decref(o);
	return code;
}

static int
one_line(const struct filter *f, struct jsonl *lines, const char *line,
    size_t len, struct buf *out)
{
	int code = *line == '{' ? plain_line(f, lines, line, len, out) : 0;

	if (code == 0)
		code = any_line(f, lines, line, len, out);
	return code < 0 ? code : 0;
}

int
rules_filter(const struct filter *f, struct jsonl *lines)
{
	struct buf out = BUF_INIT(0);
	char *line;
	size_t len;
	int got, code = 0;

	while (code == 0 && (got = jsonl_wait(lines, &line, &len)) != JSONL_END)
		code = got == JSONL_LINE ? one_line(f, lines, line, len, &out) :
					   got;
	buf_release(&out);
	if (code == 0)
		code = jsonl_flush(lines);
	if (code == 0 && jsonl_bad(lines) > 0)
		code = err_set(ERR_DATA, "%ld lines were left out",
		    jsonl_bad(lines));
	return code;
}
