/* wordlist - looking things up in the tables of share/kb */
#include <string.h>

#include "base/language.h"
#include "kb/wordlist.h"

/* How the string at a place stands to word, as strcmp() has it. */
static int
compare(uint32_t at, const char *word, size_t len)
{
	const char *text = wordlist_text + at;
	int order = strncmp(text, word, len);

	return order != 0 ? order : text[len] != '\0';
}

uint32_t
wordlist_bit(const char *language)
{
	size_t low = 0, high = wordlist_languages, i;
	int order;

	language = language_plain(language);
	while (low < high) {
		i = low + (high - low) / 2;
		order = strcmp(wordlist_language[i], language);
		if (order == 0)
			return UINT32_C(1) << i;
		if (order < 0)
			low = i + 1;
		else
			high = i;
	}
	return 0;
}

uint32_t
wordlist_find(const struct wordlist *list, const char *word, size_t len)
{
	size_t low = 0, high = list->count, i;
	int order;

	while (low < high) {
		i = low + (high - low) / 2;
		order = compare(list->word[i].at, word, len);
		if (order == 0)
			return list->word[i].languages;
		if (order < 0)
			low = i + 1;
		else
			high = i;
	}
	return 0;
}

size_t
synonyms_from(const char *stems, size_t len)
{
	size_t low = 0, high = synonyms_count, i;

	while (low < high) {
		i = low + (high - low) / 2;
		if (compare(synonyms[synonyms_sorted[i]].at, stems, len) < 0)
			low = i + 1;
		else
			high = i;
	}
	return low;
}
