/*
 * webhook - a body of the Cloud API taken apart: every entry, change, message,
 * status and error of it is an item
 *
 * Nothing is dropped: what has a shape we do not know becomes an item that
 * says so. Text and ids are as the provider sent them; they are data, whatever
 * they hold. No store is touched, so this runs outside of any transaction.
 */
#ifndef WA_WEBHOOK_H
#define WA_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/json.h"
#include "desk/contact.h"
#include "wa/account.h"

#define WEBHOOK_ALIASES_MAX 8

enum webhook_what {
	WEBHOOK_MESSAGE,    /* from a customer; also reaction, edit, revoke */
	WEBHOOK_SYSTEM,	    /* the provider speaks about a customer */
	WEBHOOK_ECHO,	    /* typed on the business's phone */
	WEBHOOK_PAST,	    /* from before the number was connected */
	WEBHOOK_PAST_MEDIA, /* what a message of the past lacked */
	WEBHOOK_STATUS,	    /* of a message of ours */
	WEBHOOK_ERROR,	    /* of an instance */
	WEBHOOK_CONTACT,    /* a customer's names or wishes changed */
	WEBHOOK_CHANGE,	    /* account or template */
	WEBHOOK_UNKNOWN,    /* kept raw only; reason says why */
};

struct webhook_item {
	enum webhook_what what;
	const char *type;      /* of the event it becomes */
	const char *account;   /* WhatsApp Business Account; NULL */
	const char *field;     /* of the change; NULL */
	const char *number_id; /* phone_number_id; NULL */
	const char *number;    /* as displayed; NULL */
	int64_t wa_ms;	       /* the provider's time; 0: none */
	bool bad_time;	       /* it had one that makes no sense */

	/* Whom it is about. Aliases of his earlier self come first. */
	struct alias aliases[WEBHOOK_ALIASES_MAX];
	size_t naliases, nformer;
	const char *odd; /* an id of no known shape; NULL: none */
	json_t *made;	 /* owned: strings that aliases point to; NULL */
	const char *name;
	const char *group; /* NULL: a talk of two */
	const char *place; /* of a group: groups, status or channels */

	/* A message. */
	const char *wamid; /* NULL: none */
	const char *kind;  /* as in frontdesk-events(7) */
	bool inbound;	   /* WEBHOOK_PAST: the customer said it */
	bool removed;	   /* a reaction was taken back */
	const char *text, *quoted;
	json_t *content; /* owned; NULL: nothing but text */

	const char *status;	    /* WEBHOOK_STATUS */
	const char *tracker;	    /* our own id, as it came back; NULL */
	const char *change;	    /* WEBHOOK_SYSTEM, WEBHOOK_CONTACT */
	const char *reason;	    /* WEBHOOK_UNKNOWN */
	const char *phone;	    /* WEBHOOK_CHANGE: of which number; NULL */
	struct account_alert alert; /* WEBHOOK_CHANGE */
	json_t *facts; /* owned; fields of the event's data; NULL */

	/* The part of the body it was made of, and its hash if it has no id. */
	const json_t *part;
	char hash[HASH_HEX_BYTES];
};

struct webhook {
	json_t *root; /* NULL: it was no JSON object */
	struct webhook_item *items;
	size_t count;
};

/* What could not be done to the desk is unknown, so that a reader goes on. */
void webhook_item_failed(struct webhook_item *it);

/* It looked like something and cannot be used after all. */
void webhook_item_set_aside(struct webhook_item *it, const char *reason);

/* Never fails. Strings of items live as long as the result. */
struct webhook *webhook_parse(const char *body, size_t len);
void webhook_free(struct webhook *w);

#endif
