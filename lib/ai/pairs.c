/* pairs - what customers asked and a person answered, out of a conversation */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/pairs.h"
#include "base/str.h"

bool
turn_is_said(const struct turn *t)
{
	static const char *const no_words[] = { "reaction", "system", "history",
		NULL };

	return t->text != NULL && *t->text != '\0' && !t->revoked &&
	    strcmp(t->direction, "note") != 0 && !str_in(t->kind, no_words);
}

static bool
is_customer(const struct turn *t)
{
	return strcmp(t->direction, "in") == 0 && turn_is_said(t);
}

/* Whether the customer got it: what failed or was called back is no answer. */
static bool
has_gone(const struct turn *t)
{
	static const char *const not_out[] = { "failed", "held", "cancelled",
		NULL };

	return t->status == NULL || !str_in(t->status, not_out);
}

static bool
is_person(const struct turn *t)
{
	if (strcmp(t->direction, "echo") == 0)
		return true;
	return strcmp(t->direction, "out") == 0 && t->author != NULL &&
	    str_starts(t->author, "user:");
}

static bool
is_answer(const struct turn *t)
{
	return is_person(t) && turn_is_said(t) && has_gone(t) &&
	    strcmp(t->kind, "template") != 0;
}

static bool
is_ai(const struct turn *t)
{
	return strcmp(t->direction, "out") == 0 && t->author != NULL &&
	    strcmp(t->author, "ai") == 0;
}

static void
add_line(struct buf *b, const char *text)
{
	buf_addf(b, "%s%s", b->len > 0 ? "\n" : "", text);
}

/* Where the question begins that was asked before turn n; n: nobody asked. */
static size_t
find_question(const struct turn *turns, size_t n)
{
	size_t i = n, from = n;

	while (
	    i > 0 && !is_customer(&turns[i - 1]) && !is_answer(&turns[i - 1]))
		i--;
	for (; i > 0; i--) {
		if (is_customer(&turns[i - 1]))
			from = i - 1;
		else if (is_person(&turns[i - 1]) || is_ai(&turns[i - 1]))
			break;
	}
	return from;
}

int
pairs_each(const struct turn *turns, size_t n, pair_fn fn, void *ctx)
{
	struct buf question = BUF_INIT(0), answer = BUF_INIT(0);
	struct pair p;
	size_t i, k, from;
	int code = 0;

	for (i = 0; i < n && code >= 0; i++) {
		if (!is_answer(&turns[i]))
			continue;
		p.said = &turns[i];
		from = find_question(turns, i);
		buf_reset(&question);
		buf_reset(&answer);
		for (k = from; k < i; k++)
			if (is_customer(&turns[k]))
				add_line(&question, turns[k].text);
		for (; i < n && !is_customer(&turns[i]); i++)
			if (is_answer(&turns[i]))
				add_line(&answer, turns[i].text);
		if (question.len == 0)
			continue;
		p.asked = &turns[from];
		p.before = turns;
		p.nbefore = from;
		p.question = question.data;
		p.answer = answer.data;
		code = fn(ctx, &p);
	}
	buf_release(&question);
	buf_release(&answer);
	return code < 0 ? code : 0;
}

int
pairs_of(struct store *s, const char *conversation, pair_fn fn, void *ctx)
{
	struct turn *turns = NULL;
	size_t n = 0;
	int code = conversation_turns(s, conversation, PAIRS_TURNS_MAX, false,
	    NULL, &turns, &n);

	if (code < 0)
		return code;
	code = pairs_each(turns, n, fn, ctx);
	turns_free(turns, n);
	return code;
}

/* --- of a time --- */

struct ids {
	char (*id)[SHORT_ID_BYTES];
	size_t count;
};

/* The conversations in which a person wrote since a time, the first first. */
static int
find_answered(struct store *s, int64_t since_ms, struct ids *ret)
{
	struct query q = query(store_desk(s),
	    "SELECT conversation FROM message"
	    " WHERE stored_ms >= :since AND text IS NOT NULL AND erased = 0"
	    " AND ((direction = 'out' AND author LIKE 'user:%')"
	    "  OR direction = 'echo')"
	    " GROUP BY conversation ORDER BY min(stored_ms), conversation");

	bind_int(&q, ":since", since_ms);
	while (step(&q)) {
		ret->id =
		    xrealloc(ret->id, (ret->count + 1) * sizeof(*ret->id));
		snprintf(ret->id[ret->count++], sizeof(*ret->id), "%s",
		    column_text(&q, 0));
	}
	return done(&q);
}

struct later {
	int64_t since_ms;
	pair_fn fn;
	void *ctx;
};

static int
if_later(void *ctx, const struct pair *p)
{
	const struct later *l = ctx;

	return p->said->wa_ms >= l->since_ms ? l->fn(l->ctx, p) : 0;
}

int
pairs_since(struct store *s, int64_t since_ms, pair_fn fn, void *ctx)
{
	struct later later = { since_ms, fn, ctx };
	struct ids ids = { NULL, 0 };
	int code = find_answered(s, since_ms, &ids);
	size_t i;

	for (i = 0; i < ids.count && code == 0; i++)
		code = pairs_of(s, ids.id[i], if_later, &later);
	free(ids.id);
	return code;
}
