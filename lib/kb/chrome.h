/*
 * chrome - what a page has around its text: menus, notices, what is not shown
 *
 * What is hidden until somebody asks for it is text, such as the answers below
 * the questions of a page of them. It is told from hidden menus and windows by
 * having running text, and by what unfolds it: a control that names it, a
 * heading, a question or a button right above it, or a class such as
 * "accordion".
 */
#ifndef KB_CHROME_H
#define KB_CHROME_H

#include <stdbool.h>

#include "kb/html.h"

struct chrome;

/* Of the page below top, whose text is in root; both live longer. is_book: a
 * chapter, in which nothing is the site's: notes and boxes beside are text. */
struct chrome *chrome_new(xmlNode *top, const xmlNode *root, bool is_book);
void chrome_free(struct chrome *c);

/* What is around n: how many of these elements. */
struct chrome_around {
	int main;    /* <main> and <article> */
	int section; /* <section> */
	int heading; /* <h1> to <h6>, <summary>, <dt> */
	int form;
};

/* Whether element n is never shown, nor anything below it. */
bool chrome_hides(const struct chrome *c, xmlNode *n);

/* Whether n, with all below it, is none of the page's text. */
bool chrome_has(const struct chrome *c, xmlNode *n,
    const struct chrome_around *around);

/* Whether n, a button or the like, names what is below it as a heading does. */
bool chrome_is_name(const struct chrome *c, xmlNode *n);

/* What heading n, or the button in it, unfolds below it; NULL: nothing. */
xmlNode *chrome_panel(const struct chrome *c, xmlNode *n);

/* The name of n where it stands elsewhere, as that of a tab does; NULL: it has
 * none. The caller frees. */
char *chrome_name(const struct chrome *c, xmlNode *n);

/* The text below n on one line, without scripts, at most max bytes; the caller
 * frees. */
char *chrome_text(xmlNode *n, size_t max);

#endif
