/* provider - a question and passages as a model's request */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/inside.h"
#include "base/id.h"
#include "base/str.h"
#include "desk/secret.h"

#define ID_MAX 64 /* of a tool call, as Anthropic takes it */

/* OpenAI's own models and those of Azure's new interface take the new name;
 * who else speaks this protocol knows the old one. */
static bool
is_openai_itself(const struct profile *p)
{
	return (p->kind == PROVIDER_OPENAI && p->url != NULL &&
		   str_starts(p->url, "https://api.openai.com/")) ||
	    (p->kind == PROVIDER_AZURE && p->api_version == NULL);
}

void
plan_make(const struct provider_ask *ask, struct plan *ret)
{
	const struct profile *p = ask->profile;
	const struct quirks *q = &ask->quirks;

	memset(ret, 0, sizeof(*ret));
	ret->openai = p->kind != PROVIDER_ANTHROPIC;
	ret->temperature = p->has_temperature && !q->no_temperature;
	ret->top_p = p->has_top_p && !q->no_top_p &&
	    !(q->one_sampler && ret->temperature);
	ret->reasoning =
	    ret->openai && p->reasoning != NULL && !q->no_reasoning;
	ret->stream = p->stream && !q->no_stream;
	ret->stream_usage = ret->openai && ret->stream && !q->no_stream_usage;
	ret->tools =
	    ask->task == TASK_ANSWER && ask->ntools > 0 && !q->no_tools;
	ret->completion_tokens =
	    ret->openai && is_openai_itself(p) != q->other_max_tokens;
	ret->no_system = ret->openai && q->no_system;
	ret->format = p->format != FORMAT_AUTO ? p->format : FORMAT_SCHEMA;
	/* What was refused once is not begun with. */
	if (q->format > ret->format)
		ret->format = q->format;
}

/* --- tools --- */

/* An identifier that all providers take: the model's own if it is one. */
static char *
call_id(const json_t *call, size_t i)
{
	const char *id = json_str_or(call, "id", "");
	size_t len = strlen(id);

	if (len > 0 && len <= ID_MAX &&
	    strspn(id,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_-") == len)
		return xstrdup(id);
	/* Mistral's want nine letters and digits. */
	return xformat("call%05zu", i + 1);
}

static json_t *
parameters(const struct provider_tool *t)
{
	return t->schema != NULL ?
	    json_deep_copy(t->schema) :
	    json_pack("{s:s, s:{}}", "type", "object", "properties");
}

static json_t *
openai_tools(const struct provider_ask *ask)
{
	json_t *tools = json_array(), *f;
	size_t i;

	for (i = 0; i < ask->ntools; i++) {
		f = json_object();
		json_put(f, "name", ask->tools[i].name);
		json_put(f, "description", ask->tools[i].description);
		json_object_set_new(f, "parameters",
		    parameters(&ask->tools[i]));
		json_array_append_new(tools,
		    json_pack("{s:s, s:o}", "type", "function", "function", f));
	}
	return tools;
}

static void
openai_exchange(const struct provider_ask *ask, json_t *messages)
{
	const json_t *call;
	char *id, *arguments, *result;
	size_t i;

	json_array_foreach(ask->exchange, i, call) {
		id = call_id(call, i);
		arguments = json_text(json_at(call, "arguments"));
		result = prompt_result(ask, json_str_or(call, "result", ""));
		json_array_append_new(messages,
		    json_pack("{s:s, s:n, s:[{s:s, s:s, s:{s:s, s:s}}]}",
			"role", "assistant", "content", "tool_calls", "id", id,
			"type", "function", "function", "name",
			json_str_or(call, "name", ""), "arguments", arguments));
		json_array_append_new(messages,
		    json_pack("{s:s, s:s, s:s}", "role", "tool", "tool_call_id",
			id, "content", result));
		free(id);
		free(arguments);
		free(result);
	}
}

static json_t *
anthropic_tool(const char *name, const char *description, json_t *schema)
{
	json_t *tool = json_object();

	json_put(tool, "name", name);
	json_put(tool, "description", description);
	json_object_set_new(tool, "input_schema", schema);
	return tool;
}

static void
anthropic_tools(const struct provider_ask *ask, const struct plan *plan,
    json_t *body)
{
	json_t *tools = json_array();
	size_t i;

	for (i = 0; plan->tools && i < ask->ntools; i++)
		json_array_append_new(tools,
		    anthropic_tool(ask->tools[i].name,
			ask->tools[i].description, parameters(&ask->tools[i])));
	if (plan->format == FORMAT_JSON) {
		json_array_append_new(tools,
		    anthropic_tool(ANSWER_TOOL, "Gives the answer.",
			form_schema(ask->task)));
		json_object_set_new(body, "tool_choice",
		    plan->tools ? json_pack("{s:s}", "type", "any") :
				  json_pack("{s:s, s:s}", "type", "tool",
				      "name", ANSWER_TOOL));
	}
	if (json_array_size(tools) > 0)
		json_object_set_new(body, "tools", tools);
	else
		json_decref(tools);
}

static void
anthropic_exchange(const struct provider_ask *ask, json_t *messages)
{
	const json_t *call;
	json_t *input;
	char *id, *result;
	size_t i;

	json_array_foreach(ask->exchange, i, call) {
		id = call_id(call, i);
		result = prompt_result(ask, json_str_or(call, "result", ""));
		input = json_at(call, "arguments");
		json_array_append_new(messages,
		    json_pack("{s:s, s:[{s:s, s:s, s:s, s:o}]}", "role",
			"assistant", "content", "type", "tool_use", "id", id,
			"name", json_str_or(call, "name", ""), "input",
			json_is_object(input) ? json_incref(input) :
						json_object()));
		json_array_append_new(messages,
		    json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "role", "user",
			"content", "type", "tool_result", "tool_use_id", id,
			"content", result));
		free(id);
		free(result);
	}
}

/* A model that takes no tools is shown what they said. */
static void
exchange_as_words(const struct provider_ask *ask, json_t *messages)
{
	json_t *last = json_array_get(messages, json_array_size(messages) - 1);
	struct buf b = BUF_INIT(0);
	const json_t *call;
	char *result;
	size_t i;

	buf_adds(&b, json_str_or(last, "content", ""));
	json_array_foreach(ask->exchange, i, call) {
		result = prompt_result(ask, json_str_or(call, "result", ""));
		buf_addf(&b, "What %s says:\n%s", json_str_or(call, "name", ""),
		    result);
		free(result);
	}
	json_object_set_new(last, "content", json_text_new(b.data));
	buf_release(&b);
}

/* --- bodies --- */

static void
put_sampling(const struct provider_ask *ask, const struct plan *plan,
    json_t *body)
{
	if (plan->temperature)
		json_object_set_new(body, "temperature",
		    json_real(ask->profile->temperature));
	if (plan->top_p)
		json_object_set_new(body, "top_p",
		    json_real(ask->profile->top_p));
}

static json_t *
openai_format(const struct provider_ask *ask, const struct plan *plan)
{
	switch (plan->format) {
	case FORMAT_AUTO:
	case FORMAT_SCHEMA:
		return json_pack("{s:s, s:{s:s, s:b, s:o}}", "type",
		    "json_schema", "json_schema", "name", form_name(ask->task),
		    "strict", 1, "schema", form_schema(ask->task));
	case FORMAT_JSON:
		return json_pack("{s:s}", "type", "json_object");
	case FORMAT_TEXT:
		break;
	}
	return NULL;
}

/* The system's words as a message of their own, or at the head of the first of
 * the customer's. */
static void
openai_system(const struct plan *plan, const char *system, json_t *messages)
{
	json_t *first = json_array_get(messages, 0);
	char *text;

	if (!plan->no_system) {
		json_array_insert_new(messages, 0,
		    json_pack("{s:s, s:o}", "role", "system", "content",
			json_text_new(system)));
		return;
	}
	text = xformat("%s\n%s", system, json_str_or(first, "content", ""));
	json_object_set_new(first, "content", json_text_new(text));
	free(text);
}

static json_t *
openai_body(const struct provider_ask *ask, const struct plan *plan,
    const struct prompt *prompt)
{
	const struct profile *p = ask->profile;
	json_t *body = json_object();

	json_put(body, "model", p->model);
	openai_system(plan, prompt->system, prompt->messages);
	if (plan->tools)
		openai_exchange(ask, prompt->messages);
	json_object_set(body, "messages", prompt->messages);
	json_put_int(body,
	    plan->completion_tokens ? "max_completion_tokens" : "max_tokens",
	    p->max_tokens);
	put_sampling(ask, plan, body);
	if (plan->reasoning)
		json_put(body, "reasoning_effort", p->reasoning);
	json_put_new(body, "response_format", openai_format(ask, plan));
	if (plan->tools)
		json_object_set_new(body, "tools", openai_tools(ask));
	json_object_set_new(body, "stream", json_boolean(plan->stream));
	if (plan->stream_usage)
		json_object_set_new(body, "stream_options",
		    json_pack("{s:b}", "include_usage", 1));
	return body;
}

static json_t *
anthropic_body(const struct provider_ask *ask, const struct plan *plan,
    const struct prompt *prompt)
{
	const struct profile *p = ask->profile;
	json_t *body = json_object();

	json_put(body, "model", p->model);
	json_put_int(body, "max_tokens", p->max_tokens);
	json_put(body, "system", prompt->system);
	if (plan->tools)
		anthropic_exchange(ask, prompt->messages);
	json_object_set(body, "messages", prompt->messages);
	put_sampling(ask, plan, body);
	if (plan->format == FORMAT_SCHEMA)
		json_object_set_new(body, "output_config",
		    json_pack("{s:{s:s, s:o}}", "format", "type", "json_schema",
			"schema", form_schema(ask->task)));
	anthropic_tools(ask, plan, body);
	json_object_set_new(body, "stream", json_boolean(plan->stream));
	return body;
}

void
provider_request(const struct provider_ask *ask, struct provider_request *ret)
{
	struct prompt prompt;
	struct plan plan;
	json_t *body;

	memset(ret, 0, sizeof(*ret));
	plan_make(ask, &plan);
	prompt_make(ask, &prompt);
	if (!plan.tools && json_array_size(ask->exchange) > 0)
		exchange_as_words(ask, prompt.messages);
	body = plan.openai ? openai_body(ask, &plan, &prompt) :
			     anthropic_body(ask, &plan, &prompt);
	if (!plan.openai)
		ret->headers[0] = xstrdup("anthropic-version: 2023-06-01");
	ret->body = json_text(body);
	hash_hex(ret->hash, ret->body, strlen(ret->body));
	ret->tokens_in = provider_tokens(ret->body);
	ret->passages = prompt.passages;
	json_decref(body);
	prompt_release(&prompt);
}

void
provider_request_release(struct provider_request *r)
{
	size_t i;

	free(r->body);
	for (i = 0; r->headers[i] != NULL; i++)
		free(r->headers[i]);
	memset(r, 0, sizeof(*r));
}

char *
provider_key_header(const struct profile *p)
{
	static const char *const names[] = { "", "Authorization: Bearer ",
		"api-key: ", "x-api-key: " };
	char *text, *copy;

	if (p->key == NULL)
		return NULL;
	text = xformat("%s%s", names[p->kind], p->key);
	copy = secret_copy(text, strlen(text));
	explicit_bzero(text, strlen(text));
	free(text);
	return copy;
}

void
provider_tool_result(json_t *exchange, const struct provider_call *call,
    const char *result, bool ok)
{
	json_t *one = json_object();

	json_put(one, "id", call->id);
	json_put(one, "name", call->name);
	json_object_set(one, "arguments", call->arguments);
	json_object_set_new(one, "result",
	    json_text_new(result != NULL ? result : ""));
	json_put_new(one, "ok", json_boolean(ok));
	json_array_append_new(exchange, one);
}

const char *
provider_tool_given(const json_t *call)
{
	return json_bool_or(call, "ok", false) ? json_str(call, "result") :
						 NULL;
}
