/* corpus - examples as numbers: which features each has, and what these weigh */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "label/corpus.h"

/* Of a model: features times intents. It is two bytes each in the file. */
#define CELLS_MAX 12000000
#define GRAMS_SHARE 0.75 /* of the length of a vector, squared */

struct seen {
	uint64_t key;
	uint32_t texts;
};

static int
by_key(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static int
by_texts(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->texts != y->texts)
		return x->texts < y->texts ? 1 : -1;
	return by_key(a, b);
}

/* How many texts each feature is in; of all features of all texts. */
static size_t
count_texts(struct seen *all, size_t n)
{
	size_t i, kept = 0;

	if (n == 0)
		return 0;
	qsort(all, n, sizeof(*all), by_key);
	for (i = 0; i < n; i++)
		if (kept > 0 && all[kept - 1].key == all[i].key)
			all[kept - 1].texts++;
		else
			all[kept++] = all[i];
	return kept;
}

static void
choose_keys(struct corpus *c, struct seen *all, size_t n)
{
	size_t i, most = CELLS_MAX / (c->nintents + 1);

	if (most > CORPUS_FEATURES_MAX)
		most = CORPUS_FEATURES_MAX;
	n = count_texts(all, n);
	if (n > most) {
		qsort(all, n, sizeof(*all), by_texts);
		n = most;
		qsort(all, n, sizeof(*all), by_key);
	}
	c->keys = xcalloc(n + 1, sizeof(*c->keys));
	for (i = 0; i < n; i++)
		c->keys[i] = all[i].key;
	c->nkeys = n;
}

static size_t
place_of(const struct corpus *c, uint64_t key)
{
	size_t low = 0, high = c->nkeys, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (c->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->nkeys && c->keys[low] == key ? low : c->nkeys;
}

static void
fill(struct corpus *c, struct features *of)
{
	struct corpus_text *t;
	size_t i, j;

	for (i = 0; i < c->count; i++) {
		t = &c->texts[i];
		t->count = of[i].count;
		t->items = xcalloc(t->count + 1, sizeof(*t->items));
		for (j = 0; j < t->count; j++)
			t->items[j] = (struct corpus_item){
				.feature =
				    (uint32_t)place_of(c, of[i].items[j].key),
				.count = 1 + logf((float)of[i].items[j].count),
				.block = of[i].items[j].block
			};
	}
}

void
corpus_make(const struct examples *e, struct corpus *ret)
{
	struct features *of = xcalloc(e->count + 1, sizeof(*of));
	struct seen *all;
	size_t i, j, n = 0;

	memset(ret, 0, sizeof(*ret));
	ret->nintents = e->nintents;
	ret->count = e->count;
	ret->texts = xcalloc(e->count + 1, sizeof(*ret->texts));
	for (i = 0; i < e->count; i++) {
		features_of(e->items[i].text, strlen(e->items[i].text), &of[i]);
		ret->texts[i].intent = e->items[i].intent;
		n += of[i].count;
	}
	all = xcalloc(n + 1, sizeof(*all));
	n = 0;
	for (i = 0; i < e->count; i++)
		for (j = 0; j < of[i].count; j++)
			all[n++] =
			    (struct seen){ .key = of[i].items[j].key, 1 };
	choose_keys(ret, all, n);
	free(all);
	fill(ret, of);
	for (i = 0; i < e->count; i++)
		features_release(&of[i]);
	free(of);
}

void
corpus_release(struct corpus *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		free(c->texts[i].items);
	free(c->texts);
	free(c->keys);
	memset(c, 0, sizeof(*c));
}

static float
weight(double texts, double of_texts, double intents, double of_intents)
{
	return (float)sqrt((1 + log((1 + of_texts) / (1 + texts))) *
	    (1 + log((1 + of_intents) / (1 + intents))));
}

float *
corpus_weights(const struct corpus *c, const bool *use, float *ret_unknown)
{
	float *weights = xcalloc(c->nkeys + 1, sizeof(*weights));
	uint32_t *texts = xcalloc(c->nkeys + 1, sizeof(*texts));
	uint32_t *intents = xcalloc(c->nkeys + 1, sizeof(*intents));
	size_t *last = xcalloc(c->nkeys + 1, sizeof(*last));
	size_t i, j, f, n = 0, nintents = 0, intent = SIZE_MAX;

	/* Texts stand by intent. */
	for (i = 0; i < c->count; i++) {
		if (!use[i])
			continue;
		n++;
		nintents += c->texts[i].intent != intent;
		intent = c->texts[i].intent;
		for (j = 0; j < c->texts[i].count; j++) {
			f = c->texts[i].items[j].feature;
			texts[f]++;
			intents[f] += last[f] != intent + 1;
			last[f] = intent + 1;
		}
	}
	for (f = 0; f < c->nkeys; f++)
		if (texts[f] > 0)
			weights[f] = weight(texts[f], (double)n, intents[f],
			    (double)nintents);
	*ret_unknown = weight(0, (double)n, 0, (double)nintents);
	free(texts);
	free(intents);
	free(last);
	return weights;
}

void
corpus_scale(const double squares[FEATURE_BLOCKS], double ret[FEATURE_BLOCKS])
{
	static const double shares[FEATURE_BLOCKS] = {
		[FEATURE_WORDS] = 1 - GRAMS_SHARE,
		[FEATURE_GRAMS] = GRAMS_SHARE,
	};
	int b;

	for (b = 0; b < FEATURE_BLOCKS; b++)
		ret[b] = squares[b] > 0 ? sqrt(shares[b] / squares[b]) : 0;
}
