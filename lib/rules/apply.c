/* apply - which rules fire, and what comes of it */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "rules/own.h"

/* --- how values compare --- */

static bool
is_same(const char *item, const char *value)
{
	return strcmp(item, value) == 0;
}

/* Whether name is one of a comma-separated list. */
static bool
is_listed(const char *name, const char *list)
{
	size_t len = strlen(name), n;

	for (; *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == len && strncmp(list, name, n) == 0)
			return true;
	}
	return false;
}

/* pt is also pt-BR. */
static bool
is_language(const char *item, const char *tag)
{
	size_t len = strlen(item);

	return strncmp(item, tag, len) == 0 &&
	    (tag[len] == '\0' || tag[len] == '-');
}

/* Names as people write them: capitals and accents do not matter. */
static bool
is_alike(const char *item, const char *value)
{
	char *a = utf8_fold(item, strlen(item)),
	     *b = utf8_fold(value, strlen(value));
	bool same = strcmp(a, b) == 0;

	free(a);
	free(b);
	return same;
}

/* "none" stands for nobody. */
static bool
is_holder(const char *item, const char *value)
{
	return strcmp(item, *value != '\0' ? value : "none") == 0;
}

bool
any_item(const struct rules *r, const struct condition *c,
    bool (*is)(const char *item, const char *text), const char *text)
{
	const struct set *set;
	size_t i, j;

	for (i = 0; text != NULL && i < c->nitems; i++) {
		if (!c->items[i].is_set) {
			if (is(c->items[i].name, text))
				return true;
			continue;
		}
		set = &r->sets[c->items[i].index];
		for (j = 0; j < set->count; j++)
			if (is(set->values[j].text, text))
				return true;
	}
	return false;
}

static bool
any_text(const struct rules_reading *f, const struct condition *c)
{
	const struct set *set;
	size_t i, j;

	for (i = 0; i < c->nitems; i++) {
		if (!c->items[i].is_set) {
			if (f->found[c->items[i].index])
				return true;
			continue;
		}
		set = &f->rules->sets[c->items[i].index];
		for (j = 0; j < set->count; j++)
			if (f->found[set->values[j].pattern])
				return true;
	}
	return false;
}

static bool
compares(double value, enum op op, double number)
{
	switch (op) {
	case OP_EQ:
		return value == number;
	case OP_NE:
		return value != number;
	case OP_LT:
		return value < number;
	case OP_LE:
		return value <= number;
	case OP_GT:
		return value > number;
	case OP_GE:
		return value >= number;
	case OP_NONE:
		break;
	}
	return true;
}

/* --- conditions that ask --- */

static int
asked(const struct rules_facts *facts, enum rules_question what)
{
	return facts->ask != NULL ? facts->ask(facts->ctx, what) : 0;
}

static int
number_holds(const struct rules_facts *facts, const struct condition *c,
    enum rules_number what)
{
	double value;
	int got =
	    facts->number != NULL ? facts->number(facts->ctx, what, &value) : 0;

	return got == 1 ? compares(value, c->op, c->number) : got;
}

static int
attribute_holds(const struct rules_reading *f, const struct condition *c,
    const struct rules_facts *facts)
{
	char *value = NULL, *end;
	double number;
	int got = facts->attribute != NULL ?
	    facts->attribute(facts->ctx, c->name, &value) :
	    0;

	if (got != 1)
		return got;
	if (c->op == OP_EQ || c->op == OP_NE)
		got =
		    any_item(f->rules, c, is_alike, value) == (c->op == OP_EQ);
	else if (c->op != OP_NONE) {
		number = strtod(value, &end);
		got = end != value && *end == '\0' &&
		    compares(number, c->op, c->number);
	}
	free(value);
	return got;
}

static int
intent_holds(const struct rules_facts *facts, const struct condition *c,
    const char *name)
{
	double score;
	int got =
	    facts->intent != NULL ? facts->intent(facts->ctx, name, &score) : 0;

	return got == 1 ? compares(score, c->op, c->number) : got;
}

static int
any_intent(const struct rules_reading *f, const struct condition *c,
    const struct rules_facts *facts)
{
	const struct set *set;
	size_t i, j;
	int got = 0;

	for (i = 0; got == 0 && i < c->nitems; i++) {
		if (!c->items[i].is_set) {
			got = intent_holds(facts, c, c->items[i].name);
			continue;
		}
		set = &f->rules->sets[c->items[i].index];
		for (j = 0; got == 0 && j < set->count; j++)
			got = intent_holds(facts, c, set->values[j].text);
	}
	return got;
}

static int
sentiment_holds(const struct rules_reading *f, const struct condition *c,
    const struct rules_facts *facts)
{
	const char *label = NULL;
	double score;
	int got = facts->sentiment != NULL ?
	    facts->sentiment(facts->ctx, &label, &score) :
	    0;

	if (got != 1)
		return got;
	if (c->op != OP_NONE)
		return compares(score, c->op, c->number);
	return any_item(f->rules, c, is_same, label);
}

static bool
timer_holds(const struct rules_facts *facts, const struct condition *c,
    enum rules_occasion occasion)
{
	return facts->occasion == occasion && facts->after_ms == c->ms;
}

static const char *
or_none(const char *value)
{
	return value != NULL ? value : "";
}

/* Whether c holds, but for its `not`: 1, 0 or an ERR. */
static int
plain_holds(const struct rules_reading *f, const struct condition *c,
    const struct rules_facts *facts)
{
	const struct rules *r = f->rules;

	switch (c->kind) {
	case IF_ANY:
		return 1;
	case IF_TEXT:
		return any_text(f, c);
	case IF_KIND:
		return any_item(r, c, is_same, facts->kind);
	case IF_INSTANCE:
		return any_item(r, c, is_same, facts->instance);
	case IF_LANGUAGE:
		return any_item(r, c, is_language, facts->language);
	case IF_OPEN:
		return facts->open(facts->ctx,
		    c->nitems > 0 ? c->items[0].name : NULL);
	case IF_FIRST:
		return facts->first != NULL ? facts->first(facts->ctx) : 0;
	case IF_TAGGED:
		return any_item(r, c, is_listed, or_none(facts->tags));
	case IF_PRIORITY:
		return any_item(r, c, is_same, facts->priority);
	case IF_OWNER:
		return any_item(r, c, is_same, facts->owner);
	case IF_STATUS:
		return any_item(r, c, is_same, facts->status);
	case IF_TEAM:
		return any_item(r, c, is_holder, or_none(facts->team));
	case IF_ASSIGNEE:
		return any_item(r, c, is_holder, or_none(facts->assignee));
	case IF_CONTACT:
		return any_item(r, c, is_same, facts->contact) ||
		    any_item(r, c, is_alike, facts->name);
	case IF_ATTRIBUTE:
		return attribute_holds(f, c, facts);
	case IF_NEW:
		return asked(facts, ASK_NEW);
	case IF_REOPENED:
		return asked(facts, ASK_REOPENED);
	case IF_COUNT:
		return number_holds(facts, c, NUMBER_COUNT);
	case IF_AD:
		return c->nitems == 0 ? facts->ad != NULL :
					any_item(r, c, is_same, facts->ad);
	case IF_INTENT:
		return any_intent(f, c, facts);
	case IF_SENTIMENT:
		return sentiment_holds(f, c, facts);
	case IF_EDITED:
		return facts->occasion == RULES_EDIT;
	case IF_IDLE:
		return timer_holds(facts, c, RULES_IDLE);
	case IF_WAITING:
		return timer_holds(facts, c, RULES_WAITING);
	case IF_WINDOW:
		return timer_holds(facts, c, RULES_WINDOW);
	case IF_SLA:
		return timer_holds(facts, c, RULES_SLA) &&
		    (c->name == NULL ||
			strcmp(c->name, or_none(facts->target)) == 0);
	case IF_CONFIDENCE:
		return number_holds(facts, c, NUMBER_CONFIDENCE);
	case IF_RATED:
		return number_holds(facts, c, NUMBER_RATING);
	case IF_TROUBLE:
		return facts->occasion == RULES_INSTANCE;
	case IF_OPTED_OUT:
		return asked(facts, ASK_OPTED_OUT);
	case IF_BLOCKED:
		return asked(facts, ASK_BLOCKED);
	case IF_KINDS:
		break;
	}
	return 0;
}

int
condition_holds(const struct rules_reading *f, const struct condition *c,
    const struct rules_facts *facts)
{
	int got = plain_holds(f, c, facts);

	return got < 0 ? got : got != c->not ;
}

int
node_holds(const struct rules_reading *f, const struct node *n,
    const struct rules_facts *facts)
{
	bool is_or = n->kind == NODE_OR;
	size_t i;
	int got;

	if (n->asked_of != 0 && (n->asked_of & facts->occasion) == 0)
		return 0;
	if (n->kind == NODE_IF)
		return condition_holds(f, n->condition, facts);
	for (i = 0; i < n->nkids; i++) {
		got = node_holds(f, n->kids[i], facts);
		if (n->kind == NODE_NOT)
			return got < 0 ? got : !got;
		if (got < 0 || got == is_or)
			return got;
	}
	return !is_or;
}

/* --- rules --- */

/* The hours of a rule's closed period: those it names first. */
static void
first_hours(void *ctx, const struct condition *c)
{
	const char **hours = ctx;

	if (*hours == NULL && c->kind == IF_OPEN && c->nitems > 0)
		*hours = c->items[0].name;
}

static void
tell_not(const struct rules_reading *f, const struct rule *rule,
    const struct rules_facts *facts)
{
	char *text;

	if (facts->why == NULL)
		return;
	text = why_not(f, rule->node, facts);
	facts->why(facts->ctx, rule->name, false, text);
	free(text);
}

static bool
is_timer(enum rules_occasion occasion)
{
	return (occasion & RULES_TIMERS) != 0;
}

/* A timer is about what still goes on, unless the rule looks; but a customer
 * who was promised an answer waits, too, where somebody has put them to rest. */
static bool
is_put_away(const struct rule *rule, const struct rules_facts *facts)
{
	if (!is_timer(facts->occasion) || rule->asks_status ||
	    facts->status == NULL || strcmp(facts->status, "open") == 0)
		return false;
	return facts->occasion != RULES_SLA ||
	    strcmp(facts->status, "snoozed") != 0;
}

/* Whether a rule fires: 1, 0 or an ERR. */
static int
fires(const struct rules_reading *f, const struct rule *rule,
    const struct rules_facts *facts)
{
	const char *hours = NULL;
	int got;

	if (is_put_away(rule, facts)) {
		if (facts->why != NULL)
			facts->why(facts->ctx, rule->name, false,
			    "the conversation is not open");
		return 0;
	}
	got = node_holds(f, rule->node, facts);
	if (got == 0)
		tell_not(f, rule, facts);
	if (got != 1 || rule->once == ONCE_NO)
		return got;
	node_each(rule->node, first_hours, &hours);
	got = facts->fresh(facts->ctx, rule->key, rule->once, hours);
	if (got == 0 && facts->why != NULL)
		facts->why(facts->ctx, rule->name, false,
		    "it has fired already");
	return got;
}

enum rules_effect_kind
effect_group(enum rules_effect_kind kind)
{
	switch (kind) {
	case EFFECT_UNTAG:
		return EFFECT_TAG;
	case EFFECT_AI_OFF:
	case EFFECT_AI_PAUSE:
		return EFFECT_AI_ON;
	case EFFECT_ASSIGN_TEAM:
		return EFFECT_ASSIGN;
	case EFFECT_REPLY_TEXT:
	case EFFECT_TEMPLATE:
		return EFFECT_REPLY;
	case EFFECT_RESOLVE:
	case EFFECT_ARCHIVE:
		return EFFECT_SNOOZE;
	default:
		return kind;
	}
}

/* The rule of this name is about who wants no more messages. */
static bool
is_opt_out(const struct rule *rule)
{
	return strcmp(rule->name, "opt_out") == 0;
}

static bool
hands_over(const struct rule *rule)
{
	size_t i;

	for (i = 0; i < rule->nactions; i++)
		switch (rule->actions[i].kind) {
		case EFFECT_ESCALATE:
		case EFFECT_ASSIGN:
		case EFFECT_ASSIGN_TEAM:
			return true;
		default:
			break;
		}
	return false;
}

static enum rules_weight
weight_of(const struct rule *rule)
{
	if (is_opt_out(rule))
		return WEIGHT_OPT_OUT;
	return hands_over(rule) ? WEIGHT_HAND_OVER : WEIGHT_PLAIN;
}

static bool
is_said(const struct rules_effect *e)
{
	return effect_group(e->kind) == EFFECT_REPLY ||
	    e->kind == EFFECT_SURVEY;
}

/* Whether b takes the place of a. */
static bool
replaces(const struct rules_effect *b, const struct rules_effect *a)
{
	if (effect_group(a->kind) != effect_group(b->kind))
		return false;
	switch (b->kind) {
	case EFFECT_TAG:
	case EFFECT_UNTAG:
	case EFFECT_ATTRIBUTE:
	case EFFECT_NOTIFY:
	case EFFECT_WEBHOOK:
	case EFFECT_RUN:
		return strcmp(a->value, b->value) == 0;
	default:
		return true;
	}
}

static void
remove_effect(struct rules_result *from, size_t i)
{
	from->count--;
	memmove(&from->effects[i], &from->effects[i + 1],
	    (from->count - i) * sizeof(*from->effects));
}

/* Who wants no more messages gets one at most. */
static void
say_no_more(struct rules_result *r)
{
	size_t i;

	for (i = r->count; i-- > 0;)
		if (is_said(&r->effects[i]) &&
		    r->effects[i].weight != WEIGHT_OPT_OUT)
			remove_effect(r, i);
}

static void
add_effect(struct rules_result *to, const struct rules_effect *e)
{
	size_t i;

	for (i = 0; i < to->count; i++) {
		if (!replaces(e, &to->effects[i]))
			continue;
		/* The first reason is the one that a person should read. */
		if (e->kind == EFFECT_ESCALATE ||
		    (is_said(e) && e->weight < to->effects[i].weight))
			return;
		remove_effect(to, i);
		break;
	}
	to->effects =
	    xrealloc(to->effects, (to->count + 1) * sizeof(*to->effects));
	to->effects[to->count++] = *e;
}

/* By kind, keeping the order of the file within a kind. */
static void
sort_effects(struct rules_result *r)
{
	struct rules_effect e;
	size_t i, j;

	for (i = 1; i < r->count; i++) {
		e = r->effects[i];
		for (j = i; j > 0 && r->effects[j - 1].kind > e.kind; j--)
			r->effects[j] = r->effects[j - 1];
		r->effects[j] = e;
	}
}

static void
fire(const struct rules_reading *f, const struct rule *rule,
    const struct rules_facts *facts, struct rules_result *to)
{
	struct buf text = BUF_INIT(0);
	struct rules_effect e;
	size_t i;

	to->fired = xrealloc(to->fired, (to->nfired + 1) * sizeof(*to->fired));
	to->fired[to->nfired++] = (struct rules_fired){ rule->name, rule->id,
		(size_t)(rule - f->rules->rules) };
	if (rule->once != ONCE_NO) {
		to->marks =
		    xrealloc(to->marks, (to->nmarks + 1) * sizeof(*to->marks));
		to->marks[to->nmarks].key = rule->key;
		to->marks[to->nmarks++].once = rule->once;
	}
	for (i = 0; i < rule->nactions; i++) {
		if (rule->actions[i].stop) {
			to->stopped = true;
			continue;
		}
		e.kind = rule->actions[i].kind;
		e.value = rule->actions[i].value;
		e.more = rule->actions[i].more;
		e.ms = rule->actions[i].ms;
		e.rule = rule->name;
		e.id = rule->id;
		e.weight = weight_of(rule);
		add_effect(to, &e);
	}
	to->opt_out |= is_opt_out(rule);
	if (facts->why != NULL) {
		rule_print(f->rules, rule, &text);
		why_by(f, rule->node, facts, &text);
		facts->why(facts->ctx, rule->name, true, text.data);
	}
	buf_release(&text);
}

int
rules_apply(const struct rules *r, const struct rules_reading *f,
    const struct rules_facts *facts, struct rules_result *ret)
{
	struct rules_result result = { .effects = NULL };
	size_t i, from;
	int got;

	for (from = 0; !result.stopped; from = i + 1) {
		/* Of those that cannot fire somebody may want to know why. */
		i = facts->why == NULL ? needs_next(f, from) : from;
		if (i >= r->count)
			break;
		if ((r->rules[i].occasions & facts->occasion) == 0)
			continue;
		got = fires(f, &r->rules[i], facts);
		if (got < 0) {
			rules_result_release(&result);
			return got;
		}
		if (got == 1)
			fire(f, &r->rules[i], facts, &result);
	}
	if (result.opt_out)
		say_no_more(&result);
	sort_effects(&result);
	*ret = result;
	return 0;
}

bool
rules_escalate(const struct rules_result *result)
{
	size_t i;

	for (i = 0; i < result->count; i++)
		if (result->effects[i].kind == EFFECT_ESCALATE)
			return true;
	return false;
}

void
rules_result_release(struct rules_result *result)
{
	free(result->effects);
	free(result->fired);
	free(result->marks);
	memset(result, 0, sizeof(*result));
}
