/* fuzz: a body of the provider's taken apart */
#include <stdlib.h>

#include "fuzz.h"
#include "wa/webhook.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct webhook *w = webhook_parse((const char *)data, size);

	for (size_t i = 0; i < w->count; i++)
		if (w->items[i].type == NULL ||
		    w->items[i].naliases > WEBHOOK_ALIASES_MAX ||
		    w->items[i].nformer > w->items[i].naliases ||
		    w->items[i].wa_ms < 0)
			abort();
	webhook_free(w);
	return 0;
}
