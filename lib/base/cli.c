/* cli - the frame of a command: options, help, errors, exit */
#include <fcntl.h>
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"

#define OPTIONS_MAX 64
#define LONG_ONLY 256 /* getopt value of option i without a letter: + i */

static const char *command = "frontdesk";

static bool help_wanted, version_wanted, options_wanted;

static const struct cli_option common[] = {
	{ 'h', "help", NULL, CLI_FLAG, &help_wanted, "show this help" },
	{ 0, "options", NULL, CLI_FLAG, &options_wanted,
	    "print the table of options" },
	{ 0, "version", NULL, CLI_FLAG, &version_wanted, "show the version" },
	CLI_END
};

/* All tables that hold at one place, one after the other. */
struct tables {
	const struct cli_option *all[OPTIONS_MAX];
	size_t count;
};

static void
tables_add(struct tables *t, const struct cli_option *options)
{
	for (; options != NULL && options->name != NULL; options++)
		if (t->count < OPTIONS_MAX)
			t->all[t->count++] = options;
}

static void
vwarn(const char *fmt, va_list ap)
{
	char *text = NULL;

	fflush(stdout);
	if (vasprintf(&text, fmt, ap) < 0)
		return;
	fprintf(stderr, "%s: %s\n", command, text);
	free(text);
}

void
cli_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
}

void
cli_die(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
	exit(err_status(code));
}

static const char *
verb_prefix(const struct cli *cli)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s%s%s", cli->spec->name,
	    cli->verb != NULL ? " " : "",
	    cli->verb != NULL ? cli->verb->name : "");
	return text;
}

static void
short_usage(const struct cli *cli)
{
	const char *args = cli->verb != NULL ? cli->verb->args :
	    cli->spec->verbs != NULL	     ? "VERB [ARG ...]" :
					       cli->spec->args;

	fprintf(stderr, "usage: %s [OPTION ...]%s%s\n%s --help says more\n",
	    verb_prefix(cli), *args != '\0' ? " " : "", args, verb_prefix(cli));
}

void
cli_usage(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
	short_usage(cli);
	exit(err_status(ERR_USAGE));
}

int
cli_need(int code)
{
	if (code < 0)
		cli_die(code, "%s", err_reason());
	return code;
}

void
cli_exit(int code)
{
	if (code < 0 && code != ERR_NO)
		cli_warn("%s", err_reason());
	if (fflush(stdout) != 0 || ferror(stdout) || fclose(stdout) != 0) {
		cli_warn("stdout: %s", strerror(errno));
		_exit(err_status(ERR_IO));
	}
	exit(err_status(code));
}

void
cli_args(const struct cli *cli, int min, int max)
{
	if (cli->nargs < min)
		cli_usage(cli, "an argument is missing");
	if (cli->nargs > max)
		cli_usage(cli, "unexpected argument '%s'", cli->args[max]);
}

static void
option_line(const struct cli_option *o)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
	    o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
	    o->arg != NULL ? "=" : "", o->arg != NULL ? o->arg : "");
	printf("  %-26s %s\n", left, o->help);
}

static void
help(const struct cli *cli)
{
	const struct cli_spec *spec = cli->spec;
	const struct cli_verb *v;
	struct tables t = { .count = 0 };
	size_t i;

	if (cli->verb != NULL) {
		printf("%s %s - %s\n\nusage: %s %s [OPTION ...]%s%s\n",
		    spec->name, cli->verb->name, cli->verb->summary, spec->name,
		    cli->verb->name, *cli->verb->args != '\0' ? " " : "",
		    cli->verb->args);
	} else {
		printf("%s - %s\n\nusage: %s [OPTION ...]%s%s\n", spec->name,
		    spec->summary, spec->name,
		    spec->verbs != NULL	    ? " VERB [ARG ...]" :
			*spec->args != '\0' ? " " :
					      "",
		    spec->verbs != NULL ? "" : spec->args);
		if (spec->examples != NULL)
			printf("\nexamples:\n%s", spec->examples);
		if (spec->verbs != NULL) {
			printf("\nverbs:\n");
			for (v = spec->verbs; v->name != NULL; v++)
				printf("  %-26s %s\n", v->name, v->summary);
		}
	}
	tables_add(&t, cli->verb != NULL ? cli->verb->options : NULL);
	tables_add(&t, spec->options);
	tables_add(&t, common);
	printf("\noptions:\n");
	for (i = 0; i < t.count; i++)
		option_line(t.all[i]);
	printf("\nThe manual is %s(1).\n", spec->name);
}

static void
options_print(const char *verb, const struct cli_option *o)
{
	for (; o != NULL && o->name != NULL; o++)
		printf("%s\t%c\t%s\t%s\t%s\n", verb,
		    o->letter ? o->letter : '-', o->name,
		    o->arg != NULL ? o->arg : "-", o->help);
}

static void
options_all(const struct cli_spec *spec)
{
	const struct cli_verb *v;

	options_print("-", spec->options);
	options_print("-", common);
	for (v = spec->verbs; v != NULL && v->name != NULL; v++) {
		printf("%s\t-\t-\t%s\t%s\n", v->name,
		    *v->args != '\0' ? v->args : "-", v->summary);
		options_print(v->name, v->options);
	}
}

static void
take(const struct cli *cli, const struct cli_option *o, const char *arg)
{
	struct cli_list *list;

	switch (o->kind) {
	case CLI_FLAG:
		*(bool *)o->value = true;
		break;
	case CLI_TEXT:
		*(const char **)o->value = arg;
		break;
	case CLI_NUMBER:
	case CLI_COUNT:
		if (str_int(arg, o->kind == CLI_COUNT, INT64_C(1) << 53,
			o->value) < 0)
			cli_usage(cli, "--%s: %s", o->name, err_reason());
		break;
	case CLI_DURATION:
		if (duration_parse(arg, o->value) < 0)
			cli_usage(cli, "--%s: %s", o->name, err_reason());
		break;
	case CLI_LIST:
		list = o->value;
		list->items = xrealloc(list->items,
		    (list->count + 1) * sizeof(*list->items));
		list->items[list->count++] = arg;
		break;
	}
}

static _Noreturn void
unknown(const struct cli *cli, const struct tables *t, const char *word,
    int letter)
{
	const char *names[OPTIONS_MAX + 1], *near;
	char plain[64];
	size_t i;

	if (letter >= '0' && letter <= '9')
		cli_usage(cli,
		    "unknown option -%c; a value below zero goes behind --",
		    letter);
	if (letter != 0)
		cli_usage(cli, "unknown option -%c", letter);
	for (i = 0; i < t->count; i++)
		names[i] = t->all[i]->name;
	names[i] = NULL;
	snprintf(plain, sizeof(plain), "%s", word + strspn(word, "-"));
	plain[strcspn(plain, "=")] = '\0';
	near = str_nearest(plain, names);
	if (near != NULL)
		cli_usage(cli, "unknown option --%s, did you mean --%s?", plain,
		    near);
	cli_usage(cli, "unknown option --%s", plain);
}

/* Parse argv[1..] by the tables; stop at the first operand if asked to. */
static int
parse(struct cli *cli, const struct tables *t, int argc, char *argv[],
    bool stop)
{
	struct option longs[OPTIONS_MAX + 1];
	char shorts[2 * OPTIONS_MAX + 3], *p = shorts;
	const struct cli_option *o;
	size_t i;
	int c;

	*p++ = stop ? '+' : ':';
	if (stop)
		*p++ = ':';
	memset(longs, 0, sizeof(longs));
	for (i = 0; i < t->count; i++) {
		o = t->all[i];
		longs[i].name = o->name;
		longs[i].has_arg = o->arg != NULL;
		longs[i].val = LONG_ONLY + (int)i;
		if (o->letter != 0) {
			*p++ = (char)o->letter;
			if (o->arg != NULL)
				*p++ = ':';
		}
	}
	*p = '\0';
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == '?')
			unknown(cli, t, argv[optind - 1],
			    optopt < LONG_ONLY ? optopt : 0);
		if (c == ':')
			cli_usage(cli, "option %s wants a value",
			    argv[optind - 1]);
		o = NULL;
		if (c >= LONG_ONLY)
			o = t->all[c - LONG_ONLY];
		for (i = 0; o == NULL && i < t->count; i++)
			if (t->all[i]->letter == c)
				o = t->all[i];
		if (o != NULL)
			take(cli, o, optarg);
	}
	return optind;
}

static const struct cli_verb *
verb_named(struct cli *cli, const char *name)
{
	const struct cli_verb *v;
	const char *names[OPTIONS_MAX + 1], *near;
	size_t n = 0;

	for (v = cli->spec->verbs; v->name != NULL; v++) {
		if (strcmp(v->name, name) == 0)
			return v;
		if (n < OPTIONS_MAX)
			names[n++] = v->name;
	}
	names[n] = NULL;
	near = str_nearest(name, names);
	if (near != NULL)
		cli_usage(cli, "unknown verb '%s', did you mean '%s'?", name,
		    near);
	cli_usage(cli, "unknown verb '%s'", name);
}

static bool
is_on(const struct tables *t, const char *flag)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (strcmp(t->all[i]->name, flag) == 0)
			return t->all[i]->kind == CLI_FLAG &&
			    *(bool *)t->all[i]->value;
	return false;
}

/*
 * A standard descriptor that is closed would be the next file that is opened:
 * a store, a socket, and what is written for people would go there. In its
 * place stands one that can only do the opposite, so that the first use fails.
 */
static void
hold_standard(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", modes[fd]);
}

void
cli_open(struct cli *cli, const struct cli_spec *spec, int argc, char *argv[])
{
	struct tables t = { .count = 0 };
	int used;

	hold_standard();
	/* A write beyond ulimit -f fails, and is told, as of a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	memset(cli, 0, sizeof(*cli));
	cli->spec = spec;
	command = spec->name;
	log_name(spec->name);
	/* In ps and top, whatever path it was executed by. */
	prctl(PR_SET_NAME, spec->name);
	tables_add(&t, spec->options);
	tables_add(&t, common);
	used = parse(cli, &t, argc, argv, spec->verbs != NULL);
	argc -= used;
	argv += used;
	if (spec->verbs != NULL && argc > 0 && !options_wanted &&
	    !version_wanted) {
		cli->verb = verb_named(cli, argv[0]);
		t.count = 0;
		tables_add(&t, cli->verb->options);
		tables_add(&t, spec->options);
		tables_add(&t, common);
		used = parse(cli, &t, argc, argv,
		    str_starts(cli->verb->args, "COMMAND"));
		argc -= used;
		argv += used;
	}
	cli->args = argv;
	cli->nargs = argc;
	if (options_wanted)
		options_all(spec);
	else if (version_wanted)
		printf("%s %s\n", spec->name, FRONTDESK_VERSION);
	else if (help_wanted)
		help(cli);
	else if (spec->verbs != NULL && cli->verb == NULL)
		cli_usage(cli, "a verb is missing");
	else if (is_on(&t, "json") && is_on(&t, "plain"))
		cli_usage(cli, "--json and --plain do not go together");
	else
		return;
	cli_exit(0);
}

int
cli_main(const struct cli_spec *spec, int argc, char *argv[])
{
	struct cli cli;

	cli_open(&cli, spec, argc, argv);
	assert(cli.verb != NULL); /* cli_open ends without one */
	cli_exit(cli.verb->run(&cli));
}

void
cli_hold_hangup(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool
cli_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(1) && (no == NULL || *no == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

struct cli_table {
	const char *const *headers;
	size_t columns;
	bool plain;
	char **cells;
	size_t count;
};

struct cli_table *
cli_table_new(const char *const *headers, bool plain)
{
	struct cli_table *t = xcalloc(1, sizeof(*t));

	t->headers = headers;
	t->plain = plain;
	while (headers[t->columns] != NULL)
		t->columns++;
	return t;
}

void
cli_table_cell(struct cli_table *t, const char *fmt, ...)
{
	char *text = NULL, *shown;
	const char *plain;
	va_list ap;

	va_start(ap, fmt);
	if (strcmp(fmt, "%s") == 0) { /* nearly all of thousands are */
		plain = va_arg(ap, const char *);
		shown = utf8_show(plain != NULL ? plain : "", false);
	} else {
		if (vasprintf(&text, fmt, ap) < 0)
			text = xstrdup("");
		shown = utf8_show(text, false);
		free(text);
	}
	va_end(ap);
	if ((t->count & (t->count - 1)) == 0)
		t->cells =
		    xrealloc(t->cells, (t->count * 2 + 1) * sizeof(*t->cells));
	t->cells[t->count++] = shown;
}

static void
table_line(const struct cli_table *t, const char *const *cells,
    const size_t *width, size_t room)
{
	size_t i, used = 0, w, cut;
	char *text;

	for (i = 0; i < t->columns; i++) {
		w = utf8_width(cells[i]);
		if (i + 1 < t->columns) {
			fputs(cells[i], stdout);
			for (w = width[i] - w + 2; w > 0; w--)
				putchar(' ');
			used += width[i] + 2;
		} else if (room > used + 8 && w > room - used) {
			text = xstrdup(cells[i]);
			cut = utf8_cut(text, strlen(text), room - used - 1);
			while (cut > 0) {
				text[cut] = '\0';
				if (utf8_width(text) < room - used)
					break;
				cut = utf8_cut(text, cut, cut - 1);
			}
			printf("%s\xe2\x80\xa6\n", text);
			free(text);
		} else
			puts(cells[i]);
	}
}

void
cli_table_end(struct cli_table *t)
{
	size_t *width = xcalloc(t->columns, sizeof(*width)), i, w, room = 0;
	struct winsize ws;

	assert(t->columns > 0);
	if (t->plain) {
		for (i = 0; i < t->count; i++)
			printf("%s%c", t->cells[i],
			    (i + 1) % t->columns == 0 ? '\n' : '\t');
	} else if (t->count > 0) {
		if (isatty(1) && ioctl(1, TIOCGWINSZ, &ws) == 0)
			room = ws.ws_col;
		for (i = 0; i < t->columns; i++)
			width[i] = utf8_width(t->headers[i]);
		for (i = 0; i < t->count; i++) {
			w = utf8_width(t->cells[i]);
			if (w > width[i % t->columns])
				width[i % t->columns] = w;
		}
		if (cli_colour())
			printf("\033[1m");
		table_line(t, t->headers, width, room);
		if (cli_colour())
			printf("\033[0m");
		for (i = 0; i + t->columns <= t->count; i += t->columns)
			table_line(t, (const char *const *)t->cells + i, width,
			    room);
	}
	for (i = 0; i < t->count; i++)
		free(t->cells[i]);
	free(t->cells);
	free(width);
	free(t);
}

void
cli_json(const json_t *value)
{
	char *line = json_text(value);

	puts(line);
	free(line);
}

/* From the keyboard: what is typed is not shown. */
static size_t
read_hidden(const char *what, char *to, size_t size)
{
	struct termios shown, hidden;
	bool terminal = tcgetattr(0, &shown) == 0;
	size_t len = 0;
	ssize_t n;

	if (terminal) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(0, TCSAFLUSH, &hidden);
		fprintf(stderr, "%s: ", what);
	}
	while (len < size && (n = read(0, to + len, size - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		len += (size_t)n;
		if (terminal && to[len - 1] == '\n')
			break;
	}
	if (terminal) {
		tcsetattr(0, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	return len;
}

size_t
cli_secret(const char *what, const char *path, char *to, size_t size)
{
	gid_t lent = getegid();
	size_t len;
	FILE *f;

	if (path == NULL || strcmp(path, "-") == 0)
		return read_hidden(what, to, size);
	if (setegid(getgid()) < 0 || (f = fopen(path, "re")) == NULL)
		cli_die(errno == EACCES ? ERR_DENIED : ERR_NOINPUT, "%s: %s",
		    path, strerror(errno));
	setvbuf(f, NULL, _IONBF, 0); /* no copy that stays */
	len = fread(to, 1, size, f);
	fclose(f);
	if (setegid(lent) < 0)
		cli_die(ERR_DENIED, "%s", strerror(errno));
	return len;
}
