/*
 * number - numbers of a spreadsheet as its format codes show them
 */
#ifndef KB_NUMBER_H
#define KB_NUMBER_H

#include <stdbool.h>

#include "base/str.h"

/* Built-in formats of a day, and of one with a time of it. */
#define NUMBER_DATE 14
#define NUMBER_TIME 22

/* The code of a built-in format; NULL: there is none of that number. */
const char *number_builtin(int id);

/*
 * Add value as code shows it: dates (also where the year 1904 is the first),
 * percent, currency, thousands, decimals, what stands in quotes. Of a code
 * that is not understood the plain number. Dates whose form is left to the
 * country are yyyy-mm-dd; names of months are English.
 */
void number_format(struct buf *out, double value, const char *code,
    bool is_1904);

/* The number of a day, "2026-05-01", also with its time, "T09:30:00", or of a
 * time alone. Whether text is one. */
bool number_of_date(const char *text, bool is_1904, double *ret);

#endif
