/* facts - what rules ask about one event, as the store has it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/zone.h"
#include "desk/attribute.h"
#include "desk/consent.h"
#include "desk/contact.h"
#include "desk/hours.h"
#include "desk/message.h"
#include "rules/facts.h"

struct prepared *
prepared_new(struct setup *s, const char *text)
{
	struct prepared *p = xcalloc(1, sizeof(*p));

	p->setup = setup_hold(s);
	p->text = xstrdup(text);
	p->language = setup_language(p->setup, text);
	p->reading = rules_read(p->setup->rules, text);
	p->labels = setup_labels(p->setup, text);
	return p;
}

void
prepared_free(struct prepared *p)
{
	setup_drop(p->setup);
	rules_reading_free(p->reading);
	json_decref(p->labels);
	free(p->text);
	free(p);
}

/*
 * Turns of a conversation in the order of the log: the provider's clock knows
 * seconds only. What resolves it comes before the opening of what follows.
 */
#define TURN_SQL                                                             \
	"type = 'message.received' AND data ->> 'kind' NOT IN"               \
	" (" NO_TURN_SQL ") AND coalesce(data ->> 'direction', 'in') = 'in'" \
	" AND NOT " PASSED_BY_SQL("event.id")
#define CLOSED_SQL "type IN ('conversation.resolved', 'conversation.archived')"
#define BEFORE_SQL                                 \
	"subject = 'conversation/' || :id AND seq" \
	" < (SELECT seq FROM event WHERE id = :me)"

int
facts_first(struct work *w)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT type = 'message.received' FROM event WHERE " BEFORE_SQL
	    " AND ((" TURN_SQL ") OR " CLOSED_SQL
	    ") ORDER BY seq DESC LIMIT 1");
	bool earlier;
	int code;

	bind_text(&q, ":me", w->e->id);
	bind_text(&q, ":id", w->c->id);
	earlier = step(&q) && column_int(&q, 0) != 0;
	code = done(&q);
	return code < 0 ? code : !earlier;
}

static int
ask_first(void *ctx)
{
	return facts_first(ctx);
}

int
facts_hours(struct work *w, const char *name, const struct hours **ret)
{
	return setup_hours(w->p->setup, w->instance, name, ret);
}

static int
ask_open(void *ctx, const char *name)
{
	struct work *w = ctx;
	const struct hours *h;
	int code = facts_hours(w, name, &h);

	if (code < 0)
		return code;
	return h == NULL ? 1 : hours_at(h, w->at_ms);
}

static void
mark_key(const struct work *w, const char *rule, char ret[64])
{
	if (w->c != NULL)
		snprintf(ret, 64, "rule:%s:conversation/%s", rule, w->c->id);
	else
		snprintf(ret, 64, "rule:%s:instance/%.30s", rule, w->instance);
}

static int
ask_fresh(void *ctx, const char *rule, enum rules_once once, const char *hours)
{
	struct work *w = ctx;
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT time_ms FROM mark WHERE key = :key");
	const struct hours *h;
	struct wall then, now;
	int64_t fired_ms = 0;
	bool found;
	char key[64];
	int code;

	mark_key(w, rule, key);
	bind_text(&q, ":key", key);
	found = step(&q);
	if (found)
		fired_ms = column_int(&q, 0);
	code = done(&q);
	if (code < 0 || !found)
		return code < 0 ? code : 1;
	switch (once) {
	case ONCE_OPENING:
		return w->c != NULL && fired_ms < w->c->reopened_ms;
	case ONCE_DAY:
		zone_wall(w->p->setup->zone, fired_ms, &then);
		zone_wall(w->p->setup->zone, w->at_ms, &now);
		return then.day != now.day;
	case ONCE_CLOSED:
		code = facts_hours(w, hours, &h);
		if (code < 0)
			return code;
		return h == NULL || hours_between(h, fired_ms, w->at_ms);
	case ONCE_EVER:
	case ONCE_NO:
		break;
	}
	return once == ONCE_NO;
}

/* Whether the message led to an event of this type. */
static int
has_led_to(struct work *w, const char *type)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT 1 FROM event WHERE cause = :id AND type = :type LIMIT 1");

	bind_text(&q, ":id", w->e->id);
	bind_text(&q, ":type", type);
	return any_row(&q);
}

/* The same of one that was taken back, and no other has come between. */
static int
is_heir(struct work *w, const char *type)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT type = :type AND " PASSED_BY_SQL(
		"event.cause") " FROM event WHERE " BEFORE_SQL
			       " AND ((" TURN_SQL ")"
			       "  OR type IN ('conversation.opened', 'conversation.reopened'))"
			       " ORDER BY seq DESC LIMIT 1");
	bool is;
	int code;

	bind_text(&q, ":me", w->e->id);
	bind_text(&q, ":id", w->c->id);
	bind_text(&q, ":type", type);
	is = step(&q) && column_int(&q, 0) != 0;
	code = done(&q);
	return code < 0 ? code : is;
}

static int
has_begun(struct work *w, const char *type)
{
	int code = has_led_to(w, type);

	return code != 0 ? code : is_heir(w, type);
}

static int
ask(void *ctx, enum rules_question what)
{
	struct work *w = ctx;

	switch (what) {
	case ASK_NEW:
		return has_begun(w, "conversation.opened");
	case ASK_REOPENED:
		return has_begun(w, "conversation.reopened");
	case ASK_OPTED_OUT:
		return contact_opted_out(stage_store(w->st), w->c->contact);
	case ASK_BLOCKED:
		return contact_blocked(stage_store(w->st), w->c->contact);
	}
	return 0;
}

/* The customer's turns since the opening, this one included. */
static int
count_turns(struct work *w, double *ret)
{
	struct query q = query(store_desk(stage_store(w->st)),
	    "SELECT count(*) FROM event WHERE " BEFORE_SQL
	    " AND seq > coalesce((SELECT seq FROM event WHERE " BEFORE_SQL
	    "  AND " CLOSED_SQL " ORDER BY seq DESC LIMIT 1), 0)"
	    " AND " TURN_SQL);

	bind_text(&q, ":me", w->e->id);
	bind_text(&q, ":id", w->c->id);
	if (step(&q))
		*ret = (double)column_int(&q, 0) + 1;
	return done(&q) < 0 ? ERR_IO : 1;
}

/* How sure the AI was: what it says, else the best passage it answered by. */
static int
find_confidence(const struct work *w, double *ret)
{
	const json_t *value = json_at(w->e->data, "confidence"), *list, *source;
	double score;
	size_t i;
	int found = 0;

	if (json_is_number(value)) {
		*ret = json_number_value(value);
		return 1;
	}
	list = json_at(w->e->data, "sources");
	json_array_foreach(list, i, source) {
		score = json_number_value(json_object_get(source, "score"));
		if (!found || score > *ret)
			*ret = score;
		found = 1;
	}
	return found;
}

static int
ask_number(void *ctx, enum rules_number what, double *ret)
{
	struct work *w = ctx;
	const json_t *value;

	switch (what) {
	case NUMBER_COUNT:
		return count_turns(w, ret);
	case NUMBER_CONFIDENCE:
		return find_confidence(w, ret);
	case NUMBER_RATING:
		value = json_at(w->e->data, "rating");
		*ret = json_number_value(value);
		return json_is_number(value);
	}
	return 0;
}

static int
ask_attribute(void *ctx, const char *name, char **ret)
{
	struct work *w = ctx;

	return attribute_get(stage_store(w->st), w->c->contact, name, ret);
}

int
facts_labels(struct work *w, const json_t **ret)
{
	struct query q;
	const char *text;
	int code = 0;

	if (!w->labels.looked) {
		w->labels.looked = true;
		q = query(store_desk(stage_store(w->st)),
		    "SELECT data FROM event WHERE cause = :id"
		    " AND type = 'message.labelled' ORDER BY seq DESC LIMIT 1");
		bind_text(&q, ":id", w->e->id);
		if (step(&q)) {
			text = column_text(&q, 0);
			json_object_parse(text, strlen(text), &w->labels.data);
		}
		code = done(&q);
		if (code == 0 && w->labels.data == NULL)
			w->labels.data = json_incref(w->p->labels);
	}
	*ret = w->labels.data;
	return code;
}

static int
ask_intent(void *ctx, const char *name, double *ret)
{
	struct work *w = ctx;
	const json_t *labels;
	int code = facts_labels(w, &labels);

	if (code < 0 || labels == NULL ||
	    strcmp(json_str_or(labels, "intent", ""), name) != 0)
		return code;
	*ret = json_number_value(json_at(labels, "intent_score"));
	return 1;
}

static int
ask_sentiment(void *ctx, const char **ret_label, double *ret)
{
	struct work *w = ctx;
	const json_t *labels;
	int code = facts_labels(w, &labels);

	if (code < 0 || labels == NULL ||
	    json_str(labels, "sentiment_label") == NULL)
		return code;
	*ret_label = json_str(labels, "sentiment_label");
	*ret = json_number_value(json_at(labels, "sentiment"));
	return 1;
}

/* The ad the customer came by, as rules see it; NULL: none. */
static const char *
ad_of(const struct event *e)
{
	const json_t *referral = json_at(e->data, "referral");

	return referral == NULL ? NULL : json_str_or(referral, "source_id", "");
}

int
facts_remember(struct work *w, const struct rules_result *r)
{
	char key[64];
	size_t i;
	int code = 0;

	for (i = 0; i < r->nmarks && code == 0; i++) {
		struct query q = query(store_desk(stage_store(w->st)),
		    "INSERT INTO mark (key, time_ms) VALUES (:key, :at)"
		    " ON CONFLICT DO UPDATE SET time_ms = :at");

		mark_key(w, r->marks[i].key, key);
		bind_text(&q, ":key", key);
		bind_int(&q, ":at", w->at_ms);
		step(&q);
		code = done(&q);
	}
	return code;
}

char *
facts_name(struct work *w)
{
	return rules_ask_name(w->p->setup->rules) ?
	    contact_name(stage_store(w->st), w->c->contact) :
	    NULL;
}

struct rules_facts
facts_of(struct work *w, const char *tags, const char *name)
{
	struct rules_facts facts = {
		.occasion = w->occasion,
		.instance = w->instance,
		.language = w->language,
		.open = ask_open,
		.fresh = ask_fresh,
		.ctx = w,
	};

	if (w->c != NULL) {
		facts.tags = tags;
		facts.priority = w->c->priority;
		facts.owner = w->c->owner;
		facts.status = w->c->status;
		facts.team = w->c->team;
		facts.assignee = w->c->assignee;
		facts.contact = w->c->contact;
		facts.name = name;
		facts.ask = ask;
		facts.number = ask_number;
		facts.attribute = ask_attribute;
	}
	if (w->message != NULL && w->occasion == RULES_MESSAGE) {
		facts.kind = json_str_or(w->e->data, "kind", "text");
		facts.ad = ad_of(w->e);
		facts.first = ask_first;
		facts.intent = ask_intent;
		facts.sentiment = ask_sentiment;
	}
	return facts;
}
