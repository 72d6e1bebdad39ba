/* action - what a rule does */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/settings.h"
#include "desk/sla.h"
#include "desk/variables.h"
#include "rules/lex.h"

#define TEXT_REPLY_MAX_BYTES 4096 /* WhatsApp's longest text, in bytes */
#define VALUE_MAX_BYTES 256	  /* of an attribute */

/* Names that need quotes: words there were from the first. Later ones do not:
 * a file of then may have them as names. */
const char *const first_words[] = { "any", "text", "kind", "instance",
	"language", "inside", "outside", "first", "tagged", "with", "owner",
	"not", "once", "tag", "untag", "priority", "profile", "escalate",
	"assign", "reply", "no-ai", "stop", "match", NULL };

static const char *const action_words[] = { "tag", "untag", "priority",
	"profile", "escalate", "assign", "reply", "no-ai", "stop", "ai",
	"template", "notify", "webhook", "run", "snooze", "resolve", "archive",
	"set", "survey", "sla", NULL };

/* Names of what has come later need quotes where they are words. */
static const char *const later_words[] = { "any", "text", "kind", "instance",
	"language", "inside", "outside", "first", "tagged", "with", "owner",
	"not", "once", "tag", "untag", "priority", "profile", "escalate",
	"assign", "reply", "no-ai", "stop", "match", "ai", "template", "notify",
	"webhook", "run", "snooze", "resolve", "archive", "set", "survey",
	NULL };

static const char *const priorities[] = { "low", "medium", "high", "urgent",
	NULL };

bool
is_action_word(const char *word)
{
	return str_in(word, action_words);
}

bool
is_language_word(const char *word)
{
	return is_action_word(word) || is_condition_word(word);
}

const char *
near_action(const char *word)
{
	return str_nearest(word, action_words);
}

bool
at_action(const struct parser *p)
{
	if (p->token != T_WORD || !is_action_word(text(p)))
		return false;
	if (strcmp(text(p), "sla") == 0)
		return !at_sla_condition(p);
	return strcmp(text(p), "ai") != 0 || !word_follows(p, "confidence");
}

void
action_release(struct action *a)
{
	free(a->value);
	free(a->more);
}

/* Takes a, whose NULLs become "". */
static int
add_action(struct rule *rule, struct action a)
{
	if (a.value == NULL)
		a.value = xstrdup("");
	if (a.more == NULL)
		a.more = xstrdup("");
	rule->actions = xrealloc(rule->actions,
	    (rule->nactions + 1) * sizeof(*rule->actions));
	rule->actions[rule->nactions++] = a;
	return 0;
}

static int
add_plain(struct rule *rule, enum rules_effect_kind kind)
{
	return add_action(rule, (struct action){ .kind = kind });
}

/* An action for each of the names that follow. */
static int
take_values(struct parser *p, struct rule *rule, enum rules_effect_kind kind,
    const char *what, const char *const *refused)
{
	struct names names = { NULL, 0 };
	size_t i;
	int line = p->at_line, column = p->at_column,
	    code = take_names(p, what, NULL, refused, &names);

	for (i = 0; code == 0 && i < names.count; i++)
		if ((kind == EFFECT_TAG || kind == EFFECT_UNTAG) &&
		    !utf8_is_line(names.items[i]))
			code = fail_at(p, line, column,
			    "a tag has no control characters");
	for (i = 0; code == 0 && i < names.count; i++)
		add_action(rule,
		    (struct action){ .kind = kind,
			.value = xstrdup(names.items[i]) });
	names_release(&names);
	return code;
}

/* One name, of a section of the settings if one is given. */
static int
take_one(struct parser *p, struct rule *rule, enum rules_effect_kind kind,
    const char *what, const char *section, const char *const *known,
    const char *const *refused)
{
	int line = p->at_line, column = p->at_column;
	char *name;

	if (take_name(p, what, known, refused, &name) < 0)
		return ERR_CONFIG;
	add_action(rule, (struct action){ .kind = kind, .value = name });
	if (p->token == T_COMMA)
		return fail(p, "one name is wanted, not several");
	return section == NULL ? 0 :
				 check_section(p, section, name, line, column);
}

/* Each of the names that follow must be there. */
static int
take_sections(struct parser *p, struct rule *rule, enum rules_effect_kind kind,
    const char *what, const char *section)
{
	int line = p->at_line, column = p->at_column;
	size_t i = rule->nactions;

	if (take_values(p, rule, kind, what, later_words) < 0)
		return ERR_CONFIG;
	for (; i < rule->nactions; i++)
		if (check_section(p, section, rule->actions[i].value, line,
			column) < 0)
			return ERR_CONFIG;
	return 0;
}

static int
check_text(struct parser *p, const char *words, size_t max, int line,
    int column)
{
	size_t len = strlen(words);

	if (len > 0 && len <= max)
		return 0;
	return fail_at(p, line, column, "a text has 1 to %zu bytes", max);
}

static int
take_reason(struct parser *p, struct rule *rule)
{
	struct value v = { .text = NULL };

	if (p->token != T_STRING && p->token != T_SET)
		return add_action(rule,
		    (struct action){ .kind = EFFECT_ESCALATE,
			.value = xstrdup("rule") });
	if (take_value(p, "a reason", NULL, &v) < 0)
		return ERR_CONFIG;
	add_action(rule,
	    (struct action){ .kind = EFFECT_ESCALATE, .value = v.text });
	return check_text(p, v.text, TEXT_REPLY_MAX_BYTES, v.line, v.column);
}

/* The variables in the words of a reply that the settings hold. */
static int
check_reply(struct parser *p, const struct value *v)
{
	const struct conf_entry *e;
	char *section = xformat("reply %s", v->text), *why;
	size_t i;
	int code = check_section(p, "reply", v->text, v->line, v->column);

	for (i = 0; code == 0 && p->b->conf != NULL &&
	     (e = conf_entry(p->b->conf, i)) != NULL;
	     i++) {
		if (strcmp(e->section, section) != 0 ||
		    reply_check(e->key, e->value) == 0)
			continue;
		why = xstrdup(err_reason());
		code = fail_at(p, v->line, v->column, "%s:%d: %s.%s: %s",
		    e->file, e->line, section, e->key, why);
		free(why);
	}
	free(section);
	return code;
}

static int
take_reply(struct parser *p, struct rule *rule)
{
	struct action a = { .kind = EFFECT_REPLY };
	struct value v;
	char *why;
	int code;

	if (take_value(p, "the name of a reply, or \"its words\",", first_words,
		&v) < 0)
		return ERR_CONFIG;
	if (v.kind == VALUE_STRING)
		a.kind = EFFECT_REPLY_TEXT;
	a.value = v.text;
	add_action(rule, a);
	if (a.kind == EFFECT_REPLY) {
		if (strlen(v.text) > NAME_MAX_BYTES)
			return fail_at(p, v.line, v.column,
			    "a name has 1 to %d bytes and no comma",
			    NAME_MAX_BYTES);
		if (p->token == T_COMMA)
			return fail(p, "one name is wanted, not several");
		return check_reply(p, &v);
	}
	code = check_text(p, v.text, TEXT_REPLY_MAX_BYTES, v.line, v.column);
	if (code == 0 && v.text[strspn(v.text, " \t\r\n")] == '\0')
		return fail_at(p, v.line, v.column,
		    "a reply of blanks says nothing");
	if (code == 0 && variables_check(v.text) < 0) {
		why = xstrdup(err_reason());
		code = fail_at(p, v.line, v.column, "%s", why);
		free(why);
	}
	return code;
}

/* Who of the team gets it: "round robin", "least loaded", or nothing. */
static int
take_choice(struct parser *p, struct action *a)
{
	static const char *const ways[][2] = { { "round", "robin" },
		{ "least", "loaded" } };
	size_t i;
	char *wanted;
	int code;

	for (i = 0; i < 2; i++) {
		if (!at_word(p, ways[i][0]))
			continue;
		next(p);
		if (!at_word(p, ways[i][1])) {
			wanted = xformat("'%s' is wanted here", ways[i][1]);
			code = fail_found(p, wanted);
			free(wanted);
			return code;
		}
		next(p);
		free(a->more);
		a->more = xformat("%s %s", ways[i][0], ways[i][1]);
	}
	return 0;
}

static int
take_assign(struct parser *p, struct rule *rule)
{
	if (!at_word(p, "team"))
		return take_one(p, rule, EFFECT_ASSIGN,
		    "a person, or team NAME,", NULL, NULL, first_words);
	next(p);
	if (take_one(p, rule, EFFECT_ASSIGN_TEAM, "the name of a team", NULL,
		NULL, first_words) < 0)
		return ERR_CONFIG;
	return take_choice(p, &rule->actions[rule->nactions - 1]);
}

static int
take_ai(struct parser *p, struct rule *rule)
{
	struct action a = { .kind = EFFECT_AI_PAUSE };

	if (at_word(p, "on"))
		a.kind = EFFECT_AI_ON;
	else if (at_word(p, "off"))
		a.kind = EFFECT_AI_OFF;
	else if (!at_word(p, "pause"))
		return fail_found(p, "'on', 'off' or 'pause' is wanted here");
	next(p);
	if (a.kind == EFFECT_AI_PAUSE && at_word(p, "for")) {
		next(p);
		if (take_duration(p, &a.ms) < 0)
			return ERR_CONFIG;
	}
	return add_action(rule, a);
}

static int
take_snooze(struct parser *p, struct rule *rule)
{
	struct action a = { .kind = EFFECT_SNOOZE };

	if (at_word(p, "until")) {
		next(p);
		if (!at_word(p, "opening"))
			return fail_found(p, "'opening' is wanted here");
		next(p);
	} else if (take_duration(p, &a.ms) < 0)
		return ERR_CONFIG;
	return add_action(rule, a);
}

/* A tag such as en, pt-BR or en_US, in the provider's spelling. */
static bool
at_tag(const struct parser *p)
{
	const char *t = text(p);
	size_t n = strspn(t, "abcdefghijklmnopqrstuvwxyz");

	if (p->token != T_WORD || is_language_word(t) || n < 2 || n > 3)
		return false;
	if (t[n] == '\0')
		return true;
	return strchr("-_", t[n]) != NULL && strlen(t + n + 1) >= 2 &&
	    strlen(t + n + 1) <= 4;
}

static int
take_template(struct parser *p, struct rule *rule)
{
	struct action *a;

	if (take_one(p, rule, EFFECT_TEMPLATE, "the name of a template", NULL,
		NULL, later_words) < 0)
		return ERR_CONFIG;
	if (!at_tag(p))
		return 0;
	a = &rule->actions[rule->nactions - 1];
	free(a->more);
	a->more = xstrdup(text(p));
	next(p);
	return 0;
}

/* The name of a policy, none, or default: the instance's. */
static int
take_policy(struct parser *p, struct rule *rule)
{
	static const char *const ours[] = { SLA_NONE, SLA_DEFAULT, NULL };
	int line = p->at_line, column = p->at_column;
	struct action *a;

	if (take_one(p, rule, EFFECT_SLA, "the name of a policy, or none,",
		NULL, NULL, later_words) < 0)
		return ERR_CONFIG;
	a = &rule->actions[rule->nactions - 1];
	if (str_in(a->value, ours))
		return 0;
	return check_section(p, "sla", a->value, line, column);
}

static int
take_attribute(struct parser *p, struct rule *rule)
{
	struct action a = { .kind = EFFECT_ATTRIBUTE };
	struct value v;

	if (!at_word(p, "attribute"))
		return fail_found(p, "'attribute' is wanted here");
	next(p);
	if (take_name(p, "the name of an attribute", NULL, later_words,
		&a.value) < 0)
		return ERR_CONFIG;
	if (take_value(p, "a value", later_words, &v) < 0) {
		free(a.value);
		return ERR_CONFIG;
	}
	a.more = v.text;
	add_action(rule, a);
	return check_text(p, v.text, VALUE_MAX_BYTES, v.line, v.column);
}

static int
take_arguments(struct parser *p, struct rule *rule, const char *word)
{
	if (strcmp(word, "tag") == 0)
		return take_values(p, rule, EFFECT_TAG, "a tag", first_words);
	if (strcmp(word, "untag") == 0)
		return take_values(p, rule, EFFECT_UNTAG, "a tag", first_words);
	if (strcmp(word, "priority") == 0)
		return take_one(p, rule, EFFECT_PRIORITY, "a priority", NULL,
		    priorities, first_words);
	if (strcmp(word, "profile") == 0)
		return take_one(p, rule, EFFECT_PROFILE,
		    "the name of a profile", "profile", NULL, first_words);
	if (strcmp(word, "escalate") == 0)
		return take_reason(p, rule);
	if (strcmp(word, "assign") == 0)
		return take_assign(p, rule);
	if (strcmp(word, "reply") == 0)
		return take_reply(p, rule);
	if (strcmp(word, "ai") == 0)
		return take_ai(p, rule);
	if (strcmp(word, "template") == 0)
		return take_template(p, rule);
	if (strcmp(word, "notify") == 0)
		return take_values(p, rule, EFFECT_NOTIFY,
		    "the name of a person, a team or a channel", later_words);
	if (strcmp(word, "webhook") == 0)
		return take_sections(p, rule, EFFECT_WEBHOOK,
		    "the name of a webhook", "webhook");
	if (strcmp(word, "run") == 0)
		return take_sections(p, rule, EFFECT_RUN,
		    "the name of a command", "command");
	if (strcmp(word, "snooze") == 0)
		return take_snooze(p, rule);
	if (strcmp(word, "sla") == 0)
		return take_policy(p, rule);
	if (strcmp(word, "set") == 0)
		return take_attribute(p, rule);
	if (strcmp(word, "resolve") == 0)
		return add_plain(rule, EFFECT_RESOLVE);
	if (strcmp(word, "archive") == 0)
		return add_plain(rule, EFFECT_ARCHIVE);
	if (strcmp(word, "survey") == 0)
		return add_plain(rule, EFFECT_SURVEY);
	if (strcmp(word, "no-ai") == 0)
		return add_plain(rule, EFFECT_NO_AI);
	return add_action(rule, (struct action){ .stop = true });
}

/* Whether the action fits what the rule is asked of. */
static int
check_occasion(struct parser *p, const struct rule *rule, const char *word)
{
	static const char *const anywhere[] = { "notify", "webhook", "run",
		"stop", NULL };

	if ((rule->occasions & RULES_INSTANCE) != 0 && !str_in(word, anywhere))
		return fail(p,
		    "'%s' needs a conversation, and the trouble of an instance "
		    "has none: notify, webhook or run",
		    word);
	if (strcmp(word, "no-ai") == 0 &&
	    (rule->occasions & RULES_MESSAGE) == 0)
		return fail(p,
		    "'no-ai' is about the answer to a message, and this rule "
		    "is not asked of one: ai off or ai pause");
	return 0;
}

int
take_action(struct parser *p, struct rule *rule)
{
	char *word = xstrdup(text(p));
	int code = check_occasion(p, rule, word);

	if (code == 0) {
		next(p);
		code = take_arguments(p, rule, word);
	}
	free(word);
	return code;
}
