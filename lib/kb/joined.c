/* joined - long words that are made of others */
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "kb/joined.h"
#include "kb/segment.h"

#define PART_MIN 4  /* letters */
#define SURE_MIN 6  /* of a stem that may be anywhere in a word */
#define OTHER_MIN 3 /* of what else is in the word */
#define LONG_MIN 5  /* of a stem beside which two letters are enough: bycykel */

bool
joined_in(const char *language)
{
	static const char *const tags[] = { "de", "nl", "sv", "da", "no", "fi",
		"hu", NULL };

	return str_in(language_plain(language), tags);
}

void
joined_part(struct joined *j, const char *word, const char *stem)
{
	size_t len = strlen(word);

	*j = (struct joined){ .signature = UINT32_MAX };
	j->stem_letters = utf8_length(stem);
	if (j->stem_letters < PART_MIN || strpbrk(word, "0123456789") != NULL ||
	    strlen(stem) > KB_STEM_MAX_BYTES)
		return;
	/* The stem of a short one begins words that it is no part of: that of
	 * Kunde is in Kündigung. */
	if (j->stem_letters >= SURE_MIN) {
		word = stem;
		len = strlen(stem);
	}
	j->word_len = utf8_cut(word, len, KB_WORD_MAX_BYTES);
	memcpy(j->word, word, j->word_len);
	j->stem_len = strlen(stem);
	memcpy(j->stem, stem, j->stem_len);
	j->signature = spelling_signature(stem, j->stem_len);
}

/* What makes another word of one, and is none itself. */
static bool
is_prefix(const char *begin, size_t len)
{
	static const char *const prefixes[] = { "ver", "ent", "zer", "unter",
		"uber", "wider", "miss", "auf", "aus", "ein", "vor", "nach",
		"mit", "bei", "durch", "zuruck", "ont", "over", "onder", "uit",
		"for", "und", "an", "ab", "be", "er", "ge", "um", "zu", "in",
		"im", "op", "af", "av", "om", "pa", NULL };
	size_t i;

	for (i = 0; prefixes[i] != NULL; i++)
		if (strlen(prefixes[i]) == len &&
		    memcmp(prefixes[i], begin, len) == 0)
			return true;
	return false;
}

static size_t
letters_of(const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* Autos keep their s, which is cut behind other letters than a vowel. */
static size_t
without_plural(const char *stem, size_t len)
{
	return len > 2 && stem[len - 1] == 's' &&
		strchr("aiou", stem[len - 2]) != NULL ?
	    len - 1 :
	    len;
}

bool
joined_has(const struct joined *j, const char *stem, size_t len)
{
	size_t before, least;

	if (strchr("aiou", j->stem[j->stem_len - 1]) != NULL)
		len = without_plural(stem, len);
	if (len > j->word_len && memcmp(stem, j->word, j->word_len) == 0 &&
	    letters_of(stem + j->word_len, len - j->word_len) >= OTHER_MIN)
		return true;
	if (len <= j->stem_len)
		return false;
	before = len - j->stem_len;
	least = j->stem_letters >= LONG_MIN ? OTHER_MIN - 1 : OTHER_MIN;
	if (memcmp(stem + before, j->stem, j->stem_len) == 0)
		return letters_of(stem, before) >= least &&
		    !is_prefix(stem, before);
	return j->stem_letters >= SURE_MIN &&
	    letters_of(stem, before) >= 2 * OTHER_MIN &&
	    memmem(stem, len, j->stem, j->stem_len) != NULL;
}

void
longer_keep(struct longer *l, const char *word, size_t len)
{
	size_t i, longest = 0;

	for (i = 0; i < l->count; i++) {
		if (strncmp(l->word[i], word, len) == 0 &&
		    l->word[i][len] == '\0')
			return;
		if (strlen(l->word[i]) > strlen(l->word[longest]))
			longest = i;
	}
	if (l->count < LONGER_MAX)
		l->word[l->count++] = xstrndup(word, len);
	else if (len < strlen(l->word[longest])) {
		free(l->word[longest]);
		l->word[longest] = xstrndup(word, len);
	}
}

void
longer_release(struct longer *l)
{
	while (l->count > 0)
		free(l->word[--l->count]);
}
