/* profile - an AI set-up: what [profile NAME] says over what [ai] says */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ai/profile.h"
#include "ai/tool.h"
#include "base/err.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/secret.h"
#include "desk/settings.h"
#include "net/http.h"
#include "net/url.h"

#define PROMPT_MAX_BYTES (64 * 1024)
#define SECTION "profile "

/* Whom a setting reaches. */
enum {
	X = 1 << PROVIDER_EXTRACTIVE,
	O = 1 << PROVIDER_OPENAI,
	Z = 1 << PROVIDER_AZURE,
	A = 1 << PROVIDER_ANTHROPIC,
	MODEL = O | Z | A,
	ALL = X | MODEL,
};

static const char *const provider_names[] = { "extractive", "openai", "azure",
	"anthropic" };

/* In the order of the manual; what has no row here is no setting of a
 * profile. */
static const struct {
	const char *key;
	int reach;
	const char *where;
} reaches[] = {
	{ "provider", ALL, "who answers" },
	{ "url", MODEL, "address of the request" },
	{ "api_version", Z, "address of the request" },
	{ "model", MODEL, "model of the request" },
	{ "key_file", MODEL, "key of the request" },
	{ "temperature", MODEL, "temperature of the request" },
	{ "top_p", MODEL, "top_p of the request" },
	{ "max_tokens", MODEL, "longest answer of the request" },
	{ "reasoning", O | Z, "reasoning_effort of the request" },
	{ "stream", MODEL, "stream of the request" },
	{ "format", MODEL, "form of the answer in the request" },
	{ "prompt_file", MODEL, "prompt" },
	{ "voice", MODEL, "prompt" },
	{ "tone", MODEL, "prompt" },
	{ "length", MODEL, "prompt" },
	{ "languages", MODEL, "prompt" },
	{ "contact_name", MODEL, "prompt" },
	{ "guardrails", MODEL, "prompt" },
	{ "hand_over", MODEL, "prompt" },
	{ "passages", MODEL, "search" },
	{ "min_score", ALL, "search" },
	{ "collections", ALL, "search" },
	{ "sources", ALL, "search" },
	{ "turns", ALL, "history" },
	{ "context_tokens", MODEL, "most of prompt and history" },
	{ "rewrite", MODEL, "question of the search" },
	{ "grounding", MODEL, "check of the answer" },
	{ "retries_ungrounded", MODEL, "check of the answer" },
	{ "judge", MODEL, "check of the answer" },
	{ "allow", MODEL, "check of the answer" },
	{ "tools", MODEL, "tools of the request" },
	{ "max_turns", ALL, "limit" },
	{ "timeout", MODEL, "limit" },
	{ "deadline", MODEL, "limit" },
	{ "parallel", MODEL, "limit" },
	{ "rate", MODEL, "limit" },
	{ "price_in", MODEL, "price" },
	{ "price_out", MODEL, "price" },
	{ "tokens_per_conversation", MODEL, "limit" },
	{ "tokens_per_day", MODEL, "limit" },
	{ "tokens_per_month", MODEL, "limit" },
	{ "cost_per_conversation", MODEL, "limit" },
	{ "cost_per_day", MODEL, "limit" },
	{ "cost_per_month", MODEL, "limit" },
	{ "eval_tokens_per_day", MODEL, "limit of evaluations" },
	{ "eval_cost_per_day", MODEL, "limit of evaluations" },
	{ "fallback", MODEL, "who answers instead" },
};
#define NREACHES (sizeof(reaches) / sizeof(reaches[0]))

/* A profile while it is resolved. */
struct resolve {
	const struct conf *c;
	char *section; /* NULL: [ai] alone */
	enum provider kind;
	bool same_provider, same_place; /* as [ai] has */
};

static bool
is_default(const char *name)
{
	return name == NULL || *name == '\0' ||
	    strcmp(name, PROFILE_DEFAULT) == 0;
}

static enum provider
provider_of(const struct conf *c, const char *section)
{
	const char *name = conf_get(c, section, "provider");
	size_t i;

	if (name == NULL)
		name = setting_text(c, "ai", "provider");
	for (i = 0; i < sizeof(provider_names) / sizeof(*provider_names); i++)
		if (strcmp(name, provider_names[i]) == 0)
			return (enum provider)i;
	return PROVIDER_EXTRACTIVE; /* settings_check names it */
}

/* Whether two sections say the same of a key; what is not said is [ai]'s. */
static bool
says_as_ai(const struct conf *c, const char *section, const char *key)
{
	const char *own = conf_get(c, section, key),
		   *ai = conf_get(c, "ai", key);

	return own == NULL || (ai != NULL && strcmp(own, ai) == 0);
}

static void
resolve_open(const struct conf *c, const char *name, struct resolve *r)
{
	*r = (struct resolve){ .c = c };
	r->section = is_default(name) ? NULL : xformat(SECTION "%s", name);
	r->kind = provider_of(c, r->section != NULL ? r->section : "ai");
	r->same_provider =
	    r->section == NULL || r->kind == provider_of(c, "ai");
	r->same_place = r->same_provider &&
	    (r->section == NULL || says_as_ai(c, r->section, "url"));
}

/* The section that a setting is taken from. */
static const char *
home(const struct resolve *r, const char *key)
{
	static const char *const places[] = { "url", "api_version", "model",
		"reasoning", "price_in", "price_out", NULL };

	if (r->section == NULL)
		return "ai";
	if (conf_get(r->c, r->section, key) != NULL)
		return r->section;
	/* The table has no defaults for these. */
	if (str_in(key, places) && !r->same_provider)
		return r->section;
	if (strcmp(key, "key_file") == 0 && !r->same_place)
		return r->section;
	return "ai";
}

/* --- values --- */

static const char *
text_of(const struct resolve *r, const char *key)
{
	const char *value = setting_text(r->c, home(r, key), key);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* A number that may be not set: -1. */
static int
int_of(const struct resolve *r, const char *key, int64_t *ret)
{
	*ret = -1;
	return text_of(r, key) != NULL ?
	    setting_int(r->c, home(r, key), key, ret) :
	    0;
}

static int
real_of(const struct resolve *r, const char *key, bool *ret_is, double *ret)
{
	*ret_is = text_of(r, key) != NULL;
	return *ret_is ? setting_real(r->c, home(r, key), key, ret) : 0;
}

static int
money_of(const struct resolve *r, const char *key, int64_t *ret)
{
	double amount = 0;
	bool is;
	int code = real_of(r, key, &is, &amount);

	*ret = is ? (int64_t)llround(amount * 1e6) : -1;
	return code;
}

static int
list_of(const struct resolve *r, const char *key, struct profile_list *ret)
{
	const char *value = text_of(r, key);
	char *copy, *save = NULL, *word;
	int code = 0;

	ret->count = 0;
	if (value == NULL)
		return 0;
	copy = xstrdup(value);
	for (word = strtok_r(copy, " \t\n", &save); word != NULL && code == 0;
	     word = strtok_r(NULL, " \t\n", &save))
		if (ret->count == PROFILE_NAMES_MAX)
			code = err_set(ERR_CONFIG, "%s.%s: more than %d",
			    home(r, key), key, PROFILE_NAMES_MAX);
		else
			ret->item[ret->count++] = xstrdup(word);
	ret->item[ret->count] = NULL;
	free(copy);
	return code;
}

static void
list_release(struct profile_list *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		free(l->item[i]);
	l->count = 0;
}

static int
choice_of(const struct resolve *r, const char *key)
{
	const struct setting *s = setting_find(home(r, key), key);
	const char *value = text_of(r, key), *p;
	size_t len = value != NULL ? strlen(value) : 0;
	int n = 0;

	for (p = s != NULL ? s->choices : NULL; p != NULL && len > 0; n++) {
		if (strncmp(p, value, len) == 0 && (p[len] == ' ' || !p[len]))
			return n;
		p = strchr(p, ' ');
		p = p != NULL ? p + 1 : NULL;
	}
	return 0;
}

/* Text as a part of a path. The caller frees. */
static char *
path_part(const char *text)
{
	struct buf b = BUF_INIT(0);
	const char *p;

	buf_adds(&b, "");
	for (p = text; *p != '\0'; p++)
		if (strchr("-._~", *p) != NULL || (*p >= '0' && *p <= '9') ||
		    (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))
			buf_addc(&b, *p);
		else
			buf_addf(&b, "%%%02X", (unsigned)(unsigned char)*p);
	return buf_detach(&b);
}

/* The whole address: a base that already ends in the path is taken as is. */
static char *
endpoint(enum provider kind, const char *base, const char *model,
    const char *version)
{
	static const char *const bases[] = { NULL, "https://api.openai.com/v1",
		NULL, "https://api.anthropic.com/v1" };
	const char *path =
	    kind == PROVIDER_ANTHROPIC ? "/messages" : "/chat/completions";
	char *below, *whole, *deployment;

	if (base == NULL)
		base = bases[kind];
	if (kind == PROVIDER_EXTRACTIVE || base == NULL)
		return NULL;
	if (strchr(base, '?') != NULL)
		return xstrdup(base);
	below = http_endpoint(base, "");
	/* A deployment of Azure has the model in its address. */
	if (kind == PROVIDER_AZURE && !str_ends(below, path) &&
	    version != NULL) {
		deployment = path_part(model);
		whole = xformat("%s/openai/deployments/%s%s?api-version=%s",
		    below, deployment, path, version);
		free(deployment);
	} else if (kind == PROVIDER_AZURE && !str_ends(below, path) &&
	    strstr(base, "/openai") == NULL)
		whole = xformat("%s/openai/v1%s", below, path);
	else
		whole = http_endpoint(base, path);
	free(below);
	return whole;
}

/* --- keys --- */

/* 1 with the key, 0 if there is no such file, or an ERR. */
static int
credential(const char *name, char **ret)
{
	const char *dir = secure_getenv("CREDENTIALS_DIRECTORY");
	char *path, *text = NULL;
	int code = 0;

	if (dir == NULL || *dir == '\0')
		return 0;
	path = xformat("%s/key-%s", dir, name);
	if (access(path, F_OK) == 0) {
		code = file_secret(path, &text);
		if (code == 0) {
			*ret = secret_copy(text, strlen(text));
			code = 1;
		}
	}
	free(path);
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
	return code;
}

char *
profile_secret(const char *name)
{
	return xformat(SECRET_MODEL "%s",
	    is_default(name) ? PROFILE_DEFAULT : name);
}

static int
sealed(struct store *s, const char *reader, const char *name, char **ret)
{
	char *secret = profile_secret(name);
	int code = secret_get(s, secret, reader, ret);

	free(secret);
	if (code == ERR_NOINPUT)
		return 0;
	return code == 0 ? 1 :
			   err_set(ERR_CONFIG,
			       "the key of %s cannot be opened by this program",
			       is_default(name) ? "[ai]" : name);
}

static int
key_of(const struct resolve *r, struct store *s, const char *reader,
    struct profile *p)
{
	char *path = setting_path(r->c, home(r, "key_file"), "key_file"),
	     *text = NULL;
	int code = 0;

	if (path != NULL) {
		code = file_secret(path, &text);
		if (code == 0) {
			p->key = secret_copy(text, strlen(text));
			explicit_bzero(text, strlen(text));
		}
		free(text);
		free(path);
		return code;
	}
	if (s != NULL)
		code = sealed(s, reader, p->name, &p->key);
	if (code == 0)
		code = credential(p->name, &p->key);
	if (code == 0 && s != NULL && r->section != NULL && r->same_place)
		code = sealed(s, reader, NULL, &p->key);
	/* One a unit hands over is for the provider at its own address. */
	if (code == 0 && (r->same_place || text_of(r, "url") == NULL))
		code = credential(p->provider, &p->key);
	return code < 0 ? code : 0;
}

/* --- a profile --- */

/*
 * Providers want one of temperature and top_p: the one that somebody chose.
 * Anthropic's newer models and the newer version of its interface take neither,
 * so that there only what was chosen is sent.
 */
static bool
sends_temperature(const struct resolve *r)
{
	return conf_get(r->c, home(r, "temperature"), "temperature") != NULL ||
	    (r->kind != PROVIDER_ANTHROPIC && text_of(r, "top_p") == NULL);
}

static int
read_numbers(const struct resolve *r, struct profile *p)
{
	const struct {
		const char *key;
		int64_t *to;
	} ints[] = {
		{ "max_tokens", &p->max_tokens },
		{ "passages", &p->passages },
		{ "turns", &p->turns },
		{ "context_tokens", &p->context_tokens },
		{ "max_turns", &p->max_turns },
		{ "retries_ungrounded", &p->retries_ungrounded },
		{ "parallel", &p->parallel },
		{ "rate", &p->rate },
		{ "tokens_per_conversation", &p->tokens_per_conversation },
		{ "tokens_per_day", &p->tokens_per_day },
		{ "tokens_per_month", &p->tokens_per_month },
		{ "eval_tokens_per_day", &p->eval_tokens_per_day },
	}, money[] = {
		{ "price_in", &p->price_in },
		{ "price_out", &p->price_out },
		{ "cost_per_conversation", &p->cost_per_conversation },
		{ "cost_per_day", &p->cost_per_day },
		{ "cost_per_month", &p->cost_per_month },
		{ "eval_cost_per_day", &p->eval_cost_per_day },
	};
	bool is;
	size_t i;
	int code = 0;

	for (i = 0; i < sizeof(ints) / sizeof(*ints) && code == 0; i++)
		code = int_of(r, ints[i].key, ints[i].to);
	for (i = 0; i < sizeof(money) / sizeof(*money) && code == 0; i++)
		code = money_of(r, money[i].key, money[i].to);
	if (code == 0)
		code = real_of(r, "top_p", &p->has_top_p, &p->top_p);
	if (code == 0)
		code = real_of(r, "temperature", &p->has_temperature,
		    &p->temperature);
	if (code == 0)
		code = real_of(r, "min_score", &is, &p->min_score);
	if (code == 0)
		code = setting_duration(r->c, home(r, "timeout"), "timeout",
		    &p->timeout_ms);
	if (code == 0)
		code = setting_duration(r->c, home(r, "deadline"), "deadline",
		    &p->deadline_ms);
	if (!sends_temperature(r))
		p->has_temperature = false;
	return code;
}

static int
read_lists(const struct resolve *r, struct profile *p)
{
	int code = list_of(r, "collections", &p->collections);

	if (code == 0)
		code = list_of(r, "sources", &p->sources);
	if (code == 0)
		code = list_of(r, "allow", &p->allow);
	if (code == 0)
		code = list_of(r, "tools", &p->tools);
	if (code == 0)
		code = list_of(r, "fallback", &p->fallback);
	return code;
}

/* A text as every checkout of it has it: without a mark of its bytes' order, and
 * with lines that end in LF. In place. */
static void
plain_lines(char *text)
{
	const char *from = text;
	char *to = text;

	if (str_starts(from, "\xef\xbb\xbf"))
		from += 3;
	for (; *from != '\0'; from++)
		if (from[0] != '\r' || from[1] != '\n')
			*to++ = *from;
	*to = '\0';
}

/* The business's own words; *ret stays NULL without a file. */
static int
read_prompt(const struct resolve *r, char **ret)
{
	char *path = setting_path(r->c, home(r, "prompt_file"), "prompt_file"),
	     *text = NULL;
	size_t len;
	int code = 0, line;

	/* Where [ai] has one, that is how to have none. */
	if (path != NULL && strcmp(path, "/dev/null") != 0)
		code = file_read_regular(path, PROMPT_MAX_BYTES, &text, &len);
	line = text != NULL ? utf8_bad_line(text, len) : 0;
	if (line > 0) {
		code = err_set(ERR_CONFIG, "%s:%d: not a text in UTF-8", path,
		    line);
		free(text);
	} else {
		if (text != NULL)
			plain_lines(text);
		*ret = text;
	}
	free(path);
	return code;
}

static int
read_words(const struct resolve *r, struct profile *p)
{
	int code = 0;

	p->model = text_of(r, "model");
	p->api_version = text_of(r, "api_version");
	p->url = endpoint(r->kind, text_of(r, "url"),
	    p->model != NULL ? p->model : "", p->api_version);
	p->reasoning = text_of(r, "reasoning");
	p->format = (enum profile_format)choice_of(r, "format");
	p->voice = text_of(r, "voice");
	p->tone = text_of(r, "tone");
	p->length = (enum profile_length)choice_of(r, "length");
	p->languages = text_of(r, "languages");
	p->guardrails = text_of(r, "guardrails");
	p->hand_over = text_of(r, "hand_over");
	p->rewrite = (enum profile_rewrite)choice_of(r, "rewrite");
	p->strict = choice_of(r, "grounding") == 0;
	p->business = setting_text(r->c, "desk", "name");
	if (code == 0)
		code =
		    setting_bool(r->c, home(r, "stream"), "stream", &p->stream);
	if (code == 0)
		code = setting_bool(r->c, home(r, "judge"), "judge", &p->judge);
	if (code == 0)
		code = setting_bool(r->c, home(r, "contact_name"),
		    "contact_name", &p->contact_name);
	if (code == 0 && r->section != NULL)
		code = setting_bool(r->c, r->section, "enabled", &p->enabled);
	return code == 0 && r->kind != PROVIDER_EXTRACTIVE ?
	    read_prompt(r, &p->prompt) :
	    code;
}

/* What it is made of, in one text that is the same everywhere. */
static void
make_revision(const struct resolve *r, struct profile *p)
{
	static const char *const places[] = { "key_file", "prompt_file", NULL };
	struct buf b = BUF_INIT(0);
	const char *value;
	size_t i;

	for (i = 0; i < NREACHES; i++) {
		value = text_of(r, reaches[i].key);
		if ((reaches[i].reach & 1 << r->kind) != 0 && value != NULL &&
		    !str_in(reaches[i].key, places))
			buf_addf(&b, "%s=%zu:%s\n", reaches[i].key,
			    strlen(value), value);
	}
	buf_addf(&b, "business=%s\nprompt=", p->business ? p->business : "");
	buf_adds(&b, p->prompt != NULL ? p->prompt : "");
	hash_hex(p->revision, b.data, b.len);
	buf_release(&b);
}

static int check_use(const struct conf *c, const char *name,
    void (*say)(void *ctx, const char *text), void *ctx);

/* The first fault, with where it is. */
static void
first_fault(void *ctx, const char *text)
{
	char **first = ctx;

	if (*first == NULL)
		*first = xstrdup(text);
}

/* The documents by themselves, as those of the default set-up. */
static int
open_extractive(const struct conf *c, struct profile *ret)
{
	struct profile of;
	int code = profile_open(c, NULL, &of);

	if (code < 0)
		return code;
	profile_extractive(&of, ret);
	profile_release(&of);
	return 0;
}

int
profile_open(const struct conf *c, const char *name, struct profile *ret)
{
	struct profile p = { .enabled = true };
	struct resolve r;
	char *fault = NULL;
	int code;

	if (!is_default(name) && !profile_exists(c, name))
		return strcmp(name, provider_names[PROVIDER_EXTRACTIVE]) == 0 ?
		    open_extractive(c, ret) :
		    profile_missing(c, name, ERR_CONFIG);
	resolve_open(c, name, &r);
	p.name = xstrdup(is_default(name) ? PROFILE_DEFAULT : name);
	p.kind = r.kind;
	p.provider = provider_names[r.kind];
	code = read_numbers(&r, &p);
	if (code == 0)
		code = read_words(&r, &p);
	if (code == 0)
		code = read_lists(&r, &p);
	if (code == 0 && check_use(c, name, first_fault, &fault) < 0)
		code = err_set(ERR_CONFIG, "%s", fault);
	if (code == 0)
		make_revision(&r, &p);
	free(fault);
	free(r.section);
	if (code < 0) {
		profile_release(&p);
		return ERR_CONFIG;
	}
	*ret = p;
	return 0;
}

int
profile_key(const struct conf *c, struct store *s, const char *reader,
    struct profile *p)
{
	struct resolve r;
	int code = 0;

	if (p->kind == PROVIDER_EXTRACTIVE || p->key != NULL)
		return 0;
	resolve_open(c, p->name, &r);
	code = key_of(&r, s, reader, p);
	free(r.section);
	return code < 0 ? ERR_CONFIG : 0;
}

/* The one of the allowed languages that a tag is of, bytes in *ret_len. */
static const char *
allowed_language(const struct profile *p, const char *tag, size_t *ret_len)
{
	const char *word = p->languages;
	char *one;
	bool same;

	for (; word != NULL && *word != '\0'; word += *ret_len) {
		word += strspn(word, " \t\n");
		*ret_len = strcspn(word, " \t\n");
		one = xstrndup(word, *ret_len);
		same = *one != '\0' &&
		    (language_in_range(tag, one) ||
			language_in_range(one, tag));
		free(one);
		if (same)
			return word;
	}
	return NULL;
}

bool
profile_speaks(const struct profile *p, const char *language)
{
	const char *word = p->languages;
	char *one;
	size_t len;
	bool may = word == NULL;

	for (; word != NULL && !may; word += len) {
		word += strspn(word, " \t\n");
		len = strcspn(word, " \t\n");
		if (len == 0)
			break;
		one = xstrndup(word, len);
		may = language_may_be(language, one);
		free(one);
	}
	return may;
}

char *
profile_language(const struct profile *p, const char *asked)
{
	bool is_known =
	    asked != NULL && *asked != '\0' && strcmp(asked, "und") != 0;
	const char *word;
	size_t len;

	if (p->languages == NULL)
		return is_known ? xstrdup(asked) : NULL;
	word = is_known ? allowed_language(p, asked, &len) : NULL;
	if (word == NULL) {
		word = p->languages + strspn(p->languages, " \t\n");
		/* One of several, and nobody knows which. */
		if (!is_known && strpbrk(word, " \t\n") != NULL)
			return NULL;
		len = strcspn(word, " \t\n");
	} else if (strlen(asked) > len)
		return xstrdup(asked); /* pt-BR where pt may be */
	return xstrndup(word, len);
}

static void
list_copy(const struct profile_list *from, struct profile_list *ret)
{
	ret->count = 0;
	for (; ret->count < from->count; ret->count++)
		ret->item[ret->count] = xstrdup(from->item[ret->count]);
	ret->item[ret->count] = NULL;
}

void
profile_extractive(const struct profile *of, struct profile *ret)
{
	struct profile p = { .enabled = true,
		.kind = PROVIDER_EXTRACTIVE,
		.turns = of->turns,
		.max_turns = of->max_turns,
		.business = of->business };

	p.name = xstrdup(provider_names[p.kind]);
	p.provider = provider_names[p.kind];
	list_copy(&of->collections, &p.collections);
	list_copy(&of->sources, &p.sources);
	hash_hex(p.revision, of->revision, strlen(of->revision));
	*ret = p;
}

void
profile_release(struct profile *p)
{
	free(p->name);
	free(p->url);
	secret_free(p->key);
	free(p->prompt);
	list_release(&p->collections);
	list_release(&p->sources);
	list_release(&p->allow);
	list_release(&p->tools);
	list_release(&p->fallback);
	memset(p, 0, sizeof(*p));
}

/* --- looking --- */

/* [ai] alone, and the one that is always there to stand in. */
static bool
is_built_in(const char *name)
{
	return strcmp(name, PROFILE_DEFAULT) == 0 ||
	    strcmp(name, provider_names[PROVIDER_EXTRACTIVE]) == 0;
}

int
profile_reserved(const struct conf *c, void (*say)(void *ctx, const char *text),
    void *ctx)
{
	const struct conf_entry *e, *last = NULL;
	char *text;
	size_t i;
	int n = 0;

	for (i = 0; (e = conf_entry(c, i)) != NULL; i++) {
		if (!str_starts(e->section, SECTION) ||
		    !is_built_in(e->section + strlen(SECTION)) ||
		    (last != NULL && last->file == e->file &&
			strcmp(e->section, last->section) == 0))
			continue;
		last = e;
		text = xformat("%s:%d: [%s] is ignored: that name is built in, "
			       "take another one",
		    e->file, e->line, e->section);
		say(ctx, text);
		free(text);
		n++;
	}
	return n;
}

bool
profile_exists(const struct conf *c, const char *name)
{
	char *section = is_default(name) ? NULL : xformat(SECTION "%s", name);
	bool found =
	    section == NULL || (!is_built_in(name) && conf_has(c, section));

	free(section);
	return found;
}

int
profile_missing(const struct conf *c, const char *name, int code)
{
	char *section = xformat(SECTION "%s", name);

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
profile_names(const struct conf *c)
{
	char **names = xcalloc(2, sizeof(*names));
	const struct conf_entry *e;
	const char *name;
	size_t i, k, n = 0;

	names[n++] = xstrdup(PROFILE_DEFAULT);
	for (i = 0; (e = conf_entry(c, i)) != NULL; i++) {
		if (!str_starts(e->section, SECTION))
			continue;
		name = e->section + strlen(SECTION);
		if (is_built_in(name))
			continue;
		for (k = 0; k < n && strcmp(names[k], name) != 0;)
			k++;
		if (k < n)
			continue;
		names = xrealloc(names, (n + 2) * sizeof(*names));
		names[n++] = xstrdup(name);
		names[n] = NULL;
	}
	qsort(names + 1, n - 1, sizeof(*names), by_name);
	return names;
}

void
profile_each(const struct conf *c, const char *name,
    void (*fn)(void *ctx, const struct profile_setting *s), void *ctx)
{
	struct profile_setting s;
	const struct conf_entry *e;
	struct resolve r;
	size_t i;

	resolve_open(c, name, &r);
	for (i = 0; i < NREACHES; i++) {
		s.key = reaches[i].key;
		s.value = text_of(&r, s.key);
		if ((reaches[i].reach & 1 << r.kind) == 0 || s.value == NULL)
			continue;
		e = conf_find(c, home(&r, s.key), s.key);
		if (strcmp(s.key, "temperature") == 0 && !sends_temperature(&r))
			continue;
		s.file = e != NULL ? e->file : NULL;
		s.line = e != NULL ? e->line : 0;
		s.reaches = reaches[i].where;
		fn(ctx, &s);
	}
	free(r.section);
}

/* --- checking --- */

struct checker {
	const struct conf *c;
	const struct resolve *r;
	void (*say)(void *ctx, const char *text);
	void *ctx;
	int code;
};

static void
complain(struct checker *k, const char *key, const char *why)
{
	const char *section = home(k->r, key);
	const struct conf_entry *e = conf_find(k->c, section, key);
	char *text = e == NULL ?
	    xformat("%s.%s: %s", section, key, why) :
	    e->line == 0 ?
	    xformat("%s: %s.%s: %s", e->file, section, key, why) :
	    xformat("%s:%d: %s.%s: %s", e->file, e->line, section, key, why);

	k->code = err_set(ERR_CONFIG, "%s", text);
	if (k->say != NULL)
		k->say(k->ctx, text);
	free(text);
}

/* Whether a set-up other than [ai] takes a key from there and has a use for
 * it. */
static bool
inherited(const struct conf *c, const char *key, int reach)
{
	char **names = profile_names(c);
	struct resolve r;
	bool found = false;
	size_t i;

	for (i = 1; names[i] != NULL; i++) {
		resolve_open(c, names[i], &r);
		found |= (reach & 1 << r.kind) != 0 &&
		    strcmp(home(&r, key), "ai") == 0;
		free(r.section);
	}
	for (i = 0; names[i] != NULL; i++)
		free(names[i]);
	free(names);
	return found;
}

/* The same with the reason of what failed last. */
static void
complain_reason(struct checker *k, const char *key)
{
	char *why = xstrdup(err_reason());

	complain(k, key, why);
	free(why);
}

static void
check_reach(struct checker *k)
{
	const char *own = k->r->section != NULL ? k->r->section : "ai";
	char *why;
	size_t i;

	for (i = 0; i < NREACHES; i++) {
		if ((reaches[i].reach & 1 << k->r->kind) != 0 ||
		    conf_get(k->c, own, reaches[i].key) == NULL)
			continue;
		if (k->r->section == NULL &&
		    inherited(k->c, reaches[i].key, reaches[i].reach))
			continue;
		why = xformat("reaches nobody: provider %s has no use for it",
		    provider_names[k->r->kind]);
		complain(k, reaches[i].key, why);
		free(why);
	}
}

/* Whether there is a file of that name that cannot be used. */
static bool
is_broken(const struct conf *c, const char *name)
{
	char *section = xformat(SECTION "%s", name);
	const struct conf_fault *f = conf_fault_of(c, section);

	free(section);
	return f != NULL && (f->breaks || !profile_exists(c, name));
}

/* broken: look at those alone whose file is, for whom the others go on; else at
 * the rest. */
static void
check_fallback(struct checker *k, bool broken)
{
	struct profile_list list = { .count = 0 };
	const char *name;
	size_t i;
	bool own;

	if (list_of(k->r, "fallback", &list) < 0 && !broken)
		complain(k, "fallback", "too many");
	for (i = 0; i < list.count; i++) {
		name = list.item[i];
		if (is_broken(k->c, name) != broken)
			continue;
		/* One that has its list from [ai] may be on it. */
		own = k->r->section != NULL &&
		    strcmp(k->r->section + strlen(SECTION), name) == 0 &&
		    conf_get(k->c, k->r->section, "fallback") != NULL;
		if (strcmp(name, provider_names[PROVIDER_EXTRACTIVE]) == 0 ||
		    (!broken && profile_exists(k->c, name) && !own))
			continue;
		if (!broken && profile_exists(k->c, name))
			complain(k, "fallback",
			    "it cannot stand in for itself");
		else {
			profile_missing(k->c, name, ERR_CONFIG);
			complain_reason(k, "fallback");
		}
	}
	list_release(&list);
}

/* Whether item i stands before as well. */
static bool
is_before(const struct profile_list *list, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (strcmp(list->item[k], list->item[i]) == 0)
			return true;
	return false;
}

/* An address as curl reads it, which fetches it. */
static void
check_url(struct checker *k)
{
	const char *url = text_of(k->r, "url");
	char *normal = NULL;

	if (url != NULL && url_normal(url, NULL, &normal) == ERR_DATA)
		complain(k, "url", "is no address of http or https");
	free(normal);
}

static void
check_tools(struct checker *k)
{
	struct profile_list list = { .count = 0 };
	size_t i;

	if (list_of(k->r, "tools", &list) < 0)
		complain(k, "tools", "too many");
	for (i = 0; i < list.count; i++) {
		if (is_before(&list, i))
			complain(k, "tools", "names one twice");
		if (tool_exists(k->c, list.item[i]))
			continue;
		tool_missing(k->c, list.item[i], ERR_CONFIG);
		complain_reason(k, "tools");
	}
	list_release(&list);
}

/* A limit of money without prices. They may stand beside it in [ai], and be
 * those of another provider. */
static void
check_price(struct checker *k, const char *key)
{
	static const char plain[] =
	    "a limit of money wants price_in and price_out";
	const char *missing =
	    text_of(k->r, "price_in") == NULL ? "price_in" : "price_out";
	char *why;

	if (k->r->section == NULL || strcmp(home(k->r, key), "ai") != 0 ||
	    strcmp(home(k->r, missing), "ai") == 0) {
		complain(k, key, plain);
		return;
	}
	why = xformat("%s, which [%s] does not set", plain, k->r->section);
	complain(k, key, why);
	free(why);
}

/* Azure's address is made of more than a base. */
static void
check_azure(struct checker *k)
{
	const char *url = text_of(k->r, "url"),
		   *version = text_of(k->r, "api_version");

	if (url == NULL)
		complain(k, "url",
		    "wants the address of the resource, as "
		    "https://NAME.openai.azure.com");
	if (version == NULL)
		return;
	if (!conf_is_name(version))
		complain(k, "api_version",
		    "wants a version, as 2024-10-21 or 2025-04-01-preview");
	if (url != NULL && strstr(url, "/openai/v1") != NULL)
		complain(k, "api_version",
		    "the url is of the interface without versions, "
		    "/openai/v1: leave one of the two out");
}

/* What keeps it from being used at all. */
static int
check_use(const struct conf *c, const char *name,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct resolve r;
	static const char *const costs[] = { "cost_per_conversation",
		"cost_per_day", "cost_per_month", "eval_cost_per_day" };
	struct checker k = { c, &r, say, ctx, 0 };
	double temperature = 0;
	bool is;
	size_t i;

	resolve_open(c, name, &r);
	check_reach(&k);
	if (r.kind != PROVIDER_EXTRACTIVE) {
		if (text_of(&r, "model") == NULL)
			complain(&k, "model", "the provider needs a model");
		check_fallback(&k, false);
	}
	if (r.kind == PROVIDER_AZURE)
		check_azure(&k);
	if (r.kind == PROVIDER_ANTHROPIC &&
	    real_of(&r, "temperature", &is, &temperature) == 0 && is &&
	    temperature > 1)
		complain(&k, "temperature", "anthropic takes 0 to 1");
	if (text_of(&r, "price_in") == NULL || text_of(&r, "price_out") == NULL)
		for (i = 0; i < sizeof(costs) / sizeof(*costs); i++)
			if (text_of(&r, costs[i]) != NULL)
				check_price(&k, costs[i]);
	free(r.section);
	return k.code;
}

/* Limits of which one keeps the other from ever counting. */
static void
check_limits(struct checker *k)
{
	struct profile_list list = { .count = 0 };
	int64_t month = -1, day = -1, timeout = 0, deadline = 0;
	size_t i;

	if (int_of(k->r, "tokens_per_month", &month) == 0 &&
	    int_of(k->r, "tokens_per_day", &day) == 0 && month >= 0 &&
	    month < day)
		complain(k, "tokens_per_month",
		    "is less than tokens_per_day, which then never counts");
	if (money_of(k->r, "cost_per_month", &month) == 0 &&
	    money_of(k->r, "cost_per_day", &day) == 0 && month >= 0 &&
	    month < day)
		complain(k, "cost_per_month",
		    "is less than cost_per_day, which then never counts");
	if (list_of(k->r, "fallback", &list) == 0)
		for (i = 0; i < list.count; i++)
			if (is_before(&list, i))
				complain(k, "fallback", "names one twice");
	list_release(&list);
	if (conf_get(k->c, home(k->r, "timeout"), "timeout") != NULL &&
	    setting_duration(k->c, home(k->r, "timeout"), "timeout",
		&timeout) == 0 &&
	    setting_duration(k->c, home(k->r, "deadline"), "deadline",
		&deadline) == 0 &&
	    timeout > deadline)
		complain(k, "timeout",
		    "is longer than deadline, which ends it before");
}

int
profile_check(const struct conf *c, const char *name,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct resolve r;
	struct checker k = { c, &r, say, ctx, 0 };
	int code = check_use(c, name, say, ctx);

	resolve_open(c, name, &r);
	if (r.kind != PROVIDER_EXTRACTIVE) {
		check_fallback(&k, true);
		check_tools(&k);
		check_url(&k);
		check_limits(&k);
	}
	free(r.section);
	return k.code < 0 ? k.code : code;
}

char *
money_text(int64_t millionths, char ret[32])
{
	size_t len;

	snprintf(ret, 32, "%s%lld.%06lld", millionths < 0 ? "-" : "",
	    (long long)llabs(millionths) / 1000000,
	    (long long)llabs(millionths) % 1000000);
	len = strlen(ret);
	while (len > 3 && ret[len - 1] == '0' && ret[len - 3] != '.')
		ret[--len] = '\0';
	return ret;
}
