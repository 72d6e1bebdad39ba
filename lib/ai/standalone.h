/*
 * standalone - a question that leans on what was said before, made whole
 *
 * "And in blue?" finds nothing by itself. From the last turns of a conversation
 * comes a text to search with: the question, and before it the words of earlier
 * turns that it leans on. A question that stands alone, or opens a new topic,
 * comes back as it is.
 *
 * Rules, no model: what a question leans with (a pronoun, "and ...?", no word
 * of its own, a correction, "the second one", an answer to our own question) is
 * looked up in tables of English, Spanish, German, French, Portuguese, Italian,
 * Dutch, Hindi, Arabic, Chinese, Japanese, Indonesian, Russian and Turkish. What
 * of the earlier words still belongs to it, the documents say: words that stand
 * in no passage together with the new ones were replaced by them. After a change
 * of language, what both have a word for in share/ground/words is told in that of
 * the turns before.
 */
#ifndef AI_STANDALONE_H
#define AI_STANDALONE_H

#include <stdbool.h>
#include <stddef.h>

#include "kb/search.h"

#define STANDALONE_TURNS_MAX 12	       /* the newest; older ones do not count */
#define STANDALONE_TURN_MAX_BYTES 1000 /* of each, cut at a character */

struct standalone_turn {
	bool is_ours; /* of the business: a person's, or a reply of the stage */
	const char *text;
};

/* What a question leans with; of several the first that is sure. */
enum standalone_cause {
	STANDALONE_NONE,       /* it leans on nothing */
	STANDALONE_YES,	       /* to an offer of ours */
	STANDALONE_ANSWER,     /* to a question of ours */
	STANDALONE_CORRECTION, /* "no, I mean ..." */
	STANDALONE_CHOICE,     /* one of a list of ours */
	STANDALONE_NUMBER,     /* "and the 45?", of Ridge 30 */
	STANDALONE_SAME,       /* "same for ..." */
	STANDALONE_LINK,       /* "and ...?", "what about ...?" */
	STANDALONE_BARE,       /* no word says what it is about */
	STANDALONE_PRONOUN,
	STANDALONE_FRAGMENT, /* "in blue?" */
	STANDALONE_OPEN	     /* "is there a warranty?": many things have one */
};

struct standalone_why {
	enum standalone_cause cause;
	char *carried; /* the earlier words in the text; "" if none */
	char *own; /* the question itself, as far as it asks, where its words
			* are told in the language that was spoken before: "and
			* dogs?" of French documents; or what a correction asks
			* for: "the deposit"; NULL: as it was asked */
};

/*
 * The text to search with for question, said after turns (oldest first). kb may
 * be NULL: then the words of the turn before are carried as they are. The
 * caller frees it, and ret (may be NULL) with standalone_why_release(). An
 * error of the knowledge base makes the question stand alone.
 */
char *standalone_question(const struct standalone_turn *turns, size_t n,
    const char *question, struct kb *kb, struct standalone_why *ret);
void standalone_why_release(struct standalone_why *why);

/* "pronoun", for records and people. */
const char *standalone_cause_name(enum standalone_cause cause);

#endif
