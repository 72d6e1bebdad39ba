/* wordset - a set of strings; open addressing, never more than half full */
#ifndef KB_WORDSET_H
#define KB_WORDSET_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty one. */
struct wordset {
	char **slot;
	size_t count, size;
};

void wordset_add(struct wordset *set, const char *key);
bool wordset_has(const struct wordset *set, const char *key);

/* It is an empty one then. */
void wordset_release(struct wordset *set);

#endif
