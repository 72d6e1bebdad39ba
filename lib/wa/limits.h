/*
 * limits - what the objects of an outgoing message may hold, field by field
 *
 * One row a field: what it is, how much of it, and who says so. A field that
 * has no row is none of the Cloud API, so that a typing error in a name is
 * told before anything is sent.
 *
 * Characters are code points. Sources:
 *	META	Meta's description of the business messaging API, v23.0
 *	DOCS	Meta's pages on the kind of message
 *	PEERS	what two or more clients in wide use keep to
 */
#ifndef WA_LIMITS_H
#define WA_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

#define LIMIT_TEXT_CHARS 4096 /* text.body */
#define LIMIT_BODY_CHARS 1024 /* interactive.body.text, captions */
#define LIMIT_CONTACTS 257
#define LIMIT_BUTTONS 3
#define LIMIT_BUTTON_CHARS 20
#define LIMIT_ROWS 10 /* over all sections of a list */
#define LIMIT_ROW_CHARS 24
#define LIMIT_ROW_ID_CHARS 200

enum limit_type {
	LIMIT_TEXT,   /* min and max characters */
	LIMIT_WORD,   /* one of the words in `words` */
	LIMIT_LIST,   /* min and max entries; its entries are "FIELD[]" */
	LIMIT_OBJECT, /* with fields of its own */
	LIMIT_FREE,   /* an object that is the business's own */
	LIMIT_BOOL,
	LIMIT_INT,
	LIMIT_DECIMAL, /* digits in a string, from min to max */
};

struct limit {
	const char *field; /* "interactive.action.buttons[].reply.title" */
	enum limit_type type;
	bool needed;
	int min, max;	   /* 0: no limit */
	const char *words; /* LIMIT_WORD: separated by spaces */
	const char *like;  /* its fields are those of this one; NULL */
	const char *source;
};
extern const struct limit limit_table[];
extern const size_t limit_count;

/* NULL if there is no such field. */
const struct limit *limit_find(const char *field);

/*
 * Whether value may stand for the field, and all that is in it: 0, or ERR_DATA
 * with a reason that names field and limit and holds nothing of the value.
 */
int limits_check(const char *field, const json_t *value);

#endif
