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

/*
 * An array of objects of "what" and "text", each text once. names: of the
 * contact, NULL-ended. Its word lists are made once a process; one thread.
 */
json_t *personal_find(const char *text, const char *const *names);

#endif
