/*
 * compound - the streams of a compound file, a file system in a file, which
 * office programs wrote before 2007
 *
 * Nothing in it is believed: chains of sectors that run in a circle or out of
 * the file end with ERR_DATA.
 */
#ifndef KB_COMPOUND_H
#define KB_COMPOUND_H

#include <stddef.h>
#include <stdint.h>

/* Numbers as such files have them, the lowest byte first. */
uint16_t le16(const char *p);
uint32_t le32(const char *p);

/*
 * The whole of the first stream called name, in any folder, of at most max
 * bytes; the caller frees. ERR_NO when there is none, ERR_DATA.
 */
int compound_load(const char *bytes, size_t len, const char *name, size_t max,
    char **ret, size_t *ret_len);

#endif
