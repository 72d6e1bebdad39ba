/* remote - a folder elsewhere, by way of rclone */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "kb/remote.h"

#define ARGS_MAX 48
#define LINE_MAX (1 << 20)
#define WORDS_MAX 8192
#define NO_RCLONE 127

struct remote {
	const struct remote_options *o;
	char *config, *config_dir, *cache;
	bool copied; /* config is a copy of ours, to be taken out */
	bool hash, modified, is_drive, is_crypt;
};

/* --- a run of rclone --- */

struct args {
	const char *list[ARGS_MAX];
	size_t count;
};

static void
add(struct args *a, const char *arg)
{
	if (a->count + 1 < ARGS_MAX)
		a->list[a->count++] = arg;
}

static void
add_pair(struct args *a, const char *option, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	add(a, option);
	add(a, value);
}

static void
add_common(const struct remote *r, struct args *a)
{
	add_pair(a, "--config", r->config);
	add_pair(a, "--cache-dir", r->cache);
	add_pair(a, "--drive-export-formats", r->o->export);
	add_pair(a, "--drive-team-drive", r->o->shared_drive);
	if (r->o->shared_with_me)
		add(a, "--drive-shared-with-me");
	add_pair(a, "--bwlimit", r->o->bandwidth);
	add(a, "--ask-password=false");
}

static _Noreturn void
exec_rclone(const struct remote *r, struct args *a, int out, int err)
{
	const char *const writable[] = { r->o->spool, r->config_dir, "/tmp",
		NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing writes behind our back */
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	signal(SIGPIPE, SIG_DFL);
	if (confine(r->o->store, writable) < 0) {
		dprintf(STDERR_FILENO, "%s\n", err_reason());
		_exit(74);
	}
	execvp("rclone", (char **)(uintptr_t)a->list);
	_exit(errno == ENOENT ? NO_RCLONE : 74);
}

/* The last line rclone said that says something, without its time. */
static char *
last_words(const char *words)
{
	const char *p = words, *line = "", *end;
	char *text, *shown;
	size_t n;

	for (; *p != '\0'; p += n + (p[n] != '\0')) {
		n = strcspn(p, "\n");
		if (n > 0 && memmem(p, n, " NOTICE: ", 9) == NULL)
			line = p;
	}
	end = line + strcspn(line, "\n");
	/* "2026/11/26 12:00:00 " */
	if (end - line > 20 && line[4] == '/' && line[13] == ':')
		line += 20;
	text = xstrndup(line,
	    (size_t)(end - line) < 300 ? (size_t)(end - line) : 300);
	shown = utf8_show(text, false);
	free(text);
	return shown;
}

struct run {
	int (*line)(void *ctx, const char *line, size_t len);
	void *ctx;
	struct buf out, words;
	int code;
};

static bool
take(struct run *run, int fd, bool is_words)
{
	char piece[65536], *lf;
	ssize_t n = read(fd, piece, sizeof(piece));
	struct buf *b = is_words ? &run->words : &run->out;

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	if (is_words && b->len > WORDS_MAX)
		buf_drop(b, b->len - WORDS_MAX / 2);
	buf_add(b, piece, (size_t)n);
	while (!is_words && run->code == 0 && b->len > 0 &&
	    (lf = memchr(b->data, '\n', b->len)) != NULL) {
		size_t len = (size_t)(lf - b->data);

		*lf = '\0';
		if (run->line != NULL)
			run->code = run->line(run->ctx, b->data, len);
		buf_drop(b, len + 1);
	}
	if (!is_words && b->len > LINE_MAX)
		run->code =
		    err_set(ERR_UNAVAILABLE, "rclone: a line without an end");
	return true;
}

static int
wait_end(pid_t pid, bool kill_it)
{
	int status = 0;

	if (kill_it) {
		kill(-pid, SIGTERM);
		kill(pid, SIGTERM);
		for (int i = 0; i < 40; i++) {
			if (waitpid(pid, &status, WNOHANG) == pid)
				return status;
			poll(NULL, 0, 50);
		}
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static int
outcome(const struct remote *r, const struct run *run, int status)
{
	char *words, *name;
	int code;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_RCLONE)
		return err_set(ERR_UNAVAILABLE,
		    "rclone is not installed (apt install rclone)");
	words = last_words(run->words.data != NULL ? run->words.data : "");
	/* Its sentence does not say which. */
	if (strstr(words, "didn't find section in config file") != NULL) {
		name = xstrndup(r->o->remote, strcspn(r->o->remote, ":"));
		code = err_set(ERR_UNAVAILABLE,
		    "rclone: its settings have no remote \"%s\": rclone "
		    "listremotes names those they have",
		    name);
		free(name);
	} else
		code = err_set(ERR_UNAVAILABLE, "rclone: %s",
		    *words != '\0' ? words : "it failed");
	free(words);
	return code;
}

static int
run_rclone(const struct remote *r, struct args *a,
    int (*line)(void *ctx, const char *line, size_t len), void *ctx)
{
	struct run run = { .line = line, .ctx = ctx };
	int64_t end_ms = mono_ms() + r->o->timeout_ms;
	int out[2], err[2], open_fds = 2, status;
	struct pollfd fds[2];
	pid_t pid;

	a->list[a->count] = NULL;
	if (pipe2(out, O_CLOEXEC) < 0)
		return err_errno(ERR_IO, "pipe");
	if (pipe2(err, O_CLOEXEC) < 0) {
		close(out[0]);
		close(out[1]);
		return err_errno(ERR_IO, "pipe");
	}
	pid = fork();
	if (pid == 0)
		exec_rclone(r, a, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (pid < 0)
		run.code = err_errno(ERR_IO, "fork");
	fds[0] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = err[0], .events = POLLIN };
	while (open_fds > 0 && run.code == 0) {
		poll(fds, 2, 200);
		for (int i = 0; i < 2; i++)
			if (fds[i].fd >= 0 && fds[i].revents != 0 &&
			    !take(&run, fds[i].fd, i == 1)) {
				fds[i].fd = -1;
				open_fds--;
			}
		if (run.code == 0 && r->o->stop())
			run.code = err_set(ERR_BUSY, "was interrupted");
		if (run.code == 0 && mono_ms() > end_ms)
			run.code = err_set(ERR_UNAVAILABLE,
			    "rclone took longer than %lld s",
			    (long long)(r->o->timeout_ms / 1000));
	}
	close(out[0]);
	close(err[0]);
	if (pid > 0) {
		status = wait_end(pid, run.code != 0);
		if (run.code == 0)
			run.code = outcome(r, &run, status);
	}
	buf_release(&run.out);
	buf_release(&run.words);
	return run.code;
}

/* --- what it is --- */

static int
keep_line(void *ctx, const char *line, size_t len)
{
	buf_add(ctx, line, len);
	buf_addc(ctx, '\n');
	return 0;
}

/* What the remote tells cheaply: hashes, times. */
static int
look(struct remote *r)
{
	struct args a = { .count = 0 };
	struct buf text = BUF_INIT(1 << 20);
	json_t *o = NULL;
	int code;

	add(&a, "rclone");
	add(&a, "backend");
	add(&a, "features");
	add(&a, r->o->remote);
	add_common(r, &a);
	code = run_rclone(r, &a, keep_line, &text);
	if (code == 0 &&
	    json_lenient(text.data != NULL ? text.data : "", text.len, &o) < 0)
		code = err_set(ERR_UNAVAILABLE, "rclone: %s", err_reason());
	if (code == 0) {
		r->hash = !json_bool_or(o, "Features/SlowHash", false) &&
		    json_array_size(json_at(o, "Hashes")) > 0;
		/* A remote without times has a precision of a century. */
		r->modified = json_int_or(o, "Precision", 0) <
			INT64_C(3153600000000000000) &&
		    !(r->hash &&
			json_bool_or(o, "Features/SlowModTime", false));
	}
	json_decref(o);
	buf_release(&text);
	return code;
}

/* "name:   drive" */
static int
on_remote(void *ctx, const char *line, size_t len)
{
	struct remote *r = ctx;
	size_t n = strcspn(r->o->remote, ":") + 1;

	(void)len;
	if (strncmp(line, r->o->remote, n) == 0) {
		line += n + strspn(line + n, " \t");
		r->is_drive = strcmp(line, "drive") == 0;
		r->is_crypt = strcmp(line, "crypt") == 0;
	}
	return 0;
}

static int
look_up_kind(struct remote *r)
{
	struct args a = { .count = 0 };

	if (*r->o->remote == ':') {
		r->is_drive = str_starts(r->o->remote, ":drive");
		return 0;
	}
	add(&a, "rclone");
	add(&a, "listremotes");
	add(&a, "--long");
	add_pair(&a, "--config", r->config);
	add(&a, "--ask-password=false");
	return run_rclone(r, &a, on_remote, r);
}

/* The service's credential, or where rclone has its settings when nothing is
 * said; NULL: no home. */
static char *
usual_config(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char *path;

	if (credentials != NULL) {
		path = xformat("%s/rclone.conf", credentials);
		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	if (getenv("RCLONE_CONFIG") != NULL)
		return xstrdup(getenv("RCLONE_CONFIG"));
	if (xdg != NULL && *xdg != '\0')
		return xformat("%s/rclone/rclone.conf", xdg);
	return home != NULL ? xformat("%s/.config/rclone/rclone.conf", home) :
			      NULL;
}

/*
 * rclone writes refreshed tokens back. A file it cannot write, such as a
 * credential of the service, is copied for the time of a run.
 */
static int
copy_config(struct remote *r)
{
	char *text = NULL, *copy = xformat("%s/rclone.conf", r->o->spool);
	size_t len = 0;
	int code = file_read(r->config, 1 << 20, &text, &len);

	if (code == 0) {
		unlink(copy);
		code = file_put(copy, text, len, 0600);
		explicit_bzero(text, len);
	}
	free(text);
	if (code < 0) {
		free(copy);
		return code;
	}
	free(r->config);
	r->config = copy;
	r->copied = true;
	return 0;
}

static int
find_config(struct remote *r)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	bool given = r->o->config != NULL, ours;
	struct stat st;
	char *slash;
	int code = 0;

	r->config = given ? xstrdup(r->o->config) : usual_config();
	if (r->config == NULL)
		return 0;
	if (stat(r->config, &st) < 0) {
		if (given)
			return err_errno(ERR_NOINPUT, "%s", r->config);
		free(r->config); /* rclone says what it makes of that */
		r->config = NULL;
		return 0;
	}
	/* systemd keeps its own closed, by the folder. */
	ours = credentials != NULL && str_starts(r->config, credentials);
	if (!ours && (st.st_mode & 077) != 0)
		return err_set(ERR_DENIED,
		    "%s holds secrets and is open to others (chmod 600 %s)",
		    r->config, r->config);
	if (access(r->config, W_OK) < 0 || ours)
		code = copy_config(r);
	if (code == 0) {
		r->config_dir = xstrdup(r->config);
		slash = strrchr(r->config_dir, '/');
		if (slash != NULL && slash > r->config_dir)
			*slash = '\0';
	}
	return code;
}

int
remote_open(const struct remote_options *o, struct remote **ret)
{
	struct remote *r = xcalloc(1, sizeof(*r));
	int code;

	r->o = o;
	r->cache = xformat("%s/cache", o->spool);
	code = find_config(r);
	if (code == 0)
		code = look(r);
	if (code == 0)
		code = look_up_kind(r);
	if (code < 0) {
		remote_close(r);
		return code;
	}
	*ret = r;
	return 0;
}

void
remote_close(struct remote *r)
{
	if (r == NULL)
		return;
	if (r->copied)
		unlink(r->config);
	free(r->config);
	free(r->config_dir);
	free(r->cache);
	free(r);
}

bool
remote_is_drive(const struct remote *r)
{
	return r->is_drive;
}

bool
remote_is_crypt(const struct remote *r)
{
	return r->is_crypt;
}

/* --- its files --- */

struct listing {
	const struct remote *r;
	int (*each)(void *ctx, const struct remote_file *f);
	void *ctx;
	bool begun, ended;
};

/* The first hash by name: which are there is the remote's habit. */
static const char *
any_hash(const json_t *hashes)
{
	const char *name, *first = NULL, *value = NULL;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)hashes, name, v)
		if (json_is_string(v) && *json_string_value(v) != '\0' &&
		    (first == NULL || strcmp(name, first) < 0)) {
			first = name;
			value = json_string_value(v);
		}
	return value;
}

/* rclone prints an array, an element a line. */
static int
on_entry(void *ctx, const char *line, size_t len)
{
	struct listing *l = ctx;
	struct remote_file f = { .bytes = -1 };
	const char *hash, *id;
	char *print = NULL, *url = NULL;
	json_t *o = NULL;
	int code = 0;

	if (len > 0 && line[len - 1] == ',')
		len--;
	if (len == 1 && (*line == '[' || *line == ']')) {
		l->begun = true;
		l->ended = *line == ']';
		return 0;
	}
	if (len == 0)
		return 0;
	if (json_lenient(line, len, &o) < 0)
		return err_set(ERR_UNAVAILABLE, "rclone: a broken listing");
	f.path = json_str(o, "Path");
	f.bytes = json_int_or(o, "Size", -1);
	if (l->r->modified && json_str(o, "ModTime") != NULL &&
	    time_parse(json_str(o, "ModTime"), &f.modified_ms) < 0)
		f.modified_ms = 0;
	hash = any_hash(json_at(o, "Hashes"));
	id = json_str(o, "ID");
	print = hash != NULL ?
	    xformat("%lld %s", (long long)f.bytes, hash) :
	    xformat("%lld %lld", (long long)f.bytes, (long long)f.modified_ms);
	f.print = print;
	if (l->r->is_drive && id != NULL)
		url = xformat("https://drive.google.com/open?id=%s", id);
	f.url = url;
	if (f.path != NULL && *f.path != '\0' &&
	    !json_bool_or(o, "IsDir", false))
		code = l->each(l->ctx, &f);
	free(print);
	free(url);
	json_decref(o);
	return code;
}

int
remote_list(struct remote *r,
    int (*each)(void *ctx, const struct remote_file *f), void *ctx)
{
	struct listing l = { .r = r, .each = each, .ctx = ctx };
	struct args a = { .count = 0 };
	int code;

	add(&a, "rclone");
	add(&a, "lsjson");
	add(&a, "-R");
	add(&a, "--files-only");
	add(&a, "--no-mimetype");
	if (r->hash)
		add(&a, "--hash");
	if (!r->modified)
		add(&a, "--no-modtime");
	add(&a, r->o->remote);
	add_common(r, &a);
	code = run_rclone(r, &a, on_entry, &l);
	if (code == 0 && !(l.begun && l.ended))
		code =
		    err_set(ERR_UNAVAILABLE, "rclone: the listing was cut off");
	return code;
}

int
remote_fetch(struct remote *r, const char *list, const char *to)
{
	struct args a = { .count = 0 };
	/* By the names that were listed: its own way to write a file turns signs
	 * that stand for control characters into these. */
	char *folder = xformat(":local,encoding=\"Slash,Ctl,Del,Dot\":%s", to);
	int code;

	add(&a, "rclone");
	add(&a, "copy");
	add(&a, "--files-from-raw");
	add(&a, list);
	add(&a, "--no-check-dest");
	add(&a, "--retries");
	add(&a, "2");
	add(&a, r->o->remote);
	add(&a, folder);
	add_common(r, &a);
	code = run_rclone(r, &a, NULL, NULL);
	free(folder);
	return code;
}
