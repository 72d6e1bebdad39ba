/* reply - the stage that answers: question, passages, answer, or a person */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/extractive.h"
#include "ai/parts.h"
#include "ai/profile.h"
#include "ai/provider.h"
#include "ai/reply.h"
#include "ai/smalltalk.h"
#include "base/err.h"
#include "base/language.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/message.h"
#include "desk/settings.h"
#include "kb/search.h"
#include "net/http.h"
#include "store/stage.h"

#define MAX_AGE_MS 3600000
#define ATTEMPTS_MAX 3
#define BACKOFF_MS 500 /* doubled at each attempt, at most BACKOFF_MAX_MS */
#define BACKOFF_MAX_MS 5000
#define ERROR_MAX_BYTES 200
#define ANSWERS_MAX 3 /* to a burst that asks several things */

struct context {
	const struct conf *conf;
	struct http *http; /* made at the first model call */
};

enum outcome {
	NONE, /* the documents do not answer it */
	ANSWERED,
	FAILED,	    /* the provider did not answer */
	AGAIN,	    /* it may after a while */
	UNREADABLE, /* no text to answer */
	CHAT,	    /* small talk: nothing to look up */
	TAKEN_BACK, /* by the customer: nothing is to be said */
};

/* One question on its way. */
struct work {
	struct stage *stage;
	struct job *job;
	char conversation[SHORT_ID_BYTES];
	char *instance;
	int64_t owner_rev;
	char *language; /* NULL: not known */
	char *question;
	struct turn *turns; /* what was said before */
	size_t nturns;
	struct profile profile;
	enum outcome outcome;
	enum smalltalk chat;
	bool taken_back; /* all that was asked */
	bool in_part;	 /* answered, but not all that was asked */
	char *text;	 /* the answer as it is sent */
	json_t *sources; /* array, the quoted ones first */
	char *reason;	 /* why there is none; no personal data */
	char *missing;	 /* the same with the words of the question */
	const char
	    *reply; /* to the customer where there is none; NULL: usual */
	char hash[HASH_HEX_BYTES];
	int64_t tokens_in, tokens_out, started_ms, took_ms, retry_after_ms;
	struct kb_hits *hits;
};

static void
work_free(void *own)
{
	struct work *w = own;

	if (w == NULL)
		return;
	free(w->instance);
	free(w->language);
	free(w->question);
	turns_free(w->turns, w->nturns);
	profile_release(&w->profile);
	free(w->text);
	json_decref(w->sources);
	free(w->reason);
	free(w->missing);
	kb_hits_free(w->hits);
	free(w);
}

/* --- answering; no transaction here --- */

static const char *
source_word(const char *language)
{
	static const char *const words[][2] = { { "en", "Source" },
		{ "es", "Fuente" }, { "de", "Quelle" }, { "fr", "Source" },
		{ "pt", "Fonte" }, { "it", "Fonte" }, { "nl", "Bron" } };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (language != NULL && str_starts(language, words[i][0]))
			return words[i][1];
	return words[0][1];
}

/* The answer with its source under it; a link only if it is one. */
static char *
with_source(const char *text, const char *language, const char *title,
    const char *source)
{
	bool link = source != NULL &&
	    (str_starts(source, "https://") || str_starts(source, "http://"));

	if (title == NULL || *title == '\0')
		return xstrdup(text);
	return xformat("%s\n\n%s: %s%s%s", text, source_word(language), title,
	    link ? "\n" : "", link ? source : "");
}

static json_t *
source_new(const char *passage, const char *document, const char *title,
    const char *source, const char *section, double score, bool quoted)
{
	json_t *o = json_object();

	json_put(o, "passage", passage);
	json_put(o, "document", document);
	json_put(o, "title", title);
	json_put(o, "source", source);
	json_put(o, "section", section);
	json_object_set_new(o, "score", json_real(score));
	if (quoted)
		json_object_set_new(o, "quoted", json_true());
	return o;
}

/* The customer's earlier words, for a question that leans on them. */
static const char **
context_of(const struct work *w)
{
	const char **list = xcalloc(w->nturns + 1, sizeof(*list));
	size_t i, n = 0;

	for (i = 0; i < w->nturns; i++)
		if (strcmp(w->turns[i].direction, "in") == 0 &&
		    w->turns[i].text != NULL && !w->turns[i].revoked)
			list[n++] = w->turns[i].text;
	return list;
}

/* What a message or a burst asks, part by part, and the answers to it. */
struct asked {
	struct parts parts;
	struct extract_answer answer[ANSWERS_MAX];
	size_t answers;
	bool in_part; /* something is asked that no answer is about */
};

static void
asked_release(struct asked *b)
{
	size_t i;

	parts_release(&b->parts);
	for (i = 0; i < b->answers; i++)
		extract_release(&b->answer[i]);
}

/* Answer part i by itself, with what was said before; 0, ERR_NO or an ERR. */
static int
ask_alone(struct kb *kb, const struct work *w, const struct asked *b, size_t i,
    struct extract_answer *ret)
{
	const char **before = context_of(w), **context;
	size_t n = 0, k;
	int code;

	while (before[n] != NULL)
		n++;
	context = xcalloc(n + i + 1, sizeof(*context));
	for (k = 0; k < n; k++)
		context[k] = before[k];
	for (k = 0; k < i; k++)
		context[n + k] = b->parts.part[k].text;
	code = extractive_answer(kb, b->parts.part[i].text, context, NULL, ret);
	free(before);
	free(context);
	return code;
}

/* The question that part i leans on: the last one that leans on none. NULL if
 * there is none; the caller frees. */
static char *
asked_before(const struct work *w, const struct asked *b, size_t i)
{
	const char **before;
	struct parts earlier;
	char *found = NULL;
	size_t n = 0, k;

	for (k = i; k > 0 && found == NULL; k--)
		if (!b->parts.part[k - 1].follows)
			found = xstrdup(b->parts.part[k - 1].text);
	before = context_of(w);
	while (before[n] != NULL)
		n++;
	while (n > 0 && found == NULL) {
		parts_split(before[--n], &earlier);
		for (k = earlier.count; k > 0 && found == NULL; k--)
			if (!earlier.part[k - 1].follows)
				found = xstrdup(earlier.part[k - 1].text);
		parts_release(&earlier);
	}
	free(before);
	return found;
}

/*
 * "And to Spain?" asks what was asked before about something else. The two are
 * looked up together, and of what is found there only what holds the new one is
 * said; else the new one alone, but nothing that has to do with it only.
 */
static int
ask_following(struct kb *kb, const struct work *w, const struct asked *b,
    size_t i, const char *before, struct extract_answer *ret)
{
	const char *text = b->parts.part[i].text;
	struct extract_answer a = { .text = NULL };
	struct extract_cover c;
	char *both = xformat("%s\n%s", before, text);
	int code = extractive_answer(kb, both, NULL, NULL, &a), related = 0;

	free(both);
	if (code == 0) {
		related = extractive_touches(kb, before, &a);
		a.text[0] = '\0';
		code = related > 0 ? extractive_more(kb, text, &a) :
		    related < 0	   ? related :
				     ERR_NO;
	}
	if (code == ERR_NO) {
		extract_release(&a);
		code = ask_alone(kb, w, b, i, &a);
		related = code == 0 ? extractive_touches(kb, before, &a) : 0;
		if (related > 0)
			related = extractive_covers(kb, text, &a, &c) == 0 &&
			    c.carried;
		if (code == 0 && related <= 0)
			code = related < 0 ?
			    related :
			    err_set(ERR_NO, "nothing is about both");
	}
	*ret = a;
	return code;
}

/* The best any of the answers so far does for a part. */
static int
best_cover(struct kb *kb, const char *text, const struct asked *b,
    struct extract_cover *ret)
{
	struct extract_cover c;
	size_t i;
	int code = extractive_covers(kb, text, NULL, ret);

	if (code == 0 && ret->asks > 0) {
		ret->quoted = ret->passage = 0;
		ret->carried = false;
	}
	for (i = 0; i < b->answers && code == 0; i++) {
		code = extractive_covers(kb, text, &b->answer[i], &c);
		if (code == 0 && c.passage > ret->passage)
			ret->passage = c.passage;
		if (code == 0 &&
		    (c.carried > ret->carried ||
			(c.carried == ret->carried &&
			    c.quoted > ret->quoted))) {
			ret->quoted = c.quoted;
			ret->carried = c.carried;
		}
	}
	return code;
}

/* Takes a's contents; a text that is there is not said again. */
static void
add_answer(struct asked *b, struct extract_answer *a)
{
	size_t i;

	for (i = 0; i < b->answers; i++)
		if (strstr(b->answer[i].text, a->text) != NULL) {
			extract_release(a);
			return;
		}
	if (b->answers == ANSWERS_MAX) {
		b->in_part = true;
		extract_release(a);
	} else
		b->answer[b->answers++] = *a;
}

/*
 * One part of several. It is answered if the words that carry it are quoted,
 * not if the passage has them somewhere; else the passage may say more, or it
 * is asked alone. What is told rather than asked, or goes on with a sentence,
 * need not be quoted where the passage is about it.
 */
static int
answer_part(struct kb *kb, const struct work *w, struct asked *b, size_t i)
{
	const struct part *part = &b->parts.part[i];
	bool strict = part->asks && !part->goes_on;
	struct extract_cover c;
	struct extract_answer a = { .text = NULL };
	char *before = NULL;
	size_t k;
	int code = best_cover(kb, part->text, b, &c);

	if (code < 0)
		return code;
	if (c.asks == 0 || (c.carried && c.quoted >= EXTRACT_COVERED) ||
	    (!strict && c.asks < 2 && c.passage >= EXTRACT_COVERED))
		return 0;
	for (k = b->answers; part->asks && k > 0; k--) {
		code = extractive_more(kb, part->text, &b->answer[k - 1]);
		if (code != ERR_NO)
			return code;
	}
	if (part->follows)
		before = asked_before(w, b, i);
	code = before != NULL ? ask_following(kb, w, b, i, before, &a) :
				ask_alone(kb, w, b, i, &a);
	free(before);
	if (code == 0) {
		code = extractive_covers(kb, part->text, &a, &c);
		if (code == 0 && (c.carried || !strict)) {
			add_answer(b, &a);
			return 0;
		}
		code = code == 0 ? ERR_NO : code;
	}
	extract_release(&a);
	if (code != ERR_NO)
		return code;
	if (strict || c.passage < EXTRACT_RELATED)
		b->in_part = true;
	return 0;
}

/*
 * The parts of one sentence, from before to: asked as one, for half of a
 * question is another question. Nothing of it is answered if that is not.
 */
static int
answer_sentence(struct kb *kb, const struct work *w, struct asked *b,
    size_t from, size_t to)
{
	struct extract_answer a = { .text = NULL };
	struct extract_cover c;
	char *text = parts_text(&b->parts, from, to);
	int code = best_cover(kb, text, b, &c);

	if (code == 0 && c.asks > 0 && c.passage < EXTRACT_RELATED) {
		code = from == 0 && to == b->parts.count ?
		    ERR_NO :
		    extractive_answer(kb, text, NULL, NULL, &a);
		if (code == 0)
			add_answer(b, &a);
		else
			extract_release(&a);
		if (code == ERR_NO) {
			b->in_part = true;
			from = to;
			code = 0;
		}
	}
	free(text);
	/* One question that was looked up as a whole is answered as one. */
	if (code == 0 && from == 0 && to == b->parts.count && b->answers > 0)
		return 0;
	for (; from < to && code == 0; from++)
		code = answer_part(kb, w, b, from);
	return code;
}

/* Ask all together, then what of it is left alone. Takes whole if found. */
static int
answer_parts(struct kb *kb, const struct work *w, struct asked *b,
    struct extract_answer *whole, bool found)
{
	const struct part *part = b->parts.part;
	struct extract_cover c;
	bool is_about = false;
	size_t i, to;
	int code = 0;

	/* An answer to the mixture that is about none of its parts is none. */
	for (i = 0; found && i < b->parts.count && code == 0; i++) {
		code = extractive_covers(kb, part[i].text, whole, &c);
		if (c.asks > 0 && c.passage >= EXTRACT_COVERED &&
		    (!part[i].follows || i == 0))
			is_about = true;
	}
	if (code == 0 && is_about) {
		add_answer(b, whole);
		memset(whole, 0, sizeof(*whole));
	}
	for (i = 0; i < b->parts.count && code == 0; i = to) {
		for (to = i + 1; to < b->parts.count && part[to].goes_on;)
			to++;
		code = to > i + 1 ? answer_sentence(kb, w, b, i, to) :
				    answer_part(kb, w, b, i);
	}
	return code;
}

static void
add_sources(struct work *w, const struct extract_answer *a, bool quoted)
{
	const struct extract_source *s;
	json_t *old;
	size_t i, k;

	for (i = 0; i < a->nsources; i++) {
		s = &a->sources[i];
		if (s->quoted != quoted)
			continue;
		json_array_foreach(w->sources, k, old)
			if (strcmp(json_str_or(old, "passage", ""),
				s->passage) == 0)
				break;
		if (k == json_array_size(w->sources))
			json_array_append_new(w->sources,
			    source_new(s->passage, s->document, s->title,
				s->source, s->section, s->score, s->quoted));
	}
}

static void
say_answers(struct work *w, const struct asked *b)
{
	struct buf text = BUF_INIT(0);
	const struct extract_answer *a;
	char *one;
	size_t i;

	for (i = 0; i < b->answers; i++) {
		a = &b->answer[i];
		one = with_source(a->text, a->language, a->title, a->source);
		buf_adds(&text, i > 0 ? "\n\n" : "");
		buf_adds(&text, one);
		free(one);
		add_sources(w, a, true);
	}
	for (i = 0; i < b->answers; i++)
		add_sources(w, &b->answer[i], false);
	w->outcome = ANSWERED;
	w->in_part = b->in_part;
	w->text = buf_detach(&text);
}

/* What is asked together: all but what only leans on it, "and to Spain?". */
static char *
text_of(const struct parts *p)
{
	struct buf text = BUF_INIT(0);
	const struct part *part;
	size_t i;

	for (i = 0; i < p->count; i++) {
		part = &p->part[i];
		if (i > 0 && part->follows && !part->is_tail && !part->goes_on)
			continue;
		if (text.len > 0)
			buf_addc(&text, '\n');
		buf_adds(&text, part->text);
	}
	return buf_detach(&text);
}

/* All at once, with what was said before; 0, ERR_NO or an ERR. */
static int
ask_whole(struct kb *kb, const struct work *w, const struct asked *b,
    struct extract_answer *ret)
{
	char *before = NULL, *question;
	const char **context;
	int code;

	if (b->parts.count == 1 && b->parts.part[0].follows)
		before = asked_before(w, b, 0);
	if (before != NULL)
		code = ask_following(kb, w, b, 0, before, ret);
	else {
		question = text_of(&b->parts);
		context = context_of(w);
		code = extractive_answer(kb, question, context, NULL, ret);
		free(context);
		free(question);
	}
	free(before);
	return code;
}

static void
answer_extractive(struct work *w, struct kb *kb)
{
	struct asked b = { .answers = 0 };
	struct extract_answer whole = { .text = NULL };
	int code;

	parts_split(w->question, &b.parts);
	w->chat = b.parts.chat;
	if (b.parts.count == 0 && w->chat == SMALLTALK_ANGRY) {
		w->outcome = NONE;
		w->reason = xstrdup("it sounds angry");
		w->reply = smalltalk_reply(w->chat);
		return;
	}
	if (b.parts.count == 0 && w->chat != SMALLTALK_NONE) {
		w->outcome = CHAT;
		return;
	}
	code = ask_whole(kb, w, &b, &whole);
	if ((code == 0 || code == ERR_NO) && b.parts.count > 1)
		code = answer_parts(kb, w, &b, &whole, code == 0);
	else if (code == 0) {
		add_answer(&b, &whole);
		memset(&whole, 0, sizeof(whole));
	}
	if (code < 0 && code != ERR_NO) {
		w->outcome = FAILED;
		w->reason = xstrdup(err_reason());
	} else if (b.answers > 0)
		say_answers(w, &b);
	else {
		w->outcome = NONE;
		w->reason = xstrdup("no passage answers it");
		w->missing = xstrdup(whole.refusal);
		add_sources(w, &whole, false);
	}
	extract_release(&whole);
	asked_release(&b);
}

/* What the model says it used, first; only passages it was shown count. */
static void
model_sources(struct work *w, const struct provider_answer *a)
{
	const struct kb_hit *h;
	size_t i;

	for (i = 0; i < a->nsources; i++) {
		if (a->sources[i] < 1 || w->hits == NULL ||
		    (size_t)a->sources[i] > w->hits->count)
			continue;
		h = &w->hits->hit[a->sources[i] - 1];
		json_array_append_new(w->sources,
		    source_new(h->passage, h->document, h->title, h->source,
			h->section, h->score, true));
	}
}

static void
model_answered(struct work *w, const char *body, size_t len)
{
	struct provider_answer a;
	json_t *first;
	int code = provider_parse(&w->profile, body, len, &a);

	if (code < 0) {
		w->outcome = FAILED;
		w->reason = xstrdup(err_reason());
		return;
	}
	w->tokens_in = a.tokens_in;
	w->tokens_out = a.tokens_out;
	model_sources(w, &a);
	first = json_array_get(w->sources, 0);
	if (a.hand_over) {
		w->outcome = NONE;
		w->reason = xstrdup("the model handed over");
	} else if (first == NULL) {
		/* Nothing to stand on: not sent. */
		w->outcome = NONE;
		w->reason = xstrdup("the model named no passage");
	} else {
		w->outcome = ANSWERED;
		w->text = with_source(a.text, w->language,
		    json_str(first, "title"), json_str(first, "source"));
	}
	provider_release(&a);
}

static void
on_response(void *arg, const struct http_result *r)
{
	struct work *w = arg;
	bool again = false;

	w->took_ms = mono_ms() - w->started_ms;
	w->retry_after_ms = r->retry_after_ms;
	if (r->class != HTTP_ANSWERED) {
		again = true;
		w->reason = xformat("%s: %s", w->profile.provider, r->why);
	} else if (r->status == 200)
		model_answered(w, r->body, r->body_len);
	else {
		again =
		    r->status == 408 || r->status == 429 || r->status >= 500;
		w->reason = xformat("%s answered with status %d",
		    w->profile.provider, r->status);
	}
	if (w->reason != NULL && w->outcome == NONE && w->text == NULL &&
	    (r->class != HTTP_ANSWERED || r->status != 200))
		w->outcome = again ? AGAIN : FAILED;
	if (w->stage != NULL)
		stage_finish(w->stage, w->job);
}

/* Look passages up and ask the model; on_response goes on. */
static int
ask_model(struct work *w, struct kb *kb, struct http *http)
{
	const char **context = context_of(w);
	const char *headers[] = { NULL, NULL, NULL };
	struct kb_query q = { .text = w->question,
		.limit = (int)w->profile.passages,
		.context = context };
	struct http_request request = { .url = w->profile.url,
		.total_ms = w->profile.timeout_ms,
		.repeatable = true };
	char *body, *key = NULL;
	int code = kb_search(kb, &q, &w->hits);

	free(context);
	if (code < 0)
		return code;
	body = provider_request(&w->profile, w->question, w->hits, w->turns,
	    w->nturns, w->language, w->hash);
	request.body = body;
	if (w->profile.kind == PROVIDER_ANTHROPIC) {
		headers[0] = "anthropic-version: 2023-06-01";
		if (w->profile.key != NULL) {
			key = xformat("x-api-key: %s", w->profile.key);
			headers[1] = key;
		}
		request.headers = headers;
	} else
		request.bearer = w->profile.key;
	code = http_post(http, &request, on_response, w);
	free(body);
	free(key);
	return code;
}

static int
http_of(struct context *ctx)
{
	if (ctx->http != NULL)
		return 0;
	return http_new(&(struct http_limits){ .max_flight = 512 }, &ctx->http);
}

/* 1: a model was asked and on_response will be called; 0: done. */
static int
answer(struct context *ctx, struct store *s, struct work *w)
{
	struct kb *kb = NULL;
	struct db *db;
	int code;

	w->started_ms = mono_ms();
	w->sources = json_array();
	if (w->taken_back) {
		w->outcome = TAKEN_BACK;
		w->reason = xstrdup("taken back");
		return 0;
	}
	if (w->question == NULL || *w->question == '\0') {
		w->outcome = UNREADABLE;
		w->reason = xstrdup("no text to answer");
		return 0;
	}
	code = store_kb(s, &db);
	if (code == 0)
		code = kb_open(db, &kb);
	if (code == 0 && w->profile.kind == PROVIDER_EXTRACTIVE) {
		answer_extractive(w, kb);
		w->took_ms = mono_ms() - w->started_ms;
	} else if (code == 0) {
		code = http_of(ctx);
		if (code == 0)
			code = ask_model(w, kb, ctx->http);
		if (code == 0)
			code = 1;
	}
	kb_close(kb);
	if (code < 0) {
		w->outcome = FAILED;
		w->reason = xstrdup(err_reason());
		return 0;
	}
	return code;
}

/* --- the stage --- */

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	struct context *ctx = stage_ctx(st);
	const char *conversation = event_subject(e, "conversation"),
		   *kind = json_str_or(e->data, "kind", "text");
	struct conversation *c = NULL;
	char *section;
	int code;

	if (conversation == NULL || !json_bool_or(e->data, "ai", true))
		return 0;
	/* It may have become one with another since. */
	code = conversation_get(stage_store(st), conversation, &c);
	if (code < 0 && code != ERR_NOINPUT)
		return code;
	ret->key = xstrdup(c != NULL ? c->id : conversation);
	conversation_free(c);
	ret->merge = true;
	section =
	    xformat("instance %s", json_str_or(e->data, "instance", "default"));
	code = setting_duration(ctx->conf, section, "quiet", &ret->quiet_ms);
	if (code == 0)
		code = setting_duration(ctx->conf, section, "quiet_max",
		    &ret->quiet_max_ms);
	free(section);
	/* A tap on a button is a whole sentence: nothing more will come. */
	if (strcmp(kind, "interactive") == 0 || strcmp(kind, "button") == 0)
		ret->quiet_ms = 0;
	return code < 0 ? code : 1;
}

static int
decline(struct act *a, const struct work *w, const char *reason)
{
	char subject[32];
	json_t *data = json_object();

	json_put(data, "conversation", w->conversation);
	json_put(data, "instance", w->instance);
	json_put(data, "reason", reason);
	json_put(data, "provider", w->profile.provider);
	json_put(data, "profile", w->profile.name);
	if (w->sources != NULL)
		json_object_set(data, "sources", w->sources);
	return act_emit(a, "reply.declined",
	    conversation_subject(w->conversation, subject), data, NULL);
}

/* The customer is told and a person is asked. */
static int
hand_over(struct act *a, const struct conf *conf, const struct work *w,
    const char *reply, const char *reason)
{
	const char *text = reply_text(conf, reply, w->language);
	struct message_out m = { .conversation = w->conversation,
		.author = "system",
		.kind = "text",
		.text = text };
	int code = conversation_escalate(a, w->conversation, reason);

	if (code == 0 && text != NULL && *text != '\0')
		code = message_queue(a, &m, NULL);
	return code == ERR_NO ? 0 : code;
}

/* The ids of the messages this job answers: those routed from its first
 * cause to its last. */
static int
burst_ids(struct stage *st, const struct job *j, const char *conversation,
    char (**ret)[ULID_BYTES], size_t *ret_count)
{
	/* Part of it may have come before two conversations became one. */
	struct query q = query(store_desk(stage_store(st)),
	    "SELECT json_extract(e.data, '$.message') FROM event e"
	    " WHERE e.subject IN (SELECT 'conversation/' || id"
	    "  FROM conversation WHERE id = :id OR merged_into = :id)"
	    " AND e.type = 'message.routed'"
	    " AND e.seq BETWEEN (SELECT seq FROM event WHERE id = :first)"
	    " AND (SELECT seq FROM event WHERE id = :last) ORDER BY e.seq");
	char(*ids)[ULID_BYTES] = NULL;
	size_t n = 0;
	int code;

	bind_text(&q, ":id", conversation);
	bind_text(&q, ":first", j->cause);
	bind_text(&q, ":last", j->last);
	while (step(&q)) {
		if (column_null(&q, 0))
			continue;
		ids = xrealloc(ids, (n + 1) * sizeof(*ids));
		snprintf(ids[n++], ULID_BYTES, "%s", column_text(&q, 0));
	}
	code = done(&q);
	if (code < 0) {
		free(ids);
		return code;
	}
	*ret = ids;
	*ret_count = n;
	return 0;
}

/* Part turns into the question and what was said before it. */
static void
gather(struct work *w, struct turn *turns, size_t n, char (*ids)[ULID_BYTES],
    size_t nids)
{
	struct buf question = BUF_INIT(0);
	size_t i, k, kept = 0, stand = 0;
	bool asked;

	for (i = 0; i < n; i++) {
		asked = false;
		for (k = 0; k < nids && !asked; k++)
			asked = strcmp(turns[i].id, ids[k]) == 0;
		if (!asked) {
			struct turn swap = turns[kept];

			turns[kept++] = turns[i];
			turns[i] = swap;
			continue;
		}
		if (turns[i].revoked)
			continue;
		stand++;
		if (turns[i].text == NULL)
			continue;
		if (question.len > 0)
			buf_addc(&question, '\n');
		buf_adds(&question, turns[i].text);
	}
	w->question = buf_detach(&question);
	w->taken_back = kept < n && stand == 0;
	/* The asked ones are behind `kept` now; end them. */
	for (i = kept; i < n; i++) {
		free(turns[i].direction);
		free(turns[i].kind);
		free(turns[i].author);
		free(turns[i].status);
		free(turns[i].text);
		json_decref(turns[i].content);
	}
	w->turns = turns;
	w->nturns = kept;
}

static int
read_question(struct stage *st, struct job *j, struct work *w)
{
	char(*ids)[ULID_BYTES] = NULL;
	struct turn *turns = NULL;
	size_t nids = 0, n = 0;
	int code = burst_ids(st, j, w->conversation, &ids, &nids);

	if (code == 0)
		code = conversation_turns(stage_store(st), w->conversation,
		    (int)(w->profile.turns + (int64_t)nids), true,
		    nids > 0 ? ids[nids - 1] : NULL, &turns, &n);
	if (code == 0)
		gather(w, turns, n, ids, nids);
	free(ids);
	return code;
}

static struct work *
work_new(struct stage *st, struct job *j, const struct conversation *c)
{
	struct work *w = xcalloc(1, sizeof(*w));
	const char *language = json_str(j->event->data, "language");

	w->stage = st;
	w->job = j;
	memcpy(w->conversation, c->id, sizeof(w->conversation));
	w->instance = xstrdup(c->instance);
	w->owner_rev = c->owner_rev;
	if (language == NULL || strcmp(language, "und") == 0)
		language = c->language;
	w->language = xstrdup(language);
	return w;
}

/* The set-up of the instance: outside of its hours perhaps another one. */
static int
instance_profile(const struct conf *conf, const char *instance, int64_t at_ms,
    const char **ret)
{
	char *section = xformat("instance %s", instance);
	const char *closed = setting_text(conf, section, "profile_closed"),
		   *hours = setting_text(conf, section, "hours");
	int open = closed != NULL && hours != NULL ?
	    hours_open(conf, hours, at_ms) :
	    1;

	*ret = open ? setting_text(conf, section, "profile") : closed;
	free(section);
	return open < 0 ? open : 0;
}

/* Who answers: as the message was routed, else as a rule or a person chose for
 * the conversation, else as the instance says. */
static int
choose_profile(const struct conf *conf, struct store *s, const struct event *e,
    const struct conversation *c, struct profile *ret)
{
	const char *name = json_str(e->data, "profile");
	int code = 0;

	if (name == NULL)
		name = c->profile;
	if (name == NULL)
		code = instance_profile(conf, c->instance, e->time_ms, &name);
	if (code == 0)
		code = profile_open(conf, s, "ai-reply", name, ret);
	if (code == 0 && !ret->enabled) {
		code = err_set(ERR_CONFIG, "profile %s is off", ret->name);
		profile_release(ret);
	}
	return code;
}

/* For whoever shows the customer that an answer is being written. */
static int
tell_started(struct act *a, const struct conversation *c)
{
	json_t *data = json_object();
	char subject[32];

	json_put(data, "conversation", c->id);
	json_put(data, "contact", c->contact);
	json_put(data, "instance", c->instance);
	return act_emit(a, "reply.started",
	    conversation_subject(c->id, subject), data, NULL);
}

static int
begin(struct stage *st, struct job *j)
{
	struct context *ctx = stage_ctx(st);
	struct conversation *c = NULL;
	struct work *w;
	struct act a;
	int code, allowed;

	code = conversation_get(stage_store(st),
	    event_subject(j->event, "conversation"), &c);
	if (code < 0)
		return code;
	j->own = w = work_new(st, j, c);
	act_stage(&a, st, j->event, "ai");
	allowed = message_allowed(c, "ai", 0);
	if (allowed < 0) {
		code = decline(&a, w, err_reason());
		goto closed;
	}
	if (j->late) {
		code = decline(&a, w, "too old");
		if (code == 0)
			code = hand_over(&a, ctx->conf, w, "holding",
			    "not answered in time");
		goto closed;
	}
	code = choose_profile(ctx->conf, stage_store(st), j->event, c,
	    &w->profile);
	if (code < 0) {
		stage_failed(st, "%s", err_reason());
		code = decline(&a, w, "the profile cannot be used");
		if (code == 0)
			code = hand_over(&a, ctx->conf, w, "failed",
			    "the AI's profile cannot be used");
		goto closed;
	}
	code = read_question(st, j, w);
	if (code == 0 && j->attempt == 1)
		code = tell_started(&a, c);
	conversation_free(c);
	return code < 0 ? code : BEGIN_START;
closed:
	conversation_free(c);
	return code < 0 ? code : BEGIN_CLOSED;
}

static int
start(struct stage *st, struct job *j)
{
	int code = answer(stage_ctx(st), stage_store(st), j->own);

	if (code == 0)
		stage_finish(st, j);
	return code < 0 ? code : 0;
}

/* What to say to small talk; NULL or "": nothing. */
static const char *
chat_text(const struct conf *conf, enum smalltalk kind, const char *language)
{
	const char *name = smalltalk_reply(kind);

	return name != NULL ? reply_text(conf, name, language) : NULL;
}

/* Back to small talk: no answer, so no draft; nothing to look up. */
static int
chat_back(struct act *a, const struct conf *conf, const struct work *w)
{
	const char *text = chat_text(conf, w->chat, w->language);
	struct message_out m = { .conversation = w->conversation,
		.author = "ai",
		.kind = "text",
		.text = text,
		.owner_rev = w->owner_rev };

	if (text == NULL || *text == '\0')
		return decline(a, w, "small talk");
	return message_queue(a, &m, NULL);
}

static int
keep_reply(struct store *s, const struct work *w, const char *message,
    const char *cause)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO reply (message, provider, model, profile,"
	    " prompt_hash, tokens_in, tokens_out, sources, cause, took_ms)"
	    " VALUES (:message, :provider, :model, :profile, :hash,"
	    " :tokens_in, :tokens_out, :sources, :cause, :took)");
	char *sources = json_text(w->sources);
	int code;

	bind_text(&q, ":message", message);
	bind_text(&q, ":provider", w->profile.provider);
	bind_text(&q, ":model", w->profile.model);
	bind_text(&q, ":profile", w->profile.name);
	bind_text(&q, ":hash", w->hash[0] ? w->hash : NULL);
	bind_int(&q, ":tokens_in", w->tokens_in);
	bind_int(&q, ":tokens_out", w->tokens_out);
	bind_text(&q, ":sources", sources);
	bind_text(&q, ":cause", cause);
	bind_int(&q, ":took", w->took_ms);
	step(&q);
	code = done(&q);
	free(sources);
	return code;
}

static int
draft(struct act *a, const struct conf *conf, const struct work *w,
    const struct conversation *c)
{
	struct message_out m = { .conversation = w->conversation,
		.author = "ai",
		.kind = "text",
		.text = w->text,
		.owner_rev = w->owner_rev };
	char message[ULID_BYTES], subject[32], *both = NULL;
	const char *rest;
	json_t *data = json_object();
	int code;

	act_next_id(a, "message.queued", message);
	json_put(data, "message", message);
	json_put(data, "conversation", c->id);
	json_put(data, "contact", c->contact);
	json_put(data, "instance", c->instance);
	json_put(data, "provider", w->profile.provider);
	json_put(data, "model", w->profile.model);
	json_put(data, "profile", w->profile.name);
	json_put(data, "prompt_hash", w->hash);
	if (w->tokens_in + w->tokens_out > 0) {
		json_put_int(data, "tokens_in", w->tokens_in);
		json_put_int(data, "tokens_out", w->tokens_out);
	}
	json_object_set(data, "sources", w->sources);
	code = act_emit(a, "reply.drafted",
	    conversation_subject(c->id, subject), data, NULL);
	if (code == 0 && w->in_part) {
		/*
		 * People own it from here on, so the AI may not speak any
		 * more: what can be said goes out with the hand-over.
		 */
		code = decline(a, w, "part of it is not answered");
		if (code == 0)
			code = conversation_escalate(a, w->conversation,
			    "part of it is not answered");
		rest = reply_text(conf, "rest", w->language);
		both = rest != NULL && *rest != '\0' ?
		    xformat("%s\n\n%s", w->text, rest) :
		    xstrdup(w->text);
		m.author = "system";
		m.text = both;
		m.owner_rev = 0;
	}
	if (code == 0)
		code = message_queue(a, &m, message);
	free(both);
	if (code == 0)
		code = keep_reply(a->store, w, message, a->cause->id);
	return code;
}

/* Wait and ask again: longer each time, as told if told. */
static int64_t
again_at(const struct work *w, int attempt)
{
	int64_t wait = (int64_t)BACKOFF_MS << (attempt < 8 ? attempt : 8);

	if (wait > BACKOFF_MAX_MS)
		wait = BACKOFF_MAX_MS;
	if (w->retry_after_ms > wait)
		wait = w->retry_after_ms < 30000 ? w->retry_after_ms : 30000;
	return now_ms() + wait;
}

/* Whether what was asked is still as it was read: 1; or the customer has
 * changed some of it since, or, *ret_gone, taken all of it back: 0. */
static int
is_as_asked(struct stage *st, struct job *j, const struct work *w,
    bool *ret_gone)
{
	struct work *now = xcalloc(1, sizeof(*now));
	int code;

	memcpy(now->conversation, w->conversation, sizeof(now->conversation));
	now->profile.turns = w->profile.turns;
	code = read_question(st, j, now);
	if (code == 0) {
		*ret_gone = now->taken_back;
		code = strcmp(now->question, w->question) == 0;
	}
	work_free(now);
	return code;
}

static int
finish(struct stage *st, struct job *j)
{
	struct context *ctx = stage_ctx(st);
	struct work *w = j->own;
	struct conversation *c = NULL;
	bool gone = false;
	struct act a;
	int code;

	if (w->outcome == AGAIN || w->outcome == FAILED)
		stage_failed(st, "%.*s", ERROR_MAX_BYTES, w->reason);
	if (w->outcome == AGAIN && j->attempt < ATTEMPTS_MAX) {
		stage_retry(st, j, again_at(w, j->attempt));
		return 0;
	}
	code = conversation_get(stage_store(st), w->conversation, &c);
	if (code < 0)
		return code;
	/* It goes on in another one, with more in it than was read. */
	if (strcmp(c->id, w->conversation) != 0 &&
	    message_allowed(c, "ai", 0) == 0) {
		conversation_free(c);
		stage_retry(st, j, now_ms());
		return 0;
	}
	/* A model takes its time: what was taken back meanwhile gets no answer,
	 * and what reads otherwise now is asked anew. */
	code = is_as_asked(st, j, w, &gone);
	if (code < 0 || (code == 0 && !gone)) {
		conversation_free(c);
		if (code == 0)
			stage_retry(st, j, now_ms());
		return code;
	}
	if (gone && w->outcome != TAKEN_BACK) {
		w->outcome = TAKEN_BACK;
		free(w->reason);
		w->reason = xstrdup("taken back");
	}
	act_stage(&a, st, j->event, "ai");
	/* The second look at the owner: people may have come meanwhile. */
	code = message_allowed(c, "ai", w->owner_rev);
	if (code < 0)
		code = decline(&a, w, err_reason());
	else if (w->outcome == ANSWERED)
		code = draft(&a, ctx->conf, w, c);
	else if (w->outcome == CHAT)
		code = chat_back(&a, ctx->conf, w);
	else if (w->outcome == TAKEN_BACK)
		code = decline(&a, w, w->reason);
	else {
		code = decline(&a, w, w->reason);
		if (code == 0)
			code = hand_over(&a, ctx->conf, w,
			    w->reply != NULL		 ? w->reply :
				w->outcome == NONE	 ? "no_answer" :
				w->outcome == UNREADABLE ? "unsupported" :
							   "failed",
			    w->reply != NULL ? w->reason :
				w->outcome == NONE ?
					       "no answer in the documents" :
				w->outcome == UNREADABLE ?
					       "a message without text" :
					       "the AI provider failed");
	}
	conversation_free(c);
	return code;
}

static int
wait_all(struct stage *st, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct context *ctx = stage_ctx(st);

	if (ctx->http == NULL || http_busy(ctx->http) == 0) {
		poll(fds, (nfds_t)nfds, timeout_ms);
		return 0;
	}
	return http_wait(ctx->http, fds, nfds, timeout_ms);
}

int
reply_run(const struct conf *c)
{
	static const char *const types[] = { "message.routed", NULL };
	static const struct stage_def def = {
		.name = "ai-reply",
		.types = types,
		.max_age_ms = MAX_AGE_MS,
		.join = desk_join,
		.import = desk_import,
		.take = take,
		.begin = begin,
		.start = start,
		.finish = finish,
		.wait = wait_all,
		.drop = work_free,
		.reload_check = settings_readable,
	};
	struct context ctx = { c, NULL };
	int code;

	if (stage_options.max_age_ms < 0) {
		code = setting_duration(c, "ai", "max_age",
		    &stage_options.max_age_ms);
		if (code < 0)
			return code;
	}
	code = stage_run(&def, &ctx);
	http_free(ctx.http);
	return code;
}

/* --- one question --- */

static json_t *
told(const struct work *w)
{
	json_t *o = json_object();

	json_put(o, "question", w->question);
	json_object_set_new(o, "answer",
	    w->outcome == ANSWERED || w->outcome == CHAT ?
		json_text_new(w->text) :
		json_null());
	/* Whoever asks here may read their own words. */
	json_put(o, "reason", w->missing != NULL ? w->missing : w->reason);
	json_put(o, "provider", w->profile.provider);
	json_put(o, "model", w->profile.model);
	json_put(o, "profile", w->profile.name);
	json_object_set(o, "sources", w->sources);
	if (w->tokens_in + w->tokens_out > 0) {
		json_put_int(o, "tokens_in", w->tokens_in);
		json_put_int(o, "tokens_out", w->tokens_out);
	}
	json_put_int(o, "took_ms", w->took_ms);
	return o;
}

int
reply_ask(const struct conf *c, struct store *s, const char *profile,
    const char *question, json_t **ret)
{
	struct context ctx = { c, NULL };
	struct work *w = xcalloc(1, sizeof(*w));
	int code = profile_open(c, s, "wa-instance", profile, &w->profile);

	if (code < 0)
		goto out;
	w->question = xstrdup(question);
	code = answer(&ctx, s, w);
	while (code == 1 && http_busy(ctx.http) > 0)
		if (http_wait(ctx.http, NULL, 0, 1000) < 0)
			break;
	if (w->outcome == CHAT)
		w->text = xstrdup(chat_text(c, w->chat,
		    language_detect(question, strlen(question))));
	if (w->outcome == CHAT && w->text == NULL)
		w->reason = xstrdup("small talk");
	else if (w->in_part)
		w->reason = xstrdup("part of it is not answered");
	*ret = told(w);
	if (w->outcome == ANSWERED || w->outcome == CHAT)
		code = 0;
	else if (w->outcome == NONE || w->outcome == UNREADABLE)
		code = err_set(ERR_NO, "%s", w->reason);
	else
		code = err_set(ERR_UNAVAILABLE, "%s", w->reason);
	if (code < 0 && code != ERR_NO) {
		json_decref(*ret);
		*ret = NULL;
	}
out:
	http_free(ctx.http);
	work_free(w);
	return code;
}

int
reply_why(struct store *s, const char *message, json_t **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT provider, model, profile, prompt_hash, tokens_in,"
	    " tokens_out, sources, cause, took_ms FROM reply"
	    " WHERE message = :message");
	json_t *o = json_object(), *chain = json_array(), *sources;
	struct event *e = NULL;
	char cause[ULID_BYTES];
	const char *text;
	bool found;
	int code;

	bind_text(&q, ":message", message);
	found = step(&q);
	if (found) {
		json_put(o, "message", message);
		json_put(o, "provider", column_text(&q, 0));
		json_put(o, "model", column_text(&q, 1));
		json_put(o, "profile", column_text(&q, 2));
		json_put(o, "prompt_hash", column_text(&q, 3));
		json_put_int(o, "tokens_in", column_int(&q, 4));
		json_put_int(o, "tokens_out", column_int(&q, 5));
		text = column_text(&q, 6);
		if (json_value_parse(text, strlen(text), &sources) == 0)
			json_object_set_new(o, "sources", sources);
		json_put_int(o, "took_ms", column_int(&q, 8));
	}
	code = done(&q);
	/* From the queued message back to what came from outside. */
	snprintf(cause, sizeof(cause), "%s", message);
	while (code == 0 && cause[0] != '\0') {
		code = log_get(s, cause, &e);
		if (code < 0)
			break;
		if (desk_join(s, e) == 0) {
			char *line = event_line(e);
			json_t *value;

			if (json_object_parse(line, strlen(line), &value) == 0)
				json_array_append_new(chain, value);
			free(line);
		}
		memcpy(cause, e->cause, sizeof(cause));
		event_free(e);
	}
	if (code == ERR_NOINPUT && json_array_size(chain) > 0)
		code = 0;
	if (code < 0) {
		json_decref(o);
		json_decref(chain);
		return code;
	}
	json_object_set_new(o, "causes", chain);
	*ret = o;
	return 0;
}
