/*
 * ai-tool - run the tools the AI may use, where no key of a model is
 *
 * ai-reply passes a job by the socket and gets text back; people list, check
 * and try what is declared.
 */
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ai/tool.h"
#include "ai/toolserve.h"
#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/jsonl.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/stop.h"
#include "base/str.h"
#include "desk/act.h"
#include "desk/person.h"
#include "desk/settings.h"

#define SOCKET "ai-tool.sock"
#define NAMES_MAX 1024
#define REQUEST_MS 10000 /* for the line of a caller to come */

static const char *store_flag, *contact, *peer;
static bool as_json, as_plain, follow, is_try;
static int64_t parallel = 16;

static const struct cli_option common[] = {
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" }, CLI_END
};

static const struct cli_option list_options[] = {
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	CLI_END
};

static const struct cli_option run_options[] = { { 'S', "store", "STORE",
						     CLI_TEXT, &store_flag,
						     "directory of the store" },
	{ 0, "as", "CONTACT", CLI_TEXT, &contact,
	    "what the desk tells of the customer is of this contact" },
	{ 0, "try", NULL, CLI_FLAG, &is_try,
	    "do not run what a customer has to agree to" },
	CLI_END };

static const struct cli_option serve_options[] = {
	{ 'S', "store", "STORE", CLI_TEXT, &store_flag,
	    "directory of the store" },
	{ 'j', "jobs", "N", CLI_COUNT, &parallel,
	    "with --follow: calls at a time" },
	{ 0, "follow", NULL, CLI_FLAG, &follow,
	    "make the socket, and answer all who come" },
	{ 0, "peer", "USER", CLI_TEXT, &peer,
	    "only this user may have tools run" },
	CLI_END
};

/* --- looking --- */

static json_t *
object_of(const struct conf *c, const char *name)
{
	json_t *o = json_object();
	char *section;
	struct tool t = { .name = NULL };
	int code = tool_open(c, name, &t);

	json_put(o, "tool", name);
	if (code < 0) {
		json_put(o, "fault", err_reason());
		return o;
	}
	json_put_new(o, "enabled", json_boolean(t.enabled));
	json_put(o, "kind",
	    t.url == NULL ? "command" :
		t.is_post ? "POST" :
			    "GET");
	json_put_new(o, "confirm", json_boolean(t.confirm));
	json_put_new(o, "private", json_boolean(t.is_private));
	section = xformat("tool %s", name);
	json_put(o, "identity", setting_text(c, section, "identity"));
	free(section);
	json_put(o, "description", t.description);
	json_put_new(o, "schema", json_incref(t.schema));
	tool_release(&t);
	return o;
}

static void
say(void *ctx, const char *text)
{
	(void)ctx;
	cli_warn("%s", text);
}

static int
run_list(struct cli *cli)
{
	static const char *const headers[] = { "NAME", "ENABLED", "KIND",
		"CONFIRM", "DESCRIPTION", NULL };
	struct cli_table *table = NULL;
	struct conf *c;
	char **names;
	json_t *o;
	size_t i;

	cli_args(cli, 0, 0);
	cli_need(conf_open(&c));
	conf_faults(c, "tool", say, NULL);
	names = tool_names(c);
	if (!as_json)
		table = cli_table_new(headers, as_plain);
	for (i = 0; names[i] != NULL; i++) {
		o = object_of(c, names[i]);
		if (as_json)
			cli_json(o);
		else {
			cli_table_cell(table, "%s", names[i]);
			cli_table_cell(table, "%s",
			    json_str(o, "fault") != NULL	  ? "fault" :
				json_bool_or(o, "enabled", false) ? "on" :
								    "off");
			cli_table_cell(table, "%s",
			    json_str_or(o, "kind", "-"));
			cli_table_cell(table, "%s",
			    json_bool_or(o, "confirm", false) ? "yes" : "no");
			cli_table_cell(table, "%s",
			    json_str_or(o, "fault",
				json_str_or(o, "description", "")));
		}
		json_decref(o);
	}
	if (table != NULL)
		cli_table_end(table);
	tool_names_free(names);
	conf_close(c);
	return 0;
}

/* --- checking --- */

static void
need_tool(const struct conf *c, const char *name)
{
	char **names, *near;

	if (tool_exists(c, name))
		return;
	if (tool_missing(c, name, ERR_NOINPUT) == ERR_CONFIG)
		cli_exit(ERR_CONFIG);
	names = tool_names(c);
	near = xstrdup(str_nearest(name, (const char *const *)names));
	tool_names_free(names);
	cli_die(ERR_NOINPUT, "there is no tool %s%s%s%s", name,
	    near != NULL ? ", did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
}

/* The tools that set-ups name, and that are not there. */
static int
check_users(const struct conf *c)
{
	const struct conf_entry *e;
	char *copy, *save, *word;
	size_t i;
	int code = 0;

	for (i = 0; (e = conf_entry(c, i)) != NULL; i++) {
		if (strcmp(e->key, "tools") != 0)
			continue;
		copy = xstrdup(e->value);
		for (save = NULL, word = strtok_r(copy, " \t\n", &save);
		     word != NULL; word = strtok_r(NULL, " \t\n", &save))
			if (!tool_exists(c, word)) {
				cli_warn("%s:%d: %s.tools: there is no [tool "
					 "%s]",
				    e->file, e->line, e->section, word);
				code = ERR_CONFIG;
			}
		free(copy);
	}
	return code;
}

static int
run_check(struct cli *cli)
{
	struct conf *c = NULL;
	char **names = NULL;
	const char *name;
	int code, i;

	cli_args(cli, 0, NAMES_MAX);
	code = conf_read(NULL, say, NULL, &c);
	if (c == NULL)
		return code;
	if (cli->nargs == 0) {
		names = tool_names(c);
		if (check_users(c) < 0)
			code = ERR_CONFIG;
	}
	for (i = 0; i < cli->nargs || (names != NULL && names[i] != NULL);
	     i++) {
		name = names != NULL ? names[i] : cli->args[i];
		need_tool(c, name);
		if (tool_check(c, name, say, NULL) < 0)
			code = ERR_CONFIG;
	}
	tool_names_free(names);
	conf_close(c);
	if (code < 0) /* each has been told */
		exit(err_status(code));
	return 0;
}

/* --- trying --- */

static json_t *
read_arguments(const char *text)
{
	struct buf b = BUF_INIT(TOOL_REQUEST_MAX_BYTES);
	char piece[4096];
	json_t *o;
	ssize_t n;

	if (text == NULL)
		return json_object();
	if (strcmp(text, "-") != 0)
		buf_adds(&b, text);
	else /* a line, or to the end */
		do {
			n = read(STDIN_FILENO, piece, sizeof(piece));
			if (n > 0)
				buf_add(&b, piece, (size_t)n);
		} while (n > 0 && memchr(piece, '\n', (size_t)n) == NULL);
	if (b.failed)
		cli_die(ERR_DATA, "the arguments are longer than %d bytes",
		    TOOL_REQUEST_MAX_BYTES);
	if (json_object_parse(b.data != NULL ? b.data : "", b.len, &o) < 0)
		cli_die(ERR_DATA, "the arguments are no JSON object: %s",
		    err_reason());
	buf_release(&b);
	return o;
}

/* Who ran it, in the audit: not with what. */
static int
note_run(struct store *s, const char *person, const char *name,
    const struct tool_result *r)
{
	struct act a;
	json_t *o = json_object();
	int code = db_begin(store_desk(s));

	json_put_new(o, "ok", json_boolean(r->ok));
	json_put(o, "class", r->class);
	json_put(o, "contact", contact);
	act_person(&a, s, person);
	if (code == 0)
		code = act_audit(&a, "tool.ran", name, o);
	else
		json_decref(o);
	if (code == 0)
		code = db_commit(store_desk(s));
	else
		db_rollback(store_desk(s));
	act_release(&a);
	return code;
}

/* The person's own store, where there is one; with --as there must be. */
static struct store *
find_store(char **ret_person)
{
	struct store *s = NULL;
	char *dir = NULL;

	if (contact == NULL && store_find(store_flag, &dir) < 0)
		return NULL;
	free(dir);
	/* To try one out leaves nothing behind: who may look may do that. */
	cli_need(store_open(store_flag, is_try ? STORE_READ : STORE_WRITE, &s));
	if (!is_try)
		cli_need(person_self(s, MAY_ADMIN, ret_person));
	return s;
}

static void
run_once(const struct conf *c, struct store *s, const struct tool *t,
    const json_t *arguments, struct tool_result *ret)
{
	json_t *identity = NULL, *all = NULL;
	int code = 0;

	if (tool_arguments(t, arguments) < 0) {
		tool_result_fail(ret, "arguments", "%s", err_reason());
		return;
	}
	if (is_try && t->confirm) {
		tool_result_fail(ret, "confirm",
		    "the customer has to agree first");
		ret->text = tool_question(c, t, arguments, NULL);
		return;
	}
	if (contact != NULL)
		code = tool_identity_of(s, contact, NULL, &identity);
	if (code == 0)
		code = tool_identify(t, arguments, identity, &all);
	json_decref(identity);
	if (code < 0) {
		tool_result_fail(ret, "identity", "%s%s", err_reason(),
		    contact == NULL ? ": --as says whose it is" : "");
		return;
	}
	tool_run(t, all, s != NULL ? store_dir(s) : NULL, NULL, ret);
	json_decref(all);
}

static int
status_of(const struct tool_result *r)
{
	static const char *const wrong[] = { "arguments", "identity", NULL };
	static const char *const away[] = { "unavailable", "timeout", "unknown",
		NULL };

	if (r->ok)
		return 0;
	return str_in(r->class, wrong) ? ERR_DATA :
	    str_in(r->class, away)     ? ERR_UNAVAILABLE :
					 ERR_NO;
}

static int
run_run(struct cli *cli)
{
	struct tool_result r = { .ok = false };
	struct tool t;
	struct conf *c;
	struct store *s;
	json_t *arguments, *o;
	char *person = NULL;
	int code;

	cli_args(cli, 1, 2);
	cli_need(conf_open(&c));
	need_tool(c, cli->args[0]);
	cli_need(tool_open(c, cli->args[0], &t));
	arguments = read_arguments(cli->nargs > 1 ? cli->args[1] : NULL);
	s = find_store(&person);
	run_once(c, s, &t, arguments, &r);
	if (s != NULL && !is_try)
		cli_need(note_run(s, person, t.name, &r));
	if (as_json) {
		o = tool_result_json(&r);
		cli_json(o);
		json_decref(o);
	} else if (r.ok)
		puts(r.text);
	else
		cli_warn("%s: %s: %s", t.name, r.class, r.reason);
	code = status_of(&r);
	if (code < 0)
		err_set(code, "%s", r.reason);
	tool_result_release(&r);
	tool_release(&t);
	json_decref(arguments);
	store_close(s);
	conf_close(c);
	free(person);
	if (code < 0) { /* said above */
		fflush(stdout);
		exit(err_status(code));
	}
	return 0;
}

/* --- serving --- */

/* 0 if who is at the other end may have tools run. */
static int
check_peer(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);
	const struct passwd *pw = NULL;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return err_errno(ERR_USAGE,
		    "standard input is no socket; --follow makes one");
	if (peer != NULL && (pw = getpwnam(peer)) == NULL)
		return err_set(ERR_CONFIG, "there is no user %s", peer);
	if (who.uid == 0 || who.uid == (pw != NULL ? pw->pw_uid : geteuid()))
		return 0;
	return err_set(ERR_DENIED, "user %u may not have tools run",
	    (unsigned)who.uid);
}

static void
answer(int fd, const struct tool_result *r)
{
	json_t *o = tool_result_json(r);
	char *text = json_text(o), *line = xformat("%s\n", text);
	size_t len = strlen(line), sent = 0;
	ssize_t n;

	while (sent < len) {
		n = send(fd, line + sent, len - sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* who asked has gone, and may ask again */
		sent += (size_t)n;
	}
	free(line);
	free(text);
	json_decref(o);
}

/* The line of the caller, while there is time for it. */
static int
read_request(int fd, struct buf *b)
{
	struct timeval wait = { .tv_sec = REQUEST_MS / 1000 };
	char piece[16384];
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (;;) {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_add(b, piece, (size_t)n);
		if (b->failed || memchr(piece, '\n', (size_t)n) != NULL)
			break;
	}
	if (b->failed || b->len == 0 || memchr(b->data, '\n', b->len) == NULL)
		return err_set(ERR_DATA, "no request came");
	b->len = (size_t)((char *)memchr(b->data, '\n', b->len) - b->data);
	b->data[b->len] = '\0';
	return 0;
}

/* One call, with the settings as they are now. */
static int
serve_one(int fd)
{
	struct buf b = BUF_INIT(TOOL_REQUEST_MAX_BYTES);
	struct tool_result r = { .ok = false };
	struct conf *c = NULL;
	struct store *s = NULL;
	char *reason;
	int code = check_peer(fd);

	if (code == ERR_USAGE)
		return code;
	/* Whose request is not read does not hear why, but that it was reset. */
	if (code == ERR_DENIED) {
		reason = xstrdup(err_reason());
		read_request(fd, &b);
		code = err_set(ERR_DENIED, "%s", reason);
		free(reason);
	} else if (code == 0)
		code = read_request(fd, &b);
	if (code == 0)
		code = conf_open(&c);
	if (code == 0)
		code = store_open(store_flag, STORE_WRITE, &s);
	if (code == 0)
		tool_serve(c, s, b.data, b.len, &r);
	else {
		tool_result_fail(&r,
		    code == ERR_DENIED || code == ERR_DATA ? "denied" :
							     "unavailable",
		    "%s",
		    code == ERR_CONFIG ? "its settings are broken" :
					 err_reason());
		r.undone = true;
	}
	answer(fd, &r);
	tool_result_release(&r);
	store_close(s);
	conf_close(c);
	buf_release(&b);
	return code;
}

static int
listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), other, code;
	mode_t before;

	if (strlen(path) >= sizeof(a.sun_path))
		return err_set(ERR_CREATE,
		    "%s: longer than a socket's path "
		    "can be",
		    path);
	memcpy(a.sun_path, path, strlen(path) + 1);
	if (fd < 0)
		return err_errno(ERR_CREATE, "socket");
	/* What one left who was killed is in the way; who is there is not. */
	other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(other, (struct sockaddr *)&a, sizeof(a)) == 0) {
		close(other);
		return err_set(ERR_CREATE, "%s: somebody listens there already",
		    path);
	}
	close(other);
	unlink(path);
	before = umask(0177);
	code = bind(fd, (struct sockaddr *)&a, sizeof(a));
	umask(before);
	if (code < 0 || listen(fd, 128) < 0)
		return err_errno(ERR_CREATE, "%s", path);
	return fd;
}

static void
refuse(int fd)
{
	struct tool_result r = { .ok = false };

	tool_result_fail(&r, "busy", "%lld calls are under way",
	    (long long)parallel);
	r.undone = true;
	answer(fd, &r);
	tool_result_release(&r);
}

static void
take(int fd, int64_t *under_way)
{
	pid_t pid;
	int one = accept4(fd, NULL, NULL, SOCK_CLOEXEC), code;

	if (one < 0)
		return;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		--*under_way;
	if (*under_way >= parallel) {
		refuse(one);
		close(one);
		return;
	}
	pid = fork();
	if (pid == 0) {
		close(fd);
		/* It ends its call, whatever becomes of us. */
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		code = serve_one(one);
		if (code < 0)
			log_warnx("%s", err_reason());
		_exit(err_status(code));
	}
	close(one);
	if (pid > 0)
		++*under_way;
	else
		log_warn("fork");
}

static int
serve_all(void)
{
	struct store *s;
	struct pollfd p = { .events = POLLIN };
	int64_t under_way = 0;
	char *path;

	cli_need(store_open(store_flag, STORE_WRITE, &s));
	path = store_run_path(s, SOCKET);
	if (path == NULL)
		return err_set(ERR_CREATE, "%s", err_reason());
	p.fd = cli_need(listen_at(path));
	store_close(s);
	stop_on_signals();
	notify("READY=1");
	while (!stop_wanted) {
		if (poll(&p, 1, 1000) > 0)
			take(p.fd, &under_way);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			under_way--;
	}
	notify("STOPPING=1");
	close(p.fd);
	unlink(path);
	free(path);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	return 0;
}

static int
run_serve(struct cli *cli)
{
	cli_args(cli, 0, 0);
	if (follow) {
		signal(SIGHUP, SIG_IGN); /* each call reads the settings anew */
		return serve_all();
	}
	return serve_one(STDIN_FILENO);
}

static const struct cli_verb verbs[] = {
	{ "check", "[NAME ...]", "name every fault of the declarations", NULL,
	    run_check },
	{ "list", "", "list the tools", list_options, run_list },
	{ "run", "NAME [ARGUMENTS|-]", "run one by hand", run_options,
	    run_run },
	{ "serve", "", "run them for ai-reply, which is at the socket",
	    serve_options, run_serve },
	{ NULL, NULL, NULL, NULL, NULL }
};

static const struct cli_spec spec = {
	.name = "ai-tool",
	.summary = "run the tools the AI may use",
	.args = "",
	.options = common,
	.verbs = verbs,
	.examples = "  ai-tool list\n"
		    "  ai-tool check\n"
		    "  ai-tool run order_status '{\"order\":\"A-1001\"}'\n",
};

int
main(int argc, char *argv[])
{
	return cli_main(&spec, argc, argv);
}
