/*
 * parse - the rule language
 *
 *	file	   = { [ LABEL ":" ] ( "match" rule | "set" NAME "=" list ) EOL
 *} rule	   = condition { condition } [ once ] action { action }
 *	condition  = [ "not" ] ( "any" | "text" list | "kind" names | ... )
 *	list	   = item { "," item };  item = STRING | REGEX | "$" NAME
 *
 * One word is looked at ahead; an error skips to the end of its rule, so that
 * all errors of a file are told at once.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/settings.h"
#include "rules/own.h"

#define NAME_MAX_BYTES 64
#define TEXT_REPLY_MAX_BYTES 4096 /* WhatsApp's longest text, in bytes */
#define ERRORS_MAX 100

enum token {
	T_END,
	T_EOL,
	T_WORD,
	T_STRING,
	T_REGEX,
	T_SET, /* $NAME */
	T_COMMA,
	T_BAD, /* told already */
};

struct parser {
	struct rules *r;
	const struct conf *conf;
	const char *file;
	const char *p; /* what comes next */
	const char *line_start;
	int line;

	enum token token;
	struct buf text; /* of the token */
	char flags[8];	 /* of T_REGEX */
	int at_line;	 /* where the token begins */
	int at_column;
	const char *at_text; /* of T_REGEX: its first character */

	void (*say)(void *ctx, const char *text);
	void *ctx;
	int errors;
};

/* Every word that may stand in a rule, for suggestions. */
static const char *const condition_words[] = { "any", "text", "kind",
	"instance", "language", "inside", "outside", "first", "tagged", "with",
	"owner", "not", "once", NULL };
static const char *const action_words[] = { "tag", "untag", "priority",
	"profile", "escalate", "assign", "reply", "no-ai", "stop", NULL };

static const char built_in[] = "built in";

static int
column_of(const struct parser *p, const char *at)
{
	char *before = xstrndup(p->line_start, (size_t)(at - p->line_start));
	int column = (int)utf8_length(before) + 1;

	free(before);
	return column;
}

/* Tell of an error at a place, or at the token with line 0. */
static int fail_at(struct parser *p, int line, int column, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int
fail_at(struct parser *p, int line, int column, const char *fmt, ...)
{
	char *why = NULL, *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&why, fmt, ap) < 0)
		why = xstrdup("out of memory");
	va_end(ap);
	text = xformat("%s:%d:%d: %s", p->file, line != 0 ? line : p->at_line,
	    line != 0 ? column : p->at_column, why);
	if (++p->errors <= ERRORS_MAX) {
		err_set(ERR_CONFIG, "%s", text);
		if (p->say != NULL)
			p->say(p->ctx, text);
	}
	free(text);
	free(why);
	return ERR_CONFIG;
}

#define fail(p, ...) fail_at(p, 0, 0, __VA_ARGS__)

static void
newline(struct parser *p)
{
	p->p++;
	p->line++;
	p->line_start = p->p;
}

/* White space, comments and line ends behind a backslash. */
static void
skip_space(struct parser *p)
{
	const char *q;

	for (;;) {
		p->p += strspn(p->p, " \t\r");
		if (*p->p == '#') {
			p->p += strcspn(p->p, "\n");
			return;
		}
		if (*p->p != '\\')
			return;
		q = p->p + 1 + strspn(p->p + 1, " \t\r");
		if (*q != '\n')
			return;
		p->p = q;
		newline(p);
	}
}

static enum token
lex_string(struct parser *p)
{
	for (p->p++; *p->p != '"'; p->p++) {
		if (*p->p == '\0' || *p->p == '\n') {
			fail(p, "the closing \" is missing");
			return T_BAD;
		}
		if (*p->p != '\\') {
			buf_addc(&p->text, *p->p);
			continue;
		}
		p->p++;
		if (*p->p == 'n')
			buf_addc(&p->text, '\n');
		else if (*p->p == '"' || *p->p == '\\')
			buf_addc(&p->text, *p->p);
		else {
			fail_at(p, p->line, column_of(p, p->p - 1),
			    "in \"...\" a backslash stands before \", \\ or n "
			    "only");
			return T_BAD;
		}
	}
	p->p++;
	return T_STRING;
}

static enum token
lex_regex(struct parser *p)
{
	size_t n = 0;

	p->at_text = ++p->p;
	for (; *p->p != '/'; p->p++) {
		if (*p->p == '\\' && p->p[1] != '\0' && p->p[1] != '\n')
			buf_addc(&p->text, *p->p++);
		if (*p->p == '\0' || *p->p == '\n') {
			fail(p, "the closing / is missing");
			return T_BAD;
		}
		buf_addc(&p->text, *p->p);
	}
	memset(p->flags, 0, sizeof(p->flags));
	for (p->p++; *p->p >= 'a' && *p->p <= 'z'; p->p++) {
		if (strchr("cimsx", *p->p) == NULL) {
			fail_at(p, p->line, column_of(p, p->p),
			    "no flag %c: c (case counts), i, m, s, x", *p->p);
			return T_BAD;
		}
		if (*p->p != 'i' && strchr(p->flags, *p->p) == NULL)
			p->flags[n++] = *p->p;
	}
	return T_REGEX;
}

/* Read the next token into p. */
static void
next(struct parser *p)
{
	const char *start;

	buf_reset(&p->text);
	skip_space(p);
	p->at_line = p->line;
	p->at_column = column_of(p, p->p);
	switch (*p->p) {
	case '\0':
		p->token = T_END;
		return;
	case '\n':
		newline(p);
		p->token = T_EOL;
		return;
	case ',':
		p->p++;
		p->token = T_COMMA;
		return;
	case '"':
		p->token = lex_string(p);
		return;
	case '/':
		p->token = lex_regex(p);
		return;
	}
	p->token = *p->p == '$' ? T_SET : T_WORD;
	start = p->p += p->token == T_SET;
	p->p += strcspn(p->p, " \t\r\n,\"");
	if (p->p == start && p->token == T_SET) {
		fail(p, "the name of a set is missing");
		p->token = T_BAD;
	}
	buf_add(&p->text, start, (size_t)(p->p - start));
}

static const char *
text(const struct parser *p)
{
	return p->text.data != NULL ? p->text.data : "";
}

static bool
at_word(const struct parser *p, const char *word)
{
	return p->token == T_WORD && strcmp(text(p), word) == 0;
}

static bool
at_end(const struct parser *p)
{
	return p->token == T_EOL || p->token == T_END;
}

/* Go on behind the rule an error is in. */
static void
skip_rule(struct parser *p)
{
	while (!at_end(p)) {
		if (p->token == T_BAD) {
			p->p += strcspn(p->p, "\n");
			p->token = T_WORD;
		}
		next(p);
	}
}

/* What the token is, for "found X". */
static char *
found(const struct parser *p)
{
	switch (p->token) {
	case T_END:
	case T_EOL:
		return xstrdup("the end of the rule");
	case T_COMMA:
		return xstrdup("a comma");
	case T_STRING:
		return xformat("\"%s\"", text(p));
	case T_REGEX:
		return xformat("/%s/", text(p));
	case T_SET:
		return xformat("$%s", text(p));
	default:
		return xformat("'%s'", text(p));
	}
}

static int
fail_found(struct parser *p, const char *wanted)
{
	char *what = found(p);
	int code;

	if (p->token == T_BAD)
		code = ERR_CONFIG; /* told already */
	else
		code = fail(p, "%s, found %s", wanted, what);
	free(what);
	return code;
}

static void
names_add(struct names *n, const char *name)
{
	n->items = xrealloc(n->items, (n->count + 1) * sizeof(*n->items));
	n->items[n->count++] = xstrdup(name);
}

static void
names_release(struct names *n)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		free(n->items[i]);
	free(n->items);
}

/* A name: a word that is none of the language's, or in quotes. */
static int
take_name(struct parser *p, const char *what, const char *const *known,
    struct names *to)
{
	const char *name = text(p);

	if (p->token != T_WORD && p->token != T_STRING) {
		char *wanted = xformat("%s is wanted here", what);
		int code = fail_found(p, wanted);

		free(wanted);
		return code;
	}
	if (p->token == T_WORD && (known == NULL || !str_in(name, known)) &&
	    (str_in(name, condition_words) || str_in(name, action_words) ||
		strcmp(name, "match") == 0))
		return fail(p,
		    "%s is wanted here; '%s' is a word of the language (as a "
		    "name it needs quotes: \"%s\")",
		    what, name, name);
	if (*name == '\0' || strlen(name) > NAME_MAX_BYTES ||
	    strpbrk(name, ",\n\t") != NULL)
		return fail(p, "a name has 1 to %d bytes and no comma",
		    NAME_MAX_BYTES);
	names_add(to, name);
	next(p);
	return 0;
}

/* Names with commas between; each checked against known unless NULL. */
static int
take_names(struct parser *p, const char *what, const char *const *known,
    struct names *to)
{
	const char *near;
	int line, column;

	for (;;) {
		line = p->at_line;
		column = p->at_column;
		if (take_name(p, what, known, to) < 0)
			return ERR_CONFIG;
		if (known != NULL && !str_in(to->items[to->count - 1], known)) {
			near = str_nearest(to->items[to->count - 1], known);
			return fail_at(p, line, column, "'%s' is not %s%s%s%s",
			    to->items[to->count - 1], what,
			    near != NULL ? ", did you mean " : "",
			    near != NULL ? near : "", near != NULL ? "?" : "");
		}
		if (p->token != T_COMMA)
			return 0;
		next(p);
	}
}

/* The index of the pattern at the token, made if it is new. */
static int
take_pattern(struct parser *p, size_t *ret)
{
	struct rules *r = p->r;
	bool regex = p->token == T_REGEX;
	struct pattern *q;
	size_t i, at;

	for (i = 0; i < r->npatterns; i++) {
		q = &r->patterns[i];
		if ((q->words == NULL) == regex &&
		    strcmp(q->source, text(p)) == 0 &&
		    (!regex || strcmp(q->flags, p->flags) == 0)) {
			*ret = i;
			return 0;
		}
	}
	if ((r->npatterns & (r->npatterns - 1)) == 0)
		r->patterns = xrealloc(r->patterns,
		    (r->npatterns * 2 + 1) * sizeof(*r->patterns));
	q = &r->patterns[r->npatterns];
	memset(q, 0, sizeof(*q));
	q->source = xstrdup(text(p));
	if (regex)
		memcpy(q->flags, p->flags, sizeof(q->flags));
	else
		q->words = xstrdup("");
	if (pattern_compile(q, &at) < 0) {
		char *why = xstrdup(err_reason());

		if (regex)
			fail_at(p, p->at_line, column_of(p, p->at_text + at),
			    "%s", why);
		else
			fail(p, "%s", why);
		free(why);
		pattern_release(q);
		return ERR_CONFIG;
	}
	*ret = r->npatterns++;
	return 0;
}

static struct set *
set_named(struct rules *r, const char *name)
{
	size_t i;

	/* What is built in does not see the sets of the file. */
	for (i = r->own_sets; i < r->nsets; i++)
		if (strcmp(r->sets[i].name, name) == 0)
			return &r->sets[i];
	return NULL;
}

static int
fail_set(struct parser *p)
{
	const char **names = xcalloc(p->r->nsets + 1, sizeof(*names)), *near;
	size_t i;
	int code;

	for (i = 0; i < p->r->nsets; i++)
		names[i] = p->r->sets[i].name;
	near = str_nearest(text(p), names);
	code = fail(p, "there is no set %s above%s%s%s", text(p),
	    near != NULL ? ", did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	free(names);
	return code;
}

/* Words, expressions and, in a condition, sets, with commas between. */
static int
take_items(struct parser *p, struct condition *c, struct set *s)
{
	struct set *set;
	struct item item;

	for (;;) {
		item.is_set = p->token == T_SET;
		item.index = 0;
		if (p->token == T_STRING || p->token == T_REGEX) {
			if (take_pattern(p, &item.index) < 0)
				return ERR_CONFIG;
		} else if (p->token == T_SET) {
			set = set_named(p->r, text(p));
			if (set == NULL)
				return fail_set(p);
			item.index = (size_t)(set - p->r->sets);
		} else
			return fail_found(p,
			    "\"words\", /an expression/ or $SET is wanted "
			    "here");
		next(p);
		if (c != NULL) {
			c->items = xrealloc(c->items,
			    (c->nitems + 1) * sizeof(*c->items));
			c->items[c->nitems++] = item;
		} else if (item.is_set)
			return fail(p, "a set holds no other sets");
		else {
			s->patterns = xrealloc(s->patterns,
			    (s->count + 1) * sizeof(*s->patterns));
			s->patterns[s->count++] = item.index;
		}
		if (p->token != T_COMMA)
			return 0;
		next(p);
	}
}

static const char *const priorities[] = { "low", "medium", "high", "urgent",
	NULL };
static const char *const owners[] = { "ai", "queue", "user", NULL };
static const char *const kinds[] = { "text", "image", "audio", "voice", "video",
	"document", "sticker", "location", "contacts", "order", "interactive",
	"button", "flow", "unsupported", "unknown", NULL };

/* The names of [KIND NAME] sections must be there if conf is known. */
static int
check_section(struct parser *p, const char *kind, const char *name, int line,
    int column)
{
	const char *names[256], *near;
	const struct conf_entry *e;
	size_t i, n = 0, len = strlen(kind);

	if (p->conf == NULL)
		return 0;
	/* A number nobody declared goes by its id. */
	if (strcmp(kind, "instance") == 0 &&
	    strspn(name, "0123456789") == strlen(name))
		return 0;
	for (i = 0; (e = conf_entry(p->conf, i)) != NULL && n < 255; i++) {
		if (strncmp(e->section, kind, len) != 0 ||
		    e->section[len] != ' ')
			continue;
		if (strcmp(e->section + len + 1, name) == 0)
			return 0;
		names[n++] = e->section + len + 1;
	}
	if (strcmp(kind, "reply") == 0)
		for (i = 0; reply_names[i] != NULL && n < 255; i++) {
			if (strcmp(reply_names[i], name) == 0)
				return 0;
			names[n++] = reply_names[i];
		}
	names[n] = NULL;
	near = str_nearest(name, names);
	return fail_at(p, line, column,
	    "there is no [%s %s] in the settings%s%s%s", kind, name,
	    near != NULL ? ", did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
}

static int
take_hours(struct parser *p, struct condition *c)
{
	int line, column;

	if (!at_word(p, "hours"))
		return fail_found(p, "'hours' is wanted here");
	next(p);
	line = p->at_line;
	column = p->at_column;
	if ((p->token != T_WORD && p->token != T_STRING) ||
	    (p->token == T_WORD &&
		(str_in(text(p), condition_words) ||
		    str_in(text(p), action_words))))
		return 0; /* those of the instance */
	if (take_name(p, "the name of hours", NULL, &c->names) < 0)
		return ERR_CONFIG;
	return check_section(p, "hours", c->names.items[0], line, column);
}

/* A condition after its 'not'. */
static int
take_condition(struct parser *p, struct condition *c)
{
	char word[16];
	const char *near;
	int line, column;
	size_t i;

	snprintf(word, sizeof(word), "%s", text(p));
	if (p->token != T_WORD || !str_in(text(p), condition_words)) {
		near = p->token == T_WORD ?
		    str_nearest(text(p), condition_words) :
		    NULL;
		if (near != NULL)
			return fail(p, "'%s' is no condition, did you mean %s?",
			    text(p), near);
		return fail_found(p, "a condition is wanted here");
	}
	next(p);
	if (strcmp(word, "any") == 0) {
		c->kind = IF_ANY;
		return 0;
	}
	if (strcmp(word, "text") == 0) {
		c->kind = IF_TEXT;
		return take_items(p, c, NULL);
	}
	if (strcmp(word, "kind") == 0) {
		c->kind = IF_KIND;
		return take_names(p, "a kind of message", kinds, &c->names);
	}
	if (strcmp(word, "instance") == 0) {
		c->kind = IF_INSTANCE;
		line = p->at_line;
		column = p->at_column;
		if (take_names(p, "the name of an instance", NULL, &c->names) <
		    0)
			return ERR_CONFIG;
		for (i = 0; i < c->names.count; i++)
			if (check_section(p, "instance", c->names.items[i],
				line, column) < 0)
				return ERR_CONFIG;
		return 0;
	}
	if (strcmp(word, "language") == 0) {
		c->kind = IF_LANGUAGE;
		if (take_names(p, "the tag of a language", NULL, &c->names) < 0)
			return ERR_CONFIG;
		for (i = 0; i < c->names.count; i++)
			if (setting_check("desk", "language", c->names.items[i],
				NULL) < 0)
				return fail(p, "%s", err_reason());
		return 0;
	}
	if (strcmp(word, "inside") == 0 || strcmp(word, "outside") == 0) {
		c->kind = IF_OPEN;
		if (*word == 'o')
			c->not = !c->not ;
		return take_hours(p, c);
	}
	if (strcmp(word, "first") == 0) {
		c->kind = IF_FIRST;
		if (!at_word(p, "message"))
			return fail_found(p, "'message' is wanted here");
		next(p);
		return 0;
	}
	if (strcmp(word, "tagged") == 0) {
		c->kind = IF_TAGGED;
		return take_names(p, "a tag", NULL, &c->names);
	}
	if (strcmp(word, "with") == 0) {
		c->kind = IF_PRIORITY;
		if (!at_word(p, "priority"))
			return fail_found(p, "'priority' is wanted here");
		next(p);
		return take_names(p, "a priority", priorities, &c->names);
	}
	if (strcmp(word, "owner") == 0) {
		c->kind = IF_OWNER;
		return take_names(p, "an owner", owners, &c->names);
	}
	return fail(p, "'%s' comes once, behind the conditions", word);
}

static int
take_once(struct parser *p, struct rule *rule)
{
	rule->once = ONCE_OPENING;
	next(p);
	if (!at_word(p, "per"))
		return 0;
	next(p);
	if (at_word(p, "conversation"))
		rule->once = ONCE_EVER;
	else if (at_word(p, "day"))
		rule->once = ONCE_DAY;
	else if (at_word(p, "closed")) {
		rule->once = ONCE_CLOSED;
		next(p);
		if (!at_word(p, "period"))
			return fail_found(p, "'period' is wanted here");
	} else
		return fail_found(p,
		    "'conversation', 'day' or 'closed period' is wanted here");
	next(p);
	return 0;
}

static void
add_action(struct rule *rule, const struct action *a)
{
	rule->actions = xrealloc(rule->actions,
	    (rule->nactions + 1) * sizeof(*rule->actions));
	rule->actions[rule->nactions++] = *a;
}

/* An action for each of the names that follow. */
static int
take_values(struct parser *p, struct rule *rule, enum rules_effect_kind kind,
    const char *what, const char *const *known, bool several)
{
	struct names names = { NULL, 0 };
	struct action a = { .kind = kind };
	size_t i;
	int code;

	code = take_names(p, what, known, &names);
	if (code == 0 && names.count > 1 && !several)
		code = fail(p, "one name is wanted, not several");
	for (i = 0; code == 0 && i < names.count; i++) {
		a.value = xstrdup(names.items[i]);
		add_action(rule, &a);
	}
	names_release(&names);
	return code;
}

static int
take_text(struct parser *p, struct rule *rule, enum rules_effect_kind kind,
    const char * or)
{
	struct action a = { .kind = kind };

	if (p->token == T_STRING) {
		if (p->text.len == 0 || p->text.len > TEXT_REPLY_MAX_BYTES)
			return fail(p, "a text has 1 to %d bytes",
			    TEXT_REPLY_MAX_BYTES);
		a.value = xstrdup(text(p));
		next(p);
	} else
		a.value = xstrdup(or);
	add_action(rule, &a);
	return 0;
}

static int
take_action(struct parser *p, struct rule *rule)
{
	struct action a = { .kind = EFFECT_NO_AI };
	int line, column, code;
	char word[16];

	snprintf(word, sizeof(word), "%s", text(p));
	next(p);
	line = p->at_line;
	column = p->at_column;
	if (strcmp(word, "tag") == 0)
		return take_values(p, rule, EFFECT_TAG, "a tag", NULL, true);
	if (strcmp(word, "untag") == 0)
		return take_values(p, rule, EFFECT_UNTAG, "a tag", NULL, true);
	if (strcmp(word, "priority") == 0)
		return take_values(p, rule, EFFECT_PRIORITY, "a priority",
		    priorities, false);
	if (strcmp(word, "profile") == 0) {
		code = take_values(p, rule, EFFECT_PROFILE,
		    "the name of a profile", NULL, false);
		return code < 0 ?
		    code :
		    check_section(p, "profile",
			rule->actions[rule->nactions - 1].value, line, column);
	}
	if (strcmp(word, "escalate") == 0)
		return take_text(p, rule, EFFECT_ESCALATE, "rule");
	if (strcmp(word, "assign") == 0) {
		if (!at_word(p, "team"))
			return take_values(p, rule, EFFECT_ASSIGN,
			    "a person, or team NAME,", NULL, false);
		next(p);
		return take_values(p, rule, EFFECT_ASSIGN_TEAM,
		    "the name of a team", NULL, false);
	}
	if (strcmp(word, "reply") == 0) {
		if (p->token == T_STRING)
			return take_text(p, rule, EFFECT_REPLY_TEXT, "");
		code = take_values(p, rule, EFFECT_REPLY,
		    "the name of a reply, or \"its words\",", NULL, false);
		return code < 0 ?
		    code :
		    check_section(p, "reply",
			rule->actions[rule->nactions - 1].value, line, column);
	}
	a.stop = strcmp(word, "stop") == 0;
	a.value = xstrdup("");
	add_action(rule, &a);
	return 0;
}

static void
rule_release(struct rule *rule)
{
	size_t i;

	for (i = 0; i < rule->nconditions; i++) {
		names_release(&rule->conditions[i].names);
		free(rule->conditions[i].items);
	}
	for (i = 0; i < rule->nactions; i++)
		free(rule->actions[i].value);
	free(rule->conditions);
	free(rule->actions);
	free(rule->name);
}

static int
take_rule_body(struct parser *p, struct rule *rule)
{
	struct condition *c;
	const char *near;
	bool not ;

	while (!at_end(p) &&
	    !(p->token == T_WORD && str_in(text(p), action_words))) {
		if (rule->once != ONCE_NO)
			return fail_found(p, "an action is wanted here");
		if (at_word(p, "once")) {
			if (take_once(p, rule) < 0)
				return ERR_CONFIG;
			continue;
		}
		not = at_word(p, "not");
		if (not )
			next(p);
		/* A mistyped action is more likely behind a condition. */
		if (!not &&rule->nconditions > 0 && p->token == T_WORD &&
		    !str_in(text(p), condition_words) &&
		    str_nearest(text(p), condition_words) == NULL &&
		    (near = str_nearest(text(p), action_words)) != NULL)
			return fail(p, "'%s' is no action, did you mean %s?",
			    text(p), near);
		rule->conditions = xrealloc(rule->conditions,
		    (rule->nconditions + 1) * sizeof(*rule->conditions));
		c = &rule->conditions[rule->nconditions++];
		memset(c, 0, sizeof(*c));
		c->not = not ;
		if (take_condition(p, c) < 0)
			return ERR_CONFIG;
	}
	if (rule->nconditions == 0)
		return fail_found(p,
		    "a condition is wanted before the action ('any' holds "
		    "always, 'tagged NAME' asks for a tag)");
	if (at_end(p))
		return fail_found(p, "an action is wanted");
	while (!at_end(p)) {
		if (p->token == T_WORD && str_in(text(p), action_words)) {
			if (take_action(p, rule) < 0)
				return ERR_CONFIG;
			continue;
		}
		if (p->token == T_WORD && str_in(text(p), condition_words))
			return fail(p,
			    "'%s' is a condition: conditions come before the "
			    "actions",
			    text(p));
		near = p->token == T_WORD ? str_nearest(text(p), action_words) :
					    NULL;
		if (near != NULL)
			return fail(p, "'%s' is no action, did you mean %s?",
			    text(p), near);
		return fail_found(p, "an action is wanted here");
	}
	return 0;
}

static int
take_rule(struct parser *p, const char *label, int line)
{
	struct rule rule = { .name = NULL };
	struct buf said = BUF_INIT(0);
	struct rules *r = p->r;

	rule.labelled = label != NULL;
	rule.name = label != NULL ? xstrdup(label) : xformat("%d", line);
	if (r->count == RULES_MAX && p->file != built_in) {
		rule_release(&rule);
		return fail(p, "more than %d rules", RULES_MAX);
	}
	if (take_rule_body(p, &rule) < 0) {
		rule_release(&rule);
		return ERR_CONFIG;
	}
	rule_print(r, &rule, &said);
	id_short(rule.key, "rule", said.data, NULL);
	buf_release(&said);
	if ((r->count & (r->count - 1)) == 0)
		r->rules =
		    xrealloc(r->rules, (r->count * 2 + 1) * sizeof(*r->rules));
	r->rules[r->count++] = rule;
	return 0;
}

static int
take_set(struct parser *p)
{
	struct names name = { NULL, 0 };
	struct set s = { .name = NULL };
	int code;

	code = take_name(p, "the name of the set", NULL, &name);
	if (code == 0 && set_named(p->r, name.items[0]) != NULL)
		code = fail(p, "there is a set %s already", name.items[0]);
	if (code == 0 && !at_word(p, "="))
		code = fail_found(p, "'=' is wanted here");
	if (code == 0) {
		next(p);
		code = take_items(p, NULL, &s);
	}
	if (code == 0 && !at_end(p))
		code = fail_found(p, "a comma or the end is wanted here");
	if (code < 0) {
		free(s.patterns);
		names_release(&name);
		return code;
	}
	s.name = xstrdup(name.items[0]);
	names_release(&name);
	p->r->sets =
	    xrealloc(p->r->sets, (p->r->nsets + 1) * sizeof(*p->r->sets));
	p->r->sets[p->r->nsets++] = s;
	return 0;
}

/* LABEL: in front of a rule; NULL if there is none. */
static int
take_label(struct parser *p, char **ret)
{
	size_t i, len = p->text.len;

	*ret = NULL;
	if (p->token != T_WORD || len == 0 || text(p)[len - 1] != ':')
		return 0;
	p->text.data[len - 1] = '\0';
	if (len == 1 || len > NAME_MAX_BYTES ||
	    strspn(text(p), "0123456789") == len - 1)
		return fail(p, "a label is a name, and no number");
	for (i = 0; i < p->r->count; i++)
		if (strcmp(p->r->rules[i].name, text(p)) == 0)
			return fail(p, "there is a rule %s already", text(p));
	*ret = xstrdup(text(p));
	next(p);
	return 0;
}

static int
take_line(struct parser *p)
{
	static const char *const starts[] = { "match", "set", NULL };
	const char *near;
	char *label;
	int line = p->at_line, code;

	if (take_label(p, &label) < 0)
		return ERR_CONFIG;
	if (at_word(p, "match")) {
		next(p);
		code = take_rule(p, label, line);
	} else if (at_word(p, "set") && label == NULL) {
		next(p);
		code = take_set(p);
	} else {
		near = p->token == T_WORD ? str_nearest(text(p), starts) : NULL;
		if (p->token == T_WORD &&
		    (str_in(text(p), condition_words) ||
			str_in(text(p), action_words)))
			code = fail(p,
			    "a line begins with match or set; the one above "
			    "may lack its \\ at the end");
		else if (near != NULL)
			code = fail(p, "'%s': did you mean %s?", text(p), near);
		else
			code = fail_found(p,
			    "a line begins with match or "
			    "set");
	}
	free(label);
	return code;
}

static void
name_pattern(struct rules *r, size_t pattern, size_t rule)
{
	if (r->patterns[pattern].rule == NULL)
		r->patterns[pattern].rule = r->rules[rule].name;
}

/* Each pattern names the first rule that has it, for rules_gave_up(). */
static void
name_patterns(struct rules *r)
{
	const struct condition *c;
	const struct set *set;
	size_t i, j, k, m;

	for (i = 0; i < r->count; i++)
		for (j = 0; j < r->rules[i].nconditions; j++) {
			c = &r->rules[i].conditions[j];
			for (k = 0; k < c->nitems; k++) {
				if (!c->items[k].is_set) {
					name_pattern(r, c->items[k].index, i);
					continue;
				}
				set = &r->sets[c->items[k].index];
				for (m = 0; m < set->count; m++)
					name_pattern(r, set->patterns[m], i);
			}
		}
}

static void
set_release(struct set *s)
{
	free(s->name);
	free(s->patterns);
}

static void
take_lines(struct parser *p)
{
	p->line_start = p->p;
	for (next(p); p->token != T_END; next(p)) {
		if (p->token == T_EOL)
			continue;
		if (take_line(p) < 0)
			skip_rule(p);
		if (p->token == T_END)
			break;
	}
	buf_release(&p->text);
}

/*
 * Whoever writes rules of their own does not mean to be deaf to customers who
 * ask for a person, or send what cannot be read: the rules built in for that
 * stay, each unless the file has one of its name. In front, so that no stop
 * leaves them out.
 */
static void
add_built_in(struct rules *r)
{
	struct parser p = { .r = r,
		.file = built_in,
		.p = rules_default,
		.line = 1,
		.text = BUF_INIT(0) };
	size_t own = r->count, own_patterns = r->npatterns, n, i, j;
	struct rule *all;
	bool reads = false;

	r->own_sets = r->nsets;
	take_lines(&p); /* a name that is taken is an error, and left out */
	n = r->count - own;
	for (i = own; i < r->count; i++)
		for (j = 0; j < r->rules[i].nconditions; j++)
			reads |= r->rules[i].conditions[j].nitems > 0;
	/* Nothing is looked for that no rule asks for. */
	while (!reads && r->nsets > r->own_sets)
		set_release(&r->sets[--r->nsets]);
	while (!reads && r->npatterns > own_patterns)
		pattern_release(&r->patterns[--r->npatterns]);
	if (n == 0)
		return;
	all = xcalloc(r->count, sizeof(*all));
	memcpy(all, r->rules + own, n * sizeof(*all));
	if (own > 0)
		memcpy(all + n, r->rules, own * sizeof(*all));
	free(r->rules);
	r->rules = all;
	r->built_in = n;
}

static int
parse(const char *source, const char *file, const struct conf *c, bool add,
    void (*say)(void *ctx, const char *text), void *ctx, struct rules **ret)
{
	struct rules *r = xcalloc(1, sizeof(*r));
	struct parser p = { .r = r,
		.conf = c,
		.file = file,
		.p = source,
		.line = 1,
		.say = say,
		.ctx = ctx,
		.text = BUF_INIT(0) };
	struct buf all = BUF_INIT(0);

	if (str_starts(p.p, "\xef\xbb\xbf"))
		p.p += 3;
	take_lines(&p);
	if (p.errors > 0) {
		rules_free(r);
		return ERR_CONFIG;
	}
	if (add)
		add_built_in(r);
	name_patterns(r);
	r->words = words_new(r->patterns, r->npatterns);
	rules_print(r, &all);
	id_short(r->revision, "rules", all.data != NULL ? all.data : "", NULL);
	buf_release(&all);
	*ret = r;
	return 0;
}

int
rules_parse(const char *source, const char *file, const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx, struct rules **ret)
{
	return parse(source, file, c, false, say, ctx, ret);
}

int
rules_open(const char *path, const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx, struct rules **ret)
{
	char *source;
	size_t len;
	int code = file_read(path, RULES_MAX_BYTES, &source, &len);

	if (code < 0)
		return code;
	if (!utf8_valid(source, len) || strlen(source) != len) {
		code = err_set(ERR_CONFIG, "%s:1:1: not a text in UTF-8", path);
		if (say != NULL)
			say(ctx, err_reason());
	} else
		code = parse(source, path, c, true, say, ctx, ret);
	free(source);
	return code;
}

void
rules_free(struct rules *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->npatterns; i++)
		pattern_release(&r->patterns[i]);
	for (i = 0; i < r->nsets; i++)
		set_release(&r->sets[i]);
	for (i = 0; i < r->count; i++)
		rule_release(&r->rules[i]);
	free(r->patterns);
	free(r->sets);
	free(r->rules);
	words_free(r->words);
	free(r);
}

size_t
rules_count(const struct rules *r)
{
	return r->count - r->built_in;
}

const char *
rules_revision(const struct rules *r)
{
	return r->revision;
}
