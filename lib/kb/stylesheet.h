/*
 * stylesheet - what the <style> elements of a page hide
 *
 * Read are rules for one class or one id, with the name of an element or
 * without. What any other rule of the page may show again, as one for a state
 * (":target", ".open .menu") or for some screens, is not hidden: a reader may
 * have it shown. What is said for print alone is none of the page's.
 */
#ifndef KB_STYLESHEET_H
#define KB_STYLESHEET_H

#include <stdbool.h>

#include "kb/html.h"

struct stylesheet;

/* Of the page below top. Never NULL; the caller ends it with _free. */
struct stylesheet *stylesheet_new(xmlNode *top);
void stylesheet_free(struct stylesheet *s);

/* Whether it hides n itself; what n is in is not asked. */
bool stylesheet_hides(const struct stylesheet *s, const xmlNode *n);

/* What declarations say of being seen, as those of an attribute "style". */
enum stylesheet_says { STYLE_SAYS_NOTHING, STYLE_HIDES, STYLE_SHOWS };

enum stylesheet_says stylesheet_says(const char *declarations);

#endif
