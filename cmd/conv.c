/*
 * conv - the conversations of the desk: look, answer, hand around
 *
 * Every change is one transaction: the rows, their events, the audit.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/editor.h"
#include "base/err.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/screen.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "desk/conversation.h"
#include "desk/errand.h"
#include "desk/finds.h"
#include "desk/history.h"
#include "desk/listing.h"
#include "desk/media.h"
#include "desk/names.h"
#include "desk/person.h"
#include "desk/record.h"
#include "desk/rows.h"
#include "desk/seen.h"
#include "desk/settings.h"
#include "desk/team.h"
#include "desk/transcript.h"
#include "desk/watch.h"
#include "desk/words.h"
#include "desk/typist.h"
#include "wa/answering.h"
#include "wa/canned.h"
#include "wa/compose.h"
#include "wa/verb.h"
#include "wa/view.h"
#include "wa/writing.h"

#define STDIN_MAX_BYTES (64 * 1024)
#define TAG_MAX_BYTES 64
#define REASON_MAX_BYTES 200
#define FOLLOW_POLL_MS 60000 /* should a bell ever be missed */
#define FOUND_DEFAULT 50
#define MEDIA_READ_BYTES 65536

static const char *store_flag, *status, *owner, *instance, *assignee, *priority,
    *team, *promises;
static const char *of_contact, *since, *sort = "wait";
static struct cli_list tags;
static bool as_json, as_plain, ids_only, unread, waiting, to_ai, follow,
    as_text, as_html;
static int64_t count = -1, waiting_over_ms;
static const char *reply_to, *reaction, *medium_file, *medium_kind,
    *template_name, *language, *list_file, *location, *content_file, *draft,
    *canned;
static bool force;
static struct cli_list buttons, parameters;

static const struct cli_option common[] = { { 'S', "store", "STORE", CLI_TEXT,
						&store_flag,
						"directory of the store" },
	{ 0, "json", NULL, CLI_FLAG, &as_json, "print JSON Lines" }, CLI_END };

#define FILTER_OPTIONS                                                            \
	{ 0, "assignee", "PERSON", CLI_TEXT, &assignee,                           \
		"only this person's; me for your own" },                          \
	    { 0, "contact", "CONTACT", CLI_TEXT, &of_contact,                     \
		    "only this customer's: an id, a number, a name" },            \
	    { 0, "instance", "NAME", CLI_TEXT, &instance,                         \
		    "only these instances" },                                     \
	    { 0, "language", "LANGUAGE", CLI_TEXT, &language,                     \
		    "only whose customer writes it: pt, pt-BR" },                 \
	    { 'n', "count", "N", CLI_NUMBER, &count, "at most N" },               \
	    { 0, "owner", "OWNER", CLI_TEXT, &owner, "ai, queue, user" },         \
	    { 0, "priority", "PRIORITY", CLI_TEXT, &priority,                     \
		    "low, medium, high, urgent" },                                \
	    { 0, "sla", "STATE", CLI_TEXT, &promises,                             \
		    "missed: something promised is; due: it is not yet" },        \
	    { 0, "status", "STATUS", CLI_TEXT, &status,                           \
		    "open, snoozed, resolved, archived, all" },                   \
	    { 0, "tag", "TAG", CLI_LIST, &tags, "only those with this tag" },     \
	    { 0, "team", "TEAM", CLI_TEXT, &team, "only these teams'" },          \
	    { 0, "unread", NULL, CLI_FLAG, &unread,                               \
		    "only where you have not seen the customer's last message" }, \
	    { 0, "waiting", NULL, CLI_FLAG, &waiting,                             \
		    "only where the customer waits" },                            \
	{                                                                         \
		0, "waiting-over", "DURATION", CLI_DURATION, &waiting_over_ms,    \
		    "only where the customer has waited for so long"              \
	}

static const struct cli_option list_options[] = { FILTER_OPTIONS,
	{ 0, "ids", NULL, CLI_FLAG, &ids_only, "print ids only" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	{ 0, "sort", "ORDER", CLI_TEXT, &sort,
	    "wait, last, opened, priority, due; behind - the other way round" },
	{ 0, "watch", NULL, CLI_FLAG, &follow,
	    "show what changes as it does; off a terminal as JSON Lines" },
	CLI_END };

static const struct cli_option search_options[] = { FILTER_OPTIONS,
	{ 0, "ids", NULL, CLI_FLAG, &ids_only,
	    "print ids of conversations only" },
	{ 0, "plain", NULL, CLI_FLAG, &as_plain, "tab-separated, no header" },
	{ 0, "since", "WHEN", CLI_TEXT, &since,
	    "only what was said since a time, or a duration back" },
	CLI_END };

static const struct cli_option show_options[] = {
	{ 'n', "count", "N", CLI_NUMBER, &count, "only the last N messages" },
	{ 0, "follow", NULL, CLI_FLAG, &follow, "go on with what comes" },
	{ 0, "watch", NULL, CLI_FLAG, &follow, "the same" }, CLI_END
};

static const struct cli_option history_options[] = {
	{ 'n', "count", "N", CLI_NUMBER, &count, "only the last N messages" },
	CLI_END
};

static const struct cli_option export_options[] = {
	{ 0, "html", NULL, CLI_FLAG, &as_html, "as a page to be read" },
	{ 0, "text", NULL, CLI_FLAG, &as_text, "as a text to be read" }, CLI_END
};

static const struct cli_option reply_options[] = {
	{ 0, "button", "TITLE", CLI_LIST, &buttons,
	    "with a button for a reply, up to 10" },
	{ 0, "canned", "REPLY", CLI_TEXT, &canned,
	    "the [reply REPLY] of the settings, in the customer's language" },
	{ 0, "content", "FILE", CLI_TEXT, &content_file,
	    "the Cloud API's object of any kind; - is stdin" },
	{ 0, "draft", "WORD", CLI_TEXT, &draft,
	    "keep the text and send nothing; send, show or drop what is kept" },
	{ 0, "file", "FILE", CLI_TEXT, &medium_file,
	    "a picture, video, sound or document; TEXT is its caption" },
	{ 0, "force", NULL, CLI_FLAG, &force,
	    "although somebody else is writing, or something was said since" },
	{ 0, "kind", "KIND", CLI_TEXT, &medium_kind,
	    "send the file as image, video, audio, voice, document, sticker" },
	{ 0, "language", "LANGUAGE", CLI_TEXT, &language,
	    "of the template (en_US) or of what is canned" },
	{ 0, "list", "FILE", CLI_TEXT, &list_file,
	    "with a list to choose from: its action, in JSON" },
	{ 0, "location", "LAT,LONG", CLI_TEXT, &location,
	    "a place; TEXT is its name" },
	{ 0, "param", "VALUE", CLI_LIST, &parameters,
	    "parameter of the template's body, in order" },
	{ 0, "reaction", "EMOJI", CLI_TEXT, &reaction,
	    "react to the message given instead of TEXT" },
	{ 0, "reply-to", "MESSAGE", CLI_TEXT, &reply_to,
	    "quote this message: an id, or last" },
	{ 0, "template", "NAME", CLI_TEXT, &template_name,
	    "send a template instead" },
	CLI_END
};

static bool round_robin, least_loaded, no_survey;

static const struct cli_option resolve_options[] = {
	{ 0, "no-survey", NULL, CLI_FLAG, &no_survey,
	    "do not ask the customer how it was" },
	CLI_END
};

static const struct cli_option assign_options[] = {
	{ 0, "least-loaded", NULL, CLI_FLAG, &least_loaded,
	    "to whoever of the team has the fewest" },
	{ 0, "team", "TEAM", CLI_TEXT, &team,
	    "to the queue of a team instead" },
	{ 0, "round-robin", NULL, CLI_FLAG, &round_robin,
	    "to whoever of the team has had none for longest" },
	CLI_END
};

static int64_t pause_ms;

static const struct cli_option pause_options[] = {
	{ 0, "for", "DURATION", CLI_DURATION, &pause_ms,
	    "until then; without it until it is released" },
	CLI_END
};

static const struct cli_option release_options[] = {
	{ 0, "to-ai", NULL, CLI_FLAG, &to_ai, "let the AI answer again" },
	CLI_END
};

static int watch(struct store *s, const struct listing_filter *f, char *self);

static void
say(const char *text)
{
	cli_warn("%s", text);
}

static void
print_lines(const char *lines)
{
	fputs(lines, stdout);
}

static int
begin(struct errand *e, const char *verb)
{
	int code = errand_begin(e, store_flag, verb);

	if (code == 0)
		code = person_clock(e->store, e->self);
	e->say = say;
	e->tell = as_json ? print_lines : NULL;
	return code;
}

/* Who looks, if they may: times are theirs from here on. */
static int
reader(struct store *s, char **ret_self)
{
	char *self = NULL;
	int code = person_self(s, MAY_READ, &self);

	if (code == 0)
		code = person_clock(s, self);
	if (code == 0)
		*ret_self = self;
	else
		free(self);
	return code;
}

/* One of many that failed is named. */
static void
say_failed(const char *name)
{
	if (strstr(err_reason(), name) != NULL)
		cli_warn("%s", err_reason());
	else
		cli_warn("%s: %s", name, err_reason());
}

/* fn on each name that is a line of stdin; one that fails is said and the rest
 * still done. */
static int
each_name(void *ctx, int (*fn)(void *ctx, const char *name))
{
	char *line = NULL, *name;
	size_t room = 0;
	int code, ret = 0;

	while (getline(&line, &room, stdin) >= 0) {
		name = str_trim(line);
		if (*name == '\0')
			continue;
		code = fn(ctx, name);
		if (code < 0)
			say_failed(name);
		if (code < 0 && (ret == 0 || code != ERR_NO))
			ret = code;
		if (as_json && fflush(stdout) != 0)
			break;
	}
	free(line);
	if (ferror(stdin))
		return err_set(ERR_IO, "stdin: cannot be read");
	/* All has been said. */
	return ret;
}

/* What is done to each that stdin names. */
struct line_errand {
	struct errand *e;
	errand_fn fn;
	const void *arg;
};

static int
do_line(void *ctx, const char *name)
{
	const struct line_errand *l = ctx;

	return errand_do(l->e, name, l->fn, l->arg);
}

static int
each_line(struct errand *e, errand_fn fn, const void *arg)
{
	struct line_errand l = { e, fn, arg };

	return each_name(&l, do_line);
}

/* A status without its words. */
static int
said_already(int code)
{
	if (code < 0 && code != ERR_NO) {
		fflush(stdout);
		exit(err_status(code));
	}
	return code;
}

/*
 * What stands beside - is no conversation and no - where it is to be said or
 * written down: whoever typed "reply 7k3ab2xy -" wanted the text from stdin,
 * and no customer is to get an id.
 */
static void
check_beside_ids(struct cli *cli, const struct errand *e, errand_fn fn)
{
	struct conversation *c = NULL;

	if (cli->nargs < 2 || fn == verb_merge || fn == verb_split)
		return;
	if (strcmp(cli->args[1], "-") == 0 ||
	    (strlen(cli->args[1]) == SHORT_ID_BYTES - 1 &&
		conversation_get(e->store, cli->args[1], &c) == 0)) {
		conversation_free(c);
		cli_usage(cli,
		    "- stands for the conversations whose ids standard input "
		    "has; a text is read from there without it");
	}
}

/* The deed on the conversation of the arguments; - stands for those of stdin,
 * where its place is, or the last of two. */
static int
one(struct cli *cli, errand_fn fn, const void *arg)
{
	struct errand e;
	int code;

	cli_need(begin(&e, cli->verb->name));
	e.args = (const char *const *)cli->args + 1;
	e.nargs = cli->nargs - 1;
	if (strcmp(cli->args[0], "-") == 0) {
		check_beside_ids(cli, &e, fn);
		code = each_line(&e, fn, arg);
		errand_end(&e);
		return said_already(code);
	}
	code = errand_do(&e, cli->args[0], fn, arg);
	/* The answer no is said, too: a person asked. */
	if (code == ERR_NO)
		cli_warn("%s", err_reason());
	errand_end(&e);
	return code;
}

/* "tag billing -" is "tag - billing": read aloud, what is done stands first. */
static void
turn_round(struct cli *cli)
{
	char *first;

	if (cli->nargs != 2 || strcmp(cli->args[1], "-") != 0)
		return;
	first = cli->args[0];
	cli->args[0] = cli->args[1];
	cli->args[1] = first;
}

/* Each of the arguments, - for those of stdin; one that fails is named and the
 * rest still done. */
static int
each(struct cli *cli, errand_fn fn, const void *arg)
{
	struct errand e;
	int i, code, ret = 0;

	cli_args(cli, 1, INT32_MAX);
	cli_need(begin(&e, cli->verb->name));
	for (i = 0; i < cli->nargs; i++) {
		if (strcmp(cli->args[i], "-") == 0) {
			code = each_line(&e, fn, arg);
		} else {
			code = errand_do(&e, cli->args[i], fn, arg);
			if (code < 0)
				say_failed(cli->args[i]);
		}
		if (code < 0)
			ret = code;
	}
	errand_end(&e);
	return said_already(ret);
}

/* The options' words, as a filter. */
static void
list_filter(struct cli *cli, struct store *s, const char *self,
    const char *default_status, struct listing_filter *f)
{
	static char *contacts;
	struct person *p = NULL;

	if (status == NULL)
		status = default_status;
	if (listing_check("owner", owner) < 0 ||
	    listing_check("status", status) < 0 ||
	    listing_check("priority", priority) < 0 ||
	    listing_check("sla", promises) < 0)
		cli_usage(cli, "--%s", err_reason());
	memset(f, 0, sizeof(*f));
	f->reverse = *sort == '-';
	if (listing_sort_named(sort + f->reverse, &f->sort) < 0)
		cli_usage(cli, "--sort: %s", err_reason());
	if (assignee != NULL && strcmp(assignee, "me") == 0)
		assignee = self;
	if (assignee != NULL && strcmp(assignee, self) != 0)
		cli_need(person_get(s, assignee, &p));
	person_free(p);
	if (instance != NULL)
		cli_need(listing_instances(s, instance));
	if (of_contact != NULL) {
		cli_need(listing_contacts(s, of_contact, &contacts));
		f->contacts = contacts;
	}
	f->statuses = strstr(status, "all") != NULL ? NULL : status;
	f->owners = owner;
	f->priorities = priority;
	f->promises = promises;
	f->instances = instance;
	f->teams = team;
	f->languages = language;
	f->assignee = assignee;
	f->unread_of = unread ? self : NULL;
	f->tags = tags.items;
	f->ntags = tags.count;
	f->waiting = waiting;
	f->waiting_over_ms = waiting_over_ms;
	f->max = count;
}

static enum rows_form
form_asked(void)
{
	return ids_only ? ROWS_IDS :
	    as_json	? ROWS_JSON :
	    as_plain	? ROWS_PLAIN :
			  ROWS_TABLE;
}

static int
run_list(struct cli *cli)
{
	struct listing_filter filter;
	struct store *s = NULL;
	char *self = NULL;
	int code;

	cli_args(cli, 0, 0);
	cli_need(store_open(store_flag, STORE_READ, &s));
	cli_need(reader(s, &self));
	list_filter(cli, s, self, "open,snoozed", &filter);
	code = follow ? watch(s, &filter, self) :
			rows_print(s, &filter, form_asked(), self);
	free(self);
	store_close(s);
	return code;
}

/* The words of what came lately, as far as this person may write them down. */
static void
catch_up(void)
{
	struct progress *p = progress_new(STDERR_FILENO);
	struct store *s = NULL;
	int64_t due = 0, left = 0;
	int more = store_open(store_flag, STORE_WRITE, &s);

	if (more == 0)
		more = words_due(s, &due);
	if (more == 0)
		do {
			more = words_index(s, 1);
			words_due(s, &left);
			progress_words(p, "words of messages: %lld of %lld",
			    (long long)(due - left), (long long)due);
		} while (more == 1);
	progress_free(p);
	if (more < 0)
		cli_warn("the newest messages are not looked at: %s",
		    err_reason());
	store_close(s);
}

/* What may be said by reply --canned. */
static int
print_replies(void)
{
	struct conf *conf = NULL;
	char **names;
	size_t i;
	int code = conf_open(&conf);

	if (code < 0)
		return code;
	names = canned_names(conf);
	for (i = 0; names[i] != NULL; i++)
		printf("%s\n", names[i]);
	canned_names_free(names);
	conf_close(conf);
	return 0;
}

/* What it is of stands behind a tab. */
static void
print_name(void *ctx, const char *name, const char *of)
{
	char *shown = utf8_show(name, false), *of_shown = utf8_show(of, false);

	(void)ctx;
	printf("%s%s%s\n", shown, *of != '\0' ? "\t" : "", of_shown);
	free(shown);
	free(of_shown);
}

static int
run_names(struct cli *cli)
{
	struct store *s = NULL;
	char *self = NULL;
	int code;

	cli_args(cli, 1, 1);
	if (strcmp(cli->args[0], "reply") == 0)
		return print_replies();
	cli_need(store_open(store_flag, STORE_READ, &s));
	cli_need(reader(s, &self));
	code = names_each(s, cli->args[0], print_name, NULL);
	if (code == ERR_USAGE)
		cli_usage(cli, "%s", err_reason());
	free(self);
	store_close(s);
	return code;
}

static int
run_search(struct cli *cli)
{
	struct listing_filter filter;
	struct question question;
	struct finds finds = { .question = &question,
		.asked = (const char *const *)cli->args,
		.nasked = (size_t)cli->nargs,
		.filter = &filter,
		.form = form_asked() };
	struct store *s = NULL;
	char *self = NULL;
	int64_t due = 0;
	int code;

	cli_args(cli, 1, INT32_MAX);
	if (count < 0)
		count = FOUND_DEFAULT;
	finds.max = count;
	if (since != NULL && since_parse(since, &finds.since_ms) < 0)
		cli_usage(cli, "--since: %s", err_reason());
	if (question_init(&question, finds.asked, finds.nasked) < 0)
		cli_usage(cli, "%s", err_reason());
	cli_need(store_open(store_flag, STORE_READ, &s));
	cli_need(reader(s, &self));
	list_filter(cli, s, self, "all", &filter);
	cli_need(words_due(s, &due));
	if (due > 0)
		catch_up();
	code = finds_print(s, &finds);
	question_release(&question);
	free(self);
	store_close(s);
	return code;
}

/* How long after the customer's words a free text is taken. Broken settings
 * are no reason not to look or to answer: the default, then. */
static int64_t
window_ms(void)
{
	struct conf *conf = NULL;
	int64_t ms = 0;

	if (conf_open(&conf) < 0 ||
	    setting_duration(conf, "wa", "window", &ms) < 0) {
		cli_warn("%s", err_reason());
		cli_need(setting_duration(NULL, "wa", "window", &ms));
	}
	conf_close(conf);
	return ms;
}

static struct transcript_style
text_style(const char *self)
{
	struct transcript_style style = { .colour = cli_colour(),
		.self = self,
		.last = (int)count,
		.window_ms = window_ms() };
	struct winsize ws;

	if (isatty(1) && ioctl(1, TIOCGWINSZ, &ws) == 0)
		style.width = ws.ws_col;
	return style;
}

/* A conversation as it is looked at, and goes on. */
struct look {
	struct store *s;
	const char *self;
	char id[SHORT_ID_BYTES];
	struct transcript_told told;
	char *writers; /* who else is writing, as it was told last; NULL */
	int64_t seq;   /* as JSON: events up to here are printed */
};

/* Who has begun to write since the last look; the head tells it at the first. */
static void
add_writers(struct look *l, const char *id, struct buf *ret)
{
	char *now = typist_names(l->s, id, l->self, now_ms());

	if (l->writers != NULL && *now != '\0' && strcmp(now, l->writers) != 0)
		buf_addf(ret, "~ %s writing a reply\n", now);
	free(l->writers);
	l->writers = now;
}

/* What there is new of it; all, the first time. */
static int
look_at(struct look *l)
{
	const struct transcript_style style = text_style(l->self);
	struct conversation *c = NULL;
	struct buf b = BUF_INIT(0);
	int64_t seq;
	int code = conversation_get(l->s, l->id, &c);

	if (code == 0 && as_json && count > 0 && l->seq == 0)
		code = record_last(l->s, c->id, count, &l->seq);
	if (code == 0 && as_json)
		do {
			seq = l->seq;
			buf_reset(&b);
			code = record_events(l->s, c->id, &l->seq, &b);
			fwrite(b.data != NULL ? b.data : "", 1, b.len, stdout);
		} while (code == 0 && l->seq != seq);
	else if (code == 0) {
		if (l->told.count == 0)
			code = transcript_head(l->s, c, &style, now_ms(), &b);
		if (code == 0)
			code = transcript_news(l->s, c, &style, now_ms(),
			    &l->told, &b);
		if (code == 0)
			add_writers(l, c->id, &b);
		fwrite(b.data != NULL ? b.data : "", 1, b.len, stdout);
	}
	buf_release(&b);
	conversation_free(c);
	return code;
}

/* A look, after which it is read. */
static int
look_and_mark(struct look *l, const char *self)
{
	bool unread_before;
	int64_t seq = 0;
	/* What comes while it is read may not be in what is shown. */
	int code = log_last(l->s, &seq);

	if (code < 0)
		return code;
	unread_before = seen_unread(l->s, self, l->id);
	code = look_at(l);
	if (code == 0 && fflush(stdout) != 0)
		code = err_errno(ERR_IO, "stdout");
	if (code == 0)
		view_looked(store_flag, l->id, seq, unread_before);
	return code;
}

/* Until the bell rings; 1 if nobody reads on. */
static int
wait_for_bell(int bell)
{
	struct pollfd fds[2] = { { bell, POLLIN, 0 }, { STDOUT_FILENO, 0, 0 } };
	int n = poll(fds, 2, FOLLOW_POLL_MS);

	if (n < 0 && errno != EINTR)
		return err_errno(ERR_IO, "poll");
	bell_clear(bell);
	return n > 0 && (fds[1].revents & (POLLERR | POLLHUP)) != 0;
}

/* A look at one of several. */
static int
look_line(void *ctx, const char *name)
{
	struct look *all = ctx, l = { .s = all->s, .self = all->self };
	int code = conversation_named(l.s, name, l.id);

	if (code == 0 && all->seq++ > 0 && !as_json)
		printf("\n");
	if (code == 0)
		code = look_and_mark(&l, l.self);
	transcript_told_release(&l.told);
	free(l.writers);
	return code;
}

static int
run_show(struct cli *cli)
{
	struct look l = { .s = NULL };
	char *self = NULL, *path;
	int bell = -1, code;

	cli_args(cli, 1, 1);
	if (follow && strcmp(cli->args[0], "-") == 0)
		cli_usage(cli, "--follow is of one conversation");
	cli_need(store_open(store_flag, STORE_READ, &l.s));
	cli_need(reader(l.s, &self));
	l.self = self;
	if (strcmp(cli->args[0], "-") == 0) {
		code = said_already(each_name(&l, look_line));
		free(self);
		store_close(l.s);
		return code;
	}
	cli_need(conversation_named(l.s, cli->args[0], l.id));
	if (follow) {
		path = store_run_path(l.s, "desk.bell");
		cli_need(bell_open(path, &bell));
		free(path);
	}
	do
		code = look_and_mark(&l, self);
	while (code == 0 && follow && (code = wait_for_bell(bell)) == 0);
	transcript_told_release(&l.told);
	free(l.writers);
	if (bell >= 0)
		close(bell);
	free(self);
	store_close(l.s);
	return code < 0 ? code : 0;
}

static int
print_history(void *store, const char *who)
{
	const struct transcript_style style = text_style(NULL);
	struct buf b = BUF_INIT(0);
	int code = history_add(store, who, &style, count, as_json, &b);

	if (code == 0 && b.len > 0)
		fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
	return code;
}

static int
run_history(struct cli *cli)
{
	struct store *s = NULL;
	char *self = NULL;
	int code;

	cli_args(cli, 1, 1);
	cli_need(store_open(store_flag, STORE_READ, &s));
	cli_need(reader(s, &self));
	code = strcmp(cli->args[0], "-") == 0 ?
	    said_already(each_name(s, print_history)) :
	    print_history(s, cli->args[0]);
	free(self);
	store_close(s);
	return code;
}

/* One conversation as it is wanted. */
static int
export_one(struct store *s, const char *name)
{
	const struct transcript_style style = { .window_ms = window_ms() };
	struct conversation *c = NULL;
	struct buf b = BUF_INIT(0);
	char id[SHORT_ID_BYTES];
	int code = conversation_named(s, name, id);

	if (code == 0)
		code = conversation_get(s, id, &c);
	if (code == 0 && as_html)
		code = record_page(s, c, &style, now_ms(), &b);
	else if (code == 0 && as_text) {
		code = transcript_head(s, c, &style, now_ms(), &b);
		if (code == 0)
			code = transcript_body(s, c, &style, &b);
		buf_addc(&b, '\n');
	} else if (code == 0)
		code = record_lines(s, c->id, &b);
	if (code == 0)
		fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
	conversation_free(c);
	return code;
}

static int
export_line(void *store, const char *name)
{
	return export_one(store, name);
}

static int
run_export(struct cli *cli)
{
	struct buf b = BUF_INIT(0);
	struct store *s = NULL;
	char *self = NULL;
	int i, code, ret = 0;

	cli_args(cli, 1, INT32_MAX);
	if (as_json + as_text + as_html > 1)
		cli_usage(cli, "--html, --json and --text: one of them");
	cli_need(store_open(store_flag, STORE_READ, &s));
	cli_need(reader(s, &self));
	record_page_begin(&b);
	if (as_html)
		fwrite(b.data, 1, b.len, stdout);
	for (i = 0; i < cli->nargs; i++) {
		if (strcmp(cli->args[i], "-") == 0) {
			code = each_name(s, export_line);
		} else {
			code = export_one(s, cli->args[i]);
			if (code < 0)
				say_failed(cli->args[i]);
		}
		if (code < 0)
			ret = code;
	}
	buf_reset(&b);
	record_page_end(&b);
	if (as_html)
		fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
	free(self);
	store_close(s);
	return said_already(ret);
}

/* What one who watches does with a key. */
static int
watch_act(void *ctx, const char *verb, const char *id)
{
	struct errand e;
	int code = begin(&e, verb);

	(void)ctx;
	e.say = NULL; /* the screen is not ours */
	if (code == 0)
		code = errand_do(&e, id,
		    strcmp(verb, "take") == 0 ? verb_take : verb_resolve,
		    &no_survey);
	errand_end(&e);
	return code;
}

static int
watch_show(void *ctx, struct store *s, const char *id, int columns,
    struct buf *ret)
{
	struct transcript_style style = { .width = columns,
		.self = ctx,
		.window_ms = window_ms() };
	struct conversation *c = NULL;
	int64_t seq = 0;
	int code = log_last(s, &seq);

	if (code == 0)
		code = conversation_get(s, id, &c);
	if (code == 0)
		code = transcript_head(s, c, &style, now_ms(), ret);
	if (code == 0)
		code = transcript_body(s, c, &style, ret);
	if (code == 0)
		view_looked(store_flag, c->id, seq, seen_unread(s, ctx, c->id));
	conversation_free(c);
	return code;
}

/* How a reply in a process of its own ended, as waitpid(2) has it; or an ERR. */
static int
reply_in_child(const char *id, bool anyway)
{
	const char *argv[] = { "conv", "reply", id, NULL, NULL, NULL, NULL };
	size_t n = 3;
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	int ended = 0;
	pid_t pid;

	if (anyway)
		argv[n++] = "--force";
	if (store_flag != NULL) {
		argv[n++] = "-S";
		argv[n++] = store_flag;
	}
	sigaction(SIGINT, &ignore, &before);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGINT, &before, NULL);
		execv("/proc/self/exe", (char *const *)argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &ended, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &before, NULL);
	return pid < 0 ? err_errno(ERR_IO, "fork") : ended;
}

/* A line of the person's: whether it begins with f. */
static bool
says_force(void)
{
	int first = getchar(), key = first;

	while (key != EOF && key != '\n')
		key = getchar();
	clearerr(stdin);
	return first == 'f';
}

/* Whatever the reply says and however it ends, the list goes on. */
static int
watch_answer(void *ctx, const char *id)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	int ended = reply_in_child(id, false);
	bool could;

	(void)ctx;
	sigaction(SIGINT, &ignore, &before);
	while (ended > 0) {
		/* Force is of use against an answer that is no. */
		could = WIFEXITED(ended) &&
		    WEXITSTATUS(ended) == err_status(ERR_NO);
		cli_warn("not answered; Enter goes back to the list%s",
		    could ? ", f and Enter goes on as with --force" : "");
		if (!says_force() || !could)
			break;
		ended = reply_in_child(id, true);
	}
	sigaction(SIGINT, &before, NULL);
	return ended > 0 ? err_set(ERR_NO, "not answered") : ended;
}

static int
watch(struct store *s, const struct listing_filter *f, char *self)
{
	const struct watch_deeds deeds = { .act = watch_act,
		.answer = watch_answer,
		.show = watch_show,
		.ctx = self };

	if (as_json || as_plain || ids_only || !screen_possible())
		return watch_lines(s, f, self);
	return watch_screen(s, f, self, &deeds);
}

/* What was not typed while we looked, or all of it at once. */
static void
keep_nothing(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

/* TEXT, else all of stdin. Caller frees. */
static char *
text_given(struct cli *cli)
{
	const struct editor_wish all = { .max_bytes = WRITING_MAX_BYTES,
		.every_ms = FOLLOW_POLL_MS,
		.tick = keep_nothing };
	char *typed, *text = NULL;
	size_t len;
	int code;

	if (cli->nargs > 1) {
		typed = xstrdup(cli->args[1]);
		len = strlen(typed);
	} else {
		if (strcmp(cli->args[0], "-") == 0)
			cli_usage(cli,
			    "with conversations from standard input the text "
			    "is an argument");
		if (isatty(STDIN_FILENO))
			cli_warn("the text, then Ctrl-D");
		cli_need(editor_read(STDIN_FILENO, &all, &typed, &len));
	}
	code = writing_text(typed, len, &text);
	free(typed);
	cli_need(code);
	return text;
}

static char *
write_by_hand(struct answering *r)
{
	char *text = NULL;
	int code = answering_write(r, isatty(STDOUT_FILENO), force, &text);

	if (code < 0) {
		/* Nothing is queued: why not, then where the text is. */
		cli_warn("%s", err_reason());
		answering_give_up(r);
		fflush(stdout);
		exit(err_status(code));
	}
	return text;
}

/* The text of a reply: what is kept, TEXT, or what is written now. */
static char *
text_of_reply(struct cli *cli, struct answering *r)
{
	char *text = NULL;

	if (strcmp(cli->args[0], "-") != 0)
		cli_need(answering_open(r, store_flag, cli->args[0]));
	if (draft != NULL && strcmp(draft, "send") == 0) {
		if (cli_need(answering_kept(r, &text)) == 0)
			cli_die(ERR_NO, "%s: no draft of yours is kept", r->id);
		r->is_draft = r->must_be_kept = true;
		return text;
	}
	if (cli->nargs == 1 && r->store != NULL && isatty(STDIN_FILENO))
		return write_by_hand(r);
	return text_given(cli);
}

/* Keep a person's file, to be sent. */
static void
keep_file(struct writing *w)
{
	struct store *s = NULL;
	char *self = NULL;

	cli_need(store_open(store_flag, STORE_WRITE, &s));
	cli_need(person_self(s, MAY_WRITE, &self));
	cli_need(writing_file(s, medium_file, medium_kind, w));
	free(self);
	store_close(s);
}

/* A file with a value of JSON, - for stdin. */
static json_t *
json_file(const char *path)
{
	struct buf b = BUF_INIT(STDIN_MAX_BYTES);
	char chunk[4096], *text;
	json_t *value = NULL;
	size_t len;
	ssize_t n;
	int fd = STDIN_FILENO;

	/* By the person's own rights: this program may read the store. */
	if (strcmp(path, "-") != 0)
		fd = cli_need(person_open(path));
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(&b, chunk, (size_t)n);
	if (n < 0)
		cli_need(err_errno(ERR_NOINPUT, "%s", path));
	if (fd != STDIN_FILENO)
		close(fd);
	if (b.failed)
		cli_die(ERR_DATA, "%s: longer than %d bytes", path,
		    STDIN_MAX_BYTES);
	len = b.len;
	text = buf_detach(&b);
	if (json_value_parse(text, len, &value) < 0)
		cli_die(ERR_DATA, "%s: %s", path, err_reason());
	free(text);
	return value;
}

/* What the options say; the text is there or not as they want it. */
static void
compose(struct cli *cli, struct answering *r)
{
	bool has_text = cli->nargs > 1;
	struct writing *w = &r->what;
	json_t *file;

	w->kind = "text";
	w->quoted = reply_to;
	if (template_name != NULL) {
		w->kind = "template";
		w->template_name = template_name;
		w->language = language;
		w->parameters = parameters.items;
		w->nparameters = parameters.count;
		w->content = compose_template(template_name,
		    language != NULL ? language : "en", parameters.items,
		    parameters.count);
	} else if (location != NULL) {
		w->kind = "location";
		cli_need(compose_location(location,
		    has_text ? cli->args[1] : NULL, &w->content));
	} else if (reaction != NULL) {
		w->kind = "reaction";
		w->reaction = reaction;
		w->reacts_to = has_text ? cli->args[1] : "last";
	} else if (content_file != NULL) {
		file = json_file(content_file);
		cli_need(compose_content(file, &w->kind, &w->content));
		json_decref(file);
		if (strcmp(w->kind, "text") == 0) {
			if (has_text)
				cli_usage(cli, "%s: has the text already",
				    content_file);
			w->text = xstrdup(json_str(w->content, "text/body"));
		} else
			w->text = has_text ? xstrdup(cli->args[1]) : NULL;
	} else if (medium_file != NULL) {
		w->text = has_text ? xstrdup(cli->args[1]) : NULL;
		keep_file(w);
	} else if (canned == NULL) {
		w->text = text_of_reply(cli, r);
	}
	if (buttons.count > 0) {
		w->kind = "interactive";
		w->content =
		    compose_buttons(w->text, buttons.items, buttons.count);
	} else if (list_file != NULL) {
		w->kind = "interactive";
		file = json_file(list_file);
		cli_need(compose_list(w->text, file, &w->content));
		json_decref(file);
	}
}

/* keep, show, drop: nothing is sent. */
static int
run_draft(struct cli *cli, struct answering *r)
{
	char *text = NULL, *shown;
	int code;

	r->window_ms = window_ms();
	if (strcmp(draft, "keep") == 0) {
		r->what.text = text_of_reply(cli, r);
		code = answering_keep(r);
	} else {
		cli_need(answering_open(r, store_flag, cli->args[0]));
		code = answering_kept(r, &text);
		if (code == 1 && strcmp(draft, "show") == 0) {
			shown = utf8_show(text, true);
			printf("%s\n", shown);
			free(shown);
		} else if (code == 1) {
			code = answering_drop(r);
		} else if (code == 0) {
			cli_warn("%s: no draft of yours is kept", r->id);
			code = ERR_NO;
		}
		free(text);
	}
	answering_release(r);
	return code < 0 ? code : 0;
}

/* What --draft may be, and what it goes with. */
static void
check_draft(struct cli *cli)
{
	static const char *const words[] = { "drop", "keep", "send", "show",
		NULL };

	if (draft == NULL)
		return;
	if (!str_in(draft, words))
		cli_usage(cli, "--draft: drop, keep, send or show");
	if (strcmp(cli->args[0], "-") == 0)
		cli_usage(cli, "--draft is of one conversation");
	if (cli->nargs > 1 && strcmp(draft, "keep") != 0)
		cli_usage(cli, "--draft %s has its own text", draft);
	if (template_name != NULL || location != NULL || reaction != NULL ||
	    content_file != NULL || medium_file != NULL || canned != NULL)
		cli_usage(cli, "--draft is of a text");
	if (strcmp(draft, "send") != 0 &&
	    (buttons.count > 0 || list_file != NULL || reply_to != NULL))
		cli_usage(cli,
		    "--button, --list and --reply-to are for --draft send");
}

static int
run_reply(struct cli *cli)
{
	struct answering r = { .say = say, .mind_news = isatty(STDERR_FILENO) };
	const struct verb_canned k = { .answering = &r,
		.name = canned,
		.language = language };
	int code;

	cli_args(cli, 1, 2);
	turn_round(cli);
	if ((template_name != NULL) + (location != NULL) + (reaction != NULL) +
		(canned != NULL) + (content_file != NULL) +
		(buttons.count > 0) + (list_file != NULL) +
		(medium_file != NULL) >
	    1)
		cli_usage(cli,
		    "--button, --canned, --content, --file, --list, "
		    "--location, --reaction, --template: one of them");
	if (medium_file == NULL && medium_kind != NULL)
		cli_usage(cli, "--kind is for --file");
	if (template_name == NULL && parameters.count > 0)
		cli_usage(cli, "--param is for --template");
	if (template_name == NULL && canned == NULL && language != NULL)
		cli_usage(cli, "--language is for --canned and --template");
	if ((template_name != NULL || canned != NULL) && cli->nargs > 1)
		cli_usage(cli, "a %s has its own text",
		    canned != NULL ? "canned reply" : "template");
	check_draft(cli);
	if (reaction != NULL && reply_to != NULL)
		cli_usage(cli, "--reaction names its message instead of TEXT");
	if (draft != NULL && strcmp(draft, "send") != 0)
		return run_draft(cli, &r);
	r.window_ms = window_ms();
	r.what.anyway = force;
	compose(cli, &r);
	/* Named now: who waits for wa-send to say so has gone home. */
	code = canned == NULL ? writing_check(&r.what) : 0;
	if (code == 0)
		code = canned != NULL ? one(cli, verb_canned, &k) :
					one(cli, verb_reply, &r);
	if (code < 0 && r.store != NULL)
		answering_refused(&r, code);
	answering_release(&r);
	return code;
}

static int
run_note(struct cli *cli)
{
	char *text;
	int code;

	cli_args(cli, 1, 2);
	turn_round(cli);
	text = text_given(cli);
	code = one(cli, verb_note, text);

	free(text);
	return code;
}

static int
run_take(struct cli *cli)
{
	return each(cli, verb_take, NULL);
}

static int
run_pause(struct cli *cli)
{
	return each(cli, verb_pause, &pause_ms);
}

static int
run_release(struct cli *cli)
{
	return each(cli, verb_release, &to_ai);
}

/* A tag, the name of a team, a reason: one line, not too long. */
static void
check_label(struct cli *cli, const char *what, const char *text,
    size_t max_bytes, const char *without)
{
	size_t len = strlen(text);
	const char *p;

	if (len == 0 || len > max_bytes || !utf8_valid(text, len))
		cli_usage(cli, "a %s has 1 to %zu bytes of UTF-8", what,
		    max_bytes);
	for (p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f ||
		    strchr(without, *p) != NULL)
			cli_usage(cli, "a %s has no control characters%s%s",
			    what, *without != '\0' ? " and no " : "", without);
	/* Nobody would find it by what is seen of it. */
	if (text[0] == ' ' || text[len - 1] == ' ')
		cli_usage(cli, "a %s has no blanks at its ends", what);
}

static int
run_assign(struct cli *cli)
{
	struct verb_assign to = { .deal = round_robin ? VERB_ROUND_ROBIN :
		    least_loaded		      ? VERB_LEAST_LOADED :
							VERB_QUEUE };

	turn_round(cli);
	cli_args(cli, team != NULL ? 1 : 2, team != NULL ? 1 : 2);
	if (team != NULL)
		check_label(cli, "team", team, TAG_MAX_BYTES, ",");
	if (round_robin && least_loaded)
		cli_usage(cli, "--least-loaded, --round-robin: one of them");
	if ((round_robin || least_loaded) && team == NULL)
		cli_usage(cli, "--%s is for --team",
		    round_robin ? "round-robin" : "least-loaded");
	to.person = team != NULL ? NULL : cli->args[1];
	to.team = team;
	return one(cli, verb_assign, &to);
}

/* tag and untag */
static int
run_tag(struct cli *cli)
{
	turn_round(cli);
	cli_args(cli, 2, 2);
	check_label(cli, "tag", cli->args[1], TAG_MAX_BYTES, ",");
	return one(cli,
	    strcmp(cli->verb->name, "tag") == 0 ? verb_tag : verb_untag,
	    cli->args[1]);
}

static int
run_priority(struct cli *cli)
{
	turn_round(cli);
	cli_args(cli, 2, 2);
	if (!priority_valid(cli->args[1]))
		cli_usage(cli, "'%s': low, medium, high or urgent",
		    cli->args[1]);
	return one(cli, verb_priority, cli->args[1]);
}

static int
run_escalate(struct cli *cli)
{
	turn_round(cli);
	cli_args(cli, 1, 2);
	if (cli->nargs > 1)
		check_label(cli, "reason", cli->args[1], REASON_MAX_BYTES, "");
	return one(cli, verb_escalate, cli->nargs > 1 ? cli->args[1] : NULL);
}

static int
run_resolve(struct cli *cli)
{
	return each(cli, verb_resolve, &no_survey);
}

static int
run_snooze(struct cli *cli)
{
	struct store *s = NULL;
	char *self = NULL;
	int64_t until_ms;

	turn_round(cli);
	cli_args(cli, 2, 2);
	/* A time of the day is of their clock. */
	cli_need(store_open(store_flag, STORE_READ, &s));
	cli_need(reader(s, &self));
	free(self);
	store_close(s);
	if (time_ahead(cli->args[1], now_ms(), &until_ms) < 0)
		cli_usage(cli, "%s", err_reason());
	return one(cli, verb_snooze, &until_ms);
}

static int
run_reopen(struct cli *cli)
{
	return each(cli, verb_reopen, NULL);
}

static int
run_archive(struct cli *cli)
{
	return each(cli, verb_archive, NULL);
}

static int
run_merge(struct cli *cli)
{
	cli_args(cli, 2, 2);
	turn_round(cli);
	return one(cli, verb_merge, cli->args[1]);
}

static int
run_split(struct cli *cli)
{
	cli_args(cli, 2, INT32_MAX);
	turn_round(cli);
	return one(cli, verb_split, NULL);
}

/* The bytes of a message's medium, as they came. */
static int
run_media(struct cli *cli)
{
	struct media *m = NULL;
	struct store *s = NULL;
	char *self = NULL, *path, *data;
	ssize_t n;
	int fd, code;

	cli_args(cli, 1, 1);
	if (isatty(STDOUT_FILENO))
		cli_usage(cli,
		    "its bytes are not for a terminal: send them "
		    "to a file");
	cli_need(store_open(store_flag, STORE_READ, &s));
	cli_need(reader(s, &self));
	cli_need(media_get(s, cli->args[0], &m));
	if (m->sha256 == NULL)
		cli_die(ERR_NOINPUT, "it could not be fetched: %s", m->reason);
	path = media_path(s, m->sha256);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		cli_need(err_errno(ERR_IO, "%s", path));
	data = xmalloc(MEDIA_READ_BYTES);
	code = 0;
	while (code == 0 && (n = read(fd, data, MEDIA_READ_BYTES)) != 0)
		if (n < 0)
			code = err_errno(ERR_IO, "%s", path);
		else if (write_all(STDOUT_FILENO, data, (size_t)n) < 0)
			code = err_errno(ERR_IO, "output");
	close(fd);
	free(data);
	free(path);
	media_free(m);
	free(self);
	store_close(s);
	return code;
}

static const struct cli_verb verbs[] = { { "archive", "CONVERSATION ...",
					     "put it away, resolved", NULL,
					     run_archive },
	{ "assign", "CONVERSATION [PERSON]", "give it to a person or a team",
	    assign_options, run_assign },
	{ "escalate", "CONVERSATION [REASON]", "ask for a person", NULL,
	    run_escalate },
	{ "export", "CONVERSATION ...", "print all that is kept of them",
	    export_options, run_export },
	{ "history", "CONTACT|CONVERSATION",
	    "show all conversations of a customer", history_options,
	    run_history },
	{ "list", "", "list conversations, who waits longest first",
	    list_options, run_list },
	{ "media", "MESSAGE", "print the bytes of its picture, voice or file",
	    NULL, run_media },
	{ "merge", "CONVERSATION OTHER", "its customer is that of another one",
	    NULL, run_merge },
	{ "names", "contact|conversation|instance|person|reply|tag|team",
	    "print the names of a kind, for shells to complete", NULL,
	    run_names },
	{ "note", "CONVERSATION [TEXT]", "leave a note for colleagues", NULL,
	    run_note },
	{ "priority", "CONVERSATION PRIORITY", "say how urgent it is", NULL,
	    run_priority },
	{ "pause", "CONVERSATION ...", "keep the AI out of it for a while",
	    pause_options, run_pause },
	{ "release", "CONVERSATION ...", "give it back to the queue",
	    release_options, run_release },
	{ "reopen", "CONVERSATION ...", "go on with what was put away or rests",
	    NULL, run_reopen },
	{ "reply", "CONVERSATION [TEXT]", "answer the customer, and take it",
	    reply_options, run_reply },
	{ "resolve", "CONVERSATION ...", "say that it is done", resolve_options,
	    run_resolve },
	{ "search", "WORD ...",
	    "messages that hold all the words, newest first", search_options,
	    run_search },
	{ "show", "CONVERSATION", "show what was said and done", show_options,
	    run_show },
	{ "snooze", "CONVERSATION WHEN",
	    "let it rest until then, or the customer writes", NULL,
	    run_snooze },
	{ "split", "CONVERSATION NAME ...", "these names are another person's",
	    NULL, run_split },
	{ "tag", "CONVERSATION TAG", "add a tag", NULL, run_tag },
	{ "take", "CONVERSATION ...", "make it yours", NULL, run_take },
	{ "untag", "CONVERSATION TAG", "take a tag off", NULL, run_tag },
	{ NULL, NULL, NULL, NULL, NULL } };

static const struct cli_spec spec = { "conv", "conversations", "", common,
	verbs,
	"  conv list --owner queue\n"
	"  conv show 7k3\n"
	"  conv reply 7k3 'It leaves tomorrow.'\n"
	"  conv list --ids --tag spam | conv resolve -\n" };

int
main(int argc, char *argv[])
{
	return cli_main(&spec, argc, argv);
}
