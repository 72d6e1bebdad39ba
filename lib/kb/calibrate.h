/*
 * calibrate - from a score to how likely a passage answers the question
 *
 * A score tells which of the hits of one question is the best, not whether it
 * is an answer. Of questions that are known to have one and of others that are
 * known to have none, a logistic model is fitted to the score of a hit, how far
 * it is before the next one, and how much of the question's weight it has. The
 * second kind comes free where there are several collections: a question of
 * one, asked of the others.
 *
 * The model is kept in the base with the version of the ranking it was fitted
 * to, and counts no more once that is another. Without one of its own a base
 * has a model of ours, fitted to the questions in tests/.
 */
#ifndef KB_CALIBRATE_H
#define KB_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>

#include "kb/search.h"
#include "store/db.h"

#define CALIBRATE_BINS 10
#define CALIBRATE_FOLDS 5
#define CALIBRATE_LEAST 10 /* of each kind */

/* What a hit is judged by; the first is 1 always. */
enum sign { SIGN_ONE, SIGN_SCORE, SIGN_GAP, SIGN_COVERAGE, SIGNS };

struct calibration {
	double weight[SIGNS];
	bool own; /* of this base */
};

/* A question that was asked: its best hit, and whether that was an answer. */
struct example {
	double sign[SIGNS];
	bool answers;
	unsigned fold; /* below CALIBRATE_FOLDS */
};

/* What the model says of questions it was not fitted to. */
struct reliability {
	double brier;	   /* mean of (said - true) squared; 0 is best */
	double brier_rate; /* of always saying the rate of answers */
	struct {
		size_t count;
		double said, was; /* means */
	} bin[CALIBRATE_BINS];
};

/* The signs of hit i. */
void calibrate_signs(const struct kb_hits *hits, size_t i, double ret[SIGNS]);

/*
 * Fit to n examples, and measure in turns on a fifth that was left out.
 * ERR_DATA if there are fewer than CALIBRATE_LEAST of a kind.
 */
int calibrate_fit(const struct example *example, size_t n,
    struct calibration *ret, struct reliability *ret_reliability);

/* How likely a hit with these signs is an answer, 0 to 1. */
double calibrate_confidence(const struct calibration *c,
    const double sign[SIGNS]);

/* Set hit[i].confidence of all; none is more likely than one before it. */
void calibrate_apply(const struct calibration *c, struct kb_hits *hits);

/* The model that holds for this base. */
int calibrate_load(struct db *kb, struct calibration *ret);

/* Keep it. */
int calibrate_store(struct db *kb, const struct calibration *c);

#endif
