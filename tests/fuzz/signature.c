/* fuzz: a header that says who signed; only the true one is believed */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "net/signature.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct signature_keys *keys;
	char right[SIGNATURE_BYTES], *header;
	const char *body = "{\"object\":\"whatsapp_business_account\"}";
	size_t len = strlen(body);

	if (keys == NULL) {
		keys = signature_keys_new();
		signature_keys_add(keys, "an app secret");
		signature_keys_add(keys, "the one before");
	}
	header = xstrndup((const char *)data, size);
	if (signature_make(keys, body, len, right) < 0 ||
	    !signature_ok(keys, right, body, len))
		abort();
	if (signature_ok(keys, header, body, len) &&
	    strcasecmp(header, right) != 0)
		abort();
	free(header);
	return 0;
}
