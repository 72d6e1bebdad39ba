/*
 * frontdesk - run the others; make, try, watch and upgrade a desk
 */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/media.h"
#include "desk/rulings.h"
#include "desk/settings.h"
#include "desk/status.h"
#include "desk/words.h"
#include "kb/index.h"
#include "kb/segment.h"
#include "label/model.h"
#include "store/store.h"

#define SYSTEM_ACCOUNT "frontdesk"
#define HELP_COLUMNS 78
#define LAG_LIMIT_MS 60000
#define SHRINK_MAX_BYTES (INT64_C(64) << 20) /* others wait for it: 0.3 s */

static const char *store_flag, *docs;
static bool as_json, for_user, for_system, plain;
static int64_t lag_limit_ms = LAG_LIMIT_MS;

/* The folder of the programs: ours if they are beside us, else libexec. Ours
 * for good. */
static const char *
exec_dir(void)
{
	static char dir[PATH_MAX + 32];
	char self[PATH_MAX], *slash, *probe, *real;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		cli_die(ERR_BUG, "/proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	slash = strrchr(self, '/');
	*slash = '\0';
	probe = xformat("%s/wa-recv", self);
	snprintf(dir, sizeof(dir), "%s%s", self,
	    access(probe, X_OK) == 0 ? "" : "/../libexec/frontdesk");
	free(probe);
	real = realpath(dir, NULL); /* without the ".." */
	if (real != NULL)
		snprintf(dir, sizeof(dir), "%s", real);
	free(real);
	return dir;
}

/* The folder of what is no program: share/ of the tree, or as installed. */
static const char *
share_dir(const char *exec)
{
	static const char *const places[] = { "../share",
		"../../share/frontdesk", NULL };
	static char dir[PATH_MAX + 64];
	char *probe;
	size_t i;
	bool found;

	for (i = 0; places[i] != NULL; i++) {
		snprintf(dir, sizeof(dir), "%s/%s", exec, places[i]);
		probe = xformat("%s/examples", dir);
		found = access(probe, R_OK) == 0;
		free(probe);
		if (found)
			return dir;
	}
	cli_die(ERR_NOINPUT, "the shared files of frontdesk are not installed");
}

/* The others call each other by name. */
static void
set_path(const char *exec)
{
	const char *path = getenv("PATH");
	char *text = xformat("%s%s%s", exec, path != NULL ? ":" : "",
	    path != NULL ? path : "");

	setenv("PATH", text, 1);
	setenv("FRONTDESK_EXEC", exec, 1);
	free(text);
}

static int
run_env(struct cli *cli)
{
	cli_args(cli, 0, 0);
	printf("PATH=%s:$PATH\n", exec_dir());
	return 0;
}

/*
 * The service's store belongs to its account and group, whoever makes it: root
 * becomes the owner of the folder, and makes that for the account, if need be.
 */
static int
become_owner(const char *dir)
{
	const struct passwd *p;
	struct stat st;

	umask(007);
	if (geteuid() != 0)
		return 0;
	if (mkdir(dir, 02770) == 0) {
		errno = 0;
		p = getpwnam(SYSTEM_ACCOUNT);
		if (p != NULL &&
		    (chown(dir, p->pw_uid, p->pw_gid) < 0 ||
			chmod(dir, 02770) < 0))
			return err_errno(ERR_CREATE, "%s", dir);
	} else if (errno != EEXIST)
		return err_errno(ERR_CREATE, "%s", dir);
	if (stat(dir, &st) < 0)
		return err_errno(ERR_CREATE, "%s", dir);
	if (st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) < 0 ||
	    setresgid(st.st_gid, st.st_gid, st.st_gid) < 0 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) < 0)
		return err_errno(ERR_DENIED, "%s", dir);
	return 0;
}

/* The folder path and those above it. */
static int
make_parents(const char *path)
{
	char *copy = xstrdup(path), *slash = copy;
	struct stat st;

	do {
		slash = strchr(slash + 1, '/');
		if (slash != NULL)
			*slash = '\0';
		mkdir(copy, 0777);
		if (slash != NULL)
			*slash = '/';
	} while (slash != NULL);
	free(copy);
	/* errno is that of the last one, or of what stands in its place. */
	if (access(path, F_OK) < 0)
		return -1;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	errno = ENOTDIR;
	return -1;
}

static int
run_init(struct cli *cli)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	char *dir = NULL, *base;
	int code;

	cli_args(cli, 0, 1);
	if (store_flag != NULL)
		cli_usage(cli,
		    "init makes the store of its argument, not of -S");
	if (cli->nargs + for_user + for_system > 1)
		cli_usage(cli, "either a directory, --user or --system");
	if (cli->nargs == 1)
		dir = xstrdup(cli->args[0]);
	else if (for_system)
		dir = xstrdup("/var/lib/frontdesk");
	else if (!for_user) {
		cli_need(store_named(NULL, &dir));
		if (dir == NULL)
			cli_usage(cli,
			    "where? --user, --system or a directory");
	} else {
		if (data != NULL && *data != '\0')
			base = xstrdup(data);
		else if (home != NULL && *home != '\0')
			base = xformat("%s/.local/share", home);
		else
			cli_die(ERR_NOINPUT, "neither HOME nor XDG_DATA_HOME");
		if (make_parents(base) < 0)
			cli_die(ERR_CREATE, "%s: %s", base, strerror(errno));
		dir = xformat("%s/frontdesk", base);
		free(base);
	}
	code = for_system ? become_owner(dir) : 0;
	if (code == 0)
		code = store_create(dir, for_system ? "system" : "personal");
	if (code == 0)
		printf("%s\n", dir);
	free(dir);
	return code;
}

static void
remove_tree(const char *dir)
{
	char *const args[] = { (char *)"rm", (char *)"-rf", (char *)"--",
		(char *)dir, NULL };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execvp("rm", args);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
}

static volatile pid_t scratch_child;

static void
hand_on(int sig)
{
	kill(scratch_child, sig);
}

static const int ends[] = { SIGHUP, SIGQUIT, SIGTERM };
#define ENDS (sizeof(ends) / sizeof(ends[0]))

/* Let what ends us end the command first; not what we were told to ignore. */
static void
hand_on_all(const sigset_t *before)
{
	struct sigaction act = { .sa_handler = hand_on }, was;
	size_t i;

	for (i = 0; i < ENDS; i++)
		if (sigaction(ends[i], NULL, &was) == 0 &&
		    was.sa_handler != SIG_IGN)
			sigaction(ends[i], &act, NULL);
	sigprocmask(SIG_SETMASK, before, NULL);
}

/* What route --train has learnt: without it rules would decide otherwise. */
static int
copy_model(const char *from, const char *to)
{
	char *source = xformat("%s/" MODEL_FILE, from),
	     *copy = xformat("%s/" MODEL_FILE, to), *data;
	size_t len;
	int code = file_read(source, MODEL_MAX_BYTES, &data, &len);

	if (code == 0) {
		code = file_put(copy, data, len, 0600);
		free(data);
	}
	free(source);
	free(copy);
	return code == ERR_NOINPUT ? 0 : code;
}

/* Run a command against a throwaway copy of the store. */
static int
run_scratch(struct cli *cli)
{
	const char *tmp = getenv("TMPDIR");
	char *dir, *from = NULL;
	int status = 0, code;
	sigset_t held, before;
	pid_t pid;
	size_t i;

	if (cli->nargs == 0)
		cli_usage(cli, "which command?");
	/* From here to the end there is something to be removed. */
	sigemptyset(&held);
	for (i = 0; i < ENDS; i++)
		sigaddset(&held, ends[i]);
	sigprocmask(SIG_BLOCK, &held, &before);
	dir = xformat("%s/frontdesk.XXXXXX",
	    tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		cli_die(ERR_CREATE, "%s: %s", dir, strerror(errno));
	code = store_find(store_flag, &from);
	/* No store at all is an empty one; a named one must be there. */
	if (code == ERR_NOINPUT && store_flag == NULL &&
	    getenv("FRONTDESK_STORE") == NULL)
		code = 0;
	if (code == 0)
		code = store_scratch(from, dir);
	if (code == 0 && from != NULL)
		code = copy_model(from, dir);
	if (code < 0) {
		char *reason = xstrdup(err_reason());

		remove_tree(dir);
		cli_die(code, "%s", reason);
	}
	set_path(exec_dir());
	setenv("FRONTDESK_STORE", dir, 1);
	/* The copy is removed whatever ends the command: from the keyboard it
	 * gets the signal itself, from elsewhere it is handed on. */
	signal(SIGINT, SIG_IGN);
	scratch_child = pid = fork();
	if (pid > 0)
		hand_on_all(&before);
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		execvp(cli->args[0], cli->args);
		cli_warn("%s: %s", cli->args[0], strerror(errno));
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	remove_tree(dir);
	free(dir);
	free(from);
	if (pid < 0)
		cli_die(ERR_IO, "fork failed");
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static int
run_try(struct cli *cli)
{
	static char script[PATH_MAX + 128];
	const char *exec = exec_dir(), *share = share_dir(exec);
	char *args[5] = { (char *)"sh", script, NULL, NULL, NULL };

	cli_args(cli, 0, 0);
	snprintf(script, sizeof(script), "%s/examples/try.sh", share);
	set_path(exec);
	if (docs != NULL) {
		args[2] = (char *)"--docs";
		args[3] = (char *)docs;
	}
	execvp("sh", args);
	cli_die(ERR_NOINPUT, "sh: %s", strerror(errno));
}

/* The search index, which no step of SQL can make. */
static int
build_index(const char *dir)
{
	struct store *s = NULL;
	int code = store_open_dir(dir, STORE_WRITE, &s), fd = -1;

	if (code == 0)
		code = kb_ingest_begin(s, true, &fd);
	if (fd >= 0)
		close(fd);
	store_close(s);
	return code;
}

/* The words of all messages that are due, in small steps. */
static int
index_words(struct store *s)
{
	struct progress *p = progress_new(STDERR_FILENO);
	int64_t due = 0, left = 0;
	int code = words_due(s, &due), more = 1;

	while (code == 0 && more == 1) {
		more = words_index(s, 1);
		code = more < 0 ? more : words_due(s, &left);
		progress_words(p, "words of messages: %lld of %lld",
		    (long long)(due - left), (long long)due);
	}
	progress_free(p);
	return code;
}

static int
build_words(const char *dir)
{
	struct store *s = NULL;
	int code = store_open_dir(dir, STORE_WRITE, &s);

	if (code == 0)
		code = index_words(s);
	store_close(s);
	return code;
}

static int
run_upgrade(struct cli *cli)
{
	char *dir = NULL;
	int code;

	cli_args(cli, 0, 0);
	code = store_find(store_flag, &dir);
	if (code == 0)
		code = store_upgrade(dir);
	if (code == 0)
		code = build_index(dir);
	if (code == 0)
		code = build_words(dir);
	free(dir);
	return code;
}

/* No word of a message that was erased or changed stays in the file. */
static int
wipe_desk(struct store *s)
{
	struct db *desk = store_desk(s);
	int code = words_wipe(s);

	if (code == 0)
		code = db_shrink(desk, SHRINK_MAX_BYTES);
	if (code == 0)
		code = db_scrub(desk);
	if (code == 0)
		code = db_checkpoint(desk);
	return code < 0 ? code : words_wiped(s);
}

/* The desk's own file. */
static int
maintain_desk(struct store *s)
{
	int code = store_begin(s);

	if (code < 0)
		return code;
	/* Done marks that every cursor has passed are of no use. */
	code = db_exec(store_desk(s),
	    "DELETE FROM done WHERE EXISTS (SELECT 1 FROM event e"
	    " JOIN cursor c ON c.name = done.stage"
	    " WHERE e.id = done.event AND e.seq > c.start_seq"
	    " AND e.seq <= c.seq)");
	if (code == 0)
		code = rulings_sweep(s);
	if (code == 0)
		code = store_commit(s);
	store_rollback(s);
	if (code == 0)
		code = index_words(s);
	if (code < 0)
		return code;
	media_sweep(s);
	if (words_must_wipe(s))
		return wipe_desk(s);
	code = db_shrink(store_desk(s), SHRINK_MAX_BYTES);
	return code < 0 ? code : db_checkpoint(store_desk(s));
}

/* No word of a document that was taken out stays in the file. */
static int
maintain_kb(struct store *s)
{
	struct db *kb;
	int code = store_kb(s, &kb), fd = -1;

	if (code == 0)
		code = kb_ingest_begin(s, true, &fd);
	if (code == 0)
		code = segment_compact(kb);
	if (fd >= 0)
		close(fd);
	if (code == 0)
		code = db_shrink(kb, SHRINK_MAX_BYTES);
	if (code == 0)
		code = db_scrub(kb);
	return code < 0 ? code : db_checkpoint(kb);
}

/* Not everybody has the secrets. */
static int
maintain_auth(struct store *s)
{
	struct db *auth;
	int code = store_auth(s, &auth);

	if (code == ERR_NOINPUT || code == ERR_DENIED)
		return 0;
	if (code == 0)
		code = db_shrink(auth, SHRINK_MAX_BYTES);
	return code < 0 ? code : db_checkpoint(auth);
}

static int
run_maintain(struct cli *cli)
{
	struct store *s = NULL;
	int code;

	cli_args(cli, 0, 0);
	code = store_open(store_flag, STORE_WRITE, &s);
	if (code == 0)
		code = maintain_desk(s);
	if (code == 0)
		code = maintain_kb(s);
	if (code == 0)
		code = maintain_auth(s);
	store_close(s);
	return code;
}

static const char *
age(const json_t *o, const char *key, char ret[TIME_TEXT_BYTES])
{
	if (json_object_get(o, key) == NULL)
		return "-";
	return duration_text(json_int_or(o, key, 0), ret);
}

/* Local, and short: a table of 80 columns; the whole time is for programs. */
static const char *
since_text(const json_t *o, char ret[TIME_TEXT_BYTES])
{
	const char *text = json_str(o, "since");
	int64_t ms = 0;
	time_t t, now = (time_t)(now_ms() / 1000);
	struct tm then, today;

	if (!json_bool_or(o, "up", false))
		return json_str_or(o, "state", "?");
	if (text == NULL || plain || time_parse(text, &ms) < 0)
		return text != NULL ? text : "?";
	t = (time_t)(ms / 1000);
	if (localtime_r(&t, &then) == NULL || localtime_r(&now, &today) == NULL)
		return text;
	strftime(ret, TIME_TEXT_BYTES,
	    then.tm_year == today.tm_year && then.tm_yday == today.tm_yday ?
		"%H:%M" :
		"%Y-%m-%d",
	    &then);
	return ret;
}

static void
show_stages(const json_t *status)
{
	static const char *const headers[] = { "stage", "up since", "behind",
		"for", "open jobs", "oldest", "failures", NULL };
	struct cli_table *t = cli_table_new(headers, plain);
	char a[TIME_TEXT_BYTES];
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(status, "stages"), i, o) {
		cli_table_cell(t, "%s", json_str_or(o, "name", "?"));
		cli_table_cell(t, "%s", since_text(o, a));
		cli_table_cell(t, "%lld",
		    (long long)json_int_or(o, "lag_events", 0));
		cli_table_cell(t, "%s", age(o, "lag_ms", a));
		cli_table_cell(t, "%lld",
		    (long long)json_int_or(o, "open_jobs", 0));
		cli_table_cell(t, "%s", age(o, "oldest_job_ms", a));
		cli_table_cell(t, "%lld",
		    (long long)json_int_or(o, "failures", 0));
	}
	cli_table_end(t);
}

static void
show_status(const json_t *status)
{
	char a[TIME_TEXT_BYTES];
	const json_t *o;
	int64_t waiting;
	size_t i;

	show_stages(status);
	if (plain)
		return;
	json_array_foreach(json_object_get(status, "readers"), i, o)
		printf("reader %s: %lld events behind\n",
		    json_str_or(o, "name", "?"),
		    (long long)json_int_or(o, "lag_events", 0));
	waiting = json_int_or(status, "waiting_for_people", 0);
	printf("people are awaited in %lld conversation%s", (long long)waiting,
	    waiting == 1 ? "" : "s");
	if (json_object_get(status, "longest_wait_ms") != NULL)
		printf(", for %s at the longest",
		    age(status, "longest_wait_ms", a));
	printf("\nheld %zu, in doubt %lld, write-ahead log %lld KiB, disk free "
	       "%lld %%\n",
	    json_array_size(json_object_get(status, "held")),
	    (long long)json_int_or(status, "in_doubt", 0),
	    (long long)json_int_or(status, "wal_bytes", 0) / 1024,
	    (long long)json_int_or(status, "disk_free_percent", 0));
	json_array_foreach(json_object_get(status, "held"), i, o)
		printf("held: message %s of conversation %s, %s\n",
		    json_str_or(o, "message", "?"),
		    json_str_or(o, "conversation", "?"), age(o, "age_ms", a));
	o = json_object_get(status, "documents");
	if (json_int_or(o, "failed", 0) + json_int_or(o, "stalled", 0) > 0)
		printf("documents: %lld failed, %lld stalled: kb-doc status\n",
		    (long long)json_int_or(o, "failed", 0),
		    (long long)json_int_or(o, "stalled", 0));
	json_array_foreach(json_object_get(status, "problems"), i, o)
		printf("problem: %s\n", json_string_value(o));
}

static int
run_status(struct cli *cli)
{
	struct store *s = NULL;
	struct conf *c = NULL;
	json_t *status = NULL;
	int64_t hold_ms = 0;
	bool well;
	int code;

	cli_args(cli, 0, 0);
	/* Broken settings are no reason to look away: the default, then. */
	if (conf_open(&c) < 0 ||
	    setting_duration(c, "wa", "hold", &hold_ms) < 0) {
		cli_warn("%s", err_reason());
		cli_need(setting_duration(NULL, "wa", "hold", &hold_ms));
	}
	conf_close(c);
	code = store_open(store_flag, STORE_READ, &s);
	if (code == 0)
		code = desk_status(s, lag_limit_ms, hold_ms, &status);
	store_close(s);
	if (code < 0)
		return code;
	if (as_json) {
		cli_json(status);
	} else
		show_status(status);
	well = json_array_size(json_object_get(status, "problems")) == 0;
	json_decref(status);
	return well ? 0 : ERR_NO;
}

static const struct cli_option common[] = { { 'S', "store", "STORE", CLI_TEXT,
						&store_flag,
						"directory of the store" },
	CLI_END };

static const struct cli_option init_options[] = {
	{ 0, "system", NULL, CLI_FLAG, &for_system,
	    "the service's store, /var/lib/frontdesk" },
	{ 0, "user", NULL, CLI_FLAG, &for_user,
	    "a store of your own, below XDG_DATA_HOME" },
	CLI_END
};

static const struct cli_option status_options[] = {
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print one object" },
	{ 0, "limit", "DURATION", CLI_DURATION, &lag_limit_ms,
	    "how far behind a stage may be" },
	{ 0, "plain", NULL, CLI_FLAG, &plain,
	    "print tab-separated lines of stages only" },
	CLI_END
};

static const struct cli_option try_options[] = {
	{ 0, "docs", "DIR", CLI_TEXT, &docs,
	    "answer from the documents in DIR" },
	CLI_END
};

static const struct cli_verb verbs[] = {
	{ "env", "", "print the line that puts the programs into PATH", NULL,
	    run_env },
	{ "init", "[DIR]", "make a store", init_options, run_init },
	{ "maintain", "", "tidy the store's files", NULL, run_maintain },
	{ "scratch", "COMMAND [ARG ...]",
	    "run a command on a throwaway copy of the store", NULL,
	    run_scratch },
	{ "status", "", "is all well: stages, work, disk", status_options,
	    run_status },
	{ "try", "", "see the whole desk at work, on this machine alone",
	    try_options, run_try },
	{ "upgrade", "", "bring the store up to this version", NULL,
	    run_upgrade },
	{ NULL, NULL, NULL, NULL, NULL }
};

static const char examples[] = "  frontdesk try\n"
			       "  frontdesk init --user\n"
			       "  frontdesk conv list\n"
			       "  frontdesk scratch sh -c "
			       "'route < events.jsonl'\n";

static struct cli_spec spec = {
	.name = "frontdesk",
	.summary = "a WhatsApp support desk of small programs",
	.args = "",
	.options = common,
	.verbs = verbs,
	.examples = examples,
};

/* What can be run in the folder of the programs, sorted; NULL-ended, kept. */
static const char *const *
programs(const char *exec)
{
	static const char **names;
	struct dirent **found = NULL;
	size_t count = 0;
	int n, i;
	struct stat st;
	char *path;

	if (names != NULL)
		return names;
	n = scandir(exec, &found, NULL, alphasort);
	names = xcalloc((size_t)(n > 0 ? n : 0) + 1, sizeof(*names));
	for (i = 0; i < n; i++) {
		path = xformat("%s/%s", exec, found[i]->d_name);
		if (strcmp(found[i]->d_name, "frontdesk") != 0 &&
		    stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(path, X_OK) == 0)
			names[count++] = xstrdup(found[i]->d_name);
		free(path);
		free(found[i]);
	}
	free(found);
	return names;
}

/* The examples and the programs, as --help shows them. */
static char *
examples_and_programs(void)
{
	const char *const *names = programs(exec_dir());
	struct buf b = BUF_INIT(0);
	size_t i, column = HELP_COLUMNS;

	buf_addf(&b, "%s\nprograms, each with a --help of its own:", examples);
	for (i = 0; names[i] != NULL; i++) {
		column += strlen(names[i]) + 1;
		if (column > HELP_COLUMNS) {
			buf_adds(&b, "\n ");
			column = strlen(names[i]) + 2;
		}
		buf_addf(&b, " %s", names[i]);
	}
	buf_addc(&b, '\n');
	return buf_detach(&b);
}

static _Noreturn void
no_command(const char *exec, const char *name)
{
	const char *near = str_nearest(name, programs(exec));
	const char *words[sizeof(verbs) / sizeof(verbs[0])];
	size_t i;

	for (i = 0; verbs[i].name != NULL; i++)
		words[i] = verbs[i].name;
	words[i] = NULL;
	if (near == NULL)
		near = str_nearest(name, words);
	if (near != NULL)
		cli_die(ERR_USAGE, "no command '%s', did you mean '%s'?", name,
		    near);
	cli_die(ERR_USAGE, "no command '%s': frontdesk --help lists them",
	    name);
}

static _Noreturn void
dispatch(char *argv[])
{
	static char path[PATH_MAX + 512];
	const char *exec = exec_dir();

	if (strchr(argv[0], '/') != NULL || argv[0][0] == '.')
		cli_die(ERR_USAGE, "'%s' is not a command", argv[0]);
	snprintf(path, sizeof(path), "%s/%.256s", exec, argv[0]);
	set_path(exec);
	execv(path, argv);
	if (errno == ENOENT)
		no_command(exec, argv[0]);
	cli_die(ERR_DENIED, "%s: %s", path, strerror(errno));
}

int
main(int argc, char *argv[])
{
	const struct cli_verb *v;

	/* A word that is no verb of ours is a program. */
	if (argc > 1 && argv[1][0] != '-') {
		for (v = verbs; v->name != NULL; v++)
			if (strcmp(v->name, argv[1]) == 0)
				break;
		if (v->name == NULL)
			dispatch(argv + 1);
	}
	if (argc == 2 &&
	    (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0))
		spec.examples = examples_and_programs();
	return cli_main(&spec, argc, argv);
}
