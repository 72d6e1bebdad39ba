/* advice - what rules say that can hardly be meant */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "rules/own.h"

#define PHONE_DIGITS_MIN 7

struct advising {
	const struct rules *r;
	const struct rules_known *known;
	const struct rule *rule;
	void (*say)(void *ctx, const char *text);
	void *ctx;
	int timers, timers_not; /* conditions of the rule on timers */
	int code;		/* the first ERR of a callback */
};

static void __attribute__((format(printf, 2, 3)))
advise(struct advising *a, const char *fmt, ...)
{
	va_list ap;
	char *why = NULL, *text;

	va_start(ap, fmt);
	if (vasprintf(&why, fmt, ap) < 0)
		why = xstrdup("out of memory");
	va_end(ap);
	text = a->rule->labelled ?
	    xformat("%s: rule %s: %s", a->rule->place, a->rule->name, why) :
	    xformat("%s: %s", a->rule->place, why);
	a->say(a->ctx, text);
	free(text);
	free(why);
}

/* A name that nobody has: today, for people come and go. */
static void
look_for(struct advising *a, int (*is)(void *ctx, const char *name),
    const char *what, const char *name)
{
	int code;

	if (is == NULL || a->code < 0)
		return;
	code = is(a->known->ctx, name);
	if (code < 0)
		a->code = code;
	else if (code == 0)
		advise(a, "there is no %s %s", what, name);
}

/* It has as many digits as a phone number, and an id has not. */
static bool
is_phone(const char *name)
{
	const char *digits = name + (*name == '+');
	size_t len = strlen(digits);

	return len >= PHONE_DIGITS_MIN && len != SHORT_ID_BYTES - 1 &&
	    strspn(digits, "0123456789 ") == len;
}

static void
look_at_name(struct advising *a, enum condition_kind kind, const char *name)
{
	switch (kind) {
	case IF_TEAM:
	case IF_ASSIGNEE:
		if (strcasecmp(name, "none") == 0)
			break;
		look_for(a, kind == IF_TEAM ? a->known->team : a->known->person,
		    kind == IF_TEAM ? "team" : "person", name);
		break;
	case IF_INTENT:
		look_for(a, a->known->intent, "intent", name);
		break;
	case IF_CONTACT:
		if (is_phone(name))
			advise(a,
			    "contact %s: a contact goes by its id or name, "
			    "not by a number; desk-contact show has the id",
			    name);
		break;
	default:
		break;
	}
}

static void
look_at_condition(struct advising *a, const struct condition *c, bool not )
{
	const struct set *set;
	size_t i, j;

	for (i = 0; i < c->nitems && c->kind != IF_TEXT; i++) {
		if (!c->items[i].is_set) {
			look_at_name(a, c->kind, c->items[i].name);
			continue;
		}
		set = &a->r->sets[c->items[i].index];
		for (j = 0; j < set->count; j++)
			look_at_name(a, c->kind, set->values[j].text);
	}
	if (c->kind == IF_COUNT && c->number != floor(c->number))
		advise(a, "the message count is a whole number, and never %g",
		    c->number);
	if ((condition_words[c->kind].occasions & ~(unsigned)RULES_TIMERS) == 0)
		++*(not != c->not ? &a->timers_not : &a->timers);
}

/* A condition on a timer, which is not denied; NULL. */
static const struct condition *
timer_of(const struct node *n)
{
	const struct condition *c = n->condition;

	return c != NULL &&
		!c->not &&(condition_words[c->kind].occasions &
		    ~(unsigned)RULES_TIMERS) == 0 ?
	    c :
	    NULL;
}

/* Both are asked of one timer, which runs for one duration and target. */
static void
look_at_timers(struct advising *a, const struct node *one,
    const struct node *other)
{
	const struct condition *x = timer_of(one), *y = timer_of(other);
	struct buf first = BUF_INIT(0), second = BUF_INIT(0);

	if (x == NULL || y == NULL || x->kind != y->kind ||
	    (x->ms == y->ms &&
		(x->name == NULL || y->name == NULL ||
		    strcmp(x->name, y->name) == 0)))
		return;
	node_print(a->r, one, &first);
	node_print(a->r, other, &second);
	/* Each with a blank in front. */
	advise(a, "'%s' and '%s' never hold at once: each is another timer",
	    first.data + 1, second.data + 1);
	buf_release(&first);
	buf_release(&second);
}

static void
look_at_node(struct advising *a, const struct node *n, bool not )
{
	size_t i, j;

	for (i = 0; n->kind == NODE_AND && i < n->nkids; i++)
		for (j = i + 1; j < n->nkids; j++)
			look_at_timers(a, n->kids[i], n->kids[j]);
	if (n->condition != NULL)
		look_at_condition(a, n->condition, not );
	for (i = 0; i < n->nkids; i++)
		look_at_node(a, n->kids[i], not != (n->kind == NODE_NOT));
}

/* Of these the last one alone has an effect, whatever they say. */
static bool
is_one(enum rules_effect_kind kind)
{
	switch (effect_group(kind)) {
	case EFFECT_PRIORITY:
	case EFFECT_PROFILE:
	case EFFECT_SLA:
	case EFFECT_AI_ON:
	case EFFECT_ASSIGN:
	case EFFECT_REPLY:
	case EFFECT_SNOOZE:
		return true;
	default:
		return false;
	}
}

/* Of one rule an action that another of it undoes. */
static void
look_at_pair(struct advising *a, const struct action *x, const struct action *y)
{
	const char *one, *other;

	if (x->stop || y->stop)
		return;
	one = action_names[x->kind];
	other = action_names[y->kind];
	if (effect_group(x->kind) == effect_group(y->kind) && is_one(x->kind)) {
		if (strcmp(one, other) == 0)
			advise(a, "%s stands twice, and the last one counts",
			    one);
		else
			advise(a, "%s and %s: the last one counts", one, other);
	}
	if (((x->kind == EFFECT_TAG && y->kind == EFFECT_UNTAG) ||
		(x->kind == EFFECT_UNTAG && y->kind == EFFECT_TAG)) &&
	    strcmp(x->value, y->value) == 0)
		advise(a, "%s is put on and taken away", x->value);
}

static void
look_at_actions(struct advising *a)
{
	const struct rule *rule = a->rule;
	const struct action *x;
	size_t i, j;

	for (i = 0; i < rule->nactions; i++) {
		x = &rule->actions[i];
		for (j = i + 1; j < rule->nactions; j++)
			look_at_pair(a, x, &rule->actions[j]);
		if (x->stop)
			continue;
		if (x->kind == EFFECT_ASSIGN)
			look_for(a, a->known->person, "person", x->value);
		else if (x->kind == EFFECT_ASSIGN_TEAM)
			look_for(a, a->known->team, "team", x->value);
		else if (x->kind == EFFECT_NOTIFY)
			look_for(a, a->known->notified,
			    "person, team or channel", x->value);
	}
}

int
rules_advise(const struct rules *r, const struct rules_known *known,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct advising a = { .r = r, .known = known, .say = say, .ctx = ctx };
	size_t i;

	for (i = r->built_in; i < r->count && a.code == 0; i++) {
		a.rule = &r->rules[i];
		a.timers = a.timers_not = 0;
		look_at_node(&a, a.rule->node, false);
		if (a.timers == 0 && a.timers_not > 0)
			advise(&a,
			    "it waits for no timer: what it says of one is "
			    "only when it does not fire");
		look_at_actions(&a);
	}
	return a.code;
}
