/*
 * dictionary - whether a language has a word, be it in the base or not
 *
 * The words are those of the system's lists (/usr/share/dict) at the time
 * frontdesk was built, each as 16 bits of its hash: of a hundred thousand
 * words that no list has, about twelve are taken for one.
 */
#ifndef KB_DICTIONARY_H
#define KB_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DICTIONARY_MIN_LETTERS 4 /* shorter words are in none */

/* Of a folded word. False too for a language that there was no list of. */
bool dictionary_has(const char *language, const char *word, size_t len);

/* Whether there was a list of the language. */
bool dictionary_knows(const char *language);

/* Of a stem, where the list has a word in one form alone; else false. */
bool dictionary_has_stem(const char *language, const char *stem, size_t len);

/*
 * What share/dictionary/make writes: struct dictionary_head, as many struct
 * dictionary_list, then what those tell of. In the byte order of the machine.
 */
struct dictionary_list {
	char language[8];
	uint32_t bits;	 /* of a hash, the first ones: its place in starts */
	uint32_t starts; /* uint32_t, one more than there are places */
	uint32_t prints; /* uint16_t, the last bits of each hash */
};
struct dictionary_head {
	uint32_t lists;
};
/* Both offsets are in bytes from the beginning. */

#define DICTIONARY_STEM UINT64_C(0x9e3779b97f4a7c15)

/* Of a stem the hash is that of the word, exclusive or DICTIONARY_STEM. */
static inline uint64_t
dictionary_hash(const char *word, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * UINT64_C(1099511628211);
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	return h ^ h >> 33;
}

#endif
