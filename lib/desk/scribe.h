/*
 * scribe - a person at work on a reply: others see it, and no word is lost
 *
 * While they write the desk says so (desk/typist.h), and what they have written
 * is kept as their draft (desk/draft.h) each time it is saved. Each step is a
 * transaction of its own.
 */
#ifndef DESK_SCRIBE_H
#define DESK_SCRIBE_H

#include <stdbool.h>

#include "desk/typist.h"

struct scribe {
	struct store *store;
	const char *person; /* as person_self() gives it */
	char *id; /* SHORT_ID_BYTES; after a merge, of the one that goes on */
	int64_t lease_ms; /* the setting desk.writing */
	char process[ULID_BYTES];
	int64_t began_seq; /* the log as it was */
	int failed;	   /* an ERR: what they wrote last is not kept */
};

/* The first four are set. ERR_NO if somebody else, or they in another process,
 * are writing there, unless anyway. */
int scribe_begin(struct scribe *w, bool anyway);

/* They go on; text is kept unless it is NULL. An editor_tick. */
void scribe_tick(void *scribe, const char *text);

/* Nobody writes there any more; the draft stays. */
int scribe_end(struct scribe *w);

/* Who else is writing there: 0, ERR_NO with a reason that names them, or an
 * ERR. process is left out, NULL for none. */
int scribe_alone(struct store *s, const char *id, const char *person,
    const char *process, int64_t at_ms);

/* text as it can be kept, whatever it holds, without its last newlines. The
 * caller frees. */
char *scribe_text(const char *text);

#endif
