/*
 * wordlist - the word lists of share/kb, as the build makes tables of them
 *
 *	common.LANG	words that say nothing about what is asked for: function
 *			words, greetings, "please tell me"; blanks between. They
 *			weigh little and need not be found.
 *			Those of scripts without blanks are phrases, see
 *			phrases.h. The list of the language a question is in
 *			decides alone.
 *	weak.LANG	words that seldom name the thing asked about ("later",
 *			"together", "spend"), in any ending: they weigh less
 *			and need less to be found.
 *	synonyms.LANG	a group a line, of words and phrases with commas
 *			between: who asks for one is content with another. A
 *			phrase with ^ before it is meant where a question
 *			begins, and is looked for in no document.
 *
 * share/kb/make.c folds, stems and sorts them by lib/kb/analyse.c, once for
 * all: a program that answers one question has no time to. The tables hold
 * places in one text and no pointers, so a start does not touch what it does
 * not ask for. All languages share a table; what a word is in which of them is
 * a set of bits, by their places in wordlist_language.
 */
#ifndef KB_WORDLIST_H
#define KB_WORDLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORDLIST_TAG_BYTES 16
#define WORDLIST_LANGUAGES_MAX 32 /* bits of languages */

/* Strings, each ended by NUL. */
extern const char wordlist_text[];

extern const char wordlist_language[][WORDLIST_TAG_BYTES]; /* sorted */
extern const size_t wordlist_languages;

struct wordlist_word {
	uint32_t at; /* in wordlist_text */
	uint32_t languages;
};

struct wordlist {
	const struct wordlist_word *word; /* sorted by text */
	size_t count;
	uint32_t languages; /* that have such a list */
};

extern const struct wordlist wordlist_common; /* folded */
extern const struct wordlist wordlist_bare;   /* without marks kept by others */
extern const struct wordlist wordlist_weak;   /* stems */
/* Of scripts without blanks: common ones, and those with synonyms. */
extern const struct wordlist wordlist_common_phrases;
extern const struct wordlist wordlist_synonym_phrases;
extern const size_t wordlist_phrase_letters; /* of the longest */

struct synonym {
	uint32_t at; /* its stems in wordlist_text, one space between */
	uint16_t group;
	uint8_t language;
	bool is_opening; /* had the ^ */
};

/* By language and group, as in the files. */
extern const struct synonym synonyms[];
extern const size_t synonyms_count;
extern const uint16_t synonyms_group[];	 /* where each begins; and the end */
extern const uint16_t synonyms_sorted[]; /* places in synonyms, by stems */

/* The bit of a language; 0 if there is no list of it. */
uint32_t wordlist_bit(const char *language);

/* The languages that have word in list; 0 if none has. */
uint32_t wordlist_find(const struct wordlist *list, const char *word,
    size_t len);

/*
 * The first place in synonyms_sorted of what does not stand before stems:
 * those that begin with the same words follow one another from there.
 */
size_t synonyms_from(const char *stems, size_t len);

#endif
