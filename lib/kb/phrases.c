/* phrases - known phrases of scripts without blanks, cut out of a question */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kb/analyse.h"
#include "kb/phrases.h"

#define PHRASE_MAX_BYTES 96
#define KEY_BYTES (PHRASE_MAX_BYTES + 32)

enum kind { UNKNOWN, COMMON, KEPT };

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

void
phrases_add(struct phrases *p, const char *language, const char *phrase,
    size_t len, bool common)
{
	char key[KEY_BYTES];
	size_t n = letters_of(phrase, len);

	if (len > PHRASE_MAX_BYTES)
		return;
	snprintf(key, sizeof(key), "%s/%c%.*s", language, common ? '-' : '+',
	    (int)len, phrase);
	wordset_add(&p->set, key);
	if (n > p->longest)
		p->longest = n;
}

static enum kind
kind_of(const struct phrases *p, const char *const *languages, const char *at,
    size_t len)
{
	char key[KEY_BYTES];
	size_t i;

	for (i = 0; languages[i] != NULL && len <= PHRASE_MAX_BYTES; i++) {
		snprintf(key, sizeof(key), "%s/-%.*s", languages[i], (int)len,
		    at);
		if (wordset_has(&p->set, key))
			return COMMON;
		key[strlen(languages[i]) + 1] = '+';
		if (wordset_has(&p->set, key))
			return KEPT;
	}
	return UNKNOWN;
}

/* The bytes of the longest phrase that begins at at, before end; or 0. */
static size_t
longest(const struct phrases *p, const char *const *languages, const char *at,
    const char *end, enum kind *ret_kind)
{
	const char *q = at;
	size_t best = 0, n;
	enum kind kind;

	for (n = 0; n < p->longest && q < end; n++) {
		utf8_next(&q, end);
		kind = kind_of(p, languages, at, (size_t)(q - at));
		if (kind != UNKNOWN) {
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
is_inside(const struct phrases *p, const char *const *languages, const char *at,
    size_t len, const char *end, bool after_hiragana)
{
	enum kind kind;

	if (!is_hiragana(at, end) || letters_of(at, len) > 1)
		return false;
	return after_hiragana ||
	    (is_hiragana(at + len, end) &&
		longest(p, languages, at + len, end, &kind) == 0);
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
cut_run(const struct phrases *p, const char *const *languages, const char *run,
    const char *end, int grams, struct buf *out)
{
	const char *at = run, *rest = run;
	bool after_hiragana = false;
	enum kind kind = UNKNOWN;
	size_t len;

	while (at < end) {
		len = longest(p, languages, at, end, &kind);
		if (len == 0 ||
		    is_inside(p, languages, at, len, end, after_hiragana)) {
			after_hiragana = is_hiragana(at, end);
			utf8_next(&at, end);
			continue;
		}
		add_rest(out, rest, (size_t)(at - rest), grams);
		buf_addc(out, ' ');
		if (kind == KEPT) {
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
phrases_cut(const struct phrases *p, const char *const *languages,
    const char *text, size_t len)
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
			cut_run(p, languages, run, at, grams, &out);
		else
			buf_add(&out, run, (size_t)(at - run));
	}
	buf_adds(&out, "");
	free(folded);
	return buf_detach(&out);
}

void
phrases_release(struct phrases *p)
{
	wordset_release(&p->set);
	p->longest = 0;
}
