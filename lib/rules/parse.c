/*
 * parse - the rule language, line by line
 *
 *	file	   = { line EOL }
 *	line	   = [ LABEL ":" ] "match" conditions [ once ] action { action }
 *		   | "set" NAME ( "=" values | "file" PATH | "if" conditions )
 *		   | "include" PATH
 *
 * An error skips to the end of its line, so that all errors of a file are told
 * at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "rules/lex.h"

static void take_lines(struct parser *p);

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
rule_release(struct rule *rule)
{
	size_t i;

	for (i = 0; i < rule->nactions; i++)
		action_release(&rule->actions[i]);
	node_free(rule->node);
	free(rule->actions);
	free(rule->name);
	free(rule->place);
}

static void
look_for_status(void *ctx, const struct condition *c)
{
	bool *found = ctx;

	*found |= c->kind == IF_STATUS;
}

/* What a rule asks, and what it is asked of. */
static int
take_question(struct parser *p, struct rule *rule)
{
	/* A mistyped target does not make sla an action here. */
	if (at_end(p) || (at_action(p) && !at_word(p, "sla")))
		return fail_found(p,
		    "a condition is wanted before the action ('any' holds "
		    "always, 'tagged NAME' asks for a tag)");
	if (take_conditions(p, &rule->node) < 0 ||
	    find_occasions(p, rule->node, &rule->occasions) < 0)
		return ERR_CONFIG;
	node_each(rule->node, look_for_status, &rule->asks_status);
	if (at_word(p, "once") && take_once(p, rule) < 0)
		return ERR_CONFIG;
	return 0;
}

static int
fail_action(struct parser *p)
{
	const char *near = p->token == T_WORD ? near_action(text(p)) : NULL;

	if (p->token == T_CLOSE)
		return fail(p, "this ) closes nothing");
	if (at_condition(p))
		return fail(p,
		    "'%s' is a condition: conditions come before the actions",
		    text(p));
	if (near != NULL)
		return fail(p, "'%s' is no action, did you mean %s?", text(p),
		    near);
	return fail_found(p, "an action is wanted here");
}

static int
take_rule_body(struct parser *p, struct rule *rule)
{
	if (take_question(p, rule) < 0)
		return ERR_CONFIG;
	if (at_end(p))
		return fail_found(p, "an action is wanted");
	while (!at_end(p)) {
		if (!at_action(p))
			return fail_action(p);
		if (take_action(p, rule) < 0)
			return ERR_CONFIG;
	}
	return 0;
}

/* "FILE:LINE"; the caller frees. */
static char *
place_of(const struct rule *rule)
{
	return xstrndup(rule->place,
	    (size_t)(strrchr(rule->place, ':') - rule->place));
}

static void
name_ruling(struct rule *rule, const char *said)
{
	char *place = place_of(rule);

	id_short(rule->id, "ruling", rule->name, place, said, NULL);
	free(place);
}

static int
take_rule(struct parser *p, const char *label, int line, int column)
{
	struct rule rule = { .name = NULL };
	struct buf said = BUF_INIT(0);
	struct rules *r = p->r;

	rule.labelled = label != NULL;
	rule.name =
	    label != NULL ? xstrdup(label) : xformat("%s%d", p->prefix, line);
	rule.place = xformat("%s:%d:%d", p->file, line, column);
	if (r->count == RULES_MAX && !p->built_in) {
		rule_release(&rule);
		return fail(p, "more than %d rules", RULES_MAX);
	}
	if (take_rule_body(p, &rule) < 0) {
		rule_release(&rule);
		return ERR_CONFIG;
	}
	rule_print(r, &rule, &said);
	id_short(rule.key, "rule", said.data, NULL);
	if (!p->built_in) {
		buf_reset(&said);
		rule_print_whole(r, &rule, &said);
	}
	name_ruling(&rule, said.data);
	buf_release(&said);
	if ((r->count & (r->count - 1)) == 0)
		r->rules =
		    xrealloc(r->rules, (r->count * 2 + 1) * sizeof(*r->rules));
	r->rules[r->count++] = rule;
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

/* --- other files --- */

/* How deep this file is; NONE if it is, or is in, the one at path. */
static size_t
depth(const struct parser *p, const char *path)
{
	size_t n = 0;

	for (; p != NULL; p = p->parent, n++)
		if (strcmp(p->file, path) == 0)
			return NONE;
	return n;
}

static int
read_included(struct parser *p, const char *path, const char *source)
{
	char *prefix = xformat("%s:", text(p));
	struct parser inner = { .b = p->b,
		.r = p->r,
		.parent = p,
		.prefix = prefix,
		.p = source,
		.line = 1,
		.text = BUF_INIT(0) };
	int errors = p->b->errors;

	/* Values point to where they stand. */
	names_add(&p->r->files, path);
	inner.file = p->r->files.items[p->r->files.count - 1];
	take_lines(&inner);
	free(prefix);
	return p->b->errors == errors ? 0 : ERR_CONFIG;
}

static int
take_include(struct parser *p)
{
	char *path, *source;
	size_t deep;
	int code;

	if (file_at(p, &path, &source) < 0)
		return ERR_CONFIG;
	deep = depth(p, path);
	if (deep == NONE)
		code = fail(p, "%s includes itself", path);
	else if (deep > FILES_DEEP_MAX)
		code = fail(p, "more than %d files in one another",
		    FILES_DEEP_MAX);
	else
		code = read_included(p, path, source);
	free(path);
	free(source);
	if (code < 0)
		return code;
	next(p);
	return at_end(p) ? 0 : fail_found(p, "the end is wanted here");
}

/* --- lines --- */

static int
fail_line(struct parser *p)
{
	static const char *const starts[] = { "match", "set", "include", NULL };
	const char *near =
	    p->token == T_WORD ? str_nearest(text(p), starts) : NULL;
	const char *condition =
	    p->token == T_WORD ? near_condition(text(p)) : NULL;

	if (p->token == T_WORD &&
	    (is_language_word(text(p)) ||
		(condition != NULL && strcasecmp(condition, text(p)) == 0)))
		return fail(p,
		    "a line begins with match or set; the one above may lack "
		    "its \\ at the end");
	if (near != NULL)
		return fail(p, "'%s': did you mean %s?", text(p), near);
	return fail_found(p, "a line begins with match, set or include");
}

static int
take_line(struct parser *p)
{
	char *label;
	int line = p->at_line, column = p->at_column, code;

	p->open = 0;
	p->grouped = false;
	if (take_label(p, &label) < 0)
		return ERR_CONFIG;
	if (at_word(p, "match")) {
		next(p);
		code = take_rule(p, label, line, column);
	} else if (at_word(p, "set") && label == NULL) {
		next(p);
		code = take_set(p);
	} else if (at_word(p, "include") && label == NULL) {
		next(p);
		code = take_include(p);
	} else
		code = fail_line(p);
	free(label);
	return code;
}

static void
take_lines(struct parser *p)
{
	if (str_starts(p->p, "\xef\xbb\xbf"))
		p->p += 3;
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

/* --- all rules --- */

static void
name_pattern(struct rules *r, size_t pattern, const char *rule)
{
	if (r->patterns[pattern].rule == NULL)
		r->patterns[pattern].rule = rule;
}

struct naming {
	struct rules *r;
	const char *rule;
};

static void
name_items(void *ctx, const struct condition *c)
{
	struct naming *n = ctx;
	const struct set *set;
	size_t i, j;

	for (i = 0; c->kind == IF_TEXT && i < c->nitems; i++) {
		if (!c->items[i].is_set) {
			name_pattern(n->r, c->items[i].index, n->rule);
			continue;
		}
		set = &n->r->sets[c->items[i].index];
		for (j = 0; j < set->count; j++)
			name_pattern(n->r, set->values[j].pattern, n->rule);
	}
}

static void
add_timer(struct rules *r, enum rules_occasion occasion, int64_t ms,
    bool closed)
{
	size_t i;

	for (i = 0; i < r->ntimers; i++)
		if (r->timers[i].occasion == occasion &&
		    r->timers[i].after_ms == ms) {
			r->timers[i].closed |= closed;
			return;
		}
	r->timers = xrealloc(r->timers, (r->ntimers + 1) * sizeof(*r->timers));
	r->timers[r->ntimers++] = (struct rules_timer){ occasion, ms, closed };
}

struct noting {
	struct rules *r;
	const struct rule *rule;
};

static void
note_condition(void *ctx, const struct condition *c)
{
	struct noting *n = ctx;

	n->r->asks_intent |= c->kind == IF_INTENT;
	n->r->asks_sentiment |= c->kind == IF_SENTIMENT;
	n->r->asks_name |= c->kind == IF_CONTACT;
	n->r->asks_language |= c->kind == IF_LANGUAGE;
	if (c->kind == IF_IDLE || c->kind == IF_WAITING ||
	    c->kind == IF_WINDOW || (c->kind == IF_SLA && c->ms > 0))
		add_timer(n->r,
		    (enum rules_occasion)condition_words[c->kind].occasions,
		    c->ms, n->rule->asks_status);
}

/* What all rules together need. Each pattern names the first rule that has it,
 * for rules_gave_up(). */
static void
note_needs(struct rules *r)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		struct naming naming = { r, r->rules[i].name };
		struct noting noting = { r, &r->rules[i] };

		node_each(r->rules[i].node, name_items, &naming);
		node_each(r->rules[i].node, note_condition, &noting);
		r->occasions |= r->rules[i].occasions;
	}
}

static void
look_for_items(void *ctx, const struct condition *c)
{
	bool *reads = ctx;

	*reads |= c->kind == IF_TEXT;
}

/*
 * Whoever writes rules of their own does not mean to be deaf to customers who
 * ask for a person, or send what cannot be read: the rules built in for that
 * stay, each unless the file has one of its name. In front, so that no stop
 * leaves them out.
 */
static void
add_built_in(struct build *b)
{
	struct rules *r = b->r;
	struct parser p = { .b = b,
		.r = r,
		.file = "built in",
		.prefix = "",
		.built_in = true,
		.p = rules_default,
		.line = 1,
		.text = BUF_INIT(0) };
	size_t own = r->count, own_patterns = r->npatterns, n, i;
	struct rule *all;
	bool reads = false;

	b->say = NULL; /* a name that is taken is an error, and left out */
	r->own_sets = r->nsets;
	take_lines(&p);
	n = r->count - own;
	for (i = own; i < r->count; i++)
		node_each(r->rules[i].node, look_for_items, &reads);
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
parse(const char *source, const char *file, struct build *b, bool add,
    struct rules **ret)
{
	struct rules *r = xcalloc(1, sizeof(*r));
	struct parser p = { .b = b,
		.r = r,
		.file = file,
		.prefix = "",
		.p = source,
		.line = 1,
		.text = BUF_INIT(0) };
	struct buf all = BUF_INIT(0);

	b->r = r;
	take_lines(&p);
	if (b->errors == 0 && add)
		add_built_in(b);
	else if (b->errors > 0) {
		rules_free(r);
		free(b->slots);
		names_release(&b->broken);
		return ERR_CONFIG;
	}
	free(b->slots);
	names_release(&b->broken);
	note_needs(r);
	r->words = words_new(r->patterns, r->npatterns);
	hints_new(r);
	needs_new(r);
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
	struct build b = { .conf = c, .say = say, .ctx = ctx };

	return parse(source, file, &b, false, ret);
}

int
rules_open(const char *path, const struct conf *c,
    void (*say)(void *ctx, const char *text), void *ctx, struct rules **ret)
{
	struct build b = { .conf = c, .say = say, .ctx = ctx, .files = true };
	char *source;
	size_t len;
	int line, column,
	    code = file_read(path, RULES_MAX_BYTES, &source, &len);

	if (code < 0)
		return code;
	b.bytes = len;
	utf8_bad_place(source, len, &line, &column);
	if (line != 0) {
		code = err_set(ERR_CONFIG, "%s:%d:%d: not a text in UTF-8",
		    path, line, column);
		if (say != NULL)
			say(ctx, err_reason());
	} else
		code = parse(source, path, &b, true, ret);
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
	free(r->timers);
	names_release(&r->files);
	words_free(r->words);
	words_free(r->hints);
	free(r->hinted);
	free(r->expressions);
	free(r->sure);
	needs_free(r);
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

unsigned
rules_occasions(const struct rules *r)
{
	return r->occasions;
}

bool
rules_ask_intent(const struct rules *r)
{
	return r->asks_intent;
}

bool
rules_ask_sentiment(const struct rules *r)
{
	return r->asks_sentiment;
}

bool
rules_ask_name(const struct rules *r)
{
	return r->asks_name;
}

bool
rules_ask_language(const struct rules *r)
{
	return r->asks_language;
}

size_t
rules_timers(const struct rules *r, const struct rules_timer **ret)
{
	*ret = r->timers;
	return r->ntimers;
}

const char *
rules_name(const struct rules *r, size_t i)
{
	return i < r->count ? r->rules[i].name : NULL;
}

char *
rules_place(const struct rules *r, size_t i)
{
	return place_of(&r->rules[i]);
}

char *
rules_text(const struct rules *r, size_t i)
{
	struct buf text = BUF_INIT(0);

	if (i < r->built_in)
		rule_print(r, &r->rules[i], &text);
	else
		rule_print_whole(r, &r->rules[i], &text);
	return buf_detach(&text);
}
