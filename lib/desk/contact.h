/*
 * contact - customers, known by any of several names at one instance
 *
 * Keyed by (instance, any alias): phone, BSUID, parent BSUID, LID, username.
 * The provider may leave out the phone once a person has a username, and
 * changes the BSUID when the number changes, so no alias alone is the person. A
 * username may pass to another person, so it names one only if it is all there
 * is.
 */
#ifndef DESK_CONTACT_H
#define DESK_CONTACT_H

#include <stdbool.h>

#include "base/id.h"
#include "store/store.h"

struct alias {
	const char *kind;  /* phone, bsuid, parent_bsuid, lid, username */
	const char *value; /* NULL or "": left out */
};

enum contact_news { CONTACT_KNOWN, CONTACT_NEW, CONTACT_CHANGED };

/*
 * The contact whom any of the aliases names (the oldest one, if several),
 * made if there is none; aliases and name that are new are added. In a
 * transaction. The id of a new contact is derived from the instance and the
 * first alias given.
 */
int contact_for(struct store *s, const char *instance,
    const struct alias *aliases, size_t count, const char *name, int64_t at_ms,
    char ret_id[SHORT_ID_BYTES], enum contact_news *ret_news);

/*
 * Another alias of a contact that is known, in a transaction; one that is
 * somebody's already stays theirs. 1 if something changed, else 0.
 */
int contact_learn(struct store *s, const char *instance, const char *contact,
    const struct alias *alias, int64_t at_ms);

/* The value of an alias, copied; NULL if there is none. Caller frees. */
char *contact_alias(struct store *s, const char *contact, const char *kind);

/* Where to write to: phone, else bsuid. ret_kind is borrowed. ERR_NOINPUT. */
int contact_address(struct store *s, const char *contact, const char **ret_kind,
    char **ret_value);

/* The profile name, copied; NULL if none. Caller frees. */
char *contact_name(struct store *s, const char *contact);

#endif
