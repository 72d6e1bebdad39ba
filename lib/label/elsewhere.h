/*
 * elsewhere - what people say that is about no intent of any desk
 *
 * Everyday sentences of share/label/elsewhere, which stand beside the examples
 * of intents when these are learnt: few desks write what they are not about.
 */
#ifndef LABEL_ELSEWHERE_H
#define LABEL_ELSEWHERE_H

#include <stddef.h>

#include "label/examples.h"

/* share/label/elsewhere: text, NUL-terminated. */
extern const char elsewhere_words[];

struct elsewhere {
	char **lines;
	size_t count;
};

/*
 * Those in languages, tags with blanks between; all of them if that is "". A
 * line is left out if all that it says stands in the examples of one intent:
 * small talk may be an intent.
 */
void elsewhere_for(const struct examples *e, const char *languages,
    struct elsewhere *ret);
void elsewhere_release(struct elsewhere *w);

#endif
