/*
 * ai-reply - answer routed messages from the knowledge base, or hand over
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ai/profile.h"
#include "ai/reply.h"
#include "ai/why.h"
#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/utf8.h"
#include "store/stage.h"

static const char *question, *message, *profile, *contact;
static struct pool_options pool;
static bool as_json;

static const struct cli_option options[] = {
	{ 0, "as", "CONTACT", CLI_TEXT, &contact,
	    "with --ask: after what was said with a contact" },
	{ 0, "ask", "QUESTION", CLI_TEXT, &question,
	    "answer one question and change nothing" },
	{ 0, "json", NULL, CLI_FLAG, &as_json,
	    "with --ask: a line of JSON also on a terminal" },
	{ 0, "profile", "NAME", CLI_TEXT, &profile,
	    "with --ask: the AI set-up to use" },
	{ 0, "record", "DIR", CLI_TEXT, &pool.record,
	    "keep what is exchanged with providers" },
	{ 0, "replay", "DIR", CLI_TEXT, &pool.replay,
	    "answer from what was kept, without a network" },
	{ 0, "why", "MESSAGE", CLI_TEXT, &message,
	    "show what led to a message we sent" },
	STAGE_OPTIONS, STAGE_JOB_OPTIONS, CLI_END
};

static const struct cli_spec spec = {
	.name = "ai-reply",
	.summary = "answer routed messages from the documents, or hand over",
	.args = "",
	.options = options,
	.examples = "  ai-reply --ask 'how long does delivery take'\n"
		    "  wa-recv --stdin < bodies.jsonl | route | ai-reply\n"
		    "  ai-reply --follow\n",
};

static void
show(const json_t *object)
{
	const char *answer = json_str(object, "answer"), *title;
	char *text;

	if (as_json || !isatty(1) || question == NULL) {
		cli_json(object);
		return;
	}
	text = utf8_show(answer != NULL ? answer : "(no answer)", true);
	puts(text);
	free(text);
	title = json_str(object, "sources/0/section");
	if (answer != NULL && title != NULL) {
		text = utf8_show(title, false);
		printf("[%s]\n", text);
		free(text);
	}
}

static int
look(const struct conf *conf)
{
	const struct reply_question q = { question, profile, contact };
	struct store *s = NULL;
	json_t *object = NULL;
	int code = store_open(stage_options.store, STORE_READ, &s);

	if (code == 0)
		code = question != NULL ?
		    reply_ask(conf, s, &q, &pool, &object) :
		    why_told(s, message, &object);
	if (object != NULL)
		show(object);
	json_decref(object);
	store_close(s);
	return code;
}

static void
warn(void *ctx, const char *text)
{
	(void)ctx;
	log_warnx("%s", text);
}

/* A service tells what no set-up can answer by before a customer asks. */
static void
tell_faults(const struct conf *conf)
{
	char **names = profile_names(conf);
	struct profile p;
	size_t i;

	conf_faults(conf, "profile", warn, NULL);
	profile_reserved(conf, warn, NULL);
	for (i = 0; names[i] != NULL; i++) {
		if (profile_open(conf, names[i], &p) == 0)
			profile_release(&p);
		else
			log_warnx("%s", err_reason());
		free(names[i]);
	}
	free(names);
}

int
main(int argc, char *argv[])
{
	struct cli cli;
	struct conf *conf = NULL;
	int code;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	if (question != NULL && message != NULL)
		cli_usage(&cli, "--ask and --why do not go together");
	if (pool.record != NULL && pool.replay != NULL)
		cli_usage(&cli, "--record and --replay do not go together");
	if (message != NULL && *message == '\0')
		cli_usage(&cli, "--why wants the name of a message");
	if ((question != NULL || message != NULL) && stage_options.follow)
		cli_usage(&cli, "--follow goes with neither --ask nor --why");
	if (question == NULL && (profile != NULL || contact != NULL))
		cli_usage(&cli, "--profile and --as are for --ask");
	if (stage_options.follow)
		cli_hold_hangup();
	cli_need(conf_open(&conf));
	if (stage_options.follow)
		tell_faults(conf);
	code = question != NULL || message != NULL ? look(conf) :
						     reply_run(conf, &pool);
	conf_close(conf);
	cli_exit(code);
}
