/*
 * answering - a person's answer to a conversation, from the first letter on
 *
 * It is written by hand, in an editor or line by line, or comes as it is; it is
 * kept as a draft, and what is refused is not lost. What it says in the end is
 * queued by wa/writing.h. Each step is a transaction of its own.
 *
 * Errors   0 or an ERR with its reason, but where it says so.
 * Words    for the person who writes are told by say, not printed.
 */
#ifndef WA_ANSWERING_H
#define WA_ANSWERING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "desk/scribe.h"
#include "store/store.h"
#include "wa/writing.h"

/* A reply on its way. Zeroed but for say and window_ms at first; end it with
 * answering_release(). */
struct answering {
	struct writing what;
	int64_t window_ms;	       /* the setting wa.window */
	void (*say)(const char *text); /* never NULL */
	/* Of just one conversation, where it has a text; else store is NULL. */
	struct store *store;
	char *self;
	char id[SHORT_ID_BYTES];
	struct scribe scribe; /* process "": it was not written by hand */
	bool is_draft;	      /* what is sent is what is kept */
	bool must_be_kept;    /* yet, when it is queued: two may send it */
	bool mind_news; /* they are told what was said since they looked */
};
void answering_release(struct answering *r);

/* The conversation of that name, where the draft of a text is; store_flag as -S
 * has it. */
int answering_open(struct answering *r, const char *store_flag,
    const char *name);

/*
 * The person writes, in an editor if they have one and in_editor, else on
 * standard input; what was kept is taken up again. Before a word is written it
 * is ERR_NO where the window is shut or, unless anyway, somebody else writes.
 * *ret is the caller's. Once it has begun what they wrote is kept, whatever
 * comes.
 */
int answering_write(struct answering *r, bool in_editor, bool anyway,
    char **ret);

/* What was kept of it, as draft_get(): 1 with *ret, the caller's, or 0. */
int answering_kept(struct answering *r, char **ret);

/* The text is kept and nothing sent; the draft is dropped: 1 if there was one,
 * else 0. */
int answering_keep(struct answering *r);
int answering_drop(struct answering *r);

/* It was written by hand and is not sent: it stays the draft, which is said. */
void answering_give_up(struct answering *r);

/* It was refused with code, whose reason stays said: the text is kept, unless
 * another draft is there. */
void answering_refused(struct answering *r, int code);

#endif
