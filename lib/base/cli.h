/*
 * cli - the frame of a command: options, help, errors, exit
 *
 * One table of options per command (or per verb of a command) feeds
 * getopt_long, the help text, the completions and the test that holds the
 * manual page to it. These functions may print and exit; a command's main
 * reads like its page.
 *
 * Every command has -h/--help, --version, and --options, which prints its
 * table as tab-separated lines (verb, letter, name, argument, help) for the
 * completions.
 */
#ifndef BASE_CLI_H
#define BASE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

#define FRONTDESK_VERSION "0.1.0"

/* Values of an option that may be given several times, in order. */
struct cli_list {
	const char **items;
	size_t count;
};

enum cli_kind {
	CLI_FLAG,     /* bool */
	CLI_TEXT,     /* const char * */
	CLI_NUMBER,   /* int64_t, in [0, 2^53] */
	CLI_COUNT,    /* the same, but none is no use: from 1 */
	CLI_DURATION, /* int64_t milliseconds, "90s" */
	CLI_LIST,     /* struct cli_list */
};

struct cli_option {
	int letter;	  /* 0: none */
	const char *name; /* long name; NULL ends the table */
	const char *arg;  /* "FILE"; NULL for CLI_FLAG */
	enum cli_kind kind;
	void *value; /* of the kind's type; its initial value is the default */
	const char *help; /* one line, no capital, no full stop */
};

#define CLI_END                                     \
	{                                           \
		0, NULL, NULL, CLI_FLAG, NULL, NULL \
	}

struct cli;

/* A command made of verbs: conv list, conv show, ... */
struct cli_verb {
	const char *name;
	const char *args;    /* "CONVERSATION [TEXT]", "" if none; what begins
				with "COMMAND" keeps its own options */
	const char *summary; /* one line */
	const struct cli_option *options; /* NULL: only the common ones */
	int (*run)(struct cli *cli);	  /* 0, or an ERR: becomes the status */
};

struct cli_spec {
	const char *name;
	const char *summary;		  /* "note the messages that ..." */
	const char *args;		  /* "[QUESTION]", "" if none */
	const struct cli_option *options; /* with verbs: common to all verbs */
	const struct cli_verb *verbs; /* NULL: none; ends with a NULL name */
	const char *examples;	      /* lines for --help; NULL: none */
};

struct cli {
	const struct cli_spec *spec;
	const struct cli_verb *verb; /* NULL if the command has none */
	char **args;		     /* what is left, NULL-ended */
	int nargs;
};

/*
 * Parse; on --help, --version and --options print and exit 0; on wrong use
 * say so, with the nearest option, and exit 64. Also names the log, sets the
 * locale for UTF-8 and 022-safe umask is left as it is.
 */
void cli_open(struct cli *cli, const struct cli_spec *spec, int argc,
    char *argv[]);

/* The status of the command: cli_open, then the verb's run, then cli_exit. */
int cli_main(const struct cli_spec *spec, int argc, char *argv[]);

/* "NAME: words" on stderr. */
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* cli_warn and exit with an ERR's status. */
_Noreturn void cli_die(int code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Wrong use: words, where help is, exit 64. */
_Noreturn void cli_usage(const struct cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* If code is an ERR, say its reason and exit with its status; else code. */
int cli_need(int code);

/*
 * Flush and close stdout, then exit: with code's status, having said the
 * reason if code is an ERR other than ERR_NO; 74 if stdout could not be
 * written.
 */
_Noreturn void cli_exit(int code);

/* Exactly n arguments are wanted (or between min and max); else exit 64. */
void cli_args(const struct cli *cli, int min, int max);

/*
 * A program that runs on and handles SIGHUP later: until it has said how, one
 * that comes must wait and not end it. Before any settings are read.
 */
void cli_hold_hangup(void);

/*
 * Read a secret into size bytes at to: from the file at path, with the person's
 * own rights, or from standard input (path NULL or "-"), where a terminal asks
 * for what it is ("access token") and does not show what is typed. The bytes
 * read, size if there is more. Exits where it cannot be read.
 */
size_t cli_secret(const char *what, const char *path, char *to, size_t size);

/* A value as a line on stdout. */
void cli_json(const json_t *value);

/* Whether stdout is a terminal that takes colour (NO_COLOR, TERM=dumb). */
bool cli_colour(void);

/*
 * Tables for people, on stdout. Cells are UTF-8 and are shown, not obeyed
 * (utf8_show). Plain: tab-separated, no header, nothing cut. On a terminal
 * columns are aligned and the last one is cut to the width.
 */
struct cli_table;
struct cli_table *cli_table_new(const char *const *headers, bool plain);
void cli_table_cell(struct cli_table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void cli_table_end(struct cli_table *t); /* prints and frees */

#endif
