/* dictionary - whether a language has a word, be it in the base or not */
#include <string.h>

#include "base/language.h"
#include "kb/dictionary.h"

/* The file as it is: megabytes that are read where they are asked of alone. */
__asm__(".section .rodata\n"
	".balign 8\n"
	"dictionary_data:\n"
	".incbin \"" DICTIONARY_FILE "\"\n"
	".previous\n");
extern const unsigned char dictionary_data[]
    __attribute__((visibility("hidden")));

static const struct dictionary_list *
list_of(const char *language)
{
	const struct dictionary_head *head = (const void *)dictionary_data;
	const struct dictionary_list *l = (const void *)(head + 1);
	uint32_t i;

	for (i = 0; i < head->lists; i++)
		if (strcmp(l[i].language, language) == 0)
			return &l[i];
	return NULL;
}

static bool
has_hash(const char *language, uint64_t hash)
{
	const struct dictionary_list *l = list_of(language_plain(language));
	const uint32_t *start;
	const uint16_t *print;
	uint32_t i;

	if (l == NULL)
		return false;
	start = (const uint32_t *)(const void *)(dictionary_data + l->starts) +
	    (hash >> (64 - l->bits));
	print = (const uint16_t *)(const void *)(dictionary_data + l->prints);
	for (i = start[0]; i < start[1]; i++)
		if (print[i] == (uint16_t)hash)
			return true;
	return false;
}

bool
dictionary_has(const char *language, const char *word, size_t len)
{
	return has_hash(language, dictionary_hash(word, len));
}

bool
dictionary_has_stem(const char *language, const char *stem, size_t len)
{
	return has_hash(language, dictionary_hash(stem, len) ^ DICTIONARY_STEM);
}

bool
dictionary_knows(const char *language)
{
	return list_of(language_plain(language)) != NULL;
}
