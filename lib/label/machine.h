/*
 * machine - linear classifiers, by way of LIBLINEAR
 *
 * The one place that names it. It is loaded when something is learnt: few runs
 * do, and what it brings along loads slowly. The same input gives the same
 * machine.
 */
#ifndef LABEL_MACHINE_H
#define LABEL_MACHINE_H

#include <stddef.h>

struct machine_value {
	size_t feature;
	double value;
};

struct machine_row {
	size_t kind;		      /* below nkinds: the class it is of */
	struct machine_value *values; /* by feature, which rises */
	size_t count;
};

struct machine {
	size_t nkinds, nfeatures;
	double *slopes;	 /* nkinds a feature */
	double *offsets; /* by kind; of one that no row is of: -1 */
};

/*
 * Learn to tell rows of one kind from those of all others. cost is what a
 * mistake in the rows costs. ERR_UNAVAILABLE without the library.
 */
int machine_learn(const struct machine_row *rows, size_t count, size_t nkinds,
    size_t nfeatures, double cost, struct machine *ret);
void machine_release(struct machine *m);

/*
 * The logistic regression of right (by row: 0 or 1) on n values a row: n
 * factors. Both must occur.
 */
int machine_regress(const double *values, const int *right, size_t count,
    size_t n, double *ret);

#endif
