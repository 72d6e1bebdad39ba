/*
 * said - one turn of a conversation, read: its words, and what it leans with
 *
 * For ai/standalone.c and its kin. Tables: ai/lexicon.h, and the common and
 * weak words of kb/wordlist.h. What is borrowed lives as long as the text.
 */
#ifndef AI_SAID_H
#define AI_SAID_H

#include <stdbool.h>
#include <stddef.h>

#include "ai/lexicon.h"
#include "kb/analyse.h"
#include "kb/search.h"

#define FRAGMENT_WORDS 4 /* "in blue", "the red one" */

enum kind {
	IDLE,	   /* says nothing, or leans */
	WEAK,	   /* seldom names a thing; numbers */
	ASKING,	   /* "how much" */
	ATTRIBUTE, /* "cost" */
	THING
};

struct word {
	char *text; /* as written; folded where there are no blanks */
	char *folded;
	const char *language;
	enum kind kind;
	int age; /* in a topic, see ai/topic.h */
	bool is_ours;
	bool is_kept;
};

struct words {
	struct word *word;
	size_t count;
};

struct said {
	const char *text;
	struct lexicon_text all; /* folded, a blank between words */
	const char *language;
	struct words words;
	size_t things; /* words that are */
	bool asks;     /* has a question mark */
};

/* What turns are read with. */
struct reader {
	struct analyser *analyser;
	struct kb *kb;	      /* NULL: there is none */
	const char *language; /* of the conversation, "und" at first */
	const char *ours;     /* said before the question; NULL: nothing */
};

/* End *ret with said_release(). */
void said_read(struct reader *r, const char *text, struct said *ret);
void said_release(struct said *s);

bool said_has_kind(const struct said *s, enum kind kind);

/* A pronoun that stands for something said before, in s->all; or NULL. */
const char *said_pronoun(const struct said *s);

/* Whether a thing is named before at, a place in s->all. */
bool said_names_before(const struct said *s, const char *at);

/* The place after "no, I mean", in s->all; NULL: no correction. */
const char *said_correction(const struct said *s);

/* The last sentence of text, if it is a question; else NULL. */
const char *said_asked_back(const char *text);

/* Which of a list of ours q means: its words added to ret; or false. */
bool said_choice(struct reader *r, const struct said *q,
    const struct said *ours, struct words *ret);

/* The next run of letters and digits at or after *p; its bytes, 0: none. */
size_t said_next_run(const char **p);

/* A copy, not kept. */
void words_copy(struct words *to, const struct word *from, int age);
bool words_have(const struct words *l, const char *folded);
void words_release(struct words *l);
void word_release(struct word *w);

#endif
