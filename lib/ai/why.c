/* why - what an answer was made with, kept with it and told on request */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ai/budget.h"
#include "ai/why.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/event.h"
#include "desk/rulings.h"

const char *
why_action(enum answer_outcome outcome)
{
	switch (outcome) {
	case ANSWER_SAID:
		return "answer";
	case ANSWER_ASKED:
		return "ask";
	case ANSWER_RESOLVED:
		return "resolve";
	case ANSWER_CHAT:
		return "chat";
	case ANSWER_NONE:
	case ANSWER_FAILED:
	case ANSWER_UNREADABLE:
		return "hand_over";
	case ANSWER_AGAIN:
	case ANSWER_TAKEN_BACK:
		break;
	}
	return NULL;
}

/* All calls of an answer, whichever set-up made them; the cost is -1 where one
 * of them has no price. */
struct spent {
	int64_t calls, tokens_in, tokens_out, cost;
};

static struct spent
spent_by(const struct answer *a)
{
	struct spent s = { 0, 0, 0, 0 };
	const struct answer_profile *p;
	int64_t cost;
	size_t i;

	for (i = 0; i < a->nchain; i++) {
		p = &a->chain[i];
		if (p->calls == 0)
			continue;
		s.calls += p->calls;
		s.tokens_in += p->tokens_in;
		s.tokens_out += p->tokens_out;
		cost = budget_cost(&p->profile, p->tokens_in, p->tokens_out);
		s.cost = cost < 0 || s.cost < 0 ? -1 : s.cost + cost;
	}
	return s;
}

void
why_put_cost(json_t *o, const struct answer *a)
{
	struct spent s = spent_by(a);
	char text[32];

	if (s.calls == 0)
		return;
	json_put_int(o, "calls", s.calls);
	json_put_int(o, "tokens_in", s.tokens_in);
	json_put_int(o, "tokens_out", s.tokens_out);
	if (s.cost >= 0)
		json_put(o, "cost", money_text(s.cost, text));
}

int
why_drafted(struct act *act, const struct answer *a,
    const struct conversation *c, const char *message)
{
	const struct profile *p = &a->chain[a->by].profile;
	json_t *data = json_object();
	char subject[32];

	json_put(data, "message", message);
	json_put(data, "conversation", c->id);
	json_put(data, "contact", c->contact);
	json_put(data, "instance", c->instance);
	json_put(data, "action", why_action(a->outcome));
	json_put(data, "provider", p->provider);
	json_put(data, "model", p->model);
	json_put(data, "profile", p->name);
	json_put(data, "revision", p->revision);
	if (a->hash[0] != '\0')
		json_put(data, "prompt_hash", a->hash);
	why_put_cost(data, a);
	json_object_set(data, "sources", a->sources);
	return act_emit(act, "reply.drafted",
	    conversation_subject(c->id, subject), data, NULL);
}

/* --- keeping --- */

static void
put_setting(void *ctx, const struct profile_setting *s)
{
	json_put(ctx, s->key, s->value);
}

/* The set-up as it is now, if it is not kept yet. */
static int
keep_revision(struct store *s, const struct answer *a)
{
	const struct profile *p = &a->chain[a->by].profile;
	struct query q = query(store_desk(s),
	    "INSERT OR IGNORE INTO ai_revision (revision, profile, settings,"
	    " prompt, since_ms)"
	    " VALUES (:revision, :profile, :settings, :prompt, :now)");
	json_t *settings = json_object();
	char *text;
	int code;

	/* What stands in for another one has that one's. */
	profile_each(a->conf,
	    profile_exists(a->conf, p->name) ? p->name :
					       a->chain[0].profile.name,
	    put_setting, settings);
	text = json_text(settings);
	bind_text(&q, ":revision", p->revision);
	bind_text(&q, ":profile", p->name);
	bind_text(&q, ":settings", text);
	bind_text(&q, ":prompt", p->prompt);
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	free(text);
	json_decref(settings);
	return code;
}

/* The rules that fired, from message.routed or rules.fired; NULL: none are
 * named. A new reference. */
static json_t *
rules_of(const struct event *e)
{
	json_t *o, *rules = json_object_get(e->data, "rules"),
		   *ids = json_object_get(e->data, "rule_revisions");

	if (rules == NULL)
		return NULL;
	o = json_object();
	json_object_set(o, "fired", rules);
	json_put(o, "revision", json_str(e->data, "revision"));
	if (ids != NULL)
		json_object_set(o, "rule_revisions", ids);
	return o;
}

/* The same of what led to it, as text; the caller frees. */
static char *
rules_text(const struct event *cause)
{
	json_t *o = rules_of(cause);
	char *text = o != NULL ? json_text(o) : NULL;

	json_decref(o);
	return text;
}

int
why_keep(struct store *s, const struct answer *a, const char *message,
    const struct event *cause)
{
	const struct profile *p = &a->chain[a->by].profile;
	struct spent spent = spent_by(a);
	struct query q;
	char *sources, *checks, *rules;
	int code = keep_revision(s, a);

	if (code < 0)
		return code;
	q = query(store_desk(s),
	    "INSERT INTO reply (message, provider, model, profile, revision,"
	    " prompt_hash, tokens_in, tokens_out, cost, calls, sources,"
	    " search, action, checks, rules, cause, took_ms)"
	    " VALUES (:message, :provider, :model, :profile, :revision, :hash,"
	    " :tokens_in, :tokens_out, :cost, :calls, :sources, :search,"
	    " :action, :checks, :rules, :cause, :took)"
	    " ON CONFLICT (message) DO NOTHING");
	sources = json_text(a->sources);
	checks = json_text(a->checks);
	rules = rules_text(cause);
	bind_text(&q, ":message", message);
	bind_text(&q, ":provider", p->provider);
	bind_text(&q, ":model", p->model);
	bind_text(&q, ":profile", p->name);
	bind_text(&q, ":revision", p->revision);
	bind_text(&q, ":hash", a->hash[0] != '\0' ? a->hash : NULL);
	bind_int(&q, ":tokens_in", spent.tokens_in);
	bind_int(&q, ":tokens_out", spent.tokens_out);
	if (spent.calls > 0 && spent.cost >= 0)
		bind_int(&q, ":cost", spent.cost);
	bind_int(&q, ":calls", spent.calls);
	bind_text(&q, ":sources", sources);
	bind_text(&q, ":search", a->search);
	bind_text(&q, ":action", why_action(a->outcome));
	bind_text(&q, ":checks", checks);
	bind_text(&q, ":rules", rules);
	bind_text(&q, ":cause", cause->id);
	bind_int(&q, ":took", a->took_ms);
	step(&q);
	code = done(&q);
	free(sources);
	free(checks);
	free(rules);
	return code;
}

/* --- telling --- */

/* A column that holds JSON, under its name; nothing if it is empty. */
static void
put_json(json_t *o, const char *key, struct query *q, int column)
{
	const char *text = column_text(q, column);
	json_t *value;

	if (text != NULL && json_value_parse(text, strlen(text), &value) == 0)
		json_object_set_new(o, key, value);
}

/* What was not sent, the last of it. */
static void
put_draft(json_t *o)
{
	const json_t *checks = json_object_get(o, "checks"), *one;
	size_t i;

	json_array_foreach(checks, i, one)
		if (json_str(one, "draft") != NULL)
			json_put(o, "draft", json_str(one, "draft"));
}

static void
put_row(json_t *o, struct query *q)
{
	char text[32];

	json_put(o, "action", column_text(q, 0));
	json_put(o, "provider", column_text(q, 1));
	json_put(o, "model", column_text(q, 2));
	json_put(o, "profile", column_text(q, 3));
	json_put(o, "revision", column_text(q, 4));
	json_put(o, "prompt_hash", column_text(q, 5));
	json_put(o, "search", column_text(q, 6));
	if (column_int(q, 7) > 0) {
		json_put_int(o, "calls", column_int(q, 7));
		json_put_int(o, "tokens_in", column_int(q, 8));
		json_put_int(o, "tokens_out", column_int(q, 9));
	}
	if (!column_null(q, 10))
		json_put(o, "cost", money_text(column_int(q, 10), text));
	put_json(o, "sources", q, 11);
	put_json(o, "checks", q, 12);
	put_json(o, "rules", q, 13);
	json_put_int(o, "took_ms", column_int(q, 14));
	put_json(o, "settings", q, 15);
	json_put(o, "prompt", column_text(q, 16));
	put_draft(o);
}

/* Why there is no answer, where it was declined. */
static int
put_reason(struct store *s, const char *declined, json_t *o)
{
	struct event *e = NULL;
	int code = log_get(s, declined, &e);

	if (code == 0 && strcmp(e->type, "reply.declined") == 0)
		json_put(o, "reason", json_str(e->data, "reason"));
	event_free(e);
	return code == ERR_NOINPUT ? 0 : code;
}

/* The rules beside what a rule, and no answer, has queued. */
static int
put_rules_beside(struct store *s, const char *message, json_t *o)
{
	struct query q = query(store_desk(s),
	    "SELECT d.id FROM event q JOIN event d ON d.cause = q.cause"
	    " AND d.stage = q.stage"
	    " AND d.type IN ('message.routed', 'rules.fired')"
	    " WHERE q.id = :message LIMIT 1");
	char id[ULID_BYTES] = "";
	struct event *e = NULL;
	int code;

	bind_text(&q, ":message", message);
	if (step(&q))
		snprintf(id, sizeof(id), "%s", column_text(&q, 0));
	code = done(&q);
	if (code < 0 || id[0] == '\0')
		return code;
	code = log_get(s, id, &e);
	if (code == 0)
		json_put_new(o, "rules", rules_of(e));
	event_free(e);
	return code;
}

/* Where the rules stood and what they said, in the place of their ids. */
static int
put_rulings(struct store *s, json_t *o)
{
	json_t *rules = json_object_get(o, "rules"), *said = NULL;
	const json_t *ids = json_object_get(rules, "rule_revisions");
	int code;

	if (ids == NULL)
		return 0;
	code = rulings_tell(s, ids, &said);
	if (code < 0)
		return code;
	json_put_new(rules, "said", said);
	json_object_del(rules, "rule_revisions");
	return 0;
}

/* From the queued message back to what came from outside. */
static int
add_causes(struct store *s, const char *message, json_t *chain)
{
	char cause[ULID_BYTES], *line;
	struct event *e = NULL;
	json_t *value;
	int code = 0;

	snprintf(cause, sizeof(cause), "%s", message);
	while (code == 0 && cause[0] != '\0') {
		code = log_get(s, cause, &e);
		if (code < 0)
			break;
		if (desk_join(s, e) == 0) {
			line = event_line(e);
			if (json_object_parse(line, strlen(line), &value) == 0)
				json_array_append_new(chain, value);
			free(line);
		}
		memcpy(cause, e->cause, sizeof(cause));
		event_free(e);
	}
	return code == ERR_NOINPUT && json_array_size(chain) > 0 ? 0 : code;
}

int
why_told(struct store *s, const char *message, json_t **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT r.action, r.provider, r.model, r.profile, r.revision,"
	    " r.prompt_hash, r.search, r.calls, r.tokens_in, r.tokens_out,"
	    " r.cost, r.sources, r.checks, r.rules, r.took_ms, v.settings,"
	    " v.prompt, r.message FROM reply r"
	    " LEFT JOIN ai_revision v ON v.revision = r.revision"
	    " WHERE r.message = coalesce("
	    "  (SELECT message FROM reply WHERE message = :message),"
	    /* Who is told that a person comes is told so beside it. */
	    "  (SELECT d.id FROM event q JOIN event d ON d.cause = q.cause"
	    "   AND d.stage = q.stage AND d.type = 'reply.declined'"
	    "   WHERE q.id = :message LIMIT 1))");
	char declined[ULID_BYTES] = "";
	json_t *o = json_object(), *chain = json_array();
	int code;

	bind_text(&q, ":message", message);
	json_put(o, "message", message);
	if (step(&q)) {
		put_row(o, &q);
		snprintf(declined, sizeof(declined), "%s", column_text(&q, 17));
	}
	code = done(&q);
	if (code == 0 && declined[0] == '\0')
		code = put_rules_beside(s, message, o);
	if (code == 0)
		code = put_rulings(s, o);
	if (code == 0 && declined[0] != '\0')
		code = put_reason(s, declined, o);
	if (code == 0)
		code = add_causes(s, message, chain);
	json_object_set_new(o, "causes", chain);
	if (code < 0) {
		json_decref(o);
		return code;
	}
	*ret = o;
	return 0;
}
