/*
 * store - the directory of SQLite files that is one desk
 *
 *	desk.db			the record
 *	kb.db			documents and their index
 *	auth.db			secrets
 *	inbox-YYYYMMDD.db	raw webhook bodies, a file a day (store/inbox.h)
 *	media/			files by SHA-256
 *	run/			bell files, slots of processes; may be a link
 *				to the runtime directory
 *
 * Where: the -S option, else $FRONTDESK_STORE, else /var/lib/frontdesk if it
 * exists, else $XDG_DATA_HOME/frontdesk (or ~/.local/share/frontdesk) if it
 * exists. An -S may begin with "sqlite:".
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

struct store;

enum store_flags {
	STORE_READ = 0,
	STORE_WRITE = 1 << 0,
	STORE_COPY = 1 << 1, /* work on a private copy that is thrown away */
	STORE_KB = 1 << 2,   /* kb.db is all that is wanted: no store_desk(),
			      * whose file stays shut */
	STORE_ONCE = 1 << 3, /* kb.db is read for a moment: DB_ONCE */
};

/*
 * The directory flag (-S, or NULL) stands for; the caller frees. ERR_NOINPUT
 * names the places that were tried, ERR_DENIED if it cannot be entered.
 */
int store_find(const char *flag, char **ret);

/* The directory that flag or else the environment names, there or not; *ret is
 * NULL where neither does. The caller frees. 0 or ERR_CONFIG. */
int store_named(const char *flag, char **ret);

/*
 * Open the store. With STORE_COPY a store that is not found is an empty one in
 * memory, so that a filter can be tried with no store at all; a found one is
 * copied. Files are opened at first use.
 */
int store_open(const char *flag, unsigned flags, struct store **ret);

/* Open the store in the directory dir. */
int store_open_dir(const char *dir, unsigned flags, struct store **ret);

void store_close(struct store *s);

/* Make a store in dir (0770, made if missing). kind: personal or system. */
int store_create(const char *dir, const char *kind);

/* "" for one in memory. */
const char *store_dir(const struct store *s);

/* PATH of a file in run/, with the directory made; the caller frees. */
char *store_run_path(const struct store *s, const char *name);

/*
 * The files, opened at first use with the flags of the store; owned by s.
 * NULL on failure, with the reason and *code set if code is not NULL.
 */
struct db *store_desk(struct store *s);
int store_kb(struct store *s, struct db **ret);
int store_auth(struct store *s, struct db **ret);

/* Write transaction on desk.db: db_begin .. of store_desk(s). */
int store_begin(struct store *s);
int store_commit(struct store *s);
void store_rollback(struct store *s);

/* A value of the meta table, copied; NULL if none. Caller frees. */
char *store_meta(struct store *s, const char *key);

/*
 * A place for what is made of the desk's rows once and used again: whoever
 * puts something there gives the end() that store_close() calls with it, too.
 * One user: desk/sla.c.
 */
struct store_kept {
	void *data; /* NULL: nothing */
	void (*end)(void *data);
};
struct store_kept *store_kept(struct store *s);

/* Whether this is a throwaway: nothing may be sent from it. */
bool store_is_scratch(struct store *s);

/*
 * Copy the store at dir (NULL: an empty one) to the directory to, marked as
 * scratch. For frontdesk scratch and for dry runs.
 */
int store_scratch(const char *dir, const char *to);

/* Bring every file of the store up to date (frontdesk upgrade). */
int store_upgrade(const char *dir);

#endif
