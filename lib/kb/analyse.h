/*
 * analyse - text to the words that are compared
 *
 * Folded (case, accents, forms), split at what is not a letter or digit, and
 * stemmed by the language's Snowball stemmer where there is one that serves;
 * Korean, Polish, Turkish and Ukrainian lose their endings. Chinese and
 * Japanese become single signs and pairs of signs, Thai, Lao, Khmer and
 * Burmese groups of three letters: they write no blanks.
 *
 * Accents are folded before stemming, for customers leave them out; endings
 * that the stemmers know only with an accent get it back. One analyser a
 * thread; it remembers stems, for stemming costs more than all the rest.
 */
#ifndef KB_ANALYSE_H
#define KB_ANALYSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Part of every fingerprint: raise it when the same text gives other words. */
#define KB_ANALYSER_VERSION "6"

#define KB_WORD_MAX_BYTES 40 /* longer words are cut */
#define KB_STEM_MAX_BYTES (KB_WORD_MAX_BYTES + 8)

struct analyser;

struct analyser *analyser_new(void);
void analyser_free(struct analyser *a);

/*
 * Call each(ctx, word, len) for each folded word of text, unstemmed, in order.
 */
typedef void (*word_fn)(void *ctx, const char *word, size_t len);
void analyse_words(const char *text, size_t len, word_fn each, void *ctx);

/*
 * The same words of a text of plain ASCII (as utf8_plain_length() tells), without
 * a call for each: folded becomes the folded text, words an array of where they
 * stand in it. Returns how many they are.
 */
struct plain_word {
	uint32_t at, len; /* bytes */
};
size_t analyse_plain_words(const char *text, size_t len, struct buf *folded,
    struct buf *words);

/* The same, folded as the language wants it: Vietnamese keeps its marks. */
void analyse_text(const char *text, size_t len, const char *language,
    word_fn each, void *ctx);

/* Letters in a group, in scripts without blanks: 2 of Han and kana, 3 of Thai,
 * Lao, Burmese and Khmer; 0 in others. */
int analyse_grams(uint32_t c);

/* Whether language keeps marks that others fold. */
bool analyse_keeps_marks(const char *language);

/* Whether a word and its stem begin with the same two bytes. */
bool analyse_cuts_endings(const char *language);

/* The stem of a folded word; good until the next call. */
const char *analyse_stem(struct analyser *a, const char *word, size_t len,
    const char *language, size_t *ret_len);

/* The same for many words of a language, which must stay where it is. */
struct stemming {
	size_t stemmer;
	const char *language; /* without its region */
};
struct stemming analyse_stemming(const char *language);
const char *analyse_stem_by(struct analyser *a, const struct stemming *by,
    const char *word, size_t len, size_t *ret_len);

/* The same for one of many words that will not come again: it is not
 * remembered. */
const char *analyse_stem_once(struct analyser *a, const char *word, size_t len,
    const char *language, size_t *ret_len);

/* Whether words of language lose endings at all. */
bool analyse_has_stems(const char *language);

/* Call each(ctx, stem, len) for the stem of each word of text, in order. */
void analyse_stems(struct analyser *a, const char *text, size_t len,
    const char *language, word_fn each, void *ctx);

/* The stems of text with one space between, added to ret. */
void analyse(struct analyser *a, const char *text, size_t len,
    const char *language, struct buf *ret);

#endif
