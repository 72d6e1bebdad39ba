/*
 * tool - programs of the system that read what no library of ours reads
 *
 * They run within the box of the document, see base/box.h, and get it as
 * their standard input.
 */
#ifndef KB_TOOL_H
#define KB_TOOL_H

#include "kb/block.h"

/* False for all after tool_none(). */
bool tool_is_there(const char *path);

/* None is there from here on: where only our own code is to be tried. */
void tool_none(void);

/*
 * Run argv[0] on len bytes; what it prints is added to out. *ret_status: as of
 * waitpid(2). ERR_DATA when it is not there: the reason says that package is
 * to be installed.
 */
int tool_run(const char *const argv[], const char *package, const char *bytes,
    size_t len, struct buf *out, int *ret_status);

/* A picture, by tesseract; without it ERR_DATA says so. */
int extract_image(const char *bytes, size_t len, struct blocks *b);

/* A Word document of before 2007, by catdoc; without it ERR_DATA says so. */
int extract_doc(const char *bytes, size_t len, struct blocks *b);

#endif
