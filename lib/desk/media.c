/* media - pictures, voice notes and files: what is kept of a message's medium
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/media.h"

#define DRAFT_PREFIX ".draft."
#define DRAFT_OLD_S 3600
#define READ_BYTES 65536

const char *const media_kinds[] = { "audio", "document", "image", "sticker",
	"video", "voice", NULL };

const json_t *
media_object(const char *kind, const json_t *content)
{
	if (!str_in(kind, media_kinds))
		return NULL;
	return json_object_get(content,
	    strcmp(kind, "voice") == 0 ? "audio" : kind);
}

struct media_draft {
	char *dir, *path; /* media/, and the draft in it */
	int fd;
	int64_t bytes;
	crypto_hash_sha256_state sum;
};

void
media_draft_drop(struct media_draft *d)
{
	if (d == NULL)
		return;
	if (d->fd >= 0)
		close(d->fd);
	if (d->path != NULL)
		unlink(d->path);
	free(d->path);
	free(d->dir);
	free(d);
}

int
media_draft_open(struct store *s, struct media_draft **ret)
{
	struct media_draft *d = xcalloc(1, sizeof(*d));

	d->dir = xformat("%s/media", store_dir(s));
	d->path = xformat("%s/%sXXXXXX", d->dir, DRAFT_PREFIX);
	d->fd = mkostemp(d->path, O_CLOEXEC);
	if (d->fd < 0) {
		int code = err_errno(errno == EACCES ? ERR_DENIED : ERR_IO,
		    "%s", d->dir);

		free(d->path);
		d->path = NULL;
		media_draft_drop(d);
		return code;
	}
	crypto_hash_sha256_init(&d->sum);
	*ret = d;
	return 0;
}

int
media_draft_add(struct media_draft *d, const void *data, size_t len)
{
	if (write_all(d->fd, data, len) < 0)
		return err_errno(ERR_IO, "%s", d->dir);
	crypto_hash_sha256_update(&d->sum, data, len);
	d->bytes += (int64_t)len;
	return 0;
}

int
media_draft_fd(const struct media_draft *d)
{
	return d->fd;
}

void
media_file_release(struct media_file *f)
{
	free(f->mime);
	f->mime = NULL;
}

/* A folder's new entry is on the disk when the folder is. */
static int
sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = -1;

	if (fd < 0)
		return -1;
	ret = fsync(fd);
	close(fd);
	return ret;
}

int
media_draft_keep(struct media_draft *d, const char *mime, const char *want,
    struct media_file *ret)
{
	unsigned char sum[crypto_hash_sha256_BYTES];
	struct media_file f = { .bytes = d->bytes };
	char *dir = NULL, *path = NULL;
	int code = 0;

	crypto_hash_sha256_final(&d->sum, sum);
	sodium_bin2hex(f.sha256, sizeof(f.sha256), sum, sizeof(sum));
	if (want != NULL && strcmp(want, f.sha256) != 0) {
		media_draft_drop(d);
		return err_set(ERR_DATA, "what came is not what was sent");
	}
	f.mime = xstrdup(mime);
	dir = xformat("%s/%.2s", d->dir, f.sha256);
	path = xformat("%s/%s", dir, f.sha256);
	/* The group reads what one of its programs has written. */
	if (fchmod(d->fd, 0640) < 0 || fsync(d->fd) < 0 ||
	    (mkdir(dir, 0770) < 0 && errno != EEXIST) ||
	    rename(d->path, path) < 0 || sync_dir(dir) < 0 ||
	    sync_dir(d->dir) < 0)
		code = err_errno(ERR_IO, "%s", path);
	if (code == 0) {
		free(d->path);
		d->path = NULL;
		*ret = f;
	} else {
		media_file_release(&f);
	}
	free(dir);
	free(path);
	media_draft_drop(d);
	return code;
}

int
media_import(struct store *s, int fd, int64_t max, const char *mime,
    struct media_file *ret)
{
	struct media_draft *d = NULL;
	char *data = xmalloc(READ_BYTES);
	ssize_t n;
	int code = media_draft_open(s, &d);

	while (code == 0 && (n = read(fd, data, READ_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			code = err_errno(ERR_NOINPUT, "the file");
		else if (d->bytes + n > max)
			code = err_set(ERR_DATA,
			    "the file is larger than %lld bytes",
			    (long long)max);
		else
			code = media_draft_add(d, data, (size_t)n);
	}
	free(data);
	if (code == 0 && d->bytes == 0)
		code = err_set(ERR_DATA, "the file is empty");
	if (code < 0) {
		media_draft_drop(d);
		return code;
	}
	return media_draft_keep(d, mime, NULL, ret);
}

int
media_file_put(struct store *s, const struct media_file *f)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO media_file (sha256, bytes, mime, stored_ms)"
	    " VALUES (:sha256, :bytes, :mime, :now) ON CONFLICT DO NOTHING");

	bind_text(&q, ":sha256", f->sha256);
	bind_int(&q, ":bytes", f->bytes);
	bind_text(&q, ":mime", f->mime);
	bind_int(&q, ":now", now_ms());
	step(&q);
	return done(&q);
}

int
media_put(struct store *s, const char *message, const char *sha256,
    const char *reason)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO media (message, sha256, reason, updated_ms)"
	    " VALUES (:message, :sha256, :reason, :now)"
	    " ON CONFLICT DO UPDATE SET sha256 = excluded.sha256,"
	    " reason = excluded.reason, updated_ms = excluded.updated_ms");

	bind_text(&q, ":message", message);
	bind_text(&q, ":sha256", sha256);
	bind_text(&q, ":reason", sha256 == NULL ? reason : NULL);
	bind_int(&q, ":now", now_ms());
	step(&q);
	return done(&q);
}

void
media_free(struct media *m)
{
	if (m == NULL)
		return;
	free(m->sha256);
	free(m->mime);
	free(m->reason);
	free(m);
}

int
media_get(struct store *s, const char *message, struct media **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT m.sha256, f.mime, m.reason, f.bytes FROM media m"
	    " LEFT JOIN media_file f ON f.sha256 = m.sha256"
	    " WHERE m.message = :message");
	struct media *m = NULL;
	int code;

	bind_text(&q, ":message", message);
	if (step(&q)) {
		m = xcalloc(1, sizeof(*m));
		m->sha256 = column_copy(&q, 0);
		m->mime = column_copy(&q, 1);
		m->reason = column_copy(&q, 2);
		m->bytes = column_int(&q, 3);
	}
	code = done(&q);
	if (code == 0 && m == NULL)
		return err_set(ERR_NOINPUT, "no medium of this message");
	if (code < 0)
		media_free(m);
	else
		*ret = m;
	return code;
}

int
media_is_kept(struct store *s, const char *sha256)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM media_file WHERE sha256 = :sha256");

	bind_text(&q, ":sha256", sha256);
	return any_row(&q);
}

char *
media_path(struct store *s, const char *sha256)
{
	return xformat("%s/media/%.2s/%s", store_dir(s), sha256, sha256);
}

bool
media_reference(const char *text, char ret[SHA256_HEX_BYTES])
{
	const char *digits;

	if (text == NULL || !str_starts(text, MEDIA_PREFIX))
		return false;
	digits = text + strlen(MEDIA_PREFIX);
	if (strlen(digits) != SHA256_HEX_BYTES - 1 ||
	    strspn(digits, "0123456789abcdef") != SHA256_HEX_BYTES - 1)
		return false;
	memcpy(ret, digits, SHA256_HEX_BYTES);
	return true;
}

int
media_uploaded(struct store *s, const char *instance, const char *sha256,
    int64_t now, char **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT provider_id FROM media_upload WHERE instance = :instance"
	    " AND sha256 = :sha256 AND uploaded_ms > :since");
	char *id = NULL;
	int code;

	bind_text(&q, ":instance", instance);
	bind_text(&q, ":sha256", sha256);
	bind_int(&q, ":since", now - MEDIA_UPLOAD_MS);
	if (step(&q))
		id = column_copy(&q, 0);
	code = done(&q);
	if (code < 0 || id == NULL) {
		free(id);
		return code;
	}
	*ret = id;
	return 1;
}

int
media_upload_put(struct store *s, const char *instance, const char *sha256,
    const char *provider_id, int64_t now)
{
	struct query q = query(store_desk(s),
	    provider_id != NULL ?
		"INSERT INTO media_upload (instance, sha256, provider_id,"
		" uploaded_ms) VALUES (:instance, :sha256, :id, :now)"
		" ON CONFLICT DO UPDATE SET provider_id = :id,"
		" uploaded_ms = :now" :
		"DELETE FROM media_upload WHERE instance = :instance"
		" AND sha256 = :sha256");

	bind_text(&q, ":instance", instance);
	bind_text(&q, ":sha256", sha256);
	if (provider_id != NULL) {
		bind_text(&q, ":id", provider_id);
		bind_int(&q, ":now", now);
	}
	step(&q);
	return done(&q);
}

void
media_sweep(struct store *s)
{
	char *dir = xformat("%s/media", store_dir(s));
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (str_starts(e->d_name, DRAFT_PREFIX) &&
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    st.st_mtime < time(NULL) - DRAFT_OLD_S)
			unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	free(dir);
}
