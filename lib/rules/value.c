/*
 * value - values, and sets of them
 *
 * A set is a list of values that are used wherever one value, or several, may
 * stand; what they must be is known only there: words in a text, names of
 * tags, a number.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/settings.h"
#include "rules/lex.h"

#define SLOTS_MIN 64
#define DAY_MS 86400000LL
#define DURATION_MIN_MS 1000
#define DURATION_MAX_MS (3660 * DAY_MS)

void
names_add(struct names *n, const char *name)
{
	if ((n->count & (n->count - 1)) == 0)
		n->items =
		    xrealloc(n->items, (n->count * 2 + 1) * sizeof(*n->items));
	n->items[n->count++] = xstrdup(name);
}

bool
names_has(const struct names *n, const char *name)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		if (strcmp(n->items[i], name) == 0)
			return true;
	return false;
}

void
names_release(struct names *n)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		free(n->items[i]);
	free(n->items);
	n->items = NULL;
	n->count = 0;
}

void
value_release(struct value *v)
{
	free(v->text);
	v->text = NULL;
}

void
set_release(struct set *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		value_release(&s->values[i]);
	free(s->values);
	free(s->name);
	node_free(s->node);
}

/* --- patterns --- */

static uint64_t
hash(const char *source, bool regex, const char *flags)
{
	uint64_t h = 14695981039346656037u + regex;

	for (; *source != '\0'; source++)
		h = (h ^ (unsigned char)*source) * 1099511628211u;
	for (; *flags != '\0'; flags++)
		h = (h ^ (unsigned char)*flags) * 1099511628211u;
	return h ^ h >> 29;
}

static bool
is_pattern(const struct pattern *q, const char *source, bool regex,
    const char *flags)
{
	return (q->words == NULL) == regex && strcmp(q->source, source) == 0 &&
	    (!regex || strcmp(q->flags, flags) == 0);
}

/* The slot of a pattern, or a free one. */
static size_t
slot_of(const struct build *b, const char *source, bool regex,
    const char *flags)
{
	size_t at = (size_t)hash(source, regex, flags) & (b->nslots - 1);

	while (b->slots[at] != NONE &&
	    !is_pattern(&b->r->patterns[b->slots[at]], source, regex, flags))
		at = (at + 1) & (b->nslots - 1);
	return at;
}

static void
more_slots(struct build *b)
{
	const struct pattern *q;
	size_t i;

	b->nslots = b->nslots == 0 ? SLOTS_MIN : b->nslots * 2;
	b->slots = xrealloc(b->slots, b->nslots * sizeof(*b->slots));
	for (i = 0; i < b->nslots; i++)
		b->slots[i] = NONE;
	for (i = 0; i < b->r->npatterns; i++) {
		q = &b->r->patterns[i];
		b->slots[slot_of(b, q->source, q->words == NULL, q->flags)] = i;
	}
}

int
pattern_for(struct build *b, const char *source, bool regex, const char *flags,
    size_t *ret, size_t *ret_at)
{
	struct rules *r = b->r;
	struct pattern *q;
	size_t slot;
	int code;

	if (b->nslots <= r->npatterns * 2)
		more_slots(b);
	slot = slot_of(b, source, regex, flags);
	*ret_at = 0;
	if (b->slots[slot] != NONE) {
		*ret = b->slots[slot];
		return 0;
	}
	if ((r->npatterns & (r->npatterns - 1)) == 0)
		r->patterns = xrealloc(r->patterns,
		    (r->npatterns * 2 + 1) * sizeof(*r->patterns));
	q = &r->patterns[r->npatterns];
	memset(q, 0, sizeof(*q));
	q->source = xstrdup(source);
	if (regex)
		memcpy(q->flags, flags, sizeof(q->flags));
	else
		q->words = xstrdup("");
	code = pattern_compile(q, ret_at);
	if (code < 0) {
		pattern_release(q);
		return code;
	}
	b->slots[slot] = r->npatterns;
	*ret = r->npatterns++;
	return 0;
}

/* The pattern at the token. */
static int
take_pattern(struct parser *p, size_t *ret)
{
	bool regex = p->token == T_REGEX;
	size_t at;
	char *why;

	if (pattern_for(p->b, text(p), regex, regex ? p->flags : "", ret,
		&at) == 0)
		return 0;
	why = xstrdup(err_reason());
	if (regex)
		fail_at(p, p->at_line, column_of(p, p->at + at), "%s", why);
	else
		fail(p, "%s", why);
	free(why);
	return ERR_CONFIG;
}

/* --- sets --- */

struct set *
set_named(struct rules *r, const char *name)
{
	size_t i;

	/* What is built in does not see the sets of the file. */
	for (i = r->own_sets; i < r->nsets; i++)
		if (strcmp(r->sets[i].name, name) == 0)
			return &r->sets[i];
	return NULL;
}

struct set *
set_at(struct parser *p)
{
	struct rules *r = p->r;
	struct set *set = set_named(r, text(p));
	const char **names, *near;
	size_t i;

	if (set != NULL || names_has(&p->b->broken, text(p)))
		return set; /* of one with an error that is told already */
	names = xcalloc(r->nsets + 1, sizeof(*names));
	for (i = 0; i < r->nsets; i++)
		names[i] = r->sets[i].name;
	near = str_nearest(text(p), names);
	fail(p, "there is no set %s above%s%s%s", text(p),
	    near != NULL ? ", did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	free(names);
	return NULL;
}

/* One of values, not of a condition. */
static struct set *
values_at(struct parser *p)
{
	struct set *set = set_at(p);

	if (set != NULL && set->node != NULL) {
		fail(p,
		    "$%s stands for a condition, and a value is wanted here",
		    set->name);
		return NULL;
	}
	return set;
}

/* All values of a set are to be found in texts. */
static int
compile_set(struct parser *p, struct set *set)
{
	struct value *v;
	size_t i, at;
	char *why;
	int code = 0;

	for (i = 0; i < set->count && !set->compiled; i++) {
		v = &set->values[i];
		if (v->pattern != NONE ||
		    pattern_for(p->b, v->text, false, "", &v->pattern, &at) ==
			0)
			continue;
		why = xstrdup(err_reason());
		code = fail_in(p->b, v->file, v->line, v->column, "\"%s\": %s",
		    v->text, why);
		free(why);
	}
	set->compiled = true;
	return code;
}

static int
add_value(struct parser *p, struct set *set, const struct value *v)
{
	if (p->b->values == VALUES_MAX)
		return fail(p, "more than %d values in all sets", VALUES_MAX);
	p->b->values++;
	if ((set->count & (set->count - 1)) == 0)
		set->values = xrealloc(set->values,
		    (set->count * 2 + 1) * sizeof(*set->values));
	set->values[set->count] = *v;
	set->values[set->count++].text = xstrdup(v->text);
	return 0;
}

static int
add_set(struct parser *p, struct set *to, const struct set *from)
{
	size_t i;

	if (from == NULL)
		return ERR_CONFIG;
	for (i = 0; i < from->count; i++)
		if (add_value(p, to, &from->values[i]) < 0)
			return ERR_CONFIG;
	return 0;
}

/* Values of any kind with commas between. */
static int
take_values(struct parser *p, struct set *to)
{
	struct value v;

	for (;;) {
		memset(&v, 0, sizeof(v));
		v.pattern = NONE;
		v.file = p->file;
		v.line = p->at_line;
		v.column = p->at_column;
		v.text = (char *)text(p);
		if (p->token == T_REGEX) {
			v.kind = VALUE_REGEX;
			if (take_pattern(p, &v.pattern) < 0)
				return ERR_CONFIG;
		} else if (p->token == T_STRING || p->token == T_WORD)
			v.kind =
			    p->token == T_STRING ? VALUE_STRING : VALUE_WORD;
		else if (p->token != T_SET)
			return fail_found(p,
			    "a word, \"words\", /an expression/ or $SET is "
			    "wanted here");
		if ((p->token == T_SET ? add_set(p, to, values_at(p)) :
					 add_value(p, to, &v)) < 0)
			return ERR_CONFIG;
		next(p);
		if (p->token != T_COMMA)
			return 0;
		next(p);
	}
}

/* A keyword file: a value a line; behind # at its beginning a comment. */
static int
add_lines(struct parser *p, struct set *to, char *lines, const char *file)
{
	struct value v = { .kind = VALUE_STRING, .pattern = NONE, .column = 1 };
	char *line, *end;

	v.file = file;
	for (line = lines; line != NULL; line = end) {
		v.line++;
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		v.text = str_trim(line);
		if (*v.text == '\0' || *v.text == '#')
			continue;
		if (strpbrk(v.text, "\t\r\v\f") != NULL)
			return fail_in(p->b, file, v.line, 1,
			    "a line of a set holds words and blanks only");
		if (add_value(p, to, &v) < 0)
			return ERR_CONFIG;
	}
	return 0;
}

/* The text of a file that a rule file names; the caller frees. */
int
file_at(struct parser *p, char **ret_path, char **ret)
{
	int line, column;
	const char *slash = strrchr(p->file, '/');
	size_t len;
	char *why;

	if (p->token != T_STRING && p->token != T_WORD)
		return fail_found(p, "the name of a file is wanted here");
	if (!p->b->files)
		return fail(p, "no other file may be read from here");
	if (*text(p) == '/' || slash == NULL)
		*ret_path = xstrdup(text(p));
	else
		*ret_path = xformat("%.*s%s", (int)(slash - p->file + 1),
		    p->file, text(p));
	*ret = NULL;
	if (file_read_regular(*ret_path, RULES_MAX_BYTES, ret, &len) < 0) {
		why = xstrdup(err_reason());
		fail(p, "%s", why);
		free(why);
	} else if ((p->b->bytes += len) > RULES_MAX_BYTES)
		fail(p, "all files together have more than %d MiB",
		    RULES_MAX_BYTES >> 20);
	else {
		utf8_bad_place(*ret, len, &line, &column);
		if (line == 0)
			return 0;
		fail_in(p->b, *ret_path, line, column, "not a text in UTF-8");
	}
	free(*ret);
	free(*ret_path);
	return ERR_CONFIG;
}

static int
take_lines_of(struct parser *p, struct set *to)
{
	char *path = NULL, *lines = NULL;
	int code;

	next(p);
	if (file_at(p, &path, &lines) < 0)
		return ERR_CONFIG;
	names_add(&p->r->files, path);
	code =
	    add_lines(p, to, lines, p->r->files.items[p->r->files.count - 1]);
	if (code == 0 && to->count == 0)
		code = fail(p, "there is nothing in %s", path);
	free(lines);
	free(path);
	if (code == 0)
		next(p);
	return code;
}

static int
take_set_body(struct parser *p, struct set *s)
{
	if (at_word(p, "file"))
		return take_lines_of(p, s);
	if (at_word(p, "if")) {
		next(p);
		return take_conditions(p, &s->node);
	}
	if (!at_word(p, "="))
		return fail_found(p, "'=' is wanted here");
	next(p);
	return take_values(p, s);
}

int
take_set(struct parser *p)
{
	struct set s = { .name = NULL };
	struct rules *r = p->r;
	int code;

	code = take_name(p, "the name of the set", NULL, first_words, &s.name);
	if (code == 0 && strpbrk(s.name, " \r\"()\\#$=/") != NULL)
		code = fail(p,
		    "the name of a set is one word of letters and "
		    "digits");
	if (code == 0 && set_named(r, s.name) != NULL)
		code = fail(p, "there is a set %s already", s.name);
	if (code == 0)
		code = take_set_body(p, &s);
	if (code == 0 && !at_end(p))
		code = fail_found(p,
		    s.node != NULL ? "the end is wanted here" :
				     "a comma or the end is wanted here");
	if (code < 0) {
		if (s.name != NULL)
			names_add(&p->b->broken, s.name);
		set_release(&s);
		return code;
	}
	if ((r->nsets & (r->nsets - 1)) == 0)
		r->sets =
		    xrealloc(r->sets, (r->nsets * 2 + 1) * sizeof(*r->sets));
	r->sets[r->nsets++] = s;
	return 0;
}

/* --- values in rules --- */

static int
fail_wanted(struct parser *p, const char *what)
{
	char *wanted = xformat("%s is wanted here", what);

	fail_found(p, wanted);
	free(wanted);
	return ERR_CONFIG;
}

int
take_value(struct parser *p, const char *what, const char *const *refused,
    struct value *ret)
{
	struct set *set;

	memset(ret, 0, sizeof(*ret));
	ret->line = p->at_line;
	ret->column = p->at_column;
	if (p->token == T_SET) {
		set = values_at(p);
		if (set == NULL)
			return ERR_CONFIG;
		if (set->count != 1 || set->values[0].kind == VALUE_REGEX)
			return fail(p, "%s is wanted here, and $%s has %s",
			    what, set->name,
			    set->count != 1 ? "several values" :
					      "an expression");
		ret->kind = set->values[0].kind;
		ret->text = xstrdup(set->values[0].text);
		next(p);
		return 0;
	}
	if (p->token != T_WORD && p->token != T_STRING)
		return fail_wanted(p, what);
	if (p->token == T_WORD && refused != NULL && str_in(text(p), refused))
		return fail(p,
		    "%s is wanted here; '%s' is a word of the language (as a "
		    "name it needs quotes: \"%s\")",
		    what, text(p), text(p));
	ret->kind = p->token == T_WORD ? VALUE_WORD : VALUE_STRING;
	ret->text = xstrdup(text(p));
	next(p);
	return 0;
}

/* ": there are A, B and C" */
static char *
list_of(const char *const *known)
{
	struct buf b = BUF_INIT(0);
	size_t i;

	for (i = 0; known[i] != NULL; i++)
		buf_addf(&b, "%s%s",
		    i == 0		     ? ": there are " :
			known[i + 1] == NULL ? " and " :
					       ", ",
		    known[i]);
	return b.data;
}

static int
check_name(struct parser *p, const struct value *v, const char *what,
    const char *const *known, const char *set)
{
	const char *near;
	char *there;

	if (*v->text == '\0' || strlen(v->text) > NAME_MAX_BYTES ||
	    strpbrk(v->text, ",\n\t") != NULL)
		return fail_at(p, v->line, v->column,
		    "a name has 1 to %d bytes and no comma", NAME_MAX_BYTES);
	if (known == NULL || str_in(v->text, known))
		return 0;
	near = str_nearest(v->text, known);
	there = near == NULL && strstr(what, known[0]) == NULL ?
	    list_of(known) :
	    xstrdup("");
	fail_at(p, v->line, v->column, "'%s'%s%s%s is not %s%s%s%s%s", v->text,
	    set != NULL ? " (of $" : "", set != NULL ? set : "",
	    set != NULL ? ")" : "", what, near != NULL ? ", did you mean " : "",
	    near != NULL ? near : "", near != NULL ? "?" : "", there);
	free(there);
	return ERR_CONFIG;
}

int
take_name(struct parser *p, const char *what, const char *const *known,
    const char *const *refused, char **ret)
{
	struct value v;

	/* A word that is wanted is no slip. */
	if (known != NULL && p->token == T_WORD && str_in(text(p), known))
		refused = NULL;
	if (take_value(p, what, refused, &v) < 0)
		return ERR_CONFIG;
	if (check_name(p, &v, what, known, NULL) < 0) {
		value_release(&v);
		return ERR_CONFIG;
	}
	*ret = v.text;
	return 0;
}

/* Each value of the set at the token must be such a name. */
static struct set *
names_at(struct parser *p, const char *what, const char *const *known)
{
	struct set *set = values_at(p);
	struct value v;
	size_t i;

	for (i = 0; set != NULL && i < set->count; i++) {
		v = set->values[i];
		v.line = p->at_line;
		v.column = p->at_column;
		if (v.kind == VALUE_REGEX) {
			fail(p, "%s is wanted here, and $%s has an expression",
			    what, set->name);
			return NULL;
		}
		if (check_name(p, &v, what, known, set->name) < 0)
			return NULL;
	}
	return set;
}

static void
add_item(struct condition *to, const struct item *item)
{
	if ((to->nitems & (to->nitems - 1)) == 0)
		to->items = xrealloc(to->items,
		    (to->nitems * 2 + 1) * sizeof(*to->items));
	to->items[to->nitems++] = *item;
}

int
take_items(struct parser *p, const char *what, const char *const *known,
    const char *const *refused, struct condition *to)
{
	struct item item;
	struct set *set;

	for (;;) {
		memset(&item, 0, sizeof(item));
		if (p->token == T_SET) {
			set = names_at(p, what, known);
			if (set == NULL)
				return ERR_CONFIG;
			item.is_set = true;
			item.index = (size_t)(set - p->r->sets);
			next(p);
		} else if (take_name(p, what, known, refused, &item.name) < 0)
			return ERR_CONFIG;
		add_item(to, &item);
		if (p->token != T_COMMA)
			return 0;
		next(p);
	}
}

int
take_names(struct parser *p, const char *what, const char *const *known,
    const char *const *refused, struct names *to)
{
	struct set *set;
	size_t i;
	char *name;

	for (;;) {
		if (p->token == T_SET) {
			set = names_at(p, what, known);
			if (set == NULL)
				return ERR_CONFIG;
			for (i = 0; i < set->count; i++)
				names_add(to, set->values[i].text);
			next(p);
		} else {
			if (take_name(p, what, known, refused, &name) < 0)
				return ERR_CONFIG;
			names_add(to, name);
			free(name);
		}
		if (p->token != T_COMMA)
			return 0;
		next(p);
	}
}

int
take_patterns(struct parser *p, struct condition *to)
{
	struct set *set;
	struct item item;

	for (;;) {
		memset(&item, 0, sizeof(item));
		item.is_set = p->token == T_SET;
		if (p->token == T_STRING || p->token == T_REGEX) {
			if (take_pattern(p, &item.index) < 0)
				return ERR_CONFIG;
		} else if (p->token == T_SET) {
			set = values_at(p);
			if (set == NULL || compile_set(p, set) < 0)
				return ERR_CONFIG;
			item.index = (size_t)(set - p->r->sets);
		} else
			return fail_found(p,
			    "\"words\", /an expression/ or $SET is wanted "
			    "here");
		next(p);
		add_item(to, &item);
		if (p->token != T_COMMA)
			return 0;
		next(p);
	}
}

int
take_duration(struct parser *p, int64_t *ret_ms)
{
	struct value v;
	int64_t ms = 0;
	int code = take_value(p, "a duration, such as 30m or 2h,", NULL, &v);

	if (code < 0)
		return code;
	if (duration_parse(v.text, &ms) < 0)
		code = fail_at(p, v.line, v.column,
		    "'%s' is no duration, such as 90s, 30m, 2h or 7d", v.text);
	else if (ms < DURATION_MIN_MS || ms > DURATION_MAX_MS)
		code = fail_at(p, v.line, v.column,
		    "a duration is from 1s to 3660d here");
	value_release(&v);
	*ret_ms = ms;
	return code;
}

int
take_number(struct parser *p, double min, double max, double *ret)
{
	struct value v;
	char *end;
	double number;
	int code = take_value(p, "a number", NULL, &v);

	if (code < 0)
		return code;
	number = strtod(v.text, &end);
	if (*v.text == '\0' || *end != '\0' || !isfinite(number) ||
	    strspn(v.text, "0123456789.-") != strlen(v.text))
		code =
		    fail_at(p, v.line, v.column, "'%s' is no number", v.text);
	else if (number < min || number > max)
		code = fail_at(p, v.line, v.column,
		    "a number from %g to %g is wanted here", min, max);
	value_release(&v);
	*ret = number;
	return code;
}

const char *const op_names[] = { "", "=", "!=", "<", "<=", ">", ">=", NULL };

bool
take_op(struct parser *p, enum op *ret)
{
	size_t len, i;

	if (p->token != T_WORD)
		return false;
	len = strspn(text(p), "=!<>");
	for (i = OP_EQ; i <= OP_GE; i++)
		if (len == strlen(op_names[i]) &&
		    strncmp(text(p), op_names[i], len) == 0) {
			if (p->text.len > len)
				split_word(p, len);
			*ret = (enum op)i;
			next(p);
			return true;
		}
	return false;
}

int
check_section(struct parser *p, const char *kind, const char *name, int line,
    int column)
{
	const char *names[256], *near;
	const struct conf_entry *e;
	size_t i, n = 0, len = strlen(kind);

	if (p->b->conf == NULL)
		return 0;
	/* A number nobody declared goes by its id. */
	if (strcmp(kind, "instance") == 0 &&
	    strspn(name, "0123456789") == strlen(name))
		return 0;
	for (i = 0; (e = conf_entry(p->b->conf, i)) != NULL; i++) {
		if (strncmp(e->section, kind, len) != 0 ||
		    e->section[len] != ' ')
			continue;
		if (strcmp(e->section + len + 1, name) == 0)
			return 0;
		if (n < 200)
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
