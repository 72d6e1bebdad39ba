/*
 * plain - text that a line brought, which most often is just that
 *
 * What is known to be plain is looked at once: kb_extract() would ask again
 * for charset and type, and most of its time goes there.
 */
#include <string.h>

#include "kb/block.h"
#include "kb/boilerplate.h"
#include "kb/plain.h"

#define LOOK_BYTES 1024 /* where a PDF may begin, see type_of_bytes() */

/* Whether kb_extract() would read it as it stands. */
static bool
stands(const char *text, size_t len)
{
	return memchr(text, '\r', len) == NULL &&
	    memmem(text, len < LOOK_BYTES ? len : LOOK_BYTES, "%PDF-", 5) ==
	    NULL &&
	    !(len >= 4 && memcmp(text, "GIF8", 4) == 0) &&
	    !(len >= 3 && memcmp(text, "\357\273\277", 3) == 0);
}

int
kb_read_plain(const char *text, size_t len, const char *name,
    size_t output_max_bytes, struct kb_text *ret)
{
	struct kb_text t = { .type = KB_TEXT_PLAIN };
	struct blocks b = { .text = &t, .max = output_max_bytes };
	int code;

	if (!kb_is_plain(text, len, name))
		return 0;
	if (!stands(text, len))
		return kb_extract(text, len, name, output_max_bytes, ret) == 0;
	code = extract_plain(text, len, &b);
	if (code == 0)
		boilerplate_of_pages(&t);
	/* What is wrong with it is said, and a title cleaned, there. */
	if (code < 0 || b.full || t.count == 0 || t.title != NULL) {
		kb_text_release(&t);
		return kb_extract(text, len, name, output_max_bytes, ret) == 0;
	}
	*ret = t;
	return 1;
}
