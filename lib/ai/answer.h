/*
 * answer - one question on its way: small talk, passages, a model, its checks
 *
 * What becomes of a question, whoever asks it: the stage, --ask, ai-eval. It
 * reads the knowledge base and asks models; it changes nothing. The first
 * profile answers; where it cannot, those behind it are asked in turn.
 */
#ifndef AI_ANSWER_H
#define AI_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "ai/pool.h"
#include "ai/profile.h"
#include "ai/provider.h"
#include "ai/smalltalk.h"
#include "ai/spend.h"
#include "ai/standalone.h"
#include "ai/toolcall.h"
#include "base/conf.h"
#include "desk/conversation.h"
#include "store/store.h"

enum answer_outcome {
	ANSWER_NONE,	   /* no: a person is to be asked */
	ANSWER_SAID,	   /* text answers it */
	ANSWER_ASKED,	   /* text asks the customer back */
	ANSWER_RESOLVED,   /* text, if any, and nothing is left to do */
	ANSWER_CHAT,	   /* small talk: chat says which */
	ANSWER_FAILED,	   /* nobody could answer */
	ANSWER_AGAIN,	   /* it may work after retry_ms */
	ANSWER_UNREADABLE, /* no text to answer */
	ANSWER_TAKEN_BACK, /* by the customer: nothing is to be said */
};

/* One set-up of the chain. */
struct answer_profile {
	struct profile profile;
	bool locked; /* its key cannot be opened */
	bool spent;  /* a limit did not allow a call of it */
	char spent_why[120];
	struct budget_hold hold; /* what is set aside for its calls */
	/* What its calls cost, in this attempt. */
	int calls, heard; /* those that were answered */
	int64_t tokens_in, tokens_out;
	int64_t unknown; /* calls that may have been billed; nobody told */
	struct quirks quirks;
	bool quirks_new; /* they are to be kept */
};

struct answer {
	/* --- given, before answer_start --- */
	const struct conf *conf;
	struct store *store;
	struct pool **pool; /* made at the first call of a model */
	const struct pool_options *pool_options;
	struct answer_profile *chain; /* answer_chain() makes it */
	size_t nchain;
	char *question; /* of one message, or several, a line each */
	bool taken_back;
	char *language; /* NULL: not known */
	struct turn *turns;
	size_t nturns;
	int64_t deadline_ms; /* by the monotonic clock */
	/* Whom tools are run for: the conversation and the event that asks;
	 * by_hand: by a child, for contact, and nothing is kept. */
	const char *conversation, *cause, *contact;
	const char *customer; /* the contact who asks, who may be called by
				 name; NULL: nobody known */
	const char *last; /* the event of the message itself; as cause if it is
			     alone */
	bool by_hand;
	struct spend *spend; /* who counts what it costs; NULL: nobody */
	int64_t job;	     /* it is counted with, as job.id; 0: none */
	int64_t backoff_ms;  /* until it is tried again, at least */
	bool last_try; /* a failure in passing goes to the next of the chain */
	void (*done)(void *arg); /* where answer_start said 1 */
	void *arg;

	/* --- what came of it --- */
	enum answer_outcome outcome;
	enum smalltalk chat;
	size_t by;	   /* who answered: chain[by] */
	bool in_part;	   /* answered, but not all that was asked */
	char *text;	   /* as it is sent */
	json_t *sources;   /* array, the quoted ones first */
	char *reason;	   /* why there is no answer; no personal data */
	char *missing;	   /* the same in words of the question */
	const char *reply; /* to the customer where there is none, by name;
			      NULL: the usual */
	char *summary;	   /* of a model, for the person; NULL: none */
	bool handed;	   /* a model handed over */
	char *its_reason;  /* why, in its words, for the person; NULL */
	char *held;	   /* what was not sent for what it says; NULL */
	char *held_why;	   /* why not, with its words */
	size_t leading;	   /* the passage that holds most of it, from 1; 0 */
	char *service;	   /* by_hand: what the provider said of an error */
	json_t
	    *tried;   /* by_hand: array of calls of tools, and what they gave */
	char *failed; /* tools that failed, and how, for people; NULL: none */
	json_t *checks; /* array of what was checked; empty: nothing */
	char *search;	/* the text that was looked up; NULL: the question */
	char *carried;	/* what of earlier words is in it */
	char *own; /* the question in words of the documents, where it is in
			   another language; NULL: as it is */
	enum standalone_cause leans; /* with what the question leans on what
					was said before */
	char hash[HASH_HEX_BYTES]; /* of the last prompt; "" without a model */
	int64_t started_ms, took_ms, retry_ms;

	/* --- its own --- */
	struct kb_hits *hits;
	char *called; /* the customer's name, where the model is told it */
	struct provider_ask ask;
	struct provider_request request;
	struct spend_call paid; /* the money for it, while that is waited for */
	struct provider_reader *reader;
	json_t *exchange;
	struct tools tools;
	struct provider_tool *offered;
	struct provider_call *calls; /* of tools, that the model wants now */
	size_t ncalls, call_at;
	struct tool_call *tool_call;
	char pending[HASH_HEX_BYTES]; /* what the customer was asked to agree
					 to; "": nothing */
	int rounds, turns_again;      /* of tools; of calls made otherwise */
	int retries;		      /* of what was not held */
	char *draft;		      /* while it is judged */
	char *refused, *fault;	      /* what was not held last, and why */
};

/*
 * Answer: 0, it is done, or 1, done(arg) will be called from pool_wait. Calls
 * of a model need *pool, which is made of pool_options.
 */
int answer_start(struct answer *a);

/* The names of the chain of a profile: itself, then its fallbacks. Fills chain
 * and nchain. 0 or ERR_CONFIG for the first of them. */
int answer_chain(struct answer *a, const char *name);

/* Open the keys of the chain as reader, before answer_start. One whose key
 * cannot be opened is passed over. 0 or ERR_CONFIG for the first of them. */
int answer_keys(struct answer *a, const char *reader);

/* What its calls cost takes the place of what was set aside; in a transaction.
 * 0 or an ERR. */
int answer_settle(struct answer *a);
/* The same in a transaction of its own. */
int answer_settle_now(struct answer *a);

void answer_release(struct answer *a);

#endif
