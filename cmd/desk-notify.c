/*
 * desk-notify - tell people what rules say they should know, and alerts
 *
 * An action.requested with the action notify is told to a person, by mail, or to
 * a [channel NAME]: addresses of mail, or a command. What comes of one
 * conversation for one of them in a short while is told once.
 *
 * Holds: a notice that went out is one event that names all it stands for, in
 * the transaction that closes the job. One that a crash cut off goes out again
 * under the same name (Message-ID, FRONTDESK_ACTION).
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
#include "base/utf8.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "desk/letter.h"
#include "desk/person.h"
#include "desk/settings.h"
#include "desk/task.h"
#include "desk/team.h"
#include "store/stage.h"

#define CHANNEL "channel"
#define ALERT "health.alert"
#define MAX_AGE_MS (INT64_C(24) * 3600 * 1000)
#define RUNS_MAX 16
#define OUTPUT_MAX_BYTES \
	65536		/* of what tells people; nothing is done with it */
#define COVERED_MAX 100 /* requests that a notice names */
#define TIMES 4

/* sysexits of sendmail after which another try is no use. */
static const int final_statuses[] = { 64, 65, 66, 67, 68, 77, 78 };

/* A [channel NAME], as it is set. */
struct channel {
	char *name;
	char **mail; /* NULL: none */
	char **exec; /* NULL: none */
	bool text;
	char *fault; /* why it cannot be used; NULL: it can */
	struct channel *next;
};

struct notifier {
	struct conf *conf;
	struct programs *programs;
	struct channel *channels;
	char **sendmail; /* and what stands before -t */
	char *from;
	const char *alerts; /* channel; NULL: alerts are told to nobody */
	int64_t quiet_ms, timeout_ms, tries, retry_ms;
	char *fault; /* why no mail can be sent; NULL: it can */
};

/* Who is told. */
struct recipient {
	const struct channel *channel; /* NULL: a person or a team */
	char **addresses;	       /* of those, NULL-ended */
	const char *trouble;	       /* why nobody is; NULL: somebody is */
	bool is_told;		       /* all of a team are, by name */
};

/* The work of a job. */
struct work {
	struct stage *stage;
	struct job *job;
	struct task task;
	struct recipient to;
	json_t *covered; /* ids of the requests it stands for */
	char *input;	 /* the letter, or the line */
	struct program_report report;
};

static const struct cli_option options[] = { TASK_OPTIONS, STAGE_JOB_OPTIONS,
	STAGE_OPTIONS, CLI_END };

static const struct cli_spec spec = { .name = "desk-notify",
	.summary = "tell people what rules say they should know",
	.args = "",
	.options = options,
	.examples = "  desk-notify --follow\n"
		    "  desk-notify --list-failed\n"
		    "  desk-notify --retry 01M8E0000000000000000000A1\n" };

/* --- settings --- */

/* The addresses of a list with commas. */
static int
read_addresses(const char *section, const char *text, char ***ret)
{
	char **list = xcalloc(1, sizeof(*list)), *copy = xstrdup(text), *p,
	     *save = NULL, *one;
	size_t n = 0;
	int code = 0;

	for (p = copy; code == 0 && (one = strtok_r(p, ",", &save)) != NULL;
	     p = NULL) {
		one = str_trim(one);
		if (!mail_valid(one))
			code = err_set(ERR_CONFIG,
			    "[%s]: mail: '%s' cannot be an address of mail: "
			    "name@example.com",
			    section, one);
		list = xrealloc(list, (n + 2) * sizeof(*list));
		list[n++] = xstrdup(one);
		list[n] = NULL;
	}
	if (code == 0 && n == 0)
		code =
		    err_set(ERR_CONFIG, "[%s]: mail: wants addresses", section);
	free(copy);
	*ret = list;
	return code;
}

static void
channel_free(struct channel *c)
{
	free(c->name);
	task_names_free(c->mail);
	task_names_free(c->exec);
	free(c->fault);
	free(c);
}

static int
channel_open(const struct conf *conf, const char *name, struct channel **ret)
{
	char *section = xformat(CHANNEL " %s", name);
	const char *mail = setting_text(conf, section, "mail"),
		   *exec = setting_text(conf, section, "exec");
	struct channel *c = xcalloc(1, sizeof(*c));
	int code = setting_bool(conf, section, "text", &c->text);

	c->name = xstrdup(name);
	if (code == 0 && (mail == NULL) == (exec == NULL))
		code = err_set(ERR_CONFIG,
		    "[%s]: wants mail or exec, one of them", section);
	if (code == 0 && mail != NULL)
		code = read_addresses(section, mail, &c->mail);
	if (code == 0 && exec != NULL)
		code = task_program(conf, section, "exec", &c->exec);
	if (code < 0)
		c->fault = xstrdup(err_reason());
	free(section);
	*ret = c;
	return code < 0 ? ERR_CONFIG : 0;
}

static struct channel *
channel_of(const struct notifier *n, const char *name)
{
	struct channel *c = n->channels;

	while (c != NULL && strcmp(c->name, name) != 0)
		c = c->next;
	return c;
}

static int
read_mail(struct notifier *n)
{
	const char *from = setting_text(n->conf, "notify", "from");
	char host[256] = "localhost";

	if (from != NULL && *from != '\0')
		n->from = xstrdup(from);
	else {
		gethostname(host, sizeof(host) - 1);
		n->from = xformat("frontdesk@%s", host);
	}
	if (!mail_valid(n->from))
		return err_set(ERR_CONFIG,
		    "notify.from: '%s' cannot be an address of mail: "
		    "name@example.com",
		    n->from);
	return task_program(n->conf, "notify", "sendmail", &n->sendmail);
}

static int
read_settings(struct notifier *n)
{
	int code = setting_duration(n->conf, "notify", "quiet", &n->quiet_ms);

	if (code == 0)
		code = setting_duration(n->conf, "notify", "timeout",
		    &n->timeout_ms);
	if (code == 0)
		code = setting_int(n->conf, "notify", "tries", &n->tries);
	if (code == 0)
		code =
		    setting_duration(n->conf, "notify", "retry", &n->retry_ms);
	n->alerts = setting_text(n->conf, "notify", "alerts");
	if (n->alerts != NULL && *n->alerts == '\0')
		n->alerts = NULL;
	if (code == 0 && read_mail(n) < 0)
		n->fault = xstrdup(err_reason());
	return code;
}

static int
check_one(const struct conf *conf, const char *name)
{
	struct channel *c = NULL;
	int code = channel_open(conf, name, &c);
	char *section = xformat(CHANNEL " %s", name);

	if (code == 0 && c->exec != NULL)
		code = task_program_runs(section, "exec", c->exec[0]);
	free(section);
	channel_free(c);
	return code;
}

static int
check(const struct notifier *n)
{
	int code = task_check(n->conf, CHANNEL, check_one);

	if (n->fault != NULL) {
		cli_warn("%s", n->fault);
		if (code == 0)
			code = err_set(ERR_CONFIG, "no mail can be sent");
	}
	return code;
}

/* --- what is told, and to whom --- */

static void
addresses_free(char **list)
{
	size_t i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

static void
drop(void *own)
{
	struct work *w = own;

	task_release(&w->task);
	addresses_free(w->to.addresses);
	json_decref(w->covered);
	free(w->input);
	free(w);
}

/* An alert as something that was asked for. */
static int
alert_open(const struct notifier *n, const struct event *e, struct task *ret)
{
	if (n->alerts == NULL)
		return 0;
	*ret = (struct task){ .kind = &task_notify, .request = event_copy(e) };
	ret->id = ret->request->id;
	ret->name = n->alerts;
	ret->instance = json_str(ret->request->data, "instance");
	return 1;
}

static int
open_task(struct stage *st, const struct event *e, struct task *ret)
{
	return strcmp(e->type, ALERT) == 0 ?
	    alert_open(stage_ctx(st), e, ret) :
	    task_open(stage_store(st), e, &task_notify, ret);
}

/* What notices are bundled by: each alert is told. */
static const char *
about(const struct task *t)
{
	if (strcmp(t->request->type, ALERT) == 0)
		return t->id;
	return t->request->subject != NULL ? t->request->subject : t->id;
}

static int
take(struct stage *st, const struct event *e, struct job_wish *ret)
{
	struct task t;
	int code = open_task(st, e, &t);

	if (code == 1) {
		ret->key =
		    xformat("%s %s", t.name != NULL ? t.name : "", about(&t));
		/* Once more on a person's word is a matter of its own. */
		ret->merge = !t.again;
		task_release(&t);
	}
	return code;
}

static void
add_address(struct recipient *to, size_t *n, const char *mail)
{
	to->addresses =
	    xrealloc(to->addresses, (*n + 2) * sizeof(*to->addresses));
	to->addresses[(*n)++] = xstrdup(mail);
	to->addresses[*n] = NULL;
}

/* Whether a person is told by name what the team is told: 1, 0 or an ERR. */
static int
is_told_too(struct store *s, const struct task *t, const char *person)
{
	struct query q = query(store_desk(s),
	    "SELECT 1 FROM event WHERE cause = :cause"
	    " AND type = 'action.requested' AND subject IS :subject"
	    " AND data ->> 'action' = 'notify' AND data ->> 'name' = :person"
	    " LIMIT 1");

	bind_text(&q, ":cause", t->request->cause);
	bind_text(&q, ":subject", t->request->subject);
	bind_text(&q, ":person", person);
	return any_row(&q);
}

/* One of a team, but whom the same event is told by name, who is counted. */
static int
add_member(struct store *s, const struct task *task, const char *name,
    struct recipient *to, size_t *n, size_t *by_name)
{
	struct person *p = NULL;
	int code = is_told_too(s, task, name);

	if (code != 0) {
		(*by_name)++;
		return code < 0 ? code : 0;
	}
	code = person_get(s, name, &p);
	if (code == 0 && p->active && p->mail != NULL)
		add_address(to, n, p->mail);
	else if (code == 0 && p->active)
		log_warnx("team %s: %s has no address of mail", task->name,
		    name);
	person_free(p);
	return code;
}

/* Those of a team who are there; if nobody is, all of them. */
static int
find_team(struct store *s, const struct task *task, struct recipient *ret)
{
	struct team *t = NULL;
	size_t i, n = 0, there = 0, by_name = 0;
	int code = team_get(s, task->name, &t);

	if (code == ERR_NOINPUT) {
		ret->trouble = "no person, team or channel has this name";
		return 0;
	}
	for (i = 0; code == 0 && i < t->nmembers; i++)
		there += strcmp(t->members[i].availability, "online") == 0;
	for (i = 0; code == 0 && i < t->nmembers; i++)
		if (there == 0 ||
		    strcmp(t->members[i].availability, "online") == 0)
			code = add_member(s, task, t->members[i].person, ret,
			    &n, &by_name);
	if (code == 0 && n == 0 && by_name > 0)
		ret->is_told = true;
	else if (code == 0 && n == 0)
		ret->trouble = "nobody of the team has an address of mail";
	team_free(t);
	return code;
}

static int
find_person(struct store *s, const struct task *t, struct recipient *ret)
{
	struct person *p = NULL;
	size_t n = 0;
	int code = person_get(s, t->name, &p);

	if (code == ERR_NOINPUT)
		return find_team(s, t, ret);
	if (code < 0)
		return code;
	if (!p->active)
		ret->trouble = "the person has left";
	else if (p->mail == NULL)
		ret->trouble = "the person has no address of mail";
	else
		add_address(ret, &n, p->mail);
	person_free(p);
	return 0;
}

/* A channel comes before a person of its name, and both before a team. */
static int
find(struct stage *st, const struct job *j, const struct task *t,
    struct recipient *ret)
{
	const struct notifier *n = stage_ctx(st);
	int code = 0;

	*ret = (struct recipient){ .channel = NULL };
	if (stage_is_dry(st) || store_is_scratch(stage_store(st)))
		ret->trouble = "nobody is told in a dry run";
	else if (j->late)
		ret->trouble = "too old";
	else if (t->name == NULL)
		ret->trouble = "nobody is named";
	else if ((ret->channel = channel_of(n, t->name)) != NULL)
		ret->trouble = ret->channel->fault != NULL ?
		    "its settings are not right: desk-notify --check" :
		    NULL;
	else
		code = find_person(stage_store(st), t, ret);
	if (code == 0 && ret->trouble == NULL && n->fault != NULL &&
	    (ret->channel == NULL || ret->channel->exec == NULL))
		ret->trouble = "no mail can be sent: desk-notify --check";
	return code;
}

/* When they were last told of it; 0: never. */
static int
last_told(struct store *s, const struct task *t, int64_t *ret_ms)
{
	struct query q = query(store_desk(s),
	    "SELECT sent_ms FROM notice"
	    " WHERE recipient = :name AND about = :about");

	bind_text(&q, ":name", t->name);
	bind_text(&q, ":about", about(t));
	*ret_ms = step(&q) ? column_int(&q, 0) : 0;
	return done(&q);
}

static int
note_told(struct store *s, const struct task *t)
{
	struct query q = query(store_desk(s),
	    "INSERT INTO notice (recipient, about, sent_ms)"
	    " VALUES (:name, :about, :now)"
	    " ON CONFLICT DO UPDATE SET sent_ms = :now");

	bind_text(&q, ":name", t->name);
	bind_text(&q, ":about", about(t));
	bind_int(&q, ":now", now_ms());
	step(&q);
	return done(&q);
}

/* The requests that joined the job since its first. */
static int
find_covered(struct store *s, const struct job *j, const struct task *t,
    json_t **ret)
{
	struct query q = query(store_desk(s),
	    "SELECT id FROM event WHERE subject IS :subject"
	    "  AND type = 'action.requested'"
	    "  AND json_extract(data, '$.action') = 'notify'"
	    "  AND json_extract(data, '$.name') IS :name"
	    "  AND seq BETWEEN (SELECT seq FROM event WHERE id = :first)"
	    "   AND (SELECT seq FROM event WHERE id = :last)"
	    " ORDER BY seq DESC LIMIT :most");
	json_t *list = json_array();
	int code;

	bind_text(&q, ":subject", t->request->subject);
	bind_text(&q, ":name", t->name);
	bind_text(&q, ":first", j->cause);
	bind_text(&q, ":last", j->last);
	bind_int(&q, ":most", COVERED_MAX);
	while (step(&q))
		json_array_append_new(list, json_text_new(column_text(&q, 0)));
	code = done(&q);
	if (json_array_size(list) == 0)
		json_array_append_new(list, json_text_new(t->id));
	*ret = list;
	return code;
}

/* Takes data. */
static int
tell(struct stage *st, const struct job *j, const struct task *t,
    const json_t *covered, const char *type, json_t *data)
{
	if (strcmp(t->request->type, ALERT) == 0)
		json_put(data, "alert", json_str(t->request->data, "what"));
	if (covered != NULL && json_array_size(covered) > 1)
		json_put_new(data, "requests", json_deep_copy(covered));
	return stage_emit(st, j->event, type, t->request->subject, data, NULL);
}

static int
not_told(struct stage *st, const struct job *j, const struct task *t,
    const json_t *covered, const char *why)
{
	json_t *data = task_outcome(t, 0);

	json_put(data, "reason", why);
	return tell(st, j, t, covered, "notification.failed", data);
}

/* --- the words --- */

static void
say_of_alert(const struct task *t, char **ret_subject, struct buf *body)
{
	const json_t *d = t->request->data;

	*ret_subject = xformat("%s: %s", json_str_or(d, "severity", "alert"),
	    json_str_or(d, "what", ""));
	buf_addf(body, "What:      %s\n", json_str_or(d, "what", ""));
	buf_addf(body, "Severity:  %s\n", json_str_or(d, "severity", ""));
	if (json_str(d, "about") != NULL)
		buf_addf(body, "About:     %s\n", json_str(d, "about"));
	if (t->instance != NULL)
		buf_addf(body, "Instance:  %s\n", t->instance);
	buf_adds(body, "\n    frontdesk status\n");
}

static void
say_of_conversation(const struct conversation *c, struct buf *body)
{
	char time[TIME_TEXT_BYTES];

	buf_addf(body, "Conversation:  %s\nInstance:      %s\n", c->id,
	    c->instance);
	buf_addf(body, "Status:        %s, %s\n", c->status, c->priority);
	buf_addf(body, "Owner:         %s\n",
	    c->assignee != NULL ? c->assignee : c->owner);
	if (c->team != NULL)
		buf_addf(body, "Team:          %s\n", c->team);
	if (c->waiting_ms != 0)
		buf_addf(body, "Waiting since: %s\n",
		    time_text(c->waiting_ms, time));
}

static void
say_text(const struct event *cause, struct buf *body)
{
	const char *text = json_str(cause->data, "text"), *line;
	char *who = utf8_show(json_str_or(cause->data, "name", "The customer"),
		 false),
	     *shown = utf8_show(text != NULL ? text : "", true);
	size_t len;

	if (text != NULL)
		buf_addf(body, "\n%s:\n", who);
	for (line = shown; *line != '\0'; line += len) {
		len = strcspn(line, "\n");
		buf_addf(body, "> %.*s\n", (int)len, line);
		len += line[len] == '\n';
	}
	free(shown);
	free(who);
}

static int
say_of_request(struct stage *st, const struct work *w, bool text,
    char **ret_subject, struct buf *body)
{
	const struct task *t = &w->task;
	size_t more = json_array_size(w->covered) - 1;
	struct conversation *c = NULL;
	struct event *cause = NULL;
	int code = task_cause(stage_store(st), t, text, &cause);

	if (code == 0 && t->conversation != NULL)
		code = conversation_get(stage_store(st), t->conversation, &c);
	if (code == 0 || code == ERR_NOINPUT) {
		code = 0;
		*ret_subject = c != NULL ?
		    xformat("conversation %s: %s", c->id, t->rule) :
		    xformat("%s: %s",
			t->instance != NULL ? t->instance : "frontdesk",
			t->rule);
		buf_addf(body, "Rule:          %s\nEvent:         %s\n",
		    t->rule, cause->type);
		if (c != NULL)
			say_of_conversation(c, body);
		if (more > 0)
			buf_addf(body, "And:           %zu more like it\n",
			    more);
		if (text)
			say_text(cause, body);
		if (c != NULL)
			buf_addf(body, "\n    frontdesk conv show %s\n", c->id);
	}
	conversation_free(c);
	event_free(cause);
	return code;
}

static int
write_letter(struct stage *st, struct work *w)
{
	const struct notifier *n = stage_ctx(st);
	bool text = w->to.channel != NULL && w->to.channel->text;
	char *subject = NULL;
	struct buf body = BUF_INIT(0), whole = BUF_INIT(0);
	struct letter l = { .from = n->from,
		.from_name = setting_text(n->conf, "desk", "name"),
		.to = w->to.channel != NULL ? w->to.channel->mail :
					      w->to.addresses,
		.id = w->task.id,
		.thread = w->task.conversation,
		.time_ms = w->job->first_ms };
	int code = 0;

	if (strcmp(w->task.request->type, ALERT) == 0)
		say_of_alert(&w->task, &subject, &body);
	else
		code = say_of_request(st, w, text, &subject, &body);
	if (code == 0) {
		l.subject = subject;
		l.body = body.data;
		letter_write(&l, &whole);
		w->input = buf_detach(&whole);
	}
	buf_release(&body);
	buf_release(&whole);
	free(subject);
	return code;
}

static int
write_line(struct stage *st, struct work *w)
{
	char *line = NULL;
	int code;

	if (strcmp(w->task.request->type, ALERT) == 0)
		line = event_line(w->task.request);
	code = line != NULL ?
	    0 :
	    task_line(stage_store(st), &w->task, w->to.channel->text, &line);
	if (code == 0)
		w->input = xformat("%s\n", line);
	free(line);
	return code;
}

/* --- begin --- */

/* Until when they have been told lately; 0: they have not. What is read from a
 * file does not wait by the clock of the wall. */
static int
quiet_until(struct stage *st, const struct task *t, int64_t *ret_ms)
{
	const struct notifier *n = stage_ctx(st);
	int64_t told_ms = 0;
	int code = last_told(stage_store(st), t, &told_ms);

	*ret_ms = stage_options.follow && !t->again && told_ms > 0 &&
		told_ms <= now_ms() && now_ms() < told_ms + n->quiet_ms ?
	    told_ms + n->quiet_ms :
	    0;
	return code;
}

static int
prepare(struct stage *st, struct job *j, struct work *w)
{
	int64_t until_ms = 0;
	int code = quiet_until(st, &w->task, &until_ms);

	if (code < 0)
		return code;
	if (until_ms > 0) {
		stage_wait(st, j, until_ms);
		return 0;
	}
	return w->to.channel != NULL && w->to.channel->exec != NULL ?
	    write_line(st, w) :
	    write_letter(st, w);
}

static int
begin(struct stage *st, struct job *j)
{
	struct work *w = xcalloc(1, sizeof(*w));
	int code = open_task(st, j->event, &w->task);

	w->stage = st;
	w->job = j;
	j->own = w;
	if (code <= 0)
		return code < 0 ? code : BEGIN_CLOSED;
	code = task_settled(stage_store(st), &w->task, j->event);
	if (code != 0)
		return code < 0 ? code : BEGIN_CLOSED;
	code = find_covered(stage_store(st), j, &w->task, &w->covered);
	if (code == 0)
		code = find(st, j, &w->task, &w->to);
	if (code == 0 && w->to.trouble != NULL) {
		code = not_told(st, j, &w->task, w->covered, w->to.trouble);
		return code < 0 ? code : BEGIN_CLOSED;
	}
	if (code == 0 && w->to.is_told)
		return BEGIN_CLOSED;
	if (code == 0)
		code = prepare(st, j, w);
	return code < 0 ? code : BEGIN_START;
}

/* --- the telling --- */

static void
on_end(void *arg, const struct program_report *report)
{
	struct work *w = arg;

	fault("desk-notify.told");
	w->report = *report;
	stage_finish(w->stage, w->job);
}

/* sendmail -t -i -f FROM, and what is set before that; free the array. */
static char **
mailer(const struct notifier *n)
{
	static const char *const more[] = { "-t", "-i", "-f" };
	char **argv;
	size_t k = 0, i;

	while (n->sendmail[k] != NULL)
		k++;
	argv = xcalloc(k + 5, sizeof(*argv));
	memcpy(argv, n->sendmail, k * sizeof(*argv));
	for (i = 0; i < 3; i++)
		argv[k++] = (char *)(uintptr_t)more[i];
	argv[k] = n->from;
	return argv;
}

static int
start(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	const struct notifier *n = stage_ctx(st);
	bool by_mail = w->to.channel == NULL || w->to.channel->exec == NULL;
	char *id = xformat("FRONTDESK_ACTION=%s", w->task.id),
	     *environment[] = { id, NULL },
	     **argv = by_mail ? mailer(n) : w->to.channel->exec;
	const struct program p = { .argv = argv,
		.environment = environment,
		.store = *store_dir(stage_store(st)) != '\0' ?
		    store_dir(stage_store(st)) :
		    NULL,
		.is_trusted = by_mail,
		.wall_ms = n->timeout_ms,
		.output_bytes = OUTPUT_MAX_BYTES };
	struct buf in = BUF_INIT(0);

	buf_adds(&in, w->input);
	if (programs_start(n->programs, &p, &in, on_end, w) < 0) {
		w->report = (struct program_report){ .lost = true };
		stage_finish(st, j);
	}
	buf_release(&in);
	if (by_mail)
		free(argv);
	free(id);
	return 0;
}

/* --- the outcome --- */

static const char *
reason_of(const struct program_report *r)
{
	if (r->lost)
		return "what tells them was lost";
	if (r->end.unrun)
		return "what tells them could not be run";
	if (r->end.late)
		return "what tells them took too long";
	if (r->end.full)
		return "what tells them wrote too much";
	return r->end.status != 0 ? "what tells them failed" : NULL;
}

static int
status_of(const struct program_report *r)
{
	if (r->lost || r->end.unrun || r->end.late || r->end.full ||
	    !WIFEXITED(r->end.status))
		return -1;
	return WEXITSTATUS(r->end.status);
}

/* How long until the next try; -1: there is none. */
static int64_t
again_in(struct stage *st, const struct job *j, const struct work *w)
{
	const struct notifier *n = stage_ctx(st);
	int64_t wait = n->retry_ms;
	size_t i;

	for (i = 0; i < sizeof(final_statuses) / sizeof(*final_statuses); i++)
		if (status_of(&w->report) == final_statuses[i])
			return -1;
	for (i = 1; i < (size_t)j->attempt && wait < MAX_AGE_MS; i++)
		wait *= TIMES;
	return j->attempt < n->tries && now_ms() + wait <= j->deadline_ms ?
	    wait :
	    -1;
}

static int
told(struct stage *st, const struct job *j, const struct work *w)
{
	json_t *data;
	int code = note_told(stage_store(st), &w->task);

	if (code < 0)
		return code;
	data = task_outcome(&w->task, j->attempt);
	json_put(data, "by",
	    w->to.channel != NULL && w->to.channel->exec != NULL ? "exec" :
								   "mail");
	json_put_int(data, "took_ms", w->report.took_ms);
	return tell(st, j, &w->task, w->covered, "notification.sent", data);
}

static int
finish(struct stage *st, struct job *j)
{
	struct work *w = j->own;
	const char *reason = reason_of(&w->report);
	const int status = status_of(&w->report);
	int64_t wait;
	json_t *data;
	int code = task_settled(stage_store(st), &w->task, j->event);
	char *words;

	if (code != 0)
		return code < 0 ? code : 0;
	if (reason == NULL)
		return told(st, j, w);
	if (w->report.why[0] != '\0')
		log_warnx("%s: action %s: %s", w->task.name, w->task.id,
		    w->report.why);
	wait = again_in(st, j, w);
	words = status > 0 ? xformat("%s (status %d)", reason, status) :
			     xstrdup(reason);
	if (wait >= 0) {
		stage_failed(st, "%s: action %s: %s: again in %lld s",
		    w->task.name, w->task.id, words,
		    (long long)(wait + 999) / 1000);
		stage_retry(st, j, now_ms() + wait);
	} else
		stage_failed(st, "%s: action %s: %s", w->task.name, w->task.id,
		    words);
	free(words);
	if (wait >= 0)
		return 0;
	data = task_outcome(&w->task, j->attempt);
	json_put(data, "reason", reason);
	if (status > 0)
		json_put_int(data, "status", status);
	return tell(st, j, &w->task, w->covered, "notification.failed", data);
}

static int
wait_for(struct stage *st, struct pollfd *fds, int nfds, int timeout_ms)
{
	struct notifier *n = stage_ctx(st);

	return programs_wait(n->programs, fds, nfds, timeout_ms);
}

static const char *const types[] = { TASK_TYPES, ALERT, NULL };

static const struct stage_def def = {
	.name = "desk-notify",
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
set_up(struct notifier *n)
{
	char **names = task_names(n->conf, CHANNEL);
	struct channel *c;
	size_t i;

	for (i = 0; names[i] != NULL; i++) {
		/* The others can be told all the same. */
		if (channel_open(n->conf, names[i], &c) < 0)
			log_warnx("%s", c->fault);
		c->next = n->channels;
		n->channels = c;
	}
	task_names_free(names);
	if (stage_options.jobs > RUNS_MAX)
		stage_options.jobs = RUNS_MAX;
	n->programs = programs_new();
}

int
main(int argc, char *argv[])
{
	struct notifier n = { 0 };
	struct channel *c;
	struct cli cli;
	int code;

	cli_open(&cli, &spec, argc, argv);
	cli_args(&cli, 0, 0);
	task_command(&cli, &task_notify, stage_options.store);
	if (stage_options.follow)
		cli_hold_hangup();
	cli_need(conf_open(&n.conf));
	cli_need(read_settings(&n));
	if (task_options.check)
		cli_exit(check(&n));
	set_up(&n);
	code = stage_run(&def, &n);
	programs_free(n.programs);
	while ((c = n.channels) != NULL) {
		n.channels = c->next;
		channel_free(c);
	}
	task_names_free(n.sendmail);
	free(n.from);
	free(n.fault);
	conf_close(n.conf);
	cli_exit(code);
}
