/*
 * container - the members of a zip archive, which office documents are too
 *
 * By libarchive, from memory, nothing written. A member is read as a stream,
 * so that a large one costs its own size at no time. Limits hold for all that
 * is read from one container together: how many members it has, how much they
 * grow and by what factor; an archive that was made to fill a disk ends with
 * ERR_DATA.
 */
#ifndef KB_CONTAINER_H
#define KB_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

#define CONTAINER_MEMBERS_MAX 10000
#define CONTAINER_BYTES_MAX ((size_t)512 << 20) /* inflated, together */
#define CONTAINER_RATIO_MAX 400 /* of a member above a mebibyte */

struct container;

/* len bytes that outlive *ret. ERR_DATA: they are no zip archive. */
int container_open(const char *bytes, size_t len, struct container **ret);
void container_close(struct container *c); /* NULL is allowed */

/* Load what containers need of the system, before no file can be opened. */
void container_ready(void);

/* Names of the members in UTF-8, whatever they were in, folders left out, in
 * the order of the archive. */
size_t container_count(const struct container *c);
const char *container_name(const struct container *c, size_t wanted);
bool container_has(const struct container *c, const char *name);

/*
 * Give the bytes of a member to fn, piece by piece, until it returns other
 * than 0. 0, what fn returned, ERR_NO when there is no such member, or
 * ERR_DATA.
 */
int container_read(struct container *c, const char *name,
    int (*fn)(void *ctx, const char *bytes, size_t len), void *ctx);

/* The whole of a member, NUL-terminated, of at most max bytes; the caller
 * frees. ERR_NO, ERR_DATA. */
int container_load(struct container *c, const char *name, size_t max,
    char **ret, size_t *ret_len);

#endif
