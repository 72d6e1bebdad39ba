/* sla - what customers are promised: until when they are answered */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/consent.h"
#include "desk/conversation.h"
#include "desk/hours.h"
#include "desk/message.h"
#include "desk/settings.h"
#include "desk/sla.h"

#define PRIORITIES 4
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define SECTION "sla "
/* The policy of a conversation c of an instance i: what was chosen, unless it is
 * in no section any more. */
#define POLICY_SQL                                                   \
	"iif(c.sla = '" SLA_NONE "' OR c.sla IN (SELECT p.name FROM" \
	" sla_policy p), c.sla, i.sla)"

enum target { FIRST, NEXT, RESOLUTION, TARGETS };

static const char *const target_names[] = { "first-response", "next-response",
	"resolution", NULL };
static const char *const keys[] = { "first_response", "next_response",
	"resolution" };
static const char *const keys_by_priority[TARGETS][PRIORITIES] = {
	{ "first_response_low", "first_response_medium", "first_response_high",
	    "first_response_urgent" },
	{ "next_response_low", "next_response_medium", "next_response_high",
	    "next_response_urgent" },
	{ "resolution_low", "resolution_medium", "resolution_high",
	    "resolution_urgent" },
};
static const char *const priorities[] = { "low", "medium", "high", "urgent" };

struct policy {
	char *name, *text; /* text: of the row it was made of */
	int64_t since_ms;
	int64_t allowed_ms[TARGETS][PRIORITIES]; /* 0: not promised */
	struct hours *hours;			 /* NULL: all */
	bool all_answer; /* the AI's answers are answers, too */
	bool rests_snoozed, rests_answered;
	struct policy *next;
};

bool
sla_is_target(const char *text)
{
	return str_in(text, target_names);
}

int
sla_name_check(const char *name)
{
	if (strcmp(name, SLA_NONE) != 0 && strcmp(name, SLA_DEFAULT) != 0)
		return 0;
	return err_set(ERR_CONFIG,
	    "[" SECTION "%s]: a policy is called by another word: this one "
	    "says that there is none, or that of the instance",
	    name);
}

/* --- policies --- */

static void
policies_end(void *data)
{
	struct policy *p = data, *next;

	for (; p != NULL; p = next) {
		next = p->next;
		hours_free(p->hours);
		free(p->name);
		free(p->text);
		free(p);
	}
}

/* The durations of a target, by priority. */
static int
put_target(const struct conf *c, const char *section, enum target t, json_t *o)
{
	json_t *all = json_object();
	const char *key;
	int64_t ms = 0, one_ms;
	int i, code = 0;

	if (conf_get(c, section, keys[t]) != NULL)
		code = setting_duration(c, section, keys[t], &ms);
	for (i = 0; i < PRIORITIES && code == 0; i++) {
		key = keys_by_priority[t][i];
		one_ms = ms;
		if (conf_get(c, section, key) != NULL)
			code = setting_duration(c, section, key, &one_ms);
		json_put_int(all, priorities[i], one_ms);
	}
	json_put_new(o, target_names[t], all);
	return code;
}

/* A section as the store keeps it; the caller frees. */
static int
policy_text(const struct conf *c, const char *section, char **ret)
{
	const char *name = setting_text(c, section, "hours");
	struct hours *hours = NULL;
	json_t *o = json_object();
	int t, code;

	code = sla_name_check(section + strlen(SECTION));
	for (t = 0; t < TARGETS && code == 0; t++)
		code = put_target(c, section, (enum target)t, o);
	if (code == 0 && name != NULL && strcmp(name, SLA_NONE) != 0)
		code = hours_load(c, name, &hours);
	if (hours != NULL)
		json_put_new(o, "hours", hours_json(hours));
	json_put(o, "answers", setting_text(c, section, "answers"));
	json_put(o, "pause", setting_text(c, section, "pause"));
	if (code == 0)
		*ret = json_text(o);
	hours_free(hours);
	json_decref(o);
	return code;
}

static int
policy_read(struct policy *p)
{
	const json_t *hours, *target;
	json_t *o = NULL;
	int t, i, code = json_object_parse(p->text, strlen(p->text), &o);

	for (t = 0; t < TARGETS && code == 0; t++) {
		target = json_object_get(o, target_names[t]);
		for (i = 0; i < PRIORITIES; i++)
			p->allowed_ms[t][i] =
			    json_int_or(target, priorities[i], 0);
	}
	if (code == 0) {
		hours = json_at(o, "hours");
		p->all_answer =
		    strcmp(json_str_or(o, "answers", ""), "all") == 0;
		p->rests_snoozed =
		    strstr(json_str_or(o, "pause", ""), "snoozed") != NULL;
		p->rests_answered =
		    strstr(json_str_or(o, "pause", ""), "answered") != NULL;
		if (hours != NULL)
			code = hours_of_json(hours, &p->hours);
	}
	json_decref(o);
	return code;
}

/* The policy of a name as its row is now, kept with the store; NULL: there is
 * none. */
static int
policy_get(struct store *s, const char *name, const struct policy **ret)
{
	struct store_kept *kept = store_kept(s);
	struct policy *p, **at = (struct policy **)&kept->data;
	struct query q;
	const char *text;
	int64_t since_ms;
	int code;

	*ret = NULL;
	if (name == NULL || strcmp(name, SLA_NONE) == 0)
		return 0;
	q = query(store_desk(s),
	    "SELECT settings, since_ms FROM sla_policy WHERE name = :name");
	bind_text(&q, ":name", name);
	if (!step(&q))
		return done(&q);
	text = column_text(&q, 0);
	since_ms = column_int(&q, 1);
	while (*at != NULL && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	p = *at;
	if (p != NULL && strcmp(p->text, text) != 0) {
		*at = p->next;
		p->next = NULL;
		policies_end(p);
		p = NULL;
	}
	if (p == NULL) {
		p = xcalloc(1, sizeof(*p));
		p->name = xstrdup(name);
		p->text = xstrdup(text);
		p->next = kept->data;
		kept->data = p;
		kept->end = policies_end;
		code = policy_read(p);
		if (code < 0) {
			done(&q);
			kept->data = p->next;
			p->next = NULL;
			policies_end(p);
			return code;
		}
	}
	p->since_ms = since_ms;
	*ret = p;
	return done(&q);
}

/* --- the settings --- */

/* Those that are not closed and have this policy. */
static int
stale_by_policy(struct store *s, const char *name)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO sla_stale (conversation)"
	    " SELECT c.id FROM conversation c"
	    " JOIN instance i ON i.name = c.instance"
	    " WHERE c.status IN ('open', 'snoozed')"
	    " AND c.merged_into IS NULL AND " POLICY_SQL " = :name"
	    " ON CONFLICT DO NOTHING");

	bind_text(&q, ":name", name);
	step(&q);
	return done(&q);
}

int
sla_instance_changed(struct store *s, const char *instance)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO sla_stale (conversation) SELECT id FROM conversation"
	    " WHERE status IN ('open', 'snoozed') AND instance = :instance"
	    " AND merged_into IS NULL AND (sla IS NULL OR (sla <> '" SLA_NONE
	    "' AND sla NOT IN (SELECT name FROM sla_policy)))"
	    " ON CONFLICT DO NOTHING");

	bind_text(&q, ":instance", instance);
	step(&q);
	return done(&q);
}

/* Whether the store has it in other words: 1, 0 or an ERR. */
static int
policy_differs(struct store *s, const char *name, const char *text)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM sla_policy WHERE name = :name"
	    " AND settings = :text");
	bool same;
	int code;

	bind_text(&q, ":name", name);
	bind_text(&q, ":text", text);
	same = step(&q);
	code = done(&q);
	return code < 0 ? code : !same;
}

static int
policy_put(struct store *s, const char *name, const char *text)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO sla_policy (name, settings, since_ms)"
	    " VALUES (:name, :text, :now) ON CONFLICT DO UPDATE"
	    " SET settings = :text, since_ms = :now");
	int code;

	bind_text(&q, ":name", name);
	bind_text(&q, ":text", text);
	bind_int(&q, ":now", now_ms());
	step(&q);
	code = done(&q);
	return code < 0 ? code : stale_by_policy(s, name);
}

/* Who is told of what has changed. */
struct listener {
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

/* A policy is gone that was chosen for conversations which go on. */
static int
tell_gone(struct store *s, const char *name, const struct listener *to)
{
	struct query q = query(store_desk(s),
	    "SELECT count(*) FROM conversation WHERE sla = :name"
	    " AND status IN ('open', 'snoozed') AND merged_into IS NULL");
	char *text;
	int64_t n = 0;
	int code;

	bind_text(&q, ":name", name);
	if (step(&q))
		n = column_int(&q, 0);
	code = done(&q);
	if (code < 0 || n == 0)
		return code;
	text = xformat("there is no [" SECTION "%s] any more: to %lld open "
		       "conversation%s for which a rule chose it that of the "
		       "instance is promised",
	    name, (long long)n, n == 1 ? "" : "s");
	to->say(to->ctx, text);
	free(text);
	return 0;
}

/* Those that are in no section any more: 1 if there is one, 0, or an ERR. They
 * are dropped if there is somebody to tell. */
static int
policies_gone(struct store *s, const struct conf *c, const struct listener *to)
{
	struct query q = query(store_desk(s), "SELECT name FROM sla_policy");
	json_t *gone = json_array();
	const json_t *name;
	char *section;
	size_t i;
	int code;

	while (step(&q)) {
		section = xformat(SECTION "%s", column_text(&q, 0));
		if (!conf_has(c, section))
			json_array_append_new(gone,
			    json_text_new(column_text(&q, 0)));
		free(section);
	}
	code = done(&q);
	json_array_foreach(gone, i, name) {
		if (to == NULL || code < 0)
			break;
		code = tell_gone(s, json_string_value(name), to);
		if (code == 0)
			code = stale_by_policy(s, json_string_value(name));
		if (code < 0)
			break;
		q = query(store_desk(s),
		    "DELETE FROM sla_policy WHERE name = :name");
		bind_text(&q, ":name", json_string_value(name));
		step(&q);
		code = done(&q);
	}
	if (code == 0 && json_array_size(gone) > 0)
		code = 1;
	json_decref(gone);
	return code;
}

static int
each_policy(struct store *s, const struct conf *c, const struct listener *to)
{
	const struct conf_entry *e;
	const char *name, *last = "";
	char *text = NULL;
	size_t i;
	int code = policies_gone(s, c, to), any = code;

	for (i = 0; code >= 0 && (e = conf_entry(c, i)) != NULL; i++) {
		if (!str_starts(e->section, SECTION) ||
		    strcmp(e->section, last) == 0)
			continue;
		last = e->section;
		name = last + strlen(SECTION);
		code = policy_text(c, e->section, &text);
		if (code < 0)
			return code;
		code = policy_differs(s, name, text);
		any |= code == 1;
		if (code == 1 && to != NULL)
			code = policy_put(s, name, text);
		free(text);
	}
	return code < 0 ? code : any;
}

int
sla_load(struct store *s, const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	const struct listener to = { say, ctx };
	int code = each_policy(s, c, NULL);

	if (code != 1)
		return code;
	code = store_begin(s);
	if (code < 0)
		return code;
	code = each_policy(s, c, &to);
	if (code < 0) {
		store_rollback(s);
		return code;
	}
	return store_commit(s);
}

/* --- what is --- */

/* A conversation as its row is. */
struct talk {
	char id[SHORT_ID_BYTES], contact[SHORT_ID_BYTES];
	char status[12], owner[8];
	int priority;
	char *policy_name; /* NULL: none */
	const struct policy *policy;
	int64_t reopened_ms, waiting_ms, last_out_ms, handed_ms, resolved_ms;
	bool merged;
	bool over; /* nothing is promised, or not any more */
	int64_t now_ms;
};

struct clock {
	bool is; /* there is one */
	char target[16];
	int64_t since_ms, allowed_ms, from_ms, spent_ms;
	int64_t due_ms; /* 0: it rests */
	char *policy;
};

static int
priority_number(const char *name)
{
	int i;

	for (i = 0; i < PRIORITIES - 1 && strcmp(name, priorities[i]) != 0; i++)
		;
	return i;
}

static bool
is_closed(const struct talk *t)
{
	return strcmp(t->status, "resolved") == 0 ||
	    strcmp(t->status, "archived") == 0;
}

/* 1, or 0 if there is none. */
static int
talk_read(struct store *s, const char *id, struct talk *t)
{
	struct query q = query(store_desk(s),
	    "SELECT c.id, c.contact, c.status, c.owner, c.priority,"
	    " " POLICY_SQL ", c.reopened_ms, c.waiting_ms,"
	    " c.last_out_ms, c.handed_ms, c.resolved_ms,"
	    " c.merged_into IS NOT NULL FROM conversation c"
	    " JOIN instance i ON i.name = c.instance WHERE c.id = :id");
	bool found;
	int code;

	bind_text(&q, ":id", id);
	found = step(&q);
	if (found) {
		snprintf(t->id, sizeof(t->id), "%s", column_text(&q, 0));
		snprintf(t->contact, sizeof(t->contact), "%s",
		    column_text(&q, 1));
		snprintf(t->status, sizeof(t->status), "%s",
		    column_text(&q, 2));
		snprintf(t->owner, sizeof(t->owner), "%s", column_text(&q, 3));
		t->priority = priority_number(column_text(&q, 4));
		t->policy_name = column_copy(&q, 5);
		t->reopened_ms = column_int(&q, 6);
		t->waiting_ms = column_int(&q, 7);
		t->last_out_ms = column_int(&q, 8);
		t->handed_ms = column_int(&q, 9);
		t->resolved_ms = column_int(&q, 10);
		t->merged = column_int(&q, 11) != 0;
	}
	code = done(&q);
	if (code == 0 && found)
		code = policy_get(s, t->policy_name, &t->policy);
	t->over = t->policy == NULL || t->merged || is_closed(t);
	if (code == 0 && !t->over) {
		code = contact_blocked(s, t->contact);
		t->over = code == 1;
	}
	return code < 0 ? code : found;
}

/* The clock of a response, or of the resolution, that has not ended. */
static int
clock_read(struct store *s, const struct talk *t, bool resolution,
    struct clock *c)
{
	struct query q = query(store_desk(s),
	    "SELECT target, since_ms, allowed_ms, from_ms, spent_ms, due_ms,"
	    " policy FROM sla_clock WHERE conversation = :id"
	    " AND ended_ms IS NULL AND (target = 'resolution') = :resolution");

	memset(c, 0, sizeof(*c));
	bind_text(&q, ":id", t->id);
	bind_int(&q, ":resolution", resolution);
	if (step(&q)) {
		c->is = true;
		snprintf(c->target, sizeof(c->target), "%s",
		    column_text(&q, 0));
		c->since_ms = column_int(&q, 1);
		c->allowed_ms = column_int(&q, 2);
		c->from_ms = column_int(&q, 3);
		c->spent_ms = column_int(&q, 4);
		c->due_ms = column_int(&q, 5);
		c->policy = column_copy(&q, 6);
	}
	return done(&q);
}

/* --- what has to be --- */

static void
bind_clock(struct query *q, const struct talk *t, const struct clock *c)
{
	bind_text(q, ":id", t->id);
	bind_text(q, ":target", c->target);
	bind_int(q, ":since", c->since_ms);
}

/*
 * As c is from now on. Who was told of what is due is told again if it is due
 * at another time; of what was missed before the policy was there, or was
 * changed, nobody is.
 */
static int
clock_put(struct store *s, const struct talk *t, const struct clock *c)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO sla_clock (conversation, target, since_ms, policy,"
	    " allowed_ms, from_ms, spent_ms, due_ms, told_ms)"
	    " VALUES (:id, :target, :since, :policy, :allowed, :from, :spent,"
	    " :due, iif(:due <= :known, 0, NULL))"
	    " ON CONFLICT DO UPDATE SET policy = :policy,"
	    " allowed_ms = :allowed, from_ms = :from, spent_ms = :spent,"
	    " told_ms = iif(due_ms IS :due, told_ms, excluded.told_ms),"
	    " due_ms = :due, ended_ms = NULL");

	bind_clock(&q, t, c);
	bind_text(&q, ":policy", t->policy->name);
	bind_int(&q, ":allowed", c->allowed_ms);
	bind_int(&q, ":from", c->from_ms);
	bind_int(&q, ":spent", c->spent_ms);
	if (c->due_ms != 0)
		bind_int(&q, ":due", c->due_ms);
	else
		bind_null(&q, ":due");
	bind_int(&q, ":known", t->policy->since_ms);
	step(&q);
	return done(&q);
}

static int
clock_drop(struct store *s, const struct talk *t, const struct clock *c)
{
	struct query q = query(store_desk(s),
	    "DELETE FROM sla_clock WHERE conversation = :id"
	    " AND target = :target AND since_ms = :since");

	bind_clock(&q, t, c);
	step(&q);
	return done(&q);
}

static int
clock_end(struct store *s, const struct talk *t, const struct clock *c,
    int64_t at_ms)
{
	struct query q = query(store_desk(s),
	    "UPDATE sla_clock SET ended_ms = :at WHERE conversation = :id"
	    " AND target = :target AND since_ms = :since");

	bind_clock(&q, t, c);
	bind_int(&q, ":at", at_ms > c->since_ms ? at_ms : c->since_ms);
	step(&q);
	return done(&q);
}

/* Nobody has kept it and nobody need any more: what was missed stays so, the
 * rest is as if it had not been. */
static int
clock_let_go(struct store *s, const struct talk *t, const struct clock *c)
{
	int64_t at_ms = is_closed(t) ? t->resolved_ms : t->now_ms;

	if (c->due_ms != 0 && c->due_ms < at_ms)
		return clock_end(s, t, c, at_ms);
	return clock_drop(s, t, c);
}

/* When so much is spent from a time on; 0: never. */
static int64_t
due_after(const struct talk *t, int64_t from_ms, int64_t ms)
{
	int64_t due_ms = hours_after(t->policy->hours, from_ms, ms);

	return due_ms > 0 ? due_ms : 0;
}

/* --- responses --- */

#define BY_PEOPLE_SQL "m.author LIKE 'user:%'"
#define BY_ALL_SQL "m.author = 'ai' OR m.author LIKE 'user:%'"
#define ANSWER_SQL(order, author)                                    \
	"SELECT m.wa_ms FROM message m WHERE m.conversation = :id"   \
	" AND m.wa_ms >= :since AND m.kind NOT IN (" NO_TURN_SQL ")" \
	" AND " SAID_SQL(author) " ORDER BY m.wa_ms " order " LIMIT 1"

/* The first or the last answer since a time, 0 if there is none. */
static int
find_answer(struct store *s, const struct talk *t, int64_t since_ms, bool last,
    int64_t *ret_ms)
{
	bool all = t->policy != NULL && t->policy->all_answer;
	struct query q = query(store_desk(s),
	    all ? (last ? ANSWER_SQL("DESC", BY_ALL_SQL) :
			  ANSWER_SQL("ASC", BY_ALL_SQL)) :
		  (last ? ANSWER_SQL("DESC", BY_PEOPLE_SQL) :
			  ANSWER_SQL("ASC", BY_PEOPLE_SQL)));

	*ret_ms = 0;
	bind_text(&q, ":id", t->id);
	bind_int(&q, ":since", since_ms);
	if (step(&q))
		*ret_ms = column_int(&q, 0);
	return done(&q);
}

#define TO_ANSWER_SQL UNANSWERED_SQL(":answered")
#define ASKED_MS_SQL ASKED_SQL(":answered")

/* The customer's oldest message that an answer at a time has not answered, since
 * the opening. */
static int
find_asked(struct store *s, const struct talk *t, int64_t answered_ms,
    int64_t *ret_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT " ASKED_MS_SQL " FROM message m"
	    " WHERE m.conversation = :id AND m.wa_ms >= :opened"
	    " AND " TO_ANSWER_SQL " ORDER BY m.wa_ms LIMIT 1");

	*ret_ms = 0;
	bind_text(&q, ":id", t->id);
	bind_int(&q, ":opened", t->reopened_ms);
	bind_int(&q, ":answered", answered_ms);
	if (step(&q))
		*ret_ms = column_int(&q, 0);
	return done(&q);
}

/* It is theirs since the hand-over; who of them has it, or had it when an answer
 * was written that did not go out, is nothing to the customer. */
static int
find_since(struct store *s, const struct talk *t, const char *target,
    int64_t asked_ms, int64_t *ret_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT min(since_ms) FROM sla_clock WHERE conversation = :id"
	    " AND target = :target AND since_ms BETWEEN :asked AND :handed"
	    " AND (ended_ms IS NULL OR ended_ms >= :handed)");

	*ret_ms = asked_ms;
	if (t->policy->all_answer || t->handed_ms <= asked_ms)
		return done(&q);
	*ret_ms = t->handed_ms;
	bind_text(&q, ":id", t->id);
	bind_text(&q, ":target", target);
	bind_int(&q, ":asked", asked_ms);
	bind_int(&q, ":handed", t->handed_ms);
	if (step(&q) && !column_null(&q, 0))
		*ret_ms = column_int(&q, 0);
	return done(&q);
}

/* Whether is, which runs, is a first response that nobody has given since, as
 * after a merge into one that was answered before: what is promised stays so. */
static bool
stays_first(const struct clock *is, int64_t answered_ms)
{
	return is->is && strcmp(is->target, target_names[FIRST]) == 0 &&
	    is->since_ms > answered_ms;
}

/* What has to run instead of is: c->is, target and since_ms. What the AI
 * answers, people owe nothing for until it is theirs. */
static int
response_wanted(struct store *s, const struct talk *t, const struct clock *is,
    struct clock *c)
{
	int64_t answered_ms = 0, asked_ms = 0;
	enum target target;
	int code;

	memset(c, 0, sizeof(*c));
	if (t->over || (!t->policy->all_answer && strcmp(t->owner, "ai") == 0))
		return 0;
	code = find_answer(s, t, t->reopened_ms, true, &answered_ms);
	if (code == 0)
		code = find_asked(s, t, answered_ms, &asked_ms);
	if (code < 0 || asked_ms == 0)
		return code;
	target =
	    answered_ms == 0 || stays_first(is, answered_ms) ? FIRST : NEXT;
	snprintf(c->target, sizeof(c->target), "%s", target_names[target]);
	code = find_since(s, t, c->target, asked_ms, &c->since_ms);
	c->from_ms = c->since_ms;
	c->allowed_ms = t->policy->allowed_ms[target][t->priority];
	c->due_ms = due_after(t, c->from_ms, c->allowed_ms);
	c->is = c->allowed_ms > 0;
	return code;
}

/* It does not run any more: it was answered, or is about nothing. */
static int
response_end(struct store *s, const struct talk *t, const struct clock *c,
    bool replaced)
{
	int64_t answered_ms;
	int code = find_answer(s, t, c->since_ms, false, &answered_ms);

	if (code < 0)
		return code;
	if (answered_ms != 0)
		return clock_end(s, t, c, answered_ms);
	return replaced ? clock_drop(s, t, c) : clock_let_go(s, t, c);
}

static bool
clock_same(const struct talk *t, const struct clock *a, const struct clock *b)
{
	return a->is && b->is && strcmp(a->target, b->target) == 0 &&
	    a->since_ms == b->since_ms && a->allowed_ms == b->allowed_ms &&
	    a->from_ms == b->from_ms && a->spent_ms == b->spent_ms &&
	    a->due_ms == b->due_ms && a->policy != NULL &&
	    strcmp(a->policy, t->policy->name) == 0;
}

static int
reckon_response(struct store *s, const struct talk *t)
{
	struct clock is, want;
	int code = clock_read(s, t, false, &is);

	if (code == 0)
		code = response_wanted(s, t, &is, &want);
	if (code == 0 && is.is &&
	    (!want.is || strcmp(is.target, want.target) != 0 ||
		is.since_ms != want.since_ms))
		code = response_end(s, t, &is, want.is);
	if (code == 0 && want.is && !clock_same(t, &is, &want))
		code = clock_put(s, t, &want);
	free(is.policy);
	return code;
}

/* --- resolution --- */

/* Whether it has to rest, and since when: the customer has the last word of
 * ours, or somebody has put it to rest. */
static bool
rests(const struct talk *t, int64_t *ret_ms)
{
	bool handed =
	    strcmp(t->owner, "queue") == 0 && t->handed_ms >= t->last_out_ms;

	*ret_ms = t->now_ms;
	if (t->policy->rests_snoozed && strcmp(t->status, "snoozed") == 0)
		return true;
	*ret_ms = t->last_out_ms;
	return t->policy->rests_answered && t->waiting_ms == 0 && !handed &&
	    t->last_out_ms >= t->reopened_ms;
}

/* The opening is another one than before: earlier, by a message that came late
 * or a merge, in which nothing rested. */
static int
move_opening(struct store *s, const struct talk *t, struct clock *c)
{
	int code = clock_drop(s, t, c);

	if (c->due_ms != 0 && c->from_ms == c->since_ms)
		c->from_ms = t->reopened_ms;
	else if (t->reopened_ms < c->since_ms)
		c->spent_ms +=
		    hours_spent(t->policy->hours, t->reopened_ms, c->since_ms);
	c->since_ms = t->reopened_ms;
	return code;
}

static void
run_or_rest(const struct talk *t, struct clock *c, bool is_new)
{
	int64_t stop_ms;
	bool rest = rests(t, &stop_ms), ran = is_new || c->due_ms != 0;

	if (!ran && !rest) {
		c->from_ms =
		    t->waiting_ms > c->from_ms ? t->waiting_ms : t->now_ms;
		ran = true;
	}
	if (!ran)
		return;
	c->due_ms = due_after(t, c->from_ms, c->allowed_ms - c->spent_ms);
	if (stop_ms < c->from_ms)
		stop_ms = c->from_ms;
	/* What was missed before does not rest. */
	if (!rest || (c->due_ms != 0 && c->due_ms <= stop_ms))
		return;
	c->spent_ms += hours_spent(t->policy->hours, c->from_ms, stop_ms);
	c->from_ms = stop_ms;
	c->due_ms = 0;
}

static int
reckon_resolution(struct store *s, const struct talk *t)
{
	struct clock is, want;
	int code = clock_read(s, t, true, &is);

	want = is;
	if (!t->over)
		want.allowed_ms =
		    t->policy->allowed_ms[RESOLUTION][t->priority];
	if (code < 0 || t->over || want.allowed_ms == 0) {
		if (code == 0 && is.is)
			code = is_closed(t) ?
			    clock_end(s, t, &is, t->resolved_ms) :
			    clock_let_go(s, t, &is);
		free(is.policy);
		return code;
	}
	if (!is.is) {
		snprintf(want.target, sizeof(want.target), "%s",
		    target_names[RESOLUTION]);
		want.is = true;
		want.since_ms = want.from_ms = t->reopened_ms;
	} else if (is.since_ms != t->reopened_ms)
		code = move_opening(s, t, &want);
	run_or_rest(t, &want, !is.is);
	if (code == 0 && !clock_same(t, &is, &want))
		code = clock_put(s, t, &want);
	free(is.policy);
	return code;
}

/* --- all of it --- */

/* Whether there is anything to end: 1, 0 or an ERR. */
static int
any_clock(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM sla_clock WHERE conversation = :id"
	    " AND ended_ms IS NULL LIMIT 1");

	bind_text(&q, ":id", id);
	return any_row(&q);
}

static int
put_due(struct store *s, const char *id)
{
	struct query q = query(store_desk(s),
	    "UPDATE conversation SET due_ms = (SELECT min(k.due_ms)"
	    "  FROM sla_clock k WHERE k.conversation = :id"
	    "  AND k.ended_ms IS NULL)"
	    " WHERE id = :id AND due_ms IS NOT (SELECT min(k.due_ms)"
	    "  FROM sla_clock k WHERE k.conversation = :id"
	    "  AND k.ended_ms IS NULL)");

	bind_text(&q, ":id", id);
	step(&q);
	return done(&q);
}

static int
reckon(struct store *s, const char *conversation, int64_t now_ms)
{
	struct talk t = { .now_ms = now_ms };
	int code = talk_read(s, conversation, &t);

	if (code == 1 && t.policy == NULL)
		code = any_clock(s, t.id);
	if (code == 1) {
		code = reckon_response(s, &t);
		if (code == 0)
			code = reckon_resolution(s, &t);
		if (code == 0)
			code = put_due(s, t.id);
	}
	free(t.policy_name);
	return code;
}

bool
sla_is_used(struct store *s)
{
	struct query q =
	    query(store_desk(s), "SELECT 1 FROM sla_policy LIMIT 1");
	bool used = step(&q);

	return done(&q) == 0 && used;
}

int
sla_reckon(struct store *s, const char *conversation, int64_t now_ms)
{
	/* Most desks promise nothing: the last of their clocks, if they ever
	 * did, end with those that are stale. */
	return sla_is_used(s) ? reckon(s, conversation, now_ms) : 0;
}

/* Reckon the stale ones that sql finds by :value, DB_BATCH_ROWS at most: how
 * many. */
static int
renew(struct store *s, const char *sql, const char *value, int64_t now_ms)
{
	struct query q = query(store_desk(s), sql);
	char ids[DB_BATCH_ROWS][SHORT_ID_BYTES];
	size_t n = 0, i;
	int code;

	bind_text(&q, ":value", value);
	while (n < DB_BATCH_ROWS && step(&q))
		snprintf(ids[n++], SHORT_ID_BYTES, "%s", column_text(&q, 0));
	code = done(&q);
	for (i = 0; i < n && code == 0; i++) {
		code = reckon(s, ids[i], now_ms);
		if (code < 0)
			break;
		q = query(store_desk(s),
		    "DELETE FROM sla_stale WHERE conversation = :id");
		bind_text(&q, ":id", ids[i]);
		step(&q);
		code = done(&q);
	}
	return code < 0 ? code : (int)n;
}

#define STALE_SQL                                                 \
	"SELECT conversation FROM sla_stale WHERE :value IS NULL" \
	" ORDER BY conversation"

int
sla_renew(struct store *s, int64_t now_ms)
{
	struct query q =
	    query(store_desk(s), "SELECT 1 FROM sla_stale LIMIT 1");
	bool any = step(&q);
	int n, code = done(&q);

	if (code < 0 || !any)
		return code;
	code = store_begin(s);
	if (code < 0)
		return code;
	n = renew(s, STALE_SQL, NULL, now_ms);
	if (n < 0) {
		store_rollback(s);
		return n;
	}
	code = store_commit(s);
	return code < 0 ? code : n;
}

int
sla_contact_changed(struct store *s, const char *contact, int64_t now_ms)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO sla_stale (conversation) SELECT id FROM conversation"
	    " WHERE contact = :contact AND status IN ('open', 'snoozed')"
	    " AND merged_into IS NULL ON CONFLICT DO NOTHING");
	int code;

	bind_text(&q, ":contact", contact);
	step(&q);
	code = done(&q);
	if (code < 0)
		return code;
	do
		code = renew(s,
		    "SELECT z.conversation FROM sla_stale z JOIN conversation"
		    " c ON c.id = z.conversation WHERE c.contact = :value",
		    contact, now_ms);
	while (code == DB_BATCH_ROWS);
	return code < 0 ? code : 0;
}

int
conversation_set_sla(struct act *a, const char *id, const char *policy)
{
	bool ours =
	    strcmp(policy, SLA_NONE) == 0 || strcmp(policy, SLA_DEFAULT) == 0;
	const struct policy *known = NULL;
	struct query q;
	int code = ours ? 0 : policy_get(a->store, policy, &known);

	if (code == 0 && !ours && known == NULL)
		code = err_set(ERR_NOINPUT, "no policy is named '%s'", policy);
	if (code < 0)
		return code;
	q = query(store_desk(a->store),
	    "UPDATE conversation SET sla = :policy"
	    " WHERE id = :id AND sla IS NOT :policy");
	bind_text(&q, ":id", id);
	bind_text(&q, ":policy",
	    strcmp(policy, SLA_DEFAULT) != 0 ? policy : NULL);
	step(&q);
	code = done(&q);
	if (code < 0 || db_changes(store_desk(a->store)) == 0)
		return code;
	return conversation_tell(a, id, "conversation.sla_set", "policy",
	    policy);
}

/* --- for people --- */

/* What is left of a target, or how late it is, by the hours of its policy. */
static int
left(struct store *s, int64_t at_ms, struct sla_due *due)
{
	int64_t from_ms = at_ms, to_ms = due->due_ms;
	const struct policy *p = NULL;
	int code = policy_get(s, due->policy, &p);

	due->missed = due->due_ms <= at_ms;
	if (due->missed) {
		from_ms = due->due_ms;
		to_ms = at_ms;
	}
	due->by_hours = p != NULL && p->hours != NULL;
	due->left_ms =
	    hours_spent(due->by_hours ? p->hours : NULL, from_ms, to_ms);
	return code;
}

const char *
sla_hours_text(int64_t ms, char ret[TIME_TEXT_BYTES])
{
	if (ms < DAY_MS)
		return ms < 1000 ? "0 s" : duration_text(ms, ret);
	snprintf(ret, TIME_TEXT_BYTES, "%lld h", (long long)(ms / HOUR_MS));
	return ret;
}

int
sla_due(struct store *s, const char *conversation, int64_t at_ms,
    struct sla_due *ret)
{
	int code;
	struct query q = query(store_desk(s),
	    "SELECT target, policy, due_ms FROM sla_clock"
	    " WHERE conversation = :id AND ended_ms IS NULL"
	    " ORDER BY due_ms IS NULL, due_ms, target LIMIT 1");

	memset(ret, 0, sizeof(*ret));
	bind_text(&q, ":id", conversation);
	if (step(&q)) {
		snprintf(ret->target, sizeof(ret->target), "%s",
		    column_text(&q, 0));
		ret->policy = column_copy(&q, 1);
		ret->due_ms = column_int(&q, 2);
	}
	code = done(&q);
	if (code == 0 && ret->due_ms != 0)
		code = left(s, at_ms, ret);
	return code;
}

int
sla_runs(struct store *s, const char *conversation, const char *target,
    int64_t since_ms, int64_t due_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM sla_clock WHERE conversation = :id"
	    " AND target = :target AND since_ms = :since AND due_ms = :due"
	    " AND ended_ms IS NULL");

	bind_text(&q, ":id", conversation);
	bind_text(&q, ":target", target);
	bind_int(&q, ":since", since_ms);
	bind_int(&q, ":due", due_ms);
	return any_row(&q);
}

static void
put_time(json_t *o, const char *key, int64_t ms)
{
	char text[TIME_TEXT_BYTES];

	json_put_new(o, key,
	    ms != 0 ? json_text_new(time_text(ms, text)) : json_null());
}

static json_t *
clock_json(struct query *q, int64_t now_ms)
{
	int64_t due_ms = column_int(q, 3), ended_ms = column_int(q, 4),
		by_ms = ended_ms != 0 ? ended_ms : now_ms;
	json_t *o = json_object(), *met = json_null();

	if (due_ms != 0 && due_ms < by_ms)
		met = json_false();
	else if (ended_ms != 0)
		met = json_true();
	json_put(o, "target", column_text(q, 0));
	json_put(o, "policy", column_text(q, 1));
	put_time(o, "since", column_int(q, 2));
	put_time(o, "due", due_ms);
	put_time(o, "ended", ended_ms);
	json_put_new(o, "met", met);
	return o;
}

int
sla_clocks_json(struct store *s, const char *conversation, int64_t now_ms,
    json_t **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT target, policy, since_ms, due_ms, ended_ms FROM sla_clock"
	    " WHERE conversation = :id ORDER BY since_ms, target");
	json_t *list = json_array();
	int code;

	bind_text(&q, ":id", conversation);
	while (step(&q))
		json_array_append_new(list, clock_json(&q, now_ms));
	code = done(&q);
	if (code < 0)
		json_decref(list);
	else
		*ret = list;
	return code;
}
