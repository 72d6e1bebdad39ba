/* phrases - known phrases of scripts without blanks, cut out of a question */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kb/analyse.h"
#include "kb/phrases.h"

bool
phrases_is_one(const char *text, size_t len)
{
	const char *p = text, *end = text + len;

	while (p < end)
		if (analyse_grams(utf8_next(&p, end)) > 0)
			return true;
	return false;
}

static size_t
letters_of(const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	size_t n = 0;

	for (; p < end; n++)
		utf8_next(&p, end);
	return n;
}

/* The bytes of the longest phrase that begins at at, before end; or 0. */
static size_t
longest(const struct phrases *p, const char *at, const char *end,
    enum phrase_kind *ret_kind)
{
	const char *q = at;
	size_t best = 0, n;
	enum phrase_kind kind;

	for (n = 0; n < p->longest && q < end; n++) {
		utf8_next(&q, end);
		kind = p->kind(p->ctx, at, (size_t)(q - at));
		if (kind != PHRASE_UNKNOWN) {
			best = (size_t)(q - at);
			*ret_kind = kind;
		}
	}
	return best;
}

static bool
is_hiragana(const char *p, const char *end)
{
	uint32_t c = p < end ? utf8_next(&p, end) : 0;

	return c >= 0x3041 && c <= 0x309f;
}

/* One hiragana is a particle only where no other goes on with it: the wa of
 * hasami is none. */
static bool
is_inside(const struct phrases *p, const char *at, size_t len, const char *end,
    bool after_hiragana)
{
	enum phrase_kind kind;

	if (!is_hiragana(at, end) || letters_of(at, len) > 1)
		return false;
	return after_hiragana ||
	    (is_hiragana(at + len, end) &&
		longest(p, at + len, end, &kind) == 0);
}

/* What no phrase took: of less than a group of letters nothing is found. */
static void
add_rest(struct buf *out, const char *text, size_t len, int grams)
{
	size_t n = letters_of(text, len);

	if (grams == 3 ? n >= 3 : n > 1 || !is_hiragana(text, text + len))
		buf_add(out, text, len);
}

/* A run of letters of one kind. */
static void
cut_run(const struct phrases *p, const char *run, const char *end, int grams,
    struct buf *out)
{
	const char *at = run, *rest = run;
	bool after_hiragana = false;
	enum phrase_kind kind = PHRASE_UNKNOWN;
	size_t len;

	while (at < end) {
		len = longest(p, at, end, &kind);
		if (len == 0 || is_inside(p, at, len, end, after_hiragana)) {
			after_hiragana = is_hiragana(at, end);
			utf8_next(&at, end);
			continue;
		}
		add_rest(out, rest, (size_t)(at - rest), grams);
		buf_addc(out, ' ');
		if (kind == PHRASE_KEPT) {
			buf_add(out, at, len);
			buf_addc(out, ' ');
		}
		at += len;
		rest = at;
		after_hiragana = false;
	}
	if (rest == run)
		buf_add(out, run, (size_t)(end - run));
	else
		add_rest(out, rest, (size_t)(end - rest), grams);
}

char *
phrases_cut(const struct phrases *p, const char *text, size_t len)
{
	char *folded = utf8_fold(text, len);
	const char *at = folded, *end = folded + strlen(folded), *run, *next;
	struct buf out = BUF_INIT(0);
	int grams;

	if (p->longest == 0 || !phrases_is_one(folded, strlen(folded))) {
		free(folded);
		return xstrndup(text, len);
	}
	while (at < end) {
		run = next = at;
		grams = analyse_grams(utf8_next(&next, end));
		do
			at = next;
		while (
		    at < end && analyse_grams(utf8_next(&next, end)) == grams);
		if (grams > 0)
			cut_run(p, run, at, grams, &out);
		else
			buf_add(&out, run, (size_t)(at - run));
	}
	buf_adds(&out, "");
	free(folded);
	return buf_detach(&out);
}
