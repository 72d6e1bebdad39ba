/*
 * dump - a document's text, to be looked at
 *
 * Lines of a word, a tab and text: type, title and language; then the blocks,
 * with their kind as kb/extract.h has it, the level of a heading and, behind
 * an @, the page, or the first and the last; further lines of a block begin with the tab. Last come the
 * lines that were dropped, with how often, and the names of members.
 */
#ifndef KB_DUMP_H
#define KB_DUMP_H

#include "base/str.h"
#include "kb/extract.h"

void kb_text_dump(const struct kb_text *t, struct buf *out);

#endif
