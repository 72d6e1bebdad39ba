/* print - rules as text again, in one spelling */
#include <string.h>

#include "base/str.h"
#include "rules/own.h"

const char *const condition_names[] = { "any", "text", "kind", "instance",
	"language", "hours", "first message", "tagged", "with priority",
	"owner" };

const char *const action_names[] = { "tag", "untag", "priority", "profile",
	"escalate", "assign", "assign team", "reply", "reply", "no-ai" };

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
	static const char *const words[] = { "match", "set", "not", "once",
		"per", "any", "text", "kind", "instance", "language", "inside",
		"outside", "hours", "first", "message", "tagged", "with",
		"owner", "tag", "untag", "priority", "profile", "escalate",
		"assign", "team", "reply", "no-ai", "stop", NULL };

	if (*text == '\0' || strpbrk(text, " \t\r\n\",#$\\/=:") != NULL ||
	    str_in(text, words))
		quoted(to, text);
	else
		buf_adds(to, text);
}

static void
names(struct buf *to, const struct names *list, bool fixed)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		buf_adds(to, i == 0 ? " " : ", ");
		if (fixed) /* words of the language, kind text */
			buf_adds(to, list->items[i]);
		else
			name(to, list->items[i]);
	}
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

static void
condition(struct buf *to, const struct rules *r, const struct condition *c)
{
	size_t i;

	if (c->kind == IF_OPEN)
		buf_adds(to, c->not ? " outside hours" : " inside hours");
	else
		buf_addf(to, " %s%s", c->not ? "not " : "",
		    condition_names[c->kind]);
	names(to, &c->names, c->kind == IF_KIND);
	for (i = 0; i < c->nitems; i++) {
		buf_adds(to, i == 0 ? " " : ", ");
		if (c->items[i].is_set)
			buf_addf(to, "$%s", r->sets[c->items[i].index].name);
		else
			pattern(to, &r->patterns[c->items[i].index]);
	}
}

void
rule_print(const struct rules *r, const struct rule *rule, struct buf *to)
{
	const struct action *a;
	size_t i;

	buf_adds(to, "match");
	for (i = 0; i < rule->nconditions; i++)
		condition(to, r, &rule->conditions[i]);
	if (rule->once != ONCE_NO)
		buf_addf(to, " %s", once_names[rule->once]);
	for (i = 0; i < rule->nactions; i++) {
		a = &rule->actions[i];
		buf_addf(to, " %s", a->stop ? "stop" : action_names[a->kind]);
		if (a->stop || a->kind == EFFECT_NO_AI)
			continue;
		buf_addc(to, ' ');
		if (a->kind == EFFECT_REPLY_TEXT || a->kind == EFFECT_ESCALATE)
			quoted(to, a->value);
		else
			name(to, a->value);
	}
}

void
rules_print(const struct rules *r, struct buf *to)
{
	const struct rule *rule;
	size_t i, j, nsets = r->built_in > 0 ? r->own_sets : r->nsets;

	for (i = 0; i < r->built_in; i++)
		buf_addf(to, "# %s: built in, as no rule here has the name\n",
		    r->rules[i].name);
	for (i = 0; i < nsets; i++) {
		buf_addf(to, "set %s =", r->sets[i].name);
		for (j = 0; j < r->sets[i].count; j++) {
			buf_adds(to, j == 0 ? " " : ", ");
			pattern(to, &r->patterns[r->sets[i].patterns[j]]);
		}
		buf_addc(to, '\n');
	}
	for (i = r->built_in; i < r->count; i++) {
		rule = &r->rules[i];
		if (rule->labelled)
			buf_addf(to, "%s: ", rule->name);
		rule_print(r, rule, to);
		buf_addc(to, '\n');
	}
}
