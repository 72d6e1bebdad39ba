/*
 * utf8 - text that is UTF-8, cut at characters, folded, safe to show
 *
 * Folding is for comparing: compatibility forms and case are folded, and
 * accents are taken off Latin, Greek, Cyrillic and Arabic letters only, the
 * stroke of Vietnamese d too; in other scripts the marks are letters (taking
 * them off costs Hindi a tenth of its retrieval quality), but for the nukta of
 * Hindi and Punjabi, which most people leave out.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

bool utf8_valid(const char *text, size_t len);

/* The first line, from 1, that is not UTF-8 or has a NUL; 0: there is none. */
int utf8_bad_line(const char *text, size_t len);

/* The same, and the column of it, in characters from 1; 0, 0: there is none. */
void utf8_bad_place(const char *text, size_t len, int *ret_line,
    int *ret_column);

/* Bytes of the character at p, before end; 0 if they are none. */
size_t utf8_character(const char *p, const char *end);

/* A copy with bad bytes and NULs as U+FFFD, NUL-terminated; caller frees. */
char *utf8_mend(const char *text, size_t len);

/* How many bytes there are before the first that is not ASCII, or is NUL. */
size_t utf8_plain_length(const char *text, size_t len);

/* The largest length <= max that ends at a character. */
size_t utf8_cut(const char *text, size_t len, size_t max);

/* Characters (code points), not bytes. */
size_t utf8_length(const char *text);

/*
 * The code point at *p, which moves on; 0 at the end, U+FFFD for a bad byte.
 */
uint32_t utf8_next(const char **p, const char *end);

/* Folded for comparing; the caller frees. */
char *utf8_fold(const char *text, size_t len);

/* The same of what utf8_plain_length() takes for ASCII, behind what out has. */
void utf8_fold_plain(struct buf *out, const char *text, size_t len);

/* The same with a nukta and the stroke of d kept: models that were trained on
 * such text know them. */
char *utf8_fold_learnt(const char *text, size_t len);

/* The same with all accents kept. */
char *utf8_fold_case(const char *text, size_t len);

/* The words of a text, folded, with one blank before, between and behind them:
 * " word word ". The caller frees. */
char *utf8_words(const char *text);

/* The same of a text that is folded. */
char *utf8_words_folded(const char *folded);

/*
 * A copy that a terminal shows and does not obey: control characters and
 * direction overrides as \xNN or \u{NNNN}; ends of lines, U+2028 and U+2029
 * too, as LF if lines, else as blanks. Caller frees.
 */
char *utf8_show(const char *text, bool lines);

/* Whether it is something, on a line of its own: no control characters. */
bool utf8_is_line(const char *text);

/* A copy without control characters other than LF and TAB; caller frees. */
char *utf8_plain(const char *text);

/* Columns on a terminal, wide characters as two, marks as none. */
size_t utf8_width(const char *text);

/* Letters and digits, and the marks that belong to words. */
bool utf8_is_word(uint32_t c);

/*
 * Whether nobody sees a character, though it stands there: control characters,
 * marks of direction, joiners, blanks without width, selectors of a form, tags,
 * the soft hyphen and the mark of byte order. TAB and what breaks a line are
 * seen.
 */
bool utf8_is_unseen(uint32_t c);

/* Whether a text has nothing in it that is seen. */
bool utf8_is_blank(const char *text);

/* Whether c breaks a line: LF, CR, the two below it, and those of Unicode. */
bool utf8_is_break(uint32_t c);

/*
 * Whether a joiner (U+200C, U+200D) between two characters means something: in
 * Persian, in the scripts of India, in emoji. after 0: a blank or the end.
 */
bool utf8_joins(uint32_t before, uint32_t after);

/* The ASCII character that a wide form is, else c. */
uint32_t utf8_narrow(uint32_t c);

#endif
