/* nearest - passages that no word of a question finds, by what words mean */
#include <stdlib.h>
#include <string.h>

#include "ai/nearest.h"
#include "base/language.h"
#include "base/str.h"
#include "ground/claims.h"

/* What a word of the question counts that a passage has so. */
#define AS_MEANT 1.0
#define AS_ALIKE 0.8
#define AS_BEGUN 0.6

struct reads {
	struct meanings *meanings;
	struct analyser *analyser;
};

struct near {
	double score;
	size_t at; /* in the rest */
};

static void
read_text(struct claims *ret, const struct reads *r, const char *text,
    const char *language)
{
	claims_read(ret, r->meanings, r->analyser, text, strlen(text),
	    language != NULL && strcmp(language, "und") != 0 ?
		language :
		language_detect(text, strlen(text)));
}

static double
compare(const struct claim_word *a, const struct claim_word *b)
{
	if ((a->concept != 0 && a->concept == b->concept) ||
	    (a->place != 0 && a->place == b->place) ||
	    (a->stem != 0 && a->stem == b->stem) ||
	    (a->exact != 0 && a->exact == b->exact))
		return AS_MEANT;
	if (claim_words_alike(a, b))
		return AS_ALIKE;
	return (a->begin != 0 && a->begin == b->begin) ||
		(a->end != 0 && a->end == b->end) ?
	    AS_BEGUN :
	    0;
}

/* How much of the question a text has, each of its words once. */
static double
score(const struct claims *question, const struct claims *text)
{
	const struct claim_word *w;
	double sum = 0, best, here;
	size_t i, k;

	for (i = 0; i < question->nwords; i++) {
		w = &question->word[i];
		if (w->is_common)
			continue;
		best = 0;
		for (k = 0; k < text->nwords && best < AS_MEANT; k++) {
			here = compare(w, &text->word[k]);
			if (here > best)
				best = here;
		}
		sum += best;
	}
	return sum;
}

static double
score_hit(const struct reads *r, const struct claims *question,
    const struct kb_hit *h)
{
	struct claims c;
	char *text = xformat("%s\n%s\n%s", h->title, h->section, h->text);
	double ret;

	read_text(&c, r, text, h->language);
	ret = score(question, &c);
	claims_release(&c);
	free(text);
	return ret;
}

/* The word lists are read once a process, when they are needed. */
static void
score_all(const char *text, const char *language, const struct kb_hits *rest,
    struct near *near)
{
	static struct reads reads;
	struct claims question;
	size_t i;

	if (reads.meanings == NULL) {
		reads.meanings = meanings_new();
		reads.analyser = analyser_new();
	}
	read_text(&question, &reads, text, language);
	for (i = 0; i < rest->count; i++)
		near[i].score = score_hit(&reads, &question, &rest->hit[i]);
	claims_release(&question);
}

static int
by_score(const void *a, const void *b)
{
	const struct near *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->at < y->at ? -1 : x->at > y->at;
}

int
nearest_fill(struct kb *kb, const struct kb_query *q, const char *language,
    struct kb_hits *hits)
{
	struct kb_hits *rest = NULL;
	struct near *near;
	size_t i;
	int code;

	if (hits->count >= (size_t)q->limit)
		return 0;
	code = kb_rest(kb, q, hits, &rest);
	if (code < 0)
		return code;
	near = xcalloc(rest->count + 1, sizeof(*near));
	for (i = 0; i < rest->count; i++)
		near[i].at = i;
	/* All of few are shown, in their own order. */
	if (hits->count + rest->count > (size_t)q->limit)
		score_all(q->text, language, rest, near);
	if (rest->count > 1)
		qsort(near, rest->count, sizeof(*near), by_score);
	for (i = 0; i < rest->count && hits->count < (size_t)q->limit; i++)
		kb_hits_move(hits, rest, near[i].at);
	free(near);
	kb_hits_free(rest);
	return 0;
}
