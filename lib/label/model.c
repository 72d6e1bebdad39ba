/* model - what was learnt from examples of intents, and what a text is about */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/err.h"
#include "base/language.h"
#include "base/str.h"
#include "kb/wordlist.h"
#include "label/corpus.h"
#include "label/model.h"

#define MAGIC "frontdesk intents"
#define ORDER 0x01020304u /* of the bytes of a number */
#define SUM_BYTES 32
#define NAME_BYTES_MAX 128
#define FEATURES_LEAST 3  /* known ones; with fewer nothing is said */
#define LETTERS_LEAST 3	  /* of a run that counts among them */
#define FOREIGN_SHARE 0.5 /* known words, in a language of no example */

struct head {
	char magic[20];
	uint32_t order, version, features;
	uint32_t nintents, nclasses, nkeys, names_bytes;
	float unknown, step;
	double calibration[SIGNALS];
	char languages[MODEL_LANGUAGES_BYTES];
	char mark[EXAMPLES_MARK_BYTES];
	unsigned char sum[SUM_BYTES]; /* of all, itself being 0 */
};

void
model_free(struct model *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->nintents; i++)
		free(m->names[i]);
	free(m->names);
	free(m->keys);
	free(m->weights);
	free(m->slopes);
	free(m->offsets);
	free(m->thresholds);
	free(m);
}

static void
sum_of(const struct head *h, const char *rest, size_t len,
    unsigned char ret[SUM_BYTES])
{
	crypto_generichash_state state;
	struct head copy;

	memcpy(&copy, h, sizeof(copy)); /* its gaps too */
	memset(copy.sum, 0, sizeof(copy.sum));
	crypto_generichash_init(&state, NULL, 0, SUM_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)&copy,
	    sizeof(copy));
	crypto_generichash_update(&state, (const unsigned char *)rest, len);
	crypto_generichash_final(&state, ret, SUM_BYTES);
}

void
model_write(const struct model *m, struct buf *to)
{
	struct head h;
	struct buf rest = BUF_INIT(0);
	size_t i;

	memset(&h, 0, sizeof(h)); /* gaps too: the same model, the same bytes */
	memcpy(h.magic, MAGIC, sizeof(MAGIC));
	h.order = ORDER;
	h.version = MODEL_VERSION;
	h.features = FEATURES_VERSION;
	h.nintents = (uint32_t)m->nintents;
	h.nclasses = (uint32_t)m->nclasses;
	h.nkeys = (uint32_t)m->nkeys;
	h.unknown = m->unknown;
	h.step = m->step;
	memcpy(h.calibration, m->calibration, sizeof(h.calibration));
	memcpy(h.languages, m->languages, strlen(m->languages));
	memcpy(h.mark, m->mark, strlen(m->mark));
	buf_add(&rest, m->keys, m->nkeys * sizeof(*m->keys));
	buf_add(&rest, m->weights, m->nkeys * sizeof(*m->weights));
	buf_add(&rest, m->offsets, m->nclasses * sizeof(*m->offsets));
	buf_add(&rest, m->thresholds, m->nintents * sizeof(*m->thresholds));
	buf_add(&rest, m->slopes, m->nkeys * m->nclasses * sizeof(*m->slopes));
	for (i = 0; i < m->nintents; i++) {
		h.names_bytes += (uint32_t)strlen(m->names[i]) + 1;
		buf_add(&rest, m->names[i], strlen(m->names[i]) + 1);
	}
	sum_of(&h, rest.data, rest.len, h.sum);
	buf_add(to, &h, sizeof(h));
	buf_add(to, rest.data, rest.len);
	buf_release(&rest);
}

/* Whether what the head says of sizes is so, in as many bytes behind it. */
static bool
fits(const struct head *h, size_t rest)
{
	uint64_t want;

	if (h->nintents == 0 || h->nintents > INTENTS_MAX ||
	    h->nclasses < h->nintents || h->nclasses > h->nintents + 1 ||
	    h->nkeys > CORPUS_FEATURES_MAX ||
	    h->names_bytes > h->nintents * NAME_BYTES_MAX ||
	    h->languages[MODEL_LANGUAGES_BYTES - 1] != '\0' ||
	    h->mark[EXAMPLES_MARK_BYTES - 1] != '\0')
		return false;
	want = (uint64_t)h->nkeys * (sizeof(uint64_t) + sizeof(float)) +
	    ((uint64_t)h->nclasses + h->nintents) * sizeof(float) +
	    (uint64_t)h->nkeys * h->nclasses * sizeof(int16_t) + h->names_bytes;
	return want == rest;
}

static void *
take(const char **p, size_t size)
{
	void *copy = xmalloc(size + 1);

	memcpy(copy, *p, size);
	*p += size;
	return copy;
}

static bool
take_names(struct model *m, const char *p, const char *end)
{
	const char *nul;
	size_t i;

	m->names = xcalloc(m->nintents + 1, sizeof(*m->names));
	for (i = 0; i < m->nintents; i++) {
		nul = memchr(p, '\0', (size_t)(end - p));
		if (nul == NULL)
			return false;
		m->names[i] = xstrdup(p);
		p = nul + 1;
	}
	return true;
}

int
model_parse(const char *data, size_t len, const char *path, const char *mark,
    struct model **ret)
{
	unsigned char sum[SUM_BYTES];
	struct head h;
	struct model *m;
	const char *p;

	if (len < sizeof(h) || memcmp(data, MAGIC, sizeof(MAGIC)) != 0)
		return err_set(ERR_IO, "%s: it is no model of intents", path);
	memcpy(&h, data, sizeof(h));
	if (h.order != ORDER || h.version != MODEL_VERSION ||
	    h.features != FEATURES_VERSION)
		return err_set(ERR_CONFIG,
		    "%s: it was made by another version (model %u, features "
		    "%u; this one has %d, %d): run route --train again",
		    path, h.version, h.features, MODEL_VERSION,
		    FEATURES_VERSION);
	p = data + sizeof(h);
	sum_of(&h, p, len - sizeof(h), sum);
	if (!fits(&h, len - sizeof(h)) || memcmp(sum, h.sum, sizeof(sum)) != 0)
		return err_set(ERR_IO,
		    "%s: it is damaged: run route --train again", path);
	if (mark != NULL && strcmp(mark, h.mark) != 0)
		return err_set(ERR_CONFIG,
		    "%s: the examples have changed since it was made: run "
		    "route --train again",
		    path);
	m = xcalloc(1, sizeof(*m));
	m->nintents = h.nintents;
	m->nclasses = h.nclasses;
	m->nkeys = h.nkeys;
	m->unknown = h.unknown;
	m->step = h.step;
	memcpy(m->calibration, h.calibration, sizeof(m->calibration));
	memcpy(m->languages, h.languages, sizeof(m->languages));
	memcpy(m->mark, h.mark, sizeof(m->mark));
	m->keys = take(&p, m->nkeys * sizeof(*m->keys));
	m->weights = take(&p, m->nkeys * sizeof(*m->weights));
	m->offsets = take(&p, m->nclasses * sizeof(*m->offsets));
	m->thresholds = take(&p, m->nintents * sizeof(*m->thresholds));
	m->slopes = take(&p, m->nkeys * m->nclasses * sizeof(*m->slopes));
	if (!take_names(m, p, data + len)) {
		model_free(m);
		return err_set(ERR_IO,
		    "%s: it is damaged: run route --train again", path);
	}
	*ret = m;
	return 0;
}

int
model_read(const char *path, const char *mark, struct model **ret)
{
	char *data;
	size_t len;
	int code;

	code = file_read(path, MODEL_MAX_BYTES, &data, &len);
	if (code < 0)
		return code;
	code = model_parse(data, len, path, mark, ret);
	free(data);
	return code;
}

/* --- a text --- */

double
model_probability(const double calibration[SIGNALS],
    const double signals[SIGNALS])
{
	double sum = 0;
	int i;

	for (i = 0; i < SIGNALS; i++)
		sum += calibration[i] * signals[i];
	return 1 / (1 + exp(-sum));
}

static size_t
place_of(const struct model *m, uint64_t key)
{
	size_t low = 0, high = m->nkeys, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (m->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->nkeys && m->keys[low] == key ? low : m->nkeys;
}

/* A text held against a model. */
struct look {
	struct features f;
	size_t *places; /* of its features; nkeys: not known */
	double *values;
	double *scores;	      /* by class */
	size_t first, second; /* of the intents */
	size_t known;	      /* features that tell something */
	double signals[SIGNALS];
};

static void
weigh(const struct model *m, struct look *l)
{
	double squares[FEATURE_BLOCKS] = { 0 }, scale[FEATURE_BLOCKS];
	double all = 0, known = 0, words = 0, known_words = 0, v;
	const struct feature *f;
	size_t i;

	for (i = 0; i < l->f.count; i++) {
		f = &l->f.items[i];
		l->places[i] = place_of(m, f->key);
		v = (1 + log((double)f->count)) *
		    (double)(l->places[i] < m->nkeys ?
			    m->weights[l->places[i]] :
			    m->unknown);
		l->values[i] = v;
		squares[f->block] += v * v;
		all += v * v;
		words += f->block == FEATURE_WORDS;
		if (l->places[i] == m->nkeys)
			continue;
		known += v * v;
		known_words += f->block == FEATURE_WORDS;
		l->known += f->letters == 0 || f->letters >= LETTERS_LEAST;
	}
	corpus_scale(squares, scale);
	for (i = 0; i < l->f.count; i++)
		l->values[i] *= scale[l->f.items[i].block];
	l->signals[SIGNAL_KNOWN] = all > 0 ? known / all : 0;
	l->signals[SIGNAL_WORDS] = words > 0 ? known_words / words : 0;
	l->signals[SIGNAL_ALWAYS] = 1;
}

static void
score(const struct model *m, struct look *l)
{
	const int16_t *slopes;
	size_t i, k;
	double v;

	for (k = 0; k < m->nclasses; k++)
		l->scores[k] = (double)m->offsets[k];
	for (i = 0; i < l->f.count; i++) {
		if (l->places[i] == m->nkeys)
			continue;
		slopes = m->slopes + l->places[i] * m->nclasses;
		v = l->values[i] * (double)m->step;
		for (k = 0; k < m->nclasses; k++)
			l->scores[k] += v * slopes[k];
	}
	l->first = l->second = SIZE_MAX;
	for (k = 0; k < m->nintents; k++)
		if (l->first == SIZE_MAX || l->scores[k] > l->scores[l->first])
			l->first = k;
	for (k = 0; k < m->nintents; k++)
		if (k != l->first &&
		    (l->second == SIZE_MAX ||
			l->scores[k] > l->scores[l->second]))
			l->second = k;
	l->signals[SIGNAL_SCORE] = l->scores[l->first];
	l->signals[SIGNAL_LEAD] = l->second == SIZE_MAX ?
	    0 :
	    l->scores[l->first] - l->scores[l->second];
	l->signals[SIGNAL_INSIDE] = m->nclasses > m->nintents ?
	    l->scores[l->first] - l->scores[m->nintents] :
	    0;
}

/* Words by how much they, and runs within them, speak for an intent. */
static void
find_evidence(const struct model *m, const struct look *l, struct guess *g)
{
	double *of = xcalloc(l->f.nwords + 1, sizeof(*of));
	size_t i, n, best;

	for (i = 0; i < l->f.count; i++)
		if (l->places[i] < m->nkeys)
			of[l->f.items[i].word] += l->values[i] *
			    m->slopes[l->places[i] * m->nclasses + l->first];
	for (n = 0; n < EVIDENCE_MAX; n++) {
		best = SIZE_MAX;
		for (i = 0; i < l->f.nwords; i++)
			if (of[i] > 0 && (best == SIZE_MAX || of[i] > of[best]))
				best = i;
		if (best == SIZE_MAX)
			break;
		of[best] = 0;
		g->evidence[n] = xstrndup(l->f.folded + l->f.words[best].at,
		    l->f.words[best].len);
	}
	free(of);
}

/* The languages of the examples, as bits; all if none is known. */
static uint32_t
languages_of(const struct model *m)
{
	char tag[WORDLIST_TAG_BYTES];
	const char *p = m->languages;
	uint32_t bits = 0;
	size_t n;

	for (; *p != '\0'; p += n, p += *p == ' ') {
		n = strcspn(p, " ");
		if (n >= sizeof(tag))
			continue;
		memcpy(tag, p, n);
		tag[n] = '\0';
		bits |= wordlist_bit(tag);
	}
	return bits != 0 ? bits : UINT32_MAX;
}

/*
 * Whether what speaks for an intent is more than "is the" and "how do you": a
 * word that says something, or pairs of common ones as they stand in examples
 * ("how much is it"). Of a single word nothing but the examples can tell.
 */
static bool
says_something(const struct model *m, const struct look *l)
{
	uint32_t languages = languages_of(m);
	size_t i, pairs = 0, known_pairs = 0;
	const struct feature_word *w;
	const struct feature *f;

	for (i = 0; i < l->f.count; i++) {
		f = &l->f.items[i];
		pairs += f->pair;
		if (l->places[i] == m->nkeys ||
		    m->slopes[l->places[i] * m->nclasses + l->first] <= 0)
			continue;
		known_pairs += f->pair;
		w = &l->f.words[f->word];
		if (!f->pair &&
		    (f->letters == 0 || f->letters > LETTERS_LEAST) &&
		    (wordlist_find(&wordlist_common, l->f.folded + w->at,
			 w->len) &
			languages) == 0)
			return true;
	}
	return l->f.nwords < 2 || 2 * known_pairs > pairs;
}

/* Whether text is certainly in a language that no example is in. */
static bool
is_foreign(const struct model *m, const char *text, size_t len)
{
	const char *tag = language_certain(text, len), *p = m->languages;
	char one[LANGUAGE_TAG_BYTES];
	size_t n;

	if (strcmp(tag, "und") == 0 || *p == '\0')
		return false;
	for (; *p != '\0'; p += n, p += *p == ' ') {
		n = strcspn(p, " ");
		snprintf(one, sizeof(one), "%.*s", (int)n, p);
		if (strcmp(tag, one) == 0 || language_may_be(tag, one))
			return false;
	}
	return true;
}

static const char *
why_none(const struct model *m, const struct look *l, double p,
    const char *text, size_t len)
{
	if (l->known < FEATURES_LEAST)
		return "too little of it is known";
	if (!says_something(m, l))
		return "what is known of it are words of any text";
	if (l->signals[SIGNAL_WORDS] < FOREIGN_SHARE &&
	    is_foreign(m, text, len))
		return "no example is in its language";
	if (p >= (double)m->thresholds[l->first])
		return NULL;
	return l->signals[SIGNAL_INSIDE] < 0 ?
	    "it is as what is about none of them" :
	    "not sure enough";
}

void
model_guess(const struct model *m, const char *text, size_t len,
    struct guess *ret)
{
	struct look l = { .places = NULL };

	memset(ret, 0, sizeof(*ret));
	features_of(text, len, &l.f);
	l.places = xcalloc(l.f.count + 1, sizeof(*l.places));
	l.values = xcalloc(l.f.count + 1, sizeof(*l.values));
	l.scores = xcalloc(m->nclasses, sizeof(*l.scores));
	weigh(m, &l);
	score(m, &l);
	ret->why = why_none(m, &l, model_probability(m->calibration, l.signals),
	    text, len);
	if (l.known > 0) {
		ret->score = model_probability(m->calibration, l.signals);
		ret->nearest = m->names[l.first];
		find_evidence(m, &l, ret);
	}
	if (ret->why == NULL)
		ret->intent = ret->nearest;
	free(l.places);
	free(l.values);
	free(l.scores);
	features_release(&l.f);
}

void
guess_release(struct guess *g)
{
	size_t i;

	for (i = 0; i < EVIDENCE_MAX; i++)
		free(g->evidence[i]);
	memset(g, 0, sizeof(*g));
}
