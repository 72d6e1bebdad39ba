/*
 * need - which rules a text can make fire at all
 *
 * Most rules fire only on texts with one of their words. They are listed by
 * these words once, and of a text only those are asked that have a word in it,
 * besides those that need none: a thousand rules cost about as much as one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "rules/own.h"

#define BITS 64

struct places {
	size_t *items;
	size_t count;
};

static void
places_add(struct places *p, size_t place)
{
	if ((p->count & (p->count - 1)) == 0)
		p->items =
		    xrealloc(p->items, (p->count * 2 + 1) * sizeof(*p->items));
	p->items[p->count++] = place;
}

static bool
needed_by_text(const struct rules *r, const struct condition *c,
    struct places *ret)
{
	const struct set *set;
	size_t i, j;

	if (c->kind != IF_TEXT || c->not )
		return false;
	for (i = 0; i < c->nitems; i++) {
		if (!c->items[i].is_set) {
			places_add(ret, c->items[i].index);
			continue;
		}
		set = &r->sets[c->items[i].index];
		for (j = 0; j < set->count; j++)
			places_add(ret, set->values[j].pattern);
	}
	return true;
}

/* Patterns of which one must be found for n to hold, at the end of ret; false:
 * it may hold without any. */
static bool
needed(const struct rules *r, const struct node *n, struct places *ret)
{
	struct places best = { NULL, 0 }, one;
	bool any = false;
	size_t i;

	switch (n->kind) {
	case NODE_IF:
		return needed_by_text(r, n->condition, ret);
	case NODE_NOT:
		return false;
	case NODE_NAMED:
		return needed(r, n->kids[0], ret);
	case NODE_OR:
		for (i = 0; i < n->nkids; i++)
			if (!needed(r, n->kids[i], ret))
				return false;
		return n->nkids > 0;
	case NODE_AND:
		break;
	}
	for (i = 0; i < n->nkids; i++) {
		one = (struct places){ NULL, 0 };
		if (needed(r, n->kids[i], &one) &&
		    (!any || one.count < best.count)) {
			free(best.items);
			best = one;
			any = true;
		} else
			free(one.items);
	}
	for (i = 0; i < best.count; i++)
		places_add(ret, best.items[i]);
	free(best.items);
	return any;
}

void
needs_new(struct rules *r)
{
	struct places *by = xcalloc(r->npatterns + 1, sizeof(*by)), of;
	size_t i, j, n = 0;

	r->nasked = r->count / BITS + 1;
	r->always = xcalloc(r->nasked, sizeof(*r->always));
	r->needing_from = xcalloc(r->npatterns + 2, sizeof(size_t));
	for (i = 0; i < r->count; i++) {
		of = (struct places){ NULL, 0 };
		if (needed(r, r->rules[i].node, &of)) {
			for (j = 0; j < of.count; j++)
				places_add(&by[of.items[j]], i);
			n += of.count;
		} else
			r->always[i / BITS] |= (uint64_t)1 << i % BITS;
		free(of.items);
	}
	r->needing = xcalloc(n + 1, sizeof(*r->needing));
	for (n = i = 0; i < r->npatterns; i++) {
		r->needing_from[i] = n;
		for (j = 0; j < by[i].count; j++)
			r->needing[n++] = by[i].items[j];
		free(by[i].items);
	}
	r->needing_from[i] = n;
	free(by);
}

void
needs_free(struct rules *r)
{
	free(r->always);
	free(r->needing);
	free(r->needing_from);
}

void
needs_met(struct rules_reading *f)
{
	const struct rules *r = f->rules;
	const bool *at = f->found, *end = f->found + r->npatterns;
	size_t i, pattern, rule;

	memcpy(f->asked, r->always, r->nasked * sizeof(*f->asked));
	for (; (at = memchr(at, true, (size_t)(end - at))) != NULL; at++) {
		pattern = (size_t)(at - f->found);
		for (i = r->needing_from[pattern];
		     i < r->needing_from[pattern + 1]; i++) {
			rule = r->needing[i];
			f->asked[rule / BITS] |= (uint64_t)1 << rule % BITS;
		}
	}
}

size_t
needs_next(const struct rules_reading *f, size_t from)
{
	size_t word = from / BITS;
	uint64_t left;

	if (from >= f->rules->count)
		return NONE;
	left = f->asked[word] & (UINT64_MAX << from % BITS);
	while (left == 0) {
		if (++word == f->rules->nasked)
			return NONE;
		left = f->asked[word];
	}
	return word * BITS + (size_t)__builtin_ctzll(left);
}
