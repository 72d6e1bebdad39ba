/* reader - the response of a model, as it comes, and what it means */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/inside.h"
#include "ai/sse.h"
#include "base/err.h"
#include "base/str.h"

#define BODY_MAX_BYTES (4 * 1024 * 1024)
#define EVENT_MAX_BYTES (1024 * 1024)
#define TEXT_MAX_BYTES (256 * 1024)
#define CALLS_MAX 16
#define WORD_BYTES 40

/* How it comes: told by its first bytes. */
enum shape { SHAPE_UNKNOWN, SHAPE_WHOLE, SHAPE_EVENTS };

struct part_call {
	char *id, *name;
	struct buf arguments;
	int64_t index;
};

struct provider_reader {
	const struct provider_ask *ask;
	bool openai;
	enum shape shape;
	struct buf body; /* whole, or its first bytes */
	struct sse sse;
	bool too_big, garbled;
	bool ended; /* the stream said so */
	bool any;   /* there was an answer in it, if empty */
	struct buf text, refusal;
	struct part_call calls[CALLS_MAX];
	size_t ncalls;
	char stop[WORD_BYTES]; /* why the model stopped; "": it did not */
	json_t *error;
	int64_t tokens_in, tokens_out;
};

static int on_event(void *arg, const char *event, const char *data, size_t len);

struct provider_reader *
provider_reader_new(const struct provider_ask *ask)
{
	struct provider_reader *r = xcalloc(1, sizeof(*r));

	r->ask = ask;
	r->openai = ask->profile->kind != PROVIDER_ANTHROPIC;
	r->body.max = BODY_MAX_BYTES;
	r->text.max = r->refusal.max = TEXT_MAX_BYTES;
	r->tokens_in = r->tokens_out = -1;
	sse_init(&r->sse, EVENT_MAX_BYTES, on_event, r);
	return r;
}

void
provider_reader_free(struct provider_reader *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->ncalls; i++) {
		free(r->calls[i].id);
		free(r->calls[i].name);
		buf_release(&r->calls[i].arguments);
	}
	sse_release(&r->sse);
	buf_release(&r->body);
	buf_release(&r->text);
	buf_release(&r->refusal);
	json_decref(r->error);
	free(r);
}

/* --- what both protocols have --- */

static void
add(struct buf *b, const char *text)
{
	if (text != NULL)
		buf_adds(b, text);
}

static void
set_stop(struct provider_reader *r, const char *word)
{
	if (word != NULL)
		snprintf(r->stop, sizeof(r->stop), "%s", word);
}

static void
set_error(struct provider_reader *r, const json_t *whole)
{
	if (r->error == NULL)
		r->error = json_deep_copy(whole);
}

/* The call of a number, made if it is new; NULL: too many. */
static struct part_call *
call_at(struct provider_reader *r, int64_t index)
{
	struct part_call *c;
	size_t i;

	for (i = 0; i < r->ncalls; i++)
		if (r->calls[i].index == index)
			return &r->calls[i];
	if (r->ncalls == CALLS_MAX) {
		r->garbled = true;
		return NULL;
	}
	c = &r->calls[r->ncalls++];
	c->index = index;
	c->arguments.max = TEXT_MAX_BYTES;
	return c;
}

static void
set_once(char **to, const char *text)
{
	if (*to == NULL && text != NULL && *text != '\0')
		*to = xstrdup(text);
}

/* The largest figure counts: those of a stream are sums so far. */
static void
set_tokens(int64_t *to, int64_t n)
{
	if (n > *to)
		*to = n;
}

/* --- chat completions --- */

static void
openai_usage(struct provider_reader *r, const json_t *usage)
{
	if (!json_is_object(usage))
		return;
	/* What came from a cache is in prompt_tokens already. */
	set_tokens(&r->tokens_in, json_int_or(usage, "prompt_tokens", -1));
	set_tokens(&r->tokens_out, json_int_or(usage, "completion_tokens", -1));
}

/* A call, or a piece of one. Some servers leave its number out. */
static void
openai_call(struct provider_reader *r, const json_t *call, size_t place)
{
	const json_t *arguments = json_at(call, "function/arguments");
	const char *id = json_str(call, "id");
	int64_t index = json_int_or(call, "index", -1);
	struct part_call *c;
	char *text;

	if (index < 0)
		index = r->ncalls > 0 && id == NULL && place == 0 ?
		    r->calls[r->ncalls - 1].index :
		    (int64_t)(r->ncalls + CALLS_MAX);
	c = call_at(r, index);
	if (c == NULL)
		return;
	set_once(&c->id, id);
	set_once(&c->name, json_str(call, "function/name"));
	if (json_is_object(arguments)) {
		text = json_text(arguments);
		add(&c->arguments, text);
		free(text);
	} else
		add(&c->arguments, json_string_value(arguments));
}

/* Content is text or, with some, an array of parts of it. */
static void
openai_content(struct provider_reader *r, const json_t *content)
{
	const json_t *part;
	size_t i;

	add(&r->text, json_string_value(content));
	json_array_foreach(content, i, part)
		add(&r->text, json_str(part, "text"));
}

/* The choice that says it is the first, wherever it stands; without that word,
 * the one that does stand first. */
static const json_t *
first_choice(const json_t *choices)
{
	const json_t *one;
	size_t i;

	json_array_foreach(choices, i, one)
		if (json_int_or(one, "index", -1) == 0)
			return one;
	one = json_array_get(choices, 0);
	return json_int_or(one, "index", 0) == 0 ||
		json_array_size(choices) > 1 ?
	    one :
	    NULL;
}

/* A response, or a chunk of one: message is called delta there. */
static void
openai_take(struct provider_reader *r, const json_t *o)
{
	const json_t *choice = first_choice(json_at(o, "choices")),
		     *message = json_at(choice, "message"), *calls;
	size_t i;

	openai_usage(r, json_at(o, "usage"));
	if (!json_is_object(choice))
		return;
	r->any = true;
	if (!json_is_object(message))
		message = json_at(choice, "delta");
	openai_content(r, json_at(message, "content"));
	add(&r->refusal, json_str(message, "refusal"));
	calls = json_at(message, "tool_calls");
	for (i = 0; i < json_array_size(calls); i++)
		openai_call(r, json_array_get(calls, i), i);
	set_stop(r, json_str(choice, "finish_reason"));
}

/* --- messages --- */

static void
anthropic_usage(struct provider_reader *r, const json_t *usage)
{
	int64_t in = json_int_or(usage, "input_tokens", -1);

	/* What was read from a cache or written to it is not in it. */
	if (in >= 0)
		set_tokens(&r->tokens_in,
		    in + json_int_or(usage, "cache_creation_input_tokens", 0) +
			json_int_or(usage, "cache_read_input_tokens", 0));
	set_tokens(&r->tokens_out, json_int_or(usage, "output_tokens", -1));
}

static void
anthropic_block(struct provider_reader *r, const json_t *block, int64_t index)
{
	const char *type = json_str_or(block, "type", "");
	const json_t *input = json_at(block, "input");
	struct part_call *c;
	char *text;

	r->any = true;
	if (strcmp(type, "text") == 0)
		add(&r->text, json_str(block, "text"));
	if (strcmp(type, "tool_use") != 0 || (c = call_at(r, index)) == NULL)
		return;
	set_once(&c->id, json_str(block, "id"));
	set_once(&c->name, json_str(block, "name"));
	/* In a stream it is empty, and its text follows. */
	if (json_object_size(input) > 0) {
		text = json_text(input);
		add(&c->arguments, text);
		free(text);
	}
}

/* A turn that ends by itself with no block in it is no answer at all. */
static void
anthropic_stop(struct provider_reader *r, const char *reason)
{
	set_stop(r, reason);
	if (reason != NULL && strcmp(reason, "end_turn") != 0)
		r->any = true;
}

static void
anthropic_take(struct provider_reader *r, const json_t *o)
{
	const json_t *content = json_at(o, "content"), *block;
	size_t i;

	anthropic_usage(r, json_at(o, "usage"));
	json_array_foreach(content, i, block)
		anthropic_block(r, block, (int64_t)i);
	anthropic_stop(r, json_str(o, "stop_reason"));
}

static int
anthropic_event(struct provider_reader *r, const json_t *o)
{
	const char *type = json_str_or(o, "type", "");
	const json_t *delta = json_at(o, "delta");
	int64_t index = json_int_or(o, "index", 0);
	struct part_call *c;

	if (strcmp(type, "message_start") == 0)
		anthropic_take(r, json_at(o, "message"));
	else if (strcmp(type, "content_block_start") == 0)
		anthropic_block(r, json_at(o, "content_block"), index);
	else if (strcmp(type, "content_block_delta") == 0) {
		add(&r->text, json_str(delta, "text"));
		if (json_str(delta, "partial_json") != NULL &&
		    (c = call_at(r, index)) != NULL)
			add(&c->arguments, json_str(delta, "partial_json"));
	} else if (strcmp(type, "message_delta") == 0) {
		anthropic_stop(r, json_str(delta, "stop_reason"));
		anthropic_usage(r, json_at(o, "usage"));
	} else if (strcmp(type, "message_stop") == 0)
		r->ended = true;
	return r->ended;
}

/* --- taking in --- */

static bool
is_error(const json_t *o, const char *event)
{
	const json_t *e = json_at(o, "error");

	return json_is_object(e) || json_is_string(e) ||
	    strcmp(event, "error") == 0 ||
	    strcmp(json_str_or(o, "type", ""), "error") == 0 ||
	    strcmp(json_str_or(o, "object", ""), "error") == 0;
}

static int
on_event(void *arg, const char *event, const char *data, size_t len)
{
	struct provider_reader *r = arg;
	json_t *o = NULL;
	int ret = 0;

	if (len == 6 && memcmp(data, "[DONE]", 6) == 0) {
		r->ended = true;
		return 1;
	}
	if (json_lenient(data, len, &o) < 0) {
		r->garbled = true;
		return 1;
	}
	if (is_error(o, event)) {
		set_error(r, o);
		ret = 1;
	} else if (r->openai)
		openai_take(r, o);
	else
		ret = anthropic_event(r, o);
	json_decref(o);
	if (r->text.failed || r->refusal.failed)
		r->too_big = true;
	return ret != 0 || r->too_big || r->garbled;
}

/* JSON begins with a bracket, a stream with the name of a field or a colon. */
static void
tell_shape(struct provider_reader *r)
{
	static const char *const fields[] = { "data:", "event:", "id:",
		"retry:", ":" };
	const char *p = r->body.data != NULL ? r->body.data : "",
		   *end = p + r->body.len;
	size_t i, len;

	if (p == end || strncmp("\xef\xbb\xbf", p, r->body.len) == 0)
		return; /* maybe half of a byte order mark */
	if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	p += strspn(p, " \t\r\n");
	if (p == end)
		return;
	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		len = strlen(fields[i]);
		if ((size_t)(end - p) < len) {
			if (strncmp(fields[i], p, (size_t)(end - p)) == 0)
				return; /* not yet known */
		} else if (memcmp(p, fields[i], len) == 0) {
			r->shape = SHAPE_EVENTS;
			return;
		}
	}
	r->shape = SHAPE_WHOLE;
}

int
provider_feed(struct provider_reader *r, const void *data, size_t len)
{
	bool first = r->shape == SHAPE_UNKNOWN;
	int got;

	if (r->too_big || r->garbled || r->error != NULL)
		return -1;
	if (r->ended)
		return 1;
	if (r->shape != SHAPE_EVENTS) {
		buf_add(&r->body, data, len);
		r->too_big = r->body.failed;
		if (first)
			tell_shape(r);
		if (r->shape != SHAPE_EVENTS)
			return r->too_big ? -1 : 0;
		data = r->body.data;
		len = r->body.len;
	}
	got = sse_feed(&r->sse, data, len);
	if (got < 0)
		r->too_big = true;
	if (got == 0)
		return 0;
	return r->ended && !r->too_big && !r->garbled ? 1 : -1;
}

/* --- what it means --- */

static void
fail(struct provider_answer *ret, enum provider_outcome outcome,
    const struct provider_reader *r, const char *what)
{
	ret->outcome = outcome;
	snprintf(ret->why, sizeof(ret->why), "%s: %s",
	    r->ask->profile->provider, what);
}

static bool
is_offered(const struct provider_reader *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->ask->ntools; i++)
		if (name != NULL && strcmp(r->ask->tools[i].name, name) == 0)
			return true;
	return false;
}

/* What cannot be called as it is. */
static const char *
wrong_of(const struct provider_reader *r, const struct part_call *c,
    const json_t *arguments)
{
	if (!is_offered(r, c->name))
		return "There is no result: there is no such tool.";
	if (arguments == NULL)
		return "There is no result: the arguments are no JSON object.";
	return NULL;
}

/* The calls, each of a tool that may be none; without any tool there is none. */
static void
take_calls(struct provider_reader *r, struct provider_answer *ret)
{
	struct part_call *c;
	json_t *arguments;
	size_t i;

	ret->calls = xcalloc(r->ncalls, sizeof(*ret->calls));
	for (i = 0; i < r->ncalls; i++) {
		c = &r->calls[i];
		arguments = NULL;
		if (c->arguments.len == 0)
			arguments = json_object();
		else if (!c->arguments.failed)
			json_lenient(c->arguments.data, c->arguments.len,
			    &arguments);
		if (r->ask->ntools == 0 || c->name == NULL) {
			json_decref(arguments);
			fail(ret, PROVIDER_MISSHAPEN, r,
			    "the model called a tool there is not");
			return;
		}
		ret->calls[i].wrong = wrong_of(r, c, arguments);
		if (arguments == NULL)
			arguments = json_object();
		ret->calls[i].id = c->id != NULL ?
		    xstrdup(c->id) :
		    xformat("call%05zu",
			json_array_size(r->ask->exchange) + i + 1);
		ret->calls[i].name = xstrdup(c->name);
		ret->calls[i].arguments = arguments;
		ret->ncalls++;
	}
	ret->outcome = PROVIDER_TOOLS;
}

/* The answer as a tool's arguments; NULL: there is none. */
static const char *
answer_call(const struct provider_reader *r)
{
	size_t i;

	for (i = 0; i < r->ncalls; i++)
		if (r->calls[i].name != NULL &&
		    strcmp(r->calls[i].name, ANSWER_TOOL) == 0)
			return r->calls[i].arguments.data;
	return NULL;
}

static bool
stopped(const struct provider_reader *r, const char *a, const char *b)
{
	return strcmp(r->stop, a) == 0 || strcmp(r->stop, b) == 0;
}

static void
conclude(struct provider_reader *r, struct provider_answer *ret)
{
	const char *text = answer_call(r);
	struct plan plan;

	plan_make(r->ask, &plan);
	if (r->refusal.len > 0 || stopped(r, "refusal", "content_filter"))
		fail(ret, PROVIDER_REFUSED, r,
		    stopped(r, "content_filter", "content_filter") ?
			"a filter refused it" :
			"the model refused it");
	else if (stopped(r, "length", "max_tokens") ||
	    stopped(r, "model_context_window_exceeded", "pause_turn"))
		fail(ret, PROVIDER_MISSHAPEN, r,
		    "the model's answer was cut short");
	else if (text == NULL && r->ncalls > 0)
		take_calls(r, ret);
	else if (text != NULL || r->text.len > 0)
		form_read(r->ask->task, text != NULL ? text : r->text.data,
		    plan.format == FORMAT_TEXT, ret);
	else
		fail(ret, PROVIDER_MISSHAPEN, r, "the model said nothing");
}

/* The one object of a body; Google's errors come as an array of one. */
static int
body_object(const char *text, size_t len, json_t **ret)
{
	json_t *list = NULL;

	while (len > 0 && strchr(" \t\r\n", *text) != NULL) {
		text++;
		len--;
	}
	if (len == 0 || *text != '[')
		return json_lenient(text, len, ret);
	if (json_value_parse(text, len, &list) < 0)
		return -1;
	*ret = json_incref(json_array_get(list, 0));
	json_decref(list);
	return json_is_object(*ret) ? 0 : -1;
}

/* Read what came whole. False: it is no JSON. */
static bool
read_whole(struct provider_reader *r, int status)
{
	const char *p = r->body.data != NULL ? r->body.data : "";
	size_t len = r->body.len;
	json_t *o = NULL;

	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		len -= 3;
	}
	if (body_object(p, len, &o) < 0) {
		json_decref(o);
		return false;
	}
	if (status >= 300 || is_error(o, ""))
		set_error(r, o);
	else if (r->openai)
		openai_take(r, o);
	else
		anthropic_take(r, o);
	json_decref(o);
	return true;
}

/* What is wrong with how it came; NULL: it is whole. */
static const char *
fault(struct provider_reader *r, int status)
{
	if (r->shape == SHAPE_EVENTS) {
		if (!r->ended && r->error == NULL && !r->garbled && !r->too_big)
			sse_end(&r->sse);
	} else if (!r->too_big)
		r->garbled = !read_whole(r, status);
	if (r->too_big || r->text.failed || r->refusal.failed)
		return "more than an answer can be";
	if (r->error != NULL)
		return NULL;
	if (r->garbled)
		return "the answer is no JSON";
	if (r->shape == SHAPE_EVENTS && !r->ended && r->stop[0] == '\0')
		return "the answer was cut off";
	return r->any ? NULL : "an answer with nothing in it";
}

void
provider_end(struct provider_reader *r, int status, int64_t retry_after_ms,
    struct provider_answer *ret)
{
	const char *wrong;

	memset(ret, 0, sizeof(*ret));
	ret->quirks = r->ask->quirks;
	ret->retry_after_ms = retry_after_ms;
	wrong = fault(r, status);
	ret->tokens_in = r->tokens_in;
	ret->tokens_out = r->tokens_out;
	if (status >= 300)
		refusal_read(r->ask, status, r->error, ret);
	else if (wrong == NULL && r->error != NULL)
		refusal_read(r->ask, 200, r->error, ret);
	else if (wrong == NULL)
		conclude(r, ret);
	else {
		fail(ret, PROVIDER_BROKEN, r, wrong);
		/* Who asked knows better why it was cut off, but not why it
		 * was not listened to. */
		if (status == 0 && !r->too_big &&
		    !(r->shape == SHAPE_EVENTS && r->garbled))
			ret->why[0] = '\0';
	}
}

void
provider_answer_release(struct provider_answer *a)
{
	size_t i;

	json_decref(a->labels);
	free(a->text);
	free(a->sources);
	free(a->reason);
	free(a->summary);
	free(a->said);
	for (i = 0; i < a->ncalls; i++) {
		free(a->calls[i].id);
		free(a->calls[i].name);
		json_decref(a->calls[i].arguments);
	}
	free(a->calls);
	memset(a, 0, sizeof(*a));
}
