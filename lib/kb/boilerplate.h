/*
 * boilerplate - lines that a document has on most of its pages, or a site
 *
 * Menus, cookie lines, page headers and footers. Lines are compared with
 * blanks folded, and within one document each number as one sign, so that
 * "Page 3 of 9" is the same on every page. A line on over BOILERPLATE_PERCENT of at least
 * BOILERPLATE_PAGES pages is boilerplate, unless it is a heading.
 */
#ifndef KB_BOILERPLATE_H
#define KB_BOILERPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "kb/extract.h"

#define BOILERPLATE_PAGES 5
#define BOILERPLATE_PERCENT 60

struct line_counts;
/* is_exact: numbers are compared, too, as on the pages of a site. */
struct line_counts *line_counts_new(bool is_exact);
void line_counts_free(struct line_counts *c); /* NULL is allowed */

/* Count a line of a page; a page's lines come before those of the next. */
void line_counts_add(struct line_counts *c, const char *line, size_t page);
/* Whether it is on over BOILERPLATE_PERCENT of so many pages. */
bool line_counts_is_common(const struct line_counts *c, const char *line,
    size_t pages);

bool line_has_letters(const char *line);

/*
 * For the pages of a site: count the lines of t, which is the page of that
 * number. Items of lists and rows of tables are lines.
 */
void boilerplate_count(struct line_counts *c, const struct kb_text *t,
    size_t page);
/* Take those that are common to so many pages out of t, into t->dropped. */
void boilerplate_drop(const struct line_counts *c, struct kb_text *t,
    size_t pages);

/* The same with the pages of one document, where it has them. */
void boilerplate_of_pages(struct kb_text *t);

/* Note that a line was left out of t. */
void kb_text_drop(struct kb_text *t, const char *line);

#endif
