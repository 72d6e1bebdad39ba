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
	text = xformat("rule %s: %s", a->rule->name, why);
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
	if (c->kind == IF_IDLE || c->kind == IF_WAITING || c->kind == IF_WINDOW)
		++*(not != c->not ? &a->timers_not : &a->timers);
}

static void
look_at_node(struct advising *a, const struct node *n, bool not )
{
	size_t i;

	if (n->condition != NULL)
		look_at_condition(a, n->condition, not );
	for (i = 0; i < n->nkids; i++)
		look_at_node(a, n->kids[i], not != (n->kind == NODE_NOT));
}

static bool
is_one(enum rules_effect_kind kind)
{
	return kind == EFFECT_PRIORITY || kind == EFFECT_PROFILE ||
	    kind == EFFECT_ASSIGN || kind == EFFECT_ASSIGN_TEAM;
}

static bool
assigns(enum rules_effect_kind kind)
{
	return kind == EFFECT_ASSIGN || kind == EFFECT_ASSIGN_TEAM;
}

/* Of one rule an action that another of it undoes. */
static void
look_at_pair(struct advising *a, const struct action *x, const struct action *y)
{
	if (x->stop || y->stop)
		return;
	if ((x->kind == y->kind && is_one(x->kind)) ||
	    (assigns(x->kind) && assigns(y->kind)))
		advise(a, "%s stands twice, and the last one counts",
		    assigns(x->kind) ? "assign" : action_names[x->kind]);
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
			    "it waits for no timer: what it says of idle or "
			    "waiting time is only when it does not fire");
		look_at_actions(&a);
	}
	return a.code;
}
