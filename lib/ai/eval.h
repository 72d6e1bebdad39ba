/*
 * eval - cases with what is expected of an answer, and how an answer does
 *
 * A case is a line of JSON:
 *
 *	id		a name; without it FILE:LINE
 *	question	what the customer asks; a line for each message
 *	turns		what was said before, oldest first: objects with "in" (the
 *			customer) or "out" (us)
 *	language	tag of the answer's language, which is then checked
 *	action		answer, ask, hand_over, resolve or chat; without it answer
 *			where facts are expected, else any
 *	facts		what must be said: texts, or arrays of texts of which one
 *			is enough; compared by their words, folded
 *	forbidden	what must not be said
 *	sources		titles, sections or paths of which one must be quoted
 *	profile		the set-up; the option of ai-eval goes before it
 */
#ifndef AI_EVAL_H
#define AI_EVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "ai/answer.h"
#include "base/json.h"

struct eval_case {
	char *id, *place; /* its name, and FILE:LINE */
	json_t *line;	  /* the object as it was */
};
void eval_case_free(struct eval_case *c);

/* Take a line apart; ERR_DATA says what is wrong with it. place: FILE:LINE. */
int eval_case_new(const char *text, size_t len, const char *place,
    struct eval_case **ret);

/* Give an answer the case's question, turns and language. */
void eval_ask(const struct eval_case *c, struct answer *a);

struct eval_score {
	/* Nobody could answer, why: nothing is as wanted. NULL else; of the
	 * answer. */
	const char *error;
	bool ok;	 /* all of it is as wanted */
	bool action;	 /* it does what was wanted */
	double facts;	 /* the share of those expected that it says */
	double grounded; /* the share of its sentences that the passages hold */
	bool source;	 /* one of the wanted ones is quoted */
	bool language;	 /* it is in the one wanted */
	json_t *missing; /* array: facts that it does not say */
	json_t *forbidden; /* array: what it says and must not */
};
/* Of an answer that is done. End with eval_score_release(). */
void eval_score(const struct eval_case *c, const struct answer *a,
    struct eval_score *ret);
void eval_score_release(struct eval_score *s);

/* Both as an object for people and programs: case, ok, action, answer, ... */
json_t *eval_line(const struct eval_case *c, const struct answer *a,
    const struct eval_score *s);

/* The same for a case whose set-up cannot be used at all. */
json_t *eval_line_failed(const struct eval_case *c, const char *profile,
    const char *why);

/* Why a limit did not allow a case to be asked; NULL: it was asked. It says
 * nothing about the set-up. */
const char *eval_refused(const struct answer *a);

/* What many of them come to. */
struct eval_sum {
	int64_t heard;	/* calls that were answered */
	int64_t errors; /* of the cases */
	int64_t cases, ok, action, tokens_in, tokens_out, cost, calls;
	double facts, grounded;
	int64_t took_ms, *took; /* of each, for the median */
	size_t ntook;
	bool priced;
};
void eval_add(struct eval_sum *sum, const struct answer *a,
    const struct eval_score *s);
void eval_add_failed(struct eval_sum *sum);
json_t *eval_sum_line(struct eval_sum *sum, const char *profile);
void eval_sum_release(struct eval_sum *sum);

/*
 * Cases from what people answered (ai/pairs.h): what the customer asked, with
 * the turns before it, the person's words as "human", and as facts the numbers
 * and links in them. since_ms: of answers. Calls fn with an object for each,
 * which stays ours. 0 or an ERR.
 */
int eval_history(struct store *s, int64_t since_ms, int turns,
    int (*fn)(void *ctx, const json_t *line), void *ctx);

#endif
