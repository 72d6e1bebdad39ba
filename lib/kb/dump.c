/* dump - a document's text, to be looked at */
#include <string.h>

#include "base/str.h"
#include "kb/dump.h"

void
kb_text_dump(const struct kb_text *t, struct buf *out)
{
	const struct kb_block *b;
	const char *p, *end;
	size_t i;

	buf_addf(out, "type\t%s\n", kb_type_names[t->type]);
	if (t->title != NULL)
		buf_addf(out, "title\t%s\n", t->title);
	if (t->language != NULL)
		buf_addf(out, "language\t%s\n", t->language);
	for (i = 0; i < t->count; i++) {
		b = &t->block[i];
		buf_addc(out, (char)b->kind);
		if (b->kind == BLOCK_HEADING)
			buf_addf(out, "%d", b->level);
		if (b->page > 0)
			buf_addf(out, "@%d", b->page);
		if (b->turns > 0)
			buf_addf(out, "-%d", kb_block_page(b, SIZE_MAX));
		if (*b->text == '\0')
			buf_adds(out, "\t\n");
		/* What goes on begins with a tab. */
		for (p = b->text; *p != '\0'; p = *end ? end + 1 : end) {
			end = p + strcspn(p, "\n");
			buf_addc(out, '\t');
			buf_add(out, p, (size_t)(end - p));
			buf_addc(out, '\n');
		}
	}
	for (i = 0; i < t->ndropped; i++)
		buf_addf(out, "dropped\t%lld\t%s\n",
		    (long long)t->dropped[i].count, t->dropped[i].line);
	for (i = 0; i < t->members; i++)
		buf_addf(out, "member\t%s\n", t->member[i].name);
}
