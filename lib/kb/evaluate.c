/* evaluate - how well a ranking puts what is relevant first */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "desk/person.h"
#include "kb/evaluate.h"

#define FIELDS_MAX 4

const char *const measure_names[] = { "ndcg_10", "map", "recall_5",
	"recall_100", "mrr", NULL };
const char *const measure_titles[] = { "nDCG@10", "MAP", "Recall@5",
	"Recall@100", "MRR", NULL };

int
evaluate_lines(const char *path, struct jsonl **ret, int *ret_fd)
{
	int fd;

	if (strcmp(path, "-") != 0)
		fd = person_open(path);
	else if ((fd = dup(STDIN_FILENO)) < 0)
		fd = err_errno(ERR_IO, "%s", path);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	*ret = jsonl_new(fd, -1, path, BODY_MAX_BYTES);
	return 0;
}

/* The first of some fields that is there, as text. */
static char *
field(const json_t *o, const char *const *names)
{
	const json_t *value;

	for (; *names != NULL; names++) {
		value = json_object_get(o, *names);
		if (json_is_string(value))
			return xstrdup(json_string_value(value));
		if (json_is_integer(value))
			return xformat("%lld",
			    (long long)json_integer_value(value));
	}
	return NULL;
}

/* "ID TAB WORDS" or an object; false if it is neither. */
static bool
read_question(char *line, size_t len, struct question_line *ret)
{
	static const char *const ids[] = { "id", "_id", "qid", "query_id",
		NULL };
	static const char *const texts[] = { "text", "query", "question",
		NULL };
	json_t *object = NULL;
	char *tab;

	ret->id = ret->text = NULL;
	if (line[0] == '{') {
		if (json_lenient(line, len, &object) < 0)
			return false;
		ret->id = field(object, ids);
		ret->text = field(object, texts);
		json_decref(object);
	} else if ((tab = strchr(line, '\t')) != NULL && tab > line) {
		ret->id = xstrndup(line, (size_t)(tab - line));
		ret->text = xstrdup(tab + 1);
	}
	if (ret->id != NULL && ret->text != NULL)
		return true;
	free(ret->id);
	free(ret->text);
	return false;
}

int
question_set_read(const char *path, struct question_set *ret)
{
	struct question_line q;
	struct jsonl *lines;
	char *line;
	size_t len;
	int fd, got, code = evaluate_lines(path, &lines, &fd);

	memset(ret, 0, sizeof(*ret));
	if (code < 0)
		return code;
	while ((got = jsonl_wait(lines, &line, &len)) == JSONL_LINE) {
		if (!read_question(line, len, &q)) {
			jsonl_complain(lines,
			    "neither ID, a tab and words nor an object with id"
			    " and text");
			continue;
		}
		if ((ret->count & (ret->count - 1)) == 0)
			ret->line = xrealloc(ret->line,
			    (ret->count ? 2 * ret->count : 1) * sizeof(q));
		ret->line[ret->count++] = q;
	}
	ret->bad = jsonl_bad(lines);
	jsonl_free(lines);
	close(fd);
	if (got != JSONL_END)
		code = got;
	else if (ret->count == 0)
		code = err_set(ERR_DATA, "%s has no questions", path);
	if (code < 0)
		question_set_release(ret);
	return code;
}

void
question_set_release(struct question_set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		free(set->line[i].id);
		free(set->line[i].text);
	}
	free(set->line);
	memset(set, 0, sizeof(*set));
}

/* Cut a line at tabs, or at blanks if it has none; how many fields. */
static size_t
cut(char *line, char *ret[FIELDS_MAX])
{
	const char *apart = strchr(line, '\t') != NULL ? "\t\r" : " \r";
	char *rest = NULL, *f = strtok_r(line, apart, &rest);
	size_t n = 0;

	for (; f != NULL; f = strtok_r(NULL, apart, &rest)) {
		if (n == FIELDS_MAX)
			return 0;
		ret[n++] = f;
	}
	return n;
}

int
qrels_read(const char *path, json_t **ret, long *ret_bad)
{
	char *line, *f[FIELDS_MAX], *end;
	json_t *all = json_object(), *of;
	struct jsonl *lines;
	size_t len, n;
	int fd, got, code = evaluate_lines(path, &lines, &fd);
	long grade;

	if (code < 0) {
		json_decref(all);
		return code;
	}
	while ((got = jsonl_wait(lines, &line, &len)) == JSONL_LINE) {
		n = cut(line, f);
		if (n >= 3) {
			errno = 0;
			grade = strtol(f[n - 1], &end, 10);
		}
		if (n < 3 || errno != 0 || *end != '\0' || end == f[n - 1]) {
			if (n < 3 || jsonl_lineno(lines) > 1)
				jsonl_complain(lines,
				    "not a question's id, a document and a"
				    " grade");
			continue;
		}
		of = json_object_get(all, f[0]);
		if (of == NULL) {
			of = json_object();
			json_object_set_new(all, f[0], of);
		}
		json_object_set_new(of, f[n - 2], json_integer(grade));
	}
	*ret_bad = jsonl_bad(lines);
	jsonl_free(lines);
	close(fd);
	if (got != JSONL_END)
		code = got;
	else if (json_object_size(all) == 0)
		code = err_set(ERR_DATA, "%s has no judgements", path);
	if (code < 0)
		json_decref(all);
	else
		*ret = all;
	return code;
}

static int
by_grade(const void *a, const void *b)
{
	json_int_t x = *(const json_int_t *)a, y = *(const json_int_t *)b;

	return (x < y) - (x > y);
}

/* What the best ranking there can be gains in ten, and how much is relevant. */
static double
ideal(const json_t *grades, size_t *ret_relevant)
{
	json_int_t *g = xcalloc(json_object_size(grades) + 1, sizeof(*g));
	const char *key;
	json_t *value;
	double gain = 0;
	size_t n = 0, i;

	json_object_foreach((json_t *)grades, key, value)
		if (json_integer_value(value) > 0)
			g[n++] = json_integer_value(value);
	qsort(g, n, sizeof(*g), by_grade);
	for (i = 0; i < n && i < 10; i++)
		gain += (double)g[i] / log2((double)i + 2);
	free(g);
	*ret_relevant = n;
	return gain;
}

/* The grade of a hit's document, once; what it is judged by goes to *ret. */
static json_int_t
grade_of(const char *source, const char *document, const char *passage,
    const json_t *grades, const char **ret)
{
	const char *names[3] = { source, document, passage };
	const json_t *value;
	size_t i;

	for (i = 0; i < 3; i++) {
		value =
		    names[i] != NULL ? json_object_get(grades, names[i]) : NULL;
		if (value != NULL) {
			*ret = names[i];
			return json_integer_value(value);
		}
	}
	*ret = document;
	return 0;
}

struct tally {
	const json_t *grades;
	json_t *seen;
	size_t found, rank;
	double *measure;
};

/* The next place of a text: each document has one rank. */
static void
count_place(struct tally *t, const char *source, const char *document,
    const char *passage)
{
	const char *name;
	json_int_t grade =
	    grade_of(source, document, passage, t->grades, &name);

	if (t->rank >= EVALUATE_DOCUMENTS ||
	    json_object_get(t->seen, name) != NULL)
		return;
	json_object_set_new(t->seen, name, json_true());
	t->rank++;
	if (grade <= 0)
		return;
	t->found++;
	if (t->found == 1)
		t->measure[MEASURE_MRR] = 1.0 / (double)t->rank;
	if (t->rank <= 10)
		t->measure[MEASURE_NDCG_10] +=
		    (double)grade / log2((double)t->rank + 1);
	t->measure[MEASURE_MAP] += (double)t->found / (double)t->rank;
	t->measure[MEASURE_RECALL_5] += t->rank <= 5;
	t->measure[MEASURE_RECALL_100] += t->rank <= 100;
}

int
evaluate(const struct kb_hits *hits, const json_t *grades, double ret[MEASURES])
{
	struct tally t = { grades, json_object(), 0, 0, ret };
	const struct kb_hit *h;
	size_t relevant, i, k;
	double best = ideal(grades, &relevant);
	int m;

	for (m = 0; m < MEASURES; m++)
		ret[m] = 0;
	for (i = 0; i < hits->count; i++) {
		h = &hits->hit[i];
		count_place(&t, h->source, h->document, h->passage);
		for (k = 0; k < h->nalso; k++)
			count_place(&t, h->also[k].source, h->also[k].document,
			    NULL);
	}
	json_decref(t.seen);
	if (relevant == 0)
		return 0;
	ret[MEASURE_NDCG_10] /= best;
	ret[MEASURE_MAP] /= (double)relevant;
	ret[MEASURE_RECALL_5] /= (double)relevant;
	ret[MEASURE_RECALL_100] /= (double)relevant;
	return 1;
}
