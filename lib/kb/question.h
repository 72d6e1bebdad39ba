/*
 * question - what a question asks for: concepts, their weight, their forms
 *
 * A concept is a word of the question, or a phrase that has synonyms, with all
 * the forms it may take in a passage: its stem in each language of the base,
 * its synonyms, and where the base does not know it the nearest word it does
 * know. Rare concepts weigh much (idf); what every question has ("how do I")
 * weighs little and need not be found.
 */
#ifndef KB_QUESTION_H
#define KB_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kb/search.h"

#define CONCEPTS_MAX 64
#define FORM_WORDS_MAX 12 /* a phrase of six Chinese signs */

struct form {
	char *stems; /* one or more, one space between */
	size_t words;
	double strength; /* 1 for the word itself, less for a synonym */
	int64_t df;	 /* passages that have it (all its words) */
	bool is_unsure;	 /* of texts of no sure language alone, unstemmed */
	bool is_part;	 /* a part of the word */
	/* The languages of the base that make this stem of the word, a bit
	 * each: it is looked for in their passages alone. 0: in all. */
	uint32_t languages;
};

struct concept {
	char *word;	 /* as asked, folded */
	char *meant;	 /* the stem a slip was taken for; NULL: none was */
	bool is_common;	 /* says nothing about what is asked for */
	bool is_weak;	 /* seldom names the thing: weighs less */
	bool is_opening; /* "what time": how it is asked, and no thing */
	bool is_context; /* from earlier lines of the conversation */
	bool is_known;	 /* some form of it is in the base */
	bool is_thing;	 /* not only "how much" or "where are you" */
	double idf;
	double need;   /* how much of the question it is: what must be found */
	double weight; /* in ranking */
	struct form *form;
	size_t forms;
	unsigned letters; /* groups of letters of it, see question_letters() */
};

/* A group of five letters of a word, to find words by that are like it. */
#define LETTERS_MAX 512
#define LETTERS_SLOTS 1024
#define BEGINS 4096
#define PAIRS 1024
struct letters {
	uint32_t hash;
	uint16_t concept;
	uint16_t next; /* of the same slot, from 1; 0: none */
};

struct question {
	const char *language; /* that it is in, if it was looked for; NULL */
	char **languages;     /* of the base, borrowed */
	struct concept *concept;
	size_t count;
	double
	    weight; /* of all that must be found: neither common nor context */
	double rarest;	    /* the weight of a word that no passage has */
	struct slot *slots; /* first stems of forms, hashed */
	size_t nslots;
	struct letters letters[LETTERS_MAX];
	size_t nletters;
	uint16_t letters_at[LETTERS_SLOTS]; /* the first of a slot, from 1 */
	/* Whether a word may be a form, by its first bytes: a bit for two, and
	 * one for what three come to. */
	uint64_t begins[65536 / 64], begins_long[BEGINS / 64];
	/* Whether a group of letters may be of a word, by its first two. */
	uint64_t pairs[PAIRS / 64];
};

/* Borrows nothing of text or context. End with question_free(). */
int question_parse(struct kb *kb, const char *text, const char *const *context,
    struct question **ret);
void question_free(struct question *q);

/* How often and how well each concept is found in a text. */
struct found {
	double strength; /* of its best form, 0: not found */
	double tf;	 /* sum of strengths */
	int first;	 /* place of the first, in words; -1 */
	unsigned parts;	 /* bits: words of the question's own phrase */
	int pairs;	 /* times the next concept follows at once */
};

/* Which groups of letters are there; set to zero at first. */
struct finding {
	bool seen[LETTERS_MAX];
};

/*
 * Find q's concepts in a text of language; found has room for q->count and is
 * overwritten. Returns the number of words.
 */
size_t question_find_text(struct kb *kb, const struct question *q,
    const char *text, size_t len, const char *language, struct found *found);

/* The same for a word of a text, folded and as analyse_words() gives it. */
void question_find_word(struct kb *kb, const struct question *q,
    const char *word, size_t len, const char *language, struct found *found);

/* And what is there of groups of letters, added to letters. */
size_t question_find_all(struct kb *kb, const struct question *q,
    const char *text, size_t len, const char *language, struct found *found,
    struct finding *letters);

/* The share of the letters of q's words that is there, by their weight: words
 * that are like those asked for, as parts of longer ones are. */
double question_letters(const struct question *q,
    const struct finding *letters);

/* The share of q's weight that is found, 0 to 1; 0 if q asks for nothing. */
double question_coverage(const struct question *q, const struct found *found);

/* The languages of the base, NULL-ended; borrowed. */
const char *const *kb_languages(struct kb *kb);

#endif
