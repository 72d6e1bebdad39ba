/* apply - which rules fire, and what comes of it */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "rules/own.h"

/* Whether name is one of a comma-separated list. */
static bool
listed(const char *list, const char *name)
{
	size_t len = strlen(name), n;

	for (; list != NULL && *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == len && strncmp(list, name, n) == 0)
			return true;
	}
	return false;
}

static bool
any_of(const struct names *names, const char *value)
{
	size_t i;

	for (i = 0; value != NULL && i < names->count; i++)
		if (strcmp(names->items[i], value) == 0)
			return true;
	return false;
}

/* pt is also pt-BR. */
static bool
any_language(const struct names *names, const char *tag)
{
	size_t i, len;

	for (i = 0; tag != NULL && i < names->count; i++) {
		len = strlen(names->items[i]);
		if (strncmp(names->items[i], tag, len) == 0 &&
		    (tag[len] == '\0' || tag[len] == '-'))
			return true;
	}
	return false;
}

static bool
any_tag(const struct names *names, const char *tags)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		if (listed(tags, names->items[i]))
			return true;
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
			if (f->found[set->patterns[j]])
				return true;
	}
	return false;
}

/* Whether c holds: 1, 0 or an ERR. */
static int
holds(const struct rules_reading *f, const struct condition *c,
    const struct rules_facts *facts)
{
	int got = 0;

	switch (c->kind) {
	case IF_ANY:
		got = 1;
		break;
	case IF_TEXT:
		got = any_text(f, c);
		break;
	case IF_KIND:
		got = any_of(&c->names, facts->kind);
		break;
	case IF_INSTANCE:
		got = any_of(&c->names, facts->instance);
		break;
	case IF_LANGUAGE:
		got = any_language(&c->names, facts->language);
		break;
	case IF_OPEN:
		got = facts->open(facts->ctx,
		    c->names.count > 0 ? c->names.items[0] : NULL);
		break;
	case IF_FIRST:
		got = facts->first(facts->ctx);
		break;
	case IF_TAGGED:
		got = any_tag(&c->names, facts->tags);
		break;
	case IF_PRIORITY:
		got = any_of(&c->names, facts->priority);
		break;
	case IF_OWNER:
		got = any_of(&c->names, facts->owner);
		break;
	}
	if (got < 0)
		return got;
	return got != c->not ;
}

static const char *
value_of(const struct rules_facts *facts, enum condition_kind kind)
{
	switch (kind) {
	case IF_KIND:
		return facts->kind;
	case IF_INSTANCE:
		return facts->instance;
	case IF_LANGUAGE:
		return facts->language;
	case IF_TAGGED:
		return facts->tags;
	case IF_PRIORITY:
		return facts->priority;
	case IF_OWNER:
		return facts->owner;
	default:
		return NULL;
	}
}

/* Say which condition kept a rule from firing. */
static void
why_not(const struct rules_facts *facts, const struct rule *rule,
    const struct condition *c)
{
	const char *value = value_of(facts, c->kind);
	char *text;

	if (facts->why == NULL)
		return;
	if (c->kind == IF_TEXT)
		text = xformat("the text %s",
		    c->not ? "has one of the words or expressions" :
			     "has none of the words or expressions");
	else if (c->kind == IF_OPEN)
		text = xformat("the hours%s%s are %s",
		    c->names.count > 0 ? " " : "",
		    c->names.count > 0 ? c->names.items[0] : "",
		    c->not ? "open" : "closed");
	else if (c->kind == IF_FIRST)
		text = xformat("it is %s first message",
		    c->not ? "the" : "not the");
	else
		text = xformat("%s is %s", condition_names[c->kind],
		    value != NULL && *value != '\0' ? value : "none");
	facts->why(facts->ctx, rule->name, false, text);
	free(text);
}

/* Whether a rule fires: 1, 0 or an ERR. */
static int
fires(const struct rules_reading *f, const struct rule *rule,
    const struct rules_facts *facts)
{
	const char *hours = NULL;
	size_t i;
	int got;

	for (i = 0; i < rule->nconditions; i++) {
		if (rule->conditions[i].kind == IF_OPEN &&
		    rule->conditions[i].names.count > 0)
			hours = rule->conditions[i].names.items[0];
		got = holds(f, &rule->conditions[i], facts);
		if (got == 0)
			why_not(facts, rule, &rule->conditions[i]);
		if (got != 1)
			return got;
	}
	if (rule->once == ONCE_NO)
		return 1;
	got = facts->fresh(facts->ctx, rule->key, rule->once, hours);
	if (got == 0 && facts->why != NULL)
		facts->why(facts->ctx, rule->name, false,
		    "it has fired already");
	return got;
}

/* Whether b takes the place of a. */
static bool
replaces(const struct rules_effect *b, const struct rules_effect *a)
{
	switch (b->kind) {
	case EFFECT_TAG:
	case EFFECT_UNTAG:
		return (a->kind == EFFECT_TAG || a->kind == EFFECT_UNTAG) &&
		    strcmp(a->value, b->value) == 0;
	case EFFECT_ASSIGN:
	case EFFECT_ASSIGN_TEAM:
		return a->kind == EFFECT_ASSIGN ||
		    a->kind == EFFECT_ASSIGN_TEAM;
	case EFFECT_REPLY:
	case EFFECT_REPLY_TEXT:
		return a->kind == EFFECT_REPLY || a->kind == EFFECT_REPLY_TEXT;
	default:
		return a->kind == b->kind;
	}
}

static void
add_effect(struct rules_result *to, const struct rules_effect *e)
{
	size_t i;

	for (i = 0; i < to->count; i++) {
		if (!replaces(e, &to->effects[i]))
			continue;
		/* The first reason is the one that a person should read. */
		if (e->kind == EFFECT_ESCALATE)
			return;
		memmove(&to->effects[i], &to->effects[i + 1],
		    (to->count - i - 1) * sizeof(*to->effects));
		to->count--;
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
fire(const struct rules *r, const struct rule *rule,
    const struct rules_facts *facts, struct rules_result *to)
{
	struct buf text = BUF_INIT(0);
	struct rules_effect e;
	size_t i;

	to->fired = xrealloc(to->fired, (to->nfired + 1) * sizeof(*to->fired));
	to->fired[to->nfired++] = rule->name;
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
		e.rule = rule->name;
		add_effect(to, &e);
	}
	if (facts->why != NULL) {
		rule_print(r, rule, &text);
		facts->why(facts->ctx, rule->name, true, text.data);
	}
	buf_release(&text);
}

int
rules_apply(const struct rules *r, const struct rules_reading *f,
    const struct rules_facts *facts, struct rules_result *ret)
{
	struct rules_result result = { .effects = NULL };
	size_t i;
	int got;

	for (i = 0; i < r->count && !result.stopped; i++) {
		got = fires(f, &r->rules[i], facts);
		if (got < 0) {
			rules_result_release(&result);
			return got;
		}
		if (got == 1)
			fire(r, &r->rules[i], facts, &result);
	}
	sort_effects(&result);
	*ret = result;
	return 0;
}

void
rules_result_release(struct rules_result *result)
{
	free(result->effects);
	free(result->fired);
	free(result->marks);
	memset(result, 0, sizeof(*result));
}
