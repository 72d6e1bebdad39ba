/* inside - what search.c and question.c share; for lib/kb only */
#ifndef KB_INSIDE_H
#define KB_INSIDE_H

#include "kb/analyse.h"
#include "kb/question.h"
#include "kb/segment.h"
#include "kb/spelling.h"
#include "kb/wordlist.h"

struct rare_language {
	char *tag;
	int64_t passages;
};

struct kb {
	struct db *db;
	struct analyser *analyser;
	char **languages; /* NULL-ended, with room for one more */
	/* Of fewer than one passage in a hundred, and of 50: a text mistaken
	 * for French must not make French of all questions. What these make of
	 * a word counts where they may have it; a question that is in one of
	 * them is taken under it as under any other. */
	struct rare_language *rare;
	size_t rares;
	struct segments segments;
	struct spelling *spelling; /* NULL until a word is unknown */
	int64_t passages;	   /* in the segments, not dead */
	int64_t data_version;	   /* of the file, when these were read */
	int own_changes;	   /* by this connection until then */
	uint32_t lists;		   /* of languages, as bits of wordlist.h */
	/* The language that is asked in: its common and weak words. */
	uint32_t asked;
	struct df *df;	    /* a cache, good for data_version */
	size_t dfs;	    /* its slots */
	size_t df_count;    /* terms that went into it */
	uint64_t questions; /* that were asked */
	int cache_kib;	    /* of pages, from the second question on */
	/* Of the text that is read for a question. */
	struct buf stems, kept, folded, words;
};

/* Bring languages, passages and synonyms up to date with the file. */
int kb_refresh(struct kb *kb);

/* Use synonyms and common words of the languages of the base; forget them, and
 * what else is known of words. */
void kb_load_words(struct kb *kb);
void kb_free_words(struct kb *kb);

/* The language of all passages; NULL where there are several, or none. */
const char *kb_one_language(const struct kb *kb);

/* How rare a stem is. */
double kb_idf(struct kb *kb, const char *stem, size_t len);

/*
 * Whether a folded word says nothing about what is asked for: in language, or
 * in any of the base if that is NULL or has no list. German "die" must not make
 * a common word of the English one.
 */
bool kb_is_common(const struct kb *kb, const char *word, const char *language);

/* Whether a folded word seldom names the thing asked about. */
bool kb_is_weak(struct kb *kb, const char *word);

#endif
