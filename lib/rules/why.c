/* why - why a rule does not fire, in words without the customer's own */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "rules/lex.h"

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
	case IF_STATUS:
		return facts->status;
	case IF_TEAM:
		return facts->team;
	case IF_ASSIGNEE:
		return facts->assignee;
	default:
		return NULL;
	}
}

static char *
why_number(const struct condition *c, const struct rules_facts *facts,
    enum rules_number what)
{
	const char *fact = condition_words[c->kind].fact;
	double value;

	if (facts->number == NULL ||
	    facts->number(facts->ctx, what, &value) != 1)
		return xformat("the %s is not known", fact);
	return xformat("the %s is %.15g", fact, value);
}

static char *
why_sentiment(const struct rules_facts *facts)
{
	const char *label;
	double value;

	if (facts->sentiment == NULL ||
	    facts->sentiment(facts->ctx, &label, &value) != 1)
		return xstrdup("the sentiment is not known");
	return xformat("the sentiment is %s, %.2f", label, value);
}

/* The scores of the intents that are asked for by name. */
static char *
why_intent(const struct condition *c, const struct rules_facts *facts)
{
	struct buf b = BUF_INIT(0);
	double value;
	size_t i;

	for (i = 0; i < c->nitems; i++) {
		if (c->items[i].is_set || facts->intent == NULL ||
		    facts->intent(facts->ctx, c->items[i].name, &value) != 1)
			continue;
		buf_addf(&b, "%sintent %s has %.2f", b.len > 0 ? ", " : "",
		    c->items[i].name, value);
	}
	if (b.len == 0)
		buf_adds(&b, "no such intent is known of it");
	return buf_detach(&b);
}

/* An attribute may be personal: it is named, and not shown. */
static char *
why_attribute(const struct condition *c, const struct rules_facts *facts)
{
	char *value = NULL, *text;
	int got = facts->attribute != NULL ?
	    facts->attribute(facts->ctx, c->name, &value) :
	    0;

	free(value);
	if (got != 1)
		text = xformat("the contact has no attribute %s", c->name);
	else
		text = xformat("attribute %s is %s", c->name,
		    c->op == OP_NONE ? "there" : "another");
	return text;
}

static char *
why_yes(const struct condition *c, const char *is, const char *is_not)
{
	return xstrdup(c->not ? is : is_not);
}

/* Why c does not hold. */
static char *
why_condition(const struct condition *c, const struct rules_facts *facts)
{
	const char *value = value_of(facts, c->kind);

	switch (c->kind) {
	case IF_ANY:
		return xstrdup("it never holds");
	case IF_TEXT:
		return why_yes(c,
		    "the text has one of the words or expressions",
		    "the text has none of the words or expressions");
	case IF_OPEN:
		return xformat("the hours%s%s are %s", c->nitems > 0 ? " " : "",
		    c->nitems > 0 ? c->items[0].name : "",
		    c->not ? "open" : "closed");
	case IF_FIRST:
		return why_yes(c, "it is the first message",
		    "it is not the first message");
	case IF_NEW:
		return why_yes(c, "the conversation is new",
		    "the conversation is not new");
	case IF_REOPENED:
		return why_yes(c, "the conversation was opened again",
		    "the conversation was not opened again");
	case IF_EDITED:
		return why_yes(c, "the customer has edited a message",
		    "the customer has edited no message");
	case IF_CONTACT:
		return why_yes(c, "it is such a contact",
		    "it is another contact");
	case IF_AD:
		return why_yes(c, "the customer came by such an ad",
		    "the customer came by no such ad");
	case IF_OPTED_OUT:
		return why_yes(c, "the customer has opted out",
		    "the customer has not opted out");
	case IF_BLOCKED:
		return why_yes(c, "the customer is blocked",
		    "the customer is not blocked");
	case IF_ATTRIBUTE:
		return why_attribute(c, facts);
	case IF_COUNT:
		return why_number(c, facts, NUMBER_COUNT);
	case IF_CONFIDENCE:
		return why_number(c, facts, NUMBER_CONFIDENCE);
	case IF_RATED:
		return why_number(c, facts, NUMBER_RATING);
	case IF_SENTIMENT:
		return why_sentiment(facts);
	case IF_INTENT:
		return why_intent(c, facts);
	case IF_IDLE:
	case IF_WAITING:
	case IF_WINDOW:
	case IF_SLA:
		return xstrdup("it is another timer");
	case IF_TROUBLE:
		return why_yes(c, "an instance is in trouble",
		    "no instance is in trouble");
	default:
		return xformat("%s is %s", condition_words[c->kind].fact,
		    value != NULL && *value != '\0' ? value : "none");
	}
}

char *
why_not(const struct rules_reading *f, const struct node *n,
    const struct rules_facts *facts)
{
	struct buf b = BUF_INIT(0);
	char *why;
	size_t i;

	if (n->asked_of != 0 && (n->asked_of & facts->occasion) == 0)
		return xformat("it is asked of %s", occasion_name(n->asked_of));
	switch (n->kind) {
	case NODE_IF:
		return why_condition(n->condition, facts);
	case NODE_NOT:
		buf_adds(&b, "this holds:");
		node_print(f->rules, n->kids[0], &b);
		break;
	case NODE_AND:
	case NODE_NAMED:
		for (i = 0; i < n->nkids; i++)
			if (node_holds(f, n->kids[i], facts) == 0)
				return why_not(f, n->kids[i], facts);
		break;
	case NODE_OR:
		for (i = 0; i < n->nkids; i++) {
			why = why_not(f, n->kids[i], facts);
			buf_addf(&b, "%s%s", i > 0 ? "; and " : "", why);
			free(why);
		}
		break;
	}
	return buf_detach(&b);
}

void
why_by(const struct rules_reading *f, const struct node *n,
    const struct rules_facts *facts, struct buf *to)
{
	size_t i;

	if (n->kind == NODE_IF || n->kind == NODE_NOT)
		return;
	for (i = 0; i < n->nkids; i++) {
		if (n->kind == NODE_OR && node_holds(f, n->kids[i], facts) != 1)
			continue;
		if (n->kind == NODE_OR) {
			buf_adds(to, ", by");
			node_print(f->rules, n->kids[i], to);
		}
		why_by(f, n->kids[i], facts, to);
		if (n->kind == NODE_OR)
			return;
	}
}
