/* eval - cases with what is expected of an answer, and how an answer does */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/budget.h"
#include "ai/cite.h"
#include "ai/eval.h"
#include "ai/pairs.h"
#include "ai/why.h"
#include "base/err.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ground/claims.h"
#include "kb/wordlist.h"

/* --- cases --- */

void
eval_case_free(struct eval_case *c)
{
	if (c == NULL)
		return;
	free(c->id);
	free(c->place);
	json_decref(c->line);
	free(c);
}

/* Whether each of an array is text, or an array of texts. */
static bool
is_list(const json_t *list, bool nested)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (!json_is_string(one) &&
		    !(nested && json_is_array(one) &&
			json_array_size(one) > 0 && is_list(one, false)))
			return false;
	return list == NULL || json_is_array(list);
}

static int
check_turns(const json_t *turns)
{
	const json_t *one;
	size_t i;

	if (turns != NULL && !json_is_array(turns))
		return err_set(ERR_DATA, "turns is no array");
	json_array_foreach(turns, i, one)
		if (json_str(one, "in") == NULL && json_str(one, "out") == NULL)
			return err_set(ERR_DATA,
			    "a turn is an object with \"in\" or \"out\"");
	return 0;
}

static int
check_case(const json_t *o)
{
	static const char *const keys[] = { "id", "question", "turns",
		"language", "action", "facts", "forbidden", "sources",
		"profile", "human", NULL };
	static const char *const actions[] = { "answer", "ask", "hand_over",
		"resolve", "chat", NULL };
	static const char *const texts[] = { "id", "question", "language",
		"action", "profile", NULL };
	const char *action = json_str(o, "action"), *near, *key;
	json_t *value;
	size_t i;

	/* A slip of the pen would be a case that asks for nothing. */
	json_object_foreach((json_t *)o, key, value) {
		near = str_nearest(key, keys);
		if (!str_in(key, keys) && near != NULL)
			return err_set(ERR_DATA,
			    "no such field '%s', did you mean %s?", key, near);
	}
	for (i = 0; texts[i] != NULL; i++)
		if (json_object_get(o, texts[i]) != NULL &&
		    json_str(o, texts[i]) == NULL)
			return err_set(ERR_DATA, "%s is no text", texts[i]);
	if (json_str(o, "question") == NULL)
		return err_set(ERR_DATA, "it has no question");
	if (utf8_is_blank(json_str(o, "question")))
		return err_set(ERR_DATA, "its question is empty");
	if (action != NULL && !str_in(action, actions))
		return err_set(ERR_DATA,
		    "'%s' is none of answer, ask, hand_over, resolve, chat",
		    action);
	if (!is_list(json_object_get(o, "facts"), true) ||
	    !is_list(json_object_get(o, "forbidden"), false) ||
	    !is_list(json_object_get(o, "sources"), false))
		return err_set(ERR_DATA,
		    "facts, forbidden and sources are arrays of texts");
	return check_turns(json_object_get(o, "turns"));
}

int
eval_case_new(const char *text, size_t len, const char *place,
    struct eval_case **ret)
{
	struct eval_case *c = xcalloc(1, sizeof(*c));
	int code = json_object_parse(text, len, &c->line);

	if (code == 0)
		code = check_case(c->line);
	if (code < 0) {
		eval_case_free(c);
		return code;
	}
	c->id = xstrdup(json_str_or(c->line, "id", place));
	c->place = xstrdup(place);
	*ret = c;
	return 0;
}

void
eval_ask(const struct eval_case *c, struct answer *a)
{
	const json_t *turns = json_object_get(c->line, "turns"), *one;
	const char *said;
	struct turn *t;
	size_t i;

	a->question = xstrdup(json_str(c->line, "question"));
	a->language = xstrdup(json_str_or(c->line, "language",
	    language_detect(a->question, strlen(a->question))));
	a->turns = xcalloc(json_array_size(turns) + 1, sizeof(*a->turns));
	json_array_foreach(turns, i, one) {
		t = &a->turns[a->nturns++];
		said = json_str(one, "in");
		t->direction = xstrdup(said != NULL ? "in" : "out");
		t->text = xstrdup(said != NULL ? said : json_str(one, "out"));
		t->kind = xstrdup("text");
	}
}

/* --- scores --- */

/* Whether words stand in text, as words. */
static bool
says(const char *text, const char *words)
{
	char *in = utf8_words(text), *wanted = utf8_words(words);
	/* What has no words in it, as "€", is looked for as it is. */
	bool found = strlen(wanted) > 1 ? strstr(in, wanted) != NULL :
					  strstr(text, words) != NULL;

	free(in);
	free(wanted);
	return found;
}

/* A text, or an array of which one is enough. */
static bool
says_one(const char *text, const json_t *fact)
{
	const json_t *one;
	size_t i;

	if (json_is_string(fact))
		return says(text, json_string_value(fact));
	json_array_foreach(fact, i, one)
		if (says(text, json_string_value(one)))
			return true;
	return false;
}

static bool
quotes_one(const json_t *sources, const json_t *wanted)
{
	static const char *const keys[] = { "title", "section", "source" };
	const json_t *source, *want;
	size_t i, k, n;

	if (wanted == NULL || json_array_size(wanted) == 0)
		return true;
	json_array_foreach(sources, i, source) {
		if (!json_bool_or(source, "quoted", false))
			continue;
		json_array_foreach(wanted, k, want)
			for (n = 0; n < 3; n++)
				if (says(json_str_or(source, keys[n], ""),
					json_string_value(want)))
					return true;
	}
	return false;
}

/* The share of sentences that the last check found held; 1 without one. */
static double
grounded(const struct answer *a)
{
	const json_t *check;
	double share = 1;
	size_t i;

	json_array_foreach(a->checks, i, check)
		if (strcmp(json_str_or(check, "check", ""), "grounding") == 0)
			share =
			    json_number_value(json_object_get(check, "share"));
	return share;
}

/* Of a text that tells no language by itself: whether its common words are all
 * of others. */
static bool
is_of_others(const char *text, const char *want)
{
	uint32_t its = wordlist_bit(want), of;
	char *words = utf8_words(text), *p = words, *word;
	bool others = false, own = false;

	while ((word = strsep(&p, " ")) != NULL) {
		of = wordlist_find(&wordlist_common, word, strlen(word));
		own |= (of & its) != 0;
		others |= of != 0 && (of & its) == 0;
	}
	free(words);
	return its != 0 && others && !own;
}

static bool
speaks(const struct eval_case *c, const char *said)
{
	const char *want = json_str(c->line, "language"), *is;
	char *text;
	size_t len;
	bool ret;

	if (want == NULL || said == NULL)
		return true;
	/* The title of a document may be in another one. */
	text = cite_left_out(said);
	is = language_detect(text, strlen(text));
	len = strcspn(want, "-");
	ret = strcmp(is, "und") == 0 ?
	    !is_of_others(text, language_plain(want)) :
	    strncmp(is, want, len) == 0 && (is[len] == '\0' || is[len] == '-');
	free(text);
	return ret;
}

const char *
eval_refused(const struct answer *a)
{
	const struct answer_profile *last = &a->chain[a->nchain - 1];

	return last->spent ? last->spent_why : NULL;
}

/* Why there is no decision to score; NULL: there is one. */
static const char *
error_of(const struct answer *a)
{
	const char *refused = eval_refused(a);

	if (refused != NULL)
		return refused;
	/* Who is handed over because nobody could answer got none. */
	if (a->outcome == ANSWER_FAILED || a->outcome == ANSWER_AGAIN)
		return a->reason != NULL ? a->reason : "no answer";
	return NULL;
}

void
eval_score(const struct eval_case *c, const struct answer *a,
    struct eval_score *ret)
{
	const json_t *facts = json_object_get(c->line, "facts"),
		     *forbidden = json_object_get(c->line, "forbidden"), *one;
	const char *text = a->text != NULL ? a->text : "",
		   *want = json_str(c->line, "action"),
		   *is = why_action(a->outcome);
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->missing = json_array();
	ret->forbidden = json_array();
	ret->error = error_of(a);
	if (ret->error != NULL)
		return;
	if (want == NULL && json_array_size(facts) > 0)
		want = "answer";
	ret->action = want == NULL || (is != NULL && strcmp(want, is) == 0);
	json_array_foreach(facts, i, one)
		if (!says_one(text, one))
			json_array_append(ret->missing, (json_t *)one);
	json_array_foreach(forbidden, i, one)
		if (says(text, json_string_value(one)))
			json_array_append(ret->forbidden, (json_t *)one);
	ret->facts = json_array_size(facts) == 0 ? 1 :
						   1 -
		(double)json_array_size(ret->missing) /
		    (double)json_array_size(facts);
	ret->grounded = grounded(a);
	ret->source =
	    quotes_one(a->sources, json_object_get(c->line, "sources"));
	ret->language = speaks(c, a->text);
	ret->ok = ret->action && ret->source && ret->language &&
	    json_array_size(ret->missing) == 0 &&
	    json_array_size(ret->forbidden) == 0 && ret->grounded >= 1;
}

void
eval_score_release(struct eval_score *s)
{
	json_decref(s->missing);
	json_decref(s->forbidden);
	memset(s, 0, sizeof(*s));
}

json_t *
eval_line(const struct eval_case *c, const struct answer *a,
    const struct eval_score *s)
{
	const struct answer_profile *by = &a->chain[a->by];
	json_t *o = json_object();

	json_put(o, "case", c->id);
	json_put_new(o, "ok", json_boolean(s->ok));
	json_put(o, "error", s->error);
	json_put(o, "profile", a->chain[0].profile.name);
	json_put(o, "revision", a->chain[0].profile.revision);
	json_put(o, "answered_by", by->profile.name);
	json_put(o, "action", why_action(a->outcome));
	json_put_new(o, "action_right", json_boolean(s->action));
	json_put(o, "answer", a->text);
	json_put(o, "search", a->search);
	json_put(o, "reason", a->reason);
	json_put_new(o, "facts", json_real(s->facts));
	if (json_array_size(s->missing) > 0)
		json_object_set(o, "missing", s->missing);
	if (json_array_size(s->forbidden) > 0)
		json_object_set(o, "forbidden", s->forbidden);
	json_put_new(o, "grounded", json_real(s->grounded));
	if (!s->source && s->error == NULL)
		json_put_new(o, "source_right", json_false());
	if (!s->language && s->error == NULL)
		json_put_new(o, "language_right", json_false());
	json_put(o, "human", json_str(c->line, "human"));
	json_object_set(o, "sources", a->sources);
	if (a->tried != NULL)
		json_object_set(o, "tools", a->tried);
	why_put_cost(o, a);
	json_put_int(o, "took_ms", a->took_ms);
	return o;
}

json_t *
eval_line_failed(const struct eval_case *c, const char *profile,
    const char *why)
{
	json_t *o = json_object();

	json_put(o, "case", c->id);
	json_put_new(o, "ok", json_false());
	json_put(o, "error", why);
	json_put(o, "profile", profile);
	json_put_new(o, "action_right", json_false());
	json_put_new(o, "facts", json_real(0));
	json_put_new(o, "grounded", json_real(0));
	json_put(o, "human", json_str(c->line, "human"));
	return o;
}

/* --- sums --- */

void
eval_add_failed(struct eval_sum *sum)
{
	sum->cases++;
	sum->errors++;
}

void
eval_add(struct eval_sum *sum, const struct answer *a,
    const struct eval_score *s)
{
	const struct answer_profile *p;
	int64_t cost;
	size_t i;

	sum->cases++;
	sum->errors += s->error != NULL;
	sum->ok += s->ok;
	sum->action += s->action;
	sum->facts += s->facts;
	sum->grounded += s->grounded;
	sum->took = xrealloc(sum->took, (sum->ntook + 1) * sizeof(*sum->took));
	sum->took[sum->ntook++] = a->took_ms;
	for (i = 0; i < a->nchain; i++) {
		p = &a->chain[i];
		sum->calls += p->calls;
		sum->heard += p->heard;
		sum->tokens_in += p->tokens_in;
		sum->tokens_out += p->tokens_out;
		cost = budget_cost(&p->profile, p->tokens_in, p->tokens_out);
		if (p->calls > 0 && cost >= 0) {
			sum->cost += cost;
			sum->priced = true;
		}
	}
}

static int
by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

json_t *
eval_sum_line(struct eval_sum *sum, const char *profile)
{
	double n = sum->cases > 0 ? (double)sum->cases : 1;
	json_t *o = json_object();
	char text[32];

	qsort(sum->took, sum->ntook, sizeof(*sum->took), by_time);
	json_put(o, "summary", profile);
	json_put_int(o, "cases", sum->cases);
	json_put_int(o, "ok", sum->ok);
	if (sum->errors > 0)
		json_put_int(o, "errors", sum->errors);
	json_put_new(o, "share", json_real((double)sum->ok / n));
	json_put_new(o, "action", json_real((double)sum->action / n));
	json_put_new(o, "facts", json_real(sum->facts / n));
	json_put_new(o, "grounded", json_real(sum->grounded / n));
	if (sum->ntook > 0) {
		json_put_int(o, "took_ms_p50", sum->took[sum->ntook / 2]);
		json_put_int(o, "took_ms_max", sum->took[sum->ntook - 1]);
	}
	if (sum->calls > 0) {
		json_put_int(o, "calls", sum->calls);
		json_put_int(o, "tokens_in", sum->tokens_in);
		json_put_int(o, "tokens_out", sum->tokens_out);
	}
	if (sum->priced)
		json_put(o, "cost", money_text(sum->cost, text));
	return o;
}

void
eval_sum_release(struct eval_sum *sum)
{
	free(sum->took);
	memset(sum, 0, sizeof(*sum));
}

/* --- from history --- */

/* Whether a claim is a fact by itself: a number in digits, a date, a link. */
static bool
is_fact(const struct claims *c, size_t i)
{
	const struct claim *one = &c->claim[i];
	size_t k;

	for (k = 0; k < one->len; k++)
		if (strchr("0123456789@", c->plain[one->at + k]) != NULL)
			return one->kind != CLAIM_PART;
	return one->kind == CLAIM_LINK;
}

/* Cut a text to the number in it. */
static void
keep_digits(char *text)
{
	size_t from = strcspn(text, "0123456789"),
	       len = strspn(text + from, "0123456789.,:/-");

	while (len > 1 && strchr(".,:/-", text[from + len - 1]) != NULL)
		len--;
	memmove(text, text + from, len);
	text[len] = '\0';
}

/* The numbers, dates, telephone numbers and links in a person's answer: what
 * another answer must say, too. */
static json_t *
facts_in(const char *text)
{
	static struct meanings *meanings;
	static struct analyser *analyser;
	size_t len = strlen(text), i;
	json_t *facts = json_array();
	struct claims c;
	char *one;

	if (meanings == NULL) {
		meanings = meanings_new();
		analyser = analyser_new();
	}
	claims_read(&c, meanings, analyser, text, len,
	    language_detect(text, len));
	for (i = 0; i < c.nclaims; i++) {
		if (!is_fact(&c, i))
			continue;
		/* As it was written: addresses in small and capital letters. */
		one = xstrndup(text + c.was[c.claim[i].at],
		    c.was[c.claim[i].at + c.claim[i].len] -
			c.was[c.claim[i].at]);
		/* Whatever it counts may be said in other words. */
		if (c.claim[i].kind == CLAIM_NUMBER)
			keep_digits(one);
		json_array_append_new(facts, json_text_new(str_trim(one)));
		free(one);
	}
	claims_release(&c);
	return facts;
}

/* A pair as a case: the last turns before it are told, too. */
static json_t *
case_of(const struct pair *p, size_t turns)
{
	json_t *o = json_object(), *before = json_array(),
	       *facts = facts_in(p->answer);
	const char *key;
	size_t i = p->nbefore, n = 0;

	while (i > 0 && n < turns)
		n += turn_is_said(&p->before[--i]);
	for (; i < p->nbefore; i++) {
		if (!turn_is_said(&p->before[i]))
			continue;
		key = strcmp(p->before[i].direction, "in") == 0 ? "in" : "out";
		json_array_append_new(before,
		    json_pack("{s:o}", key, json_text_new(p->before[i].text)));
	}
	json_put(o, "question", p->question);
	if (json_array_size(before) > 0)
		json_object_set(o, "turns", before);
	json_decref(before);
	if (json_array_size(facts) > 0)
		json_object_set(o, "facts", facts);
	json_decref(facts);
	json_put(o, "human", p->answer);
	json_put(o, "id", p->said->id);
	return o;
}

struct history {
	size_t turns;
	int (*fn)(void *ctx, const json_t *line);
	void *ctx;
};

static int
add_case(void *ctx, const struct pair *p)
{
	const struct history *h = ctx;
	json_t *line = case_of(p, h->turns);
	int code = h->fn(h->ctx, line);

	json_decref(line);
	return code;
}

int
eval_history(struct store *s, int64_t since_ms, int turns,
    int (*fn)(void *ctx, const json_t *line), void *ctx)
{
	struct history h = { (size_t)turns, fn, ctx };

	return pairs_since(s, since_ms, add_case, &h);
}
