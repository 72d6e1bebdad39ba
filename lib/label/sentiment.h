/*
 * sentiment - how somebody feels who writes a text, from a lexicon of ours
 *
 * share/label/sentiment has words, stems, phrases and emoji with weights, by
 * language. What is found is turned round by a negator of its clause, made more
 * or less by the words before it, by capitals and by letters drawn out; counts
 * less before a "but" and more behind it, and less in a question or where
 * something is asked for ("I'd like a good one"); one weak word is no praise.
 * Something hoped for that did not happen ("has not arrived") is a complaint
 * however polite. Praise that a complaint or an "again" follows ("great, broken again")
 * is meant otherwise, and so is praise in quotes or with rolling eyes.
 *
 * Where it is not clear the answer is neutral.
 */
#ifndef LABEL_SENTIMENT_H
#define LABEL_SENTIMENT_H

#include <stddef.h>

#define SENTIMENT_TEXT_MAX 4096 /* bytes of a text that are looked at */
#define SENTIMENT_EVIDENCE 4	/* words and emoji that counted most */

struct lexicon;

/* The one built in. It is read only and may be shared. */
struct lexicon *lexicon_new(void);
void lexicon_free(struct lexicon *x);

/* share/label/sentiment: text, NUL-terminated. */
extern const char sentiment_words[];

struct sentiment {
	const char *label; /* negative, neutral, positive */
	double score;	   /* -1 to 1 */
	double confidence; /* 0 to 1: that the label is right */
	char *evidence[SENTIMENT_EVIDENCE + 1]; /* NULL-ended */
};

/* language: of the text, "und" where it is not known. */
void sentiment_of(const struct lexicon *x, const char *text, size_t len,
    const char *language, struct sentiment *ret);
void sentiment_release(struct sentiment *s);

/* The sum of weights of the words, with no regard to what stands around them:
 * what a word list alone would say, to hold the rules against. */
double sentiment_count(const struct lexicon *x, const char *text, size_t len,
    const char *language);

#endif
