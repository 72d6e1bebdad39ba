/*
 * template - message templates: what the provider approved, filled and checked
 *
 * A template is known by (account, name, language). What is kept is what the
 * provider listed (wa-template sync) and has told by webhooks since. Nothing
 * here calls the provider.
 *
 * Parameters stand in a text as {{1}}, {{2}} (POSITIONAL) or {{first_name}}
 * (NAMED). Limits and shapes: Meta's description of the business messaging API,
 * v23.0, message templates.
 */
#ifndef WA_TEMPLATE_H
#define WA_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "desk/act.h"
#include "store/store.h"

#define TEMPLATE_NAME_MAX 512  /* small letters, digits, underscores */
#define TEMPLATE_HEADER_MAX 60 /* characters; one parameter at most */
#define TEMPLATE_BODY_MAX 1024 /* characters */
#define TEMPLATE_FOOTER_MAX 60 /* characters; no parameter */
#define TEMPLATE_BUTTONS_MAX 10
#define TEMPLATE_BUTTON_MAX 25 /* characters of a button's text */
#define TEMPLATE_URL_MAX 2000  /* characters */
#define TEMPLATE_CODE_MAX 15   /* characters of a code to be copied */

struct template
{
	char *account, *name, *language;
	char *id; /* NULL: not told */
	char *status, *category;
	char *quality, *reason; /* NULL: not told */
	bool named;		/* its parameters have names */
	json_t *components;	/* array */
	int64_t synced_ms;
	int64_t removed_ms; /* 0: the provider lists it */
};
void template_free(struct template *t);

/* Whether it may be sent: approved, and listed. */
bool template_is_usable(const struct template *t);

/* By account (NULL: all), name and language. End with templates_free. */
int templates_list(struct store *s, const char *account, struct template ***ret,
    size_t *ret_count);
void templates_free(struct template **t, size_t count);

/*
 * One of them, listed or not. account NULL: any; language NULL: the only one
 * there is. ERR_NOINPUT names the nearest, ERR_USAGE the languages to choose
 * from.
 */
int template_get(struct store *s, const char *account, const char *name,
    const char *language, struct template **ret);

/*
 * The one for a customer: in their language ("pt") or a variety of it
 * ("pt_BR"), else likewise in the other one, else the only one there is. What
 * may be sent now comes before what may not. language, other: NULL: not known.
 * Errors as of template_get().
 */
int template_for(struct store *s, const char *account, const char *name,
    const char *language, const char *other, struct template **ret);

/*
 * The account of an instance whose templates are known: 1 and *ret is
 * malloc'd; 0 if none of them was ever listed.
 */
int template_account(struct store *s, const char *instance, char **ret);

/*
 * Keep what the provider lists, an object with name, language, status,
 * category and components, in a transaction. 1 with an event template.changed
 * if anything is new, else 0. ERR_DATA: it is no such object.
 */
int template_put(struct act *a, const char *account, const json_t *listed);

/* After a whole list: what was not in it is no longer there. Each an event. */
int templates_gone(struct act *a, const char *account);

/* The same of one, by name and language (NULL: all of the name). */
int template_gone(struct act *a, const char *account, const char *name,
    const char *language);

/*
 * What a webhook says (field message_template_status_update,
 * message_template_quality_update, template_category_update): keep it, in a
 * transaction. 1 if a template changed, 0 if it is not known or nothing new.
 */
int template_told(struct store *s, const char *account, const char *field,
    const json_t *value, int64_t at_ms);

/*
 * Whether body (name, language, category, components) can be created: 0, or
 * ERR_DATA naming the field and its limit.
 */
int template_check(const json_t *body);

/* What fills a template. Counts 0 for none; strings are borrowed. */
struct template_params {
	const char *const *body; /* in order, or "NAME=VALUE" if named */
	size_t nbody;
	const char *header; /* text, or where its medium is: id:ID or a link */
	const char *const *buttons; /* of those that take one, in order */
	size_t nbuttons;
	/* Of a carousel: header, body and buttons of each card, in order. */
	const char *const *cards;
	size_t ncards;
	int64_t expires_ms; /* of an offer; 0: not said */
};

/*
 * Fill t. *ret_shown: what the customer will see, {"header","body","footer",
 * "buttons":[{"type","text","value"}], "offer":{"text","expires"},
 * "cards":[{"header","body","buttons"}]}; *ret_object: the `template` object of
 * a message. New references. ERR_DATA says which parameter is missing, too
 * much or of no such name.
 */
int template_fill(const struct template *t, const struct template_params *p,
    json_t **ret_shown, json_t **ret_object);

/*
 * Whether a `template` object of a message has as many parameters for header
 * and body as t takes: 0 or ERR_DATA.
 */
int template_fits(const struct template *t, const json_t *object);

#endif
