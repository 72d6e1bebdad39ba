/*
 * review - questions that people answered, for people to make documents of
 *
 * When a conversation is resolved its pairs (ai/pairs.h) are looked at, each
 * once and not at that moment but when review_collect() is called next; what
 * is worth it (ai/propose.h) waits for a person. Approved, it is a document of
 * its own: source "review:ID", the question its title. An answer that was
 * given before, in the same words, is counted with the first and not proposed
 * again.
 */
#ifndef AI_REVIEW_H
#define AI_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/json.h"
#include "store/store.h"

#define REVIEW_ORIGIN "review"

/* What a call of review_collect() came to. */
struct review_count {
	int64_t conversations, answers; /* looked at */
	int64_t proposed, known, same, empty;
};

/*
 * Look at the conversations that were resolved since the last time, or, if
 * since_ms is above 0, since then. Each is kept as it is done: what is broken
 * off goes on there.
 */
int review_collect(struct store *s, int64_t since_ms, struct review_count *ret);

struct review {
	char id[SHORT_ID_BYTES];
	char conversation[SHORT_ID_BYTES];
	char *contact;		 /* id */
	char *question, *answer; /* NULL: erased */
	char *language, *state;	 /* proposed approved rejected */
	char *decided_by, *collection, *document; /* NULL: none */
	int64_t times;				  /* it was answered so */
	int64_t created_ms, decided_ms;
};
void reviews_free(struct review *list, size_t count);

/* The state for people: removed, if its document is gone. NULL on an error. */
const char *review_state(struct store *s, const struct review *r);

/* At most max of a state (NULL: of any) that come after one (NULL: from the
 * first), the oldest first. End with reviews_free(). */
int review_list(struct store *s, const char *state, const struct review *after,
    size_t max, struct review **ret, size_t *ret_count);

/* By id: *ret is one, for reviews_free(). ERR_NOINPUT. */
int review_get(struct store *s, const char *id, struct review **ret);

/* What in a question and its answer may tell who somebody is, as
 * personal_find() has it: an array. */
json_t *review_personal(struct store *s, const struct review *r,
    const char *question, const char *answer);

/* NULL: as it was proposed; the collection "default". */
struct review_edit {
	const char *question, *answer, *collection;
};

/*
 * Make a document of it, by person. 1; 0 if it is one already, and nothing
 * changes; ERR_NO if its text was erased. What was removed or rejected is
 * approved anew. The audit says who it was.
 */
int review_approve(struct store *s, const char *person, const char *id,
    const struct review_edit *edit);

/* 1; 0 if it is so already; ERR_NO while there is a document of it. */
int review_reject(struct store *s, const char *person, const char *id);

#endif
