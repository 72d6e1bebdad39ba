/* machine - linear classifiers, by way of LIBLINEAR */
#include <stdlib.h>
#include <string.h>

#include <linear.h>

#include "base/err.h"
#include "base/library.h"
#include "base/str.h"
#include "label/machine.h"

#define LIBRARY "liblinear.so.4"
#define EPSILON 0.1
#define EPSILON_REGRESS 0.0001
#define COST_REGRESS 10.0

/* In the order of names below. */
static struct {
	struct model *(
	    *train)(const struct problem *, const struct parameter *);
	void (*free_and_destroy_model)(struct model **);
	void (*set_print_string_function)(void (*)(const char *));
} lib;

static void
print_nothing(const char *text)
{
	(void)text;
}

static int
load(void)
{
	static const char *const names[] = { "train", "free_and_destroy_model",
		"set_print_string_function" };
	const char *missing;

	if (lib.train != NULL)
		return 0;
	missing = library_load(LIBRARY, names, sizeof(names) / sizeof(names[0]),
	    &lib);
	if (missing != NULL) {
		lib.train = NULL;
		return err_set(ERR_UNAVAILABLE,
		    "%s is not there: install the package liblinear4", missing);
	}
	lib.set_print_string_function(print_nothing);
	return 0;
}

static void
add_row(const struct machine_row *row, size_t nfeatures,
    struct feature_node **next, struct feature_node **ret)
{
	struct feature_node *x = *next;
	size_t i;

	*ret = x;
	for (i = 0; i < row->count; i++, x++) {
		x->index = (int)row->values[i].feature + 1;
		x->value = row->values[i].value;
	}
	*x++ = (struct feature_node){ .index = (int)nfeatures + 1, .value = 1 };
	*x++ = (struct feature_node){ .index = -1 };
	*next = x;
}

/* Its classes are in the order in which they came. */
static void
take_over(const struct model *m, struct machine *ret)
{
	size_t n = (size_t)m->nr_class, i, k;

	ret->slopes =
	    xcalloc(ret->nfeatures * ret->nkinds + 1, sizeof(*ret->slopes));
	ret->offsets = xcalloc(ret->nkinds + 1, sizeof(*ret->offsets));
	for (k = 0; k < ret->nkinds; k++)
		ret->offsets[k] = -1;
	for (k = 0; k < n; k++)
		ret->offsets[m->label[k]] = m->w[ret->nfeatures * n + k];
	for (i = 0; i < ret->nfeatures; i++)
		for (k = 0; k < n; k++)
			ret->slopes[i * ret->nkinds + (size_t)m->label[k]] =
			    m->w[i * n + k];
}

int
machine_learn(const struct machine_row *rows, size_t count, size_t nkinds,
    size_t nfeatures, double cost, struct machine *ret)
{
	struct parameter how = { .solver_type = MCSVM_CS,
		.eps = EPSILON,
		.C = cost };
	struct problem p = { .l = (int)count,
		.n = (int)nfeatures + 1,
		.bias = 1 };
	struct feature_node *nodes, *next;
	struct model *m;
	size_t i, size = 1;
	int code = load();

	if (code < 0)
		return code;
	for (i = 0; i < count; i++)
		size += rows[i].count + 2;
	nodes = next = xmalloc(size * sizeof(*nodes));
	p.y = xcalloc(count + 1, sizeof(*p.y));
	p.x = xcalloc(count + 1, sizeof(*p.x));
	for (i = 0; i < count; i++) {
		p.y[i] = (double)rows[i].kind;
		add_row(&rows[i], nfeatures, &next, &p.x[i]);
	}
	/* It takes rows in the order of rand(3): the same rows, the same order. */
	srand((unsigned)count);
	m = lib.train(&p, &how);
	memset(ret, 0, sizeof(*ret));
	ret->nkinds = nkinds;
	ret->nfeatures = nfeatures;
	take_over(m, ret);
	lib.free_and_destroy_model(&m);
	free(p.x);
	free(p.y);
	free(nodes);
	return 0;
}

void
machine_release(struct machine *m)
{
	free(m->slopes);
	free(m->offsets);
	memset(m, 0, sizeof(*m));
}

int
machine_regress(const double *values, const int *right, size_t count, size_t n,
    double *ret)
{
	struct parameter how = { .solver_type = L2R_LR,
		.eps = EPSILON_REGRESS,
		.C = COST_REGRESS };
	struct problem p = { .l = (int)count, .n = (int)n, .bias = -1 };
	struct feature_node *nodes;
	struct model *m;
	size_t i, j, first = 0;
	int code = load();

	if (code < 0)
		return code;
	nodes = xcalloc(count * (n + 1) + 1, sizeof(*nodes));
	p.y = xcalloc(count + 1, sizeof(*p.y));
	p.x = xcalloc(count + 1, sizeof(*p.x));
	for (i = 0; i < count; i++) {
		p.y[i] = right[i];
		p.x[i] = nodes + i * (n + 1);
		for (j = 0; j < n; j++) {
			p.x[i][j].index = (int)j + 1;
			p.x[i][j].value = values[i * n + j];
		}
		p.x[i][n].index = -1;
	}
	m = lib.train(&p, &how);
	/* Of two classes there is one vector, that of the first. */
	if (m->label[first] == 0)
		first = 1;
	for (j = 0; j < n; j++)
		ret[j] = first == 0 ? m->w[j] : -m->w[j];
	lib.free_and_destroy_model(&m);
	free(p.x);
	free(p.y);
	free(nodes);
	return 0;
}
