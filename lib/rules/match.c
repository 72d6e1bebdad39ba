/*
 * match - words and expressions in a text
 *
 * All words of all rules are looked for in one pass (Aho and Corasick's
 * automaton, as a full table over the classes of bytes that the words use), so
 * a thousand rules cost about as much as one. Expressions run one by one, if
 * what they must have is in the text, and under limits, without a compiler to
 * machine code: services may not map memory that is both written and executed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "rules/own.h"

#define MATCH_LIMIT 200000 /* steps of an expression: about 5 ms */
#define DEPTH_LIMIT 5000
#define HEAP_LIMIT_KIB 4096

struct words {
	unsigned char class[256]; /* 0: a byte in no pattern */
	size_t classes;
	size_t nodes;
	int32_t *next; /* nodes times classes; while it is made */
	uint32_t *go;  /* the same, each as STEP() */
	int32_t *hit;  /* by node: the pattern that ends here, or -1 */
	int32_t *also; /* by node: the next shorter node with a hit, or 0 */
	int32_t *same; /* by pattern: another of the same words, or -1 */
};

/* Where to go on: the place of a node's row, and whether words end there. */
#define STEP(row, ends) ((uint32_t)(row) << 1 | (ends))
#define STEP_ROW(step) ((step) >> 1)
#define STEP_ENDS(step) ((step)&1)
#define ROWS_MAX (UINT32_MAX >> 1)

/* Scripts that are written without a space between words. */
static bool
spaceless(uint32_t c)
{
	return (c >= 0x0e00 && c < 0x0f00) || /* Thai, Lao */
	    (c >= 0x1000 && c < 0x10a0) ||    /* Myanmar */
	    (c >= 0x1780 && c < 0x1800) ||    /* Khmer */
	    (c >= 0x2e80 && c < 0xa000) ||    /* Han, kana */
	    (c >= 0xac00 && c < 0xd7b0) ||    /* Hangul: particles follow */
	    (c >= 0xf900 && c < 0xfb00) || (c >= 0x20000 && c < 0x32000);
}

/* utf8_words, without the space at an edge where no space is written. */
static char *
pattern_words(const char *source)
{
	char *words = utf8_words(source), *start = words, *ret;
	size_t len = strlen(words), last;
	const char *p;

	if (len > 1) {
		p = words + 1;
		if (spaceless(utf8_next(&p, words + len)))
			start++;
		last = len - 2;
		while (last > 1 && ((unsigned char)words[last] & 0xc0) == 0x80)
			last--;
		p = words + last;
		if (spaceless(utf8_next(&p, words + len)))
			words[len - 1] = '\0';
	}
	ret = xstrdup(start);
	free(words);
	return ret;
}

int
pattern_compile(struct pattern *p, size_t *ret_at)
{
	uint32_t options =
	    PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_UCHAR why[256];
	PCRE2_SIZE at = 0;
	const char *f;
	int code;

	*ret_at = 0;
	if (p->words != NULL) {
		free(p->words);
		p->words = pattern_words(p->source);
		if (strcmp(p->words, " ") == 0)
			return err_set(ERR_CONFIG,
			    "there is no word in it (an expression is "
			    "written /.../)");
		return 0;
	}
	for (f = p->flags; *f != '\0'; f++)
		switch (*f) {
		case 'c':
			options &= ~PCRE2_CASELESS;
			break;
		case 'm':
			options |= PCRE2_MULTILINE;
			break;
		case 's':
			options |= PCRE2_DOTALL;
			break;
		case 'x':
			options |= PCRE2_EXTENDED;
			break;
		}
	p->code = pcre2_compile((PCRE2_SPTR)p->source, PCRE2_ZERO_TERMINATED,
	    options, &code, &at, NULL);
	if (p->code == NULL) {
		pcre2_get_error_message(code, why, sizeof(why));
		*ret_at = at;
		return err_set(ERR_CONFIG, "expression: %s", (char *)why);
	}
	return 0;
}

void
pattern_release(struct pattern *p)
{
	free(p->source);
	free(p->words);
	pcre2_code_free(p->code);
}

static int32_t
state_new(struct words *w, size_t *cap)
{
	size_t i;

	if (w->nodes == *cap) {
		*cap = *cap == 0 ? 256 : *cap * 2;
		w->next =
		    xrealloc(w->next, *cap * w->classes * sizeof(*w->next));
		w->hit = xrealloc(w->hit, *cap * sizeof(*w->hit));
		w->also = xrealloc(w->also, *cap * sizeof(*w->also));
	}
	for (i = 0; i < w->classes; i++)
		w->next[w->nodes * w->classes + i] = -1;
	w->hit[w->nodes] = -1;
	w->also[w->nodes] = 0;
	return (int32_t)w->nodes++;
}

static void
insert(struct words *w, const char *words, int32_t pattern, size_t *cap)
{
	const unsigned char *p = (const unsigned char *)words;
	int32_t node = 0, to;
	size_t edge;

	for (; *p != '\0'; p++) {
		edge = (size_t)node * w->classes + w->class[*p];
		to = w->next[edge];
		if (to < 0) {
			to = state_new(w, cap);
			w->next[edge] = to; /* next may have moved */
		}
		node = to;
	}
	w->same[pattern] = w->hit[node];
	w->hit[node] = pattern;
}

/* Fill in where to go on when a pattern breaks off, nearest nodes first. */
static void
link_up(struct words *w)
{
	int32_t *fail = xcalloc(w->nodes, sizeof(*fail)),
		*queue = xcalloc(w->nodes, sizeof(*queue)), node, to, back;
	size_t head = 0, tail = 0, i, edge;

	for (i = 0; i < w->classes; i++) {
		to = w->next[i];
		if (to > 0)
			queue[tail++] = to;
		else
			w->next[i] = 0;
	}
	while (head < tail) {
		node = queue[head++];
		w->also[node] =
		    w->hit[fail[node]] >= 0 ? fail[node] : w->also[fail[node]];
		for (i = 0; i < w->classes; i++) {
			edge = (size_t)node * w->classes + i;
			back = w->next[(size_t)fail[node] * w->classes + i];
			to = w->next[edge];
			if (to < 0) {
				w->next[edge] = back;
				continue;
			}
			fail[to] = back;
			queue[tail++] = to;
		}
	}
	free(fail);
	free(queue);
}

/* To where it can be walked with one look a byte. */
static void
settle(struct words *w)
{
	size_t i, size = w->nodes * w->classes, node;

	if (size > ROWS_MAX)
		abort(); /* rules have at most some MiB */
	w->go = xmalloc(size * sizeof(*w->go));
	for (i = 0; i < size; i++) {
		node = (size_t)w->next[i];
		w->go[i] = STEP(node * w->classes,
		    w->hit[node] >= 0 || w->also[node] != 0);
	}
	free(w->next);
	w->next = NULL;
}

struct words *
words_new(const struct pattern *patterns, size_t count)
{
	struct words *w = xcalloc(1, sizeof(*w));
	const unsigned char *p;
	size_t i, cap = 0;

	w->classes = 1;
	w->same = xcalloc(count + 1, sizeof(*w->same));
	for (i = 0; i < count; i++)
		for (p = (const unsigned char *)patterns[i].words;
		     p != NULL && *p != '\0'; p++)
			if (w->class[*p] == 0)
				w->class[*p] = (unsigned char)w->classes++;
	state_new(w, &cap);
	for (i = 0; i < count; i++)
		if (patterns[i].words != NULL)
			insert(w, patterns[i].words, (int32_t)i, &cap);
	link_up(w);
	settle(w);
	return w;
}

void
words_free(struct words *w)
{
	if (w == NULL)
		return;
	free(w->go);
	free(w->hit);
	free(w->also);
	free(w->same);
	free(w);
}

void
hints_new(struct rules *r)
{
	struct pattern *all = NULL;
	struct names names;
	size_t i, j;

	r->sure = xcalloc(r->npatterns + 1, sizeof(*r->sure));
	r->expressions = xcalloc(r->npatterns + 1, sizeof(size_t));
	for (i = 0; i < r->npatterns; i++) {
		if (r->patterns[i].code == NULL)
			continue;
		r->expressions[r->nexpressions++] = i;
		hints_of(&r->patterns[i], &names);
		r->sure[i] = names.count > 0;
		all =
		    xrealloc(all, (r->nhints + names.count + 1) * sizeof(*all));
		r->hinted = xrealloc(r->hinted,
		    (r->nhints + names.count + 1) * sizeof(*r->hinted));
		for (j = 0; j < names.count; j++) {
			memset(&all[r->nhints], 0, sizeof(*all));
			all[r->nhints].words = xstrdup(names.items[j]);
			r->hinted[r->nhints++] = i;
		}
		names_release(&names);
	}
	r->hints = words_new(all, r->nhints);
	for (i = 0; i < r->nhints; i++)
		free(all[i].words);
	free(all);
}

/* The words that end at a node. */
static void
note_words(const struct words *w, size_t node, bool *found)
{
	int32_t at = w->hit[node] >= 0 ? (int32_t)node : w->also[node], hit;

	for (; at != 0; at = w->also[at])
		for (hit = w->hit[at]; hit >= 0; hit = w->same[hit])
			found[hit] = true;
}

/* Which of w are in a text that is folded as they are. */
static void
find_words(const struct words *w, const char *text, bool *found)
{
	const unsigned char *p = (const unsigned char *)text;
	uint32_t step = 0;

	for (; *p != '\0'; p++) {
		step = w->go[STEP_ROW(step) + w->class[*p]];
		if (STEP_ENDS(step))
			note_words(w, STEP_ROW(step) / w->classes, found);
	}
}

/* Which expressions may match: those that have one of their hints in the text,
 * or none at all. Caller frees. */
static bool *
find_hinted(const struct rules *r, const char *folded)
{
	bool *may = xcalloc(r->npatterns + 1, sizeof(*may)),
	     *seen = xcalloc(r->nhints + 1, sizeof(*seen));
	size_t i;

	find_words(r->hints, folded, seen);
	for (i = 0; i < r->nexpressions; i++)
		may[r->expressions[i]] = !r->sure[r->expressions[i]];
	for (i = 0; i < r->nhints; i++)
		may[r->hinted[i]] |= seen[i];
	free(seen);
	return may;
}

/* 1, 0, or -1 if it was given up. */
static int
find_expression(const struct pattern *p, const char *text, size_t len,
    pcre2_match_data *data, pcre2_match_context *limits)
{
	int code =
	    pcre2_match(p->code, (PCRE2_SPTR)text, len, 0, 0, data, limits);

	if (code >= 0)
		return 1;
	return code == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

/* Run the expressions that may match. */
static void
find_expressions(struct rules_reading *f, const char *text, const char *folded)
{
	const struct rules *r = f->rules;
	pcre2_match_context *limits = NULL;
	pcre2_match_data *data = NULL;
	bool *may = find_hinted(r, folded);
	size_t len = strlen(text), i, at;
	int got;

	for (i = 0; i < r->nexpressions; i++) {
		at = r->expressions[i];
		if (!may[at])
			continue;
		if (data == NULL) {
			limits = pcre2_match_context_create(NULL);
			data = pcre2_match_data_create(1, NULL);
			if (limits == NULL || data == NULL)
				break;
			pcre2_set_match_limit(limits, MATCH_LIMIT);
			pcre2_set_depth_limit(limits, DEPTH_LIMIT);
			pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
		}
		got =
		    find_expression(&r->patterns[at], text, len, data, limits);
		f->found[at] = got > 0;
		if (got < 0)
			f->gave_up = r->patterns[at].rule;
	}
	free(may);
	pcre2_match_data_free(data);
	pcre2_match_context_free(limits);
}

struct rules_reading *
rules_read(const struct rules *r, const char *text)
{
	struct rules_reading *f = xcalloc(1, sizeof(*f));
	char *folded, *words;

	f->rules = r;
	f->found = xcalloc(r->npatterns + 1, sizeof(*f->found));
	f->asked = xcalloc(r->nasked, sizeof(*f->asked));
	if (text != NULL && *text != '\0') {
		folded = utf8_fold(text, strlen(text));
		words = utf8_words_folded(folded);
		find_words(r->words, words, f->found);
		if (r->nexpressions > 0)
			find_expressions(f, text, folded);
		free(words);
		free(folded);
	}
	needs_met(f);
	return f;
}

void
rules_reading_free(struct rules_reading *f)
{
	if (f == NULL)
		return;
	free(f->found);
	free(f->asked);
	free(f);
}

const char *
rules_gave_up(const struct rules_reading *f)
{
	return f->gave_up;
}
