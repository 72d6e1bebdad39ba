/*
 * features - a text as the classifier of intents sees it
 *
 * Words, pairs of words that follow each other, and runs of two to five
 * characters within words, their edges counted as characters. Text is folded
 * (case, accents, forms) and digits are one digit, so that no two order numbers
 * differ. Runs of characters take the place of stems: they meet in all forms of
 * a word, in any language, and need no guess at which one it is. Scripts
 * without blanks (Chinese, Japanese, Thai ...) have their signs and pairs of
 * signs for words.
 *
 * A feature is the hash of what it is made of: a model holds no text.
 */
#ifndef LABEL_FEATURES_H
#define LABEL_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Raise it when the same text gives other features: models made with others
 * are refused. */
#define FEATURES_VERSION 1

#define FEATURES_TEXT_MAX 4096 /* bytes of a text that are looked at */

enum feature_block {
	FEATURE_WORDS, /* and pairs */
	FEATURE_GRAMS,
	FEATURE_BLOCKS,
};

struct feature {
	uint64_t key;
	uint32_t count;	 /* in the text */
	uint16_t word;	 /* index of the first word it is in */
	uint8_t block;	 /* enum feature_block */
	uint8_t letters; /* of a run, edges too; of a word or pair 0 */
	bool pair;	 /* of two words */
};

struct features {
	char *folded; /* the words point into it */
	struct feature_word {
		uint32_t at, len;
	} * words;
	size_t nwords;
	struct feature *items; /* by key, each once */
	size_t count;
};

void features_of(const char *text, size_t len, struct features *ret);
void features_release(struct features *f);

#endif
