/* personal - what in a text may tell who somebody is */
#include <stdlib.h>
#include <string.h>

#include "ai/personal.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ground/claims.h"

#define NAME_LETTERS_MIN 3 /* of a part of a name; in signs, two */
#define NUMBER_DIGITS_MIN 5
#define NUMBER_WORDS "telephone, account or order number"
#define CODE_DIGITS_MIN 3

static void
add(json_t *list, const char *what, const char *text)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
		if (strcmp(json_str_or(o, "text", ""), text) == 0)
			return;
	o = json_object();
	json_put(o, "what", what);
	json_put(o, "text", text);
	json_array_append_new(list, o);
}

static size_t
count_digits(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text >= '0' && *text <= '9';
	return n;
}

/* What a claim may tell of somebody; NULL: nothing. */
static const char *
kind_of(const struct claim *c, const char *text)
{
	switch (c->kind) {
	case CLAIM_MAIL:
		return "mail address";
	case CLAIM_DIGITS:
		return NUMBER_WORDS;
	case CLAIM_CODE:
		return count_digits(text) >= CODE_DIGITS_MIN ? "code" : NULL;
	case CLAIM_NUMBER:
		return c->unit == 0 && !c->is_word &&
			count_digits(text) >= NUMBER_DIGITS_MIN ?
		    NUMBER_WORDS :
		    NULL;
	default:
		return NULL;
	}
}

static void
find_numbers(const char *text, json_t *list)
{
	static struct meanings *meanings;
	static struct analyser *analyser;
	size_t len = strlen(text), i;
	struct claims c;
	const char *what;
	char *one;

	if (meanings == NULL) {
		meanings = meanings_new();
		analyser = analyser_new();
	}
	claims_read(&c, meanings, analyser, text, len,
	    language_detect(text, len));
	for (i = 0; i < c.nclaims; i++) {
		one = xstrndup(c.plain + c.claim[i].at, c.claim[i].len);
		what = kind_of(&c.claim[i], one);
		if (what != NULL)
			add(list, what, str_trim(one));
		free(one);
	}
	claims_release(&c);
}

/* Whether the folded words of a text have one; scripts without blanks are
 * searched for the letters. */
static bool
has_word(const char *words, const char *word)
{
	const char *p = word, *end = word + strlen(word);
	bool signs = analyse_grams(utf8_next(&p, end)) > 0;
	char *spaced = xformat(signs ? "%s" : " %s ", word);
	bool found = strstr(words, spaced) != NULL &&
	    utf8_length(word) >= (signs ? 2 : NAME_LETTERS_MIN);

	free(spaced);
	return found;
}

static void
find_name(const char *words, const char *name, json_t *list)
{
	char *parts = utf8_words(name), *p = parts, *part;

	while ((part = strsep(&p, " ")) != NULL)
		if (*part != '\0' && has_word(words, part))
			add(list, "name of the contact", part);
	free(parts);
}

json_t *
personal_find(const char *text, const char *const *names)
{
	json_t *list = json_array();
	char *words = utf8_words(text);

	find_numbers(text, list);
	for (; *names != NULL; names++)
		find_name(words, *names, list);
	free(words);
	return list;
}
