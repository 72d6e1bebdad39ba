/*
 * plain - a text with the digits, dashes, quotes and blanks of ASCII
 */
#ifndef GROUND_PLAIN_H
#define GROUND_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#define PLAIN_HIDDEN '\1' /* stands for signs that cannot be seen, in ASCII */
#define PLAIN_STOP '\2'	  /* the full stop of scripts without blanks */

/*
 * text with digits of all scripts, wide forms, dashes, quotes, blanks and
 * commas as ASCII has them, and without what cannot be seen. *ret_was tells
 * for each byte, and for the end, where it was. The caller frees both.
 */
char *plain_text(const char *text, size_t len, size_t *ret_len,
    uint32_t **ret_was);

#endif
