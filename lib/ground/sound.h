/*
 * sound - names in different alphabets that may be one
 */
#ifndef GROUND_SOUND_H
#define GROUND_SOUND_H

#include <stdbool.h>
#include <stddef.h>

#define SOUND_CONSONANTS 8

/*
 * The consonants of a word as classes that scripts share, in ret, which ends
 * with NUL: "Brighton", "Брайтон" and "ब्राइटन" are alike. Vowels and h are left
 * out. Returns how many there are; 0 for scripts that are not known.
 */
size_t sound_of(const char *word, size_t len, char ret[SOUND_CONSONANTS + 1]);

/* Whether most of them are the same, in order, and the first. */
bool sound_alike(const char *a, const char *b);

#endif
