/*
 * refusal - what a provider's error means
 *
 * An error has a status, and in its body a type or code, maybe the name of a
 * parameter, and words. Types and codes decide where there are any; the words
 * of those who have neither are looked at for what they have said for years:
 * OpenAI, Azure, Anthropic, Mistral, Google, vLLM, Ollama, llama.cpp and what
 * stands before them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/inside.h"
#include "base/str.h"
#include "base/utf8.h"

#define WORDS_MAX_BYTES 4000

/* An error as far as it is looked at, in lower case. */
struct error {
	char *words; /* all there are, names of parameters with them */
	char *param; /* "response_format.type"; "" */
	char *type, *code;
};

static void
add_lower(struct buf *b, const char *text)
{
	if (text == NULL)
		return;
	if (b->len > 0)
		buf_addc(b, ' ');
	for (; *text != '\0' && b->len < WORDS_MAX_BYTES; text++)
		buf_addc(b,
		    *text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
}

static char *
lower(const char *text)
{
	struct buf b = BUF_INIT(0);

	add_lower(&b, text);
	return buf_detach(&b);
}

/* A list of faults of a body, as servers made with FastAPI have it. */
static void
add_faults(struct buf *b, const json_t *list)
{
	const json_t *fault, *loc, *part;
	size_t i, k;

	json_array_foreach(list, i, fault) {
		add_lower(b, json_str(fault, "type"));
		add_lower(b, json_str(fault, "msg"));
		loc = json_at(fault, "loc");
		json_array_foreach(loc, k, part)
			add_lower(b, json_string_value(part));
	}
}

static void
error_read(const json_t *body, struct error *ret)
{
	const json_t *e = json_at(body, "error");
	struct buf b = BUF_INIT(0);
	char number[24];

	if (!json_is_object(e))
		e = body;
	add_lower(&b, json_str(e, "message"));
	add_lower(&b, json_str(body, "error"));
	add_lower(&b, json_str(body, "detail"));
	add_faults(&b, json_at(body, "detail"));
	/* Mistral has the list in its message. */
	add_faults(&b, json_at(e, "message/detail"));
	/* A proxy puts what it was told into its own words. */
	add_lower(&b, json_str(e, "metadata/raw"));
	add_lower(&b, json_str(e, "innererror/code"));
	ret->words = buf_detach(&b);
	ret->param = lower(json_str(e, "param"));
	ret->type = lower(json_str(e, "type"));
	ret->code = lower(json_str(e, "code"));
	if (json_is_integer(json_at(e, "code"))) {
		snprintf(number, sizeof(number), "%lld",
		    (long long)json_int_or(e, "code", 0));
		free(ret->code);
		ret->code = xstrdup(number);
	}
}

/* What it says, for a person, on a line; the caller frees. NULL: nothing. */
static char *
words_of(const json_t *body)
{
	static const char *const places[] = { "error/message", "message",
		"error", "detail", "message/detail/0/msg", "detail/0/msg",
		NULL };
	const char *text = NULL;
	size_t i;

	for (i = 0; places[i] != NULL && text == NULL; i++)
		text = json_str(body, places[i]);
	return text != NULL ? utf8_show(text, false) : NULL;
}

static void
error_release(struct error *e)
{
	free(e->words);
	free(e->param);
	free(e->type);
	free(e->code);
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Whether text has a word as a whole. */
static bool
has(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *p;

	for (p = strstr(text, word); p != NULL; p = strstr(p + 1, word))
		if ((p == text || !is_name_char(p[-1])) &&
		    !is_name_char(p[len]))
			return true;
	return false;
}

static bool
has_any(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strstr(text, *words) != NULL)
			return true;
	return false;
}

/* A parameter by its name: the one at fault, or one the words are about. */
static bool
about(const struct error *e, const char *name)
{
	size_t len = strlen(name);

	if (*e->param != '\0' && strcmp(e->param, "body") != 0 &&
	    e->param[0] != '4')
		return strncmp(e->param, name, len) == 0 &&
		    !is_name_char(e->param[len]);
	return has(e->words, name);
}

/* --- what is too long, spent, filtered --- */

static bool
is_too_long(const struct error *e, int status)
{
	static const char *const words[] = { "maximum context length",
		"context length exceeded", "context_length_exceeded",
		"prompt is too long", "input is too long",
		"exceeds the available context", "exceed context limit",
		"exceed n_ctx", "exceeds the context", "context window",
		"maximum number of input tokens", "max_tokens must be at least",
		"longer than the model's context", NULL };

	return status == 413 || strcmp(e->type, "request_too_large") == 0 ||
	    strcmp(e->type, "exceed_context_size_error") == 0 ||
	    strcmp(e->code, "context_length_exceeded") == 0 ||
	    has_any(e->words, words);
}

static bool
is_spent(const struct error *e, int status)
{
	static const char *const codes[] = { "insufficient_quota",
		"billing_hard_limit_reached", "billing_not_active",
		"billing_error", "insufficient_balance", "insufficient_credits",
		NULL };

	return status == 402 || str_in(e->code, codes) ||
	    str_in(e->type, codes) ||
	    strstr(e->words, "credit balance is too low") != NULL;
}

static bool
is_filtered(const struct error *e)
{
	static const char *const codes[] = { "content_filter",
		"content_policy_violation", "responsibleaipolicyviolation",
		NULL };

	return str_in(e->code, codes) || str_in(e->type, codes) ||
	    has(e->words, codes[2]);
}

/* --- what is not taken --- */

/* Words of a refusal, not of a value that is out of bounds. */
static bool
is_refused(const struct error *e)
{
	static const char *const words[] = { "unsupported", "not support",
		"n't support", "not permitted", "unrecognized", "unknown",
		"unexpected", "extra_forbidden", "deprecated", "cannot both",
		"not allowed", "not available", "not enabled", "incompatible",
		"not compatible", "not implemented", "requires --",
		"must be verified", "invalid", "no endpoints", "cannot use",
		"can only be", "failed to parse grammar", "only the default",
		"are not valid", "not yet allowed", NULL };

	return has_any(e->words, words) ||
	    strncmp(e->code, "unsupported", 11) == 0 ||
	    strcmp(e->code, "unknown_parameter") == 0;
}

static bool
refused_format(const struct error *e, const struct plan *plan)
{
	static const char *const words[] = { "response_format",
		"response format", "json_schema", "json_object", "json schema",
		"json mode", "structured output", "grammar", "guided_",
		"output_config", "output_format", "output format", NULL };
	static const char *const choice[] = { "tool_choice", "tool choice",
		"forces tool use", NULL };

	if (plan->format == FORMAT_TEXT)
		return false;
	if (!plan->openai && plan->format == FORMAT_JSON)
		return has_any(e->words, choice) || about(e, "tools") ||
		    about(e, "tool_choice");
	return has_any(e->words, words) || has_any(e->param, words);
}

static bool
refused_tools(const struct error *e)
{
	static const char *const words[] = { "support tools",
		"tools param requires", "tool choice requires",
		"support tool use", "support function calling",
		"function calling is not", "tool use is not", "tool calling",
		NULL };

	return about(e, "tools") || about(e, "tool_choice") ||
	    has_any(e->words, words);
}

static bool
refused_system(const struct error *e)
{
	static const char *const words[] = { "system role not supported",
		"'system' with this model", "system role is not",
		"role 'system'", "developer instruction is not enabled", NULL };

	return has_any(e->words, words);
}

static bool
learn_format(const struct error *e, const struct plan *plan, struct quirks *q)
{
	if (!refused_format(e, plan))
		return false;
	q->format = plan->format == FORMAT_SCHEMA ? FORMAT_JSON : FORMAT_TEXT;
	return true;
}

/* Learn one thing from an error. False: it says nothing new. */
static bool
learn(const struct error *e, const struct plan *plan, struct quirks *q)
{
	bool max_tokens = plan->completion_tokens ?
	    about(e, "max_completion_tokens") :
	    about(e, "max_tokens");

	if (has(e->words, "temperature") && has(e->words, "top_p"))
		return plan->temperature && plan->top_p &&
		    (q->one_sampler = true);
	if (refused_system(e))
		return plan->openai && !q->no_system && (q->no_system = true);
	if (plan->temperature && about(e, "temperature"))
		return q->no_temperature = true;
	if (plan->top_p && about(e, "top_p"))
		return q->no_top_p = true;
	if (plan->reasoning &&
	    (about(e, "reasoning_effort") || has(e->words, "reasoning") ||
		strstr(e->words, "support thinking") != NULL))
		return q->no_reasoning = true;
	if (plan->openai && max_tokens && !q->other_max_tokens)
		return q->other_max_tokens = true;
	if (plan->stream_usage &&
	    (about(e, "stream_options") || about(e, "include_usage")))
		return q->no_stream_usage = true;
	if (learn_format(e, plan, q))
		return true;
	if (plan->tools && refused_tools(e))
		return q->no_tools = true;
	if (plan->stream && (about(e, "stream") || has(e->words, "streaming")))
		return q->no_stream = true;
	return false;
}

/* --- classes --- */

/* The status that an error inside a 200 or a stream would have had. */
static int
status_of(const struct error *e)
{
	static const struct {
		const char *word;
		int status;
	} types[] = { { "invalid_request_error", 400 },
		{ "badrequesterror", 400 }, { "authentication_error", 401 },
		{ "invalid_api_key", 401 }, { "permission_error", 403 },
		{ "billing_error", 402 }, { "not_found_error", 404 },
		{ "model_not_found", 404 }, { "request_too_large", 413 },
		{ "rate_limit_error", 429 }, { "rate_limit_exceeded", 429 },
		{ "requests", 429 }, { "tokens", 429 },
		{ "overloaded_error", 529 }, { "timeout_error", 504 },
		{ "api_error", 500 }, { "server_error", 500 } };
	long number = strtol(e->code, NULL, 10);
	size_t i;

	if (number >= 400 && number < 600)
		return (int)number;
	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(e->code, types[i].word) == 0 ||
		    strcmp(e->type, types[i].word) == 0)
			return types[i].status;
	return 500;
}

static enum provider_outcome
class_of(int status)
{
	switch (status) {
	case 401:
	case 403:
		return PROVIDER_KEY;
	case 402:
		return PROVIDER_QUOTA;
	case 408:
	case 409:
	case 425:
	case 429:
	case 503:
	case 529:
		return PROVIDER_BUSY;
	case 413:
		return PROVIDER_TOO_LONG;
	default:
		return status >= 500 ? PROVIDER_BROKEN : PROVIDER_WRONG;
	}
}

/* A code is a word of a protocol and can be shown; what is none is not. */
static void
put_why(const struct provider_ask *ask, int status, const struct error *e,
    struct provider_answer *ret)
{
	/* One that is the status again, as llama.cpp's, says nothing. */
	const char *code = *e->code != '\0' && strtol(e->code, NULL, 10) == 0 ?
	    e->code :
	    e->type;
	size_t len = strlen(code);

	snprintf(ret->why, sizeof(ret->why),
	    status == 200 ? "%s answered with an error" :
			    "%s answered with status %d",
	    ask->profile->provider, status);
	if (len > 0 && len < 48 &&
	    strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_") == len)
		snprintf(ret->why + strlen(ret->why),
		    sizeof(ret->why) - strlen(ret->why), " (%s)", code);
}

void
refusal_read(const struct provider_ask *ask, int status, const json_t *error,
    struct provider_answer *ret)
{
	struct error e;
	struct plan plan;
	int meant;

	error_read(error, &e);
	ret->said = words_of(error);
	plan_make(ask, &plan);
	meant = status == 200 ? status_of(&e) : status;
	ret->quirks = ask->quirks;
	put_why(ask, status, &e, ret);
	if (is_spent(&e, meant))
		ret->outcome = PROVIDER_QUOTA;
	else if (meant == 401 || meant == 429)
		ret->outcome = class_of(meant);
	else if (is_too_long(&e, meant))
		ret->outcome = PROVIDER_TOO_LONG;
	else if (is_filtered(&e)) {
		ret->outcome = PROVIDER_REFUSED;
		snprintf(ret->why, sizeof(ret->why),
		    "a filter of %s refused it", ask->profile->provider);
	} else if (is_refused(&e) && learn(&e, &plan, &ret->quirks))
		ret->outcome = PROVIDER_QUIRK;
	/* A form can be refused in any words: "must be one of", "only with
	 * newer versions". */
	else if ((meant == 400 || meant == 422) &&
	    learn_format(&e, &plan, &ret->quirks))
		ret->outcome = PROVIDER_QUIRK;
	else
		ret->outcome = class_of(meant);
	error_release(&e);
}
