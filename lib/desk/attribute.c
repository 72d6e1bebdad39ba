/* attribute - facts about a contact that people and rules set */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "desk/attribute.h"
#include "desk/contact.h"

int
attribute_get(struct store *s, const char *contact, const char *name,
    char **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT value FROM contact_attribute WHERE name = :name"
	    " AND contact IN (SELECT :contact UNION SELECT id FROM contact"
	    "  WHERE merged_into = :contact)"
	    " ORDER BY contact <> :contact, contact LIMIT 1");
	char id[SHORT_ID_BYTES], *value = NULL;
	int code = contact_resolve(s, contact, id);

	if (code < 0)
		return code;
	bind_text(&q, ":contact", id);
	bind_text(&q, ":name", name);
	if (step(&q))
		value = column_copy(&q, 0);
	code = done(&q);
	if (code < 0 || value == NULL) {
		free(value);
		return code;
	}
	*ret = value;
	return 1;
}

int
attributes_json(struct store *s, const char *contact, json_t **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT name, value FROM contact_attribute WHERE contact IN"
	    " (SELECT :contact UNION SELECT id FROM contact"
	    "  WHERE merged_into = :contact)"
	    " ORDER BY name, contact <> :contact DESC, contact DESC");
	char id[SHORT_ID_BYTES];
	json_t *o;
	int code = contact_resolve(s, contact, id);

	if (code < 0)
		return code;
	o = json_object();
	bind_text(&q, ":contact", id);
	/* The last of a name counts: its own. */
	while (step(&q))
		json_put(o, column_text(&q, 0), column_text(&q, 1));
	code = done(&q);
	if (code < 0)
		json_decref(o);
	else
		*ret = o;
	return code;
}

static int
check(const char *name, const char *value)
{
	size_t len = strlen(name);

	if (len == 0 || len > ATTRIBUTE_NAME_MAX || !utf8_is_line(name))
		return err_set(ERR_DATA,
		    "the name of an attribute has 1 to %d bytes on one line",
		    ATTRIBUTE_NAME_MAX);
	if (value != NULL &&
	    (*value == '\0' || strlen(value) > ATTRIBUTE_VALUE_MAX ||
		!utf8_is_line(value)))
		return err_set(ERR_DATA,
		    "attribute %s: a value has 1 to %d bytes on one line", name,
		    ATTRIBUTE_VALUE_MAX);
	return 0;
}

static int
tell(struct act *a, const char *contact, const char *name)
{
	struct query q = query(store_desk(a->store),
	    "SELECT instance FROM contact WHERE id = :id");
	json_t *data = json_object();
	char *subject;
	int code;

	json_put(data, "contact", contact);
	bind_text(&q, ":id", contact);
	if (step(&q))
		json_put(data, "instance", column_text(&q, 0));
	code = done(&q);
	if (code < 0) {
		json_decref(data);
		return code;
	}
	json_put(data, "change", "attribute");
	json_put(data, "attribute", name);
	subject = xformat("contact/%s", contact);
	code = act_emit(a, "contact.changed", subject, data, NULL);
	free(subject);
	return code;
}

int
attribute_set(struct act *a, const char *contact, const char *name,
    const char *value)
{
	char id[SHORT_ID_BYTES], *was = NULL;
	struct query q;
	int code = check(name, value);

	if (code == 0)
		code = contact_resolve(a->store, contact, id);
	if (code == 0)
		code = attribute_get(a->store, id, name, &was);
	if (code < 0)
		return code;
	if (value == NULL ? was == NULL :
			    was != NULL && strcmp(was, value) == 0) {
		free(was);
		return 0;
	}
	free(was);
	if (value != NULL)
		q = query(store_desk(a->store),
		    "INSERT INTO contact_attribute (contact, name, value)"
		    " VALUES (:contact, :name, :value)"
		    " ON CONFLICT DO UPDATE SET value = :value");
	else
		q = query(store_desk(a->store),
		    "DELETE FROM contact_attribute WHERE name = :name"
		    " AND contact IN (SELECT :contact UNION"
		    "  SELECT id FROM contact WHERE merged_into = :contact)");
	bind_text(&q, ":contact", id);
	bind_text(&q, ":name", name);
	if (value != NULL)
		bind_text(&q, ":value", value);
	step(&q);
	code = done(&q);
	return code < 0 ? code : tell(a, id, name);
}
