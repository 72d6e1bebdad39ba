/*
 * personal - what in a text may tell who somebody is
 *
 * For a warning before a text is shown to all: mail addresses, numbers of
 * telephones, accounts and orders, and the names and numbers of the contact it
 * was said to. It cannot know whose they are: the shop's own telephone number
 * is found as well.
 */
#ifndef AI_PERSONAL_H
#define AI_PERSONAL_H

#include "base/json.h"

struct personal; /* word lists: one a thread, used again and again */

struct personal *personal_new(void);
void personal_free(struct personal *p);

/*
 * An array of objects of "what" and "text", each text once. names: of the
 * contact, NULL-ended.
 */
json_t *personal_find(struct personal *p, const char *text,
    const char *const *names);

#endif
