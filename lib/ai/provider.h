/*
 * provider - what a model is asked, and what it says back, as text
 *
 * Pure text: no network and no store here. Two protocols, as their public
 * references have them: OpenAI's "Create chat completion" and its "Chat
 * completion chunk object" (also of Azure, Ollama, llama.cpp, vLLM), and
 * Anthropic's "Messages", "Streaming messages", "Structured outputs", "Tool
 * use" and "Errors".
 *
 * Passages, the customer's words, names and the results of tools are data: they
 * stand between markers, whatever looks like a marker inside them is taken
 * apart, and none of them ever comes into the system's words.
 *
 * A model answers in a form in which what is said and what is to be done are
 * apart; what does not keep to the form is no answer. Only where the form is
 * asked for by the prompt alone (FORMAT_TEXT) words without it are one.
 *
 * Times    milliseconds, in names ending _ms.
 * Text     UTF-8, NUL-terminated; what is not is mended.
 * Errors   an outcome and why, in words; nothing here fails otherwise. Why has
 *          no words of a customer, of a model or of a provider's message in
 *          it, names of parameters and codes of errors only.
 * Owning   what a _release() or _free() ends is the caller's; what an ask points
 *          to must stay as long as its request or reader.
 *
 * One call of a model is
 *
 *	provider_request(&ask, &request);	what to post
 *	provider_feed(reader, bytes, n);	what comes back, piece by piece
 *	provider_end(reader, status, &answer);	what it means
 */
#ifndef AI_PROVIDER_H
#define AI_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "ai/profile.h"
#include "base/json.h"
#include "desk/conversation.h"
#include "kb/search.h"

/* What a call is for. */
enum provider_task {
	TASK_ANSWER,  /* answer the customer, or hand over */
	TASK_REWRITE, /* make the question stand alone, for the search */
	TASK_JUDGE,   /* do the passages say what an answer says? */
	TASK_LABEL,   /* what is the message about, and how is it meant? */
};

/*
 * What a model at an address is known to take otherwise than we begin with;
 * ai/quirk.h keeps it. All false and 0: not known to differ.
 */
struct quirks {
	bool no_temperature, no_top_p, no_reasoning, no_stream_usage, no_tools;
	bool one_sampler; /* temperature or top_p, not both */
	bool no_stream;
	bool no_system;		    /* our words go before the customer's */
	bool other_max_tokens;	    /* the other of max_tokens and
				  max_completion_tokens */
	enum profile_format format; /* FORMAT_AUTO: the best there is */
};

/* A tool the model may call. */
struct provider_tool {
	const char *name;
	const char *description;
	const json_t *schema; /* JSON Schema of its arguments */
};

struct provider_ask {
	const struct profile *profile;
	struct quirks quirks;
	enum provider_task task;
	const char *question; /* the customer's words, a line each message */
	const char *language; /* tag to answer in; NULL or "und": theirs */
	const char *called;   /* TASK_ANSWER: the customer's name, as they
			       * have it; NULL: not to be told */
	const struct kb_hits *hits; /* NULL: none */
	const struct turn *turns;   /* what was said before, oldest first */
	size_t nturns;
	const struct provider_tool *tools;
	size_t ntools;
	/* Array of tool calls made so far with their results, as
	 * provider_tool_result() adds them; NULL: none. */
	const json_t *exchange;
	const char *answer;  /* TASK_JUDGE: what is to be judged; TASK_ANSWER:
			     * what was said and is not held; NULL */
	const char *fault;   /* with that answer, why; NULL */
	const char *intents; /* TASK_LABEL: names with examples, a line each */
	double share;	     /* of context_tokens that is used; 0: all */
};

struct provider_request {
	char *body;
	char *headers[4];	   /* "Name: value", NULL-ended, no key */
	char hash[HASH_HEX_BYTES]; /* of the body */
	int64_t tokens_in; /* at most, as estimated: for setting money aside */
	size_t passages;   /* how many of the hits it shows */
};

/* Fill *ret, which provider_request_release() ends. */
void provider_request(const struct provider_ask *ask,
    struct provider_request *ret);
void provider_request_release(struct provider_request *r);

/* Our words to the model in it, those of its set-up among them. The caller
 * frees. */
char *provider_rules(const struct provider_ask *ask);

/* The header that holds the profile's key, in guarded memory: secret_free()
 * ends it. NULL if it has none. */
char *provider_key_header(const struct profile *p);

enum provider_outcome {
	PROVIDER_ANSWERED, /* action and text */
	PROVIDER_TOOLS,	   /* it wants tools called */
	/* Not as asked, and the same call made otherwise may be: */
	PROVIDER_QUIRK,	   /* a parameter is not taken: quirks say which */
	PROVIDER_TOO_LONG, /* more than the model can read */
	/* The same call may work later: */
	PROVIDER_BUSY,	 /* too many calls: retry_after_ms if it said so */
	PROVIDER_BROKEN, /* its fault, or cut off on the way */
	/* It will not work with this set-up: */
	PROVIDER_KEY,	/* the key is refused */
	PROVIDER_QUOTA, /* nothing left to spend there */
	PROVIDER_WRONG, /* the request is refused: model, address, body */
	/* There is an answer, and none to send: */
	PROVIDER_REFUSED,   /* the model would not, or a filter would not */
	PROVIDER_MISSHAPEN, /* not in the form asked for, or cut short */
};

enum provider_action {
	ACTION_ANSWER,
	ACTION_ASK, /* asks the customer back */
	ACTION_HAND_OVER,
	ACTION_RESOLVE, /* says goodbye: nothing is left to do */
};

struct provider_call {
	char *id, *name;
	json_t *arguments; /* object */
	/* Why there can be no such call, a string that stays; NULL: it is to be
	 * made. The model is told, and may do better. */
	const char *wrong;
};

struct provider_answer {
	enum provider_outcome outcome;
	enum provider_action action;
	char *text;   /* what to say, plain; NULL: nothing */
	int *sources; /* numbers of passages from 1 */
	size_t nsources;
	char *reason;  /* of ACTION_HAND_OVER; NULL: none given */
	char *summary; /* private, for the person who takes it; NULL */
	struct provider_call *calls; /* with PROVIDER_TOOLS */
	size_t ncalls;
	struct quirks quirks; /* with PROVIDER_QUIRK: as they are now known */
	/* Whether TASK_JUDGE says yes. */
	bool holds;
	json_t *labels; /* of TASK_LABEL: the object as it came; NULL */
	/* Of the whole call, those from a cache included; -1: not told */
	int64_t tokens_in, tokens_out;
	int64_t retry_after_ms; /* -1: not told */
	char why[160];		/* what went wrong; no personal data */
	char *said; /* of an error, in the provider's words, for whoever asks
		       by hand: they may repeat what was sent; NULL */
};
void provider_answer_release(struct provider_answer *a);

/* Takes in the body of one response. */
struct provider_reader;
struct provider_reader *provider_reader_new(const struct provider_ask *ask);
void provider_reader_free(struct provider_reader *r);

/*
 * Bytes of it as they come, whole JSON or a stream of events, told apart by
 * what they are: a server may not stream though it is asked to. 0: go on; 1: the
 * answer is whole; -1: it will be none.
 */
int provider_feed(struct provider_reader *r, const void *data, size_t len);

/*
 * All there was: status is that of HTTP, or 0 where the connection ended
 * otherwise. A model's answer that is whole counts in either case, one that is
 * not in neither. Fills *ret, which provider_answer_release() ends.
 */
void provider_end(struct provider_reader *r, int status, int64_t retry_after_ms,
    struct provider_answer *ret);

/* Add a call and its result to an exchange (an array), for the next request.
 * The result is data, as the tool gave it; with ok false it tells why there is
 * none, and is no source. */
void provider_tool_result(json_t *exchange, const struct provider_call *call,
    const char *result, bool ok);

/* What a call of an exchange gave; NULL: nothing. */
const char *provider_tool_given(const json_t *call);

/* Tokens of a text, as estimated: not less than models count, mostly; in tests
 * of 25 languages and kinds of text nine tenths of OpenAI's cl100k or more. */
int64_t provider_tokens(const char *text);

#endif
