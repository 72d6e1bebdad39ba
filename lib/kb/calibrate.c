/*
 * calibrate - from a score to how likely a passage answers the question
 *
 * Three weights and a constant: Newton's method with a little ridge, which a
 * library for thousands of them would only make slower to start.
 */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/time.h"
#include "kb/calibrate.h"

#define STEPS_MAX 50
#define RIDGE 1e-3 /* keeps weights finite where the kinds are far apart */
#define CLOSE 1e-9

/* Of the questions of share/sample, of the Debian FAQ and of tests/data/help, words
 * and retrieval, each of these alike, each question asked of its own documents and
 * of the others. */
static const double built_in[SIGNS] = { -4.51, 0.445, 0.608, 1.97 };

void
calibrate_signs(const struct kb_hits *hits, size_t i, double ret[SIGNS])
{
	double next = i + 1 < hits->count ? hits->hit[i + 1].words : 0;

	ret[SIGN_ONE] = 1;
	ret[SIGN_SCORE] = hits->hit[i].words;
	ret[SIGN_GAP] = hits->hit[i].words - next;
	ret[SIGN_COVERAGE] = hits->hit[i].feature[KB_COVERAGE];
}

double
calibrate_confidence(const struct calibration *c, const double sign[SIGNS])
{
	double sum = 0;
	int i;

	for (i = 0; i < SIGNS; i++)
		sum += c->weight[i] * sign[i];
	return 1 / (1 + exp(-sum));
}

/* Solve m x = v in place by elimination; m is positive definite. */
static void
solve(double m[SIGNS][SIGNS], double v[SIGNS])
{
	double f;
	int i, j, k;

	for (i = 0; i < SIGNS; i++)
		for (j = i + 1; j < SIGNS; j++) {
			f = m[j][i] / m[i][i];
			for (k = i; k < SIGNS; k++)
				m[j][k] -= f * m[i][k];
			v[j] -= f * v[i];
		}
	for (i = SIGNS - 1; i >= 0; i--) {
		for (j = i + 1; j < SIGNS; j++)
			v[i] -= m[i][j] * v[j];
		v[i] /= m[i][i];
	}
}

/* Fit to all examples but those of one fold (CALIBRATE_FOLDS: to all). */
static void
fit(const struct example *e, size_t n, unsigned without,
    struct calibration *ret)
{
	double h[SIGNS][SIGNS], g[SIGNS], p, moved;
	int step, i, j;
	size_t k;

	memset(ret, 0, sizeof(*ret));
	for (step = 0; step < STEPS_MAX; step++) {
		for (i = 0; i < SIGNS; i++) {
			g[i] = -RIDGE * ret->weight[i];
			for (j = 0; j < SIGNS; j++)
				h[i][j] = i == j ? RIDGE : 0;
		}
		for (k = 0; k < n; k++) {
			if (e[k].fold == without)
				continue;
			p = calibrate_confidence(ret, e[k].sign);
			for (i = 0; i < SIGNS; i++) {
				g[i] += (e[k].answers - p) * e[k].sign[i];
				for (j = 0; j < SIGNS; j++)
					h[i][j] += p * (1 - p) * e[k].sign[i] *
					    e[k].sign[j];
			}
		}
		solve(h, g);
		for (moved = 0, i = 0; i < SIGNS; i++) {
			ret->weight[i] += g[i];
			moved = fmax(moved, fabs(g[i]));
		}
		if (moved < CLOSE)
			break;
	}
	ret->own = true;
}

static void
measure(const struct example *e, size_t n, struct reliability *r)
{
	struct calibration c;
	double p, rate = 0;
	unsigned fold;
	size_t k;
	int b;

	memset(r, 0, sizeof(*r));
	for (k = 0; k < n; k++)
		rate += e[k].answers / (double)n;
	for (fold = 0; fold < CALIBRATE_FOLDS; fold++) {
		fit(e, n, fold, &c);
		for (k = 0; k < n; k++) {
			if (e[k].fold != fold)
				continue;
			p = calibrate_confidence(&c, e[k].sign);
			r->brier +=
			    (p - e[k].answers) * (p - e[k].answers) / (double)n;
			r->brier_rate += (rate - e[k].answers) *
			    (rate - e[k].answers) / (double)n;
			b = (int)(p * CALIBRATE_BINS);
			b = b < CALIBRATE_BINS ? b : CALIBRATE_BINS - 1;
			r->bin[b].count++;
			r->bin[b].said += p;
			r->bin[b].was += e[k].answers;
		}
	}
	for (b = 0; b < CALIBRATE_BINS; b++)
		if (r->bin[b].count > 0) {
			r->bin[b].said /= (double)r->bin[b].count;
			r->bin[b].was /= (double)r->bin[b].count;
		}
}

int
calibrate_fit(const struct example *example, size_t n, struct calibration *ret,
    struct reliability *ret_reliability)
{
	size_t yes = 0, k;

	for (k = 0; k < n; k++)
		yes += example[k].answers;
	if (yes < CALIBRATE_LEAST || n - yes < CALIBRATE_LEAST)
		return err_set(ERR_DATA,
		    "%zu questions with an answer and %zu without: at least %d"
		    " of each are needed",
		    yes, n - yes, CALIBRATE_LEAST);
	measure(example, n, ret_reliability);
	fit(example, n, CALIBRATE_FOLDS, ret);
	return 0;
}

void
calibrate_apply(const struct calibration *c, struct kb_hits *hits)
{
	double sign[SIGNS], p, before = 1;
	size_t i;

	for (i = 0; i < hits->count; i++) {
		calibrate_signs(hits, i, sign);
		/* Nothing of what is asked for stands there. */
		p = sign[SIGN_COVERAGE] > 0 ||
			hits->hit[i].feature[KB_MEANING] > 0 ?
		    calibrate_confidence(c, sign) :
		    0;
		before = p < before ? p : before;
		hits->hit[i].confidence = before;
	}
}

int
calibrate_load(struct db *kb, struct calibration *ret)
{
	struct query q = query(kb,
	    "SELECT one, score, gap, coverage FROM calibration"
	    " WHERE ranking = :ranking");
	int i;

	memcpy(ret->weight, built_in, sizeof(built_in));
	bind_text(&q, ":ranking", KB_RANKING_VERSION);
	ret->own = step(&q);
	for (i = 0; ret->own && i < SIGNS; i++)
		ret->weight[i] = column_real(&q, i);
	return done(&q);
}

int
calibrate_store(struct db *kb, const struct calibration *c)
{
	struct query q;
	int code = db_begin(kb);

	if (code == 0) {
		q = query(kb,
		    "INSERT OR REPLACE INTO calibration (id, ranking, one,"
		    " score, gap, coverage, made_ms) VALUES (1, :ranking, :one,"
		    " :score, :gap, :coverage, :now)");
		bind_text(&q, ":ranking", KB_RANKING_VERSION);
		bind_real(&q, ":one", c->weight[SIGN_ONE]);
		bind_real(&q, ":score", c->weight[SIGN_SCORE]);
		bind_real(&q, ":gap", c->weight[SIGN_GAP]);
		bind_real(&q, ":coverage", c->weight[SIGN_COVERAGE]);
		bind_int(&q, ":now", now_ms());
		step(&q);
		code = done(&q);
	}
	if (code == 0)
		code = db_commit(kb);
	db_rollback(kb);
	return code;
}
