/* noted - what people of the desk say of a contact: the name, language, zone */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/language.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "desk/contact.h"
#include "desk/noted.h"

/* The event of a change, if the statement before made one. */
static int
tell(struct act *a, const char *contact, const char *change)
{
	struct query q = query(store_desk(a->store),
	    "SELECT instance FROM contact WHERE id = :id");
	json_t *data = json_object();
	char *subject = xformat("contact/%s", contact);
	int code;

	json_put(data, "contact", contact);
	bind_text(&q, ":id", contact);
	if (step(&q))
		json_put(data, "instance", column_text(&q, 0));
	code = done(&q);
	json_put(data, "change", change);
	json_put(data, "actor", a->actor);
	if (code == 0)
		code = act_emit(a, "contact.changed", subject, data, NULL);
	else
		json_decref(data);
	free(subject);
	return code;
}

/* One of the statements below on a contact: 1 if it changed something. */
static int
put(struct act *a, const char *sql, const char *contact, const char *value)
{
	struct query q = query(store_desk(a->store), sql);
	int code;

	bind_text(&q, ":id", contact);
	if (strstr(sql, ":value") != NULL)
		bind_text(&q, ":value", value);
	step(&q);
	code = done(&q);
	return code < 0 ? code : db_changes(store_desk(a->store)) > 0;
}

int
contact_call(struct act *a, const char *contact, const char *name)
{
	char id[SHORT_ID_BYTES];
	int code = contact_resolve(a->store, contact, id);

	if (code == 0 && name != NULL &&
	    (utf8_is_blank(name) || strlen(name) > CONTACT_NAME_MAX_BYTES ||
		!utf8_is_line(name)))
		code = err_set(ERR_DATA,
		    "a name has 1 to %d bytes on one line, and not blanks alone",
		    CONTACT_NAME_MAX_BYTES);
	if (code < 0)
		return code;
	if (name != NULL)
		code = put(a,
		    "UPDATE contact SET name = :value, renamed = 1 WHERE id = :id"
		    " AND erased = 0 AND (name IS NOT :value OR renamed = 0)",
		    id, name);
	else
		code = put(a,
		    "UPDATE contact SET renamed = 0"
		    " WHERE id = :id AND renamed <> 0",
		    id, NULL);
	if (code == 1 && name == NULL && contact_rename(a->store, id) < 0)
		return ERR_IO;
	return code == 1 ? tell(a, id, "renamed") : code;
}

/* What they write from now on is taken for it. */
static int
speak(struct act *a, const char *id, const char *tag)
{
	int code = put(a,
	    "UPDATE contact SET language_set = :value WHERE id = :id"
	    " AND erased = 0 AND language_set IS NOT :value",
	    id, tag);

	if (code != 1)
		return code;
	if (tag != NULL)
		code = put(a,
		    "UPDATE conversation SET language = :value"
		    " WHERE contact = :id AND language IS NOT :value",
		    id, tag);
	return code < 0 ? code : tell(a, id, "language");
}

int
contact_speaks(struct act *a, const char *contact, const char *language)
{
	char id[SHORT_ID_BYTES], tag[LANGUAGE_TAG_BYTES];
	int code = contact_resolve(a->store, contact, id);

	if (code < 0)
		return code;
	if (language == NULL)
		return speak(a, id, NULL);
	if (!language_tag_valid(language, strlen(language)))
		return err_set(ERR_DATA,
		    "'%s' is no tag of a language, such as es or pt-BR",
		    language);
	language_tag_write(language, tag);
	return speak(a, id, tag);
}

int
contact_lives(struct act *a, const char *contact, const char *zone)
{
	char id[SHORT_ID_BYTES];
	struct zone *z = NULL;
	int code = contact_resolve(a->store, contact, id);

	if (code == 0 && zone != NULL && zone_open(zone, &z) < 0)
		code = err_set(ERR_DATA, "%s", err_reason());
	zone_close(z);
	if (code == 0)
		code = put(a,
		    "UPDATE contact SET zone = :value WHERE id = :id"
		    " AND erased = 0 AND zone IS NOT :value",
		    id, zone);
	return code == 1 ? tell(a, id, "zone") : code;
}

int
noted_get(struct store *s, const char *contact, bool *ret_renamed,
    char **ret_language, char **ret_zone)
{
	struct query q = query(store_desk(s),
	    "SELECT renamed, language_set, zone FROM contact WHERE id ="
	    " (SELECT coalesce(merged_into, id) FROM contact WHERE id = :id)");

	*ret_renamed = false;
	*ret_language = *ret_zone = NULL;
	bind_text(&q, ":id", contact);
	if (step(&q)) {
		*ret_renamed = column_int(&q, 0) != 0;
		*ret_language = column_copy(&q, 1);
		*ret_zone = column_copy(&q, 2);
	}
	return done(&q);
}

bool
noted_language(struct store *s, const char *contact)
{
	char *language = NULL, *zone = NULL;
	bool renamed, is;

	is = noted_get(s, contact, &renamed, &language, &zone) == 0 &&
	    language != NULL;
	free(language);
	free(zone);
	return is;
}
