/*
 * task - what rules ask others to do, and how it went
 *
 * A rule writes action.requested: a kind (webhook, command, notify) and a name
 * of the settings, nothing more. One stage for each kind does it, once for each
 * such event, and says how it went: its id is told to whoever is called, the
 * same at each try, so that a try that is made again after a crash can be told
 * from something new. What failed for good is listed, and done again when a
 * person says so (action.retried).
 */
#ifndef DESK_TASK_H
#define DESK_TASK_H

#include <stdbool.h>

#include "base/cli.h"
#include "base/conf.h"
#include "desk/act.h"

struct task_kind {
	const char *action; /* as rules say it, and the kind of the settings */
	const char *field;  /* of its outcomes: what the name is called there */
	const char *done;   /* types of its outcomes */
	const char *failed;
};
extern const struct task_kind task_webhook, task_run, task_notify;

/* Types that stages of actions take. */
#define TASK_TYPES "action.requested", "action.retried"

struct task {
	const struct task_kind *kind;
	struct event *request; /* action.requested, as it stands in the log */
	bool again;	       /* a person asked for it once more */
	/* Of request; NULL: it has none. */
	const char *id, *name, *rule, *conversation, *instance, *message;
};

/* What e, of TASK_TYPES, asks for: 1, 0 if it is of another kind, or ERR. */
int task_open(struct store *s, const struct event *e,
    const struct task_kind *kind, struct task *ret);
void task_release(struct task *a);

/* As `take` of a stage that does each request by itself. */
int task_take(struct store *s, const struct event *e,
    const struct task_kind *kind, struct job_wish *ret);

/* Whether nothing is left to do for e, which asks for a: 1, 0 or an ERR. */
int task_settled(struct store *s, const struct task *a, const struct event *e);

/* The event because of which it is asked for, or, where the log has none, the
 * request itself; personal: with text, names and numbers. */
int task_cause(struct store *s, const struct task *a, bool personal,
    struct event **ret);

/* Its line as desk-events prints it, with action, actionid and rule, for whoever
 * is called; the caller frees. */
int task_line(struct store *s, const struct task *a, bool personal, char **ret);

/* What an outcome of a tells; the caller adds to it. */
json_t *task_outcome(const struct task *a, int attempt);

/* The names of the sections [KIND NAME] of c, NULL-ended, in order; the caller
 * frees each, and all. */
char **task_names(const struct conf *c, const char *kind);
void task_names_free(char **names);

/*
 * The words of a command that is set: a path that begins with a slash or a name
 * of the folder commands.d beside the settings, and its arguments. *ret is
 * ended by task_names_free, also with ERR_CONFIG.
 */
int task_program(const struct conf *c, const char *section, const char *key,
    char ***ret);

/*
 * Whether the kernel can run a program that is there: it is ELF, or begins with
 * #! and an interpreter that is there, too. ERR_CONFIG, as task_program().
 */
int task_program_runs(const char *section, const char *key, const char *path);

/* Options of a stage of actions besides: what failed, and once more. */
struct task_options {
	bool check, list_failed, json, plain;
	struct cli_list retries;
};
extern struct task_options task_options;

#define TASK_OPTIONS                                                       \
	{ 0, "check", NULL, CLI_FLAG, &task_options.check,                 \
		"check the settings, and exit" },                          \
	    { 0, "json", NULL, CLI_FLAG, &task_options.json,               \
		    "with --list-failed, --retry: print JSON Lines" },     \
	    { 0, "list-failed", NULL, CLI_FLAG, &task_options.list_failed, \
		    "list what failed for good, and exit" },               \
	    { 0, "plain", NULL, CLI_FLAG, &task_options.plain,             \
		    "with --list-failed: tab-separated, no header" },      \
	{                                                                  \
		0, "retry", "ACTION", CLI_LIST, &task_options.retries,     \
		    "do what failed once more, and exit"                   \
	}

/* Do what one of --list-failed and --retry says and end the program; return if
 * neither was given. */
void task_command(const struct cli *cli, const struct task_kind *kind,
    const char *store);

/* --check: each section [KIND NAME] by one(), which answers 0 or ERR_CONFIG
 * with the reason. Says each fault; 0 or ERR_CONFIG. */
int task_check(const struct conf *c, const char *kind,
    int (*one)(const struct conf *c, const char *name));

#endif
