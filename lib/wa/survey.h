/*
 * survey - asking the customer how it was, and reading what they answer
 *
 * Asked is once a conversation, after it was resolved, if the instance's
 * setting says so: by a list of 1 to 5 while the window is open, else by the
 * template that is set. Not asked are groups, whom nobody answered, who is
 * blocked or has opted out.
 *
 * An answer is what was chosen, or a bare 1 to 5 (also stars, or the digits of
 * another script) that quotes the question or comes right behind it, within a
 * day. It is of the kind rating, which is no turn: it opens nothing, and nobody
 * answers it. So are the customer's next words within ten minutes, if they ask
 * nothing: they are the comment.
 */
#ifndef WA_SURVEY_H
#define WA_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/json.h"
#include "desk/act.h"

/*
 * Ask, in a transaction: 1, 0 if nobody is to be asked, or an ERR. anyway:
 * whatever the setting says.
 */
int survey_ask(struct act *a, const struct conf *conf, const char *conversation,
    bool anyway);

/* What a customer wrote, as it came. */
struct survey_said {
	const char *instance, *contact;
	const char *kind, *text, *quoted; /* NULL: none */
	const json_t *content;
	int64_t at_ms;
};

#define SURVEY_AGAIN (-1)
struct survey_answer {
	char conversation[SHORT_ID_BYTES];
	int rating; /* 0: a comment; SURVEY_AGAIN: one chosen once more */
	bool waits; /* a comment of who is unhappy, or whose rating was handed
		     * to people: it is a message, too */
};

/* Whether it answers a survey: 1, 0 or an ERR. */
int survey_read(struct store *s, const struct survey_said *said,
    struct survey_answer *ret);

/* The words of an answer that is kept and no message: 1, 0 if it is a message,
 * too, or an ERR. The caller frees. */
int survey_comment(struct store *s, const char *message, char **ret);

/* Keep the answer, which message holds, with its event: conversation.rated or
 * conversation.commented. In a transaction. */
int survey_keep(struct act *a, const struct survey_answer *answer,
    const char *message);

#endif
