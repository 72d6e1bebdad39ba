/*
 * toolserve - the side of ai-tool: a line with a job in, a line with text out
 *
 * A request is one JSON object:
 *	tool, arguments		what, as the model said it
 *	conversation, cause	for whom: the event of a customer's message in it
 *	pending			instead of tool and arguments: what was asked about,
 *				now that the customer has written cause
 * and the answer is that of tool_result_json().
 *
 * The caller is believed little: whom a call is for, the desk says. One whose
 * conversation is not that of its cause is denied. The same cause, tool and
 * arguments within a day are one call: who asks again while it runs waits, who
 * asks later gets the same answer, and where ai-tool was killed on the way it is
 * not made again unless that does no harm.
 *
 * What the customer has to agree to is kept with its arguments in tool_call, as
 * "asked", for an hour. The next message decides: a plain yes, and it is run as
 * it was asked about; anything else, and it is forgotten.
 */
#ifndef AI_TOOLSERVE_H
#define AI_TOOLSERVE_H

#include "ai/tool.h"
#include "base/id.h"
#include "store/store.h"

#define TOOL_REQUEST_MAX_BYTES 65536
#define TOOL_KEPT_MS INT64_C(86400000)
#define TOOL_ASKED_MS INT64_C(3600000)

/* Answer one request. Always fills *ret. s is open to write. */
void tool_serve(const struct conf *c, struct store *s, const char *line,
    size_t len, struct tool_result *ret);

/* What of a conversation the customer was asked about and has not answered:
 * its key. ERR_NO if nothing is. For who has to tell an answer to that from
 * another question. */
int tool_pending(struct store *s, const char *conversation,
    char ret_key[HASH_HEX_BYTES]);

/* Whether a customer's words are a plain yes, in any language there are words
 * of. */
bool tool_consent(const char *text);

/* What the desk knows of a contact, for tool_identify(). conversation: NULL for
 * none. ERR_NOINPUT. */
int tool_identity_of(struct store *s, const char *contact,
    const char *conversation, json_t **ret);

#endif
