/*
 * occasion - what a rule is asked of
 *
 * Some conditions name their occasion: words a message, idle a timer. Others
 * name none and go with what stands beside them; alone they are asked of
 * messages. What must hold at once needs an occasion in common; each branch of
 * an `or` has its own, and is not looked at on the others.
 */
#include <string.h>

#include "base/err.h"
#include "rules/lex.h"

/*
 * What a part of a rule can be asked of. With `or` in it there are several ways
 * in which it can hold, some with a condition that names the occasion and some
 * without: what an occasion is not named for, nothing fires on.
 */
struct asked {
	unsigned named;	       /* by a condition in it */
	unsigned plain;	       /* that it goes with; 0: always names one */
	const struct node *by; /* a condition of it, rather one that names */
};

const char *
occasion_name(unsigned occasion)
{
	if ((occasion & RULES_MESSAGE) != 0)
		return "a message";
	if ((occasion & RULES_IDLE) != 0)
		return "a timer of idle time";
	if ((occasion & RULES_WAITING) != 0)
		return "a timer of waiting time";
	if ((occasion & RULES_WINDOW) != 0)
		return "a timer of the window";
	if ((occasion & RULES_SLA) != 0)
		return "a timer of what is promised";
	if ((occasion & RULES_ANSWER) != 0)
		return "an answer of the AI";
	if ((occasion & RULES_RATING) != 0)
		return "a rating";
	if ((occasion & RULES_EDIT) != 0)
		return "an edit";
	return "the trouble of an instance";
}

static const char *
phrase(const struct node *n)
{
	if (n != NULL && n->condition != NULL)
		return condition_words[n->condition->kind].phrase;
	return "the condition";
}

static unsigned
any_of(const struct asked *a)
{
	return a->named | a->plain;
}

static int
conflict(struct parser *p, const struct node *at, const struct asked *one,
    const struct asked *other)
{
	return fail_at(p, at->line, at->column,
	    "'%s' and '%s' never hold at once: one is asked of %s, the other "
	    "of %s; put them in two rules, or 'or' between them",
	    phrase(one->by), phrase(other->by), occasion_name(any_of(one)),
	    occasion_name(any_of(other)));
}

/* Both at once, in *one: nothing is left if they never hold together. */
static void
both(struct asked *one, const struct asked *other)
{
	if (one->by == NULL || (one->named == 0 && other->named != 0))
		one->by = other->by;
	one->named = (one->named & any_of(other)) | (one->plain & other->named);
	one->plain &= other->plain;
}

/* One or the other, in *one. */
static void
either(struct asked *one, const struct asked *other)
{
	if (one->by == NULL || other->named != 0)
		one->by = other->by;
	one->named |= other->named;
	one->plain |= other->plain;
}

/* Where it is asked: what names no occasion is asked of messages. */
static unsigned
asked_of(const struct asked *a)
{
	unsigned plain = a->plain;

	if ((plain & RULES_MESSAGE) != 0)
		plain = RULES_MESSAGE;
	/* Of an edit no rule is asked that does not say so. */
	plain &= ~(unsigned)RULES_EDIT;
	return a->named | plain;
}

/* What a condition can be asked of. That it is no edit holds of all else. */
static void
find_alone(const struct condition *c, struct asked *ret)
{
	const struct condition_word *w = &condition_words[c->kind];

	if (c->kind == IF_EDITED && c->not ) {
		ret->plain = ~(unsigned)RULES_EDIT;
		return;
	}
	ret->named = w->specific ? w->occasions : 0;
	ret->plain = w->specific ? w->beside : w->occasions;
}

static int
find(struct parser *p, const struct node *n, struct asked *ret)
{
	struct asked kid, was;
	size_t i;

	*ret = (struct asked){ .plain = n->kind == NODE_OR ? 0 : ~0u };
	if (n->kind == NODE_IF) {
		find_alone(n->condition, ret);
		ret->by = n;
	}
	for (i = 0; i < n->nkids; i++) {
		if (find(p, n->kids[i], &kid) < 0)
			return ERR_CONFIG;
		was = *ret;
		if (n->kind == NODE_OR)
			either(ret, &kid);
		else
			both(ret, &kid);
		if (any_of(ret) == 0)
			return conflict(p, n->kids[i], &was, &kid);
	}
	return 0;
}

/* What stands beside a part of n: what is beside n, and its other parts. */
static void
find_beside(struct parser *p, const struct node *n, size_t part,
    const struct asked *beside, struct asked *ret)
{
	struct asked kid;
	size_t i;

	*ret = *beside;
	for (i = 0; n->kind != NODE_OR && i < n->nkids; i++)
		if (i != part && find(p, n->kids[i], &kid) == 0)
			both(ret, &kid);
}

/* Give each branch of an `or` in n its own. */
static int
share_out(struct parser *p, struct node *n, const struct asked *beside)
{
	struct asked kid, here, all;
	size_t i;

	for (i = 0; i < n->nkids; i++) {
		find(p, n->kids[i], &kid);
		find_beside(p, n, i, beside, &here);
		all = here;
		both(&all, &kid);
		if (n->kind == NODE_OR && any_of(&all) == 0)
			return conflict(p, n->kids[i], &kid, &here);
		if (n->kind == NODE_OR)
			n->kids[i]->asked_of = asked_of(&all);
		if (share_out(p, n->kids[i], &here) < 0)
			return ERR_CONFIG;
	}
	return 0;
}

int
find_occasions(struct parser *p, struct node *n, unsigned *ret)
{
	struct asked all, none = { .plain = ~0u };

	if (find(p, n, &all) < 0)
		return ERR_CONFIG;
	*ret = asked_of(&all);
	return all.named == 0 ? 0 : share_out(p, n, &none);
}
