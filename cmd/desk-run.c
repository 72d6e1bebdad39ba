/*
 * desk-run - run the commands that rules ask for
 *
 * An action.requested with the action command is one run of [command NAME]: the
 * event that the rule was asked of on its standard input, no shell, in a box
 * unless the settings say otherwise, ended when its time is over.
 *
 * Holds: a run that ended is one event, in the transaction that closes the job.
 * A run that a crash cut off is made again, and the command can tell by the id
 * of the action, which is the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/program.h"
#include "base/str.h"
#include "base/time.h"
#include "desk/event.h"
#include "desk/settings.h"
#include "desk/task.h"
#include "store/stage.h"

#define KIND "command"
#define MAX_AGE_MS (INT64_C(24) * 3600 * 1000)
#define RUNS_MAX 16
#define TRY_LATER 75 /* what a command says that wants to be run again */
#define TIMES 4

/* A [command NAME], as it is set. */
struct command {
	char *name;
	char **argv, **files;
	bool is_private;
	int64_t timeout_ms, tries, retry_ms, max_bytes;
	char *fault; /* why it cannot be run; NULL: it can */
	struct command *next;
};

struct runner {
	struct conf *conf;
	struct programs *programs;
	struct command *commands;
};

/* The work of a job. */
struct work {
	struct stage *stage;
	struct job *job;
	struct command *command;
	struct task task;
	char *line;
	struct program_report report;
};

static const struct cli_option options[] = { TASK_OPTIONS, STAGE_JOB_OPTIONS,
	STAGE_OPTIONS, CLI_END };

static const struct cli_spec spec = { .name = "desk-run",
	.summary = "run the commands that rules ask for",
	.args = "",
	.options = options,
	.examples = "  desk-run --follow\n"
		    "  desk-run --list-failed\n"
		    "  desk-run --retry 01M8E0000000000000000000A1\n" };

/* --- settings --- */

static int
read_numbers(const struct conf *c, const char *section, struct command *m)
{
	int code = setting_bool(c, section, "private", &m->is_private);

	if (code == 0)
		code = setting_duration(c, section, "timeout", &m->timeout_ms);
	if (code == 0)
		code = setting_int(c, section, "tries", &m->tries);
	if (code == 0)
		code = setting_duration(c, section, "retry", &m->retry_ms);
	if (code == 0)
		code = setting_int(c, section, "max_bytes", &m->max_bytes);
	return code;
}

static int
find_files(const struct conf *c, const char *section, struct command *m)
{
	const char *files = setting_text(c, section, "files");
	char *path;
	size_t i;

	if (!str_words(files != NULL ? files : "", &m->files))
		return err_set(ERR_CONFIG,
		    "[%s]: files: wants paths; a \" that does not end?",
		    section);
	for (i = 0; m->files[i] != NULL; i++) {
		path = setting_beside(c, section, "files", m->files[i]);
		free(m->files[i]);
		m->files[i] = path;
		if (access(path, F_OK) < 0)
			return err_errno(ERR_CONFIG, "[%s]: files: %s", section,
			    path);
	}
	return 0;
}

static void
command_free(struct command *m)
{
	free(m->name);
	task_names_free(m->argv);
	task_names_free(m->files);
	free(m->fault);
	free(m);
}

static int
command_open(const struct conf *c, const char *name, struct command **ret)
{
	char *section = xformat(KIND " %s", name);
	struct command *m = xcalloc(1, sizeof(*m));
	int code = read_numbers(c, section, m);

	m->name = xstrdup(name);
	if (code == 0)
		code = task_program(c, section, "command", &m->argv);
	if (code == 0)
		code = find_files(c, section, m);
	if (code < 0)
		m->fault = xstrdup(err_reason());
	free(section);
	*ret = m;
	return code < 0 ? ERR_CONFIG : 0;
}

static int
check_one(const struct conf *c, const char *name)
{
	struct command *m = NULL;
	int code = command_open(c, name, &m);
	char *section = xformat(KIND " %s", name);

	if (code == 0)
		code = task_program_runs(section, "command", m->argv[0]);
	free(section);
	command_free(m);
	return code;
}

static struct command *
command_of(const struct runner *r, const char *name)
{
	struct command *m = r->commands;

	while (m != NULL && (name == NULL || strcmp(m->name, name) != 0))
		m = m->next;
	return m;
}

/* --- whether it is run at all --- */

static void
drop(void *own)
{
	struct work *w = own;

	task_release(&w->task);
	free(w->line);
	free(w);
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	return task_take(stage_store(st), e, &task_run, ret);
}

/* Why it is not run; NULL: it is. */
static const char *
obstacle(struct stage *st, const struct job *j, const struct command *m)
{
	if (stage_is_dry(st) || store_is_scratch(stage_store(st)))
		return "not run in a dry run";
	if (m == NULL)
		return "no command has this name";
	if (m->fault != NULL)
		return "its settings are not right: desk-run --check";
	return j->late ? "too old" : NULL;
}

static int
failed(struct stage *st, const struct job *j, const struct task *t, int attempt,
    int status, const char *reason)
{
	json_t *data = task_outcome(t, attempt);

	json_put(data, "reason", reason);
	if (status >= 0)
		json_put_int(data, "status", status);
	return stage_emit(st, j->event, "command.failed", t->request->subject,
	    data, NULL);
}

static int
begin(struct stage *st, struct job *j)
{
	struct command *m;
	struct task t;
	struct work *w;
	const char *why;
	int code = task_open(stage_store(st), j->event, &task_run, &t);

	if (code <= 0)
		return code < 0 ? code : BEGIN_CLOSED;
	m = command_of(stage_ctx(st), t.name);
	code = task_settled(stage_store(st), &t, j->event);
	why = code == 0 ? obstacle(st, j, m) : NULL;
	if (why != NULL)
		code = failed(st, j, &t, 0, -1, why);
	if (code != 0 || why != NULL) {
		task_release(&t);
		return code < 0 ? code : BEGIN_CLOSED;
	}
	w = xcalloc(1, sizeof(*w));
	w->stage = st;
	w->job = j;
	w->command = m;
	w->task = t;
	j->own = w;
	code = task_line(stage_store(st), &t, true, &w->line);
	return code < 0 ? code : BEGIN_START;
}

/* --- the run --- */

static void
on_end(void *arg, const struct program_report *report)
{
	struct work *w = arg;

	fault("desk-run.ended");
	w->report = *report;
	stage_finish(w->stage, w->job);
}

static int
start(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	const struct runner *r = stage_ctx(st);
	char *id = xformat("FRONTDESK_ACTION=%s", w->task.id);
	char *environment[] = { id, NULL };
	const struct program p = { .argv = w->command->argv,
		.files = w->command->files,
		.environment = environment,
		.store = *store_dir(stage_store(st)) != '\0' ?
		    store_dir(stage_store(st)) :
		    NULL,
		.is_boxed = !w->command->is_private,
		.wall_ms = w->command->timeout_ms,
		.output_bytes = w->command->max_bytes };
	struct buf in = BUF_INIT(0);

	buf_addf(&in, "%s\n", w->line);
	if (programs_start(r->programs, &p, &in, on_end, w) < 0) {
		w->report = (struct program_report){ .lost = true };
		stage_finish(st, j);
	}
	buf_release(&in);
	free(id);
	return 0;
}

/* --- the outcome --- */

/* Why it failed, in words of ours; NULL: it has not. */
static const char *
reason_of(const struct program_report *r)
{
	if (r->lost)
		return "its run was lost";
	if (r->end.unrun)
		return "it could not be run";
	if (r->end.late)
		return "it took too long";
	if (r->end.full)
		return "it wrote more than max_bytes";
	if (WIFSIGNALED(r->end.status))
		return "it was ended by a signal";
	if (WEXITSTATUS(r->end.status) == TRY_LATER)
		return "it wants to be run later";
	return r->end.status != 0 ? "it ended with a failure" : NULL;
}

/* As a shell has it; -1: it has none. */
static int
status_of(const struct program_report *r)
{
	if (r->lost || r->end.unrun || r->end.late || r->end.full)
		return -1;
	return WIFSIGNALED(r->end.status) ? 128 + WTERMSIG(r->end.status) :
					    WEXITSTATUS(r->end.status);
}

/* How long until the next try; -1: there is none. What was begun and failed is
 * not begun again unless it says so: nobody knows how far it came. */
static int64_t
again_in(const struct job *j, const struct work *w)
{
	const struct program_report *r = &w->report;
	int64_t wait = w->command->retry_ms;
	int i;

	if (!r->lost && !r->end.unrun && status_of(r) != TRY_LATER)
		return -1;
	for (i = 1; i < j->attempt && wait < MAX_AGE_MS; i++)
		wait *= TIMES;
	return j->attempt < w->command->tries &&
		now_ms() + wait <= j->deadline_ms ?
	    wait :
	    -1;
}

static int
finish(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	const char *reason = reason_of(&w->report);
	int64_t wait;
	json_t *data;
	char *words;
	int code = task_settled(stage_store(st), &w->task, j->event), status;

	if (code != 0)
		return code < 0 ? code : 0;
	if (reason == NULL) {
		data = task_outcome(&w->task, j->attempt);
		json_put_int(data, "status", 0);
		json_put_int(data, "took_ms", w->report.took_ms);
		return stage_emit(st, j->event, "command.ran",
		    w->task.request->subject, data, NULL);
	}
	if (w->report.why[0] != '\0')
		log_warnx(KIND " %s: %s", w->command->name, w->report.why);
	wait = again_in(j, w);
	if (wait >= 0) {
		stage_failed(st, KIND " %s: action %s: %s: again in %lld s",
		    w->command->name, w->task.id, reason,
		    (long long)(wait + 999) / 1000);
		stage_retry(st, j, now_ms() + wait);
		return 0;
	}
	status = status_of(&w->report);
	words = status < 0 ? xstrdup(reason) :
			     xformat("%s (status %d)", reason, status);
	stage_failed(st, KIND " %s: action %s: %s", w->command->name,
	    w->task.id, words);
	free(words);
	return failed(st, j, &w->task, j->attempt, status, reason);
}

static int
wait_for(struct stage *st, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct runner *r = stage_ctx(st);

	return programs_wait(r->programs, fds, nfds, timeout_ms);
}

static const char *const types[] = { TASK_TYPES, NULL };

static const struct stage_def def = {
	.name = "desk-run",
	.types = types,
	.max_age_ms = MAX_AGE_MS,
	.lean = true,
	.import = desk_import,
	.join = desk_join,
	.take = take,
	.begin = begin,
	.start = start,
	.finish = finish,
	.wait = wait_for,
	.drop = drop,
	.reload_check = settings_readable,
};

static void
set_up(struct runner *r)
{
	char **names = task_names(r->conf, KIND);
	struct command *m;
	size_t i;

	for (i = 0; names[i] != NULL; i++) {
		/* The others can be run all the same. */
		if (command_open(r->conf, names[i], &m) < 0)
			log_warnx("%s", m->fault);
		m->next = r->commands;
		r->commands = m;
	}
	task_names_free(names);
	if (stage_options.jobs > RUNS_MAX)
		stage_options.jobs = RUNS_MAX;
	r->programs = programs_new();
}

int
main(int argc, char *argv[])
{
	struct runner r = { 0 };
	struct command *m;
	struct cli cli;
	int code;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	task_command(&cli, &task_run, stage_options.store);
	if (stage_options.follow)
		cli_hold_hangup();
	cli_need(conf_open(&r.conf));
	if (task_options.check)
		cli_exit(task_check(r.conf, KIND, check_one));
	set_up(&r);
	code = stage_run(&def, &r);
	programs_free(r.programs);
	while ((m = r.commands) != NULL) {
		r.commands = m->next;
		command_free(m);
	}
	conf_close(r.conf);
	cli_exit(code);
}
