/*
 * boilerplate - lines that a document has on most of its pages, or a site
 *
 * Menus, cookie lines, page headers and footers. Lines are compared with
 * blanks folded, and are the same only if their numbers are: a price list has
 * a page for each of its goods. At the edge of a page one number may be that of
 * the page, so that "Page 3 of 9" is the same on every page. A line on over
 * BOILERPLATE_PERCENT of at least BOILERPLATE_PAGES pages is boilerplate,
 * unless it is a heading; of nothing but such lines a text is kept as it is.
 */
#ifndef KB_BOILERPLATE_H
#define KB_BOILERPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kb/extract.h"

#define BOILERPLATE_PAGES 5
#define BOILERPLATE_PERCENT 60

#define BOILERPLATE_LINES 2000 /* of a page, that others are compared with */

struct line_counts;
struct line_counts *line_counts_new(void);
void line_counts_free(struct line_counts *c); /* NULL is allowed */

/*
 * Count a line of a page, from 0; a page's lines come before those of the next.
 * is_edge: a number in it may be that of the page.
 */
void line_counts_line(struct line_counts *c, const char *line, size_t page,
    bool is_edge);
/* Whether it is on over BOILERPLATE_PERCENT of so many pages. */
bool line_counts_is_common(const struct line_counts *c, const char *line,
    size_t page, bool is_edge, size_t pages);

/* Whether it is on any. */
bool line_counts_has(const struct line_counts *c, const char *line);

/* The same by what stands for a line, which a store may keep. */
void line_counts_add(struct line_counts *c, uint64_t key, size_t page);
/* Whether it is common to so many pages. */
bool line_counts_is_common_key(const struct line_counts *c, uint64_t key,
    size_t pages);
/* One page less has it. */
void line_counts_take(struct line_counts *c, uint64_t key);

bool line_has_letters(const char *line);

/*
 * For the pages of a site: what stands for the lines of t, each once and at
 * most BOILERPLATE_LINES. Items of lists and rows of tables are lines. The
 * caller frees ret->key.
 */
struct line_keys {
	uint64_t *key;
	size_t count;
};
void boilerplate_keys(const struct kb_text *t, struct line_keys *ret);
/* Take those that are common to so many pages out of t, into t->dropped. */
void boilerplate_drop(const struct line_counts *c, struct kb_text *t,
    size_t pages);

/* The same with the pages of one document, where it has them. */
void boilerplate_of_pages(struct kb_text *t);

/*
 * The number of a line that is nothing else than one as pages have it: "3",
 * "- 3 -", "3 / 12", in the digits of any script; 0: it is not.
 */
int64_t page_number_of(const char *line, size_t len);

/* Note that a line was left out of t. */
void kb_text_drop(struct kb_text *t, const char *line);

#endif
