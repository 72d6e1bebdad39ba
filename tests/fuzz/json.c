/* fuzz: JSON read and written by us and by jansson; and the scan for the type
 * lets nothing through that the reader does not */
#include <stdlib.h>
#include <string.h>

#include "../json-oracle.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *type, *known;
	json_t *object = NULL;
	size_t len;

	if (!oracle_agrees(text, size, false, NULL) ||
	    !oracle_agrees(text, size, true, NULL))
		abort();
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
