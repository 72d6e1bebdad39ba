/*
 * occasion - what a rule is asked of
 *
 * Some conditions belong to one occasion: words to a message, idle to a timer.
 * All that must hold at once need one in common; each branch of an `or` has
 * its own, and is then not looked at on the others. What belongs to none goes
 * with what stands beside it, or else it is asked of messages.
 */
#include <string.h>

#include "base/err.h"
#include "rules/lex.h"

/* What a part of a rule can be asked of. */
struct asked {
	unsigned of;
	bool specific;	       /* something in it belongs to just these */
	const struct node *by; /* that condition */
};

const char *
occasion_name(unsigned occasion)
{
	if ((occasion & RULES_MESSAGE) != 0)
		return "a message";
	if ((occasion & RULES_TIMERS) != 0)
		return "a timer";
	if ((occasion & RULES_ANSWER) != 0)
		return "an answer of the AI";
	if ((occasion & RULES_RATING) != 0)
		return "a rating";
	return "the trouble of an instance";
}

static const char *
phrase(const struct node *n)
{
	if (n != NULL && n->condition != NULL)
		return condition_words[n->condition->kind].phrase;
	return "the condition";
}

static int
conflict(struct parser *p, const struct node *at, const struct asked *one,
    const struct asked *other)
{
	return fail_at(p, at->line, at->column,
	    "'%s' and '%s' never hold at once: one is asked of %s, the other "
	    "of %s; put them in two rules, or 'or' between them",
	    phrase(one->by), phrase(other->by), occasion_name(one->of),
	    occasion_name(other->of));
}

static int find(struct parser *p, const struct node *n, struct asked *ret);

static int
find_and(struct parser *p, const struct node *n, struct asked *ret)
{
	struct asked kid;
	size_t i;

	for (i = 0; i < n->nkids; i++) {
		if (find(p, n->kids[i], &kid) < 0)
			return ERR_CONFIG;
		if ((ret->of & kid.of) == 0)
			return conflict(p, n->kids[i], ret, &kid);
		ret->of &= kid.of;
		if (ret->by == NULL || (!ret->specific && kid.specific))
			ret->by = kid.by;
		ret->specific |= kid.specific;
	}
	return 0;
}

static int
find_or(struct parser *p, const struct node *n, struct asked *ret)
{
	struct asked kid;
	unsigned general = 0;
	size_t i;

	ret->of = 0;
	for (i = 0; i < n->nkids; i++) {
		if (find(p, n->kids[i], &kid) < 0)
			return ERR_CONFIG;
		if (kid.specific) {
			ret->of |= kid.of;
			ret->specific = true;
			ret->by = kid.by;
		} else
			general |= kid.of;
		if (ret->by == NULL)
			ret->by = kid.by;
	}
	/* What is general beside it goes with what it will stand with. */
	ret->of |= general;
	return 0;
}

static int
find(struct parser *p, const struct node *n, struct asked *ret)
{
	const struct condition_word *w;

	ret->of = ~0u;
	ret->specific = false;
	ret->by = NULL;
	switch (n->kind) {
	case NODE_IF:
		w = &condition_words[n->condition->kind];
		ret->of = w->occasions;
		ret->specific = w->specific;
		ret->by = n;
		return 0;
	case NODE_OR:
		return find_or(p, n, ret);
	case NODE_AND:
	case NODE_NOT:
	case NODE_NAMED:
		return find_and(p, n, ret);
	}
	return 0;
}

/* What a branch is asked of: with nothing beside it that says so, what is
 * general is asked of messages. */
static unsigned
branch_of(const struct asked *kid, const struct asked *beside)
{
	unsigned of = kid->of & beside->of;

	if (!kid->specific && !beside->specific && (of & RULES_MESSAGE) != 0)
		return RULES_MESSAGE;
	return of;
}

/* What stands beside a part of n: what is beside n, and its other parts. */
static void
find_beside(struct parser *p, const struct node *n, size_t part,
    const struct asked *beside, struct asked *ret)
{
	struct asked kid;
	size_t i;

	*ret = *beside;
	for (i = 0; n->kind != NODE_OR && i < n->nkids; i++) {
		if (i == part)
			continue;
		find(p, n->kids[i], &kid);
		ret->of &= kid.of;
		if (kid.specific && !ret->specific)
			ret->by = kid.by;
		ret->specific |= kid.specific;
	}
}

/* Give each branch of an `or` in n its own. */
static int
share_out(struct parser *p, struct node *n, const struct asked *beside)
{
	struct asked kid, all, here;
	size_t i;

	find(p, n, &all);
	for (i = 0; i < n->nkids; i++) {
		find(p, n->kids[i], &kid);
		find_beside(p, n, i, beside, &here);
		if (n->kind == NODE_OR && (kid.of & here.of) == 0)
			return conflict(p, n->kids[i], &kid, &here);
		if (n->kind == NODE_OR && all.specific) {
			n->kids[i]->asked_of = branch_of(&kid, &here);
			here.of = n->kids[i]->asked_of;
		}
		if (share_out(p, n->kids[i], &here) < 0)
			return ERR_CONFIG;
	}
	return 0;
}

/* All occasions on which some branch can hold. */
static unsigned
reached(const struct node *n, unsigned of)
{
	unsigned got = 0;
	size_t i;

	if (n->asked_of != 0)
		of &= n->asked_of;
	if (n->kind == NODE_IF)
		return of & condition_words[n->condition->kind].occasions;
	if (n->kind == NODE_OR) {
		for (i = 0; i < n->nkids; i++)
			got |= reached(n->kids[i], of);
		return got;
	}
	for (i = 0; i < n->nkids; i++)
		of &= reached(n->kids[i], of);
	return of;
}

int
find_occasions(struct parser *p, struct node *n, unsigned *ret)
{
	struct asked all, none = { .of = ~0u };

	if (find(p, n, &all) < 0)
		return ERR_CONFIG;
	if (!all.specific) {
		*ret = RULES_MESSAGE;
		return 0;
	}
	if (share_out(p, n, &none) < 0)
		return ERR_CONFIG;
	*ret = reached(n, all.of);
	return 0;
}
