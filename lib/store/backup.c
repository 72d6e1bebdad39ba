/* backup - copies of a store that are whole or are not there */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "store/backup.h"
#include "store/db.h"
#include "store/schema.h"

#define MANIFEST "MANIFEST"
#define MANIFEST_VERSION 1
#define MANIFEST_MAX_BYTES (256 * 1024 * 1024)
#define CHUNK_BYTES (256 * 1024)
#define PREFIX "frontdesk-"
#define GATHER ".restore" /* where a store is gathered within its place */
#define FAULTS_MAX 10	  /* of one database that are told */

static void
told(const struct backup_watch *w, const char *file, int64_t done, int64_t all)
{
	if (w != NULL && w->progress != NULL)
		w->progress(w->ctx, file, done, all);
}

/* --- the MANIFEST --- */

void
backup_free(struct backup *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->nfiles; i++) {
		free(b->files[i].name);
		free(b->files[i].hash);
	}
	free(b->files);
	free(b->path);
	free(b);
}

static struct backup *
backup_new(const char *path)
{
	struct backup *b = xcalloc(1, sizeof(*b));
	const char *slash = strrchr(path, '/');

	b->path = xstrdup(path);
	snprintf(b->name, sizeof(b->name), "%s",
	    slash != NULL ? slash + 1 : path);
	return b;
}

static struct backup_file *
add_file(struct backup *b, const char *name)
{
	struct backup_file *f;

	b->files = xrealloc(b->files, (b->nfiles + 1) * sizeof(*b->files));
	f = &b->files[b->nfiles++];
	*f = (struct backup_file){ .name = xstrdup(name) };
	return f;
}

static void
manifest_line(struct buf *text, json_t *o)
{
	char *line = json_text(o);

	buf_adds(text, line);
	buf_addc(text, '\n');
	free(line);
	json_decref(o);
}

static int
manifest_put(const struct backup *b, const char *dir)
{
	struct buf text = BUF_INIT(0);
	char t[TIME_TEXT_BYTES], hash[HASH_HEX_BYTES], *path;
	json_t *o = json_object();
	int code;

	json_put_int(o, "manifest", MANIFEST_VERSION);
	json_put(o, "time", time_text(b->time_ms, t));
	json_put_int(o, "seq", b->seq);
	json_put_int(o, "files", (int64_t)b->nfiles);
	json_put_int(o, "bytes", b->bytes);
	manifest_line(&text, o);
	for (size_t i = 0; i < b->nfiles; i++) {
		o = json_object();
		json_put(o, "file", b->files[i].name);
		json_put_int(o, "bytes", b->files[i].bytes);
		json_put(o, "blake2b", b->files[i].hash);
		if (b->files[i].schema != 0)
			json_put_int(o, "schema", b->files[i].schema);
		manifest_line(&text, o);
	}
	hash_hex(hash, text.data, text.len);
	o = json_object();
	json_put(o, "end", hash);
	manifest_line(&text, o);
	path = xformat("%s/" MANIFEST, dir);
	code = file_put(path, text.data, text.len, 0600);
	free(path);
	buf_release(&text);
	return code;
}

/* A name that stays within the backup. */
static bool
name_valid(const char *name)
{
	return *name != '\0' && *name != '/' && *name != '.' &&
	    strstr(name, "/.") == NULL && strcmp(name, MANIFEST) != 0;
}

static int
bad_manifest(const struct backup *b, const char *why)
{
	return err_set(ERR_DATA, "%s/" MANIFEST ": %s", b->path, why);
}

/* One line, which begins at text + at; its number is line. */
static int
read_line(struct backup *b, const char *text, size_t at, const char *end,
    int64_t line, bool *ret_end)
{
	char hash[HASH_HEX_BYTES];
	struct backup_file *f;
	const char *name;
	json_t *o = NULL;
	int code;

	code = json_object_parse(text + at, (size_t)(end - text) - at, &o);
	if (code < 0)
		return bad_manifest(b, "not as it was written");
	name = json_str(o, "file");
	if (line == 0) {
		if (json_int_or(o, "manifest", 0) != MANIFEST_VERSION)
			code = bad_manifest(b, "of a newer frontdesk");
		else if (time_parse(json_str_or(o, "time", ""), &b->time_ms) <
		    0)
			code = bad_manifest(b, "without a time");
		b->seq = json_int_or(o, "seq", 0);
	} else if (json_str(o, "end") != NULL) {
		hash_hex(hash, text, at);
		if (strcmp(hash, json_str(o, "end")) != 0)
			code = bad_manifest(b, "not as it was written");
		*ret_end = true;
	} else if (name == NULL || !name_valid(name)) {
		code = bad_manifest(b, "a file without a proper name");
	} else {
		f = add_file(b, name);
		f->bytes = json_int_or(o, "bytes", -1);
		f->hash = xstrdup(json_str_or(o, "blake2b", ""));
		f->schema = (int)json_int_or(o, "schema", 0);
		b->bytes += f->bytes;
	}
	json_decref(o);
	return code;
}

int
backup_open(const char *path, struct backup **ret)
{
	char *clean = xstrdup(path), *file, *text = NULL;
	struct backup *b;
	size_t len = strlen(clean), at = 0;
	bool ended = false;
	int64_t line = 0;
	int code;

	while (len > 1 && clean[len - 1] == '/')
		clean[--len] = '\0';
	b = backup_new(clean);
	file = xformat("%s/" MANIFEST, clean);
	code = file_read(file, MANIFEST_MAX_BYTES, &text, &len);
	if (code == 0 && len == 0)
		code = bad_manifest(b, "empty");
	while (code == 0 && at < len && !ended) {
		const char *end = memchr(text + at, '\n', len - at);

		if (end == NULL)
			break;
		code = read_line(b, text, at, end, line++, &ended);
		at = (size_t)(end - text) + 1;
	}
	if (code == 0 && (!ended || at != len))
		code = bad_manifest(b, "not as it was written");
	free(text);
	free(file);
	free(clean);
	if (code < 0)
		backup_free(b);
	else
		*ret = b;
	return code;
}

/* --- files --- */

/*
 * Read all of from, copy it to the new file to (NULL: only look), and give its
 * size and hash.
 */
static int
copy_file(const char *from, const char *to, int mode, int64_t *ret_bytes,
    char ret_hash[HASH_HEX_BYTES])
{
	crypto_generichash_state state;
	unsigned char hash[32];
	char *chunk = xmalloc(CHUNK_BYTES);
	int in, out = -1, code = 0;
	ssize_t n;

	in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (in < 0) {
		code = err_errno(ERR_NOINPUT, "%s", from);
		goto out;
	}
	if (to != NULL &&
	    (out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)) <
		0) {
		code = err_errno(ERR_CREATE, "%s", to);
		goto out;
	}
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	*ret_bytes = 0;
	while ((n = read(in, chunk, CHUNK_BYTES)) > 0) {
		crypto_generichash_update(&state, (unsigned char *)chunk,
		    (unsigned long long)n);
		*ret_bytes += n;
		if (out >= 0 && write_all(out, chunk, (size_t)n) < 0) {
			code = err_errno(ERR_IO, "%s", to);
			goto out;
		}
	}
	if (n < 0)
		code = err_errno(ERR_IO, "%s", from);
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(ret_hash, HASH_HEX_BYTES, hash, sizeof(hash));
out:
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) < 0 && code == 0)
		code = err_errno(ERR_IO, "%s", to);
	free(chunk);
	return code;
}

static int
make_dir(const char *path, int mode)
{
	if (mkdir(path, (mode_t)mode) < 0 && errno != EEXIST)
		return err_errno(errno == EACCES ? ERR_DENIED : ERR_CREATE,
		    "%s", path);
	return 0;
}

/* The directories that name needs within dir. */
static int
make_parents(const char *dir, const char *name, int mode)
{
	int code = 0;

	for (const char *p = strchr(name, '/'); p != NULL && code == 0;
	     p = strchr(p + 1, '/')) {
		char *path = xformat("%s/%.*s", dir, (int)(p - name), name);

		code = make_dir(path, mode);
		free(path);
	}
	return code;
}

static void
remove_tree(const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL) {
		char *path;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		path = xformat("%s/%s", dir, e->d_name);
		if (unlink(path) < 0)
			remove_tree(path);
		free(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

static int
sync_dir(const char *path, bool all)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code = 0;

	if (fd < 0 || (all ? syncfs(fd) : fsync(fd)) < 0)
		code = err_errno(ERR_IO, "%s", path);
	if (fd >= 0)
		close(fd);
	return code;
}

/* Names of files, relative to the store or backup, growing. */
struct names {
	char **items;
	size_t count;
};

static void
names_free(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->items[i]);
	free(n->items);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * The regular files in dir/sub ("": dir itself), sorted, those of folders
 * within it too if deep. A folder that is not there holds none.
 */
static int
names_in(const char *dir, const char *sub, bool deep, struct names *ret)
{
	char *path = *sub != '\0' ? xformat("%s/%s", dir, sub) : xstrdup(dir);
	size_t first = ret->count;
	struct dirent *e;
	DIR *d = opendir(path);
	int code = 0;

	if (d == NULL && errno != ENOENT)
		code = err_errno(ERR_IO, "%s", path);
	while (d != NULL && code == 0 && (e = readdir(d)) != NULL) {
		struct stat st;
		char *name;

		if (e->d_name[0] == '.' ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		name = *sub != '\0' ? xformat("%s/%s", sub, e->d_name) :
				      xstrdup(e->d_name);
		if (S_ISREG(st.st_mode)) {
			ret->items = xrealloc(ret->items,
			    (ret->count + 1) * sizeof(*ret->items));
			ret->items[ret->count++] = name;
			continue;
		}
		if (S_ISDIR(st.st_mode) && deep)
			code = names_in(dir, name, true, ret);
		free(name);
	}
	if (d != NULL)
		closedir(d);
	if (ret->count > first)
		qsort(ret->items + first, ret->count - first,
		    sizeof(*ret->items), by_name);
	free(path);
	return code;
}

static int64_t
file_bytes(const char *dir, const char *name)
{
	char *path = xformat("%s/%s", dir, name);
	struct stat st;
	int64_t bytes = stat(path, &st) == 0 ? st.st_size : 0;

	free(path);
	return bytes;
}

/* --- create --- */

static int
kind_of(const char *name)
{
	return strcmp(name, "desk.db") == 0 ? DB_DESK :
	    strcmp(name, "kb.db") == 0	    ? DB_KB :
	    strcmp(name, "auth.db") == 0    ? DB_AUTH :
					      DB_INBOX;
}

/* Open a database that nobody writes, without leaving files beside it. */
static int
open_still(const char *path, sqlite3 **ret)
{
	struct buf uri = BUF_INIT(0);
	int rc;

	buf_adds(&uri, "file:");
	for (const char *p = path; *p != '\0'; p++) {
		if (strchr("%?#", *p) != NULL)
			buf_addf(&uri, "%%%02x", (unsigned char)*p);
		else
			buf_addc(&uri, *p);
	}
	buf_adds(&uri, "?immutable=1");
	rc = sqlite3_open_v2(uri.data, ret,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	buf_release(&uri);
	return rc;
}

/* What a database that nobody writes says of itself. */
static int
ask(const char *path, const char *sql, int64_t *ret)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int code = 0;

	if (open_still(path, &db) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		code = err_set(ERR_IO, "%s: %s", path, sqlite3_errmsg(db));
	else
		*ret = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return code;
}

static int
copy_db(const char *from, const char *to, const char *name)
{
	struct db *db = NULL;
	int code = db_open(from, kind_of(name), DB_READ | DB_OLDER, &db);

	if (code == 0)
		code = db_copy(db, to);
	db_close(db);
	if (code == 0 && chmod(to, 0600) < 0)
		code = err_errno(ERR_CREATE, "%s", to);
	return code;
}

/* One file of the store into the backup that grows in dir. */
static int
take(struct backup *b, const char *store_dir, const char *dir, const char *name)
{
	char *from = xformat("%s/%s", store_dir, name);
	char *to = xformat("%s/%s", dir, name);
	char hash[HASH_HEX_BYTES];
	bool is_db = str_ends(name, ".db") && strchr(name, '/') == NULL;
	int64_t bytes = 0, schema = 0;
	struct backup_file *f;
	int code = make_parents(dir, name, 0700);

	if (code == 0 && eaccess(from, F_OK) < 0 && errno == ENOENT)
		goto out; /* expired meanwhile, or never made */
	if (code == 0 && is_db) {
		code = copy_db(from, to, name);
		if (code == 0)
			code = ask(to, "PRAGMA user_version", &schema);
		if (code == 0)
			code = copy_file(to, NULL, 0, &bytes, hash);
	} else if (code == 0) {
		code = copy_file(from, to, 0600, &bytes, hash);
	}
	if (code == 0 && strcmp(name, "desk.db") == 0)
		code =
		    ask(to, "SELECT coalesce(max(seq), 0) FROM event", &b->seq);
	if (code == 0) {
		f = add_file(b, name);
		f->bytes = bytes;
		f->hash = xstrdup(hash);
		f->schema = (int)schema;
		b->bytes += bytes;
	}
	fault("backup.copied");
out:
	free(from);
	free(to);
	return code;
}

/* What there is to copy, in the order that keeps cursors true. */
static int
store_names(const char *store_dir, struct names *ret)
{
	static const char *const first[] = { "desk.db", "kb.db", "auth.db" };
	struct names all = { NULL, 0 };
	int code = names_in(store_dir, "", false, &all);

	ret->items = xcalloc(all.count + 3, sizeof(*ret->items));
	for (size_t i = 0; i < 3; i++)
		ret->items[ret->count++] = xstrdup(first[i]);
	for (size_t i = 0; i < all.count; i++)
		if (str_starts(all.items[i], "inbox-") &&
		    str_ends(all.items[i], ".db"))
			ret->items[ret->count++] = xstrdup(all.items[i]);
	names_free(&all);
	if (code == 0)
		code = names_in(store_dir, "media", true, ret);
	return code;
}

static int
take_all(struct backup *b, const char *store_dir, const char *dir,
    const struct backup_watch *w)
{
	struct names names = { NULL, 0 };
	int64_t all = 0, done_bytes = 0;
	int code = store_names(store_dir, &names);

	for (size_t i = 0; i < names.count; i++)
		all += file_bytes(store_dir, names.items[i]);
	for (size_t i = 0; i < names.count && code == 0; i++) {
		told(w, names.items[i], done_bytes, all);
		code = take(b, store_dir, dir, names.items[i]);
		done_bytes += file_bytes(store_dir, names.items[i]);
	}
	names_free(&names);
	return code;
}

/* Remove what killed ones left: a living one holds the lock of its own. */
static void
sweep(const char *to)
{
	struct dirent *e;
	DIR *d = opendir(to);

	while (d != NULL && (e = readdir(d)) != NULL) {
		char *path;
		int fd;

		if (!str_starts(e->d_name, "." PREFIX) ||
		    !str_ends(e->d_name, ".partial"))
			continue;
		path = xformat("%s/%s", to, e->d_name);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			remove_tree(path);
		if (fd >= 0)
			close(fd);
		free(path);
	}
	if (d != NULL)
		closedir(d);
}

static void
name_for(int64_t time_ms, char ret[BACKUP_NAME_BYTES])
{
	char t[TIME_TEXT_BYTES];

	time_text(time_ms, t); /* 2026-11-23T20:15:00.000Z */
	snprintf(ret, BACKUP_NAME_BYTES, PREFIX "%.4s%.2s%.2sT%.2s%.2s%.2sZ", t,
	    t + 5, t + 8, t + 11, t + 14, t + 17);
}

/* A time whose name is free; names are of whole seconds. */
static int64_t
free_time(const char *to)
{
	for (int tries = 0;; tries++) {
		char name[BACKUP_NAME_BYTES], *path;
		int64_t now = now_ms();
		bool taken;

		name_for(now, name);
		path = xformat("%s/%s", to, name);
		taken = eaccess(path, F_OK) == 0;
		free(path);
		if (!taken || tries == 11)
			return now;
		usleep(100000);
	}
}

int
backup_create(const char *store_dir, const char *to,
    const struct backup_watch *watch, struct backup **ret)
{
	char name[BACKUP_NAME_BYTES], *path, *partial;
	struct backup *b;
	int64_t time_ms;
	int fd = -1, code = make_dir(to, 0700);

	if (code < 0)
		return code;
	sweep(to);
	time_ms = free_time(to);
	name_for(time_ms, name);
	path = xformat("%s/%s", to, name);
	partial = xformat("%s/.%s.%d.partial", to, name, (int)getpid());
	b = backup_new(path);
	b->time_ms = time_ms;
	if (mkdir(partial, 0700) < 0 ||
	    (fd = open(partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
	    flock(fd, LOCK_EX) < 0) {
		code = err_errno(ERR_CREATE, "%s", partial);
		goto out;
	}
	code = take_all(b, store_dir, partial, watch);
	if (code == 0)
		code = manifest_put(b, partial);
	if (code == 0)
		code = sync_dir(partial, true);
	fault("backup.before-rename");
	if (code == 0 &&
	    renameat2(AT_FDCWD, partial, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
		code = err_errno(ERR_CREATE, "%s", path);
	fault("backup.after-rename");
	if (code == 0)
		code = sync_dir(to, false);
	if (code < 0)
		remove_tree(partial);
out:
	if (fd >= 0)
		close(fd);
	free(path);
	free(partial);
	if (code < 0)
		backup_free(b);
	else
		*ret = b;
	return code;
}

/* --- verify --- */

struct check {
	const struct backup *b;
	const struct backup_watch *watch;
	int wrong;
};

static void wrong(struct check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
wrong(struct check *c, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	c->wrong++;
	if (c->watch != NULL && c->watch->wrong != NULL && text != NULL)
		c->watch->wrong(c->watch->ctx, text);
	free(text);
}

/* The rows of a pragma, each of them a fault but for "ok". */
static void
check_rows(struct check *c, sqlite3 *db, const char *file, const char *sql,
    const char *what)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		rc = SQLITE_OK;
		if (text == NULL || strcmp(text, "ok") != 0)
			wrong(c, "%s: %s: %s", file, what,
			    text != NULL ? text : "?");
	}
	if (rc != SQLITE_DONE)
		wrong(c, "%s: %s: %s", file, what, sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
}

static void
check_db(struct check *c, const char *path, const struct backup_file *f)
{
	char sql[64];
	sqlite3 *db = NULL;
	int64_t n = 0;

	snprintf(sql, sizeof(sql), "PRAGMA integrity_check(%d)", FAULTS_MAX);
	if (open_still(path, &db) != SQLITE_OK) {
		wrong(c, "%s: cannot be opened", f->name);
		sqlite3_close(db);
		return;
	}
	check_rows(c, db, f->name, sql, "integrity");
	check_rows(c, db, f->name, "PRAGMA foreign_key_check",
	    "a row without the one it names, in table");
	sqlite3_close(db);
	if (ask(path, "PRAGMA user_version", &n) < 0 || n != f->schema)
		wrong(c, "%s: not of schema %d", f->name, f->schema);
	if (strcmp(f->name, "desk.db") == 0 &&
	    (ask(path, "SELECT coalesce(max(seq), 0) FROM event", &n) < 0 ||
		n != c->b->seq))
		wrong(c, "%s: its last event is not %lld", f->name,
		    (long long)c->b->seq);
}

/* The newest schema we know of a database; 0 for what is none. */
static int
newest_schema(const char *name)
{
	size_t len = strcspn(name, ".-"); /* "inbox" of inbox-20261123.db */
	int newest = 0;

	for (const struct schema_step *s = schema_steps; s->kind != NULL; s++)
		if (strncmp(s->kind, name, len) == 0 && s->kind[len] == '\0' &&
		    s->number > newest)
			newest = s->number;
	return newest;
}

static int
check_file(struct check *c, const struct backup_file *f)
{
	char *path = xformat("%s/%s", c->b->path, f->name);
	char hash[HASH_HEX_BYTES];
	int64_t bytes;
	int code = copy_file(path, NULL, 0, &bytes, hash);

	if (code == ERR_NOINPUT) {
		wrong(c, "%s: missing", f->name);
	} else if (code < 0) {
		wrong(c, "%s", err_reason());
	} else if (bytes != f->bytes) {
		wrong(c, "%s: %lld bytes, not %lld", f->name, (long long)bytes,
		    (long long)f->bytes);
	} else if (strcmp(hash, f->hash) != 0) {
		wrong(c, "%s: changed: its hash is another", f->name);
	} else if (f->schema > newest_schema(f->name)) {
		code = err_set(ERR_CONFIG,
		    "%s: made by a newer frontdesk (schema %d)", path,
		    f->schema);
		free(path);
		return code;
	} else if (f->schema != 0) {
		check_db(c, path, f);
	}
	free(path);
	return 0;
}

/*
 * What somebody who looked into a database left behind: nothing that changes
 * what it holds.
 */
static bool
is_trace(const char *dir, const char *name)
{
	return str_ends(name, ".db-shm") ||
	    (str_ends(name, ".db-wal") && file_bytes(dir, name) == 0);
}

/* Nothing may be in a backup that its MANIFEST does not list. */
static int
check_strangers(struct check *c)
{
	struct names there = { NULL, 0 }, want = { NULL, 0 };
	int code = names_in(c->b->path, "", true, &there);

	want.count = c->b->nfiles;
	want.items = xcalloc(want.count + 1, sizeof(*want.items));
	for (size_t i = 0; i < want.count; i++)
		want.items[i] = c->b->files[i].name;
	qsort(want.items, want.count, sizeof(*want.items), by_name);
	for (size_t i = 0; i < there.count && code == 0; i++)
		if (strcmp(there.items[i], MANIFEST) != 0 &&
		    !is_trace(c->b->path, there.items[i]) &&
		    bsearch(&there.items[i], want.items, want.count,
			sizeof(*want.items), by_name) == NULL)
			wrong(c, "%s: not of this backup", there.items[i]);
	free(want.items);
	names_free(&there);
	return code;
}

static bool
has_file(const struct backup *b, const char *name)
{
	for (size_t i = 0; i < b->nfiles; i++)
		if (strcmp(b->files[i].name, name) == 0)
			return true;
	return false;
}

int
backup_verify(const struct backup *b, const struct backup_watch *watch)
{
	struct check c = { b, watch, 0 };
	int64_t done_bytes = 0;
	int code = 0;

	for (size_t i = 0; i < b->nfiles && code == 0; i++) {
		told(watch, b->files[i].name, done_bytes, b->bytes);
		code = check_file(&c, &b->files[i]);
		done_bytes += b->files[i].bytes;
	}
	if (code == 0 && !has_file(b, "desk.db"))
		wrong(&c, "desk.db: missing");
	if (code == 0)
		code = check_strangers(&c);
	if (code == 0 && c.wrong > 0)
		code = err_set(ERR_NO, "%s: %d faults", b->path, c.wrong);
	return code;
}

/* --- restore --- */

/* dir is there and empty: 1 if it was made here, 0 if not, or an ERR. */
static int
empty_dir(const char *dir)
{
	struct dirent *e;
	bool empty = true;
	DIR *d;

	if (mkdir(dir, 0770) == 0)
		return 1;
	d = errno == EEXIST ? opendir(dir) : NULL;
	if (d == NULL)
		return err_errno(errno == EACCES ? ERR_DENIED : ERR_CREATE,
		    "%s", dir);
	while (empty && (e = readdir(d)) != NULL)
		empty =
		    strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	closedir(d);
	return empty ? 0 :
		       err_set(ERR_CREATE,
			   "%s: not empty; a store is never written over", dir);
}

/* One file of b into the store that is gathered in dir. */
static int
give(const struct backup *b, const struct backup_file *f, const char *dir)
{
	char *from = xformat("%s/%s", b->path, f->name);
	char *to = xformat("%s/%s", dir, f->name);
	char hash[HASH_HEX_BYTES];
	int64_t bytes;
	int code = make_parents(dir, f->name, 0770);

	if (code == 0)
		code = copy_file(from, to,
		    strcmp(f->name, "auth.db") == 0 ? 0600 : 0660, &bytes,
		    hash);
	if (code == 0 && (bytes != f->bytes || strcmp(hash, f->hash) != 0))
		code = err_set(ERR_NO, "%s: not as it was copied", from);
	free(from);
	free(to);
	return code;
}

/* As root what was gathered goes to the owner of the store's directory. */
static int
give_away(const char *path, const struct stat *owner)
{
	struct dirent *e;
	DIR *d;
	int code = 0;

	if (lchown(path, owner->st_uid, owner->st_gid) < 0)
		return err_errno(ERR_CREATE, "%s", path);
	if ((d = opendir(path)) == NULL)
		return 0; /* a file */
	while (code == 0 && (e = readdir(d)) != NULL) {
		char *sub;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		sub = xformat("%s/%s", path, e->d_name);
		code = give_away(sub, owner);
		free(sub);
	}
	closedir(d);
	return code;
}

/* Move what is in the gathered store to its place, desk.db last. */
static int
settle(const char *gathered, const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(gathered);
	char *from, *to;
	int code = d == NULL ? err_errno(ERR_IO, "%s", gathered) : 0;

	while (code == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || str_starts(e->d_name, "desk.db"))
			continue;
		from = xformat("%s/%s", gathered, e->d_name);
		to = xformat("%s/%s", dir, e->d_name);
		if (rename(from, to) < 0)
			code = err_errno(ERR_CREATE, "%s", to);
		free(from);
		free(to);
	}
	if (d != NULL)
		closedir(d);
	if (code == 0)
		code = sync_dir(dir, true);
	from = xformat("%s/desk.db", gathered);
	to = xformat("%s/desk.db", dir);
	fault("backup.before-settle");
	if (code == 0 && rename(from, to) < 0)
		code = err_errno(ERR_CREATE, "%s", to);
	free(from);
	free(to);
	if (code == 0) {
		remove_tree(gathered);
		code = sync_dir(dir, false);
	}
	return code;
}

int
backup_restore(const struct backup *b, const char *dir,
    int (*prepare)(void *ctx, const char *gathered),
    const struct backup_watch *watch)
{
	char *gathered = xformat("%s/" GATHER, dir), *path;
	int64_t done_bytes = 0;
	struct stat owner;
	int made, code = empty_dir(dir);

	if (code < 0)
		goto out;
	made = code;
	code = stat(dir, &owner) < 0 ? err_errno(ERR_IO, "%s", dir) :
				       make_dir(gathered, 0770);
	for (size_t i = 0; i < b->nfiles && code == 0; i++) {
		told(watch, b->files[i].name, done_bytes, b->bytes);
		code = give(b, &b->files[i], gathered);
		done_bytes += b->files[i].bytes;
	}
	for (int i = 0; i < 2 && code == 0; i++) {
		path = xformat("%s/%s", gathered, i == 0 ? "media" : "run");
		code = make_dir(path, 0770);
		free(path);
	}
	if (code == 0 && prepare != NULL)
		code = prepare(watch != NULL ? watch->ctx : NULL, gathered);
	if (code == 0 && geteuid() == 0)
		code = give_away(gathered, &owner);
	if (code == 0)
		code = settle(gathered, dir);
	if (code < 0) {
		remove_tree(gathered);
		if (made)
			rmdir(dir);
	}
out:
	free(gathered);
	return code;
}

/* --- many of them --- */

static bool
is_name(const char *name)
{
	static const char form[] = PREFIX "dddddddd"
					  "Tdddddd"
					  "Z";
	size_t i;

	for (i = 0; form[i] != '\0'; i++)
		if (i >= sizeof(PREFIX) - 1 && form[i] == 'd' ?
			name[i] < '0' || name[i] > '9' :
			name[i] != form[i])
			return false;
	return name[i] == '\0';
}

static int
names_of(const char *dir, struct names *ret)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	if (d == NULL)
		return err_errno(ERR_NOINPUT, "%s", dir);
	while ((e = readdir(d)) != NULL) {
		if (!is_name(e->d_name))
			continue;
		ret->items = xrealloc(ret->items,
		    (ret->count + 1) * sizeof(*ret->items));
		ret->items[ret->count++] = xstrdup(e->d_name);
	}
	closedir(d);
	if (ret->count > 0)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_name);
	return 0;
}

int
backup_list(const char *dir, struct backup ***ret, size_t *ret_count)
{
	struct names names = { NULL, 0 };
	struct backup **list;
	int code = names_of(dir, &names);

	if (code < 0)
		return code;
	list = xcalloc(names.count + 1, sizeof(*list));
	for (size_t i = 0; i < names.count; i++) {
		char *path = xformat("%s/%s", dir, names.items[i]);

		if (backup_open(path, &list[i]) < 0) {
			list[i] = backup_new(path);
			list[i]->time_ms = -1;
		}
		free(path);
	}
	*ret = list;
	*ret_count = names.count;
	names_free(&names);
	return 0;
}

int
backup_rotate(const char *dir, size_t keep, size_t *ret_removed)
{
	struct names names = { NULL, 0 };
	size_t removed = 0;
	int code = names_of(dir, &names);

	while (code == 0 && removed + keep < names.count) {
		/* Half of a backup must not carry the name of a whole one. */
		char *path = xformat("%s/%s", dir, names.items[removed]);
		char *partial =
		    xformat("%s/.%s.old.partial", dir, names.items[removed]);

		if (rename(path, partial) < 0)
			code = err_errno(ERR_IO, "%s", path);
		else
			remove_tree(partial);
		free(path);
		free(partial);
		removed++;
	}
	names_free(&names);
	if (code == 0 && ret_removed != NULL)
		*ret_removed = removed;
	return code;
}
