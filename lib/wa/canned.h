/*
 * canned - a text of the settings as it is said to one customer
 *
 * Rules and people say [reply NAME] alike: in the customer's language, with
 * what stands in braces filled in and with its buttons.
 */
#ifndef WA_CANNED_H
#define WA_CANNED_H

#include <stdint.h>

#include "base/conf.h"
#include "base/json.h"
#include "base/zone.h"
#include "desk/conversation.h"
#include "desk/hours.h"
#include "store/store.h"

/* Where it is said, and when. All borrowed. */
struct canned {
	struct store *store;
	const struct conf *conf;
	const struct conversation *c;
	const char *person;	   /* who has it; NULL: nobody */
	const char *language;	   /* of the customer; NULL, "und": not known */
	const struct zone *zone;   /* of the desk's clock */
	const struct hours *hours; /* of the instance; NULL: it has none */
	int64_t at_ms;
};

/* text with what its braces stand for. The caller frees. */
char *canned_fill(const struct canned *k, const char *text);

/*
 * The reply of that name: 1 with its text and the content of its buttons (NULL:
 * it has none), both the caller's; 0 if it is set to nothing; ERR_NOINPUT if
 * there is none.
 */
int canned_make(const struct canned *k, const char *name, char **ret_text,
    json_t **ret_content);

/*
 * The same for what a person says now in the conversation of that id, by the
 * settings: language NULL is the customer's. 0; ERR_DATA if it is set to
 * nothing, ERR_NOINPUT, which names the nearest.
 */
int canned_reply(struct store *s, const char *id, const char *person,
    const char *name, const char *language, char **ret_text,
    json_t **ret_content);

/* The names there are, in the settings and of ours, NULL-ended; the list and
 * each are the caller's. Those that only the AI's tools say are left out. */
char **canned_names(const struct conf *c);
void canned_names_free(char **names);

#endif
