/*
 * compound - the streams of a compound file, a file system in a file, which
 * office programs wrote before 2007
 *
 * Nothing in it is believed: chains of sectors that run in a circle or out of
 * the file end with ERR_DATA.
 */
#ifndef KB_COMPOUND_H
#define KB_COMPOUND_H

#include <stdbool.h>
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

/*
 * The same file as a tree. Entries are numbers, COMPOUND_ROOT is the outermost
 * folder; none is told twice, however the file has them.
 */
#define COMPOUND_ROOT 0
#define COMPOUND_NAME_BYTES 33
struct compound;

/* The bytes must outlive *ret. ERR_DATA. */
int compound_open(const char *bytes, size_t len, struct compound **ret);
void compound_close(struct compound *c); /* NULL is allowed */

/* The next entry of a folder, in no order; 0: there is none any more. */
size_t compound_next(struct compound *c, size_t folder);
bool compound_is_folder(const struct compound *c, size_t entry);
/* What is not ASCII in it is '?'. */
void compound_name(const struct compound *c, size_t entry,
    char ret[COMPOUND_NAME_BYTES]);
/* The whole of a stream, of at most max bytes; the caller frees. ERR_DATA. */
int compound_read(const struct compound *c, size_t entry, size_t max,
    char **ret, size_t *ret_len);

#endif
