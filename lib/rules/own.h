/* own - what the files of lib/rules share */
#ifndef RULES_OWN_H
#define RULES_OWN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/id.h"
#include "rules/rules.h"

struct names {
	char **items;
	size_t count;
};

/* Words, or an expression; one for all places that say the same. */
struct pattern {
	char *source;  /* as written, without its quotes or slashes */
	char *words;   /* folded; NULL: an expression */
	char flags[8]; /* of an expression, sorted */
	pcre2_code *code;
	const char *rule; /* the first one that has it, for errors */
};

struct set {
	char *name;
	size_t *patterns; /* indexes */
	size_t count;
};

enum condition_kind {
	IF_ANY,
	IF_TEXT,
	IF_KIND,
	IF_INSTANCE,
	IF_LANGUAGE,
	IF_OPEN, /* not: outside */
	IF_FIRST,
	IF_TAGGED,
	IF_PRIORITY,
	IF_OWNER,
};

/* An item of a text condition: a pattern or a whole set. */
struct item {
	bool is_set;
	size_t index;
};

struct condition {
	enum condition_kind kind;
	bool not ;
	struct names names; /* hours: none or one */
	struct item *items; /* of IF_TEXT */
	size_t nitems;
};

struct action {
	enum rules_effect_kind kind;
	bool stop; /* no effect, but the end */
	char *value;
};

struct rule {
	char *name; /* its label, or its line */
	bool labelled;
	char key[SHORT_ID_BYTES]; /* of what it says, without its name */
	struct condition *conditions;
	size_t nconditions;
	enum rules_once once;
	struct action *actions;
	size_t nactions;
};

struct rules {
	struct pattern *patterns;
	size_t npatterns;
	struct set *sets;
	size_t nsets;
	struct rule *rules;
	size_t count;
	size_t built_in; /* so many, in front, are not of the file */
	size_t own_sets; /* nor are the sets from here on, if any are */
	char revision[SHORT_ID_BYTES];
	struct words *words; /* finds all words at once; NULL: none */
};

struct rules_reading {
	const struct rules *rules;
	bool *found; /* by pattern */
	const char *gave_up;
};

/* match.c: compile p->source; ERR_CONFIG, with the place in *ret_at. */
int pattern_compile(struct pattern *p, size_t *ret_at);
void pattern_release(struct pattern *p);
/* match.c: the finder of all words, once all patterns are there. */
struct words *words_new(const struct pattern *patterns, size_t count);
void words_free(struct words *w);

/* print.c: one rule, without its label. */
void rule_print(const struct rules *r, const struct rule *rule, struct buf *to);

extern const char *const condition_names[]; /* by enum condition_kind */
extern const char *const action_names[];    /* by enum rules_effect_kind */
extern const char *const once_names[];	    /* by enum rules_once */

#endif
