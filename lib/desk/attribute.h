/*
 * attribute - facts about a contact that people and rules set
 *
 * A name and a value, both text; the value is personal and stands in no log.
 */
#ifndef DESK_ATTRIBUTE_H
#define DESK_ATTRIBUTE_H

#include "desk/act.h"

#define ATTRIBUTE_NAME_MAX 64
#define ATTRIBUTE_VALUE_MAX 256

/* 1 with a copy of the value in *ret, 0 if it is not set, or an ERR. What
 * contacts had that were merged into this one counts as its own. */
int attribute_get(struct store *s, const char *contact, const char *name,
    char **ret);

/* All of them: an object of texts, a new reference. */
int attributes_json(struct store *s, const char *contact, json_t **ret);

/*
 * Set it (NULL: is not set any more), in a transaction, with an event
 * contact.changed if it is new. ERR_DATA for a name or value that cannot be.
 */
int attribute_set(struct act *a, const char *contact, const char *name,
    const char *value);

#endif
