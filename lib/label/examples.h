/*
 * examples - the sentences that intents are learnt from
 *
 * A folder of files NAME.txt, one an intent, with an example a line in any
 * language. Lines that begin with # are comments. none.txt is no intent: what
 * is in it is about none of them.
 */
#ifndef LABEL_EXAMPLES_H
#define LABEL_EXAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTENTS_MAX 1000
#define EXAMPLES_MAX 200000
#define EXAMPLES_FILE_MAX (16 * 1024 * 1024)
#define EXAMPLES_MARK_BYTES 33 /* hexadecimal digits and NUL */

struct example {
	char *text;
	size_t intent; /* index into names; its end: none of them */
};

struct examples {
	char **names; /* of the intents, sorted */
	size_t nintents;
	struct example *items; /* by intent, in the order of the files */
	size_t count;
	char mark[EXAMPLES_MARK_BYTES]; /* changes when an example does */
};

/*
 * All examples of a folder. What is left out (the same example twice) or odd
 * (one example in two intents) is told by say(ctx, "FILE:LINE: ..."). ERR_CONFIG
 * where a file is none of this kind, ERR_NOINPUT where there is no folder.
 */
int examples_read(const char *folder, void (*say)(void *ctx, const char *text),
    void *ctx, struct examples *ret);
void examples_release(struct examples *e);

/* Only the mark of a folder, to hold a model against it. */
int examples_mark(const char *folder, char ret[EXAMPLES_MARK_BYTES]);

#endif
