/*
 * model - what was learnt from examples of intents, and what a text is about
 *
 * A file of the store that route --train writes: features by their hashes, what
 * they weigh for each intent, and how sure one must be. It holds no text. It
 * knows the version of its form, of the features, and the examples it was made
 * from; another version, or other examples, make it stale.
 *
 * A model is read only once it is there and may be shared.
 */
#ifndef LABEL_MODEL_H
#define LABEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "label/examples.h"
#include "label/features.h"

/* Raise it when the file has another form or its numbers another meaning. */
#define MODEL_VERSION 2

#define MODEL_FILE "intents.model" /* in the store */
#define MODEL_MAX_BYTES (512 * 1024 * 1024)
#define MODEL_LANGUAGES_BYTES 256
#define EVIDENCE_MAX 3 /* words that speak most for an intent */

/* What a text looks like to a model; the calibration is made of these. */
enum signal {
	SIGNAL_SCORE,  /* of the best intent */
	SIGNAL_LEAD,   /* before the second best */
	SIGNAL_INSIDE, /* before what is about none, where that was learnt */
	SIGNAL_KNOWN,  /* share of its features, by weight */
	SIGNAL_WORDS,  /* share of its words */
	SIGNAL_ALWAYS, /* 1 */
	SIGNALS,
};

struct model {
	char **names; /* of the intents */
	size_t nintents;
	size_t nclasses; /* and one more where there are examples of none */
	size_t nkeys;
	uint64_t *keys; /* sorted */
	float *weights; /* by feature */
	float unknown;
	int16_t *slopes; /* nclasses a feature; times step */
	float step;
	float *offsets; /* by class */
	double calibration[SIGNALS];
	float *thresholds;		       /* by intent */
	char languages[MODEL_LANGUAGES_BYTES]; /* of the examples, by blanks */
	char mark[EXAMPLES_MARK_BYTES];
};

void model_free(struct model *m);

/* As a file. The same model gives the same bytes. */
void model_write(const struct model *m, struct buf *to);

/*
 * From a file. ERR_NOINPUT: there is none; ERR_CONFIG: it is of another version
 * or, where mark is not NULL, of other examples; ERR_IO: it is damaged.
 */
int model_read(const char *path, const char *mark, struct model **ret);

/* The same from memory; path is what errors call it. */
int model_parse(const char *data, size_t len, const char *path,
    const char *mark, struct model **ret);

struct guess {
	const char *intent;  /* NULL: none of them */
	double score;	     /* how likely it is intent, or the nearest one */
	const char *nearest; /* NULL: nothing of the text is known */
	const char *why;     /* why it is none; NULL */
	char *evidence[EVIDENCE_MAX + 1]; /* NULL-ended */
};

void model_guess(const struct model *m, const char *text, size_t len,
    struct guess *ret);
void guess_release(struct guess *g);

/* The probability that signals stand for. */
double model_probability(const double calibration[SIGNALS],
    const double signals[SIGNALS]);

#endif
