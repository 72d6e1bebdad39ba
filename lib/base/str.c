/* str - memory that does not fail, growing buffers, small string helpers */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

#define HUGE_PAGE ((size_t)2 << 20)

static void
no_memory(void)
{
	static const char text[] = "out of memory\n";
	ssize_t n = write(2, text, sizeof(text) - 1);

	(void)n;
	_exit(70);
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (p == NULL)
		no_memory();
	return p;
}

void *
xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (p == NULL)
		no_memory();
	return p;
}

void *
xmalloc_huge(size_t size)
{
	void *p;

	if (size < HUGE_PAGE)
		return xmalloc(size);
	size = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	p = aligned_alloc(HUGE_PAGE, size);
	if (p == NULL)
		no_memory();
	madvise(p, size, MADV_HUGEPAGE); /* or small ones */
	return p;
}

void *
xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);

	if (q == NULL)
		no_memory();
	return q;
}

char *
xstrdup(const char *s)
{
	return s == NULL ? NULL : xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t len)
{
	char *p = xmalloc(len + 1);

	if (len > 0)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
xformat(const char *fmt, ...)
{
	char *p = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&p, fmt, ap) < 0)
		no_memory();
	va_end(ap);
	return p;
}

char *
buf_room(struct buf *b, size_t len)
{
	size_t cap = b->cap ? b->cap : 64;

	if (b->len + len >= b->cap) {
		while (cap < b->len + len + 1)
			cap *= 2;
		b->data = xrealloc(b->data, cap);
		b->data[b->len] = '\0';
		b->cap = cap;
	}
	return b->data + b->len;
}

void
buf_add(struct buf *b, const void *data, size_t len)
{
	if (b->max != 0 && len > b->max - b->len) {
		b->failed = true;
		return;
	}
	if (b->len + len >= b->cap)
		buf_room(b, len);
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	if (b->max != 0 || b->len + 1 >= b->cap) {
		buf_add(b, &c, 1);
		return;
	}
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	char *p = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&p, fmt, ap);
	va_end(ap);
	if (len < 0)
		no_memory();
	buf_add(b, p, (size_t)len);
	free(p);
}

void
buf_drop(struct buf *b, size_t len)
{
	if (len == 0)
		return;
	memmove(b->data, b->data + len, b->len - len + 1);
	b->len -= len;
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_release(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
	b->failed = false;
}

char *
buf_detach(struct buf *b)
{
	char *p = b->data != NULL ? b->data : xstrdup("");

	b->data = NULL;
	b->len = b->cap = 0;
	return p;
}

bool
str_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

int
hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), want = strlen(suffix);

	return len >= want && strcmp(s + len - want, suffix) == 0;
}

char *
str_trim(char *s)
{
	static const char blanks[] = " \t\r\n";
	size_t len;

	s += strspn(s, blanks);
	len = strlen(s);
	while (len > 0 && strchr(blanks, s[len - 1]) != NULL)
		s[--len] = '\0';
	return s;
}

bool
str_in(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

int
str_int(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(s, &end, 10);
	if (end == s || *end != '\0' || errno != 0 || n < min || n > max)
		return err_set(ERR_DATA,
		    "'%s' is not a whole number from %lld to %lld", s,
		    (long long)min, (long long)max);
	*ret = n;
	return 0;
}

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Edits that turn a into b: insert, delete, replace. Short words only. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[64], la = strlen(a), lb = strlen(b), i, j, diagonal, above;

	if (la >= 64 || lb >= 64)
		return 64;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			above = row[j];
			row[j] =
			    diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[lb];
}

const char *
str_nearest(const char *s, const char *const *names)
{
	const char *best = NULL;
	size_t best_distance = strlen(s) / 3 + 2, d;

	for (; *names != NULL; names++) {
		d = distance(s, *names);
		if (d < best_distance) {
			best_distance = d;
			best = *names;
		}
	}
	return best;
}

int
file_read(const char *path, size_t max, char **ret, size_t *ret_len)
{
	struct buf b = BUF_INIT(0);
	char chunk[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC), code;
	ssize_t n;

	if (fd < 0)
		return err_errno(errno == EACCES ? ERR_DENIED : ERR_NOINPUT,
		    "%s", path);
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			code = err_errno(ERR_IO, "%s", path);
			goto fail;
		}
		buf_add(&b, chunk, (size_t)n);
		if (b.len > max) {
			code = err_set(ERR_DATA, "%s: larger than %zu bytes",
			    path, max);
			goto fail;
		}
	}
	close(fd);
	if (ret_len != NULL)
		*ret_len = b.len;
	*ret = buf_detach(&b);
	return 0;
fail:
	close(fd);
	buf_release(&b);
	return code;
}

char *
file_unreadable(const char *path)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t len;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return xstrdup("not a regular file");
	if (access(path, R_OK) == 0)
		return NULL;
	if (errno != ENOENT)
		return xstrdup(strerror(errno));
	len = readlink(path, target, sizeof(target));
	return len < 0 ?
	    xstrdup(strerror(ENOENT)) :
	    xformat("a link to %.*s, which is not there", (int)len, target);
}

int
file_read_regular(const char *path, size_t max, char **ret, size_t *ret_len)
{
	char *why = file_unreadable(path);
	int code = why != NULL ? err_set(ERR_NOINPUT, "%s: %s", path, why) :
				 file_read(path, max, ret, ret_len);

	free(why);
	return code;
}

int
file_secret(const char *path, char **ret)
{
	int code = file_read(path, 65536, ret, NULL);
	char *secret;

	if (code < 0)
		return code;
	secret = str_trim(*ret);
	memmove(*ret, secret, strlen(secret) + 1);
	return 0;
}

int
write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Into the file as it is: what is no regular file, or cannot be replaced by
 * one of the same owner. */
static int
put_into(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int code = 0;

	if (fd < 0)
		return err_errno(errno == EACCES ? ERR_DENIED : ERR_CREATE,
		    "%s", path);
	if (fstat(fd, &st) < 0 || write_all(fd, data, len) < 0 ||
	    (S_ISREG(st.st_mode) &&
		(ftruncate(fd, (off_t)len) < 0 || fsync(fd) < 0)))
		code = err_errno(ERR_IO, "%s", path);
	close(fd);
	return code;
}

/* A file beside path that was not there, with a name nobody can foresee. */
static int
open_beside(const char *path, int mode, char **ret)
{
	unsigned char random[8];
	uint64_t n = 0;
	size_t i;
	int fd;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -1;
	for (i = 0; i < sizeof(random); i++)
		n = n << 8 | random[i];
	*ret = xformat("%s.new.%016llx", path, (unsigned long long)n);
	fd = open(*ret, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    mode);
	if (fd < 0) {
		free(*ret);
		*ret = NULL;
	}
	return fd;
}

int
file_put(const char *path, const void *data, size_t len, int mode)
{
	char *real = NULL, *tmp = NULL;
	struct stat st;
	bool is_there = stat(path, &st) == 0;
	int fd = -1, code = 0;

	if (is_there && !S_ISREG(st.st_mode))
		return put_into(path, data, len);
	/* A link stays one: what it points to is written. */
	real = is_there ? realpath(path, NULL) : xstrdup(path);
	if (real == NULL)
		return put_into(path, data, len);
	fd = open_beside(real, is_there ? 0600 : mode, &tmp);
	if (fd < 0 && is_there) {
		code = put_into(path, data, len);
		goto out;
	}
	/* Who could read it before can do so afterwards, and nobody else. */
	if (fd >= 0 && is_there &&
	    (fchown(fd, st.st_uid, st.st_gid) < 0 ||
		fchmod(fd, st.st_mode & 07777) < 0)) {
		code = put_into(path, data, len);
		unlink(tmp);
		goto out;
	}
	if (fd < 0)
		code = err_errno(ERR_CREATE, "%s", path);
	else if (write_all(fd, data, len) < 0 || fsync(fd) < 0)
		code = err_errno(ERR_IO, "%s", path);
	else if (rename(tmp, real) < 0)
		code = err_errno(ERR_CREATE, "%s", path);
	if (fd >= 0 && code < 0)
		unlink(tmp);
out:
	if (fd >= 0)
		close(fd);
	free(tmp);
	free(real);
	return code;
}

bool
str_words(const char *text, char ***ret)
{
	char **words = xcalloc(STR_WORDS_MAX + 1, sizeof(*words));
	struct buf b = BUF_INIT(0);
	size_t n = 0;
	bool quoted = false;

	while (*text != '\0' && n < STR_WORDS_MAX) {
		text += strspn(text, " \t\n");
		if (*text == '\0')
			break;
		for (buf_addc(&b, '\0'), buf_reset(&b); *text != '\0' &&
		     (quoted || strchr(" \t\n", *text) == NULL);
		     text++)
			if (*text == '"')
				quoted = !quoted;
			else
				buf_addc(&b, *text);
		words[n++] = xstrndup(b.data, b.len);
	}
	buf_release(&b);
	*ret = words;
	return !quoted && *text == '\0';
}
