/*
 * backup - copies of a store that are whole or are not there
 *
 * A backup is a directory frontdesk-YYYYMMDDTHHMMSSZ:
 *
 *	MANIFEST	JSON Lines: one of the whole, one a file, one that
 *			holds the hash of all before
 *	desk.db ...	the files of the store, without logs and locks
 *	media/
 *
 * It is written beside, in .NAME.PID.partial, synced, and renamed at the end,
 * so what carries the name is complete. desk.db is copied first and the inbox
 * after it: a reader's cursor in the copy never stands behind bodies that the
 * copy does not have. Each database is one snapshot while others write.
 *
 * Files 0600, directories 0700. Nothing here prints or exits.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKUP_NAME_BYTES 28 /* "frontdesk-20261123T201500Z" and room */

struct backup_file {
	char *name; /* desk.db, media/ab/... */
	int64_t bytes;
	char *hash; /* BLAKE2b-256, hexadecimal */
	int schema; /* of a database; 0: none */
};

struct backup {
	char *path;
	char name[BACKUP_NAME_BYTES];
	int64_t time_ms; /* when it was begun */
	int64_t seq;	 /* the last event of the log in it */
	int64_t bytes;	 /* of all files */
	struct backup_file *files;
	size_t nfiles;
};

/* Told of progress: this file, so many bytes of about so many. */
struct backup_watch {
	void (*progress)(void *ctx, const char *file, int64_t done_bytes,
	    int64_t all_bytes);
	void (*wrong)(void *ctx, const char *what); /* backup_verify only */
	void *ctx;
};

/*
 * Copy the store in store_dir to a new backup in the directory to, which is
 * made (0700) if it is missing. What a killed one left behind is removed.
 * ERR_CREATE, ERR_IO with nothing left behind.
 */
int backup_create(const char *store_dir, const char *to,
    const struct backup_watch *watch, struct backup **ret);

/* What the MANIFEST of a backup says. ERR_NOINPUT, ERR_DATA. */
int backup_open(const char *path, struct backup **ret);
void backup_free(struct backup *b); /* NULL is allowed */

/*
 * Whether all of it is there and sound: sizes, hashes, nothing else beside,
 * integrity and foreign keys of the databases, schema. ERR_NO if not, each
 * fault told to watch->wrong; ERR_CONFIG if it is of a newer frontdesk.
 */
int backup_verify(const struct backup *b, const struct backup_watch *watch);

/*
 * Make the store dir of b; dir is made, or is there and empty (ERR_CREATE).
 * The files are gathered within it; prepare (NULL: none) may change that
 * store, then it is moved to its place, desk.db last. As root the files go to
 * the owner of dir. The hashes are compared on the way: ERR_NO.
 */
int backup_restore(const struct backup *b, const char *dir,
    int (*prepare)(void *ctx, const char *gathered),
    const struct backup_watch *watch);

/* The backups in a directory, the oldest first; ones without a readable
 * MANIFEST have time_ms -1. Free each and the array. ERR_NOINPUT. */
int backup_list(const char *dir, struct backup ***ret, size_t *ret_count);

/* Remove all but the newest keep. *ret_removed counts. */
int backup_rotate(const char *dir, size_t keep, size_t *ret_removed);

#endif
