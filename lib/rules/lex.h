/*
 * lex - a rule file as tokens, and where each one stands
 *
 * One token is looked at; next() reads another. An error is told once, by
 * fail(), with file, line and column; the caller gives the rule up then.
 */
#ifndef RULES_LEX_H
#define RULES_LEX_H

#include "rules/own.h"

#define NAME_MAX_BYTES 64
#define FILES_DEEP_MAX 8    /* includes in includes */
#define PARENTHESES_MAX 32  /* in one another */
#define CONDITIONS_MAX 1000 /* of a rule, what sets stand for included */
#define VALUES_MAX 200000   /* of all sets */

enum token {
	T_END,
	T_EOL,
	T_WORD,
	T_STRING,
	T_REGEX,
	T_SET, /* $NAME */
	T_COMMA,
	T_CLOSE, /* of a parenthesis that is open */
	T_BAD,	 /* told already */
};

/* What all files of one set of rules share while they are read. */
struct build {
	struct rules *r;
	const struct conf *conf;
	bool files; /* others may be read */
	void (*say)(void *ctx, const char *text);
	void *ctx;
	int errors;
	size_t bytes;	     /* read so far */
	size_t values;	     /* of sets so far */
	struct names broken; /* sets with an error */
	size_t *slots;	     /* patterns by their hash; NONE: free */
	size_t nslots;
};

struct parser {
	struct build *b;
	struct rules *r;	     /* b->r */
	const struct parser *parent; /* that includes this file; NULL */
	const char *file;
	const char *prefix; /* of the names of rules: "" or "FILE:" */
	bool built_in;
	const char *p; /* what comes next */
	const char *line_start;
	const char *column_at; /* up to here columns of the line are counted */
	int column;	       /* there, from 1 */
	int line;
	int open;	   /* parentheses */
	bool grouped;	   /* the rule has some */
	size_t conditions; /* of the rule so far */

	enum token token;
	struct buf text; /* of the token */
	char flags[8];	 /* of T_REGEX */
	int at_line;	 /* where the token begins */
	int at_column;
	const char *at; /* of T_REGEX: its first character */
};

/* Tell of an error at a place, or at the token with line 0; ERR_CONFIG. */
int fail_at(struct parser *p, int line, int column, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
#define fail(p, ...) fail_at(p, 0, 0, __VA_ARGS__)
/* The same of another file. */
int fail_in(struct build *b, const char *file, int line, int column,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* wanted, found what the token is. */
int fail_found(struct parser *p, const char *wanted);

void next(struct parser *p);
const char *text(const struct parser *p);
bool at_word(const struct parser *p, const char *word);
bool at_end(const struct parser *p);
/* Whether the word behind the token is this one, or any of a list. */
bool word_follows(const struct parser *p, const char *word);
/* Go on behind the rule an error is in. */
void skip_rule(struct parser *p);
int column_of(const struct parser *p, const char *at);

/* At a word that begins with a parenthesis: read it alone. */
bool take_open(struct parser *p);
/* At a word that begins with len characters that mean something alone: what is
 * behind them is read next. */
void split_word(struct parser *p, size_t len);

/* --- value.c --- */

/* The index of a pattern, made if it is new; ERR_CONFIG with the place of the
 * fault in it in *ret_at. */
int pattern_for(struct build *b, const char *source, bool regex,
    const char *flags, size_t *ret, size_t *ret_at);
/* The set at the token, which is a T_SET; NULL after telling that there is
 * none. */
struct set *set_at(struct parser *p);
struct set *set_named(struct rules *r, const char *name);

/* One value, $NAME for a set of one included. what is wanted, for errors. Of
 * words of the language those of refused (may be NULL) need quotes. */
int take_value(struct parser *p, const char *what, const char *const *refused,
    struct value *ret);
void value_release(struct value *v);
/* The same as a name; known: NULL, or all there are. */
int take_name(struct parser *p, const char *what, const char *const *known,
    const char *const *refused, char **ret);
/* Names with commas between, sets of them too: expanded, or kept as items. */
int take_names(struct parser *p, const char *what, const char *const *known,
    const char *const *refused, struct names *to);
int take_items(struct parser *p, const char *what, const char *const *known,
    const char *const *refused, struct condition *to);
int take_duration(struct parser *p, int64_t *ret_ms);
int take_number(struct parser *p, double min, double max, double *ret);
/* A comparison at the token, if there is one. */
bool take_op(struct parser *p, enum op *ret);
/* Patterns with commas between. */
int take_patterns(struct parser *p, struct condition *to);
/* "set" NAME, behind the word. */
int take_set(struct parser *p);
/* The text of the file named at the token, and its path from here; the caller
 * frees both. */
int file_at(struct parser *p, char **ret_path, char **ret);

/* The names of [KIND NAME] sections must be there if the settings are known. */
int check_section(struct parser *p, const char *kind, const char *name,
    int line, int column);

/* --- condition.c --- */

/* All conditions of a rule, up to `once`, the actions or the end. */
int take_conditions(struct parser *p, struct node **ret);
bool at_condition(const struct parser *p);
bool at_sla_condition(const struct parser *p);
bool is_condition_word(const char *word);
const char *near_condition(const char *word);

/* --- action.c --- */
bool at_action(const struct parser *p);
bool is_action_word(const char *word);
const char *near_action(const char *word);
int take_action(struct parser *p, struct rule *rule);
void action_release(struct action *a);

/* Every word that a name needs quotes for: those there were from the first. */
extern const char *const first_words[];
/* Every word of the language. */
bool is_language_word(const char *word);

/* --- occasion.c --- */

/* What n is asked of, in *ret; branches of an `or` get their own. ERR_CONFIG
 * after telling of conditions that never hold at once. */
int find_occasions(struct parser *p, struct node *n, unsigned *ret);
/* "a message", "a timer", ... */
const char *occasion_name(unsigned occasion);

#endif
