/*
 * numbered - names that go with a number: "Trailhawk 2", "XR-7", "iPhone15"
 *
 * A number tells one of several things of a name apart, and another number is
 * another thing. What a question calls so is a name only if the documents use
 * it as one: written with a capital, or in one word with its number, and not
 * with a time, a range or a measure behind it.
 */
#ifndef AI_NUMBERED_H
#define AI_NUMBERED_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBERED_MAX 8

struct numbered {
	char *name;   /* folded */
	char *number; /* and letters that belong to it */
};

/* What text may call so; ret has room for NUMBERED_MAX. Returns how many. */
size_t numbered_find(const char *text, struct numbered *ret);
void numbered_release(struct numbered *list, size_t count);

/* What a text has of one. */
enum {
	NUMBERED_SAME = 1,  /* the name with the number */
	NUMBERED_OTHER = 2, /* the name with another one */
};
unsigned numbered_in(const struct numbered *one, const char *text);

/*
 * Text with number in place of that of the one name in it: "how much is the
 * Ridge 30?" about 45. NULL: it has none, several, or that number. The caller
 * frees.
 */
char *numbered_replace(const char *text, const char *number);

#endif
