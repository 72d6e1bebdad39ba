/*
 * wa-sim - a WhatsApp on loopback
 *
 * What it does is in lib/sim, which shares nothing with the programs it is
 * there to try.
 */
#include <signal.h>

#include <sodium.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/str.h"
#include "net/http.h"
#include "sim/sim.h"

static struct sim_options o = { .listen_at = "127.0.0.1:0",
	.fault = "",
	.phone_number_id = "100000000000001",
	.account_id = "200000000000001",
	.app_id = "300000000000001",
	.phone = "15550000001",
	.status_ms = 50,
	.until_idle_ms = -1,
	.give_up_ms = 7LL * 24 * 3600 * 1000,
	.batch = 1,
	.seed = -1,
	.window_ms = 24LL * 3600 * 1000,
	.media_ms = 5LL * 60 * 1000,
	.approve_ms = 1000,
	.pair_ms = -1,
	.burst = 45,
	.rate = -1,
	.speed = 1 };
static bool bodies_only;

static const struct cli_option options[] = {
	{ 0, "account-id", "ID", CLI_TEXT, &o.account_id,
	    "the business account in webhooks" },
	{ 0, "app-id", "ID", CLI_TEXT, &o.app_id, "the app of the business" },
	{ 0, "approve", "DURATION", CLI_DURATION, &o.approve_ms,
	    "a new template is approved after" },
	{ 0, "batch", "N", CLI_NUMBER, &o.batch,
	    "up to so many messages or statuses in a webhook" },
	{ 0, "bodies", NULL, CLI_FLAG, &bodies_only,
	    "print the webhooks of customers' lines, do nothing else" },
	{ 0, "burst", "N", CLI_NUMBER, &o.burst,
	    "messages to a customer that may borrow from later" },
	{ 0, "delay", "DURATION", CLI_DURATION, &o.delay_ms,
	    "answer calls after" },
	{ 0, "duplicate", "CHANCE", CLI_TEXT, &o.duplicate,
	    "post a webhook twice, such as 10%" },
	{ 0, "fault", "LIST", CLI_TEXT, &o.fault,
	    "misbehave: NAME[=SECONDS][@EDGE][:WHEN],..." },
	{ 0, "give-up", "DURATION", CLI_DURATION, &o.give_up_ms,
	    "drop a webhook that is not taken for" },
	{ 'l', "listen", "ADDRESS", CLI_TEXT, &o.listen_at,
	    "HOST:PORT on loopback; port 0: any" },
	{ 0, "media-url", "DURATION", CLI_DURATION, &o.media_ms,
	    "the URL of a file is good for" },
	{ 0, "no-status", NULL, CLI_FLAG, &o.no_status,
	    "post no statuses of what the business sends" },
	{ 0, "pair", "DURATION", CLI_DURATION, &o.pair_ms,
	    "one message to a customer in; 0s: no limit" },
	{ 0, "phone", "NUMBER", CLI_TEXT, &o.phone,
	    "the business's number as displayed" },
	{ 0, "phone-number-id", "ID", CLI_TEXT, &o.phone_number_id,
	    "the business's number as the API calls it" },
	{ 0, "port-file", "FILE", CLI_TEXT, &o.port_file,
	    "write the port there" },
	{ 0, "rate", "N", CLI_NUMBER, &o.rate,
	    "messages of the number in a second; 0: no limit" },
	{ 0, "record", "FILE", CLI_TEXT, &o.record_file,
	    "append every call of the API to it" },
	{ 0, "secret-file", "FILE", CLI_TEXT, &o.secret_file,
	    "the app secret that signs webhooks" },
	{ 0, "seed", "N", CLI_NUMBER, &o.seed, "same ids and faults again" },
	{ 0, "shuffle", NULL, CLI_FLAG, &o.shuffle,
	    "post webhooks out of order" },
	{ 0, "skew", "DURATION", CLI_TEXT, &o.skew,
	    "the clock of the Date header is off by, such as -90s" },
	{ 0, "speed", "N", CLI_NUMBER, &o.speed,
	    "the rules' clock runs so many times faster" },
	{ 0, "state", "FILE", CLI_TEXT, &o.state_file,
	    "what is true of the app, the account and its numbers" },
	{ 0, "status-delay", "DURATION", CLI_DURATION, &o.status_ms,
	    "between sent, delivered and read" },
	{ 0, "strict", NULL, CLI_FLAG, &o.strict,
	    "hold to every rule of the provider" },
	{ 0, "token-file", "FILE", CLI_TEXT, &o.token_file,
	    "the token calls must bear" },
	{ 0, "until-idle", "DURATION", CLI_DURATION, &o.until_idle_ms,
	    "after the end of input, stop when nothing happened for" },
	{ 'w', "webhook", "URL", CLI_TEXT, &o.webhook, "post webhooks to" },
	{ 0, "webhook-delay", "DURATION", CLI_DURATION, &o.hook_delay_ms,
	    "post webhooks after" },
	{ 0, "window", "DURATION", CLI_DURATION, &o.window_ms,
	    "free text may follow a customer's message for" },
	CLI_END
};

static const struct cli_spec spec = { .name = "wa-sim",
	.summary = "a WhatsApp on loopback",
	.args = "",
	.options = options,
	.examples = "echo '{\"from\":\"491700000001\",\"text\":\"hello\"}' |\n"
		    "    wa-sim --bodies" };

static struct sim *sim;
static volatile sig_atomic_t stop;

static void
on_signal(int signal)
{
	stop = signal;
	sim_wake(sim);
}

static void
check_use(const struct cli *cli)
{
	if (!str_starts(o.listen_at, "127.") &&
	    !str_starts(o.listen_at, "[::1]:") &&
	    !str_starts(o.listen_at, "localhost:"))
		cli_usage(cli, "--listen %s: not on loopback", o.listen_at);
	if (o.webhook != NULL && o.secret_file == NULL && o.state_file == NULL)
		cli_usage(cli, "--webhook needs --secret-file to sign with");
	if (o.webhook != NULL)
		cli_need(http_url_check(o.webhook));
	if (o.batch < 1 || o.speed < 1 || o.burst < 1)
		cli_usage(cli, "--batch, --speed and --burst are 1 or more");
}

int
main(int argc, char *argv[])
{
	struct sigaction act = { .sa_handler = on_signal };
	struct cli cli;
	int code;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (sodium_init() < 0)
		cli_die(ERR_BUG, "libsodium cannot start");
	if (bodies_only)
		cli_exit(sim_convert(&o, 0, 1));
	check_use(&cli);
	signal(SIGPIPE, SIG_IGN);
	cli_need(sim_open(&o, 0, 1, &sim));
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	code = sim_run(sim, &stop);
	sim_close(sim);
	cli_exit(code);
}
