/* print - rules as text again, in one spelling */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "rules/lex.h"

const char *const action_names[] = { "tag", "untag", "priority", "profile",
	"sla", "set attribute", "ai on", "ai off", "ai pause", "escalate",
	"assign", "assign team", "reply", "reply", "template", "survey",
	"notify", "webhook", "run", "snooze", "resolve", "archive", "no-ai" };

const char *const once_names[] = { "", "once", "once per conversation",
	"once per day", "once per closed period" };

static void
quoted(struct buf *to, const char *text)
{
	buf_addc(to, '"');
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			buf_adds(to, "\\n");
			continue;
		}
		if (*text == '"' || *text == '\\')
			buf_addc(to, '\\');
		buf_addc(to, *text);
	}
	buf_addc(to, '"');
}

/* A name, in quotes where it would read as something else. */
static void
name(struct buf *to, const char *text)
{
	/* What made keys of rules before stays: a rule that was not changed
	 * has its old key. */
	static const char *const words[] = { "match", "set", "not", "once",
		"per", "any", "text", "kind", "instance", "language", "inside",
		"outside", "hours", "first", "message", "tagged", "with",
		"owner", "tag", "untag", "priority", "profile", "escalate",
		"assign", "team", "reply", "no-ai", "stop", NULL };

	if (*text == '\0' || strpbrk(text, " \t\r\n\",#$\\/=:()") != NULL ||
	    str_in(text, words))
		quoted(to, text);
	else
		buf_adds(to, text);
}

/* One of what came later, where any word of the language needs quotes. */
static void
later_name(struct buf *to, const char *text)
{
	if (is_language_word(text) || strpbrk(text, "<>!") != NULL)
		quoted(to, text);
	else
		name(to, text);
}

static void
pattern(struct buf *to, const struct pattern *p)
{
	const char *c;

	if (p->words != NULL) {
		quoted(to, p->source);
		return;
	}
	buf_addc(to, '/');
	for (c = p->source; *c != '\0'; c++) {
		if (*c == '\\' && c[1] != '\0')
			buf_addc(to, *c++);
		else if (*c == '/')
			buf_addc(to, '\\');
		buf_addc(to, *c);
	}
	buf_addf(to, "/%s", p->flags);
}

void
duration_print(struct buf *to, int64_t ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
		{ "s", 1000 }, { "ms", 1 } };
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (ms / units[i].ms > 0)
			buf_addf(to, "%lld%s", (long long)(ms / units[i].ms),
			    units[i].unit);
		ms %= units[i].ms;
	}
}

static void
items(struct buf *to, const struct rules *r, const struct condition *c)
{
	/* Words of the language, as kind text: none reads as another. */
	bool fixed = c->kind == IF_KIND || c->kind == IF_STATUS ||
	    c->kind == IF_SENTIMENT;
	size_t i;

	for (i = 0; i < c->nitems; i++) {
		buf_adds(to, i == 0 ? " " : ", ");
		if (c->items[i].is_set)
			buf_addf(to, "$%s", r->sets[c->items[i].index].name);
		else if (c->kind == IF_TEXT)
			pattern(to, &r->patterns[c->items[i].index]);
		else if (fixed)
			buf_adds(to, c->items[i].name);
		else if (c->kind == IF_AD ||
		    (c->kind == IF_INSTANCE &&
			strcmp(c->items[i].name, "trouble") == 0))
			quoted(to, c->items[i].name);
		else if (c->kind == IF_OPEN || c->kind == IF_INTENT)
			later_name(to, c->items[i].name);
		else
			name(to, c->items[i].name);
	}
}

static void
condition(struct buf *to, const struct rules *r, const struct condition *c)
{
	if (c->kind == IF_OPEN)
		buf_adds(to, c->not ? " outside hours" : " inside hours");
	else
		buf_addf(to, " %s%s", c->not ? "not " : "",
		    condition_words[c->kind].phrase);
	if (c->kind == IF_SLA) {
		buf_addf(to, "%s%s %s", c->name != NULL ? " " : "",
		    c->name != NULL ? c->name : "",
		    c->ms > 0 ? "due within" : "missed");
	} else if (c->name != NULL) {
		buf_addc(to, ' ');
		later_name(to, c->name);
	}
	if (c->name == NULL)
		items(to, r, c);
	if (c->op != OP_NONE)
		buf_addf(to, " %s", op_names[c->op]);
	if (c->name != NULL && c->nitems > 0)
		items(to, r, c);
	else if (c->op != OP_NONE)
		buf_addf(to, " %.15g", c->number);
	if (c->ms > 0) {
		buf_addc(to, ' ');
		duration_print(to, c->ms);
	}
}

/* n in parentheses. */
static void
group(struct buf *to, const struct rules *r, const struct node *n)
{
	struct buf inner = BUF_INIT(0);

	node_print(r, n, &inner);
	buf_addf(to, " (%s)", inner.data + 1);
	buf_release(&inner);
}

/* The parts of n with a word between. */
static void
parts(struct buf *to, const struct rules *r, const struct node *n,
    const char *between)
{
	size_t i;

	for (i = 0; i < n->nkids; i++) {
		if (i > 0)
			buf_adds(to, between);
		/* What binds less than what it stands in. */
		if (n->kids[i]->kind == NODE_OR || n->kids[i]->kind == n->kind)
			group(to, r, n->kids[i]);
		else
			node_print(r, n->kids[i], to);
	}
}

void
node_print(const struct rules *r, const struct node *n, struct buf *to)
{
	switch (n->kind) {
	case NODE_IF:
		condition(to, r, n->condition);
		break;
	case NODE_NAMED:
		buf_addf(to, " $%s", r->sets[n->set].name);
		break;
	case NODE_NOT:
		buf_adds(to, " not");
		if (n->kids[0]->kind == NODE_NAMED)
			node_print(r, n->kids[0], to);
		else
			group(to, r, n->kids[0]);
		break;
	case NODE_AND:
		parts(to, r, n, "");
		break;
	case NODE_OR:
		parts(to, r, n, " or");
		break;
	}
}

static void
action(struct buf *to, const struct action *a)
{
	buf_addf(to, " %s", a->stop ? "stop" : action_names[a->kind]);
	if (a->stop)
		return;
	if (a->kind == EFFECT_SNOOZE && a->ms == 0)
		buf_adds(to, " until opening");
	else if (a->ms > 0) {
		buf_adds(to, a->kind == EFFECT_AI_PAUSE ? " for " : " ");
		duration_print(to, a->ms);
	}
	if (*a->value == '\0')
		return;
	buf_addc(to, ' ');
	if (a->kind == EFFECT_REPLY_TEXT || a->kind == EFFECT_ESCALATE)
		quoted(to, a->value);
	else if (a->kind > EFFECT_PROFILE && a->kind != EFFECT_ASSIGN &&
	    a->kind != EFFECT_ASSIGN_TEAM && a->kind != EFFECT_REPLY)
		later_name(to, a->value);
	else
		name(to, a->value);
	if (a->kind == EFFECT_ATTRIBUTE) {
		buf_addc(to, ' ');
		quoted(to, a->more);
	} else if (*a->more != '\0')
		buf_addf(to, " %s", a->more);
}

void
rule_print(const struct rules *r, const struct rule *rule, struct buf *to)
{
	size_t i;

	buf_adds(to, "match");
	node_print(r, rule->node, to);
	if (rule->once != ONCE_NO)
		buf_addf(to, " %s", once_names[rule->once]);
	for (i = 0; i < rule->nactions; i++)
		action(to, &rule->actions[i]);
}

static void
value(struct buf *to, const struct rules *r, const struct value *v)
{
	if (v->kind == VALUE_REGEX)
		pattern(to, &r->patterns[v->pattern]);
	else if (v->kind == VALUE_STRING || strpbrk(v->text, "\\#$/") != NULL)
		quoted(to, v->text);
	else
		buf_adds(to, v->text);
}

/* At most that many of its values; 0: all. */
static void
set(struct buf *to, const struct rules *r, const struct set *s, size_t most)
{
	size_t i, count = most > 0 && s->count > most ? most : s->count;

	buf_addf(to, "set %s ", s->name);
	if (s->node != NULL) {
		buf_adds(to, "if");
		node_print(r, s->node, to);
	} else
		buf_addc(to, '=');
	for (i = 0; i < count; i++) {
		buf_adds(to, i == 0 ? " " : ", ");
		value(to, r, &s->values[i]);
	}
	if (count < s->count)
		buf_addf(to, " # and %zu more", s->count - count);
	buf_addc(to, '\n');
}

/* Mark the sets that n names, and those that they name. */
static void
mark_sets(const struct node *n, bool *named)
{
	size_t i;

	if (n->kind == NODE_NAMED)
		named[n->set] = true;
	for (i = 0; n->kind == NODE_IF && i < n->condition->nitems; i++)
		if (n->condition->items[i].is_set)
			named[n->condition->items[i].index] = true;
	for (i = 0; i < n->nkids; i++)
		mark_sets(n->kids[i], named);
}

void
rule_print_whole(const struct rules *r, const struct rule *rule, struct buf *to)
{
	bool *named = xcalloc(r->nsets + 1, sizeof(*named));
	size_t i;

	mark_sets(rule->node, named);
	for (i = 0; i < r->nsets; i++)
		if (named[i])
			set(to, r, &r->sets[i], SET_TOLD_MAX);
	free(named);
	rule_print(r, rule, to);
}

void
rules_print(const struct rules *r, struct buf *to)
{
	const struct rule *rule;
	size_t i, nsets = r->built_in > 0 ? r->own_sets : r->nsets;

	for (i = 0; i < r->built_in; i++)
		buf_addf(to, "# %s: built in, as no rule here has the name\n",
		    r->rules[i].name);
	for (i = 0; i < nsets; i++)
		set(to, r, &r->sets[i], 0);
	for (i = r->built_in; i < r->count; i++) {
		rule = &r->rules[i];
		if (rule->labelled)
			buf_addf(to, "%s: ", rule->name);
		rule_print(r, rule, to);
		buf_addc(to, '\n');
	}
}
