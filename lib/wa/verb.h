/*
 * verb - what a person may do to a conversation
 *
 * Each is an errand_fn (desk/errand.h) with an argument of its own, and leaves
 * words for the person in the errand's note. Who takes, assigns, releases or
 * escalates what was put away goes on with it.
 */
#ifndef WA_VERB_H
#define WA_VERB_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/errand.h"
#include "wa/answering.h"

/* arg: a struct answering. The draft that it is goes with it. */
int verb_reply(struct errand *e, const char *id, const void *arg);

/* arg: a struct verb_canned. What is canned is made for each customer. */
struct verb_canned {
	const struct answering *answering; /* what it is else */
	const char *name;		   /* of the [reply NAME] */
	const char *language;		   /* NULL: the customer's */
};
int verb_canned(struct errand *e, const char *id, const void *arg);

/* Its text. */
int verb_note(struct errand *e, const char *id, const void *text);

/* arg: NULL */
int verb_take(struct errand *e, const char *id, const void *arg);
int verb_reopen(struct errand *e, const char *id, const void *arg);
int verb_archive(struct errand *e, const char *id, const void *arg);

/* arg: an int64_t, for how many ms; 0: until it is released */
int verb_pause(struct errand *e, const char *id, const void *arg);

/* arg: a bool, whether to the AI */
int verb_release(struct errand *e, const char *id, const void *arg);

/* arg: a struct verb_assign */
enum verb_deal { VERB_QUEUE, VERB_LEAST_LOADED, VERB_ROUND_ROBIN };
struct verb_assign {
	const char *person; /* "me" is who has it done; NULL: to a team */
	const char *team;   /* without a person */
	enum verb_deal deal;
};
int verb_assign(struct errand *e, const char *id, const void *arg);

/* The tag. */
int verb_tag(struct errand *e, const char *id, const void *tag);
int verb_untag(struct errand *e, const char *id, const void *tag);

/* low, medium, high, urgent */
int verb_priority(struct errand *e, const char *id, const void *word);

/* The reason, NULL: none. It is a note where people have it already. */
int verb_escalate(struct errand *e, const char *id, const void *reason);

/* arg: a bool, whether the customer is not to be asked how it was */
int verb_resolve(struct errand *e, const char *id, const void *arg);

/* arg: an int64_t, until when in ms. ERR_NO if it is put away. */
int verb_snooze(struct errand *e, const char *id, const void *arg);

/* The name of a conversation, whose customer it is too, or a contact. */
int verb_merge(struct errand *e, const char *id, const void *other);

/* arg: NULL; args of the errand are the names that are another person's. */
int verb_split(struct errand *e, const char *id, const void *arg);

#endif
