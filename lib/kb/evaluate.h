/*
 * evaluate - how well a ranking puts what is relevant first
 *
 * A test set is a file of questions and one of judgements (qrels), as TREC and
 * BEIR use them:
 *
 *	questions	ID TAB WORDS, or an object a line with id (or _id, qid)
 *			and text (or query)
 *	judgements	ID ITERATION DOCUMENT GRADE, or ID DOCUMENT GRADE; apart
 *			by a tab or blanks; a first line without a grade is a
 *			heading; a grade over 0 is relevant
 *
 * A document is named by its source, its id, or the id of a passage of it. A
 * ranking of passages is one of documents by the first passage of each.
 *
 * The measures are those of trec_eval: nDCG with the grade as gain and log2 of
 * rank + 1 as discount; average precision over all that is relevant, found or
 * not; a question without anything relevant is left out of the means.
 * (Jarvelin and Kekalainen 2002; Buckley and Voorhees 2005.)
 */
#ifndef KB_EVALUATE_H
#define KB_EVALUATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/jsonl.h"
#include "kb/search.h"

#define EVALUATE_DOCUMENTS 1000 /* of a ranking that are looked at */

enum measure {
	MEASURE_NDCG_10,
	MEASURE_MAP,
	MEASURE_RECALL_5,
	MEASURE_RECALL_100,
	MEASURE_MRR,
	MEASURES
};
/* "ndcg_10", ... for programs; "nDCG@10", ... for people */
extern const char *const measure_names[];
extern const char *const measure_titles[];

/* One question of a set; text is the line's own. */
struct question_line {
	char *id;
	char *text;
};

struct question_set {
	struct question_line *line;
	size_t count;
	long bad; /* lines that were named on stderr and left out */
};

/*
 * Read the questions of a file. ERR_NOINPUT, ERR_IO, ERR_DATA if there is
 * none. End with question_set_release().
 */
int question_set_read(const char *path, struct question_set *ret);
void question_set_release(struct question_set *set);

/*
 * Open a file that the person names, with their own rights, "-" for standard
 * input, to read its lines; the caller frees *ret and closes *ret_fd.
 */
int evaluate_lines(const char *path, struct jsonl **ret, int *ret_fd);

/* Question's id to an object of documents to grades; a new reference. */
int qrels_read(const char *path, json_t **ret, long *ret_bad);

/*
 * Measure a ranking against the grades of its question. 1 and ret is set; 0 if
 * nothing is relevant.
 */
int evaluate(const struct kb_hits *hits, const json_t *grades,
    double ret[MEASURES]);

#endif
