/*
 * corpus - examples as numbers: which features each has, and what these weigh
 *
 * A feature weighs by the root of its inverse document frequency and by that of
 * its inverse intent frequency: a word of all intents tells none apart, but
 * where intents are near to each other the plain product loses the small words
 * that do. A text is a vector of two blocks, words and runs of characters, each
 * of a fixed length: what is not known counts into the length too, so that a
 * text of much that is unknown is short in all that is known.
 */
#ifndef LABEL_CORPUS_H
#define LABEL_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "label/examples.h"
#include "label/features.h"

#define CORPUS_FEATURES_MAX 60000 /* the most frequent ones are kept */

struct corpus_item {
	uint32_t feature; /* index into keys; its end: too rare, left out */
	float count;	  /* 1 + log(count) */
	uint8_t block;
};

struct corpus_text {
	size_t intent;
	struct corpus_item *items; /* by feature */
	size_t count;
};

struct corpus {
	uint64_t *keys; /* sorted */
	size_t nkeys;
	struct corpus_text *texts; /* as the examples */
	size_t count, nintents;
};

void corpus_make(const struct examples *e, struct corpus *ret);
void corpus_release(struct corpus *c);

/*
 * What features weigh where only the texts with use[i] are known: a weight by
 * feature, 0: not known; *ret_unknown is that of one never seen. The caller
 * frees.
 */
float *corpus_weights(const struct corpus *c, const bool *use,
    float *ret_unknown);

/* The factor of each block for a text with these sums of squares. */
void corpus_scale(const double squares[FEATURE_BLOCKS],
    double ret[FEATURE_BLOCKS]);

#endif
