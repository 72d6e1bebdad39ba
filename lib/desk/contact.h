/*
 * contact - customers, known by any of several names at one instance
 *
 * Keyed by (instance, any alias): phone, BSUID, parent BSUID, LID, username; a
 * group by the provider's id of it. The provider may leave out the phone once
 * a person has a username, and changes the BSUID when the number changes, so
 * no alias alone is the person.
 *
 * BSUID, parent BSUID, LID and group are one contact's alone: what names two
 * of them in one breath says that both are the same, and they are merged. A
 * phone is somebody's for a time: beside another BSUID it is another person's
 * from then on, and what came from the bare number belongs to whoever held it
 * then. A username joins nobody who is known by more: alone it is of whoever had
 * it then, until they had another one or another had it, and what was said
 * under it alone is theirs who are first seen with more beside it. So the end
 * does not depend on the order in which things are told, only on what they
 * say and on the provider's clock.
 *
 * An id of no shape that is known is of the kind other, and is one contact's
 * alone; nobody is written to by it.
 *
 * What a person has split stays apart (contact_apart), whatever the provider
 * says. A contact that was merged is a row with merged_into; every function
 * here takes either id.
 */
#ifndef DESK_CONTACT_H
#define DESK_CONTACT_H

#include <stdbool.h>

#include "base/id.h"
#include "desk/merge.h"
#include "store/store.h"

/* Of a name; WhatsApp's have some 25 characters. */
#define CONTACT_NAME_MAX_BYTES 512

struct alias {
	const char
	    *kind; /* phone bsuid parent_bsuid lid username group other */
	const char *value; /* NULL or "": left out */
};

enum contact_news { CONTACT_KNOWN, CONTACT_NEW, CONTACT_CHANGED };

/* Names that were seen together. */
struct sighting {
	const char *instance;
	const struct alias *aliases;
	size_t count;
	size_t nformer;	     /* the first ones are of an earlier self */
	const char *name;    /* profile name; NULL */
	const char *contact; /* whose they are, if known otherwise; NULL */
	int64_t at_ms;
};

/*
 * The contact a sighting is of, made if there is none, in a transaction. New
 * names are added; contacts that turn out to be one are merged and what turns
 * out to be another's is moved: what was done of that is added to made. The id
 * of a new contact is derived from the instance and the first alias given.
 * ERR_DATA if nothing names anybody.
 */
int contact_see(struct store *s, const struct sighting *g, struct deeds *made,
    char ret_id[SHORT_ID_BYTES], enum contact_news *ret_news);

/* The same of what is no sighting of the provider (a foreign line). */
int contact_for(struct store *s, const char *instance,
    const struct alias *aliases, size_t count, const char *name, int64_t at_ms,
    char ret_id[SHORT_ID_BYTES], enum contact_news *ret_news);

/* The id that goes on for id: its own, or that of whom it was merged into.
 * ERR_NOINPUT. */
int contact_resolve(struct store *s, const char *id,
    char ret_id[SHORT_ID_BYTES]);

/* Whether kind is one contact's alone. */
bool alias_is_sure(const char *kind);

/* The value of an alias it has now, copied; NULL if none. Caller frees. */
char *contact_alias(struct store *s, const char *contact, const char *kind);

/*
 * Where to write to: the id that wrote last, if it is still theirs; else what
 * is known, phone first. ret_kind is phone, bsuid, lid, parent_bsuid or group,
 * borrowed. ERR_NOINPUT.
 */
int contact_address(struct store *s, const char *contact, const char **ret_kind,
    char **ret_value);

/* The profile name, copied; NULL if none. Caller frees. */
char *contact_name(struct store *s, const char *contact);

/* The name from the newest message that carries one, if any does. */
int contact_rename(struct store *s, const char *contact);

/*
 * ["phone:4915...","bsuid:DE.1","name:Ada"]: what message.sender keeps of who
 * wrote it. Caller frees; NULL if there is nothing.
 */
char *contact_sender(const struct alias *aliases, size_t count,
    const char *name);

/* The row of a new contact, in a transaction; its id is ret_id. */
int contact_make(struct store *s, const char *instance,
    const struct alias *alias, const char *name, int64_t at_ms,
    char ret_id[SHORT_ID_BYTES]);

#endif
