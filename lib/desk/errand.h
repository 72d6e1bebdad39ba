/*
 * errand - what a person has done to conversations by a command
 *
 * On each conversation it is one transaction: the rows, their events, the
 * audit; whole or not at all.
 */
#ifndef DESK_ERRAND_H
#define DESK_ERRAND_H

#include "base/json.h"
#include "desk/act.h"
#include "store/store.h"

struct errand {
	struct store *store;
	struct act act; /* of the one it is done to */
	char *self;	/* who has it done */
	const char *verb;
	json_t *detail;		 /* for the audit; NULL */
	char *note;		 /* said once it is done; NULL */
	const char *const *args; /* all behind the conversation */
	int nargs;
	/* The events, lines as the log has them; NULL: nobody is told. */
	void (*tell)(const char *lines);
	/* A word for whoever has it done; NULL: not said. */
	void (*say)(const char *text);
};

/* What a verb does to the conversation of that id, in the transaction. It may
 * set detail and note, which are then the errand's. 0 or an ERR. */
typedef int (*errand_fn)(struct errand *e, const char *id, const void *arg);

/*
 * Open the store, to be written, for who runs this process. verb is borrowed;
 * args, tell and say are then the caller's to set. ERR_DENIED for who may not
 * write, or is no person of the desk: only somebody who has a row may answer
 * for what was done. End it with errand_end(), also then.
 */
int errand_begin(struct errand *e, const char *store_flag, const char *verb);
void errand_end(struct errand *e);

/* fn on the conversation of that name (conversation_named()). 0 or an ERR, and
 * then nothing has changed. */
int errand_do(struct errand *e, const char *name, errand_fn fn,
    const void *arg);

#endif
