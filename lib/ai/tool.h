/*
 * tool - what the AI may have done: declarations, and one call
 *
 * A tool is a [tool NAME] of the settings or a file tools.d/NAME.conf, with the
 * JSON Schema of its arguments beside it; see base/conf.h. It is an HTTP call
 * or a command. A model only says which one and with what arguments: they are
 * checked, and what it is told of the customer (identity) comes from the desk.
 *
 * The call is made in a child. One of HTTP connects to public addresses only,
 * whatever its name resolves to, follows no redirect, and reaches no file of the
 * store. A command is run in a box (base/box.h) without network and with nothing
 * but the files it is told; with "private" it runs outside of it, and is kept
 * from the store alone. Arguments go to its standard input; there is no shell.
 * When it ends or its time is over, all that it began is ended, too.
 */
#ifndef AI_TOOL_H
#define AI_TOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/json.h"

#define TOOL_NAME_MAX_BYTES 64 /* providers take no longer ones */
#define TOOL_ARGUMENTS_MAX_BYTES 16384
/* How the arguments begin that the desk fills in; a model may set none. */
#define TOOL_OWN "customer_"

/* What a tool is told of the customer; each is the argument TOOL_OWN NAME. */
enum tool_identity {
	TOOL_CONTACT = 1 << 0,
	TOOL_CONVERSATION = 1 << 1,
	TOOL_PROFILE_NAME = 1 << 2,
	TOOL_PHONE = 1 << 3,
};

struct tool {
	char *name;
	const char *description; /* const: borrowed from the settings */
	json_t *schema;		 /* of an object, and closed unless it says */
	bool enabled;
	const char *url; /* NULL: a command */
	bool is_post;
	char *headers_file; /* NULL: none */
	char **command;	    /* NULL-ended; NULL: an HTTP call */
	char **files;	    /* NULL-ended */
	int64_t timeout_ms, max_bytes;
	bool is_private, confirm, repeatable;
	bool links;	      /* those of its results may be said */
	const char *question; /* NULL: none */
	unsigned identity;
};

/* Resolve a tool. ERR_NOINPUT if there is none of that name; ERR_CONFIG with
 * its first fault, or that of its file. One that is not enabled opens, too. */
int tool_open(const struct conf *c, const char *name, struct tool *ret);
void tool_release(struct tool *t);

/* The names of all there are, sorted, NULL-ended; the caller frees each, and
 * all. */
char **tool_names(const struct conf *c);
void tool_names_free(char **names);
bool tool_exists(const struct conf *c, const char *name);

/* Say that there is no such tool, or what is wrong with its file: returns code,
 * or ERR_CONFIG for a file. */
int tool_missing(const struct conf *c, const char *name, int code);

/* Complain of every fault of a tool by say(ctx, "FILE:LINE: ..."), beside those
 * of its values, which settings_check() names. 0 or ERR_CONFIG. */
int tool_check(const struct conf *c, const char *name,
    void (*say)(void *ctx, const char *text), void *ctx);

/* The tools a set-up may use and whose declarations are right and enabled; what
 * is wrong with the others is said (say may be NULL). names: NULL-ended. */
struct tools {
	struct tool *tool;
	size_t count;
};
void tools_open(const struct conf *c, const char *const *names,
    void (*say)(void *ctx, const char *text), void *ctx, struct tools *ret);
void tools_release(struct tools *t);

/* Whether a model's arguments are as declared, and none of them the desk's.
 * ERR_DATA; the reason is one to show the model. */
int tool_arguments(const struct tool *t, const json_t *arguments);

/* The same arguments with what the desk adds of the customer. identity: an
 * object of contact, conversation, name, phone. ERR_DATA: one that the tool
 * wants is not known. */
int tool_identify(const struct tool *t, const json_t *arguments,
    const json_t *identity, json_t **ret);

/* What the customer is asked before it runs: [reply tool-NAME] in the language,
 * else its question, with the arguments filled in. The caller frees. */
char *tool_question(const struct conf *c, const struct tool *t,
    const json_t *arguments, const char *language);

/* The address of a call; the caller frees. ERR_DATA: an argument cannot stand
 * there. */
int tool_url(const struct tool *t, const json_t *arguments, char **ret);

/* How a call went. */
struct tool_result {
	bool ok;
	/* Where not ok: "arguments", "identity", "confirm", "refused", "off",
	 * "denied", "busy", "failed", "timeout", "unavailable", "unknown". */
	const char *class;
	char *text;	/* ok: the result, plain; class confirm: the question */
	char *reason;	/* not ok: why, without personal data */
	char *pending;	/* class confirm: what is asked about */
	bool truncated; /* text is not all of it; it says so at its end */
	bool again;	/* of an earlier call with the same cause */
	bool undone;	/* not ok, and certainly nothing was done */
	int64_t took_ms;
};
void tool_result_release(struct tool_result *r);

/* Not ok, with words; r is empty before. */
void tool_result_fail(struct tool_result *r, const char *class, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* As JSON, and back; ERR_DATA. */
json_t *tool_result_json(const struct tool_result *r);
int tool_result_parse(const char *line, size_t len, struct tool_result *ret);

/*
 * Make one call with all its arguments, in a child that is kept out of the
 * directory store (NULL: there is none); key is sent as Idempotency-Key (NULL:
 * none). Always fills *ret. Not for programs with threads or other children.
 */
void tool_run(const struct tool *t, const json_t *arguments, const char *store,
    const char *key, struct tool_result *ret);

#endif
