/* spool - what one who fetches keeps between two runs */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "kb/spool.h"

#define KNOWN_MAX_BYTES (1u << 30)
#define EMPTY_MAX_BYTES 4096 /* of known.jsonl without anything known */

struct spool {
	char *dir, *files, *known_path, *version;
	json_t *known;
	int64_t done_ms;
	int lock_fd;
};

static int
make_dir(const char *path)
{
	if (mkdir(path, 0770) == 0 || errno == EEXIST)
		return 0;
	return err_errno(errno == EACCES || errno == EPERM ? ERR_DENIED :
							     ERR_CREATE,
	    "%s", path);
}

/* 0, if it has the lock of a folder that is there still; 1: to be made anew. */
static int
take_lock(struct spool *s)
{
	char *path = xformat("%s/lock", s->dir);
	struct stat st = { .st_nlink = 0 };
	int code = make_dir(s->dir);

	if (code == 0) {
		s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
		if (s->lock_fd < 0)
			code = errno == ENOENT ?
			    1 :
			    err_errno(ERR_CREATE, "%s", path);
		else if (flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0)
			code =
			    err_set(ERR_BUSY, "another run is at work on it");
		else if (fstat(s->lock_fd, &st) == 0 && st.st_nlink == 0) {
			close(s->lock_fd); /* sweep_empty() was quicker */
			s->lock_fd = -1;
			code = 1;
		}
	}
	free(path);
	return code;
}

/* Whether nothing was known when the last run in that folder ended. */
static bool
knows_nothing(const char *dir)
{
	char *path = xformat("%s/known.jsonl", dir), *text = NULL;
	struct stat st;
	size_t len = 0;
	json_t *o = NULL;
	bool nothing = stat(path, &st) < 0 && errno == ENOENT;

	if (!nothing && stat(path, &st) == 0 && st.st_size < EMPTY_MAX_BYTES &&
	    file_read(path, EMPTY_MAX_BYTES, &text, &len) == 0 &&
	    json_object_parse(text, strcspn(text, "\n"), &o) == 0)
		nothing = json_str(o, "source") == NULL &&
		    json_int_or(o, "done_ms", 0) == 0 &&
		    strcspn(text, "\n") + 1 >= len;
	json_decref(o);
	free(text);
	free(path);
	return nothing;
}

/* Take out the spools of what was tried once, to no avail. */
static void
sweep_empty(const char *top, const char *own)
{
	static const char *const names[] = { "known.jsonl", "lock" };
	DIR *d = opendir(top);
	struct dirent *e;
	char *dir, *path;
	size_t i;
	int fd;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		dir = xformat("%s/%s", top, e->d_name);
		path = xformat("%s/lock", dir);
		fd =
		    strcmp(dir, own) != 0 ? open(path, O_RDWR | O_CLOEXEC) : -1;
		free(path);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		    knows_nothing(dir)) {
			path = xformat("%s/files", dir);
			/* Whatever else is in there, somebody may want. */
			if (rmdir(path) == 0 || errno == ENOENT)
				for (i = 0; i < 2; i++) {
					free(path);
					path = xformat("%s/%s", dir, names[i]);
					unlink(path);
				}
			free(path);
			rmdir(dir);
		}
		if (fd >= 0)
			close(fd);
		free(dir);
	}
	if (d != NULL)
		closedir(d);
}

int
spool_open(const char *dir, const char *kind, const char *key,
    struct spool **ret)
{
	struct spool *s = xcalloc(1, sizeof(*s));
	char id[SHORT_ID_BYTES], *top;
	int code;

	s->lock_fd = -1;
	s->known = json_object();
	id_short(id, kind, key, NULL);
	top = xformat("%s/spool", dir);
	s->dir = xformat("%s/%s-%s", top, kind, id);
	s->files = xformat("%s/files", s->dir);
	s->known_path = xformat("%s/known.jsonl", s->dir);
	code = make_dir(top);
	if (code == 0)
		while ((code = take_lock(s)) == 1)
			;
	if (code == 0)
		sweep_empty(top, s->dir);
	if (code == 0)
		code = spool_empty(s);
	free(top);
	if (code < 0) {
		spool_close(s);
		return code;
	}
	*ret = s;
	return 0;
}

void
spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	json_decref(s->known);
	free(s->dir);
	free(s->files);
	free(s->known_path);
	free(s->version);
	free(s);
}

const char *
spool_dir(const struct spool *s)
{
	return s->dir;
}

const char *
spool_files(const struct spool *s)
{
	return s->files;
}

int
spool_empty(struct spool *s)
{
	char *roots[] = { s->files, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *e;

	while (walk != NULL && (e = fts_read(walk)) != NULL)
		if (e->fts_info == FTS_DP)
			rmdir(e->fts_accpath);
		else if (e->fts_info != FTS_D)
			unlink(e->fts_accpath);
	if (walk != NULL)
		fts_close(walk);
	return make_dir(s->files);
}

json_t *
spool_known(struct spool *s)
{
	return s->known;
}

static void
load_line(struct spool *s, const char *line, size_t len, bool *good)
{
	json_t *o = NULL;
	const char *source;

	if (json_object_parse(line, len, &o) < 0)
		return;
	source = json_str(o, "source");
	if (source == NULL) {
		s->done_ms = json_int_or(o, "done_ms", 0);
		*good = strcmp(json_str_or(o, "version", ""), s->version) == 0;
	} else if (*good) {
		char *key = xstrdup(source);

		json_object_del(o, "source");
		json_object_set(s->known, key, o);
		free(key);
	}
	json_decref(o);
}

int
spool_load(struct spool *s, const char *version)
{
	char *text = NULL, *p, *lf;
	size_t len = 0;
	bool good = false;
	int code;

	s->version = xstrdup(version);
	if (access(s->known_path, F_OK) < 0)
		return 0;
	code = file_read(s->known_path, KNOWN_MAX_BYTES, &text, &len);
	if (code < 0)
		return code;
	for (p = text; (lf = memchr(p, '\n', len - (size_t)(p - text))) != NULL;
	     p = lf + 1)
		load_line(s, p, (size_t)(lf - p), &good);
	free(text);
	return 0;
}

int
spool_save(struct spool *s)
{
	struct buf b = BUF_INIT(0);
	json_t *o = json_object(), *value;
	const char *source;
	int code;

	json_put(o, "version", s->version);
	json_put_int(o, "done_ms", s->done_ms);
	json_write(&b, o);
	buf_addc(&b, '\n');
	json_decref(o);
	json_object_foreach(s->known, source, value) {
		o = json_object();
		json_put(o, "source", source);
		json_object_update(o, value);
		json_write(&b, o);
		buf_addc(&b, '\n');
		json_decref(o);
	}
	code = file_put(s->known_path, b.data, b.len, 0660);
	buf_release(&b);
	return code;
}

int64_t
spool_done_ms(const struct spool *s)
{
	return s->done_ms;
}

void
spool_set_done(struct spool *s, int64_t now_ms)
{
	s->done_ms = now_ms;
}
