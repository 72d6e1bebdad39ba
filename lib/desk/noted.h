/*
 * noted - what people of the desk say of a contact: the name, language, zone
 *
 * It goes before what the provider tells and what is guessed.
 */
#ifndef DESK_NOTED_H
#define DESK_NOTED_H

#include <stdbool.h>

#include "desk/act.h"

/*
 * Changes, in a transaction, with contact.changed; nothing, without an event,
 * if it already is so. NULL: whatever the provider says, or is detected, again.
 * ERR_DATA for what is no name, no tag of a language (es, pt-BR), no zone
 * (Europe/Rome).
 */
int contact_call(struct act *a, const char *contact, const char *name);
int contact_speaks(struct act *a, const char *contact, const char *language);
int contact_lives(struct act *a, const char *contact, const char *zone);

/* Whether people have said what language the contact writes. */
bool noted_language(struct store *s, const char *contact);

/* What has been said; each may be NULL, and the caller frees it. */
int noted_get(struct store *s, const char *contact, bool *ret_renamed,
    char **ret_language, char **ret_zone);

#endif
