/* editor - let a person write a text: in their editor, or line by line */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/editor.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

#define LOOK_MS 1000 /* at the file, whether it was saved */
#define END_MS 2000  /* an editor that was told to end is given to do so */
#define UNRUN 127    /* of a child, and of sh: no such command */

/* The signal that ends it all; 0: none has come. */
static volatile sig_atomic_t ended_by;

static void
on_end(int signal)
{
	ended_by = signal;
}

const char *
editor_command(void)
{
	const char *names[] = { "VISUAL", "EDITOR" }, *value;
	size_t i;

	for (i = 0; i < 2; i++) {
		value = getenv(names[i]);
		if (value != NULL && *value != '\0')
			return value;
	}
	return NULL;
}

/* The file that is edited. */
struct page {
	const struct editor_wish *wish;
	gid_t lent; /* to the program, for its store: not for this file */
	char *folder, *path;
	struct timespec saved; /* as it was last looked at */
	off_t size;
	bool stays;
};

static int
page_open(struct page *p, const char *text)
{
	const char *names[] = { "XDG_RUNTIME_DIR", "TMPDIR" }, *in = "/tmp";
	char *whole;
	size_t i = 2;
	int code;

	while (i-- > 0)
		if (getenv(names[i]) != NULL && *getenv(names[i]) == '/')
			in = getenv(names[i]);
	p->folder = xformat("%s/frontdesk-XXXXXX", in);
	if (mkdtemp(p->folder) == NULL) {
		free(p->folder);
		p->folder = NULL;
		return err_errno(ERR_CREATE, "%s", in);
	}
	p->path = xformat("%s/%s.txt", p->folder, p->wish->name);
	/* The last line is a whole one, as editors want it. */
	whole = xformat("%s%s", text, *text != '\0' ? "\n" : "");
	code = file_put(p->path, whole, strlen(whole), 0600);
	free(whole);
	return code;
}

/* With whatever the editor left beside it. */
static void
page_close(struct page *p)
{
	const struct dirent *e;
	char *path;
	DIR *d;

	if (p->folder != NULL && !p->stays &&
	    (d = opendir(p->folder)) != NULL) {
		while ((e = readdir(d)) != NULL) {
			path = xformat("%s/%s", p->folder, e->d_name);
			if (strcmp(e->d_name, ".") != 0 &&
			    strcmp(e->d_name, "..") != 0)
				unlink(path);
			free(path);
		}
		closedir(d);
		rmdir(p->folder);
	}
	free(p->path);
	free(p->folder);
}

/* Whether it was saved since it was last looked at. */
static bool
page_saved(struct page *p)
{
	struct stat st;

	if (stat(p->path, &st) < 0 ||
	    (st.st_size == p->size && st.st_mtim.tv_sec == p->saved.tv_sec &&
		st.st_mtim.tv_nsec == p->saved.tv_nsec))
		return false;
	p->size = st.st_size;
	p->saved = st.st_mtim;
	return true;
}

static int
page_read(const struct page *p, char **ret)
{
	size_t len;
	int code = file_read_regular(p->path, p->wish->max_bytes, ret, &len);

	if (code == 0 && strlen(*ret) != len) {
		free(*ret);
		*ret = NULL;
		code = err_set(ERR_DATA, "%s: it has a character of zero",
		    p->path);
	}
	return code;
}

/* The wish is one of the program, by what it was lent. */
static void
tick(const struct page *p, const char *text)
{
	if (setegid(p->lent) < 0)
		abort();
	p->wish->tick(p->wish->ctx, text);
	if (setegid(getgid()) < 0)
		abort();
}

/* What was saved is told; a file that cannot be read is taken in the end. */
static void
page_tell(struct page *p)
{
	char *text = NULL;

	if (!page_saved(p) || page_read(p, &text) < 0)
		return;
	tick(p, text);
	free(text);
}

/* In a child. sh, so that a command may have arguments of its own. */
static void
run(const char *command, const char *path)
{
	char *script = xformat("%s \"$@\"", command);

	if (setregid(getgid(), getgid()) < 0 ||
	    setreuid(getuid(), getuid()) < 0)
		_exit(UNRUN);
	execl("/bin/sh", "sh", "-c", script, command, path, (char *)NULL);
	_exit(UNRUN);
}

/* Who ends us ends the editor: told once, then killed. */
static void
pass_on(pid_t pid, int64_t *told_ms)
{
	if (ended_by == 0)
		return;
	if (*told_ms == 0) {
		kill(pid, ended_by);
		*told_ms = mono_ms();
	} else if (mono_ms() - *told_ms > END_MS) {
		kill(pid, SIGKILL);
	}
}

/* Until the child has ended; *ret as of waitpid(2). */
static int
wait_for(pid_t pid, struct page *p, int *ret)
{
	int fd = pidfd_open(pid, 0);
	struct pollfd one = { fd, POLLIN, 0 };
	int64_t told_ms = mono_ms(), ended_ms = 0;

	if (fd < 0)
		return err_errno(ERR_IO, "pidfd_open");
	while (poll(&one, 1,
		   LOOK_MS < p->wish->every_ms ? LOOK_MS :
						 (int)p->wish->every_ms) <= 0) {
		pass_on(pid, &ended_ms);
		page_tell(p);
		if (mono_ms() - told_ms < p->wish->every_ms)
			continue;
		tick(p, NULL);
		told_ms = mono_ms();
	}
	close(fd);
	while (waitpid(pid, ret, 0) < 0)
		if (errno != EINTR)
			return err_errno(ERR_IO, "waitpid");
	return 0;
}

/* What is typed at the editor is for the editor; what would end us waits until
 * the text is told. */
static const struct {
	int signal;
	void (*handler)(int);
} meanwhile[] = {
	{ SIGINT, SIG_IGN },
	{ SIGQUIT, SIG_IGN },
	{ SIGHUP, on_end },
	{ SIGTERM, on_end },
};

#define SIGNALS (sizeof(meanwhile) / sizeof(meanwhile[0]))

static int
edit(const char *command, struct page *p)
{
	struct sigaction ours = { 0 }, before[SIGNALS];
	int status = 0, code;
	pid_t pid;
	size_t i;

	page_saved(p);
	ended_by = 0;
	for (i = 0; i < SIGNALS; i++) {
		ours.sa_handler = meanwhile[i].handler;
		sigaction(meanwhile[i].signal, NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(meanwhile[i].signal, &ours, NULL);
	}
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < SIGNALS; i++)
			sigaction(meanwhile[i].signal, &before[i], NULL);
		run(command, p->path);
	}
	code = pid < 0 ? err_errno(ERR_IO, "fork") : wait_for(pid, p, &status);
	for (i = 0; i < SIGNALS; i++)
		sigaction(meanwhile[i].signal, &before[i], NULL);
	if (code == 0 && ended_by != 0)
		code = err_set(ERR_NO, "ended while the text was written");
	else if (code == 0 && status != 0)
		code = err_set(ERR_NO, "the editor failed: %s", command);
	return code;
}

/* What they left. A file that cannot be read is theirs: it stays. */
static int
take(struct page *p, int code, char **ret)
{
	char *why = xstrdup(err_reason()), *text = NULL;
	int read = page_read(p, &text);
	struct stat st;

	if (read == 0) {
		if (page_saved(p))
			tick(p, text);
		if (code < 0)
			err_set(code, "%s", why);
		else
			*ret = text;
	} else if (lstat(p->path, &st) == 0 && S_ISREG(st.st_mode)) {
		free(why);
		why = xstrdup(err_reason());
		code = err_set(ERR_DATA, "%s; it is left there", why);
		p->stays = true;
	} else if (code == 0) {
		code = read;
	} else {
		err_set(code, "%s", why);
	}
	if (code < 0)
		free(text);
	free(why);
	return code;
}

int
editor_run(const char *command, const char *text, const struct editor_wish *w,
    char **ret)
{
	struct page p = { .wish = w, .lent = getegid() };
	int code;

	if (setegid(getgid()) < 0)
		return err_errno(ERR_DENIED, "setegid");
	code = page_open(&p, text);
	if (code == 0) {
		code = edit(command, &p);
		code = take(&p, code, ret);
	}
	page_close(&p);
	if (setegid(p.lent) < 0)
		abort();
	return code;
}

int
editor_leave(const char *name, const char *text, char **ret)
{
	const struct editor_wish w = { .name = name };
	struct page p = { .wish = &w, .lent = getegid() };
	int code;

	if (setegid(getgid()) < 0)
		return err_errno(ERR_DENIED, "setegid");
	code = page_open(&p, text);
	p.stays = code == 0;
	if (code == 0)
		*ret = xstrdup(p.path);
	page_close(&p);
	if (setegid(p.lent) < 0)
		abort();
	return code;
}

int
editor_read(int fd, const struct editor_wish *w, char **ret, size_t *ret_len)
{
	struct pollfd one = { fd, POLLIN, 0 };
	struct buf b = BUF_INIT(0);
	char chunk[4096];
	ssize_t n = 1;

	while (n != 0 && b.len <= w->max_bytes) {
		if (poll(&one, 1, (int)w->every_ms) == 0) {
			w->tick(w->ctx, NULL);
			continue;
		}
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			buf_release(&b);
			return err_errno(ERR_IO, "standard input");
		}
		buf_add(&b, chunk, (size_t)n);
		if (n > 0)
			w->tick(w->ctx, b.data);
	}
	if (b.len > w->max_bytes) {
		buf_release(&b);
		return err_set(ERR_DATA, "the text is longer than %zu bytes",
		    w->max_bytes);
	}
	*ret_len = b.len;
	*ret = b.len > 0 ? buf_detach(&b) : xstrdup("");
	return 0;
}
