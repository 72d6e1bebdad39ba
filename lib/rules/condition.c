/*
 * condition - what a rule asks
 *
 *	or	   = and { "or" and }
 *	and	   = not { [ "and" ] not }
 *	not	   = [ "not" ] ( "(" or ")" | "$" NAME | condition )
 *
 * Conditions side by side must all hold, as with an "and" between them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "desk/settings.h"
#include "desk/sla.h"
#include "rules/lex.h"

#define MESSAGE RULES_MESSAGE
#define WITH_TALK                                                    \
	(RULES_MESSAGE | RULES_IDLE | RULES_WAITING | RULES_WINDOW | \
	    RULES_SLA | RULES_ANSWER | RULES_RATING |                \
	    RULES_EDIT) /* all that is about a conversation */
#define EVERY (WITH_TALK | RULES_INSTANCE)

const struct condition_word condition_words[IF_KINDS] = {
	[IF_ANY] = { "any", EVERY, false, NULL, 0 },
	[IF_TEXT] = { "text", MESSAGE, true, NULL, RULES_EDIT },
	[IF_KIND] = { "kind", MESSAGE, true, "kind", 0 },
	[IF_INSTANCE] = { "instance", EVERY, false, "instance", 0 },
	[IF_LANGUAGE] = { "language", WITH_TALK, false, "language", 0 },
	[IF_OPEN] = { "inside hours", EVERY, false, NULL, 0 },
	[IF_FIRST] = { "first message", MESSAGE, true, NULL, 0 },
	[IF_TAGGED] = { "tagged", WITH_TALK, false, "tagged", 0 },
	[IF_PRIORITY] = { "with priority", WITH_TALK, false, "priority", 0 },
	[IF_OWNER] = { "owner", WITH_TALK, false, "owner", 0 },
	[IF_STATUS] = { "status", WITH_TALK, false, "status", 0 },
	[IF_TEAM] = { "team", WITH_TALK, false, "team", 0 },
	[IF_ASSIGNEE] = { "assignee", WITH_TALK, false, "assignee", 0 },
	[IF_CONTACT] = { "contact", WITH_TALK, false, NULL, 0 },
	[IF_ATTRIBUTE] = { "attribute", WITH_TALK, false, NULL, 0 },
	[IF_NEW] = { "new conversation", MESSAGE, true, NULL, 0 },
	[IF_REOPENED] = { "reopened", MESSAGE, true, NULL, 0 },
	[IF_EDITED] = { "edited", RULES_EDIT, true, NULL, 0 },
	[IF_COUNT] = { "message count", MESSAGE, true, "message count", 0 },
	[IF_AD] = { "ad", MESSAGE, true, NULL, 0 },
	[IF_INTENT] = { "intent", MESSAGE, true, NULL, 0 },
	[IF_SENTIMENT] = { "sentiment", MESSAGE, true, NULL, 0 },
	[IF_IDLE] = { "idle", RULES_IDLE, true, NULL, 0 },
	[IF_WAITING] = { "waiting", RULES_WAITING, true, NULL, 0 },
	[IF_WINDOW] = { "window closes in", RULES_WINDOW, true, NULL, 0 },
	[IF_SLA] = { "sla", RULES_SLA, true, NULL, 0 },
	[IF_CONFIDENCE] = { "ai confidence", RULES_ANSWER, true,
	    "ai confidence", 0 },
	[IF_RATED] = { "rated", RULES_RATING, true, "rating", 0 },
	[IF_TROUBLE] = { "instance trouble", RULES_INSTANCE, true, NULL, 0 },
	[IF_OPTED_OUT] = { "opted out", WITH_TALK, false, NULL, 0 },
	[IF_BLOCKED] = { "blocked", WITH_TALK, false, NULL, 0 },
};

/* The first words of conditions, for whoever mistypes one. */
static const char *const beginnings[] = { "any", "text", "kind", "instance",
	"language", "inside", "outside", "first", "tagged", "with", "owner",
	"not", "once", "status", "team", "assignee", "contact", "attribute",
	"new", "reopened", "edited", "message", "ad", "intent", "sentiment",
	"idle", "waiting", "window", "sla", "ai", "rated", "opted", "blocked",
	"and", "or", NULL };

static const char *const priorities[] = { "low", "medium", "high", "urgent",
	NULL };
static const char *const owners[] = { "ai", "queue", "user", NULL };
static const char *const states[] = { "open", "snoozed", "resolved", "archived",
	NULL };
static const char *const feelings[] = { "negative", "neutral", "positive",
	NULL };
static const char *const kinds[] = { "text", "image", "audio", "voice", "video",
	"document", "sticker", "location", "contacts", "order", "interactive",
	"button", "flow", "unsupported", "unknown", NULL };

/* Behind "sla" where it is a condition: a target, and how it is with one. */
#define TARGETS 3
static const char *const sla_words[] = { "first-response", "next-response",
	"resolution", "missed", "due", NULL };

/* --- trees --- */

struct node *
node_new(enum node_kind kind)
{
	struct node *n = xcalloc(1, sizeof(*n));

	n->kind = kind;
	return n;
}

void
node_add(struct node *to, struct node *kid)
{
	if ((to->nkids & (to->nkids - 1)) == 0)
		to->kids = xrealloc(to->kids,
		    (to->nkids * 2 + 1) * sizeof(struct node *));
	to->kids[to->nkids++] = kid;
}

static void
condition_free(struct condition *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->nitems; i++)
		free(c->items[i].name);
	free(c->items);
	free(c->name);
	free(c);
}

void
node_free(struct node *n)
{
	size_t i;

	if (n == NULL)
		return;
	for (i = 0; i < n->nkids; i++)
		node_free(n->kids[i]);
	free(n->kids);
	condition_free(n->condition);
	free(n);
}

static struct condition *
condition_copy(const struct condition *from)
{
	struct condition *c = xcalloc(1, sizeof(*c));
	size_t i;

	*c = *from;
	c->name = xstrdup(from->name);
	c->items = xcalloc(from->nitems * 2 + 1, sizeof(*c->items));
	for (i = 0; i < from->nitems; i++) {
		c->items[i] = from->items[i];
		c->items[i].name = xstrdup(from->items[i].name);
	}
	return c;
}

struct node *
node_copy(const struct node *from)
{
	struct node *n = node_new(from->kind);
	size_t i;

	n->set = from->set;
	n->line = from->line;
	n->column = from->column;
	if (from->condition != NULL)
		n->condition = condition_copy(from->condition);
	for (i = 0; i < from->nkids; i++)
		node_add(n, node_copy(from->kids[i]));
	return n;
}

size_t
node_size(const struct node *n)
{
	size_t size = n->nkids < 2, i; /* $NAME counts, too */

	for (i = 0; i < n->nkids; i++)
		size += node_size(n->kids[i]);
	return size;
}

void
node_each(const struct node *n,
    void (*each)(void *ctx, const struct condition *c), void *ctx)
{
	size_t i;

	if (n->condition != NULL)
		each(ctx, n->condition);
	for (i = 0; i < n->nkids; i++)
		node_each(n->kids[i], each, ctx);
}

/* --- one condition --- */

bool
is_condition_word(const char *word)
{
	return str_in(word, beginnings);
}

const char *
near_condition(const char *word)
{
	return str_nearest(word, beginnings);
}

/* "ai" begins a condition and an action; what is behind it tells. */
bool
at_condition(const struct parser *p)
{
	if (p->token != T_WORD || !is_condition_word(text(p)))
		return false;
	return strcmp(text(p), "ai") != 0 || word_follows(p, "confidence");
}

/* A word and a comparison, without a blank between. */
static bool
at_glued(const struct parser *p, const char *word)
{
	size_t len = strlen(word);

	return p->token == T_WORD && strncmp(text(p), word, len) == 0 &&
	    text(p)[len] != '\0' && strchr("=!<>", text(p)[len]) != NULL;
}

/* The words of a phrase behind its first one. */
static int
take_rest(struct parser *p, const char *phrase)
{
	char word[16], *wanted;
	const char *at = strchr(phrase, ' ');
	size_t len;
	int code;

	while (at != NULL) {
		at++;
		len = strcspn(at, " ");
		memcpy(word, at, len);
		word[len] = '\0';
		if (!at_word(p, word)) {
			wanted = xformat("'%s' is wanted here%s", word,
			    at_glued(p, word) ? " with a blank behind it" : "");
			code = fail_found(p, wanted);
			free(wanted);
			return code;
		}
		next(p);
		at = strchr(at, ' ');
	}
	return 0;
}

/* $NAME, and no condition that goes by it. */
static bool
at_values(const struct parser *p)
{
	const struct set *set =
	    p->token == T_SET ? set_named(p->r, text(p)) : NULL;

	return p->token == T_SET && (set == NULL || set->node == NULL);
}

static int
take_hours(struct parser *p, struct condition *c)
{
	struct item item = { .name = NULL };
	char *section = xformat("hours %s", text(p));
	bool named = p->b->conf != NULL && conf_has(p->b->conf, section);
	int line = p->at_line, column = p->at_column;

	free(section);
	if (p->token == T_WORD ? str_in(text(p), first_words) ||
		    (!named &&
			(is_language_word(text(p)) ||
			    strchr(text(p), '(') != NULL)) :
				 p->token != T_STRING && !at_values(p))
		return 0; /* those of the instance */
	if (take_name(p, "the name of hours", NULL, NULL, &item.name) < 0)
		return ERR_CONFIG;
	c->items = xcalloc(1, sizeof(*c->items));
	c->items[c->nitems++] = item;
	return check_section(p, "hours", item.name, line, column);
}

static int
take_instances(struct parser *p, struct condition *c)
{
	int line = p->at_line, column = p->at_column;
	size_t i;

	if (take_items(p, "the name of an instance", NULL, first_words, c) < 0)
		return ERR_CONFIG;
	for (i = 0; i < c->nitems; i++)
		if (c->items[i].name != NULL &&
		    check_section(p, "instance", c->items[i].name, line,
			column) < 0)
			return ERR_CONFIG;
	return 0;
}

/* Trouble of an instance, unless there is one of that name. */
static bool
at_trouble(const struct parser *p)
{
	return at_word(p, "trouble") &&
	    (p->b->conf == NULL || !conf_has(p->b->conf, "instance trouble"));
}

static int
take_languages(struct parser *p, struct condition *c)
{
	size_t i;

	if (take_items(p, "the tag of a language", NULL, first_words, c) < 0)
		return ERR_CONFIG;
	for (i = 0; i < c->nitems; i++)
		if (c->items[i].name != NULL &&
		    setting_check("desk", "language", c->items[i].name, NULL) <
			0)
			return fail(p, "%s", err_reason());
	return 0;
}

/* Where a name stands before a comparison, that is no name. */
static int
refuse_op(struct parser *p, const char *wanted)
{
	if (p->token == T_WORD && strchr("=!<>", *text(p)) != NULL)
		return fail_found(p, wanted);
	return 0;
}

/* NAME [ op VALUE, ... ] */
static int
take_attribute(struct parser *p, struct condition *c)
{
	if (refuse_op(p, "the name of an attribute is wanted here") < 0)
		return ERR_CONFIG;
	if (take_name(p, "the name of an attribute", NULL, first_words,
		&c->name) < 0)
		return ERR_CONFIG;
	if (!take_op(p, &c->op))
		return 0;
	if (c->op == OP_EQ || c->op == OP_NE)
		return take_items(p, "a value", NULL, NULL, c);
	return take_number(p, -1e12, 1e12, &c->number);
}

/* NAMES [ op NUMBER ] */
static int
take_intent(struct parser *p, struct condition *c)
{
	if (refuse_op(p, "the name of an intent is wanted here") < 0)
		return ERR_CONFIG;
	if (take_items(p, "the name of an intent", NULL, first_words, c) < 0)
		return ERR_CONFIG;
	return take_op(p, &c->op) ? take_number(p, 0, 1, &c->number) : 0;
}

/* op NUMBER, which may be missing. */
static int
take_comparison(struct parser *p, struct condition *c, bool may_miss,
    double min, double max)
{
	if (take_op(p, &c->op))
		return take_number(p, min, max, &c->number);
	return may_miss ? 0 :
			  fail_found(p,
			      "a comparison such as < 0.5 or >= 3 is wanted "
			      "here (with blanks around it)");
}

static int
take_sentiment(struct parser *p, struct condition *c)
{
	if (take_op(p, &c->op))
		return take_number(p, -1, 1, &c->number);
	return take_items(p, "negative, neutral, positive or a comparison",
	    feelings, NULL, c);
}

/* Whether a condition stands here, and not the action sla NAME. */
bool
at_sla_condition(const struct parser *p)
{
	size_t i;

	for (i = 0; sla_words[i] != NULL; i++)
		if (word_follows(p, sla_words[i]))
			return true;
	return false;
}

/* [ TARGET ] ( "missed" | "due" "within" DURATION ) */
static int
take_promise(struct parser *p, struct condition *c)
{
	const char *near = NULL;

	if (p->token == T_WORD && sla_is_target(text(p))) {
		c->name = xstrdup(text(p));
		next(p);
	}
	if (at_word(p, "missed")) {
		next(p);
		return 0;
	}
	if (!at_word(p, "due") && p->token == T_WORD)
		near = str_nearest(text(p),
		    &sla_words[c->name != NULL ? TARGETS : 0]);
	if (near != NULL)
		return fail(p, "'%s': did you mean %s?", text(p), near);
	if (!at_word(p, "due"))
		return fail_found(p,
		    c->name != NULL ?
			"'missed' or 'due within' is wanted here" :
			"first-response, next-response, resolution, missed or "
			"due within is wanted here");
	next(p);
	if (!at_word(p, "within"))
		return fail_found(p, "'within' is wanted here");
	next(p);
	return take_duration(p, &c->ms);
}

/* What an ad is known by, if any is named. */
static int
take_ad(struct parser *p, struct condition *c)
{
	if (p->token != T_STRING && !at_values(p))
		return 0;
	return take_items(p, "the id of an ad", NULL, NULL, c);
}

static int
take_arguments(struct parser *p, struct condition *c)
{
	switch (c->kind) {
	case IF_TEXT:
		return take_patterns(p, c);
	case IF_KIND:
		return take_items(p, "a kind of message", kinds, first_words,
		    c);
	case IF_INSTANCE:
		return take_instances(p, c);
	case IF_LANGUAGE:
		return take_languages(p, c);
	case IF_OPEN:
		return take_hours(p, c);
	case IF_TAGGED:
		return take_items(p, "a tag", NULL, first_words, c);
	case IF_PRIORITY:
		return take_items(p, "a priority", priorities, first_words, c);
	case IF_OWNER:
		return take_items(p, "an owner", owners, first_words, c);
	case IF_STATUS:
		return take_items(p, "a status", states, first_words, c);
	case IF_TEAM:
		return take_items(p, "the name of a team, or none,", NULL,
		    first_words, c);
	case IF_ASSIGNEE:
		return take_items(p, "the name of a person, or none,", NULL,
		    first_words, c);
	case IF_CONTACT:
		return take_items(p, "the name or id of a contact", NULL,
		    first_words, c);
	case IF_ATTRIBUTE:
		return take_attribute(p, c);
	case IF_COUNT:
		return take_comparison(p, c, false, 0, 1e9);
	case IF_AD:
		return take_ad(p, c);
	case IF_INTENT:
		return take_intent(p, c);
	case IF_SENTIMENT:
		return take_sentiment(p, c);
	case IF_IDLE:
	case IF_WAITING:
	case IF_WINDOW:
		return take_duration(p, &c->ms);
	case IF_SLA:
		return take_promise(p, c);
	case IF_CONFIDENCE:
		return take_comparison(p, c, false, 0, 1);
	case IF_RATED:
		return take_comparison(p, c, true, 1, 5);
	case IF_ANY:
	case IF_FIRST:
	case IF_NEW:
	case IF_REOPENED:
	case IF_EDITED:
	case IF_TROUBLE:
	case IF_OPTED_OUT:
	case IF_BLOCKED:
	case IF_KINDS:
		break;
	}
	return 0;
}

static size_t
first_len(const char *phrase)
{
	return strcspn(phrase, " ");
}

static int
fail_unknown(struct parser *p)
{
	const char *near = p->token == T_WORD ? near_condition(text(p)) : NULL;

	if (at_word(p, "not"))
		return fail(p, "one 'not' is enough before a condition");
	if (at_word(p, "once"))
		return fail(p, "'once' comes behind the conditions");
	if (p->token == T_WORD && strpbrk(text(p), "()") != NULL)
		return fail(p,
		    "'%s': a parenthesis opens before a condition "
		    "and closes behind one",
		    text(p));
	if (p->token == T_WORD && set_named(p->r, text(p)) != NULL)
		return fail(p, "'%s' is no condition, did you mean $%s?",
		    text(p), text(p));
	if (near != NULL && at_glued(p, near))
		return fail(p, "'%s': a blank stands behind %s", text(p), near);
	if (near != NULL && !is_language_word(text(p)))
		return fail(p, "'%s' is no condition, did you mean %s?",
		    text(p), near);
	return fail_found(p, "a condition is wanted here");
}

/* A condition after its 'not'. */
static int
take_condition(struct parser *p, struct condition *c)
{
	size_t i, len;

	if (at_word(p, "outside")) {
		c->kind = IF_OPEN;
		c->not = !c->not ;
		next(p);
		return take_rest(p, "outside hours") < 0 ? ERR_CONFIG :
							   take_hours(p, c);
	}
	for (i = 0; i < IF_KINDS; i++) {
		len = first_len(condition_words[i].phrase);
		if (p->token == T_WORD && p->text.len == len &&
		    strncmp(text(p), condition_words[i].phrase, len) == 0)
			break;
	}
	if (i == IF_KINDS)
		return fail_unknown(p);
	c->kind = (enum condition_kind)i;
	next(p);
	if (c->kind == IF_INSTANCE && at_trouble(p))
		c->kind = IF_TROUBLE;
	if (take_rest(p, condition_words[c->kind].phrase) < 0)
		return ERR_CONFIG;
	return take_arguments(p, c);
}

/* --- all conditions --- */

static int take_or(struct parser *p, struct node **ret);

static struct node *
node_here(const struct parser *p, enum node_kind kind)
{
	struct node *n = node_new(kind);

	n->line = p->at_line;
	n->column = p->at_column;
	return n;
}

static int
take_group(struct parser *p, struct node **ret)
{
	int line = p->at_line, column = p->at_column;

	if (p->open == PARENTHESES_MAX)
		return fail(p, "more than %d parentheses in one another",
		    PARENTHESES_MAX);
	take_open(p);
	if (take_or(p, ret) < 0)
		return ERR_CONFIG;
	if (p->token == T_BAD)
		return ERR_CONFIG;
	if (p->token != T_CLOSE) {
		if (at_end(p))
			return fail_at(p, line, column,
			    "the closing ) is missing");
		return fail_found(p, "'and', 'or' or ')' is wanted here");
	}
	p->open--;
	next(p);
	return 0;
}

/* So many more are in the rule: not too many, or it is hard to copy. */
static int
count_conditions(struct parser *p, size_t more)
{
	p->conditions += more;
	return p->conditions <= CONDITIONS_MAX ?
	    0 :
	    fail(p, "more than %d conditions in a rule", CONDITIONS_MAX);
}

/* $NAME where a condition may stand. */
static int
take_named(struct parser *p, struct node **ret)
{
	struct set *set = set_at(p);
	struct node *n;

	if (set == NULL)
		return ERR_CONFIG;
	if (set->node == NULL)
		return fail(p,
		    "$%s stands for values, and a condition is wanted here",
		    set->name);
	n = node_here(p, NODE_NAMED);
	n->set = (size_t)(set - p->r->sets);
	if (count_conditions(p, 1 + node_size(set->node)) < 0) {
		node_free(n);
		return ERR_CONFIG;
	}
	node_add(n, node_copy(set->node));
	*ret = n;
	next(p);
	return 0;
}

/* Words that are joined to a parenthesis: "not(" is "not" "(". */
static bool
at_joined(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	if (p->token != T_WORD || !str_starts(text(p), word))
		return false;
	if (text(p)[len] == '(')
		split_word(p, len);
	return text(p)[len] == '\0';
}

static int
take_not(struct parser *p, struct node **ret)
{
	struct node *n, *inner = NULL;
	bool not ;
	int code;

	n = node_here(p, NODE_IF);
	not = at_joined(p, "not");
	if (not )
		next(p);
	if (p->token == T_WORD && *text(p) == '(')
		code = take_group(p, &inner);
	else if (p->token == T_SET)
		code = take_named(p, &inner);
	else {
		n->condition = xcalloc(1, sizeof(*n->condition));
		n->condition->not = not ;
		code = count_conditions(p, 1);
		if (code == 0)
			code = take_condition(p, n->condition);
	}
	if (code < 0) {
		node_free(inner);
		node_free(n);
		return code;
	}
	if (inner != NULL && not ) {
		n->kind = NODE_NOT;
		node_add(n, inner);
	} else if (inner != NULL) {
		node_free(n);
		n = inner;
	}
	*ret = n;
	return 0;
}

/* Whether what stands here ends conditions that all must hold. */
static bool
ends_and(struct parser *p)
{
	return at_end(p) || p->token == T_CLOSE || at_joined(p, "or") ||
	    at_word(p, "once") || at_action(p);
}

/* Of one kid: the kid itself. */
static struct node *
unwrap(struct node *n)
{
	struct node *kid;

	if (n->nkids != 1)
		return n;
	kid = n->kids[0];
	n->nkids = 0;
	node_free(n);
	return kid;
}

/* A mistyped action is more likely behind a condition. */
static int
look_for_action(struct parser *p)
{
	const char *near[] = { NULL, NULL, NULL };

	if (p->token != T_WORD || is_condition_word(text(p)))
		return 0;
	near[0] = near_action(text(p));
	near[1] = near[0] != NULL ? near_condition(text(p)) : NULL;
	if (near[0] == NULL || str_nearest(text(p), near) != near[0])
		return 0;
	return fail(p, "'%s' is no action, did you mean %s?", text(p), near[0]);
}

static int
take_and(struct parser *p, struct node **ret)
{
	struct node *n = node_here(p, NODE_AND), *kid;
	bool wanted = false; /* behind an "and" */

	for (;;) {
		if (!wanted && n->nkids > 0 && ends_and(p))
			break;
		if (n->nkids > 0 && !wanted && look_for_action(p) < 0) {
			node_free(n);
			return ERR_CONFIG;
		}
		if (!wanted && n->nkids > 0 && at_joined(p, "and")) {
			next(p);
			wanted = true;
			continue;
		}
		kid = NULL;
		if (take_not(p, &kid) < 0) {
			node_free(n);
			return ERR_CONFIG;
		}
		node_add(n, kid);
		wanted = false;
	}
	*ret = unwrap(n);
	return 0;
}

static int
take_or(struct parser *p, struct node **ret)
{
	struct node *n = node_here(p, NODE_OR), *kid;

	for (;;) {
		kid = NULL;
		if (take_and(p, &kid) < 0) {
			node_free(n);
			return ERR_CONFIG;
		}
		node_add(n, kid);
		if (!at_joined(p, "or"))
			break;
		next(p);
	}
	*ret = unwrap(n);
	return 0;
}

int
take_conditions(struct parser *p, struct node **ret)
{
	p->conditions = 0;
	return take_or(p, ret);
}
