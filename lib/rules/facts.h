/*
 * facts - what rules ask about one event, as the store has it
 *
 * Answers of desk.db and of the settings to what struct rules_facts asks, in
 * the transaction that the event is decided in; and the marks that tell a rule
 * that it has fired already. Each int is 0 or an ERR, but where it says so.
 */
#ifndef RULES_FACTS_H
#define RULES_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "desk/conversation.h"
#include "desk/event.h"
#include "rules/rules.h"
#include "rules/setup.h"
#include "store/stage.h"

/* What needs nothing but the text: made outside of the transaction. */
struct prepared {
	struct setup *setup;
	struct rules_reading *reading;
	char *text; /* what was read; NULL: none */
	const char *language;
	json_t *labels; /* that rules ask for; NULL: none do */
};

/* Of a text of a customer, NULL: none. Holds a use of s; end with
 * prepared_free(). */
struct prepared *prepared_new(struct setup *s, const char *text);
void prepared_free(struct prepared *p);

/* What a model or a classifier made of a message. */
struct work_labels {
	bool looked;
	json_t *data; /* of message.labelled; NULL: there is none */
};

/* For SQL: that a message, of this id, was taken back before rules were asked
 * about it: it counts for nothing. */
#define PASSED_BY_SQL(id)                                   \
	"EXISTS (SELECT 1 FROM event r WHERE r.cause = " id \
	" AND r.type = 'message.routed' AND r.data ->> 'taken_back')"

/* One event in its transaction. All is borrowed, but for labels.data, which
 * json_decref() ends. */
struct work {
	struct stage *st;
	const struct event *e;
	const struct prepared *p;
	enum rules_occasion occasion;
	struct conversation *c; /* NULL: it is about an instance */
	const char *instance;
	const char *message; /* NULL: it is about none */
	const char *language;
	int64_t at_ms;	 /* the customer's time */
	bool group;	 /* several may read it */
	bool taken_back; /* by the customer, before it was routed */
	bool recalled;	 /* a rule has opened it again: nobody has it */
	struct work_labels labels;
};

/*
 * What rules may ask about w. tags are those of the conversation, name is
 * facts_name(); what is returned borrows them and w, and tells nobody why.
 */
struct rules_facts facts_of(struct work *w, const char *tags, const char *name);

/* The contact's name, if a rule asks for it; else NULL. The caller frees. */
char *facts_name(struct work *w);

/* Whether no turn of the customer came before, since the opening: 1, 0 or an
 * ERR. */
int facts_first(struct work *w);

/* Hours by name, or (NULL) those of the instance of w, as setup_hours(). */
int facts_hours(struct work *w, const char *name, const struct hours **ret);

/* What message.labelled says of the message, if it stands in the log before its
 * routing, else what we make of it ourselves. *ret is of w; NULL: nothing. */
int facts_labels(struct work *w, const json_t **ret);

/* That the rules of r which may not fire always have fired now. */
int facts_remember(struct work *w, const struct rules_result *r);

#endif
