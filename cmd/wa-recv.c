/*
 * wa-recv - receive WhatsApp webhooks: keep them, make events of them
 *
 * The listener verifies, keeps and acknowledges; it writes nothing but inbox
 * files and looks at nothing but bytes. --follow makes events of what is kept.
 * --stdin does both for bodies on standard input.
 */
#include <sys/resource.h>

#include <errno.h>
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
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/settings.h"
#include "net/listen.h"
#include "store/store.h"
#include "wa/hook.h"
#include "wa/secrets.h"

#define DRAIN_MS 4000
#define FILES_WANTED 8192

static const char *address, *port_file, *store, *token_file;
static struct cli_list secret_files;
static int64_t body_max = 3 * 1024 * 1024, per_source = -1;
static int64_t header_ms = -1, body_ms = -1;

static const struct cli_option options[] = { { 0, "body-max", "BYTES",
						 CLI_NUMBER, &body_max,
						 "largest body that is taken" },
	{ 0, "body-time", "DURATION", CLI_DURATION, &body_ms,
	    "a request must be in after" },
	{ 0, "header-time", "DURATION", CLI_DURATION, &header_ms,
	    "its headers must be in after" },
	{ 'l', "listen", "ADDR:PORT", CLI_TEXT, &address,
	    "where to listen; port 0: any free one" },
	{ 0, "per-source", "N", CLI_NUMBER, &per_source,
	    "connections one address may hold" },
	{ 0, "port-file", "FILE", CLI_TEXT, &port_file,
	    "write the port there once it is open" },
	{ 0, "secret-file", "FILE", CLI_LIST, &secret_files,
	    "app secrets, one a line; may be repeated" },
	{ 'S', "store", "STORE", CLI_TEXT, &store, "directory of the store" },
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
	const char *one = setting_text(c, "listen", "secrets_file"),
		   *token = token_file;
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
		token = setting_text(c, "listen", "verify_token_file");
	code = secrets_read(files, count, token, &keys, &text);
	if (code == 0)
		code = hook_secrets(h, keys, text);
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
	return code;
}

static int
listener_options(const struct conf *c, struct listen_options *ret)
{
	int64_t connections, source;
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
	sd_notifyf(0, "READY=1\nSTATUS=listening at %s", listen_address(l));
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

/* Until SIGTERM; SIGHUP reads the secrets again. */
static void
wait_for_end(const sigset_t *signals, struct hook *h)
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
		sd_notify(0, "WATCHDOG=1");
		if (got != SIGHUP)
			continue;
		if (conf_open(&c) < 0 || read_secrets(c, h) < 0)
			log_warnx("secrets stay as they are: %s", err_reason());
		conf_close(c);
		c = NULL;
	}
}

static int
run_listener(const struct conf *c)
{
	struct listen_options o;
	struct listener *l = NULL;
	struct hook *h = NULL;
	char *dir = NULL;
	sigset_t signals;
	int code;

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
	if (code == 0)
		code = announce(l, where(c));
	if (code == 0) {
		wait_for_end(&signals, h);
		sd_notify(0, "STOPPING=1");
		listen_drain(l, DRAIN_MS);
	}
	hook_close(h);
	listen_close(l);
	free(dir);
	return code;
}

int
main(int argc, char *argv[])
{
	struct conf *c = NULL;
	struct cli cli;
	int code;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	cli_need(conf_open(&c));
	code = run_listener(c);
	conf_close(c);
	cli_exit(code);
}
