/*
 * line - what one instance is to a sender while it runs: its place, its token,
 * whether it may send, and how fast
 */
#ifndef WA_LINE_H
#define WA_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "store/store.h"
#include "wa/graph.h"

/* A place in the number's pace that a job has been given. */
struct slot {
	int64_t job, due_ms;
};

enum receipts { RECEIPTS_NEVER, RECEIPTS_VIEW, RECEIPTS_REPLY, RECEIPTS_AI };

/* What is known of an instance while this process runs. */
struct line {
	struct line *next;
	char *name;
	bool looked; /* url and token were looked up */
	struct graph_place place;
	char *url; /* NULL: it cannot send; why says so */
	char why[256];
	int64_t until_ms; /* nothing is sent before */
	int downs;	  /* in a row: not reached */
	int unknowns;	  /* in a row: what came of a call is not known */
	bool stopped;	  /* by an account error, or too many unknowns in a
			   * row; probed after until_ms */
	bool probing;
	int64_t look_ms; /* when what waits for it looks again */
	bool recalled; /* whether the log says that it had stopped, was asked */
	int64_t down_ms; /* monotonic: not reached since; 0: reached */
	int64_t told_ms; /* the desk was told that it is well; 0: never */
	enum receipts receipts;
	bool typing, typing_people; /* the AI writes, people do */
	int64_t rate;		    /* messages a second */
	int64_t even_us;    /* monotonic: when its bucket is empty again */
	struct slot *slots; /* given out, by time; from first on */
	size_t first, nslots;
};

/* With the settings of the instance, checked when the program began. */
struct line *line_new(const struct conf *c, const char *name);
void line_free(struct line *l);

/* Read url and token (anew). Without them url is NULL and why says it. */
void line_look_up(struct line *l, const struct conf *c, struct store *s,
    const struct graph_options *o);

/* A job's place in the pace of the number: 0 for now, or in how long. */
int64_t line_place(struct line *l, int64_t job);

#endif
