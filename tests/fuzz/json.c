/* fuzz: JSON read and written by us and by jansson; and the scan lets
 * nothing through that the reader does not */
#include <stdlib.h>
#include <string.h>

#include "../json-oracle.h"
#include "fuzz.h"

/* What the scan finds is what stands in the object. */
static void
hold_scan(const char *text, size_t size)
{
	struct json_wanted w[] = { { "data", "text", NULL, 0 },
		{ NULL, "type", NULL, 0 } };
	const char *paths[] = { "data/text", "type" }, *known;
	json_t *object = NULL;
	size_t i;

	if (!json_scan(text, size, w, 2) ||
	    json_object_parse(text, size, &object) < 0)
		return;
	for (i = 0; i < 2; i++) {
		known = json_str(object, paths[i]);
		if (known == NULL ?
			json_at(object, paths[i]) != NULL || w[i].text != NULL :
			strlen(known) != w[i].len ||
			    memcmp(known, w[i].text, w[i].len) != 0)
			abort();
	}
	json_decref(object);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *type, *known;
	json_t *object = NULL;
	size_t len;

	if (!oracle_agrees(text, size, false, NULL) ||
	    !oracle_agrees(text, size, true, NULL))
		abort();
	hold_scan(text, size);
	if (!json_type_scan(text, size, &type, &len))
		return 0;
	/* Duplicate keys are all that the scan does not mind. */
	if (json_lenient(text, size, &object) < 0)
		abort();
	known = json_str(object, "type");
	if (known == NULL || strlen(known) != len ||
	    memcmp(known, type, len) != 0)
		abort();
	json_decref(object);
	return 0;
}
