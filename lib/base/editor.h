/*
 * editor - let a person write a text: in their editor, or line by line
 *
 * All is done by the person's own rights: what a program of a service's store
 * is lent does not reach the editor or its file. The file is in a folder of its
 * own, readable by nobody else, in $XDG_RUNTIME_DIR, $TMPDIR or /tmp, and gone
 * at the end, by SIGHUP and SIGTERM, too; only a program that is killed leaves
 * it, and a text that cannot be taken stays, as the reason says.
 */
#ifndef BASE_EDITOR_H
#define BASE_EDITOR_H

#include <stddef.h>
#include <stdint.h>

/* Called at least each every_ms while the person writes; text as it is now, or
 * NULL if it is as it was. */
typedef void (*editor_tick)(void *ctx, const char *text);

struct editor_wish {
	const char *name; /* of the file, which editors show; no '/' in it */
	size_t max_bytes; /* of the text; more is an ERR_DATA */
	int64_t every_ms;
	editor_tick tick;
	void *ctx;
};

/* The command of $VISUAL or $EDITOR, as a shell reads it; NULL: none is set. */
const char *editor_command(void);

/*
 * Run the command on text, a last newline behind it, and wait for its end.
 * *ret is the text as they left it, without a NUL. ERR_NO if the command
 * failed or was ended with us: what they wrote was told by tick. ERR_DATA
 * naming the file that stays: too much, or with a NUL. ERR_IO, ERR_CREATE where
 * there is no file to write in.
 */
int editor_run(const char *command, const char *text,
    const struct editor_wish *w, char **ret);

/*
 * Leave text in such a file, which stays, for whoever has no other place for it.
 * *ret is its path, the caller's. ERR_CREATE, ERR_IO.
 */
int editor_leave(const char *name, const char *text, char **ret);

/* All of a descriptor until its end. *ret may hold a NUL. */
int editor_read(int fd, const struct editor_wish *w, char **ret,
    size_t *ret_len);

#endif
