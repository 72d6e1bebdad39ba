/*
 * spool - what one who fetches keeps between two runs
 *
 * A folder of its own in the store's spool/: what is known of each source, a
 * JSON line each, and room for files on their way. One run at a time holds it.
 * Losing it costs fetching all once more.
 */
#ifndef KB_SPOOL_H
#define KB_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

struct spool;

/*
 * The spool of kind ("crawl") for key, in the store at dir; made if missing.
 * ERR_BUSY if another run holds it, ERR_CREATE, ERR_DENIED, ERR_IO.
 */
int spool_open(const char *dir, const char *kind, const char *key,
    struct spool **ret);
void spool_close(struct spool *s); /* NULL is allowed */

/* Its folder, and that of files on their way, which is empty at first. */
const char *spool_dir(const struct spool *s);
const char *spool_files(const struct spool *s);

/* Take out all files on their way. */
int spool_empty(struct spool *s);

/*
 * What is known: an object with a member each source. Borrowed; change it and
 * spool_save(). Unless the last one was saved with the same version it is
 * empty: version stands for what makes old knowledge worthless.
 */
json_t *spool_known(struct spool *s);
int spool_load(struct spool *s, const char *version);
int spool_save(struct spool *s);

/* When a run last came to its end, and that it does now; 0: never. */
int64_t spool_done_ms(const struct spool *s);
void spool_set_done(struct spool *s, int64_t now_ms);

#endif
