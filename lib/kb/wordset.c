/* wordset - a set of strings */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "kb/wordset.h"

static char **
slot_of(const struct wordset *set, const char *key)
{
	uint32_t h = 2166136261u;
	const char *p;

	for (p = key; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	while (set->slot[h & (set->size - 1)] != NULL &&
	    strcmp(set->slot[h & (set->size - 1)], key) != 0)
		h++;
	return &set->slot[h & (set->size - 1)];
}

void
wordset_add(struct wordset *set, const char *key)
{
	struct wordset old = *set;
	char **slot;
	size_t i;

	if (2 * (set->count + 1) > set->size) {
		set->size = old.size > 0 ? 2 * old.size : 256;
		set->slot = xcalloc(set->size, sizeof(*set->slot));
		for (i = 0; i < old.size; i++)
			if (old.slot[i] != NULL)
				*slot_of(set, old.slot[i]) = old.slot[i];
		free(old.slot);
	}
	slot = slot_of(set, key);
	if (*slot == NULL) {
		*slot = xstrdup(key);
		set->count++;
	}
}

bool
wordset_has(const struct wordset *set, const char *key)
{
	return set->size > 0 && *slot_of(set, key) != NULL;
}

void
wordset_release(struct wordset *set)
{
	size_t i;

	for (i = 0; i < set->size; i++)
		free(set->slot[i]);
	free(set->slot);
	memset(set, 0, sizeof(*set));
}
