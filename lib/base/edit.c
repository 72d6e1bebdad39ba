/* edit - change settings in the text of a file, and nothing else */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"

#define NEW_FILE_MODE 0644
#define FILE_MAX_BYTES (1024 * 1024)
#define LOCK_WAIT_MS 5000 /* for others that change a file of the folder */
#define LOCK_TRY_MS 10

/* Lines [from, to) of a text. */
struct span {
	size_t from, to;
};

struct place {
	struct span *hits; /* where the setting stands now */
	size_t nhits;
	size_t behind; /* a new one is put here */
	bool has_section;
	bool has_hint; /* behind is that of a commented-out one */
};

/* A line without white space around it. */
static const char *
trimmed(const char *line, size_t len, size_t *ret_len)
{
	const char *end = line + len;

	while (line < end && strchr(" \t\r\n", *line) != NULL)
		line++;
	while (end > line && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	*ret_len = (size_t)(end - line);
	return line;
}

/* Whether a line without white space around it is "[NAME]", as conf has it. */
static bool
is_header(const char *line, size_t len)
{
	return len > 1 && *line == '[' &&
	    memchr(line, ']', len) == line + len - 1;
}

/* Whether line is "key = ...". */
static bool
sets(const char *line, size_t len, const char *key)
{
	const char *eq = memchr(line, '=', len), *name;
	size_t n;

	if (eq == NULL)
		return false;
	name = trimmed(line, (size_t)(eq - line), &n);
	return n == strlen(key) && strncmp(name, key, n) == 0;
}

static size_t
line_end(const char *text, size_t at)
{
	const char *lf = strchr(text + at, '\n');

	return lf != NULL ? (size_t)(lf - text) + 1 : at + strlen(text + at);
}

static void
find(const char *text, const char *section, const char *key, struct place *p)
{
	const char *line, *name;
	size_t at, end, first, len, n;
	/* A file that is one section begins in it. */
	bool inside = *section == '\0';

	at = str_starts(text, "\xef\xbb\xbf") ? 3 : 0;
	p->has_section = inside;
	p->behind = at;
	for (; text[at] != '\0'; at = end) {
		first = at;
		end = line_end(text, at);
		line = trimmed(text + at, end - at, &len);
		if (len == 0)
			continue;
		if (*line == '[') {
			if (!is_header(line, len))
				continue;
			name = trimmed(line + 1, len - 2, &n);
			inside = n == strlen(section) &&
			    strncmp(name, section, n) == 0;
			if (inside) {
				p->has_section = true;
				p->has_hint = false;
				p->behind = end;
			}
			continue;
		}
		if (*line == '#' || *line == ';') {
			if (inside && sets(line + 1, len - 1, key)) {
				p->behind = end;
				p->has_hint = true;
			}
			continue;
		}
		if (*line == '=' || memchr(line, '=', len) == NULL)
			continue; /* no setting: nothing goes on */
		while (line[len - 1] == '\\' && text[end] != '\0') {
			at = end;
			end = line_end(text, at);
			if (trimmed(text + at, end - at, &n) == NULL || n == 0)
				break;
			line = trimmed(text + at, end - at, &len);
		}
		if (!inside)
			continue;
		if (!p->has_hint)
			p->behind = end;
		line = trimmed(text + first, end - first, &len);
		if (!sets(line, len, key))
			continue;
		p->hits = xrealloc(p->hits, (p->nhits + 1) * sizeof(*p->hits));
		p->hits[p->nhits].from = first;
		p->hits[p->nhits++].to = end;
	}
}

static int
check(const char *value)
{
	size_t len;

	for (;; value += len + 1) {
		len = strcspn(value, "\n");
		if (len > 0 && value[len - 1] == '\\')
			return err_set(ERR_DATA,
			    "a line of the value ends in a backslash");
		if (len > 0 &&
		    (strchr(" \t", value[0]) != NULL ||
			strchr(" \t", value[len - 1]) != NULL))
			return err_set(ERR_DATA,
			    "a line of the value begins or ends with a space");
		if (value[len] == '\0')
			return 0;
	}
}

static void
write_setting(struct buf *to, const char *key, const char *value)
{
	buf_addf(to, "%s =", key);
	if (*value != '\0')
		buf_addc(to, ' ');
	for (; *value != '\0'; value++)
		if (*value == '\n')
			buf_adds(to, " \\\n\t");
		else
			buf_addc(to, *value);
	buf_addc(to, '\n');
}

static void
copy(struct buf *to, const char *text, size_t from, size_t until)
{
	buf_add(to, text + from, until - from);
}

/* End the last line of b, also where a backslash would draw on the next. */
static void
end_line(struct buf *b)
{
	size_t i = b->len;

	if (i > 0 && b->data[i - 1] != '\n')
		buf_addc(b, '\n');
	else if (i > 0)
		i--;
	while (i > 0 && strchr(" \t\r", b->data[i - 1]) != NULL)
		i--;
	if (i > 0 && b->data[i - 1] == '\\')
		buf_addc(b, '\n');
}

/* Whether the line before at ends in a backslash. */
static bool
goes_on(const char *text, size_t at)
{
	while (at > 0 && strchr(" \t\r\n", text[at - 1]) != NULL)
		at--;
	return at > 0 && text[at - 1] == '\\';
}

/* Take out of b, from at on, the header before at if nothing but white space
 * stands between it and at, and between at and the next header. */
static void
drop_empty_section(struct buf *b, size_t at)
{
	size_t from = at, until = at + strspn(b->data + at, " \t\r\n"), len;
	const char *next;

	next = trimmed(b->data + until, line_end(b->data, until) - until, &len);
	if (len > 0 && !is_header(next, len))
		return;
	while (from > 0 && strchr(" \t\r\n", b->data[from - 1]) != NULL)
		from--;
	while (from > 0 && b->data[from - 1] != '\n')
		from--;
	next = trimmed(b->data + from, line_end(b->data, from) - from, &len);
	if (!is_header(next, len) || goes_on(b->data, from))
		return;
	/* At the end of the file the empty lines before it go, too. */
	while (b->data[until] == '\0' && from > 1 &&
	    b->data[from - 1] == '\n' && b->data[from - 2] == '\n')
		from--;
	memmove(b->data + from, b->data + until, b->len - until + 1);
	b->len -= until - from;
}

int
conf_edit(const char *text, const char *section, const char *key,
    const char *value, char **ret)
{
	struct place p = { .hits = NULL };
	struct buf b = BUF_INIT(0);
	size_t at = 0, last, i;

	if (value != NULL && check(value) < 0)
		return ERR_DATA;
	find(text, section, key, &p);
	/* The last one counts: it is changed, or all are taken out. */
	for (i = 0; i < p.nhits; i++) {
		if (value != NULL && i + 1 < p.nhits)
			continue;
		copy(&b, text, at, p.hits[i].from);
		if (value != NULL)
			write_setting(&b, key, value);
		at = p.hits[i].to;
	}
	if (value != NULL && p.nhits == 0 && p.has_section) {
		copy(&b, text, 0, p.behind);
		end_line(&b);
		write_setting(&b, key, value);
		at = p.behind;
	}
	last = b.len;
	copy(&b, text, at, strlen(text));
	if (value == NULL && p.nhits > 0 && b.len > 0)
		drop_empty_section(&b, last);
	if (value != NULL && p.nhits == 0 && !p.has_section) {
		end_line(&b);
		buf_addf(&b, "%s[%s]\n", b.len > 0 ? "\n" : "", section);
		write_setting(&b, key, value);
	}
	free(p.hits);
	*ret = buf_detach(&b);
	return 0;
}

/* Whether a comment is a setting that is commented out: "#ai = on". */
static bool
is_hint(const char *line, size_t len)
{
	const char *eq = memchr(line, '=', len);
	size_t n;

	if (eq == NULL)
		return false;
	line = trimmed(line + 1, (size_t)(eq - line) - 1, &n);
	return n > 0 && memchr(line, ' ', n) == NULL;
}

char *
conf_cut(const char *text, const char *section)
{
	size_t at = str_starts(text, "\xef\xbb\xbf") ? 3 : 0, end, len, n,
	       kept = 0, from = 0, until = 0;
	struct buf b = BUF_INIT(0);
	const char *line, *name;
	bool inside = false, goes_on = false;

	for (; text[at] != '\0'; at = end) {
		end = line_end(text, at);
		line = trimmed(text + at, end - at, &len);
		if (!goes_on && len > 0 && *line == '[' &&
		    line[len - 1] == ']') {
			if (inside) {
				copy(&b, text, kept, from);
				kept = until;
			}
			name = trimmed(line + 1, len - 2, &n);
			inside = n == strlen(section) &&
			    strncmp(name, section, n) == 0;
			from = at;
			until = end;
			continue;
		}
		if (goes_on ||
		    (len > 0 && *line != '#' && *line != ';' &&
			memchr(line, '=', len) != NULL)) {
			goes_on = len > 0 && line[len - 1] == '\\';
			until = end;
		} else if (len > 0 && (*line == '#' || *line == ';') &&
		    is_hint(line, len))
			until = end;
		/* The blank line that parts it from the next. */
		else if (len == 0 && until == at)
			until = end;
	}
	if (inside) {
		copy(&b, text, kept, from);
		kept = until;
	}
	/* Nothing behind it: the blank line before it parts nothing either. */
	while (inside && text[kept] == '\0' && b.len > 1 &&
	    b.data[b.len - 1] == '\n' && b.data[b.len - 2] == '\n')
		b.data[--b.len] = '\0';
	copy(&b, text, kept, strlen(text));
	return buf_detach(&b);
}

int
conf_target(const char *file, bool for_system, char **ret)
{
	const char *one = getenv("FRONTDESK_CONF");
	char *path, *real;

	if (file != NULL)
		path = xstrdup(file);
	else if (for_system)
		path = xstrdup(CONF_SYSTEM_PATH);
	else if (one != NULL && *one != '\0')
		path = xstrdup(one);
	else if (geteuid() == 0)
		path = xstrdup(CONF_SYSTEM_PATH);
	else
		path = conf_person_path();
	if (path == NULL)
		return err_set(ERR_NOINPUT, "no home directory; name a --file");
	real = realpath(path, NULL);
	if (real != NULL)
		free(path);
	*ret = real != NULL ? real : path;
	return 0;
}

/* The folders above path, for a person's first setting. */
static void
make_folders(const char *path)
{
	char *part = xstrdup(path), *slash;

	for (slash = strchr(part + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(part, 0777); /* file_put says if one is missing */
		*slash = '/';
	}
	free(part);
}

/*
 * Until *ret_fd is closed nobody else changes a file of path's folder: two at
 * a time would write what they read before the other wrote. It is the folder
 * that is locked, as the file is another one after each change. 0 with -1 also
 * where there is no folder: file_put names what is wrong.
 */
static int
lock_folder(const char *path, int *ret_fd)
{
	const struct timespec pause = { 0, LOCK_TRY_MS * 1000000L };
	char *part = xstrdup(path);
	const char *folder = dirname(part);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), tries;
	int code = 0;

	for (tries = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			code = err_errno(ERR_IO, "%s", folder);
		else if (tries >= LOCK_WAIT_MS / LOCK_TRY_MS)
			code = err_set(ERR_BUSY,
			    "%s: others are changing settings, try again",
			    folder);
		if (code < 0) {
			close(fd);
			fd = -1;
		} else
			nanosleep(&pause, NULL);
	}
	free(part);
	*ret_fd = fd;
	return code;
}

static int
write_all_changes(const char *path, const struct conf_change *changes,
    size_t count, char **ret_before)
{
	char *before = NULL, *text = NULL, *edited = NULL, *own = NULL;
	const char *section;
	int code = 0, mode = NEW_FILE_MODE, fd = -1;
	bool sets_some = false;
	struct stat st;
	size_t i;

	for (i = 0; i < count; i++)
		sets_some |= changes[i].key != NULL && changes[i].value != NULL;
	if (sets_some && access(path, F_OK) < 0)
		make_folders(path);
	code = lock_folder(path, &fd);
	if (code == 0 && stat(path, &st) == 0) {
		mode = st.st_mode & 0777;
		code = file_read(path, FILE_MAX_BYTES, &before, NULL);
	} else if (code == 0 && !sets_some)
		code = err_errno(ERR_NOINPUT, "%s", path);
	text = xstrdup(before != NULL ? before : "");
	own = conf_file_section(path);
	for (i = 0; i < count && code == 0; i++) {
		section = own != NULL && strcmp(own, changes[i].section) == 0 ?
		    "" :
		    changes[i].section;
		if (own != NULL && *section != '\0')
			code =
			    err_set(ERR_DATA, "%s holds [%s] only", path, own);
		else if (changes[i].key == NULL)
			edited = conf_cut(text, section);
		else
			code = conf_edit(text, section, changes[i].key,
			    changes[i].value, &edited);
		if (code == 0) {
			free(text);
			text = edited;
		}
	}
	if (code == 0 && (before == NULL || strcmp(before, text) != 0))
		code = file_put(path, text, strlen(text), mode);
	if (fd >= 0)
		close(fd);
	free(own);
	free(text);
	if (code == 0 && ret_before != NULL)
		*ret_before = before;
	else
		free(before);
	return code;
}

int
conf_write(const char *path, const struct conf_change *changes, size_t count,
    char **ret_before)
{
	gid_t lent = getegid();
	int code;

	if (setegid(getgid()) < 0)
		return err_errno(ERR_DENIED, "%s", path);
	code = write_all_changes(path, changes, count, ret_before);
	if (setegid(lent) < 0 && code == 0)
		code = err_errno(ERR_DENIED, "%s", path);
	return code;
}

int
conf_restore(const char *path, const char *before)
{
	gid_t lent = getegid();
	struct stat st;
	int code = 0;

	if (setegid(getgid()) < 0)
		return err_errno(ERR_DENIED, "%s", path);
	if (before == NULL && unlink(path) < 0)
		code = err_errno(ERR_CREATE, "%s", path);
	else if (before != NULL)
		code = file_put(path, before, strlen(before),
		    stat(path, &st) == 0 ? (int)(st.st_mode & 0777) :
					   NEW_FILE_MODE);
	if (setegid(lent) < 0 && code == 0)
		code = err_errno(ERR_DENIED, "%s", path);
	return code;
}
