/* train - learn intents from examples, and find out how well that went */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/language.h"
#include "label/corpus.h"
#include "label/elsewhere.h"
#include "label/machine.h"
#include "label/train.h"

#define FOLDS 5
#define LEFT_OUT_LEAST 3 /* intents, that some can be left out */
#define STEPS 50	 /* of thresholds between 0 and 1 */
#define PRIOR 5.0	 /* texts that all intents together weigh for each */
#define SURE 0.5	 /* a threshold where none can be found */
#define LANGUAGE_LEAST 2 /* examples that are said to be in it */

/* A wrong answer, and one to a text outside, against a right one. */
#define HARM_WRONG 0.0
#define HARM_OUTSIDE 0.2

/* Every threshold refuses so many of the texts from elsewhere; where there are
 * none in the languages of the examples, it is this at least. */
#define REFUSED 0.7
#define LEAST 0.1

/* What a mistake may cost the machine: the best of them is taken. */
static const double costs[] = { 1.0, 0.3 };
#define COSTS (sizeof(costs) / sizeof(costs[0]))

/* What was made of a text by a machine that had not seen it. */
struct record {
	size_t fold;
	size_t intent; /* it is about; nintents: none */
	size_t best;   /* it looks like; nintents: none */
	double signals[SIGNALS];
	bool left_out;	/* it is about none because its intent was left out */
	bool elsewhere; /* it is none of the examples, but of elsewhere.h */
};

struct trainer {
	const struct examples *e;
	char languages[MODEL_LANGUAGES_BYTES];
	size_t
	    own; /* texts that are examples: those behind are elsewhere.h's */
	struct corpus c;
	size_t *folds; /* by text */
	size_t nfolds, nclasses;
	double cost;
	struct record *records;
	size_t nrecords;
};

/* --- folds --- */

struct place {
	uint64_t order;
	size_t text;
};

static int
by_order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return (x->text > y->text) - (x->text < y->text);
}

/* Each intent is spread over the folds, in an order that is none of the file's:
 * what is alike often stands together there. */
static void
deal_folds(struct trainer *t)
{
	struct place *places = xcalloc(t->c.count + 1, sizeof(*places));
	size_t i, from, n;

	for (i = 0; i < t->c.count; i++) {
		places[i].text = i;
		for (n = 0; n < t->c.texts[i].count; n++)
			places[i].order = places[i].order * 31 +
			    t->c.texts[i].items[n].feature;
		places[i].order *= UINT64_C(0x9e3779b97f4a7c15);
	}
	for (from = 0; from < t->c.count; from += n) {
		for (n = 0; from + n < t->c.count &&
		     t->c.texts[from + n].intent == t->c.texts[from].intent;
		     n++)
			;
		qsort(places + from, n, sizeof(*places), by_order);
		for (i = 0; i < n; i++)
			t->folds[places[from + i].text] = i % t->nfolds;
	}
	free(places);
}

/* --- one machine --- */

/* A machine, and what features weighed for it. */
struct part {
	struct machine machine;
	float *weights, unknown;
};

static void
part_release(struct part *p)
{
	machine_release(&p->machine);
	free(p->weights);
}

/* The vector of a text: its known features. Signals of it are set. */
static size_t
vector(const struct trainer *t, const struct part *p, size_t text,
    struct machine_value *values, double signals[SIGNALS])
{
	const struct corpus_text *x = &t->c.texts[text];
	double squares[FEATURE_BLOCKS] = { 0 }, scale[FEATURE_BLOCKS];
	double v, all = 0, known = 0, words = 0, known_words = 0;
	const struct corpus_item *item;
	bool is_known;
	size_t i, n = 0;

	for (i = 0; i < x->count; i++) {
		item = &x->items[i];
		is_known = p->weights[item->feature] > 0;
		v = (double)(item->count *
		    (is_known ? p->weights[item->feature] : p->unknown));
		squares[item->block] += v * v;
		all += v * v;
		known += is_known ? v * v : 0;
		words += item->block == FEATURE_WORDS;
		known_words += item->block == FEATURE_WORDS && is_known;
	}
	corpus_scale(squares, scale);
	for (i = 0; i < x->count; i++) {
		item = &x->items[i];
		if (p->weights[item->feature] > 0)
			values[n++] =
			    (struct machine_value){ .feature = item->feature,
				    .value = (double)(item->count *
						 p->weights[item->feature]) *
					scale[item->block] };
	}
	signals[SIGNAL_KNOWN] = all > 0 ? known / all : 0;
	signals[SIGNAL_WORDS] = words > 0 ? known_words / words : 0;
	signals[SIGNAL_ALWAYS] = 1;
	return n;
}

static int
learn(const struct trainer *t, const bool *use, double cost, struct part *ret)
{
	struct machine_row *rows = xcalloc(t->c.count + 1, sizeof(*rows));
	struct machine_value *values;
	double signals[SIGNALS];
	size_t i, n = 0, size = 0;
	int code;

	memset(ret, 0, sizeof(*ret));
	ret->weights = corpus_weights(&t->c, use, &ret->unknown);
	for (i = 0; i < t->c.count; i++)
		size += use[i] ? t->c.texts[i].count : 0;
	values = xcalloc(size + 1, sizeof(*values));
	size = 0;
	for (i = 0; i < t->c.count; i++) {
		if (!use[i])
			continue;
		rows[n].kind = t->c.texts[i].intent;
		rows[n].values = values + size;
		rows[n].count = vector(t, ret, i, rows[n].values, signals);
		size += rows[n++].count;
	}
	code = machine_learn(rows, n, t->nclasses, t->c.nkeys, cost,
	    &ret->machine);
	free(rows);
	free(values);
	if (code < 0)
		part_release(ret);
	return code;
}

/* Without an intent that was left out; one nobody learnt scores least. */
static void
classify(const struct trainer *t, const struct part *p, size_t text,
    double *scores, struct record *ret)
{
	size_t nintents = t->c.nintents, n, i, k;
	const struct machine *m = &p->machine;
	struct machine_value *values =
	    xcalloc(t->c.texts[text].count + 1, sizeof(*values));
	double second = -INFINITY;

	n = vector(t, p, text, values, ret->signals);
	memcpy(scores, m->offsets, m->nkinds * sizeof(*scores));
	for (i = 0; i < n; i++)
		for (k = 0; k < m->nkinds; k++)
			scores[k] += values[i].value *
			    m->slopes[values[i].feature * m->nkinds + k];
	free(values);
	ret->best = 0;
	for (k = 1; k < nintents; k++)
		if (scores[k] > scores[ret->best])
			ret->best = k;
	for (k = 0; k < nintents; k++)
		if (k != ret->best && scores[k] > second)
			second = scores[k];
	ret->signals[SIGNAL_SCORE] = scores[ret->best];
	ret->signals[SIGNAL_LEAD] =
	    nintents > 1 ? scores[ret->best] - second : 0;
	ret->signals[SIGNAL_INSIDE] =
	    t->nclasses > nintents ? scores[ret->best] - scores[nintents] : 0;
}

/* What is not in use is classified by what is, if test says so. */
static int
hold_out(struct trainer *t, const bool *use, const bool *test, double cost,
    bool left_out)
{
	double *scores;
	struct part p;
	struct record *r;
	size_t i;
	int code = learn(t, use, cost, &p);

	if (code < 0)
		return code;
	scores = xcalloc(t->nclasses + 1, sizeof(*scores));
	for (i = 0; i < t->c.count; i++) {
		if (!test[i])
			continue;
		r = &t->records[t->nrecords++];
		r->fold = t->folds[i];
		r->intent = left_out ? t->c.nintents : t->c.texts[i].intent;
		r->left_out = left_out;
		r->elsewhere = i >= t->own;
		classify(t, &p, i, scores, r);
	}
	free(scores);
	part_release(&p);
	return 0;
}

/* --- held out: folds, and whole intents --- */

static int
fold_out(struct trainer *t, size_t fold, double cost)
{
	bool *use = xcalloc(t->c.count + 1, sizeof(*use));
	bool *test = xcalloc(t->c.count + 1, sizeof(*test));
	size_t i;
	int code;

	for (i = 0; i < t->c.count; i++) {
		test[i] = t->folds[i] == fold;
		use[i] = !test[i];
	}
	code = hold_out(t, use, test, cost, false);
	free(use);
	free(test);
	return code;
}

static int
group_out(struct trainer *t, size_t group, size_t groups)
{
	bool *use = xcalloc(t->c.count + 1, sizeof(*use));
	bool *test = xcalloc(t->c.count + 1, sizeof(*test));
	size_t i, intent;
	int code;

	for (i = 0; i < t->c.count; i++) {
		intent = t->c.texts[i].intent;
		test[i] = intent < t->c.nintents && intent % groups == group;
		use[i] = !test[i];
	}
	code = hold_out(t, use, test, t->cost, true);
	free(use);
	free(test);
	return code;
}

static size_t
count_right(const struct trainer *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->nrecords; i++)
		n += t->records[i].intent < t->c.nintents &&
		    t->records[i].best == t->records[i].intent;
	return n;
}

/* The cost with which most of one fold is told right. */
static int
choose_cost(struct trainer *t)
{
	size_t i, right, most = 0;
	int code;

	t->cost = costs[0];
	for (i = 0; i < COSTS; i++) {
		t->nrecords = 0;
		code = fold_out(t, 0, costs[i]);
		if (code < 0)
			return code;
		right = count_right(t);
		if (i == 0 || right > most) {
			most = right;
			t->cost = costs[i];
		}
	}
	t->nrecords = 0;
	return 0;
}

static int
hold_all_out(struct trainer *t)
{
	size_t i, groups = t->c.nintents < FOLDS ? t->c.nintents : FOLDS;
	int code = choose_cost(t);

	for (i = 0; i < t->nfolds && code == 0; i++)
		code = fold_out(t, i, t->cost);
	if (t->c.nintents >= LEFT_OUT_LEAST)
		for (i = 0; i < groups && code == 0; i++)
			code = group_out(t, i, groups);
	return code;
}

/* --- calibration and thresholds --- */

/* What is decided on records of all folds but one (nfolds: of all). */
struct decision {
	double calibration[SIGNALS];
	float *thresholds;
};

static bool
is_right(const struct trainer *t, const struct record *r)
{
	return r->intent < t->c.nintents && r->best == r->intent;
}

static int
calibrate(const struct trainer *t, size_t but, struct decision *d)
{
	double *values = xcalloc(t->nrecords * SIGNALS + 1, sizeof(*values));
	int *right = xcalloc(t->nrecords + 1, sizeof(*right));
	size_t i, n = 0, nright = 0;
	int code = 0;

	for (i = 0; i < t->nrecords; i++) {
		if (t->records[i].fold == but ||
		    t->records[i].best == t->c.nintents)
			continue;
		memcpy(values + n * SIGNALS, t->records[i].signals,
		    sizeof(t->records[i].signals));
		right[n] = is_right(t, &t->records[i]);
		nright += (size_t)right[n++];
	}
	memset(d->calibration, 0, sizeof(d->calibration));
	if (nright > 0 && nright < n)
		code =
		    machine_regress(values, right, n, SIGNALS, d->calibration);
	else
		d->calibration[SIGNAL_LEAD] = 1; /* all right: or all wrong */
	free(values);
	free(right);
	return code;
}

/* What it is worth to answer a text whose probability reaches a step. */
static double
worth(const struct trainer *t, const struct record *r, double outside,
    double elsewhere)
{
	if (is_right(t, r))
		return 1;
	if (r->intent < t->c.nintents)
		return -HARM_WRONG;
	return r->elsewhere ? -elsewhere : -outside;
}

/* By step: the worth of all texts that reach it. */
static void
sum_up(double *worths)
{
	size_t i;

	for (i = STEPS; i-- > 0;)
		worths[i] += worths[i + 1];
}

static size_t
best_step(const double *own, const double *all, double share)
{
	size_t i, best = 0;

	for (i = 1; i <= STEPS; i++)
		if (own[i] + share * all[i] > own[best] + share * all[best])
			best = i;
	return best;
}

/* Of the texts from elsewhere so many are refused by this. */
static float
least_threshold(const struct trainer *t, size_t but, const struct decision *d)
{
	size_t at[STEPS + 1] = { 0 }, n = 0, refused = 0, step;
	const struct record *r;
	size_t i;

	for (i = 0; i < t->nrecords; i++) {
		r = &t->records[i];
		if (!r->elsewhere || r->fold == but)
			continue;
		at[(size_t)(STEPS *
		    model_probability(d->calibration, r->signals))]++;
		n++;
	}
	if (n == 0)
		return (float)LEAST;
	for (step = 0; step < STEPS && (double)refused < REFUSED * (double)n;
	     step++)
		refused += at[step];
	return (float)step / STEPS;
}

static void
find_thresholds(const struct trainer *t, size_t but, struct decision *d)
{
	size_t nintents = t->c.nintents, i, step, inside = 0, outside = 0,
	       elsewhere = 0;
	double(*worths)[STEPS + 1] = xcalloc(nintents + 1, sizeof(*worths));
	double harm, far, w;
	float least;
	const struct record *r;

	for (i = 0; i < t->nrecords; i++)
		if (t->records[i].fold != but) {
			inside += t->records[i].intent < nintents;
			if (t->records[i].elsewhere)
				elsewhere++;
			else
				outside += t->records[i].intent == nintents;
		}
	far = elsewhere > 0 ?
	    HARM_OUTSIDE * (double)inside / (double)elsewhere :
	    0;
	harm = outside > 0 ? HARM_OUTSIDE * (double)inside / (double)outside :
			     HARM_OUTSIDE;
	for (i = 0; i < t->nrecords; i++) {
		r = &t->records[i];
		if (r->fold == but || r->best == nintents)
			continue;
		step = (size_t)(STEPS *
		    model_probability(d->calibration, r->signals));
		w = worth(t, r, harm, far);
		worths[r->best][step] += w;
		worths[nintents][step] += w; /* of all */
	}
	for (i = 0; i <= nintents; i++)
		sum_up(worths[i]);
	for (i = 0; i < nintents; i++)
		d->thresholds[i] = inside == 0 ?
		    (float)SURE :
		    (float)best_step(worths[i], worths[nintents],
			PRIOR / (double)(inside + outside + elsewhere)) /
			STEPS;
	least = least_threshold(t, but, d);
	for (i = 0; i < nintents; i++)
		if (d->thresholds[i] < least)
			d->thresholds[i] = least;
	free(worths);
}

static int
decide(const struct trainer *t, size_t but, struct decision *d)
{
	int code = calibrate(t, but, d);

	if (code == 0)
		find_thresholds(t, but, d);
	return code;
}

/* --- figures --- */

struct tally {
	size_t inside, plain, right, outside, refused, none, none_refused,
	    elsewhere, elsewhere_refused;
	size_t *of, *given, *hit; /* by intent */
};

static void
count_fold(const struct trainer *t, size_t fold, const struct decision *d,
    struct tally *n)
{
	size_t i, nintents = t->c.nintents;
	const struct record *r;
	bool answered;

	for (i = 0; i < t->nrecords; i++) {
		r = &t->records[i];
		if (r->fold != fold)
			continue;
		answered = r->best < nintents &&
		    model_probability(d->calibration, r->signals) >=
			(double)d->thresholds[r->best];
		if (r->intent < nintents) {
			n->inside++;
			n->of[r->intent]++;
			n->plain += is_right(t, r);
			n->right += answered && is_right(t, r);
			n->given[answered ? r->best : nintents]++;
			n->hit[r->intent] += answered && is_right(t, r);
		} else if (r->left_out) {
			n->outside++;
			n->refused += !answered;
		} else if (r->elsewhere) {
			n->elsewhere++;
			n->elsewhere_refused += !answered;
		} else {
			n->none++;
			n->none_refused += !answered;
		}
	}
}

static double
share(size_t part, size_t of)
{
	return of > 0 ? (double)part / (double)of : NAN;
}

static void
work_out(const struct trainer *t, const struct tally *n,
    struct train_figures *f)
{
	struct train_intent *x;
	size_t i;

	f->plain = share(n->plain, n->inside);
	f->accuracy = share(n->right, n->inside);
	f->outside = share(n->refused, n->outside);
	f->none = share(n->none_refused, n->none);
	f->elsewhere = share(n->elsewhere_refused, n->elsewhere);
	for (i = 0; i < t->c.nintents; i++) {
		x = &f->intents[i];
		x->examples = n->of[i];
		x->precision = share(n->hit[i], n->given[i]);
		x->recall = share(n->hit[i], n->of[i]);
		x->f1 = n->of[i] + n->given[i] > 0 ?
		    2 * (double)n->hit[i] / (double)(n->of[i] + n->given[i]) :
		    0;
		f->macro_f1 += x->f1 / (double)t->c.nintents;
	}
}

static int
measure(const struct trainer *t, struct train_figures *f)
{
	size_t size = t->c.nintents + 1, fold;
	struct decision d = { .thresholds = xcalloc(size, sizeof(float)) };
	struct tally n = { .of = xcalloc(size, sizeof(size_t)),
		.given = xcalloc(size, sizeof(size_t)),
		.hit = xcalloc(size, sizeof(size_t)) };
	int code = 0;

	f->intents = xcalloc(size, sizeof(*f->intents));
	f->features = t->c.nkeys;
	f->folds = t->nfolds;
	f->cost = t->cost;
	for (fold = 0; fold < t->nfolds && code == 0; fold++) {
		code = decide(t, fold, &d);
		if (code == 0)
			count_fold(t, fold, &d, &n);
	}
	work_out(t, &n, f);
	free(d.thresholds);
	free(n.of);
	free(n.given);
	free(n.hit);
	return code;
}

void
train_figures_release(struct train_figures *f)
{
	free(f->intents);
	memset(f, 0, sizeof(*f));
}

/* --- the model --- */

/* Tags of the examples, each once, by blanks; what is unsure is left out. */
static void
note_languages(const struct examples *e, char ret[MODEL_LANGUAGES_BYTES])
{
	struct {
		const char *tag;
		size_t count;
	} seen[64];
	size_t i, j, n = 0, len = 0;
	const char *tag;

	memset(ret, 0, MODEL_LANGUAGES_BYTES);
	for (i = 0; i < e->count; i++) {
		tag =
		    language_detect(e->items[i].text, strlen(e->items[i].text));
		for (j = 0; j < n && strcmp(seen[j].tag, tag) != 0; j++)
			;
		if (j == n && n < sizeof(seen) / sizeof(seen[0])) {
			seen[n].tag = tag;
			seen[n++].count = 0;
		}
		if (j < n)
			seen[j].count++;
	}
	for (i = 0; i < n; i++) {
		if (seen[i].count < LANGUAGE_LEAST ||
		    strcmp(seen[i].tag, "und") == 0 ||
		    len + strlen(seen[i].tag) + 2 > MODEL_LANGUAGES_BYTES)
			continue;
		if (len > 0)
			ret[len++] = ' ';
		memcpy(ret + len, seen[i].tag, strlen(seen[i].tag));
		len += strlen(seen[i].tag);
	}
}

static void
pack(const struct machine *from, struct model *m)
{
	size_t i, cells = m->nkeys * m->nclasses;
	double largest = 0;

	for (i = 0; i < cells; i++)
		if (fabs(from->slopes[i]) > largest)
			largest = fabs(from->slopes[i]);
	m->step = largest > 0 ? (float)(largest / INT16_MAX) : 1;
	m->slopes = xcalloc(cells + 1, sizeof(*m->slopes));
	for (i = 0; i < cells; i++)
		m->slopes[i] =
		    (int16_t)lround(from->slopes[i] / largest * INT16_MAX);
	m->offsets = xcalloc(m->nclasses + 1, sizeof(*m->offsets));
	for (i = 0; i < m->nclasses; i++)
		m->offsets[i] = (float)from->offsets[i];
}

/* Of all texts, with what was decided on those held out. */
static int
make_model(struct trainer *t, struct model **ret)
{
	struct decision d = { .thresholds =
				  xcalloc(t->c.nintents + 1, sizeof(float)) };
	bool *use = xcalloc(t->c.count + 1, sizeof(*use));
	struct part p = { .weights = NULL };
	struct model *m;
	size_t i;
	int code = decide(t, t->nfolds, &d);

	for (i = 0; i < t->c.count; i++)
		use[i] = true;
	if (code == 0)
		code = learn(t, use, t->cost, &p);
	free(use);
	if (code < 0) {
		free(d.thresholds);
		return code;
	}
	m = xcalloc(1, sizeof(*m));
	m->nintents = t->c.nintents;
	m->nclasses = t->nclasses;
	m->nkeys = t->c.nkeys;
	m->names = xcalloc(m->nintents + 1, sizeof(*m->names));
	for (i = 0; i < m->nintents; i++)
		m->names[i] = xstrdup(t->e->names[i]);
	m->keys = xcalloc(m->nkeys + 1, sizeof(*m->keys));
	memcpy(m->keys, t->c.keys, m->nkeys * sizeof(*m->keys));
	m->weights = p.weights;
	m->unknown = p.unknown;
	p.weights = NULL;
	pack(&p.machine, m);
	memcpy(m->calibration, d.calibration, sizeof(m->calibration));
	m->thresholds = d.thresholds;
	memcpy(m->languages, t->languages, sizeof(m->languages));
	memcpy(m->mark, t->e->mark, sizeof(m->mark));
	part_release(&p);
	*ret = m;
	return 0;
}

/* --- all of it --- */

static int
enough(const struct examples *e, size_t *ret_most, bool *ret_none)
{
	size_t *of = xcalloc(e->nintents + 1, sizeof(*of)), i;
	int code = 0;

	for (i = 0; i < e->count; i++)
		of[e->items[i].intent]++;
	*ret_most = 0;
	*ret_none = of[e->nintents] > 0;
	for (i = 0; i < e->nintents; i++)
		if (of[i] > *ret_most)
			*ret_most = of[i];
	if (e->nintents + *ret_none < 2)
		code = err_set(ERR_CONFIG,
		    "one intent cannot be told from another: write a second "
		    "file, or none.txt");
	for (i = 0; i < e->nintents && code == 0; i++)
		if (of[i] < 2)
			code = err_set(ERR_CONFIG,
			    "%s.txt: %s: an intent needs two, better ten",
			    e->names[i],
			    of[i] == 0 ? "no example" : "one example");
	free(of);
	return code;
}

/* The examples and what is about none of them. Texts stay where they are. */
static void
put_together(const struct examples *e, const struct elsewhere *w,
    struct examples *ret)
{
	size_t i;

	*ret = *e;
	ret->items = xcalloc(e->count + w->count + 1, sizeof(*ret->items));
	memcpy(ret->items, e->items, e->count * sizeof(*ret->items));
	for (i = 0; i < w->count; i++)
		ret->items[ret->count++] =
		    (struct example){ .text = w->lines[i],
			    .intent = e->nintents };
}

int
train_model(const struct examples *e, struct model **ret,
    struct train_figures *ret_figures)
{
	struct trainer t = { .e = e, .own = e->count };
	struct elsewhere w;
	struct examples all;
	size_t most;
	bool none;
	int code = enough(e, &most, &none);

	if (code < 0)
		return code;
	memset(ret_figures, 0, sizeof(*ret_figures));
	t.nfolds = most < FOLDS ? most : FOLDS;
	note_languages(e, t.languages);
	elsewhere_for(e, t.languages, &w);
	put_together(e, &w, &all);
	t.nclasses = e->nintents + (none || w.count > 0);
	corpus_make(&all, &t.c);
	t.folds = xcalloc(all.count + 1, sizeof(*t.folds));
	t.records = xcalloc(2 * all.count + 1, sizeof(*t.records));
	deal_folds(&t);
	code = hold_all_out(&t);
	if (code == 0)
		code = measure(&t, ret_figures);
	if (code == 0)
		code = make_model(&t, ret);
	if (code < 0)
		train_figures_release(ret_figures);
	corpus_release(&t.c);
	free(all.items);
	elsewhere_release(&w);
	free(t.folds);
	free(t.records);
	return code;
}

/* --- in words --- */

static void
put(struct buf *to, const char *name, double value)
{
	if (isnan(value))
		buf_addf(to, "%s\t-\n", name);
	else
		buf_addf(to, "%s\t%.3f\n", name, value);
}

void
train_print(const struct examples *e, const struct model *m,
    const struct train_figures *f, struct buf *to)
{
	const struct train_intent *x;
	size_t i;

	buf_addf(to, "intents\t%zu\nexamples\t%zu\nfeatures\t%zu\n",
	    e->nintents, e->count, f->features);
	buf_addf(to, "languages\t%s\n",
	    m->languages[0] != '\0' ? m->languages : "-");
	buf_addf(to, "folds\t%zu\ncost\t%g\n", f->folds, f->cost);
	put(to, "accuracy in scope", f->accuracy);
	put(to, "accuracy in scope, none never said", f->plain);
	put(to, "macro-F1", f->macro_f1);
	put(to, "recall of none, intents left out", f->outside);
	put(to, "recall of none, none.txt", f->none);
	put(to, "recall of none, everyday texts", f->elsewhere);
	buf_adds(to, "\nintent\texamples\tprecision\trecall\tF1\tthreshold\n");
	for (i = 0; i < e->nintents; i++) {
		x = &f->intents[i];
		buf_addf(to, "%s\t%zu\t", e->names[i], x->examples);
		if (isnan(x->precision))
			buf_adds(to, "-");
		else
			buf_addf(to, "%.3f", x->precision);
		buf_addf(to, "\t%.3f\t%.3f\t%.2f\n", x->recall, x->f1,
		    (double)m->thresholds[i]);
	}
}
