/* answer - one question on its way: small talk, passages, a model, its checks */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ai/answer.h"
#include "ai/cite.h"
#include "ai/goodbye.h"
#include "ai/leak.h"
#include "ai/nearest.h"
#include "ai/outgoing.h"
#include "ai/parts.h"
#include "ai/quirk.h"
#include "ai/quote.h"
#include "ai/rewrite.h"
#include "ai/said.h"
#include "ai/suspect.h"
#include "ai/toolserve.h"
#include "base/err.h"
#include "base/language.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/contact.h"
#include "desk/settings.h"
#include "ground/ground.h"
#include "ground/link.h"
#include "kb/calibrate.h"
#include "kb/search.h"

#define KB_CACHE_KIB 8192
#define QUIRKS_MAX 8 /* calls made otherwise, of one question */
#define ROUNDS_MAX 4 /* of tools, for one question */

static int run(struct answer *a);

/* --- ends --- */

static int
end(struct answer *a, enum answer_outcome outcome, const char *reason)
{
	a->outcome = outcome;
	a->took_ms = mono_ms() - a->started_ms;
	if (reason != NULL) {
		free(a->reason);
		a->reason = xstrdup(reason);
	}
	return 0;
}

/* The same from a callback of the pool. */
static void
end_later(struct answer *a)
{
	a->done(a->arg);
}

static struct answer_profile *
now(struct answer *a)
{
	return &a->chain[a->by];
}

/* What the model wanted called is dealt with. */
static void
calls_release(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->ncalls; i++) {
		free(a->calls[i].id);
		free(a->calls[i].name);
		json_decref(a->calls[i].arguments);
	}
	free(a->calls);
	a->calls = NULL;
	a->ncalls = a->call_at = 0;
}

/* Forget what the last set-up began. */
static void
begin_anew(struct answer *a)
{
	tool_call_free(a->tool_call);
	a->tool_call = NULL;
	calls_release(a);
	free(a->offered);
	a->offered = NULL;
	tools_release(&a->tools);
	memset(&a->tools, 0, sizeof(a->tools));
	kb_hits_free(a->hits);
	a->hits = NULL;
	provider_request_release(&a->request);
	provider_reader_free(a->reader);
	a->reader = NULL;
	json_decref(a->exchange);
	a->exchange = NULL;
	free(a->draft);
	a->draft = NULL;
	/* Who was told of them may have them still. */
	json_decref(a->sources);
	a->sources = json_array();
	free(a->refused);
	free(a->fault);
	a->refused = a->fault = NULL;
	a->rounds = a->turns_again = a->retries = 0;
	memset(&a->ask, 0, sizeof(a->ask));
}

/* The set-up of now cannot answer, why: the next one is asked. 0, it is done;
 * 1, it goes on. */
static int
pass_on(struct answer *a, const char *why)
{
	char *text = xformat("%s: %s", now(a)->profile.name, why);

	if (a->nchain == 1) {
		free(text);
		text = xstrdup(why);
	}
	end(a, ANSWER_FAILED, text);
	free(text);
	if (a->by + 1 >= a->nchain)
		return 0;
	a->by++;
	begin_anew(a);
	return run(a);
}

/* In passing: again after a while, or the next one at once. */
static int
put_off(struct answer *a, int64_t retry_ms, const char *why)
{
	int64_t left = a->deadline_ms - mono_ms();

	/* Whoever waits longer has no time for another call. */
	if (a->last_try || retry_ms >= left || a->backoff_ms >= left)
		return pass_on(a, why);
	a->retry_ms = retry_ms;
	return end(a, ANSWER_AGAIN, why);
}

/* --- what we said ourselves --- */

/* A text of the desk's without what we put above and below answers. The caller
 * frees. */
static char *
without_ours(const struct conf *conf, const char *text)
{
	char *led = reply_left_out(conf, "human", text),
	     *bare = reply_left_out(conf, "foreign", led),
	     *ret = cite_left_out(bare);

	free(led);
	free(bare);
	return ret;
}

/* A model does as it sees: what stood below our answers is no example. */
static void
clean_turns(struct answer *a)
{
	struct turn *t;
	char *bare;
	size_t i;

	for (i = 0; i < a->nturns; i++) {
		t = &a->turns[i];
		if (t->text == NULL || strcmp(t->direction, "out") != 0 ||
		    (t->author != NULL && str_starts(t->author, "user:")))
			continue;
		bare = without_ours(a->conf, t->text);
		if (*bare == '\0') {
			free(bare);
			continue;
		}
		free(t->text);
		t->text = bare;
	}
}

/* --- looking up --- */

static const char *const *
list(const struct profile_list *l)
{
	return l->count > 0 ? (const char *const *)l->item : NULL;
}

static void
filter_of(const struct profile *p, struct kb_query *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->collections = list(&p->collections);
	ret->sources = list(&p->sources);
}

/* The customer's earlier words, for a question that leans on them. */
static const char **
context_of(const struct answer *a)
{
	const char **words = xcalloc(a->nturns + 1, sizeof(*words));
	size_t i, n = 0;

	for (i = 0; i < a->nturns; i++)
		if (strcmp(a->turns[i].direction, "in") == 0 &&
		    a->turns[i].text != NULL && !a->turns[i].revoked)
			words[n++] = a->turns[i].text;
	return words;
}

/* The base, opened once a process; it belongs to this function. */
static int
kb_of(struct answer *a, struct kb **ret)
{
	static struct db *opened;
	static struct kb *kb;
	struct db *db;
	int code = store_kb(a->store, &db);

	if (code == 0 && db != opened) {
		kb_close(kb);
		opened = NULL;
		kb = NULL;
		code = kb_open(db, &kb);
		if (code == 0) {
			opened = db;
			kb_cache_kib(kb, KB_CACHE_KIB);
		}
	}
	*ret = code == 0 ? kb : NULL;
	return code;
}

/* What was said before, as the rules read it; the caller frees *ret. */
static size_t
said_before(const struct answer *a, struct standalone_turn **ret)
{
	struct standalone_turn *said = xcalloc(a->nturns + 1, sizeof(*said));
	const struct turn *t;
	size_t i, n = 0;

	for (i = 0; i < a->nturns; i++) {
		t = &a->turns[i];
		if (t->text == NULL || t->revoked ||
		    strcmp(t->direction, "note") == 0)
			continue;
		said[n].is_ours = strcmp(t->direction, "in") != 0;
		said[n++].text = t->text;
	}
	*ret = said;
	return n;
}

/* Make the question stand alone by the rules: a->search, if it leans. */
static void
stand_alone(struct answer *a)
{
	struct standalone_turn *said;
	struct standalone_why why;
	struct kb *kb = NULL;
	size_t n = said_before(a, &said);
	char *text;

	if (n > 0 && kb_of(a, &kb) == 0) {
		text = standalone_question(said, n, a->question, kb, &why);
		a->leans = why.cause;
		if (strcmp(text, a->question) != 0)
			a->search = xstrdup(text);
		a->carried = xstrdup(why.carried);
		a->own = why.own;
		why.own = NULL;
		free(text);
		standalone_why_release(&why);
	}
	free(said);
}

/* What quoting cannot make out by itself: its question is in our words. */
static bool
is_in_our_words(enum standalone_cause cause)
{
	return cause == STANDALONE_YES || cause == STANDALONE_ANSWER ||
	    cause == STANDALONE_CORRECTION || cause == STANDALONE_CHOICE ||
	    cause == STANDALONE_NUMBER || cause == STANDALONE_SAME;
}

/* Whether two quote from the same section first. */
static bool
same_place(const struct quote *one, const struct quote *two)
{
	static const char *const names[] = { "0/document", "0/section" };
	size_t i;

	for (i = 0; i < 2; i++)
		if (strcmp(json_str_or(one->sources, names[i], ""),
			json_str_or(two->sources, names[i], "")) != 0)
			return false;
	return true;
}

/* Quote for text, one question made of the customer's words and of earlier ones,
 * in place of what is in ret; that stays if there is no answer (ERR_NO), or one
 * from the same section, of which it says what is asked. */
static int
quote_alone(struct kb *kb, const struct answer *a,
    const struct quote_question *q, const char *text, struct quote *ret)
{
	static const char *const nothing[] = { NULL };
	struct quote_question whole = *q;
	struct quote found;
	int code;

	if (text == NULL || q->before[0] == NULL)
		return ERR_NO;
	whole.text = text;
	whole.before = nothing;
	whole.asked = a->own != NULL ? a->own : a->question;
	code = quote_answer(kb, &whole, &found);
	if (code < 0 && code != ERR_NO)
		return code;
	if (code == ERR_NO || (ret->text != NULL && same_place(ret, &found)))
		quote_release(&found);
	else {
		quote_release(ret);
		*ret = found;
	}
	return code;
}

/*
 * What the rules made of the question says what it means, so where that is
 * answered from elsewhere it counts. Where neither it nor the question with all
 * that was said before finds anything, the question alone may.
 */
static int
quote_in_context(struct kb *kb, const struct answer *a,
    const struct quote_question *q, struct quote *ret)
{
	int code = quote_answer(kb, q, ret), again;

	if (code < 0 && code != ERR_NO)
		return code;
	again = quote_alone(kb, a, q, a->search, ret);
	if (again == ERR_NO && code == ERR_NO)
		again = quote_alone(kb, a, q, a->question, ret);
	if (again < 0 && again != ERR_NO) {
		quote_release(ret);
		return again;
	}
	return again == 0 ? 0 : code;
}

/* What is quoted, behind a word in the customer's language where it is in
 * another one. The caller frees. */
static char *
led_in(const struct answer *a, const struct quote *found)
{
	const char *lead = NULL;

	if (a->language != NULL && found->language != NULL &&
	    !language_may_be(found->language, a->language))
		lead = reply_text_in(a->conf, "foreign", a->language);
	return lead != NULL && *lead != '\0' ?
	    xformat("%s\n\n%s", lead, found->text) :
	    xstrdup(found->text);
}

static int
quote(struct answer *a)
{
	static const char *const nothing[] = { NULL };
	struct kb_query filter;
	const char **before = context_of(a);
	bool whole = a->search != NULL && is_in_our_words(a->leans);
	/* A yes asks nothing itself: what it says yes to is asked. */
	struct quote_question q = { .text = !whole ? a->question :
		    a->leans == STANDALONE_YES	   ? a->carried :
						     a->search,
		.before = whole ? nothing : before,
		.filter = &filter,
		.about = a->leans == STANDALONE_PRONOUN && a->carried != NULL &&
			*a->carried != '\0' ?
		    a->carried :
		    NULL,
		.own = whole ? a->own : NULL,
		.min_score = now(a)->profile.min_score };
	struct quote found;
	struct kb *kb = NULL;
	char *why;
	int code = kb_of(a, &kb);

	filter_of(&now(a)->profile, &filter);
	if (code == 0)
		code = quote_in_context(kb, a, &q, &found);
	free(before);
	if (code < 0 && code != ERR_NO)
		return pass_on(a, err_reason());
	json_decref(a->sources);
	a->sources = json_incref(found.sources);
	if (code == ERR_NO) {
		a->missing = xstrdup(found.missing);
		/* Of set-ups before this one that failed the reason is kept. */
		why = a->by > 0 && a->reason != NULL ?
		    xformat("no passage answers it; %s", a->reason) :
		    xstrdup("no passage answers it");
		end(a, ANSWER_NONE, why);
		free(why);
	} else {
		a->text = led_in(a, &found);
		a->in_part = found.in_part;
		free(a->reason);
		a->reason = NULL;
		end(a, ANSWER_SAID, NULL);
	}
	quote_release(&found);
	return 0;
}

static int
calibration_of(struct answer *a, struct calibration *ret)
{
	struct db *db;
	int code = store_kb(a->store, &db);

	return code < 0 ? code : calibrate_load(db, ret);
}

static int
look_up(struct answer *a)
{
	const struct profile *p = &now(a)->profile;
	struct calibration calibration;
	struct kb_query q;
	struct kb *kb = NULL;
	int code = kb_of(a, &kb);

	filter_of(p, &q);
	q.text = a->search != NULL ? a->search : a->question;
	q.limit = (int)p->passages;
	if (code == 0)
		code = kb_search(kb, &q, &a->hits);
	/* Who wants only what is sure gets no more. */
	if (code == 0 && p->min_score <= 0)
		code = nearest_fill(kb, &q, a->language, a->hits);
	/* The search tells no confidence by itself. */
	if (code == 0 && p->min_score > 0)
		code = calibration_of(a, &calibration);
	if (code == 0 && p->min_score > 0) {
		calibrate_apply(&calibration, a->hits);
		kb_hits_cut(a->hits, p->min_score);
	}
	return code;
}

/* --- a model --- */

static void on_answer(void *arg, const struct pool_result *r);

/* Post the request. 1, on_answer will be called; else the next is asked. */
static int
post(struct answer *a)
{
	struct pool_call c = { .profile = &now(a)->profile,
		.request = &a->request,
		.reader = a->reader,
		.deadline_ms = a->deadline_ms,
		.done = on_answer,
		.arg = a };
	int code;

	now(a)->calls++;
	code = pool_ask(*a->pool, &c);
	return code < 0 ? pass_on(a, err_reason()) : 1;
}

/* No money for a call: another set-up, or a person, who is announced as for any
 * other reason: nothing is broken. */
static int
not_paid(struct answer *a, int code)
{
	char *why = xstrdup(err_reason());
	int ret;

	now(a)->spent = code == ERR_NO;
	snprintf(now(a)->spent_why, sizeof(now(a)->spent_why), "%s", why);
	if (code != ERR_NO || a->by + 1 < a->nchain)
		ret = pass_on(a, why);
	else {
		a->reply = "holding";
		ret = end(a, ANSWER_NONE, why);
	}
	free(why);
	return ret;
}

static void
on_paid(void *arg, int code)
{
	struct answer *a = arg;

	if ((code == 0 ? post(a) : not_paid(a, code)) == 0)
		end_later(a);
}

/* The most that the request may be billed as, above what was before it. */
static int64_t
most_in(const struct answer *a)
{
	return budget_most_in(a->request.tokens_in);
}

/* Whose money it is. */
static void
name_hold(const struct answer *a, struct answer_profile *p)
{
	p->hold.job = a->job;
	if (a->conversation != NULL)
		snprintf(p->hold.conversation, sizeof(p->hold.conversation),
		    "%s", a->conversation);
}

/* Set aside what the call may cost, then post it; with a limit that is taken up
 * by others it waits, and leaves the call some of the time there is. */
static int
pay(struct answer *a)
{
	struct answer_profile *p = now(a);
	const struct profile *of = &p->profile;
	const int64_t all_ms = a->chain[0].profile.deadline_ms,
		      call_ms = of->timeout_ms < all_ms / 2 ? of->timeout_ms :
							      all_ms / 2;
	int code;

	if (a->spend == NULL || !spend_is_limited(a->spend, of))
		return post(a);
	name_hold(a, p);
	a->paid = (struct spend_call){ .profile = of,
		.hold = &p->hold,
		.spent_in = p->tokens_in,
		.spent_out = p->tokens_out,
		.tokens_in = most_in(a),
		.tokens_out = of->max_tokens,
		.until_ms = a->deadline_ms - call_ms,
		.done = on_paid,
		.arg = a };
	code = spend_ask(a->spend, *a->pool, &a->paid);
	return code == 0 ? post(a) : code == 1 ? 1 : not_paid(a, code);
}

/* Ask what a->ask says. 1, on_answer will be called; else it is over. */
static int
call(struct answer *a)
{
	provider_request_release(&a->request);
	provider_reader_free(a->reader);
	a->ask.quirks = now(a)->quirks;
	provider_request(&a->ask, &a->request);
	memcpy(a->hash, a->request.hash, sizeof(a->hash));
	a->reader = provider_reader_new(&a->ask);
	return pay(a);
}

static int
ask_for_answer(struct answer *a)
{
	if (look_up(a) < 0)
		return pass_on(a, err_reason());
	a->ask.task = TASK_ANSWER;
	a->ask.hits = a->hits;
	return call(a);
}

static int
ask_model(struct answer *a)
{
	struct profile *p = &now(a)->profile;
	int64_t dead;

	if (now(a)->locked)
		return pass_on(a, "its key cannot be opened");
	if (*a->pool == NULL && pool_new(a->pool_options, a->pool) < 0)
		return pass_on(a, err_reason());
	dead = pool_dead_ms(*a->pool, p);
	if (dead > 0)
		return a->by + 1 < a->nchain ?
		    pass_on(a, "the provider has failed too often") :
		    put_off(a, dead, "the provider has failed too often");
	if (quirk_get(a->store, p->url, p->model, &now(a)->quirks) < 0)
		return pass_on(a, err_reason());
	a->ask.profile = p;
	a->ask.exchange = a->exchange;
	a->ask.question = a->question;
	a->ask.language = a->language;
	if (p->contact_name && a->called == NULL && a->customer != NULL)
		a->called = contact_name(a->store, a->customer);
	a->ask.called = p->contact_name ? a->called : NULL;
	a->ask.turns = a->turns;
	a->ask.nturns = a->nturns;
	if (p->tools.count > 0) {
		tools_open(a->conf, (const char *const *)p->tools.item, NULL,
		    NULL, &a->tools);
		a->offered = xcalloc(a->tools.count + 1, sizeof(*a->offered));
		tool_offer(&a->tools, a->offered);
		a->ask.tools = a->offered;
		a->ask.ntools = a->tools.count;
	}
	if (p->rewrite == REWRITE_OFF) {
		free(a->search);
		a->search = NULL;
	}
	if (p->rewrite == REWRITE_MODEL && a->nturns > 0) {
		a->ask.task = TASK_REWRITE;
		return call(a);
	}
	return ask_for_answer(a);
}

/* --- what a model says --- */

/* What it says it used, first; only passages it was shown count. */
static void
add_sources(struct answer *a, const struct provider_answer *said)
{
	const struct kb_hit *h;
	size_t i;
	int n;

	for (i = 0; i < said->nsources; i++) {
		n = said->sources[i];
		if (n < 1 || (size_t)n > a->request.passages)
			continue;
		h = &a->hits->hit[n - 1];
		cite_add(a->sources,
		    cite_new(h->passage, h->document, h->title, h->source,
			h->section, h->score, true));
	}
}

/* Those it was shown and did not use, behind the others. */
static void
add_shown(struct answer *a)
{
	const struct kb_hit *h;
	size_t i;

	for (i = 0; a->hits != NULL && i < a->request.passages; i++) {
		h = &a->hits->hit[i];
		cite_add(a->sources,
		    cite_new(h->passage, h->document, h->title, h->source,
			h->section, h->score, false));
	}
}

/* --- whether it may be sent --- */

/* Whether a tool gave something to rest on. */
static bool
was_given(const struct answer *a)
{
	const json_t *call;
	size_t i;

	json_array_foreach(a->exchange, i, call)
		if (provider_tool_given(call) != NULL)
			return true;
	return false;
}

/* Lists for the checker, NULL-ended; borrowed strings. */
struct grounds {
	struct ground_source *source;
	char **text; /* of the sources, what speaks to a model left out */
	/* Passages, and behind them what tools gave. */
	size_t nsources;
	const char **asked, **told, **allowed;
};

/* A title or a name of a file is a source if it speaks to people. */
static const char *
for_people(const char *text)
{
	return text != NULL && !is_suspect(text) ? text : NULL;
}

/* Where a name of a file leads is no place to send customers to. */
static const char *
title_of(const struct kb_hit *h)
{
	if (h->title != NULL && cite_is_name(h->title, h->source) &&
	    link_any(h->title))
		return NULL;
	return for_people(h->title);
}

/* What a tool gave, as a source: where it leads only if its declaration says
 * that it may. The caller frees. */
static char *
told_by_tool(const struct answer *a, const char *name, const char *result)
{
	char *text = suspect_left_out(result), *bare;
	size_t i;

	for (i = 0; i < a->tools.count; i++)
		if (strcmp(a->tools.tool[i].name, name) == 0 &&
		    a->tools.tool[i].links)
			return text;
	bare = link_left_out(text);
	free(text);
	return bare;
}

static void
grounds_of(const struct answer *a, struct grounds *g)
{
	const struct profile *p = &now((struct answer *)a)->profile;
	size_t i, asked = 0, told = 0, allowed = 0;
	const struct turn *t;
	size_t most = a->request.passages + json_array_size(a->exchange);
	const json_t *given;
	const char *result;

	g->source = xcalloc(most + 1, sizeof(*g->source));
	g->nsources = a->request.passages;
	g->text = xcalloc(most + 1, sizeof(*g->text));
	for (i = 0; i < g->nsources; i++) {
		g->text[i] = suspect_left_out(a->hits->hit[i].text);
		g->source[i].title = title_of(&a->hits->hit[i]);
		g->source[i].section = for_people(a->hits->hit[i].section);
		g->source[i].text = g->text[i];
	}
	g->asked = xcalloc(a->nturns + 2, sizeof(*g->asked));
	g->told = xcalloc(a->nturns + 1, sizeof(*g->told));
	/* What a tool gave is as good as a passage, and held like one. */
	json_array_foreach(a->exchange, i, given) {
		result = provider_tool_given(given);
		if (result == NULL)
			continue;
		g->text[g->nsources] =
		    told_by_tool(a, json_str_or(given, "name", ""), result);
		g->source[g->nsources].text = g->text[g->nsources];
		g->nsources++;
	}
	g->asked[asked++] = a->question;
	for (i = 0; i < a->nturns; i++) {
		t = &a->turns[i];
		if (t->text == NULL || t->revoked ||
		    strcmp(t->direction, "note") == 0)
			continue;
		if (strcmp(t->direction, "in") == 0)
			g->asked[asked++] = t->text;
		else
			g->told[told++] = t->text;
	}
	g->allowed = xcalloc(p->allow.count + 2, sizeof(*g->allowed));
	for (i = 0; i < p->allow.count; i++)
		g->allowed[allowed++] = p->allow.item[i];
	if (p->business != NULL)
		g->allowed[allowed++] = p->business;
}

static void
grounds_release(struct grounds *g)
{
	size_t i;

	for (i = 0; i < g->nsources; i++)
		free(g->text[i]);
	free(g->text);
	free(g->source);
	free(g->asked);
	free(g->told);
	free(g->allowed);
}

/* Our markers, and a long run of what the model was told, are never for the
 * customer; what they, the desk or a passage say may be. */
static bool
shows_rules(const struct answer *a, const struct grounds *g, const char *text)
{
	struct provider_ask ask = a->ask;
	const char **known;
	char *rules;
	size_t i, n = 0;
	bool shows;

	if (strstr(text, "<<") != NULL || strstr(text, ">>") != NULL)
		return true;
	ask.task = TASK_ANSWER;
	rules = provider_rules(&ask);
	known = xcalloc(g->nsources + 2 * a->nturns +
		now((struct answer *)a)->profile.allow.count + 5,
	    sizeof(*known));
	for (i = 0; i < g->nsources; i++)
		known[n++] = g->text[i];
	for (i = 0; g->asked[i] != NULL; i++)
		known[n++] = g->asked[i];
	for (i = 0; g->told[i] != NULL; i++)
		known[n++] = g->told[i];
	for (i = 0; g->allowed[i] != NULL; i++)
		known[n++] = g->allowed[i];
	shows = leak_found(text, rules, known);
	free(known);
	free(rules);
	return shows;
}

/* Keep what a check found, for --why; the caller may add to it. */
static json_t *
add_check(struct answer *a, const char *check, bool holds, double share,
    const char *why)
{
	json_t *o = json_object();

	json_put(o, "check", check);
	json_put_new(o, "holds", json_boolean(holds));
	if (share >= 0)
		json_put_new(o, "share", json_real(share));
	json_put(o, "why", why);
	json_array_append_new(a->checks, o);
	return o;
}

/* The passage that holds most sentences, from 1; 0: none does. */
static size_t
leading(const size_t *votes, size_t passages)
{
	size_t i, best = 0;

	for (i = 1; i <= passages; i++)
		if (votes[i - 1] > (best > 0 ? votes[best - 1] : 0))
			best = i;
	return best;
}

/*
 * Hold a text against the passages and the conversation; strict: all of it,
 * else its facts; stand: something of it must be in a passage. True if it may be sent; else why, without its words, is in
 * *ret_why, and with them in a->missing.
 */
static bool
is_held(struct answer *a, const char *text, bool strict, bool stand,
    const char **ret_why)
{
	static struct grounder *grounder; /* its word lists, once a process */
	struct grounds g;
	struct ground_verdict v;
	char *name;
	size_t i, held = 0, stands = 0, *votes;
	/* Where a tool gave nothing the customer's words are no answer. */
	bool holds = true,
	     in_vain = json_array_size(a->exchange) > 0 && !was_given(a);
	json_t *check;

	grounds_of(a, &g);
	if (shows_rules(a, &g, text)) {
		*ret_why = "it shows how the model was asked";
		json_put(add_check(a, "grounding", false, 0, *ret_why), "draft",
		    text);
		grounds_release(&g);
		return false;
	}
	if (grounder == NULL)
		grounder = grounder_new();
	name = a->customer != NULL ? contact_name(a->store, a->customer) : NULL;
	if (ground_check(grounder,
		&(struct ground_input){ .source = g.source,
		    .nsources = g.nsources,
		    .asked = g.asked,
		    .told = g.told,
		    .allowed = g.allowed,
		    .language = a->language,
		    .called = name },
		text, &v) < 0) {
		*ret_why = "its text is broken";
		grounds_release(&g);
		free(name);
		return false;
	}
	free(name);
	votes = xcalloc(g.nsources + 1, sizeof(*votes));
	for (i = 0; i < v.nclaims; i++) {
		if (v.claim[i].need == GROUND_CLAIM && v.claim[i].source >= 0)
			votes[v.claim[i].source]++;
		stands += v.claim[i].need == GROUND_CLAIM &&
		    v.claim[i].reason == GROUND_SUPPORTED &&
		    (!in_vain || v.claim[i].source >= 0);
		if (v.claim[i].reason == GROUND_SUPPORTED ||
		    (!strict && !ground_is_fact(v.claim[i].reason))) {
			held++;
			continue;
		}
		if (holds) {
			holds = false;
			*ret_why = ground_reason_text(v.claim[i].reason);
		}
	}
	a->leading = leading(votes, a->request.passages);
	free(votes);
	/* "Yes, we do." says nothing that could be held against anything. */
	if (holds && stand && stands == 0 && !was_given(a)) {
		holds = false;
		*ret_why = "it says nothing that a passage says";
	}
	if (v.nclaims == 0 && !v.is_supported) {
		holds = false;
		*ret_why = v.reason;
	}
	check = add_check(a, "grounding", holds,
	    v.nclaims > 0 ? (double)held / (double)v.nclaims : 1,
	    holds ? NULL : *ret_why);
	if (!holds && !v.is_supported)
		json_put(check, "words", v.why);
	if (!holds)
		json_put(check, "draft", text);
	/* What was looked at holds where it is too little: no words for that. */
	if (!holds && a->missing == NULL && !v.is_supported)
		a->missing = xstrdup(v.why);
	ground_release(&v);
	grounds_release(&g);
	return holds;
}

/* The same model once more, told what it said and what is wrong with it. */
static int
ask_anew(struct answer *a, const char *said, const char *why)
{
	a->retries++;
	free(a->refused);
	a->refused = xstrdup(said);
	free(a->fault);
	a->fault = a->missing != NULL ? a->missing : xstrdup(why);
	a->missing = NULL;
	free(a->draft);
	a->draft = NULL;
	json_decref(a->sources);
	a->sources = json_array();
	a->ask.task = TASK_ANSWER;
	a->ask.answer = a->refused;
	a->ask.fault = a->fault;
	return call(a);
}

/* What was said is not sent, and why: for whoever takes it. */
static void
keep_held(struct answer *a, const char *said, const char *why)
{
	char *text = xstrdup(said), *words = xstrdup(why);

	free(a->held);
	free(a->held_why);
	a->held = text;
	a->held_why = words;
}

/* What was said may not be sent, why: it is said anew where that is wanted;
 * else another set-up, or a person. */
static int
not_sent(struct answer *a, const char *said, const char *why)
{
	char *text;
	int code;

	if (a->retries < now(a)->profile.retries_ungrounded)
		return ask_anew(a, said, why);
	keep_held(a, said, a->missing != NULL ? a->missing : why);
	text = xformat("the answer is not held by the passages: %s", why);
	add_shown(a);
	if (a->by + 1 < a->nchain) {
		free(a->missing);
		a->missing = NULL;
		code = pass_on(a, text);
	} else
		code = end(a, ANSWER_NONE, text);
	free(text);
	return code;
}

/* The passage that holds the answer is its source, before those that the model
 * named. */
static void
put_leading(struct answer *a)
{
	const struct kb_hit *h;
	json_t *others = a->sources, *one;
	size_t i;

	if (a->leading == 0)
		return;
	h = &a->hits->hit[a->leading - 1];
	a->sources = json_array();
	cite_add(a->sources,
	    cite_new(h->passage, h->document, h->title, h->source, h->section,
		h->score, true));
	json_array_foreach(others, i, one)
		cite_add(a->sources, json_incref(one));
	json_decref(others);
}

/* All checks passed. */
static int
send_draft(struct answer *a)
{
	const char *tag;
	json_t *first;

	put_leading(a);
	first = json_array_get(a->sources, 0);

	/* What is below an answer is in its language. */
	tag = language_certain(a->draft, strlen(a->draft));
	a->text =
	    cite_text(a->draft, strcmp(tag, "und") != 0 ? tag : a->language,
		json_str(first, "title"), json_str(first, "source"));
	add_shown(a);
	free(a->reason);
	a->reason = NULL;
	return end(a, ANSWER_SAID, NULL);
}

/* What a model says, without the marks of passages and what we put below an
 * answer ourselves, which it has seen there. The caller frees. */
static char *
own_words(const struct answer *a, const char *said)
{
	char *text = cite_unmark(said, a->request.passages),
	     *bare = without_ours(a->conf, text);

	if (*bare != '\0') {
		free(text);
		return bare;
	}
	free(bare);
	return text;
}

#define QUOTED_WORDS 5 /* of a sentence of a passage */
#define QUOTED_SMALL 2 /* of them in small letters */
#define SMALL_BYTES 3
#define SURE_BYTES 24 /* a shorter text tells no language for sure */

/* Words in small letters, which no name or address is made of. */
static size_t
count_small(const char *text, size_t *ret_words)
{
	const char *p = text;
	size_t small = 0, len, i;

	for (*ret_words = 0; (len = said_next_run(&p)) > 0; p += len) {
		++*ret_words;
		for (i = 0; i < len && p[i] >= 'a' && p[i] <= 'z';)
			i++;
		small += i == len && len >= SMALL_BYTES;
	}
	return small;
}

/* The language of a text that is too short to tell one, where it is a sentence
 * of a passage that tells: of a model that quotes instead of answering. "und":
 * it is none. */
static const char *
language_quoted(const struct answer *a, const char *text)
{
	char *words = utf8_words(text), *whole;
	const char *is = "und";
	size_t n, i;

	if (count_small(text, &n) < QUOTED_SMALL || n < QUOTED_WORDS) {
		free(words);
		return is;
	}
	for (i = 0; a->hits != NULL && i < a->request.passages; i++) {
		whole = utf8_words(a->hits->hit[i].text);
		if (strstr(whole, words) != NULL)
			is = a->hits->hit[i].language;
		free(whole);
	}
	free(words);
	return is;
}

/* Whether a text is in a language that is allowed, and in that of the customer:
 * only where both are sure. Else why, in a->missing. */
static bool
is_in_language(struct answer *a, const char *text)
{
	const struct profile *p = &now(a)->profile;
	char *bare = cite_left_out(text), *want;
	const char *is = language_certain(bare, strlen(bare)), *asked;
	bool is_sure, right = true;

	if (strcmp(is, "und") == 0)
		is = language_quoted(a, bare);
	is_sure = strcmp(is, "und") != 0 && strlen(bare) >= SURE_BYTES;
	want = profile_language(p, a->language);
	asked = language_detect(a->question, strlen(a->question));
	if (is_sure && !profile_speaks(p, is))
		right = false;
	/* A customer may change to one that an earlier message was not in. */
	else if (is_sure && want != NULL && a->language != NULL &&
	    strcmp(asked, language_plain(a->language)) == 0)
		right = language_may_be(is, want);
	if (!right) {
		free(a->missing);
		a->missing = xformat("it is in the language with the tag %s, "
				     "and not in %s",
		    is, want != NULL ? want : "one that is allowed");
		json_put(add_check(a, "language", false, -1, a->missing),
		    "draft", text);
	}
	free(want);
	free(bare);
	return right;
}

static int
said_answer(struct answer *a, const struct provider_answer *said)
{
	const struct profile *p = &now(a)->profile;
	const char *why = NULL;
	char *text;
	int code;

	add_sources(a, said);
	text = own_words(a, said->text);
	/* Nothing to stand on: not sent. */
	if (json_array_size(a->sources) == 0 && !was_given(a)) {
		add_shown(a);
		keep_held(a, text, "it names no passage");
		json_put(add_check(a, "sources", false, -1, a->held_why),
		    "draft", text);
		free(text);
		return end(a, ANSWER_NONE, "the model named no passage");
	}
	if (!is_in_language(a, text))
		why = "it is in another language than wanted";
	if (why != NULL || !is_held(a, text, p->strict, p->strict, &why)) {
		code = not_sent(a, text, why);
		free(text);
		return code;
	}
	a->draft = text;
	if (!p->judge)
		return send_draft(a);
	a->ask.task = TASK_JUDGE;
	a->ask.answer = a->draft;
	return call(a);
}

static int
judged(struct answer *a, const struct provider_answer *said)
{
	bool holds = said->outcome == PROVIDER_ANSWERED && said->holds;

	json_t *check = add_check(a, "judge", holds, -1,
	    said->outcome == PROVIDER_ANSWERED ? NULL : said->why);

	if (!holds) {
		json_put(check, "words", said->reason);
		json_put(check, "draft", a->draft);
	}
	return holds ?
	    send_draft(a) :
	    not_sent(a, a->draft, "the judge does not find it there");
}

/* A question back, or a goodbye: what it says besides is held, too. */
static int
said_else(struct answer *a, const struct provider_answer *said,
    enum answer_outcome outcome)
{
	const char *why = NULL;
	char *text = said->text != NULL ? own_words(a, said->text) : NULL;
	int code;

	if (text != NULL && outcome == ANSWER_ASKED && !is_in_language(a, text))
		why = "it is in another language than wanted";
	if (text != NULL &&
	    (why != NULL ||
		!is_held(a, text, now(a)->profile.strict, false, &why))) {
		code = not_sent(a, text, why);
		free(text);
		return code;
	}
	add_shown(a);
	a->text = text;
	return end(a, outcome, NULL);
}

/* Whether the customer asks something, so that a goodbye is none. */
static bool
is_question(const char *text)
{
	struct parts p;
	bool asks = false;
	size_t i;

	parts_split(text, &p);
	for (i = 0; i < p.count; i++)
		asks |= p.part[i].asks;
	parts_release(&p);
	return asks;
}

/* After the customer's last words: those of the model that do not hold are left
 * out, for nobody waits for them. */
static int
said_bye(struct answer *a, const struct provider_answer *said)
{
	const char *why = NULL;
	char *text = said->text != NULL ? own_words(a, said->text) : NULL;

	if (text != NULL &&
	    !is_held(a, text, now(a)->profile.strict, false, &why)) {
		free(text);
		text = NULL;
	}
	add_shown(a);
	a->text = text;
	return end(a, ANSWER_RESOLVED, NULL);
}

static int
said_goodbye(struct answer *a, const struct provider_answer *said)
{
	/* Whatever it names: words of courtesy have no passage. */
	if (goodbye_is(a->question))
		return said_bye(a, said);
	if (was_given(a) || !is_question(a->question))
		return said_else(a, said, ANSWER_RESOLVED);
	if (said->text != NULL)
		return said_answer(a, said);
	add_shown(a);
	return end(a, ANSWER_NONE, "the model took a question for answered");
}

static int
answered(struct answer *a, const struct provider_answer *said)
{
	switch (said->action) {
	case ACTION_ANSWER:
		if (said->text == NULL)
			break;
		return said_answer(a, said);
	case ACTION_ASK:
		if (said->text == NULL)
			break;
		return said_else(a, said, ANSWER_ASKED);
	case ACTION_RESOLVE:
		return said_goodbye(a, said);
	case ACTION_HAND_OVER:
		add_shown(a);
		a->handed = true;
		a->summary = xstrdup(said->summary);
		a->its_reason = xstrdup(said->reason);
		return end(a, ANSWER_NONE, "the model handed over");
	}
	add_shown(a);
	return end(a, ANSWER_NONE, "the model said nothing");
}

/* A question of the model's making is used if it is one; else the rules'. */
static int
rewritten(struct answer *a, const struct provider_answer *said)
{
	struct standalone_turn *before;
	struct kb *kb = NULL;
	enum rewrite_fault fault;
	size_t n = said_before(a, &before);
	json_t *o = json_object();
	char *form;

	if (said->outcome == PROVIDER_ANSWERED)
		json_put(o, "question", said->text);
	form = json_text(o);
	if (kb_of(a, &kb) == 0) {
		free(a->search);
		a->search =
		    rewrite_read(form, before, n, a->question, kb, &fault);
	}
	free(form);
	json_decref(o);
	free(before);
	return ask_for_answer(a);
}

/* The same question, asked otherwise, if that was not tried too often. */
static int
ask_otherwise(struct answer *a, const struct provider_answer *said)
{
	if (++a->turns_again > QUIRKS_MAX)
		return pass_on(a, said->why);
	if (said->outcome == PROVIDER_QUIRK) {
		now(a)->quirks = said->quirks;
		now(a)->quirks_new = true;
	} else {
		a->ask.share = a->ask.share > 0 ? a->ask.share / 2 : 0.5;
		if (a->ask.share < 0.2)
			return pass_on(a, said->why);
	}
	return call(a);
}

/* --- tools --- */

static int next_tool(struct answer *a);

static int
side_fd(void *arg)
{
	return tool_call_fd(((struct answer *)arg)->tool_call);
}

static short
side_events(void *arg)
{
	return tool_call_events(((struct answer *)arg)->tool_call);
}

static int64_t
side_wait_ms(void *arg)
{
	return tool_call_wait_ms(((struct answer *)arg)->tool_call);
}

static bool
side_work(void *arg)
{
	return tool_call_work(((struct answer *)arg)->tool_call);
}

static void
side_done(void *arg)
{
	struct answer *a = arg;

	if (next_tool(a) == 0)
		end_later(a);
}

/* The customer has to agree first: they are asked, and that is all for now. */
static int
ask_leave(struct answer *a, const char *question)
{
	const char *why = NULL;
	/* The model's arguments stand in it. */
	char *text = outgoing_seen(question != NULL ? question : "");

	add_shown(a);
	if (*text == '\0' || !is_held(a, text, false, false, &why)) {
		free(text);
		return end(a, ANSWER_NONE, "what it asks for needs a person");
	}
	a->text = text;
	return end(a, ANSWER_ASKED, NULL);
}

/* Whoever tries a set-up sees what was called, and what it gave. */
static void
add_tried(struct answer *a, const struct provider_call *c,
    const struct tool_result *r)
{
	json_t *o = json_object();

	json_put(o, "tool", c->name);
	json_object_set(o, "arguments", c->arguments);
	json_put_new(o, "ok", json_boolean(r->ok));
	if (r->ok)
		json_put(o, "result", r->text);
	else if (strcmp(r->class, "confirm") == 0)
		json_put(o, "would_ask", r->text);
	else {
		json_put(o, "class", r->class);
		json_put(o, "reason", r->reason);
	}
	if (a->tried == NULL)
		a->tried = json_array();
	json_array_append_new(a->tried, o);
}

/* Whether it is the tool that did not do its work; a model that calls it wrongly
 * is told so, and may do better. */
static bool
is_failure(const struct tool_result *r)
{
	static const char *const classes[] = { "busy", "denied", "failed",
		"timeout", "unavailable", "unknown", NULL };

	return !r->ok && str_in(r->class, classes);
}

static void
add_failed(struct answer *a, const char *tool, const struct tool_result *r)
{
	char *before = a->failed;

	a->failed = before != NULL ?
	    xformat("%s; %s: %s", before, tool, r->reason) :
	    xformat("%s: %s", tool, r->reason);
	free(before);
}

/* Keep what came of the call. 0, it is over; 1, it goes on. */
static int
take_result(struct answer *a)
{
	const struct tool_result *r = tool_call_result(a->tool_call);
	const struct provider_call *call_of = &a->calls[a->call_at++];
	char *words, *question;
	int code = 1;

	add_check(a, call_of->name, r->ok, -1, r->ok ? NULL : r->class);
	if (a->by_hand)
		add_tried(a, call_of, r);
	if (is_failure(r) && r->reason != NULL)
		add_failed(a, call_of->name, r);
	if (!r->ok && strcmp(r->class, "confirm") == 0) {
		question = xstrdup(r->text);
		tool_call_free(a->tool_call);
		a->tool_call = NULL;
		code = ask_leave(a, question);
		free(question);
		return code;
	}
	words = tool_call_words(r);
	if (a->exchange == NULL)
		a->exchange = json_array();
	provider_tool_result(a->exchange, call_of, words, r->ok);
	free(words);
	tool_call_free(a->tool_call);
	a->tool_call = NULL;
	return code;
}

/* A call that cannot be made: the model hears why. */
static void
tell_wrong(struct answer *a, const struct provider_call *c)
{
	add_check(a, c->name, false, -1, "arguments");
	if (a->exchange == NULL)
		a->exchange = json_array();
	provider_tool_result(a->exchange, c, c->wrong, false);
}

/* Begin a call: true, done(a) will be called; else it is over. */
static bool
start_tool(struct answer *a, const struct tool_request *r,
    void (*over)(void *arg))
{
	char *socket = store_run_path(a->store, "ai-tool.sock");
	const struct tool_call_options o = {
		/* The service is for messages that are in the store. */
		.socket =
		    !a->by_hand && access(socket, F_OK) == 0 ? socket : NULL,
		.store = store_dir(a->store),
		.in_child = a->by_hand,
		.record = pool_record(*a->pool),
		.replay = pool_replay(*a->pool)
	};

	a->tool_call = tool_call_start(&o, r);
	free(socket);
	if (tool_call_fd(a->tool_call) < 0)
		return false;
	pool_aside(*a->pool,
	    &(struct pool_side){ side_fd, side_events, side_wait_ms, side_work,
		over, a });
	return true;
}

/* The next of the calls that the model wants; behind the last the model is
 * asked again. 0, it is over; 1, it goes on. */
static int
next_tool(struct answer *a)
{
	struct tool_request r = { .conversation = a->conversation,
		.cause = a->cause,
		.contact = a->contact };
	int code = 1;

	if (a->tool_call != NULL)
		code = take_result(a);
	while (code == 1 && a->call_at < a->ncalls) {
		if (a->calls[a->call_at].wrong != NULL) {
			tell_wrong(a, &a->calls[a->call_at++]);
			continue;
		}
		r.tool = a->calls[a->call_at].name;
		r.arguments = a->calls[a->call_at].arguments;
		if (start_tool(a, &r, side_done))
			return 1;
		code = take_result(a);
	}
	if (code != 1)
		return code;
	calls_release(a);
	a->ask.exchange = a->exchange;
	return call(a);
}

/* The model wants tools called; not for ever. Takes its calls. */
static int
run_tools(struct answer *a, struct provider_answer *said)
{
	if (++a->rounds > ROUNDS_MAX)
		return pass_on(a, "the model calls tools without end");
	calls_release(a);
	a->calls = said->calls;
	a->ncalls = said->ncalls;
	said->calls = NULL;
	said->ncalls = 0;
	return next_tool(a);
}

static int
understood(struct answer *a, struct provider_answer *said)
{
	switch (said->outcome) {
	case PROVIDER_QUIRK:
	case PROVIDER_TOO_LONG:
		return ask_otherwise(a, said);
	case PROVIDER_BUSY:
	case PROVIDER_BROKEN:
		return put_off(a, said->retry_after_ms, said->why);
	case PROVIDER_KEY:
	case PROVIDER_QUOTA:
	case PROVIDER_WRONG:
		return pass_on(a, said->why);
	case PROVIDER_TOOLS:
		return run_tools(a, said);
	case PROVIDER_ANSWERED:
	case PROVIDER_REFUSED:
	case PROVIDER_MISSHAPEN:
		break;
	}
	if (a->ask.task == TASK_REWRITE)
		return rewritten(a, said);
	if (a->ask.task == TASK_JUDGE)
		return judged(a, said);
	if (said->outcome == PROVIDER_ANSWERED)
		return answered(a, said);
	add_shown(a);
	if (said->outcome == PROVIDER_REFUSED)
		return end(a, ANSWER_NONE, said->why);
	return pass_on(a, said->why);
}

/* What a call cost, or may have. */
static void
count_call(struct answer *a, const struct provider_answer *said, int status)
{
	struct answer_profile *p = now(a);

	if (said->tokens_in >= 0)
		p->tokens_in += said->tokens_in;
	if (said->tokens_out >= 0)
		p->tokens_out += said->tokens_out;
	if (said->tokens_in >= 0 || said->tokens_out >= 0)
		return;
	/* Answered without a word on its price, or cut off: what was set
	 * aside. */
	if (status == 200 || (status == 0 && said->outcome != PROVIDER_KEY)) {
		p->tokens_in += most_in(a);
		p->tokens_out += p->profile.max_tokens;
		p->unknown++;
	}
}

static void
on_answer(void *arg, const struct pool_result *r)
{
	struct answer *a = arg;
	struct provider_answer said;
	bool its_fault;

	provider_end(a->reader, r->status, r->retry_after_ms, &said);
	if (r->status == 0 && said.why[0] == '\0')
		snprintf(said.why, sizeof(said.why), "%s: %s",
		    now(a)->profile.provider, r->why != NULL ? r->why : "");
	if (a->by_hand && said.said != NULL) {
		free(a->service);
		a->service = xstrdup(said.said);
	}
	its_fault = said.outcome == PROVIDER_BROKEN && !r->late;
	pool_tell(*a->pool, &now(a)->profile, its_fault);
	now(a)->heard += said.outcome == PROVIDER_ANSWERED ||
	    said.outcome == PROVIDER_TOOLS ||
	    said.outcome == PROVIDER_REFUSED ||
	    said.outcome == PROVIDER_MISSHAPEN;
	if (!r->unsent)
		count_call(a, &said, r->status);
	if (understood(a, &said) == 0)
		end_later(a);
	provider_answer_release(&said);
}

/* --- what the customer was asked to agree to --- */

/* The customer's answer was read: what was done on a yes is told by the model;
 * anything else is answered as usual. */
static int
agreed(struct answer *a)
{
	const struct tool_result *r = tool_call_result(a->tool_call);
	json_t *none = json_object();
	const struct provider_call asked = { (char *)"agreed", (char *)"agreed",
		none, NULL };
	char *words;

	if (r->ok || strcmp(r->class, "refused") != 0) {
		words = tool_call_words(r);
		add_check(a, "agreed", r->ok, -1, r->ok ? NULL : r->class);
		a->exchange = json_array();
		provider_tool_result(a->exchange, &asked, words, r->ok);
		free(words);
		a->chat = SMALLTALK_NONE;
	}
	json_decref(none);
	tool_call_free(a->tool_call);
	a->tool_call = NULL;
	if (a->chat != SMALLTALK_NONE)
		return end(a, ANSWER_CHAT, NULL);
	return run(a);
}

static void
agreed_done(void *arg)
{
	struct answer *a = arg;

	if (agreed(a) == 0)
		end_later(a);
}

/* Whether something waits for the customer's word: 1, it is looked at. */
static bool
is_asked(struct answer *a)
{
	return a->conversation != NULL && a->nchain > 0 &&
	    a->chain[0].profile.tools.count > 0 &&
	    tool_pending(a->store, a->conversation, a->pending) == 0;
}

static int
hear_word(struct answer *a)
{
	struct tool_request r = { .conversation = a->conversation,
		.cause = a->last != NULL ? a->last : a->cause,
		.pending = a->pending };

	if (*a->pool == NULL && pool_new(a->pool_options, a->pool) < 0)
		return end(a, ANSWER_FAILED, err_reason());
	return start_tool(a, &r, agreed_done) ? 1 : agreed(a);
}

/* --- who answers --- */

static int
run(struct answer *a)
{
	if (now(a)->profile.kind != PROVIDER_EXTRACTIVE)
		return ask_model(a);
	/* No document has an answer to "that was all". */
	if (goodbye_is_plain(a->question))
		return end(a, ANSWER_RESOLVED, NULL);
	return quote(a);
}

int
answer_start(struct answer *a)
{
	a->started_ms = mono_ms();
	a->sources = json_array();
	a->checks = json_array();
	if (a->taken_back)
		return end(a, ANSWER_TAKEN_BACK, "taken back");
	if (a->question == NULL || utf8_is_blank(a->question))
		return end(a, ANSWER_UNREADABLE, "no text to answer");
	clean_turns(a);
	if (a->nchain > 0)
		stand_alone(a);
	a->chat = quote_chat(a->question);
	/* "2" is nothing by itself, and an answer to a list of ours. */
	if (a->search != NULL && is_in_our_words(a->leans))
		a->chat = SMALLTALK_NONE;
	if (is_asked(a))
		return hear_word(a);
	if (a->chat == SMALLTALK_ANGRY) {
		a->reply = smalltalk_reply(a->chat);
		return end(a, ANSWER_NONE, "it sounds angry");
	}
	if (a->chat != SMALLTALK_NONE)
		return end(a, ANSWER_CHAT, NULL);
	return run(a);
}

int
answer_chain(struct answer *a, const char *name)
{
	struct profile first;
	struct answer_profile *next;
	size_t i;
	int code = profile_open(a->conf, name, &first);

	if (code < 0)
		return code;
	a->chain = xcalloc(1 + first.fallback.count, sizeof(*a->chain));
	a->chain[0].profile = first;
	a->nchain = 1;
	for (i = 0; i < first.fallback.count; i++) {
		next = &a->chain[a->nchain];
		name = first.fallback.item[i];
		code = 0;
		if (strcmp(name, first.name) == 0)
			continue;
		if (strcmp(name, "extractive") == 0 &&
		    !profile_exists(a->conf, name))
			profile_extractive(&first, &next->profile);
		else
			code = profile_open(a->conf, name, &next->profile);
		/* One that is broken or off stands in for nobody. */
		if (code == 0 && next->profile.enabled)
			a->nchain++;
		else if (code == 0)
			profile_release(&next->profile);
	}
	return 0;
}

int
answer_keys(struct answer *a, const char *reader)
{
	struct answer_profile *p;
	size_t i;
	int code = 0;

	/* The first one comes last: its reason stays. */
	for (i = a->nchain; i-- > 0;) {
		p = &a->chain[i];
		code = profile_key(a->conf, a->store, reader, &p->profile);
		p->locked = code < 0;
	}
	return code;
}

int
answer_settle(struct answer *a)
{
	struct answer_profile *p;
	size_t i;
	int code = 0;

	for (i = 0; a->spend != NULL && i < a->nchain && code == 0; i++) {
		p = &a->chain[i];
		if (p->profile.kind == PROVIDER_EXTRACTIVE)
			continue;
		name_hold(a, p);
		code = spend_settle(a->spend, &p->profile, &p->hold,
		    p->tokens_in, p->tokens_out);
	}
	return code;
}

int
answer_settle_now(struct answer *a)
{
	struct store *s = a->spend != NULL ? spend_store(a->spend) : NULL;
	int code = s != NULL ? store_begin(s) : 0;

	if (s == NULL || code < 0)
		return code;
	code = answer_settle(a);
	if (code == 0)
		return store_commit(s);
	store_rollback(s);
	return code;
}

void
answer_release(struct answer *a)
{
	size_t i;

	spend_cancel(a->spend, &a->paid);
	begin_anew(a);
	for (i = 0; i < a->nchain; i++)
		profile_release(&a->chain[i].profile);
	free(a->chain);
	a->chain = NULL;
	a->nchain = 0;
	free(a->question);
	free(a->language);
	turns_free(a->turns, a->nturns);
	free(a->text);
	json_decref(a->sources);
	free(a->reason);
	free(a->missing);
	free(a->summary);
	free(a->its_reason);
	free(a->service);
	free(a->held);
	free(a->held_why);
	json_decref(a->tried);
	free(a->failed);
	json_decref(a->checks);
	free(a->search);
	free(a->carried);
	free(a->own);
	free(a->called);
}
