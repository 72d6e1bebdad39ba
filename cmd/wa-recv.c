/*
 * wa-recv - receive WhatsApp webhooks: keep them, make events of them
 *
 * The listener verifies, keeps and acknowledges; it writes nothing but inbox
 * files and looks at nothing but bytes. --follow makes events of what is kept.
 * --stdin does both for bodies on standard input.
 */
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/event.h"
#include "desk/instance.h"
#include "desk/settings.h"
#include "desk/status.h"
#include "net/listen.h"
#include "store/inbox.h"
#include "store/log.h"
#include "store/store.h"
#include "wa/follow.h"
#include "wa/hook.h"
#include "wa/inbound.h"
#include "wa/secrets.h"

#define DRAIN_MS 4000
#define FILES_WANTED 8192
#define SIGN_ON_TRIES 10

static const char *address, *port_file, *store, *token_file;
static struct cli_list secret_files;
static int64_t body_max = 3 * 1024 * 1024, per_source = -1;
static int64_t header_ms = -1, body_ms = -1, poll_ms = 2000;
static bool follow, from_stdin, export, dry_run, once;
static const char *from, *since, *until;
static int64_t from_place;

static const struct cli_option options[] = { { 0, "body-max", "BYTES",
						 CLI_NUMBER, &body_max,
						 "largest body that is taken" },
	{ 0, "body-time", "DURATION", CLI_DURATION, &body_ms,
	    "a request must be in after" },
	{ 0, "dry-run", NULL, CLI_FLAG, &dry_run,
	    "with --stdin: same lines, no change" },
	{ 0, "export", NULL, CLI_FLAG, &export,
	    "print the bodies that are kept, one a line" },
	{ 0, "follow", NULL, CLI_FLAG, &follow,
	    "make events of the bodies that are kept" },
	{ 0, "from", "WHERE", CLI_TEXT, &from,
	    "where a new cursor begins: start or a place" },
	{ 0, "header-time", "DURATION", CLI_DURATION, &header_ms,
	    "its headers must be in after" },
	{ 'l', "listen", "ADDR:PORT", CLI_TEXT, &address,
	    "where to listen; port 0: any free one" },
	{ 0, "once", NULL, CLI_FLAG, &once,
	    "with --follow: stop when nothing is left to do" },
	{ 0, "per-source", "N", CLI_NUMBER, &per_source,
	    "connections one address may hold" },
	{ 0, "poll", "DURATION", CLI_DURATION, &poll_ms,
	    "with --follow: look at least this often" },
	{ 0, "port-file", "FILE", CLI_TEXT, &port_file,
	    "write the port there once it is open" },
	{ 0, "secret-file", "FILE", CLI_LIST, &secret_files,
	    "app secrets, one a line; may be repeated" },
	{ 0, "since", "TIME", CLI_TEXT, &since,
	    "with --export: received since; a time, or 2d" },
	{ 0, "stdin", NULL, CLI_FLAG, &from_stdin,
	    "read bodies, one a line; print their events" },
	{ 'S', "store", "STORE", CLI_TEXT, &store, "directory of the store" },
	{ 0, "until", "TIME", CLI_TEXT, &until,
	    "with --export: received before" },
	{ 0, "verify-token-file", "FILE", CLI_TEXT, &token_file,
	    "token of the provider's handshake" },
	CLI_END };

static const struct cli_spec spec = {
	.name = "wa-recv",
	.summary = "receive WhatsApp webhooks",
	.args = "",
	.options = options,
	.examples = "  wa-recv --listen 127.0.0.1:8025 --secret-file secret\n"
		    "  wa-recv --follow\n"
		    "  wa-recv --stdin --dry-run < bodies.jsonl | jq .type\n"
		    "  wa-recv --export --since 2d > bodies.jsonl\n",
};

static void
say(const char *text)
{
	log_warnx("%s", text);
}

/* --- the listener --- */

static int
read_secrets(const struct conf *c, struct hook *h)
{
	char *set = setting_path(c, "listen", "secrets_file"),
	     *set_token = setting_path(c, "listen", "verify_token_file");
	const char *one = set, *token = token_file;
	const char *const *files = secret_files.items;
	struct signature_keys *keys = NULL;
	size_t count = secret_files.count;
	char *text = NULL;
	int code;

	if (count == 0 && one != NULL) {
		files = &one;
		count = 1;
	}
	if (token == NULL)
		token = set_token;
	code = secrets_read(files, count, token, &keys, &text);
	if (code == 0)
		code = hook_secrets(h, keys, text);
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
	free(set);
	free(set_token);
	return code;
}

static int
listener_options(const struct conf *c, struct listen_options *ret)
{
	int64_t connections = 0, source = 0;
	int code;

	*ret = listen_defaults;
	ret->body_max_bytes = (size_t)body_max;
	code = setting_int(c, "listen", "connections", &connections);
	if (code == 0)
		code = setting_int(c, "listen", "per_source", &source);
	if (code == 0 && header_ms < 0)
		code =
		    setting_duration(c, "listen", "header_timeout", &header_ms);
	if (code == 0 && body_ms < 0)
		code = setting_duration(c, "listen", "body_timeout", &body_ms);
	if (code < 0)
		return code;
	ret->connections_max = (int)connections;
	ret->head_ms = header_ms;
	ret->body_ms = body_ms;
	/* A limit asked for by hand holds for a proxy on loopback too. */
	ret->per_source = (int)(per_source >= 0 ? per_source : source);
	ret->spare_loopback = per_source < 0;
	return 0;
}

/* Where to listen: the option, the sockets passed, the setting. */
static const char *
where(const struct conf *c)
{
	if (address != NULL)
		return address;
	return sd_listen_fds(0) > 0 ? NULL :
				      setting_text(c, "listen", "address");
}

static int
announce(const struct listener *l, const char *asked)
{
	char text[16];
	int code = 0, len;

	if (asked != NULL && str_ends(asked, ":0"))
		log_info("listening at %s", listen_address(l));
	if (port_file != NULL) {
		len = snprintf(text, sizeof(text), "%d\n", listen_port(l));
		code = file_put(port_file, text, (size_t)len, 0644);
	}
	notify("READY=1\nSTATUS=listening at %s", listen_address(l));
	return code;
}

/* Each connection is a descriptor. */
static void
raise_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < FILES_WANTED) {
		r.rlim_cur =
		    r.rlim_max < FILES_WANTED ? r.rlim_max : FILES_WANTED;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

/* Until SIGTERM; SIGHUP reads the secrets again. asked is where it listens, as
 * it was told by c; NULL: at the sockets it was given. */
static void
wait_for_end(const sigset_t *signals, struct hook *h, const char *asked)
{
	struct timespec t = { 3600, 0 };
	struct conf *c = NULL;
	uint64_t watchdog_us = 0;
	int got;

	if (sd_watchdog_enabled(0, &watchdog_us) > 0) {
		t.tv_sec = (time_t)(watchdog_us / 2 / 1000000);
		t.tv_nsec = (long)(watchdog_us / 2 % 1000000 * 1000);
	}
	for (;;) {
		got = sigtimedwait(signals, NULL, &t);
		if (got == SIGTERM || got == SIGINT)
			return;
		notify("WATCHDOG=1");
		if (got != SIGHUP)
			continue;
		if (conf_open(&c) < 0 || read_secrets(c, h) < 0)
			log_warnx("secrets stay as they are: %s", err_reason());
		else if (asked != NULL && strcmp(asked, where(c)) != 0)
			log_warnx("listen.address is another one now: "
				  "restart to listen there");
		conf_close(c);
		c = NULL;
	}
}

/*
 * frontdesk status sees the listener by a file whose lock it holds: up since
 * its time. After a clean end the file says so, and if it could not begin, why;
 * after any other end it is empty and without its lock. Without one webhooks are taken in all the same.
 */
static int
sign_on(const char *path)
{
	const struct timespec pause = { 0, 10000000 };
	int fd, tries;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
	if (fd < 0) {
		log_warnx("%s: %s: frontdesk status does not see this listener",
		    path, strerror(errno));
		return -1;
	}
	/* Whoever looks whether it is held holds it for a moment. */
	for (tries = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (tries == SIGN_ON_TRIES) { /* another listener */
			close(fd);
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	if (ftruncate(fd, 0) < 0 || futimens(fd, NULL) < 0)
		log_warnx("%s: %s", path, strerror(errno));
	return fd;
}

/* why: what it ended of; NULL: it was told to end. */
static void
sign_off(const char *path, int fd, const char *why)
{
	if (fd < 0)
		return;
	if (why == NULL)
		why = LISTENER_ENDED;
	if (write_all(fd, why, strlen(why)) < 0)
		log_warnx("%s: %s", path, strerror(errno));
	close(fd);
}

static int
run_listener(const struct conf *c)
{
	struct listen_options o;
	struct listener *l = NULL;
	struct hook *h = NULL;
	char *dir = NULL, *slot = NULL, *why = NULL;
	sigset_t signals;
	int code, fd = -1;

	raise_files();
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	code = listener_options(c, &o);
	if (code == 0)
		code = store_find(store, &dir);
	if (code == 0)
		code = hook_open(dir, say, &h);
	if (code == 0)
		code = read_secrets(c, h);
	if (code == 0)
		code = listen_open(where(c), &o, hook_request, h, &l);
	if (code < 0)
		why = xstrdup(err_reason());
	if (dir != NULL) {
		slot = xformat("%s/run/" LISTENER_SLOT, dir);
		fd = sign_on(slot);
	}
	if (code == 0 && (code = announce(l, where(c))) < 0)
		why = xstrdup(err_reason());
	if (code == 0) {
		wait_for_end(&signals, h, where(c));
		notify("STOPPING=1");
		listen_drain(l, DRAIN_MS);
	}
	hook_close(h);
	listen_close(l);
	sign_off(slot, fd, why);
	/* The reason may have changed on the way out. */
	if (why != NULL)
		code = err_set(code, "%s", why);
	free(why);
	free(slot);
	free(dir);
	return code;
}

/* --- bodies on standard input --- */

struct reader {
	struct store *s;
	struct inbox *inbox; /* NULL: nothing is kept raw */
	struct jsonl *io;
	struct batch batch;
	struct inbox_body raw[FOLLOW_BODIES_MAX];
	size_t bytes;
};

static int
put_event(struct reader *r, struct event *e)
{
	char *line;
	int code = desk_join(r->s, e);

	if (code == 0) {
		line = event_line(e);
		code = jsonl_put(r->io, line, strlen(line));
		free(line);
	}
	return code;
}

/* The event of an item and what it caused, read back from the store. */
static int
put_item(struct reader *r, const char *id)
{
	struct event *e = NULL, **caused = NULL;
	size_t n = 0, i;
	int code = log_get(r->s, id, &e);

	if (code == 0)
		code = put_event(r, e);
	if (code == 0)
		code = log_caused(r->s, id, INBOUND_WRITER, &caused, &n);
	for (i = 0; i < n; i++) {
		if (code == 0)
			code = put_event(r, caused[i]);
		event_free(caused[i]);
	}
	free(caused);
	event_free(e);
	return code;
}

static int
finish_batch(struct reader *r)
{
	struct batch *b = &r->batch;
	size_t i;
	int code = 0;

	if (b->count == 0)
		return 0;
	if (r->inbox != NULL)
		code = inbox_put(r->inbox, r->raw, b->count);
	if (code == 0)
		code = batch_do(r->s, b, NULL);
	for (i = 0; i < b->nids && code == 0; i++)
		code = put_item(r, b->ids[i]);
	for (i = 0; i < b->count; i++)
		free((char *)r->raw[i].body);
	batch_reset(b);
	r->bytes = 0;
	return code;
}

static void
add_line(struct reader *r, const char *line, size_t len)
{
	struct batch *b = &r->batch;
	struct webhook *w = webhook_parse(line, len);
	struct inbox_body *raw = &r->raw[b->count];

	if (w->root == NULL) {
		jsonl_complain(r->io, "not a JSON object, left out");
		webhook_free(w);
		return;
	}
	memset(raw, 0, sizeof(*raw));
	raw->received_ms = b->received_ms[b->count] = now_ms();
	raw->remote = "stdin";
	raw->headers = "{}";
	raw->body = xstrndup(line, len);
	raw->len = len;
	b->bodies[b->count++] = w;
	r->bytes += len;
}

static int
read_on(struct reader *r)
{
	char *line;
	size_t len;
	int got, code = 0;

	for (;;) {
		got = jsonl_next(r->io, &line, &len);
		if (got == JSONL_LINE)
			add_line(r, line, len);
		if (got != JSONL_LINE || r->batch.count == FOLLOW_BODIES_MAX ||
		    r->bytes >= INBOX_READ_BYTES)
			code = finish_batch(r);
		if (code == 0 && got == JSONL_WAIT &&
		    (code = jsonl_flush(r->io)) == 0)
			code = jsonl_fill(r->io);
		if (code < 0 || got == JSONL_END)
			return code < 0 ? code : jsonl_flush(r->io);
		code = 0;
	}
}

static int
run_stdin(const struct conf *c)
{
	struct reader r = { .s = NULL };
	int code;

	code = store_open(store, dry_run ? STORE_COPY : STORE_WRITE, &r.s);
	if (code == 0)
		code = instances_load(r.s, c);
	if (code == 0 && !dry_run)
		code = inbox_open(store_dir(r.s), true, &r.inbox);
	if (code == 0) {
		r.io = jsonl_new(0, 1, "stdin", BODY_MAX_BYTES);
		code = read_on(&r);
		if (code == 0 && jsonl_bad(r.io) > 0)
			code = err_set(ERR_DATA, "bad lines left out: %ld",
			    jsonl_bad(r.io));
	}
	jsonl_free(r.io);
	inbox_close(r.inbox);
	store_close(r.s);
	return code;
}

/* --- bodies that are kept --- */

static int
put_body(struct jsonl *io, const struct inbox_body *b)
{
	json_t *object = NULL, *value;
	char *line;
	int code;

	if (b->len > 0 && memchr(b->body, '\n', b->len) == NULL &&
	    memchr(b->body, '\r', b->len) == NULL)
		return jsonl_put(io, b->body, b->len);
	/* One a line: written anew, or as a string if it is no object. */
	if (json_lenient(b->body, b->len, &object) == 0)
		line = json_text(object);
	else {
		line = utf8_mend(b->body, b->len);
		value = json_text_new(line);
		free(line);
		line = json_text(value);
		json_decref(value);
	}
	code = jsonl_put(io, line, strlen(line));
	free(line);
	json_decref(object);
	return code;
}

static int
run_export(void)
{
	int64_t from_ms = 0, until_ms = INT64_MAX, place = 0;
	struct inbox_body *list;
	struct inbox *in = NULL;
	struct jsonl *io = NULL;
	char *dir = NULL;
	size_t n = 1, i;
	int code = 0;

	if (since != NULL)
		code = since_parse(since, &from_ms);
	if (code == 0 && until != NULL)
		code = since_parse(until, &until_ms);
	if (code == 0)
		code = store_find(store, &dir);
	if (code == 0)
		code = inbox_open(dir, false, &in);
	if (since != NULL)
		place = inbox_day_place(from_ms);
	io = jsonl_new(-1, 1, "stdout", BODY_MAX_BYTES);
	while (code == 0 && n > 0) {
		code = inbox_read(in, place, FOLLOW_BODIES_MAX, &list, &n);
		if (code < 0)
			break;
		for (i = 0; i < n && code == 0; i++) {
			place = list[i].place;
			if (list[i].received_ms >= from_ms &&
			    list[i].received_ms < until_ms)
				code = put_body(io, &list[i]);
		}
		free(list);
	}
	if (code == 0)
		code = jsonl_flush(io);
	jsonl_free(io);
	inbox_close(in);
	free(dir);
	return code;
}

/* What does not go together is said, not guessed at. */
static void
check_use(const struct cli *cli)
{
	cli_args(cli, 0, 0);
	if (follow + from_stdin + export > 1)
		cli_usage(cli,
		    "--follow, --stdin and --export are three "
		    "different things");
	if (dry_run && !from_stdin)
		cli_usage(cli, "--dry-run goes with --stdin");
	if ((since != NULL || until != NULL) && !export)
		cli_usage(cli, "--since and --until go with --export");
	if ((once || from != NULL) && !follow)
		cli_usage(cli, "--once and --from go with --follow");
	if ((address != NULL || port_file != NULL) &&
	    (follow || from_stdin || export))
		cli_usage(cli, "--listen is for the listener alone");
	if (from != NULL && strcmp(from, "start") != 0 &&
	    str_int(from, 0, INT64_MAX, &from_place) < 0)
		cli_usage(cli, "--from: %s", err_reason());
}

int
main(int argc, char *argv[])
{
	struct follow_options o = { .from = "start" };
	struct conf *c = NULL;
	struct cli cli;
	int code;

	cli_open(&cli, &spec, argc, argv);
	check_use(&cli);
	if (!from_stdin && !export)
		cli_hold_hangup();
	cli_need(conf_open(&c));
	if (follow) {
		o.store = store;
		o.from = from != NULL ? from : "start";
		o.poll_ms = poll_ms;
		o.once = once;
		code = follow_run(&o);
	} else if (from_stdin)
		code = run_stdin(c);
	else if (export)
		code = run_export();
	else
		code = run_listener(c);
	conf_close(c);
	cli_exit(code);
}
