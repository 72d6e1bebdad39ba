/* transcribe - spoken words to text, through an endpoint as OpenAI's */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ai/transcribe.h"
#include "base/err.h"
#include "base/json.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/secret.h"
#include "desk/settings.h"

#define BASE "https://api.openai.com/v1"
#define PATH "/audio/transcriptions"
#define MODEL "whisper-1"
#define CREDENTIAL "key-transcribe"
#define BLANKS " \t\r\n"
#define MIB (INT64_C(1024) * 1024)
/* Of sound, at least: AMR at its lowest rate has 650 bytes a second, Opus
 * 750. */
#define SECOND_LEAST_BYTES 500
#define SECONDS_MOST 1e6

/* --- settings --- */

/* "api.openai.com" of an address. */
static char *
host_of(const char *url)
{
	const char *p = strstr(url, "://");

	p = p != NULL ? p + 3 : url;
	return xstrndup(p, strcspn(p, "/?#"));
}

/* NULL for what is set to nothing. */
static const char *
text_of(const struct conf *c, const char *key)
{
	const char *text = setting_text(c, "transcribe", key);

	return text != NULL && *text != '\0' ? text : NULL;
}

/* An amount of money in millionths; -1: none is set. */
static int
money_of(const struct conf *c, const char *key, int64_t *ret)
{
	double amount = 0;
	int code = 0;

	*ret = -1;
	if (text_of(c, key) == NULL)
		return 0;
	code = setting_real(c, "transcribe", key, &amount);
	*ret = (int64_t)llround(amount * 1e6);
	return code;
}

static int
read_money(const struct conf *c, struct transcribe_settings *t)
{
	int code = money_of(c, "price_minute", &t->price_minute);

	if (code == 0)
		code = money_of(c, "cost_per_day", &t->cost_per_day);
	if (code == 0)
		code = money_of(c, "cost_per_month", &t->cost_per_month);
	if (code == 0 && t->price_minute < 0 &&
	    (t->cost_per_day >= 0 || t->cost_per_month >= 0))
		code = err_set(ERR_CONFIG,
		    "a limit of money in [transcribe] wants price_minute");
	return code;
}

int
transcribe_settings(const struct conf *c, struct transcribe_settings *ret)
{
	struct transcribe_settings t = { 0 };
	const struct {
		const char *key;
		int64_t *value;
		bool time;
	} numbers[] = {
		{ "size", &t.max_bytes, false },
		{ "retries", &t.retries, false },
		{ "parallel", &t.parallel, false },
		{ "timeout", &t.timeout_ms, true },
		{ "deadline", &t.deadline_ms, true },
		{ "retry", &t.retry_ms, true },
	};
	size_t i;
	int code = 0;

	t.url =
	    http_endpoint(text_of(c, "url") != NULL ? text_of(c, "url") : BASE,
		PATH);
	t.host = host_of(t.url);
	t.model = text_of(c, "model");
	if (t.model == NULL)
		t.model = MODEL;
	t.language = text_of(c, "language");
	t.prompt = text_of(c, "prompt");
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && code == 0; i++)
		code = numbers[i].time ? setting_duration(c, "transcribe",
					     numbers[i].key, numbers[i].value) :
					 setting_int(c, "transcribe",
					     numbers[i].key, numbers[i].value);
	t.max_bytes *= MIB;
	if (code == 0)
		code = read_money(c, &t);
	if (code == 0)
		code = http_url_check(t.url);
	if (code == 0 && t.language != NULL &&
	    !language_tag_valid(t.language, strlen(t.language)))
		code = err_set(ERR_CONFIG,
		    "transcribe.language is no tag of a language, such as es");
	if (code < 0) {
		transcribe_settings_release(&t);
		return ERR_CONFIG;
	}
	*ret = t;
	return 0;
}

void
transcribe_settings_release(struct transcribe_settings *t)
{
	free(t->url);
	free(t->host);
	memset(t, 0, sizeof(*t));
}

/* --- money --- */

void
transcribe_budget(const struct transcribe_settings *t, struct budget *ret)
{
	/* No set-up can have this name. */
	*ret = (struct budget){ "[transcribe]", false, { -1, -1, -1 },
		{ -1, t->cost_per_day, t->cost_per_month } };
}

/* Rounded up, as in budget_cost. */
static struct budget_amount
price_of(const struct transcribe_settings *t, double seconds)
{
	return (struct budget_amount){ 0,
		t->price_minute <= 0 ?
		    0 :
		    (int64_t)ceil(seconds / 60 * (double)t->price_minute) };
}

struct budget_amount
transcribe_most(const struct transcribe_settings *t, int64_t bytes)
{
	return price_of(t, (double)bytes / SECOND_LEAST_BYTES + 1);
}

struct budget_amount
transcribe_cost(const struct transcribe_settings *t,
    const struct transcribe_answer *a, struct budget_amount most)
{
	if (a->unsent || a->status >= 300)
		return (struct budget_amount){ 0, 0 };
	return a->seconds >= 0 ? price_of(t, a->seconds) : most;
}

/* --- the key --- */

/* The key in a file; *ret stays NULL if it is empty. */
static int
key_in(const char *path, char **ret)
{
	char *text = NULL;
	int code = file_secret(path, &text);

	if (code == 0 && *text != '\0')
		*ret = secret_copy(text, strlen(text));
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
	return code;
}

/* What a unit hands over; an absent file is none. */
static int
credential(char **ret)
{
	const char *dir = secure_getenv("CREDENTIALS_DIRECTORY");
	char *path;
	int code;

	if (dir == NULL || *dir == '\0')
		return 0;
	path = xformat("%s/" CREDENTIAL, dir);
	code = key_in(path, ret);
	free(path);
	return code == ERR_NOINPUT ? 0 : code;
}

int
transcribe_key(const struct conf *c, struct store *s, char **ret)
{
	char *path = setting_path(c, "transcribe", "key_file"), *key = NULL;
	int code;

	if (path != NULL) {
		code = key_in(path, &key);
		free(path);
		if (code < 0)
			return err_set(ERR_CONFIG,
			    "transcribe.key_file cannot be read");
	} else {
		code = secret_get(s, SECRET_TRANSCRIBE, "ai-transcribe", &key);
		if (code == ERR_NOINPUT)
			code = credential(&key);
		if (code < 0)
			return err_set(ERR_CONFIG,
			    "the key of [transcribe] cannot be opened");
	}
	*ret = key;
	return 0;
}

/* --- the request --- */

const char *
transcribe_name(const char *mime, const char *announced)
{
	static const struct {
		const char *part, *name;
	} names[] = {
		{ "ogg", "voice.ogg" },
		{ "opus", "voice.ogg" },
		{ "mpeg", "voice.mp3" },
		{ "mp3", "voice.mp3" },
		{ "m4a", "voice.m4a" },
		{ "mp4", "voice.m4a" },
		{ "aac", "voice.aac" },
		{ "amr", "voice.amr" },
		{ "3gp", "voice.3gp" },
		{ "wav", "voice.wav" },
		{ "flac", "voice.flac" },
		{ "webm", "voice.webm" },
	};
	const char *types[] = { mime, announced };
	size_t i, k;

	for (k = 0; k < 2; k++)
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (types[k] != NULL &&
			    strcasestr(types[k], names[i].part) != NULL)
				return names[i].name;
	return "voice.bin";
}

/* The type that goes with the name: libmagic calls a voice note by its
 * container. */
static const char *
type_of(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".ogg", "audio/ogg" },
		{ ".mp3", "audio/mpeg" },
		{ ".m4a", "audio/mp4" },
		{ ".aac", "audio/aac" },
		{ ".amr", "audio/amr" },
		{ ".3gp", "audio/3gpp" },
		{ ".wav", "audio/wav" },
		{ ".flac", "audio/flac" },
		{ ".webm", "audio/webm" },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_ends(name, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}

int
transcribe_post(struct http *h, const struct transcribe_settings *t,
    const char *key, const char *path, const char *name, int64_t total_ms,
    http_done on_done, void *arg)
{
	struct http_part parts[6] = {
		{ .name = "model", .text = t->model },
		{ .name = "response_format", .text = "json" },
	};
	struct http_request r = { .url = t->url,
		.bearer = key,
		.parts = parts,
		.total_ms = total_ms,
		.repeatable = true };
	size_t n = 2;

	if (t->language != NULL)
		parts[n++] = (struct http_part){ .name = "language",
			.text = t->language };
	if (t->prompt != NULL)
		parts[n++] =
		    (struct http_part){ .name = "prompt", .text = t->prompt };
	parts[n++] = (struct http_part){ .name = "file",
		.file = path,
		.type = type_of(name),
		.as = name };
	parts[n].name = NULL;
	return http_post(h, &r, on_done, arg);
}

/* --- the answer --- */

void
transcribe_answer_release(struct transcribe_answer *a)
{
	free(a->text);
	free(a->language);
	memset(a, 0, sizeof(*a));
}

static void
verdict(struct transcribe_answer *a, enum transcribe_verdict v,
    const char *reason)
{
	a->verdict = v;
	a->reason = reason;
}

/* How long it was: in "usage", of those that are paid by the time, or in
 * "duration", of others. */
static void
read_seconds(const json_t *root, struct transcribe_answer *a)
{
	const json_t *told = json_at(root, "usage/seconds");

	if (!json_is_number(told))
		told = json_at(root, "duration");
	if (json_is_number(told) && json_number_value(told) >= 0 &&
	    json_number_value(told) < SECONDS_MOST)
		a->seconds = json_number_value(told);
}

static void
read_words(const struct http_result *r, struct transcribe_answer *a)
{
	json_t *root = NULL;
	const char *text = NULL, *language;
	size_t len;

	if (json_lenient(r->body, r->body_len, &root) < 0)
		root = NULL;
	text = json_str(root, "text");
	if (text == NULL) {
		verdict(a, TRANSCRIBE_AGAIN,
		    "the endpoint's answer makes no sense");
		json_decref(root);
		return;
	}
	text += strspn(text, BLANKS);
	len = strlen(text);
	if (len > TRANSCRIPT_MAX_BYTES)
		len = utf8_cut(text, len, TRANSCRIPT_MAX_BYTES);
	while (len > 0 && strchr(BLANKS, text[len - 1]) != NULL)
		len--;
	a->text = xstrndup(text, len);
	read_seconds(root, a);
	/* Some tell a tag, some a name in English, most nothing. */
	language = json_str(root, "language");
	if (language != NULL && strlen(language) <= 3 &&
	    language_tag_valid(language, strlen(language)))
		a->language = xstrdup(language);
	json_decref(root);
	if (*a->text != '\0')
		return;
	verdict(a, TRANSCRIBE_REFUSED, "no words were heard in it");
	free(a->text);
	a->text = NULL;
}

/* Whether an error is about money: no waiting helps. */
static bool
is_unpaid(const struct http_result *r)
{
	json_t *root = NULL;
	bool unpaid;

	if (json_lenient(r->body, r->body_len, &root) < 0)
		return false;
	unpaid = strcmp(json_str_or(root, "error/code", ""),
		     "insufficient_quota") == 0;
	json_decref(root);
	return unpaid;
}

static void
read_status(const struct http_result *r, struct transcribe_answer *a)
{
	if (r->status == 429 && is_unpaid(r))
		verdict(a, TRANSCRIBE_REFUSED,
		    "the endpoint's account has no quota left");
	else if (r->status == 429 ||
	    (r->status == 503 && r->retry_after_ms >= 0))
		verdict(a, TRANSCRIBE_LATER,
		    "the endpoint wants us to come later");
	else if (r->status >= 500 || r->status == 408 || r->status == 409)
		verdict(a, TRANSCRIBE_AGAIN, "the endpoint failed");
	else if (r->status == 401 || r->status == 403)
		verdict(a, TRANSCRIBE_KEY,
		    "the endpoint does not take the key");
	else if (r->status == 413)
		verdict(a, TRANSCRIBE_REFUSED,
		    "larger than the endpoint takes");
	else if (r->status == 404 || r->status == 405)
		verdict(a, TRANSCRIBE_REFUSED,
		    "the endpoint does not know the address or the model");
	else
		verdict(a, TRANSCRIBE_REFUSED, "the endpoint does not take it");
}

void
transcribe_read(const struct http_result *r, struct transcribe_answer *ret)
{
	struct transcribe_answer a = { .status = r->status,
		.seconds = -1,
		.unsent = r->class == HTTP_NOT_SENT,
		.retry_after_ms = r->retry_after_ms,
		.took_ms = r->took_ms };

	if (r->too_big)
		verdict(&a, TRANSCRIBE_AGAIN,
		    "the endpoint's answer makes no sense");
	else if (r->class != HTTP_ANSWERED)
		verdict(&a, TRANSCRIBE_AGAIN,
		    "the endpoint gave no whole answer");
	else if (r->status / 100 == 2)
		read_words(r, &a);
	else
		read_status(r, &a);
	*ret = a;
}
