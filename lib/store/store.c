/* store - the directory of SQLite files that is one desk */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/account.h"
#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

#define SYSTEM_DIR "/var/lib/frontdesk"

struct store {
	char *dir; /* "" in memory */
	unsigned flags;
	bool temporary; /* dir is ours to remove */
	struct db *desk, *kb, *auth;
	struct store_kept kept;
};

static char *
person_dir(void)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (data != NULL && *data != '\0')
		return xformat("%s/frontdesk", data);
	if (home != NULL && *home != '\0')
		return xformat("%s/.local/share/frontdesk", home);
	return NULL;
}

/* People reach a service's store by the programs that lend them its group; the
 * others say who else there is. */
static int
denied(const char *dir, const struct stat *st)
{
	char *name = st->st_uid == getuid() || st->st_uid == 0 ?
	    NULL :
	    account_name(st->st_uid);

	errno = EACCES; /* whatever the look-up left */
	if (name == NULL)
		return err_errno(ERR_DENIED, "%s", dir);
	err_set(ERR_DENIED,
	    "%s: this is for root and the account %s alone; people of the desk "
	    "have conv, desk-events, desk-user, kb-search and report",
	    dir, name);
	free(name);
	return ERR_DENIED;
}

static int
enter(char *dir, char **ret)
{
	struct stat st;
	int code = 0;

	if (stat(dir, &st) < 0 && errno == ENOENT)
		code = err_set(ERR_NOINPUT,
		    "%s: no such store; make one with frontdesk init", dir);
	else if (stat(dir, &st) < 0)
		code = errno == EACCES ? err_errno(ERR_DENIED, "%s", dir) :
					 err_errno(ERR_NOINPUT, "%s", dir);
	else if (!S_ISDIR(st.st_mode))
		code = err_set(ERR_NOINPUT, "%s: not a directory", dir);
	else if (eaccess(dir, R_OK | X_OK) < 0) /* by setgid too */
		code = denied(dir, &st);
	if (code < 0)
		free(dir);
	else
		*ret = dir;
	return code;
}

int
store_named(const char *flag, char **ret)
{
	const char *from = flag;

	if (from == NULL || *from == '\0')
		from = getenv("FRONTDESK_STORE");
	if (from == NULL || *from == '\0') {
		*ret = NULL;
		return 0;
	}
	if (str_starts(from, "sqlite:"))
		from += strlen("sqlite:");
	else if (strstr(from, "://") != NULL)
		return err_set(ERR_CONFIG, "%s: only sqlite:DIR is known",
		    from);
	*ret = xstrdup(from);
	return 0;
}

int
store_find(const char *flag, char **ret)
{
	char *dir = NULL;
	int code = store_named(flag, &dir);

	if (code < 0 || dir != NULL)
		return code < 0 ? code : enter(dir, ret);
	if (eaccess(SYSTEM_DIR, F_OK) == 0)
		return enter(xstrdup(SYSTEM_DIR), ret);
	dir = person_dir();
	if (dir != NULL && eaccess(dir, F_OK) == 0)
		return enter(dir, ret);
	err_set(ERR_NOINPUT,
	    "no store: neither " SYSTEM_DIR
	    " nor %s exists; run frontdesk init --user, or name one with -S",
	    dir != NULL ? dir : "~/.local/share/frontdesk");
	free(dir);
	return ERR_NOINPUT;
}

static char *
file_in(const char *dir, const char *name)
{
	return xformat("%s/%s", dir, name);
}

char *
store_run_path(const struct store *s, const char *name)
{
	char *run = file_in(s->dir, "run"), *path;

	if (mkdir(run, 0770) == 0)
		chmod(run, 0770);
	path = file_in(run, name);
	free(run);
	return path;
}

static bool
is_personal(struct store *s)
{
	char *kind = store_meta(s, "kind");
	bool personal = kind == NULL || strcmp(kind, "system") != 0;

	free(kind);
	return personal;
}

static unsigned
db_flags(const struct store *s)
{
	return s->flags & (STORE_WRITE | STORE_COPY) ? DB_WRITE : DB_READ;
}

static int
open_desk(struct store *s)
{
	char *path, *bell;
	int code;

	if (*s->dir == '\0')
		return db_open(NULL, DB_DESK, DB_MEMORY, &s->desk);
	path = file_in(s->dir, "desk.db");
	if (s->flags & STORE_KB)
		/* That it is there says that this is a store; a unit may
		 * keep what is in it from its program. */
		code = eaccess(path, F_OK) == 0 ? 0 :
		    errno == EACCES ? err_errno(ERR_DENIED, "%s", path) :
				      ERR_NOINPUT;
	else
		code = db_open(path, DB_DESK, db_flags(s), &s->desk);
	if (code == ERR_CONFIG) {
		/* A person's own store upgrades itself; a service's waits for
		 * frontdesk upgrade. */
		char *reason = xstrdup(err_reason());
		struct store old = { .dir = s->dir };

		if (db_open(path, DB_DESK, DB_WRITE | DB_UPGRADE, &s->desk) ==
		    0) {
			old.desk = s->desk;
			if (is_personal(&old))
				code = 0;
			else {
				db_close(s->desk);
				s->desk = NULL;
			}
		}
		if (code < 0)
			err_set(code, "%s", reason);
		free(reason);
	}
	if (code == ERR_NOINPUT)
		code = err_set(ERR_NOINPUT,
		    "%s: not a store; make one with frontdesk init", s->dir);
	if (code == 0 && s->desk != NULL) {
		bell = store_run_path(s, "desk.bell");
		db_bell(s->desk, bell);
		free(bell);
	}
	free(path);
	return code;
}

/*
 * The group that a setgid program lends is for the desk's own store alone: in
 * a folder of the person's making our files may be links to that store's.
 */
static int
shed_group(const char *dir)
{
	gid_t gid = getgid();
	struct stat st;

	if (getegid() == gid ||
	    (stat(dir, &st) == 0 && st.st_gid == getegid() &&
		st.st_uid != getuid()))
		return 0;
	if (setresgid(gid, gid, gid) < 0)
		return err_errno(ERR_DENIED, "%s", dir);
	return 0;
}

int
store_open_dir(const char *dir, unsigned flags, struct store **ret)
{
	struct store *s;
	int code = shed_group(dir);

	if (code < 0)
		return code;
	s = xcalloc(1, sizeof(*s));

	s->dir = xstrdup(dir);
	s->flags = flags;
	code = open_desk(s);
	if (code < 0)
		store_close(s);
	else
		*ret = s;
	return code;
}

static char *
temporary_dir(void)
{
	const char *base = getenv("TMPDIR");
	char *dir = xformat("%s/frontdesk.XXXXXX",
	    base != NULL && *base ? base : "/tmp");

	if (mkdtemp(dir) == NULL) {
		err_errno(ERR_CREATE, "%s", dir);
		free(dir);
		return NULL;
	}
	return dir;
}

static void
remove_dir(const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	char *path;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		path = file_in(dir, e->d_name);
		if (unlink(path) < 0)
			remove_dir(path);
		free(path);
	}
	closedir(d);
	rmdir(dir);
}

int
store_open(const char *flag, unsigned flags, struct store **ret)
{
	char *dir = NULL, *copy = NULL;
	struct store *s;
	int code;

	code = store_find(flag, &dir);
	if (!(flags & STORE_COPY)) {
		if (code == 0)
			code = store_open_dir(dir, flags, ret);
		free(dir);
		return code;
	}
	if (code == ERR_NOINPUT && (flag == NULL || *flag == '\0') &&
	    getenv("FRONTDESK_STORE") == NULL) {
		s = xcalloc(1, sizeof(*s));
		s->dir = xstrdup("");
		s->flags = flags;
		code = open_desk(s);
		if (code < 0)
			store_close(s);
		else
			*ret = s;
		return code;
	}
	if (code == 0 && (copy = temporary_dir()) == NULL)
		code = ERR_CREATE;
	if (code == 0)
		code = store_scratch(dir, copy);
	if (code == 0)
		code = store_open_dir(copy, flags | STORE_WRITE, ret);
	if (code == 0)
		(*ret)->temporary = true;
	else if (copy != NULL)
		remove_dir(copy);
	free(copy);
	free(dir);
	return code;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	db_close(s->desk);
	db_close(s->kb);
	db_close(s->auth);
	if (s->temporary)
		remove_dir(s->dir);
	if (s->kept.data != NULL)
		s->kept.end(s->kept.data);
	free(s->dir);
	free(s);
}

struct store_kept *
store_kept(struct store *s)
{
	return &s->kept;
}

static int
meta_put(struct db *db, const char *key, const char *value)
{
	struct query q = query(db,
	    "INSERT INTO meta (key, value)"
	    " VALUES (:key, :value)"
	    " ON CONFLICT (key) DO"
	    " UPDATE SET value = excluded.value");

	bind_text(&q, ":key", key);
	bind_text(&q, ":value", value);
	step(&q);
	return done(&q);
}

static int
make_dir(const char *dir, const char *name)
{
	char *path = name != NULL ? file_in(dir, name) : xstrdup(dir);
	int code = 0;

	/* An existing one keeps its mode: tmpfiles.d may have made it. */
	if (mkdir(path, 0770) < 0 && errno != EEXIST)
		code = err_errno(errno == EACCES ? ERR_DENIED : ERR_CREATE,
		    "%s", path);
	free(path);
	return code;
}

static int
make_db(const char *dir, const char *name, enum db_kind kind, struct db **ret)
{
	char *path = file_in(dir, name);
	int code = db_open(path, kind, DB_WRITE | DB_CREATE, ret);

	/* The schema into the file: whoever opens it while nobody else has
	 * reads the log from its beginning. */
	if (code == 0)
		code = db_checkpoint(*ret);
	free(path);
	return code;
}

/*
 * A folder with things of somebody else in it is not to become a store. What a
 * store is made of may be there: of one that was not finished, or prepared by
 * tmpfiles.d, which also puts the pages of report there.
 */
static int
nothing_else(const char *dir)
{
	static const char *const ours[] = { ".", "..", "run", "spool", "media",
		"report", "lost+found", NULL };
	struct dirent *e;
	DIR *d = opendir(dir);
	int code = 0;

	if (d == NULL)
		return err_errno(errno == EACCES ? ERR_DENIED : ERR_CREATE,
		    "%s", dir);
	while (code == 0 && (e = readdir(d)) != NULL)
		if (!str_in(e->d_name, ours) &&
		    !str_starts(e->d_name, "desk.db") &&
		    !str_starts(e->d_name, "kb.db") &&
		    !str_starts(e->d_name, "auth.db") &&
		    !str_starts(e->d_name, "inbox-"))
			code = err_set(ERR_CREATE,
			    "%s: there is something else in it: %s", dir,
			    e->d_name);
	closedir(d);
	return code;
}

/* What an init that was killed has left. */
static bool
is_empty(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

int
store_create(const char *dir, const char *kind)
{
	struct db *desk = NULL, *kb = NULL, *auth = NULL;
	unsigned char salt[16];
	char salt_hex[33], *path;
	int code;

	path = file_in(dir, "desk.db");
	code = eaccess(path, F_OK) == 0 && !is_empty(path) ?
	    err_set(ERR_CREATE, "%s: there is a store already", dir) :
	    0;
	free(path);
	if (code == 0)
		code = make_dir(dir, NULL);
	if (code == 0)
		code = nothing_else(dir);
	if (code == 0)
		code = make_dir(dir, "run");
	if (code == 0)
		code = make_dir(dir, "media");
	/* desk.db last: it is what makes the directory a store. */
	if (code == 0)
		code = make_db(dir, "kb.db", DB_KB, &kb);
	if (code == 0)
		code = make_db(dir, "auth.db", DB_AUTH, &auth);
	if (code == 0) {
		/* A service's programs each open what is sealed for them;
		 * units that need none of it do not see the file. */
		if (strcmp(kind, "system") != 0) {
			path = file_in(dir, "auth.db");
			chmod(path, 0600);
			free(path);
		}
		code = make_db(dir, "desk.db", DB_DESK, &desk);
	}
	if (code == 0 && (code = db_begin(desk)) == 0) {
		randombytes_buf(salt, sizeof(salt));
		sodium_bin2hex(salt_hex, sizeof(salt_hex), salt, sizeof(salt));
		code = meta_put(desk, "kind", kind);
		if (code == 0)
			code = meta_put(desk, "salt", salt_hex);
		if (code == 0)
			code = db_commit(desk);
		else
			db_rollback(desk);
		if (code == 0)
			code = db_checkpoint(desk);
	}
	db_close(desk);
	db_close(kb);
	db_close(auth);
	return code;
}

const char *
store_dir(const struct store *s)
{
	return s->dir;
}

struct db *
store_desk(struct store *s)
{
	return s->desk;
}

/* Where desk.db is shut it is opened for the one look. */
static bool
upgrades_itself(const struct store *s)
{
	struct store look = { .dir = s->dir, .desk = s->desk };
	char *path = file_in(s->dir, "desk.db");
	bool itself = false;

	if (s->desk != NULL ||
	    db_open(path, DB_DESK, DB_READ | DB_OLDER, &look.desk) == 0)
		itself = is_personal(&look);
	if (s->desk == NULL)
		db_close(look.desk);
	free(path);
	return itself;
}

static int
open_other(struct store *s, const char *name, enum db_kind kind, struct db **db)
{
	unsigned flags = db_flags(s);
	char *path;
	int code;

	if (*db != NULL)
		return 0;
	if (*s->dir == '\0')
		return db_open(NULL, kind, DB_MEMORY, db);
	path = file_in(s->dir, name);
	if (kind == DB_KB && s->flags & STORE_ONCE)
		flags |= DB_ONCE;
	code = db_open(path, kind, flags, db);
	if (code == ERR_CONFIG && db_flags(s) != DB_READ && upgrades_itself(s))
		code = db_open(path, kind, DB_WRITE | DB_UPGRADE, db);
	if (code == ERR_NOINPUT && kind == DB_KB)
		code = err_set(ERR_NOINPUT,
		    "%s: is missing; frontdesk upgrade makes it, and kb-ingest "
		    "fills it again from the sources",
		    path);
	free(path);
	return code;
}

int
store_kb(struct store *s, struct db **ret)
{
	int code = open_other(s, "kb.db", DB_KB, &s->kb);

	if (code == 0)
		*ret = s->kb;
	return code;
}

int
store_auth(struct store *s, struct db **ret)
{
	int code = open_other(s, "auth.db", DB_AUTH, &s->auth);

	if (code == 0)
		*ret = s->auth;
	return code;
}

int
store_begin(struct store *s)
{
	return db_begin(s->desk);
}

int
store_commit(struct store *s)
{
	return db_commit(s->desk);
}

void
store_rollback(struct store *s)
{
	db_rollback(s->desk);
}

char *
store_meta(struct store *s, const char *key)
{
	struct query q =
	    query(s->desk, "SELECT value FROM meta WHERE key = :key");
	char *value = NULL;

	bind_text(&q, ":key", key);
	if (step(&q))
		value = column_copy(&q, 0);
	done(&q);
	return value;
}

bool
store_is_scratch(struct store *s)
{
	char *kind;
	bool scratch;

	if (*s->dir == '\0' || s->temporary)
		return true;
	kind = store_meta(s, "kind");
	scratch = kind != NULL && strcmp(kind, "scratch") == 0;
	free(kind);
	return scratch;
}

static int
copy_one(const char *from, const char *to, const char *name, enum db_kind kind)
{
	char *a = file_in(from, name), *b = file_in(to, name);
	struct db *db = NULL;
	int code = db_open(a, kind, DB_READ, &db);

	if (code == 0)
		code = db_copy(db, b);
	db_close(db);
	free(a);
	free(b);
	return code;
}

int
store_scratch(const char *dir, const char *to)
{
	struct db *desk = NULL;
	char *path;
	int code = 0;

	if (dir != NULL) {
		path = file_in(dir, "desk.db");
		if (eaccess(path, F_OK) < 0 && errno == ENOENT)
			code = err_set(ERR_NOINPUT,
			    "%s: not a store; make one with frontdesk init",
			    dir);
		free(path);
	}
	if (dir == NULL)
		code = store_create(to, "scratch");
	else if (code == 0) {
		/* Never auth.db: a trial needs no secret. */
		code = make_dir(to, "run");
		if (code == 0)
			code = make_dir(to, "media");
		if (code == 0)
			code = copy_one(dir, to, "kb.db", DB_KB);
		if (code == 0)
			code = copy_one(dir, to, "desk.db", DB_DESK);
	}
	if (code < 0)
		return code;
	path = file_in(to, "desk.db");
	code = db_open(path, DB_DESK, DB_WRITE | DB_CREATE, &desk);
	free(path);
	if (code == 0 && (code = db_begin(desk)) == 0) {
		code = meta_put(desk, "kind", "scratch");
		/* What is under way in the real desk is not ours to finish. */
		if (code == 0)
			code = db_exec(desk,
			    "DELETE FROM job;"
			    "DELETE FROM worker");
		if (code == 0)
			code = db_commit(desk);
		else
			db_rollback(desk);
	}
	db_close(desk);
	return code;
}

/* A restored copy is its owner's alone; a service's programs share it. */
static void
share_auth(const char *dir)
{
	struct store *s = NULL;
	char *path = file_in(dir, "auth.db");

	if (store_open_dir(dir, STORE_READ, &s) == 0 && !is_personal(s))
		chmod(path, 0660); /* what it denies is told when it is used */
	store_close(s);
	free(path);
}

int
store_upgrade(const char *dir)
{
	static const struct {
		const char *name;
		enum db_kind kind;
	} files[] = { { "desk.db", DB_DESK }, { "kb.db", DB_KB },
		{ "auth.db", DB_AUTH } };
	struct db *db;
	char *path;
	size_t i;
	int code = 0;

	for (i = 0; i < 3 && code == 0; i++) {
		path = file_in(dir, files[i].name);
		db = NULL;
		code = db_open(path, files[i].kind, DB_WRITE | DB_UPGRADE, &db);
		/* All that is in it comes from elsewhere, and can again. */
		if (code == ERR_NOINPUT && files[i].kind == DB_KB)
			code = make_db(dir, files[i].name, DB_KB, &db);
		/* A copy without secrets has no auth.db. */
		if (code == ERR_NOINPUT && i > 0)
			code = 0;
		db_close(db);
		free(path);
	}
	if (code == 0)
		share_auth(dir);
	return code;
}
