/* advice - what rules say that can hardly be meant */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
	if (c->kind == IF_COUNT && (c->op == OP_EQ || c->op == OP_NE) &&
	    c->number != floor(c->number))
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

static void
pass_on(void *ctx, const char *text)
{
	advise(ctx, "%s", text);
}

/* The instances that a rule must be of; NULL: any. */
static const struct condition *
instances_of(const struct node *n)
{
	const struct condition *c = n->condition, *found = NULL;
	size_t i;

	if (c != NULL)
		return c->kind == IF_INSTANCE && !c->not ? c : NULL;
	for (i = 0; (n->kind == NODE_AND || n->kind == NODE_NAMED) &&
	     i < n->nkids && found == NULL;
	     i++)
		found = instances_of(n->kids[i]);
	return found;
}

static bool
is_of(const struct rules *r, const struct condition *c, const char *instance)
{
	struct names names = { NULL, 0 };
	bool is;

	condition_values(r, c, &names);
	is = names_has(&names, instance);
	names_release(&names);
	return is;
}

/* Where the doors are always open they do not open again. */
static void
look_at_opening(struct advising *a)
{
	const struct rule *rule = a->rule;
	const struct condition *of = instances_of(rule->node);
	char *const *name = a->known->unopened;
	bool waits = false;
	size_t i;

	for (i = 0; i < rule->nactions; i++)
		waits |= !rule->actions[i].stop &&
		    rule->actions[i].kind == EFFECT_SNOOZE &&
		    rule->actions[i].ms == 0;
	for (; waits && name != NULL && *name != NULL; name++)
		if (of == NULL || is_of(a->r, of, *name))
			advise(a,
			    "snooze until opening: instance %s has no hours, "
			    "and nothing is snoozed there",
			    *name);
}

/* So a rule built in is switched off. */
static bool
switches_off(const struct rule *rule)
{
	char *start = xformat("\n%s:", rule->name);
	bool built_in = rule->labelled && strstr(rules_default, start) != NULL;

	free(start);
	return built_in && rule->node->condition != NULL &&
	    rule->node->condition->kind == IF_ANY &&
	    rule->node->condition->not ;
}

/* The longest time that a rule lets go by without a word of the customer. */
static int64_t
silence_of(const struct node *n)
{
	const struct condition *c = n->condition;
	int64_t most = 0, ms;
	size_t i;

	if (c != NULL)
		return !c->not &&(c->kind == IF_IDLE || c->kind == IF_WAITING) ?
		    c->ms :
		    0;
	for (i = 0;
	     (n->kind == NODE_AND || n->kind == NODE_NAMED) && i < n->nkids;
	     i++) {
		ms = silence_of(n->kids[i]);
		if (ms > most)
			most = ms;
	}
	return most;
}

static void
look_for_window(struct advising *a, const struct node *n)
{
	const struct condition *c = n->condition;
	struct buf window = BUF_INIT(0);
	size_t i;

	if (c != NULL && c->kind == IF_WINDOW &&
	    !c->not &&c->ms >= a->known->window_ms) {
		duration_print(&window, a->known->window_ms);
		advise(a, "the window is never open for longer than %s",
		    window.data);
		buf_release(&window);
	}
	for (i = 0; i < n->nkids; i++)
		look_for_window(a, n->kids[i]);
}

/* Behind the end of the window nothing but a template goes out. */
static void
look_at_window(struct advising *a)
{
	const struct rule *rule = a->rule;
	struct buf window = BUF_INIT(0);
	size_t i;

	if (a->known->window_ms == 0)
		return;
	look_for_window(a, rule->node);
	if (silence_of(rule->node) < a->known->window_ms)
		return;
	duration_print(&window, a->known->window_ms);
	for (i = 0; i < rule->nactions; i++)
		if (!rule->actions[i].stop &&
		    (rule->actions[i].kind == EFFECT_REPLY ||
			rule->actions[i].kind == EFFECT_REPLY_TEXT ||
			rule->actions[i].kind == EFFECT_SURVEY))
			advise(a,
			    "%s: the window, of %s, is shut by then: only a "
			    "template goes out",
			    action_names[rule->actions[i].kind], window.data);
	buf_release(&window);
}

/* Whether nothing of its occasions comes past a rule. */
static bool
stops_all(const struct rule *rule)
{
	const struct node *n = rule->node;
	size_t i;

	while (n->kind == NODE_NAMED)
		n = n->kids[0];
	if (n->condition == NULL || n->condition->kind != IF_ANY ||
	    n->condition->not || rule->once != ONCE_NO)
		return false;
	for (i = 0; i < rule->nactions; i++)
		if (rule->actions[i].stop)
			return true;
	return false;
}

/* Told of the first one; those below it are in the same place. */
static void
look_above(struct advising *a, const struct rule **wall)
{
	if (*wall != NULL && (a->rule->occasions & ~(*wall)->occasions) == 0) {
		advise(a, "it is never asked: rule %s above stops everything",
		    (*wall)->name);
		*wall = NULL;
	} else if (*wall == NULL && stops_all(a->rule))
		*wall = a->rule;
}

int
rules_advise(const struct rules *r, const struct rules_known *known,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	struct advising a = { .r = r, .known = known, .say = say, .ctx = ctx };
	const struct rule *wall = NULL;
	size_t i;

	for (i = r->built_in; i < r->count && a.code == 0; i++) {
		a.rule = &r->rules[i];
		look_above(&a, &wall);
		if (!switches_off(a.rule))
			never_find(r, a.rule->node, pass_on, &a);
		a.timers = a.timers_not = 0;
		look_at_node(&a, a.rule->node, false);
		if (a.timers == 0 && a.timers_not > 0)
			advise(&a,
			    "it waits for no timer: what it says of one is "
			    "only when it does not fire");
		look_at_window(&a);
		look_at_opening(&a);
		look_at_actions(&a);
	}
	return a.code;
}
