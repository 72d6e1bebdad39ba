/* replay - what other rules would have decided, from the log alone */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/audience.h"
#include "desk/message.h"
#include "rules/own.h"
#include "rules/replay.h"
#include "store/log.h"
#include "wa/survey.h"

#define PAGE_ROWS 4096
#define WORLDS 2
#define BURST_MS 30000 /* as route has them */
#define BURST_LINES 6

struct kept_mark {
	char key[SHORT_ID_BYTES];
	int64_t at_ms;
};

/* That one of a team was to get it: whom, stands in the log. */
struct dealing {
	char event[ULID_BYTES]; /* upon which; "": none */
	const char *team, *how; /* of the rules */
};

/* How it changed hands last, as desk/audience.h asks. */
struct handed {
	bool paused;	  /* the AI was told to stay out of it */
	int64_t until_ms; /* INT64_MAX: until it is released to it */
	int64_t at_ms;
};

/* A conversation in one world. */
struct state {
	char status[12], owner[8], priority[8];
	char *team, *assignee; /* NULL: none */
	char *sla;	       /* a policy that was chosen; NULL: none was */
	bool for_takers;   /* in the queue of the team, and not to be dealt */
	struct names tags; /* sorted */
	struct names replies; /* of rules, since the time that is asked for */
	struct names set, to; /* attributes by rules: names and values */
	int64_t handed_ms, reopened_ms;
	int turns; /* of the customer, since it was last closed */
	struct dealing dealing;
	struct handed handed;
	int64_t rests_until_ms; /* what a rule has snoozed; else INT64_MAX */
	bool given_to_ai;	/* by the rules, upon the last event */
	struct kept_mark *marks;
	size_t nmarks;
};

/* What was done because of a message and not by a rule. */
struct deed {
	char *type;
	int64_t time_ms;
	json_t *data;
};

/* A message that waits for its turn: rules may have been asked about it only
 * after more had happened, and the labels of it may be behind it. */
struct pending {
	char id[ULID_BYTES];
	char *kind, *text, *ad, *name;
	int64_t at_ms;
	int turns[WORLDS];
	bool opened, reopened[WORLDS], taken_back;
	bool closed[WORLDS]; /* it was, before this came */
	bool paused[WORLDS]; /* and the AI was, and stays */
	bool is_routed;	     /* somewhere behind it */
	bool is_edit;	     /* it is one, of a message; routed: rules fired */
	bool counts;	     /* it came in the time that is asked about */
	json_t *labels;
	char *dealt_to, *dealt_team; /* NULL: nobody was given it */
	struct deed *deeds;
	size_t ndeeds;
};

struct line {
	char id[ULID_BYTES]; /* of its message */
	int64_t at_ms;
	char *text;
};

struct talk {
	char id[SHORT_ID_BYTES];
	char born[SHORT_ID_BYTES]; /* the contact it was opened with */
	char contact[SHORT_ID_BYTES];
	struct talk *into; /* it was merged; NULL: it goes on */
	char *instance, *name;
	char language[16];
	char opener[8]; /* who has it when the customer opens it, as yet */
	bool group;
	int64_t last_in_ms, last_out_ms;
	struct line lines[BURST_LINES];
	size_t nlines;
	struct pending *waiting; /* in the order they came */
	size_t nwaiting;
	/* By what was taken back: the next message is to have done it. */
	bool was_opened, was_reopened[WORLDS];
	/* Since when it is open with the new rules alone; 0: it is not. For
	 * so long that timers would have run is_unknown. */
	int64_t apart_ms;
	bool is_unknown;
	struct state state[WORLDS];
};

/* What was said last of a contact. */
struct consent {
	char contact[SHORT_ID_BYTES];
	int64_t blocked_ms, out_ms; /* since when; 0: never said */
	bool blocked, out;
};

struct replaying {
	const struct replay *r;
	struct store *store;
	struct talk **talks; /* in the order they came */
	size_t ntalks;
	size_t *slots; /* by the hash of their id, plus 1; 0: free */
	size_t nslots;
	struct consent *consents;
	size_t nconsents;
	/* The last split; the other contact is new, or was one before. */
	char split[SHORT_ID_BYTES], split_off[SHORT_ID_BYTES];
	int64_t since_seq;
	int64_t last_ms;  /* of what was read */
	int64_t timer_ms; /* the shortest of the new rules; 0: they have none */
	bool decides;	  /* the rows at hand are behind it */
};

/* One event as the log has it. */
struct row {
	const char *type, *id, *cause, *stage;
	int64_t time_ms;
	json_t *data;
	const char *text, *name;
};

/* What a callback is asked about. */
struct asking {
	struct replaying *p;
	struct talk *t;
	struct state *s;
	const char *instance;
	int64_t at_ms, decided_ms; /* of the event, and when rules were asked */
	const struct pending *m;   /* NULL: it is another event */
	const json_t *data;	   /* of that */
	const char *text;	   /* of an edit; NULL */
	bool to_hand_over;	   /* rules that do not so do nothing */
	enum rules_occasion occasion;
};

/* --- conversations --- */

static size_t
hash(const char *id)
{
	uint64_t h = 14695981039346656037u;

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * 1099511628211u;
	return (size_t)(h ^ h >> 29);
}

static void
more_slots(struct replaying *p)
{
	size_t i, at;

	p->nslots = p->nslots == 0 ? 1024 : p->nslots * 2;
	free(p->slots);
	p->slots = xcalloc(p->nslots, sizeof(*p->slots));
	for (i = 0; i < p->ntalks; i++) {
		at = hash(p->talks[i]->id) & (p->nslots - 1);
		while (p->slots[at] != 0)
			at = (at + 1) & (p->nslots - 1);
		p->slots[at] = i + 1;
	}
}

static struct talk *
talk_new(const char *id, const struct row *row)
{
	struct talk *t = xcalloc(1, sizeof(*t));
	int w;

	snprintf(t->id, sizeof(t->id), "%s", id);
	snprintf(t->contact, sizeof(t->contact), "%s",
	    json_str_or(row->data, "contact", ""));
	memcpy(t->born, t->contact, sizeof(t->born));
	t->instance = xstrdup(json_str_or(row->data, "instance", ""));
	snprintf(t->language, sizeof(t->language), "und");
	snprintf(t->opener, sizeof(t->opener), "ai");
	for (w = 0; w < WORLDS; w++) {
		snprintf(t->state[w].status, sizeof(t->state[w].status),
		    "open");
		snprintf(t->state[w].owner, sizeof(t->state[w].owner), "ai");
		snprintf(t->state[w].priority, sizeof(t->state[w].priority),
		    "medium");
		t->state[w].reopened_ms = row->time_ms;
	}
	return t;
}

/* Where it is or would be. */
static size_t
slot_of(const struct replaying *p, const char *id)
{
	size_t at = hash(id) & (p->nslots - 1);

	while (p->slots[at] != 0 &&
	    strcmp(p->talks[p->slots[at] - 1]->id, id) != 0)
		at = (at + 1) & (p->nslots - 1);
	return at;
}

/* What of it goes on. */
static struct talk *
goes_on(struct talk *t)
{
	while (t->into != NULL)
		t = t->into;
	return t;
}

static struct talk *
talk_for(struct replaying *p, const struct row *row)
{
	const char *id = json_str(row->data, "conversation");
	size_t at;

	if (id == NULL)
		return NULL;
	if (p->nslots <= p->ntalks * 2)
		more_slots(p);
	at = slot_of(p, id);
	if (p->slots[at] != 0)
		return goes_on(p->talks[p->slots[at] - 1]);
	if ((p->ntalks & (p->ntalks - 1)) == 0)
		p->talks = xrealloc(p->talks,
		    (p->ntalks * 2 + 1) * sizeof(struct talk *));
	p->talks[p->ntalks++] = talk_new(id, row);
	p->slots[at] = p->ntalks;
	return p->talks[p->ntalks - 1];
}

static void
message_release(struct pending *m)
{
	size_t i;

	for (i = 0; i < m->ndeeds; i++) {
		free(m->deeds[i].type);
		json_decref(m->deeds[i].data);
	}
	free(m->deeds);
	free(m->dealt_to);
	free(m->dealt_team);
	free(m->kind);
	free(m->text);
	free(m->ad);
	free(m->name);
	json_decref(m->labels);
}

static void
state_release(struct state *s)
{
	free(s->team);
	free(s->assignee);
	free(s->sla);
	free(s->marks);
	names_release(&s->tags);
	names_release(&s->replies);
	names_release(&s->set);
	names_release(&s->to);
}

static void
talk_free(struct talk *t)
{
	size_t i;

	for (i = 0; i < t->nlines; i++)
		free(t->lines[i].text);
	for (i = 0; i < WORLDS; i++)
		state_release(&t->state[i]);
	for (i = 0; i < t->nwaiting; i++)
		message_release(&t->waiting[i]);
	free(t->waiting);
	free(t->instance);
	free(t->name);
	free(t);
}

static void
put(char **to, const char *value)
{
	char *copy = xstrdup(value);

	free(*to);
	*to = copy;
}

/* --- what becomes of a conversation --- */

static void
promise(struct state *s, const char *policy)
{
	put(&s->sla, strcmp(policy, "default") != 0 ? policy : NULL);
}

/* Each change of hands takes the place of a pause. */
static void
hand(struct state *s, bool paused, int64_t until_ms, int64_t at_ms)
{
	s->handed = (struct handed){ .paused = paused,
		.until_ms = until_ms,
		.at_ms = at_ms };
}

static void
own(struct state *s, const char *owner, const char *assignee, const char *team,
    int64_t handed_ms)
{
	snprintf(s->owner, sizeof(s->owner), "%s", owner);
	put(&s->assignee, assignee);
	put(&s->team, team);
	if (handed_ms == 0)
		s->handed_ms = 0;
	else if (s->handed_ms == 0)
		s->handed_ms = handed_ms;
	s->for_takers = false;
	if (strcmp(s->status, "snoozed") == 0)
		snprintf(s->status, sizeof(s->status), "open");
}

static bool
owned_by(const struct state *s, const char *owner)
{
	return strcmp(s->owner, owner) == 0;
}

static bool
is_closed(const struct state *s)
{
	return strcmp(s->status, "resolved") == 0 ||
	    strcmp(s->status, "archived") == 0;
}

static void
rest(struct state *s, int64_t until_ms)
{
	if (is_closed(s))
		return;
	snprintf(s->status, sizeof(s->status), "snoozed");
	s->rests_until_ms = until_ms;
}

/* By the clock, if its time is over. */
static void
wake(struct state *s, int64_t at_ms)
{
	if (strcmp(s->status, "snoozed") == 0 && s->rests_until_ms <= at_ms)
		snprintf(s->status, sizeof(s->status), "open");
}

static void
close_as(struct state *s, const char *status)
{
	if (strcmp(s->status, "archived") != 0)
		snprintf(s->status, sizeof(s->status), "%s", status);
	s->turns = 0;
}

/* By the customer; owner is who has it then, unless a pause goes on: true. */
static bool
open_again(struct state *s, const char *owner, int64_t at_ms)
{
	bool paused = s->handed.paused && at_ms < s->handed.until_ms;

	snprintf(s->status, sizeof(s->status), "open");
	own(s, paused ? "queue" : owner, NULL, s->team,
	    paused ? s->handed.at_ms : 0);
	s->reopened_ms = at_ms;
	return paused;
}

/* To a person or a team, if it is not theirs already. */
static void
give(struct state *s, const char *person, const char *team, int64_t at_ms)
{
	const char *owner = person != NULL ? "user" : "queue";

	if (owned_by(s, owner) && str_same(s->assignee, person) &&
	    str_same(s->team, team))
		return;
	own(s, owner, person, team, at_ms);
	hand(s, false, 0, at_ms);
}

/* Sorted, and each once. */
static void
put_in(struct names *n, const char *name)
{
	size_t i, at = 0;
	char *last;

	for (i = 0; i < n->count; i++) {
		if (strcmp(n->items[i], name) == 0)
			return;
		if (strcmp(n->items[i], name) < 0)
			at = i + 1;
	}
	names_add(n, name);
	last = n->items[n->count - 1];
	memmove(&n->items[at + 1], &n->items[at],
	    (n->count - 1 - at) * sizeof(char *));
	n->items[at] = last;
}

static void
take_out(struct names *n, const char *name)
{
	size_t i;

	for (i = 0; i < n->count; i++) {
		if (strcmp(n->items[i], name) != 0)
			continue;
		free(n->items[i]);
		memmove(&n->items[i], &n->items[i + 1],
		    (--n->count - i) * sizeof(char *));
		return;
	}
}

/* People have it for no longer than a pause of the AI. */
static bool
is_paused(const struct state *s)
{
	return owned_by(s, "queue") && s->handed.paused &&
	    s->handed.until_ms != INT64_MAX;
}

/* Handed over to people, who have it for good. */
static bool
is_handed_over(const struct state *s)
{
	return owned_by(s, "queue") && s->handed_ms != 0 && !is_paused(s);
}

static void
escalate(struct state *s, int64_t at_ms)
{
	if (owned_by(s, "user") || is_handed_over(s))
		return;
	own(s, "queue", NULL, s->team, at_ms);
	hand(s, false, 0, at_ms);
}

/* The same of what is closed: it is open again for it, and nobody has it. */
static void
recall(struct state *s, int64_t at_ms)
{
	own(s, "queue", NULL, s->team, 0);
	snprintf(s->status, sizeof(s->status), "open");
	s->reopened_ms = at_ms;
	escalate(s, at_ms);
}

static bool
is_recall(const struct asking *a, const struct rules_effect *e)
{
	return e->kind == EFFECT_ESCALATE &&
	    (a->occasion & RULES_RECALLS) != 0 && is_closed(a->s);
}

/* The AI stays out of it until then. */
static void
pause_ai(struct state *s, int64_t until_ms, int64_t at_ms)
{
	if (owned_by(s, "ai"))
		own(s, "queue", NULL, s->team, at_ms);
	hand(s, true, until_ms, at_ms);
}

static void
give_to_ai(struct state *s, int64_t at_ms)
{
	if (owned_by(s, "ai"))
		return;
	own(s, "ai", NULL, s->team, 0);
	hand(s, false, 0, at_ms);
}

static void
mark(struct state *s, const char *key, int64_t at_ms)
{
	size_t i;

	for (i = 0; i < s->nmarks; i++)
		if (strcmp(s->marks[i].key, key) == 0)
			break;
	if (i == s->nmarks)
		s->marks = xrealloc(s->marks, ++s->nmarks * sizeof(*s->marks));
	snprintf(s->marks[i].key, sizeof(s->marks[i].key), "%s", key);
	s->marks[i].at_ms = at_ms;
}

/* The same as names with commas between, for rules. Caller frees. */
static char *
joined(const struct names *n)
{
	struct buf b = BUF_INIT(0);
	size_t i;

	for (i = 0; i < n->count; i++)
		buf_addf(&b, "%s%s", i > 0 ? "," : "", n->items[i]);
	return buf_detach(&b);
}

/* --- what rules ask --- */

static int
ask_open(void *ctx, const char *hours)
{
	struct asking *a = ctx;

	return a->p->r->open(a->p->r->ctx, a->instance, hours, a->at_ms);
}

/* In which world it is asked. */
static int
world_of(const struct asking *a)
{
	return (int)(a->s - a->t->state);
}

static struct consent *
consent_of(const struct replaying *p, const char *contact)
{
	size_t i;

	for (i = 0; i < p->nconsents; i++)
		if (strcmp(p->consents[i].contact, contact) == 0)
			return &p->consents[i];
	return NULL;
}

static bool
is_opted_out(const struct replaying *p, const char *contact)
{
	const struct consent *c = consent_of(p, contact);

	return c != NULL && c->out;
}

static bool
is_blocked(const struct replaying *p, const char *contact)
{
	const struct consent *c = consent_of(p, contact);

	return c != NULL && c->blocked;
}

static int
ask_first(void *ctx)
{
	const struct asking *a = ctx;

	return a->m->turns[world_of(a)] <= 1;
}

static int
ask(void *ctx, enum rules_question what)
{
	struct asking *a = ctx;

	switch (what) {
	case ASK_NEW:
		return a->m != NULL && a->m->opened;
	case ASK_REOPENED:
		return a->m != NULL && a->m->reopened[world_of(a)];
	case ASK_OPTED_OUT:
		return is_opted_out(a->p, a->t->contact);
	case ASK_BLOCKED: /* of such a one no rule is asked */
		break;
	}
	return 0;
}

static int
ask_number(void *ctx, enum rules_number what, double *ret)
{
	struct asking *a = ctx;
	const json_t *list, *source;
	size_t i;
	int found = 0;

	if (what == NUMBER_COUNT) {
		*ret = a->m != NULL ? a->m->turns[world_of(a)] : 0;
		return a->m != NULL;
	}
	if (what == NUMBER_RATING) {
		*ret = json_number_value(json_at(a->data, "rating"));
		return json_is_number(json_at(a->data, "rating"));
	}
	if (json_is_number(json_at(a->data, "confidence"))) {
		*ret = json_number_value(json_at(a->data, "confidence"));
		return 1;
	}
	list = json_at(a->data, "sources");
	json_array_foreach(list, i, source) {
		double score =
		    json_number_value(json_object_get(source, "score"));

		if (!found || score > *ret)
			*ret = score;
		found = 1;
	}
	return found;
}

static int
ask_attribute(void *ctx, const char *name, char **ret)
{
	struct asking *a = ctx;
	size_t i;

	for (i = 0; i < a->s->set.count; i++)
		if (strcmp(a->s->set.items[i], name) == 0) {
			*ret = xstrdup(a->s->to.items[i]);
			return 1;
		}
	return 0;
}

static int
ask_intent(void *ctx, const char *name, double *ret)
{
	const json_t *labels = ((struct asking *)ctx)->m->labels;

	if (strcmp(json_str_or(labels, "intent", ""), name) != 0)
		return 0;
	*ret = json_number_value(json_at(labels, "intent_score"));
	return 1;
}

static int
ask_sentiment(void *ctx, const char **ret_label, double *ret)
{
	const json_t *labels = ((struct asking *)ctx)->m->labels;

	*ret_label = json_str(labels, "sentiment_label");
	*ret = json_number_value(json_at(labels, "sentiment"));
	return *ret_label != NULL;
}

static int
ask_fresh(void *ctx, const char *key, enum rules_once once, const char *hours)
{
	struct asking *a = ctx;
	const struct replay *r = a->p->r;
	int64_t fired_ms;
	size_t i;

	for (i = 0; i < a->s->nmarks; i++)
		if (strcmp(a->s->marks[i].key, key) == 0)
			break;
	if (i == a->s->nmarks)
		return 1;
	fired_ms = a->s->marks[i].at_ms;
	switch (once) {
	case ONCE_OPENING:
		return fired_ms < a->s->reopened_ms;
	case ONCE_DAY:
		return r->day(r->ctx, fired_ms) != r->day(r->ctx, a->at_ms);
	case ONCE_CLOSED:
		return r->open_between(r->ctx, a->instance, hours, fired_ms,
		    a->at_ms);
	case ONCE_EVER:
	case ONCE_NO:
		break;
	}
	return once == ONCE_NO;
}

/* --- what comes of it --- */

static void
set_attribute(struct state *s, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < s->set.count; i++)
		if (strcmp(s->set.items[i], name) == 0) {
			put(&s->to.items[i], value);
			return;
		}
	names_add(&s->set, name);
	names_add(&s->to, value);
}

static bool
is_handed(const struct talk *t, const struct state *s)
{
	return owned_by(s, "user") || t->group ||
	    (owned_by(s, "queue") && s->handed_ms != 0);
}

static void
say(struct state *s, const char *event, const char *kind, const char *what)
{
	char *text = xformat("%s %s%s", event, kind, what);

	names_add(&s->replies, text);
	free(text);
}

static void
deal(struct state *s, const struct rules_effect *e, const char *event,
    int64_t at_ms)
{
	give(s, NULL, e->value, at_ms);
	s->for_takers = *e->more == '\0';
	if (s->for_takers)
		return;
	snprintf(s->dealing.event, sizeof(s->dealing.event), "%s", event);
	s->dealing.team = e->value;
	s->dealing.how = e->more;
}

/*
 * The log says who was given it upon an event. That holds in a world where it
 * was to be dealt then as it was by the present rules; whose turn it would have
 * been in any other way nobody knows.
 */
static void
dealt(struct talk *t, const char *event, const char *person, const char *team)
{
	const struct dealing *was = &t->state[0].dealing, *d;
	struct state *s;
	int w;

	for (w = 0; w < WORLDS; w++) {
		s = &t->state[w];
		d = &s->dealing;
		if (strcmp(d->event, event) != 0 ||
		    strcmp(was->event, event) != 0 ||
		    strcmp(d->team, was->team) != 0 ||
		    strcmp(d->how, was->how) != 0 ||
		    strcmp(d->team, team) != 0 || !owned_by(s, "queue"))
			continue;
		snprintf(s->owner, sizeof(s->owner), "user");
		put(&s->assignee, person);
		hand(s, false, 0, s->handed.at_ms);
	}
}

/* For so long, or until its instance opens. */
static int
snooze(struct state *s, const struct rules_effect *e, const struct asking *a)
{
	const struct replay *r = a->p->r;
	int64_t until_ms = a->decided_ms + e->ms;
	int code = 1;

	if (e->ms == 0)
		code = r->opens(r->ctx, a->instance, a->decided_ms, &until_ms);
	if (code == 1)
		rest(s, until_ms);
	return code < 0 ? code : 0;
}

/* Who wants no more messages is told nothing that answers nothing. */
static bool
is_unwanted(const struct asking *a)
{
	const unsigned plain = RULES_MESSAGE | RULES_EDIT;

	if (!is_opted_out(a->p, a->t->contact) || (a->occasion & plain) != 0)
		return false;
	return (a->occasion & RULES_TIMERS) != 0 ||
	    a->t->last_in_ms <= a->t->last_out_ms;
}

static int
apply_one(struct state *s, const struct rules_effect *e, const struct asking *a,
    const char *event, bool taken, bool handed)
{
	int64_t at_ms = a->at_ms;

	switch (e->kind) {
	case EFFECT_TAG:
		put_in(&s->tags, e->value);
		break;
	case EFFECT_UNTAG:
		take_out(&s->tags, e->value);
		break;
	case EFFECT_PRIORITY:
		snprintf(s->priority, sizeof(s->priority), "%s", e->value);
		break;
	case EFFECT_ATTRIBUTE:
		set_attribute(s, e->value, e->more);
		break;
	case EFFECT_AI_ON:
		if (taken || owned_by(s, "ai"))
			break;
		give_to_ai(s, at_ms);
		s->given_to_ai = true;
		break;
	case EFFECT_AI_OFF:
	case EFFECT_AI_PAUSE:
		if (e->kind == EFFECT_AI_PAUSE && e->ms != 0 &&
		    (owned_by(s, "ai") || is_paused(s)))
			pause_ai(s, a->decided_ms + e->ms, at_ms);
		else if (owned_by(s, "ai"))
			pause_ai(s, INT64_MAX, at_ms);
		break;
	case EFFECT_ESCALATE:
		if (is_recall(a, e))
			recall(s, at_ms);
		else
			escalate(s, at_ms);
		break;
	case EFFECT_ASSIGN:
		if (!taken)
			give(s, e->value, s->team, at_ms);
		break;
	case EFFECT_ASSIGN_TEAM:
		if (!taken)
			deal(s, e, event, at_ms);
		break;
	case EFFECT_REPLY:
	case EFFECT_REPLY_TEXT:
		if (!handed && !is_unwanted(a))
			say(s, event, "", e->value);
		break;
	case EFFECT_TEMPLATE:
		if (!handed)
			say(s, event, "template ", e->value);
		break;
	case EFFECT_SNOOZE:
		return snooze(s, e, a);
	case EFFECT_RESOLVE:
		close_as(s, "resolved");
		break;
	case EFFECT_ARCHIVE:
		close_as(s, "archived");
		break;
	case EFFECT_SLA:
		promise(s, e->value);
		break;
	case EFFECT_PROFILE:
	case EFFECT_SURVEY:
	case EFFECT_NOTIFY:
	case EFFECT_WEBHOOK:
	case EFFECT_RUN:
	case EFFECT_NO_AI:
		break;
	}
	return 0;
}

static struct rules_facts
facts_of(struct asking *a, enum rules_occasion occasion, const char *tags)
{
	struct rules_facts f = {
		.occasion = occasion,
		.instance = a->instance,
		.language = a->t->language,
		.tags = tags,
		.priority = a->s->priority,
		.owner = a->s->owner,
		.status = a->s->status,
		.team = a->s->team,
		.assignee = a->s->assignee,
		.contact = a->t->contact,
		.name = a->m != NULL ? a->m->name : a->t->name,
		.open = ask_open,
		.ask = ask,
		.number = ask_number,
		.attribute = ask_attribute,
		.fresh = ask_fresh,
		.ctx = a,
	};

	if (occasion == RULES_MESSAGE) {
		f.kind = a->m->kind;
		f.ad = a->m->ad;
		f.first = ask_first;
		f.intent = ask_intent;
		f.sentiment = ask_sentiment;
	}
	return f;
}

/* The lines right before the message, and it; NULL: there are none. */
static char *
burst(const struct talk *t, const struct pending *m)
{
	struct buf b = BUF_INIT(0);
	size_t i;

	for (i = 0; i < t->nlines; i++)
		if (t->lines[i].at_ms >= m->at_ms - BURST_MS &&
		    t->lines[i].at_ms <= m->at_ms)
			buf_addf(&b, "%s\n", t->lines[i].text);
	if (b.len > 0)
		buf_adds(&b, m->text);
	return b.len > 0 ? buf_detach(&b) : NULL;
}

/* As route does: what hands nothing over by itself is read with them. */
static int
apply_to_burst(const struct rules *r, struct asking *a,
    const struct rules_facts *facts, struct rules_result *result)
{
	struct rules_reading *reading;
	struct rules_result all;
	char *text;
	int code;

	if (a->m->text == NULL || !owned_by(a->s, "ai") ||
	    rules_escalate(result) || (text = burst(a->t, a->m)) == NULL)
		return 0;
	reading = rules_read(r, text);
	code = rules_apply(r, reading, facts, &all);
	if (code == 0 && rules_escalate(&all)) {
		rules_result_release(result);
		*result = all;
	} else if (code == 0)
		rules_result_release(&all);
	rules_reading_free(reading);
	free(text);
	return code;
}

/* Let the rules of a world decide. facts: where they have more to say. */
static int
decide(struct asking *a, const struct rules *r, enum rules_occasion occasion,
    int64_t after_ms, const char *event)
{
	bool taken = owned_by(a->s, "user"), handed = is_handed(a->t, a->s),
	     closed = is_closed(a->s);
	char *tags = joined(&a->s->tags);
	struct rules_facts facts = facts_of(a, occasion, tags);
	struct rules_reading *reading =
	    rules_read(r, a->m != NULL ? a->m->text : a->text);
	struct rules_result result;
	size_t i;
	int code;

	a->s->given_to_ai = false;
	facts.after_ms = after_ms;
	if (a->data != NULL)
		facts.target = json_str(a->data, "target");
	code = rules_apply(r, reading, &facts, &result);
	if (code == 0 && occasion == RULES_MESSAGE)
		code = apply_to_burst(r, a, &facts, &result);
	if (code < 0)
		memset(&result, 0, sizeof(result));
	if (a->to_hand_over && !rules_escalate(&result)) {
		rules_result_release(&result);
		memset(&result, 0, sizeof(result));
	}
	if (a->to_hand_over)
		a->occasion = occasion = RULES_RATING;
	for (i = 0; i < result.nmarks; i++)
		mark(a->s, result.marks[i].key, a->at_ms);
	if (closed && (occasion & RULES_RECALLS) != 0 &&
	    rules_escalate(&result)) /* nobody has it any more */
		handed = a->t->group;
	for (i = 0; code == 0 && i < result.count; i++) {
		if (is_recall(a, &result.effects[i]))
			taken = false;
		code = apply_one(a->s, &result.effects[i], a, event, taken,
		    handed);
	}
	rules_result_release(&result);
	rules_reading_free(reading);
	free(tags);
	return code;
}

static int
decide_both(struct asking *a, enum rules_occasion occasion, int64_t after_ms,
    const char *event)
{
	const struct replay *r = a->p->r;
	const struct rules *rules;
	int w, code = 0;

	a->instance = a->t->instance;
	a->occasion = occasion;
	for (w = 0; w < WORLDS && code == 0; w++) {
		rules = w == 0 ? r->now : r->then;
		a->s = &a->t->state[w];
		if ((rules_occasions(rules) & occasion) != 0)
			code = decide(a, rules, occasion, after_ms, event);
	}
	return code;
}

/* --- events --- */

static void
keep_line(struct talk *t, const struct pending *m)
{
	if (m->text == NULL)
		return;
	if (t->nlines == BURST_LINES) {
		free(t->lines[0].text);
		memmove(&t->lines[0], &t->lines[1],
		    --t->nlines * sizeof(t->lines[0]));
	}
	memcpy(t->lines[t->nlines].id, m->id, ULID_BYTES);
	t->lines[t->nlines].at_ms = m->at_ms;
	t->lines[t->nlines++].text = xstrdup(m->text);
}

/* The message that an event came of, if it still waits; NULL. */
static struct pending *
waiting_for(const struct talk *t, const char *cause)
{
	size_t i;

	for (i = 0; cause != NULL && i < t->nwaiting; i++)
		if (strcmp(t->waiting[i].id, cause) == 0)
			return &t->waiting[i];
	return NULL;
}

static void done_to(struct state *s, const struct row *row,
    const char *team_before);

/* Whether a pause ends with this message. Nobody takes it from a person. */
static bool
is_over(const struct state *s, const struct pending *m)
{
	return s->handed.paused && owned_by(s, "queue") &&
	    m->at_ms >= s->handed.until_ms;
}

/* Whether the settings have the AI answer the message in a world. in: what the
 * log says of it, -1: nothing; 2: that it does, as it had the conversation. */
static int
is_answered(struct replaying *p, const struct talk *t, const struct pending *m,
    int w, int in)
{
	const struct replay *r = p->r;
	bool owned = owned_by(&t->state[w], "ai"), first = m->turns[w] <= 1;

	if (in == 1 || (in == 2 && owned && (!first || m->turns[0] <= 1)))
		return 1;
	if (in == 0 && (!owned || first || m->turns[0] > 1))
		return 0;
	return r->answers(r->ctx, p->store, t->instance, t->contact, m->text,
	    m->at_ms, owned, first);
}

/* In each world people get what the AI does not answer, and it what was paused
 * for it: the log knows of one only. in: as is_answered() has it. */
static int
ask_audience(struct replaying *p, struct talk *t, const struct pending *m,
    int in)
{
	struct state *s;
	int w, answers;

	for (w = 0; w < WORLDS; w++) {
		s = &t->state[w];
		if (!owned_by(s, "ai") && !is_over(s, m))
			continue;
		answers = is_answered(p, t, m, w, in);
		if (answers < 0)
			return answers;
		if (answers == 1)
			give_to_ai(s, m->at_ms);
		else if (owned_by(s, "ai"))
			escalate(s, m->at_ms);
	}
	return 0;
}

/*
 * What the settings said once rules had decided: that people answer, or the AI
 * again. If the present rules gave it to the AI, the first time was theirs. The
 * end of a pause is of the world that has it.
 */
static int
do_deeds(struct replaying *p, struct talk *t, const struct pending *m,
    const struct row *routed)
{
	bool by_rules = t->state[0].given_to_ai,
	     was_paused = t->state[0].handed.paused, again;
	struct row row;
	size_t i;
	int w, in = -1;

	if (routed != NULL && json_bool_or(routed->data, "ai", false))
		in = 2;
	for (i = 0; i < m->ndeeds; i++) {
		row = (struct row){ .type = m->deeds[i].type,
			.time_ms = m->deeds[i].time_ms,
			.data = m->deeds[i].data };
		again = strcmp(row.type, "conversation.released") == 0;
		if (again && by_rules) {
			by_rules = false;
			continue;
		}
		if (again || strcmp(row.type, "conversation.escalated") == 0)
			in = again;
		for (w = 0; w < WORLDS; w++)
			if (!again ||
			    (!was_paused && !t->state[w].handed.paused))
				done_to(&t->state[w], &row, NULL);
	}
	return m->taken_back ? 0 : ask_audience(p, t, m, in);
}

/* What is known of the language: row says what it was taken for. */
static void
hear_language(struct replaying *p, struct talk *t, const struct pending *m,
    const struct row *row)
{
	const char *language = "und";

	if (row != NULL && json_str(row->data, "language") != NULL)
		language = json_str(row->data, "language");
	else if (m->text != NULL)
		language = p->r->language(p->r->ctx, m->text);
	if (strcmp(language, "und") != 0)
		snprintf(t->language, sizeof(t->language), "%s", language);
}

/* Upon words that are no message, in their own language: that of the talk stays.
 * What a person has noted of the customer the log does not tell. */
static int
decide_aside(struct asking *a, const struct pending *m,
    enum rules_occasion occasion, const char *event)
{
	char was[sizeof(a->t->language)];
	int code;

	memcpy(was, a->t->language, sizeof(was));
	hear_language(a->p, a->t, m, NULL);
	code = decide_both(a, occasion, 0, event);
	memcpy(a->t->language, was, sizeof(was));
	return code;
}

static int
decide_edit(struct replaying *p, struct talk *t, const struct pending *m,
    int64_t decided_ms)
{
	struct asking a = { .p = p,
		.t = t,
		.text = m->text,
		.at_ms = m->at_ms,
		.decided_ms = decided_ms };

	return p->decides ? decide_aside(&a, m, RULES_EDIT, m->id) : 0;
}

/* What was taken back counts for nothing: what it began the next one has. */
static void
discount(struct talk *t, const struct pending *m)
{
	struct pending *next = NULL;
	size_t i;
	int w;

	for (w = 0; w < WORLDS; w++)
		t->state[w].turns -= t->state[w].turns > 0;
	for (i = 0; i < t->nwaiting; i++) {
		if (t->waiting[i].is_edit)
			continue;
		if (next == NULL)
			next = &t->waiting[i];
		for (w = 0; w < WORLDS; w++)
			t->waiting[i].turns[w] -= t->waiting[i].turns[w] > 1;
	}
	if (next != NULL)
		next->opened |= m->opened;
	else
		t->was_opened |= m->opened;
	for (w = 0; w < WORLDS; w++)
		*(next != NULL ? &next->reopened[w] : &t->was_reopened[w]) |=
		    m->reopened[w];
}

/* The i-th message that waits has its turn; row is its message.routed, NULL if
 * it has none. */
static int
take_turn(struct replaying *p, struct talk *t, size_t i, const struct row *row)
{
	struct pending m = t->waiting[i];
	struct asking a = { .p = p,
		.t = t,
		.m = &m,
		.at_ms = m.at_ms,
		.decided_ms = row != NULL ? row->time_ms : m.at_ms };
	int code = 0;

	memmove(&t->waiting[i], &t->waiting[i + 1],
	    (--t->nwaiting - i) * sizeof(m));
	if (m.is_edit) {
		code = decide_edit(p, t, &m, a.decided_ms);
		if (m.dealt_to != NULL)
			dealt(t, m.id, m.dealt_to, m.dealt_team);
		message_release(&m);
		return code;
	}
	if (p->decides && !m.taken_back) {
		hear_language(p, t, &m, row);
		code = decide_both(&a, RULES_MESSAGE, 0, m.id);
		if (m.dealt_to != NULL)
			dealt(t, m.id, m.dealt_to, m.dealt_team);
	}
	if (p->decides && code == 0)
		code = do_deeds(p, t, &m, row);
	if (!m.taken_back)
		keep_line(t, &m);
	else
		discount(t, &m);
	message_release(&m);
	return code;
}

/* Whether the log has message.routed of a message: 1, 0 or an ERR. */
static int
is_routed(struct replaying *p, const char *id)
{
	struct query q = query(store_desk(p->store),
	    "SELECT 1 FROM event WHERE cause = :id AND stage = 'route'"
	    " AND type = 'message.routed' LIMIT 1");

	bind_text(&q, ":id", id);
	return any_row(&q);
}

/* Something else happens: messages that are never routed have their turn before
 * it, others have it where they were, and an edit once what came before it has
 * had its own. */
static int
settle(struct replaying *p, struct talk *t)
{
	int code = 0;
	size_t i;

	for (i = 0; i < t->nwaiting && code == 0;) {
		if (t->waiting[i].is_edit &&
		    (i > 0 || t->waiting[i].is_routed)) {
			i++;
			continue;
		}
		if (!t->waiting[i].is_routed && !t->waiting[i].is_edit)
			code = is_routed(p, t->waiting[i].id);
		if (code < 0)
			break;
		t->waiting[i].is_routed |= code == 1;
		if (t->waiting[i].is_routed) {
			code = 0;
			i++;
		} else
			code = take_turn(p, t, i, NULL);
	}
	return code;
}

static bool
is_turn(const struct row *row)
{
	static const char *const others[] = { "reaction", "system", "edit",
		"revoke", "history", "rating", NULL };

	return !str_in(json_str_or(row->data, "kind", "text"), others) &&
	    strcmp(json_str_or(row->data, "direction", "in"), "in") == 0;
}

static struct pending *
message_add(struct talk *t)
{
	t->waiting =
	    xrealloc(t->waiting, (t->nwaiting + 1) * sizeof(*t->waiting));
	memset(&t->waiting[t->nwaiting], 0, sizeof(*t->waiting));
	return &t->waiting[t->nwaiting++];
}

static int
received(struct replaying *p, struct talk *t, const struct row *row)
{
	struct pending *m;
	struct state *s;
	int w, code = settle(p, t);

	if (code < 0 || !is_turn(row))
		return code;
	m = message_add(t);
	snprintf(m->id, sizeof(m->id), "%s", row->id);
	m->kind = xstrdup(json_str_or(row->data, "kind", "text"));
	m->text = xstrdup(row->text);
	m->name = xstrdup(row->name);
	m->at_ms = row->time_ms;
	m->counts = p->decides;
	m->opened = t->was_opened;
	memcpy(m->reopened, t->was_reopened, sizeof(m->reopened));
	t->was_opened = false;
	memset(t->was_reopened, 0, sizeof(t->was_reopened));
	if (json_at(row->data, "referral") != NULL)
		m->ad =
		    xstrdup(json_str_or(row->data, "referral/source_id", ""));
	t->group = json_at(row->data, "group") != NULL;
	put(&t->name, row->name);
	for (w = 0; w < WORLDS; w++) {
		s = &t->state[w];
		if (strcmp(s->status, "snoozed") == 0) {
			m->reopened[w] = true;
			snprintf(s->status, sizeof(s->status), "open");
		} else if (is_closed(s)) {
			m->reopened[w] = m->closed[w] = true;
			m->paused[w] = open_again(s, t->opener, row->time_ms);
		}
		m->turns[w] = ++s->turns;
	}
	if (row->time_ms > t->last_in_ms)
		t->last_in_ms = row->time_ms;
	return 0;
}

/* Who is blocked is heard, and nothing else. */
static void
heard(struct talk *t, const struct row *row)
{
	int w;

	for (w = 0; w < WORLDS && is_turn(row); w++)
		t->state[w].turns++;
}

/* Whether the owner that the log has of an opening is that of a world, too. What
 * has only woken keeps its owner, in each world its own. */
static bool
is_owner_told(const struct pending *m, bool again, int w)
{
	if (m == NULL) /* whom a person opens it again for is who had it */
		return !again;
	return !again ||
	    (m->closed[0] && m->closed[w] && !m->paused[0] && !m->paused[w]);
}

/* Whether it is of the contact that the last split made or added to. */
static bool
is_split_off(const struct replaying *p, const struct row *row)
{
	return p->split_off[0] != '\0' &&
	    strcmp(json_str_or(row->data, "contact", ""), p->split_off) == 0;
}

/* For what was written under names that are another's now: as the one it was
 * in. */
static void
open_like(struct replaying *p, struct talk *t)
{
	const struct talk *like = NULL;
	const struct state *was;
	struct state *s;
	size_t i;
	int w;

	for (i = 0; i < p->ntalks; i++)
		if (p->talks[i]->into == NULL &&
		    strcmp(p->talks[i]->contact, p->split) == 0)
			like = p->talks[i];
	for (w = 0; w < WORLDS && like != NULL; w++) {
		s = &t->state[w];
		was = &like->state[w];
		memcpy(s->status, was->status, sizeof(s->status));
		memcpy(s->owner, was->owner, sizeof(s->owner));
		memcpy(s->priority, was->priority, sizeof(s->priority));
		put(&s->assignee, was->assignee);
		put(&s->team, was->team);
		put(&s->sla, was->sla);
		s->handed_ms = was->handed_ms;
		s->reopened_ms = was->reopened_ms;
		s->rests_until_ms = was->rests_until_ms;
	}
	if (like != NULL)
		memcpy(t->language, like->language, sizeof(t->language));
}

/* conversation.opened and .reopened, behind the message that did it. */
static void
opened(struct replaying *p, struct talk *t, const struct row *row)
{
	const char *owner = json_str_or(row->data, "owner", "ai");
	struct pending *m = waiting_for(t, row->cause);
	bool again = strcmp(row->type, "conversation.reopened") == 0;
	struct state *s;
	int w;

	if (m == NULL && !again && is_split_off(p, row)) {
		open_like(p, t);
		return;
	}
	if (m != NULL && !again)
		m->opened = true;
	if (m != NULL && (!again || (m->closed[0] && !m->paused[0])))
		snprintf(t->opener, sizeof(t->opener), "%s", owner);
	for (w = 0; w < WORLDS; w++) {
		s = &t->state[w];
		if (m != NULL && !owned_by(s, "ai"))
			continue;
		if (m == NULL && is_closed(s))
			s->reopened_ms = row->time_ms;
		snprintf(s->status, sizeof(s->status), "open");
		if (is_owner_told(m, again, w) || (m == NULL && !p->decides))
			own(s, owner, json_str(row->data, "assignee"),
			    again ? s->team : json_str(row->data, "team"),
			    s->handed_ms);
	}
}

static bool
is_by_person(const struct row *row)
{
	return str_starts(json_str_or(row->data, "actor", ""), "user:");
}

/* By a person, who goes on with it. */
static void
go_on(struct state *s, int64_t at_ms)
{
	if (!is_closed(s))
		return;
	snprintf(s->status, sizeof(s->status), "open");
	s->reopened_ms = at_ms;
}

static void
paused(struct state *s, const struct row *row)
{
	const char *until = json_str(row->data, "until");
	int64_t until_ms = INT64_MAX;

	if (until != NULL && time_parse(until, &until_ms) < 0)
		until_ms = INT64_MAX;
	/* Of what a person has only what has no end is paused. */
	if (until_ms == INT64_MAX || !owned_by(s, "user"))
		pause_ai(s, until_ms, row->time_ms);
}

/* Given to somebody, by whomever: with a team if they say one, else its own
 * stays. */
static void
assigned(struct state *s, const struct row *row, const char *team_before)
{
	const char *team = json_str(row->data, "team"),
		   *person = json_str(row->data, "assignee");

	if (person != NULL && is_by_person(row) && str_same(team, team_before))
		team = s->team;
	give(s, person, team, row->time_ms);
}

static void
released(struct state *s, const char *owner, int64_t at_ms)
{
	if (strcmp(owner, "ai") == 0)
		give_to_ai(s, at_ms);
	else if (!owned_by(s, "queue")) {
		own(s, "queue", NULL, s->team, at_ms);
		/* One without an end goes on. */
		if (!s->handed.paused || s->handed.until_ms != INT64_MAX)
			hand(s, false, 0, at_ms);
	}
}

/* What somebody did to a conversation, in one world; team_before: which it had
 * in that of the log. */
static void
done_to(struct state *s, const struct row *row, const char *team_before)
{
	const char *what = row->type + strlen("conversation."),
		   *owner = json_str_or(row->data, "owner", "queue"),
		   *label = json_str(row->data, "tag");
	static const char *const goes_on_with[] = { "taken", "assigned",
		"released", "escalated", NULL };

	if (is_by_person(row) && str_in(what, goes_on_with))
		go_on(s, row->time_ms);
	if (strcmp(what, "taken") == 0)
		give(s, json_str(row->data, "assignee"), s->team, row->time_ms);
	else if (strcmp(what, "assigned") == 0)
		assigned(s, row, team_before);
	else if (strcmp(what, "released") == 0)
		released(s, owner, row->time_ms);
	else if (strcmp(what, "escalated") == 0 && is_by_person(row)) {
		if (!is_handed_over(s)) {
			own(s, "queue", NULL, s->team, row->time_ms);
			hand(s, false, 0, row->time_ms);
		}
	} else if (strcmp(what, "escalated") == 0)
		escalate(s, row->time_ms);
	else if (strcmp(what, "paused") == 0)
		paused(s, row);
	else if (strcmp(what, "resolved") == 0 || strcmp(what, "archived") == 0)
		close_as(s, what);
	else if (strcmp(what, "snoozed") == 0)
		rest(s, INT64_MAX);
	else if (strcmp(what, "awaited") == 0 &&
	    strcmp(s->status, "snoozed") == 0)
		snprintf(s->status, sizeof(s->status), "open");
	else if (strcmp(what, "tagged") == 0 && label != NULL)
		put_in(&s->tags, label);
	else if (strcmp(what, "untagged") == 0 && label != NULL)
		take_out(&s->tags, label);
	else if (strcmp(what, "sla_set") == 0)
		promise(s, json_str_or(row->data, "policy", "default"));
	else if (strcmp(what, "prioritised") == 0)
		snprintf(s->priority, sizeof(s->priority), "%s",
		    json_str_or(row->data, "priority", "medium"));
}

/* Whether it is a decision of rules, which are made anew. */
static bool
is_decision(const struct replaying *p, const struct row *row)
{
	return p->decides && row->stage != NULL &&
	    strcmp(row->stage, "route") == 0 &&
	    strcmp(json_str_or(row->data, "actor", ""), "rule") == 0 &&
	    !audience_is_reason(json_str_or(row->data, "reason", ""));
}

/* That somebody was given it, of those a rule named; or that what waited in
 * the queue of a team was dealt, when one of them had room. */
static void
told_dealt(struct talk *t, const struct row *row)
{
	const char *person = json_str(row->data, "assignee"),
		   *team = json_str(row->data, "team");
	struct pending *m = waiting_for(t, row->cause);

	if (person == NULL || team == NULL || row->cause == NULL)
		return;
	if (m != NULL) {
		put(&m->dealt_to, person);
		put(&m->dealt_team, team);
	} else
		dealt(t, row->cause, person, team);
}

/* It is the desk itself that did it. */
static bool
is_late_deal(const struct row *row)
{
	return strcmp(row->type, "conversation.assigned") == 0 &&
	    strcmp(json_str_or(row->data, "actor", ""), "system") == 0;
}

static bool
is_to_be_dealt(const struct state *s, const struct row *row)
{
	return owned_by(s, "queue") && !s->for_takers &&
	    str_same(s->team, json_str(row->data, "team"));
}

static int
done_by_others(struct replaying *p, struct talk *t, const struct row *row)
{
	bool late = is_late_deal(row);
	char *team;
	int w, code = settle(p, t);

	if (code < 0)
		return code;
	team = xstrdup(t->state[0].team);
	for (w = 0; w < WORLDS; w++)
		if (!late || is_to_be_dealt(&t->state[w], row))
			done_to(&t->state[w], row, team);
	free(team);
	return 0;
}

/* Because of a message that waits: it is done when that has had its turn. */
static void
keep_deed(struct pending *m, const struct row *row)
{
	struct deed *d;

	m->deeds = xrealloc(m->deeds, (m->ndeeds + 1) * sizeof(*m->deeds));
	d = &m->deeds[m->ndeeds++];
	d->type = xstrdup(row->type);
	d->time_ms = row->time_ms;
	d->data = json_incref(row->data);
}

/* conversation.*, but for the openings. */
static int
changed(struct replaying *p, struct talk *t, const struct row *row)
{
	struct pending *m = waiting_for(t, row->cause);
	bool by_route = p->decides && row->stage != NULL &&
	    strcmp(row->stage, "route") == 0;

	if (is_decision(p, row)) {
		if (strcmp(row->type, "conversation.assigned") == 0)
			told_dealt(t, row);
		else if (strcmp(row->type, "conversation.released") == 0 &&
		    m != NULL)
			keep_deed(m, row);
		return 0;
	}
	if (m != NULL && by_route && !is_late_deal(row)) {
		keep_deed(m, row);
		return 0;
	}
	return done_by_others(p, t, row);
}

/* The rules that fired before the time that is asked about are remembered by
 * their names, in both worlds. */
static void
remember(const struct rules *r, struct state *s, const struct row *row)
{
	const json_t *list = json_at(row->data, "rules"), *name;
	bool same = strcmp(json_str_or(row->data, "revision", ""),
			rules_revision(r)) == 0;
	size_t i, j;

	json_array_foreach(list, i, name)
		for (j = 0; j < r->count; j++)
			if (r->rules[j].once != ONCE_NO &&
			    (same || r->rules[j].labelled) &&
			    strcmp(r->rules[j].name, json_string_value(name)) ==
				0)
				mark(s, r->rules[j].key, row->time_ms);
}

static void
labelled(struct talk *t, const struct row *row)
{
	struct pending *m = waiting_for(t, row->cause);

	if (m == NULL)
		return;
	json_decref(m->labels);
	m->labels = json_incref(row->data);
}

static struct pending *fetch(struct replaying *p, struct talk *t,
    const char *id);

/* Edits have their turn right behind what came before them, or where the log
 * says that rules fired. */
static int
take_edits(struct replaying *p, struct talk *t)
{
	int code = 0;

	while (code == 0 && t->nwaiting > 0 && t->waiting[0].is_edit &&
	    !t->waiting[0].is_routed)
		code = take_turn(p, t, 0, NULL);
	return code;
}

static int
routed(struct replaying *p, struct talk *t, const struct row *row)
{
	struct pending *m = waiting_for(t, row->cause);
	int code;

	if (m == NULL && p->split[0] != '\0')
		m = fetch(p, t, row->cause);
	/* What route made of it itself stands in its decision. */
	if (m != NULL && m->labels == NULL)
		m->labels = json_incref(row->data);
	if (!p->decides) {
		remember(p->r->now, &t->state[0], row);
		remember(p->r->then, &t->state[1], row);
		snprintf(t->language, sizeof(t->language), "%s",
		    json_str_or(row->data, "language", "und"));
	}
	if (m == NULL)
		return 0;
	m->taken_back |= json_bool_or(row->data, "taken_back", false);
	code = take_turn(p, t, (size_t)(m - t->waiting), row);
	return code < 0 ? code : take_edits(p, t);
}

/* Rules were asked of something else than a message, and fired. */
static int
fired(struct replaying *p, struct talk *t, const struct row *row)
{
	struct pending *m = waiting_for(t, row->cause);
	int code;

	if (!p->decides) {
		remember(p->r->now, &t->state[0], row);
		remember(p->r->then, &t->state[1], row);
	}
	if (m == NULL || !m->is_edit)
		return 0;
	code = take_turn(p, t, (size_t)(m - t->waiting), row);
	return code < 0 ? code : take_edits(p, t);
}

/* What a person has snoozed wakes by the log; what a rule has, in each world by
 * its own time. */
static void
wake_slept(struct talk *t)
{
	int w;

	for (w = 0; w < WORLDS; w++)
		if (t->state[w].rests_until_ms == INT64_MAX)
			wake(&t->state[w], INT64_MAX);
}

static int
timed(struct replaying *p, struct talk *t, const struct row *row)
{
	const char *name = json_str_or(row->data, "timer", "");
	struct asking a = { .p = p,
		.t = t,
		.at_ms = row->time_ms,
		.decided_ms = row->time_ms,
		.data = row->data };
	enum rules_occasion occasion = RULES_IDLE;
	int64_t since_ms = 0, last_ms = t->last_in_ms;
	int code = settle(p, t);

	if (code < 0 ||
	    time_parse(json_str_or(row->data, "since", ""), &since_ms) < 0)
		return code;
	if (strcmp(name, "snooze") == 0) {
		wake_slept(t);
		return 0;
	}
	if (strcmp(name, "waiting") == 0) {
		occasion = RULES_WAITING;
		last_ms = t->last_out_ms;
	} else if (strcmp(name, "window") == 0)
		occasion = RULES_WINDOW;
	else if (strcmp(name, "sla") == 0) {
		/* That it ran stood in the store when this was written. */
		occasion = RULES_SLA;
		last_ms = since_ms;
	} else if (t->last_out_ms > last_ms)
		last_ms = t->last_out_ms;
	/* It has gone on since. */
	if (!p->decides || last_ms > since_ms ||
	    json_at(row->data, "ended") != NULL)
		return 0;
	return decide_both(&a, occasion, json_int_or(row->data, "after_ms", 0),
	    row->id);
}

/* What the desk said: an answer of the AI or of a person ends the waiting, and
 * a person who answers has it then, as conv has it. */
static int
queued(struct replaying *p, struct talk *t, const struct row *row)
{
	const char *author = json_str_or(row->data, "author", "");
	bool person = str_starts(author, "user:");
	int w, code = 0;

	if ((strcmp(author, "ai") == 0 || person) &&
	    row->time_ms > t->last_out_ms)
		t->last_out_ms = row->time_ms;
	if (!person || json_str(row->data, "part_of") != NULL ||
	    strcmp(json_str_or(row->data, "kind", "text"), "reaction") == 0)
		return 0;
	code = settle(p, t);
	for (w = 0; w < WORLDS && code == 0; w++) {
		go_on(&t->state[w], row->time_ms);
		give(&t->state[w], author + strlen("user:"), t->state[w].team,
		    row->time_ms);
	}
	return code;
}

static int
other_occasion(struct replaying *p, struct talk *t, const struct row *row)
{
	struct asking a = { .p = p,
		.t = t,
		.at_ms = row->time_ms,
		.decided_ms = row->time_ms,
		.data = row->data };
	int code = settle(p, t);

	if (code < 0 || !p->decides)
		return code;
	return decide_both(&a,
	    strcmp(row->type, "conversation.rated") == 0 ? RULES_RATING :
							   RULES_ANSWER,
	    0, row->id);
}

/* What the log has of an edit: an ERR, or */
enum edit_told {
	EDIT_UNTOLD,   /* nothing: no rule fired */
	EDIT_FIRED,    /* that rules did, behind it */
	EDIT_PASSED_BY /* that none was asked, as its message was taken back */
};

static int
told_of(struct replaying *p, const char *id)
{
	struct query q = query(store_desk(p->store),
	    "SELECT data ->> 'taken_back' IS NOT NULL FROM event"
	    " WHERE cause = :id AND type = 'rules.fired' LIMIT 1");
	int told = EDIT_UNTOLD, code;

	bind_text(&q, ":id", id);
	if (step(&q))
		told = column_int(&q, 0) != 0 ? EDIT_PASSED_BY : EDIT_FIRED;
	code = done(&q);
	return code < 0 ? code : told;
}

static int
commented(struct replaying *p, struct talk *t, const struct row *row)
{
	struct pending m = { .kind = (char *)"text",
		.name = t->name,
		.at_ms = row->time_ms };
	struct asking a = { .p = p,
		.t = t,
		.m = &m,
		.to_hand_over = true,
		.at_ms = row->time_ms,
		.decided_ms = row->time_ms };
	int w, code = settle(p, t);

	if (code == 0 && p->decides)
		code = survey_comment(p->store, json_str(row->data, "message"),
		    &m.text);
	if (code != 1)
		return code;
	for (w = 0; w < WORLDS; w++)
		m.turns[w] = t->state[w].turns + 1;
	code = decide_aside(&a, &m, RULES_MESSAGE, row->id);
	free(m.text);
	return code;
}

static int
edited(struct replaying *p, struct talk *t, const struct row *row)
{
	struct pending *m;
	int code = settle(p, t);

	if (code == 0)
		code = told_of(p, row->id);
	if (code < 0 || code == EDIT_PASSED_BY)
		return code < 0 ? code : 0;
	m = message_add(t);
	snprintf(m->id, sizeof(m->id), "%s", row->id);
	m->text = xstrdup(row->text);
	m->at_ms = row->time_ms;
	m->is_edit = true;
	m->is_routed = code == EDIT_FIRED;
	return take_edits(p, t);
}

/* No later message is read together with it. */
static void
drop_line(struct talk *t, const char *id)
{
	size_t i;

	for (i = 0; i < t->nlines; i++) {
		if (strcmp(t->lines[i].id, id) != 0)
			continue;
		free(t->lines[i].text);
		memmove(&t->lines[i], &t->lines[i + 1],
		    (--t->nlines - i) * sizeof(t->lines[0]));
		return;
	}
}

/* The log of an older version does not tell what route passed by. */
static int
revoked(struct replaying *p, struct talk *t, const struct row *row)
{
	struct query q;
	struct pending *m;
	char id[ULID_BYTES] = "";
	int code;

	if (t->nwaiting + t->nlines == 0)
		return 0;
	q = query(store_desk(p->store),
	    "SELECT m.id FROM message e JOIN message m ON " REMARK_SQL
	    " WHERE e.id = :id");
	bind_text(&q, ":id", row->id);
	if (step(&q))
		snprintf(id, sizeof(id), "%s", column_text(&q, 0));
	code = done(&q);
	m = waiting_for(t, id);
	if (m != NULL)
		m->taken_back = true;
	drop_line(t, id);
	return code;
}

/* --- contacts, and what is merged --- */

/* What came before has had its turn. */
static int
settle_all(struct replaying *p, const char *contact)
{
	size_t i;
	int code = 0;

	for (i = 0; i < p->ntalks && code == 0; i++)
		if (p->talks[i]->into == NULL &&
		    strcmp(p->talks[i]->contact, contact) == 0)
			code = settle(p, p->talks[i]);
	return code;
}

static struct consent *
consent_for(struct replaying *p, const char *contact)
{
	struct consent *c = consent_of(p, contact);

	if (c != NULL)
		return c;
	p->consents =
	    xrealloc(p->consents, (p->nconsents + 1) * sizeof(*p->consents));
	c = &p->consents[p->nconsents++];
	memset(c, 0, sizeof(*c));
	snprintf(c->contact, sizeof(c->contact), "%s", contact);
	return c;
}

/* Of two who are one what was said last holds. */
static void
consents_merge(struct replaying *p, const char *contact, const char *other)
{
	struct consent *c, was;

	if (consent_of(p, other) == NULL)
		return;
	c = consent_for(p, contact);
	was = *consent_of(p, other);
	if (was.blocked_ms > c->blocked_ms) {
		c->blocked_ms = was.blocked_ms;
		c->blocked = was.blocked;
	}
	if (was.out_ms > c->out_ms) {
		c->out_ms = was.out_ms;
		c->out = was.out;
	}
}

static int
contacts_merged(struct replaying *p, const char *contact, const char *other)
{
	int code = settle_all(p, contact);
	size_t i;

	if (code == 0)
		code = settle_all(p, other);
	if (code < 0)
		return code;
	p->split_off[0] = '\0';
	consents_merge(p, contact, other);
	for (i = 0; i < p->ntalks; i++)
		if (strcmp(p->talks[i]->contact, other) == 0)
			snprintf(p->talks[i]->contact,
			    sizeof(p->talks[i]->contact), "%s", contact);
	return 0;
}

/* Which messages went the log does not say: no clock is held against what
 * comes. */
static int
contact_was_split(struct replaying *p, const char *contact, const char *other)
{
	int code = settle_all(p, contact);
	size_t i;

	if (code < 0)
		return code;
	snprintf(p->split, sizeof(p->split), "%s", contact);
	snprintf(p->split_off, sizeof(p->split_off), "%s", other);
	for (i = 0; i < p->ntalks; i++)
		if (strcmp(p->talks[i]->contact, contact) == 0)
			p->talks[i]->last_in_ms = p->talks[i]->last_out_ms = 0;
	return 0;
}

/* contact.* */
static int
contact_told(struct replaying *p, const struct row *row)
{
	const char *contact = json_str(row->data, "contact"),
		   *other = json_str(row->data, "other"),
		   *change = json_str_or(row->data, "change", "");
	bool blocks = strcmp(row->type, "contact.blocked") == 0,
	     out = strcmp(row->type, "contact.opted_out") == 0;
	struct consent *c;
	int code;

	if (contact == NULL)
		return 0;
	if (strcmp(row->type, "contact.merged") == 0 && other != NULL)
		return contacts_merged(p, contact, other);
	if (strcmp(row->type, "contact.split") == 0 && other != NULL)
		return contact_was_split(p, contact, other);
	if (!blocks && !out && strcmp(change, "opted_in") != 0)
		return 0;
	code = settle_all(p, contact);
	if (code < 0)
		return code;
	c = consent_for(p, contact);
	if (blocks && row->time_ms >= c->blocked_ms) {
		c->blocked = json_bool_or(row->data, "blocked", true);
		c->blocked_ms = row->time_ms;
	} else if (!blocks && row->time_ms >= c->out_ms) {
		c->out = out;
		c->out_ms = row->time_ms;
	}
	return 0;
}

static int
rank(const char *const *names, const char *name)
{
	int i = 0;

	while (names[i + 1] != NULL && strcmp(names[i], name) != 0)
		i++;
	return i;
}

static void
attributes_merge(struct state *to, const struct state *from, bool wins)
{
	size_t i;

	for (i = 0; i < from->set.count; i++)
		if (wins || !names_has(&to->set, from->set.items[i]))
			set_attribute(to, from->set.items[i],
			    from->to.items[i]);
}

static void
tags_merge(struct state *to, const struct state *from)
{
	size_t i;

	for (i = 0; i < from->tags.count; i++)
		put_in(&to->tags, from->tags.items[i]);
}

/* Nothing is left in it. */
static void
empty(struct state *s)
{
	names_release(&s->tags);
	put(&s->assignee, NULL);
	put(&s->team, NULL);
	snprintf(s->owner, sizeof(s->owner), "queue");
	snprintf(s->status, sizeof(s->status), "archived");
	s->handed_ms = 0;
	s->for_takers = false;
}

/* Who has it then: the more human owner, for as long as people have had it. */
static void
own_both(struct state *to, const struct state *from)
{
	static const char *const owners[] = { "ai", "queue", "user", NULL };
	bool counts = !is_closed(from) || is_closed(to);
	int ours = rank(owners, to->owner), theirs = rank(owners, from->owner);
	int64_t to_ms = to->handed_ms, from_ms = from->handed_ms;
	bool people = counts && ours > 0 && theirs > 0;

	if (!counts || theirs <= ours) {
		if (people && from_ms < to_ms)
			to->handed_ms = from_ms;
		return;
	}
	snprintf(to->owner, sizeof(to->owner), "%s", from->owner);
	put(&to->assignee, from->assignee);
	if (from->team != NULL)
		put(&to->team, from->team);
	to->handed_ms = people && to_ms < from_ms ? to_ms : from_ms;
	to->for_takers = from->for_takers;
	to->dealing = from->dealing;
}

/* As merge.c does; what differs between the worlds stays different. */
static void
join(struct state *to, struct state *from, bool their_promise)
{
	static const char *const priorities[] = { "low", "medium", "high",
		"urgent", NULL };
	bool closed = is_closed(to) || is_closed(from);

	own_both(to, from);
	if (strcmp(to->status, "snoozed") == 0 &&
	    strcmp(from->status, "open") == 0)
		snprintf(to->status, sizeof(to->status), "open");
	if (!is_closed(from) &&
	    rank(priorities, from->priority) > rank(priorities, to->priority))
		memcpy(to->priority, from->priority, sizeof(to->priority));
	if (their_promise || to->sla == NULL)
		put(&to->sla, from->sla);
	if (!closed && from->reopened_ms < to->reopened_ms)
		to->reopened_ms = from->reopened_ms;
	tags_merge(to, from);
	empty(from);
}

/* In a world where the other one alone is open it is that which goes on, under
 * the id of the log; the answers stay where they were given. */
static void
swap_if_closed(struct state *to, struct state *from)
{
	struct state was = *to;
	struct names replies = from->replies;

	if (!is_closed(to) || is_closed(from))
		return;
	*to = *from;
	*from = was;
	from->replies = replies;
	to->replies = was.replies;
}

/* Whether of two policies that which goes on by the log was the other's. */
static bool
is_their_promise(const struct talk *to, const struct talk *from,
    const struct row *row)
{
	const char *policy = json_str(row->data, "policy");

	if (policy == NULL)
		return false;
	if (strcmp(policy, "default") == 0)
		policy = NULL;
	return str_same(policy, from->state[0].sla) &&
	    !str_same(policy, to->state[0].sla);
}

static void
add_waiting(struct talk *t, const struct pending *m)
{
	size_t at = t->nwaiting;

	*message_add(t) = *m;
	for (; at > 0 && t->waiting[at - 1].at_ms > m->at_ms; at--) {
		t->waiting[at] = t->waiting[at - 1];
		t->waiting[at - 1] = *m;
	}
}

/* A message that went to another conversation as customers were split; NULL. */
static struct pending *
fetch(struct replaying *p, struct talk *t, const char *id)
{
	struct pending *m = NULL, moved;
	struct talk *from = NULL;
	size_t i;

	for (i = 0; i < p->ntalks && m == NULL; i++) {
		from = p->talks[i];
		m = waiting_for(from, id);
	}
	if (m == NULL)
		return NULL;
	moved = *m;
	i = (size_t)(m - from->waiting);
	memmove(&from->waiting[i], &from->waiting[i + 1],
	    (--from->nwaiting - i) * sizeof(moved));
	add_waiting(t, &moved);
	return waiting_for(t, id);
}

/* The lines of both, the last of them. */
static void
lines_merge(struct talk *to, struct talk *from)
{
	struct line all[2 * BURST_LINES];
	size_t i = 0, j = 0, n = 0, first;

	while (i < to->nlines || j < from->nlines)
		all[n++] = j == from->nlines ||
			(i < to->nlines &&
			    to->lines[i].at_ms <= from->lines[j].at_ms) ?
		    to->lines[i++] :
		    from->lines[j++];
	first = n > BURST_LINES ? n - BURST_LINES : 0;
	for (i = 0; i < first; i++)
		free(all[i].text);
	to->nlines = n - first;
	memcpy(to->lines, &all[first], to->nlines * sizeof(*all));
	from->nlines = 0;
}

static void
messages_merge(struct talk *to, struct talk *from)
{
	size_t i;

	for (i = 0; i < from->nwaiting; i++)
		add_waiting(to, &from->waiting[i]);
	from->nwaiting = 0;
	lines_merge(to, from);
	if (from->last_in_ms > to->last_in_ms) {
		to->last_in_ms = from->last_in_ms;
		put(&to->name, from->name);
	}
	if (from->last_out_ms > to->last_out_ms)
		to->last_out_ms = from->last_out_ms;
	if (strcmp(to->language, "und") == 0)
		memcpy(to->language, from->language, sizeof(to->language));
	to->group |= from->group;
}

/* By the events they were for, whose ids sort by time. */
static void
replies_merge(struct names *to, struct names *from)
{
	struct names all = { .count = 0 };
	size_t i = 0, j = 0;

	while (i < to->count || j < from->count)
		names_add(&all,
		    j == from->count ||
			    (i < to->count &&
				strncmp(to->items[i], from->items[j],
				    ULID_BYTES - 1) <= 0) ?
			to->items[i++] :
			from->items[j++]);
	names_release(to);
	names_release(from);
	*to = all;
}

/* conversation.merged: to goes on. */
static int
merged(struct replaying *p, struct talk *to, const struct row *row)
{
	const char *other = json_str_or(row->data, "other", "");
	size_t at = slot_of(p, other);
	struct talk *from =
	    p->slots[at] != 0 ? goes_on(p->talks[p->slots[at] - 1]) : to;
	bool emptied = is_split_off(p, row), theirs;
	struct state *a, *b;
	int w, code = settle(p, to);

	if (code == 0)
		code = settle(p, from);
	if (code < 0 || from == to)
		return code;
	theirs = is_their_promise(to, from, row);
	for (w = 0; w < WORLDS; w++) {
		a = &to->state[w];
		b = &from->state[w];
		if (!emptied)
			swap_if_closed(a, b);
		attributes_merge(a, b,
		    strcmp(from->born, to->contact) == 0 &&
			strcmp(to->born, to->contact) != 0);
		if (emptied) {
			tags_merge(a, b);
			empty(b);
		} else
			join(a, b, theirs);
	}
	for (w = 0; w < WORLDS; w++) {
		if (to->state[w].handed.at_ms < from->state[w].handed.at_ms)
			to->state[w].handed = from->state[w].handed;
		replies_merge(&to->state[w].replies, &from->state[w].replies);
	}
	messages_merge(to, from);
	from->into = to;
	return 0;
}

static void
note_apart(struct talk *t, int64_t at_ms)
{
	if (strcmp(t->state[0].status, "open") == 0 ||
	    strcmp(t->state[1].status, "open") != 0)
		t->apart_ms = 0;
	else if (t->apart_ms == 0)
		t->apart_ms = at_ms;
}

/* It is so late now. */
static void
pass_time(const struct replaying *p, struct talk *t, int64_t at_ms)
{
	int w;

	if (t->apart_ms != 0 && p->timer_ms != 0 &&
	    at_ms - t->apart_ms >= p->timer_ms)
		t->is_unknown = true;
	for (w = 0; w < WORLDS; w++)
		wake(&t->state[w], at_ms);
	note_apart(t, at_ms);
}

/* What rules are asked upon. */
static bool
is_occasion(const char *type)
{
	static const char *const types[] = { "message.received",
		"message.edited", "timer.fired", "conversation.rated", NULL };

	return str_in(type, types) || str_starts(type, "reply.");
}

static int
happened_in(struct replaying *p, struct talk *t, const struct row *row)
{
	if (is_occasion(row->type) && is_blocked(p, t->contact)) {
		if (strcmp(row->type, "message.received") == 0)
			heard(t, row);
		return 0;
	}
	if (strcmp(row->type, "message.received") == 0)
		return received(p, t, row);
	if (strcmp(row->type, "message.routed") == 0)
		return routed(p, t, row);
	if (strcmp(row->type, "timer.fired") == 0)
		return timed(p, t, row);
	if (strcmp(row->type, "message.edited") == 0)
		return edited(p, t, row);
	if (strcmp(row->type, "conversation.commented") == 0)
		return commented(p, t, row);
	if (strcmp(row->type, "rules.fired") == 0)
		return fired(p, t, row);
	if (str_starts(row->type, "reply.") ||
	    strcmp(row->type, "conversation.rated") == 0)
		return other_occasion(p, t, row);
	if (strcmp(row->type, "message.queued") == 0)
		return queued(p, t, row);
	if (strcmp(row->type, "message.labelled") == 0)
		labelled(t, row);
	else if (strcmp(row->type, "message.revoked") == 0)
		return revoked(p, t, row);
	else if (strcmp(row->type, "conversation.merged") == 0)
		return merged(p, t, row);
	else if (strcmp(row->type, "conversation.opened") == 0 ||
	    strcmp(row->type, "conversation.reopened") == 0) {
		if (!is_decision(p, row))
			opened(p, t, row);
	} else
		return changed(p, t, row);
	return 0;
}

static int
happened(struct replaying *p, const struct row *row)
{
	struct talk *t;
	int code;

	if (str_starts(row->type, "contact."))
		return contact_told(p, row);
	t = talk_for(p, row);
	if (t == NULL)
		return 0;
	pass_time(p, t, row->time_ms);
	code = happened_in(p, t, row);
	note_apart(t, row->time_ms);
	return code;
}

/* --- the log --- */

#define TYPES_SQL                                                     \
	"'message.received', 'message.edited', 'message.routed',"     \
	" 'message.queued',"                                          \
	" 'message.labelled', 'message.revoked', 'timer.fired',"      \
	" 'contact.blocked', 'contact.opted_out', 'contact.changed'," \
	" 'contact.merged', 'contact.split', 'conversation.merged',"  \
	" 'conversation.awaited',"                                    \
	" 'reply.drafted', 'reply.declined', 'conversation.opened',"  \
	" 'conversation.reopened', 'conversation.taken',"             \
	" 'conversation.assigned', 'conversation.released',"          \
	" 'conversation.escalated', 'conversation.paused',"           \
	" 'conversation.resolved', 'conversation.archived',"          \
	" 'conversation.snoozed', 'conversation.tagged',"             \
	" 'conversation.untagged', 'conversation.prioritised',"       \
	" 'conversation.sla_set',"                                    \
	" 'conversation.rated', 'conversation.commented', 'rules.fired'"

static int
read_row(struct replaying *p, struct query *q)
{
	const char *data = column_text(q, 6);
	struct row row = { .type = column_text(q, 1),
		.id = column_text(q, 2),
		.cause = column_text(q, 3),
		.stage = column_text(q, 4),
		.time_ms = column_int(q, 5),
		.text = column_text(q, 7),
		.name = column_text(q, 8) };
	int code = json_object_parse(data, strlen(data), &row.data);

	if (row.time_ms > p->last_ms)
		p->last_ms = row.time_ms;
	if (code == 0)
		code = happened(p, &row);
	json_decref(row.data);
	return code;
}

/* A page of the log; *seq is where to go on. 1 if there was one, 0, or an ERR. */
static int
read_page(struct replaying *p, struct store *s, bool names, int64_t *seq)
{
	struct query q = query(store_desk(s),
	    "SELECT e.seq, e.type, e.id, e.cause, e.stage, e.time_ms, e.data,"
	    " m.text, CASE WHEN :names AND e.type = 'message.received' THEN"
	    "  (SELECT name FROM contact c WHERE c.id = e.data ->> 'contact')"
	    " END FROM event e LEFT JOIN message m ON m.id = e.id"
	    "  AND e.type IN ('message.received', 'message.edited')"
	    " WHERE e.seq > :seq AND e.seq <= :seq + :rows"
	    " AND e.type IN (" TYPES_SQL ") ORDER BY e.seq");
	int code = 0, again;

	bind_int(&q, ":names", names);
	bind_int(&q, ":seq", *seq);
	bind_int(&q, ":rows", PAGE_ROWS);
	while (code == 0 && step(&q)) {
		p->decides = column_int(&q, 0) > p->since_seq;
		code = read_row(p, &q);
	}
	again = done(&q);
	*seq += PAGE_ROWS;
	return code < 0 ? code : again;
}

/* --- the difference --- */

static int
by_id(const void *a, const void *b)
{
	return strcmp((*(struct talk *const *)a)->id,
	    (*(struct talk *const *)b)->id);
}

static json_t *
list_of(const struct names *n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n->count; i++)
		json_array_append_new(list, json_text_new(n->items[i]));
	return list;
}

/* "ai", "queue", "team NAME", or a person. */
static json_t *
owner_of(const struct state *s)
{
	json_t *value;
	char *text;

	if (owned_by(s, "user"))
		return json_text_new(
		    s->assignee != NULL ? s->assignee : "user");
	if (!owned_by(s, "queue") || s->team == NULL)
		return json_text_new(s->owner);
	text = xformat("team %s", s->team);
	value = json_text_new(text);
	free(text);
	return value;
}

/* Takes now and new. Whether they differ. */
static bool
compare(const struct replay *r, const struct talk *t, const char *field,
    json_t *now, json_t *new)
{
	bool differ = !json_equal(now, new);
	json_t *line;

	if (differ) {
		line = json_object();
		json_put(line, "conversation", t->id);
		json_put(line, "field", field);
		json_object_set(line, "now", now);
		json_object_set(line, "new", new);
		r->tell(r->ctx, line);
		json_decref(line);
	}
	json_decref(now);
	json_decref(new);
	return differ;
}

static bool
differs(const struct replay *r, const struct talk *t)
{
	const struct state *a = &t->state[0], *b = &t->state[1];
	bool any;

	any = compare(r, t, "owner", owner_of(a), owner_of(b));
	any |= compare(r, t, "priority", json_text_new(a->priority),
	    json_text_new(b->priority));
	any |= compare(r, t, "replies", list_of(&a->replies),
	    list_of(&b->replies));
	any |=
	    compare(r, t, "sla", json_text_new(a->sla), json_text_new(b->sla));
	any |= compare(r, t, "status", json_text_new(a->status),
	    json_text_new(b->status));
	any |= compare(r, t, "tags", list_of(&a->tags), list_of(&b->tags));
	return any;
}

/* Of what was not open no timer stands in the log. */
static void
warn_of_unknown(const struct replay *r, size_t talks)
{
	char *text;

	if (talks == 0)
		return;
	text = xformat("%zu conversation%s would have been open for longer "
		       "with the new rules: what timers would have done there "
		       "is not known",
	    talks, talks == 1 ? "" : "s");
	r->warn(r->ctx, text);
	free(text);
}

static int
finish(struct replaying *p)
{
	struct talk *t;
	size_t i, unknown = 0;
	int code = 0, n = 0;

	for (i = 0; i < p->ntalks && code == 0; i++)
		while (p->talks[i]->nwaiting > 0 && code == 0) {
			p->decides = p->talks[i]->waiting[0].counts;
			code = take_turn(p, p->talks[i], 0, NULL);
		}
	if (code < 0)
		return code;
	if (p->ntalks > 0)
		qsort(p->talks, p->ntalks, sizeof(struct talk *), by_id);
	for (i = 0; i < p->ntalks; i++) {
		t = p->talks[i];
		if (t->into != NULL)
			continue;
		pass_time(p, t, p->last_ms);
		n += differs(p->r, t);
		unknown += t->is_unknown;
	}
	warn_of_unknown(p->r, unknown);
	return n;
}

/* The shortest time of a timer; 0: there is none. */
static int64_t
shortest(const struct rules *r)
{
	const struct rules_timer *timers;
	size_t i, n = rules_timers(r, &timers);
	int64_t ms = n > 0 ? timers[0].after_ms : 0;

	for (i = 1; i < n; i++)
		if (timers[i].after_ms < ms)
			ms = timers[i].after_ms;
	return ms;
}

int
rules_replay(struct store *s, const struct replay *r)
{
	struct replaying p = { .r = r,
		.store = s,
		.timer_ms = shortest(r->then) };
	bool names = rules_ask_name(r->now) || rules_ask_name(r->then);
	int64_t seq = 0, last = 0;
	size_t i;
	int code = log_last(s, &last);

	if (code == 0)
		code = log_since(s, r->since_ms, &p.since_seq);
	while (code == 0 && seq < last)
		code = read_page(&p, s, names, &seq);
	if (code == 0)
		code = finish(&p);
	for (i = 0; i < p.ntalks; i++)
		talk_free(p.talks[i]);
	free(p.talks);
	free(p.slots);
	free(p.consents);
	return code;
}
