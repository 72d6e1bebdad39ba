/*
 * sniff - what a file is, by its bytes, by way of libmagic
 */
#ifndef BASE_SNIFF_H
#define BASE_SNIFF_H

/*
 * The media type of an open file ("image/jpeg"); the caller frees. What says
 * nothing of itself is application/octet-stream, or text/plain. The place in
 * the file is left at its beginning.
 */
char *sniff_type(int fd);

#endif
