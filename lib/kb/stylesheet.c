/* stylesheet - what the <style> elements of a page hide */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "kb/stylesheet.h"

#define RULES_MAX 4000
#define RULES_OF_KEY 16 /* that differ in the name of the element */
#define CLASSES_MAX 64	/* looked at of an element */

/* How much a rule counts: one that is important, of an id, of an element. */
enum { MAY_SHOW = 0, OF_CLASS = 2, OF_ID = 4, OF_ELEMENT = 1, IMPORTANT = 8 };

struct rule {
	char *key;     /* ".class" or "#id" */
	char *element; /* "": any */
	int weight;
	size_t order;
	bool hides;
};

/* Sorted by key once all are read. */
struct stylesheet {
	struct rule *rule;
	size_t rules;
};

/* --- declarations --- */

/* Whether the name of a declaration is this one; its value without blanks. */
static bool
is_declared(const char *p, const char *name, const char **ret_value)
{
	size_t n = strlen(name);

	if (strncmp(p, name, n) != 0 || p[n] != ':')
		return false;
	*ret_value = p + n + 1;
	return true;
}

static enum stylesheet_says
said(const char *declarations, bool *ret_important)
{
	enum stylesheet_says says = STYLE_SAYS_NOTHING;
	char *folded = xstrdup(declarations), *p, *end;
	const char *value;
	bool hides;
	size_t k = 0;

	for (p = folded; *p != '\0'; p++)
		if (strchr(" \t\r\n\f", *p) == NULL)
			folded[k++] = (char)tolower((unsigned char)*p);
	folded[k] = '\0';
	*ret_important = false;
	for (p = folded; p != NULL; p = end) {
		end = strchr(p, ';');
		if (end != NULL)
			*end++ = '\0';
		if (is_declared(p, "display", &value))
			hides = str_starts(value, "none");
		else if (is_declared(p, "visibility", &value))
			hides = str_starts(value, "hidden") ||
			    str_starts(value, "collapse");
		else
			continue;
		if (says != STYLE_HIDES)
			says = hides ? STYLE_HIDES : STYLE_SHOWS;
		*ret_important |= strstr(value, "!important") != NULL;
	}
	free(folded);
	return says;
}

enum stylesheet_says
stylesheet_says(const char *declarations)
{
	bool is_important;

	return declarations != NULL ? said(declarations, &is_important) :
				      STYLE_SAYS_NOTHING;
}

/* --- rules --- */

static size_t
name_len(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '-' || p[n] == '_' ||
	    (unsigned char)p[n] >= 0x80)
		n++;
	return n;
}

static void
add_rule(struct stylesheet *s, const char *key, size_t len, char *element,
    int weight, bool hides)
{
	if (s->rules == RULES_MAX) {
		free(element);
		return;
	}
	if ((s->rules & (s->rules - 1)) == 0)
		s->rule = xrealloc(s->rule,
		    (s->rules ? 2 * s->rules : 1) * sizeof(*s->rule));
	s->rule[s->rules] = (struct rule){ .key = xstrndup(key, len),
		.element = element,
		.weight = weight,
		.order = s->rules,
		.hides = hides };
	s->rules++;
}

/* The classes and ids of the last part of a selector, which may be shown. */
static void
add_shown(struct stylesheet *s, const char *selector)
{
	const char *p, *last = selector;
	size_t n;

	for (p = selector; *p != '\0'; p++)
		if (strchr(" \t\r\n\f>+~", *p) != NULL)
			last = p + 1;
	for (p = last; *p != '\0'; p += n) {
		n = strchr(".#", *p) != NULL ? 1 + name_len(p + 1) : 1;
		if (n > 1)
			add_rule(s, p, n, xstrdup(""), MAY_SHOW, false);
	}
}

static void
add_selector(struct stylesheet *s, char *selector, bool is_within, bool hides,
    bool is_important)
{
	size_t element, key = 0, len;
	int weight;

	selector += strspn(selector, " \t\r\n\f");
	len = strlen(selector);
	while (len > 0 && isspace((unsigned char)selector[len - 1]))
		selector[--len] = '\0';
	element = name_len(selector);
	if (selector[element] == '.' || selector[element] == '#')
		key = 1 + name_len(selector + element + 1);
	if (is_within || key < 2 || element + key != len) {
		if (!hides)
			add_shown(s, selector);
		return;
	}
	weight = (selector[element] == '#' ? OF_ID : OF_CLASS) +
	    (element > 0 ? OF_ELEMENT : 0) + (is_important ? IMPORTANT : 0);
	add_rule(s, selector + element, key, xstrndup(selector, element),
	    weight, hides);
}

/* A rule: its selectors, and what is declared of them. */
static void
add_rules(struct stylesheet *s, char *selectors, const char *declarations,
    bool is_within)
{
	bool is_important;
	enum stylesheet_says says = said(declarations, &is_important);
	char *p, *end;

	if (says == STYLE_SAYS_NOTHING)
		return;
	for (p = selectors; p != NULL; p = end) {
		end = strchr(p, ',');
		if (end != NULL)
			*end++ = '\0';
		add_selector(s, p, is_within, says == STYLE_HIDES,
		    is_important);
	}
}

/* --- a sheet --- */

/* The next of some signs that is in no string; the end: none. */
static char *
next_sign(char *p, const char *signs)
{
	char quote = '\0';

	for (; *p != '\0' && (quote != '\0' || strchr(signs, *p) == NULL); p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '"' || *p == '\''))
			quote = *p;
	return p;
}

/* Past the block that begins at p. */
static char *
over_block(char *p)
{
	int depth = 1;

	while (depth > 0 && *(p = next_sign(p, "{}")) != '\0')
		depth += *p++ == '{' ? 1 : -1;
	return p;
}

/* Without comments, in place. */
static void
drop_comments(char *text)
{
	char *p = text, *to = text, *end;

	while (*p != '\0')
		if (p[0] == '/' && p[1] == '*') {
			end = strstr(p + 2, "*/");
			p = end != NULL ? end + 2 : p + strlen(p);
			*to++ = ' ';
		} else if (strncmp(p, "<!--", 4) == 0)
			p += 4;
		else
			*to++ = *p++;
	*to = '\0';
}

static bool
is_for_print(const char *media)
{
	return strcasestr(media, "print") != NULL &&
	    strcasestr(media, "screen") == NULL &&
	    strcasestr(media, "not") == NULL && strchr(media, ',') == NULL;
}

static void
read_sheet(struct stylesheet *s, char *text)
{
	char *p = text, *at, *end;
	int within = 0;

	drop_comments(text);
	while (*p != '\0' && s->rules < RULES_MAX) {
		p += strspn(p, " \t\r\n\f");
		at = next_sign(p, "{};");
		if (*at == '\0')
			return;
		if (*at == '}' && within > 0)
			within--;
		if (*at != '{') {
			p = at + 1;
			continue;
		}
		*at++ = '\0';
		if (*p == '@') {
			if (is_for_print(p))
				at = over_block(at);
			else
				within++;
			p = at;
			continue;
		}
		end = over_block(at);
		if (end > at && end[-1] == '}')
			end[-1] = '\0';
		/* With rules of its own within it may show again. */
		add_rules(s, p, at, within > 0 || strchr(at, '{') != NULL);
		p = end;
	}
}

static int
by_key(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	if (order == 0)
		order = strcmp(x->element, y->element);
	/* Of the same, those that count most come first. */
	if (order == 0)
		order = y->weight - x->weight;
	return order != 0 ? order :
			    (y->order > x->order) - (y->order < x->order);
}

/* Keep what is asked for: of each key and element the rule that counts and
 * whether it may be shown otherwise. */
static void
thin_out(struct stylesheet *s)
{
	size_t i, k = 0, of_key = 0;

	for (i = 0; i < s->rules; i++) {
		const struct rule *r = &s->rule[i], *last = r;
		bool is_same;

		if (k > 0)
			last = &s->rule[k - 1];
		is_same = k > 0 && strcmp(last->key, r->key) == 0;
		of_key = is_same ? of_key + 1 : 0;
		if (of_key >= RULES_OF_KEY ||
		    (is_same && strcmp(last->element, r->element) == 0 &&
			(last->weight == MAY_SHOW || r->weight != MAY_SHOW))) {
			of_key -= of_key > 0;
			free(s->rule[i].key);
			free(s->rule[i].element);
			continue;
		}
		s->rule[k++] = s->rule[i];
	}
	s->rules = k;
}

struct stylesheet *
stylesheet_new(xmlNode *top)
{
	struct stylesheet *s = xcalloc(1, sizeof(*s));
	const char *media;
	xmlNode *n;
	xmlChar *text;

	for (n = top; n != NULL; n = html_next(top, n)) {
		if (!html_is(n, "style"))
			continue;
		media = html_attribute(n, "media");
		if (media != NULL && is_for_print(media))
			continue;
		text = xmlNodeGetContent(n);
		if (text != NULL)
			read_sheet(s, (char *)text);
		xmlFree(text);
	}
	if (s->rules > 0)
		qsort(s->rule, s->rules, sizeof(*s->rule), by_key);
	thin_out(s);
	return s;
}

void
stylesheet_free(struct stylesheet *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->rules; i++) {
		free(s->rule[i].key);
		free(s->rule[i].element);
	}
	free(s->rule);
	free(s);
}

/* --- an element --- */

/* The first rule of a sign and a name. */
static size_t
first_of(const struct stylesheet *s, char sign, const char *name, size_t len)
{
	size_t low = 0, high = s->rules, mid;
	const char *key;
	int order;

	while (low < high) {
		mid = low + (high - low) / 2;
		key = s->rule[mid].key;
		order = (unsigned char)key[0] - (unsigned char)sign;
		if (order == 0)
			order = strncmp(key + 1, name, len);
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* What counts most of the rules so far. */
struct verdict {
	int weight;
	size_t order;
	bool hides;
};

static void
ask(const struct stylesheet *s, const xmlNode *n, char sign, const char *name,
    size_t len, struct verdict *v)
{
	struct verdict own = { 0 };
	bool may_show = false;
	size_t i;

	for (i = first_of(s, sign, name, len); i < s->rules; i++) {
		const struct rule *r = &s->rule[i];

		if (r->key[0] != sign || strncmp(r->key + 1, name, len) != 0 ||
		    r->key[1 + len] != '\0')
			break;
		if (r->element[0] != '\0' && !html_is(n, r->element))
			continue;
		if (r->weight == MAY_SHOW)
			may_show = true;
		else if (r->weight > own.weight ||
		    (r->weight == own.weight && r->order > own.order))
			own = (struct verdict){ r->weight, r->order, r->hides };
	}
	if (own.weight == 0 || own.weight < v->weight ||
	    (own.weight == v->weight && own.order < v->order))
		return;
	*v = own;
	v->hides &= !may_show;
}

bool
stylesheet_hides(const struct stylesheet *s, const xmlNode *n)
{
	const char *id, *p;
	struct verdict v = { 0 };
	size_t len;
	int i;

	if (s->rules == 0 || n->properties == NULL)
		return false;
	id = html_attribute(n, "id");
	if (id != NULL && *id != '\0')
		ask(s, n, '#', id, strlen(id), &v);
	p = html_attribute(n, "class");
	for (i = 0; p != NULL && *p != '\0' && i < CLASSES_MAX; i++, p += len) {
		p += strspn(p, " \t\r\n\f");
		len = strcspn(p, " \t\r\n\f");
		if (len > 0)
			ask(s, n, '.', p, len, &v);
	}
	return v.hides;
}
