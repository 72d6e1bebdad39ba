/*
 * own - what the files of lib/rules share
 *
 *	lex.c		a rule file as tokens
 *	parse.c		lines: rules, sets, includes
 *	condition.c	what a rule asks
 *	action.c	what a rule does
 *	value.c		values and sets of them
 *	occasion.c	what a rule is asked of: a message, a timer, ...
 *	match.c		words and expressions in a text
 *	hint.c		what a text must have for an expression to match
 *	need.c		which rules a text can make fire at all
 *	apply.c		which rules fire, and what comes of it
 *	why.c		why a rule did not
 *	print.c		rules as text again
 *	advice.c	what they say that can hardly be meant
 *	never.c		conditions that cannot hold
 */
#ifndef RULES_OWN_H
#define RULES_OWN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/id.h"
#include "rules/rules.h"

#define NONE ((size_t)-1)

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

enum value_kind { VALUE_WORD, VALUE_STRING, VALUE_REGEX };

struct value {
	enum value_kind kind;
	char *text;
	size_t pattern;	  /* NONE until a text is held against it */
	const char *file; /* where it stands */
	int line, column;
};

struct node;

/* What $NAME stands for: values, or a condition. */
struct set {
	char *name;
	struct value *values;
	size_t count;
	bool compiled;	   /* its values are patterns, too */
	struct node *node; /* NULL: values */
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
	IF_STATUS,
	IF_TEAM,
	IF_ASSIGNEE,
	IF_CONTACT,
	IF_ATTRIBUTE,
	IF_NEW,
	IF_REOPENED,
	IF_EDITED,
	IF_COUNT,
	IF_AD,
	IF_INTENT,
	IF_SENTIMENT,
	IF_IDLE,
	IF_WAITING,
	IF_WINDOW,
	IF_SLA,
	IF_CONFIDENCE,
	IF_RATED,
	IF_TROUBLE,
	IF_OPTED_OUT,
	IF_BLOCKED,
	IF_KINDS
};

enum op { OP_NONE, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

/* One of the values of a condition: a pattern, a name or a whole set. */
struct item {
	char *name; /* NULL: of a text condition, or a set */
	bool is_set;
	size_t index; /* of a set, or a pattern */
};

struct condition {
	enum condition_kind kind;
	bool not ;
	struct item *items;
	size_t nitems;
	char *name; /* of an attribute; of a target, NULL: any */
	enum op op;
	double number;
	int64_t ms; /* of IF_SLA 0: it is missed */
};

enum node_kind {
	NODE_IF,
	NODE_AND,
	NODE_OR,
	NODE_NOT,
	NODE_NAMED, /* $NAME: its only kid is a copy of what it stands for */
};

struct node {
	enum node_kind kind;
	struct condition *condition; /* of NODE_IF */
	struct node **kids;
	size_t nkids;
	size_t set;	   /* of NODE_NAMED */
	unsigned asked_of; /* of a branch: these occasions alone; 0: any */
	int line, column;
};

struct action {
	enum rules_effect_kind kind;
	bool stop; /* no effect, but the end */
	char *value;
	char *more; /* "": none */
	int64_t ms;
};

struct rule {
	char *name; /* its label, or its line */
	bool labelled;
	char *place;		  /* where it begins: "FILE:LINE:COLUMN" */
	char key[SHORT_ID_BYTES]; /* of what it says, without its name */
	char id[SHORT_ID_BYTES];  /* of that, its name and its line */
	struct node *node;
	unsigned occasions;
	bool asks_status;
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
	struct words *hints; /* and what expressions must have */
	size_t *hinted;	     /* the pattern that each hint is of */
	size_t nhints;
	size_t *expressions; /* the patterns that are */
	size_t nexpressions;
	bool *sure;	      /* by pattern: it has hints */
	uint64_t *always;     /* a bit for each rule that needs no words */
	size_t nasked;	      /* words of such bits */
	size_t *needing;      /* rules, by the pattern they need one of */
	size_t *needing_from; /* by pattern: where in needing it begins */
	struct names files;   /* whose names values point to */
	unsigned occasions;
	bool asks_intent, asks_sentiment, asks_name, asks_language;
	struct rules_timer *timers;
	size_t ntimers;
};

struct rules_reading {
	const struct rules *rules;
	bool *found;	 /* by pattern */
	uint64_t *asked; /* a bit for each rule that can fire */
	const char *gave_up;
};

/* match.c: compile p->source; ERR_CONFIG, with the place in *ret_at. */
int pattern_compile(struct pattern *p, size_t *ret_at);
void pattern_release(struct pattern *p);
/* match.c: the finder of all words, once all patterns are there. */
struct words *words_new(const struct pattern *patterns, size_t count);
void words_free(struct words *w);
/* match.c: the same for the hints of all expressions. */
void hints_new(struct rules *r);
/* need.c: what rules need of a text, once all of them are there. */
void needs_new(struct rules *r);
void needs_free(struct rules *r);
/* need.c: of what was found, which rules are to be asked: f->asked. */
void needs_met(struct rules_reading *f);
/* need.c: the first of these from a place on; NONE: no more. */
size_t needs_next(const struct rules_reading *f, size_t from);
/* hint.c: literals, folded, of which one is in every text that an expression
 * matches; none: nothing is known. */
void hints_of(const struct pattern *p, struct names *ret);

void names_add(struct names *n, const char *name);
bool names_has(const struct names *n, const char *name);
void names_release(struct names *n);

/* condition.c */
struct node *node_new(enum node_kind kind);
void node_add(struct node *to, struct node *kid);
struct node *node_copy(const struct node *from);
size_t node_size(const struct node *n); /* conditions in it */
void node_free(struct node *n);
/* Call each(ctx, condition) for every condition of n. */
void node_each(const struct node *n,
    void (*each)(void *ctx, const struct condition *c), void *ctx);

/* value.c */
void set_release(struct set *s);

/* apply.c: whether c holds: 1, 0 or an ERR. */
int condition_holds(const struct rules_reading *f, const struct condition *c,
    const struct rules_facts *facts);
int node_holds(const struct rules_reading *f, const struct node *n,
    const struct rules_facts *facts);
/* Kinds of which a later one takes the place of an earlier are one of them. */
enum rules_effect_kind effect_group(enum rules_effect_kind kind);
/* Whether one of the values of c is text, by how they compare. */
bool any_item(const struct rules *r, const struct condition *c,
    bool (*is)(const char *item, const char *text), const char *text);

/* why.c: why n does not hold; the caller frees. */
char *why_not(const struct rules_reading *f, const struct node *n,
    const struct rules_facts *facts);
/* why.c: of each `or` in n, which holds, the branch that does, to the end of
 * to: ", by BRANCH". */
void why_by(const struct rules_reading *f, const struct node *n,
    const struct rules_facts *facts, struct buf *to);

/* never.c: what of n cannot hold, alone or beside what else must. */
void never_find(const struct rules *r, const struct node *n,
    void (*say)(void *ctx, const char *text), void *ctx);

/* print.c: one rule, without its label. */
void rule_print(const struct rules *r, const struct rule *rule, struct buf *to);

/* The same behind the sets that it names, a line each, with at most
 * SET_TOLD_MAX of the values of each. */
void rule_print_whole(const struct rules *r, const struct rule *rule,
    struct buf *to);
#define SET_TOLD_MAX 200
void node_print(const struct rules *r, const struct node *n, struct buf *to);
void duration_print(struct buf *to, int64_t ms);

/* What is known of each kind of condition. */
struct condition_word {
	const char *phrase; /* "first message" */
	unsigned occasions; /* it can be asked of */
	bool specific;	    /* a rule that has it is asked of these alone */
	const char *fact;   /* what it asks for: "the priority" */
	unsigned beside; /* of these too, where another condition names them */
};
extern const struct condition_word condition_words[IF_KINDS];

/* The names of a condition, those of its sets too, added to ret. */
void condition_values(const struct rules *r, const struct condition *c,
    struct names *ret);

extern const char *const action_names[]; /* by enum rules_effect_kind */
extern const char *const once_names[];	 /* by enum rules_once */
extern const char *const op_names[];	 /* by enum op */

#endif
