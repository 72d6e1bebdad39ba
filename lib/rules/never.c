/* never - conditions that cannot hold, alone or beside one another */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "rules/own.h"

#define BESIDE_MAX 64 /* conditions of a rule that are held together */

struct finding {
	const struct rules *r;
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

/* Conditions that must all hold, and what each is part of. */
struct beside {
	const struct node *nodes[BESIDE_MAX];
	size_t count;
};

/* --- values --- */

void
condition_values(const struct rules *r, const struct condition *c,
    struct names *ret)
{
	const struct set *set;
	size_t i, j;

	for (i = 0; i < c->nitems; i++) {
		if (!c->items[i].is_set) {
			names_add(ret, c->items[i].name);
			continue;
		}
		set = &r->sets[c->items[i].index];
		for (j = 0; j < set->count; j++)
			names_add(ret, set->values[j].text);
	}
}

static bool
is_in(const char *name, const struct names *list, bool prefix)
{
	size_t i, len;

	for (i = 0; i < list->count; i++) {
		len = strlen(list->items[i]);
		if (strcasecmp(name, list->items[i]) == 0 ||
		    (prefix && strncasecmp(name, list->items[i], len) == 0 &&
			name[len] == '-'))
			return true;
	}
	return false;
}

static size_t
count_in(const struct names *of, const struct names *list, bool prefix)
{
	size_t i, n = 0;

	for (i = 0; i < of->count; i++)
		n += is_in(of->items[i], list, prefix);
	return n;
}

/* --- numbers --- */

struct range {
	double low, high;
	bool whole;
};

/* What a condition leaves of the numbers there are; false: it asks none. */
static bool
range_of(const struct condition *c, struct range *ret)
{
	static const enum op inverse[] = { [OP_NONE] = OP_NONE,
		[OP_EQ] = OP_NE,
		[OP_NE] = OP_EQ,
		[OP_LT] = OP_GE,
		[OP_LE] = OP_GT,
		[OP_GT] = OP_LE,
		[OP_GE] = OP_LT };
	enum op op = c->not ? inverse[c->op] : c->op;
	double x = c->number;

	switch (c->kind) {
	case IF_FIRST:
	case IF_NEW:
		*ret = (struct range){ 1, 1, true };
		return !c->not ;
	case IF_COUNT:
		*ret = (struct range){ 1, INFINITY, true };
		break;
	case IF_RATED:
		*ret = (struct range){ 1, 5, true };
		break;
	case IF_CONFIDENCE:
	case IF_INTENT:
		*ret = (struct range){ 0, 1, false };
		break;
	case IF_SENTIMENT:
		*ret = (struct range){ -1, 1, false };
		break;
	default:
		return false;
	}
	/* Strictly more is the next whole number, or just a little more. */
	if (op == OP_GT)
		x = ret->whole ? floor(x) + 1 : nextafter(x, INFINITY);
	else if (op == OP_LT)
		x = ret->whole ? ceil(x) - 1 : nextafter(x, -INFINITY);
	else if (op == OP_GE && ret->whole)
		x = ceil(x);
	else if (op == OP_LE && ret->whole)
		x = floor(x);
	if ((op == OP_GT || op == OP_GE || op == OP_EQ) && x > ret->low)
		ret->low = x;
	if ((op == OP_LT || op == OP_LE || op == OP_EQ) && x < ret->high)
		ret->high = x;
	return op != OP_NONE;
}

static enum condition_kind
number_of(const struct condition *c)
{
	return c->kind == IF_FIRST || c->kind == IF_NEW ? IF_COUNT : c->kind;
}

/* --- two of them --- */

/* A conversation is of one kind, has one owner ... */
static bool
has_one(enum condition_kind kind)
{
	return kind == IF_KIND || kind == IF_LANGUAGE || kind == IF_PRIORITY ||
	    kind == IF_OWNER || kind == IF_STATUS || kind == IF_TEAM ||
	    kind == IF_ASSIGNEE;
}

static bool
is_denied(const struct finding *f, const struct condition *yes,
    const struct condition *no)
{
	struct names some = { .count = 0 }, all = { .count = 0 };
	bool denied = false;
	size_t i;

	switch (yes->kind) {
	case IF_TEXT:
		for (i = 0; i < yes->nitems && yes->nitems == no->nitems; i++)
			if (yes->items[i].is_set != no->items[i].is_set ||
			    yes->items[i].index != no->items[i].index)
				return false;
		return yes->nitems == no->nitems;
	case IF_OPEN:
	case IF_AD:
	case IF_FIRST:
	case IF_NEW:
	case IF_REOPENED:
	case IF_EDITED:
	case IF_OPTED_OUT:
		if (yes->nitems == 0 && no->nitems == 0)
			return true;
		break;
	case IF_TAGGED:
	case IF_INSTANCE:
		break;
	default:
		if (!has_one(yes->kind))
			return false;
	}
	condition_values(f->r, yes, &some);
	condition_values(f->r, no, &all);
	denied = some.count > 0 &&
	    count_in(&some, &all, yes->kind == IF_LANGUAGE) == some.count;
	names_release(&some);
	names_release(&all);
	return denied;
}

/* Only a person's conversation has one it is given to. */
static bool
has_no_holder(const struct names *owners, const struct names *holders)
{
	struct names user = { .count = 0 }, none = { .count = 0 };
	bool never;

	names_add(&user, "user");
	names_add(&none, "none");
	never =
	    (!is_in("user", owners, false) && !is_in("none", holders, false)) ||
	    (count_in(owners, &user, false) == owners->count &&
		count_in(holders, &none, false) == holders->count);
	names_release(&user);
	names_release(&none);
	return never;
}

static bool
are_apart(const struct finding *f, const struct condition *x,
    const struct condition *y)
{
	struct names a = { .count = 0 }, b = { .count = 0 };
	bool prefix = x->kind == IF_LANGUAGE, apart = false;

	if (x->not || y->not )
		return false;
	if (x->kind == IF_ASSIGNEE && y->kind == IF_OWNER)
		return are_apart(f, y, x);
	if (x->kind != y->kind &&
	    !(x->kind == IF_OWNER && y->kind == IF_ASSIGNEE))
		return false;
	if (x->kind == y->kind && !has_one(x->kind))
		return false;
	condition_values(f->r, x, &a);
	condition_values(f->r, y, &b);
	if (x->kind != y->kind)
		apart = has_no_holder(&a, &b);
	else
		apart =
		    count_in(&a, &b, prefix) + count_in(&b, &a, prefix) == 0;
	names_release(&a);
	names_release(&b);
	return apart;
}

static bool
never_both(const struct finding *f, const struct condition *x,
    const struct condition *y)
{
	struct range a, b;

	if (x->kind == y->kind && x->not != y->not &&x->op == OP_NONE &&
	    y->op == OP_NONE)
		return x->not ? is_denied(f, y, x) : is_denied(f, x, y);
	if (number_of(x) == number_of(y) && x->kind != IF_INTENT &&
	    range_of(x, &a) && range_of(y, &b) && a.low <= a.high &&
	    b.low <= b.high)
		return fmax(a.low, b.low) > fmin(a.high, b.high);
	return are_apart(f, x, y);
}

/* --- all of them --- */

static void
say_never(const struct finding *f, const struct node *x, const struct node *y,
    const char *why)
{
	struct buf one = BUF_INIT(0), other = BUF_INIT(0);
	char *text;

	node_print(f->r, x, &one); /* with a blank in front */
	if (y != NULL)
		node_print(f->r, y, &other);
	text = y != NULL ? xformat("'%s' and '%s' never hold at once",
			       one.data + 1, other.data + 1) :
			   xformat("'%s' never holds%s", one.data + 1, why);
	f->say(f->ctx, text);
	free(text);
	buf_release(&one);
	buf_release(&other);
}

static void
look_at_one(const struct finding *f, const struct node *n)
{
	const struct condition *c = n->condition;
	struct range range;

	if (c->kind == IF_ANY && c->not )
		say_never(f, n, NULL, "");
	else if (c->kind == IF_BLOCKED && !c->not )
		say_never(f, n, NULL,
		    ": rules are not asked about who is blocked");
	else if (range_of(c, &range) && range.low > range.high)
		say_never(f, n, NULL, "");
}

/* Those that must hold together, through parentheses and named ones. */
static void
gather(const struct node *n, struct beside *b)
{
	size_t i;

	if (n->kind == NODE_IF && b->count < BESIDE_MAX)
		b->nodes[b->count++] = n;
	for (i = 0;
	     (n->kind == NODE_AND || n->kind == NODE_NAMED) && i < n->nkids;
	     i++)
		gather(n->kids[i], b);
}

static void look(const struct finding *f, const struct node *n);

/* Branches of an `or` are each looked at alone. */
static void
look_at_branches(const struct finding *f, const struct node *n)
{
	size_t i;

	for (i = 0; i < n->nkids && n->kind != NODE_NOT; i++)
		if (n->kind == NODE_OR)
			look(f, n->kids[i]);
		else
			look_at_branches(f, n->kids[i]);
}

static void
look(const struct finding *f, const struct node *n)
{
	struct beside b = { .count = 0 };
	size_t i, j;

	gather(n, &b);
	for (i = 0; i < b.count; i++) {
		look_at_one(f, b.nodes[i]);
		for (j = i + 1; j < b.count; j++)
			if (never_both(f, b.nodes[i]->condition,
				b.nodes[j]->condition))
				say_never(f, b.nodes[i], b.nodes[j], "");
	}
	look_at_branches(f, n);
}

void
never_find(const struct rules *r, const struct node *n,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	const struct finding f = { .r = r, .say = say, .ctx = ctx };

	look(&f, n);
}
