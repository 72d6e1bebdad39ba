/*
 * train - learn intents from examples, and find out how well that went
 *
 * A multi-class support vector machine (LIBLINEAR's, by Crammer and Singer) on
 * the vectors of label/corpus.h. How sure a text must be is decided on texts
 * that were held out:
 *
 *   - in folds, each in turn is classified by what was learnt from the others;
 *   - in groups of whole intents, each in turn is left out of what is learnt,
 *     and its examples are then about none of the intents. That needs no texts
 *     from elsewhere, and is harder than those: they are of the same trade.
 *
 * From these come a calibration (what a score is worth as a probability) and a
 * threshold for each intent. The figures are those of folds that neither
 * calibration nor thresholds had seen.
 */
#ifndef LABEL_TRAIN_H
#define LABEL_TRAIN_H

#include "base/str.h"
#include "label/examples.h"
#include "label/model.h"

struct train_intent {
	size_t examples;
	double precision, recall, f1; /* of texts that are about an intent */
};

/* What is not measured for want of examples is NAN. */
struct train_figures {
	size_t features, folds;
	double cost;	 /* of the machine, LIBLINEAR's C */
	double plain;	 /* accuracy where none is no answer */
	double accuracy; /* in scope, where none is one: a wrong one */
	double macro_f1;
	double outside;	  /* recall of none: of intents that were left out */
	double none;	  /* of the examples of none */
	double elsewhere; /* of the lines of elsewhere.h */
	struct train_intent *intents; /* as the examples' names */
};

/*
 * The model of e, and what it is worth. ERR_CONFIG where the examples do not
 * suffice, ERR_UNAVAILABLE without LIBLINEAR.
 */
int train_model(const struct examples *e, struct model **ret,
    struct train_figures *ret_figures);
void train_figures_release(struct train_figures *f);

/* The figures in lines for people: names and numbers by tabs. */
void train_print(const struct examples *e, const struct model *m,
    const struct train_figures *f, struct buf *to);

#endif
