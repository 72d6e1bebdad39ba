/*
 * toolcall - have a tool run, by who talks to the model: start, poll, read
 *
 * A call is a line to ai-tool at its socket and a line back. Nothing waits: the
 * caller polls tool_call_fd() for tool_call_events(), at most
 * tool_call_wait_ms(), and calls tool_call_work() until it says that it is over.
 *
 * Where there is no service and a person asks by hand, the call can be made by
 * a child of the person's own, "ai-tool run": nothing of it is kept, and what
 * the customer would have to agree to is not run. Else there is no call without
 * the service, and the result says so.
 *
 * As the calls of a model (ai/pool.h), those of tools can be recorded into a
 * folder, and played back: then none is made.
 */
#ifndef AI_TOOLCALL_H
#define AI_TOOLCALL_H

#include "ai/provider.h"
#include "ai/tool.h"

struct tool_call;

/* Whom it is for. Strings are borrowed until tool_call_start() returns. */
struct tool_request {
	const char *tool;
	const json_t *arguments;
	const char *conversation, *cause; /* cause: id of the event */
	const char *pending; /* instead of tool and arguments: what the customer
				was asked about, and cause is the next message */
	const char *contact; /* in a child: for identity; NULL: nobody */
};

struct tool_call_options {
	const char *socket; /* path; NULL: no service */
	const char *store;  /* in a child: its directory; NULL: none */
	bool in_child;	    /* where socket is NULL */
	const char *record; /* folder for what comes back; NULL: none */
	const char *replay; /* folder it is taken from instead; NULL: none */
	int64_t timeout_ms; /* of all of it; 0: two minutes */
};

/* Never fails: where there is no call, the result is there at once. */
struct tool_call *tool_call_start(const struct tool_call_options *o,
    const struct tool_request *r);

int tool_call_fd(const struct tool_call *call); /* -1: it is over */
short tool_call_events(const struct tool_call *call);
int64_t tool_call_wait_ms(const struct tool_call *call);

/* Go on. True when it is over, also by its time. */
bool tool_call_work(struct tool_call *call);

/* When it is over; the call's. */
const struct tool_result *tool_call_result(const struct tool_call *call);

/* NULL is allowed. One that is not over goes on without us; see toolserve.h. */
void tool_call_free(struct tool_call *call);

/*
 * What the model is told as the result of a call, as data: the text, or why
 * there is none. The caller frees.
 */
char *tool_call_words(const struct tool_result *r);

/* What a provider is offered of tools, t's; n of them. */
void tool_offer(const struct tools *t, struct provider_tool *ret);

#endif
